/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The protected objects: plain words, each read and written by itself, so that a lock
 * that fails to exclude or to order shows as a torn or an old object.  All words follow
 * from version, writer and lock.  Each is a part of the object in the trace.
 * The first object is all zeros.
 */
#include "stress.h"

struct object objects[HLOCK_LOCKS];

static uint64_t payload(uint32_t lock, const struct object *object, uint32_t i)
{
	uint64_t writer = object->word[WRITER];

	return object->word[VERSION] * (0x9e3779b97f4a7c15U + (writer << 32) + 2 * (8 * (uint64_t)lock + i));
}

static void check(struct cpu *cpu, uint32_t lock, const struct object *object)
{
	uint32_t i = PAYLOAD;

	while (i < WORDS && object->word[i] == payload(lock, object, i))
		i++;
	if (i == WORDS || cpu->corrupt[0])
		return;
	snprintf(cpu->corrupt, sizeof cpu->corrupt,
		 "CPU %u found the object of lock %u torn: word %u does not fit version %llu by CPU %llu",
		 cpu->id, lock, i, (unsigned long long)object->word[VERSION],
		 (unsigned long long)object->word[WRITER]);
	atomic_store(&give_up, true);
}

static uint64_t read_word(struct cpu *cpu, uint32_t lock, uint32_t i, const uint64_t *from)
{
	uint64_t word = *(const volatile uint64_t *)from;

	record(cpu, READ, lock, i, word);
	return word;
}

struct object read_object_at(struct cpu *cpu, uint32_t lock, const struct object *from)
{
	struct object seen;

	for (uint32_t i = 0; i < WORDS; i++)
		seen.word[i] = read_word(cpu, lock, i, &from->word[i]);
	check(cpu, lock, &seen);
	return seen;
}

struct object read_object(struct cpu *cpu, uint32_t lock)
{
	return read_object_at(cpu, lock, &objects[lock]);
}

struct object next_object(struct cpu *cpu, uint32_t lock, const struct object *seen)
{
	struct object next = { .word = { [VERSION] = seen->word[VERSION] + 1, [WRITER] = cpu->id } };

	for (uint32_t i = PAYLOAD; i < WORDS; i++)
		next.word[i] = payload(lock, &next, i);
	return next;
}

void write_word(struct cpu *cpu, uint32_t lock, uint32_t i, const struct object *next)
{
	*(volatile uint64_t *)&objects[lock].word[i] = next->word[i];
	record(cpu, WROTE, lock, i, next->word[i]);
}

/* An intruder finds it half done. */
void write_object(struct cpu *cpu, uint32_t lock, const struct object *seen)
{
	struct object next = next_object(cpu, lock, seen);

	for (uint32_t i = 0; i < WORDS; i++) {
		if (i == PAYLOAD)
			meet(cpu);
		write_word(cpu, lock, i, &next);
	}
}

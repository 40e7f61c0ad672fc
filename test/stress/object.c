/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The protected objects: plain words, so that a lock that fails to exclude or
 * to order shows as a torn or an old object.  All words follow from version,
 * writer and lock; the digest, the value in the trace, is over all of them.
 * The first object is all zeros, and its digest is 0.
 */
#include "stress.h"

#include <string.h>

enum { PAYLOAD = 5 };

struct object objects[HLOCK_LOCKS];

static uint64_t payload(uint32_t lock, uint64_t version, uint32_t i)
{
	return version * (0x9e3779b97f4a7c15U + 2 * (8 * (uint64_t)lock + i));
}

static uint64_t mix(uint64_t digest, uint64_t word)
{
	digest = (digest ^ word) * 0xff51afd7ed558ccdU;
	return digest ^ digest >> 33;
}

static uint64_t digest_of(const struct object *object)
{
	uint64_t digest = mix(mix(0, object->version), object->writer);

	for (uint32_t i = 0; i < PAYLOAD; i++)
		digest = mix(digest, object->payload[i]);
	return digest;
}

static void check(struct cpu *cpu, uint32_t lock, const struct object *object)
{
	const char *what = NULL;

	for (uint32_t i = 0; i < PAYLOAD; i++)
		if (object->payload[i] != payload(lock, object->version, i))
			what = "payload";
	if (object->digest != digest_of(object))
		what = "digest";
	if (!what || cpu->corrupt[0])
		return;
	snprintf(cpu->corrupt, sizeof cpu->corrupt,
		 "CPU %u found the object of lock %u torn: %s does not fit version %llu by CPU %llu",
		 cpu->id, lock, what, (unsigned long long)object->version,
		 (unsigned long long)object->writer);
	atomic_store(&give_up, true);
}

void note_read(struct cpu *cpu, uint32_t lock, const struct object *seen)
{
	check(cpu, lock, seen);
	record(cpu, READ, lock, digest_of(seen));
}

struct object read_object(struct cpu *cpu, uint32_t lock)
{
	struct object seen = objects[lock];

	note_read(cpu, lock, &seen);
	return seen;
}

/* Word by word, so that an intruder finds it half done. */
void write_object(struct cpu *cpu, uint32_t lock, uint64_t version)
{
	volatile struct object *object = &objects[lock];
	struct object next = { .version = version, .writer = cpu->id };

	for (uint32_t i = 0; i < PAYLOAD; i++)
		next.payload[i] = payload(lock, version, i);
	next.digest = digest_of(&next);
	object->version = next.version;
	object->writer = next.writer;
	meet(cpu);
	for (uint32_t i = 0; i < PAYLOAD; i++)
		object->payload[i] = next.payload[i];
	object->digest = next.digest;
	record(cpu, WROTE, lock, next.digest);
}

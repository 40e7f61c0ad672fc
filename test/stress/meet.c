/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Meetings: contention that is certain, however the threads are scheduled.
 *
 * In a meeting two threads run one section each on one lock.  The one that comes first
 * to a meeting point (section.c, object.c: `meet`) stays there, in the middle of its
 * section, until the other waits: until it
 *   - has called, and its record of that can be seen,
 *   - has its ticket: the words of the lock show two that are out, and
 *   - has then used `patience` of its own CPU time and taken no step;
 * or until the other has ended its section, which it can if lock or client is wrong.
 * So the second acquisition of a meeting is contended, on one core or many, however
 * busy: N meetings are N contended acquisitions in 2 N sections.  And whoever can
 * come into a section that is not its own does so in the first meeting: it has the
 * CPU time for it, and the section waits.  `patience` is no time on the clock: a
 * thread that does not run uses none.
 *
 * Meetings of even number begin with both calling at once, so that their acquires
 * overlap; in the others one calls when the other stands at its meeting point.  The
 * point is before the write of the object in two meetings, in its middle in the next two.
 * Threads take turns, two in each meeting: more would wait for one lock on fewer cores.
 *
 * What is passed between the two while the section stands is relaxed, or goes from
 * the one that waits to the one that is inside: it must not order what the lock fails to
 * order, the writes of one section before the reads of the next.
 */
#include "stress.h"

#include <time.h>

/* Looks at a word before a thread sleeps between looks. */
enum { AWAKE = 4000 };

static const uint64_t patience = 50000; /* nanoseconds of CPU time */

/* The meeting that is on; those with lower numbers are over. */
static struct {
	alignas(128) _Atomic uint32_t number;
	_Atomic uint32_t arrived, ended;
	_Atomic uint32_t begun; /* the second may call */
	_Atomic bool point_taken;
} meeting;

uint64_t first_free_stamp;

/* After some looks in vain it sleeps between them, so that the other can run on this
 * core.  The length of the sleep decides only how soon it notices. */
static void look_again(struct cpu *cpu, unsigned *looks)
{
	unsigned naps = *looks > AWAKE ? *looks - AWAKE : 0;
	struct timespec nap = { .tv_nsec = 20000L << (naps < 48 ? naps / 8 : 6) };

	++*looks;
	if (*looks <= AWAKE)
		return;
	nanosleep(&nap, NULL);
	add_one(&cpu->naps);
}

void await(struct cpu *cpu, const _Atomic uint32_t *word, uint32_t least, const char *what)
{
	unsigned looks = 0;

	atomic_store_explicit(&cpu->looks_for, what, memory_order_relaxed);
	while (atomic_load_explicit(word, memory_order_acquire) < least && !atomic_load(&give_up))
		look_again(cpu, &looks);
	atomic_store_explicit(&cpu->looks_for, NULL, memory_order_relaxed);
	add_one(&cpu->steps);
}

/* Acquire: `called` of the other has its stamp before any that this CPU takes later. */
static bool waits(const struct cpu *other, uint32_t lock)
{
	return atomic_load_explicit(&other->waiting_for, memory_order_acquire) == lock
	       && tickets_out(lock) >= 2;
}

static void stay(struct cpu *cpu)
{
	const struct cpu *other = cpu->partner;
	const uint32_t number = atomic_load_explicit(&meeting.number, memory_order_relaxed);
	uint64_t steps = 0, since = 0;
	unsigned looks = AWAKE;

	atomic_store_explicit(&cpu->looks_for, "its partner to wait or to end", memory_order_relaxed);
	while (atomic_load_explicit(&other->meetings, memory_order_relaxed) <= number && !atomic_load(&give_up)) {
		uint64_t used = cpu_time(other);
		uint64_t taken = atomic_load_explicit(&other->steps, memory_order_relaxed);

		if (!waits(other, cpu->meets_at) || taken != steps) {
			steps = taken;
			since = used;
		} else if (used - since >= patience) {
			break;
		}
		look_again(cpu, &looks);
	}
	atomic_store_explicit(&cpu->looks_for, NULL, memory_order_relaxed);
}

void meet(struct cpu *cpu)
{
	if (!cpu->partner)
		return;
	if (cpu->points > 0) {
		cpu->points--;
		return;
	}
	if (atomic_exchange_explicit(&meeting.point_taken, true, memory_order_relaxed))
		return;
	atomic_store_explicit(&meeting.begun, 1, memory_order_relaxed);
	add_one(&cpu->steps);
	stay(cpu);
}

static void end_meeting(uint32_t number)
{
	atomic_store_explicit(&meeting.arrived, 0, memory_order_relaxed);
	atomic_store_explicit(&meeting.ended, 0, memory_order_relaxed);
	atomic_store_explicit(&meeting.begun, 0, memory_order_relaxed);
	atomic_store_explicit(&meeting.point_taken, false, memory_order_relaxed);
	first_free_stamp = stamps();
	atomic_store_explicit(&meeting.number, number + 1, memory_order_release);
}

static void take_part(struct cpu *cpu, uint32_t lock, uint32_t number, bool calls_second)
{
	await(cpu, &meeting.number, number, "the end of the meetings before its own");
	cpu->meets_at = lock;
	cpu->points = number / 2 % 2;
	atomic_fetch_add_explicit(&meeting.arrived, 1, memory_order_acq_rel);
	await(cpu, &meeting.arrived, 2, "its partner to arrive");
	if (calls_second && number % 2 != 0)
		await(cpu, &meeting.begun, 1, "its partner to be inside");
	if (atomic_load(&give_up))
		return;
	section(cpu, &lock, 1);
	atomic_store_explicit(&meeting.begun, 1, memory_order_relaxed);
	atomic_store_explicit(&cpu->meetings, number + 1, memory_order_relaxed);
	add_one(&cpu->steps);
	if (atomic_fetch_add_explicit(&meeting.ended, 1, memory_order_acq_rel) == 1)
		end_meeting(number);
}

static void hold_meeting(struct cpu *cpu, uint32_t lock, uint32_t number)
{
	const uint32_t first = number % cpu_count;
	const uint32_t second = (first + 1 + number / cpu_count % (cpu_count - 1)) % cpu_count;

	if (cpu->id != first && cpu->id != second)
		return;
	cpu->partner = &cpus[cpu->id == first ? second : first];
	take_part(cpu, lock, number, cpu->id == second);
	cpu->partner = NULL;
}

uint32_t meetings_at_a_lock(const struct family *family)
{
	return (options.contended + family->count - 1) / family->count;
}

void hold_meetings(struct cpu *cpu)
{
	uint32_t number = 0;

	for (uint32_t i = 0; i < family_count; i++)
		for (uint32_t lock = families[i].first; lock < families[i].first + families[i].count; lock++)
			for (uint32_t j = meetings_at_a_lock(&families[i]); j > 0 && !atomic_load(&give_up); j--)
				hold_meeting(cpu, lock, number++);
}

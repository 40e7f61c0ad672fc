/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A whole program without a C library, for targets for which there is none: threads that
 * take every lock of the table.  Whoever is inside stays until all have taken a ticket of
 * that lock, so they contend for each one, however they are scheduled.  At the end the
 * counts and both words of each lock are compared.  The threads are made by Linux's raw
 * calls, so that qemu-user can run them.
 * Exit status: 0 fine, 1 two were inside or an update was lost, 2 a lock's words are wrong,
 * 3 no thread, 4 a lock's words do not lie as machine.h says.
 */
#include <hlock/hlock.h>
#include <stdalign.h>
#include <stdbool.h>

#include "../../layers/L0_machine/machine.h"

enum { THREADS = 3, ROUNDS = 2, STACK = 16384 };

/* CLONE_ VM, FS, FILES, SIGHAND, THREAD, SYSVSEM: what qemu-user takes for a thread */
enum { NEW_THREAD = 0x50f00 };

static volatile uint32_t counts[HLOCK_LOCKS];
static _Atomic uint32_t inside[HLOCK_LOCKS], finished, together;
static alignas(16) unsigned char stacks[THREADS][STACK];

void _start(void);
void run_thread(void);

/* ------------------------------------------- one machine's way to call Linux */

#if defined(__i386__)
enum { LEAVE_THREAD = 1, LEAVE = 252, CLONE = 120, YIELD = 158 };
#define ENTRY __attribute__((force_align_arg_pointer))

static long call(long number, long a, long b)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b) : "memory");
	return result;
}

/* In the new thread the call returns 0, on the new stack, on which nothing lies yet. */
static long start_thread(unsigned char *stack)
{
	long result;

	__asm__ volatile("int $0x80\n\t"
			 "testl %%eax, %%eax\n\t"
			 "jnz 1f\n\t"
			 "call run_thread\n"
			 "1:"
			 : "=a"(result)
			 : "a"(CLONE), "b"(NEW_THREAD), "c"(stack)
			 : "memory", "cc");
	return result;
}
#else
enum { LEAVE_THREAD = 93, LEAVE = 94, CLONE = 220, YIELD = 124 };
#define ENTRY
#if defined(__aarch64__)
#define NUMBER "x8"
#define FIRST  "x0"
#define SECOND "x1"
#define ENTER  "svc #0\n\t"
#define IF_NEW "cbnz x0, 1f\n\tbl run_thread\n1:"
#elif defined(__riscv)
#define NUMBER "a7"
#define FIRST  "a0"
#define SECOND "a1"
#define ENTER  "ecall\n\t"
#define IF_NEW "bnez a0, 1f\n\tcall run_thread\n1:"
#else
#error "how is Linux called here?"
#endif

static long call(long number, long a, long b)
{
	register long n __asm__(NUMBER) = number;
	register long first __asm__(FIRST) = a;
	register long second __asm__(SECOND) = b;

	__asm__ volatile(ENTER : "+r"(first) : "r"(n), "r"(second) : "memory");
	return first;
}

static long start_thread(unsigned char *stack)
{
	register long n __asm__(NUMBER) = CLONE;
	register long first __asm__(FIRST) = NEW_THREAD;
	register unsigned char *second __asm__(SECOND) = stack;

	__asm__ volatile(ENTER IF_NEW : "+r"(first) : "r"(n), "r"(second) : "memory");
	return first;
}
#endif

/* ------------------------------------------------------------------ workload */

static void use(uint32_t lock, uint32_t round)
{
	uint32_t count = counts[lock];

	if (atomic_fetch_add(&inside[lock], 1U) != 0U)
		atomic_store(&together, 1U);
	while (atomic_load(&hlock_words[lock].next) != (round + 1U) * THREADS)
		call(YIELD, 0, 0);
	atomic_fetch_sub(&inside[lock], 1U);
	counts[lock] = count + 1U;
}

static void take_all(uint32_t round)
{
#define HLOCK_ONE(name, first, rank, object) \
	acquire_lock_##name();               \
	use(first##U, round);                \
	release_lock_##name();
#define HLOCK_ARRAY(name, index, first, count, rank, object) \
	for (uint32_t i = 0; i < count##U; i++) {            \
		acquire_lock_##name(i);                      \
		use(first##U + i, round);                    \
		release_lock_##name(i);                      \
	}
#include "../../layers/L4_locks/lock_table.def"
}

void run_thread(void)
{
	for (uint32_t round = 0; round < ROUNDS; round++)
		take_all(round);
	atomic_fetch_add(&finished, 1U);
	call(LEAVE_THREAD, 0, 0);
}

/* ------------------------------------------------------------------- verdict */

/* As plain 32-bit words in memory: `next` first, in the machine's own byte order. */
static bool words_lie_as_they_should(void)
{
	const uint32_t *words = (const uint32_t *)(const void *)hlock_words;
	uint32_t step = HLOCK_LINE / 4U;

	if ((uintptr_t)words % HLOCK_LINE != 0)
		return false;
	for (uint32_t lock = 0; lock < HLOCK_LOCKS; lock++)
		if (words[lock * step] != atomic_load(&hlock_words[lock].next)
		    || words[lock * step + 1U] != atomic_load(&hlock_words[lock].now))
			return false;
	return true;
}

static int verdict(void)
{
	uint32_t taken = 0;

	/* First, as two that leave together may lose an increment of now. */
	if (atomic_load(&together) != 0U)
		return 1;
	for (uint32_t lock = 0; lock < HLOCK_LOCKS; lock++) {
		uint32_t next = atomic_load(&hlock_words[lock].next), now = atomic_load(&hlock_words[lock].now);

		if (next != now || next % (THREADS * ROUNDS) != 0)
			return 2;
		if (counts[lock] != next)
			return 1;
		taken += next != 0U;
	}
	return taken == 0U ? 2 : words_lie_as_they_should() ? 0 : 4;
}

ENTRY void _start(void)
{
	for (int i = 0; i < THREADS; i++)
		if (start_thread(stacks[i] + STACK) <= 0)
			call(LEAVE, 3, 0);
	while (atomic_load(&finished) != THREADS)
		call(YIELD, 0, 0);
	call(LEAVE, verdict(), 0);
	__builtin_unreachable();
}

/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What the user of a debug build has: the number of the CPU, for libhlock_debug.a by a call;
 * and for the checks that are inline the records and the stop.
 */
#define HLOCK_DEBUG
#include "cpu.h"

#include "../../layers/L4_locks/locks.h"
#include "../file.h"

_Thread_local uint32_t own_cpu;
struct hlock_record hlock_records[HLOCK_CPUS];

__attribute__((aligned(64))) uint32_t hlock_this_cpu(void)
{
	return own_cpu;
}

void set_own_cpu(uint32_t cpu)
{
	own_cpu = cpu;
}

/* The benchmark makes no wrong call. */
_Noreturn void hlock_wrong(uint32_t fault, uint32_t operation, uint32_t first, uint32_t index, uint32_t number,
			   const struct hlock_record *record, const void *caller)
{
	(void)fault, (void)operation, (void)first, (void)index, (void)number, (void)record, (void)caller;
	fail("a wrong call");
}

/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The end of a debug build: an index was out of range.  Turns the numbers that
 * the checks pass into the name of the function, and calls hlock_panic, which
 * the user may define.  It takes no lock and prints nothing itself: a report
 * must work from inside any critical section.
 * Only libhlock_debug.a has this file.
 */
#include <hlock/hlock.h>

#include "locks.h"

/* Names become strings here, and are not handed on: the preprocessor would replace a
 * name that is a macro's, as `linux` is where GNU extensions are on. */
#define HLOCK_CASE(first, acquire, release) \
	case first##U:                      \
		return operation == 0U ? acquire : release;
#define HLOCK_ONE(name, first, rank, object) \
	HLOCK_CASE(first, "acquire_lock_" #name, "release_lock_" #name)
#define HLOCK_ARRAY(name, index, first, count, rank, object) \
	HLOCK_CASE(first, "acquire_lock_" #name, "release_lock_" #name)

static const char *function_name(uint32_t operation, uint32_t first)
{
	switch (first) {
#include "lock_table.def"
	}
	return "no lock function";
}

__attribute__((weak)) void hlock_panic(const char *function, uint32_t argument, uint32_t limit)
{
	(void)function;
	(void)argument;
	(void)limit;
	__builtin_trap();
}

_Noreturn void hlock_stop(uint32_t operation, uint32_t first, uint32_t argument, uint32_t count)
{
	hlock_panic(function_name(operation, first), argument, count);
	__builtin_trap();
}

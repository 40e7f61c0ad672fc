// SPDX-License-Identifier: MIT OR Apache-2.0
// Accepted: functions that macros make from a table stand at their line of the
// table, an object of the room is left out, the floor below is external.
#include "../elsewhere/below.h"

_Noreturn void hlock_stop(uint32_t operation, uint32_t argument);
void acquire_lock_core(void);
void release_lock_core(void);
void acquire_lock_pt(uint32_t vmid);

_Atomic uint32_t now[21];

#ifdef DEBUG
#define CHECK(operation, index, count) \
	if (index >= count##U)         \
		hlock_stop(operation, index);
#else
#define CHECK(operation, index, count)
#endif
#define ONE(name, first)               \
	void acquire_lock_##name(void) \
	{                              \
		wait_hlock(first##U);  \
	}                              \
	void release_lock_##name(void) \
	{                              \
		pass_hlock(first##U);  \
	}
#define ARRAY(name, index, first, count)         \
	void acquire_lock_##name(uint32_t index) \
	{                                        \
		CHECK(0U, index, count)          \
		wait_hlock(first##U + (index));  \
	}
#include "table.def"

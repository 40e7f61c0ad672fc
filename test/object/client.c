/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Calls each function of the locks by its address, so that none is put in line, for object.bats.
 */
#include <hlock/hlock.h>

static unsigned count;
static void (*volatile call)(void);
static void (*volatile call_one)(uint32_t index);

#define HLOCK_ONE(name, ...)         \
	call = acquire_lock_##name;  \
	call();                      \
	count++;                     \
	call = release_lock_##name;  \
	call();
#define HLOCK_ARRAY(name, ...)           \
	call_one = acquire_lock_##name;  \
	call_one(0);                     \
	count++;                         \
	call_one = release_lock_##name;  \
	call_one(0);

int main(void)
{
#include "layers/L4_locks/lock_table.def"
	return count == 6 ? 0 : 1;
}

/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Calls each function of the locks once: LTO puts all in line, for object.bats.
 */
#include <hlock/hlock.h>

static unsigned count;

#define HLOCK_ONE(name, ...)    \
	acquire_lock_##name();  \
	count++;                \
	release_lock_##name();
#define HLOCK_ARRAY(name, ...)   \
	acquire_lock_##name(0);  \
	count++;                 \
	release_lock_##name(0);

int main(void)
{
#include "layers/L4_locks/lock_table.def"
	return count == 6 ? 0 : 1;
}

// expect: 8:9: atomic operation: these are floor 0, behind functions
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: an atomic operation of <stdatomic.h>.
#include <stdatomic.h>
extern _Atomic unsigned int now;
unsigned int f(void)
{
	return atomic_load_explicit(&now, memory_order_acquire);
}

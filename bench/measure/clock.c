/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Time, and the empty loop.
 */
#include "clock.h"

#include <time.h>

double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

__attribute__((noinline, aligned(64))) void spin(uint32_t turns)
{
	for (; turns > 0; turns--)
		__asm__ volatile("");
}

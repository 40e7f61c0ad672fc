/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Which CPU a thread is to the debug build: its number in the crew.
 */
#ifndef BENCH_CPU_H
#define BENCH_CPU_H

#include <stdint.h>

extern _Thread_local uint32_t own_cpu;

void set_own_cpu(uint32_t cpu);

#endif

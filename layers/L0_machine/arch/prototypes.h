/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The primitives of floor 0 as bare prototypes: what the C of the floors above may
 * know of them.  Chosen by -DHLOCK_ARCH_PROTOTYPES, for readers and tools: `make
 * check` exports the floors with this header and with each other one, and compares.
 * Read next: c11.h.
 */
#ifndef HLOCK_MACHINE_H
#error "include layers/L0_machine/machine.h, which chooses the architecture"
#endif
#ifndef HLOCK_ARCH_H
#define HLOCK_ARCH_H

uint32_t incr_ticket(uint32_t lk);
uint32_t get_now(uint32_t lk);
void incr_now(uint32_t lk);
void cpu_relax(void);

#endif

/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The guests: at EL1, without MMU of their own, one page of code, no data but their pages.
 * Vcpu 0 writes messages into a page that it shares with the other VM, and takes it back;
 * vcpu 1 answers in what it sees through its window, and gives pages back.  Both touch the
 * same data pages, at first at the same time, and check that nothing is in them but what
 * their own VM wrote: `tag` is of the VM.
 */
#include <stdint.h>

#include "format.h"

enum { YIELD, DONE, SHARE, REVOKE, GIVE, WRONG, MESSAGE, STAY,
       DMA_MAP, DMA_UNMAP, DMA_READ, DMA_WRITE, DMA_STEAL, DMA_END }; /* vm.c */
enum { BUSY, ARRIVED, REFUSED };
enum { MAIL_PAGE = 1 + VCPUS, DATA_PAGE, DATA_PAGES = 12, OUT_PAGE = DATA_PAGE + DATA_PAGES, IN_PAGE, ROUNDS = 10 };

#define WINDOW ((volatile uint64_t *)0x200000)
#define NOTHING (~UINT64_C(0))

__asm__(".section .text.start, \"ax\"\n"
	"	b	guest\n"
	".text\n");

static uint64_t call(uint64_t number, uint64_t argument)
{
	register uint64_t x0 __asm__("x0") = number;
	register uint64_t x1 __asm__("x1") = argument;

	__asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1) : : "memory");
	return x0;
}

/* Through a window: what there is, or NOTHING. */
static uint64_t peek(const volatile uint64_t *place)
{
	register uint64_t x0 __asm__("x0");
	register const volatile uint64_t *x1 __asm__("x1") = place;

	__asm__ volatile("ldr %0, [%1]" : "=r"(x0) : "r"(x1) : "memory");
	return x0;
}

static void poke(volatile uint64_t *place, uint64_t value)
{
	register uint64_t x0 __asm__("x0") = value;
	register volatile uint64_t *x1 __asm__("x1") = place;

	__asm__ volatile("str %0, [%1]" : "+r"(x0) : "r"(x1) : "memory");
}

static volatile uint64_t *page(uint64_t index)
{
	return (volatile uint64_t *)(index * 4096);
}

static void touch(uint64_t vcpu, uint64_t tag, uint64_t round)
{
	for (uint64_t i = 0; i < DATA_PAGES; i++) {
		volatile uint64_t *words = page(DATA_PAGE + i);

		for (uint64_t j = 0; j < 4; j++) {
			uint64_t word = words[j];

			if (word != 0 && (word & ~UINT64_C(0xffffffff)) != tag)
				call(WRONG, word);
		}
		words[vcpu] = tag | (round + 1);
		if (i % 4 == 3)
			call(YIELD, 0);
	}
}

static void send(uint64_t tag, uint64_t round)
{
	volatile uint64_t *mail = page(MAIL_PAGE);
	uint64_t answer, late;

	mail[0] = tag | (round + 1);
	if (!call(SHARE, MAIL_PAGE))
		return;
	for (uint64_t i = 0; i < 6 && mail[1] != mail[0]; i++)
		call(YIELD, 0);
	call(REVOKE, MAIL_PAGE);
	answer = mail[1];
	late = mail[2];
	if (answer == mail[0])
		call(MESSAGE, answer);
	call(STAY, 0);
	call(YIELD, 0);
	if (mail[2] != late || mail[1] != answer || mail[0] != (tag | (round + 1)))
		call(WRONG, mail[1]); /* it was taken back */
}

/* Answers a letter, and after a while once more: what it then writes must not arrive if the
 * page was taken back meanwhile, though this CPU had a translation of it. */
static void receive(uint64_t tag)
{
	for (uint64_t i = 0; i < 4; i++) {
		uint64_t letter = peek(&WINDOW[0]);

		if (letter != NOTHING && (letter & ~UINT64_C(0xffffffff)) == tag)
			call(WRONG, letter); /* its own VM's */
		if (letter != NOTHING) {
			poke(&WINDOW[1], letter);
			call(STAY, 0);
			poke(&WINDOW[2], 8 * letter + i);
		}
		call(YIELD, 0);
	}
}

/* What the VM does with its device, a step at a time: a page goes into it, and comes out of
 * it into another; into that page once more, when it is mapped no longer; and into a page of
 * the other VM.  Each step waits for the transfer before it.  The first page is given up while
 * it is mapped.  The result is the next step. */
static uint64_t use_device(uint64_t step, uint64_t tag)
{
	volatile uint64_t *out = page(OUT_PAGE), *in = page(IN_PAGE);
	uint64_t how = step == 0 ? ARRIVED : call(DMA_END, 0);

	if (how == BUSY)
		return step;
	if (step == 0 && in[0] > 1)
		call(WRONG, in[0]); /* a transfer of whoever had the device before */
	if (how != (step < 3 ? ARRIVED : REFUSED) || (step == 2 && in[0] != out[0]) || (step > 2 && in[0] != 1))
		call(WRONG, step << 32 | how << 16 | (in[0] & 0xffff));
	switch (step) {
	case 0:
		out[0] = tag | 77;
		in[0] = 0;
		if (!call(DMA_MAP, OUT_PAGE) || !call(DMA_MAP, IN_PAGE))
			return 0; /* it has no device yet */
		return call(DMA_READ, OUT_PAGE * 4096) ? 1 : 0;
	case 1: return call(DMA_WRITE, IN_PAGE * 4096) ? 2 : 1;
	case 2:
		in[0] = 1;
		call(DMA_UNMAP, IN_PAGE);
		return call(DMA_WRITE, IN_PAGE * 4096) ? 3 : 2;
	case 3: return call(DMA_STEAL, 0) ? 4 : 3;
	default: call(GIVE, OUT_PAGE); return 0;
	}
}

_Noreturn void guest(uint64_t vcpu, uint64_t slot, uint64_t tag);
_Noreturn void guest(uint64_t vcpu, uint64_t slot, uint64_t tag)
{
	uint64_t step = 0;

	for (uint64_t round = 0; round < ROUNDS; round++) {
		touch(vcpu, tag, round);
		if (vcpu == 0) {
			step = use_device(step, tag);
			send(tag, round);
			step = use_device(step, tag);
		} else {
			receive(tag);
			call(GIVE, DATA_PAGE + (round + slot) % DATA_PAGES);
		}
	}
	for (;;)
		call(DONE, 0);
}

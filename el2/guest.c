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

enum { YIELD, DONE, SHARE, REVOKE, GIVE, WRONG, MESSAGE, STAY }; /* vm.c */
enum { MAIL_PAGE = 1 + VCPUS, DATA_PAGE, DATA_PAGES = 12, ROUNDS = 10 };

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

_Noreturn void guest(uint64_t vcpu, uint64_t slot, uint64_t tag);
_Noreturn void guest(uint64_t vcpu, uint64_t slot, uint64_t tag)
{
	for (uint64_t round = 0; round < ROUNDS; round++) {
		touch(vcpu, tag, round);
		if (vcpu == 0) {
			send(tag, round);
		} else {
			receive(tag);
			call(GIVE, DATA_PAGE + (round + slot) % DATA_PAGES);
		}
	}
	for (;;)
		call(DONE, 0);
}

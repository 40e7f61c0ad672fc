/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Runs sequences of aarch64 instructions, for meaning.ml.  On standard input, for each: how many words it
 * has, the flag Z, registers 0 to 30 and the stack pointer, the array, a frame, the words.  On standard output: flag,
 * registers, array and frame after it, and what PACIASP makes of register 30 and the stack pointer that it began with.
 * A sequence begins at `sequence` and goes back to `finish`; slots have the addresses of the array's words.
 * While it runs no register is the C's: one of floating point helps to get at the struct.
 */
#include <stdint.h>
#include <stdio.h>

enum { WORDS = 64, FRAME = 16, LONGEST = 1024 };

struct cpu {
	uint64_t registers[32];
	uint64_t flags;
	uint64_t stack;          /* the C's */
};

extern uint32_t sequence[LONGEST], array[WORDS];
extern uint64_t slots[WORDS], frame[FRAME];
struct cpu cpu;
void enter(struct cpu *cpu);

__asm__(".globl	enter, sequence, slots, array, frame\n"
	".text\n"
	"enter:	stp	x29, x30, [sp, #-96]!\n"
	"	stp	x19, x20, [sp, #16]\n"
	"	stp	x21, x22, [sp, #32]\n"
	"	stp	x23, x24, [sp, #48]\n"
	"	stp	x25, x26, [sp, #64]\n"
	"	stp	x27, x28, [sp, #80]\n"
	"	mov	x1, sp\n"
	"	str	x1, [x0, #264]\n"
	"	ldp	x1, x2, [x0, #248]\n"
	"	mov	sp, x1\n"
	"	msr	nzcv, x2\n"
	"	clrex\n"
	"	.irp	n, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28\n"
	"	ldr	x\\n, [x0, #8 * \\n]\n"
	"	.endr\n"
	"	.irp	n, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 30\n"
	"	ldr	x\\n, [x0, #8 * \\n]\n"
	"	.endr\n"
	"	ldp	x0, x1, [x0]\n"
	"	b	sequence\n"
	/* The linker puts this section at an address that meaning.ml knows. */
	"	.section .sequence, \"awx\"\n"
	"finish:	fmov	d0, x0\n"
	"	adrp	x0, cpu\n"
	"	add	x0, x0, :lo12:cpu\n"
	"	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
	"	str	x\\n, [x0, #8 * \\n]\n"
	"	.endr\n"
	"	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30\n"
	"	str	x\\n, [x0, #8 * \\n]\n"
	"	.endr\n"
	"	str	d0, [x0]\n"
	"	mov	x1, sp\n"
	"	mrs	x2, nzcv\n"
	"	stp	x1, x2, [x0, #248]\n"
	"	ldr	x1, [x0, #264]\n"
	"	mov	sp, x1\n"
	"	ldp	x19, x20, [sp, #16]\n"
	"	ldp	x21, x22, [sp, #32]\n"
	"	ldp	x23, x24, [sp, #48]\n"
	"	ldp	x25, x26, [sp, #64]\n"
	"	ldp	x27, x28, [sp, #80]\n"
	"	ldp	x29, x30, [sp], #96\n"
	"	ret\n"
	"	.org	0x1000\n"
	"sequence:\n"
	"	.org	0x3000\n"
	"slots:\n"
	"	.org	0x5f80\n"
	"array:\n"
	"	.org	0x6800\n"
	"frame:\n"
	"	.org	0x7000\n"
	"	.text\n");

static uint64_t signed_by_cpu(uint64_t address, uint64_t stack)
{
	register uint64_t x17 __asm__("x17") = address;
	register uint64_t x16 __asm__("x16") = stack;

	__asm__ volatile("hint	#8" : "+r"(x17) : "r"(x16)); /* PACIA1716 */
	return x17;
}

static int read_all(void *to, size_t size)
{
	return fread(to, 1, size, stdin) == size;
}

int main(void)
{
	uint32_t head[2];
	uint64_t signature;

	for (int i = 0; i < WORDS; i++)
		slots[i] = (uint64_t)(uintptr_t)&array[i];
	while (read_all(head, sizeof head)) {
		if (head[0] > LONGEST || !read_all(cpu.registers, sizeof cpu.registers) ||
		    !read_all(array, sizeof array) || !read_all(frame, sizeof frame) ||
		    !read_all(sequence, sizeof *sequence * head[0]))
			return 2;
		cpu.flags = (uint64_t)head[1] << 30;
		signature = signed_by_cpu(cpu.registers[30], cpu.registers[31]);
		__builtin___clear_cache((char *)sequence, (char *)(sequence + head[0]));
		enter(&cpu);
		head[1] = cpu.flags >> 30 & 1;
		if (fwrite(&head[1], sizeof head[1], 1, stdout) != 1 ||
		    fwrite(cpu.registers, sizeof cpu.registers, 1, stdout) != 1 ||
		    fwrite(array, sizeof array, 1, stdout) != 1 || fwrite(frame, sizeof frame, 1, stdout) != 1 ||
		    fwrite(&signature, sizeof signature, 1, stdout) != 1)
			return 2;
	}
	return fflush(stdout) != 0;
}

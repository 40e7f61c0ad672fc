/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Runs sequences of x86_64 instructions, for x86_meaning.ml.  On standard input, for each: how many bytes it has, the
 * flag ZF, the registers in Coq's order, the stack frame, the array, the bytes.  On standard output: flag, registers,
 * frame and array after it.
 * A sequence begins at `sequence`, and RET takes the address of `finish` from just above the frame, where RSP points
 * before it; slots have the addresses of the array's words.
 */
#include <stdint.h>
#include <stdio.h>

enum { WORDS = 64, FRAME = 16, LONGEST = 0x2000 };

struct cpu {
	uint64_t registers[16];  /* rdi rcx rdx rbx rsp rbp rsi rax r8 to r15 */
	uint64_t flags;
	uint64_t stack;          /* the C's */
};

extern struct cpu cpu;
extern unsigned char sequence[LONGEST], finish[];
extern uint32_t array[WORDS];
extern uint64_t slots[WORDS], frame[FRAME], returns[2];
void enter(void);

__asm__(".globl	enter, finish, sequence, slots, array, frame, returns, cpu\n"
	".text\n"
	"enter:	pushq	%rbx\n"
	"	pushq	%rbp\n"
	"	.irp	n, 12, 13, 14, 15\n"
	"	pushq	%r\\n\n"
	"	.endr\n"
	"	movq	%rsp, cpu+136\n"
	"	pushq	cpu+128\n"
	"	popfq\n"
	"	.irp	n, 8, 9, 10, 11, 12, 13, 14, 15\n"
	"	movq	cpu + 8 * \\n, %r\\n\n"
	"	.endr\n"
	"	movq	cpu, %rdi\n"
	"	movq	cpu+8, %rcx\n"
	"	movq	cpu+16, %rdx\n"
	"	movq	cpu+24, %rbx\n"
	"	movq	cpu+32, %rsp\n"
	"	movq	cpu+40, %rbp\n"
	"	movq	cpu+48, %rsi\n"
	"	movq	cpu+56, %rax\n"
	"	jmp	sequence\n"
	/* The linker puts this section at an address that x86_meaning.ml knows. */
	"	.section .sequence, \"awx\"\n"
	"finish:\n"
	"	.irp	n, 8, 9, 10, 11, 12, 13, 14, 15\n"
	"	movq	%r\\n, cpu + 8 * \\n\n"
	"	.endr\n"
	"	movq	%rdi, cpu\n"
	"	movq	%rcx, cpu+8\n"
	"	movq	%rdx, cpu+16\n"
	"	movq	%rbx, cpu+24\n"
	"	movq	%rsp, cpu+32\n"
	"	movq	%rbp, cpu+40\n"
	"	movq	%rsi, cpu+48\n"
	"	movq	%rax, cpu+56\n"
	"	movq	cpu+136, %rsp\n"
	"	pushfq\n"
	"	popq	cpu+128\n"
	"	.irp	n, 15, 14, 13, 12\n"
	"	popq	%r\\n\n"
	"	.endr\n"
	"	popq	%rbp\n"
	"	popq	%rbx\n"
	"	ret\n"
	"	.org	0x1000\n"
	"sequence:\n"
	"	.org	0x3000\n"
	"slots:\n"
	"	.org	0x5f80\n"
	"array:\n"
	"	.org	0x6e80\n"
	"frame:\n"
	"	.org	0x6f00\n"
	"returns:\n"
	"	.org	0x6f40\n"
	"cpu:\n"
	"	.org	0x7000\n"
	"	.text\n");

static int read_all(void *to, size_t size)
{
	return fread(to, 1, size, stdin) == size;
}

int main(void)
{
	uint32_t head[2];

	for (int i = 0; i < WORDS; i++)
		slots[i] = (uint64_t)(uintptr_t)&array[i];
	while (read_all(head, sizeof head)) {
		if (head[0] > LONGEST || !read_all(cpu.registers, sizeof cpu.registers) ||
		    !read_all(frame, sizeof(uint64_t) * FRAME) ||
		    !read_all(array, sizeof(uint32_t) * WORDS) || !read_all(sequence, head[0]))
			return 2;
		cpu.flags = (uint64_t)head[1] << 6 | 2;
		returns[0] = (uint64_t)(uintptr_t)finish;
		enter();
		head[1] = cpu.flags >> 6 & 1;
		if (fwrite(&head[1], sizeof head[1], 1, stdout) != 1 ||
		    fwrite(cpu.registers, sizeof cpu.registers, 1, stdout) != 1 ||
		    fwrite(frame, sizeof(uint64_t), FRAME, stdout) != FRAME ||
		    fwrite(array, sizeof(uint32_t), WORDS, stdout) != WORDS)
			return 2;
	}
	return fflush(stdout) != 0;
}

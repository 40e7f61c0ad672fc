/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Runs sequences of riscv64 instructions, for riscv_meaning.ml.  On standard input, for each: how many bytes it
 * has, registers 1 to 31, the array, a frame, the bytes.  On standard output: registers, array and frame after it.
 * A sequence begins at `sequence` and goes back to `finish`; slots have the addresses of the array's words.
 * While it runs no register is the C's: they are kept in memory, and a floating-point register helps to get there.
 */
#include <stdint.h>
#include <stdio.h>

enum { WORDS = 64, FRAME = 16, LONGEST = 0x2000 };

extern uint8_t sequence[LONGEST];
extern uint32_t array[WORDS];
extern uint64_t slots[WORDS], registers[32], frame[FRAME];
void enter(void);

/* The linker puts this section at an address that riscv_meaning.ml knows. */
__asm__(".globl	enter, sequence, slots, array, registers, frame\n"
	".section .sequence, \"awx\"\n"
	".option norelax\n"
	"finish:	fmv.d.x	ft0, x31\n"
	"	la	x31, registers\n"
	"	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25\n"
	"	sd	x\\n, 8 * \\n(x31)\n"
	"	.endr\n"
	"	.irp	n, 26, 27, 28, 29, 30\n"
	"	sd	x\\n, 8 * \\n(x31)\n"
	"	.endr\n"
	"	fmv.x.d	x30, ft0\n"
	"	sd	x30, 8 * 31(x31)\n"
	"	.irp	n, 1, 2, 3, 4, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27\n"
	"	ld	x\\n, 8 * (32 + \\n)(x31)\n"
	"	.endr\n"
	"	ret\n"
	"enter:	la	x31, registers\n"
	"	.irp	n, 1, 2, 3, 4, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27\n"
	"	sd	x\\n, 8 * (32 + \\n)(x31)\n"
	"	.endr\n"
	"	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25\n"
	"	ld	x\\n, 8 * \\n(x31)\n"
	"	.endr\n"
	"	.irp	n, 26, 27, 28, 29, 30, 31\n"
	"	ld	x\\n, 8 * \\n(x31)\n"
	"	.endr\n"
	"	j	sequence\n"
	"	.org	0x1000\n"
	"sequence:\n"
	"	.org	0x3000\n"
	"slots:\n"
	"	.org	0x4000\n"
	"registers:\n"
	"	.org	0x5780\n"
	"array:\n"
	"	.org	0x5a00\n"
	"frame:\n"
	"	.org	0x7000\n"
	"	.text\n");

static int read_all(void *to, size_t size)
{
	return fread(to, 1, size, stdin) == size;
}

int main(void)
{
	uint32_t length;

	for (int i = 0; i < WORDS; i++)
		slots[i] = (uint64_t)(uintptr_t)&array[i];
	while (read_all(&length, sizeof length)) {
		if (length > LONGEST || !read_all(registers + 1, 31 * sizeof *registers) ||
		    !read_all(array, WORDS * sizeof *array) || !read_all(frame, FRAME * sizeof *frame) ||
		    !read_all(sequence, length))
			return 2;
		__builtin___clear_cache((char *)sequence, (char *)(sequence + length));
		enter();
		if (fwrite(registers + 1, sizeof *registers, 31, stdout) != 31 ||
		    fwrite(array, sizeof *array, WORDS, stdout) != WORDS ||
		    fwrite(frame, sizeof *frame, FRAME, stdout) != FRAME)
			return 2;
	}
	return fflush(stdout) != 0;
}

// expect: 4:1: assembly outside functions: it has no meaning in the C subset
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: assembly outside functions.
__asm__(".globl f");
int f(void)
{
	return 0;
}

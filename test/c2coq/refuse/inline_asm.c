// expect: 6:2: inline assembly: it has no meaning in the C subset
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: inline assembly.
void f(void)
{
	__asm__ volatile("" ::: "memory");
}

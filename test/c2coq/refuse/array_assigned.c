// expect: 7:2: array access: the subset has no memory
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a store into a global array.
extern unsigned int a[2];
void f(void)
{
	a[1] = 2U;
}

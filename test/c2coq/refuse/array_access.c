// expect: 7:9: array access: the subset has no memory
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: an element of a global array.
extern unsigned int a[2];
unsigned int f(void)
{
	return a[1];
}

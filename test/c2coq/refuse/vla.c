// expect: 6:15: type 'unsigned int[n]': array: the subset has no memory
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: an array of variable length.
unsigned int f(unsigned int n)
{
	unsigned int a[n];
	a[0] = 1U;
	return a[0];
}

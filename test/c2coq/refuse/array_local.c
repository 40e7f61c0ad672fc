// expect: 6:15: type 'unsigned int[2]': array: the subset has no memory
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a local array.
unsigned int f(void)
{
	unsigned int a[2] = { 1U, 2U };
	return a[1];
}

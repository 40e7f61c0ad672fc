// expect: 6:16: type 'unsigned int *': pointer: the subset has no memory
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a local of pointer type.
unsigned int f(unsigned int x)
{
	unsigned int *p = &x;
	return *p;
}

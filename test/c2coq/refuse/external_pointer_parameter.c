// expect: 4:12: type 'int *': pointer: the subset has no memory
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a callee whose parameter is a pointer.
int g(int *p);
int f(void)
{
	return g(0);
}

// expect: 4:22: type 'unsigned int *': pointer: the subset has no memory
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a parameter of pointer type.
void f(unsigned int *p)
{
	*p = 1U;
}

// expect: 6:2: pointer access: the subset has no memory
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a store through a pointer.
void f(void)
{
	*(unsigned int *)64 = 1U;
}

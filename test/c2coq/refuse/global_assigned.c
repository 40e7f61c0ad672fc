// expect: 7:2: global variable 'x': the subset has no memory
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a global variable that is assigned.
unsigned int x;
void f(void)
{
	x = 1U;
}

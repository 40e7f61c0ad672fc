// expect: 7:9: global variable 'x': the subset has no memory
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a global variable that is read.
unsigned int x;
unsigned int f(void)
{
	return x;
}

// expect: 7:9: global variable 'x': the subset has no memory
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a global constant, which the function reads.
static const unsigned int x = 1U;
unsigned int f(void)
{
	return x;
}

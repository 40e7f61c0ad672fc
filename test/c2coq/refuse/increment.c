// expect: 6:2: ++: write x = x + 1U
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: an increment.
unsigned int f(unsigned int x)
{
	x++;
	return x;
}

// expect: 6:2: compound assignment: write x = x + 1U
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a compound assignment.
unsigned int f(unsigned int x)
{
	x += 1U;
	return x;
}

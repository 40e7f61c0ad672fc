// expect: 6:9: ++: write x = x + 1U
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: an increment inside an expression.
unsigned int f(unsigned int x)
{
	return ++x + 1U;
}

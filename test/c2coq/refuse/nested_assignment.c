// expect: 7:6: assignment inside an expression: make it a statement
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: an assignment inside an expression.
unsigned int f(unsigned int x)
{
	unsigned int y;
	x = y = 1U;
	return x + y;
}

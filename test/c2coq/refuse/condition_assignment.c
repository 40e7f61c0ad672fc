// expect: 7:10: assignment inside an expression: make it a statement
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: an assignment as a condition.
unsigned int f(unsigned int x)
{
	unsigned int y;
	while ((y = x) != 0U)
		x = x - 1U;
	return y;
}

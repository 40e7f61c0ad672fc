// expect: 6:7: comma operator: make two statements
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: the comma operator.
int f(int x, int y)
{
	for (x = 1, y = 2; x < y;)
		x = x + 1;
	return x;
}

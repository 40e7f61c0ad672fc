// expect: 8:16: 'y' is declared twice in this function: use another name
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a local hides one of the outer block.
unsigned int f(unsigned int x)
{
	unsigned int y = 1U;
	if (x) {
		unsigned int y = 2U;
		x = y;
	}
	return x + y;
}

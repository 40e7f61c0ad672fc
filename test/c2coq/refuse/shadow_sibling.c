// expect: 10:16: 'y' is declared twice in this function: use another name
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: the same name in two blocks.
unsigned int f(unsigned int x)
{
	if (x) {
		unsigned int y = 2U;
		x = y;
	} else {
		unsigned int y = 3U;
		x = y;
	}
	return x;
}

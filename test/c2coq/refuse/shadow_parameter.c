// expect: 7:16: 'x' is declared twice in this function: use another name
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a local hides a parameter.
unsigned int f(unsigned int x)
{
	while (x) {
		unsigned int x = 2U;
		return x;
	}
	return x;
}

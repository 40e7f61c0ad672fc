// expect: 4:12: type 'char': 8-bit type: only 32-bit integers are in the subset
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: an 8-bit parameter.
int f(char c)
{
	return c == 1;
}

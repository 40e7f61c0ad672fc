// expect: 6:24: type 'unsigned long': 64-bit type: only 32-bit integers are in the subset
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a 64-bit constant among 32-bit ones.
unsigned int f(unsigned int x)
{
	return (unsigned int)(x + 1UL);
}

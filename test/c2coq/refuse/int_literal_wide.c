// expect: 6:48: type 'long': 64-bit type: only 32-bit integers are in the subset
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a constant that does not fit 32 bits.
unsigned int f(unsigned int x)
{
	return (unsigned int)(x + 0U) + (unsigned int)4294967296;
}

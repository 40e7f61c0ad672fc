// expect: 6:23: sizeof or _Alignof: write the number
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: an alignment.
unsigned int f(void)
{
	return (unsigned int)_Alignof(unsigned int);
}

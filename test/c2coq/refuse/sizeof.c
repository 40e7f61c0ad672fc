// expect: 6:23: sizeof or _Alignof: write the number
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a size.
unsigned int f(unsigned int x)
{
	return (unsigned int)sizeof x;
}

// expect: 6:16: type 'unsigned long': 64-bit type: only 32-bit integers are in the subset
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a 64-bit local.
unsigned int f(unsigned int x)
{
	unsigned long y = x;
	return (unsigned int)y;
}

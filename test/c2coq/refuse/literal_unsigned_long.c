// expect: 6:23: type 'unsigned long': 64-bit type: only 32-bit integers are in the subset
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a suffix that makes a constant 64 bits wide.
unsigned int f(void)
{
	return (unsigned int)4UL;
}

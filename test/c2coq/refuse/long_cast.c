// expect: 6:24: type 'unsigned long long': 64-bit type: only 32-bit integers are in the subset
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a 64-bit intermediate result.
unsigned int f(unsigned int x)
{
	return (unsigned int)((unsigned long long)x * x >> 32);
}

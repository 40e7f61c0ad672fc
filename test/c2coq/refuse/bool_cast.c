// expect: 6:9: type '_Bool': _Bool: only 32-bit integers are in the subset
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a cast to _Bool.
int f(unsigned int x)
{
	return (_Bool)x;
}

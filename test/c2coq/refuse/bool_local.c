// expect: 6:8: type '_Bool': _Bool: only 32-bit integers are in the subset
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a _Bool local.
int f(unsigned int x)
{
	_Bool b = x;
	return b;
}

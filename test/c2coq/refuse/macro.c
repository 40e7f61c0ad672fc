// expect: 8:9: type 'long': 64-bit type: only 32-bit integers are in the subset (in a macro, written at macro.c:5:18)
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: the macro's use and its definition are both told.
#define WIDE(x)             \
	((unsigned int)((x) * 3L))
unsigned int f(unsigned int x)
{
	return WIDE(x);
}

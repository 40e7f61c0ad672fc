// expect: 6:9: call through a pointer or of a compiler builtin: calls go to named functions
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a function that the compiler knows by itself.
int f(int x)
{
	return __builtin_expect(x, 0) == 0;
}

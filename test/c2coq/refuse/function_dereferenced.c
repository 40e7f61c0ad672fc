// expect: 7:9: call through a pointer or of a compiler builtin: calls go to named functions
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a call of a dereferenced name.
int g(void);
int f(void)
{
	return (*g)();
}

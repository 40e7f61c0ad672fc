// expect: 4:19: type 'const char *': pointer: the subset has no memory
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a string.
int g(const char *s);
int f(void)
{
	return g("text");
}

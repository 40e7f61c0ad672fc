// expect: 4:19: type 'const char *': pointer: the subset has no memory
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: the name of the function as a string.
int g(const char *s);
int f(void)
{
	return g(__func__);
}

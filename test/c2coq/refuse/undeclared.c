// expect: 6:9: error: implicit declaration of function 'g' is invalid in C99
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a function that nobody declares.
int f(void)
{
	return g();
}

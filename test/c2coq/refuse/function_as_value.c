// expect: 7:9: type 'int (*)(void)': function pointer: calls go to named functions
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a function compared with a number.
int g(void);
int f(void)
{
	return g == (int (*)(void))64;
}

// expect: 4:13: type 'int (*)(void)': function pointer: calls go to named functions
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a call through a pointer.
int f(int (*g)(void))
{
	return g();
}

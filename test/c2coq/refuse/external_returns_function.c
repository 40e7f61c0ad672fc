// expect: 4:8: function of type 'void (*(int))(void)': its result is no integer, or a typedef hides it
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a callee whose result is a function pointer.
void (*g(int x))(void);
void f(void)
{
	g(1);
}

// expect: 5:10: function of type 'function': its result is no integer, or a typedef hides it
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a function declared through a typedef.
typedef int function(int x);
function g;
int f(int x)
{
	return g(x);
}

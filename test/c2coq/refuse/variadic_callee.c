// expect: 4:5: 'g' has a variable number of parameters
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a callee with a variable number of parameters.
int g(int x, ...);
int f(int x)
{
	return g(x, x);
}

// expect: 4:5: 'f' has a variable number of parameters
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a variable number of parameters.
int f(int x, ...)
{
	return x;
}

// expect: 6:9: statement expression: not C11
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a statement expression.
int f(int x)
{
	return ({ int y = x; y; });
}

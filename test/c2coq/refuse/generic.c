// expect: 6:9: _Generic: write the expression that it selects
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a generic selection.
int f(int x)
{
	return _Generic(x, int : 1, default : 2);
}

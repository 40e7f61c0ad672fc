// expect: 6:9: operator __extension__: not in the subset
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: __extension__ before an expression.
int f(int x)
{
	return __extension__ x;
}

// expect: 6:9: __builtin_choose_expr: not C11
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: the compiler's own selection.
int f(int x)
{
	return __builtin_choose_expr(1, x, 2);
}

// expect: 6:14: floating-point constant
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a floating-point constant.
int f(void)
{
	return (int)2.5;
}

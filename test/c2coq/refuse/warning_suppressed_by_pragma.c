// expect: 7:10: assignment inside an expression: make it a statement
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a declared function in an unsequenced expression, warning off.
#pragma clang diagnostic ignored "-Wunsequenced"
int f(int x)
{
	return (x = 1) + (x = 2);
}

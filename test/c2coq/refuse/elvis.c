// expect: 6:9: ?: without a middle operand: not C11
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a choice without a middle.
int f(int x)
{
	return x ?: 2;
}

// expect: 6:13: error: invalid operands to binary expression ('char[2]' and 'int')
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: not C.
int f(void)
{
	return "a" * 2;
}

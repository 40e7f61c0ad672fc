// expect: 6:12: error: expected expression
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: not C.
int f(void)
{
	return 1 +;
}

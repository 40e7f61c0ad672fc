// expect: 6:9: compound literal: the subset has no memory
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a compound literal.
int f(void)
{
	return (int){ 1 };
}

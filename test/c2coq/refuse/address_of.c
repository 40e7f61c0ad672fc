// expect: 6:9: address-of: the subset has no memory
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: the address of a local, in an expression.
int f(int x)
{
	return &x == (int *)64;
}

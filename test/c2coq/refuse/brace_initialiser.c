// expect: 6:10: braces around a value: write the value alone
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: braces around the value of a local.
int f(void)
{
	int x = { 1 };
	return x;
}

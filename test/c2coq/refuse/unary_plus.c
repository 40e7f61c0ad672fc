// expect: 6:9: operator +: not in the subset
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a plus sign that does nothing.
int f(int x)
{
	return +x;
}

// expect: 6:1: label: control flow is structured in the subset
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a label, jumped to from below.
int f(unsigned int x)
{
again:
	x = x - 1U;
	if (x)
		goto again;
	return 0;
}

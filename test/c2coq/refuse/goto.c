// expect: 7:3: goto: control flow is structured in the subset
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a jump.
int f(unsigned int x)
{
	if (x)
		goto out;
	x = 1U;
out:
	return 0;
}

// expect: 6:2: switch: write if and else
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a switch statement.
int f(unsigned int x)
{
	switch (x) {
	case 0U:
		return 1;
	default:
		return 2;
	}
}

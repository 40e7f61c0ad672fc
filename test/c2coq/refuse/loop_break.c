// expect: 6:2: loop that changes nothing that its conditions read and calls nothing outside: C11 6.8.5p6 lets a compiler drop it
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a loop with ways out that its rounds do not change.
int f(unsigned int a, unsigned int b, unsigned int c)
{
	while (a) {
		c = b;
		if (b)
			break;
		if (a > b)
			return 1;
	}
	return c != 0U;
}

// expect: 7:2: loop that changes nothing that its conditions read and calls nothing outside: C11 6.8.5p6 lets a compiler drop it
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a loop that writes what no condition in it reads.
unsigned int f(unsigned int a, unsigned int b)
{
	unsigned int c = 0U;
	for (; a && !c; b = a + b) {
		unsigned int local = b;

		if (a == 2U)
			local = 1U;
	}
	return b;
}

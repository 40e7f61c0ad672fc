// expect: 7:2: loop that changes nothing that its conditions read and calls nothing outside: C11 6.8.5p6 lets a compiler drop it
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: what is written or called before a loop does not count.
void step(void);
void f(unsigned int a)
{
	for (step(); a != 0U;)
		;
	step();
}

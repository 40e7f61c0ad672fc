// expect: 8:3: loop that changes nothing that its conditions read and calls nothing outside: C11 6.8.5p6 lets a compiler drop it
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a loop that a compiler may drop, inside one that stays.
void step(void);
void f(int a)
{
	while (a) {
		do
			;
		while (a == 1);
		step();
	}
}

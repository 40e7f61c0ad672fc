// expect: 6:2: loop that changes nothing that its conditions read and calls nothing outside: C11 6.8.5p6 lets a compiler drop it
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a loop that a compiler may drop.
void f(unsigned int a)
{
	while (a) {
	}
}

// expect: 19:2: loop that changes nothing that its conditions read and calls nothing outside: C11 6.8.5p6 lets a compiler drop it
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a loop that calls functions of the room only, and these nothing else.
void step(void);
static int even(unsigned int x);
static int odd(unsigned int x)
{
	return x == 0U ? 0 : 1;
}
static int even(unsigned int x)
{
	if (x == 0U)
		return 1;
	return odd(x - 1U);
}
void f(unsigned int a)
{
	step();
	while (even(a))
		odd(a);
}

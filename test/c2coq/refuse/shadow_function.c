// expect: 7:15: 'g' is also a function: use another name
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a local has the name of a function.
unsigned int g(void);
unsigned int h(unsigned int x)
{
	unsigned int g = x;
	return g;
}
unsigned int f(void)
{
	return g();
}

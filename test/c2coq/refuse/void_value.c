// expect: 7:9: the value of 'g', which returns void
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: the value of a function that has none.
void g(void);
void f(void)
{
	return g();
}

// expect: 7:17: attribute Cleanup: it may change what 'x' means
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a function that is called at the end of a block.
void g(unsigned int *x);
unsigned int f(void)
{
	__attribute__((cleanup(g))) unsigned int x = 1U;
	return x;
}

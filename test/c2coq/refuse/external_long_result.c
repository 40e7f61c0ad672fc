// expect: 4:6: result of type 'long': only void, int and unsigned int are in the subset
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a callee whose result has 64 bits.
long g(void);
int f(void)
{
	return g() == 0;
}

// expect: 4:5: 'g' is declared without a prototype: write (void)
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a callee without a prototype.
int g();
int f(void)
{
	return g();
}

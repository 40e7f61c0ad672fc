// expect: 4:5: 'f' is declared without a prototype: write (void)
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a definition without a prototype.
int f()
{
	return 0;
}

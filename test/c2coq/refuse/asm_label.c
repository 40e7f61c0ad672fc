// expect: 4:21: attribute AsmLabel: it may change what 'g' means
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: another name in the object code.
int g(void) __asm__("h");
int f(void)
{
	return g();
}

// expect: 6:22: extern local: locals are automatic
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a global declared inside a function.
unsigned int f(void)
{
	extern unsigned int x;
	return x;
}

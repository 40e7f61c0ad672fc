// expect: 6:22: static local: locals are automatic
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a local that outlives the call.
unsigned int f(void)
{
	static unsigned int x;
	x = x + 1U;
	return x;
}

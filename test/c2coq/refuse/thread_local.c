// expect: 6:36: static local: locals are automatic
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a local of the thread.
unsigned int f(void)
{
	static _Thread_local unsigned int x = 1U;
	return x;
}

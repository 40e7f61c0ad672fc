// expect: 6:23: type '_Atomic(unsigned int)': atomic type: atomic accesses are floor 0, behind functions
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: an atomic local.
unsigned int f(void)
{
	_Atomic unsigned int x = 1U;
	return x;
}

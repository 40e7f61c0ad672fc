// expect: 6:2: expression whose value is not used: only assignments and calls are statements
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a value that is thrown away.
void f(unsigned int x)
{
	(void)x;
}

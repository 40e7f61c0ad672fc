// expect: 6:6: error: unused variable 'x'
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: clang warns.
int f(void)
{
	int x = 1;
	return 0;
}

// expect: 4:12: inline without static: another file may define 'f' too
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: another file may define the function too.
inline int f(void)
{
	return 0;
}

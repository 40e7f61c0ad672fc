// expect: 7:9: enumeration constant 'A': write the number
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: an enumeration constant.
enum { A = 1 };
int f(void)
{
	return A;
}

// expect: 7:9: type 'enum e': enumeration: its integer type is the compiler's choice
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a local of enumeration type.
enum e { A, B };
int f(void)
{
	enum e x = A;
	return x == B;
}

// expect: 6:14: TypedefDecl inside a function: only locals are declared there
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a type declared inside a function.
int f(void)
{
	typedef int number;
	number x = 1;
	return x;
}

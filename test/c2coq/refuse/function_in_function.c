// expect: 6:15: FunctionDecl inside a function: only locals are declared there
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a function declared inside a function.
unsigned int f(void)
{
	unsigned int g(void);
	return g();
}

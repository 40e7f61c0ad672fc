// expect: 7:13: call in an arm of ?:, where C does not always make it: use an if statement
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a call that is made only sometimes.
int g(int x);
int f(int x)
{
	return x ? g(x) : 0;
}

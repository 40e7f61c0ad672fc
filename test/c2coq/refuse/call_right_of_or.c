// expect: 7:11: call to the right of ||, where C does not always make it: use an if statement
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a call that is made only sometimes.
int g(int x);
int f(int x)
{
	if (x || g(x))
		return 1;
	return 0;
}

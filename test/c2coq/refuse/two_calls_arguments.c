// expect: 8:17: second call in one expression: C does not say which comes first; use a local
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: two arguments that call.
int g(int x);
int h(int x, int y);
int f(int x)
{
	return h(g(x), g(x));
}

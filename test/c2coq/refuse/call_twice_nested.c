// expect: 7:19: second call in one expression: C does not say which comes first; use a local
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a call beside one inside a call.
int g(int x);
int f(int x)
{
	return g(g(x)) < g(1);
}

// expect: 7:16: second call in one expression: C does not say which comes first; use a local
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: two calls that C may make in either order.
int g(int x);
int f(int x)
{
	return g(x) + g(x + 1);
}

// expect: 7:2: attribute on a statement: it may change the meaning
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: an attribute on a statement.
void g(unsigned int x);
void f(unsigned int x)
{
	__attribute__((nomerge)) g(x - 1U);
}

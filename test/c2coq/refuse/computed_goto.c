// expect: 6:2: computed goto: control flow is structured in the subset
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a jump to a computed place.
void f(void)
{
	goto *&&out;
out:;
}

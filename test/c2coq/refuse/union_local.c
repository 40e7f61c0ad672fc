// expect: 10:10: type 'union u': union: the subset has no memory
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a local union.
union u {
	unsigned int a;
	int b;
};
int f(void)
{
	union u x = { 1U };
	return x.b;
}

// expect: 9:11: type 'struct s': structure: the subset has no memory
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a local structure.
struct s {
	unsigned int a;
};
unsigned int f(void)
{
	struct s x = { 1U };
	return x.a;
}

// expect: 7:25: type 'struct s': structure: the subset has no memory
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a parameter of structure type.
struct s {
	unsigned int a;
};
unsigned int f(struct s x)
{
	return x.a;
}

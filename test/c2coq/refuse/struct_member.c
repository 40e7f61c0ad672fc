// expect: 9:9: member access: the subset has no memory
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a member of a global structure.
extern struct s {
	unsigned int a;
} x;
unsigned int f(void)
{
	return x.a;
}

// expect: 7:10: result of type 'struct s': only void, int and unsigned int are in the subset
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a callee whose result is a structure.
struct s {
	int a;
};
struct s g(void);
void f(void)
{
	g();
}

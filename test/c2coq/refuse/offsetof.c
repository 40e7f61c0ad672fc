// expect: 10:14: offsetof: write the number
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: the place of a member.
#include <stddef.h>
struct s {
	int a, b;
};
int f(void)
{
	return (int)offsetof(struct s, b);
}

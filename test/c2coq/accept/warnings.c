// SPDX-License-Identifier: MIT OR Apache-2.0
// Accepted: C11 about which compilers warn.
#include <stdint.h>

static uint32_t parentheses(uint32_t a, uint32_t b, uint32_t c)
{
	if ((a == b))
		return a & b | c;
	return a << 1U + b;
}

int sign_compare(int a, unsigned int b)
{
	int unused = 1;

	if (a < b)
		;
	return a != b;
}

int unused_parameter(int a, int never_read)
{
	if (a)
		return 1;
	else
		return 2147483647 + 1;
}

int no_return(int a)
{
	if (a)
		return 1;
}

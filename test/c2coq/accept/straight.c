// SPDX-License-Identifier: MIT OR Apache-2.0
// Accepted: straight-line code; every operator; casts that are written and
// casts that C makes; constants at the ends of their ranges; attributes,
// comments and declarations that change nothing.
#include <stdint.h>

typedef uint32_t ticket_number;
_Static_assert(sizeof(uint32_t) == 4, "not exported");
struct not_exported {
	char a;
	struct not_exported *next;
};
struct not_exported table[3];

/** Nothing at all. */
void nothing(void)
{
	;
	{
	}
}

/** The operators of unsigned int.
 * @param x left
 * @param y right */
uint32_t operators(uint32_t x, uint32_t y)
{
	uint32_t a = x + y, b = x - y;

	a = a * b;
	b = a / 3U;
	a = b % (y | 1U);
	b = (a & x) | (b ^ y);
	a = (b << 3U) >> 2U;
	a = ~a;
	b = -a;
	return a + b;
}

/* Comparisons are of type int. */
int comparisons(uint32_t x, int y)
{
	int r = x == 0U;

	r = r + (x != 1U) + (x < 2U) + (x > 3U);
	r = r + (y <= 4) + (y >= -5);
	r = r + !x + !y;
	return r;
}

static inline __attribute__((always_inline, unused))
ticket_number conversions(const uint32_t x, int y)
{
	ticket_number a = (uint32_t)y;
	int b = (int)(x + 1U), c;
	uint32_t kept = (uint32_t)x;

	c = x;
	a = y;
	a = a + b;
	a = a * (uint32_t)(c - 1) + kept;
	return b;
}

__attribute__((cold, unused)) static uint32_t constants(void)
{
	uint32_t a = 0U;

	a = 2147483647U;
	a = 2147483648U;
	a = 4294967295U;
	a = 0xfffffffeU;
	a = 4;
	a = -1;
	return a + 010U;
}

void parameter(uint32_t x)
{
	uint32_t unset, y;

	x = x + 1U;
	y = x;
	unset = y;
	x = unset;
	return;
}

// SPDX-License-Identifier: MIT OR Apache-2.0
// What mutate changes, and what it leaves: this + comment == 1U.
#include <stdint.h>
#if 1 + 1 == 2 && \
	3 < 4
#endif
#undef SIZE /* 1 + 2 */
void other(uint32_t x);
void take(uint32_t x, const char *text);
char array[7 + 1];

#define CHECK(index, count) \
	if ((index) >= count##U) \
		other(index);
#define NUMBER(first, index) (first##U + (index))

#define MAKE(name, first, count)        \
	void get_##name(uint32_t index) \
	{                               \
		CHECK(index, count)     \
		other(NUMBER(first, index)); \
	}

MAKE(a, 4, 17)

uint32_t plain(uint32_t x)
{
	uint32_t y = x << 2U; // not 1 + 1

	while (x != 0U) {
		x = x - 1U;
		other(y);
	}
	take(x, "a + b, c == 1U");
	if (x == 3U)
		return y;
	else
		other(x);
	return -1 + (x & 0xffU) * y;
}

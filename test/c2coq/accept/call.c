// SPDX-License-Identifier: MIT OR Apache-2.0
// Accepted: calls in each place where one may stand, and the numbers of their
// temporaries.  The arms of an if are numbered before its condition, the step
// of a for before its body: so CompCert does it.
#include <stdint.h>

uint32_t get(uint32_t x);
int signed_get(int x, uint32_t y);
void put(uint32_t x);
_Noreturn void stop(uint32_t x, uint32_t y);

static uint32_t internal(uint32_t x)
{
	return get(x);
}

void statement(uint32_t x)
{
	put(x);
	put(4U + x);
	get(x);
	put(get(x));
	put(get(get(x) + 1U));
}

uint32_t value(uint32_t x)
{
	uint32_t a = get(x), b;

	b = get(a) + 1U;
	a = 1U + get(b);
	a = (uint32_t)get(a);
	b = signed_get(-a, get(b));
	b = -signed_get(1, 2);
	return internal(a) * b;
}

uint32_t condition(uint32_t x)
{
	if (get(x))
		put(get(1U));
	else
		x = get(2U);
	if (get(x) == 3U) {
	}
	while (get(x) != x)
		put(get(x));
	while (get(x))
		;
	do
		put(get(x));
	while (!get(x));
	for (x = get(1U); x < get(2U); x = get(3U))
		put(get(4U));
	return get(5U);
}

void check(uint32_t x)
{
	if (x >= 17U)
		stop(0U, x);
	put(x);
}

uint32_t recursive(uint32_t x)
{
	if (x == 0U)
		return 1U;
	return x * recursive(x - 1U);
}

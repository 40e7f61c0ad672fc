// SPDX-License-Identifier: MIT OR Apache-2.0
// Accepted: the three loops, with and without conditions and steps, break,
// continue, return from inside.
void step(void);

static void inner(void)
{
	step();
}

void while_loop(unsigned int x)
{
	while (x != 0U)
		x = x - 1U;
	while (x != 0U)
		inner();
	while (x < 9U) {
		x = x + 1U;
		if (x == 5U)
			continue;
		if (x == 7U)
			break;
		step();
	}
}

void do_loop(unsigned int x)
{
	do {
		x = x - 1U;
	} while (x);
	do
		step();
	while (0);
}

unsigned int for_loop(unsigned int n)
{
	unsigned int s = 0U, j;

	for (unsigned int i = 0U; i < n; i = i + 1U)
		s = s + i;
	for (j = 0U; j < n; j = j + 1U) {
		if (j == s)
			continue;
		step();
	}
	for (; j < n;)
		j = n;
	for (unsigned int k = 1U, l = 2U; k < l; step())
		k = k + 1U;
	return s;
}

int forever(unsigned int x)
{
	while (1U) {
		if (x)
			break;
	}
	while (0)
		step();
	while ((int)1U)
		if (x)
			break;
	while (1) {
	}
	do
		;
	while (2U > 1U);
	for (;;) {
		x = x + 1U;
		if (x)
			return 1;
	}
}

/* Loops whose bodies say what a loop of the other kind would say. */
void spin(void)
{
	for (;;)
		;
}

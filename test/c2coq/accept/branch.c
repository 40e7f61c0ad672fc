// SPDX-License-Identifier: MIT OR Apache-2.0
// Accepted: if and else, nested, with empty arms, with blocks and without.
void step(void);
void other(unsigned int x);

void without_else(unsigned int x)
{
	if (x)
		step();
}

void with_else(unsigned int x)
{
	if (x > 1U) {
		step();
		step();
	} else
		other(x);
	step();
}

int chain(unsigned int x)
{
	if (x == 0U)
		return 1;
	else if (x == 1U)
		return 2;
	else {
		if (!x)
			return 3;
	}
	return 4;
}

void empty_arms(unsigned int x)
{
	if (x) {
	} else
		step();
	if (x) {
		;
	}
	{
		step();
		{
			other(x);
		}
		step();
	}
	step();
}

/* A constant condition of an if is kept, that of a loop is not. */
void constant_condition(void)
{
	if (1)
		step();
}

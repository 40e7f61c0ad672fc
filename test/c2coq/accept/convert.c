// SPDX-License-Identifier: MIT OR Apache-2.0
// Accepted: conversions that C makes by itself.  To int they are written as casts
// where Clight does not make them again; c2coq.bats runs these functions.
int same(int x)
{
	return x;
}

int casts(unsigned int u)
{
	return (int)u;
}

int initialises(unsigned int u)
{
	int i = u;

	return i;
}

int assigns(unsigned int u)
{
	int i;

	i = (u);
	return i;
}

int assigns_sum(unsigned int u)
{
	int i = 0;

	i = i + u;
	return i;
}

int assigns_result(unsigned int u)
{
	int i = same(u), j;

	j = i ? u : i;
	return j;
}

int assigns_choice(unsigned int u)
{
	int i = u ? u : -1;

	return i;
}

int counts(unsigned int u)
{
	int i;

	for (i = u;;)
		return i;
}

int passes(unsigned int u)
{
	return same(u);
}

int returns(unsigned int u)
{
	return u;
}

/* To unsigned each value has one. */
unsigned int wraps(int i)
{
	unsigned int u = i;

	u = u ? i : u;
	return u;
}

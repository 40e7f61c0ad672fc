// SPDX-License-Identifier: MIT OR Apache-2.0
// Accepted: && || ?: and their nesting.  One that is an arm or a right operand
// sets the temporary of the outer one if the types are the same.
int get(int x);
void put(int x);

int and(int a, unsigned int b)
{
	return a && b;
}

int or(int a, unsigned int b)
{
	return a || b == 2U;
}

int nested(int a, int b, int c)
{
	int r = a && b && c;

	r = a && (b || c);
	r = a || (b && c);
	r = !(a && b) + (b || c);
	return r;
}

unsigned int choice(int a, int b, unsigned int c)
{
	unsigned int r = a ? b : c;

	r = a ? (b ? 1U : 2U) : c;
	r = (a && b) ? c : 0U;
	r = a && (b ? c : 1U);
	r = a ? (b && c) : c;
	r = a ? b : (b || c);
	return r;
}

int same_types(int a, int b, int c)
{
	int r = a ? b ? 1 : c : b ? c ? a : b : 2;

	r = a ? b && c : b || c;
	r = a && (b ? c : 1);
	r = a || (b && c ? b : c);
	return r;
}

void conditions(int a, int b)
{
	if (a && b)
		put(1);
	while (a || b)
		a = b;
	for (a = 0; a < 3 && b; a = a + 1)
		put(a);
	if (get(a) && b)
		put(get(a) ? b : 2);
}

int constant_left(int a)
{
	return (1 && a) + (0 || a) + (1 ? a : 2);
}

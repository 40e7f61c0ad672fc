// expect: 4:8: error: type specifier missing, defaults to 'int' [-Werror,-Wimplicit-int]
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: C before 1999.
static f(int x)
{
	return x;
}

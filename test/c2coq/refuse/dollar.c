// expect: 4:11: 'a$b': names are letters, digits and underscores
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a name that C11 does not have.
int f(int a$b)
{
	return a$b;
}

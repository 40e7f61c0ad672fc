// expect: 4:11: 'é': names are letters, digits and underscores
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a name that is not ASCII.
int f(int é)
{
	return é;
}

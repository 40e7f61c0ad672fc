// expect: 6:9: character constant: write the number
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a character constant.
int f(void)
{
	return 'a';
}

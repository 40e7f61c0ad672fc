// expect: 6:11: type '__int128': 128-bit type: only 32-bit integers are in the subset
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a 128-bit local.
int f(unsigned int x)
{
	__int128 y = x;
	return (int)y;
}

// expect: 6:9: pointer access: the subset has no memory
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: an access through a pointer that is not a local.
unsigned int f(void)
{
	return *(unsigned int *)64;
}

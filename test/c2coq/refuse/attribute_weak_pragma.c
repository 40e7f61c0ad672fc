// expect: 8:9: attribute Weak: it may change what 'f' means
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a pragma gives the attribute.
int f(void)
{
	return 0;
}
#pragma weak f

// expect: 4:16: attribute Weak: it may change what 'f' means
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: the attribute stands on an earlier declaration.
__attribute__((weak)) int f(void);
int f(void)
{
	return 0;
}

// expect: 4:16: attribute Weak: it may change what 'f' means
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: another file may replace the function.
__attribute__((weak)) int f(void)
{
	return 0;
}

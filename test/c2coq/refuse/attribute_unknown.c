// expect: 4:16: attribute Visibility: it may change what 'f' means
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: an attribute that clang knows and we do not.
__attribute__((visibility("hidden"))) int f(void)
{
	return 0;
}

// expect: 8:16: attribute Alias: it may change what 'h' means
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: the callee is another function.
int g(void)
{
	return 0;
}
__attribute__((alias("g"))) int h(void);
int f(void)
{
	return h();
}

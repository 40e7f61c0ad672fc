// expect: 6:24: register local: locals are automatic
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a storage class on a local.
unsigned int f(void)
{
	register unsigned int x = 1U;
	return x;
}

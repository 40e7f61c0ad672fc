// expect: 6:24: type 'volatile unsigned int': volatile: an access would be an event, not a plain load or store
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a volatile local.
unsigned int f(void)
{
	volatile unsigned int x = 1U;
	return x;
}

// expect: 7:7: type 'volatile unsigned int': volatile: an access would be an event, not a plain load or store
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a volatile type behind a typedef.
typedef volatile unsigned int word;
unsigned int f(void)
{
	word x = 1U;
	return x;
}

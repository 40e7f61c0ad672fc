// expect: 4:38: type 'volatile unsigned int': volatile: an access would be an event, not a plain load or store
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a volatile parameter.
unsigned int f(volatile unsigned int x)
{
	return x;
}

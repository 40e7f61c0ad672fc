// expect: 4:15: function of type 'unsigned int *(void)': its result is no integer, or a typedef hides it
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a result of pointer type.
unsigned int *f(void)
{
	return 0;
}

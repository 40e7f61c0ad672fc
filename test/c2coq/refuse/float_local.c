// expect: 6:8: type 'float': floating-point type
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a floating-point local.
int f(void)
{
	float x = 1.0f;
	return (int)x;
}

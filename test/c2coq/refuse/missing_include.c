// expect: 4:10: fatal error: 'missing.h' file not found
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a file that is not there.
#include "missing.h"
int f(void)
{
	return 0;
}

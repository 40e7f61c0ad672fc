// expect: 5:21: type 'unsigned short': 16-bit type: only 32-bit integers are in the subset
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a 16-bit parameter, by its name in <stdint.h>.
#include <stdint.h>
uint32_t f(uint16_t x)
{
	return x;
}

// SPDX-License-Identifier: MIT OR Apache-2.0
// Accepted: where code and variables lie, which changes nothing of what they mean.
#include <stdint.h>

__attribute__((aligned(64))) uint32_t function(uint32_t x)
{
	_Alignas(16) uint32_t y = x;

	return y;
}

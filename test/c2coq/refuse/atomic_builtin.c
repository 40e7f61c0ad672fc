// expect: 7:9: call through a pointer or of a compiler builtin: calls go to named functions
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: an atomic operation of the compiler.
extern unsigned int now;
unsigned int f(void)
{
	return __sync_fetch_and_add(&now, 1U);
}

// expect: 4:16: attribute Constructor: it may change what 'f' means
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a function that runs before main.
__attribute__((constructor)) void f(void)
{
}

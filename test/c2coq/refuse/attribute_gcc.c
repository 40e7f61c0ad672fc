// expect: 5:16: error: unknown attribute 'no_reorder' ignored [-Werror,-Wunknown-attributes]
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: an attribute that clang leaves out and another compiler may know.
void step(void);
__attribute__((no_reorder)) void f(void)
{
	step();
}

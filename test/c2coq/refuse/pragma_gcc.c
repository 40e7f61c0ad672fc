// expect: 4:13: error: unknown pragma ignored [-Werror,-Wunknown-pragmas]
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: a pragma that clang leaves out and another compiler may know.
#pragma GCC optimize("fast-math")
int f(int x)
{
	return x;
}

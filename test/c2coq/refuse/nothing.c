// expect: 1:1: no function is defined under .: nothing to export
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: no function to export.
int f(void);

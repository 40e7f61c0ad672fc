// expect: 4:1: error: unknown type name 'Definition'
// SPDX-License-Identifier: MIT OR Apache-2.0
// Refused: some other language.
Definition f : nat := 1.

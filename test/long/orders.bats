#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The object code of the locks with all compilers and flags of test/orders/flags.txt: right code is
# never called wrong, and wrong code always is.  ../orders.bats has a part of it.
load ../helper
load ../orders/flags

@test "all flags: right code is never wrong, and wrong code is" {
    check_flags '[^c]|clang-14' 1
}

@test "all flags of clang 16, kcfi among them" {
    check_flags 'clang-16' 1
}

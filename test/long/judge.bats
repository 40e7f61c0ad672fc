#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# Ten million events, judged and replayed in the same stack as a million
# (../judge.bats) and ten times the memory.
load ../helper
load ../judge/long

@test "ten million events, with a small stack and in little memory" {
    long_is_allowed 10000000 8 256
}

@test "in ten million events, the last entry with a wrong ticket" {
    late_fault_is_found 10000000 8192 256
}

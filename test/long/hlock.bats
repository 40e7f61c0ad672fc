#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# hlock test on a drop-in that hangs: the watchdog waits for so many seconds of CPU time.
load ../helper

@test "hlock test: a drop-in that hangs is seen" {
    build/hlock generate test/tables/other.def -o "$tmp/drop in"
    sed -i 's/(97U, 97U, pass_hlock)/(97U, 97U, wait_hlock)/' "$tmp/drop in/hlock.c"
    run -1 cpu_limit 120 build/hlock test test/tables/other.def -o "$tmp/drop in" --work "$tmp/the test"
    [[ "$output" == *"it hangs"* ]]
}

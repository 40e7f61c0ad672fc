#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The judge on the order in which CPUs acquire: by rank, and in one family by index.
OF_SHIPPED_TABLE=yes
load helper
load judge/trace

# out_of_order LINE CPU LOCK HELD NEW: the only fault is the order, and both locks are named
out_of_order() {
    judge 1
    [ -z "$output" ]
    told "$1: cpu $2 called lock $3: against the order: it holds $4 and acquires $5"
}

@test "two locks of one family, the lower index first, on each CPU" {
    trace "0 called 24" "0 entered 24" "0 called 25" "0 entered 25" "1 called 24" "0 left 24" "1 entered 24" \
        "1 called 37" "1 entered 37" "0 left 25" "0 called 0" "0 entered 0"
    allowed 7
}

@test "ABBA: the CPU that acquires against the ranks is named, and both locks" {
    trace "0 called 0" "0 entered 0" "1 called 1" "1 entered 1" "0 called 1" "1 called 0"
    out_of_order 9 1 "0 (core)" s2page core
    trace "1 called 1" "1 entered 1" "1 called 0" "1 entered 0" "1 left 0" "1 left 1"
    out_of_order 6 1 "0 (core)" s2page core
}

@test "two VMs against the index; one VM again after it was released is in order" {
    trace "0 called 22" "0 entered 22" "0 called 21" "0 entered 21"
    out_of_order 6 0 "21 (vm)" "vm 1" "vm 0"
    trace "0 called 22" "0 entered 22" "0 left 22" "0 called 21" "0 entered 21"
    allowed 3
}

@test "two locks of one rank in two families, either way" {
    trace "0 called 2" "0 entered 2" "0 called 7" "0 entered 7"
    out_of_order 6 0 "7 (pt)" spt "pt 3"
    trace "0 called 7" "0 entered 7" "0 called 2" "0 entered 2"
    out_of_order 6 0 "2 (spt)" "pt 3" spt
}

@test "what was released is not held; what was acquired before the last and is held counts" {
    trace "0 called 25" "0 entered 25" "0 called 0" "0 entered 0" "0 left 0" "0 called 23"
    out_of_order 9 0 "23 (vm)" "vm 4" "vm 2"
    trace "0 called 21" "0 entered 21" "0 called 0" "0 entered 0" "0 left 21" "0 called 25"
    out_of_order 9 0 "25 (vm)" core "vm 4"
    trace "0 called 21" "0 entered 21" "0 called 0" "0 entered 0" "0 left 0" "0 called 25" "0 entered 25"
    allowed 4
}

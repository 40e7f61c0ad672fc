#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The workload on a machine that others load: 50 runs each, none fails, and the judge
# allows each.  In short: test/stress.bats.
load ../helper

# loaded N COMMAND...: so many runs among 16 processes that compute, and others that switch,
# fork and write to the disk
loaded() {
    local runs=$1 run
    shift
    stress-ng --quiet --cpu 16 --switch 4 --fork 2 --hdd 1 --temp-path "$tmp" 3>&- &
    busy+=($!)
    for ((run = 1; run <= runs; run++)); do
        echo "run $run"
        "$@" --trace "$tmp/trace" --summary "$tmp/tsv" || { echo "status $?"; return 1; }
        [ "$(awk -F'\t' '$6 >= 100' "$tmp/tsv" | wc -l)" = "$(wc -l <build/locks.tsv)" ]
        build/judge "$tmp/trace"
    done
    kill -0 "${busy[@]}" # the load has lasted
    quiet
}

@test "50 runs under stress-ng" {
    loaded 50 build/stress
}

@test "50 runs under stress-ng on one core" {
    loaded 50 taskset -c 0 build/stress
}

@test "10 runs of each target under stress-ng" {
    for target in $TARGETS; do
        loaded 10 on $target build/$target/stress
    done
}

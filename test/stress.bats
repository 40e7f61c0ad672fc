#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The workload on the right lock.  Under qemu-user on x86 the other targets' programs see
# x86's order of memory, which is stronger than theirs: that test shows what their
# instructions compute, not that their orders are needed or enough.
load helper

@test "the workload ends well, on the library's object code" {
    run -0 --separate-stderr build/stress --trace "$tmp/trace" --summary "$tmp/tsv"
    [ -z "$stderr" ]
    [[ "${lines[0]}" == "object code: build/libhlock.a; 2 threads, "* ]]
}

@test "on each target the workload ends well, and the judge allows the run" {
    for target in $TARGETS; do
        run -0 --separate-stderr on $target build/$target/stress --rounds 300 --chains 200 --contended 15 \
            --trace "$tmp/trace"
        [ -z "$stderr" ]
        [[ "${lines[0]}" == "object code: build/$target/libhlock.a; 2 threads, "* ]]
        run -0 build/judge "$tmp/trace"
        [[ "${lines[-2]}" == "allowed: "*" events, "*" tickets" ]]
        [[ "${lines[-1]}" == "executed: "*" events, by the exported C on 2 CPUs, "* ]]
    done
}

@test "riscv64 with a fence after the store of a release: the same" {
    riscv64-linux-gnu-gcc $HOSTED -DHLOCK_RISCV_FENCE_AFTER_RELEASE -static -pthread \
        -DSTRESS_OBJECT_CODE='"with the fence"' layers/L4_locks/locks.c test/stress/*.c -o "$tmp/stress"
    run -0 --separate-stderr on riscv64 "$tmp/stress" --rounds 300 --chains 200 --contended 0 --trace "$tmp/trace"
    [ -z "$stderr" ]
    run -0 build/judge "$tmp/trace"
    [[ "${lines[-2]}" == "allowed: "*" events, "*" tickets" ]]
}

@test "each family is contended 100 times at least" {
    build/stress --summary "$tmp/tsv"
    [ "$(wc -l <"$tmp/tsv")" = "$(wc -l <build/locks.tsv)" ]
    while IFS=$'\t' read -r family acquisitions contended hand_overs events; do
        [ -n "$family" ]
        [ "$contended" -ge 100 ]
        [ "$hand_overs" -ge "$contended" ]
        [ "$acquisitions" -gt "$hand_overs" ]
        [ "$events" = $((5 * acquisitions)) ]
    done <"$tmp/tsv"
}

@test "the trace has its frame, every event, and every lock" {
    build/stress --rounds 50 --contended 0 --chains 20 --trace "$tmp/trace"
    mapfile -t trace <"$tmp/trace"
    [ "${trace[0]}" = "hlock-trace 2" ]
    [ "${trace[1]}" = "cpus 2" ]
    [ "${trace[2]}" = "locks $(locks_of_table)" ]
    [ "${trace[-1]}" = "end $((${#trace[@]} - 4))" ]
    line='^[01] ((called|left) [0-9]+|(entered|read|wrote) [0-9]+ [0-9]+)$'
    [ "$(sed '1,3d;$d' "$tmp/trace" | grep -vcE "$line")" = 0 ]
    [ "$(grep -oE 'entered [0-9]+' "$tmp/trace" | sort -u | wc -l)" = "$(awk '{ sum += $3 } END { print sum }' build/locks.tsv)" ]
}

@test "chains take up to four locks, and threads may outnumber cores" {
    build/stress --threads 5 --rounds 0 --contended 0 --chains 100 --trace "$tmp/trace"
    [ "$(sed -n 2p "$tmp/trace")" = "cpus 5" ]
    run -0 build/stress --threads 1 --rounds 10 --contended 0 --chains 10
}

@test "a run with too little contention fails and says which family" {
    run -5 --separate-stderr build/stress --threads 1 --rounds 10 --chains 0 --trace "$tmp/trace"
    [[ "$stderr" == "stress: too little contention: family $(head -n 1 build/locks.tsv | cut -f1) was contended 0 times, not 100"* ]]
    [ -s "$tmp/trace" ]
}

@test "wrong usage and a trace that cannot be written end with status 2" {
    for wrong in --nonsense "--threads 0" "--threads 65" "--threads x" "--rounds -1" more; do
        run -2 build/stress $wrong
    done
    run -2 build/stress --rounds 1 --contended 0 --chains 1 --trace "$tmp/no/such/folder"
    [[ "$output" == *"no/such/folder"* ]]
    run -2 build/stress --rounds 1 --contended 0 --chains 1 --trace /dev/full
}

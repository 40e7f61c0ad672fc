#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# hlock test, judge and explore: the workload on a drop-in of another table than the shipped
# one is judged and replayed; a lock that does not exclude is seen.
load helper

drop_in() {
    build/hlock generate test/tables/other.def -o "$tmp/drop in" "$@"
}

# test_it OPTIONS...
test_it() {
    build/hlock test test/tables/other.def -o "$tmp/drop in" --work "$tmp/the test" "$@"
}

# judged: each family was acquired, contended and handed over; all is allowed and executed
judged() {
    [ "${#lines[@]}" = 8 ]
    for i in 1 2 3 4 5; do
        [[ "${lines[i]}" =~ ^(irq|vcpu|gic|mm|console)\ +[1-9][0-9]*\ +[1-9][0-9]*\ +[1-9][0-9]*\ +[1-9][0-9]*$ ]]
    done
    [[ "${lines[6]}" == "allowed: "*" events, "*" tickets" ]]
    [[ "${lines[7]}" == "executed: "*" events, by the exported C on 2 CPUs, with "*" polls in vain" ]]
}

@test "threads on a drop-in: plain, with a prefix, inline, with another compiler and flags" {
    drop_in
    run -0 test_it
    judged
    drop_in --prefix=my_ --line=128
    run -0 test_it --cc='clang-14 -O3' --flags='-DHLOCK_ARCH_C11'
    judged
    drop_in --prefix=my_ --inline
    run -0 test_it --cc=gcc --flags=-DHLOCK_HOSTED
    judged
}

@test "another machine, under qemu-user; JSON" {
    drop_in
    run -0 test_it --target=riscv64
    judged
    test_it --target=aarch64 --json | python3 -c '
import json, sys
t = json.load(sys.stdin)
assert t["allowed"] is True and [f["name"] for f in t["families"]] == ["irq", "vcpu", "gic", "mm", "console"]
assert all(f["acquisitions"] > 0 for f in t["families"])'
}

@test "a lock that does not exclude, one that hangs, and C that does not compile are seen" {
    drop_in
    cp "$tmp/drop in/hlock.c" "$tmp/right.c"
    sed -i 's/(98U, 98U, 7U, wait_hlock)/(98U, 98U, 7U, incr_ticket)/' "$tmp/drop in/hlock.c"
    run ! cmp -s "$tmp/right.c" "$tmp/drop in/hlock.c"
    run -1 test_it
    [[ "$output" == *"hlock: an object is corrupt"* || "$output" == *"console"* ]]
    # a compiler whose program ends as the workload does (a real hang: long/hlock.bats)
    cp "$tmp/right.c" "$tmp/drop in/hlock.c"
    while IFS='|' read -r ends said; do
        printf '%s\n' '#!/bin/sh' "printf '#!/bin/sh\nexit $ends\n' >workload && chmod +x workload" >"$tmp/cc"
        chmod +x "$tmp/cc"
        run -1 test_it --cc="$tmp/cc"
        [[ "$output" == *"the workload ends with status $ends: $said"* ]]
    done <<'END'
3|it hangs
4|an object is corrupt
5|too little contention
END
    echo 'int x = ;' >>"$tmp/drop in/hlock.c"
    run -1 test_it
    [[ "$output" == *"error"* ]]
    run -2 test_it --cc=/no/such
    [[ "$output" == *"cannot run /no/such"* ]]
}

@test "what the judge says decides" {
    drop_in
    mkdir -p "$tmp/tree/build" "$tmp/tree/test"
    cp _CoqProject "$tmp/tree"
    cp build/hlock "$tmp/tree/build"
    ln -s "$root/test/stress" "$tmp/tree/test"
    for status in 1 2 3; do
        printf '#!/bin/sh\necho "trace:7: no" >&2\nexit %d\n' $status >"$tmp/tree/build/judge"
        chmod +x "$tmp/tree/build/judge"
        expected=$((status == 2 ? 2 : 1))
        run -$expected "$tmp/tree/build/hlock" test test/tables/other.def -o "$tmp/drop in" --work "$tmp/the test"
        [ "${lines[0]}" = "trace:7: no" ]
        [[ "${lines[1]}" == "hlock: the judge does not allow "*"/the test/trace" ]]
    done
}

@test "judge: a trace of another table needs that table; a line that is changed is found" {
    drop_in
    run -0 test_it -q
    [ -z "$output" ]
    local other=() # the shipped one, if that is not this
    [ -z "${OTHER_TABLE:-}" ] || other=(--table test/tables/single.def)
    run -2 build/hlock judge "${other[@]}" "$tmp/the test/trace"
    [[ "$output" == *"101 locks, but the lock table has"* ]]
    run -0 build/hlock judge --table test/tables/other.def "$tmp/the test/trace"
    [[ "${lines[0]}" == irq$'\t'* ]]
    awk '$2 == "entered" && !done { $4 = $4 + 1; done = 1 } 1' "$tmp/the test/trace" >"$tmp/changed"
    run -1 build/hlock judge --table test/tables/other.def "$tmp/changed"
    [[ "$output" == "$tmp/changed:"*"ticket"* ]]
    # against the order of the table: gic, then vcpu
    printf '%s\n' 'hlock-trace 3' 'cpus 1' 'locks 101' '0 called 100' '0 entered 100 0' '0 called 64' '0 entered 64 0' \
        '0 left 64' '0 left 100' 'end 6' >"$tmp/order"
    run -1 build/hlock judge --table test/tables/other.def "$tmp/order"
    [[ "$output" == *"against the order: it holds gic and acquires vcpu 0" ]]
    echo 'HLOCK_ONE(a, 0, 1, "")' >"$tmp/bad.def"
    run -1 build/hlock judge --table "$tmp/bad.def" "$tmp/order"
    run -2 build/judge --table "$tmp/bad.def" "$tmp/order"
    [[ "$output" == *"not the families of a lock table" ]]
    printf 'a\t0\t1\t1\ta\tf\tg\t1\t-\nb\t0\t1\t1\ta\tf\tg\t1\t-\n' >"$tmp/bad.tsv"
    run -2 build/judge --table "$tmp/bad.tsv" "$tmp/order"
    [[ "$output" == *"Coq does not accept this table" ]]
}

@test "a table of more numbers than the workload has objects is refused, and the reason told" {
    for last in 65535:0 65536:1; do
        echo "HLOCK_ONE(last, ${last%:*}, 1, \"the last\")" >"$tmp/far.def"
        build/hlock generate "$tmp/far.def" -o "$tmp/far"
        run -${last#*:} build/hlock test -o "$tmp/far" --work "$tmp/the test" "$tmp/far.def"
    done
    [ "$output" = "hlock: test is for tables of at most 65536 lock numbers, and those of $tmp/far.def go up to 65536" ]
}

@test "explore is the explorer" {
    # but for the times that it prints
    run -0 build/hlock explore
    build/explore | sed -E 's/ +[0-9]+\.[0-9] / /' >"$tmp/explored"
    sed -E 's/ +[0-9]+\.[0-9] / /' <<<"$output" | diff - "$tmp/explored"
}

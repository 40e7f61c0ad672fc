#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The explorer: right cases have no fault, each wrong thing is found, by a shortest way.
load helper

setup_file() {
    cd "$BATS_TEST_DIRNAME/.." || return 1
    local status=0
    build/explore >"$BATS_FILE_TMPDIR/said" 2>"$BATS_FILE_TMPDIR/errors" || status=$?
    echo $status >"$BATS_FILE_TMPDIR/status"
}

# cases: CPUs locks bits states steps seconds case: verdict
cases() {
    grep -E '^ {2,3}[0-9]+  ' "$BATS_FILE_TMPDIR/said"
}

# found CPUS LOCKS BITS CASE: VERDICT: there is this case, with this verdict, and the
# steps that are listed below it are as many as the verdict says
found() {
    local steps=${4##*, after }
    cases | awk -v cpus="$1" -v locks="$2" -v bits="$3" '$1 == cpus && $2 == locks && $3 == bits' |
        sed -E 's/^( *[0-9.]+){6}  //' | grep -qxF "$4"
    [ "$(ways "${4%%:*}" | wc -l)" = "${steps% steps}" ]
}

# ways CASE: its list of steps
ways() {
    awk -v case="  $1: " '
        listed && !/^      / { exit }
        listed && !/step  CPU/ { print }
        index($0, case) { listed = 1 }
    ' "$BATS_FILE_TMPDIR/said"
}

# explorer_of COMMAND: the explorer of a copy whose cases, or steps, are edited with sed
explorer_of() {
    copy_tree
    cp "$1" "$tmp/before"
    sed -i "$2" "$1"
    run ! cmp -s "$1" "$tmp/before"
    make build/explore
}

@test "right cases: 2 and 3 CPUs, 1 and 2 locks, 1 and 2 bits, none has a fault" {
    [ "$(<"$BATS_FILE_TMPDIR/status")" = 0 ]
    [ ! -s "$BATS_FILE_TMPDIR/errors" ]
    for case in "2 1 1" "2 1 2" "3 1 2" "2 2 1" "2 2 2" "3 2 2"; do
        cases | grep 'no fault$' | awk '{ print $1, $2, $3 }' | grep -qx "$case"
    done
    [ "$(cases | grep -c ': no fault$')" = 10 ]
}

@test "right cases are walked to the end: so many states each" {
    [ "$(cases | awk '/no fault$/ { print $4 }' | paste -sd ' ')" = \
        "774 1548 21132 1122 37740 1446 2892 39276 9366 233160" ]
}

@test "each wrong text is found" {
    found 2 1 1 "wait_lock with < for !=: CPUs 0 and 1 are both inside vm[0], after 18 steps"
    found 2 1 1 "wait_lock with > for !=: CPUs 0 and 1 are both inside vm[0], after 8 steps"
    found 2 1 1 "wait_lock with <= for !=: deadlock, after 6 steps"
    found 2 1 1 "wait_lock with >= for !=: deadlock, after 16 steps"
    found 2 1 1 "wait_lock with == for !=: CPUs 0 and 1 are both inside vm[0], after 18 steps"
    found 2 1 1 "wait_lock without its loop: CPUs 0 and 1 are both inside vm[0], after 6 steps"
}

@test "wrong primitives, and one CPU too many, are found" {
    found 2 1 2 "incr_ticket by load, then store: CPUs 0 and 1 are both inside vm[0], after 10 steps"
    found 2 1 1 "incr_now by two: deadlock, after 26 steps"
    found 3 1 1 "one CPU too many for the words: CPUs 0 and 2 are both inside vm[0], after 10 steps"
}

@test "wrong clients are found" {
    found 3 1 2 "a stranger releases: CPUs 0 and 1 are both inside vm[0], after 11 steps"
    found 2 1 1 \
        "a client touches what it does not hold: the object of vm[0] changes while CPU 0 is inside, after 7 steps"
    found 2 1 2 "a client acquires twice: deadlock, after 10 steps"
    found 2 1 1 "a client never releases: deadlock, after 7 steps"
    found 2 2 1 "two locks in two orders (ABBA): deadlock, after 14 steps"
    [ "$(cases | grep -vc ': no fault$')" = 14 ]
}

@test "the way to a fault reads as steps: CPU, what, lock, value" {
    diff <(ways "a stranger releases" | sed -E 's/ +/ /g; s/^ | $//g') - <<'END'
1 0 calls acquire_lock_vm(0)
2 0 takes a ticket vm[0] 0
3 0 polls the number in service vm[0] 0
4 0 returns from acquire_lock_vm(0)
5 1 calls acquire_lock_vm(0)
6 1 takes a ticket vm[0] 1
7 2 calls release_lock_vm(0)
8 2 loads the number in service vm[0] 0
9 2 stores the number in service vm[0] 1
10 1 polls the number in service vm[0] 1
11 1 returns from acquire_lock_vm(0)
END
}

@test "a fault of a right case is an error" {
    explorer_of machine/run/explore_cases.v \
        's/mkCase "one lock" 2 1 false sample_text Shipped/mkCase "one lock" 2 1 false sample_text Stores_two_more/'
    run -1 --separate-stderr build/explore
    [ "$stderr" = "explore: a right case has a fault, or a wrong one has none" ]
    [[ "$output" == *"one lock: deadlock, after 26 steps"* ]]
}

@test "a wrong case without a fault is an error" {
    explorer_of machine/run/explore_cases.v 's/sample_text Split_ticket/sample_text Shipped/'
    run -1 --separate-stderr build/explore
    [ "$stderr" = "explore: a right case has a fault, or a wrong one has none" ]
    [[ "$output" == *"incr_ticket by load, then store: no fault"* ]]
}

@test "a thread whose own steps do not end within the fuel is no silent end" {
    explorer_of machine/run/explore.v 's/Definition fuel : nat := 100\./Definition fuel : nat := 10./'
    run -2 --separate-stderr build/explore
    [ "$stderr" = "explore: one lock: no step of CPU 0" ]
}

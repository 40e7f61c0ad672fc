#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# Wrong locks and wrong clients, compiled and run: the workload sees the corrupt
# object, the judge finds the first breach in the trace, and the watchdog ends
# those that hang, whose trace is judged too.
load helper

# wrong NAME: runs it, with the holders letting others in at each shared access
wrong() {
    rm -f "$tmp/trace"
    run --separate-stderr build/wrong/$1 --linger --watchdog 1 --rounds 60 --chains 30 --contended 0 \
        --trace "$tmp/trace"
}

# refused VERB WHAT: the judge finds that in the trace, and says so with its line
refused() {
    run -1 --separate-stderr build/judge "$tmp/trace"
    [[ $'\n'"$stderr"$'\n' == *$'\n'"$tmp/trace:"[0-9]*": cpu "[01]" $1 lock "*": "$2$'\n'* ]]
}

# not_executed VERB WHAT: nor does the machine of N CPUs, on the shipped C, do what is in the trace
not_executed() {
    refused "$1" "no execution: $2"
}

corrupt() {
    [ "$status" = 4 ]
    [[ "$stderr" == "stress: corrupt: "*" lock "* ]]
    [ -s "$tmp/trace" ]
}

hang() {
    [ "$status" = 3 ]
    [[ "$stderr" == "stress: hang: "* ]]
    [ -s "$tmp/trace" ]
}

# unfinished CALLED ENTERED: the trace of a run that hangs ends there, and is allowed
unfinished() {
    run -0 build/judge "$tmp/trace"
    [ "$(grep -c called "$tmp/trace")" = "$1" ]
    [ "$(grep -c entered "$tmp/trace")" = "$2" ]
}

@test "the right lock passes with the same options" {
    run -0 build/stress --linger --watchdog 1 --rounds 60 --chains 30 --contended 0 --trace "$tmp/trace"
    build/judge "$tmp/trace"
}

@test "a lock that does not wait: double entry" {
    wrong no_wait
    corrupt
    refused entered "enters while another CPU holds the lock"
    not_executed entered "ticket: found [0-9]*, expected [0-9]*"
}

# The machine lets a client release and read what it likes (judge.bats): whether a run of
# this client, or of the one that reads early, is an execution depends on how they race.
@test "a release by a stranger" {
    wrong stranger
    corrupt
    refused left "releases or touches what it does not hold"
}

@test "a client that uses a value from before its acquire" {
    wrong stale
    corrupt
    refused read "reads a value that is not the last one written"
    not_executed read "value: found [0-9]*, expected [0-9]*"
}

@test "a client that reads before its acquire" {
    wrong early
    corrupt
    refused read "releases or touches what it does not hold"
}

# Two CPUs with one number both enter, which the judge sees, or one comes too late
# for it and waits forever: then no entry is wrong, and the run is made again.
@test "a ticket taken by load and store: a lost ticket, found in the trace" {
    for ((runs = 0; runs < 20; runs++)); do
        wrong split_ticket
        if [ "$status" = 3 ]; then hang; else corrupt; fi
        build/judge "$tmp/trace" >/dev/null 2>&1 || break
    done
    refused entered "ticket: found [0-9]*, expected [0-9]*"
    not_executed entered "ticket: found [0-9]*, expected [0-9]*"
    refused entered "enters while another CPU holds the lock"
}

@test "a lock that skips numbers: only the tickets show it" {
    wrong skip_number
    [ "$status" = 0 ]
    refused entered "ticket: found 2, expected 1"
    not_executed entered "ticket: found 2, expected 1"
    [ "${#stderr_lines[@]}" = 2 ]
}

@test "a lock that is never released: the watchdog prints lock, words and CPUs" {
    of_shipped_table
    wrong forget
    hang
    [[ "$stderr" == *"inside lock 0 (core) waiting for lock 0 (core)"* ]]
    [[ "$stderr" == *"  lock 0 (core): next "*", now 15"* ]]
    unfinished 18 16
}

@test "a CPU that acquires what it holds: the watchdog ends it" {
    of_shipped_table
    wrong twice
    hang
    [[ "$stderr" == *"inside lock 0 (core) waiting for lock 0 (core)"* ]]
    [[ "$stderr" == *"  lock 0 (core): next "*", now 0"* ]]
    unfinished 3 1
}

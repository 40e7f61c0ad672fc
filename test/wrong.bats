#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# Wrong locks and wrong clients, compiled and run: the workload sees the corrupt
# object, the judge finds the first breach in the trace, and the watchdog ends
# those that hang, whose trace is judged too.
load helper

# In a meeting (test/stress/meet.c) who comes into another's section has the time for
# it, so each of these faults happens in the first meetings of a run, in every run.
options="--watchdog 1 --contended 20 --rounds 60 --chains 30"

wrong() { # NAME
    rm -f "$tmp/trace"
    run --separate-stderr build/wrong/$1 $options --trace "$tmp/trace"
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

# unfinished CALLED ENTERED: the trace of a run that hangs ends there; its only fault is
# that a CPU acquires core, which it holds
unfinished() {
    refused called "against the order: it holds core and acquires core"
    [ "${#stderr_lines[@]}" = 1 ]
    [ "$(grep -c called "$tmp/trace")" = "$1" ]
    [ "$(grep -c entered "$tmp/trace")" = "$2" ]
}

@test "the right lock passes with the same options" {
    run -0 build/stress $options --trace "$tmp/trace"
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

@test "a client that writes the last word of an object after its release" {
    wrong tail
    corrupt
    [[ "$stderr" == *" torn: word 3 does not fit version "* ]]
    refused wrote "releases or touches what it does not hold"
    [[ "$stderr" == *", part 3: releases or touches what it does not hold"* ]]
}

# Both CPUs of the first meeting enter with one number, and the next that is given out is
# one that has been passed.
@test "a ticket taken by load and store: a lost ticket, found in the trace" {
    wrong split_ticket
    # both inside, one may see the other's write before it waits for ever
    [ "$status" = 4 ] && corrupt || hang
    refused entered "ticket: found 0, expected 1"
    not_executed entered "ticket: found 0, expected 1"
    refused entered "enters while another CPU holds the lock"
    [[ "$(sed -n '/entered/{p;q}' "$tmp/trace")" == *" entered 0 0" ]]
    [ "$(grep -c 'entered 0 0$' "$tmp/trace")" = 2 ]
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

@test "locks that nobody contends for: the run says too little" {
    wrong alone
    [ "$status" = 5 ]
    said="stress: too little contention: family $(head -n 1 build/locks.tsv | cut -f1)"
    said+=" was contended 0 times in its meetings, not 20"
    [ "${stderr_lines[0]}" = "$said" ]
    [ "${#stderr_lines[@]}" = "$(wc -l <build/locks.tsv)" ]
    build/judge "$tmp/trace"
}

@test "a thread that does not run for longer than the watchdog waits: that is no hang" {
    wrong late
    [ "$status" = 0 ]
    [ -z "$stderr" ]
    build/judge "$tmp/trace"
}

@test "a CPU that acquires what it holds: the watchdog ends it" {
    of_shipped_table
    wrong twice
    hang
    [[ "$stderr" == *"inside lock 0 (core) waiting for lock 0 (core)"* ]]
    [[ "$stderr" == *"  lock 0 (core): next "*", now 0"* ]]
    unfinished 3 1
}

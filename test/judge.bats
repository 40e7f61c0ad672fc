#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The judge: legal runs, runs that break the protocol, and files that are no trace.
OF_SHIPPED_TABLE=yes
load helper
load judge/long
load judge/trace

# ------------------------------------------------------------------- legal

# no_evidence EVENTS: nothing is wrong, and nothing is shown
no_evidence() {
    judge 3
    [ "$stderr" = "$tmp/trace: no lock is acquired in $1 events: the run is evidence of nothing" ]
    [ -z "$output" ]
}

@test "a run in which nothing is acquired is evidence of nothing; what is wrong comes first" {
    trace
    no_evidence 0
    trace "0 called 5" "1 called 5" "2 called 0"
    no_evidence 3
    trace "0 called 5" "1 left 5"
    breach 5 "releases or touches"
    trace "0 called 5" "1 left 38"
    malformed 5 "lock 38 is not below 38"
}

@test "one acquisition is enough, and every family is there" {
    trace "1 called 5" "1 entered 5"
    allowed 1 0
    [ "$(wc -l <build/locks.tsv)" = $((${#lines[@]} - 2)) ]
    [ "$(cut -f1 build/locks.tsv)" = "$(printf '%s\n' "${lines[@]::${#lines[@]}-2}" | cut -f1)" ]
}

@test "one lock, handed over; counts of its family" {
    mapfile -t events < <(visit 0 5 0 7; visit 1 5 7 8)
    trace "${events[@]}"
    allowed 8
    [[ $'\n'"$output"$'\n' == *$'\npt\t2\t0\t1\t8\n'* ]]
}

@test "a call while another CPU is inside counts as contended" {
    trace "0 called 5" "0 entered 5" "1 called 5" "0 wrote 5 0 9" "0 left 5" "1 entered 5" "1 read 5 0 9" "1 left 5"
    allowed 6
    [[ $'\n'"$output"$'\n' == *$'\npt\t2\t1\t1\t6\n'* ]]
}

@test "nested locks of one CPU, and other CPUs inside other locks" {
    trace "0 called 3" "0 entered 3" "0 called 37" "1 called 0" "1 entered 0" "0 entered 37" "1 wrote 0 0 1" \
        "0 read 37 0 0" "0 left 3" "2 called 3" "2 entered 3" "0 left 37" "2 left 3" "1 left 0"
    allowed 10
}

@test "a run that ends inside, or while CPUs wait, is allowed" {
    trace "0 called 5" "0 entered 5" "1 called 5"
    allowed 1
}

@test "values of 64 bits are read exactly" {
    mapfile -t events < <(visit 0 0 0 18446744073709551615; visit 1 0 18446744073709551615 9223372036854775808
        visit 2 0 9223372036854775808 1)
    trace "${events[@]}"
    allowed 12
    mapfile -t events < <(visit 0 0 0 18446744073709551615; visit 1 0 18446744073709551614 0)
    trace "${events[@]}"
    breach 11 "not the last one written"
    [[ "${stderr_lines[1]}" == *": no execution: value: found 18446744073709551614, expected 18446744073709551615" ]]
}

@test "the trace of a real run is allowed; with one line changed it is not" {
    build/stress --rounds 20 --contended 0 --chains 20 --trace "$tmp/trace"
    judge 0
    line=$(grep -n ' read ' "$tmp/trace" | sed -n '50s/:.*//p')
    sed -i "${line}s/[0-9]*\$/12345/" "$tmp/trace"
    breach "$line" "not the last one written"
}

# ------------------------------------------------------------ not allowed

@test "double entry" {
    trace "0 called 5" "1 called 5" "0 entered 5" "1 entered 5" "1 left 5" "0 left 5"
    breach 7 "cpu 1 entered lock 5 (pt): enters while another CPU holds the lock"
}

@test "entering a lock that the CPU holds" {
    trace "0 called 21" "0 entered 21" "0 called 21" "0 entered 21"
    breach 6 "cpu 0 called lock 21 (vm): against the order: it holds vm 0 and acquires vm 0"
    [ "${stderr_lines[1]}" = "$tmp/trace:7: cpu 0 entered lock 21 (vm): enters a lock that it holds already" ]
}

@test "a release by a stranger" {
    trace "0 called 5" "0 entered 5" "1 left 5" "0 left 5"
    breach 6 "cpu 1 left lock 5 (pt): releases or touches what it does not hold"
}

@test "a release of a free lock, and a second release" {
    trace "0 left 0"
    breach 4 "releases or touches"
    trace "0 called 0" "0 entered 0" "0 left 0" "0 left 0"
    breach 7 "releases or touches"
}

@test "a stale value, of the last holder or of the beginning" {
    mapfile -t events < <(visit 0 5 0 7; visit 1 5 0 8)
    trace "${events[@]}"
    breach 11 "cpu 1 read lock 5 (pt), part 0: reads a value that is not the last one written"
    trace "0 called 1" "0 entered 1" "0 read 1 0 3"
    breach 6 "(s2page), part 0: reads a value"
}

@test "a read of another lock's value" {
    trace "0 called 4" "0 entered 4" "0 wrote 4 0 7" "0 called 5" "0 entered 5" "0 read 5 0 7"
    breach 9 "lock 5 (pt), part 0: reads a value"
}

@test "each part of an object has its own value, and is handed over" {
    trace "0 called 5" "0 entered 5" "0 wrote 5 0 7" "0 wrote 5 3 8" "0 read 5 0 7" "0 read 5 2 0" "0 left 5" \
        "1 called 5" "1 entered 5" "1 read 5 3 8" "1 read 5 0 7" "1 wrote 5 3 9" "1 read 5 0 7" "1 read 5 3 9" \
        "1 left 5"
    allowed 13
}

@test "a read of another part's value, a part of the section before, and a part that was never written" {
    trace "0 called 5" "0 entered 5" "0 wrote 5 0 7" "0 read 5 1 7"
    breach 7 "cpu 0 read lock 5 (pt), part 1: reads a value that is not the last one written"
    [ "${stderr_lines[1]}" = "$tmp/trace:7: cpu 0 read lock 5 (pt), part 1: no execution: value: found 7, expected 0" ]
    trace "0 called 5" "0 entered 5" "0 wrote 5 0 7" "0 wrote 5 1 7" "0 left 5" "1 called 5" "1 entered 5" \
        "1 wrote 5 0 8" "1 wrote 5 1 8" "1 left 5" "2 called 5" "2 entered 5" "2 read 5 0 8" "2 read 5 1 7"
    breach 17 "cpu 2 read lock 5 (pt), part 1: reads a value that is not the last one written"
    [ "${stderr_lines[1]}" = "$tmp/trace:17: cpu 2 read lock 5 (pt), part 1: no execution: value: found 7, expected 8" ]
}

@test "access before acquire, after release, and without a lock" {
    trace "0 read 5 0 0" "0 called 5" "0 entered 5" "0 left 5"
    breach 4 "cpu 0 read lock 5 (pt), part 0: releases or touches what it does not hold"
    trace "0 called 5" "0 entered 5" "0 left 5" "0 wrote 5 0 1"
    breach 7 "cpu 0 wrote lock 5 (pt), part 0: releases or touches what it does not hold"
    trace "0 called 5" "0 entered 5" "0 wrote 6 0 1"
    breach 6 "cpu 0 wrote lock 6 (pt), part 0: releases or touches what it does not hold"
}

@test "only the first breach that a floor finds is told, in the order of the lines" {
    trace "0 read 0 0 0" "1 read 2 0 5"
    breach 4 "cpu 0 read lock 0 (core), part 0"
    told "4: cpu 0 read lock 0 (core), part 0: releases or touches what it does not hold" \
        "5: cpu 1 read lock 2 (spt), part 0: no execution: value: found 5, expected 0"
    trace "0 left 0" "1 left 1" "2 read 2 0 5"
    breach 4 "cpu 0 left lock 0 (core)"
    told "4: cpu 0 left lock 0 (core): releases or touches what it does not hold" \
        "4: cpu 0 left lock 0 (core): releases or touches what it does not hold" \
        "6: cpu 2 read lock 2 (spt), part 0: no execution: value: found 5, expected 0"
    trace "0 called 5" "0 entered 5 1" "0 left 5" "0 left 5"
    breach 5 "cpu 0 entered lock 5 (pt): ticket: found 1, expected 0"
    told "5: cpu 0 entered lock 5 (pt): ticket: found 1, expected 0" \
        "5: cpu 0 entered lock 5 (pt): no execution: ticket: found 1, expected 0" \
        "7: cpu 0 left lock 5 (pt): releases or touches what it does not hold"
}

# ------------------------------------------------------------------ the machine

@test "who calls first need not enter first, and three CPUs wait" {
    trace "0 called 5" "1 called 5" "2 called 5" "2 entered 5" "2 left 5" "0 entered 5" "2 called 5" "0 wrote 5 0 1" \
        "0 left 5" "2 entered 5" "2 read 5 0 1" "2 left 5" "1 entered 5"
    allowed 9 3
}

@test "a CPU polls in vain if it calls before the lock is free, once" {
    trace "0 called 5" "0 entered 5" "0 left 5" "1 called 5" "1 entered 5" "1 left 5"
    allowed 4 0
    trace "0 called 5" "0 entered 5" "1 called 5" "0 left 5" "1 entered 5" "1 left 5"
    allowed 4 1
    trace "0 called 5" "0 entered 5" "1 called 5" "0 left 5"
    allowed 2 0
}

@test "what the machine lets a client do is an execution of it, and still not allowed" {
    trace "0 called 5" "0 entered 5" "1 left 5" "1 called 5" "1 entered 5" "1 wrote 5 0 7" "0 read 5 0 7"
    breach 6 "cpu 1 left lock 5 (pt): releases or touches what it does not hold"
    told "6: cpu 1 left lock 5 (pt): releases or touches what it does not hold" \
        "6: cpu 1 left lock 5 (pt): releases or touches what it does not hold"
}

@test "an entry out of turn, and a value that is not there, are no execution" {
    trace "0 called 5" "0 entered 5" "1 called 5" "1 entered 5"
    breach 7 "cpu 1 entered lock 5 (pt): enters while another CPU holds the lock"
    said="cpu 1 entered lock 5 (pt): no execution: number in service: found 1, expected 0"
    [ "${stderr_lines[2]}" = "$tmp/trace:7: $said" ]
    trace "0 called 5" "0 entered 5" "0 wrote 5 0 3" "0 read 5 0 4"
    breach 7 "reads a value that is not the last one written"
    [ "${stderr_lines[1]}" = "$tmp/trace:7: cpu 0 read lock 5 (pt), part 0: no execution: value: found 4, expected 3" ]
}

# ------------------------------------------------------------------ long

@test "a million events, with a small stack and in little memory" {
    long_is_allowed 1000000 8 64
}

@test "in a million events, the last entry with a wrong ticket" {
    late_fault_is_found 1000000 8192 64
}

@test "a run of many CPUs costs no more than its events: all wait, and the last to call is the first to enter" {
    cpus=8192
    { printf 'hlock-trace 3\ncpus %s\nlocks 38\n' $cpus
      seq -f '%.0f called 5' 0 $((cpus - 1))
      awk -v n=$cpus 'BEGIN {
          for (i = 0; i < n; i++) print n-1-i, "entered 5", i "\n" n-1-i, "left 5"
          print "end", 3*n
      }'
    } >"$tmp/trace"
    small_judge 0 128
    [ "${lines[-2]}" = "allowed: $((2 * cpus)) events, $cpus tickets" ]
    [ "${lines[-1]}" = "executed: $((3 * cpus)) events, by the exported C on $cpus CPUs, \
with $((cpus - 1)) polls in vain" ]
}

@test "a trace comes through a pipe, too" {
    long 1000 3 3
    run -0 --separate-stderr bash -c 'build/judge /dev/stdin < <(cat "$1")' - "$tmp/trace"
    [[ "${lines[-1]}" == "executed: 1000 events, "* ]]
}

# ------------------------------------------------------------------ tickets

@test "each lock has its own numbers, in the order of its entries" {
    trace "0 called 5" "0 entered 5 0" "1 called 6" "1 entered 6 0" "0 left 5" "1 left 6" "1 called 5" \
        "1 entered 5 1" "0 called 6" "0 entered 6 1" "1 left 5" "1 called 5" "1 entered 5 2"
    allowed 8
}

@test "a lost ticket: two CPUs have one number" {
    trace "0 called 5" "1 called 5" "0 entered 5 0" "1 entered 5 0"
    breach 7 "cpu 1 entered lock 5 (pt): enters while another CPU holds the lock"
    [ "${stderr_lines[1]}" = "$tmp/trace:7: cpu 1 entered lock 5 (pt): ticket: found 0, expected 1" ]
    trace "0 called 5" "0 entered 5 0" "0 left 5" "1 called 5" "1 entered 5 0"
    wrong_number 8 "cpu 1 entered lock 5 (pt): ticket: found 0, expected 1"
}

@test "a skipped number, at once or after many" {
    trace "2 called 21" "2 entered 21 1"
    wrong_number 5 "cpu 2 entered lock 21 (vm): ticket: found 1, expected 0"
    mapfile -t events < <(for i in {0..299}; do printf '%s\n' "0 called 5" "0 entered 5 $i" "0 left 5"; done)
    trace "${events[@]}" "1 called 5" "1 entered 5 301"
    wrong_number 905 "cpu 1 entered lock 5 (pt): ticket: found 301, expected 300"
    trace "${events[@]}" "1 called 5" "1 entered 5 300"
    allowed 601
}

@test "the number of another lock, and one far away" {
    trace "0 called 5" "0 entered 5 0" "0 left 5" "0 called 6" "0 entered 6 1"
    wrong_number 8 "cpu 0 entered lock 6 (pt): ticket: found 1, expected 0"
    trace "0 called 5" "0 entered 5 4294967295"
    wrong_number 5 "cpu 0 entered lock 5 (pt): ticket: found 4294967295, expected 0"
}

@test "an entry before its number is served" {
    trace "0 called 5" "0 entered 5 0" "1 called 5" "1 entered 5 1"
    breach 7 "cpu 1 entered lock 5 (pt): enters while another CPU holds the lock"
    [ "${stderr_lines[1]}" = "$tmp/trace:7: cpu 1 entered lock 5 (pt): number in service: found 1, expected 0" ]
}

@test "the trace of a real run with one ticket changed" {
    build/stress --rounds 20 --contended 0 --chains 20 --trace "$tmp/trace"
    line=$(grep -n ' entered ' "$tmp/trace" | sed -n '50s/:.*//p')
    sed -i -E "${line}s/[0-9]+\$/77777/" "$tmp/trace"
    wrong_number "$line" "ticket: found 77777, expected "
}

# -------------------------------------------------------------- malformed

@test "wrong headers" {
    raw "hlock-trace 2" "cpus 2" "locks 38" "0 called 5" "0 entered 5" "end 2"
    malformed 1 "expected 'hlock-trace 3'"
    raw "hlock-trace 3" "cpu 2" "locks 38" "end 0"
    malformed 2 "expected 'cpus <number>'"
    raw "hlock-trace 3" "cpus two" "locks 38" "end 0"
    malformed 2 "'two' is not an unsigned 64-bit number"
    raw "hlock-trace 3" "cpus 2 3" "locks 38" "end 0"
    malformed 2 "expected 'cpus <number>'"
    raw "hlock-trace 3" "cpus 2" "lock 38" "end 0"
    malformed 3 "expected 'locks <number>'"
}

@test "a lock count that is not the table's" {
    for count in 0 37 39; do
        raw "hlock-trace 3" "cpus 2" "locks $count" "end 0"
        malformed 3 "$count locks, but the lock table has 38"
    done
}

@test "lines that are no events" {
    for line in "" " " "0" "0 called" "0 called 5 6" "0 read 5" "0 wrote 5" "0 read 5 6" "0 wrote 5 6" \
        "0 read 5 6 7 8" "0 sang 5" "0 entered 5 0 0" "called 0 5" "0  called 5" " 0 called 5" "0 called 5 " \
        $'0\tcalled\t5' "0 Called 5" $'0 called 5\r' "End 1"; do
        trace "$line"
        malformed 4 ""
    done
}

@test "an entry without its ticket, as in the format before" {
    raw "hlock-trace 3" "cpus 2" "locks 38" "0 called 5" "0 entered 5" "end 2"
    malformed 5 "not an event: '0 entered 5'"
}

@test "an access without its part, as in the format before" {
    for verb in read wrote; do
        trace "0 called 5" "0 entered 5" "0 $verb 5 7"
        malformed 6 "not an event: '0 $verb 5 7'"
    done
}

@test "parts that are no numbers, or too high" {
    trace "0 called 5" "0 entered 5" "0 wrote 5 16383 7" "0 read 5 16383 7"
    allowed 3
    for verb in read wrote; do
        for part in 16384 4294967296 18446744073709551615; do
            trace "0 called 5" "0 entered 5" "0 $verb 5 $part 0"
            malformed 6 "part $part is not below 16384"
        done
        for part in -1 x 0x1 +1 "''" 18446744073709551616; do
            trace "0 called 5" "0 entered 5" "0 $verb 5 $part 0"
            malformed 6 "'$part' is not an unsigned 64-bit number"
        done
    done
}

@test "tickets that are no numbers of 32 bits" {
    for ticket in 4294967296 18446744073709551615; do
        trace "0 called 5" "0 entered 5 $ticket"
        malformed 5 "ticket $ticket is not below 4294967296"
    done
    for ticket in -1 x 0x1 +1 "''" 18446744073709551616; do
        trace "0 called 5" "0 entered 5 $ticket"
        malformed 5 "'$ticket' is not an unsigned 64-bit number"
    done
}

@test "CPUs and locks that are not there, numbers that are none" {
    trace "3 called 5"
    malformed 4 "cpu 3 is not below 3"
    trace "0 called 38"
    malformed 4 "lock 38 is not below 38"
    for number in -1 x 0x5 5.0 +5 1e3 4294967296 18446744073709551615 18446744073709551616 \
        99999999999999999999999999999999 0u5 0b1 1_0 "''"; do
        trace "$number called 5"
        malformed 4 ""
        trace "0 called $number"
        malformed 4 ""
    done
    for value in -1 18446744073709551616 99999999999999999999999999 x 0x1 0u1 1_0 1.5; do
        trace "0 called 5" "0 entered 5" "0 wrote 5 0 $value"
        malformed 6 "'$value' is not an unsigned 64-bit number"
    done
}

@test "huge numbers in the frame" {
    raw "hlock-trace 3" "cpus 8193" "locks 38" "end 0"
    malformed 2 "8193 cpus, but a trace has at most 8192"
    for number in 999999 1000000 4294967296 4611686018427387904 9223372036854775808 18446744073709551616; do
        raw "hlock-trace 3" "cpus $number" "locks 38" "end 0"
        malformed 2 ""
        raw "hlock-trace 3" "cpus 2" "locks $number" "end 0"
        malformed 3 ""
        raw "hlock-trace 3" "cpus 2" "locks 38" "end $number"
        malformed 4 ""
    done
}

@test "an entry that answers no call, and a CPU that acts while it waits" {
    trace "0 entered 5"
    malformed 4 "cpu 0 entered lock 5 without calling"
    trace "0 called 5" "0 entered 6"
    malformed 5 "cpu 0 entered lock 6 without calling"
    for act in "0 called 6" "0 read 6 0 0" "0 left 6"; do
        trace "0 called 5" "$act"
        malformed 5 "cpu 0 acts while it waits for lock 5"
    done
}

@test "cut off anywhere, it is malformed" {
    mapfile -t events < <(visit 0 5 0 7; visit 1 5 7 8)
    trace "${events[@]}"
    cp "$tmp/trace" "$tmp/whole"
    lines_of=$(wc -l <"$tmp/whole")
    for ((n = 0; n < lines_of; n++)); do
        head -n "$n" "$tmp/whole" >"$tmp/trace"
        malformed $((n + 1)) ""
    done
    for ((n = 1; n < $(wc -c <"$tmp/whole") - 1; n += 7)); do
        head -c "$n" "$tmp/whole" >"$tmp/trace"
        judge 2
        [[ "$stderr" =~ ^"$tmp/trace":[0-9]+:\ . ]]
    done
}

@test "lines taken out, put in, or after the end" {
    trace "0 called 5" "0 entered 5" "0 left 5"
    sed -i 6d "$tmp/trace"
    malformed 6 "'end 3' after 2 events: lines are missing or added"
    trace "0 called 5" "0 entered 5" "0 left 5"
    sed -i '4i 1 called 7' "$tmp/trace"
    malformed 8 "'end 3' after 4 events"
    trace "0 called 5"
    echo "0 entered 5" >>"$tmp/trace"
    malformed 6 "text after 'end'"
}

@test "garbage: empty, binary, one endless line" {
    : >"$tmp/trace"
    malformed 1 "the trace ends before its 'end' line: truncated"
    head -c 100000 /bin/bash >"$tmp/trace"
    malformed 1 "expected 'hlock-trace 3'"
    { printf 'hlock-trace 3\ncpus 2\nlocks 38\n'; head -c 100000 /bin/bash; } >"$tmp/trace"
    malformed 4 ""
    { printf 'hlock-trace 3\ncpus 2\nlocks 38\n0 called '; printf '9%.0s' {1..100000}; } >"$tmp/trace"
    malformed 4 "is not an unsigned 64-bit number"
}

@test "what is shown of a bad line is short, and no byte of it reaches the terminal" {
    bytes=$'\e[31m\a\x7f\x9b\xc3\xa9\t\r'
    shown='\x1b[31m\x07\x7f\x9b\xc3\xa9\x09\x0d'
    for line in "$bytes" "$bytes called 5" "0 called $bytes" "0 $bytes 5" "0 entered 5 $bytes" "0 read 5 0 $bytes" \
        "0 read 5 $bytes 0" \
        "0 wrote 5 0 $bytes" "end $bytes"; do
        raw "hlock-trace 3" "cpus 3" "locks 38" "$line" "end 1"
        malformed 4 "$shown"
        [[ "$stderr" != *[^[:print:]]* ]]
    done
    raw "hlock-trace 3" "cpus $bytes" "locks 38" "end 0"
    malformed 2 "'$shown' is not an unsigned 64-bit number"
    { printf 'hlock-trace 3\ncpus 2\nlocks 38\n'; head -c 1000000 /dev/urandom | tr -d '\n'; } >"$tmp/trace"
    malformed 4 "not an event: '"
    [[ "$stderr" != *[^[:print:]]* ]]
    [ $((${#stderr} - ${#tmp})) -lt 300 ]
    raw "hlock-trace 3" "cpus 2" "locks 38" "0 called 5" "end $(printf '0%.0s' {1..1000})"
    malformed 5 "after 1 events"
    [ $((${#stderr} - ${#tmp})) -lt 300 ]
    trace "0 left 5"
    mv "$tmp/trace" "$tmp/$bytes"
    run -1 --separate-stderr build/judge "$tmp/$bytes"
    [[ "$stderr" == "$tmp/$shown:4: cpu 0 left lock 5"* && "${stderr//$'\n'/}" != *[^[:print:]]* ]]
    run -2 --separate-stderr build/judge "$tmp/$bytes.missing"
    [[ "$stderr" == *"$shown.missing"* && "$stderr" != *[^[:print:]]* ]]
}

@test "a verdict that cannot be written is no verdict" {
    trace "1 called 5" "1 entered 5"
    run -2 --separate-stderr bash -c 'build/judge "$1" >/dev/full' - "$tmp/trace"
    [[ "$stderr" == *"No space left on device"* ]]
}

@test "a missing file, a directory, wrong usage" {
    run -2 build/judge "$tmp/missing"
    [[ "$output" == *"$tmp/missing"*"No such file"* ]]
    run -2 build/judge "$tmp"
    [[ "$output" == *"irectory"* ]]
    run -2 build/judge
    [[ "$output" == usage:* ]]
    run -2 build/judge a b
    [[ "$output" == usage:* ]]
}

# SPDX-License-Identifier: MIT OR Apache-2.0
# Long traces, for ../judge.bats and ../long/judge.bats.
export LC_ALL=C

# long EVENTS CPUS THREADS: a legal trace of that length (test/programs/long_trace.c)
long() {
    [ -e "$tmp/long_trace" ] || gcc $HOSTED test/programs/long_trace.c -o "$tmp/long_trace"
    "$tmp/long_trace" "$@" >"$tmp/trace"
}

# small_judge STATUS MEGABYTES: with a stack of 256 KB and that much memory
small_judge() {
    run -"$1" --separate-stderr \
        bash -c 'ulimit -s 256; ulimit -v $(($1 * 1024)); exec build/judge "$2"' - "$2" "$tmp/trace"
}

# long_is_allowed EVENTS CPUS MEGABYTES
long_is_allowed() {
    long "$1" "$2" 8
    small_judge 0 "$3"
    [ -z "$stderr" ]
    [ "${lines[-2]}" = "allowed: $(grep -c 'entered\|read\|wrote\|left' "$tmp/trace") events, \
$(grep -c entered "$tmp/trace") tickets" ]
    [[ "${lines[-1]}" == "executed: $1 events, by the exported C on $2 CPUs, with "[1-9]*" polls in vain" ]]
}

# late_fault_is_found EVENTS CPUS MEGABYTES: one number is wrong, in the last entry
late_fault_is_found() {
    local line ticket
    long "$1" "$2" 8
    read -r line ticket < <(awk '/ entered / { line = NR; ticket = $4 } END { print line, ticket }' "$tmp/trace")
    [ "$line" -gt $(($1 - 1000)) ]
    sed -i "${line}s/ $ticket\$/ 7/" "$tmp/trace"
    small_judge 1 "$3"
    [ -z "$output" ]
    [[ "${stderr_lines[0]}" == "$tmp/trace:$line: cpu "*": ticket: found 7, expected $ticket" ]]
    [[ "${stderr_lines[1]}" == "$tmp/trace:$line: cpu "*": no execution: ticket: found 7, expected $ticket" ]]
    [ "${#stderr_lines[@]}" = 2 ]
}

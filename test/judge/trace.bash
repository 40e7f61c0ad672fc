# SPDX-License-Identifier: MIT OR Apache-2.0
# Short traces, and what the judge says of them.

# raw LINES...: $tmp/trace has exactly these lines
raw() {
    printf '%s\n' "$@" >"$tmp/trace"
}

# trace EVENTS...: a whole trace of three CPUs with these events; an entry that
# has no ticket gets the one after that of the entry before it
trace() {
    raw "hlock-trace 3" "cpus 3" "locks 38" "$@" "end $#"
    awk '$2 == "entered" && NF == 3 { $0 = $0 " " last[$3] + 0 } $2 == "entered" { last[$3] = $4 + 1 } 1' \
        "$tmp/trace" >"$tmp/ticketed"
    mv "$tmp/ticketed" "$tmp/trace"
}

judge() {
    run -"$1" --separate-stderr build/judge "$tmp/trace"
}

# allowed EVENTS [POLLS]: so many, and so many polls in vain if it is said
allowed() {
    judge 0
    [ -z "$stderr" ]
    [ "${lines[-2]}" = "allowed: $1 events, $(grep -c entered "$tmp/trace") tickets" ]
    [[ "${lines[-1]}" == "executed: $(sed -n 's/^end //p' "$tmp/trace") events, by the exported C on 3 CPUs,"* ]]
    [[ "${lines[-1]}" == *" 3 CPUs, with "${2:-*}" polls in vain" ]]
}

# breach LINE WHAT: the first event that is not allowed is at that line of the file
breach() {
    judge 1
    [[ "${stderr_lines[0]}" == "$tmp/trace:$1: "*"$2"* ]]
    [ -z "$output" ]
}

# told LINE...: these are the lines, after the name of the file
told() {
    [ "$stderr" = "$(printf "$tmp/trace:%s\n" "$@")" ]
}

# wrong_number LINE WHAT: the only fault is that of the tickets, as floor 0 and the machine see it
wrong_number() {
    breach "$1" "$2"
    [ "${#stderr_lines[@]}" = 2 ]
    [[ "${stderr_lines[1]}" == "$tmp/trace:$1: cpu "*": no execution: "*"${2#*: }"* ]]
}

# malformed LINE WHAT
malformed() {
    judge 2
    [[ "$stderr" == "$tmp/trace:$1: "*"$2"* ]]
    [ -z "$output" ]
}

visit() { # CPU LOCK SEEN WRITTEN
    printf '%s\n' "$1 called $2" "$1 entered $2" "$1 read $2 0 $3" "$1 wrote $2 0 $4" "$1 left $2"
}

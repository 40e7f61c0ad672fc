#!/bin/bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Checks that every mutant of the C that the debug build adds is noticed: of checks.h, which is
# exported, by the equation that says that it is the text of which the theorems speak
# (generated/L4_exported.v); of record.h, which is trusted, by test/mutate/record.c, which does
# to records what its specification says; a mutant that compiles to the same assembly, in
# all builds of that, is none.  That the proofs notice another text: text.sh.
# usage: debug.sh [TREE [EVERY]]     JOBS=N: so many at a time (default: all processors)
#
# With EVERY only every EVERY-th mutant, and those of test/mutate/equivalent.txt.  TREE is built
# and proved up to floor 4 and is only read.  For each mutant a line: FILE, LINE:COLUMN, WHAT,
# OUTCOME, with tabs between, which report.awk counts.
export LC_ALL=C
set -uo pipefail
ROOM=layers/L4_locks
CHECKS=$ROOM/checks.h
RECORD=layers/L0_machine/record.h
CALLEES=place_of,comes_after,record_count,record_lock,record_rank,record_room,record_wait,record_put,record_size
CALLEES=$CALLEES,record_move,hlock_stop,hlock_stops,hlock_wrong,hlock_waits,record_of,this_cpu

# shellcheck source=tools/mutate/work.bash
. "$(dirname "$0")/work.bash" || exit 2
known=$tree/test/mutate/equivalent.txt

# export_checks DIR: the functions of the checks.h that is there, in Coq, to DIR/checks.v
export_checks() {
    (cd "$1" && "$tree/build/c2coq" --room $ROOM -o checks.v $CHECKS -- -std=c11 -ffreestanding -Iinclude \
        -DHLOCK_DEBUG -include hlock/hlock.h -include layers/L0_machine/machine.h)
}

# functions_of FILE: a line a function, its name and its text
functions_of() {
    awk '/^Definition f_/ { name = substr($2, 3); text = "" }
         name { text = text " " $0 }
         /^\|}\.$/ { print name, text; name = "" }' "$1"
}

# module NUMBER FILE NAME...: Coq that says of these functions whether they are their texts
module() {
    local number=$1 file=$2 name
    shift 2
    echo "Module M$number."
    sed -n '/^Definition _/p' "$file"
    for name in "$@"; do
        sed -n "/^Definition f_$name :/,/^|}\.\$/p" "$file"
        echo "Goal f_$name = ${name}_text."
        echo "first [reflexivity; idtac \"=\" \"$number\" | idtac \"differs\" \"$number\" \"$name\"]. Abort."
    done
    echo "End M$number."
}

# try_checks JOB NUMBER FILE MUTANT: the outcome, or the modules that Coq is to be asked
try_checks() {
    local dir=$work/checks$1 changed
    "$tree/build/mutate" --callees $CALLEES --apply "$4" -o "$dir/$CHECKS" "$tree/$CHECKS" || exit 2
    if ! export_checks "$dir" >"$dir/log" 2>&1; then
        grep -vE ': (warning|note): ' "$dir/log" | grep -E '^[^ ]+:[0-9]+:[0-9]+: ' |
            sed -n '1s/^/killed by the compiler: /p' |
            grep . || echo "odd: the export fails without a place: $(tail -n1 "$dir/log")"
        return
    fi
    mapfile -t changed < <(functions_of "$dir/checks.v" | sort | comm -3 "$work/functions" - |
        awk '{ print $1 }' | sort -u)
    [ "${#changed[@]}" -gt 0 ] || { echo survived; return; }
    module "$2" "$dir/checks.v" "${changed[@]}" >>"$work/ask$1.v"
    echo "asked $2"
}

# The builds of record.c: what its flags say of record.h.
BUILDS=("-DHLOCK_STUCK_POLLS=3" -DDEFAULTS "-DHLOCK_HOSTED -DHLOCK_STUCK_POLLS=3" -DHLOCK_HOSTED)

# code DIR: the code, in assembly, of all builds with DIR/record.h
code() {
    local flags
    for flags in "${BUILDS[@]}"; do
        # shellcheck disable=SC2086 # words without spaces
        (cd "$1" && gcc -std=c11 -O2 -w -I"$tree/include" $flags -DRECORD_H='"record.h"' -I. -x c - -S -o - \
            <"$tree/test/mutate/record.c") | sha256sum
    done
}

# judge DIR: what record.c says of DIR/record.h; nothing if all is right
judge() {
    local flags
    for flags in "${BUILDS[@]}"; do
        # shellcheck disable=SC2086 # words without spaces
        if ! gcc -std=c11 -O1 -w -ftrivial-auto-var-init=pattern -I"$tree/include" -pthread $flags \
            -DRECORD_H="\"$1/record.h\"" "$tree/test/mutate/record.c" -o "$1/record" >"$1/log" 2>&1; then
            echo "killed by the compiler: $(grep -m1 -E 'error|undefined' "$1/log")"
            return
        fi
        if ! (ulimit -S -t 10 -c 0 && exec "$1/record") >"$1/log" 2>&1; then
            echo "killed by record.c: $flags: $(tail -n1 "$1/log")"
            return
        fi
    done
}

# try_record JOB NUMBER FILE MUTANT
try_record() {
    local dir=$work/record$1 said
    "$tree/build/mutate" --callees $CALLEES --apply "$4" -o "$dir/record.h" "$tree/$RECORD" || exit 2
    said=$(judge "$dir" 2>/dev/null) # bash says of which signal a program died
    [ -n "$said" ] || [ "$(code "$dir")" != "$(cat "$work/code")" ] || said='no mutant: the same code'
    echo "${said:-survived}"
}

# job K: every jobs-th mutant, from the K-th on
job() {
    local number file mutant place what what_is
    mkdir -p "$work/checks$1/$ROOM" "$work/record$1" && ln -s "$tree/include" "$work/checks$1" &&
        ln -s "$tree/layers/L0_machine" "$work/checks$1/layers" || stop 'cannot link the tree'
    printf 'From Coq Require Import String List ZArith.\nFrom hlock.clight Require Import clightdefs.\n%s\n%s\n%s\n' \
        'From hlock.layers.L4_locks Require Import checks_text.' 'Import ListNotations. Local Open Scope Z_scope.' \
        'Local Open Scope string_scope. Local Open Scope clight_scope.' >"$work/ask$1.v"
    awk -F'\t' -v k="$1" -v n="$jobs" 'NR % n == k % n { print NR "\t" $0 }' "$work/mutants" |
        while IFS=$'\t' read -r number file mutant place what; do
            if [ "$file" = $CHECKS ]; then
                what_is=$(try_checks "$1" "$number" "$file" "$mutant")
            else
                what_is=$(try_record "$1" "$number" "$file" "$mutant")
            fi
            printf '%s\t%s\t%s\t%s\t%s\n' "$number" "$file" "$place" "$what" "$what_is"
        done >"$work/raw$1"
    # shellcheck disable=SC2046 # each line of _CoqProject is several words
    (cd "$tree" && "$coq_with" coqc -q $(grep '^-' _CoqProject) -o "$work/ask$1.vo" \
        "$work/ask$1.v") >"$work/said$1" 2>&1 ||
        stop "Coq cannot read what a mutant is exported to: $(grep -A3 -m1 Error "$work/said$1" | paste -sd ' ')"
    awk -F'\t' -v OFS='\t' -v said="$work/said$1" '
        BEGIN {
            while ((getline line <said) > 0) {
                split(line, part, " ")
                if (part[1] == "differs") name[part[2]] = part[3]
            }
        }
        $5 == "asked " $1 { $5 = $1 in name ? "killed by the proof of " name[$1] ": it is not the text" : "survived" }
        { print }' "$work/raw$1" >"$work/job$1"
}

for file in "$tree/build/mutate" "$tree/build/c2coq"; do
    [ -x "$file" ] || stop "$file is not built"
done
[ -r "$known" ] || stop "$known is missing"

# Without a mutant the functions are their texts, and record.h is right.
mkdir -p "$work/whole/$ROOM" && ln -s "$tree/include" "$work/whole" &&
    ln -s "$tree/layers/L0_machine" "$work/whole/layers" &&
    cp "$tree/$CHECKS" "$work/whole/$ROOM" && cp "$tree/$RECORD" "$work/whole/record.h" || stop 'cannot link the tree'
export_checks "$work/whole" >"$work/log" 2>&1 || stop "the export fails without a mutant: $(tail -n3 "$work/log")"
functions_of "$work/whole/checks.v" | sort >"$work/functions"
said=$(judge "$work/whole")
[ -z "$said" ] || stop "without a mutant: $said"
code "$work/whole" >"$work/code"

for file in $CHECKS $RECORD; do
    "$tree/build/mutate" --callees $CALLEES --list "$tree/$file" | sed "s|^|$file\t|" || exit 2
done | awk -F'\t' -v every="${2:-1}" -v known="$known" '
    BEGIN { while ((getline line <known) > 0) { split(line, part, "\t"); listed[part[1], part[2], part[3]] } }
    k++ % every == 0 || ($1, $3, $4) in listed' >"$work/mutants"
total=$(wc -l <"$work/mutants")
for k in $(seq "$jobs"); do
    job "$k" &
    pids+=($!)
done
for pid in "${pids[@]}"; do
    wait "$pid" || exit 2
done
sort -n "$work"/job* | cut -f2- >"$work/results"
[ "$(wc -l <"$work/results")" = "$total" ] || stop 'some mutants have no result'
cat "$work/results"

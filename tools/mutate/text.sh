#!/bin/bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Checks that the proofs of floor 4 notice every mutant of the text of a table.
# usage: text.sh [TREE]     JOBS=N: so many at a time (default: all processors)
#
# The C of floor 4 is compared with that text, so a mutant of the C fails in the
# comparison and no proof sees it (run.sh).  Here the text itself is changed, as
# test/mutate/text.tsv says, one line a mutant, and each of PROOFS is run until one
# fails: Coq must still read the text, and the proof that fails must name acquire or
# release.  TREE is proved up to floor 4 and is only read.  For each mutant a line:
# FILE, LINE:COLUMN, WHAT, OUTCOME, with tabs between, which report.awk counts.
export LC_ALL=C
set -uo pipefail
ROOM=layers/L4_locks
TEXT=text
PROOFS="text_facts code each"

# shellcheck source=tools/mutate/work.bash
. "$(dirname "$0")/work.bash" || exit 2
list=$tree/test/mutate/text.tsv
script=$(cd "$(dirname "$0")" && pwd)/text.awk

# farm DIR: the tree as links, with copies of the files that are proved again
farm() {
    local file
    mkdir "$1" && find "$tree" -mindepth 1 -maxdepth 1 ! -name .git -exec cp -as -t "$1" {} + || return
    for file in $TEXT $PROOFS; do
        rm -f "$1/$ROOM/$file".* "$1/$ROOM/.$file".* && cp "$tree/$ROOM/$file.v" "$1/$ROOM" || return
    done
}

# outcome: what becomes of the text that is in this farm
outcome() {
    local file name
    coq $ROOM/$TEXT.v || { echo "odd: $TEXT.v is not Coq: $(grep -A2 -m1 ^Error log | paste -sd ' ')"; return; }
    for file in $PROOFS; do
        coq "$ROOM/$file.v" && continue
        name=$(failed "$ROOM/$file.v")
        case $name in
        *acquire* | *release*) echo "killed by the proof of $name" ;;
        *) echo "unnamed: in $file.v what fails is ${name:-nothing}: $(grep -A2 -m1 ^Error log | paste -sd ' ')" ;;
        esac
        return
    done
    echo survived
}

# job K: every jobs-th mutant, from the K-th on
job() {
    local number place what result
    farm "$work/farm$1" && cd "$work/farm$1" || stop 'cannot link the tree'
    awk -F'\t' -v k="$1" -v n="$jobs" 'NR % n == k % n' "$work/mutants" |
        while IFS=$'\t' read -r number place what; do
            awk -v list="$list" -v apply="$number" -f "$script" "$tree/$ROOM/$TEXT.v" >$ROOM/$TEXT.v || exit 2
            result=$(outcome)
            printf '%s\t%s\t%s\t%s\t%s\n' "$number" "$ROOM/$TEXT.v" "$place" "$what" "$result"
            echo "[$number/$total] $ROOM/$TEXT.v:$place $what: $result" >&2
        done >"$work/job$1"
}

[ -r "$list" ] || stop "$list is missing"
awk -v list="$list" -f "$script" "$tree/$ROOM/$TEXT.v" >"$work/mutants" || exit 2
total=$(wc -l <"$work/mutants")
farm "$work/farm" && cd "$work/farm" || stop 'cannot link the tree'
said=$(outcome)
[ "$said" = survived ] || stop "without a mutant: $said"
for k in $(seq "$jobs"); do
    job "$k" &
done
wait
sort -n "$work"/job* | cut -f2- >"$work/results"
[ "$(wc -l <"$work/results")" = "$total" ] || stop 'some mutants of the text have no result'
cat "$work/results"

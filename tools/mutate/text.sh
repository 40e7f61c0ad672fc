#!/bin/bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Checks that the proofs of floor 4 notice every mutant of the text of a table.
# usage: text.sh [TREE [EVERY [text|checks]]]     JOBS=N: so many at a time (default: all processors)
#
# With EVERY only every EVERY-th mutant.  Of text.v, or of checks_text.v: what the debug build adds.
# The C of floor 4 is compared with that text, so a mutant of the C fails in the
# comparison and no proof sees it (run.sh).  Here the text itself is changed, as
# test/mutate/text.tsv says, or checks_text.tsv, one line a mutant, and what rests on it up to
# LAST is made again until something fails: Coq must still read the text, and what fails must be a
# proof, of text.v one that names acquire or release.  TREE is proved up
# to floor 4 and is only read.  For each mutant a line: FILE, LINE:COLUMN, WHAT, OUTCOME, with
# tabs between, which report.awk counts.
export LC_ALL=C
set -uo pipefail
ROOM=layers/L4_locks
case ${3:-text} in
text) TEXT=$ROOM/text.v LAST=$ROOM/each.v names='acquire|release' ;;
checks) TEXT=$ROOM/checks_text.v LAST=$ROOM/checked.v names=. ;;
*) echo "text.sh: neither text nor checks: $3" >&2; exit 2 ;;
esac
every=${2:-1}

# shellcheck source=tools/mutate/work.bash
. "$(dirname "$0")/work.bash" || exit 2
list=$tree/test/mutate/$(basename $TEXT .v).tsv
script=$(cd "$(dirname "$0")" && pwd)/text.awk

# farm DIR: the tree as links, with copies of the files that are made again
farm() {
    local file
    mkdir "$1" && find "$tree" -mindepth 1 -maxdepth 1 ! -name .git -exec cp -as -t "$1" {} + || return
    while read -r file; do
        rm -f "$1/${file%v}"* "$1/$ROOM/.$(basename "$file" .v)".* && cp "$tree/$file" "$1/$ROOM" || return
    done <"$work/again"
}

# outcome: what becomes of the text that is in this farm
outcome() {
    local file name
    while read -r file; do
        coq "$file" && continue
        name=$(failed "$file")
        if [ "$file" = "$TEXT" ]; then
            echo "odd: $TEXT is not Coq: $(grep -A2 -m1 ^Error log | paste -sd ' ')"
        elif [[ $name =~ $names ]]; then
            echo "killed by the proof of $name"
        else
            echo "unnamed: in $file what fails is ${name:-nothing}: $(grep -A2 -m1 ^Error log | paste -sd ' ')"
        fi
        return
    done <"$work/again"
    echo survived
}

# job K: every jobs-th mutant, from the K-th on
job() {
    local number place what result
    farm "$work/farm$1" && cd "$work/farm$1" || stop 'cannot link the tree'
    awk -F'\t' -v k="$1" -v n="$jobs" 'NR % n == k % n' "$work/mutants" |
        while IFS=$'\t' read -r number place what; do
            awk -v list="$list" -v apply="$number" -f "$script" "$tree/$TEXT" >$TEXT || exit 2
            result=$(outcome)
            printf '%s\t%s\t%s\t%s\t%s\n' "$number" "$TEXT" "$place" "$what" "$result"
            echo "[$number/$total] $TEXT:$place $what: $result" >&2
        done >"$work/job$1"
}

[ -r "$list" ] || stop "$list is missing"
awk -v list="$list" -f "$script" "$tree/$TEXT" >"$work/all" || exit 2
awk -v every="$every" 'NR % every == 1 % every' "$work/all" >"$work/mutants"
total=$(wc -l <"$work/mutants")
cd "$tree" && needed $LAST && chain $TEXT $LAST >"$work/again"
[ "$(head -n 1 "$work/again")" = $TEXT ] || stop "$LAST does not rest on $TEXT"
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

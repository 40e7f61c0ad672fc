#!/bin/bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Checks that an example or a refutation notices every mutant of the definitions that the
# statements of main/ stand on.
# usage: statements.sh [TREE [N]]     JOBS=N: so many at a time (default: all processors)
# With N only every N-th line of the list, from the first on, and each without a name.
#
# A proof that fails shows that a definition matters to that proof, not that what it says
# is right.  So a mutant is judged by the files machine/cases/sharp_*.v alone, which rest
# on no proof: each line of test/mutate/statements*.tsv is tried on the file that it names,
# and what Coq makes of it is made again up to the file where its example is; of the examples
# that one alone is proved (named.awk), and all of them if it holds.  TREE has
# these files compiled and is only read.  For each mutant a line: FILE, LINE:COLUMN, WHAT,
# OUTCOME, with tabs between, which report.awk counts:
#   killed by NAME of FILE   the example that the list names fails
#   elsewhere                something else of these files does
#   odd                      a definition is no Coq any more: the mutant is no good
#   survived                 nothing fails
export LC_ALL=C
set -uo pipefail

# shellcheck source=tools/mutate/work.bash
. "$(dirname "$0")/work.bash" || exit 2
every=${2:-1}
lists=$tree/test/mutate/statements*.tsv
script=$(cd "$(dirname "$0")" && pwd)/text.awk
named=$(cd "$(dirname "$0")" && pwd)/named.awk

# sharp: the files by which mutants are judged
sharp() {
    find machine/cases object -name 'sharp_*.v' 2>/dev/null | sort
}

# place_of NAME: the file where it is
place_of() {
    # shellcheck disable=SC2046 # names without spaces
    grep -lE "^ *(Local )?(Example|Lemma|Theorem|Corollary) $1\b" $(sharp)
}

# list_of FILE: where its mutants are
list_of() {
    # shellcheck disable=SC2086 # several names
    grep -lE "^$1	" $lists
}

# made FILE NUMBER DIR GOAL [NAME]: an outcome if something fails on the way to GOAL; with NAME
# Coq is asked to prove no other example
made() {
    local step
    for step in $(chain "$1" "$4"); do
        [ ! -e "$3/${step}o" ] || [ -L "$3/${step}o" ] || continue
        rm -f "$3/$step" "$3/${step}o"
        cp "$tree/$step" "$3/$step"
        [ "$step" != "$1" ] || awk -v list="$(list_of "$1")" -v file="$1" -v apply="$2" -f "$script" \
            "$tree/$1" >"$3/$1"
        case ${5:+$step} in
        machine/cases/sharp_* | object/sharp_*) awk -v name="$5" -f "$named" "$tree/$step" >"$3/$step" ;;
        esac
        (cd "$3" && coq "$step") && continue
        case $step in
        machine/cases/* | object/sharp_*) echo "killed by $(cd "$3" && failed "$step") of $step" ;;
        *) echo "odd: $step is not Coq: $(grep -A2 -m1 ^Error "$3/log" | paste -sd ' ')" ;;
        esac
        return
    done
}

# outcome FILE NUMBER NAME: what becomes of this mutant
outcome() {
    local farm=$work/farm$BASHPID goal result
    cp -as "$work/cone" "$farm" || exit 2
    if [ "$3" = - ]; then
        # those first that rest on fewest files
        for goal in $(for goal in $(sharp); do echo "$(chain "$1" "$goal" | wc -l) $goal"; done |
            sort -n | cut -d' ' -f2); do
            result=$(made "$1" "$2" "$farm" "$goal")
            [ -z "$result" ] || break
        done
    else
        goal=$(place_of "$3")
        result=$(made "$1" "$2" "$farm" "$goal" "$3")
        case $result in
        "killed by $3 of "* | odd*) ;;
        *) # what else fails
            rm -rf "$farm" && cp -as "$work/cone" "$farm" || exit 2
            result=$(made "$1" "$2" "$farm" "$goal")
            ;;
        esac
    fi
    rm -rf "$farm"
    case $result in
    '') echo survived ;;
    "killed by $3 of "* | odd*) echo "$result" ;;
    *) echo "elsewhere: $result" ;;
    esac
}

# job K: every jobs-th mutant, from the K-th on
job() {
    local number file at place what name result
    awk -F'\t' -v k="$1" -v n="$jobs" 'NR % n == k % n { print NR "\t" $0 }' "$work/mutants" |
        while IFS=$'\t' read -r number file at place what name; do
            result=$(outcome "$file" "$at" "$name") || exit 2
            printf '%s\t%s\t%s\t%s\t%s\n' "$number" "$file" "$place" "$what" "$result"
            echo "[$number/$total] $file:$place $what: $result" >&2
        done >"$work/job$1"
}

[ -r "$tree/test/mutate/statements.tsv" ] || stop "$tree/test/mutate/statements.tsv is missing"
cd "$tree" || exit 2
# shellcheck disable=SC2046 # names without spaces
needed $(sharp)
# Of what these files rest on only what Coq has made of it: as links, in each farm.
mkdir "$work/cone"
while read -r file; do
    [ -r "$tree/${file}o" ] || stop "$file is not compiled"
    mkdir -p "$work/cone/$(dirname "$file")" && cp -a "$tree/${file}o" "$work/cone/${file}o"
done <"$work/order"
cp _CoqProject "$work/cone"

# shellcheck disable=SC2086 # several names
for file in $(awk -F'\t' '!/^(#|$)/ && !seen[$1]++ { print $1 }' $lists); do
    list=$(list_of "$file")
    [ -r "$list" ] || stop "$file is in more than one list"
    grep -qxF "$file" "$work/order" || stop "$list: $file is not a file on which sharp_*.v rest"
    awk -v list="$list" -v file="$file" -f "$script" "$tree/$file" | sed "s|^|$file\t|" || exit 2
done >"$work/all" || exit 2
cut -f5 "$work/all" | sort -u | while read -r name; do
    [ "$name" = - ] || [ "$(place_of "$name" | wc -l)" = 1 ] ||
        stop "$tree/test/mutate/statements*.tsv: not one $name in sharp_*.v"
done || exit 2
awk -F'\t' -v every="$every" 'NR % every == 1 % every || $5 == "-"' "$work/all" >"$work/mutants"
total=$(wc -l <"$work/mutants")
for k in $(seq "$jobs"); do
    job "$k" &
done
wait
sort -n "$work"/job* | cut -f2- >"$work/results"
[ "$(wc -l <"$work/results")" = "$total" ] || stop 'some mutants of the statements have no result'
cat "$work/results"

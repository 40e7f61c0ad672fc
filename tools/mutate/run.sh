#!/bin/bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Checks that the proofs of floors 4, 3 and 1 notice every mutant of their C, and those
# of floor 4 every mutant of the text of a table and of its checks (text.sh): of that
# floor's C what fails is the equation that says that it is that text (generated/L4_exported.v).  And that an
# example or a refutation notices every mutant of the definitions on which the statements
# stand (statements.sh; with STATEMENTS_EVERY=N only every N-th of them; with
# FLOORS_EVERY=N only every N-th of the C of floors 1 and 3, with LOCKS_EVERY=N of floor
# 4's, with TEXT_EVERY=N of the text).  And the
# mutants of what the debug build adds, checks.h and record.h (debug.sh; with DEBUG_EVERY=N only every N-th of these).
# Floor 2 has no C.  Floor 0 (machine.h, arch/) is trusted: it is not exported, so
# no proof reads it; of it record.h alone has a test that judges its mutants.
# usage: run.sh [TREE]     JOBS=N: so many at a time (default: all processors)
#
# Each mutant is made in a copy of the tree and exported there; the proof of each
# floor whose export changed is run.  It passes if clang or c2coq refuses it, if a
# proof fails at a changed function, or if test/mutate/equivalent.txt lists it
# with the reason why it changes nothing: FILE, LINE:COLUMN, WHAT, REASON, with
# tabs between.  Mutants that export the same text share one proof.
# The last line is "N passed, N failed"; the status is 1 if any failed.
export LC_ALL=C
set -uo pipefail
unset MAKEFLAGS MAKELEVEL MFLAGS # of a make that runs this

# ---- What belongs to this project: the files that are mutated, where their
# ---- calls may go, what make exports, and the make target of each export's proof.
FILES="layers/L1_ticket/ticket.h layers/L3_atomic/atomic.h layers/L4_locks/locks.h layers/L4_locks/locks.c"
CALLEES=wait_hlock,pass_hlock,wait_lock,pass_lock,incr_ticket,get_now,incr_now,cpu_relax,hlock_stop
declare -A PROOF=(
    [generated/L1_ticket.v]=prove-ticket
    [generated/L3_atomic.v]=prove-atomic
    [generated/L4_locks.v]=prove-exported
    [generated/L4_locks_debug.v]=prove-exported
    [generated/L4_locks_checked.v]=prove-exported
)
WRITTEN="layers generated include build/made build/prove build/drop_in" # by make for a mutant
TEXT_PROOF=prove-locks # of the text of a table
make_export() { make -s -C "$1" generated; }
make_proof() (
    ulimit -S -t 600 # seconds of CPU time
    make -s -C "$1" "$2"
)

# shellcheck source=tools/mutate/work.bash
. "$(dirname "$0")/work.bash" || exit 2
known=$tree/test/mutate/equivalent.txt

mutate() {
    "$work/tree/build/mutate" --callees "$CALLEES" "$@"
}

# copy_tree FROM TO [LINKED]: with times, so that make builds only what a mutant changes.  With
# LINKED=l the files outside of WRITTEN are the same, not copies: a copy of all of them costs
# more than the proof.
copy_tree() {
    mkdir "$2" && find "$1" -mindepth 1 -maxdepth 1 ! -name .git -exec cp -a"${3:-}" -t "$2" {} + || return
    [ -n "${3:-}" ] || return 0
    local part
    for part in $WRITTEN; do
        [ ! -d "$1/$part" ] || { rm -r "${2:?}/$part" && cp -a "$1/$part" "$2/$part"; } || return
    done
}

# sums TREE: of what its files are
sums() {
    (cd "$1" && find . -type f -exec sha256sum {} + | sort)
}

# functions_of TREE: one line for each exported function, name and text
functions_of() {
    (cd "$1" && awk '/^Definition f_/ { name = substr($2, 3); text = "" }
                     name { text = text " " $0 }
                     /^\|}\.$/ { print FILENAME, name, text; name = "" }' "${!PROOF[@]}") | sort
}

# changed COPY FIELD: of the functions whose text is not that of the tree, the
# files (1) or the names (2)
changed() {
    functions_of "$1" | comm -3 "$work/functions" - | awk -v field="$2" '{ print $field }' | sort -u
}

# failed_proofs LOG COPY: the text of each proof at which Coq gave up, from its
# statement to the line of the error
failed_proofs() {
    local file line
    awk -F'[",]' '/^File "/ { place = $2 substr($4, 6); next }
                  /^Error/ { print place }
                  { place = "" }' "$1" |
        while read -r file line; do
            [ ! -e "$2/$file" ] || head -n "$line" "$2/$file" | awk '
                /^ *(Local )?(Theorem|Lemma|Corollary|Definition|Fixpoint) / { text = "" }
                { text = text $0 "\n" }
                END { printf "%s", text }'
        done
}

# named_in LOG COPY: a function that changed and that the error names, or the proof
# where it happened
named_in() {
    local changed
    changed=$(changed "$2" 2 | paste -sd '|')
    { sed -n '/Error/,$p' "$1"; failed_proofs "$1" "$2"; } |
        grep -owE "(f_|debug_|checked_)?($changed)(_body_correct|_code_correct|_exported)?" |
        grep -oE "($changed)" | sed -n 1p
}

# prove COPY: the outcome of the proofs in a copy whose export is new
prove() {
    local file target name
    for target in $(for file in $(changed "$1" 1); do echo "${PROOF[$file]}"; done | sort -u); do
        make_proof "$1" "$target" >"$1.log" 2>&1 && continue
        if name=$(named_in "$1.log" "$1") && [ -n "$name" ]; then
            echo "killed by the proof of $name"
        else
            echo "unnamed: the proof fails, but not at a changed function: $(grep -m1 Error "$1.log")"
        fi
        return
    done
    echo survived
}

# outcome COPY: what becomes of the mutant in a copy
outcome() {
    local text
    if ! make_export "$1" >"$1.log" 2>&1; then
        # What a compiler only warns about kills nothing.
        grep -vE ': (warning|note): ' "$1.log" | grep -E '^[^ ]+:[0-9]+:[0-9]+: ' |
            sed -n '1s/^/killed by the compiler: /p' |
            grep . || echo "odd: the export fails without a place: $(tail -n1 "$1.log")"
        return
    fi
    text=$work/text/$(functions_of "$1" | sha256sum | cut -c1-64)
    if [ ! -e "$text" ]; then
        prove "$1" >"$text.$BASHPID"
        mv "$text.$BASHPID" "$text"
    fi
    cat "$text"
}

# try NUMBER FILE MUTANT PLACE WHAT: appends a line to this job's results
try() {
    local copy=$work/copy$1 result
    copy_tree "$work/tree" "$copy" l || stop 'cannot copy the tree'
    mutate --apply "$3" -o "$copy/$2" "$work/tree/$2" || exit 2
    result=$(outcome "$copy")
    rm -rf "$copy" "$copy.log"
    printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$4" "$5" "$result"
    echo "[$1/$total] $2:$4 $5: $result" >&2
}

# job K: every jobs-th mutant, from the K-th on
job() {
    awk -F'\t' -v k="$1" -v n="$jobs" 'NR % n == k % n { print NR "\t" $0 }' "$work/mutants" |
        while IFS=$'\t' read -r number file mutant place what; do
            try "$number" "$file" "$mutant" "$place" "$what"
        done >"$work/job$1"
}

[ -x "$tree/build/mutate" ] || stop "$tree/build/mutate is not built"
[ -r "$known" ] || stop "$known is missing"
copy_tree "$tree" "$work/tree" || stop 'cannot copy the tree'
make_export "$work/tree" >"$work/log" 2>&1 || stop "the export fails without a mutant: $(tail -n3 "$work/log")"
for target in $(printf '%s\n' "${PROOF[@]}" $TEXT_PROOF | sort -u); do
    make_proof "$work/tree" "$target" >"$work/log" 2>&1 ||
        stop "$target fails without a mutant: $(tail -n3 "$work/log")"
done
functions_of "$work/tree" >"$work/functions"
sums "$work/tree" >"$work/sums"
for file in "${!PROOF[@]}"; do
    grep -q "^$file " "$work/functions" || stop "no function in $file"
done
mkdir "$work/text"
echo survived >"$work/text/$(sha256sum <"$work/functions" | cut -c1-64)"

for file in $FILES; do
    mutate --list "$work/tree/$file" | sed "s|^|$file\t|" || exit 2
done | awk -F'\t' -v floors="${FLOORS_EVERY:-1}" -v locks="${LOCKS_EVERY:-1}" -v known="$known" '
    BEGIN { while ((getline line <known) > 0) { split(line, part, "\t"); listed[part[1], part[2], part[3]] } }
    (/^layers\/L4_locks\// ? k++ % locks : j++ % floors) == 0 || ($1, $3, $4) in listed' >"$work/mutants"
total=$(wc -l <"$work/mutants")
for k in $(seq "$jobs"); do
    job "$k" &
done
wait

sort -n "$work"/job* | cut -f2- >"$work/results"
[ "$(wc -l <"$work/results")" = "$total" ] || stop 'some mutants have no result'
sums "$work/tree" | cmp -s "$work/sums" - || stop "a mutant wrote into a file outside of $WRITTEN"
JOBS=$jobs "$(dirname "$0")/text.sh" "$work/tree" "${TEXT_EVERY:-1}" >>"$work/results" &
wait $! || exit 2
if [ -e "$work/tree/layers/L4_locks/checks.h" ]; then
    JOBS=$jobs "$(dirname "$0")/text.sh" "$work/tree" "${TEXT_EVERY:-1}" checks >>"$work/results" &
    wait $! || exit 2
    JOBS=$jobs "$(dirname "$0")/debug.sh" "$work/tree" "${DEBUG_EVERY:-1}" >>"$work/results" &
    wait $! || exit 2
fi
JOBS=$jobs "$(dirname "$0")/statements.sh" "$work/tree" "${STATEMENTS_EVERY:-1}" >>"$work/results" &
wait $! || exit 2
awk -F'\t' -v known="$known" -f "$(dirname "$0")/report.awk" "$work/results"

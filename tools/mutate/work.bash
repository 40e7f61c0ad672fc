# SPDX-License-Identifier: MIT OR Apache-2.0
#
# What run.sh, text.sh and statements.sh begin with; they source it.  It sets tree (the first
# argument, default: here), jobs (JOBS, default: all processors), work (a directory
# that goes when the script ends), coq_with, which runs Coq, and stop, which says why and ends
# with status 2; and what the last two ask of Coq: to try a file, who failed, and what rests on what.
# shellcheck shell=bash disable=SC2034 # who sources it uses them
tree=$(cd "${1:-.}" && pwd) || exit 2
jobs=${JOBS:-$(nproc)}
work=$(mktemp -d) || exit 2
coq_with=$(cd "$(dirname "${BASH_SOURCE[0]}")/../prove" && pwd)/coq || exit 2
# What a job runs may write until it notices.
clean() {
    # shellcheck disable=SC2046 # each job is one word
    kill $(jobs -p) 2>/dev/null
    for _ in {1..100}; do
        rm -rf "$work" 2>/dev/null && return
        sleep 0.1
    done
}
trap clean EXIT

stop() {
    echo "mutate: $*" >&2
    exit 2
}

# coq FILE: what Coq says of it, in log
coq() {
    # shellcheck disable=SC2046 # each line of _CoqProject is several words
    timeout 300 "$coq_with" coqc -q $(grep '^-' _CoqProject) "$1" >log 2>&1
}

# failed FILE: the name of what Coq was proving when it gave up
failed() {
    local line
    line=$(sed -nE 's/^File "[^"]*", line ([0-9]+),.*/\1/p' log | tail -n 1)
    head -n "${line:-0}" "$1" |
        sed -nE 's/^ *(Local )?(Theorem|Lemma|Corollary|Example|Definition|Fixpoint) ([^ :]+).*/\3/p' | tail -n 1
}

# needed FILE...: into order, what these files rest on and themselves, what is needed first;
# into depends, each of those and one that it needs
needed() {
    local flags
    flags=$(grep '^-' _CoqProject)
    # shellcheck disable=SC2086 # words without spaces
    coqdep $flags -sort "$@" | tr ' ' '\n' | grep '\.v$' >"$work/order"
    [ -s "$work/order" ] || stop "no file of $*"
    # shellcheck disable=SC2046,SC2086 # words without spaces
    coqdep $flags $(cat "$work/order") |
        awk '$1 ~ /\.vo$/ { for (i = 2; i <= NF; i++) if ($i ~ /\.vo$/) print $1, $i }' |
        sed 's/\.vo/.v/g' >"$work/depends"
}

# chain FILE GOAL: of what is needed, the files from FILE to GOAL that Coq must make again, in order
chain() {
    awk -v changed="$1" -v goal="$2" '
        NR == FNR { order[++count] = $1; next }
        { needs[$1] = needs[$1] " " $2 }
        END {
            # what is above the one that changed: files come after all that they need
            above[changed]
            for (i = 1; i <= count; i++) {
                many = split(needs[order[i]], need, " ")
                for (k = 1; k <= many; k++) if (need[k] in above) above[order[i]]
            }
            below[goal]
            for (i = count; i >= 1; i--) {
                if (!(order[i] in below)) continue
                many = split(needs[order[i]], need, " ")
                for (k = 1; k <= many; k++) below[need[k]]
            }
            for (i = 1; i <= count; i++) if (order[i] in above && order[i] in below) print order[i]
        }' "$work/order" "$work/depends"
}

# SPDX-License-Identifier: MIT OR Apache-2.0
#
# What run.sh, text.sh and statements.sh begin with; they source it.  It sets tree (the first
# argument, default: here), jobs (JOBS, default: all processors), work (a directory
# that goes when the script ends) and stop, which says why and ends with status 2.
# shellcheck shell=bash disable=SC2034 # who sources it uses them
tree=$(cd "${1:-.}" && pwd) || exit 2
jobs=${JOBS:-$(nproc)}
work=$(mktemp -d) || exit 2
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
    timeout 300 coqc -q $(grep '^-' _CoqProject) "$1" >log 2>&1
}

# failed FILE: the name of what Coq was proving when it gave up
failed() {
    local line
    line=$(sed -nE 's/^File "[^"]*", line ([0-9]+),.*/\1/p' log | tail -n 1)
    head -n "${line:-0}" "$1" |
        sed -nE 's/^ *(Local )?(Theorem|Lemma|Corollary|Example|Definition|Fixpoint) ([^ :]+).*/\3/p' | tail -n 1
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# All mutants of the definitions that the statements stand on; in short, every third of them:
# the mutants of `make test`.
load ../helper

@test "each mutant of a definition dies in the example that the list names" {
    tools/mutate/statements.sh . 2>"$tmp/log" >"$tmp/results"
    awk -F'\t' 'NR == FNR { file[$1]; next } $1 in file' <(cat test/mutate/statements*.tsv) \
        test/mutate/equivalent.txt >"$tmp/known"
    run awk -F'\t' -v known="$tmp/known" -f tools/mutate/report.awk "$tmp/results"
    echo "$output"
    [ "$status" = 0 ]
    total=$(cat test/mutate/statements*.tsv | grep -cvE '^(#|$)')
    [ "${lines[-1]}" = "$total passed, 0 failed" ]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The hypervisor core at EL2: orders of steps that ../el2.bats does not run, on a loaded host,
# and what happens if any one acquire is left out.
OF_SHIPPED_TABLE=yes
load ../helper

@test "25 seeds, on 2, 3, 4, 8 and 16 CPUs" {
    keep_busy 4
    for seed in {1..25}; do
        for cpus in 2 3 4 8 16; do
            run -0 el2/run --cpus $cpus --cpu max --out "$tmp/run" lives=8 seed=$seed
            [[ "$output" == *"judge: allowed: "*"judge: executed: "*"model: "*" are right"* ]]
        done
    done
}

@test "64 CPUs, 16 VMs" {
    run -0 el2/run --cpus 64 --out "$tmp/run" lives=16
}

@test "each wrong core is caught, by what the table says" {
    for name in $(grep -v '^#' test/el2/wrong.tsv | cut -f1); do
        test/el2/wrong "$name" "$tmp"
    done
}

# lines VERB: FILE:LINE of each call in the core
lines() {
    grep -nE "^\s+$1_(core|vm|pt|s2page|smmu|spt)\(" el2/{contend,page,smmu,vm}.c |
        sed -E 's|^el2/([a-z]+\.c):([0-9]+):.*|\1:\2|'
}

@test "each acquire that is left out, and each release, is caught" {
    for line in $(lines enter) $(lines leave); do
        printf '%s\t%s\t%sd\t1|2|3|4\t.\n' "without_$line" "${line%:*}" "${line#*:}"
    done >"$tmp/table"
    [ "$(wc -l <"$tmp/table")" -ge 90 ]
    while IFS=$'\t' read -r name _; do
        test/el2/wrong "$name" "$tmp" "$tmp/table"
    done <"$tmp/table"
}

# pairs: FILE FUNCTION FAMILY
pairs() {
    awk '
        /^[a-z].*\)$/ { match($0, /[a-z_0-9]+\(/); function_name = substr($0, RSTART, RLENGTH - 1) }
        /^\t+enter_(core|vm|pt|s2page|smmu|spt)\(/ {
            family = $1
            sub(/^enter_/, "", family)
            sub(/\(.*/, "", family)
            pair = FILENAME " " function_name " " family
            sub(/^el2./, "", pair)
            if (!(pair in seen)) print pair
            seen[pair]
        }' el2/{contend,page,smmu,vm}.c
}

@test "a function that leaves out a lock, acquires and releases, is caught" {
    while read -r file name family; do
        printf '%s\t%s\t/^[a-z].*[ *]%s\(.*\)$/,/^}/{/(enter|leave)_%s\(/d}\t1|2|3|4\t.\n' \
            "$name-without-$family" "$file" "$name" "$family"
    done < <(pairs) >"$tmp/table"
    [ "$(wc -l <"$tmp/table")" -ge 40 ]
    while IFS=$'\t' read -r name _; do
        test/el2/wrong "$name" "$tmp" "$tmp/table"
    done <"$tmp/table"
}

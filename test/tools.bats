#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The C of the tools, the benchmark and the check of object code: who calls whom, what
# can change, one dialect.  That of c2coq is in c2coq.bats, but for the dialect.
load helper

hosted_sources() {
    ls tools/*/*.c bench/*.c bench/*/*.c test/orders/*.c | grep -v /primitives.c
}

# flags: -I and -D for all of them
flags() {
    echo -I. -Iinclude -DBENCH_COMPILER='""' "$(llvm-config-14 --cflags | grep -o -- '-I[^ ]*')" \
        -isystem "$(ocamlc -where)"
    # the benchmark's family: the largest (tools/make/build.mk)
    sort -t$'\t' -k3nr build/locks.tsv | awk -F'\t' 'NR == 1 { print "-DBENCH_FAMILY=" $1, "-DBENCH_FAMILY_LOCKS=" $3 }'
}

# objects_of DIRECTORY...: the objects of all their sources in $tmp/objects
objects_of() {
    local sources
    mapfile -t sources < <(hosted_sources | grep -E "^($(IFS='|'; echo "$*"))/[^/]*$")
    rm -rf "$tmp/objects"
    # shellcheck disable=SC2046
    objects "$tmp/objects" $(flags) "${sources[@]}"
}

@test "the names of files in a circle are found" {
    run -0 circles <<<$'a b\nb c\nc b\nd e\ne f\nf d\nx a'
    [ "$output" = $'b c\nd e f' ]
    run -0 circles <<<$'a b\na c\nb c'
    [ -z "$output" ]
}

@test "no circle of files: bench, hlock, mutate, orders" {
    for room in "bench bench/measure bench/report" tools/hlock tools/mutate test/orders; do
        objects_of $room
        [ -n "$(calls "$tmp/objects")" ]
        [ -z "$(calls "$tmp/objects" | circles | tee /dev/stderr)" ]
    done
}

@test "no circle of headers in bench" {
    for file in bench/*.[ch] bench/*/*.[ch]; do
        sed -n 's/^#include "\(.*\)"/\1/p' "$file" | while read -r name; do
            for at in "$(dirname "$file")/$name" "bench/$name"; do
                [ ! -f "$at" ] || realpath --relative-to=. "$file" "$at" | paste -s -d ' '
            done
        done
    done >"$tmp/includes"
    [ "$(wc -l <"$tmp/includes")" -gt 50 ]
    [ -z "$(circles <"$tmp/includes")" ]
}

@test "no global that changes: bench, hlock, mutate, orders" {
    for room in tools/mutate test/orders; do
        objects_of $room
        [ -z "$(globals "$tmp/objects" | tee /dev/stderr)" ]
    done
    objects_of bench bench/measure bench/report
    [ "$(globals "$tmp/objects" | sort | paste -s -d ' ')" = "cpu hlock_records cpu own_cpu" ] # of the debug build
    objects_of tools/hlock
    [ "$(globals "$tmp/objects")" = "write parts" ] # for the handler of signals
}

# One dialect: C11, declarations at the head of a block or of a loop, bool for what is so or not.
@test "one dialect of C in tools, bench and orders" {
    # shellcheck disable=SC2046
    for source in $(hosted_sources); do
        gcc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Wpedantic -Wdeclaration-after-statement -Wstrict-prototypes \
            -Werror -fsyntax-only $(flags) "$source"
    done
    run -1 grep -nE '\<int (is|has|may|can)_|^\s+(size_t|int|unsigned) [ik](, [ik])?;$' \
        $(hosted_sources) tools/*/*.h bench/*.h bench/*/*.h test/orders/*.h
}

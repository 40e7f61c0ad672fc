#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The exporter: what it accepts gives the expected text, what it refuses gives
# file:line:column and a reason, and nothing else; it is clean under the address
# and undefined-behaviour sanitizers in all of these tests.
load helper

setup_file() {
    cd "$BATS_TEST_DIRNAME/.." || return 1
    gcc -std=c11 -O1 -g -Wall -Wextra -Werror -Wmissing-prototypes -fsanitize=address,undefined \
        -fno-sanitize-recover=all tools/c2coq/*.c -ljansson -o "$BATS_FILE_TMPDIR/c2coq"
}

c2coq() {
    "$BATS_FILE_TMPDIR/c2coq" "$@"
}

# accepts EXPECTED ARGUMENTS...: the output is test/c2coq/accept/EXPECTED.v.expected
accepts() {
    local expected=$1
    shift
    cd test/c2coq/accept
    c2coq -o "$tmp/out.v" "$@"
    diff -u "$expected.v.expected" "$tmp/out.v"
    cd - >/dev/null
}

# leaves_nothing: no output file, whole or half
leaves_nothing() {
    [ -z "$(ls "$tmp/out")" ]
}

# refused STATUS WHAT ARGUMENTS...: fails so, and an older output is gone
refused() {
    local status_wanted=$1 what=$2
    shift 2
    mkdir -p "$tmp/out"
    echo old >"$tmp/out/out.v"
    run -"$status_wanted" c2coq -o "$tmp/out/out.v" --locations "$tmp/out/functions.tsv" "$@"
    [[ "$output" == *"$what"* ]]
    leaves_nothing
}

# ---------------------------------------------------------------- accepted

@test "straight-line code, operators, casts, constants" {
    accepts straight --room . straight.c
}

@test "if and else" {
    accepts branch --room . branch.c
}

@test "loops" {
    accepts loop --room . loop.c
}

@test "calls and their temporaries" {
    accepts call --room . call.c
}

@test "&& || ?:" {
    accepts logic --room . logic.c
}

@test "a header" {
    accepts header --room . header.h
}

@test "functions made from a table, in two builds" {
    accepts locks --room locks locks/locks.c
    accepts locks_debug --room locks locks/locks.c -- -DDEBUG
}

@test "a function from a table is located at its line of the table" {
    cd test/c2coq/accept
    c2coq --room locks --locations "$tmp/functions.tsv" -o "$tmp/out.v" locks/locks.c
    diff - "$tmp/functions.tsv" <<<$'acquire_lock_core\tlocks/table.def\t2
release_lock_core\tlocks/table.def\t2
acquire_lock_pt\tlocks/table.def\t4'
    grep -qF '(* locks/table.def:4:4 *)' "$tmp/out.v"
}

@test "the bytes do not depend on the way to the files" {
    cp -r test/c2coq/accept "$tmp/tree"
    cd "$tmp/tree/locks"
    ln -s .. up
    c2coq --room ../locks/ up/./locks/locks.c -- -I../elsewhere -I. >"$tmp/one"
    cd ..
    c2coq --room locks "$tmp/tree/locks/locks.c" -- -I. >"$tmp/two"
    sed -e 1d -e 's|^(\* \.\./|(* |' "$tmp/one" >"$tmp/one.body"
    sed 1d "$tmp/two" | diff "$tmp/one.body" -
}

@test "without -o the output is standard output, with the same first line" {
    cd test/c2coq/accept
    c2coq --room . branch.c >"$tmp/out.v"
    cmp "$tmp/out.v" branch.v.expected
}

@test "the command in the first line makes the file again" {
    cp -r test/c2coq/accept "$tmp/tree"
    cd "$tmp/tree"
    mv locks 'the locks'
    c2coq --room 'the locks' 'the locks/locks.c' -- '-DTEXT="a b"' -DDEBUG >"$tmp/one"
    command=$(sed -n '1s/^(\* \(.*\)\. Never edited\. \*)$/\1/p' "$tmp/one")
    eval "$command" >"$tmp/two"
    cmp "$tmp/one" "$tmp/two"
}

@test "the subset of Coq reads every expected file" {
    mkdir "$tmp/clight"
    cp clight/{options,integers,values,syntax,clightdefs}.v "$tmp/clight"
    cd "$tmp/clight"
    coqc -q -Q . hlock.clight options.v
    for file in integers values syntax clightdefs; do
        coqc -q -Q . hlock.clight $file.v
    done
    for file in "$BATS_TEST_DIRNAME"/c2coq/accept/*.expected; do
        name=$(basename "$file" .v.expected)_sample
        # clight/ has no _Bool, to which && and || cast, as long as no floor uses them.
        sed '/Local Open Scope clight_scope/a Definition tbool := Tint IBool Unsigned noattr.' \
            "$file" >"$name.v"
        coqc -q -Q . hlock.clight "$name.v"
    done
}

# gcc's tree of ARGUMENTS and the export in $tmp/out.v have the same bags, in
# which the function NAME occurs
same_as_gcc() {
    local name=$1
    shift
    rm -f "$tmp"/gcc.*
    gcc -std=c11 -ffreestanding -Iinclude -fkeep-inline-functions \
        -fdump-tree-original="$tmp/gcc" -c -o /dev/null "$@"
    awk -f test/c2coq/bag_of_export.awk "$tmp/out.v" | sort >"$tmp/export.bag"
    cut -d' ' -f1 "$tmp/export.bag" | sort -u >"$tmp/functions"
    awk -f test/c2coq/bag_of_gcc.awk "$tmp/gcc" | grep -wFf "$tmp/functions" |
        awk 'NR == FNR { wanted[$1]; next } $1 in wanted' "$tmp/functions" - | sort >"$tmp/gcc.bag"
    grep -q "^$name " "$tmp/export.bag"
    diff "$tmp/gcc.bag" "$tmp/export.bag"
}

@test "gcc sees the same calls, operators and constants in the floors" {
    c2coq --room layers/L1_ticket -o "$tmp/out.v" layers/L1_ticket/ticket.h -- -ffreestanding
    same_as_gcc wait_lock -x c layers/L1_ticket/ticket.h
    c2coq --room layers/L3_atomic -o "$tmp/out.v" layers/L3_atomic/atomic.h -- -ffreestanding
    same_as_gcc wait_hlock -x c layers/L3_atomic/atomic.h
    for define in -URELEASE -DHLOCK_DEBUG; do
        c2coq --room layers/L4_locks -o "$tmp/out.v" layers/L4_locks/locks.c -- \
            -ffreestanding -Iinclude $define
        same_as_gcc acquire_lock_pt $define layers/L4_locks/locks.c
    done
}

@test "the comparison with gcc sees a changed operator, constant and callee" {
    c2coq --room layers/L4_locks -o "$tmp/out.v" layers/L4_locks/locks.c -- -ffreestanding -Iinclude
    cp "$tmp/out.v" "$tmp/right.v"
    same_as_gcc acquire_lock_pt layers/L4_locks/locks.c
    for change in 's/Oadd/Osub/' 's/Int.repr 21)/Int.repr 20)/' 's/Evar _pass_hlock/Evar _wait_hlock/'; do
        sed "$change" "$tmp/right.v" >"$tmp/out.v"
        run ! same_as_gcc acquire_lock_pt layers/L4_locks/locks.c
    done
}

# ----------------------------------------------------------------- refused

@test "each construct outside the subset is refused, with its place" {
    cd test/c2coq/refuse
    for file in *.c; do
        expected=$(sed -n '1s|^// expect: ||p' "$file")
        [[ "$expected" =~ ^[0-9]+:[0-9]+:\ .. ]]
        refused 1 "$file:$expected" --room . "$file"
    done
}

@test "a refusal in a macro tells its use and where it is written" {
    cd test/c2coq/refuse
    refused 1 'macro.c:8:9: ' --room . macro.c
    [[ "$output" == *'(in a macro, written at macro.c:5:18)'* ]]
}

@test "a refusal in an included table names the table" {
    printf 'F(f, 1)\n\n  F(g, 1L)\n' >"$tmp/table.def"
    printf '#define F(n, v) unsigned n(void) { return (unsigned)v; }\n#include "table.def"\n' >"$tmp/t.c"
    refused 1 "$tmp/table.def:3:3: type 'long'" --room "$tmp" "$tmp/t.c" -- -Wno-missing-prototypes
}

@test "not C: empty, binary, missing, a directory, deep" {
    : >"$tmp/empty.c"
    refused 1 'empty.c:1:1: no function is defined' --room "$tmp" "$tmp/empty.c"
    head -c 20000 "$(command -v gcc)" >"$tmp/binary.c"
    refused 1 'binary.c:1:1: not exported' --room "$tmp" "$tmp/binary.c"
    refused 1 'no such file' --room "$tmp" "$tmp/missing.c"
    mkdir "$tmp/directory.c"
    refused 1 'directory.c:1:1: not exported' --room "$tmp" "$tmp/directory.c"
    awk 'BEGIN { printf "int f(int x) { return x"; for (i = 0; i < 3000; i++) printf " + 1"; print "; }" }' \
        >"$tmp/deep.c"
    refused 1 'deep.c:1:1: nested too deeply' --room "$tmp" "$tmp/deep.c"
}

@test "a source that is cut off anywhere is refused or whole, never a crash" {
    size=$(wc -c <test/c2coq/accept/call.c)
    for length in $(seq 300 61 "$size"); do
        head -c "$length" test/c2coq/accept/call.c >"$tmp/cut.c"
        mkdir -p "$tmp/out"
        run c2coq --room "$tmp" -o "$tmp/out/out.v" "$tmp/cut.c"
        [ "$status" -le 1 ]
        if [ "$status" = 0 ]; then
            [ "$(tail -c 4 "$tmp/out/out.v")" = 'l).' ]
            rm "$tmp/out/out.v"
        fi
        leaves_nothing
    done
}

@test "clang's warnings cannot be turned off" {
    printf 'int f(void)\n{\n\tint x = 1;\n\treturn 0;\n}\n' >"$tmp/w.c"
    refused 1 "w.c:3:6: error: unused variable 'x'" --room "$tmp" "$tmp/w.c" -- \
        -Wno-error -Wno-unused-variable
}

@test "wrong usage and failing tools have status 2" {
    refused_usage() {
        run -2 c2coq "$@"
        [[ "$output" == *c2coq:*usage:* ]]
    }
    refused_usage
    refused_usage --room . -- a.c
    refused_usage a.c
    refused_usage --room . a.txt
    refused_usage --room . a.c b.c
    refused_usage --room . -o out.c a.c
    refused_usage --room . --wrong a.c
    refused_usage --room . a.c -- '-Da=*)'
    refused_usage --room . a.c -- '-Da="'
    run -2 c2coq --room "$tmp/missing" test/c2coq/accept/branch.c
    [[ "$output" == "c2coq: no such directory: $tmp/missing" ]]
    run -2 env PATH="$tmp" "$BATS_FILE_TMPDIR/c2coq" --room . a.c
    [[ "$output" == 'c2coq: cannot run clang-14: '* ]]
    run -2 c2coq --room test -o "$tmp/missing/out.v" test/c2coq/accept/branch.c
    [[ "$output" == 'c2coq: cannot write the output: No such file or directory' ]]
    run -0 c2coq --help
    [[ "$output" == usage:* ]]
}

@test "a full disk leaves nothing" {
    run -2 bash -c "'$BATS_FILE_TMPDIR/c2coq' --room test test/c2coq/accept/branch.c >/dev/full"
    [[ "$output" == 'c2coq: cannot write the output: No space left on device' ]]
    mkdir "$tmp/out"
    ln -s /dev/full "$tmp/out/out.v.tmp"
    run -2 c2coq --room test -o "$tmp/out/out.v" test/c2coq/accept/branch.c
    [[ "$output" == 'c2coq: cannot write the output: No space left on device' ]]
    leaves_nothing
}

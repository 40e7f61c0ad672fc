#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The lock table, and what locktable makes of it.
load helper

# table TEXT: makes $tmp/bad.def, and a locktable for it
table() {
    printf '%s\n' "$@" >"$tmp/bad.def"
    gcc $HOSTED -O0 -DHLOCK_TABLE="\"$tmp/bad.def\"" tools/locktable/*.c -o "$tmp/locktable"
}

# refuses LINE WHAT TABLE-LINES...: one message for that line, exit 1, no file
refuses() {
    local line=$1 what=$2
    shift 2
    table "$@"
    for verb in header coq theorems tsv; do
        run -1 "$tmp/locktable" $verb "$tmp/out"
        [[ "$output" == "$tmp/bad.def:$line: "*"$what"* ]]
        [ ! -e "$tmp/out" ]
        [ ! -e "$tmp/out.part" ]
    done
}

@test "the committed header is what the table gives" {
    build/locktable header "$tmp/hlock.h"
    cmp "$tmp/hlock.h" include/hlock/hlock.h
}

@test "the header has twelve documented functions, each proved by two theorems" {
    [ "$(grep -cE '^void (acquire|release)_lock_[a-z0-9]+\((void|uint32_t vmid)\);$' include/hlock/hlock.h)" = 12 ]
    build/locktable theorems "$tmp/theorems"
    for theorem in $(grep -oE '\w+_(body|code)_correct' include/hlock/hlock.h); do
        grep -qw "$theorem" "$tmp/theorems"
    done
}

@test "tsv gives the numbers of the table and the line of each family" {
    build/locktable tsv "$tmp/tsv"
    [ "$(wc -l <"$tmp/tsv")" = 6 ]
    line=$(grep -n '(vm,' layers/L4_locks/lock_table.def | cut -d: -f1)
    [[ "$(grep ^vm "$tmp/tsv")" == $'vm\t21\t17\t2\t'*$'\tacquire_lock_vm\trelease_lock_vm\t'$line ]]
}

@test "overlapping families are refused" {
    refuses 3 'locks 4 to 8 overlap pt, locks 0 to 4, of line 1' \
        'HLOCK_ARRAY(pt, vmid, 0, 5, 1, "a")' '' 'HLOCK_ARRAY(vm, vmid, 4, 5, 2, "b")'
    refuses 2 'overlap' 'HLOCK_ONE(a, 7, 1, "a")' 'HLOCK_ARRAY(b, i, 0, 8, 2, "b")'
    refuses 2 'overlap' 'HLOCK_ARRAY(b, i, 0, 8, 2, "b")' 'HLOCK_ONE(a, 7, 1, "a")'
}

@test "neighbours and gaps are accepted" {
    table 'HLOCK_ARRAY(pt, vmid, 0, 5, 1, "a")' 'HLOCK_ONE(a, 5, 1, "a")' 'HLOCK_ONE(b, 4294967295, 1, "b")'
    "$tmp/locktable" coq "$tmp/out"
}

@test "lock numbers beyond 2^32 are refused" {
    refuses 1 'first + count > 2^32' 'HLOCK_ARRAY(pt, vmid, 4294967295, 2, 1, "a")'
    refuses 1 'first + count > 2^32' 'HLOCK_ARRAY(pt, vmid, 1, 4294967296, 1, "a")'
    refuses 1 'first + count > 2^32' 'HLOCK_ONE(pt, 4294967296, 1, "a")'
    refuses 1 'first + count > 2^32' 'HLOCK_ONE(pt, -1, 1, "a")'
    refuses 1 'first + count > 2^32' 'HLOCK_ARRAY(pt, i, 18446744073709551615, 2, 1, "a")'
    refuses 1 'rank' 'HLOCK_ONE(pt, 1, 4294967296, "a")'
}

@test "a family without locks is refused, and so is an empty table" {
    refuses 2 'no lock' '' 'HLOCK_ARRAY(pt, vmid, 4, 0, 1, "a")'
    refuses 1 'no family' ''
}

@test "a name that is taken or is no identifier is refused" {
    refuses 2 'the name is taken by line 1' 'HLOCK_ONE(a, 1, 1, "a")' 'HLOCK_ONE(a, 2, 1, "b")'
    refuses 1 'not a C identifier' 'HLOCK_ONE(a-b, 1, 1, "a")'
    refuses 1 'not a C identifier' 'HLOCK_ONE(7a, 1, 1, "a")'
    refuses 1 'not a C identifier' 'HLOCK_ONE(, 1, 1, "a")'
    refuses 1 'index name is not a C identifier' 'HLOCK_ARRAY(a, b c, 1, 1, 1, "a")'
}

@test "an object that would break a comment or a string is refused" {
    refuses 1 'not plain text' 'HLOCK_ONE(a, 1, 1, "x */ y")'
    refuses 1 'not plain text' 'HLOCK_ONE(a, 1, 1, "x \" y")'
    refuses 1 'not plain text' 'HLOCK_ONE(a, 1, 1, "")'
}

@test "all faults of a table are reported" {
    table 'HLOCK_ARRAY(a, i, 1, 0, 1, "a")' 'HLOCK_ONE(b, 1, 1, "")'
    run -1 "$tmp/locktable" tsv "$tmp/out"
    [ "${#lines[@]}" = 2 ]
}

@test "wrong usage and a file that cannot be written end with status 2" {
    run -2 build/locktable
    run -2 build/locktable sing "$tmp/out"
    run -2 build/locktable tsv "$tmp/no/such/folder"
}

@test "a seventh family of 5 locks needs one line" {
    cp -r layers include tools Makefile "$tmp"
    cd "$tmp"
    echo 'HLOCK_ARRAY(irq, line, 38, 5, 6, "interrupt routing")' >>layers/L4_locks/lock_table.def
    make -s lib
    grep -q '^void acquire_lock_irq(uint32_t line);$' include/hlock/hlock.h
    nm build/libhlock.a | grep -q 'T release_lock_irq$'
    [ "$(nm -S build/libhlock.a | grep 'B hlock_words$' | cut -d' ' -f2)" = "$(printf %016x $((43 * 64)))" ]
}

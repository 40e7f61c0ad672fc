#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The object code that is proved.  elf2coq takes the bytes as readelf does, and refuses what
# it does not know; it is clean under the address and undefined-behaviour sanitizers in
# all of these tests.  What the checker says of builds that doc/codegen.md lists, and of wrong ones.
OF_SHIPPED_TABLE=yes
load helper
load orders/flags

setup_file() {
    cd "$BATS_TEST_DIRNAME/.." || return 1
    gcc -std=c11 -O1 -g -Wall -Wextra -Werror -D_GNU_SOURCE -fsanitize=address,undefined \
        -fno-sanitize-recover=all tools/elf2coq/*.c -lelf -o "$BATS_FILE_TMPDIR/elf2coq"
}

elf2coq() {
    ASAN_OPTIONS=detect_leaks=0 "$BATS_FILE_TMPDIR/elf2coq" "$@"
}

# compile COMPILER [LAYERS]: $tmp/locks.o
compile() {
    local program=${1%% *}
    # its options come last, so that they count
    # shellcheck disable=SC2086
    $program $LIBC ${1#"$program"} -c "${2:-layers}/L4_locks/locks.c" -o "$tmp/locks.o"
}

# refused WHAT FILE: with an offset and that reason, and nothing is printed
refused() {
    run -1 --separate-stderr elf2coq file "$2"
    [ -z "$output" ]
    [[ "$stderr" == "$2: offset 0x"*": $1"* ]]
}

# says YES_OR_NO COMPILER [LAYERS]: the checker, of the functions of the shipped table
says() {
    local answer=$1
    shift
    compile "$@"
    {
        echo 'From Coq Require Import ZArith List String.'
        echo 'From hlock.generated Require Import lock_table.'
        echo 'From hlock.object Require Import armv8_decode armv8.'
        echo 'Import ListNotations. Local Open Scope Z_scope.'
        elf2coq file "$tmp/locks.o"
        echo 'Eval vm_compute in object_ok "" lock_table file.'
    } >"$tmp/says.v"
    # shellcheck disable=SC2046 # each line of _CoqProject is several words
    [[ "$(coqc -q $(grep '^-' _CoqProject) "$tmp/says.v")" == "     = $answer"* ]]
}

@test "the bytes, the functions and the array are those that readelf and objcopy see" {
    compile aarch64-linux-gnu-gcc
    elf2coq file "$tmp/locks.o" >"$tmp/file.v"
    aarch64-linux-gnu-objcopy -O binary -j .text "$tmp/locks.o" "$tmp/text"
    od -An -v -tu1 "$tmp/text" | grep -oE '[0-9]+' >"$tmp/expected"
    sed -n '/text := /,/]];/p' "$tmp/file.v" | grep -oE '[0-9]+' | cmp - "$tmp/expected"
    aarch64-linux-gnu-readelf -sW "$tmp/locks.o" | awk '$4 == "FUNC" { print $8, $2 }' >"$tmp/expected"
    sed -nE 's/.*\("([a-z0-9_]+)"%string, ([0-9]+)\).*/\1 \2/p' "$tmp/file.v" |
        while read -r name at; do printf '%s %016x\n' "$name" "$at"; done | cmp - "$tmp/expected"
    size=$(aarch64-linux-gnu-readelf -sW "$tmp/locks.o" | awk '$8 == "hlock_words" { print $3 }')
    grep -qx "  array_size := $size" "$tmp/file.v"
    [ "$(grep -c '_21 (\|_12 (' "$tmp/file.v")" = "$(aarch64-linux-gnu-readelf -rW "$tmp/locks.o" |
        grep -c 'R_AARCH64_ADR_PREL_PG_HI21\|R_AARCH64_ADD_ABS_LO12_NC')" ]
}

@test "what is not known is refused, with its offset" {
    refused 'this is no ELF file' Makefile
    gcc $LIBC -c layers/L4_locks/locks.c -o "$tmp/native.o"
    refused 'this is no relocatable object of little-endian aarch64' "$tmp/native.o"
    compile 'aarch64-linux-gnu-gcc -fPIC'
    refused 'a relocation of type 311 is not known' "$tmp/locks.o"
    compile 'aarch64-linux-gnu-gcc -ffunction-sections'
    refused 'a second section of code' "$tmp/locks.o"
    compile 'aarch64-linux-gnu-gcc -Dhlock_words=other_words'
    refused 'no array hlock_words is defined' "$tmp/locks.o"
    run -2 elf2coq file
}

@test "files that are cut off or changed are refused, or read" {
    compile aarch64-linux-gnu-gcc
    size=$(stat -c %s "$tmp/locks.o")
    for ((n = 0; n < 150; n++)); do
        head -c $((size * n / 150)) "$tmp/locks.o" >"$tmp/changed.o"
        elf2coq file "$tmp/changed.o" >"$tmp/out" 2>&1 || [ $? = 1 ]
        cp "$tmp/locks.o" "$tmp/changed.o"
        # one byte of the headers, the symbols or the relocations
        at=$((n % 3 == 0 ? n % 64 : size - 1 - n * 17 % (size * 3 / 5)))
        printf "\\x$(printf %x $((n * 37 % 256)))" |
            dd of="$tmp/changed.o" bs=1 seek=$at conv=notrunc status=none
        elf2coq file "$tmp/changed.o" >"$tmp/out" 2>&1 || [ $? = 1 ]
    done
}

@test "the checker says yes of the builds of doc/codegen.md" {
    clang="clang-14 --target=aarch64-linux-gnu"
    says true 'aarch64-linux-gnu-gcc -Os'
    says true 'aarch64-linux-gnu-gcc -O3 -march=armv8.1-a -DHLOCK_LINE=128'
    says true 'aarch64-linux-gnu-gcc -mbranch-protection=standard -fpie'
    says true 'aarch64-linux-gnu-gcc -fpatchable-function-entry=4'
    says true "$clang -O1"
    says true "$clang -DHLOCK_ARCH_C11 -mno-outline-atomics"
    says true "$clang -O3 -march=armv8.1-a -mbranch-protection=standard"
}

@test "the checker says no of code with a weaker order, a status that is ignored, or no way to know" {
    says false 'aarch64-linux-gnu-gcc -O0'
    for change in 's/stlxr/stxr/' 's/"stlr/"str/' 's/ldaxr/ldxr/' 's/ldaddal/ldadda/'; do
        copy_layers "$tmp/layers" L0_machine/arch/aarch64.h "$change"
        case $change in
        *ldadd*) says false 'aarch64-linux-gnu-gcc -march=armv8.1-a' "$tmp/layers" ;;
        *) says false aarch64-linux-gnu-gcc "$tmp/layers" ;;
        esac
        rm -r "$tmp/layers"
    done
}

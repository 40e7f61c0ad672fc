#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# What object.bats does with a sample: each bit of code and relocations, of what both compilers
# make; the decoder beside LLVM's on all words; 100,000 sequences of instructions under qemu-user.
OF_SHIPPED_TABLE=yes
load ../helper
load ../orders/flags
load ../object/flips
load ../object/meaning

@test "each bit that is changed is refused, or does no harm, in a run, too" {
    local compiler target
    for compiler in aarch64-linux-gnu-gcc "clang-14 --target=aarch64-linux-gnu"; do
        for target in "" -march=armv8.1-a; do
            # shellcheck disable=SC2086 # options
            $compiler $LIBC $target -c layers/L4_locks/locks.c -o "$tmp/locks.o"
            wrong_one_is_seen "$tmp/locks.o"
            flips_do_no_harm "$tmp/locks.o" .text 1 1
            flips_do_no_harm "$tmp/locks.o" .rela.text 1 1
        done
    done
}

@test "30 million changed objects are read, or refused with an offset; no sanitizer has a complaint" {
    local seed
    gcc -std=c11 -O1 -g -Wall -Wextra -Werror -D_GNU_SOURCE -I. -fsanitize=address,undefined \
        -fno-sanitize-recover=all test/object/fuzz.c tools/elf2coq/{object,image,reader}.c -lelf -o "$tmp/fuzz"
    # shellcheck disable=SC2086 # options
    aarch64-linux-gnu-gcc $LIBC -ffunction-sections -c layers/L4_locks/locks.c -o "$tmp/locks.o"
    for seed in {4..13}; do
        "$tmp/fuzz" "$tmp/locks.o" 2000000 "$seed"
        "$tmp/fuzz" build/aarch64/libhlock.a 1000000 "$seed"
    done
}

@test "doc/matrix.md says what is said of builds, of each, and nothing else" {
    test/object/matrix 1 images >"$tmp/rows"
    test/object/matrix >>"$tmp/rows"
    grep '^| `' doc/matrix.md | diff - "$tmp/rows"
}

@test "what is decoded is what LLVM reads: of 50 million words with relocations" {
    local seed
    for ((seed = 2; seed < 12; seed++)); do
        run -0 build/decoder 5000000 "$seed"
        [[ "${lines[-1]}" == *" decoded, 0 differ" ]]
    done
}

# parts FIRST: each second 256th of all words, on one core
parts() {
    local part
    for ((part = $1; part < 256; part += 2)); do
        build/decoder from $((part << 24)) $((1 << 24)) >"$tmp/part.$part" || return 1
        tail -n 1 "$tmp/part.$part" >>"$tmp/parts.$1"
    done
}

@test "what is decoded is what LLVM reads: all 4,294,967,296 words" {
    parts 1 3>&- &
    parts 0
    wait $!
    [ "$(cat "$tmp"/parts.[01] | grep -cE '^16777216 words, [0-9]+ decoded, 0 differ$')" = 256 ]
}

@test "100,000 sequences of instructions do what Coq says of them" {
    means_the_same 100000 2
}

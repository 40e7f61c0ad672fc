#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# What object.bats and instructions.bats do with a sample: each bit of code and relocations, of what both compilers
# make; the decoder beside LLVM's on all words; 100,000 sequences of instructions under qemu-user.
OF_SHIPPED_TABLE=yes
load ../helper
load ../orders/flags
load ../object/elf2coq
load ../object/flips
load ../object/meaning

@test "each bit that is changed is refused, or does no harm, in a run, too" {
    local compiler machine target
    while read -r machine target; do
        for compiler in "$machine-linux-gnu-gcc" "clang-14 --target=$machine-linux-gnu"; do
            compile "$compiler $target"
            wrong_one_is_seen "$machine" "$tmp/locks.o"
            flips_do_no_harm "$machine" "$tmp/locks.o" .text 1 1
            flips_do_no_harm "$machine" "$tmp/locks.o" .rela.text 1 1
        done
    done <<'END'
aarch64
aarch64 -march=armv8.1-a
aarch64 -fno-pie -mcmodel=large
riscv64
x86_64
END
}

@test "30 million changed objects are read, or refused with an offset; no sanitizer has a complaint" {
    local seed machine
    build_elf2coq "$tmp"
    for machine in aarch64 riscv64 x86_64; do
        compile "$machine-linux-gnu-gcc -ffunction-sections"
        for seed in {4..13}; do
            "$tmp/fuzz" "$tmp/locks.o" 700000 "$seed"
            "$tmp/fuzz" build/$machine/libhlock.a 300000 "$seed"
        done
    done
}

@test "doc/matrix.md says what is said of builds, of each, and nothing else" {
    test/object/matrix 1 images >"$tmp/rows"
    test/object/matrix >>"$tmp/rows"
    test/object/matrix 1 ported >>"$tmp/rows"
    test/object/matrix 1 debug >>"$tmp/rows"
    test/object/matrix 1 debug-ported >>"$tmp/rows"
    grep -E '^\| ((riscv64|x86_64) \| )?`' doc/matrix.md | diff - "$tmp/rows"
}

@test "what is decoded is what LLVM reads: of 50 million words with relocations" {
    local seed
    for ((seed = 2; seed < 12; seed++)); do
        run -0 build/decoder 5000000 "$seed"
        [[ "${lines[-1]}" == *" decoded, 0 differ" ]]
    done
}

# parts PROGRAM FIRST: each second 256th of all words, on one core
parts() {
    local part
    for ((part = $2; part < 256; part += 2)); do
        "$1" from $((part << 24)) $((1 << 24)) >"$tmp/part.$part" || return 1
        tail -n 1 "$tmp/part.$part" >>"$tmp/parts.$2"
    done
}

# all_words PROGRAM LAST: of each part the last line is that
all_words() {
    parts "$1" 1 3>&- &
    parts "$1" 0
    wait $!
    [ "$(cat "$tmp"/parts.[01] | grep -cxE "$2")" = 256 ]
}

@test "what is decoded is what LLVM reads: all 4,294,967,296 words" {
    all_words build/decoder '16777216 words, [0-9]+ decoded, 0 differ'
}

@test "riscv64: what is decoded is what LLVM reads: all words of 32 bits, and of 16" {
    all_words build/riscv_decoder '[0-9]+ decoded, 0 differ'
}

@test "100,000 sequences of instructions do what Coq says of them" {
    means_the_same 100000 2
}

@test "riscv64 and x86_64: what is decoded is what LLVM reads: 3 million texts, 50 million instructions" {
    riscv_is_decoded 3000000 2
    x86_is_decoded 50000000 2
}

@test "riscv64 and x86_64: 200,000 sequences of instructions do what Coq says of them" {
    riscv_means_the_same 200000 2
    x86_means_the_same 200000 2
}

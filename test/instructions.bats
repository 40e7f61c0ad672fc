#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# What is trusted of instructions: what is decoded is what LLVM reads, and sequences of them do what Coq says.
OF_SHIPPED_TABLE=yes
load helper
load object/elf2coq
load object/meaning

@test "sequences of instructions do what Coq says of them, memory and flag included: 10,000, under qemu-user" {
    means_the_same 10000 1
}

@test "what is decoded is what LLVM reads: 10 million words" {
    run -0 build/decoder 10000000 1
    [[ "${lines[-1]}" == "10000000 words, "*" decoded, 0 differ" ]]
    # all kinds of instructions are among them
    [ "${#lines[@]}" -ge 72 ]
}

@test "riscv64: what is decoded is what LLVM reads: 150,000 texts of some instructions" {
    riscv_is_decoded 150000 1
}

@test "x86_64: what is decoded is what LLVM reads: 1.5 million instructions" {
    x86_is_decoded 1500000 1
}

@test "riscv64: sequences of instructions do what Coq says of them: 15,000, under qemu-user" {
    riscv_means_the_same 15000 1
}

@test "x86_64: sequences of instructions do what Coq says of them, flag included: 15,000" {
    x86_means_the_same 15000 1
}

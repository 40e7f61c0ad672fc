# SPDX-License-Identifier: MIT OR Apache-2.0
# For object.bats and long/object.bats: riscv64.

# riscv_is_decoded COUNT SEED: what is decoded of so many texts, of all kinds, is what LLVM reads
riscv_is_decoded() {
    local name
    run -0 build/riscv_decoder "$1" "$2"
    echo "# ${lines[-1]}"
    [[ "${lines[-1]}" =~ ^[0-9]+" decoded, 0 differ"$ ]]
    # each kind is among them, of several instructions, too
    for name in add add.uw addi addiw addw amoadd.w.aqrl amoswap.w auipc beq beqz bne bnez j jr li lui lw lwu mv neg \
        negw nop ret sext.w sh1add sh1add.uw sh2add sh2add.uw sh3add sh3add.uw slli slli.uw slliw srli srliw sub subw \
        sw zext.w 'auipc addi' 'auipc jr' 'auipc ld' 'auipc lw' 'auipc lw fence' 'fence amoadd.w.aq' 'fence amoswap.w' \
        'fence sw' 'fence sw fence' 'lw fence' 'sw fence'; do
        grep -qE "^$name [1-9]" <<<"$output"
    done
}

# riscv_means_the_same COUNT SEED: so many sequences, of all kinds of instructions, end under qemu-user as Coq says
riscv_means_the_same() {
    local name
    riscv64-linux-gnu-gcc -std=c11 -O2 -Wall -Wextra -Werror -static -fno-pie -no-pie \
        -Wl,--section-start=.sequence=0x4000000 -Wl,--no-warn-rwx-segments test/object/riscv_run.c -o "$tmp/riscv_run"
    build/riscv_meaning "$1" "$2" >"$tmp/cases"
    on riscv64 "$tmp/riscv_run" <"$tmp/cases" >"$tmp/results"
    run -0 build/riscv_meaning "$1" "$2" "$tmp/results"
    echo "# ${lines[-1]}"
    [[ "${lines[-1]}" =~ ^"$1 sequences, "[0-9]+" instructions, 0 differ"$ ]]
    # each kind is among them
    for name in add add.uw addi addiw addw amoadd.w amoadd.w.aq amoadd.w.aqrl amoadd.w.rl amoswap.w auipc beq beqz bne \
        bnez fence j jr ld li lui lw lwu mv nop ret sext.w sh1add sh1add.uw sh2add sh2add.uw sh3add sh3add.uw slli \
        slli.uw slliw srli srliw sub subw sw zext.w; do
        grep -qE "^$name [1-9]" <<<"$output"
    done
}

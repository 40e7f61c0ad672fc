#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# Targets that have no arch header of their own: 32-bit Arm, x86 and RISC-V, and big-endian
# aarch64, through c11.h, under qemu-user.
load helper

armv7="arm-linux-gnueabihf-gcc"
riscv32="clang-14 --target=riscv32-linux-gnu -march=rv32ima -mabi=ilp32 -mno-relax"

# kinds: qemu's name|header that machine.h chooses|linker|compiler
kinds() {
    cat <<END
i386|c11|x86_64-linux-gnu-ld -m elf_i386|clang-14 --target=i686-linux-gnu -fno-pie
riscv32|c11|riscv64-linux-gnu-ld -m elf32lriscv|$riscv32
aarch64_be|c11|aarch64-linux-gnu-ld -EB|clang-14 --target=aarch64_be-linux-gnu -DHLOCK_ARCH_C11 -mno-outline-atomics
aarch64_be|aarch64|aarch64-linux-gnu-ld -EB|clang-14 --target=aarch64_be-linux-gnu
END
}

# link_threads COMPILER LINKER LAYERS: threads.c with the library of these layers
link_threads() {
    $1 $LIBC -c "$3/L4_locks/locks.c" -o "$tmp/locks.o"
    $1 $LIBC -c test/programs/threads.c -o "$tmp/threads.o"
    $2 "$tmp/locks.o" "$tmp/threads.o" -o "$tmp/threads"
}

@test "32-bit Arm: the workload ends well, and the judge allows the run" {
    $armv7 $HOSTED -static -pthread -DSTRESS_OBJECT_CODE='"armv7, c11.h"' layers/L4_locks/locks.c test/stress/*.c \
        -o "$tmp/stress"
    run -0 --separate-stderr on arm "$tmp/stress" --rounds 300 --chains 200 --contended 15 --trace "$tmp/trace"
    [ -z "$stderr" ]
    [[ "${lines[0]}" == "object code: armv7, c11.h; 2 threads, "* ]]
    run -0 build/judge "$tmp/trace"
    [[ "${lines[-2]}" == "allowed: "*" events, "*" tickets" ]]
}

@test "32-bit x86, 32-bit RISC-V, big-endian aarch64: threads contend for every lock" {
    while IFS='|' read -r machine header linker compiler; do
        echo "# $compiler"
        [ "$($compiler $LIBC -MM layers/L4_locks/locks.c | grep -oE 'arch/[a-z0-9_]+\.h')" = "arch/$header.h" ]
        link_threads "$compiler" "$linker" layers
        run -0 cpu_limit 60 "qemu-$machine" "$tmp/threads"
    done < <(kinds)
}

@test "there a lock that does not wait is seen" {
    while IFS='|' read -r machine header linker compiler; do
        echo "# $compiler"
        rm -rf "$tmp/layers"
        cp -r layers "$tmp/layers"
        sed -i 's/while (get_now(lk) != my_ticket)/while (get_now(lk) + 1000U == my_ticket)/' \
            "$tmp/layers/L1_ticket/ticket.h"
        run ! cmp -s layers/L1_ticket/ticket.h "$tmp/layers/L1_ticket/ticket.h"
        link_threads "$compiler" "$linker" "$tmp/layers"
        run -1 cpu_limit 60 "qemu-$machine" "$tmp/threads"
    done < <(kinds)
}

@test "32-bit targets: every text compiles, release and debug, and a word fills its place" {
    size=$(printf '%x' $((64 * $(locks_of_table))))
    while IFS='|' read -r machine header linker compiler; do
        echo "# $compiler"
        for debug in "" -DHLOCK_DEBUG; do
            $compiler $LIBC $debug -c layers/L4_locks/locks.c -o "$tmp/locks.o"
            $compiler $LIBC $debug -c build/drop_in/hlock.c -o "$tmp/hlock.o"
            [ -z "$(llvm-nm-14 -u "$tmp/hlock.o" | grep -vE 'hlock_this_cpu|_GLOBAL_OFFSET_TABLE_')" ]
        done
        [ "$(llvm-nm-14 -S "$tmp/locks.o" | grep 'B hlock_words$' | cut -d' ' -f2 | sed 's/^0*//')" = "$size" ]
        [ -z "$(llvm-nm-14 -u "$tmp/locks.o" | grep -vE 'hlock_(wrong|records|this_cpu)|_GLOBAL_OFFSET_TABLE_')" ]
    done < <(kinds; echo "arm|c11||$armv7")
}

@test "a target whose 32-bit atomics would need a lock of their own is refused" {
    run clang-14 --target=riscv32-linux-gnu -march=rv32i -mabi=ilp32 $LIBC -c layers/L4_locks/locks.c -o "$tmp/locks.o"
    [ "$status" -ne 0 ]
    [[ "$output" == *"32-bit atomics need no lock of their own"* ]]
}

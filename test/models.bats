#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The instruction lists of which the theorems on the memory models of machines speak
# (machine/hardware/) are those of the object code, and the orders of C11 those of
# arch/c11.h.  Coq prints them; objdump prints what the compilers made.
load helper
load orders/flags

COMPILERS="gcc
clang-14
gcc -DHLOCK_ARCH_C11
clang-14 -DHLOCK_ARCH_C11
aarch64-linux-gnu-gcc
aarch64-linux-gnu-gcc -march=armv8.1-a
clang-14 --target=aarch64-linux-gnu
clang-14 --target=aarch64-linux-gnu -march=armv8.1-a
aarch64-linux-gnu-gcc -DHLOCK_ARCH_C11 -mno-outline-atomics
aarch64-linux-gnu-gcc -DHLOCK_ARCH_C11 -march=armv8.1-a
clang-14 --target=aarch64-linux-gnu -DHLOCK_ARCH_C11 -mno-outline-atomics
riscv64-linux-gnu-gcc
clang-14 --target=riscv64-linux-gnu
riscv64-linux-gnu-gcc -DHLOCK_RISCV_FENCE_AFTER_RELEASE
riscv64-linux-gnu-gcc -DHLOCK_ARCH_C11
clang-14 --target=riscv64-linux-gnu -DHLOCK_ARCH_C11"

setup_file() {
    cd "$root" || return 1
    tools/prove/prove machine/hardware/mnemonics.vo >"$BATS_FILE_TMPDIR/proved"
    printf '%s\n' 'From Coq Require Import String.' 'From hlock.machine.hardware Require Import mnemonics.' \
        'Set Printing Width 200.' 'Set Printing Depth 1000.' 'Local Open Scope string_scope.' \
        'Eval vm_compute in all_lines.' >"$BATS_FILE_TMPDIR/ask.v"
    # shellcheck disable=SC2046 # each line of _CoqProject is several words
    coqc -q $(grep "^-Q" _CoqProject) "$BATS_FILE_TMPDIR/ask.v" |
        grep -o '"[^"]*"' | tr -d '"' >"$BATS_FILE_TMPDIR/lists"
}

# of_machine COMPILER: its name here
of_machine() {
    case $1 in
    *aarch64*) echo aarch64 ;;
    *riscv64*) echo riscv64 ;;
    *) echo x86_64 ;;
    esac
}

# accesses MACHINE OBJECT FUNCTION: what it does to memory, as the lists have it.  Of a fence of
# RISC-V devices are left out, but where nothing else comes after it; ADD to memory is INC.
accesses() {
    local objdump=$1-linux-gnu-objdump
    "$objdump" -d --no-show-raw-insn "$2" | awk -F'\t' -v name="<call_$3>:" '
        /^[0-9a-f]+ <call_/ { mine = index($0, name) }
        /^[0-9a-f]+ <[a-z]/ && !/<call_/ { mine = 0 }
        mine && /\t/ { print $2 " " $3 }
        mine && /\tret/ { mine = 0 }' |
        case $1 in
        aarch64) sed -nE 's/ +\/\/.*//; s/^((ld|st)[a-z]*|dmb [a-z]*) .*\[.*/\1/p; s/^(dmb) ([a-z]+)$/\1 \2/p' ;;
        riscv64) sed -nE 's/^fence $/fence rw,rw/; s/^(fence) iorw,ow$/\1 rw,w/; s/^(fence [a-z]+,[a-z]+)$/\1/p
                          s/^((l|s)[bhwd]u?|(amo|lr|sc)[a-z.]*) .*\(.*/\1/p' ;;
        x86_64) sed -nE 's/^lea.*//; s/^addl/incl/; s/^(lock [a-z]+|[a-z]+) +.*\(.*/\1/p; s/^(mfence).*/\1/p' ;;
        esac | paste -sd ';' | sed 's/;/; /g'
}

@test "the accesses of each primitive are one of the lists of its model" {
    while read -r compiler; do
        echo "# $compiler"
        $compiler $LIBC -Ilayers/L0_machine -c test/orders/primitives.c -o "$tmp/primitives.o"
        machine=$(of_machine "$compiler")
        for primitive in incr_ticket get_now incr_now; do
            found="$machine $primitive $(accesses "$machine" "$tmp/primitives.o" $primitive)"
            echo "$found"
            grep -qxF "$found" "$BATS_FILE_TMPDIR/lists"
        done
    done <<<"$COMPILERS"
}

@test "a weaker instruction is in no list" {
    while IFS='|' read -r compiler header primitive sed; do
        echo "# $compiler: $sed"
        copy_layers "$tmp/layers" "L0_machine/arch/$header.h" "$sed"
        $compiler $LIBC -I"$tmp/layers/L0_machine" -c test/orders/primitives.c -o "$tmp/primitives.o"
        machine=$(of_machine "$compiler")
        found="$machine $primitive $(accesses "$machine" "$tmp/primitives.o" "$primitive")"
        echo "$found"
        run ! grep -qxF "$found" "$BATS_FILE_TMPDIR/lists"
    done <<'END'
gcc|x86_64|incr_ticket|s/lock xaddl/xaddl/
aarch64-linux-gnu-gcc|aarch64|incr_ticket|/incr_ticket/,/^}/s/ldaxr/ldxr/
aarch64-linux-gnu-gcc|aarch64|incr_ticket|s/stlxr/stxr/
aarch64-linux-gnu-gcc -march=armv8.1-a|aarch64|incr_ticket|s/ldaddal/ldadda/
aarch64-linux-gnu-gcc|aarch64|get_now|/get_now/,/^}/s/ldaxr/ldr/
aarch64-linux-gnu-gcc|aarch64|incr_now|s/stlr/str/
riscv64-linux-gnu-gcc|riscv64|incr_ticket|s/amoadd.w.aqrl/amoadd.w.aq/
riscv64-linux-gnu-gcc|riscv64|get_now|s/fence r, rw//
riscv64-linux-gnu-gcc|riscv64|incr_now|s/fence rw, w/fence r, w/
END
}

@test "the orders of arch/c11.h are those of the model of C11" {
    while read -r primitive; do
        orders=$(sed -n "/ $primitive(/,/^}/p" layers/L0_machine/arch/c11.h | grep -oE 'memory_order_[a-z_]+' |
            sed 's/memory_order_//' | paste -sd ';' | sed 's/;/; /g')
        echo "c11 $primitive $orders"
        [ "$(grep "^c11 $primitive " "$BATS_FILE_TMPDIR/lists")" = "c11 $primitive $orders" ]
    done < <(printf '%s\n' incr_ticket get_now incr_now)
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The hosted library: a wait yields, and nothing else differs.
load helper

# mnemonics LIBRARY: of acquire_lock_pt, up to the branch that is taken to wait; in
# order of name, for compilers place the same instructions differently
mnemonics() {
    objdump -d --no-show-raw-insn --disassemble=acquire_lock_pt "$1" |
        awk -F'\t' '/^ / { split($2, word, " ")
            if (word[1] ~ /^j/) { found = 1; exit }
            print word[1] (word[1] == "lock" ? " " word[2] : "") }
            END { exit !found }' | sort
}

@test "the exported C is the same: only the place of floor 0 differs" {
    for floor in L1_ticket:ticket.h L3_atomic:atomic.h L4_locks:locks.c; do
        room=${floor%:*} file=${floor#*:}
        build/c2coq --room layers/$room -o "$tmp/$room.v" layers/$room/$file -- -std=c11 -DHLOCK_HOSTED -Iinclude
        [[ "$(head -n 1 "$tmp/$room.v")" == *HLOCK_HOSTED* ]]
        diff <(sed 1d "$tmp/$room.v") <(sed 1d generated/$room.v)
    done
}

@test "the uncontended path has the same instructions" {
    of_shipped_table
    release=$(mnemonics build/libhlock.a)
    [[ "$release" == *"lock xadd"* ]]
    [ "$(mnemonics build/libhlock_hosted.a)" = "$release" ]
}

@test "a wait yields again and again, and that of the freestanding library never" {
    of_shipped_table
    for library in libhlock_hosted libhlock; do
        gcc $HOSTED test/programs/yield.c build/$library.a -o "$tmp/$library"
    done
    run -0 cpu_limit 10 "$tmp/libhlock_hosted"
    run -$((128 + $(kill -l XCPU))) cpu_limit 1 "$tmp/libhlock"
}

@test "gcc and clang accept the hosted C, and each count that is a power of two" {
    for cc in gcc clang-14; do
        for arch in "" -DHLOCK_ARCH_C11; do
            $cc $HOSTED $arch -DHLOCK_HOSTED -DHLOCK_SPINS=1U -c layers/L4_locks/locks.c -o "$tmp/locks.o"
            run $cc $HOSTED $arch -DHLOCK_HOSTED -DHLOCK_SPINS=48U -c layers/L4_locks/locks.c -o "$tmp/locks.o"
            [ "$status" -ne 0 ]
            [[ "$output" == *"HLOCK_SPINS is a power of two"* ]]
        done
    done
}

@test "the policy's header cannot be included directly" {
    printf '#include <stdint.h>\n#include "%s"\n' "$PWD/layers/L0_machine/relax_hosted.h" >"$tmp/direct.c"
    run gcc $HOSTED -c "$tmp/direct.c" -o "$tmp/direct.o"
    [ "$status" -ne 0 ]
    [[ "$output" == *"include layers/L0_machine/machine.h"* ]]
}

@test "the freestanding libraries have neither the count nor a system call" {
    for library in build/libhlock.a build/libhlock_debug.a; do
        run -0 nm $library
        [[ "$output" != *hlock_polls* ]]
        run -0 objdump -d $library
        [[ "$output" != *syscall* ]]
    done
    nm build/libhlock_hosted.a | grep -q ' hlock_polls$'
}

@test "the workload on 16 threads of the hosted library is judged legal" {
    run -0 --separate-stderr build/stress_hosted --threads 16 --rounds 500 --chains 100 --contended 0 \
        --trace "$tmp/trace"
    [ -z "$stderr" ]
    [[ "${lines[0]}" == "object code: build/libhlock_hosted.a; 16 threads, "* ]]
    run -0 build/judge "$tmp/trace"
}

# sanitized COMPILER WHAT...: builds guarded.c with ThreadSanitizer and with WHAT, and runs it;
# without address randomisation where the kernel's is too wide for the sanitizer.
sanitized() {
    local program=("$tmp/guarded")
    $1 $HOSTED -g -fsanitize=thread -pthread test/programs/guarded.c "${@:2}" -o "$tmp/guarded" || return 3
    [[ "$("${program[@]}" 2>&1)" != *"unexpected memory mapping"* ]] ||
        program=(setarch "$(uname -m)" -R "${program[@]}")
    TSAN_OPTIONS=exitcode=66 cpu_limit 60 "${program[@]}" 2>&1
}

race="WARNING: ThreadSanitizer: data race"

@test "ThreadSanitizer is silent about a program that is built with locks.c, and reports a race of its own" {
    of_shipped_table
    for cc in gcc clang-14; do
        for hosted in -DHLOCK_HOSTED ""; do
            run -0 sanitized $cc $hosted layers/L4_locks/locks.c
            [ "$output" = 2000 ]
            run -66 sanitized $cc $hosted -DRACE layers/L4_locks/locks.c
            [[ "$output" == *"$race"* ]]
        done
    done
}

@test "ThreadSanitizer sees no lock in the object code of a library, nor in assembly" {
    of_shipped_table
    cp -r layers "$tmp"
    sed -i 's/ || defined(HLOCK_ARCH_SANITIZED)//' "$tmp/layers/L0_machine/machine.h"
    run -1 cmp -s layers/L0_machine/machine.h "$tmp/layers/L0_machine/machine.h"
    for cc in gcc clang-14; do
        for locks in build/libhlock_hosted.a "-DHLOCK_HOSTED $tmp/layers/L4_locks/locks.c"; do
            run -66 sanitized $cc $locks
            [[ "$output" == *"$race"* ]]
        done
    done
}

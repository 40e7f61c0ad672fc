#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The library as users get it: compilers, freestanding link, debug stop, layout.
load helper

@test "gcc and clang accept the C of every floor, release and debug, with each arch header" {
    for cc in gcc clang-14; do
        for arch in "" -DHLOCK_ARCH_C11; do
            for debug in "" -DHLOCK_DEBUG; do
                $cc $LIBC $arch $debug -c layers/L4_locks/locks.c -o "$tmp/locks.o"
                $cc $LIBC $arch $debug -c layers/L4_locks/stop.c -o "$tmp/stop.o"
            done
        done
    done
}

@test "aarch64: nothing is undefined, with gcc and clang" {
    aarch64-linux-gnu-gcc -mno-outline-atomics $LIBC -c layers/L4_locks/locks.c -o "$tmp/gcc.o"
    clang-14 --target=aarch64-linux-gnu -mno-outline-atomics $LIBC -c layers/L4_locks/locks.c -o "$tmp/clang.o"
    [ -z "$(nm -u "$tmp/gcc.o")" ]
    [ -z "$(nm -u "$tmp/clang.o")" ]
}

@test "nothing is undefined in a freestanding link of either library" {
    for library in build/libhlock.a build/libhlock_debug.a; do
        ld -r --whole-archive $library -o "$tmp/all.o"
        [ -z "$(nm -u "$tmp/all.o")" ]
    done
}

@test "a program without a C library takes every lock from zeroed memory" {
    for library in build/libhlock.a build/libhlock_debug.a; do
        gcc $LIBC -nostdlib -static test/programs/start.c $library -o "$tmp/start"
        timeout 10 "$tmp/start"
    done
}

@test "the lock words are zero-initialised memory: 38 lines of 64 bytes" {
    [ "$(nm -S build/libhlock.a | grep 'B hlock_words$' | cut -d' ' -f2)" = "$(printf %016x $((38 * 64)))" ]
}

@test "HLOCK_LINE=128 doubles the distance, and other values are refused" {
    gcc $LIBC -DHLOCK_LINE=128 -c layers/L4_locks/locks.c -o "$tmp/locks.o"
    [ "$(nm -S "$tmp/locks.o" | grep 'B hlock_words$' | cut -d' ' -f2)" = "$(printf %016x $((38 * 128)))" ]
    gcc $LIBC -nostdlib -static test/programs/start.c "$tmp/locks.o" -o "$tmp/start"
    timeout 10 "$tmp/start"
    for line in 4 96; do
        run gcc $LIBC -DHLOCK_LINE=$line -c layers/L4_locks/locks.c -o "$tmp/locks.o"
        [ "$status" -ne 0 ]
    done
}

@test "an arch header cannot be included directly" {
    for header in layers/L0_machine/arch/*.h; do
        printf '#include <stdint.h>\n#include "%s"\n' "$PWD/$header" >"$tmp/direct.c"
        run gcc $LIBC -c "$tmp/direct.c" -o "$tmp/direct.o"
        [ "$status" -ne 0 ]
        [[ "$output" == *"include layers/L0_machine/machine.h"* ]]
    done
}

@test "the debug library stops with function, argument and limit" {
    gcc $HOSTED test/programs/panic.c build/libhlock_debug.a -o "$tmp/panic"
    for function in acquire_lock_pt release_lock_pt acquire_lock_vm release_lock_vm; do
        for argument in 17 4294967295; do
            run -42 "$tmp/panic" $function $argument
            [ "$output" = "$function($argument): not below 17" ]
        done
        run -0 "$tmp/panic" $function 16
        [ -z "$output" ]
    done
}

@test "without a panic function of the user's the debug library traps" {
    gcc $HOSTED -DDEFAULT_PANIC test/programs/panic.c build/libhlock_debug.a -o "$tmp/panic"
    run -132 "$tmp/panic" acquire_lock_pt 17
    run -0 "$tmp/panic" acquire_lock_pt 16
}

@test "the release library has no check and no name of the debug part" {
    run -1 grep -c hlock_stop build/libhlock.a
    run -1 grep -c hlock_panic build/libhlock.a
}

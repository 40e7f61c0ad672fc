#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# Memory orders in the object code; and the check is seen to fail when one is weakened.
load helper

AARCH64_GCC="aarch64-linux-gnu-gcc -mno-outline-atomics"
AARCH64_LSE="aarch64-linux-gnu-gcc -march=armv8.1-a"
AARCH64_CLANG="clang-14 --target=aarch64-linux-gnu -mno-outline-atomics"

# primitives COMPILER [ROOM]: the primitives of machine.h in that room, as object code
primitives() {
    $1 $LIBC -I"${2:-layers/L0_machine}" -c test/orders/primitives.c -o "$tmp/primitives.o"
}

# weaker OLD NEW FUNCTION: refused for that function, by each aarch64 compiler
weaker() {
    rm -rf "$tmp/room"
    cp -r layers/L0_machine "$tmp/room"
    sed -i "s/$1/$2/" "$tmp/room/arch/c11.h"
    run -1 cmp -s "$tmp/room/arch/c11.h" layers/L0_machine/arch/c11.h
    for compiler in "$AARCH64_GCC" "$AARCH64_LSE" "$AARCH64_CLANG"; do
        primitives "$compiler" "$tmp/room"
        run -1 build/orders "$tmp/primitives.o"
        [[ "$output" == *"call_$3: not in the table"* ]]
        [ "${#lines[@]}" = 1 ]
    done
}

@test "the shipped library has the orders of the table" {
    build/orders build/release/locks.o
}

@test "c11.h on x86-64 and aarch64, gcc and clang" {
    for compiler in "$AARCH64_GCC" "$AARCH64_LSE" "$AARCH64_CLANG" \
        "gcc -DHLOCK_ARCH_C11" "clang-14 -DHLOCK_ARCH_C11"; do
        primitives "$compiler"
        build/orders "$tmp/primitives.o"
    done
}

@test "x86_64.h, gcc and clang" {
    for compiler in gcc clang-14; do
        primitives $compiler
        build/orders "$tmp/primitives.o"
    done
}

@test "the twelve functions on aarch64, gcc and clang" {
    for compiler in "$AARCH64_GCC" "$AARCH64_LSE" "$AARCH64_CLANG"; do
        $compiler $LIBC -c layers/L4_locks/locks.c -o "$tmp/locks.o"
        build/orders "$tmp/locks.o"
    done
}

@test "incr_ticket weakened to acquire, release or relaxed is seen" {
    for order in acquire release relaxed; do
        weaker memory_order_acq_rel memory_order_$order incr_ticket
    done
}

@test "get_now weakened to relaxed is seen" {
    weaker 'now, memory_order_acquire' 'now, memory_order_relaxed' get_now
}

@test "incr_now weakened to a relaxed store is seen" {
    weaker memory_order_release memory_order_relaxed incr_now
}

@test "a read-modify-write for incr_now is seen, on x86-64 too" {
    weaker 'atomic_store_explicit(&hlock_words\[lk\].now, now + 1U' \
        '(void)now; atomic_fetch_add_explicit(\&hlock_words[lk].now, 1U' incr_now
    primitives "gcc -DHLOCK_ARCH_C11" "$tmp/room"
    run -1 build/orders "$tmp/primitives.o"
    [[ "$output" == *"call_incr_now: not in the table: "*"lock "* ]]
}

@test "a call to an outline atomic is seen" {
    primitives "aarch64-linux-gnu-gcc -moutline-atomics"
    run -1 build/orders "$tmp/primitives.o"
    [[ "$output" == *"call_incr_ticket: not in the table: "*"bl "* ]]
}

@test "an access of another size is seen" {
    sed 's/return get_now(lk)/return *(volatile unsigned char *)\&hlock_words[lk].now/' \
        test/orders/primitives.c >"$tmp/small.c"
    gcc $LIBC -Ilayers/L0_machine -c "$tmp/small.c" -o "$tmp/small.o"
    run -1 build/orders "$tmp/small.o"
    [[ "$output" == *"call_get_now: not in the table: movzbl mem,reg"* ]]
}

@test "a function that the table does not speak of is seen" {
    { cat test/orders/primitives.c; echo 'void other(void); void other(void) { incr_now(0); }'; } >"$tmp/more.c"
    gcc $LIBC -Ilayers/L0_machine -c "$tmp/more.c" -o "$tmp/more.o"
    run -1 build/orders "$tmp/more.o"
    [[ "$output" == *": other: not in the table"* ]]
}

@test "a file that is no object, has no function, or is missing ends with status 2" {
    run -2 build/orders
    run -2 build/orders "$tmp/missing.o"
    echo hello >"$tmp/text.o"
    run -2 build/orders "$tmp/text.o"
    echo 'int x;' >"$tmp/empty.c"
    gcc -c "$tmp/empty.c" -o "$tmp/empty.o"
    run -2 build/orders "$tmp/empty.o"
}

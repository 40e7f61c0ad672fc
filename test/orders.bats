#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The object code of the locks: memory orders, waits, length.  And each check is seen to
# fail, on a copy of the C with one thing changed.
load helper

# compilers KIND: one a line
compilers() {
    local clang="clang-14 --target"
    case $1 in
    x86_64_gcc) echo gcc ;;
    x86_64) printf '%s\n' gcc clang-14 ;;
    aarch64_gcc) printf '%s\n' aarch64-linux-gnu-gcc "aarch64-linux-gnu-gcc -march=armv8.1-a" ;;
    llsc) printf '%s\n' aarch64-linux-gnu-gcc "$clang=aarch64-linux-gnu" ;;
    lse) printf '%s\n' "aarch64-linux-gnu-gcc -march=armv8.1-a" "$clang=aarch64-linux-gnu -march=armv8.1-a" ;;
    aarch64) compilers llsc && compilers lse ;;
    riscv64_gcc) echo riscv64-linux-gnu-gcc ;;
    riscv64_clang) echo "$clang=riscv64-linux-gnu" ;;
    riscv64) compilers riscv64_gcc && compilers riscv64_clang ;;
    c11_x86_64) compilers x86_64 | sed 's/$/ -DHLOCK_ARCH_C11/' ;;
    c11_aarch64) compilers aarch64 | sed 's/$/ -DHLOCK_ARCH_C11 -mno-outline-atomics/' ;;
    c11_riscv64) compilers riscv64 | sed 's/$/ -DHLOCK_ARCH_C11/' ;;
    c11) compilers c11_aarch64 && compilers c11_riscv64 ;; # where a weaker order is another instruction
    esac
}

# orders_of COMPILER: the options of build/orders for what it makes
orders_of() {
    case $1 in
    riscv64-linux-gnu-gcc*C11) echo --c11 --amo ;;
    *C11*) echo --c11 ;;
    riscv64-linux-gnu-gcc) echo --uncounted ;; # doc/codegen.md: two more than the limit
    esac
}

# look COMPILER [LAYERS]: at the primitives, and the twelve functions, of these layers
look_at_primitives() {
    $1 $LIBC -I"${2:-layers}/L0_machine" -c test/orders/primitives.c -o "$tmp/primitives.o" &&
        build/orders $(orders_of "$1") "$tmp/primitives.o"
}
look_at_locks() {
    $1 $LIBC -c "${2:-layers}/L4_locks/locks.c" -o "$tmp/locks.o" &&
        build/orders $(orders_of "$1") "$tmp/locks.o"
}

# change FILE SED: in a copy of the layers, $tmp/layers; it must change something
change() {
    rm -rf "$tmp/layers"
    cp -r layers "$tmp/layers"
    sed -i -E "$2" "$tmp/layers/$1"
    if cmp -s "$tmp/layers/$1" "layers/$1"; then
        echo "changes nothing: $2"
        return 1
    fi
}

# weaker HEADER KIND FUNCTION SED: each compiler of that kind, and only that function is refused
weaker() {
    local compiler
    change "L0_machine/arch/$1.h" "$4"
    while read -r compiler; do
        echo "# $compiler: $4"
        run -1 look_at_primitives "$compiler" "$tmp/layers"
        [[ "$output" == *"_$3: not in the table: "* ]]
        [ "$(grep -vc "_$3: not in the table: " <<<"$output")" = 0 ]
    done < <(compilers "$2")
}

all_weaker() {
    local kind function change header=$1
    while IFS='|' read -r kind function change; do
        weaker "$header" "$kind" "$function" "$change"
    done
}

# refused KIND WHAT: the twelve functions of the changed copy are refused, and it says so
refused() {
    local compiler
    while read -r compiler; do
        echo "# $compiler"
        run -1 look_at_locks "$compiler" "$tmp/layers"
        [[ "$output" == *"$2"* ]]
    done < <(compilers "$1")
}

# ------------------------------------------------------------- as they are

@test "the shipped libraries: orders, waits, and no more instructions than the limits" {
    for target in . $TARGETS; do
        run -0 build/orders build/$target/release/locks.o
        [[ "$output" == *"acquire_lock_core: instructions: "*"release_lock_core: instructions: "* ]]
        [[ "$output" == *": 12 functions as in the table, "* ]]
    done
}

@test "on aarch64 each acquire waits with one WFE, elsewhere with none" {
    for target in $TARGETS; do
        run -0 build/orders build/$target/release/locks.o
        case $target in
        aarch64*) [[ "$output" == *", 6 WFE" ]] ;;
        *) [[ "$output" == *", 0 WFE" ]] ;;
        esac
    done
}

@test "each arch header, gcc and clang: primitives and the twelve functions" {
    for kind in x86_64 aarch64 riscv64 c11_x86_64 c11_aarch64 c11_riscv64; do
        while read -r compiler; do
            echo "# $compiler"
            look_at_primitives "$compiler"
            look_at_locks "$compiler"
        done < <(compilers $kind)
    done
}

# ---------------------------------------------------------- weaker orders

@test "c11.h: each weaker order is seen" {
    all_weaker c11 <<'END'
c11|incr_ticket|s/memory_order_acq_rel/memory_order_acquire/
c11|incr_ticket|s/memory_order_acq_rel/memory_order_release/
c11|incr_ticket|s/memory_order_acq_rel/memory_order_relaxed/
c11|get_now|s/now, memory_order_acquire/now, memory_order_relaxed/
c11|incr_now|s/memory_order_release/memory_order_relaxed/
END
}

@test "aarch64.h: each weaker order is seen" {
    all_weaker aarch64 <<'END'
lse|incr_ticket|s/ldaddal/ldadda/
lse|incr_ticket|s/ldaddal/ldaddl/
lse|incr_ticket|s/ldaddal/ldadd/
llsc|incr_ticket|/incr_ticket/,/^}/s/ldaxr/ldxr/
llsc|incr_ticket|s/stlxr/stxr/
aarch64|get_now|/get_now/,/^}/s/ldaxr/ldxr/
aarch64|get_now|/get_now/,/^}/s/ldaxr/ldr/
aarch64|incr_now|s/stlr/str/
aarch64|incr_now|s/ldr	/ldaxr	/
END
}

@test "riscv64.h: each weaker order is seen" {
    all_weaker riscv64 <<'END'
riscv64_gcc|incr_ticket|s/amoadd.w.aqrl/amoadd.w.aq/
riscv64_gcc|incr_ticket|s/amoadd.w.aqrl/amoadd.w.rl/
riscv64_gcc|incr_ticket|s/amoadd.w.aqrl/amoadd.w/
riscv64_clang|incr_ticket|s/memory_order_acq_rel/memory_order_acquire/
riscv64_clang|incr_ticket|s/memory_order_acq_rel/memory_order_release/
riscv64_clang|incr_ticket|s/memory_order_acq_rel/memory_order_relaxed/
riscv64|get_now|s/fence r, rw//
riscv64|get_now|s/fence r, rw/fence r, r/
riscv64|get_now|s/fence r, rw/fence r, w/
riscv64_gcc|incr_now|s/fence rw, w//
riscv64_gcc|incr_now|s/fence rw, w/fence r, w/
riscv64_gcc|incr_now|s/fence rw, w/fence w, w/
riscv64_clang|incr_now|s/memory_order_release/memory_order_relaxed/
END
}

@test "x86_64.h: a ticket without lock, and a locked release, are seen" {
    all_weaker x86_64 <<'END'
x86_64|incr_ticket|s/lock xaddl/xaddl/
x86_64|incr_now|s/"incl/"lock incl/
END
}

# clang takes every volatile asm for one that may access memory.
@test "a compiler that may move accesses across a primitive is seen" {
    for header in x86_64 aarch64; do
        for function in incr_ticket get_now incr_now; do
            weaker $header ${header}_gcc $function "/ $function\\(/,/^}/s/\"memory\"(, \"cc\")?//"
        done
    done
    weaker riscv64 riscv64_gcc incr_ticket '/ incr_ticket\(/,/^}/s/"memory"//'
    weaker riscv64 riscv64_gcc get_now '/ get_now\(/,/^}/s/"memory"//'
    weaker riscv64 riscv64_gcc incr_now '/ incr_now\(/,/^}/s/"memory"//'
}

@test "a read-modify-write as release is seen" {
    local amo='s/atomic_store_explicit\(&hlock_words\[lk\].now, now/(void)now; atomic_fetch_add_explicit(\&hlock_words[lk].now, 0/'
    for kind in c11_x86_64 c11_aarch64 c11_riscv64; do
        weaker c11 $kind incr_now "$amo"
    done
    weaker riscv64 riscv64_clang incr_now "$amo"
}

@test "an access of another size is seen" {
    sed 's/return get_now(lk)/return *(volatile unsigned char *)\&hlock_words[lk].now/' \
        test/orders/primitives.c >"$tmp/small.c"
    gcc $LIBC -Ilayers/L0_machine -c "$tmp/small.c" -o "$tmp/small.o"
    run -1 build/orders "$tmp/small.o"
    [[ "$output" == *"call_get_now: not in the table: movzbl mem,reg"* ]]
}

# ------------------------------------------------------------------- waits

@test "WFE: one that is not right after a failed poll of the released word is refused" {
    while IFS='|' read -r file what sed; do
        change "$file" "$sed"
        refused aarch64 ": acquire_lock_core: WFE $what"
    done <<'END'
L0_machine/arch/aarch64.h|after no LDAXR|/ get_now\(/,/^}/s/ldaxr/ldar/
L0_machine/arch/aarch64.h|after no LDAXR|s/\(\(cold\)\)/((always_inline))/;s/"wfe"/"ldr wzr, [sp]\\n\\twfe"/
L0_machine/arch/aarch64.h|after an LDAXR of another word|/ get_now\(/,/^}/s/lk\].now/lk].next/
L0_machine/arch/aarch64.h|after an LDAXR of another word|/ get_now\(/,/^}/s/\[lk\]/[lk + 1U]/
L1_ticket/ticket.h|after no LDAXR|s/	while \(get_now/	cpu_relax();\n&/
L1_ticket/ticket.h|after no LDAXR|s/		cpu_relax\(\);/{ cpu_relax(); cpu_relax(); }/
L1_ticket/ticket.h|that a failed compare|s/	while \(get_now/	(void)get_now(lk);\n	cpu_relax();\n&/
END
}

@test "WFE: the word of another lock, in some calls only, is refused" {
    change L0_machine/arch/aarch64.h '/ get_now\(/,/^}/s/\[lk\]/[lk * 2U]/'
    refused aarch64 ": acquire_lock_pt: WFE after an LDAXR of another word"
    [[ "$output" != *": acquire_lock_core: WFE"* ]] # lock 0
}

@test "WFE in a function that is no acquire is refused" {
    change L0_machine/arch/aarch64.h 's/"stlr/"wfe\\n\\tstlr/'
    refused lse ": release_lock_core: WFE in a function that has no release beside it"
}

@test "a wait without its hint is seen" {
    change L0_machine/arch/x86_64.h 's/"pause"/""/'
    refused x86_64 "acquire_lock_core: not in the table"
    change L0_machine/arch/aarch64.h 's/"wfe"/"yield"/'
    refused aarch64 "acquire_lock_core: not in the table"
    change L0_machine/arch/riscv64.h 's/\.insn i[^"]*/nop/'
    refused riscv64 "acquire_lock_core: not in the table"
}

# ------------------------------------------------------------------ length

@test "a call, a spill, a tail call and a function too many are seen" {
    run -1 look_at_locks "aarch64-linux-gnu-gcc -moutline-atomics -DHLOCK_ARCH_C11"
    [[ "$output" == *"acquire_lock_core: not in the table: "*"bl "* ]]
    change L0_machine/arch/x86_64.h '/ get_now\(/,/^}/s/"memory"/"memory", "rbx"/'
    refused x86_64 "acquire_lock_core: not in the table: pushq reg"
    change L0_machine/arch/aarch64.h '/ get_now\(/,/^}/s/"memory"/"memory", "x19"/'
    refused aarch64 "acquire_lock_core: not in the table: str x,mem"
    change L4_locks/locks.c 's/		wait_hlock\(first##U\);/void elsewhere(void); elsewhere();/'
    refused x86_64 "acquire_lock_core: "
    { cat test/orders/primitives.c; echo 'void more(void); void more(void) { incr_now(0); }'; } >"$tmp/more.c"
    gcc $LIBC -Ilayers/L0_machine -c "$tmp/more.c" -o "$tmp/more.o"
    run -1 build/orders "$tmp/more.o"
    [[ "$output" == *": more: not in the table"* ]]
}

@test "instructions beyond the limits are seen" {
    while IFS='|' read -r kind header what sed; do
        change "L0_machine/arch/$header.h" "$sed"
        refused $kind "_lock_core: too many instructions: $what"
    done <<'END'
x86_64|x86_64|7, at most 6|s/"lock xaddl/"nop\\n\\tnop\\n\\tlock xaddl/
x86_64|x86_64|4, at most 3|s/"incl/"nop\\n\\tnop\\n\\tnop\\n\\tincl/
llsc|aarch64|9, at most 8|/ get_now\(/,/^}/s/"ldaxr/"nop\\n\\tldaxr/
lse|aarch64|7, at most 6|/ get_now\(/,/^}/s/"ldaxr/"nop\\n\\tldaxr/
aarch64_gcc|aarch64|5, at most 4|s/"stlr/"nop\\n\\tstlr/
riscv64_clang|riscv64|6, at most 5|s/"fence r, rw/"nop\\n\\tfence r, rw/
riscv64_clang|riscv64|5, at most 4|s/	atomic_store_explicit/__asm__ volatile("nop"); atomic_store_explicit/
END
}

@test "a path that tests more than equality is seen" {
    change L1_ticket/ticket.h 's/get_now\(lk\) != my_ticket/get_now(lk) < my_ticket/'
    refused x86_64 "acquire_lock_core: a branch that is no test of equality"
    refused riscv64 "acquire_lock_core: a branch that is no test of equality"
}

@test "a file that is no object, has no function, is cut off or is missing ends with status 2" {
    run -2 build/orders
    run -2 build/orders --nonsense build/release/locks.o
    run -2 build/orders "$tmp/missing.o"
    echo hello >"$tmp/text.o"
    run -2 build/orders "$tmp/text.o"
    for size in 20 64 700; do
        head -c $size build/release/locks.o >"$tmp/cut.o"
        run -2 build/orders "$tmp/cut.o"
        [[ "$output" == "orders: $tmp/cut.o: "* ]]
    done
    echo 'int x;' >"$tmp/empty.c"
    gcc -c "$tmp/empty.c" -o "$tmp/empty.o"
    run -2 build/orders "$tmp/empty.o"
    gcc -m32 -c "$tmp/empty.c" -o "$tmp/small.o"
    run -2 build/orders "$tmp/small.o"
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The object code of the locks: memory orders, waits, length.  And each check is seen to
# fail, on a copy of the C with one thing changed.
OF_SHIPPED_TABLE=yes
load helper
load orders/flags

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

# look COMPILER [LAYERS [OPTION]]: at the primitives, and the twelve functions, of these layers
look_at_primitives() {
    $1 $LIBC -I"${2:-layers}/L0_machine" -c test/orders/primitives.c -o "$tmp/primitives.o" &&
        build/orders $3 "$tmp/primitives.o"
}
look_at_locks() {
    $1 $LIBC -c "${2:-layers}/L4_locks/locks.c" -o "$tmp/locks.o" && build/orders $3 "$tmp/locks.o"
}

# change FILE SED: in a copy of the layers, $tmp/layers
change() {
    copy_layers "$tmp/layers" "$@"
}

# weaker HEADER KIND FUNCTION SED: each compiler of that kind, and only that function is wrong
weaker() {
    local compiler
    change "L0_machine/arch/$1.h" "$4"
    while read -r compiler; do
        echo "# $compiler: $4"
        run -1 look_at_primitives "$compiler" "$tmp/layers"
        [[ "$output" == *"_$3: wrong: not in the table: "* ]]
        [ "$(grep -E ': (no verdict|wrong): ' <<<"$output" | grep -v ' functions, ' |
            grep -vc "_$3: wrong: not in the table: ")" = 0 ]
    done < <(compilers "$2")
}

all_weaker() {
    local kind function change header=$1
    while IFS='|' read -r kind function change; do
        weaker "$header" "$kind" "$function" "$change"
    done
}

# refused KIND WHAT [STATUS]: the twelve functions of the changed copy are wrong, and it says so;
# or end with that status: 3, no verdict; 4, right but beyond a limit
refused() {
    local compiler
    while read -r compiler; do
        echo "# $compiler"
        run -"${3:-1}" look_at_locks "$compiler" "$tmp/layers" --limits
        [[ "$output" == *"$2"* ]]
    done < <(compilers "$1")
}

# ------------------------------------------------------------- as they are

@test "the shipped libraries: orders, waits, and no more instructions than the limits" {
    for target in . $TARGETS; do
        run -0 build/orders --limits build/$target/release/hlock.o
        [[ "$output" == *"acquire_lock_core: instructions: "*"release_lock_core: instructions: "* ]]
        [ "$(grep -c '_lock_[a-z0-9]*: right$' <<<"$output")" = 12 ]
        [[ "$output" == *": right: 12 functions, "* ]]
    done
}

@test "on aarch64 each acquire waits with one WFE, elsewhere with none" {
    for target in $TARGETS; do
        run -0 build/orders build/$target/release/hlock.o
        case $target in
        aarch64*) [[ "$output" == *", 6 WFE" ]] ;;
        *) [[ "$output" == *", 0 WFE" ]] ;;
        esac
    done
}

@test "each arch header, gcc and clang: primitives and the twelve functions" {
    for kind in x86_64 aarch64 riscv64_clang; do
        while read -r compiler; do
            echo "# $compiler"
            look_at_primitives "$compiler" layers --limits
            look_at_locks "$compiler" layers --limits
        done < <(compilers $kind)
    done
    # gcc 12 makes two instructions more for riscv64 (doc/codegen.md); c11.h has no hint
    for kind in riscv64_gcc c11_x86_64 c11_aarch64 c11_riscv64; do
        while read -r compiler; do
            echo "# $compiler"
            look_at_primitives "$compiler"
            look_at_locks "$compiler"
            run -4 look_at_locks "$compiler" layers --limits
        done < <(compilers $kind)
    done
}

@test "the debug text with its index checks alone is right; of the record there is no verdict" {
    for target in . $TARGETS; do
        # shellcheck disable=SC2046
        $(cross $target) $LIBC -DHLOCK_DEBUG -DHLOCK_CHECK_INDEX_ONLY -c layers/L4_locks/locks.c -o "$tmp/locks.o"
        run -0 build/orders "$tmp/locks.o"
        run -3 build/orders build/$target/debug/hlock.o
        [[ "$output" != *"not in the table"* ]]
    done
}

# clang 16 is no package that the tests install; test/long/orders.bats has all of it.
@test "many compilers and flags: right code is never wrong, and wrong code is" {
    check_flags '[^c]|clang-14' 9
}

# What clang 16 makes of -fsanitize=kcfi on x86-64, by hand.
@test "a hash before each function, for indirect calls, is no code of the library" {
    x86_64-linux-gnu-gcc $LIBC -S layers/L4_locks/locks.c -o "$tmp/plain.s"
    hash='.type __cfi_\1, @function\n__cfi_\1: movl $1, %eax\n.size __cfi_\1, 5\n&'
    sed -E "s/^((acquire|release)_lock_[a-z0-9]+):/$hash/" \
        "$tmp/plain.s" >"$tmp/kcfi.s"
    x86_64-linux-gnu-gcc -c "$tmp/kcfi.s" -o "$tmp/kcfi.o"
    [ "$(nm "$tmp/kcfi.o" | grep -c ' __cfi_')" = 12 ]
    run -0 build/orders "$tmp/kcfi.o"
    [[ "$output" == *"kcfi.o: right: 12 functions, "* ]]
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

@test "x86_64.h: a ticket without lock is seen" {
    all_weaker x86_64 <<'END'
x86_64|incr_ticket|s/lock xaddl/xaddl/
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

# with_changes CHECK: HEADER|KIND|SED a line; CHECK gets each compiler of that kind
with_changes() {
    local header kind sed compiler
    while IFS='|' read -r header kind sed; do
        change "L0_machine/arch/$header.h" "$sed"
        while read -r compiler; do
            echo "# $compiler: $sed"
            "$1" "$compiler"
        done < <(compilers "$kind")
    done
}

beyond() {
    run -0 look_at_primitives "$1" "$tmp/layers"
    run -4 look_at_primitives "$1" "$tmp/layers" --limits
    [[ "$output" == *"call_incr_now: limit: an atomic read-modify-write as release"* ]]
}

# Right, for the order is there; but not what ships.
@test "an atomic read-modify-write as release is beyond the limits" {
    local word='&hlock_words\[lk\].now' add
    add="s/atomic_store_explicit\($word, now \+ 1U/(void)now; atomic_fetch_add_explicit(\\$word, 1U/"
    with_changes beyond <<END
c11|c11_x86_64|$add
c11|c11_aarch64|$add
c11|c11_riscv64|$add
riscv64|riscv64_clang|$add
x86_64|x86_64|s/"incl/"lock incl/
END
}

all_right() {
    run -0 look_at_primitives "$1" "$tmp/layers"
    run -0 look_at_locks "$1" "$tmp/layers"
}

@test "an order stronger than needed is right" {
    with_changes all_right <<'END'
riscv64|riscv64|s/fence r, rw/fence rw, rw/
riscv64|riscv64|s/fence r, rw/fence/
riscv64|riscv64_gcc|s/fence rw, w/fence.tso/
riscv64|riscv64_gcc|s/"sw %0, %1"/"sw %0, %1\\n\\tfence w, rw"/
riscv64|riscv64_gcc|s/"lw %0, %1/"fence rw, w\\n\\tlw %0, %1/;s/^(	*)"fence rw, w\\n\\t"$/\1"nop\\n\\t"/
x86_64|x86_64|s/"incl %0"/"incl %0\\n\\tmfence"/
x86_64|x86_64|s/"movl %1, %0"/"movl %1, %0\\n\\tlfence"/
aarch64|aarch64|s/"stlr	%w0, %1"/"dmb ish\\n\\tstlr	%w0, %1\\n\\tdsb ish"/
END
}

# accesses OBJECT FUNCTION: what it does to memory, an instruction a line
accesses() {
    riscv64-linux-gnu-objdump -d --no-show-raw-insn "$1" |
        sed -n "/<$2>:\$/,/ret/p" | grep -oE '(lw|sw|fence|amo[a-z.]*)	.*' |
        sed -E 's/	.*[^,a-z].*//; s/	/ /'
}

@test "riscv64: a fence after the store of a release, if it is asked for" {
    local option=-DHLOCK_RISCV_FENCE_AFTER_RELEASE compiler
    while read -r compiler; do
        look_at_locks "$compiler"
        [ "$(accesses "$tmp/locks.o" release_lock_core | xargs)" = "lw fence rw,w sw" ]
        look_at_primitives "$compiler $option"
        look_at_locks "$compiler $option"
        [ "$(accesses "$tmp/locks.o" release_lock_core | xargs)" = "lw fence rw,w sw fence w,o" ]
        [ "$(accesses "$tmp/locks.o" acquire_lock_core | grep -c 'w,o')" = 0 ]
        change L0_machine/arch/riscv64.h 's/fence rw, w/fence r, w/;s/memory_order_release/memory_order_relaxed/'
        run -1 look_at_locks "$compiler $option" "$tmp/layers"
        [[ "$output" == *"release_lock_core: wrong: not in the table: "* ]]
    done < <(compilers riscv64)
    for compiler in "riscv64-linux-gnu-gcc -DHLOCK_ARCH_C11" x86_64-linux-gnu-gcc arm-linux-gnueabihf-gcc; do
        run ! look_at_locks "$compiler $option"
        [[ "$output" == *"HLOCK_RISCV_FENCE_AFTER_RELEASE: only arch/riscv64.h has it"* ]]
    done
}

@test "fences in the place of an order: beside the access right, elsewhere no verdict" {
    change L0_machine/arch/aarch64.h 's/"stlr	%w0, %1"/"dmb ish\\n\\tstr	%w0, %1"/'
    run -0 look_at_primitives aarch64-linux-gnu-gcc "$tmp/layers"
    change L0_machine/arch/aarch64.h 's/"stlr	%w0, %1"/"dmb ishst\\n\\tstr	%w0, %1"/'
    run -1 look_at_primitives aarch64-linux-gnu-gcc "$tmp/layers"
    change L0_machine/arch/aarch64.h 's/"stlr	%w0, %1"/"str	%w0, %1\\n\\tdmb ish"/'
    run -3 look_at_locks aarch64-linux-gnu-gcc "$tmp/layers"
    [[ "$output" == *"release_lock_core: no verdict: not covered: a fence elsewhere: dmb ish"* ]]
}

@test "an access of another size is seen" {
    sed 's/return get_now(lk)/return *(volatile unsigned char *)\&hlock_words[lk].now/' \
        test/orders/primitives.c >"$tmp/small.c"
    gcc $LIBC -Ilayers/L0_machine -c "$tmp/small.c" -o "$tmp/small.o"
    run -1 build/orders "$tmp/small.o"
    [[ "$output" == *"call_get_now: wrong: not in the table: movzbl mem,reg"* ]]
}

# ------------------------------------------------------------------- waits

@test "WFE: one that is not right after a failed poll of the released word is refused" {
    while IFS='|' read -r file what sed; do
        change "$file" "$sed"
        refused aarch64 ": acquire_lock_core: wrong: WFE $what"
    done <<'END'
L0_machine/arch/aarch64.h|after no LDAXR|/ get_now\(/,/^}/s/ldaxr/ldar/
L0_machine/arch/aarch64.h|after no LDAXR|s/\(\(cold\)\)/((always_inline))/;s/"wfe"/"ldr wzr, [x17]\\n\\twfe"/
L0_machine/arch/aarch64.h|after an LDAXR of another word|/ get_now\(/,/^}/s/lk\].now/lk].next/
L0_machine/arch/aarch64.h|after an LDAXR of another word|/ get_now\(/,/^}/s/\[lk\]/[lk + 1U]/
L1_ticket/ticket.h|after no LDAXR|s/	while \(get_now/	cpu_relax();\n&/
L1_ticket/ticket.h|after no LDAXR|s/		cpu_relax\(\);/{ cpu_relax(); cpu_relax(); }/
L1_ticket/ticket.h|that a failed compare|s/	while \(get_now/	(void)get_now(lk);\n	cpu_relax();\n&/
END
}

@test "WFE: the word of another lock, in some calls only, is refused" {
    change L0_machine/arch/aarch64.h '/ get_now\(/,/^}/s/\[lk\]/[lk * 2U]/'
    refused aarch64 ": acquire_lock_pt: wrong: WFE after an LDAXR of another word"
    [[ "$output" != *": acquire_lock_core: wrong: "* ]] # lock 0
}

@test "WFE in a function that is no acquire is refused" {
    change L0_machine/arch/aarch64.h 's/"stlr/"wfe\\n\\tstlr/'
    refused lse ": release_lock_core: wrong: WFE in a function that has no release beside it"
}

@test "WFE: where the stack, or what is not known, comes between, there is no verdict" {
    change L0_machine/arch/aarch64.h 's/\(\(cold\)\)/((always_inline))/;s/"wfe"/"ldr wzr, [sp]\\n\\twfe"/'
    refused aarch64 ": acquire_lock_core: no verdict: not covered: before WFE: ldr" 3
    change L0_machine/arch/aarch64.h 's/"wfe"/"rbit wzr, wzr\\n\\twfe"/'
    refused aarch64 ": acquire_lock_core: no verdict: not covered: before WFE: rbit" 3
}

@test "a wait without its hint is beyond the limits" {
    change L0_machine/arch/x86_64.h 's/"pause"/""/'
    refused x86_64 "acquire_lock_core: limit: a wait without a hint" 4
    change L0_machine/arch/aarch64.h 's/"wfe"/"nop"/'
    refused aarch64 "acquire_lock_core: limit: a wait without a hint" 4
    change L0_machine/arch/riscv64.h 's/\.insn i[^"]*/nop/'
    refused riscv64_clang "acquire_lock_core: limit: a wait without a hint" 4
}

# ------------------------------------------------------------------ length

@test "a spill is beyond the limits" {
    change L0_machine/arch/x86_64.h '/ get_now\(/,/^}/s/"memory"/"memory", "rbx"/'
    refused x86_64 "acquire_lock_core: limit: the path without a wait uses the stack" 4
    change L0_machine/arch/aarch64.h '/ get_now\(/,/^}/s/"memory"/"memory", "x19"/'
    refused aarch64 "acquire_lock_core: limit: the path without a wait uses the stack" 4
}

@test "a call, and a function too many, have no verdict" {
    run -3 look_at_locks "aarch64-linux-gnu-gcc -moutline-atomics -DHLOCK_ARCH_C11"
    [[ "$output" == *"acquire_lock_core: no verdict: not covered: bl imm of __aarch64_ldadd4_acq_rel"* ]]
    change L4_locks/locks.c 's/HLOCK_ENTER\(first, first##U, rank, wait_hlock\)/void elsewhere(void); elsewhere();/'
    refused x86_64 "acquire_lock_core: no verdict: not covered: jmp other of elsewhere" 3
    { cat test/orders/primitives.c; echo 'void more(void); void more(void) { incr_now(0); }'; } >"$tmp/more.c"
    gcc $LIBC -Ilayers/L0_machine -c "$tmp/more.c" -o "$tmp/more.o"
    run -3 build/orders "$tmp/more.o"
    [[ "$output" == *": more: no verdict: not covered: a function that is none of the library's"* ]]
}

@test "wrong comes before no verdict, and no verdict before right" {
    change L0_machine/arch/x86_64.h 's/lock xaddl/xaddl/'
    gcc $LIBC -c "$tmp/layers/L4_locks/locks.c" -o "$tmp/wrong.o"
    gcc $LIBC -pg -mfentry -fno-pie -c layers/L4_locks/locks.c -o "$tmp/open.o"
    cp build/x86_64/release/hlock.o "$tmp/right.o"
    run -3 build/orders "$tmp/right.o" "$tmp/open.o"
    run -1 build/orders "$tmp/wrong.o" "$tmp/open.o" "$tmp/right.o"
    run -1 build/orders "$tmp/open.o" "$tmp/wrong.o"
}

@test "instructions beyond the limits are seen" {
    while IFS='|' read -r kind header what sed; do
        change "L0_machine/arch/$header.h" "$sed"
        refused $kind "_lock_core: limit: too many instructions: $what" 4
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
    refused x86_64 "acquire_lock_core: wrong: a branch that is no test of equality"
    refused riscv64 "acquire_lock_core: wrong: a branch that is no test of equality"
}

@test "a file that is no object, has no function, is cut off or is missing ends with status 2" {
    run -2 build/orders
    run -2 build/orders --nonsense build/release/hlock.o
    run -2 build/orders "$tmp/missing.o"
    echo hello >"$tmp/text.o"
    run -2 build/orders "$tmp/text.o"
    for size in 20 64 700; do
        head -c $size build/release/hlock.o >"$tmp/cut.o"
        run -2 build/orders "$tmp/cut.o"
        [[ "$output" == "orders: $tmp/cut.o: "* ]]
    done
    echo 'int x;' >"$tmp/empty.c"
    gcc -c "$tmp/empty.c" -o "$tmp/empty.o"
    run -2 build/orders "$tmp/empty.o"
}

@test "an object of another kind of machine has no verdict" {
    for compiler in "x86_64-linux-gnu-gcc -m32" "aarch64-linux-gnu-gcc -mbig-endian" arm-linux-gnueabihf-gcc; do
        run -3 look_at_locks "$compiler"
        [[ "$output" == *"locks.o: no verdict: not covered: a "*" object" ]]
    done
}

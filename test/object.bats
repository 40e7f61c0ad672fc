#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The object code that is proved.  What the checker says of builds that doc/codegen.md lists, and of wrong ones.
# elf2coq is clean under the address and undefined-behaviour sanitizers in all of these tests.
OF_SHIPPED_TABLE=yes
load helper
load orders/flags
load object/elf2coq
load object/flips

setup_file() {
    cd "$BATS_TEST_DIRNAME/.." || return 1
    build_elf2coq "$BATS_FILE_TMPDIR"
}

# wrong_code NAMES REASON FILE CHANGE [COMPILER]: with that change of a file of layers/, the functions whose
# names start so, a regular expression, are wrong for that reason, and the others are proved
wrong_code() {
    changed_code 1 wrong "$@"
}

# unknown_code: the same, and there is no verdict on them
unknown_code() {
    changed_code 2 'no verdict' "$@"
}

changed_code() {
    copy_layers "$tmp/layers" "$5" "$6"
    compile "${7:-aarch64-linux-gnu-gcc}" "$tmp/layers"
    run -"$1" build/check-object "$tmp/locks.o"
    said_of "$3" "$2" "$4"
}

@test "check-object, too, says at which offset it does not know a file, and has no verdict then" {
    with aarch64-linux-gnu-gcc '\t.reloc ., R_AARCH64_JUMP26, .Lhere+4096\n.Lhere:\n\tret'
    run -2 build/check-object "$tmp/locks.o"
    [[ "$output" == "$tmp/locks.o: no verdict: offset 0x"*": a relocation to code that is not there" ]]
    run -2 build/check-object "$tmp/no_such_file"
    [[ "$output" == "$tmp/no_such_file: no verdict: offset 0x0: it cannot be read" ]]
    run -3 build/check-object
    # the target is the file's; to say another is an error
    run -3 build/check-object --target sparc "$tmp/locks.o"
    compile riscv64-linux-gnu-gcc
    run -3 build/check-object --target x86_64 "$tmp/locks.o"
    [ "$output" = "check-object: $tmp/locks.o: it is of riscv64" ]
    run -0 build/check-object --target riscv64 "$tmp/locks.o"
}

@test "what gcc and clang make at -O1 to -O3 and -Os, with LL/SC and LSE, is proved" {
    local compiler target level
    for compiler in aarch64-linux-gnu-gcc "clang-14 --target=aarch64-linux-gnu"; do
        for target in "" -march=armv8.1-a; do
            for level in -O1 -O2 -O3 -Os "-O2 -mbranch-protection=standard" "-O3 -fpie -DHLOCK_LINE=128" \
                "-O2 -DHLOCK_ARCH_C11 -mno-outline-atomics" "-O2 -fpatchable-function-entry=4"; do
                compile "$compiler $target $level"
                verdicts 0 "12 proved, 0 wrong, 0 without a verdict" "$tmp/locks.o"
            done
        done
    done
    compile 'aarch64-linux-gnu-gcc -O0'
    verdicts 2 "0 proved, 0 wrong, 12 without a verdict" "$tmp/locks.o"
    [[ "$output" == *"acquire_lock_pt: no verdict: accesses 32 bits at the caller's stack pointer - "*" frame "* ]]
}

@test "riscv64 and x86_64: what gcc and clang make, and linked images of it, are proved" {
    local compiler level client=test/object/client.c all="12 proved, 0 wrong, 0 without a verdict"
    for compiler in riscv64-linux-gnu-gcc "clang-14 --target=riscv64-linux-gnu" x86_64-linux-gnu-gcc clang-14; do
        for level in -O1 -O2 -O3 -Os "-O2 -fPIC" "-Os -ffunction-sections" "-O2 -fno-pie -mno-relax" \
            "-O2 -DHLOCK_ARCH_C11" "-O2 -falign-loops=64 -DHLOCK_LINE=128"; do
            case "$compiler $level" in
            *x86_64*-mno-relax | clang-14\ -*-mno-relax) level=${level% *} ;;
            esac
            echo "# $compiler $level"
            compile "$compiler $level"
            verdicts 0 "$all" "$tmp/locks.o"
        done
        compile "$compiler -O0"
        verdicts 2 "0 proved, 0 wrong, 12 without a verdict" "$tmp/locks.o"
    done
    for compiler in riscv64-linux-gnu-gcc x86_64-linux-gnu-gcc clang-14 "clang-14 -fuse-ld=lld"; do
        for level in "-static -fno-pie -no-pie" "-pie -fPIE" "-pie -fPIE -ffunction-sections -Wl,--gc-sections" \
            "-static -no-pie -Os -ffunction-sections" "-pie -fPIE -flto" "-pie -fPIC" "-shared -fPIC"; do
            [ "$compiler $level" != "clang-14 -pie -fPIE -flto" ] || continue # clang's LTO needs lld
            echo "# $compiler $level"
            # shellcheck disable=SC2086 # options
            image "$compiler" $level
            verdicts 0 "$all" "$tmp/image"
        done
    done
    image riscv64-linux-gnu-gcc -static -fno-pie -no-pie -mcmodel=medlow
    verdicts 0 "$all" "$tmp/image"
    client=test/object/inline.c image x86_64-linux-gnu-gcc -flto
    refused 'there is no lock function' "$tmp/image"
}

@test "several sections of code: each function as in one; no jump goes from one to another" {
    local s=$tmp/locks.s name at
    aarch64-linux-gnu-gcc $LIBC -ffunction-sections -S layers/L4_locks/locks.c -o "$s"
    aarch64-linux-gnu-gcc -c "$s" -o "$tmp/locks.o"
    verdicts 0 "12 proved, 0 wrong, 0 without a verdict" "$tmp/locks.o"
    run -0 build/hlock check-object --prove --work "$tmp/proof" "$tmp/locks.o"
    # the bytes of each section lie where its function is said to be, and a word of zeros behind them
    taken "$tmp/locks.o"
    text_of "$tmp/file.v" >"$tmp/code"
    functions_of "$tmp/file.v" >"$tmp/places"
    [ "$(wc -l <"$tmp/places")" = 12 ]
    while read -r name at; do
        aarch64-linux-gnu-objcopy -O binary -j ".text.$name" "$tmp/locks.o" "$tmp/text"
        od -An -v -tu1 "$tmp/text" | grep -oE '[0-9]+' >"$tmp/expected"
        tail -n "+$((at + 1))" "$tmp/code" | head -n "$(wc -l <"$tmp/expected")" | cmp - "$tmp/expected"
        [ "$(tail -n "+$((at + $(wc -l <"$tmp/expected") + 1))" "$tmp/code" | head -n 4 | grep -cv '^0$')" = 0 ]
    done <"$tmp/places"
    # a function that goes on in the next section, and one that jumps there, relocation or not
    sed -E '/^release_lock_pt:/,/ret/s/\tret/\tnop/' "$s" >"$tmp/changed.s"
    aarch64-linux-gnu-gcc -c "$tmp/changed.s" -o "$tmp/locks.o"
    verdicts 2 "11 proved, 0 wrong, 1 without a verdict" "$tmp/locks.o"
    sed -E '/^acquire_lock_pt:/,/ret/s/\tret/\tb release_lock_pt/' "$s" >"$tmp/changed.s"
    aarch64-linux-gnu-gcc -c "$tmp/changed.s" -o "$tmp/locks.o"
    verdicts 2 "11 proved, 0 wrong, 1 without a verdict" "$tmp/locks.o"
    for far in 0x14000040 0x54001000 0x35001000 0x17ffff00; do
        sed -E "/^acquire_lock_pt:/,/ret/s/\\tret/\\t.inst $far/" "$s" >"$tmp/changed.s"
        aarch64-linux-gnu-gcc -c "$tmp/changed.s" -o "$tmp/locks.o"
        refused 'a jump out of its section of code' "$tmp/locks.o"
    done
}

@test "an address out of the GOT: the two instructions are a pair, and what stands between leaves it alone" {
    local s=$tmp/locks.s page='adrp\tx8, :got:hlock_words' change
    clang-14 --target=aarch64-linux-gnu $LIBC -fPIC -S layers/L4_locks/locks.c -o "$s"
    clang-14 --target=aarch64-linux-gnu -c "$s" -o "$tmp/locks.o"
    verdicts 0 "12 proved, 0 wrong, 0 without a verdict" "$tmp/locks.o"
    run -0 build/hlock check-object --prove --work "$tmp/proof" "$tmp/locks.o"
    # in one function: something in between that reads the page, changes it, stores; or two that are no pair
    for change in "s/$page/&\n\tadd x9, x8, #0/" "s/$page/&\n\tmov x8, x0/" "s/$page/&\n\tstr w9, [x0]/" \
        "s/$page/&\n\tcbz x0, 0f\n0:/" "s/$page/adrp\tx10, :got:hlock_words/" \
        "s/ldr\tx8, \[x8, :got_lo12:/ldr\tx8, [x10, :got_lo12:/" "s/ldr\tx8, \[x8, :got_lo12:hlock_words\]/nop/" \
        "s/:got_lo12:hlock_words/:got_lo12:hlock_words+8/"; do
        sed "/^acquire_lock_vm:/,/ldaxr/$change" "$s" >"$tmp/changed.s"
        ! cmp -s "$s" "$tmp/changed.s"
        clang-14 --target=aarch64-linux-gnu -c "$tmp/changed.s" -o "$tmp/locks.o"
        verdicts 2 "11 proved, 0 wrong, 1 without a verdict" "$tmp/locks.o"
    done
}

@test "linked images: static, PIE, LTO, by two compilers and two linkers, are proved" {
    local compiler linker flags client=test/object/client.c all="12 proved, 0 wrong, 0 without a verdict"
    for compiler in "aarch64-linux-gnu-gcc " "clang-14 --target=aarch64-linux-gnu -Wno-unused-command-line-argument" \
        "clang-14 --target=aarch64-linux-gnu -Wno-unused-command-line-argument -fuse-ld=lld"; do
        for flags in "-static -fno-pie -no-pie" "-pie -fPIE -march=armv8.1-a" "-static-pie -fPIE -mcmodel=tiny" \
            "-pie -fPIE -ffunction-sections -Wl,--gc-sections" "-static -no-pie -Os -ffunction-sections" \
            "-pie -fPIC" "-shared -fPIC" "-static -no-pie -fPIC"; do
            echo "# $compiler $flags"
            [[ "$compiler$flags" != *fuse-ld=lld*tiny ]] || continue
            # shellcheck disable=SC2086 # options
            image "$compiler" $flags
            verdicts 0 "$all" "$tmp/image"
        done
        [[ "$compiler" != *gnu ]] || continue # clang's LTO needs lld
        for flags in "-static -fno-pie -no-pie" "-pie -fPIE -ffunction-sections -Wl,--gc-sections" "-pie -fPIC"; do
            echo "# $compiler -flto $flags"
            # shellcheck disable=SC2086 # options
            image "$compiler" -flto $flags
            verdicts 0 "$all" "$tmp/image"
        done
    done
    run -0 build/hlock check-object --prove --work "$tmp/proof" "$tmp/image"
    [[ "$output" == *"$tmp/image: object code proved, $(sha256sum <"$tmp/image" | cut -c1-16), for aarch64"* ]]
}

@test "images that are wrong, or of which nothing is known" {
    local client=test/object/client.c gcc=aarch64-linux-gnu-gcc s=$tmp/locks.s
    copy_layers "$tmp/layers" L0_machine/arch/aarch64.h 's/"stlr/"str/'
    layers=$tmp/layers image $gcc -static
    verdicts 1 "6 proved, 6 wrong, 0 without a verdict" "$tmp/image"
    # in addresses, too, no bit can be another one
    compile $gcc
    small_image aarch64 "$tmp/locks.o" -Tbss=0x4200c0
    flips_do_no_harm aarch64 "$tmp/image" .text 7 0
    grep -q '^bit' "$tmp/flips"
    # functions that are in line; no symbols
    client=test/object/inline.c image $gcc -static -flto
    refused 'there is no lock function' "$tmp/image"
    image $gcc -static -s
    refused 'no code, or no symbols' "$tmp/image"
    # two sections; code that is written to, or relocated when it is loaded
    small_image aarch64 "$tmp/locks.o" -N
    refused 'no segment loads the lock functions' "$tmp/image"
    $gcc $LIBC -S layers/L4_locks/locks.c -o "$s"
    sed -E '/^acquire_lock_pt:/,/ret/s/\tret/&\n\t.quad hlock_words/' "$s" >"$tmp/changed.s"
    $gcc -c "$tmp/changed.s" -o "$tmp/locks.o"
    small_image aarch64 "$tmp/locks.o" -pie -z notext
    refused 'a relocation of code when it is loaded' "$tmp/image"
    sed -E 's/^\t.global\tacquire_lock_pt/\t.section other, "ax"\n&/' "$s" >"$tmp/changed.s"
    $gcc -c "$tmp/changed.s" -o "$tmp/locks.o"
    small_image aarch64 "$tmp/locks.o"
    refused 'the lock functions are not in one section of code' "$tmp/image"
}

# sections_changed STATUS SUMMARY CHANGE: what is said with that change of $tmp/locks.s
sections_changed() {
    sed -E "$3" "$tmp/locks.s" >"$tmp/changed.s"
    ! cmp -s "$tmp/locks.s" "$tmp/changed.s"
    printf '\t.section .text.mine, "ax"\nmine:\tret\n' >>"$tmp/changed.s"
    aarch64-linux-gnu-gcc -c "$tmp/changed.s" -o "$tmp/locks.o"
    verdicts "$1" "$2" "$tmp/locks.o"
}

@test "a jump to a function in another section, by its relocation; nothing reads what a linker changes on the way" {
    local flags change pt='/^acquire_lock_pt:/,/b\twait_lock/'
    local jump='s/b\twait_lock/\t.reloc ., R_AARCH64_JUMP26, wait_lock'
    for flags in "" "-fPIC -mbranch-protection=standard -march=armv8.1-a" "-DHLOCK_ARCH_C11 -mno-outline-atomics"; do
        compile "aarch64-linux-gnu-gcc -Os -ffunction-sections $flags"
        verdicts 0 "12 proved, 0 wrong, 0 without a verdict" "$tmp/locks.o"
        readelf -r "$tmp/locks.o" | grep -q R_AARCH64_JUMP26
    done
    run -0 build/hlock check-object --prove --work "$tmp/proof" "$tmp/locks.o"
    compile "aarch64-linux-gnu-gcc -Os -ffunction-sections"
    flips_do_no_harm aarch64 "$tmp/locks.o" .rela.text.acquire_lock_pt 1 0
    aarch64-linux-gnu-gcc $LIBC -Os -ffunction-sections -S layers/L4_locks/locks.c -o "$tmp/locks.s"
    sections_changed 1 "11 proved, 1 wrong, 0 without a verdict" "$pt s/wait_lock/mine/"
    [[ "$output" == *"acquire_lock_pt: wrong: returns too early, "* ]]
    sections_changed 2 "11 proved, 0 wrong, 1 without a verdict" "$pt s/wait_lock/&+4/"
    # it is a jump, and no other one, and its field is the linker's
    sections_changed 0 "12 proved, 0 wrong, 0 without a verdict" "$pt $jump\\n\\t.inst 0x14000000/"
    for change in 0x14000001 0x54000000 0x94000000; do
        sections_changed 2 "11 proved, 0 wrong, 1 without a verdict" "$pt $jump\\n\\t.inst $change/"
    done
    # a veneer may change these two; where nothing jumps by a relocation they are like others
    for change in 16 17; do
        sections_changed 2 "6 proved, 0 wrong, 6 without a verdict" "/^wait_lock:/,/ret/s/\\b([xw])2\\b/\\1$change/g"
        sed -i '/\t.section\t.text/d' "$tmp/changed.s"
        aarch64-linux-gnu-gcc -c "$tmp/changed.s" -o "$tmp/locks.o"
        verdicts 0 "12 proved, 0 wrong, 0 without a verdict" "$tmp/locks.o"
    done
}

@test "riscv64: both halves of an address may be of two bytes of the array, if it is aligned so that one is enough" {
    local s=$tmp/locks.s align
    for align in "" -DHLOCK_LINE=2048 -DHLOCK_LINE=8; do
        compile "clang-14 --target=riscv64-linux-gnu -fno-pie -mcmodel=medlow $align"
        verdicts 0 "12 proved, 0 wrong, 0 without a verdict" "$tmp/locks.o"
    done
    run -0 build/hlock check-object --prove --work "$tmp/proof" "$tmp/locks.o"
    clang-14 --target=riscv64-linux-gnu $LIBC -fno-pie -mcmodel=medlow -S layers/L4_locks/locks.c -o "$s"
    for align in 2 3; do
        sed "/\t.bss/,/^hlock_words:/s/\t.p2align\t6/\t.p2align\t$align/" "$s" >"$tmp/changed.s"
        ! cmp -s "$s" "$tmp/changed.s"
        clang-14 --target=riscv64-linux-gnu -c "$tmp/changed.s" -o "$tmp/locks.o"
        if [ $align = 2 ]; then
            run -2 build/check-object "$tmp/locks.o"
            [[ "$output" == *"release_lock_core: no verdict: "* ]]
        else
            verdicts 0 "12 proved, 0 wrong, 0 without a verdict" "$tmp/locks.o"
        fi
    done
}

# slot_changed MACHINE FLAG CHANGE: with that change of acquire_lock_vm in $tmp/MACHINE.s, and linked so, there
# is no verdict on it, and the others are proved
slot_changed() {
    sed -E "/^acquire_lock_vm:/,/ret/{$3}" "$tmp/$1.s" >"$tmp/changed.s"
    ! cmp -s "$tmp/$1.s" "$tmp/changed.s"
    printf '\t.data\n\t.balign 8\nmine:\t.quad hlock_words\n\t.comm other, 4096, 64\n' >>"$tmp/changed.s"
    clang-14 --target="$1-linux-gnu" -c "$tmp/changed.s" -o "$tmp/locks.o"
    small_image "$1" "$tmp/locks.o" "$2"
    verdicts 2 "11 proved, 0 wrong, 1 without a verdict" "$tmp/image"
}

@test "an address out of the GOT of an image: the slot is the array's, and no variable; instructions are a pair" {
    local s change flag machine page='adrp\tx8, :got:hlock_words'
    for machine in aarch64 riscv64 x86_64; do
        s=$tmp/$machine.s
        clang-14 --target=$machine-linux-gnu $LIBC -fPIC -S layers/L4_locks/locks.c -o "$s"
        clang-14 --target=$machine-linux-gnu -c "$s" -o "$tmp/locks.o"
        for flag in -pie -shared; do
            small_image $machine "$tmp/locks.o" $flag
            verdicts 0 "12 proved, 0 wrong, 0 without a verdict" "$tmp/image"
            run -0 build/hlock check-object --prove --work "$tmp/proof" "$tmp/image"
        done
        # no bit of code can be another one, nor of what is relocated when it is loaded
        [ $machine = x86_64 ] || flips_do_no_harm $machine "$tmp/image" .text 53 0
        flips_do_no_harm $machine "$tmp/image" .rela.dyn 1 0
    done
    for flag in -pie -shared; do
        # the slot of another symbol; a pointer that is no slot; another register; something in between that reads the
        # page, changes it, or jumps; two that are no pair
        for change in 's/(:got|:got_lo12):hlock_words/\1:other/' \
            's/:got:hlock_words/mine/; s/:got_lo12:hlock_words/:lo12:mine/' \
            's/ldr\tx8, \[x8, :got/ldr\tx8, [x10, :got/' 's/ldr\tx8, \[x8, :got/ldr\tx10, [x8, :got/' \
            "s/$page/&\\n\\tadd x9, x8, #0/" "s/$page/&\\n\\tmov x8, x0/" "s/$page/&\\n\\tcbz x0, 0f\\n0:/" \
            "s/$page/adrp\\tx10, :got:hlock_words/"; do
            echo "# $change"
            slot_changed aarch64 $flag "$change"
        done
        for change in 's/(got_pcrel_hi.)hlock_words/\1other/' 's/got_pcrel_hi.hlock_words/pcrel_hi(mine/' \
            's/(ld\ta1, .*)\(a1/\1(a2/' 's/ld\ta1, /ld\ta2, /' 's/auipc.*/&\n\tmv a2, a0/'; do
            echo "# $change"
            slot_changed riscv64 $flag "$change"
        done
    done
    for change in 's/hlock_words@/other@/' 's/hlock_words@GOTPCREL/mine/' \
        's/movq(\thlock_words@GOTPCREL\(%rip\), %)r/movl\1e/' ; do
        slot_changed x86_64 -shared "$change"
    done
}

@test "doc/matrix.md says what is said of builds: each ninth, of debug builds each 18th" {
    test/object/matrix 9 >"$tmp/rows"
    [ "$(wc -l <"$tmp/rows")" -gt 9 ]
    test/object/matrix 5 images >>"$tmp/rows"
    test/object/matrix 9 ported >>"$tmp/rows"
    test/object/matrix 18 debug >>"$tmp/rows"
    test/object/matrix 18 debug-ported >>"$tmp/rows"
    ! grep -vxFf doc/matrix.md "$tmp/rows"
}

@test "a wrong object is not proved by the kernel either" {
    copy_layers "$tmp/layers" L0_machine/arch/aarch64.h 's/"stlr/"str/'
    compile aarch64-linux-gnu-gcc "$tmp/layers"
    run -1 build/check-object "$tmp/locks.o"
    run -1 tools/prove/bytes file "$tmp/locks.o"
    [[ "$output" == *"its object code is not proved"* ]]
}

@test "a weaker order is refused in the functions that have it" {
    local arch=L0_machine/arch/aarch64.h weak="in a weaker order than it has to be"
    wrong_code acquire "$weak, while it waits" $arch '/ get_now\(/,/^}/s/ldaxr/ldxr/'
    wrong_code acquire "$weak, before a ticket" $arch '/ incr_ticket\(/,/^}/s/ldaxr/ldxr/'
    wrong_code acquire "$weak, before a ticket" $arch 's/stlxr/stxr/'
    wrong_code release "$weak, before it has stored" $arch 's/"stlr/"str/'
    wrong_code acquire "$weak, before a ticket" $arch 's/ldaddal/ldadda/' 'aarch64-linux-gnu-gcc -march=armv8.1-a'
    wrong_code acquire "$weak, before a ticket" $arch 's/ldaddal/ldaddl/' 'aarch64-linux-gnu-gcc -march=armv8.1-a'
}

@test "wrong code is refused in the functions that have it" {
    local arch=L0_machine/arch/aarch64.h ticket=L1_ticket/ticket.h
    # the status of a store-exclusive that nobody looks at; a word that is not the lock's; another lock
    wrong_code acquire "accesses array" $arch '/cbnz/s/"\tcbnz\t%w2, 1b"/""/'
    wrong_code acquire "accesses array" $arch '/ get_now\(/,/^}/s/\[lk\]\.now/[lk].next/'
    wrong_code '.*_lock_(vm|pt)' "accesses array + 128 * index" L4_locks/locks.h \
        '/define HLOCK_NUMBER/s/\(index\)\)/2U * (index))/' "clang-14 --target=aarch64-linux-gnu"
    wrong_code '.*_lock_(core|s2page|spt|smmu)' "accesses array" L4_locks/locks.c '/first##U/s/first##U/first##U + 1U/'
    # no comparison; `if` for `while`; a ticket too few, a release too many; a sleep before the poll
    wrong_code acquire "returns too early" $ticket 's/!= my_ticket\)/!= my_ticket \&\& 0)/'
    wrong_code acquire "returns too early" $ticket 's/while \(get_now/if (get_now/'
    wrong_code acquire "accesses array" $ticket 's/incr_ticket\(lk\);/0;/'
    wrong_code release "an access that the C does not make, to array" $ticket 's/incr_now\(lk\);/& &/'
    wrong_code release "returns too early" $ticket 's/incr_now\(lk\);/(void)lk;/'
    wrong_code acquire "waits for an event that may not come" $ticket 's/while \(/cpu_relax(); &/'
    wrong_code acquire "waits for an event that may not come" $arch '/ get_now\(/,/^}/s/ldaxr/ldar/'
    wrong_code release "stores the value read + 2" $arch '/ incr_now\(/,/^}/s/#1/#2/'
}

@test "a register that a call keeps, or the way back, is not changed" {
    local s=$tmp/locks.s o=$tmp/changed.o
    aarch64-linux-gnu-gcc $LIBC -S layers/L4_locks/locks.c -o "$s"
    # in one function the address is in x19, which is the caller's; another returns to what it was given
    sed -E '/^release_lock_core:/,/ret/s/\b([xw])0\b/\119/g
            /^acquire_lock_pt:/,/ret/s/\tret/\tret x0/' "$s" >"$tmp/changed.s"
    aarch64-linux-gnu-gcc -c "$tmp/changed.s" -o "$o"
    verdicts 1 "10 proved, 2 wrong, 0 without a verdict" "$o"
    [[ "$output" == *"release_lock_core: wrong: returns with array + 4 in x19, when all is done, at 0x"*": ret"* ]]
    [[ "$output" == *"acquire_lock_pt: wrong: returns to "*", at 0x"*": ret x0"* ]]
}

@test "riscv64 and x86_64: a weaker order, and wrong code, are refused in the functions that have it" {
    # a fence that is not at its access may stand elsewhere: there is no verdict
    local arch=L0_machine/arch/riscv64.h cc=riscv64-linux-gnu-gcc
    local weak="in other orders than compilers give it: not covered"
    local s=$tmp/locks.s o=$tmp/changed.o unknown="there is no instruction that the decoder knows"
    unknown_code acquire "$weak, while it waits" $arch '/ get_now\(/,/^}/s/fence r, ?rw/nop/' $cc
    unknown_code acquire "$weak, before a ticket" $arch '/ incr_ticket\(/,/^}/s/\.aqrl//' $cc
    unknown_code acquire "$weak, before a ticket" $arch '/ incr_ticket\(/,/^}/s/\.aqrl/.aq/' $cc
    unknown_code release "$weak, before it has stored" $arch '/ incr_now\(/,/^}/s/fence rw, ?w/nop/' $cc
    wrong_code release "stores the value read + 2" $arch '/ incr_now\(/,/^}/s/, 1/, 2/' $cc
    $cc $LIBC -S layers/L4_locks/locks.c -o "$s"
    sed -E '/^release_lock_core:/,/ret/s/\ba5\b/s3/g; /^acquire_lock_pt:/,/ret/s/\tret/\tjr a2/
            /^release_lock_pt:/,/ret/s/\tret/\tmv ra, a0\n\tret/' "$s" >"$tmp/changed.s"
    $cc -c "$tmp/changed.s" -o "$o"
    verdicts 1 "9 proved, 3 wrong, 0 without a verdict" "$o"
    [[ "$output" == *"release_lock_core: wrong: returns with array in s3, when all is done, at 0x"*": ret"* ]]
    [[ "$output" == *"acquire_lock_pt: wrong: returns to the caller's a2, when all is done, at 0x"*": jr a2"* ]]
    [[ "$output" == *"release_lock_pt: wrong: returns to array + "*" * index + "*", at 0x"*": ret"* ]]
    # of x86_64 two words are all that can be weaker: XADD without LOCK is not decoded
    cc=x86_64-linux-gnu-gcc
    $cc $LIBC -S layers/L4_locks/locks.c -o "$s"
    sed -E '/^release_lock_pt:/,/ret/s/%rdx/%rbx/g; /^release_lock_vm:/,/ret/s/\tret/\taddq $8, %rsp\n\tret/
            /^release_lock_spt:/,/ret/s/\tret/\tjmp *%rax/; /^acquire_lock_vm:/,/ret/s/lock (xadd)/\1/' \
        "$s" >"$tmp/changed.s"
    $cc -c "$tmp/changed.s" -o "$o"
    verdicts 1 "8 proved, 2 wrong, 2 without a verdict" "$o"
    [[ "$output" == *"release_lock_pt: wrong: returns with array in rbx, when all is done, at 0x"*": retq"* ]]
    [[ "$output" == *"release_lock_vm: wrong: returns with the caller's stack pointer + 8 in rsp, "*": retq"* ]]
    [[ "$output" == *"release_lock_spt: no verdict: $unknown, when all is done, at 0x"*": jmpq *%rax"* ]]
    [[ "$output" == *"acquire_lock_vm: no verdict: $unknown, before a ticket is taken, at 0x"*": xaddl %"* ]]
}

@test "riscv64 and x86_64: another word, or an access or a comparison that is missing, is refused where it is" {
    local ticket=L1_ticket/ticket.h target cc
    for target in riscv64 x86_64; do
        for cc in "clang-14 --target=$target-linux-gnu"; do
            wrong_code acquire "accesses array" L0_machine/arch/$target.h '/ get_now\(/,/^}/s/\[lk\]\.now/[lk].next/' \
                "$cc"
            wrong_code '.*_lock_(core|s2page|spt|smmu)' "accesses array" L4_locks/locks.c \
                '/first##U/s/first##U/first##U + 1U/' "$cc"
            wrong_code acquire "returns too early" $ticket 's/!= my_ticket\)/!= my_ticket \&\& 0)/' "$cc"
            wrong_code acquire "accesses array" $ticket 's/incr_ticket\(lk\);/0;/' "$cc"
            wrong_code release "an access that the C does not make, to array" $ticket \
                's/incr_now\(lk\);/& &/' "$cc"
            wrong_code release "returns too early" $ticket 's/incr_now\(lk\);/(void)lk;/' "$cc"
        done
    done
    wrong_code release "stores the value read + 2" L0_machine/arch/x86_64.h 's/"incl %0"/"addl $2, %0"/' \
        x86_64-linux-gnu-gcc
}

@test "debug flips: in the debug library no bit of an access to a lock, of one to the frame, or of a return" {
    ar p build/aarch64/libhlock_debug.a hlock.o >"$tmp/locks.o"
    debug_flips "$tmp/locks.o" 307
    [[ "$(tail -n 1 "$tmp/flips")" =~ ^([0-9]+)' flips, '([0-9]+)' accepted, '[0-9]+' kept'$ ]]
    [ "${BASH_REMATCH[1]}" -gt 100 ] && [ "${BASH_REMATCH[2]}" -gt 20 ]
}

@test "one bit that is changed is refused, or does no harm, in a run, too: each 37th of code and relocations" {
    local machine target
    while read -r machine target; do
        compile "$machine-linux-gnu-gcc $target"
        wrong_one_is_seen "$machine" "$tmp/locks.o"
        flips_do_no_harm "$machine" "$tmp/locks.o" .text 37 1
        flips_do_no_harm "$machine" "$tmp/locks.o" .rela.text 37 1
    done <<'END'
aarch64
aarch64 -march=armv8.1-a
riscv64
x86_64 -fno-pie
END
}

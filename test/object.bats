#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The object code that is proved.  elf2coq takes the bytes as readelf does, and refuses what
# it does not know; it is clean under the address and undefined-behaviour sanitizers in
# all of these tests.  What the checker says of builds that doc/codegen.md lists, and of wrong ones.
OF_SHIPPED_TABLE=yes
load helper
load orders/flags
load object/flips
load object/meaning

setup_file() {
    cd "$BATS_TEST_DIRNAME/.." || return 1
    gcc -std=c11 -O1 -g -Wall -Wextra -Werror -D_GNU_SOURCE -fsanitize=address,undefined \
        -fno-sanitize-recover=all tools/elf2coq/*.c -lelf -o "$BATS_FILE_TMPDIR/elf2coq"
    gcc -std=c11 -O1 -g -Wall -Wextra -Werror -D_GNU_SOURCE -I. -fsanitize=address,undefined \
        -fno-sanitize-recover=all test/object/fuzz.c tools/elf2coq/{object,image,reader}.c -lelf \
        -o "$BATS_FILE_TMPDIR/fuzz"
}

elf2coq() {
    "$BATS_FILE_TMPDIR/elf2coq" "$@"
}

# compile COMPILER [LAYERS]: $tmp/locks.o
compile() {
    local program=${1%% *}
    # its options come last, so that they count
    # shellcheck disable=SC2086
    $program $LIBC ${1#"$program"} -c "${2:-layers}/L4_locks/locks.c" -o "$tmp/locks.o"
}

# refused WHAT FILE: with an offset and that reason, and nothing is printed
refused() {
    run -1 --separate-stderr elf2coq file "$2"
    [ -z "$output" ]
    [[ "$stderr" == "$2: offset 0x"*": $1"* ]]
}

# small_image OBJECT FLAG...: $tmp/image, of that alone
small_image() {
    aarch64-linux-gnu-ld -e acquire_lock_core "$1" "${@:2}" -o "$tmp/image"
}

# image COMPILER FLAG...: $tmp/image, a program that calls each function
image() {
    # shellcheck disable=SC2086 # options
    $1 -std=c11 -O2 -Wall -Iinclude -I. "${@:2}" ${layers:-layers}/L4_locks/locks.c "$client" -o "$tmp/image"
}

# verdicts STATUS SUMMARY FILE: what check-object says of all functions of the shipped table
verdicts() {
    run -"$1" build/check-object "$3"
    [[ "${lines[-1]}" == "$3: $2" ]]
}

# wrong_code NAMES REASON FILE CHANGE [COMPILER]: with that change of a file of layers/, the functions whose
# names start so, a regular expression, are wrong for that reason, and the others are proved
wrong_code() {
    local names=$1 reason=$2 file=$3 change=$4 compiler=${5:-aarch64-linux-gnu-gcc} line
    copy_layers "$tmp/layers" "$file" "$change"
    compile "$compiler" "$tmp/layers"
    run -1 build/check-object "$tmp/locks.o"
    for line in "${lines[@]::12}"; do
        if [[ "$line" =~ ^($names) ]]; then
            [[ "$line" == *": wrong: "*"$reason"*", at 0x"*": "* ]]
        else
            [[ "$line" == *": proved" ]]
        fi
    done
}

@test "the bytes, the functions and the array are those that readelf and objcopy see" {
    compile aarch64-linux-gnu-gcc
    elf2coq file "$tmp/locks.o" >"$tmp/file.v"
    aarch64-linux-gnu-objcopy -O binary -j .text "$tmp/locks.o" "$tmp/text"
    od -An -v -tu1 "$tmp/text" | grep -oE '[0-9]+' >"$tmp/expected"
    sed -n '/text := /,/]];/p' "$tmp/file.v" | grep -oE '[0-9]+' | cmp - "$tmp/expected"
    aarch64-linux-gnu-readelf -sW "$tmp/locks.o" | awk '$4 == "FUNC" { print $8, $2 }' >"$tmp/expected"
    sed -nE 's/.*\("([a-z0-9_]+)"%string, ([0-9]+)\).*/\1 \2/p' "$tmp/file.v" |
        while read -r name at; do printf '%s %016x\n' "$name" "$at"; done | cmp - "$tmp/expected"
    size=$(aarch64-linux-gnu-readelf -sW "$tmp/locks.o" | awk '$8 == "hlock_words" { print $3 }')
    grep -qx "  array_size := $size" "$tmp/file.v"
    [ "$(grep -c '_21 (\|_12 (' "$tmp/file.v")" = "$(aarch64-linux-gnu-readelf -rW "$tmp/locks.o" |
        grep -c 'R_AARCH64_ADR_PREL_PG_HI21\|R_AARCH64_ADD_ABS_LO12_NC')" ]
}

@test "what is not known is refused, with its offset" {
    refused 'this is no ELF file' Makefile
    gcc $LIBC -c layers/L4_locks/locks.c -o "$tmp/native.o"
    refused 'this is no object file or image of little-endian aarch64' "$tmp/native.o"
    compile 'clang-14 --target=aarch64-linux-gnu -mcmodel=large'
    refused 'a relocation of type 264 is not known' "$tmp/locks.o"
    compile 'aarch64-linux-gnu-gcc -Dhlock_words=other_words'
    refused 'no array hlock_words is defined' "$tmp/locks.o"
    run -2 elf2coq file
}

@test "files that are cut off or changed are refused, or read" {
    compile aarch64-linux-gnu-gcc
    size=$(stat -c %s "$tmp/locks.o")
    for ((n = 0; n < 150; n++)); do
        head -c $((size * n / 150)) "$tmp/locks.o" >"$tmp/changed.o"
        elf2coq file "$tmp/changed.o" >"$tmp/out" 2>&1 || [ $? = 1 ]
        cp "$tmp/locks.o" "$tmp/changed.o"
        # one byte of the headers, the symbols or the relocations
        at=$((n % 3 == 0 ? n % 64 : size - 1 - n * 17 % (size * 3 / 5)))
        printf "\\x$(printf %x $((n * 37 % 256)))" |
            dd of="$tmp/changed.o" bs=1 seek=$at conv=notrunc status=none
        elf2coq file "$tmp/changed.o" >"$tmp/out" 2>&1 || [ $? = 1 ]
    done
}

@test "100,000 changed objects are read, or refused with an offset; no sanitizer has a complaint" {
    local seed=1 flag
    for flag in -O2 -ffunction-sections; do
        compile "aarch64-linux-gnu-gcc $flag"
        run -0 "$BATS_FILE_TMPDIR/fuzz" "$tmp/locks.o" 40000 $((seed++))
        [[ "$output" =~ ^[1-9][0-9]+' read, '[1-9][0-9]+' refused'$ ]]
    done
    run -0 "$BATS_FILE_TMPDIR/fuzz" build/aarch64/libhlock.a 10000 3
    [[ "$output" =~ ^[1-9][0-9]+' read, '[1-9][0-9]+' refused'$ ]]
    small_image "$tmp/locks.o" -pie
    run -0 "$BATS_FILE_TMPDIR/fuzz" "$tmp/image" 10000 4
    [[ "$output" =~ ^[1-9][0-9]+' read, '[1-9][0-9]+' refused'$ ]]
}

@test "check-object, too, says at which offset it does not know a file, and has no verdict then" {
    compile 'clang-14 --target=aarch64-linux-gnu -mcmodel=large'
    run -2 build/check-object "$tmp/locks.o"
    [[ "$output" == "$tmp/locks.o: no verdict: offset 0x"*": a relocation of type 264 is not known" ]]
    run -2 build/check-object "$tmp/no_such_file"
    [[ "$output" == "$tmp/no_such_file: no verdict: offset 0x0: it cannot be read" ]]
    run -3 build/check-object
    run -3 build/check-object --target x86_64 "$tmp/locks.o"
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
    [[ "$output" == *"acquire_lock_"*": no verdict: there is no instruction that the decoder knows, "*"sp"* ]]
}

@test "several sections of code: each function as in one; no jump goes from one to another" {
    local s=$tmp/locks.s name at
    aarch64-linux-gnu-gcc $LIBC -ffunction-sections -S layers/L4_locks/locks.c -o "$s"
    aarch64-linux-gnu-gcc -c "$s" -o "$tmp/locks.o"
    verdicts 0 "12 proved, 0 wrong, 0 without a verdict" "$tmp/locks.o"
    run -0 build/check-object --prove "$tmp/locks.o"
    # the bytes of each section lie where its function is said to be, and a word of zeros behind them
    elf2coq file "$tmp/locks.o" >"$tmp/file.v"
    sed -n '/text := /,/]];/p' "$tmp/file.v" | grep -oE '[0-9]+' >"$tmp/code"
    sed -nE 's/.*\("([a-z0-9_]+)"%string, ([0-9]+)\).*/\1 \2/p' "$tmp/file.v" >"$tmp/places"
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
    refused 'a relocation of type 282 is not known' "$tmp/locks.o"
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
    run -0 build/check-object --prove "$tmp/locks.o"
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
            "-pie -fPIE -ffunction-sections -Wl,--gc-sections" "-static -no-pie -Os -ffunction-sections"; do
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
    run -0 build/check-object --prove "$tmp/image"
    [[ "${lines[-1]}" == "file: object code proved, "*" of $tmp/image" ]]
}

@test "an image's addresses are those of the linker's map" {
    local low array name at kind distance count=0
    compile aarch64-linux-gnu-gcc
    small_image "$tmp/locks.o" -Map="$tmp/map" -Ttext=0x41ff00 -Tbss=0x5680c0
    place() { echo $(($(awk -v name="$1" '$2 == name && NF == 2 { print $1 }' "$tmp/map"))); }
    array=$(place hlock_words)
    [ "$((array))" = $((0x5680c0)) ]
    elf2coq file "$tmp/image" >"$tmp/file.v"
    low=$(place acquire_lock_core)
    sed -nE 's/.*\("([a-z0-9_]+)"%string, ([0-9]+)\).*/\1 \2/p' "$tmp/file.v" >"$tmp/places"
    [ "$(wc -l <"$tmp/places")" = 12 ]
    while read -r name at; do [ $((low + at)) = "$(place "$name")" ]; done <"$tmp/places"
    while read -r at kind distance; do
        [ "$kind $distance" = "Image_page $(((low + at) / 4096 * 4096 - array))" ]
        count=$((count + 1))
    done < <(sed -nE 's/.*\(([0-9]+), (Image_[a-z]+) \((-?[0-9]+)\)\).*/\1 \2 \3/p' "$tmp/file.v")
    [ $count = "$(aarch64-linux-gnu-objdump -d "$tmp/image" | grep -c '\sadrp\s')" ]
    # two pages of code, so that distances differ
    [ "$(grep -o 'Image_page ([-0-9]*)' "$tmp/file.v" | sort -u | wc -l)" = 2 ]
}

@test "images that are wrong, or of which nothing is known" {
    local client=test/object/client.c gcc=aarch64-linux-gnu-gcc s=$tmp/locks.s
    copy_layers "$tmp/layers" L0_machine/arch/aarch64.h 's/"stlr/"str/'
    layers=$tmp/layers image $gcc -static
    verdicts 1 "6 proved, 6 wrong, 0 without a verdict" "$tmp/image"
    # in addresses, too, no bit can be another one
    compile $gcc
    small_image "$tmp/locks.o" -Tbss=0x4200c0
    flips_do_no_harm "$tmp/image" .text 7 0
    grep -q '^bit' "$tmp/flips"
    # the array's address out of the GOT; functions that are in line; no symbols
    image $gcc -pie -fPIC
    verdicts 2 "0 proved, 0 wrong, 12 without a verdict" "$tmp/image"
    [[ "$output" == *"there is no instruction that the decoder knows, "*": ldr x"* ]]
    client=test/object/inline.c image $gcc -static -flto
    refused 'there is no lock function' "$tmp/image"
    image $gcc -static -s
    refused 'no code, or no symbols' "$tmp/image"
    # two sections; code that is written to, or relocated when it is loaded
    small_image "$tmp/locks.o" -N
    refused 'no segment loads the lock functions' "$tmp/image"
    $gcc $LIBC -S layers/L4_locks/locks.c -o "$s"
    sed -E '/^acquire_lock_pt:/,/ret/s/\tret/&\n\t.quad hlock_words/' "$s" >"$tmp/changed.s"
    $gcc -c "$tmp/changed.s" -o "$tmp/locks.o"
    small_image "$tmp/locks.o" -pie -z notext
    refused 'a relocation of code when it is loaded' "$tmp/image"
    sed -E 's/^\t.global\tacquire_lock_pt/\t.section other, "ax"\n&/' "$s" >"$tmp/changed.s"
    $gcc -c "$tmp/changed.s" -o "$tmp/locks.o"
    small_image "$tmp/locks.o"
    refused 'the lock functions are not in one section of code' "$tmp/image"
}

@test "doc/matrix.md says what is said of builds: each ninth" {
    test/object/matrix 9 >"$tmp/rows"
    [ "$(wc -l <"$tmp/rows")" -gt 9 ]
    test/object/matrix 5 images >>"$tmp/rows"
    ! grep -vxFf doc/matrix.md "$tmp/rows"
}

@test "check-object --prove: the kernel says yes of the same file; not of a wrong one" {
    compile aarch64-linux-gnu-gcc
    run -0 build/check-object --prove "$tmp/locks.o"
    [[ "${lines[-1]}" == "file: object code proved, $(sha256sum <"$tmp/locks.o" | cut -c1-16) of $tmp/locks.o" ]]
    copy_layers "$tmp/layers" L0_machine/arch/aarch64.h 's/"stlr/"str/'
    compile aarch64-linux-gnu-gcc "$tmp/layers"
    run -1 build/check-object --prove "$tmp/locks.o"
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
    wrong_code release "an access that the C does not make, when all is done" $ticket 's/incr_now\(lk\);/& &/'
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

@test "functions are those of the table, and of the prefix" {
    compile aarch64-linux-gnu-gcc
    build/hlock emit tsv layers/L4_locks/lock_table.def "$tmp/table.tsv"
    run -0 build/check-object --table "$tmp/table.tsv" "$tmp/locks.o"
    sed -E '1s/^[a-z0-9_]+/other/' "$tmp/table.tsv" >"$tmp/renamed.tsv"
    run -2 build/check-object --table "$tmp/renamed.tsv" "$tmp/locks.o"
    [[ "${lines[0]}" == "acquire_lock_other: no verdict: $tmp/locks.o has no such function" ]]
    # of a table where each family has twice as many locks, the array is too small
    awk -F'\t' -v OFS='\t' '{ $2 *= 2; if ($9 != "-") $3 *= 2; print }' "$tmp/table.tsv" >"$tmp/wide.tsv"
    run -1 build/check-object --table "$tmp/wide.tsv" "$tmp/locks.o"
    echo nonsense >"$tmp/table.tsv"
    run -3 build/check-object --table "$tmp/table.tsv" "$tmp/locks.o"
    # hlock does it for any table; its lines are those of check-object
    build/hlock generate test/tables/other.def --prefix=my_ -o "$tmp"
    # shellcheck disable=SC2086 # options
    aarch64-linux-gnu-gcc $LIBC -c "$tmp/hlock.c" -o "$tmp/other.o"
    run -0 build/hlock check-object --table test/tables/other.def --prefix my_ "$tmp/other.o"
    [ "${lines[-1]}" = "$tmp/other.o: $((${#lines[@]} - 1)) proved, 0 wrong, 0 without a verdict" ]
    run -2 build/hlock check-object --table test/tables/other.def "$tmp/other.o"
}

@test "one bit that is changed is refused, or does no harm, in a run, too: each 37th of code and relocations" {
    local target
    for target in "" -march=armv8.1-a; do
        compile "aarch64-linux-gnu-gcc $target"
        wrong_one_is_seen "$tmp/locks.o"
        flips_do_no_harm "$tmp/locks.o" .text 37 1
        flips_do_no_harm "$tmp/locks.o" .rela.text 37 1
    done
}

@test "sequences of instructions do what Coq says of them, memory and flag included: 10,000, under qemu-user" {
    means_the_same 10000 1
}

@test "what is decoded is what LLVM reads: 10 million words" {
    run -0 build/decoder 10000000 1
    [[ "${lines[-1]}" == "10000000 words, "*" decoded, 0 differ" ]]
    # all kinds of instructions are among them
    [ "${#lines[@]}" -ge 37 ]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The object code of debug builds.  What check-object --debug says of right builds, and of wrong ones: what they do to
# locks is refused as in a release build, what they do to their record is not looked at.
OF_SHIPPED_TABLE=yes
load helper
load object/elf2coq

LIBC="$LIBC -Ibuild/drop_in -DHLOCK_DEBUG"
all="12 proved, 0 wrong, 0 without a verdict"
compilers=(aarch64-linux-gnu-gcc "clang-14 --target=aarch64-linux-gnu" "clang-14 --target=riscv64-linux-gnu"
    x86_64-linux-gnu-gcc)

# debug_build COMPILER [CHANGE]: $tmp/locks.o, of hlock.c with that change; it must change something
debug_build() {
    local program=${1%% *}
    sed -E "${2:-}" build/drop_in/hlock.c >"$tmp/hlock.c"
    [ -z "${2:-}" ] || ! cmp -s build/drop_in/hlock.c "$tmp/hlock.c"
    # shellcheck disable=SC2086 # options
    $program $LIBC ${1#"$program"} -c "$tmp/hlock.c" -o "$tmp/locks.o"
}

# debug_verdicts STATUS SUMMARY [FILE]
debug_verdicts() {
    run -"$1" build/check-object --debug "${3:-$tmp/locks.o}"
    [ "${lines[-1]}" = "${3:-$tmp/locks.o}: $2" ]
}

# refused_code STATUS VERDICT NAMES REASON CHANGE [COMPILER]: that is said of these functions, the others are proved
refused_code() {
    echo "# ${6:-}: $5"
    debug_build "${6:-aarch64-linux-gnu-gcc}" "$5"
    run -"$1" build/check-object --debug "$tmp/locks.o"
    said_of "$3" "$2" "$4"
}
wrong_code() { refused_code 1 wrong "$@"; }
unknown_code() { refused_code 2 'no verdict' "$@"; }

@test "the libraries that ship: debug with --debug, release with it and without; debug without it has no verdict" {
    local folder library
    for folder in build build/aarch64 build/aarch64-lse build/riscv64 build/x86_64; do
        library=$folder/libhlock_debug.a
        verdicts 2 "0 proved, 0 wrong, 12 without a verdict" $library
        said_of '' 'no verdict' 'does more than lock, see --debug'
        debug_verdicts 0 "$all" $library
        debug_verdicts 0 "$all" $folder/libhlock.a
    done
}

@test "it costs little: all functions of a debug library in two seconds of a CPU" {
    local folder
    for folder in aarch64 riscv64 x86_64; do
        cpu_limit 2 build/check-object --debug build/$folder/libhlock_debug.a
    done
}

@test "what gcc and clang make of it is proved, or there is no verdict; it is never wrong" {
    local compiler flags
    for compiler in "${compilers[@]}" riscv64-linux-gnu-gcc clang-14; do
        for flags in -O1 -O2 "-O2 -fPIC"; do
            echo "# $compiler $flags"
            debug_build "$compiler $flags"
            debug_verdicts 0 "$all"
        done
        for flags in -O0 -O3 -Os "-O2 -ffunction-sections"; do
            echo "# $compiler $flags"
            debug_build "$compiler $flags"
            run build/check-object --debug "$tmp/locks.o"
            [[ "$status ${lines[-1]}" =~ ^[02]\ .*\ proved,\ 0\ wrong, ]]
        done
    done
    # near: each address by one instruction; constants of gcc are behind the code, for a vector register
    for compiler in "${compilers[@]:0:2}"; do
        for flags in -O1 -O2 "-O3 -fPIC"; do
            debug_build "$compiler -mcmodel=tiny $flags"
            debug_verdicts 0 "$all"
        done
        wrong_code acquire "returns too early" 's/while \(get_now/if (get_now/' "$compiler -mcmodel=tiny"
    done
    # each address by four instructions
    debug_build "${compilers[1]} -fno-pie -mcmodel=large"
    debug_verdicts 0 "$all"
    wrong_code acquire "returns too early" 's/while \(get_now/if (get_now/' "${compilers[1]} -fno-pie -mcmodel=large"
    # registers of 32 bytes; pointers without their codes
    for compiler in "x86_64-linux-gnu-gcc -march=x86-64-v3" "clang-14 -march=x86-64-v3" \
        "${compilers[1]} -march=armv9-a"; do
        debug_build "$compiler"
        debug_verdicts 0 "$all"
    done
    # addresses that a linker knows
    for compiler in "riscv64-linux-gnu-gcc -mcmodel=medlow" "${compilers[2]} -mcmodel=medlow" \
        "x86_64-linux-gnu-gcc -mcmodel=kernel -mno-red-zone" "clang-14 -mcmodel=kernel -mno-red-zone"; do
        debug_build "$compiler -fno-pie"
        debug_verdicts 0 "$all"
        wrong_code acquire "returns too early" 's/while \(get_now/if (get_now/' "$compiler -fno-pie"
    done
    # what is decoded nowhere is said as it is
    debug_build "aarch64-linux-gnu-gcc -fno-pie -mcmodel=large"
    debug_verdicts 2 "0 proved, 0 wrong, 12 without a verdict"
    [[ "$output" == *"_lock_pt: no verdict: there is no instruction that the decoder knows, "*": adrp x"* ]]
}

@test "a weaker order is wrong in the functions that have it" {
    local weak="in a weaker order than it has to be"
    wrong_code acquire "$weak, while it waits" '/ get_now\(/,/^}/s/ldaxr/ldxr/'
    wrong_code acquire "$weak, before a ticket" '/ incr_ticket\(/,/^}/s/ldaxr/ldxr/'
    wrong_code release "$weak, before it has stored" 's/"stlr/"str/'
    wrong_code acquire "$weak, before a ticket" 's/ldaddal/ldadda/' 'aarch64-linux-gnu-gcc -march=armv8.1-a'
    # of the library that ships, the poll of one function: LDAXR to LDXR
    local library=$tmp/libhlock_debug.a at
    cp build/aarch64/libhlock_debug.a "$library"
    at=$(grep -obaP '\x42\xfc\x5f\x88' "$library" | head -n 1 | cut -d: -f1)
    printf '\x7c' | dd of="$library" bs=1 seek=$((at + 1)) conv=notrunc status=none
    debug_verdicts 1 "11 proved, 1 wrong, 0 without a verdict" "$library"
    [[ "$output" == *": wrong: an access is $weak, while it waits for its turn, at 0x"*": ldxr w2, [x2]"* ]]
}

@test "a comparison, a ticket or a release that is missing, and one too many, are wrong" {
    local compiler
    for compiler in "${compilers[@]}"; do
        wrong_code acquire "returns too early" 's/!= my_ticket\)/!= my_ticket \&\& 0)/' "$compiler"
        wrong_code acquire "returns too early" 's/while \(get_now/if (get_now/' "$compiler"
        wrong_code release "an access that the C does not make, to array" 's/incr_now\(lk\);/& &/' "$compiler"
        wrong_code acquire "accesses array" 's/incr_ticket\(lk\);/0;/' "$compiler -Wno-unused-function"
        wrong_code release "returns too early" 's/incr_now\(lk\);/(void)lk;/' "$compiler -Wno-unused-function"
    done
    wrong_code release "stores the value read + 2" '/ incr_now\(/,/^}/s/#1/#2/'
}

# touching DECLARATION STATEMENT: a change of hlock.c, of what a call does when its entry in the record is made
touching() {
    printf '%s; %s' "s/^#define HLOCK_ONE_FILE/$1;\\n&/" \
        "/^HLOCK_CHECKS void now_held/,/^}/s/record_size.*/&\\n$2/"
}

@test "an access to the array, or to one knows not what, is not taken for one to other memory" {
    local compiler other='extern __attribute__((visibility("hidden"))) volatile'
    for compiler in "${compilers[@]}"; do
        # its own memory may be read and written as it likes
        debug_build "$compiler" "$(touching "$other uint32_t hlock_mine[64]" \
            'hlock_mine[3] = (hlock_mine[4] \& (lk + 6U)) | (hlock_mine[5] ^ 5U);')"
        debug_verdicts 0 "$all"
        # that store of clang, of the lower half of an address, is not decoded for aarch64
        [[ "$compiler" == clang*aarch64* ]] ||
            wrong_code acquire "an access that the C does not make, to array + 4, when all is done" \
                "$(touching 'extern int mine' '((volatile uint32_t *)hlock_words)[1] = 0;')" "$compiler"
        unknown_code acquire "an access that the C does not make, to something unknown" \
            "$(touching "$other uint32_t *hlock_mine" '*hlock_mine = 0;')" "$compiler"
    done
    # of a vector register
    unknown_code acquire "accesses something unknown, which is not known to be other memory" \
        "$(touching "$other float *hlock_mine; $other float hlock_other" '*hlock_mine = hlock_other;')"
}

@test "hlock_wrong has to be there, by its name: of another function it is not known that it never returns" {
    local compiler
    for compiler in "${compilers[@]}"; do
        debug_build "$compiler -Dhlock_wrong=hlock_other"
        run ! build/check-object --debug "$tmp/locks.o"
        [[ "${lines[-1]}" == "$tmp/locks.o: 0 proved, "* ]]
    done
    # compilers make copies of it, with a name that begins so; of others, too
    debug_build aarch64-linux-gnu-gcc
    aarch64-linux-gnu-objcopy --redefine-sym hlock_wrong=hlock_wrong.part.0 "$tmp/locks.o"
    debug_verdicts 0 "$all"
    aarch64-linux-gnu-objcopy --redefine-sym hlock_wrong.part.0=hlock_other.part.0 "$tmp/locks.o"
    run ! build/check-object --debug "$tmp/locks.o"
    [[ "${lines[-1]}" == "$tmp/locks.o: 0 proved, "* ]]
    # it may be in another file, as of locks.c alone; then the record is, too: of a slot of riscv64 nothing is known
    for compiler in "${compilers[@]:0:2}" x86_64-linux-gnu-gcc; do
        compile "$compiler"
        debug_verdicts 0 "$all"
    done
    compile "${compilers[2]}"
    debug_verdicts 2 "0 proved, 0 wrong, 12 without a verdict"
}

@test "a canary is other memory, and __stack_chk_fail never returns; a release build may have them, too" {
    local compiler
    for compiler in aarch64-linux-gnu-gcc 'clang-14 --target=aarch64-linux-gnu'; do
        debug_build "$compiler -fstack-protector-all"
        debug_verdicts 0 "$all"
        aarch64-linux-gnu-objcopy --redefine-sym __stack_chk_fail=stack_chk_fail "$tmp/locks.o"
        run -2 build/check-object --debug "$tmp/locks.o"
        compile "$compiler -UHLOCK_DEBUG -fstack-protector-all"
        debug_verdicts 0 "$all"
        verdicts 2 "0 proved, 0 wrong, 12 without a verdict" "$tmp/locks.o"
        aarch64-linux-gnu-objcopy --redefine-sym __stack_chk_fail=stack_chk_fail "$tmp/locks.o"
        debug_verdicts 2 "0 proved, 0 wrong, 12 without a verdict"
    done
}

@test "of a function of another file that accesses memory for its caller it is not known what it does there" {
    local compiler
    for compiler in "${compilers[@]:0:2}"; do
        debug_build "$compiler -DHLOCK_ARCH_C11 -mno-outline-atomics"
        debug_verdicts 0 "$all"
        # outline atomics: libgcc takes the ticket
        debug_build "$compiler -DHLOCK_ARCH_C11 -moutline-atomics"
        debug_verdicts 2 "6 proved, 0 wrong, 6 without a verdict"
    done
}

@test "aarch64: what a linker may put between a call and the function leaves anything in x16 and x17" {
    local register debug flags="-Os -ffunction-sections"
    # clang has x16 in functions that call hlock_wrong
    debug_build "${compilers[1]} -O2 -ffunction-sections"
    aarch64-linux-gnu-objdump -d "$tmp/locks.o" | grep -q 'w16'
    debug_verdicts 0 "$all"
    # the index, or the lock's address, in that register from the call on
    for register in 15 16 17; do
        for debug in '' --debug; do
            if [ -n "$debug" ]; then
                debug_build "aarch64-linux-gnu-gcc -S $flags"
            else
                compile "aarch64-linux-gnu-gcc -UHLOCK_DEBUG -S $flags"
            fi
            sed -E "/\tb[l]?\twait_lock/s/^/\tmov\tx$register, x0\n/; s/^wait_lock:/&\n\tmov\tx0, x$register/" \
                "$tmp/locks.o" >"$tmp/changed.s"
            aarch64-linux-gnu-gcc -c "$tmp/changed.s" -o "$tmp/locks.o"
            # shellcheck disable=SC2086 # an option, or none
            run build/check-object $debug "$tmp/locks.o"
            if [ $register = 15 ]; then
                [ "${lines[-1]}" = "$tmp/locks.o: $all" ]
            else
                [ "${lines[-1]}" = "$tmp/locks.o: 6 proved, 0 wrong, 6 without a verdict" ]
            fi
        done
    done
}

# half_changed STATUS SUMMARY CHANGE: in acquire_lock_pt, gcc's -Os, whose index is in half a word of the frame
half_changed() {
    echo "# $3"
    debug_build "aarch64-linux-gnu-gcc -Os -S"
    mv "$tmp/locks.o" "$tmp/locks.s"
    sed -E "/^acquire_lock_pt:/,/\tret/{$3}" "$tmp/locks.s" >"$tmp/changed.s"
    ! cmp -s "$tmp/locks.s" "$tmp/changed.s"
    aarch64-linux-gnu-gcc -c "$tmp/changed.s" -o "$tmp/locks.o"
    debug_verdicts "$1" "$2"
}

@test "aarch64: half a word of the frame has what was stored there last, by itself; the other half is lost" {
    local bad="11 proved, 1 wrong, 0 without a verdict" open="11 proved, 0 wrong, 1 without a verdict" at=44 change
    debug_build "aarch64-linux-gnu-gcc -Os"
    aarch64-linux-gnu-objdump -d "$tmp/locks.o" | grep -q "ldr.w3, \[sp, #$at\]"
    debug_verdicts 0 "$all"
    # in the lower half; by LDUR and STUR
    half_changed 0 "$all" 's/\[sp, 44\]/[sp, 40]/'
    half_changed 0 "$all" 's/(ld|st)r(\tw.*\[sp, 44\])/\1ur\2/'
    # the other half was stored, or all; then this half, and all are loaded
    half_changed 2 "$open" 's/ldr\tw3, \[sp, 44\]/ldr\tw3, [sp, 40]/'
    for change in 's/str\tw0, \[sp, 44\]/&\n\tstr\twzr, [sp, 40]/' 's/str\tw0, \[sp, 44\]/str\tx0, [sp, 40]/' \
        's/ldr\tw3, \[sp, 44\]/ldr\tx3, [sp, 40]/' 's/str\tw0, \[sp, 44\]/nop/' \
        's/str\tw0, \[sp, 44\]/&\n\tadd\tsp, sp, 48\n\tsub\tsp, sp, 48/' \
        's/ldr\tw3, \[sp, 44\]/ldr\tw3, [sp, 48]/' 's/str\tw0, \[sp, 44\]/&\n\tstr\twzr, [sp, -4]/'; do
        half_changed 2 "$open" "$change"
    done
    # of another value
    half_changed 1 "$bad" 's/str\tw0, \[sp, 44\]/add\tw9, w0, 1\n\tstr\tw9, [sp, 44]/'
    half_changed 1 "$bad" 's/str\tw0, \[sp, 44\]/str\twzr, [sp, 44]/'
}

@test "of linked images of it there is no verdict: calls of functions of other files are not told from others" {
    local machine
    printf '#include <hlock/hlock.h>\nuint32_t hlock_this_cpu(void) { return 0U; }\n' >"$tmp/client.c"
    printf 'int main(void) { acquire_lock_core(); release_lock_core(); }\n' >>"$tmp/client.c"
    for machine in aarch64 riscv64 x86_64; do
        "$machine-linux-gnu-gcc" -Iinclude -DHLOCK_DEBUG "$tmp/client.c" "build/$machine/libhlock_debug.a" \
            -o "$tmp/image"
        run -2 build/check-object --debug "$tmp/image"
        [ "${lines[-1]}" = "$tmp/image: 0 proved, 0 wrong, 12 without a verdict" ]
    done
}

@test "a wrong one is not proved by the kernel either" {
    debug_build aarch64-linux-gnu-gcc 's/while \(get_now/if (get_now/'
    run -1 tools/prove/bytes file-debug "$tmp/locks.o"
    [[ "$output" == *"its object code is not proved"* ]]
    [ ! -e build/bytes/file_debug.proved ]
}

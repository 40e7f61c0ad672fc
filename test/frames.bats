#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# Object code with a stack frame, with calls within the file, or that signs where it returns to: what the checker says
# of builds, and of wrong ones.
OF_SHIPPED_TABLE=yes
load helper
load object/elf2coq

setup_file() {
    cd "$BATS_TEST_DIRNAME/.." || return 1
    build_elf2coq "$BATS_FILE_TMPDIR"
}

# changed_assembly FUNCTION COMPILER CHANGE STATUS SUMMARY REASON: with that change, by sed, of its assembly, what
# check-object says of all, and of the function
changed_assembly() {
    local s=$tmp/changed.s o=$tmp/locks.o
    # shellcheck disable=SC2086 # options
    ${2%% *} $LIBC ${2#"${2%% *}"} -S layers/L4_locks/locks.c -o "$s"
    sed -E "/^$1:/,/ret|jr\tra/{$3}" "$s" >"$s.s"
    ! cmp -s "$s" "$s.s" || return 1
    # shellcheck disable=SC2086
    ${2%% -[Omf]*} -c "$s.s" -o "$o"
    verdicts "$4" "11 proved, $5" "$o"
    [[ "$output" == *"$1: "*"$6"* ]]
}

@test "a stack frame: what compilers make with one is proved; what is not in it, or not put back, is refused" {
    local o=$tmp/locks.o target cc line
    local none="which is not known to be in its frame of 128 bytes"
    while read -r target line cc; do
        compile "$cc"
        "$target-linux-gnu-objdump" -d "$o" | grep -qE "$line"
        verdicts 0 "12 proved, 0 wrong, 0 without a verdict" "$o"
    done <<'END'
aarch64 stp.*x29,.x30 aarch64-linux-gnu-gcc -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer
aarch64 stp.*x29,.x30 clang-14 --target=aarch64-linux-gnu -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer
riscv64 sd.s0 riscv64-linux-gnu-gcc -fno-omit-frame-pointer
riscv64 sd.s0 clang-14 --target=riscv64-linux-gnu -fno-omit-frame-pointer
x86_64 push clang-14 --target=x86_64-linux-gnu -fno-omit-frame-pointer
END
    local bad="1 wrong, 0 without a verdict" open="0 wrong, 1 without a verdict"
    local frame=-fno-omit-frame-pointer
    changed() { changed_assembly release_lock_core "$@"; }
    cc="clang-14 --target=aarch64-linux-gnu $frame -mno-omit-leaf-frame-pointer"
    changed "$cc" 's/ldp\tx29, x30/ldp\tx30, x29/' 1 "$bad" "returns to the caller's x29"
    changed "$cc" 's/ldp\tx29, x30, \[sp\], #16/ldp x29, x30, [sp]/' 1 "$bad" \
        "returns with the caller's stack pointer - 16 in sp"
    changed "$cc" 's/stp\tx29, x30, \[sp, #-16\]!/stp x29, x30, [sp, #-144]!/; s/\[sp\], #16/[sp], #144/' 2 \
        "$open" "$none"
    changed "$cc" 's/ldp\tx29, x30, \[sp\], #16/add sp, sp, #16; ldp x29, x30, [sp, #-16]/' 2 "$open" "$none"
    changed "$cc" 's/ldp\tx29, x30, \[sp\], #16/add sp, sp, #16; sub sp, sp, #16; &/' 2 "$open" \
        "loads a word of its frame that is not stored, or was below the stack pointer since"
    changed "$cc" 's/ldp\tx29, x30, \[sp\], #16/sub sp, x0, #16; &/' 2 "$open" \
        "in the stack pointer, which is not known"
    cc="riscv64-linux-gnu-gcc $frame"
    changed "$cc" 's/ld\ts0,8\(sp\)/nop/' 1 "$bad" "returns with the caller's stack pointer in s0"
    changed "$cc" 's/sd\ts0,8\(sp\)/sd s0,16(sp)/' 2 "$open" "64 bits at the caller's stack pointer, $none"
    cc="clang-14 --target=x86_64-linux-gnu $frame"
    changed "$cc" 's/popq\t%rbp/addq $8, %rsp/' 1 "$bad" "returns with the caller's stack pointer - 8 in rbp"
    changed "$cc" 's/popq\t%rbp/popq %rbp; popq %rcx/' 2 "$open" "64 bits at the caller's stack pointer, $none"
}

@test "a call of a function of the same file: what compilers make with one is proved; the address is not lost" {
    local o=$tmp/locks.o cc bad="1 wrong, 0 without a verdict" open="0 wrong, 1 without a verdict"
    local lost="loads a word of its frame that is not stored" for_ever="may make more steps of its own"
    local c11="-Og -DHLOCK_ARCH_C11 -mno-outline-atomics"
    while read -r cc; do
        compile "$cc"
        "${cc%%-linux-gnu-*}-linux-gnu-objdump" -d "$o" | grep -qE $'\t(bl|jalr)\t'
        verdicts 0 "12 proved, 0 wrong, 0 without a verdict" "$o"
    done <<END
aarch64-linux-gnu-gcc -fno-inline
aarch64-linux-gnu-gcc $c11
riscv64-linux-gnu-gcc -Og
END
    changed() { changed_assembly acquire_lock_core "$@"; }
    cc="aarch64-linux-gnu-gcc $c11"
    changed "$cc" 's/stp\tx29, x30/stp\tx29, x29/' 1 "$bad" "returns to the caller's x29"
    changed "$cc" 's/stp\tx29, x30, \[sp, -16\]!/sub sp, sp, #16/' 2 "$open" "$lost"
    changed "$cc" 's/[sl][td]p\tx29.*/nop/' 2 "$open" "$for_ever"
    changed "$cc" 's/bl\twait_lock/bl\tincr_now/' 1 "$bad" "accesses array + 4, not array"
    cc="riscv64-linux-gnu-gcc -Og"
    changed "$cc" 's/sd\tra,8\(sp\)/sd s0,8(sp)/' 1 "$bad" "returns to the caller's s0"
    changed "$cc" 's/sd\tra,8\(sp\)/nop/' 2 "$open" "$lost"
    changed "$cc" 's/[sl]d\tra,8\(sp\)/nop/' 2 "$open" "puts something unknown in the stack pointer"
    changed "$cc" 's/call\twait_lock/jalr t0/' 2 "$open" "there is no instruction that the decoder knows"
    aarch64-linux-gnu-gcc $LIBC $c11 -S layers/L4_locks/locks.c -o "$tmp/changed.s"
    sed -i 's/bl\twait_lock/bl\telsewhere/' "$tmp/changed.s"
    aarch64-linux-gnu-gcc -c "$tmp/changed.s" -o "$o"
    verdicts 2 "6 proved, 0 wrong, 6 without a verdict" "$o"
}

@test "a signed address to return to: what compilers make with one is proved, of debug builds, too" {
    local o=$tmp/locks.o cc instruction protect=-mbranch-protection
    while read -r instruction cc; do
        echo "# $cc"
        compile "$cc"
        aarch64-linux-gnu-objdump -d "$o" | grep -qE "$instruction"
        verdicts 0 "12 proved, 0 wrong, 0 without a verdict" "$o"
    done <<END
autiasp aarch64-linux-gnu-gcc $protect=pac-ret+leaf
retaa aarch64-linux-gnu-gcc -march=armv8.3-a $protect=pac-ret+leaf -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer
autiasp clang-14 --target=aarch64-linux-gnu $protect=pac-ret+leaf -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer
retaa clang-14 --target=aarch64-linux-gnu -march=armv8.3-a $protect=pac-ret+leaf
END
    for cc in aarch64-linux-gnu-gcc "clang-14 --target=aarch64-linux-gnu"; do
        for protect in standard "pac-ret -march=armv8.3-a"; do
            echo "# $cc $protect"
            # shellcheck disable=SC2086 # options
            ${cc%% *} $LIBC -DHLOCK_DEBUG ${cc#"${cc%% *}"} -mbranch-protection=$protect \
                -c build/drop_in/hlock.c -o "$o"
            aarch64-linux-gnu-objdump -d "$o" | grep -qE 'autiasp|retaa'
            run -0 build/check-object --debug "$o"
            [ "${lines[-1]}" = "$o: 12 proved, 0 wrong, 0 without a verdict" ]
        done
    done
}

@test "a signed address to return to: another one, another stack pointer or another key is refused" {
    local bad="1 wrong, 0 without a verdict" open="0 wrong, 1 without a verdict"
    local does="signs or authenticates" it="the signed address to return to" frame="ldp\tx29, x30, \[sp\], #16"
    local cc="clang-14 --target=aarch64-linux-gnu -mbranch-protection=pac-ret+leaf"
    changed() { changed_assembly release_lock_core "$cc -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer" "$@"; }
    changed 's/hint\t#29/nop/' 1 "$bad" "returns to $it"
    changed 's/hint\t#25/nop/' 2 "$open" "$does the caller's x30, not $it: not covered"
    changed 's/hint\t#25/&; &/' 2 "$open" "$does $it, not the caller's x30: not covered"
    changed "s/hint\t#29/nop/; s/$frame/ldp x29, x30, [sp]; hint #29; add sp, sp, #16/" 2 "$open" \
        "$does the caller's stack pointer - 16, not the caller's stack pointer: not covered"
    changed 's/hint\t#25/sub sp, sp, #16; &; add sp, sp, #16/' 2 "$open" "$does the caller's stack pointer - 16, not"
    changed 's/hint\t#29/mov x30, x29; &/' 2 "$open" "$does the caller's x29, not $it: not covered"
    changed 's/hint\t#29/add x30, x30, #4; &/' 2 "$open" "$does something unknown, not $it: not covered"
    changed 's/hint\t#29/hint #31/' 2 "$open" "there is no instruction that the decoder knows"
    # RETAA authenticates what is in X30, and leaves it there
    cc="aarch64-linux-gnu-gcc -march=armv8.3-a -mbranch-protection=pac-ret+leaf"
    changed 's/retaa/ret/' 1 "$bad" "returns to $it"
    changed 's/hint\t25.*/nop/' 2 "$open" "$does the caller's x30, not $it: not covered"
    changed "s/${frame/\#/}/ldp x29, x30, [sp]/" 2 "$open" "$does the caller's stack pointer - 16, not"
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# aarch64's large code model: the array's address is in a literal in the code, or in MOVZ and MOVK.  What elf2coq takes
# of that, and what the checker says.
# elf2coq is clean under the address and undefined-behaviour sanitizers in all of these tests.
OF_SHIPPED_TABLE=yes
load helper
load object/elf2coq
load object/flips

setup_file() {
    cd "$BATS_TEST_DIRNAME/.." || return 1
    build_elf2coq "$BATS_FILE_TMPDIR"
}

# large_changed STATUS SUMMARY CHANGE: with that change of release_lock_core in $tmp/$cc.s, and of what lies behind it
large_changed() {
    echo "# $3"
    sed -E "/^release_lock_core:/,/^acquire_lock_s2page:/{$3}" "$tmp/$cc.s" >"$tmp/changed.s"
    ! cmp -s "$tmp/$cc.s" "$tmp/changed.s"
    aarch64-linux-gnu-gcc -c "$tmp/changed.s" -o "$tmp/locks.o"
    verdicts "$1" "$2" "$tmp/locks.o"
}

@test "-mcmodel=large: an address out of a literal in the code, or in four parts; it is the array's, and whole" {
    local client=test/object/client.c compiler cc flags change g type all="12 proved, 0 wrong, 0 without a verdict"
    local open="11 proved, 0 wrong, 1 without a verdict" bad="11 proved, 1 wrong, 0 without a verdict"
    local literal='\t\.xword\t\.LANCHOR0' load='ldr\tx0, \[x0, #:lo12:\.LC1\]' page='adrp\tx0, \.LC1'
    for compiler in aarch64-linux-gnu-gcc "clang-14 --target=aarch64-linux-gnu"; do
        cc=${compiler%% *}
        for flags in "" -march=armv8.1-a "-Os -ffunction-sections" "-O3 -DHLOCK_LINE=128"; do
            compile "$compiler -fno-pie -mcmodel=large $flags"
            verdicts 0 "$all" "$tmp/locks.o"
            # shellcheck disable=SC2086 # options
            image "$compiler" -static -fno-pie -no-pie -mcmodel=large $flags
            verdicts 0 "$all" "$tmp/image"
        done
        run -0 build/hlock check-object --prove --work "$tmp/proof" "$tmp/image"
        compile "$compiler -fno-pie -mcmodel=large"
        run -0 build/hlock check-object --prove --work "$tmp/proof" "$tmp/locks.o"
        flips_do_no_harm aarch64 "$tmp/locks.o" .text 29 0
        flips_do_no_harm aarch64 "$tmp/locks.o" .rela.text 29 0
        small_image aarch64 "$tmp/locks.o" -Tbss=0x1234567890c0
        verdicts 0 "$all" "$tmp/image"
        flips_do_no_harm aarch64 "$tmp/image" .text 29 0
        # shellcheck disable=SC2086 # options
        $compiler $LIBC -fno-pie -mcmodel=large -S layers/L4_locks/locks.c -o "$tmp/$cc.s"
        sed -i '/^\t\.addrsig/d' "$tmp/$cc.s" # what only clang knows
    done
    compile "aarch64-linux-gnu-gcc -fno-pie -mcmodel=large -mpc-relative-literal-loads"
    verdicts 0 "$all" "$tmp/locks.o"
    cc=aarch64-linux-gnu-gcc
    # the literal: of another byte, of another symbol, in which there is something, which something else changes
    large_changed 1 "$bad" "s/$literal/&+64/"
    [[ "$output" == *"release_lock_core: wrong: accesses array + 68, not array + 4, "* ]]
    sed "0,/$literal/s//\t.xword other/" "$tmp/$cc.s" >"$tmp/changed.s"
    $cc -c "$tmp/changed.s" -o "$tmp/locks.o"
    verdicts 2 "$open" "$tmp/locks.o"
    for change in "s/$literal/\t.reloc ., R_AARCH64_ABS64, .LANCHOR0\n\t.xword 1/" "s/$literal/\t.xword 0/" \
        "s/$literal/\t.reloc ., R_AARCH64_ABS64, .LANCHOR0\n\t.xword 1 << 32/" \
        "s/$literal/\t.reloc .+4, R_AARCH64_ABS64, .LANCHOR0+64\n&\n\t.word 0/" \
        "s/$literal/\t.reloc .-4, R_AARCH64_ABS64, .LANCHOR0+64\n&/" \
        "s/$literal/\t.reloc ., R_AARCH64_ABS64, .LANCHOR0+64\n&/"; do
        large_changed 2 "$open" "$change"
    done
    # an instruction that is overwritten; one that is none
    for change in '.' '.-4' '.-12'; do
        large_changed 2 "$open" "s/\tret/\t.reloc $change, R_AARCH64_ABS64, .LANCHOR0\n&/"
    done
    large_changed 2 "$open" "s/$page/b .LC1/"
    # the two that load it: of one literal, by one register, with nothing between that has to do with it
    for change in "s/$page/adrp\tx0, .LC0/" "s/$load/ldr x0, [x0, #:lo12:.LC0]/" "s/$load/ldr x1, [x0, #:lo12:.LC1]/" \
        "s/$load/ldr w0, [x0]/" "s/$load/nop/" "s/$page/nop/" "s/$page/&\n\tmov x1, x0/" "s/$page/&\n\tmov x0, 8/" \
        "s/$page/&\n\tcbz x1, 0f\n0:/" "s/$page/&\n.rept 5\n\tmov x1, 8\n.endr/" "s/$page/&\n\t&/" \
        "s/$load/.reloc ., R_AARCH64_LDST64_ABS_LO12_NC, .LC1\n\tldr x0, [x0, 8]/"; do
        large_changed 2 "$open" "$change"
    done
    large_changed 0 "$all" "s/$page/&\n.rept 4\n\tmov x1, 8\n.endr/"
    # LDR of it, alone
    large_changed 0 "$all" "s/$page/nop/; s/$load/ldr x0, .LC1/"
    small_image aarch64 "$tmp/locks.o"
    verdicts 0 "$all" "$tmp/image"
    large_changed 1 "$bad" "s/$page/nop/; s/$load/ldr x0, .LC1/; s/$literal/&+4/"
    for change in 'w0, .LC1' 'x0, .LC1+4' 'x0, .LC1+8' 'x0, .LC1-4'; do
        large_changed 2 "$open" "s/$page/nop/; s/$load/ldr $change/"
        small_image aarch64 "$tmp/locks.o"
        verdicts 2 "$open" "$tmp/image"
    done
    cc=clang-14
    large_changed 1 "$bad" 's/hlock_words\+4/hlock_words+68/'
    [[ "$output" == *"release_lock_core: wrong: accesses array + 68, not array + 4, "* ]]
    # a part that is missing, twice there, in another place, of another byte, register or size, or with a number
    for change in '/g0/d' '/g1/d' '/g2/d' '/g3/d' '/g3/{s/x8/x9/}' '/g2/{h;d};/g3/G' '/g2/{h;G}' '/g1/s/\+4/+8/' \
        '/g3/s/\+4/+65540/' '/g3/s/:abs_g3:h/:abs_g2_nc:h/' '/g1/s/.*/&\n\tmov x9, x8/' '/g0/s/.*/&\n\tmov x8, 8/' \
        '/g1/{s/movk/movz/}' '/g0/{s/movz/movk/}' '/g0/{s/x8/w8/}' '/g1/{s/x8/w8/}' \
        '/g1/s/.*/.reloc ., R_AARCH64_MOVW_UABS_G1_NC, hlock_words+4\n\tmovk x8, 1, lsl 16/' \
        '/g1/s/.*/.reloc ., R_AARCH64_MOVW_UABS_G1_NC, hlock_words+4\n\tmovk x8, 0, lsl 32/' \
        '/g1/s/.*/\tmovk x8, 0, lsl 16/' '/g0/s/.*/&\n\tcbz x9, 0f\n0:/' '/g1/s/.*/&\n.rept 5\n\tmov w9, 8\n.endr/'; do
        large_changed 2 "$open" "$change"
    done
    # each by the relocation of its own place, and no other one
    for g in 1 2 3; do
        for type in G1_NC G2_NC G3; do
            change="/g$g/s/.*/.reloc ., R_AARCH64_MOVW_UABS_$type, hlock_words+4\\n\\tmovk x8, 0, lsl $((16 * g))/"
            case $type in
            G$g*) large_changed 0 "$all" "$change" ;;
            *) large_changed 2 "$open" "$change" ;;
            esac
        done
    done
    large_changed 0 "$all" '/g1/s/.*/&\n.rept 4\n\tmov w9, 8\n.endr/'
}

@test "a literal has two halves, in the code; MOVZ and MOVK have parts of an address of the array" {
    local cc=aarch64-linux-gnu-gcc kind type other end='\tret\n\t.section .text.end, "ax"'
    while read -r kind type; do
        with $cc "\\tret\\n\\t.reloc ., R_AARCH64_$type, hlock_words+68\\n.Lhere:\\t.quad 0"
        taken "$tmp/locks.o"
        [ "$(relocations_of "$tmp/file.v" | sed -nE 's/^[0-9]+ (.*) 68$/\1/p' | paste -sd,)" = "$kind" ]
        with $cc "\\tret\\n\\t.reloc ., R_AARCH64_$type, other\\n\\t.quad 0"
        case $type in
        ABS64) others_are Other_thing Other_thing ;;
        *) others_are Other_wide ;;
        esac
    done <<'END'
Literal_high,Literal_low ABS64
Wide_0 MOVW_UABS_G0_NC
Wide_16 MOVW_UABS_G1_NC
Wide_32 MOVW_UABS_G2_NC
Wide_48 MOVW_UABS_G3
END
    # half a literal; one that is nowhere, or that another file may have; LDR of what is in another section
    with $cc "$end\\n\\t.reloc ., R_AARCH64_ABS64, hlock_words\\n\\t.word 0\\n\\t.text"
    refused 'a relocation of no instruction' "$tmp/locks.o"
    while read -r type other; do
        with $cc "\\tret\\n\\t.reloc ., R_AARCH64_$type, .Lhere+4096\\n.Lhere:\\tnop"
        refused 'a relocation to code that is not there' "$tmp/locks.o"
        with $cc "\\tret\\n\\t.reloc ., R_AARCH64_$type, release_lock_pt\\n\\tnop"
        others_are "$other"
    done <<END
ADR_PREL_PG_HI21 Other_page
LDST64_ABS_LO12_NC Other_12
END
    with $cc '\t.inst 0x58010000\n\tret\n\t.section .text.end, "ax"\n\tret\n\t.text'
    refused 'a jump out of its section of code' "$tmp/locks.o"
}

@test "8,000 changed objects and images are read, or refused with an offset; no sanitizer has a complaint" {
    local compiler file
    for compiler in aarch64-linux-gnu-gcc "clang-14 --target=aarch64-linux-gnu"; do
        compile "$compiler -fno-pie -mcmodel=large"
        small_image aarch64 "$tmp/locks.o"
        for file in "$tmp/locks.o" "$tmp/image"; do
            run -0 "$BATS_FILE_TMPDIR/fuzz" "$file" 2000 1
            [[ "$output" =~ ^[1-9][0-9]+' read, '[1-9][0-9]+' refused'$ ]]
        done
    done
}

@test "of an image: how far LDR of a literal lies from the array; and MOVZ, if the array lies where it was linked" {
    local at low kind
    with aarch64-linux-gnu-gcc '\tret\n.Lhere:\tldr x1, .Lthere\n\tmov x1, 5\n\tmov x1, 5 << 16\n.Lthere:\t.quad 0'
    for kind in "" -pie; do
        small_image aarch64 "$tmp/locks.o" -Ttext=0x41ff00 -Tbss=0x5680c0 -z notext $kind
        taken "$tmp/image"
        at=$(aarch64-linux-gnu-objdump -d "$tmp/image" | sed -nE 's/^ +([0-9a-f]+):.*\sldr\sx1, .*/\1/p')
        low=$((16#$(aarch64-linux-gnu-nm "$tmp/image" | sed -n 's/ T acquire_lock_core$//p')))
        {
            echo "$((16#$at - low)) Image_near $((16#$at - 0x5680c0))"
            [ "$kind" ] || echo "$((16#$at - low + 4)) Image_wide $((-0x5680c0))"
        } >"$tmp/expected"
        relocations_of "$tmp/file.v" | grep -v Image_page | diff - "$tmp/expected"
    done
}

@test "a literal that has the array's address, in code that nobody writes to, is a slot of an image; no other word is" {
    local cc=aarch64-linux-gnu-gcc at array flag kind more text
    with $cc '\tret\n\t.balign 8\n\tnop\n\t.quad hlock_words\n\tnop\n\t.quad hlock_words+4'
    small_image aarch64 "$tmp/locks.o"
    slots_are "$tmp/image"
    more='.balign 8\n\t.quad hlock_words\n\t.section'
    for kind in ax awx a; do
        text="\\tret\\n\\t.section .data\\n\\t$more .rodata\\n\\t$more literals, \"$kind\"\\n"
        with $cc "$text\\t.balign 8\\n\\tret\\n\\tnop\\n\\t.quad hlock_words\\n\\t.text"
        for flag in "" "-pie -z notext"; do
            # shellcheck disable=SC2086 # options
            small_image aarch64 "$tmp/locks.o" --unique=literals $flag
            [ $kind = ax ] || {
                slots_are "$tmp/image"
                continue
            }
            array=$((16#$(readelf -sW "$tmp/image" | awk '$8 == "hlock_words" { print $2; exit }')))
            at=$((16#$(readelf -SW "$tmp/image" | sed -nE 's/.* literals +PROGBITS +([0-9a-f]+) .*/\1/p') + 8))
            slots_are "$tmp/image" $((at - array))
            # what the file has there; or the relocation, if there is one
            at=$(section "$tmp/image" literals)
            changed_image $((${at% *} + 8)) '\x01'
            slots_are "$tmp/changed" "$([ ! "$flag" ] || slots_of "$tmp/file.v")"
        done
    done
}

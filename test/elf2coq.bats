#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# elf2coq takes the bytes of an object file as readelf does, and refuses what it does not know; sanitizers watch it.
OF_SHIPPED_TABLE=yes
load helper
load object/elf2coq

setup_file() {
    cd "$BATS_TEST_DIRNAME/.." || return 1
    build_elf2coq "$BATS_FILE_TMPDIR"
}

# What elf2coq makes of the types of relocations, if it makes something of them.
declare -gA KINDS=([R_AARCH64_ADR_PREL_PG_HI21]=Page_21 [R_AARCH64_ADD_ABS_LO12_NC]=Add_12
    [R_AARCH64_LDST32_ABS_LO12_NC]=Access_12 [R_AARCH64_ADR_PREL_LO21]=Near_21 [R_AARCH64_ADR_GOT_PAGE]=Got_page
    [R_AARCH64_LD64_GOT_LO12_NC]=Got_12 [R_AARCH64_GOT_LD_PREL19]=Got_near
    [R_AARCH64_LDST64_ABS_LO12_NC]=Literal_12 [R_AARCH64_ABS64]=Literal_low
    [R_AARCH64_MOVW_UABS_G0_NC]=Wide_0 [R_AARCH64_MOVW_UABS_G1_NC]=Wide_16 [R_AARCH64_MOVW_UABS_G2_NC]=Wide_32
    [R_AARCH64_MOVW_UABS_G3]=Wide_48
    [R_RISCV_PCREL_HI20]=Pcrel_hi [R_RISCV_PCREL_LO12_I]=Pcrel_lo [R_RISCV_GOT_HI20]=Got_hi [R_RISCV_HI20]=Abs_hi
    [R_RISCV_LO12_I]=Abs_lo [R_RISCV_LO12_S]=Abs_lo_s [R_RISCV_BRANCH]=Branch [R_RISCV_JAL]=Jal
    [R_RISCV_RVC_BRANCH]=Rvc_branch [R_RISCV_RVC_JUMP]=Rvc_jump [R_RISCV_CALL]=Call [R_RISCV_CALL_PLT]=Call
    [R_RISCV_RELAX]="" [R_RISCV_ALIGN]=""
    [R_X86_64_PC32]=Near_32 [R_X86_64_PLT32]=Near_32 [R_X86_64_32S]=Signed_32 [R_X86_64_32]=Unsigned_32
    [R_X86_64_64]=Whole_64 [R_X86_64_REX_GOTPCRELX]=Got_32 [R_X86_64_GOTPCRELX]=Got_32 [R_X86_64_GOTPCREL]=Got_32)

# relocations_seen OBJECT: the same, by readelf, of an object of one section of code, in which the array lies at 0 of
# its own; a symbol is there or at a place in the code.  There a page is a literal's; each half of a literal has one.
relocations_seen() {
    local at type value addend symbol kind pattern='(([0-9a-f]+) +(.*) ([+-]) )?([0-9a-f]+)'
    readelf -rW "$1" | sed -n "/'\.rela\.text'/,/^$/p" |
        sed -nE "s/^([0-9a-f]{16}) +[0-9a-f]+ (R_[A-Z0-9_]+) +$pattern$/\1 \2 0x0\4 \60x\7 \5/p" |
        while read -r at type value addend symbol; do
            kind=${KINDS[$type]}
            [ "$kind $symbol" != "Page_21 .text" ] || kind=Literal_page
            [ "$kind" != Literal_low ] || printf '%d Literal_high %d\n' $((0x$at + 4)) "$((value + addend))"
            [ ! "$kind" ] || printf '%d %s %d\n' "0x$at" "$kind" "$((value + addend))"
        done
}

@test "bytes, functions, relocations and the array are those that readelf and objcopy see" {
    local target compiler name at
    while read -r target compiler; do
        echo "# $target $compiler"
        compile "$compiler"
        taken "$tmp/locks.o"
        grep -qx "Definition file : object_file ${target}_relocation := {|" "$tmp/file.v"
        "${compiler%%-*}-linux-gnu-objcopy" -O binary -j .text "$tmp/locks.o" "$tmp/text"
        od -An -v -tu1 "$tmp/text" | grep -oE '[0-9]+' >"$tmp/expected"
        text_of "$tmp/file.v" | cmp - "$tmp/expected"
        readelf -sW "$tmp/locks.o" | awk '$4 == "FUNC" { print $8, $2 }' >"$tmp/expected"
        functions_of "$tmp/file.v" |
            while read -r name at; do printf '%s %016x\n' "$name" "$at"; done | cmp - "$tmp/expected"
        grep -qx "  array_size := $(readelf -sW "$tmp/locks.o" | awk '$8 == "hlock_words" { print $3 }');" "$tmp/file.v"
        relocations_seen "$tmp/locks.o" >"$tmp/expected"
        [ "$(wc -l <"$tmp/expected")" -ge 12 ]
        relocations_of "$tmp/file.v" | diff - "$tmp/expected"
        cat "$tmp/expected" >>"$tmp/all"
    done <<'END'
armv8 aarch64-linux-gnu-gcc
armv8 aarch64-linux-gnu-gcc -fPIC
armv8 aarch64-linux-gnu-gcc -fno-pie -mcmodel=large
riscv riscv64-linux-gnu-gcc
riscv riscv64-linux-gnu-gcc -fPIC
riscv riscv64-linux-gnu-gcc -Os -fno-pie -mcmodel=medlow
x86 x86_64-linux-gnu-gcc
x86 x86_64-linux-gnu-gcc -fPIC
x86 x86_64-linux-gnu-gcc -fno-pie
END
    cut -d' ' -f2 "$tmp/all" | sort -u | tr '\n' ' ' >"$tmp/kinds"
    for name in Page_21 Add_12 Got_page Got_12 Literal_page Literal_12 Literal_low Literal_high Near_32 Got_32 \
        Pcrel_hi Pcrel_lo Got_hi Abs_hi Abs_lo Branch Rvc_jump Call Signed_32; do
        grep -q "$name " "$tmp/kinds"
    done
}

@test "a relocation to something else, or of an unknown type, is of its place alone: other functions have verdicts" {
    local machine text kinds
    while IFS='|' read -r machine text kinds; do
        echo "# $machine $text"
        with "$machine-linux-gnu-gcc" "\\t$text\\n\\tret"
        # shellcheck disable=SC2086 # words
        others_are $kinds
        verdicts 2 "11 proved, 0 wrong, 1 without a verdict" "$tmp/locks.o"
        [[ "$output" == *"acquire_lock_pt: no verdict: "* ]]
    done <<'END'
aarch64|bl other|Other_call
aarch64|bl release_lock_pt|Other_call
aarch64|b other|Other_thing
aarch64|ldr x0, [x1, :lo12:other]|Other_12
aarch64|adr x0, other|Other_near
aarch64|ldr x0, [x1, :got_lo12:other]|Other_got
aarch64|.quad other|Other_thing Other_thing
riscv64|call other|Other_call
riscv64|lla a0, other|Other_hi
riscv64|j other|Other_thing
riscv64|.word other|Other_thing
riscv64|.dword other|Other_thing Other_thing
x86_64|call other|Other_32
x86_64|jmp other|Other_32
x86_64|mov other@GOTPCREL(%rip),%rax|Other_thing
x86_64|.long other|Other_thing
x86_64|.quad other-.|Other_thing Other_thing
END
    # types that are not known, of eight bytes, and the last four have another one, too
    with riscv64-linux-gnu-gcc '\t.reloc ., R_RISCV_TLS_DTPREL64, other\n\t.space 8\n\tret'
    others_are Other_thing Other_thing
    with aarch64-linux-gnu-gcc '\t.reloc ., R_AARCH64_MOVW_UABS_G0, hlock_words\n\tret'
    others_are Other_thing
    compile 'x86_64-linux-gnu-gcc -mcmodel=large'
    verdicts 2 "0 proved, 0 wrong, 12 without a verdict" "$tmp/locks.o"
}

@test "a relocation to a section, or a label, is to the array if its byte is; one to an object is to that alone" {
    local machine type first last kind other
    while read -r machine type first last kind other; do
        echo "# $machine $type"
        "$machine-linux-gnu-gcc" -c -x assembler - -o "$tmp/locks.o" <<END
        .irp place, hlock_words+9999, hlock_words-9999, alias, .bss+64+$first, .bss+64+$last, label, \
            another+64, .bss+64+$first-1, .bss+64+$last+1, label+64, other
        .reloc ., $type, \\place
        .space 4
        .endr
        .bss
        .globl another, alias, hlock_words
        .type another, %object
        .size another, 64
        another: .space 64
        .type hlock_words, %object
        .size hlock_words, 64
        label: hlock_words: .space 64
        .type alias, %object
        .set alias, hlock_words
        .space 64
END
        taken "$tmp/locks.o"
        relocations_of "$tmp/file.v" | cut -d' ' -f2- >"$tmp/found"
        { printf "$kind %d\\n" 9999 -9999 0 "$first" "$last" 0 && printf "$other \\n%.0s" 1 2 3 4 5; } |
            diff - "$tmp/found"
    done <<'END'
aarch64 R_AARCH64_ADR_PREL_PG_HI21 0 63 Page_21 Other_page
aarch64 R_AARCH64_ADD_ABS_LO12_NC 0 63 Add_12 Other_12
aarch64 R_AARCH64_ADR_PREL_LO21 0 63 Near_21 Other_near
riscv64 R_RISCV_PCREL_HI20 0 63 Pcrel_hi Other_hi
riscv64 R_RISCV_HI20 0 63 Abs_hi Other_abs
riscv64 R_RISCV_LO12_I 0 63 Abs_lo Other_abs
x86_64 R_X86_64_PC32 -8 59 Near_32 Other_32
x86_64 R_X86_64_32S 0 63 Signed_32 Other_32s
END
}

@test "what is not known is refused, with its offset" {
    local none='this is no object file or image of aarch64, riscv64 or x86_64'
    refused 'this is no ELF file' Makefile
    compile arm-linux-gnueabihf-gcc
    refused "$none" "$tmp/locks.o"
    # of another machine; of RISC-V, but with half of the registers
    compile x86_64-linux-gnu-gcc
    printf '\x02\x01' | dd of="$tmp/locks.o" bs=1 seek=18 conv=notrunc status=none
    refused "$none" "$tmp/locks.o"
    compile riscv64-linux-gnu-gcc
    printf '\x0d' | dd of="$tmp/locks.o" bs=1 seek=48 conv=notrunc status=none
    refused "$none" "$tmp/locks.o"
    compile 'aarch64-linux-gnu-gcc -Dhlock_words=other_words'
    refused 'no array hlock_words is defined' "$tmp/locks.o"
    run -2 elf2coq file
}

@test "riscv64: what a linker would make otherwise is refused, and jumps that have no relocation to another section" {
    local cc=riscv64-linux-gnu-gcc end='\tret\n\t.section .text.end, "ax"' far
    local other='\t.section .text.other, "ax"\n\t.space 256\n\t.text'
    with $cc '\tj release_lock_pt'
    others_are Other_thing
    # what such a jump has in its field, out of the section, the linker replaces
    with $cc '\t.reloc ., R_RISCV_JAL, other\n\t.4byte 0x0400006f\n\t.section .text.end, "ax"\n\tret\n\t.text'
    others_are Other_thing
    with $cc '\t.reloc ., R_RISCV_JAL, .Lhere+4096\n.Lhere:\n\tret'
    refused 'a relocation to code that is not there' "$tmp/locks.o"
    with $cc '\t.reloc .+1, R_RISCV_JAL, .Lhere\n.Lhere:\n\tret'
    refused 'a relocation of no instruction' "$tmp/locks.o"
    # a jump has another relocation, too, of a byte that is far away: of that place nothing is decoded
    with $cc '\t.reloc ., R_RISCV_JAL, .Lhere\n\t.reloc ., R_RISCV_HI20, hlock_words-0x7fffffff0000\n.Lhere:\n\tret'
    taken "$tmp/locks.o"
    # of the last instruction of a section, whose relocation is one of two bytes, and then of four
    with $cc "$end"'\n.Lhere:\n\tj .Lhere\n\t.text'
    taken "$tmp/locks.o"
    far=$(section "$tmp/locks.o" .rela.text.end)
    printf '\x10' | dd of="$tmp/locks.o" bs=1 seek=$((${far% *} + 8)) conv=notrunc status=none
    refused 'a relocation of no instruction' "$tmp/locks.o"
    with $cc '\t.reloc ., R_RISCV_GOT_HI20, hlock_words+4\n\tauipc a5, 0\n\tret'
    refused 'an addend to the address of a slot' "$tmp/locks.o"
    with $cc '\t.reloc ., R_RISCV_PCREL_LO12_I, .Lhere+4\n.Lhere:\n\tmv a5, a5\n\tret'
    refused 'an addend to the lower half of an address' "$tmp/locks.o"
    # JAL, BEQ, C.J, C.BEQZ, AUIPC and JALR of ra, and of t1, to which a jump with a relocation comes
    for far in 4byte\ 0x97,0x040080e7 4byte\ 0x317,0x04030067 4byte\ 0x0400006f \
        4byte\ 0x04000063 2byte\ 0xa081 2byte\ 0xc121 2byte\ 1; do
        with $cc "\\tj .Lhere\\n$end\\n\\tnop\\n.Lhere:\\n\\t.$far\\n\\tret\\n$other"
        if [ "$far" = '2byte 1' ]; then
            taken "$tmp/locks.o"
        else
            refused 'a jump out of its section of code' "$tmp/locks.o"
        fi
    done
}

@test "riscv64: what a linker may delete is nops, or has a relocation; a jump across it has one, too" {
    local cc=riscv64-linux-gnu-gcc text
    for text in '6\n\t.2byte 1\n\t.4byte 0x13' '6\n\t.4byte 0x13\n\t.2byte 1' 0; do
        with $cc "\\t.reloc ., R_RISCV_ALIGN, $text\\n\\tret"
        taken "$tmp/locks.o"
    done
    for text in '6\n\t.2byte 1\n\tmv a0, a0' '4\n\t.2byte 5\n\tnop' '2\n\t.4byte 0x13'; do
        with $cc "\\t.reloc ., R_RISCV_ALIGN, $text\\n\\tret"
        refused 'an alignment of something other than nops' "$tmp/locks.o"
    done
    with $cc '\t.reloc ., R_RISCV_ALIGN, 60000\n\tret'
    refused 'an alignment of more bytes than there are' "$tmp/locks.o"
    with $cc '\t.reloc ., R_RISCV_ALIGN, 8\n\t.reloc .+4, R_RISCV_ALIGN, 4\n\t.4byte 0x13, 0x13\n\tret'
    refused 'two alignments of the same nops' "$tmp/locks.o"
    # what is in such nops, or in a call, a linker moves to somewhere
    for text in '\t.reloc ., R_RISCV_ALIGN, 8\n\t.reloc .+4, R_RISCV_JAL, .Lhere\n\t.4byte 0x13, 0x13\n.Lhere:\n\tret' \
        '\t.reloc ., R_RISCV_ALIGN, 4\n\t.reloc ., R_RISCV_JAL, .Lhere\n\t.4byte 0x13\n.Lhere:\n\tret' \
        '\t.reloc .+4, R_RISCV_JAL, .Lhere\n\tcall .Lhere\n.Lhere:\n\tret'; do
        with $cc "$text"
        refused 'a relocation of what a linker may delete' "$tmp/locks.o"
    done
    with $cc '\tj .Lhere\n\t.reloc ., R_RISCV_ALIGN, 8\n\t.4byte 0x13\n.Lhere:\n\t.4byte 0x13\n\tret'
    refused 'a jump to what a linker may delete' "$tmp/locks.o"
    text='\t.reloc ., R_RISCV_ALIGN, 8\n\t.4byte 0x13\n\t.type here, @function\nhere:\n\t.4byte 0x13\n\tret'
    with $cc "$text"
    refused 'the function here is in what a linker may delete' "$tmp/locks.o"
    # forwards and backwards, C.J, C.BEQZ, a call of two instructions; across nops, and what may get shorter
    for text in '\t.4byte 0x97, 0x040080e7\n\t.balign 64\n\tret' \
        '\t.2byte 0xa005\n\t.balign 64\n\tret' '\t.2byte 0xc105\n\t.balign 64\n\tret' \
        '\tnop\n\t.balign 64\n\t.2byte 0xb7c5\n\tret' '\t.2byte 0xa021\n\tlla a5, hlock_words\n\tret'; do
        with $cc "$text"
        refused 'a jump across what a linker may delete' "$tmp/locks.o"
        with $cc "$text" -mno-relax
        taken "$tmp/locks.o"
    done
}

@test "riscv64: a jump goes where ld has it go, whatever its field says before" {
    local at kind to low text field
    compile 'riscv64-linux-gnu-gcc -mno-relax'
    taken "$tmp/locks.o"
    relocations_of "$tmp/file.v" | grep -E ' (Branch|Rvc_jump) ' >"$tmp/jumps"
    [ "$(wc -l <"$tmp/jumps")" = 12 ]
    # some assemblers leave the field as it is
    text=$(section "$tmp/locks.o" .text)
    while read -r at kind to; do
        field='\x01\xa0'
        [ "$kind" != Branch ] || field='\x63\x90'
        # shellcheck disable=SC2059 # bytes
        printf "$field" | dd of="$tmp/locks.o" bs=1 seek=$((${text% *} + at)) conv=notrunc status=none
    done <"$tmp/jumps"
    taken "$tmp/locks.o"
    relocations_of "$tmp/file.v" | grep -E ' (Branch|Rvc_jump) ' | diff - "$tmp/jumps"
    riscv64-linux-gnu-ld --no-relax -e acquire_lock_core "$tmp/locks.o" -o "$tmp/image"
    riscv64-linux-gnu-objdump -d --no-show-raw-insn "$tmp/image" >"$tmp/code"
    low=$((16#$(sed -n 's/ <acquire_lock_core>:$//p' "$tmp/code")))
    while read -r at kind to; do
        grep -qE "^ +$(printf %x $((low + at))):.*[[:space:],]$(printf %x $((low + to))) <" "$tmp/code"
    done <"$tmp/jumps"
}

@test "x86_64: what a linker could make otherwise is refused; the decoder is told which sections there are" {
    local cc=x86_64-linux-gnu-gcc end='\tret\n\t.section .text.end, "ax"' text name at size
    with $cc '\tjmp release_lock_pt' -Wa,-mshared
    others_are Other_32
    with $cc '\tret\n\t.local other\n\t.comm other,4,4\n\tmovq other@GOTPCREL(%rip), %rax'
    others_are Other_thing
    # shellcheck disable=SC2016 # a constant
    with $cc '\tret\n\tmovabs $other, %rax'
    others_are Other_thing Other_thing
    with $cc "\\tjmp .Lhere+100\\n$end"'\n.Lhere:\n\tret\n\t.text'
    refused 'a relocation to code that is not there' "$tmp/locks.o"
    for text in 'R_X86_64_32, hlock_words\n\t.byte 0, 0, 0' 'R_X86_64_64, hlock_words\n\t.byte 0, 0, 0, 0, 0, 0, 0'; do
        with $cc "$end\\n\\t.reloc ., $text\\n\\t.text"
        refused 'a relocation of no instruction' "$tmp/locks.o"
        with $cc "$end\\n\\t.reloc ., $text, 0\\n\\t.text"
        taken "$tmp/locks.o"
    done
    # a jump to a function of the file itself: to its place, less the four bytes of the field
    compile "$cc -Os -ffunction-sections"
    taken "$tmp/locks.o"
    at=$(sed -nE 's/.*"wait_lock"%string, ([0-9]+).*/\1/p' "$tmp/file.v")
    [ "$(relocations_of "$tmp/file.v" | grep -c " Jump_32 $((at - 4))$")" = 6 ]
    relocations_of "$tmp/file.v" | awk '$2 == "Code_part" { print $1, $3 }' >"$tmp/parts"
    [ "$(wc -l <"$tmp/parts")" = 13 ]
    while read -r name at; do
        size=$(section "$tmp/locks.o" ".text.$name")
        grep -qx "$at ${size#* }" "$tmp/parts"
    done < <(functions_of "$tmp/file.v")
    compile "$cc"
    taken "$tmp/locks.o"
    ! grep -q Code_part "$tmp/file.v"
}

@test "aarch64: a jump by a relocation goes to a place of the file itself" {
    local cc=aarch64-linux-gnu-gcc at
    compile "$cc -Os -ffunction-sections"
    taken "$tmp/locks.o"
    at=$(sed -nE 's/.*"wait_lock"%string, ([0-9]+).*/\1/p' "$tmp/file.v")
    [ "$(relocations_of "$tmp/file.v" | grep -c " Jump_26 $at$")" = 6 ]
    with $cc '\tb release_lock_pt'
    others_are Other_thing
    with $cc '\t.reloc ., R_AARCH64_JUMP26, .Lhere+4096\n.Lhere:\n\tret'
    refused 'a relocation to code that is not there' "$tmp/locks.o"
    # what is there jumps to a third section
    with $cc '\tb .Lthere\n\t.section .text.there, "ax"\n\tnop\n.Lthere:\n\t.inst 0x14000040\n\t.text\n\tret'
    refused 'a jump out of its section of code' "$tmp/locks.o"
}

@test "how the array is aligned, its section says, and its place there; of an image nothing" {
    local align machine=riscv64
    for align in 64 2048 8; do
        compile "$machine-linux-gnu-gcc -DHLOCK_LINE=$align"
        taken "$tmp/locks.o"
        grep -qx "  array_align := $align;" "$tmp/file.v"
    done
    compile "$machine-linux-gnu-gcc -S"
    sed -E 's/^hlock_words:/\t.zero 4\n&/' "$tmp/locks.o" >"$tmp/changed.s"
    $machine-linux-gnu-gcc -c "$tmp/changed.s" -o "$tmp/locks.o"
    taken "$tmp/locks.o"
    grep -qx "  array_align := 4;" "$tmp/file.v"
    small_image $machine "$tmp/locks.o"
    taken "$tmp/image"
    grep -qx "  array_align := 1;" "$tmp/file.v"
}

@test "files that are cut off or changed are refused, or read" {
    local n at size machine
    for machine in aarch64 riscv64 x86_64; do
        compile "$machine-linux-gnu-gcc"
        size=$(stat -c %s "$tmp/locks.o")
        for ((n = 0; n < 50; n++)); do
            head -c $((size * n / 50)) "$tmp/locks.o" >"$tmp/changed.o"
            elf2coq file "$tmp/changed.o" >"$tmp/out" 2>&1 || [ $? = 1 ]
            cp "$tmp/locks.o" "$tmp/changed.o"
            # one byte of the headers, the symbols or the relocations
            at=$((n % 3 == 0 ? n % 64 : size - 1 - n * 17 % (size * 3 / 5)))
            printf "\\x$(printf %x $((n * 37 % 256)))" |
                dd of="$tmp/changed.o" bs=1 seek=$at conv=notrunc status=none
            elf2coq file "$tmp/changed.o" >"$tmp/out" 2>&1 || [ $? = 1 ]
        done
    done
}

# fuzzed FILE COUNT: so many changed ones; some of them are read
fuzzed() {
    run -0 "$BATS_FILE_TMPDIR/fuzz" "$1" "$2" $((seed++))
    [[ "$output" =~ ^[1-9][0-9]+' read, '[1-9][0-9]+' refused'$ ]]
}

@test "100,000 changed objects are read, or refused with an offset; no sanitizer has a complaint" {
    local seed=1 machine flag
    for machine in aarch64 riscv64 x86_64; do
        compile "$machine-linux-gnu-gcc"
        fuzzed "$tmp/locks.o" 14000
        compile "$machine-linux-gnu-gcc -fPIC"
        for flag in -pie -shared; do
            small_image $machine "$tmp/locks.o" $flag
            fuzzed "$tmp/image" 2000
        done
        compile "$machine-linux-gnu-gcc -Os -ffunction-sections"
        fuzzed "$tmp/locks.o" 12000
    done
    fuzzed build/aarch64/libhlock.a 10000
}

@test "an image's addresses are those of the linker's map" {
    local low array name at kind distance machine insn count
    while read -r machine insn; do
        echo "# $machine"
        compile "$machine-linux-gnu-gcc"
        small_image $machine "$tmp/locks.o" -Map="$tmp/map" -Ttext=0x41ff00 -Tbss=0x5680c0 --no-relax
        place() { echo $(($(awk -v name="$1" '$2 == name && NF == 2 { print $1 }' "$tmp/map"))); }
        array=$(place hlock_words)
        [ "$((array))" = $((0x5680c0)) ]
        taken "$tmp/image"
        low=$(place acquire_lock_core)
        functions_of "$tmp/file.v" >"$tmp/places"
        [ "$(wc -l <"$tmp/places")" = 12 ]
        while read -r name at; do [ $((low + at)) = "$(place "$name")" ]; done <"$tmp/places"
        relocations_of "$tmp/file.v" >"$tmp/own"
        [ $machine != x86_64 ] || {
            printf '0 Image_text %d\n0 Image_array %d\n' $((low - array)) $array | diff "$tmp/own" -
            small_image $machine "$tmp/locks.o" -pie
            taken "$tmp/image"
            [[ "$(relocations_of "$tmp/file.v")" =~ ^0' Image_text '-[0-9]+$ ]]
            continue
        }
        while read -r at kind distance; do
            case $machine in
            aarch64) [ "$kind $distance" = "Image_page $(((low + at) / 4096 * 4096 - array))" ] ;;
            riscv64) [ "$kind $distance" = "Image_auipc $((low + at - array))" ] ;;
            esac
        done <"$tmp/own"
        [ "$(wc -l <"$tmp/own")" = "$($machine-linux-gnu-objdump -d "$tmp/image" | grep -c "\s$insn\s")" ]
        # two pages of code, so that distances differ
        [ "$(cut -d' ' -f3 "$tmp/own" | sort -u | wc -l)" -ge 2 ]
    done <<'END'
aarch64 adrp
riscv64 auipc
x86_64
END
    # LUI, of an image that lies where it was linked
    compile "riscv64-linux-gnu-gcc -fno-pie -mcmodel=medlow"
    small_image riscv64 "$tmp/locks.o" -Tbss=0x5680c0 --no-relax
    taken "$tmp/image"
    relocations_of "$tmp/file.v" | cut -d' ' -f2-3 | sort -u >"$tmp/own"
    echo "Image_lui $((-0x5680c0))" | diff "$tmp/own" -
    [ "$(relocations_of "$tmp/file.v" | wc -l)" = "$(riscv64-linux-gnu-objdump -d "$tmp/image" | grep -c '\slui\s')" ]
}

@test "an image's slots are those of the GOT that have the array's address, by readelf, and no other words" {
    local machine flag array slot at type got symbol changed
    while read -r machine flag type; do
        echo "# $machine $flag"
        compile "$machine-linux-gnu-gcc -fPIC"
        small_image "$machine" "$tmp/locks.o" $flag
        array=$((16#$(readelf -sW "$tmp/image" | awk '$8 == "hlock_words" { print $2; exit }')))
        readelf -rW "$tmp/image" >"$tmp/relocations"
        [ "$(grep -cE '^[0-9a-f]{16} ' "$tmp/relocations")" = 1 ]
        slot=$(sed -nE "s/^([0-9a-f]+) .* $type .*/\1/p" "$tmp/relocations")
        slots_are "$tmp/image" $((16#$slot - array))
        # the relocation of another type, with another addend, at another place, of another symbol
        at=$(section "$tmp/image" .rela.dyn)
        for changed in '0 \x04' '2 \xff' '8 \x05' '16 \x08'; do
            changed_image $((${at% *} + ${changed% *})) "${changed#* }"
            slots_are "$tmp/changed"
        done
        [ $flag = -pie ] || {
            changed_image $((${at% *} + 12)) '\x02'
            slots_are "$tmp/changed"
            # the symbol's name, its section, its value
            symbol=$(section "$tmp/image" .dynsym)
            at=$(readelf --dyn-syms -W "$tmp/image" | sed -nE 's/^ +([0-9]+): .* hlock_words$/\1/p')
            symbol=$((${symbol% *} + 24 * at))
            for changed in '0 \x01' '6 \x01' '8 \x01'; do
                changed_image $((symbol + ${changed% *})) "${changed#* }"
                slots_are "$tmp/changed"
            done
        }
        # the same slot, of a section with another name
        "$machine-linux-gnu-objcopy" --rename-section .got=.tog "$tmp/image" "$tmp/changed"
        slots_are "$tmp/changed"
    done <<'END'
aarch64 -pie R_AARCH64_RELATIVE
aarch64 -shared R_AARCH64_GLOB_DAT
riscv64 -pie R_RISCV_RELATIVE
riscv64 -shared R_RISCV_64
x86_64 -pie R_X86_64_RELATIVE
x86_64 -shared R_X86_64_GLOB_DAT
END
    # two relocations of one slot, of which the array's comes first, or last
    compile "aarch64-linux-gnu-gcc -fPIC -S"
    sed -E 's/^acquire_lock_pt:/\t.comm other, 8, 8\n&\n\tadrp x9, :got:other\n\tldr x9, [x9, :got_lo12:other]/' \
        "$tmp/locks.o" >"$tmp/changed.s"
    aarch64-linux-gnu-gcc -c "$tmp/changed.s" -o "$tmp/locks.o"
    small_image aarch64 "$tmp/locks.o" -pie
    taken "$tmp/image"
    slot=$(slots_of "$tmp/file.v")
    at=$(section "$tmp/image" .rela.dyn)
    [ "${at#* }" = 48 ]
    # moved FROM TO COUNT: so many bytes of the one, from a place there to another
    moved() {
        dd if="$tmp/image" of="$tmp/changed" bs=1 skip=$((${at% *} + $1)) seek=$((${at% *} + $2)) count="$3" \
            conv=notrunc status=none
    }
    for changed in '0 24' '24 0'; do
        cp "$tmp/image" "$tmp/changed"
        moved "${changed% *}" "${changed#* }" 8
        slots_are "$tmp/changed"
    done
    moved 0 24 24
    moved 24 0 24
    cp "$tmp/changed" "$tmp/image"
    slots_are "$tmp/image" "$slot"
    for changed in '0 24' '24 0'; do
        cp "$tmp/image" "$tmp/changed"
        moved "${changed% *}" "${changed#* }" 8
        slots_are "$tmp/changed"
    done
    # at fixed addresses there is no relocation: what the file has there
    for machine in aarch64 riscv64; do
        compile "$machine-linux-gnu-gcc -fPIC"
        small_image $machine "$tmp/locks.o"
        array=$(readelf -sW "$tmp/image" | awk '$8 == "hlock_words" { print $2; exit }')
        got=$(readelf -SW "$tmp/image" | sed -nE 's/.* \.got +PROGBITS +([0-9a-f]+) .*/\1/p')
        at=$(section "$tmp/image" .got)
        slot=$(od -An -v -tx8 -w8 -j "${at% *}" -N "${at#* }" "$tmp/image" | grep -n "$array" | cut -d: -f1)
        slots_are "$tmp/image" $((16#$got + 8 * (slot - 1) - 16#$array))
        changed_image $((${at% *} + 8 * (slot - 1))) '\x01'
        slots_are "$tmp/changed"
        changed_image 16 '\x03'
        slots_are "$tmp/changed"
    done
}

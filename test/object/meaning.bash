# SPDX-License-Identifier: MIT OR Apache-2.0
# For instructions.bats and long/object.bats: what is decoded is what LLVM reads, and does what Coq says.

# each_kind NAME...: $output says of each how many of it there were
each_kind() {
    local name
    for name in "$@"; do
        grep -qE "^$name [1-9]" <<<"$output"
    done
}

# sequences TARGET PREFIX COUNT SEED [FLAG...]: so many of build/PREFIXmeaning end, where test/object/PREFIXrun.c runs
# them, as Coq says they may; $output and $lines are what it says of them
sequences() {
    "$1-linux-gnu-gcc" -std=c11 -O2 -Wall -Wextra -Werror "${@:5}" -static -fno-pie -no-pie \
        -Wl,--section-start=.sequence=0x4000000 -Wl,--no-warn-rwx-segments "test/object/$2run.c" -o "$tmp/run"
    "build/$2meaning" "$3" "$4" >"$tmp/cases"
    on "$1" "$tmp/run" <"$tmp/cases" >"$tmp/results"
    run -0 "build/$2meaning" "$3" "$4" "$tmp/results"
    echo "# ${lines[-1]}"
}

# means_the_same COUNT SEED: on aarch64
means_the_same() {
    sequences aarch64 '' "$1" "$2" -march=armv8.1-a
    [[ "${lines[-1]}" =~ ^"$1 sequences, "[0-9]+" instructions, "([0-9]+)" exclusives stored, 0 differ"$ ]]
    [ "${BASH_REMATCH[1]}" -gt $(($1 / 10)) ]
    each_kind add adr adrp autia autiasp b b.eq b.ne bl and ands bti cbnz cbz ccmn ccmp cmn cmp csdb csel csinc csinv \
        csneg eor ldadd ldadda ldaddal ldaddl ldar ldaxr ldp ldr ldur ldxr literal lsl lsr madd mov movk mul neg nop \
        pacia paciasp ret retaa stlr stlxr stp str stur stxr sub subs ubfiz ubfx umaddl umull uxtb uxth wfe xpaci \
        xpaclri yield \
        {ldp,ldr,stp,str}_64{,_post,_pre} {ldur,stur}_64 {ldr,ldur,str,stur}_half {add,mov,sub}_sp \
        {ldr,str}{,_64,_vector}_index {ldr,ldur,str,stur}_vector ldr_vector_literal ldr_got \
        {add,adr,adrp,bl,mov,movk}_other {ldr,str}{,_vector}_other \
        b.{ge,gt,hi,hs,le,lo,ls,lt,mi,pl,vc,vs}
}

# On riscv64: instructions that stand alone, and those that are one with others.
RISCV="add add.uw addi addiw addw auipc beq beqz bne bnez c.ld c.ldsp c.sd c.sdsp j jal jr ld li lui lw lwu mul
mulhu mulw mv neg negw nop ret sd sext.w sh1add sh1add.uw sh2add sh2add.uw sh3add sh3add.uw slli slli.uw slliw srli
srliw sub subw sw zext.w"

# riscv_is_decoded COUNT SEED: so many texts
riscv_is_decoded() {
    run -0 build/riscv_decoder "$1" "$2"
    echo "# ${lines[-1]}"
    [[ "${lines[-1]}" =~ ^[0-9]+" decoded, 0 differ"$ ]]
    each_kind $RISCV amoadd.w.aqrl amoswap.w 'auipc addi' 'auipc jalr' 'auipc jr' 'auipc ld' 'auipc lw' \
        'auipc lw fence' 'auipc addi other' 'auipc jalr other' 'auipc jalr by number' 'auipc jr by number' \
        'addi half' 'lui half' bge bgeu bgez bgtz blez blt bltu bltz sgtz slt slti sltiu sltu sltz snez \
        and andi or ori xor xori \
        'fence amoadd.w.aq' 'fence amoswap.w' 'fence sw' 'fence sw fence' 'lw fence' 'sw fence'
}

# riscv_means_the_same COUNT SEED
riscv_means_the_same() {
    sequences riscv64 riscv_ "$1" "$2"
    [[ "${lines[-1]}" =~ ^"$1 sequences, "[0-9]+" instructions, 0 differ"$ ]]
    each_kind ${RISCV/neg negw /} amoadd.w amoadd.w.aq amoadd.w.aqrl amoadd.w.rl amoswap.w fence jalr ld_got
}

X86_SET="seta setae setb setbe sete setg setge setl setle setne setno setnp setns seto setp sets"
X86="$X86_SET addl addq andl andq cltq cmpl cmpq decl decq endbr64 imull imulq incl incq ja jae jb jbe je jg jge jl jle
jmp jne jno jnp jns jo jp js leal leaq leave movabsq movl movq movslq movzbl movzbq movzwl movzwq negl negq nop nopl
nopw orl orq pause popq pushq retq sbbl sbbq shll shlq shrl shrq subl subq testl testq xorl xorq"

# x86_is_decoded COUNT SEED: so many instructions, with relocations of each kind
x86_is_decoded() {
    run -0 build/x86_decoder "$1" "$2"
    echo "# ${lines[-1]}"
    [[ "${lines[-1]}" =~ ^[0-9]+" instructions, "[0-9]+" decoded, 0 differ"$ ]]
    each_kind $X86 'lock xaddl' 'movq reload' 'movq spill' 'pushq memory' 'rep retq' callq 'callq other' 'leaq other' \
        {,v}mov{apd,aps,dqa,dqu,upd,ups} mov{apd,aps,dqa,dqu,upd,ups}' other' \
        Code_part Got_32 Image_array Image_text Jump_32 Near_32 Other_32 Other_32s Signed_32 Unsigned_32 Whole_64
}

# x86_means_the_same COUNT SEED
x86_means_the_same() {
    sequences x86_64 x86_ "$1" "$2"
    [[ "${lines[-1]}" =~ ^"$1 sequences, "[0-9]+" instructions, 0 differ"$ ]]
    each_kind $X86 'lock xaddl' 'movq reload' 'movq spill' 'pushq memory' 'rep retq'
}

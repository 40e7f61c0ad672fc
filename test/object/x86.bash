# SPDX-License-Identifier: MIT OR Apache-2.0
# For object.bats and long/object.bats: x86_64.

# x86_is_decoded COUNT SEED: what is decoded of so many instructions, of all kinds, is what LLVM reads
x86_is_decoded() {
    local name
    run -0 build/x86_decoder "$1" "$2"
    echo "# ${lines[-1]}"
    [[ "${lines[-1]}" =~ ^[0-9]+" instructions, "[0-9]+" decoded, 0 differ"$ ]]
    # each kind is among them, and each kind of relocation
    for name in addl addq andl andq cltq cmpl cmpq decl decq endbr64 incl incq je jmp jne leal leaq \
        'lock xaddl' movabsq \
        movl movq movslq nop nopl nopw pause 'rep retq' retq shll shlq shrl shrq subl subq testl testq xorl xorq \
        Code_part Got_32 Image_array Image_text Jump_32 Near_32 Signed_32 Unsigned_32 Whole_64; do
        grep -qE "^$name [1-9]" <<<"$output"
    done
}

# x86_means_the_same COUNT SEED: so many sequences, of all kinds of instructions, end on a CPU as Coq says
x86_means_the_same() {
    local name
    x86_64-linux-gnu-gcc -std=c11 -O2 -Wall -Wextra -Werror -static -fno-pie -no-pie \
        -Wl,--section-start=.sequence=0x4000000 -Wl,--no-warn-rwx-segments test/object/x86_run.c -o "$tmp/x86_run"
    build/x86_meaning "$1" "$2" >"$tmp/cases"
    on x86_64 "$tmp/x86_run" <"$tmp/cases" >"$tmp/results"
    run -0 build/x86_meaning "$1" "$2" "$tmp/results"
    echo "# ${lines[-1]}"
    [[ "${lines[-1]}" =~ ^"$1 sequences, "[0-9]+" instructions, 0 differ"$ ]]
    # each kind is among them
    for name in addl addq andl andq cltq cmpl cmpq decl decq endbr64 incl incq je jmp jne leal leaq \
        'lock xaddl' movabsq \
        movl movq movslq nop nopl nopw pause 'rep retq' retq shll shlq shrl shrq subl subq testl testq xorl xorq; do
        grep -qE "^$name [1-9]" <<<"$output"
    done
}

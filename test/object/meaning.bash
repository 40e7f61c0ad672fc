# SPDX-License-Identifier: MIT OR Apache-2.0
# For object.bats and long/object.bats.

# means_the_same COUNT SEED: so many sequences, of all kinds of instructions, end under qemu-user as Coq says they may
means_the_same() {
    local name
    aarch64-linux-gnu-gcc -std=c11 -O2 -Wall -Wextra -Werror -march=armv8.1-a -static -fno-pie -no-pie \
        -Wl,--section-start=.sequence=0x4000000 -Wl,--no-warn-rwx-segments test/object/run.c -o "$tmp/run"
    build/meaning "$1" "$2" >"$tmp/cases"
    on aarch64 "$tmp/run" <"$tmp/cases" >"$tmp/results"
    run -0 build/meaning "$1" "$2" "$tmp/results"
    echo "# ${lines[-1]}"
    [[ "${lines[-1]}" =~ ^"$1 sequences, "[0-9]+" instructions, "([0-9]+)" exclusives stored, 0 differ"$ ]]
    [ "${BASH_REMATCH[1]}" -gt $(($1 / 10)) ]
    # each kind is among them
    for name in add adr adrp b b.eq b.ne bti cbnz cbz cmp csdb ldadd ldadda ldaddal ldaddl ldar ldaxr ldr ldur ldxr \
        lsl lsr mov nop ret stlr stlxr str stur stxr sub ubfiz ubfx uxtb uxth wfe yield; do
        grep -qE "^$name [1-9]" <<<"$output"
    done
}

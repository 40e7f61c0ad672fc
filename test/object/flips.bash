# SPDX-License-Identifier: MIT OR Apache-2.0
# For object.bats and long/object.bats.

# runs_well OBJECT: the workload, linked with these locks and run, ends well, and the judge allows it
runs_well() {
    aarch64-linux-gnu-gcc -static -pthread build/aarch64/workload/*.o "$tmp/stress.o" "$1" -o "$tmp/stress" || return 1
    on aarch64 "$tmp/stress" --rounds 20 --chains 20 --contended 3 --watchdog 2 --trace "$tmp/trace" \
        >"$tmp/said" 2>&1 || return 1
    build/judge "$tmp/trace" >"$tmp/said" 2>&1
}

# wrong_one_is_seen OBJECT: it runs well; with NOP for each STLR it does not
wrong_one_is_seen() {
    aarch64-linux-gnu-gcc $HOSTED -DSTRESS_OBJECT_CODE='"changed"' -c test/stress/stress.c -o "$tmp/stress.o"
    aarch64-linux-gnu-objcopy -O binary -j .text "$1" "$tmp/text"
    LC_ALL=C sed 's/\(.\)\xfc\x9f\x88/\x1f\x20\x03\xd5/g' "$tmp/text" >"$tmp/changed"
    aarch64-linux-gnu-objcopy --update-section ".text=$tmp/changed" "$1" "$tmp/wrong.o"
    ! cmp -s "$1" "$tmp/wrong.o" && runs_well "$1" && ! runs_well "$tmp/wrong.o"
}

# flips_do_no_harm FILE SECTION STEP RUN: of each STEP-th bit of the section, the checker refuses the file in which it
# is changed, or the change is of a kind of harmless.txt; and each RUN-th of those that change what a function comes
# to is run, none if that is 0
flips_do_no_harm() {
    local place kept n
    place=$(aarch64-linux-gnu-readelf -SW "$1" |
        sed -nE "s/.* \\$2 +[A-Z]+ +[0-9a-f]+ ([0-9a-f]+) ([0-9a-f]+) .*/0x\1 0x\2/p")
    # shellcheck disable=SC2086 # offset and size
    build/flips "$1" $place "$3" "$tmp/flipped.o" >"$tmp/flips"
    [[ "$(tail -n 1 "$tmp/flips")" =~ ^([0-9]+)' flips, '[0-9]+' accepted, '([0-9]+)' kept'$ ]]
    kept=$(($4 ? BASH_REMATCH[2] : 0))
    echo "# $1 $2: ${BASH_REMATCH[0]}"
    [ "${BASH_REMATCH[1]}" -gt 100 ]
    sed -E '/^#/d; s/ *\t.*//' test/object/harmless.txt >"$tmp/harmless"
    ! sed -E 's/^bit [0-9]+ of byte 0x[0-9a-f]+: //; $d' "$tmp/flips" | grep -vxEf "$tmp/harmless" || return 1
    for ((n = 1; n <= kept; n += $4)); do
        runs_well "$tmp/flipped.o.$n" || {
            echo "accepted, and it does harm: $tmp/flipped.o.$n"
            cat "$tmp/said"
            return 1
        }
    done
}

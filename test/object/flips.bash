# SPDX-License-Identifier: MIT OR Apache-2.0
# For object.bats and long/object.bats.

# flips_do_no_harm FILE SECTION STEP: of each STEP-th bit of the section, the checker refuses the file in which it
# is changed, or the change is of a kind of harmless.txt
flips_do_no_harm() {
    local place
    place=$(aarch64-linux-gnu-readelf -SW "$1" |
        sed -nE "s/.* \\$2 +[A-Z]+ +[0-9a-f]+ ([0-9a-f]+) ([0-9a-f]+) .*/0x\1 0x\2/p")
    # shellcheck disable=SC2086 # offset and size
    build/flips "$1" $place "$3" "$tmp/flipped.o" >"$tmp/flips"
    [[ "$(tail -n 1 "$tmp/flips")" =~ ^([0-9]+)' flips, '[0-9]+' accepted'$ ]]
    echo "# $1 $2: ${BASH_REMATCH[0]}"
    [ "${BASH_REMATCH[1]}" -gt 100 ]
    sed -E '/^#/d; s/ *\t.*//' test/object/harmless.txt >"$tmp/harmless"
    ! sed -E 's/^bit [0-9]+ of byte 0x[0-9a-f]+: //; $d' "$tmp/flips" | grep -vxEf "$tmp/harmless"
}

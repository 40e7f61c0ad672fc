# SPDX-License-Identifier: MIT OR Apache-2.0
# For object.bats and long/object.bats, which load elf2coq.bash, too.

# runs_well MACHINE OBJECT: the workload, linked with these locks and run, ends well, and the judge allows it
runs_well() {
    "$1-linux-gnu-gcc" -static -pthread build/"$1"/workload/*.o "$tmp/stress.o" "$2" -o "$tmp/stress" \
        2>"$tmp/linked" || { cat "$tmp/linked"; return 1; }
    on "$1" "$tmp/stress" --rounds 20 --chains 20 --contended 3 --watchdog 2 --trace "$tmp/trace" \
        >"$tmp/said" 2>&1 || return 1
    build/judge "$tmp/trace" >"$tmp/said" 2>&1
}

# wrong_one_is_seen MACHINE OBJECT: it runs well; if no release stores, it does not: NOP for each STLR; C.JR ra for the
# fence before the store; a load for INC
wrong_one_is_seen() {
    local change
    case $1 in
    aarch64) change='s/\(.\)\xfc\x9f\x88/\x1f\x20\x03\xd5/g' ;;
    riscv64) change='s/\x0f\x00\x10\x03/\x82\x80\x01\x00/g' ;;
    x86_64) change='s/\xff\([\x05\x44]\)/\x8b\1/g' ;;
    esac
    # shellcheck disable=SC2086 # options
    "$1-linux-gnu-gcc" $HOSTED -DSTRESS_OBJECT_CODE='"changed"' -c test/stress/stress.c -o "$tmp/stress.o"
    "$1-linux-gnu-objcopy" -O binary -j .text "$2" "$tmp/text"
    LC_ALL=C sed "$change" "$tmp/text" >"$tmp/changed"
    "$1-linux-gnu-objcopy" --update-section ".text=$tmp/changed" "$2" "$tmp/wrong.o"
    ! cmp -s "$2" "$tmp/wrong.o" && runs_well "$1" "$2" && ! runs_well "$1" "$tmp/wrong.o"
}

# flips_do_no_harm MACHINE FILE SECTION STEP RUN: of each STEP-th bit of the section, the checker refuses the file in
# which it is changed, or the change is of a kind of harmless.txt; and each RUN-th of those that change what a function
# comes to is run, none if that is 0
flips_do_no_harm() {
    local place kept n
    place=$(section "$2" "$3")
    # shellcheck disable=SC2086 # offset and size
    build/flips "$2" $place "$4" "$tmp/flipped.o" >"$tmp/flips"
    [[ "$(tail -n 1 "$tmp/flips")" =~ ^([0-9]+)' flips, '[0-9]+' accepted, '([0-9]+)' kept'$ ]]
    kept=$(($5 ? BASH_REMATCH[2] : 0))
    echo "# $2 $3: ${BASH_REMATCH[0]}"
    [ "${BASH_REMATCH[1]}" -gt 100 ]
    sed -E '/^#/d; s/ *\t.*//' test/object/harmless.txt >"$tmp/harmless"
    ! sed -E 's/^bit [0-9]+ of byte 0x[0-9a-f]+: //; $d' "$tmp/flips" | grep -vxEf "$tmp/harmless" || return 1
    for ((n = 1; n <= kept; n += $5)); do
        # nor does it harm if a linker refuses it, for a relocation at padding that it does not know
        runs_well "$1" "$tmp/flipped.o.$n" || grep -qE 'un(supported|recognized|known) relocation' "$tmp/linked" || {
            echo "accepted, and it does harm: $tmp/flipped.o.$n"
            cat "$tmp/said"
            return 1
        }
    done
}

# debug_flips FILE STEP: of each STEP-th bit of the lock functions in FILE, of a debug build for aarch64, the checker
# refuses the file in which it is changed; but what is left open may be another thing: not so an access to the lock, one
# to the frame, or a return, unless the change is of a kind of harmless.txt
debug_flips() {
    local first end place
    read -r first end < <(nm -S "$1" | sed -nE 's/^([0-9a-f]+) ([0-9a-f]+) T (acquire|release)_lock_.*/\1 \2/p' | sort |
        while read -r at size; do echo $((16#$at)) $((16#$at + 16#$size)); done |
        awk 'NR == 1 { first = $1 } { end = $2 } END { print first, end }')
    read -r place _ < <(section "$1" .text)
    build/flips debug "$1" "$place+$first" "$end" "$2" "$tmp/flipped.o" >"$tmp/flips"
    echo "# $1: $(tail -n 1 "$tmp/flips")"
    sed -E '/^#/d; s/ *\t.*//' test/object/harmless.txt >"$tmp/harmless"
    ! sed -E 's/^bit [0-9]+ of byte 0x[0-9a-f]+: //; $d' "$tmp/flips" |
        grep -E '^(ldaxr |stlxr |stlr |ldadd|ret|.*\[sp|[ls][dt]r w[0-9]+, \[x[0-9]+\] )' | grep -vxEf "$tmp/harmless"
}

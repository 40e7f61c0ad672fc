# SPDX-License-Identifier: MIT OR Apache-2.0
# The combinations of flags.txt, for orders.bats and long/orders.bats.
export LC_ALL=C

# copy_layers DIRECTORY FILE SED: a copy of the layers with that change; it must change something
copy_layers() {
    rm -rf "$1"
    cp -r layers "$1"
    sed -i -E "$3" "$1/$2"
    if cmp -s "$1/$2" "layers/$2"; then
        echo "changes nothing: $3"
        return 1
    fi
}

# wrong_copies: of the layers in $tmp/wrong, one for each primitive of each arch header
wrong_copies() {
    local header function sed
    mkdir "$tmp/wrong"
    while IFS='|' read -r header function sed; do
        copy_layers "$tmp/wrong/$header.$function" "L0_machine/arch/$header.h" "$sed"
    done <<'END'
x86_64|incr_ticket|s/lock xaddl/xaddl/
x86_64|incr_now|s/"incl %0"/"movl %0, %%eax"/
aarch64|incr_ticket|s/stlxr/stxr/;s/ldaddal/ldadda/
aarch64|get_now|/ get_now\(/,/^}/s/ldaxr/ldar/
aarch64|incr_now|s/stlr/str/
riscv64|incr_ticket|s/amoadd.w.aqrl/amoadd.w.aq/;s/memory_order_acq_rel/memory_order_acquire/
riscv64|get_now|s/fence r, rw/fence r, r/
riscv64|incr_now|s/fence rw, w/fence w, w/;s/memory_order_release/memory_order_relaxed/
END
}

# look_with COMPILER FLAGS LAYERS: at the twelve functions; these flags come last
look_with() {
    $1 $LIBC $2 -c "$3/L4_locks/locks.c" -o "$tmp/locks.o" && build/orders "$tmp/locks.o"
}

# answers COMPILER FLAGS VERDICT: that is what build/orders says
answers() {
    local status
    case $3 in
    right) status=0 ;;
    "no verdict") status=3 ;;
    *) return 1 ;;
    esac
    echo "# $1 $2: $3"
    run -$status look_with "$1" "$2" layers
    [[ "$output" == *"locks.o: $3: "* ]]
}

# seen_wrong COMPILER FLAGS: each wrong copy that these flags compile the text of
seen_wrong() {
    local wrong header=${1#*=}
    for wrong in "$tmp/wrong/${header%%-linux*}".*; do
        echo "#   $wrong"
        run -1 look_with "$1" "$2" "$wrong"
        [[ "$output" == *"locks.o: wrong: "* ]]
    done
}

# check_flags COMPILERS EVERY: the combinations of these compilers (a regular expression); of
# every so many that are right, that wrong code is seen there
check_flags() {
    local compiler flags verdict count=0
    wrong_copies
    while IFS='|' read -r compiler flags verdict; do
        answers "$compiler" "$flags" "$verdict"
        [ "$verdict" = right ] && [[ "$flags" != *ARCH_C11* ]] || continue
        count=$((count + 1))
        [ $((count % $2)) != 0 ] || seen_wrong "$compiler" "$flags"
    done < <(sed -E '/^#/d; s/ *\| */|/g' test/orders/flags.txt | grep -E "^($1)")
    [ "$count" -gt 0 ]
}

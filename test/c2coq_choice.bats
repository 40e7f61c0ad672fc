#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The exporter on files that have more than one floor: which functions are exported, and a
# prefix that their names have in C alone.
load helper

c2coq() {
    build/c2coq "$@"
}

# refused STATUS WHAT ARGUMENTS...: fails so, and an older output is gone
refused() {
    local status_wanted=$1 what=$2
    shift 2
    echo old >"$tmp/old.v"
    run -"$status_wanted" c2coq -o "$tmp/old.v" "$@"
    [[ "$output" == *"$what"* ]]
    [ ! -e "$tmp/old.v" ]
}

# three: a source in $tmp/room, whose functions call each other
three() {
    mkdir -p "$tmp/room"
    cat >"$tmp/room/three.c" <<'END'
static inline void my_low(unsigned n)
{
	__asm__ volatile("" : : "r"(n));
}
static void my_middle(unsigned n)
{
	my_low(n);
}
void high(unsigned n)
{
	my_middle(n);
}
END
}

@test "of a room, those chosen are exported, and the others are known by their types" {
    three
    c2coq --room "$tmp/room" --only high "$tmp/room/three.c" >"$tmp/high"
    grep -q '^Definition f_high : ' "$tmp/high"
    run ! grep -q 'f_my_middle' "$tmp/high"
    grep -q 'EF_external "my_middle" (mksignature (AST.Tint :: nil) AST.Tvoid cc_default)' "$tmp/high"
    c2coq --room "$tmp/room" --except my_low,no_such "$tmp/room/three.c" >"$tmp/both"
    [ "$(grep -c '^Definition f_' "$tmp/both")" = 2 ]
    grep -q 'EF_external "my_low"' "$tmp/both"
    head -n 1 "$tmp/both" | grep -q -- '--except my_low,no_such'
    refused 1 "inline assembly" --room "$tmp/room" --except no_such "$tmp/room/three.c"
    refused 1 "1 functions of 'high,no_such' are defined" --room "$tmp/room" --only high,no_such "$tmp/room/three.c"
    refused 1 "no function is defined" --room "$tmp/room" --only no_such "$tmp/room/three.c"
}

@test "a prefix is left out in Coq, of functions alone, unless two would have one name" {
    three
    c2coq --room "$tmp/room" --except my_low --unprefix my_ "$tmp/room/three.c" >"$tmp/out.v"
    grep -qF 'Definition f_middle : ' "$tmp/out.v"
    grep -qF 'EF_external "low"' "$tmp/out.v"
    grep -qF 'Scall None (Evar _middle' "$tmp/out.v"
    run ! grep -qE '_my_(low|middle)' "$tmp/out.v"
    printf '%s\n' 'void my_a(unsigned my_n) { (void)my_n; }' >"$tmp/room/local.c"
    printf '%s\n' 'void my_b(unsigned my_n);' 'void my_a(unsigned my_n) { my_b(my_n); }' >"$tmp/room/local.c"
    c2coq --room "$tmp/room" --unprefix my_ "$tmp/room/local.c" | grep -q 'Etempvar _my_n'
    printf '%s\n' 'void a(void);' 'void my_a(void) { a(); }' >"$tmp/room/twice.c"
    refused 1 "'my_a' and 'a' are one name without their prefix" --room "$tmp/room" --unprefix my_ "$tmp/room/twice.c"
    printf '%s\n' 'void my_(void) { }' >"$tmp/room/empty.c"
    c2coq --room "$tmp/room" --unprefix my_ "$tmp/room/empty.c" | grep -q 'f_my_ : '
}

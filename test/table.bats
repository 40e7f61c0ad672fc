#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The lock table, and what hlock makes of it.
load helper

# table LINES...: makes $tmp/bad.def
table() {
    printf '%s\n' "$@" >"$tmp/bad.def"
}

# refuses PLACE WHAT LINES...: one message, for that line:column of the table of these
# lines; exit 1, no file
refuses() {
    local place=$1 what=$2
    shift 2
    table "$@"
    refused "$place" "$what"
}

refused() {
    for verb in coq theorems exported tsv; do
        run -1 build/hlock emit $verb "$tmp/bad.def" "$tmp/out"
        [[ "${lines[0]}" == "$tmp/bad.def:$1: "*"$2"* ]]
        [ "${#lines[@]}" = 1 ]
        [ ! -e "$tmp/out" ]
        [ ! -e "$tmp/out.part" ]
    done
}

# accepts LINES...
accepts() {
    table "$@"
    run -0 build/hlock emit coq "$tmp/bad.def" "$tmp/out"
    [ -z "$output" ]
}

@test "the committed header is what the table gives" {
    header_of layers/L4_locks/lock_table.def "$tmp/hlock.h"
    cmp "$tmp/hlock.h" include/hlock/hlock.h
}

@test "the header has two documented functions a family, each proved by two theorems" {
    families=$(grep -cE '^HLOCK_(ONE|ARRAY)' layers/L4_locks/lock_table.def)
    prototype='^void (acquire|release)_lock_\w+\((void|uint32_t \w+)\)$'
    [ "$(grep -cE "$prototype" include/hlock/hlock.h)" = $((2 * families)) ]
    build/hlock emit theorems layers/L4_locks/lock_table.def "$tmp/theorems"
    for theorem in $(grep -oE '\w+_(body|code)_correct' include/hlock/hlock.h); do
        grep -qw "$theorem" "$tmp/theorems"
    done
}

@test "tsv gives the numbers of the table and the line of each family" {
    build/hlock emit tsv layers/L4_locks/lock_table.def "$tmp/tsv"
    [ "$(wc -l <"$tmp/tsv")" = "$(grep -cE '^HLOCK_(ONE|ARRAY)' layers/L4_locks/lock_table.def)" ]
    build/hlock emit tsv test/tables/other.def "$tmp/tsv"
    line=$'vcpu\t64\t32\t3\tregisters of the virtual CPUs\tacquire_lock_vcpu\trelease_lock_vcpu\t4\tid'
    [ "$(sed -n 2p "$tmp/tsv")" = "$line" ]
}

# ------------------------------------------------------------------ numbers

@test "overlapping families are refused" {
    refuses 3:23 'locks 4 to 8 overlap pt, locks 0 to 4, of line 1' \
        'HLOCK_ARRAY(pt, vmid, 0, 5, 1, "a")' '' 'HLOCK_ARRAY(vm, vmid, 4, 5, 2, "b")'
    refuses 2:19 'overlap' 'HLOCK_ONE(a, 7, 1, "a")' 'HLOCK_ARRAY(b, i, 0, 8, 2, "b")'
    refuses 2:14 'overlap' 'HLOCK_ARRAY(b, i, 0, 8, 2, "b")' 'HLOCK_ONE(a, 7, 1, "a")'
}

@test "neighbours, gaps and the last lock are accepted" {
    accepts 'HLOCK_ARRAY(pt, vmid, 0, 5, 1, "a")' 'HLOCK_ONE(a, 5, 1, "a")' \
        'HLOCK_ONE(b, 16777215, 4294967295, "b")'
    accepts 'HLOCK_ARRAY(pt, vmid, 0, 16777216, 0, "a")'
}

@test "locks that do not fit the memory allowed, and ranks that are too great, are refused" {
    for number in 16777216 4294967295 4294967296 18446744073709551615 18446744073709551617 \
        99999999999999999999999999999999999999999; do
        refuses 1:15 "its lock numbers go beyond 16777215" "HLOCK_ONE(pt, $number, 1, \"a\")"
        refuses 1:23 "its lock numbers go beyond 16777215" "HLOCK_ARRAY(pt, vmid, 1, $number, 1, \"a\")"
        refuses 1:23 "its lock numbers go beyond 16777215" "HLOCK_ARRAY(pt, vmid, $number, 2, 1, \"a\")"
    done
    refuses 1:18 'the rank is not below 2^32' 'HLOCK_ONE(pt, 1, 4294967296, "a")'
}

@test "the C has the limit of the table; a table at the limit links for each target and runs" {
    cp -r include layers test "$tmp"
    tool=$PWD/build/hlock
    cd "$tmp"
    for define in '16777217U -DHLOCK_LINE=64' '8388609U -DHLOCK_LINE=128'; do
        sed -i "s/^#define HLOCK_LOCKS .*/#define HLOCK_LOCKS ${define% *}/" include/hlock/hlock.h
        run ! gcc $LIBC ${define#* } -fsyntax-only layers/L4_locks/locks.c
        [[ "$output" == *"the locks fit the memory that size.h allows them"* ]]
    done
    echo 'HLOCK_ONE(last, 16777215, 9, "the last lock")' >>layers/L4_locks/lock_table.def
    header_of layers/L4_locks/lock_table.def include/hlock/hlock.h
    for target in $TARGETS; do
        $(cross $target) $LIBC -c layers/L4_locks/locks.c -o locks.o
        $(cross $target) $LIBC -nostdlib -static test/programs/start.c locks.o -o start
        on $target ./start
    done
}

@test "a family without locks is refused, and so is an empty table" {
    refuses 2:26 'no lock' '' 'HLOCK_ARRAY(pt, vmid, 4, 0, 1, "a")'
    refuses 1:1 'no family' ''
    : >"$tmp/bad.def"
    refused 1:1 'no family'
}

@test "a number is a decimal literal, nothing that C computes or reads otherwise" {
    while read -r column number; do
        refuses "1:$column" '' "HLOCK_ONE(a, $number, 1, \"a\")"
        refuses "1:$((column + 3))" '' "HLOCK_ONE(a, 5, $number, \"a\")"
        refuses "1:$((column + 5))" '' "HLOCK_ARRAY(a, b, $number, 9, 1, \"a\")"
        refuses "1:$((column + 8))" '' "HLOCK_ARRAY(a, b, 5, $number, 1, \"a\")"
    done <<'END'
14 050
14 00
14 0x10
14 0X1F
14 0b1
14 38u
14 38UL
14 1e3
14 1_000
14 7a
15 1?64:38
15 1<<6
15 1+1
16 64/2
15 1'000
15 1.0
16 1 000
15 1"2"
15 1(2)
15 1/**/
15 1\
14 +1
14 -1
14 (1)
14 'a'
14 !0
14 "1"
14 /**/1
14 INT_MAX
14 HLOCK_LOCKS
14
END
    refuses 1:14 "a number is decimal digits without a leading zero, not '0x10'" 'HLOCK_ONE(a, 0x10, 1, "a")'
    refuses 1:15 "expected ',' after a number (it is written out, not an expression), found '?'" \
        'HLOCK_ONE(a, 1?64:38, 1, "a")'
    refuses 1:14 "expected the number of the first lock, in decimal digits, found 'INT_MAX'" \
        'HLOCK_ONE(a, INT_MAX, 1, "a")'
    refuses 1:16 "a number is decimal digits without a leading zero, not '000'" 'HLOCK_ONE(a, 1,000, "a")'
}

# ----------------------------------------------------------- the form of a table

@test "a table has families and comments, and nothing else" {
    while IFS='|' read -r place what line; do
        refuses "$place" "$what" '/* a table */' "$line" '// ends'
    done <<'END'
2:1|expected HLOCK_ONE, HLOCK_ARRAY or a comment (a table has nothing else), found '#'|#define X 1
2:1|found '#'|#include "other.def"
2:1|found '%'|%:define X 1
2:1|found 'HLOCK_LOCKS'|HLOCK_LOCKS
2:1|found 'HLOCK_ONES'|HLOCK_ONES(a, 1, 1, "a")
2:1|found '_Pragma'|_Pragma("once")
2:1|found the byte 0xc3|é
2:10|expected '(', found the end of the line|HLOCK_ONE
2:10|expected '(', found a comment|HLOCK_ONE/**/(a, 1, 1, "a")
2:14|expected the number of the first lock, in decimal digits, found a comment|HLOCK_ONE(a, /* first */ 1, 1, "a")
2:14|found a comment|HLOCK_ONE(a, // first
2:14|found the end of the line|HLOCK_ONE(a, 
2:12|expected ',' after a name (letters, digits and underscores), found ')'|HLOCK_ONE(a)
2:15|expected the rank, in decimal digits, found 'b'|HLOCK_ONE(a,1,b,1,1,"a")
2:20|expected the object, a string, found 'L'|HLOCK_ONE(a, 1, 1, L"a")
2:20|expected the object, a string, found ')'|HLOCK_ONE(a, 1, 1, )
2:24|expected ')' after the object, found '"'|HLOCK_ONE(a, 1, 1, "a" "b")
2:25|found ';'|HLOCK_ONE(a, 1, 1, "a") ;
2:25|a second family on one line|HLOCK_ONE(a, 1, 1, "a") HLOCK_ONE(b, 2, 1, "b")
2:14|a line cannot be continued|HLOCK_ONE(a, \
2:8|a line cannot be continued|/* two \  
2:4|a line cannot be continued|// \
2:9|a trigraph|/* what ??/ */
2:23|a trigraph|HLOCK_ONE(a, 1, 1, "a ??' b")
2:4|a comment begins inside a comment|/* /* */
END
    refuses 2:4 'the comment does not end' '' '   /* HLOCK_ONE(a, 1, 1, "a")'
}

@test "no byte of a table is read in two ways" {
    printf 'HLOCK_ONE(a, 1, 1, "a")\r\n' >"$tmp/bad.def"
    refused 1:24 'a control character (0x0d): lines end in a newline alone'
    printf '// \rHLOCK_ONE(b, 2, 2, "b")\nHLOCK_ONE(a, 1, 1, "a")\n' >"$tmp/bad.def"
    refused 1:4 'a control character (0x0d)'
    printf 'HLOCK_ONE(a, 1, 1, "a")\n\0HLOCK_ONE(b, 2, 1, "b")\n' >"$tmp/bad.def"
    refused 2:1 'a control character (0x00)'
    printf 'HLOCK_ONE(a, 1, 1, "a\tb")\n' >"$tmp/bad.def"
    refused 1:21 'not plain text'
    printf '\xef\xbb\xbfHLOCK_ONE(a, 1, 1, "a")\n' >"$tmp/bad.def"
    refused 1:1 'found the byte 0xef'
    printf '\fHLOCK_ONE(a, 1, 1, "a")\n' >"$tmp/bad.def"
    refused 1:1 'a control character (0x0c)'
    printf '\xff' >"$tmp/bad.def"
    refused 1:1 'found the byte 0xff'
}

@test "blanks and comments where C has them too: the compiler and the tool read one table" {
    cp -r include layers "$tmp"
    printf '%s' $'/**//*\n * é / * \\ " \' # (*\n **/ HLOCK_ONE \t (a,0 ,  1,"a (* b")// /* \\ no end' \
        $'\n\t/* x */ HLOCK_ARRAY( b_2\t, vmid , 1 ,3,0, "it\'s % $& b" ) /* y\n*/ HLOCK_ONE(C,4,4294967295,"c")' \
        >"$tmp/layers/L4_locks/lock_table.def"
    build/hlock emit tsv "$tmp/layers/L4_locks/lock_table.def" "$tmp/tsv"
    cmp "$tmp/tsv" - <<'END'
a	0	1	1	a (* b	acquire_lock_a	release_lock_a	3	-
b_2	1	3	0	it's % $& b	acquire_lock_b_2	release_lock_b_2	4	vmid
C	4	1	4294967295	c	acquire_lock_C	release_lock_C	5	-
END
    header_of "$tmp/layers/L4_locks/lock_table.def" "$tmp/include/hlock/hlock.h"
    cat >"$tmp/print.c" <<'END'
#include <stdio.h>
struct family { const char *name; unsigned first, count, rank; const char *object; int line; const char *index; };
static const struct family families[] = {
#define HLOCK_ONE(name, first, rank, object) { #name, first##U, 1U, rank##U, object, __LINE__, "-" },
#define HLOCK_ARRAY(name, index, first, count, rank, object) { #name, first##U, count##U, rank##U, object, \
	__LINE__, #index },
#include "layers/L4_locks/lock_table.def"
};
int main(void)
{
	for (unsigned i = 0; i < sizeof families / sizeof *families; i++)
		printf("%s\t%u\t%u\t%u\t%s\tacquire_lock_%s\trelease_lock_%s\t%d\t%s\n",
		       families[i].name, families[i].first,
		       families[i].count, families[i].rank, families[i].object, families[i].name, families[i].name,
		       families[i].line, families[i].index);
	return 0;
}
END
    for cc in gcc clang-14; do
        for std in -std=c11 -std=gnu11 -std=gnu2x; do
            $cc $std -Wall -Wextra -Werror -trigraphs "$tmp/print.c" -o "$tmp/print"
            "$tmp/print" | cmp - "$tmp/tsv"
        done
        (cd "$tmp" && $cc $LIBC -fsyntax-only layers/L4_locks/locks.c header_of/hlock.c)
    done
}

@test "an object that would break a comment or a string is refused" {
    refuses 1:21 'not plain text' 'HLOCK_ONE(a, 1, 1, "x */ y")'
    refuses 1:21 'not plain text' 'HLOCK_ONE(a, 1, 1, "x /* y")'
    refuses 1:21 'not plain text' 'HLOCK_ONE(a, 1, 1, "x \" y")'
    refuses 1:21 'not plain text' 'HLOCK_ONE(a, 1, 1, "x \\ y")'
    refuses 1:21 'not plain text' 'HLOCK_ONE(a, 1, 1, "é")'
    refuses 1:21 'not plain text' 'HLOCK_ONE(a, 1, 1, "x'
    refuses 1:21 'not plain text' 'HLOCK_ONE(a, 1, 1, "")'
}

@test "all faults of a table are reported, up to twenty" {
    table 'HLOCK_ARRAY(a, i, 1, 0, 1, "a")' 'HLOCK_ONE(b, 1, 1, "")' 'HLOCK_ONE(c, 0x, 1, "")' 'HLOCK_ONE(a, 9, 1, "a")'
    run -1 build/hlock emit tsv "$tmp/bad.def" "$tmp/out"
    printf '%s\n' "${lines[@]}" | grep -oE '^[^ ]*bad.def:[0-9]+:[0-9]+: ' | cut -d: -f2- >"$tmp/places"
    [ "$(<"$tmp/places")" = $'1:22: \n2:21: \n3:14: \n4:11: ' ]
    yes '#' | head -n 100000 >"$tmp/bad.def"
    run -1 build/hlock emit tsv "$tmp/bad.def" "$tmp/out"
    [ "${#lines[@]}" = 21 ]
    [ "${lines[20]}" = "$tmp/bad.def: 100000 faults, of which these are the first 20 (\`hlock check\` prints all)" ]
}

# ----------------------------------------------------------------------- files

@test "wrong usage, and files that cannot be read or written, end with status 2" {
    table=layers/L4_locks/lock_table.def
    run -2 build/hlock
    run -2 build/hlock emit
    run -2 build/hlock emit sing $table "$tmp/out"
    run -2 build/hlock emit tsv "$tmp/out"
    run -2 build/hlock emit tsv "$tmp/missing.def" "$tmp/out"
    [[ "$output" == "$tmp/missing.def: No such file or directory" ]]
    run -2 build/hlock emit tsv "$tmp" "$tmp/out"
    [[ "$output" == "$tmp: Is a directory" ]]
    run -2 build/hlock emit tsv $table "$tmp/no/such/folder"
    for name in 'a"b' 'a*)b' 'a(*b' $'a\nb' 'a\b' 'é'; do
        cp $table "$tmp/$name"
        run -2 build/hlock emit theorems "$tmp/$name" "$tmp/out"
        [[ "$output" == "hlock: the path of the table is not plain text"* ]]
    done
    [ ! -e "$tmp/out" ]
}

@test "a file is written whole or not at all: on a full disk, on a place that is taken, at a signal" {
    table=layers/L4_locks/lock_table.def
    echo old >"$tmp/out"
    run -2 bash -c 'ulimit -f 0; exec "$@"' - build/hlock emit tsv $table "$tmp/new"
    [ ! -e "$tmp/new.part" ]
    [ ! -e "$tmp/new" ]
    mkdir "$tmp/folder"
    run -2 build/hlock emit tsv $table "$tmp/folder"
    [ ! -e "$tmp/folder.part" ]
    for signal in TERM INT HUP; do
        # a pipe that nobody reads stops the tool before it has written
        mkfifo "$tmp/out.part"
        env --default-signal build/hlock emit tsv $table "$tmp/out" 3>&- &
        until grep -q '^State:.S' /proc/$!/status && [ "$(readlink /proc/$!/exe)" = "$PWD/build/hlock" ]; do
            kill -0 $!
            sleep 0.01
        done
        kill -$signal $!
        status=0
        wait $! || status=$?
        [ $status = $((128 + $(kill -l $signal))) ]
        [ ! -e "$tmp/out.part" ]
        [ "$(<"$tmp/out")" = old ]
    done
}

@test "one more family of 5 locks needs one line" {
    locks=$(locks_of_table)
    cp -r layers include tools Makefile "$tmp"
    cd "$tmp"
    echo "HLOCK_ARRAY(added, line, $locks, 5, 6, \"interrupt routing\")" >>layers/L4_locks/lock_table.def
    make -s lib
    grep -q '^void acquire_lock_added(uint32_t line)$' include/hlock/hlock.h
    nm build/libhlock.a | grep -q 'T release_lock_added$'
    [ "$(nm -S build/libhlock.a | grep 'B hlock_words$' | cut -d' ' -f2)" = "$(printf %016x $(((locks + 5) * 64)))" ]
}

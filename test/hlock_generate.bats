#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# hlock generate: the two files of a drop-in compile wherever the library does, are the same C
# to Coq as the shipped library, which is made of them (library.bats), and two of them make one program.
load helper

STRICT="-std=c11 -O2 -Wall -Wextra -Wpedantic -Wundef -Wshadow -Werror -Wmissing-prototypes"
TABLE=layers/L4_locks/lock_table.def
PRIMITIVES=incr_ticket,get_now,incr_now,cpu_relax,cpu_pause,hlock_yield

# STYLE OPTIONS...: a drop-in of each kind
styles() {
    cat <<'END'
plain
prefix --prefix=net_
inline --inline
both --inline --prefix=net_ --line=128
END
}

# generate_all TABLE: one of each kind in $tmp/STYLE
generate_all() {
    local style options
    while read -r style options; do
        # shellcheck disable=SC2086
        build/hlock generate "$1" -o "$tmp/$style" $options
        [ "$(ls "$tmp/$style")" = $'hlock.c\nhlock.h' ]
    done < <(styles)
}

compilers() {
    cat <<'END'
gcc
clang-14
gcc -m32
aarch64-linux-gnu-gcc
aarch64-linux-gnu-gcc -march=armv8.1-a
clang-14 --target=aarch64-linux-gnu
riscv64-linux-gnu-gcc
clang-14 --target=riscv64-linux-gnu
arm-linux-gnueabihf-gcc
END
}

# builds STYLE COMPILER FLAGS: hlock.c there, and a file that includes hlock.h alone
builds() {
    # shellcheck disable=SC2086
    $2 $STRICT $3 -c "$tmp/$1/hlock.c" -o "$tmp/drop.o"
    echo '#include "hlock.h"' >"$tmp/user.c"
    # shellcheck disable=SC2086
    $2 $STRICT $3 -I"$tmp/$1" -c "$tmp/user.c" -o "$tmp/user.o"
}

@test "each kind compiles with each compiler, freestanding and hosted, release and debug, without a warning" {
    generate_all $TABLE
    while read -r cc; do
        for style in plain prefix inline both; do
            for flags in "" -DHLOCK_DEBUG -DHLOCK_ARCH_C11; do
                builds $style "$cc" "-ffreestanding $flags"
            done
            [[ $cc == *m32* || $cc == clang*riscv* ]] || builds $style "$cc" -DHLOCK_HOSTED
        done
    done < <(compilers)
}

@test "each kind compiles without any header (-nostdinc)" {
    generate_all $TABLE
    while read -r cc; do
        for style in plain prefix inline both; do
            for arch in "" -DHLOCK_ARCH_C11; do
                builds $style "$cc" "-ffreestanding -nostdinc -DHLOCK_NO_STDINT -Duint32_t=unsigned $arch"
            done
        done
    done < <(compilers)
}

@test "tables of single locks, of arrays, of one lock: each kind compiles" {
    for table in test/tables/*.def; do
        generate_all $table
        for style in plain prefix inline both; do
            for flags in "" -DHLOCK_DEBUG; do
                builds $style gcc "-ffreestanding $flags"
                builds $style clang-14 "-ffreestanding $flags"
            done
        done
    done
}

@test "nothing is undefined, and only functions of the table and the lock words are seen from outside" {
    generate_all $TABLE
    for style in plain prefix; do
        builds $style gcc -ffreestanding
        [ -z "$(nm -u "$tmp/drop.o")" ]
        prefix=$(styles | sed -n "s/^$style --prefix=//p")
        nm -g --defined-only "$tmp/drop.o" | sed 's/.* [TB] //' | sort >"$tmp/seen"
        { cut -f6,7 build/locks.tsv | tr '\t' '\n'; echo hlock_words; } | sed "s/^/$prefix/" | sort |
            diff "$tmp/seen" -
    done
    for style in inline both; do
        builds $style gcc -ffreestanding
        [ -z "$(nm -u "$tmp/drop.o")" ]
    done
    # these are a user's, for all tables
    run -0 grep -hE '^(struct|extern|typedef|#define) *[a-zA-Z_ ]*\<(hlock|HLOCK)_' "$tmp/both/hlock.h"
    [ "$output" = $'#define HLOCK_SPINS 64U\n#define HLOCK_DEPTH 8\n#define HLOCK_CPUS 64' ]
    run ! grep -wE 'HLOCK_(LOCKS|VERSION|LINE|BYTES)' "$tmp/both/hlock.h" "$tmp/prefix/hlock.h"
}

@test "the header of the shipped table is the public header" {
    build/hlock generate $TABLE -o "$tmp/plain"
    cmp "$tmp/plain/hlock.h" include/hlock/hlock.h
}

# ---------------------------------------------------------------------- to Coq

# same_in_coq STYLE SOURCE INNER [FLAG]: its export is the shipped one, but for comments
same_in_coq() {
    local style=$1 source=$2 inner=$3 debug="${*:4}" expected=generated/L4_locks.v below names
    [ -z "$debug" ] || expected=generated/L4_locks_debug.v
    below=$PRIMITIVES,wait_lock,pass_lock,wait_hlock,pass_hlock,hlock_stop,hlock_stops,this_cpu,record_of,record_room
    below=$below,record_count,record_lock,record_rank,record_put,record_move,record_size,record_wait
    names() { sed "s/\([a-z_]*\)/$inner\1/g" <<<"$1"; }
    exported() {
        build/c2coq --room "$tmp/$style" ${inner:+--unprefix $inner} "$@" "$tmp/$style/$source" -- -std=c11 \
            -ffreestanding $debug
    }
    diff <(exported --only "$(names wait_lock,pass_lock)" | grep -v '^(\* ') <(grep -v '^(\* ' generated/L1_ticket.v) ||
        return 1
    diff <(exported --only "$(names wait_hlock,pass_hlock)" | grep -v '^(\* ') \
        <(grep -v '^(\* ' generated/L3_atomic.v) || return 1
    below=$(names $below),hlock_panic,$(grep -oE '(acquire|release)_lock_[a-z0-9]+_second|assert_[a-z0-9_]+' \
        "$tmp/$style/hlock.h" | sort -u | paste -sd,)
    diff <(exported --except "$below" | grep -v '^(\* ') <(grep -v '^(\* ' $expected)
}

@test "exported, the drop-in of the shipped table is the shipped C, plain and inline, release and debug" {
    of_shipped_table
    build/hlock generate $TABLE -o "$tmp/plain"
    build/hlock generate $TABLE -o "$tmp/inline" --inline
    for debug in "" "-DHLOCK_DEBUG -DHLOCK_CHECK_INDEX_ONLY"; do
        same_in_coq plain hlock.c "" $debug
        same_in_coq inline hlock.h hlock_in_ $debug
    done
    sed -i 's/21U + vmid/21U - vmid/' "$tmp/plain/hlock.c"
    run ! same_in_coq plain hlock.c ""
    sed -i 's/!= my_ticket/== my_ticket/' "$tmp/inline/hlock.h"
    run ! same_in_coq inline hlock.h hlock_in_
}

# ------------------------------------------------------------------ one program

# two_tables STYLE OPTIONS...: the shipped table and another, with other prefixes, in one C
# program of threads, which must count right
two_tables() {
    local style=$1
    shift
    mkdir "$tmp/$style"
    build/hlock generate $TABLE -o "$tmp/$style/a" --prefix=a_ "$@"
    build/hlock generate test/tables/other.def -o "$tmp/$style/b" --prefix=b_ --line=128 "$@"
}

client() {
    cat <<'END'
#include "a/hlock.h"
#include "b/hlock.h"
#include <pthread.h>
#include <stdio.h>

static unsigned long counts[3];

static void *count(void *none)
{
	for (int i = 0; i < 20000; i++) {
		a_acquire_lock_vm(3);
		a_acquire_lock_pt(3);
		counts[0]++;
		a_release_lock_pt(3);
		a_release_lock_vm(3);
		b_acquire_lock_vcpu(31);
		counts[1]++;
		b_release_lock_vcpu(31);
		b_acquire_lock_console();
		counts[2]++;
		b_release_lock_console();
	}
	return none;
}

int main(void)
{
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], 0, count, 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], 0);
	printf("%lu %lu %lu, %u and %u numbers\n", counts[0], counts[1], counts[2], A_HLOCK_LOCKS, B_HLOCK_LOCKS);
	return 0;
}
END
}

@test "two tables with their prefixes are one program that runs, plain and inline, on each target" {
    of_shipped_table
    two_tables plain
    two_tables inline --inline
    for style in plain inline; do
        client >"$tmp/$style/client.c"
        for target in x86_64 aarch64 aarch64-lse riscv64; do
            # shellcheck disable=SC2046
            $(cross $target) $HOSTED -DHLOCK_HOSTED -pthread -static "$tmp/$style"/{client.c,a/hlock.c,b/hlock.c} \
                -o "$tmp/client"
            run -0 on $target "$tmp/client"
            [ "$output" = "80000 80000 80000, 38 and 101 numbers" ]
        done
    done
}

@test "a client in C++ calls both kinds, with g++ and clang++" {
    of_shipped_table
    for style in plain inline; do
        two_tables $style $([ $style = plain ] || echo --inline)
        client >"$tmp/$style/client.cc"
        for cc in "gcc g++" "clang-14 clang++-14"; do
            read -r c cxx <<<"$cc"
            for table in a b; do
                $c $HOSTED -DHLOCK_HOSTED -c "$tmp/$style/$table/hlock.c" -o "$tmp/$table.o"
            done
            $cxx -Wall -Wextra -Wpedantic -Werror -pthread "$tmp/$style/client.cc" "$tmp"/{a,b}.o -o "$tmp/client"
            run -0 cpu_limit 60 "$tmp/client"
            [ "$output" = "80000 80000 80000, 38 and 101 numbers" ]
        done
    done
}

@test "an index out of range stops a debug build, which names the function with its prefix" {
    of_shipped_table
    cat >"$tmp/client.c" <<'END'
#include "hlock.h"
#include <stdio.h>
#include <stdlib.h>

void net_hlock_panic(const struct net_hlock_report *report)
{
	printf("%s(%u): not below %u\n", report->function, report->index, report->limit);
	exit(42);
}

uint32_t net_hlock_this_cpu(void)
{
	return 0;
}

int main(void)
{
	net_acquire_lock_pt(16);
	net_assert_held_pt(16);
	net_release_lock_pt(16);
	net_assert_none_held();
	net_release_lock_vm(17);
	return 0;
}
END
    generate_all $TABLE
    for style in prefix both; do
        gcc $HOSTED -DHLOCK_DEBUG -I"$tmp/$style" "$tmp/client.c" "$tmp/$style/hlock.c" -o "$tmp/client"
        run -42 cpu_limit 10 "$tmp/client"
        [ "$output" = "net_release_lock_vm(17): not below 17" ]
        gcc $HOSTED -I"$tmp/$style" "$tmp/client.c" "$tmp/$style/hlock.c" -o "$tmp/client"
        run -0 cpu_limit 10 "$tmp/client"
    done
}

# ------------------------------------------------------------------------- files

@test "both files are written whole or neither is; the table decides, the place does not" {
    mkdir "$tmp/old"
    echo old | tee "$tmp/old/hlock.c" >"$tmp/old/hlock.h"
    echo 'HLOCK_ONE(a, 0x, 1, "a")' >"$tmp/bad.def"
    run -1 build/hlock generate "$tmp/bad.def" -o "$tmp/old"
    run -1 build/hlock generate "$tmp/bad.def" -o "$tmp/new"
    [ ! -e "$tmp/new" ]
    run -2 bash -c 'ulimit -f 20; exec "$@"' - build/hlock generate $TABLE -o "$tmp/old"
    [ "$(cat "$tmp"/old/*)" = $'old\nold' ]
    [ "$(ls "$tmp/old")" = $'hlock.c\nhlock.h' ]
    rm "$tmp/old/hlock.c"
    mkdir "$tmp/old/hlock.c.part"
    run -2 build/hlock generate $TABLE -o "$tmp/old"
    [ "$(<"$tmp/old/hlock.h")" = old ]
    [ ! -e "$tmp/old/hlock.h.part" ]
    run -2 build/hlock generate $TABLE -o "$tmp/no/such"
    run -2 build/hlock generate $TABLE -o "$tmp/bad.def"
    mkdir "$tmp/a folder"
    cp $TABLE "$tmp/a folder/lock_table.def"
    build/hlock generate "$tmp/a folder/lock_table.def" -o "$tmp/a folder/out put"
    build/hlock generate $TABLE -o "$tmp/again"
    diff -r "$tmp/a folder/out put" "$tmp/again"
}

@test "prefixes that C or C++ reserves, or that make a name too long, are refused" {
    for prefix in _a A a__b 1a a-b 'a b' é abcdefghijklmnopqrstuvwxyzabcde; do
        run -2 build/hlock generate $TABLE -o "$tmp/out" --prefix="$prefix"
        [[ "$output" == *"--prefix is a small letter"* ]]
    done
    [ ! -e "$tmp/out" ]
    name=abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrst
    echo "HLOCK_ONE($name, 0, 1, \"a\")" >"$tmp/long.def"
    run -0 build/hlock generate "$tmp/long.def" -o "$tmp/out" --prefix=abcd
    run -1 build/hlock generate "$tmp/long.def" -o "$tmp/out" --prefix=abcde
    [[ "$output" == *"long.def:1:11: family $name: the name is too long with the prefix abcde"* ]]
}

@test "the text of a family is in the header" {
    printf '%s\n' '/** Free pages.' ' *' ' * Buddies. */' 'HLOCK_ONE(mm, 0, 6, "free pages")' >"$tmp/my.def"
    build/hlock generate "$tmp/my.def" -o "$tmp/out"
    grep -A3 '^ \*   mm ' "$tmp/out/hlock.h" | diff - <(printf '%s\n' ' *   mm          0         6     free pages' \
        ' *       Free pages.' ' *' ' *       Buddies.')
    gcc $LIBC -c "$tmp/out/hlock.c" -o "$tmp/out.o"
}

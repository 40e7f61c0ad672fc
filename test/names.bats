#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# A user's word that becomes a name of C, C++ or Coq: it clashes with nothing there, or it
# is refused at its line of the table.
load helper

# Keywords, as the standards list them (C23 with GNU's, C++26); Coq 8.16's, with tactics.
C="alignas alignof asm auto bool break case char const constexpr continue default do double else enum extern false float
for goto if inline int long nullptr register restrict return short signed sizeof static static_assert struct switch
thread_local true typedef typeof typeof_unqual union unsigned void volatile while"
CXX="and and_eq bitand bitor catch char8_t char16_t char32_t class co_await co_return co_yield compl concept const_cast
consteval constinit contract_assert decltype delete dynamic_cast explicit export friend mutable namespace new noexcept
not not_eq operator or or_eq private protected public reinterpret_cast requires static_cast template this throw try
typeid typename using virtual wchar_t xor xor_eq"
COQ="Axiom CoFixpoint Definition Fixpoint Hypothesis Parameter Prop SProp Set Theorem Type Variable as at by cofix else
end exists exists2 fix for forall fun if in let match return then where with using Lemma Proof Qed Section End Module
Import Record Inductive nat bool list string option Some None True False eq not or and S O Z N Q R lazymatch ltac constr
d d' h i le le' m mem env"

# one_word WORD: whether it is refused as an index, and as a family: sets $index, $family
one_word() {
    printf 'HLOCK_ARRAY(%s, %s, 1, 1, 1, "x")\n' "$1" "$1" >"$tmp/word.def"
    index=accepted family=accepted
    output=$(build/hlock emit tsv "$tmp/word.def" "$tmp/word.out" 2>&1) && return
    [[ "$output" == "$tmp/word.def:1:"* ]] || { echo "$1: $output"; return 1; }
    [[ "$output" != *": the index name $1 "* ]] || index=refused
    [[ "$output" != *": the name "* ]] || family=refused
    [ $index$family != acceptedaccepted ]
}

# sort_words: reads words, and writes $tmp/index, $tmp/family: those that are accepted as such.  All are names of one
# table, a line each; `hlock check` says of each line what it refuses.
sort_words() {
    tr -s ' ' '\n' | grep -xE '[A-Za-z_][A-Za-z0-9_]*' | sort -u >"$tmp/words"
    awk '{ printf "HLOCK_ARRAY(%s, %s, %d, 1, 1, \"x\")\n", $1, $1, NR }' "$tmp/words" >"$tmp/words.def"
    run -1 build/hlock check "$tmp/words.def"
    [ -z "$(grep -vE "^$tmp/words.def:[0-9]+:" <<<"$output")" ]
    grep ': the index name ' <<<"$output" | cut -d: -f2 | sort -u >"$tmp/refused.index"
    grep ': the name ' <<<"$output" | cut -d: -f2 | sort -u >"$tmp/refused.family"
    for kind in index family; do
        awk 'NR == FNR { refused[$1]; next } !(FNR in refused)' "$tmp/refused.$kind" "$tmp/words" >"$tmp/$kind"
    done
}

# table_of_words: a tree in $tmp whose table has all accepted words, and its header
table_of_words() {
    cp -r include layers "$tmp"
    {
        awk '{ printf "HLOCK_ARRAY(f%d, %s, %d, 1, 1, \"x\")\n", NR, $1, NR }' "$tmp/index"
        awk '{ printf "HLOCK_ARRAY(%s, i, %d, 1, 1, \"x\")\n", $1, NR + 10000 }' "$tmp/family"
    } >"$tmp/layers/L4_locks/lock_table.def"
    header_of "$tmp/layers/L4_locks/lock_table.def" "$tmp/include/hlock/hlock.h"
}

@test "no keyword of C or C++ is an index name, and each is a family name" {
    for word in $C $CXX; do
        one_word "$word"
        [ "$word: $index, $family" = "$word: refused, accepted" ]
    done
}

@test "no macro that a C11 header or a compiler defines is an index name" {
    for header in assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign \
        stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar \
        wctype; do
        echo "#include <$header.h>"
    done >"$tmp/c11.c"
    for cc in gcc clang-14 aarch64-linux-gnu-gcc riscv64-linux-gnu-gcc; do
        $cc -std=gnu11 -dM -E "$tmp/c11.c"
    done >"$tmp/macros"
    for cc in "gcc -m32" "clang-14 --target=i686-linux-gnu" "clang-14 --target=sparc-linux-gnu" \
        "clang-14 --target=mips-linux-gnu" "clang-14 --target=powerpc-linux-gnu" g++ clang++-14; do
        $cc -x "$([[ $cc == *++* ]] && echo c++ || echo c)" -dM -E /dev/null
    done >>"$tmp/macros"
    # those with arguments are replaced before a parenthesis only, which no index is
    sed -nE 's/^#define ([A-Za-z][A-Za-z0-9_]*)( .*)?$/\1/p' "$tmp/macros" | sort -u >"$tmp/defined"
    for word in linux unix i386 errno stdin INT_MAX I noreturn complex; do
        grep -qx $word "$tmp/defined"
    done
    sort_words <"$tmp/defined"
    run -0 cat "$tmp/index"
    [ -z "$output" ]
}

@test "names that begin or end as reserved ones, and long ones, are refused; other ones are not" {
    long=abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMNOPQRSTUVWX
    while read -r word is; do
        one_word "$word"
        [ "$word $is" = "$word $index $family" ]
    done <<EOT
_x refused refused
x__y refused refused
x_ accepted accepted
__ refused refused
uint32_t refused accepted
vcpu_t refused accepted
_t refused refused
t accepted accepted
VM refused accepted
S accepted accepted
Vm accepted accepted
wait_hlock refused accepted
cpu_relax refused accepted
hlock_words refused accepted
acquire_lock_pt refused accepted
release_lock_pt refused accepted
x_second accepted refused
second accepted accepted
${long:1:49} accepted accepted
${long:1:50} accepted accepted
${long} accepted refused
${long}abcdefghijkl accepted refused
${long}abcdefghijklm refused refused
EOT
}

@test "a name is refused at its line and column, and the reason is told" {
    printf '%s\n' '' 'HLOCK_ARRAY(a,  while, 1, 1, 1, "a")' 'HLOCK_ONE(_b, 2, 1, "b")' 'HLOCK_ONE(a-b, 3, 1, "c")' \
        'HLOCK_ONE(7a, 4, 1, "d")' 'HLOCK_ONE(, 5, 1, "e")' 'HLOCK_ARRAY(a, b c, 6, 1, 1, "f")' \
        'HLOCK_ONE(é, 7, 1, "g")' 'HLOCK_ARRAY(a, d, 8, 1, 1, "h")' >"$tmp/bad.def"
    run -1 build/hlock emit tsv "$tmp/bad.def" "$tmp/out"
    [ "$output" = "$tmp/bad.def:2:17: family a: the index name while is a keyword of C
$tmp/bad.def:3:11: family _b: the name makes a double underscore, which C++ reserves
$tmp/bad.def:4:12: expected ',' after a name (letters, digits and underscores), found '-'
$tmp/bad.def:5:11: expected the family's name, a C identifier, found '7a'
$tmp/bad.def:6:11: expected the family's name, a C identifier, found ','
$tmp/bad.def:7:18: expected ',' after a name (letters, digits and underscores), found 'c'
$tmp/bad.def:8:11: expected the family's name, a C identifier, found the byte 0xc3
$tmp/bad.def:9:13: family a: the name is taken by line 2" ]
}

@test "every word of the C and the Coq of floor 4, and every keyword: refused, or it compiles as C and C++" {
    {
        echo $C $CXX $COQ linux unix
        grep -ohE '\w+' generated/*.v layers/L4_locks/*.[vch]
        gcc $HOSTED -DHLOCK_HOSTED -E -P layers/L4_locks/locks.c | grep -oE '\w+'
        gcc $LIBC -DHLOCK_DEBUG -E -P build/drop_in/hlock.c | grep -oE '\w+'
    } | sort_words
    [ "$(wc -l <"$tmp/index")" -gt 500 ]
    table_of_words
    cd "$tmp"
    for cc in "gcc -std=c11" "gcc -std=gnu2x" "clang-14 -std=gnu11"; do
        $cc -x c -Wall -Wextra -Wpedantic -Werror -fsyntax-only -include include/hlock/hlock.h /dev/null
        # clang takes a minute for the annotations of so many families; those of the header were read above
        $cc $LIBC -DHLOCK_NO_ANNOTATIONS -DHLOCK_DEBUG -fsyntax-only layers/L4_locks/locks.c header_of/hlock.c
        $cc $HOSTED -std=gnu11 -DHLOCK_NO_ANNOTATIONS -DHLOCK_HOSTED -fsyntax-only layers/L4_locks/locks.c \
            header_of/hlock.c
    done
    for cxx in "g++ -std=c++98" "g++ -std=gnu++23" "clang++-14 -std=gnu++2b"; do
        $cxx -x c++ -Wall -Wextra -Wpedantic -Werror -fsyntax-only -include include/hlock/hlock.h /dev/null
    done
    gcc $LIBC -std=gnu11 -DHLOCK_DEBUG -E -P header_of/hlock.c | grep -q '"acquire_lock_linux"'
}

@test "each fourth word of the generated Coq, and every keyword: refused, or Coq reads the table and the exported C" {
    # every word that Coq keeps for itself, and each fourth of the others: coqc needs minutes for all
    { echo $COQ $C; grep -ohE '\w+' generated/*.v | sort -u | awk 'NR % 4 == 0'; } | sort_words
    table_of_words
    mkdir "$tmp/generated"
    tool=$PWD/build
    table_vo=$(find "$PWD/layers" -path '*/table*' -name table.vo)
    [ -n "$table_vo" ]
    build/hlock emit coq "$tmp/layers/L4_locks/lock_table.def" "$tmp/generated/lock_table.v"
    read -r -d '' -a paths < <(grep '^-Q' _CoqProject | grep -v '^-Q generated ') || [ ${#paths[@]} -gt 0 ]
    coqc "${paths[@]}" -Q "$tmp/generated" hlock.generated "$tmp/generated/lock_table.v"
    (cd "$tmp" && "$tool/c2coq" --room layers/L4_locks -o generated/L4_locks.v layers/L4_locks/locks.c -- $LIBC)
    coqc "${paths[@]}" -Q "$tmp/generated" hlock.generated "$tmp/generated/L4_locks.v"
}

@test "the theorems of families with the nastiest names that are accepted are proved" {
    copy_tree
    free=$(awk -F'\t' '$2 + $3 > free { free = $2 + $3 } END { print free }' build/locks.tsv)
    while read -r family index; do
        echo "HLOCK_ARRAY($family, $index, $free, 2, 6, \"a *) b (* c\")" >>layers/L4_locks/lock_table.def
        free=$((free + 2))
    done <<'EOT'
ok d
forall forall
name S
x h
x_spec i
x_spec_low fun
linux exists
EOT
    echo "HLOCK_ONE(Type, $free, 6, \"\$& %s\")" >>layers/L4_locks/lock_table.def
    run -0 make -s generated
    run -0 tools/prove/prove generated/L4_theorems.vo
    [[ "$output" == *generated/L4_theorems.v* ]]
}

@test "no name written by hand has a prefix that names made from the table have" {
    mapfile -t files < <(find . -name '*.v' ! -path './generated/*' ! -path './build/*' ! -path './test/*')
    [ "${#files[@]}" -gt 50 ]
    commands='Definition|Fixpoint|Inductive|Record|Class|Lemma|Theorem|Corollary|Example|Remark|Fact|Notation|Ltac'
    commands="^ *(#\[[^]]*\] *)?(Local |Global |Program )?($commands|Let|Instance|Module|Section)"
    run -1 grep -nE "$commands"' +"?(family|f|acquire_lock|release_lock)_' "${files[@]}"
    [ -z "$output" ]
}

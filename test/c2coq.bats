#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The exporter: what it accepts gives the expected text, what it refuses gives
# file:line:column and a reason, and nothing else; it is clean under the address
# and undefined-behaviour sanitizers in all of these tests.
load helper

setup_file() {
    cd "$BATS_TEST_DIRNAME/.." || return 1
    gcc -std=c11 -O1 -g -Wall -Wextra -Werror -Wmissing-prototypes -fsanitize=address,undefined \
        -fno-sanitize-recover=all tools/c2coq/*.c -lyajl -o "$BATS_FILE_TMPDIR/c2coq"
}

c2coq() {
    "$BATS_FILE_TMPDIR/c2coq" "$@"
}

# accepts EXPECTED ARGUMENTS...: the output is test/c2coq/accept/EXPECTED.v.expected
accepts() {
    local expected=$1
    shift
    cd test/c2coq/accept
    c2coq -o "$tmp/out.v" "$@"
    diff -u "$expected.v.expected" "$tmp/out.v"
    cd - >/dev/null
}

# leaves_nothing: no output file, whole or half
leaves_nothing() {
    [ -z "$(ls "$tmp/out")" ]
}

# refused STATUS WHAT ARGUMENTS...: fails so, and an older output is gone
refused() {
    local status_wanted=$1 what=$2
    shift 2
    mkdir -p "$tmp/out"
    echo old >"$tmp/out/out.v"
    run -"$status_wanted" c2coq -o "$tmp/out/out.v" --locations "$tmp/out/functions.tsv" "$@"
    [[ "$output" == *"$what"* ]]
    leaves_nothing
}

# ---------------------------------------------------------------- accepted

@test "straight-line code, operators, casts, constants" {
    accepts straight --room . straight.c
}

@test "if and else" {
    accepts branch --room . branch.c
}

@test "loops" {
    accepts loop --room . loop.c
}

@test "calls and their temporaries" {
    accepts call --room . call.c
}

@test "&& || ?:" {
    accepts logic --room . logic.c
}

@test "conversions that C makes" {
    accepts convert --room . convert.c
}

@test "attributes of alignment" {
    accepts aligned --room . aligned.c
}

@test "a header" {
    accepts header --room . header.h
}

@test "functions made from a table, in two builds" {
    accepts locks --room locks locks/locks.c
    accepts locks_debug --room locks locks/locks.c -- -DDEBUG
}

@test "a function from a table is located at its line of the table" {
    cd test/c2coq/accept
    c2coq --room locks --locations "$tmp/functions.tsv" -o "$tmp/out.v" locks/locks.c
    diff - "$tmp/functions.tsv" <<<$'acquire_lock_core\tlocks/table.def\t2
release_lock_core\tlocks/table.def\t2
acquire_lock_pt\tlocks/table.def\t4'
    grep -qF '(* locks/table.def:4:4 *)' "$tmp/out.v"
}

@test "the bytes do not depend on the way to the files" {
    cp -r test/c2coq/accept "$tmp/tree"
    cd "$tmp/tree/locks"
    ln -s .. up
    c2coq --room ../locks/ up/./locks/locks.c -- -I../elsewhere -I. >"$tmp/one"
    cd ..
    c2coq --room locks "$tmp/tree/locks/locks.c" -- -I. >"$tmp/two"
    sed -e 1d -e 's|^(\* \.\./|(* |' "$tmp/one" >"$tmp/one.body"
    sed 1d "$tmp/two" | diff "$tmp/one.body" -
}

@test "without -o the output is standard output, with the same first line" {
    cd test/c2coq/accept
    c2coq --room . branch.c >"$tmp/out.v"
    cmp "$tmp/out.v" branch.v.expected
}

@test "the command in the first line makes the file again" {
    cp -r test/c2coq/accept "$tmp/tree"
    cd "$tmp/tree"
    mv locks 'the locks'
    c2coq --room 'the locks' 'the locks/locks.c' -- '-DTEXT="a b"' -DDEBUG >"$tmp/one"
    command=$(sed -n '1s/^(\* \(.*\)\. Never edited\. \*)$/\1/p' "$tmp/one")
    eval "$command" >"$tmp/two"
    cmp "$tmp/one" "$tmp/two"
}

@test "the subset of Coq reads every expected file" {
    mkdir "$tmp/clight"
    cp clight/{options,integers,values,syntax,clightdefs}.v "$tmp/clight"
    cd "$tmp/clight"
    coqc -q -Q . hlock.clight options.v
    for file in integers values syntax clightdefs; do
        coqc -q -Q . hlock.clight $file.v
    done
    for file in "$BATS_TEST_DIRNAME"/c2coq/accept/*.expected; do
        name=$(basename "$file" .v.expected)_sample
        # clight/ has no _Bool, to which && and || cast, as long as no floor uses them.
        sed '/Local Open Scope clight_scope/a Definition tbool := Tint IBool Unsigned noattr.' \
            "$file" >"$name.v"
        coqc -q -Q . hlock.clight "$name.v"
    done
}

@test "a conversion to int has a meaning if the value fits, wherever C makes it" {
    mkdir "$tmp/clight"
    cp clight/{options,integers,values,syntax,clightdefs,operators,semantics,interp}.v "$tmp/clight"
    cd "$tmp/clight"
    for file in options integers values syntax clightdefs operators semantics interp; do
        coqc -q -Q . hlock.clight $file.v
    done
    "$BATS_FILE_TMPDIR/c2coq" --room "$BATS_TEST_DIRNAME/c2coq/accept" -o convert.v \
        "$BATS_TEST_DIRNAME/c2coq/accept/convert.c"
    cat >>convert.v <<'END'
From hlock.clight Require Import integers values syntax interp.
Definition run (f : ident) (n : Z) : option val :=
  option_map fst (run_function global_definitions (fun _ => None) 20 f [Vint (Int.repr n)] tt).
Definition number (v : option val) : option Z :=
  match v with Some (Vint n) => Some (Int.unsigned n) | _ => None end.
Definition to_int : list ident :=
  [_casts; _initialises; _assigns; _assigns_sum; _assigns_result; _assigns_choice; _counts; _passes; _returns].
Goal Forall (fun f => number (run f 1) = Some 1) to_int. Proof. repeat constructor. Qed.
Goal Forall (fun f => number (run f 2147483647) = Some 2147483647) to_int. Proof. repeat constructor. Qed.
Goal Forall (fun f => run f 2147483648 = None) to_int. Proof. repeat constructor. Qed.
Goal Forall (fun f => run f 4294967295 = None) to_int. Proof. repeat constructor. Qed.
Goal number (run _wraps (-1)) = Some 4294967295. Proof. reflexivity. Qed.
END
    coqc -q -Q . hlock.clight convert.v
}

@test "a warning refuses nothing" {
    accepts warnings --room . warnings.c 2>"$tmp/warnings"
    for warning in parentheses-equality bitwise-op-parentheses sign-compare unused-variable unused-parameter; do
        grep -q "warning: .*\[-W$warning\]" "$tmp/warnings"
    done
    run ! grep -q error: "$tmp/warnings"
}

# gcc's tree of ARGUMENTS and the export in $tmp/out.v have the same bags, in
# which the function NAME occurs
same_as_gcc() {
    local name=$1
    shift
    rm -f "$tmp"/gcc.*
    gcc -std=c11 -ffreestanding -Iinclude -fkeep-inline-functions \
        -fdump-tree-original="$tmp/gcc" -c -o /dev/null "$@"
    awk -f test/c2coq/bag_of_export.awk "$tmp/out.v" | sort >"$tmp/export.bag"
    cut -d' ' -f1 "$tmp/export.bag" | sort -u >"$tmp/functions"
    awk -f test/c2coq/bag_of_gcc.awk "$tmp/gcc" | grep -wFf "$tmp/functions" |
        awk 'NR == FNR { wanted[$1]; next } $1 in wanted' "$tmp/functions" - | sort >"$tmp/gcc.bag"
    grep -q "^$name " "$tmp/export.bag"
    diff "$tmp/gcc.bag" "$tmp/export.bag"
}

@test "gcc sees the same calls, operators and constants in the floors" {
    c2coq --room layers/L1_ticket -o "$tmp/out.v" layers/L1_ticket/ticket.h -- -ffreestanding
    same_as_gcc wait_lock -x c layers/L1_ticket/ticket.h
    c2coq --room layers/L3_atomic -o "$tmp/out.v" layers/L3_atomic/atomic.h -- -ffreestanding
    same_as_gcc wait_hlock -x c layers/L3_atomic/atomic.h
    family=$(family_of ARRAY)
    for define in -URELEASE -DHLOCK_DEBUG; do
        c2coq --room layers/L4_locks -o "$tmp/out.v" layers/L4_locks/locks.c -- \
            -ffreestanding -Iinclude $define
        same_as_gcc "acquire_lock_$family" $define layers/L4_locks/locks.c
    done
}

@test "the comparison with gcc sees a changed operator, constant and callee" {
    of_shipped_table
    # changed DEFINE CHANGE...: each change of the export is seen
    changed() {
        local define=$1
        shift
        c2coq --room layers/L4_locks -o "$tmp/out.v" layers/L4_locks/locks.c -- -ffreestanding -Iinclude "$define"
        cp "$tmp/out.v" "$tmp/right.v"
        same_as_gcc acquire_lock_pt "$define" layers/L4_locks/locks.c
        for change; do
            sed "$change" "$tmp/right.v" >"$tmp/out.v"
            run ! same_as_gcc acquire_lock_pt "$define" layers/L4_locks/locks.c
        done
    }
    changed -URELEASE 's/Oadd/Osub/' 's/Int.repr 21)/Int.repr 20)/' 's/Evar _pass_hlock/Evar _wait_hlock/'
    changed -DHLOCK_DEBUG 's/Osub/Oadd/' 's/Oge/Ogt/' 's/Oge/Ole/' 's/Olt/Ole/' 's/Int.repr 7)/Int.repr 6)/' \
        's/Swhile/Sloop/' 's/Sreturn (Some/Sskip (Some/'
}

# ----------------------------------------------------------------- refused

@test "each construct outside the subset is refused, with its place" {
    cd test/c2coq/refuse
    for file in *.c; do
        expected=$(sed -n '1s|^// expect: ||p' "$file")
        [[ "$expected" =~ ^[0-9]+:[0-9]+:\ .. ]]
        refused 1 "$file:$expected" --room . "$file"
    done
}

@test "a refusal in a macro tells its use and where it is written" {
    cd test/c2coq/refuse
    refused 1 'macro.c:8:9: ' --room . macro.c
    [[ "$output" == *'(in a macro, written at macro.c:5:18)'* ]]
}

@test "a refusal in an included table names the table" {
    printf 'F(f, 1)\n\n  F(g, 1L)\n' >"$tmp/table.def"
    printf '#define F(n, v) unsigned n(void) { return (unsigned)v; }\n#include "table.def"\n' >"$tmp/t.c"
    refused 1 "$tmp/table.def:3:3: type 'long'" --room "$tmp" "$tmp/t.c" -- -Wno-missing-prototypes
}

@test "not C: empty, binary, missing, a directory, deep" {
    : >"$tmp/empty.c"
    refused 1 'empty.c:1:1: no function is defined' --room "$tmp" "$tmp/empty.c"
    head -c 20000 "$(command -v gcc)" >"$tmp/binary.c"
    refused 1 'binary.c:1:1: not exported' --room "$tmp" "$tmp/binary.c"
    refused 1 'no such file' --room "$tmp" "$tmp/missing.c"
    mkdir "$tmp/directory.c"
    refused 1 'directory.c:1:1: not exported' --room "$tmp" "$tmp/directory.c"
}

# repeat N TEXT: on one line
repeat() {
    awk -v n="$1" -v text="$2" 'BEGIN { while (n--) printf "%s", text }'
}

# deep N OPERATOR: a function with so many of a unary operator in line 3
deep() {
    printf 'unsigned int f(unsigned int x)\n{\n\treturn '
    repeat "$1" "$2"
    printf 'x;\n}\n'
}

@test "what is nested too deeply is refused with its place, whatever the stack" {
    deep 4000 '~' >"$tmp/fits.c"
    c2coq --room "$tmp" -o "$tmp/fits.v" "$tmp/fits.c"
    [ "$(grep -o 'Eunop Onotint' "$tmp/fits.v" | wc -l)" = 4000 ]
    deep 5000 '~' >"$tmp/deep.c"
    refused 1 "$tmp/deep.c:3:4100: nested too deeply: more than 4096 levels" --room "$tmp" "$tmp/deep.c"
    deep 10000 '-(unsigned int)' >"$tmp/deep.c"
    refused 1 "$tmp/deep.c:3:" --room "$tmp" "$tmp/deep.c"
    [[ "$output" == *'nested too deeply: more than 4096 levels'* ]]
    printf 'int f(int x)\n{\n\treturn x%s;\n}\n' "$(repeat 5000 ' + 1')" >"$tmp/deep.c"
    refused 1 "$tmp/deep.c:3:9: nested too deeply: more than 4096 levels" --room "$tmp" "$tmp/deep.c"
}

@test "where clang's stack is too small its crash is a refusal with a place" {
    gcc -std=c11 -O2 tools/c2coq/*.c -lyajl -o "$tmp/c2coq" # the sanitizer needs more
    deep 5000 '~' >"$tmp/deep.c"
    run -1 bash -c 'ulimit -s 256; "$0" "$@"' "$tmp/c2coq" --room "$tmp" -o "$tmp/deep.v" "$tmp/deep.c"
    # at the token, or at the function if clang was between two tokens
    [[ "$output" =~ ^"$tmp/deep.c:"[23]:[0-9]+': nested too deeply for the stack of clang-14' ]]
    [ "${#lines[@]}" = 1 ]
    [ ! -e "$tmp/deep.v" ]
    # c2coq itself does not depend on that limit
    deep 10 '~' >"$tmp/fits.c"
    statements 20000 >>"$tmp/fits.c"
    bash -c 'ulimit -s 256; "$0" "$@"' "$tmp/c2coq" --room "$tmp" -o "$tmp/fits.v" "$tmp/fits.c"
}

statements() {
    printf 'void g(unsigned int x)\n{\n'
    awk -v n="$1" 'BEGIN { while (n--) printf "\tx = x + %dU;\n", n }'
    printf '}\n'
}

else_ifs() {
    printf 'unsigned int g(unsigned int x)\n{\n\tif (x)\n\t\treturn 1U;\n'
    awk -v n="$1" 'BEGIN { while (n--) printf "\telse if (x == %dU)\n\t\treturn %dU;\n", n, n }'
    printf '\treturn x;\n}\n'
}

locals() {
    printf 'void g(unsigned int x)\n{\n'
    awk -v n="$1" 'BEGIN { while (n--) printf "\tunsigned int y%d = x + y%d;\n", n, n }' | sed 's/ + y[0-9]*;/;/'
    printf '}\n'
}

functions() {
    awk -v n="$1" 'BEGIN { while (n--) printf "void e%d(int x);\nvoid f%d(int x)\n{\n\te%d(x);\n}\n", n, n, n }'
}

# work MAKER N: how many lines of c2coq run for `MAKER N`, in millions: not a time,
# so it does not depend on what else the machine does
work() {
    "$1" "$2" >"$tmp/work.c"
    find "$tmp/counted" -name '*.gcda' -delete
    "$tmp/counted/c2coq" --room "$tmp" -o "$tmp/work.v" "$tmp/work.c"
    gcov -t "$tmp"/counted/*.gcda | awk -F: '$1 ~ /^ *[0-9]+\*?$/ { sum += $1 } END { print sum / 1e6 }'
}

@test "the work grows as the text, not as its square" {
    mkdir "$tmp/counted"
    for file in tools/c2coq/*.c; do
        gcc -std=c11 -O0 --coverage -c "$file" -o "$tmp/counted/$(basename "$file" .c).o"
    done
    gcc --coverage "$tmp"/counted/*.o -lyajl -o "$tmp/counted/c2coq"
    for case in 'statements 1000' 'else_ifs 300' 'locals 1000' 'functions 500'; do
        read -r maker n <<<"$case"
        once=$(work "$maker" "$n")
        bytes=$(wc -c <"$tmp/work.v")
        fourfold=$(work "$maker" $((4 * n)))
        echo "$maker: $once, $fourfold million lines; $bytes, $(wc -c <"$tmp/work.v") bytes"
        awk -v once="$once" -v fourfold="$fourfold" -v bytes="$bytes" -v all="$(wc -c <"$tmp/work.v")" \
            'BEGIN { exit !(once > 0.1 && fourfold < 5 * once && all < 5 * bytes) }'
    done
}

@test "a source that is cut off anywhere is refused or whole, never a crash" {
    size=$(wc -c <test/c2coq/accept/call.c)
    for length in $(seq 300 61 "$size"); do
        head -c "$length" test/c2coq/accept/call.c >"$tmp/cut.c"
        mkdir -p "$tmp/out"
        run c2coq --room "$tmp" -o "$tmp/out/out.v" "$tmp/cut.c"
        [ "$status" -le 1 ]
        if [ "$status" = 0 ]; then
            [ "$(tail -c 4 "$tmp/out/out.v")" = 'l).' ]
            rm "$tmp/out/out.v"
        fi
        leaves_nothing
    done
}

@test "what is no C11, and what clang leaves out, is refused whatever the options" {
    for text in 'int f(int x) { return g(x); }' 'static f(int x) { return x; }' \
        '__attribute__((no_reorder)) int f(int x) { return x; }' \
        $'#pragma GCC optimize("O0")\nint f(int x) { return x; }'; do
        echo "$text" >"$tmp/w.c"
        refused 1 "w.c:1:" --room "$tmp" "$tmp/w.c" -- -Wno-everything -Wno-error -Wno-implicit-int \
            -Wno-implicit-function-declaration -Wno-unknown-attributes -Wno-unknown-pragmas
        [[ "$output" == *' error: '* ]]
    done
    run -2 c2coq --room "$tmp" "$tmp/w.c" -- -w
    [[ "$output" == 'c2coq: -w would hide'*usage:* ]]
}

@test "messages show no byte that steers a terminal" {
    name=$'t\e[31m\xe2\x80\xae\xc3\xa9.def'
    echo 'F(1L)' >"$tmp/$name"
    printf '#define F(v) int f(void) { return (int)v; }\n#include "%s"\n' "$name" >"$tmp/t.c"
    refused 1 "$tmp/"'t\x1b[31m\xe2\x80\xaeé.def:1:1: the file name cannot stand in a comment of Coq' \
        --room "$tmp" "$tmp/t.c"
    mkdir "$tmp/"$'\e.v'
    run -2 c2coq --room test -o "$tmp/"$'\e.v' test/c2coq/accept/branch.c
    [[ "$output" == "c2coq: cannot replace $tmp/"'\x1b.v: Is a directory' ]]
    run -2 c2coq $'--\e[31m'
    [[ "$output" != *$'\e'* ]]
}

@test "wrong usage and failing tools have status 2" {
    refused_usage() {
        run -2 c2coq "$@"
        [[ "$output" == *c2coq:*usage:* ]]
    }
    refused_usage
    refused_usage --room . -- a.c
    refused_usage a.c
    refused_usage --room . a.txt
    refused_usage --room . a.c b.c
    refused_usage --room . -o out.c a.c
    refused_usage --room . -o o.v --locations o.v a.c
    refused_usage --room . --wrong a.c
    refused_usage --room . a.c -- '-Da=*)'
    refused_usage --room . a.c -- '-Da="'
    run -2 c2coq --room "$tmp/missing" test/c2coq/accept/branch.c
    [[ "$output" == "c2coq: no such directory: $tmp/missing" ]]
    run -2 env PATH="$tmp" "$BATS_FILE_TMPDIR/c2coq" --room . a.c
    [[ "$output" == 'c2coq: cannot run clang-14: '* ]]
    run -2 c2coq --room test -o "$tmp/missing/out.v" test/c2coq/accept/branch.c
    [[ "$output" == 'c2coq: cannot write the output: No such file or directory' ]]
    run -0 c2coq --help
    [[ "$output" == usage:* ]]
}

@test "a full disk leaves nothing" {
    run -2 bash -c "'$BATS_FILE_TMPDIR/c2coq' --room test test/c2coq/accept/branch.c >/dev/full"
    [[ "$output" == 'c2coq: cannot write the output: No space left on device' ]]
    mkdir "$tmp/out"
    ln -s /dev/full "$tmp/out/out.v.tmp"
    run -2 c2coq --room test -o "$tmp/out/out.v" test/c2coq/accept/branch.c
    [[ "$output" == 'c2coq: cannot write the output: No space left on device' ]]
    leaves_nothing
}

# stopped FIFO OTHER: c2coq is ended by a signal while it writes FIFO, which stands in
# place of a temporary file; the other one may be there already
stopped() {
    functions 3000 >"$tmp/many.c"
    mkdir -p "$tmp/out"
    mkfifo "$tmp/out/$1"
    "$BATS_FILE_TMPDIR/c2coq" --room "$tmp" -o "$tmp/out/out.v" --locations "$tmp/out/functions.tsv" \
        "$tmp/many.c" &
    local status=0
    exec 7<"$tmp/out/$1" # waits until it is opened; it cannot be written whole
    kill -"$2" $!
    wait $! || status=$?
    exec 7<&-
    [ "$status" = "$3" ]
    leaves_nothing
}

@test "a signal leaves nothing half-written: both outputs or none" {
    stopped out.v.tmp TERM 143
    stopped functions.tsv.tmp TERM 143
    stopped functions.tsv.tmp HUP 129
    stopped out.v.tmp XFSZ 153
}

@test "an output that cannot have its name takes the other with it" {
    functions 1 >"$tmp/one.c"
    mkdir -p "$tmp/out"
    run -2 c2coq --room "$tmp" -o "$tmp/out/out.v" --locations "$tmp/out/missing/f.tsv" "$tmp/one.c"
    leaves_nothing
}

# --------------------------------------------------------------- the sources

@test "the files of c2coq call each other as its first page says" {
    objects "$tmp/objects" tools/c2coq/*.c
    calls "$tmp/objects" >"$tmp/calls"
    sed -n '/^ \* Who calls whom/,/^ \* Read next/s/^ \*   \(.*[^ ]\)   .*/\1/p' tools/c2coq/c2coq.c >"$tmp/lines"
    diff <(tr ' ' '\n' <"$tmp/lines" | sort) <(basename -s .c tools/c2coq/*.c | sort)
    # a line of several names is a circle, and there is no other
    diff <(while read -ra names; do
        [ "${#names[@]}" -lt 2 ] || printf '%s\n' "${names[@]}" | LC_ALL=C sort | paste -s -d ' '
    done <"$tmp/lines") <(circles <"$tmp/calls")
    # no call goes up
    awk 'NR == FNR { for (i = 1; i <= NF; i++) line[$i] = FNR; next }
        line[$2] < line[$1] { print $1, "calls", $2; bad = 1 }
        END { exit bad }' "$tmp/lines" "$tmp/calls"
}

@test "the globals of c2coq that change are those that say why" {
    objects "$tmp/objects" tools/c2coq/*.c
    diff - <(globals "$tmp/objects") <<'END'
front running
message source_name
output temporaries
term last_cell
END
    [ "$(cat tools/c2coq/*.c | grep -c 'Global, for')" -eq 4 ]
}

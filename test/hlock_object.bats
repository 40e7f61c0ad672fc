#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# hlock check-object --prove: Coq proves the object code of another table than the shipped one, of a debug build, too;
# what is wrong is refused before Coq is asked, and by Coq if the checker that is asked first lies.  Of which table
# functions are.
load helper
load object/elf2coq

setup_file() {
    cd "$BATS_TEST_DIRNAME/.." || return 1
    local machine
    build/hlock generate test/tables/other.def --prefix=my_ -o "$BATS_FILE_TMPDIR"
    for machine in aarch64 riscv64 x86_64; do
        # shellcheck disable=SC2086 # options
        $machine-linux-gnu-gcc $LIBC -c "$BATS_FILE_TMPDIR/hlock.c" -o "$BATS_FILE_TMPDIR/$machine.o"
        # shellcheck disable=SC2086
        $machine-linux-gnu-gcc $LIBC -DHLOCK_DEBUG -c "$BATS_FILE_TMPDIR/hlock.c" \
            -o "$BATS_FILE_TMPDIR/$machine.debug.o"
    done
    # one release is a plain store
    sed 's/"stlr/"str/' "$BATS_FILE_TMPDIR/hlock.c" >"$BATS_FILE_TMPDIR/wrong.c"
    # shellcheck disable=SC2086
    aarch64-linux-gnu-gcc $LIBC -c "$BATS_FILE_TMPDIR/wrong.c" -o "$BATS_FILE_TMPDIR/wrong.o"
}

# proves OPTION... FILE: of that table and prefix
proves() {
    # shellcheck disable=SC2086 # words
    ${hlock:-build/hlock} check-object --table test/tables/other.def --prefix my_ --prove --work "$tmp/a proof" "$@"
}

# lying_tree: this tree, but for a check-object that says yes of everything, in $tmp/tree; hlock is the one there
lying_tree() {
    mkdir -p "$tmp/tree/build"
    ln -s "$PWD"/* "$tmp/tree" 2>"$tmp/there" || true # build is there
    cp build/hlock build/elf2coq "$tmp/tree/build"
    printf '#!/bin/sh\n' >"$tmp/tree/build/check-object"
    chmod +x "$tmp/tree/build/check-object"
    hlock=$tmp/tree/build/hlock
}

@test "another table with a prefix, on three machines: two theorems of this table and these bytes, closed" {
    local machine model object
    for machine in aarch64 riscv64 x86_64; do
        case $machine in aarch64) model=armv8 ;; riscv64) model=riscv ;; *) model=x86 ;; esac
        object=$BATS_FILE_TMPDIR/$machine.o
        run -0 --separate-stderr proves "$object"
        [ "$stderr" = $'Coq reads the table\nCoq runs the checker and proves the theorems' ]
        [ "${lines[9]}" = "my_release_lock_console: proved" ]
        [ "${lines[10]}" = "$object: 10 proved, 0 wrong, 0 without a verdict" ]
        [[ "${lines[11]}" == "$object: object code proved, $(sha256sum <"$object" | cut -c1-16), for $machine"* ]]
        [[ "$output" == *$'\n  object_code_correct '*$'\n'"  object_code_on_$model "* ]]
        [[ "${lines[-1]}" == *"/a proof/object.v" ]]
        [ "$(sort "$tmp/a proof/object.said" | uniq -c | sed 's/^ *//')" = "2 Closed under the global context" ]
        grep -qF "sha256 $(sha256sum <"$object" | cut -d' ' -f1), for $machine:" "$tmp/a proof/object.v"
        # the table that is proved is the one beside it, which is the user's
        grep -qx 'From proved Require Import lock_table.' "$tmp/a proof/object.v"
        [ "$(grep -c "object_library $machine \"my_\" object_code" "$tmp/a proof/object.v")" = 2 ]
        build/hlock emit coq test/tables/other.def "$tmp/table.v"
        cmp <(tail -n +2 "$tmp/table.v") <(tail -n +2 "$tmp/a proof/lock_table.v")
    done
}

@test "a debug build of it: two theorems, of debug_bytes.v; without --debug there is no verdict" {
    local machine model object
    for machine in aarch64 riscv64 x86_64; do
        case $machine in aarch64) model=armv8 ;; riscv64) model=riscv ;; *) model=x86 ;; esac
        object=$BATS_FILE_TMPDIR/$machine.debug.o
        run -2 --separate-stderr proves "$object"
        [ -z "$stderr" ]
        [[ "${lines[0]}" == "my_acquire_lock_"*": no verdict: does more than lock, see --debug, "* ]]
        [ "${lines[-1]}" = "$object: 0 proved, 0 wrong, 10 without a verdict" ]
        run -0 --separate-stderr proves --debug --target $machine "$object"
        [ "${lines[10]}" = "$object: 10 proved, 0 wrong, 0 without a verdict" ]
        [[ "${lines[11]}" == "$object: object code proved, $(sha256sum <"$object" | cut -c1-16), for $machine"* ]]
        [[ "$output" == *"of this code until it stops; asked of the rest of the program: hlock_wrong does not"* ]]
        [ "$(sort "$tmp/a proof/object.said" | uniq -c | sed 's/^ *//')" = "2 Closed under the global context" ]
        [ "$(grep -c "debug_library $machine \"my_\" lock_table object_code" "$tmp/a proof/object.v")" = 2 ]
        grep -q "^Theorem object_code_ok : debug_object_ok $machine \"my_\" lock_table" "$tmp/a proof/object.v"
        grep -q "hlock_${model}_debug_bytes" "$tmp/a proof/object.v"
    done
    # a release build does no more than that
    run -0 proves --debug "$BATS_FILE_TMPDIR/riscv64.o"
    [[ "$output" == *"riscv64.o: object code proved, "* ]]
}

@test "the options without each other: the shipped table with a prefix, and a target" {
    of_shipped_table
    build/hlock generate layers/L4_locks/lock_table.def --prefix=q_ -o "$tmp"
    # shellcheck disable=SC2086
    aarch64-linux-gnu-gcc $LIBC -c "$tmp/hlock.c" -o "$tmp/q.o"
    run -2 build/hlock check-object "$tmp/q.o"
    run -0 build/hlock check-object --prefix=q_ "$tmp/q.o"
    [ "${lines[-1]}" = "$tmp/q.o: 12 proved, 0 wrong, 0 without a verdict" ]
    run -2 build/hlock check-object --target=riscv64 --prefix=q_ "$tmp/q.o"
    [ "$output" = "check-object: $tmp/q.o: it is of aarch64" ]
    cp "$PWD/build/aarch64/libhlock.a" "$tmp"
    cd "$tmp"
    run -0 "$root/build/hlock" check-object --target=aarch64 libhlock.a
    # no --work: hlock.object, here; to a terminal how long it takes
    run -0 script -qec "$root/build/hlock check-object --prove libhlock.a" /dev/null </dev/null
    [[ "$output" == *$'\rCoq runs the checker and proves the theorems: '[0-9]*' s'* ]]
    [[ "$output" == *"libhlock.a: object code proved, "*"Closed under the global context"* ]]
    grep -qx 'From hlock.generated Require Import lock_table.' hlock.object/object.v
    [ ! -e hlock.object/lock_table.v ]
}

@test "wrong code, and a table that is not that of the object: refused, and Coq is not asked" {
    run -1 --separate-stderr proves "$BATS_FILE_TMPDIR/wrong.o"
    [ -z "$stderr" ]
    [[ "${lines[-1]}" == "$BATS_FILE_TMPDIR/wrong.o: 5 proved, 5 wrong, 0 without a verdict" ]]
    # two locks in each other's place; another family; of other locks; a table that is none
    local object=$BATS_FILE_TMPDIR/aarch64.o
    sed 's/\<97,/98,/; t; s/\<98,/97,/' test/tables/other.def >"$tmp/moved.def"
    run -1 proves --table "$tmp/moved.def" "$object"
    [ "${lines[-1]}" = "$object: 6 proved, 4 wrong, 0 without a verdict" ]
    sed 's/console, /monitor, /' test/tables/other.def >"$tmp/renamed.def"
    run -2 proves --table "$tmp/renamed.def" "$object"
    [[ "$output" == *"my_acquire_lock_monitor: no verdict: $object has no such function"* ]]
    run -2 proves --prefix other_ "$object"
    [[ "$output" == "$object: no verdict: offset 0x0: no array other_hlock_words is defined" ]]
    sed 's/console, /mm,      /' test/tables/other.def >"$tmp/twice.def"
    run -1 proves --table "$tmp/twice.def" "$object"
    [[ "$output" == "$tmp/twice.def:"* ]]
    run -2 proves "$tmp/no_such_file"
    [ ! -e "$tmp/a proof" ]
}

@test "the kernel is not deceived: where the checker that is asked first lies, there is no proof, and none is left" {
    lying_tree
    mkdir "$tmp/a proof"
    touch "$tmp/a proof/object.vo" "$tmp/a proof/lock_table.vo"
    run -2 --separate-stderr proves "$BATS_FILE_TMPDIR/wrong.o"
    [ -z "$output" ]
    [[ "$stderr" == *"hlock: Coq refuses $tmp/a proof/object.v:"*"\"true = true\""*"object_ok aarch64"*"= true\""* ]]
    [ "${stderr_lines[-1]}" = "hlock: $BATS_FILE_TMPDIR/wrong.o: its object code is not proved" ]
    [ ! -e "$tmp/a proof/object.vo" ]
    # nor of a debug build, as a release build or as it is
    sed 's/"stlr/"str/' "$BATS_FILE_TMPDIR/hlock.c" >"$tmp/wrong.c"
    # shellcheck disable=SC2086
    aarch64-linux-gnu-gcc $LIBC -DHLOCK_DEBUG -I"$BATS_FILE_TMPDIR" -c "$tmp/wrong.c" -o "$tmp/wrong.o"
    run -2 --separate-stderr proves "$BATS_FILE_TMPDIR/aarch64.debug.o"
    [[ "$stderr" == *"hlock: Coq refuses $tmp/a proof/object.v:"*"object_ok aarch64"* ]]
    run -2 --separate-stderr proves --debug "$tmp/wrong.o"
    [[ "$stderr" == *"hlock: Coq refuses $tmp/a proof/object.v:"*"debug_object_ok aarch64"* ]]
    [ ! -e "$tmp/a proof/object.vo" ]
    # what elf2coq refuses; what is another file when it has been read
    run -2 --separate-stderr proves --prefix other_ "$BATS_FILE_TMPDIR/aarch64.o"
    [ -z "$output" ]
    [[ "$stderr" == *"$BATS_FILE_TMPDIR/aarch64.o: offset 0x0: no array other_hlock_words is defined"* ]]
    cp "$BATS_FILE_TMPDIR/aarch64.o" "$tmp/changed.o"
    printf '#!/bin/sh\n%s "$@"\necho >>"$2"\n' "$root/build/elf2coq" >"$tmp/tree/build/elf2coq"
    run -2 --separate-stderr proves "$tmp/changed.o"
    [ -z "$output" ]
    [[ "$stderr" == *"$tmp/changed.o: it changed while it was read"* ]]
    # only the table is there, which is right
    run -1 compgen -G "$tmp/a proof/object.*"
}

@test "without Coq, or a proved library, the reason is told; two at once; options that say nothing" {
    local object=$BATS_FILE_TMPDIR/aarch64.o
    mkdir "$tmp/bin"
    for program in sh cat cut sha256sum; do
        ln -s "$(command -v $program)" "$tmp/bin"
    done
    hlock="env PATH=$tmp/bin $PWD/build/hlock" run -2 --separate-stderr proves "$object"
    [[ "$stderr" == *"cannot run coqc"*"Debian package: coq"*"$object: its object code is not proved" ]]
    exec 8>"$tmp/a proof/lock"
    flock 8
    run -2 --separate-stderr proves "$object"
    [[ "$stderr" == "hlock: "*"/a proof: another hlock works there" ]]
    exec 8>&-
    lying_tree
    rm "$tmp/tree/main"
    run -2 proves "$object"
    [ "$output" = "hlock: $tmp/tree/main/bytes.vo: No such file or directory: run \`make prove\` first" ]
    run -2 proves --debug "$object"
    [ "$output" = "hlock: $tmp/tree/main/debug_bytes.vo: No such file or directory: run \`make prove\` first" ]
    run -2 build/hlock check-object --work "$tmp/other" "$object"
    [ "$output" = "hlock: --work is where --prove writes, which is not given" ]
    [ ! -e "$tmp/other" ]
    run -2 build/hlock check-object --target sparc "$object"
    [ "$output" = "check-object: --target sparc: known are aarch64, riscv64, x86_64" ]
    run -2 build/hlock check-object --prove --prefix 'My"_' "$object"
    [[ "$output" == *"--prefix is a small letter"* ]]
    run -2 build/hlock check-object --prove
    [[ "$output" == *"an argument is missing"* ]]
    run -3 build/check-object --prove "$object"
}

@test "functions are those of the table, and of the prefix" {
    of_shipped_table
    compile aarch64-linux-gnu-gcc
    build/hlock emit tsv layers/L4_locks/lock_table.def "$tmp/table.tsv"
    run -0 build/check-object --table "$tmp/table.tsv" "$tmp/locks.o"
    sed -E '1s/^[a-z0-9_]+/other/' "$tmp/table.tsv" >"$tmp/renamed.tsv"
    run -2 build/check-object --table "$tmp/renamed.tsv" "$tmp/locks.o"
    [[ "${lines[0]}" == "acquire_lock_other: no verdict: $tmp/locks.o has no such function" ]]
    # of a table where each family has twice as many locks, the array is too small
    awk -F'\t' -v OFS='\t' '{ $2 *= 2; if ($9 != "-") $3 *= 2; print }' "$tmp/table.tsv" >"$tmp/wide.tsv"
    run -1 build/check-object --table "$tmp/wide.tsv" "$tmp/locks.o"
    echo nonsense >"$tmp/table.tsv"
    run -3 build/check-object --table "$tmp/table.tsv" "$tmp/locks.o"
    # hlock does it for any table; its lines are those of check-object
    build/hlock generate test/tables/other.def --prefix=my_ -o "$tmp"
    # shellcheck disable=SC2086 # options
    aarch64-linux-gnu-gcc $LIBC -c "$tmp/hlock.c" -o "$tmp/other.o"
    run -0 build/hlock check-object --table test/tables/other.def --prefix my_ "$tmp/other.o"
    [ "${lines[-1]}" = "$tmp/other.o: $((${#lines[@]} - 1)) proved, 0 wrong, 0 without a verdict" ]
    run -2 build/hlock check-object --table test/tables/other.def "$tmp/other.o"
}

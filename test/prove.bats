#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# What make builds and proves again after a change, and how a refusal is told.
load helper

# changed FILE COMMAND: edits a file with sed, and is sure that it did
changed() {
    cp "$1" "$tmp/before"
    sed -i "$2" "$1"
    run ! cmp -s "$1" "$tmp/before"
}

# ---------------------------------------------------------------- generated

@test "make prove does nothing twice, and says that all is closed" {
    copy_tree
    make prove
    touch "$tmp/before"
    run -0 make prove
    [ -z "$(find . -name '*.vo*' -newer "$tmp/before")" ]
    said='^([0-9]+) main theorems, ([0-9]+) closed under the global context, 0 OPEN; the library has 0 axioms$'
    [[ "${lines[0]}" =~ $said ]]
    [ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[2]}" ]
    # several at a time; each has a line, and none twice
    local n=1 folder name hash
    for folder in build build/aarch64 build/aarch64-lse build/riscv64 build/x86_64; do
        name=${folder#build/}
        if [ $folder = build ]; then
            [[ "$(uname -m)" =~ ^(aarch64|riscv64|x86_64)$ ]] || continue
            name=native
        fi
        for name in "$name $folder/libhlock.a" "$name-debug $folder/libhlock_debug.a"; do
            hash=$(sha256sum <"${name#* }" | cut -c1-16)
            grep -qx "${name% *}: object code proved, $hash of ${name#* }" <<<"$output"
            n=$((n + 1))
        done
    done
    [ "${#lines[@]}" = $n ]
}

# keep_only FILE.v...: of the library these files stay in this copy, and what they stand on
keep_only() {
    # shellcheck disable=SC2046 # each line of _CoqProject is several words
    coqdep -sort $(grep '^-' _CoqProject) "$@" | xargs -n 1 | sort >"$tmp/kept"
    tools/prove/sources | comm -23 - "$tmp/kept" | xargs rm
    [ "$(tools/prove/sources)" = "$(<"$tmp/kept")" ]
}

# One proof anew of all that stands on floors 2 and 3, for all that tell of it; of a smaller library: the floors,
# the linked stack, and one CPU's view of it.  The judge stays as it was built.
@test "floors that changed are told anew, each when it is proved; closed, make prove and the screen say what is OPEN" {
    copy_tree
    make prove build/judge
    keep_only clight/*.v layers/*/*.v generated/*.v main/parts.v
    sed -i -E '/^(main:|machine )/d; /^main /s/(theorem|relaxed)\.[^,]*,//g' main/floors.list
    touch -r "$root/main/floors.list" main/floors.list # or Coq is asked of all rooms again
    truncate -s 0 tools/judge/extract.v
    touch -r build/judge_spec/judge_spec.ml tools/judge/extract.v
    rm -r build/bytes
    tools/prove/prove build/prove/assumptions
    grep -v '^generated\.L4_theorems\.' build/prove/assumptions >main/assumptions.expected
    tools/check/check closed
    echo '(* Another time. *)' >>layers/L2_queue/refine.v
    admit layers/L3_atomic/refine.v atomic_simulation
    admit layers/L4_locks/refine.v locks_refines
    admit layers/L4_locks/code.v acquire_release_body_correct
    run -2 make prove
    # main is proved on them, and told of after them (tools/prove/prove); generated before it or after it
    printf '%s\n' "${lines[@]}" | grep -oE '^(floor [0-9]|main|view|clight) ' >"$tmp/told"
    [ "$(sort "$tmp/told")" = $'floor 2 \nfloor 3 \nfloor 4 \nmain ' ]
    [ "$(tail -n 1 "$tmp/told")" = 'main ' ]
    floor2=$(printf '%s\n' "${lines[@]}" | grep -n '^floor 2 queue ' | cut -d: -f1)
    theorem=$(printf '%s\n' "${lines[@]}" | grep -n ' main/parts.v$' | cut -d: -f1)
    [ "$floor2" -lt "$theorem" ]
    line=${lines[floor2 - 1]}
    names=$(sed -nE 's/^L2_queue +([^ ]+).*/\1/p' main/floors.list | sed -E 's/[a-z]+\.//g; s/,/, /g')
    of=$(tools/prove/theorems | grep -c '^L2_queue ')
    [ "$line" = "floor 2 queue   closed: $names; $of of its $of main theorems closed" ]
    of=$(tools/prove/theorems | grep -c '^L3_atomic ')
    [[ "$output" == *$'\nfloor 3 atomic  '*"OPEN: "*"atomic_simulation"*"; "[0-9]*" of its $of main theorems closed"* ]]
    [[ "$output" != *"$of of its $of main theorems closed"* ]]
    [[ "$output" == *$'\nmain            '*'OPEN: '*'stack_correct'* ]]
    [[ "$output" == *"layers.L3_atomic.refine.atomic_simulation: OPEN: Axioms: "* ]]
    [[ "$output" == *"layers.L4_locks.refine.locks_refines: OPEN: Axioms: "* ]]
    run -1 tools/check/check closed
    [[ "$output" == *'layers.L4_locks.refine.locks_refines: OPEN: Axioms: '* ]]
    # The screen fails, says so first, and shows which are open.
    first=generated.L4_theorems.acquire_lock_$(head -n 1 build/locks.tsv | cut -f1)_body_correct
    run -2 --separate-stderr make screen
    [[ "${stderr_lines[0]}" == "FAILED: theorem "*" is OPEN: Axioms: "* ]]
    for name in layers.L4_locks.refine.locks_refines $first; do
        [[ "$stderr" == *"FAILED: theorem $name is OPEN: Axioms: "* ]]
    done
    [[ "$stderr" =~ \ [1-9][0-9]*\ OPEN\;\ the\ library\ has\ 3\ axioms$'\n' ]]
    [ "$(grep -c '_body_correct OPEN, _code_correct OPEN$' <<<"$stderr")" = "$(wc -l <generated/functions.tsv)" ]
}

@test "floors.list: a floor that is not in it, a line that is none" {
    copy_tree
    make prove
    sed -i '/^L2_queue/d' main/floors.list
    run -2 make prove
    [[ "$output" == *"main/floors.list: no line for layers/L2_queue/"* ]]
    cp "$BATS_TEST_DIRNAME/../main/floors.list" main/floors.list
    echo 'L0_machine -' >>main/floors.list
    run -2 make prove
    [[ "$output" == *"main/floors.list:$(wc -l <main/floors.list): not ROOM THEOREM,... [WORDS]"* ]]
}

@test "files of equal age, as in a fresh clone, are made again where need be" {
    copy_tree
    rm -rf build
    find . -type f ! -name '*.vo' -exec touch -d 2020-01-01 {} +
    cp generated/L4_locks.v "$tmp/L4_locks.v"
    changed generated/L4_locks.v '/acquire_lock_/d'
    touch -d 2020-01-01 generated/L4_locks.v
    make generated
    cmp generated/L4_locks.v "$tmp/L4_locks.v"
    # what did not differ is not touched, so nothing is proved again for it
    [ ! generated/L4_locks_debug.v -nt generated/L4_locks_debug.vo ]
}

@test "an edited generated file is put right" {
    copy_tree
    cp generated/L4_locks.v "$tmp/L4_locks.v"
    changed generated/L4_locks.v 's/Oadd/Osub/'
    run -0 make generated
    [[ "$output" == *"generated/L4_locks.v: made again"* ]]
    cmp generated/L4_locks.v "$tmp/L4_locks.v"
    run -0 make generated
    [[ "$output" != *again* ]]
}

# makes_nothing MESSAGE GOAL...: make refuses, and leaves the header and generated/ as they were
makes_nothing() {
    local message=$1
    shift
    cp -r --preserve=timestamps generated include "$tmp"
    run -2 make "$@"
    [[ "$output" == *"$message"* ]]
    [[ "$output" != *"made again"* ]]
    diff -r -x '*.vo*' -x '*.glob' -x '.*.aux' "$tmp/generated" generated
    diff -r "$tmp/include" include
    rm -r "$tmp/generated" "$tmp/include"
}

@test "C that the exporter refuses ends make, and leaves the generated files and the header as they were" {
    copy_tree
    echo "HLOCK_ONE(more, $(locks_of_table), 7, \"nothing\")" >>layers/L4_locks/lock_table.def
    changed layers/L4_locks/locks.c 's/first##U, rank, wait_hlock)/first##UL, rank, wait_hlock)/'
    makes_nothing layers/L4_locks/lock_table.def: prove-locks
    makes_nothing layers/L4_locks/lock_table.def: -j2 generated
}

@test "C that does not compile ends make, and leaves the generated files and the header as they were" {
    copy_tree
    echo "HLOCK_ONE(more, $(locks_of_table), 7, \"nothing\")" >>layers/L4_locks/lock_table.def
    changed layers/L4_locks/locks.c 's/rank, wait_hlock)/rank, wait_hlock/'
    makes_nothing layers/L4_locks/lock_table.def: generated
    makes_nothing layers/L4_locks/lock_table.def: lib
    cp "$BATS_TEST_DIRNAME/../layers/L4_locks/locks.c" layers/L4_locks/locks.c
    # only the debug library has this
    changed tools/hlock/source.c 's/must_be_free(hlock_cpu);/must_be_free(hlock_cpu)/'
    makes_nothing build/made/drop_in/hlock.c: generated
    makes_nothing build/made/drop_in/hlock.c: lib
}

@test "make that is stopped leaves no temporary file, and the header as it was" {
    copy_tree
    echo "HLOCK_ONE(more, $(locks_of_table), 7, \"nothing\")" >>layers/L4_locks/lock_table.def
    cp include/hlock/hlock.h "$tmp/hlock.h"
    for signal in TERM INT; do
        # a pipe that nobody reads stops the copy (tools/make/whole), the script that waits
        # for it and the child that opens it: a signal before both are there is another case
        mkfifo include/hlock/hlock.h.part
        env --default-signal setsid make include/hlock/hlock.h >"$tmp/log" 2>&1 3>&- &
        until [ "$(cat /proc/[0-9]*/stat 2>/dev/null | grep -cE "^[0-9]+ \(whole\) S [0-9]+ $! ")" = 2 ]; do
            kill -0 $!
            sleep 0.01
        done
        kill -$signal -- -$!
        status=0
        wait $! || status=$?
        [ $status != 0 ]
        # make does not wait for what its shell had started
        while pgrep -g $! >"$tmp/left"; do sleep 0.01; done
        [ ! -e include/hlock/hlock.h.part ]
        cmp include/hlock/hlock.h "$tmp/hlock.h"
    done
}

@test "a table that hlock refuses ends make" {
    copy_tree
    echo "HLOCK_ONE(more, $(($(locks_of_table) - 1)), 7, \"nothing\")" >>layers/L4_locks/lock_table.def
    run -2 make prove-locks
    [[ "$output" == *"layers/L4_locks/lock_table.def:"*"overlap"* ]]
}

# ------------------------------------------------------------------- proofs

# refuses TARGET WHAT: make TARGET fails, and Coq's message is the last but for make's own
refuses() {
    run -2 make "$1"
    [[ "${lines[-1]}" == "make: *** "* ]]
    printf '%s\n' "${lines[@]}" | tail -n 12 | grep -q "$2"
    printf '%s\n' "${lines[@]}" | tail -n 12 | grep -q '^Error'
}

@test "another operator in the index formula: the equation of a function with an index fails" {
    family=$(family_of ARRAY)
    copy_tree
    changed layers/L4_locks/locks.h '/define HLOCK_NUMBER/s/+/-/'
    refuses prove-exported "f_acquire_lock_$family\>"
}

@test "another constant in the index formula: the equation of a function with an index fails" {
    family=$(family_of ARRAY)
    copy_tree
    changed layers/L4_locks/locks.h '/define HLOCK_NUMBER/s/first##U/first##U + 1U/'
    refuses prove-exported "f_acquire_lock_$family\>"
}

@test "pass for wait: the equation of a function without an index fails" {
    family=$(family_of ONE)
    copy_tree
    changed layers/L4_locks/locks.c 's/first##U, rank, wait_hlock)/first##U, rank, pass_hlock)/'
    refuses prove-exported "f_acquire_lock_$family\>"
}

@test "another operator in the text of a table: a proof about acquire and release fails" {
    copy_tree
    changed layers/L4_locks/text.v 's/Ebinop Oadd/Ebinop Osub/'
    refuses prove-locks '^File "./layers/L4_locks/code.v", line '
}

@test "a failing proof leaves nothing that would pass for proved" {
    copy_tree
    changed layers/L4_locks/text.v 's/Ebinop Oadd/Ebinop Osub/'
    run -2 make prove-locks
    [ ! -e layers/L4_locks/code.vo ]
    run -2 make prove-locks
}

@test "a proof that changes without a new time is proved again" {
    copy_tree
    make prove-locks
    echo 'Lemma wrong : 0 = 1. Proof. reflexivity. Qed.' >>clight/integers.v
    touch -d 2020-01-01 clight/integers.v
    run -2 make prove-locks
    [[ "$output" == *'File "./clight/integers.v"'* ]]
}

@test "every theorem is asked for: one that is new, however it stands in its file, and one whose file is gone" {
    copy_tree
    make prove
    total=$(wc -l <build/prove/assumptions)
    printf '%s\n' '(* Theorem in_comment : True. *) #[local] Theorem one_more : True. Proof. exact I. Qed. Section S.' \
        '  Corollary' '    another(n : nat) : n = n. Proof. reflexivity. Qed. Lemma no_more : True.' \
        'Proof. exact I. Qed.' \
        'End S.' >layers/L2_queue/more.v
    run -0 make prove
    [ "$(wc -l <build/prove/assumptions)" = $((total + 2)) ]
    for name in one_more another; do
        grep -qx "layers.L2_queue.more.$name: Closed under the global context" build/prove/assumptions
    done
    rm layers/L2_queue/more.v
    run -0 make prove
    run ! grep -F layers.L2_queue.more. build/prove/assumptions
    printf '%s\n' 'Module M.' 'Theorem hidden : True. Proof. exact I. Qed.' 'End M.' >layers/L2_queue/more.v
    run -2 make prove
    [[ "$output" == *"layers/L2_queue/more.v:2: hidden is inside of a module"* ]]
}

@test "a proof that fails elsewhere: what Coq says comes last" {
    copy_tree
    echo 'Lemma wrong : 0 = 1. Proof. reflexivity. Qed.' >>layers/L4_locks/refine.v
    run -2 make prove
    printf '%s\n' "${lines[@]}" | tail -n 6 | grep -q '^File "./layers/L4_locks/refine.v", line '
    [[ "${lines[-2]}" != make* ]]
}

@test "an import that is not there is told" {
    copy_tree
    echo 'From hlock.layers.L4_locks Require Import missing.' >>layers/L4_locks/refine.v
    run -2 make prove
    [[ "$output" == *"missing"* ]]
}

@test "what a file takes for granted is counted and named, though no main theorem uses it" {
    copy_tree
    make -s prove
    cp layers/L4_locks/wrong.v "$tmp/wrong.v"
    cat >>layers/L4_locks/wrong.v <<'END'
Axiom planted_axiom : 0 = 1.
Parameter planted_parameter : nat.
Conjecture planted_conjecture : 0 = 1.
Lemma planted_lemma : 0 = 1. Proof. Admitted.
#[local] Axiom planted_local : 0 = 1.
Context (planted_context : 0 = 1).
Module Type T. Parameter in_type : 0 = 1. End T.
Declare Module Planted : T.
Module Inner. Axiom planted_inner : 0 = 1. End Inner.
#[bypass_check(guard)] Fixpoint planted_loop (n : nat) : nat := planted_loop n.
Unset Positivity Checking.
Inductive planted_bad := bad : (planted_bad -> nat) -> planted_bad.
Unset Universe Checking.
Definition planted_universe : Type@{Set} := Type.
END
    run -2 make prove
    all=$(grep -c '^[0-9]* main theorems, \([0-9]*\) closed .*, 0 OPEN; the library has 11 axioms$' <<<"$output")
    [ "$all" = 1 ]
    room='the library takes for granted hlock.layers.L4_locks.wrong'
    for name in axiom parameter conjecture lemma local context; do
        [[ "$output" == *"$room.planted_$name: Axioms"* ]]
    done
    [[ "$output" == *"$room.Planted.in_type: Axioms"* ]]
    [[ "$output" == *"$room.Inner.planted_inner: Axioms"* ]]
    [[ "$output" == *"$room.planted_loop: Constants/Inductives relying on unsafe (co)fixpoints"* ]]
    [[ "$output" == *"$room.planted_bad: Inductives whose positivity is assumed"* ]]
    [[ "$output" == *"$room.planted_universe: Constants/Inductives relying on type-in-type"* ]]
    run -2 --separate-stderr make screen
    [[ "${stderr_lines[0]}" == "FAILED: $room."* ]]
    [[ "$stderr" == *" 0 OPEN; the library has 11 axioms"$'\n'* ]]
    cp "$tmp/wrong.v" layers/L4_locks/wrong.v
    run -0 make prove
    [[ "$output" == *", 0 OPEN; the library has 0 axioms"* ]]
}

@test "a proof that is killed, with a compiled file half written, is done again" {
    copy_tree
    make -s prove
    echo '(* Another time. *)' >>layers/L4_locks/wrong.v
    make -s prove
    # a coqc that writes half of the file and is killed with all that runs it
    mkdir "$tmp/bin"
    printf '%s\n' '#!/bin/sh' 'for last; do :; done' 'head -c 1000 "${last}o" >half && cp half "${last}o"' \
        "echo >$tmp/here" 'exec sleep 60' >"$tmp/bin/coqc"
    chmod +x "$tmp/bin/coqc"
    touch layers/L4_locks/wrong.v
    PATH="$tmp/bin:$PATH" setsid tools/prove/prove build/prove/assumptions 3>&- &
    pid=$!
    until [ -e "$tmp/here" ]; do sleep 0.01; done
    kill -s KILL -- -$pid
    wait $pid || true
    [ "$(wc -c <layers/L4_locks/wrong.vo)" = 1000 ]
    run -0 make prove
    [ "$(wc -c <layers/L4_locks/wrong.vo)" -gt 1000 ]
}

@test "two proves do not run at a time" {
    copy_tree
    rm build/prove/deps.mk
    exec 8>build/prove/lock
    flock 8
    tools/prove/prove all 3>&- 8>&- &
    # until it waits for the lock; the first that it writes is deps.mk
    until grep -q -- "-> FLOCK .*:$(stat -c %i build/prove/lock) " /proc/locks; do
        kill -0 $!
        sleep 0.01
    done
    [ ! -e build/prove/deps.mk ]
    exec 8>&-
    wait $!
    [ -e build/prove/deps.mk ]
}

# ------------------------------------------------------------- other tables

# proved_again: what was proved in this copy after `touch $tmp/now`
proved_again() {
    tools/prove/sources o | while read -r file; do [ ! "$file" -nt "$tmp/now" ] || echo "$file"; done | xargs
}

@test "another table, with none of the shipped names: proved, judged, on the screen" {
    copy_tree
    make prove
    # another one than this tree has
    table=other
    ! cmp -s test/tables/other.def layers/L4_locks/lock_table.def || table=last
    cp test/tables/$table.def layers/L4_locks/lock_table.def
    touch "$tmp/now"
    run -0 make screen
    families=$(sed -nE 's/^HLOCK_[A-Z]+ *\( *([a-z]+),.*/\1/p' test/tables/$table.def)
    [ -n "$families" ]
    for family in $families; do
        for function in acquire_lock_$family release_lock_$family; do
            closed=" ${function}_body_correct closed, _code_correct closed"
            [[ "$output" == *"$function "*"layers/L4_locks/lock_table.def:"*"$closed"* ]]
        done
        [[ "$output" == *$'\n'"$family "*' allowed'* ]]
    done
    grep -qx 'main.shipped.shipped_correct: Closed under the global context' build/prove/assumptions
    # of what is proved, only what is about this table was proved again
    [ "$(proved_again)" = "generated/L4_exported.vo generated/L4_locks.vo generated/L4_locks_checked.vo \
generated/L4_locks_debug.vo generated/L4_theorems.vo generated/lock_table.vo main/shipped.vo" ]
    # generated/ and the public header are what the tools make of it, and all is closed as for the shipped table
    tools/check/check generated closed
}

@test "tables of single locks alone, of arrays alone, and with an array last are proved" {
    copy_tree
    make prove
    for table in single array last; do
        cp test/tables/$table.def layers/L4_locks/lock_table.def
        make generated
        tools/prove/prove main/shipped.vo
        tools/prove/prove generated/L4_theorems.vo
    done
}

@test "no file that is written by hand names a family or a function of the shipped table in Coq" {
    run -1 grep -rnwE "family_($(cut -f1 build/locks.tsv | paste -sd '|'))" --include='*.v' \
        clight layers stack machine main
    # who imports the table, or the C that was exported of it
    grep -rlE '^From hlock.generated Require .*\b(lock_table|L4_[a-z]+)' --include='*.v' \
        clight layers stack machine main |
        xargs >"$tmp/importers"
    [ "$(<"$tmp/importers")" = main/shipped.v ]
}

@test "a table of 200 families: exported, compared and closed" {
    copy_tree
    make prove
    awk 'BEGIN {
        for (i = 0; i < 200; i++)
            printf "HLOCK_ARRAY(fam%d, i, %d, 3, %d, \"object %d\")\n", i, 3 * i, i, i
    }' \
        >layers/L4_locks/lock_table.def
    # not the object code of 400 functions
    make generated
    tools/prove/prove build/prove/assumptions
    [ "$(grep -c '^generated\.L4_theorems\..*: Closed under the global context$' build/prove/assumptions)" = 1200 ]
}

# --------------------------------------------------------- one more family

# With names that are not C's or Coq's to use elsewhere.
@test "one more family, of 5 locks: two functions with proofs, judged, on the screen" {
    copy_tree
    echo "HLOCK_ARRAY(name, forall, $(locks_of_table), 5, 99, \"five more\")" >>layers/L4_locks/lock_table.def
    run -0 make screen
    for function in acquire_lock_name release_lock_name; do
        closed=" ${function}_body_correct closed, _code_correct closed"
        [[ "$output" == *"$function "*"layers/L4_locks/lock_table.def:"*"$closed"* ]]
    done
    [[ "$output" == *$'\nname '*' allowed'* ]]
    grep -qx 'generated.L4_theorems.acquire_lock_name_code_correct: Closed under the global context' \
        build/prove/assumptions
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The mutator, and the script that runs the proof against each mutant, on a tree
# of its own with a small "proof" that a shell script makes.
load helper

setup_file() {
    cd "$BATS_TEST_DIRNAME/.." || return 1
    gcc -std=c11 -O1 -g -Wall -Wextra -Werror -Wmissing-prototypes -fsanitize=address,undefined \
        -fno-sanitize-recover=all tools/mutate/*.c -o "$BATS_FILE_TMPDIR/mutate"
    gcc -std=c11 -O1 -Wall -Wextra -Werror tools/c2coq/*.c -lyajl -o "$BATS_FILE_TMPDIR/c2coq"
}

mutate() {
    "$BATS_FILE_TMPDIR/mutate" "$@"
}

@test "the mutants of a sample are the expected ones" {
    mutate --list test/mutate/sample.c | diff -u test/mutate/sample.expected -
}

@test "each mutant changes the sample, at its place only, and in its own way" {
    total=$(mutate --list test/mutate/sample.c | wc -l)
    [ "$total" -gt 150 ]
    for number in $(seq "$total"); do
        mutate --apply "$number" -o "$tmp/$number.c" test/mutate/sample.c
        run -1 cmp -s test/mutate/sample.c "$tmp/$number.c"
    done
    [ "$(sha256sum "$tmp"/*.c | cut -d' ' -f1 | sort -u | wc -l)" = "$total" ]
    # Comments, strings, prototypes and preprocessor lines stay, each in every mutant.
    for kept in '// What mutate changes, and what it leaves: this + comment == 1U.' \
        '#include <stdint.h>' '#if 1 + 1 == 2 &&' '	3 < 4' '#undef SIZE /* 1 + 2 */' \
        'void other(uint32_t x);' '#define NUMBER(first, index)' '// not 1 + 1'; do
        [ "$(grep -lF -- "$kept" "$tmp"/*.c | wc -l)" = "$total" ]
    done
}

@test "mutants of the floors can be listed and most are C" {
    for file in layers/L4_locks/locks.[ch] layers/L3_atomic/atomic.h layers/L1_ticket/ticket.h; do
        mutate --list "$file" | grep -q '1	'
    done
    # of the spin loop: another comparison, polled once or never, its body dropped, another call
    mutate --list layers/L1_ticket/ticket.h | cut -f3 >"$tmp/loop"
    for what in '`!=` becomes `'{'<','<=','==','>','>='}'`' '`while` becomes `if`' \
        '`get_now(lk) != my_ticket` becomes `'{0,1}'`' '`cpu_relax();` deleted' '`get_now` becomes `incr_ticket`' \
        '`while (get_now(lk) != my_ticket) cpu_relax();` deleted'; do
        grep -qxF "$what" "$tmp/loop"
    done
    total=$(mutate --list test/mutate/sample.c | wc -l)
    compiled=0
    for number in $(seq 79 "$total"); do
        mutate --apply "$number" -o "$tmp/m.c" test/mutate/sample.c
        gcc -std=c11 -w -fsyntax-only "$tmp/m.c" 2>"$tmp/err" && compiled=$((compiled + 1))
    done
    [ "$compiled" -gt $(((total - 78) * 9 / 10)) ]
}

@test "--callees gives the names that calls may go to" {
    mutate --list --callees one,two test/mutate/sample.c >"$tmp/list"
    grep -qF '`take` becomes `one`' "$tmp/list"
    grep -qF '`take` becomes `two`' "$tmp/list"
    run -1 grep -F '`take` becomes `other`' "$tmp/list"
}

@test "odd files and wrong usage have status 2" {
    run -2 mutate --list "$tmp/missing.c"
    [[ "$output" == 'mutate: cannot read '*': No such file or directory' ]]
    printf 'int\0f;' >"$tmp/binary.c"
    run -2 mutate --list "$tmp/binary.c"
    printf 'f(((g(a, b; if ( ' >"$tmp/cut.c"
    mutate --list "$tmp/cut.c"
    printf 'void f(void) { if (' >"$tmp/cut.c"
    mutate --list "$tmp/cut.c"
    : >"$tmp/empty.c"
    [ -z "$(mutate --list "$tmp/empty.c")" ]
    run -2 mutate --apply 1 -o "$tmp/out" "$tmp/empty.c"
    [[ "$output" == 'mutate: no mutant 1: '*' has 0' ]]
    for arguments in '' '--list' '--apply 1 a.c' '--list --apply 1 -o b a.c' '--wrong a.c' '--list a b'; do
        run -2 mutate $arguments
        [[ "$output" == *usage:* ]]
    done
}

# --------------------------------------------------------------- run.sh

# text: the text of a table and its proofs, here, and the list of two mutants
text() {
    mkdir -p layers/L4_locks test/mutate
    echo '-Q layers hlock.layers' >_CoqProject
    printf 'Definition %s_text := %d.\n' acquire 0 release 1 third 2 >layers/L4_locks/text.v
    # each rests on those before it
    local before=text
    for proof in text_facts:acquire code:release each:third; do
        printf 'From hlock.layers.L4_locks Require Import %s.\n%s\n%s\nProof. reflexivity. Qed.\n%s\n' "$before" \
            'Lemma easy : True. Proof. auto. Qed.' "Lemma ${proof#*:}_is : ${proof#*:}_text + 0 = ${proof#*:}_text." \
            'Lemma acquire_later : True. Proof. auto. Qed.' >"layers/L4_locks/${proof%:*}.v"
        before+=" ${proof%:*}"
    done
    sed -i 's/+ 0 = acquire_text/= 0/' layers/L4_locks/text_facts.v
    sed -i 's/+ 0 = release_text/= 1/' layers/L4_locks/code.v
    sed -i 's/+ 0 = third_text/<> 5/; s/reflexivity/discriminate/' layers/L4_locks/each.v
    {
        echo '# comment'
        printf 'acquire_text := 0\tacquire_text := 3\n'
        printf 'release_text := 1\trelease_text := 4\n'
    } >test/mutate/text.tsv
}

# statements: a definition, an example and a refutation that rest on it, and the list of
# its mutants, compiled here
statements() {
    mkdir -p layers/L4_locks machine/cases test/mutate
    printf '%s\n' '-Q layers hlock.layers' '-Q machine hlock.machine' >_CoqProject
    echo 'Definition few (n : nat) : bool := Nat.leb n 3.' >layers/L4_locks/few.v
    printf '%s\n' 'From hlock.layers.L4_locks Require Import few.' \
        'Example few_are : few 3 = true.' 'Proof. reflexivity. Qed.' \
        'Example many_are_not : few 4 = false.' 'Proof. reflexivity. Qed.' >machine/cases/sharp_few.v
    {
        echo '# comment'
        printf 'layers/L4_locks/few.v\t%s\t%s\t%s\t%s\n' 'Nat.leb n 3' 'Nat.leb n 4' weaker many_are_not \
            'n 3.' 'n 2.' stronger few_are
    } >test/mutate/statements.tsv
    coqc -q $(<_CoqProject) layers/L4_locks/few.v
    coqc -q $(<_CoqProject) machine/cases/sharp_few.v
}

# tree: a project with a function on floors 1 and 3 and two on floor 4 in $tmp/tree;
# PROOF, on stdin, decides on the export of the target that is its argument
tree() {
    mkdir -p "$tmp"/tree/{build,generated,layers/{L1_ticket,L3_atomic,L4_locks},test/mutate}
    cp "$BATS_FILE_TMPDIR"/{mutate,c2coq} "$tmp/tree/build"
    cd "$tmp/tree"
    cat >Makefile <<'END'
generated: $(addprefix generated/,L1_ticket.v L3_atomic.v L4_locks.v L4_locks_debug.v L4_locks_checked.v)
EXPORT = build/c2coq --room $(<D) -o $@ $< --
generated/L1_ticket.v: layers/L1_ticket/ticket.h
	$(EXPORT)
generated/L3_atomic.v: layers/L3_atomic/atomic.h
	$(EXPORT)
generated/L4_locks.v: layers/L4_locks/locks.c layers/L4_locks/locks.h
	$(EXPORT)
generated/L4_locks_debug.v: layers/L4_locks/locks.c layers/L4_locks/locks.h
	$(EXPORT) -DHLOCK_DEBUG -DHLOCK_CHECK_INDEX_ONLY
generated/L4_locks_checked.v: layers/L4_locks/locks.c layers/L4_locks/locks.h
	$(EXPORT) -DHLOCK_DEBUG
prove-ticket prove-atomic prove-locks prove-exported:
	./proof $@
.PHONY: generated prove-ticket prove-atomic prove-locks prove-exported
END
    cat >layers/L1_ticket/ticket.h <<'END'
void incr_now(unsigned int lk);
static inline void pass_lock(unsigned int lk)
{
	incr_now(lk);
}
END
    cat >layers/L3_atomic/atomic.h <<'END'
void pass_lock(unsigned int lk);
static inline void pass_hlock(unsigned int lk)
{
	pass_lock(lk);
}
END
    cat >layers/L4_locks/locks.h <<'END'
void wait_hlock(unsigned int lk);
void pass_hlock(unsigned int lk);
#define LOCK(first) first##U
END
    cat >layers/L4_locks/locks.c <<'END'
#include "locks.h"
void acquire_lock_core(void)
{
	wait_hlock(LOCK(3));
}
void release_lock_core(void)
{
	pass_hlock(LOCK(3));
}
END
    : >test/mutate/equivalent.txt
    text
    statements
    # The proofs of floor 1: of the errors, which name no function, one is in line 5.
    cat >ticket.v <<'END'
Lemma easy : fn_body f_wait_lock = Sskip.
Proof. auto. Qed.
  Local Lemma pass_lock_text :
    fn_body f_pass_lock = Sskip.
  Proof. reflexivity. Qed.
Lemma last : True.
Proof. auto. Qed.
END
    cat >proof
    chmod +x proof
}

# body FUNCTION: its body in the exports.  ticket and atomic are the proofs of
# floors 1 and 3; what follows them is the comparison on floor 4.
PROOF_HEAD='#!/bin/bash
body() { sed -n "/^Definition f_$1 /,/^|}/p" generated/L?_*[a-z].v; }
fails() { printf "File \"./$2\", line $3, characters 1-2:\nError:\n$1\n"; exit 1; }
is_right() { body $1 | grep -q "Evar _$2 " && body $1 | grep -qF "$3" && [ $(body $1 | grep -c Scall) = ${4:-1} ]; }
ticket() { is_right pass_lock incr_now "(Etempvar _lk tuint) :: nil" || fails "no subterm" ticket.v 5; }
atomic() { is_right pass_hlock pass_lock "(Etempvar _lk tuint) :: nil" || fails "f_pass_hlock is wrong" none.v 1; }
[ "$1" = prove-exported ] || { [ "$1" = prove-locks ] || ${1#prove-}; exit 0; }
THREE="((Econst_int (Int.repr 3) tuint) :: nil)"'

@test "run.sh passes when compiler or proof kill every mutant, and runs only the proofs of what changed" {
    tree <<END
$PROOF_HEAD
is_right acquire_lock_core wait_hlock "\$THREE" 3 || fails 'f_acquire_lock_core is not its specification' x.v 1
is_right release_lock_core pass_hlock "\$THREE" 3 || fails 'release_lock_core_body_correct does not hold' x.v 1
END
    sed -i "2i echo \${PWD##*/} \$1 >>$tmp/ran" proof
    cp -r . "$tmp/before"
    run --separate-stderr "$BATS_TEST_DIRNAME/../tools/mutate/run.sh" .
    echo "$output"
    [ "$status" = 0 ]
    total=0
    for file in layers/*/*.[ch]; do
        total=$((total + $(build/mutate --list --callees \
            wait_hlock,pass_hlock,wait_lock,pass_lock,incr_ticket,get_now,incr_now,cpu_relax,hlock_stop "$file" |
            wc -l)))
    done
    [ "${lines[-1]}" = "$((total + 4)) passed, 0 failed" ]
    grep -qx ' *2 killed by an example' <<<"$output"
    grep -qxF '[2/2] layers/L4_locks/few.v:1:44 `n 3.` becomes `n 2.`: killed by few_are of machine/cases/sharp_few.v' \
        <<<"$stderr"
    killed='killed by the proof of release_is'
    grep -qxF '[2/2] layers/L4_locks/text.v:2:12 `release_text := 1` becomes `release_text := 4`: '"$killed" \
        <<<"$stderr"
    grep -qF '`wait_hlock` becomes `pass_hlock`: killed by the proof of acquire_lock_core' <<<"$stderr"
    grep -qF '`3` becomes `4`: killed by the proof of release_lock_core' <<<"$stderr"
    grep -q 'becomes `cpu_relax`: killed by the compiler: layers/L4_locks/locks.c:[0-9]*:' <<<"$stderr"
    grep -qF 'L1_ticket/ticket.h:4:2 `incr_now(lk);` doubled: killed by the proof of pass_lock' <<<"$stderr"
    grep -qF 'L3_atomic/atomic.h:4:2 `pass_lock(lk);` doubled: killed by the proof of pass_hlock' <<<"$stderr"
    diff -r "$tmp/before" .
    # each copy ran one proof: that of the floor whose file was changed
    sed -nE 's|^\[([0-9]+)/.*layers/L[0-9]_([a-z]+)/[^.]*\.[ch]:.*|copy\1 prove-\2|p' <<<"$stderr" |
        sed 's/locks/exported/' | sort >"$tmp/floors"
    grep ^copy "$tmp/ran" | sort >"$tmp/copies"
    [ -z "$(comm -13 "$tmp/floors" "$tmp/copies")" ]
    grep -qx 'tree prove-locks' "$tmp/ran"
    for target in prove-ticket prove-atomic prove-exported; do
        grep -qx "tree $target" "$tmp/ran"
        grep -q "^copy.* $target$" "$tmp/copies"
    done
}

@test "run.sh fails for survivors, for proofs that name the wrong function, and for stale reasons" {
    # This proof overlooks the constant of acquire, and blames acquire for release;
    # that of floor 1 fails at a place where nothing is said of what changed.
    tree <<END
${PROOF_HEAD/ticket.v 5/ticket.v 7}
[ \$(body acquire_lock_core | grep -c 'Scall.*_wait_hlock') = 3 ] || fails 'f_acquire_lock_core' x.v 1
is_right release_lock_core pass_hlock "\$THREE" 3 || fails 'f_acquire_lock_core' x.v 1
END
    {
        echo '# comment'
        printf 'layers/L4_locks/locks.c\t4:18\t`3` becomes `2`\tby lemma two_is_three\n'
        printf 'layers/L4_locks/locks.c\t9:99\t`3` becomes `2`\tby a mutant that is not there\n'
        printf 'layers/L4_locks/locks.c\t4:18\t`3` becomes `4`\n'
    } >test/mutate/equivalent.txt
    run -1 --separate-stderr "$BATS_TEST_DIRNAME/../tools/mutate/run.sh" .
    grep -qxF 'equivalent: layers/L4_locks/locks.c:4:18 `3` becomes `2`: by lemma two_is_three' <<<"$output"
    grep -qxF 'FAILED layers/L4_locks/locks.c:4:18 `3` becomes `4`: survived' <<<"$output"
    grep -qF 'FAILED layers/L4_locks/locks.c:8:2 `pass_hlock` becomes `wait_hlock`: unnamed: ' <<<"$output"
    grep -qF 'FAILED layers/L1_ticket/ticket.h:4:2 `incr_now(lk);` doubled: unnamed: ' <<<"$output"
    grep -qxF 'FAILED listed as equivalent, but not a survivor: layers/L4_locks/locks.c 9:99 `3` becomes `2`' \
        <<<"$output"
    grep -qF 'FAILED in '"$PWD"'/test/mutate/equivalent.txt, not FILE, LINE:COLUMN, WHAT, REASON: ' <<<"$output"
    [ "$(grep -c ^FAILED <<<"$output")" = "$(sed -n '$s/.*, \(.*\) failed/\1/p' <<<"$output")" ]
}

@test "run.sh does not start on a tree that it cannot judge" {
    run_sh="$BATS_TEST_DIRNAME/../tools/mutate/run.sh"
    tree <<<$'#!/bin/sh\n[ $1 != prove-exported ] || { echo Error: nothing holds; exit 1; }'
    run -2 "$run_sh" .
    [[ "$output" == *'mutate: prove-exported fails without a mutant: '*'Error: nothing holds'* ]]
    echo 'int incr_now;' >layers/L1_ticket/ticket.h
    run -2 "$run_sh" .
    [[ "$output" == *'mutate: the export fails without a mutant: '* ]]
    rm test/mutate/equivalent.txt
    run -2 "$run_sh" .
    [[ "$output" == *'equivalent.txt is missing' ]]
    rm build/mutate
    run -2 "$run_sh" .
    [[ "$output" == *'build/mutate is not built' ]]
}

@test "run.sh tells an export that fails by itself from one that is refused" {
    tree <<<$'#!/bin/sh\nexit 0'
    sed -i 's|-DHLOCK_DEBUG$|-DHLOCK_DEBUG\n\tgrep -q wait_hlock layers/L4_locks/locks.c|' Makefile
    run -1 --separate-stderr "$BATS_TEST_DIRNAME/../tools/mutate/run.sh" .
    grep -qF '`wait_hlock` becomes `pass_hlock`: odd: the export fails without a place: ' <<<"$output"
}

@test "run.sh that is ended by a signal leaves nothing" {
    tree <<<$'#!/bin/sh\ncase $PWD in */copy*) echo $$ >>'"$tmp"$'/proofs; exec sleep 2 ;; esac'
    mkdir "$tmp/work"
    for signal in INT TERM; do
        rm -f "$tmp/proofs"
        TMPDIR=$tmp/work env --default-signal JOBS=2 "$BATS_TEST_DIRNAME/../tools/mutate/run.sh" . \
            3>&- 2>"$tmp/errors" &
        pid=$!
        until [ -s "$tmp/proofs" ]; do kill -0 $pid && sleep 0.05; done
        kill -s $signal $pid
        status=0
        wait $pid || status=$?
        [ $status -ge 128 ]
        # What still runs has nowhere to write, and starts nothing more.
        while kill -0 $(<"$tmp/proofs") 2>"$tmp/errors"; do sleep 0.05; done
        [ -z "$(ls "$tmp/work")" ]
    done
}

# ------------------------------------------------------ the text of a table

@test "text.sh tells what kills each mutant, and what does not" {
    mkdir "$tmp/tree"
    cd "$tmp/tree"
    text
    {
        printf 'acquire_text := 0\tacquire_text := 0 + 0\n'
        printf 'third_text := 2\tthird_text := 5\n'
        printf 'third_text := 2\tthird_text := 2 +\n'
    } >>test/mutate/text.tsv
    cp -r . "$tmp/before"
    JOBS=2 "$BATS_TEST_DIRNAME/../tools/mutate/text.sh" . 2>"$tmp/log" >"$tmp/results"
    diff -r "$tmp/before" .
    cut -f4 "$tmp/results" >"$tmp/outcomes"
    diff - <(sed 's/: Error.*//' "$tmp/outcomes") <<'END'
killed by the proof of acquire_is
killed by the proof of release_is
survived
unnamed: in layers/L4_locks/each.v what fails is third_is
odd: layers/L4_locks/text.v is not Coq
END
    run -1 awk -F'\t' -v known=/dev/null -f "$BATS_TEST_DIRNAME/../tools/mutate/report.awk" "$tmp/results"
    [ "${lines[-1]}" = "2 passed, 3 failed" ]
    "$BATS_TEST_DIRNAME/../tools/mutate/text.sh" . 2 2>"$tmp/log" | cmp - <(sed -n '1p;3p;5p' "$tmp/results")
}

@test "text.sh refuses a list that does not fit the text, and a text that is not proved" {
    text_sh="$BATS_TEST_DIRNAME/../tools/mutate/text.sh"
    mkdir "$tmp/tree"
    cd "$tmp/tree"
    text
    cp test/mutate/text.tsv "$tmp/text.tsv"
    while IFS='|' read -r line why; do
        cp "$tmp/text.tsv" test/mutate
        printf '%b\n' "$line" >>test/mutate/text.tsv
        run -2 "$text_sh" .
        [[ "$output" == *"text.tsv:4: $why" ]]
    done <<'END'
acquire_text|not OLD, NEW, with a tab between
nothing\tsomething|`nothing` does not stand in the file once
_text\t_test|`_text` does not stand in the file once
acquire_text := 0\tacquire_text := 3|changes nothing, or is there already
END
    cp "$tmp/text.tsv" test/mutate
    sed -i 's/= 1/= 2/' layers/L4_locks/code.v
    run -2 "$text_sh" .
    [[ "$output" == "mutate: without a mutant: killed by the proof of release_is" ]]
    rm test/mutate/text.tsv
    run -2 "$text_sh" .
    [[ "$output" == *"text.tsv is missing" ]]
    run -2 "$text_sh" . 1 checks
    [[ "$output" == *"checks_text.tsv is missing" ]]
    run -2 "$text_sh" . 1 other
    [ "$output" = "text.sh: neither text nor checks: other" ]
}

@test "each mutant of the text of a table changes it at one place, and is still Coq" {
    awk -v list=test/mutate/text.tsv -f tools/mutate/text.awk layers/L4_locks/text.v >"$tmp/list"
    total=$(grep -cv '^#' test/mutate/text.tsv)
    [ "$(wc -l <"$tmp/list")" = "$total" ]
    for number in $(seq "$total"); do
        awk -v list=test/mutate/text.tsv -v apply="$number" -f tools/mutate/text.awk \
            layers/L4_locks/text.v >"$tmp/$number.v"
        [ "$(diff layers/L4_locks/text.v "$tmp/$number.v" | grep -c '^[<>]')" = 2 ]
    done
    [ "$(sha256sum "$tmp"/*.v | cut -d' ' -f1 | sort -u | wc -l)" = "$total" ]
    # each definition of the text of a function is changed somewhere
    for name in function_name forwards_to call_text number_text operation_number stop_text check_text body_text \
        function_text calls_of functions_of; do
        line=$(grep -nE "^Definition $name " layers/L4_locks/text.v | cut -d: -f1)
        next=$(awk -v line="$line" 'NR > line && /^$/ { print NR; exit }' layers/L4_locks/text.v)
        awk -F'[\t:]' -v from="$line" -v to="$next" '
            $2 >= from && $2 < to { found = 1 }
            END { exit !found }' "$tmp/list"
    done
}

# ------------------------------------------- the definitions of the statements

@test "statements.sh tells where each mutant dies, and a survivor fails" {
    mkdir "$tmp/tree"
    cd "$tmp/tree"
    statements
    {
        printf 'layers/L4_locks/few.v\t%s\t%s\t%s\t%s\n' '3.' '3 ..' other few_are \
            'leb n' 'leb (n + 0)' weaker few_are \
            'Nat.leb n 3.' 'true.' weaker few_are 'Nat.leb n 3.' 'negb (Nat.leb n 3).' other many_are_not \
            'bool := Nat' 'bool :=\n  Nat' other -
    } >>test/mutate/statements.tsv
    cp -r . "$tmp/before"
    JOBS=2 "$BATS_TEST_DIRNAME/../tools/mutate/statements.sh" . 2>"$tmp/log" >"$tmp/results"
    diff -r "$tmp/before" .
    cut -f4 "$tmp/results" | sed 's/: Error.*//' >"$tmp/outcomes"
    diff - "$tmp/outcomes" <<'END'
killed by many_are_not of machine/cases/sharp_few.v
killed by few_are of machine/cases/sharp_few.v
odd: layers/L4_locks/few.v is not Coq
survived
elsewhere: killed by many_are_not of machine/cases/sharp_few.v
killed by many_are_not of machine/cases/sharp_few.v
survived
END
    printf 'layers/L4_locks/few.v\t1:28\t`bool := Nat` becomes `bool := Nat`\tonly spaces\n' >"$tmp/known"
    run -1 awk -F'\t' -v known="$tmp/known" -f "$BATS_TEST_DIRNAME/../tools/mutate/report.awk" "$tmp/results"
    grep -qF 'equivalent: layers/L4_locks/few.v:1:28 ' <<<"$output"
    grep -qF 'FAILED layers/L4_locks/few.v:1:40 `leb n` becomes `leb (n + 0)`: survived' <<<"$output"
    grep -qF 'FAILED layers/L4_locks/few.v:1:36 `Nat.leb n 3.` becomes `true.`: elsewhere: ' <<<"$output"
    [ "${lines[-1]}" = "4 passed, 3 failed" ]
    # every third, and those that are listed as equivalent
    "$BATS_TEST_DIRNAME/../tools/mutate/statements.sh" . 3 2>"$tmp/log" | cut -f4 | sed 's/:.*//' >"$tmp/outcomes"
    diff - "$tmp/outcomes" <<<$'killed by many_are_not of machine/cases/sharp_few.v\nsurvived\nsurvived'
}

@test "statements.sh refuses a list that does not fit the definitions" {
    statements_sh="$BATS_TEST_DIRNAME/../tools/mutate/statements.sh"
    mkdir "$tmp/tree"
    cd "$tmp/tree"
    statements
    cp test/mutate/statements.tsv "$tmp/list"
    while IFS='|' read -r line why; do
        cp "$tmp/list" test/mutate/statements.tsv
        printf '%b\n' "$line" >>test/mutate/statements.tsv
        run -2 "$statements_sh" .
        [[ "$output" == *"$why"* ]]
    done <<'END'
layers/L4_locks/few.v\tn 3\tn 5|statements.tsv:4: not FILE, OLD, NEW, weaker or stronger or other, NAME, with tabs
layers/L4_locks/few.v\tn 3\tn 5\tfaint\tfew_are|statements.tsv:4: not FILE, OLD, NEW, weaker or stronger or other, NAME
layers/L4_locks/few.v\tn 9\tn 5\tweaker\tfew_are|statements.tsv:4: `n 9` does not stand in the file once
layers/L4_locks/few.v\tn 3\tn 5\tweaker\tnobody|statements*.tsv: not one nobody in sharp_*.v
layers/L4_locks/many.v\tn 3\tn 5\tweaker\tfew_are|statements.tsv: layers/L4_locks/many.v is not a file on which
END
    cp "$tmp/list" test/mutate/statements.tsv
    rm layers/L4_locks/few.vo
    run -2 "$statements_sh" .
    [[ "$output" == *"layers/L4_locks/few.v is not compiled"* ]]
}

@test "the files that judge the mutants of statements rest on no proof" {
    order=$(coqdep $(grep '^-' _CoqProject) -sort machine/cases/sharp_*.v object/sharp_*.v)
    # of theorems they have their own, and what the definitions of integers and names need
    run -1 grep -lE '^ *(Theorem|Lemma|Corollary) ' $(tr ' ' '\n' <<<"$order" | grep '\.v$' |
        grep -vE '^(machine/cases/|object/sharp_|clight/(integers|values)\.v)')
    for file in $(cut -f1 test/mutate/statements*.tsv | grep -v '^#' | sort -u); do
        grep -qw "$file" <<<"$order"
    done
}

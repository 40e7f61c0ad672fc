#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The checks find what they are there for: each is seen to fail, for the right
# reason, on a copy of the project with one thing planted.
load helper

# finds CHECK WHAT: that check fails and says so
finds() {
    run -1 tools/check/check "$1"
    [ "${lines[0]}" = "not ok $1" ]
    [[ "$output" == *"$2"* ]]
    [ "${lines[-1]}" = "0 passed, 1 failed" ]
}

fine() {
    run -0 tools/check/check "$1"
    [ "${lines[0]}" = "ok $1" ]
}

# ------------------------------------------------------------------- words

@test "words: what takes something for granted is found" {
    copy_tree
    fine words
    cp layers/L4_locks/refine.v "$tmp/refine.v"
    while IFS='|' read -r what text; do
        { cat "$tmp/refine.v"; echo; echo "$text"; } >layers/L4_locks/refine.v
        finds words "layers/L4_locks/refine.v:$(($(wc -l <"$tmp/refine.v") + 2)): $what: "
    done <<'END'
Axiom|Axiom planted : False.
Axioms|Axioms planted planted2 : False.
Axiom|#[local] Axiom planted : False.
Axiom|Polymorphic (* why *) Axiom planted : False.
Conjecture|Conjecture planted : False.
Parameter|Parameter planted : nat.
Admitted|Lemma planted : False. Proof. Admitted.
admit|Lemma planted : False. Proof. - admit.
give_up|Lemma planted : False. Proof. { give_up. }
Declare Module|Declare Module Planted : T.
Declare Instance|Declare Instance planted : T.
Admit Obligations|Admit Obligations.
Admit Obligations|Next Obligation. Qed. Admit Obligations of planted.
Context|Context (planted : False).
Context|Section S. Context (fine : nat). End S. Context (planted : False).
Variable|Variable planted : nat.
Hypothesis|Hypothesis planted : False.
Hypotheses|Module M. Hypotheses planted : False. End M.
Unset Guard Checking|Unset Guard Checking.
Unset Positivity Checking|Local Unset Positivity Checking.
Unset Universe Checking|Unset Universe Checking.
bypass_check|#[bypass_check(guard)] Fixpoint planted (n : nat) : nat := planted n.
Add Rec|Add Rec LoadPath "x" as y.
Load planted|Load planted.
Extract|Extract Constant planted => "0".
Axiom|(* a "*)" b *) Axiom planted : False.
END
}

@test "words: comments, strings and sections are understood" {
    copy_tree
    cat >>layers/L4_locks/refine.v <<'END'
(* Axiom a : False. (* Admitted. *) "*) Axiom b : False. (*" Admitted. *)
Definition text := "Axiom c : False. (* "" Admitted. ".
Section Fine.
  Context (x : nat).
  Section Inner. Variable y : nat. Hypothesis h : x = y. End Inner.
  Hypothesis h : x = x.
End Fine.
Definition admitted := 0. Definition axiom' := Axiomatic.
END
    fine words
}

@test "words: an option in _CoqProject is found" {
    copy_tree
    echo '-arg -type-in-type' >>_CoqProject
    finds words '_CoqProject:'
}

# ------------------------------------------------------------------- rooms

@test "rooms: forbidden imports are found" {
    copy_tree
    fine rooms
    # file | import | what is said of it
    while IFS='|' read -r file import what; do
        cp "$file" "$tmp/room.v"
        sed -i "1a $import" "$file"
        finds rooms "$file imports $what"
        cp "$tmp/room.v" "$file"
    done <<'END'
layers/L4_locks/spec.v|From hlock.generated Require L4_locks.|generated/L4_locks.v: its row comes later
layers/L4_locks/spec.v|From hlock.clight Require Import semantics.|clight/semantics.v, directly or not
layers/L4_locks/spec.v|From hlock Require semantics.|clight/semantics.v, directly or not
layers/L3_atomic/spec.v|From hlock.generated Require L3_atomic.|generated/L3_atomic.v, directly or not
layers/table/table.v|Require hlock.clight.interp.|clight/interp.v, directly or not
layers/L3_atomic/facts.v|From hlock.generated Require Import lock_table.|generated/lock_table.v: its row comes later
layers/L3_atomic/spec.v|From hlock.layers.L4_locks Require sample.|layers/L4_locks/sample.v: its row comes later
layers/L4_locks/refine.v|From hlock.layers.L3_atomic Require judge.|layers/L3_atomic/judge.v: of the floor below
layers/L4_locks/refine.v|From hlock.layers.L2_queue Require spec.|layers/L2_queue/spec.v: a floor knows
layers/L4_locks/code.v|From hlock.stack Require stack.|stack/stack.v: its row comes later
layers/view/spec.v|From hlock.layers.L3_atomic Require spec.|layers/L3_atomic/spec.v: its row comes later
layers/view/facts.v|From hlock.clight Require Import values.|clight/values.v: its row comes later
clight/semantics.v|From hlock.layers Require L3_atomic.spec.|layers/L3_atomic/spec.v: its row comes later
generated/L1_ticket.v|From hlock.layers.L0_machine Require spec.|layers/L0_machine/spec.v: its row comes later
stack/stack.v|From hlock.generated Require L4_locks.|generated/L4_locks.v: its row comes later
stack/examples.v|From hlock.machine.model Require thread.|machine/model/thread.v: its row comes later
machine/model/thread.v|From hlock.machine.refine Require place.|machine/refine/place.v: its row comes later
machine/live/live.v|From hlock.machine.run Require replay.|machine/run/replay.v: its row comes later
machine/cases/examples.v|From hlock.generated Require lock_table.|generated/lock_table.v: its row comes later
machine/cases/examples.v|From hlock.main Require theorem.|main/theorem.v: its row comes later
main/theorem.v|From hlock.generated Require lock_table.|generated/lock_table.v: its row comes later
main/guarantees.v|From hlock.main Require shipped.|main/shipped.v: its row comes later
END
}

@test "rooms: what a specification knows through another file is found" {
    copy_tree
    printf '(* planted *)\nFrom hlock.generated Require L1_ticket.\n' >layers/L4_locks/between.v
    sed -i '1a From hlock.layers.L4_locks Require between.' layers/L4_locks/spec.v
    finds rooms 'layers/L4_locks/spec.v imports generated/L1_ticket.v, directly or not'
}

@test "rooms: a room that the page does not have, a row without a room, no page" {
    copy_tree
    mkdir layers/attic
    printf 'From hlock.clight Require options.\n' >layers/attic/old.v
    finds rooms 'layers/attic/old.v: doc/design.md, Rooms: no row for it'
    sed -i 's/^. `layers.view.` .*/&\n| `layers\/attic\/`, `layers\/cellar\/` | what is no longer used |/' doc/design.md
    finds rooms 'doc/design.md, Rooms: no Coq file is layers/cellar/'
    [[ "$output" != *attic* ]]
    sed -i '/^. `/d' doc/design.md
    finds rooms 'doc/design.md has no table of rooms'
}

# -------------------------------------------------------------- vocabulary

@test "vocabulary: what a statement says, by its definitions, and no proof" {
    copy_tree
    cat >main/planted.v <<'END'
(** The names:
      clight/nowhere.v               one, two,
                                     three *)
From hlock.layers.view Require Import spec.
Inductive kind := Plain | Boxed (b : box) with box := Box.
Record pair := mkPair { left_of : kind; right_of : nat }.
Definition bottom := 0.
Local Notation through := bottom (only parsing).
Definition unused := 1.
Lemma by_proof : unused = 1. Proof. reflexivity. Qed.
Definition not_by_proof : unit. Proof. pose by_proof; exact tt. Defined.
Section S.
  Context (of_type : pair).
  Let hidden := left_of of_type = Plain.
  Definition says (n : nat) : Prop := hidden /\ n = through /\ not_by_proof = tt.
End S.
Theorem planted (c : cpu) : says (mkPair Plain 0) c -> True. Proof. intros _; pose unused; exact I. Qed.
END
    make -s prove
    run -0 tools/check/vocabulary of planted
    printf '%s\n' "${lines[@]:0:2}" | tr ' ' '\n' | LC_ALL=C sort >"$tmp/names"
    printf '%s\n' layers/view/spec.v: main/planted.v: bottom box cpu kind not_by_proof pair says |
        LC_ALL=C sort | diff - "$tmp/names"
    [ "${lines[2]}" = '7 definitions in 2 files' ]
    # Names of C are counted, and counted apart: those that the two exports declare.
    names=$(cat generated/L1_ticket.v generated/L3_atomic.v | grep -c '^Definition _.* : ident := ')
    run -0 tools/check/vocabulary of hlock_correct
    [[ "${lines[-1]}" =~ ^[0-9]+\ definitions\ in\ [0-9]+\ files,\ $names\ of\ them\ names\ of\ C$ ]]
    run -0 tools/check/vocabulary words main/planted.v
    [ "$output" = '      layers/view/spec.v             cpu' ]
    finds vocabulary 'main/planted.v: its list does not have cpu of layers/view/spec.v, which a statement'
    for name in one two three; do
        [[ "$output" == *"main/planted.v: its list has $name of clight/nowhere.v, but no statement of"* ]]
    done
    [ "${#lines[@]}" = 6 ]
}

@test "vocabulary: a name that a list lacks or has in vain, and proofs that are older than their file" {
    copy_tree
    fine vocabulary
    memory=$(sed -nE 's/^\| .*\/memory\.v\) \| `([a-z_]+)` \|$/\1/p' README.md)
    sed -i '/^| .*\/memory.v/d; s/`table_ok`/&, `table`/' README.md
    finds vocabulary "README.md: its list does not have $memory of machine/model/memory.v"
    [[ "$output" == *'README.md: its list has table of layers/table/table.v, but no statement of main/theorem.v'* ]]
    sed -i 's/^\( *machine.*atomic.v .*\)never_breaches$/\1breach/' main/theorem.v
    finds vocabulary 'main/theorem.glob is not of main/theorem.v as it is: make prove'
    make -s prove
    finds vocabulary 'main/theorem.v: its list does not have never_breaches of machine/model/atomic.v'
    [[ "$output" == *'main/theorem.v: its list has breach of machine/model/atomic.v, but no statement'* ]]
}

@test "vocabulary: what is called like a tactic, but for a column of the lock table" {
    copy_tree
    cat >main/planted.v <<'END'
From Coq Require Import List.
Definition right := 0.
Inductive way := left (first : nat) | Split.
Record family := mkFamily { first : nat; now : nat }.
Lemma auto : right = 0. Proof. reflexivity. Qed.
Section S.
  Let swap := 1.
  Definition rights := swap + length (A := way) nil.
  Local Notation field := rights.
End S.
END
    make -s prove
    finds vocabulary 'main/planted.v:2: right is called like a tactic'
    # In the order of their places; no more than these.
    diff - <(sed -nE 's/^# (main\/planted.*) is called like a tactic$/\1/p' <<<"$output") <<'END'
main/planted.v:2: right
main/planted.v:3: left
main/planted.v:4: first
main/planted.v:4: now
main/planted.v:5: auto
main/planted.v:7: swap
main/planted.v:9: field
END
}

# ----------------------------------------------------------------- mutants

# linked_tree: the project in $tmp/tree, as links but for the lists of mutants
linked_tree() {
    mkdir "$tmp/tree"
    find "$PWD" -mindepth 1 -maxdepth 1 ! -name .git ! -name build -exec cp -as -t "$tmp/tree" {} +
    cd "$tmp/tree" || return 1
    mkdir build
    rm -r test/mutate
    cp -r "$BATS_TEST_DIRNAME/mutate" test
}

@test "mutants: a definition of a statement without a weaker or a stronger one, and no reason" {
    linked_tree
    list=test/mutate/statements_bytes.tsv
    bound='object/checker.v: of the mutants of own_bound, which a statement of main/ uses,'
    run -0 tools/check/mutants
    form="^([0-9]+) definitions in the statements: ([0-9]+) with mutants, ([0-9]+) with a reason, 0 with neither$"
    [[ "$output" =~ $form ]]
    total=${BASH_REMATCH[1]} with=${BASH_REMATCH[2]} reason=${BASH_REMATCH[3]}
    [ $((with + reason)) = "$total" ] && [ "$with" -gt 100 ] && [ "$reason" -gt 0 ]
    # one of each kind is asked for, and one that is neither is not two
    cp $list "$tmp/list"
    while IFS='|' read -r change what; do
        sed "/own_bound : nat/$change" "$tmp/list" >$list
        finds mutants "$bound $what"
    done <<'END'
{/weaker/d}|none is weaker
{/stronger/d}|none is stronger
{/stronger/d; s/weaker/other/}|there is but one
END
    [[ "$output" == *"$((with - 1)) with mutants, $reason with a reason, 1 with neither"* ]]
}

@test "mutants: a reason that is stale, or none, and a mutant of what is no longer there" {
    linked_tree
    reasons=test/mutate/unchanged.tsv
    at=$reasons:$(($(wc -l <$reasons) + 1))
    printf '%s\t%s\twhy\n' object/checker.v own_bound object/checker.v explore_fuel layers/view/spec.v cpu >>$reasons
    echo 'layers/view/spec.v	log' >>$reasons
    sed -i 's/own_bound : nat := 32	/own_bound : nat := 99	/' test/mutate/statements_bytes.tsv
    finds mutants 'object/checker.v does not have `own_bound : nat := 99`, which a mutant changes'
    [[ "$output" == *"$reasons:"*': cpu of layers/view/spec.v is there already'* ]]
    [[ "$output" == *"$reasons:"*': not FILE, NAME, REASON, with tabs between'* ]]
    [[ "$output" == *"${at%:*}:"*': no statement of main/ uses object/checker.v explore_fuel'* ]]
    sed -i 's/own_bound : nat := 99	/own_bound : nat := 32	/' test/mutate/statements_bytes.tsv
    finds mutants "$at: own_bound of object/checker.v has mutants"
}

# -------------------------------------------------------------------- tidy

@test "tidy: no licence, a long file, a long line, an unfinished place" {
    copy_tree
    fine tidy
    echo 'int x;' >layers/L4_locks/more.c
    finds tidy 'layers/L4_locks/more.c: no licence line'
    rm layers/L4_locks/more.c
    yes '' | head -n 480 >>layers/L4_locks/refine.v
    finds tidy 'layers/L4_locks/refine.v: '
    cp "$BATS_TEST_DIRNAME/../layers/L4_locks/refine.v" layers/L4_locks/refine.v
    # 120 columns: a tab goes to the next multiple of 8, and a letter of two bytes is one
    printf '/* %s */\n\t/* %s */\n(* \303\244%s *)\n' "$(printf '%0114d' 0)" "$(printf '%0106d' 0)" \
        "$(printf '%0113d' 0)" >>layers/L4_locks/locks.h
    fine tidy
    printf '\t/* %s */\n' "$(printf '%0107d' 0)" >>layers/L4_locks/locks.h
    finds tidy "layers/L4_locks/locks.h:$(wc -l <layers/L4_locks/locks.h): 121 columns, more than 120"
    cp "$BATS_TEST_DIRNAME/../layers/L4_locks/locks.h" layers/L4_locks/locks.h
    for word in TO''DO FIX''ME; do
        copy=layers/L4_locks/locks.h
        cp $copy "$tmp/locks.h"
        echo "/* $word: more */" >>$copy
        finds tidy "$copy:"
        cp "$tmp/locks.h" $copy
    done
}

@test "proofs: one of more than 60 lines is found" {
    copy_tree
    { echo 'Lemma long : True.'; echo 'Proof.'; yes '  idtac.' | head -n 60; echo 'Qed.'; } >>machine/relaxed/order.v
    fine proofs
    sed -i '$d' machine/relaxed/order.v
    printf '  exact I.\nQed.\n' >>machine/relaxed/order.v
    finds proofs 'the proof of long has 61 lines, more than 60'
}

@test "tidy: a script that does not choose the locale C is found" {
    copy_tree
    what='its first command is not export LC_ALL=C, or load helper in a file of tests'
    while IFS='|' read -r file text; do
        printf '# SPDX-License-Identifier: MIT OR Apache-2.0\n' | cat <(sed '/^$/d' <<<"${text%%;*}") - \
            <(tr ';' '\n' <<<"${text#*;}") >"$file"
        finds tidy "$file: $what"
        rm "$file"
    done <<'END'
tools/check/more|#!/bin/bash;set -e;export LC_ALL=C
tools/check/more|#!/bin/bash;sort x;export LC_ALL=C
tools/more|#!/bin/sh;# export LC_ALL=C;sort x
bench/more|#!/usr/bin/env python3;print(1)
test/more.bats|#!/usr/bin/env bats;export LC_ALL=de_DE.UTF-8;load helper
test/long.bats|;load more
END
    sed -i '/^export LC_ALL=C$/d' test/helper.bash tools/check/words
    finds tidy "test/helper.bash: $what"
    [[ "$output" == *"tools/check/words: $what"* ]]
}

@test "tidy: a test that waits by run is found" {
    copy_tree
    for command in run 'run -1' 'run ! ' 'run -$((128 + $(kill -l TERM)))'; do
        printf '    true\n    %s wait "$pid"\n' "$command" >>test/wrong.bats
        finds tidy "test/wrong.bats:$(wc -l <test/wrong.bats): "
        [[ "$output" == *": it does not wait"* ]]
        cp "$BATS_TEST_DIRNAME/wrong.bats" test/wrong.bats
    done
}

@test "tidy: a pipe that its end may leave early is found, with pipefail" {
    copy_tree
    for end in 'head -n 1' 'grep -q x' 'grep -vm1 x' 'egrep -iq x'; do
        printf '#!/bin/bash\n# SPDX-License-Identifier: MIT OR Apache-2.0\nexport LC_ALL=C\n%s\nsort x | %s\n' \
            'set -euo pipefail' "$end" >tools/check/more
        finds tidy 'tools/check/more:5: it may end before it has read all, with pipefail'
        sed -i "s/-euo pipefail/-eu/" tools/check/more
        fine tidy
    done
}

@test "in a Turkish and a German locale the checks and scripts say the same" {
    copy_tree
    for locale in tr_TR de_DE; do
        localedef -f UTF-8 -i $locale "$tmp/$locale.UTF-8"
    done
    make -s prove
    export LOCPATH=$tmp
    # They are other locales: I has another small letter, and 1,5 is a number.
    [ "$(LC_ALL=tr_TR.UTF-8 bash -c 'x=I; echo "${x,,}"')" = $'\xc4\xb1' ]
    [ "$(LC_ALL=de_DE.UTF-8 bash -c 'printf %.1f 1,5')" = 1,5 ]
    everything() {
        make -s help
        make -s prove
        tools/prove/prove all
        tools/prove/theorems
        tools/prove/floors build/prove/assumptions
        tools/prove/closed
        tools/check/check words rooms tidy
        make -s build/bench/stats
        build/bench/stats 50 1.5 2.25
        bench/plot "$tmp/bench.csv"
    }
    for metric in uncontended chain section longest_16 rate_16; do
        printf "$metric,ns,%s,1,2\n" hlock,1.5 hlock_debug,2.5
    done >"$tmp/bench.csv"
    everything >"$tmp/expected"
    grep -qx '3 passed, 0 failed' "$tmp/expected"
    grep -q '>hlock</text>' "$tmp/expected"
    for locale in tr_TR de_DE; do
        LC_ALL=$locale.UTF-8 everything >"$tmp/said" 2>&1
        diff "$tmp/expected" "$tmp/said"
    done
    LC_ALL=tr_TR.UTF-8 make -s screen >"$tmp/screen"
    [[ "$(<"$tmp/screen")" == *"the library has 0 axioms"* ]]
}

# --------------------------------------------------------------- generated

@test "generated: edited files, a missing and a superfluous one are found" {
    copy_tree
    sed -i 's/Oadd/Osub/' generated/L4_locks.v
    sed -i '3s/$/ /' include/hlock/hlock.h
    rm generated/functions.tsv
    cp generated/L4_locks.v generated/L5_more.v
    sed -i '1s/-std=c11 //' generated/L4_locks_debug.v
    finds generated Osub
    [[ "$output" == *'/include/hlock/hlock.h '* ]]
    [[ "$output" == *"/generated: functions.tsv"* ]]
    [[ "$output" == *"/generated: L5_more.v"* ]]
    [[ "$output" == *'# < (* c2coq --room '* ]]
    [[ "$output" == *'these files: that is not what the tools make'* ]]
}

@test "arch: a header that the floors see, that is not chosen, or that nobody knows is found" {
    local room=layers/L0_machine
    copy_tree
    cp -r layers "$tmp"
    sed -i '$s/^/#define get_now(lk) (get_now(lk) + 1U)\n/' $room/arch/riscv64.h
    sed -i '$s/^/#ifdef __ARM_FEATURE_ATOMICS\n#define cpu_relax() incr_now(lk)\n#endif\n/' $room/arch/aarch64.h
    sed -i 's/uint32_t get_now/double get_now/' $room/arch/prototypes.h
    finds arch 'generated/L1_ticket.v, --target=riscv64-linux-gnu: the export with arch/riscv64.h differs'
    [[ "$output" == *"generated/L1_ticket.v, --target=aarch64-linux-gnu -march=armv8.1-a: the export with"* ]]
    [[ "$output" != *"--target=aarch64-linux-gnu: the export with"* ]]
    [[ "$output" == *"generated/L1_ticket.v, -DHLOCK_ARCH_PROTOTYPES: not exported"* ]]
    [[ "$output" != *" -DHLOCK_ARCH_C11: "* ]]
    cp "$tmp"/$room/arch/* $room/arch
    sed -i -E 's/defined\((__aarch64__|HLOCK_ARCH_C11|HLOCK_ARCH_SANITIZED)\)/0/g' $room/machine.h
    cp $room/arch/c11.h $room/arch/other.h
    finds arch '--target=aarch64-linux-gnu: machine.h does not choose arch/aarch64.h'
    [[ "$output" == *"-DHLOCK_ARCH_C11: machine.h does not choose arch/c11.h"* ]]
    [[ "$output" == *"-fsanitize=thread: machine.h does not choose arch/c11.h"* ]]
    [[ "$output" == *"$room/arch/other.h: this check does not know how it is chosen"* ]]
}

@test "generated: a commit that is not what the tools make is found" {
    copy_tree
    git init -q
    git config user.name test
    git config user.email test@localhost
    sed -i 's/Oadd/Osub/' generated/L4_locks.v
    git add .
    git commit -qm planted
    make -s generated
    finds generated 'the last commit: that is not what the tools make'
    [[ "$output" != *"these files: "* ]]
}

# ------------------------------------------------ closed, axioms, the screen

# One proof anew of all that stands on floor 4, for both.
@test "closed: a theorem that is gone, or new" {
    copy_tree
    fine closed
    sed -i 's/^Theorem stranger_refuted/Lemma stranger_refuted/' layers/L4_locks/wrong.v
    echo 'Theorem one_more : True. Proof. exact I. Qed.' >>layers/L4_locks/wrong.v
    finds closed '< layers.L4_locks.wrong.stranger_refuted: '
    [[ "$output" == *'> layers.L4_locks.wrong.one_more: Closed under the global context'* ]]
}

@test "axioms: one that no theorem uses is found, by Coq's checker" {
    copy_tree
    echo 'Axiom planted : 0 = 1.' >>layers/L4_locks/wrong.v
    finds axioms 'hlock.layers.L4_locks.wrong.planted'
}

@test "a check fails where a proof does" {
    copy_tree
    echo 'Lemma wrong : 0 = 1. Proof. reflexivity. Qed.' >>layers/L4_locks/refine.v
    finds closed 'layers/L4_locks/refine.v'
}

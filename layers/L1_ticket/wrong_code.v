(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 1: wrong C and a wrong caller, refuted

    The exported [wait_lock] with another comparison in the place of [!=]; the
    exported [pass_lock], unchanged, called by a CPU that is not inside; the
    exported [wait_lock], unchanged, with one CPU too many.  Runs of waits are
    the interpreter's.  Events are newest first; CPU 0 is the one that calls.
    Read first: wrong.v; then skipped.v. *)
From Coq Require Import ZArith List Bool String Lia FMapPositive.
From hlock.clight Require Import options integers values syntax operators semantics determinism interp.
From hlock.layers.view Require Import spec facts.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.layers.L1_ticket Require Import spec code executable refine too_many wrong.
From hlock.generated Require L1_ticket.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

Local Notation M := L1_ticket.global_definitions.

(** ** The shipped text but for one operator *)

(** [op] in the place of each [!=]. *)
Fixpoint swap_expr (op : binary_operation) (a : expr) : expr :=
  match a with
  | Eunop u a t => Eunop u (swap_expr op a) t
  | Ebinop o a b t => Ebinop (match o with One => op | o => o end) (swap_expr op a) (swap_expr op b) t
  | Ecast a t => Ecast (swap_expr op a) t
  | a => a
  end.
Fixpoint swap_statement (op : binary_operation) (s : statement) : statement :=
  match s with
  | Sset id a => Sset id (swap_expr op a)
  | Scall r f args => Scall r f (map (swap_expr op) args)
  | Ssequence s1 s2 => Ssequence (swap_statement op s1) (swap_statement op s2)
  | Sifthenelse c s1 s2 => Sifthenelse (swap_expr op c) (swap_statement op s1) (swap_statement op s2)
  | Sloop s1 s2 => Sloop (swap_statement op s1) (swap_statement op s2)
  | Sreturn (Some a) => Sreturn (Some (swap_expr op a))
  | s => s
  end.
(** while (get_now(lk) op my_ticket) cpu_relax(); *)
Definition wait_while (op : binary_operation) : function :=
  let f := L1_ticket.f_wait_lock in
  mkfunction (fn_return f) (fn_callconv f) (fn_params f) (fn_vars f) (fn_temps f) (swap_statement op (fn_body f)).
Definition wait_less : function := wait_while Olt.
Definition wait_greater : function := wait_while Ogt.

(** There is one [!=], and with [!=] put back it is the shipped text. *)
Example wait_while_shipped : wait_while One = L1_ticket.f_wait_lock.
Proof. reflexivity. Qed.
Example wait_while_differs op : wait_while op = L1_ticket.f_wait_lock -> op = One.
Proof. now intros [=]. Qed.

(** ** The statements, of any text *)
Section Statements.
  Context (S : system) (width : Z).
  Local Notation data := (RData (words S width)).
  Definition exported : genv data := ticket_genv S width M.

  (** What [wait_lock_body_correct] says, of any text. *)
  Definition wait_body_correct (f : function) : Prop :=
    forall (mem : Type) (m : mem) (d d' : data) env le lk,
    env = empty_env -> le ! ($"lk") = Some (Vint lk) ->
    wait_lock_spec_low (Int.unsigned lk) d d' ->
    exists le', exec_stmt exported env le (m, d) (fn_body f) E0 le' (m, d') Out_normal.

  (** The body of [f], called for lock [l], ends in [d']. *)
  Definition runs (f : function) (l : Z) (d d' : data) : Prop :=
    exists lk le le' out, Int.unsigned lk = l /\ le ! ($"lk") = Some (Vint lk) /\
      exec_stmt exported empty_env le (tt, d) (fn_body f) E0 le' (tt, d') out.

  Context (Width : 1 <= width <= 32).

  Theorem shipped_body_correct : wait_body_correct L1_ticket.f_wait_lock.
  Proof. intros mem m; exact (wait_lock_body_correct S width Width M (fun _ _ => eq_refl) m). Qed.
  Lemma shipped_text_waits l d d' : runs L1_ticket.f_wait_lock l d d' -> wait_lock_spec_low l d d'.
  Proof.
    intros (lk & le & le' & out & <- & Lk & Run).
    apply (wait_lock_body_only S width Width M (fun _ _ => eq_refl) _ _ _ _ _ _ _ _ Lk) in Run
      as (d1 & [= ->] & _ & Wait); exact Wait.
  Qed.

  (** The shipped text satisfies the statements that the wrong ones do not. *)
  Context (Fits : Z.of_nat (cpus S) <= 2 ^ width).
  Theorem shipped_text_enters_alone : enters_alone S width (runs L1_ticket.f_wait_lock).
  Proof.
    pose proof (shipped_wait_correct S width (proj1 Width) Fits) as Correct.
    intros l d d' Run; apply shipped_text_waits in Run.
    exact (correct_enters_alone S width (proj1 Width) Fits _ Correct _ _ _ Run).
  Qed.
  Theorem shipped_text_lets_in_one : lets_in_one S width is_inside (runs L1_ticket.f_pass_lock).
  Proof.
    intros l d d' (lk & le & le' & out & <- & Lk & Run).
    apply (pass_lock_body_only S width Width M (fun _ _ => eq_refl) _ _ _ _ _ _ _ _ Lk) in Run
      as (d1 & [= ->] & _ & Pass).
    pose proof (shipped_pass_correct S width (proj1 Width) Fits) as Correct.
    exact (correct_lets_in_one S width (proj1 Width) Fits _ _ Correct _ _ _ Pass).
  Qed.
End Statements.

(** ** Runs by the interpreter *)
Section Interpreted.
  Context {S : system} {width : Z}.
  Local Notation data := (RData (words S width)).

  (** What the interpreter makes of a body that is called for lock 0. *)
  Definition for_lock_0 : temp_env := set_temp ($"lk") (Vint (Int.repr 0)) (PositiveMap.empty val).
  Definition interpreted (f : function) (d : data) : option (data * outcome) :=
    match run_stmt M (words_executable S width) 10 (fn_body f) for_lock_0 d with
    | Some (_, d', out) => Some (d', out)
    | None => None
    end.
  Lemma interpreted_run f d d' out :
    interpreted f d = Some (d', out) ->
    exists le', forall (mem : Type) (m : mem),
      exec_stmt (exported S width) empty_env for_lock_0 (m, d) (fn_body f) E0 le' (m, d') out.
  Proof.
    unfold interpreted; destruct (run_stmt _ _ _ _ _ _) as [[[le' d1] out1]|] eqn:Run; [|discriminate].
    intros [= -> ->]; exists le'; intros mem m; apply (run_stmt_sound M m) in Run.
    exact (proj1 (exec_layer_le M _ _ (words_executable_sound S width)) _ _ _ _ _ _ _ _ Run).
  Qed.
  Lemma interpreted_runs f d d' out : interpreted f d = Some (d', out) -> runs S width f 0 d d'.
  Proof.
    intros Run; apply interpreted_run in Run as (le' & Run).
    exists (Int.repr 0), for_lock_0, le', out; split; [reflexivity|split; [reflexivity|apply Run]].
  Qed.
End Interpreted.

(** ** Another comparison *)
Local Notation bit := (words (one_lock 2) 1).

(** CPU 1 is inside with ticket [u] after [before]; it leaves after the first poll. *)
Definition contest (before : log (one_lock 2) words_verb) (u : Z) : RData bit :=
  start bit 0%nat [before; []; [(1%nat, Lock 0 (Stored (1 - u))); (1%nat, Lock 0 (Loaded u))]].
(** The shipped text polls twice and is inside. *)
Definition waited (before : log (one_lock 2) words_verb) (u : Z) : RData bit :=
  mkRData (F := bit) 0%nat
    ([(0%nat, Lock 0 (Polled (1 - u))); (1%nat, Lock 0 (Stored (1 - u))); (1%nat, Lock 0 (Loaded u));
      (0%nat, Lock 0 (Polled u)); (0%nat, Lock 0 (Took (1 - u)))] ++ before) [].
(** A wrong one returns after the first poll, and CPU 1 is still inside. *)
Definition returned_early (before : log (one_lock 2) words_verb) (u : Z) : RData bit :=
  mkRData (F := bit) 0%nat ([(0%nat, Lock 0 (Polled u)); (0%nat, Lock 0 (Took (1 - u)))] ++ before)
    [[(1%nat, Lock 0 (Stored (1 - u))); (1%nat, Lock 0 (Loaded u))]].

(** Before the wrap: CPU 0 has ticket 1 while 0 is served. *)
Definition first_round : log (one_lock 2) words_verb :=
  [(1%nat, Lock 0 (Polled 0)); (1%nat, Lock 0 (Took 0))].
(** After it: CPU 0 has ticket 2, which is 0, while 1 is served. *)
Definition second_round : log (one_lock 2) words_verb :=
  [(1%nat, Lock 0 (Polled 1)); (1%nat, Lock 0 (Took 1));
   (1%nat, Lock 0 (Stored 1)); (1%nat, Lock 0 (Loaded 0))] ++ first_round.

Definition returns_early (f : function) (before : log (one_lock 2) words_verb) (u : Z) : Prop :=
  interpreted f (contest before u) = Some (returned_early before u, Out_normal).

Lemma wrong_comparisons op :
  List.In op [Oeq; Olt; Ogt; Ole; Oge] ->
  returns_early (wait_while op) first_round 0 \/ returns_early (wait_while op) second_round 1.
Proof.
  intros [<-|[<-|[<-|[<-|[<-|[]]]]]].
  1, 3, 5: left; vm_cast_no_check (eq_refl (Some (returned_early first_round 0, Out_normal))).
  all: right; vm_cast_no_check (eq_refl (Some (returned_early second_round 1, Out_normal))).
Qed.

Lemma contest_defined before u :
  (before, u) = (first_round, 0) \/ (before, u) = (second_round, 1) ->
  wait_lock_spec_low 0 (contest before u) (waited before u).
Proof.
  intros [[= -> ->]|[= -> ->]]; (eexists _, _; split; [reflexivity|]).
  all: (eapply not_yet; [reflexivity|discriminate|apply my_turn; reflexivity]).
Qed.

(** If [f] returns early in one of these contests, both statements are false of it. *)
Lemma early_refuted f before u :
  (before, u) = (first_round, 0) \/ (before, u) = (second_round, 1) -> returns_early f before u ->
  ~ wait_body_correct (one_lock 2) 1 f /\ ~ enters_alone (one_lock 2) 1 (runs (one_lock 2) 1 f).
Proof.
  intros Which Early; split.
  - intros Correct; apply interpreted_run in Early as (le' & Run).
    destruct (Correct unit tt (contest before u) (waited before u) empty_env for_lock_0 (Int.repr 0))
      as (le2 & Run2); [reflexivity|reflexivity|now apply contest_defined|].
    assert (Width : 1 <= 1 <= 32) by lia.
    destruct (exec_stmt_deterministic (exported (one_lock 2) 1) (words_layer_det (one_lock 2) 1 Width)
                _ _ _ _ _ _ _ _ _ _ (Run unit tt) Run2) as (_ & Same & _).
    apply (f_equal (fun st => List.length (env (snd st)))) in Same; discriminate Same.
  - intros Alone; specialize (Alone 0 _ _ (interpreted_runs _ _ _ _ Early)).
    destruct Which as [[= -> ->]|[= -> ->]]; discriminate Alone with (c := 1%nat).
    all: first [reflexivity|discriminate|each_in_order|starts_in_order].
Qed.

(** Whichever other comparison stands in the place of [!=]: [wait_lock_body_correct]
    is false of the text, and "when the wait returns nobody else is inside" is
    false of its runs.  Words of one bit and two CPUs: not too many. *)
Theorem other_comparison_refuted op :
  List.In op [Oeq; Olt; Ogt; Ole; Oge] ->
  ~ wait_body_correct (one_lock 2) 1 (wait_while op) /\
  ~ enters_alone (one_lock 2) 1 (runs (one_lock 2) 1 (wait_while op)).
Proof.
  intros Other; destruct (wrong_comparisons op Other) as [Early|Early].
  all: apply (early_refuted _ _ _) in Early; auto.
Qed.

(** [<] in the place of [!=]: it fails after a wrap. *)
Theorem wait_less_refuted :
  ~ wait_body_correct (one_lock 2) 1 wait_less /\
  ~ enters_alone (one_lock 2) 1 (runs (one_lock 2) 1 wait_less).
Proof. apply other_comparison_refuted; cbn [List.In]; auto. Qed.
(** [>] in the place of [!=]: it fails at once. *)
Theorem wait_greater_refuted :
  ~ wait_body_correct (one_lock 2) 1 wait_greater /\
  ~ enters_alone (one_lock 2) 1 (runs (one_lock 2) 1 wait_greater).
Proof. apply other_comparison_refuted; cbn [List.In]; auto. Qed.

(** ** Pass by a stranger *)
Local Notation word := (words (one_lock 3) 32).

(** CPU 1 is inside, CPU 2 waits behind it; CPU 0, who has nothing to do with the
    lock, calls [pass_lock]; then CPU 2 polls. *)
Definition stranger : RData word :=
  start word 0%nat [[(2%nat, Lock 0 (Took 1)); (1%nat, Lock 0 (Polled 0)); (1%nat, Lock 0 (Took 0))];
                    []; [(2%nat, Lock 0 (Polled 1))]].
Definition passed : RData word :=
  mkRData (F := word) 0%nat
    [(0%nat, Lock 0 (Stored 1)); (0%nat, Lock 0 (Loaded 0));
     (2%nat, Lock 0 (Took 1)); (1%nat, Lock 0 (Polled 0)); (1%nat, Lock 0 (Took 0))]
    [[(2%nat, Lock 0 (Polled 1))]].
Definition anybody (p : phase) : Prop := True.

(** By [pass_lock_body_correct]: the C does what its specification says. *)
Lemma stranger_passes : runs (one_lock 3) 32 L1_ticket.f_pass_lock 0 stranger passed.
Proof.
  assert (Width : 1 <= 32 <= 32) by lia.
  destruct (pass_lock_body_correct (one_lock 3) 32 Width M (fun _ _ => eq_refl) tt stranger passed
              empty_env for_lock_0 (Int.repr 0)) as (le' & Run); [reflexivity..|].
  exists (Int.repr 0), for_lock_0, le', Out_normal; split; [reflexivity|split; [reflexivity|exact Run]].
Qed.

(** The C unchanged, the caller anybody: "after the pass two CPUs are not inside"
    is false. *)
Theorem pass_by_stranger_two_inside :
  ~ lets_in_one (one_lock 3) 32 anybody (runs (one_lock 3) 32 L1_ticket.f_pass_lock).
Proof.
  intros One; discriminate (One 0 _ _ stranger_passes) with (c := 1%nat) (c' := 2%nat).
  all: first [reflexivity|exact I|each_in_order|starts_in_order].
Qed.
(** [pass_lock_refines] without its premise "I am inside" is false, and the log
    says why. *)
Theorem pass_by_stranger_refuted :
  ~ pass_correct (one_lock 3) 32 anybody (passes (one_lock 3) 32) /\
  log_fault word (events passed) = Some Not_holder.
Proof.
  split; [|reflexivity]; intros Correct.
  destruct (Correct 0 stranger passed) as (_ & [[Legal _ _] _] & _); [..|discriminate Legal].
  all: first [reflexivity|exact I|each_in_order|starts_in_order].
Qed.

(** ** One CPU too many *)
Local Notation full := (words (one_lock 3) 1).

(** CPU 1 is inside with ticket 0, CPU 2 waits with ticket 1; CPU 0 takes ticket 2,
    which is 0, and the shipped text returns: two are inside. *)
Definition third : RData full :=
  start full 0%nat [[(2%nat, Lock 0 (Took 1)); (1%nat, Lock 0 (Polled 0)); (1%nat, Lock 0 (Took 0))]].
Definition third_entered : RData full :=
  mkRData (F := full) 0%nat
    [(0%nat, Lock 0 (Polled 0)); (0%nat, Lock 0 (Took 0));
     (2%nat, Lock 0 (Took 1)); (1%nat, Lock 0 (Polled 0)); (1%nat, Lock 0 (Took 0))] [].
Lemma third_enters : interpreted L1_ticket.f_wait_lock third = Some (third_entered, Out_normal).
Proof. vm_cast_no_check (eq_refl (Some (third_entered, Out_normal))). Qed.

(** Without its premise "at most 2^w CPUs" [shipped_text_enters_alone] is false. *)
Theorem too_many_two_inside :
  ~ enters_alone (one_lock 3) 1 (runs (one_lock 3) 1 L1_ticket.f_wait_lock).
Proof.
  intros Alone; discriminate (Alone 0 _ _ (interpreted_runs _ _ _ _ third_enters)) with (c := 1%nat).
  all: first [reflexivity|discriminate|each_in_order|starts_in_order].
Qed.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: infinite executions of the debug text

    As sharp_endless.v, of the debug text: what an infinite execution is, and a fair one, and one in
    which nobody stops; which clients go on while they hold; who touches objects inside, who is at
    work, when somebody goes on, and who is over.  What sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import values smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract text record.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.debug Require Import model endless.
From hlock.machine.cases Require Import small sharp_debug.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.
Local Notation M := (sc_memory small 1).
Local Notation thread := (debug_thread small).
Local Notation machine_ := (debug_machine M).
Local Notation threads_ := at_work.
Local Notation calls o h := (Running (Calling o h no_code) []).
Local Notation rests h := (Running (Idle h) []).
Local Notation asserts_ h := (Asserting h no_code []).

(** What is true is shown from what is known, whatever the shape in which a definition says it. *)
Local Ltac so := cbn; solve
  [assumption | exact I | reflexivity | discriminate | lia | eexists; eassumption | split; so | left; so | right; so
  | eexists; reflexivity | eexists; eexists; reflexivity | intro; so].
Local Ltac known H := first [discriminate H|injection H; clear H; intros; subst].
Local Ltac taken := repeat match goal with
  | H : _ /\ _ |- _ => destruct H
  | H : exists _, _ |- _ => destruct H
  | H : model.debug_step _ _ _ _ _ _ _ _ _ _ |- _ => inversion H; clear H; subst
  | H : model.debug_move _ _ _ _ _ _ _ _ _ _ _ _ _ _ |- _ => inversion H; clear H; subst
  | H : model.moves _ _ _ _ _ _ _ _ _ _ |- _ => inversion H; clear H; subst
  | H : record_step _ _ _ _ |- _ => inversion H; clear H; subst
  | H : about_to_stop _ = Some _ |- _ => cbn in H; known H
  | H : nth_error _ _ = Some _ |- _ => cbn in H; known H
  | H : next_move _ _ _ _ = _ |- _ => cbn in H; known H
  | H : answered _ _ _ |- _ => cbn in H
  | H : smallstep.step _ _ = Some _ |- _ => cbn in H; known H
  | H : mem_step _ _ _ _ _ |- _ => destruct H
  | H : lives _ |- _ => cbn in H
  | H : False |- _ => destruct H
  end.

(** ** Clients *)
Definition told_nothing (h : list (response small)) : Prop := Forall (eq None) h.
(** Told anything else it ends while it holds. *)
Definition hopes : client small := fun h =>
  match h with [] => Some (acquire core 0) | [None] => Some (release core 0) | _ => None end.
Example goes_on_that_hold : goes_on_holding told_nothing hopes.
Proof.
  intros [|[a|] [|b h]] Told Holds; try (now inversion Told); try (now destruct Holds); [first [exact I|now eexists]|].
  exfalso; apply Holds; clear Holds; revert b Told; induction h as [|a h IH]; intros b Told;
    inversion Told as [|? ? _ Told1]; subst; inversion Told1 as [|? ? Is Told2]; subst; [reflexivity|].
  inversion Told2 as [|? ? Is Told3]; subst; exact (IH None Told1).
Qed.
(** They end, or halt, while they hold. *)
Example goes_on_that_do_not : ~ goes_on_holding told_nothing (goes_through [acquire core 0]) /\
  ~ goes_on_holding told_nothing (goes_through [acquire core 0; Op_halt]).
Proof.
  split; intros Goes; destruct (Goes [None] ltac:(repeat constructor) ltac:(discriminate)) as (o & Is & Not);
    [discriminate Is|injection Is as <-; discriminate Not].
Qed.

(** ** A step that is no halt, or one between operations with no lock held *)
Local Notation calm := (debug_calm text 1 two_cpus M clients nothing).
Lemma asserted_there h : debug_step text 1 two_cpus M clients nothing 0%nat (threads_ [asserts_ h; At_stop])
  None (threads_ [rests h; At_stop]).
Proof.
  exact (debug_steps text 1 two_cpus M clients nothing 0 [asserts_ h; At_stop] (holding 3) [] _ _ _ _ _
    eq_refl (debug_asserted _ _ _ _ _ _ _ _ _ _ _ _)).
Qed.
Definition gone : machine_ := mkDebug (M := M) [Running Stopped []; At_stop] (holding 3) [(0%nat, Halted)].
Lemma halts_there t : lives t -> debug_step text 1 two_cpus M clients nothing 0%nat (threads_ [t; At_stop])
  (Some (Seen Did_halt)) gone.
Proof.
  intros Lives; refine (debug_steps text 1 two_cpus M clients nothing 0 [t; At_stop] (holding 3) [] t _ _ _ _ _ _);
    [reflexivity|apply debug_halts; so].
Qed.
(** In a call; with a lock held, at rest or in an assertion; and no step. *)
Example debug_calm_are_not x : Forall (fun t => ~ calm 0%nat (threads_ [t; At_stop]) (Some (Seen Did_halt)) x)
    [calls (acquire core 0) []; rests [None]; asserts_ [None]] /\
  ~ calm 0%nat (threads_ [asserts_ [None]; At_stop]) None (threads_ [asserts_ [None]; At_stop]).
Proof.
  split; [repeat apply Forall_cons; try apply Forall_nil|].
  1-3: intros (_ & Halts); destruct (Halts eq_refl) as (d & h & At & Rests & Holds); injection At as <-;
    try discriminate Rests; injection Rests as <-; discriminate Holds.
  intros (Step & _); taken.
Qed.
(** Between two operations, before an assertion, or in one. *)
Example debug_calm_are : Forall (fun t => calm 0%nat (threads_ [t; At_stop]) (Some (Seen Did_halt)) gone)
    [rests []; Running (Idle []) [Assert_none]; asserts_ []; asserts_ [None; None; None]] /\
  calm 0%nat (threads_ [asserts_ [None]; At_stop]) None (threads_ [rests [None]; At_stop]).
Proof.
  split; [repeat apply Forall_cons; try apply Forall_nil; (split; [apply halts_there; so|])|split; [|so]].
  - intros _; exists (rests []), []; so.
  - intros _; exists (Running (Idle []) [Assert_none]), []; so.
  - intros _; exists (asserts_ []), []; so.
  - intros _; exists (asserts_ [None; None; None]), [None; None; None]; so.
  - exact (asserted_there [None]).
Qed.

(** ** Executions *)
Definition ended : cpu -> client small := fun _ _ => None.
(** CPU 0 halts; CPU 1 does nothing. *)
Definition halts : cpu -> client small := go_through [[Op_halt]; []].
Definition zero : nat -> cpu := fun _ => 0%nat.
Definition always_one : nat -> cpu := fun _ => 1%nat.
Definition still (x : machine_) (n : nat) : machine_ := x.
Definition then_ (x x' : machine_) (n : nat) : machine_ := match n with O => x | _ => x' end.
Definition start : machine_ := debug_first M nothing.
Definition from_start (ts : list thread) (m : log small words_verb) : machine_ :=
  mkDebug (M := M) ts (its_records start) m.
Definition halted : machine_ := from_start [Running Stopped []; rests []] [(0%nat, Halted)].
Definition called : machine_ :=
  from_start [Running (Calling (acquire core 0) [] (name_of text Acquire core 0)) []; rests []] [].
Local Notation finished clients t := (debug_finished M clients 0%nat (threads_ [t; asserts_ []])).
(** Its client has ended, it has halted, it has stopped. *)
Example debug_finished_are : Forall (fun t => finished clients t)
  [rests [None; None; None]; Running Stopped []; At_stop].
Proof. repeat apply Forall_cons; try apply Forall_nil; so. Qed.
(** It is to call, to assert, in a call, in an assertion; there is no such CPU. *)
Example debug_finished_are_not : Forall (fun t => ~ finished clients t)
    [rests []; Running (Idle [None; None; None]) [Assert_none]; calls (release core 0) [None; None; None];
     asserts_ [None; None; None]] /\
  ~ debug_finished M ended 2%nat start.
Proof.
  split; [repeat apply Forall_cons; try apply Forall_nil|]; intros Fin; cbn in Fin; (discriminate || destruct Fin).
Qed.
Definition only_one_reads : cpu -> client small := fun c _ => match c with O => None | _ => Some (read core 0 7) end.

Local Notation infinite clients := (debug_infinite text 1 two_cpus M clients nothing).
(** All have finished; one halts, and then has finished. *)
Example debug_infinite_are : infinite ended (still start) zero /\ infinite halts (then_ start halted) zero.
Proof.
  assert (Halts : debug_step text 1 two_cpus M halts nothing 0%nat start (Some (Seen Did_halt)) halted).
  { refine (debug_steps text 1 two_cpus M halts nothing 0 [rests []; rests []] _ [] (rests []) _ _ _ _ _ _);
      [reflexivity|apply debug_halts; so]. }
  assert (Calm : debug_calm text 1 two_cpus M halts nothing 0%nat start (Some (Seen Did_halt)) halted).
  { split; [exact Halts|intros _; exists (rests []), []; so]. }
  assert (Some_step : exists v, debug_calm text 1 two_cpus M halts nothing 0%nat start v halted) by eauto.
  split; unfold debug_infinite;
    match goal with |- _ /\ _ => split; [reflexivity|] | |- _ => idtac end;
    match goal with |- forall n, _ => intros [|n] | |- exists n, _ => exists O end; so.
Qed.
(** It starts elsewhere; it goes on from its end; a CPU that is to call stands still, at once or later;
    a CPU halts in a call. *)
Definition halts_calling (n : nat) : machine_ := match n with O => start | 1%nat => called | _ => halted end.
Lemma called_there : exists v, debug_calm text 1 two_cpus M clients nothing 0%nat start v called.
Proof.
  exists (Some (Seen (Called (acquire core 0)))); split; [|discriminate].
  refine (debug_steps text 1 two_cpus M clients nothing 0 [rests []; rests []] _ [] (rests []) _ _ _ _ _ _);
    [reflexivity|].
  refine (debug_moves text 1 two_cpus M clients nothing 0 _ _ (Idle []) (Some (Called _)) _ _ _).
  apply moves_call; reflexivity.
Qed.
Example debug_infinite_are_not : ~ infinite ended (still halted) zero /\
  ~ infinite ended (then_ start (threads_ [rests [None]; rests []])) zero /\
  ~ infinite clients (still start) zero /\
  ~ infinite clients (still start) (fun n => if Nat.eqb n 3 then 0 else 7)%nat /\
  ~ infinite clients halts_calling zero.
Proof.
  repeat apply conj.
  - intros (Is & _); discriminate Is.
  - intros (_ & Goes); destruct (Goes O) as [(v & Step & _)|(_ & Same)]; [|discriminate Same].
    unfold then_, start in Step; taken; discriminate.
  - intros (_ & Goes); destruct (Goes O) as [(v & Step & _)|(Ends & _)]; [|discriminate Ends].
    unfold still, start in Step; taken; discriminate.
  - intros (_ & Goes); destruct (Goes 3%nat) as [(v & Step & _)|(Ends & _)]; [|discriminate Ends].
    unfold still, start in Step; taken; discriminate.
  - intros (_ & Goes); destruct (Goes 1%nat) as [(v & Step & Calm)|(Ends & _)]; [|destruct Ends].
    assert (Is : v = Some (Seen Did_halt)).
    { unfold halts_calling in Step; cbn in Step; inversion Step; subst.
      match goal with H : nth_error _ _ = Some _ |- _ => cbn in H; injection H as <- end.
      match goal with H : model.debug_move _ _ _ _ _ _ _ _ _ _ _ _ _ _ |- _ => inversion H; subst end;
        try reflexivity.
      match goal with H : model.moves _ _ _ _ _ _ _ _ _ _ |- _ => inversion H; subst end.
      match goal with H : mem_step _ _ _ _ _ |- _ => destruct H as (_ & Is); injection Is as <- end; reflexivity. }
    destruct (Calm Is) as (d & h & At & Rests & _); injection At as <-; discriminate Rests.
Qed.

(** ** Fair ones *)
Local Notation fair clients := (debug_fair M clients).
(** CPU 0 has ended, and CPU 1 all turns; CPU 1 has stopped, and CPU 0 all turns. *)
Example debug_fair_are : fair only_one_reads (still start) always_one /\
  fair clients (still (threads_ [asserts_ []; At_stop])) zero.
Proof.
  split; intros n; match goal with
  | |- exists c, _ => exists O, n; so
  | |- _ => intros c Cpu; exists n; destruct c as [|[|c]]; [so|so|cbn in Cpu; lia]
  | |- _ => intros c; exists n; destruct c as [|[|c]]; so
  end.
Qed.
(** CPU 0 never has a turn; it has one, and then none. *)
Example debug_fair_are_not : ~ fair clients (still start) always_one /\
  ~ fair clients (still start) (fun n => Nat.min n 1).
Proof.
  split; intros Fair; destruct (Fair 1%nat O ltac:(cbn; lia)) as (m & Later & [Is|Ends]); try discriminate.
  destruct m as [|[|m]]; [lia|discriminate Is..].
Qed.
Example somebody_stops : ~ nobody_stops M (still (threads_ [rests []; At_stop])) /\
  ~ nobody_stops M (then_ start (threads_ [At_stop; rests []])).
Proof.
  split; intros Nobody.
  - pose proof (Nobody O 1%nat) as Not; first [exact (Not eq_refl)|exact (proj1 Not eq_refl)].
  - pose proof (Nobody 1%nat O) as Not; first [exact (Not eq_refl)|exact (proj1 Not eq_refl)].
Qed.
(** One that halts does not stop. *)
Example nobody_stops_here : nobody_stops M (then_ (threads_ [rests []; Running Stopped []]) (threads_ [asserts_ []])).
Proof. intros [|n] [|[|c]]; cbn; try discriminate; destruct c; discriminate. Qed.

(** ** Who touches objects inside *)
Definition stray_one : client small := goes_through [acquire stray 0; read stray 0 7].
Definition touching : cpu -> client small := fun c =>
  match c with O => goes_through [read core 0 7] | _ => stray_one end.
Local Notation inside clients run := (touches_inside M clients run small_table).
(** It reads, holding the lock; it is about to acquire, or to assert; it halts. *)
Example touches_are_inside : inside clients (still (threads_ [rests [None]; rests []])) /\
  inside touching (still (threads_ [Running (Idle []) [Assert_none]; Running (Idle [None]) [Assert_none]])) /\
  inside touching (still (threads_ [calls (acquire core 0) []; rests []])) /\ inside halts (still start).
Proof.
  split; [|split; [|split]]; intros n [|[|[|c]]] h o At; cbn in At; try discriminate At; injection At as <-;
    cbn; intros; try discriminate; match goal with H : Some _ = Some o |- _ => injection H as <- end;
    cbn in *; try discriminate; so.
Qed.
(** It reads with no lock held, at once or later; an object of which the table has no lock. *)
Example touches_are_not_inside : ~ inside touching (still start) /\
  ~ inside touching (then_ (threads_ [At_stop; rests []]) start) /\
  ~ inside touching (still (threads_ [At_stop; rests [None]])).
Proof.
  split; [|split]; intros Inside.
  - specialize (Inside O O [] _ eq_refl eq_refl eq_refl); cbn in Inside; destruct Inside; discriminate.
  - specialize (Inside 1%nat O [] _ eq_refl eq_refl eq_refl); cbn in Inside; destruct Inside; discriminate.
  - specialize (Inside O 1%nat [None] _ eq_refl eq_refl eq_refl); cbn in Inside.
    destruct Inside as ([Is|[Is|[]]] & _); discriminate Is.
Qed.

(** ** Who is at work, when somebody goes on *)
Definition alike : cpu -> client small := fun _ => clients 1%nat.
Local Notation works t := (debug_at_work M alike 1%nat (threads_ [At_stop; t])).
Local Notation pass := (Running (Storing (release core 0) [None; None] 0 1 Kstop) []).
Example debug_at_work_are : works (rests [None]) /\ works (asserts_ [None]) /\
  works (calls (release core 0) [None; None]) /\ works pass.
Proof.
  split; [exists (rests [None]), [None]|split; [exists (asserts_ [None]), [None]
    |split; [exists (calls (release core 0) [None; None]), [None; None]|exists pass, [None; None]]]]; so.
Qed.
(** It holds nothing; it waits, holding a lock; it has halted, or stopped; there is no such CPU. *)
Example debug_at_work_are_not : Forall (fun t => ~ works t)
    [rests []; asserts_ []; calls (acquire pt 1) [None]; Running Stopped []; At_stop] /\
  ~ debug_at_work M alike 2%nat (threads_ [At_stop; rests [None]]).
Proof.
  split; [repeat apply Forall_cons; try apply Forall_nil|]; intros (t & h & At & Is & Holds & Not);
    try discriminate At; injection At as <-; try discriminate Is; injection Is as <-;
    first [now apply Holds|exact (Not _ _ _ _ eq_refl)].
Qed.
Local Notation goes_on run who := (debug_goes_on_at text 1 two_cpus M clients nothing run who O).
Local Notation runs t t' := (then_ (threads_ [t; At_stop]) (threads_ [t'; At_stop])).
Lemma returned_there o : calm 0%nat (threads_ [calls o []; At_stop]) (Some (Seen (Returned o)))
  (threads_ [rests [None]; At_stop]).
Proof.
  split; [|discriminate].
  refine (debug_steps text 1 two_cpus M clients nothing 0 [calls o []; At_stop] (holding 3) [] _ _ _ _ _ eq_refl _).
  refine (debug_moves text 1 two_cpus M clients nothing 0 _ _ _ (Some (Returned _)) (Idle [None]) _ _).
  apply moves_return; reflexivity.
Qed.
(** An acquire returns; who holds a lock ends an assertion. *)
Example debug_goes_on_if : goes_on (runs (calls (acquire core 0) []) (rests [None])) zero /\
  goes_on (runs (asserts_ [None]) (rests [None])) zero.
Proof.
  pose proof (returned_there (acquire core 0)) as Returns; pose proof (proj2 (debug_calm_are)) as Asserts.
  pose proof (proj1 Returns) as Returns1; pose proof (proj1 Asserts) as Asserts1.
  assert (Works : debug_at_work M clients 0%nat (threads_ [asserts_ [None]; At_stop]))
    by (exists (asserts_ [None]), [None]; so).
  split; [exists (Some (Seen (Returned (acquire core 0))))|exists None]; so.
Qed.
(** A release returns, to who holds nothing; who holds nothing ends an assertion; who holds a lock does nothing,
    or halts. *)
Example debug_goes_on_unless : ~ goes_on (runs (calls (release core 0) []) (rests [None])) zero /\
  ~ goes_on (runs (asserts_ []) (rests [])) zero /\ ~ goes_on (runs (asserts_ [None]) (asserts_ [None])) zero /\
  ~ goes_on (then_ (threads_ [rests [None]; At_stop]) gone) zero.
Proof.
  split; [|split; [|split]].
  - intros (v & (Step & _) & [(f & i & ->)|(t & h & At & Is & Holds & _)]); cbn in Step.
    + taken; discriminate.
    + injection At as <-; injection Is as <-; now apply Holds.
  - intros (v & (Step & _) & [(f & i & ->)|(t & h & At & Is & Holds & _)]); cbn in Step.
    + taken; discriminate.
    + injection At as <-; injection Is as <-; now apply Holds.
  - intros (v & (Step & _) & _); cbn in Step; taken; discriminate.
  - intros (v & (Step & Calm) & _); cbn in Step.
    assert (Is : v = Some (Seen Did_halt)) by (inversion Step; subst; taken; try reflexivity; try discriminate).
    destruct (Calm Is) as (d & h & At & Rests & Holds); injection At as <-; injection Rests as <-; discriminate Holds.
Qed.

(** ** Who is over *)
Local Notation over t := (debug_over 0%nat [None] (threads_ [t; rests [None]])).
Example debug_over_are_not : Forall (fun t => ~ over t)
    [rests [None]; calls (acquire core 0) [None]; asserts_ [None]; At_stop] /\
  ~ debug_over 2%nat [] (threads_ [rests [None]; rests [None]]).
Proof.
  split; [repeat apply Forall_cons; try apply Forall_nil|]; intros Over; unfold debug_over in Over;
    taken; cbn in *; taken; first [lia|contradiction].
Qed.
Example debug_over_are : Forall (fun t => over t) [rests [None; None]; calls (acquire core 0) [None; None];
    asserts_ [None; None]; Running Stopped []] /\ debug_over 1%nat [] (threads_ [At_stop; rests [None]]).
Proof. split; [repeat apply Forall_cons; try apply Forall_nil|]; eexists; (split; [reflexivity|so]). Qed.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Executions of a few events

    An execution of instructions is written down ([given]), and what is said of its events is looked for
    ([yes]) or refuted, event by event ([no], [each_event]), whatever the shape in which a definition says
    it.  Words have one bit.  Used by sharp_*.v, and so resting on definitions alone.  Read next: sharp_events.v. *)
From Coq Require Import ZArith List Bool Lia Relations.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.cases Require Import small.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events.
Import ListNotations.
Local Open Scope list_scope.

(** ** Executions that are written down *)
Section Given.
  Context {I : Type}.
  (** What each CPU does; the events of each action; each read with what it reads; pairs of writes. *)
  Definition given (runs : list (list (action small words_verb))) (parts : list (list (list I)))
      (sources orders : list (event * event)) : execution small I :=
    mkExecution (fun c => nth c runs []) (fun x k => nth_error (nth (snd x) (nth (fst x) parts []) []) k)
      (fun f => option_map snd (find (fun p => Nat.eqb (fst (fst (fst p))) (fst (fst f)) &&
        Nat.eqb (snd (fst (fst p))) (snd (fst f)) && Nat.eqb (snd (fst p)) (snd f)) sources))
      (fun e f => List.In (e, f) orders).

  Fixpoint number {A} (n : nat) (l : list A) : list (nat * A) :=
    match l with [] => [] | a :: l => (n, a) :: number (S n) l end.
  Definition all_parts (parts : list (list (list I))) : list (event * I) :=
    flat_map (fun cp => flat_map (fun np => map (fun ki => ((fst cp, fst np, fst ki), snd ki)) (number 0 (snd np)))
      (number 0 (snd cp))) (number 0 parts).
  Lemma number_in {A} (l : list A) : forall n k a, nth_error l k = Some a -> List.In (n + k, a)%nat (number n l).
  Proof.
    induction l as [|b l IH]; intros n [|k] a At; try discriminate.
    - injection At as ->; left; now rewrite Nat.add_0_r.
    - right; rewrite <- plus_n_Sm; exact (IH (S n) k a At).
  Qed.
  Lemma nth_among {A} (l : list (list A)) n k a : nth_error (nth n l []) k = Some a ->
    nth_error l n = Some (nth n l []).
  Proof.
    intros At; apply nth_error_nth'; destruct (Nat.lt_ge_cases n (List.length l)) as [|Over]; [assumption|].
    rewrite (nth_overflow l [] Over) in At; destruct k; discriminate.
  Qed.
  Lemma part_among parts c n k (i : I) : nth_error (nth n (nth c parts []) []) k = Some i ->
    List.In ((c, n, k), i) (all_parts parts).
  Proof.
    intros At; pose proof (nth_among _ _ _ _ At) as At'; pose proof (nth_among _ _ _ _ At') as At''.
    apply in_flat_map; exists (c, nth c parts []); split; [exact (number_in _ 0 c _ At'')|].
    apply in_flat_map; exists (n, nth n (nth c parts []) []); split; [exact (number_in _ 0 n _ At')|].
    apply in_map_iff; exists (k, i); split; [reflexivity|exact (number_in _ 0 k _ At)].
  Qed.
  (** The events that there are. *)
  Lemma is_among runs parts sources orders i e : part (given runs parts sources orders) (fst e) (snd e) = Some i ->
    List.In (e, i) (all_parts parts).
  Proof. destruct e as [[c n] k]; exact (part_among parts c n k i). Qed.
End Given.
(** What is true is found.  What is false has no case: the events that there are, one by one. *)
Ltac known H := unfold is_a in H; apply is_among in H;
  cbn [all_parts number flat_map map app fst snd] in H; cbn [List.In] in H.
Ltac take_apart := repeat match goal with
  | H : exists _, _ |- _ => destruct H
  | H : _ /\ _ |- _ => destruct H
  | H : _ \/ _ |- _ => destruct H
  | H : False |- _ => destruct H
  | H : List.In _ _ |- _ => cbn [List.In] in H
  | H : Some _ = Some _ |- _ => injection H; clear H; intros
  | H : (_, _) = (_, _) |- _ => injection H; clear H; intros
  | H : Next _ = Next _ |- _ => injection H; clear H; intros
  | H : Now _ = Now _ |- _ => injection H; clear H; intros
  | H : Object _ _ = Object _ _ |- _ => injection H; clear H; intros
  end; subst.
Ltac events_unfolded := cbv beta delta [rfe coe fre po_loc same_location rf fr rmw R W M external po reads_at writes_at
  action_of] in *.
Ltac refuted := repeat progress (cbn in *; take_apart); try discriminate; try lia; try congruence.
Ltac no := intros H; events_unfolded; unfold is_a in *; refuted.
Ltac found_event := cbn; solve [reflexivity | discriminate | lia | exact I | auto 4 | split; found_event
  | left; found_event | right; found_event | eexists; found_event | intro; found_event].
Ltac yes := events_unfolded; unfold is_a; found_event.
(** Of events that are not known, which are read or written. *)
Ltac pruned := repeat match goal with
  | H : is_a _ _ (_, _, _) |- _ => unfold is_a in H; cbn in H; first [discriminate H|injection H; clear H; intros;
    subst]
  | H : ?b = true |- _ => progress cbn in H; try discriminate H
  end.
Ltac each_event := try match goal with |- ~ _ => intro end; events_unfolded; take_apart; repeat (match goal with
  | H : is_a _ _ ?e |- _ => is_var e; known H; take_apart
  | H : is_a _ _ (?e, ?k) |- _ => is_var e; known H; take_apart
  | H : is_a _ _ (?e, ?k) |- _ => is_var k; known H; take_apart
  end; pruned); unfold is_a in *; refuted.

(** These pairs and no more. *)
Definition pairs (ps : list (event * event)) : event -> event -> Prop := fun e f => List.In (e, f) ps.
Definition took (t : Z) : action small words_verb := Lock 0 (Took t).
Definition reading (l v : Z) : action small words_verb := Read l 7 (value l v).
Definition writing (l v : Z) : action small words_verb := Wrote l 7 (value l v).
Definition wrote : action small words_verb := writing 0 5.
Definition reads_it : action small words_verb := reading 0 5.

(** ** A lock is handed over *)
Inductive access := Load | Store | Fence.
#[local] Instance two_sorts : accesses access := {
  is_read i := match i with Load => true | _ => false end;
  is_write i := match i with Store => true | _ => false end;
  is_rmw i j := match i, j with Load, Store => true | _, _ => false end
}.
(** CPU 0's first try of its ticket failed. *)
Definition handover : execution small access := given
  [[took 0; wrote; Lock 0 (Stored 1)]; [took 1; Lock 0 (Polled 1); reads_it; Halted]]%Z
  [[[Load; Load; Store]; [Store]; [Fence; Store]]; [[Load; Store]; [Load; Fence]; [Load]; []]]
  [((1, 0, 0), (0, 0, 2)); ((1, 1, 0), (0, 2, 1)); ((1, 2, 0), (0, 1, 0))] [((0, 0, 2), (1, 0, 1))].
(** CPU 0 alone: it writes, reads what it wrote, and writes again. *)
Definition alone_h : execution small access :=
  given [[wrote; reads_it; wrote]] [[[Store]; [Load]; [Store]]] [((0, 1, 0), (0, 0, 0))] [((0, 0, 0), (0, 2, 0))].
(** Two tickets. *)
Definition two_tickets (t : Z) : execution small access :=
  given [[took 0]; [took t]] [[[Load; Store]]; [[Load; Store]]] [((1, 0, 0), (0, 0, 1))] [((0, 0, 1), (1, 0, 1))].

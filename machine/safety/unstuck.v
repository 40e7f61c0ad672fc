(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Without a breach no thread is stuck

    In every execution that has led to no breach each CPU can make a step, unless
    its client has ended or it has halted ([machine_progress]).  A thread in a call
    comes, by at most [quiet_steps] steps of its own, to a request to memory or to its
    return ([call_goes_on]); only a poll that is not its turn leads back to where it
    was.  How often that happens is for the liveness theorems to say.  Read next:
    corollaries.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values semantics smallstep.
From hlock.layers.view Require Import spec facts.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text code contract.
From hlock.stack Require Import stack setting stack_refine.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import position place invariant simulation correct no_breach.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

(** ** A thread in a call *)
Section Call.
  Context {G : setting} {S : system}.
  Local Notation text := the_text.

  (** [n] steps of its own, that nobody else sees, bring the thread from [t] to [t']. *)
  Inductive own_steps (p : client S) : nat -> thread S -> thread S -> Prop :=
  | own_done t : own_steps p 0 t t
  | own_step n t t1 t2 :
      next_move text width p t = Local t1 -> own_steps p n t1 t2 -> own_steps p (Datatypes.S n) t t2.

  Lemma near_goes_on p (o : op S) history n : forall s at_, near n s at_ ->
    exists m s', (m <= n)%nat /\ own_steps p m (Calling o history s) (Calling o history s') /\ asks_at o history s' at_.
  Proof.
    induction n as [n IH] using lt_wf_ind; intros s at_ Near.
    destruct (next_near o history n s at_ Near) as [(n' & s1 & -> & Is & Near')|Asks].
    - destruct (IH n' (Nat.lt_succ_diag_r n') s1 at_ Near') as (m & s' & Less & Steps & Asks).
      exists (Datatypes.S m), s'; split; [lia|split; [|exact Asks]].
      apply own_step with (Calling o history s1); [exact Is|exact Steps].
    - exists 0%nat, s; split; [lia|split; [apply own_done|exact Asks]].
  Qed.
End Call.

(** ** Every thread *)
Section Progress.
  Context {G : running}.
  Local Notation N := processors.
  Local Notation text := the_text.
  Let Width : 1 <= width <= 32 := width_range.
  Let Fits : Z.of_nat N <= modulus width := width_suffices.
  Local Notation S := (the_system).
  Local Notation W := (words S width).
  Local Notation M := (sc_memory S width).
  Local Notation step := (machine_step text width M clients).
  Local Notation match_machine := (match_machine).

  (** Nothing is left to do: the client has ended, or chooses to halt, or has halted. *)
  Definition ended (c : cpu) (t : thread S) : Prop :=
    match t with
    | Idle history => clients c history = None \/ clients c history = Some Op_halt
    | Stopped => True
    | Calling _ _ _ | Storing _ _ _ _ _ => False
    end.
  (** CPU [c] can make a step other than to halt. *)
  Definition moves (c : cpu) (x : machine M) : Prop :=
    exists v x', step c x v x' /\ v <> Some Did_halt.

  Lemma moves_memory ts g c t a t' :
    nth_error ts c = Some t -> answered (next_move text width (clients c) t) a t' -> value_there S width g a ->
    moves c (mkMachine (M := M) ts g).
  Proof.
    intros At Answer There; exists (seen_of a), (mkMachine (M := M) (put_at c t' ts) ((c, a) :: g)); split.
    - apply (step_memory text width M clients c ts g t a t' ((c, a) :: g)); auto; split; auto.
    - destruct a; try discriminate; cbn in Answer.
      destruct (next_move text width (clients c) t); try contradiction; firstorder discriminate.
  Qed.
  Lemma moves_local ts g c t t' :
    nth_error ts c = Some t -> next_move text width (clients c) t = Local t' -> moves c (mkMachine (M := M) ts g).
  Proof. intros At Next; eexists; eexists; split; [eapply step_local; eassumption|discriminate]. Qed.

  Lemma related_moves x y c t :
    match_machine x y -> nth_error (threads x) c = Some t -> ended c t \/ moves c x.
  Proof.
    intros Rel At; destruct (match_at x y c t Rel At) as (q & At' & Stands & _); destruct x as [ts g];
      cbn [threads contents] in *.
    destruct Stands as [history _|f i history s _ _ Place _ _|f i history s w _ _ Place _ _|f i history s _ _ Place _ _
                       |f i history w k _ _ _ _ _|o history s Place _|]; [| | | | | |left; exact I].
    - destruct (clients c history) as [o|] eqn:Next; [|left; left; exact Next].
      destruct o as [f i|f i|f i k|f i k v|].
      1, 2: right; eexists; eexists; split; [eapply step_call; [exact At|cbn; now rewrite Next]|discriminate].
      + right; eapply moves_memory with (a := Read (lock_id f i) k (object (lock_id f i) k g));
          [exact At| |reflexivity].
        cbn; rewrite Next; cbn; eauto.
      + right; eapply moves_memory with (a := Wrote (lock_id f i) k v); [exact At| |exact I].
        cbn; rewrite Next; cbn; eauto.
      + left; right; exact Next.
    - right; destruct (next_at (Op_acquire f i : op S) history s _ Place) as [(s' & Is & _)|(go & Is & _)].
      + eapply moves_local; [exact At|exact Is].
      + eapply moves_memory; [exact At|cbn [next_move]; rewrite Is; cbn; eauto|reflexivity].
    - right; destruct (next_at (Op_acquire f i : op S) history s _ Place) as [(s' & Is & _)|(go & Is & _)].
      + eapply moves_local; [exact At|exact Is].
      + eapply moves_memory; [exact At|cbn [next_move]; rewrite Is; cbn; eauto|reflexivity].
    - right; destruct (next_at (Op_release f i : op S) history s _ Place) as [(s' & Is & _)|(k & Is & _)].
      + eapply moves_local; [exact At|exact Is].
      + eapply moves_memory; [exact At|cbn [next_move]; rewrite Is; cbn; eauto|reflexivity].
    - right; eapply moves_memory; [exact At|cbn; eauto|exact I].
    - right; destruct (next_at o history s _ Place) as [(s' & Is & _)|Is].
      + eapply moves_local; [exact At|exact Is].
      + cbn in Is; eexists; eexists; split; [eapply step_return; [exact At|exact Is]|discriminate].
  Qed.

  (** A trace of which no beginning leads the atomic machine to a breach. *)
  Definition unbroken (tr : visible_trace S) : Prop :=
    forall tr1 tr2 y, tr = tr2 ++ tr1 -> atomic_execution clients tr1 y -> ~ breach clients the_table y.

  Lemma unbroken_related tr x : execution text width M clients tr x -> unbroken tr -> exists y, match_machine x y.
  Proof.
    intros Run Unbroken; destruct (machine_refines tr x Run)
      as [(y & _ & Rel)|(tr1 & tr2 & y & Is & Above & Breach)]; [eauto|].
    destruct (Unbroken tr1 tr2 y Is Above Breach).
  Qed.

  (** Without a breach each CPU can make a step, unless it has nothing left to do.
      No fairness is used, and no other CPU need move first. *)
  Theorem machine_progress tr x c t :
    execution text width M clients tr x -> unbroken tr -> nth_error (threads x) c = Some t ->
    ended c t \/ moves c x.
  Proof.
    intros Run Unbroken; destruct (unbroken_related tr x Run Unbroken) as (y & Rel).
    exact (related_moves x y c t Rel).
  Qed.

  (** A thread in a call: by few steps of its own it comes to where it asks memory, or
      returns.  What it asks there is known ([asks_at]): a ticket, a poll after
      which it goes on if it is its turn and is back at the same place if not, the
      load of a release.  So the only wait is that for its own poll. *)
  Theorem call_goes_on tr x c o history s :
    execution text width M clients tr x -> unbroken tr -> nth_error (threads x) c = Some (Calling o history s) ->
    exists p m s', (m <= quiet_steps p)%nat /\
      own_steps (clients c) m (Calling o history s) (Calling o history s') /\ asks_at o history s' p.
  Proof.
    intros Run Unbroken At; destruct (unbroken_related tr x Run Unbroken) as (y & Rel).
    destruct (match_at x y c _ Rel At) as (q & At' & Stands & _).
    assert (exists p, at_place s p) as (p & Place) by (inversion Stands; subst; eauto).
    exists p; exact (near_goes_on (clients c) o history (quiet_steps p) s p Place).
  Qed.
End Progress.

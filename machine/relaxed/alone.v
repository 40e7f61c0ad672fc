(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * One CPU alone, told anything

    Under the contract of its client's text a CPU's actions are in the order of the protocol,
    whatever its reads are answered ([alone_in_turn]); and the thread without its polls
    in vain goes the same way, is seen to do the same and comes to the same place.
    Read next: turns.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options integers values semantics smallstep.
From hlock.layers.view Require Import spec facts.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec contract contract_facts text code.
From hlock.stack Require Import stack setting.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.refine Require Import position place invariant simulation.
From hlock.machine.relaxed Require Import model turns.
Import ListNotations.
Local Open Scope Z_scope.

Section Alone.
  Context {G : running}.
  Local Notation text := the_text.
  Let Width : 1 <= width <= 32 := width_range.
  Local Notation S := (the_system).
  Local Notation act := (action S words_verb).
  Local Notation log := (log S words_verb).
  Context (c : cpu) (p : client S) (Table : forall history o, p history = Some o -> of_table the_table o)
    (Keeps : keeps_on p []).
  Local Notation own acts := (own_log S c acts).
  Local Notation without_vain := (without_vain S c).
  Local Notation word_answer := (word_answer S width).
  Local Notation alone := (alone text width p).

  (** Inside of the locks that the client holds, and of no other but perhaps one. *)
  Definition phases_but (but : Z -> Prop) (g : log) (locks : list Z) : Prop :=
    forall l, but l \/ words_phase S c l g = if has l locks then In else Out.
  Definition nowhere (_ : Z) : Prop := False.

  (** A thread, and the same thread without its polls in vain, where they stand. *)
  Inductive stands (g : log) : thread S -> thread S -> Prop :=
  | stands_idle history :
      keeps_on p history -> phases_but nowhere g (held p history) -> stands g (Idle history) (Idle history)
  | stands_before_ticket f i history s :
      p history = Some (Op_acquire f i) -> keeps_on p history -> at_place s (Before_ticket (lock_id f i)) ->
      phases_but nowhere g (held p history) ->
      stands g (Calling (Op_acquire f i) history s) (Calling (Op_acquire f i) history s)
  | stands_polling f i history s s' t :
      p history = Some (Op_acquire f i) -> keeps_on p history ->
      at_place s (Polling (lock_id f i) t) -> at_place s' (Polling (lock_id f i) t) ->
      words_phase S c (lock_id f i) g = Waiting t -> phases_but (eq (lock_id f i)) g (held p history) ->
      stands g (Calling (Op_acquire f i) history s) (Calling (Op_acquire f i) history s')
  | stands_before_load f i history s :
      p history = Some (Op_release f i) -> keeps_on p history -> at_place s (Before_load (lock_id f i)) ->
      phases_but nowhere g (held p history) ->
      stands g (Calling (Op_release f i) history s) (Calling (Op_release f i) history s)
  | stands_storing f i history v k :
      p history = Some (Op_release f i) -> keeps_on p history -> at_place (Give Vundef k) Through ->
      words_phase S c (lock_id f i) g = Leaving v -> phases_but (eq (lock_id f i)) g (held p history) ->
      stands g (Storing (Op_release f i) history (lock_id f i) v k) (Storing (Op_release f i) history (lock_id f i) v k)
  | stands_through o history s s' :
      p history = Some o -> ends o = false -> keeps_on p history -> at_place s Through -> at_place s' Through ->
      phases_but nowhere g (held_after o (held p history)) ->
      stands g (Calling o history s) (Calling o history s')
  | stands_stopped : stands g Stopped Stopped.

  (** Steps of its own bring a thread to where it asks. *)
  Lemma catch_up (o : op S) history s q : at_place s q ->
    exists s', asks_at o history s' q /\ own_steps text width p (Calling o history s) (Calling o history s').
  Proof.
    assert (Goes : forall n s s0, near n s q -> own_steps text width p s0 (Calling o history s) ->
      exists s', asks_at o history s' q /\ own_steps text width p s0 (Calling o history s')).
    { induction n as [|n IH]; intros s1 s0 Near Own;
        destruct (next_near o history _ s1 q Near) as [(n' & s2 & Is & Local & Near2)|Asks]; try (exists s1; now split).
      injection Is as <-; apply (IH s2 s0 Near2); exact (own_more _ _ _ _ _ _ Own Local). }
    intros At; apply (Goes (quiet_steps q) s); [exact At|constructor].
  Qed.
  Lemma own_alone acts vis t t' : own_steps text width p t t' -> alone acts vis t -> alone acts vis t'.
  Proof. induction 1 as [|t1 t2 Own IH Local]; [auto|]; intros Run;
    exact (alone_local _ _ _ _ _ _ _ (IH Run) Local). Qed.

  Lemma stands_same_place g t t' : stands g t t' -> same_place text width p t t'.
  Proof.
    intros [| |f i history s s' t0 _ _ At At' _ _| | |o history s s' _ _ _ At At' _|]; try (now left);
      (right; split; [reflexivity|]).
    - destruct (catch_up (Op_acquire f i) history s _ At) as (s1 & (go & Asks & _) & Own).
      destruct (catch_up (Op_acquire f i) history s' _ At') as (s1' & (go' & Asks' & _) & Own').
      do 2 eexists; split; [exact Own|split; [exact Own'|]]; cbn [next_move]; now rewrite Asks, Asks'.
    - destruct (catch_up o history s _ At) as (s1 & Asks & Own), (catch_up o history s' _ At') as (s1' & Asks' & Own').
      do 2 eexists; split; [exact Own|split; [exact Own'|]]; cbn [next_move]; cbn in Asks, Asks';
        now rewrite Asks, Asks'.
  Qed.

  Lemma phases_verb (but but' : Z -> Prop) l k g locks locks' : phases_but but g locks ->
    (forall l', but l' -> l' <> l -> but' l') -> (forall l', l' <> l -> has l' locks' = has l' locks) ->
    (but' l \/ words_step k (words_phase S c l g) = if has l locks' then In else Out) ->
    phases_but but' ((c, Lock l k) :: g) locks'.
  Proof.
    intros Phases Else Same Here l'; destruct (Z.eq_dec l' l) as [->|Diff].
    - destruct Here as [|Here]; [now left|right]; rewrite words_same; exact Here.
    - rewrite words_other, Same by auto; destruct (Phases l') as [But|]; auto.
  Qed.
  Lemma has_other l l' locks : l' <> l -> has l' (l :: locks) = has l' locks.
  Proof. intros Diff; cbn; now rewrite (proj2 (Z.eqb_neq l' l) Diff). Qed.
  Lemma has_dropped l l' locks : has l' (filter (fun x => negb (x =? l)) locks) = negb (l' =? l) && has l' locks.
  Proof.
    apply eq_true_iff_eq; rewrite andb_true_iff, !has_in, filter_In; tauto.
  Qed.
  Lemma keeps_told history o a : p history = Some o -> ends o = false -> keeps_on p history ->
    keeps_on p (a :: history) /\ held p (a :: history) = held_after o (held p history).
  Proof.
    intros Next Goes_on Keeps'; split; [now apply (keeps_next p history o Keeps' Next)|].
    cbn [held]; now rewrite Next.
  Qed.
  Lemma number_exists f i : List.In f the_table -> in_family f i = true -> lock_exists (S := S) (lock_id f i) = true.
  Proof. intros Member Range; apply table_lock_exists; auto; reflexivity. Qed.

  (** A step of its own, a call or a return. *)
  Lemma own_stands acts vis t t' t1 :
    stands (own acts) t t' -> alone (without_vain acts) vis t' -> next_move text width p t = Local t1 ->
    exists t1', stands (own acts) t1 t1' /\ alone (without_vain acts) vis t1' /\ t1 <> Stopped.
  Proof.
    intros Stands Run Next.
    destruct Stands as [history|f i history s Is Keep At Phase|f i history s s' t Is Keep At At' Wait Phase
      |f i history s Is Keep At Phase|f i history v k|o history s s' Is Goes Keep At At' Phase|];
        cbn [next_move] in Next;
      try discriminate.
    - destruct (p history) as [[]|]; discriminate.
    - destruct (next_at (Op_acquire f i : op S) history s _ At) as [(s1 & Goes & At1)|(go & Goes & _)];
        pose proof (eq_trans (eq_sym Goes) Next) as E; [injection E as <-|discriminate].
      eexists; split; [now apply stands_before_ticket|split; [|discriminate]].
      eapply alone_local; eassumption.
    - destruct (next_at (Op_acquire f i : op S) history s _ At) as [(s1 & Goes & At1)|(go & Goes & _)];
        pose proof (eq_trans (eq_sym Goes) Next) as E; [injection E as <-|discriminate].
      exists (Calling (Op_acquire f i) history s'); split;
        [now apply stands_polling with t|split; [exact Run|discriminate]].
    - destruct (next_at (Op_release f i : op S) history s _ At) as [(s1 & Goes & At1)|(go & Goes & _)];
        pose proof (eq_trans (eq_sym Goes) Next) as E; [injection E as <-|discriminate].
      eexists; split; [now apply stands_before_load|split; [|discriminate]].
      eapply alone_local; eassumption.
    - destruct (next_at o history s _ At) as [(s1 & Goes' & At1)|Goes'];
        pose proof (eq_trans (eq_sym Goes') Next) as E; [injection E as <-|discriminate].
      exists (Calling o history s'); split; [now apply stands_through|split; [exact Run|discriminate]].
  Qed.
  Lemma call_stands acts vis t t' o t1 :
    stands (own acts) t t' -> alone (without_vain acts) vis t' -> next_move text width p t = Call o t1 ->
    exists t1', stands (own acts) t1 t1' /\ alone (without_vain acts) (Called o :: vis) t1' /\ t1 <> Stopped.
  Proof.
    intros Stands Run Next.
    destruct Stands as [history Keep Phase|f i history s _ _ At _|f i history s s' t _ _ At _ _ _
      |f i history s _ _ At _|f i history v k|o2 history s s' _ _ _ At _ _|]; cbn [next_move] in Next; try discriminate.
    2, 3, 4, 5: lazymatch type of Next with in_call _ ?o ?history ?s = _ =>
                  pose proof (in_call_only o history s _ At) as Only; rewrite Next in Only; now destruct Only end.
    destruct (p history) as [o2|] eqn:Choice; [|discriminate].
    destruct (keeps_next p history o2 Keep Choice) as (Allowed & _); pose proof (Table _ _ Choice) as Known.
    exists t1; destruct o2 as [f i|f i|f i k|f i k v|]; try discriminate; cbn in Allowed, Known;
      apply andb_prop in Allowed as (Range & _); injection Next as <- <-.
    - split; [|split; [|discriminate]].
      + apply stands_before_ticket; auto; now apply place_of_acquire.
      + eapply alone_call; [exact Run|]; cbn; now rewrite Choice.
    - split; [|split; [|discriminate]].
      + apply stands_before_load; auto; now apply place_of_release.
      + eapply alone_call; [exact Run|]; cbn; now rewrite Choice.
  Qed.
  Lemma return_stands acts vis t t' o t1 :
    stands (own acts) t t' -> alone (without_vain acts) vis t' -> next_move text width p t = Return o t1 ->
    exists t1', stands (own acts) t1 t1' /\ alone (without_vain acts) (Returned o :: vis) t1' /\ t1 <> Stopped.
  Proof.
    intros Stands Run Next.
    destruct Stands as [history Keep Phase|f i history s _ _ At _|f i history s s' t _ _ At _ _ _
      |f i history s _ _ At _|f i history v k|o2 history s s' Is Goes Keep At At' Phase|]; cbn [next_move] in Next;
      try discriminate.
    1: destruct (p history) as [[]|]; discriminate.
    1, 2, 3: lazymatch type of Next with in_call _ ?o ?history ?s = _ =>
               pose proof (in_call_only o history s _ At) as Only; rewrite Next in Only; discriminate Only end.
    destruct (next_at o2 history s _ At) as [(s1 & Goes' & At1)|Goes'];
      pose proof (eq_trans (eq_sym Goes') Next) as E; [discriminate|injection E as <- <-].
    destruct (catch_up o2 history s' _ At') as (s2 & Asks & Own); cbn in Asks;
      pose proof (own_alone _ _ _ _ Own Run) as Run2.
    destruct (keeps_told history o2 None Is Goes Keep) as (Keep' & Held).
    eexists; split; [apply stands_idle; [exact Keep'|exact (eq_ind_r (phases_but nowhere _) Phase Held)]|split;
      [|discriminate]].
    eapply alone_return; [exact Run2|exact Asks].
  Qed.

  (** Action [a] is in turn; the thread without polls in vain does it too, or it is one. *)
  Definition goes_along (acts : list act) (vis : list (visible S)) (a : act) (t1 : thread S) : Prop :=
    in_turn S width c a (own acts) /\ t1 <> Stopped /\ exists t1', stands (own (a :: acts)) t1 t1' /\
      alone (without_vain (a :: acts)) (match seen_of a with Some v => v :: vis | None => vis end) t1'.

  (** An access of an object: inside of its lock. *)
  Lemma access_stands acts vis history a t1 : halted c (own acts) = false -> keeps_on p history ->
    phases_but nowhere (own acts) (held p history) -> alone (without_vain acts) vis (Idle history) ->
    answered (next_move text width p (Idle history)) a t1 -> goes_along acts vis a t1.
  Proof.
    intros Runs Keep Phase Run Ans; unfold goes_along; cbn [own_log map without_vain]; fold (own acts).
    cbn [next_move] in Ans; destruct (p history) as [o|] eqn:Choice; [|contradiction].
    destruct (keeps_next p _ _ Keep Choice) as (Allowed & _).
    destruct o as [f i|f i|f i k|f i k v|]; try contradiction; cbn in Allowed;
      apply andb_prop in Allowed as (Range & Has);
      destruct (Phase (lock_id f i)) as [[]|Here]; rewrite Has in Here.
    - destruct Ans as (v & -> & ->); cbn [in_vain].
      destruct (keeps_told history _ (Some (existT _ (lock_id f i) v)) Choice eq_refl Keep) as (Keep' & Held).
      split; [split; [exact Runs|exact Here]|split; [discriminate|]].
      eexists; split; [apply stands_idle; [exact Keep'|exact (eq_ind_r (phases_but nowhere _) Phase Held)]|].
      eapply (alone_memory _ _ _ _ _ _ (Read (lock_id f i) k v)); [exact Run|cbn [next_move]; rewrite Choice].
      exists v; auto.
    - destruct Ans as (-> & ->); cbn [in_vain].
      destruct (keeps_told history _ None Choice eq_refl Keep) as (Keep' & Held).
      split; [split; [exact Runs|exact Here]|split; [discriminate|]].
      eexists; split; [apply stands_idle; [exact Keep'|exact (eq_ind_r (phases_but nowhere _) Phase Held)]|].
      eapply (alone_memory _ _ _ _ _ _ (Wrote (lock_id f i) k v)); [exact Run|cbn [next_move]; rewrite Choice].
      cbn; auto.
  Qed.
  (** A poll: it returns the ticket and the CPU is inside, or it is in vain and left out. *)
  Lemma poll_stands acts vis f i history s s' t a t1 : halted c (own acts) = false -> word_answer a ->
    p history = Some (Op_acquire f i) -> keeps_on p history ->
    at_place s (Polling (lock_id f i) t) -> at_place s' (Polling (lock_id f i) t) ->
    words_phase S c (lock_id f i) (own acts) = Waiting t ->
    phases_but (eq (lock_id f i)) (own acts) (held p history) ->
    alone (without_vain acts) vis (Calling (Op_acquire f i) history s') ->
    answered (next_move text width p (Calling (Op_acquire f i) history s)) a t1 -> goes_along acts vis a t1.
  Proof.
    intros Runs Word Is Keep At At' Wait Phase Run Ans.
    unfold goes_along; cbn [own_log map without_vain]; fold (own acts).
    destruct (keeps_next p _ _ Keep Is) as (Allowed & _); pose proof (Table _ _ Is) as Known; cbn in Allowed, Known.
    apply andb_prop in Allowed as (Range & Has); apply negb_true_iff in Has; cbn [next_move] in Ans.
    destruct (next_at (Op_acquire f i : op S) history s _ At) as [(s1 & Goes & _)|(go & Goes & At1)];
      pose proof (eq_ind _ (fun m => answered m a t1) Ans _ Goes) as Ans'; [contradiction|].
    destruct Ans' as (v & -> & ->); cbn in Word; specialize (At1 v Word).
    split; [split; [exact Runs|rewrite (number_exists f i Known Range), Wait; auto]|split; [discriminate|]].
    cbn [in_vain seen_of]; rewrite Wait; destruct (Z.eqb_spec v t) as [->|Not]; cbn [negb].
    - destruct (catch_up (Op_acquire f i : op S) history s' _ At') as (s2 & (go2 & Goes2 & At2) & Own).
      pose proof (own_alone _ _ _ _ Own Run) as Run2.
      specialize (At2 t Word); rewrite Z.eqb_refl in At2.
      eexists; split; [apply (stands_through _ (Op_acquire f i) history (go t) (go2 t)); auto|].
      + apply (phases_verb (eq (lock_id f i)) _ _ _ _ (held p history)); auto; [congruence| |].
        * intros l' Diff; exact (has_other _ _ _ Diff).
        * right; rewrite Wait; cbn; now rewrite !Z.eqb_refl.
      + eapply (alone_memory _ _ _ _ _ _ (Lock (lock_id f i) (Polled t))); [exact Run2|].
        cbn [next_move]; rewrite Goes2; exists t; auto.
    - eexists; split; [apply (stands_polling _ f i history (go v) s' t); auto|exact Run].
      + rewrite words_same, Wait; cbn; now rewrite (proj2 (Z.eqb_neq _ _) Not).
      + apply (phases_verb (eq (lock_id f i)) _ _ _ _ (held p history)); auto.
  Qed.
  Lemma memory_stands acts vis t t' a t1 :
    halted c (own acts) = false -> word_answer a ->
    stands (own acts) t t' -> alone (without_vain acts) vis t' -> answered (next_move text width p t) a t1 ->
    goes_along acts vis a t1.
  Proof.
    intros Runs Word Stands Run Ans.
    destruct Stands as [history Keep Phase|f i history s Is Keep At Phase|f i history s s' t Is Keep At At' Wait Phase
      |f i history s Is Keep At Phase|f i history v k Is Keep At Leave Phase|o history s s' Is Goes Keep At At' Phase|];
      try (destruct (keeps_next p _ _ Keep Is) as (Allowed & _); pose proof (Table _ _ Is) as Known;
           cbn in Allowed, Known).
    1: now apply (access_stands acts vis history).
    2: now apply (poll_stands acts vis f i history s s' t).
    all: unfold goes_along; cbn [own_log map without_vain]; fold (own acts).
    - apply andb_prop in Allowed as (Range & Has); apply negb_true_iff in Has.
      destruct (Phase (lock_id f i)) as [[]|Here]; rewrite Has in Here; cbn [next_move] in Ans.
      destruct (next_at (Op_acquire f i : op S) history s _ At) as [(s1 & Goes & _)|(go & Goes & At1)];
        pose proof (eq_ind _ (fun m => answered m a t1) Ans _ Goes) as Ans'; [contradiction|].
      destruct Ans' as (v & -> & ->); cbn in Word; cbn [in_vain].
      split; [split; [exact Runs|rewrite (number_exists f i Known Range), Here; auto]|split; [discriminate|]].
      eexists; split; [apply (stands_polling _ f i history (go v) (go v) v); auto|].
      + rewrite words_same, Here; reflexivity.
      + apply (phases_verb nowhere _ _ _ _ (held p history)); auto; contradiction.
      + eapply (alone_memory _ _ _ _ _ _ (Lock (lock_id f i) (Took v))); [exact Run|exact Ans].
    - apply andb_prop in Allowed as (Range & Has).
      destruct (Phase (lock_id f i)) as [[]|Here]; rewrite Has in Here; cbn [next_move] in Ans.
      destruct (next_at (Op_release f i : op S) history s _ At) as [(s1 & Goes & _)|(k & Goes & At1)];
        pose proof (eq_ind _ (fun m => answered m a t1) Ans _ Goes) as Ans'; [contradiction|].
      destruct Ans' as (v & -> & ->); cbn in Word; cbn [in_vain].
      split; [split; [exact Runs|rewrite (number_exists f i Known Range), Here; auto]|split; [discriminate|]].
      eexists; split; [apply (stands_storing _ f i history v k); auto using back_through|].
      + rewrite words_same, Here; reflexivity.
      + apply (phases_verb nowhere _ _ _ _ (held p history)); auto; contradiction.
      + eapply (alone_memory _ _ _ _ _ _ (Lock (lock_id f i) (Loaded v))); [exact Run|exact Ans].
    - apply andb_prop in Allowed as (Range & Has); destruct Ans as (-> & ->); cbn [in_vain].
      split; [split; [exact Runs|rewrite (number_exists f i Known Range), Leave; auto]|split; [discriminate|]].
      eexists; split; [apply (stands_through _ (Op_release f i) history (Give Vundef k) (Give Vundef k)); auto|].
      + apply (phases_verb (eq (lock_id f i)) _ _ _ _ (held p history)); auto; [congruence| |].
        * intros l' Diff; cbn [held_after]; rewrite has_dropped; now rewrite (proj2 (Z.eqb_neq _ _) Diff).
        * right; cbn [held_after]; rewrite has_dropped, Z.eqb_refl; reflexivity.
      + eapply (alone_memory _ _ _ _ _ _ (Lock (lock_id f i) (Stored _))); [exact Run|cbn; auto].
    - cbn [next_move] in Ans; destruct (next_at o history s _ At) as [(s1 & Goes' & _)|Goes'];
        pose proof (eq_ind _ (fun m => answered m a t1) Ans _ Goes') as Ans'; contradiction.
    - contradiction.
  Qed.

  Theorem alone_in_turn acts vis t : alone acts vis t -> Forall word_answer acts ->
    in_turns S width c acts /\ (halted c (own acts) = true <-> t = Stopped) /\
    exists t', stands (own acts) t t' /\ alone (without_vain acts) vis t'.
  Proof.
    intros Run; induction Run as [|acts vis t t1 Run IH Next|acts vis t t1 o Run IH Next|acts vis t t1 o Run IH Next
      |acts vis t a t1 Run IH Ans|acts vis t Run IH Goes]; intros Words.
    2, 3, 4: destruct (IH Words) as (Turn & Alive & t' & Stands & Run');
      assert (Still : halted c (own acts) = false)
        by (destruct (halted c (own acts)); [rewrite (proj1 Alive eq_refl) in Next; discriminate|reflexivity]).
    - split; [exact I|split; [split; discriminate|]]; exists (Idle []); split; [|constructor].
      apply stands_idle; [exact Keeps|intros l; now right].
    - destruct (own_stands acts vis t t' t1 Stands Run' Next) as (t1' & Stands' & Run1 & Goes).
      split; [exact Turn|split; [rewrite Still; split; [discriminate|contradiction]|eauto]].
    - destruct (call_stands acts vis t t' o t1 Stands Run' Next) as (t1' & Stands' & Run1 & Goes).
      split; [exact Turn|split; [rewrite Still; split; [discriminate|contradiction]|eauto]].
    - destruct (return_stands acts vis t t' o t1 Stands Run' Next) as (t1' & Stands' & Run1 & Goes).
      split; [exact Turn|split; [rewrite Still; split; [discriminate|contradiction]|eauto]].
    - apply Forall_cons_iff in Words as (Word & Words); destruct (IH Words) as (Turn & Alive & t' & Stands & Run').
      assert (Still : halted c (own acts) = false)
        by (destruct (halted c (own acts)); [rewrite (proj1 Alive eq_refl) in Ans; contradiction|reflexivity]).
      destruct (memory_stands acts vis t t' a t1 Still Word Stands Run' Ans) as (Here & Goes & t1' & Stands' & Run1).
      split; [split; [exact Here|exact Turn]|split; [|eauto]]; cbn [own_log map]; fold (own acts).
      destruct a; cbn [halted]; rewrite ?Still; try (split; [discriminate|contradiction]).
      destruct (next_move text width p t); cbn in Ans; try contradiction; decompose [ex and] Ans; discriminate.
    - apply Forall_cons_iff in Words as (_ & Words); destruct (IH Words) as (Turn & Alive & t' & Stands & Run').
      assert (Still : halted c (own acts) = false)
        by (destruct (halted c (own acts)); [now destruct Goes; apply Alive|reflexivity]).
      split; [split; [split; [exact Still|exact I]|exact Turn]|split; [|]].
      + cbn; rewrite Nat.eqb_refl; tauto.
      + exists Stopped; split; [constructor|]; cbn [without_vain in_vain].
        apply alone_halt with t'; [exact Run'|]; intros ->; inversion Stands; subst; now destruct Goes.
  Qed.
End Alone.

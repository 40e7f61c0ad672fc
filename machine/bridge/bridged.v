(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What each thread of the machine has done, as its CPU sees it

    In the environment that is read off the log (local.v), a thread between two
    operations has been told its answers ([ran]); one in a call has come there from
    where its client called, by small steps of the C ([midway]); one that waits has
    polled in vain ([waits]); and so on ([progressed]).  Each step keeps this, until a
    breach ([bridged_step]).  Read next: bridge.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options values semantics smallstep agree.
From hlock.layers.view Require Import spec facts.
From hlock.layers Require Import L0_machine.spec L0_machine.facts.
From hlock.layers Require L1_ticket.spec L1_ticket.refine.
From hlock.layers Require Import L3_atomic.spec.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec contract text code.
From hlock.stack Require Import stack setting stack_floors stack_refine stack_total.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import position place invariant simulation correct.
From hlock.machine.bridge Require Import local midcall.
Import ListNotations.
Local Open Scope Z_scope.

Section Bridged.
  Context {G : running}.
  Local Notation N := processors.
  Local Notation text := the_text.
  Let Width : 1 <= width <= 32 := width_range.
  Let Fits : Z.of_nat N <= modulus width := width_suffices.
  Local Notation S := (the_system).
  Local Notation W := (words S width).
  Local Notation M := (sc_memory S width).
  Context {mem : Type} (m : mem).
  Local Notation match_machine := (match_machine).
  Local Notation match_thread := (match_thread).
  Local Notation step := (machine_step text width M clients).
  Local Notation log := (log S words_verb).
  Local Notation view := (local.view (S := S) width).
  Local Notation batches := (explained.batches (S := S)).
  Local Notation ge := (stack_genv text S width).

  (** ** What a CPU has done

      Each says: in the environment read off the log and any that follows it. *)
  Section Cpu.
    Context (c : cpu).
    Local Notation at_start g bs := (start W c (batches c g ++ bs)).
    Local Notation called := (called m (clients c)).

    (** It has been told [history], and stands between two operations. *)
    Definition ran (g : log) history : Prop := forall bs, told m (clients c) (at_start g bs) history (view c g bs).
    (** It goes on with [o] from there. *)
    Definition ready (g : log) o history : Prop := forall bs, called (at_start g bs) o history (view c g bs).
    (** It has called [o], in [d0], and has come to [s] since, where [did] holds of
        what its CPU saw then and sees now. *)
    Definition midway (g : log) o history s (did : RData W -> RData W -> Prop) : Prop := forall bs, exists s0 d0,
      called (at_start g bs) o history d0 /\ begin text o history = Call o (Calling o history s0) /\
      steps ge (s0, d0) (s, view c g bs) /\ did d0 (view c g bs).
    (** It has ticket [t] of lock [l] and has polled in vain so far. *)
    Definition waits (l t : Z) (d0 d : RData W) : Prop := exists d1,
      incr_ticket_spec S width l d0 = Done (t, d1) /\ L1_ticket.spec.polls_in_vain l t d1 d.
    (** It has done [o]. *)
    Definition has_done (o : op S) (d0 d : RData W) : Prop := c_do text S width m o d0 None d.
    (** In a release, it has loaded [v], and [k] is still to do after the store. *)
    Definition loaded (g : log) o history (l v : Z) k : Prop := forall bs, exists s0 d0 s,
      called (at_start g bs) o history d0 /\ begin text o history = Call o (Calling o history s0) /\
      steps ge (s0, d0) (s, d0) /\ in_call text o history s = Load l (fun u => Storing o history l u k) /\
      v = serving S width l (seen d0) /\ act S width (Lock l (Loaded v)) d0 = view c g bs.

    (** An event of its own makes the first of the batches to come a past one. *)
    Lemma mine (P : list (list (event S words_verb)) -> RData W -> Prop) a (g : log) :
      (forall bs, P (batches c g ++ after c g :: bs) (act S width a (view c g (after c g :: bs)))) ->
      forall bs, P (batches c ((c, a) :: g) ++ bs) (view c ((c, a) :: g) bs).
    Proof. intros Holds bs; rewrite batches_mine, <- act_view; apply Holds. Qed.

    (** A step of its own; an answer from memory. *)
    Lemma midway_on (g : log) o history s s' did :
      midway g o history s did -> in_call text o history s = Local (Calling o history s') ->
      midway g o history s' did.
    Proof.
      intros Runs Own bs; destruct (Runs bs) as (s0 & d0 & Called & Begin & Way & Did).
      exists s0, d0; split; [exact Called|split; [exact Begin|split; [|exact Did]]].
      eapply steps_trans; [exact Way|exact (local_steps text S width o history s s' _ Own)].
    Qed.
    Lemma midway_asks (g : log) o history s s' did (did' : RData W -> RData W -> Prop) a :
      midway g o history s did ->
      (forall d : RData W, seen d = g -> steps ge (s, d) (s', act S width a d)) ->
      (forall d0 d : RData W, of_table the_table o -> within o d0 -> seen d = g -> did d0 d ->
        did' d0 (act S width a d)) ->
      midway ((c, a) :: g) o history s' did'.
    Proof.
      intros Runs Steps Then.
      refine (mine (fun bs d => exists s0 d0, called (start W c bs) o history d0 /\
                begin text o history = Call o (Calling o history s0) /\ steps ge (s0, d0) (s', d) /\ did' d0 d) _ _ _).
      intros bs; pose proof (seen_view (S := S) width c g bs) as Sees.
      destruct (Runs (after c g :: bs)) as (s0 & d0 & Called & Begin & Way & Did).
      exists s0, d0; split; [exact Called|split; [exact Begin|split]].
      - eapply steps_trans; [exact Way|exact (Steps _ Sees)].
      - destruct Called as (_ & _ & Known & Within); auto.
    Qed.
    Lemma midway_first (g : log) o history s :
      ready g o history -> begin text o history = Call o (Calling o history s) -> midway g o history s eq.
    Proof. intros Ready Begin bs; exists s, (view c g bs); auto using steps_done. Qed.
    Lemma midway_done (g : log) o history s : midway g o history s (has_done o) -> ran g (None :: history).
    Proof.
      intros Runs bs; destruct (Runs bs) as (s0 & d0 & Called & Begin & _ & Did).
      apply called_done with o d0; [exact Called|destruct o; auto; discriminate|exact Did].
    Qed.

    Lemma midway_takes (g : log) f i history s go : let l := lock_id f i in let o := Op_acquire f i : op S in
      midway g o history s eq -> in_call text o history s = Take l (fun t => Calling o history (go t)) ->
      lock_exists (S := S) l = true ->
      midway ((c, Lock l (Took (next S width l g))) :: g) o history (go (next S width l g))
        (waits l (next S width l g)).
    Proof.
      intros l o Runs Asks Exists; apply (midway_asks g o history s _ eq _ _ Runs).
      - intros d <-; eapply ask_steps; [left; split; [exact Asks|split; reflexivity]|exact Exists|reflexivity].
      - intros d0 d Known Within <- ->; eexists; split; [|constructor].
        unfold incr_ticket_spec, on_existing; now rewrite Exists.
    Qed.

    Lemma vain_more l t d d1 v (d2 : RData W) :
      L1_ticket.spec.polls_in_vain l t d d1 -> get_now_spec S width l d1 = Done (v, d2) -> v <> t ->
      L1_ticket.spec.polls_in_vain l t d d2.
    Proof.
      induction 1 as [d|d u d0 d1 Get Not _ IH]; intros Get2 Not2.
      - apply L1_ticket.spec.one_more with v d2; auto; constructor.
      - apply L1_ticket.spec.one_more with u d0; auto.
    Qed.
    Lemma vain_then l t d d1 (d2 : RData W) :
      L1_ticket.spec.polls_in_vain l t d d1 -> L1_ticket.spec.polls l t d1 d2 -> L1_ticket.spec.polls l t d d2.
    Proof. induction 1 as [d|d u d0 d1 Get Not _ IH]; [auto|]; intros; apply L1_ticket.spec.not_yet with u d0;
      auto. Qed.

    Lemma midway_polls (g : log) f i history s go t : let l := lock_id f i in let o := Op_acquire f i : op S in
      let v := serving S width l g in
      midway g o history s (waits l t) -> in_call text o history s = Poll l (fun v => Calling o history (go v)) ->
      lock_exists (S := S) l = true ->
      midway ((c, Lock l (Polled v)) :: g) o history (go v) (if v =? t then has_done o else waits l t).
    Proof.
      intros l o v Runs Asks Exists; apply (midway_asks g o history s _ _ _ _ Runs).
      - intros d <-; eapply ask_steps; [right; split; [exact Asks|split; reflexivity]|exact Exists|reflexivity].
      - intros d0 d Known (Range & _) Sees (d1 & Take & Vain).
        assert (Get : get_now_spec S width l d = Done (v, act S width (Lock l (Polled v)) d))
          by (unfold get_now_spec, on_existing, v; rewrite Exists, <- Sees; reflexivity).
        destruct (Z.eqb_spec v t) as [Turn|Not].
        + split; [reflexivity|]; apply stack_runs; auto; exists t, d1; split; [exact Take|].
          eapply vain_then; [exact Vain|apply L1_ticket.spec.my_turn]; now rewrite <- Turn at 1.
        + exists d1; split; [exact Take|]; eapply vain_more; [exact Vain|exact Get|exact Not].
    Qed.

    Lemma midway_loads (g : log) f i history s k : let l := lock_id f i in let o := Op_release f i : op S in
      midway g o history s eq -> in_call text o history s = Load l (fun v => Storing o history l v k) ->
      loaded ((c, Lock l (Loaded (serving S width l g))) :: g) o history l (serving S width l g) k.
    Proof.
      intros l o Runs Asks.
      refine (mine (fun bs d => exists s0 d0 s, called (start W c bs) o history d0 /\
                begin text o history = Call o (Calling o history s0) /\
                steps ge (s0, d0) (s, d0) /\ in_call text o history s = Load l (fun u => Storing o history l u k) /\
                serving S width l g = serving S width l (seen d0) /\
                act S width (Lock l (Loaded (serving S width l g))) d0 = d) _ _ _); intros bs.
      destruct (Runs (after c g :: bs)) as (s0 & d0 & Called & Begin & Way & ->).
      exists s0, (view c g (after c g :: bs)), s; rewrite seen_view; auto 8.
    Qed.
    Lemma loaded_stores (g : log) f i history v k : let l := lock_id f i in let o := Op_release f i : op S in
      loaded g o history l v k ->
      midway ((c, Lock l (Stored ((v + 1) mod modulus width))) :: g) o history (Give Vundef k) (has_done o).
    Proof.
      intros l o Loads.
      refine (mine (fun bs d => exists s0 d0, called (start W c bs) o history d0 /\
                begin text o history = Call o (Calling o history s0) /\
                steps ge (s0, d0) (Give Vundef k, d) /\ has_done o d0 d) _ _ _); intros bs.
      destruct (Loads (after c g :: bs)) as (s0 & d0 & s & Called & Begin & Way & Asks & Is & Then).
      pose proof Called as (_ & _ & Known & Range & _); pose proof (exists_in f i Known Range : lock_exists l = true).
      exists s0, d0; split; [exact Called|split; [exact Begin|split]]; rewrite <- Then, Is.
      - eapply steps_trans; [exact Way|now apply (load_steps text S width o history)].
      - split; [reflexivity|]; apply stack_runs; auto; cbn [on_words].
        unfold L1_ticket.spec.pass_lock_spec_low, incr_now_spec, on_existing; fold l.
        now replace (lock_exists (S := S) l) with true by auto.
    Qed.

    Lemma ready_reads (g : log) f i k history : let l := lock_id f i in let v := object l k g in
      ready g (Op_read f i k) history -> ran ((c, Read l k v) :: g) (Some (existT _ l v) :: history).
    Proof.
      intros l v Ready.
      refine (mine (fun bs d => told m (clients c) (start W c bs) (Some (existT _ l v) :: history) d) _ _ _).
      intros bs.
      apply called_done with (Op_read f i k) (view c g (after c g :: bs)); [apply Ready|reflexivity|].
      exists v; split; [reflexivity|]; unfold words_read.
      change (events (arrive S width (view c g (after c g :: bs)))) with (seen (view c g (after c g :: bs))).
      now rewrite seen_view.
    Qed.
    Lemma ready_writes (g : log) f i k v history :
      ready g (Op_write f i k v) history -> ran ((c, Wrote (lock_id f i) k v) :: g) (None :: history).
    Proof.
      intros Ready.
      refine (mine (fun bs d => told m (clients c) (start W c bs) (None :: history) d) _ _ _); intros bs.
      apply called_done with (Op_write f i k v) (view c g (after c g :: bs)); [apply Ready|reflexivity|].
      split; reflexivity.
    Qed.

    (** What thread [t] has done, if it is not stopped; [q] is where it stands on the
        atomic machine. *)
    Definition progressed (g : log) (t : thread S) (q : position S) : Prop :=
      match t, q with
      | Idle history, _ => ran g history
      | Calling o history s, Effected _ _ => midway g o history s (has_done o)
      | Calling o history s, _ =>
          midway g o history s
            match o with
            | Op_acquire f i =>
                match words_phase S c (lock_id f i) g with Waiting t => waits (lock_id f i) t | _ => eq end
            | _ => eq
            end
      | Storing o history l v k, _ => loaded g o history l v k
      | Stopped, _ => True
      end.

    Lemma progress_on (g : log) o history s s' q :
      progressed g (Calling o history s) q -> in_call text o history s = Local (Calling o history s') ->
      progressed g (Calling o history s') q.
    Proof. destruct q; cbn [progressed]; eauto using midway_on. Qed.

    (** Events of the others change nothing of it. *)
    Lemma progress_other c' a g t q : c' <> c -> progressed g t q -> progressed ((c', a) :: g) t q.
    Proof.
      intros Other.
      assert (Same : forall l, words_phase S c l ((c', a) :: g) = words_phase S c l g).
      { intros l; destruct a as [l' k| | |]; try reflexivity; apply words_other; auto. }
      unfold progressed, ran, midway, loaded, local.view.
      destruct t as [history|o history s|o history l v k|]; [| |auto..];
        rewrite ?(batches_other c c' a g Other), ?(upto_other c c' a g Other); auto.
      destruct q, o; rewrite ?Same; auto.
    Qed.
  End Cpu.

  (** ** Steps *)

  (** A step of one CPU moves no other, here and on the atomic machine. *)
  Lemma follows_other c y v y' c' :
    follows c y v y' -> c' <> c -> nth_error (positions y') c' = nth_error (positions y) c'.
  Proof.
    intros [Step|(_ & ->)] Other; [|reflexivity].
    destruct Step; cbn [positions]; rewrite nth_put; now rewrite (proj2 (Nat.eqb_neq c' c) Other).
  Qed.
  Lemma step_other c x v x' c' :
    step c x v x' -> c' <> c ->
    nth_error (threads x') c' = nth_error (threads x) c' /\
    (contents x' = contents x \/ exists a, contents x' = (c, a) :: contents x).
  Proof.
    intros Step Other; destruct Step as [| | |ts g t a t' g' _ _ (_ & ->)|ts g t g' _ _ (_ & ->)];
      cbn [threads contents]; rewrite nth_put, (proj2 (Nat.eqb_neq c' c) Other); eauto.
  Qed.

  (** A hidden step that leaves memory alone leaves the atomic machine alone. *)
  Lemma follows_silent x x' c y y' :
    match_machine x y -> match_machine x' y' -> contents x' = contents x -> follows c y None y' -> y' = y.
  Proof.
    intros Rel Rel' Same [Step|(_ & ->)]; [exfalso|reflexivity].
    pose proof (rel_log _ _ Rel') as Log'; rewrite Same, <- (rel_log _ _ Rel) in Log'.
    inversion Step; subst; cbn in Log'; apply (f_equal (@length _)) in Log'; cbn in Log'; lia.
  Qed.

  Lemma waiting_pending c g f i history s q w :
    match_thread c g (Calling (Op_acquire f i) history s) q -> words_phase S c (lock_id f i) g = Waiting w ->
    q = Pending (Op_acquire f i) history.
  Proof.
    intros Stands Phase; inversion Stands as [| | | | |o history' s' _ Settled|]; subst; auto.
    destruct (Settled (lock_id f i)) as [[]|[|]]; congruence.
  Qed.
  Lemma inside_effected c g f i history s q :
    match_thread c g (Calling (Op_acquire f i) history s) q -> words_phase S c (lock_id f i) g = In ->
    q = Effected (Op_acquire f i) history.
  Proof. intros Stands Phase; inversion Stands; subst; auto; congruence. Qed.
  Lemma outside_effected c g f i history s q :
    match_thread c g (Calling (Op_release f i) history s) q -> words_phase S c (lock_id f i) g = Out ->
    q = Effected (Op_release f i) history.
  Proof. intros Stands Phase; inversion Stands; subst; auto; congruence. Qed.

  Lemma ready_here c g o history : ran c g history -> clients c history = Some o -> of_table the_table o ->
    (let at_phase f i ph := in_family f i = true /\ words_phase S c (lock_id f i) g = ph in
     match o with
     | Op_acquire f i => at_phase f i Out
     | Op_release f i | Op_read f i _ | Op_write f i _ _ => at_phase f i In
     | Op_halt => True
     end) -> ready c g o history.
  Proof.
    intros Ran Next Known Within bs; split; [apply Ran|split; [exact Next|split; [exact Known|]]].
    destruct o; [..|exact I]; (split; [apply Within|]); cbn [me events local.view];
      refine (eq_trans (phase_upto c _ g) _); apply Within.
  Qed.

  (** A request to memory, of thread [t] at position [q], that makes them [t'] and [q']. *)
  Lemma progress_request x y c t q a t' q' (g := contents x) :
    match_machine x y -> contract_kept c y -> nth_error (positions y) c = Some q ->
    match_thread c g t q -> match_thread c ((c, a) :: g) t' q' ->
    answered (next_move text width (clients c) t) a t' -> value_there S width g a ->
    progressed c g t q -> progressed c ((c, a) :: g) t' q'.
  Proof.
    intros Rel Kept At_q Stands Stands' Ans Value Progress.
    destruct Stands as [history Settled|f i history s Member Range Place Phase Settled
                       |f i history s w Member Range Place Phase Settled|f i history s Member Range Place Phase Settled
                       |f i history w k Member Range Ret Phase Settled|o history s Place Settled|];
                         cbn [next_move] in Ans.
    + (* an access *)
      assert (Inside : forall f i, holder S (lock_id f i) (happened y) = Some c ->
        words_phase S c (lock_id f i) g = In).
      { intros f i Mine; destruct (Settled (lock_id f i)) as [[]|Is].
        now apply (mine_iff x y c Rel). }
      destruct (clients c history) as [[f i|f i|f i k|f i k w|]|] eqn:Choice; cbn in Ans; try contradiction.
      all: pose proof (proj1 (forbidden_not the_table c _ _) (Kept history _ At_q Choice)) as (Known & Range & Mine).
      * destruct Ans as (w & -> & ->); cbn in Value; subst w.
        apply ready_reads, ready_here; auto; split; auto.
      * destruct Ans as (-> & ->); apply ready_writes, ready_here; auto; split; auto.
    + (* a ticket *)
      destruct (next_at (Op_acquire f i : op S) history s _ Place) as [(s' & Is & _)|(go & Is & Goes)];
        rewrite Is in Ans; [contradiction|]; destruct Ans as (w & -> & ->); cbn in Value; subst w.
      assert (Phase' : words_phase S c (lock_id f i)
        ((c, Lock (lock_id f i) (Took (next S width (lock_id f i) g))) :: g)
                       = Waiting (next S width (lock_id f i) g))
        by (rewrite words_same, Phase; reflexivity).
      rewrite (waiting_pending _ _ _ _ _ _ _ _ Stands' Phase'); cbn [progressed] in Progress |- *.
      rewrite Phase in Progress; rewrite Phase'; apply midway_takes with s; auto; now apply exists_in.
    + (* a poll *)
      destruct (next_at (Op_acquire f i : op S) history s _ Place) as [(s' & Is & _)|(go & Is & Goes)];
        rewrite Is in Ans; [contradiction|]; destruct Ans as (u & -> & ->); cbn in Value; subst u.
      cbn [progressed] in Progress; rewrite Phase in Progress.
      apply (midway_polls c g f i history s go w) with (2 := Is) in Progress; [|now apply exists_in].
      pose proof (words_same S c (lock_id f i) (Polled (serving S width (lock_id f i) g)) g) as Phase'.
      rewrite Phase in Phase'; cbn [words_step] in Phase'.
      destruct (Z.eqb_spec (serving S width (lock_id f i) g) w) as [Turn|Not].
      * now rewrite (inside_effected _ _ _ _ _ _ _ Stands' Phase').
      * rewrite (waiting_pending _ _ _ _ _ _ _ _ Stands' Phase'); cbn [progressed]; now rewrite Phase'.
    + (* the load of a release *)
      destruct (next_at (Op_release f i : op S) history s _ Place) as [(s' & Is & _)|(k & Is & Ret)];
        rewrite Is in Ans; [contradiction|]; destruct Ans as (u & -> & ->); cbn in Value; subst u.
      now apply midway_loads with s.
    + (* its store *)
      destruct Ans as (-> & ->).
      pose proof (words_same S c (lock_id f i) (Stored ((w + 1) mod modulus width)) g : _ = Out) as Phase'.
      rewrite (outside_effected _ _ _ _ _ _ _ Stands' Phase'); now apply loaded_stores.
    + destruct (next_at o history s _ Place) as [(s' & Is & _)|Is]; cbn in Is; rewrite Is in Ans; contradiction.
    + contradiction.
  Qed.

  (** CPU [c] steps, and [t'] and [q'] are what it and its position become. *)
  Lemma progress_step x y c v x' y' t q t' q' :
    match_machine x y -> step c x v x' -> contract_kept c y ->
    follows c y v y' -> match_machine x' y' ->
    nth_error (threads x) c = Some t -> nth_error (positions y) c = Some q ->
    nth_error (threads x') c = Some t' -> nth_error (positions y') c = Some q' ->
    progressed c (contents x) t q -> progressed c (contents x') t' q'.
  Proof.
    intros Rel Step Kept Follows Rel' At_t At_q At_t' At_q' Progress.
    pose proof (rel_stands _ _ Rel c t q At_t At_q) as (Stands & Alive).
    pose proof (rel_stands _ _ Rel' c t' q' At_t' At_q') as (Stands' & _).
    destruct Step as [ts g t0 t1 At Next|ts g t0 t1 o At Next|ts g t0 t1 o At Next|ts g t0 a t1 g' At Ans (Value & ->)
                     |ts g t0 g' At Goes (_ & ->)]; cbn [threads contents] in *;
      rewrite At in At_t; injection At_t as ->; rewrite nth_put, Nat.eqb_refl, At in At_t'; injection At_t' as <-.
    5: exact I.
    - (* a step of its own *)
      rewrite (follows_silent _ _ c y y' Rel Rel' eq_refl Follows), At_q in At_q'; injection At_q' as <-.
      destruct Stands; cbn [next_move] in Next; try discriminate.
      1: destruct (clients c history) as [[]|]; discriminate.
      all: lazymatch goal with
           | H : at_place ?s ?p, L : in_call _ ?o ?history ?s = Local _ |- _ =>
               destruct (next_at o history s p H) as [(s' & Is & _)|Asks];
                 [rewrite Is in L; injection L as <-; exact (progress_on c g o history s s' _ Progress Is)
                 |cbn in Asks; try destruct Asks as (go & Asks & _); rewrite Asks in L; discriminate]
           end.
    - (* a call *)
      destruct Stands; cbn [next_move] in Next; try discriminate.
      2, 3, 4, 5: lazymatch goal with H : at_place ?s ?p, C : in_call _ ?o ?history ?s = _ |- _ =>
                    pose proof (in_call_only o history s p H) as Only; rewrite C in Only;
                    now destruct Only end.
      destruct (clients c history) as [o2|] eqn:Choice; [|discriminate].
      assert (Settled := H).
      destruct Follows as [Follows|(? & _)]; [|discriminate].
      assert (q' = Pending o history) as ->.
      { inversion Follows; subst; cbn [positions] in *; rewrite nth_put, Nat.eqb_refl, At_q in At_q'; congruence. }
      destruct o2 as [f i|f i|f i k|f i k w|]; cbn in Next; try discriminate; injection Next as <- <-;
        cbn [progressed].
      + inversion Stands'; subst.
        * lazymatch goal with H : words_phase _ _ _ _ = Out |- _ => rewrite H end.
          apply midway_first, eq_refl; apply ready_here; [exact Progress|exact Choice|assumption|split; assumption].
        * destruct (Settled (lock_id f i)) as [[]|[|]]; congruence.
      + inversion Stands'; subst; apply midway_first, eq_refl.
        apply ready_here; [exact Progress|exact Choice|assumption|split; assumption].
    - (* a return *)
      destruct Stands as [history Settled|f i history s _ _ Place|f i history s w _ _ Place|f i history s _ _ Place
        |f i history w k
                         |o0 history s Place|]; cbn [next_move] in Next.
      1: destruct (clients c history) as [[]|]; discriminate.
      4, 6: discriminate.
      all: lazymatch type of Next with in_call _ ?o _ _ = _ =>
             destruct (next_at o history s _ Place) as [(s' & Is & _)|Asks];
               [rewrite Is in Next; discriminate|] end.
      1, 2, 3: cbn in Asks; destruct Asks as (go & Asks & _); rewrite Asks in Next; discriminate.
      cbn in Asks; rewrite Asks in Next; injection Next as <- <-; exact (midway_done c g o0 history s Progress).
    - exact (progress_request (mkMachine (M := M) ts g) y c t q a t1 q'
               Rel Kept At_q Stands Stands' Ans Value Progress).
  Qed.

  (** ** Executions *)

  (** What every CPU of [x] has done; [y] is the atomic machine's state. *)
  Definition bridged (x : machine M) (y : atomic_machine S) : Prop :=
    forall c t q, nth_error (threads x) c = Some t -> nth_error (positions y) c = Some q ->
    progressed c (contents x) t q.

  Lemma bridged_start : bridged (first_state M) (atomic_start (S := S)).
  Proof. intros c t q T Q; apply nth_repeat in T, Q; subst; intros bs; apply told_nothing. Qed.

  Theorem bridged_step x y c v x' y' :
    match_machine x y -> step c x v x' -> contract_kept c y ->
    follows c y v y' -> match_machine x' y' -> bridged x y -> bridged x' y'.
  Proof.
    intros Rel Step Kept Follows Rel' Bridged c' t' q' T' Q'; destruct (Nat.eq_dec c' c) as [->|Other].
    - assert (exists t, nth_error (threads x) c = Some t) as (t & T) by (destruct Step; eauto).
      destruct (match_at _ _ _ _ Rel T) as (q & Q & _).
      exact (progress_step x y c v x' y' t q t' q' Rel Step Kept Follows Rel' T Q T' Q' (Bridged c t q T Q)).
    - destruct (step_other c x v x' c' Step Other) as (Same & Log).
      rewrite Same in T'; rewrite (follows_other c y v y' c' Follows Other) in Q'.
      pose proof (Bridged c' t' q' T' Q') as Before.
      destruct Log as [->|(a & ->)]; [exact Before|apply progress_other; auto].
  Qed.
End Bridged.

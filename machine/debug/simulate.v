(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The machine of the debug text, and the atomic machine that stops

    Each debug thread stands beside one of the release text ([beside]), which is
    simulated by the atomic machine (refine/simulation.v); the machine that stops differs from that
    one where a CPU has made a wrong call, or has stopped ([above]).  A step of the
    first is steps of the last, of which the same is seen, or somebody was
    about to touch an object outside its lock ([debug_simulated]).  Read next: correct.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax semantics smallstep.
From hlock.layers.view Require Import spec facts.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.layers Require Import L3_atomic.spec L3_atomic.facts.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec text checks_text record checked.
From hlock.layers.L4_locks Require contract.
From hlock.stack Require Import stack setting.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import position place invariant simulation no_breach.
From hlock.machine.debug Require Import model stopping found leads calls lockstep relation stands held.
Import ListNotations.
Local Open Scope Z_scope.

(** ** The atomic machine: a step depends on this CPU's position and the log *)
Section Atomic.
  Context {S : system} (clients : cpu -> client S).

  Lemma atomic_frame c y v y' : atomic_step clients c y v y' -> exists q q',
    nth_error (positions y) c = Some q /\ positions y' = put_at c q' (positions y) /\
    (v = Some Did_halt -> q' = Dead) /\
    forall ps, nth_error ps c = Some q ->
      atomic_step clients c (mkAtomic ps (happened y)) v (mkAtomic (put_at c q' ps) (happened y')).
  Proof.
    destruct 1; cbn [positions happened]; eexists; eexists; (split; [eassumption|]);
      (split; [reflexivity|]); (split; [try discriminate; auto|]); intros ps' At.
    - now apply atomic_call.
    - now apply atomic_effect.
    - now apply atomic_return.
    - now apply atomic_read.
    - now apply atomic_write.
    - now apply atomic_halt with q.
  Qed.
End Atomic.

Section Simulate.
  Context {G : running} (B : build) (asserts : cpu -> list (response the_system) -> list asserted).
  Context (Recordable : recordable the_table = true) (Build : build_ok processors B).
  Context (Calls : calls_exist the_table clients asserts).
  Local Notation S := the_system.
  Local Notation M := (sc_memory S width).
  Let Width : 1 <= width <= 32 := width_range.
  Let Fits : Z.of_nat (cpus S) <= modulus width := width_suffices.
  Local Notation text := (debug_stack prefix the_table).
  Local Notation debug_step := (debug_step text width B M clients asserts).
  Local Notation stopping_execution := (stopping_execution the_table B clients asserts).
  Local Notation stopping_step := (stopping_step the_table B clients asserts).
  Local Notation touches_outside := (touches_outside the_table B clients asserts).
  Local Notation wrong_next := (wrong_next the_table B asserts).
  Local Notation stands := (stands B asserts).
  Local Notation holdings := (holdings (fun _ _ => True) clients).

  Record beside (x : debug_machine M) (x0 : machine M) : Prop := {
    beside_debug : List.length (debug_threads x) = cpus S;
    beside_threads : List.length (threads x0) = cpus S;
    beside_contents : debug_contents x = contents x0;
    beside_stands : forall c d t, nth_error (debug_threads x) c = Some d -> nth_error (threads x0) c = Some t ->
      stands c (its_records x (this_cpu B c)) d t
  }.

  (** Where a CPU is on the machine that stops, if on the other it is at [q]. *)
  Definition shown (d : debug_thread S) (q : position S) : position S :=
    match d, q with
    | At_stop, _ => Dead
    | Running (Calling o h _) _, At_rest _ => Pending o h
    | _, _ => q
    end.
  Record above (x : debug_machine M) (y0 y : atomic_machine S) : Prop := {
    above_length : List.length (positions y) = cpus S;
    above_happened : happened y = happened y0;
    above_shown : forall c d q, nth_error (debug_threads x) c = Some d -> nth_error (positions y0) c = Some q ->
      nth_error (positions y) c = Some (shown d q)
  }.

  Record simulated (x : debug_machine M) (x0 : machine M) (y0 y : atomic_machine S) : Prop := {
    sim_beside : beside x x0;
    sim_match : match_machine x0 y0;
    sim_holdings : holdings y0;
    sim_above : above x y0 y
  }.

  (** ** A step of the release thread, on both atomic machines *)
  Section Release.
    Context (c : cpu).
    (** What is known of the client of a release thread that moves. *)
    Definition permitted (t : thread S) : Prop :=
      (forall h o, t = Idle h -> clients c h = Some o ->
         right_asserts B c h (asserts c h) /\ right_op B c h o /\ NoDup (own_held c h)) /\
      (forall o h, in_op t = Some (o, h) -> going_on B asserts c o h).

    Lemma log_legal x0 y0 : match_machine x0 y0 -> legal (spec.atomic S) (happened y0).
    Proof. intros Match; rewrite (rel_log _ _ Match); exact (up_legal S width Width Fits _ (rel_legal _ _ Match)). Qed.

    Lemma same_wrong x0 y0 h call : match_machine x0 y0 -> holds_exactly c (happened y0) (own_held c h) ->
      NoDup (own_held c h) ->
      wrong the_table (depth B) call (held_by c (happened y0)) = is_wrong B c call h.
    Proof.
      intros Match Exactly Once; destruct (held_same c _ (log_legal x0 y0 Match) _ Exactly Once) as (Same & Long).
      now apply wrong_same.
    Qed.

    Lemma nothing_wrong x0 y0 h did : match_machine x0 y0 -> holds_exactly c (happened y0) (own_held c h) ->
      NoDup (own_held c h) -> right_asserts B c h did ->
      find (fun call => wrong the_table (depth B) call (held_by c (happened y0))) (map assert_call did) = None.
    Proof.
      intros Match Exactly Once; induction 1 as [|a did Right _ IH]; [reflexivity|]; cbn [map find].
      now rewrite (same_wrong x0 y0 h _ Match Exactly Once), Right.
    Qed.

    (** What a permitted thread stands before is not wrong. *)
    Lemma permitted_right x0 y0 y t q : match_machine x0 y0 -> holdings y0 -> happened y = happened y0 ->
      nth_error (threads x0) c = Some t -> nth_error (positions y0) c = Some q -> nth_error (positions y) c = Some q ->
      permitted t -> (forall h, t = Idle h -> clients c h <> None) -> wrong_next c y = None.
    Proof.
      intros Match Holds Same At At0 At' (Rests & Goes) Next; unfold stopping.wrong_next; rewrite At', Same.
      destruct (rel_stands _ _ Match c t q At At0) as (Stands & _); pose proof (Holds c q At0) as Mine.
      unfold wrong_at; destruct q as [h|o h|o h|]; [| |reflexivity|reflexivity].
      - assert (t = Idle h) as -> by now inversion Stands.
        destruct (clients c h) as [o|] eqn:Is; [|now destruct (Next h eq_refl)].
        destruct (Rests h o eq_refl Is) as (Rights & _ & Once); destruct Mine as (_ & Exactly).
        exact (nothing_wrong x0 y0 h _ Match Exactly Once Rights).
      - destruct Mine as (_ & Is & _ & Exactly).
        assert (In : in_op t = Some (o, h)) by (inversion Stands; subst; reflexivity).
        destruct (Goes o h In) as (_ & Right & Once & _); destruct (lock_call o) as [call|] eqn:Call; [|reflexivity].
        now rewrite (same_wrong x0 y0 h call Match Exactly Once), (Right call Call).
    Qed.

    (** It keeps the contract, or is about to touch what it must not. *)
    Lemma permitted_kept x0 y0 y t q : match_machine x0 y0 -> holdings y0 -> happened y = happened y0 ->
      nth_error (threads x0) c = Some t -> nth_error (positions y0) c = Some q -> nth_error (positions y) c = Some q ->
      permitted t -> contract_kept c y0 \/ touches_outside y.
    Proof.
      intros Match Holds Same At At0 At' Permitted.
      destruct q as [h|o h|o h|]; try (left; intros h' o'; rewrite At0; discriminate).
      destruct (clients c h) as [o|] eqn:Is; [|left; intros h' o'; rewrite At0; intros [= <-]; rewrite Is;
        discriminate].
      destruct (rel_stands _ _ Match c t _ At At0) as (Stands & _).
      assert (t = Idle h) as -> by now inversion Stands.
      pose proof (Holds c _ At0) as (_ & Exactly).
      destruct (forbidden_decided the_table c o (happened y0)) as [Bad|Good];
        [|left; intros h' o'; rewrite At0; intros [= <-]; rewrite Is; now intros [= <-]].
      destruct (lock_call o) as [call|] eqn:Call.
      - exfalso; destruct (proj1 Permitted h o eq_refl Is) as (_ & Right & Once).
        specialize (Right call Call); rewrite <- (same_wrong x0 y0 h call Match Exactly Once) in Right.
        pose proof (proj1 Calls c h o call Is Call) as Of; pose proof (log_legal x0 y0 Match) as Legal.
        destruct o as [f i|f i| | |]; try discriminate; injection Call as <-; destruct Of as (Member & _);
          cbn [wrong forbidden] in Right, Bad; destruct (in_family f i); try discriminate; cbn [negb orb] in Right;
          destruct Bad as [Not|[Not|Mine]]; try contradiction; try discriminate.
        + apply (held_by_in c _ Legal), has_iff in Mine; rewrite Mine in Right; discriminate.
        + apply Mine; apply negb_false_iff, has_iff, (held_by_in c _ Legal) in Right; exact Right.
      - right; exists c, h, o; split; [exact At'|split; [exact Is|split; [exact Call|]]]; rewrite Same.
        split; [exact Bad|apply (permitted_right x0 y0 y (Idle h) (At_rest h)); auto].
        intros h' [= <-]; rewrite Is; discriminate.
    Qed.

    (** One step of it. *)
    Lemma release_step tr x0 y0 y t q v t2 m2 : match_machine x0 y0 -> holdings y0 -> happened y = happened y0 ->
      nth_error (threads x0) c = Some t -> nth_error (positions y0) c = Some q -> nth_error (positions y) c = Some q ->
      permitted t -> moves the_text width M clients c t (contents x0) v t2 m2 -> stopping_execution tr y ->
      touches_outside y \/ exists y0' q' y',
        match_machine (mkMachine (M := M) (put_at c t2 (threads x0)) m2) y0' /\ holdings y0' /\
        positions y0' = put_at c q' (positions y0) /\ positions y' = put_at c q' (positions y) /\
        happened y' = happened y0' /\ stopping_execution (note c (option_map Seen v) tr) y'.
    Proof.
      intros Match Holds Same At At0 At' Permitted Moves Above.
      destruct (permitted_kept x0 y0 y t q) as [Kept|Touches]; auto; right.
      assert (Right : wrong_next c y = None).
      { apply (permitted_right x0 y0 y t q); auto; intros h -> None.
        inversion Moves as [t' Is|o1 t' Is|o1 t' Is|a t' m3 Is Does]; subst; cbn [next_move] in Is;
          rewrite None in Is; discriminate || contradiction. }
      assert (Step : machine_step the_text width M clients c x0 v (mkMachine (M := M) (put_at c t2 (threads x0)) m2)).
      { destruct x0 as [ts m]; cbn [threads contents] in *.
        destruct Moves; [eapply step_local|eapply step_call|eapply step_return|eapply step_memory]; eauto. }
      destruct (match_step x0 y0 c v _ Match Step Kept) as (y0' & [Step'|(-> & ->)] & Match').
      - destruct (atomic_frame clients c y0 v y0' Step') as (q0 & q' & At1 & Put & _ & Frame).
        rewrite At0 in At1; injection At1 as <-.
        exists y0', q', (mkAtomic (put_at c q' (positions y)) (happened y0')).
        split; [exact Match'|split; [|split; [exact Put|split; [reflexivity|split; [reflexivity|]]]]].
        + exact (holdings_step (fun _ _ => True) clients c y0 v y0' (fun _ _ _ _ _ _ _ _ => I) Holds Step').
        + eapply stopping_execution_step; [exact Above|]; apply stopping_goes_on; [|now left].
          specialize (Frame (positions y) At'); rewrite <- Same in Frame; destruct y; exact Frame.
      - exists y0, q, y; rewrite (put_same _ c q At0), (put_same _ c q At'); auto 8.
    Qed.

    (** Steps of its own first. *)
    Lemma quiet_permitted t t1 : quiet c t t1 -> permitted t1 -> permitted t.
    Proof.
      induction 1 as [t|t t1 t2 Next Quiet IH]; [auto|]; intros Permitted; specialize (IH Permitted).
      destruct t as [h|o h s|o h l w k|]; cbn [next_move] in Next; try discriminate.
      - destruct (clients c h) as [[]|]; discriminate.
      - split; [discriminate|]; intros o' h' [= <- <-]; apply (proj2 IH).
        unfold in_call in Next; destruct s as [le s k|le out k|g [f|ef ts tr cc] vs k|u k].
        4: { unfold primitive in Next; destruct vs as [|[|n] [|]];
             repeat match type of Next with context [if ?b then _ else _] => destruct b end; try discriminate Next.
             now injection Next as <-. }
        all: repeat match type of Next with
             | match ?o with _ => _ end = Local _ => destruct o; try discriminate Next end;
             now injection Next as <-.
    Qed.
  
    Lemma put_put {A} (xs : list A) a b : put_at c a (put_at c b xs) = put_at c a xs.
    Proof. clear; revert c; induction xs as [|x xs IH]; intros [|c]; cbn; try reflexivity; now rewrite IH. Qed.

    Lemma quiet_steps t t1 tr : quiet c t t1 -> permitted t1 -> forall x0 y0 y q, match_machine x0 y0 ->
      holdings y0 -> happened y = happened y0 -> nth_error (threads x0) c = Some t ->
      nth_error (positions y0) c = Some q -> nth_error (positions y) c = Some q -> stopping_execution tr y ->
      (exists y, stopping_execution tr y /\ touches_outside y) \/ exists y0' q' y',
        match_machine (mkMachine (M := M) (put_at c t1 (threads x0)) (contents x0)) y0' /\ holdings y0' /\
        positions y0' = put_at c q' (positions y0) /\ positions y' = put_at c q' (positions y) /\
        happened y' = happened y0' /\ stopping_execution tr y'.
    Proof.
      induction 1 as [t|t t1 t2 Next Quiet IH]; intros Permitted x0 y0 y q Match Holds Same At At0 At' Above.
      - right; exists y0, q, y; rewrite !put_same by assumption; destruct x0; auto 8.
      - pose proof (quiet_permitted t1 t2 Quiet Permitted) as Permitted1.
        pose proof (quiet_permitted t t1 (quiet_one c t t1 t1 Next (quiet_none c t1)) Permitted1) as Permitted0.
        destruct (release_step tr x0 y0 y t q None t1 (contents x0)) as [Touches|(y0' & q' & y' & Match' & Holds' &
          Put0 & Put & Same' & Above')]; auto; [now apply moves_local|left; eauto|].
        destruct (IH Permitted (mkMachine (M := M) (put_at c t1 (threads x0)) (contents x0)) y0' y' q')
          as [Touches|(y0'' & q'' & y'' & Match'' & Holds'' & Put0' & Put' & Same'' & Above'')]; auto.
        + cbn [threads]; now rewrite nth_put, Nat.eqb_refl, At.
        + now rewrite Put0, nth_put, Nat.eqb_refl, At0.
        + now rewrite Put, nth_put, Nat.eqb_refl, At'.
        + right; exists y0'', q'', y''; cbn [threads contents] in Match''; rewrite put_put in Match''.
          rewrite Put0' , Put', Put0, Put, !put_put; auto 8.
    Qed.
  End Release.

  (** ** The machines, after a step of CPU [c] *)
  Lemma beside_update x x0 c d t d' R' t' m' : beside x x0 -> nth_error (debug_threads x) c = Some d ->
    nth_error (threads x0) c = Some t -> others_same (this_cpu B c) (its_records x) R' ->
    stands c (R' (this_cpu B c)) d' t' ->
    beside (mkDebug (M := M) (put_at c d' (debug_threads x)) R' m') (mkMachine (M := M) (put_at c t' (threads x0)) m').
  Proof.
    intros [Long Long0 Same Stand] At At0 Others Here; constructor; cbn [debug_threads threads debug_contents contents
      its_records]; rewrite ?length_put; auto; intros c' d2 t2; rewrite !nth_put, At, At0.
    destruct (Nat.eqb_spec c' c) as [->|Other]; [intros [= <-] [= <-]; exact Here|]; intros D2 T2.
    rewrite Others; [exact (Stand c' d2 t2 D2 T2)|]; intros Number; apply Other.
    assert (forall c1 d1, nth_error (debug_threads x) c1 = Some d1 -> (c1 < processors)%nat) as In.
    { intros c1 d1 Is; change processors with (cpus S); rewrite <- Long; apply nth_error_Some; congruence. }
    apply (this_cpu_own _ _ Build c' c); eauto.
  Qed.

  Lemma above_update x y0 y c d q d' q' R' m' y0' y' : above x y0 y -> nth_error (debug_threads x) c = Some d ->
    nth_error (positions y0) c = Some q -> positions y0' = put_at c q' (positions y0) ->
    positions y' = put_at c (shown d' q') (positions y) -> happened y' = happened y0' ->
    above (mkDebug (M := M) (put_at c d' (debug_threads x)) R' m') y0' y'.
  Proof.
    intros [Long Log Shown] At At0 Put0 Put Same; constructor; [now rewrite Put, length_put|exact Same|].
    intros c' d2 q2; cbn [debug_threads]; rewrite Put0, Put, !nth_put, At, At0, (Shown c d q At At0).
    destruct (Nat.eqb_spec c' c) as [->|Other]; [intros [= <-] [= <-]; reflexivity|apply Shown].
  Qed.

  Lemma not_ahead c r d t q g : stands c r d t -> match_thread c g t q -> not_stopped d -> ahead d t = None ->
    shown d q = q.
  Proof.
    destruct d as [t1 due| |]; cbn; try contradiction; try reflexivity.
    destruct t1; try reflexivity; intros _ Match _; destruct Match; discriminate || reflexivity.
  Qed.

  Definition goal (tr : debug_trace S) (x' : debug_machine M) : Prop :=
    (exists x0' y0' y', simulated x' x0' y0' y' /\ stopping_execution tr y') \/
    touched_outside the_table B clients asserts tr.

  Lemma touched_now c v tr y x' : stopping_execution tr y -> touches_outside y -> goal (note c v tr) x'.
  Proof.
    intros Above Touches; right; exists tr, (match v with Some v => [(c, v)] | None => [] end), y.
    now destruct v.
  Qed.
End Simulate.

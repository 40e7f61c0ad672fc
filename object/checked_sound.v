(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * If the checker says yes, the code asks for what the C asks for

    A call of a checked function is always at a stage ([call_stands]), and what it asks
    memory for there is right ([checked_sound]).  It holds whatever the registers hold at the
    call, but for the index.  Between two requests there are few own steps
    ([own_steps_bounded]).  Read next: machine.v. *)
From Coq Require Import ZArith List Bool Arith Lia.
From hlock.clight Require Import options.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import text.
From hlock.machine.hardware Require Import events.
From hlock.object Require Import micro by_place by_place_sound target checker stages.
Import ListNotations.
Local Open Scope Z_scope.

Section Sound.
  Context {I R : Type} (arch : target I R) (C : code I) (stride : Z) (f : family) (ps : list point).
  (** One call: where the array lies, the index, the registers at the call. *)
  Context (base i : Z) (before : registers).
  Context (Range : in_family f i = true) (One : index f = None -> i = 0).
  Context (Closed : closed arch C stride f ps = true).
  Context (Low : 0 <= lock_next stride f base i) (High : lock_now stride f base i < 2 ^ 64).
  Local Notation c_value := (c_value base i).
  Local Notation holds := (holds base i before).
  Local Notation all_hold := (all_hold base i before).
  Local Notation describes := (describes base i before).
  Local Notation framed := (framed arch C before).
  Local Notation stands := (stands arch C ps base i before).
  Local Notation right_request := (right_request arch stride f base i before).
  Local Notation pc_is := (d_pc base i before _ _ _ _).
  Local Notation part_is := (d_part base i before _ _ _ _).
  Local Notation regs_hold := (d_regs base i before _ _ _ _).
  Local Notation flag_told := (d_flag base i before _ _ _ _).
  Local Notation value_holds := (holds_value f base i before Range).
  Local Notation is_next := (next_is stride f base i before One Low High).
  Local Notation is_now := (now_is stride f base i before One Low High).
  Local Notation address_is := (is_address_is base i before).
  Local Notation lowest_is := (has_lowest_is base i before).

  (** ** One step *)

  (** State [s] is described by one of [qs]. *)
  Definition described_by (qs : list point) (s : state) (g : stage) : Prop := exists t v q,
    is_word t /\ is_word v /\ In q qs /\ describes t v q s /\ at_stage t v (at_phase q) g.

  Lemma right_weaken (on on' : state -> stage -> Prop) r g :
    (forall s g, on s g -> on' s g) -> right_request on r g -> right_request on' r g.
  Proof.
    intros More; destruct r, g as [[?|]|? [?|]|? ? [|]| |?|]; cbn [right_request]; try tauto;
      try (intros (g' & Settles & On); exists g'; split; [exact Settles|apply More, On]); intuition auto.
  Qed.

  Lemma small_zero : 0 < 2 ^ 32. Proof. lia. Qed.

  Lemma goes t v q s g qs : is_word t -> is_word v -> describes t v q s -> at_stage t v (at_phase q) g -> In q qs ->
    described_by qs s g.
  Proof. intros; exists t, v, q; auto. Qed.

  Lemma describes_gets t v p s r k x ph : describes t v p s -> holds t v k x ->
    describes t v (mkPoint (at_pc p) (S (at_part p)) (set_known r k (at_regs p)) (at_flag p) ph) (gets r x s).
  Proof.
    intros [Pc Part Regs Flag] Is; constructor; cbn; auto; now apply all_set.
  Qed.
  (** The answer of memory is known, and what was known of other values is not. *)
  Lemma describes_answer t v t' v' p s r k x ph h : describes t v p s ->
    (all_hold t v (at_regs p) (regs s) -> all_hold t' v' (map h (at_regs p)) (regs s)) -> holds t' v' k x ->
    describes t' v' (mkPoint (at_pc p) (S (at_part p)) (set_known r k (map h (at_regs p))) Nothing ph) (gets r x s).
  Proof.
    intros [Pc Part Regs Flag] Map Is; constructor; cbn; auto; [apply all_set; auto|discriminate].
  Qed.
  Lemma describes_advance t v p s fl ph : describes t v p s -> (fl = Turn -> at_flag p = Turn) ->
    describes t v (mkPoint (at_pc p) (S (at_part p)) (at_regs p) fl ph) (advance s).
  Proof. intros [Pc Part Regs Flag] Told; constructor; cbn; auto. Qed.
  Lemma describes_goto t v p s at_ ph : describes t v p s ->
    describes t v (mkPoint at_ 0 (at_regs p) (at_flag p) ph) (goto at_ s).
  Proof. intros [Pc Part Regs Flag]; constructor; cbn; auto. Qed.

  Lemma describes_got t v p s rs x ph : describes t v p s ->
    describes t v (mkPoint (at_pc p) (S (at_part p)) (forget_regs rs (at_regs p)) (at_flag p) ph) (got rs x s).
  Proof. intros [Pc Part Regs Flag]; constructor; cbn; auto; now apply all_forget. Qed.
  Lemma describes_forgets t v p s rs x fl ph : describes t v p s ->
    describes t v (mkPoint (at_pc p) (S (at_part p)) (forget_regs rs (at_regs p)) Nothing ph)
      (mkState (pc s) (S (part s)) (set_regs rs x (regs s)) fl).
  Proof. intros [Pc Part Regs Flag]; constructor; cbn; auto; [now apply all_forget|discriminate]. Qed.

  Lemma jumps_right t v p s g test_ target : is_word t -> is_word v -> describes t v p s ->
    at_stage t v (at_phase p) g ->
    exists g', settles g g' /\
      described_by (jumps f p test_ target) (if passes base s test_ then goto target s else advance s) g'.
  Proof.
    intros T V D At.
    assert (There : forall q g, at_stage t v q g ->
      forall qs, In (mkPoint target 0 (at_regs p) (at_flag p) q) qs -> described_by qs (goto target s) g)
      by (intros q g0 At0 qs; apply goes with t v; auto; now apply describes_goto).
    assert (Here : forall q g, at_stage t v q g ->
      forall qs, In (mkPoint (at_pc p) (S (at_part p)) (at_regs p) (at_flag p) q) qs -> described_by qs (advance s) g)
      by (intros q g0 At0 qs; apply goes with t v; auto; now apply describes_advance).
    assert (Both : forall b : bool, described_by [mkPoint target 0 (at_regs p) (at_flag p) (at_phase p);
        mkPoint (at_pc p) (S (at_part p)) (at_regs p) (at_flag p) (at_phase p)]
        (if b then goto target s else advance s) g)
      by (intros [|]; [eapply There|eapply Here]; cbn; eauto).
    destruct test_ as [|b|b a]; cbn [jumps passes].
    - exists g; split; [left; reflexivity|eapply There; cbn; eauto].
    - destruct (at_flag p) eqn:Told; [exists g; split; [left; reflexivity|apply Both]|].
      destruct (at_phase p) as [|armed|excl| | |] eqn:Phase;
        try (exists g; split; [left; reflexivity|apply Both]; fail).
      inversion At; subst g; rewrite (flag_told D Told), Z.eqb_sym.
      exists (if v =? t then S_done else S_waiting t (if excl then Some v else None)); split; [right; eauto 6|].
      assert (Wait : v <> t -> at_stage t v (Waiting_turn excl) (S_waiting t (if excl then Some v else None)))
        by (intros Not; destruct excl; constructor; auto).
      destruct (Z.eqb_spec v t) as [Is|Not], b; cbn [Bool.eqb].
      + eapply There; [constructor|cbn; auto].
      + eapply Here; [constructor|cbn; auto].
      + eapply Here; [now apply Wait|cbn; auto].
      + eapply There; [now apply Wait|cbn; auto].
    - exists g; split; [left; reflexivity|].
      pose proof (value_holds t v T V (at_regs p) (regs s) a (regs_hold D)) as Value.
      destruct (value_known f (at_regs p) a); try apply Both.
      destruct (same_formula F (constant (c_const F))) eqn:Const; [|apply Both].
      apply same_formula_is in Const.
      assert (E : eval base (regs s) a = c_const F mod 2 ^ 64).
      { cbn [holds] in Value; rewrite Value; f_equal; rewrite Const at 1.
        unfold c_value, constant; cbn [c_base c_index c_ticket c_seen c_const]; ring. }
      rewrite E; destruct (Bool.eqb _ b); [eapply There|eapply Here]; cbn; eauto.
  Qed.

  Lemma holds_seen t v : is_word v -> holds t v (Full seen_itself) v.
  Proof.
    intros V; cbn [holds]; rewrite Z.mod_small; unfold c_value, seen_itself;
      cbn [c_base c_index c_ticket c_seen c_const]; unfold is_word in V; lia.
  Qed.
  Lemma holds_ticket t v : is_word t -> holds t v (Full ticket_itself) t.
  Proof.
    intros T; cbn [holds]; rewrite Z.mod_small; unfold c_value, ticket_itself;
      cbn [c_base c_index c_ticket c_seen c_const]; unfold is_word in T; lia.
  Qed.
  Lemma holds_constant t v k : 0 <= k < 2 ^ 64 -> holds t v (Full (constant k)) k.
  Proof.
    intros K; cbn [holds]; rewrite Z.mod_small; unfold c_value, constant;
      cbn [c_base c_index c_ticket c_seen c_const]; lia.
  Qed.
  Lemma more_than_seen t v : c_value t v (c_plus seen_itself (constant 1)) = v + 1.
  Proof.
    unfold c_value, c_plus, seen_itself, constant; cbn [c_base c_index c_ticket c_seen c_const]; ring.
  Qed.

  Lemma among_is is ls : among arch is ls = true -> In is ls.
  Proof.
    intros Among; apply existsb_exists in Among as (js & In_js & Same).
    destruct (list_eq_dec (same_event arch) is js) as [->|]; [exact In_js|discriminate].
  Qed.

  (** What is stored is known as before, but for what is done to it. *)
  Lemma describes_updates t v p s h : describes t v p s ->
    describes t v (mkPoint (at_pc p) (at_part p) (with_stored h (at_regs p)) (at_flag p) (at_phase p))
      (updates frame_stored h s).
  Proof.
    intros [Pc Part Regs Flag]; constructor; [exact Pc|exact Part| |exact Flag].
    cbn [at_regs]; unfold with_stored, updates; cbn [regs]; apply all_set; [exact Regs|].
    pose proof (Regs frame_stored) as Is; unfold updated.
    destruct (known_at (at_regs p) frame_stored); try exact Logic.I.
    destruct (same_formula _ _) eqn:Same; [|exact Logic.I].
    rewrite (constant_is base i before t v F _ Same Is); cbn [holds].
    f_equal; unfold c_value, constant; cbn [c_base c_index c_ticket c_seen c_const]; ring.
  Qed.
  Lemma lose_right t v p s g sp qs : is_word t -> is_word v -> describes t v p s -> at_stage t v (at_phase p) g ->
    perform_known arch C stride f (Lose_below sp) p = Some qs ->
    right_request (described_by qs) (perform base C (Lose_below (I := I) sp) s) g.
  Proof.
    intros T V D At; pose proof (regs_hold D sp) as Sp_is; pose proof (regs_hold D frame_top) as Top_is.
    cbn [perform_known perform].
    destruct (known_at _ sp) as [| |size| | | | | | | |]; try discriminate.
    destruct (same_known _ _) eqn:Top; [|discriminate]; apply same_known_is in Top; rewrite Top in Top_is.
    intros [= <-]; exists g; split; [left; reflexivity|].
    replace (below_top (regs s sp) s) with (size mod 2 ^ 64).
    - eapply (goes t v _ _ _ _ T V); only 3: (left; reflexivity); [|exact At].
      exact (describes_advance t v _ _ _ _ (describes_updates t v p s _ D) (fun Is => Is)).
    - cbn [holds] in Sp_is, Top_is; unfold below_top; rewrite Sp_is, Top_is, <- Zminus_mod; f_equal; ring.
  Qed.
  (** A register that the checker takes to be as it was. *)
  Lemma is_kept_is t v r k x : framed -> is_kept arch r k = true -> holds t v k x -> x = before r.
  Proof.
    unfold is_kept; rewrite orb_true_iff, andb_true_iff; intros (Top & In_64 & _) [Same|(Is & Same)] Holds;
      apply same_known_is in Same; subst k; [exact Holds|]; apply Nat.eqb_eq in Is; subst r.
    cbn [holds] in Holds; rewrite Holds, Top, Z.sub_0_r; now apply Z.mod_small.
  Qed.

  (** A register gets a value, of which something is known; what memory holds has no part in it. *)
  Lemma gets_right t v p s g r k x : is_word t -> is_word v -> describes t v p s -> at_stage t v (at_phase p) g ->
    holds t v k x ->
    right_request
      (described_by [mkPoint (at_pc p) (S (at_part p)) (set_known r k (at_regs p)) (at_flag p) (at_phase p)])
      (Own (gets r x s)) g.
  Proof.
    intros T V D At Is; exists g; split; [left; reflexivity|].
    eapply (goes t v _ _ _ _ T V); only 3: (left; reflexivity); [|exact At]; now apply describes_gets.
  Qed.
  (** A ticket that is taken in one step. *)
  Lemma add_right t v p s g qs is r a x : is_word t -> is_word v -> describes t v p s ->
    at_stage t v (at_phase p) g ->
    (forall e, holds t v (value_known f (at_regs p) e) (eval base (regs s) e)) ->
    perform_known arch C stride f (Fetch_add is r a x) p = Some qs ->
    right_request (described_by qs) (perform base C (Fetch_add is r a x) s) g.
  Proof.
    intros T V D At Value; assert (Regs := regs_hold D); cbn [perform_known perform].
    inversion At; subst g; try discriminate.
    all: destruct (is_address _ _ && _ && _) eqn:Ok; [|discriminate]; intros [= <-];
      apply andb_true_iff in Ok as (Ok & Low_x); apply andb_true_iff in Ok as (Addr & Ticket); apply among_is in Ticket;
      split; [exact (is_next t v _ (address_is _ _ _ _ _ Addr (Value a)))|split; [exact Ticket|]];
      (split; [rewrite (lowest_is t v _ _ _ Low_x (Value x)); unfold c_value, constant;
         cbn [c_base c_index c_ticket c_seen c_const];
         replace (0 * base + 0 * i + 0 * t + 0 * v + 1) with 1 by ring; reflexivity|]);
      intros w W; eapply (goes w v _ _ _ _ W V); only 3: (left; reflexivity); [|constructor];
      apply (describes_answer t v); auto; [apply all_forget_both|now apply holds_ticket].
  Qed.

  (** A load. *)
  Lemma load_right t v p s g qs is excl r a : is_word t -> is_word v -> describes t v p s ->
    at_stage t v (at_phase p) g ->
    (forall e, holds t v (value_known f (at_regs p) e) (eval base (regs s) e)) ->
    perform_known arch C stride f (Load is excl r a) p = Some qs ->
    right_request (described_by qs) (perform base C (Load is excl r a) s) g.
  Proof.
    intros T V D At Value; assert (Regs := regs_hold D); cbn [perform_known perform].
    assert (Read : forall w ph, is_word w ->
      describes t w (mkPoint (at_pc p) (S (at_part p)) (set_known r (Full seen_itself) (map forget_seen (at_regs p)))
        Nothing ph) (gets r w s))
      by (intros w ph W; apply (describes_answer t v); auto; [apply all_forget_seen|now apply holds_seen]).
    inversion At; subst g; try discriminate.
    all: try (destruct (is_address _ _ && tries_load _ _ && excl) eqn:Ok; [|discriminate];
      intros [= <-]; apply andb_true_iff in Ok as (Ok & Excl); apply andb_true_iff in Ok as (Addr & Tries);
      split; [exact (is_next t v _ (address_is _ _ _ _ _ Addr (Value a)))|split; [exact Tries|split; [exact Excl|]]];
      intros w W; eapply (goes t w _ _ _ _ T W); only 3: (left; reflexivity); [now apply Read|constructor]).
    all: try (destruct (is_address _ _ && among _ _ _) eqn:Ok; [|discriminate]; intros [= <-];
      apply andb_true_iff in Ok as (Addr & Polls); apply among_is in Polls;
      split; [exact (is_now t v _ (address_is _ _ _ _ _ Addr (Value a)))|split; [exact Polls|]];
      intros w W; eapply (goes t w _ _ _ _ T W); only 3: (left; reflexivity); [now apply Read|constructor]).
    destruct (is_address _ _ && among _ _ _ && negb excl) eqn:Ok; [|discriminate]; intros [= <-].
    apply andb_true_iff in Ok as (Ok & Not_excl); apply andb_true_iff in Ok as (Addr & Loads).
    apply among_is in Loads; apply negb_true_iff in Not_excl.
    split; [exact (is_now t v _ (address_is _ _ _ _ _ Addr (Value a)))|split; [exact Loads|split; [exact Not_excl|]]].
    intros w W; eapply (goes t w _ _ _ _ T W); only 3: (left; reflexivity); [now apply Read|constructor].
  Qed.

  (** A store-exclusive, which succeeds or fails. *)
  Lemma store_x_right t v p s g qs is r a x : is_word t -> is_word v -> describes t v p s ->
    at_stage t v (at_phase p) g ->
    (forall e, holds t v (value_known f (at_regs p) e) (eval base (regs s) e)) ->
    perform_known arch C stride f (Store_x is r a x) p = Some qs ->
    right_request (described_by qs) (perform base C (Store_x is r a x) s) g.
  Proof.
    intros T V D At Value; assert (Regs := regs_hold D); cbn [perform_known perform].
    inversion At; subst g; try discriminate.
    destruct (is_address _ _ && tries_store _ _ && _) eqn:Ok; [|discriminate]; intros [= <-].
    apply andb_true_iff in Ok as (Ok & Low_x); apply andb_true_iff in Ok as (Addr & Tries).
    split; [exact (is_next t v _ (address_is _ _ _ _ _ Addr (Value a)))|split; [exact Tries|]].
    split; [rewrite (lowest_is t v _ _ _ Low_x (Value x)), more_than_seen; reflexivity|split].
    + eapply (goes v v _ _ _ _ V V); only 3: (left; reflexivity); [|constructor].
      apply (describes_answer t v); auto; [apply all_take_seen|apply holds_constant; lia].
    + eapply (goes t v _ _ _ _ T V); only 3: (right; left; reflexivity); [|constructor].
      apply (describes_answer t v); auto; [apply all_forget_seen|apply holds_constant; lia].
  Qed.

  (** A return, within the text or to who called. *)
  Lemma return_right t v p s g qs a : framed -> is_word t -> is_word v -> describes t v p s ->
    at_stage t v (at_phase p) g ->
    (forall e, holds t v (value_known f (at_regs p) e) (eval base (regs s) e)) ->
    perform_known arch C stride f (Return a) p = Some qs ->
    right_request (described_by qs) (perform base C (Return a) s) g.
  Proof.
    intros Framed T V D At Value; pose proof (Value a) as Is; pose proof (regs_hold D text_at) as Text.
    cbn [perform_known perform]; unfold comes_back.
    destruct (same_known _ (Kept text_at)) eqn:Same; [|discriminate]; apply same_known_is in Same.
    rewrite Same in Text; cbn [holds] in Text; rewrite Text.
    assert (Out : forall k, k = value_known f (at_regs p) a -> match at_phase p with
      | Done =>
          if same_known k (Kept (link arch)) && forallb (fun r => is_kept arch r (known_at (at_regs p) r)) (kept arch)
          then Some [] else None
      | _ => None end = Some qs ->
      right_request (described_by qs) (match C ((eval base (regs s) a - before text_at) mod 2 ^ 64) with
        | Some _ => Own (goto ((eval base (regs s) a - before text_at) mod 2 ^ 64) s)
        | None => Back (eval base (regs s) a) (regs s) end) g).
    { intros k -> ; inversion At; subst g; try discriminate.
      destruct (same_known _ _ && _) eqn:Ok; [|discriminate]; intros [= <-].
      apply andb_true_iff in Ok as (Link & Keep); apply same_known_is in Link; rewrite Link in Is; cbn [holds] in Is.
      rewrite Is, (proj2 (proj2 (proj2 (proj2 Framed)))); split; [reflexivity|split; [reflexivity|]].
      intros r Kept_r; rewrite forallb_forall in Keep.
      exact (is_kept_is t v _ _ _ Framed (Keep r Kept_r) (regs_hold D r)). }
    destruct (value_known f (at_regs p) a) eqn:Known; try (now apply Out); clear Out; cbn [holds] in Is.
    unfold comes_back_known; replace ((eval base (regs s) a - before text_at) mod 2 ^ 64) with (k mod 2 ^ 64)
      by (rewrite Is, Zminus_mod_idemp_l; f_equal; ring).
    destruct (C _); [|discriminate]; intros [= <-]; exists g; split; [left; reflexivity|].
    eapply (goes t v _ _ _ _ T V); only 3: (left; reflexivity); [|exact At]; now apply describes_goto.
  Qed.

  (** Two values that are known to be equal. *)
  Lemma agree_right t v p s g qs a b : is_word t -> is_word v -> describes t v p s -> at_stage t v (at_phase p) g ->
    (forall e, holds t v (value_known f (at_regs p) e) (eval base (regs s) e)) ->
    perform_known arch C stride f (Agree a b) p = Some qs ->
    right_request (described_by qs) (perform base C (Agree (I := I) a b) s) g.
  Proof.
    intros T V D At Value; pose proof (Value a) as Is_a; pose proof (Value b) as Is_b; cbn [perform_known perform].
    destruct (is_certain _ && same_known _ _) eqn:Ok; [|discriminate]; intros [= <-].
    apply andb_true_iff in Ok as (Certain & Same); apply same_known_is in Same; rewrite <- Same in Is_b.
    replace (eval base (regs s) b) with (eval base (regs s) a)
      by (destruct (value_known f (at_regs p) a); try discriminate; cbn [holds] in Is_a, Is_b; now rewrite Is_a, Is_b).
    rewrite Z.eqb_refl; exists g; split; [left; reflexivity|].
    eapply (goes t v _ _ _ _ T V); only 3: (left; reflexivity); [|exact At]; now apply describes_advance.
  Qed.

  (** What is left open. *)
  Lemma open_right t v p s g qs m : is_word t -> is_word v -> describes t v p s -> at_stage t v (at_phase p) g ->
    open_ended m = true -> perform_known arch C stride f m p = Some qs ->
    right_request (described_by qs) (perform base C m s) g.
  Proof.
    intros T V D At Open; destruct m as [| | | | | | | | | | | | | | |rs|r|n rs a|target|]; try discriminate;
      cbn [perform_known perform].
    - intros [= <-] x; eapply (goes t v _ _ _ _ T V); only 3: (left; reflexivity); [|exact At].
      now apply describes_forgets.
    - intros [= <-] x; eapply (goes t v _ _ _ _ T V); only 3: (left; reflexivity); [|exact At].
      now apply describes_gets.
    - destruct (is_elsewhere _ _ _ _); [|discriminate]; intros [= <-] x.
      eapply (goes t v _ _ _ _ T V); only 3: (left; reflexivity); [|exact At]; now apply describes_got.
    - intros [= <-] x; destruct (x flag_number =? 0).
      + eapply (goes t v _ _ _ _ T V); only 3: (right; left; reflexivity); [|exact At]; now apply describes_advance.
      + eapply (goes t v _ _ _ _ T V); only 3: (left; reflexivity); [|exact At]; now apply describes_goto.
    - intros _; exact Logic.I.
  Qed.

  Theorem step_right t v p s g qs : framed -> is_word t -> is_word v -> describes t v p s ->
    at_stage t v (at_phase p) g ->
    next_points arch C stride f p = Some qs ->
    right_request (described_by qs) (asks base C s) g.
  Proof.
    intros Framed T V D At; unfold next_points, next_by, asks; rewrite (pc_is D), (part_is D).
    destruct (C (pc s)) as [[ms len]|]; [|discriminate].
    destruct (nth_error ms (part s)) as [m|].
    2: { intros [= <-]; exists g; split; [left; reflexivity|].
         rewrite <- (pc_is D); eapply (goes t v _ _ _ _ T V); only 3: (left; reflexivity); [|exact At].
         now apply describes_goto. }
    assert (Regs := regs_hold D); assert (Value : forall e,
      holds t v (value_known f (at_regs p) e) (eval base (regs s) e)) by (intros e; apply value_holds; auto).
    destruct m as [r a|a b|is excl r a|is a x|is r a x|is r a x|sp a x|sp r a|sp a x|sp r a|sp|test_ target|a|a b| |rs|
      r|n rs a|target|]; cbn [perform_known perform].
    - intros [= <-]; now apply gets_right with t v.
    - intros [= <-]; exists g; split; [left; reflexivity|].
      eapply (goes t v _ _ _ _ T V); only 3: (left; reflexivity); [|exact At].
      destruct D as [Pc Part _ Flag]; constructor; cbn; auto.
      intros Told; now apply (told_by_turn base i before t v _ _ _ _ T V (Value a) (Value b)).
    - intros Is; now apply load_right with t v p.
    - inversion At; subst g; try discriminate.
      destruct (is_address _ _ && among _ _ _ && _) eqn:Ok; [|discriminate]; intros [= <-].
      apply andb_true_iff in Ok as (Ok & Low_x); apply andb_true_iff in Ok as (Addr & Stores); apply among_is in Stores.
      split; [exact (is_now t v _ (address_is _ _ _ _ _ Addr (Value a)))|split; [exact Stores|]].
      split; [rewrite (lowest_is t v _ _ _ Low_x (Value x)), more_than_seen; reflexivity|].
      eapply (goes t v _ _ _ _ T V); only 3: (left; reflexivity); [|constructor].
      apply describes_advance; [exact D|discriminate].
    - intros Is; now apply store_x_right with t v p.
    - intros Is; now apply add_right with t v p.
    - destruct (frame_word_at _ _ _) as [w|] eqn:At_frame; [|discriminate]; intros [= <-].
      rewrite (frame_is base i before t v _ _ _ _ _ _ Regs At_frame (Value a)).
      exact (gets_right t v _ _ g w _ _ T V (describes_updates t v p s _ D) At (Value x)).
    - destruct (frame_word_at _ _ _) as [w|] eqn:At_frame; [|discriminate].
      destruct (is_stored _ _) eqn:Is; [|discriminate]; intros [= <-].
      rewrite (frame_is base i before t v _ _ _ _ _ _ Regs At_frame (Value a)),
        (stored_is base i before t v _ _ _ Regs Is).
      now apply gets_right with t v.
    - destruct (frame_half_at _ _ _) as [half|] eqn:At_frame; [|discriminate]; intros [= <-].
      rewrite (half_is base i before t v _ _ _ _ _ _ Regs At_frame (Value a)).
      exact (gets_right t v _ _ g _ _ _ T V (describes_updates t v p s _ D) At (Value (Bits 32 x))).
    - destruct (frame_half_at _ _ _) as [half|] eqn:At_frame; [|discriminate].
      destruct (is_stored _ _) eqn:Is; [|discriminate]; intros [= <-].
      rewrite (half_is base i before t v _ _ _ _ _ _ Regs At_frame (Value a)),
        (stored_is base i before t v _ _ _ Regs Is).
      now apply gets_right with t v.
    - intros Is; now apply lose_right with t v p.
    - intros [= <-]; now apply jumps_right with t v.
    - intros Is; now apply return_right with t v p.
    - intros Is; now apply agree_right with t v p.
    - inversion At; subst g; try discriminate; intros [= <-].
      eapply (goes t v _ _ _ _ T V); only 3: (left; reflexivity); [|constructor]; apply describes_advance; auto.
    - intros Is; now apply (open_right t v p s g qs (Any rs)).
    - intros Is; now apply (open_right t v p s g qs (Address r)).
    - intros Is; now apply (open_right t v p s g qs (Elsewhere n rs a)).
    - intros Is; now apply (open_right t v p s g qs (Either target)).
    - intros _; exact Logic.I.
  Qed.

  (** Whatever a call asks for is right, and with each answer it goes on so. *)
  Theorem checked_sound s g : stands s g -> right_request stands (asks base C s) g.
  Proof.
    intros (Framed & t & v & p & T & V & In_p & D & At).
    pose proof (proj1 (forallb_forall _ ps) Closed p In_p) as Next; cbn beta zeta in Next.
    rewrite (proj1 (by_place_sound C at_pc ps (at_pc p))) in Next; fold (next_points arch C stride f p) in Next.
    destruct (next_points arch C stride f p) as [qs|] eqn:Is; [|discriminate].
    eapply right_weaken; [|exact (step_right t v p s g qs Framed T V D At Is)].
    intros s' g' (t' & v' & q & T' & V' & In_q & D' & At').
    pose proof (proj1 (forallb_forall _ qs) Next q In_q) as Some_p; cbn beta in Some_p.
    apply existsb_exists in Some_p as (p' & In_p' & Covers); apply (by_place_sound C at_pc ps) in In_p'.
    split; [exact Framed|]; exists t', v', p'.
    destruct (covers_describes base i before t' v' q p' s' g' Covers D' At'); auto 6.
  Qed.

  Lemma soon_bounds look n t v p s g m s' : (forall at_, look at_ = C at_) ->
    framed -> is_word t -> is_word v -> describes t v p s -> at_stage t v (at_phase p) g ->
    soon arch C stride f look n p = true -> owns C base m s s' -> (m <= n)%nat.
  Proof.
    intros Same Framed T V D At Soon Owns; revert n t v p g T V D At Soon.
    induction Owns as [s|m s s1 s2 Ask Owns IH]; intros n t v p g T V D At Soon; [lia|].
    assert (Not : is_request (C (at_pc p)) p = false).
    { unfold is_request, asks in *; rewrite (pc_is D), (part_is D).
      destruct (C (pc s)) as [[ms len]|]; [|reflexivity].
      destruct (nth_error ms (part s)) as [[]|]; try reflexivity; discriminate. }
    destruct n as [|n]; cbn [soon] in Soon; rewrite Same, Not in Soon; [discriminate|].
    fold (next_points arch C stride f p) in Soon.
    destruct (next_points arch C stride f p) as [qs|] eqn:Is; [|discriminate].
    pose proof (step_right t v p s g qs Framed T V D At Is) as Right; rewrite Ask in Right.
    destruct Right as (g' & _ & t' & v' & q & T' & V' & In_q & D' & At').
    assert (m <= n)%nat; [|lia].
    apply (IH n t' v' q g'); auto.
    exact (proj1 (forallb_forall _ qs) Soon q In_q).
  Qed.
End Sound.

(** What [function_ok] says of a call: it begins at its first stage, and may be bounded. *)
Section Function.
  Context {I R : Type} (arch : target I R) (C : code I) (stride : Z) (o : operation) (f : family) (entry : Z).
  Context (Right : function_ok arch C stride o f false entry = true).
  Local Notation ps := (points arch C stride o f entry).

  Opaque points.
  Lemma function_parts : existsb (covers (at_call arch o f entry)) ps = true /\
    closed arch C stride f ps = true.
  Proof.
    pose proof Right as Parts; unfold function_ok in Parts; cbv zeta in Parts.
    now apply andb_true_iff in Parts as (Parts & _); apply andb_true_iff in Parts.
  Qed.
  Lemma function_closed : closed arch C stride f ps = true.
  Proof. exact (proj2 function_parts). Qed.

  (** As machine.v has it ([called_with]). *)
  Definition passed (i : Z) (rs : registers) : Prop :=
    (index f <> None -> rs 0%nat mod 2 ^ 32 = i mod 2 ^ 32) /\ framed arch C rs.

  Theorem call_stands base i rs fl : passed i rs ->
    stands arch C ps base i rs (mkState entry 0 rs fl) match o with Acquire => S_taking None | Release => S_loading end.
  Proof.
    intros Passed; destruct function_parts as (Begins & _).
    apply existsb_exists in Begins as (p & In_p & Covers).
    assert (D : describes base i rs 0 0 (at_call arch o f entry) (mkState entry 0 rs fl)).
    { destruct Passed as (Index & Top & In_64 & Nothing_ & From & _).
      constructor; try reflexivity; [|discriminate]; cbn [at_regs at_call regs].
      apply all_known; [|cbn [holds]; rewrite Top, Z.sub_0_r, Z.mod_small; auto].
      apply all_known; [|cbn [holds]; rewrite Top, Z.sub_0_r, Z.mod_small; auto].
      apply all_known; [|exact Nothing_].
      apply all_known; [|reflexivity].
      apply all_known; [|exact From].
      apply all_known; [|reflexivity].
      intros [|r]; unfold known_at; cbn [nth].
      - destruct (index f); [|exact Logic.I]; cbn [holds]; rewrite Index by discriminate; f_equal.
        unfold c_value; cbn [c_base c_index c_ticket c_seen c_const]; ring.
      - destruct (Nat.lt_ge_cases r 31) as [Less|More].
        + rewrite app_nth1, (nth_indep _ Anything (Kept 0)) by (rewrite map_length, seq_length; lia).
          rewrite map_nth, seq_nth by lia; reflexivity.
        + rewrite app_nth2, nth_repeat by (rewrite map_length, seq_length; lia); exact Logic.I. }
    assert (At : at_stage 0 0 (at_phase (at_call arch o f entry))
                   match o with Acquire => S_taking None | Release => S_loading end)
      by (destruct o; constructor).
    split; [exact (proj2 Passed)|]; exists 0, 0, p; destruct (covers_describes base i rs 0 0 _ _ _ _ Covers D At).
    unfold is_word; auto 7 using small_zero with zarith.
  Qed.

  Theorem own_steps_bounded base i rs s g m s' : function_ok arch C stride o f true entry = true ->
    in_family f i = true -> (index f = None -> i = 0) ->
    0 <= lock_next stride f base i -> lock_now stride f base i < 2 ^ 64 ->
    stands arch C ps base i rs s g -> owns C base m s s' -> (m <= own_bound)%nat.
  Proof.
    intros Bounded Range One Low High (Framed & t & v & p & T & V & In_p & D & At) Owns.
    unfold function_ok in Bounded; cbv zeta in Bounded; apply andb_true_iff in Bounded as (_ & Soon).
    apply (soon_bounds arch C stride f base i rs Range One Low High _ own_bound t v p s g m s'
      (fun at_ => proj1 (by_place_sound C at_pc ps at_))); auto.
    exact (proj1 (forallb_forall _ _) Soon p In_p).
  Qed.
End Function.

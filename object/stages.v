(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What the descriptions of the checker say

    Of a value, of a state of the code ([describes]), and of a call: it is at one of
    six stages ([stage]), which are the places of the C, finer ([stands]).  What it should
    ask memory for at a stage: [right_request].  Read next: checked_sound.v. *)
From Coq Require Import ZArith List Bool Arith Lia.
From hlock.clight Require Import options.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import text.
From hlock.machine.hardware Require Import events.
From hlock.object Require Import micro target checker.
Import ListNotations.
Local Open Scope Z_scope.

(** Of 32 bits. *)
Definition is_word (v : Z) : Prop := 0 <= v < 2 ^ 32.

(** Where a call stands, with the values that count. *)
Inductive stage :=
| S_taking (seen : option Z)         (* no ticket yet; the load that set the monitor gave [seen] *)
| S_waiting (t : Z) (seen : option Z) (* has t; the load that set the monitor gave [seen], which is not t *)
| S_polled (t v : Z) (excl : bool)   (* has t, has read v, has not yet compared *)
| S_loading                           (* of a release: nothing done *)
| S_storing (v : Z)                  (* has read v, one more is to be stored *)
| S_done.                             (* to return *)

Section Sound.
  Context {I R : Type} (arch : target I R) (C : code I) (stride : Z) (f : family) (ps : list point).
  (** One call: where the array lies, the index, the registers at the call. *)
  Context (base i : Z) (before : registers).
  Context (Range : in_family f i = true) (One : index f = None -> i = 0).

  Definition lock_next : Z := base + stride * lock_id f i.
  Definition lock_now : Z := base + stride * lock_id f i + 4.
  (** The frame lies below the stack pointer, an address; nothing is stored in it.  Who calls is not in this code. *)
  Definition framed : Prop :=
    before frame_top = before (stack_pointer arch) /\ 0 <= before (stack_pointer arch) < 2 ^ 64 /\
    before frame_stored = 0 /\ before called_from = before (link arch) /\
    C ((before (link arch) - before text_at) mod 2 ^ 64) = None.
  (** The array does not wrap around. *)
  Context (Low : 0 <= lock_next) (High : lock_now < 2 ^ 64).

  Section Values.
    Context (t v : Z) (T : is_word t) (V : is_word v).

    Definition c_value (F : formula) : Z :=
      c_base F * base + c_index F * i + c_ticket F * t + c_seen F * v + c_const F.
    Definition holds (k : known) (x : Z) : Prop :=
      match k with
      | Anything | Foreign => True
      | Kept r => x = before r
      | Below k => x = (before frame_top - k) mod 2 ^ 64
      | In_text k => x = (before text_at + k) mod 2 ^ 64
      | Full F => x = c_value F mod 2 ^ 64
      | Word F => x = c_value F mod 2 ^ 32
      | Lowest F => x mod 2 ^ 32 = c_value F mod 2 ^ 32
      | Signed F => x = extended (c_value F)
      | Page_of k => x = (base + k) - (base + k) mod 4096
      | Within_page k => x = (base + k) mod 4096
      end.

    Lemma same_formula_is F G : same_formula F G = true -> F = G.
    Proof.
      unfold same_formula; rewrite !andb_true_iff, !Z.eqb_eq; destruct F, G; cbn.
      intros ((((-> & ->) & ->) & ->) & ->); reflexivity.
    Qed.
    Lemma same_known_is a b : same_known a b = true -> a = b.
    Proof.
      destruct a, b; cbn; try discriminate; try reflexivity; intros E;
        first [apply Nat.eqb_eq in E|apply same_formula_is in E|apply Z.eqb_eq in E]; subst; reflexivity.
    Qed.

    Lemma value_plus F G : c_value (c_plus F G) = c_value F + c_value G.
    Proof. unfold c_value, c_plus; cbn; ring. Qed.
    Lemma value_scale c F : c_value (c_scale c F) = c * c_value F.
    Proof. unfold c_value, c_scale; cbn [c_base c_index c_ticket c_seen c_const]; ring. Qed.

    Lemma mod_mod_64 x : (x mod 2 ^ 64) mod 2 ^ 32 = x mod 2 ^ 32.
    Proof.
      symmetry.
      rewrite (Z.div_mod x (2 ^ 64)) at 1 by lia.
      replace (2 ^ 64 * (x / 2 ^ 64) + x mod 2 ^ 64) with (x mod 2 ^ 64 + (2 ^ 32 * (x / 2 ^ 64)) * 2 ^ 32) by lia.
      apply Z.mod_add; lia.
    Qed.
    Lemma extended_lowest x : extended x mod 2 ^ 32 = x mod 2 ^ 32.
    Proof.
      unfold extended; cbv zeta; destruct (_ <? _); [apply Z.mod_mod; lia|].
      replace (2 ^ 64 - 2 ^ 32) with ((2 ^ 32 - 1) * 2 ^ 32) by reflexivity.
      rewrite Z.mod_add by lia; apply Z.mod_mod; lia.
    Qed.
    Lemma holds_lowest k F x : formula_of k = Some F -> holds k x -> x mod 2 ^ 32 = c_value F mod 2 ^ 32.
    Proof.
      destruct k; try discriminate; intros [= ->]; cbn [holds]; intros H.
      - rewrite H; apply mod_mod_64.
      - rewrite H; apply Z.mod_mod; lia.
      - exact H.
      - rewrite H; apply extended_lowest.
    Qed.

    Lemma in_bits_range n F : 0 <= n <= 64 -> in_bits f n F = true -> 0 <= c_value F < 2 ^ n.
    Proof.
      intros N; unfold in_bits; rewrite andb_true_iff, orb_true_iff; intros (Base & [In|In]).
      - rewrite !andb_true_iff in In; destruct In as ((((Ticket & Seen) & Index) & Const) & Less).
        apply Z.eqb_eq in Base, Ticket, Seen; apply Z.leb_le in Index, Const; apply Z.ltb_lt in Less.
        apply in_family_iff in Range; unfold c_value; rewrite Base, Ticket, Seen; nia.
      - apply andb_true_iff in In as (More & In); apply Z.leb_le in More.
        assert (2 ^ 32 <= 2 ^ n) by (apply Z.pow_le_mono_r; lia).
        unfold is_word in T, V; apply orb_true_iff in In as [In|In]; apply same_formula_is in In; subst F;
          unfold c_value, ticket_itself, seen_itself; cbn [c_base c_index c_ticket c_seen c_const]; lia.
    Qed.

    Lemma holds_plus a b x y : holds a x -> holds b y -> holds (plus_known a b) ((x + y) mod 2 ^ 64).
    Proof.
      intros A B.
      assert (General : holds (match formula_of a, formula_of b with
                               | Some F, Some G => Lowest (c_plus F G) | _, _ => Anything end) ((x + y) mod 2 ^ 64)).
      { destruct (formula_of a) as [F|] eqn:FA; [|exact Logic.I];
          destruct (formula_of b) as [G|] eqn:FB; [|exact Logic.I].
        pose proof (holds_lowest _ _ _ FA A) as LA; pose proof (holds_lowest _ _ _ FB B) as LB.
        cbn [holds]; rewrite mod_mod_64, value_plus, Z.add_mod, LA, LB, <- Z.add_mod by lia; reflexivity. }
      destruct a, b; try exact General; cbn [plus_known]; try (destruct (is_number _); exact Logic.I).
      - destruct (Nat.eqb_spec r text_at) as [->|]; [|exact Logic.I]; cbn [andb].
        destruct (same_formula F (constant (c_const F))) eqn:Same; [|exact Logic.I]; apply same_formula_is in Same.
        cbn [holds] in *; rewrite A, B, Zplus_mod_idemp_r; do 2 f_equal; rewrite Same at 1.
        unfold c_value, constant; cbn [c_base c_index c_ticket c_seen c_const]; ring.
      - destruct (same_formula F (constant (c_const F))) eqn:Same; [|exact Logic.I]; apply same_formula_is in Same.
        cbn [holds] in *; rewrite A, B, Zminus_mod_idemp_r, <- Z.add_mod by lia; f_equal; rewrite Same at 1.
        unfold c_value, constant; cbn [c_base c_index c_ticket c_seen c_const]; ring.
      - cbn [holds] in *; rewrite value_plus, A, B, <- Z.add_mod by lia; reflexivity.
      - destruct (Z.eqb_spec k k0) as [<-|]; [|exact Logic.I]; cbn [holds] in *; rewrite A, B; f_equal.
        unfold c_value; cbn [c_base c_index c_ticket c_seen c_const]; ring.
    Qed.
    Lemma holds_scale c a x : holds a x -> holds (scale_known c a) ((c * x) mod 2 ^ 64).
    Proof.
      intros A.
      assert (General : forall F, formula_of a = Some F ->
        holds (if c mod 2 ^ 32 =? 0 then Full (c_scale c F) else Lowest (c_scale c F)) ((c * x) mod 2 ^ 64)).
      { intros F Is; pose proof (holds_lowest _ _ _ Is A) as L.
        destruct (Z.eqb_spec (c mod 2 ^ 32) 0) as [Zero|]; cbn [holds]; rewrite value_scale.
        - apply Z.mod_divide in Zero as (d & ->); [|lia].
          replace (2 ^ 64) with (2 ^ 32 * 2 ^ 32) by reflexivity.
          rewrite <- !(Z.mul_comm (2 ^ 32)), <- !Z.mul_assoc, !Z.mul_mod_distr_l by lia.
          now rewrite <- Z.mul_mod_idemp_r, L, Z.mul_mod_idemp_r by lia.
        - rewrite mod_mod_64, <- Z.mul_mod_idemp_r, L, Z.mul_mod_idemp_r by lia; reflexivity. }
      destruct a; try exact Logic.I; try (exact (General F eq_refl)); cbn [scale_known];
        try (destruct (c =? 1); exact Logic.I).
      cbn [holds] in *; rewrite value_scale, A, Z.mul_mod_idemp_r by lia; reflexivity.
    Qed.
    Lemma value_divide c F : same_formula (c_scale c (c_divide c F)) F = true -> c_value F = c * c_value (c_divide c F).
    Proof. intros Same; apply same_formula_is in Same; rewrite <- Same at 1; apply value_scale. Qed.
    Lemma holds_down n a x : holds a x -> holds (down_known f n a) (x / 2 ^ n).
    Proof.
      intros A; destruct a; try exact Logic.I; cbn [down_known].
      destruct ((0 <=? n) && (n <=? 64) && _ && in_bits f 64 F) eqn:In; [|exact Logic.I].
      apply andb_true_iff in In as (In & Range64); apply andb_true_iff in In as (N & Same).
      apply andb_true_iff in N as (N & _); apply Z.leb_le in N.
      apply value_divide in Same; apply in_bits_range in Range64; [|lia].
      assert (P : 0 < 2 ^ n) by (apply Z.pow_pos_nonneg; lia).
      cbn [holds] in *; rewrite A, (Z.mod_small (c_value F)) by lia.
      rewrite Same, (Z.mul_comm (2 ^ n)), Z.div_mul, Z.mod_small by nia; reflexivity.
    Qed.
    Lemma holds_extended a x : holds a x -> holds (extended_known f a) (extended x).
    Proof.
      intros A; unfold extended_known; destruct (formula_of a) as [F|] eqn:FA; [|exact Logic.I].
      pose proof (holds_lowest _ _ _ FA A) as L.
      assert (E : extended x = extended (c_value F)) by (unfold extended; now rewrite L).
      destruct (in_bits f 31 F) eqn:In; cbn [holds]; [|exact E].
      apply in_bits_range in In; [|lia].
      assert (2 ^ 31 < 2 ^ 32) by (apply Z.pow_lt_mono_r; lia).
      assert (2 ^ 32 < 2 ^ 64) by (apply Z.pow_lt_mono_r; lia).
      rewrite E; unfold extended; cbv zeta; rewrite !Z.mod_small by lia.
      destruct (Z.ltb_spec (c_value F) (2 ^ 31)); lia.
    Qed.
    Lemma holds_bits n a x : holds a x -> holds (bits_known f n a) (x mod 2 ^ n).
    Proof.
      intros A; unfold bits_known; destruct (Z.eqb_spec n 32) as [->|].
      - destruct (formula_of a) as [F|] eqn:FA; [|exact Logic.I].
        pose proof (holds_lowest _ _ _ FA A) as L.
        destruct (in_bits f 32 F) eqn:In; cbn [holds]; [|exact L].
        apply in_bits_range in In; [|lia].
        assert (2 ^ 32 < 2 ^ 64) by (apply Z.pow_lt_mono_r; lia).
        rewrite L, !Z.mod_small by lia; reflexivity.
      - destruct a; try exact Logic.I; destruct ((0 <=? n) && (n <=? 64) && in_bits f n F) eqn:In; [|exact Logic.I].
        apply andb_true_iff in In as (In' & In); apply andb_true_iff in In' as (N & M).
        apply Z.leb_le in N, M; apply in_bits_range in In; [|lia].
        assert (2 ^ n <= 2 ^ 64) by (apply Z.pow_le_mono_r; lia).
        cbn [holds] in *; rewrite A, (Z.mod_small (c_value F) (2 ^ 64)) by lia; rewrite Z.mod_small by lia; reflexivity.
    Qed.

    Definition all_hold (ks : list known) (rs : registers) : Prop := forall r, holds (known_at ks r) (rs r).

    Lemma holds_value ks rs e : all_hold ks rs -> holds (value_known f ks e) (eval base rs e).
    Proof.
      intros All; induction e; cbn [value_known eval].
      - cbn [holds]; unfold c_value, constant; cbn [c_base c_index c_ticket c_seen c_const]; f_equal; ring.
      - apply All.
      - reflexivity.
      - reflexivity.
      - now apply holds_plus.
      - now apply holds_scale.
      - exact Logic.I.
      - exact Logic.I.
      - now apply holds_down.
      - now apply holds_bits.
      - now apply holds_extended.
    Qed.

    Lemma known_at_set r k ks r' : known_at (set_known r k ks) r' =
      if Nat.eqb r' r && Nat.ltb r (length ks) then k else known_at ks r'.
    Proof.
      unfold known_at; revert r r'; induction ks as [|j ks IH]; intros [|r] [|r']; cbn; auto.
      - now rewrite andb_false_r.
      - rewrite IH; reflexivity.
    Qed.
    Lemma all_set r k x ks rs : all_hold ks rs -> holds k x -> all_hold (set_known r k ks) (set_reg r x rs).
    Proof.
      intros All Is r'; rewrite known_at_set; unfold set_reg.
      destruct (Nat.eqb_spec r' r) as [->|]; [|apply All].
      destruct (Nat.ltb r (length ks)) eqn:Less; cbn [andb]; [exact Is|].
      unfold known_at; rewrite nth_overflow; [exact Logic.I|now apply Nat.ltb_ge].
    Qed.
    (** Some hold anything. *)
    Lemma all_forget rs x ks old : all_hold ks old -> all_hold (forget_regs rs ks) (set_regs rs x old).
    Proof.
      intros All; induction rs as [|r rs IH]; [exact All|]; cbn [forget_regs fold_right set_regs].
      now apply all_set.
    Qed.
    (** What a register holds is known. *)
    Lemma all_known r k ks rs : all_hold ks rs -> holds k (rs r) -> all_hold (set_known r k ks) rs.
    Proof.
      intros All Is r'; rewrite known_at_set; destruct (Nat.eqb_spec r' r) as [->|]; [|apply All].
      destruct (Nat.ltb r (length ks)) eqn:Less; cbn [andb]; [exact Is|apply All].
    Qed.
    Lemma all_weaker ks js rs : weaker ks js = true -> all_hold ks rs -> all_hold js rs.
    Proof.
      unfold all_hold, known_at.
      intros Weaker All r; assert (K : weaker ks js = true /\ holds (nth r ks Anything) (rs r)) by auto.
      clear Weaker All; revert ks js K; generalize (rs r) as x.
      induction r as [|r IH]; intros x ks js (W & H); destruct ks as [|k ks], js as [|j js]; cbn [weaker nth] in *;
        try exact Logic.I; try (apply andb_true_iff in W as (Here & W)).
      - apply same_known_is in Here; subst; exact Logic.I.
      - apply orb_true_iff in Here as [E|E]; apply same_known_is in E; subst; [exact Logic.I|exact H].
      - apply (IH x [] js); split; [exact W|destruct r; exact Logic.I].
      - apply (IH x ks js); auto.
    Qed.
  End Values.

  (** Other values that no formula speaks of. *)
  Lemma holds_forget t v t' v' gone k x :
    (forall F, gone F = false -> c_value t v F = c_value t' v' F) ->
    holds t v k x -> holds t' v' (forget gone k) x.
  Proof.
    intros Same H; unfold forget; destruct (formula_of k) as [F|] eqn:Is.
    - destruct (gone F) eqn:Gone; [exact Logic.I|]; apply Same in Gone.
      destruct k; try discriminate; injection Is as ->; cbn [holds] in *; now rewrite <- Gone.
    - destruct k; try discriminate; exact H.
  Qed.
  Lemma all_map t v t' v' h ks rs : h Anything = Anything ->
    (forall k x, holds t v k x -> holds t' v' (h k) x) -> all_hold t v ks rs -> all_hold t' v' (map h ks) rs.
  Proof.
    intros Any Each All r; unfold known_at; rewrite <- Any, map_nth; apply Each, All.
  Qed.
  Lemma all_forget_seen t v v' ks rs : all_hold t v ks rs -> all_hold t v' (map forget_seen ks) rs.
  Proof.
    apply all_map; [reflexivity|]; intros k x; apply holds_forget; intros F Stays.
    apply negb_false_iff, Z.eqb_eq in Stays; unfold c_value; rewrite Stays; ring.
  Qed.
  Lemma all_forget_both t v t' v' ks rs : all_hold t v ks rs -> all_hold t' v' (map forget_both ks) rs.
  Proof.
    apply all_map; [reflexivity|]; intros k x; apply holds_forget; intros F Stays.
    apply negb_false_iff, andb_true_iff in Stays as (Seen & Ticket); apply Z.eqb_eq in Seen, Ticket.
    unfold c_value; rewrite Seen, Ticket; ring.
  Qed.
  Lemma all_take_seen t v ks rs : all_hold t v ks rs -> all_hold v v (map take_seen ks) rs.
  Proof.
    apply all_map; [reflexivity|].
    assert (Same : forall F, c_ticket F = 0 -> c_value v v (retake F) = c_value t v F)
      by (intros F Zero; unfold c_value, retake; cbn [c_base c_index c_ticket c_seen c_const]; rewrite Zero; ring).
    intros k x H; destruct k; cbn [take_seen]; try exact H;
      (destruct (Z.eqb_spec (c_ticket F) 0) as [Zero|]; [|exact Logic.I]); cbn [holds] in *; now rewrite Same.
  Qed.

  (** What a comparison told. *)
  Lemma extended_same x y : is_word x -> is_word y -> (extended x =? extended y) = (x =? y).
  Proof.
    unfold is_word, extended; cbv zeta; intros X Y; rewrite !Z.mod_small by lia.
    destruct (Z.ltb_spec x (2 ^ 31)), (Z.ltb_spec y (2 ^ 31)); destruct (Z.eqb_spec x y);
      first [reflexivity|apply Z.eqb_eq; lia|apply Z.eqb_neq; lia].
  Qed.
  Lemma told_by_turn t v a b x y : is_word t -> is_word v -> holds t v a x -> holds t v b y -> told_by a b = Turn ->
    (x =? y) = (t =? v).
  Proof.
    intros T V A B Told.
    assert (Value : forall w, is_word w -> w mod 2 ^ 64 = w)
      by (intros w W; apply Z.mod_small; unfold is_word in W; lia).
    assert (Vt : c_value t v ticket_itself = t)
      by (unfold c_value, ticket_itself; cbn [c_base c_index c_ticket c_seen c_const]; ring).
    assert (Vv : c_value t v seen_itself = v)
      by (unfold c_value, seen_itself; cbn [c_base c_index c_ticket c_seen c_const]; ring).
    destruct a; try discriminate; destruct b; try discriminate; cbn [told_by] in Told;
      (destruct (_ || _) eqn:E in Told; [|discriminate]); cbn [holds] in A, B;
      apply orb_true_iff in E as [E|E]; apply andb_true_iff in E as (EF & EG);
      apply same_formula_is in EF, EG; subst F F0; rewrite Vt, Vv in *; subst x y; rewrite ?Value by assumption;
      rewrite ?extended_same by assumption; try reflexivity; apply Z.eqb_sym.
  Qed.

  (** The word of the frame that the checker found, or half of one. *)
  Lemma frame_found {A} (found : Z -> Z -> option A) t v ks s sp a x w : all_hold t v ks (regs s) ->
    (forall size k, found size k <> None -> 0 <= k <= size /\ size < 2 ^ 64) ->
    frame_at found ks sp a = Some w -> holds t v a x -> found (below_top (regs s sp) s) (below_top x s) = Some w.
  Proof.
    intros All Inside Found Is; unfold frame_at in Found; pose proof (All sp) as Sp_is.
    destruct (known_at ks sp) as [| |size| | | | | | | |]; try discriminate; destruct a as [| |depth| | | | | | | |];
      try discriminate.
    destruct (same_known _ _) eqn:Top; [|discriminate]; apply same_known_is in Top.
    pose proof (All frame_top) as Top_is; rewrite Top in Top_is; cbn [holds] in Is, Sp_is, Top_is.
    assert (In_64 : 0 <= depth < 2 ^ 64 /\ 0 <= size < 2 ^ 64)
      by (destruct (Inside size depth); [congruence|lia]).
    assert (Off : forall n, 0 <= n < 2 ^ 64 ->
      ((before frame_top - 0) mod 2 ^ 64 - (before frame_top - n) mod 2 ^ 64) mod 2 ^ 64 = n).
    { intros n In_n; rewrite <- Zminus_mod; replace (before frame_top - 0 - (before frame_top - n)) with n by ring.
      now apply Z.mod_small. }
    unfold below_top; rewrite Top_is, Is, Sp_is, !Off by apply In_64; exact Found.
  Qed.
  Lemma frame_is t v ks s sp a x w : all_hold t v ks (regs s) -> frame_word_at ks sp a = Some w -> holds t v a x ->
    word_of_frame sp x s = Some w.
  Proof.
    intros All; apply (frame_found frame_word t v ks s sp a x w All); intros size k; unfold frame_word, frame_words.
    destruct (_ && _ && _ && _) eqn:In_k; [|congruence]; rewrite !andb_true_iff, !Z.leb_le in In_k; lia.
  Qed.
  Lemma half_is t v ks s sp a x half : all_hold t v ks (regs s) -> frame_half_at ks sp a = Some half ->
    holds t v a x -> half_of_frame sp x s = Some half.
  Proof.
    intros All; apply (frame_found frame_half t v ks s sp a x half All); intros size k; unfold frame_half, frame_words.
    destruct (_ && _ && _ && _) eqn:In_k; [|congruence]; rewrite !andb_true_iff, !Z.leb_le in In_k; lia.
  Qed.
  Lemma constant_is t v F x : same_formula F (constant (c_const F)) = true -> holds t v (Full F) x ->
    x = c_const F mod 2 ^ 64.
  Proof.
    intros Same Is; apply same_formula_is in Same; cbn [holds] in Is; rewrite Is; f_equal; rewrite Same at 1.
    unfold c_value, constant; cbn [c_base c_index c_ticket c_seen c_const]; ring.
  Qed.
  Lemma stored_is t v ks s bit : all_hold t v ks (regs s) -> is_stored bit ks = true ->
    Z.testbit (regs s frame_stored) bit = true.
  Proof.
    intros All Is; pose proof (All frame_stored) as Stored; unfold is_stored in Is.
    destruct (known_at ks frame_stored); try discriminate; apply andb_true_iff in Is as (Same & Is).
    now rewrite (constant_is t v F _ Same Stored).
  Qed.

  (** The phase that the checker found, and the stage. *)
  Inductive at_stage (t v : Z) : phase -> stage -> Prop :=
  | at_taking : at_stage t v (Before_taking false) (S_taking None)
  | at_linked : at_stage t v (Before_taking true) (S_taking (Some v))
  | at_waiting : at_stage t v (Waiting_turn false) (S_waiting t None)
  | at_armed : v <> t -> at_stage t v (Waiting_turn true) (S_waiting t (Some v))
  | at_polled excl : at_stage t v (Polled_once excl) (S_polled t v excl)
  | at_loading : at_stage t v Before_loading S_loading
  | at_storing : at_stage t v Before_storing (S_storing v)
  | at_done : at_stage t v Done S_done.

  Record describes (t v : Z) (p : point) (s : state) : Prop := {
    d_pc : at_pc p = pc s;
    d_part : at_part p = part s;
    d_regs : all_hold t v (at_regs p) (regs s);
    d_flag : at_flag p = Turn -> equal s = (t =? v)
  }.

  (** Code in state [s] is in a call at stage [g]. *)
  Definition stands (s : state) (g : stage) : Prop := framed /\ exists t v p,
    is_word t /\ is_word v /\ In p ps /\ describes t v p s /\ at_stage t v (at_phase p) g.

  (** An own step keeps the stage, but for the comparison after a poll. *)
  Definition settles (g g' : stage) : Prop :=
    g' = g \/
    exists t v excl, g = S_polled t v excl /\
      g' = if v =? t then S_done else S_waiting t (if excl then Some v else None).

  (** What code asks memory for at stage [g]; [on] says where it goes on. *)
  Definition right_request (on : state -> stage -> Prop) (r : request I) (g : stage) : Prop :=
    match r with
    | Own s => exists g', settles g g' /\ on s g'
    | Ask_load is excl a go =>
        match g with
        | S_taking None =>
            a = lock_next /\ tries_load arch is = true /\ excl = true /\
            forall v, is_word v -> on (go v) (S_taking (Some v))
        | S_waiting t _ =>
            a = lock_now /\ In is (polls (lists arch)) /\ forall v, is_word v -> on (go v) (S_polled t v excl)
        | S_loading =>
            a = lock_now /\ In is (loads_now (lists arch)) /\ excl = false /\
            forall v, is_word v -> on (go v) (S_storing v)
        | _ => False
        end
    | Ask_store is a x s =>
        match g with
        | S_storing v => a = lock_now /\ In is (stores_now (lists arch)) /\ x = (v + 1) mod 2 ^ 32 /\ on s S_done
        | _ => False
        end
    | Ask_store_x is a x done failed =>
        match g with
        | S_taking (Some v) =>
            a = lock_next /\ tries_store arch is = true /\ x = (v + 1) mod 2 ^ 32 /\ on done (S_waiting v None) /\
            on failed (S_taking None)
        | _ => False
        end
    | Ask_add is a x go =>
        match g with
        | S_taking _ =>
            a = lock_next /\ In is (tickets (lists arch)) /\ x = 1 /\
            forall t, is_word t -> on (go t) (S_waiting t None)
        | _ => False
        end
    | Rest s => match g with S_waiting t (Some _) => on s (S_waiting t None) | _ => False end
    | Ask_any _ _ _ go => forall x, on (go x) g
    | Ends_here => True
    | Back a rs => g = S_done /\ a = before (link arch) /\ forall r, In r (kept arch) -> rs r = before r
    | Undefined => False
    end.

  Lemma covers_describes t v p q s g : covers p q = true -> describes t v p s -> at_stage t v (at_phase p) g ->
    describes t v q s /\ at_stage t v (at_phase q) g.
  Proof.
    unfold covers; destruct (_ && _ && _ && _) eqn:Same; [|discriminate]; intros Regs [Dpc Dpart Dregs Dflag] At.
    rewrite !andb_true_iff in Same; destruct Same as (((Pc & Part) & Phase) & Flag).
    apply Z.eqb_eq in Pc; apply Nat.eqb_eq in Part; split.
    - constructor; [congruence|congruence|eapply all_weaker; eassumption|].
      intros Told; rewrite Told in Flag; cbn in Flag; destruct (at_flag p); [discriminate|now apply Dflag].
    - replace (at_phase q) with (at_phase p); [exact At|].
      destruct (at_phase p), (at_phase q); try discriminate; try reflexivity; cbn in Phase; apply eqb_prop in Phase;
        now subst.
  Qed.

  (** The addresses that the checker asks for. *)
  Lemma next_is t v x : holds t v (Full (next_address stride f)) x -> x = lock_next.
  Proof.
    cbn [holds]; intros ->.
    assert (E : c_value t v (next_address stride f) = lock_next).
    { unfold c_value, next_address, lock_next, lock_id, index_scale; cbn [c_base c_index c_ticket c_seen c_const].
      destruct (index f); [ring|rewrite One by reflexivity; ring]. }
    rewrite E; unfold lock_next, lock_now in *; apply Z.mod_small; lia.
  Qed.
  Lemma now_is t v x : holds t v (Full (now_address stride f)) x -> x = lock_now.
  Proof.
    cbn [holds]; intros ->.
    assert (E : c_value t v (now_address stride f) = lock_now).
    { unfold now_address; rewrite value_plus.
      unfold c_value, next_address, lock_now, lock_id, index_scale, constant;
        cbn [c_base c_index c_ticket c_seen c_const].
      destruct (index f); [ring|rewrite One by reflexivity; ring]. }
    rewrite E; unfold lock_next, lock_now in *; apply Z.mod_small; lia.
  Qed.
  Lemma is_address_is t v F k x : is_address F k = true -> holds t v k x -> holds t v (Full F) x.
  Proof. destruct k; try discriminate; intros Same; apply same_formula_is in Same; now subst. Qed.
  Lemma has_lowest_is t v F k x : has_lowest F k = true -> holds t v k x -> x mod 2 ^ 32 = c_value t v F mod 2 ^ 32.
  Proof.
    unfold has_lowest; destruct (formula_of k) as [G|] eqn:Is; [|discriminate].
    intros Same; apply same_formula_is in Same; subst; now apply holds_lowest.
  Qed.
End Sound.

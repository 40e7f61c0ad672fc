(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 4: the functions of checks.h, on a record

    Each ends, or comes to [hlock_stops], as its record says ([wps]): of a module that
    has these functions ([has_checks]), on any floor below.  Read next: checked.v. *)
From Coq Require Import ZArith List Bool String Lia FMapPositive.
From hlock.clight Require Import options integers values syntax operators semantics determinism vcgen stopping.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import text checks_text record.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.
Local Open Scope Z_scope.

(** ** Entering a function *)
Lemma enters result ps ts body vs :
  distinct (map (fun p => $p) ps ++ ts) = true ->
  function_entry (function_of result ps ts body) vs =
  bind_params (map (fun p => ($p, tuint)) ps) vs (undef_temps (map (fun t => (t, tuint)) ts)).
Proof.
  intros Apart; unfold function_entry, function_of; cbn [fn_vars fn_params fn_temps].
  rewrite !map_map; cbn [fst]; now rewrite map_id, Apart.
Qed.

(** A number of C. *)
Definition is_uint (z : Z) : Prop := 0 <= z < 2 ^ 32.
Lemma uint_value z : is_uint z -> Int.unsigned (Int.repr z) = z.
Proof. intros U; apply Int.unsigned_repr; change Int.modulus with (2 ^ 32); exact U. Qed.

(** *** Tactics: temporaries by their names, calls of what the layer offers *)
Ltac look :=
  repeat match goal with
  | H : PositiveMap.find ?i ?le = Some _ |- context [PositiveMap.find ?i ?le] => rewrite H
  | |- context [PositiveMap.find ?i (set_temp ?j ?v ?le)] =>
      first [ constr_eq i j; rewrite (get_set_same i v le)
            | rewrite (get_set_other i j v le) by (vm_compute; discriminate) ]
  end.
Ltac wps_compute :=
  cbv beta delta [eval_cond];
  cbn [wps fn_body function_of eval_args eval_expr typeof sem_cast sem_binary_operation sem_binary classify value_at
       arith set_result uints constant argument temporary call_text ask_text asked_text when_text holds_text next_text
       stops_text against_order map tvoid tint tuint fn_return Swhile].
Ltac wps_line := repeat (progress (wps_compute; look)).

Ltac is_number := first [assumption | unfold is_uint, is_place in *; change (2 ^ 32) with 4294967296 in *; lia].
(** A condition of the text, as one of numbers. *)
Ltac condition :=
  change (Tint I32 Signed noattr) with tint; rewrite bool_val_of_bool, ?uint_value by is_number.
(** The body of [fd], its arguments bound. *)
Ltac enter fd :=
  unfold fd; rewrite enters by (vm_compute; reflexivity); cbn [map bind_params undef_temps numbers]; reflexivity.

Section Checks.
  Context {D : Type} (below : layer D) (ours : Z -> bool) (depth self : Z).
  Context (Self : ours self = true) (Limit : 0 <= self < 2 ^ 32) (Depth : is_uint depth).
  Context (M : module).
  (** [M] has the functions of checks.h, and calls those of record.h. *)
  Definition has_checks : Prop :=
    (forall f, In f record_calls -> find_function M (fst f) = find_function record_calls (fst f)) /\
    (forall f, In f checks -> find_function M (fst f) = find_function checks (fst f)).
  Context (Has : has_checks).
  Context {mem : Type} (m : mem).

  Local Notation L := (checking_layer below ours depth self).
  Definition checking : genv (recorded (D := D)) := mkgenv M L.
  Local Notation call := (wps_call checking stops m).
  Local Notation answer := (val -> recorded (D := D) -> Prop).
  Local Notation stopped := (at_stop (D := recorded (D := D))).

  (** What is known of this CPU's record: its numbers are numbers of C. *)
  Definition fits (r : record) : Prop :=
    0 <= size r <= depth /\ forall k, 0 <= k < size r -> is_uint (fst (place r k)) /\ is_uint (snd (place r k)).


  Lemma self_uint : is_uint self.
  Proof. unfold is_uint; lia. Qed.

  (** ** What record.h offers *)
  Lemma values_of ns : Forall is_uint ns -> map Int.unsigned (map Int.repr ns) = ns.
  Proof. induction 1 as [|n ns Is _ IH]; cbn; [reflexivity|now rewrite uint_value, IH]. Qed.
  Lemma numbers_of ns : numbers ns = map Vint (map Int.repr ns).
  Proof. unfold numbers; now rewrite map_map. Qed.

  Lemma asks_call f ef targs what ns z y (Q : val -> recorded -> Prop) At :
    find_function M f = Some (External ef targs tuint cc_default) -> L f = Some (asks what) ->
    Forall is_uint ns -> what ns (snd y) = Some z -> Q (Vint (Int.repr z)) y ->
    call f (Tfunction targs tuint cc_default) (numbers ns) y Q At.
  Proof.
    intros Found Offered Are Is Post.
    apply (wps_prim checking stops m f ef targs tuint cc_default _ _ (Vint (Int.repr z)) y y Q At Found Offered);
      [|exact Post].
    exists (map Int.repr ns), z; now rewrite values_of, <- numbers_of.
  Qed.
  Lemma does_call f ef targs what ns y R' (Q : val -> recorded -> Prop) At :
    find_function M f = Some (External ef targs tvoid cc_default) -> L f = Some (does what) ->
    Forall is_uint ns -> what ns (snd y) = Some R' -> Q Vundef (fst y, R') ->
    call f (Tfunction targs tvoid cc_default) (numbers ns) y Q At.
  Proof.
    intros Found Offered Are Is Post.
    apply (wps_prim checking stops m f ef targs tvoid cc_default _ _ Vundef y (fst y, R') Q At Found Offered);
      [|exact Post].
    exists (map Int.repr ns), R'; now rewrite values_of, <- numbers_of.
  Qed.
  Ltac uints := repeat (apply Forall_cons || apply Forall_nil); auto using self_uint.
  Ltac offers external :=
    first [eapply asks_call | eapply does_call]; [refine (proj1 Has external _); cbn; tauto|reflexivity|uints|..].

  (** This CPU's record is changed to [r']. *)
  Definition with_record (r' : record) (y : recorded (D := D)) : recorded := (fst y, set_at self r' (snd y)).

  Section Calls.
    Context (y : recorded (D := D)) (Q : answer) (At : stopped).
    Local Notation ry := (snd y self).
    Local Notation answers := (fun z => Q (Vint (Int.repr z)) y).

    Lemma this_cpu_call n f : is_uint n -> is_uint f -> answers self ->
      find_function M ($"this_cpu") = find_function (checked_calls []) ($"this_cpu") ->
      call ($"this_cpu") (Tfunction (uints [tt; tt]) tuint cc_default) (numbers [n; f]) y Q At.
    Proof. intros N F Post Found; eapply asks_call; [exact Found|reflexivity|uints|reflexivity|exact Post]. Qed.
    Lemma count_call : answers (size ry) ->
      call ($"record_count") (Tfunction (uints [tt]) tuint cc_default) (numbers [self]) y Q At.
    Proof.
      intros Post; offers (external_answer "record_count" 1); [|exact Post].
      cbn; now rewrite Self.
    Qed.
    Lemma room_call : answers depth ->
      call ($"record_room") (Tfunction Tnil tuint cc_default) (numbers []) y Q At.
    Proof. intros Post; offers (external_answer "record_room" 0); [reflexivity|exact Post]. Qed.
    Lemma lock_call k : is_uint k -> is_place depth k = true -> answers (fst (place ry k)) ->
      call ($"record_lock") (Tfunction (uints [tt; tt]) tuint cc_default) (numbers [self; k]) y Q At.
    Proof.
      intros K Known Post; offers (external_answer "record_lock" 2); [|exact Post].
      cbn; now rewrite Self, Known.
    Qed.
    Lemma rank_call k : is_uint k -> is_place depth k = true -> answers (snd (place ry k)) ->
      call ($"record_rank") (Tfunction (uints [tt; tt]) tuint cc_default) (numbers [self; k]) y Q At.
    Proof.
      intros K Known Post; offers (external_answer "record_rank" 2); [|exact Post].
      cbn; now rewrite Self, Known.
    Qed.
    Lemma wait_call f l : is_uint f -> is_uint l -> Q Vundef y ->
      call ($"record_wait") (Tfunction (uints [tt; tt; tt]) tvoid cc_default) (numbers [self; f; l]) y Q At.
    Proof.
      intros F Lk Post; offers (external_text "record_wait" 3); [reflexivity|].
      now destruct y.
    Qed.
    Lemma put_call k l rk : is_uint k -> is_uint l -> is_uint rk -> is_place depth k = true ->
      Q Vundef (with_record (mkRecord (size ry) (set_at k (l, rk) (place ry))) y) ->
      call ($"record_put") (Tfunction (uints [tt; tt; tt; tt]) tvoid cc_default) (numbers [self; k; l; rk]) y Q At.
    Proof.
      intros K Lk Rk Known Post; offers (external_text "record_put" 4); [|exact Post].
      cbn; now rewrite Self, Known.
    Qed.
    Lemma move_call j k : is_uint j -> is_uint k -> is_place depth j = true -> is_place depth k = true ->
      Q Vundef (with_record (mkRecord (size ry) (set_at k (place ry j) (place ry))) y) ->
      call ($"record_move") (Tfunction (uints [tt; tt; tt]) tvoid cc_default) (numbers [self; j; k]) y Q At.
    Proof.
      intros J K Known_j Known Post; offers (external_text "record_move" 3); [|exact Post].
      cbn; now rewrite Self, Known_j, Known.
    Qed.
    Lemma size_call n : is_uint n -> Q Vundef (with_record (mkRecord n (place ry)) y) ->
      call ($"record_size") (Tfunction (uints [tt; tt]) tvoid cc_default) (numbers [self; n]) y Q At.
    Proof.
      intros N Post; offers (external_text "record_size" 2); [|exact Post].
      cbn; now rewrite Self.
    Qed.
    Lemma stops_call ns : At ($"hlock_stops") (numbers ns) y ->
      call ($"hlock_stops") (Tfunction (uints (repeat tt 5)) tvoid cc_default) (numbers ns) y Q At.
    Proof.
      exact (wps_stop checking stops m _ _ _ _ _ (numbers ns) y Q At (proj1 Has (external_text "hlock_stops" 5)
               ltac:(cbn; tauto)) eq_refl).
    Qed.
  End Calls.

  (** ** The functions of checks.h *)

  (** Lock [l] is first at place [k]; [size r]: at none. *)
  Definition is_place_of (l k : Z) (r : record) : Prop :=
    0 <= k <= size r /\ (forall j, 0 <= j < k -> fst (place r j) <> l) /\ (k < size r -> fst (place r k) = l).

  (** The state [y'] is [y], but that this CPU's record has [n] places, [p]. *)
  Definition changed (y y' : recorded (D := D)) (n : Z) (p : Z -> Z * Z) : Prop :=
    fst y' = fst y /\ (forall c, c <> self -> snd y' c = snd y c) /\
    size (snd y' self) = n /\ forall k, place (snd y' self) k = p k.
  Lemma set_same {A} k (a : A) g : set_at k a g k = a.
  Proof. unfold set_at; now rewrite Z.eqb_refl. Qed.
  Lemma set_other {A} k k' (a : A) g : k' <> k -> set_at k a g k' = g k'.
  Proof. unfold set_at; intros Not; now rewrite (proj2 (Z.eqb_neq k' k) Not). Qed.
  Lemma now_twice y n p p' r : place r = p' -> (forall k, p' k = p k) ->
    changed y (with_record (mkRecord n (place (snd (with_record r y) self))) (with_record r y)) n p.
  Proof.
    intros Is Same; unfold with_record; cbn [fst snd]; rewrite set_same, Is; repeat split; cbn [fst snd].
    - intros c Not; now rewrite !set_other.
    - now rewrite set_same.
    - intros k; rewrite set_same; cbn [place]; apply Same.
  Qed.

  (** A lock that is held, number and rank, lets one of rank [rk] of the family from [f] come: [l]. *)
  Definition passes (f l rk : Z) (e : Z * Z) : Prop := fst e <> l /\ (snd e < rk \/ f <= fst e <= l).

  Section Functions.
    Context (y : recorded (D := D)).
    Local Notation ry := (snd y self).
    Context (Fy : fits ry).
    Local Notation each P := (forall j, 0 <= j < size ry -> P (place ry j)) (only parsing).
    Local Notation some P := (exists j, 0 <= j < size ry /\ P (place ry j)) (only parsing).

    (** What the loop of [place_of] keeps: the first [k] places have another lock. *)
    Definition looked (l : Z) (n : nat) (le : temp_env) (d : recorded (D := D)) : Prop :=
      d = y /\ exists k, 0 <= k <= size ry /\ n = Z.to_nat (size ry - k) /\
      le ! ($"cpu") = Some (Vint (Int.repr self)) /\ le ! ($"lk") = Some (Vint (Int.repr l)) /\
      le ! ($"count") = Some (Vint (Int.repr (size ry))) /\ le ! ($"place") = Some (Vint (Int.repr k)) /\
      forall j, 0 <= j < k -> fst (place ry j) <> l.

    Lemma place_of_call l (Q : answer) (At : stopped) : is_uint l ->
      (forall k, is_place_of l k ry -> Q (Vint (Int.repr k)) y) ->
      call ($"place_of") (Tfunction (uints [tt; tt]) tuint cc_default) (numbers [self; l]) y Q At.
    Proof.
      intros U Post; destruct Fy as (Size & Numbers).
      refine (wps_function checking stops m ($"place_of") place_of_text _ _ y Q At
                (proj2 Has ($"place_of", Gfun (Internal place_of_text)) _) _ _);
        [cbn; tauto|enter place_of_text|].
      cbv delta [place_of_text]; wps_line; apply count_call; wps_line.
      refine (wps_loop checking stops m _ _ _ _ (looked l) _ (Z.to_nat (size ry)) _ _ _).
      2: { split; [reflexivity|]; exists 0; look; repeat split; auto; try f_equal; lia. }
      intros n le d (-> & k & K & -> & Cpu & Lk & Count & Place & Before); wps_line; condition.
      destruct (Z.ltb_spec k (size ry)) as [Less|End].
      2: { wps_line; cbn [iteration_stops ends_loop]; look; eexists; split; [reflexivity|].
           apply Post; repeat split; auto; lia. }
      destruct (Numbers k ltac:(lia)) as (Lock & _).
      wps_line; apply lock_call; [is_number..|]; wps_line; condition.
      destruct (Z.eqb_spec (fst (place ry k)) l) as [Here|Other]; cbn [iteration_stops ends_loop wps].
      - eexists; split; [reflexivity|]; apply Post; repeat split; auto; lia.
      - exists (Z.to_nat (size ry - (k + 1))); split; [lia|split; [reflexivity|]].
        exists (k + 1); rewrite ?uint_value by is_number; look; repeat split; auto; try lia.
        intros j J; destruct (Z.eq_dec j k) as [->|]; [exact Other|apply Before; lia].
    Qed.

    (** *** Acquire *)
    Lemma comes_after_call f l rk h hr (Q : answer) (At : stopped) :
      is_uint f -> is_uint l -> is_uint rk -> is_uint h -> is_uint hr ->
      (passes f l rk (h, hr) -> Q Vundef y) ->
      (forall n, n = 1 /\ h = l \/ n = 2 /\ h <> l /\ ~ passes f l rk (h, hr) ->
         At ($"hlock_stops") (numbers [n; 0; f; l; self]) y) ->
      call ($"comes_after") (Tfunction (uints (repeat tt 6)) tvoid cc_default) (numbers [self; f; l; rk; h; hr]) y Q At.
    Proof.
      intros F U Rk H Hr Post Not; unfold passes in *; cbn [fst snd] in *.
      refine (wps_function checking stops m ($"comes_after") comes_after_text _ _ y Q At
                (proj2 Has ($"comes_after", Gfun (Internal comes_after_text)) _) _ _);
        [cbn; tauto|enter comes_after_text|].
      cbv delta [comes_after_text]; wps_line; condition.
      destruct (Z.eqb_spec h l) as [->|Other].
      { wps_line; apply (stops_call y _ _ [1; 0; f; l; self]), Not; now left. }
      wps_line; condition; destruct (Z.leb_spec rk hr) as [Above|Below].
      2: { wps_line; eexists; split; [reflexivity|]; apply Post; lia. }
      wps_line; condition; destruct (Z.ltb_spec h f) as [Under|From].
      { wps_line; apply (stops_call y _ _ [2; 0; f; l; self]), Not; right; lia. }
      wps_line; condition; destruct (Z.ltb_spec l h) as [Over|Until].
      { wps_line; apply (stops_call y _ _ [2; 0; f; l; self]), Not; right; lia. }
      wps_line; eexists; split; [reflexivity|]; apply Post; lia.
    Qed.

    (** What the loop of [may_acquire] keeps: the first [k] places let it come. *)
    Definition compared (f l rk : Z) (n : nat) (le : temp_env) (d : recorded (D := D)) : Prop :=
      d = y /\ exists k, 0 <= k <= size ry /\ n = Z.to_nat (size ry - k) /\
      le ! ($"cpu") = Some (Vint (Int.repr self)) /\ le ! ($"first") = Some (Vint (Int.repr f)) /\
      le ! ($"lk") = Some (Vint (Int.repr l)) /\ le ! ($"rank") = Some (Vint (Int.repr rk)) /\
      le ! ($"count") = Some (Vint (Int.repr (size ry))) /\ le ! ($"place") = Some (Vint (Int.repr k)) /\
      forall j, 0 <= j < k -> passes f l rk (place ry j).

    Lemma may_acquire_call f l rk (Q : answer) (At : stopped) : is_uint f -> is_uint l -> is_uint rk ->
      (each (passes f l rk) -> size ry < depth -> Q Vundef y) ->
      (forall n, n = 1 /\ some (fun e => fst e = l) \/
                 n = 2 /\ some (fun e => fst e <> l /\ ~ passes f l rk e) \/
                 n = 3 /\ each (passes f l rk) /\ depth <= size ry ->
         At ($"hlock_stops") (numbers [n; 0; f; l; self]) y) ->
      call ($"may_acquire") (Tfunction (uints (repeat tt 4)) tvoid cc_default) (numbers [self; f; l; rk]) y Q At.
    Proof.
      intros F U Rk Post Not; destruct Fy as (Size & Numbers).
      refine (wps_function checking stops m ($"may_acquire") may_acquire_text _ _ y Q At
                (proj2 Has ($"may_acquire", Gfun (Internal may_acquire_text)) _) _ _);
        [cbn; tauto|enter may_acquire_text|].
      cbv delta [may_acquire_text]; wps_line; apply count_call; wps_line.
      refine (wps_loop checking stops m _ _ _ _ (compared f l rk) _ (Z.to_nat (size ry)) _ _ _).
      2: { split; [reflexivity|]; exists 0; look; repeat split; auto; try f_equal; lia. }
      intros n le d (-> & k & K & -> & Cpu & First & Lk & Rank & Count & Place & Before).
      wps_line; condition.
      destruct (Z.ltb_spec k (size ry)) as [Less|End].
      - destruct (Numbers k ltac:(lia)) as (Number & Rank_number).
        wps_line; apply lock_call; [is_number..|]; wps_line; apply rank_call; [is_number..|]; wps_line.
        apply comes_after_call; [is_number..| |].
        + intros Passes; wps_line; cbn [iteration_stops ends_loop wps].
          exists (Z.to_nat (size ry - (k + 1))); split; [lia|split; [reflexivity|]].
          exists (k + 1); rewrite ?uint_value by is_number; look; repeat split; auto; try lia.
          all: destruct (Z.eq_dec j k) as [->|]; [apply Passes|apply Before; lia].
        + intros n [(-> & Same)|(-> & Wrong)]; apply Not; [left|right; left]; split; auto; exists k; split; auto; lia.
      - wps_line; cbn [iteration_stops ends_loop]; wps_line; apply room_call; wps_line; condition.
        assert (All : each (passes f l rk)) by (intros j J; apply Before; lia).
        destruct (Z.leb_spec depth (size ry)) as [Full|Room]; wps_line.
        + apply (stops_call y _ _ [3; 0; f; l; self]), Not; auto.
        + apply wait_call; [is_number..|]; eexists; split; [reflexivity|auto].
    Qed.

    Lemma now_held_call l rk (Q : answer) (At : stopped) : is_uint l -> is_uint rk -> size ry < depth ->
      (forall y', changed y y' (size ry + 1) (set_at (size ry) (l, rk) (place ry)) -> Q Vundef y') ->
      call ($"now_held") (Tfunction (uints (repeat tt 3)) tvoid cc_default) (numbers [self; l; rk]) y Q At.
    Proof.
      intros U Rk Room Post; destruct Fy as (Size & Numbers).
      refine (wps_function checking stops m ($"now_held") now_held_text _ _ y Q At
                (proj2 Has ($"now_held", Gfun (Internal now_held_text)) _) _ _);
        [cbn; tauto|enter now_held_text|].
      cbv delta [now_held_text]; wps_line; apply count_call; wps_line.
      apply put_call; [is_number..|]; wps_line; rewrite !uint_value by is_number.
      apply size_call; [is_number|]; eexists; split; [reflexivity|].
      apply Post; eapply now_twice; [reflexivity|reflexivity].
    Qed.

    (** *** Release, and the assertions *)
    Lemma must_hold_call fault operation f l (Q : answer) (At : stopped) :
      is_uint fault -> is_uint operation -> is_uint f -> is_uint l ->
      (some (fun e => fst e = l) -> Q Vundef y) ->
      (each (fun e => fst e <> l) -> At ($"hlock_stops") (numbers [fault; operation; f; l; self]) y) ->
      call ($"must_hold") (Tfunction (uints (repeat tt 5)) tvoid cc_default)
           (numbers [self; fault; operation; f; l]) y Q At.
    Proof.
      intros Fault Operation F U Held Not.
      refine (wps_function checking stops m ($"must_hold") must_hold_text _ _ y Q At
                (proj2 Has ($"must_hold", Gfun (Internal must_hold_text)) _) _ _);
        [cbn; tauto|enter must_hold_text|].
      cbv delta [must_hold_text]; wps_line; apply place_of_call; [exact U|intros k (K & Before & There)].
      wps_line; apply count_call; wps_line; destruct Fy as (Size & _); condition.
      destruct (Z.eqb_spec k (size ry)) as [->|Less]; wps_line.
      - apply (stops_call y _ _ [fault; operation; f; l; self]), Not; exact Before.
      - eexists; split; [reflexivity|]; apply Held; exists k; split; [lia|apply There; lia].
    Qed.

    Lemma drop_held_call l (Q : answer) (At : stopped) : is_uint l -> some (fun e => fst e = l) ->
      (forall y' k, is_place_of l k ry -> k < size ry ->
         changed y y' (size ry - 1) (set_at k (place ry (size ry - 1)) (place ry)) -> Q Vundef y') ->
      call ($"drop_held") (Tfunction (uints (repeat tt 2)) tvoid cc_default) (numbers [self; l]) y Q At.
    Proof.
      intros U (j & J & Here) Post.
      refine (wps_function checking stops m ($"drop_held") drop_held_text _ _ y Q At
                (proj2 Has ($"drop_held", Gfun (Internal drop_held_text)) _) _ _);
        [cbn; tauto|enter drop_held_text|].
      cbv delta [drop_held_text]; wps_line; apply place_of_call; [exact U|intros k Is].
      pose proof Is as (K & Before & _); destruct Fy as (Size & _).
      assert (k < size ry) by (destruct (Z.lt_ge_cases k (size ry)); [assumption|now destruct (Before j); [lia|]]).
      wps_line; apply count_call; wps_line; rewrite !uint_value by is_number.
      apply move_call; [is_number..|]; wps_line.
      apply size_call; [is_number|]; eexists; split; [reflexivity|].
      apply (Post _ k Is); [assumption|]; eapply now_twice; [reflexivity|reflexivity].
    Qed.

    Lemma must_lack_call f l (Q : answer) (At : stopped) : is_uint f -> is_uint l ->
      (each (fun e => fst e <> l) -> Q Vundef y) ->
      (some (fun e => fst e = l) -> At ($"hlock_stops") (numbers [6; 3; f; l; self]) y) ->
      call ($"must_lack") (Tfunction (uints (repeat tt 3)) tvoid cc_default) (numbers [self; f; l]) y Q At.
    Proof.
      intros F U Lacks Not.
      refine (wps_function checking stops m ($"must_lack") must_lack_text _ _ y Q At
                (proj2 Has ($"must_lack", Gfun (Internal must_lack_text)) _) _ _);
        [cbn; tauto|enter must_lack_text|].
      cbv delta [must_lack_text]; wps_line; apply place_of_call; [exact U|intros k (K & Before & There)].
      wps_line; apply count_call; wps_line; destruct Fy as (Size & _); condition.
      destruct (Z.eqb_spec k (size ry)) as [->|Less]; cbn [negb]; wps_line.
      - eexists; split; [reflexivity|]; apply Lacks; exact Before.
      - apply (stops_call y _ _ [6; 3; f; l; self]), Not; exists k; split; [lia|apply There; lia].
    Qed.

    Lemma must_be_free_call (Q : answer) (At : stopped) :
      (size ry = 0 -> Q Vundef y) ->
      (size ry <> 0 -> At ($"hlock_stops") (numbers [7; 4; 0; 0; self]) y) ->
      call ($"must_be_free") (Tfunction (uints (repeat tt 1)) tvoid cc_default) (numbers [self]) y Q At.
    Proof.
      intros Free Not.
      refine (wps_function checking stops m ($"must_be_free") must_be_free_text _ _ y Q At
                (proj2 Has ($"must_be_free", Gfun (Internal must_be_free_text)) _) _ _);
        [cbn; tauto|enter must_be_free_text|].
      cbv delta [must_be_free_text]; wps_line; apply count_call; wps_line; destruct Fy as (Size & _); condition.
      destruct (Z.eqb_spec (size ry) 0) as [None|Some]; cbn [negb]; wps_line.
      - eexists; split; [reflexivity|exact (Free None)].
      - apply (stops_call y _ _ [7; 4; 0; 0; self]), Not, Some.
    Qed.
  End Functions.
End Checks.

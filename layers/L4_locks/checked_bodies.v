(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 4: the bodies of the debug text, on a record

    Each lock function and assertion of a table's debug text: it calls what checks.h has,
    which looks at this CPU's record, and the function of floor 3, of any floor below.
    Read next: checked.v. *)
From Coq Require Import ZArith List Bool String Lia FMapPositive Permutation.
From hlock.clight Require Import options integers values syntax operators semantics determinism vcgen stopping.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import text text_facts checks_text record record_facts checks_code checks_found.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.
Local Open Scope Z_scope.

(** A name of C is no temporary of the exporter's. *)
Lemma name_not_temporary p : $p <> t1.
Proof.
  intros Same; apply (f_equal Pos.size_nat) in Same; unfold ident_of_string in Same.
  rewrite push_string_size in Same; cbn in Same; lia.
Qed.

(** The temporaries hold index [i] of family [f]. *)
Definition has_index (f : family) (i : Z) (le : temp_env) : Prop :=
  match index f with Some p => le ! ($p) = Some (Vint (Int.repr i)) | None => i = 0 end.

Section Checked.
  Context (prefix : string) (T : table) (Ok : table_ok T = true) (Recordable : recordable T = true).
  Context {D : Type} (below : layer D) (ours : Z -> bool) (depth self : Z).
  Context (Self : ours self = true) (Limit : 0 <= self < 2 ^ 32) (Depth : 0 <= depth < 2 ^ 32).
  Context {mem : Type} (m : mem).
  Local Notation M := (locks_checked_text prefix T).
  Local Notation G := (checking below ours depth self M).
  Local Notation call := (wps_call G stops m).
  Local Notation wps := (wps G stops m).
  Local Notation ending := (post (D := recorded (D := D))).
  Local Notation stopped := (at_stop (D := recorded (D := D))).
  Let Has : has_checks M := text_has_checks prefix T.

  (** ** Pieces of the text *)
  Lemma call_wps callee args ns (Q : ending) (At : stopped) le y :
    Forall2 (fun a n => eval_expr le a = Some (Vint (Int.repr n)) /\ typeof a = tuint) args ns ->
    call ($callee) (Tfunction (uints args) tvoid cc_default) (numbers ns) y (fun _ => Q Out_normal le) At ->
    wps (call_text callee args) Q At le y.
  Proof.
    intros Are Called; unfold call_text; cbn [stopping.wps].
    assert (eval_args le args (uints args) = Some (numbers ns)) as ->; [|exact Called].
    clear Called; induction Are as [|a n args ns (Is & Type_is) _ IH]; [reflexivity|].
    cbn [uints eval_args]; rewrite Is, IH, Type_is; reflexivity.
  Qed.

  Lemma numbers_of_family f : In f T -> is_uint (first f) /\ is_uint (count f) /\ is_uint (rank f).
  Proof.
    intros F; destruct (line_ok_range f (table_ok_in T f Ok F)) as (? & ? & ?).
    destruct (recordable_in T Recordable f F) as (? & _); change (2 ^ 32) with 4294967296 in *.
    unfold is_uint; change (2 ^ 32) with 4294967296; lia.
  Qed.
  Lemma number_value f i le : In f T -> in_family f i = true -> has_index f i le ->
    eval_expr le (number_text f) = Some (Vint (Int.repr (lock_id f i))) /\ typeof (number_text f) = tuint.
  Proof.
    intros F I Index; unfold number_text, has_index, lock_id in *.
    destruct (numbers_of_family f F) as (First & Count & _); apply in_family_iff in I.
    destruct (index f) as [p|]; (split; [|reflexivity]).
    - cbn; rewrite Index; cbn; now rewrite !uint_value by (unfold is_uint in *; lia).
    - subst i; cbn; now rewrite Z.add_0_r.
  Qed.

  Lemma in_range_wps n f i s (Q : ending) (At : stopped) le y : of_family T f i -> has_index f i le ->
    (in_family f i = true -> wps s Q At le y) ->
    (in_family f i = false -> At ($"hlock_stop") (numbers [n; first f; i; count f]) y) ->
    wps (in_range_text n f s) Q At le y.
  Proof.
    intros (F & I & One) Index Right Not; destruct (numbers_of_family f F) as (_ & Count & _).
    unfold in_range_text; unfold has_index in Index; destruct (index f) as [p|] eqn:Is.
    - wps_line; condition; destruct (Z.leb_spec (count f) i) as [Out|In]; wps_line.
      + refine (wps_stop G stops m _ _ _ _ _ (numbers [n; first f; i; count f]) y _ _
                  (find_stop prefix T f p F Is) _ _);
          [reflexivity|]; apply Not.
        apply not_true_is_false; rewrite in_family_iff; lia.
      + apply Right, in_family_iff; lia.
    - apply Right, in_family_iff; pose proof (table_ok_in T f Ok F) as Good; unfold line_ok in Good.
      rewrite Is, !andb_true_iff, Z.eqb_eq in Good; lia.
  Qed.

  Lemma this_cpu_wps n z f i (Q : ending) (At : stopped) le y : is_uint n -> is_uint z -> In f T -> has_index f i le ->
    (forall le1, le1 ! ($"hlock_cpu") = Some (Vint (Int.repr self)) -> has_index f i le1 -> Q Out_normal le1 y) ->
    wps (this_cpu_text n z) Q At le y.
  Proof.
    intros N Z F Index Post; unfold this_cpu_text; wps_line.
    eapply this_cpu_call;
      try first [exact Self | exact Limit | exact Depth | exact N | exact Z | exact (find_this_cpu prefix T)]; wps_line.
    apply Post; look; [reflexivity|]; unfold has_index in *; destruct (index f) as [p|] eqn:Is; [|exact Index].
    rewrite !get_set_other; [exact Index|apply name_not_temporary|].
    intros Same; apply ident_of_string_inj in Same; subst p; exact (proj2 (recordable_in T Recordable f F) Is).
  Qed.

  Lemma enters_table f i body : of_family T f i ->
    exists le,
      function_entry (function_of tvoid (parameters_of f) [$"hlock_cpu"; t1] body) (index_args f i) = Some le /\
      has_index f i le.
  Proof.
    intros (F & _ & One); pose proof (proj2 (recordable_in T Recordable f F)) as Name.
    unfold parameters_of, index_args, has_index; destruct (index f) as [p|] eqn:Is.
    - assert ($p <> $"hlock_cpu") as Other.
      { intros Same; apply ident_of_string_inj in Same; subst p; auto. }
      rewrite enters.
      + eexists; split; [reflexivity|apply get_set_same].
      + cbn [map app distinct existsb]; rewrite (proj2 (Pos.eqb_neq _ _) Other).
        rewrite (proj2 (Pos.eqb_neq _ _) (name_not_temporary p)); reflexivity.
    - rewrite enters by reflexivity; eexists; split; [reflexivity|auto].
  Qed.

  Lemma offers_forwards o : checking_layer below ours depth self ($(forwards_to o)) =
    option_map lifted (below ($(forwards_to o))).
  Proof. destruct o; reflexivity. Qed.
  Lemma forwards_call f o p v l x x' R (Q : val -> recorded -> Prop) (At : stopped) :
    In f T -> below ($(forwards_to o)) = Some p ->
    p (numbers [l]) x v x' -> Q v (x', R) ->
    call ($(forwards_to o)) (Tfunction (Tcons tuint Tnil) tvoid cc_default) (numbers [l]) (x, R) Q At.
  Proof.
    intros F Offered Does Post.
    refine (wps_prim G stops m _ _ _ _ _ (lifted p) (numbers [l]) v (x, R) (x', R) Q At
              (find_forwards prefix T f o F) _ _ Post).
    - cbn [ge_layer checking]; now rewrite offers_forwards, Offered.
    - split; [exact Does|reflexivity].
  Qed.

  (** ** The bodies, on a record *)
  Section Bodies.
    Context (f : family) (i : Z) (F : In f T) (I : in_family f i = true) (x : D) (R : records).
    Local Notation r := (R self).
    Local Notation l := (lock_id f i).
    Context (Fits : fits depth r).

    Lemma lock_uint : is_uint l.
    Proof. exact (lock_id_range T f i Ok F I). Qed.

    Ltac args := repeat constructor;
      first [ reflexivity | assumption | exact (proj1 (number_value f i _ F I ltac:(eassumption)))
            | exact (proj2 (number_value f i _ F I ltac:(eassumption))) ].
    Ltac known := try first [exact Self | exact Limit | exact Depth | exact Has | exact Fits | exact lock_uint |
                             apply (numbers_of_family f F) | unfold is_uint; lia].

    Lemma enter_wps (Q : ending) (At : stopped) le : has_index f i le ->
      ((forall j, 0 <= j < size r -> passes (first f) l (rank f) (place r j)) -> size r < depth ->
         exists p v x', below ($"wait_hlock") = Some p /\ p (numbers [l]) x v x' /\
           forall y', changed self (x', R) y' (size r + 1) (set_at (size r) (l, rank f) (place r)) ->
           forall le', Q Out_normal le' y') ->
      (forall n, n = 1 /\ (exists j, 0 <= j < size r /\ fst (place r j) = l) \/
                 n = 2 /\ (exists j, 0 <= j < size r /\ fst (place r j) <> l /\
                                     ~ passes (first f) l (rank f) (place r j)) \/
                 n = 3 /\ (forall j, 0 <= j < size r -> passes (first f) l (rank f) (place r j)) /\ depth <= size r ->
         At ($"hlock_stops") (numbers [n; 0; first f; l; self]) (x, R)) ->
      wps (enter_text f) Q At le (x, R).
    Proof.
      intros Index Post Not; unfold enter_text; cbn [stopping.wps].
      eapply this_cpu_wps; [known..|exact F|exact Index|]; intros le1 Cpu Index1; cbv beta iota.
      apply (call_wps _ _ [self; first f; l; rank f]); [args|].
      eapply may_acquire_call; known; [|exact Not].
      intros Pass Room; destruct (Post Pass Room) as (p & v & x' & Offered & Does & Ends); cbv beta iota.
      apply (call_wps "wait_hlock" _ [l]); [args|].
      apply (forwards_call f Acquire p v l x x' R _ _ F Offered Does); cbv beta iota.
      apply (call_wps _ _ [self; l; rank f]); [args|].
      eapply now_held_call; known; [exact Room|]; intros y' Changed; apply (Ends y' Changed).
    Qed.

    Lemma leave_wps (Q : ending) (At : stopped) le : has_index f i le ->
      ((exists j, 0 <= j < size r /\ fst (place r j) = l) ->
         exists p v x', below ($"pass_hlock") = Some p /\ p (numbers [l]) x v x' /\
           forall R' k, is_place_of l k r -> k < size r ->
             changed self (x', R) (x', R') (size r - 1) (set_at k (place r (size r - 1)) (place r)) ->
           forall le', Q Out_normal le' (x', R')) ->
      ((forall j, 0 <= j < size r -> fst (place r j) <> l) ->
         At ($"hlock_stops") (numbers [4; 1; first f; l; self]) (x, R)) ->
      wps (leave_text f) Q At le (x, R).
    Proof.
      intros Index Post Not; unfold leave_text; cbn [stopping.wps].
      eapply this_cpu_wps; [known..|exact F|exact Index|]; intros le1 Cpu Index1; cbv beta iota.
      apply (call_wps _ _ [self; 4; 1; first f; l]); [args|].
      eapply must_hold_call; known; [|exact Not].
      intros Here; destruct (Post Here) as (p & v & x' & Offered & Does & Ends); cbv beta iota.
      apply (call_wps _ _ [self; l]); [args|].
      eapply drop_held_call; known; [exact Here|]; intros [x1 R'] k Is K (Same & Changed); cbn in Same; subst x1.
      cbv beta iota; apply (call_wps "pass_hlock" _ [l]); [args|].
      apply (forwards_call f Release p v l x x' R' _ _ F Offered Does).
      apply (Ends R' k Is K); split; [reflexivity|exact Changed].
    Qed.

    Lemma held_wps (Q : ending) (At : stopped) le : has_index f i le ->
      ((exists j, 0 <= j < size r /\ fst (place r j) = l) -> forall le', Q Out_normal le' (x, R)) ->
      ((forall j, 0 <= j < size r -> fst (place r j) <> l) ->
         At ($"hlock_stops") (numbers [5; 2; first f; l; self]) (x, R)) ->
      wps (asserts_text Held f) Q At le (x, R).
    Proof.
      intros Index Post Not; unfold asserts_text, assertion_number; cbn [stopping.wps].
      eapply this_cpu_wps; [known..|exact F|exact Index|]; intros le1 Cpu Index1; cbv beta iota.
      apply (call_wps _ _ [self; 5; 2; first f; l]); [args|].
      eapply must_hold_call; known; [|exact Not]; intros Here; exact (Post Here le1).
    Qed.

    Lemma not_held_wps (Q : ending) (At : stopped) le : has_index f i le ->
      ((forall j, 0 <= j < size r -> fst (place r j) <> l) -> forall le', Q Out_normal le' (x, R)) ->
      ((exists j, 0 <= j < size r /\ fst (place r j) = l) ->
         At ($"hlock_stops") (numbers [6; 3; first f; l; self]) (x, R)) ->
      wps (asserts_text Not_held f) Q At le (x, R).
    Proof.
      intros Index Post Not; unfold asserts_text, assertion_number; cbn [stopping.wps].
      eapply this_cpu_wps; [known..|exact F|exact Index|]; intros le1 Cpu Index1; cbv beta iota.
      apply (call_wps _ _ [self; first f; l]); [args|].
      eapply must_lack_call; known; [|exact Not]; intros Here; exact (Post Here le1).
    Qed.
  End Bodies.
End Checked.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 4: the C of a table meets the low specification

    One theorem over all tables that [table_ok] accepts ([locks_correct],
    [locks_debug_correct]): each function of the text (text.v), release and debug,
    does what the low specification says.  The C stands on floor 3: of [wait_hlock]
    and [pass_hlock] nothing is known but their specifications ([atomic_layer]).
    What is exported is that text, by one equation for each function, so its
    theorems are corollaries (generated/L4_theorems.v).  Read next: refine.v. *)
From Coq Require Import ZArith List Bool String Lia FMapPositive.
From hlock.clight Require Import options integers values syntax operators semantics
  determinism vcgen functions.
From hlock.layers.table Require Import table facts.
From hlock.layers.view Require Import spec facts.
From hlock.layers.L3_atomic Require Import spec facts.
From hlock.layers.L4_locks Require Import spec text text_facts.
From hlock.layers.L4_locks Require Export offers.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.

(** ** What floor 3 offers to C *)
Section Atomic_layer.
  Context (S : system).
  Local Notation atomic_layer := (atomic_layer S).
  Local Notation stopping_layer := (stopping_layer S).
  Local Notation prim1 := (prim1 S).


  Lemma offers_wait : atomic_layer ($"wait_hlock") = Some (prim1 (wait_hlock_spec S)).
  Proof. reflexivity. Qed.
  Lemma offers_pass : atomic_layer ($"pass_hlock") = Some (prim1 (pass_hlock_spec S)).
  Proof. reflexivity. Qed.

  Lemma offers_stop stop : stopping_layer stop ($"hlock_stop") = Some stop.
  Proof. reflexivity. Qed.

  Lemma atomic_layer_det : layer_det atomic_layer.
  Proof.
    intros id p; unfold offers.atomic_layer, offers.stopping_layer.
    destruct (Pos.eqb _ _); [|destruct (Pos.eqb _ _); [|destruct (Pos.eqb _ _)]];
      intros [= <-] vs d v1 d1 v2 d2; unfold offers.prim1, takes_uint, never; try tauto.
    all: intros (n & -> & -> & D1) (n2 & [= <-] & -> & D2); split; congruence.
  Qed.
End Atomic_layer.

(** ** What is to be proved of a function *)
(** The temporaries hold index [i] of family [f]. *)
Definition index_in (f : family) (le : temp_env) (i : Z) : Prop :=
  match index f with
  | None => i = 0
  | Some p => exists n, le ! ($p) = Some (Vint n) /\ i = Int.unsigned n
  end.

Section Statements.
  Context (M : module) (prefix : string) (S : system).

  Local Notation locks_genv := (locks_genv M S).

  (** Whenever the low specification is defined, the body runs to the state
      that it gives (the seed's [<fn>_body_correct]). *)
  Definition body_correct (o : operation) (f : family) (fd : function) : Prop :=
    forall (mem : Type) (m : mem) (d d' : RData (atomic S)) env le i,
      env = empty_env -> index_in f le i -> low_spec o f i d = Done d' ->
      exists le', exec_stmt locks_genv env le (m, d) (fn_body fd) E0 le' (m, d') Out_normal.

  (** The function of that name in the module does what the specification says,
      argument passing included (the seed's [<fn>_code_correct]). *)
  Definition code_correct (o : operation) (f : family) : Prop :=
    forall mem : Type,
      spec_le (mem := mem) ($(function_name prefix o f) ↦ low_prim o f) (〚 M 〛 (atomic_layer S)).

  (** Entry passes the index, and the function returns nothing. *)
  Definition passes_index (f : family) (fd : function) : Prop :=
    fn_return fd = tvoid /\
    match index f with
    | None => exists le, function_entry fd [] = Some le
    | Some p => forall n, exists le, function_entry fd [Vint n] = Some le /\ le ! ($p) = Some (Vint n)
    end.

  Lemma code_from_body o f fd :
    find_function M ($(function_name prefix o f)) = Some (Internal fd) ->
    passes_index f fd -> body_correct o f fd -> code_correct o f.
  Proof.
    intros Found (Void & Entry) Body mem; unfold low_prim, body_correct, index_in in *; destruct (index f) as [p|].
    - apply (procedure_code M (atomic_layer S) _ ($p) fd _ Found (conj Void Entry)).
      intros mem' m d d' env le n; eauto.
    - intros g args m d res m' d' (-> & Same & (-> & -> & Spec)); cbn [fst snd] in *; subst m'.
      destruct Entry as (le & Enter); destruct (Body mem m d d' _ le 0 eq_refl eq_refl Spec) as (le' & Run).
      exists (Internal fd); split; [exact Found|]; econstructor; eauto; now rewrite Void.
  Qed.

  (** And no other outcome exists. *)
  Theorem body_exact o f fd (mem : Type) (m : mem) d d' le i :
    body_correct o f fd -> index_in f le i -> low_spec o f i d = Done d' ->
    forall le' st' out,
      exec_stmt locks_genv empty_env le (m, d) (fn_body fd) E0 le' st' out ->
      st' = (m, d') /\ out = Out_normal.
  Proof.
    intros Body Index Spec le' st' out Run.
    destruct (Body mem m d d' _ le i eq_refl Index Spec) as (le2 & Run2).
    now destruct (exec_stmt_deterministic locks_genv (atomic_layer_det S) _ _ _ _ _ _ _ _ _ _
                    Run Run2) as (_ & -> & ->).
  Qed.
End Statements.

(** ** The theorem over the table *)

(** Every function of every family is in the module and meets its specification. *)
Definition table_correct (prefix : string) (T : table) (M : module) : Prop :=
  forall N O f o, In f T ->
  let S := table_system T N O in
  exists fd, find_function M ($(function_name prefix o f)) = Some (Internal fd) /\
             body_correct M S o f fd /\ code_correct M prefix S o f.

(** The low specification names the lock by number. *)
Lemma low_spec_done {S : system} o f i (d d' : RData (atomic S)) :
  low_spec o f i d = Done d' ->
  0 <= i < count f /\
  match o with Acquire => wait_hlock_spec S | Release => pass_hlock_spec S end (lock_id f i) d = Done d'.
Proof.
  unfold low_spec, acquire_low, release_low, on_lock; rewrite <- in_family_iff.
  destruct o, (in_family f i); auto; discriminate.
Qed.

(** *** One function of the text *)

Lemma acquire_release_entry debug o f : passes_index f (function_text debug o f).
Proof.
  split; [reflexivity|]; unfold function_entry, function_text; cbn [fn_vars fn_temps fn_params].
  destruct (index f) as [p|]; cbn.
  - intros n; eexists; split; [reflexivity|apply get_set_same].
  - eexists; reflexivity.
Qed.

(** The argument of the call is the number of the lock. *)
Lemma acquire_release_number f le i : line_ok f = true -> index_in f le i -> 0 <= i < count f ->
  eval_args le [number_text f] (uints [number_text f]) = Some [Vint (Int.repr (lock_id f i))].
Proof.
  intros Ok Index Range; apply line_ok_range in Ok; unfold number_text, index_in, lock_id in *.
  destruct (index f) as [p|]; cbn [eval_args uints].
  - destruct Index as (n & Is & ->); cbn; rewrite Is; cbn.
    now rewrite Int.unsigned_repr by (change Int.modulus with (2 ^ 32)%Z; lia).
  - subst i; now rewrite Z.add_0_r.
Qed.

(** An index of the family passes the check of the debug text. *)
Lemma acquire_release_check o f p le n : line_ok f = true -> le ! ($p) = Some (Vint n) ->
  match check_text o f p with
  | Sifthenelse c _ _ => eval_cond le c = Some (count f <=? Int.unsigned n)%Z
  | _ => False
  end.
Proof.
  intros Ok Is; apply line_ok_range in Ok; unfold eval_cond; cbn; rewrite Is; cbn.
  rewrite Int.unsigned_repr by (change Int.modulus with (2 ^ 32)%Z; lia).
  now destruct (count f <=? Int.unsigned n)%Z.
Qed.

Section Table.
  Context (debug : bool) (prefix : string) (T : table) (Ok : table_ok T = true) (N : nat) (O : objects).
  Let S := table_system T N O.
  Local Notation M := (text_of debug prefix T).

  Lemma acquire_release_body_correct o f : In f T -> body_correct M S o f (function_text debug o f).
  Proof.
    intros Member mem m d d' env le i -> Index Spec; apply low_spec_done in Spec as (Range & Spec).
    pose proof (table_ok_in T f Ok Member) as Good; exists le.
    assert (Called : exec_stmt (locks_genv M S) empty_env le (m, d) (call_text (forwards_to o) [number_text f]) E0
                               le (m, d') Out_normal).
    { refine (exec_Scall (locks_genv M S) _ le _ (m, d') None ($(forwards_to o)) (Tcons tuint Tnil) tvoid cc_default _
                [number_text f] _ Vundef (find_acquire_release_callee debug prefix T f o Member)
                (acquire_release_number f le i Good Index Range) eq_refl _).
      pose proof (lock_id_range T f i Ok Member (proj2 (in_family_iff f i) Range)) as Number.
      apply eval_funcall_external with
        (p := prim1 S match o with Acquire => wait_hlock_spec S | Release => pass_hlock_spec S end); [now destruct o|].
      eexists; split; [reflexivity|split; [reflexivity|]].
      rewrite Int.unsigned_repr by exact Number; now destruct o. }
    cbn [function_text fn_body]; unfold body_text, index_in in *; destruct (index f) as [p|]; [|exact Called].
    destruct debug; [|exact Called]; destruct Index as (n & Is & ->).
    eapply exec_Ssequence; [|exact Called].
    apply exec_Sifthenelse with (b := false); [|constructor].
    rewrite (acquire_release_check o f p le n Good Is); f_equal; apply Z.leb_gt; lia.
  Qed.
End Table.

Theorem text_correct debug prefix T : table_ok T = true -> table_correct prefix T (text_of debug prefix T).
Proof.
  intros Ok N O f o Member S; exists (function_text debug o f).
  pose proof (find_acquire_release debug prefix T f o Ok Member) as Found.
  pose proof (acquire_release_body_correct debug prefix T Ok N O o f Member) as Body.
  split; [exact Found|split; [exact Body|]].
  exact (code_from_body _ _ _ o f _ Found (acquire_release_entry debug o f) Body).
Qed.

(** The release text of a table, and its debug text. *)
Theorem locks_correct prefix T : table_ok T = true -> table_correct prefix T (locks_text prefix T).
Proof. exact (text_correct false prefix T). Qed.
Theorem locks_debug_correct prefix T : table_ok T = true -> table_correct prefix T (locks_debug_text prefix T).
Proof. exact (text_correct true prefix T). Qed.

(** ** The debug text stops at a bad index *)

(** What the stop is told: which operation, which family, the argument, the range. *)
Definition stop_args (o : operation) (f : family) (n : int) : list val :=
  [Vint (Int.repr (match o with Acquire => 0 | Release => 1 end)); Vint (Int.repr (first f));
   Vint n; Vint (Int.repr (count f))].

(** The check of an index out of range calls the stop, with exactly these arguments. *)
Lemma acquire_release_check_stops prefix T N O o f p n le :
  table_ok T = true -> In f T -> index f = Some p -> le ! ($p) = Some (Vint n) -> count f <= Int.unsigned n ->
  let S := table_system T N O in
  forall stop (mem : Type) (m : mem) d le' st' out,
    exec_stmt (mkgenv (locks_debug_text prefix T) (stopping_layer S stop)) empty_env le (m, d)
              (check_text o f p) E0 le' st' out ->
    exists v' d', stop (stop_args o f n) d v' d'.
Proof.
  intros Ok Member Index Is Range S stop mem m d le' st' out Run.
  pose proof (acquire_release_check o f p le n (table_ok_in T f Ok Member) Is) as Check; cbn [check_text] in Check.
  rewrite (proj2 (Z.leb_le _ _) Range) in Check.
  inversion Run; subst; rewrite Check in Cond; injection Cond as <-.
  unfold stop_text in Branch; inversion Branch; subst; cbn [ge_module] in Callee; unfold locks_debug_text in Callee.
  rewrite (find_acquire_release_stop prefix T f p Member Index) in Callee; injection Callee as <-.
  cbn in Args; rewrite Is in Args; cbn in Args; injection Args as <-.
  inversion Call; subst; cbn [ge_layer] in Offered; rewrite offers_stop in Offered; injection Offered as <-; eauto.
Qed.

(** The debug text checks first, and tells the stop its own operation. *)
Lemma acquire_release_checks_first o f p : index f = Some p ->
  body_text true o f = Ssequence (check_text o f p) (call_text (forwards_to o) [number_text f]).
Proof. intros Index; unfold body_text; now rewrite Index. Qed.

(** Called with an index out of range, the debug text calls the stop, first and
    with exactly these arguments, whatever the stop does. *)
Theorem locks_debug_stops prefix T N O f o p n :
  table_ok T = true -> In f T -> index f = Some p -> count f <= Int.unsigned n ->
  let S := table_system T N O in
  forall stop (mem : Type) (m : mem) d st' v,
    call_function (mkgenv (locks_debug_text prefix T) (stopping_layer S stop))
      ($(function_name prefix o f)) [Vint n] (m, d) st' v ->
    exists v' d', stop (stop_args o f n) d v' d'.
Proof.
  intros Ok Member Index Range S stop mem m d st' v (text & Found & Run); cbn [ge_module] in Found.
  unfold locks_debug_text in Found; rewrite (find_acquire_release true prefix T f o Ok Member) in Found.
  injection Found as <-; inversion Run; subst.
  cbn [function_text fn_body] in Body; rewrite (acquire_release_checks_first o f p Index) in Body.
  unfold function_entry, function_text in Entry; cbn [fn_vars fn_temps fn_params] in Entry.
  rewrite Index in Entry; cbn in Entry; injection Entry as <-.
  set (le0 := set_temp ($p) (Vint n) (PositiveMap.empty val)) in *.
  assert (Is : le0 ! ($p) = Some (Vint n)) by apply get_set_same.
  inversion Body; subst; eapply acquire_release_check_stops; eauto.
Qed.

(** As the stop never returns, neither does the call. *)
Corollary locks_debug_never_returns prefix T N O f o p n :
  table_ok T = true -> In f T -> index f = Some p -> count f <= Int.unsigned n ->
  let S := table_system T N O in
  forall (mem : Type) (m : mem) d st' v,
    ~ call_function (locks_genv (locks_debug_text prefix T) S)
        ($(function_name prefix o f)) [Vint n] (m, d) st' v.
Proof.
  intros Ok Member Index Range S mem m d st' v Run.
  now destruct (locks_debug_stops prefix T N O f o p n Ok Member Index Range _ _ _ _ _ _ Run) as (? & ? & ?).
Qed.

(** ** When the low specifications are defined: exactly when the index is one of
    the family, the environment is legal, and (acquire) nobody holds the lock when
    I enter, (release) I hold it. *)
Section Defined.
  Context (T : table) (N : nat) (O : objects) (Ok : table_ok T = true).
  Let S := table_system T N O.

  Lemma table_lock_exists f i :
    In f T -> in_family f i = true -> lock_exists (S := S) (lock_id f i) = true.
  Proof.
    intros Member Range; unfold lock_exists; cbn [locks S table_system].
    pose proof (lock_id_bound T f i Ok Member Range).
    rewrite andb_true_iff, Z.leb_le, Z.ltb_lt; lia.
  Qed.

  Theorem acquire_low_defined_iff f i (d : RData (atomic S)) :
    In f T -> invariant d ->
    (exists d', acquire_low f i d = Done d') <->
    0 <= i < count f /\ env_legal d /\ holder S (lock_id f i) (seen d) = None.
  Proof.
    intros Member Inv; unfold acquire_low, on_lock; rewrite <- in_family_iff.
    destruct (in_family f i) eqn:Range.
    - rewrite wait_hlock_defined_iff, table_lock_exists by auto; tauto.
    - split; [intros (d' & Is); discriminate|intros (Is & _); discriminate].
  Qed.

  Theorem release_low_defined_iff f i (d : RData (atomic S)) :
    In f T -> invariant d ->
    (exists d', release_low f i d = Done d') <->
    0 <= i < count f /\ env_legal d /\ holder S (lock_id f i) (events d) = Some (me d).
  Proof using Ok. (* in the same form, though not needed *)
    intros Member Inv; unfold release_low, on_lock; rewrite <- in_family_iff.
    destruct (in_family f i).
    - rewrite pass_hlock_defined_iff by auto; tauto.
    - split; [intros (d' & Is); discriminate|intros (Is & _); discriminate].
  Qed.
End Defined.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 4: the checks of a debug build, an instance, and wrong ones refuted

    On a small table: CPU 0, which holds a lock, acquires another one for which it has to
    wait, and the theorems say what comes of it.  Then what they say, of any text
    ([checks_right]): true of the right text; false if the order is compared by [>] in the
    place of [>=], if the record is not updated, and if it is another CPU's; and a check
    that comes after the wait. *)
From Coq Require Import ZArith List Bool String Lia Permutation.
From hlock.clight Require Import options integers values syntax operators semantics determinism interp stopping.
From hlock.layers.table Require Import table facts.
From hlock.layers.view Require Import spec.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.L4_locks Require Import spec text code sample examples checks_text record record_facts checks_code
  checked.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.
Local Open Scope Z_scope.

Example sample_recordable : recordable sample = true.
Proof. reflexivity. Qed.

(** ** An instance: CPU 1 is inside the lock of VM 3's page table, CPU 0 holds core and calls *)

(** Records of CPU 0, with these entries, and of the others. *)
Definition record_of (es : list (Z * Z)) : record :=
  mkRecord (Z.of_nat (List.length es)) (fun k => nth (Z.to_nat k) es (0, 0)).
Definition records_of (es es' : list (Z * Z)) : records := fun c => if c =? 0 then record_of es else record_of es'.

(** It holds core, lock 0 of rank 3, and may acquire pt(3), lock 7 of rank 5; not vm(1), of rank 2. *)
Lemma core_is_lock : lock_of sample 0.
Proof. exists core_family, 0; repeat split; cbn; auto. Qed.
Example holds_core : represents sample 4 (record_of [(0, 3)]) [0].
Proof.
  split; [apply Permutation_refl'; reflexivity|cbn; lia|repeat constructor; tauto|].
  constructor; [exact core_is_lock|constructor].
Qed.
Definition acquire_pt : checked_call := Lock_call Acquire pt_family 3.
Definition acquire_vm : checked_call := Lock_call Acquire vm_family 1.
Example pt_is_right : wrong sample 4 acquire_pt [0] = false.
Proof. reflexivity. Qed.
Example vm_is_wrong : wrong sample 4 acquire_vm [0] = true.
Proof. reflexivity. Qed.

Local Notation upto_2 := (cpus_below 2).
Local Notation on_floor_3 := (checking (atomic_layer two) upto_2 4 0 (locks_checked_text "" sample)).

(** It waits until CPU 1 has left, and its record says what it holds then. *)
Example contended_checked {mem : Type} (m : mem) es : exists R',
  call_function on_floor_3 ($"acquire_lock_pt") [Vint (Int.repr 3)]
    (m, (contended, records_of [(0, 3)] es)) (m, (inside, R')) Vundef /\
  represents sample 4 (R' 0) [pt3; 0] /\ R' 1 = record_of es.
Proof.
  destruct (right_goes_on "" sample eq_refl eq_refl (atomic_layer two) upto_2 4 0 eq_refl ltac:(lia) ltac:(lia) m
              acquire_pt [0] contended inside (records_of [(0, 3)] es)) as (R' & Run & Says & Others).
  - repeat split; cbn; auto; lia || discriminate.
  - exact holds_core.
  - exact pt_is_right.
  - exists (prim1 two (wait_hlock_spec two)), Vundef; split; [reflexivity|].
    exists (Int.repr 7); split; [reflexivity|split; [reflexivity|]].
    vm_cast_no_check (eq_refl (Done inside)).
  - exists R'; split; [exact Run|split; [exact Says|now rewrite Others by lia]].
Qed.
(** Against the order it stops before it takes a ticket, whoever holds what. *)
Example against_order_stops {mem : Type} (m : mem) es : exists n,
  function_stops on_floor_3 stops ($"acquire_lock_vm") [Vint (Int.repr 1)]
    (m, (contended, records_of [(0, 3)] es))
    ($"hlock_stops") (numbers [n; 0; 21; 22; 0]) (m, (contended, records_of [(0, 3)] es)) /\ n = 2.
Proof.
  destruct (wrong_stops "" sample eq_refl eq_refl (atomic_layer two) upto_2 4 0 eq_refl ltac:(lia) ltac:(lia) m
              acquire_vm [0] contended (records_of [(0, 3)] es)) as (g & ws & Tells & Stop).
  - repeat split; cbn; auto; lia || discriminate.
  - exact holds_core.
  - exact vm_is_wrong.
  - destruct Tells as [(Out & _)|(n & Fault & -> & ->)]; [discriminate|].
    exists n; split; [exact Stop|]; cbn [is_fault acquire_vm] in Fault.
    destruct Fault as [(_ & Is)|[(-> & _)|(_ & Follows & _)]]; [|reflexivity|discriminate].
    destruct Is as [Is|[]]; discriminate Is.
Qed.

(** ** What the theorems say, of any text *)

(** A floor below that does nothing: no lock is in the way. *)
Definition idle : layer unit := fun _ => Some (fun _ _ v d' => v = Vundef /\ d' = tt).
Lemma idle_det : layer_det idle.
Proof. intros id p [= <-] vs d v1 d1 v2 d2 (-> & ->) (-> & ->); auto. Qed.

Section Statement.
  Context (M : module).
  Local Notation G := (checking idle upto_2 4 0 M).
  Definition checks_right : Prop := forall call held R,
    call_of_table sample call -> represents sample 4 (R 0) held ->
    if wrong sample 4 call held
    then exists g ws, function_stops G stops ($(call_name "" call)) (call_args call) (tt, (tt, R)) g ws (tt, (tt, R))
    else exists R', call_function G ($(call_name "" call)) (call_args call) (tt, (tt, R)) (tt, (tt, R')) Vundef /\
                    represents sample 4 (R' 0) (held_after call held).

  (** *** Refuted by a run *)
  Fixpoint ints (vs : list val) : option (list int) :=
    match vs with
    | [] => Some []
    | Vint n :: vs => match ints vs with Some ns => Some (n :: ns) | None => None end
    | _ => None
    end.
  Lemma ints_are vs ns : ints vs = Some ns -> vs = map Vint ns.
  Proof.
    revert ns; induction vs as [|[|n] vs IH]; cbn; [now intros ns [= <-]|discriminate|].
    destruct (ints vs) as [ns'|]; [|discriminate]; intros ns [= <-]; cbn; now rewrite <- (IH ns' eq_refl).
  Qed.
  Definition run_asks (what : list Z -> records -> option Z) (vs : list val) (d : recorded (D := unit))
      : option (val * recorded (D := unit)) :=
    match ints vs with
    | Some ns => match what (map Int.unsigned ns) (snd d) with Some z => Some (Vint (Int.repr z), d) | None => None end
    | None => None
    end.
  Definition run_does (what : list Z -> records -> option records) (vs : list val) (d : recorded (D := unit))
      : option (val * recorded (D := unit)) :=
    match ints vs with
    | Some ns => match what (map Int.unsigned ns) (snd d) with Some R => Some (Vundef, (fst d, R)) | None => None end
    | None => None
    end.
  Lemma run_asks_sound what vs d v d' : run_asks what vs d = Some (v, d') -> asks what vs d v d'.
  Proof.
    unfold run_asks; destruct (ints vs) as [ns|] eqn:Are; [|discriminate]; apply ints_are in Are as ->.
    destruct (what _ _) as [z|] eqn:Is; [|discriminate]; intros [= <- <-]; exists ns, z; auto.
  Qed.
  Lemma run_does_sound what vs d v d' : run_does what vs d = Some (v, d') -> does what vs d v d'.
  Proof.
    unfold run_does; destruct (ints vs) as [ns|] eqn:Are; [|discriminate]; apply ints_are in Are as ->.
    destruct (what _ _) as [R|] eqn:Is; [|discriminate]; intros [= <- <-]; exists ns, R; auto.
  Qed.

  (** What a function of record.h answers, or does. *)
  Ltac what p :=
    let t := eval cbv beta delta [this_cpu_does room_does count_does lock_does rank_does put_does move_does size_does
                                  wait_does] in p in
    match t with asks ?w => exact w | does ?w => exact w end.
  Definition idle_executable : executable := fun g =>
    if stops g then None
    else if Pos.eqb g ($"this_cpu") then Some (run_asks ltac:(what (this_cpu_does (D := unit) 0)))
    else if Pos.eqb g ($"record_room") then Some (run_asks ltac:(what (room_does (D := unit) 4)))
    else if Pos.eqb g ($"record_count") then Some (run_asks ltac:(what (count_does (D := unit) upto_2)))
    else if Pos.eqb g ($"record_lock") then Some (run_asks ltac:(what (lock_does (D := unit) upto_2 4)))
    else if Pos.eqb g ($"record_rank") then Some (run_asks ltac:(what (rank_does (D := unit) upto_2 4)))
    else if Pos.eqb g ($"record_put") then Some (run_does ltac:(what (put_does (D := unit) upto_2 4)))
    else if Pos.eqb g ($"record_move") then Some (run_does ltac:(what (move_does (D := unit) upto_2 4)))
    else if Pos.eqb g ($"record_size") then Some (run_does ltac:(what (size_does (D := unit) upto_2)))
    else if Pos.eqb g ($"record_wait") then Some (run_does ltac:(what (wait_does (D := unit))))
    else Some (fun _ d => Some (Vundef, (tt, snd d))).
  Lemma idle_executable_sound : layer_le (layer_of idle_executable) (checking_layer idle upto_2 4 0).
  Proof.
    intros g p; unfold layer_of, idle_executable, checking_layer; destruct (stops g); [discriminate|].
    repeat (destruct (Pos.eqb g _); [intros [= <-]; eexists; split; [reflexivity|]; intros vs d v d';
                                     (apply run_asks_sound || apply run_does_sound)|]).
    intros [= <-]; eexists; split; [reflexivity|]; intros vs d v d' [= <- <-]; repeat split.
  Qed.

  Lemma runs f vs R v x R' : run_function M idle_executable 30 ($f) vs (tt, R) = Some (v, (x, R')) ->
    call_function G ($f) vs (tt, (tt, R)) (tt, (tt, R')) v.
  Proof.
    intros Run; apply (run_function_sound M tt) in Run as (fd & Found & Run); exists fd; split; [exact Found|].
    destruct x; exact (proj2 (exec_layer_le M _ _ idle_executable_sound) _ _ _ _ _ _ _ Run).
  Qed.

  (** A wrong call that ends. *)
  Lemma refuted_by_end call held R d : call_of_table sample call -> represents sample 4 (R 0) held ->
    wrong sample 4 call held = true ->
    run_function M idle_executable 30 ($(call_name "" call)) (call_args call) (tt, R) = Some d -> ~ checks_right.
  Proof.
    intros Of Says Is Run Right; destruct d as [v [x R']]; apply runs in Run.
    specialize (Right call held R Of Says); rewrite Is in Right; destruct Right as (g & ws & Stop).
    exact (stopped_never_returns idle upto_2 4 0 idle_det M _ _ _ _ _ _ _ _ Stop Run).
  Qed.
  (** A right call, after which the record has the wrong number of places. *)
  Lemma refuted_by_size call held R v x R' : call_of_table sample call -> represents sample 4 (R 0) held ->
    wrong sample 4 call held = false ->
    run_function M idle_executable 30 ($(call_name "" call)) (call_args call) (tt, R) = Some (v, (x, R')) ->
    size (R' 0) <> Z.of_nat (List.length (held_after call held)) -> ~ checks_right.
  Proof.
    intros Of Says Is Run Size Right; apply runs in Run.
    specialize (Right call held R Of Says); rewrite Is in Right; destruct Right as (R2 & Run2 & Says2).
    destruct (call_function_deterministic G (checking_layer_det idle upto_2 4 0 idle_det) _ _ _ _ _ _ _ Run Run2)
      as ([= ->] & _).
    exact (Size (size_is sample 4 _ _ Says2)).
  Qed.
End Statement.

(** ** The right text, and wrong ones *)
Theorem right_checks : checks_right (locks_checked_text "" sample).
Proof.
  intros call held R Of Says; destruct (wrong sample 4 call held) eqn:Is.
  - destruct (wrong_stops "" sample eq_refl eq_refl idle upto_2 4 0 eq_refl ltac:(lia) ltac:(lia) tt call held tt R
                Of Says Is) as (g & ws & _ & Stop); eauto.
  - destruct (right_goes_on "" sample eq_refl eq_refl idle upto_2 4 0 eq_refl ltac:(lia) ltac:(lia) tt call held tt tt R
                Of Says Is) as (R' & Run & After & _); [|eauto].
    destruct call as [o f i| |]; [|reflexivity|reflexivity]; eexists; exists Vundef; repeat split; now destruct o.
Qed.

(** The text with [fd] in the place of function [f]. *)
Definition with_function (f : string) (fd : function) : module :=
  map (fun d => if Pos.eqb (fst d) ($f) then ($f, Gfun (Internal fd)) else d) (locks_checked_text "" sample).
Definition with_text (fd : function) (body : statement) : function :=
  mkfunction (fn_return fd) (fn_callconv fd) (fn_params fd) (fn_vars fd) (fn_temps fd) body.

(** comes_after, the ranks compared by [op]: [>=] in the text. *)
Definition compares_by (op : binary_operation) : function :=
  with_text comes_after_text
  (Ssequence
    (when_text (holds_text Oeq (argument "held") (argument "lk"))
               (stops_text (constant 1) (constant 0) (argument "first") (argument "lk")))
    (when_text (holds_text op (argument "held_rank") (argument "rank"))
               (Ssequence (against_order Olt "first") (against_order Ogt "lk")))).
Example compares_by_right : with_function "comes_after" (compares_by Oge) = locks_checked_text "" sample.
Proof. reflexivity. Qed.

(** With [>] CPU 0 acquires vm(1) while it holds vm(2), lock 23. *)
Lemma holds_vm2 : represents sample 4 (record_of [(23, 2)]) [23].
Proof.
  split; [apply Permutation_refl'; reflexivity|cbn; lia|repeat constructor; tauto|].
  constructor; [exists vm_family, 2; repeat split; cbn; tauto|constructor].
Qed.
Theorem order_by_less_refuted : ~ checks_right (with_function "comes_after" (compares_by Ogt)).
Proof.
  eapply (refuted_by_end _ acquire_vm [23] (records_of [(23, 2)] []));
    [repeat split; cbn; tauto || lia || discriminate|exact holds_vm2|reflexivity|].
  vm_compute; reflexivity.
Qed.

(** now_held that does not say that there is one place more. *)
Definition puts_only : function :=
  with_text now_held_text
  (Ssequence (asked_text "count" t1 "record_count" [argument "cpu"])
             (call_text "record_put" (map argument ["cpu"; "count"; "lk"; "rank"]))).
Theorem not_updated_refuted : ~ checks_right (with_function "now_held" puts_only).
Proof.
  eapply (refuted_by_size _ acquire_pt [0] (records_of [(0, 3)] []));
    [repeat split; cbn; tauto || lia || discriminate|exact holds_core|reflexivity| |].
  - vm_compute; reflexivity.
  - vm_compute; discriminate.
Qed.

(** place_of that looks at the record of the next CPU: CPU 1 holds core and s2page, CPU 0 nothing, and
    the assertion that it holds s2page does not stop. *)
Definition looks_at_next : function :=
  with_text place_of_text
  (Ssequence (Sset ($"cpu") (Ebinop Oadd (argument "cpu") (constant 1) tuint)) (fn_body place_of_text)).
Lemma holds_none : represents sample 4 (record_of []) [].
Proof. split; [constructor|cbn; lia|constructor|constructor]. Qed.
Theorem next_record_refuted : ~ checks_right (with_function "place_of" looks_at_next).
Proof.
  eapply (refuted_by_end _ (Asserts Held s2page_family 0) [] (records_of [] [(0, 3); (1, 4)]));
    [repeat split; cbn; tauto || lia || discriminate|exact holds_none|reflexivity|].
  vm_compute; reflexivity.
Qed.

(** drop_held that leaves the record as it was. *)
Definition drops_nothing : function := with_text drop_held_text Sskip.
Theorem not_dropped_refuted : ~ checks_right (with_function "drop_held" drops_nothing).
Proof.
  eapply (refuted_by_size _ (Lock_call Release core_family 0) [0] (records_of [(0, 3)] []));
    [repeat split; cbn; tauto || lia || discriminate|exact holds_core|reflexivity| |].
  - vm_compute; reflexivity.
  - vm_compute; discriminate.
Qed.

(** ** A check after the wait: the call stops, but what it did is done *)

(** A floor below that notes the locks that were waited for, or passed. *)
Definition noting : layer (list Z) := fun _ => Some (fun vs d v d' =>
  exists n, vs = [Vint n] /\ v = Vundef /\ d' = Int.unsigned n :: d).
Lemma noting_det : layer_det noting.
Proof. intros id p [= <-] vs d v1 d1 v2 d2 (n & -> & -> & ->) (n' & [= <-] & -> & ->); auto. Qed.

(** A wrong call stops, and nothing is changed. *)
Definition stops_unchanged (M : module) : Prop := forall call held R,
  call_of_table sample call -> represents sample 4 (R 0) held -> wrong sample 4 call held = true ->
  exists g ws, function_stops (checking noting upto_2 4 0 M) stops ($(call_name "" call)) (call_args call)
                              (tt, ([], R)) g ws (tt, ([], R)).
Theorem right_stops_unchanged : stops_unchanged (locks_checked_text "" sample).
Proof.
  intros call held R Of Says Is.
  destruct (wrong_stops "" sample eq_refl eq_refl noting upto_2 4 0 eq_refl ltac:(lia) ltac:(lia) tt call held [] R
              Of Says Is) as (g & ws & _ & Stop); eauto.
Qed.

(** acquire_lock_core that waits first, and then looks whether it may. *)
Definition waits_first : function :=
  with_text (checked_text Acquire core_family)
  (Ssequence (this_cpu_text 0 0)
  (Ssequence (call_text "wait_hlock" [constant 0])
  (Ssequence (call_text "may_acquire" [argument "hlock_cpu"; constant 0; constant 0; constant 3])
             (call_text "now_held" [argument "hlock_cpu"; constant 0; constant 3])))).
Local Notation late := (with_function "acquire_lock_core" waits_first).

Lemma late_has_checks : has_checks late.
Proof.
  split; intros f Is; [cbn [In record_calls] in Is|cbn [In checks map fst snd] in Is];
    repeat destruct Is as [<-|Is]; try destruct Is; vm_compute; reflexivity.
Qed.

(** CPU 0 holds core, and calls acquire_lock_core again. *)
Lemma late_stops : exists g ws d, function_stops (checking noting upto_2 4 0 late) stops ($"acquire_lock_core") []
  (tt, ([], records_of [(0, 3)] [])) g ws (tt, d) /\ fst d = [0].
Proof.
  pose (y := ([0], records_of [(0, 3)] []) : recorded (D := list Z)).
  assert (Fits : fits 4 (snd y 0)).
  { split; [cbn; lia|]; intros k K; cbn in K; replace k with 0 by lia; cbn; unfold is_uint; lia. }
  assert (Goes : exists t, wps_call (checking noting upto_2 4 0 late) stops tt ($"acquire_lock_core") t []
                   ([], records_of [(0, 3)] []) (fun _ _ => False) (fun _ _ d => fst d = [0])).
  { eexists; eapply (wps_function _ _ _ _ waits_first); [vm_compute; reflexivity|reflexivity|].
    unfold waits_first, with_text, this_cpu_text; wps_line.
    eapply this_cpu_call; try reflexivity; try lia; [unfold is_uint; lia..|]; wps_line.
    eapply (wps_prim _ _ _ _ _ _ _ _ _ (numbers [0]) Vundef _ y);
      [vm_compute; reflexivity|reflexivity| |].
    { split; [exists (Int.repr 0); repeat split|reflexivity]. }
    wps_line; apply (may_acquire_call noting upto_2 4 0 eq_refl ltac:(lia) ltac:(unfold is_uint; lia) late
                       late_has_checks tt y Fits 0 0 3); [unfold is_uint; lia..| |].
    - intros Pass; destruct (Pass 0 ltac:(cbn; lia)) as (Not & _); now destruct Not.
    - reflexivity. }
  destruct Goes as (t & fd & Found & _ & [(v & d & _ & [])|(g & ws & d & Stop & Is)]).
  exists g, ws, d; split; [exists fd; auto|exact Is].
Qed.

Theorem late_check_refuted : ~ stops_unchanged late.
Proof.
  intros Right; destruct late_stops as (g & ws & d & (fd & Found & Stop) & Is).
  destruct (Right (Lock_call Acquire core_family 0) [0] (records_of [(0, 3)] [])) as (g' & ws' & fd' & Found' & Stop');
    [repeat split; cbn; tauto || lia || discriminate|exact holds_core|reflexivity|].
  cbn [call_name function_name call_args index_args index core_family] in Found', Stop'.
  assert (Some fd' = Some fd) as [= ->] by (rewrite <- Found, <- Found'; reflexivity).
  destruct (proj2 (stops_deterministic (checking noting upto_2 4 0 late) stops
                     (checking_layer_det noting upto_2 4 0 noting_det) (stops_never noting upto_2 4 0))
              _ _ _ _ _ _ _ Stop _ _ _ Stop') as (_ & _ & Same).
  injection Same as Same; rewrite <- Same in Is; discriminate Is.
Qed.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: what is wrong, what a stop tells, and what record.h offers

    Of each call whether it is wrong, with which locks held, and what is told of it; which
    calls there are; which tables have a record; and each function of record.h, what it
    answers and what it leaves in the records of all CPUs.  What sharp_*.v files are for:
    sharp_table.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax semantics.
From hlock.layers.view Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import text checks_text record.
From hlock.machine.cases Require Import small.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.
Local Open Scope Z_scope.

(** ** Tables *)
Definition one_line (r : Z) (p : option string) : table :=
  [{| name := "one"; first := 0; count := 1; rank := r; index := p; protects := "" |}].
Example recordable_are : map recordable
  [small_table; []; one_line 0 None; one_line (2 ^ 32 - 1) (Some "cpu"); one_line 1 (Some "hlock_cpu_")] =
  repeat true 5.
Proof. reflexivity. Qed.
Example recordable_are_not : map recordable
  [one_line (-1) None; one_line (2 ^ 32) None; one_line 1 (Some "hlock_cpu"); core :: one_line (-1) None;
   one_line (-1) None ++ [core]] = repeat false 5.
Proof. reflexivity. Qed.

(** ** Calls *)
Local Notation takes := (Lock_call Acquire).
Local Notation gives := (Lock_call Release).
Local Notation held_is := (Asserts Held).
Local Notation lacks := (Asserts Not_held).
Local Notation none_held := Asserts_none.

(** Of places for two locks. *)
Definition is_wrong (x : checked_call * list Z) : bool := wrong small_table 2 (fst x) (snd x).
Example acquires_wrong : map is_wrong
  [(takes core 1, []); (takes pt 3, []); (takes pt (-1), []); (takes core 0, [0]); (takes pt 1, [5]);
   (takes core 0, [4]); (takes pt 0, [5]); (takes pt 1, [6]); (takes pt 2, [0; 5]); (takes pt 2, [0; 5; 4])] =
  repeat true 10.
Proof. reflexivity. Qed.
Example acquires_right : map is_wrong
  [(takes core 0, []); (takes pt 2, []); (takes pt 0, [0]); (takes pt 1, [4]); (takes pt 2, [4])] = repeat false 5 /\
  map (fun held => wrong small_table 3 (takes pt 2) held) [[0; 5]; [5; 0]; [4; 5]; [0; 4; 5]] =
    [false; false; false; true].
Proof. split; reflexivity. Qed.
(** One that is held and out of order is enough, wherever it stands. *)
Example any_held : map (fun held => wrong small_table 9 (takes pt 1) held)
  [[6; 0]; [0; 6]; [4; 5; 0]; [0; 4; 5]; [0; 4]; [4; 0]] = [true; true; true; true; false; false].
Proof. reflexivity. Qed.
Example releases_wrong : map is_wrong
  [(gives core 0, []); (gives core 0, [4]); (gives pt 1, [4; 6]); (gives pt 3, [7]); (gives core 1, [1; 0])] =
  repeat true 5 /\
  map is_wrong [(gives core 0, [0]); (gives pt 1, [5; 0]); (gives core 0, [5; 6; 0])] = repeat false 3.
Proof. split; reflexivity. Qed.
Example assertions_wrong : map is_wrong
  [(held_is core 0, []); (held_is pt 1, [4]); (held_is pt 3, [7]); (lacks core 0, [0]); (lacks pt 1, [0; 5]);
   (lacks pt 3, []); (none_held, [0]); (none_held, [0; 5])] = repeat true 8 /\
  map is_wrong [(held_is core 0, [0]); (held_is pt 1, [0; 5]); (lacks core 0, []); (lacks pt 1, [4; 6]);
   (none_held, [])] = repeat false 5.
Proof. split; reflexivity. Qed.

(** Functions that there are, with any number of C; without an index it is 0. *)
Example calls_of_table : Forall (call_of_table small_table)
  [takes core 0; gives core 0; takes pt 0; gives pt 2; takes pt 3; held_is pt (2 ^ 32 - 1); lacks core 0; none_held].
Proof.
  repeat apply Forall_cons; try apply Forall_nil; try exact I; hnf;
    repeat apply conj; solve [lia|cbn; auto|cbn; congruence].
Qed.
Example calls_of_no_table : Forall (fun call => ~ call_of_table small_table call)
  [takes stray 0; gives stray 0; held_is stray 0; takes pt (-1); lacks pt (-1); takes pt (2 ^ 32); gives pt (2 ^ 32);
   held_is pt (2 ^ 32); gives core 1; lacks core 1].
Proof.
  repeat apply Forall_cons; try apply Forall_nil; intros ([Is|[Is|[]]] & Range & None_); try discriminate Is;
    try discriminate (None_ eq_refl); lia.
Qed.
Example calls_in_C : map (fun call => (call_name "my_" call, call_args call))
  [takes core 0; gives pt 1; held_is pt 2; lacks core 0; none_held] =
  [("my_acquire_lock_core", []); ("my_release_lock_pt", [Vint (Int.repr 1)]);
   ("my_assert_held_pt", [Vint (Int.repr 2)]); ("my_assert_not_held_core", []); ("my_assert_none_held", [])].
Proof. reflexivity. Qed.
Example calls_told : map (fun call => [call_number call; call_family call; call_lock call])
  [takes core 0; gives pt 1; held_is pt 2; lacks pt 0; none_held] =
  [[0; 0; 0]; [1; 4; 5]; [2; 4; 6]; [3; 4; 4]; [4; 0; 0]].
Proof. reflexivity. Qed.

(** ** What is told *)
Definition fault (x : Z * checked_call * list Z) : Prop :=
  is_fault small_table 2 (snd (fst x)) (snd x) (fst (fst x)).
Local Ltac there := cbn; solve
  [reflexivity | discriminate | lia | split; there | left; there | right; there | intros Is; intuition discriminate
  | exists 4; there | exists 5; there | exists 6; there].
Example faults_are : Forall fault
  [(1, takes core 0, [4; 0]); (1, takes core 0, [0]); (2, takes core 0, [4]); (2, takes core 0, [0; 4]);
   (2, takes pt 0, [0; 5]); (2, takes pt 1, [6; 4]); (3, takes pt 2, [4; 5]); (3, takes pt 2, [0; 4; 5]);
   (4, gives core 0, []); (4, gives core 0, [4]); (5, held_is pt 1, [4]); (6, lacks pt 1, [4; 5]); (7, none_held, [0])].
Proof. repeat apply Forall_cons; try apply Forall_nil; unfold fault; there. Qed.
Local Ltac no_fault := cbn; intros Fault;
  repeat match goal with
         | H : _ \/ _ |- _ => destruct H
         | H : _ /\ _ |- _ => destruct H
         | H : exists _, _ |- _ => destruct H
         end; subst; try discriminate; try contradiction; try lia; auto; try (cbn in *; intuition congruence).
Example faults_are_not : Forall (fun x => ~ fault x)
  [(1, takes core 0, [4]); (2, takes core 0, [0]); (2, takes pt 1, [4]); (2, takes core 0, []); (3, takes pt 2, [4]);
   (3, takes core 0, [5; 6]); (3, takes core 0, [0; 4]); (0, takes core 0, [0]); (4, gives core 0, [0]);
   (4, gives pt 1, [4; 5]); (5, gives core 0, []); (5, held_is pt 1, [5]); (4, held_is pt 1, []);
   (6, lacks pt 1, [4]); (5, lacks pt 1, [5]); (7, none_held, []); (6, none_held, [0])].
Proof. repeat apply Forall_cons; try apply Forall_nil; unfold fault; no_fault. Qed.

(** CPU 9; there are places for two. *)
Definition says (x : checked_call * list Z * string * list Z) : Prop :=
  let '(call, held, g, ns) := x in tells small_table 2 9 call held ($g) (record.numbers ns).
Local Ltac in_range := left; repeat apply conj; first [reflexivity|exact I].
Local Ltac of_fault n := right; exists n; repeat apply conj; first [reflexivity|there|eexists; reflexivity].
Local Ltac told_here := unfold says; first [in_range|of_fault 1|of_fault 2|of_fault 3|of_fault 4|of_fault 5|of_fault 6
  |of_fault 7].
Example told_of_indices : Forall says
  [(takes pt 3, [], "hlock_stop", [0; 4; 3; 3]); (gives pt 7, [5], "hlock_stop", [1; 4; 7; 3]);
   (held_is pt 3, [], "hlock_stop", [2; 4; 3; 3]); (lacks pt 4, [], "hlock_stop", [3; 4; 4; 3])].
Proof. repeat apply Forall_cons; try apply Forall_nil; told_here. Qed.
Example told_of_faults : Forall says
  [(takes core 0, [0], "hlock_stops", [1; 0; 0; 0; 9]); (takes pt 1, [6], "hlock_stops", [2; 0; 4; 5; 9]);
   (takes pt 2, [4; 5], "hlock_stops", [3; 0; 4; 6; 9]); (gives pt 1, [], "hlock_stops", [4; 1; 4; 5; 9]);
   (held_is pt 1, [], "hlock_stops", [5; 2; 4; 5; 9]); (lacks pt 1, [5], "hlock_stops", [6; 3; 4; 5; 9]);
   (none_held, [4], "hlock_stops", [7; 4; 0; 0; 9])].
Proof. repeat apply Forall_cons; try apply Forall_nil; told_here. Qed.
Definition number_of (v : val) : Z := match v with Vint n => Int.unsigned n | _ => -1 end.
Lemma numbers_alike ns ms : record.numbers ns = record.numbers ms ->
  map number_of (record.numbers ns) = map number_of (record.numbers ms).
Proof. now intros ->. Qed.
Local Ltac not_told := intros Tells; cbv beta iota zeta delta [says tells] in Tells;
  repeat match goal with
         | H : _ \/ _ |- _ => destruct H
         | H : _ /\ _ |- _ => destruct H
         | H : exists _, _ |- _ => destruct H
         end;
  solve [contradiction
        |match goal with H : in_family _ _ = false |- _ => discriminate H end
        |match goal with H : @eq ident _ _ |- _ => vm_compute in H; discriminate H end
        |match goal with H : is_fault _ _ _ _ _ |- _ => revert H; clear; no_fault end
        |match goal with H : is_fault _ _ _ _ ?n, N : record.numbers _ = record.numbers (?n :: _) |- _ =>
           cbn in H; repeat match goal with
                            | H : _ \/ _ |- _ => destruct H
                            | H : _ /\ _ |- _ => destruct H
                            end; subst n; apply numbers_alike in N; vm_compute in N; discriminate N end
        |match goal with N : record.numbers _ = record.numbers _ |- _ =>
           apply numbers_alike in N; vm_compute in N; discriminate N end].
Example told_are_not_wrong : Forall (fun x => ~ says x)
  [(takes core 0, [], "hlock_stops", [1; 0; 0; 0; 9]); (takes pt 2, [], "hlock_stop", [0; 4; 2; 3]);
   (gives core 0, [0], "hlock_stops", [4; 1; 0; 0; 9]); (none_held, [], "hlock_stops", [7; 4; 0; 0; 9]);
   (none_held, [], "hlock_stop", [4; 0; 0; 0])].
Proof. repeat apply Forall_cons; try apply Forall_nil; not_told. Qed.
Example told_are_not_so : Forall (fun x => ~ says x)
  [(takes pt 3, [], "hlock_stops", [0; 4; 3; 3]); (takes pt 3, [], "hlock_stop", [0; 4; 2; 3]);
   (takes pt 3, [], "hlock_stop", [0; 4; 3; 4]); (gives pt 3, [], "hlock_stop", [0; 4; 3; 3]);
   (takes core 0, [0], "hlock_stop", [1; 0; 0; 0; 9]); (takes core 0, [0], "hlock_stops", [1; 0; 0; 0; 8]);
   (takes pt 1, [5], "hlock_stops", [1; 0; 4; 4; 9]); (takes pt 1, [5], "hlock_stops", [1; 0; 5; 5; 9]);
   (gives pt 1, [], "hlock_stops", [4; 0; 4; 5; 9]); (none_held, [4], "hlock_stops", [7; 4; 4; 4; 9])].
Proof. repeat apply Forall_cons; try apply Forall_nil; not_told. Qed.

(** ** record.h, of CPU 1 of two, three places each; the floor below has one function *)
Definition below : layer Z := fun g => if Pos.eqb g ($"wait_hlock") then
  Some (fun vs d v d' => vs = [Vint (Int.repr 5)] /\ d' = d + 1 /\ v = Vundef) else None.
Definition offers (g : string) : option (prim (recorded (D := Z))) :=
  checking_layer below (cpus_below 2) 3 1 ($g).
Definition at_first : records := fun c => mkRecord (1 + c) (fun k => (10 * c + k, k)).
(** Called with these numbers, [g] answers [v], and the records are then [R']. *)
Definition answers (g : string) (ns : list Z) (v : val) (R' : records) : Prop :=
  match offers g with Some p => p (map (fun n => Vint (Int.repr n)) ns) (7, at_first) v (7, R') | None => False end.
Definition shown (R : records) : list (Z * list (Z * Z)) :=
  map (fun c => (size (R c), map (place (R c)) [0; 1; 2])) [0; 1].
Local Ltac computes := cbn [fst snd];
  match goal with |- answers _ ?ns _ _ => hnf; exists (map Int.repr ns); eexists; repeat apply conj; reflexivity end.
Example record_asked : Forall (fun x => answers (fst (fst x)) (snd (fst x)) (Vint (Int.repr (snd x))) at_first)
  [("this_cpu", [0; 4], 1); ("record_room", [], 3); ("record_count", [0], 1); ("record_count", [1], 2);
   ("record_lock", [1; 2], 12); ("record_lock", [0; 0], 0); ("record_rank", [1; 2], 2); ("record_rank", [0; 1], 1)].
Proof. repeat apply Forall_cons; try apply Forall_nil; computes. Qed.
(** What is left in the records, those of the other CPU, too. *)
Definition leaves (g : string) (ns : list Z) (R' : list (Z * list (Z * Z))) : Prop :=
  exists R, answers g ns Vundef R /\ shown R = R'.
Example record_changed : Forall (fun x => leaves (fst (fst x)) (snd (fst x)) (snd x))
  [("record_put", [1; 2; 5; 6], [(1, [(0, 0); (1, 1); (2, 2)]); (2, [(10, 0); (11, 1); (5, 6)])]);
   ("record_move", [1; 0; 2], [(1, [(0, 0); (1, 1); (2, 2)]); (2, [(10, 0); (11, 1); (10, 0)])]);
   ("record_size", [0; 3], [(3, [(0, 0); (1, 1); (2, 2)]); (2, [(10, 0); (11, 1); (12, 2)])]);
   ("record_wait", [1; 4; 5], shown at_first)].
Proof.
  repeat apply Forall_cons; try apply Forall_nil; eexists; (split; [computes|reflexivity]).
Qed.
(** No such record, no such place; functions that do not return; what is not of record.h. *)
Example record_refuses : Forall (fun x => forall v R, ~ answers (fst x) (snd x) v R)
  [("record_count", [2]); ("record_lock", [2; 0]); ("record_lock", [1; 3]); ("record_rank", [2; 0]);
   ("record_rank", [1; 3]); ("record_put", [2; 0; 5; 6]); ("record_put", [1; 3; 5; 6]); ("record_move", [2; 0; 1]);
   ("record_move", [1; 3; 1]); ("record_move", [1; 1; 3]); ("record_size", [2; 0]); ("hlock_stop", [0; 4; 3; 3]);
   ("hlock_stops", [1; 0; 0; 0; 1]); ("record_room", [0]); ("this_cpu", [0]); ("pass_hlock", [5])].
Proof.
  repeat apply Forall_cons; try apply Forall_nil; intros v R; cbn [fst snd]; intros Has; hnf in Has; try exact Has;
    destruct Has as (ns & z & Are & Does & _); revert Does;
    repeat (destruct ns as [|n ns]; [discriminate Are|injection Are as <- Are]);
    (destruct ns; [|discriminate Are]); vm_compute; discriminate.
Qed.
(** The floor below is asked as it is, and knows nothing of records. *)
Example record_lifts : (exists p, offers "wait_hlock" = Some p /\
    p [Vint (Int.repr 5)] (7, at_first) Vundef (8, at_first) /\
    (forall d R, p [Vint (Int.repr 5)] (7, at_first) Vundef (d, R) -> d = 8 /\ R = at_first)) /\
  offers "pass_hlock" = None.
Proof.
  split; [|reflexivity]; eexists; split; [reflexivity|split; [repeat split|]].
  intros d R ((_ & Is & _) & Same); split; [exact Is|exact Same].
Qed.

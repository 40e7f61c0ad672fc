(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: private copies

    What floor 4 does of each operation on shared memory ([low_do]) and on private copies
    ([high_do]): what is shown, told and left in the log.  What sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool.
From hlock.layers.view Require Import spec.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec.
From hlock.machine.cases Require Import small.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

Local Notation A := (atomic small).
Local Notation enter c l := (c%nat, Lock l Entered) (only parsing).
Local Notation leave c l := (c%nat, Lock l Left) (only parsing).
Local Notation wrote c l k z := (c%nat, Wrote l k (value l z)) (only parsing).
Local Notation sees c g bs := (mkRData (F := A) c%nat g bs).

Example on_a_lock : [on_lock pt 2 (fun l => Done l); on_lock pt 3 (fun l => Done l); on_lock core 0 (fun l => Done l)] =
  [Done 6; Breach No_such_index; Done 0].
Proof. computed. Qed.
Example low_acquires : [acquire_low pt 1 (sees 0 [] [[enter 1 0]]); acquire_low pt 3 (sees 0 [] []);
    release_low core 0 (sees 0 [enter 0 0] [])] =
  [Done (sees 0 [enter 0 5; enter 1 0] []); Breach No_such_index; Done (sees 0 [leave 0 0; enter 0 0] [])].
Proof. computed. Qed.

(** ** Copies: of lock 0 with part 3 written twice and part 4 once; of lock 4 nothing is written *)
Definition fresh (l : Z) : private small l := mkPrivate (fun k => initial small l k) [].
Definition worked : private small 0 :=
  set_part 3 (value 0 9) (set_part 4 (value 0 8) (set_part 3 (value 0 7) (fresh 0))).
Example parts_set : (map (fun k => number (part worked k)) [3; 4; 5], written worked) = ([9; 8; 105], [4; 3]).
Proof. computed. Qed.
Example also_once : [also 3 [4; 3]; also 5 [4; 3]; also 3 []] = [[4; 3]; [5; 4; 3]; [3]].
Proof. computed. Qed.
Definition copies_of : list (copy small) := [existT _ 4 (fresh 4); existT _ 0 worked].
Definition has_part (l k : Z) (cs : list (copy small)) : option Z :=
  match find_copy l cs with Some x => Some (number (part x k)) | None => None end.
Example copies_found : [has_part 0 3 copies_of; has_part 4 3 copies_of; has_part 5 3 copies_of; has_part 0 3 []] =
  [Some 9; Some 103; None; None].
Proof. computed. Qed.
Example copies_dropped : map (fun l => map (@projT1 _ _) (drop_copy l copies_of)) [0; 4; 5] = [[4]; [0]; [4; 0]].
Proof. computed. Qed.

(** ** Operations on copies *)

(** What a result says: the log, which copies there are, part 3 of lock 0's, what was told. *)
Definition said (r : result (response small * HData small)) :
    result (log small atomic_verb * list Z * option Z * option (Z * Z)) :=
  bind r (fun x => let (told, h) := x in
    Done (events (base h), map (@projT1 _ _) (copies h), has_part 0 3 (copies h),
          option_map (fun t : value_read => (projT1 t, number (projT2 t))) told)).
Definition in_both : HData small := mkHData (sees 0 [enter 0 4; enter 0 0] [[enter 1 5]]) copies_of.
Definition left_9 : log small atomic_verb := [leave 1 0; wrote 1 0 3 9; enter 1 0].
(** An acquire has the object as the last release left it; foreign events come first. *)
Example acquires_copy : said (high_do (Op_acquire core 0) (mkHData (sees 0 [] [left_9]) [])) =
  Done (enter 0 0 :: left_9, [0], Some 9, None).
Proof. computed. Qed.
(** A release publishes what was written, the first one first, and drops the copy. *)
Example releases_copy : said (high_do (Op_release core 0) in_both) =
    Done ([leave 0 0; wrote 0 0 4 8; wrote 0 0 3 9; enter 1 5; enter 0 4; enter 0 0], [4], None, None) /\
  said (high_do (Op_release pt 1) in_both) = Breach Not_holder /\
  release_high (S := small) 7 (mkHData (sees 0 [] []) []) = Breach No_such_lock.
Proof. repeat apply conj; computed. Qed.
Example publishes_parts : publish (S := small) 0 (part worked) [4; 3] (sees 0 [enter 0 0] []) =
  Done (sees 0 [wrote 0 0 4 8; wrote 0 0 3 9; enter 0 0] []).
Proof. computed. Qed.
(** Accesses are to the copy: none is in the log. *)
Example reads_copy : said (high_do (Op_read core 0 3) in_both) =
    Done ([enter 1 5; enter 0 4; enter 0 0], [4; 0], Some 9, Some (0, 9)) /\
  said (high_do (Op_read pt 1 3) in_both) = Breach Not_holder.
Proof. split; computed. Qed.
Example writes_copy : said (high_do (write core 0 3 6) in_both) =
    Done ([enter 1 5; enter 0 4; enter 0 0], [0; 4], Some 6, None) /\
  said (high_do (write pt 1 3 6) in_both) = Breach Not_holder.
Proof. split; computed. Qed.
Example halts_with_copies : said (high_do Op_halt in_both) =
  Done ([(0%nat, Halted); enter 1 5; enter 0 4; enter 0 0], [4; 0], Some 9, None).
Proof. computed. Qed.
Example no_such_instance : map (fun o => said (high_do o in_both))
    [Op_acquire pt 3; Op_release pt 3; Op_read pt 3 0; write pt 3 0 0] =
  [Breach No_such_index; Breach No_such_index; Breach No_such_index; Breach No_such_index].
Proof. computed. Qed.

(** ** The same on shared memory: each access is an event *)
Definition low_said (r : result (response small * RData A)) :
    result (log small atomic_verb * option (Z * Z)) :=
  bind r (fun x => let (told, d) := x in
    Done (events d, option_map (fun t : value_read => (projT1 t, number (projT2 t))) told)).
Definition holding : RData A := sees 0 [enter 0 0] [[enter 1 5]].
Example low_operations : map (fun o => low_said (low_do o holding))
    [Op_acquire pt 0; Op_release core 0; Op_read core 0 3; write core 0 3 6; Op_halt; Op_read pt 3 0; write pt 3 0 0] =
  [Done ([enter 0 4; enter 1 5; enter 0 0], None); Done ([leave 0 0; enter 1 5; enter 0 0], None);
   Done ([(0%nat, Read 0 3 (value 0 103)); enter 1 5; enter 0 0], Some (0, 103));
   Done ([wrote 0 0 3 6; enter 1 5; enter 0 0], None); Done ([(0%nat, Halted); enter 1 5; enter 0 0], None);
   Breach No_such_index; Breach No_such_index].
Proof. computed. Qed.

(** ** Clients *)
Definition works : client small :=
  goes_through [Op_acquire core 0; write core 0 3 6; Op_read core 0 3; Op_release core 0; Op_halt; Op_acquire core 0].
Definition ran (n : nat) := bind (run low_do works n [] (sees 0 [] [])) (fun x =>
  Done (List.length (fst x), option_map (fun t : value_read => number (projT2 t)) (nth 1 (fst x) None),
        events (snd x))).
(** As many operations as asked for, none after a halt; answers newest first. *)
Example clients_run : [ran 1; ran 4; ran 9] =
  [Done (1%nat, None, [enter 0 0]);
   Done (4%nat, Some 6, [leave 0 0; (0%nat, Read 0 3 (value 0 6)); wrote 0 0 3 6; enter 0 0]);
   Done (5%nat, None, [(0%nat, Halted); leave 0 0; (0%nat, Read 0 3 (value 0 6)); wrote 0 0 3 6; enter 0 0])].
Proof. computed. Qed.
Example run_ends : bind (run low_do (goes_through [Op_acquire core 0]) 3 [] (sees 0 [] [])) (fun x => Done (fst x)) =
    Done [None] /\
  bind (run low_do (goes_through [Op_release core 0; Op_halt]) 3 [] (sees 0 [] [])) (fun x => Done (fst x)) =
    Breach Not_holder.
Proof. split; computed. Qed.
Example held_are_copied : high_invariant (mkHData (sees 0 [enter 0 0] []) [existT _ 0 (fresh 0)]) /\
  ~ high_invariant (mkHData (sees 0 [enter 0 0] []) []) /\
  ~ high_invariant (mkHData (sees 0 [enter 1 0] []) [existT _ 0 (fresh 0)]).
Proof.
  split; [|split].
  - split; [split; [reflexivity|cbn; auto|reflexivity]|]; intros l; cbn -[Z.eqb Z.eq_dec].
    unfold value_for; destruct (Z.eqb_spec 0 l), (Z.eq_dec 0 l); subst; try contradiction; split; congruence.
  - intros [_ All]; destruct (proj1 (All 0) eq_refl eq_refl).
  - intros [_ All]; specialize (proj2 (All 0)); intros Back; discriminate (Back ltac:(discriminate)).
Qed.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: the contract of a client's text

    What it allows and forbids, and what a client holds; texts that keep it and texts
    that do not.  What sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool.
From hlock.layers.view Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract.
From hlock.machine.cases Require Import small.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

Example in_a_list : (map (fun l => has l [5; 3]) [2; 3; 4; 5; 6], has 0 []) = ([false; true; false; true; false],
  false).
Proof. reflexivity. Qed.
Example locks_allowed : map (fun oh => allowed (fst oh) (snd oh))
  [(acquire core 0, []); (acquire core 0, [4; 5]); (acquire pt 2, [0; 5]); (release core 0, [0]); (release pt 1, [0;
    5]);
   (read pt 1 7, [0; 5]); (write core 0 7 1, [0]); (Op_halt, []); (Op_halt, [0; 5])] =
  [true; true; true; true; true; true; true; true; true].
Proof. reflexivity. Qed.
Example locks_forbidden : map (fun oh => allowed (fst oh) (snd oh))
  [(acquire core 0, [0]); (acquire core 0, [5; 0]); (acquire pt 3, []); (acquire pt (-1), []); (acquire core 1, []);
   (release core 0, []); (release core 0, [5]); (release pt 1, [4]); (release pt 3, [7]); (release pt (-1), [3]);
   (read core 0 0, [5]); (write core 0 0 1, [5]); (read pt 3 0, [7]); (write pt 3 0 1, [7])] =
  [false; false; false; false; false; false; false; false; false; false; false; false; false; false].
Proof. reflexivity. Qed.
Example held_afterwards : map (fun oh => held_after (fst oh) (snd oh))
  [(acquire pt 1, []); (acquire pt 1, [0]); (release pt 1, [0; 5]); (release pt 1, [5; 0; 4]); (Op_halt, [0; 5]);
    (read pt 1 0, [5]); (write pt 1 0 1, [5])] = [[5]; [5; 0]; [0]; [0; 4]; [0; 5]; [5]; [5]].
Proof. reflexivity. Qed.

Definition nested : list (op small) := [acquire core 0; acquire pt 1; release core 0; read pt 1 3; release pt 1;
  acquire pt 1].
Example held_by_a_client : map (fun n => held (goes_through nested) (repeat None n)) (seq 0 8) =
  [[]; [0]; [5; 0]; [5]; [5]; []; [5]; [5]].
Proof. reflexivity. Qed.

(** ** Texts that keep it *)
Local Ltac each_operation := intros; repeat match goal with c : cpu |- _ => destruct c as [|[|[|?]]] end;
  repeat (cbn; match goal with
  | |- context [keeps _ ?n] => is_var n; destruct n
  | |- True => exact I
  | |- _ = _ => reflexivity
  | |- _ /\ _ => split
  | |- _ \/ _ => left
  | |- forall _, _ => intro
  | |- exists _, _ => exists None
  end).

(** It holds two locks, one inside the other; gives them back in any order, takes them again
    and ends with one; or halts. *)
Example nested_keep : contract (go_through [nested; nested ++ [Op_halt]]).
Proof. unfold contract; each_operation. Qed.
(** CPU 1 has nothing to do. *)
Example nested_keep_table : keep_contract small_table (go_through [nested ++ [Op_halt]]).
Proof.
  assert (Table : forall c history o, go_through [nested ++ [Op_halt]] c history = Some o -> of_table small_table o).
  { intros [|[|c]] history o Next; apply nth_error_In in Next; revert o Next; apply Forall_forall;
      repeat apply Forall_cons; try apply Forall_nil; cbn; auto. }
  unfold keep_contract, contract; repeat split; try exact Table; each_operation.
Qed.

(** ** Texts that do not: each CPU counts, however late, whatever it is answered *)
Local Ltac breaks_at c n := intros Keeps; specialize (Keeps c n); cbn in Keeps;
  repeat (let Allowed := fresh in destruct Keeps as (Allowed & Keeps); try discriminate Allowed;
          specialize (Keeps None)); try discriminate Keeps.
Example releases_at_once : ~ contract (go_through [[]; [release core 0]]).
Proof. breaks_at 1%nat 1%nat. Qed.
Example acquires_twice : ~ contract (go_through [[acquire core 0; acquire core 0]]).
Proof. breaks_at 0%nat 2%nat. Qed.
Example releases_twice : ~ contract (go_through [[acquire core 0; release core 0; release core 0]]).
Proof. breaks_at 0%nat 3%nat. Qed.
Example releases_another : ~ contract (go_through [[acquire pt 0; release pt 1]]).
Proof. breaks_at 0%nat 2%nat. Qed.
Example no_such_index : ~ contract (go_through [[acquire pt 3; release pt 3]]).
Proof. breaks_at 0%nat 1%nat. Qed.
Example goes_on_after_halt : ~ contract (go_through [[acquire core 0; Op_halt; acquire pt 0]]).
Proof. breaks_at 0%nat 2%nat. Qed.
(** It releases what it holds if it is answered nothing, and another lock otherwise. *)
Definition relying : client small := fun history =>
  match history with
  | [] => Some (acquire core 0)
  | [None] => Some (release core 0)
  | [Some _] => Some (release pt 0)
  | _ => None
  end.
Example relies_on_answers : forall a : response small, a <> None -> ~ contract (fun _ => relying).
Proof.
  intros [a|] Some_; [|contradiction]; intros Keeps; destruct (Keeps 0%nat 2%nat) as (_ & Keeps').
  destruct (Keeps' (Some a)) as (Allowed & _); discriminate Allowed.
Qed.
Example of_no_table : ~ keep_contract small_table (go_through [[]; [acquire stray 0; release stray 0]]).
Proof. intros (Table & _); now destruct (Table 1%nat [] _ eq_refl) as [|[|]]. Qed.
Example of_another_table : ~ keep_contract [pt; core] (go_through [[acquire pt 0; release pt 0; acquire stray 0]]) /\
  ~ (of_table small_table (release stray 0)) /\ ~ (of_table small_table (read stray 0 0)) /\
  ~ (of_table small_table (write stray 0 0 1)).
Proof.
  split; [intros (Table & _); now destruct (Table 0%nat [None; None] _ eq_refl) as [|[|]]|].
  split; [|split]; intros [|[|[]]]; discriminate.
Qed.
Example of_a_table_only : ~ keep_contract small_table (go_through [[release core 0]]).
Proof. intros (_ & Keeps); revert Keeps; breaks_at 0%nat 1%nat. Qed.

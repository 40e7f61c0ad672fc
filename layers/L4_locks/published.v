(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 4: what private copies have to do with shared objects

    Nothing is proved here.  Read next: refine.v. *)
From Coq Require Import ZArith List.
From hlock.layers.view Require Import spec.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.L4_locks Require Import spec.
Import ListNotations.
Local Open Scope Z_scope.

Section Published.
  Context (S : system).
  Local Notation F := (atomic S).
  Local Notation log := (log S atomic_verb).
  Local Notation event := (event S atomic_verb).

  (** The parts of the object of lock [l] that were written since the lock was last entered. *)
  Fixpoint dirty (l : Z) (g : log) : list Z :=
    match g with
    | [] => []
    | (_, Lock l' Entered) :: g => if l' =? l then [] else dirty l g
    | (_, Wrote l' k _) :: g => if l' =? l then also k (dirty l g) else dirty l g
    | _ :: g => dirty l g
    end.

  (** What the high log shows of event [e] after low log [g]. *)
  Definition shown (e : event) (g : log) : log :=
    match e with
    | (c, Lock l Left) => (c, Lock l Left) :: writes c l (fun k => object l k g) (dirty l g)
    | (c, Lock l Entered) => [(c, Lock l Entered)]
    | (c, Halted) => [(c, Halted)]
    | (_, Read _ _ _) | (_, Wrote _ _ _) => []
    end.
  Fixpoint published (g : log) : log :=
    match g with
    | [] => []
    | e :: g => shown e g ++ published g
    end.

  Record related (d : RData F) (h : HData S) : Prop := {
    same_cpu : me (base h) = me d;
    log_image : events (base h) = published (events d);
    copies_exact : forall l,
      match find_copy l (copies h) with
      | Some x =>
          holder S l (events d) = Some (me d) /\
          (forall k, part x k = object l k (events d)) /\ written x = dirty l (events d)
      | None => holder S l (events d) <> Some (me d)
      end
  }.

  (** The same, with [bs] still to come. *)
  Definition with_env (bs : list log) (h : HData S) : HData S :=
    mkHData (mkRData (me (base h)) (events (base h)) bs) (copies h).
End Published.

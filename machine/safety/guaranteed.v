(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What the guarantees speak of

    Who is inside of a lock, by the place in the C and by what is seen; who touches
    its object; who took a ticket and who entered, in memory's history.  Nothing is
    proved here.  Read next: history.v. *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import options values semantics smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text contract.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.refine Require Import quiet.
Import ListNotations.
Local Open Scope Z_scope.

(** ** Inside *)
Section Inside.
  Context {S : system} (text : program) {M : memory_system S} (clients : cpu -> client S).

  (** Without asking memory again the call comes to its return. *)
  Definition only_to_return (s : state) : Prop := exists n, quietly (functions text) n s (Give Vundef Kstop).

  Definition releases (o : op S) (l : Z) : Prop :=
    match o with Op_release f i => lock_id f i = l | _ => False end.

  (** CPU [c] is inside of lock [l]: an acquire of [l] has returned to its client and
      the store of the release is still to come.  Which acquires have returned is
      the client's own history; where the release is, is the thread's position in
      the C.  A CPU that has halted is not inside: it executes nothing.  Nobody
      else gets in after it, either: see [one_inside] in history.v. *)
  Definition inside (x : machine M) (c : cpu) (l : Z) : Prop :=
    match nth_error (threads x) c with
    | Some (Idle history) => List.In l (held (clients c) history)
    | Some (Calling o history s) =>
        List.In l (held (clients c) history) /\ ~ (releases o l /\ only_to_return s)
    | Some (Storing _ history _ _ _) => List.In l (held (clients c) history)
    | Some Stopped | None => False
    end.

  (** A step that reads or writes a part of the object of lock [l]. *)
  Definition touches (l : Z) (v : option (visible S)) : Prop :=
    exists k w, v = Some (Did_read l k w) \/ v = Some (Did_write l k w).
End Inside.

(** ** Seen inside *)

(** CPU [c] was seen to return from an acquire of lock [l], and since then not to
    call its release.  One that halts there stays inside. *)
Fixpoint seen_inside {S : system} (c : cpu) (l : Z) (tr : visible_trace S) : bool :=
  match tr with
  | [] => false
  | (c', v) :: tr =>
      match v with
      | Returned (Op_acquire f i) => Nat.eqb c' c && (lock_id f i =? l) || seen_inside c l tr
      | Called (Op_release f i) => negb (Nat.eqb c' c && (lock_id f i =? l)) && seen_inside c l tr
      | _ => seen_inside c l tr
      end
  end.

(** ** Entering, in memory's history *)
Section History.
  Context (S : system).
  Local Notation log := (log S words_verb).
  Local Notation phase c l g := (words_phase S c l g).

  (** Event [e] after log [g]: a poll of lock [l] that returns the CPU's own ticket. *)
  Definition enters (l : Z) (e : event S words_verb) (g : log) : bool :=
    match e with
    | (c, Lock l' (Polled v)) => (l' =? l) && match phase c l g with Waiting t => v =? t | _ => false end
    | _ => false
    end.
  (** CPU [c] has not stored to [now] of lock [l] in [b]. *)
  Definition stays (c : cpu) (l : Z) (b : log) : Prop := forall v, ~ List.In (c, Lock l (Stored v)) b.

  (** What CPU [c] did in [b]. *)
  Definition own (c : cpu) (b : log) : log := filter (fun e => Nat.eqb (fst e) c) b.

  (** Who took a ticket of lock [l], and who entered in [b] after [g]; oldest first. *)
  Fixpoint takers (l : Z) (g : log) : list cpu :=
    match g with
    | [] => []
    | (c, Lock l' (Took _)) :: g => if l' =? l then takers l g ++ [c] else takers l g
    | _ :: g => takers l g
    end.
  Fixpoint entered (l : Z) (b g : log) : list cpu :=
    match b with
    | [] => []
    | e :: b => if enters l e (b ++ g) then entered l b g ++ [fst e] else entered l b g
    end.
End History.

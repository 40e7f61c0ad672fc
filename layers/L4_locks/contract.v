(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The contract, as a property of a client's text

    [keeps] speaks of one client's own program order and of no run: it acquires
    what it does not hold, releases, reads and writes what it holds, and does
    nothing after a halt.  Which locks it holds is a function of what it did
    itself ([held]).  Facts about it: contract_facts.v.  Read next: stack/kept.v, what a client that keeps it is told;
    machine/refine/no_breach.v, N such clients. *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec.
Import ListNotations.
Local Open Scope Z_scope.

Section Contract.
  Context {S : system}.

  (** Operation [o] is on a family of table [T]. *)
  Definition of_table (T : table) (o : op S) : Prop :=
    match o with
    | Op_acquire f _ | Op_release f _ | Op_read f _ _ | Op_write f _ _ _ => List.In f T
    | Op_halt => True
    end.

  Definition has (l : Z) (held : list Z) : bool := existsb (Z.eqb l) held.

  (** Whether operation [o] is within the contract of who holds [held]. *)
  Definition allowed (o : op S) (held : list Z) : bool :=
    match o with
    | Op_acquire f i => in_family f i && negb (has (lock_id f i) held)
    | Op_release f i | Op_read f i _ | Op_write f i _ _ => in_family f i && has (lock_id f i) held
    | Op_halt => true
    end.
  Definition held_after (o : op S) (held : list Z) : list Z :=
    match o with
    | Op_acquire f i => lock_id f i :: held
    | Op_release f i => filter (fun l => negb (l =? lock_id f i)) held
    | _ => held
    end.

  (** The first [n] operations of client [p], whatever it is answered. *)
  Fixpoint keeps (p : client S) (n : nat) (history : list (response S)) (held : list Z) : Prop :=
    match n with
    | O => True
    | Datatypes.S n =>
        match p history with
        | None => True
        | Some o =>
            allowed o held = true /\
            forall a, if ends o then p (a :: history) = None else keeps p n (a :: history) (held_after o held)
        end
    end.

  (** What client [p] holds after the operations that [history] answers. *)
  Fixpoint held (p : client S) (history : list (response S)) : list Z :=
    match history with
    | [] => []
    | _ :: history =>
        match p history with
        | Some o => held_after o (held p history)
        | None => held p history
        end
    end.

  (** From here on client [p] keeps the contract for ever. *)
  Definition keeps_on (p : client S) (history : list (response S)) : Prop :=
    forall n, keeps p n history (held p history).

  (** Each of these clients keeps the contract for ever; and calls the functions of
      table [T], no others. *)
  Definition contract (clients : cpu -> client S) : Prop := forall c n, keeps (clients c) n [] [].
  Definition keep_contract (T : table) (clients : cpu -> client S) : Prop :=
    (forall c history o, clients c history = Some o -> of_table T o) /\ contract clients.
End Contract.

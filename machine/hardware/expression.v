(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Expressions of the cat language

    An expression is a relation between the events of an execution ([sem]).  So what an official model
    says in full of the order that a CPU keeps can be written as its file has it.  Definitions alone.
    Read next: cat.v. *)
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events.

Inductive cat (I : Type) :=
| Po | Loc | Ext (* program order; of one location; of two CPUs *)
| Rf | Co | Fr | Rmw
| Data (* from the load of now in a release to its store *)
| Ctrl (* from a poll to what comes after it: each poll ends in a branch *)
| In (p : I -> bool) (* [p] *)
| Then (a b : cat I) (* a; b *)
| Or (a b : cat I) (* a | b *)
| And (a b : cat I). (* a & b *)
Arguments Po {I}.
Arguments Loc {I}.
Arguments Ext {I}.
Arguments Rf {I}.
Arguments Co {I}.
Arguments Fr {I}.
Arguments Rmw {I}.
Arguments Data {I}.
Arguments Ctrl {I}.
Arguments In {I} _.
Arguments Then {I} _ _.
Arguments Or {I} _ _.
Arguments And {I} _ _.

Declare Scope cat_scope.
Delimit Scope cat_scope with cat.
Bind Scope cat_scope with cat.
Notation "[ p ]" := (In p) : cat_scope.
Notation "a ;; b" := (Then a b) (at level 45, right associativity) : cat_scope.
Notation "a || b" := (Or a b) : cat_scope.
Notation "a && b" := (And a b) : cat_scope.

Section Sem.
  Context {S : system} {I : Type} {K : accesses I} (h : execution S I).
  Definition present (e : event) : Prop := action_of h e <> None /\ part h (fst e) (snd e) <> None.
  Fixpoint sem (c : cat I) (e f : event) : Prop :=
    match c with
    | Po => present e /\ present f /\ po e f
    | Loc => present e /\ present f /\ same_location h e f
    | Ext => present e /\ present f /\ external e f
    | Rf => present e /\ present f /\ rf h e f
    | Co => present e /\ present f /\ co h e f
    | Fr => present e /\ present f /\ fr h e f
    | Rmw => present e /\ present f /\ rmw h e f
    | Data => present e /\ present f /\ po e f /\
        exists l v v', action_of h e = Some (Lock l (Loaded v)) /\ action_of h f = Some (Lock l (Stored v'))
    | Ctrl => present e /\ present f /\ po e f /\ exists l v, action_of h e = Some (Lock l (Polled v))
    | In p => e = f /\ present e /\ exists i, is_a h i e /\ p i = true
    | Then a b => exists d, sem a e d /\ sem b d f
    | Or a b => sem a e f \/ sem b e f
    | And a b => sem a e f /\ sem b e f
    end.
End Sem.

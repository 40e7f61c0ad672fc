(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The statements of main/ about waiting and about one CPU, as definitions

    As statements.v, which says what for.  sharp_stuck.v shows them false of wrong texts,
    from definitions alone. *)
From Coq Require Import ZArith List Bool.
From hlock.layers.view Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L4_locks Require Import spec text.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.bridge Require Import explained.
From hlock.machine.live Require Import live endless.
Local Open Scope Z_scope.

Section Statements.
  Context {S : system} (T : table) (text : program) (width : Z) (clients : cpu -> client S).
  Local Notation M := (sc_memory S width).

  (** Nobody waits for ever: with a bound, and with none. *)
  Definition acquires_end (above : Z -> nat) (A B : nat) : Prop := never_breaches clients T ->
    (forall c, orderly (is_told clients c) (clients c) above A B) ->
    forall cs x c f i told s x', segment text width M clients (first_state M) cs x -> (c < cpus S)%nat ->
    nth_error (threads x) c = Some (Calling (Op_acquire f i) told s) ->
    rounds text width M clients (whole_rounds A B (cpus S) (Datatypes.S (above (lock_id f i)))) x x' -> over c told x'.
  Definition operations_end (above : Z -> nat) (A B levels : nat) : Prop := never_breaches clients T ->
    (forall c, orderly (is_told clients c) (clients c) above A B) ->
    (forall f i, List.In f T -> in_family f i = true -> (above (lock_id f i) < levels)%nat) ->
    forall cs x c t told x', segment text width M clients (first_state M) cs x -> (c < cpus S)%nat ->
    nth_error (threads x) c = Some t -> history_of t = Some told -> clients c told <> None ->
    rounds text width M clients (whole_rounds A B (cpus S) levels) x x' -> over c told x'.
  Definition acquires_end_forever (above : Z -> nat) : Prop := never_breaches clients T ->
    (forall c, keeps_order (is_told clients c) (clients c) above) ->
    (forall c, sections_end (is_told clients c) (clients c)) ->
    forall run who, infinite_execution text width M clients run who -> fair M clients run who ->
    forall n c f i told s, (c < cpus S)%nat ->
    nth_error (threads (run n)) c = Some (Calling (Op_acquire f i) told s) ->
    exists m, (n <= m)%nat /\ over c told (run m).
  Definition somebody_goes_on (above : Z -> nat) : Prop := never_breaches clients T ->
    (forall c, keeps_order (is_told clients c) (clients c) above) ->
    forall run who, infinite_execution text width M clients run who -> fair M clients run who ->
    forall n c f i told s, (c < cpus S)%nat ->
    nth_error (threads (run n)) c = Some (Calling (Op_acquire f i) told s) ->
    exists m, (n <= m)%nat /\ goes_on_at text width M clients run who m.

  (** What each CPU did is a run of the linked C. *)
  Definition bridged : Prop := never_breaches clients T -> forall tr x, execution text width M clients tr x ->
    forall (mem : Type) (m : mem) c t, nth_error (threads x) c = Some t ->
    explained_so_far text width clients m tr x c t.
End Statements.

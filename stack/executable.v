(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The stack, executed

    The interpreter of clight/interp.v runs the linked C over floor 0's
    operations, and a client over the C ([run_client]).  What it returns is a run
    in the sense of the stack theorem ([run_client_sound]).  Read next: examples.v. *)
From Coq Require Import ZArith List Bool String.
From hlock.clight Require Import options integers values syntax operators semantics interp.
From hlock.layers.view Require Import spec.
From hlock.layers Require L0_machine.spec L1_ticket.code.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text code.
From hlock.stack Require Import stack.
Import L0_machine.spec.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

Section Executable.
  Context (text : program) (S : system) (width : Z).
  Local Notation data := (RData (words S width)).

  (** ** Floor 0's operations as functions *)
  Definition one_argument {A : Type} (spec : Z -> data -> result A) (value : A -> val * data)
      : list val -> data -> option (val * data) := fun vs d =>
    match vs with
    | [Vint n] => match spec (Int.unsigned n) d with Done r => Some (value r) | _ => None end
    | _ => None
    end.
  Definition number_back (r : Z * data) : val * data := (Vint (Int.repr (fst r)), snd r).
  Definition nothing_back (d : data) : val * data := (Vundef, d).
  Definition words_executable : executable := fun id =>
    if Pos.eqb id ($"incr_ticket") then Some (one_argument (incr_ticket_spec S width) number_back)
    else if Pos.eqb id ($"get_now") then Some (one_argument (get_now_spec S width) number_back)
    else if Pos.eqb id ($"incr_now") then Some (one_argument (incr_now_spec S width) nothing_back)
    else if Pos.eqb id ($"cpu_relax") then
      Some (fun vs d => match vs with [] => Some (Vundef, d) | _ => None end)
    else None.

  Lemma one_argument_done A (spec : Z -> data -> result A) value vs d v d' :
    one_argument spec value vs d = Some (v, d') ->
    exists n r, vs = [Vint n] /\ spec (Int.unsigned n) d = Done r /\ value r = (v, d').
  Proof.
    unfold one_argument; destruct vs as [|[|n] [|]]; try discriminate.
    destruct (spec (Int.unsigned n) d) as [r| |] eqn:Is; try discriminate.
    intros [= Value]; exists n, r; auto.
  Qed.
  Lemma words_executable_sound :
    layer_le (layer_of words_executable) (L1_ticket.offers.words_layer S width).
  Proof.
    intros id p; unfold layer_of, words_executable, L1_ticket.offers.words_layer.
    repeat (destruct (Pos.eqb id _)); intros [= <-]; eexists; (split; [reflexivity|]); intros vs d v d'.
    1, 2: intros Run; apply one_argument_done in Run as (n & [r d1] & -> & Is & [= <- <-]); exists n, r; auto.
    - intros Run; apply one_argument_done in Run as (n & d1 & -> & Is & [= <- <-]); exists n; auto.
    - destruct vs; [intros [= <- <-]|discriminate]; repeat split.
  Qed.

  (** ** A client on the C *)

  (** [fuel] bounds each call, as in interp.v. *)
  Definition call_stack (fuel : nat) (o : operation) (f : family) (i : Z) (d : data)
      : option (response S * data) :=
    match run_function (functions text) words_executable fuel ($(function_name (prefix_of text) o f))
            (arguments f i) d with
    | Some (Vundef, d') => Some (None, d')
    | _ => None
    end.
  Definition do_op (fuel : nat) (o : op S) (d : data) : option (response S * data) :=
    match o with
    | Op_acquire f i => call_stack fuel Acquire f i d
    | Op_release f i => call_stack fuel Release f i d
    | Op_read f i k =>
        let (v, d') := words_read S width (lock_id f i) k d in Some (Some (existT _ (lock_id f i) v), d')
    | Op_write f i k v => Some (None, words_write S width (lock_id f i) k v d)
    | Op_halt => Some (None, words_halt S width d)
    end.
  Fixpoint run_client (fuel : nat) (p : client S) (n : nat) (history : list (response S)) (d : data)
      : option (list (response S) * data) :=
    match n with
    | O => Some (history, d)
    | Datatypes.S n =>
        match p history with
        | None => Some (history, d)
        | Some o =>
            match do_op fuel o d with
            | Some (a, d1) => if ends o then Some (a :: history, d1) else run_client fuel p n (a :: history) d1
            | None => None
            end
        end
    end.

  Context {mem : Type} (m : mem).

  Lemma call_stack_sound fuel o f i d a d' :
    call_stack fuel o f i d = Some (a, d') ->
    a = None /\ call_function (stack_genv text S width) ($(function_name (prefix_of text) o f)) (arguments f i)
      (m, d) (m, d') Vundef.
  Proof.
    unfold call_stack; destruct (run_function _ _ _ _ _ _) as [[[|] d1]|] eqn:Run; try discriminate.
    intros [= <- <-]; split; [reflexivity|].
    apply (run_function_sound (functions text) m) in Run as (fd & Found & Call); exists fd; split; [exact Found|].
    exact (proj2 (exec_layer_le (functions text) _ _ words_executable_sound) _ _ _ _ _ _ _ Call).
  Qed.
  Lemma do_op_sound fuel o d a d' : do_op fuel o d = Some (a, d') -> c_do text S width m o d a d'.
  Proof.
    destruct o as [f i|f i|f i k|f i k v|]; cbn [do_op c_do].
    1, 2: apply call_stack_sound.
    - destruct (words_read _ _ _ _ d) as [v d1]; intros [= <- <-]; eauto.
    - now intros [= <- <-].
    - now intros [= <- <-].
  Qed.

  Theorem run_client_sound fuel p n : forall history d responses d',
    run_client fuel p n history d = Some (responses, d') -> c_run text S width m p n history d responses d'.
  Proof.
    induction n as [|n IH]; intros history d responses d'; cbn; [now intros [= <- <-]|].
    destruct (p history) as [o|]; [|now intros [= <- <-]].
    destruct (do_op fuel o d) as [[a d1]|] eqn:Did; [|discriminate].
    apply do_op_sound in Did; intros Rest; exists a, d1; split; [exact Did|].
    destruct (ends o); [now injection Rest as <- <-|now apply IH].
  Qed.
End Executable.

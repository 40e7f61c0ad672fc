(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The bridge, its words

    What one CPU is told of an execution by the others' events between its own, and what
    it is for its run on the linked C to be explained so.  Nothing is proved here.
    Read next: local.v, bridge.v. *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import semantics smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text.
From hlock.stack Require Import runs.
From hlock.machine.model Require Import thread memory machine.
Import ListNotations.
Local Open Scope Z_scope.

(** ** The others *)
Section Others.
  Context {S : system} (c : cpu).
  Local Notation log := (log S words_verb).

  (** What the others did after the last event of CPU [c]. *)
  Fixpoint after (g : log) : log :=
    match g with
    | [] => []
    | e :: before => if Nat.eqb (fst e) c then [] else e :: after before
    end.

  (** What the others did before each event of [c], oldest batch first; and with
      what they did since. *)
  Fixpoint batches (g : log) : list log :=
    match g with
    | [] => []
    | e :: before => if Nat.eqb (fst e) c then batches before ++ [after before] else batches before
    end.
  Definition environment (g : log) : list log := batches g ++ [after g].
End Others.

(** ** The statement *)
Section Statement.
  Context {S : system} (text : program) (width : Z) (clients : cpu -> client S) {mem : Type} (m : mem).
  Local Notation W := (words S width).
  Local Notation A := (atomic S).
  Local Notation M := (sc_memory S width).
  Local Notation log := (log S words_verb).
  Local Notation data := (RData W).
  Local Notation next := (next_move text width).

  (** CPU [c] at the start, among the others as log [g] has them. *)
  Definition among (c : cpu) (g : log) : data := start W c (environment c g).

  (** Client [c], on the linked C among such others, comes to [d] and has been told
      [history] by then; and on private copies it is told the same. *)
  Definition comes_to (c : cpu) (g : log) (history : list (response S)) (d : data) : Prop :=
    c_run text S width m (clients c) (length history) [] (among c g) history d /\
    exists bs, forall rest, exists h,
      run high_do (clients c) (length history) [] (mkHData (start A c (bs ++ rest)) []) = Done (history, h) /\
      stands_for S width d h /\ env (base h) = rest.

  (** There it calls [o], and from the call ([s0], [d0]) the linked C comes to [s] and
      [d], in small steps: one of its own leaves the data, a primitive does to it what
      floor 0's specification says ([steps], over [words_layer]).  If it comes to its
      end so, that is the operation of which [c_run] is made: [call_ends]. *)
  Definition calls_to (c : cpu) (g : log) (o : op S) (history : list (response S)) (s : state) (d : data) : Prop :=
    exists s0 d0, comes_to c g history d0 /\ next (clients c) (Idle history) = Call o (Calling o history s0) /\
      steps (stack_genv text S width) (s0, d0) (s, d).

  (** Of thread [t] of CPU [c], that is not stopped, after log [g]:
      - wherever its client comes among these others, they keep to the protocol;
      - between two operations, it has come to where the log is [g];
      - in an operation, the C has come to its state [s] where the log is [g];
      - between the load and the store of [incr_now], the C has come to the load, which
        gives [v], and then the log is [g];
      - if it waits with ticket [n], it polls in the sense of [env_fair]. *)
  Record explained (c : cpu) (g : log) (t : thread S) : Prop := {
    safe_others : env_safe_throughout text S width m (clients c) [] (among c g);
    at_rest : forall history, t = Idle history -> exists d, comes_to c g history d /\ seen d = g;
    in_operation : forall o history s, t = Calling o history s ->
      exists d, calls_to c g o history s d /\ seen d = g;
    in_release : forall o history l v k, t = Storing o history l v k -> exists s d,
      calls_to c g o history s d /\
      next (clients c) (Calling o history s) = Load l (fun v => Storing o history l v k) /\
      v = serving S width l (seen d) /\ seen (act S width (Lock l (Loaded v)) d) = g;
    waiting : forall f i history s n, t = Calling (Op_acquire f i) history s ->
      words_phase S c (lock_id f i) g = Waiting n ->
      exists d, polling text S width m (clients c) [] (among c g) (lock_id f i) n d /\ seen d = g
  }.

  (** From [x] the machine goes on to the last state, and the trace of that is seen. *)
  Inductive continues (x : machine M) : visible_trace S -> machine M -> Prop :=
  | continues_not : continues x [] x
  | continues_step tr x1 c v x2 :
      continues x tr x1 -> machine_step text width M clients c x1 v x2 -> continues x (see c v tr) x2.

  (** Thread [t] of CPU [c], in an execution with trace [tr] that has come to [x], is
      explained.  One that has halted was explained where it halted: in [x1], an
      earlier state of this execution, in which it was [t1]. *)
  Definition explained_so_far (tr : visible_trace S) (x : machine M) (c : cpu) (t : thread S) : Prop :=
    match t with
    | Stopped => exists tr1 x1 t1 x2 tr2,
        execution text width M clients tr1 x1 /\
        nth_error (threads x1) c = Some t1 /\ explained c (contents x1) t1 /\
        machine_step text width M clients c x1 (Some Did_halt) x2 /\
        continues x2 tr2 x /\ tr = tr2 ++ (c, Did_halt) :: tr1
    | _ => explained c (contents x) t
    end.
End Statement.

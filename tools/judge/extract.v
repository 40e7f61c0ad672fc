(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The judge of recorded runs, extracted to OCaml

    The system is the shipped lock table with an integer (a digest of the real
    object) for the object of each lock.  [judge] and [event_fault] are the
    functions of layers/L3_atomic; judge.ml only reads the file and counts. *)
From Coq Require Import ZArith List String.
From Coq Require Extraction ExtrOcamlBasic ExtrOcamlNativeString.
From hlock.layers.view Require Import spec.
From hlock.layers.L3_atomic Require Import spec judge.
From hlock.layers.L4_locks Require Import table spec.
From hlock.generated Require Import lock_table.
Local Open Scope Z_scope.

(** Digests, first zero: the object of every family in a trace. *)
Definition digests : objects := {|
  otype := fun _ => Z;
  ofirst := fun _ => 0;
  oeq := fun _ => Z.eq_dec
|}.
Definition recorded (cpus : nat) : system := table_system lock_table cpus digests.

Definition digest (cpus : nat) (l : Z) (v : Z) : Obj (recorded cpus) l :=
  match owner_name lock_table l as n return lock_obj digests n with
  | Some _ => v
  | None => tt
  end.

Definition ev_entered n (c : cpu) (l : Z) : event (recorded n) atomic_verb := (c, Lock l Entered).
Definition ev_left n (c : cpu) (l : Z) : event (recorded n) atomic_verb := (c, Lock l Left).
Definition ev_read n (c : cpu) (l v : Z) : event (recorded n) atomic_verb := (c, Read l (digest n l v)).
Definition ev_wrote n (c : cpu) (l v : Z) : event (recorded n) atomic_verb := (c, Wrote l (digest n l v)).

Definition judge_run (n : nat) (es : list (event (recorded n) atomic_verb)) : option (fault * nat) :=
  judge (recorded n) (initial_state _) 0 es.

Definition fault_text (f : fault) : string :=
  match f with
  | No_such_lock => "no such lock"
  | No_such_index => "no such index"
  | Entered_twice => "enters a lock that it holds already"
  | Not_holder => "releases or touches what it does not hold"
  | Lock_is_held => "enters while another CPU holds the lock"
  | Wrong_value => "reads a value that is not the last one written"
  | Out_of_order => "takes a step that does not follow the one before"
  | After_halt => "acts after it halted"
  | No_such_cpu => "no such CPU"
  | Forged => "acts in the name of another CPU"
  end.

Definition family_name (l : Z) : option string := owner_name lock_table l.
Definition family_names : list string := List.map name lock_table.
Definition lock_count : Z := table_size lock_table.

Extraction "build/judge_spec/judge_spec.ml" judge_run ev_entered ev_left ev_read ev_wrote fault_text
  family_name family_names lock_count.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The judge of recorded runs, extracted to OCaml

    The system is the shipped lock table with an integer (a digest of the real
    object) for the object of each lock.  Floor 3 judges who holds what and the
    objects; floor 0 judges the numbers of the lock words; both are the judge of
    layers/view with the rule of the floor.  The machine of N CPUs judges whether the
    run is an execution of the shipped C (machine/replay.v).  trace.ml only reads the
    file, judge.ml only puts in the hints and counts. *)
From Coq Require Import ZArith List String.
From Coq Require Extraction ExtrOcamlBasic ExtrOcamlNativeString.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec judge.
From hlock.layers.L3_atomic Require Import spec judge.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec.
From hlock.generated Require Import lock_table.
From hlock.stack Require Import stack.
From hlock.machine.model Require Import thread.
From hlock.machine.run Require Import replay replay_sound.
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

Definition judge_run (n : nat) : list (event (recorded n) atomic_verb) -> option (fault * nat) :=
  atomic_judge (recorded n).

(** The words of the shipped locks have 32 bits. *)
Definition width : Z := 32.
Definition numbers : Z := L0_machine.spec.modulus width.
Definition words_event (n : nat) : Type := event (recorded n) words_verb.
Definition ev_acquired (n : nat) (c : cpu) (l t : Z) : list (words_event n) :=
  acquired (recorded n) c l t.
Definition ev_released (n : nat) (c : cpu) (l t : Z) : list (words_event n) :=
  released (recorded n) width c l t.
Definition judge_words (n : nat) : list (words_event n) -> option (fault * nat) :=
  words_judge (recorded n) width.

(** The number in an event after [before] (newest first), and the one in memory. *)
Definition numbers_of (n : nat) (e : words_event n) (before : list (words_event n)) : option (Z * Z) :=
  match snd e with
  | Lock l k => found_expected (recorded n) width l k before
  | _ => None
  end.
Definition number_text (n : nat) (e : words_event n) : string :=
  match snd e with
  | Lock _ (Took _) => "ticket"
  | _ => "number in service"
  end.

(** ** The machine *)
Definition machine_item (n : nat) : Type := item (recorded n).
Definition line_called n (c : cpu) (l : Z) : machine_item n := Line c (Calls l).
Definition line_entered n (c : cpu) (l t : Z) : machine_item n := Line c (Enters l t).
Definition line_read n (c : cpu) (l v : Z) : machine_item n := Line c (Reads l (digest n l v)).
Definition line_wrote n (c : cpu) (l v : Z) : machine_item n := Line c (Writes l (digest n l v)).
Definition line_left n (c : cpu) (l : Z) : machine_item n := Line c (Leaves l).
Definition hint_takes n (c : cpu) : machine_item n := Hint c Takes.
Definition hint_waits n (c : cpu) : machine_item n := Hint c Waits.
Definition replay_run (n : nat) : list (machine_item n) -> option (reason (recorded n) * nat) :=
  replay lock_table width.

Definition undigest (cpus : nat) (l : Z) : Obj (recorded cpus) l -> Z :=
  match owner_name lock_table l as n return lock_obj digests n -> Z with
  | Some _ => fun v => v
  | None => fun _ => 0
  end.
(** What is wrong, and the number in the trace and the machine's, if it is one. *)
Definition reason_text (n : nat) (r : reason (recorded n)) : string * option (Z * Z) :=
  match r with
  | No_CPU => ("no such CPU", None)
  | No_lock => ("no such lock", None)
  | In_a_call => ("the thread is in a call", None)
  | Not_so => ("the thread does something else", None)
  | Other_ticket found expected => ("ticket", Some (found, expected))
  | Not_served found expected => ("number in service", Some (found, expected))
  | Other_value l found expected => ("value", Some (undigest n l found, undigest n l expected))
  | Not_entered => ("a ticket was taken for an entry that is not there", None)
  end%string.

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

Definition name_of_family (l : Z) : option string := owner_name lock_table l.
Definition names_of_families : list string := List.map name lock_table.
Definition lock_count : Z := table_size lock_table.

Extraction "build/judge_spec/judge_spec.ml" judge_run ev_entered ev_left ev_read ev_wrote
  judge_words ev_acquired ev_released numbers_of number_text numbers
  line_called line_entered line_read line_wrote line_left hint_takes hint_waits replay_run reason_text
  fault_text name_of_family names_of_families lock_count.

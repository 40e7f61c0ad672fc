(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The judge of recorded runs, extracted to OCaml

    The four functions of machine/run/recorded.v, where it is said and proved what they
    compute; here are the names under which trace.ml and judge.ml know them, and
    texts.  trace.ml only reads the file, judge.ml only folds, puts in the hints and
    counts. *)
From Coq Require Import ZArith NArith List String.
From Coq Require Extraction ExtrOcamlBasic ExtrOcamlNativeString.
From hlock.layers.view Require Import spec judge.
From hlock.layers.L0_machine Require Import spec judge.
From hlock.layers.L3_atomic Require Import spec judge.
From hlock.layers.table Require Import table fast.
From hlock.layers.L4_locks Require Import spec.
From hlock.generated Require Import lock_table.
From hlock.machine.run Require Import order replay replay_stream recorded.
Import ListNotations.
Local Open Scope Z_scope.

(** The judges, of any table that is accepted; that of the library is the one if no other is given. *)
Definition shipped_table : table := lock_table.
Definition accepted_table : table -> bool := table_ok_fast.
Definition judges_of : forall T n, judges T n := the_judges.
Definition numbers_in T n : tickets_state T n -> numbered (words (recorded T n) width) -> option (Z * Z) :=
  numbers_of T n.

(** The order; the index of a lock, if its family has one. *)
Definition order_of : table -> order_state -> used -> (Z * Z) + order_state := order_step.
Definition uses_acquire (c : N) (l : Z) : used := (c, Acquires l).
Definition uses_release (c : N) (l : Z) : used := (c, Releases l).
Definition index_of_lock (T : table) (l : Z) : option Z :=
  match find_family T l with
  | Some f => match index f with Some _ => Some (l - first f) | None => None end
  | None => None
  end.

Section Items.
  Context (T : table) (n : N). (* n: how many CPUs *)

  (** ** Floor 3 *)
  Definition holders_event : Type := numbered (atomic (recorded T n)).
  Definition ev_entered (c : N) (l : Z) : holders_event := (c, Lock l Entered).
  Definition ev_left (c : N) (l : Z) : holders_event := (c, Lock l Left).
  Definition ev_read (c : N) (l k v : Z) : holders_event := (c, Read l k (digest l v)).
  Definition ev_wrote (c : N) (l k v : Z) : holders_event := (c, Wrote l k (digest l v)).

  (** ** Floor 0 *)
  Definition tickets_event : Type := numbered (words (recorded T n) width).
  Definition said_number (e : tickets_event) : string :=
    match snd e with
    | Lock _ (Took _) => "ticket"
    | _ => "number in service"
    end.

  (** ** The machine *)
  Definition machine_item : Type := said (S := recorded T n).
  Definition line_called (c : N) (l : Z) : machine_item := (c, inl (Calls l)).
  Definition line_entered (c : N) (l t : Z) : machine_item := (c, inl (Enters l t)).
  Definition line_read (c : N) (l k v : Z) : machine_item := (c, inl (Reads l k (digest l v))).
  Definition line_wrote (c : N) (l k v : Z) : machine_item := (c, inl (Writes l k (digest l v))).
  Definition line_left (c : N) (l : Z) : machine_item := (c, inl (Leaves l)).
  Definition hint_takes (c : N) : machine_item := (c, inr Takes).
  Definition hint_waits (c : N) : machine_item := (c, inr Waits).

  (** What is wrong, and the number in the trace and the machine's, if it is one. *)
  Definition reason_text (r : reason (recorded T n)) : string * option (Z * Z) :=
    match r with
    | No_CPU => ("no such CPU", None)
    | No_lock => ("no such lock", None)
    | In_a_call => ("the thread is in a call", None)
    | Not_so => ("the thread does something else", None)
    | Other_ticket found expected => ("ticket", Some (found, expected))
    | Not_served found expected => ("number in service", Some (found, expected))
    | Other_value l _ found expected => ("value", Some (undigest l found, undigest l expected))
    | Not_entered => ("a ticket was taken for an entry that is not there", None)
    end%string.
End Items.

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

Definition name_of_family : table -> Z -> option string := owner_name.
Definition names_of_families : table -> list string := List.map name.
Definition lock_count : table -> Z := table_size.
Definition numbers : Z := L0_machine.spec.modulus width.

Extraction "build/judge_spec/judge_spec.ml"
  shipped_table accepted_table judges_of order_start order_of uses_acquire uses_release index_of_lock
  ev_entered ev_left ev_read ev_wrote numbers_in said_number numbers
  line_called line_entered line_read line_wrote line_left hint_takes hint_waits reason_text
  fault_text name_of_family names_of_families lock_count.

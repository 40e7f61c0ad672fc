(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * hlock: the theorems, of the object code of debug builds

    A debug build asks a record of this CPU, its own memory, whether a call is right; it calls hlock_this_cpu, a
    function of the user; and it stops at a wrong call.  Of its bytes one thing is asked, as in bytes.v: that
    [debug_object_ok] says yes.  Then it is a lock, as a release build is, whatever the record holds and whatever
    hlock_this_cpu answers: each load of other memory may give anything, each function of another file may leave anything in
    the registers that it need not keep, a jump that compares otherwise than for equality goes either way ([Ask_any]).
    What is asked of the rest of the program: that hlock_wrong does not return, and that the accesses to its record go neither to
    the lock words nor to the frame of the call.  Which accesses these are, [own_data] says: those whose address is made of
    the address of something else of the program.  Where one does, the machine has no step ([off_array], [off_frame]).

    Nothing is said here of when it stops: that it stops at a wrong call, and only there, is proved of its C
    (debug.v).  Nor that it ends: a record that another CPU writes could keep a CPU in the loops over it.

    The names that stand in the statements, and where they are defined:
@NAMES@
    What is left open in code: object/open.v.  Two CPUs that contend on such code, and code of which this is false:
    object/debug_samples.v. *)
From Coq Require Import ZArith List String.
From hlock.layers.table Require Import table.
From hlock.layers.view Require Import spec.
From hlock.layers.L4_locks Require Import spec.
From hlock.stack Require Import stack setting linked.
From hlock.machine.model Require Import machine atomic.
From hlock.machine.relaxed Require Import model claims.
From hlock.machine.hardware Require Import events armv8_model riscv_model x86_model.
From hlock.object Require Import micro machine refine correct target objects objects_sound targets alone.
From hlock.main Require Import hardware bytes.
Import ListNotations.
Local Open Scope Z_scope.

Local Lemma width_32 : 1 <= 32 <= 32.
Proof. split; discriminate. Qed.

(** For every target, every accepted table, any object file that the checker accepts as one of a debug build: what
    was seen of an execution of the bytes, up to a stop if there is one, is seen of the same clients on the machine whose
    locks are one atomic step, and leaves the same objects. *)
Theorem debug_bytes_correct :
  forall I Rel (arch : target I Rel) prefix T N O file, table_ok T = true -> Z.of_nat N <= 2 ^ 32 ->
  debug_object_ok arch prefix T file = true ->
  let S := table_system T N O in let L := debug_library arch prefix T file in
  forall clients : cpu -> client S, never_breaches clients T ->
  forall base, placed L base -> forall tr x, byte_execution L base clients tr x ->
  exists y, atomic_execution clients tr y /\ forall l k, object l k (happened y) = object l k (touched x).
Proof.
  intros I Rel arch prefix T N O file Ok Fits Right S L clients Never base Placed tr x Run.
  exact (correct.bytes_correct (G := mkRunning (mkSetting prefix T Ok N O 32 width_32 Fits) clients)
    eq_refl Never arch L (stride_of T file) base (debug_object_right arch prefix T file Right) Placed tr x Run).
Qed.

(** Each CPU has a step, unless its client has ended or halts, or it has halted; or it stops, or an access to its own data
    meets the lock words or the frame ([cut_short]).  So no CPU comes to an instruction that has no meaning, accesses
    a lock word that is not of its lock, or returns elsewhere than to its caller, or with a register changed that a call
    must keep. *)
Theorem debug_bytes_not_stuck :
  forall I Rel (arch : target I Rel) prefix T N O file, table_ok T = true -> Z.of_nat N <= 2 ^ 32 ->
  debug_object_ok arch prefix T file = true ->
  let S := table_system T N O in let L := debug_library arch prefix T file in
  forall clients : cpu -> client S, never_breaches clients T ->
  forall base, placed L base -> forall tr x, byte_execution L base clients tr x ->
  forall c b, nth_error (places x) c = Some b ->
  at_end clients c b \/ (exists v x', byte_step L base clients c x v x' /\ v <> Some Did_halt) \/
  exists o history before s, b = Running o history before s /\ cut_short L base (asks base (lib_code L) s).
Proof.
  intros I Rel arch prefix T N O file Ok Fits Right S L clients Never base Placed tr x Run c b.
  exact (bytes_progress_open (G := mkRunning (mkSetting prefix T Ok N O 32 width_32 Fits) clients)
    eq_refl Never arch L (stride_of T file) base (debug_object_right arch prefix T file Right) Placed tr x c b Run).
Qed.

(** Executions that the model of Armv8 allows, in which each CPU runs the bytes of such an object ([byte_alone]: what
    it does to its own data is no event of the execution): all that hardware.v says of the C is said of them, as in
    bytes.v. *)
Theorem hlock_armv8_debug_bytes :
  forall prefix T N O file, table_ok T = true -> Z.of_nat N <= 2 ^ 32 -> debug_object_ok aarch64 prefix T file = true ->
  let S := table_system T N O in let L := debug_library aarch64 prefix T file in
  forall clients : cpu -> client S, calls_of_table T clients ->
  forall base, placed L base -> forall (h : execution S a64) lob g seen last,
  well_formed h 32 -> contains h lob -> armv8_consistent h lob -> contracts h g ->
  runs_bytes armv8_lists L (stride_of T file) base clients h seen last -> good_clients T clients g ->
  exists last', as_if_consistent (stack prefix T) 32 clients g seen last' /\
    forall c, (c < N)%nat -> history_of (last c) = model.told (last' c).
Proof.
  intros prefix T N O file Ok Fits Right S L clients Calls base Placed h lob g seen last Well Has Is Con Runs Good.
  destruct (bytes_run_the_c aarch64 prefix T N O L _ Ok Fits (debug_object_right aarch64 prefix T file Right) clients Calls
    base Placed h seen last Runs) as (Made & last' & Threads & Told); exists last'; split; [|exact Told].
  exact (hlock_armv8 prefix T N O 32 Ok width_32 Fits clients h lob g seen last' Well Has Is Made Con Threads Good).
Qed.

(** The same of RISC-V. *)
Theorem hlock_riscv_debug_bytes :
  forall prefix T N O file, table_ok T = true -> Z.of_nat N <= 2 ^ 32 -> debug_object_ok riscv64 prefix T file = true ->
  let S := table_system T N O in let L := debug_library riscv64 prefix T file in
  forall clients : cpu -> client S, calls_of_table T clients ->
  forall base, placed L base -> forall (h : execution S riscv) ppo g seen last,
  well_formed h 32 -> contains_ppo h ppo -> riscv_consistent h ppo -> contracts h g ->
  runs_bytes riscv_lists L (stride_of T file) base clients h seen last -> good_clients T clients g ->
  exists last', as_if_consistent (stack prefix T) 32 clients g seen last' /\
    forall c, (c < N)%nat -> history_of (last c) = model.told (last' c).
Proof.
  intros prefix T N O file Ok Fits Right S L clients Calls base Placed h ppo g seen last Well Has Is Con Runs Good.
  destruct (bytes_run_the_c riscv64 prefix T N O L _ Ok Fits (debug_object_right riscv64 prefix T file Right) clients Calls
    base Placed h seen last Runs) as (Made & last' & Threads & Told); exists last'; split; [|exact Told].
  exact (hlock_riscv prefix T N O 32 Ok width_32 Fits clients h ppo g seen last' Well Has Is Made Con Threads Good).
Qed.

(** The same of x86, of clients that never break the contract on the atomic machine. *)
Theorem hlock_x86_debug_bytes :
  forall prefix T N O file, table_ok T = true -> Z.of_nat N <= 2 ^ 32 -> debug_object_ok x86_64 prefix T file = true ->
  let S := table_system T N O in let L := debug_library x86_64 prefix T file in
  forall clients : cpu -> client S, calls_of_table T clients ->
  forall base, placed L base -> forall (h : execution S x86) ppo g seen last,
  well_formed h 32 -> contains_po_ghb h ppo -> x86_consistent h ppo -> contracts h g ->
  runs_bytes x86_lists L (stride_of T file) base clients h seen last -> never_breaches clients T ->
  exists last', as_if_consistent (stack prefix T) 32 clients g seen last' /\
    forall c, (c < N)%nat -> history_of (last c) = model.told (last' c).
Proof.
  intros prefix T N O file Ok Fits Right S L clients Calls base Placed h ppo g seen last Well Has Is Con Runs Never.
  destruct (bytes_run_the_c x86_64 prefix T N O L _ Ok Fits (debug_object_right x86_64 prefix T file Right) clients Calls
    base Placed h seen last Runs) as (Made & last' & Threads & Told); exists last'; split; [|exact Told].
  exact (hlock_x86 prefix T N O 32 Ok width_32 Fits clients h ppo g seen last' Well Has Is Made Con Threads Never).
Qed.

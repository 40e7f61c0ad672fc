(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * hlock: the theorems, of the object code of debug builds

    A debug build asks a record of this CPU, its own memory, whether a call is right; it calls hlock_this_cpu, a
    function of the user; and it stops at a wrong call.  Of its bytes one thing is asked, as in bytes.v: that
    [debug_object_ok] says yes.  Then it is a lock, as a release build is, whatever the record holds and whatever
    hlock_this_cpu answers: a load of other memory may give anything, a function of another file may leave anything in
    the registers that it need not keep, a jump that compares otherwise than for equality goes either way ([Ask_any]).
    What is asked of the rest of the program: that hlock_wrong does not return, nor __stack_chk_fail, which code with
    canaries calls; that other functions of other files return to where they were called, with what a call must keep,
    and leave the lock words, the frame and the exclusive monitor alone; and that the accesses to its own data go
    neither to the lock words nor to the frame of the call.  Which accesses these are, [own_data] says: those whose
    address is made of the address of something else of the program.
    For one that does, the machine has no step ([off_array], [off_frame]).

    Nothing is said here of when it stops: that it stops at a wrong call, and only there, is proved of its C
    (debug.v).  Nor that a call ends: its record could keep a CPU in the loops over it, if it held anything.

    The names that stand in the statements, and where they are defined:
      layers/L4_locks/sample.v       sample
      layers/L4_locks/spec.v         client, table_system
      layers/table/table.v           table_ok
      layers/view/spec.v             cpu, object
      machine/cases/examples.v       both
      machine/hardware/armv8_model.v a64, armv8_consistent, armv8_lists, contains
      machine/hardware/events.v      contracts, execution, well_formed
      machine/hardware/riscv_model.v contains_ppo, riscv, riscv_consistent, riscv_lists
      machine/hardware/x86_model.v   contains_po_ghb, x86, x86_consistent, x86_lists
      machine/model/atomic.v         atomic_execution, happened, never_breaches
      machine/model/machine.v        Did_halt
      machine/relaxed/claims.v       good_clients
      machine/relaxed/model.v        told
      main/hardware.v                as_if_consistent
      object/alone.v                 calls_of_table, runs_bytes
      object/debug_cases.v           debug_clobbers, debug_included, debug_no_comparison, debug_unstuck
      object/debug_relaxed.v         debug_release_by_STR, debug_right_on_armv8
      object/debug_samples.v         lse_debug
      object/machine.v               Running, at_end, byte_execution, byte_step, cut_short, history_of,
                                     lib_code, placed, places, touched
      object/micro.v                 asks
      object/objects.v               debug_library, debug_object_ok, stride_of
      object/target.v                target
      object/targets.v               aarch64, riscv64, x86_64
      stack/linked.v                 stack
    What is left open in code: object/open.v. *)
From Coq Require Import ZArith List String.
From hlock.layers.table Require Import table.
From hlock.layers.view Require Import spec.
From hlock.layers.L4_locks Require Import spec sample examples.
From hlock.stack Require Import stack setting linked.
From hlock.machine.model Require Import machine atomic.
From hlock.machine.relaxed Require Import model claims.
From hlock.machine.hardware Require Import events armv8_model riscv_model x86_model.
From hlock.machine.cases Require Import examples hardware.
From hlock.object Require Import micro machine refine correct target objects objects_sound targets alone relaxed
  debug_samples cases debug_cases debug_relaxed.
From hlock.main Require Import hardware bytes.
Import ListNotations.
Local Open Scope Z_scope.

Local Lemma width_32 : 1 <= 32 <= 32.
Proof. split; discriminate. Qed.

(** For every target, every accepted table, any object file that the checker accepts as one of a debug build: what
    was seen of an execution of the bytes, up to a stop if there is one, is seen of the same clients on the machine
    whose locks are one atomic step, and leaves the same objects. *)
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

(** Each CPU has a step, unless its client has ended or halts, or it has halted; or it stops, or an access to its own
    data meets the lock words or the frame ([cut_short]).  So no CPU comes to an instruction that has no meaning,
    accesses the array otherwise than by aligned words, or returns elsewhere than to its caller, or with a register
    changed that a call must keep. *)
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
  destruct (bytes_run_the_c (G := mkRunning (mkSetting prefix T Ok N O 32 width_32 Fits) clients) eq_refl Calls aarch64
    L _ base (debug_object_right aarch64 prefix T file Right) Placed h seen last Runs)
    as (Made & last' & Threads & Told); exists last'; split; [|exact Told].
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
  destruct (bytes_run_the_c (G := mkRunning (mkSetting prefix T Ok N O 32 width_32 Fits) clients) eq_refl Calls riscv64
    L _ base (debug_object_right riscv64 prefix T file Right) Placed h seen last Runs)
    as (Made & last' & Threads & Told); exists last'; split; [|exact Told].
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
  destruct (bytes_run_the_c (G := mkRunning (mkSetting prefix T Ok N O 32 width_32 Fits) clients) eq_refl Calls x86_64
    L _ base (debug_object_right x86_64 prefix T file Right) Placed h seen last Runs)
    as (Made & last' & Threads & Told); exists last'; split; [|exact Told].
  exact (hlock_x86 prefix T N O 32 Ok width_32 Fits clients h ppo g seen last' Well Has Is Made Con Threads Never).
Qed.

(** Two CPUs that contend for a lock on such code, as a compiler made it, are [contended_debug] (object/debug_cases.v),
    and by the model of Armv8 in full [contended_debug_on_armv8] (object/debug_relaxed.v).  What the theorems say of
    them is false of wrong code: an acquire that does not compare, a release that loses registers, and a release by
    STR. *)
Local Lemma fits_two : Z.of_nat 2 <= 2 ^ 32.
Proof. discriminate. Qed.
Local Lemma both_never : never_breaches both sample.
Proof. apply guarantees.contract_suffices; exact both_contract. Qed.
Example debug_says : debug_included lse_debug /\ debug_unstuck lse_debug /\ debug_right_on_armv8 lse_debug /\
  ~ debug_included debug_no_comparison /\ ~ debug_unstuck debug_clobbers /\
  ~ debug_right_on_armv8 debug_release_by_STR.
Proof.
  split; [|split; [|split; [|exact (conj debug_no_comparison_refuted (conj debug_clobbers_refuted
    debug_release_by_STR_refuted))]]].
  - intros base Placed tr x Run.
    exact (debug_bytes_correct _ _ aarch64 "" sample 2 numbers lse_debug sample_accepted fits_two lse_debug_right both
      both_never base Placed tr x Run).
  - intros base Placed tr x Run c b At.
    exact (debug_bytes_not_stuck _ _ aarch64 "" sample 2 numbers lse_debug sample_accepted fits_two lse_debug_right both
      both_never base Placed tr x Run c b At).
  - intros clients Contract Calls base Placed h g seen last Well Is Con Runs.
    destruct (hlock_armv8_debug_bytes "" sample 2 numbers lse_debug sample_accepted fits_two lse_debug_right clients
      Calls base Placed h (armv8_model.full_lob h) g seen last Well (armv8.full_contains h) Is Con Runs
      (or_introl Contract)) as (last' & As_if & _).
    exact (bytes.as_if_right _ _ _ _ _ _ As_if).
Qed.

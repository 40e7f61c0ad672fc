(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * hlock: the theorems, of object code

    N CPUs run the bytes that a compiler made of the locks, under clients that never
    break the contract on the atomic machine.  Of the bytes one thing is asked: that
    [object_ok], a function that computes, says yes.  The target is any (object/target.v).  The array of
    lock words may lie anywhere, the other registers may hold anything at a call (the stack pointer: any
    address, of 64 bits); a store-exclusive may
    fail at any time, a wait for an event may end at any time.  First memory is sequentially consistent
    ([byte_execution]), and nobody waits for ever if store-exclusives do not fail for ever ([byte_turns]);
    then it is that of Armv8 ([armv8_consistent]), of RISC-V or of x86, where each CPU runs its bytes
    ([runs_bytes]), and all that hardware.v says of the C is said of them.

    The names that stand in the statements, and where they are defined:
      layers/L4_locks/examples.v     two
      layers/L4_locks/sample.v       sample
      layers/L4_locks/spec.v         Op_acquire, client, table_system
      layers/table/table.v           in_family, lock_id, table_ok
      layers/view/spec.v             cpu, object
      machine/cases/examples.v       both
      machine/cases/hardware.v       keeps
      machine/hardware/armv8_model.v a64, armv8_consistent, armv8_lists, contains
      machine/hardware/events.v      contracts, execution, well_formed
      machine/hardware/riscv_model.v contains_ppo, riscv, riscv_consistent, riscv_lists
      machine/hardware/x86_model.v   contains_po_ghb, x86, x86_consistent, x86_lists
      machine/live/live.v            whole_rounds
      machine/live/orderly.v         orderly
      machine/model/atomic.v         atomic_execution, happened, is_told, never_breaches
      machine/model/machine.v        Did_halt
      machine/relaxed/claims.v       good_clients
      machine/relaxed/model.v        graph, seen_by, told
      main/hardware.v                as_if_consistent
      object/alone.v                 byte_alone, calls_of_table, named, runs_bytes
      object/cases.v                 included, unstuck
      object/checker.v               own_bound
      object/endless.v               byte_fair, byte_infinite, byte_over, byte_rounds, byte_turns,
                                     fails_at_most, step_turns
      object/live_cases.v            loads_again, no_reload, waits_end
      object/machine.v               Running, at_end, byte_execution, byte_step, history_of,
                                     lib_code, placed, places, touched
      object/micro.v                 asks, owns
      object/objects.v               object_library, object_ok, stride_of
      object/ported_cases.v          no_comparison, poll_without, release_without, right_on_riscv,
                                     right_on_x86
      object/relaxed_cases.v         poll_by_LDXR, release_by_STR, right_on_armv8
      object/samples.v               amo, llsc, lse, lse_framed, xadd
      object/target.v                lists, target
      object/targets.v               aarch64, riscv64, x86_64
      stack/linked.v                 stack
    What the machine of bytes does: object/machine.v, of the micro-operations of object/micro.v; to
    these object/armv8_decode.v takes instructions.  Code of which [object_ok] says no, and
    code of which the theorems are false: object/cases.v, object/live_cases.v. *)
From Coq Require Import ZArith List String.
From hlock.layers.table Require Import table.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L4_locks Require Import spec sample examples.
From hlock.stack Require Import stack setting linked.
From hlock.machine.model Require Import machine atomic.
From hlock.machine.live Require Import live.
From hlock.machine.cases Require Import examples live_examples.
From hlock.machine.relaxed Require Import model claims.
From hlock.machine.hardware Require Import events armv8_model armv8 riscv_model riscv x86_model x86.
From hlock.object Require Import micro checker stages machine refine correct target objects objects_sound open_sound
  targets samples cases.
From hlock.object Require Import alone relaxed relaxed_cases ported_cases endless live live_cases.
From hlock.main Require Import guarantees hardware.
Import ListNotations.
Local Open Scope Z_scope.

Local Lemma width_32 : 1 <= 32 <= 32.
Proof. split; discriminate. Qed.

(** For every target (what its instructions do, its decoder says, and is believed), every accepted table, at most
    2^32 CPUs, any objects, any object file that the checker accepts, wherever the array lies: what was seen of
    an execution of the bytes is seen of the same clients on the machine whose locks are one atomic step, and
    leaves the same objects.  Calls are those of machine.v ([called_with]): with the index in the lowest 32 bits of its
    register, a frame that is the call's own below the stack pointer, and from a place that is not in this code. *)
Theorem bytes_correct :
  forall I Rel (arch : target I Rel) prefix T N O file, table_ok T = true -> Z.of_nat N <= 2 ^ 32 ->
  object_ok arch prefix T file = true ->
  let S := table_system T N O in let L := object_library arch prefix file in
  forall clients : cpu -> client S, never_breaches clients T ->
  forall base, placed L base -> forall tr x, byte_execution L base clients tr x ->
  exists y, atomic_execution clients tr y /\ forall l k, object l k (happened y) = object l k (touched x).
Proof.
  intros I Rel arch prefix T N O file Ok Fits Right S L clients Never base Placed tr x Run.
  exact (correct.bytes_correct (G := mkRunning (mkSetting prefix T Ok N O 32 width_32 Fits) clients)
    eq_refl Never arch L (stride_of T file) base (object_right arch prefix T file Right) Placed tr x Run).
Qed.

(** Each CPU has a step, unless its client has ended or halts, or it has halted.  So no CPU comes to an
    instruction that has no meaning, accesses memory other than aligned words of the array and of the call's own
    stack frame, or returns elsewhere than to its caller, or with a register changed that a call must keep. *)
Theorem bytes_not_stuck :
  forall I Rel (arch : target I Rel) prefix T N O file, table_ok T = true -> Z.of_nat N <= 2 ^ 32 ->
  object_ok arch prefix T file = true ->
  let S := table_system T N O in let L := object_library arch prefix file in
  forall clients : cpu -> client S, never_breaches clients T ->
  forall base, placed L base -> forall tr x, byte_execution L base clients tr x ->
  forall c b, nth_error (places x) c = Some b ->
  at_end clients c b \/ exists v x', byte_step L base clients c x v x' /\ v <> Some Did_halt.
Proof.
  intros I Rel arch prefix T N O file Ok Fits Right S L clients Never base Placed tr x Run c b.
  exact (bytes_progress (G := mkRunning (mkSetting prefix T Ok N O 32 width_32 Fits) clients)
    eq_refl Never arch L (stride_of T file) base (object_right arch prefix T file Right) Placed tr x c b
    (object_closed arch prefix file) Run).
Qed.

(** Between two requests to memory, and from the last to the return, a call makes at most
    [own_bound] steps of its own: micro-operations, and ends of instructions. *)
Theorem bytes_few_own_steps :
  forall I Rel (arch : target I Rel) prefix T N O file, table_ok T = true -> Z.of_nat N <= 2 ^ 32 ->
  object_ok arch prefix T file = true ->
  let S := table_system T N O in let L := object_library arch prefix file in
  forall clients : cpu -> client S, never_breaches clients T ->
  forall base, placed L base -> forall tr x, byte_execution L base clients tr x ->
  forall c o history before s n s', nth_error (places x) c = Some (Running o history before s) ->
  owns (lib_code L) base n s s' -> (n <= own_bound)%nat.
Proof.
  intros I Rel arch prefix T N O file Ok Fits Right S L clients Never base Placed tr x Run c o history before s n s'.
  exact (bytes_bounded (G := mkRunning (mkSetting prefix T Ok N O 32 width_32 Fits) clients)
    eq_refl Never arch L (stride_of T file) base (object_right arch prefix T file Right) Placed tr x c o
    history before s n s' (object_bounded arch prefix T file Right) Run).
Qed.

(** Instances: two CPUs that contend for one lock, on what compilers made: for aarch64 with LL/SC, with LSE,
    and with a stack frame, for riscv64, and for x86_64.  Such executions are computed in object/cases.v and
    object/ported_cases.v; and there are pieces of wrong code of which [included] or [unstuck] is false. *)
Local Lemma both_never : never_breaches both sample.
Proof. exact (proj2 (contended_premises 1 (or_introl eq_refl))). Qed.
Theorem bytes_included : forall I Rel (arch : target I Rel) file, object_ok arch "" sample file = true ->
  included arch file /\ unstuck arch file.
Proof.
  intros I Rel arch file Right; assert (Fits : Z.of_nat 2 <= 2 ^ 32) by discriminate; split.
  - exact (bytes_correct I Rel arch "" sample 2 numbers file sample_accepted Fits Right both both_never).
  - exact (bytes_not_stuck I Rel arch "" sample 2 numbers file sample_accepted Fits Right both both_never).
Qed.
Example contended_code : included aarch64 llsc /\ included aarch64 lse /\ included riscv64 amo /\
  included x86_64 xadd /\ included aarch64 lse_framed /\ unstuck aarch64 llsc /\ unstuck aarch64 lse /\
  unstuck riscv64 amo /\ unstuck x86_64 xadd /\ unstuck aarch64 lse_framed.
Proof.
  destruct (bytes_included _ _ aarch64 llsc llsc_right), (bytes_included _ _ aarch64 lse lse_right),
    (bytes_included _ _ riscv64 amo amo_right), (bytes_included _ _ x86_64 xadd xadd_right),
    (bytes_included _ _ aarch64 lse_framed lse_framed_right).
  repeat (split; [assumption|]); assumption.
Qed.

(** ** Nobody waits for ever *)

(** At each time one CPU has a turn: it makes a step, or has finished, or sleeps in a wait for an event while its
    event register is clear ([byte_turns]).  If no store-exclusive fails more than [R] times in a row; clients are
    orderly (as in guarantees.v: what they acquire is on a higher level than all that they hold, they go on while they
    hold, and a section has at most [B] operations, of which at most [A] acquire), whatever they are told; and no
    CPU halts but between two operations with nothing held: an acquire that has been called returns within
    [whole_rounds] times [step_turns R] rounds, in each of which each CPU has a turn, or has finished. *)
Theorem bytes_starvation_freedom : forall I Rel (arch : target I Rel) prefix T N O file above A B R,
  table_ok T = true -> Z.of_nat N <= 2 ^ 32 -> object_ok arch prefix T file = true ->
  let S := table_system T N O in let L := object_library arch prefix file in
  forall clients : cpu -> client S, never_breaches clients T ->
  (forall c, orderly (is_told clients c) (clients c) above A B) ->
  forall base, placed L base -> forall run who last, byte_turns L base clients run who last ->
  fails_at_most L base run who R last ->
  forall n c f i history before s, (c < N)%nat ->
  nth_error (places (run n)) c = Some (Running (Op_acquire f i) history before s) ->
  byte_rounds clients run who (whole_rounds A B N (Datatypes.S (above (lock_id f i))) * step_turns R) n last ->
  byte_over c history (run last).
Proof.
  intros I Rel arch prefix T N O file above A B R Ok Fits Right S L clients Never Orderly base Placed run who
    last Turns Few.
  exact (live.bytes_starvation_freedom (G := mkRunning (mkSetting prefix T Ok N O 32 width_32 Fits) clients)
    eq_refl Never arch L (stride_of T file) base (object_right arch prefix T file Right)
    Placed (object_closed arch prefix file) (object_bounded arch prefix T file Right) run who last R Turns
    Few above A B Orderly).
Qed.

(** Then, too, whatever a CPU that has work does or waits for, the operation that it is at ends, within
    [whole_rounds] of all levels. *)
Theorem bytes_deadlock_freedom : forall I Rel (arch : target I Rel) prefix T N O file above A B R levels,
  table_ok T = true -> Z.of_nat N <= 2 ^ 32 -> object_ok arch prefix T file = true ->
  let S := table_system T N O in let L := object_library arch prefix file in
  forall clients : cpu -> client S, never_breaches clients T ->
  (forall c, orderly (is_told clients c) (clients c) above A B) ->
  (forall f i, List.In f T -> in_family f i = true -> (above (lock_id f i) < levels)%nat) ->
  forall base, placed L base -> forall run who last, byte_turns L base clients run who last ->
  fails_at_most L base run who R last ->
  forall n c b history, (c < N)%nat -> nth_error (places (run n)) c = Some b -> history_of b = Some history ->
  clients c history <> None ->
  byte_rounds clients run who (whole_rounds A B N levels * step_turns R) n last -> byte_over c history (run last).
Proof.
  intros I Rel arch prefix T N O file above A B R levels Ok Fits Right S L clients Never Orderly Levels base Placed
    run who last Turns Few n c b history Cpu.
  exact (live.bytes_deadlock_freedom (G := mkRunning (mkSetting prefix T Ok N O 32 width_32 Fits) clients)
    eq_refl Never arch L (stride_of T file) base (object_right arch prefix T file Right)
    Placed (object_closed arch prefix file) (object_bounded arch prefix T file Right) run who last R Turns
    Few above A B Orderly levels n c b history Cpu Levels).
Qed.

(** The same of infinite executions, in which each CPU that has not finished has turns again and again
    ([byte_fair]): every acquire that is called returns. *)
Theorem bytes_starvation_freedom_forever : forall I Rel (arch : target I Rel) prefix T N O file above A B R,
  table_ok T = true -> Z.of_nat N <= 2 ^ 32 -> object_ok arch prefix T file = true ->
  let S := table_system T N O in let L := object_library arch prefix file in
  forall clients : cpu -> client S, never_breaches clients T ->
  (forall c, orderly (is_told clients c) (clients c) above A B) ->
  forall base, placed L base -> forall run who, byte_infinite L base clients run who -> byte_fair clients run who ->
  (forall last, fails_at_most L base run who R last) ->
  forall n c f i history before s, (c < N)%nat ->
  nth_error (places (run n)) c = Some (Running (Op_acquire f i) history before s) ->
  exists m, (n <= m)%nat /\ byte_over c history (run m).
Proof.
  intros I Rel arch prefix T N O file above A B R Ok Fits Right S L clients Never Orderly base Placed run who Turns Fair
    Few n c f i history before s Cpu At.
  destruct (byte_rounds_come (G := mkRunning (mkSetting prefix T Ok N O 32 width_32 Fits) clients) L base run who
    Turns Fair (whole_rounds A B N (Datatypes.S (above (lock_id f i))) * step_turns R) n) as (m & Later & Rounds).
  exists m; split; [exact Later|].
  exact (bytes_starvation_freedom I Rel arch prefix T N O file above A B R Ok Fits Right clients Never Orderly base
    Placed run who m (Turns m) (Few m) n c f i history before s Cpu At Rounds).
Qed.

(** Two CPUs that contend, on any bytes that the checker accepts; an execution that meets every premise is, of
    aarch64, [contended_for_ever] (object/live_cases.v).  Without the one on store-exclusives it is false of right
    bytes; with it, of bytes that poll and do not load again, and of bytes that load the tickets again before they try
    to store: these, too, are of aarch64. *)
Theorem bytes_waits_end : forall I Rel (arch : target I Rel) file, object_ok arch "" sample file = true ->
  waits_end arch true file.
Proof.
  intros I Rel arch file Right base Placed run who R Turns Fair Few.
  assert (Fits : Z.of_nat 2 <= 2 ^ 32) by discriminate.
  exact (bytes_starvation_freedom_forever I Rel arch "" sample 2 numbers file (rank_levels sample) 0 2 R
    sample_accepted Fits Right trusting trusting_never trusting_orderly base Placed run who Turns Fair (Few eq_refl)).
Qed.
Example llsc_waits_end : waits_end aarch64 true llsc /\ waits_end aarch64 true lse /\ ~ waits_end aarch64 false llsc /\
  ~ waits_end aarch64 true no_reload /\ ~ waits_end aarch64 true loads_again.
Proof.
  exact (conj (bytes_waits_end _ _ aarch64 llsc llsc_right) (conj (bytes_waits_end _ _ aarch64 lse lse_right)
    (conj unlucky_starve (conj no_reload_starves loads_again_starves)))).
Qed.
Example amo_waits_end : waits_end riscv64 true amo /\ waits_end x86_64 true xadd.
Proof. exact (conj (bytes_waits_end _ _ riscv64 amo amo_right) (bytes_waits_end _ _ x86_64 xadd xadd_right)). Qed.

(** ** On relaxed memory *)

(** Executions that the model of Armv8 allows, in which each CPU runs the bytes of such an object: which events
    an action has says the code, and no list.  They are as if memory were consistent, in each CPU's
    view, and the locks one atomic step each ([as_if_consistent], in hardware.v): sections of a lock are
    apart, in the order of their tickets, nobody races, and a read of an object returns the last write.
    What a CPU was told last is what its thread of the C was told.  Whatever they are answered, clients call
    functions of the table, with an index in range. *)
Theorem hlock_armv8_bytes :
  forall prefix T N O file, table_ok T = true -> Z.of_nat N <= 2 ^ 32 -> object_ok aarch64 prefix T file = true ->
  let S := table_system T N O in let L := object_library aarch64 prefix file in
  forall clients : cpu -> client S, calls_of_table T clients ->
  forall base, placed L base -> forall (h : execution S a64) lob g seen last,
  well_formed h 32 -> contains h lob -> armv8_consistent h lob -> contracts h g ->
  runs_bytes armv8_lists L (stride_of T file) base clients h seen last -> good_clients T clients g ->
  exists last', as_if_consistent (stack prefix T) 32 clients g seen last' /\
    forall c, (c < N)%nat -> history_of (last c) = model.told (last' c).
Proof.
  intros prefix T N O file Ok Fits Right S L clients Calls base Placed h lob g seen last Well Has Is Con Runs Good.
  destruct (bytes_run_the_c (G := mkRunning (mkSetting prefix T Ok N O 32 width_32 Fits) clients) eq_refl Calls aarch64
    L _ base (object_right aarch64 prefix T file Right) Placed h seen last Runs)
    as (Made & last' & Threads & Told); exists last'; split; [|exact Told].
  exact (hlock_armv8 prefix T N O 32 Ok width_32 Fits clients h lob g seen last' Well Has Is Made Con Threads Good).
Qed.

(** The same of RISC-V. *)
Theorem hlock_riscv_bytes :
  forall prefix T N O file, table_ok T = true -> Z.of_nat N <= 2 ^ 32 -> object_ok riscv64 prefix T file = true ->
  let S := table_system T N O in let L := object_library riscv64 prefix file in
  forall clients : cpu -> client S, calls_of_table T clients ->
  forall base, placed L base -> forall (h : execution S riscv) ppo g seen last,
  well_formed h 32 -> contains_ppo h ppo -> riscv_consistent h ppo -> contracts h g ->
  runs_bytes riscv_lists L (stride_of T file) base clients h seen last -> good_clients T clients g ->
  exists last', as_if_consistent (stack prefix T) 32 clients g seen last' /\
    forall c, (c < N)%nat -> history_of (last c) = model.told (last' c).
Proof.
  intros prefix T N O file Ok Fits Right S L clients Calls base Placed h ppo g seen last Well Has Is Con Runs Good.
  destruct (bytes_run_the_c (G := mkRunning (mkSetting prefix T Ok N O 32 width_32 Fits) clients) eq_refl Calls riscv64
    L _ base (object_right riscv64 prefix T file Right) Placed h seen last Runs)
    as (Made & last' & Threads & Told); exists last'; split; [|exact Told].
  exact (hlock_riscv prefix T N O 32 Ok width_32 Fits clients h ppo g seen last' Well Has Is Made Con Threads Good).
Qed.

(** The same of x86, of clients that never break the contract on the atomic machine. *)
Theorem hlock_x86_bytes :
  forall prefix T N O file, table_ok T = true -> Z.of_nat N <= 2 ^ 32 -> object_ok x86_64 prefix T file = true ->
  let S := table_system T N O in let L := object_library x86_64 prefix file in
  forall clients : cpu -> client S, calls_of_table T clients ->
  forall base, placed L base -> forall (h : execution S x86) ppo g seen last,
  well_formed h 32 -> contains_po_ghb h ppo -> x86_consistent h ppo -> contracts h g ->
  runs_bytes x86_lists L (stride_of T file) base clients h seen last -> never_breaches clients T ->
  exists last', as_if_consistent (stack prefix T) 32 clients g seen last' /\
    forall c, (c < N)%nat -> history_of (last c) = model.told (last' c).
Proof.
  intros prefix T N O file Ok Fits Right S L clients Calls base Placed h ppo g seen last Well Has Is Con Runs Never.
  destruct (bytes_run_the_c (G := mkRunning (mkSetting prefix T Ok N O 32 width_32 Fits) clients) eq_refl Calls x86_64
    L _ base (object_right x86_64 prefix T file Right) Placed h seen last Runs)
    as (Made & last' & Threads & Told); exists last'; split; [|exact Told].
  exact (hlock_x86 prefix T N O 32 Ok width_32 Fits clients h ppo g seen last' Well Has Is Made Con Threads Never).
Qed.

(** Nothing that such a CPU asks memory for is left out there: each request is one of the accesses that have
    a name, to a word of the array, whatever was answered before; and it goes back to its caller, with
    the registers kept. *)
Theorem bytes_requests_named :
  forall I Rel (arch : target I Rel) prefix T N O file, table_ok T = true -> Z.of_nat N <= 2 ^ 32 ->
  object_ok arch prefix T file = true ->
  let S := table_system T N O in let L := object_library arch prefix file in let stride := stride_of T file in
  forall clients : cpu -> client S, calls_of_table T clients ->
  forall base, placed L base -> forall c did vis o history before s q,
  byte_alone (lists arch) L stride base (clients c) did vis (Running o history before s) q ->
  named L stride base before q (asks base (lib_code L) s).
Proof.
  intros I Rel arch prefix T N O file Ok Fits Right S L stride clients Calls base Placed c did vis o history before s q.
  exact (requests_named (G := mkRunning (mkSetting prefix T Ok N O 32 width_32 Fits) clients)
    eq_refl arch L stride base (object_right arch prefix T file Right) Placed c Calls did vis o history before s
    q (object_closed arch prefix file)).
Qed.

(** What is as if memory were consistent is what [right_on] asks for. *)
Local Lemma as_if_right text width clients (g : graph two) seen last :
  as_if_consistent text width clients g seen last ->
  hardware.keeps g /\ exists tr y, atomic_execution clients tr y /\ forall c, (c < 2)%nat -> seen_by c tr = seen c.
Proof.
  intros As_if; split; [exact (as_if_keeps _ _ _ _ _ _ _ As_if)|].
  destruct As_if as ((ids & tr & x & y & _ & _ & _ & Each & Above & _) & _); exists tr, y; split; [exact Above|].
  intros c Cpu; exact (proj1 (Each c Cpu)).
Qed.
Local Lemma fits_two : Z.of_nat 2 <= 2 ^ 32.
Proof. discriminate. Qed.
(** It is so of the two CPUs of [contended_on_armv8] (object/relaxed_cases.v), [contended_on_riscv] and
    [contended_on_x86] (object/ported_cases.v), which contend on what compilers made, by each model in full ([right_on]:
    what the lock is for, and what was seen is seen of the atomic machine).  And it is false of wrong bytes there:
    polls by LDXR, a release by STR; polls and a release without their fences; an acquire that does not compare. *)
Theorem armv8_bytes_keep : forall file, object_ok aarch64 "" sample file = true -> right_on_armv8 file.
Proof.
  intros file Right clients Contract Calls base Placed h g seen last Well Is Con Runs.
  destruct (hlock_armv8_bytes "" sample 2 numbers file sample_accepted fits_two Right clients Calls base Placed h
    (armv8_model.full_lob h) g seen last Well (full_contains h) Is Con Runs (or_introl Contract))
    as (last' & As_if & _).
  exact (as_if_right _ _ _ _ _ _ As_if).
Qed.
Theorem riscv_bytes_keep : forall file, object_ok riscv64 "" sample file = true -> right_on_riscv file.
Proof.
  intros file Right clients Contract Calls base Placed h g seen last Well Is Con Runs.
  destruct (hlock_riscv_bytes "" sample 2 numbers file sample_accepted fits_two Right clients Calls base Placed h
    (riscv_model.full_ppo h) g seen last Well (riscv.full_ppo_contains h) Is Con Runs (or_introl Contract))
    as (last' & As_if & _).
  exact (as_if_right _ _ _ _ _ _ As_if).
Qed.
Theorem x86_bytes_keep : forall file, object_ok x86_64 "" sample file = true -> right_on_x86 file.
Proof.
  intros file Right clients Contract Calls base Placed h g seen last Well Is Con Runs.
  destruct (hlock_x86_bytes "" sample 2 numbers file sample_accepted fits_two Right clients Calls base Placed h
    (x86_model.full_ppo h) g seen last Well (x86.full_ppo_contains h) Is Con Runs
    (guarantees.contract_suffices sample 2 numbers clients Contract))
    as (last' & As_if & _).
  exact (as_if_right _ _ _ _ _ _ As_if).
Qed.
Example llsc_on_armv8 : right_on_armv8 llsc /\ right_on_armv8 lse /\
  ~ right_on_armv8 poll_by_LDXR /\ ~ right_on_armv8 release_by_STR.
Proof.
  exact (conj (armv8_bytes_keep llsc llsc_right) (conj (armv8_bytes_keep lse lse_right)
    (conj poll_by_LDXR_refuted release_by_STR_refuted))).
Qed.
Example amo_on_riscv : right_on_riscv amo /\ ~ right_on_riscv poll_without /\ ~ right_on_riscv release_without.
Proof. exact (conj (riscv_bytes_keep amo amo_right) (conj poll_without_refuted release_without_refuted)). Qed.
Example xadd_on_x86 : right_on_x86 xadd /\ ~ right_on_x86 no_comparison.
Proof. exact (conj (x86_bytes_keep xadd xadd_right) no_comparison_refuted). Qed.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * hlock: the theorems on the memory of Armv8, RISC-V, x86 and C11

    What relaxed.v says of relaxed executions, said of executions that the published model of a
    machine, or of C, allows.  Each CPU runs the C that is compiled; each action of it on memory
    is made of instructions: one of the lists that machine/hardware has for it.  The order that a
    CPU keeps is any that contains the edges named there: so whatever more a CPU, or an edition of
    the model, keeps in order, changes nothing.

    That nothing comes out of thin air is asked of clients that are good on the atomic machine
    alone ([good_clients]).  x86 and RC11 allow nothing else, so there it is not asked.  Armv8 and
    RISC-V forbid it of dependencies only, and what a client computes is not in their events.

    The names that stand in the statements, and where they are defined:
      layers/L4_locks/contract.v     keep_contract
      layers/L4_locks/examples.v     two
      layers/L4_locks/sample.v       sample
      layers/L4_locks/spec.v         client, table_system
      layers/table/table.v           table_ok
      layers/view/spec.v             cpu
      machine/cases/armv8_cases.v    by_lists
      machine/cases/examples.v       both
      machine/cases/hardware.v       keeps, lists_of, lock_right
      machine/cases/wrong.v          of_cpus
      machine/hardware/armv8_model.v LDAXR, LDR, STLR, STLXR, a64, armv8_consistent, armv8_lists,
                                     contains, full_lob
      machine/hardware/c11_model.v   c11, c11_lists, contains_sw, race, rc11_consistent
      machine/hardware/events.v      accesses, contracts, execution, made_of, runs_threads,
                                     well_formed
      machine/hardware/riscv_model.v contains_ppo, riscv, riscv_consistent, riscv_lists
      machine/hardware/x86_model.v   contains_po_ghb, x86, x86_consistent, x86_lists
      machine/model/atomic.v         never_breaches
      machine/relaxed/claims.v       good_clients
      machine/relaxed/model.v        graph, relaxed_execution, shipped_orders
      stack/examples.v               sample_text
      stack/linked.v                 stack
    The names in the definition of [as_if_consistent] are those of relaxed.v's list.  Wrong instructions and wrong
    orders, each refuted by the model in full ([wrong_here_too]): armv8_cases.v, riscv_cases.v, x86_cases.v and
    c11_cases.v of machine/cases.  The edges of each model, used and not used: doc/memory.md. *)
From Coq Require Import ZArith List.
From hlock.layers.table Require Import table.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L4_locks Require Import spec text sample examples.
From hlock.stack Require Import linked examples.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import no_breach.
From hlock.machine.relaxed Require Import model turns embedding sections careful.
From hlock.machine.hardware Require Import events halves armv8 riscv x86 c11.
From hlock.machine.cases Require Import examples hardware armv8_cases riscv_cases x86_cases c11_cases.
From hlock.main Require Import relaxed.
Local Open Scope Z_scope.

(** All that relaxed.v says of an execution: as [hlock_relaxed] there has it, there is one on
    sequentially consistent memory in which each CPU was seen to do the same, and one of the machine
    of atomic locks; sections of a lock are apart, in the order of their tickets; nobody races; and a
    read of an object returns the last write. *)
Definition as_if_consistent {S : system} (text : program) (width : Z) (clients : cpu -> client S)
    (g : graph S) (seen : cpu -> list (visible S)) (last : cpu -> thread S) : Prop :=
  let before := hb shipped_orders g in
  (exists ids tr x y, consistent_order g ids /\
     machine.execution text width (sc_memory S width) clients tr x /\ contents x = log_of g ids /\
     (forall c, (c < cpus S)%nat -> seen_by c tr = seen c /\
       exists t, nth_error (threads x) c = Some t /\ same_place text width (clients c) (last c) t) /\
     atomic_execution clients tr y /\ forall l k, object l k (happened y) = object l k (contents x)) /\
  (forall l x y, enters_at g l x -> enters_at g l y -> x <> y ->
     (exists s, leaves_at g l x s /\ before s y) \/ (exists s, leaves_at g l y s /\ before s x)) /\
  (forall l x y k m, enters_at g l x -> enters_at g l y -> x <> y -> ticket_at g l k x -> ticket_at g l m y ->
     before x y <-> model.co g k m) /\
  (forall l k x y, x <> y -> accesses_at g l k x -> accesses_at g l k y -> before x y \/ before y x) /\
  (forall l k x, loads_at g x (Object l k) ->
     match model.rf g x with
     | Some w => before w x /\ forall w', stores_at g w' (Object l k) -> before w' x -> w' = w \/ before w' w
     | None => forall w', stores_at g w' (Object l k) -> ~ before w' x
     end).

Corollary relaxed_as_if : forall prefix T N O width (clients : cpu -> client (table_system T N O)) g seen last,
  table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width -> good_clients T clients g ->
  relaxed_execution shipped_orders (stack prefix T) width clients g seen last ->
  as_if_consistent (stack prefix T) width clients g seen last.
Proof.
  intros prefix T N O width clients g seen last Ok Width Fits Good Relaxed; repeat split.
  - exact (hlock_relaxed prefix T N O width Ok Width Fits clients g seen last Good Relaxed).
  - exact (relaxed_exclusion prefix T N O width clients g seen last Ok Width Fits Good Relaxed).
  - now apply (relaxed_fifo prefix T N O width clients g seen last Ok Width Fits Good Relaxed l x y k m).
  - now apply (relaxed_fifo prefix T N O width clients g seen last Ok Width Fits Good Relaxed l x y k m).
  - exact (no_data_race prefix T N O width clients g seen last Ok Width Fits Good Relaxed).
  - exact (relaxed_owned prefix T N O width clients g seen last Ok Width Fits Good Relaxed).
Qed.

(** ** The four models *)

(** Armv8: a ticket by LDAXR and STLXR, tried as often as it fails, or by LDADDAL; a poll by LDAXR, LDAR or
    LDAPR; a release by LDR and STLR ([armv8_lists]).  [lob] contains [A|Q]; po, po; [L], and rmw. *)
Corollary hlock_armv8 : forall prefix T N O width, table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width ->
  let S := table_system T N O in let text := stack prefix T in
  forall (clients : cpu -> client S) (h : execution S a64) lob g seen last,
  well_formed h width -> contains h lob -> armv8_consistent h lob ->
  made_of h armv8_lists -> contracts h g -> runs_threads text width clients h seen last ->
  good_clients T clients g -> as_if_consistent text width clients g seen last.
Proof.
  intros prefix T N O width Ok Width Fits S text clients h lob g seen last Well Has Is Made Contracts Runs Good.
  apply relaxed_as_if, (relaxed_of _ _ _ _ h); auto.
  exact (armv8_is_relaxed S h lob width g Well Has Is Made Contracts).
Qed.

(** RISC-V: a ticket by AMOADD.W.AQRL, or by AMOADD.W.AQ after FENCE RW,W; a poll by LW before FENCE R,RW or
    RW,RW; a release by LW, FENCE RW,W and SW or AMOSWAP.W ([riscv_lists]).  [ppo] contains r4, r5, r6 and r8. *)
Corollary hlock_riscv : forall prefix T N O width, table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width ->
  let S := table_system T N O in let text := stack prefix T in
  forall (clients : cpu -> client S) (h : execution S riscv) ppo g seen last,
  well_formed h width -> contains_ppo h ppo -> riscv_consistent h ppo ->
  made_of h riscv_lists -> contracts h g -> runs_threads text width clients h seen last ->
  good_clients T clients g -> as_if_consistent text width clients g seen last.
Proof.
  intros prefix T N O width Ok Width Fits S text clients h ppo g seen last Well Has Is Made Contracts Runs Good.
  apply relaxed_as_if, (relaxed_of _ _ _ _ h); auto.
  exact (riscv_is_relaxed S h ppo width g Well Has Is Made Contracts).
Qed.

(** x86: a ticket by LOCK XADD, a poll by MOV, a release by INC or two MOVs, without LOCK ([x86_lists]).
    [ppo] contains po_ghb, all but a write before a later read. *)
Corollary hlock_x86 : forall prefix T N O width, table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width ->
  let S := table_system T N O in let text := stack prefix T in
  forall (clients : cpu -> client S) (h : execution S x86) ppo g seen last,
  well_formed h width -> contains_po_ghb h ppo -> x86_consistent h ppo ->
  made_of h x86_lists -> contracts h g -> runs_threads text width clients h seen last ->
  never_breaches clients T -> as_if_consistent text width clients g seen last.
Proof.
  intros prefix T N O width Ok Width Fits S text clients h ppo g seen last Well Has Is Made Contracts Runs Never.
  apply relaxed_as_if, (relaxed_of _ _ _ _ h); auto.
  - right; split; [exact Never|exact (x86_no_thin_air S h ppo width g Well Has Is Made Contracts)].
  - exact (x86_is_relaxed S h ppo width g Well Has Is Made Contracts).
Qed.

(** C11, as RC11 has it: the orders of arch/c11.h ([c11_lists]); accesses of objects are plain.  [sw] contains
    the reads by an acquire of what a release wrote.  And the C has no data race. *)
Corollary hlock_c11 : forall prefix T N O width, table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width ->
  let S := table_system T N O in let text := stack prefix T in
  forall (clients : cpu -> client S) (h : execution S c11) sw g seen last,
  well_formed h width -> contains_sw h sw -> rc11_consistent h sw ->
  made_of h c11_lists -> contracts h g -> runs_threads text width clients h seen last ->
  never_breaches clients T ->
  as_if_consistent text width clients g seen last /\ forall e f, ~ race h sw e f.
Proof.
  intros prefix T N O width Ok Width Fits S text clients h sw g seen last Well Has Is Made Contracts Runs Never; split.
  - apply relaxed_as_if, (relaxed_of _ _ _ _ h); auto.
    + right; split; [exact Never|exact (c11_no_thin_air h sw width g Well Is Made Contracts)].
    + exact (c11_is_relaxed S h sw width g Well Has Is Made Contracts).
  - apply (c11_race_free prefix T N O width clients Ok Width Fits Never h sw g seen last); assumption.
Qed.

(** ** Wrong locks

    What these are refuted against in machine/cases ([keeps]: two are not inside one lock; a read that comes
    after a write does not read what was there before it; none reads what is written later) is part of what
    is said here.  So what is said here is false of each of them. *)
Theorem as_if_keeps : forall S text width clients (g : graph S) seen last,
  as_if_consistent text width clients g seen last -> keeps g.
Proof.
  intros S text width clients g seen last ((ids & _ & _ & _ & Order & _) & Apart & _).
  apply (order_keeps g ids Order); intros l x y X Y Other.
  destruct (Apart l x y X Y Other) as [(s & Is & _)|(s & Is & _)]; eauto.
Qed.
Corollary wrong_here_too : forall I (K : accesses I) (axioms : forall S, execution S I -> Prop) lists N w,
  ~ lock_right axioms lists N w ->
  ~ forall clients : cpu -> client (of_cpus N), keep_contract sample clients ->
    forall (h : execution (of_cpus N) I) g seen last, well_formed h w -> axioms (of_cpus N) h ->
    made_of h lists -> contracts h g -> runs_threads sample_text w clients h seen last ->
    as_if_consistent sample_text w clients g seen last.
Proof.
  intros I K axioms lists N w Wrong All; apply Wrong; intros clients Contract h g seen last Well Is Made Con Runs.
  exact (as_if_keeps _ _ _ _ _ _ _ (All clients Contract h g seen last Well Is Made Con Runs)).
Qed.
(** For one: on Armv8 with polls by LDR. *)
Example armv8_poll_by_LDR :
  let lists := lists_of (armv8_cases.by_lists (LDAXR :: STLXR :: nil) (LDR :: nil) (STLR :: nil)) in
  ~ forall clients : cpu -> client (of_cpus 2), keep_contract sample clients ->
    forall (h : execution (of_cpus 2) a64) g seen last, well_formed h 1 -> armv8_consistent h (full_lob h) ->
    made_of h lists -> contracts h g -> runs_threads sample_text 1 clients h seen last ->
    as_if_consistent sample_text 1 clients g seen last.
Proof. exact (wrong_here_too _ _ _ _ _ _ poll_by_LDR). Qed.

(** ** An instance of each

    Two CPUs contend for one lock, with words of one bit.  CPU 1 polls in vain while CPU 0 is inside, and
    enters when it has left.  By the model in full: all that its file has, not the named edges alone. *)
Definition contend (g : graph two) : Prop :=
  enters_at g pt3 (0, 1)%nat /\ enters_at g pt3 (1, 2)%nat /\
  does g (1, 1)%nat = Some (Lock pt3 (Polled 0)) /\ kept g (1, 1)%nat = false.

(** The clients' texts keep the contract; so they are good, and never break it. *)
Example both_good : never_breaches both sample /\ forall g, good_clients sample both g.
Proof. split; [exact (contract_suffices _ _ both_contract)|intros g; left; exact both_contract]. Qed.

(** CPU 1's ticket is by exclusives, of which one try failed; CPU 0's by LDADDAL. *)
Example armv8_contend : exists (h : execution two a64) lob g seen last,
  well_formed h 1 /\ contains h lob /\ armv8_consistent h lob /\
  made_of h armv8_lists /\ contracts h g /\ runs_threads sample_text 1 both h seen last /\ contend g.
Proof.
  destruct contended_armv8 as (h & g & seen & last & Well & Has & Is & Made & Con & Runs & Polls & Vain & X & Y & _).
  exists h, (full_lob h), g, seen, last; unfold contend; auto 12.
Qed.
Example riscv_contend : exists (h : execution two riscv) ppo g seen last,
  well_formed h 1 /\ contains_ppo h ppo /\ riscv_consistent h ppo /\
  made_of h riscv_lists /\ contracts h g /\ runs_threads sample_text 1 both h seen last /\ contend g.
Proof.
  destruct contended_riscv as (h & g & seen & last & Well & Is & Made & Con & Runs & Polls & Vain & X & Y & _).
  exists h, (riscv_model.full_ppo h), g, seen, last; unfold contend; auto 12 using riscv.full_ppo_contains.
Qed.
Example x86_contend : exists (h : execution two x86) ppo g seen last,
  well_formed h 1 /\ contains_po_ghb h ppo /\ x86_consistent h ppo /\
  made_of h x86_lists /\ contracts h g /\ runs_threads sample_text 1 both h seen last /\ contend g.
Proof.
  destruct contended_x86 as (h & g & seen & last & Well & Is & Made & Con & Runs & Polls & Vain & X & Y & _).
  exists h, (x86_model.full_ppo h), g, seen, last; unfold contend; auto 12 using x86.full_ppo_contains.
Qed.
Example c11_contend : exists (h : execution two c11) sw g seen last,
  well_formed h 1 /\ contains_sw h sw /\ rc11_consistent h sw /\
  made_of h c11_lists /\ contracts h g /\ runs_threads sample_text 1 both h seen last /\ contend g.
Proof.
  destruct contended_c11 as (h & g & seen & last & Well & Has & Is & Made & Con & Runs & Polls & Vain & X & Y).
  exists h, (full_sw h), g, seen, last; unfold contend; auto 12.
Qed.

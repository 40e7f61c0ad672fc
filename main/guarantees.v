(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * hlock: what a kernel programmer gets

    Each statement has all its premises in it.  They are those of [hlock_correct]
    (theorem.v): an accepted table [T], N CPUs that words of [width] bits can tell
    apart, any objects [O], clients that never break the contract on the atomic
    machine, and an execution.  That the text of each client keeps the contract,
    whatever it is answered, is enough ([contract_suffices]).

    The names that stand in the statements, and where they are defined:
      layers/L0_machine/spec.v       Loaded, Out, Polled, Took, serving, words_phase
      layers/L4_locks/contract.v     keep_contract
      layers/L4_locks/examples.v     pt3, two
      layers/L4_locks/sample.v       core_family, pt_family, sample, vm_family
      layers/L4_locks/spec.v         Op_acquire, client, table_system
      layers/table/table.v           in_family, lock_id, table_ok
      layers/view/spec.v             Lock, Read, Wrote, cpu, object
      machine/cases/examples.v       both, trusting
      machine/cases/forever_cases.v  ever_longer
      machine/cases/live_examples.v  core_rounds, turns
      machine/cases/two_vms.v        vm_rounds, vms
      machine/live/endless.v         fair, goes_on_at, infinite_execution, keeps_order, sections_end
      machine/live/live.v            whole_rounds
      machine/live/orderly.v         chosen, climbs, follows_order, follows_ranks, history_of,
                                     lock_levels, orderly, over, rank_levels, rounds, segment
      machine/model/atomic.v         is_told, never_breaches
      machine/model/machine.v        contents, execution, first_state, machine_step, threads
      machine/model/memory.v         sc_memory
      machine/model/thread.v         Calling, Storing
      machine/safety/guaranteed.v    entered, enters, inside, own, seen_inside, stays, takers, touches
      stack/examples.v               sample_text
      stack/linked.v                 stack *)
From Coq Require Import ZArith List.
From hlock.layers.table Require Import table.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.layers.L4_locks Require Import spec contract sample examples.
From hlock.stack Require Import stack setting examples.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require no_breach.
From hlock.machine.safety Require Import history corollaries exclusion.
From hlock.machine.live Require Import live bound starvation infinite forever.
From hlock.machine.cases Require Import examples live_examples two_vms forever_cases.
Local Open Scope Z_scope.

(** A client's own text is enough: in its own program order it calls functions of the
    table, acquires what it does not hold, releases, reads and writes under what it
    holds, whatever it is answered.  Clients of which each is like that never break
    the contract.  It is not necessary: [two_trusting]. *)
Theorem contract_suffices : forall T N O (clients : cpu -> client (table_system T N O)),
  keep_contract T clients -> never_breaches clients T.
Proof. intros T N O; exact (no_breach.contract_suffices T). Qed.

(** Two CPUs are never inside one lock.  Inside is the thread's position in its C: its
    acquire has returned, and the store of its release is still to come. *)
Theorem mutual_exclusion : forall prefix T N O width (clients : cpu -> client (table_system T N O)),
  table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width -> never_breaches clients T ->
  forall tr x c c' l, execution (stack prefix T) width (sc_memory _ width) clients tr x ->
  inside (stack prefix T) clients x c l -> inside (stack prefix T) clients x c' l -> c = c'.
Proof.
  intros prefix T N O width clients Ok Width Fits Never.
  exact (corollaries.mutual_exclusion (G := mkRunning (mkSetting prefix T Ok N O width Width Fits) clients)
    Never).
Qed.

(** The same of calls and returns alone: an acquire has returned, its release is not
    yet called. *)
Theorem seen_exclusion : forall prefix T N O width (clients : cpu -> client (table_system T N O)),
  table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width -> never_breaches clients T ->
  forall tr x c c' l, execution (stack prefix T) width (sc_memory _ width) clients tr x ->
  seen_inside c l tr = true -> seen_inside c' l tr = true -> c = c'.
Proof.
  intros prefix T N O width clients Ok Width Fits Never.
  exact (exclusion.seen_exclusion (G := mkRunning (mkSetting prefix T Ok N O width Width Fits) clients) Never).
Qed.

(** Critical sections run in ticket order: those who have entered a lock are, in this
    order, the first of those who have taken a ticket. *)
Theorem ticket_order : forall prefix T N O width (clients : cpu -> client (table_system T N O)),
  table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width -> never_breaches clients T ->
  forall tr x l, execution (stack prefix T) width (sc_memory _ width) clients tr x ->
  exists later, takers _ l (contents x) = entered _ l (contents x) nil ++ later.
Proof.
  intros prefix T N O width clients Ok Width Fits Never.
  exact (corollaries.ticket_order (G := mkRunning (mkSetting prefix T Ok N O width Width Fits) clients) Never).
Qed.

(** First come, first served: after CPU [c] has its ticket and until it has entered,
    each other CPU enters at most once, and only if it took its own ticket before. *)
Theorem fifo : forall prefix T N O width (clients : cpu -> client (table_system T N O)),
  table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width -> never_breaches clients T ->
  forall tr x c l t b g c', execution (stack prefix T) width (sc_memory _ width) clients tr x ->
  contents x = b ++ (c, Lock l (Took t)) :: g -> let since := entered _ l b ((c, Lock l (Took t)) :: g) in
  ~ List.In c since -> c' <> c -> (count_occ Nat.eq_dec since c' <= 1)%nat /\
    (List.In c' since -> words_phase _ c' l g <> Out).
Proof.
  intros prefix T N O width clients Ok Width Fits Never.
  exact (corollaries.fifo (G := mkRunning (mkSetting prefix T Ok N O width Width Fits) clients) Never).
Qed.

(** The object is the holder's.  CPU [c] entered lock [l] with event [a], and [b] has
    happened since, in which it has not left: nobody else has touched the object, and
    each of its reads told it what it had written to that part itself, or if it had not,
    what the part was before it entered, as the last holder had left it. *)
Theorem object_owned : forall prefix T N O width (clients : cpu -> client (table_system T N O)),
  table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width -> never_breaches clients T ->
  forall tr x c l a b g, execution (stack prefix T) width (sc_memory _ width) clients tr x ->
  contents x = b ++ (c, a) :: g -> enters _ l (c, a) g = true -> stays _ c l b ->
  (forall c' k v, List.In (c', Read l k v) b \/ List.In (c', Wrote l k v) b -> c' = c) /\
  (forall b2 b1 k v, b = b2 ++ (c, Read l k v) :: b1 -> v = object l k (own _ c b1 ++ g)).
Proof.
  intros prefix T N O width clients Ok Width Fits Never.
  exact (corollaries.object_owned (G := mkRunning (mkSetting prefix T Ok N O width Width Fits) clients) Never).
Qed.

(** While CPU [c] is inside a lock, no step of another CPU touches a part of its object. *)
Theorem nobody_else_touches : forall prefix T N O width (clients : cpu -> client (table_system T N O)),
  table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width -> never_breaches clients T ->
  let text := stack prefix T in let M := sc_memory _ width in
  forall tr x c l c' v x', execution text width M clients tr x -> inside text clients x c l ->
  machine_step text width M clients c' x v x' -> touches l v -> c' = c.
Proof.
  intros prefix T N O width clients Ok Width Fits Never.
  exact (corollaries.nobody_else_touches (G := mkRunning (mkSetting prefix T Ok N O width Width Fits) clients)
    Never).
Qed.

(** Between the load and the store of a release nobody else loads or stores in order
    to release: they act as one. *)
Theorem incr_now_is_one : forall prefix T N O width (clients : cpu -> client (table_system T N O)),
  table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width -> never_breaches clients T ->
  forall tr x c o history l v k, execution (stack prefix T) width (sc_memory _ width) clients tr x ->
  nth_error (threads x) c = Some (Storing o history l v k) -> serving _ width l (contents x) = v /\
  exists b g, contents x = b ++ (c, Lock l (Loaded v)) :: g /\
    forall c' k', List.In (c', Lock l k') b -> c' <> c /\ (exists w, k' = Took w \/ k' = Polled w).
Proof.
  intros prefix T N O width clients Ok Width Fits Never.
  exact (corollaries.incr_now_is_one (G := mkRunning (mkSetting prefix T Ok N O width Width Fits) clients)
    Never).
Qed.

(** Nobody waits for ever.  If in each round each CPU that can step does so; clients are
    orderly (what they acquire is on a higher level than all that they hold, for some
    numbering of the locks by levels; they go on while they hold; and a critical section
    of theirs has at most [B] operations, of which at most [A] acquire), whatever they
    are told on the machine of atomic locks ([is_told]); and no CPU halts
    but between two operations with nothing held ([segment], [rounds]): an acquire that
    has been called returns within [whole_rounds] of as many levels as are not below the
    lock's.  The order of the table is such a numbering ([order_gives_levels] below).
    The bound is that of an operation alone, and of the critical sections before mine:
    with m = N-1 other CPUs and d levels they are m + A C(m,2) + .. + A^(d-1) C(m,d), and
    ((1+A)^m - 1) / A if d is at least m, however many levels there are ([sections_sum],
    [sections_full]; values in machine/live/bound.v). *)
Theorem starvation_freedom : forall prefix T N O width above A B (clients : cpu -> client (table_system T N O)),
  table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width -> never_breaches clients T ->
  (forall c, orderly (is_told clients c) (clients c) above A B) ->
  let text := stack prefix T in let M := sc_memory _ width in
  forall cs x c f i history s x', segment text width M clients (first_state M) cs x -> (c < N)%nat ->
  nth_error (threads x) c = Some (Calling (Op_acquire f i) history s) ->
  rounds text width M clients (whole_rounds A B N (S (above (lock_id f i)))) x x' -> over c history x'.
Proof.
  intros prefix T N O width above A B clients Ok Width Fits Never Orderly.
  exact (starvation.starvation_freedom (G := mkRunning (mkSetting prefix T Ok N O width Width Fits) clients)
           above A B Orderly Never).
Qed.

(** Then, too, whatever a CPU that has work does or waits for, the operation that it is
    at ends, within [whole_rounds] of all levels. *)
Theorem deadlock_freedom : forall prefix T N O width above A B levels (clients : cpu -> client (table_system T N O)),
  table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width -> never_breaches clients T ->
  (forall c, orderly (is_told clients c) (clients c) above A B) ->
  (forall f i, List.In f T -> in_family f i = true -> (above (lock_id f i) < levels)%nat) ->
  let text := stack prefix T in let M := sc_memory _ width in
  forall cs x c t history x', segment text width M clients (first_state M) cs x -> (c < N)%nat ->
  nth_error (threads x) c = Some t -> history_of t = Some history -> clients c history <> None ->
  rounds text width M clients (whole_rounds A B N levels) x x' -> over c history x'.
Proof.
  intros prefix T N O width above A B levels clients Ok Width Fits Never Orderly Levels text M cs x c t
    history x'.
  exact (starvation.deadlock_freedom (G := mkRunning (mkSetting prefix T Ok N O width Width Fits) clients)
           above A B Orderly Never levels cs x c t history x' Levels).
Qed.

(** The contract's order gives such a numbering: if clients acquire by rank, and in one
    family by index, they climb [lock_levels], as many levels as there are locks after
    one; if by rank alone, so that none holds two locks of one rank, that is a special
    case, and they climb [rank_levels] too, which are no more than ranks. *)
Theorem order_gives_levels : forall T S told (p : client S), table_ok T = true ->
  (follows_order T told p -> climbs told p (lock_levels T)) /\
  (follows_ranks T told p -> follows_order T told p /\ climbs told p (rank_levels T)).
Proof.
  intros T S told p Ok; split; [exact (bound.order_climbs T Ok told p)|intros Ranks].
  exact (conj (bound.ranks_follow T told p Ranks) (bound.ranks_climb T told p Ranks)).
Qed.

(** That the text of each client is orderly under all answers to what it chose is enough. *)
Theorem order_suffices : forall S (clients : cpu -> client S) above A B,
  (forall c, orderly (chosen (clients c)) (clients c) above A B) ->
  forall c, orderly (is_told clients c) (clients c) above A B.
Proof. exact (fun S => progress.orderly_text (S := S)). Qed.

(** The same of infinite executions, with no bound.  At each time one CPU has a turn, in
    which it makes a step or has finished ([infinite_execution]); each CPU that has not
    finished has turns again and again ([fair]).  If clients keep the order (what they
    acquire is on a higher level than all that they hold, and they go on while they hold:
    [keeps_order]), and each lets go of what it holds after finitely many operations of
    its own ([sections_end]), whatever they are told; and no CPU halts but between two
    operations with nothing held: every acquire that is called returns. *)
Theorem starvation_freedom_forever : forall prefix T N O width above (clients : cpu -> client (table_system T N O)),
  table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width -> never_breaches clients T ->
  (forall c, keeps_order (is_told clients c) (clients c) above) ->
  (forall c, sections_end (is_told clients c) (clients c)) ->
  let text := stack prefix T in let M := sc_memory _ width in
  forall run who, infinite_execution text width M clients run who -> fair M clients run who ->
  forall n c f i history s, (c < N)%nat ->
  nth_error (threads (run n)) c = Some (Calling (Op_acquire f i) history s) ->
  exists m, (n <= m)%nat /\ over c history (run m).
Proof.
  intros prefix T N O width above clients Ok Width Fits Never Order Ends text M run who Runs Fair.
  exact (forever.starvation_freedom_forever (G := mkRunning (mkSetting prefix T Ok N O width Width Fits) clients)
           Never above Order run who Runs Fair Ends).
Qed.

(** However long sections are, and if they do not end: while a CPU is in an acquire, some
    acquire returns later, or a CPU that holds a lock and is in no acquire makes a step
    ([goes_on_at]).  So while somebody waits, this happens again and again. *)
Theorem deadlock_freedom_forever : forall prefix T N O width above (clients : cpu -> client (table_system T N O)),
  table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width -> never_breaches clients T ->
  (forall c, keeps_order (is_told clients c) (clients c) above) ->
  let text := stack prefix T in let M := sc_memory _ width in
  forall run who, infinite_execution text width M clients run who -> fair M clients run who ->
  forall n c f i history s, (c < N)%nat ->
  nth_error (threads (run n)) c = Some (Calling (Op_acquire f i) history s) ->
  exists m, (n <= m)%nat /\ goes_on_at text width M clients run who m.
Proof.
  intros prefix T N O width above clients Ok Width Fits Never Order text M run who Runs Fair.
  exact (forever.deadlock_freedom_forever (G := mkRunning (mkSetting prefix T Ok N O width Width Fits) clients)
           Never above Order run who Runs Fair).
Qed.

(** That this is so of the text of each client, under all answers to what it chose, is
    enough; and so is that the client is orderly, with any bounds. *)
Theorem order_suffices_forever : forall S (clients : cpu -> client S) above A B,
  ((forall c, keeps_order (chosen (clients c)) (clients c) above) ->
   forall c, keeps_order (is_told clients c) (clients c) above) /\
  ((forall c, sections_end (chosen (clients c)) (clients c)) ->
   forall c, sections_end (is_told clients c) (clients c)) /\
  forall c, orderly (is_told clients c) (clients c) above A B ->
    keeps_order (is_told clients c) (clients c) above /\ sections_end (is_told clients c) (clients c).
Proof.
  intros S clients above A B; split; [exact (infinite.keeps_order_text clients above)|].
  split; [exact (infinite.sections_end_text clients)|intros c Orderly; split].
  - exact (infinite.orderly_keeps_order _ _ above A B Orderly).
  - exact (infinite.orderly_sections_end _ _ above A B Orderly).
Qed.

(** ** Instances: two CPUs, words of one bit, a small table *)
Example two_never_inside : forall tr x c c', execution sample_text 1 (sc_memory two 1) both tr x ->
  inside sample_text both x c pt3 -> inside sample_text both x c' pt3 -> c = c'.
Proof.
  destruct (contended_premises 1 (or_introl eq_refl)) as ((Width & Fits) & Never); intros tr x c c'.
  exact (mutual_exclusion _ sample 2 numbers 1 both sample_accepted Width Fits Never tr x c c' pt3).
Qed.
(** The text of these clients does not keep the contract ([trusting_text]): it does only
    if what they read is 0.  Nobody writes, so it is. *)
Example two_trusting : forall tr x c c', execution sample_text 1 (sc_memory two 1) trusting tr x ->
  inside sample_text trusting x c pt3 -> inside sample_text trusting x c' pt3 -> c = c'.
Proof.
  destruct (contended_premises 1 (or_introl eq_refl)) as ((Width & Fits) & _); intros tr x c c'.
  exact (mutual_exclusion _ sample 2 numbers 1 trusting sample_accepted Width Fits trusting_never tr x c c' pt3).
Qed.
(** The text of [trusting] is not orderly either ([trusting_text_goes_on]); what it is told is 0. *)
Example two_trusting_never_starve : forall cs x history s x',
  segment sample_text 1 (sc_memory two 1) trusting (first_state _) cs x ->
  nth_error (threads x) 1 = Some (Calling (Op_acquire pt_family 3) history s) ->
  rounds sample_text 1 (sc_memory two 1) trusting (whole_rounds 0 2 2 (S (rank_levels sample pt3))) x x' ->
  over 1 history x'.
Proof.
  destruct (contended_premises 1 (or_introl eq_refl)) as ((Width & Fits) & _); intros cs x history s x' Run.
  exact (starvation_freedom _ sample 2 numbers 1 (rank_levels sample) 0 2 trusting sample_accepted Width Fits
           trusting_never trusting_orderly cs x 1 pt_family 3 history s x' Run (Nat.lt_succ_diag_r 1)).
Qed.
Example two_never_starve : forall cs x history s x',
  segment sample_text 1 (sc_memory two 1) turns (first_state _) cs x ->
  nth_error (threads x) 1 = Some (Calling (Op_acquire core_family 0) history s) ->
  rounds sample_text 1 (sc_memory two 1) turns core_rounds x x' -> over 1 history x'.
Proof.
  destruct (turns_premises 1 (or_introl eq_refl)) as ((Width & Fits) & Never & Orderly);
    intros cs x history s x' Run.
  exact (starvation_freedom _ sample 2 numbers 1 (rank_levels sample) 1 5 turns sample_accepted Width Fits Never
           Orderly cs x 1 core_family 0 history s x' Run (Nat.lt_succ_diag_r 1)).
Qed.
(** Two VMs, the lower index first, on both CPUs. *)
Example two_vms_never_starve : forall cs x history s x',
  segment sample_text 1 (sc_memory two 1) vms (first_state _) cs x ->
  nth_error (threads x) 1 = Some (Calling (Op_acquire vm_family 0) history s) ->
  rounds sample_text 1 (sc_memory two 1) vms vm_rounds x x' -> over 1 history x'.
Proof.
  destruct (turns_premises 1 (or_introl eq_refl)) as ((Width & Fits) & _), vms_premises as (Never & Orderly).
  intros cs x history s x' Run.
  exact (starvation_freedom _ sample 2 numbers 1 (lock_levels sample) 1 3 vms sample_accepted Width Fits Never
           Orderly cs x 1 vm_family 0 history s x' Run (Nat.lt_succ_diag_r 1)).
Qed.
(** They go round for ever, and contend again and again ([contend_for_ever]). *)
Example two_never_starve_forever : forall run who,
  infinite_execution sample_text 1 (sc_memory two 1) turns run who -> fair (sc_memory two 1) turns run who ->
  forall n c f i history s, (c < 2)%nat ->
  nth_error (threads (run n)) c = Some (Calling (Op_acquire f i) history s) ->
  exists m, (n <= m)%nat /\ over c history (run m).
Proof.
  destruct (turns_premises 1 (or_introl eq_refl)) as ((Width & Fits) & Never & _).
  exact (starvation_freedom_forever _ sample 2 numbers 1 (rank_levels sample) turns sample_accepted Width Fits Never
           turns_keep_order turns_sections_end).
Qed.
(** Each section of [ever_longer] is longer than the one before. *)
Example two_longer_never_starve : forall run who,
  infinite_execution sample_text 1 (sc_memory two 1) ever_longer run who ->
  fair (sc_memory two 1) ever_longer run who ->
  forall n c f i history s, (c < 2)%nat ->
  nth_error (threads (run n)) c = Some (Calling (Op_acquire f i) history s) ->
  exists m, (n <= m)%nat /\ over c history (run m).
Proof.
  destruct (turns_premises 1 (or_introl eq_refl)) as ((Width & Fits) & _).
  exact (starvation_freedom_forever _ sample 2 numbers 1 (fun _ => 0%nat) ever_longer sample_accepted Width Fits
           longer_never_breach (longer_keep_order _) longer_sections_end).
Qed.

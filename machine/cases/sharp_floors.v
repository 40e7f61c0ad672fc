(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: what a floor shows of the one below, and what words stand for

    A log of words and its images up to private copies; related states; when a CPU is
    between operations; when an operation breaks the contract, and a client.  Words have
    one bit.  What sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool String.
From hlock.layers.view Require Import spec image.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers Require L1_ticket.spec L1_ticket.show L2_queue.spec L2_queue.show L3_atomic.show.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec.
From hlock.layers.L4_locks Require published.
From hlock.stack Require Import runs.
From hlock.machine.cases Require Import small.
Import L1_ticket.spec L2_queue.spec.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

Local Notation W := (words small 1).
Local Notation T := (tickets small).
Local Notation Q := (queues small).
Local Notation A := (atomic small).
Definition did {verb} (c : cpu) (l : Z) (k : verb) : event small verb := (c, Lock l k).
Definition put {verb} (k z : Z) : event small verb := (0%nat, Wrote 0 k (value 0 z)).
Definition got {verb} : event small verb := (0%nat, Read 0 7 (value 0 107)).
Definition halt {verb} : event small verb := (1%nat, Halted).

(** Of what is false, alone or with more. *)
Local Ltac clash H := first [discriminate H|discriminate (proj1 H)].

(** ** Images: two CPUs at lock 0, and one at lock 4 between; the third ticket is 0 again *)
Definition low : log small words_verb :=
  [halt; did 0 0 (Took 0); did 1 0 (Polled 1); did 0 0 (Stored 1); did 0 0 (Loaded 0); put 7 1; got; did 1 0 (Polled 0);
   did 0 0 (Polled 0); did 1 4 (Polled 0); did 1 4 (Took 0); did 1 0 (Took 1); did 0 0 (Took 0)].
Definition numbered : log small ticket_verb :=
  [halt; did 0 0 (Drew 2); did 1 0 (Saw 1); did 0 0 Bumped; put 7 1; got; did 1 0 (Saw 0);
   did 0 0 (Saw 0); did 1 4 (Saw 0); did 1 4 (Drew 0); did 1 0 (Drew 1); did 0 0 (Drew 0)].
Definition queued : log small queue_verb :=
  [halt; did 0 0 Joined; did 1 0 Began; did 0 0 Ended; put 7 1; got; did 1 0 Looked;
   did 0 0 Began; did 1 4 Began; did 1 4 Joined; did 1 0 Joined; did 0 0 Joined].
Definition held : log small atomic_verb :=
  [halt; did 1 0 Entered; did 0 0 Left; put 7 1; got; did 0 0 Entered; did 1 4 Entered].
Local Notation of_words := (image W T (L1_ticket.show.show small)).
Local Notation of_tickets := (image T Q (L2_queue.show.show small)).
Local Notation of_queues := (image Q A (L3_atomic.show.show small)).
(** Of a poll by who has no ticket, or is inside: no success. *)
Example successes : map (fun cg => success small (fst (fst cg)) 0 (snd (fst cg)) (snd cg))
  [(0%nat, 0, [did 0 0 (Drew 0)]); (0%nat, 1, [did 0 0 (Drew 0)]); (0%nat, 0, []); (1%nat, 0, [did 0 0 (Drew 0)]);
   (0%nat, 0, [did 0 0 (Saw 0); did 0 0 (Drew 0)])] = [true; false; false; false; false].
Proof. computed. Qed.
Example tickets_shown : of_words low = numbered.
Proof. computed. Qed.
(** The lock is passed on again, and so is lock 4; the third ticket is seen. *)
Example tickets_third : of_words ([did 0 0 (Polled 0); did 1 0 (Stored 0); did 1 0 (Loaded 1); did 1 4 (Stored 1);
    did 1 4 (Loaded 0)] ++ tl low) = [did 0 0 (Saw 2); did 1 0 Bumped; did 1 4 Bumped] ++ tl numbered.
Proof. computed. Qed.
Example queues_shown : of_tickets numbered = queued.
Proof. computed. Qed.
Example locks_shown : of_queues queued = held.
Proof. computed. Qed.
(** A release shows what was written since its lock was entered, the last of each part. *)
Definition shared : log small atomic_verb :=
  [did 1 4 Left; did 0 0 Left; put 7 3; did 1 4 Entered; put 8 2; got; put 7 1; did 0 0 Entered; halt; did 0 0 Left;
   put 9 4; did 0 0 Entered].
Example what_is_dirty : map (fun l => published.dirty small l (tl (tl shared))) [0; 4] = [[8; 7]; []].
Proof. computed. Qed.
Example what_is_published : published.published small shared =
  [did 1 4 Left; did 0 0 Left; put 8 2; put 7 3; did 1 4 Entered; did 0 0 Entered; halt; did 0 0 Left; put 9 4;
   did 0 0 Entered].
Proof. computed. Qed.

(** ** Related states: CPU 0; the upper one is behind by [p] *)
Local Notation words_at c g := (mkRData (F := W) c g []).
Local Notation tickets_at c g := (mkRData (F := T) c g [[halt]]).
Local Notation behind p d h := (lags W T (L1_ticket.show.show small) p d h).
Local Ltac known := constructor; unfold legal; lazymatch goal with
  | |- _ = _ => computed
  | _ => repeat constructor; discriminate
  end.
(** Another CPU; not behind; behind by its own; a log out of order. *)
Example lags_are_not : ~ behind [] (words_at 0%nat low) (tickets_at 1%nat numbered) /\
  ~ behind [] (words_at 0%nat low) (tickets_at 0%nat (tl numbered)) /\
  ~ behind [halt] (words_at 1%nat low) (tickets_at 1%nat (tl numbered)) /\
  ~ behind [] (words_at 0%nat [did 0 0 (Took 1)]) (tickets_at 0%nat [did 0 0 (Drew 0)]).
Proof.
  repeat split; intros [Cpu Log Foreign Legal]; first
    [clash Cpu|clash Log|clash Legal|discriminate Foreign|apply Forall_inv in Foreign; now destruct Foreign].
Qed.
Example lags_are : behind [] (words_at 0%nat low) (tickets_at 0%nat numbered) /\
  behind [halt] (words_at 0%nat low) (tickets_at 0%nat (tl numbered)).
Proof. split; known. Qed.
Example related_is_not :
  image.related W T (L1_ticket.show.show small) (words_at 0%nat low) (tickets_at 0%nat numbered) /\
  ~ image.related W T (L1_ticket.show.show small) (words_at 0%nat low) (tickets_at 0%nat (tl numbered)).
Proof. split; [exact (proj1 lags_are)|exact (proj1 (proj2 lags_are_not))]. Qed.

(** ** Private copies: CPU 0 is inside lock 0 and has written to part 7 *)
Definition inside_low : log small words_verb := [put 7 1; did 0 0 (Polled 0); did 0 0 (Took 0)].
Definition inside_high : log small atomic_verb := [put 7 1; did 0 0 Entered].
Local Notation atomic_at c g := (mkRData (F := A) c g []).
Definition mine (ks : list Z) (z : Z) : copy small :=
  existT _ 0 (mkPrivate (fun k => if k =? 7 then value 0 z else value 0 (100 + k)) ks).
Definition copies_at (c : cpu) (g : log small atomic_verb) (cs : list (copy small)) : HData small :=
  mkHData (atomic_at c g) cs.
Local Notation exact_copies := (published.related small (atomic_at 0%nat inside_high)).
(** Another CPU's; with a log in which the object has changed; without the copy; with another
    value; with parts not written; with a copy of what it does not hold. *)
Example copies_are_not : Forall (fun h => ~ exact_copies h)
    [copies_at 1 [did 0 0 Entered] [mine [7] 1]; copies_at 0 inside_high [mine [7] 1]; copies_at 0 [did 0 0 Entered] [];
     copies_at 0 [did 0 0 Entered] [mine [7] 2]; copies_at 0 [did 0 0 Entered] [mine [] 1]] /\
  ~ published.related small (start A 0%nat []) (copies_at 0 [] [mine [] 107]).
Proof.
  split; [repeat apply Forall_cons; try apply Forall_nil|]; intros [Cpu Log Exact];
    first [clash Cpu|clash Log|specialize (Exact 0); cbn in Exact; first [contradiction|now apply Exact
      |destruct Exact as (_ & Part & _); specialize (Part 7); vm_compute in Part; discriminate Part
      |destruct Exact as (_ & _ & Written); discriminate Written|destruct Exact as (Held & _); discriminate Held]].
Qed.
Lemma parts k : (if k =? 7 then value 0 1 else value 0 (100 + k)) = object 0 k inside_high.
Proof. unfold inside_high; cbn [object put]; rewrite Z.eqb_sym; now destruct (Z.eqb_spec 7 k). Qed.
Lemma exact_here : exact_copies (copies_at 0 [did 0 0 Entered] [mine [7] 1]).
Proof.
  constructor; [reflexivity|reflexivity|]; intros l; cbn [copies copies_at find_copy mine]; unfold value_for.
  destruct (Z.eq_dec 0 l) as [<-|Other]; cbn [eq_rect].
  - split; [reflexivity|split; [|reflexivity]]; exact parts.
  - cbn [events me holder inside_high put did]; rewrite (proj2 (Z.eqb_neq 0 l) Other); discriminate.
Qed.
Example copies_are : exact_copies (copies_at 0 [did 0 0 Entered] [mine [7] 1]) /\
  published.related small (start A 0%nat []) (copies_at 0 [] []).
Proof. split; [exact exact_here|constructor; [reflexivity|reflexivity|intros l; cbn; discriminate]]. Qed.
Example env_given : published.with_env small [[halt]; []] (copies_at 0 inside_high [mine [7] 1]) =
  mkHData (mkRData (F := A) 0%nat inside_high [[halt]; []]) [mine [7] 1].
Proof. reflexivity. Qed.

(** ** What words stand for *)
Local Notation stands := (stands_for small 1).
Example inside_images : of_queues (of_tickets (of_words inside_low)) = inside_high.
Proof. computed. Qed.
Lemma stands_log d h : stands d h ->
  events (base h) = published.published small (of_queues (of_tickets (of_words (events d)))) /\ me (base h) = me d /\
  legal W (events d).
Proof.
  intros (d1 & d2 & d3 & [Cpu1 Log1 _ Legal] & [Cpu2 Log2 _ _] & [Cpu3 Log3 _ _] & Last); cbn [app] in *.
  assert (published.related small d3 h) as [Cpu4 Log4 _] by first [exact Last|exact (proj1 Last)].
  split; [rewrite Log4, <- Log3, <- Log2, <- Log1; reflexivity|split; [congruence|exact Legal]].
Qed.
(** Each floor is needed: of another CPU, log, image; and a copy is. *)
Example stands_are_not : ~ stands (words_at 1%nat inside_low) (copies_at 0 [did 0 0 Entered] [mine [7] 1]) /\
  ~ stands (words_at 0%nat (tl inside_low)) (copies_at 0 [] [mine [7] 1]) /\
  ~ stands (words_at 0%nat []) (copies_at 0 [did 0 0 Entered] [mine [7] 1]) /\
  ~ stands (words_at 0%nat inside_low) (copies_at 0 [did 0 0 Entered] []).
Proof.
  repeat split; intros Stands; pose proof (stands_log _ _ Stands) as (Log & Cpu & _);
    try first [discriminate Cpu|vm_compute in Log; discriminate Log].
  destruct Stands as (d1 & d2 & d3 & [_ Log1 _ _] & [_ Log2 _ _] & [Cpu3 Log3 _ _] & Last); cbn [app] in *.
  assert (published.related small d3 (copies_at 0 [did 0 0 Entered] [])) as [Cpu4 _ Exact]
    by first [exact Last|exact (proj1 Last)].
  specialize (Exact 0); cbn in Exact; apply Exact; rewrite <- Cpu4, <- Log3, <- Log2, <- Log1; reflexivity.
Qed.
Example stands_are : stands (words_at 0%nat inside_low) (copies_at 0 [did 0 0 Entered] [mine [7] 1]).
Proof.
  exists (mkRData (F := T) 0%nat (of_words inside_low) []).
  exists (mkRData (F := Q) 0%nat (of_tickets (of_words inside_low)) []).
  exists (atomic_at 0%nat inside_high); split; [known|split; [known|split; [known|exact exact_here]]].
Qed.

(** ** Between operations *)
Local Notation between d := (settled small 1 d).
Example settled_are_not : ~ between (words_at 0%nat [did 0 0 (Took 0)]) /\
  ~ between (words_at 0%nat (did 0 0 (Loaded 0) :: inside_low)) /\ ~ between (words_at 1%nat [did 1 4 (Took 0)]).
Proof.
  repeat split; intros Settled; [specialize (Settled 0)|specialize (Settled 0)|specialize (Settled 4)]; cbn in Settled;
    intuition discriminate.
Qed.
Example settled_are : between (words_at 0%nat inside_low) /\ between (words_at 0%nat []) /\
  between (words_at 1%nat (did 0 0 (Loaded 0) :: inside_low)).
Proof.
  split; [|split]; intros l; cbn [events me words_phase inside_low put did]; destruct (0 =? l); cbn; auto.
Qed.

(** ** Breaking the contract *)
Definition none : HData small := copies_at 0 [] [].
(** What it may do; what cannot happen while another is inside. *)
Example breaks_are_not : ~ breaks (acquire core 0) none /\ ~ breaks Op_halt none /\
  ~ breaks (release core 0) (copies_at 0 [did 0 0 Entered] [mine [] 107]) /\
  ~ breaks (acquire core 0) (copies_at 0 [did 1 0 Entered] []).
Proof.
  repeat split; intros Breaks; try destruct Breaks as (e & Breaks); specialize (Breaks []); discriminate Breaks.
Qed.
Example breaks_are : breaks (release core 0) none /\ breaks (read core 0 7) none /\ breaks (acquire pt 3) none /\
  breaks (acquire core 0) (copies_at 0 [did 0 0 Entered] [mine [] 107]).
Proof.
  split; [|split; [|split]]; [exists Not_holder|exists Not_holder|exists No_such_index|exists Entered_twice];
    intros rest; reflexivity.
Qed.

(** It releases what it does not hold if it reads 5. *)
Definition wary : client small := fun history =>
  match history with
  | [] => Some (acquire core 0)
  | [_] => Some (read core 0 7)
  | [Some (existT _ l v); _] => if number v =? 5 then Some (release pt 1) else None
  | _ => None
  end.
Definition five : list (log small atomic_verb) :=
  [[did 1 0 Left; (1%nat, Wrote 0 7 (value 0 5)); did 1 0 Entered]].
Example contract_broken : ~ keeps_contract (fun _ => Some (release core 0)) [] none /\
  ~ keeps_contract wary [] none /\ ~ keeps_contract (fun _ => Some (acquire core 0)) [] none.
Proof.
  split; [|split]; intros Keeps.
  - first [exact (Keeps 1%nat [] Not_holder eq_refl)|destruct (Keeps 1%nat []); discriminate].
  - first [exact (Keeps 3%nat five Not_holder eq_refl)|destruct (Keeps 3%nat five); discriminate].
  - first [exact (Keeps 2%nat [] Entered_twice eq_refl)|destruct (Keeps 2%nat []); discriminate].
Qed.
Example contract_kept : keeps_contract (fun _ => None) [] none /\ keeps_contract (fun _ => Some Op_halt) [] none.
Proof.
  split; intros [|n] bs f; try discriminate; cbn [run high_do]; unfold halt_high, halt_spec, operation, await, emit.
  cbn [base none copies_at published.with_env me events env arrivals].
  destruct (batch_fault _ _ _); [discriminate|]; cbn [bind]; unfold event_fault; cbn [me events env].
  destruct (halted _ _); discriminate.
Qed.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * One CPU too many, on the machine

    The side condition of mutual exclusion is the weakest, for every width.  Let
    more than 2^w CPUs run the C of an accepted table, each of which acquires the same lock
    once.  Each takes a ticket, in the order of their numbers; CPU 2^w has ticket 0
    like CPU 0; both see it served, and return from their acquires
    ([too_many_two_inside]).  So two CPUs are never inside one lock exactly if at
    most 2^w CPUs exist ([machine_exclusion_iff]).  The same of logs alone:
    layers/L1_ticket/too_many.v; a case in full, three CPUs and one bit: wrong.v.

    One CPU's steps are those of place.v, which knows no bound on how many CPUs there are. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options semantics smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract text sample examples.
From hlock.stack Require Import stack setting examples.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import place invariant no_breach.
From hlock.machine.safety Require Import corollaries exclusion.
From hlock.layers.L1_ticket Require Import too_many.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

(** ** Each CPU acquires one lock, and that is all *)
Definition acquires_once {S : system} (f : family) (i : Z) : cpu -> client S :=
  fun _ history => match history with [] => Some (Op_acquire f i) | _ => None end.

Lemma acquires_once_keep {S} T f i :
  List.In f T -> in_family f i = true -> keep_contract T (acquires_once (S := S) f i).
Proof.
  intros Member Range; split.
  - intros c [|a history] o; [intros [= <-]; exact Member|discriminate].
  - intros c [|[|n]]; cbn; rewrite ?Range; auto.
Qed.

(** ** What single CPUs can do *)
Section Goes.
  Context {G : setting} {S : system} (clients : cpu -> client S).
  Local Notation text := the_text.
  Local Notation M := (sc_memory S width).
  Local Notation log := (log S words_verb).
  Local Notation executes tr ts g := (execution text width M clients tr (mkMachine (M := M) ts g)).
  Let Width : 1 <= width <= 32 := width_range.

  Lemma put_put {A} c (x y : A) xs : put_at c x (put_at c y xs) = put_at c x xs.
  Proof. revert c; induction xs as [|z xs IH]; intros [|c]; cbn; now rewrite ?IH. Qed.
  Lemma put_here {A} c (x y : A) xs : nth_error xs c = Some y -> nth_error (put_at c x xs) c = Some x.
  Proof. intros At; now rewrite nth_put, Nat.eqb_refl, At. Qed.

  (** A thread in a call comes to its next request, or to its return. *)
  Lemma comes_to_ask c o history p n : forall s tr ts g,
    executes tr ts g -> nth_error ts c = Some (Calling o history s) -> near n s p ->
    exists s', executes tr (put_at c (Calling o history s') ts) g /\ asks_at o history s' p.
  Proof.
    induction n as [n IH] using (well_founded_induction lt_wf); intros s tr ts g Run At Near.
    destruct (next_near o history n s p Near) as [(n' & s' & -> & Local & Near')|Asks].
    - pose proof (step_local text width M clients c ts g _ _ At Local) as Step.
      destruct (IH n' (Nat.lt_succ_diag_r n') s' tr _ g (execution_step _ _ _ _ tr _ c None _ Run Step)
                  (put_here c _ _ ts At) Near') as (s2 & Run2 & Asks).
      rewrite put_put in Run2; eauto.
    - exists s; split; [now rewrite put_same|exact Asks].
  Qed.

  (** It does what it asks of memory for. *)
  Lemma does c tr ts g t a t' :
    executes tr (put_at c t ts) g -> (c < List.length ts)%nat -> answered (next_move text width (clients c) t) a t' ->
    value_there S width g a -> executes (see c (seen_of a) tr) (put_at c t' ts) ((c, a) :: g).
  Proof.
    intros Run Cpu Answered There.
    rewrite <- (put_put c t' t ts); refine (execution_step _ _ _ _ tr _ c _ _ Run _).
    apply nth_error_Some in Cpu; destruct (nth_error ts c) as [t0|] eqn:At; [|contradiction].
    apply step_memory with t; [exact (put_here c t t0 ts At)|exact Answered|split; [exact There|reflexivity]].
  Qed.

  Context (f : family) (i : Z) (Member : List.In f the_table) (Range : in_family f i = true).
  Local Notation l := (lock_id f i).
  Local Notation o := (Op_acquire f i : op S).

  (** From rest to holding a ticket; the other threads as they were. *)
  Lemma takes_ticket c tr ts g :
    executes tr ts g -> nth_error ts c = Some (Idle []) -> clients c [] = Some o ->
    exists tr' s, at_place s (Polling l (next S width l g)) /\
      executes tr' (put_at c (Calling o [] s) ts) ((c, Lock l (Took (next S width l g))) :: g).
  Proof.
    intros Run At Next.
    assert (Cpu : (c < List.length ts)%nat) by (apply nth_error_Some; congruence).
    assert (Call : next_move text width (clients c) (Idle []) = Call o (Calling o [] (name_of text Acquire f i)))
      by (cbn [next_move]; now rewrite Next).
    pose proof (execution_step _ _ _ _ tr _ c _ _ Run (step_call text width M clients c ts g _ _ _ At Call)) as Run1.
    destruct (comes_to_ask c o [] (Before_ticket l) _ _ _ _ _ Run1 (put_here c _ _ ts At)
                (place_of_acquire f i Member Range)) as (s & Run2 & go & Asks & Goes).
    rewrite put_put in Run2; eexists; exists (go (next S width l g)); split; [apply Goes|].
    - apply next_in_word; lia.
    - refine (does c _ ts g _ (Lock l (Took (next S width l g))) _ Run2 Cpu _ eq_refl).
      cbn [next_move]; rewrite Asks; cbn; eauto.
  Qed.

  (** Whose ticket is served returns from its acquire. *)
  Lemma enters c tr ts g s :
    executes tr ts g -> nth_error ts c = Some (Calling o [] s) -> at_place s (Polling l (serving S width l g)) ->
    executes ((c, Returned o) :: tr) (put_at c (Idle [None]) ts) ((c, Lock l (Polled (serving S width l g))) :: g).
  Proof.
    intros Run At Place.
    assert (Cpu : (c < List.length ts)%nat) by (apply nth_error_Some; congruence).
    destruct (comes_to_ask c o [] _ _ _ _ _ _ Run At Place) as (s1 & Run1 & go & Asks & Goes).
    specialize (Goes (serving S width l g) ltac:(apply now_in_word; lia)); rewrite Z.eqb_refl in Goes.
    assert (Run2 : executes tr (put_at c (Calling o [] (go (serving S width l g))) ts)
                     ((c, Lock l (Polled (serving S width l g))) :: g)).
    { refine (does c _ ts g _ (Lock l (Polled (serving S width l g))) _ Run1 Cpu _ eq_refl).
      cbn [next_move]; rewrite Asks; cbn; eauto. }
    destruct (comes_to_ask c o [] Through _ _ _ _ _ Run2 (put_here c _ _ ts At) Goes) as (s3 & Run3 & Returns).
    rewrite put_put in Run3; rewrite <- (put_put c (Idle [None]) (Calling o [] s3) ts).
    exact (execution_step _ _ _ _ tr _ c _ _ Run3
             (step_return text width M clients c _ _ (Calling o [] s3) (Idle [None]) o (put_here c _ _ ts At) Returns)).
  Qed.
End Goes.

(** ** All of them *)
Section Crowd.
  Context (prefix : string) (T : table) (N : nat) (O : objects) (w : Z) (f : family) (i : Z).
  Context (Ok : table_ok T = true) (Width : 1 <= w <= 32) (Member : List.In f T) (Range : in_family f i = true).
  Local Notation S := (table_system T N O).
  Local Notation text := (stack prefix T).
  Local Notation M := (sc_memory S w).
  Local Notation l := (lock_id f i).
  Local Notation each := (acquires_once (S := S) f i).

  (** The C and the words; for what one CPU does any number of CPUs will do. *)
  Lemma one_fits : Z.of_nat 1 <= modulus w.
  Proof. pose proof (positive w ltac:(lia)); lia. Qed.
  Let G : setting := mkSetting prefix T Ok 1 O w Width one_fits.

  (** The first [n] CPUs have their tickets and poll; the others have done nothing. *)
  Lemma crowd_waits n : (n <= N)%nat -> exists tr ts,
    execution text w M each tr (mkMachine (M := M) ts (takers S w l n)) /\ List.length ts = N /\
    (forall c, (c < n)%nat -> exists s, nth_error ts c = Some (Calling (Op_acquire f i) [] s) /\
       at_place (G := G) s (Polling l (Z.of_nat c mod modulus w))) /\
    (forall c, (n <= c < N)%nat -> nth_error ts c = Some (Idle [])).
  Proof.
    induction n as [|n IH]; intros Enough.
    - exists [], (repeat (Idle []) N); split; [constructor|split; [apply repeat_length|split; [lia|]]].
      intros c Cpu; apply nth_error_repeat; lia.
    - destruct IH as (tr & ts & Run & Length & Wait & Rest); [lia|].
      assert (At : nth_error ts n = Some (Idle [])) by (apply Rest; lia).
      destruct (takes_ticket (G := G) each f i Member Range n tr ts _ Run At eq_refl) as (tr' & s & Place & Run').
      rewrite takers_next in Place, Run' by lia.
      exists tr', (put_at n (Calling (Op_acquire f i) [] s) ts).
      split; [exact Run'|split; [now rewrite length_put|split]]; intros c Cpu; rewrite nth_put.
      + destruct (Nat.eqb_spec c n) as [->|Other]; [rewrite At; eauto|apply Wait; lia].
      + destruct (Nat.eqb_spec c n); [lia|apply Rest; lia].
  Qed.

  Theorem too_many_two_inside : 2 ^ w < Z.of_nat N ->
    keep_contract T each /\ exists tr x c,
    execution text w M each tr x /\ c <> 0%nat /\
    inside text each x 0%nat l /\ inside text each x c l /\
    seen_inside 0%nat l tr = true /\ seen_inside c l tr = true.
  Proof.
    intros Many; split; [now apply acquires_once_keep|].
    pose proof (positive w ltac:(lia)) as Positive; pose proof (twin_number w) as Twin.
    set (c := twin w) in *; assert (Other : c <> 0%nat) by lia.
    assert (Enough : (Datatypes.S c <= N)%nat) by (unfold modulus in *; lia).
    destruct (crowd_waits (Datatypes.S c) Enough) as (tr & ts & Run & Length & Wait & _).
    set (g := takers S w l (Datatypes.S c)) in *.
    assert (Now : serving S w l g = 0) by apply takers_now.
    destruct (Wait 0%nat) as (s0 & At0 & Place0); [lia|]; destruct (Wait c) as (s & At & Place); [lia|].
    rewrite Z.mod_0_l in Place0 by lia; rewrite Twin, Z.mod_same in Place by lia; rewrite <- Now in Place0, Place.
    pose proof (enters (G := G) each f i 0%nat tr ts g s0 Run At0 Place0) as Run0.
    set (ts0 := put_at 0%nat (Idle [None]) ts) in *.
    assert (At' : nth_error ts0 c = Some (Calling (Op_acquire f i) [] s))
      by (unfold ts0; rewrite nth_put; now destruct (Nat.eqb_spec c 0)).
    pose proof (enters (G := G) each f i c _ ts0 _ s Run0 At' Place) as Run1.
    do 2 eexists; exists c; split; [exact Run1|split; [exact Other|]].
    unfold inside; cbn [threads seen_inside]; rewrite !nth_put, At', Nat.eqb_refl.
    destruct (Nat.eqb_spec 0 c) as [Same|_]; [congruence|].
    unfold ts0; rewrite nth_put, At0; cbn; rewrite Z.eqb_refl, orb_true_r; auto 6.
  Qed.
End Crowd.

(** ** The condition is the weakest *)

(** Two CPUs that run the C of table [T], with words of [w] bits, are never inside one
    lock, whatever clients they run that never break the contract. *)
Definition machine_exclusion (prefix : string) (T : table) (N : nat) (O : objects) (w : Z) : Prop :=
  forall clients : cpu -> client (table_system T N O), never_breaches clients T ->
  forall tr x c c' l, execution (stack prefix T) w (sc_memory _ w) clients tr x ->
  inside (stack prefix T) clients x c l -> inside (stack prefix T) clients x c' l -> c = c'.

(** For an accepted table with a lock, and words of 1 to 32 bits: exactly if at most
    2^w CPUs exist. *)
Theorem machine_exclusion_iff prefix T N O w f i :
  table_ok T = true -> 1 <= w <= 32 -> List.In f T -> in_family f i = true ->
  machine_exclusion prefix T N O w <-> Z.of_nat N <= 2 ^ w.
Proof.
  intros Ok Width Member Range; split.
  - intros Alone; apply Z.nlt_ge; intros Many.
    destruct (too_many_two_inside prefix T N O w f i Ok Width Member Range Many)
      as (Keep & tr & x & c & Run & Other & Inside0 & Inside & _).
    exact (Other (Alone _ (contract_suffices _ _ Keep) tr x c 0%nat (lock_id f i) Run Inside Inside0)).
  - intros Fits clients Never.
    exact (mutual_exclusion (G := mkRunning (mkSetting prefix T Ok N O w Width Fits) clients) Never).
Qed.

(** So for no width is mutual exclusion true of one CPU more, be it of the small table. *)
Theorem one_cpu_more_refuted w : 1 <= w <= 32 ->
  ~ forall N, Z.of_nat N <= 2 ^ w + 1 -> machine_exclusion "" sample N numbers w.
Proof.
  intros Width More; pose proof (Z.pow_nonneg 2 w ltac:(lia)).
  specialize (More (Z.to_nat (2 ^ w + 1))); rewrite Z2Nat.id in More by lia.
  apply (machine_exclusion_iff "" sample _ numbers w core_family 0) in More; [|reflexivity|exact Width|now left| |].
  - rewrite Z2Nat.id in More; lia.
  - reflexivity.
  - lia.
Qed.

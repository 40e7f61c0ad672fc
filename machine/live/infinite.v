(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Infinite executions as rounds

    A fair infinite execution (endless.v) is rounds, as many as one likes
    ([rounds_come]), and what live.v and those after it say of rounds can be used of
    it.  Read next: forever.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options syntax.
From hlock.layers.view Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract text.
From hlock.stack Require Import setting.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.live Require Import live progress waiting starvation round_robin.
From hlock.machine.live Require Export endless.
Import ListNotations.
Local Open Scope Z_scope.

(** ** Of orderly clients *)
Section Orderly.
  Context {S : system} (told : list (response S) -> Prop) (p : client S) (above : Z -> nat) (A B : nat).

  Theorem orderly_keeps_order : orderly told p above A B -> keeps_order told p above.
  Proof. intros [Rank Goes _ _]; constructor; assumption. Qed.

  (** Sections of at most [B] operations end. *)
  Theorem orderly_sections_end : orderly told p above A B -> sections_end told p.
  Proof.
    intros [Rank _ Lets _] history l Past.
    assert (Later : forall k history, told history -> (B <= k + since p l history)%nat ->
              lets_go_of told p l history).
    { clear history Past; intros k; induction k as [|k IH]; intros history Past Enough; constructor; intros Held a Told.
      - pose proof (Lets history l Past Held); lia.
      - apply IH; [exact Told|]; cbn [since].
        destruct (p history) as [[f i|f i|f i k'|f i k' v|]|] eqn:Choice; try lia.
        destruct (Z.eqb_spec (lock_id f i) l) as [<-|]; [|lia].
        pose proof (Rank history f i _ Past Choice Held); lia. }
    apply (Later B history Past); lia.
  Qed.
End Orderly.

(** What is so of each client's text, under all answers to what it chose, is so of what
    the clients are told. *)
Section Texts.
  Context {S : system} (clients : cpu -> client S).

  Theorem keeps_order_text above : (forall c, keeps_order (chosen (clients c)) (clients c) above) ->
    forall c, keeps_order (is_told clients c) (clients c) above.
  Proof.
    intros Text c; destruct (Text c) as [Rank Goes]; constructor.
    - intros history f i l Told; exact (Rank history f i l (told_chosen clients c history Told)).
    - intros history Told; exact (Goes history (told_chosen clients c history Told)).
  Qed.
  Theorem sections_end_text : (forall c, sections_end (chosen (clients c)) (clients c)) ->
    forall c, sections_end (is_told clients c) (clients c).
  Proof.
    intros Text c history l Told; pose proof (Text c history l (told_chosen clients c history Told)) as Lets.
    clear Told; induction Lets as [history _ IH]; constructor; intros Held a Told.
    exact (IH Held a (told_chosen clients c _ Told)).
  Qed.
End Texts.

(** ** As rounds *)
Section As_rounds.
  Context {G : running}.
  Local Notation N := processors.
  Local Notation S := (the_system).
  Local Notation M := (sc_memory S width).
  Local Notation text := the_text.
  Local Notation machine := (machine M).
  Local Notation segment := (segment text width M clients).
  Local Notation rounds := (rounds text width M clients).
  Local Notation finished := (finished M clients).

  Context (Never : never_breaches clients the_table) (run : nat -> machine) (who : nat -> cpu).
  Context (Runs : infinite_execution text width M clients run who).

  Lemma run_good n : good (run n).
  Proof.
    destruct Runs as (First & Steps); induction n as [|n IH]; [rewrite First; exact (good_start Never)|].
    destruct (Steps n) as [(v & Step)|(_ & ->)]; eauto using good_step.
  Qed.

  (** From time [n] to [n + d]: who had a turn has stepped, or has finished. *)
  Lemma run_between d : forall n, exists cs, segment (run n) cs (run (n + d)) /\
    forall k, (n <= k < n + d)%nat -> List.In (who k) cs \/ finished (who k) (run (n + d)).
  Proof.
    induction d as [|d IH]; intros n; [exists []; rewrite Nat.add_0_r; split; [constructor|lia]|].
    destruct (IH (Datatypes.S n)) as (cs & Run & All).
    replace (Datatypes.S n + d)%nat with (n + Datatypes.S d)%nat in * by lia.
    destruct (proj2 Runs n) as [(v & Step)|(Fin & Same)].
    - exists (who n :: cs); split; [now apply one_step with v (run (Datatypes.S n))|]; intros k Within.
      destruct (Nat.eq_dec k n) as [->|]; [left; now left|].
      destruct (All k) as [Is|Is]; [lia|left; now right|now right].
    - exists cs; rewrite Same in Run; split; [exact Run|]; intros k Within.
      destruct (Nat.eq_dec k n) as [->|]; [right|apply All; lia].
      clear - Run Fin; induction Run; eauto using finished_lasts.
  Qed.
  Lemma lasting_run P n m : lasting P -> (n <= m)%nat -> P (run n) -> P (run m).
  Proof.
    intros Lasts Later Here; destruct (run_between (m - n) n) as (cs & Run & _).
    replace (n + (m - n))%nat with m in Run by lia.
    exact (lasting_segment P _ cs _ Lasts (run_good n) Run Here).
  Qed.
  Lemma finished_run c n m : (n <= m)%nat -> finished c (run n) -> finished c (run m).
  Proof. apply (lasting_run (finished c)); intros x c' v x' _ Step; exact (finished_lasts c c' x v x' Step). Qed.

  Context (Fair : fair M clients run who).

  (** Each CPU has had a turn some time after [n], or has finished. *)
  Lemma round_comes n : exists m, (n <= m)%nat /\ round text width M clients (run n) (run m).
  Proof.
    assert (All : forall j, (j <= N)%nat -> exists m, (n <= m)%nat /\
              forall c, (c < j)%nat -> exists k, (n <= k < m)%nat /\ (who k = c \/ finished c (run k))).
    { induction j as [|j IH]; intros Few; [exists n; split; [lia|intros c Is; lia]|].
      destruct (IH ltac:(lia)) as (m & Later & Had), (Fair n j ltac:(cbn; lia)) as (k & After & Is).
      exists (Nat.max m (Datatypes.S k)); split; [lia|]; intros c Below; destruct (Nat.eq_dec c j) as [->|].
      - exists k; split; [lia|exact Is].
      - destruct (Had c ltac:(lia)) as (k' & Within & Is'); exists k'; split; [lia|exact Is']. }
    destruct (All N (Nat.le_refl N)) as (m & Later & Had); exists m; split; [exact Later|].
    destruct (run_between (m - n) n) as (cs & Run & Turns); replace (n + (m - n))%nat with m in * by lia.
    exists cs; split; [exact Run|]; intros c Cpu; destruct (Had c Cpu) as (k & Within & [<-|Fin]); [auto|right].
    apply (finished_run c k m); [lia|exact Fin].
  Qed.

  (** A fair infinite execution is rounds, from any time on. *)
  Theorem rounds_come k : forall n, exists m, (n <= m)%nat /\ rounds k (run n) (run m).
  Proof.
    induction k as [|k IH]; intros n; [exists n; split; [lia|reflexivity]|].
    destruct (round_comes n) as (m1 & Later1 & Round), (IH m1) as (m & Later & Rest).
    exists m; split; [lia|exists (run m1); auto].
  Qed.
End As_rounds.

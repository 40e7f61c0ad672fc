(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What the bridge says of a thread in a call, and of one that has halted

    Two CPUs contend for one lock.  CPU 1 halts while it polls, and CPU 0 goes on: from
    [explained_so_far] alone it follows where CPU 1 halted ([halted_where],
    [halted_while_polling]).  Of other threads after the same log, and of a log with
    polls that the C did not make, the statement is false ([unmoved_refuted],
    [no_ticket_refuted]).  CPU 0 is between the load and the store of its release: what
    it loaded, and what it still has to do, is what the C says ([between]).  And CPU 0
    is about to return from its acquire ([at_return]).

    The small steps are computed ([path]): a state that the C comes to with a short log
    is one of the first. *)
From Coq Require Import ZArith String List Bool Lia.
From hlock.clight Require Import options integers values syntax semantics smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec L0_machine.facts.
From hlock.layers Require L1_ticket.spec L1_ticket.code L1_ticket.refine.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract text code sample examples.
From hlock.stack Require Import stack setting acts stack_refine stack_total executable stack_ends.
From hlock.stack Require Import examples.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.refine Require Import no_breach.
From hlock.machine.bridge Require Import local midcall bridge.
From hlock.machine.cases Require Import examples.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope Z_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

(** ** The small steps, computed *)
Section Path.
  Context (w : Z).
  Local Notation data := (RData (words two w)).
  Local Notation ge := (stack_genv sample_text two w).

  Definition small (sd : state * data) : option (state * data) :=
    match step (functions sample_text) (fst sd), fst sd with
    | Some s, _ => Some (s, snd sd)
    | None, Enter f (External _ _ _ _) vs k =>
        match words_executable two w f with
        | Some p => option_map (fun r => (Give (fst r) k, snd r)) (p vs (snd sd))
        | None => None
        end
    | None, _ => None
    end.
  Lemma steps_small sd sd' : smallstep.steps ge sd sd' ->
    sd' = sd \/ exists sd1, small sd = Some sd1 /\ smallstep.steps ge sd1 sd'.
  Proof.
    intros [|s s' d sd1 Step Rest|f p ef targs tres cc vs k v d d' sd1 Offered Prim Rest]; [auto|right..].
    - exists (s', d); split; [|exact Rest]; unfold small; cbn [fst snd] in *; cbn [ge_module stack_genv] in Step.
      now rewrite Step.
    - exists (Give v k, d'); split; [|exact Rest]; unfold small; cbn [fst snd step]; revert Offered Prim.
      cbn [ge_layer stack_genv]; unfold L1_ticket.offers.words_layer, words_executable.
      repeat (destruct (Pos.eqb f _)); intros [= <-].
      1, 2: intros (n & r & -> & -> & Is); cbn [one_argument]; rewrite Is; reflexivity.
      + intros (n & -> & -> & Is); cbn [one_argument]; rewrite Is; reflexivity.
      + intros (-> & -> & ->); reflexivity.
      + intros [].
  Qed.

  (** The first [n] states, and the one after them. *)
  Fixpoint path (n : nat) (sd : state * data) : list (state * data) :=
    match n with
    | O => []
    | Datatypes.S n => sd :: match small sd with Some sd => path n sd | None => [] end
    end.
  Fixpoint later (n : nat) (sd : state * data) : option data :=
    match n with
    | O => Some (snd sd)
    | Datatypes.S n => match small sd with Some sd => later n sd | None => None end
    end.
  (** After them the log is longer than [k]. *)
  Definition longer_later (n : nat) (sd : state * data) (k : nat) : bool :=
    match later n sd with Some d => Nat.ltb k (length (events d)) | None => true end.

  Lemma on_path n : forall sd sd', smallstep.steps ge sd sd' -> longer_later n sd (length (events (snd sd'))) = true ->
    List.In sd' (path n sd).
  Proof.
    induction n as [|n IH]; intros sd sd' Run Longer.
    - exfalso; cbn in Longer; apply Nat.ltb_lt in Longer.
      apply steps_acts, acts_grow in Run as ((b & Log) & _).
      apply (Nat.lt_irrefl (length (events (snd sd)))); eapply Nat.le_lt_trans; [|exact Longer].
      rewrite Log, app_length; apply Nat.le_add_l.
  - cbn [path]; apply steps_small in Run as [->|(sd1 & Small & Run)]; [now left|right].
      unfold longer_later in *; cbn [later] in Longer; rewrite Small in *; now apply IH.
  Qed.
End Path.

(** The primitive that the C calls next, if nobody but this CPU acts before. *)
Fixpoint asks (n : nat) (s : state) : option ident :=
  match n with
  | O => None
  | Datatypes.S n =>
      match s with
      | Enter f (External _ _ _ _) _ k => if Pos.eqb f ($"cpu_relax") then asks n (Give Vundef k) else Some f
      | _ => match step (functions sample_text) s with Some s => asks n s | None => None end
      end
  end.
Definition polls_next (s : state) : bool :=
  match asks 20 s with Some f => Pos.eqb f ($"get_now") | None => false end.

(** ** A wait that does not end *)

(** CPU 1's first operation, among the others as [g] has them: they are quiet once it
    has its ticket, and that is not the one that is served. *)
Definition stuck_wait w (g : log two words_verb) : bool :=
  match incr_ticket_spec two w pt3 (among w 1 g) with
  | Done (t, d) => forallb (fun b => Nat.eqb (length b) 0) (env d) && negb (serving two w pt3 (events d) =? t)
  | _ => false
  end.

Lemma polls_for_ever w l t (d d' : RData (words two w)) :
  L1_ticket.spec.polls l t d d' -> forallb (fun b => Nat.eqb (length b) 0) (env d) = true ->
  serving two w l (events d) <> t -> False.
Proof.
  induction 1 as [d d' Get|d v d1 d' Get _ _ IH]; intros Quiet Not;
    apply L1_ticket.refine.get_now_act in Get as (_ & -> & ->).
  - apply Not; unfold seen, arrivals; destruct (env d) as [|[|] bs]; [reflexivity..|discriminate].
  - assert (Seen : seen d = events d)
      by (unfold seen, arrivals; destruct (env d) as [|[|] bs]; [reflexivity..|discriminate]).
    apply IH.
    + cbn [act record arrive env]; destruct (env d) as [|b bs]; [reflexivity|]; now apply andb_prop in Quiet.
    + cbn [act record arrive events serving]; now rewrite Seen.
Qed.

(** So it has been told nothing, wherever it has come. *)
Lemma told_nothing_yet w (Width : 1 <= w <= 32) g history d : stuck_wait w g = true ->
  comes_to sample_text w both tt 1 g history d -> history = [] /\ d = among w 1 g.
Proof.
  unfold stuck_wait; intros Stuck (Run & _); destruct history as [|a history]; [exact Run|exfalso].
  cbn [length c_run both nth_error adds_one] in Run; destruct Run as (a1 & d1 & (_ & Did) & _).
  apply (stack_exact (G := of_two w Width) tt Acquire pt_family 3 _ _ _) in Did as (d2 & _ & _ & t & d3 & Take & Polls);
    [|unfold the_table, of_two, sample; cbn; auto|reflexivity].
  change (lock_id pt_family 3) with pt3 in *; change width with w in *.
  replace (incr_ticket_spec two w pt3 (among w 1 g)) with (Done (t, d3)) in Stuck by (symmetry; exact Take).
  apply andb_prop in Stuck as (Quiet & Not); apply negb_true_iff, Z.eqb_neq in Not.
  exact (polls_for_ever w pt3 t d3 d2 Polls Quiet Not).
Qed.

(** ** CPU 1 in its acquire *)

(** After log [g] the C of CPU 1 has come to a state that [good] holds of, if the log
    looks there as [like] says, and to no release. *)
Definition called_in w (g : log two words_verb) : state * RData (words two w) :=
  (name_of sample_text Acquire pt_family 3, among w 1 g).
Definition loads (s : state) : bool :=
  match s with Enter f (External _ _ _ _) _ _ => Pos.eqb f ($"incr_now") | _ => false end.
Definition waits_at w (like : log two words_verb -> bool) (good : state -> bool) (g : log two words_verb) : bool :=
  stuck_wait w g && negb (Nat.eqb (length (seen (among w 1 g))) (length g)) &&
  longer_later w 60 (called_in w g) (length g) && like g &&
  forallb (fun sd : state * RData (words two w) =>
    implb (like (seen (snd sd))) (good (fst sd)) && negb (loads (fst sd))) (path w 60 (called_in w g)).

Lemma longer_before w n sd j k : longer_later w n sd k = true -> (j <= k)%nat -> longer_later w n sd j = true.
Proof.
  unfold longer_later; destruct (later w n sd) as [d|]; [|auto]; intros Longer Less; apply Nat.ltb_lt.
  apply Nat.le_lt_trans with k; [exact Less|now apply Nat.ltb_lt].
Qed.
Lemma seen_longer w (d : RData (words two w)) : (length (events d) <= length (seen d))%nat.
Proof. unfold seen; rewrite app_length; apply Nat.le_add_l. Qed.

Lemma waits_at_called w (Width : 1 <= w <= 32) like good g o history s d :
  waits_at w like good g = true -> calls_to sample_text w both tt 1 g o history s d ->
  (length (seen d) <= length g)%nat ->
  o = Op_acquire pt_family 3 /\ history = [] /\ implb (like (seen d)) (good s) = true /\ loads s = false.
Proof.
  intros Check (s0 & d0 & Comes & Calls & Way) Short.
  apply andb_prop in Check as ([[[Stuck Empty]%andb_prop Long]%andb_prop Like]%andb_prop & Path).
  destruct (told_nothing_yet w Width g history d0 Stuck Comes) as (-> & ->).
  cbn [next_move both adds_one length nth_error] in Calls; injection Calls as <- _ <-.
  pose proof (longer_before _ _ _ _ _ Long (Nat.le_trans _ _ _ (seen_longer w d) Short)) as Longer.
  rewrite forallb_forall in Path; destruct (andb_prop _ _ (Path (s, d) (on_path w 60 _ _ Way Longer))) as (Good & Not).
  repeat split; [exact Good|now apply negb_true_iff].
Qed.

(** Whoever is explained after [g] is such a thread. *)
Theorem waits_at_sound w (Width : 1 <= w <= 32) like good g t :
  waits_at w like good g = true -> t <> Stopped -> explained sample_text w both tt 1 g t ->
  exists s, t = Calling (Op_acquire pt_family 3) [] s /\ good s = true.
Proof.
  intros Check Goes [_ Rest Operation Release _].
  assert (Like : like g = true) by (apply andb_prop in Check as (Check & _); now apply andb_prop in Check).
  destruct t as [history|o history s|o history l v k|]; [exfalso| |exfalso|now destruct Goes].
  - destruct (Rest history eq_refl) as (d & Comes & Seen).
    apply andb_prop in Check as ([[[Stuck Empty]%andb_prop Long]%andb_prop _]%andb_prop & Path).
    destruct (told_nothing_yet w Width g history d Stuck Comes) as (_ & ->).
    rewrite Seen, Nat.eqb_refl in Empty; discriminate Empty.
  - destruct (Operation o history s eq_refl) as (d & Calls & Seen).
    destruct (waits_at_called w Width like good g o history s d Check Calls) as (-> & -> & Good & _);
      [now rewrite Seen|].
    rewrite Seen, Like in Good; eauto.
  - destruct (Release o history l v k eq_refl) as (s & d & Calls & Load & _ & Seen).
    destruct (waits_at_called w Width like good g o history s d Check Calls) as (_ & _ & _ & Not).
    { rewrite <- Seen; unfold seen at 2; rewrite app_length; cbn [act record arrive events length]; lia. }
    cbn [next_move] in Load; pose proof (asks_primitive sample_text two o history s) as Asks; rewrite Load in Asks.
    destruct Asks as (n & k' & ef & targs & tres & cc & -> & _); discriminate Not.
Qed.

(** ** It halts while it polls *)

(** The log before the last halt of CPU [c]. *)
Fixpoint before_halt (c : cpu) (g : log two words_verb) : log two words_verb :=
  match g with
  | [] => []
  | (c', Halted) :: g => if Nat.eqb c' c then g else before_halt c g
  | _ :: g => before_halt c g
  end.
Lemma before_halt_is c (b g' : log two words_verb) :
  halted c (before_halt c (b ++ (c, Halted) :: g')) = false -> before_halt c (b ++ (c, Halted) :: g') = g'.
Proof.
  induction b as [|[c' [| | |]] b IH]; cbn [app before_halt]; try exact IH.
  - now rewrite Nat.eqb_refl.
  - destruct (Nat.eqb c' c); [|exact IH]; intros Runs; exfalso; revert Runs; clear IH.
    induction b as [|[c1 [| | |]] b IH]; cbn [app halted]; try exact IH; [now rewrite Nat.eqb_refl|].
    intros Runs; apply orb_false_iff in Runs as (_ & Runs); auto.
Qed.

Definition same_length (g h : log two words_verb) : bool := Nat.eqb (length h) (length g).
Definition halts_polling w (g : log two words_verb) : bool :=
  let g := before_halt 1 g in negb (halted 1 g) && waits_at w (same_length g) polls_next g.

(** From the statement alone, and the log of what was done: it halted where it was
    about to poll, having called acquire and no more. *)
Theorem halted_where w tr x : 1 <= w <= 32 -> explained_so_far sample_text w both tt tr x 1 Stopped ->
  halts_polling w (contents x) = true ->
  exists tr1 x1 s x2 tr2, execution sample_text w (sc_memory two w) both tr1 x1 /\
    nth_error (threads x1) 1 = Some (Calling (Op_acquire pt_family 3) [] s) /\ polls_next s = true /\
    machine_step sample_text w (sc_memory two w) both 1 x1 (Some Did_halt) x2 /\
    continues sample_text w both x2 tr2 x /\ tr = tr2 ++ (1%nat, Did_halt) :: tr1.
Proof.
  intros Width (tr1 & x1 & t & x2 & tr2 & Run & At & Explained & Halts & Then & Is) Check.
  destruct (halt_is _ _ _ _ _ _ _ Halts eq_refl) as (Log2 & t' & At' & Goes); rewrite At in At'; injection At' as <-.
  destruct (continues_log _ _ _ _ _ _ Then) as (b & Log); rewrite Log2 in Log.
  unfold halts_polling in Check; rewrite Log in Check; apply andb_prop in Check as (Runs & Check).
  apply negb_true_iff, before_halt_is in Runs; rewrite Runs in Check.
  destruct (waits_at_sound w Width _ _ _ t Check Goes Explained) as (s & -> & Polls).
  exists tr1, x1, s, x2, tr2; auto 7.
Qed.

Definition stops {w} (x : machine (sc_memory two w)) (c : cpu) : bool :=
  match nth_error (threads x) c with Some Stopped => true | _ => false end.
Lemma stops_sound w (x : machine (sc_memory two w)) c : stops x c = true -> nth_error (threads x) c = Some Stopped.
Proof. unfold stops; destruct (nth_error (threads x) c) as [[]|]; discriminate || reflexivity. Qed.

Lemma acquires_sound w (x : machine (sc_memory two w)) c f i : acquires x c = Some (f, i) ->
  exists history s, nth_error (threads x) c = Some (Calling (Op_acquire f i) history s).
Proof.
  unfold acquires; destruct (nth_error (threads x) c) as [[|[] history s| |]|]; try discriminate.
  intros [= -> ->]; eauto.
Qed.

(** Such an execution: CPU 0 goes on and releases. *)
Example halted_while_polling w : List.In w widths -> exists tr x, execution sample_text w (sc_memory two w) both tr x /\
  nth_error (threads x) 1 = Some Stopped /\ number (object pt3 0 (contents x)) = 1 /\
  exists tr1 x1 s x2 tr2, execution sample_text w (sc_memory two w) both tr1 x1 /\
    nth_error (threads x1) 1 = Some (Calling (Op_acquire pt_family 3) [] s) /\ polls_next s = true /\
    machine_step sample_text w (sc_memory two w) both 1 x1 (Some Did_halt) x2 /\
    continues sample_text w both x2 tr2 x /\ tr = tr2 ++ (1%nat, Did_halt) :: tr1.
Proof.
  intros Is; destruct (contended_premises w Is) as ((Width & _) & Never).
  assert (All : match run sample_text w both half (first_state _) with
                | Some x1 => option_map (fun x : machine (sc_memory two w) =>
                    (acquires x1 1, stops x 1,
                     number (object pt3 0 (contents x)), halts_polling w (contents x)))
                    (run sample_text w both (repeat 0%nat 19) (halt_of 1 x1))
                | None => None
                end = Some (Some (pt_family, 3), true, 1, true))
    by (revert Is; clear; intros [<-|[<-|[<-|[]]]]; vm_compute; reflexivity).
  destruct (run sample_text w both half (first_state _)) as [x1|] eqn:Run1; [|discriminate].
  destruct (run sample_text w both (repeat 0%nat 19) (halt_of 1 x1)) as [x|] eqn:Run2; [|discriminate].
  injection All as Acquires Stops Object Check.
  destruct (run_sound sample_text w both half [] _ x1 (execution_start _ _ _ _) Run1) as (tr1 & Exec1).
  apply acquires_sound in Acquires as (history & s & At).
  pose proof (halt_of_sound w both 1 x1 _ At ltac:(discriminate)) as Halts.
  destruct (run_sound sample_text w both (repeat 0%nat 19) _ _ x (execution_step _ _ _ _ tr1 x1 1 _ _ Exec1 Halts) Run2)
    as (tr & Exec).
  apply stops_sound in Stops as Stop.
  exists tr, x; split; [exact Exec|split; [exact Stop|split; [exact Object|]]].
  apply (halted_where w tr x Width); [|exact Check].
  exact (bridge_kept (G := of_clients w Width both) tt tr x Never Exec 1%nat Stopped Stop).
Qed.

(** ** Other threads after the same log, and a log that the C did not make *)

(** CPU 1 has its ticket and has polled in vain.  A thread before its ticket is not
    explained after that log; nor one that has returned, one that has not called, or
    one in a release. *)
Theorem unmoved_refuted w : List.In w widths -> exists tr x s, execution sample_text w (sc_memory two w) both tr x /\
  let explained := explained sample_text w both tt 1 (contents x) in
  let at_state := Calling (Op_acquire pt_family 3) [] in
  nth_error (threads x) 1 = Some (at_state s) /\ explained (at_state s) /\
  ~ explained (at_state (name_of sample_text Acquire pt_family 3)) /\ ~ explained (at_state (Give Vundef Kstop)) /\
  (forall history, ~ explained (Idle history)) /\ (forall o history l v k, ~ explained (Storing o history l v k)).
Proof.
  intros Is; destruct (contended_premises w Is) as ((Width & _) & Never).
  destruct (computed sample_text w both (fun x : machine (sc_memory two w) =>
      (acquires x 1, waits_at w (same_length (contents x)) polls_next (contents x))) half
      (Some (pt_family, 3), true)) as (tr & x & Run & Found).
  - revert Is; clear; intros [<-|[<-|[<-|[]]]]; vm_compute; reflexivity.
  - injection Found as At Check; apply acquires_sound in At as (history & s & T).
    pose proof (bridge_kept (G := of_clients w Width both) tt tr x Never Run 1%nat _ T) as Explained.
    destruct (waits_at_sound w Width _ _ _ (Calling (Op_acquire pt_family 3) history s) Check ltac:(discriminate)
      Explained) as (s1 & [= -> ->] & _).
    exists tr, x, s1; cbv zeta; split; [exact Run|split; [exact T|split; [exact Explained|]]].
    split; [|split; [|split]]; [| |intros history|intros o history l v k]; intros Bad;
      apply (waits_at_sound w Width _ _ _ _ Check) in Bad as (s' & [=] & Polls); try discriminate;
      subst s'; vm_compute in Polls; discriminate Polls.
Qed.

(** CPU 1 polls, twice, and has no ticket: after that log no thread of it is explained. *)
Definition no_ticket : log two words_verb :=
  [(1%nat, Lock pt3 (Polled 0)); (1%nat, Lock pt3 (Polled 0));
   (0%nat, Lock pt3 (Polled 0)); (0%nat, Lock pt3 (Took 0))].
Definition outside_pt3 (g : log two words_verb) : bool :=
  same_length no_ticket g && match words_phase two 1 pt3 g with Out => true | _ => false end.
Theorem no_ticket_refuted w t : List.In w widths -> t <> Stopped -> ~ explained sample_text w both tt 1 no_ticket t.
Proof.
  intros Is Goes Explained; destruct (contended_premises w Is) as ((Width & _) & _).
  destruct (waits_at_sound w Width outside_pt3 (fun _ => false) no_ticket t) as (s & _ & [=]); auto.
  revert Is; clear; intros [<-|[<-|[<-|[]]]]; vm_compute; reflexivity.
Qed.

(** ** CPU 0 between the load and the store of its release *)

Definition one_load w (history : list (response two)) (g : log two words_verb) : bool :=
  match run_client sample_text two w 100 (both 0%nat) (length history) [] (among w 0 g) with
  | Some (_, d) =>
      let first := (name_of sample_text Release pt_family 3, d) in
      longer_later w 60 first (length g) && Nat.eqb (length (filter (fun sd => loads (fst sd)) (path w 60 first))) 1
  | None => false
  end.
(** What is loaded, and what is still to do, is what the C says. *)
Theorem one_load_sound w (Width : 1 <= w <= 32) history g l v k l' v' k' :
  one_load w history g = true ->
  explained sample_text w both tt 0 g (Storing (Op_release pt_family 3) history l v k) ->
  explained sample_text w both tt 0 g (Storing (Op_release pt_family 3) history l' v' k') ->
  l = l' /\ v = v' /\ k = k'.
Proof.
  unfold one_load; intros Check This That.
  set (storing := Storing (Op_release pt_family 3) history : Z -> Z -> cont -> thread two) in *.
  destruct (run_client _ _ _ _ _ _ _ _) as [[history0 d0]|] eqn:Run; [|discriminate].
  apply (run_client_sound sample_text two w tt) in Run; apply andb_prop in Check as (Long & One).
  assert (Found : forall l v k, explained sample_text w both tt 0 g (storing l v k) -> exists s d,
    List.In (s, d) (filter (fun sd => loads (fst sd)) (path w 60 (name_of sample_text Release pt_family 3, d0))) /\
    next_move sample_text w (both 0%nat) (Calling (Op_release pt_family 3) history s) =
      Load l (fun v => storing l v k) /\
    v = serving two w l (seen d)).
  { clear l v k l' v' k' This That; intros l v k [_ _ _ Between _].
    destruct (Between _ _ _ _ _ eq_refl) as (s & d & (s0 & d1 & (Run1 & _) & Calls & Way) & Load & Value & Seen).
    exists s, d; split; [|auto]; apply filter_In; split.
    - assert (s0 = name_of sample_text Release pt_family 3) as ->.
      { cbn [next_move] in Calls; destruct (both 0%nat history) as [[]|]; cbn [begin] in Calls; congruence. }
      destruct (c_run_deterministic (G := of_two w Width) tt _ _ _ _ _ _ _ _ Run1 Run) as (_ & ->).
      apply on_path; [exact Way|]; refine (longer_before _ _ _ _ _ Long _).
      rewrite <- Seen; cbn [snd]; refine (Nat.le_trans _ _ _ (seen_longer w d) _).
      unfold seen at 2; rewrite app_length; cbn [act record arrive events length]; lia.
    - cbn [next_move] in Load; pose proof (asks_primitive sample_text two (Op_release pt_family 3) history s) as Asks.
      rewrite Load in Asks; destruct Asks as (n & k' & ef & targs & tres & cc & -> & _); reflexivity. }
  destruct (Found l v k This) as (s & d & In1 & Load & ->), (Found l' v' k' That) as (s' & d' & In2 & Load' & ->).
  destruct (filter _ _) as [|sd [|]]; [contradiction| |discriminate One].
  destruct In1 as [->|[]], In2 as [[= -> ->]|[]].
  rewrite Load in Load'; injection Load' as <- Same.
  split; [reflexivity|split; [reflexivity|]]; apply (f_equal (fun t => t 0)) in Same; now injection Same.
Qed.

(** CPU 0 has loaded 0: after that log no thread is explained that would store
    something else, elsewhere, or go on with something else. *)
Example between w : List.In w widths -> exists tr x history k, execution sample_text w (sc_memory two w) both tr x /\
  let explained l v k :=
    explained sample_text w both tt 0 (contents x) (Storing (Op_release pt_family 3) history l v k) in
  nth_error (threads x) 0 = Some (Storing (Op_release pt_family 3) history pt3 0 k) /\ explained pt3 0 k /\
  (forall v, v <> 0 -> ~ explained pt3 v k) /\ (forall l, l <> pt3 -> ~ explained l 0 k) /\
  (forall k', k' <> k -> ~ explained pt3 0 k').
Proof.
  intros Is; destruct (contended_premises w Is) as ((Width & _) & Never).
  destruct (computed sample_text w both (fun x : machine (sc_memory two w) =>
      match nth_error (threads x) 0 with
      | Some (Storing (Op_release f i) history l v k) => Some (f, i, l, v, one_load w history (contents x))
      | _ => None
      end) (half ++ repeat 0%nat 11) (Some (pt_family, 3, pt3, 0, true))) as (tr & x & Run & Found).
  - revert Is; clear; intros [<-|[<-|[<-|[]]]]; vm_compute; reflexivity.
  - assert (exists history k, nth_error (threads x) 0 = Some (Storing (Op_release pt_family 3) history pt3 0 k) /\
        one_load w history (contents x) = true) as (history & k & T & Check).
    { revert Found; destruct (nth_error (threads x) 0) as [[| |[] history l v k|]|]; try discriminate.
      intros [= -> -> -> -> Check]; eauto. }
    pose proof (bridge_kept (G := of_clients w Width both) tt tr x Never Run 0%nat _ T) as Explained.
    exists tr, x, history, k; cbv zeta; split; [exact Run|split; [exact T|split; [exact Explained|]]].
    split; [|split]; intros other Not Bad; apply Not;
      destruct (one_load_sound w Width history _ _ _ _ _ _ _ Check Bad Explained) as (? & ? & ?); assumption.
Qed.

Definition returns {w} (x : machine (sc_memory two w)) (c : cpu) : option (family * Z) :=
  match nth_error (threads x) c with
  | Some (Calling (Op_acquire f i) [] (Give Vundef Kstop)) => Some (f, i)
  | _ => None
  end.
Lemma returns_sound w (x : machine (sc_memory two w)) c f i : returns x c = Some (f, i) ->
  nth_error (threads x) c = Some (Calling (Op_acquire f i) [] (Give Vundef Kstop)).
Proof.
  unfold returns; destruct (nth_error (threads x) c) as [[|[] [|] [| | |[] []]| |]|]; try discriminate.
  now intros [= -> ->].
Qed.

(** CPU 0 is about to return from its acquire: what it did since the call is that
    operation of [c_run]. *)
Example at_return w : List.In w widths -> exists tr x d0 d, execution sample_text w (sc_memory two w) both tr x /\
  nth_error (threads x) 0 = Some (Calling (Op_acquire pt_family 3) [] (Give Vundef Kstop)) /\
  comes_to sample_text w both tt 0 (contents x) [] d0 /\ c_run sample_text two w tt (both 0%nat) 1 [] d0 [None] d /\
  seen d = contents x /\ verbs pt3 (contents x) = [(0%nat, Took 0); (0%nat, Polled 0)].
Proof.
  intros Is; destruct (contended_premises w Is) as ((Width & _) & Never).
  destruct (computed sample_text w both (fun x : machine (sc_memory two w) =>
      (returns x 0, verbs pt3 (contents x))) (repeat 0%nat 30)
      (Some (pt_family, 3), [(0%nat, Took 0); (0%nat, Polled 0)])) as (tr & x & Run & Found).
  - revert Is; clear; intros [<-|[<-|[<-|[]]]]; vm_compute; reflexivity.
  - assert (Known : List.In pt_family sample) by (unfold sample; cbn [List.In]; auto 10).
    injection Found as At Verbs; apply returns_sound in At as T.
    pose proof (bridge_kept (G := of_clients w Width both) tt tr x Never Run 0%nat _ T) as Explained.
    destruct (in_operation _ _ _ _ _ _ _ Explained _ _ _ eq_refl) as (d & Calls & Seen).
    destruct (call_ends (G := of_clients w Width both) tt 0 (contents x) (Op_acquire pt_family 3) [] _ d Known Calls)
      as (d0 & Comes & _ & Runs).
    exists tr, x, d0, d; auto 7.
Qed.

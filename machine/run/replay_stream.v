(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The replay, as it runs: one item at a time, in little memory

    [replay] keeps a list of all threads, and each thread keeps all answers so far.
    What runs keeps the threads that have done something, by the binary number of their
    CPU, and forgets what they were told: each operation at hand is a client that says
    the same whatever it was told ([go_alike]).  So an item costs the logarithms of
    the numbers of CPUs and locks, and memory does not grow with the run.  The verdict is
    the same ([streamed_replay_correct]).  Read next: recorded.v, then tools/judge. *)
From Coq Require Import ZArith NArith List Bool FMapPositive Lia.
From hlock.clight Require Import options syntax.
From hlock.layers.view Require Import spec judge.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.refine Require Import invariant.
From hlock.machine.run Require Import explore explore_facts replay replay_sound.
Import ListNotations.
Local Open Scope Z_scope.

Section Stream.
  Context {S : system} (text : program) (T : table) (width : Z) (n : N). (* n: how many CPUs *)
  Local Notation log := (log S words_verb).
  Local Notation client := (client S).
  Local Notation seat := (seat (S := S)).
  Local Notation store := (store (S := S)).
  Local Notation next_of := (next_move text width).
  Local Notation item_done := (replay.item_done text T width).
  Local Notation go_to_return := (replay.go_to_return text width).
  Local Notation begins := (replay.begins text T width).
  Local Notation line_done := (replay.line_done text T width).

  (** ** What runs *)

  (** A line or a hint, with the binary number of its CPU. *)
  Definition said : Type := N * (line S + hint).
  Definition as_item (c : cpu) (what : line S + hint) : item S :=
    match what with inl e => Line c e | inr h => Hint c h end.
  Definition item_of (i : said) : item S := as_item (N.to_nat (fst i)) (snd i).

  (** A seat whose thread has forgotten what it was told. *)
  Definition forgets : cpu -> list (response S) -> list (response S) := fun _ _ => [].
  Definition forget (s : seat) : seat := mkSeat (trim forgets 0 (runs s)) (ticket s).

  Definition streamed_state : Type := PositiveMap.t seat * store.
  Definition streamed_start : streamed_state := (PositiveMap.empty seat, fresh_store).
  Definition seat_of (c : N) (x : streamed_state) : seat :=
    match PositiveMap.find (cpu_key c) (fst x) with Some s => s | None => mkSeat (Idle []) None end.

  Definition streamed_step (x : streamed_state) (i : said) : reason S + streamed_state :=
    let (c, what) := i in
    if N.ltb c n then
      match item_done (as_item 0 what) (seat_of c x, snd x) with
      | inl why => inl why
      | inr (s, m) => inr (PositiveMap.add (cpu_key c) (forget s) (fst x), m)
      end
    else inl No_CPU.
  Definition streamed_end (x : streamed_state) : option (reason S) :=
    if PositiveMap.fold (fun _ s all => all && entered s) (fst x) true then None else Some Not_entered.
  Definition streamed_replay : list said -> option (reason S * nat) :=
    verdict streamed_step streamed_end streamed_start 0.

  (** ** A thread does the same, whatever it was told *)
  Definition alike (x y : seat * store) : Prop := forget (fst x) = forget (fst y) /\ snd x = snd y.

  Section One_operation.
    Context (o : option (op S)).
    Local Notation says_so := ((fun _ => o) : client).

    Lemma turns_alike g t u : trim forgets 0 t = trim forgets 0 u ->
      alike_turns forgets 0 (turn_of width g (next_of says_so t)) (turn_of width g (next_of says_so u)).
    Proof. now apply (alike_here text width (fun _ => says_so) forgets). Qed.

    Local Notation settle := (settle text width (fun _ => says_so)).
    Lemma settle_alike m c c' : forall t u, trim forgets 0 t = trim forgets 0 u ->
      match settle m c t, settle m c' u with
      | Some t, Some u => trim forgets 0 t = trim forgets 0 u
      | None, None => True
      | _, _ => False
      end.
    Proof.
      induction m as [|m IH]; intros t u Same; cbn; pose proof (turns_alike [] t u Same) as Alike.
      all: destruct (next_of says_so t), (next_of says_so u); cbn in Alike; try contradiction; auto.
      exact (IH _ _ Alike).
    Qed.

    Lemma asks_turn g (m : thread_move S) s : log_to_ask m s =
      match turn_of width g m with
      | Acts (Lock l _) _ => short_of l s
      | Acts (Read l k _) _ => part_of l k s
      | _ => []
      end.
    Proof. now destruct m. Qed.

    Lemma store_after_cpu c c' a (m : store) : store_after width c a m = store_after width c' a m.
    Proof. now destruct a as [l []|l j v|l j v|]. Qed.

    Lemma go_alike c c' x y : alike x y ->
      match go text width says_so c x, go text width says_so c' y with
      | Some (w, x), Some (w', y) => w = w' /\ alike x y
      | None, None => True
      | _, _ => False
      end.
    Proof.
      destruct x as [[t held] m], y as [[u held'] m']; intros [Same Memory]; cbn in Same, Memory; subst m'.
      injection Same as Same <-; unfold go; cbn [runs ticket].
      pose proof (settle_alike fuel c c' t u Same) as Settle.
      destruct (settle fuel c t) as [t1|], (settle fuel c' u) as [u1|]; try contradiction; auto.
      assert (log_to_ask (next_of says_so t1) m = log_to_ask (next_of says_so u1) m) as ->.
      { rewrite !(asks_turn []); pose proof (turns_alike [] t1 u1 Settle) as Alike.
        destruct (turn_of width [] (next_of says_so t1)), (turn_of width [] (next_of says_so u1)); try contradiction;
          auto; now destruct Alike as (<- & _). }
      pose proof (turns_alike (log_to_ask (next_of says_so u1) m) t1 u1 Settle) as Alike.
      destruct (turn_of width _ (next_of says_so t1)) as [|v t2|a t2| | |],
        (turn_of width _ (next_of says_so u1)) as [|v' u2|a' u2| | |]; try contradiction; auto;
        destruct Alike as (<- & Alike).
      - split; [reflexivity|]; split; [|reflexivity]; unfold forget; cbn; now rewrite Alike.
      - destruct (take_note a held) as [held1|]; [|exact I]; split; [reflexivity|].
        split; [unfold forget; cbn; now rewrite Alike|apply store_after_cpu].
    Qed.
  End One_operation.

  Lemma return_alike m c c' : forall x y, alike x y ->
    alike (fst (go_to_return m c x)) (fst (go_to_return m c' y)) /\
    snd (go_to_return m c x) = snd (go_to_return m c' y).
  Proof.
    induction m as [|m IH]; intros x y Same; cbn; pose proof (go_alike None c c' x y Same) as Go.
    all: change (fun _ : list (response S) => @None (op S)) with (nothing (S := S)) in Go.
    all: destruct (go text width nothing c x) as [[w x1]|],
        (go text width nothing c' y) as [[w' y1]|]; try contradiction; auto.
    all: destruct Go as (<- & Go); destruct w as [v|[l k|l j v|l j v|]|l v]; auto.
  Qed.

  (** ** So does an item, but for what it forgets *)
  Definition alike_ends (x y : reason S + seat * store) : Prop :=
    match x, y with
    | inl why, inl why' => why = why'
    | inr x, inr y => alike x y
    | _, _ => False
    end.

  Lemma idle_alike x y : alike x y -> idle (runs (fst x)) = idle (runs (fst y)).
  Proof.
    destruct x as [[t h] m], y as [[u h'] m']; intros [Same _]; unfold forget in Same; cbn in *.
    injection Same as Same _; destruct t, u; try discriminate Same; reflexivity.
  Qed.
  Lemma ticket_alike x y : alike x y -> ticket (fst x) = ticket (fst y).
  Proof. intros [Same _]; now injection Same. Qed.

  Lemma begins_alike c c' e x y : alike x y ->
    alike_ends (begins c e x) (begins c' e y).
  Proof.
    intros Same; unfold begins; destruct (operation_of T e) as [o|]; [|reflexivity].
    rewrite (idle_alike x y Same); destruct (idle _); [|reflexivity]; cbn [negb].
    pose proof (go_alike (Some o) c c' x y Same) as Go.
    destruct (go text width _ c x) as [[w x1]|],
      (go text width _ c' y) as [[w' y1]|]; try contradiction; [|reflexivity].
    destruct Go as (<- & Go); destruct w as [v|a|l v]; [destruct (says e v)| |]; try reflexivity; auto.
    destruct (seen_of a) as [v|]; [destruct (says e v)|]; try reflexivity; auto.
    destruct Same as [_ Memory]; unfold alike_ends, other_than; now rewrite Memory.
  Qed.

  Lemma line_alike c c' e x y : alike x y ->
    alike_ends (line_done c e x) (line_done c' e y).
  Proof.
    intros Same; destruct e as [l|l t|l v|l v|l]; cbn [line_done]; try now apply begins_alike.
    - destruct (return_alike steps_of_call c c' x y Same) as (Back & Seen); unfold enter.
      destruct (go_to_return steps_of_call c x) as [[s m] v], (go_to_return steps_of_call c' y) as [[s' m'] v'].
      cbn [fst snd] in *; subst v'; pose proof (ticket_alike _ _ Back) as Ticket; cbn [fst] in Ticket; rewrite Ticket.
      destruct Back as [Forgot Memory]; cbn in Memory; subst m'; unfold forget in Forgot; cbn in Forgot.
      destruct (ticket s') as [[l' t']|], v as [v|]; try reflexivity; cbn [negb andb].
      destruct (negb _); [reflexivity|]; destruct (t' =? t); [|reflexivity].
      split; [|reflexivity]; unfold forget; cbn; now injection Forgot as -> _.
    - pose proof (begins_alike c c' (Leaves l) x y Same) as Begins.
      destruct (begins c (Leaves l) x) as [|x1], (begins c' (Leaves l) y) as [|y1]; try contradiction; auto.
      destruct (return_alike steps_of_call c c' x1 y1 Begins) as (Back & Seen); unfold leave.
      destruct (go_to_return steps_of_call c x1) as [x2 v], (go_to_return steps_of_call c' y1) as [y2 v'].
      cbn [fst snd] in *; subst v'; destruct v as [v|]; [|reflexivity].
      destruct (gave_back v); [exact Back|reflexivity].
  Qed.

  Lemma item_alike c c' what x y : alike x y ->
    alike_ends (item_done (as_item c what) x) (item_done (as_item c' what) y).
  Proof.
    intros Same; destruct what as [e|h]; cbn [as_item item_done]; [now apply line_alike|].
    unfold go_on; pose proof (go_alike None c c' x y Same) as Go.
    change (fun _ : list (response S) => @None (op S)) with (nothing (S := S)) in Go.
    destruct (go text width nothing c x) as [[w x1]|], (go text width nothing c' y) as [[w' y1]|]; try contradiction;
      [|reflexivity].
    destruct Go as (<- & Go), w as [v|[l k|l j v|l j v|]|l v]; try reflexivity.
    rewrite (ticket_alike x y Same); destruct (fits h k _); [exact Go|reflexivity].
  Qed.

  (** ** The whole *)
  Context (Cpus : cpus S = N.to_nat n).

  (** What [replay] comes to, and what runs comes to. *)
  Record stands_for (x : state (S := S)) (y : streamed_state) : Prop := {
    stands_length : length (fst x) = N.to_nat n;
    stands_seats : forall c s, nth_error (fst x) (N.to_nat c) = Some s -> forget s = forget (seat_of c y);
    stands_few : forall c, (n <= c)%N -> PositiveMap.find (cpu_key c) (fst y) = None;
    stands_memory : snd x = snd y
  }.

  Lemma seat_put c c' s seats (m : store) :
    seat_of c (PositiveMap.add (cpu_key c') s seats, m) = if N.eqb c c' then s else seat_of c (seats, m).
  Proof.
    unfold seat_of; cbn [fst]; destruct (N.eqb_spec c c') as [->|Other].
    - now rewrite PositiveMap.gss.
    - rewrite PositiveMap.gso; [reflexivity|]; intros Same; now apply cpu_key_inj in Same.
  Qed.

  Lemma step_stands x y i : stands_for x y ->
    match replay_step text T width x (item_of i), streamed_step y i with
    | inl why, inl why' => why = why'
    | inr x, inr y => stands_for x y
    | _, _ => False
    end.
  Proof.
    intros [Length Seats Few Memory]; destruct i as [c what]; unfold replay_step, streamed_step, item_of; cbn [fst snd].
    assert (cpu_of (as_item (N.to_nat c) what) = N.to_nat c) as -> by now destruct what.
    destruct (nth_error (fst x) (N.to_nat c)) as [s|] eqn:At.
    - assert (N.to_nat c < N.to_nat n)%nat as In by (rewrite <- Length; apply nth_error_Some; congruence).
      assert (N.ltb c n = true) as -> by (apply N.ltb_lt; lia).
      pose proof (item_alike (N.to_nat c) 0 what (s, snd x) (seat_of c y, snd y) (conj (Seats c s At) Memory)) as Done.
      destruct (item_done (as_item (N.to_nat c) what) (s, snd x)) as [why|[s1 m1]],
        (item_done (as_item 0 what) (seat_of c y, snd y)) as [why'|[s2 m2]]; try contradiction; [exact Done|].
      destruct Done as [Forgot Same]; cbn [fst snd] in Forgot, Same; subst m2; constructor; cbn [fst snd].
      + now rewrite length_put.
      + intros c1 s3; rewrite nth_put, eqb_cpus, seat_put; destruct (N.eqb_spec c1 c) as [->|_]; [|apply Seats].
        rewrite At; intros [= <-]; rewrite Forgot; unfold forget; cbn; now destruct (runs s2).
      + intros c1 Out; rewrite PositiveMap.gso; [now apply Few|]; intros Same; apply cpu_key_inj in Same; lia.
      + reflexivity.
    - apply nth_error_None in At; assert (N.ltb c n = false) as -> by (apply N.ltb_ge; lia); reflexivity.
  Qed.

  Lemma end_stands x y : stands_for x y -> replay_end x = streamed_end y.
  Proof.
    intros [Length Seats Few _]; unfold replay_end, streamed_end.
    enough (forallb entered (fst x) = PositiveMap.fold (fun _ s all => all && entered s) (fst y) true) as ->
      by reflexivity.
    rewrite PositiveMap.fold_1.
    assert (Fold : forall es : list (positive * seat), forall b,
              fold_left (fun all p => all && entered (snd p)) es b = b && forallb (fun p => entered (snd p)) es)
      by (induction es as [|e es IH]; intros b; cbn; [now destruct b|now rewrite IH, andb_assoc]).
    rewrite Fold; cbn [andb]; apply eq_true_iff_eq; rewrite !forallb_forall; split; intros All.
    - intros [k s] In; apply PositiveMap.elements_complete in In; cbn [snd].
      assert (Key : cpu_key (Pos.pred_N k) = k) by (unfold cpu_key; destruct k; cbn; now rewrite ?Pos.succ_pred_double).
      destruct (nth_error (fst x) (N.to_nat (Pos.pred_N k))) as [s1|] eqn:At.
      + pose proof (Seats _ _ At) as Same; unfold seat_of in Same; rewrite Key, In in Same.
        apply nth_error_In, All in At; unfold entered in *; unfold forget in Same; injection Same as _ Same.
        now rewrite <- Same.
      + apply nth_error_None in At; rewrite <- Key, Few in In by lia; discriminate.
    - intros s In; apply In_nth_error in In as (c & At); rewrite <- (Nat2N.id c) in At.
      pose proof (Seats _ _ At) as Same; unfold seat_of in Same; unfold entered; unfold forget in Same.
      destruct (PositiveMap.find (cpu_key (N.of_nat c)) (fst y)) as [s1|] eqn:Is;
        injection Same as _ ->; [|reflexivity].
      apply PositiveMap.elements_correct, All in Is; exact Is.
  Qed.

  Lemma start_stands : stands_for opening streamed_start.
  Proof.
    constructor; cbn.
    - now rewrite repeat_length.
    - intros c s At; apply nth_error_In, repeat_spec in At; subst s.
      unfold seat_of; cbn; now rewrite PositiveMap.gempty.
    - intros c _; apply PositiveMap.gempty.
    - reflexivity.
  Qed.

  Theorem streamed_replay_correct is : streamed_replay is = replay text T width (map item_of is).
  Proof. symmetry; apply verdicts_alike with (1 := step_stands) (2 := end_stands), start_stands. Qed.

  Corollary streamed_replay_sound is : 0 <= width -> streamed_replay is = None ->
    exists tr x, execution text width (sc_memory S width) (scripts T (lines_of (map item_of is))) tr x /\
                 explains width (lines_of (map item_of is)) tr x.
  Proof. intros Width; rewrite streamed_replay_correct; exact (replay_sound text T width Width _). Qed.
End Stream.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The judge of floor 0: tickets and the word that serves them

    Of the verbs of a lock it is enough which ticket was taken last, what was stored
    last, and where each CPU stands that is not out.  The judge itself is
    layers/view/judge.v.  Tickets wrap at any width; the judge of real runs
    (tools/judge) uses 32. *)
From Coq Require Import ZArith NArith List Bool FMapPositive.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec judge.
From hlock.layers.L0_machine Require Import spec.
Import ListNotations.
Local Open Scope Z_scope.

Section Judge.
  Context (S : system) (width : Z).
  Local Notation F := (words S width).
  Local Notation log := (log S words_verb).

  Record words_kept := mkKept {
    took : option Z;     (* the last ticket taken *)
    stored : option Z;   (* the last store *)
    phases : PositiveMap.t phase
  }.
  Definition phase_of (c : N) (x : words_kept) : phase :=
    match PositiveMap.find (cpu_key c) (phases x) with Some p => p | None => Out end.

  Definition keep_words (c : N) (k : words_verb) (x : words_kept) : words_kept :=
    mkKept (match k with Took t => Some t | _ => took x end)
           (match k with Stored v => Some v | _ => stored x end)
           (match words_step k (phase_of c x) with
            | Out => PositiveMap.remove (cpu_key c) (phases x)
            | p => PositiveMap.add (cpu_key c) p (phases x)
            end).

  (** Verbs that bring a CPU to phase [p], newest first. *)
  Definition verbs_to (p : phase) : list words_verb :=
    match p with
    | Out => []
    | Waiting t => [Took t]
    | In => [Polled 0; Took 0]
    | Leaving v => [Loaded v]
    end.
  Definition words_of (l : Z) (x : words_kept) : log :=
    match took x with Some t => [(1%nat, Lock l (Took t))] | None => [] end ++
    match stored x with Some v => [(1%nat, Lock l (Stored v))] | None => [] end.
  Definition words_view (c : N) (l : Z) (x : words_kept) : log :=
    map (fun k => (0%nat, Lock l k)) (verbs_to (phase_of c x)) ++ words_of l x.

  Definition words_keeper : keeper F :=
    mkKeeper (F := F) words_kept (mkKept None None (PositiveMap.empty phase)) keep_words words_view.

  Record tells (l : Z) (x : words_kept) (g : log) : Prop := {
    tells_next : next S width l (words_of l x) = next S width l g;
    tells_now : serving S width l (words_of l x) = serving S width l g;
    tells_phase : forall c, phase_of c x = words_phase S (N.to_nat c) l g
  }.

  Lemma next_words l x :
    next S width l (words_of l x) = match took x with Some t => (t + 1) mod modulus width | None => 0 end.
  Proof. unfold words_of; destruct (took x), (stored x); cbn; now rewrite ?Z.eqb_refl. Qed.
  Lemma now_words l x :
    serving S width l (words_of l x) = match stored x with Some v => v mod modulus width | None => 0 end.
  Proof. unfold words_of; destruct (took x), (stored x); cbn; now rewrite ?Z.eqb_refl. Qed.

  Lemma phase_kept c c' k x :
    phase_of c (keep_words c' k x) = if N.eqb c' c then words_step k (phase_of c x) else phase_of c x.
  Proof.
    unfold phase_of at 1; unfold keep_words; cbn [phases]; destruct (N.eqb_spec c' c) as [->|Diff].
    - destruct (words_step k (phase_of c x)); rewrite ?PositiveMap.grs, ?PositiveMap.gss; reflexivity.
    - assert (cpu_key c <> cpu_key c') as Keys by (intros E; apply cpu_key_inj in E; congruence).
      destruct (words_step k (phase_of c' x)); rewrite ?PositiveMap.gro, ?PositiveMap.gso by exact Keys; reflexivity.
  Qed.

  (** To a CPU a view is as the log, but for the next ticket while it has one. *)
  Lemma viewed l x c w : last_write F l w ->
    words_phase S 0 l (words_view c l x ++ w) = phase_of c x /\
    serving S width l (words_view c l x ++ w) = serving S width l (words_of l x) /\
    (phase_of c x = Out -> next S width l (words_view c l x ++ w) = next S width l (words_of l x)).
  Proof.
    unfold words_view, words_of; intros Write.
    destruct (phase_of c x), (took x), (stored x), Write as [->|(part & written & ->)]; cbn; rewrite ?Z.eqb_refl; auto.
    all: repeat split; discriminate.
  Qed.

  Theorem words_kept_enough : keeps F words_keeper tells.
  Proof.
    constructor; cbn [kept words_keeper nothing_kept keep view_of inside verb_fault words].
    - intros l; constructor; auto; intros c; unfold phase_of; cbn; now rewrite PositiveMap.gempty.
    - intros l x g c k [Next Now Phase]; constructor.
      + rewrite next_words in *; destruct k; cbn; now rewrite ?Z.eqb_refl.
      + rewrite now_words in *; destruct k; cbn; now rewrite ?Z.eqb_refl.
      + intros c'; rewrite phase_kept; cbn; rewrite eqb_cpus, Z.eqb_refl, andb_true_r, <- !Phase.
        now destruct (N.eqb c c').
    - intros l x g [c a] [Next Now Phase] Other.
      destruct a as [l' k|l' j v|l' j v|]; [|now constructor..].
      assert (l' =? l = false) as Diff by (apply Z.eqb_neq; intros ->; destruct Other; now exists k).
      constructor; [rewrite Next|rewrite Now|intros c'; rewrite Phase; cbn; now rewrite Diff, andb_false_r].
      all: destruct k; cbn; now rewrite ?Diff.
    - intros l x c; unfold words_view, words_of; rewrite !Forall_app, Forall_map, Forall_forall; repeat split.
      + intros k _; now exists k.
      + destruct (took x); repeat constructor; now eexists.
      + destruct (stored x); repeat constructor; now eexists.
    - intros l x g c w [_ _ Phase] Write; destruct (viewed l x c w Write) as (Same & _).
      exact (f_equal (fun p => match p with In => true | _ => false end) (eq_trans Same (Phase c))).
    - intros l x g c w k [Next Now Phase] Write; destruct (viewed l x c w Write) as (Same & Now' & Next').
      change (words_fault S width 0 l k (words_view c l x ++ w) = words_fault S width (N.to_nat c) l k g).
      unfold words_fault; rewrite Same, Now', Now, <- Phase; destruct k; auto.
      destruct (phase_of c x); auto; now rewrite Next', Next.
  Qed.

  Definition words_judge (n : N) : list (numbered F) -> option (fault * nat) := judge F words_keeper n.

  Theorem words_judge_correct n es : cpus S = N.to_nat n ->
    oldest_fault F (map (event_of F) es) (words_judge n es).
  Proof. intros Cpus; exact (judge_correct F words_keeper n tells words_kept_enough Cpus es). Qed.

  (** ** From what a trace records to verbs

      A trace has the number that [now] held when a CPU was inside, [t], and not when
      the CPU took its ticket, nor its polls in vain.  The ticket is put at the
      latest place, just before the poll that ended the wait.  If any places
      explain the run, these do: all that a ticket is compared with is the ticket
      before it, CPUs (at most 2^width) enter in the order of their tickets, and
      between its call and its entry a CPU does nothing else.  A CPU that still waits at the end of the
      trace has no number in it, and no verb. *)
  Definition acquired (c : N) (l t : Z) : list (numbered F) := [(c, Lock l (Took t)); (c, Lock l (Polled t))].

  (** What a release loads is not in the trace either: nobody else stores, so it is
      the number of the entry.  That it was, and that one was added, shows in the
      number of the next entry. *)
  Definition released (c : N) (l t : Z) : list (numbered F) :=
    [(c, Lock l (Loaded t)); (c, Lock l (Stored ((t + 1) mod modulus width)))].

  (** The number that verb [k] has, and the one that memory has after log [g]. *)
  Definition found_expected (l : Z) (k : words_verb) (g : log) : option (Z * Z) :=
    match k with
    | Took t => Some (t, next S width l g)
    | Polled v | Loaded v => Some (v, serving S width l g)
    | Stored _ => None
    end.

  (** These numbers are read off the state at which the judge has come. *)
  Definition numbers_now (l : Z) (k : words_verb) (s : state F words_keeper) : option (Z * Z) :=
    found_expected l k (words_of l (verbs F words_keeper (cell_of F words_keeper l s))).

  Theorem numbers_now_correct n before s l k : cpus S = N.to_nat n ->
    after (step F words_keeper n) (initial_state F words_keeper) before = Some s ->
    numbers_now l k s = found_expected l k (rev (map (event_of F) before)).
  Proof.
    intros Cpus After.
    assert (Agrees : agrees F words_keeper tells s (rev (map (event_of F) before) ++ []))
      by exact (after_agrees F words_keeper n tells words_kept_enough before _ _ s
                  (start_agrees F words_keeper tells words_kept_enough) After).
    rewrite app_nil_r in Agrees; destruct (same_verbs _ _ _ _ _ Agrees l) as [Next Now _].
    unfold numbers_now, found_expected; cbn in Next, Now; now destruct k; rewrite ?Next, ?Now.
  Qed.
End Judge.

(** ** Instances: numbers that wrap, that are lost, that are skipped *)
Definition visit (width : Z) (c : N) (t : Z) : list (numbered (words (one_lock 2) width)) :=
  acquired _ width c 0 t ++ released _ width c 0 t.
Definition judge_two (width : Z) := words_judge (one_lock 2) width 2.

Theorem judge_wraps : judge_two 1 (visit 1 0 0 ++ visit 1 1 1 ++ visit 1 1 0 ++ visit 1 0 1) = None.
Proof. vm_compute; reflexivity. Qed.

(** With 32 bits, from the last number before the wrap. *)
Theorem judge_wraps_at_32 :
  let F := words (one_lock 2) 32 in
  let K := words_keeper (one_lock 2) 32 in
  let before := judge.record F K (0%N, Lock 0 (Stored (2 ^ 32 - 1)))
                  (judge.record F K (0%N, Lock 0 (Took (2 ^ 32 - 2))) (initial_state F K)) in
  verdict (step F K 2) (fun _ => None) before 0 (visit 32 1 (2 ^ 32 - 1) ++ visit 32 0 0 ++ visit 32 1 1) = None.
Proof. vm_compute; reflexivity. Qed.

(** Two CPUs have one ticket: the second take is wrong. *)
Theorem lost_ticket_judged :
  judge_two 32 (acquired _ _ 0 0 0 ++ acquired _ _ 1 0 0) = Some (Wrong_value, 2%nat).
Proof. vm_compute; reflexivity. Qed.

(** Each take and each release adds two: it excludes, and the numbers are wrong. *)
Theorem skipped_number_judged : judge_two 32 (visit 32 0 0 ++ visit 32 1 2) = Some (Wrong_value, 4%nat).
Proof. vm_compute; reflexivity. Qed.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The lock words are as if memory was consistent

    In every closed list of kept actions each action on a lock word reads the last write of
    the list, and of two that wait in one queue (tickets of a lock; or all that is done
    inside of it, from the poll that enters to the store) the first happens before
    the second ([words_sound]).  So the list is a legal log of floor 0.  By induction along the
    list; that no word of long ago is taken for mine is the pigeonhole of floor 1
    ([ticket_distance]), on what happened before my ticket.  Read next: embedding.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts map.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.layers Require L1_ticket.spec L1_ticket.facts L1_ticket.refine.
From hlock.machine.model Require Import memory.
From hlock.machine.refine Require Import invariant.
From hlock.machine.safety Require Import history.
From hlock.machine.relaxed Require Import model turns reading.
Import ListNotations.
Local Open Scope Z_scope.

Section Words.
  Context {S : system} {width : Z} {g : graph S} {Protocol : protocol_graph width g}.
  Context (earlier : id -> id -> bool) (Decided : forall x y, causes g x y <-> earlier x y = true).
  Let Width : 1 <= width <= 32 := protocol_width.
  Let Fits : Z.of_nat (cpus S) <= modulus width := protocol_fits.
  Let Consistent : consistent_graph shipped_orders g width := protocol_consistent.
  Local Notation W := (words S width).
  Local Notation does := (does g).
  Local Notation hb := (hb shipped_orders g).
  Local Notation log_of := (log_of g).
  Local Notation closed := (closed g).
  Local Notation M := (modulus width).
  Local Notation between c l ids := (between S c l (log_of ids)).
  Local Notation writer := (writer S g).
  Local Notation queue_of := (queue_of S).
  Local Notation in_queue := (in_queue S g).
  Local Notation reads_last := (reads_last S g).
  Local Notation sound := (sound S g).
  Local Notation words_log := (words_log S g).

  (** ** Who is between entering and leaving *)
  Lemma one_between c c' l ids : legal W (words_log ids) -> between c l ids -> between c' l ids -> c = c'.
  Proof.
    intros Legal; unfold history.between.
    rewrite (proj2 (lock_part_alike S c (log_of ids))), (proj2 (lock_part_alike S c' (log_of ids))).
    exact (one_inside S width Width Fits _ c c' l Legal).
  Qed.
  Lemma phase_cons x ids a c l : does x = Some a -> words_phase S c l (log_of (x :: ids)) =
    match a with
    | Lock l' k => if Nat.eqb (fst x) c && (l' =? l) then words_step k (words_phase S c l (log_of ids))
                   else words_phase S c l (log_of ids)
    | _ => words_phase S c l (log_of ids)
    end.
  Proof.
    intros At; change (log_of (x :: ids)) with (event_of g x ++ log_of ids); unfold event_of; rewrite At.
    now destruct a.
  Qed.
  Ltac here x ids Closed :=
    let Kept := fresh "Kept" in let a := fresh "a" in let At := fresh "At" in
    pose proof (proj1 Closed) as Kept; destruct (kept_does _ _ Kept) as (a & At);
    pose proof (closed_turn width g protocol_turns x ids a Closed At) as (_ & Turn);
    pose proof (closed_not_in_vain g x ids a Closed At) as Not_vain;
    cbn [fst snd] in Turn, Not_vain.

  Lemma between_back x ids c l : closed (x :: ids) -> between c l (x :: ids) ->
    between c l ids \/ (fst x = c /\ exists v, does x = Some (Lock l (Polled v))).
  Proof.
    intros Closed; here x ids Closed; unfold history.between; rewrite (phase_cons x ids a c l At).
    destruct a as [l' k|l' p v|l' p v|]; auto; cbn [in_vain] in Not_vain.
    destruct (Nat.eqb_spec (fst x) c) as [Is|], (Z.eqb_spec l' l) as [->|]; cbn [andb]; auto; rewrite Is in *.
    destruct Turn as (_ & Turn), k as [t|v|v|v]; cbn [words_step]; [intros [|(? & ?)]; discriminate|eauto| |].
    - intros _; left; left; destruct (words_phase S c l (log_of ids)); tauto.
    - intros [|(? & ?)]; discriminate.
  Qed.
  Lemma between_on x ids c l : closed (x :: ids) -> between c l ids ->
    between c l (x :: ids) \/ (fst x = c /\ stores_at g x (Now l)).
  Proof.
    intros Closed; here x ids Closed; unfold history.between; rewrite (phase_cons x ids a c l At).
    destruct a as [l' k|l' p v|l' p v|]; auto.
    destruct (Nat.eqb_spec (fst x) c) as [Is|], (Z.eqb_spec l' l) as [->|]; cbn [andb]; auto; rewrite Is in *.
    destruct Turn as (_ & Turn), k as [t|v|v|v]; cbn [words_step].
    - intros [Is'|(? & Is')]; rewrite Is' in Turn; contradiction.
    - intros [Is'|(? & Is')]; rewrite Is' in Turn; contradiction.
    - left; right; eauto.
    - right; split; [reflexivity|]; eexists; split; [exact At|reflexivity].
  Qed.
  Lemma queue_between x ids l : closed (x :: ids) -> in_queue x (Now l) ->
    between (fst x) l ids \/
    (between (fst x) l (x :: ids) /\ exists v, does x = Some (Lock l (Polled v)) /\
                                               words_phase S (fst x) l (log_of ids) = Waiting v).
  Proof.
    intros Closed (a & At & Is); here x ids Closed; rewrite At in At0; injection At0 as <-.
    unfold history.between; rewrite (phase_cons x ids a (fst x) l At).
    destruct a as [l' k|l' p v|l' p v|]; cbn [queue_of] in Is; try discriminate; auto.
    2, 3: injection Is as ->; auto.
    assert (l' = l) as -> by (destruct k; congruence); rewrite Nat.eqb_refl, Z.eqb_refl; cbn [andb].
    destruct Turn as (_ & Turn), k as [t|v|v|v]; cbn [words_step in_vain] in *; [discriminate|..].
    - right; destruct (words_phase S (fst x) l (log_of ids)) as [|t| |]; try contradiction.
      apply negb_false_iff, Z.eqb_eq in Not_vain as ->; rewrite Z.eqb_refl; eauto.
    - left; destruct (words_phase S (fst x) l (log_of ids)); tauto.
    - left; destruct (words_phase S (fst x) l (log_of ids)); try tauto; eauto.
  Qed.

  (** All that was done inside of a lock happens before what its holder did last. *)
  Lemma before_holder ids c l x : closed ids -> sound ids -> between c l ids ->
    List.In x ids -> in_queue x (Now l) -> fst x = c \/ exists p, List.In p ids /\ fst p = c /\ hb x p.
  Proof.
    induction ids as [|y ids IH]; [contradiction|]; intros Closed Sound Is Mem Queue.
    pose proof Closed as (_ & _ & _ & Closed'); pose proof Sound as (_ & Order & Sound').
    destruct (between_back y ids c l Closed Is) as [Was|(<- & v & At)].
    - destruct Mem as [->|Mem].
      + left; destruct (queue_between x ids l Closed Queue) as [Here|(Here & _)].
        * exact (one_between _ _ l ids (legal_words _ Closed' Sound') Here Was).
        * exact (one_between _ _ l (x :: ids) (legal_words _ Closed Sound) Here Is).
      + destruct (IH Closed' Sound' Was Mem Queue) as [|(p & Mem' & Own & Hb)]; [auto|].
        right; exists p; cbn; auto.
    - destruct Mem as [->|Mem]; [now left|]; right; exists y; split; [now left|split; [reflexivity|]].
      apply (Order x (Now l) Mem Queue); eexists; split; [exact At|reflexivity].
  Qed.
  (** Who is no longer inside has stored, and all that it did happens before that. *)
  Lemma before_store ids l x : closed ids -> sound ids -> List.In x ids -> in_queue x (Now l) ->
    between (fst x) l ids \/ exists s, List.In s ids /\ stores_at g s (Now l) /\ (x = s \/ hb x s).
  Proof.
    induction ids as [|y ids IH]; [contradiction|]; intros Closed Sound Mem Queue.
    pose proof Closed as (_ & _ & _ & Closed'); pose proof Sound as (_ & Order & Sound').
    assert (Before : between (fst x) l ids -> (x = y \/ List.In x ids) ->
      between (fst x) l (y :: ids) \/ exists s, List.In s (y :: ids) /\ stores_at g s (Now l) /\ (x = s \/ hb x s)).
    { intros Was Mem'; destruct (between_on y ids _ l Closed Was) as [|(Own & Stores)]; [now left|right].
      exists y; split; [now left|split; [exact Stores|]]; destruct Mem' as [->|Mem']; [now left|right].
      apply (Order x (Now l) Mem' Queue).
      destruct Stores as (a & At & Is); exists a; split; [exact At|].
      destruct a as [l' []| | |]; cbn in *; congruence. }
    destruct Mem as [->|Mem].
    - destruct (queue_between x ids l Closed Queue) as [Was|(Is & _)]; [apply Before; auto|now left].
    - destruct (IH Closed' Sound' Mem Queue) as [Was|(s & Mem' & Stores & Hb)]; [apply Before; auto|].
      right; exists s; cbn; auto.
  Qed.

  (** ** A read that is not older than what happens before it *)
  Lemma not_newer x m b r s : sound (b ++ r) -> NoDup (b ++ r) -> loads_at g x m ->
    rf g x = hd_error r -> List.In s b -> stores_at g s m -> hb s x -> False.
  Proof.
    intros Sound Once Loads Where Mem Stores Hb; apply (coherence _ _ _ Consistent s x Hb), eco_fr.
    split; [intros ->; exact (hb_irreflexive Consistent s Hb)|]; exists m; split; [exact Loads|split; [exact Stores|]].
    rewrite Where; destruct r as [|w r']; [exact I|]; cbn [hd_error] in *.
    pose proof (rf_writes Consistent w x m Where Loads) as Writes; apply in_split in Mem as (b1 & b2 & ->).
    assert (Apart : w <> s).
    { rewrite <- app_assoc in Once; intros ->; apply NoDup_remove_2 in Once; apply Once.
      rewrite !in_app_iff; cbn; auto. }
    assert (Before : hb w s).
    { destruct (stores_queue w m Writes) as (m' & Queue); rewrite <- app_assoc in Sound.
      apply (sound_ordered b1 s (b2 ++ w :: r') w m' Sound); auto; rewrite in_app_iff; cbn; auto. }
    destruct (co_total _ _ _ Consistent w s m Apart Writes Stores) as [|Back]; [assumption|].
    destruct (coherence _ _ _ Consistent w s Before); now apply eco_co.
  Qed.

  (** A CPU's own actions, and what is in the list because it was read. *)
  Lemma own_sb x ids y : closed (x :: ids) -> List.In y ids -> fst y = fst x -> sb g y x.
  Proof.
    intros Closed Mem Own; pose proof Closed as (Kept & New & _ & Closed'); split; [exact Own|].
    destruct (kept_does _ _ Kept) as (a & At); split; [|rewrite At; discriminate].
    destruct (Nat.lt_trichotomy (snd y) (snd x)) as [|[Same|After]]; [assumption|..]; destruct New.
    - replace x with y; [exact Mem|]; destruct x, y; cbn in *; congruence.
    - apply (closed_down g ids x y Closed' Mem Kept), causes_sb; split; [auto|split; [exact After|]].
      pose proof (closed_kept _ _ _ Closed' Mem) as Kept'; destruct (kept_does _ _ Kept') as (b & ->); discriminate.
  Qed.
  Lemma own_before x ids y : closed (x :: ids) -> List.In y ids -> fst y = fst x -> hb y x.
  Proof. intros Closed Mem Own; exact (hb_sb shipped_orders g y x (own_sb x ids y Closed Mem Own)). Qed.
  Lemma where_read x ids m a : closed (x :: ids) -> does x = Some a -> on_words a -> loads a = Some m ->
    exists b r, ids = b ++ r /\ rf g x = hd_error r.
  Proof.
    intros (Kept & _ & Down & _) At Word Loads; destruct (rf g x) as [w|] eqn:Reads.
    - assert (Mem : List.In w ids).
      { apply Down.
        - apply (stores_kept w m), (rf_writes Consistent w x m Reads); now exists a.
        - apply causes_rf; [split; [exists m, a|]; auto|now exists a]. }
      apply in_split in Mem as (b & r & ->); now exists b, (w :: r).
    - exists ids, []; now rewrite app_nil_r.
  Qed.
  Lemma where_last x m b r : loads_at g x m -> rf g x = hd_error r ->
    (forall s, List.In s b -> writer m s = false) -> rf g x = find (writer m) (b ++ r).
  Proof.
    intros Loads Where None_; rewrite find_skip by exact None_.
    destruct r as [|w r']; [exact Where|]; cbn [find hd_error] in *.
    now rewrite (proj2 (writer_iff m w) (rf_writes Consistent w x m Where Loads)).
  Qed.

  (** What acquires and reads the last write comes after all writes. *)
  Lemma last_read_syncs x a m ids s : sound ids -> does x = Some a -> loads a = Some m -> acquires shipped_orders a ->
    rf g x = find (writer m) ids -> List.In s ids -> stores_at g s m -> hb s x.
  Proof.
    intros Sound At Loads Acq Last Mem Stores; apply writer_iff in Stores as Writes.
    destruct (find (writer m) ids) as [w|] eqn:Found; [|apply find_none with (x := s) in Found; [congruence|exact Mem]].
    pose proof (reads_sync Consistent w x a m Last At Loads Acq) as Hb.
    destruct (find_first _ _ _ Found) as (b & r & -> & Writes' & None_); apply writer_iff in Writes'.
    apply in_app_iff in Mem as [Mem|[->|Mem]]; [rewrite None_ in Writes; [discriminate|exact Mem]|exact Hb|].
    apply hb_trans with w; [|exact Hb]; destruct (stores_queue s m Stores) as (m' & Queue).
    apply (sound_ordered b w r s m'); auto.
  Qed.

  (** ** Tickets: one takes each *)
  Lemma one_takes x y l : x <> y -> rf g x = rf g y -> stores_at g x (Next l) -> stores_at g y (Next l) -> False.
  Proof.
    assert (From : forall x y, x <> y -> rf g x = rf g y -> stores_at g x (Next l) -> stores_at g y (Next l) ->
      fr g x y).
    { clear x y; intros x y Apart Same X Y; split; [exact Apart|]; exists (Next l).
      assert (Loads : forall z, stores_at g z (Next l) -> loads_at g z (Next l) /\ exists a, does z = Some a /\
        loads a = Some (Next l) /\ acquires shipped_orders a).
      { intros z (a & At & Is); assert (exists t, a = Lock l (Took t)) as (t & ->)
          by (destruct a as [l' []| | |]; cbn in Is; try discriminate; injection Is as ->; eauto).
        split; [exists (Lock l (Took t)); auto|exists (Lock l (Took t)); cbn; auto]. }
      destruct (Loads x X) as (Lx & _), (Loads y Y) as (Ly & ay & Aty & Ly' & Acq).
      split; [exact Lx|split; [exact Y|]]; destruct (rf g x) as [w|] eqn:Reads; [|exact I].
      assert (Hb : hb w y) by exact (reads_sync Consistent w y ay (Next l) (eq_sym Same) Aty Ly' Acq).
      assert (Apart' : w <> y) by (intros ->; exact (hb_irreflexive Consistent y Hb)).
      pose proof (rf_writes Consistent w x _ Reads Lx) as Writes.
      destruct (co_total _ _ _ Consistent w y (Next l) Apart' Writes Y) as [|Back]; [assumption|].
      destruct (coherence _ _ _ Consistent w y Hb); now apply eco_co. }
    intros Apart Same X Y; destruct (co_total _ _ _ Consistent x y _ Apart X Y) as [C|C].
    - exact (atomicity _ _ _ Consistent eq_refl y x (From y x (not_eq_sym Apart) (eq_sym Same) Y X) C).
    - exact (atomicity _ _ _ Consistent eq_refl x y (From x y Apart Same X Y) C).
  Qed.

  Lemma took_sound x ids l t : closed (x :: ids) -> sound ids -> does x = Some (Lock l (Took t)) ->
    rf g x = find (writer (Next l)) ids /\
    forall y, List.In y ids -> in_queue y (Next l) -> hb y x.
  Proof.
    intros Closed Sound At; assert (Loads : loads_at g x (Next l)) by (exists (Lock l (Took t)); auto).
    destruct (where_read x ids (Next l) _ Closed At I eq_refl) as (b & r & -> & Where).
    assert (Last : rf g x = find (writer (Next l)) (b ++ r)).
    { destruct (oldest (writer (Next l)) b) as [None_|(b2 & w & b1 & -> & Writes & None_)];
        [now apply where_last|exfalso].
      apply writer_iff in Writes; rewrite <- app_assoc in Sound; apply sound_app in Sound as (Last & _).
      apply (one_takes x w l); [|..|exact Writes].
      - intros <-; destruct Closed as (_ & New & _); apply New; rewrite !in_app_iff; cbn; auto.
      - rewrite (where_last x (Next l) b1 r Loads Where None_); symmetry.
        destruct Writes as (a & At' & Is); apply (Last a (Next l) At'); destruct a as [l' []| | |]; cbn in *; auto;
          discriminate.
      - exists (Lock l (Took t)); auto. }
    split; [exact Last|]; intros y Mem (a & At' & Is).
    apply (last_read_syncs x _ (Next l) (b ++ r) y Sound At eq_refl eq_refl Last Mem).
    exists a; split; [exact At'|destruct a as [l' []| | |]; cbn in *; congruence].
  Qed.

  (** ** Counting *)
  Local Notation tickets_of ids := (as_tickets S width (words_log ids)).
  Lemma tickets_cons x ids a : does x = Some a -> tickets_of (x :: ids) =
    match a with
    | Lock l (Took _) => (fst x, Lock l (L1_ticket.spec.Drew (L1_ticket.spec.taken S l (tickets_of ids)))) :: tickets_of
      ids
    | Lock l (Polled _) => (fst x, Lock l (L1_ticket.spec.Saw (L1_ticket.spec.served S l (tickets_of ids)))) ::
      tickets_of ids
    | Lock l (Stored _) => (fst x, Lock l L1_ticket.spec.Bumped) :: tickets_of ids
    | Halted => (fst x, Halted) :: tickets_of ids
    | _ => tickets_of ids
    end.
  Proof. intros At; rewrite (words_cons x ids a At); destruct a as [l []| | |]; reflexivity. Qed.
  Lemma tickets_skip x ids : does x = None -> tickets_of (x :: ids) = tickets_of ids.
  Proof.
    intros At; unfold words_log; change (log_of (x :: ids)) with (event_of g x ++ log_of ids).
    unfold event_of; now rewrite At.
  Qed.
  Lemma counts l ids :
    L1_ticket.spec.taken S l (tickets_of ids) = Z.of_nat (length (filter (writer (Next l)) ids)) /\
    L1_ticket.spec.served S l (tickets_of ids) = Z.of_nat (length (filter (writer (Now l)) ids)).
  Proof.
    induction ids as [|x ids (Taken & Served)]; [auto|]; cbn [filter]; unfold writer at 1 4.
    destruct (does x) as [a|] eqn:At; [|now rewrite tickets_skip]; rewrite (tickets_cons x ids a At).
    destruct a as [l' k|l' p v|l' p v|]; [|cbn..]; try (repeat destruct (location_eq_dec _ _); try discriminate; auto;
      fail).
    destruct (Z.eqb_spec l' l) as [->|Not], k; cbn [stores]; repeat destruct (location_eq_dec _ _); try congruence;
      cbn; rewrite ?Z.eqb_refl, ?(proj2 (Z.eqb_neq l' l)) by congruence; split; lia.
  Qed.
  (** Who waits with a number has drawn it, and none since. *)
  Definition takes (c : cpu) (l : Z) (x : id) : Prop := fst x = c /\ exists t, does x = Some (Lock l (Took t)).
  Lemma ticket_drawn c l n ids : L1_ticket.spec.ticket_phase S c l (tickets_of ids) = Waiting n ->
    exists b k r, ids = b ++ k :: r /\ takes c l k /\ n = L1_ticket.spec.taken S l (tickets_of r) /\
      forall z, List.In z b -> ~ takes c l z.
  Proof.
    induction ids as [|x ids IH]; [discriminate|]; intros Waits.
    assert (Older : ~ takes c l x -> L1_ticket.spec.ticket_phase S c l (tickets_of ids) = Waiting n ->
      exists b k r, x :: ids = b ++ k :: r /\ takes c l k /\ n = L1_ticket.spec.taken S l (tickets_of r) /\
        forall z, List.In z b -> ~ takes c l z).
    { intros Not Was; destruct (IH Was) as (b & k & r & -> & Drew & Is & None_); exists (x :: b), k, r.
      split; [reflexivity|split; [exact Drew|split; [exact Is|]]]; intros z [<-|]; auto. }
    destruct (does x) as [a|] eqn:At.
    2: { rewrite tickets_skip in Waits by exact At; apply Older; [intros (_ & t & At'); congruence|exact Waits]. }
    rewrite (tickets_cons x ids a At) in Waits.
    destruct a as [l' k| | |]; [destruct k as [t|v|v|v]|..];
      try (apply Older; [intros (_ & t' & At'); congruence|exact Waits]).
    all: cbn [L1_ticket.spec.ticket_phase] in Waits.
    all: destruct (Nat.eqb_spec (fst x) c) as [Own|], (Z.eqb_spec l' l) as [->|]; cbn [andb] in Waits;
      try (apply Older; [intros (Own' & t' & At'); congruence|exact Waits]).
    - cbn in Waits; injection Waits as <-; exists [], x, ids; split;
        [reflexivity|split; [split; eauto|split; [reflexivity|]]].
      intros z [].
    - apply Older; [intros (_ & t & At'); congruence|].
      cbn in Waits; destruct (L1_ticket.spec.ticket_phase S c l (tickets_of ids)); auto.
      destruct (_ =? t); [discriminate|exact Waits].
    - cbn in Waits; discriminate.
  Qed.

  (** ** What happened before a ticket *)
  Lemma closed_filter (f : id -> bool) ids : closed ids ->
    (forall y z, f z = true -> causes g y z -> f y = true) -> closed (filter f ids).
  Proof.
    induction ids as [|x ids IH]; [auto|]; intros (Kept & New & Down & Closed) Back; cbn [filter].
    destruct (f x) eqn:Is; [|auto]; split; [exact Kept|split; [|split; [|auto]]].
    - rewrite filter_In; tauto.
    - intros y Kept' Causes; rewrite filter_In; eauto.
  Qed.
  Definition past (k : id) (ids : list id) : list id := filter (fun y => earlier y k) ids.
  Lemma past_closed k ids : closed (k :: ids) -> closed (k :: past k ids).
  Proof.
    intros (Kept & New & Down & Closed); split; [exact Kept|split; [|split]].
    - unfold past; rewrite filter_In; tauto.
    - intros y Kept' Causes; unfold past; rewrite filter_In; split; [auto|now apply Decided].
    - apply closed_filter; [exact Closed|]; intros y z Before Causes; apply Decided in Before; apply Decided.
      now apply causes_trans with z.
  Qed.

  (** ** The poll that returns its ticket reads the last store

      What it reads is not older than the stores that happen before its ticket; these are
      less than 2^w behind the ticket. *)
  Lemma poll_waits x ids l t : closed (x :: ids) -> does x = Some (Lock l (Polled t)) ->
    words_phase S (fst x) l (words_log ids) = Waiting t.
  Proof.
    intros Closed At; refine (eq_trans (eq_sym (proj2 (lock_part_alike S (fst x) (log_of ids)) l)) _).
    here x ids Closed; rewrite At in At0; injection At0 as <-; destruct Turn as (_ & Turn); cbn in Turn, Not_vain.
    destruct (words_phase S (fst x) l (log_of ids)); try contradiction.
    apply negb_false_iff, Z.eqb_eq in Not_vain; congruence.
  Qed.
  (** The pigeonhole: of tickets before [k] less than 2^w are not served by stores that happen before [k]. *)
  Lemma few_unserved k r l t : closed (k :: r) -> sound (k :: r) -> sound (k :: past k r) ->
    does k = Some (Lock l (Took t)) ->
    L1_ticket.spec.taken S l (tickets_of r) - L1_ticket.spec.served S l (tickets_of (past k r)) < M.
  Proof.
    intros Closed (_ & Order & _) Sound_p Took_k.
    pose proof (phase_ticket S width Width Fits _ (fst k) l (legal_words _ (past_closed _ _ Closed) Sound_p)) as Number.
    rewrite (tickets_cons k (past k r) _ Took_k), (words_cons k (past k r) _ Took_k) in Number.
    cbn in Number; rewrite Nat.eqb_refl, Z.eqb_refl in Number; cbn in Number; destruct Number as (_ & Number).
    replace (L1_ticket.spec.taken S l (tickets_of r)) with (L1_ticket.spec.taken S l (tickets_of (past k r))); [lia|].
    rewrite !(proj1 (counts _ _)); do 2 f_equal; apply filter_within; intros y Mem Writes; apply Decided, hb_causes.
    apply (Order y (Next l) Mem); [|now exists (Lock l (Took t))].
    apply writer_iff in Writes as (a & At & Is); exists a; split; [exact At|].
    destruct a as [l' []| | |]; cbn in *; congruence.
  Qed.
  (** A poll does not read something older than the stores that happen before an action of its CPU. *)
  Lemma past_is_read x ids l b r b0 k r0 : closed (x :: ids) -> sound ids -> loads_at g x (Now l) ->
    ids = b ++ r -> rf g x = hd_error r -> ids = b0 ++ k :: r0 -> fst k = fst x ->
    L1_ticket.spec.served S l (tickets_of (past k r0)) <= L1_ticket.spec.served S l (tickets_of r).
  Proof.
    intros Closed Sound Loads Is Where Is_k Own; pose proof Closed as (_ & _ & _ & Closed').
    assert (Closed_k : closed (k :: r0)) by (apply (closed_app g b0); now rewrite <- Is_k).
    assert (Sound_k : sound (k :: r0)) by (apply (sound_app b0); now rewrite <- Is_k).
    assert (Hb_k : hb k x) by (apply (own_before x ids); auto; rewrite Is_k, in_app_iff; cbn; auto).
    rewrite !(proj2 (counts _ _)); apply inj_le, NoDup_incl_length.
    { apply NoDup_filter, (closed_nodup g), (past_closed k r0 Closed_k). }
    intros s; unfold past; rewrite !filter_In; intros ((Mem & Before) & Writes); split; [|exact Writes].
    assert (Mem_ids : List.In s ids) by (rewrite Is_k, in_app_iff; cbn; auto).
    rewrite Is, in_app_iff in Mem_ids; destruct Mem_ids as [Mem_b|]; [exfalso|assumption].
    rewrite Is in Sound; apply (not_newer x (Now l) b r s Sound); auto.
    - rewrite <- Is; now apply (closed_nodup g).
    - now apply writer_iff.
    - apply hb_trans with k; [|exact Hb_k]; apply Decided in Before.
      apply (causes_hb Consistent (k :: r0)); auto; exists k; cbn; auto.
  Qed.
  Lemma poll_reads_last x ids l t : closed (x :: ids) -> sound ids ->
    (forall ids', (length ids' <= length ids)%nat -> closed ids' -> sound ids') ->
    does x = Some (Lock l (Polled t)) -> rf g x = find (writer (Now l)) ids.
  Proof.
    intros Closed Sound Smaller At; pose proof Closed as (_ & _ & _ & Closed').
    assert (Loads : loads_at g x (Now l)) by now exists (Lock l (Polled t)).
    (* it waits with t, which is number n, drawn by k *)
    pose proof (phase_ticket S width Width Fits _ (fst x) l (legal_words ids Closed' Sound)) as Number.
    rewrite (poll_waits x ids l t Closed At) in Number.
    destruct (L1_ticket.spec.ticket_phase S (fst x) l (tickets_of ids)) as [|n| |] eqn:Phase; try contradiction.
    destruct Number as (Is_t & Behind).
    destruct (ticket_drawn (fst x) l n ids Phase) as (b0 & k & r0 & Is_k & (Own & t' & Took_k) & Is_n & _).
    assert (Closed_k : closed (k :: r0)) by (apply (closed_app g b0); now rewrite <- Is_k).
    assert (Sound_k : sound (k :: r0)) by (apply (sound_app b0); now rewrite <- Is_k).
    assert (Sound_p : sound (k :: past k r0)).
    { apply Smaller; [|now apply past_closed]; rewrite Is_k, app_length; cbn [length].
      unfold past; pose proof (filter_shorter (fun y => earlier y k) r0); lia. }
    pose proof (few_unserved k r0 l t' Closed_k Sound_k Sound_p Took_k) as Near.
    (* so what it reads, the newest of r, makes t the number of exactly as many stores *)
    destruct (where_read x ids (Now l) _ Closed At I eq_refl) as (b & r & Is & Where).
    pose proof (past_is_read x ids l b r b0 k r0 Closed Sound Loads Is Where Is_k Own) as Read.
    assert (Legal_r : legal W (words_log r)).
    { apply legal_words; [apply (closed_app g b)|apply (sound_app b)]; now rewrite <- Is. }
    destruct (image_legal _ _ _ _ (L1_ticket.refine.tickets_simulation S width (proj1 Width) Fits) _ Legal_r)
      as (_ & Wraps); pose proof (L1_ticket.refine.now_wraps _ _ _ Wraps l) as Now_is.
    assert (Value : value_there S width (log_of r) (Lock l (Polled t))).
    { apply (value_last Consistent x _ (Now l)); auto; symmetry; rewrite (where_last x (Now l) [] r Loads Where);
        [reflexivity|intros s []]. }
    apply (proj2 (lock_part_value S width (Lock l (Polled t)) (log_of r) I)) in Value; cbn in Value.
    unfold words_log in Now_is; rewrite <- Value in Now_is; fold (words_log r) in Now_is.
    (* and none is newer *)
    rewrite Is; apply where_last; auto; apply filter_none.
    pose proof (proj2 (counts l ids)) as Served; pose proof (proj2 (counts l r)) as Served_r.
    rewrite Is, filter_app, app_length, <- Is in Served.
    assert (Exact : L1_ticket.spec.served S l (tickets_of r) = n).
    { apply Z.eqb_eq; rewrite <- (L1_ticket.refine.wrap_exact S width (proj1 Width)) by lia.
      apply Z.eqb_eq; unfold as_tickets; congruence. }
    lia.
  Qed.
  (** So all that was done inside before happens before it: nobody else is inside. *)
  Lemma poll_after_all x ids l t : closed (x :: ids) -> sound ids -> does x = Some (Lock l (Polled t)) ->
    rf g x = find (writer (Now l)) ids -> forall y, List.In y ids -> in_queue y (Now l) -> hb y x.
  Proof.
    intros Closed Sound At Last y Mem Queue; pose proof Closed as (_ & _ & _ & Closed').
    destruct (before_store ids l y Closed' Sound Mem Queue) as [Inside|(s & Mem' & Stores & Before)].
    - apply (own_before x ids y Closed Mem).
      assert (Reads : reads_last x ids) by (intros a m At'; rewrite At in At'; injection At' as <-; intros _ [= <-];
        exact Last).
      assert (Stays : forall c, between c l ids -> between c l (x :: ids)).
      { intros c Is; destruct (between_on x ids _ l Closed Is) as [|(_ & a & At' & Stores)]; [assumption|].
        rewrite At in At'; injection At' as <-; discriminate. }
      apply (one_between (fst y) (fst x) l (x :: ids)); auto.
      + now apply legal_next, legal_words.
      + destruct (queue_between x ids l Closed) as [|(Here & _)]; auto; now exists (Lock l (Polled t)).
    - assert (Hb : hb s x) by exact (last_read_syncs x _ (Now l) ids s Sound At eq_refl eq_refl Last Mem' Stores).
      destruct Before as [->|Before]; [exact Hb|now apply hb_trans with s].
  Qed.

  (** ** All kept actions *)
  Lemma holder_sound x ids l : closed (x :: ids) -> sound ids -> between (fst x) l ids ->
    forall y, List.In y ids -> in_queue y (Now l) -> hb y x.
  Proof.
    intros Closed Sound Is y Mem Queue; pose proof Closed as (_ & _ & _ & Closed').
    destruct (before_holder ids (fst x) l y Closed' Sound Is Mem Queue) as [Own|(p & Mem' & Own & Hb)].
    - now apply (own_before x ids).
    - apply hb_trans with p; [exact Hb|now apply (own_before x ids)].
  Qed.
  (** Whose location's writes all happen before it reads the last of them. *)
  Lemma reads_newest x ids m b r : sound ids -> NoDup ids -> loads_at g x m -> ids = b ++ r ->
    rf g x = hd_error r ->
    (forall s, List.In s ids -> stores_at g s m -> hb s x) -> rf g x = find (writer m) ids.
  Proof.
    intros Sound Once Loads -> Where Before; apply where_last; auto; intros s Mem; apply not_true_iff_false;
      intros Writes.
    apply writer_iff in Writes; apply (not_newer x m b r s); auto; apply Before; auto; rewrite in_app_iff; auto.
  Qed.

  Theorem words_sound ids : closed ids -> sound ids.
  Proof.
    remember (length ids) as n eqn:Length; assert (Less : (length ids <= n)%nat) by lia; clear Length.
    revert ids Less; induction n as [|n IH]; intros [|x ids] Less Closed; try exact I; [cbn in Less; lia|].
    cbn in Less; pose proof Closed as (Kept & New & _ & Closed').
    assert (Sound : sound ids) by (apply IH; [lia|exact Closed']).
    assert (Smaller : forall ids', (length ids' <= length ids)%nat -> closed ids' -> sound ids')
      by (intros ids' Most; apply IH; lia).
    destruct (kept_does _ _ Kept) as (a & At).
    assert (Queues : forall m, in_queue x m -> queue_of a = Some m)
      by (intros m (a' & At' & Is); congruence).
    assert (Inside : forall l, queue_of a = Some (Now l) -> (forall v, a <> Lock l (Polled v)) ->
      between (fst x) l ids).
    { intros l Is Not; destruct (queue_between x ids l Closed) as [|(_ & v & At' & _)]; [now exists a|assumption|].
      destruct (Not v); congruence. }
    split; [|split; [|exact Sound]].
    - intros a' m At'; rewrite At in At'; injection At' as <-; destruct a as [l k| | |]; try contradiction;
        intros _ Loads.
      destruct k as [t|t|v|v]; cbn in Loads; try discriminate; injection Loads as <-.
      + exact (proj1 (took_sound x ids l t Closed Sound At)).
      + exact (poll_reads_last x ids l t Closed Sound Smaller At).
      + destruct (where_read x ids (Now l) _ Closed At I eq_refl) as (b & r & Is & Where).
        apply (reads_newest x ids (Now l) b r); auto; [now apply (closed_nodup g)|exists (Lock l (Loaded v)); auto|].
        intros s Mem Stores; apply (holder_sound x ids l Closed Sound); auto;
          [apply Inside; [reflexivity|discriminate]|].
        destruct Stores as (a & At' & Is'); exists a; split;
          [exact At'|destruct a as [l' []| | |]; cbn in *; congruence].
    - intros y m Mem Queue_y Queue_x; pose proof (Queues m Queue_x) as Is.
      destruct a as [l [t|t|v|v]|l p v|l p v|]; cbn in Is; try discriminate; injection Is as <-;
        try (apply (holder_sound x ids l); auto; apply Inside; [reflexivity|discriminate]).
      + exact (proj2 (took_sound x ids l t Closed Sound At) y Mem Queue_y).
      + pose proof (poll_reads_last x ids l t Closed Sound Smaller At) as Last.
        exact (poll_after_all x ids l t Closed Sound At Last y Mem Queue_y).
  Qed.
End Words.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Relaxed executions in a kernel programmer's words

    Of two sections of one lock one is over before the other begins: its release
    happens before the poll that enters the other ([sections_apart]); so all that is
    done in the one happens before all that is done in the other.  Any two accesses of an
    object are ordered ([accesses_ordered]); a read returns the last write before it
    ([reads_last_write]); sections come in the order of their tickets
    ([sections_in_ticket_order]).  Read next: main/relaxed.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts map.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.layers Require L1_ticket.spec L1_ticket.facts L1_ticket.refine.
From hlock.layers.L4_locks Require Import spec contract.
From hlock.stack Require Import stack setting.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.refine Require Import invariant.
From hlock.machine.safety Require Import history.
From hlock.machine.relaxed Require Import model order turns alone reading lock_words interleave embedding.
Import ListNotations.
Local Open Scope Z_scope.

Section List.
  Context {S : system} {width : Z} {g : graph S} {Protocol : protocol_graph width g}.
  Context (ids : list id) (Closed : closed g ids) (All : forall x, List.In x ids <-> kept g x = true).
  Local Notation hb := (hb shipped_orders g).
  Local Notation W := (words S width).
  Let Width : 1 <= width <= 32 := protocol_width.
  Let Fits : Z.of_nat (cpus S) <= modulus width := protocol_fits.
  Let Consistent : consistent_graph shipped_orders g width := protocol_consistent.
  Let Irreflexive x : ~ hb x x := hb_irreflexive Consistent x.
  Let reached := reach (one_step S g) (all_ids S g).
  Let Sound : sound S g ids := words_sound reached (causes_decided S g protocol_few) ids Closed.
  Let queue_hb := queue_hb ids Closed.

  Lemma closed_at b r : ids = b ++ r -> closed g r.
  Proof. intros Is; apply (closed_app g b); now rewrite <- Is. Qed.
  Lemma sound_at b r : ids = b ++ r -> sound S g r.
  Proof. intros Is; apply (sound_app b); now rewrite <- Is. Qed.
  Ltac same_list := repeat (rewrite <- app_assoc; cbn [app]); reflexivity.

  Lemma later_not_before x y m : in_queue S g x m -> in_queue S g y m -> List.In x ids -> List.In y ids ->
    hb x y -> earlier ids x y.
  Proof.
    intros X Y Mx My Hb; destruct (earlier_or ids x y Mx My) as [|Back];
      [intros ->; exact (Irreflexive y Hb)|assumption|].
    destruct (Irreflexive x); apply hb_trans with y; [exact Hb|exact (queue_hb y x m Back Y X)].
  Qed.
  Lemma store_in l s : stores_at g s (Now l) -> List.In s ids.
  Proof. intros Stores; apply All; exact (stores_kept s _ Stores). Qed.

  (** Who has entered and not stored since is between. *)
  Lemma entered_between l x b r : ids = b ++ x :: r -> enters_at g l x -> forall b2 b1, b = b2 ++ b1 ->
    (forall s, List.In s b1 -> fst s = fst x -> ~ stores_at g s (Now l)) ->
      between S (fst x) l (log_of g (b1 ++ x :: r)).
  Proof.
    intros Is (Kept & v & At) b2 b1; revert b2; induction b1 as [|y b1 IH]; intros b2 Is_b None_.
    - assert (Closed' : closed g (x :: r)) by exact (closed_at b _ Is).
      destruct (queue_between x r l Closed') as [Was|(Here & _)];
        [now exists (Lock l (Polled v))| |exact Here].
      destruct (between_on x r (fst x) l Closed' Was) as [|(_ & a & At' & Stores)]; [assumption|].
      rewrite At in At'; injection At' as <-; discriminate.
    - assert (Closed' : closed g (y :: b1 ++ x :: r)).
      { apply (closed_at b2); rewrite Is, Is_b; same_list. }
      assert (Was : between S (fst x) l (log_of g (b1 ++ x :: r))).
      { apply (IH (b2 ++ [y])); [now rewrite <- app_assoc|]; intros s Mem; apply None_; now right. }
      destruct (between_on y _ (fst x) l Closed' Was) as [|(Own & Stores)]; [assumption|].
      destruct (None_ y (or_introl eq_refl) Own Stores).
  Qed.

  Lemma first_store l c (b : list id) : (forall s, List.In s b -> fst s = c -> ~ stores_at g s (Now l)) \/
    exists b2 s b1, b = b2 ++ s :: b1 /\ fst s = c /\ stores_at g s (Now l) /\
      forall y, List.In y b1 -> fst y = c -> ~ stores_at g y (Now l).
  Proof.
    destruct (oldest (fun s => Nat.eqb (fst s) c && writer S g (Now l) s) b)
      as [None_|(b2 & s & b1 & Is & Here & None_)].
    - left; intros s Mem Own Stores; specialize (None_ s Mem); apply andb_false_iff in None_ as [Not|Not].
      + apply Nat.eqb_neq in Not; auto.
      + apply writer_iff in Stores; congruence.
    - right; apply andb_prop in Here as (Own & Stores); apply Nat.eqb_eq in Own; apply writer_iff in Stores.
      exists b2, s, b1; repeat split; auto; intros y Mem Own' Stores'; specialize (None_ y Mem).
      apply andb_false_iff in None_ as [Not|Not]; [apply Nat.eqb_neq in Not; auto|].
      apply writer_iff in Stores'; congruence.
  Qed.

  Lemma sections_in_list l x y : enters_at g l x -> enters_at g l y -> earlier ids x y ->
    exists s, leaves_at g l x s /\ hb s y.
  Proof.
    intros X Y (b & r & Is & Mem); apply in_split in Mem as (r2 & r1 & ->); rename r1 into r.
    assert (Is_x : ids = (b ++ y :: r2) ++ x :: r) by (rewrite <- app_assoc; exact Is).
    assert (Queue : forall z, enters_at g l z -> in_queue S g z (Now l)).
    { intros z (_ & v & At); exists (Lock l (Polled v)); auto. }
    destruct (first_store l (fst x) r2) as [None_|(b2 & s & b1 & -> & Own & Stores & None_)].
    - exfalso; assert (Closed_y : closed g (y :: r2 ++ x :: r)) by exact (closed_at b _ Is).
      assert (Sound_y : sound S g (y :: r2 ++ x :: r)) by exact (sound_at b _ Is).
      assert (Here : between S (fst x) l (log_of g (r2 ++ x :: r))).
      { apply (entered_between l x (b ++ y :: r2) r Is_x X (b ++ [y]) r2); [now rewrite <- app_assoc|exact None_]. }
      pose proof Y as (_ & v & At_y).
      assert (Not_store : forall c, between S c l (log_of g (r2 ++ x :: r)) ->
        between S c l (log_of g (y :: r2 ++ x :: r))).
      { intros c Was; destruct (between_on y _ c l Closed_y Was) as [|(_ & a & At & St)];
          [assumption|].
        rewrite At_y in At; injection At as <-; discriminate. }
      assert (Legal : legal W (words_log S g (y :: r2 ++ x :: r)))
        by exact (legal_words _ Closed_y Sound_y).
      destruct (queue_between y _ l Closed_y (Queue y Y)) as [Was|(Is_y & w & _ & Waits)].
      + pose proof (closed_turn width g protocol_turns y _ _ Closed_y At_y) as (_ & _ & Turn).
        destruct Was as [E|(u & E)]; rewrite E in Turn; exact Turn.
      + pose proof (one_between (fst x) (fst y) l _ Legal (Not_store _ Here) Is_y) as Same.
        rewrite <- Same in Waits; destruct Here as [E|(u & E)]; rewrite E in Waits; discriminate.
    - assert (Mem_s : List.In s ids) by (now apply (store_in l)).
      assert (Queue_s : in_queue S g s (Now l)) by exact (stores_queue_of s (Now l) Stores).
      assert (X_s : earlier ids x s).
      { exists (b ++ y :: b2), (b1 ++ x :: r); split; [|rewrite in_app_iff; cbn; auto].
        rewrite Is; same_list. }
      assert (Sb : sb g x s).
      { assert (Closed_s : closed g (s :: b1 ++ x :: r)).
        { apply (closed_at (b ++ y :: b2)); rewrite Is; same_list. }
        assert (Hb : hb x s) by exact (queue_hb x s (Now l) X_s (Queue x X) Queue_s).
        destruct Closed_s as (Kept_s & New & _ & Closed_s); split; [auto|].
        destruct (kept_does _ _ Kept_s) as (a & At); split; [|rewrite At; discriminate].
        destruct (Nat.lt_trichotomy (snd x) (snd s)) as [|[Same|After]]; [assumption|exfalso..].
        - assert (x = s) as <- by (destruct x, s; cbn in *; congruence); exact (Irreflexive x Hb).
        - apply (Irreflexive x); apply hb_trans with s; [exact Hb|apply hb_sb]; split; [auto|split; [exact After|]].
          destruct X as (_ & v & At_x); rewrite At_x; discriminate. }
      exists s; split; [split; [exact Sb|split; [exact Stores|]]|].
      + intros z Before After Stores_z; pose proof (store_in l z Stores_z) as Mem_z.
        pose proof (stores_queue_of z (Now l) Stores_z) as Queue_z; cbn [queue_of_location] in Queue_z.
        assert (E1 : earlier ids x z) by (apply (later_not_before x z (Now l)); auto using hb_sb;
          apply All, X).
        assert (E2 : earlier ids z s) by (apply (later_not_before z s (Now l)); auto using hb_sb).
        destruct E2 as (b' & r' & Is' & Mem').
        assert (Once : NoDup ids) by exact (closed_nodup g ids Closed).
        assert (Same : r' = b1 ++ x :: r).
        { assert (Is_s : ids = (b ++ y :: b2) ++ s :: b1 ++ x :: r)
            by (rewrite Is; same_list).
          rewrite Is_s in Once, Is'; symmetry; exact (split_once _ _ _ _ _ Once Is'). }
        rewrite Same, in_app_iff in Mem'; destruct Mem' as [Mem'|[->|Mem']].
        * apply (None_ z Mem'); [|exact Stores_z]; destruct Before as (-> & _); reflexivity.
        * destruct Before as (_ & Less & _); lia.
        * apply (earlier_one_way ids x z Once E1); exists (b ++ y :: b2 ++ s :: b1), r; split; [|exact Mem'].
          rewrite Is; same_list.
      + apply (queue_hb s y (Now l)); auto; exists b, (b2 ++ s :: b1 ++ x :: r); split.
        * rewrite Is; same_list.
        * rewrite in_app_iff; cbn; auto.
  Qed.

  Lemma accesses_in_list l k x y : x <> y -> accesses_at g l k x -> accesses_at g l k y -> hb x y \/ hb y x.
  Proof.
    assert (Queue : forall z, accesses_at g l k z -> in_queue S g z (Now l) /\ List.In z ids).
    { intros z [Is|Is];
        (split; [first [exact (loads_queue z _ Is)|exact (stores_queue_of z _ Is)]|apply All]);
        destruct Is as (a & At & Is); unfold kept; rewrite At; now destruct a as [l' []| | |]. }
    intros Apart X Y; destruct (Queue x X) as (Qx & Mx), (Queue y Y) as (Qy & My).
    destruct (earlier_or ids x y Mx My Apart) as [E|E]; [left|right]; eauto using queue_hb.
  Qed.

  Lemma last_write_in_list x l k : loads_at g x (Object l k) ->
    match rf g x with
    | Some w => hb w x /\ forall w', stores_at g w' (Object l k) -> hb w' x -> w' = w \/ hb w' w
    | None => forall w', stores_at g w' (Object l k) -> ~ hb w' x
    end.
  Proof.
    intros Loads; pose proof Loads as (a & At & Is).
    assert (Mem : List.In x ids) by (apply All; unfold kept; rewrite At; destruct a as [l' []| | |]; try discriminate;
      reflexivity).
    apply in_split in Mem as (b & r & Is_ids).
    pose proof (all_read_last ids Closed All b x r a _ Is_ids At Is)
      as Reads.
    assert (Older : forall w', stores_at g w' (Object l k) -> hb w' x -> List.In w' r).
    { intros w' Stores Hb; pose proof (stores_queue_of w' _ Stores) as Queue.
      destruct (later_not_before w' x (Now l)) as (b' & r' & Is' & Mem'); auto.
      - exact (loads_queue x _ Loads).
      - apply All; exact (stores_kept w' _ Stores).
      - rewrite Is_ids, in_app_iff; cbn; auto.
      - rewrite Is_ids in Is'; assert (Once : NoDup (b ++ x :: r)) by (rewrite <- Is_ids;
          exact (closed_nodup g ids Closed)).
        now rewrite (split_once _ _ _ _ _ Once Is'). }
    destruct (rf g x) as [w|]; symmetry in Reads.
    - destruct (find_first _ _ _ Reads) as (b' & r' & -> & Writes & None_); apply writer_iff in Writes; split.
      + apply (queue_hb w x (Now l)); [|exact (stores_queue_of w _ Writes)|exact (loads_queue x _ Loads)].
        exists b, (b' ++ w :: r'); split; [exact Is_ids|rewrite in_app_iff; cbn; auto].
      + intros w' Stores Hb; specialize (Older w' Stores Hb).
        apply in_app_iff in Older as [Mem|[->|Mem]]; [|now left|right].
        * specialize (None_ w' Mem); apply writer_iff in Stores; congruence.
        * apply (queue_hb w' w (Now l)); [|exact (stores_queue_of w' _ Stores)|exact
            (stores_queue_of w _ Writes)].
          exists (b ++ x :: b'), r'; split; [rewrite Is_ids, <- app_assoc; reflexivity|exact Mem].
    - intros w' Stores Hb; specialize (Older w' Stores Hb); apply find_none with (x := w') in Reads; [|exact Older].
      apply writer_iff in Stores; congruence.
  Qed.

  Local Notation tickets_of ids := (as_tickets S width (words_log S g ids)).
  (** Who enters was served its number: as many tickets were taken before its own. *)
  Lemma entering_number l y b r k : ids = b ++ y :: r -> enters_at g l y -> ticket_at g l k y ->
    exists b' r', r = b' ++ k :: r' /\
      L1_ticket.spec.served S l (tickets_of r) = L1_ticket.spec.taken S l (tickets_of r').
  Proof.
    intros Is Y (Sb & Stores & Last); pose proof Y as (Kept & v & At).
    pose proof (closed_at b _ Is) as Closed_y; pose proof (sound_at b _ Is) as Sound_y.
    pose proof Closed_y as (_ & _ & _ & Closed_r); pose proof Sound_y as (_ & _ & Sound_r).
    pose proof (legal_words _ Closed_y Sound_y) as Legal_y.
    pose proof (legal_words _ Closed_r Sound_r) as Legal_r.
    destruct (queue_between y r l Closed_y) as [Was|(Here & w & _ & Waits)].
    { now exists (Lock l (Polled v)). }
    { pose proof (closed_turn width g protocol_turns y _ _ Closed_y At) as (_ & _ & Turn).
      destruct Was as [E|(u & E)]; rewrite E in Turn; contradiction. }
    pose proof (phase_ticket S width Width Fits _ (fst y) l Legal_r) as Number.
    rewrite (proj2 (lock_part_alike S (fst y) (log_of g r))) in Waits; fold (words_log S g r) in Waits;
      rewrite Waits in Number.
    destruct (L1_ticket.spec.ticket_phase S (fst y) l (tickets_of r)) as [|n| |] eqn:Phase; try contradiction.
    destruct (ticket_drawn (fst y) l n r Phase) as (b' & k' & r' & -> & (Own & t & Took_k) & -> & None_).
    exists b', r'; split.
    - f_equal; f_equal.
      assert (Mem : List.In k (b' ++ k' :: r')).
      { destruct Closed_y as (_ & _ & Down & _); apply Down;
          [exact (stores_kept k _ Stores)|now apply causes_sb]. }
      assert (Takes : takes (g := g) (fst y) l k).
      { destruct Sb as (Own_k & _), Stores as (a & At_k & Is_k); split; [exact Own_k|].
        destruct a as [l' []| | |]; cbn in Is_k; try discriminate; injection Is_k as ->; eauto. }
      apply in_app_iff in Mem as [Mem|[->|Mem]]; [destruct (None_ k Mem Takes)|reflexivity|exfalso].
      assert (Closed_k : closed g (k' :: r')) by (apply (closed_app g b'), Closed_r).
      assert (Mem' : List.In k' (b' ++ k' :: r')) by (rewrite in_app_iff; cbn; auto).
      destruct Takes as (Own_k & _); apply (Last k');
        [|exact (own_sb y _ k' Closed_y Mem' Own)|exists (Lock l (Took t)); auto].
      exact (own_sb k' r' k Closed_k Mem (eq_trans Own_k (eq_sym Own))).
    - pose proof (phase_ticket S width Width Fits _ (fst y) l Legal_y) as Number'.
      unfold words_log in Number'; rewrite <- (proj2 (lock_part_alike S (fst y) (log_of g (y :: b' ++ k' :: r')))) in
        Number'.
      fold (words_log S g (y :: b' ++ k' :: r')) in Number'; rewrite (tickets_cons y _ _ At) in Number'.
      cbn [L1_ticket.spec.ticket_phase] in Number'; rewrite Nat.eqb_refl, Z.eqb_refl in Number';
        cbn [andb] in Number'.
      rewrite Phase in Number'; cbn [L1_ticket.spec.ticket_step] in Number'.
      destruct (Z.eqb_spec (L1_ticket.spec.served S l (tickets_of (b' ++ k' :: r')))
                           (L1_ticket.spec.taken S l (tickets_of r'))) as [|Not]; [assumption|].
      destruct Here as [E|(u & E)]; rewrite E in Number'; contradiction.
  Qed.

  Lemma tickets_in_list l x y k m : enters_at g l x -> enters_at g l y -> ticket_at g l k x -> ticket_at g l m y ->
    earlier ids x y -> earlier ids k m.
  Proof.
    intros X Y Kx My Early; pose proof Early as (b & r & Is & Mem); apply in_split in Mem as (r2 & r1 & ->);
      rename r1 into r.
    assert (Once : NoDup ids) by exact (closed_nodup g ids Closed).
    assert (Is_x : ids = (b ++ y :: r2) ++ x :: r) by (rewrite Is; same_list).
    destruct (entering_number l x (b ++ y :: r2) r k Is_x X Kx) as (bk & rk & -> & Served_x).
    destruct (entering_number l y b _ m Is Y My) as (bm & rm & Is_m & Served_y).
    (* a store lies between, so more were served and more had been taken *)
    assert (More : L1_ticket.spec.served S l (tickets_of (bk ++ k :: rk)) <
                   L1_ticket.spec.served S l (tickets_of (r2 ++ x :: bk ++ k :: rk))).
    { destruct (sections_in_list l x y X Y Early) as (s & (Sb & Stores & _) & Hb).
      assert (Mem_s : List.In s ids) by exact (store_in l s Stores).
      assert (Queue : forall z, enters_at g l z -> in_queue S g z (Now l)) by (intros z (_ & v & At);
        exists (Lock l (Polled v)); auto).
      pose proof (stores_queue_of s (Now l) Stores) as Queue_s; cbn [queue_of_location] in Queue_s.
      assert (X_s : earlier ids x s) by (apply (later_not_before x s (Now l)); auto using hb_sb; apply All, X).
      assert (S_y : earlier ids s y) by (apply (later_not_before s y (Now l)); auto; apply All, Y).
      destruct S_y as (b' & r' & Is' & Mem'); rewrite Is in Is', Once;
        pose proof (split_once _ _ _ _ _ Once Is') as <-.
      rewrite (proj2 (counts l (r2 ++ _))), (proj2 (counts l (bk ++ _))).
      rewrite (filter_app _ r2), app_length; cbn [filter]; generalize (filter (writer S g (Now l)) (bk ++ k :: rk));
        intros old.
      assert (Mem2 : List.In s r2).
      { rewrite <- Is in Once; apply in_app_iff in Mem' as [|[<-|Mem']];
          [assumption|destruct Sb as (_ & Less & _); lia|].
        destruct (earlier_one_way ids x s Once X_s); exists (b ++ y :: r2), (bk ++ k :: rk); auto. }
      assert (Some_ : List.In s (filter (writer S g (Now l)) r2)) by (apply filter_In; split;
        [exact Mem2|now apply writer_iff]).
      destruct (filter (writer S g (Now l)) r2); [contradiction|]; destruct (writer S g (Now l) x); cbn [length];
        lia. }
    rewrite Served_y, Served_x, (proj1 (counts l rk)), (proj1 (counts l rm)) in More.
    assert (Is_k : ids = (b ++ y :: r2 ++ x :: bk) ++ k :: rk) by (rewrite Is; same_list).
    assert (Is_m' : ids = (b ++ y :: bm) ++ m :: rm) by (rewrite Is, Is_m; same_list).
    assert (Mem_k : List.In k ids) by (rewrite Is_k, in_app_iff; cbn; auto).
    assert (Mem_m : List.In m ids) by (rewrite Is_m', in_app_iff; cbn; auto).
    destruct (id_eq_dec k m) as [<-|Apart].
    - rewrite Is_k in Once, Is_m'; rewrite (split_once _ _ _ _ _ Once Is_m') in More; lia.
    - destruct (earlier_or ids k m Mem_k Mem_m Apart) as [|(b' & r' & Is' & Mem')]; [assumption|exfalso].
      rewrite Is_k in Is'; assert (Once_k := Once); rewrite Is_k in Once_k;
        rewrite <- (split_once _ _ _ _ _ Once_k Is') in Mem'.
      apply in_split in Mem' as (r3 & r4 & ->).
      assert (Is_m2 : ids = (b ++ y :: r2 ++ x :: bk ++ k :: r3) ++ m :: r4) by (rewrite Is_k; same_list).
      rewrite Is_m2 in Once, Is_m'; rewrite <- (split_once _ _ _ _ _ Once Is_m') in More.
      rewrite filter_app, app_length in More; cbn [filter] in More; destruct My as (_ & My & _).
      rewrite (proj2 (writer_iff _ m) My) in More; cbn [length] in More; lia.
  Qed.
End List.

(** ** In words *)
Section Sections.
  Context (S : system) (width : Z) (Width : 1 <= width <= 32) (Fits : Z.of_nat (cpus S) <= modulus width).
  Context (g : graph S) (Consistent : consistent_graph shipped_orders g width).
  Context (Turns : forall c, in_turns S width c (rev (run g c))) (Few : forall c, (cpus S <= c)%nat -> run g c = []).
  Local Notation hb := (hb shipped_orders g).
  Local Instance protocol : protocol_graph width g := Build_protocol_graph _ _ g Width Fits Consistent Turns Few.
  Let list_of : exists ids, closed g ids /\ forall x, List.In x ids <-> kept g x = true :=
    one_list S width g Consistent Few.

  Theorem sections_apart l x y : enters_at g l x -> enters_at g l y -> x <> y ->
    (exists s, leaves_at g l x s /\ hb s y) \/ (exists s, leaves_at g l y s /\ hb s x).
  Proof.
    intros X Y Apart; destruct list_of as (ids & Closed & All).
    destruct (earlier_or ids x y) as [E|E]; [apply All, X|apply All, Y|exact Apart|left|right];
      eapply sections_in_list; eauto.
  Qed.
  Theorem accesses_ordered l k x y : x <> y -> accesses_at g l k x -> accesses_at g l k y -> hb x y \/ hb y x.
  Proof. destruct list_of as (ids & Closed & All); exact (accesses_in_list ids Closed All l k x y). Qed.
  Theorem reads_last_write x l k : loads_at g x (Object l k) ->
    match rf g x with
    | Some w => hb w x /\ forall w', stores_at g w' (Object l k) -> hb w' x -> w' = w \/ hb w' w
    | None => forall w', stores_at g w' (Object l k) -> ~ hb w' x
    end.
  Proof. destruct list_of as (ids & Closed & All); exact (last_write_in_list ids Closed All x l k). Qed.

  Theorem sections_in_ticket_order l x y k m : enters_at g l x -> enters_at g l y -> x <> y ->
    ticket_at g l k x -> ticket_at g l m y -> hb x y <-> co g k m.
  Proof.
    intros X Y Apart Kx My; destruct list_of as (ids & Closed & All).
    assert (Queue : forall z, enters_at g l z -> in_queue S g z (Now l)) by (intros z (_ & v & At);
      exists (Lock l (Polled v)); auto).
    assert (Goes : forall x y k m, enters_at g l x -> enters_at g l y -> ticket_at g l k x -> ticket_at g l m y ->
      earlier ids x y -> hb x y /\ hb k m /\ co g k m).
    { clear x y k m X Y Apart Kx My; intros x y k m X Y Kx My E.
      pose proof (tickets_in_list ids Closed All l x y k m X Y Kx My E) as E'.
      destruct Kx as (_ & Kx & _), My as (_ & My & _).
      assert (Hb : hb k m).
      { exact (queue_hb ids Closed k m (Next l) E'
          (stores_queue_of k _ Kx) (stores_queue_of m _ My)). }
      split; [exact (queue_hb ids Closed x y (Now l) E (Queue x X)
        (Queue y Y))|].
      split; [exact Hb|]; destruct (co_total _ _ _ Consistent k m (Next l)) as [|Back]; auto.
      - intros ->; exact (hb_irreflexive Consistent m Hb).
      - destruct (coherence _ _ _ Consistent k m Hb); now apply eco_co. }
    destruct (earlier_or ids x y) as [E|E]; [apply All, X|apply All, Y|exact Apart|..].
    - destruct (Goes x y k m X Y Kx My E); tauto.
    - destruct (Goes y x m k Y X My Kx E) as (Hb & Hb' & _); split.
      + intros Back; destruct (hb_irreflexive Consistent x); now apply hb_trans with y.
      + intros Co; destruct (coherence _ _ _ Consistent m k Hb'); now apply eco_co.
  Qed.
End Sections.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The lists of events that actions are made of

    From the instruction lists of an architecture: each action has its halves ([made_halved]), and
    which access these are ([load_sort], [store_sort]).  And events may be left out of an execution,
    if no value is: it stays well formed and each relation gets smaller ([only_well_formed]).
    Read next: armv8.v. *)
From Coq Require Import ZArith List Bool Lia Relations.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.model Require Import memory.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events halves.
Import ListNotations.
Local Open Scope Z_scope.

(** ** They give the halves *)
Section Shapes.
  Context {I : Type} {K : accesses I}.

  Definition last_read (is : list I) (k : nat) : Prop :=
    (exists i, nth_error is k = Some i /\ is_read i = true) /\
    forall n j, (k < n)%nat -> nth_error is n = Some j -> is_read j = false.
  Definition write_in (is : list I) (k : nat) : Prop := exists i, nth_error is k = Some i /\ is_write i = true.
  (** A list for an action that loads, or stores: it has that half; and the two are one
      read-modify-write, if it does both. *)
  Record shape (does_load does_store : bool) (is : list I) : Prop := {
    shape_load : does_load = true -> exists k, last_read is k;
    shape_store : does_store = true -> exists k, write_in is k;
    shape_one : forall k n, write_in is k -> write_in is n -> k = n;
    shape_ticket : does_load = true -> does_store = true -> forall k n, last_read is k -> write_in is n ->
      n = Datatypes.S k /\ exists i j, nth_error is k = Some i /\ nth_error is n = Some j /\ is_rmw i j = true
  }.
  Definition lists_shaped (lists : instruction_lists I) : Prop :=
    Forall (fun i => is_write i = false) (failed_tries lists) /\
    Forall (shape true true) (tickets lists) /\
    Forall (shape true false) (polls lists ++ loads_now lists ++ reads lists) /\
    Forall (shape false true) (stores_now lists ++ writes lists).

  Lemma shape_tries tries l : Forall (fun i => is_write i = false) tries -> shape true true l ->
    shape true true (tries ++ l).
  Proof.
    intros Tries Shape; set (n0 := length tries).
    assert (Late : forall k, nth_error (tries ++ l) (n0 + k) = nth_error l k).
    { intros k; rewrite nth_error_app2 by lia; f_equal; lia. }
    assert (Wr : forall k, write_in (tries ++ l) k -> exists n, k = (n0 + n)%nat /\ write_in l n).
    { intros k (i & At & Is); destruct (Nat.lt_ge_cases k n0) as [Less|More].
      - rewrite nth_error_app1 in At by exact Less; apply nth_error_In in At; rewrite Forall_forall in Tries.
        rewrite (Tries i At) in Is; discriminate.
      - exists (k - n0)%nat; split; [lia|]; exists i; split; [|exact Is]; rewrite <- Late, <- At; f_equal; lia. }
    assert (Rd : forall k, last_read l k -> last_read (tries ++ l) (n0 + k)).
    { intros k (Here & Last); split; [now rewrite Late|]; intros n j Less At; apply (Last (n - n0)%nat); [lia|].
      rewrite <- Late, <- At; f_equal; lia. }
    destruct (shape_load _ _ _ Shape eq_refl) as (k0 & Here0).
    constructor.
    - intros _; exists (n0 + k0)%nat; auto.
    - intros _; destruct (shape_store _ _ _ Shape eq_refl) as (k & i & At & Is); exists (n0 + k)%nat, i;
        now rewrite Late.
    - intros k n Wk Wn; destruct (Wr k Wk) as (k' & -> & Wk'), (Wr n Wn) as (n' & -> & Wn').
      now rewrite (shape_one _ _ _ Shape k' n' Wk' Wn').
    - intros _ _ k n Here Wn; destruct (Wr n Wn) as (n' & -> & Wn').
      assert (k = (n0 + k0)%nat) as ->.
      { destruct (Rd k0 Here0) as ((i & At & Is) & Last), Here as ((i' & At' & Is') & Last').
        destruct (Nat.lt_trichotomy k (n0 + k0)) as [Less|[Same|Less]]; [|exact Same|].
        - rewrite (Last' _ i Less At) in Is; discriminate.
        - rewrite (Last _ i' Less At') in Is'; discriminate. }
      destruct (shape_ticket _ _ _ Shape eq_refl eq_refl k0 n' Here0 Wn') as (-> & i & j & At & At' & Is).
      split; [lia|]; exists i, j; now rewrite !Late.
  Qed.

  Context {S : system} (h : execution S I).
  Theorem made_halved lists : lists_shaped lists -> made_of h lists -> halved h.
  Proof.
    intros (Tries & Tickets & Loads & Stores) Made.
    assert (Any : forall c n a, nth_error (acts h c) n = Some a -> a = Halted \/ exists is ld st, shape ld st is /\
      (forall k, part h (c, n) k = nth_error is k) /\ (loads a <> None <-> ld = true) /\
        (stores a <> None <-> st = true)).
    { intros c n a At; destruct (Made c n a At) as (is & Is & Part); rewrite Forall_forall in Tickets, Loads, Stores.
      assert (App : forall (P Q R : list (list I)) l, List.In l P \/ List.In l Q \/ List.In l R ->
        List.In l (P ++ Q ++ R)).
      { intros P Q R l Mem; now rewrite !in_app_iff. }
      destruct a as [l [t|v|v|v]|l k v|l k v|]; [| | | | | |now left]; right; cbn [list_for loads stores] in *.
      - destruct Is as (tries & l0 & Incl & Mem & ->); exists (tries ++ l0), true, true; split; [|now repeat split].
        apply shape_tries; [|now apply Tickets]; rewrite Forall_forall in *; auto.
      - exists is, true, false; split; [apply Loads, App; auto|now repeat split].
      - exists is, true, false; split; [apply Loads, App; auto|now repeat split].
      - exists is, false, true; split; [apply Stores, in_app_iff; auto|now repeat split].
      - exists is, true, false; split; [apply Loads, App; auto|now repeat split].
      - exists is, false, true; split; [apply Stores, in_app_iff; auto|now repeat split]. }
    assert (Reads : forall x is a, nth_error (acts h (fst x)) (snd x) = Some a -> loads a <> None ->
      (forall k, part h x k = nth_error is k) -> forall k, load_half h (x, k) <-> last_read is k).
    { intros x is a At Ld Part k; assert (R_iff : forall n, R h (x, n) <-> exists i, nth_error is n = Some i /\
      is_read i = true).
      { intros n; unfold R, reads_at, action_of, is_a; cbn [fst snd]; rewrite At, Part; split.
        - intros (m & a' & i & _ & Is & Rd & _); exists i; auto.
        - intros (i & Is & Rd); destruct (loads a) as [m|] eqn:L; [|congruence]; exists m, a, i; auto. }
      unfold load_half, last_read; rewrite R_iff; cbn [fst snd]; split; intros (Here & Last); (split; [exact Here|]).
      - intros n j Less Is; destruct (is_read j) eqn:Rd; [|reflexivity]; destruct (Last n Less); rewrite R_iff; eauto.
      - intros n Less Is; rewrite R_iff in Is; destruct Is as (j & At' & Rd); rewrite (Last n j Less At') in Rd;
          discriminate. }
    assert (Writes : forall x is a, nth_error (acts h (fst x)) (snd x) = Some a -> stores a <> None ->
      (forall k, part h x k = nth_error is k) -> forall k, W h (x, k) <-> write_in is k).
    { intros x is a At St Part k; unfold W, writes_at, action_of, is_a, write_in; cbn [fst snd]; rewrite At, Part;
      split.
      - intros (m & a' & i & _ & Is & Wr & _); exists i; auto.
      - intros (i & Is & Wr); destruct (stores a) as [m|] eqn:L; [|congruence]; exists m, a, i; auto. }
    assert (Has : forall x k, W h (x, k) -> exists a is ld st, nth_error (acts h (fst x)) (snd x) = Some a /\
      stores a <> None /\
      (forall k, part h x k = nth_error is k) /\ shape ld st is /\ (loads a <> None <-> ld = true) /\ st = true).
    { intros [c n] k (m & a & i & At & _ & _ & St); cbn [fst snd] in *;
      destruct (Any c n a At) as [->|(is & ld & st & Sh & Part & L & St')];
        [discriminate|]; exists a, is, ld, st; split; [exact At|split; [congruence|split; [exact Part|split;
          [exact Sh|split; [exact L|]]]]].
      apply St'; congruence. }
    constructor.
    - intros [c n] a m At Ld; destruct (Any c n a At) as [->|(is & ld & st & Sh & Part & L & St)]; [discriminate|].
      destruct (shape_load _ _ _ Sh) as (k & Here); [apply L; congruence|]; exists k.
      apply (Reads (c, n) is a); auto; congruence.
    - intros [c n] a m At Is; destruct (Any c n a At) as [->|(is & ld & st & Sh & Part & L & St)]; [discriminate|].
      destruct (shape_store _ _ _ Sh) as (k & Here); [apply St; congruence|]; exists k.
      apply (Writes (c, n) is a); auto; congruence.
    - intros x k n Wk Wn; destruct (Has x k Wk) as (a & is & ld & st & At & St & Part & Sh & _).
      rewrite (Writes x is a At St Part) in Wk, Wn; exact (shape_one _ _ _ Sh k n Wk Wn).
    - intros x k n Half Wn; pose proof Wn as Wn'; destruct (Has x n Wn) as (a & is & ld & st & At & St & Part & Sh & L
        & ->).
      assert (Ld : loads a <> None).
      { destruct Half as ((m & a' & i & At' & _ & _ & Is) & _); unfold action_of in At'; cbn [fst snd] in At';
        congruence. }
      pose proof Half as Half'; rewrite (Reads x is a At Ld Part) in Half'; rewrite (Writes x is a At St Part) in Wn'.
      destruct (shape_ticket _ _ _ Sh (proj1 L Ld) eq_refl k n Half' Wn') as (-> & i & j & Ik & In & Pair).
      split; [reflexivity|split; [reflexivity|split; [exact (proj1 Half)|split; [exact Wn|]]]].
      exists i, j; unfold is_a; cbn [fst snd]; rewrite !Part; auto.
  Qed.
End Shapes.


(** Lists that are written down. *)
Section Decided.
  Context {I : Type} {K : accesses I}.
  Definition has (f : I -> bool) (is : list I) (k : nat) : bool := match nth_error is k with Some i => f i | None =>
    false end.
  Definition last_read_b (is : list I) (k : nat) : bool :=
    has is_read is k && forallb (fun n => negb (has is_read is n)) (seq (Datatypes.S k) (length is)).
  Definition shape_b (ld st : bool) (is : list I) : bool :=
    let ks := seq 0 (length is) in
    (negb ld || existsb (last_read_b is) ks) && (negb st || existsb (has is_write is) ks) &&
    forallb (fun k => forallb (fun n => implb (has is_write is k && has is_write is n) (Nat.eqb k n)) ks) ks &&
    (negb (ld && st) || forallb (fun k => forallb (fun n => implb (last_read_b is k && has is_write is n)
      (Nat.eqb n (Datatypes.S k) && has (fun i => has (is_rmw i) is n) is k)) ks) ks).
  Definition lists_shaped_b (lists : instruction_lists I) : bool :=
    forallb (fun i => negb (is_write i)) (failed_tries lists) && forallb (shape_b true true) (tickets lists) &&
    forallb (shape_b true false) (polls lists ++ loads_now lists ++ reads lists) &&
    forallb (shape_b false true) (stores_now lists ++ writes lists).

  Lemma has_iff f is k : has f is k = true <-> exists i, nth_error is k = Some i /\ f i = true.
  Proof.
    unfold has; destruct (nth_error is k) as [i|]; [|split; [discriminate|intros (? & ? & _); discriminate]].
    split; [eauto|intros (? & [= <-] & ?); assumption].
  Qed.
  Lemma has_in f is k : has f is k = true -> List.In k (seq 0 (length is)).
  Proof.
    rewrite has_iff; intros (i & At & _); apply in_seq; split; [lia|]; apply nth_error_Some; congruence.
  Qed.
  Lemma last_read_iff is k : last_read_b is k = true <-> last_read is k.
  Proof.
    unfold last_read_b, last_read; rewrite andb_true_iff, has_iff, forallb_forall; split; intros (Here & Last);
      (split; [exact Here|]).
    - intros n j Less At; destruct (is_read j) eqn:Rd; [|reflexivity]; specialize (Last n).
      assert (Has : has is_read is n = true) by (apply has_iff; eauto); rewrite Has in Last; discriminate Last.
      apply in_seq; pose proof (has_in _ _ _ Has) as Mem; apply in_seq in Mem; lia.
    - intros n Mem; apply negb_true_iff; destruct (has is_read is n) eqn:Has; [|reflexivity].
      apply has_iff in Has as (j & At & Rd); apply in_seq in Mem; rewrite (Last n j) in Rd; [discriminate|lia|exact At].
  Qed.
  Lemma shape_sound ld st is : shape_b ld st is = true -> shape ld st is.
  Proof.
    unfold shape_b; rewrite !andb_true_iff, !orb_true_iff, !negb_true_iff, !existsb_exists, !forallb_forall.
    intros (((Ld & St) & One) & Ticket); constructor.
    - intros ->; destruct Ld as [|(k & _ & Is)]; [discriminate|]; exists k; now apply last_read_iff.
    - intros ->; destruct St as [|(k & _ & Is)]; [discriminate|]; exists k; now apply has_iff.
    - intros k n Wk Wn; apply has_iff in Wk, Wn; specialize (One k (has_in _ _ _ Wk)); rewrite forallb_forall in One.
      specialize (One n (has_in _ _ _ Wn)); rewrite Wk, Wn in One; now apply Nat.eqb_eq.
    - intros -> -> k n Lk Wn; destruct Ticket as [|Ticket]; [discriminate|]; apply last_read_iff in Lk;
        apply has_iff in Wn.
      pose proof Lk as Lk'; apply andb_prop in Lk' as (Lk' & _).
      specialize (Ticket k (has_in _ _ _ Lk')); rewrite forallb_forall in Ticket;
        specialize (Ticket n (has_in _ _ _ Wn)).
      rewrite Lk, Wn in Ticket; cbn [andb implb] in Ticket; apply andb_prop in Ticket as (Next & Pair);
        apply Nat.eqb_eq in Next.
      apply has_iff in Pair as (i & Ik & Pair); apply has_iff in Pair as (j & Jn & Pair); eauto 8.
  Qed.
  Lemma lists_sound lists : lists_shaped_b lists = true -> lists_shaped lists.
  Proof.
    unfold lists_shaped_b, lists_shaped; rewrite !andb_true_iff, !forallb_forall, !Forall_forall.
    intros (((Tries & Tickets) & Loads) & Stores); split; [intros i Mem; apply negb_true_iff; auto|].
    split; [|split]; intros is Mem; apply shape_sound; auto.
  Qed.
End Decided.

(** Where in its list the half of an action stands. *)
Section Places.
  Context {S : system} {I : Type} {K : accesses I} (h : execution S I) (lists : instruction_lists I).
  Context (Shaped : lists_shaped lists) (Made : made_of h lists).

  (** The event [e] is number [k] of list [l], which is the end of its action's list. *)
  Definition stands_in (l : list I) (k : nat) (e : event) : Prop :=
    exists n0, snd e = (n0 + k)%nat /\ forall n, part h (fst e) (n0 + n) = nth_error l n.
  Definition core_lists (a : action S words_verb) : list (list I) :=
    match a with
    | Lock _ (Took _) => tickets lists
    | Lock _ (Polled _) => polls lists
    | Lock _ (Loaded _) => loads_now lists
    | Lock _ (Stored _) => stores_now lists
    | Read _ _ _ => reads lists
    | Wrote _ _ _ => writes lists
    | Halted => [[]]
    end.
  Lemma cores c n a : nth_error (acts h c) n = Some a ->
    exists tries l, incl tries (failed_tries lists) /\ List.In l (core_lists a) /\
      (loads a <> stores a -> tries = []) /\
      forall k, part h (c, n) k = nth_error (tries ++ l) k.
  Proof.
    intros At; destruct (Made c n a At) as (is & Is & Part); destruct a as [m [t|v|v|v]|m k v|m k v|];
      cbn [list_for core_lists loads stores] in *.
    1: destruct Is as (tries & l & ? & ? & ->); exists tries, l; split; [assumption|split; [assumption|split;
      [congruence|exact Part]]].
    all: exists [], is; split; [intros ? []|split; [|split; [reflexivity|exact Part]]]; try assumption; now left.
  Qed.
  Lemma stands tries l c n k : (forall k, part h (c, n) k = nth_error (tries ++ l) k) -> (length tries <= k)%nat ->
    stands_in l (k - length tries) ((c, n), k).
  Proof.
    intros Part Over; exists (length tries); cbn [fst snd]; split; [lia|]; intros j;
      rewrite Part, nth_error_app2 by lia; f_equal; lia.
  Qed.
  Lemma stands_load e a : action_of h e = Some a -> load_half h e ->
    exists l k, List.In l (core_lists a) /\ last_read l k /\ stands_in l k e.
  Proof.
    intros At Half; destruct e as [[c n] k]; unfold action_of in At; cbn [fst snd] in At;
      destruct (cores c n a At) as (tries & l & Incl & Mem & Alone & Part).
    assert (Ld : loads a <> None).
    { destruct Half as ((m & b & i & At' & _ & _ & Is) & _); unfold action_of in At'; cbn [fst snd] in At';
      congruence. }
    assert (R_iff : forall n0, R h ((c, n), n0) <-> exists i, nth_error (tries ++ l) n0 = Some i /\ is_read i = true).
    { intros n0; unfold R, reads_at, action_of, is_a; cbn [fst snd]; rewrite At, Part; split.
      - intros (m & a' & i & _ & Is & Rd & _); exists i; auto.
      - intros (i & Is & Rd); destruct (loads a) as [m|] eqn:L; [|congruence]; exists m, a, i; auto. }
    assert (Has : exists k0, last_read l k0).
    { destruct Shaped as (_ & Tickets & Loads & _); rewrite Forall_forall in Tickets, Loads.
      destruct a as [m [t|v|v|v]|m p v|m p v|]; cbn [core_lists loads] in *; try congruence;
        first [exact (shape_load _ _ _ (Tickets l Mem) eq_refl)|apply (shape_load _ _ _ (Loads l ltac:(rewrite
          !in_app_iff; auto)) eq_refl)]. }
    destruct Has as (k0 & Here & Last); destruct Half as (Rd & Last'); apply R_iff in Rd as (i & Is & Rd);
      cbn [fst snd] in Last'.
    assert (Place : k = (length tries + k0)%nat).
    { destruct (Nat.lt_trichotomy k (length tries + k0)) as [Less|[Same|Less]]; [|exact Same|].
      - destruct Here as (j & At' & Rd'); destruct (Last' (length tries + k0)%nat Less); apply R_iff; exists j; split;
          [|exact Rd'].
        rewrite nth_error_app2 by lia; rewrite <- At'; f_equal; lia.
      - rewrite nth_error_app2 in Is by lia; rewrite (Last (k - length tries)%nat i) in Rd;
          [discriminate|lia|exact Is]. }
    exists l, k0; split; [exact Mem|split; [split; assumption|]]; rewrite Place.
    pose proof (stands tries l c n k Part) as Stands; rewrite Place in Stands.
    now replace (length tries + k0 - length tries)%nat with k0 in Stands by lia; apply Stands; lia.
  Qed.
  Lemma stands_store e a : action_of h e = Some a -> W h e ->
    exists l k, List.In l (core_lists a) /\ write_in l k /\ stands_in l k e.
  Proof.
    intros At (m & b & i & _ & Is & Wr & _); destruct e as [[c n] k]; unfold action_of in At; cbn [fst snd] in At;
      unfold is_a in Is; cbn [fst snd] in Is.
    destruct (cores c n a At) as (tries & l & Incl & Mem & _ & Part); rewrite Part in Is.
    destruct (Nat.lt_ge_cases k (length tries)) as [Less|Over].
    - rewrite nth_error_app1 in Is by exact Less; apply nth_error_In in Is; destruct Shaped as (Tries & _);
        rewrite Forall_forall in Tries.
      rewrite (Tries i (Incl i Is)) in Wr; discriminate.
    - exists l, (k - length tries)%nat; split; [exact Mem|split; [exists i;
        rewrite nth_error_app2 in Is by exact Over; auto|]].
      now apply stands.
  Qed.
  (** The access of a half, if all lists have one of a sort there. *)
  Lemma load_sort (P : I -> bool) e a : action_of h e = Some a -> load_half h e ->
    forallb (fun l => forallb (fun k => implb (last_read_b l k) (has P l k)) (seq 0 (length l))) (core_lists a) = true
      ->
    exists i, is_a h i e /\ P i = true.
  Proof.
    intros At Half All; destruct (stands_load e a At Half) as (l & k & Mem & Here & n0 & Place & Part).
    rewrite forallb_forall in All; specialize (All l Mem); rewrite forallb_forall in All; apply last_read_iff in Here.
    pose proof Here as Here'; apply andb_prop in Here' as (Here' & _); specialize (All k (has_in _ _ _ Here')).
    rewrite Here in All; apply has_iff in All as (i & Is & Pi); exists i; split; [|exact Pi]; unfold is_a;
      now rewrite Place, Part.
  Qed.
  Lemma store_sort (P : I -> bool) e a : action_of h e = Some a -> W h e ->
    forallb (fun l => forallb (fun k => implb (has is_write l k) (has P l k)) (seq 0 (length l))) (core_lists a) = true
      ->
    exists i, is_a h i e /\ P i = true.
  Proof.
    intros At Half All; destruct (stands_store e a At Half) as (l & k & Mem & Here & n0 & Place & Part).
    rewrite forallb_forall in All; specialize (All l Mem); rewrite forallb_forall in All; apply has_iff in Here.
    specialize (All k (has_in _ _ _ Here)); rewrite Here in All; apply has_iff in All as (i & Is & Pi).
    exists i; split; [|exact Pi]; unfold is_a; now rewrite Place, Part.
  Qed.
End Places.

(** ** Events that are left out *)
Section Only.
  Context {S : system} {I : Type} {K : accesses I} (h : execution S I) (kept : event -> bool).
  Local Notation h' := (keep_only h kept).

  Lemma only_reads e m : reads_at h' e m <-> reads_at h e m /\ kept e = true.
  Proof.
    unfold reads_at, is_a, action_of, keep_only; cbn; destruct e as [x k]; cbn; destruct (kept (x, k)); [firstorder|].
    split; [intros (a & i & _ & Is & _); discriminate|intros (_ & ?); discriminate].
  Qed.
  Lemma only_writes e m : writes_at h' e m <-> writes_at h e m /\ kept e = true.
  Proof.
    unfold writes_at, is_a, action_of, keep_only; cbn; destruct e as [x k]; cbn; destruct (kept (x, k)); [firstorder|].
    split; [intros (a & i & _ & Is & _); discriminate|intros (_ & ?); discriminate].
  Qed.
  Lemma only_R e : R h' e <-> R h e /\ kept e = true.
  Proof. split; [intros (m & Is); apply only_reads in Is as (? & ?); split;
    [now exists m|assumption]|intros ((m & ?) & ?); exists m; now apply only_reads]. Qed.
  Lemma only_W e : W h' e <-> W h e /\ kept e = true.
  Proof. split; [intros (m & Is); apply only_writes in Is as (? & ?); split;
    [now exists m|assumption]|intros ((m & ?) & ?); exists m; now apply only_writes]. Qed.
  Lemma only_M e : M h' e -> M h e.
  Proof. intros [Is|Is]; [apply only_R in Is; left|apply only_W in Is; right]; tauto. Qed.
  Lemma only_is_a i e : is_a h' i e -> is_a h i e.
  Proof. unfold is_a, keep_only; cbn; destruct e as [x k]; cbn; destruct (kept (x, k)); congruence. Qed.
  Lemma only_po_loc e f : po_loc h' e f -> po_loc h e f.
  Proof. intros (Po & m & E & F); split; [exact Po|]; exists m; rewrite !only_reads, !only_writes in *; tauto. Qed.
  Lemma only_rf e f : rf h' e f -> rf h e f.
  Proof. intros (Rd & Is); apply only_R in Rd; split; tauto. Qed.
  Lemma only_co e f : co h' e f -> co h e f.
  Proof. cbn; tauto. Qed.
  Lemma only_fr e f : fr h' e f -> fr h e f.
  Proof.
    intros (m & Rd & Wr & Is); apply only_reads in Rd as (Rd & _); apply only_writes in Wr as (Wr & _); exists m.
    split; [exact Rd|split; [exact Wr|]]; cbn in Is; destruct (source h e); tauto.
  Qed.
  Lemma only_rmw e f : rmw h' e f -> rmw h e f.
  Proof.
    intros (Own & Next & Rd & Wr & i & j & E & F & Pair); apply only_R in Rd as (Rd & _);
      apply only_W in Wr as (Wr & _).
    repeat (split; [assumption|]); exists i, j; auto using only_is_a.
  Qed.
  Lemma only_atomic : atomic h -> atomic h'.
  Proof.
    intros Is e f k Pair (Fr & Ext) (Co & Ext'); apply (Is e f k (only_rmw e f Pair)); split;
      auto using only_fr, only_co.
  Qed.

  (** What reads from what is kept, and the value of each action. *)
  Context (Sources : forall e f, rf h e f -> kept f = true -> kept e = true).
  Context (Loads : forall e, load_half h e -> kept e = true).
  Lemma only_load_half : (forall e, R h e -> exists k, load_half h (fst e, k)) ->
    forall e, load_half h' e <-> load_half h e.
  Proof.
    intros Last e; split.
    - intros (Rd & Is); apply only_R in Rd as (Rd & Kept); destruct (Last e Rd) as (k & Half);
        pose proof Half as (Rd' & Is').
      destruct (Nat.lt_trichotomy (snd e) k) as [Less|[<-|Less]].
      + destruct (Is k Less); apply only_R; split; [exact Rd'|now apply Loads].
      + now destruct e.
      + destruct (Is' (snd e) Less); now destruct e.
    - intros Half; split; [apply only_R; split; [apply Half|now apply Loads]|].
      intros k Less Rd; apply only_R in Rd; exact (proj2 Half k Less (proj1 Rd)).
  Qed.
  Theorem only_well_formed width : (forall e, R h e -> exists k, load_half h (fst e, k)) -> well_formed h width ->
    well_formed h' width.
  Proof.
    intros Last Well; constructor.
    - intros e f Rf; pose proof Rf as (Rd & _); apply only_R in Rd as (Rd & Kept).
      destruct (rf_writes h width Well e f (only_rf e f Rf)) as (m & Wr & Rd'); exists m.
      rewrite only_writes, only_reads; repeat split; auto; apply (Sources e f); [now apply only_rf|exact Kept].
    - intros f a At Half; exact (rf_value h width Well f a At (proj1 (only_load_half Last f) Half)).
    - intros e f (Co & E & F); destruct (co_writes h width Well e f Co) as (m & ? & ?); exists m;
        rewrite !only_writes; auto.
    - intros e (Co & _); exact (co_irreflexive h width Well e Co).
    - intros e f k (Co & E & F) (Co' & _ & G); cbn; eauto using (co_transitive h width Well).
    - intros e f m Apart E F; rewrite only_writes in E, F; cbn.
      destruct (events.co_total h width Well e f m Apart); tauto.
  Qed.
  (** The actions are the same. *)
  Theorem only_contracts g : (forall e, R h e -> exists k, load_half h (fst e, k)) -> (forall e, W h e ->
    kept e = true) ->
    (forall e f, co h e f -> W h e /\ W h f) -> contracts h g -> contracts h' g.
  Proof.
    intros Last Stores Co (Run & Rf & Order); split; [exact Run|split].
    - intros f Half; exact (Rf f (proj1 (only_load_half Last f) Half)).
    - intros x y; rewrite Order; cbn; split; intros (k & n & Is); exists k, n; [|tauto].
      destruct (Co _ _ Is); auto.
  Qed.
End Only.

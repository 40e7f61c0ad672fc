(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * From the halves to the actions

    Communication between actions is one edge, or one that ends at a write and then [rf]
    ([eco_normal]), because nothing comes between the halves of a ticket; so it is a path between
    events ([near_path]).  Happens-before is program order, or it leaves an action that releases
    by its write and enters one that acquires by its read ([ways]).  Read next: machines.v, for the
    three machines; c11.v. *)
From Coq Require Import ZArith List Bool Lia Relations.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L4_locks Require Import spec text.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events.
Import ListNotations.
Local Open Scope Z_scope.

Lemma acyclic_less {A} (P Q : A -> A -> Prop) : (forall x y, P x y -> Q x y) -> acyclic Q -> acyclic P.
Proof.
  intros Less Cycle x Is; apply (Cycle x); revert Is; generalize x at 1 3 as y; intros y Is.
  induction Is; [constructor 1; auto|econstructor 2; eauto].
Qed.

(** ** Communication between actions *)
Section Normal.
  Context {S : system} (g : graph S).
  Context (Co_stores : forall x y, model.co g x y -> exists m, stores_at g x m /\ stores_at g y m).
  Context (Co_trans : forall x y z, model.co g x y -> model.co g y z -> model.co g x z).
  Context (Co_total : forall x y m, x <> y -> stores_at g x m -> stores_at g y m -> model.co g x y \/ model.co g y x).
  Context (Rf_stores : forall x y, reads_from g x y -> exists m, stores_at g x m).
  Context (Rf_co : forall x y, reads_from g x y -> (exists m, stores_at g y m) -> model.co g x y).
  Context (Atomic : forall x y, model.fr g x y -> ~ model.co g y x).
  Local Notation co := (model.co g).
  Local Notation fr := (model.fr g).
  Local Notation rf := (reads_from g).

  (** To a write. *)
  Definition before (x y : id) : Prop := co x y \/ fr x y.

  Lemma same_stored x m m' : stores_at g x m -> stores_at g x m' -> m = m'.
  Proof. intros (a & At & Is) (a' & At' & Is'); congruence. Qed.
  Lemma before_co x y z : before x y -> co y z -> before x z.
  Proof.
    intros [Co|Fr] Co'; [left; eauto|]; destruct (Co_stores y z Co') as (m' & Y & Z).
    pose proof Fr as (Apart & m & L & Y' & Is); rewrite (same_stored y m' m Y Y') in Z.
    right; split; [intros ->; exact (Atomic z y Fr Co')|]; exists m; split; [exact L|split; [exact Z|]].
    destruct (model.rf g x); eauto.
  Qed.
  (** What a ticket reads before, it writes before. *)
  Lemma ticket_co x z : (exists m, stores_at g x m) -> before x z -> co x z.
  Proof.
    intros (m' & a & At & St) [Co|Fr]; [exact Co|]; pose proof Fr as (Apart & m & (b & At' & L) & Z & _).
    assert (a = b) as <- by congruence; assert (m' = m) as -> by (destruct a as [l []| | |]; cbn in *; congruence).
    destruct (Co_total x z m Apart) as [Co|Co]; [exists a; auto|exact Z|exact Co|]; destruct (Atomic x z Fr Co).
  Qed.
  Lemma rf_before x y z : rf x y -> before y z -> before x z.
  Proof.
    intros Rf [Co|(Apart & m' & _ & Z & Is)].
    - destruct (Co_stores y z Co) as (m & St & _); left; eauto.
    - destruct Rf as (_ & Is'); rewrite Is' in Is; now left.
  Qed.

  (** One edge, or one to a write and then [rf]. *)
  Definition near (x y : id) : Prop := rf x y \/ before x y \/ exists z, before x z /\ rf z y.
  Lemma near_next x y z : near x y -> rf y z \/ before y z -> near x z.
  Proof.
    assert (Stores : forall x y, before x y -> exists m, stores_at g y m).
    { intros v w [Co|(_ & m & _ & St & _)]; [destruct (Co_stores v w Co) as (m & _ & St)|]; eauto. }
    assert (Go : forall v w u, before v w -> before w u -> before v u).
    { intros v w u B B'; apply before_co with w; [exact B|exact (ticket_co w u (Stores v w B) B')]. }
    intros [Rf|[B|(m & B & Rf)]] [Rf'|B'].
    - right; right; exists y; split; [left; eauto|exact Rf'].
    - right; left; exact (rf_before x y z Rf B').
    - right; right; eauto.
    - right; left; eauto.
    - right; right; exists y; split; [apply before_co with m; eauto|exact Rf'].
    - right; left; exact (Go x m z B (rf_before m y z Rf B')).
  Qed.
  Lemma eco_normal x y : eco g x y -> near x y.
  Proof.
    intros Eco; enough (H : forall w, w = x \/ near w x -> near w y) by (apply H; now left).
    induction Eco as [x y E|x y E|x y E|x y z _ IH _ IH'].
    1, 2, 3: intros w [->|N]; [unfold near, before; tauto|apply near_next with x; [exact N|unfold before; tauto]].
    intros w N; apply IH'; right; now apply IH.
  Qed.
End Normal.

(** ** Happens-before between actions *)
Section Ways.
  Context {S : system} (g : graph S) (step Q : id -> id -> Prop).
  Context (Steps : forall x y, step x y -> sb g x y \/ Q x y).
  (** The same, or later in program order. *)
  Definition from (x y : id) : Prop := x = y \/ sb g x y.
  Context (Q_trans : forall x y y' z, Q x y -> from y y' -> Q y' z -> Q x z).

  Lemma sb_trans x y z : sb g x y -> sb g y z -> sb g x z.
  Proof. intros (Own & Less & _) (Own' & Less' & Here); split; [congruence|split; [lia|exact Here]]. Qed.
  Lemma from_trans x y z : from x y -> from y z -> from x z.
  Proof. intros [->|Sb] [->|Sb']; unfold from; eauto using sb_trans. Qed.

  Definition way (x y : id) : Prop := exists r a, from x r /\ Q r a /\ from a y.
  Lemma ways x y : clos_trans id step x y -> sb g x y \/ way x y.
  Proof.
    induction 1 as [x y St|x y z _ [Sb|(r & a & F & Is & F')] _ [Sb'|(r' & a' & G & Is' & G')]].
    - destruct (Steps x y St); [now left|right; exists x, y; unfold from; auto].
    - left; eapply sb_trans; eauto.
    - right; exists r', a'; split; [apply from_trans with y; [now right|exact G]|auto].
    - right; exists r, a; split; [exact F|split; [exact Is|apply from_trans with y; [exact F'|now right]]].
    - right; exists r, a'; split; [exact F|split; [|exact G']]; apply Q_trans with a r'; auto;
        now apply from_trans with y.
  Qed.
End Ways.
Lemma hb_steps {S : system} o (g : graph S) x y : hb o g x y -> clos_trans id (fun x y => sb g x y \/ sync o g x y) x y.
Proof. induction 1; [constructor 1; auto|constructor 1; auto|econstructor 2; eauto]. Qed.
Lemma causes_steps {S : system} (g : graph S) x y : causes g x y ->
  clos_trans id (fun x y => sb g x y \/ reads_from g x y /\ exists a, does g y = Some a /\ on_words a) x y.
Proof. induction 1; [constructor 1; auto|constructor 1; auto|econstructor 2; eauto]. Qed.
Lemma feeds_steps {S : system} (g : graph S) x y : feeds g x y ->
  clos_trans id (fun x y => sb g x y \/ reads_from g x y) x y.
Proof. induction 1; [constructor 1; auto|constructor 1; auto|econstructor 2; eauto]. Qed.
Lemma causes_feeds {S : system} (g : graph S) x y : causes g x y -> feeds g x y.
Proof. induction 1; [now constructor 1|now constructor 2|econstructor 3; eauto]. Qed.

(** ** Events and actions *)

(** Each action has the halves that it needs, and the halves of a ticket are one read-modify-write. *)
Record halved {S : system} {I : Type} {K : accesses I} (h : execution S I) : Prop := {
  has_load : forall x a m, action_of h (x, 0%nat) = Some a -> loads a = Some m -> exists k, load_half h (x, k);
  has_store : forall x a m, action_of h (x, 0%nat) = Some a -> stores a = Some m -> exists k, W h (x, k);
  one_store : forall x k n, W h (x, k) -> W h (x, n) -> k = n;
  one_ticket : forall x k n, load_half h (x, k) -> W h (x, n) -> rmw h (x, k) (x, n)
}.

Section Halves.
  Context {S : system} {I : Type} {K : accesses I} (h : execution S I) (width : Z).
  Context (Well : well_formed h width) (Halved : halved h) (g : graph S) (Contracts : contracts h g).

  Lemma action_does e : action_of h e = does g (fst e).
  Proof. unfold action_of, does; now rewrite (proj1 Contracts). Qed.
  Lemma reads_loads e m : reads_at h e m -> loads_at g (fst e) m.
  Proof. intros (a & i & At & _ & _ & Is); rewrite action_does in At; exists a; auto. Qed.
  Lemma writes_stores e m : writes_at h e m -> stores_at g (fst e) m.
  Proof. intros (a & i & At & _ & _ & Is); rewrite action_does in At; exists a; auto. Qed.
  Lemma one_location x m m' : loads_at g x m \/ stores_at g x m -> loads_at g x m' \/ stores_at g x m' -> m = m'.
  Proof.
    intros [(a & At & Is)|(a & At & Is)] [(b & At' & Is')|(b & At' & Is')]; assert (b = a) as -> by congruence;
      try congruence; destruct a as [l []| | |]; cbn in *; congruence.
  Qed.
  Lemma load_of x m : loads_at g x m -> exists e, fst e = x /\ load_half h e /\ reads_at h e m.
  Proof.
    intros (a & At & Is); destruct (has_load h Halved x a m) as (k & Half); [now rewrite action_does|exact Is|].
    exists (x, k); repeat split; try apply Half; destruct (proj1 Half) as (m' & Reads).
    rewrite (one_location x m m'); [exact Reads|left; exists a; auto|left; exact (reads_loads _ _ Reads)].
  Qed.
  Lemma store_of x m : stores_at g x m -> exists e, fst e = x /\ writes_at h e m.
  Proof.
    intros (a & At & Is); destruct (has_store h Halved x a m) as (k & m' & Writes); [now rewrite action_does|exact Is|].
    exists (x, k); split; [reflexivity|].
    rewrite (one_location x m m'); [exact Writes|right; exists a; auto|right; exact (writes_stores _ _ Writes)].
  Qed.
  Lemma store_once e f : W h e -> W h f -> fst e = fst f -> e = f.
  Proof.
    destruct e as [x k], f as [y n]; cbn; intros E F <-; f_equal; exact (one_store h Halved x k n E F).
  Qed.
  Lemma load_once e f : load_half h e -> load_half h f -> fst e = fst f -> e = f.
  Proof.
    destruct e as [x k], f as [y n]; cbn; intros (E & Last) (F & Last') <-; f_equal; cbn in *.
    destruct (Nat.lt_trichotomy k n) as [Less|[->|Less]];
      [destruct (Last n Less F)|reflexivity|destruct (Last' k Less E)].
  Qed.
  Lemma ticket_halves e f : load_half h e -> W h f -> fst e = fst f -> rmw h e f.
  Proof. destruct e as [x k], f as [y n]; cbn; intros E F <-; exact (one_ticket h Halved x k n E F). Qed.

  (** An edge between actions is one between halves. *)
  Definition half (e : event) : Prop := load_half h e \/ W h e.
  Definition com (e f : event) : Prop := rf h e f \/ co h e f \/ fr h e f.
  Lemma rf_edge x y : reads_from g x y -> exists e f, fst e = x /\ fst f = y /\ W h e /\ load_half h f /\ rf h e f.
  Proof.
    intros ((m & Loads) & Is); destruct (load_of y m Loads) as (f & <- & Half & Reads).
    rewrite (proj1 (proj2 Contracts) f Half) in Is; destruct (source h f) as [e|] eqn:Src; [|discriminate].
    injection Is as Is; assert (Rf : rf h e f) by (split; [exact (proj1 Half)|exact Src]).
    exists e, f; repeat split; auto; try apply Half; destruct (rf_writes h width Well e f Rf) as (m' & Wr & _);
      now exists m'.
  Qed.
  (** From each write that is read to the read, and from each read to what its CPU writes later: if these
      have no cycle, nothing comes out of thin air. *)
  Lemma no_feeds (step : event -> event -> Prop) :
    (forall e f, load_half h e -> W h f -> from g (fst e) (fst f) -> step e f) ->
    (forall e f, W h e -> load_half h f -> rf h e f -> sb g (fst e) (fst f) \/ step e f) ->
    acyclic step -> nothing_from_thin_air g.
  Proof.
    intros Later Rf Cycle x Feeds; apply feeds_steps in Feeds.
    set (Q := fun r a => exists e f, fst e = r /\ fst f = a /\ W h e /\ load_half h f /\ clos_trans event step e f).
    destruct (ways g (fun x y => sb g x y \/ reads_from g x y) Q)
      with (x := x) (y := x) as [(_ & Less & _)|(r & a & From & (e & f & X & Y & E & F & Is) & From')];
        [| |exact Feeds|lia|].
    - intros v w [Sb|Reads]; [now left|]; destruct (rf_edge v w Reads) as (e & f & <- & <- & E & F & Is).
      destruct (Rf e f E F Is) as [Sb|St]; [now left|right; exists e, f; repeat (split; auto); now constructor 1].
    - intros v w w' z (e & f & <- & <- & E & F & Is) From (e' & f' & <- & <- & E' & F' & Is'); exists e, f'.
      repeat (split; [auto|]); apply t_trans with f; [exact Is|]; apply t_trans with e'; [|exact Is'].
      constructor 1; now apply Later.
    - apply (Cycle e), t_trans with f; [exact Is|constructor 1; apply Later; auto].
      rewrite X, Y; exact (from_trans g a x r From' From).
  Qed.
  Lemma co_edge x y : model.co g x y -> exists e f, fst e = x /\ fst f = y /\ W h e /\ W h f /\ co h e f.
  Proof.
    rewrite (proj2 (proj2 Contracts)); intros (k & n & Co); exists (x, k), (y, n).
    destruct (co_writes h width Well _ _ Co) as (m & E & F); repeat split; auto; now exists m.
  Qed.
  Lemma fr_edge x y : model.fr g x y -> exists e f, fst e = x /\ fst f = y /\ load_half h e /\ W h f /\ fr h e f.
  Proof.
    intros (_ & m & Loads & Stores & Is); destruct (load_of x m Loads) as (e & <- & Half & Reads).
    destruct (store_of y m Stores) as (f & <- & Writes); exists e, f; repeat split; try apply Half; [now exists m|].
    exists m; repeat split; auto; rewrite (proj1 (proj2 Contracts) e Half) in Is.
    destruct (source h e) as [w|] eqn:Src; [|exact Logic.I]; cbn in Is;
      destruct (co_edge _ _ Is) as (w' & f' & Own & Own' & Wr & Wr' & Co).
    assert (Rf : rf h w e) by (split; [exact (proj1 Half)|exact Src]).
    destruct (rf_writes h width Well w e Rf) as (m' & Wr'' & _).
    assert (w' = w) as -> by (apply store_once; [exact Wr|now exists m'|exact Own]).
    assert (f' = f) as -> by (apply store_once; [exact Wr'|now exists m|exact Own']).
    exact Co.
  Qed.
  Lemma com_location e f : com e f -> exists m, (reads_at h e m \/ writes_at h e m) /\
    (reads_at h f m \/ writes_at h f m).
  Proof.
    intros [Rf|[Co|(m & Reads & Writes & _)]]; [|  |exists m; auto].
    - destruct (rf_writes h width Well e f Rf) as (m & ? & ?); exists m; auto.
    - destruct (co_writes h width Well e f Co) as (m & ? & ?); exists m; auto.
  Qed.
  Lemma located e m : reads_at h e m \/ writes_at h e m -> loads_at g (fst e) m \/ stores_at g (fst e) m.
  Proof. intros [Is|Is]; [left; now apply reads_loads|right; now apply writes_stores]. Qed.
  Lemma near_edges x y : near g x y ->
    (exists e f, fst e = x /\ fst f = y /\ half e /\ half f /\ com e f) \/
    (exists z e m f, fst e = x /\ fst m = z /\ fst f = y /\ before g x z /\ reads_from g z y /\ half e /\ W h m /\
      half f /\ com e m /\ com m f).
  Proof.
    assert (B : forall x y, before g x y -> exists e f, fst e = x /\ fst f = y /\ half e /\ W h f /\ com e f).
    { unfold half, com; intros v w [Co|Fr]; [destruct (co_edge v w Co) as (e & f & ?)|destruct (fr_edge v w Fr) as (e &
      f & ?)];
        exists e, f; tauto. }
    intros [Rf|[Be|(z & Be & Rf)]].
    - left; destruct (rf_edge x y Rf) as (e & f & ?); exists e, f; unfold half, com; tauto.
    - left; destruct (B x y Be) as (e & f & ?); exists e, f; unfold half in *; tauto.
    - right; destruct (B x z Be) as (e & m & ? & Z & ? & Wr & ?), (rf_edge z y Rf) as (m' & f & Z' & ? & Wr' & ? & ?).
      assert (m' = m) as -> by (apply store_once; congruence).
      exists z, e, m, f; unfold half, com in *; tauto.
  Qed.
  Lemma near_path x y : near g x y -> exists e f, fst e = x /\ fst f = y /\ half e /\ half f /\
    same_location h e f /\ clos_trans event com e f.
  Proof.
    intros Near; destruct (near_edges x y Near) as [(e & f & X & Y & E & F & C)|(z & e & m & f & X & Z & Y & _ & _ & E
      & _ & F & C & C')].
    - exists e, f; repeat split; auto; [exact (com_location e f C)|now constructor 1].
    - exists e, f; repeat split; auto; [|econstructor 2; constructor 1; eauto].
      destruct (com_location e m C) as (l & Le & Lm), (com_location m f C') as (l' & Lm' & Lf); exists l; split;
        [exact Le|].
      now rewrite (one_location (fst m) l l' (located m l Lm) (located m l' Lm')).
  Qed.
  Lemma half_present e : half e -> does g (fst e) <> None.
  Proof. intros [((m & a & i & At & _) & _)|(m & a & i & At & _)]; rewrite action_does in At; congruence. Qed.
  Lemma sb_po x y e f : fst e = x -> fst f = y -> sb g x y -> po e f.
  Proof. intros <- <- (Own & Less & _); split; auto. Qed.
  Lemma po_from e f : half f -> po e f -> from g (fst e) (fst f).
  Proof.
    intros F (Own & [Less|(Is & _)]); [right; repeat split; auto using half_present|left].
    destruct (fst e), (fst f); cbn in *; congruence.
  Qed.
  Lemma half_memory e : half e -> M h e.
  Proof. intros [(Rd & _)|Wr]; [now left|now right]. Qed.
  Lemma rmw_po_loc e f : rmw h e f -> po_loc h e f.
  Proof.
    intros (Own & Next & (m & Rd) & (m' & Wr) & _); split; [split; [congruence|right; rewrite Own; split;
      [reflexivity|lia]]|].
    exists m; split; [now left|right]; rewrite (one_location (fst e) m m'); [exact Wr|left; now apply reads_loads|].
    right; rewrite Own; now apply writes_stores.
  Qed.

  (** What holds on one location. *)
  Context (No_way_back : forall e f, po_loc h e f -> ~ clos_trans event com f e) (No_loop : forall e, ~ com e e).
  Context (Atomic : atomic h).
  Lemma forward e f : com e f -> ~ external e f -> po e f.
  Proof.
    intros C Own; unfold external in Own; assert (fst (fst e) = fst (fst f)) as Same by (destruct (Nat.eq_dec (fst (fst
      e)) (fst (fst f))); tauto).
    destruct e as [[c n] k], f as [[c' n'] k']; cbn in Same; subst c'; unfold po; cbn.
    destruct (Nat.lt_trichotomy n n') as [?|[<-|Back]]; [auto| |].
    - destruct (Nat.lt_trichotomy k k') as [?|[<-|Back]]; [auto| |].
      + destruct (No_loop _ C).
      + exfalso; apply (No_way_back (c, n, k') (c, n, k)); [split; [split; auto|]|now constructor 1].
        destruct (com_location _ _ C) as (m & ? & ?); exists m; auto.
    - exfalso; apply (No_way_back (c, n', k') (c, n, k)); [split; [split; auto|]|now constructor 1].
      destruct (com_location _ _ C) as (m & ? & ?); exists m; auto.
  Qed.

  Lemma co_stores x y : model.co g x y -> exists m, stores_at g x m /\ stores_at g y m.
  Proof.
    intros Co; destruct (co_edge x y Co) as (e & f & <- & <- & _ & _ & Is);
      destruct (co_writes h width Well e f Is) as (m & ? & ?).
    exists m; auto using writes_stores.
  Qed.
  Lemma co_trans x y z : model.co g x y -> model.co g y z -> model.co g x z.
  Proof.
    intros Co Co'; destruct (co_edge x y Co) as ([x' k] & f & <- & Y & _ & Wr & Is),
      (co_edge y z Co') as (f' & [z' n] & Y' & <- & Wr' & _ & Is').
    assert (f' = f) as -> by (apply store_once; congruence).
    apply (proj2 (proj2 Contracts)); exists k, n; exact (co_transitive h width Well _ _ _ Is Is').
  Qed.
  Lemma co_total_actions x y m : x <> y -> stores_at g x m -> stores_at g y m -> model.co g x y \/ model.co g y x.
  Proof.
    intros Apart X Y; destruct (store_of x m X) as ([x' k] & <- & Wr), (store_of y m Y) as ([y' n] & <- & Wr').
    destruct (events.co_total h width Well (x', k) (y', n) m) as [Co|Co]; auto; [cbn in *; congruence| |];
      [left|right]; apply (proj2 (proj2 Contracts)); eauto.
  Qed.
  Lemma rf_stores x y : reads_from g x y -> exists m, stores_at g x m.
  Proof. intros Rf; destruct (rf_edge x y Rf) as (e & f & <- & _ & (m & Wr) & _); exists m;
    now apply writes_stores. Qed.
  Lemma rf_co x y : reads_from g x y -> (exists m, stores_at g y m) -> model.co g x y.
  Proof.
    intros Rf (m & St); destruct (rf_edge x y Rf) as (e & f & X & Y & Wr & Half & Is),
      (store_of y m St) as (f' & Y' & Wr').
    assert (Wr'' : W h f') by now exists m.
    pose proof (ticket_halves f f' Half Wr'' ltac:(congruence)) as Pair; pose proof (rmw_po_loc f f' Pair) as Po.
    destruct (rf_writes h width Well e f Is) as (l & Writes & Reads).
    assert (l = m) as -> by (apply (one_location y); [left; rewrite <- Y; now apply reads_loads|now right]).
    destruct e as [x' k], f' as [y' n]; cbn in X, Y'; subst x' y'.
    assert (Apart : (x, k) <> (y, n)).
    { intros Same; apply (No_way_back f (y, n) Po); constructor 1; rewrite <- Same; now left. }
    destruct (events.co_total h width Well (x, k) (y, n) m Apart Writes Wr') as [Co|Co];
      [apply (proj2 (proj2 Contracts)); eauto|].
    destruct (No_way_back f (y, n) Po); apply t_trans with (x, k); constructor 1; unfold com; tauto.
  Qed.
  Lemma atomic_actions x y : model.fr g x y -> ~ model.co g y x.
  Proof.
    intros Fr Co; pose proof (proj1 Fr) as Apart; destruct (fr_edge x y Fr) as (e & f & X & Y & Half & Wr & Is).
    destruct (co_edge y x Co) as (f' & e' & Y' & X' & Wr' & Wr'' & Is'); assert (f' = f) as -> by (apply store_once;
      congruence).
    destruct (Nat.eq_dec (fst (fst e)) (fst (fst f))) as [Own|Other].
    - assert (P : po e f) by (apply forward; [unfold com; tauto|intros Ext; contradiction]).
      assert (P' : po f e') by (apply forward; [unfold com; tauto|intros Ext; apply Ext; congruence]).
      destruct P as (_ & [Less|(Same & _)]), P' as (_ & [Less'|(Same' & _)]); rewrite ?X, ?Y, ?X' in *; try lia;
        apply Apart; destruct x, y; cbn in *; congruence.
    - apply (Atomic e e' f (ticket_halves e e' Half Wr'' ltac:(congruence))); split; auto; unfold external; congruence.
  Qed.
  Lemma eco_near x y : eco g x y -> near g x y.
  Proof. exact (eco_normal g co_stores co_trans co_total_actions rf_stores rf_co atomic_actions x y). Qed.

  Lemma sb_no_eco x y : sb g x y -> ~ eco g y x.
  Proof.
    intros Sb Eco; destruct (near_path y x (eco_near y x Eco)) as (f & e & Y & X & _ & _ & (m & F & E) & Path).
    apply (No_way_back e f); [split; [exact (sb_po x y e f X Y Sb)|exists m; auto]|exact Path].
  Qed.
  Lemma values y a : does g y = Some a -> loads a <> None -> reads_right g width y a.
  Proof.
    intros At Loads; destruct (loads a) as [m|] eqn:L; [|congruence].
    destruct (load_of y m) as (f & Y & Half & _); [exists a; auto|]; unfold reads_right.
    rewrite <- Y in At |- *; rewrite <- action_does in At; rewrite (proj1 (proj2 Contracts) f Half).
    pose proof (rf_value h width Well f a At Half) as Value; destruct (source h f) as [e|] eqn:Src; [|exact Value].
    destruct Value as (b & At' & Is); exists b; rewrite <- action_does; split; [exact At'|split; [|exact Is]].
    assert (Rf : rf h e f) by (split; [exact (proj1 Half)|exact Src]).
    destruct (rf_writes h width Well e f Rf) as (m' & (b' & i & B & _ & _ & St) & (a' & j & A & _ & _ & Ld));
      congruence.
  Qed.
End Halves.

(** ** Threads *)
Lemma relaxed_of {S : system} {I : Type} {K : accesses I} o text width clients (h : execution S I) g seen last :
  runs_threads text width clients h seen last -> contracts h g -> consistent_graph o g width ->
  relaxed_execution o text width clients g seen last.
Proof.
  intros [Each None_] (Run & _) Consistent; constructor; [| |exact Consistent].
  - intros c Less; rewrite Run; auto.
  - intros c Over; rewrite Run; auto.
Qed.

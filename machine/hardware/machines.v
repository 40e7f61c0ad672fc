(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Machines

    Armv8, RISC-V and x86 have two axioms in common: on one location what is seen has an order, and
    what CPUs see of each other has one order with what each CPU keeps in order, [lob].  Of [lob]
    three sorts of edges are used ([named_edges]); so the theorem, [hardware_is_relaxed], holds of
    every order that contains these.  Read next: lists.v. *)
From Coq Require Import ZArith List Bool Lia Relations.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events halves.
Import ListNotations.
Local Open Scope Z_scope.

(** What is used of the order [lob] that a machine keeps on one CPU. *)
Record named_edges {S : system} {I : Type} {K : accesses I} (h : execution S I) (lob : event -> event ->
  Prop) : Prop := {
  acquire_edge : forall e f a, action_of h e = Some a -> acquires shipped_orders a -> load_half h e ->
                 po e f -> M h f -> lob e f;
  release_edge : forall e f a, action_of h f = Some a -> releases shipped_orders a -> M h e ->
                 po e f -> W h f -> lob e f;
  rmw_edge : forall e f, rmw h e f -> lob e f
}.

Section Hardware.
  Context {S : system} {I : Type} {K : accesses I} (h : execution S I) (lob : event -> event -> Prop) (width : Z).
  Context (Well : well_formed h width) (Halved : halved h) (g : graph S) (Contracts : contracts h g).
  Context (Internal : acyclic (fun e f => po_loc h e f \/ rf h e f \/ co h e f \/ fr h e f)).
  Context (External : acyclic (fun e f => rfe h e f \/ coe h e f \/ fre h e f \/ lob e f)).
  Context (Atomic : atomic h) (Edges : named_edges h lob).
  Local Notation ob := (clos_trans event (fun e f => rfe h e f \/ coe h e f \/ fre h e f \/ lob e f)).

  (** From the write of an action that releases to the read of one that reads a lock word. *)
  Definition ordered (reader : action S words_verb -> Prop) (r a : id) : Prop := exists e f, fst e = r /\ fst f = a /\
    W h e /\ (exists b, does g r = Some b /\ releases shipped_orders b) /\
    load_half h f /\ (exists b, does g a = Some b /\ reader b) /\ ob e f.
  Lemma internal_back e f : po_loc h e f -> ~ clos_trans event (com h) f e.
  Proof.
    intros Po Path; apply (Internal e); apply t_trans with f; [constructor 1; now left|].
    clear Po; induction Path; [constructor 1; unfold com in *; tauto|econstructor 2; eauto].
  Qed.
  Lemma internal_loop e : ~ com h e e.
  Proof. intros Is; apply (Internal e); constructor 1; unfold com in Is; tauto. Qed.
  Lemma lob_ob e f : lob e f -> ob e f.
  Proof. constructor 1; auto. Qed.
  Lemma release_ob e f : half h e -> W h f -> from g (fst e) (fst f) ->
    (exists b, does g (fst f) = Some b /\ releases shipped_orders b) -> e = f \/ ob e f.
  Proof.
    intros E F [Same|Sb] (b & At & Rel).
    - destruct E as [E|E]; [right; apply lob_ob, (rmw_edge h lob Edges), (ticket_halves h Halved); auto|left].
      now apply (store_once h Halved).
    - right; apply lob_ob, (release_edge h lob Edges e f b); auto.
      + now rewrite (action_does h g Contracts).
      + now apply half_memory.
      + now apply (sb_po g (fst e) (fst f)).
  Qed.
  Lemma acquire_ob e f : load_half h e -> half h f -> from g (fst e) (fst f) ->
    (exists b, does g (fst e) = Some b /\ acquires shipped_orders b) -> e = f \/ ob e f.
  Proof.
    intros E F [Same|Sb] (b & At & Acq).
    - destruct F as [F|F]; [left; now apply (load_once h)|right;
        apply lob_ob, (rmw_edge h lob Edges), (ticket_halves h Halved); auto].
    - right; apply lob_ob, (acquire_edge h lob Edges e f b); auto.
      + now rewrite (action_does h g Contracts).
      + now apply (sb_po g (fst e) (fst f)).
      + now apply half_memory.
  Qed.
  Lemma apart e f : load_half h e -> W h f -> e <> f.
  Proof.
    intros E F <-; destruct (ticket_halves h Halved e e E F eq_refl) as (_ & Next & _); lia.
  Qed.
  Lemma ordered_trans reader x y y' z : ordered reader x y -> from g y y' -> ordered reader y' z -> ordered reader x z.
  Proof.
    intros (e & f & X & Y & E & Rel & F & _ & Ob) From (e' & f' & Y' & Z & E' & Rel' & F' & Reads & Ob').
    exists e, f'; repeat (split; [assumption|]); apply t_trans with f; [exact Ob|]; apply t_trans with e'; [|exact Ob'].
    destruct (release_ob f e') as [Is|]; [now left|exact E'|now rewrite Y, Y'|now rewrite Y'| |assumption].
    destruct (apart f e' F E' Is).
  Qed.
  Lemma ordered_rf reader x y : reads_from g x y -> (exists b, does g x = Some b /\ releases shipped_orders b) ->
    (exists b, does g y = Some b /\ reader b) -> sb g x y \/ ordered reader x y.
  Proof.
    intros Rf Rel Reads; destruct (rf_edge h width Well Halved g Contracts x y Rf) as (e & f & X & Y & E & F & Is).
    destruct (Nat.eq_dec (fst (fst e)) (fst (fst f))) as [Own|Other].
    - assert (Po : po e f) by (apply (forward h width Well internal_back internal_loop); [unfold com;
        tauto|intros Ext; contradiction]).
      left; destruct (po_from h g Contracts e f) as [Same|Sb]; [now left|exact Po| |congruence].
      destruct (ticket_halves h Halved f e F E (eq_sym Same)) as (_ & Next & _), Po as (_ & [Less|(_ & Less)]);
        [rewrite Same in Less|]; lia.
    - right; exists e, f; repeat (split; [assumption|]); constructor 1; left; split; assumption.
  Qed.
  (** Nothing is ordered before itself. *)
  Lemma no_circle reader x : ~ way g (ordered reader) x x.
  Proof.
    intros (r & a & From & Is & From'); pose proof Is as (e & f & X & Y & E & Rel & F & _ & Ob).
    apply (External e); apply t_trans with f; [exact Ob|].
    destruct (release_ob f e) as [Same|]; [now left|exact E| |now rewrite X| |assumption].
    - rewrite X, Y; exact (from_trans g a x r From' From).
    - destruct (apart f e F E Same).
  Qed.
  Lemma hb_way x y : hb shipped_orders g x y -> sb g x y \/ way g (ordered (acquires shipped_orders)) x y.
  Proof.
    intros Hb; apply (ways g (fun x y => sb g x y \/ sync shipped_orders g x y));
      [|apply ordered_trans|now apply hb_steps].
    intros v w [Sb|(Rf & Rel & Acq)]; [now left|now apply ordered_rf].
  Qed.
  Lemma causes_way x y : causes g x y -> sb g x y \/ way g (ordered on_words) x y.
  Proof.
    intros Causes; apply (ways g (fun x y => sb g x y \/ reads_from g x y /\ exists a, does g y = Some a /\
      on_words a));
      [|apply ordered_trans|now apply causes_steps].
    intros v w [Sb|(Rf & Word)]; [now left|apply ordered_rf; [exact Rf| |exact Word]].
    destruct (rf_edge h width Well Halved g Contracts v w Rf) as (e & f & <- & <- & _ & _ & Is).
    destruct (rf_writes h width Well e f Is) as (m & Wr & Rd);
      apply (writes_stores h g Contracts) in Wr as (b & At & St).
    apply (reads_loads h g Contracts) in Rd as (a & At' & Ld); destruct Word as (a' & At'' & Word).
    assert (a' = a) as -> by congruence; exists b; split; [exact At|].
    destruct a as [l []| | |], b as [l' []| | |]; cbn in *; try contradiction; try discriminate; try reflexivity;
      congruence.
  Qed.

  Lemma way_from reader x x' y y' : from g x x' -> way g (ordered reader) x' y' -> from g y' y ->
    way g (ordered reader) x y.
  Proof. intros F (r & a & F' & Is & F'') F3; exists r, a; eauto using (from_trans g). Qed.
  Local Notation hb_ext := (way g (ordered (acquires shipped_orders))).
  Lemma ways_ob x y e f : hb_ext x y -> fst e = x -> fst f = y -> half h e -> half h f ->
    exists r a, ob r a /\ (e = r \/ ob e r) /\ (a = f \/ ob a f).
  Proof.
    intros (r & a & From & (e' & f' & X & Y & E' & Rel & F' & Acq & Ob) & From') Xe Yf E F; exists e', f'; split;
      [exact Ob|split].
    - apply release_ob; rewrite ?Xe, ?X; assumption.
    - apply acquire_ob; rewrite ?Yf, ?Y; assumption.
  Qed.
  Lemma obs e f : com h e f -> external e f -> ob e f.
  Proof. intros [Is|[Is|Is]] Ext; constructor 1; unfold rfe, coe, fre; tauto. Qed.
  Lemma no_obs_back x y e f : hb_ext x y -> fst e = x -> fst f = y -> half h e -> half h f -> ~ ob f e.
  Proof.
    intros Way X Y E F Ob; destruct (ways_ob x y e f Way X Y E F) as (r & a & Ob' & Er & Af).
    apply (External r); apply t_trans with a; [exact Ob'|].
    destruct Er as [<-|Er], Af as [<-|Af]; eauto using t_trans.
  Qed.
  Lemma no_edge_back x y e f : hb_ext x y -> fst e = x -> fst f = y -> half h e -> half h f -> ~ com h f e.
  Proof.
    intros Way X Y E F C; destruct (Nat.eq_dec (fst (fst f)) (fst (fst e))) as [Own|Other].
    - assert (Po : po f e) by (apply (forward h width Well internal_back internal_loop); [exact C|intros Ext;
        contradiction]).
      pose proof (po_from h g Contracts f e E Po) as From; rewrite X, Y in From.
      apply (no_circle (acquires shipped_orders) x), (way_from _ x x x y); [now left|exact Way|exact From].
    - apply (no_obs_back x y e f Way X Y E F), obs; assumption.
  Qed.
  Lemma ext_no_eco x y : hb_ext x y -> ~ eco g y x.
  Proof.
    intros Way Eco; apply (eco_near h width Well Halved g Contracts internal_back internal_loop Atomic) in Eco.
    destruct (near_edges h width Well Halved g Contracts y x Eco) as
      [(f & e & Y & X & F & E & C)|(z & f & m & e & Y & Z & X & _ & _ & F & Wm & E & C & C')].
    { exact (no_edge_back x y e f Way X Y E F C). }
    destruct (Nat.eq_dec (fst (fst f)) (fst (fst m))) as [Own|Other].
    { assert (Po : po f m) by (apply (forward h width Well internal_back internal_loop); [exact C|intros Ext;
      contradiction]).
      pose proof (po_from h g Contracts f m (or_intror Wm) Po) as From; rewrite Y, Z in From.
      refine (no_edge_back x z e m _ X Z E (or_intror Wm) C'); apply (way_from _ x x z y);
        [now left|exact Way|exact From]. }
    destruct (Nat.eq_dec (fst (fst m)) (fst (fst e))) as [Own|Other'].
    { assert (Po : po m e) by (apply (forward h width Well internal_back internal_loop); [exact C'|intros Ext;
      contradiction]).
      pose proof (po_from h g Contracts m e E Po) as From; rewrite X, Z in From.
      refine (no_edge_back z y m f _ Z Y (or_intror Wm) F C); apply (way_from _ z x y y);
        [exact From|exact Way|now left]. }
    apply (no_obs_back x y e f Way X Y E F); apply t_trans with m; now apply obs.
  Qed.

  Theorem hardware_is_relaxed : consistent_graph shipped_orders g width.
  Proof.
    constructor.
    - exact (values h width Well Halved g Contracts).
    - exact (co_total_actions h width Well Halved g Contracts).
    - intros x Causes; destruct (causes_way x x Causes) as [(_ & Less & _)|Way]; [lia|exact (no_circle on_words x Way)].
    - intros x y Hb; destruct (hb_way x y Hb) as [Sb|Way]; [|exact (ext_no_eco x y Way)].
      exact (sb_no_eco h width Well Halved g Contracts internal_back internal_loop Atomic x y Sb).
    - intros _; exact (atomic_actions h width Well Halved g Contracts internal_back internal_loop Atomic).
  Qed.
End Hardware.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * C11

    The model is RC11 (c11_model.v).  Accesses of objects are not atomic, and that they do not race is a
    conclusion ([c11_race_free]).
    Read next: ../cases/c11_cases.v. *)
From Coq Require Import ZArith List Bool Lia Relations.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L4_locks Require Import spec text contract.
From hlock.layers.table Require Import table.
From hlock.stack Require Import stack setting.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.relaxed Require Import model claims embedding sections careful.
From hlock.machine.hardware Require Import events halves lists cat.
From hlock.machine.hardware Require Export c11_model.
Import ListNotations.
Local Open Scope Z_scope.

Section Actions.
  Context {S : system} (h : execution S c11) (sw : event -> event -> Prop) (width : Z) (g : graph S).
  Context (Well : well_formed h width) (Has : contains_sw h sw) (Consistent : rc11_consistent h sw).
  Context (Made : made_of h c11_lists) (Contracts : contracts h g).
  Local Notation hb := (happens_before h sw).

  Lemma c11_shaped : lists_shaped c11_lists.
  Proof. exact (lists_sound c11_lists eq_refl). Qed.
  Lemma c11_halved : halved h.
  Proof. exact (made_halved h c11_lists c11_shaped Made). Qed.
  Lemma c11_back e f : po_loc h e f -> ~ clos_trans event (com h) f e.
  Proof.
    intros (Po & m & E & F) Path; apply (rc11_coherence h sw Consistent e f).
    { constructor 1; left; split; [|split; [exact Po|]]; [destruct E|destruct F]; first [now (left;
      exists m)|now (right; exists m)]. }
    unfold extended_co; induction Path; [constructor 1; assumption|econstructor 2; eauto].
  Qed.
  Lemma c11_loop e : ~ com h e e.
  Proof.
    assert (One : ~ (R h e /\ W h e)).
    { intros ((m & a & i & _ & Is & Rd & _) & (m' & b & j & _ & Is' & Wr & _)); unfold is_a in *.
      assert (i = j) as -> by congruence; destruct j; discriminate. }
    intros [Rf|[Co|(m & Rd & Wr & _)]].
    - destruct (rf_writes h width Well e e Rf) as (m & Wr & Rd); apply One; split; now exists m.
    - exact (co_irreflexive h width Well e Co).
    - apply One; split; now exists m.
  Qed.
  Lemma c11_atomic : atomic h.
  Proof. intros e f k Pair (Fr & _) (Co & _); exact (rc11_atomicity h sw Consistent e f k Pair Fr Co). Qed.

  (** From a write to a read, by steps of which program order is one. *)
  Definition passed (step : event -> event -> Prop) (r a : id) : Prop :=
    exists e f, fst e = r /\ fst f = a /\ W h e /\ load_half h f /\ clos_trans event step e f.
  Lemma sb_halves e f : half h e -> half h f -> po e f -> sb h e f.
  Proof. intros E F Po; split; [|split; [exact Po|]]; now apply half_memory. Qed.
  Lemma load_from e f : load_half h e -> W h f -> from g (fst e) (fst f) -> sb h e f.
  Proof.
    intros E F From; apply sb_halves; [now left|now right|].
    destruct From as [Same|Sb]; [apply (rmw_po_loc h g Contracts),
      (ticket_halves h c11_halved)|apply (sb_po g (fst e) (fst f))]; auto.
  Qed.
  Lemma passed_trans (step : event -> event -> Prop) (Po : forall e f, sb h e f -> step e f) x y y' z :
    passed step x y -> from g y y' -> passed step y' z -> passed step x z.
  Proof.
    intros (e & f & X & Y & E & F & Is) From (e' & f' & Y' & Z & E' & F' & Is'); exists e, f'; repeat (split;
      [assumption|]).
    apply t_trans with f; [exact Is|]; apply t_trans with e'; [|exact Is'].
    constructor 1; apply Po, load_from; auto; now rewrite Y, Y'.
  Qed.
  Lemma sync_passed x y : sync shipped_orders g x y -> passed (fun e f => sb h e f \/ sw e f) x y.
  Proof.
    intros (Rf & (b & At & Rel) & (a & At' & Acq)).
    destruct (rf_edge h width Well c11_halved g Contracts x y Rf) as (e & f & X & Y & E & F & Is); exists e, f.
    repeat (split; [assumption|]); constructor 1; right; rewrite <- X, <- (action_does h g Contracts) in At.
    rewrite <- Y, <- (action_does h g Contracts) in At'; apply Has; [|exact Is|].
    - apply (store_sort h c11_lists c11_shaped Made (fun i => at_least_release (order_of i)) e b At E).
      destruct b as [l []| | |]; try contradiction; reflexivity.
    - apply (load_sort h c11_lists c11_shaped Made (fun i => at_least_acquire (order_of i)) f a At' F).
      destruct a as [l []| | |]; try contradiction; reflexivity.
  Qed.

  (** Happens-before between actions is happens-before between all their accesses. *)
  Theorem c11_hb x y e f : model.hb shipped_orders g x y -> fst e = x -> fst f = y -> half h e -> half h f -> hb e f.
  Proof.
    intros Hb X Y E F; apply hb_steps in Hb.
    destruct (ways g (fun x y => model.sb g x y \/ sync shipped_orders g x y) (passed (fun e f => sb h e f \/ sw e f)))
      with (x := x) (y := y) as [Sb|(r & a & From & (e' & f' & X' & Y' & E' & F' & Is) & From')]; [| |exact Hb|..].
    - intros v w [Sb|Sync]; [now left|right; now apply sync_passed].
    - apply passed_trans; auto.
    - constructor 1; left; apply sb_halves; auto; now apply (sb_po g x y).
    - pose proof E as E''; pose proof F as F''; assert (Start : e = e' \/ hb e e').
      { rewrite <- X, <- X' in From; destruct E as [E|E]; [right; constructor 1; left; now apply load_from|].
        destruct From as [Same|Sb]; [left; now apply (store_once h c11_halved)|].
        right; constructor 1; left; apply sb_halves; [exact E''|now right|now apply (sb_po g (fst e) (fst e'))]. }
      assert (End : f' = f \/ hb f' f).
      { rewrite <- Y, <- Y' in From'; destruct F as [F|F]; [|right; constructor 1; left; now apply load_from].
        destruct From' as [Same|Sb]; [left; now apply (load_once h)|].
        right; constructor 1; left; apply sb_halves; [now left|exact F''|now apply (sb_po g (fst f') (fst f))]. }
      assert (Tail : hb e' f) by (destruct End as [<-|End]; [exact Is|exact (t_trans _ _ _ _ _ Is End)]).
      destruct Start as [<-|Start]; [exact Tail|exact (t_trans _ _ _ _ _ Start Tail)].
  Qed.
  (** No values out of thin air: this the model asks of all reads, of objects too. *)
  Theorem c11_no_thin_air : nothing_from_thin_air g.
  Proof.
    apply (no_feeds h width Well c11_halved g Contracts (fun e f => sb h e f \/ rf h e f)).
    - intros e f E F From; left; now apply load_from.
    - intros e f _ _ Rf; now right; right.
    - exact (rc11_no_thin_air h sw Consistent).
  Qed.
  Lemma c11_consistent : consistent_graph shipped_orders g width.
  Proof.
    constructor.
    - exact (values h width Well c11_halved g Contracts).
    - exact (co_total_actions h width Well c11_halved g Contracts).
    - intros x Causes; exact (c11_no_thin_air x (causes_feeds g x x Causes)).
    - intros x y Hb Eco; apply (eco_near h width Well c11_halved g Contracts c11_back c11_loop c11_atomic) in Eco.
      destruct (near_path h width Well c11_halved g Contracts y x Eco) as (f & e & Y & X & F & E & _ & Path).
      apply (rc11_coherence h sw Consistent e f (c11_hb x y e f Hb X Y E F)).
      unfold extended_co; clear - Path; induction Path; [constructor 1; assumption|econstructor 2; eauto].
    - intros _; exact (atomic_actions h width Well c11_halved g Contracts c11_back c11_loop c11_atomic).
  Qed.

  (** Each access is a half of its action, and the accesses of words are atomic. *)
  Lemma c11_half e : M h e -> half h e.
  Proof.
    intros [Rd|Wr]; [left|now right]; split; [exact Rd|]; destruct e as [[c n] k];
      destruct Rd as (m & a & i & At & Is & Rd & _).
    intros k' Less (m' & a' & j & _ & Is' & Rd' & _); unfold action_of, is_a in *; cbn [fst snd] in *.
    destruct (cores h c11_lists Made c n a At) as (tries & l & Incl & Mem & _ & Part); rewrite Part in Is, Is'.
    assert (tries = []) as -> by (destruct tries as [|t tries]; [reflexivity|destruct (Incl t); now left]).
    destruct a as [w [t|v|v|v]|w p v|w p v|]; cbn in Mem; destruct Mem as [<-|[]];
      destruct k as [|[|k]], k' as [|[|k']]; cbn in Is, Is'; try lia; try discriminate;
      try (destruct k; discriminate); try (destruct k'; discriminate); injection Is' as <-; discriminate.
  Qed.
  Lemma c11_atomic_words e a : action_of h e = Some a -> on_words a -> M h e -> exists i, is_a h i e /\
    is_atomic (order_of i) = true.
  Proof.
    intros At Word Mem; destruct (c11_half e Mem) as [Half|Wr].
    - apply (load_sort h c11_lists c11_shaped Made (fun i => is_atomic (order_of i)) e a At Half).
      destruct a as [l []| | |]; try contradiction; reflexivity.
    - apply (store_sort h c11_lists c11_shaped Made (fun i => is_atomic (order_of i)) e a At Wr).
      destruct a as [l []| | |]; try contradiction; reflexivity.
  Qed.
  Lemma c11_no_race (Ordered : forall l k x y, x <> y -> accesses_at g l k x -> accesses_at g l k y ->
      model.hb shipped_orders g x y \/ model.hb shipped_orders g y x) e f : ~ race h sw e f.
  Proof.
    intros ((m & E & F) & Ext & _ & Atomic & Not & Not').
    assert (Me : M h e) by (destruct E; [left|right]; now exists m); assert (Mf : M h f) by (destruct F; [left|right];
      now exists m).
    pose proof (located h g Contracts e m E) as Le; pose proof (located h g Contracts f m F) as Lf.
    destruct m as [l|l|l k].
    3:{ destruct (Ordered l k (fst e) (fst f)) as [Hb|Hb]; auto.
        - intros Same; apply Ext; now rewrite Same.
        - exact (Not (c11_hb _ _ e f Hb eq_refl eq_refl (c11_half e Me) (c11_half f Mf))).
        - exact (Not' (c11_hb _ _ f e Hb eq_refl eq_refl (c11_half f Mf) (c11_half e Me))). }
    all: destruct Le as [(a & At & Is)|(a & At & Is)], Lf as [(b & At' & Is')|(b & At' & Is')];
      rewrite <- (action_does h g Contracts) in At, At';
      (destruct (c11_atomic_words e a At) as (i & Ai & Oi);
        [destruct a as [? []| | |]; cbn in *; try discriminate; exact Logic.I|exact Me|]);
      (destruct (c11_atomic_words f b At') as (j & Aj & Oj);
        [destruct b as [? []| | |]; cbn in *; try discriminate; exact Logic.I|exact Mf|]);
      apply Atomic; eauto 8.
  Qed.
End Actions.

(** Every consistent execution of C11, whatever more synchronizes, is a consistent graph of actions. *)
Theorem c11_is_relaxed : forall S (h : execution S c11) sw width g, well_formed h width ->
  contains_sw h sw -> rc11_consistent h sw -> made_of h c11_lists -> contracts h g ->
  consistent_graph shipped_orders g width.
Proof. intros S h sw width g Well Has Consistent Made Contracts;
  exact (c11_consistent h sw width g Well Has Consistent Made Contracts). Qed.

(** No consistent execution of clients that never break the contract on the machine of atomic locks has a
    data race.  So the C has no undefined behaviour of this sort, and accesses of objects can be plain. *)
Theorem c11_race_free : forall prefix T N O width (clients : cpu -> client (table_system T N O)),
  table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width -> never_breaches clients T ->
  forall (h : execution (table_system T N O) c11) sw g seen last, well_formed h width ->
  contains_sw h sw -> rc11_consistent h sw -> made_of h c11_lists -> contracts h g ->
  runs_threads (stack prefix T) width clients h seen last ->
  forall e f, ~ race h sw e f.
Proof.
  intros prefix T N O width clients Ok Width Fits Never h sw g seen last Well Has Consistent Made Contracts Runs.
  apply (c11_no_race h sw width g Well Has Made Contracts).
  set (G := mkRunning (mkSetting prefix T Ok N O width Width Fits) clients).
  pose proof (relaxed_of _ _ _ _ _ _ _ _ Runs Contracts (c11_is_relaxed _ h sw width g Well Has Consistent Made
    Contracts)) as Relaxed.
  assert (Good : good_clients T clients g).
  { right; split; [exact Never|exact (c11_no_thin_air h sw width g Well Consistent Made Contracts)]. }
  exact (accesses_ordered (table_system T N O) width Width Fits g (consistent _ _ _ _ _ _ _ Relaxed)
           (good_in_turn (G := G) g seen last Good Relaxed) (no_others _ _ _ _ _ _ _ Relaxed)).
Qed.

Theorem full_sw_contains : forall S (h : execution S c11) width, well_formed h width -> contains_sw h (full_sw h).
Proof.
  intros S h width Well e f (i & Is & Rel) Rf (j & Js & Acq).
  destruct (rf_writes h width Well e f Rf) as (m & Wr & Rd); pose proof (present_W h e m Wr) as E;
    pose proof (present_R h f m Rd) as F.
  assert (Sort : forall p d k, present h d -> is_a h k d -> p k = true -> sem h (In p) d d).
  { intros p d k D Ks Pk; cbn; split; [reflexivity|split; [exact D|exists k; auto]]. }
  assert (Ri : is_write i = true) by (destruct Wr as (a & i' & _ & Is' & W' & _); unfold is_a in *; congruence).
  assert (Rj : is_read j = true) by (destruct Rd as (a & j' & _ & Js' & R' & _); unfold is_a in *; congruence).
  exists e; split; [exact (Sort is_release e i E Is Rel)|exists f; split].
  - unfold c11_rs_rf; cbn [sem]; left; left; left; left; exists e; split; [exact (Sort is_write e i E Is Ri)|].
    exact (sem_rf h width Well e f Rf).
  - apply (Sort acquire_read f j F Js); unfold acquire_read, is_acquire; now rewrite Rj.
Qed.

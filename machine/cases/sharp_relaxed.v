(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: relaxed executions

    One graph in which a lock is handed over, with a poll in vain: who is related to whom in it,
    and who is not; that it is consistent and the execution of two clients.  And graphs which
    break one axiom each.  Words have one bit.  What sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec.
From hlock.machine.cases Require Import small.
From hlock.machine.relaxed Require Import model.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

Local Notation act := (action small words_verb).
Definition wrote : act := Wrote 0 7 (value 0 5).
Definition reads_it : act := Read 0 7 (value 0 5).

(** ** Actions *)
Definition all_kinds : list act :=
  [Lock 4 (Took 1); Lock 4 (Polled 1); Lock 4 (Loaded 1); Lock 4 (Stored 1); Read 4 7 (value 4 3);
   Wrote 4 7 (value 4 3); Halted].
Example loads_of_actions : map loads all_kinds =
  [Some (Next 4); Some (Now 4); Some (Now 4); None; Some (Object 4 7); None; None].
Proof. reflexivity. Qed.
Example stores_of_actions : map stores all_kinds =
  [Some (Next 4); None; None; Some (Now 4); None; Some (Object 4 7); None].
Proof. reflexivity. Qed.
Local Ltac each := repeat apply conj; repeat apply Forall_cons; try apply Forall_nil; cbn; auto; try discriminate;
  try (intros []).
Example words_of_actions : Forall on_words (firstn 4 all_kinds) /\ Forall (fun a => ~ on_words a) (skipn 4 all_kinds).
Proof. each. Qed.

(** ** Orders *)
Example all_ship : shipped_orders =
  {| ticket_acquires := true; ticket_releases := true; poll_acquires := true; store_releases := true;
     ticket_is_one := true |}.
Proof. reflexivity. Qed.
Definition lacks (k : nat) : orders :=
  let has n := negb (Nat.eqb k n) in mkOrders (has 0%nat) (has 1%nat) (has 2%nat) (has 3%nat) (has 4%nat).
Example what_acquires : Forall (acquires shipped_orders) (firstn 2 all_kinds) /\
  Forall (fun a => ~ acquires shipped_orders a) (skipn 2 all_kinds).
Proof. each. Qed.
Example what_releases : Forall (releases (S := small) shipped_orders) [Lock 4 (Took 1); Lock 4 (Stored 1)] /\
  Forall (fun a : act => ~ releases shipped_orders a)
    [Lock 4 (Polled 1); Lock 4 (Loaded 1); Read 4 7 (value 4 3); Wrote 4 7 (value 4 3); Halted].
Proof. each. Qed.
Example orders_that_lack :
  ~ acquires (lacks 0) (Lock 4 (Took 1) : act) /\ ~ releases (lacks 1) (Lock 4 (Took 1) : act) /\
  ~ acquires (lacks 2) (Lock 4 (Polled 1) : act) /\ ~ releases (lacks 3) (Lock 4 (Stored 1) : act) /\
  releases (lacks 0) (Lock 4 (Took 1) : act) /\ acquires (lacks 1) (Lock 4 (Took 1) : act).
Proof. each. Qed.

(** ** The lock is handed over *)
Local Open Scope nat_scope.
Definition lists {A} (ls : list (list A)) : cpu -> list A := fun c => nth c ls [].
Definition reads_of (l : list (id * id)) : id -> option id :=
  fun y => option_map snd (find (fun p => Nat.eqb (fst (fst p)) (fst y) && Nat.eqb (snd (fst p)) (snd y)) l).
Definition pairs (l : list (id * id)) : id -> id -> Prop := fun x y => List.In (x, y) l.
(** Each read is before what it reads. *)
Definition made (runs : list (list act)) (sources orders : list (id * id)) : graph small :=
  mkGraph (lists runs) (reads_of sources) (pairs orders).

Definition handover : graph small := made
  [[Lock 0 (Took 0); Lock 0 (Polled 0); wrote; Lock 0 (Loaded 0); Lock 0 (Stored 1)];
   [Lock 0 (Took 1); Lock 0 (Polled 0); Lock 0 (Polled 1); reads_it; Halted]]%Z
  [((1, 0), (0, 0)); ((1, 2), (0, 4)); ((1, 3), (0, 2))] [((0, 0), (1, 0))].
Local Notation g := handover.

(** An action of it, one by one. *)
Local Ltac each_of x := destruct x as [[|[|[|?]]] [|[|[|[|[|[|?]]]]]]]; cbn in *; try discriminate; try contradiction.
Local Ltac unpack := unfold wrote, reads_it, sync, reads_from, fr, loads_at, stores_at, sb, does, pairs in *; cbn in *;
  repeat match goal with
         | H : exists _, _ |- _ => destruct H
         | H : _ /\ _ |- _ => destruct H
         | H : _ \/ _ |- _ => destruct H
         | H : Some _ = Some _ |- _ => injection H as H
         | H : (_, _) = (_, _) |- _ => injection H; clear H; intros
         | H : Next _ = Next _ |- _ => injection H as H
         | H : Now _ = Now _ |- _ => injection H as H
         | H : Object _ _ = Object _ _ |- _ => injection H; clear H; intros
         end; subst; cbn in *; try discriminate; try contradiction.

Example does_it : map (does g) [(0, 0); (0, 4); (1, 1); (0, 5); (2, 0)] =
  [Some (Lock 0 (Took 0)); Some (Lock 0 (Stored 1)); Some (Lock 0 (Polled 0)); None; None]%Z.
Proof. reflexivity. Qed.
(** Whatever the shape in which a definition says it. *)
Local Ltac found_g := cbn; solve [reflexivity | discriminate | lia | exact I | auto |
  split; found_g | eexists; found_g | left; found_g | right; found_g | intro; found_g].
Example accesses : loads_at g (1, 3) (Object 0 7) /\ stores_at g (0, 2) (Object 0 7) /\ loads_at g (0, 0) (Next 0) /\
  stores_at g (0, 0) (Next 0) /\ ~ loads_at g (0, 2) (Object 0 7) /\ ~ stores_at g (1, 3) (Object 0 7) /\
  ~ loads_at g (1, 3) (Object 0 6) /\ ~ stores_at g (0, 4) (Now 4) /\ ~ loads_at g (0, 7) (Now 0).
Proof. repeat apply conj; try solve [found_g]; intros H; unpack. Qed.
Example reads_what : reads_from g (0, 0) (1, 0) /\ reads_from g (0, 4) (1, 2) /\ reads_from g (0, 2) (1, 3) /\
  ~ reads_from g (0, 4) (1, 1) /\ ~ reads_from g (1, 2) (0, 4) /\
  ~ reads_from (made [[wrote; wrote]] [((0, 1), (0, 0))] []) (0, 0) (0, 1).
Proof. repeat apply conj; try solve [found_g]; intros H; unpack. Qed.
Example program_order : sb g (0, 0) (0, 4) /\ sb g (1, 3) (1, 4) /\ ~ sb g (0, 0) (1, 1) /\ ~ sb g (0, 2) (0, 2) /\
  ~ sb g (0, 2) (0, 1) /\ ~ sb g (0, 0) (0, 5).
Proof. repeat apply conj; try solve [found_g]; intros H; unpack; lia. Qed.
Example synchronizes : sync shipped_orders g (0, 0) (1, 0) /\ sync shipped_orders g (0, 4) (1, 2) /\
  ~ sync shipped_orders g (0, 2) (1, 3) /\ ~ sync (lacks 0) g (0, 0) (1, 0) /\ ~ sync (lacks 1) g (0, 0) (1, 0) /\
  ~ sync (lacks 2) g (0, 4) (1, 2) /\ ~ sync (lacks 3) g (0, 4) (1, 2) /\ ~ sync shipped_orders g (0, 4) (1, 1).
Proof. repeat apply conj; try solve [found_g]; intros H; unpack. Qed.
Example happens_before : hb shipped_orders g (0, 2) (1, 3) /\ hb shipped_orders g (0, 0) (1, 0) /\
  hb shipped_orders g (1, 1) (1, 3).
Proof.
  assert (Over : hb shipped_orders g (0, 4) (1, 2)) by (apply hb_sync; found_g).
  repeat apply conj.
  - apply hb_trans with (0, 4); [apply hb_sb; found_g|]; apply hb_trans with (1, 2); [exact Over|apply hb_sb; found_g].
  - apply hb_sync; found_g.
  - apply hb_sb; found_g.
Qed.
(** If stores do not release, only what is before the ticket happens before another CPU's. *)
Example not_before : ~ hb (lacks 3) g (0, 2) (1, 3) /\ ~ hb (lacks 3) g (1, 1) (0, 4).
Proof.
  assert (Only : forall x y, hb (lacks 3) g x y ->
    fst x = fst y /\ snd x < snd y \/ fst x = 0 /\ fst y = 1 /\ snd x = 0).
  { induction 1 as [x y (Same & Less & _)|x y Sync|x y z _ IH1 _ IH2]; [auto| |lia].
    right; destruct Sync as ((_ & Rf) & (a & Is & Rel) & _); cbn in Rf; each_of y; unpack; unpack; auto. }
  split; intros Before; apply Only in Before; cbn in Before; intuition discriminate.
Qed.

(** ** Communication *)
Example from_reads : fr g (1, 1) (0, 4) /\ fr g (0, 0) (1, 0) /\ ~ fr g (1, 0) (1, 0) /\ ~ fr g (1, 2) (0, 4) /\
  ~ fr g (0, 1) (0, 2) /\ ~ fr g (0, 2) (0, 2) /\
  fr (made [[wrote; wrote]; [reads_it]] [((1, 0), (0, 0))] [((0, 0), (0, 1))]) (1, 0) (0, 1) /\
  ~ fr (made [[wrote; wrote]; [reads_it]] [((1, 0), (0, 1))] [((0, 0), (0, 1))]) (1, 0) (0, 0).
Proof.
  repeat apply conj; try solve [intros H; unpack; congruence].
  - exists (Now 0); found_g.
  - exists (Next 0); found_g.
  - exists (Object 0 7); found_g.
Qed.
Example communicates : eco g (0, 4) (1, 2) /\ eco g (0, 0) (1, 0) /\ eco g (1, 1) (0, 4) /\ eco g (1, 1) (1, 2).
Proof.
  assert (Rf : eco g (0, 4) (1, 2)) by (apply eco_rf; found_g).
  assert (Fr : eco g (1, 1) (0, 4)) by (apply eco_fr; apply from_reads).
  repeat apply conj; [exact Rf|apply eco_co; found_g|exact Fr|exact (eco_trans _ _ _ _ Fr Rf)].
Qed.
Definition at_location (x : id) : option location :=
  match does g x with Some a => match loads a with Some m => Some m | None => stores a end | None => None end.
Example of_one_location x y : eco g x y -> at_location x = at_location y.
Proof.
  induction 1 as [x y H|x y H|x y H|x y z _ IH1 _ IH2]; [| | |congruence]; unfold at_location.
  - each_of y; unpack; reflexivity.
  - unpack; reflexivity.
  - destruct H as (_ & m & (a & A & La) & (b & B & Sb) & _); rewrite A, B, La, Sb.
    destruct b as [? []| | |]; cbn in *; congruence.
Qed.

(** ** What is read *)
Definition right_of (runs : list (list act)) sources (y : id) : Prop :=
  match does (made runs sources []) y with Some a => reads_right (made runs sources []) 1 y a | None => False end.
Local Open Scope Z_scope.
Example reads_are_right : right_of [[Lock 0 (Took 0)]] [] (0, 0)%nat /\ right_of [[Lock 0 (Polled 0)]] [] (0, 0)%nat /\
  right_of [[Read 0 7 (value 0 107)]] [] (0, 0)%nat /\
  right_of [[wrote; Wrote 0 7 (value 0 6)]; [reads_it]] [((1, 0), (0, 0))]%nat (1, 0)%nat /\
  right_of [[Lock 0 (Stored 1)]; [Lock 0 (Loaded 1)]] [((1, 0), (0, 0))]%nat (1, 0)%nat /\
  right_of [[Lock 0 (Took 1)]; [Lock 0 (Took 0)]] [((1, 0), (0, 0))]%nat (1, 0)%nat.
Proof. repeat apply conj; found. Qed.
Example reads_are_wrong :
  ~ right_of [[Lock 0 (Took 1)]] [] (0, 0)%nat /\ ~ right_of [[Lock 0 (Polled 1)]] [] (0, 0)%nat /\
  ~ right_of [[reads_it]] [] (0, 0)%nat /\
  ~ right_of [[wrote; Wrote 0 7 (value 0 6)]; [reads_it]] [((1, 0), (0, 1))]%nat (1, 0)%nat /\
  ~ right_of [[Wrote 0 6 (value 0 5)]; [Read 0 7 (value 0 107)]] [((1, 0), (0, 0))]%nat (1, 0)%nat /\
  ~ right_of [[Lock 0 (Stored 1)]; [Lock 0 (Loaded 0)]] [((1, 0), (0, 0))]%nat (1, 0)%nat /\
  ~ right_of [[Lock 0 (Took 0)]; [Lock 0 (Took 0)]] [((1, 0), (0, 0))]%nat (1, 0)%nat /\
  ~ right_of [[Lock 0 (Took 0)]] [((0, 0), (7, 0))]%nat (0, 0)%nat.
Proof.
  repeat apply conj; unfold right_of, reads_right; cbn; intros H; first [discriminate|destruct H as (b & H);
    repeat match goal with H : _ /\ _ |- _ => destruct H | H : Some _ = Some _ |- _ => injection H as <- end;
    cbn in *; discriminate].
Qed.
Local Open Scope nat_scope.

(** ** Graphs that break an axiom, each one alone *)
Definition refused (o : orders) (h : graph small) : Prop := ~ consistent_graph o h 1%Z.
Local Ltac reads_wrong := let C := fresh in let H := fresh in intros C;
  assert (H : reads_right _ 1 (0, 0) _) by (apply (rf_right _ _ _ C (0, 0)); found_g); discriminate H.
Example wrong_word : refused shipped_orders (made [[Lock 0 (Polled 1%Z)]] [] []).
Proof. reads_wrong. Qed.
Example wrong_object : refused shipped_orders (made [[reads_it]] [] []).
Proof. reads_wrong. Qed.
Example unordered : refused shipped_orders (made [[wrote]; [wrote]] [] []).
Proof.
  intros C; assert (pairs [] (0, 0) (1, 0) \/ pairs [] (1, 0) (0, 0)) as [[]|[]].
  first [apply (co_total _ _ _ C (0, 0) (1, 0) (Object 0 7))|left; apply (co_total _ _ _ C (0, 0) (1, 0) (Object 0 7))];
    found_g.
Qed.
(** Each CPU loads what the other stores after; and a load of a release is no acquire. *)
Example dreamt_words : refused shipped_orders (made
  [[Lock 0 (Loaded 1); Lock 4 (Stored 1)]; [Lock 4 (Loaded 1); Lock 0 (Stored 1)]]%Z
  [((0, 0), (1, 1)); ((1, 0), (0, 1))] []).
Proof.
  set (h := made _ _ _); intros C; assert (Round : causes h (0, 0) (0, 0)).
  - apply causes_trans with (0, 1); [apply causes_sb; found_g|]; apply causes_trans with (1, 0);
      [apply causes_rf; found_g|].
    apply causes_trans with (1, 1); [apply causes_sb|apply causes_rf]; found_g.
  - first [exact (no_thin_air _ _ _ C _ Round)|exact (no_thin_air _ _ _ C _ _ Round)].
Qed.
Local Ltac incoherent C x y := apply (coherence _ _ _ C x y).
Example backwards : refused shipped_orders (made [[wrote; wrote]] [] [((0, 1), (0, 0))]).
Proof. intros C; incoherent C (0, 0) (0, 1); [try apply hb_sb|try apply eco_co]; found_g. Qed.
(** A read of what has been overwritten, as it happens before. *)
Example stale : refused shipped_orders (made
  [[wrote; Lock 0 (Stored 1)]; [Lock 0 (Polled 1); Read 0 7 (value 0 107)]]%Z [((1, 0), (0, 1))] []).
Proof.
  intros C; incoherent C (0, 0) (1, 1).
  - apply hb_trans with (0, 1); [apply hb_sb; found_g|]; apply hb_trans with (1, 0); [|apply hb_sb; found_g].
    apply hb_sync; found_g.
  - try apply eco_fr; split; [discriminate|]; exists (Object 0 7); found_g.
Qed.
(** A read of a write that comes after; and of another CPU's that comes before one's own. *)
Example from_later : refused shipped_orders (made [[reads_it; wrote]] [((0, 0), (0, 1))] []).
Proof. intros C; incoherent C (0, 0) (0, 1); [apply hb_sb|apply eco_rf]; found_g. Qed.
Example past_its_own : refused shipped_orders (made [[wrote; reads_it]; [wrote]]
  [((0, 1), (1, 0))] [((1, 0), (0, 0))]).
Proof.
  intros C; incoherent C (0, 0) (0, 1); [apply hb_sb; found_g|].
  apply eco_fr; split; [discriminate|]; exists (Object 0 7); found_g.
Qed.
(** Two tickets that read the same. *)
Definition same_ticket : graph small := made [[Lock 0 (Took 0)]; [Lock 0 (Took 0)]]%Z [] [((0, 0), (1, 0))].
Example one_ticket_twice : refused shipped_orders same_ticket.
Proof.
  intros C; assert (From : fr same_ticket (1, 0) (0, 0)) by (split; [discriminate|]; exists (Next 0); found_g).
  assert (Co : co same_ticket (0, 0) (1, 0)) by found_g; pose proof (atomicity _ _ _ C) as One.
  first [exact (One eq_refl _ _ From Co)|exact (One _ _ From Co)|exact (One eq_refl _ _ From)].
Qed.

(** ** Thin air: of objects a graph may hold it, and then something feeds itself *)
Definition dream : graph small := made
  [[reads_it; Wrote 0 8 (value 0 5)]; [Read 0 8 (value 0 5); wrote]]%Z [((0, 0), (1, 1)); ((1, 0), (0, 1))] [].
Example feeds_itself : ~ nothing_from_thin_air dream.
Proof.
  intros Never; assert (Round : feeds dream (0, 0) (0, 0)); [|first [exact (Never _ Round)|exact (Never _ _ Round)]].
  apply feeds_trans with (0, 1); [apply feeds_sb; found_g|]; apply feeds_trans with (1, 0); [apply feeds_rf; found_g|].
  apply feeds_trans with (1, 1); [apply feeds_sb; found_g|apply feeds_rf; found_g].
Qed.
Example causes_nothing x y : causes dream x y -> fst x = fst y /\ snd x < snd y.
Proof.
  induction 1 as [x y (Same & Less & _)|x y (_ & Rf) (a & Is & On)|x y z _ IH1 _ IH2]; [auto| |lia].
  unfold does in Is; destruct y as [[|[|[|?]]] [|[|[|?]]]]; cbn in *; try discriminate;
    injection Is as <-; contradiction.
Qed.
Example words_cause : causes g (0, 4) (1, 2) /\ causes g (0, 0) (0, 4) /\ causes g (0, 2) (1, 3) /\
  feeds g (0, 2) (1, 3) /\ feeds g (0, 4) (1, 2) /\ feeds g (0, 0) (0, 4).
Proof.
  assert (Over : causes g (0, 4) (1, 2)) by (apply causes_rf; found_g).
  repeat apply conj; [exact Over|apply causes_sb; found_g| |apply feeds_rf; found_g|apply feeds_rf; found_g|
    apply feeds_sb; found_g].
  apply causes_trans with (0, 4); [apply causes_sb; found_g|]; apply causes_trans with (1, 2); [exact Over|].
  apply causes_sb; found_g.
Qed.

(** ** It is consistent *)

(** What grows along all that is in order. *)
Definition rank (x : id) : nat := nth (snd x) (nth (fst x) [[0; 1; 2; 3; 4]; [1; 2; 5; 6; 7]] []) 0.
Lemma along_sb x y : sb g x y -> rank x < rank y.
Proof.
  intros (Same & Less & There); unfold rank, does in *; destruct x as [c i], y as [d j]; cbn in Same; subst d.
  destruct c as [|[|[|?]]]; cbn in *; do 6 (destruct j as [|j]; cbn in *;
    [first [now destruct There|do 6 (destruct i as [|i]; [cbn in *; lia|]); lia]|]); now destruct There.
Qed.
Lemma along_rf x y : reads_from g x y -> rank x < rank y.
Proof. intros H; each_of y; unpack; unfold rank; cbn; lia. Qed.
Lemma along_co x y : co g x y -> rank x < rank y.
Proof. intros H; unpack; unfold rank; cbn; lia. Qed.
Lemma along_fr x y : fr g x y -> rank x < rank y.
Proof.
  intros (Apart & m & (a & A & La) & (b & B & Sb) & Before); unfold rank, does in *.
  each_of x; injection A as <-; cbn in La; try discriminate; injection La as <-;
    each_of y; injection B as <-; cbn in Sb; try discriminate; unpack; try lia; congruence.
Qed.
(** Whatever its orders: nobody reads anything old. *)
Example is_consistent o : consistent_graph o g 1%Z.
Proof.
  constructor.
  - intros y a Is Loads; unfold does in Is; each_of y; injection Is as <-; cbn in Loads; try contradiction;
      unfold reads_right;
      found_g.
  - intros x y m Apart (a & A & X) (b & B & Y); unfold does in *.
    each_of x; injection A as <-; cbn in X; try discriminate; injection X as <-;
      each_of y; injection B as <-; cbn in Y; try discriminate; unfold pairs; cbn; auto; congruence.
  - intros x Round; enough (forall x y, causes g x y -> rank x < rank y) as Up by (specialize (Up x x Round); lia).
    clear; induction 1 as [x y H|x y H _|x y z _ IH1 _ IH2]; [now apply along_sb|now apply along_rf|lia].
  - intros x y Before Comm; enough (rank x < rank y /\ rank y < rank x) by lia; split.
    + clear Comm; induction Before as [x y H|x y (H & _)|x y z _ IH1 _ IH2];
        [now apply along_sb|now apply along_rf|lia].
    + clear Before; induction Comm as [x y H|x y H|x y H|x y z _ IH1 _ IH2];
        [now apply along_rf|now apply along_co|now apply along_fr|lia].
  - enough (forall x y, fr g x y -> ~ co g y x) by auto.
    intros x y From Co; apply along_fr in From; apply along_co in Co; lia.
Qed.
Example handover_feeds_nothing : nothing_from_thin_air g.
Proof.
  intros x Round; enough (forall x y, feeds g x y -> rank x < rank y) as Up by (specialize (Up x x Round); lia).
  clear; induction 1 as [x y H|x y H|x y z _ IH1 _ IH2]; [now apply along_sb|now apply along_rf|lia].
Qed.
Local Ltac case2 x := destruct x as [[|[|[|?]]] [|[|?]]]; cbn in *; try discriminate; try contradiction.
(** If a ticket is a load and a store, two can be the same. *)
Example two_steps_can : consistent_graph (lacks 4) same_ticket 1%Z.
Proof.
  assert (None_sb : forall x y, ~ sb same_ticket x y).
  { intros x y (Same & Less & There); unfold does in There; cbn in There.
    case2 y; try lia; now destruct There. }
  assert (None_rf : forall x y, ~ reads_from same_ticket x y) by (intros x y (_ & Rf); discriminate Rf).
  constructor; [| | | |discriminate].
  - intros y a Is _; unfold does in Is; cbn in Is; case2 y; injection Is as <-; reflexivity.
  - intros x y m Apart (a & A & _) (b & B & _); unfold does in A, B; cbn in A, B; case2 x; case2 y; unfold pairs; cbn;
      auto; congruence.
  - intros x Round; enough (forall x y, ~ causes same_ticket x y) as Never by exact (Never _ _ Round).
    intros y z; induction 1 as [? ? H|? ? H _|]; [exact (None_sb _ _ H)|exact (None_rf _ _ H)|assumption].
  - intros x y Before _; induction Before as [? ? H|? ? (H & _)|];
      [exact (None_sb _ _ H)|exact (None_rf _ _ H)|assumption].
Qed.

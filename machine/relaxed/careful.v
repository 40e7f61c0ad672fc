(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Clients that are good only on the atomic machine

    A client whose text does not keep the contract may never come to break it, since atomic locks
    do not let it be told what it would have to be told.  On relaxed memory neither, if no value
    comes out of thin air: let there be a first breach, in an order in which each action comes
    after what it was made of ([nothing_from_thin_air]).  What comes before is a
    relaxed execution of clients that stop before they break the contract ([careful]),
    so it is seen on consistent memory, and the atomic machine has that breach.  So the clients do what
    the careful ones do ([never_breach_careful]).  That values do not come out of thin air is needed:
    machine/cases/thin_air.v.  Read next: main/relaxed.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options semantics smallstep.
From hlock.layers.view Require Import spec facts.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec contract contract_facts text.
From hlock.stack Require Import stack setting.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import invariant correct no_breach.
From hlock.machine.relaxed Require Import model order turns reading embedding restrict.
Import ListNotations.
Local Open Scope Z_scope.

(** ** Clients that stop before they break the contract *)
Section Careful.
  Context {S : system} (T : table).

  Definition within (o : op S) (held : list Z) : bool :=
    match o with
    | Op_acquire f _ | Op_release f _ | Op_read f _ _ | Op_write f _ _ _ => if in_dec same_family_dec f T then true
      else false
    | Op_halt => true
    end && allowed o held.
  (** It has not been answered to a halt. *)
  Definition goes_on (p : client S) (history : list (response S)) : bool :=
    match history with
    | [] => true
    | _ :: history => match p history with Some o => negb (ends o) | None => true end
    end.
  (** Client [p], but it does nothing more where it would break the contract of table [T]. *)
  Definition careful (p : client S) : client S := fun history =>
    match p history with
    | Some o => if within o (held p history) && goes_on p history then Some o else None
    | None => None
    end.

  Lemma careful_some p history o : careful p history = Some o -> p history = Some o /\
    within o (held p history) = true /\ goes_on p history = true.
  Proof.
    unfold careful; destruct (p history) as [o'|]; [|discriminate]; destruct (within _ _) eqn:W; [|discriminate].
    destruct (goes_on p history); [|discriminate]; cbn; intros [= <-]; auto.
  Qed.

  Lemma careful_keeps (clients : cpu -> client S) : keep_contract T (fun c => careful (clients c)).
  Proof.
    split.
    - intros c history o Next; apply careful_some in Next as (_ & Within & _); unfold within in Within.
      apply andb_prop in Within as (Known & _); destruct o; cbn in *; auto; now destruct (in_dec _ _ _).
    - intros c n; generalize (clients c) as p; intros p.
      change (keeps (careful p) n [] (held p [])); generalize (@nil (response S)) as history.
      induction n as [|n IH]; intros history; [exact I|]; cbn [keeps].
      destruct (careful p history) as [o|] eqn:Next; [|exact I]; apply careful_some in Next as (Is & Within & _); split.
      + unfold within in Within; now apply andb_prop in Within.
      + intros a; destruct (ends o) eqn:Ends.
        * destruct (careful p (a :: history)) as [o'|] eqn:More; [|reflexivity].
          apply careful_some in More as (_ & _ & Goes); cbn in Goes; rewrite Is, Ends in Goes; discriminate.
        * specialize (IH (a :: history)); cbn [held] in IH; now rewrite Is in IH.
  Qed.

  (** Where a client stops, it would break the contract. *)
  Definition stops_at (p : client S) (t : thread S) : Prop :=
    exists history o, t = Idle history /\ p history = Some o /\ careful p history = None.

  Lemma next_move_careful text width (p : client S) t : stops_at p t \/
    next_move text width (careful p) t = next_move text width p t.
  Proof.
    destruct t as [history| | |]; [|right; reflexivity..]; cbn [next_move].
    destruct (careful p history) as [o|] eqn:Next; [right; apply careful_some in Next as (-> & _); reflexivity|].
    destruct (p history) as [o|] eqn:Is; [left; exists history, o; auto|now right].
  Qed.
  Lemma careful_local text width (p : client S) t t' :
    next_move text width (careful p) t = Local t' -> next_move text width p t = Local t'.
  Proof.
    destruct (next_move_careful text width p t) as [(history & o & -> & _ & Next)|Same]; [|congruence].
    cbn [next_move]; rewrite Next; discriminate.
  Qed.

  (** A client goes as the careful one does, or comes to where that one stops. *)
  Lemma alone_careful text width (p : client S) acts vis t : alone text width p acts vis t ->
    alone text width (careful p) acts vis t \/
    exists acts2 acts1 vis1 t1, acts = acts2 ++ acts1 /\ alone text width (careful p) acts1 vis1 t1 /\ stops_at p t1.
  Proof.
    assert (Grows : forall a acts, (exists acts2 acts1 vis1 t1, acts = acts2 ++ acts1 /\
        alone text width (careful p) acts1 vis1 t1 /\ stops_at p t1) ->
      exists acts2 acts1 vis1 t1, a :: acts = acts2 ++ acts1 /\
        alone text width (careful p) acts1 vis1 t1 /\ stops_at p t1).
    { intros a acts0 (acts2 & acts1 & vis1 & t1 & -> & Both); exists (a :: acts2), acts1, vis1, t1; auto. }
    induction 1 as [|acts vis t t' Run IH Next|acts vis t t' o Run IH Next|acts vis t t' o Run IH Next
      |acts vis t a t' Run IH Ans|acts vis t Run IH Lives]; [left; constructor|..];
      (destruct IH as [IH|IH]; [|right; auto]).
    all: try (destruct (next_move_careful text width p t) as [Stop|Same];
      [right; first [exists [], acts, vis, t; now auto|exists [a], acts, vis, t; now auto]|left]).
    - apply alone_local with t; [exact IH|congruence].
    - apply alone_call with t; [exact IH|congruence].
    - apply alone_return with t; [exact IH|congruence].
    - apply alone_memory with t; [exact IH|now rewrite Same].
    - left; now apply alone_halt with t.
  Qed.
  Lemma alone_older text width (p : client S) l2 : forall l1 vis t, alone text width p (l2 ++ l1) vis t ->
    exists vis' t', alone text width p l1 vis' t'.
  Proof.
    induction l2 as [|a l2 IH]; [eauto|]; intros l1 vis t Run; cbn [app] in Run.
    remember (a :: l2 ++ l1) as acts eqn:Is; induction Run; try discriminate; eauto; injection Is; intros; subst; eauto.
  Qed.

  (** What the careful clients do, the others do too. *)
  Lemma careful_execution text width M (clients : cpu -> client S) tr x :
    execution text width M (fun c => careful (clients c)) tr x -> execution text width M clients tr x.
  Proof.
    induction 1 as [|tr x c v x' Run IH Step]; [constructor|]; eapply execution_step; [exact IH|].
    assert (Same : forall t, next_move text width (careful (clients c)) t = Finished \/
      next_move text width (careful (clients c)) t = next_move text width (clients c) t).
    { intros t; destruct (next_move_careful text width (clients c) t) as [(h & o & -> & _ & Next)|]; [left|now right].
      cbn [next_move]; now rewrite Next. }
    destruct Step as [ts m t t' At Next|ts m t t' o At Next|ts m t t' o At Next|ts m t a t' m' At Ans Mem|ts m t m' At
      Goes Mem].
    - apply step_local with t; auto; destruct (Same t) as [E|E]; congruence.
    - apply step_call with t; auto; destruct (Same t) as [E|E]; congruence.
    - apply step_return with t; auto; destruct (Same t) as [E|E]; congruence.
    - apply step_memory with t; auto; destruct (Same t) as [E|E]; rewrite E in Ans; [contradiction|exact Ans].
    - now apply step_halt with t.
  Qed.
  Lemma careful_atomic (clients : cpu -> client S) tr y :
    atomic_execution (fun c => careful (clients c)) tr y -> atomic_execution clients tr y.
  Proof.
    induction 1 as [|tr y c v y' Run IH Step]; [constructor|]; eapply atomic_execution_step; [exact IH|].
    destruct Step as [ps h history o At Choice Effect|ps h history o a At Effect Possible|ps h history o At
      |ps h history f i k l v At Choice Possible|ps h history f i k v l At Choice Possible|ps h q At Lives];
      try (apply careful_some in Choice as (Choice & _)).
    - now apply atomic_call.
    - now apply atomic_effect.
    - now apply atomic_return.
    - now apply atomic_read.
    - now apply atomic_write.
    - now apply atomic_halt with q.
  Qed.
  Lemma careful_place text width (p : client S) t t' :
    same_place text width (careful p) t t' -> same_place text width p t t'.
  Proof.
    assert (Own : forall t t', own_steps text width (careful p) t t' -> own_steps text width p t t').
    { induction 1; [constructor|]; eapply own_more; [eassumption|]; now apply careful_local. }
    intros [->|(Told & t1 & t1' & Steps & Steps' & Here)]; [now left|right].
    split; [exact Told|exists t1, t1'; split; [auto|split; [auto|]]].
    destruct (next_move_careful text width p t1) as [(h & o & -> & _ & Next)|<-].
    { cbn [next_move] in Here; now rewrite Next in Here. }
    destruct (next_move_careful text width p t1') as [(h & o & -> & _ & Next)|<-]; [|exact Here].
    cbn [next_move] in Here; rewrite Next in Here; now destruct (next_move text width (careful p) t1).
  Qed.

  (** On the atomic machine careful clients hold what the others would. *)
  Definition as_careful (q : client S) (history : list (response S)) : Prop :=
    forall p, q = careful p -> held q history = held p history /\ goes_on p history = true.
  Lemma careful_reached (clients : cpu -> client S) tr y :
    atomic_execution (fun c => careful (clients c)) tr y -> holdings as_careful (fun c => careful (clients c)) y.
  Proof.
    induction 1 as [|tr y c v y' Run IH Step]; [apply holdings_start; intros c _ p _; split; reflexivity|].
    apply (holdings_step as_careful (fun c => careful (clients c)) c y v y'); auto.
    intros history a o Here Next Goes _ _ p Is; destruct (Here p Is) as (Same & _); cbn [held goes_on].
    rewrite Is in Next; rewrite Is in Same |- *; rewrite Next; apply careful_some in Next as (-> & _).
    now rewrite Same, Goes.
  Qed.
End Careful.

(** ** Finitely many *)
Lemma choose {A} (P : nat -> A -> Prop) (a0 : A) n : (forall c, (c < n)%nat -> exists a, P c a) ->
  exists f, forall c, (c < n)%nat -> P c (f c).
Proof.
  induction n as [|n IH]; intros Each; [exists (fun _ => a0); lia|]; destruct IH as (f & Is); [intros c Less;
    apply Each; lia|].
  destruct (Each n) as (a & Here); [lia|]; exists (fun c => if Nat.eqb c n then a else f c); intros c Less.
  destruct (Nat.eqb_spec c n) as [->|Other]; [exact Here|apply Is; lia].
Qed.
Lemma all_or_one (P Q : nat -> Prop) n : (forall c, (c < n)%nat -> P c \/ Q c) ->
  (forall c, (c < n)%nat -> P c) \/ exists c, (c < n)%nat /\ Q c.
Proof.
  induction n as [|n IH]; intros Each; [left; lia|].
  destruct (IH (fun c Less => Each c (Nat.lt_lt_succ_r _ _ Less))) as [All|(c & Less & Is)]; [|right; exists c; auto].
  destruct (Each n (Nat.lt_succ_diag_r n)) as [Here|Here]; [|right; exists n; auto].
  left; intros c Less; destruct (Nat.eq_dec c n) as [->|]; [exact Here|apply All; lia].
Qed.
(** A set of numbers that contains all less ones is those less than one. *)
Lemma initial_part (P : nat -> bool) n : (forall j i, (i < j)%nat -> P j = true -> P i = true) -> P n = false ->
  exists k, forall j, P j = true <-> (j < k)%nat.
Proof.
  induction n as [|n IH]; intros Down Not.
  - exists 0%nat; intros j; split; [|lia]; intros Is; destruct j; [congruence|].
    rewrite (Down (Datatypes.S j) 0%nat) in Not; [discriminate|lia|exact Is].
  - destruct (P n) eqn:Here; [|exact (IH Down eq_refl)].
    exists (Datatypes.S n); intros j; split.
    + intros Is; destruct (Nat.lt_trichotomy j (Datatypes.S n)) as [|[->|More]]; [assumption|congruence|].
      rewrite (Down j (Datatypes.S n) More Is) in Not; discriminate.
    + intros Less; destruct (Nat.eq_dec j n) as [->|]; [exact Here|apply (Down n j); [lia|exact Here]].
Qed.

Section Feeds.
  Context {S : system} {width : Z} (g : graph S) (Few : forall c, (cpus S <= c)%nat -> run g c = []).
  Context (Consistent : consistent_graph shipped_orders g width) (Air : nothing_from_thin_air g).

  Definition feed_step (x y : id) : bool :=
    match does g y with
    | Some a => Nat.eqb (fst x) (fst y) && Nat.ltb (snd x) (snd y) ||
        match loads a, rf g y with Some _, Some w => if id_eq_dec w x then true else false | _, _ => false end
    | None => false
    end.
  Lemma feed_step_iff x y : feed_step x y = true <-> sb g x y \/ reads_from g x y.
  Proof.
    unfold feed_step, sb, reads_from, loads_at; destruct (does g y) as [a|];
      [|split; [discriminate|now intros [(_ & _ & ?)|((_ & ? & ? & _) & _)]]].
    rewrite orb_true_iff, andb_true_iff, Nat.eqb_eq, Nat.ltb_lt; split.
    - intros [(Own & Less)|Reads]; [left; repeat split; auto; discriminate|right].
      destruct (loads a) as [m|] eqn:Loads; [|discriminate]; destruct (rf g y) as [w|]; [|discriminate].
      destruct (id_eq_dec w x) as [->|]; [eauto|discriminate].
    - intros [(Own & Less & _)|((m & a1 & [= <-] & Loads) & Reads)]; [now left|right].
      rewrite Loads, Reads; now destruct (id_eq_dec x x).
  Qed.
  Lemma feeds_does x y : feeds g x y -> does g x <> None /\ does g y <> None.
  Proof.
    induction 1 as [x y (Own & Less & Here)|x y ((m & Loads) & Reads)|]; [..|tauto].
    - split; [|exact Here]; unfold does in *; rewrite Own; apply nth_error_Some in Here; apply nth_error_Some; lia.
    - destruct (rf_writes Consistent x y m Reads Loads) as (b & At & _), Loads as (a & At' & _); split;
      congruence.
  Qed.
  Lemma does_cpu x : does g x <> None -> (fst x < cpus S)%nat.
  Proof.
    destruct (Nat.lt_ge_cases (fst x) (cpus S)) as [|Over]; [auto|]; unfold does; rewrite (Few _ Over).
    now destruct (snd x).
  Qed.

  (** All actions, newest first, each after what it was made of. *)
  Lemma feeding_order : exists ids, sorted (feeds g) ids /\ forall x, List.In x ids <-> does g x <> None.
  Proof.
    destruct (one_order id_eq_dec feed_step (feeds g) (all_ids S g)) with (points := all_ids S g)
      as (ids & Sorted & Same).
    - intros x y Step; apply feed_step_iff in Step as [|]; [now apply feeds_sb|now apply feeds_rf].
    - apply feeds_trans.
    - intros P Steps Trans a b F; induction F as [a b Sb|a b Reads|a b c AB IH BC IH'];
        [apply Steps, feed_step_iff; auto..|].
      apply (Trans a b c); auto; apply all_ids_in; [exact Few|apply (feeds_does a b AB)].
    - exact Air.
    - exists ids; split; [exact Sorted|intros x; rewrite Same; split; [|now apply all_ids_in]].
      intros Mem; apply in_flat_map in Mem as (c & _ & Mem); apply in_map_iff in Mem as (i & <- & Mem);
        apply in_seq in Mem; apply nth_error_Some; cbn; lia.
  Qed.
  Lemma sorted_down b r x z : sorted (feeds g) (b ++ r) -> List.In x r -> feeds g z x ->
    List.In z (b ++ r) -> List.In z r.
  Proof.
    intros Sorted Mem Feeds; induction b as [|w b IH]; cbn [app sorted List.In] in *; [auto|].
    destruct Sorted as (_ & Last & Sorted); intros [<-|Mem']; [|now apply IH].
    destruct (Last x); [rewrite in_app_iff; auto|exact Feeds].
  Qed.

  (** A cut: the first [m] actions of each CPU, and with an action all of which it was made. *)
  Definition closed_cut (m : cpu -> nat) : Prop :=
    forall z x, feeds g z x -> (snd x < m (fst x))%nat -> (snd z < m (fst z))%nat.
  (** What is older than some action in the order is one. *)
  Lemma cut_before b r : sorted (feeds g) (b ++ r) -> (forall x, List.In x (b ++ r) <-> does g x <> None) ->
    exists m, closed_cut m /\ forall x, (fst x < cpus S)%nat -> List.In x r <-> (snd x < m (fst x))%nat.
  Proof.
    intros Sorted All.
    assert (Down : forall z x, feeds g z x -> List.In x r -> List.In z r).
    { intros z x F X; apply (sorted_down b r x z Sorted X F), All, (feeds_does z x F). }
    set (in_r := fun c j => if in_dec id_eq_dec (c, j) r then true else false).
    assert (Is_in : forall c j, in_r c j = true <-> List.In (c, j) r).
    { intros c j; unfold in_r; destruct (in_dec id_eq_dec (c, j) r); intuition discriminate. }
    destruct (choose (fun c k => forall j, in_r c j = true <-> (j < k)%nat) 0%nat (cpus S)) as (m & Cut).
    { intros c Less; apply (initial_part (in_r c) (length (run g c))).
      - intros j i Before Here; apply Is_in in Here; apply Is_in, (Down _ (c, j)); [|exact Here].
        apply feeds_sb; split; [reflexivity|split; [exact Before|apply All; rewrite in_app_iff; auto]].
      - apply not_true_iff_false; intros Here; apply Is_in in Here.
        assert (Over : List.In (c, length (run g c)) (b ++ r)) by (rewrite in_app_iff; auto).
        apply All in Over; apply Over, nth_error_None, le_n. }
    assert (Same : forall x, (fst x < cpus S)%nat -> List.In x r <-> (snd x < m (fst x))%nat).
    { intros (c, j) Less; cbn [fst snd]; now rewrite <- (Cut c Less), Is_in. }
    exists m; split; [|exact Same]; intros z x F Less; destruct (feeds_does z x F) as (Z & X).
    apply Same, (Down z x F), Same; auto using does_cpu.
  Qed.
  (** Within bounds [n] there is a cut that comes up to the bound of one CPU: all that was done, or
      what is older than the first action over a bound. *)
  Lemma cut_within (n : cpu -> nat) c0 : (c0 < cpus S)%nat -> exists m c, closed_cut m /\
    (forall c', (c' < cpus S)%nat -> (m c' <= n c')%nat) /\ (c < cpus S)%nat /\ m c = n c /\
    (c = c0 \/ (n c < length (run g c))%nat).
  Proof.
    intros Known; destruct feeding_order as (ids & Sorted & All).
    destruct (oldest (fun x : id => Nat.leb (n (fst x)) (snd x)) ids) as [None_|(b & y & r & Is & Over & None_)].
    - exists n, c0; split; [|auto 6]; intros z x F _; apply Nat.leb_gt, None_, All, (feeds_does z x F).
    - rewrite Is in Sorted, All; apply Nat.leb_le in Over.
      assert (Y : does g y <> None) by (apply All; rewrite in_app_iff; cbn; auto).
      pose proof (does_cpu y Y) as Less_y.
      assert (Is' : b ++ y :: r = (b ++ [y]) ++ r) by (now rewrite <- app_assoc).
      destruct (cut_before (b ++ [y]) r) as (m & Cut & In_r); [now rewrite <- Is'..|].
      assert (Within : forall c, (c < cpus S)%nat -> (m c <= n c)%nat).
      { intros c Less; destruct (m c) as [|k] eqn:M; [lia|].
        assert (K : List.In (c, k) r) by (apply In_r; cbn; lia); apply None_, Nat.leb_gt in K; exact K. }
      assert (Up : (n (fst y) <= m (fst y))%nat).
      { destruct (n (fst y)) as [|k] eqn:N; [lia|]; apply (In_r (fst y, k) Less_y).
        assert (F : feeds g (fst y, k) y) by (apply feeds_sb; split; [reflexivity|split; [exact Over|exact Y]]).
        destruct (sorted_down b (y :: r) y (fst y, k) Sorted (or_introl eq_refl) F) as [Same|];
          [|destruct (Air y)|auto].
        - apply All, (feeds_does _ _ F).
        - now rewrite <- Same in F at 1. }
      exists m, (fst y); split; [exact Cut|split; [exact Within|split; [exact Less_y|split]]].
      + specialize (Within (fst y) Less_y); lia.
      + right; apply nth_error_Some in Y; lia.
  Qed.
End Feeds.

Section First.
  Context {G : running} (Never : never_breaches clients the_table).
  Local Notation S := (the_system).
  Local Notation wary := (fun c => careful the_table (clients c)).
  Local Notation alone c := (alone the_text width (careful the_table (clients c))).

  (** No relaxed execution of the careful clients comes to where one of them stops. *)
  Lemma careful_never_stops g seen last : relaxed_execution shipped_orders the_text width wary g seen last ->
    forall c, (c < cpus S)%nat -> ~ stops_at the_table (clients c) (last c).
  Proof.
    intros Relaxed c Less (history & o & Is & Next & Stops).
    pose proof (careful_keeps the_table clients) as Keeps.
    destruct (relaxed_is_consistent (G := mkRunning setting_of wary) Keeps g seen last Relaxed) as (ids & tr & x & _ &
      Run & _ & Each).
    destruct (Each c Less) as (_ & t & At & Place); rewrite Is in Place.
    assert (Same : t = Idle history).
    { destruct Place as [<-|(_ & t1 & t1' & Own & _ & Here)]; [reflexivity|exfalso].
      assert (End : next_move the_text width (careful the_table (clients c)) (Idle history) = Finished)
        by (cbn [next_move]; now rewrite Stops).
      assert (Stays : t1 = Idle history).
      { clear - Own End; induction Own as [|t1 t2 _ -> Goes]; [reflexivity|]; pose proof (eq_trans (eq_sym End) Goes);
        discriminate. }
      subst t1; revert Here; cbn [next_move clients]; rewrite Stops; auto. }
    subst t; destruct (machine_correct (G := mkRunning setting_of wary) (contract_suffices _ _ Keeps) tr x Run) as (y &
      Above & Rel).
    destruct (match_at x y c _ Rel At) as (q & At_y & Stands & _); inversion Stands; subst q.
    destruct (careful_reached the_table (@clients G) tr y Above c _ At_y) as (Here & Exactly).
    destruct (Here (@clients G c) eq_refl) as (Same & Goes).
    apply (Never tr y (careful_atomic the_table (@clients G) tr y Above)); exists c, history, o.
    split; [exact At_y|split; [exact Next|]].
    unfold careful in Stops; rewrite Next, Goes, andb_true_r in Stops.
    destruct (within the_table o (held (clients c) history)) eqn:Within; [discriminate|]; clear Stops.
    unfold holds_exactly in Exactly; rewrite Same in Exactly; unfold within in Within.
    destruct o as [f i|f i|f i k|f i k v|]; cbn in Within |- *; [..|discriminate];
      specialize (Exactly (lock_id f i)); rewrite <- has_in in Exactly;
      destruct (in_dec same_family_dec f the_table), (in_family f i), (has (lock_id f i) (held (clients c) history));
      cbn in Within; try discriminate; intuition discriminate.
  Qed.

  (** CPU [c] is careful all the time, or for [n] actions, after which it stops. *)
  Definition stops g c n : Prop :=
    exists vis t, alone c (rev (firstn n (run g c))) vis t /\ stops_at the_table (clients c) t.
  Lemma careful_so_far (g : graph S) c vis t : model.alone the_text width (clients c) (rev (run g c)) vis t ->
    alone c (rev (run g c)) vis t \/ exists n, stops g c n.
  Proof.
    intros Alone; destruct (alone_careful the_table _ _ _ _ _ _ Alone)
      as [|(acts2 & acts1 & vis1 & t1 & Is & Run & Stops)]; [now left|right].
    exists (length acts1), vis1, t1; split; [|exact Stops].
    replace (run g c) with (rev acts1 ++ rev acts2) by (rewrite <- rev_app_distr, <- Is; apply rev_involutive).
    now rewrite <- (rev_length acts1), firstn_app, Nat.sub_diag, firstn_O, app_nil_r, firstn_all, rev_involutive.
  Qed.
  (** A CPU that is careful for some actions is careful for fewer. *)
  Lemma careful_before (g : graph S) c n m vis t : (m <= n)%nat -> alone c (rev (firstn n (run g c))) vis t ->
    exists vis' t', alone c (rev (firstn m (run g c))) vis' t'.
  Proof.
    intros Less Run; apply (alone_older the_text width _ (rev (skipn m (firstn n (run g c)))) _ vis t).
    rewrite <- rev_app_distr; replace (firstn m (run g c)) with (firstn m (firstn n (run g c)));
      [now rewrite firstn_skipn|rewrite firstn_firstn; f_equal; lia].
  Qed.

  Theorem never_breach_careful g seen last : nothing_from_thin_air g ->
    relaxed_execution shipped_orders the_text width clients g seen last ->
    relaxed_execution shipped_orders the_text width wary g seen last.
  Proof.
    intros Air [Alone Few Cons].
    destruct (all_or_one (fun c => alone c (rev (run g c)) (seen c) (last c)) (fun c => exists n, stops g c n) (cpus S))
      as [All|(c0 & Known0 & n0 & Stops0)]; [intros c Less; exact (careful_so_far g c _ _ (Alone c Less))|
        now constructor|].
    exfalso.
    (* how far each CPU is careful *)
    destruct (choose (fun c n => stops g c n \/
      c <> c0 /\ (length (run g c) <= n)%nat /\ alone c (rev (run g c)) (seen c) (last c)) 0%nat (cpus S)) as (n & Far).
    { intros c Less; destruct (Nat.eq_dec c c0) as [->|Other]; [exists n0; auto|].
      destruct (careful_so_far g c _ _ (Alone c Less)) as [Run|(n & Stops)]; [exists (length (run g c)); auto|eauto]. }
    (* a cut that comes up to where one stops *)
    destruct (cut_within g Few Cons Air n c0 Known0) as (m & c1 & Cut & Within & Known1 & Up & Where).
    assert (Stops1 : stops g c1 (m c1)).
    { rewrite Up; destruct (Far c1 Known1) as [|(Other & Over & _)]; [assumption|].
      destruct Where; [contradiction|lia]. }
    destruct (choose (fun c (p : list (visible S) * thread S) =>
      alone c (rev (firstn (m c) (run g c))) (fst p) (snd p) /\ (c = c1 -> stops_at the_table (clients c) (snd p)))
      ([], Stopped) (cpus S)) as (f & Each).
    { intros c Less; destruct (Nat.eq_dec c c1) as [->|Other].
      { destruct Stops1 as (vis & t & Run & Stops); exists (vis, t); auto. }
      assert (Runs : exists vis t, alone c (rev (firstn (n c) (run g c))) vis t).
      { destruct (Far c Less) as [(vis & t & Run & _)|(_ & Over & Run)]; [eauto|].
        rewrite firstn_all2 by exact Over; eauto. }
      destruct Runs as (vis & t & Run).
      destruct (careful_before g c _ _ vis t (Within c Less) Run) as (vis' & t' & Run').
      exists (vis', t'); split; [exact Run'|contradiction]. }
    apply (careful_never_stops (restrict g m) (fun c => fst (f c)) (fun c => snd (f c))) with (c := c1);
      [constructor|exact Known1|exact (proj2 (Each c1 Known1) eq_refl)].
    - intros c Less; apply (Each c Less).
    - intros c Over; cbn; rewrite (Few c Over); apply firstn_nil.
    - apply restrict_consistent; [|exact Cons]; intros x y Here Reads; apply (Cut x y); [now apply feeds_rf|].
      rewrite restrict_does in Here; destruct (Nat.ltb_spec (snd y) (m (fst y))); [assumption|contradiction].
  Qed.
End First.

(** ** Good clients *)
Section Good.
  Context {G : running} (g : graph (the_system)) (seen : cpu -> list (visible (the_system))).
  Context (last : cpu -> thread (the_system)) (Good : good_clients the_table clients g).
  Context (Relaxed : relaxed_execution shipped_orders the_text width clients g seen last).
  Local Notation S := (the_system).
  Local Notation M := (sc_memory S width).

  (** What good clients do, clients do whose texts keep the contract, and what these do the good ones do. *)
  Lemma good_enough : exists wary : cpu -> client S, keep_contract the_table wary /\
    relaxed_execution shipped_orders the_text width wary g seen last /\
    (forall tr x, execution the_text width M wary tr x -> execution the_text width M clients tr x) /\
    (forall tr y, atomic_execution wary tr y -> atomic_execution clients tr y) /\
    (forall c t t', same_place the_text width (wary c) t t' -> same_place the_text width (clients c) t t').
  Proof.
    destruct Good as [Keep|(Never & Air)]; [exists clients; auto 6|].
    exists (fun c => careful the_table (clients c)); split; [apply careful_keeps|].
    split; [exact (never_breach_careful Never g seen last Air Relaxed)|].
    split; [apply careful_execution|split; [apply careful_atomic|intros c; apply careful_place]].
  Qed.

  Theorem good_in_turn c : in_turns S width c (rev (run g c)).
  Proof.
    destruct good_enough as (wary & Contract & Careful & _).
    exact (all_in_turn (G := mkRunning setting_of wary) Contract g seen last Careful c).
  Qed.

  (** For every relaxed execution of good clients there is one on consistent memory, and one of the atomic machine. *)
  Theorem good_is_consistent : exists ids tr x y,
    consistent_order g ids /\ execution the_text width M clients tr x /\ contents x = log_of g ids /\
    (forall c, (c < cpus S)%nat -> seen_by c tr = seen c /\
      exists t, nth_error (threads x) c = Some t /\ same_place the_text width (clients c) (last c) t) /\
    atomic_execution clients tr y /\ forall l k, object l k (happened y) = object l k (contents x).
  Proof.
    destruct good_enough as (wary & Contract & Careful & Runs & Atomic & Place).
    destruct (relaxed_is_consistent (G := mkRunning setting_of wary) Contract g seen last Careful)
      as (ids & tr & x & Order & Run & Is & Each).
    destruct (machine_correct (G := mkRunning setting_of wary) (contract_suffices _ _ Contract) tr x Run)
      as (y & Above & Rel).
    exists ids, tr, x, y; split; [exact Order|split; [exact (Runs tr x Run)|split; [exact Is|split; [|split]]]].
    - intros c Less; destruct (Each c Less) as (Seen & t & At & Same); split; [exact Seen|].
      exists t; split; [exact At|exact (Place c _ _ Same)].
    - exact (Atomic tr y Above).
    - intros l k; exact (eq_trans (f_equal (object l k) (rel_log _ _ Rel)) (object_up S width (contents x) l k)).
  Qed.
End Good.

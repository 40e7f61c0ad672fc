(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Every relaxed execution is one on consistent memory, but for the polls in vain

    The lock words are as if memory was consistent (reading lock_words.v); so any two accesses of
    one object are ordered by happens-before, and each read reads the last write.  All
    kept actions stand in one order that contains program order, happens-before and
    communication ([consistent_order]), and in that order the threads go through them
    on consistent memory ([relaxed_is_consistent]).  Read next: sections.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.layers.L4_locks Require Import spec contract.
From hlock.stack Require Import stack setting.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.relaxed Require Import model order turns alone reading lock_words interleave.
Import ListNotations.
Local Open Scope Z_scope.

Lemma split_once (b r b' r' : list id) x : NoDup (b ++ x :: r) -> b ++ x :: r = b' ++ x :: r' -> r = r'.
Proof.
  revert b'; induction b as [|y b IH]; intros b' Once Same; cbn in Once, Same;
    apply NoDup_cons_iff in Once as (New & Once).
  - destruct b' as [|y' b']; cbn in Same; inversion Same; subst; [reflexivity|].
    destruct New; rewrite in_app_iff; cbn; auto.
  - destruct b' as [|y' b']; cbn in Same; inversion Same; subst; [|exact (IH b' Once ltac:(assumption))].
    destruct New; rewrite in_app_iff; cbn; auto.
Qed.
Lemma earlier_one_way ids x y : NoDup ids -> earlier ids x y -> ~ earlier ids y x.
Proof.
  intros Once (b & r & -> & Mem) (b' & r' & Same & Mem'); apply in_split in Mem as (r1 & r2 & ->).
  pose proof Once as Once'; rewrite app_comm_cons, app_assoc in Same, Once';
    rewrite <- (split_once _ _ _ _ _ Once' Same) in Mem'.
  apply NoDup_remove_2 in Once; apply Once; rewrite !in_app_iff; cbn; auto.
Qed.
Lemma earlier_trans ids x y z : NoDup ids -> earlier ids x y -> earlier ids y z -> earlier ids x z.
Proof.
  intros Once (b & r & Is & Mem) (b' & r' & Is' & Mem'); exists b', r'; split; [exact Is'|].
  apply in_split in Mem' as (r1 & r2 & ->).
  assert (Is2 : ids = (b' ++ z :: r1) ++ y :: r2) by (rewrite Is', <- app_assoc; reflexivity).
  rewrite Is in Once, Is2; rewrite (split_once _ _ _ _ _ Once Is2) in Mem.
  rewrite in_app_iff; cbn; auto.
Qed.
Lemma earlier_or ids (x y : id) : List.In x ids -> List.In y ids -> x <> y -> earlier ids x y \/ earlier ids y x.
Proof.
  intros Mem Mem' Apart; apply in_split in Mem as (b & r & ->); apply in_app_iff in Mem' as [Mem'|[|Mem']];
    [|congruence|].
  - left; apply in_split in Mem' as (b1 & b2 & ->); exists b1, (b2 ++ x :: r); rewrite <- app_assoc.
    split; [reflexivity|rewrite in_app_iff; cbn; auto].
  - right; exists b, r; auto.
Qed.

Section Order.
  Context (S : system) (width : Z) (g : graph S) (Consistent : consistent_graph shipped_orders g width).
  Context (Few : forall c, (cpus S <= c)%nat -> run g c = []).
  Local Notation does := (does g).

  Lemma id_eq_dec (x y : id) : {x = y} + {x <> y}.
  Proof. decide equality; apply Nat.eq_dec. Defined.

  (** ** Finitely many actions *)
  Definition all_ids : list id :=
    flat_map (fun c => map (pair c) (seq 0 (length (run g c)))) (seq 0 (cpus S)).
  Lemma all_ids_in x : does x <> None -> List.In x all_ids.
  Proof.
    intros Here; apply nth_error_Some in Here; apply in_flat_map; exists (fst x); rewrite in_seq, in_map_iff.
    split; [destruct (Nat.lt_ge_cases (fst x) (cpus S)) as [|Over]; [lia|]; rewrite (Few _ Over) in Here; cbn in Here;
      lia|].
    exists (snd x); rewrite in_seq; split; [now destruct x|lia].
  Qed.

  Definition one_step (x y : id) : bool :=
    match does y with
    | Some a => Nat.eqb (fst x) (fst y) && Nat.ltb (snd x) (snd y) ||
        match a, loads a, rf g y with
        | Lock _ _, Some _, Some w => if id_eq_dec w x then true else false
        | _, _, _ => false
        end
    | None => false
    end.
  Lemma one_step_iff x y : one_step x y = true <->
    sb g x y \/ (reads_from g x y /\ exists a, does y = Some a /\ on_words a).
  Proof.
    unfold one_step, sb, reads_from, loads_at; destruct (does y) as [a|];
      [|split; [discriminate|now intros [(_ & _ & ?)|(_ & ? & ? & _)]]].
    rewrite orb_true_iff, andb_true_iff, Nat.eqb_eq, Nat.ltb_lt; split.
    - intros [(Own & Less)|Reads]; [left; repeat split; auto; discriminate|right].
      destruct a as [l k| | |]; try discriminate; destruct (loads (Lock l k)) as [m|] eqn:Loads; [|discriminate].
      destruct (rf g y) as [w|]; [|discriminate]; destruct (id_eq_dec w x) as [->|]; [|discriminate].
      split; [split; [eauto|reflexivity]|exists (Lock l k); split; [reflexivity|exact I]].
    - intros [(Own & Less & _)|(((m & a1 & [= <-] & Loads) & Reads) & a2 & [= <-] & Word)]; [now left|right].
      destruct a as [l k| | |]; try contradiction; rewrite Loads, Reads; now destruct (id_eq_dec x x).
  Qed.
  Lemma step_causes x y : one_step x y = true -> causes g x y.
  Proof. intros Step; apply one_step_iff in Step as [Sb|(Reads & Word)]; [now apply causes_sb|now apply causes_rf]. Qed.
  Lemma causes_least (P : id -> id -> Prop) : (forall x y, one_step x y = true -> P x y) ->
    (forall x y z, List.In y all_ids -> P x y -> P y z -> P x z) -> forall x y, causes g x y -> P x y.
  Proof.
    intros Steps Trans a b Causes.
    assert (Last : forall a b, causes g a b -> does b <> None).
    { clear; induction 1 as [a b (_ & _ & Here)|a b _ (act & -> & _)|]; auto; discriminate. }
    induction Causes as [a b Sb|a b Reads Word|a b c AB IH1 BC IH2]; [apply Steps, one_step_iff; auto..|].
    apply (Trans a b c); auto; apply all_ids_in; eauto.
  Qed.
  Lemma causes_decided x y : causes g x y <-> reach one_step all_ids x y = true.
  Proof. exact (decided one_step (causes g) all_ids step_causes (causes_trans g) causes_least x y). Qed.

  (** ** One list of all kept actions *)
  Theorem one_list : exists ids, closed g ids /\ forall x, List.In x ids <-> kept g x = true.
  Proof.
    destruct (one_order id_eq_dec one_step (causes g) all_ids step_causes (causes_trans g) causes_least
      (no_thin_air _ _ _ Consistent) (filter (kept g) all_ids)) as (ids & Sorted & Same).
    assert (Kept : forall x, List.In x ids <-> kept g x = true).
      { intros x; rewrite Same, filter_In; split; [tauto|]; intros Is; split; [apply all_ids_in|exact Is].
        destruct (kept_does _ _ Is) as (a & ->); discriminate. }
      exists ids; split; [|exact Kept].
      assert (Down : forall x y, List.In x ids -> kept g y = true -> causes g y x -> List.In y ids)
        by (intros; now apply Kept).
      assert (All : forall x, List.In x ids -> kept g x = true) by (intros x; apply Kept).
      clear Same Kept; induction ids as [|x ids IH]; [exact I|]; destruct Sorted as (New & Last & Sorted).
      split; [apply All; now left|split; [exact New|split]].
      + intros y Is Causes; destruct (Down x y (or_introl eq_refl) Is Causes) as [->|]; [|assumption].
        destruct (no_thin_air _ _ _ Consistent y Causes).
      + apply IH; [exact Sorted|intros y z Mem Is Causes|intros; apply All; now right].
        destruct (Down y z (or_intror Mem) Is Causes) as [->|]; [|assumption].
        destruct (Last y Mem Causes).
  Qed.

End Order.

(** ** In it memory is consistent *)
Section List.
  Context {S : system} {width : Z} {g : graph S} {Protocol : protocol_graph width g}.
  Context (ids : list id) (Closed : closed g ids) (All : forall x, List.In x ids <-> kept g x = true).
  Local Notation does := (does g).
  Local Notation hb := (hb shipped_orders g).
  Let Consistent : consistent_graph shipped_orders g width := protocol_consistent.
  Let Sound : sound S g ids :=
    words_sound (reach (one_step S g) (all_ids S g)) (causes_decided S g protocol_few) ids Closed.
  Let Once : NoDup ids := closed_nodup g ids Closed.

  Definition queue_of_location (m : location) : location := match m with Object l _ => Now l | m => m end.
  Lemma loads_queue x m : loads_at g x m -> in_queue S g x (queue_of_location m).
  Proof.
    intros (a & At & Is); exists a; split; [exact At|]; destruct a as [l []| | |]; cbn in *; try discriminate;
      injection Is as <-; reflexivity.
  Qed.
  Lemma stores_queue_of x m : stores_at g x m -> in_queue S g x (queue_of_location m).
  Proof.
    intros (a & At & Is); exists a; split; [exact At|]; destruct a as [l []| | |]; cbn in *; try discriminate;
      injection Is as <-; reflexivity.
  Qed.

  (** Whoever waits in one queue is in order. *)
  Lemma queue_hb x y m : earlier ids x y -> in_queue S g x m -> in_queue S g y m -> hb x y.
  Proof.
    intros (b & r & Is & Mem) X Y; assert (Sound' : sound S g (b ++ y :: r)) by (now rewrite <- Is).
    exact (sound_ordered b y r x m Sound' Mem X Y).
  Qed.
  Lemma queue_earlier x y m : x <> y -> kept g x = true -> kept g y = true ->
    in_queue S g x m -> in_queue S g y m -> eco g x y -> earlier ids x y.
  Proof.
    intros Apart X Y Qx Qy Eco; apply All in X, Y; destruct (earlier_or ids x y X Y Apart) as [|Back]; [assumption|].
    destruct (coherence _ _ _ Consistent y x (queue_hb y x m Back Qy Qx) Eco).
  Qed.

  (** Each read, of a word or of an object, reads the last write. *)
  Lemma all_read_last b x r a m : ids = b ++ x :: r -> does x = Some a -> loads a = Some m ->
    rf g x = find (writer S g m) r.
  Proof.
    intros Is At Loads; assert (Loads_x : loads_at g x m) by (now exists a).
    assert (Sound_x : sound S g (x :: r)) by (apply (sound_app b); now rewrite <- Is).
    assert (Either : on_words a \/ ~ on_words a) by (destruct a; cbn; tauto); destruct Either as [Word|Object_].
    1: { destruct Sound_x as (Last & _); exact (Last a m At Word Loads). }
    assert (Closed_x : closed g (x :: r)) by (apply (closed_app g b); now rewrite <- Is).
    assert (Where : exists b' r', r = b' ++ r' /\
      rf g x = hd_error r').
    { destruct (rf g x) as [w|] eqn:Reads; [|exists r, []; now rewrite app_nil_r].
      pose proof (rf_writes Consistent w x m Reads Loads_x) as Writes.
      assert (Apart : w <> x).
      { intros ->; destruct Writes as (a' & At' & Is'); rewrite At in At'; injection At' as <-.
        destruct a as [l []| | |]; cbn in *; try congruence; now destruct Object_. }
      assert (Early : earlier ids w x).
      { apply (queue_earlier w x (queue_of_location m)); auto.
        - exact (stores_kept w m Writes).
        - apply All; rewrite Is, in_app_iff; cbn; auto.
        - now apply stores_queue_of.
        - now apply loads_queue.
        - apply eco_rf; split; [now exists m|exact Reads]. }
      assert (Mem : List.In w r).
      { destruct Early as (b' & r' & Is' & Mem); rewrite Is in Is'.
        rewrite Is in Once; now rewrite (split_once _ _ _ _ _ Once Is'). }
      apply in_split in Mem as (b' & r' & ->); now exists b', (w :: r'). }
    destruct Where as (b' & r' & Is' & Where).
    apply (reads_newest x r m b' r'); auto;
      [apply Sound_x|apply (closed_nodup g), Closed_x|].
    intros s Mem Stores; apply (queue_hb s x (queue_of_location m)).
    - exists b, r; auto.
    - now apply stores_queue_of.
    - now apply loads_queue.
  Qed.

  Lemma values_of_list : values_there width (log_of g ids).
  Proof.
    assert (Suffix : forall b r, ids = b ++ r -> values_there width (log_of g r)).
    { intros b r; revert b; induction r as [|x r IH]; [intros; exact I|]; intros b Is.
      specialize (IH (b ++ [x])); rewrite <- app_assoc in IH; specialize (IH Is).
      change (log_of g (x :: r)) with (event_of g x ++ log_of g r); unfold event_of.
      destruct (does x) as [a|] eqn:At; [|exact IH]; cbn; split; [|split; [|exact IH]].
      - destruct (Nat.lt_ge_cases (fst x) (cpus S)) as [|Over]; [assumption|].
        unfold model.does in At; rewrite (protocol_few _ Over) in At; destruct (snd x); discriminate.
      - destruct (loads a) as [m|] eqn:Loads; [|destruct a as [l []| | |]; try discriminate; exact I].
        exact (value_last Consistent x a m r At Loads (all_read_last b x r a m Is At Loads)). }
    exact (Suffix [] ids eq_refl).
  Qed.

  Theorem list_consistent : consistent_order g ids.
  Proof.
    assert (Kept_of : forall x y, reads_from g x y -> kept g x = true).
    { intros x y ((m & Loads) & Reads); exact (stores_kept x m
        (rf_writes Consistent x y m Reads Loads)). }
    assert (Causes : forall x y, kept g x = true -> kept g y = true -> causes g x y -> earlier ids x y).
    { intros x y X Y C; apply All in X, Y.
      assert (Apart : x <> y) by (intros ->; exact (no_thin_air _ _ _ Consistent y C)).
      destruct (earlier_or ids x y X Y Apart) as [|(b & r & Is & Mem)]; [assumption|].
      assert (Closed' : closed g (x :: r)) by (apply (closed_app g b); now rewrite <- Is).
      destruct Closed' as (Kept & New & _ & Closed'); destruct New; now apply (closed_down g r x y). }
    constructor; auto.
    - intros x y X Y Hb; apply Causes; auto; now apply hb_causes.
    - intros x y Y Reads; pose proof (Kept_of x y Reads) as X; destruct Reads as ((m & Loads) & Reads).
      pose proof (rf_writes Consistent x y m Reads Loads) as Writes.
      destruct (id_eq_dec x y) as [->|Apart].
      { destruct (no_thin_air _ _ _ Consistent y); apply causes_rf; [split; [now exists m|exact Reads]|].
        destruct Loads as (a & At & Is), Writes as (a' & At' & Is'); exists a; split; [exact At|].
        rewrite At in At'; injection At' as <-; destruct a as [l []| | |]; cbn in *; try discriminate; exact I. }
      apply (queue_earlier x y (queue_of_location m)); auto; [now apply stores_queue_of|now apply loads_queue|].
      apply eco_rf; split; [now exists m|exact Reads].
    - intros x y m X Y Apart Co; apply (queue_earlier x y (queue_of_location m)); auto using stores_queue_of, eco_co.
      + exact (stores_kept x m X).
      + exact (stores_kept y m Y).
    - intros x y X Fr; pose proof Fr as (Apart & m & Loads & Stores & _).
      apply (queue_earlier x y (queue_of_location m)); auto using stores_queue_of, loads_queue, eco_fr.
      exact (stores_kept y m Stores).
  Qed.

  (** What a CPU did in it. *)
  Lemma part_of_list c : part_of c (log_of g ids) = without_vain S c (rev (run g c)).
  Proof.
    destruct (closed_own g c ids Closed) as (m & Less & Is).
    assert (Part : forall l, part_of c (log_of g l) = part_of c (log_of g (of_cpu c l))).
    { induction l as [|[c' i] l IH]; [reflexivity|]; cbn [of_cpu filter]; fold (of_cpu c l).
      assert (Cons : forall l,
        part_of c (log_of g ((c', i) :: l)) = part_of c (event_of g (c', i)) ++ part_of c (log_of g l)).
      { intros l'; unfold part_of, log_of; cbn [flat_map]; apply flat_map_app. }
      rewrite Cons; destruct (Nat.eqb_spec c' c) as [->|Other]; [now rewrite Cons, IH|].
      unfold event_of, part_of at 1; destruct (does (c', i)); cbn; [|exact IH].
      now rewrite (proj2 (Nat.eqb_neq c' c) Other). }
    assert (First : forall n, (n <= length (run g c))%nat ->
      part_of c (log_of g (first_kept g c n)) = without_vain S c (before g (c, n))).
    { induction n as [|n IH]; intros Most; [reflexivity|]; cbn [first_kept]; specialize (IH ltac:(lia)).
      destruct (does (c, n)) as [a|] eqn:At; [|apply nth_error_None in At; cbn in At; lia].
      rewrite (before_next g c n a At); cbn [without_vain]; unfold kept; rewrite At; cbn [fst].
      destruct (in_vain S c a _); cbn [negb]; [exact IH|].
      unfold log_of; cbn [flat_map]; unfold event_of at 1; rewrite At; cbn; rewrite Nat.eqb_refl; cbn; f_equal;
        exact IH. }
    assert (Rest : forall n, (m <= n)%nat -> (n <= length (run g c))%nat -> first_kept g c n = first_kept g c m).
    { induction n as [|n IH]; intros Over Most; [f_equal; lia|]; destruct (Nat.eq_dec m (Datatypes.S n)) as [->|];
        [reflexivity|].
      cbn [first_kept]; destruct (kept g (c, n)) eqn:Kept; [exfalso|apply IH; lia].
      assert (Mem : List.In (c, n) (of_cpu c ids)).
      { unfold of_cpu; rewrite filter_In, Nat.eqb_refl; split; [now apply All|reflexivity]. }
      rewrite Is in Mem; apply first_kept_in in Mem; cbn in Mem; lia. }
    rewrite Part, Is, <- (Rest (length (run g c)) Less (le_n _)), First by lia.
    unfold before; cbn [fst snd]; now rewrite firstn_all.
  Qed.
End List.

(** What an object holds in the end is what the last write of its part in coherence order wrote. *)
Theorem last_values {S : system} (g : graph S) ids l k : consistent_order g ids ->
  (forall w v, does g w = Some (Wrote l k v) ->
     (forall w', stores_at g w' (Object l k) -> w' <> w -> co g w' w) -> object l k (log_of g ids) = v) /\
  ((forall w, ~ stores_at g w (Object l k)) -> object l k (log_of g ids) = initial S l k).
Proof.
  intros Order; pose proof (fun v => proj1 (value_found (width := 1) (g := g) (Read l k v) (Object l k) ids eq_refl))
    as Found.
  cbn [value_there] in Found; split.
  - intros w v At Last; symmetry; apply Found.
    assert (Stores : stores_at g w (Object l k)) by (exists (Wrote l k v); auto).
    assert (Mem : List.In w ids) by exact (proj2 (order_all _ _ Order w) (stores_kept w _ Stores)).
    destruct (find (writer S g (Object l k)) ids) as [s|] eqn:Is.
    + destruct (find_first _ _ _ Is) as (b & r & Is_ids & Writes & None_).
      assert (Same : s = w); [|subst s; exists (Wrote l k v); cbn; now rewrite Z.eqb_refl, value_for_same].
      destruct (id_eq_dec s w) as [|Apart]; [assumption|]; apply (writer_iff) in Writes as Writes'.
      destruct (order_co _ _ Order s w _ Writes' Stores Apart (Last s Writes' Apart)) as (b' & r' & Is' & Mem').
      assert (Back : earlier ids w s).
      { exists b, r; split; [exact Is_ids|]; rewrite Is_ids, in_app_iff in Mem; destruct Mem as [Mem|[|]]; auto;
          [|congruence].
        apply (writer_iff) in Stores; rewrite (None_ w Mem) in Stores; discriminate. }
      destruct (earlier_one_way ids w s (order_once _ _ Order) Back); exists b', r'; auto.
    + apply find_none with (x := w) in Is; [|exact Mem].
      apply (writer_iff) in Stores; congruence.
  - intros Nobody; symmetry; apply Found; destruct (find (writer S g (Object l k)) ids) as [s|] eqn:Is; [|reflexivity].
    apply find_some in Is as (_ & Writes); apply (writer_iff) in Writes; destruct (Nobody s Writes).
Qed.

(** ** Words are words *)
Lemma word_answers {S : system} width (g : graph S) : 0 <= width -> consistent_graph shipped_orders g width ->
  forall c, Forall (word_answer S width) (run g c).
Proof.
  intros Width Consistent c; apply Forall_forall; intros a Mem; apply In_nth_error in Mem as (i & At).
  destruct a as [l [v|v|v|v]| | |]; try exact I;
    (pose proof (rf_right _ _ _ Consistent (c, i) _ At ltac:(discriminate)) as Right; unfold reads_right in Right;
     destruct (rf g (c, i)) as [x|];
     [destruct Right as (b & _ & _ & Value)|rename Right into Value]; cbn [value_there] in Value; rewrite Value;
     first [apply next_in_word|apply now_in_word]; exact Width).
Qed.

(** ** The theorem *)
Section Relaxed.
  Context {G : running}.
  Local Notation S := (the_system).
  Local Notation M := (sc_memory S width).
  Context (Contract : keep_contract the_table clients).
  Context (g : graph S) (seen : cpu -> list (visible S)) (last : cpu -> thread S).
  Context (Relaxed : relaxed_execution shipped_orders the_text width clients g seen last).
  Let Consistent : consistent_graph shipped_orders g width := consistent _ _ _ _ _ _ _ Relaxed.
  Let Few : forall c, (cpus S <= c)%nat -> run g c = [] := no_others _ _ _ _ _ _ _ Relaxed.

  Lemma alone_here c : (c < cpus S)%nat ->
    in_turns S width c (rev (run g c)) /\ exists t, same_place the_text width (clients c) (last c) t /\
      alone the_text width (clients c) (without_vain S c (rev (run g c))) (seen c) t.
  Proof.
    intros Less; destruct Contract as (Table & Keeps).
    assert (Words : Forall (word_answer S width) (rev (run g c))).
    { apply Forall_rev, word_answers; [pose proof width_range; lia|exact Consistent]. }
    destruct (alone_in_turn c (clients c) (Table c) (fun n => Keeps c n) _ _ _ (each_alone _ _ _ _ _ _ _ Relaxed c Less)
      Words)
      as (Turn & _ & t & Stands & Run).
    split; [exact Turn|]; exists t; split; [exact (stands_same_place _ _ _ _ _ Stands)|exact Run].
  Qed.
  Lemma all_in_turn c : in_turns S width c (rev (run g c)).
  Proof.
    destruct (Nat.lt_ge_cases c (cpus S)) as [Less|Over]; [apply (alone_here c Less)|].
    now rewrite (Few c Over).
  Qed.

  (** For every relaxed execution there is one on consistent memory: its log is the kept actions in
      one order, each CPU was seen to do the same and stands at the same place. *)
  Theorem relaxed_is_consistent : exists ids tr x,
    consistent_order g ids /\ execution the_text width M clients tr x /\ contents x = log_of g ids /\
    forall c, (c < cpus S)%nat -> seen_by c tr = seen c /\
      exists t, nth_error (threads x) c = Some t /\ same_place the_text width (clients c) (last c) t.
  Proof.
    pose proof (Build_protocol_graph _ _ g width_range width_suffices Consistent all_in_turn Few) as Protocol.
    destruct (one_list S width g Consistent Few) as (ids & Closed & All).
    assert (Threads : forall n, (n <= cpus S)%nat -> exists ts : cpu -> thread S, forall c, (c < n)%nat ->
      same_place the_text width (clients c) (last c) (ts c) /\
      alone the_text width (clients c) (without_vain S c (rev (run g c))) (seen c) (ts c)).
    { induction n as [|n IH]; intros Most; [exists last; lia|]; destruct IH as (ts & Here); [lia|].
      destruct (alone_here n Most) as (_ & t & Place & Run).
      exists (fun c => if Nat.eqb c n then t else ts c); intros c Less; destruct (Nat.eqb_spec c n) as [->|Other];
        [auto|].
      apply Here; lia. }
    destruct (Threads (cpus S) (le_n _)) as (ts & Alone); clear Threads.
    destruct (interleaved the_text width clients (log_of g ids)
      (values_of_list ids Closed All) seen ts)
        as (tr & x & Run & Is & Here).
    { intros c Less; rewrite (part_of_list ids Closed All); apply Alone, Less. }
    exists ids, tr, x; split; [|split; [exact Run|split; [exact Is|]]].
    - exact (list_consistent ids Closed All).
    - intros c Less; destruct (Here c Less) as (At & Seen); split; [exact Seen|].
      exists (ts c); split; [exact At|apply Alone, Less].
  Qed.
End Relaxed.

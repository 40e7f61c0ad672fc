(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The machine of bytes refines the machine of the C

    A CPU in a call stands at a stage, which is a place of the C ([in_c]).  When it asks
    memory for something, the thread of the C makes the own steps that bring it to the
    same request, and then both go on with the same answer.  A load of [next] by LL/SC is no step
    of the C: the store that succeeds is, and takes the ticket; the monitor says that
    the word is then still what was read.  Read next: correct.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options integers values smallstep.
From hlock.layers.view Require Import spec facts.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec contract text.
From hlock.stack Require Import stack setting.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import position place invariant no_breach.
From hlock.machine.safety Require Import unstuck.
From hlock.object Require Import micro target checker stages checked_sound machine.
Import ListNotations.
Local Open Scope Z_scope.

Opaque points.

(** The library is right for each function of the table; its array has two words for each lock. *)
Record library_right {I R : Type} (arch : target I R) (L : library I) (T : table) (stride : Z) : Prop := {
  right_stride : 8 <= stride;
  right_aligned : stride mod 4 = 0;
  right_size : stride * table_size T <= lib_array L;
  right_kept : lib_kept L = kept arch;
  right_link : lib_link L = link arch;
  right_stack : lib_stack L = stack_pointer arch;
  right_outside : exists k, 0 <= k < 2 ^ 64 /\ lib_code L k = None;
  right_functions : forall f k, List.In f T -> exists at_, lib_entry L k f = Some at_ /\
    function_ok arch (lib_code L) stride k f false at_ = true
}.
(** Between two requests its functions make few own steps. *)
Definition bounded_library {I R} (arch : target I R) (L : library I) (T : table) (stride : Z) : Prop :=
  forall f k at_, List.In f T -> lib_entry L k f = Some at_ ->
  function_ok arch (lib_code L) stride k f true at_ = true.
Lemma put_again {A} c (x y : A) xs : put_at c x (put_at c y xs) = put_at c x xs.
Proof. revert c; induction xs as [|z xs IH]; intros [|c]; cbn; auto; now rewrite IH. Qed.
Lemma nth_put_same {A} (xs : list A) c x y : nth_error xs c = Some y -> nth_error (put_at c x xs) c = Some x.
Proof. intros At; now rewrite nth_put, Nat.eqb_refl, At. Qed.

(** Each index can be passed, in register 0; the stack and the text lie somewhere, who calls elsewhere. *)
Lemma can_be_called {I} (L : library I) f i k :
  (0 < lib_link L < 32)%nat /\ (0 < lib_stack L < 32)%nat /\ lib_link L <> lib_stack L ->
  0 <= k < 2 ^ 64 -> lib_code L k = None -> exists rs, called_with L f i rs.
Proof.
  intros (Link & Stack & _) In_64 Outside; assert (0 <= i mod 2 ^ 32 < 2 ^ 32) by (apply Z.mod_pos_bound; lia).
  pose (rs := fun r => if Nat.eqb r 0 then i mod 2 ^ 32 else if Nat.eqb r text_at then - k else 0).
  assert (Zero : forall r, (0 < r < 32)%nat -> rs r = 0).
  { intros r In; unfold rs, text_at; destruct (Nat.eqb_spec r 0), (Nat.eqb_spec r 50); lia. }
  exists rs; unfold called_with; rewrite (Zero _ Link), !(Zero _ Stack).
  change (rs 0%nat) with (i mod 2 ^ 32); change (rs frame_top) with 0; change (rs frame_stored) with 0;
    change (rs called_from) with 0; change (rs text_at) with (- k).
  replace ((0 - - k) mod 2 ^ 64) with k by (rewrite Z.mod_small; lia).
  repeat split; auto; try lia; intros _; apply Z.mod_mod; lia.
Qed.

Section Refine.
  Context {G : running} (Words : width = 32) (Never : never_breaches clients the_table).
  Context {I R : Type} (arch : target I R) (L : library I) (stride base : Z).
  Context (Right : library_right arch L the_table stride) (Placed : placed L base).
  Local Notation text := the_text.
  Local Notation S := (the_system).
  Local Notation M := (sc_memory S width).
  Local Notation run := (execution text width M clients).

  Lemma modulus_is : modulus width = 2 ^ 32.
  Proof. unfold modulus; now rewrite Words. Qed.
  Lemma word_is v : is_word v <-> in_word width v.
  Proof. unfold is_word, in_word; now rewrite modulus_is. Qed.

  Local Notation next_at_ := (next_word stride base).
  Local Notation now_at_ := (now_word stride base).

  (** ** Where a call stands *)
  Local Notation call_at k f i at_ before :=
    (stands arch (lib_code L) (points arch (lib_code L) stride k f at_) base i before).
  Local Notation right_function k f at_ :=
    (function_ok arch (lib_code L) stride k f false at_ = true).
  Definition in_c (o : op S) history (l : Z) (g : stage) (t : thread S) : Prop :=
    match g with
    | S_taking _ => exists s, t = Calling o history s /\ at_place s (Before_ticket l)
    | S_waiting t' _ => exists s, t = Calling o history s /\ at_place s (Polling l t')
    | S_polled t' v _ =>
        exists s, t = Calling o history s /\ at_place s (if v =? t' then Through else Polling l t')
    | S_loading => exists s, t = Calling o history s /\ at_place s (Before_load l)
    | S_storing v => exists k, t = Storing o history l v k /\ near back_steps (Give Vundef k) Through
    | S_done => exists s, t = Calling o history s /\ at_place s Through
    end.

  (** What the monitor of CPU [c] knows.  After a load of [now] that set it: the word is
      still what was read, or the event register is set. *)
  Definition watched (c : cpu) (m : store) (l v : Z) : Prop :=
    event m c = true \/ monitor m c = Some (now_at_ l) /\ words m (now_at_ l) = v.
  Definition monitored (c : cpu) (m : store) (l : Z) (g : stage) : Prop :=
    match g with
    | S_taking (Some v) => monitor m c = Some (next_at_ l) -> words m (next_at_ l) = v
    | S_waiting t (Some v) => v <> t /\ watched c m l v
    | S_polled t v true => watched c m l v
    | _ => True
    end.

  Inductive same_thread (c : cpu) (m : store) : byte_thread S -> thread S -> Prop :=
  | same_rest history : same_thread c m (Resting history) (Idle history)
  | same_run o k f i history at_ before s g t :
      called_by o = Some (k, f, i) -> List.In f the_table -> in_family f i = true ->
      lib_entry L k f = Some at_ -> right_function k f at_ ->
      call_at k f i at_ before s g ->
      in_c o history (lock_id f i) g t -> monitored c m (lock_id f i) g ->
      same_thread c m (Running o history before s) t
  | same_off : same_thread c m Off Stopped.

  (** The words of the array are those of the log of the C. *)
  Definition same_words (m : store) (g : log S words_verb) : Prop := forall l, 0 <= l < table_size the_table ->
    words m (next_at_ l) = next S width l g /\ words m (now_at_ l) = serving S width l g.

  Record same_machine (x : byte_machine S) (z : machine M) : Prop := {
    same_length : length (places x) = length (threads z);
    same_memory : same_words (memory x) (contents z);
    same_objects : forall l k, object l k (touched x) = object l k (contents z);
    same_threads : forall c b t, nth_error (places x) c = Some b -> nth_error (threads z) c = Some t ->
      same_thread c (memory x) b t
  }.

  (** ** Addresses *)
  Lemma apart l l' :
    (next_at_ l = next_at_ l' <-> l = l') /\ (now_at_ l = now_at_ l' <-> l = l') /\
    next_at_ l <> now_at_ l' /\ now_at_ l <> next_at_ l'.
  Proof.
    pose proof (right_stride _ _ _ _ Right); unfold next_word, now_word.
    assert (Trichotomy : l = l' \/ l + 1 <= l' \/ l' + 1 <= l) by lia.
    destruct Trichotomy as [<-|[Less|Less]]; [lia|apply (Z.mul_le_mono_nonneg_l _ _ stride) in Less; lia..].
  Qed.
  Lemma in_range f i : List.In f the_table -> in_family f i = true -> 0 <= lock_id f i < table_size the_table.
  Proof. exact (lock_id_bound the_table f i table_accepted). Qed.
  Lemma end_of_lock l : 0 <= l < table_size the_table -> 0 <= stride * l /\ stride * l + 8 <= lib_array L.
  Proof.
    intros (Pos & Less); pose proof (right_stride _ _ _ _ Right); pose proof (right_size _ _ _ _ Right).
    split; [nia|]; assert (stride * (l + 1) <= stride * table_size the_table) by (apply Z.mul_le_mono_nonneg_l; lia).
    lia.
  Qed.
  Lemma words_in_array l : 0 <= l < table_size the_table ->
    in_array L base (next_at_ l) /\ in_array L base (now_at_ l).
  Proof.
    intros Range; destruct (end_of_lock l Range) as (Low & High); destruct Placed as (_ & Aligned & _).
    assert (Multiple : (base + stride * l) mod 4 = 0).
    { rewrite Z.add_mod, Aligned, Z.mul_mod, (right_aligned _ _ _ _ Right) by lia; reflexivity. }
    unfold in_array, next_word, now_word; repeat split; try lia.
    rewrite Z.add_mod, Multiple by lia; reflexivity.
  Qed.

  (** ** Steps of the C *)
  (** CPU [c] makes steps of the C, one or more; [v] is seen of the last, and nothing of the others. *)
  Inductive advances (c : cpu) : machine M -> option (visible S) -> machine M -> Prop :=
  | advance_last z v z' : machine_step text width M clients c z v z' -> advances c z v z'
  | advance_own z z1 v z' :
      machine_step text width M clients c z None z1 -> advances c z1 v z' -> advances c z v z'.
  Lemma run_advances tr c z v z' : run tr z -> advances c z v z' -> run (see c v tr) z'.
  Proof.
    intros Run Goes; induction Goes as [z v z' Step|z z1 v z' Step _ IH]; [eapply execution_step; eassumption|].
    exact (IH (execution_step text width M clients tr z c None z1 Run Step)).
  Qed.

  Lemma own_advances ts g c t m t' v z' : nth_error ts c = Some t -> own_steps (clients c) m t t' ->
    advances c (mkMachine (M := M) (put_at c t' ts) g) v z' -> advances c (mkMachine (M := M) ts g) v z'.
  Proof.
    intros At Steps; revert ts At; induction Steps as [t|n t t1 t2 Is Steps IH]; intros ts At Rest.
    - now rewrite put_same in Rest.
    - eapply advance_own; [exact (step_local text width M clients c ts g t t1 At Is)|].
      apply IH; [eapply nth_put_same; eassumption|now rewrite put_again].
  Qed.
  (** A thread in a call, to its request, which is answered by [a]. *)
  Lemma memory_advances ts g c o history s p a (Q : thread S -> Prop) :
    nth_error ts c = Some (Calling o history s) -> at_place s p -> value_there S width g a -> seen_of a = None ->
    (forall s', asks_at o history s' p -> exists t', answered (in_call text o history s') a t' /\ Q t') ->
    exists t', Q t' /\ advances c (mkMachine (M := M) ts g) None (mkMachine (M := M) (put_at c t' ts) ((c, a) :: g)).
  Proof.
    intros At Place There Silent Answer.
    destruct (near_goes_on (clients c) o history _ s p Place) as (m & s' & _ & Steps & Asks).
    destruct (Answer s' Asks) as (t' & Is & Holds); exists t'; split; [exact Holds|].
    eapply own_advances; [exact At|exact Steps|].
    rewrite <- (put_again c t' (Calling o history s') ts), <- Silent; apply advance_last.
    eapply (step_memory text width M clients c);
      [eapply nth_put_same; exact At|exact Is|split; [exact There|reflexivity]].
  Qed.

  (** ** What others do *)
  Definition kept_for (c : cpu) (m m' : store) : Prop :=
    (event m c = true -> event m' c = true) /\
    (forall a, monitor m' c = Some a -> monitor m c = Some a /\ words m' a = words m a) /\
    (forall a, monitor m c = Some a -> monitor m' c = Some a /\ words m' a = words m a \/ event m' c = true).
  Lemma kept_monitored c m m' l g : kept_for c m m' -> monitored c m l g -> monitored c m' l g.
  Proof.
    intros (Event & Back & On).
    assert (Watched : forall v, watched c m l v -> watched c m' l v).
    { intros v [Set_|(Mark & Is)]; [left; auto|].
      destruct (On _ Mark) as [(Mark' & Same)|Set_]; [right|left; exact Set_]; now rewrite Same. }
    destruct g as [[v|]|t [v|]|t v [|]| |v|]; cbn [monitored]; auto.
    - intros Is Mark; destruct (Back _ Mark) as (Mark' & ->); auto.
    - intros (Not & Is); auto.
  Qed.
  Lemma kept_thread c m m' b t : kept_for c m m' -> same_thread c m b t -> same_thread c m' b t.
  Proof. intros Kept Same; destruct Same; econstructor; eauto using kept_monitored. Qed.

  Lemma kept_same c m : kept_for c m m.
  Proof. repeat split; auto. Qed.
  Lemma for_other {A} c c' (x : A) h : c' <> c -> for_cpu c x h c' = h c'.
  Proof. intros Other; unfold for_cpu; now rewrite (proj2 (Nat.eqb_neq c' c) Other). Qed.
  Lemma for_same {A} c (x : A) h : for_cpu c x h c = x.
  Proof. unfold for_cpu; now rewrite Nat.eqb_refl. Qed.
  Lemma kept_mark c c' a m : c' <> c -> kept_for c' m (mark c a m).
  Proof. intros Other; unfold kept_for, mark; cbn; rewrite for_other by exact Other; auto 6. Qed.
  Lemma kept_unmark c c' m : c' <> c -> kept_for c' m (unmark c m).
  Proof. intros Other; unfold kept_for, unmark; cbn; rewrite for_other by exact Other; auto 6. Qed.
  Lemma kept_clear c c' m : c' <> c -> kept_for c' m (clear_event c m).
  Proof. intros Other; unfold kept_for, clear_event; cbn; rewrite for_other by exact Other; auto 6. Qed.
  Lemma kept_write c c' a v m : c' <> c -> kept_for c' m (write_word c a v m).
  Proof.
    intros Other; unfold kept_for, write_word, marked; cbn; rewrite (proj2 (Nat.eqb_neq c' c) Other); cbn.
    destruct (monitor m c') as [b|]; [|repeat split; intros; discriminate || auto].
    destruct (Z.eqb_spec b a) as [->|Not]; (split; [auto|split]).
    - discriminate.
    - auto.
    - intros b' [= ->]; now rewrite (proj2 (Z.eqb_neq _ _) Not).
    - intros b' [= ->]; now rewrite (proj2 (Z.eqb_neq _ _) Not); auto.
  Qed.
  Lemma kept_trans c m1 m2 m3 : kept_for c m1 m2 -> kept_for c m2 m3 -> kept_for c m1 m3.
  Proof.
    intros (E & B & O) (E' & B' & O'); split; [auto|split].
    - intros a Mark; destruct (B' _ Mark) as (Mark2 & Same); destruct (B _ Mark2) as (Mark1 & Same1).
      split; [exact Mark1|congruence].
    - intros a Mark; destruct (O _ Mark) as [(Mark2 & Same)|Set_]; [|auto].
      destruct (O' _ Mark2) as [(Mark3 & Same')|Set_]; [left|auto]; split; [exact Mark3|congruence].
  Qed.

  Lemma same_update x z c b t m' b' t' g' w' :
    same_machine x z -> nth_error (places x) c = Some b -> nth_error (threads z) c = Some t ->
    same_words m' g' -> (forall l k, object l k w' = object l k g') -> same_thread c m' b' t' ->
    (forall c', c' <> c -> kept_for c' (memory x) m') ->
    same_machine (mkBytes (put_at c b' (places x)) m' w') (mkMachine (M := M) (put_at c t' (threads z)) g').
  Proof.
    intros [Len Mem Obj_ Threads] At At' Words' Objects Here Others.
    constructor; cbn [places memory touched threads contents]; auto; [now rewrite !length_put|].
    intros c' b2 t2; rewrite !nth_put, At, At'; destruct (Nat.eqb_spec c' c) as [->|Other].
    - intros [= <-] [= <-]; exact Here.
    - intros B T; apply (kept_thread c' (memory x)); auto.
  Qed.

  (** ** The words *)
  Lemma same_words_silent m g a c : same_words m g ->
    match a with Lock _ (Took _) | Lock _ (Stored _) => False | _ => True end -> same_words m ((c, a) :: g).
  Proof. intros Same Silent l Range; destruct a as [l' [|w|w|]| | |]; try contradiction; exact (Same l Range). Qed.
  Lemma same_words_took m g c l t : 0 <= l -> same_words m g -> 
    same_words (write_word c (next_at_ l) ((t + 1) mod 2 ^ 32) m) ((c, Lock l (Took t)) :: g).
  Proof.
    intros Pos Same l' Range; destruct (Same l' Range) as (Next & Now);
      destruct (apart l' l) as (N & _ & D & D').
    cbn [write_word words next serving]; rewrite modulus_is.
    rewrite (proj2 (Z.eqb_neq _ _) D'); split; [|exact Now].
    destruct (Z.eqb_spec l l') as [<-|Not]; [now rewrite Z.eqb_refl|].
    rewrite (proj2 (Z.eqb_neq (next_at_ l') (next_at_ l))); [exact Next|intros E; apply N in E; congruence].
  Qed.
  Lemma same_words_stored m g c l v : 0 <= l -> same_words m g -> is_word v ->
    same_words (write_word c (now_at_ l) v m) ((c, Lock l (Stored v)) :: g).
  Proof.
    intros Pos Same Word l' Range; destruct (Same l' Range) as (Next & Now);
      destruct (apart l' l) as (_ & N & D & D').
    cbn [write_word words next serving]; rewrite modulus_is.
    rewrite (proj2 (Z.eqb_neq _ _) D); split; [exact Next|].
    destruct (Z.eqb_spec l l') as [<-|Not]; [rewrite Z.eqb_refl; symmetry; apply Z.mod_small, Word|].
    rewrite (proj2 (Z.eqb_neq (now_at_ l') (now_at_ l))); [exact Now|intros E; apply N in E; congruence].
  Qed.
  Lemma words_are m g l : same_words m g -> 0 <= l < table_size the_table ->
    words m (next_at_ l) = next S width l g /\ words m (now_at_ l) = serving S width l g /\
    is_word (words m (next_at_ l)) /\ is_word (words m (now_at_ l)).
  Proof.
    intros Same Range; destruct (Same l Range) as (-> & ->); rewrite !word_is.
    repeat split; try reflexivity; apply next_in_word || apply now_in_word; lia.
  Qed.

  Lemma kept_goes_back before a rs : a = before (link arch) /\ (forall r, List.In r (kept arch) -> rs r = before r) ->
    goes_back L before a rs.
  Proof. unfold goes_back; now rewrite (right_kept _ _ _ _ Right), (right_link _ _ _ _ Right). Qed.
  (** What a call asks for, wherever it stands. *)
  Lemma asks_right k f i at_ before s g : List.In f the_table -> in_family f i = true ->
    right_function k f at_ ->
    let on := call_at k f i at_ before in
    on s g -> right_request arch stride f base i before on (asks base (lib_code L) s) g.
  Proof.
    intros Member Range Ok; destruct (end_of_lock _ (in_range f i Member Range)); destruct Placed as (? & _ & ?).
    apply checked_sound; [exact Range| |now apply function_closed|unfold lock_next; lia|unfold lock_now; lia].
    intros None_; pose proof (table_ok_in _ f table_accepted Member) as Line; unfold line_ok in Line.
    rewrite None_, !andb_true_iff, Z.eqb_eq in Line; apply in_family_iff in Range; lia.
  Qed.

  (** ** One access *)

  (** What is nothing to the machine of the C: the request, the state in which code goes on, and the stages
      before and after. *)
  Inductive lingers : request I -> state -> stage -> stage -> Prop :=
  | linger_own s g g' : settles g g' -> lingers (Own s) s g g'
  | linger_link is excl a go v : lingers (Ask_load is excl a go) (go v) (S_taking None) (S_taking (Some v))
  | linger_failure is a w done failed v :
      lingers (Ask_store_x is a w done failed) failed (S_taking (Some v)) (S_taking None)
  | linger_any n a off go x g : lingers (Ask_any n a off go) (go x) g g
  | linger_event s t v : lingers (Rest s) s (S_waiting t (Some v)) (S_waiting t None).

  (** So it goes on, and its thread of the C is where it was. *)
  Definition stays z c o history k f i at_ before t m m' r s' g : Prop :=
    let l := lock_id f i in exists g', lingers r s' g g' /\ call_at k f i at_ before s' g' /\
      in_c o history l g' t /\ monitored c m' l g' /\ same_words m' (contents (M := M) z) /\
      (forall c', c' <> c -> kept_for c' m m').
  Lemma silent_same x z c o k f i history at_ before s t m' r s' g :
    same_machine x z ->
    nth_error (places x) c = Some (Running o history before s) -> nth_error (threads z) c = Some t ->
    called_by o = Some (k, f, i) -> List.In f the_table -> in_family f i = true ->
    lib_entry L k f = Some at_ -> right_function k f at_ ->
    stays z c o history k f i at_ before t (memory x) m' r s' g ->
    same_machine (mkBytes (put_at c (Running o history before s') (places x)) m' (touched x)) z.
  Proof.
    intros Same At At' Calls Member Range Entry Ok (g' & _ & St & In_c' & Mon & Words' & Others).
    destruct z as [ts gz]; cbn [threads contents] in *; rewrite <- (put_same ts c t At').
    apply (same_update x (mkMachine (M := M) ts gz) c (Running o history before s) t); auto;
      [exact (same_objects _ _ Same)|now apply same_run with k f i at_ g'].
  Qed.

  (** It is event [Lock l v]. *)
  Lemma event_same x z c o k f i history at_ before s t :
    same_machine x z ->
    nth_error (places x) c = Some (Running o history before s) -> nth_error (threads z) c = Some t ->
    called_by o = Some (k, f, i) -> List.In f the_table -> in_family f i = true ->
    lib_entry L k f = Some at_ -> right_function k f at_ ->
    let l := lock_id f i in
    forall m s' g v p s0, t = Calling o history s0 -> at_place s0 p ->
    call_at k f i at_ before s' g ->
    monitored c m l g -> value_there S width (contents z) (Lock l v) -> same_words m ((c, Lock l v) :: contents z) ->
    (forall c', c' <> c -> kept_for c' (memory x) m) ->
    (forall s', asks_at o history s' p ->
      exists t', answered (in_call text o history s') (Lock l v) t' /\ in_c o history l g t') ->
    exists z', advances c z None z' /\
      same_machine (mkBytes (put_at c (Running o history before s') (places x)) m (touched x)) z'.
  Proof.
    intros Same At At' Calls Member Range Entry Ok l m s0 g' v p sc -> Place St Mon There Words' Others Answer;
      destruct z as [ts gz]; cbn [threads contents] in *.
    destruct (memory_advances ts gz c o history sc p (Lock l v) _ At' Place There eq_refl Answer)
      as (t' & In_c' & Goes).
    eexists; split; [exact Goes|].
    apply (same_update x (mkMachine (M := M) ts gz) c (Running o history before s) (Calling o history sc)); auto;
      [exact (same_objects _ _ Same)|now apply same_run with k f i at_ g'].
  Qed.

  (** It is the store of a release. *)
  Lemma store_same x z c o k f i history at_ before s t :
    same_machine x z ->
    nth_error (places x) c = Some (Running o history before s) -> nth_error (threads z) c = Some t ->
    called_by o = Some (k, f, i) -> List.In f the_table -> in_family f i = true ->
    lib_entry L k f = Some at_ -> right_function k f at_ ->
    let l := lock_id f i in
    forall s' v0, 0 <= l -> in_c o history l (S_storing v0) t -> call_at k f i at_ before s' S_done ->
    exists z', advances c z None z' /\
      same_machine (mkBytes (put_at c (Running o history before s') (places x))
        (write_word c (now_at_ l) ((v0 + 1) mod 2 ^ 32) (memory x)) (touched x)) z'.
  Proof.
    intros Same At At' Calls Member Range Entry Ok l s' v0 Pos (k' & -> & Near) Goes.
    assert (Word : is_word ((v0 + 1) mod 2 ^ 32)) by (apply Z.mod_pos_bound; lia).
    destruct z as [ts gz]; cbn [threads contents] in *.
    exists (mkMachine (M := M) (put_at c (Calling o history (Give Vundef k')) ts)
                      ((c, Lock l (Stored ((v0 + 1) mod 2 ^ 32))) :: gz)); split.
    + apply advance_last; change None with (seen_of (S := S) (Lock l (Stored ((v0 + 1) mod 2 ^ 32)))).
      eapply (step_memory text width M clients c); [exact At'| |split; [exact Logic.I|reflexivity]].
      cbn [next_move answered]; rewrite modulus_is; auto.
    + refine (same_update x (mkMachine (M := M) ts gz) c _ _ _ _ _ _ _ Same At At' _ _ _ _).
      * apply same_words_stored; [exact Pos|exact (same_memory _ _ Same)|exact Word].
      * intros l0 k0; exact (same_objects _ _ Same l0 k0).
      * apply same_run with k f i at_ S_done; auto; [|exact Logic.I].
        eexists; split; [reflexivity|now apply back_through].
      * intros c' Other; now apply kept_write.
  Qed.

  (** It is a load: of the tickets, which is silent, or a poll, or that of a release. *)
  Lemma load_same x z c o k f i history at_ before s t :
    same_machine x z ->
    nth_error (places x) c = Some (Running o history before s) -> nth_error (threads z) c = Some t ->
    called_by o = Some (k, f, i) -> List.In f the_table -> in_family f i = true ->
    lib_entry L k f = Some at_ -> right_function k f at_ ->
    let l := lock_id f i in
    forall is excl a go g, call_at k f i at_ before s g -> in_c o history l g t -> 0 <= l < table_size the_table ->
    right_request arch stride f base i before (call_at k f i at_ before)
      (Ask_load is excl a go) g ->
    let m' := if excl then mark c a (memory x) else memory x in
    stays z c o history k f i at_ before t (memory x) m' (Ask_load is excl a go) (go (words (memory x) a)) g \/
    exists z', advances c z None z' /\
      same_machine (mkBytes (put_at c (Running o history before (go (words (memory x) a))) (places x)) m' (touched x))
        z'.
  Proof.
    intros Same At At' Calls Member Range Entry Ok l is excl a go g Stands In_c Lock_range Asks m';
      subst m'; cbn [right_request] in Asks.
    destruct (words_are (memory x) (contents z) l (same_memory _ _ Same) Lock_range)
      as (Next & Now & Word_next & Word_now).
    pose proof (event_same x z c o k f i history at_ before s t Same At At' Calls Member Range Entry Ok) as Speaks.
    cbv zeta in Speaks; fold l in Speaks.
    assert (Kept : forall c', c' <> c -> kept_for c' (memory x) (if excl then mark c a (memory x) else memory x))
      by (intros c' Other; destruct excl; [now apply kept_mark|apply kept_same]).
    assert (Same_words : forall g, same_words (memory x) g ->
        same_words (if excl then mark c a (memory x) else memory x) g)
      by (intros g0; destruct excl; exact (fun H => H)).
    destruct g as [[seen|]|t0 seen|t0 v0 ex| |v0|]; try contradiction; [left|right|right].
    + destruct Asks as (-> & _ & -> & Goes); exists (S_taking (Some (words (memory x) (next_at_ l)))).
      refine (conj _ (conj (Goes _ Word_next) (conj In_c (conj _ (conj (same_memory _ _ Same) Kept))))).
      * constructor.
      * intros _; reflexivity.
    + destruct Asks as (-> & _ & Goes); destruct In_c as (sc & -> & Place).
      apply (Speaks _ _ (S_polled t0 (words (memory x) (now_at_ l)) excl) (Polled (words (memory x) (now_at_ l)))
        (Polling l t0) sc); [reflexivity|exact Place|now apply Goes| |exact Now| |exact Kept|].
      * destruct excl; [|exact Logic.I]; right; split; [apply for_same|reflexivity].
      * apply Same_words, same_words_silent; [exact (same_memory _ _ Same)|exact Logic.I].
      * intros sc' (go' & Is & At_place); rewrite Is; eexists; split; [eexists; split; reflexivity|].
        eexists; split; [reflexivity|]; apply At_place, word_is; exact Word_now.
    + destruct Asks as (-> & _ & -> & Goes); destruct In_c as (sc & -> & Place).
      apply (Speaks _ _ (S_storing (words (memory x) (now_at_ l))) (Loaded (words (memory x) (now_at_ l)))
        (Before_load l) sc); [reflexivity|exact Place|now apply Goes|exact Logic.I|exact Now| |exact Kept|].
      * apply Same_words, same_words_silent; [exact (same_memory _ _ Same)|exact Logic.I].
      * intros sc' (k' & Is & Near); rewrite Is; eexists; split; [eexists; split; reflexivity|].
        eexists; split; [reflexivity|exact Near].
  Qed.

  (** Whatever it is. *)
  Lemma access_same x z c o k f i history at_ before s g t m' s' :
    same_machine x z ->
    nth_error (places x) c = Some (Running o history before s) -> nth_error (threads z) c = Some t ->
    called_by o = Some (k, f, i) -> List.In f the_table -> in_family f i = true ->
    lib_entry L k f = Some at_ -> right_function k f at_ ->
    call_at k f i at_ before s g ->
    in_c o history (lock_id f i) g t -> monitored c (memory x) (lock_id f i) g ->
    access L base c (memory x) (asks base (lib_code L) s) m' s' ->
    stays z c o history k f i at_ before t (memory x) m' (asks base (lib_code L) s) s' g \/
    exists z', advances c z None z' /\
      same_machine (mkBytes (put_at c (Running o history before s') (places x)) m' (touched x)) z'.
  Proof.
    intros Same At At' Calls Member Range Entry Ok Stands In_c Monitored Access.
    pose proof (asks_right k f i at_ before s g Member Range Ok Stands) as Asks; cbv zeta in Asks.
    set (l := lock_id f i) in *.
    assert (Lock_range : 0 <= l < table_size the_table) by (apply in_range; auto).
    destruct (words_are (memory x) (contents z) l (same_memory _ _ Same) Lock_range)
      as (Next & Now & Word_next & Word_now).
    pose proof (event_same x z c o k f i history at_ before s t Same At At' Calls Member Range Entry Ok) as Speaks.
    cbv zeta in Speaks; fold l in Speaks.
    destruct Access as [is excl a go Array|is a w s'|is a w done failed Array Marked|is a w done failed Array
                       |is a w go Array|s'|n a go y Off|s']; cbn [right_request] in Asks.
    - exact (load_same x z c o k f i history at_ before s t Same At At' Calls Member Range Entry Ok is excl a
        go g Stands In_c Lock_range Asks).
    - destruct g as [seen|t0 seen|t0 v0 ex| |v0|]; try contradiction.
      destruct Asks as (-> & _ & -> & Goes); right.
      exact (store_same x z c o k f i history at_ before s t Same At At' Calls Member Range Entry Ok _ v0
        (proj1 Lock_range) In_c Goes).
    - destruct g as [[v0|]|t0 seen|t0 v0 ex| |v0|]; try contradiction.
      destruct Asks as (-> & _ & -> & Goes & _); destruct In_c as (sc & -> & Place).
      cbn [monitored] in Monitored; specialize (Monitored Marked); right.
      apply (Speaks _ _ (S_waiting v0 None) (Took v0) (Before_ticket l) sc);
        [reflexivity|exact Place|exact Goes|exact Logic.I| | | |].
      * cbn [value_there]; rewrite <- Next; symmetry; exact Monitored.
      * exact (same_words_took (memory x) (contents z) c l v0 (proj1 Lock_range) (same_memory _ _ Same)).
      * intros c' Other; exact (kept_trans c' _ _ _ (kept_write c c' _ _ _ Other) (kept_unmark c c' _ Other)).
      * intros sc' (go' & Is & At_place); rewrite Is; eexists; split; [eexists; split; reflexivity|].
        eexists; split; [reflexivity|]; apply At_place, word_is; rewrite <- Monitored; exact Word_next.
    - destruct g as [[v0|]|t0 seen|t0 v0 ex| |v0|]; try contradiction.
      destruct Asks as (-> & _ & _ & _ & Goes); left; exists (S_taking None).
      refine (conj _ (conj Goes (conj In_c (conj Logic.I (conj (same_memory _ _ Same) _))))); [constructor|].
      intros; now apply kept_unmark.
    - destruct g as [seen|t0 seen|t0 v0 ex| |v0|]; try contradiction.
      destruct Asks as (-> & _ & -> & Goes); destruct In_c as (sc & -> & Place); right.
      apply (Speaks _ _ (S_waiting (words (memory x) (next_at_ l)) None) (Took (words (memory x) (next_at_ l)))
        (Before_ticket l) sc); [reflexivity|exact Place|now apply Goes|exact Logic.I|exact Next| | |].
      * apply same_words_took; [lia|exact (same_memory _ _ Same)].
      * intros c' Other; now apply kept_write.
      * intros sc' (go' & Is & At_place); rewrite Is; eexists; split; [eexists; split; reflexivity|].
        eexists; split; [reflexivity|]; apply At_place, word_is; exact Word_next.
    - destruct g as [seen|t0 [v0|]|t0 v0 ex| |v0|]; try contradiction.
      left; exists (S_waiting t0 None).
      refine (conj _ (conj Asks (conj In_c (conj Logic.I (conj (same_memory _ _ Same) _))))); [constructor|].
      intros; now apply kept_clear.
    - left; exists g; refine (conj _ (conj (Asks y) (conj In_c (conj Monitored (conj (same_memory _ _ Same) _)))));
        [constructor|intros; apply kept_same].
    - destruct Asks as (g' & Settles & Goes); left; exists g'.
      refine (conj (linger_own _ _ _ Settles) (conj Goes (conj _ (conj _ (conj (same_memory _ _ Same) _)))));
        [..|intros; apply kept_same].
      all: destruct Settles as [->|(t0 & v0 & ex & -> & ->)]; [assumption|].
      * destruct In_c as (sc & -> & Place); destruct (v0 =? t0); eexists; split; try reflexivity; exact Place.
      * destruct (Z.eqb_spec v0 t0) as [|Not]; [exact Logic.I|]; destruct ex; [split; assumption|exact Logic.I].
  Qed.
End Refine.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Each CPU on the bytes is a CPU on the C

    One CPU on the bytes, told anything, is its thread of the C, told the same ([alone_refines]); each of
    its actions is made of one of the lists that machine/hardware has for the target.  So executions of
    the target's memory model in which the CPUs run the bytes are executions in which they run the C
    ([bytes_run_threads], [bytes_made_of]).  And all that the code asks memory for is an access of its lock
    ([requests_named]).  Read next: relaxed_cases.v, ../main/bytes.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options integers values smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec text.
From hlock.stack Require Import stack setting.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.refine Require Import position place invariant no_breach.
From hlock.machine.safety Require Import unstuck.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events.
From hlock.object Require Import micro target checker stages checked_sound machine open_sound refine alone.
Import ListNotations.
Local Open Scope Z_scope.

Opaque points.

Section Relaxed.
  Context {G : running} (Words : width = 32).
  Context {I R : Type} (arch : target I R) (L : library I) (stride base : Z).
  Context (Right : library_right arch L the_table stride) (Placed : placed L base).
  Context (c : cpu) (Calls : calls_of_table the_table clients).
  Local Notation text := the_text.
  Local Notation S := (the_system).
  Local Notation p := (clients c).
  Local Notation goes := (alone text width p).
  Local Notation byte_goes := (byte_alone (S := S) (lists arch) L stride base p).

  Local Notation call_at k f i at_ before :=
    (stands arch (lib_code L) (points arch (lib_code L) stride k f at_) base i before).

  (** What may be pending at a stage, and of which operation it is. *)
  Definition pending_at (l : Z) (g : stage) (q : pending I) : Prop :=
    match g with
    | S_taking (Some v) =>
        0 <= v < 2 ^ 32 /\ (exists i old, loaded q = i :: old /\ List.In i (failed_tries (lists arch))) /\
        incl (loaded q) (failed_tries (lists arch)) /\ linked q = Some (l, v)
    | S_taking None => incl (loaded q) (failed_tries (lists arch))
    | _ => q = nothing_pending
    end.
  Definition stage_of (k : operation) (g : stage) : Prop :=
    match g with
    | S_taking _ | S_waiting _ _ | S_polled _ _ _ => k = Acquire
    | S_loading | S_storing _ => k = Release
    | S_done => True
    end.

  Inductive same_alone (q : pending I) : byte_thread S -> thread S -> Prop :=
  | alone_rest history : q = nothing_pending -> same_alone q (Resting history) (Idle history)
  | alone_run o k f i history at_ before s g t :
      called_by o = Some (k, f, i) -> List.In f the_table -> in_family f i = true ->
      lib_entry L k f = Some at_ -> function_ok arch (lib_code L) stride k f false at_ = true ->
      call_at k f i at_ before s g -> stage_of k g ->
      in_c o history (lock_id f i) g t -> pending_at (lock_id f i) g q ->
      same_alone q (Running o history before s) t
  | alone_off : same_alone q Off Stopped.

  Definition of_lists (d : action S words_verb * list I) : Prop := list_for (lists arch) (fst d) (snd d).

  (** ** Steps of the C *)
  Lemma alone_own acts vis m t t' : goes acts vis t -> unstuck.own_steps p m t t' -> goes acts vis t'.
  Proof. intros Goes Steps; induction Steps; eauto using alone_local. Qed.
  Lemma alone_asks acts vis o history s at_ a (Q : thread S -> Prop) : goes acts vis (Calling o history s) ->
    at_place s at_ -> seen_of a = None ->
    (forall s', asks_at o history s' at_ -> exists t', answered (in_call text o history s') a t' /\ Q t') ->
    exists t', Q t' /\ goes (a :: acts) vis t'.
  Proof.
    intros Goes Place Silent Answer.
    destruct (near_goes_on p o history _ s at_ Place) as (m & s' & _ & Steps & Asks).
    destruct (Answer s' Asks) as (t' & Is & Holds); exists t'; split; [exact Holds|].
    pose proof (alone_memory text width p _ _ _ a t' (alone_own _ _ _ _ _ Goes Steps) Is) as Goes'.
    now rewrite Silent in Goes'.
  Qed.

  Lemma in_words v : 0 <= v < 2 ^ 32 -> in_word width v.
  Proof. apply (word_is Words). Qed.

  (** ** One access, in a call *)
  Section Call.
    Context (o : op S) (history : list (response S)) (before : registers) (k : operation) (f : family) (i at_ : Z).
    Context (Called : called_by o = Some (k, f, i)) (Member : List.In f the_table) (Range : in_family f i = true).
    Context (Entry : lib_entry L k f = Some at_).
    Context (Ok : function_ok arch (lib_code L) stride k f false at_ = true).
    Context (t : thread S) (did : list (action S words_verb * list I)) (vis : list (visible S)).
    Context (Goes : goes (map fst did) vis t) (Made : Forall of_lists did).
    Local Notation l := (lock_id f i).
    Local Notation on := (call_at k f i at_ before).

    (** There is a thread of the C that did the same, and stands where code [s] does. *)
    Definition goes_on did q (s : state) : Prop :=
      exists t', goes (map fst did) vis t' /\ Forall of_lists did /\ same_alone q (Running o history before s) t'.

    (** The access is nothing to the C; or it is event [Lock l v], made of [is]. *)
    Lemma goes_silently s g q : on s g -> stage_of k g -> in_c o history l g t -> pending_at l g q -> goes_on did q s.
    Proof. intros At Stage In_c Pending; exists t; repeat split; auto; now apply alone_run with k f i at_ g. Qed.
    Lemma goes_speaking s g q at_c sc v is : on s g -> stage_of k g -> t = Calling o history sc -> at_place sc at_c ->
      list_for (S := S) (lists arch) (Lock l v) is ->
      (forall s1, asks_at o history s1 at_c ->
         exists t', answered (in_call text o history s1) (Lock l v) t' /\ in_c o history l g t') ->
      pending_at l g q -> goes_on ((Lock l v, is) :: did) q s.
    Proof.
      intros At Stage -> Place List Answers Pending.
      destruct (alone_asks _ _ o history sc at_c (Lock l v) _ Goes Place eq_refl Answers) as (t' & In_c & Goes').
      exists t'; split; [exact Goes'|split; [constructor; [exact List|exact Made]|]].
      now apply alone_run with k f i at_ g.
    Qed.

    (** It takes a ticket, by whatever instructions. *)
    Lemma ticket_alone s seen q v is : on s (S_waiting v None) -> k = Acquire -> in_c o history l (S_taking seen) t ->
      0 <= v < 2 ^ 32 -> list_for (S := S) (lists arch) (Lock l (Took v)) is ->
      q = nothing_pending -> goes_on ((Lock l (Took v), is) :: did) q s.
    Proof.
      intros On Is_acquire (sc & Is & Place) V List ->.
      apply (goes_speaking s (S_waiting v None) _ (Before_ticket l) sc); auto; [|reflexivity].
      intros sc' (go' & Is' & At_place); rewrite Is'; eexists; split; [eexists; split; reflexivity|].
      eexists; split; [reflexivity|]; apply At_place, in_words, V.
    Qed.
    (** It loads [now]. *)
    Lemma load_alone g is excl go v q : stage_of k g -> in_c o history l g t -> pending_at l g q ->
      right_request arch stride f base i before on
        (Ask_load is excl (now_word stride base l) go) g ->
      0 <= v < 2 ^ 32 ->
      goes_on ((Lock l match k with Acquire => Polled v | Release => Loaded v end, rev (loaded q) ++ is) :: did)
        nothing_pending (go v).
    Proof.
      intros Stage In_c Pending Asks V; cbn [right_request] in Asks.
      destruct (apart arch L stride base Right l l) as (_ & _ & _ & Other).
      destruct g as [[seen|]|t0 seen|t0 v0 ex| |v0|]; try contradiction; destruct Asks as (At & Asks);
        [contradiction|..];
        cbn [stage_of pending_at] in *; subst q; rewrite Stage; destruct In_c as (sc & Is & Place).
      - destruct Asks as (Polls & On).
        apply (goes_speaking (go v) (S_polled t0 v excl) _ (Polling l t0) sc); auto; try reflexivity.
        intros sc' (go' & Is' & At_place); rewrite Is'; eexists; split; [eexists; split; reflexivity|].
        eexists; split; [reflexivity|]; apply At_place, in_words, V.
      - destruct Asks as (Loads & -> & On).
        apply (goes_speaking (go v) (S_storing v) _ (Before_load l) sc); auto; try reflexivity.
        intros sc' (k' & Is' & Near); rewrite Is'; eexists; split; [eexists; split; reflexivity|].
        eexists; split; [reflexivity|exact Near].
    Qed.
    (** It stores to [now]. *)
    Lemma store_alone s v0 is : List.In is (stores_now (lists arch)) -> on s S_done ->
      stage_of k (S_storing v0) -> in_c o history l (S_storing v0) t ->
      goes_on ((Lock l (Stored ((v0 + 1) mod 2 ^ 32)), is) :: did) nothing_pending s.
    Proof.
      cbn [stage_of]; intros Stores On Is_release (k' & Is & Near).
      exists (Calling o history (Give Vundef k')); split; [|split].
      - apply (alone_memory text width p _ _ t (Lock l (Stored ((v0 + 1) mod 2 ^ 32)))); [exact Goes|].
        rewrite Is; cbn [next_move answered]; rewrite (modulus_is Words); auto.
      - constructor; [exact Stores|exact Made].
      - apply alone_run with k f i at_ S_done; auto; [exact Logic.I| |reflexivity].
        eexists; split; [reflexivity|now apply back_through].
    Qed.

    (** What may be pending before a ticket are tries. *)
    Lemma tries_pending seen q : pending_at l (S_taking seen) q -> incl (loaded q) (failed_tries (lists arch)).
    Proof. destruct seen as [v|]; cbn [pending_at]; [|auto]; now intros (_ & _ & Old & _). Qed.
    Lemma tries_load_is is : tries_load arch is = true -> exists j, is = [j] /\ List.In j (failed_tries (lists arch)).
    Proof.
      destruct is as [|j [|]]; try discriminate; cbn [tries_load]; intros Some_.
      apply existsb_exists in Some_ as (j' & In_j & Same); exists j; split; [reflexivity|].
      destruct (same_event arch j j') as [->|]; [exact In_j|discriminate].
    Qed.
    Lemma tries_store_is is j : tries_store arch is = true -> List.In j (failed_tries (lists arch)) ->
      List.In (j :: is) (tickets (lists arch)).
    Proof. intros Each In_j; apply (among_is arch); exact (proj1 (forallb_forall _ _) Each j In_j). Qed.

    Theorem access_alone s g q r a q' : stage_of k g -> in_c o history l g t -> pending_at l g q ->
      right_request arch stride f base i before on r g ->
      answered_by L stride base k q r a q' s -> goes_on (and_then a did) q' s.
    Proof.
      intros Stage In_c Pending Asks Answer.
      destruct Answer as [s1|s1|n y go x Off|is l' v go V|is excl l' v go V|is l' v s1|is l' v done failed Link
                         |is x v done failed|is l' v go V];
        try (destruct (apart arch L stride base Right l' l) as (Next & Now & Other & Other')).
      - destruct Asks as (g' & [->|(t0 & v0 & ex & -> & ->)] & On); [now apply (goes_silently _ g)|].
        cbn [pending_at stage_of] in *.
        apply (goes_silently _ (if v0 =? t0 then S_done else S_waiting t0 (if ex then Some v0 else None))); auto;
          destruct In_c as (sc & Is & Place); destruct (v0 =? t0); try exact Logic.I; cbn; eauto.
      - destruct g as [seen|t0 [v0|]|t0 v0 ex| |v0|]; try contradiction.
        now apply (goes_silently _ (S_waiting t0 None)).
      - now apply (goes_silently _ g).
      - destruct g as [[seen|]|t0 seen|t0 v0 ex| |v0|]; try contradiction; destruct Asks as (At & Asks); try
        contradiction.
        destruct Asks as (Tries & _ & On); apply Next in At; subst l'.
        apply tries_load_is in Tries as (j & -> & Tries).
        apply (goes_silently _ (S_taking (Some v))); auto; split; [exact V|split; [|split; [|reflexivity]]].
        + exists j, (loaded q); split; [reflexivity|exact Tries].
        + intros x [<-|In_x]; [exact Tries|now apply (tries_pending None q Pending)].
      - assert (At : l' = l).
        { destruct g as [[seen|]|t0 seen|t0 v0 ex| |v0|]; try contradiction; destruct Asks as (At & _);
            [contradiction|now apply Now..]. }
        subst l'; now apply (load_alone g is excl).
      - destruct g as [seen|t0 seen|t0 v0 ex| |v0|]; try contradiction; destruct Asks as (At & Stores & -> & On).
        apply Now in At; subst l'; cbn [pending_at] in Pending; subst q; now apply store_alone.
      - destruct g as [[v0|]|t0 seen|t0 v0 ex| |v0|]; try contradiction; destruct Asks as (At & Tries & _ & On & _).
        apply Next in At; subst l'; destruct Pending as (V & (j & old & Loads & Tried) & Old & Link').
        rewrite Link in Link'; injection Link' as ->.
        apply (ticket_alone done (Some v0)); auto.
        exists (rev old), (j :: is); rewrite Loads in *; cbn [rev]; repeat split.
        + intros x In_x; apply Old; right; now apply in_rev.
        + now apply tries_store_is.
        + now rewrite <- app_assoc.
      - destruct g as [[v0|]|t0 seen|t0 v0 ex| |v0|]; try contradiction; destruct Asks as (_ & _ & _ & _ & On).
        apply (goes_silently _ (S_taking None)); auto; exact (tries_pending (Some v0) q Pending).
      - destruct g as [seen|t0 seen|t0 v0 ex| |v0|]; try contradiction; destruct Asks as (At & Tickets & _ & On).
        apply Next in At; subst l'; apply (ticket_alone (go v) seen); auto.
        exists (rev (loaded q)), is; repeat split; [|exact Tickets].
        intros x In_x; apply (tries_pending seen q Pending), in_rev, In_x.
    Qed.
  End Call.

  (** One CPU on the bytes is one on the C. *)
  Theorem alone_refines did vis b q : byte_goes did vis b q ->
    exists t, goes (map fst did) vis t /\ Forall of_lists did /\ same_alone q b t.
  Proof.
    induction 1 as [|did vis history q o k f i at_ rs fl _ (t & Goes & Made & Same) Choice Called Entry Passes
                   |did vis o history before s q k f i a q' s' _ (t & Goes & Made & Same) Called Answer
                   |did vis o history before s q a rs _ (t & Goes & Made & Same) Ask Back
                   |did vis history q f i k v is _ (t & Goes & Made & Same) Choice Plain
                   |did vis history q f i k v is _ (t & Goes & Made & Same) Choice Plain
                   |did vis b q _ (t & Goes & Made & Same) Alive].
    - exists (Idle []); split; [constructor|split; [constructor|now constructor]].
    - inversion Same; subst; destruct (Calls c history o k f i Choice Called) as (Member & Range).
      destruct (right_functions _ _ _ _ Right f k Member) as (at' & Entry' & Ok); rewrite Entry in Entry';
        injection Entry' as <-.
      exists (Calling o history (name_of text k f i)); split; [|split; [exact Made|]].
      + eapply alone_call; [exact Goes|]; cbn [next_move]; rewrite Choice.
        destruct o; try discriminate; injection Called as <- <- <-; reflexivity.
      + apply alone_run with k f i at_ match k with Acquire => S_taking None | Release => S_loading end; auto.
        * apply call_stands; [exact Ok|]; unfold passed, framed;
             now rewrite <- (right_stack _ _ _ _ Right), <- (right_link _ _ _ _ Right).
        * now destruct k.
        * destruct k; eexists; split; try reflexivity; [now apply place_of_acquire|now apply place_of_release].
        * destruct k; [intros x []|reflexivity].
    - inversion Same as [|o' k' f' i' history' at_ before' s1 g t' Called' Member Range Entry Ok On Stage In_c
        Pending|]; subst.
      rewrite Called in Called'; injection Called' as <- <- <-.
      pose proof (asks_right arch L stride base Right Placed k f i at_ before s g Member Range Ok On) as Asks.
      exact (access_alone o history before k f i at_ Called Member Range Entry Ok t did vis Goes Made s' g q _ a q'
               Stage In_c Pending Asks Answer).
    - inversion Same as [|o' k' f' i' history' at_ before' s1 g t' Called Member Range Entry Ok On Stage In_c
        Pending|]; subst.
      pose proof (asks_right arch L stride base Right Placed k' f' i' at_ before s g Member Range Ok On) as Asks.
      cbv zeta in Asks; rewrite Ask in Asks; destruct Asks as (-> & _); cbn [pending_at] in Pending; subst q.
      destruct In_c as (sc & -> & Place).
      destruct (near_goes_on p o history _ sc Through Place) as (m & sc' & _ & Steps & Is).
      exists (Idle (None :: history)); split; [|split; [exact Made|now constructor]].
      eapply alone_return; [exact (alone_own _ _ _ _ _ Goes Steps)|exact Is].
    - inversion Same; subst; exists (Idle (Some (existT _ (lock_id f i) v) :: history : list (response S))).
      split; [|split; [constructor; [exact Plain|exact Made]|now constructor]].
      apply (alone_memory text width p _ _ _ (Read (lock_id f i) k v) _ Goes).
      cbn [next_move]; rewrite Choice; cbn [begin answered]; eauto.
    - inversion Same; subst; exists (Idle (None :: history)).
      split; [|split; [constructor; [exact Plain|exact Made]|now constructor]].
      apply (alone_memory text width p _ _ _ (Wrote (lock_id f i) k v) _ Goes).
      cbn [next_move]; rewrite Choice; cbn [begin answered]; auto.
    - exists Stopped; split; [|split; [constructor; [reflexivity|exact Made]|constructor]].
      apply (alone_halt text width p _ _ t Goes); intros ->; inversion Same; subst; try congruence.
      match goal with H : in_c _ _ _ _ Stopped |- _ => destruct g; destruct H as (? & H & _); discriminate end.
  Qed.

  (** All that the code asks for is an access of a word of its lock, and has a name; it goes back to where it was
      called. *)
  Theorem requests_named did vis o history before s q : closed_library L ->
    byte_goes did vis (Running o history before s) q ->
    named L stride base before q (asks base (lib_code L) s).
  Proof.
    intros Closed Goes; destruct (alone_refines _ _ _ _ Goes) as (t & _ & _ & Same).
    pose proof (asks_closed L base s Closed) as Not_open.
    inversion Same as [|o' k f i history' at_ before' s1 g t' Called Member Range Entry Ok On Stage In_c
        Pending|]; subst.
    pose proof (asks_right arch L stride base Right Placed k f i at_ before s g Member Range Ok On) as Asks;
      cbv zeta in Asks.
    destruct (words_in_array arch L stride base Right Placed _ (in_range f i Member Range)) as (Next & Now).
    set (l := lock_id f i) in *.
    destruct (asks base (lib_code L) s) as [s'|is excl a go|is a w s'|is a w done failed
      |is a w go|s'|a rs|n a off go| |]; cbn [right_request named] in *; try exact Logic.I.
    - destruct g as [[seen|]|t0 seen|t0 v0 ex| |v0|]; try contradiction.
      + destruct Asks as (-> & _ & -> & _); split; [exact Next|exists l; left; split; reflexivity].
      + destruct Asks as (-> & _); split; [exact Now|exists l; right; reflexivity].
      + destruct Asks as (-> & _); split; [exact Now|exists l; right; reflexivity].
    - destruct g; try contradiction; destruct Asks as (-> & _); split; [exact Now|exists l; reflexivity].
    - destruct g as [[v|]| | | | |]; try contradiction; destruct Asks as (-> & _ & -> & _).
      destruct Pending as (_ & _ & _ & Link); split; [exact Next|exists l, v; repeat split; exact Link].
    - destruct g; try contradiction; destruct Asks as (-> & _ & -> & _).
      split; [exact Next|exists l; split; reflexivity].
    - exact (kept_goes_back arch L stride Right _ _ _ (proj2 Asks)).
    - exact Not_open.
    - exact Not_open.
    - exact Asks.
  Qed.
End Relaxed.

(** ** All CPUs *)
Section Executions.
  Context {G : running} (Words : width = 32) (Calls : calls_of_table the_table clients).
  Context {I R : Type} (arch : target I R) (L : library I) (stride base : Z).
  Context (Right : library_right arch L the_table stride) (Placed : placed L base).
  Context (h : execution the_system I).
  Context (seen : cpu -> list (visible the_system)) (last : cpu -> byte_thread the_system).
  Context (Runs : runs_bytes (lists arch) L stride base clients h seen last).

  Lemma same_told q b t : same_alone arch L stride base q b t -> history_of b = model.told t.
  Proof.
    destruct 1 as [| ? ? ? ? ? ? ? ? g t ? ? ? ? ? ? ? In_c|]; try reflexivity; cbn [history_of].
    destruct g; destruct In_c as (? & -> & _); reflexivity.
  Qed.

  Lemma for_each {A} n (P : nat -> A -> Prop) : (forall c, exists x, P c x) ->
    exists f, forall c, (c < n)%nat -> P c (f c).
  Proof.
    intros Each; induction n as [|n (f & All)].
    - destruct (Each 0%nat) as (x & _); exists (fun _ => x); lia.
    - destruct (Each n) as (x & Is); exists (fun c => if Nat.eqb c n then x else f c); intros c Less.
      destruct (Nat.eqb_spec c n) as [->|]; [exact Is|apply All; lia].
  Qed.

  Theorem bytes_made_of : made_of h (lists arch).
  Proof.
    intros c n a Is; destruct (Nat.lt_ge_cases c (cpus the_system)) as [Less|More].
    - destruct (each_cpu _ _ _ _ _ _ _ _ Runs c Less) as (did & q & Goes & Acts & Parts).
      destruct (alone_refines Words arch L stride base Right Placed c Calls _ _ _ _ Goes) as (t & _ & Made & _).
      rewrite Acts, nth_error_map in Is; destruct (nth_error (rev did) n) as [[a' is]|] eqn:At; [|discriminate].
      injection Is as ->; exists is; split; [|exact (Parts n a is At)].
      apply nth_error_In, in_rev in At; exact (proj1 (Forall_forall _ _) Made _ At).
    - rewrite (no_other_cpu _ _ _ _ _ _ _ _ Runs c More) in Is; destruct n; discriminate.
  Qed.

  Theorem bytes_run_threads : exists last', runs_threads the_text width clients h seen last' /\
    forall c, (c < cpus the_system)%nat -> history_of (last c) = model.told (last' c).
  Proof.
    assert (Each : forall c, exists t, (c < cpus the_system)%nat ->
      alone the_text width (clients c) (rev (acts h c)) (seen c) t /\ history_of (last c) = model.told t).
    { intros c; destruct (Nat.lt_ge_cases c (cpus the_system)) as [Less|More]; [|exists Stopped; lia].
      destruct (each_cpu _ _ _ _ _ _ _ _ Runs c Less) as (did & q & Goes & Acts & _).
      destruct (alone_refines Words arch L stride base Right Placed c Calls _ _ _ _ Goes) as (t & Goes' & _ & Same).
      exists t; intros _; split; [|exact (same_told q _ t Same)].
      now rewrite Acts, map_rev, rev_involutive. }
    destruct (for_each (cpus the_system) _ Each) as (last' & All); exists last'; split; [constructor|].
    - intros c Less; exact (proj1 (All c Less Less)).
    - exact (no_other_cpu _ _ _ _ _ _ _ _ Runs).
    - intros c Less; exact (proj2 (All c Less Less)).
  Qed.

  (** On the bytes the CPUs run their threads of the C, and each action is made of a list that hardware.v has for the
      target; what a CPU was told last is what its thread of the C was told. *)
  Theorem bytes_run_the_c : made_of h (lists arch) /\
    exists last', runs_threads the_text width clients h seen last' /\
      forall c, (c < cpus the_system)%nat -> history_of (last c) = model.told (last' c).
  Proof. exact (conj bytes_made_of bytes_run_threads). Qed.
End Executions.

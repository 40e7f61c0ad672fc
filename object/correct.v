(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What holds of the bytes

    Each execution of the machine of bytes has the trace of one of the machine of the C
    ([bytes_refine]), so of one of the atomic machine ([bytes_correct]).  No CPU is stuck
    ([bytes_progress]); between two requests a call makes few own steps ([bytes_bounded]); and who
    waits for an event has not missed its turn ([no_wakeup_lost]).  For any target: of a
    library only [library_right] is known.  Read next: ../main/bytes.v. *)
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
From hlock.object Require Import micro target checker stages checked_sound machine open_sound refine.
Import ListNotations.
Local Open Scope Z_scope.

Section Correct.
  Context {G : running} (Words : width = 32) (Never : never_breaches clients the_table).
  Context {I R : Type} (arch : target I R) (L : library I) (stride base : Z).
  Context (Right : library_right arch L the_table stride) (Placed : placed L base).
  Local Notation text := the_text.
  Local Notation S := (the_system).
  Local Notation M := (sc_memory S width).
  Local Notation run := (execution text width M clients).
  Local Notation byte_run := (byte_execution (S := S) L base clients).
  Local Notation step := (byte_step (S := S) L base clients).
  Local Notation same := (same_machine arch L stride base).
  Local Notation thread_same := (same_thread arch L stride base).

  Lemma start_same : same first_bytes (first_state M).
  Proof.
    constructor; cbn [places memory touched threads contents first_bytes first_state].
    - now rewrite !repeat_length.
    - intros l _; split; reflexivity.
    - reflexivity.
    - intros c b t B T; apply nth_repeat in B, T; subst; constructor.
  Qed.

  (** What a client is about to do is of the table, and in range. *)
  Lemma choice_in_table tr z c history o : run tr z -> nth_error (threads z) c = Some (Idle history) ->
    clients c history = Some o ->
    match o with
    | Op_acquire f i | Op_release f i | Op_read f i _ | Op_write f i _ _ => List.In f the_table /\ in_family f i = true
    | Op_halt => True
    end.
  Proof.
    intros Run At Choice; destruct (machine_correct Never tr z Run) as (y & Above & Rel).
    destruct (match_at z y c _ Rel At) as (q & At' & Stands & _); inversion Stands; subst q.
    assert (Kept : ~ forbidden the_table c o (happened y))
      by (intros Bad; apply (Never tr y Above); exists c, history, o; auto).
    apply forbidden_not in Kept as (Of & In_range); destruct o; cbn in *; tauto.
  Qed.

  Lemma thread_at x z c b : same x z -> nth_error (places x) c = Some b ->
    exists t, nth_error (threads z) c = Some t /\ thread_same c (memory x) b t.
  Proof.
    intros Same At; destruct (nth_same_length _ (threads z) _ _ (same_length _ _ _ _ _ _ Same) At) as (t & At').
    exists t; split; [exact At'|exact (same_threads _ _ _ _ _ _ Same c b t At At')].
  Qed.

  (** What is known of a CPU in a call. *)
  Lemma same_running c m o history before s t : thread_same c m (Running o history before s) t -> exists k f i at_ g,
    called_by o = Some (k, f, i) /\ List.In f the_table /\ in_family f i = true /\ lib_entry L k f = Some at_ /\
    function_ok arch (lib_code L) stride k f false at_ = true /\
    stands arch (lib_code L) (points arch (lib_code L) stride k f at_) base i before s g /\
    in_c o history (lock_id f i) g t /\ monitored stride base c m (lock_id f i) g.
  Proof. inversion 1; subst; eauto 15. Qed.

  Lemma same_put x z c b t b' t' g' w' : same x z -> nth_error (places x) c = Some b ->
    nth_error (threads z) c = Some t -> same_words stride base (memory x) g' ->
    (forall l k, object l k w' = object l k g') -> thread_same c (memory x) b' t' ->
    same (mkBytes (put_at c b' (places x)) (memory x) w') (mkMachine (M := M) (put_at c t' (threads z)) g').
  Proof.
    intros Same At At' Mem Objects Here.
    refine (same_update arch L stride base x z c b t _ b' t' g' w' Same At At' Mem Objects Here _).
    intros; apply kept_same.
  Qed.

  (** A client writes its object. *)
  Lemma write_same ts m g z c history f i k v : same (mkBytes ts m g) z ->
    nth_error ts c = Some (Resting history) -> nth_error (threads z) c = Some (Idle history) ->
    clients c history = Some (Op_write f i k v) -> let l := lock_id f i in
    exists z', advances c z (Some (Did_write l k v)) z' /\
      same (mkBytes (put_at c (Resting (None :: history)) ts) m ((c, Wrote l k v) :: g)) z'.
  Proof.
    intros Same At At' Choice l; destruct z as [tz_s gz]; cbn [threads contents] in *.
    exists (mkMachine (M := M) (put_at c (Idle (None :: history)) tz_s) ((c, Wrote l k v) :: gz)); split.
    + apply advance_last; change (Some (Did_write l k v)) with (seen_of (S := S) (Wrote l k v)).
      eapply (step_memory text width M clients c); [exact At'| |split; [exact Logic.I|reflexivity]].
      cbn [next_move]; rewrite Choice; cbn [begin answered]; auto.
    + refine (same_put _ (mkMachine (M := M) tz_s gz) c _ _ _ _ _ _ Same At At' _ _ _).
      * apply same_words_silent; [exact (same_memory _ _ _ _ _ _ Same)|exact Logic.I].
      * intros l' k'; cbn [object]; destruct (k =? k'); [destruct (value_for l' l v)|]; try reflexivity;
          apply (same_objects _ _ _ _ _ _ Same).
      * constructor.
  Qed.
  (** A CPU halts. *)
  Lemma halt_same ts m g z c t tz : same (mkBytes ts m g) z ->
    nth_error ts c = Some t -> nth_error (threads z) c = Some tz -> thread_same c m t tz -> t <> Off ->
    exists z', machine_step text width M clients c z (Some Did_halt) z' /\ same (mkBytes (put_at c Off ts) m g) z'.
  Proof.
    intros Same At At' Thread Alive; destruct z as [tz_s gz]; cbn [threads contents] in *.
    exists (mkMachine (M := M) (put_at c Stopped tz_s) ((c, Halted) :: gz)); split.
    + eapply (step_halt text width M clients c); [exact At'| |split; [exact Logic.I|reflexivity]].
      intros ->; destruct t as [history|o history before s|]; [inversion Thread| |now apply Alive].
      destruct (same_running _ _ _ _ _ _ _ Thread) as (k & f & i & at_ & g0 & _ & _ & _ & _ & _ & _ & In_c & _).
      destruct g0; destruct In_c as (? & E & _); discriminate E.
    + refine (same_put _ (mkMachine (M := M) tz_s gz) c _ _ _ _ _ _ Same At At' _ _ _).
      * apply same_words_silent; [exact (same_memory _ _ _ _ _ _ Same)|exact Logic.I].
      * exact (same_objects _ _ _ _ _ _ Same).
      * constructor.
  Qed.

  (** CPU [c] is in a call, at stage [g]; its thread of the C is [t]. *)
  Definition in_bytes c m o history before s g t : Prop := exists k f i at_,
    called_by o = Some (k, f, i) /\ List.In f the_table /\ in_family f i = true /\ lib_entry L k f = Some at_ /\
    function_ok arch (lib_code L) stride k f false at_ = true /\
    stands arch (lib_code L) (points arch (lib_code L) stride k f at_) base i before s g /\
    in_c o history (lock_id f i) g t /\ monitored stride base c m (lock_id f i) g.
  Lemma same_in_bytes c m o history before s t : thread_same c m (Running o history before s) t ->
    exists g, in_bytes c m o history before s g t.
  Proof.
    intros Thread; destruct (same_running _ _ _ _ _ _ _ Thread) as (k & f & i & at_ & g & Is); exists g, k, f, i, at_.
    exact Is.
  Qed.
  (** It makes a step there: a step of the C, with own steps before it, or none. *)
  Theorem access_in_bytes x z c o history before s g t m' s' : same x z ->
    nth_error (places x) c = Some (Running o history before s) -> nth_error (threads z) c = Some t ->
    in_bytes c (memory x) o history before s g t ->
    access L base c (memory x) (asks base (lib_code L) s) m' s' ->
    let x' := mkBytes (put_at c (Running o history before s') (places x)) m' (touched x) in
    (exists z', advances c z None z' /\ same x' z') \/
    same x' z /\ exists g', lingers (asks base (lib_code L) s) s' g g' /\ in_bytes c m' o history before s' g' t.
  Proof.
    intros Same At At' (k & f & i & at_ & Calls & Member & Range & Entry & Ok & Stands & In_c & Mon) Access x'.
    destruct (access_same Words arch L stride base Right Placed x z c o k f i history at_ before s g t m' s' Same
      At At' Calls Member Range Entry Ok Stands In_c Mon Access) as [Silent|Goes]; [right|left; exact Goes].
    split.
    - exact (silent_same arch L stride base x z c o k f i history at_ before s t m' _ s' g Same At At' Calls
        Member Range
        Entry Ok Silent).
    - destruct Silent as (g' & Lingers & St & In_c' & Mon' & _); exists g'; split; [exact Lingers|].
      exists k, f, i, at_; auto 8.
  Qed.

  (** Each step is one of the C, with own steps before it; or it is none, and in a call. *)
  Theorem step_same tr x z c v x' : run tr z -> same x z -> step c x v x' ->
    (exists z', advances c z v z' /\ same x' z') \/ v = None /\ same x' z.
  Proof.
    intros Run Same Step; destruct Step as
      [ts m g history o k f i at_ rs fl At Choice Calls Entry Passes|ts m g history o before s s' m' At Access
      |ts m g history o before s a rs At Ask Back|ts m g history f i k l v At Choice
      |ts m g history f i k v l At Choice|ts m g t At Alive];
      destruct (thread_at _ _ c _ Same At) as (tz & At' & Thread); destruct z as [tz_s gz]; cbn [threads contents] in *.
    - left; inversion Thread; subst tz.
      assert (In_table : List.In f the_table /\ in_family f i = true).
      { pose proof (choice_in_table _ _ _ _ _ Run At' Choice) as In_table; destruct o; try discriminate;
          injection Calls as <- <- <-; exact In_table. }
      destruct In_table as (Member & Range).
      destruct (right_functions _ _ _ _ Right f k Member) as (entry & Entry' & Ok).
      rewrite Entry in Entry'; injection Entry' as <-.
      exists (mkMachine (M := M) (put_at c (Calling o history (name_of text k f i)) tz_s) gz); split.
      + apply advance_last; eapply (step_call text width M clients c); [exact At'|]; cbn [next_move]; rewrite Choice.
        destruct o; try discriminate; injection Calls as <- <- <-; reflexivity.
      + refine (same_put _ (mkMachine (M := M) tz_s gz) c _ _ _ _ _ _ Same At At' (same_memory _ _ _ _ _ _ Same)
          (same_objects _ _ _ _ _ _ Same) _).
        apply same_run with k f i at_ (match k with Acquire => S_taking None | Release => S_loading end); auto.
        * apply call_stands; [exact Ok|]; unfold passed, framed;
             now rewrite <- (right_stack _ _ _ _ Right), <- (right_link _ _ _ _ Right).
        * destruct k; eexists; (split; [reflexivity|]); [now apply place_of_acquire|now apply place_of_release].
        * destruct k; exact Logic.I.
    - destruct (same_in_bytes _ _ _ _ _ _ _ Thread) as (g0 & In).
      destruct (access_in_bytes _ (mkMachine (M := M) tz_s gz) c o history before s g0 tz m' s' Same At At' In Access)
        as [Goes|(Same' & _)]; [left; exact Goes|right; auto].
    - left; destruct (same_running _ _ _ _ _ _ _ Thread)
      as (k & f & i & at_ & g0 & Calls & Member & Range & Entry & Ok & Stands & In_c & Mon).
      pose proof (asks_right arch L stride base Right Placed k f i at_ before s g0 Member Range Ok Stands) as Asks;
        cbv zeta in Asks.
      rewrite Ask in Asks; destruct Asks as (-> & _); destruct In_c as (sc & -> & Place).
      destruct (near_goes_on (clients c) o history _ sc Through Place) as (n & s' & _ & Steps & Returns).
      exists (mkMachine (M := M) (put_at c (Idle (None :: history)) tz_s) gz); split.
      + eapply own_advances; [exact At'|exact Steps|].
        rewrite <- (put_again c (Idle (None :: history)) (Calling o history s') tz_s); apply advance_last.
        eapply (step_return text width M clients c); [eapply nth_put_same; exact At'|exact Returns].
      + refine (same_put _ (mkMachine (M := M) tz_s gz) c _ _ _ _ _ _ Same At At' (same_memory _ _ _ _ _ _ Same)
          (same_objects _ _ _ _ _ _ Same) _).
        constructor.
    - left; inversion Thread; subst tz.
      assert (Is : v = object l k gz) by exact (same_objects _ _ _ _ _ _ Same l k).
      exists (mkMachine (M := M) (put_at c (Idle (S := S) (Some (existT _ l v) :: history)) tz_s)
                        ((c, Read l k v) :: gz)); split.
      + apply advance_last; change (Some (Did_read l k v)) with (seen_of (S := S) (Read l k v)).
        eapply (step_memory text width M clients c); [exact At'| |split; [exact Is|reflexivity]].
        cbn [next_move]; rewrite Choice; cbn [begin answered]; eauto.
      + refine (same_put _ (mkMachine (M := M) tz_s gz) c _ _ _ _ _ _ Same At At' _ _ _).
        * apply same_words_silent; [exact (same_memory _ _ _ _ _ _ Same)|exact Logic.I].
        * exact (same_objects _ _ _ _ _ _ Same).
        * constructor.
    - left; inversion Thread; subst tz.
      exact (write_same ts m g (mkMachine (M := M) tz_s gz) c history f i k v Same At At' Choice).
    - left; destruct (halt_same ts m g (mkMachine (M := M) tz_s gz) c t tz Same At At' Thread Alive)
        as (z' & Halts & Same').
      exists z'; split; [exact (advance_last c _ _ _ Halts)|exact Same'].
  Qed.

  Theorem bytes_refine tr x : byte_run tr x -> exists z, run tr z /\ same x z.
  Proof.
    induction 1 as [|tr x c v x' _ (z & Run & Same) Step].
    - exists (first_state M); split; [constructor|exact start_same].
    - destruct (step_same tr x z c v x' Run Same Step) as [(z' & Goes & Same')|(-> & Same')]; [|eauto].
      exists z'; split; [exact (run_advances _ _ _ _ _ Run Goes)|exact Same'].
  Qed.

  (** What was seen is seen on the atomic machine, which leaves the same objects. *)
  Theorem bytes_correct tr x : byte_run tr x -> exists y, atomic_execution clients tr y /\
    forall l k, object l k (happened y) = object l k (touched x).
  Proof.
    intros Run; destruct (bytes_refine tr x Run) as (z & Run' & Same).
    destruct (machine_correct Never tr z Run') as (y & Above & Rel); exists y; split; [exact Above|intros l k].
    rewrite (rel_log _ _ Rel), (same_objects _ _ _ _ _ _ Same l k); exact (object_up S width (contents z) l k).
  Qed.

  Lemma callable f i : exists rs, called_with L f i rs.
  Proof.
    destruct (right_outside _ _ _ _ Right) as (k & In_64 & Outside); apply (can_be_called L f i k); auto.
    rewrite (right_link _ _ _ _ Right), (right_stack _ _ _ _ Right); exact (registers_apart arch).
  Qed.

  (** Whatever code asks for at a stage can happen, and what cannot is not asked for. *)
  Lemma request_possible c m k f i at_ before s g : List.In f the_table -> in_family f i = true ->
    function_ok arch (lib_code L) stride k f false at_ = true ->
    stands arch (lib_code L) (points arch (lib_code L) stride k f at_) base i before s g ->
    (exists m' s', access L base c m (asks base (lib_code L) s) m' s') \/
    (exists a rs, asks base (lib_code L) s = Back a rs /\ goes_back L before a rs) \/
    cut_short L base (asks base (lib_code L) s).
  Proof.
    intros Member Range Ok Stands.
    pose proof (asks_right arch L stride base Right Placed k f i at_ before s g Member Range Ok Stands) as Asks.
    destruct (words_in_array arch L stride base Right Placed _ (in_range f i Member Range)) as (Next & Now).
    cbv zeta in Asks; destruct (asks base (lib_code L) s) as [s'|is excl a go|is a w s'|is a w done failed
      |is a w go|s'|a rs|n a off go| |]; cbn [right_request] in Asks.
    - left; eexists; eexists; constructor.
    - left; destruct g as [[seen|]|t0 seen|t0 v0 ex| |v0|]; try contradiction; destruct Asks as (-> & _); eexists;
      eexists;
        constructor; assumption.
    - left; destruct g; try contradiction; destruct Asks as (-> & _); eexists; eexists; constructor; assumption.
    - left; destruct g as [[v|]|t0 seen|t0 v0 ex| |v0|]; try contradiction; destruct Asks as (-> & _);
        eexists; eexists; apply access_store_x_failed; assumption.
    - left; destruct g; try contradiction; destruct Asks as (-> & _); eexists; eexists; constructor; assumption.
    - left; eexists; eexists; constructor.
    - right; left; destruct Asks as (_ & Back); exists a, rs; split; [reflexivity|
        exact (kept_goes_back arch L stride Right _ _ _ Back)].
    - destruct off; [|right; right; now intros (? & _)].
      assert (Off : off_array L base n a \/ ~ off_array L base n a) by (unfold off_array; lia).
      destruct Off as [Off|Not]; [|right; right; now intros (_ & ?)].
      left; exists m, (go (fun _ => 0)); now constructor.
    - right; right; exact Logic.I.
    - contradiction.
  Qed.

  (** Where something is left open, that may stop a CPU; nothing else does. *)
  Theorem bytes_progress_open tr x c b : byte_run tr x -> nth_error (places x) c = Some b ->
    at_end clients c b \/ (exists v x', step c x v x' /\ v <> Some Did_halt) \/
    exists o history before s, b = Running o history before s /\ cut_short L base (asks base (lib_code L) s).
  Proof.
    intros Run At; destruct (bytes_refine tr x Run) as (z & Run' & Same).
    destruct (thread_at x z c b Same At) as (t & At' & Thread); destruct x as [ts m g]; cbn [places memory] in *.
    destruct Thread as [history|o k f i history at_ before s st t Calls Member Range Entry Ok Stands In_c Monitored|];
      [|right|left; exact Logic.I].
    - destruct (clients c history) as [o|] eqn:Choice; [|left; left; exact Choice].
      pose proof (choice_in_table _ _ _ _ _ Run' At' Choice) as In_table.
      destruct o as [f i|f i|f i k|f i k v|]; [..|left; right; exact Choice]; right; left.
      1, 2: destruct In_table as (Member & Range), (callable f i) as (rs & With).
      + destruct (right_functions _ _ _ _ Right f Acquire Member) as (at_ & Entry & _).
        exists (Some (Called (Op_acquire f i))); eexists; split; [|discriminate].
        apply byte_call with (k := Acquire) (f := f) (i := i) (at_ := at_) (rs := rs) (fl := true)
          (history := history) (o := Op_acquire f i); auto.
      + destruct (right_functions _ _ _ _ Right f Release Member) as (at_ & Entry & _).
        exists (Some (Called (Op_release f i))); eexists; split; [|discriminate].
        apply byte_call with (k := Release) (f := f) (i := i) (at_ := at_) (rs := rs) (fl := true)
          (history := history) (o := Op_release f i); auto.
      + eexists; eexists; split; [eapply byte_read; eassumption|discriminate].
      + eexists; eexists; split; [eapply byte_write; eassumption|discriminate].
    - destruct (request_possible c m k f i at_ before s st Member Range Ok Stands)
        as [(m' & s' & Access)|[(a & rs & Ask & Back)|Open]]; [left|left|right; eauto 6].
      + eexists; eexists; split; [eapply byte_access; [exact At|exact Access]|discriminate].
      + eexists; eexists; split; [eapply byte_return; [exact At|exact Ask|exact Back]|discriminate].
  Qed.
  (** No CPU is stuck: no code is undefined, leaves otherwise than back to its caller with the
      registers kept, or touches other memory.  No other CPU need move first. *)
  Theorem bytes_progress tr x c b : closed_library L -> byte_run tr x -> nth_error (places x) c = Some b ->
    at_end clients c b \/ exists v x', step c x v x' /\ v <> Some Did_halt.
  Proof.
    intros Closed Run At; destruct (bytes_progress_open tr x c b Run At)
      as [End|[Step|(o & history & before & s & _ & Open)]]; auto.
    now apply closed_not_open in Open.
  Qed.

  (** Between two requests a call makes at most so many own steps. *)
  Theorem bytes_bounded tr x c o history before s n s' : bounded_library arch L the_table stride -> byte_run tr x ->
    nth_error (places x) c = Some (Running o history before s) -> owns (lib_code L) base n s s' -> (n <= own_bound)%nat.
  Proof.
    intros Bounded Run At Owns; destruct (bytes_refine tr x Run) as (z & _ & Same).
    destruct (thread_at x z c _ Same At) as (t & _ & Thread); destruct (same_running _ _ _ _ _ _ _ Thread)
      as (k & f & i & at_ & g0 & Calls & Member & Range & Entry & Ok & Stands & In_c & Mon).
    destruct (end_of_lock arch L stride Right _ (in_range f i Member Range)); destruct Placed as (? & _ & ?).
    pose proof (Bounded f k at_ Member Entry) as Quick.
    apply (own_steps_bounded arch (lib_code L) stride k f at_ base i before s g0 n s' Quick Range);
      [..|exact Stands|exact Owns].
    - intros None_; pose proof (table_ok_in _ f table_accepted Member) as Line; unfold line_ok in Line.
      rewrite None_, !andb_true_iff, Z.eqb_eq in Line; apply in_family_iff in Range; lia.
    - unfold lock_next; lia.
    - unfold lock_now; lia.
  Qed.

  (** CPU [c] waits for an event in an acquire: then in an execution of the C with the same
      trace it polls with a ticket [t]; and its event register is set, or [now] is not [t]
      and the monitor watches it, so that a store to it sets the event register. *)
  Theorem no_wakeup_lost tr x c o history before s s' : byte_run tr x ->
    nth_error (places x) c = Some (Running o history before s) -> asks base (lib_code L) s = Rest s' ->
    exists k f i t z code_c, called_by o = Some (k, f, i) /\ run tr z /\
      nth_error (threads z) c = Some (Calling o history code_c) /\ at_place code_c (Polling (lock_id f i) t) /\
      let word := now_word stride base (lock_id f i) in
      event (memory x) c = true \/ monitor (memory x) c = Some word /\ words (memory x) word <> t.
  Proof.
    intros Run At Ask; destruct (bytes_refine tr x Run) as (z & Run' & Same).
    destruct (thread_at x z c _ Same At) as (t & At' & Thread); destruct (same_running _ _ _ _ _ _ _ Thread)
      as (k & f & i & at_ & g0 & Calls & Member & Range & Entry & Ok & Stands & In_c & Mon).
    pose proof (asks_right arch L stride base Right Placed k f i at_ before s g0 Member Range Ok Stands) as Asks;
        cbv zeta in Asks.
    rewrite Ask in Asks; cbn [right_request] in Asks.
    destruct g0 as [seen|t0 [v|]|t0 v0 ex| |v0|]; try contradiction.
    destruct In_c as (sc & -> & Place); destruct Mon as (Not & Watched).
    exists k, f, i, t0, z, sc; repeat (split; [assumption|]); cbv zeta.
    destruct Watched as [Set_|(Mark & Is)]; [left; exact Set_|right; split; [exact Mark|congruence]].
  Qed.

  (** While it sleeps, its event register clear, its thread of the C polls in vain. *)
  Theorem sleep_polls x z c o history before s g t s' : same x z ->
    nth_error (places x) c = Some (Running o history before s) -> nth_error (threads z) c = Some t ->
    in_bytes c (memory x) o history before s g t -> asks base (lib_code L) s = Rest s' -> event (memory x) c = false ->
    exists z', advances c z None z' /\ same x z'.
  Proof.
    intros Same At At' (k & f & i & at_ & Calls & Member & Range & Entry & Ok & Stands & In_c & Mon) Ask Clear.
    pose proof (asks_right arch L stride base Right Placed k f i at_ before s g Member Range Ok Stands) as Asks;
        cbv zeta in Asks.
    rewrite Ask in Asks; cbn [right_request] in Asks.
    destruct g as [seen|t0 [v|]|t0 v0 ex| |v0|]; try contradiction.
    destruct In_c as (sc & Is & Place), Mon as (Not & [Set_|(Mark & Word)]); [congruence|].
    destruct (words_are Words stride base (memory x) (contents z) _ (same_memory _ _ _ _ _ _ Same)
      (in_range f i Member Range)) as (_ & Now & _ & Word_now).
    destruct (event_same arch L stride base x z c o k f i history at_ before s t Same At At' Calls Member Range Entry
      Ok (memory x) s (S_waiting t0 (Some v)) (Polled v) (Polling (lock_id f i) t0) sc Is Place Stands)
      as (z' & Goes & Same_z).
    - split; [exact Not|right; auto].
    - cbn [value_there]; congruence.
    - apply same_words_silent; [exact (same_memory _ _ _ _ _ _ Same)|exact Logic.I].
    - intros; apply kept_same.
    - intros sc' (go' & Is' & At_place); rewrite Is'; eexists; split; [eexists; split; reflexivity|].
      eexists; split; [reflexivity|].
      pose proof (At_place v) as There; rewrite (proj2 (Z.eqb_neq v t0) Not) in There; apply There.
      apply (word_is Words); rewrite <- Word; exact Word_now.
    - exists z'; split; [exact Goes|].
      rewrite (put_same _ _ _ At) in Same_z; destruct x; exact Same_z.
  Qed.
End Correct.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 4: a debug build stops exactly at wrong calls

    One CPU, any table that is accepted, any floor below.  If the record of this CPU
    says that it holds [held] ([represents]), a call of a lock function or an
    assertion stops if it is [wrong], before anything is changed, and tells what is wrong
    ([wrong_stops]); then it has no other outcome ([wrong_never_returns]).  If it is not wrong,
    it does what the floor below does, the record says what the CPU holds then, and
    records of other CPUs are as they were ([right_goes_on]).  Wrong checks: checked_wrong.v. *)
From Coq Require Import ZArith List Bool String Lia FMapPositive Permutation.
From hlock.clight Require Import options integers values syntax operators semantics determinism interp vcgen stopping.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import text text_facts checks_text record record_facts checks_code checks_found
  checked_bodies.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.
Local Open Scope Z_scope.

(** ** What the places say is what the list says *)
Lemma has_iff l held : has l held = true <-> In l held.
Proof.
  unfold has; rewrite existsb_exists; split; [intros (h & Is & Same)|intros Is; exists l; split; [exact Is|lia]].
  apply Z.eqb_eq in Same; now subst h.
Qed.
Lemma has_not_iff l held : has l held = false <-> ~ In l held.
Proof. rewrite <- has_iff; destruct (has l held); split; congruence || now intros []. Qed.

Section Said.
  Context (T : table) (Ok : table_ok T = true) (Recordable : recordable T = true) (depth : Z).
  Context (r : record) (held : list Z) (Says : represents T depth r held).
  Context (f : family) (i : Z) (F : In f T) (I : in_family f i = true).
  Local Notation l := (lock_id f i).
  Local Notation each P := (forall j, 0 <= j < size r -> P (place r j)) (only parsing).
  Local Notation some P := (exists j, 0 <= j < size r /\ P (place r j)) (only parsing).

  Lemma said_in : some (fun e => fst e = l) <-> In l held.
  Proof.
    rewrite (some_place T depth r held Says (fun e => fst e = l)); cbn [fst]; split.
    - now intros (h & Is & ->).
    - eauto.
  Qed.
  Lemma said_not_in : each (fun e => fst e <> l) <-> ~ In l held.
  Proof.
    rewrite (each_place T depth r held Says (fun e => fst e <> l)); cbn [fst]; split.
    - intros All Is; exact (All l Is eq_refl).
    - now intros Not h Is ->.
  Qed.
  Lemma said_before h : In h held ->
    passes (first f) l (rank f) (h, rank_of T h) <-> comes_before T h l = true.
  Proof.
    intros Is; rewrite (comes_before_place T Ok f i h F I (held_lock T depth r held Says h Is)).
    reflexivity.
  Qed.
  Lemma said_follows : each (passes (first f) l (rank f)) <-> may_follow T held l = true.
  Proof.
    rewrite (each_place T depth r held Says (passes (first f) l (rank f))); unfold may_follow.
    rewrite forallb_forall; split; intros All h Is; apply said_before; auto.
  Qed.
  Lemma said_against : some (fun e => fst e <> l /\ ~ passes (first f) l (rank f) e) <->
    exists h, In h held /\ h <> l /\ comes_before T h l = false.
  Proof.
    rewrite (some_place T depth r held Says (fun e => fst e <> l /\ ~ passes (first f) l (rank f) e)); cbn [fst].
    split; intros (h & Is & Other & Not); exists h; (split; [exact Is|split; [exact Other|]]).
    - apply not_true_is_false; intros Before; apply Not, said_before; auto.
    - intros Passes; apply said_before in Passes; congruence.
  Qed.

  (** A lock that may follow is not held. *)
  Lemma follows_fresh : may_follow T held l = true -> ~ In l held.
  Proof.
    unfold may_follow; rewrite forallb_forall; intros All Is; specialize (All l Is).
    now rewrite comes_before_not in All.
  Qed.
  Lemma acquire_right : may_follow T held l = true -> size r < depth ->
    wrong T depth (Lock_call Acquire f i) held = false.
  Proof.
    intros Follows Room; cbn [wrong]; rewrite I, Follows, (proj2 (has_not_iff l held) (follows_fresh Follows)).
    rewrite (size_is T depth r held Says) in Room; cbn; lia.
  Qed.
  Lemma acquire_wrong n : is_fault T depth (Lock_call Acquire f i) held n ->
    wrong T depth (Lock_call Acquire f i) held = true.
  Proof.
    cbn [wrong is_fault]; rewrite I; cbn [negb orb]; intros [(_ & Is)|[(_ & h & Is & Other & Not)|(_ & _ & Full)]].
    - now rewrite (proj2 (has_iff l held) Is).
    - replace (may_follow T held l) with false; [now rewrite orb_true_r|symmetry].
      apply not_true_is_false; unfold may_follow; rewrite forallb_forall; intros All; rewrite All in Not; congruence.
    - rewrite (proj2 (Z.leb_le _ _) Full); apply orb_true_r.
  Qed.
End Said.

Section Checked.
  Context (prefix : string) (T : table) (Ok : table_ok T = true) (Recordable : recordable T = true).
  Context {D : Type} (below : layer D) (ours : Z -> bool) (depth self : Z).
  Context (Self : ours self = true) (Limit : 0 <= self < 2 ^ 32) (Depth : 0 <= depth < 2 ^ 32).
  Context {mem : Type} (m : mem).
  Local Notation M := (locks_checked_text prefix T).
  Local Notation G := (checking below ours depth self M).

  (** Records of other CPUs are the same. *)
  Definition others_same (R R' : records) : Prop := forall c, c <> self -> R' c = R c.

  Lemma record_fits held R : represents T depth (R self) held -> fits depth (R self).
  Proof.
    intros Says; split; [exact (represents_size _ _ _ _ Says)|].
    intros k K; exact (place_numbers T Ok Recordable depth _ held Says k K).
  Qed.

  (** A call ends, and [Q], or stops, and [At]. *)
  Definition ends_or_stops (call : checked_call) (x : D) (R : records) (Q : recorded (D := D) -> Prop)
      (At : at_stop (D := recorded (D := D))) : Prop :=
    exists t, wps_call G stops m ($(call_name prefix call)) t (call_args call) (x, R)
                (fun v d' => v = Vundef /\ Q d') At.

  Section Calls.
    Context (held : list Z) (x : D) (R : records) (Says : represents T depth (R self) held).
    Context (Q : recorded (D := D) -> Prop) (At : at_stop (D := recorded (D := D))).
    Let Fits : fits depth (R self) := record_fits held R Says.

    (** What a right call comes to, and a wrong one. *)
    Definition right_ends (call : checked_call) : Prop :=
      wrong T depth call held = false -> exists x', does_below below call x x' /\
        forall R', others_same R R' -> represents T depth (R' self) (held_after call held) -> Q (x', R').
    Definition wrong_tells (call : checked_call) : Prop :=
      wrong T depth call held = true -> forall g ws, tells T depth self call held g ws -> At g ws (x, R).

    Lemma acquire_ends_or_stops f i : of_family T f i -> right_ends (Lock_call Acquire f i) ->
      wrong_tells (Lock_call Acquire f i) -> ends_or_stops (Lock_call Acquire f i) x R Q At.
    Proof.
      intros Of Right Wrong; pose proof Of as (F & Range & One).
      destruct (enters_table T Recordable f i (fn_body (checked_text Acquire f)) Of) as (le & Entry & Index).
      eexists; eapply wps_function; [exact (find_checked prefix T Ok f Acquire F)|exact Entry|].
      cbn [fn_body checked_text function_of fn_return].
      eapply in_range_wps; [exact Ok|exact Recordable|exact Of|exact Index| |].
      - intros I; eapply (enter_wps prefix T Ok Recordable below ours depth self Self Limit Depth m f i F I x R Fits);
          [exact Index| |].
        + intros Pass Room; apply (said_follows T Ok depth (R self) held Says f i F I) in Pass.
          destruct (Right (acquire_right T depth (R self) held Says f i I Pass Room))
            as (x' & (p & v & Offered & Does) & After).
          exists p, v, x'; split; [exact Offered|split; [exact Does|]].
          intros [x1 R'] (Same & Others & Size & Places) le'; cbn [fst snd] in *; subst x1.
          eexists; split; [reflexivity|split; [reflexivity|]]; apply After; [exact Others|]; cbn [held_after].
          eapply (represents_added T depth (R self) held Says); [now exists f, i| |exact Room|exact Size|].
          * exact (follows_fresh T held f i Pass).
          * now rewrite rank_of_lock.
        + intros n Fault; assert (is_fault T depth (Lock_call Acquire f i) held n) as Is.
          { cbn [is_fault]; destruct Fault as [(-> & Is)|[(-> & Is)|(-> & All & Full)]];
              [left|right; left|right; right]; (split; [reflexivity|]).
            - exact (proj1 (said_in T depth _ held Says f i) Is).
            - exact (proj1 (said_against T Ok depth _ held Says f i F I) Is).
            - split; [exact (proj1 (said_follows T Ok depth _ held Says f i F I) All)|].
              now rewrite <- (size_is T depth _ held Says). }
          apply Wrong; [exact (acquire_wrong T depth held f i I n Is)|]; right; exists n; auto.
      - intros Out; apply Wrong; [cbn [wrong]; now rewrite Out|]; left; auto.
    Qed.

    Lemma release_ends_or_stops f i : of_family T f i -> right_ends (Lock_call Release f i) ->
      wrong_tells (Lock_call Release f i) -> ends_or_stops (Lock_call Release f i) x R Q At.
    Proof.
      intros Of Right Wrong; pose proof Of as (F & Range & One).
      destruct (enters_table T Recordable f i (fn_body (checked_text Release f)) Of) as (le & Entry & Index).
      eexists; eapply wps_function; [exact (find_checked prefix T Ok f Release F)|exact Entry|].
      cbn [fn_body checked_text function_of fn_return].
      eapply in_range_wps; [exact Ok|exact Recordable|exact Of|exact Index| |].
      - intros I; eapply (leave_wps prefix T Ok Recordable below ours depth self Self Limit Depth m f i F I x R Fits);
          [exact Index| |].
        + intros Is; apply (said_in T depth _ held Says f i) in Is.
          destruct Right as (x' & (p & v & Offered & Does) & After).
          { cbn [wrong]; now rewrite I, (proj2 (has_iff _ held) Is). }
          exists p, v, x'; split; [exact Offered|split; [exact Does|]].
          intros R' k (K & _ & There) Less (_ & Others & Size & Places) le'; cbn [fst snd] in *.
          eexists; split; [reflexivity|split; [reflexivity|]]; apply After; [exact Others|]; cbn [held_after].
          apply (represents_removed T depth (R self) held Says _ _ k); [lia|apply There, Less|exact Size|exact Places].
        + intros Not; apply (said_not_in T depth _ held Says f i) in Not.
          apply Wrong; [cbn [wrong]; now rewrite I, (proj2 (has_not_iff _ held) Not)|].
          right; exists 4; cbn [is_fault]; auto.
      - intros Out; apply Wrong; [cbn [wrong]; now rewrite Out|]; left; auto.
    Qed.

    Lemma assertion_ends_or_stops a f i : of_family T f i -> right_ends (Asserts a f i) ->
      wrong_tells (Asserts a f i) -> ends_or_stops (Asserts a f i) x R Q At.
    Proof.
      intros Of Right Wrong; pose proof Of as (F & Range & One).
      destruct (enters_table T Recordable f i (fn_body (assertion_text a f)) Of) as (le & Entry & Index).
      eexists; eapply wps_function; [exact (find_assertion prefix T Ok f a F)|exact Entry|].
      cbn [fn_body assertion_text function_of fn_return].
      assert (Ends : wrong T depth (Asserts a f i) held = false -> Q (x, R)).
      { intros Is; destruct (Right Is) as (x' & Same & After); cbn in Same; subst x'.
        apply After; [now intros c|exact Says]. }
      eapply in_range_wps; [exact Ok|exact Recordable|exact Of|exact Index| |].
      - intros I; destruct a.
        + eapply (held_wps prefix T Ok Recordable below ours depth self Self Limit Depth m f i F I x R Fits);
            [exact Index| |]; intros Is; [intros le'; eexists; split; [reflexivity|split; [reflexivity|]]; apply Ends|].
          * apply (said_in T depth _ held Says f i) in Is; cbn [wrong]; now rewrite I, (proj2 (has_iff _ held) Is).
          * apply (said_not_in T depth _ held Says f i) in Is.
            apply Wrong; [cbn [wrong]; now rewrite I, (proj2 (has_not_iff _ held) Is)|].
            right; exists 5; cbn [is_fault]; auto.
        + eapply (not_held_wps prefix T Ok Recordable below ours depth self Self Limit Depth m f i F I x R Fits);
            [exact Index| |]; intros Is; [intros le'; eexists; split; [reflexivity|split; [reflexivity|]]; apply Ends|].
          * apply (said_not_in T depth _ held Says f i) in Is.
            cbn [wrong]; now rewrite I, (proj2 (has_not_iff _ held) Is).
          * apply (said_in T depth _ held Says f i) in Is.
            apply Wrong; [cbn [wrong]; now rewrite I, (proj2 (has_iff _ held) Is)|].
            right; exists 6; cbn [is_fault]; auto.
      - intros Out; apply Wrong; [destruct a; cbn [wrong]; now rewrite Out|]; left; auto.
    Qed.

    Lemma none_ends_or_stops : right_ends Asserts_none -> wrong_tells Asserts_none ->
      ends_or_stops Asserts_none x R Q At.
    Proof.
      unfold right_ends, wrong_tells; intros Right Wrong; eexists; eapply wps_function;
        [exact (find_none_held prefix T Ok)|unfold none_held_text; rewrite enters by reflexivity; reflexivity|].
      cbn [fn_body none_held_text function_of fn_return]; pose proof (size_is T depth _ held Says) as Size.
      unfold this_cpu_text; wps_line; eapply this_cpu_call;
        try first [exact Self | exact Limit | exact Depth | exact (find_this_cpu prefix T) | unfold is_uint; lia];
        wps_line.
      eapply must_be_free_call;
        try first [exact Self | exact Limit | exact Depth | exact Fits | exact (text_has_checks prefix T)]; intros Is.
      - eexists; split; [reflexivity|split; [reflexivity|]]; cbn [snd] in Is.
        destruct held as [|h rest]; [|cbn [List.length] in Size; lia].
        destruct (Right eq_refl) as (x' & Same & After); cbn in Same; subst x'.
        apply After; [now intros c|exact Says].
      - cbn [snd] in Is; destruct held as [|h rest]; [cbn [List.length] in Size; lia|].
        apply (Wrong eq_refl); right; exists 7; repeat split; discriminate.
    Qed.

    Theorem call_ends_or_stops call : call_of_table T call -> right_ends call -> wrong_tells call ->
      ends_or_stops call x R Q At.
    Proof.
      destruct call as [[] f i|a f i|]; intros Of; [now apply acquire_ends_or_stops|now apply release_ends_or_stops|
        now apply assertion_ends_or_stops|now apply none_ends_or_stops].
    Qed.
  End Calls.

  (** ** The theorems *)

  (** A wrong call stops, before anything is changed, and says what is wrong. *)
  Theorem wrong_stops call held x R : call_of_table T call -> represents T depth (R self) held ->
    wrong T depth call held = true ->
    exists g ws, tells T depth self call held g ws /\
      function_stops G stops ($(call_name prefix call)) (call_args call) (m, (x, R)) g ws (m, (x, R)).
  Proof.
    intros Of Says Is.
    destruct (call_ends_or_stops held x R Says (fun _ => False)
                (fun g ws d => tells T depth self call held g ws /\ d = (x, R)) call Of) as (t & fd & Found & _ & Goes).
    - intros Not; congruence.
    - intros _ g ws Tells; auto.
    - destruct Goes as [(v & d' & _ & _ & [])|(g & ws & d' & Stop & Tells & ->)].
      exists g, ws; split; [exact Tells|]; exists fd; auto.
  Qed.

  (** One that is not wrong goes on: where the floor below does it, it ends there, with the record
      that says so, and the records of the others as they were. *)
  Theorem right_goes_on call held x x' R : call_of_table T call -> represents T depth (R self) held ->
    wrong T depth call held = false -> does_below below call x x' ->
    exists R', call_function G ($(call_name prefix call)) (call_args call) (m, (x, R)) (m, (x', R')) Vundef /\
      represents T depth (R' self) (held_after call held) /\ others_same R R'.
  Proof.
    intros Of Says Not Does.
    destruct (call_ends_or_stops held x R Says
                (fun d => exists R', d = (x', R') /\ represents T depth (R' self) (held_after call held) /\
                                     others_same R R')
                (fun _ _ _ => False) call Of) as (t & fd & Found & _ & Goes).
    - intros _; exists x'; split; [exact Does|]; intros R' Others Now; exists R'; auto.
    - intros Is; congruence.
    - destruct Goes as [(v & d' & Run & -> & R' & -> & Now & Others)|(g & ws & d' & _ & [])].
      exists R'; split; [exists fd; auto|auto].
  Qed.
End Checked.

(** ** Exactly: the other outcome is none *)

Lemma vints_inj ns ns' : map Vint ns = map Vint ns' -> ns = ns'.
Proof. revert ns'; induction ns as [|n ns IH]; intros [|n' ns'] [=]; f_equal; auto. Qed.

Section Exactly.
  Context {D : Type} (below : layer D) (ours : Z -> bool) (depth self : Z) (Det : layer_det below).

  Lemma asks_det what vs (d d1 d2 : recorded (D := D)) v1 v2 :
    asks what vs d v1 d1 -> asks what vs d v2 d2 -> v1 = v2 /\ d1 = d2.
  Proof.
    intros (ns & z & -> & Is & -> & ->) (ns' & z' & Same & Is' & -> & ->); apply vints_inj in Same; subst ns'.
    rewrite Is in Is'; injection Is' as <-; auto.
  Qed.
  Lemma does_det what vs (d d1 d2 : recorded (D := D)) v1 v2 :
    does what vs d v1 d1 -> does what vs d v2 d2 -> v1 = v2 /\ d1 = d2.
  Proof.
    intros (ns & R & -> & Is & -> & ->) (ns' & R' & Same & Is' & -> & ->); apply vints_inj in Same; subst ns'.
    rewrite Is in Is'; injection Is' as <-; auto.
  Qed.

  Theorem checking_layer_det : layer_det (checking_layer below ours depth self).
  Proof.
    intros id p; unfold checking_layer; destruct (stops id); [intros [= <-] vs d v1 d1 v2 d2 []|].
    repeat (destruct (Pos.eqb id _); [intros [= <-] vs d v1 d1 v2 d2; (apply asks_det || apply does_det)|]).
    destruct (below id) as [q|] eqn:Is; [|discriminate]; intros [= <-] vs d v1 d1 v2 d2 (Does & Same) (Does' & Same').
    destruct (Det id q Is vs (fst d) v1 (fst d1) v2 (fst d2) Does Does') as (-> & Same_below).
    split; [reflexivity|]; destruct d1, d2; cbn in *; congruence.
  Qed.
  Lemma stops_never id p : stops id = true -> checking_layer below ours depth self id = Some p ->
    forall vs d v d', ~ p vs d v d'.
  Proof. unfold checking_layer; intros ->; intros [= <-] vs d v d' []. Qed.

  (** A call that stops has no run. *)
  Theorem stopped_never_returns {mem : Type} M f vs (st : mem * recorded (D := D)) g ws st' st2 v :
    function_stops (checking below ours depth self M) stops f vs st g ws st' ->
    ~ call_function (checking below ours depth self M) f vs st st2 v.
  Proof.
    intros (fd & Found & Stop) (fd' & Found' & Run); rewrite Found in Found'; injection Found' as <-.
    exact (proj2 (stops_not_runs (checking below ours depth self M) stops checking_layer_det stops_never)
             _ _ _ _ _ _ _ Stop _ _ Run).
  Qed.

  (** The floor below, and where it has no run, one that does nothing. *)
  Definition at_least (below : layer D) : layer D := fun g => Some (fun vs y v y' =>
    (exists p, below g = Some p /\ p vs y v y') \/
    ((forall p v y', below g = Some p -> ~ p vs y v y') /\ v = Vundef /\ y' = y)).
  Lemma at_least_det : layer_det (at_least below).
  Proof.
    intros id p [= <-] vs d v1 d1 v2 d2.
    intros [(q & Is & Runs)|(None & -> & ->)] [(q' & Is' & Runs')|(None' & -> & ->)]; auto.
    - rewrite Is in Is'; injection Is' as <-; exact (Det id q Is vs d v1 d1 v2 d2 Runs Runs').
    - now destruct (None' q v1 d1 Is).
    - now destruct (None q' v2 d2 Is').
  Qed.
  Lemma at_least_le :
    layer_le (checking_layer below ours depth self) (checking_layer (at_least below) ours depth self).
  Proof.
    intros id p; unfold checking_layer; destruct (stops id); [intros [= <-]; eexists; split; [reflexivity|auto]|].
    repeat (destruct (Pos.eqb id _); [intros [= <-]; eexists; split; [reflexivity|auto]|]).
    destruct (below id) as [q|] eqn:Is; [|discriminate]; intros [= <-]; eexists; split; [reflexivity|].
    intros vs d v d' (Does & Same); split; [left; eauto|exact Same].
  Qed.
End Exactly.

Section Stops_exactly.
  Context (prefix : string) (T : table) (Ok : table_ok T = true) (Recordable : recordable T = true).
  Context {D : Type} (below : layer D) (Det : layer_det below) (ours : Z -> bool) (depth self : Z).
  Context (Self : ours self = true) (Limit : 0 <= self < 2 ^ 32) (Depth : 0 <= depth < 2 ^ 32).
  Context {mem : Type} (m : mem).
  Local Notation G := (checking below ours depth self (locks_checked_text prefix T)).

  (** No false alarm, whatever the floor below does. *)
  Theorem right_never_stops call held x R g ws st' : call_of_table T call -> represents T depth (R self) held ->
    wrong T depth call held = false ->
    ~ function_stops G stops ($(call_name prefix call)) (call_args call) (m, (x, R)) g ws st'.
  Proof.
    intros Of Says Not (fd & Found & Stop).
    apply (proj2 (stops_layer_le _ _ _ stops (at_least_le below ours depth self))) in Stop.
    assert (Goes : forall x', does_below (at_least below) call x x' -> False).
    { intros x' Does.
      destruct (right_goes_on prefix T Ok Recordable (at_least below) ours depth self Self Limit Depth m call held
                  x x' R Of Says Not Does) as (R' & Run & _).
      refine (stopped_never_returns (at_least below) ours depth self (at_least_det below Det)
                _ _ _ _ g ws st' _ _ _ Run).
      exists fd; split; [exact Found|exact Stop]. }
    destruct call as [o f i|a f i|]; [|exact (Goes x eq_refl)|exact (Goes x eq_refl)].
    apply (Goes x); eexists; exists Vundef; split; [reflexivity|right].
    split; [|split; reflexivity]; intros p v y' Offered Does.
    apply (Goes y'); eexists; exists v; split; [reflexivity|left; eauto].
  Qed.

  (** A call stops exactly if it is wrong. *)
  Theorem stops_exactly call held x R : call_of_table T call -> represents T depth (R self) held ->
    (exists g ws st', function_stops G stops ($(call_name prefix call)) (call_args call) (m, (x, R)) g ws st') <->
    wrong T depth call held = true.
  Proof.
    intros Of Says; split.
    - intros (g & ws & st' & Stop); destruct (wrong T depth call held) eqn:Is; [reflexivity|].
      now apply (right_never_stops call held x R g ws st' Of Says Is) in Stop.
    - intros Is; destruct (wrong_stops prefix T Ok Recordable below ours depth self Self Limit Depth m call held x R
                             Of Says Is) as (g & ws & _ & Stop); eauto.
  Qed.

  (** And then it does not return. *)
  Theorem wrong_never_returns call held x R st' v : call_of_table T call -> represents T depth (R self) held ->
    wrong T depth call held = true ->
    ~ call_function G ($(call_name prefix call)) (call_args call) (m, (x, R)) st' v.
  Proof.
    intros Of Says Is; destruct (wrong_stops prefix T Ok Recordable below ours depth self Self Limit Depth m call
                                   held x R Of Says Is) as (g & ws & _ & Stop).
    exact (stopped_never_returns below ours depth self Det _ _ _ _ _ _ _ _ _ Stop).
  Qed.
End Stops_exactly.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Where a debug thread stands, and a step of it

    [stands]: a thread of the debug text beside one of the release text.  While the
    first makes assertions the second is between two operations; while it checks a right
    call, at the beginning of that call; while it checks a wrong one, before it.
    A step of the first is one of its own, a stop, or some steps of the second
    ([stands_step]).  Of memory nothing is asked.  Read next: simulate.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax semantics smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec text checks_text record checked.
From hlock.layers.L4_locks Require contract.
From hlock.stack Require Import stack setting.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.debug Require Import model found leads calls lockstep relation.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

Section Stands.
  Context {G : running} (B : build) (M : memory_system the_system).
  Context (asserts : cpu -> list (response the_system) -> list asserted) (c : cpu).
  Local Notation S := the_system.
  Local Notation self := (this_cpu B c).
  Local Notation text := (debug_stack prefix the_table).
  Local Notation leads := (leads prefix the_table B c).
  Local Notation debug_move := (debug_move text width B M clients asserts c).
  Local Notation represents := (represents the_table (depth B)).

  (** What the client holds after [h], by its own history; what is wrong then. *)
  Definition own_held (h : list (response S)) : list Z := contract.held (clients c) h.
  Definition is_wrong (call : checked_call) (h : list (response S)) : bool :=
    wrong the_table (depth B) call (own_held h).
  Definition right_asserts (h : list (response S)) (due : list asserted) : Prop :=
    Forall (fun a => is_wrong (assert_call a) h = false) due.
  Definition right_op (h : list (response S)) (o : op S) : Prop :=
    forall call, lock_call o = Some call -> is_wrong call h = false.

  (** Code that comes to a stop, which says what is wrong with [call]. *)
  Definition doomed (call : checked_call) (h : list (response S)) (s : state) (r : record) : Prop :=
    is_wrong call h = true /\ exists g ws ef targs tres cc k r2,
      tells the_table (depth B) self call (own_held h) g ws /\ stops g = true /\
      leads s r (Enter g (External ef targs tres cc) ws k) r2.
  (** From the return of floor 3's function to the end of operation [o], in both texts. *)
  Definition tails (kd kr : cont) (r : record) (h : list (response S)) : Prop :=
    (exists r2, leads (Give Vundef kd) r (Give Vundef Kstop) r2 /\ represents r2 (own_held (None :: h))) /\
    runs (functions the_text) (Give Vundef kr) (Give Vundef Kstop).
  (** The operation that is going on: the client's, and right. *)
  Definition going_on (o : op S) (h : list (response S)) : Prop :=
    clients c h = Some o /\ right_op h o /\ NoDup (own_held h) /\ right_asserts h (asserts c h).

  Inductive stands (r : record) : debug_thread S -> thread S -> Prop :=
  | stands_rest h did due : asserts c h = did ++ due -> right_asserts h did -> represents r (own_held h) ->
      stands r (Running (Idle h) due) (Idle h)
  | stands_asserting h did a due s r2 : asserts c h = did ++ a :: due -> right_asserts h did ->
      is_wrong (assert_call a) h = false -> leads s r (Give Vundef Kstop) r2 -> represents r2 (own_held h) ->
      stands r (Asserting h s due) (Idle h)
  | stands_false h did a due s : asserts c h = did ++ a :: due -> right_asserts h did -> NoDup (own_held h) ->
      doomed (assert_call a) h s r -> stands r (Asserting h s due) (Idle h)
  | stands_wrong o h call s : clients c h = Some o -> lock_call o = Some call -> right_asserts h (asserts c h) ->
      NoDup (own_held h) -> doomed call h s r -> stands r (Running (Calling o h s) []) (Idle h)
  | stands_before o h w l s s' kd kr r1 : going_on o h -> tails kd kr r1 h ->
      leads s r (Enter ($(forwards_to w)) (Internal (floor_3 w)) (numbers [l]) kd) r1 ->
      runs (functions the_text) s' (Enter ($(forwards_to w)) (Internal (floor_3 w)) (numbers [l]) kr) ->
      stands r (Running (Calling o h s) []) (Calling o h s')
  | stands_within o h kd kr t t' : going_on o h -> tails kd kr r h -> within kd kr o h t t' ->
      stands r (Running t []) t'
  | stands_after o h s s' r2 : going_on o h -> leads s r (Give Vundef Kstop) r2 ->
      represents r2 (own_held (None :: h)) -> runs (functions the_text) s' (Give Vundef Kstop) ->
      stands r (Running (Calling o h s) []) (Calling o h s')
  | stands_stopped h : stands r At_stop (Idle h)
  | stands_dead : stands r (Running Stopped []) Stopped.

  (** Steps of a release thread's own. *)
  Inductive quiet : thread S -> thread S -> Prop :=
  | quiet_none t : quiet t t
  | quiet_one t t1 t2 : next_move the_text width (clients c) t = Local t1 -> quiet t1 t2 -> quiet t t2.
  Lemma runs_quiet o h s s' : runs (functions the_text) s s' -> quiet (Calling o h s) (Calling o h s').
  Proof.
    induction 1 as [|s s1 s2 Step _ IH]; [constructor|]; eapply quiet_one; [|exact IH].
    exact (step_in_call the_text o h s s1 Step).
  Qed.

  (** The call that a debug thread is in, and the release thread beside it is not. *)
  Definition ahead (d : debug_thread S) (t : thread S) : option (op S) :=
    match d, t with Running (Calling o _ _) _, Idle _ => Some o | _, _ => None end.
  Definition not_stopped (d : debug_thread S) : Prop := match d with At_stop => False | _ => True end.

  (** The operation that a release thread is in. *)
  Definition in_op (t : thread S) : option (op S * list (response S)) :=
    match t with Calling o h _ | Storing o h _ _ _ => Some (o, h) | _ => None end.

  (** What a step of debug thread [d], beside [t], can be. *)
  Inductive outcome (R : records) (m : memory M) (d : debug_thread S) (t : thread S)
      : option (debug_visible S) -> debug_thread S -> records -> memory M -> Prop :=
  | step_own d' R' : others_same self R R' -> stands (R' self) d' t -> ahead d' t = ahead d t -> not_stopped d ->
      not_stopped d' -> outcome R m d t None d' R' m
  | step_wrong h o call d' : d = Running (Idle h) [] -> t = Idle h -> clients c h = Some o ->
      lock_call o = Some call -> is_wrong call h = true -> right_asserts h (asserts c h) -> NoDup (own_held h) ->
      stands (R self) d' t -> ahead d' t = Some o -> not_stopped d' ->
      outcome R m d t (Some (Seen (Called o))) d' R m
  | step_stop h call g ws : t = Idle h -> not_stopped d -> NoDup (own_held h) ->
      match ahead d t with
      | Some o => lock_call o = Some call
      | None => exists did a due, asserts c h = did ++ a :: due /\ right_asserts h did /\ call = assert_call a
      end -> is_wrong call h = true -> tells the_table (depth B) self call (own_held h) g ws ->
      outcome R m d t (Some (Did_stop g ws)) At_stop R m
  | step_both t1 t2 v d' m' : quiet t t1 -> moves the_text width M clients c t1 m v t2 m' ->
      stands (R self) d' t2 -> not_stopped d -> not_stopped d' -> ahead d t = None -> ahead d' t2 = None ->
      (forall h o, t1 = Idle h -> clients c h = Some o ->
         right_asserts h (asserts c h) /\ right_op h o /\ NoDup (own_held h)) ->
      (forall o h, in_op t1 = Some (o, h) -> going_on o h) ->
      outcome R m d t (option_map Seen v) d' R m'
  | step_halts m' : lives d -> mem_step M m c Halted m' ->
      outcome R m d t (Some (Seen Did_halt)) (Running Stopped []) R m'.

  Context (Recordable : recordable the_table = true) (Self : 0 <= self < limit B) (Limit : limit B <= 2 ^ 32).
  Context (Depth : 0 <= depth B < 2 ^ 32) (Calls : calls_exist the_table clients asserts).

  Lemma represents_nodup r h : represents r (own_held h) -> NoDup (own_held h).
  Proof. exact (represents_once _ _ _ _). Qed.
  Lemma held_next h o a : clients c h = Some o -> own_held (a :: h) = contract.held_after o (own_held h).
  Proof. intros Next; unfold own_held; cbn [contract.held]; now rewrite Next. Qed.
  Lemma held_call h o call : clients c h = Some o -> lock_call o = Some call ->
    own_held (None :: h) = held_after call (own_held h).
  Proof.
    intros Next Is; refine (eq_trans (held_next h o None Next) _).
    destruct o; try discriminate; now injection Is as <-.
  Qed.
  Lemma lock_call_is o call : lock_call (S := S) o = Some call -> exists w f i, call = Lock_call w f i /\
    begin text o = (fun h => Call o (Calling o h (call_state prefix the_table call))) /\
    begin the_text o = (fun h => Call o (Calling o h (name_of the_text w f i))).
  Proof.
    destruct o as [f i|f i| | |]; intros [= <-]; [exists Acquire, f, i|exists Release, f, i]; repeat split;
      reflexivity.
  Qed.
  Lemma right_in_family w f i h : is_wrong (Lock_call w f i) h = false -> in_family f i = true.
  Proof. unfold is_wrong; destruct w; cbn [wrong]; now destruct (in_family f i). Qed.

  (** *** By where the thread stands *)
  Ltac inv Move := inversion Move; subst; clear Move.

  Lemma rest_call R m h o call u d' m' : R self = R self -> clients c h = Some o -> lock_call o = Some call ->
    represents (R self) (own_held h) -> right_asserts h (asserts c h) ->
    moves text width M clients c (Idle h) m u d' m' ->
    outcome R m (Running (Idle h) []) (Idle h) (option_map Seen u) (goes_on asserts c d') R m'.
  Proof.
    intros _ Next Is Says Rights Move; destruct (lock_call_is o call Is) as (w & f & i & -> & Begin & Begin').
    pose proof (proj1 Calls c h o _ Next Is) as Of.
    assert (Moved : u = Some (Called o) /\ d' = Calling o h (call_state prefix the_table (Lock_call w f i)) /\ m' =
      m).
    { inv Move; cbn [next_move] in *; rewrite Next, Begin in *; try discriminate; try contradiction.
      match goal with H : Call _ _ = Call _ _ |- _ => injection H as <- <- end; auto. }
    destruct Moved as (-> & -> & ->); cbn [option_map goes_on].
    destruct (is_wrong (Lock_call w f i) h) eqn:Wrong.
    - destruct (wrong_call prefix the_table table_accepted Recordable B c Self Limit Depth _ (R self) (own_held h)
                  Of Says Wrong) as (g & ws & ef & ts & tr & cc & k & Tells & Stop & Leads).
      eapply step_wrong; try reflexivity; eauto using represents_nodup.
      + eapply stands_wrong; eauto using represents_nodup; split; [exact Wrong|].
        exists g, ws, ef, ts, tr, cc, k, (R self); auto.
    - destruct (right_call prefix the_table table_accepted Recordable B c Self Limit Depth w f i (R self) (own_held h)
                  Of Says Wrong) as (kd & r1 & r2 & Leads & Tail & Then).
      destruct (release_call w f i (proj1 Of) (right_in_family w f i h Wrong)) as (kr & Runs & Back).
      rewrite <- (held_call h o _ Next Is) in Then.
      assert (Right : right_op h o) by (intros call' Is'; rewrite Is in Is'; now injection Is' as <-).
      apply (step_both R m (Running (Idle h) []) (Idle h) (Idle h) (Calling o h (name_of the_text w f i))
               (Some (Called o))); try reflexivity; try exact I.
      + constructor.
      + apply moves_call; cbn [next_move]; now rewrite Next, Begin'.
      + eapply stands_before; [|split; [eauto|exact Back]|exact Leads|exact Runs].
        split; [exact Next|split; [exact Right|split; [eauto using represents_nodup|exact Rights]]].
      + intros h' o' [= <-] Next'; rewrite Next in Next'; injection Next' as <-; eauto using represents_nodup.
      + discriminate.
  Qed.

  (** An access needs no lock function. *)
  Lemma rest_access R m h o u d' m' : clients c h = Some o -> lock_call o = None ->
    represents (R self) (own_held h) -> right_asserts h (asserts c h) ->
    moves text width M clients c (Idle h) m u d' m' ->
    outcome R m (Running (Idle h) []) (Idle h) (option_map Seen u) (goes_on asserts c d') R m'.
  Proof.
    intros Next Is Says Rights Move.
    assert (Same : begin text o h = begin the_text o h) by (destruct o; discriminate || reflexivity).
    assert (Moved : moves the_text width M clients c (Idle h) m u d' m' /\ exists a, d' = Idle (a :: h)).
    { inversion Move as [t' Is'|o1 t' Is'|o1 t' Is'|a t' m2 Is' Does]; subst; cbn [next_move] in Is';
        rewrite Next, Same in Is'; destruct o; try discriminate Is; try discriminate Is'; try contradiction;
        (split; [eapply moves_memory; [cbn [next_move]; rewrite Next; exact Is'|exact Does]|]);
        cbn [answered begin] in Is'; [destruct Is' as (v & _ & ->)|destruct Is' as (_ & ->)]; eauto. }
    destruct Moved as (Move' & a & ->); cbn [goes_on].
    apply (step_both R m _ _ (Idle h) (Idle (a :: h))); try reflexivity; try exact I; auto; try discriminate.
    - constructor.
    - apply (stands_rest _ (a :: h) [] (asserts c (a :: h))); [reflexivity|constructor|].
      rewrite (held_next h o a Next); now destruct o.
    - intros h' o' [= <-] Next'; rewrite Next in Next'; injection Next' as <-.
      split; [exact Rights|split; [intros call; rewrite Is; discriminate|eauto using represents_nodup]].
  Qed.

  Lemma rest_step R m h did due v d' R' m' : asserts c h = did ++ due -> right_asserts h did ->
    represents (R self) (own_held h) -> debug_move R m (Running (Idle h) due) v d' R' m' ->
    outcome R m (Running (Idle h) due) (Idle h) v d' R' m'.
  Proof.
    intros Due Rights Says Move.
    inversion Move as [t u t' m2 Moves| |h1 a due1| | | |t g ws Stop|]; subst.
    - rewrite app_nil_r in Due; rewrite <- Due in Rights.
      destruct (clients c h) as [o|] eqn:Next.
      + destruct (lock_call o) as [call|] eqn:Is; [now apply rest_call with o call|now apply rest_access with o].
      + inversion Moves as [t2 Is|o1 t2 Is|o1 t2 Is|a t2 m3 Is Does]; subst; cbn [next_move] in Is;
          rewrite Next in Is; try discriminate Is; destruct Is.
    - assert (Of : call_of_table the_table (assert_call a)).
      { apply (proj2 Calls c h); rewrite Due; apply in_app_iff; right; now left. }
      apply step_own; [now intros ? _| |reflexivity|exact I|exact I].
      destruct (is_wrong (assert_call a) h) eqn:Wrong.
      + eapply stands_false; eauto using represents_nodup; split; [exact Wrong|].
        destruct (wrong_call prefix the_table table_accepted Recordable B c Self Limit Depth _ (R' self) (own_held h)
                    Of Says Wrong) as (g & ws & ef & ts & tr & cc & k & Tells & Stop & Leads).
        exists g, ws, ef, ts, tr, cc, k, (R' self); auto.
      + destruct (right_assertion prefix the_table table_accepted Recordable B c Self Limit Depth a (R' self)
                    (own_held h) Of Says Wrong) as (r2 & Leads & Then).
        eapply stands_asserting; eauto.
    - discriminate Stop.
    - now apply step_halts.
  Qed.

  Lemma halts_outcome R m d t v d' R' m' : lives d -> halts_here M c R m v d' R' m' ->
    outcome R m d t v d' R' m'.
  Proof. intros Lives (-> & -> & -> & Does); now apply step_halts. Qed.

  Lemma asserting_step R m h did a due s r2 v d' R' m' : asserts c h = did ++ a :: due -> right_asserts h did ->
    is_wrong (assert_call a) h = false -> leads s (R self) (Give Vundef Kstop) r2 -> represents r2 (own_held h) ->
    debug_move R m (Asserting h s due) v d' R' m' -> outcome R m (Asserting h s due) (Idle h) v d' R' m'.
  Proof.
    intros Due Rights Right Leads Says Move.
    destruct (leads_asserting B M asserts c h s due _ _ _ R m v d' R' m' Leads eq_refl Move)
      as [(-> & <-)|[Halts|(-> & -> & Others & s1 & -> & Rest)]].
    - inversion Move as [| | |h1 s0 s3 due1 Step'|h1 s0 s3 due1 R2 Does|h1 w due1|t g ws Stop|]; subst.
      + discriminate Step'.
      + inversion Does.
      + apply step_own; [now intros ? _| |reflexivity|exact I|exact I].
        apply (stands_rest _ h (did ++ [a])); [now rewrite <- app_assoc| |exact Says].
        apply Forall_app; split; [exact Rights|now constructor].
      + discriminate Stop.
      + now apply step_halts.
    - apply halts_outcome; [exact I|exact Halts].
    - apply step_own; [exact Others| |reflexivity|exact I|exact I]; eapply stands_asserting; eauto.
  Qed.

  (** At the end of code that is doomed, it stops. *)
  Lemma stop_told g ef ts tr cc k ws d v R m d' R' m' :
    code_of d = Some (Enter g (External ef ts tr cc) ws k) -> stops g = true ->
    debug_move R m d v d' R' m' -> halts_here M c R m v d' R' m' \/
    v = Some (Did_stop g ws) /\ d' = At_stop /\ R' = R /\ m' = m.
  Proof.
    intros Code Stop Move.
    assert (Layer : forall R x, ~ record_step B c (Enter g (External ef ts tr cc) ws k, R) x).
    { intros R0 x Does; inversion Does as [g0 ef0 ts0 tr0 cc0 vs0 k0 p v0 R1 R2 Is Prim]; subst.
      rewrite (stops_layer B c g Stop) in Is; injection Is as <-; exact Prim. }
    inversion Move as [t u t' m2 Moves|o1 h1 s0 s3 R2 Does|h1 a due1|h1 s0 s3 due1 Step'|h1 s0 s3 due1 R2 Does
                      |h1 w due1|t g1 ws1 Stops|]; subst; cbn [code_of] in Code.
    - destruct t as [|o h s| |]; try discriminate; injection Code as ->.
      inversion Moves as [t2 Is|o1 t2 Is|o1 t2 Is|a t2 m3 Is Does]; subst; cbn [next_move in_call] in Is;
        rewrite not_primitive in Is by exact (record_not_below B c g _ (stops_layer B c g Stop));
        try discriminate Is; destruct Is.
    - injection Code as ->; now apply Layer in Does.
    - discriminate.
    - injection Code as ->; discriminate Step'.
    - injection Code as ->; now apply Layer in Does.
    - discriminate.
    - right; unfold about_to_stop in Stops; rewrite Code, Stop in Stops; now injection Stops as <- <-.
    - left; repeat split; assumption.
  Qed.

  Lemma false_step R m h did a due s v d' R' m' : asserts c h = did ++ a :: due -> right_asserts h did ->
    NoDup (own_held h) -> doomed (assert_call a) h s (R self) ->
    debug_move R m (Asserting h s due) v d' R' m' -> outcome R m (Asserting h s due) (Idle h) v d' R' m'.
  Proof.
    intros Due Rights Once (Wrong & g & ws & ef & ts & tr & cc & k & r2 & Tells & Stop & Leads) Move.
    destruct (leads_asserting B M asserts c h s due _ _ _ R m v d' R' m' Leads eq_refl Move)
      as [(-> & <-)|[Halts|(-> & -> & Others & s1 & -> & Rest)]].
    - destruct (stop_told g ef ts tr cc k ws (Asserting h _ due) v R m d' R' m' eq_refl Stop Move) as [Halts|(-> & ->
        & -> & ->)];
        [apply halts_outcome; [exact I|exact Halts]|].
      eapply step_stop; [reflexivity|exact I|exact Once| |exact Wrong|exact Tells].
      cbn [ahead]; exists did, a, due; auto.
    - apply halts_outcome; [exact I|exact Halts].
    - apply step_own; [exact Others| |reflexivity|exact I|exact I]; eapply stands_false; eauto.
      split; [exact Wrong|]; exists g, ws, ef, ts, tr, cc, k, r2; auto.
  Qed.

  Lemma wrong_step R m o h call s v d' R' m' : clients c h = Some o -> lock_call o = Some call ->
    right_asserts h (asserts c h) -> NoDup (own_held h) -> doomed call h s (R self) ->
    debug_move R m (Running (Calling o h s) []) v d' R' m' ->
    outcome R m (Running (Calling o h s) []) (Idle h) v d' R' m'.
  Proof.
    intros Next Is Rights Once (Wrong & g & ws & ef & ts & tr & cc & k & r2 & Tells & Stop & Leads) Move.
    destruct (leads_running B M asserts c o h s _ _ _ R m v d' R' m' Leads eq_refl Move)
      as [(-> & <-)|[Halts|(-> & -> & Others & s1 & -> & Rest)]].
    - destruct (stop_told g ef ts tr cc k ws (Running (Calling o h _) []) v R m d' R' m' eq_refl Stop Move) as
        [Halts|(-> & -> & -> & ->)];
        [apply halts_outcome; [exact I|exact Halts]|].
      eapply step_stop; [reflexivity|exact I|exact Once| |exact Wrong|exact Tells]; exact Is.
    - apply halts_outcome; [exact I|exact Halts].
    - apply step_own; [exact Others| |reflexivity|exact I|exact I]; eapply stands_wrong; eauto.
      split; [exact Wrong|]; exists g, ws, ef, ts, tr, cc, k, r2; auto.
  Qed.

  (** In a function of floor 3 a thread neither looks at records nor stops. *)
  Lemma within_only kd kr R m o h t t' v d' R' m' : within kd kr o h t t' -> debug_move R m (Running t []) v d' R' m'
    ->
    halts_here M c R m v d' R' m' \/
    exists u t2, moves text width M clients c t m u t2 m' /\ v = option_map Seen u /\ d' = goes_on asserts c t2 /\ R'
      = R.
  Proof.
    intros Within Move; inversion Move as [t1 u t2 m2 Moves|o1 h1 s0 s3 R2 Does| | | | |t1 g ws Stop|]; subst.
    - right; eauto 6.
    - exfalso; inversion Does as [g0 ef0 ts0 tr0 cc0 vs0 k0 p v0 R1 R3 Is Prim]; subst.
      inversion Within as [s s' Same|]; subst; inversion Same as [| | |g fd vs k k' Below| ]; subst.
      rewrite (record_not_below B c _ p Is) in Below; discriminate.
    - exfalso; unfold about_to_stop, code_of in Stop; destruct Within as [s s' Same|]; [|discriminate].
      destruct Same as [| | |g0 [|] vs k k' Below| ]; try discriminate.
      destruct (stops g0) eqn:Stops; [|discriminate].
      rewrite (record_not_below B c _ _ (stops_layer B c g0 Stops)) in Below; discriminate.
    - left; repeat split; assumption.
  Qed.
  Lemma within_step R m o h kd kr t t' t0 v d' R' m' : going_on o h -> tails kd kr (R self) h ->
    within kd kr o h t t' -> quiet t0 t' -> ahead (Running t []) t0 = None ->
    debug_move R m (Running t []) v d' R' m' -> outcome R m (Running t []) t0 v d' R' m'.
  Proof.
    intros Going ((r2 & Leads & Then) & Back) Within Quiet Ahead Move.
    destruct (within_only kd kr R m o h t t' v d' R' m' Within Move) as [Halts|(u & t2 & Moves & -> & -> & ->)];
      [apply halts_outcome; [now destruct Within|exact Halts]|].
    destruct (within_moves text the_text debug_agrees kd kr width M clients c o h t t' m u t2 m' Within Moves)
      as (t2' & Moves' & Both).
    assert (In : in_op t' = Some (o, h)) by (now destruct Within).
    apply (step_both R m (Running t []) t0 t' t2'); auto; try exact I.
    - destruct Both as [W|(-> & ->)]; [|].
      1: { destruct W; (apply (stands_within _ o h kd kr); [exact Going|split; [eauto|exact Back]|now constructor]). }
      eapply stands_after; [exact Going|exact Leads|exact Then|exact Back].
    - destruct Both as [W|(-> & ->)]; [now destruct W|reflexivity].
    - intros h' o' ->; discriminate In.
    - intros o' h' Is; rewrite In in Is; injection Is as <- <-; exact Going.
  Qed.

  Lemma before_step R m o h w l s s' kd kr r1 v d' R' m' : going_on o h -> tails kd kr r1 h ->
    leads s (R self) (Enter ($(forwards_to w)) (Internal (floor_3 w)) (numbers [l]) kd) r1 ->
    runs (functions the_text) s' (Enter ($(forwards_to w)) (Internal (floor_3 w)) (numbers [l]) kr) ->
    debug_move R m (Running (Calling o h s) []) v d' R' m' ->
    outcome R m (Running (Calling o h s) []) (Calling o h s') v d' R' m'.
  Proof.
    intros Going Tails Leads Runs Move.
    destruct (leads_running B M asserts c o h s _ _ _ R m v d' R' m' Leads eq_refl Move)
      as [(-> & <-)|[Halts|(-> & -> & Others & s1 & -> & Rest)]].
    - destruct (floor_3_start w) as (Void & Below).
      eapply within_step; [exact Going|exact Tails| |apply runs_quiet, Runs|reflexivity|exact Move].
      constructor; now constructor.
    - apply halts_outcome; [exact I|exact Halts].
    - apply step_own; [exact Others| |reflexivity|exact I|exact I]; eapply stands_before; eauto.
  Qed.

  Lemma after_step R m o h s s' r2 v d' R' m' : going_on o h -> leads s (R self) (Give Vundef Kstop) r2 ->
    represents r2 (own_held (None :: h)) -> runs (functions the_text) s' (Give Vundef Kstop) ->
    debug_move R m (Running (Calling o h s) []) v d' R' m' ->
    outcome R m (Running (Calling o h s) []) (Calling o h s') v d' R' m'.
  Proof.
    intros Going Leads Then Back Move.
    destruct (leads_running B M asserts c o h s _ _ _ R m v d' R' m' Leads eq_refl Move)
      as [(-> & <-)|[Halts|(-> & -> & Others & s1 & -> & Rest)]].
    - inversion Move as [t1 u t2 m2 Moves|o1 h1 s0 s3 R2 Does| | | | |t1 g ws Stop|]; subst.
      + assert (Moved : u = Some (Returned o) /\ t2 = Idle (None :: h) /\ m' = m).
        { inversion Moves as [t3 Is|o1 t3 Is|o1 t3 Is|a t3 m3 Is Does]; subst; try discriminate; try contradiction.
          injection Is as <- <-; auto. }
        destruct Moved as (-> & -> & ->).
        apply (step_both R' m (Running (Calling o h (Give Vundef Kstop)) []) (Calling o h s')
                 (Calling o h (Give Vundef Kstop)) (Idle (None :: h)) (Some (Returned o))); auto; try exact I.
        * apply runs_quiet, Back.
        * now apply moves_return.
        * apply (stands_rest _ (None :: h) []); [reflexivity|constructor|exact Then].
        * discriminate.
        * intros o' h' [= <- <-]; exact Going.
      + inversion Does.
      + discriminate Stop.
      + now apply step_halts.
    - apply halts_outcome; [exact I|exact Halts].
    - apply step_own; [exact Others| |reflexivity|exact I|exact I]; eapply stands_after; eauto.
  Qed.

  Theorem stands_step R m d t v d' R' m' : stands (R self) d t -> debug_move R m d v d' R' m' ->
    outcome R m d t v d' R' m'.
  Proof.
    intros Stands Move; destruct Stands as [h did due Due Rights Says|h did a due s r2 Due Rights Right Leads Says
      |h did a due s Due Rights Once Doomed|o h call s Next Is Rights Once Doomed
      |o h w l s s' kd kr r1 Going Tails Leads Runs|o h kd kr t t' Going Tails Within|o h s s' r2 Going Leads Then
        Back
      |h|].
    - now apply rest_step with did.
    - now apply asserting_step with did a r2.
    - now apply false_step with did a.
    - now apply wrong_step with call.
    - now apply before_step with w l kd kr r1.
    - apply within_step with o h kd kr t'; auto; [constructor|now destruct Within].
    - now apply after_step with r2.
    - inversion Move; subst; try discriminate; contradiction.
    - inversion Move as [t1 u t2 m2 Moves| | | | | |t1 g ws Stop|t1 m2 Lives]; subst; try discriminate;
        try contradiction.
      inversion Moves as [t3 Is|o1 t3 Is|o1 t3 Is|a t3 m3 Is Does]; subst; try discriminate; contradiction.
  Qed.
End Stands.

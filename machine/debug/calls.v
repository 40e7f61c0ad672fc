(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Calls of the debug text, as a thread makes them

    What checked.v says of a call of floor 4's debug text, whole, said of its steps
    in the linked text: a right lock call comes to the function of floor 3, and after
    that to its end, with the record that says so ([right_call]); a true assertion to
    its end ([right_assertion]); a wrong call to a stop that says what is wrong
    ([wrong_call]).  Each by steps of this CPU's own.  Read next: lockstep.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax semantics smallstep agree stopping.
From hlock.layers.view Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text text_facts checks_text record checks_code checks_found checked.
From hlock.machine.model Require Import thread.
From hlock.machine.debug Require Import model found leads.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

(** ** What stops, comes to the stop in small steps *)
Section Stops.
  Context {mem D : Type} (ge : genv D) (stop : ident -> bool).

  Definition comes_to_stop (s : state) (d : D) (g : ident) (ws : list val) (d' : D) : Prop :=
    stop g = true /\ exists ef targs tres cc k, steps ge (s, d) (Enter g (External ef targs tres cc) ws k, d').

  Lemma stop_after s d s1 d1 g ws d' : steps ge (s, d) (s1, d1) -> comes_to_stop s1 d1 g ws d' ->
    comes_to_stop s d g ws d'.
  Proof.
    intros Run (Stop & ef & ts & tr & cc & k & Rest); split; [exact Stop|].
    exists ef, ts, tr, cc, k; exact (steps_trans ge _ _ _ Run Rest).
  Qed.
  Lemma stop_step s d s1 g ws d' : step (ge_module ge) s = Some s1 -> comes_to_stop s1 d g ws d' ->
    comes_to_stop s d g ws d'.
  Proof. intros Step; apply stop_after; eapply steps_code; [exact Step|apply steps_done]. Qed.

  Lemma stops_in_steps :
    (forall le (st : mem * D) s g ws st', stmt_stops ge stop le st s g ws st' ->
       forall k, comes_to_stop (Exec le s k) (snd st) g ws (snd st')) /\
    (forall (st : mem * D) id fd vs g ws st', call_stops ge stop st id fd vs g ws st' ->
       forall k, comes_to_stop (Enter id fd vs k) (snd st) g ws (snd st')).
  Proof.
    pose proof (big_small (mem := mem) ge) as (Big & _).
    apply (stops_ind mem D ge stop).
    - intros le st result f targs tres cc fd args vs g ws st' Callee Args Type_is _ IH k.
      eapply stop_step; [|apply IH]; cbn; rewrite Args, Callee; destruct (type_eq _ _); [reflexivity|contradiction].
    - intros le st s1 s2 g ws st' _ IH k; eapply stop_step; [reflexivity|apply IH].
    - intros le le1 st st1 s1 s2 g ws st' First _ IH k; eapply stop_step; [reflexivity|].
      eapply stop_after; [exact (Big _ _ _ _ _ _ _ _ First _)|]; eapply stop_step; [reflexivity|apply IH].
    - intros le st e s1 s2 b g ws st' Cond _ IH k; eapply stop_step; [|apply IH]; cbn; now rewrite Cond.
    - intros le st s1 s2 g ws st' _ IH k; eapply stop_step; [reflexivity|apply IH].
    - intros le le1 st st1 s1 s2 out1 g ws st' Body Goes _ IH k; eapply stop_step; [reflexivity|].
      eapply stop_after; [exact (Big _ _ _ _ _ _ _ _ Body _)|]; eapply stop_step; [|apply IH]; cbn; now rewrite Goes.
    - intros le le1 le2 st st1 st2 s1 s2 out1 g ws st' Body Goes Step _ IH k; eapply stop_step; [reflexivity|].
      eapply stop_after; [exact (Big _ _ _ _ _ _ _ _ Body _)|]; eapply stop_step; [cbn; now rewrite Goes|].
      eapply stop_after; [exact (Big _ _ _ _ _ _ _ _ Step _)|]; eapply stop_step; [reflexivity|apply IH].
    - intros st id f vs le g ws st' Entry _ IH k; eapply stop_step; [cbn; now rewrite Entry|apply IH].
    - intros st id ef targs tres cc vs Stop k; split; [exact Stop|]; repeat eexists; apply steps_done.
  Qed.
End Stops.

(** ** Calls *)
Section Calls.
  Context (prefix : string) (T : table) (Ok : table_ok T = true) (Recordable : recordable T = true).
  Context (B : build) (c : cpu).
  Local Notation self := (this_cpu B c).
  Context (Self : 0 <= self < limit B) (Limit : limit B <= 2 ^ 32) (Depth : 0 <= depth B < 2 ^ 32).
  Local Notation text := (debug_stack prefix T).
  Local Notation M4 := (locks_checked_text prefix T).
  Local Notation leads := (leads prefix T B c).
  Local Notation represents := (represents T (depth B)).
  Local Notation wrong := (wrong T (depth B)).

  (** Code at a call. *)
  Definition call_state (call : checked_call) : state :=
    match find_function (functions text) ($(call_name prefix call)) with
    | Some fd => Enter ($(call_name prefix call)) fd (call_args call) Kstop
    | None => Give Vundef (Kseq Sskip Kstop)
    end.

  Lemma name_long call s : call_of_table T call -> List.In s forward_names -> $(call_name prefix call) <> $s.
  Proof.
    intros Of Is; assert (Short : short s = true) by (cbn in Is; destruct Is as [<-|[<-|[]]]; reflexivity).
    destruct call as [o f i|[] f i|]; cbn [call_name].
    - apply acquire_release_name_other, short_length, Short.
    - exact (assertion_not_short prefix ("_held_" ++ name f) s Short ltac:(cbn; lia)).
    - exact (assertion_not_short prefix ("_not_held_" ++ name f) s Short ltac:(cbn; lia)).
    - exact (assertion_not_short prefix "_none_held" s Short ltac:(cbn; lia)).
  Qed.
  (** It is there. *)
  Lemma call_found call : call_of_table T call -> exists fd,
    find_function M4 ($(call_name prefix call)) = Some (Internal fd) /\
    call_state call = Enter ($(call_name prefix call)) (Internal fd) (call_args call) Kstop.
  Proof.
    intros Of; assert (exists fd, find_function M4 ($(call_name prefix call)) = Some (Internal fd)) as (fd & Is).
    { destruct call as [o f i|a f i|]; cbn [call_name].
      - exists (checked_text o f); apply find_checked; [exact Ok|apply Of].
      - exists (assertion_text a f); apply find_assertion; [exact Ok|apply Of].
      - exists none_held_text; apply find_none_held; exact Ok. }
    exists fd; split; [exact Is|]; unfold call_state.
    now rewrite (found_linked prefix T _ _ Is (fun s => name_long call s Of)).
  Qed.

  (** A record of this CPU alone. *)
  Let alone_with (r : record) : records := fun _ => r.
  Let Known : Z.eqb self self = true := Z.eqb_refl self.
  Let Range : 0 <= self < 2 ^ 32.
  Proof. lia. Qed.

  Lemma call_leads call o l b r b2 R2 : call_of_table T call ->
    call_function (checking (one_call o l) (Z.eqb self) (depth B) self M4) ($(call_name prefix call)) (call_args call)
      (tt, (b, alone_with r)) (tt, (b2, R2)) Vundef ->
    goes prefix T B c o l (call_state call) b (alone_with r) (Give Vundef Kstop) b2 R2.
  Proof.
    intros Of (fd & Found & Run); destruct (call_found call Of) as (f & Is & ->).
    assert (Some fd = Some (Internal f)) as [= ->] by exact (eq_trans (eq_sym Found) Is).
    apply (call_agrees (checking (one_call o l) (Z.eqb self) (depth B) self M4) tt) in Run.
    exact (runs_lead prefix T B c Self o l _ _ Run).
  Qed.

  Theorem right_call o f i r held : of_family T f i -> represents r held -> wrong (Lock_call o f i) held = false ->
    exists k r1 r2,
      leads (call_state (Lock_call o f i)) r
            (Enter ($(forwards_to o)) (Internal (floor_3 o)) (numbers [lock_id f i]) k) r1 /\
      leads (Give Vundef k) r1 (Give Vundef Kstop) r2 /\ represents r2 (held_after (Lock_call o f i) held).
  Proof.
    intros Of Says Not.
    destruct (right_goes_on prefix T Ok Recordable (one_call o (lock_id f i)) (Z.eqb self) (depth B) self Known Range
                Depth tt (Lock_call o f i) held false true (alone_with r) Of Says Not) as (R' & Run & Now & _).
    { unfold does_below, one_call; eexists; exists Vundef; rewrite Pos.eqb_refl; split; [reflexivity|cbn; auto]. }
    destruct (call_leads (Lock_call o f i) o (lock_id f i) false r true R' Of Run) as (k & r1 & One & Two).
    exists k, r1, (R' self); auto.
  Qed.

  Theorem right_assertion a r held : call_of_table T (assert_call a) -> represents r held ->
    wrong (assert_call a) held = false ->
    exists r2, leads (assertion_state text a) r (Give Vundef Kstop) r2 /\ represents r2 held.
  Proof.
    intros Of Says Not.
    destruct (right_goes_on prefix T Ok Recordable (one_call Acquire 0) (Z.eqb self) (depth B) self Known Range
                Depth tt (assert_call a) held false false (alone_with r) Of Says Not) as (R' & Run & Now & _).
    { destruct a; reflexivity. }
    pose proof (call_leads (assert_call a) Acquire 0 false r false R' Of Run) as Leads; exists (R' self).
    split; [exact Leads|destruct a; exact Now].
  Qed.

  Theorem wrong_call call r held : call_of_table T call -> represents r held -> wrong call held = true ->
    exists g ws ef targs tres cc k, tells T (depth B) self call held g ws /\ stops g = true /\
      leads (call_state call) r (Enter g (External ef targs tres cc) ws k) r.
  Proof.
    intros Of Says Is.
    destruct (wrong_stops prefix T Ok Recordable (one_call Acquire 0) (Z.eqb self) (depth B) self Known Range
                Depth tt call held false (alone_with r) Of Says Is) as (g & ws & Tells & fd & Found & Stop).
    destruct (call_found call Of) as (f & There & ->).
    assert (Some fd = Some (Internal f)) as [= ->] by exact (eq_trans (eq_sym Found) There).
    apply (proj2 (stops_in_steps _ _)) with (k := Kstop) in Stop as (Stop & ef & ts & tr & cc & k & Run).
    exists g, ws, ef, ts, tr, cc, k; split; [exact Tells|split; [exact Stop|]].
    pose proof (runs_lead prefix T B c Self Acquire 0 _ _ Run) as Leads; cbn [fst snd goes] in Leads.
    rewrite (relink_fine (Enter g _ _ _)) in Leads; [exact Leads|].
    intros o ef' ts' tr' cc' vs' k' [= -> _ _ _]; destruct o; discriminate Stop.
  Qed.
End Calls.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Checks as steps of a CPU's own

    [leads s r s' r']: code at [s] comes to [s'] by steps of its own, whatever the
    others do meanwhile, and its record, which was [r], is then [r'].  It needs no other
    record ([own_call]): what is proved of a call of floor 4's debug text, of
    records in which this CPU's alone is there, is proved of any.  Read next: calls.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax semantics smallstep determinism.
From hlock.layers.view Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text checks_text record checks_found checked.
From hlock.generated Require L3_atomic.
From hlock.machine.model Require Import thread.
From hlock.machine.debug Require Import model found.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

Section Own.
  Context (B : build) (c : cpu).
  Local Notation self := (this_cpu B c).
  Context (Self : 0 <= self < limit B).

  (** Primitive [p], done by this CPU alone, is [p'] on the machine. *)
  Definition own {D : Type} (p : prim (recorded (D := D))) (p' : prim (recorded (D := unit))) : Prop :=
    forall vs b b' R v R', p vs (b, R) v (b', R') -> b' = b /\ forall R2, R2 self = R self ->
      exists R2', p' vs (tt, R2) v (tt, R2') /\ R2' self = R' self /\ others_same self R2 R2'.

  Lemma asks_own {D : Type} (what what' : list Z -> records -> option Z) :
    (forall ns R R2 z, what ns R = Some z -> R2 self = R self -> what' ns R2 = Some z) ->
    own (asks (D := D) what) (asks what').
  Proof.
    intros Own vs b b' R v R' (ns & z & -> & Is & -> & [= -> ->]); split; [reflexivity|]; intros R2 Same; exists R2.
    split; [|split; [exact Same|intros c' _; reflexivity]].
    exists ns, z; split; [reflexivity|split; [exact (Own _ _ R2 z Is Same)|auto]].
  Qed.
  Lemma does_own {D : Type} (what what' : list Z -> records -> option records) :
    (forall ns R R1 R2, what ns R = Some R1 -> R2 self = R self ->
       exists R2', what' ns R2 = Some R2' /\ R2' self = R1 self /\ others_same self R2 R2') ->
    own (does (D := D) what) (does what').
  Proof.
    intros Own vs b b' R v R' (ns & R1 & -> & Is & -> & [= -> ->]); split; [reflexivity|]; intros R2 Same.
    destruct (Own _ _ _ R2 Is Same) as (R2' & Is' & Then); exists R2'; split; [|exact Then].
    exists ns, R2'; auto.
  Qed.

  Let Us : cpus_below (limit B) self = true.
  Proof. unfold cpus_below; lia. Qed.
  Lemma set_own (R R2 : records) r r2 : r2 = r ->
    set_at self r2 R2 self = set_at self r R self /\ others_same self R2 (set_at self r2 R2).
  Proof.
    intros ->; unfold set_at; rewrite Z.eqb_refl; split; [reflexivity|]; intros c' Other.
    now rewrite (proj2 (Z.eqb_neq c' self)).
  Qed.

  Ltac each_number :=
    repeat match goal with
    | |- forall _, _ => intro
    | Is : match ?ns with [] => _ | _ :: _ => _ end = Some _ |- _ => destruct ns; cbn beta iota in Is |- *;
      try discriminate Is
    end.
  Ltac looked_up :=
    each_number; unfold when in *;
    match goal with Is : context [Z.eqb self ?z] |- _ => destruct (Z.eqb_spec self z) as [<-|]; [|discriminate Is] end;
    rewrite ?Us; cbn [andb] in *;
    repeat match goal with Is : (if ?t then _ else _) = Some _ |- _ => destruct t; [|discriminate Is] end;
    match goal with Is : Some _ = Some _ |- _ => injection Is as <- end.
  Ltac asked := apply asks_own; looked_up; congruence.
  Ltac done := apply does_own; looked_up; eexists; split; [reflexivity|apply set_own; congruence].

  (** A call of record.h that needs this CPU's record alone is one of the machine, whatever
      the other records are, and leaves them. *)
  Lemma own_call {D : Type} (below : layer D) g p : below g = None ->
    checking_layer below (Z.eqb self) (depth B) self g = Some p ->
    exists p', record_layer B c g = Some p' /\ own p p'.
  Proof.
    intros None; unfold record_layer, checking_layer.
    destruct (stops g); [intros [= <-]; eexists; split; [reflexivity|intros vs b b' R v R' []]|].
    do 2 (destruct (Pos.eqb g _); [intros [= <-]; eexists; split; [reflexivity|apply asks_own; each_number;
      assumption]|]).
    do 3 (destruct (Pos.eqb g _); [intros [= <-]; eexists; split; [reflexivity|asked]|]).
    do 3 (destruct (Pos.eqb g _); [intros [= <-]; eexists; split; [reflexivity|done]|]).
    destruct (Pos.eqb g _); [intros [= <-]; eexists; split; [reflexivity|]|].
    - apply does_own; each_number; eexists; split; [reflexivity|split; [|intros c' _; reflexivity]].
      congruence.
    - rewrite None; discriminate.
  Qed.
End Own.

(** A step is the same in any text, and calls nothing, or is a call. *)
Lemma step_is s :
  (forall N N', step N s = step N' s) /\ (forall N g fd vs k, step N s <> Some (Enter g fd vs k)) \/
  exists le result f targs tres cc args k, s = Exec le (Scall result (Evar f (Tfunction targs tres cc)) args) k.
Proof.
  destruct s as [le s k|le out k|g fd vs k|v k].
  - destruct s as [|id a|result f args|s1 s2|e s1 s2|s1 s2| | |[a|]].
    3: destruct f as [|f [| |targs tres cc]| | | |].
    6: { right; repeat eexists. }
    all: left; split; try reflexivity; intros N g' fd' vs' k'; cbn [step step_exec];
      repeat match goal with |- context [match ?o with Some _ => _ | None => _ end] => destruct o end; discriminate.
  - left; split; [reflexivity|]; intros N g' fd' vs' k'; destruct k; cbn [step step_leave]; try discriminate;
      try (destruct out; cbn; discriminate); now destruct (function_result _ (fn_return f)).
  - left; destruct fd as [f|]; (split; [reflexivity|]; intros N g' fd' vs' k'; cbn [step]; try discriminate).
    now destruct (function_entry f vs).
  - left; split; [reflexivity|]; intros N g' fd' vs' k'; now destruct k.
Qed.

(** What floor 3 defines for floor 4. *)
Definition floor_3 (o : operation) : function :=
  match o with Acquire => L3_atomic.f_wait_hlock | Release => L3_atomic.f_pass_hlock end.

Section Leads.
  Context (prefix : string) (T : table) (B : build) (c : cpu).
  Local Notation self := (this_cpu B c).
  Context (Self : 0 <= self < limit B).
  Local Notation M := (functions (debug_stack prefix T)).
  Local Notation M4 := (locks_checked_text prefix T).

  Inductive leads : state -> record -> state -> record -> Prop :=
  | leads_done s r : leads s r s r
  | leads_code s s1 r s2 r2 : step M s = Some s1 -> leads s1 r s2 r2 -> leads s r s2 r2
  | leads_record g ef targs tres cc vs v k r r1 s2 r2 :
      (forall R, R self = r -> exists R1,
         record_step B c (Enter g (External ef targs tres cc) vs k, R) (Give v k, R1) /\
         R1 self = r1 /\ others_same self R R1) ->
      leads (Give v k) r1 s2 r2 -> leads (Enter g (External ef targs tres cc) vs k) r s2 r2.

  (** Code of floor 4 is not at a call of floor 3. *)
  Definition fine (s : state) : Prop :=
    forall o ef targs tres cc vs k, s <> Enter ($(forwards_to o)) (External ef targs tres cc) vs k.

  Lemma forwards_external o fd : find_function M4 ($(forwards_to o)) = Some fd ->
    (exists ef targs tres cc, fd = External ef targs tres cc) /\
    type_of_fundef fd = type_of_fundef (Internal (floor_3 o)).
  Proof.
    destruct T as [|f T'] eqn:Is.
    { rewrite parts, find_app_none, floor_internal by (destruct o; cbn; auto 10); discriminate. }
    rewrite (find_forwards prefix _ f o) by (now left); intros Fd.
    apply (f_equal (fun x => match x with Some fd => fd | None => fd end)) in Fd; subst fd.
    split; [eauto|destruct o; reflexivity].
  Qed.
  Lemma forwards_found o : find_function M ($(forwards_to o)) = Some (Internal (floor_3 o)).
  Proof. rewrite debug_is; apply find_app_some; now destruct o. Qed.

  (** The same code, where a call of floor 3 has found its function. *)
  Definition relink (s : state) : state :=
    match s with
    | Enter g (External _ _ _ _) vs k =>
        if Pos.eqb g ($"wait_hlock") then Enter g (Internal (floor_3 Acquire)) vs k
        else if Pos.eqb g ($"pass_hlock") then Enter g (Internal (floor_3 Release)) vs k
        else s
    | _ => s
    end.
  Lemma relink_fine s : fine s -> relink s = s.
  Proof.
    intros Fine; destruct s as [| |g [|] vs k|]; try reflexivity; unfold relink.
    destruct (Pos.eqb_spec g ($"wait_hlock")) as [->|]; [now destruct (Fine Acquire _ _ _ _ _ _ eq_refl)|].
    destruct (Pos.eqb_spec g ($"pass_hlock")) as [->|]; [now destruct (Fine Release _ _ _ _ _ _ eq_refl)|].
    reflexivity.
  Qed.

  (** A step of floor 4's text is one of the linked text. *)
  Lemma step_linked s s1 : step M4 s = Some s1 -> step M (relink s) = Some (relink s1).
  Proof.
    intros Is; destruct (step_is s) as [(Same & No)|(le & result & f & targs & tres & cc & args & k & ->)].
    - rewrite !relink_fine, (Same M M4); [exact Is| |]; intros o ef ts tr c0 vs k ->;
        [exact (No _ _ _ _ _ Is)|discriminate].
    - cbn [relink]; cbn [step step_exec] in Is |- *; destruct (eval_args le args targs) as [vs|]; [|discriminate].
      destruct (find_function M4 f) as [fd|] eqn:Found; [|discriminate].
      destruct (type_eq _ _) as [Type_is|]; [|discriminate]; injection Is as <-.
      assert (Either : (exists o, f = $(forwards_to o)) \/ forall s, List.In s forward_names -> f <> $s).
      { destruct (Pos.eq_dec f ($"wait_hlock")); [left; exists Acquire; assumption|].
        destruct (Pos.eq_dec f ($"pass_hlock")); [left; exists Release; assumption|right].
        intros s [<-|[<-|[]]]; assumption. }
      destruct Either as [(o & ->)|Not].
      + destruct (forwards_external o fd Found) as ((ef & ts & tr & c0 & ->) & Types).
        rewrite forwards_found, <- Types, Type_is; destruct (type_eq _ _); [now destruct o|congruence].
      + rewrite (found_linked prefix T f fd Found Not), Type_is, relink_fine; [now destruct (type_eq _ _)|].
        intros o ef ts tr c0 vs' k' [= -> _ _ _]; refine (Not (forwards_to o) _ eq_refl).
        destruct o; cbn; auto.
  Qed.

  (** ** A run of floor 4's text, up to its call of floor 3, and after it *)

  (** A floor 3 that can be called once: function [o], of lock [l]. *)
  Definition one_call (o : operation) (l : Z) : layer bool := fun g =>
    if Pos.eqb g ($(forwards_to o))
    then Some (fun vs b v b' => vs = numbers [l] /\ v = Vundef /\ b = false /\ b' = true) else None.
  Local Notation L o l := (checking_layer (one_call o l) (Z.eqb self) (depth B) self).
  Local Notation ge o l := (mkgenv M4 (L o l)).

  Lemma once_record o l g p : g <> $(forwards_to o) -> L o l g = Some p ->
    exists p', record_layer B c g = Some p' /\ own B c p p'.
  Proof.
    intros Not; apply (own_call B c Self); unfold one_call; now rewrite (proj2 (Pos.eqb_neq _ _) Not).
  Qed.
  Lemma once_forwards o l p : L o l ($(forwards_to o)) = Some p -> forall vs b R v b' R', p vs (b, R) v (b', R') ->
    vs = numbers [l] /\ v = Vundef /\ b = false /\ b' = true /\ R' = R.
  Proof.
    intros Is; assert (L o l ($(forwards_to o)) = Some (lifted (fun vs b v b' =>
      vs = numbers [l] /\ v = Vundef /\ b = false /\ b' = true))) as There by (destruct o; reflexivity).
    rewrite There in Is; injection Is as <-; intros vs b R v b' R' (Does & Same); cbn in *; intuition.
  Qed.

  (** What runs on it, is a run of the linked text: all of it, or what is before the call and what is after. *)
  Definition goes (o : operation) (l : Z) (s : state) (b : bool) (R : records) (s2 : state) (b2 : bool)
      (R2 : records) : Prop :=
    match b, b2 with
    | false, true => exists k r1, leads s (R self) (Enter ($(forwards_to o)) (Internal (floor_3 o)) (numbers [l]) k)
      r1 /\
                       leads (Give Vundef k) r1 s2 (R2 self)
    | false, false | true, true => leads s (R self) s2 (R2 self)
    | true, false => False
    end.

  Lemma goes_after o l s R b s1 R1 s2 b2 R2 : (forall s' r', leads s1 (R1 self) s' r' -> leads s (R self) s' r') ->
    goes o l s1 b R1 s2 b2 R2 -> goes o l s b R s2 b2 R2.
  Proof. intros Before; destruct b, b2; cbn; auto; intros (k & r1 & One & Two); eauto. Qed.

  Lemma runs_lead o l sd sd2 : steps (ge o l) sd sd2 ->
    goes o l (relink (fst sd)) (fst (snd sd)) (snd (snd sd)) (relink (fst sd2)) (fst (snd sd2)) (snd (snd sd2)).
  Proof.
    induction 1 as [[s [b R]]|s s1 [b R] [s2 [b2 R2]] Step Rest IH
                   |g p ef targs tres cc vs k v [b R] [b' R'] [s2 [b2 R2]] Offered Does Rest IH]; cbn [fst snd] in *.
    - destruct b; cbn; constructor.
    - apply (goes_after o l _ R b (relink s1) R); [|exact IH]; intros s' r'; apply leads_code, step_linked, Step.
    - destruct (Pos.eq_dec g ($(forwards_to o))) as [->|Not].
      + apply (once_forwards o l p Offered) in Does as (-> & -> & -> & -> & ->).
        destruct b2; cbn [goes] in IH |- *; [|destruct IH]; exists k, (R self); split; [|exact IH].
        destruct o; constructor.
      + destruct (once_record o l g p Not Offered) as (p' & Is & Own).
        destruct (Own _ _ _ _ _ _ Does) as (-> & Goes).
        apply (goes_after o l _ R b (Give v k) R'); [|exact IH].
        rewrite relink_fine.
        * intros s' r'; apply leads_record; intros R0 Same; destruct (Goes R0 Same) as (R1 & Does1 & Here & Others).
          exists R1; split; [econstructor; eassumption|auto].
        * intros o' ef' ts tr c0 vs' k' [= -> _ _ _]; destruct o'; discriminate Is.
  Qed.
End Leads.

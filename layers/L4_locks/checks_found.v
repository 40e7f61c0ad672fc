(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 4: what is where in the debug text of a table

    As text_facts.v, of [locks_checked_text]: each function is found under its name,
    whatever the prefix.  Read next: checked.v. *)
From Coq Require Import ZArith List Bool String Lia FMapPositive Permutation.
From hlock.clight Require Import options integers values syntax semantics.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import text text_facts checks_text record checks_code.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.
Local Open Scope Z_scope.

(** ** Finding the functions of the text *)
Lemma find_app_some (A B : module) id fd : find_function A id = Some fd -> find_function (A ++ B) id = Some fd.
Proof. intros Is; rewrite find_function_app; now rewrite Is. Qed.
Lemma find_app_none (A B : module) id : find_function A id = None -> find_function (A ++ B) id = find_function B id.
Proof. intros Is; rewrite find_function_app; now rewrite Is. Qed.

(** The functions that the text of a table calls, and those of checks.h, have short names, none that
    begins as those of assertions. *)
Definition short (s : string) : bool := (String.length s <? 13)%nat && negb (String.prefix "assert" s).
Definition before_table (T : table) : module := record_calls ++ checked_calls T ++ checks.

Lemma before_table_names T id : In id (map fst (before_table T)) -> exists s, short s = true /\ id = $s.
Proof.
  unfold before_table, record_calls, checked_calls, checks; intros Is.
  destruct T as [|f T]; [|destruct (index f); [|destruct (existsb _ T)]];
    cbn [app map fst snd external_answer external_text In] in Is;
    repeat destruct Is as [<-|Is]; try destruct Is; eexists; (split; [|reflexivity]); reflexivity.
Qed.
Lemma short_length s : short s = true -> (String.length s < 13)%nat.
Proof. unfold short; rewrite andb_true_iff, Nat.ltb_lt; tauto. Qed.

(** Assertions have names of their own. *)
Lemma assertion_name_inj prefix a f a' f' :
  $(assertion_name prefix a f) = $(assertion_name prefix a' f') -> a = a' /\ name f = name f'.
Proof.
  intros Same; apply ident_of_string_inj, append_inj_left in Same.
  destruct a, a'; try discriminate Same; split; auto; now apply append_inj_left in Same.
Qed.
Lemma assertion_name_other prefix a f o g : $(assertion_name prefix a f) <> $(function_name prefix o g).
Proof. intros Same; apply ident_of_string_inj, append_inj_left in Same; destruct a, o; discriminate. Qed.
Lemma none_held_name_other prefix o g : $(none_held_name prefix) <> $(function_name prefix o g).
Proof. intros Same; apply ident_of_string_inj, append_inj_left in Same; destruct o; discriminate. Qed.
Lemma none_held_not_assertion prefix a f : $(none_held_name prefix) <> $(assertion_name prefix a f).
Proof. intros Same; apply ident_of_string_inj, append_inj_left in Same; destruct a; discriminate. Qed.
(** Nor is one of these names short. *)
Lemma assertion_not_short prefix rest s : short s = true -> (6 <= String.length rest)%nat ->
  $((prefix ++ "assert" ++ rest)%string) <> $s.
Proof.
  intros Short Long Same; apply ident_of_string_inj in Same; subst s; destruct prefix as [|c prefix].
  - unfold short in Short; rewrite andb_true_iff in Short; destruct Short as (_ & Short).
    destruct rest; discriminate Short.
  - apply short_length in Short; cbn in Short; rewrite !length_append in Short; cbn in Short; lia.
Qed.

Section Found.
  Context (prefix : string) (T : table).
  Local Notation M := (locks_checked_text prefix T).

  Lemma text_is : M = before_table T ++ checked_functions prefix T ++ assertions_of prefix T.
  Proof. unfold locks_checked_text, before_table; now rewrite <- !app_assoc. Qed.

  Lemma text_has_checks : has_checks M.
  Proof.
    split; unfold locks_checked_text; intros f Is.
    - destruct (find_function record_calls (fst f)) eqn:There; [now apply find_app_some|].
      exfalso; cbn [In record_calls] in Is; repeat destruct Is as [<-|Is]; try destruct Is; discriminate There.
    - rewrite find_app_none, find_app_none.
      + destruct (find_function checks (fst f)) eqn:There; [now apply find_app_some|].
        exfalso; cbn [In checks map fst snd] in Is; repeat destruct Is as [<-|Is]; try destruct Is; discriminate There.
      + cbn [In checks map fst snd] in Is; repeat destruct Is as [<-|Is]; try destruct Is;
          unfold checked_calls; destruct T as [|g T']; try reflexivity;
          destruct (index g); try reflexivity; destruct (existsb _ T'); reflexivity.
      + cbn [In checks map fst snd] in Is; repeat destruct Is as [<-|Is]; try destruct Is; reflexivity.
  Qed.

  Lemma find_this_cpu : find_function M ($"this_cpu") = find_function (checked_calls []) ($"this_cpu").
  Proof.
    unfold locks_checked_text; rewrite find_app_none by reflexivity; apply find_app_some.
    unfold checked_calls; destruct T as [|f T']; [reflexivity|].
    destruct (index f); [reflexivity|]; destruct (existsb _ T'); reflexivity.
  Qed.
  Lemma find_forwards f o : In f T -> find_function M ($(forwards_to o)) =
    Some (External (EF_external (forwards_to o) (mksignature [AST.Tint] AST.Tvoid cc_default))
                   (Tcons tuint Tnil) tvoid cc_default).
  Proof.
    intros F; unfold locks_checked_text; rewrite find_app_none by now destruct o.
    apply find_app_some; unfold checked_calls; destruct T as [|g T']; [destruct F|].
    destruct (index g); [|destruct (existsb _ T')]; destruct o; reflexivity.
  Qed.
  Lemma find_stop f p : In f T -> index f = Some p -> find_function M ($"hlock_stop") =
    Some (External (EF_external "hlock_stop" (mksignature (repeat AST.Tint 4) AST.Tvoid cc_default))
                   (uints (repeat tt 4)) tvoid cc_default).
  Proof.
    intros F Index; unfold locks_checked_text; rewrite find_app_none by reflexivity.
    apply find_app_some; unfold checked_calls; destruct T as [|g T']; [destruct F|].
    destruct (index g) eqn:Has; [reflexivity|]; destruct F as [->|F]; [congruence|].
    assert (existsb (fun f => match index f with Some _ => true | None => false end) T' = true) as ->
      by (apply existsb_exists; exists f; now rewrite Index).
    reflexivity.
  Qed.

  Lemma none_below id : (forall s, short s = true -> id <> $s) -> find_function (before_table T) id = None.
  Proof.
    intros Not; apply find_function_none; intros Is; apply before_table_names in Is as (s & Is & Same).
    exact (Not s Is Same).
  Qed.
  Lemma function_names id : In id (map fst (checked_functions prefix T)) ->
    exists o f, id = $(function_name prefix o f).
  Proof.
    induction T as [|f T' IH]; cbn [checked_functions flat_map app map fst In]; [tauto|].
    intros [<-|[<-|Is]]; eauto.
  Qed.

  Context (Ok : table_ok T = true).

  Lemma find_checked f o : In f T ->
    find_function M ($(function_name prefix o f)) = Some (Internal (checked_text o f)).
  Proof.
    intros F; rewrite text_is, find_app_none
      by (apply none_below; intros s Is; apply acquire_release_name_other, short_length, Is).
    apply find_app_some, (find_one_of_two Acquire Release o (function_name prefix) checked_text T f); auto;
      [apply acquire_release_name_inj|discriminate|destruct o; auto].
  Qed.

  Lemma find_assertion f a : In f T ->
    find_function M ($(assertion_name prefix a f)) = Some (Internal (assertion_text a f)).
  Proof.
    intros F; rewrite text_is, find_app_none.
    2: { apply none_below; intros s Short; destruct a;
           [exact (assertion_not_short prefix ("_held_" ++ name f) s Short ltac:(cbn; lia))
           |exact (assertion_not_short prefix ("_not_held_" ++ name f) s Short ltac:(cbn; lia))]. }
    rewrite find_app_none.
    2: { apply find_function_none; intros Is; apply function_names in Is as (o & g & Same).
         exact (assertion_name_other prefix a f o g Same). }
    apply find_app_some, (find_one_of_two Held Not_held a (assertion_name prefix) assertion_text T f); auto;
      [apply assertion_name_inj|discriminate|destruct a; auto].
  Qed.

  Lemma find_none_held : find_function M ($(none_held_name prefix)) = Some (Internal none_held_text).
  Proof.
    rewrite text_is, find_app_none.
    2: { apply none_below; intros s Short; exact (assertion_not_short prefix "_none_held" s Short ltac:(cbn; lia)). }
    rewrite find_app_none.
    2: { apply find_function_none; intros Is; apply function_names in Is as (o & g & Same).
         exact (none_held_name_other prefix o g Same). }
    unfold assertions_of; rewrite find_app_none; [cbn; now rewrite Pos.eqb_refl|].
    apply find_function_none; induction T as [|f T' IH]; [now intros []|].
    cbn [flat_map app map fst In]; intros [Same|[Same|Is]].
    - exact (none_held_not_assertion prefix Held f (eq_sym Same)).
    - exact (none_held_not_assertion prefix Not_held f (eq_sym Same)).
    - apply IH; [|exact Is]; apply table_ok_cons in Ok; tauto.
  Qed.
End Found.

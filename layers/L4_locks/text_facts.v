(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What is where in the text of a table

    In the text of a table that [table_ok] accepts no function has the name of
    another, nor of one that it calls: each is found under its name
    ([find_acquire_release]), whatever the prefix.  Two families of one name would
    break it ([twice_not_correct] in wrong.v).  Here and in code.v a lemma about the
    text of both functions of a family says so in its name: the mutation test asks
    that what fails names a function. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import text.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

(** ** Names *)

Lemma length_append s t : (String.length (s ++ t)%string = String.length s + String.length t)%nat.
Proof. induction s as [|c s IH]; cbn; [reflexivity|now rewrite IH]. Qed.
Lemma append_inj_left s t t' : (s ++ t)%string = (s ++ t')%string -> t = t'.
Proof. induction s as [|c s IH]; cbn; [auto|intros [= E]; auto]. Qed.

(** A function's name is longer than that of any function of the floors below. *)
Lemma acquire_release_name_length prefix o f : (13 <= String.length (function_name prefix o f))%nat.
Proof. unfold function_name; rewrite !length_append; destruct o; cbn; lia. Qed.
Lemma acquire_release_name_other prefix o f s : (String.length s < 13)%nat -> $(function_name prefix o f) <> $s.
Proof.
  intros Short Same; apply ident_of_string_inj in Same.
  pose proof (acquire_release_name_length prefix o f) as Long; rewrite Same in Long; lia.
Qed.
Lemma acquire_release_name_inj prefix o f o' f' :
  $(function_name prefix o f) = $(function_name prefix o' f') -> o = o' /\ name f = name f'.
Proof.
  intros Same; apply ident_of_string_inj, append_inj_left in Same.
  destruct o, o'; try discriminate Same; split; auto; now apply append_inj_left in Same.
Qed.

(** ** Finding *)

Lemma find_function_app (M M' : module) id :
  find_function (M ++ M') id = match find_function M id with Some fd => Some fd | None => find_function M' id end.
Proof. induction M as [|[id' [fd]] M IH]; cbn; [reflexivity|]; now destruct (Pos.eqb id' id). Qed.

Lemma find_function_none (M : module) id : ~ In id (map fst M) -> find_function M id = None.
Proof.
  induction M as [|[id' [fd]] M IH]; cbn; [reflexivity|]; intros Not.
  destruct (Pos.eqb_spec id' id) as [->|_]; [destruct Not; now left|auto].
Qed.

(** The names of the functions that the text calls. *)
Definition called_names : list string := ["wait_hlock"; "pass_hlock"; "hlock_stop"]%string.
Lemma calls_names debug T id : In id (map fst (calls_of debug T)) -> exists s, In s called_names /\ id = $s.
Proof.
  unfold calls_of, called_names; intros Is.
  destruct T as [|f T]; [destruct Is|].
  repeat match type of Is with context [if ?b then _ else _] => destruct b end; cbn in Is |- *.
  all: repeat destruct Is as [<-|Is]; [..|destruct Is]; eauto 6.
Qed.

Lemma acquire_release_names debug prefix T id :
  In id (map fst (functions_of debug prefix T)) -> exists o f, In f T /\ id = $(function_name prefix o f).
Proof.
  induction T as [|f T IH]; cbn; [tauto|]; intros [<-|[<-|Is]].
  - exists Acquire, f; auto.
  - exists Release, f; auto.
  - destruct (IH Is) as (o & g & Member & ->); eauto.
Qed.

(** In a text with two functions of each family each is found under its name. *)
Lemma find_one_of_two {K} (k1 k2 k : K) (called : K -> family -> string) (made : K -> family -> function) T f :
  (forall k f k' g, $(called k f) = $(called k' g) -> k = k' /\ name f = name g) -> k1 <> k2 -> k = k1 \/ k = k2 ->
  table_ok T = true -> In f T ->
  find_function (flat_map (fun f => [ ($(called k1 f), Gfun (Internal (made k1 f)));
                                      ($(called k2 f), Gfun (Internal (made k2 f))) ]) T) ($(called k f)) =
  Some (Internal (made k f)).
Proof.
  intros Inj Differ Is; induction T as [|g T IH]; [intros _ []|].
  rewrite table_ok_cons; intros (_ & Rest & Apart) Member; cbn [flat_map app find_function].
  assert (Other : forall k', In f T -> Pos.eqb ($(called k' g)) ($(called k f)) = false).
  { intros k' F; apply Pos.eqb_neq; intros Same; apply Inj in Same as (_ & Same); exact (proj1 (Apart f F) Same). }
  destruct Member as [->|Member]; [|rewrite !Other by auto; now apply IH].
  destruct Is as [->| ->]; [now rewrite Pos.eqb_refl|].
  rewrite (proj2 (Pos.eqb_neq _ _)), Pos.eqb_refl; [reflexivity|].
  intros Same; apply Inj in Same as (Same & _); exact (Differ Same).
Qed.

Lemma find_acquire_release_in debug prefix T f o : table_ok T = true -> In f T ->
  find_function (functions_of debug prefix T) ($(function_name prefix o f)) = Some (Internal (function_text debug o f)).
Proof.
  apply (find_one_of_two Acquire Release o (function_name prefix) (function_text debug));
    [apply acquire_release_name_inj|discriminate|destruct o; auto].
Qed.

Theorem find_acquire_release debug prefix T f o : table_ok T = true -> In f T ->
  find_function (text_of debug prefix T) ($(function_name prefix o f)) = Some (Internal (function_text debug o f)).
Proof.
  intros Ok Member; unfold text_of; rewrite find_function_app, find_function_none; [now apply find_acquire_release_in|].
  intros Is; apply calls_names in Is as (s & Known & Same).
  apply (acquire_release_name_other prefix o f s); [|exact Same].
  unfold called_names in Known; cbn in Known; repeat destruct Known as [<-|Known]; cbn; try lia; destruct Known.
Qed.

(** The functions that are called. *)
Lemma find_acquire_release_callee debug prefix T f o : In f T ->
  find_function (text_of debug prefix T) ($(forwards_to o)) =
  Some (External (EF_external (forwards_to o) (mksignature [AST.Tint] AST.Tvoid cc_default))
                 (Tcons tuint Tnil) tvoid cc_default).
Proof.
  intros Member; destruct T as [|g T]; [destruct Member|].
  unfold text_of, calls_of; rewrite find_function_app.
  repeat match goal with |- context [if ?b then _ else _] => destruct b end; destruct o; reflexivity.
Qed.
Lemma find_acquire_release_stop prefix T f p : In f T -> index f = Some p ->
  find_function (text_of true prefix T) ($"hlock_stop") =
  Some (External (EF_external "hlock_stop" (mksignature [AST.Tint; AST.Tint; AST.Tint; AST.Tint] AST.Tvoid cc_default))
                 (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))) tvoid cc_default).
Proof.
  intros Member Index; unfold text_of; rewrite find_function_app.
  destruct T as [|g T]; [destruct Member|]; cbn [calls_of andb].
  destruct (index g) eqn:Has; [reflexivity|].
  destruct Member as [->|Member]; [congruence|].
  assert (existsb (fun f => match index f with Some _ => true | None => false end) T = true) as ->
    by (apply existsb_exists; exists f; now rewrite Index).
  reflexivity.
Qed.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * In the middle of a call: the small steps of one CPU

    A thread in a call makes small steps of the linked C.  Over floor 0's local view
    these are [steps] (clight/smallstep.v) on [stack_genv]: a step of its own leaves
    the view ([local_steps]); a primitive does to it what floor 0's specification
    says ([ask_steps], [load_steps]).  Such a run that comes to its end
    is the whole operation ([call_done]), and what lies on the way to there is
    passed ([call_passes]).  Read next: bridged.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax semantics determinism smallstep agree.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.layers Require L1_ticket.code.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract text code.
From hlock.stack Require Import stack setting acts.
From hlock.machine.model Require Import thread.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

Section Steps.
  Context (text : program) (S : system) (width : Z).
  Local Notation data := (RData (words S width)).
  Local Notation ge := (stack_genv text S width).

  (** ** What a thread does in a call is such steps *)

  Lemma local_steps (o : op S) history s s' (d : data) :
    in_call text o history s = Local (Calling o history s') -> steps ge (s, d) (s', d).
  Proof.
    intros Is; assert (Own : step (functions text) s = Some s' -> steps ge (s, d) (s', d))
      by (intros Step; eapply steps_code; [exact Step|apply steps_done]).
    unfold in_call in Is; destruct s as [le s k|le out k|f [fn|ef targs tres cc] vs k|v k].
    4: { unfold primitive in Is; destruct vs as [|[|n] [|]]; try discriminate.
         - destruct (Pos.eqb_spec f ($"cpu_relax")) as [->|]; [|discriminate]; injection Is as <-.
           eapply steps_external; [reflexivity|repeat split; reflexivity|apply steps_done].
         - repeat (destruct (Pos.eqb _ _); [discriminate|]); discriminate. }
    4: destruct k; [discriminate|..].
    all: destruct (step _ _) as [s0|] in *; [injection Is as <-; auto|discriminate].
  Qed.

  (** A request to memory is made at the call of a primitive. *)
  Lemma asks_primitive (o : op S) history s :
    match in_call text o history s with
    | Take l t => exists n k ef targs tres cc, s = Enter ($"incr_ticket") (External ef targs tres cc) [Vint n] k /\
        l = Int.unsigned n /\ t = fun u => Calling o history (Give (Vint (Int.repr u)) k)
    | Poll l t => exists n k ef targs tres cc, s = Enter ($"get_now") (External ef targs tres cc) [Vint n] k /\
        l = Int.unsigned n /\ t = fun u => Calling o history (Give (Vint (Int.repr u)) k)
    | Load l t => exists n k ef targs tres cc, s = Enter ($"incr_now") (External ef targs tres cc) [Vint n] k /\
        l = Int.unsigned n /\ t = fun u => Storing o history l u k
    | _ => True
    end.
  Proof.
    destruct s as [le s k|le out k|f [fn|ef targs tres cc] vs k|v k]; cbn [in_call].
    4: { unfold primitive; destruct vs as [|[|n] [|]]; try exact I.
         - now destruct (Pos.eqb f _).
         - destruct (Pos.eqb_spec f ($"incr_ticket")) as [->|]; [eauto 10|].
           destruct (Pos.eqb_spec f ($"get_now")) as [->|]; [eauto 10|].
           destruct (Pos.eqb_spec f ($"incr_now")) as [->|]; [eauto 10|exact I]. }
    4: destruct k; [exact I|..].
    all: now destruct (step _ _).
  Qed.

  Lemma ask_steps (o : op S) history s l t s' k v (d : data) :
    in_call text o history s = Take l t /\ k = Took v /\ v = next S width l (seen d) \/
    in_call text o history s = Poll l t /\ k = Polled v /\ v = serving S width l (seen d) ->
    lock_exists (S := S) l = true -> t v = Calling o history s' -> steps ge (s, d) (s', act S width (Lock l k) d).
  Proof.
    intros Is Exists Then; pose proof (asks_primitive o history s) as Asks.
    destruct Is as [(Is & -> & ->)|(Is & -> & ->)]; rewrite Is in Asks;
      destruct Asks as (n & k' & ef & targs & tres & cc & -> & -> & ->); injection Then as <-.
    all: eapply steps_external; [reflexivity| |apply steps_done].
    all: do 2 eexists; split; [reflexivity|split; [reflexivity|]].
    all: unfold incr_ticket_spec, get_now_spec, on_existing; now rewrite Exists.
  Qed.
  (** Both halves of a release. *)
  Lemma load_steps (o : op S) history s l k (d : data) : let v := serving S width l (seen d) in
    in_call text o history s = Load l (fun u => Storing o history l u k) -> lock_exists (S := S) l = true ->
    steps ge (s, d) (Give Vundef k,
      act S width (Lock l (Stored ((v + 1) mod modulus width))) (act S width (Lock l (Loaded v)) d)).
  Proof.
    intros v Is Exists; pose proof (asks_primitive o history s) as Asks; rewrite Is in Asks.
    destruct Asks as (n & k' & ef & targs & tres & cc & -> & -> & Then).
    apply (f_equal (fun t => match t 0 with Storing _ _ _ _ k => k | _ => Kstop end)) in Then; cbn in Then; subst k'.
    eapply steps_external; [reflexivity| |apply steps_done].
    eexists; split; [reflexivity|split; [reflexivity|]]; unfold incr_now_spec, on_existing; now rewrite Exists.
  Qed.

  (** They are this CPU's own events, one after the other. *)
  Lemma steps_acts (sd sd' : state * data) : steps ge sd sd' -> acts S width (snd sd) (snd sd').
  Proof.
    induction 1 as [sd|s s' d sd _ _ IH|id p ef targs tres cc vs k v d d' sd Offered Prim _ IH]; cbn [snd] in *;
      [apply no_act|exact IH|].
    eapply acts_trans; [exact (words_layer_acts S width id p vs d v d' Offered Prim)|exact IH].
  Qed.

  (** ** They go one way *)
  Context (Width : 1 <= width <= 32).

  Lemma steps_line sd sd1 sd2 : steps ge sd sd1 -> steps ge sd sd2 -> steps ge sd1 sd2 \/ steps ge sd2 sd1.
  Proof.
    induction 1 as [sd|s s' d sd1 Step Run IH|id p ef targs tres cc vs k v d d' sd1 Offered Prim Run IH]; [auto|..];
      intros Run2.
    - inversion Run2 as [|? s2 ? ? Step2 Rest|]; subst; [right; eapply steps_code; eassumption| |discriminate].
      rewrite Step in Step2; injection Step2 as <-; auto.
    - inversion Run2 as [|? s2 ? ? Step2 Rest|? p2 ? ? ? ? ? ? ? ? ? ? Offered2 Prim2 Rest]; subst;
        [right; eapply steps_external; eassumption|discriminate|].
      rewrite Offered in Offered2; injection Offered2 as <-.
      destruct (L1_ticket.code.words_layer_det S width Width id p Offered vs d v d' v0 d'0 Prim Prim2) as (<- & <-).
      auto.
  Qed.
End Steps.

(** ** Such a run and the operation of which it is made *)
Section Whole.
  Context (text : program) (S : system) (width : Z) {mem : Type} (m : mem).
  Local Notation data := (RData (words S width)).
  Local Notation ge := (stack_genv text S width).
  Local Notation c_do := (c_do text S width m).

  (** A run from the call of [o] to its end is operation [o], and there is no other. *)
  Theorem call_exact (o : op S) history s0 (d d' : data) :
    begin text o history = Call o (Calling o history s0) ->
    c_do o d None d' <-> steps ge (s0, d) (Give Vundef Kstop, d').
  Proof.
    assert (Named : forall op f i,
      call_function ge ($(function_name (prefix_of text) op f)) (arguments f i) (m, d) (m, d') Vundef <->
      steps ge (name_of text op f i, d) (Give Vundef Kstop, d')).
    { intros op f i; unfold name_of, call_function; cbn [ge_module stack_genv].
      destruct (find_function _ _) as [fd|].
      - rewrite <- (call_agrees ge m); split; [intros (fd' & [= <-] & Call); exact Call|eauto].
      - split; [intros (fd & [=] & _)|intros Run; exfalso].
        inversion Run; subst; discriminate. }
    destruct o; cbn [begin runs.c_do]; intros [= <-]; rewrite <- Named; tauto.
  Qed.

  (** What lies on the way there is passed. *)
  Theorem call_passes (o : op S) history s0 s (d d1 d' : data) : 1 <= width <= 32 ->
    begin text o history = Call o (Calling o history s0) -> steps ge (s0, d) (s, d1) -> c_do o d None d' ->
    steps ge (s, d1) (Give Vundef Kstop, d').
  Proof.
    intros Width Begin Way Did; apply (call_exact o history s0 d d' Begin) in Did.
    destruct (steps_line text S width Width _ _ _ Way Did) as [Rest|Rest]; [exact Rest|].
    inversion Rest; subst; [apply steps_done|discriminate].
  Qed.
End Whole.

Section Done.
  Context {G : setting}.
  Local Notation text := the_text.
  Local Notation S := (the_system).
  Context {mem : Type} (m : mem).

  (** Of a function of the table: however its call ends, the operation is done. *)
  Theorem call_done (o : op S) history s0 v (d d' : RData (words S width)) :
    of_table the_table o -> begin text o history = Call o (Calling o history s0) ->
    steps (stack_genv text S width) (s0, d) (Give v Kstop, d') -> c_do text S width m o d None d'.
  Proof.
    intros Known Begin Run; apply (call_exact text S width m o history s0 d d' Begin).
    enough (v = Vundef) as <- by exact Run; revert Run.
    assert (Named : forall op f i, List.In f the_table ->
      steps (stack_genv text S width) (name_of text op f i, d) (Give v Kstop, d') -> v = Vundef).
    { intros op f i Member; unfold name_of; cbn [prefix_of stack]; rewrite stack_function by auto.
      intros Run; apply (call_agrees _ m) in Run; inversion Run as [? ? ? ? ? ? ? out ? ? ? Result|]; subst.
      destruct out as [| | |[[]|]]; cbn in Result; congruence. }
    destruct o; try discriminate; injection Begin as <-; cbn [of_table] in Known; eauto.
  Qed.
End Done.

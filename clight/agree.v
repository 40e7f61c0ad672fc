(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The small-step form agrees with the big-step form

    [call_agrees]: a call ends as the big-step form says exactly when small steps
    lead there.  The layer may be any relation: no determinism is used.

    From big to small: each rule of the big-step form is a run, whatever is to do
    afterwards.  From small to big: [jumps] are runs that take each statement and
    each call in one jump, by the big-step form.  A small step before jumps is
    jumps ([step_jumps]), so a run is jumps, by induction on the run; what jumps
    from a call to its end can only be one jump.  Read next: examples.v. *)
From Coq Require Import List.
From hlock.clight Require Import options integers values syntax operators semantics smallstep.

Section Agree.
  Context {mem D : Type} (ge : genv D).

  Lemma steps_trans sd1 sd2 sd3 : steps ge sd1 sd2 -> steps ge sd2 sd3 -> steps ge sd1 sd3.
  Proof. induction 1; eauto using steps_code, steps_external. Qed.

  (** ** From big to small *)

  (** One step of code, then what is known. *)
  Ltac code := eapply steps_code; [cbn; try reflexivity|].
  Ltac use Run := eapply steps_trans; [apply Run|].

  Lemma big_small :
    (forall e le (st : mem * D) s t le' st' out, exec_stmt ge e le st s t le' st' out ->
       forall k, steps ge (Exec le s k, snd st) (Leave le' out k, snd st')) /\
    (forall (st : mem * D) id fd vs t st' v, eval_funcall ge st id fd vs t st' v ->
       forall k, steps ge (Enter id fd vs k, snd st) (Give v k, snd st')).
  Proof.
    apply exec_funcall_ind.
    - intros; code; apply steps_done.
    - intros; code; [now rewrite Value|apply steps_done].
    - intros e le st st' result f targs tres cc fd args vs v Callee Args Type_at_call Call IH k.
      code; [rewrite Args, Callee; destruct (type_eq _ _); [reflexivity|contradiction]|].
      use IH; code; apply steps_done.
    - intros e le le1 le2 st st1 st2 s1 s2 out First IH1 Second IH2 k.
      code; use IH1; code; apply IH2.
    - intros e le le1 st st1 s1 s2 out First IH Exit k.
      code; use IH; code; [|apply steps_done]; now destruct out.
    - intros e le le' st st' c s1 s2 b out Cond Branch IH k.
      code; [now rewrite Cond|apply IH].
    - intros; code; apply steps_done.
    - intros; code; apply steps_done.
    - intros; code; apply steps_done.
    - intros; code; [now rewrite Value|apply steps_done].
    - intros e le le' st st' s1 s2 out1 out Body IH Ends k.
      code; use IH; code; [|apply steps_done].
      destruct out1; cbn in *; congruence.
    - intros e le le1 le' st st1 st' s1 s2 out1 out2 out Body IH1 Goes_on Step IH2 Ends k.
      code; use IH1; code; [now rewrite Goes_on|].
      use IH2; code; [|apply steps_done].
      destruct out2; cbn in *; congruence.
    - intros e le le1 le2 le' st st1 st2 st' s1 s2 out1 out Body IH1 Goes_on Step IH2 Again IH3 k.
      code; use IH1; code; [now rewrite Goes_on|].
      use IH2; code; apply IH3.
    - intros st st' id f vs le le' out v Entry Body IH Result k.
      code; [now rewrite Entry|].
      use IH; code; [now rewrite Result|apply steps_done].
    - intros m d d' id p ef targs tres cc vs v Offered Prim k.
      eapply steps_external; [eassumption..|apply steps_done].
  Qed.

  (** ** From small to big *)

  Context (m : mem).

  Definition done (s : state) : Prop :=
    match s with
    | Leave _ _ Kstop | Give _ Kstop => True
    | _ => False
    end.

  (** A run to [last], where statements and calls are jumps of the big-step form. *)
  Inductive jumps (last : state * D) : state * D -> Prop :=
  | jumps_done :
      done (fst last) -> jumps last last
  | jumps_exec le s k d le' out d' :
      exec_stmt ge empty_env le (m, d) s E0 le' (m, d') out ->
      jumps last (Leave le' out k, d') -> jumps last (Exec le s k, d)
  | jumps_enter id fd vs k d v d' :
      eval_funcall ge (m, d) id fd vs E0 (m, d') v ->
      jumps last (Give v k, d') -> jumps last (Enter id fd vs k, d)
  | jumps_leave le out k d s :
      step_leave le out k = Some s -> jumps last (s, d) -> jumps last (Leave le out k, d)
  | jumps_give v result le k d :
      jumps last (Leave (set_result result v le) Out_normal k, d) ->
      jumps last (Give v (Kcall result le k), d).

  (** What jumps to the end can begin with. *)
  Lemma jumps_exec_inv last le s k d : jumps last (Exec le s k, d) ->
    exists le' out d', exec_stmt ge empty_env le (m, d) s E0 le' (m, d') out /\
                       jumps last (Leave le' out k, d').
  Proof. inversion 1; subst; [contradiction|eauto]. Qed.

  Lemma jumps_enter_inv last id fd vs k d : jumps last (Enter id fd vs k, d) ->
    exists v d', eval_funcall ge (m, d) id fd vs E0 (m, d') v /\ jumps last (Give v k, d').
  Proof. inversion 1; subst; [contradiction|eauto]. Qed.

  Lemma jumps_leave_inv last le out k d : jumps last (Leave le out k, d) -> k <> Kstop ->
    exists s, step_leave le out k = Some s /\ jumps last (s, d).
  Proof. inversion 1; subst; [destruct k; cbn in *; tauto|eauto]. Qed.

  Lemma jumps_give_inv last v k d : jumps last (Give v k, d) -> k <> Kstop ->
    exists result le k', k = Kcall result le k' /\
                         jumps last (Leave (set_result result v le) Out_normal k', d).
  Proof. inversion 1; subst; [destruct k; cbn in *; tauto|eauto 6]. Qed.

  #[local] Hint Constructors exec_stmt eval_funcall : core.

  Lemma step_exec_jumps last s le k d s' :
    step_exec (ge_module ge) le s k = Some s' -> jumps last (s', d) -> jumps last (Exec le s k, d).
  Proof.
    destruct s as [|id a|result f args|s1 s2|c s1 s2|s1 s2| | |[a|]]; cbn; intros Step J.
    - injection Step as <-; eauto using jumps_exec.
    - destruct (eval_expr le a) eqn:Value; [|discriminate].
      injection Step as <-; eauto using jumps_exec.
    - destruct f as [|f t| | | |]; try discriminate.
      destruct t as [| |targs tres cc]; try discriminate.
      destruct (eval_args le args targs) eqn:Args; [|discriminate].
      destruct (find_function (ge_module ge) f) as [fd|] eqn:Callee; [|discriminate].
      destruct (type_eq _ _) as [Same|]; [|discriminate]; injection Step as <-.
      apply jumps_enter_inv in J as (v & d1 & Call & J).
      apply jumps_give_inv in J as (? & ? & ? & [= <- <- <-] & J); [|discriminate].
      eauto using jumps_exec.
    - injection Step as <-; apply jumps_exec_inv in J as (le1 & out1 & d1 & First & J).
      apply jumps_leave_inv in J as (s & Then & J); [|discriminate].
      destruct out1; cbn in Then; injection Then as <-.
      3: apply jumps_exec_inv in J as (le2 & out2 & d2 & Second & J); eauto using jumps_exec.
      all: eapply jumps_exec; [eapply exec_Ssequence_exit; [eassumption|discriminate]|exact J].
    - destruct (eval_cond le c) as [b|] eqn:Cond; [|discriminate]; injection Step as <-.
      apply jumps_exec_inv in J as (le1 & out1 & d1 & Branch & J); eauto using jumps_exec.
    - injection Step as <-; apply jumps_exec_inv in J as (le1 & out1 & d1 & Body & J).
      apply jumps_leave_inv in J as (s & Then & J); [|discriminate].
      cbn in Then; destruct (next_part out1) eqn:Goes_on.
      2: destruct (ends_loop out1) eqn:Ends; cbn in Then; [|discriminate].
      2: injection Then as <-; eauto using jumps_exec.
      injection Then as <-; apply jumps_exec_inv in J as (le2 & out2 & d2 & Step & J).
      apply jumps_leave_inv in J as (s & Then & J); [|discriminate].
      destruct out2; cbn in Then; try discriminate; injection Then as <-.
      2: apply jumps_exec_inv in J as (le3 & out3 & d3 & Again & J); eauto using jumps_exec.
      all: eapply jumps_exec; [eapply exec_Sloop_stop_step; eauto; reflexivity|exact J].
    - injection Step as <-; eauto using jumps_exec.
    - injection Step as <-; eauto using jumps_exec.
    - destruct (eval_expr le a) eqn:Value; [|discriminate].
      injection Step as <-; eauto using jumps_exec.
    - injection Step as <-; eauto using jumps_exec.
  Qed.

  Lemma step_jumps last s d s' :
    step (ge_module ge) s = Some s' -> jumps last (s', d) -> jumps last (s, d).
  Proof.
    destruct s as [le s k|le out k|id [f|] vs k|v k]; cbn; intros Step J.
    - eapply step_exec_jumps; eassumption.
    - eapply jumps_leave; eassumption.
    - destruct (function_entry f vs) as [le|] eqn:Entry; cbn in Step; [|discriminate].
      injection Step as <-; apply jumps_exec_inv in J as (le' & out & d1 & Body & J).
      apply jumps_leave_inv in J as (s & Then & J); [|discriminate]; cbn in Then.
      destruct (function_result out (fn_return f)) eqn:Result; [|discriminate].
      injection Then as <-; eauto using jumps_enter.
    - discriminate.
    - destruct k; try discriminate; injection Step as <-; now apply jumps_give.
  Qed.

  Lemma steps_jumps sd last : steps ge sd last -> done (fst last) -> jumps last sd.
  Proof. induction 1; intros Done; eauto using jumps_done, step_jumps, jumps_enter. Qed.

  (** ** Both *)

  Lemma jumps_steps sd last : jumps last sd -> steps ge sd last.
  Proof.
    induction 1 as [Done|le s k d le' out d' Big J IH|id fd vs k d v d' Big J IH|
                    le out k d s Step J IH|v result le k d J IH].
    - apply steps_done.
    - eapply steps_trans; [exact (proj1 big_small _ _ _ _ _ _ _ _ Big k)|exact IH].
    - eapply steps_trans; [exact (proj2 big_small _ _ _ _ _ _ _ Big k)|exact IH].
    - exact (steps_code ge (Leave le out k) s d last Step IH).
    - eapply steps_code; [reflexivity|exact IH].
  Qed.

  (** A run that ends passes the end of each statement that it begins. *)
  Theorem stmt_splits le s k d last :
    done (fst last) ->
    steps ge (Exec le s k, d) last <->
    exists le' out d', exec_stmt ge empty_env le (m, d) s E0 le' (m, d') out /\
                       steps ge (Leave le' out k, d') last.
  Proof.
    intros Done; split.
    - intros Run; apply (steps_jumps _ _ Run), jumps_exec_inv in Done as (le' & out & d' & Big & J).
      eauto 6 using jumps_steps.
    - intros (le' & out & d' & Big & Rest).
      exact (steps_trans _ _ _ (proj1 big_small _ _ _ _ _ _ _ _ Big k) Rest).
  Qed.

  Theorem stmt_agrees le s d le' out d' :
    exec_stmt ge empty_env le (m, d) s E0 le' (m, d') out <->
    steps ge (Exec le s Kstop, d) (Leave le' out Kstop, d').
  Proof.
    split; [intros Big; exact (proj1 big_small _ _ _ _ _ _ _ _ Big Kstop)|].
    intros Run; apply stmt_splits in Run as (le1 & out1 & d1 & Big & Rest); [|exact I].
    inversion Rest; subst; [exact Big|discriminate].
  Qed.

  Theorem call_agrees id fd vs v d d' :
    eval_funcall ge (m, d) id fd vs E0 (m, d') v <->
    steps ge (Enter id fd vs Kstop, d) (Give v Kstop, d').
  Proof.
    split; [intros Big; exact (proj2 big_small _ _ _ _ _ _ _ Big Kstop)|].
    intros Run; apply steps_jumps, jumps_enter_inv in Run as (v1 & d1 & Big & J); [|exact I].
    inversion J; subst; exact Big.
  Qed.
End Agree.

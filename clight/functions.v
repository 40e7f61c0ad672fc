(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * C functions that take one number and return nothing

    All functions of floors 1 and 3 are such, and so are those of floor 4 that
    have an index.  What is proved of the body is here carried to a call of the
    function, argument passing included.  A [forwarder] does nothing but call
    another function: it does what that one does, wherever it stands.
    Read next: a room's code.v. *)
From Coq Require Import ZArith List FMapPositive.
From hlock.clight Require Import options integers values syntax operators semantics vcgen.
Import ListNotations.
Local Open Scope clight_scope.

(** Text [fd] has one parameter, called [p] in it, and returns nothing. *)
Definition procedure (p : ident) (fd : function) : Prop :=
  fn_return fd = tvoid /\
  forall n, exists le, function_entry fd [Vint n] = Some le /\ le ! p = Some (Vint n).

Section Functions.
  Context {mem D : Type} (ge : genv D) (m : mem) (p : ident) (fd : function) (spec : Z -> D -> D -> Prop).

  (** Wherever the specification goes, the body goes (the seed's [<fn>_body_correct]). *)
  Definition body_correct : Prop := forall d d' env le n,
    env = empty_env -> le ! p = Some (Vint n) -> spec (Int.unsigned n) d d' ->
    exists le', exec_stmt ge env le (m, d) (fn_body fd) E0 le' (m, d') Out_normal.

  (** Wherever the body goes, the specification goes. *)
  Definition body_only : Prop := forall d env le n le' st' out,
    le ! p = Some (Vint n) -> exec_stmt ge env le (m, d) (fn_body fd) E0 le' st' out ->
    exists d', st' = (m, d') /\ out = Out_normal /\ spec (Int.unsigned n) d d'.

  Context (Is : procedure p fd).

  Lemma procedure_runs f n d d' :
    body_correct -> spec (Int.unsigned n) d d' ->
    eval_funcall ge (m, d) f (Internal fd) [Vint n] E0 (m, d') Vundef.
  Proof.
    intros Body Spec; destruct Is as (Void & Enters); destruct (Enters n) as (le & Enter & Get).
    destruct (Body d d' _ le n eq_refl Get Spec) as (le' & Run).
    econstructor; [exact Enter|exact Run|now rewrite Void].
  Qed.

  Lemma procedure_only f n d st' v :
    body_only -> eval_funcall ge (m, d) f (Internal fd) [Vint n] E0 st' v ->
    exists d', st' = (m, d') /\ v = Vundef /\ spec (Int.unsigned n) d d'.
  Proof.
    intros Body Call; inversion Call; subst; destruct Is as (Void & Enters).
    destruct (Enters n) as (le1 & Enter & Get).
    match goal with E : function_entry fd _ = Some _ |- _ => rewrite Enter in E; injection E as <- end.
    match goal with Run : exec_stmt _ _ _ _ _ _ _ _ _ |- _ =>
      destruct (Body d _ _ n _ _ _ Get Run) as (d' & -> & -> & Spec) end.
    exists d'; split; [reflexivity|split; [|exact Spec]].
    match goal with R : function_result _ _ = Some v |- _ => rewrite Void in R; now injection R as <- end.
  Qed.
End Functions.

(** The specification is refined by the function of that name in module [M]
    (the seed's [<fn>_code_correct]). *)
Theorem procedure_code {D : Type} (M : module) (L : layer D) f p fd spec :
  find_function M f = Some (Internal fd) -> procedure p fd ->
  (forall (mem : Type) (m : mem), body_correct (mkgenv M L) m p fd spec) ->
  forall mem : Type, spec_le (mem := mem) (f ↦ takes_uint spec) (〚 M 〛 L).
Proof.
  intros Found Is Body mem g args m d res m' d' (-> & Same & (n & -> & -> & Spec)).
  cbn [fst snd] in *; subst m'; exists (Internal fd); split; [exact Found|].
  exact (procedure_runs (mkgenv M L) m p fd spec Is f n d d' (Body mem m) Spec).
Qed.

(** ** Forwarders *)
Definition uint_to_void : type := Tfunction (Tcons tuint Tnil) tvoid cc_default.

(** The text of a function that calls [g] with its argument. *)
Definition forwarder (p g : ident) : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := [(p, tuint)];
  fn_vars := [];
  fn_temps := [];
  fn_body := Scall None (Evar g uint_to_void) [Etempvar p tuint]
|}.

Lemma forwarder_procedure p g : procedure p (forwarder p g).
Proof. split; [reflexivity|]; intros n; eexists; split; [reflexivity|apply get_set_same]. Qed.

Section Forwarder.
  Context {mem D : Type} (ge : genv D) (m : mem) (p g : ident).

  (** A run of the body is a run of the function that is called. *)
  Lemma forwarder_body e le (st : mem * D) n le' st' out :
    le ! p = Some (Vint n) ->
    exec_stmt ge e le st (fn_body (forwarder p g)) E0 le' st' out <->
    le' = le /\ out = Out_normal /\
    exists fd v, find_function (ge_module ge) g = Some fd /\ type_of_fundef fd = uint_to_void /\
                 eval_funcall ge st g fd [Vint n] E0 st' v.
  Proof.
    intros Get.
    assert (Values : eval_args le [Etempvar p tuint] (Tcons tuint Tnil) = Some [Vint n])
      by (cbn; now rewrite Get).
    split.
    - intros Run; inversion Run; subst; rewrite Values in Args; injection Args as <-; cbn; eauto 7.
    - intros (-> & -> & fd & v & Found & Type_at_call & Call).
      refine (exec_Scall ge e le st st' None g _ _ _ fd _ _ v Found Values Type_at_call Call).
  Qed.

  (** So is a call. *)
  Lemma forwarder_call f n (st : mem * D) st' v :
    eval_funcall ge st f (Internal (forwarder p g)) [Vint n] E0 st' v ->
    exists fd v', find_function (ge_module ge) g = Some fd /\ eval_funcall ge st g fd [Vint n] E0 st' v'.
  Proof.
    intros Call; inversion Call; subst; destruct (forwarder_procedure p g) as (_ & Enters).
    destruct (Enters n) as (le1 & Enter & Get).
    match goal with E : function_entry _ _ = Some _ |- _ => rewrite Enter in E; injection E as <- end.
    match goal with Run : exec_stmt _ _ _ _ _ _ _ _ _ |- _ =>
      apply (forwarder_body _ _ _ _ _ _ _ Get) in Run as (_ & _ & fd & v' & Found & _ & Run) end.
    eauto.
  Qed.

  Lemma forwarder_result f vs (st : mem * D) st' v :
    eval_funcall ge st f (Internal (forwarder p g)) vs E0 st' v -> v = Vundef.
  Proof.
    intros Call; inversion Call; subst; inversion Body; subst; now injection Result as <-.
  Qed.

  (** On a layer that offers [g], a forwarder does what [g] is specified to do. *)
  Context (spec : Z -> D -> D -> Prop) (ef : external_function).
  Context (Found : find_function (ge_module ge) g = Some (External ef (Tcons tuint Tnil) tvoid cc_default)).
  Context (Offered : ge_layer ge g = Some (takes_uint spec)).

  Lemma forwarder_correct : body_correct ge m p (forwarder p g) spec.
  Proof.
    intros d d' e le n -> Get Spec; exists le; apply (forwarder_body _ _ _ n _ _ _ Get).
    split; [reflexivity|split; [reflexivity|]]; exists (External ef (Tcons tuint Tnil) tvoid cc_default), Vundef.
    split; [exact Found|split; [reflexivity|]]; econstructor; [exact Offered|exists n; auto].
  Qed.

  Lemma forwarder_only : body_only ge m p (forwarder p g) spec.
  Proof.
    intros d e le n le' st' out Get Run.
    apply (forwarder_body _ _ _ _ _ _ _ Get) in Run as (_ & -> & fd & v & Is & _ & Call).
    rewrite Found in Is; injection Is as <-; inversion Call; subst.
    match goal with O : ge_layer ge g = Some _ |- _ => rewrite Offered in O; injection O as <- end.
    match goal with P : takes_uint _ _ _ _ _ |- _ => destruct P as (n' & [= <-] & _ & Spec) end; eauto.
  Qed.
End Forwarder.

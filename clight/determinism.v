(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The semantics is deterministic

    If each function of the layer has at most one result, so has each statement:
    "there is a terminating run that ends so" then says how every terminating
    run ends.  Read next: vcgen.v. *)
From Coq Require Import ZArith List.
From hlock.clight Require Import options integers values syntax operators semantics.

Definition prim_det {D : Type} (p : prim D) : Prop :=
  forall vs d v1 d1 v2 d2, p vs d v1 d1 -> p vs d v2 d2 -> v1 = v2 /\ d1 = d2.
Definition layer_det {D : Type} (L : layer D) : Prop :=
  forall id p, L id = Some p -> prim_det p.

Lemma ends_loop_next out out' : ends_loop out = Some out' -> next_part out = true -> False.
Proof. destruct out; discriminate. Qed.

Section Determinism.
  Context {mem D : Type} (ge : genv D) (Det : layer_det (ge_layer ge)).

  Ltac same :=
    repeat match goal with
           | A : ?x = Some ?a, B : ?x = Some ?b |- _ =>
               let E := fresh in
               assert (E : a = b) by congruence; clear B; subst b || (injection E as E; subst)
           | A : ends_loop Out_normal = Some _ |- _ => discriminate A
           | A : ends_loop ?o = Some _, B : next_part ?o = true |- _ =>
               destruct (ends_loop_next _ _ A B)
           end.
  Ltac use_hyp :=
    match goal with
    | IH : forall le' st' out, exec_stmt ge ?e ?le ?st ?s E0 le' st' out -> _,
      X : exec_stmt ge ?e ?le ?st ?s E0 _ _ _ |- _ =>
        let a := fresh in let b := fresh in let c := fresh in
        destruct (IH _ _ _ X) as (a & b & c); clear X; subst
    | IH : forall st' v, eval_funcall ge ?st ?f ?fd ?vs E0 st' v -> _,
      X : eval_funcall ge ?st ?f ?fd ?vs E0 _ _ |- _ =>
        let a := fresh in let b := fresh in
        destruct (IH _ _ X) as (a & b); clear X; subst
    end.

  Lemma exec_det_both :
    (forall e le (st : mem * D) s t le1 st1 out1, exec_stmt ge e le st s t le1 st1 out1 ->
       forall le2 st2 out2, exec_stmt ge e le st s E0 le2 st2 out2 ->
       le1 = le2 /\ st1 = st2 /\ out1 = out2) /\
    (forall (st : mem * D) f fd vs t st1 v1, eval_funcall ge st f fd vs t st1 v1 ->
       forall st2 v2, eval_funcall ge st f fd vs E0 st2 v2 -> st1 = st2 /\ v1 = v2).
  Proof.
    apply exec_funcall_ind; intros.
    all: match goal with
         | X : exec_stmt ge _ _ _ _ E0 ?le2 ?st2 ?out2 |- _ = ?le2 /\ _ = ?st2 /\ _ = ?out2 =>
             inversion X; subst; clear X
         | X : eval_funcall ge _ _ _ _ E0 ?st2 ?v2 |- _ = ?st2 /\ _ = ?v2 =>
             inversion X; subst; clear X
         end.
    all: same.
    all: repeat (use_hyp; same).
    all: try solve [repeat split; congruence | congruence | tauto].
    match goal with
    | P : ?p ?vs ?d ?v1 ?d1, Q : ?p ?vs ?d ?v2 ?d2 |- _ =>
        destruct (Det _ _ ltac:(eassumption) _ _ _ _ _ _ P Q) as [-> ->]; auto
    end.
  Qed.

  (** A statement ends in at most one way. *)
  Theorem exec_stmt_deterministic e le (st : mem * D) s le1 st1 out1 le2 st2 out2 :
    exec_stmt ge e le st s E0 le1 st1 out1 ->
    exec_stmt ge e le st s E0 le2 st2 out2 ->
    le1 = le2 /\ st1 = st2 /\ out1 = out2.
  Proof. intros A B; exact (proj1 exec_det_both _ _ _ _ _ _ _ _ A _ _ _ B). Qed.

  (** A function called with the same arguments gives one result. *)
  Theorem call_function_deterministic f vs (st : mem * D) st1 v1 st2 v2 :
    call_function ge f vs st st1 v1 -> call_function ge f vs st st2 v2 -> st1 = st2 /\ v1 = v2.
  Proof.
    intros (fd & F & A) (fd2 & F2 & B).
    rewrite F in F2; injection F2 as <-.
    exact (proj2 exec_det_both _ _ _ _ _ _ _ A _ _ B).
  Qed.
End Determinism.

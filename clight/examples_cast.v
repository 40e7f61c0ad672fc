(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * One rule for conversions

    C converts a value where it assigns, passes, returns or casts it.  Four
    functions turn an [unsigned int] into an [int], one in each of these ways, as
    [tools/c2coq] exports them.  [one_conversion]: each has the meaning that
    [sem_cast] gives; so none has one if the value does not fit
    ([out_of_range]).  An assignment converts because the exporter writes the
    cast: [Sset] alone keeps the value. *)
From Coq Require Import ZArith String List Lia.
From hlock.clight Require Import options integers values syntax operators semantics.
Import ListNotations.

Definition u : ident := 1%positive.
Definition i : ident := 2%positive.
Definition same : ident := 3%positive.
Definition f : ident := 4%positive.

(** [int f(unsigned int u) { int i; body }] *)
Definition int_function (body : statement) : fundef :=
  Internal (mkfunction tint cc_default [(u, tuint)] [] [(i, tint)] body).

(** [i = u; return i;] *)
Definition assigns : statement :=
  Ssequence (Sset i (Ecast (Etempvar u tuint) tint)) (Sreturn (Some (Etempvar i tint))).
(** [return (int)u;] *)
Definition casts : statement := Sreturn (Some (Ecast (Etempvar u tuint) tint)).
(** [return u;] *)
Definition returns : statement := Sreturn (Some (Etempvar u tuint)).
(** [i = same(u); return i;] with [int same(int i) { return i; }] *)
Definition passes : statement :=
  Ssequence (Scall (Some i) (Evar same (Tfunction (Tcons tint Tnil) tint cc_default)) [Etempvar u tuint])
            (Sreturn (Some (Etempvar i tint))).
Definition same_function : fundef :=
  Internal (mkfunction tint cc_default [(i, tint)] [] [] (Sreturn (Some (Etempvar i tint)))).

Definition ge : genv unit := mkgenv [(same, Gfun same_function)] (fun _ => None).

Lemma int_to_int n v : sem_cast (Vint n) tuint tint = Some v -> sem_cast v tint tint = Some v.
Proof.
  unfold sem_cast; cbn [tint tuint value_at]; destruct (Z.leb_spec (Int.unsigned n) Int.max_signed) as [Fits|];
    [intros [= <-]|discriminate].
  cbn [value_at]; unfold Int.signed; rewrite (proj2 (Z.ltb_lt _ _)) by (unfold Int.max_signed in Fits; lia).
  now rewrite (proj2 (Z.leb_le _ _) Fits).
Qed.

(** Each step of these texts can be taken in one way only. *)
Ltac follow :=
  repeat match goal with
         | X : exec_stmt _ _ _ _ _ _ _ _ _ |- _ => inversion X; subst; clear X
         | X : eval_funcall _ _ _ (Internal _) _ _ _ _ |- _ => inversion X; subst; clear X
         | X : find_function _ _ = Some ?f |- _ => is_var f; injection X as <-
         | X : function_entry _ _ = Some ?le |- _ => is_var le; injection X as <-
         | X : Out_normal <> Out_normal |- _ => now contradict X
         end;
  repeat match goal with
         | X : eval_args _ _ _ = Some _ |- _ => revert X
         | X : eval_expr _ _ = Some _ |- _ => revert X
         | X : function_result _ _ = Some _ |- _ => revert X
         end;
  cbn -[sem_cast]; intros;
  repeat match goal with X : Some _ = Some _ |- _ => injection X as <- end.

Ltac once_more :=
  match goal with
  | X : sem_cast (Vint _) tuint tint = Some _ |- _ => pose proof (int_to_int _ _ X); congruence
  end.

Theorem one_conversion body n v :
  In body [assigns; casts; returns; passes] ->
  eval_funcall ge (tt, tt) f (int_function body) [Vint n] E0 (tt, tt) v <->
  sem_cast (Vint n) tuint tint = Some v.
Proof.
  intros Body; split; [intros Run|intros Cast; pose proof (int_to_int _ _ Cast) as Again];
    destruct Body as [<-|[<-|[<-|[<-|[]]]]]; unfold int_function, assigns, casts, returns, passes in *.
  - follow; once_more.
  - follow; once_more.
  - follow; assumption.
  - follow; destruct (sem_cast (Vint n) tuint tint) eqn:Cast; [|discriminate]; follow.
    unfold same_function in *; follow; once_more.
  - eapply eval_funcall_internal; [reflexivity| |].
    + eapply exec_Ssequence; constructor; [exact Cast|reflexivity].
    + exact Again.
  - eapply eval_funcall_internal; [reflexivity|constructor; exact Cast|exact Again].
  - eapply eval_funcall_internal; [reflexivity|constructor; reflexivity|exact Cast].
  - eapply eval_funcall_internal; [reflexivity| |].
    + eapply exec_Ssequence.
      * eapply exec_Scall; [reflexivity|cbn -[sem_cast]; now rewrite Cast|reflexivity|].
        eapply eval_funcall_internal; [reflexivity|constructor; reflexivity|exact Again].
      * constructor; reflexivity.
    + exact Again.
Qed.

(** 2^31 - 1 fits, 2^31 does not. *)
Example in_range body : In body [assigns; casts; returns; passes] ->
  eval_funcall ge (tt, tt) f (int_function body) [Vint (Int.repr 2147483647)] E0 (tt, tt)
               (Vint (Int.repr 2147483647)).
Proof. intros Body; now apply one_conversion. Qed.

Example out_of_range body v : In body [assigns; casts; returns; passes] ->
  ~ eval_funcall ge (tt, tt) f (int_function body) [Vint (Int.repr 2147483648)] E0 (tt, tt) v.
Proof. intros Body Run; apply one_conversion in Run; [discriminate Run|exact Body]. Qed.

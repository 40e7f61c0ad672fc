(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Verification conditions (the seed's VCGen and LoopProof)

    [wp ge s Q le d]: statement [s], started in temporaries [le] and abstract
    state [d], ends, and [Q] holds of its outcome, temporaries and state.  It is
    computed from the text of [s]; a call asks for a run of the callee, a loop
    for a run of the loop, which [wp_loop] gives from an invariant and a
    variant.  [straight_line] computes it down to the next call, and fails if it
    cannot; [for_function] names the function when a proof fails.  [wlp] says the
    same of every run.  Read next: a room's code.v. *)
From Coq Require Import ZArith List Bool Lia String Wf_nat FMapPositive.
From hlock.clight Require Import options integers values syntax operators semantics.

Lemma get_set_same id v le : PositiveMap.find id (set_temp id v le) = Some v.
Proof. apply PositiveMap.gss. Qed.

Lemma get_set_other i j v le :
  i <> j -> PositiveMap.find i (set_temp j v le) = PositiveMap.find i le.
Proof. apply PositiveMap.gso. Qed.

Lemma bool_val_of_bool b : bool_val (of_bool b) tint = Some b.
Proof. destruct b; reflexivity. Qed.

#[local] Hint Constructors exec_stmt : exec.

Section Wp.
  Context {mem D : Type} (ge : genv D) (m : mem).

  Definition post := outcome -> temp_env -> D -> Prop.

  (** A run of the callee: the function found by name has the type of the call. *)
  Definition wp_call (f : ident) (t : type) (vs : list val) (d : D) (Q : val -> D -> Prop) : Prop :=
    exists fd v d', find_function (ge_module ge) f = Some fd /\ type_of_fundef fd = t /\
                    eval_funcall ge (m, d) f fd vs E0 (m, d') v /\ Q v d'.

  (** [wpre false] is [wp], of a run that there is; [wpre true] is [wlp], of every run
      that ends.  They differ where there is no run, and in who chooses the callee's. *)
  Fixpoint wpre (every : bool) (s : statement) (Q : post) (le : temp_env) (d : D) : Prop :=
    match s with
    | Sskip => Q Out_normal le d
    | Sset id a =>
        match eval_expr le a with
        | Some v => Q Out_normal (set_temp id v le) d
        | None => if every then True else False
        end
    | Scall result (Evar f (Tfunction targs tres cc)) args =>
        match eval_args le args targs with
        | Some vs =>
            let Q' v d' := Q Out_normal (set_result result v le) d' in
            if every
            then forall fd v d', find_function (ge_module ge) f = Some fd ->
                   eval_funcall ge (m, d) f fd vs E0 (m, d') v -> Q' v d'
            else wp_call f (Tfunction targs tres cc) vs d Q'
        | None => if every then True else False
        end
    | Scall _ _ _ => if every then True else False
    | Ssequence s1 s2 =>
        wpre every s1 (fun out le1 d1 =>
          match out with
          | Out_normal => wpre every s2 Q le1 d1
          | _ => Q out le1 d1
          end) le d
    | Sifthenelse c s1 s2 =>
        match eval_cond le c with
        | Some true => wpre every s1 Q le d
        | Some false => wpre every s2 Q le d
        | None => if every then True else False
        end
    | Sbreak => Q Out_break le d
    | Scontinue => Q Out_continue le d
    | Sreturn None => Q (Out_return None) le d
    | Sreturn (Some a) =>
        match eval_expr le a with
        | Some v => Q (Out_return (Some (v, typeof a))) le d
        | None => if every then True else False
        end
    | Sloop s1 s2 =>
        if every
        then forall e le' d' out, exec_stmt ge e le (m, d) (Sloop s1 s2) E0 le' (m, d') out -> Q out le' d'
        else exists le' d' out,
          exec_stmt ge empty_env le (m, d) (Sloop s1 s2) E0 le' (m, d') out /\ Q out le' d'
    end.
  Local Notation wp := (wpre false).

  Lemma wp_mono s : forall (Q R : post) le d,
    (forall out le' d', Q out le' d' -> R out le' d') -> wp s Q le d -> wp s R le d.
  Proof.
    induction s as [|id a|result f args|s1 IH1 s2 IH2|c s1 IH1 s2 IH2|s1 IH1 s2 IH2| | |[a|]];
      intros Q R le d Mono; cbn [wpre]; auto.
    - destruct (eval_expr le a); auto.
    - destruct f as [|f t| | | |]; auto.
      destruct t as [| |targs tres cc]; auto.
      destruct (eval_args le args targs); auto.
      intros (fd & v & d' & Wp); exists fd, v, d'; intuition auto.
    - apply IH1; intros []; auto; intros le1 d1; apply IH2; auto.
    - destruct (eval_cond le c) as [[]|]; eauto.
    - intros (le' & d' & out & Run & Post); eauto 6.
    - destruct (eval_expr le a); auto.
  Qed.

  (** The condition is enough: there is a run, and it ends as [Q] says. *)
  Theorem wp_sound s : forall Q le d,
    wp s Q le d ->
    exists out le' d', exec_stmt ge empty_env le (m, d) s E0 le' (m, d') out /\ Q out le' d'.
  Proof.
    induction s as [|id a|result f args|s1 IH1 s2 IH2|c s1 IH1 s2 IH2|s1 IH1 s2 IH2| | |[a|]];
      intros Q le d; cbn [wpre]; intros Wp.
    - eauto 10 with exec.
    - destruct (eval_expr le a) eqn:Value; [|tauto]; eauto 10 with exec.
    - destruct f as [|f t| | | |]; try tauto.
      destruct t as [| |targs tres cc]; try tauto.
      destruct (eval_args le args targs) eqn:Args; [|tauto].
      destruct Wp as (fd & v & d' & Callee & Type_at_call & Call & Post).
      do 3 eexists; split; [econstructor; eassumption|exact Post].
    - apply IH1 in Wp as (out & le1 & d1 & First & Then).
      destruct out; [| |apply IH2 in Then as (out & le2 & d2 & Second & Post)|].
      all: do 3 eexists; split; [|eassumption].
      3: eapply exec_Ssequence; eassumption.
      all: eapply exec_Ssequence_exit; [eassumption|discriminate].
    - destruct (eval_cond le c) as [b|] eqn:Cond; [|tauto].
      assert (Branch : exists out le' d',
        exec_stmt ge empty_env le (m, d) (if b then s1 else s2) E0 le' (m, d') out /\ Q out le' d')
        by (destruct b; eauto).
      destruct Branch as (out & le' & d' & Branch & Post).
      eauto 10 with exec.
    - destruct Wp as (le' & d' & out & Run & Post); eauto.
    - eauto 10 with exec.
    - eauto 10 with exec.
    - destruct (eval_expr le a) eqn:Value; [|tauto]; eauto 10 with exec.
    - eauto 10 with exec.
  Qed.

  (** ** Loops *)

  (** What one iteration must establish: [Q] if it leaves, [Next] if it goes on. *)
  Definition iteration (s1 s2 : statement) (Q : post) (Next : temp_env -> D -> Prop) : post :=
    fun out le d =>
      match ends_loop out with
      | Some out' => Q out' le d
      | None =>
          wp s2 (fun out2 le2 d2 =>
            match out2 with
            | Out_normal => Next le2 d2
            | _ => match ends_loop out2 with
                   | Some out' => Q out' le2 d2
                   | None => False
                   end
            end) le d
      end.

  (** One unrolling: what [wp] of a loop is, without its run. *)
  Lemma wp_loop_unfold s1 s2 Q le d :
    wp s1 (iteration s1 s2 Q (wp (Sloop s1 s2) Q)) le d -> wp (Sloop s1 s2) Q le d.
  Proof.
    intros Wp; apply wp_sound in Wp as (out1 & le1 & d1 & Body & It).
    unfold iteration in It; destruct (ends_loop out1) as [out'|] eqn:Ends.
    - cbn; eauto 10 with exec.
    - assert (Goes_on : next_part out1 = true) by (destruct out1; auto; discriminate).
      apply wp_sound in It as (out2 & le2 & d2 & Step & It).
      destruct out2; cbn in It; try tauto.
      + cbn; exists le2, d2, Out_normal; split; [eapply exec_Sloop_stop_step; eauto|auto].
      + destruct It as (le' & d' & out & Again & Post).
        exists le', d', out; split; [eapply exec_Sloop_loop; eassumption|exact Post].
      + cbn; exists le2, d2, (Out_return result); split;
          [eapply exec_Sloop_stop_step; eauto; reflexivity|auto].
  Qed.

  (** The loop rule: an invariant [I k] with a variant [k] that goes down. *)
  Theorem wp_loop s1 s2 Q (I : nat -> temp_env -> D -> Prop) :
    (forall k le d, I k le d ->
       wp s1 (iteration s1 s2 Q (fun le' d' => exists k', k' < k /\ I k' le' d')) le d) ->
    forall k le d, I k le d -> wp (Sloop s1 s2) Q le d.
  Proof.
    intros Body k; induction k as [k IH] using lt_wf_ind; intros le d Inv.
    apply wp_loop_unfold.
    apply Body in Inv; revert Inv; apply wp_mono.
    intros out le1 d1; unfold iteration.
    destruct (ends_loop out) as [out'|]; [auto|].
    apply wp_mono; intros [] le2 d2; auto.
    intros (k' & Less & Again); eauto.
  Qed.
End Wp.

(** ** The other direction: what every run does *)

(** No rule changes memory. *)
Lemma memory_unchanged {mem D : Type} (ge : genv D) :
  (forall e le (st : mem * D) s t le' st' out, exec_stmt ge e le st s t le' st' out -> fst st' = fst st) /\
  (forall (st : mem * D) f fd vs t st' v, eval_funcall ge st f fd vs t st' v -> fst st' = fst st).
Proof. apply exec_funcall_ind; intros; cbn; congruence. Qed.

(** What every function of the layer respects, every run respects. *)
Lemma run_respects {mem D : Type} (ge : genv D) (R : D -> D -> Prop) :
  (forall d, R d d) -> (forall d1 d2 d3, R d1 d2 -> R d2 d3 -> R d1 d3) ->
  (forall id p vs d v d', ge_layer ge id = Some p -> p vs d v d' -> R d d') ->
  (forall e le (st : mem * D) s t le' st' out,
     exec_stmt ge e le st s t le' st' out -> R (snd st) (snd st')) /\
  (forall (st : mem * D) f fd vs t st' v, eval_funcall ge st f fd vs t st' v -> R (snd st) (snd st')).
Proof. intros Refl Trans Prims; apply exec_funcall_ind; intros; cbn; eauto. Qed.

Section Wlp.
  Context {mem D : Type} (ge : genv D) (m : mem).
  Local Notation wlp := (wpre ge m true).

  Theorem wlp_sound s : forall (Q : post (D := D)) e le d le' d' out,
    exec_stmt ge e le (m, d) s E0 le' (m, d') out -> wlp s Q le d -> Q out le' d'.
  Proof.
    induction s as [|id a|result f args|s1 IH1 s2 IH2|c s1 IH1 s2 IH2|s1 IH1 s2 IH2| | |[a|]];
      intros Q e le d le' d' out Run; cbn [wpre]; intros Wlp.
    6: eauto.
    all: inversion Run; subst; auto.
    - now rewrite Value in Wlp.
    - cbn in Wlp; rewrite Args in Wlp; exact (Wlp _ _ _ Callee Call).
    - destruct st1 as [m1 d1]; pose proof (proj1 (memory_unchanged ge) _ _ _ _ _ _ _ _ First) as Same.
      cbn in Same; subst m1; apply (IH1 _ _ _ _ _ _ _ First) in Wlp.
      exact (IH2 _ _ _ _ _ _ _ Second Wlp).
    - apply (IH1 _ _ _ _ _ _ _ First) in Wlp; destruct out; auto; now destruct Exit.
    - rewrite Cond in Wlp; destruct b.
      + exact (IH1 _ _ _ _ _ _ _ Branch Wlp).
      + exact (IH2 _ _ _ _ _ _ _ Branch Wlp).
    - now rewrite Value in Wlp.
  Qed.
End Wlp.

Notation wp ge m := (wpre ge m false).
Notation wlp ge m := (wpre ge m true).

(** A call of a function that the layer offers. *)
Lemma wp_prim {mem D : Type} (ge : genv D) (m : mem) f ef targs tres cc p vs v d d' (Q : val -> D -> Prop) :
  find_function (ge_module ge) f = Some (External ef targs tres cc) ->
  ge_layer ge f = Some p -> p vs d v d' -> Q v d' ->
  wp_call ge m f (Tfunction targs tres cc) vs d Q.
Proof.
  intros Callee Offered Prim Post; do 3 eexists; split; [exact Callee|].
  split; [reflexivity|split; [econstructor; eassumption|exact Post]].
Qed.

(** ** Tactics: each does one thing, and fails if it cannot *)

(** Computes [wp] as far as the text goes; [find] is how temporaries are known. *)
Ltac wp_compute :=
  cbv beta delta [eval_cond];
  cbn [wpre fn_body eval_args eval_expr eval_cond typeof sem_cast sem_binary_operation
       sem_binary classify value_at sem_unary_operation arith set_result
       tvoid tint tuint ge_module ge_layer];
  rewrite ?get_set_same.

(** Uses what a hypothesis says of a temporary, whatever name the text gives it. *)
Ltac wp_temp :=
  match goal with
  | H : PositiveMap.find ?x ?le = Some _ |- context [PositiveMap.find ?y ?le] =>
      change (PositiveMap.find y le) with (PositiveMap.find x le); rewrite H
  end.

(** Machine arithmetic: [Int.repr] of a number in range has that value. *)
Ltac machine_arith :=
  repeat match goal with
         | |- context [Int.unsigned (Int.repr ?z)] =>
             rewrite (Int.unsigned_repr z) by (change Int.modulus with 4294967296%Z; lia)
         end.

(** Decides a condition of the text by arithmetic. *)
Ltac wp_condition :=
  machine_arith;
  match goal with
  | |- context [bool_val (of_bool ?b) _] => 
      first [ replace b with true by
                (symmetry; rewrite ?negb_true_iff, ?Z.leb_le, ?Z.ltb_lt, ?Z.eqb_eq, ?Z.eqb_neq; lia)
            | replace b with false by
                (symmetry; rewrite ?negb_false_iff, ?Z.leb_gt, ?Z.ltb_ge, ?Z.eqb_neq, ?Z.eqb_eq; lia) ];
      change (Tint I32 Signed noattr) with tint; rewrite bool_val_of_bool
  end.

(** A straight-line body down to its first call (or its end). *)
Ltac straight_line := repeat first [ progress wp_compute | wp_temp | wp_condition ].

(** A tactic that names what it is about when it fails. *)
Tactic Notation "for_function" constr(name) tactic3(tac) :=
  first [ solve [tac] | fail 1 name ": the exported C does not meet its specification" ].

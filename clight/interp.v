(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * An interpreter of the subset

    Runs the exported text, so that instances of the theorems are computed and
    not argued.  A layer is executable when each of its functions is one.
    [run_stmt_sound], [run_function_sound]: what the interpreter returns is a run of
    the semantics (and, by determinism, the only one).  The interpreter is not
    part of any statement. *)
From Coq Require Import ZArith List.
From hlock.clight Require Import options integers values syntax operators semantics.
Import ListNotations.

Section Interpreter.
  Context {mem D : Type} (M : module) (m : mem).

  (** An executable layer: result and state after, if defined. *)
  Definition executable := ident -> option (list val -> D -> option (val * D)).
  Context (X : executable).

  Definition layer_of : layer D := fun id =>
    match X id with
    | Some run => Some (fun vs d v d' => run vs d = Some (v, d'))
    | None => None
    end.

  (** [fuel] bounds the depth of calls and the number of loop rounds. *)
  Fixpoint run_stmt (fuel : nat) (s : statement) (le : temp_env) (d : D)
      : option (temp_env * D * outcome) :=
    match fuel with
    | O => None
    | S fuel =>
        match s with
        | Sskip => Some (le, d, Out_normal)
        | Sset id a =>
            match eval_expr le a with
            | Some v => Some (set_temp id v le, d, Out_normal)
            | None => None
            end
        | Scall result (Evar f (Tfunction targs tres cc)) args =>
            match eval_args le args targs, find_function M f with
            | Some vs, Some fd =>
                if type_eq (type_of_fundef fd) (Tfunction targs tres cc) then
                  match run_call fuel f fd vs d with
                  | Some (v, d') => Some (set_result result v le, d', Out_normal)
                  | None => None
                  end
                else None
            | _, _ => None
            end
        | Scall _ _ _ => None
        | Ssequence s1 s2 =>
            match run_stmt fuel s1 le d with
            | Some (le1, d1, Out_normal) => run_stmt fuel s2 le1 d1
            | r => r
            end
        | Sifthenelse c s1 s2 =>
            match eval_cond le c with
            | Some b => run_stmt fuel (if b then s1 else s2) le d
            | None => None
            end
        | Sloop s1 s2 =>
            match run_stmt fuel s1 le d with
            | None => None
            | Some (le1, d1, out1) =>
                match ends_loop out1 with
                | Some out => Some (le1, d1, out)
                | None =>
                    match run_stmt fuel s2 le1 d1 with
                    | Some (le2, d2, Out_normal) => run_stmt fuel (Sloop s1 s2) le2 d2
                    | Some (le2, d2, out2) =>
                        match ends_loop out2 with
                        | Some out => Some (le2, d2, out)
                        | None => None
                        end
                    | None => None
                    end
                end
            end
        | Sbreak => Some (le, d, Out_break)
        | Scontinue => Some (le, d, Out_continue)
        | Sreturn None => Some (le, d, Out_return None)
        | Sreturn (Some a) =>
            match eval_expr le a with
            | Some v => Some (le, d, Out_return (Some (v, typeof a)))
            | None => None
            end
        end
    end
  with run_call (fuel : nat) (id : ident) (fd : fundef) (vs : list val) (d : D) : option (val * D) :=
    match fuel with
    | O => None
    | S fuel =>
        match fd with
        | Internal f =>
            match function_entry f vs with
            | Some le =>
                match run_stmt fuel (fn_body f) le d with
                | Some (_, d', out) =>
                    match function_result out (fn_return f) with
                    | Some v => Some (v, d')
                    | None => None
                    end
                | None => None
                end
            | None => None
            end
        | External _ _ _ _ =>
            match X id with
            | Some run => run vs d
            | None => None
            end
        end
    end.

  (** Function [f] of the module, called with [vs]. *)
  Definition run_function (fuel : nat) (f : ident) (vs : list val) (d : D) : option (val * D) :=
    match find_function M f with
    | Some fd => run_call fuel f fd vs d
    | None => None
    end.

  Local Notation ge := (mkgenv M layer_of).

  Lemma run_sound fuel :
    (forall s le d le' d' out, run_stmt fuel s le d = Some (le', d', out) ->
       exec_stmt ge empty_env le (m, d) s E0 le' (m, d') out) /\
    (forall id fd vs d v d', run_call fuel id fd vs d = Some (v, d') ->
       eval_funcall ge (m, d) id fd vs E0 (m, d') v).
  Proof.
    induction fuel as [|fuel [Stmt Call]]; split; try discriminate.
    - intros s le d le' d' out; destruct s as [|id a|r f args|s1 s2|c s1 s2|s1 s2| | |[a|]]; cbn.
      + intros [= <- <- <-]; constructor.
      + destruct (eval_expr le a) eqn:E; [|discriminate]; intros [= <- <- <-]; now constructor.
      + destruct f as [|f t| | | |]; try discriminate; destruct t as [| |targs tres cc]; try discriminate.
        destruct (eval_args le args targs) eqn:Args; [|discriminate].
        destruct (find_function M f) as [fd|] eqn:Found; [|discriminate].
        destruct (type_eq _ _) as [Same|]; [|discriminate].
        destruct (run_call fuel f fd l d) as [[v d1]|] eqn:Run; [|discriminate].
        intros [= <- <- <-]; econstructor; eauto.
      + destruct (run_stmt fuel s1 le d) as [[[le1 d1] out1]|] eqn:First; [|discriminate].
        apply Stmt in First; destruct out1.
        3: intros Second; apply Stmt in Second; eapply exec_Ssequence; eassumption.
        all: intros [= <- <- <-]; eapply exec_Ssequence_exit; [eassumption|discriminate].
      + destruct (eval_cond le c) eqn:Cond; [|discriminate]; intros Run; apply Stmt in Run.
        econstructor; eassumption.
      + destruct (run_stmt fuel s1 le d) as [[[le1 d1] out1]|] eqn:First; [|discriminate].
        apply Stmt in First; destruct (ends_loop out1) eqn:Ends.
        { intros [= <- <- <-]; eapply exec_Sloop_stop_body; eassumption. }
        assert (Goes_on : next_part out1 = true) by (destruct out1; auto; discriminate).
        destruct (run_stmt fuel s2 le1 d1) as [[[le2 d2] out2]|] eqn:Step; [|discriminate].
        apply Stmt in Step; destruct out2; cbn; try discriminate.
        2: intros Again; apply Stmt in Again; eapply exec_Sloop_loop; eassumption.
        all: intros [= <- <- <-]; eapply exec_Sloop_stop_step; try eassumption; reflexivity.
      + intros [= <- <- <-]; constructor.
      + intros [= <- <- <-]; constructor.
      + destruct (eval_expr le a) eqn:E; [|discriminate]; intros [= <- <- <-]; now constructor.
      + intros [= <- <- <-]; constructor.
    - intros id fd vs d v d'; destruct fd as [f|ef targs tres cc]; cbn.
      + destruct (function_entry f vs) eqn:Entry; [|discriminate].
        destruct (run_stmt fuel (fn_body f) t d) as [[[le1 d1] out]|] eqn:Body; [|discriminate].
        destruct (function_result out (fn_return f)) eqn:Result; [|discriminate].
        intros [= <- <-]; econstructor; eauto.
      + destruct (X id) as [run|] eqn:Offered; [|discriminate]; intros Run.
        econstructor; [cbn; unfold layer_of; now rewrite Offered|exact Run].
  Qed.

  Theorem run_stmt_sound fuel s le d le' d' out :
    run_stmt fuel s le d = Some (le', d', out) ->
    exec_stmt ge empty_env le (m, d) s E0 le' (m, d') out.
  Proof. apply run_sound. Qed.

  Theorem run_function_sound fuel f vs d v d' :
    run_function fuel f vs d = Some (v, d') -> call_function ge f vs (m, d) (m, d') v.
  Proof.
    unfold run_function, call_function; destruct (find_function M f) as [fd|] eqn:Found; [|discriminate].
    intros Run; exists fd; split; [exact Found|]; eapply run_sound; eassumption.
  Qed.
End Interpreter.

(** ** A layer that does more *)

(** Each run of a function of [L1] is one of the same function of [L2]. *)
Definition layer_le {D : Type} (L1 L2 : layer D) : Prop :=
  forall id p, L1 id = Some p ->
  exists q, L2 id = Some q /\ forall vs d v d', p vs d v d' -> q vs d v d'.

Lemma exec_layer_le {mem D : Type} (M : module) (L1 L2 : layer D) :
  layer_le L1 L2 ->
  (forall e le (st : mem * D) s t le' st' out,
     exec_stmt (mkgenv M L1) e le st s t le' st' out -> exec_stmt (mkgenv M L2) e le st s t le' st' out) /\
  (forall (st : mem * D) f fd vs t st' v,
     eval_funcall (mkgenv M L1) st f fd vs t st' v -> eval_funcall (mkgenv M L2) st f fd vs t st' v).
Proof.
  intros Le; apply exec_funcall_ind; intros; try (econstructor; eassumption).
  cbn in *; destruct (Le _ _ Offered) as (q & Offered2 & Runs); econstructor; eauto.
Qed.

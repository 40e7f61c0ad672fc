(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Small-step semantics of the subset

    A function, so that it can be run.  [step M s] is the next state of code of
    module [M]; there is none at a call of an external function, which is for the
    surroundings to answer, at the end, and where the code is undefined.  Like
    Clight's, with the temporaries in the state and no memory.  What it has to do
    with the big-step form: agree.v. *)
From Coq Require Import ZArith List.
From hlock.clight Require Import options integers values syntax operators semantics.
Import ListNotations.

(** What is still to do when a statement or a call ends. *)
Inductive cont :=
| Kstop
| Kseq (s : statement) (k : cont)
| Kbody (s1 s2 : statement) (k : cont)    (* in the body of a loop *)
| Kstep (s1 s2 : statement) (k : cont)    (* in its step *)
| Kreturn (f : function) (k : cont)       (* in the body of a function *)
| Kcall (result : option ident) (le : temp_env) (k : cont). (* in a call *)

Inductive state :=
| Exec (le : temp_env) (s : statement) (k : cont)       (* about to execute a statement *)
| Leave (le : temp_env) (out : outcome) (k : cont)      (* a statement has ended *)
| Enter (f : ident) (fd : fundef) (vs : list val) (k : cont)   (* about to enter a function *)
| Give (v : val) (k : cont).                            (* a call has ended *)

Definition then_leave (le : temp_env) (o : option outcome) (k : cont) : option state :=
  match o with Some out => Some (Leave le out k) | None => None end.

Definition step_exec (M : module) (le : temp_env) (s : statement) (k : cont) : option state :=
  match s with
  | Sskip => Some (Leave le Out_normal k)
  | Sset id a =>
      match eval_expr le a with
      | Some v => Some (Leave (set_temp id v le) Out_normal k)
      | None => None
      end
  | Scall result (Evar f (Tfunction targs tres cc)) args =>
      match eval_args le args targs, find_function M f with
      | Some vs, Some fd =>
          if type_eq (type_of_fundef fd) (Tfunction targs tres cc)
          then Some (Enter f fd vs (Kcall result le k))
          else None
      | _, _ => None
      end
  | Scall _ _ _ => None
  | Ssequence s1 s2 => Some (Exec le s1 (Kseq s2 k))
  | Sifthenelse c s1 s2 =>
      match eval_cond le c with
      | Some b => Some (Exec le (if b then s1 else s2) k)
      | None => None
      end
  | Sloop s1 s2 => Some (Exec le s1 (Kbody s1 s2 k))
  | Sbreak => Some (Leave le Out_break k)
  | Scontinue => Some (Leave le Out_continue k)
  | Sreturn None => Some (Leave le (Out_return None) k)
  | Sreturn (Some a) =>
      match eval_expr le a with
      | Some v => Some (Leave le (Out_return (Some (v, typeof a))) k)
      | None => None
      end
  end.

Definition step_leave (le : temp_env) (out : outcome) (k : cont) : option state :=
  match k with
  | Kseq s k =>
      match out with
      | Out_normal => Some (Exec le s k)
      | _ => Some (Leave le out k)
      end
  | Kbody s1 s2 k =>
      if next_part out then Some (Exec le s2 (Kstep s1 s2 k)) else then_leave le (ends_loop out) k
  | Kstep s1 s2 k =>
      match out with
      | Out_normal => Some (Exec le (Sloop s1 s2) k)
      | _ => then_leave le (ends_loop out) k
      end
  | Kreturn f k =>
      match function_result out (fn_return f) with
      | Some v => Some (Give v k)
      | None => None
      end
  | Kstop | Kcall _ _ _ => None
  end.

Definition step (M : module) (s : state) : option state :=
  match s with
  | Exec le s k => step_exec M le s k
  | Leave le out k => step_leave le out k
  | Enter _ (Internal f) vs k =>
      match function_entry f vs with
      | Some le => Some (Exec le (fn_body f) (Kreturn f k))
      | None => None
      end
  | Enter _ (External _ _ _ _) _ _ => None
  | Give v (Kcall result le k) => Some (Leave (set_result result v le) Out_normal k)
  | Give _ _ => None
  end.

(** ** Running on a layer, which answers the external calls *)
Section Run.
  Context {D : Type} (ge : genv D).

  Inductive steps : state * D -> state * D -> Prop :=
  | steps_done sd : steps sd sd
  | steps_code s s' d sd :
      step (ge_module ge) s = Some s' -> steps (s', d) sd -> steps (s, d) sd
  | steps_external id p ef targs tres cc vs k v d d' sd :
      ge_layer ge id = Some p -> p vs d v d' -> steps (Give v k, d') sd ->
      steps (Enter id (External ef targs tres cc) vs k, d) sd.
End Run.

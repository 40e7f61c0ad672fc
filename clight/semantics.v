(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Big-step semantics of the subset

    [exec_stmt ge e le (m, d) s E0 le' (m', d') out]: from temporaries [le] and
    state [(m, d)], statement [s] ends with temporaries [le'], state [(m', d')]
    and outcome [out].  As in CompCert with parameters as temporaries
    (function_entry2).  What an external function does is given by a [layer]:
    a relation on the abstract state [d].  The subset has no addressable
    variable and no input/output, so the environment [e], the memory [m] and
    the trace [E0] are there to keep the form and no rule changes them.
    Read next: determinism.v, vcgen.v. *)
From Coq Require Import ZArith List FMapPositive.
From hlock.clight Require Import options integers values syntax operators.
Import ListNotations.
Local Open Scope bool_scope.

Inductive env := empty_env.
Inductive trace := E0.

(** What a function does: arguments, abstract state before, result, state after. *)
Definition prim (D : Type) := list val -> D -> val -> D -> Prop.

(** The interface of the floor below: a meaning for each function that it offers. *)
Definition layer (D : Type) := ident -> option (prim D).

(** The code of this floor and the interface that it stands on. *)
Record genv (D : Type) := mkgenv { ge_module : module; ge_layer : layer D }.
Arguments mkgenv {D} _ _.
Arguments ge_module {D} _.
Arguments ge_layer {D} _.

Inductive outcome :=
| Out_break
| Out_continue
| Out_normal
| Out_return (result : option (val * type)).

(** ** Expressions have no effect and no call: their value is a function. *)
Fixpoint eval_expr (le : temp_env) (a : expr) : option val :=
  match a with
  | Econst_int n _ => Some (Vint n)
  | Evar _ _ => None
  | Etempvar id _ => PositiveMap.find id le
  | Eunop op a _ =>
      match eval_expr le a with
      | Some v => sem_unary_operation op v (typeof a)
      | None => None
      end
  | Ebinop op a1 a2 _ =>
      match eval_expr le a1, eval_expr le a2 with
      | Some v1, Some v2 => sem_binary_operation op v1 (typeof a1) v2 (typeof a2)
      | _, _ => None
      end
  | Ecast a t =>
      match eval_expr le a with
      | Some v => sem_cast v (typeof a) t
      | None => None
      end
  end.

(** Each argument is cast to the type of its parameter. *)
Fixpoint eval_args (le : temp_env) (args : list expr) (ts : typelist) : option (list val) :=
  match args, ts with
  | nil, Tnil => Some nil
  | a :: args, Tcons t ts =>
      match eval_expr le a, eval_args le args ts with
      | Some v, Some vs =>
          match sem_cast v (typeof a) t with
          | Some v => Some (v :: vs)
          | None => None
          end
      | _, _ => None
      end
  | _, _ => None
  end.

Definition eval_cond (le : temp_env) (c : expr) : option bool :=
  match eval_expr le c with
  | Some v => bool_val v (typeof c)
  | None => None
  end.

(** ** Entering and leaving a function *)
Fixpoint undef_temps (ts : list (ident * type)) : temp_env :=
  match ts with
  | nil => PositiveMap.empty val
  | (id, _) :: ts => set_temp id Vundef (undef_temps ts)
  end.

Fixpoint bind_params (ps : list (ident * type)) (vs : list val) (le : temp_env)
    : option temp_env :=
  match ps, vs with
  | nil, nil => Some le
  | (id, _) :: ps, v :: vs => bind_params ps vs (set_temp id v le)
  | _, _ => None
  end.

Fixpoint distinct (ids : list ident) : bool :=
  match ids with
  | nil => true
  | id :: ids => negb (existsb (Pos.eqb id) ids) && distinct ids
  end.

(** The temporaries on entry.  No addressable variable; names are distinct. *)
Definition function_entry (f : function) (vs : list val) : option temp_env :=
  match fn_vars f with
  | nil =>
      if distinct (map fst (fn_params f) ++ map fst (fn_temps f))
      then bind_params (fn_params f) vs (undef_temps (fn_temps f))
      else None
  | _ => None
  end.

Definition function_result (out : outcome) (t : type) : option val :=
  match out, t with
  | Out_normal, Tvoid => Some Vundef
  | Out_return None, Tvoid => Some Vundef
  | Out_return (Some (v, tv)), Tint _ _ _ => sem_cast v tv t
  | _, _ => None
  end.

Definition set_result (result : option ident) (v : val) (le : temp_env) : temp_env :=
  match result with
  | Some id => set_temp id v le
  | None => le
  end.

(** What a finished loop iteration says to the loop. *)
Definition ends_loop (out : outcome) : option outcome :=
  match out with
  | Out_break => Some Out_normal
  | Out_return r => Some (Out_return r)
  | _ => None
  end.
Definition next_part (out : outcome) : bool :=
  match out with
  | Out_normal | Out_continue => true
  | _ => false
  end.

Section Semantics.
  Context {mem D : Type} (ge : genv D).

  Inductive exec_stmt :
    env -> temp_env -> mem * D -> statement -> trace -> temp_env -> mem * D -> outcome -> Prop :=
  | exec_Sskip e le st :
      exec_stmt e le st Sskip E0 le st Out_normal
  | exec_Sset e le st id a v
      (Value : eval_expr le a = Some v) :
      exec_stmt e le st (Sset id a) E0 (set_temp id v le) st Out_normal
  | exec_Scall e le st st' result f targs tres cc fd args vs v
      (Callee : find_function (ge_module ge) f = Some fd)
      (Args : eval_args le args targs = Some vs)
      (Type_at_call : type_of_fundef fd = Tfunction targs tres cc)
      (Call : eval_funcall st f fd vs E0 st' v) :
      exec_stmt e le st (Scall result (Evar f (Tfunction targs tres cc)) args) E0
                (set_result result v le) st' Out_normal
  | exec_Ssequence e le le1 le2 st st1 st2 s1 s2 out
      (First : exec_stmt e le st s1 E0 le1 st1 Out_normal)
      (Second : exec_stmt e le1 st1 s2 E0 le2 st2 out) :
      exec_stmt e le st (Ssequence s1 s2) E0 le2 st2 out
  | exec_Ssequence_exit e le le1 st st1 s1 s2 out
      (First : exec_stmt e le st s1 E0 le1 st1 out)
      (Exit : out <> Out_normal) :
      exec_stmt e le st (Ssequence s1 s2) E0 le1 st1 out
  | exec_Sifthenelse e le le' st st' c s1 s2 b out
      (Cond : eval_cond le c = Some b)
      (Branch : exec_stmt e le st (if b then s1 else s2) E0 le' st' out) :
      exec_stmt e le st (Sifthenelse c s1 s2) E0 le' st' out
  | exec_Sbreak e le st :
      exec_stmt e le st Sbreak E0 le st Out_break
  | exec_Scontinue e le st :
      exec_stmt e le st Scontinue E0 le st Out_continue
  | exec_Sreturn_none e le st :
      exec_stmt e le st (Sreturn None) E0 le st (Out_return None)
  | exec_Sreturn_some e le st a v
      (Value : eval_expr le a = Some v) :
      exec_stmt e le st (Sreturn (Some a)) E0 le st (Out_return (Some (v, typeof a)))
  | exec_Sloop_stop_body e le le' st st' s1 s2 out1 out
      (Body : exec_stmt e le st s1 E0 le' st' out1)
      (Ends : ends_loop out1 = Some out) :
      exec_stmt e le st (Sloop s1 s2) E0 le' st' out
  | exec_Sloop_stop_step e le le1 le' st st1 st' s1 s2 out1 out2 out
      (Body : exec_stmt e le st s1 E0 le1 st1 out1)
      (Goes_on : next_part out1 = true)
      (Step : exec_stmt e le1 st1 s2 E0 le' st' out2)
      (Ends : ends_loop out2 = Some out) :
      exec_stmt e le st (Sloop s1 s2) E0 le' st' out
  | exec_Sloop_loop e le le1 le2 le' st st1 st2 st' s1 s2 out1 out
      (Body : exec_stmt e le st s1 E0 le1 st1 out1)
      (Goes_on : next_part out1 = true)
      (Step : exec_stmt e le1 st1 s2 E0 le2 st2 Out_normal)
      (Again : exec_stmt e le2 st2 (Sloop s1 s2) E0 le' st' out) :
      exec_stmt e le st (Sloop s1 s2) E0 le' st' out

  with eval_funcall :
    mem * D -> ident -> fundef -> list val -> trace -> mem * D -> val -> Prop :=
  | eval_funcall_internal st st' id f vs le le' out v
      (Entry : function_entry f vs = Some le)
      (Body : exec_stmt empty_env le st (fn_body f) E0 le' st' out)
      (Result : function_result out (fn_return f) = Some v) :
      eval_funcall st id (Internal f) vs E0 st' v
  | eval_funcall_external m d d' id p ef targs tres cc vs v
      (Offered : ge_layer ge id = Some p)
      (Prim : p vs d v d') :
      eval_funcall (m, d) id (External ef targs tres cc) vs E0 (m, d') v.

  (** A called function, by name: what a module does on a layer. *)
  Definition call_function (f : ident) (vs : list val) (st st' : mem * D) (v : val) : Prop :=
    exists fd, find_function (ge_module ge) f = Some fd /\ eval_funcall st f fd vs E0 st' v.
End Semantics.

Scheme exec_stmt_ind2 := Minimality for exec_stmt Sort Prop
  with eval_funcall_ind2 := Minimality for eval_funcall Sort Prop.
Combined Scheme exec_funcall_ind from exec_stmt_ind2, eval_funcall_ind2.

(** ** Specifications *)

(** What named functions do, memory included. *)
Definition fn_sem (mem D : Type) := ident -> list val -> mem * D -> val -> mem * D -> Prop.

(** One is refined by the other: each of its runs is a run of the other. *)
Definition spec_le {mem D : Type} (s1 s2 : fn_sem mem D) : Prop :=
  forall f args m d res m' d',
    s1 f args (m, d) res (m', d') -> s2 f args (m, d) res (m', d').

(** [f ↦ p]: function [f] does what [p] says and leaves memory alone; of other
    functions nothing is said. *)
Definition maps_to {mem D : Type} (f : ident) (p : prim D) : fn_sem mem D :=
  fun g args st res st' => g = f /\ fst st' = fst st /\ p args (snd st) res (snd st').

(** [〚 M 〛 L]: what the functions of module [M] do on layer [L]. *)
Definition module_sem {mem D : Type} (M : module) (L : layer D) : fn_sem mem D :=
  fun f args st res st' => call_function (mkgenv M L) f args st st' res.

Notation "f ↦ p" := (maps_to f p) (at level 60) : clight_scope.
Notation "〚 M 〛 L" := (module_sem M L) (at level 10, L at level 9) : clight_scope.

(** A specification on a number, as C calls it. *)
Definition takes_uint {D : Type} (spec : Z -> D -> D -> Prop) : prim D :=
  fun vs d v d' => exists n, vs = [Vint n] /\ v = Vundef /\ spec (Int.unsigned n) d d'.

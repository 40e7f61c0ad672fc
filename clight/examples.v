(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Instances of the agreement of both forms (agree.v)

    A function with a loop and a call, on a layer that is not deterministic, run
    by small steps to two different ends: [call_agrees] makes of each a run of the
    big-step form.  And why [stmt_agrees] speaks of [Kstop] only: a run can come
    back to a continuation with other temporaries ([comes_back]). *)
From Coq Require Import ZArith String List.
From hlock.clight Require Import options integers values syntax operators semantics smallstep agree.
Import ListNotations.

Definition flip : ident := 1%positive.
Definition poll : ident := 2%positive.
Definition x : ident := 3%positive.

(** [do x = flip(); while (!x); return x;] *)
Definition poll_function : fundef :=
  Internal (mkfunction tuint cc_default [] [] [(x, tuint)]
    (Ssequence
       (Sdowhile (Scall (Some x) (Evar flip (Tfunction Tnil tuint cc_default)) [])
                 (Eunop Onotbool (Etempvar x tuint) tint))
       (Sreturn (Some (Etempvar x tuint))))).
Definition flip_function : fundef :=
  External (EF_external "flip"%string (mksignature [] AST.Tint cc_default)) Tnil tuint cc_default.

Definition number (z : Z) : val := Vint (Int.repr z).

(** The layer counts the calls; each gives what it likes, a number below three. *)
Definition flips (vs : list val) (d : nat) (v : val) (d' : nat) : Prop :=
  vs = [] /\ d' = S d /\ In v [number 0; number 1; number 2].
Definition game : genv nat :=
  mkgenv [(flip, Gfun flip_function); (poll, Gfun poll_function)]
         (fun id => if Pos.eqb id flip then Some flips else None).

#[local] Transparent Int.repr.

(** Steps of code, as many as there are; a call of the layer, which gives [z]. *)
Ltac code := repeat (eapply steps_code; [reflexivity|]).
Ltac flip_gives z :=
  eapply (steps_external game) with (v := number z); [reflexivity|now repeat split; cbn; auto|].

Example small_once : steps game (Enter poll poll_function [] Kstop, 0) (Give (number 2) Kstop, 1).
Proof. code; flip_gives 2%Z; code; apply steps_done. Qed.
Example small_twice : steps game (Enter poll poll_function [] Kstop, 0) (Give (number 1) Kstop, 2).
Proof. code; flip_gives 0%Z; code; flip_gives 1%Z; code; apply steps_done. Qed.

Example big_once : eval_funcall game (tt, 0) poll poll_function [] E0 (tt, 1) (number 2).
Proof. apply call_agrees; exact small_once. Qed.
Example big_twice : eval_funcall game (tt, 0) poll poll_function [] E0 (tt, 2) (number 1).
Proof. apply call_agrees; exact small_twice. Qed.

(** In the step of a loop [Sskip] ends, the loop goes round, and the run stands
    again where [Sskip] ends, with another [x]; [Sskip] itself does not change it. *)
Definition set_x : statement := Sset x (Econst_int (Int.repr 1) tuint).
Definition again : cont := Kstep set_x Sskip Kstop.
Definition start : temp_env := set_temp x (number 0) (undef_temps []).

Example comes_back :
  steps game (Exec start Sskip again, 0) (Leave (set_temp x (number 1) start) Out_normal again, 0) /\
  ~ exec_stmt game empty_env start (tt, 0) Sskip E0 (set_temp x (number 1) start) (tt, 0) Out_normal.
Proof.
  split.
  - do 6 (eapply steps_code; [reflexivity|]); apply steps_done.
  - intros Run; inversion Run.
Qed.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Statements that stop

    Some functions of a layer never return: they end the run.  A statement that
    calls one has no run ([exec_stmt]); but so has one that is stuck.
    [stmt_stops] tells them apart: the statement comes to a call of such a
    function, with these arguments, in this state.  [wps] is [wp] with a second
    condition, of stops; [stops_not_runs]: what stops does not end; [stops_deterministic].
    Read next: layers/L4_locks/checked.v. *)
From Coq Require Import ZArith List Wf_nat FMapPositive.
From hlock.clight Require Import options integers values syntax operators semantics determinism vcgen interp.
Import ListNotations.

Section Stops.
  (** [stop f]: function [f] of the layer never returns. *)
  Context {mem D : Type} (ge : genv D) (stop : ident -> bool).

  (** From temporaries [le] and state [st], statement [s] comes to the call of [g], which
      stops, with arguments [ws], in state [st']. *)
  Inductive stmt_stops : temp_env -> mem * D -> statement -> ident -> list val -> mem * D -> Prop :=
  | stops_call le st result f targs tres cc fd args vs g ws st'
      (Callee : find_function (ge_module ge) f = Some fd)
      (Args : eval_args le args targs = Some vs)
      (Type_at_call : type_of_fundef fd = Tfunction targs tres cc)
      (Call : call_stops st f fd vs g ws st') :
      stmt_stops le st (Scall result (Evar f (Tfunction targs tres cc)) args) g ws st'
  | stops_first le st s1 s2 g ws st'
      (First : stmt_stops le st s1 g ws st') :
      stmt_stops le st (Ssequence s1 s2) g ws st'
  | stops_second le le1 st st1 s1 s2 g ws st'
      (First : exec_stmt ge empty_env le st s1 E0 le1 st1 Out_normal)
      (Second : stmt_stops le1 st1 s2 g ws st') :
      stmt_stops le st (Ssequence s1 s2) g ws st'
  | stops_branch le st c s1 s2 b g ws st'
      (Cond : eval_cond le c = Some b)
      (Branch : stmt_stops le st (if b then s1 else s2) g ws st') :
      stmt_stops le st (Sifthenelse c s1 s2) g ws st'
  | stops_body le st s1 s2 g ws st'
      (Body : stmt_stops le st s1 g ws st') :
      stmt_stops le st (Sloop s1 s2) g ws st'
  | stops_step le le1 st st1 s1 s2 out1 g ws st'
      (Body : exec_stmt ge empty_env le st s1 E0 le1 st1 out1)
      (Goes_on : next_part out1 = true)
      (Step : stmt_stops le1 st1 s2 g ws st') :
      stmt_stops le st (Sloop s1 s2) g ws st'
  | stops_again le le1 le2 st st1 st2 s1 s2 out1 g ws st'
      (Body : exec_stmt ge empty_env le st s1 E0 le1 st1 out1)
      (Goes_on : next_part out1 = true)
      (Step : exec_stmt ge empty_env le1 st1 s2 E0 le2 st2 Out_normal)
      (Again : stmt_stops le2 st2 (Sloop s1 s2) g ws st') :
      stmt_stops le st (Sloop s1 s2) g ws st'

  with call_stops : mem * D -> ident -> fundef -> list val -> ident -> list val -> mem * D -> Prop :=
  | stops_inside st id f vs le g ws st'
      (Entry : function_entry f vs = Some le)
      (Body : stmt_stops le st (fn_body f) g ws st') :
      call_stops st id (Internal f) vs g ws st'
  | stops_there st id ef targs tres cc vs
      (Stop : stop id = true) :
      call_stops st id (External ef targs tres cc) vs id vs st.
End Stops.

Scheme stmt_stops_ind2 := Minimality for stmt_stops Sort Prop
  with call_stops_ind2 := Minimality for call_stops Sort Prop.
Combined Scheme stops_ind from stmt_stops_ind2, call_stops_ind2.

(** A called function, by name. *)
Definition function_stops {mem D : Type} (ge : genv D) (stop : ident -> bool) (f : ident) (vs : list val)
    (st : mem * D) (g : ident) (ws : list val) (st' : mem * D) : Prop :=
  exists fd, find_function (ge_module ge) f = Some fd /\ call_stops ge stop st f fd vs g ws st'.

(** ** Verification conditions *)
Section Wps.
  Context {mem D : Type} (ge : genv D) (stop : ident -> bool) (m : mem).
  Local Notation post := (post (D := D)).

  (** What is to hold at a stop: which function, its arguments, the state. *)
  Definition at_stop := ident -> list val -> D -> Prop.

  (** The statement ends, and [Q], or stops, and [R]. *)
  Definition goes (s : statement) (Q : post) (R : at_stop) (le : temp_env) (d : D) : Prop :=
    (exists le' d' out, exec_stmt ge empty_env le (m, d) s E0 le' (m, d') out /\ Q out le' d') \/
    (exists g ws d', stmt_stops ge stop le (m, d) s g ws (m, d') /\ R g ws d').

  Definition wps_call (f : ident) (t : type) (vs : list val) (d : D) (Q : val -> D -> Prop) (R : at_stop) : Prop :=
    exists fd, find_function (ge_module ge) f = Some fd /\ type_of_fundef fd = t /\
      ((exists v d', eval_funcall ge (m, d) f fd vs E0 (m, d') v /\ Q v d') \/
       (exists g ws d', call_stops ge stop (m, d) f fd vs g ws (m, d') /\ R g ws d')).

  Fixpoint wps (s : statement) (Q : post) (R : at_stop) (le : temp_env) (d : D) : Prop :=
    match s with
    | Sskip => Q Out_normal le d
    | Sset id a =>
        match eval_expr le a with
        | Some v => Q Out_normal (set_temp id v le) d
        | None => False
        end
    | Scall result (Evar f (Tfunction targs tres cc)) args =>
        match eval_args le args targs with
        | Some vs => wps_call f (Tfunction targs tres cc) vs d
                       (fun v d' => Q Out_normal (set_result result v le) d') R
        | None => False
        end
    | Scall _ _ _ => False
    | Ssequence s1 s2 =>
        wps s1 (fun out le1 d1 =>
          match out with
          | Out_normal => wps s2 Q R le1 d1
          | _ => Q out le1 d1
          end) R le d
    | Sifthenelse c s1 s2 =>
        match eval_cond le c with
        | Some true => wps s1 Q R le d
        | Some false => wps s2 Q R le d
        | None => False
        end
    | Sbreak => Q Out_break le d
    | Scontinue => Q Out_continue le d
    | Sreturn None => Q (Out_return None) le d
    | Sreturn (Some a) =>
        match eval_expr le a with
        | Some v => Q (Out_return (Some (v, typeof a))) le d
        | None => False
        end
    | Sloop s1 s2 => goes (Sloop s1 s2) Q R le d
    end.

  Lemma wps_mono s : forall (Q Q' : post) (R : at_stop) le d,
    (forall out le' d', Q out le' d' -> Q' out le' d') -> wps s Q R le d -> wps s Q' R le d.
  Proof.
    induction s as [|id a|result f args|s1 IH1 s2 IH2|c s1 IH1 s2 IH2|s1 IH1 s2 IH2| | |[a|]];
      intros Q Q' R le d Mono; cbn [wps]; auto.
    - destruct (eval_expr le a); auto.
    - destruct f as [|f t| | | |]; auto; destruct t as [| |targs tres cc]; auto.
      destruct (eval_args le args targs); auto.
      intros (fd & Found & Typed & [(v & d' & Run & Post)|Stop]); exists fd; eauto 8.
    - apply IH1; intros []; auto; intros le1 d1; apply IH2; auto.
    - destruct (eval_cond le c) as [[]|]; eauto.
    - intros [(le' & d' & out & Run & Post)|Stop]; [left; eauto 6|right; exact Stop].
    - destruct (eval_expr le a); auto.
  Qed.

  #[local] Hint Constructors exec_stmt stmt_stops : stops.

  Theorem wps_sound s : forall Q R le d, wps s Q R le d -> goes s Q R le d.
  Proof.
    unfold goes; induction s as [|id a|result f args|s1 IH1 s2 IH2|c s1 IH1 s2 IH2|s1 IH1 s2 IH2| | |[a|]];
      intros Q R le d; cbn [wps]; intros Wp.
    all: try (left; eauto 10 with stops; fail).
    - destruct (eval_expr le a) eqn:Value; [left; eauto 10 with stops|tauto].
    - destruct f as [|f t| | | |]; try tauto; destruct t as [| |targs tres cc]; try tauto.
      destruct (eval_args le args targs) eqn:Args; [|tauto].
      destruct Wp as (fd & Callee & Typed & [(v & d' & Call & Post)|(g & ws & d' & Call & Post)]).
      + left; do 3 eexists; split; [econstructor; eassumption|exact Post].
      + right; do 3 eexists; split; [econstructor; eassumption|exact Post].
    - apply IH1 in Wp as [(le1 & d1 & out & First & Then)|(g & ws & d' & First & Post)].
      + destruct out; [| |apply IH2 in Then as [(le2 & d2 & out & Second & Post)|(g & ws & d' & Second & Post)]|].
        1, 2, 5: left; do 3 eexists; split; [|exact Then]; eapply exec_Ssequence_exit; [eassumption|discriminate].
        * left; do 3 eexists; split; [eapply exec_Ssequence; eassumption|exact Post].
        * right; do 3 eexists; split; [eapply stops_second; eassumption|exact Post].
      + right; do 3 eexists; split; [apply stops_first; exact First|exact Post].
    - destruct (eval_cond le c) as [b|] eqn:Cond; [|tauto].
      assert (Branch : goes (if b then s1 else s2) Q R le d)
        by (destruct b; [apply IH1|apply IH2]; exact Wp).
      destruct Branch as [(le' & d' & out & Run & Post)|(g & ws & d' & Stop & Post)].
      + left; do 3 eexists; split; [eapply exec_Sifthenelse; eassumption|exact Post].
      + right; do 3 eexists; split; [eapply stops_branch; eassumption|exact Post].
    - exact Wp.
    - destruct (eval_expr le a) eqn:Value; [left; eauto 10 with stops|tauto].
  Qed.

  (** A call of a function of the module, of one that the layer offers, of one that stops. *)
  Lemma wps_function f fd vs le d (Q : val -> D -> Prop) R :
    find_function (ge_module ge) f = Some (Internal fd) -> function_entry fd vs = Some le ->
    wps (fn_body fd) (fun out _ d' => exists v, function_result out (fn_return fd) = Some v /\ Q v d') R le d ->
    wps_call f (type_of_fundef (Internal fd)) vs d Q R.
  Proof.
    intros Found Entry Wp; exists (Internal fd); split; [exact Found|split; [reflexivity|]].
    apply wps_sound in Wp as [(le' & d' & out & Run & v & Result & Post)|(g & ws & d' & Stop & Post)].
    - left; exists v, d'; split; [econstructor; eassumption|exact Post].
    - right; exists g, ws, d'; split; [econstructor; eassumption|exact Post].
  Qed.
  Lemma wps_prim f ef targs tres cc p vs v d d' (Q : val -> D -> Prop) R :
    find_function (ge_module ge) f = Some (External ef targs tres cc) ->
    ge_layer ge f = Some p -> p vs d v d' -> Q v d' -> wps_call f (Tfunction targs tres cc) vs d Q R.
  Proof.
    intros Callee Offered Prim Post; eexists; split; [exact Callee|split; [reflexivity|left]].
    exists v, d'; split; [econstructor; eassumption|exact Post].
  Qed.
  Lemma wps_stop f ef targs tres cc vs d (Q : val -> D -> Prop) (R : at_stop) :
    find_function (ge_module ge) f = Some (External ef targs tres cc) ->
    stop f = true -> R f vs d -> wps_call f (Tfunction targs tres cc) vs d Q R.
  Proof.
    intros Callee Stop Post; eexists; split; [exact Callee|split; [reflexivity|right]].
    exists f, vs, d; split; [now constructor|exact Post].
  Qed.

  (** ** Loops: as [wp_loop] *)
  Definition iteration_stops (s1 s2 : statement) (Q : post) (R : at_stop) (Next : temp_env -> D -> Prop) : post :=
    fun out le d =>
      match ends_loop out with
      | Some out' => Q out' le d
      | None =>
          wps s2 (fun out2 le2 d2 =>
            match out2 with
            | Out_normal => Next le2 d2
            | _ => match ends_loop out2 with Some out' => Q out' le2 d2 | None => False end
            end) R le d
      end.

  Lemma wps_loop_unfold s1 s2 Q R le d :
    wps s1 (iteration_stops s1 s2 Q R (goes (Sloop s1 s2) Q R)) R le d -> goes (Sloop s1 s2) Q R le d.
  Proof.
    intros Wp; apply wps_sound in Wp as [(le1 & d1 & out1 & Body & It)|(g & ws & d' & Stop & Post)].
    2: right; do 3 eexists; split; [apply stops_body; exact Stop|exact Post].
    unfold iteration_stops in It; destruct (ends_loop out1) as [out'|] eqn:Ends.
    - left; do 3 eexists; split; [eapply exec_Sloop_stop_body; eassumption|exact It].
    - assert (Goes_on : next_part out1 = true) by (destruct out1; auto; discriminate).
      apply wps_sound in It as [(le2 & d2 & out2 & Step & It)|(g & ws & d' & Stop & Post)].
      2: right; do 3 eexists; split; [eapply stops_step; eassumption|exact Post].
      destruct out2; cbn in It; try tauto.
      + left; exists le2, d2, Out_normal; split; [eapply exec_Sloop_stop_step; eauto|exact It].
      + destruct It as [(le' & d' & out & Again & Post)|(g & ws & d' & Stop & Post)].
        * left; exists le', d', out; split; [eapply exec_Sloop_loop; eassumption|exact Post].
        * right; exists g, ws, d'; split; [eapply stops_again; eassumption|exact Post].
      + left; exists le2, d2, (Out_return result); split; [eapply exec_Sloop_stop_step; eauto; reflexivity|exact It].
  Qed.

  Theorem wps_loop s1 s2 Q R (I : nat -> temp_env -> D -> Prop) :
    (forall k le d, I k le d ->
       wps s1 (iteration_stops s1 s2 Q R (fun le' d' => exists k', k' < k /\ I k' le' d')) R le d) ->
    forall k le d, I k le d -> wps (Sloop s1 s2) Q R le d.
  Proof.
    intros Body k; induction k as [k IH] using lt_wf_ind; intros le d Inv; cbn [wps].
    apply wps_loop_unfold; apply Body in Inv; revert Inv; apply wps_mono.
    intros out le1 d1; unfold iteration_stops; destruct (ends_loop out) as [out'|]; [auto|].
    apply wps_mono; intros [] le2 d2; auto.
    intros (k' & Less & Again); exact (IH k' Less le2 d2 Again).
  Qed.
End Wps.

(** ** What stops does not end *)
Section Either.
  Context {mem D : Type} (ge : genv D) (stop : ident -> bool) (Det : layer_det (ge_layer ge)).
  Context (Never : forall id p, stop id = true -> ge_layer ge id = Some p -> forall vs d v d', ~ p vs d v d').

  (** There is one environment, an expression has one value, and a statement one run. *)
  Ltac one_env := repeat match goal with e : env |- _ => destruct e end.
  Ltac one_value := try match goal with
    | A : ?x = Some _, A' : ?x = Some _ |- _ => rewrite A in A'; injection A' as <-
    end.
  Ltac one_run := repeat match goal with
    | B : exec_stmt _ _ ?le ?st ?s _ _ _ _, B' : exec_stmt _ _ ?le ?st ?s _ _ _ _ |- _ =>
        destruct (exec_stmt_deterministic ge Det _ _ _ _ _ _ _ _ _ _ B B') as (? & ? & ?); subst; clear B'
    end.

  Theorem stops_not_runs :
    (forall le (st : mem * D) s g ws st', stmt_stops ge stop le st s g ws st' ->
       forall e le' st2 out, ~ exec_stmt ge e le st s E0 le' st2 out) /\
    (forall (st : mem * D) f fd vs g ws st', call_stops ge stop st f fd vs g ws st' ->
       forall st2 v, ~ eval_funcall ge st f fd vs E0 st2 v).
  Proof.
    apply stops_ind; intros; intros Run; inversion Run; subst; one_env.
    all: one_value; one_value; one_run.
    all: try match goal with
      | E : ends_loop _ = Some _, N : next_part _ = true |- _ => exact (ends_loop_next _ _ E N)
      | E : ends_loop Out_normal = Some _ |- _ => discriminate E
      end.
    all: first [congruence | match goal with H : _ -> _ |- _ => eapply H; eassumption end].
  Qed.

  (** It stops in at most one way. *)
  Theorem stops_deterministic :
    (forall le (st : mem * D) s g ws st', stmt_stops ge stop le st s g ws st' ->
       forall g2 ws2 st2, stmt_stops ge stop le st s g2 ws2 st2 -> g2 = g /\ ws2 = ws /\ st2 = st') /\
    (forall (st : mem * D) f fd vs g ws st', call_stops ge stop st f fd vs g ws st' ->
       forall g2 ws2 st2, call_stops ge stop st f fd vs g2 ws2 st2 -> g2 = g /\ ws2 = ws /\ st2 = st').
  Proof.
    apply stops_ind; intros; match goal with |- ?a = _ /\ _ =>
      match goal with Two : context [a] |- _ => inversion Two; subst end end; auto.
    all: one_value; one_value; one_run.
    all: try match goal with
      | S : stmt_stops ge stop ?le ?st ?s _ _ _, E : exec_stmt ge _ ?le ?st ?s _ _ _ _ |- _ =>
          destruct (proj1 stops_not_runs _ _ _ _ _ _ S _ _ _ _ E)
      end.
    all: match goal with H : _ -> _ |- _ => eapply H; eassumption end.
  Qed.
End Either.

(** On a layer that does more, what stopped still stops. *)
Lemma stops_layer_le {mem D : Type} (M : module) (L1 L2 : layer D) (stop : ident -> bool) : layer_le L1 L2 ->
  (forall le (st : mem * D) s g ws st', stmt_stops (mkgenv M L1) stop le st s g ws st' ->
     stmt_stops (mkgenv M L2) stop le st s g ws st') /\
  (forall (st : mem * D) f fd vs g ws st', call_stops (mkgenv M L1) stop st f fd vs g ws st' ->
     call_stops (mkgenv M L2) stop st f fd vs g ws st').
Proof.
  intros Le; pose proof (proj1 (exec_layer_le (mem := mem) M L1 L2 Le)) as Runs.
  apply stops_ind; intros; try (econstructor; eauto; fail).
Qed.

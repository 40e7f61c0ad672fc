(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The stack: the linked C runs

    The other direction of stack.v.  Whenever floor 1's operation on words is
    defined, the C function of the table, linked with floors 3 and 1, runs to its
    end and to that state ([stack_runs]); with [call_floor_4] it does nothing else
    ([stack_exact]).  What remains to be said of a run that ends is that floor 1's
    operations are defined.  Read next: executable.v. *)
From Coq Require Import ZArith List Bool String Lia FMapPositive.
From hlock.clight Require Import options integers values syntax operators semantics determinism vcgen.
From hlock.layers.view Require Import spec.
From hlock.layers Require L0_machine.spec L1_ticket.spec L1_ticket.code.
From hlock.layers.L4_locks Require Import table table_facts spec code.
From hlock.generated Require Import lock_table.
From hlock.generated Require L1_ticket L3_atomic L4_locks.
From hlock.stack Require Import stack.
Import L0_machine.spec.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

Section Total.
  Context (S : system) (width : Z) (Width : 1 <= width <= 32).
  Local Notation data := (RData (words S width)).
  Local Notation ge := (stack_genv S width).
  Context {mem : Type} (m : mem).

  (** The names and texts of floors 1 and 3. *)
  Definition name_1 (o : operation) : string :=
    match o with Acquire => "wait_lock" | Release => "pass_lock" end.
  Definition name_3 (o : operation) : string :=
    match o with Acquire => "wait_hlock" | Release => "pass_hlock" end.
  Definition text_1 (o : operation) : function :=
    match o with Acquire => L1_ticket.f_wait_lock | Release => L1_ticket.f_pass_lock end.
  Definition text_3 (o : operation) : function :=
    match o with Acquire => L3_atomic.f_wait_hlock | Release => L3_atomic.f_pass_hlock end.

  Lemma found_1 o : find_function stack ($(name_1 o)) = Some (Internal (text_1 o)).
  Proof. destruct o; vm_compute; reflexivity. Qed.
  Lemma found_3 o : find_function stack ($(name_3 o)) = Some (Internal (text_3 o)).
  Proof. destruct o; vm_compute; reflexivity. Qed.

  (** A function without result runs, if its body runs to its end. *)
  Lemma run_body id f vs le (d d' : data) :
    function_entry f vs = Some le -> fn_return f = tvoid ->
    wp ge m (fn_body f) (fun out _ d2 => out = Out_normal /\ d2 = d') le d ->
    eval_funcall ge (m, d) id (Internal f) vs E0 (m, d') Vundef.
  Proof.
    intros Entry Void Wp; apply wp_sound in Wp as (out & le' & d2 & Run & -> & ->).
    econstructor; [exact Entry|exact Run|now rewrite Void].
  Qed.

  (** A call, found by name. *)
  Lemma call_found f text targs cc vs (d d' : data) (Q : val -> data -> Prop) :
    find_function stack f = Some (Internal text) -> type_of_fundef (Internal text) = Tfunction targs tvoid cc ->
    eval_funcall ge (m, d) f (Internal text) vs E0 (m, d') Vundef -> Q Vundef d' ->
    wp_call ge m f (Tfunction targs tvoid cc) vs d Q.
  Proof. intros Found Type_at Call Post; exists (Internal text), Vundef, d'; auto. Qed.

  Lemma run_floor_1 o n (d d' : data) :
    on_words S width o (Int.unsigned n) d d' ->
    eval_funcall ge (m, d) ($(name_1 o)) (Internal (text_1 o)) [Vint n] E0 (m, d') Vundef.
  Proof.
    intros Does; destruct o; cbn [text_1].
    - destruct (L1_ticket.code.wait_lock_body_correct S width Width stack stack_links m d d' empty_env
                  (set_temp ($"lk") (Vint n) (undef_temps (fn_temps L1_ticket.f_wait_lock))) n)
        as (le' & Run); [reflexivity|apply get_set_same|exact Does|].
      eapply eval_funcall_internal; [reflexivity|exact Run|reflexivity].
    - destruct (L1_ticket.code.pass_lock_body_correct S width Width stack stack_links m d d' empty_env
                  (set_temp ($"lk") (Vint n) (undef_temps (fn_temps L1_ticket.f_pass_lock))) n)
        as (le' & Run); [reflexivity|apply get_set_same|exact Does|].
      eapply eval_funcall_internal; [reflexivity|exact Run|reflexivity].
  Qed.

  Lemma run_floor_3 o n (d d' : data) :
    on_words S width o (Int.unsigned n) d d' ->
    eval_funcall ge (m, d) ($(name_3 o)) (Internal (text_3 o)) [Vint n] E0 (m, d') Vundef.
  Proof.
    intros Does; apply run_floor_1 in Does.
    eapply run_body with (le := set_temp ($"lk") (Vint n) (PositiveMap.empty val));
      [now destruct o|now destruct o|].
    destruct o; cbn [wp fn_body text_3 L3_atomic.f_wait_hlock L3_atomic.f_pass_hlock eval_args eval_expr];
      change (PositiveMap.find L3_atomic._lk ?le) with (le ! ($"lk")); rewrite get_set_same;
      cbn [sem_cast typeof tuint].
    - eapply call_found; [exact (found_1 Acquire)|reflexivity|exact Does|auto].
    - eapply call_found; [exact (found_1 Release)|reflexivity|exact Does|auto].
  Qed.

  (** Floor 1's operation on the lock's number is a run of the function of the table. *)
  Theorem stack_runs o f i (d d' : data) :
    List.In f lock_table -> in_family f i = true -> on_words S width o (lock_id f i) d d' ->
    call_function ge ($(function_name o f)) (arguments f i) (m, d) (m, d') Vundef.
  Proof.
    intros Member Range Does; apply in_family_iff in Range.
    unfold lock_table in Member; cbn [List.In] in Member.
    repeat destruct Member as [Member|Member]; [..|destruct Member].
    all: lazymatch type of Member with ?x = _ => let v := eval hnf in x in change x with v in Member end.
    all: subst f; unfold arguments, lock_id in *; cbn [index first count] in *.
    all: destruct o.
    all: lazymatch goal with |- call_function _ ($(function_name ?o ?f)) _ _ _ _ =>
           let text := find_in stack ($(function_name o f)) in
           exists (Internal text); split; [vm_compute; reflexivity|] end.
    all: eapply run_body; [reflexivity|reflexivity|].
    all: lazymatch goal with |- wp _ _ (fn_body ?text) _ _ _ => unfold text end; straight_line.
    all: lazymatch type of Does with on_words _ _ ?o _ _ _ =>
           eapply call_found; [exact (found_3 o)|reflexivity|refine (run_floor_3 o _ d d' _); machine_arith|auto] end.
    all: refine (eq_ind _ (fun z => on_words S width _ z d d') Does _ _); lia.
  Qed.

  (** And nothing else: such a call has no other end. *)
  Theorem stack_exact o f i (d : data) st' v :
    List.In f lock_table -> in_family f i = true ->
    call_function ge ($(function_name o f)) (arguments f i) (m, d) st' v <->
    exists d', st' = (m, d') /\ v = Vundef /\ on_words S width o (lock_id f i) d d'.
  Proof.
    intros Member Range; split.
    - intros Call; pose proof Call as Call'.
      apply (call_floor_4 S width Width m o f i d st' v Member Range) in Call' as (d' & -> & Does).
      exists d'; split; [reflexivity|split; [|exact Does]].
      apply (stack_runs o f i d d' Member Range) in Does.
      exact (proj2 (call_function_deterministic ge (L1_ticket.code.words_layer_det S width Width)
                      _ _ _ _ _ _ _ Call Does)).
    - intros (d' & -> & -> & Does); now apply stack_runs.
  Qed.
End Total.

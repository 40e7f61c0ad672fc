(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The stack: what a call of the linked C does

    A call of a function of the table is floor 1's operation on the lock's number:
    whenever that is defined the call runs to its end and to that state
    ([stack_runs]), and it does nothing else ([stack_exact]).  What remains to be
    said of a run that ends is that floor 1's operations are defined.
    Read next: executable.v. *)
From Coq Require Import ZArith List Bool String Lia FMapPositive.
From hlock.clight Require Import options integers values syntax operators semantics determinism vcgen functions.
From hlock.layers.view Require Import spec.
From hlock.layers Require L0_machine.spec L1_ticket.spec L1_ticket.code.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec text text_facts code.
From hlock.generated Require L1_ticket L3_atomic.
From hlock.stack Require Import stack setting.
Import L0_machine.spec.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

Section Total.
  Context {G : setting}.
  Local Notation S := the_system.
  Local Notation text := the_text.
  Let Width : 1 <= width <= 32 := width_range.
  Local Notation data := (RData (words S width)).
  Local Notation ge := (stack_genv text S width).
  Context {mem : Type} (m : mem).

  (** The names and texts of floors 1 and 3. *)
  Definition name_1 (o : operation) : string :=
    match o with Acquire => "wait_lock" | Release => "pass_lock" end.
  Definition text_1 (o : operation) : function :=
    match o with Acquire => L1_ticket.f_wait_lock | Release => L1_ticket.f_pass_lock end.
  Definition text_3 (o : operation) : function := forwarder ($"lk") ($(name_1 o)).

  Lemma found_1 o : find_function (functions text) ($(name_1 o)) = Some (Internal (text_1 o)).
  Proof. destruct o; apply stack_finds_defined; cbn; auto; lia. Qed.
  Lemma found_3 o : find_function (functions text) ($(forwards_to o)) = Some (Internal (text_3 o)).
  Proof. destruct o; apply stack_finds_defined; cbn; auto; lia. Qed.
  Lemma found_4 o f : List.In f the_table ->
    find_function (functions text) ($(function_name prefix o f)) = Some (Internal (function_text false o f)).
  Proof. exact (stack_function prefix the_table o f table_accepted). Qed.

  Lemma stack_links : L1_ticket.code.links (functions text).
  Proof.
    intros n [<-|[<-|[<-|[<-|[<-|[<-|[]]]]]]]; apply stack_finds_defined; cbn; auto; lia.
  Qed.

  (** ** Floors 1 and 3 *)
  Lemma floor_1_exact o n (d : data) st' v :
    eval_funcall ge (m, d) ($(name_1 o)) (Internal (text_1 o)) [Vint n] E0 st' v <->
    exists d', st' = (m, d') /\ v = Vundef /\ on_words S width o (Int.unsigned n) d d'.
  Proof.
    split.
    - intros Call; destruct o; cbn [name_1 text_1] in Call.
      + now apply (L1_ticket.code.wait_lock_call S width Width _ stack_links m) in Call.
      + now apply (L1_ticket.code.pass_lock_call S width Width _ stack_links m) in Call.
    - intros (d' & -> & -> & Does); destruct o; cbn [text_1].
      + destruct (L1_ticket.code.wait_lock_body_correct S width Width _ stack_links m d d' empty_env
                    (set_temp ($"lk") (Vint n) (undef_temps (fn_temps L1_ticket.f_wait_lock))) n)
          as (le' & Run); [reflexivity|apply get_set_same|exact Does|].
        eapply eval_funcall_internal; [reflexivity|exact Run|reflexivity].
      + destruct (L1_ticket.code.pass_lock_body_correct S width Width _ stack_links m d d' empty_env
                    (set_temp ($"lk") (Vint n) (undef_temps (fn_temps L1_ticket.f_pass_lock))) n)
          as (le' & Run); [reflexivity|apply get_set_same|exact Does|].
        eapply eval_funcall_internal; [reflexivity|exact Run|reflexivity].
  Qed.

  Lemma floor_3_exact o n (d : data) st' v :
    eval_funcall ge (m, d) ($(forwards_to o)) (Internal (text_3 o)) [Vint n] E0 st' v <->
    exists d', st' = (m, d') /\ v = Vundef /\ on_words S width o (Int.unsigned n) d d'.
  Proof.
    rewrite <- floor_1_exact; split.
    - intros Call; pose proof (forwarder_result _ _ _ _ _ _ _ _ Call) as ->.
      apply forwarder_call in Call as (fd & v' & Found & Call).
      change (ge_module ge) with (functions text) in Found; rewrite found_1 in Found; injection Found as <-.
      apply floor_1_exact in Call; apply floor_1_exact; destruct Call as (d' & -> & _ & Does); eauto.
    - intros Call; pose proof Call as Call'; apply floor_1_exact in Call' as (d' & -> & -> & _).
      eapply eval_funcall_internal with (out := Out_normal); [reflexivity| |reflexivity].
      apply (forwarder_body ge ($"lk") ($(name_1 o)) _ _ _ n); [apply get_set_same|].
      split; [reflexivity|split; [reflexivity|]]; eexists; eexists.
      split; [apply found_1|split; [now destruct o|exact Call]].
  Qed.

  (** ** Floor 4 *)

  (** What C passes is the index. *)
  Lemma arguments_enter o f i : in_family f i = true -> List.In f the_table ->
    exists le, function_entry (function_text false o f) (arguments f i) = Some le /\ index_in f le i.
  Proof.
    intros Range Member; apply in_family_iff in Range.
    pose proof (table_ok_in _ f table_accepted Member) as One.
    pose proof (line_ok_range f One) as Bound.
    unfold function_entry, function_text, arguments, index_in; cbn [fn_vars fn_temps fn_params].
    destruct (index f) as [p|] eqn:Has; cbn; eexists; (split; [reflexivity|]).
    - exists (Int.repr i); split; [apply get_set_same|]; symmetry; apply Int.unsigned_repr.
      change Int.modulus with (2 ^ 32)%Z; lia.
    - unfold line_ok in One; rewrite Has, !andb_true_iff, Z.eqb_eq in One; lia.
  Qed.

  Lemma body_text_call o f : body_text false o f = call_text (forwards_to o) [number_text f].
  Proof. unfold body_text; now destruct (index f). Qed.

  Lemma lock_number f i : List.In f the_table -> in_family f i = true ->
    Int.unsigned (Int.repr (lock_id f i)) = lock_id f i.
  Proof. intros Member Range; exact (Int.unsigned_repr _ (lock_id_range _ f i table_accepted Member Range)). Qed.

  (** A call of a function of the table: floor 1's operation, and nothing else. *)
  Theorem stack_exact o f i (d : data) st' v :
    List.In f the_table -> in_family f i = true ->
    call_function ge ($(function_name prefix o f)) (arguments f i) (m, d) st' v <->
    exists d', st' = (m, d') /\ v = Vundef /\ on_words S width o (lock_id f i) d d'.
  Proof.
    intros Member Range; pose proof (lock_number f i Member Range) as Number.
    pose proof (table_ok_in _ f table_accepted Member) as Good.
    assert (Within : 0 <= i < count f) by now apply in_family_iff.
    split.
    - intros (fd & Found & Call); cbn [ge_module stack_genv] in Found; rewrite found_4 in Found by auto.
      injection Found as <-; inversion Call; subst.
      destruct (arguments_enter o f i Range Member) as (le1 & Entry1 & Index).
      rewrite Entry1 in Entry; injection Entry as <-.
      cbn [function_text fn_body fn_return] in *; rewrite body_text_call in Body; inversion Body; subst.
      change (Tcons tuint Tnil) with (uints [number_text f]) in Args.
      rewrite (acquire_release_number f le1 i Good Index Within) in Args; injection Args as <-.
      cbn [ge_module stack_genv] in Callee; rewrite found_3 in Callee; injection Callee as <-.
      apply floor_3_exact in Call0 as (d' & -> & _ & Does); rewrite Number in Does.
      injection Result as <-; eauto.
    - intros (d' & -> & -> & Does); exists (Internal (function_text false o f)); split; [now apply found_4|].
      destruct (arguments_enter o f i Range Member) as (le & Entry & Index).
      eapply eval_funcall_internal with (out := Out_normal); [exact Entry| |reflexivity].
      cbn [function_text fn_body]; rewrite body_text_call.
      refine (exec_Scall ge _ le _ (m, d') None ($(forwards_to o)) (Tcons tuint Tnil) tvoid cc_default _
                [number_text f] _ Vundef (found_3 o) (acquire_release_number f le i Good Index Within) eq_refl _).
      apply floor_3_exact; exists d'; rewrite Number; auto.
  Qed.

  Theorem stack_runs o f i (d d' : data) :
    List.In f the_table -> in_family f i = true -> on_words S width o (lock_id f i) d d' ->
    call_function ge ($(function_name prefix o f)) (arguments f i) (m, d) (m, d') Vundef.
  Proof. intros Member Range Does; apply stack_exact; eauto. Qed.
End Total.

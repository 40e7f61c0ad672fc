(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Where a thread stands in the C

    The linked C, run symbolically, for any index: from the call of an acquire to
    [incr_ticket], from there to the first [get_now], from each failing poll to the
    next, from the last to the return; and the same for a release.  So a thread in
    a call is at one of four places ([place]); its own steps do not leave the place,
    and what it asks of memory there is known ([asks_at]). *)
From Coq Require Import ZArith List Bool String Lia FMapPositive.
From hlock.clight Require Import options integers values syntax operators semantics smallstep vcgen functions.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.layers Require L1_ticket.code.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec text text_facts code.
From hlock.generated Require L1_ticket L3_atomic.
From hlock.stack Require Import stack setting stack_total.
From hlock.machine.model Require Import thread.
From hlock.machine.refine Require Export quiet.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

Lemma quietly_more {M} n m s1 s2 : quietly M n s1 s2 -> (n <= m)%nat -> quietly M m s1 s2.
Proof.
  intros Quiet; revert m; induction Quiet; intros m More; [constructor|destruct m; [lia|]..].
  - eapply quiet_step; eauto; apply IHQuiet; lia.
  - apply quiet_relax, IHQuiet; lia.
Qed.
Lemma quietly_trans {M} n m s1 s2 s3 : quietly M n s1 s2 -> quietly M m s2 s3 -> quietly M (n + m) s1 s3.
Proof.
  induction 1; intros Rest; cbn; [apply (quietly_more m); [exact Rest|lia]|eapply quiet_step; eauto|].
  apply quiet_relax; auto.
Qed.
(** They go one way. *)
Lemma quietly_meet {M} n m s s1 s2 :
  quietly M n s s1 -> quietly M m s s2 -> exists k, quietly M k s1 s2 \/ quietly M k s2 s1.
Proof.
  intros One; revert m s2; induction One as [n s|n s s0 s1 Step One IH|n ef targs tres cc k s1 One IH];
    intros m s2 Two; [eauto| |].
  - inversion Two as [|? ? s0' ? Step'|]; subst; [exists (Datatypes.S n); right; eauto using quiet_step| |discriminate].
    rewrite Step in Step'; injection Step' as <-; eauto.
  - inversion Two as [|? ? ? ? Step'|]; subst; [exists (Datatypes.S n); right;
      eauto using quiet_relax|discriminate|eauto].
Qed.

Section Position.
  Context {G : setting}.
  Local Notation text := the_text.
  Let Width : 1 <= width <= 32 := width_range.
  Local Notation quietly := (quietly (functions text)).

  Lemma quiet_call n result f targs tres cc args le k vs fd s :
    eval_args le args targs = Some vs -> find_function (functions text) f = Some fd ->
    type_of_fundef fd = Tfunction targs tres cc ->
    quietly n (Enter f fd vs (Kcall result le k)) s ->
    quietly (S n) (Exec le (Scall result (Evar f (Tfunction targs tres cc)) args) k) s.
  Proof.
    intros Args Found Type_at; apply quiet_step; cbn [step step_exec]; rewrite Args, Found, Type_at.
    now destruct (type_eq _ _).
  Qed.
  Lemma quiet_if n le c s1 s2 k b s :
    eval_cond le c = Some b -> quietly n (Exec le (if b then s1 else s2) k) s ->
    quietly (S n) (Exec le (Sifthenelse c s1 s2) k) s.
  Proof. intros Cond; apply quiet_step; cbn; now rewrite Cond. Qed.
  Lemma quiet_set n le id a v k s :
    eval_expr le a = Some v -> quietly n (Leave (set_temp id v le) Out_normal k) s ->
    quietly (S n) (Exec le (Sset id a) k) s.
  Proof. intros Value; apply quiet_step; cbn; now rewrite Value. Qed.

  Ltac one_quiet := eapply quiet_step; [reflexivity|].
  Ltac quiet := repeat one_quiet.

  (** After it, the whole call returns. *)
  Definition returns (k : cont) : Prop := quietly 4 (Give Vundef k) (Give Vundef Kstop).

  (** ** Floor 1 *)
  Definition extern (name : string) (args : typelist) (targs : list AST.xtype) (tres : type) (res : AST.xtype)
    : fundef :=
    External (EF_external name (mksignature targs res cc_default)) args tres cc_default.
  Definition ext_ticket := extern "incr_ticket" (Tcons tuint Tnil) [AST.Tint] tuint AST.Tint.
  Definition ext_now := extern "get_now" (Tcons tuint Tnil) [AST.Tint] tuint AST.Tint.
  Definition ext_pass := extern "incr_now" (Tcons tuint Tnil) [AST.Tint] tvoid AST.Tvoid.
  Definition ext_relax := extern "cpu_relax" Tnil [] tvoid AST.Tvoid.

  Lemma found_ticket : find_function (functions text) ($"incr_ticket") = Some ext_ticket.
  Proof. apply stack_finds_defined; cbn; [lia|reflexivity]. Qed.
  Lemma found_now : find_function (functions text) ($"get_now") = Some ext_now.
  Proof. apply stack_finds_defined; cbn; [lia|reflexivity]. Qed.
  Lemma found_pass : find_function (functions text) ($"incr_now") = Some ext_pass.
  Proof. apply stack_finds_defined; cbn; [lia|reflexivity]. Qed.
  Lemma found_relax : find_function (functions text) ($"cpu_relax") = Some ext_relax.
  Proof. apply stack_finds_defined; cbn; [lia|reflexivity]. Qed.

  Local Notation wait_text := L1_ticket.f_wait_lock.
  Local Notation round := L1_ticket.code.round.

  Definition test : statement :=
    Sifthenelse (Ebinop One (Etempvar L1_ticket._t'2 tuint) (Etempvar L1_ticket._my_ticket tuint) tint)
                Sskip Sbreak.
  Definition relax : statement := Scall None (Evar ($"cpu_relax") (Tfunction Tnil tvoid cc_default)) [].
  Definition in_loop (k : cont) : cont := Kbody round Sskip (Kreturn wait_text k).

  (** After the ticket; after a poll; after the store. *)
  Definition k_ticket (le : temp_env) (k : cont) : cont :=
    Kcall (Some L1_ticket._t'1) le
      (Kseq (Sset L1_ticket._my_ticket (Etempvar L1_ticket._t'1 tuint))
        (Kseq (Sloop round Sskip) (Kreturn wait_text k))).
  Definition k_poll (le : temp_env) (k : cont) : cont :=
    Kcall (Some L1_ticket._t'2) le (Kseq test (Kseq relax (in_loop k))).
  Definition k_pass (le : temp_env) (k : cont) : cont := Kcall None le (Kreturn L1_ticket.f_pass_lock k).

  Local Notation waits := L1_ticket.code.waits.

  Lemma to_ticket n k : exists le, le ! ($"lk") = Some (Vint n) /\
    quietly 4 (Enter ($"wait_lock") (Internal wait_text) [Vint n] k)
            (Enter ($"incr_ticket") ext_ticket [Vint n] (k_ticket le k)).
  Proof.
    eexists; split; [|quiet; eapply quiet_call; [|exact found_ticket|reflexivity|apply quiet_done]; reflexivity];
      reflexivity.
  Qed.

  Lemma to_poll n t le k : waits n t le ->
    quietly 4 (Exec le (Sloop round Sskip) (Kreturn wait_text k))
            (Enter ($"get_now") ext_now [Vint n] (k_poll le k)).
  Proof.
    intros [Lk My]; quiet; eapply quiet_call; [|exact found_now|reflexivity|apply quiet_done].
    cbn [eval_args eval_expr]; change (PositiveMap.find L1_ticket._lk le) with (le ! ($"lk")); now rewrite Lk.
  Qed.

  Lemma from_ticket n t le k : le ! ($"lk") = Some (Vint n) -> exists le', waits n t le' /\
    quietly 8 (Give (Vint (Int.repr t)) (k_ticket le k)) (Enter ($"get_now") ext_now [Vint n] (k_poll le' k)).
  Proof.
    intros Lk; eexists; split; [|unfold k_ticket; do 2 one_quiet; eapply quiet_set; [apply get_set_same|]; one_quiet;
      eapply quietly_more; [apply to_poll with t|lia]].
    all: split; [|apply get_set_same].
    all: cbn [set_result]; rewrite !get_set_other by (intros E; vm_compute in E; discriminate E); exact Lk.
  Qed.

  (** One more round: the test, and back to the poll or out. *)
  Lemma round_ends n t v le k b : waits n t le ->
    sem_binary_operation One (Vint (Int.repr v)) tuint (Vint (Int.repr t)) tuint = Some (of_bool b) ->
    exists le', waits n t le' /\
      quietly 3 (Give (Vint (Int.repr v)) (k_poll le k))
              (Exec le' (if b then Sskip else Sbreak) (Kseq relax (in_loop k))).
  Proof.
    intros Waits Compare.
    assert (Waits' : waits n t (set_temp L1_ticket._t'2 (Vint (Int.repr v)) le))
      by (destruct Waits; split; rewrite get_set_other by (intros E; vm_compute in E; discriminate E); auto).
    exists (set_temp L1_ticket._t'2 (Vint (Int.repr v)) le); split; [exact Waits'|].
    unfold k_poll; do 2 one_quiet; unfold test; eapply quiet_if; [|apply quiet_done].
    unfold eval_cond; cbn [eval_expr typeof set_result]; rewrite get_set_same.
    destruct Waits' as [_ My]; change L1_ticket._my_ticket with ($"my_ticket"); rewrite My, Compare.
    apply bool_val_of_bool.
  Qed.

  Section Words.

    Lemma poll_fails n t v le k : waits n t le -> in_word width v -> in_word width t -> v <> t ->
      exists le', waits n t le' /\
        quietly 15 (Give (Vint (Int.repr v)) (k_poll le k)) (Enter ($"get_now") ext_now [Vint n] (k_poll le' k)).
    Proof.
      intros Waits V T Not; destruct (round_ends n t v le k true Waits) as (le' & Waits' & Quiet).
      { rewrite (L1_ticket.code.differ_value width Width) by auto; now rewrite (proj2 (Z.eqb_neq v t) Not). }
      exists le'; split; [exact Waits'|]; apply (quietly_trans 3 12 _ _ _ Quiet).
      do 2 one_quiet; eapply quiet_call; [reflexivity|exact found_relax|reflexivity|].
      apply quiet_relax; unfold in_loop; do 4 one_quiet; eapply quietly_more; [now apply to_poll with t|lia].
    Qed.
    Lemma poll_succeeds n t le k : waits n t le -> in_word width t ->
      quietly 7 (Give (Vint (Int.repr t)) (k_poll le k)) (Give Vundef k).
    Proof.
      intros Waits T; destruct (round_ends n t t le k false Waits) as (le' & Waits' & Quiet).
      { rewrite (L1_ticket.code.differ_value width Width) by auto; now rewrite Z.eqb_refl. }
      apply (quietly_trans 3 4 _ _ _ Quiet); unfold in_loop; quiet; apply quiet_done.
    Qed.
  End Words.

  Lemma to_pass n k : exists le,
    quietly 2 (Enter ($"pass_lock") (Internal L1_ticket.f_pass_lock) [Vint n] k)
            (Enter ($"incr_now") ext_pass [Vint n] (k_pass le k)).
  Proof. eexists; quiet; eapply quiet_call; [|exact found_pass|reflexivity|apply quiet_done]; reflexivity. Qed.
  Lemma from_pass le k : quietly 2 (Give Vundef (k_pass le k)) (Give Vundef k).
  Proof. unfold k_pass; quiet; apply quiet_done. Qed.

  (** ** Floors 4 and 3: down to floor 1, and back *)
  Lemma to_floor_1 o f i :
    List.In f the_table -> in_family f i = true -> exists n k,
      Int.unsigned n = lock_id f i /\ returns k /\
      quietly 4 (name_of text o f i) (Enter ($(name_1 o)) (Internal (text_1 o)) [Vint n] k).
  Proof.
    intros Member Range; pose proof (lock_number f i Member Range) as Number.
    destruct (arguments_enter o f i Range Member) as (le & Entry & Index).
    set (k4 := Kreturn (function_text false o f) Kstop).
    set (le3 := set_temp ($"lk") (Vint (Int.repr (lock_id f i))) (PositiveMap.empty val)).
    exists (Int.repr (lock_id f i)), (Kcall None le3 (Kreturn (text_3 o) (Kcall None le k4))).
    split; [exact Number|split].
    - unfold returns; quiet; apply quiet_done.
    - unfold name_of; change (prefix_of text) with prefix; rewrite found_4 by exact Member.
      eapply quiet_step; [cbn [step]; rewrite Entry; reflexivity|].
      cbn [function_text fn_body]; rewrite body_text_call; unfold call_text.
      eapply quiet_call; [|exact (found_3 o)|reflexivity|].
      { apply (acquire_release_number f le i (table_ok_in _ f table_accepted Member) Index); now apply in_family_iff. }
      eapply quiet_step; [reflexivity|]; cbn [fn_body text_3 forwarder].
      eapply quiet_call; [|exact (found_1 o)|now destruct o|apply quiet_done].
      cbn [eval_args eval_expr]; unfold le3; now rewrite get_set_same.
  Qed.
End Position.

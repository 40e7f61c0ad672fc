(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 1: the exported C of [wait_lock] and [pass_lock] (T1)

    [wait_lock] runs to a state exactly if the low specification relates it:
    whenever the specification is defined the body ends there, and whenever the
    body ends it is there.  Nothing is known of the primitives but their
    specifications ([words_layer]).  The words have 1 to 32 bits; the text is one. *)
From Coq Require Import ZArith List Bool String Lia FMapPositive.
From hlock.clight Require Import options integers values syntax operators semantics determinism vcgen functions.
From hlock.layers.view Require Import spec facts.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.layers.L1_ticket Require Import spec.
From hlock.layers.L1_ticket Require Export offers.
From hlock.generated Require L1_ticket.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.

Section Code.
  Context (S : system) (width : Z) (Width : 1 <= width <= 32).
  Local Notation data := (RData (words S width)).

  Local Notation returns := (returns S width).
  Local Notation returns_nothing := (returns_nothing S width).
  Local Notation words_layer := (words_layer S width).

  Lemma offers_incr_ticket : words_layer ($"incr_ticket") = Some (returns (incr_ticket_spec S width)).
  Proof. reflexivity. Qed.
  Lemma offers_get_now : words_layer ($"get_now") = Some (returns (get_now_spec S width)).
  Proof. reflexivity. Qed.
  Lemma offers_incr_now : words_layer ($"incr_now") = Some (returns_nothing (incr_now_spec S width)).
  Proof. reflexivity. Qed.
  Lemma offers_cpu_relax : words_layer ($"cpu_relax") = Some (no_effect S width).
  Proof. reflexivity. Qed.

  Lemma words_layer_det : layer_det words_layer.
  Proof.
    intros id p; unfold offers.words_layer.
    repeat (destruct (Pos.eqb _ _)); intros [= <-] vs d v1 d1 v2 d2;
      unfold offers.returns, offers.returns_nothing, takes_uint, no_effect, never; try tauto.
    - intros (n & r & -> & -> & D1) (n2 & r2 & [= <-] & -> & D2).
      rewrite D1 in D2; injection D2 as <- <-; auto.
    - intros (n & r & -> & -> & D1) (n2 & r2 & [= <-] & -> & D2).
      rewrite D1 in D2; injection D2 as <- <-; auto.
    - intros (n & -> & -> & D1) (n2 & [= <-] & -> & D2); split; congruence.
    - intros (-> & -> & ->) (_ & -> & ->); auto.
  Qed.

  (** A module in which the functions of this floor are those of the exported
      text, and so are the primitives: that text alone, or the linked stack. *)
  Definition links (M : module) : Prop :=
    forall n, List.In n ["incr_ticket"; "get_now"; "incr_now"; "cpu_relax"; "wait_lock"; "pass_lock"] ->
              find_function M ($n) = find_function L1_ticket.global_definitions ($n).
  Context (M : module) (Links : links M).
  Definition ticket_genv : genv data := mkgenv M words_layer.

  (** Two words are equal integers exactly if they are equal. *)
  Lemma word_fits v : in_word width v -> 0 <= v < Int.modulus.
  Proof.
    intros [Low High]; split; [exact Low|]; change Int.modulus with (2 ^ 32); unfold modulus in High.
    apply (Z.lt_le_trans _ _ _ High), Z.pow_le_mono_r; lia.
  Qed.
  Lemma word_value v : in_word width v -> Int.unsigned (Int.repr v) = v.
  Proof. intros W; apply Int.unsigned_repr, word_fits, W. Qed.

  Lemma get_now_word l d v d' : get_now_spec S width l d = Done (v, d') -> in_word width v.
  Proof.
    unfold get_now_spec, on_existing; destruct (lock_exists l); [|discriminate].
    intros [= <- _]; apply now_in_word; lia.
  Qed.
  Lemma incr_ticket_word l d t d' : incr_ticket_spec S width l d = Done (t, d') -> in_word width t.
  Proof.
    unfold incr_ticket_spec, on_existing; destruct (lock_exists l); [|discriminate].
    intros [= <- _]; apply next_in_word; lia.
  Qed.

  Section Run.
    Context {mem : Type} (m : mem).

    (** The loop and what it does in one round. *)
    Definition round : statement :=
      match fn_body L1_ticket.f_wait_lock with
      | Ssequence _ (Sloop s _) => s
      | s => s
      end.
    Lemma wait_lock_text :
      fn_body L1_ticket.f_wait_lock =
      Ssequence
        (Ssequence
          (Scall (Some 128%positive) (Evar ($"incr_ticket") (Tfunction (Tcons tuint Tnil) tuint cc_default))
                 [Etempvar ($"lk") tuint])
          (Sset ($"my_ticket") (Etempvar 128%positive tuint)))
        (Sloop round Sskip).
    Proof. reflexivity. Qed.

    Lemma wait_lock_procedure : procedure ($"lk") L1_ticket.f_wait_lock.
    Proof. split; [reflexivity|]; intros n; eexists; split; reflexivity. Qed.

    Definition waits (n : int) (t : Z) (le : temp_env) : Prop :=
      le ! ($"lk") = Some (Vint n) /\ le ! ($"my_ticket") = Some (Vint (Int.repr t)).

    Local Ltac linked n :=
      refine (eq_trans (Links n ltac:(cbn; tauto)) _); reflexivity.
    Local Ltac found n :=
      match goal with Found : find_function _ _ = Some ?fd |- _ =>
        change (find_function M ($n) = Some fd) in Found; rewrite (Links n ltac:(cbn; tauto)) in Found end.
    Local Ltac other_temp := rewrite !get_set_other by (intros E; vm_compute in E; discriminate E).

    (** A called primitive is the one that the layer offers. *)
    Local Ltac offered prim :=
      match goal with Offered : ge_layer _ _ = Some ?p |- _ =>
        change (Some prim = Some p) in Offered; injection Offered as <- end.

    (** A round polls once: it leaves if it reads my ticket, else it goes on. *)
    Definition after_poll (n : int) (t v : Z) (d1 : data) : post :=
      fun out le d => d = d1 /\ waits n t le /\ out = if Z.eqb v t then Out_break else Out_normal.

    Lemma waits_set n t le id v :
      id <> $"lk" -> id <> $"my_ticket" -> waits n t le -> waits n t (set_temp id v le).
    Proof. intros L Y [Lk My]; split; rewrite get_set_other; auto. Qed.

    Lemma differ_value v t :
      in_word width v -> in_word width t ->
      sem_binary_operation One (Vint (Int.repr v)) tuint (Vint (Int.repr t)) tuint =
      Some (of_bool (negb (Z.eqb v t))).
    Proof. intros V T; cbn; now rewrite !word_value. Qed.

    Lemma round_total n t le d v d' :
      waits n t le -> in_word width t -> get_now_spec S width (Int.unsigned n) d = Done (v, d') ->
      wp ticket_genv m round (after_poll n t v d') le d.
    Proof.
      intros Waits Word Get; pose proof (get_now_word _ _ _ _ Get) as Word'; pose proof Waits as [Lk My].
      unfold round; cbn [fn_body L1_ticket.f_wait_lock wpre eval_args eval_expr].
      change (PositiveMap.find L1_ticket._lk le) with (le ! ($"lk")); rewrite Lk.
      cbn [sem_cast typeof tuint].
      eapply wp_prim; [linked "get_now"|exact offers_get_now|
        exists n, v; split; [reflexivity|split; [reflexivity|exact Get]]|].
      cbn [set_result]; unfold eval_cond; cbn [eval_expr typeof].
      change (PositiveMap.find L1_ticket._t'2 (set_temp L1_ticket._t'2 (Vint (Int.repr v)) le))
        with ((set_temp L1_ticket._t'2 (Vint (Int.repr v)) le) ! L1_ticket._t'2).
      rewrite get_set_same; other_temp.
      change (PositiveMap.find L1_ticket._my_ticket le) with (le ! ($"my_ticket")); rewrite My.
      rewrite differ_value by auto; rewrite bool_val_of_bool.
      assert (Waits' : waits n t (set_temp L1_ticket._t'2 (Vint (Int.repr v)) le))
        by (apply waits_set; auto; vm_compute; discriminate).
      unfold after_poll; destruct (Z.eqb v t); cbn [negb]; [auto|].
      eapply wp_prim; [linked "cpu_relax"|exact offers_cpu_relax|repeat split|auto].
    Qed.

    (** ** The specification's wait is a run of the loop *)
    Lemma loop_total n t (d d' : data) :
      polls (Int.unsigned n) t d d' -> in_word width t -> forall le, waits n t le ->
      wp ticket_genv m (Sloop round Sskip) (fun out le' d1 => out = Out_normal /\ d1 = d') le d.
    Proof.
      induction 1 as [d d' Get|d v d1 d' Get Not Polls IH]; intros Word le Waits;
        apply wp_loop_unfold; pose proof (round_total n t le d _ _ Waits Word Get) as Round;
        revert Round; apply wp_mono; intros out le1 d2 (-> & Waits1 & ->).
      - now rewrite Z.eqb_refl.
      - rewrite (proj2 (Z.eqb_neq v t) Not); exact (IH Word le1 Waits1).
    Qed.

    Theorem wait_lock_body_correct : forall (d d' : data) env le lk,
      env = empty_env -> le ! ($"lk") = Some (Vint lk) ->
      wait_lock_spec_low (Int.unsigned lk) d d' ->
      exists le', exec_stmt ticket_genv env le (m, d) (fn_body L1_ticket.f_wait_lock) E0 le' (m, d') Out_normal.
    Proof.
      intros d d' env le lk -> Lk (t & d1 & Take & Polls).
      pose proof (incr_ticket_word _ _ _ _ Take) as Word.
      destruct (wp_sound ticket_genv m (fn_body L1_ticket.f_wait_lock)
                  (fun out _ d2 => out = Out_normal /\ d2 = d') le d) as (out & le' & d2 & Run & -> & ->).
      2: exists le'; exact Run.
      rewrite wait_lock_text; cbn [wpre eval_args eval_expr]; rewrite Lk; cbn [sem_cast typeof tuint].
      eapply wp_prim; [linked "incr_ticket"|exact offers_incr_ticket|
        exists lk, t; split; [reflexivity|split; [reflexivity|exact Take]]|].
      cbn [set_result]; rewrite get_set_same.
      apply (loop_total lk t d1 d' Polls Word); split; [|apply get_set_same].
      other_temp; exact Lk.
    Qed.

    (** ** Every run of the loop is the specification's wait *)
    Lemma round_partial n t e le d le' d' out :
      waits n t le -> in_word width t ->
      exec_stmt ticket_genv e le (m, d) round E0 le' (m, d') out ->
      exists v, get_now_spec S width (Int.unsigned n) d = Done (v, d') /\ after_poll n t v d' out le' d'.
    Proof.
      intros Waits Word Run.
      assert (Polled : exists v d1, get_now_spec S width (Int.unsigned n) d = Done (v, d1)).
      { unfold round in Run; cbn [fn_body L1_ticket.f_wait_lock] in Run.
        apply (wlp_sound ticket_genv m _ (fun _ _ _ =>
          exists v d1, get_now_spec S width (Int.unsigned n) d = Done (v, d1)))
          in Run; [exact Run|].
        destruct Waits as [Lk _]; cbn [wpre eval_args eval_expr].
        change (PositiveMap.find L1_ticket._lk le) with (le ! ($"lk")); rewrite Lk.
        cbn [sem_cast typeof tuint]; intros fd v d1 Found Call.
        assert (Got : exists v d1, get_now_spec S width (Int.unsigned n) d = Done (v, d1)).
        { found "get_now"; change (Some (External (EF_external "get_now" (mksignature [AST.Tint] AST.Tint cc_default))
                     (Tcons tuint Tnil) tuint cc_default) = Some fd) in Found; injection Found as <-.
          inversion Call; subst; offered (returns (get_now_spec S width)).
           destruct Prim as (n' & r & [= <-] & _ & Get); eauto. }
        destruct (eval_cond _ _) as [[]|]; auto. }
      destruct Polled as (v & d1 & Get); destruct e.
      destruct (wp_sound ticket_genv m round _ le d (round_total n t le d v d1 Waits Word Get))
        as (out2 & le2 & d2 & Run2 & Post).
      destruct (exec_stmt_deterministic ticket_genv words_layer_det _ _ _ _ _ _ _ _ _ _ Run Run2)
        as (-> & [= ->] & ->).
      pose proof Post as (-> & _); eauto.
    Qed.

    Lemma loop_partial n t e le st s tr le' st' out :
      exec_stmt ticket_genv e le st s tr le' st' out -> s = Sloop round Sskip ->
      waits n t le -> in_word width t -> fst st = m ->
      out = Out_normal /\ polls (Int.unsigned n) t (snd st) (snd st').
    Proof.
      intros Run; pose proof (proj1 (memory_unchanged (mem := mem) ticket_genv)) as Same.
      induction Run; try discriminate; intros [= -> ->] Waits Word Here.
      all: destruct st as [m0 d]; cbn in Here; subst m0.
      - destruct st' as [m1 d1]; pose proof (Same _ _ _ _ _ _ _ _ Run) as Mem; cbn in Mem; subst m1.
        apply (round_partial n t) in Run as (v & Get & _ & _ & Is); auto.
        destruct (Z.eqb_spec v t) as [->|]; subst out1; [|discriminate].
        injection Ends as <-; split; [reflexivity|now apply my_turn].
      - destruct out1; try discriminate; inversion Run2; subst; discriminate.
      - destruct st1 as [m1 d1]; pose proof (Same _ _ _ _ _ _ _ _ Run1) as Mem; cbn in Mem; subst m1.
        apply (round_partial n t) in Run1 as (v & Get & _ & Waits1 & Is); auto.
        destruct (Z.eqb_spec v t) as [->|Not]; subst out1; [discriminate|].
        inversion Run2; subst; destruct (IHRun3 eq_refl Waits1 Word eq_refl) as (-> & Polls).
        split; [reflexivity|]; eapply not_yet; eauto.
    Qed.

    Theorem wait_lock_body_only : forall (d : data) env le lk le' st' out,
      le ! ($"lk") = Some (Vint lk) ->
      exec_stmt ticket_genv env le (m, d) (fn_body L1_ticket.f_wait_lock) E0 le' st' out ->
      exists d', st' = (m, d') /\ out = Out_normal /\ wait_lock_spec_low (Int.unsigned lk) d d'.
    Proof.
      intros d env le lk le' [m' d'] out Lk Run.
      pose proof (proj1 (memory_unchanged ticket_genv) _ _ _ _ _ _ _ _ Run) as Same; cbn in Same; subst m'.
      exists d'; split; [reflexivity|].
      apply (wlp_sound ticket_genv m _
        (fun out _ d' => out = Out_normal /\ wait_lock_spec_low (Int.unsigned lk) d d')) in Run; [exact Run|].
      rewrite wait_lock_text; cbn [wpre eval_args eval_expr]; rewrite Lk; cbn [sem_cast typeof tuint].
      intros fd v d1 Found Call.
      found "incr_ticket"; change
        (Some (External (EF_external "incr_ticket" (mksignature [AST.Tint] AST.Tint cc_default))
                   (Tcons tuint Tnil) tuint cc_default) = Some fd) in Found; injection Found as <-.
      inversion Call; subst; offered (returns (incr_ticket_spec S width)).
       destruct Prim as (n' & t & [= <-] & -> & Take).
      cbn [set_result]; rewrite get_set_same; intros e le1 d2 out1 Loop.
      pose proof (incr_ticket_word _ _ _ _ Take) as Word.
      destruct (loop_partial lk t _ _ _ _ _ _ _ _ Loop eq_refl) as (-> & Polls); auto.
      { split; [other_temp; exact Lk|apply get_set_same]. }
      split; [reflexivity|]; exists t, d1; auto.
    Qed.

    (** ** The pass *)
    Theorem pass_lock_body_correct : forall (d d' : data) env le lk,
      env = empty_env -> le ! ($"lk") = Some (Vint lk) ->
      pass_lock_spec_low (Int.unsigned lk) d = Done d' ->
      exists le', exec_stmt ticket_genv env le (m, d) (fn_body L1_ticket.f_pass_lock) E0 le' (m, d') Out_normal.
    Proof. exact (forwarder_correct ticket_genv m ($"lk") _ _ _ ltac:(linked "incr_now") offers_incr_now). Qed.

    Theorem pass_lock_body_only : forall (d : data) env le lk le' st' out,
      le ! ($"lk") = Some (Vint lk) ->
      exec_stmt ticket_genv env le (m, d) (fn_body L1_ticket.f_pass_lock) E0 le' st' out ->
      exists d', st' = (m, d') /\ out = Out_normal /\ pass_lock_spec_low (Int.unsigned lk) d = Done d'.
    Proof. exact (forwarder_only ticket_genv m ($"lk") _ _ _ ltac:(linked "incr_now") offers_incr_now). Qed.

    (** ** As functions *)
    Lemma wait_lock_call n (d : data) id st' v :
      eval_funcall ticket_genv (m, d) id (Internal L1_ticket.f_wait_lock) [Vint n] E0 st' v ->
      exists d', st' = (m, d') /\ v = Vundef /\ wait_lock_spec_low (Int.unsigned n) d d'.
    Proof. exact (procedure_only ticket_genv m _ _ _ wait_lock_procedure id n d st' v wait_lock_body_only). Qed.
    Lemma pass_lock_call n (d : data) id st' v :
      eval_funcall ticket_genv (m, d) id (Internal L1_ticket.f_pass_lock) [Vint n] E0 st' v ->
      exists d', st' = (m, d') /\ v = Vundef /\ pass_lock_spec_low (Int.unsigned n) d = Done d'.
    Proof.
      exact (procedure_only ticket_genv m _ _ (fun l d d' => pass_lock_spec_low l d = Done d')
               (forwarder_procedure ($"lk") ($"incr_now")) id n d st' v pass_lock_body_only).
    Qed.
  End Run.

  Theorem wait_lock_code_correct : forall mem : Type,
    spec_le (mem := mem) ($"wait_lock" ↦ takes_uint wait_lock_spec_low) (〚 M 〛 words_layer).
  Proof.
    exact (procedure_code M words_layer _ _ _ _ (Links "wait_lock" ltac:(cbn; tauto)) wait_lock_procedure
             (fun mem => wait_lock_body_correct)).
  Qed.

  Theorem pass_lock_code_correct : forall mem : Type,
    spec_le (mem := mem) ($"pass_lock" ↦ returns_nothing pass_lock_spec_low) (〚 M 〛 words_layer).
  Proof.
    exact (procedure_code M words_layer _ _ _ (fun l d d' => pass_lock_spec_low l d = Done d')
             (Links "pass_lock" ltac:(cbn; tauto)) (forwarder_procedure ($"lk") ($"incr_now"))
               (fun mem => pass_lock_body_correct)).
  Qed.
End Code.

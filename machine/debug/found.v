(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What is where in the linked debug text

    Each function of floor 4's debug text, and of floors 3 and 1 below it: the same as
    in the release text ([floors_same]).  Read next: leads.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax link.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import text text_facts checks_text record checks_found.
From hlock.generated Require L1_ticket L3_atomic.
From hlock.stack Require Import stack.
From hlock.machine.debug Require Import model.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

(** The functions below floor 4. *)
Definition floor_names : list string :=
  ["wait_lock"; "pass_lock"; "incr_ticket"; "get_now"; "incr_now"; "cpu_relax"].
Definition forward_names : list string := ["wait_hlock"; "pass_hlock"].

Section Found.
  Context (prefix : string) (T : table).
  Local Notation M := (functions (debug_stack prefix T)).
  Local Notation M4 := (locks_checked_text prefix T).

  Definition externals : module := record_calls ++ checked_calls T.
  Definition internals : module := checks ++ checked_functions prefix T ++ assertions_of prefix T.

  Lemma parts : M4 = externals ++ internals.
  Proof. unfold locks_checked_text, externals, internals; now rewrite <- !app_assoc. Qed.

  Lemma internals_defined : filter defined internals = internals.
  Proof.
    unfold internals, checked_functions, assertions_of; rewrite !filter_app.
    assert (forall A A' B B' : module, A = A' -> B = B' -> A ++ B = A' ++ B') as Both by (intros; congruence).
    apply Both; [reflexivity|]; apply Both; [|apply Both; [|reflexivity]].
    all: induction T as [|f T' IH]; [reflexivity|exact (f_equal (fun fs => _ :: _ :: fs) IH)].
  Qed.
  Lemma internals_not_external : filter (fun e => negb (defined e)) internals = [].
  Proof.
    unfold internals, checked_functions, assertions_of; rewrite !filter_app.
    replace (filter _ checks) with (@nil (ident * globdef fundef type)) by reflexivity; cbn [app].
    assert (forall A B : module, A = [] -> B = [] -> A ++ B = []) as Both by (intros A B -> ->; reflexivity).
    apply Both; [|apply Both; [|reflexivity]]; (induction T as [|f T' IH]; [reflexivity|exact IH]).
  Qed.
  Lemma externals_defined : filter defined externals = [].
  Proof.
    unfold externals, checked_calls; rewrite filter_app; cbn [filter].
    destruct T as [|f T']; [reflexivity|]; destruct (index f); [reflexivity|]; now destruct (existsb _ T').
  Qed.
  Lemma externals_external : filter (fun e => negb (defined e)) externals = externals.
  Proof.
    unfold externals, checked_calls; rewrite filter_app.
    destruct T as [|f T']; [reflexivity|]; destruct (index f); [reflexivity|]; now destruct (existsb _ T').
  Qed.

  Definition bottom : module :=
    [($"wait_lock", Gfun (Internal L1_ticket.f_wait_lock)); ($"pass_lock", Gfun (Internal L1_ticket.f_pass_lock));
     ($"wait_hlock", Gfun (Internal L3_atomic.f_wait_hlock));
     ($"pass_hlock", Gfun (Internal L3_atomic.f_pass_hlock))].
  Definition asked : module :=
    filter (fun e => negb (defined e)) L1_ticket.global_definitions ++
    filter (fun e => negb (defined e)) L3_atomic.global_definitions.

  Lemma debug_is : M = bottom ++ internals ++ asked ++ externals.
  Proof.
    unfold debug_stack, link; cbv zeta; cbn [functions List.concat]; rewrite app_nil_r, parts, !filter_app.
    rewrite internals_defined, internals_not_external, externals_defined, externals_external, app_nil_r.
    cbn [app]; unfold asked; rewrite <- !app_assoc; reflexivity.
  Qed.

  (** The names of [internals]: short ones, those of checks.h, and long ones. *)
  Lemma not_internal s : short s = true -> find_function checks ($s) = None -> find_function internals ($s) = None.
  Proof.
    intros Short Not; unfold internals; rewrite !find_app_none; auto.
    - apply find_function_none; unfold assertions_of; rewrite map_app, in_app_iff; intros [Is|[Is|[]]].
      + induction T as [|f T' IH]; [destruct Is|]; cbn [flat_map app map fst List.In] in Is.
        destruct Is as [Is|[Is|Is]]; [| |auto].
        * exact (assertion_not_short prefix ("_held_" ++ name f) s Short ltac:(cbn; lia) Is).
        * exact (assertion_not_short prefix ("_not_held_" ++ name f) s Short ltac:(cbn; lia) Is).
      + exact (assertion_not_short prefix "_none_held" s Short ltac:(cbn; lia) Is).
    - apply find_function_none; intros Is; apply function_names in Is as (o & f & Same); symmetry in Same.
      exact (acquire_release_name_other prefix o f s (short_length s Short) Same).
  Qed.

  Lemma floor_internal s : List.In s (floor_names ++ forward_names) -> find_function internals ($s) = None.
  Proof.
    intros Is; cbn in Is; apply not_internal; repeat destruct Is as [<-|Is]; try destruct Is; reflexivity.
  Qed.
  Lemma floor_name_external s : List.In s floor_names -> find_function externals ($s) = None.
  Proof.
    intros Is; unfold externals, checked_calls; cbn in Is.
    destruct T as [|f T']; [|destruct (index f); [|destruct (existsb _ T')]];
      repeat destruct Is as [<-|Is]; try destruct Is; reflexivity.
  Qed.

  (** A function of floor 4's text is that of the linked text, but the two that floor 3 defines. *)
  Lemma found_linked g fd : find_function M4 g = Some fd -> (forall s, List.In s forward_names -> g <> $s) ->
    find_function M g = Some fd.
  Proof.
    intros Is Not; rewrite debug_is; rewrite parts in Is.
    assert (Low : forall s, List.In s floor_names -> g <> $s).
    { intros s Low ->; rewrite find_app_none, floor_internal in Is; [discriminate| |].
      - apply in_app_iff; auto.
      - now apply floor_name_external. }
    rewrite find_app_none by (apply find_function_none; cbn [bottom map fst List.In]; intros Below;
      repeat destruct Below as [Same|Below]; try destruct Below; symmetry in Same; revert Same;
      first [apply Low; cbn; tauto | apply Not; cbn; tauto]).
    rewrite find_function_app in Is.
    destruct (find_function externals g) eqn:Ext.
    - injection Is as ->.
      assert (find_function internals g = None) as Other.
      { assert (List.In g (map fst externals)) as Is.
        { destruct (in_dec Pos.eq_dec g (map fst externals)) as [|Out]; [assumption|].
          now rewrite find_function_none in Ext. }
        unfold externals, checked_calls, record_calls in Is.
        destruct T as [|f T']; [|destruct (index f); [|destruct (existsb _ T')]];
          cbn [app map fst snd external_answer external_text List.In] in Is;
          repeat destruct Is as [<-|Is]; try destruct Is; apply not_internal; reflexivity. }
      rewrite !find_app_none; auto.
      apply find_function_none; cbn [asked app filter map fst List.In defined snd negb
        L1_ticket.global_definitions L3_atomic.global_definitions]; intros Below.
      repeat destruct Below as [Same|Below]; try destruct Below; symmetry in Same; revert Same;
        apply Low; cbn; tauto.
    - now apply find_app_some.
  Qed.

  (** Below floor 4 both texts have the same functions. *)
  Lemma floors_same s : List.In s (floor_names ++ forward_names) ->
    find_function M ($s) = find_function (bottom ++ asked) ($s) /\
    find_function (functions (stack prefix T)) ($s) = find_function (bottom ++ asked) ($s).
  Proof.
    intros Is; assert (Found : find_function (bottom ++ asked) ($s) <> None)
      by (cbn in Is; repeat destruct Is as [<-|Is]; try destruct Is; discriminate).
    split.
    - rewrite debug_is, find_function_app; pose proof (floor_internal s Is) as Other.
      rewrite (find_app_none internals _ _ Other), !find_function_app.
      rewrite find_function_app in Found.
      destruct (find_function bottom ($s)); [reflexivity|]; now destruct (find_function asked ($s)).
    - destruct (find_function (bottom ++ asked) ($s)) as [fd|] eqn:Is_fd; [|congruence].
      apply stack_finds_defined; [cbn in Is; repeat destruct Is as [<-|Is]; try destruct Is; cbn; lia|].
      cbn in Is; repeat destruct Is as [<-|Is]; try destruct Is; exact Is_fd.
  Qed.
End Found.

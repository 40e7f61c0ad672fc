(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Below floor 4 both texts do the same

    From the call of a function of floor 3 to its return, the debug text and the
    release text make the same steps: they differ in what is to be done afterwards
    alone ([within_moves]).  Before and after it the release text has steps of its own
    ([release_call]).  Read next: relation.v. *)
From Coq Require Import ZArith List Bool String Lia FMapPositive.
From hlock.clight Require Import options integers values syntax operators semantics smallstep vcgen.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec text text_facts code record.
From hlock.generated Require L1_ticket L3_atomic.
From hlock.stack Require Import stack setting stack_total.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.debug Require Import model found leads.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

(** ** Code that calls nothing of floor 4 *)
Definition is_below (g : ident) : bool := existsb (fun s => Pos.eqb g ($s)) floor_names.
Fixpoint calls_below (s : statement) : bool :=
  match s with
  | Scall _ (Evar g _) _ => is_below g
  | Ssequence s1 s2 | Sloop s1 s2 | Sifthenelse _ s1 s2 => calls_below s1 && calls_below s2
  | _ => true
  end.
Definition body_below (fd : fundef) : bool :=
  match fd with Internal f => calls_below (fn_body f) | External _ _ _ _ => true end.

Lemma is_below_name g : is_below g = true -> exists s, List.In s floor_names /\ g = $s.
Proof.
  unfold is_below; rewrite existsb_exists; intros (s & Is & Same); exists s; split; [exact Is|].
  now apply Pos.eqb_eq.
Qed.

(** Two states that differ in what is to do afterwards, [kd] and [kr]. *)
Section Same.
  Context (kd kr : cont).
  Inductive same_cont : cont -> cont -> Prop :=
  | same_base f : fn_return f = tvoid -> same_cont (Kreturn f kd) (Kreturn f kr)
  | same_seq s k k' : calls_below s = true -> same_cont k k' -> same_cont (Kseq s k) (Kseq s k')
  | same_body s1 s2 k k' : calls_below s1 && calls_below s2 = true -> same_cont k k' ->
      same_cont (Kbody s1 s2 k) (Kbody s1 s2 k')
  | same_loop_step s1 s2 k k' : calls_below s1 && calls_below s2 = true -> same_cont k k' ->
      same_cont (Kstep s1 s2 k) (Kstep s1 s2 k')
  | same_return f k k' : same_cont k k' -> same_cont (Kreturn f k) (Kreturn f k')
  | same_call result le k k' : same_cont k k' -> same_cont (Kcall result le k) (Kcall result le k').

  Inductive same_code : state -> state -> Prop :=
  | same_start g f vs : fn_return f = tvoid -> calls_below (fn_body f) = true ->
      same_code (Enter g (Internal f) vs kd) (Enter g (Internal f) vs kr)
  | same_exec le s k k' : calls_below s = true -> same_cont k k' -> same_code (Exec le s k) (Exec le s k')
  | same_leave le out k k' : same_cont k k' -> same_code (Leave le out k) (Leave le out k')
  | same_enter g fd vs k k' : is_below g = true -> body_below fd = true -> same_cont k k' ->
      same_code (Enter g fd vs k) (Enter g fd vs k')
  | same_give v k k' : same_cont k k' -> same_code (Give v k) (Give v k').

  Inductive within {S : system} (o : op S) (history : list (response S)) : thread S -> thread S -> Prop :=
  | within_code s s' : same_code s s' -> within o history (Calling o history s) (Calling o history s')
  | within_storing l v k k' : same_cont k k' ->
      within o history (Storing o history l v k) (Storing o history l v k').
End Same.

Lemma same_cont_flip kd kr k k' : same_cont kd kr k k' -> same_cont kr kd k' k.
Proof. induction 1; now constructor. Qed.
Lemma same_code_flip kd kr s s' : same_code kd kr s s' -> same_code kr kd s' s.
Proof. destruct 1; constructor; auto using same_cont_flip. Qed.
Lemma within_flip {S : system} kd kr (o : op S) history t t' :
  within kd kr o history t t' -> within kr kd o history t' t.
Proof. destruct 1; constructor; auto using same_cont_flip, same_code_flip. Qed.

#[local] Hint Constructors same_cont same_code within : same.

Section Lockstep.
  Context (P P' : program).
  Local Notation N := (functions P).
  Local Notation N' := (functions P').
  (** Both have the same functions below floor 4, and these call no others. *)
  Definition agree : Prop := forall s, List.In s floor_names -> find_function N ($s) = find_function N' ($s) /\
    forall fd, find_function N ($s) = Some fd -> body_below fd = true.
  Context (Agree : agree) (kd kr : cont).
  Local Notation same_code := (same_code kd kr).
  Local Notation same_cont := (same_cont kd kr).

  Definition both (s1 s1' : state) : Prop := same_code s1 s1' \/ s1 = Give Vundef kd /\ s1' = Give Vundef kr.

  Lemma exec_same le s k k' s1 : calls_below s = true -> same_cont k k' -> step N (Exec le s k) = Some s1 ->
    exists s1', step N' (Exec le s k') = Some s1' /\ both s1 s1'.
  Proof.
    intros Below Same; unfold both; destruct s as [|id a|result f args|s1' s2|e s1' s2|s1' s2| | |[a|]];
      cbn [step step_exec]; cbn [calls_below] in Below.
    3: { destruct f as [|f t| | | |]; try discriminate; destruct t as [| |targs tres cc]; try discriminate.
         apply is_below_name in Below as Named; destruct Named as (s & Is & ->).
         destruct (Agree s Is) as (Found & Bodies); rewrite <- Found.
         destruct (eval_args le args targs) as [vs|]; [|discriminate].
         destruct (find_function N ($s)) as [fd|]; [|discriminate]; destruct (type_eq _ _); [|discriminate].
         intros [= <-]; eexists; split; [reflexivity|]; auto 8 with same. }
    all: try match goal with |- context [eval_expr ?le ?a] => destruct (eval_expr le a); [|discriminate] end.
    all: try match goal with |- context [eval_cond ?le ?a] => destruct (eval_cond le a) as [[]|]; [| |discriminate] end.
    all: intros [= <-]; eexists; split; [reflexivity|left].
    all: try (apply andb_prop in Below as Both; destruct Both); auto with same.
  Qed.
  Ltac there := eexists; split; [reflexivity|left; auto 8 with same].
  Lemma leave_same le out k k' s1 : same_cont k k' -> step N (Leave le out k) = Some s1 ->
    exists s1', step N' (Leave le out k') = Some s1' /\ both s1 s1'.
  Proof.
    unfold both; intros [f Void|s k0 k0' Below Same|a b k0 k0' Below Same|a b k0 k0' Below Same|f k0 k0' Same|]; cbn.
    - rewrite Void; destruct out as [| | |[[]|]]; try discriminate; intros [= <-];
        (eexists; split; [reflexivity|right; auto]).
    - destruct out; intros [= <-]; there.
    - destruct out; intros [= <-]; apply andb_prop in Below as Both; destruct Both; there.
    - destruct out; try discriminate; intros [= <-]; there.
    - destruct (function_result out (fn_return f)); [|discriminate]; intros [= <-]; there.
    - discriminate.
  Qed.
  Lemma step_same s s' s1 : same_code s s' -> step N s = Some s1 ->
    exists s1', step N' s' = Some s1' /\ both s1 s1'.
  Proof.
    intros [g f vs Void Below|le st k k' Below Same|le out k k' Same|g fd vs k k' Is Below Same|v k k' Same].
    - cbn; destruct (function_entry f vs); [|discriminate]; intros [= <-]; there.
    - now apply exec_same.
    - now apply leave_same.
    - destruct fd as [f|]; cbn; [|discriminate]; destruct (function_entry f vs); [|discriminate].
      intros [= <-]; there.
    - destruct Same; cbn; try discriminate; intros [= <-]; there.
  Qed.

  Context {S : system} (width : Z) (Mem : memory_system S) (clients : cpu -> client S) (c : cpu).
  Context (o : op S) (history : list (response S)).

  (** Still in the function of floor 3, or returned from it. *)
  Definition both_threads (t t' : thread S) : Prop :=
    within kd kr o history t t' \/
    t = Calling o history (Give Vundef kd) /\ t' = Calling o history (Give Vundef kr).
  Lemma both_calling s s' : both s s' -> both_threads (Calling o history s) (Calling o history s').
  Proof. intros [Same|(-> & ->)]; [left; now constructor|right; auto]. Qed.

  Lemma primitive_same g ef targs tres cc vs k k' m v t1 m1 : same_cont k k' ->
    moves P width Mem clients c (Calling o history (Enter g (External ef targs tres cc) vs k)) m v t1 m1 ->
    exists t1', moves P' width Mem clients c (Calling o history (Enter g (External ef targs tres cc) vs k')) m v t1'
      m1 /\
      both_threads t1 t1'.
  Proof.
    intros Same Move; unfold both_threads.
    assert (Given : forall v, within kd kr o history (Calling o history (Give v k)) (Calling o history (Give v k')))
      by (intros; constructor; now constructor).
    inversion Move as [t' Is|o1 t' Is|o1 t' Is|a t' m' Is Does]; subst; cbn [next_move in_call] in Is;
      unfold primitive in Is; destruct vs as [|[|n] [|]];
      repeat match type of Is with context [if ?b then _ else _] => destruct b eqn:? end; try discriminate Is;
      try contradiction.
    1: { injection Is as <-; eexists; split; [apply moves_local|left; apply Given].
         cbn [next_move in_call]; unfold primitive; now rewrite Heqb. }
    all: cbn [answered] in Is; destruct Is as (u & -> & ->); eexists; (split; [eapply moves_memory; [|exact Does]|]).
    all: cbn [next_move in_call]; unfold primitive; rewrite ?Heqb, ?Heqb0, ?Heqb1; cbn; eauto 9 with same.
  Qed.

  Theorem within_moves t t' m v t1 m1 : within kd kr o history t t' ->
    moves P width Mem clients c t m v t1 m1 ->
    exists t1', moves P' width Mem clients c t' m v t1' m1 /\ both_threads t1 t1'.
  Proof.
    intros [s s' Same|l w k k' Same] Move.
    2: { inversion Move as [t2 Is|o1 t2 Is|o1 t2 Is|a t2 m' Is Does]; subst; try discriminate.
         cbn in Is; destruct Is as (-> & ->); eexists; split; [eapply moves_memory; [cbn; auto|exact Does]|].
         left; constructor; now constructor. }
    destruct (match s with Enter _ (External _ _ _ _) _ _ => true | _ => false end) eqn:Out.
    { destruct Same as [| | |g [|ef targs tres cc] vs k k' _ _ Same|]; try discriminate.
      exact (primitive_same g ef targs tres cc vs k k' m v t1 m1 Same Move). }
    assert (Runs : forall Q, in_call Q o history s =
      match step (functions Q) s with Some s => Local (Calling o history s) | None => Stuck end).
    { intros Q; destruct Same as [| | |g [] vs k k' Is Below Same|u k k' Same]; try discriminate; try reflexivity.
      now destruct Same. }
    assert (Runs' : forall Q, in_call Q o history s' =
      match step (functions Q) s' with Some s => Local (Calling o history s) | None => Stuck end).
    { intros Q; destruct Same as [| | |g [] vs k k' Is Below Same|u k k' Same]; try discriminate; try reflexivity.
      now destruct Same. }
    inversion Move as [t2 Is|o1 t2 Is|o1 t2 Is|a t2 m' Is Does]; subst; cbn [next_move] in Is; rewrite Runs in Is;
      destruct (step N s) as [s1|] eqn:Step; try discriminate; try contradiction.
    injection Is as <-; destruct (step_same s s' s1 Same Step) as (s1' & Step' & Both).
    exists (Calling o history s1'); split; [|now apply both_calling].
    apply moves_local; cbn [next_move]; now rewrite Runs', Step'.
  Qed.
End Lockstep.

(** ** The release text *)

(** Steps of code that need nothing of memory. *)
Inductive runs (N : module) : state -> state -> Prop :=
| runs_done s : runs N s s
| runs_step s s1 s2 : step N s = Some s1 -> runs N s1 s2 -> runs N s s2.

Section Release.
  Context {G : setting}.
  Local Notation text := the_text.
  Local Notation M := (functions text).
  Local Notation debug_text := (debug_stack prefix the_table).

  Lemma bodies_below s fd : List.In s floor_names -> find_function (bottom ++ asked) ($s) = Some fd ->
    body_below fd = true.
  Proof. intros Is; cbn in Is; repeat destruct Is as [<-|Is]; try destruct Is; intros [= <-]; reflexivity. Qed.
  Lemma debug_agrees : agree debug_text text.
  Proof.
    intros s Is; destruct (floors_same prefix the_table s) as (-> & ->); [apply in_app_iff; now left|].
    split; [reflexivity|intros fd; now apply bodies_below].
  Qed.
  Lemma release_agrees : agree text debug_text.
  Proof.
    intros s Is; destruct (floors_same prefix the_table s) as (-> & ->); [apply in_app_iff; now left|].
    split; [reflexivity|intros fd; now apply bodies_below].
  Qed.

  (** The call of a lock function comes to the function of floor 3, and after that to its end. *)
  Lemma release_call o f i : List.In f the_table -> in_family f i = true -> exists k,
    runs M (name_of text o f i) (Enter ($(forwards_to o)) (Internal (floor_3 o)) (numbers [lock_id f i]) k) /\
    runs M (Give Vundef k) (Give Vundef Kstop).
  Proof.
    intros Member Range; destruct (arguments_enter o f i Range Member) as (le & Entry & Index).
    exists (Kcall None le (Kreturn (function_text false o f) Kstop)); split.
    - unfold name_of; change (prefix_of text) with prefix; rewrite found_4 by exact Member.
      eapply runs_step; [cbn [step]; rewrite Entry; reflexivity|].
      cbn [function_text fn_body]; rewrite body_text_call; unfold call_text.
      eapply runs_step; [|apply runs_done]; cbn [step step_exec].
      rewrite (acquire_release_number f le i (table_ok_in _ f table_accepted Member) Index)
        by now apply in_family_iff.
      rewrite found_3; destruct (type_eq _ _) as [|Not]; [now destruct o|destruct Not; now destruct o].
    - eapply runs_step; [reflexivity|]; eapply runs_step; [reflexivity|apply runs_done].
  Qed.
  Lemma floor_3_start o : fn_return (floor_3 o) = tvoid /\ calls_below (fn_body (floor_3 o)) = true.
  Proof. destruct o; split; reflexivity. Qed.
End Release.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * A thread of the debug text, and one of the release text

    A debug thread [stands] beside a thread of the release text of the same client,
    with a record that says what that client holds by its own history: while it checks, the other
    waits at its call, or, if the call is wrong, before it.  A step of the first is none or some steps
    of the second ([stands_step]).  Nothing is asked of the memory.  Read next: simulate.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax semantics smallstep determinism interp vcgen.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec text checks_text record checked.
From hlock.layers.L4_locks Require contract.
From hlock.stack Require Import stack setting.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.debug Require Import model found leads calls lockstep.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

(** ** Calls of record.h *)
Section Records.
  Context (B : build) (c : cpu).

  Lemma record_det s R x x' : record_step B c (s, R) x -> record_step B c (s, R) x' -> x = x'.
  Proof.
    intros One Two; inversion One as [g ef ts tr cc vs k p v R0 R1 Is Does]; subst.
    inversion Two as [g' ef' ts' tr' cc' vs' k' p' v' R0' R1' Is' Does']; subst.
    assert (Det : layer_det (fun _ : ident => @None (prim unit))) by discriminate.
    destruct (checking_layer_det _ _ _ _ Det g p Is vs (tt, R) v (tt, R1) v' (tt, R1') Does) as (-> & [= ->]);
      [|reflexivity].
    rewrite Is in Is'; injection Is' as <-; exact Does'.
  Qed.
  Lemma record_not_below g p : record_layer B c g = Some p -> is_below g = false.
  Proof.
    intros Is; destruct (is_below g) eqn:Below; [|reflexivity]; apply is_below_name in Below as (s & Name & ->).
    cbn in Name; repeat destruct Name as [<-|Name]; try destruct Name; discriminate Is.
  Qed.
  Lemma stops_layer g : stops g = true -> record_layer B c g = Some never_returns.
  Proof. intros Is; unfold record_layer, checking_layer; now rewrite Is. Qed.
  Lemma not_primitive {S : system} g vs (again : state -> thread S) storing k : is_below g = false ->
    primitive g vs again storing k = Stuck.
  Proof.
    intros Below; unfold primitive; destruct vs as [|[|n] [|]]; try reflexivity.
    - destruct (Pos.eqb_spec g ($"cpu_relax")) as [->|]; [discriminate Below|reflexivity].
    - destruct (Pos.eqb_spec g ($"incr_ticket")) as [->|]; [discriminate Below|].
      destruct (Pos.eqb_spec g ($"get_now")) as [->|]; [discriminate Below|].
      destruct (Pos.eqb_spec g ($"incr_now")) as [->|]; [discriminate Below|reflexivity].
  Qed.
End Records.

Lemma step_in_call {S : system} P (o : op S) history s s1 : step (functions P) s = Some s1 ->
  in_call P o history s = Local (Calling o history s1).
Proof.
  intros Is; unfold in_call; destruct s as [le s k|le out k|f [text|ef ts tr cc] vs k|v k];
    try discriminate Is; try (now rewrite Is); destruct k; try discriminate Is; now rewrite Is.
Qed.

(** ** A thread that checks *)
Section Checking.
  Context {G : running} (B : build) (M : memory_system the_system).
  Context (asserts : cpu -> list (response the_system) -> list asserted) (c : cpu).
  Local Notation S := the_system.
  Local Notation self := (this_cpu B c).
  Local Notation text := (debug_stack prefix the_table).
  Local Notation leads := (leads prefix the_table B c).
  Local Notation debug_move := (debug_move text width B M clients asserts c).

  (** What halts is done. *)
  Definition halts_here (R : records) (m : memory M) (v : option (debug_visible S)) (d' : debug_thread S)
      (R' : records) (m' : memory M) : Prop :=
    v = Some (Seen Did_halt) /\ d' = Running Stopped [] /\ R' = R /\ mem_step M m c Halted m'.

  Lemma leads_first s r s2 r2 R : leads s r s2 r2 -> R self = r -> s = s2 /\ r = r2 \/
    (exists s1, step (functions text) s = Some s1 /\ leads s1 r s2 r2) \/
    (exists s1 R1, record_step B c (s, R) (s1, R1) /\ others_same self R R1 /\ leads s1 (R1 self) s2 r2).
  Proof.
    intros [|s0 s1 r0 s3 r3 Step Rest|g ef ts tr cc vs v k r0 r1 s3 r3 Does Rest] Is; [auto|eauto|right; right].
    destruct (Does R Is) as (R1 & Step & Here & Others); exists (Give v k), R1; rewrite Here; auto.
  Qed.

  (** A step of a thread in a call, or in an assertion: of its code, or a call of record.h. *)
  Lemma running_code o h s s1 R m v d' R' m' : step (functions text) s = Some s1 ->
    debug_move R m (Running (Calling o h s) []) v d' R' m' ->
    halts_here R m v d' R' m' \/ v = None /\ m' = m /\ R' = R /\ d' = Running (Calling o h s1) [].
  Proof.
    intros Step Move; pose proof (step_in_call text o h s s1 Step) as Next.
    inversion Move as [t u t' m2 Moves|o1 h1 s0 s3 R2 Does| | | | |t g ws Stop|]; subst.
    - inversion Moves as [t2 Is|o1 t2 Is|o1 t2 Is|a t2 m3 Is Does]; subst; cbn [next_move] in Is;
        rewrite Next in Is; try discriminate Is; [|destruct Is]; injection Is as <-; auto.
    - inversion Does; subst; discriminate Step.
    - unfold about_to_stop, code_of in Stop; destruct s as [| |g1 [|] vs k|]; discriminate.
    - left; repeat split; assumption.
  Qed.
  Lemma running_record o h s s1 R1 R m v d' R' m' : record_step B c (s, R) (s1, R1) ->
    debug_move R m (Running (Calling o h s) []) v d' R' m' ->
    halts_here R m v d' R' m' \/ v = None /\ m' = m /\ R' = R1 /\ d' = Running (Calling o h s1) [].
  Proof.
    intros Does Move; inversion Does as [g ef targs tres cc vs k p w R0 R0' Layer Prim]; subst.
    inversion Move as [t u t' m2 Moves|o1 h1 s0 s3 R2 Does'| | | | |t g1 ws Stop|]; subst.
    - inversion Moves as [t2 Is|o1 t2 Is|o1 t2 Is|a t2 m3 Is Does']; subst; cbn [next_move in_call] in Is;
        rewrite not_primitive in Is by exact (record_not_below B c g p Layer); try discriminate Is; destruct Is.
    - pose proof (record_det B c _ _ _ _ Does Does') as [= <- <-]; auto.
    - unfold about_to_stop, code_of in Stop; destruct (stops g) eqn:Stops; [|discriminate].
      rewrite (stops_layer B c g Stops) in Layer; injection Layer as <-; destruct Prim.
    - left; repeat split; assumption.
  Qed.
  Lemma asserting_code h s s1 due R m v d' R' m' : step (functions text) s = Some s1 ->
    debug_move R m (Asserting h s due) v d' R' m' ->
    halts_here R m v d' R' m' \/ v = None /\ m' = m /\ R' = R /\ d' = Asserting h s1 due.
  Proof.
    intros Step Move; inversion Move as [| | |h1 s0 s3 due1 Step'|h1 s0 s3 due1 R2 Does|h1 w due1|t g ws Stop|];
      subst.
    - rewrite Step in Step'; injection Step' as <-; auto.
    - inversion Does; subst; discriminate Step.
    - discriminate Step.
    - unfold about_to_stop, code_of in Stop; destruct s as [| |g1 [|] vs k|]; discriminate.
    - left; repeat split; assumption.
  Qed.
  Lemma asserting_record h s s1 due R1 R m v d' R' m' : record_step B c (s, R) (s1, R1) ->
    debug_move R m (Asserting h s due) v d' R' m' ->
    halts_here R m v d' R' m' \/ v = None /\ m' = m /\ R' = R1 /\ d' = Asserting h s1 due.
  Proof.
    intros Does Move; inversion Does as [g ef targs tres cc vs k p w R0 R0' Layer Prim]; subst.
    inversion Move as [| | |h1 s0 s3 due1 Step'|h1 s0 s3 due1 R2 Does'|h1 w' due1|t g1 ws Stop|]; subst.
    - discriminate Step'.
    - pose proof (record_det B c _ _ _ _ Does Does') as [= <- <-]; auto.
    - unfold about_to_stop, code_of in Stop; destruct (stops g) eqn:Stops; [|discriminate].
      rewrite (stops_layer B c g Stops) in Layer; injection Layer as <-; destruct Prim.
    - left; repeat split; assumption.
  Qed.

  Lemma leads_running o h s r s2 r2 R m v d' R' m' : leads s r s2 r2 -> R self = r ->
    debug_move R m (Running (Calling o h s) []) v d' R' m' ->
    s = s2 /\ r = r2 \/ halts_here R m v d' R' m' \/
    v = None /\ m' = m /\ others_same self R R' /\
      exists s1, d' = Running (Calling o h s1) [] /\ leads s1 (R' self) s2 r2.
  Proof.
    intros Leads Is Move; destruct (leads_first s r s2 r2 R Leads Is)
      as [Done|[(s1 & Step & Rest)|(s1 & R1 & Does & Others & Rest)]]; [auto|right..].
    - destruct (running_code o h s s1 R m v d' R' m' Step Move) as [|(-> & -> & -> & ->)]; [now left|right].
      subst r; split; [reflexivity|split; [reflexivity|split; [now intros ? _|eauto]]].
    - destruct (running_record o h s s1 R1 R m v d' R' m' Does Move) as [|(-> & -> & -> & ->)]; [now left|right].
      split; [reflexivity|split; [reflexivity|split; [exact Others|eauto]]].
  Qed.

  Lemma leads_asserting h s due r s2 r2 R m v d' R' m' : leads s r s2 r2 -> R self = r ->
    debug_move R m (Asserting h s due) v d' R' m' ->
    s = s2 /\ r = r2 \/ halts_here R m v d' R' m' \/
    v = None /\ m' = m /\ others_same self R R' /\
      exists s1, d' = Asserting h s1 due /\ leads s1 (R' self) s2 r2.
  Proof.
    intros Leads Is Move; destruct (leads_first s r s2 r2 R Leads Is)
      as [Done|[(s1 & Step & Rest)|(s1 & R1 & Does & Others & Rest)]]; [auto|right..].
    - destruct (asserting_code h s s1 due R m v d' R' m' Step Move) as [|(-> & -> & -> & ->)]; [now left|right].
      subst r; split; [reflexivity|split; [reflexivity|split; [now intros ? _|eauto]]].
    - destruct (asserting_record h s s1 due R1 R m v d' R' m' Does Move) as [|(-> & -> & -> & ->)]; [now left|right].
      split; [reflexivity|split; [reflexivity|split; [exact Others|eauto]]].
  Qed.
End Checking.

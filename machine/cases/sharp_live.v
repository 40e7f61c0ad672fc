(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: what liveness asks

    What a client has chosen, how long it holds, and when it is orderly; levels; when an
    operation is over; calm steps, rounds.  What sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import values smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract.
From hlock.stack Require Import linked.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.live Require Import orderly.
From hlock.machine.cases Require Import small sharp_table.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope Z_scope.
Local Open Scope list_scope.

(** ** What a client has chosen *)
Definition nested : list (op small) := [acquire core 0; acquire pt 1; read pt 1 7; release pt 1; release core 0].
Local Notation nothing n := (repeat (None : response small) n).
(** It ends after its first operation, and goes on if it is answered again. *)
Definition pauses : client small := fun history =>
  match history with [_] => None | _ => Some (acquire core 0) end.
Local Ltac holds := repeat apply conj; repeat apply Forall_cons; try apply Forall_nil; found.
Local Ltac fails := intros Chosen; cbn in Chosen; repeat match goal with
  | H : exists _, _ |- _ => destruct H
  | H : _ /\ _ |- _ => destruct H
  | H : Some _ = Some _ |- _ => injection H as <-
  end; cbn in *; first [contradiction|discriminate].
Example chosen_are : Forall (chosen (goes_through nested)) (map (fun n => nothing n) (seq 0 6)) /\
  chosen pauses [None].
Proof. holds. Qed.
(** More than it chose; after its end, after a halt. *)
Example chosen_are_not : ~ chosen (goes_through nested) (nothing 6) /\ ~ chosen pauses (nothing 2) /\
  ~ chosen pauses (nothing 3) /\ ~ chosen (goes_through [acquire core 0; Op_halt]) (nothing 2).
Proof. repeat split; fails. Qed.

(** ** Since an acquire *)
Definition after (f : list (response small) -> nat) : list nat := map (fun n => f (nothing n)) (seq 0 6).
Example since_are : (after (since (goes_through nested) 0), after (since (goes_through nested) 5)) =
  ([0; 0; 1; 2; 3; 4]%nat, [0; 1; 0; 1; 2; 3]%nat).
Proof. reflexivity. Qed.
Example acquires_since_are : (after (acquires_since (goes_through nested) 0),
    after (acquires_since (goes_through nested) 5)) = ([0; 0; 1; 1; 1; 1]%nat, [0; 1; 0; 0; 0; 0]%nat).
Proof. reflexivity. Qed.

(** ** Orderly clients *)

(** Of a client that is told nothing else: with other answers it acquires again and again. *)
Definition only_nothing (history : list (response small)) : Prop :=
  List.In history (map (fun n => nothing n) (seq 0 6)).
Definition trusting : client small := fun history =>
  if forallb (fun a : response small => match a with None => true | Some _ => false end) history
  then goes_through nested history
  else if Nat.leb (List.length history) 9 then Some (acquire pt 0) else None.
(** So many levels are above a lock. *)
Definition by_rank (l : Z) : nat := if l =? 0 then 1 else 0.
Ltac each_history := cbv [only_nothing map seq]; cbn [List.In repeat]; intros;
  repeat match goal with H : _ \/ _ |- _ => destruct H as [<-|H] | H : False |- _ => destruct H end; cbn in *;
  repeat match goal with
         | H : Some _ = Some _ |- _ => first [discriminate H|injection H as <- <-|injection H as <-]
         | H : _ \/ _ |- _ => destruct H as [<-|H] | H : False |- _ => destruct H
         | H : ?x <> ?x |- _ => now destruct H
         | H : None = Some _ |- _ => discriminate H
         end; cbn in *; try lia.
Example orderly_are : orderly only_nothing trusting by_rank 1 4.
Proof. split; unfold climbs; each_history; found. Qed.
Definition everything (history : list (response small)) : Prop := True.
Local Notation is_orderly ops := (orderly everything (goes_through ops)).
(** It acquires two locks of one level; against the levels; one of a lower level than the
    outer of two that it holds. *)
Example climbs_not : ~ climbs everything (goes_through [acquire pt 1; acquire pt 2]) by_rank /\
  ~ climbs everything (goes_through [acquire pt 1; acquire core 0]) by_rank /\
  ~ climbs (eq (nothing 2)) (goes_through [acquire pt 1; acquire core 0; acquire pt 2]) by_rank.
Proof.
  repeat split; intros Climbs.
  - specialize (Climbs (nothing 1) pt 2 5 I eq_refl); cbn in Climbs; lia.
  - specialize (Climbs (nothing 1) core 0 5 I eq_refl); cbn in Climbs; lia.
  - specialize (Climbs (nothing 2) pt 2 5 eq_refl eq_refl); cbn in Climbs; lia.
Qed.
(** All else that is asked of them is so: they are told nothing once. *)
Definition at_most_one (history : list (response small)) : Prop := history = [] \/ history = nothing 1.
Example ends_holding_not : ~ orderly at_most_one (goes_through [acquire core 0]) by_rank 9 9 /\
  ~ orderly at_most_one (goes_through [acquire core 0; Op_halt]) by_rank 9 9.
Proof.
  split; intros [_ Goes _ _]; destruct (Goes (nothing 1) (or_intror eq_refl) ltac:(discriminate)) as (o & Is & Not);
    [discriminate Is|injection Is as <-; discriminate Not].
Qed.
Example holds_too_long_not : ~ is_orderly nested by_rank 9 3.
Proof. intros [_ _ Lets _]; specialize (Lets (nothing 4) 0 I (or_introl eq_refl)); cbn in Lets; lia. Qed.
Example acquires_too_often_not : ~ is_orderly nested by_rank 0 9.
Proof.
  intros [_ _ _ Nests]; specialize (Nests (nothing 1) pt 1 0 I eq_refl (or_introl eq_refl)); cbn in Nests; lia.
Qed.

(** ** Levels *)
Example levels_are : (map (lock_levels small_table) [0; 4; 5; 6; 7], map (lock_levels upside) [0; 1; 4; 5]) =
  ([3; 2; 1; 0; 0], [1; 0; 3; 0])%nat.
Proof. reflexivity. Qed.
Example rank_levels_are : (map (rank_levels small_table) [0; 4; 5; 6], map (rank_levels upside) [0; 1; 4; 5]) =
  ([1; 0; 0; 0], [0; 0; 1; 0])%nat.
Proof. reflexivity. Qed.
Example lower_ranks_are : map (fun ll => lower_rank upside (fst ll) (snd ll))
  [(4, 0); (4, 5); (0, 4); (0, 1); (0, 5); (4, 3)] = [true; true; false; false; false; false].
Proof. reflexivity. Qed.
Definition two_pts : client small := goes_through [acquire pt 1; acquire pt 2].
Example follows_are : follows_order small_table only_nothing trusting /\
  follows_ranks small_table only_nothing trusting /\
  follows_order small_table only_nothing two_pts.
Proof. split; [|split]; unfold follows_order, follows_ranks; each_history; found. Qed.
Example follows_not : ~ follows_order small_table only_nothing (goes_through [acquire pt 2; acquire pt 1]) /\
  ~ follows_ranks small_table only_nothing two_pts.
Proof.
  split; intros Follows; [specialize (Follows (nothing 1) pt 1 6)|specialize (Follows (nothing 1) pt 2 5)];
    cbn in Follows; intuition discriminate.
Qed.

(** ** When an operation is over *)
Definition M : memory_system small := sc_memory small 1.
Definition text := stack "" small_table.
Definition one (t : thread small) : machine M := mkMachine (M := M) [Idle []; t] [].
Definition calling (history : list (response small)) : thread small :=
  Calling (acquire core 0) history (Give Vundef Kstop).
Definition storing (history : list (response small)) : thread small := Storing (release core 0) history 0 1 Kstop.
Example histories_are : map history_of [Idle (nothing 1); calling (nothing 1); storing (nothing 1); Stopped] =
  [Some (nothing 1); Some (nothing 1); Some (nothing 1); None].
Proof. reflexivity. Qed.
Example over_are : Forall (fun t => over 1 (nothing 1) (one t))
  [Idle (nothing 2); calling (nothing 2); storing (nothing 3); Stopped].
Proof. repeat apply Forall_cons; try apply Forall_nil; first [exists Stopped; exact I|
    eexists; split; [reflexivity|]; cbn; first [exact I|lia]]. Qed.
Example over_are_not : Forall (fun t => ~ over 1 (nothing 1) (one t))
  [Idle (nothing 1); calling (nothing 1); storing (nothing 1); Idle []] /\ ~ over 2 [] (one Stopped).
Proof.
  split; [repeat apply Forall_cons; try apply Forall_nil|]; intros (t & At & Over); cbn in At;
    first [discriminate At|injection At as <-; cbn in Over; lia].
Qed.

(** ** Calm steps: CPU 0 holds nothing, CPU 1 holds core *)
Definition clients : cpu -> client small :=
  go_through [[read core 0 7]; [acquire core 0; read core 0 7; release core 0]].
Local Notation calm := (calm_step text 1 M clients).
Local Notation threads_ ts g := (mkMachine (M := M) ts g).
Definition there : Obj small 0 := value 0 107.
Definition a_read : action small words_verb := Read 0 7 there.
Definition answer : response small := Some (existT _ 0 there).
Example calm_are :
  calm 0%nat (threads_ [Idle []; Idle [None]] []) (Some (Did_read 0 7 there))
    (threads_ [Idle [answer]; Idle [None]] [(0%nat, a_read)]) /\
  calm 0%nat (threads_ [Idle []; Idle [None]] []) (Some Did_halt) (threads_ [Stopped; Idle [None]] [(0%nat, Halted)]).
Proof.
  assert (Reads : machine_step text 1 M clients 0%nat (threads_ [Idle []; Idle [None]] []) (Some (Did_read 0 7 there))
    (threads_ [Idle [answer]; Idle [None]] [(0%nat, a_read)])).
  { apply (step_memory text 1 M clients 0%nat [Idle []; Idle [None]] [] (Idle []) a_read (Idle [answer]));
      [reflexivity|exists there; split; reflexivity|split; reflexivity]. }
  assert (Halts : machine_step text 1 M clients 0%nat (threads_ [Idle []; Idle [None]] []) (Some Did_halt)
    (threads_ [Stopped; Idle [None]] [(0%nat, Halted)])).
  { apply (step_halt text 1 M clients 0%nat [Idle []; Idle [None]] [] (Idle [])); [reflexivity|discriminate|].
    split; [exact I|reflexivity]. }
  split; (split; [auto|first [found|intros _; exists (@nil (response small)); found]]).
Qed.
(** No step; a halt of one that holds a lock; of one that waits. *)
Example calm_are_not : ~ calm 2%nat (threads_ [Idle []; Idle [None]] []) None (threads_ [Idle []; Idle [None]] []) /\
  ~ calm 1%nat (threads_ [Idle []; Idle [None]] []) (Some Did_halt) (threads_ [Idle []; Stopped] [(1%nat, Halted)]) /\
  ~ calm 1%nat (threads_ [Idle []; calling []] []) (Some Did_halt) (threads_ [Idle []; Stopped] [(1%nat, Halted)]).
Proof.
  repeat split.
  - intros (Step & _); inversion Step; subst; discriminate.
  - intros (_ & Halts); destruct (Halts eq_refl) as (history & At & Holds); injection At as <-; discriminate Holds.
  - intros (_ & Halts); destruct (Halts eq_refl) as (history & At & _); discriminate At.
Qed.
Example finished_are : finished M clients 0%nat (threads_ [Idle [answer]; Stopped] []) /\
  finished M clients 1%nat (threads_ [Idle [answer]; Stopped] []).
Proof. split; found. Qed.
Example finished_are_not : ~ finished M clients 0%nat (threads_ [Idle []; Stopped] []) /\
  ~ finished M clients 0%nat (threads_ [calling [answer]; Stopped] []) /\
  ~ finished M clients 2%nat (threads_ [Idle []; Stopped] []).
Proof. repeat split; cbn; first [discriminate|intros []]. Qed.

(** ** Rounds: both CPUs read, again and again *)
Definition readers : cpu -> client small := fun _ _ => Some (read core 0 7).
Local Notation goes := (segment text 1 M readers).
Local Notation a_round := (round text 1 M readers).
Definition reads (c : cpu) : event small words_verb := (c, a_read).
Definition x0 : machine M := threads_ [Idle []; Idle []] [].
Definition x1 : machine M := threads_ [Idle [answer]; Idle []] [reads 0].
Definition x2 : machine M := threads_ [Idle [answer]; Idle [answer]] [reads 1; reads 0].
Definition x3 : machine M := threads_ [Idle [answer; answer]; Idle [answer]] [reads 0; reads 1; reads 0].
Definition x4 : machine M := threads_ [Idle [answer; answer]; Idle [answer; answer]] [reads 1; reads 0; reads 1; reads
  0].
Definition halted : machine M := threads_ [Stopped; Idle []] [(0%nat, Halted)].
Definition halted1 : machine M := threads_ [Stopped; Idle [answer]] [reads 1; (0%nat, Halted)].
Lemma reads_calm c ts g history : nth_error ts c = Some (Idle history) -> object 0 7 g = there ->
  calm_step text 1 M readers c (threads_ ts g) (Some (Did_read 0 7 there))
    (threads_ (put_at c (Idle (answer :: history)) ts) (reads c :: g)).
Proof.
  intros At Is; split; [|discriminate].
  apply (step_memory text 1 M readers c ts g (Idle history) a_read (Idle (answer :: history)));
    [exact At|exists there; split; reflexivity|split; [symmetry; exact Is|reflexivity]].
Qed.
Local Ltac step := eapply one_step; [try apply or_introl; eapply reads_calm; reflexivity|]; cbn [put_at].
Example segments_are : goes x0 [] x0 /\ goes x0 [0; 1]%nat x2 /\ goes x0 [0; 1; 0; 1]%nat x4 /\ goes x2 [0; 1]%nat x4 /\
  goes halted [1%nat] halted1.
Proof. unfold x0, x2, halted; repeat split; repeat step; apply no_step. Qed.
(** No CPU there; nobody's step; a halt of a CPU that waits. *)
Example segments_are_not : ~ goes x0 [2%nat] x0 /\ ~ goes x0 [0%nat] x0 /\ ~ goes x0 [] x1 /\
  ~ goes (threads_ [calling []; Idle []] []) [0%nat] halted.
Proof.
  assert (Calm : forall c x x', goes x [c] x' -> exists v, calm_step text 1 M readers c x v x').
  { intros c x x' Goes; inversion Goes as [|? ? v ? ? ? Calm Rest]; subst; inversion Rest; subst; eauto. }
  split; [|split; [|split]].
  - intros Goes; destruct (Calm _ _ _ Goes) as (v & Step & _); inversion Step; subst; discriminate.
  - intros Goes; destruct (Calm _ _ _ Goes) as (v & Step & _); inversion Step; subst; cbn in *;
      repeat match goal with
             | H : Some (Idle []) = Some _ |- _ => injection H as <-
             | H : exists _, _ |- _ => destruct H
             | H : _ /\ _ |- _ => destruct H
             end; discriminate.
  - intros Goes; inversion Goes as [x Same|].
  - intros Goes; destruct (Calm _ _ _ Goes) as (v & Step & Halts).
    inversion Step; subst; cbn in *; try discriminate;
      match goal with H : Some (calling _) = Some _ |- _ => injection H as <- end; cbn in *; try contradiction;
      destruct (Halts eq_refl) as (history & At & _); discriminate At.
Qed.

Local Ltac round_by cs Goes := exists cs; split; [first [exact Goes|eexists; exact Goes]|
  first [intros [|[|c]] Less; cbn in *; first [now auto|lia]|exists 1%nat; split; cbn; [lia|auto]]].
Local Ltac known := cbn [rounds]; first [assumption|reflexivity|exact I|split; known|left; known|right; known
  |exists x2; known|exists x4; known].
Example rounds_are : a_round x0 x2 /\ a_round halted halted1 /\ rounds text 1 M readers 0 x0 x0 /\
  rounds text 1 M readers 1 x0 x4 /\ rounds text 1 M readers 2 x0 x4.
Proof.
  destruct segments_are as (_ & Once & Twice & Again & Halts).
  assert (First : a_round x0 x2) by round_by [0; 1]%nat Once.
  assert (Second : a_round x2 x4) by round_by [0; 1]%nat Again.
  assert (Long : a_round x0 x4) by round_by [0; 1; 0; 1]%nat Twice.
  assert (Alone : a_round halted halted1) by round_by [1%nat] Halts.
  known.
Qed.

(** Each step of a reader is seen in memory, and a CPU that has finished has halted. *)
Definition at_rest (x : machine M) : Prop := forall c t, nth_error (threads x) c = Some t ->
  (exists history, t = Idle history) \/ t = Stopped /\ List.In (c, Halted) (contents x).
Lemma nth_put {A} c (a : A) l c' : nth_error (put_at c a l) c' =
  if Nat.eqb c' c then match nth_error l c with Some _ => Some a | None => None end else nth_error l c'.
Proof. revert c c'; induction l as [|b l IH]; intros [|c] [|c']; cbn; auto; now destruct (Nat.eqb c' c). Qed.
Lemma step_shows c x v x' : machine_step text 1 M readers c x v x' -> at_rest x ->
  at_rest x' /\ (exists t, nth_error (threads x) c = Some t) /\ exists a, contents x' = (c, a) :: contents x.
Proof.
  intros Step Rest.
  assert (Put : forall ts (g : log small words_verb) t t' a, nth_error ts c = Some t ->
    at_rest (threads_ ts g) -> (exists history, t' = Idle history) \/ t' = Stopped /\ a = Halted ->
    at_rest (threads_ (put_at c t' ts) ((c, a) :: g))).
  { intros ts g t t' a At Was Is c' t1; cbn [threads contents]; rewrite nth_put, At.
    destruct (Nat.eqb_spec c' c) as [->|]; [intros [= <-]|intros At'];
      [destruct Is as [Is|(-> & ->)]; [now left|right; cbn; auto]|].
    destruct (Was c' t1 At') as [Idle_|(-> & In)]; [now left|right; cbn; auto]. }
  destruct Step as [ts g t t' At Does|ts g t o t' At Does|ts g t o t' At Does|ts g t a t' g' At Answer (There & ->)
    |ts g t g' At Lives (_ & ->)];
    destruct (Rest c _ At) as [(history & ->)|(-> & _)]; try discriminate Does; try contradiction;
    (split; [|split; [eexists; exact At|eexists; reflexivity]]); (eapply Put; [exact At|exact Rest|]); [|now right].
  destruct Answer as (v & -> & ->); left; eexists; reflexivity.
Qed.
Lemma segment_shows x cs x' : goes x cs x' -> at_rest x ->
  at_rest x' /\ (forall c, List.In c cs -> (c < List.length (threads x))%nat) /\
  exists g, contents x' = g ++ contents x /\ map fst g = rev cs.
Proof.
  induction 1 as [x|x c v x1 cs x' (Step & _) _ IH]; intros Rest.
  { split; [exact Rest|]; split; [intros c []|exists []; split; reflexivity]. }
  destruct (step_shows c x v x1 Step Rest) as (Rest1 & (t & At) & a & Is).
  destruct (IH Rest1) as (Rest' & Less & g & Is' & Who).
  assert (Long : List.length (threads x1) = List.length (threads x)).
  { destruct Step; cbn [threads]; clear; revert c; induction ts as [|b l IH]; intros [|c]; cbn; auto. }
  split; [exact Rest'|]; split.
  - rewrite <- Long; intros c' [<-|In]; [|exact (Less c' In)].
    rewrite Long; apply nth_error_Some; rewrite At; discriminate.
  - exists (g ++ [(c, a)]); split; [now rewrite Is', Is, <- app_assoc|].
    rewrite map_app; exact (f_equal (fun cs => cs ++ [c]) Who).
Qed.
Lemma round_shows x x' c : a_round x x' -> at_rest x -> (c < 2)%nat ->
  (exists g, contents x' = g ++ contents x /\ (List.In c (map fst g) \/ List.In (c, Halted) (contents x'))) /\
  at_rest x'.
Proof.
  intros (cs & Goes & All) Rest Less; destruct (segment_shows x cs x' Goes Rest) as (Rest' & _ & g & Is & Who).
  split; [|exact Rest']; exists g; split; [exact Is|]; rewrite Who, <- in_rev.
  destruct (All c Less) as [In|Ends]; [now left|right]; unfold finished in Ends.
  destruct (nth_error (threads x') c) as [t|] eqn:At; [|contradiction].
  destruct (Rest' c t At) as [(history & ->)|(_ & In)]; [discriminate Ends|exact In].
Qed.
Lemma x0_at_rest : at_rest x0.
Proof. intros [|[|[|c]]] t; try discriminate; intros [= <-]; left; eexists; reflexivity. Qed.
(** CPU 1 does nothing; both do, but from elsewhere; a round begins where another has ended. *)
Definition elsewhere : machine M := threads_ [Idle [answer]; Idle [answer]] [reads 1; reads 0; reads 2].
Example rounds_are_not : ~ a_round x0 x1 /\ ~ a_round x0 elsewhere /\ ~ rounds text 1 M readers 0 x0 x2 /\
  ~ rounds text 1 M readers 1 x0 elsewhere /\ ~ rounds text 1 M readers 2 x0 x2.
Proof.
  assert (From : ~ a_round x0 elsewhere).
  { intros (cs & Goes & _); destruct (segment_shows _ _ _ Goes x0_at_rest) as (_ & Less & g & Is & Who).
    assert (In : List.In 2%nat (rev cs))
      by (rewrite <- Who; cbn in Is; rewrite app_nil_r in Is; rewrite <- Is; cbn; auto).
    apply in_rev, Less in In; cbn in In; lia. }
  split; [|split; [exact From|split; [|split]]].
  - intros Round; destruct (round_shows x0 x1 1 Round x0_at_rest) as ((g & Is & In) & _); [lia|].
    cbn in Is; rewrite app_nil_r in Is; rewrite <- Is in In; cbn in In; intuition discriminate.
  - intros Same; apply (f_equal (fun x : machine M => List.length (contents x : log small words_verb))) in Same.
    discriminate Same.
  - intros (x & Round & <-); exact (From Round).
  - intros (x & Round & y & Round' & <-).
    destruct (round_shows x0 x 1 Round x0_at_rest) as ((g & Is & In) & Rest); [lia|].
    destruct (round_shows x x2 1 Round' Rest) as ((g' & Is' & In') & _); [lia|]; cbn in Is; rewrite app_nil_r in Is.
    rewrite Is in *; cbn in Is'.
    destruct g' as [|e1 [|e2 [|e3 g']]]; cbn in Is'; [subst g|injection Is' as <- <-|injection Is' as <- <- <-|];
      cbn in In, In'; intuition discriminate.
Qed.

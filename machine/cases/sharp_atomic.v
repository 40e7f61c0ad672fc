(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: the atomic machine, and what breaks the contract

    The steps that there are, rule by rule, and no others; an execution with all that is
    seen of it and left by it; what the contract forbids, and what is a breach.  What
    sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool.
From hlock.layers.view Require Import spec.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec.
From hlock.machine.model Require Import machine atomic.
From hlock.machine.cases Require Import small.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

Definition clients : cpu -> client small :=
  go_through [[acquire core 0; write core 0 7 1; release core 0]; [acquire core 0; read core 0 7; release core 0]].
Local Notation step := (atomic_step clients).
Local Notation log := (log small atomic_verb).

Example effects_are : map (effect (S := small))
  [acquire pt 1; release pt 1; acquire core 0; read pt 1 7; write pt 1 7 2; Op_halt] =
  [Some (Lock 5 Entered); Some (Lock 5 Left); Some (Lock 0 Entered); None; None; None].
Proof. reflexivity. Qed.
Definition one_inside : log := [(0%nat, Lock 0 Entered)].
Local Notation possible := (possible (S := small)).
Example possible_are : possible 0 (Lock 0 Entered) [] /\ possible 0 (Lock 0 Left) one_inside /\
  possible 1 (Lock 5 Entered) one_inside /\ possible 0 (Wrote 0 7 (value 0 1)) one_inside.
Proof. repeat apply conj; unfold atomic.possible; found. Qed.
Example possible_are_not : ~ possible 1 (Lock 0 Entered) one_inside /\ ~ possible 1 (Lock 0 Left) one_inside /\
  ~ possible 0 (Lock 0 Entered) one_inside /\ ~ possible 1 (Wrote 0 7 (value 0 1)) one_inside.
Proof. repeat split; discriminate. Qed.
Example atomic_starts : (positions (atomic_start (S := small)), happened (atomic_start (S := small))) = ([At_rest [];
  At_rest []], []).
Proof. reflexivity. Qed.

(** ** The steps that there are *)
Section There.
  Context (c : cpu) (ps : list (position small)) (g : log).
  Local Notation then_ q es v := (step c (mkAtomic ps g) v (mkAtomic (put_at c q ps) (es ++ g))).

  Lemma atomic_steps_to_call history o : nth_error ps c = Some (At_rest history) -> clients c history = Some o ->
    effect o <> None -> then_ (Pending o history) [] (Some (Called o)).
  Proof. intros; eapply atomic_call; eauto. Qed.
  Lemma steps_to_effect history o a : nth_error ps c = Some (Pending o history) -> effect o = Some a ->
    possible c a g -> then_ (Effected o history) [(c, a)] None.
  Proof. intros; eapply atomic_effect; eauto. Qed.
  Lemma atomic_steps_to_return history o : nth_error ps c = Some (Effected o history) ->
    then_ (At_rest (None :: history)) [] (Some (Returned o)).
  Proof. intros; eapply atomic_return; eauto. Qed.
  Lemma steps_to_read history f i k : let l := lock_id f i in let v := object l k g in
    nth_error ps c = Some (At_rest history) -> clients c history = Some (Op_read f i k) -> possible c (Read l k v) g ->
    then_ (At_rest (S := small) (Some (existT _ l v) :: history)) [(c, Read l k v)] (Some (Did_read l k v)).
  Proof. intros l v; intros; eapply atomic_read; eauto. Qed.
  Lemma steps_to_write history f i k v : let l := lock_id f i in
    nth_error ps c = Some (At_rest history) -> clients c history = Some (Op_write f i k v) ->
      possible c (Wrote l k v) g ->
    then_ (At_rest (None :: history)) [(c, Wrote l k v)] (Some (Did_write l k v)).
  Proof. intros l; intros; eapply atomic_write; eauto. Qed.
  Lemma atomic_steps_to_halt q : nth_error ps c = Some q -> q <> Dead -> then_ Dead [(c, Halted)] (Some Did_halt).
  Proof. intros; eapply atomic_halt; eauto. Qed.
End There.

(** ** An execution, computed: [true], a halt *)
Definition step_by (c : cpu) (halt : bool) (x : atomic_machine small)
    : option (option (visible small) * atomic_machine small) :=
  let (ps, g) := x in
  let goes v q es := Some (v, mkAtomic (put_at c q ps) (es ++ g)) in
  let may a := match event_fault (atomic small) (c, a) g with None => true | Some _ => false end in
  match nth_error ps c with
  | None | Some Dead => None
  | Some (At_rest history) =>
      if halt then goes (Some Did_halt) Dead [(c, Halted)]
      else match clients c history with
      | Some (Op_read f i k) =>
          let l := lock_id f i in let v := object l k g in
          if may (Read l k v) then goes (Some (Did_read l k v)) (At_rest (S :=
            small) (Some (existT _ l v) :: history)) [(c, Read l k v)]
          else None
      | Some (Op_write f i k v) =>
          let l := lock_id f i in
          if may (Wrote l k v) then goes (Some (Did_write l k v)) (At_rest (None :: history)) [(c,
            Wrote l k v)] else None
      | Some Op_halt | None => None
      | Some o => match effect o with Some _ => goes (Some (Called o)) (Pending o history) [] | None => None end
      end
  | Some (Pending o history) =>
      if halt then goes (Some Did_halt) Dead [(c, Halted)]
      else match effect o with
      | Some a => if may a then goes None (Effected o history) [(c, a)] else None
      | None => None
      end
  | Some (Effected o history) =>
      if halt then goes (Some Did_halt) Dead [(c, Halted)] else goes (Some (Returned o)) (At_rest (None :: history)) []
  end.
Lemma atomic_step_by_steps c halt x v x' : step_by c halt x = Some (v, x') -> step c x v x'.
Proof.
  destruct x as [ps g]; unfold step_by; destruct (nth_error ps c) as [[history|o history|o history|]|] eqn:At;
    try discriminate; destruct halt; try (intros [= <- <-]; now apply atomic_steps_to_halt with (1 := At)).
  - destruct (clients c history) as [[f i|f i|f i k|f i k u|]|] eqn:Next; try discriminate; cbn [effect].
    + intros [= <- <-]; apply atomic_steps_to_call with (1 := At); [exact Next|discriminate].
    + intros [= <- <-]; apply atomic_steps_to_call with (1 := At); [exact Next|discriminate].
    + destruct (event_fault _ _ _) eqn:May; [discriminate|]; intros [= <- <-]; now apply steps_to_read.
    + destruct (event_fault _ _ _) eqn:May; [discriminate|]; intros [= <- <-]; now apply steps_to_write.
  - destruct (effect o) as [a|] eqn:Effect; [|discriminate].
    destruct (event_fault _ _ _) eqn:May; [discriminate|]; intros [= <- <-]; now apply steps_to_effect with (1 := At).
  - intros [= <- <-]; now apply atomic_steps_to_return with (1 := At).
Qed.
Fixpoint run (cs : list (cpu * bool)) (tr : visible_trace small) (x : atomic_machine small)
    : option (visible_trace small * atomic_machine small) :=
  match cs with
  | [] => Some (tr, x)
  | (c, halt) :: cs => match step_by c halt x with Some (v, x') => run cs (see c v tr) x' | None => None end
  end.
Lemma atomic_run_executes cs : forall tr x tr' x', atomic_execution clients tr x -> run cs tr x = Some (tr', x') ->
  atomic_execution clients tr' x'.
Proof.
  induction cs as [|[c halt] cs IH]; cbn [run]; intros tr x tr' x' Run Is; [now injection Is as <- <-|].
  destruct (step_by c halt x) as [[v x1]|] eqn:Step; [|discriminate]; apply atomic_step_by_steps in Step.
  exact (IH _ _ _ _ (atomic_execution_step clients tr x c v x1 Run Step) Is).
Qed.

(** CPU 1 calls first; CPU 0 enters, writes and leaves; CPU 1 enters, reads what it wrote, and
    halts while it leaves. *)
Definition schedule : list (cpu * bool) :=
  map (fun c => (c, false)) [1; 0; 0; 0; 0; 0; 0; 0; 1; 1; 1; 1]%nat ++ [(1%nat, true)].
Example atomic_trace : exists tr x, atomic_execution clients tr x /\
  (tr, x) =
  ([(1%nat, Did_halt); (1%nat, Called (release core 0)); (1%nat, Did_read 0 7 (value 0 1)); (1%nat,
    Returned (acquire core 0));
    (0%nat, Returned (release core 0)); (0%nat, Called (release core 0)); (0%nat, Did_write 0 7 (value 0 1));
    (0%nat, Returned (acquire core 0)); (0%nat, Called (acquire core 0)); (1%nat, Called (acquire core 0))],
   mkAtomic [At_rest [None; None; None]; Dead]
     [(1%nat, Halted); (1%nat, Read 0 7 (value 0 1)); (1%nat, Lock 0 Entered); (0%nat, Lock 0 Left);
      (0%nat, Wrote 0 7 (value 0 1)); (0%nat, Lock 0 Entered)]).
Proof.
  eexists; eexists; split; [|reflexivity].
  apply (atomic_run_executes schedule [] atomic_start); [apply atomic_execution_start|reflexivity].
Qed.

(** ** The steps that there are not *)

(** All steps of CPU [c] from [x], but for a halt. *)
Definition only_steps (c : cpu) (x : atomic_machine small)
    (outs : list (option (visible small) * atomic_machine small)) : Prop :=
  forall v x', step c x v x' ->
  List.In (v, x') outs \/ v = Some Did_halt /\ x' = mkAtomic (put_at c Dead (positions x)) ((c, Halted) :: happened x).
(** What a write shows and does. *)
Definition shown (o : op small) : option (visible small) :=
  match o with Op_write f i k v => Some (Did_write (lock_id f i) k v) | _ => None end.
Definition done (o : op small) : option (action small atomic_verb) :=
  match o with Op_write f i k v => Some (Wrote (lock_id f i) k v) | _ => None end.
Local Ltac of_write H := let Shown := fresh in let Done := fresh in
  pose proof (f_equal (fun o => match o with Some o => shown o | None => None end) H) as Shown;
  pose proof (f_equal (fun o => match o with Some o => match done o with Some a => a | None => Halted end | None =>
    Halted end) H)
    as Done; cbn [shown done] in Shown, Done; cbn in H; try discriminate H; clear H; try rewrite <- Shown in *;
      try rewrite <- Done in *.
Local Ltac all_steps := intros v x' Step; inversion Step; subst; clear Step;
  repeat match goal with x := _ |- _ => subst x end;
  repeat match goal with
         | H : nth_error _ _ = Some _ |- _ => cbn in H; first [discriminate H|injection H; clear H; intros; subst]
         | H : _ = nth_error _ _ |- _ => symmetry in H
         end;
  repeat match goal with
         | H : clients _ _ = Some (Op_write _ _ _ _) |- _ => of_write H
         | H : clients _ _ = Some _ |- _ => cbn in H; first [discriminate H|injection H; clear H; intros; subst]
         | H : effect _ = Some _ |- _ => cbn in H; first [discriminate H|injection H; clear H; intros; subst]
         end; try contradiction;
  try match goal with H : possible _ _ _ |- _ => discriminate H end;
  try match goal with H : effect _ <> None |- _ => now destruct H end;
  first [now left; left|now right].

Definition waits : list (position small) := [At_rest [None; None; None]; At_rest []].
Definition at_ (q : position small) (g : log) : atomic_machine small := mkAtomic [Dead; q] g.
Example atomic_only_calls : only_steps 1 (at_ (At_rest []) []) [(Some (Called (acquire core 0)),
  at_ (Pending (acquire core 0) []) [])].
Proof. all_steps. Qed.
Example only_takes_effect : only_steps 1 (at_ (Pending (acquire core 0) []) [])
  [(None, at_ (Effected (acquire core 0) []) [(1%nat, Lock 0 Entered)])].
Proof. all_steps. Qed.
Example only_releases : only_steps 1 (at_ (Pending (release core 0) [None]) [(1%nat, Lock 0 Entered)])
  [(None, at_ (Effected (release core 0) [None]) [(1%nat, Lock 0 Left); (1%nat, Lock 0 Entered)])].
Proof. all_steps. Qed.
(** While another holds the lock, it waits; and nobody gives back what he does not hold. *)
Example only_waits : only_steps 1 (at_ (Pending (acquire core 0) []) one_inside) [] /\
  only_steps 1 (at_ (Pending (release core 0) [None]) one_inside) [].
Proof. split; all_steps. Qed.
Example atomic_only_returns : only_steps 1 (at_ (Effected (acquire core 0) []) one_inside)
  [(Some (Returned (acquire core 0)), at_ (At_rest [None]) one_inside)].
Proof. all_steps. Qed.
(** What was written last is read; who does not hold the lock does not read. *)
Definition written : log := [(1%nat, Lock 0 Entered); (0%nat, Lock 0 Left); (0%nat, Wrote 0 7 (value 0 1)); (0%nat,
  Lock 0 Entered)].
Example atomic_only_reads : only_steps 1 (at_ (At_rest [None]) written)
  [(Some (Did_read 0 7 (value 0 1)), at_ (At_rest (S := small) [Some (existT _ 0 (value 0 1)); None]) ((1%nat,
    Read 0 7 (value 0 1)) :: written))].
Proof. all_steps. Qed.
Example only_reads_inside : only_steps 1 (at_ (At_rest [None]) one_inside) [].
Proof. all_steps. Qed.
Example atomic_only_writes : only_steps 0 (mkAtomic [At_rest [None]; Dead] one_inside)
  [(Some (Did_write 0 7 (value 0 1)), mkAtomic [At_rest [None; None]; Dead] ((0%nat,
    Wrote 0 7 (value 0 1)) :: one_inside))].
Proof. all_steps. Qed.
Example only_writes_inside : only_steps 0 (mkAtomic [At_rest [None]; Dead] []) [].
Proof. all_steps. Qed.
(** A client that has ended; a CPU that has halted, one that is not there. *)
Example atomic_only_halts : only_steps 1 (at_ (At_rest [None; None; None; None]) []) [].
Proof. all_steps. Qed.
Example atomic_nobody_steps v x' : ~ step 0%nat (at_ Dead one_inside) v x' /\ ~ step 2%nat (at_ Dead one_inside) v x'.
Proof.
  split; intros Step; inversion Step; subst;
    repeat match goal with H : nth_error _ _ = Some _ |- _ => cbn in H; first [discriminate H|injection H as <-] end;
      auto.
Qed.
Lemma atomic_put_length {A} c (a : A) l : List.length (put_at c a l) = List.length l.
Proof. revert c; induction l as [|b l IH]; intros [|c]; cbn; auto. Qed.
Example two_positions tr x : atomic_execution clients tr x -> List.length (positions x) = 2%nat.
Proof.
  induction 1 as [|tr x c v x' _ IH Step]; [reflexivity|].
  rewrite <- IH; destruct Step; cbn [positions]; apply atomic_put_length.
Qed.

(** ** What clients are told *)
Example told_at_a_position : map history_at
  [At_rest [None]; Pending (acquire core 0) [None]; Effected (acquire core 0) [None]; Dead] =
  [Some [None]; Some [None]; Some [None]; None].
Proof. reflexivity. Qed.
Example told_are : is_told clients 0 [None; None; None] /\ is_told clients 1 [Some (existT _ 0 (value 0 1)); None].
Proof.
  split; (eexists; eexists; eexists; split;
    [try (apply or_introl); apply (atomic_run_executes (removelast schedule) [] atomic_start);
       [apply atomic_execution_start|reflexivity]|split; reflexivity]).
Qed.
(** Nobody there is told anything. *)
Example told_are_not : ~ is_told clients 2 [].
Proof.
  intros (tr & x & q & Run & At & _); assert (Less : (2 < List.length (positions x))%nat)
    by (apply nth_error_Some; rewrite At; discriminate).
  rewrite (two_positions tr x Run) in Less; exact (Nat.lt_irrefl 2 Less).
Qed.

(** ** What is forbidden to CPU 0 *)
Definition mine : log := [(1%nat, Lock 5 Entered); (0%nat, Lock 4 Entered); (0%nat, Lock 0 Entered)].
Definition forbidden_at (g : log) (o : op small) : Prop := forbidden small_table 0 o g.
Local Ltac somehow := cbn;
  solve [reflexivity|discriminate|exact I|intros [|[|[]]]; discriminate|left; somehow|right; somehow].
(** A lock of no family of the table; an index that the family does not have. *)
Example forbidden_names : Forall (forbidden_at mine)
  [acquire stray 0; acquire pt 3; acquire pt (-1); acquire core 1] /\
  Forall (forbidden_at ((0%nat, Lock 7 Entered) :: (0%nat, Lock 2 Entered) :: mine))
  [release stray 0; read stray 0 1; write stray 0 1 2; release pt 3; read pt 3 1; write pt 3 1 2].
Proof. split; repeat apply Forall_cons; try apply Forall_nil; somehow. Qed.
(** To acquire what it holds; to release, read or write under what it does not hold. *)
Example forbidden_locks : Forall (forbidden_at mine)
  [acquire core 0; acquire pt 0; release pt 1; read pt 1 7; write pt 1 7 2; release pt 2; read pt 2 7; write pt 2 7 2].
Proof. repeat apply Forall_cons; try apply Forall_nil; somehow. Qed.
Example allowed_are : Forall (fun o => ~ forbidden_at mine o)
  [acquire pt 2; acquire pt 1; release core 0; release pt 0; read core 0 7; read pt 0 7; write core 0 7 2;
    write pt 0 7 2; Op_halt].
Proof.
  repeat apply Forall_cons; try apply Forall_nil; cbn; try tauto; intros [Not|[Not|Not]]; auto; try discriminate;
    try (apply Not; cbn; auto); now apply Not.
Qed.

(** ** Breaches: of a CPU between two operations, of what it is to do next *)
Definition bad : cpu -> client small := go_through [[acquire core 0; release core 0]; [acquire core 0; acquire core 0]].
Example breaches_are : breach bad small_table (mkAtomic [At_rest []; At_rest [None]] [(1%nat, Lock 0 Entered)]).
Proof. exists 1%nat, [None], (acquire core 0); repeat split; right; right; reflexivity. Qed.
(** CPU 1 is not yet to do it; or has called it already; or has halted. *)
Definition calm (q : position small) : Prop :=
  ~ breach bad small_table (mkAtomic [At_rest []; q] [(1%nat, Lock 0 Entered)]).
Example breaches_are_not : ~ breach bad small_table (mkAtomic [At_rest []; At_rest []] []) /\
  calm (Pending (acquire core 0) [None]) /\ calm (Effected (acquire core 0) [None]) /\ calm Dead.
Proof.
  assert (None_ : forall qs g, (forall c history, nth_error qs c = Some (At_rest history) -> history = [] /\
      holder small 0 g <> Some c) -> ~ breach bad small_table (mkAtomic qs g)).
  { intros qs g First (c & history & o & At & Next & Not); cbn in At; destruct (First c history At) as (-> & Out).
    destruct c as [|[|[|c]]]; try discriminate Next; injection Next as <-; destruct Not as [Not|[Not|Not]];
      try discriminate; try (apply Not; cbn; auto); now apply Out. }
  unfold calm; repeat split; apply None_; intros [|[|[|c]]] history; try discriminate; intros [= <-];
    (split; [reflexivity|discriminate]).
Qed.
(** It comes to a breach: CPU 1 does, and after it has entered. *)
Example bad_breaches : ~ never_breaches bad small_table.
Proof.
  intros Never; refine (Never [(1%nat, Returned (acquire core 0)); (1%nat, Called (acquire core 0))] _ _ breaches_are).
  pose proof (atomic_execution_start bad) as Run.
  assert (Run1 : atomic_execution bad [(1%nat, Called (acquire core 0))]
    (mkAtomic [At_rest []; Pending (acquire core 0) []] []))
    by (eapply (atomic_execution_step bad [] _ 1%nat (Some _));
      [exact Run|now apply (atomic_call bad 1%nat [At_rest []; At_rest []])]).
  assert (Run2 : atomic_execution bad [(1%nat, Called (acquire core 0))]
    (mkAtomic [At_rest []; Effected (acquire core 0) []] [(1%nat, Lock 0 Entered)]))
    by (eapply (atomic_execution_step bad _ _ 1%nat None); [exact Run1|eapply (atomic_effect bad 1%nat [At_rest [];
      _]); reflexivity]).
  eapply (atomic_execution_step bad _ _ 1%nat (Some _)); [exact Run2|].
  now apply (atomic_return bad 1%nat [At_rest []; Effected (acquire core 0) []]).
Qed.

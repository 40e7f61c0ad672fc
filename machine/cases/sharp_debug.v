(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: the machine of the debug text

    Which builds there are, and which calls; what a thread is about to do; the steps that
    there are, rule by rule, and of threads of all kinds no others; an execution of two CPUs
    that contend, and who comes to a stop by itself.  What a stop tells, and what record.h
    does: sharp_record.v.  What sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax semantics smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text checks_text record.
From hlock.generated Require L1_ticket L3_atomic.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.debug Require Import model.
From hlock.machine.cases Require Import small.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

Definition text : program := debug_stack "" small_table.
Definition two_cpus : build := {| limit := 2; depth := 2; this_cpu := Z.of_nat |}.
Local Notation M := (sc_memory small 1).

(** ** The text *)
Example debug_text_has : map (fun s => find_function (functions text) ($s))
  ["acquire_lock_core"; "release_lock_pt"; "assert_held_pt"; "assert_not_held_core"; "assert_none_held";
   "may_acquire"; "wait_hlock"; "pass_hlock"; "wait_lock"; "pass_lock"; "acquire_lock_vm"] =
  [Some (Internal (checked_text Acquire core)); Some (Internal (checked_text Release pt));
   Some (Internal (assertion_text Held pt)); Some (Internal (assertion_text Not_held core));
   Some (Internal none_held_text); Some (Internal may_acquire_text); Some (Internal L3_atomic.f_wait_hlock);
   Some (Internal L3_atomic.f_pass_hlock); Some (Internal L1_ticket.f_wait_lock);
   Some (Internal L1_ticket.f_pass_lock); None].
Proof. computed. Qed.
Example debug_text_prefixed : (prefix_of (debug_stack "my_" small_table), map (fun s =>
    match find_function (functions (debug_stack "my_" small_table)) ($s) with Some _ => true | None => false end)
  ["my_acquire_lock_pt"; "my_assert_held_core"; "acquire_lock_pt"; "wait_lock"; "my_wait_lock"]) =
  ("my_", [true; true; false; true; false]).
Proof. computed. Qed.

(** ** Builds *)
Definition built (limit depth : Z) (this : cpu -> Z) : build := {| limit := limit; depth := depth; this_cpu := this |}.
Local Ltac of_two := intros [|[|c]]; cbn; try lia; try (intros [|[|c']]; cbn; lia).
Example builds_ok : build_ok 2 two_cpus /\ build_ok 2 (built (2 ^ 32) 0 (fun c => 1 - Z.of_nat c)) /\
  build_ok 2 (built 6 (2 ^ 32 - 1) (fun c => match c with O => 5 | S O => 0 | _ => -1 end)) /\
  build_ok 0 (built (-5) 0 (fun _ => 7)).
Proof. repeat apply conj; constructor; cbn [limit depth this_cpu built two_cpus]; try lia; of_two. Qed.
Local Ltac not_ok := intros [Limit Depth Range Own]; cbn [limit depth this_cpu built] in *; try lia.
Example builds_not_ok : ~ build_ok 2 (built (2 ^ 32 + 1) 2 Z.of_nat) /\ ~ build_ok 2 (built 2 (-1) Z.of_nat) /\
  ~ build_ok 2 (built 2 (2 ^ 32) Z.of_nat) /\ ~ build_ok 2 (built 1 2 Z.of_nat) /\
  ~ build_ok 2 (built 2 2 (fun c => Z.of_nat c - 1)) /\ ~ build_ok 2 (built 2 2 (fun _ => 0)).
Proof.
  repeat apply conj; not_ok.
  - specialize (Range 1%nat); cbn in Range; lia.
  - specialize (Range 0%nat); cbn in Range; lia.
  - specialize (Own 0%nat 1%nat); cbn in Own; lia.
Qed.

(** ** Calls, and what is seen *)
Example asserted_are : map assert_call [Assert_lock Held pt 2; Assert_lock Not_held core 0; Assert_none] =
  [Asserts Held pt 2; Asserts Not_held core 0; Asserts_none].
Proof. reflexivity. Qed.
Example calls_of_locks : map lock_call
  [acquire pt 2; release core 0; read core 0 7; write core 0 7 1; Op_halt (S := small)] =
  [Some (Lock_call Acquire pt 2); Some (Lock_call Release core 0); None; None; None].
Proof. reflexivity. Qed.
Definition nothing (c : cpu) (h : list (response small)) : list asserted := [].
Definition on_one (a : asserted) (c : cpu) (h : list (response small)) : list asserted :=
  match c with 1%nat => [Assert_none; a] | _ => [] end.
Local Ltac there := try left; exact I || (split; [cbn; auto|split; [lia|cbn; congruence]]).
Example calls_there : calls_exist small_table (go_through [[acquire pt 9; read stray 5 7]; [release core 0]])
  (on_one (Assert_lock Held pt 3)).
Proof.
  split.
  - intros [|[|[|c]]] [|a [|b h]] o call; cbn; try discriminate; try (destruct h; discriminate);
      intros [= <-]; cbn; try discriminate; intros [= <-]; there.
  - intros [|[|c]] h a; cbn; try contradiction; intros [<-|[<-|[]]]; there.
Qed.
Definition calls_are_there (o : op small) (a : asserted) : Prop :=
  calls_exist small_table (go_through [[]; [release core 0; o]]) (on_one a).
Example calls_not_there : ~ calls_are_there (acquire stray 0) Assert_none /\
  ~ calls_are_there (release stray 0) Assert_none /\ ~ calls_are_there (acquire pt (-1)) Assert_none /\
  ~ calls_are_there (acquire core 0) (Assert_lock Held stray 0) /\
  ~ calls_are_there (acquire core 0) (Assert_lock Not_held core 1).
Proof.
  assert (Not : forall f i, of_family small_table f i -> (f = core /\ i = 0) \/ (f = pt /\ 0 <= i)).
  { intros f i ([<-|[<-|[]]] & Range & None_); [left; split; [reflexivity|exact (None_ eq_refl)]|right].
    split; [reflexivity|lia]. }
  repeat split; intros (Calls & Assertions);
    first [destruct (Not _ _ (Calls 1%nat [None] _ _ eq_refl eq_refl)) as [[Is Index]|[Is Index]];
           discriminate || lia
          |destruct (Not _ _ (Assertions 1%nat [] _ (or_intror (or_introl eq_refl)))) as [[Is Index]|[Is Index]];
           discriminate || lia].
Qed.
Example notes_are : (note 1 (Some (Seen (S := small) Did_halt)) [(0%nat, Did_stop 5%positive [Vundef])],
    note 1 None [(0%nat, Seen (S := small) Did_halt)]) =
  ([(1%nat, Seen Did_halt); (0%nat, Did_stop 5%positive [Vundef])], [(0%nat, Seen Did_halt)]).
Proof. reflexivity. Qed.
Example traces_as_debug : as_debug [(1%nat, Did_halt); (0%nat, Called (acquire core 0));
    (1%nat, Returned (release pt 1))] =
  [(1%nat, Seen Did_halt); (0%nat, Seen (Called (acquire core 0))); (1%nat, Seen (Returned (release pt 1)))].
Proof. reflexivity. Qed.

(** ** Threads *)
Definition clients : cpu -> client small :=
  go_through [[acquire core 0; write core 0 7 1; release core 0]; [acquire core 0; read core 0 7; release core 0]].
(** CPU 1 asserts, before its first operation that it holds no lock, before the next that it holds core. *)
Definition claims (c : cpu) (h : list (response small)) : list asserted :=
  match c, h with 1%nat, [] => [Assert_none] | 1%nat, [_] => [Assert_lock Held core 0; Assert_none] | _, _ => [] end.
Local Notation thread := (debug_thread small).
Local Notation asking := (Calling (acquire core 0)).
Example threads_go_on : (map (goes_on claims 1) [Idle []; Idle [None]; Stopped; asking [] (Give Vundef Kstop)],
    goes_on claims 0 (Idle [])) =
  ([Running (Idle []) [Assert_none]; Running (Idle [None]) [Assert_lock Held core 0; Assert_none];
    Running Stopped []; Running (asking [] (Give Vundef Kstop)) []], Running (Idle []) []).
Proof. reflexivity. Qed.
Example debug_starts : let x := debug_first M claims in
  (debug_threads x, debug_contents x, map (fun c => size (its_records x c)) [0; 1; 2]) =
  ([Running (Idle []) []; Running (Idle []) [Assert_none]], [], [0; 0; 0]).
Proof. reflexivity. Qed.
Definition enters (f : string) (vs : list Z) : state :=
  Enter ($f) (External (EF_external f (mksignature [] AST.Tvoid cc_default)) Tnil tvoid cc_default)
    (record.numbers vs) Kstop.
Example assertions_start : map (assertion_state text) [Assert_lock Held pt 2; Assert_none; Assert_lock Held stray 0] =
  [Enter ($"assert_held_pt") (Internal (assertion_text Held pt)) [Vint (Int.repr 2)] Kstop;
   Enter ($"assert_none_held") (Internal none_held_text) [] Kstop; Give Vundef (Kseq Sskip Kstop)].
Proof. computed. Qed.
Definition no_code : state := Give Vundef Kstop.
Example codes_are : map code_of [Running (asking [] no_code) []; Running (asking [] no_code) [Assert_none];
    Asserting [None] no_code [Assert_none]; Running (Idle []) []; Running Stopped []; At_stop] =
  [Some no_code; Some no_code; Some no_code; None; None; None].
Proof. reflexivity. Qed.
Definition in_C (s : state) : list thread := [Running (asking [] s) []; Asserting [] s []].
Example about_to_stop_are : map about_to_stop
    (in_C (enters "hlock_stop" [1; 2]) ++ in_C (enters "hlock_stops" [3]) ++ in_C (enters "record_count" [1]) ++
     in_C (Enter ($"hlock_stop") (Internal none_held_text) [] Kstop) ++ in_C no_code ++ [At_stop; Running Stopped []]) =
  repeat (Some ($"hlock_stop", record.numbers [1; 2])) 2 ++ repeat (Some ($"hlock_stops", record.numbers [3])) 2 ++
  repeat None 8.
Proof. computed. Qed.
Example who_lives : Forall lives ([Running (Idle []) []; Running (Idle []) [Assert_none]] ++ in_C no_code) /\
  Forall (fun t => ~ lives t) [Running Stopped []; Running Stopped [Assert_none]; At_stop (S := small)].
Proof. split; repeat apply Forall_cons; try apply Forall_nil; cbn; auto. Qed.

(** ** The steps that there are *)
Local Notation moves := (moves text 1 M clients).
Local Notation does t c := (next_move text 1 (clients c) t).
Local Notation debug_move := (debug_move text 1 two_cpus M clients claims).
Local Notation debug_step := (debug_step text 1 two_cpus M clients claims).
Local Notation log := (log small words_verb).
Local Ltac found_here := cbn; solve [assumption|reflexivity|exact I|split; found_here|left; found_here|right; found_here
  |eexists; found_here].

Section There.
  Context (c : cpu) (R : records) (m : log) (h : list (response small)) (due : list asserted).
  Lemma moves_alone t t' : does t c = Local t' -> moves c t m None t' m.
  Proof. intros; eapply moves_local; eauto. Qed.
  Lemma moves_to_call t t' o : does t c = Call o t' -> moves c t m (Some (Called o)) t' m.
  Proof. intros; eapply moves_call; eauto. Qed.
  Lemma moves_to_return t t' o : does t c = Return o t' -> moves c t m (Some (Returned o)) t' m.
  Proof. intros; eapply moves_return; eauto. Qed.
  Lemma moves_on_memory t t' a : answered (does t c) a t' -> value_there small 1 m a ->
    moves c t m (seen_of a) t' ((c, a) :: m).
  Proof. intros; eapply moves_memory; eauto; found_here. Qed.

  Lemma debug_step_moves t v t' m' : moves c t m v t' m' ->
    debug_move c R m (Running t []) (option_map Seen v) (goes_on claims c t') R m'.
  Proof. intros; eapply debug_moves; eauto. Qed.
  Lemma debug_step_records o s s' R' : record_step two_cpus c (s, R) (s', R') ->
    debug_move c R m (Running (Calling o h s) []) None (Running (Calling o h s') []) R' m.
  Proof. intros; eapply debug_records; eauto. Qed.
  Lemma debug_step_asserts a :
    debug_move c R m (Running (Idle h) (a :: due)) None (Asserting h (assertion_state text a) due) R m.
  Proof. eapply debug_asserts; eauto. Qed.
  Lemma debug_step_asserting s s' : step (functions text) s = Some s' ->
    debug_move c R m (Asserting h s due) None (Asserting h s' due) R m.
  Proof. intros; eapply debug_asserting; eauto. Qed.
  Lemma debug_step_asserting_records s s' R' : record_step two_cpus c (s, R) (s', R') ->
    debug_move c R m (Asserting h s due) None (Asserting h s' due) R' m.
  Proof. intros; eapply debug_asserting_records; eauto. Qed.
  Lemma debug_step_asserted v : debug_move c R m (Asserting h (Give v Kstop) due) None (Running (Idle h) due) R m.
  Proof. eapply debug_asserted; eauto. Qed.
  Lemma debug_step_stops t g ws : about_to_stop t = Some (g, ws) ->
    debug_move c R m t (Some (Did_stop g ws)) At_stop R m.
  Proof. intros; eapply debug_stops; eauto. Qed.
  Lemma debug_step_halts t : lives t ->
    debug_move c R m t (Some (Seen Did_halt)) (Running Stopped []) R ((c, Halted) :: m).
  Proof. intros; eapply debug_halts; eauto; found_here. Qed.
  Lemma debug_steps_there ts t v t' R' m' : nth_error ts c = Some t -> debug_move c R m t v t' R' m' ->
    debug_step c (mkDebug (M := M) ts R m) v (mkDebug (M := M) (put_at c t' ts) R' m').
  Proof. intros; eapply debug_steps; eauto using nth_error_In. Qed.
End There.

(** CPU 1 asks how many locks it holds. *)
Definition holding (n : Z) : records := fun c => mkRecord (10 * c + n) (fun _ => (0, 0)).
Example records_step : record_step two_cpus 1 (enters "record_count" [1], holding 3)
  (Give (Vint (Int.repr 13)) Kstop, holding 3).
Proof.
  eapply record_called; [reflexivity|]; exists [Int.repr 1]; eexists; repeat apply conj; reflexivity.
Qed.

(** What hlock_this_cpu says of it; there is no record of a third CPU. *)
Example records_are_own : record_step two_cpus 1 (enters "this_cpu" [0; 4], holding 3)
  (Give (Vint (Int.repr 1)) Kstop, holding 3).
Proof.
  eapply record_called; [reflexivity|]; exists [Int.repr 0; Int.repr 4]; eexists; repeat apply conj; reflexivity.
Qed.
Example records_are_there x : ~ record_step two_cpus 1 (enters "record_count" [2], holding 3) x.
Proof.
  intros Step; inversion Step as [g ef targs tres cc vs k p v R R' Is Does]; subst; hnf in Is; injection Is as <-.
  destruct Does as ([|n [|n2 ns]] & z & Are & Does & _); try discriminate Are; injection Are as <-; discriminate Does.
Qed.

(** ** The steps that there are not *)
Local Notation outcome := (option (debug_visible small) * thread * log)%type.
(** All moves of CPU [c], but for a halt, and they leave the records alone. *)
Definition only_moves (c : cpu) (m : log) (t : thread) (outs : list outcome) : Prop :=
  forall v t' R' m', debug_move c (holding 3) m t v t' R' m' ->
  R' = holding 3 /\ (List.In (v, t', m') outs \/
                     lives t /\ v = Some (Seen Did_halt) /\ t' = Running Stopped [] /\ m' = (c, Halted) :: m).
Local Ltac known H := first [discriminate H|injection H; clear H; intros; subst].
Local Ltac use_hyps := repeat match goal with
  | H : model.moves _ _ _ _ _ _ _ _ _ _ |- _ => inversion H; subst; clear H
  | H : record_step _ _ _ _ |- _ => inversion H; subst; clear H
  | H : about_to_stop _ = Some _ |- _ => cbn in H; known H
  | H : next_move _ _ _ _ = _ |- _ => cbn in H; known H
  | H : answered _ _ _ |- _ => cbn in H
  | H : record_layer _ _ _ = Some _ |- _ => hnf in H; known H
  | H : count_does _ _ _ _ _ |- _ => let ns := fresh in let Are := fresh in let Does := fresh in let Same := fresh in
      destruct H as (ns & ? & Are & Does & ? & Same); destruct ns as [|? [|? ?]]; try discriminate Are;
      injection Are as <-; cbn in Does; injection Does as <-; injection Same as Same; subst
  | H : step _ _ = Some _ |- _ => cbn in H; known H
  | H : mem_step _ _ _ _ _ |- _ => destruct H
  | H : exists _, _ |- _ => destruct H
  | H : _ /\ _ |- _ => destruct H
  | H : False |- _ => destruct H
  end.
Local Ltac all_moves := intros v t' R' m' Step; inversion Step; subst; clear Step; use_hyps; subst;
  try contradiction; try (split; [reflexivity|]; first [left; left; reflexivity|right; repeat split; assumption]).

Example only_calls_it : only_moves 0 [] (Running (Idle []) [])
  [(Some (Seen (Called (acquire core 0))), Running (asking [] (name_of text Acquire core 0)) [], [])].
Proof. all_moves. Qed.
Example only_returns_it : only_moves 1 [] (Running (asking [] no_code) [])
  [(Some (Seen (Returned (acquire core 0))), Running (Idle [None]) [Assert_lock Held core 0; Assert_none], [])].
Proof. all_moves. Qed.
Example only_asserts : only_moves 1 [] (Running (Idle [None]) [Assert_lock Held core 0; Assert_none])
  [(None, Asserting [None] (assertion_state text (Assert_lock Held core 0)) [Assert_none], [])].
Proof. all_moves. Qed.
Example only_asserted : only_moves 1 [] (Asserting [None] no_code [Assert_none])
  [(None, Running (Idle [None]) [Assert_none], [])].
Proof. all_moves. Qed.
Example only_in_C le : only_moves 1 [] (Asserting [None] (Exec le Sskip Kstop) [Assert_none])
  [(None, Asserting [None] (Leave le Out_normal Kstop) [Assert_none], [])].
Proof. all_moves. Qed.
Example only_in_call le : only_moves 1 [] (Running (asking [] (Exec le Sskip Kstop)) [])
  [(None, Running (asking [] (Leave le Out_normal Kstop)) [], [])].
Proof. all_moves. Qed.
(** An object is read and written as on the machine of the release text, by who has nothing to assert. *)
Example only_writes_it : only_moves 0 [] (Running (Idle [None]) [])
  [(Some (Seen (Did_write 0 7 (value 0 1))), Running (Idle [None; None]) [], [(0%nat, Wrote 0 7 (value 0 1))])].
Proof. all_moves. Qed.
(** An assertion ends where nothing is left of its C. *)
Example only_asks_on : only_moves 1 [] (Asserting [None] (Give Vundef (Kseq Sskip Kstop)) [Assert_none]) [].
Proof. all_moves. Qed.
(** A function of record.h answers; a stop stops, in an operation or in an assertion. *)
Example only_asks_record : only_moves 1 [] (Running (asking [] (enters "record_count" [1])) [])
    [(None, Running (asking [] (Give (Vint (Int.repr 13)) Kstop)) [], [])] /\
  only_moves 1 [] (Asserting [] (enters "record_count" [1]) [Assert_none])
    [(None, Asserting [] (Give (Vint (Int.repr 13)) Kstop) [Assert_none], [])].
Proof. split; all_moves. Qed.
Example only_stops : only_moves 1 [] (Running (asking [] (enters "hlock_stops" [1])) [])
    [(Some (Did_stop ($"hlock_stops") (record.numbers [1])), At_stop, [])] /\
  only_moves 1 [] (Asserting [] (enters "hlock_stop" [1]) [Assert_none])
    [(Some (Did_stop ($"hlock_stop") (record.numbers [1])), At_stop, [])].
Proof. split; all_moves. Qed.
(** Who is in a call has nothing to assert; a client that has ended; who has halted or stopped. *)
Example only_halts_there : only_moves 1 [] (Running (asking [] no_code) [Assert_none]) [] /\
  only_moves 1 [] (Running (Idle [None; None; None; None]) []) [] /\
  only_moves 1 [] (Running Stopped []) [] /\ only_moves 1 [] At_stop [] /\
  only_moves 1 [] (Running (Storing (acquire core 0) [] 0 1 Kstop) [Assert_none]) [].
Proof. repeat apply conj; all_moves. Qed.

(** ** The machine: the thread of one CPU at a time *)
Definition at_work (ts : list thread) : debug_machine M := mkDebug (M := M) ts (holding 3) [].
Lemma debug_put_length {A} c (a : A) l : List.length (put_at c a l) = List.length l.
Proof. revert c; induction l as [|b l IH]; intros [|c]; cbn; auto. Qed.
(** The thread of CPU [c] stands at [t]; after a step that is no halt at one of these. *)
Definition only_debug_steps (c : cpu) (ts : list thread)
    (outs : list (option (debug_visible small) * list thread)) : Prop :=
  forall v x', debug_step c (at_work ts) v x' ->
  v = Some (Seen Did_halt) \/ List.In (v, debug_threads x') outs /\ its_records x' = holding 3.
Local Ltac all_steps := intros v x' Step; inversion Step; subst; clear Step;
  match goal with H : nth_error _ _ = Some _ |- _ => cbn in H; known H end;
  match goal with H : model.debug_move _ _ _ _ _ _ _ _ _ _ _ _ _ _ |- _ => inversion H; subst; clear H end;
  use_hyps; subst; first [contradiction|left; reflexivity|right; split; [left; reflexivity|reflexivity]].
Example only_its_thread : only_debug_steps 1 [At_stop; Asserting [] no_code []; At_stop]
    [(None, [At_stop; Running (Idle []) []; At_stop])] /\
  only_debug_steps 0 [Running (Idle []) []; Asserting [] no_code []]
    [(Some (Seen (Called (acquire core 0))),
      [Running (asking [] (name_of text Acquire core 0)) []; Asserting [] no_code []])] /\
  only_debug_steps 1 [Running (Idle []) []; At_stop] [] /\ only_debug_steps 2 [Running (Idle []) []; At_stop] [].
Proof. repeat apply conj; all_steps. Qed.

(** ** Executions *)
Local Notation debug_execution := (debug_execution text 1 two_cpus M clients).
Example two_debug_threads tr x : debug_execution claims tr x -> List.length (debug_threads x) = 2%nat.
Proof.
  induction 1 as [|tr x c v x' _ IH Step]; [reflexivity|].
  rewrite <- IH; destruct Step; cbn [debug_threads]; apply debug_put_length.
Qed.
(** CPU 1 calls while CPU 0 is in its call; CPU 0 halts. *)
Example debug_trace_is : exists x, debug_execution nothing
  [(0%nat, Seen Did_halt); (1%nat, Seen (Called (acquire core 0))); (0%nat, Seen (Called (acquire core 0)))] x /\
  (debug_threads x, debug_contents x) =
  ([Running Stopped []; Running (asking [] (name_of text Acquire core 0)) []], [(0%nat, Halted)]).
Proof.
  eexists; split.
  - eapply (debug_execution_step _ _ _ _ _ _ _ _ 0%nat (Some (Seen Did_halt)));
      [eapply (debug_execution_step _ _ _ _ _ _ _ _ 1%nat (Some (Seen (Called _))));
       [eapply (debug_execution_step _ _ _ _ _ _ _ _ 0%nat (Some (Seen (Called _))));
        [apply debug_execution_start|]|]|];
      (eapply debug_steps; [reflexivity|]).
    + apply (debug_moves text 1 two_cpus M clients nothing 0%nat _ _ _ (Some (Called _))), moves_call; reflexivity.
    + apply (debug_moves text 1 two_cpus M clients nothing 1%nat _ _ _ (Some (Called _))), moves_call; reflexivity.
    + apply debug_halts; [exact I|]; split; reflexivity.
  - reflexivity.
Qed.

(** ** Who comes to a stop by itself *)
Local Notation stops_alone := (stops_alone text 1 two_cpus M clients claims).
(** CPU 1 is about to call hlock_stop; CPU 0 is at rest. *)
Definition before_stop le : thread :=
  Asserting [] (Exec le (call_text "hlock_stop" (map constant [3; 4; 3; 3])) Kstop) [].
Example comes_to_stop le : stops_alone 1 (at_work [Running (Idle []) []; before_stop le]).
Proof.
  eexists; eexists; eexists; eexists; split.
  - try apply or_introl; eapply alone_step; [|apply alone_done].
    eapply (debug_steps text 1 two_cpus M clients claims 1); [reflexivity|]; apply debug_asserting; reflexivity.
  - try exists 1%nat; eapply debug_steps; [reflexivity|]; apply debug_stops; reflexivity.
Qed.
(** CPU 0 is to make a call first, which is seen; one that has stopped; one that halted; one that ends. *)
Lemma never_alone c x : (forall v x', debug_step c x v x' -> exists s, v = Some (Seen s)) -> ~ stops_alone c x.
Proof.
  intros Seen_ (x1 & x2 & g & told & Alone & Stops); inversion Alone; subst;
    [destruct (Seen_ _ _ Stops); discriminate|].
  match goal with H : model.debug_step _ _ _ _ _ _ _ _ None _ |- _ => destruct (Seen_ _ _ H); discriminate end.
Qed.
Example stops_not_alone le : ~ stops_alone 0 (at_work [Running (Idle []) []; before_stop le]) /\
  ~ stops_alone 1 (at_work [before_stop le; At_stop]) /\
  ~ stops_alone 1 (at_work [before_stop le; Running Stopped []]) /\
  ~ stops_alone 1 (at_work [before_stop le; Running (Idle [None; None; None; None]) []]) /\
  ~ stops_alone 2 (at_work [before_stop le; before_stop le]).
Proof.
  repeat apply conj; apply never_alone; intros v x' Step; inversion Step; subst; clear Step;
    match goal with H : nth_error _ _ = Some _ |- _ => cbn in H; known H end;
    match goal with H : model.debug_move _ _ _ _ _ _ _ _ _ _ _ _ _ _ |- _ => inversion H; subst; clear H end;
    use_hyps; try contradiction; eexists; reflexivity.
Qed.

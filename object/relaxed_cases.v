(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Bytes on Armv8: two CPUs that contend, and wrong bytes

    What a CPU does on its bytes is computed from what its loads, and its store-exclusives, are answered
    ([answers]); how the CPUs hang together is written down.  Two CPUs contend for one lock by the model
    of Armv8 in full ([contended_on_armv8]).  Of wrong bytes what main/bytes.v says is false: of polls
    by LDXR, and of a release whose store is STR.  The checker refuses both. *)
From Coq Require Import ZArith String List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.machine.model Require Import machine.
From hlock.machine.relaxed Require Import model claims.
From hlock.machine.hardware Require Import events cat decide given armv8.
From hlock.machine.cases Require Import hardware armv8_cases.
From hlock.layers.L4_locks Require Import spec contract text sample examples.
From hlock.object Require Import micro armv8_decode checker machine refine armv8 steps samples cases alone.
Import ListNotations.
Local Open Scope Z_scope.

(** ** One CPU, computed *)
Section Computed.
  Context {S : system} (L : library) (stride base : Z) (p : client S) (value : forall l, Z -> Obj S l).
  Local Notation act := (action S words_verb).
  Local Notation goes := (byte_alone L stride base p).

  Definition is_word_b (v : Z) : bool := (0 <=? v) && (v <? 2 ^ 32).
  (** The lock that has a word at an address, if one has. *)
  Definition lock_at (a : Z) : Z := (a - base) / stride.
  Definition is_next (a : Z) : bool := next_word stride base (lock_at a) =? a.
  Definition is_now (a : Z) : bool := now_word stride base (lock_at a) =? a.

  (** The answers are used one after the other; of a store-exclusive 0 means that it fails. *)
  Definition answer (k : operation) (q : pending) (r : request) (answers : list Z) :
      option (option (act * list a64) * pending * state * list Z) :=
    match r, answers with
    | Own s, _ | Rest s, _ => Some (None, q, s, answers)
    | Ask_load acq excl a go, v :: answers =>
        if negb (is_word_b v) then None
        else if is_next a && excl then
          Some (None, mkPending (load_of acq true :: loaded q) (Some (lock_at a, v)), go v, answers)
        else if is_now a then
          Some (completes q (Lock (lock_at a) match k with Acquire => Polled v | Release => Loaded v end)
                  [load_of acq excl], nothing_pending, go v, answers)
        else None
    | Ask_store rel a v s, _ =>
        if is_now a then
          Some (completes q (Lock (lock_at a) (Stored v)) [store_of rel], nothing_pending, s, answers)
        else None
    | Ask_store_x rel a x done failed, v :: answers =>
        if v =? 0 then Some (None, mkPending (loaded q) None, failed, answers)
        else match linked q with
             | Some (l, t) =>
                 if (next_word stride base l =? a) && ((t + 1) mod 2 ^ 32 =? x) then
                   Some (completes q (Lock l (Took t)) [store_x_of rel], nothing_pending, done, answers)
                 else None
             | None => None
             end
    | Ask_add acq rel a x go, v :: answers =>
        if is_word_b v && is_next a && (x =? 1) then
          Some (completes q (Lock (lock_at a) (Took v)) (add_of acq rel), nothing_pending, go v, answers)
        else None
    | _, _ => None
    end.
  Lemma is_word_sound v : is_word_b v = true -> 0 <= v < 2 ^ 32.
  Proof. unfold is_word_b; rewrite andb_true_iff, Z.leb_le, Z.ltb_lt; auto. Qed.
  Lemma answer_sound k q r answers a q' s' answers' :
    answer k q r answers = Some (a, q', s', answers') -> answered_by stride base k q r a q' s'.
  Proof.
    destruct r as [s|acq excl at_ go|rel at_ x s|rel at_ x done failed|acq rel at_ x go|s|at_ rs|];
      destruct answers as [|v answers]; cbn [answer]; try discriminate;
      try (intros [= <- <- <- <-]; constructor; fail).
    - destruct (is_word_b v) eqn:V; [|discriminate]; apply is_word_sound in V; cbn [negb].
      destruct (is_next at_ && excl) eqn:Next; [|destruct (is_now at_) eqn:Now; [|discriminate]].
      + apply andb_true_iff in Next as (Next & ->); unfold is_next in Next; apply Z.eqb_eq in Next.
        intros [= <- <- <- <-]; rewrite <- Next at 1; now constructor.
      + unfold is_now in Now; apply Z.eqb_eq in Now; intros [= <- <- <- <-]; rewrite <- Now at 1; now constructor.
    - destruct (is_now at_) eqn:Now; [|discriminate]; unfold is_now in Now; apply Z.eqb_eq in Now.
      intros [= <- <- <- <-]; rewrite <- Now at 1; now constructor.
    - destruct (is_now at_) eqn:Now; [|discriminate]; unfold is_now in Now; apply Z.eqb_eq in Now.
      intros [= <- <- <- <-]; rewrite <- Now at 1; now constructor.
    - destruct (v =? 0); [intros [= <- <- <- <-]; constructor|].
      destruct (linked q) as [[l t]|] eqn:Link; [|discriminate].
      destruct (_ && _) eqn:Is; [|discriminate]; apply andb_true_iff in Is as (At & Is); apply Z.eqb_eq in At, Is.
      intros [= <- <- <- <-]; subst at_ x; now constructor.
    - destruct (_ && _ && _) eqn:Is; [|discriminate]; rewrite !andb_true_iff in Is; destruct Is as ((V & Next) & One).
      apply is_word_sound in V; unfold is_next in Next; apply Z.eqb_eq in Next, One; subst x.
      intros [= <- <- <- <-]; rewrite <- Next at 1; now constructor.
  Qed.

  Record doing := mkDoing { did : list (act * list a64); shown : list (visible S); stands_at : byte_thread S;
    left_open : pending; still : list Z }.

  Definition next_doing (x : doing) : option doing :=
    let q := left_open x in
    match stands_at x with
    | Resting history =>
        let call k f i o :=
          match lib_entry L k f with
          | Some at_ => Some (mkDoing (did x) (Called o :: shown x)
              (Running o history (call_registers i) (mkState at_ 0 (call_registers i) false)) q (still x))
          | None => None
          end in
        match p history with
        | Some (Op_acquire f i as o) => call Acquire f i o
        | Some (Op_release f i as o) => call Release f i o
        | Some (Op_read f i k) =>
            match still x with
            | z :: answers =>
                let v := value (lock_id f i) z in
                Some (mkDoing (and_then (completes q (Read (lock_id f i) k v) [LDR]) (did x))
                  (Did_read (lock_id f i) k v :: shown x) (Resting (Some (existT _ (lock_id f i) v) :: history))
                  nothing_pending answers)
            | [] => None
            end
        | Some (Op_write f i k v) =>
            Some (mkDoing (and_then (completes q (Wrote (lock_id f i) k v) [STR]) (did x))
              (Did_write (lock_id f i) k v :: shown x) (Resting (None :: history)) nothing_pending (still x))
        | _ => None
        end
    | Running o history before s =>
        match called_by o, asks base (lib_code L) s with
        | Some _, Back a rs =>
            if goes_back_now L before a rs then
              Some (mkDoing (did x) (Returned o :: shown x) (Resting (None :: history)) q (still x))
            else None
        | Some (k, _, _), r =>
            match answer k q r (still x) with
            | Some (a, q, s, answers) =>
                Some (mkDoing (and_then a (did x)) (shown x) (Running o history before s) q answers)
            | None => None
            end
        | None, _ => None
        end
    | Off => None
    end.
  Fixpoint doing_after (fuel : nat) (x : doing) : doing :=
    match fuel with
    | O => x
    | Datatypes.S fuel => match next_doing x with Some x => doing_after fuel x | None => x end
    end.
  Definition computed (fuel : nat) (answers : list Z) : doing :=
    doing_after fuel (mkDoing [] [] (Resting []) nothing_pending answers).

  Definition possible (x : doing) : Prop := goes (did x) (shown x) (stands_at x) (left_open x).
  Lemma next_possible x x' : possible x -> next_doing x = Some x' -> possible x'.
  Proof.
    destruct x as [d vis b q ans]; unfold possible, next_doing; cbn [did shown stands_at left_open still]; intros Goes.
    destruct b as [history|o history before s|]; [| |discriminate].
    - destruct (p history) as [o|] eqn:Choice; [|discriminate].
      destruct o as [f i|f i|f i k|f i k w|]; try discriminate.
      1, 2: destruct (lib_entry L _ f) as [at_|] eqn:Entry; [|discriminate]; intros [= <-];
        eapply bytes_call; try eassumption; [reflexivity|intros _; reflexivity].
      + destruct ans as [|z ans]; [discriminate|]; intros [= <-]; eapply bytes_read; [exact Goes|exact Choice].
      + intros [= <-]; eapply bytes_write; [exact Goes|exact Choice].
    - destruct (called_by o) as [[[k f] i]|] eqn:Called; [|destruct (asks base (lib_code L) s); discriminate].
      assert (General : forall r, asks base (lib_code L) s = r ->
        match answer k q r ans with
        | Some (a, q, s, ans) => Some (mkDoing (and_then a d) vis (Running o history before s) q ans)
        | None => None
        end = Some x' -> possible x').
      { intros r Ask; destruct (answer k q r ans) as [[[[a q'] s'] ans']|] eqn:Answer; [|discriminate]; intros [= <-].
        eapply bytes_access; [exact Goes|exact Called|rewrite Ask; exact (answer_sound _ _ _ _ _ _ _ _ Answer)]. }
      destruct (asks base (lib_code L) s) as [| | | | | |a rs|] eqn:Ask; try exact (General _ eq_refl).
      destruct (goes_back_now L before a rs) eqn:Back; [|discriminate]; intros [= <-].
      eapply bytes_return; [exact Goes|exact Ask|now apply goes_back_sound].
  Qed.
  Theorem computed_possible fuel answers : possible (computed fuel answers).
  Proof.
    assert (General : forall n x, possible x -> possible (doing_after n x)).
    { induction n as [|n IH]; cbn [doing_after]; intros x Is; [exact Is|].
      destruct (next_doing x) as [x'|] eqn:Next; [|exact Is]; apply IH; exact (next_possible x x' Is Next). }
    apply General; constructor.
  Qed.
End Computed.

(** ** Two CPUs *)

Definition number_of (l z : Z) : Obj two l :=
  match owner_name sample l as n return lock_obj numbers n with Some _ => z | None => tt end.

Section Two.
  Context (O : object_file) (clients : cpu -> client two) (answers : list (list Z)).
  Local Notation L := (armv8_library "" O).
  Definition doing_of (c : cpu) : doing :=
    computed L (stride_of sample O) here (clients c) number_of 400 (nth c answers []).

  (** What each CPU does, and what each action is made of. *)
  Context (runs : list (list (action two words_verb))) (made : list (list (list a64))).
  Definition parts_of (x : id) : list a64 := nth (snd x) (nth (fst x) made []) [].
  Definition does_so (c : cpu) : Prop := rev (did (doing_of c)) = combine (nth c runs []) (nth c made []) /\
    length (nth c runs []) = length (nth c made []).

  Theorem written_runs_bytes sources chains : (length runs <= 2)%nat -> does_so 0 -> does_so 1 ->
    runs_bytes L (stride_of sample O) here clients (decide.written runs parts_of sources chains)
      (fun c => shown (doing_of c)) (fun c => stands_at (doing_of c)).
  Proof.
    intros Few Zero One; constructor; intros c Is; cbn [acts decide.written events.part].
    - assert (So : does_so c) by (destruct c as [|[|c]]; [exact Zero|exact One|cbn in Is; lia]).
      destruct So as (Did & Same).
      exists (did (doing_of c)), (left_open (doing_of c)); split; [apply computed_possible|].
      rewrite Did; split.
      + clear - Same; revert Same; generalize (nth c runs []) as xs, (nth c made []) as ys.
        induction xs as [|x xs IH]; intros [|y ys]; try discriminate; [reflexivity|].
        intros [= Same]; cbn [combine map fst]; now rewrite <- (IH ys Same).
      + intros n a is At m; unfold parts_of; cbn [fst snd]; f_equal.
        clear - At; revert n At; generalize (nth c runs []) as xs, (nth c made []) as ys.
        induction xs as [|x xs IH]; intros [|y ys] [|n]; try discriminate; cbn [combine nth_error nth].
        * now intros [= _ ->].
        * apply IH.
    - apply nth_overflow; cbn in Is; lia.
  Qed.
End Two.

(** The executions of Armv8 that are written down here are by the model in full, on words of 32 bits. *)
Definition armv8_check (runs : list (list (action two words_verb))) made sources chains : bool :=
  let parts := parts_of made in let ss := lift_sources parts sources in let cs := lift_chains parts chains in
  well_formed_b runs parts ss cs 32 && contracts_b runs parts ss cs &&
  forallb (fun c => goes_forward runs parts (decides runs parts ss cs c)) [aarch64_internal; aarch64_ob aarch64_lob] &&
  nothing runs parts ss cs aarch64_atomic.
Definition written_down runs made sources chains : execution two a64 :=
  let parts := parts_of made in decide.written runs parts (lift_sources parts sources) (lift_chains parts chains).
Definition graph_of runs made sources chains : graph two :=
  let parts := parts_of made in contracted runs (lift_sources parts sources) (lift_chains parts chains).
Theorem armv8_checked runs made sources chains : armv8_check runs made sources chains = true ->
  let h := written_down runs made sources chains in
  well_formed h 32 /\ armv8_consistent h (full_lob h) /\ contracts h (graph_of runs made sources chains).
Proof.
  unfold armv8_check; cbv zeta; rewrite !andb_true_iff; intros (((Well & Con) & Forward) & None_).
  apply given_well_formed in Well; split; [exact Well|split].
  - apply (armv8_given aarch64_lob two _ 32 Well); [|now apply given_nothing].
    rewrite forallb_forall in Forward; apply Forall_forall; intros c Mem; now apply given_no_cycle, Forward.
  - exact (given_contracts runs (parts_of made) _ _ Con).
Qed.

(** *** They contend.  CPU 0's first try of its ticket fails.  CPU 1 polls in vain, enters when CPU 0 has left,
    and reads what it wrote. *)
Definition contended_answers : list (list Z) := [[0; 0; 0; 1; 0; 0; 0; 0]; [1; 1; 0; 1; 1; 2; 1]].
Definition contended_does : list (list (action two words_verb)) :=
  [[Lock pt3 (Took 0); Lock pt3 (Polled 0); Read pt3 0 (nine 0); Wrote pt3 0 (nine 1); Read pt3 1 (nine 0);
    Wrote pt3 1 (nine 2); Lock pt3 (Loaded 0); Lock pt3 (Stored 1)];
   [Lock pt3 (Took 1); Lock pt3 (Polled 0); Lock pt3 (Polled 1); Read pt3 0 (nine 1); Wrote pt3 0 (nine 2);
    Read pt3 1 (nine 2); Wrote pt3 1 (nine 4); Lock pt3 (Loaded 1); Lock pt3 (Stored 2)]].
Definition contended_made : list (list (list a64)) :=
  [[[LDAXR; LDAXR; STLXR]; [LDAXR]; [LDR]; [STR]; [LDR]; [STR]; [LDR]; [STLR]];
   [[LDAXR; STLXR]; [LDAXR]; [LDAXR]; [LDR]; [STR]; [LDR]; [STR]; [LDR]; [STLR]]].

(** Each premise of [hlock_armv8_bytes] is among what it says: its clients call functions of the table, too. *)
Ltac in_table Choice Called := repeat match type of Choice with _ \/ _ => destruct Choice as [<-|Choice] end;
  try contradiction; try discriminate; injection Called as <- <- <-; (split; [vm_compute; tauto|reflexivity]).
Lemma both_in_table : calls_of_table (S := two) sample both.
Proof.
  intros c history o k f i Choice Called; apply nth_error_In in Choice; cbn in Choice; in_table Choice Called.
Qed.
Example contended_on_armv8 : exists (h : execution two a64) g seen last,
  well_formed h 32 /\ contains h (full_lob h) /\ armv8_consistent h (full_lob h) /\ contracts h g /\
  runs_bytes (armv8_library "" llsc) (stride_of sample llsc) here both h seen last /\
  calls_of_table sample both /\ good_clients sample both g /\
  does g (1, 1)%nat = Some (Lock pt3 (Polled 0)) /\ claims.kept g (1, 1)%nat = false /\
  enters_at g pt3 (0, 1)%nat /\ enters_at g pt3 (1, 2)%nat.
Proof.
  destruct (armv8_checked contended_does contended_made contended_sources contended_chains) as (Well & Is & Con).
  { vm_compute; reflexivity. }
  eexists _, _, _, _; split; [exact Well|split; [apply full_contains|split; [exact Is|split; [exact Con|split]]]].
  - apply (written_runs_bytes llsc both contended_answers); [cbn; lia|split; vm_compute; reflexivity..].
  - split; [exact both_in_table|split; [left; exact both_contract|]].
    unfold enters_at; repeat split; try (vm_compute; reflexivity); eexists; reflexivity.
Qed.

(** *** Wrong bytes *)

(** What the lock is for, of all executions of Armv8 in which two CPUs run these bytes, under clients that
    keep the contract. *)
Definition right_on_armv8 (O : object_file) : Prop :=
  let L := armv8_library "" O in
  forall clients : cpu -> client two, keep_contract sample clients -> calls_of_table sample clients ->
  forall base, placed L base -> forall (h : execution two a64) g seen last,
  well_formed h 32 -> armv8_consistent h (full_lob h) -> contracts h g ->
  runs_bytes L (stride_of sample O) base clients h seen last -> hardware.keeps g.

Definition race_answers : list (list Z) := [[0; 1; 0; 0]; [1; 1; 1; 0]].
Definition race_made (poll store : a64) : list (list (list a64)) :=
  [[[LDAXR; STLXR]; [poll]; [STR]; [LDR]; [store]]; [[LDAXR; STLXR]; [poll]; [LDR]]].

Lemma race_in_table : calls_of_table (S := two) sample (goes_through race_programs).
Proof.
  intros c history o k f i Choice Called; apply nth_error_In in Choice.
  destruct c as [|[|c]]; cbn in Choice; [| |destruct c; destruct Choice]; in_table Choice Called.
Qed.

(** CPU 1 reads what was there before CPU 0 wrote. *)
Lemma race_refutes O poll store : placed (armv8_library "" O) here ->
  armv8_check race_runs (race_made poll store) race_sources race_chains = true ->
  does_so O (goes_through race_programs) race_answers race_runs (race_made poll store) 0 ->
  does_so O (goes_through race_programs) race_answers race_runs (race_made poll store) 1 ->
  ~ right_on_armv8 O.
Proof.
  intros Placed Check Zero One Right; destruct (armv8_checked _ _ _ _ Check) as (Well & Is & Con).
  refine (_ (Right (goes_through race_programs) _ race_in_table here Placed _ _ _ _ Well Is Con
    (written_runs_bytes O _ race_answers race_runs _ _ _ _ Zero One))); [|contract|cbn; lia].
  apply race_stale; [intros c; reflexivity|reflexivity|reflexivity].
Qed.

(** A poll by LDXR; a release whose store is STR. *)
Definition poll_by_LDXR : object_file := patched 0x1c [0x885f7c00] llsc.
Theorem poll_by_LDXR_refuted : ~ right_on_armv8 poll_by_LDXR.
Proof.
  apply (race_refutes _ LDXR STLR); [apply patched_placed, llsc_placed|vm_compute; reflexivity|
    split; vm_compute; reflexivity..].
Qed.
Definition release_by_STR : object_file := patched 0x94 [0xb9000001] llsc.
Theorem release_by_STR_refuted : ~ right_on_armv8 release_by_STR.
Proof.
  apply (race_refutes _ LDAXR STR); [apply patched_placed, llsc_placed|vm_compute; reflexivity|
    split; vm_compute; reflexivity..].
Qed.
(** The checker refuses both: [poll_no_acquire] and [release_no_release] in cases.v. *)

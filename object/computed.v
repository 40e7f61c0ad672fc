(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Bytes on relaxed memory, computed

    What a CPU does on its bytes is computed from what its loads, and its store-exclusives, are answered
    ([answers]); how the CPUs hang together is written down, and by a model's axioms in full.  Executions that are made
    so: relaxed_cases.v, ported_cases.v. *)
From Coq Require Import ZArith String List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.machine.model Require Import machine atomic.
From hlock.machine.relaxed Require Import model claims.
From hlock.machine.hardware Require Import events expression decide given.
From hlock.machine.safety Require Import exclusion.
From hlock.machine.cases Require Import hardware.
From hlock.layers.L4_locks Require Import spec contract text sample examples.
From hlock.object Require Import micro file target machine objects steps cases alone.
Import ListNotations.
Local Open Scope Z_scope.

(** ** One CPU, computed *)
Section Computed.
  Context {I : Type} {S : system} (plain : instruction_lists I) (L : library I) (stride base : Z) (p : client S).
  Context (value : forall l, Z -> Obj S l).
  Local Notation act := (action S words_verb).
  Local Notation goes := (byte_alone plain L stride base p).

  Definition is_word_b (v : Z) : bool := (0 <=? v) && (v <? 2 ^ 32).
  (** The lock that has a word at an address, if one has. *)
  Definition lock_at (a : Z) : Z := (a - base) / stride.
  Definition is_next (a : Z) : bool := next_word stride base (lock_at a) =? a.
  Definition is_now (a : Z) : bool := now_word stride base (lock_at a) =? a.

  (** The answers are used one after the other; of a store-exclusive 0 means that it fails; all numbers
      of a request for anything are one. *)
  Definition answer (k : operation) (q : pending I) (r : request I) (answers : list Z) :
      option (option (act * list I) * pending I * state * list Z) :=
    match r, answers with
    | Own s, _ | Rest s, _ => Some (None, q, s, answers)
    | Ask_load is excl a go, v :: answers =>
        if negb (is_word_b v) then None
        else if is_next a && excl then
          Some (None, mkPending (rev is ++ loaded q) (Some (lock_at a, v)), go v, answers)
        else if is_now a then
          Some (completes q (Lock (lock_at a) match k with Acquire => Polled v | Release => Loaded v end) is,
                nothing_pending, go v, answers)
        else None
    | Ask_store is a v s, _ =>
        if is_now a then
          Some (completes q (Lock (lock_at a) (Stored v)) is, nothing_pending, s, answers)
        else None
    | Ask_store_x is a x done failed, v :: answers =>
        if v =? 0 then Some (None, mkPending (loaded q) None, failed, answers)
        else match linked q with
             | Some (l, t) =>
                 if (next_word stride base l =? a) && ((t + 1) mod 2 ^ 32 =? x) then
                   Some (completes q (Lock l (Took t)) is, nothing_pending, done, answers)
                 else None
             | None => None
             end
    | Ask_add is a x go, v :: answers =>
        if is_word_b v && is_next a && (x =? 1) then
          Some (completes q (Lock (lock_at a) (Took v)) is, nothing_pending, go v, answers)
        else None
    | Ask_any n a off go, v :: answers =>
        if off && is_off_array L base n a then Some (None, q, go (fun _ => v), answers) else None
    | _, _ => None
    end.
  Lemma is_word_sound v : is_word_b v = true -> 0 <= v < 2 ^ 32.
  Proof. unfold is_word_b; rewrite andb_true_iff, Z.leb_le, Z.ltb_lt; auto. Qed.
  Lemma answer_sound k q r answers a q' s' answers' :
    answer k q r answers = Some (a, q', s', answers') -> answered_by L stride base k q r a q' s'.
  Proof.
    destruct r as [s|is excl at_ go|is at_ x s|is at_ x done failed|is at_ x go|s|at_ rs|n at_ off go| |];
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
    - destruct off; cbn [andb]; [|discriminate]; destruct (is_off_array L base n at_) eqn:Off; [|discriminate].
      intros [= <- <- <- <-]; apply (by_any L stride base k q n at_ go (fun _ => v)), is_off_array_iff, Off.
  Qed.

  (** What a CPU has done and shown, newest first; where it stands; what is pending; the answers that are left. *)
  Record doing := mkDoing { did : list (act * list I); shown : list (visible S); stands_at : byte_thread S;
    left_open : pending I; still : list Z }.

  (** One step, as the client, the code and the answers have it; at most so many; from the start on. *)
  Definition next_doing (x : doing) : option doing :=
    let q := left_open x in
    match stands_at x with
    | Resting history =>
        let call k f i o :=
          match lib_entry L k f with
          | Some at_ =>
              if called_with_now L i (call_registers L i)
              then Some (mkDoing (did x) (Called o :: shown x)
                (Running o history (call_registers L i) (mkState at_ 0 (call_registers L i) false)) q (still x))
              else None
          | None => None
          end in
        match p history with
        | Some (Op_acquire f i as o) => call Acquire f i o
        | Some (Op_release f i as o) => call Release f i o
        | Some (Op_read f i k) =>
            match still x, reads plain with
            | z :: answers, is :: _ =>
                let v := value (lock_id f i) z in
                Some (mkDoing (and_then (completes q (Read (lock_id f i) k v) is) (did x))
                  (Did_read (lock_id f i) k v :: shown x) (Resting (Some (existT _ (lock_id f i) v) :: history))
                  nothing_pending answers)
            | _, _ => None
            end
        | Some (Op_write f i k v) =>
            match writes plain with
            | is :: _ => Some (mkDoing (and_then (completes q (Wrote (lock_id f i) k v) is) (did x))
                (Did_write (lock_id f i) k v :: shown x) (Resting (None :: history)) nothing_pending (still x))
            | [] => None
            end
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

  (** What is computed is what [byte_alone] allows. *)
  Definition possible (x : doing) : Prop := goes (did x) (shown x) (stands_at x) (left_open x).
  Lemma next_possible x x' : possible x -> next_doing x = Some x' -> possible x'.
  Proof.
    destruct x as [d vis b q ans]; unfold possible, next_doing; cbn [did shown stands_at left_open still]; intros Goes.
    destruct b as [history|o history before s|]; [| |discriminate].
    - destruct (p history) as [o|] eqn:Choice; [|discriminate].
      destruct o as [f i|f i|f i k|f i k w|]; try discriminate.
      1, 2: destruct (lib_entry L _ f) as [at_|] eqn:Entry; [|discriminate];
        destruct (called_with_now _ _ _) eqn:With; [|discriminate]; intros [= <-];
        eapply bytes_call; try eassumption; [reflexivity|exact (called_with_sound L _ _ _ With)].
      + destruct ans as [|z ans]; [discriminate|]; destruct (reads plain) as [|is more] eqn:Plain; [discriminate|].
        intros [= <-]; eapply bytes_read; [exact Goes|exact Choice|rewrite Plain; now left].
      + destruct (writes plain) as [|is more] eqn:Plain; [discriminate|].
        intros [= <-]; eapply bytes_write; [exact Goes|exact Choice|rewrite Plain; now left].
    - destruct (called_by o) as [[[k f] i]|] eqn:Called; [|destruct (asks base (lib_code L) s); discriminate].
      assert (General : forall r, asks base (lib_code L) s = r ->
        match answer k q r ans with
        | Some (a, q, s, ans) => Some (mkDoing (and_then a d) vis (Running o history before s) q ans)
        | None => None
        end = Some x' -> possible x').
      { intros r Ask; destruct (answer k q r ans) as [[[[a q'] s'] ans']|] eqn:Answer; [|discriminate]; intros [= <-].
        eapply bytes_access; [exact Goes|exact Called|rewrite Ask; exact (answer_sound _ _ _ _ _ _ _ _ Answer)]. }
      destruct (asks base (lib_code L) s) as [| | | | | |a rs| | |] eqn:Ask; try exact (General _ eq_refl).
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

(** A number, where the lock protects one. *)
Definition number_of (l z : Z) : Obj two l :=
  match owner_name sample l as n return lock_obj numbers n with Some _ => z | None => tt end.

Section Two.
  Context {I R : Type} (arch : target I R) (L : library I) (stride : Z).
  Context (clients : cpu -> client two) (answers : list (list Z)).
  (** What a CPU does with its answers, in at most 400 steps. *)
  Definition doing_of (c : cpu) : doing :=
    computed (lists arch) L stride here (clients c) number_of 400 (nth c answers []).

  (** What each CPU does, and what each action is made of. *)
  Context (runs : list (list (action two words_verb))) (made : list (list (list I))).
  Definition parts_of (x : id) : list I := nth (snd x) (nth (fst x) made []) [].
  Definition does_so (c : cpu) : Prop := rev (did (doing_of c)) = combine (nth c runs []) (nth c made []) /\
    length (nth c runs []) = length (nth c made []).

  (** If each of both CPUs does what is written down, the CPUs of the written execution run the bytes. *)
  Theorem written_runs_bytes sources chains : (length runs <= 2)%nat -> does_so 0 -> does_so 1 ->
    runs_bytes (lists arch) L stride here clients (decide.written runs parts_of sources chains)
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

(** ** What they do: they contend, or race *)

(** CPU 1 polls in vain, enters when CPU 0 has left, and reads what it wrote. *)
Definition contended_does : list (list (action two words_verb)) :=
  [[Lock pt3 (Took 0); Lock pt3 (Polled 0); Read pt3 0 (nine 0); Wrote pt3 0 (nine 1); Read pt3 1 (nine 0);
    Wrote pt3 1 (nine 2); Lock pt3 (Loaded 0); Lock pt3 (Stored 1)];
   [Lock pt3 (Took 1); Lock pt3 (Polled 0); Lock pt3 (Polled 1); Read pt3 0 (nine 1); Wrote pt3 0 (nine 2);
    Read pt3 1 (nine 2); Wrote pt3 1 (nine 4); Lock pt3 (Loaded 1); Lock pt3 (Stored 2)]].
Ltac in_table Choice Called := repeat match type of Choice with _ \/ _ => destruct Choice as [<-|Choice] end;
  try contradiction; try discriminate; injection Called as <- <- <-; (split; [vm_compute; tauto|reflexivity]).
Lemma both_in_table : calls_of_table (S := two) sample both.
Proof.
  intros c history o k f i Choice Called; apply nth_error_In in Choice; cbn in Choice; in_table Choice Called.
Qed.
Lemma race_in_table : calls_of_table (S := two) sample (goes_through race_programs).
Proof.
  intros c history o k f i Choice Called; apply nth_error_In in Choice.
  destruct c as [|[|c]]; cbn in Choice; [| |destruct c; destruct Choice]; in_table Choice Called.
Qed.

(** ** By the axioms of a model, on words of 32 bits *)
Section Model.
  Context {I R : Type} {K : events.accesses I} (arch : target I R).
  Context (axioms : forall S, events.execution S I -> Prop) (no_cycle : list (cat I)) (none : cat I).
  Context (Allowed : forall S (h : events.execution S I) w, well_formed h w ->
    Forall (fun c => acyclic (sem h c)) no_cycle ->
    (forall e f, ~ sem h none e f) -> axioms S h).

  Section Written.
    Context (runs : list (list (action two words_verb))) (made : list (list (list I))).
    Context (sources : list (id * id)) (chains : list (list id)).
    Local Notation parts := (parts_of made).
    Local Notation ss := (lift_sources parts sources).
    Local Notation cs := (lift_chains parts chains).
    (** The written execution is well-formed, the model allows it, and it contracts to the graph that is written. *)
    Definition model_check : bool :=
      well_formed_b runs parts ss cs 32 && contracts_b runs parts ss cs &&
      forallb (fun c => goes_forward runs parts (decides runs parts ss cs c)) no_cycle && nothing runs parts ss cs none.
    Definition written_down : events.execution two I := decide.written runs parts ss cs.
    Definition graph_of : graph two := contracted runs ss cs.
    Theorem model_checked : model_check = true ->
      well_formed written_down 32 /\ axioms two written_down /\ contracts written_down graph_of.
    Proof.
      unfold model_check; rewrite !andb_true_iff; intros (((Well & Con) & Forward) & None_).
      apply given_well_formed in Well; split; [exact Well|split].
      - apply (Allowed two _ 32 Well); [|now apply given_nothing].
        rewrite forallb_forall in Forward; apply Forall_forall; intros c Mem; now apply given_no_cycle, Forward.
      - exact (given_contracts runs parts _ _ Con).
    Qed.
  End Written.

  (** What main/bytes.v says, and what the lock is for, of all executions of the model in which two CPUs run these
      bytes, under clients that keep the contract. *)
  Definition right_by (L : library I) (stride : Z) : Prop :=
    forall clients : cpu -> client two, keep_contract sample clients -> calls_of_table sample clients ->
    forall base, placed L base -> forall (h : events.execution two I) g seen last,
    well_formed h 32 -> axioms two h -> contracts h g ->
    runs_bytes (lists arch) L stride base clients h seen last ->
    hardware.keeps g /\ exists tr y, atomic_execution clients tr y /\ forall c, (c < 2)%nat -> seen_by c tr = seen c.
  Definition right_on (O : object_file R) : Prop := right_by (object_library arch "" O) (stride_of sample O).

  Section Refuted.
    Context (L : library I) (stride : Z) (programs : list (list (op two))) (answers : list (list Z)).
    Context (runs : list (list (action two words_verb))) (made : list (list (list I))).
    Context (sources : list (id * id)) (chains : list (list id)).
    Local Notation clients := (goes_through programs).
    Local Notation does_so := (does_so arch L stride clients answers runs made).
    Lemma written_refutes : placed L here -> keep_contract sample clients ->
      calls_of_table sample clients -> (List.length runs <= 2)%nat ->
      model_check runs made sources chains = true -> does_so 0 -> does_so 1 ->
      ~ (hardware.keeps (graph_of runs made sources chains) /\ exists tr y, atomic_execution clients tr y /\
         forall c, (c < 2)%nat -> seen_by c tr = shown (doing_of arch L stride clients answers c)) ->
      ~ right_by L stride.
    Proof.
      intros Placed Contract Calls Few Check Zero One Not Right.
      destruct (model_checked _ _ _ _ Check) as (Well & Is & Con); apply Not.
      exact (Right clients Contract Calls here Placed _ _ _ _ Well Is Con
        (written_runs_bytes arch L stride clients answers runs made _ _ Few Zero One)).
    Qed.
  End Refuted.

  (** There is an execution of the model in which two CPUs run these bytes and contend; it meets each premise of
      main/bytes.v. *)
  Definition contends_by (L : library I) (stride : Z) : Prop :=
    exists (h : events.execution two I) g seen last,
    well_formed h 32 /\ axioms two h /\ contracts h g /\
    runs_bytes (lists arch) L stride here both h seen last /\
    calls_of_table sample both /\ good_clients sample both g /\
    does g (1, 1)%nat = Some (Lock pt3 (Polled 0)) /\ claims.kept g (1, 1)%nat = false /\
    enters_at g pt3 (0, 1)%nat /\ enters_at g pt3 (1, 2)%nat.
  Definition contends_on (O : object_file R) : Prop := contends_by (object_library arch "" O) (stride_of sample O).
  (** It is enough that the check of the model says yes, and that each CPU does what is written. *)
  Theorem contended_by L stride answers made :
    model_check contended_does made contended_sources contended_chains = true ->
    does_so arch L stride both answers contended_does made 0 ->
    does_so arch L stride both answers contended_does made 1 -> contends_by L stride.
  Proof.
    intros Check Zero One; destruct (model_checked _ _ _ _ Check) as (Well & Is & Con).
    eexists _, _, _, _; split; [exact Well|split; [exact Is|split; [exact Con|split]]].
    - apply (written_runs_bytes arch L stride both answers); [cbn; lia|exact Zero|exact One].
    - split; [exact both_in_table|split; [left; exact both_contract|]].
      unfold enters_at; repeat split; try (vm_compute; reflexivity); eexists; reflexivity.
  Qed.

  (** CPU 1 reads what was there before CPU 0 wrote. *)
  Lemma race_refutes L stride answers made : placed L here ->
    model_check race_runs made race_sources race_chains = true ->
    does_so arch L stride (goes_through race_programs) answers race_runs made 0 ->
    does_so arch L stride (goes_through race_programs) answers race_runs made 1 -> ~ right_by L stride.
  Proof.
    intros Placed Check Zero One.
    apply (written_refutes L stride race_programs answers race_runs made race_sources race_chains); auto;
      [contract|exact race_in_table|intros (Keeps & _); revert Keeps].
    apply race_stale; [intros c; reflexivity|reflexivity|reflexivity].
  Qed.

  (** CPU 1 takes ticket 1, polls 0, and is in all the same. *)
  Definition barge_programs : list (list (op two)) := [[take lock_a]; [take lock_a]].
  Definition barge_runs : list (list (action two words_verb)) :=
    [[Lock A (Took 0); Lock A (Polled 0)]; [Lock A (Took 1); Lock A (Polled 0)]].
  Lemma barge_in_table : calls_of_table (S := two) sample (goes_through barge_programs).
  Proof.
    intros c history o k f i Choice Called; apply nth_error_In in Choice.
    destruct c as [|[|c]]; cbn in Choice; [| |destruct c; destruct Choice]; in_table Choice Called.
  Qed.
  Lemma barge_refutes L stride answers made : placed L here ->
    model_check barge_runs made [((0, 0), (1, 0))]%nat [[(0, 0); (1, 0)]]%nat = true ->
    let clients := goes_through barge_programs in
    does_so arch L stride clients answers barge_runs made 0 ->
    does_so arch L stride clients answers barge_runs made 1 ->
    (forall c, (c < 2)%nat -> shown (doing_of arch L stride clients answers c) =
      [Returned (Op_acquire core_family 0); Called (Op_acquire core_family 0)]) -> ~ right_by L stride.
  Proof.
    intros Placed Check clients Zero One Shown.
    apply (written_refutes L stride barge_programs answers barge_runs made _ _ Placed) in Check; auto;
      [contract|exact barge_in_table|].
    intros (_ & tr & y & Above & Same).
    assert (In : forall c, (c < 2)%nat -> seen_inside c A tr = true).
    { intros c Cpu; specialize (Same c Cpu); fold clients in Same; rewrite Shown in Same by exact Cpu.
      clear - Same; induction tr as [|(c', v) tr IH]; [discriminate|].
      unfold seen_by in Same; cbn [filter fst] in Same; cbn [seen_inside].
      destruct (Nat.eqb c' c); cbn [map snd] in Same; [injection Same as -> _; reflexivity|].
      specialize (IH Same); destruct v as [[]|[]| | |]; cbn [andb negb orb]; exact IH. }
    discriminate (atomic_exclusion clients tr y 0 1 A Above (In 0%nat ltac:(lia)) (In 1%nat ltac:(lia))).
  Qed.
End Model.

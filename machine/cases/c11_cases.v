(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * C11: executions, and wrong orders

    By the model in full (RC11, [full_sw]).  Two threads contend and one polls in vain
    ([contended_c11]); polls of two locks in vain are not sequentially consistent ([stale_polls_c11]),
    so the lock is no full barrier.  Each order of arch/c11.h is needed: a ticket that does not
    acquire, or not release, or is a load and a store; a poll that is relaxed, and then the objects
    race ([relaxed_poll_races]); a store that is relaxed. *)
From hlock.machine.cases Require Import hardware.
From hlock.machine.hardware Require Import c11.
Local Open Scope Z_scope.
Local Open Scope list_scope.

Definition c11_eq_dec (i j : c11) : {i = j} + {i <> j}.
Proof. decide equality; decide equality. Defined.

(** What the lock is for, of all executions of C11. *)
Definition c11_right : instruction_lists c11 -> nat -> Z ->
  Prop := lock_right (fun S h => rc11_consistent h (full_sw h)).
Theorem c11_shipped_right N w : 1 <= w <= 32 -> Z.of_nat N <= modulus w -> c11_right c11_lists N w.
Proof.
  apply shipped_lock_right; intros S h v g Well Is Made Contracts.
  exact (c11_is_relaxed S h (full_sw h) v g Well (full_sw_contains S h v Well) Is Made Contracts).
Qed.

(** ** An execution that is written down is checked *)
Definition c11_hb_step : cat c11 := (Po || c11_sw)%cat.
Definition c11_eco_step : cat c11 := (Rf || Co || Fr)%cat.
Section Check.
  Context {N : nat} (lists : instruction_lists c11) (w : Z).
  Context (runs : list (list (action (of_cpus N) words_verb))) (parts : id -> list c11).
  Context (sources : list (event * event)) (chains : list (list event)).
  Local Notation h := (written runs parts sources chains).
  Local Notation all := (events_of runs parts).
  Local Notation decided := (decides runs parts sources chains).
  Definition coherent_b : bool :=
    let hbs := table_of runs parts (decided c11_hb_step) in
    let ecos := table_of runs parts (decided c11_eco_step) in
    forallb (fun e => forallb (fun f => if related hbs (coded e) (coded f)
      then negb (event_eqb e f) && negb (related ecos (coded f) (coded e)) else true) all) all.
  Definition c11_check (clients : cpu -> client (of_cpus N)) : bool :=
    well_formed_b runs parts sources chains w && contracts_b runs parts sources chains &&
    made_of_b c11_eq_dec runs parts lists &&
    (table_closed runs parts (decided c11_hb_step) && table_closed runs parts (decided c11_eco_step) && coherent_b) &&
    nothing runs parts sources chains (Rmw && (Fr ;; Co))%cat &&
    goes_forward runs parts (decided (Po || Rf)%cat) &&
    (Nat.leb (length runs) N && all_performed sample_text w clients runs).

  Section Well.
    Context (Well : well_formed h w).
    Lemma hb_before : table_closed runs parts (decided c11_hb_step) = true -> forall e f,
      happens_before h (full_sw h) e f -> List.In e all /\ List.In f all /\
        before_b runs parts (decided c11_hb_step) e f = true.
    Proof.
      intros Closed; apply given_before; [exact Closed|]; intros e f Is; assert (Sem : sem h c11_hb_step e f).
      { destruct Is as [(Me & Po & Mf)|Is]; [left; cbn; auto using present_M|right; exact Is]. }
      destruct (sem_present h _ e f Sem) as (E & F); apply (present_in runs parts sources chains) in E, F.
      split; [exact E|split; [exact F|now apply decide_sound]].
    Qed.
    Lemma eco_before : table_closed runs parts (decided c11_eco_step) = true -> forall e f,
      extended_co h e f -> List.In e all /\ List.In f all /\ before_b runs parts (decided c11_eco_step) e f = true.
    Proof.
      intros Closed; apply given_before; [exact Closed|]; intros e f Is; assert (Sem : sem h c11_eco_step e f).
      { destruct Is as [Rf|[Co|Fr]]; [left; left; now apply (sem_rf h w Well)|left; right;
        now apply (sem_co h w Well)|].
        right; now apply sem_fr. }
      destruct (sem_present h _ e f Sem) as (E & F); apply (present_in runs parts sources chains) in E, F.
      split; [exact E|split; [exact F|now apply decide_sound]].
    Qed.
  End Well.
  Theorem c11_checked clients : c11_check clients = true ->
    well_formed h w /\ rc11_consistent h (full_sw h) /\ made_of h lists /\
      contracts h (contracted runs sources chains) /\
    exists seen last, runs_threads sample_text w clients h seen last.
  Proof.
    unfold c11_check; rewrite !andb_true_iff; intros ((((((Well & Con) & Made) & ((Hbs & Ecos) & Coherent)) & Atomic) &
      Air) & Few & All).
    apply given_well_formed in Well; split; [exact Well|split; [constructor|split; [|split]]].
    - intros e f Hb; destruct (hb_before Hbs e f Hb) as (E & F & Is); unfold coherent_b in Coherent;
        rewrite forallb_forall in Coherent.
      specialize (Coherent e E); rewrite forallb_forall in Coherent; specialize (Coherent f F); unfold before_b in Is;
        rewrite Is in Coherent.
      apply andb_prop in Coherent as (Other & Not); apply negb_true_iff in Other, Not; split.
      + intros <-; rewrite (proj2 (event_eqb_eq e e) eq_refl) in Other; discriminate.
      + intros Eco; destruct (eco_before Well Ecos f e Eco) as (_ & _ & Is'); unfold before_b in Is'; congruence.
    - intros e f k Pair Fr Co; apply (given_nothing runs parts sources chains _ Atomic e f); split;
        [now apply sem_rmw|].
      exists k; split; [now apply sem_fr|now apply (sem_co h w Well)].
    - apply (acyclic_less _ (sem h (Po || Rf)%cat)); [|now apply given_no_cycle].
      intros e f [(Me & Po & Mf)|Rf]; [left; cbn; auto using present_M|right; now apply (sem_rf h w Well)].
    - exact (given_made_of c11_eq_dec runs parts sources chains lists Made).
    - exact (given_contracts runs parts sources chains Con).
    - eexists _, _.
      exact (given_threads runs parts sources chains sample_text w clients (andb_true_intro (conj Few All))).
  Qed.
End Check.

Definition orders_c11 (ticket_load ticket_store poll store : c11) : choice c11 :=
  choose [ticket_load; ticket_store] [poll] [Load RLX] [store] [Load NA] [Store NA].
Definition shipped_c11 : choice c11 := orders_c11 (Update_load ACQ_REL) (Update_store ACQ_REL) (Load ACQ) (Store REL).

Example contended_c11 : exists (h : execution two c11) g seen last,
  well_formed h 1 /\ contains_sw h (full_sw h) /\ rc11_consistent h (full_sw h) /\ made_of h c11_lists /\
    contracts h g /\
  runs_threads sample_text 1 both h seen last /\
  does g (1, 1)%nat = Some (Lock pt3 (Polled 0)) /\ kept g (1, 1)%nat = false /\
  enters_at g pt3 (0, 1)%nat /\ enters_at g pt3 (1, 2)%nat.
Proof.
  set (parts := chosen shipped_c11 contended_runs); set (sources := lift_sources parts contended_sources).
  set (chains := lift_chains parts contended_chains); set (h := written contended_runs parts sources chains).
  destruct (c11_checked (N := 2) c11_lists 1 contended_runs parts sources chains both) as (Well & Is & Made & Con &
    seen & last & Runs).
  { vm_compute; reflexivity. }
  exists h, (contracted contended_runs sources chains), seen, last; do 6 (split; [eauto using full_sw_contains|]).
  unfold enters_at; repeat split; try (vm_compute; reflexivity); eexists; reflexivity.
Qed.

(** Store buffering of two locks: each thread polls the lock that the other has passed on, in vain. *)
Example stale_polls_c11 : exists (h : execution (of_cpus 2) c11) g seen last,
  well_formed h 1 /\ rc11_consistent h (full_sw h) /\ made_of h c11_lists /\ contracts h g /\
  runs_threads sample_text 1 stale_clients h seen last /\
  exists a b c d, model.sb g a b /\ model.fr g b c /\ model.sb g c d /\ model.fr g d a /\ kept g b = false /\
    kept g d = false.
Proof.
  set (parts := chosen shipped_c11 stale_runs); set (sources := lift_sources parts stale_sources).
  set (chains := lift_chains parts stale_chains).
  destruct (c11_checked (N := 2) c11_lists 1 stale_runs parts sources chains stale_clients) as (Well & Is & Made & Con
    & seen & last & Runs).
  { vm_compute; reflexivity. }
  eexists _, _, seen, last; split; [exact Well|split; [exact Is|split; [exact Made|split; [exact Con|split;
    [exact Runs|]]]]].
  exists (0, 3)%nat, (0, 5)%nat, (1, 3)%nat, (1, 5)%nat; unfold contracted; edges.
Qed.

(** ** Wrong orders *)
Section Refuted.
  Context (ch : choice c11).
  Lemma c11_wrong programs runs sources chains :
    let parts := chosen ch runs in let ss := lift_sources parts sources in let cs := lift_chains parts chains in
    keep_contract sample (goes_through programs) ->
    c11_check (N := 2) (lists_of ch) 1 runs parts ss cs (goes_through programs) = true ->
    ~ keeps (contracted runs ss cs) -> ~ c11_right (lists_of ch) 2 1.
  Proof.
    intros parts ss cs Contract Check Not Holds.
    destruct (c11_checked _ _ _ _ _ _ _ Check) as (Well & Is & Made & Con & seen & last & Runs).
    exact (Not (Holds _ Contract _ _ seen last Well Is Made Con Runs)).
  Qed.
  Lemma c11_inside programs runs sources chains (x y : id) :
    let parts := chosen ch runs in let ss := lift_sources parts sources in let cs := lift_chains parts chains in
    keep_contract sample (goes_through programs) ->
    c11_check (N := 2) (lists_of ch) 1 runs parts ss cs (goes_through programs) = true ->
    let g := contracted runs ss cs in enters_at g A x -> enters_at g A y -> x <> y ->
    nth_error (model.run g (fst x)) (Datatypes.S (snd x)) = None ->
      nth_error (model.run g (fst y)) (Datatypes.S (snd y)) = None ->
    ~ c11_right (lists_of ch) 2 1.
  Proof.
    intros parts ss cs Contract Check g X Y Other End End';
      apply (c11_wrong programs runs sources chains Contract Check).
    exact (both_inside g A x y X Y Other End End').
  Qed.
  Lemma c11_stale :
    let parts := chosen ch race_runs in let ss := lift_sources parts race_sources in let cs := lift_chains parts
      race_chains in
    c11_check (N := 2) (lists_of ch) 1 race_runs parts ss cs (goes_through race_programs) = true ->
      ~ c11_right (lists_of ch) 2 1.
  Proof.
    intros parts ss cs Check; apply (c11_wrong race_programs race_runs race_sources race_chains);
      [contract|exact Check|].
    apply race_stale; [intros c|..]; reflexivity.
  Qed.
End Refuted.
Ltac inside := [> contract | vm_compute; reflexivity | split; [reflexivity|eexists; reflexivity]
  | split; [reflexivity|eexists; reflexivity] | discriminate | reflexivity | reflexivity].

(** With words of one bit: a ticket that does not acquire; that does not release; that does neither. *)
Theorem ticket_release_only : ~ c11_right (lists_of (orders_c11 (Update_load REL) (Update_store REL) (Load ACQ) (Store
  REL))) 2 1.
Proof. apply (c11_inside _ old_programs old_runs old_sources old_chains (0, 5)%nat (1, 1)%nat). all: inside. Qed.
Theorem ticket_acquire_only : ~ c11_right (lists_of (orders_c11 (Update_load ACQ) (Update_store ACQ) (Load ACQ) (Store
  REL))) 2 1.
Proof. apply (c11_inside _ old_programs old_runs old_sources old_chains (0, 5)%nat (1, 1)%nat). all: inside. Qed.
Theorem ticket_relaxed : ~ c11_right (lists_of (orders_c11 (Update_load RLX) (Update_store RLX) (Load ACQ) (Store
  REL))) 2 1.
Proof. apply (c11_inside _ old_programs old_runs old_sources old_chains (0, 5)%nat (1, 1)%nat). all: inside. Qed.
(** A ticket that is a load and a store. *)
Theorem ticket_load_store : ~ c11_right (lists_of (orders_c11 (Load ACQ) (Store REL) (Load ACQ) (Store REL))) 2 1.
Proof.
  apply (c11_inside _ [[take lock_a]; [take lock_a]]
    [[Lock A (Took 0); Lock A (Polled 0)]; [Lock A (Took 0); Lock A (Polled 0)]] [] [[(0, 0);
      (1, 0)]]%nat (0, 1)%nat (1, 1)%nat).
  all: inside.
Qed.
(** A poll that is relaxed; a store that is. *)
Definition relaxed_poll : choice c11 := orders_c11 (Update_load ACQ_REL) (Update_store ACQ_REL) (Load RLX) (Store REL).
Definition relaxed_store : choice c11 := orders_c11 (Update_load ACQ_REL) (Update_store ACQ_REL) (Load ACQ) (Store RLX).
Theorem poll_relaxed : ~ c11_right (lists_of relaxed_poll) 2 1.
Proof. apply c11_stale; vm_compute; reflexivity. Qed.
Theorem store_relaxed : ~ c11_right (lists_of relaxed_store) 2 1.
Proof. apply c11_stale; vm_compute; reflexivity. Qed.

(** And then the C has no meaning: it has a data race. *)
Lemma c11_races ch : 
  let parts := chosen ch race_runs in let ss := lift_sources parts race_sources in let cs := lift_chains parts
    race_chains in
  let hb := before_b race_runs parts (decides race_runs parts ss cs c11_hb_step) in
  let w := (0, 2, 0)%nat in let r := (1, 2, 0)%nat in
  a_read ch = [Load NA] -> a_write ch = [Store NA] ->
  c11_check (N := 2) (lists_of ch) 1 race_runs parts ss cs (goes_through race_programs) && negb (hb w r) && negb (hb r
    w) = true ->
  exists (h : execution (of_cpus 2) c11) g seen last, well_formed h 1 /\ rc11_consistent h (full_sw h) /\
    made_of h (lists_of ch) /\
    contracts h g /\ runs_threads sample_text 1 (goes_through race_programs) h seen last /\ race h (full_sw h) w r.
Proof.
  intros parts ss cs hb w r Rd Wr Check; rewrite !andb_true_iff, !negb_true_iff in Check;
    destruct Check as ((Check & Not) & Not').
  pose proof Check as Closed; unfold c11_check in Closed; rewrite !andb_true_iff in Closed.
  destruct Closed as ((((_ & ((Closed & _) & _)) & _) & _) & _).
  destruct (c11_checked _ _ _ _ _ _ _ Check) as (Well & Is & Made & Con & seen & last & Runs).
  exists (written race_runs parts ss cs), (contracted race_runs ss cs), seen, last.
  do 5 (split; [assumption|]); unfold race.
  assert (Wo : writes_at (written race_runs parts ss cs) w (Object A 0)).
  { apply loc_written_iff; unfold loc_written, part_at, parts, chosen; cbn; now rewrite Wr. }
  assert (Ro : reads_at (written race_runs parts ss cs) r (Object A 0)).
  { apply loc_read_iff; unfold loc_read, part_at, parts, chosen; cbn; now rewrite Rd. }
  split; [exists (Object A 0); auto|split; [discriminate|split; [left; now exists (Object A 0)|split; [|split]]]].
  - intros (i & j & Wi & _ & At & _); unfold is_a, written, parts, chosen in Wi; cbn in Wi; rewrite Wr in Wi;
      injection Wi as <-; discriminate.
  - intros Hb; destruct (hb_before _ _ _ _ Closed w r Hb) as (_ & _ & Is'); fold hb in Is'; congruence.
  - intros Hb; destruct (hb_before _ _ _ _ Closed r w Hb) as (_ & _ & Is'); fold hb in Is'; congruence.
Qed.
Theorem relaxed_poll_races : exists (h : execution (of_cpus 2) c11) g seen last, well_formed h 1 /\
  rc11_consistent h (full_sw h) /\
  made_of h (lists_of relaxed_poll) /\ contracts h g /\
  runs_threads sample_text 1 (goes_through race_programs) h seen last /\
  race h (full_sw h) (0, 2, 0)%nat (1, 2, 0)%nat.
Proof. apply c11_races; vm_compute; reflexivity. Qed.
Theorem relaxed_store_races : exists (h : execution (of_cpus 2) c11) g seen last, well_formed h 1 /\
  rc11_consistent h (full_sw h) /\
  made_of h (lists_of relaxed_store) /\ contracts h g /\
    runs_threads sample_text 1 (goes_through race_programs) h seen last /\
  race h (full_sw h) (0, 2, 0)%nat (1, 2, 0)%nat.
Proof. apply c11_races; vm_compute; reflexivity. Qed.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The theorems of the machine speak of something

    Executions of two threads of the exported C, computed step by step ([run]).  Two
    clients that keep the contract contend for the lock of VM 3's page table: one of
    them polls in vain, and every premise of the corollaries holds
    ([contended_execution], [contended_premises]).  And a client that releases what
    it does not hold: the machine lets it, and then two CPUs are inside
    ([stranger_two_inside]). *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import options syntax.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract contract_facts text sample examples.
From hlock.stack Require Import stack setting stack_refine.
From hlock.stack Require Import examples.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import invariant simulation no_breach.
From hlock.machine.safety Require Import corollaries.
From hlock.machine.bridge Require Import local bridge fair.
From hlock.machine.live Require Export computed.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

(** Computed by the kernel alone. *)
Ltac by_kernel := match goal with |- _ = ?b => vm_cast_no_check (eq_refl b) end.

(** ** The machine, computed *)
Section Run.
  Context {S : system} (text : program) (width : Z) (clients : cpu -> client S).
  Local Notation M := (sc_memory S width).
  Local Notation log := (log S words_verb).

  (** On consistent memory. *)
  Definition step_of (c : cpu) (x : machine M) : option (machine M) :=
    option_map snd (step_by text width clients (mem_step := mem_step M) (fun _ => next S width) c x).
  (** The CPUs of a schedule, one step each. *)
  Fixpoint run (schedule : list cpu) (x : machine M) : option (machine M) :=
    match schedule with
    | [] => Some x
    | c :: schedule => match step_of c x with Some x' => run schedule x' | None => None end
    end.

  Lemma step_of_sound c x x' : step_of c x = Some x' -> exists v, machine_step text width M clients c x v x'.
  Proof.
    unfold step_of; destruct (step_by _ _ _ _ _ _) as [[v x1]|] eqn:Step; intros [= <-]; exists v.
    revert Step; apply step_by_sound; [split; reflexivity|intros g c' a There; split; [exact There|reflexivity]].
  Qed.

  Lemma run_sound schedule : forall tr x x',
    execution text width M clients tr x -> run schedule x = Some x' ->
      exists tr', execution text width M clients tr' x'.
  Proof.
    induction schedule as [|c schedule IH]; cbn; intros tr x x' Run Is; [injection Is as <-; eauto|].
    destruct (step_of c x) as [x1|] eqn:Step; [|discriminate].
    apply step_of_sound in Step as (v & Step); eauto using execution_step.
  Qed.

  (** What is computed of the state that a schedule leads to holds of an execution. *)
  Lemma computed {A} (f : machine M -> A) schedule a :
    option_map f (run schedule (first_state M)) = Some a -> exists tr x, execution text width M clients tr x /\ f x = a.
  Proof.
    destruct (run schedule (first_state M)) as [x|] eqn:Run; [|discriminate]; intros [= <-].
    destruct (run_sound schedule [] _ x (execution_start text width M clients) Run) as (tr & Is); eauto.
  Qed.
End Run.

(** What was done to the words of lock [l], oldest first. *)
Definition verbs (l : Z) (g : log two words_verb) : list (cpu * words_verb) :=
  flat_map (fun e => match e with (c, Lock l' k) => if l' =? l then [(c, k)] else [] | _ => [] end) (rev g).
(** A CPU that is between two operations and inside of lock [l]. *)
Definition rests_inside {w} (clients : cpu -> client two) (x : machine (sc_memory two w)) (c : cpu) (l : Z) : bool :=
  match nth_error (threads x) c with Some (Idle history) => has l (held (clients c) history) | _ => false end.
(** What CPU [c] acquires; whether it is between two operations. *)
Definition acquires {w} (x : machine (sc_memory two w)) (c : cpu) : option (family * Z) :=
  match nth_error (threads x) c with Some (Calling (Op_acquire f i) _ _) => Some (f, i) | _ => None end.
Definition rests {w} (x : machine (sc_memory two w)) (c : cpu) : bool :=
  match nth_error (threads x) c with Some (Idle _) => true | _ => false end.
Lemma rests_inside_sound w clients (x : machine (sc_memory two w)) c l :
  rests_inside clients x c l = true -> inside sample_text clients x c l.
Proof.
  unfold rests_inside, inside, two in *; destruct (nth_error (threads x) c) as [[]|]; try discriminate; intros Has;
    now apply has_in.
Qed.

(** CPU [c] halts. *)
Definition halt_of {w} (c : cpu) (x : machine (sc_memory two w)) : machine (sc_memory two w) :=
  mkMachine (M := sc_memory two w) (put_at c Stopped (threads x)) ((c, Halted) :: contents x).
Lemma halt_of_sound w clients c (x : machine (sc_memory two w)) t :
  nth_error (threads x) c = Some t -> t <> Stopped ->
  machine_step sample_text w (sc_memory two w) clients c x (Some Did_halt) (halt_of c x).
Proof. destruct x as [ts g]; intros At Goes; eapply step_halt; [exact At|exact Goes|split; [exact I|reflexivity]]. Qed.

(** Clients of the small table, as a setting of the proofs. *)
Definition of_clients (w : Z) (Width : 1 <= w <= 32) (clients : cpu -> client two) : running :=
  mkRunning (of_two w Width) clients.

(** ** Two clients that keep the contract *)

(** Each adds one to part 0 of the object of VM 3's page table, and two to part 1. *)
Definition adds_one (told : Z) : list (op two) :=
  [Op_acquire pt_family 3;
   Op_read pt_family 3 0; Op_write pt_family 3 0 (told + 1 : Obj two (lock_id pt_family 3));
   Op_read pt_family 3 1; Op_write pt_family 3 1 (told + 2 : Obj two (lock_id pt_family 3));
   Op_release pt_family 3].
Definition both : cpu -> client two := fun _ history => nth_error (adds_one (last_told history)) (length history).

(** CPU 0 acquires and reads part 0; CPU 1 takes its ticket and polls in vain.  Then CPU 0
    does the rest and releases; CPU 1 polls once more and does it all. *)
Definition half : list cpu := repeat 0%nat 32 ++ repeat 1%nat 19.
Definition whole : list cpu := half ++ repeat 0%nat 19 ++ repeat 1%nat 48.

Local Ltac each_width := intros [<-|[<-|[<-|[]]]].

Lemma both_contract : keep_contract sample both.
Proof.
  split.
  - intros c history o Next; apply nth_error_In in Next; revert o Next; apply Forall_forall.
    repeat apply Forall_cons; try apply Forall_nil; cbn [of_table]; unfold sample; cbn [List.In]; auto 10.
  - intros c n; do 6 (destruct n as [|n]; [exact I|split; [reflexivity|intros ?; cbn [ends]]]).
    now destruct n.
Qed.
(** Every premise of the corollaries holds of them. *)
Example contended_premises w : List.In w widths ->
  (1 <= w <= 32 /\ Z.of_nat 2 <= modulus w) /\
  never_breaches both sample.
Proof.
  intros Is; split; [|exact (contract_suffices _ _ both_contract)].
  revert Is; each_width; repeat split; discriminate.
Qed.

(** While CPU 0 is inside, CPU 1 waits: its poll returned 0, its ticket is 1. *)
Example contended_waits w : List.In w widths ->
  exists tr x, execution sample_text w (sc_memory two w) both tr x /\ inside sample_text both x 0%nat pt3 /\
    words_phase two 1 pt3 (contents x) = Waiting 1 /\
    verbs pt3 (contents x) = [(0%nat, Took 0); (0%nat, Polled 0); (1%nat, Took 1); (1%nat, Polled 0)].
Proof.
  intros Is; destruct (computed sample_text w both (fun x : machine (sc_memory two w) =>
      (rests_inside both x 0%nat pt3, words_phase two 1 pt3 (contents x), verbs pt3 (contents x))) half
      (true, Waiting 1, [(0%nat, Took 0); (0%nat, Polled 0); (1%nat, Took 1); (1%nat, Polled 0)]))
    as (tr & x & Run & Found).
  - revert Is; each_width; by_kernel.
  - injection Found as Rests Waits Verbs; exists tr, x; auto using rests_inside_sound.
Qed.

(** Both have done: nobody's addition is lost, in either part.  With words of one bit they wrap. *)
Example contended_execution w : List.In w widths ->
  exists tr x, execution sample_text w (sc_memory two w) both tr x /\
    number (object pt3 0 (contents x)) = 2 /\ number (object pt3 1 (contents x)) = 4 /\
    verbs pt3 (contents x) =
      [(0%nat, Took 0); (0%nat, Polled 0); (1%nat, Took 1); (1%nat, Polled 0); (0%nat, Loaded 0);
       (0%nat, Stored 1); (1%nat, Polled 1); (1%nat, Loaded 1); (1%nat, Stored (2 mod modulus w))].
Proof.
  intros Is; destruct (computed sample_text w both (fun x : machine (sc_memory two w) =>
      (number (object pt3 0 (contents x)), number (object pt3 1 (contents x)), verbs pt3 (contents x))) whole
      (2, 4, [(0%nat, Took 0); (0%nat, Polled 0); (1%nat, Took 1); (1%nat, Polled 0); (0%nat, Loaded 0);
       (0%nat, Stored 1); (1%nat, Polled 1); (1%nat, Loaded 1); (1%nat, Stored (2 mod modulus w))]))
    as (tr & x & Run & Found).
  - revert Is; each_width; by_kernel.
  - injection Found as First Second Verbs; exists tr, x; auto.
Qed.

(** On the atomic machine the same was seen, and both parts are the same. *)
Example contended_above w : List.In w widths ->
  exists tr x y, execution sample_text w (sc_memory two w) both tr x /\ atomic_execution both tr y /\
    number (object pt3 0 (contents x)) = 2 /\ number (object pt3 1 (contents x)) = 4 /\
    number (object pt3 0 (happened y)) = 2 /\ number (object pt3 1 (happened y)) = 4.
Proof.
  intros Is; destruct (contended_execution w Is) as (tr & x & Run & First & Second & _).
  destruct (contended_premises w Is) as ((Width & _) & Never).
  destruct (machine_correct (G := of_clients w Width both) Never tr x Run) as (y & Above & Rel).
  exists tr, x, y; rewrite <- First, <- Second; repeat split; auto; apply (f_equal number).
  all: exact (eq_trans (f_equal (object _ _) (rel_log _ _ Rel)) (object_up _ _ _ _ _)).
Qed.

(** So they are never both inside, however they are interleaved. *)
Example contended_exclusion w tr x c c' : List.In w widths ->
  execution sample_text w (sc_memory two w) both tr x ->
  inside sample_text both x c pt3 -> inside sample_text both x c' pt3 -> c = c'.
Proof.
  intros Is; destruct (contended_premises w Is) as ((Width & _) & Never).
  exact (mutual_exclusion (G := of_clients w Width both) Never tr x c c' pt3).
Qed.

(** So each CPU is explained as one CPU among others that keep to the protocol.  CPU
    1, while it waits, polls in the sense of the theorems on one CPU. *)
Example contended_bridged w : List.In w widths ->
  exists tr x, execution sample_text w (sc_memory two w) both tr x /\
    (forall c t, nth_error (threads x) c = Some t -> explained_so_far sample_text w both tt tr x c t) /\
    exists d, polling sample_text two w tt (both 1%nat) [] (among w 1 (contents x)) pt3 1 d /\ seen d = contents x.
Proof.
  intros Is; destruct (computed sample_text w both (fun x : machine (sc_memory two w) =>
      (acquires x 1, words_phase two 1 pt3 (contents x))) half (Some (pt_family, 3), Waiting 1))
    as (tr & x & Run & Found).
  - revert Is; each_width; by_kernel.
  - injection Found as At Waits; destruct (contended_premises w Is) as ((Width & _) & Never).
    pose proof (bridge_kept (G := of_clients w Width both) tt tr x Never Run) as Explained.
    exists tr, x; split; [exact Run|split; [exact Explained|]].
    unfold acquires, two in *.
    destruct (nth_error (threads x) 1) as [[history|[f i|f i|f i k|f i k v|] history s|o history l v k|]|] eqn:T;
      try discriminate.
    injection At as -> ->; exact (waiting _ _ _ _ _ _ _ (Explained 1%nat _ T) pt_family 3 history s 1 eq_refl Waits).
Qed.

(** ** Clients that rely on what the object holds *)

(** Nobody ever writes the object of VM 3's page table, which is 0 at first.  Each CPU
    reads it in a section; told 0 it releases, told another number it releases a lock
    that it does not hold. *)
Definition trusting : cpu -> client two := fun _ history =>
  nth_error [Op_acquire pt_family 3; Op_read pt_family 3 0;
             if last_told history =? 0 then Op_release pt_family 3 else Op_release core_family 0] (length history).
(** The same, whatever they are told. *)
Definition reading : cpu -> client two := fun _ history =>
  nth_error [Op_acquire pt_family 3; Op_read pt_family 3 0; Op_release pt_family 3] (length history).

(** Their text does not keep the contract: it speaks of all answers. *)
Example trusting_text : ~ keep_contract sample trusting.
Proof.
  intros (_ & Keeps); specialize (Keeps 0%nat 3%nat); cbn in Keeps.
  destruct Keeps as (_ & Keeps); destruct (Keeps None) as (_ & Keeps').
  destruct (Keeps' (Some (existT _ pt3 (1 : Obj two pt3)))) as (Allowed & _); discriminate Allowed.
Qed.

Lemma reading_never : never_breaches reading sample.
Proof.
  apply contract_suffices; split.
  - intros c history o Next; apply nth_error_In in Next; revert o Next; apply Forall_forall.
    repeat apply Forall_cons; try apply Forall_nil; cbn [of_table]; unfold sample; cbn [List.In]; auto 10.
  - intros c n; do 3 (destruct n as [|n]; [exact I|split; [reflexivity|intros ?; cbn [ends]]]).
    now destruct n.
Qed.

Definition told_at (q : position two) : list (response two) :=
  match q with At_rest history | Pending _ history | Effected _ history => history | Dead => [] end.

(** Clients that do as others do, which never write, as long as they are told 0: what they can be answered
    is 0, so all that they do on the atomic machine the others do too. *)
Section Told_zero.
  Context (naive others : cpu -> client two).
  Context (Same : forall c history, last_told history = 0 -> naive c history = others c history).
  Context (Writes : forall c history f i k v, others c history <> Some (Op_write f i k v)).

  Lemma told_zero tr y : atomic_execution naive tr y ->
    atomic_execution others tr y /\ (forall l k, object l k (happened y) = initial two l k) /\
    forall c q, nth_error (positions y) c = Some q -> last_told (told_at q) = 0.
  Proof.
    induction 1 as [|tr y c v y' Run (Reads & Objects & Told) Step].
    - split; [constructor|split; [reflexivity|]]; intros c q At; apply nth_repeat in At as ->; reflexivity.
    - assert (Put : forall q, last_told (told_at q) = 0 -> forall c' q',
        nth_error (put_at c q (positions y)) c' = Some q' -> last_told (told_at q') = 0).
      { intros q Zero c' q'; rewrite nth_put; destruct (Nat.eqb c' c); [|apply Told].
        destruct (nth_error _ c); [intros [= <-]; exact Zero|discriminate]. }
      destruct Step as [ps h history o At Choice Effect|ps h history o a At Effect Possible
        |ps h history o At|ps h history f i k l v At Choice Possible|ps h history f i k v l At Choice Possible
        |ps h q At Lives]; cbn [positions happened] in *; pose proof (Told c _ At) as Zero; cbn [told_at] in Zero.
      all: try (rewrite (Same c history Zero) in Choice).
      + split; [|split; [exact Objects|now apply Put]]; eapply atomic_execution_step; [exact Reads|].
        now apply atomic_call.
      + split; [eapply atomic_execution_step; [exact Reads|eapply atomic_effect; eassumption]|].
        split; [|now apply Put].
        intros l k; destruct o; try discriminate Effect; injection Effect as <-; exact (Objects l k).
      + split; [|split; [exact Objects|now apply Put]]; eapply atomic_execution_step; [exact Reads|].
        now apply atomic_return.
      + split; [|split; [exact Objects|apply Put]]; [eapply atomic_execution_step;
          [exact Reads|now apply atomic_read]|].
        cbn [told_at last_told]; unfold v; rewrite Objects; unfold number; cbn; now destruct (owner_name sample l).
      + destruct (Writes c history f i k v Choice).
      + split; [|split; [exact Objects|now apply Put]]; eapply atomic_execution_step; [exact Reads|].
        now apply atomic_halt with q.
  Qed.

  (** So they never break the contract if the others do not. *)
  Lemma told_zero_never : never_breaches others sample -> never_breaches naive sample.
  Proof.
    intros Never tr y Run (c & history & o & At & Next & Forbidden).
    destruct (told_zero tr y Run) as (Reads & _ & Told); specialize (Told c _ At).
    rewrite (Same c history Told) in Next.
    apply (Never tr y Reads); exists c, history, o; auto.
  Qed.
End Told_zero.

(** Told 0, the trusting do what the reading do. *)
Lemma trusting_reading c history : last_told history = 0 -> trusting c history = reading c history.
Proof. intros Zero; unfold trusting; now rewrite Zero. Qed.
Lemma reading_writes_not c history f i k v : reading c history <> Some (Op_write f i k v).
Proof. do 3 (destruct history as [|? history]; [discriminate|]); now destruct history. Qed.
Definition trusting_reads := told_zero trusting reading trusting_reading reading_writes_not.
(** Every theorem about clients that never break the contract is true of these. *)
Theorem trusting_never : never_breaches trusting sample.
Proof. exact (told_zero_never trusting reading trusting_reading reading_writes_not reading_never). Qed.

(** ** A client that breaks the contract *)

(** CPU 1 releases what it does not hold, then acquires; CPU 0 acquires. *)
Definition stranger : cpu -> client two := fun c history =>
  nth_error (match c with
             | O => [Op_acquire core_family 0]
             | _ => [Op_release core_family 0; Op_acquire core_family 0]
             end) (length history).

(** On the atomic machine this is a breach, at once. *)
Example stranger_breaches : breach stranger sample (atomic_start (S := two)) /\ ~ never_breaches stranger sample.
Proof.
  assert (Breach : breach stranger sample (atomic_start (S := two))).
  { exists 1%nat, [], (Op_release core_family 0); split; [reflexivity|split; [reflexivity|]].
    right; right; discriminate. }
  split; [exact Breach|intros Never; exact (Never _ _ (atomic_execution_start stranger) Breach)].
Qed.

(** The machine of threads lets it, and goes on: the release counts up the number
    that is served while CPU 0 is inside, and CPU 1 gets in beside it. *)
Theorem stranger_two_inside w : List.In w widths ->
  exists tr x, execution sample_text w (sc_memory two w) stranger tr x /\
    inside sample_text stranger x 0%nat 0 /\ inside sample_text stranger x 1%nat 0 /\
    verbs 0 (contents x) = [(0%nat, Took 0); (0%nat, Polled 0); (1%nat, Loaded 0); (1%nat, Stored 1);
                            (1%nat, Took 1); (1%nat, Polled 1)].
Proof.
  intros Is; destruct (computed sample_text w stranger (fun x : machine (sc_memory two w) =>
      (rests_inside stranger x 0%nat 0, rests_inside stranger x 1%nat 0, verbs 0 (contents x)))
      (repeat 0%nat 31 ++ repeat 1%nat 16 ++ repeat 1%nat 31)
      (true, true, [(0%nat, Took 0); (0%nat, Polled 0); (1%nat, Loaded 0); (1%nat, Stored 1);
                    (1%nat, Took 1); (1%nat, Polled 1)]))
    as (tr & x & Run & Found).
  - revert Is; each_width; by_kernel.
  - injection Found as Rests Rests' Verbs; exists tr, x; auto using rests_inside_sound.
Qed.

(** An event of another CPU that is out of order. *)
Fixpoint foreign_fault w (c : cpu) (g : log two words_verb) : bool :=
  match g with
  | [] => false
  | e :: before =>
      negb (Nat.eqb (fst e) c) && (match event_fault (words two w) e before with Some _ => true | None => false end) ||
      foreign_fault w c before
  end.
Lemma foreign_fault_sound w c g : foreign_fault w c g = true -> ~ others_in_order two w c g.
Proof.
  induction g as [|e g IH]; cbn [foreign_fault]; [discriminate|]; intros Found Order.
  apply orb_prop in Found as [Here|Before].
  - apply andb_prop in Here as (Other & Fault).
    rewrite (Order [] e g eq_refl) in Fault; [discriminate|]; intros Own; now rewrite Own, Nat.eqb_refl in Other.
  - apply IH; [exact Before|]; intros b e' g' ->; exact (Order (e :: b) e' g' eq_refl).
Qed.

(** To CPU 0 the others do not keep to the protocol then: it is not explained. *)
Theorem stranger_not_explained w : List.In w widths ->
  exists tr x history, execution sample_text w (sc_memory two w) stranger tr x /\
    nth_error (threads x) 0 = Some (Idle history) /\
    ~ explained_so_far sample_text w stranger tt tr x 0 (Idle history).
Proof.
  intros Is; destruct (computed sample_text w stranger (fun x : machine (sc_memory two w) =>
      (rests x 0, foreign_fault w 0 (contents x))) (repeat 0%nat 31 ++ repeat 1%nat 16) (true, true))
    as (tr & x & Run & Found).
  - revert Is; each_width; by_kernel.
  - injection Found as At Fault.
    unfold rests, two in *.
    destruct (nth_error (threads x) 0) as [[history|o history s|o history l v k|]|] eqn:T; try discriminate.
    exists tr, x, history; split; [exact Run|split; [exact T|]]; intros [Safe Rest _ _ _].
    destruct (Rest history eq_refl) as (d & (C_run & _) & Seen).
    destruct (Safe d) as (_ & Order); [left; eauto|].
    apply (foreign_fault_sound w 0 (contents x) Fault).
    exact (eq_ind _ (others_in_order two w 0) Order _ Seen).
Qed.

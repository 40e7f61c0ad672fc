(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What is explored: small machines, right ones and wrong ones

    A case is a number of CPUs, a width of the words, the C text, the primitives,
    and a program for each CPU.  The text of a small table with the shipped primitives and
    programs that keep the contract must be found without fault; each wrong thing
    must be found.  Wrong primitives are other models of memory, all of them here.
    [cases_lose_nothing] is [explored_all] for these clients.  Read next:
    tools/explore/explore.ml, which walks the states of each case. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax link.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L1_ticket Require Import wrong_code.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text sample.
From hlock.generated Require L1_ticket L3_atomic.
From hlock.stack Require Import stack examples.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.run Require Import explore explore_facts.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

(** ** Programs: a list of instructions, once or for ever *)
Section Programs.
  Context {S : system}.

  (** The next operation may depend on the answers of this round. *)
  Definition instruction : Type := list (response S) -> op S.
  Record script := mkScript { loops : bool; instructions : list instruction }.

  (** The answers of the round that is under way. *)
  Definition this_round (p : script) (history : list (response S)) : list (response S) :=
    if loops p then firstn (List.length history mod List.length (instructions p)) history else history.
  Definition client_of (p : script) : client S := fun history =>
    let history := this_round p history in
    match nth_error (instructions p) (List.length history) with
    | Some i => Some (i history)
    | None => None
    end.

  Lemma mod_below n k : (n mod k <= n)%nat.
  Proof. destruct k; [apply le_n|]; now apply Nat.mod_le. Qed.
  Lemma length_round p history : loops p = true ->
    List.length (this_round p history) = (List.length history mod List.length (instructions p))%nat.
  Proof. intros Loops; unfold this_round; rewrite Loops; apply firstn_length_le, mod_below. Qed.
  Lemma round_twice p history : this_round p (this_round p history) = this_round p history.
  Proof.
    destruct (loops p) eqn:Loops; [|unfold this_round; now rewrite !Loops].
    unfold this_round at 1; rewrite Loops, length_round by exact Loops.
    apply firstn_all2; rewrite length_round by exact Loops.
    destruct (List.length (instructions p)); [apply le_n|]; now rewrite Nat.mod_mod.
  Qed.
  Lemma round_client p history : client_of p (this_round p history) = client_of p history.
  Proof. unfold client_of; now rewrite round_twice. Qed.
  Lemma round_later p a history : this_round p (a :: this_round p history) = this_round p (a :: history).
  Proof.
    destruct (loops p) eqn:Loops; [|unfold this_round; now rewrite !Loops].
    pose proof (length_round p history Loops) as Length; unfold this_round in Length |- *; rewrite Loops in *.
    cbn [List.length]; rewrite Length; clear Length.
    generalize (List.length (instructions p)) as k, (List.length history) as n; intros k n.
    assert (Same : (Datatypes.S (n mod k) mod k = Datatypes.S n mod k)%nat).
    { destruct k as [|k']; [reflexivity|]; exact (Nat.add_mod_idemp_r 1 n (Datatypes.S k') (Nat.neq_succ_0 k')). }
    rewrite <- Same; pose proof (mod_below (Datatypes.S (n mod k)) k) as Le.
    destruct (Datatypes.S (n mod k) mod k)%nat as [|r]; [reflexivity|].
    cbn [firstn]; now rewrite firstn_firstn, Nat.min_l by lia.
  Qed.
End Programs.
Arguments script S : clear implicits.
Arguments instruction S : clear implicits.

(** ** A counter for the object of each lock *)
Definition counters : objects := {| otype := fun _ => Z; ofirst := fun _ _ => 0; oeq := fun _ => Z.eq_dec |}.
Definition small (N : nat) : system := table_system sample N counters.
Definition count_in {N} (l : Z) : Obj (small N) l -> Z :=
  match owner_name sample l as n return lock_obj counters n -> Z with
  | Some _ => fun v => v
  | None => fun _ => 0
  end.
Definition counter {N} (l v : Z) : Obj (small N) l :=
  match owner_name sample l as n return lock_obj counters n with
  | Some _ => v
  | None => tt
  end.

Section Cases.
  Context {N : nat}.
  Local Notation S := (small N).

  Definition acquires (f : family) : instruction S := fun _ => Op_acquire f 0.
  Definition releases (f : family) : instruction S := fun _ => Op_release f 0.
  Definition looks_at (f : family) : instruction S := fun _ => Op_read f 0 0.
  (** One more than it has just read. *)
  Definition adds_one (f : family) : instruction S := fun history =>
    let v := match history with Some (existT _ l v) :: _ => count_in l v | _ => 0 end in
    Op_write f 0 0 (counter (lock_id f 0) ((v + 1) mod 3)).

  Definition counts (f : family) : list (instruction S) := [looks_at f; adds_one f].
  Definition visits (f : family) : list (instruction S) := [acquires f] ++ counts f ++ [releases f].
  Definition passes (f : family) : list (instruction S) := [acquires f; releases f].
  (** [g] inside of [f]. *)
  Definition nests (f g : family) : list (instruction S) :=
    [acquires f; acquires g] ++ counts g ++ [releases g; releases f].
  (** A round ends holding nothing: of earlier rounds the explorer keeps nothing. *)
  Definition for_ever : list (instruction S) -> script S := mkScript true.
  Definition one_time : list (instruction S) -> script S := mkScript false.
End Cases.

(** ** Wrong texts: the right one with another [wait_lock] *)
Definition with_wait (wait : function) : program := {|
  functions :=
    link [map (fun d => if Pos.eqb (fst d) ($"wait_lock") then (fst d, Gfun (Internal wait)) else d)
              L1_ticket.global_definitions;
          L3_atomic.global_definitions; locks_text "" sample];
  prefix_of := ""
|}.

(** With the right one it is the right text. *)
Example with_wait_right : with_wait L1_ticket.f_wait_lock = sample_text.
Proof. vm_compute; reflexivity. Qed.

Fixpoint without_loop (s : statement) : statement :=
  match s with
  | Ssequence s1 s2 => Ssequence (without_loop s1) (without_loop s2)
  | Sloop _ _ => Sskip
  | s => s
  end.
Definition no_wait : function :=
  let f := L1_ticket.f_wait_lock in
  mkfunction (fn_return f) (fn_callconv f) (fn_params f) (fn_vars f) (fn_temps f) (without_loop (fn_body f)).

(** ** Wrong primitives *)
Inductive primitives := Shipped | Split_ticket | Stores_two_more.

Section Wrong.
  Context (N : nat) (width : Z) (explored parts : list Z).
  Local Notation S := (small N).
  Local Notation ask_shipped := (ask_words (S := S) width explored parts).
  Local Notation log := (log S words_verb).

  (** incr_ticket is a load and then a store: the CPU keeps what it has loaded. *)
  Definition ask_split (m : log * list (option Z)) (c : cpu) (mv : thread_move S) :=
    let (g, loaded) := m in
    match mv, nth_error loaded c with
    | Take l _, Some None =>
        let v := next S width l g in Some (Half (S := S) l v, (g, put_at c (Some v) loaded))
    | Take l k, Some (Some t) =>
        let a := Lock l (Took t) in
        Some (Acts a (k t), (compact width explored parts ((c, a) :: g), put_at c None loaded))
    | mv, _ =>
        match ask_shipped g c mv with Some (x, g) => Some (x, (g, loaded)) | None => None end
    end.
  Definition split_model : model (S := S) :=
    mkModel _ (compact width explored parts [], repeat None N) ask_split fst.

  (** incr_now stores two more than it has loaded. *)
  Definition ask_two (g : log) (c : cpu) (mv : thread_move S) :=
    ask_shipped g c (match mv with Store l v t => Store l ((v + 1) mod modulus width) t | mv => mv end).
  Definition two_model : model (S := S) := mkModel log (compact width explored parts []) ask_two (fun g => g).

  Definition model_of (p : primitives) : model (S := S) :=
    match p with
    | Shipped => shipped_model width explored parts
    | Split_ticket => split_model
    | Stores_two_more => two_model
    end.
End Wrong.

(** ** Cases *)
Record small_case := mkCase {
  title : string;
  how_many : nat;                  (* CPUs *)
  bits : Z;                        (* of a word *)
  with_halts : bool;               (* any CPU can halt at any step *)
  code_run : program;
  words_are : primitives;
  programs : list (script (small how_many))   (* of CPU 0, 1, ...; the last one of those that follow *)
}.

Definition A : family := vm_family.
Definition B : family := pt_family.

Section Of.
  Context (x : small_case).
  Definition locks_of : list Z :=
    let named (i : instruction (small (how_many x))) :=
      match i [] with
      | Op_acquire f i | Op_release f i | Op_read f i _ | Op_write f i _ _ => [lock_id f i]
      | Op_halt => []
      end in
    nodup Z.eq_dec (flat_map (fun p => flat_map named (instructions p)) (programs x)).
  Definition parts_of : list Z :=
    let named (i : instruction (small (how_many x))) :=
      match i [] with Op_read _ _ k | Op_write _ _ k _ => [k] | _ => [] end in
    nodup Z.eq_dec (flat_map (fun p => flat_map named (instructions p)) (programs x)).
  Definition program_of (c : cpu) : script (small (how_many x)) := nth c (programs x) (last (programs x) (one_time [])).
  Definition clients_of (c : cpu) : client (small (how_many x)) := client_of (program_of c).
  Definition kept_of (c : cpu) := this_round (program_of c).
  Definition case_model := model_of (how_many x) (bits x) locks_of parts_of (words_are x).
  Definition case_state := state case_model.
  Definition case_start : case_state := start case_model.
  Definition case_step := step_of (code_run x) (bits x) clients_of kept_of case_model.
  Definition case_halt := halt_of (S := small (how_many x)) case_model.
  Definition case_violation (y : case_state) := violation_of (code_run x) (bits x) clients_of parts_of y.
  Definition case_finished (y : case_state) : bool := all_finished (code_run x) (bits x) clients_of 0 (fst y).
End Of.

(** What the walk of a case with the shipped primitives finds holds of all executions
    of the machine with these clients. *)
Theorem cases_lose_nothing x halts X tr y :
  0 <= bits x ->
  closed (code_run x) (bits x) (clients_of x) (locks_of x) (parts_of x) (kept_of x) halts X ->
  execution (code_run x) (bits x) (sc_memory _ (bits x)) (clients_of x) tr y ->
  halts = true \/ (forall c, ~ List.In (c, Did_halt) tr) ->
  exists z, X z /\ represents (code_run x) (bits x) (clients_of x) (locks_of x) (parts_of x) (kept_of x) y z.
Proof.
  intros Width Closed Run; apply (fun E L T => explored_all _ _ Width _ _ _ _ E L T halts X Closed tr y Run).
  all: intros c; unfold clients_of, kept_of; auto using round_client, round_later, round_twice.
Qed.

Definition right_cases : list small_case := [
  mkCase "one lock" 2 1 false sample_text Shipped [for_ever (visits A)];
  mkCase "one lock" 2 2 false sample_text Shipped [for_ever (visits A)];
  mkCase "one lock" 3 2 false sample_text Shipped [for_ever (visits A)];
  mkCase "one lock, CPUs halt" 2 1 true sample_text Shipped [for_ever (visits A)];
  mkCase "one lock, CPUs halt" 3 2 true sample_text Shipped [for_ever (visits A)];
  mkCase "two locks, one inside the other" 2 1 false sample_text Shipped [for_ever (nests A B)];
  mkCase "two locks, one inside the other" 2 2 false sample_text Shipped [for_ever (nests A B)];
  mkCase "two locks, one inside the other" 3 2 false sample_text Shipped [for_ever (nests A B)];
  mkCase "two locks, one after the other" 2 1 false sample_text Shipped
    [for_ever (visits A ++ visits B); for_ever (visits B ++ visits A)];
  mkCase "two locks, one after the other" 3 2 false sample_text Shipped
    [for_ever (visits A ++ passes B); for_ever (passes B ++ visits A)]
].

Definition with_comparison (what : string) (op : binary_operation) : small_case :=
  mkCase what 2 1 false (with_wait (wait_while op)) Shipped [for_ever (visits A)].

Definition wrong_cases : list small_case := [
  with_comparison "wait_lock with < for !=" Olt;
  with_comparison "wait_lock with > for !=" Ogt;
  with_comparison "wait_lock with <= for !=" Ole;
  with_comparison "wait_lock with >= for !=" Oge;
  with_comparison "wait_lock with == for !=" Oeq;
  mkCase "wait_lock without its loop" 2 1 false (with_wait no_wait) Shipped [for_ever (visits A)];
  mkCase "incr_ticket by load, then store" 2 2 false sample_text Split_ticket [for_ever (visits A)];
  mkCase "incr_now by two" 2 1 false sample_text Stores_two_more [for_ever (visits A)];
  mkCase "one CPU too many for the words" 3 1 false sample_text Shipped [for_ever (visits A)];
  mkCase "a stranger releases" 3 2 false sample_text Shipped
    [for_ever (visits A); for_ever (visits A); one_time [releases A]];
  mkCase "a client touches what it does not hold" 2 1 false sample_text Shipped
    [for_ever (visits A); for_ever (counts A)];
  mkCase "a client acquires twice" 2 2 false sample_text Shipped
    [one_time [acquires A; acquires A]; for_ever (visits A)];
  mkCase "a client never releases" 2 1 false sample_text Shipped [one_time [acquires A]; for_ever (visits A)];
  mkCase "two locks in two orders (ABBA)" 2 1 false sample_text Shipped [for_ever (nests A B); for_ever (nests B A)]
].

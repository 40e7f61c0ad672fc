(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The stack: the linked C of all floors, down to the words (T4)

    A client calls the C functions of a table (text.v); they are linked with floors 3
    and 1 and run on floor 0's memory, where other CPUs do what they do.  Each
    operation of floor 0 is carried up through the floors: tickets, queue, atomic
    lock, private copies.  The statement is in parts.v. *)
From Coq Require Import ZArith List Bool String Lia FMapPositive.
From hlock.clight Require Import options integers values syntax operators semantics vcgen functions link.
From hlock.layers.view Require Import spec facts map.
From hlock.layers Require L0_machine.spec L0_machine.facts.
From hlock.layers Require L1_ticket.spec L1_ticket.facts L1_ticket.refine L1_ticket.code.
From hlock.layers Require L2_queue.spec L2_queue.refine.
From hlock.layers Require L3_atomic.spec L3_atomic.facts L3_atomic.refine.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec refine text text_facts code.
From hlock.generated Require L1_ticket L3_atomic.
From hlock.stack Require Export linked.
Import L0_machine.spec L0_machine.facts.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

(** ** What is where in it *)
Section Linked.
  Context (prefix : string) (T : table).

  Lemma functions_defined : filter defined (functions_of false prefix T) = functions_of false prefix T.
  Proof. induction T as [|f T' IH]; [reflexivity|]; exact (f_equal (fun fs => _ :: _ :: fs) IH). Qed.
  Lemma functions_not_called : filter (fun e => negb (defined e)) (functions_of false prefix T) = [].
  Proof. induction T as [|f T' IH]; [reflexivity|exact IH]. Qed.
  Lemma calls_defined : filter defined (calls_of false T) = [].
  Proof. unfold calls_of; destruct T as [|f T']; [reflexivity|]; cbn [andb]; now destruct (existsb _ T'). Qed.

  (** First the functions of floors 1 and 3, then those of the table, then what they call. *)
  Lemma stack_is : exists called,
    functions (stack prefix T) =
    [($"wait_lock", Gfun (Internal L1_ticket.f_wait_lock)); ($"pass_lock", Gfun (Internal L1_ticket.f_pass_lock));
     ($"wait_hlock", Gfun (Internal L3_atomic.f_wait_hlock));
     ($"pass_hlock", Gfun (Internal L3_atomic.f_pass_hlock))] ++
    functions_of false prefix T ++
    filter (fun e => negb (defined e)) L1_ticket.global_definitions ++ called.
  Proof.
    eexists; unfold stack, link, locks_text, text_of; cbv zeta; cbn [functions List.concat];
      rewrite app_nil_r, !filter_app.
    rewrite functions_defined, functions_not_called, calls_defined; cbn [app]; rewrite <- !app_assoc; reflexivity.
  Qed.

  Lemma stack_finds_defined s fd : (String.length s < 13)%nat ->
    find_function ([($"wait_lock", Gfun (Internal L1_ticket.f_wait_lock));
     ($"pass_lock", Gfun (Internal L1_ticket.f_pass_lock));
     ($"wait_hlock", Gfun (Internal L3_atomic.f_wait_hlock));
     ($"pass_hlock", Gfun (Internal L3_atomic.f_pass_hlock))] ++
     filter (fun e => negb (defined e)) L1_ticket.global_definitions) ($s) = Some fd ->
    find_function (functions (stack prefix T)) ($s) = Some fd.
  Proof.
    destruct stack_is as (called & ->); intros Short; rewrite !find_function_app.
    destruct (find_function _ ($s)) as [fd'|]; [auto|].
    rewrite (find_function_none (functions_of false prefix T)); [|].
    - now intros ->.
    - intros Is; apply acquire_release_names in Is as (o & f & _ & Same); symmetry in Same.
      exact (acquire_release_name_other prefix o f s Short Same).
  Qed.

  Lemma stack_function o f : table_ok T = true -> List.In f T ->
    find_function (functions (stack prefix T)) ($(function_name prefix o f)) =
      Some (Internal (function_text false o f)).
  Proof.
    destruct stack_is as (called & ->); intros Ok Member.
    rewrite !find_function_app, (find_function_none [_; _; _; _]), find_acquire_release_in; auto.
    intros Is; cbn [map fst] in Is.
    repeat destruct Is as [Same|Is]; [..|destruct Is].
    all: symmetry in Same; revert Same; apply acquire_release_name_other; cbn; lia.
  Qed.
End Linked.

(** ** The linked functions, down to floor 1's specification *)
Section Calls.
  Context (text : program) (S : system) (width : Z).
  Local Notation data := (RData (words S width)).
  Definition stack_genv : genv data := mkgenv (functions text) (L1_ticket.code.words_layer S width).

  (** What [operation] of floor 1 does on words. *)
  Definition on_words (o : operation) (l : Z) (d d' : data) : Prop :=
    match o with
    | Acquire => L1_ticket.spec.wait_lock_spec_low l d d'
    | Release => L1_ticket.spec.pass_lock_spec_low l d = Done d'
    end.

  (** ** A client on the linked C *)
  Context {mem : Type} (m : mem).

  (** One operation: the C function of that name, an access to the object in
      memory, a halt.  It consults nobody. *)
  Definition c_do (o : op S) (d : data) (a : response S) (d' : data) : Prop :=
    match o with
    | Op_acquire f i =>
        a = None /\
        call_function stack_genv ($(function_name (prefix_of text) Acquire f)) (arguments f i) (m, d) (m, d') Vundef
    | Op_release f i =>
        a = None /\
        call_function stack_genv ($(function_name (prefix_of text) Release f)) (arguments f i) (m, d) (m, d') Vundef
    | Op_read f i k =>
        exists v, a = Some (existT _ (lock_id f i) v) /\ words_read S width (lock_id f i) k d = (v, d')
    | Op_write f i k v => a = None /\ d' = words_write S width (lock_id f i) k v d
    | Op_halt => a = None /\ d' = words_halt S width d
    end.

  (** The first [n] operations of client [p], or fewer if it ends or halts. *)
  Fixpoint c_run (p : client S) (n : nat) (history : list (response S)) (d : data)
      (responses : list (response S)) (d' : data) : Prop :=
    match n with
    | O => responses = history /\ d' = d
    | Datatypes.S n =>
        match p history with
        | None => responses = history /\ d' = d
        | Some o => exists a d1, c_do o d a d1 /\
            if ends o then responses = a :: history /\ d' = d1 else c_run p n (a :: history) d1 responses d'
        end
    end.

  (** *** What the others do in such a run *)

  (** Client [p], told [history] so far and then started in [d], stands in [d'] and polls
      lock [l] with ticket [t]. *)
  Definition polling (p : client S) history (d : data) (l t : Z) (d' : data) : Prop :=
    exists k history' d0 d1 f i,
      c_run p k history d history' d0 /\ halted (me d0) (events d0) = false /\
      p history' = Some (Op_acquire f i) /\ l = lock_id f i /\
      incr_ticket_spec S width l d0 = Done (t, d1) /\ L1_ticket.spec.polls_in_vain l t d1 d'.

  (** They keep to the protocol wherever the run comes, and when it goes on. *)
  Definition env_safe_throughout (p : client S) history (d : data) : Prop :=
    forall d', (exists k history', c_run p k history d history' d') \/ (exists l t, polling p history d l t d') ->
    env_safe S width d (arrive S width d').

  (** While I wait and it is not my turn, the serving number moves before one of my
      next [F] polls: who is inside passes the lock on, and a CPU before me that is
      not inside comes in. *)
  Definition env_fair (F : nat) (p : client S) history (d : data) : Prop :=
    forall l t d', polling p history d l t d' ->
    serving S width l (events d') = t \/ L1_ticket.spec.moves l F d'.
End Calls.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The stack: the linked C of all floors, down to the words (T4)

    A client calls the C functions of the table; they are linked with floors 3
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
From hlock.layers.L4_locks Require Import table table_facts spec refine code.
From hlock.generated Require Import lock_table.
From hlock.generated Require L1_ticket L3_atomic L4_locks.
Import L0_machine.spec L0_machine.facts.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

(** The C of floors 1, 3 and 4, linked. *)
Definition stack : module :=
  link [L1_ticket.global_definitions; L3_atomic.global_definitions; L4_locks.global_definitions].

(** ** The linked functions, down to floor 1's specification *)
Section Calls.
  Context (S : system) (width : Z) (Width : 1 <= width <= 32).
  Local Notation data := (RData (words S width)).
  Definition stack_genv : genv data := mkgenv stack (L1_ticket.code.words_layer S width).

  Lemma stack_links : L1_ticket.code.links stack.
  Proof. intros n [<-|[<-|[<-|[<-|[<-|[<-|[]]]]]]]; vm_compute; reflexivity. Qed.

  (** What [operation] of floor 1 does on words. *)
  Definition on_words (o : operation) (l : Z) (d d' : data) : Prop :=
    match o with
    | Acquire => L1_ticket.spec.wait_lock_spec_low l d d'
    | Release => L1_ticket.spec.pass_lock_spec_low l d = Done d'
    end.

  Context {mem : Type} (m : mem).

  Lemma call_floor_1 o n (d : data) fd st' v :
    let f := match o with Acquire => $"wait_lock" | Release => $"pass_lock" end in
    find_function stack f = Some fd -> eval_funcall stack_genv (m, d) f fd [Vint n] E0 st' v ->
    exists d', st' = (m, d') /\ on_words o (Int.unsigned n) d d'.
  Proof.
    intros f Found Call; destruct o.
    - change (Some (Internal L1_ticket.f_wait_lock) = Some fd) in Found; injection Found as <-.
      apply (L1_ticket.code.wait_lock_call S width Width stack stack_links m) in Call as (d' & -> & _ & W).
      exists d'; auto.
    - change (Some (Internal L1_ticket.f_pass_lock) = Some fd) in Found; injection Found as <-.
      apply (L1_ticket.code.pass_lock_call S width Width stack stack_links m) in Call as (d' & -> & _ & W).
      exists d'; auto.
  Qed.

  Lemma call_floor_3 o n (d : data) fd st' v :
    let f := match o with Acquire => $"wait_hlock" | Release => $"pass_hlock" end in
    find_function stack f = Some fd -> eval_funcall stack_genv (m, d) f fd [Vint n] E0 st' v ->
    exists d', st' = (m, d') /\ on_words o (Int.unsigned n) d d'.
  Proof.
    intros f Found Call.
    set (g := match o with Acquire => $"wait_lock" | Release => $"pass_lock" end).
    assert (Some (Internal (forwarder ($"lk") g)) = Some fd) as [= <-] by (rewrite <- Found; now destruct o).
    apply forwarder_call in Call as (fd1 & v1 & Found1 & Call1).
    exact (call_floor_1 o n d fd1 st' v1 Found1 Call1).
  Qed.

  (** The argument list with which C passes index [i] of family [f]. *)
  Definition arguments (f : family) (i : Z) : list val :=
    match index f with None => [] | Some _ => [Vint (Int.repr i)] end.

  (** A call of a function of the table is floor 1's operation on the lock's number. *)
  Lemma call_floor_4 o f i (d : data) st' v :
    List.In f lock_table -> in_family f i = true ->
    call_function stack_genv ($(function_name o f)) (arguments f i) (m, d) st' v ->
    exists d', st' = (m, d') /\ on_words o (lock_id f i) d d'.
  Proof.
    intros Member Range; apply in_family_iff in Range.
    unfold lock_table in Member; cbn [List.In] in Member.
    repeat destruct Member as [Member|Member]; [..|destruct Member].
    all: lazymatch type of Member with ?x = _ => let v := eval hnf in x in change x with v in Member end.
    all: subst f; unfold arguments, lock_id; cbn [index first count] in *.
    all: destruct o; intros (fd & Found & Call).
    all: lazymatch type of Found with find_function _ ($(function_name ?o ?f)) = _ =>
           let text := find_in stack ($(function_name o f)) in
           change (Some (Internal text) = Some fd) in Found; injection Found as <- end.
    all: inversion Call; subst.
    all: pose proof (proj1 (memory_unchanged stack_genv) _ _ _ _ _ _ _ _ Body) as Same.
    all: destruct st' as [m' d']; cbn in Same; subst m'; exists d'; split; [reflexivity|].
    all: lazymatch goal with
      | |- on_words ?o ?l ?d _ =>
          apply (wlp_sound stack_genv m _ (fun _ _ d' => on_words o l d d')) in Body; [exact Body|]
      end.
    all: try lazymatch type of Call with context [Some ?param] =>
           lazymatch type of Entry with function_entry _ [Vint ?n] = Some ?le =>
             assert (PositiveMap.find ($param) le = Some (Vint n))
               by (cbn in Entry; injection Entry as <-; reflexivity) end end.
    all: lazymatch goal with |- wlp _ _ (fn_body ?text) _ _ _ => unfold text end; straight_line.
    all: intros fd v1 d1 Found Called.
    all: lazymatch goal with |- on_words ?o ?l ?d _ =>
           destruct (call_floor_3 o _ d fd _ _ Found Called) as (d2 & [= ->] & W);
           refine (eq_ind _ (fun z => on_words o z d d2) W _ _) end.
    all: machine_arith; lia.
  Qed.

  (** ** A client on the linked C *)

  (** One operation: the C function of that name, an access to the object in
      memory, a halt.  It consults nobody. *)
  Definition c_do (o : op S) (d : data) (a : answer S) (d' : data) : Prop :=
    match o with
    | Op_acquire f i =>
        a = None /\
        call_function stack_genv ($(function_name Acquire f)) (arguments f i) (m, d) (m, d') Vundef
    | Op_release f i =>
        a = None /\
        call_function stack_genv ($(function_name Release f)) (arguments f i) (m, d) (m, d') Vundef
    | Op_read f i =>
        exists v, a = Some (existT _ (lock_id f i) v) /\ words_read S width (lock_id f i) d = (v, d')
    | Op_write f i v => a = None /\ d' = words_write S width (lock_id f i) v d
    | Op_halt => a = None /\ d' = words_halt S width d
    end.

  (** The first [n] operations of client [p], or fewer if it ends or halts. *)
  Fixpoint c_run (p : client S) (n : nat) (past : list (answer S)) (d : data)
      (answers : list (answer S)) (d' : data) : Prop :=
    match n with
    | O => answers = past /\ d' = d
    | Datatypes.S n =>
        match p past with
        | None => answers = past /\ d' = d
        | Some o => exists a d1, c_do o d a d1 /\
            if ends o then answers = a :: past /\ d' = d1 else c_run p n (a :: past) d1 answers d'
        end
    end.

  (** *** What the others do in such a run *)

  (** Client [p], told [past] so far and then started in [d], stands in [d'] and polls
      lock [l] with ticket [t]. *)
  Definition polling (p : client S) past (d : data) (l t : Z) (d' : data) : Prop :=
    exists k past' d0 d1 f i,
      c_run p k past d past' d0 /\ halted (me d0) (events d0) = false /\
      p past' = Some (Op_acquire f i) /\ l = lock_id f i /\
      incr_ticket_spec S width l d0 = Done (t, d1) /\ L1_ticket.spec.polls_in_vain l t d1 d'.

  (** They keep to the protocol wherever the run comes, and when it goes on. *)
  Definition env_safe_throughout (p : client S) past (d : data) : Prop :=
    forall d', (exists k past', c_run p k past d past' d') \/ (exists l t, polling p past d l t d') ->
    env_safe S width d (arrive S width d').

  (** While I wait and it is not my turn, the serving number moves before one of my
      next [F] polls: who is inside passes the lock on, and a CPU before me that is
      not inside comes in. *)
  Definition env_fair (F : nat) (p : client S) past (d : data) : Prop :=
    forall l t d', polling p past d l t d' ->
    now S width l (events d') = t \/ L1_ticket.spec.moves l F d'.
End Calls.

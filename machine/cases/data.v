(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The values that are read and written

    Trace inclusion is about values, too.  What the atomic machine shows is a function
    of its clients and of what it has shown ([atomic_shows]): a read shows what was
    last written, a write what its client writes.  Here two CPUs contend for a lock,
    and who waits reads what the other has written meanwhile: the trace is computed on
    both machines ([contended_values]).  With another value read, or written, it is no
    trace of the atomic machine ([other_read_refuted], [other_write_refuted]); with an
    older value it is one of a memory whose reads may be late ([late_read_refuted]).

    If [atomic_read] could show any value, the first and the last of these would be
    false; if [atomic_write] could, the second.  This file needs no proof about the
    machine, so that it can be checked alone.  Read next: wrong.v. *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import options syntax.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract text sample examples.
From hlock.stack Require Import stack examples.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.run Require Import explore.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

(** ** What the atomic machine shows *)
Section Shown.
  Context {S : system} (clients : cpu -> client S).

  (** The value of the last write of part [k] of the object of lock [l] that was seen. *)
  Fixpoint last_written (l k : Z) (tr : visible_trace S) : Obj S l :=
    match tr with
    | [] => initial S l k
    | (_, Did_write l' k' v) :: tr =>
        match (if k' =? k then value_for (A := Obj S) l l' v else None) with
        | Some v => v
        | None => last_written l k tr
        end
    | _ :: tr => last_written l k tr
    end.
  (** What CPU [c] was seen to be answered. *)
  Fixpoint answers (c : cpu) (tr : visible_trace S) : list (response S) :=
    match tr with
    | [] => []
    | (c', v) :: tr =>
        if Nat.eqb c' c
        then match v with
             | Did_read l _ v => Some (existT _ l v) :: answers c tr
             | Did_write _ _ _ | Returned _ => None :: answers c tr
             | Called _ | Did_halt => answers c tr
             end
        else answers c tr
    end.
  (** What is to be seen when operation [o] begins after [tr]. *)
  Definition shows (o : op S) (tr : visible_trace S) : visible S :=
    match o with
    | Op_acquire _ _ | Op_release _ _ => Called o
    | Op_read f i k => Did_read (lock_id f i) k (last_written (lock_id f i) k tr)
    | Op_write f i k v => Did_write (lock_id f i) k v
    | Op_halt => Did_halt
    end.
  (** Each call, read and write in the trace is what its client does after those
      answers, with that value. *)
  Fixpoint as_shown (tr : visible_trace S) : Prop :=
    match tr with
    | [] => True
    | (c, v) :: tr =>
        match v with
        | Returned _ | Did_halt => True
        | _ => exists o, clients c (answers c tr) = Some o /\ v = shows o tr
        end /\ as_shown tr
    end.

  (** The log has the values that were seen, and who is at rest was told what was seen. *)
  Record data_seen (tr : visible_trace S) (y : atomic_machine S) : Prop := {
    seen_shown : as_shown tr;
    seen_object l k : object l k (happened y) = last_written l k tr;
    seen_answers c q : nth_error (positions y) c = Some q ->
      match q with
      | At_rest history | Pending _ history | Effected _ history => history = answers c tr
      | Dead => True
      end
  }.

  Lemma nth_put_at {A} (xs : list A) c c' x : nth_error (put_at c x xs) c' =
    if Nat.eqb c c' then option_map (fun _ => x) (nth_error xs c) else nth_error xs c'.
  Proof.
    revert c c'; induction xs as [|y xs IH]; intros [|c] [|c']; cbn; auto; now destruct (Nat.eqb c c').
  Qed.

  Lemma atomic_data_seen tr y : atomic_execution clients tr y -> data_seen tr y.
  Proof.
    induction 1 as [|tr y c v y' _ [Shown Object Answers] Step].
    - split; [exact I|reflexivity|intros c q At]; apply nth_error_In, repeat_spec in At as ->; reflexivity.
    - destruct Step; cbn [positions happened] in *;
        match goal with At : nth_error _ c = Some _ |- _ =>
          pose proof (Answers c _ At) as Mine; cbn in Mine; try subst history;
          (split; cbn [positions happened see as_shown last_written answers object];
           [try (split; [try exact I|]); try exact Shown
           |intros l' k'; specialize (Object l' k')
           |intros c' q'; rewrite nth_put_at, At; specialize (Answers c');
            destruct (Nat.eqb_spec c c') as [<-|]; [intros [= <-]; try reflexivity|exact (Answers q')]])
        end; try exact Object; try exact I.
      + (* a call *) exists o; split; [assumption|now destruct o].
      + (* an effect *) destruct o; try discriminate; match goal with Is : effect _ = _ |- _ => injection Is as <- end;
          exact Object.
      + (* a read *) eexists; split; [eassumption|exact (f_equal (Did_read _ _) (Object _ _))].
      + (* a write *) eexists; split; [eassumption|reflexivity].
      + now rewrite Object.
  Qed.

  (** Of all clients, whatever they do: what is seen of data is a function of what was
      seen before. *)
  Theorem atomic_shows tr y : atomic_execution clients tr y -> as_shown tr.
  Proof. intros Run; apply (atomic_data_seen tr y Run). Qed.
End Shown.

(** ** A memory whose reads may be late *)

(** Words are consistent.  A read gives any value that the part had so far. *)
Definition late_memory (S : system) (width : Z) : memory_system S :=
  mkMemory (log S words_verb) [] (fun g c a g' =>
    g' = (c, a) :: g /\
    match a with
    | Read l k v => exists since g0, g = since ++ g0 /\ v = object l k g0
    | _ => value_there S width g a
    end).

(** ** Both machines, computed *)

(** The CPUs of a schedule, one step each. *)
Fixpoint run_by {X} (step : cpu -> X -> option X) (schedule : list cpu) (x : X) : option X :=
  match schedule with
  | [] => Some x
  | c :: schedule => match step c x with Some x => run_by step schedule x | None => None end
  end.
Lemma run_by_keeps {X} (step : cpu -> X -> option X) (P : X -> Prop) :
  (forall c x x', P x -> step c x = Some x' -> P x') ->
  forall schedule x x', P x -> run_by step schedule x = Some x' -> P x'.
Proof.
  intros Keeps; induction schedule as [|c schedule IH]; cbn; intros x x' Is; [now intros [= <-]|].
  destruct (step c x) as [x1|] eqn:Step; [eauto|discriminate].
Qed.

Section Computed.
  Context {S : system} (text : program) (width : Z) (clients : cpu -> client S).
  Local Notation log := (log S words_verb).
  Context {mem_step : log -> cpu -> action S words_verb -> log -> Prop}.
  Context (looks : cpu -> thread_move S -> log -> log). (* as of when memory answers a CPU *)
  Local Notation M := (mkMemory log [] mem_step).

  Definition machine_by (c : cpu) (x : visible_trace S * machine M) : option (visible_trace S * machine M) :=
    let g := contents (snd x) in
    let goes t v g := Some (see c v (fst x), mkMachine (M := M) (put_at c t (threads (snd x))) g) in
    match nth_error (threads (snd x)) c with
    | None => None
    | Some t =>
        let m := next_move text width (clients c) t in
        match turn_of width (looks c m g) m with
        | Alone t => goes t None g
        | Shown v t => goes t (Some v) g
        | Acts a t => goes t (seen_of a) ((c, a) :: g)
        | _ => None
        end
    end.
  Definition atomic_by (c : cpu) (y : visible_trace S * atomic_machine S)
      : option (visible_trace S * atomic_machine S) :=
    let g := happened (snd y) in
    let goes q v g := Some (see c v (fst y), mkAtomic (put_at c q (positions (snd y))) g) in
    let acts a q v :=
      match event_fault (spec.atomic S) (c, a) g with None => goes q v ((c, a) :: g) | Some _ => None end in
    match nth_error (positions (snd y)) c with
    | Some (At_rest history) =>
        match clients c history with
        | Some (Op_read f i k) =>
            let l := lock_id f i in let v := object l k g in
            acts (Read l k v) (At_rest (Some (existT _ l v) :: history)) (Some (Did_read l k v))
        | Some (Op_write f i k v) =>
            let l := lock_id f i in acts (Wrote l k v) (At_rest (None :: history)) (Some (Did_write l k v))
        | Some Op_halt | None => None
        | Some o => goes (Pending o history) (Some (Called o)) g
        end
    | Some (Pending o history) =>
        match effect o with Some a => acts a (Effected o history) None | None => None end
    | Some (Effected o history) => goes (At_rest (None :: history)) (Some (Returned o)) g
    | _ => None
    end.

  Lemma machine_by_sound :
    (forall c m g a t, turn_of width (looks c m g) m = Acts a t -> mem_step g c a ((c, a) :: g)) ->
    forall schedule x, run_by machine_by schedule ([], first_state M) = Some x ->
    execution text width M clients (fst x) (snd x).
  Proof.
    intros Answers schedule x.
    apply (run_by_keeps machine_by (fun x => execution text width M clients (fst x) (snd x))); [|constructor].
    clear schedule x.
    intros c [tr [ts g]] x' Run; unfold machine_by; cbn [fst snd threads contents] in *.
    destruct (nth_error ts c) as [t|] eqn:At; [|discriminate].
    pose proof (Answers c (next_move text width (clients c) t) g) as Acts; revert Acts.
    assert (Goes : forall v y, machine_step text width M clients c (mkMachine ts g) v y ->
        Some (see c v tr, y) = Some x' -> execution text width M clients (fst x') (snd x'))
      by (intros v y Step [= <-]; exact (execution_step _ _ _ _ tr _ c v y Run Step)).
    destruct (next_move text width (clients c) t) eqn:Next; cbn [turn_of]; intros Acts; try discriminate; apply Goes.
    1: now apply step_local with t.
    1: now apply step_call with t.
    1: now apply step_return with t.
    all: eapply step_memory; [exact At|rewrite Next; cbn; eauto|exact (Acts _ _ eq_refl)].
  Qed.

  Lemma atomic_by_sound schedule y :
    run_by atomic_by schedule ([], atomic_start) = Some y -> atomic_execution clients (fst y) (snd y).
  Proof.
    apply (run_by_keeps atomic_by (fun y => atomic_execution clients (fst y) (snd y))); [|constructor].
    clear schedule y.
    intros c [tr [ps g]] y' Run; unfold atomic_by; cbn [fst snd positions happened] in *.
    assert (Goes : forall v y, atomic_step clients c (mkAtomic ps g) v y ->
        Some (see c v tr, y) = Some y' -> atomic_execution clients (fst y') (snd y'))
      by (intros v y Step [= <-]; exact (atomic_execution_step clients tr _ c v y Run Step)).
    destruct (nth_error ps c) as [[history|o history|o history|]|] eqn:At; try discriminate.
    - destruct (clients c history) as [[f i|f i|f i k|f i k v|]|] eqn:Next; try discriminate.
      1, 2: apply Goes; now apply atomic_call.
      all: destruct (event_fault (spec.atomic S) _ g) eqn:Possible; [discriminate|]; apply Goes; econstructor;
        eassumption.
    - destruct (effect o) as [a|] eqn:Effect; [|discriminate].
      destruct (event_fault (spec.atomic S) _ g) eqn:Possible; [discriminate|]; apply Goes; now apply atomic_effect.
    - apply Goes; now apply atomic_return.
  Qed.
End Computed.

(** Memory answers as it is. *)
Lemma now_answers width c m (g : log two words_verb) a t :
  turn_of width g m = Acts a t -> mem_step (sc_memory two width) g c a ((c, a) :: g).
Proof. destruct m; intros [= <- <-]; split; reflexivity. Qed.

(** It answers the reads of CPU 1 as at the beginning. *)
Definition late_for_1 (c : cpu) (m : thread_move two) (g : log two words_verb) : log two words_verb :=
  match c, m with 1%nat, Get _ _ _ => [] | _, _ => g end.
Lemma late_answers width c m (g : log two words_verb) a t :
  turn_of width (late_for_1 c m g) m = Acts a t -> mem_step (late_memory two width) g c a ((c, a) :: g).
Proof.
  destruct m as [| | | | | | |l j k| | | |], c as [|[|c]]; intros [= <- <-]; (split; [reflexivity|]); try reflexivity;
    [exists [], g|exists g, []|exists [], g]; (split; [|reflexivity]); try reflexivity; symmetry; apply app_nil_r.
Qed.

(** ** Two CPUs that contend *)

(** Each adds [n] to the object of one lock. *)
Definition adds (n told : Z) : list (op two) :=
  [Op_acquire core_family 0; Op_read core_family 0 0;
   Op_write core_family 0 0 (told + n : Obj two (lock_id core_family 0)); Op_release core_family 0].
Definition adders (n : Z) : cpu -> client two := fun _ history =>
  nth_error (adds n (last_told history)) (length history).

Theorem adders_contract n : keep_contract sample (adders n).
Proof.
  split.
  - intros c history o Next; apply nth_error_In in Next; revert o Next; apply Forall_forall.
    repeat apply Forall_cons; try apply Forall_nil; cbn [of_table]; unfold sample; cbn [List.In]; auto 10.
  - intros c k; do 4 (destruct k as [|k]; [exact I|split; [reflexivity|intros ?; cbn [ends]]]); now destruct k.
Qed.

(** Newest first.  CPU 1 calls while CPU 0 is inside, which reads 0, writes 1 and leaves; *)
Definition to_the_write : visible_trace two :=
  [(0%nat, Did_write 0 0 (1 : Obj two 0));
   (1%nat, Called (Op_acquire core_family 0));
   (0%nat, Did_read 0 0 (0 : Obj two 0));
   (0%nat, Returned (Op_acquire core_family 0)); (0%nat, Called (Op_acquire core_family 0))].
(** then CPU 1 is inside and reads [v]; *)
Definition to_the_read (v : Z) : visible_trace two :=
  [(1%nat, Did_read 0 0 (v : Obj two 0));
   (1%nat, Returned (Op_acquire core_family 0));
   (0%nat, Returned (Op_release core_family 0)); (0%nat, Called (Op_release core_family 0))] ++ to_the_write.
(** it writes one more, and leaves. *)
Definition second_reads (v : Z) : visible_trace two :=
  [(1%nat, Returned (Op_release core_family 0)); (1%nat, Called (Op_release core_family 0));
   (1%nat, Did_write 0 0 (v + 1 : Obj two 0))] ++ to_the_read v.

(** ** The values are 1 and no others *)
Definition number_seen (v : visible two) : Z :=
  match v with Did_read _ _ v | Did_write _ _ v => number v | _ => 0 end.
Lemma as_shown_before clients (later tr : visible_trace two) : as_shown clients (later ++ tr) -> as_shown clients tr.
Proof. induction later as [|[c v] later IH]; [auto|intros (_ & Shown); auto]. Qed.

(** The atomic machine has no execution in which CPU 1 reads another value. *)
Theorem other_read_refuted n v y : atomic_execution (adders n) (second_reads v) y -> v = 1.
Proof.
  intros Run; apply atomic_shows in Run; apply as_shown_before in Run as ((o & Next & Is) & _).
  change (Some (Op_read core_family 0 0) = Some o) in Next; injection Next as <-.
  exact (f_equal number_seen Is).
Qed.

(** Nor has it one with this trace, in which 1 is written, of clients that write [n]. *)
Theorem other_write_refuted n v y : atomic_execution (adders n) (second_reads v) y -> n = 1.
Proof.
  intros Run; apply atomic_shows, as_shown_before, (as_shown_before _ [_; _; _; _]) in Run as ((o & Next & Is) & _).
  change (Some (Op_write core_family 0 0 (n : Obj two 0)) = Some o) in Next; injection Next as <-.
  exact (eq_sym (f_equal number_seen Is)).
Qed.

(** ** Executions *)

(** CPU 0 acquires and reads; CPU 1 polls in vain twice; CPU 0 writes and releases; CPU
    1 does it all. *)
Definition machine_schedule : list cpu := repeat 0%nat 32 ++ repeat 1%nat 35 ++ repeat 0%nat 17 ++ repeat 1%nat 46.
Definition atomic_schedule : list cpu := repeat 0%nat 4 ++ repeat 1%nat 1 ++ repeat 0%nat 4 ++ repeat 1%nat 7.
(** What was done to words, oldest first. *)
Definition to_words (g : log two words_verb) : list (cpu * words_verb) :=
  flat_map (fun e => match snd e with Lock _ k => [(fst e, k)] | _ => [] end) (rev g).

Local Ltac computed := match goal with |- _ = ?a => vm_cast_no_check (eq_refl a) end.

(** Who waits reads what was written meanwhile: on both machines, in the same trace. *)
Theorem contended_values w : List.In w widths ->
  (exists x, execution sample_text w (sc_memory two w) (adders 1) (second_reads 1) x /\
     number (object 0 0 (contents x)) = 2 /\
     to_words (contents x) =
       [(0%nat, Took 0); (0%nat, Polled 0); (1%nat, Took 1); (1%nat, Polled 0); (1%nat, Polled 0);
        (0%nat, Loaded 0); (0%nat, Stored 1);
        (1%nat, Polled 1); (1%nat, Loaded 1); (1%nat, Stored (2 mod modulus w))]) /\
  exists y, atomic_execution (adders 1) (second_reads 1) y /\ number (object 0 0 (happened y)) = 2.
Proof.
  intros Is; split.
  - set (by_1 := machine_by sample_text w (adders 1) (mem_step := mem_step (sc_memory two w)) (fun _ _ g => g)).
    assert (Run : option_map (fun x : visible_trace two * machine (sc_memory two w) =>
        (fst x, number (object 0 0 (contents (snd x))), to_words (contents (snd x))))
      (run_by by_1 machine_schedule ([], first_state (sc_memory two w))) =
      Some (second_reads 1, 2, [(0%nat, Took 0); (0%nat, Polled 0); (1%nat, Took 1); (1%nat, Polled 0);
        (1%nat, Polled 0); (0%nat, Loaded 0); (0%nat, Stored 1); (1%nat, Polled 1); (1%nat, Loaded 1);
        (1%nat, Stored (2 mod modulus w))])) by (revert Is; intros [<-|[<-|[<-|[]]]]; computed).
    destruct (run_by _ _ _) as [[tr x]|] eqn:Steps; [|discriminate]; injection Run as -> Object Words.
    exists x; split; [|auto].
    exact (machine_by_sound sample_text w (adders 1) _ (fun c m g => now_answers w c m g) _ _ Steps).
  - assert (Run : option_map (fun y => (fst y, number (object 0 0 (happened (snd y)))))
      (run_by (atomic_by (adders 1)) atomic_schedule ([], atomic_start)) = Some (second_reads 1, 2)) by computed.
    destruct (run_by _ _ _) as [[tr y]|] eqn:Steps; [|discriminate]; injection Run as -> Object.
    exists y; split; [|exact Object]; exact (atomic_by_sound (adders 1) _ _ Steps).
Qed.

(** On a memory whose reads may be late CPU 1, inside, reads 0: trace inclusion is false
    of it. *)
Theorem late_read_refuted w : List.In w widths ->
  exists tr x, execution sample_text w (late_memory two w) (adders 1) tr x /\
    forall y, ~ atomic_execution (adders 1) tr y.
Proof.
  intros Is; set (by_0 := machine_by sample_text w (adders 1) (mem_step := mem_step (late_memory two w)) late_for_1).
  assert (Run : option_map fst (run_by by_0 machine_schedule ([], first_state (late_memory two w))) =
                Some (second_reads 0)) by (revert Is; intros [<-|[<-|[<-|[]]]]; computed).
  destruct (run_by _ _ _) as [[tr x]|] eqn:Steps; [|discriminate]; injection Run as ->.
  exists (second_reads 0), x; split.
  - exact (machine_by_sound sample_text w (adders 1) _ (fun c m g => late_answers w c m g) _ _ Steps).
  - intros y Run; discriminate (other_read_refuted 1 0 y Run).
Qed.

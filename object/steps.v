(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The machine of bytes as a function, to compute executions

    Who moves is chosen by a script, which also says if a store-exclusive is lucky. *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text.
From hlock.machine.model Require Import machine.
From hlock.object Require Import micro machine.
Import ListNotations.
Local Open Scope Z_scope.

Section Steps.
  Context {I : Type} {S : system} (L : library I) (base : Z) (clients : cpu -> client S).
  Local Notation step := (byte_step L base clients).

  Definition is_in_array (a : Z) : bool := (base <=? a) && (a + 4 <=? base + lib_array L) && (a mod 4 =? 0).
  Lemma is_in_array_sound a : is_in_array a = true -> in_array L base a.
  Proof.
    unfold is_in_array; rewrite !andb_true_iff, !Z.leb_le, Z.eqb_eq; intros ((Low & High) & Is); repeat split; auto.
  Qed.
  Lemma is_in_array_complete a : in_array L base a -> is_in_array a = true.
  Proof. unfold is_in_array; rewrite !andb_true_iff, !Z.leb_le, Z.eqb_eq; intros (Low & High & Is); auto. Qed.

  Definition is_off_array (n a : Z) : bool := (n =? 0) || (a + n <=? base) || (base + lib_array L <=? a).
  Lemma is_off_array_iff n a : is_off_array n a = true <-> off_array L base n a.
  Proof. unfold is_off_array, off_array; rewrite !orb_true_iff, !Z.leb_le, Z.eqb_eq; tauto. Qed.

  (** [lucky]: a store-exclusive succeeds, if it can; and which numbers a request for anything is given: 7, a lock that
      CPUs hold in the examples, or 0. *)
  Definition given (lucky : bool) : Z := if lucky then 7 else 0.
  Definition accesses (c : cpu) (lucky : bool) (m : store) (r : request I) : option (store * state) :=
    match r with
    | Ask_load _ excl a go =>
        if is_in_array a then Some (if excl then mark c a m else m, go (words m a)) else None
    | Ask_store _ a v s => if is_in_array a then Some (write_word c a v m, s) else None
    | Ask_store_x _ a v done failed =>
        if is_in_array a then
          if lucky && marked m c a then Some (unmark c (write_word c a v m), done) else Some (unmark c m, failed)
        else None
    | Ask_add _ a v go =>
        if is_in_array a then Some (write_word c a ((words m a + v) mod 2 ^ 32) m, go (words m a)) else None
    | Rest s => Some (clear_event c m, s)
    | Own s => Some (m, s)
    | Ask_any n a off go =>
        if off && is_off_array n a then Some (m, go (fun _ => given lucky)) else None
    | Back _ _ | Ends_here | Undefined => None
    end.
  Lemma accesses_sound c lucky m r m' s' : accesses c lucky m r = Some (m', s') -> access L base c m r m' s'.
  Proof.
    destruct r; cbn [accesses]; try discriminate; try (intros [= <- <-]; constructor; fail);
      try (destruct off; cbn [andb]; [|discriminate]; destruct (is_off_array n a) eqn:Off; [|discriminate];
           intros [= <- <-]; apply access_any with (x := fun _ => given lucky), is_off_array_iff, Off);
      (destruct (is_in_array a) eqn:In_a; [apply is_in_array_sound in In_a|discriminate]);
      try (intros [= <- <-]; constructor; exact In_a).
    unfold marked; destruct lucky; cbn [andb]; [|intros [= <- <-]; now apply access_store_x_failed].
    destruct (monitor m c) as [b|] eqn:Mark; [|intros [= <- <-]; now apply access_store_x_failed].
    destruct (Z.eqb_spec b a) as [->|]; intros [= <- <-];
      [now apply access_store_x_done|now apply access_store_x_failed].
  Qed.

  Definition goes_back_now (before : registers) (a : Z) (rs : registers) : bool :=
    (a =? before (lib_link L)) && forallb (fun r => rs r =? before r) (lib_kept L).
  Lemma goes_back_sound before a rs : goes_back_now before a rs = true -> goes_back L before a rs.
  Proof.
    unfold goes_back_now; rewrite andb_true_iff, Z.eqb_eq, forallb_forall; intros (-> & Keep); split; [reflexivity|].
    intros r In_r; apply Z.eqb_eq, Keep, In_r.
  Qed.

  (** The registers with which calls are made here: all different, but for what stands for the stack pointer and who
      calls; nothing is stored in the frame. *)
  Definition call_registers (i : Z) : registers := fun r =>
    if Nat.eqb r 0 then i else if Nat.eqb r frame_stored then 0
    else 1000 + Z.of_nat (if Nat.eqb r frame_top then lib_stack L else if Nat.eqb r called_from then lib_link L else r).
  Definition called_with_now (i : Z) (rs : registers) : bool :=
    (rs 0%nat =? i) && (rs frame_top =? rs (lib_stack L)) && (0 <=? rs (lib_stack L)) && (rs (lib_stack L) <? 2 ^ 64) &&
    (rs frame_stored =? 0) && (rs called_from =? rs (lib_link L)) &&
    match lib_code L ((rs (lib_link L) - rs text_at) mod 2 ^ 64) with None => true | Some _ => false end.
  Lemma called_with_sound f i rs : called_with_now i rs = true -> called_with L f i rs.
  Proof.
    unfold called_with_now; rewrite !andb_true_iff, !Z.eqb_eq, Z.leb_le, Z.ltb_lt.
    intros ((((((Index & Top) & Low) & High) & Nothing_) & From) & Outside).
    destruct (lib_code L _) eqn:Is; [discriminate|].
    repeat split; auto; now rewrite Index.
  Qed.

  Definition begins (c : cpu) (history : list (response S)) (x : byte_machine S) (o : op S) :
      option (option (visible S) * byte_machine S) :=
    let call k f i :=
      match lib_entry L k f with
      | Some at_ =>
          if called_with_now i (call_registers i)
          then Some (Some (Called o), mkBytes (put_at c (Running o history (call_registers i)
              (mkState at_ 0 (call_registers i) false)) (places x)) (memory x) (touched x))
          else None
      | None => None
      end in
    match o with
    | Op_acquire f i => call Acquire f i
    | Op_release f i => call Release f i
    | Op_read f i k =>
        let l := lock_id f i in let v := object l k (touched x) in
        Some (Some (Did_read l k v),
              mkBytes (put_at c (Resting (Some (existT _ l v) :: history)) (places x)) (memory x) (touched x))
    | Op_write f i k v =>
        let l := lock_id f i in
        Some (Some (Did_write l k v), mkBytes (put_at c (Resting (None :: history)) (places x)) (memory x)
                                             ((c, Wrote l k v) :: touched x))
    | Op_halt => None
    end.
  Definition next_step (c : cpu) (lucky : bool) (x : byte_machine S) : option (option (visible S) * byte_machine S) :=
    match nth_error (places x) c with
    | Some (Resting history) => match clients c history with Some o => begins c history x o | None => None end
    | Some (Running o history before s) =>
        match asks base (lib_code L) s with
        | Back a rs =>
            if goes_back_now before a rs
            then Some (Some (Returned o),
                       mkBytes (put_at c (Resting (None :: history)) (places x)) (memory x) (touched x))
            else None
        | r =>
            match accesses c lucky (memory x) r with
            | Some (m, s) => Some (None, mkBytes (put_at c (Running o history before s) (places x)) m (touched x))
            | None => None
            end
        end
    | _ => None
    end.

  Lemma next_step_sound c lucky x v x' : next_step c lucky x = Some (v, x') -> step c x v x'.
  Proof.
    destruct x as [ts m g]; unfold next_step; cbn [places memory touched].
    destruct (nth_error ts c) as [[history|o history before s|]|] eqn:At; try discriminate.
    - destruct (clients c history) as [o|] eqn:Choice; [|discriminate].
      destruct o as [f i|f i|f i k|f i k w|]; cbn [begins places memory touched]; try discriminate.
      1, 2: destruct (lib_entry L _ f) as [at_|] eqn:Entry; [|discriminate];
        destruct (called_with_now _ _) eqn:With; [|discriminate]; intros [= <- <-];
        eapply byte_call; try eassumption; [reflexivity|exact (called_with_sound _ _ _ With)].
      + intros [= <- <-]; now apply byte_read.
      + intros [= <- <-]; now apply byte_write.
    - assert (General : forall r, asks base (lib_code L) s = r ->
        match accesses c lucky m r with
        | Some (m, s) => Some (None, mkBytes (put_at c (Running o history before s) ts) m g)
        | None => None
        end = Some (v, x') -> step c (mkBytes ts m g) v x').
      { intros r Ask; destruct (accesses c lucky m r) as [[m' s']|] eqn:Access; [|discriminate]; intros [= <- <-].
        eapply byte_access; [exact At|rewrite Ask; exact (accesses_sound _ _ _ _ _ _ Access)]. }
      destruct (asks base (lib_code L) s) as [| | | | | |a rs| | |] eqn:Ask; try exact (General _ eq_refl).
      destruct (goes_back_now before a rs) eqn:Back; [|discriminate]; intros [= <- <-].
      eapply byte_return; [exact At|exact Ask|exact (goes_back_sound _ _ _ Back)].
  Qed.

  (** A CPU in a call that has no next step can only halt. *)
  Lemma next_step_none c x o history before s v x' : nth_error (places x) c = Some (Running o history before s) ->
    next_step c true x = None -> step c x v x' -> v = Some Did_halt.
  Proof.
    intros At None_ Step; unfold next_step in None_; rewrite At in None_.
    destruct Step; cbn [places memory touched] in *; rewrite At in *; try discriminate; [| |reflexivity].
    - exfalso; injection H as <- <- <- <-.
      destruct H0; cbn [accesses] in None_; try (rewrite is_in_array_complete in None_ by assumption); try discriminate.
      1, 2: destruct (true && marked m c a); discriminate.
      cbn [andb] in None_; rewrite (proj2 (is_off_array_iff _ _)) in None_ by assumption; discriminate.
    - exfalso; injection H as <- <- <- <-; rewrite H0 in None_; destruct H1 as (-> & Keep).
      unfold goes_back_now in None_; rewrite Z.eqb_refl in None_; cbn [andb] in None_.
      rewrite (proj2 (forallb_forall _ _)) in None_; [discriminate|].
      intros r In_r; now apply Z.eqb_eq, Keep.
  Qed.

  (** A script: who moves, and whether a store-exclusive is lucky. *)
  Fixpoint run_script (script : list (cpu * bool)) (tr : visible_trace S) (x : byte_machine S) :
      option (visible_trace S * byte_machine S) :=
    match script with
    | [] => Some (tr, x)
    | (c, lucky) :: script =>
        match next_step c lucky x with
        | Some (v, x) => run_script script (see c v tr) x
        | None => None
        end
    end.
  Theorem run_script_sound script tr x : run_script script [] (first_bytes (S := S)) = Some (tr, x) ->
    byte_execution L base clients tr x.
  Proof.
    assert (General : forall tr0 x0, byte_execution L base clients tr0 x0 -> run_script script tr0 x0 = Some (tr, x) ->
      byte_execution L base clients tr x); [|intros Is; exact (General _ _ (byte_execution_start L base clients) Is)].
    induction script as [|[c lucky] script IH]; intros tr0 x0 Run; cbn [run_script]; [now intros [= <- <-]|].
    destruct (next_step c lucky x0) as [[v x1]|] eqn:Next; [|discriminate].
    apply IH; eapply byte_execution_step; [exact Run|exact (next_step_sound _ _ _ _ _ Next)].
  Qed.

  (** Something computed of the end of a script is so in an execution. *)
  Lemma computed_bytes {A} (see_ : visible_trace S -> byte_machine S -> A) script a :
    match run_script script [] first_bytes with Some (tr, x) => Some (see_ tr x) | None => None end = Some a ->
    exists tr x, byte_execution L base clients tr x /\ see_ tr x = a.
  Proof.
    destruct (run_script script [] first_bytes) as [[tr x]|] eqn:Is; [|discriminate]; intros [= <-].
    exists tr, x; split; [exact (run_script_sound _ _ _ Is)|reflexivity].
  Qed.
End Steps.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Right bytes that end their waits, and bytes that wait for ever

    Two CPUs contend for one lock, on what a compiler made with LL/SC, in an infinite fair execution that
    meets all that main/bytes.v asks: a store-exclusive fails, one CPU sleeps while the other is inside
    ([contended_for_ever]).  If store-exclusives fail for ever, nobody ever has a ticket ([unlucky_starve]).  And
    wrong code, of which the checker says no, and which waits for ever with none that fails:
    it polls and does not load again ([no_reload_starves]); it loads the tickets again before it
    tries to store ([loads_again_starves]). *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract text sample examples.
From hlock.stack Require Import setting.
From hlock.machine.model Require Import machine.
From hlock.machine.refine Require Import invariant.
From hlock.machine.cases Require Import examples.
From hlock.machine.hardware Require Import armv8_model.
From hlock.object Require Import micro file target armv8_decode checker stages checked_sound machine refine objects
  open_sound objects_sound targets samples steps.
From hlock.object Require Import cases endless turns.
Import ListNotations.
Local Open Scope Z_scope.

(** What main/bytes.v says of right code, for two CPUs that acquire the lock of VM 3's page table, read and
    release, with the premise on store-exclusives or without it. *)
Definition waits_end {I R} (arch : target I R) (premise : bool) (O : object_file R) : Prop :=
  let L := object_library arch "" O in forall base, placed L base -> forall run who fails,
  byte_infinite L base trusting run who -> byte_fair trusting run who ->
  (premise = true -> forall last, fails_at_most L base run who fails last) ->
  forall n c f i history before s, (c < 2)%nat ->
  nth_error (places (run n)) c = Some (Running (Op_acquire f i) history before s) ->
  exists m, (n <= m)%nat /\ byte_over c history (run m).

(** What CPU [c] acquires. *)
Definition acquiring (c : cpu) (x : byte_machine two) : option (family * Z * list (response two)) :=
  match nth_error (places x) c with
  | Some (Running (Op_acquire f i) history _ _) => Some (f, i, history)
  | _ => None
  end.
Lemma acquiring_sound c x f i history : acquiring c x = Some (f, i, history) ->
  exists before s, nth_error (places x) c = Some (Running (Op_acquire f i) history before s).
Proof.
  unfold acquiring; destruct (nth_error (places x) c) as [[|[] h b s|]|]; try discriminate; intros [= -> -> ->]; eauto.
Qed.
(** So many answers CPU [c] has. *)
Definition answers (c : cpu) (x : byte_machine two) : option nat :=
  match nth_error (places x) c with
  | Some (Resting history) | Some (Running _ history _ _) => Some (List.length history)
  | _ => None
  end.

(** Something that is kept from a time on. *)
Lemma kept_from {I} {S : system} (L : library I) base (clients : cpu -> client S) moves n0
    (holds : byte_machine S -> Prop) :
  let run := run_on L base clients moves in
  holds (run n0) -> (forall n, (n0 <= n)%nat -> holds (run n) -> holds (turn L base clients (moves n) (run n))) ->
  forall n, (n0 <= n)%nat -> holds (run n).
Proof. intros run Here Step n; induction 1 as [|n Later IH]; [exact Here|exact (Step n Later IH)]. Qed.

(** ** An execution that meets every premise *)
Section Contended.
  Local Notation L := (object_library aarch64 "" llsc).
  Definition one_each (n : nat) : list (cpu * bool) := flat_map (fun _ => moves 1 0 ++ moves 1 1) (seq 0 n).
  Definition sleeps_meanwhile : list (cpu * bool) := part_way ++ one_each 60.
  Local Notation each := (then_both sleeps_meanwhile true).
  Local Notation run := (run_on L here trusting each).
  Local Notation len := (List.length sleeps_meanwhile).

  Lemma both_done c : (c < 2)%nat -> done_now trusting c (run len) = true.
  Proof.
    assert (Both : (let x := run len in done_now trusting 0 x && done_now trusting 1 x) = true) by (vm_compute;
      reflexivity).
    apply andb_true_iff in Both as (Zero & One); destruct c as [|[|c]]; [now intros _..|lia].
  Qed.
  Lemma later_done n : (len <= n)%nat -> done_now trusting (who each n) (run len) = true.
  Proof.
    intros Later; unfold who; rewrite then_both_later by exact Later; apply both_done, Nat.mod_upper_bound;
      discriminate.
  Qed.
  Lemma each_able n : able L here trusting (each n) (run n) = true.
  Proof.
    destruct (Nat.lt_ge_cases n len) as [Less|Later].
    - apply (all_able_sound L here trusting each len 0); [by_kernel|lia].
    - rewrite (proj1 (finished_for_ever L here trusting each len later_done n Later)); unfold able.
      fold (who each n); rewrite (later_done n Later); now rewrite orb_true_r.
  Qed.

  (** At time 78 CPU 0 is inside, after a store-exclusive that failed at time [13]; CPU 1 sleeps in its acquire. *)
  Example contended_for_ever : exists run who,
    byte_infinite L here trusting run who /\ byte_fair trusting run who /\
    (forall last, fails_at_most L here run who 3 last) /\ fails L here run who 0 13 /\
    (exists before s, nth_error (places (run 78%nat)) 1 = Some (Running (Op_acquire pt_family 3) [] before s)) /\
    asleep L here 1 (run 78%nat) /\
    exists history, nth_error (places (run 78%nat)) 0 = Some (Resting history) /\ held (trusting 0%nat) history = [pt3].
  Proof.
    exists run, (who each); split; [apply able_infinite, each_able|split; [now apply then_both_fair|split]].
    - apply few_attempts; intros n.
      assert (Few : attempts L here trusting each len = 3%nat)
        by (rewrite (more_attempts_sound L here trusting each len 0 : attempts L here trusting each len = _);
            by_kernel).
      destruct (Nat.lt_ge_cases n len) as [Less|Later].
      + pose proof (attempts_more L here trusting each n len ltac:(lia)); lia.
      + rewrite (proj2 (finished_for_ever L here trusting each len later_done n Later)); lia.
    - split; [|split; [|split]].
      + apply (unlucky_fails L here trusting each 13); by_kernel.
      + apply acquiring_sound; by_kernel.
      + apply asleep_sound; by_kernel.
      + assert (Is : match nth_error (places (run 78%nat)) 0 with
          | Some (Resting history) => held (trusting 0%nat) history | _ => [] end = [pt3]) by (by_kernel).
        destruct (nth_error (places (run 78%nat)) 0) as [[history| |]|]; try discriminate; eauto.
  Qed.
End Contended.

(** ** Store-exclusives that fail for ever *)
(** It adds in one step. *)
Definition adds {I} (C : code I) (p : point) : bool :=
  match C (at_pc p) with
  | Some (ms, _) => match nth_error ms (at_part p) with Some (Fetch_add _ _ _ _) => true | _ => false end
  | None => false
  end.
Lemma adds_not {I} (C : code I) base s p is a v go : adds C p = false -> at_pc p = pc s -> at_part p = part s ->
  asks base C s <> Ask_add is a v go.
Proof.
  unfold adds, asks; intros Not Pc Part Ask; rewrite Pc, Part in Not; destruct (C (pc s)) as [[ms length]|];
    [|discriminate].
  destruct (nth_error ms (part s)) as [[]|]; cbn [perform] in Ask; unfold comes_back in Ask;
    repeat match type of Ask with
      | match ?b with _ => _ end = _ => destruct b
      | (if ?b then _ else _) = _ => destruct b
      end; discriminate.
Qed.

Section Unlucky.
  Context {I R : Type} (arch : target I R) (L : library I) (stride entry : Z).
  Context (Right : library_right arch L sample stride) (Closed : closed_library L) (Placed : placed L here).
  Context (Entry : lib_entry L Acquire pt_family = Some entry).
  Context (With : called_with_now L 3 (call_registers L 3) = true).
  Local Notation from := (points arch (lib_code L) stride Acquire pt_family entry).
  Context (Ok : function_ok arch (lib_code L) stride Acquire pt_family false entry = true).
  Context (No_adds : forallb (fun p => negb (adds (lib_code L) p)) from = true).

  (** A CPU that has no ticket. *)
  Definition no_ticket (b : byte_thread two) : Prop :=
    b = Resting [] \/ exists before s seen, b = Running (Op_acquire pt_family 3) [] before s /\
      stands arch (lib_code L) from here 3 before s (S_taking seen).
  Definition none_has (x : byte_machine two) : Prop :=
    (forall a, words (memory x) a = 0) /\
    forall c, (c < 2)%nat -> exists b, nth_error (places x) c = Some b /\ no_ticket b.

  Let Width : 1 <= 32 <= 32.
  Proof. split; discriminate. Qed.
  Let G : running := of_clients 32 Width trusting.
  Let Member : List.In pt_family sample.
  Proof. cbn; auto 10. Qed.

  (** An unlucky turn of such a CPU. *)
  Lemma unlucky_request before s seen : stands arch (lib_code L) from here 3 before s (S_taking seen) ->
    forall c m, (forall a, words m a = 0) -> exists m' s' seen',
    accesses L here c false m (asks here (lib_code L) s) = Some (m', s') /\ (forall a, words m' a = 0) /\
    stands arch (lib_code L) from here 3 before s' (S_taking seen') /\
    match asks here (lib_code L) s with Rest _ | Back _ _ => False | _ => True end.
  Proof.
    intros Stands c m Zero.
    pose proof (asks_right (G := G) arch L stride here Right Placed Acquire pt_family 3 entry before s _ Member eq_refl
      Ok Stands) as Asks; cbv zeta in Asks.
    destruct (words_in_array (G := G) arch L stride here Right Placed _
      (in_range (G := G) pt_family 3 Member eq_refl)) as (Next & _); apply is_in_array_complete in Next.
    assert (No : forall is a v go, asks here (lib_code L) s <> Ask_add is a v go).
    { intros is a v go; destruct Stands as (_ & t & w & p & _ & _ & In_p & D & _).
      apply (adds_not _ _ _ p); [|exact (d_pc _ _ _ _ _ _ _ D)|exact (d_part _ _ _ _ _ _ _ D)].
      apply negb_true_iff; exact (proj1 (forallb_forall _ _) No_adds p In_p). }
    pose proof (asks_closed L here s Closed) as Not_open.
    destruct (asks here (lib_code L) s)
      as [s1|is excl a go|is a x s1|is a x done failed|is a x go|s1|a rs|n a off go| |];
      cbn [right_request] in Asks; try (destruct seen; contradiction).
    - destruct Asks as (g' & [->|(t & v & ex & [=] & _)] & On); exists m, s1, seen; auto.
    - destruct seen as [|]; [contradiction|]; destruct Asks as (-> & _ & -> & On); cbn [accesses].
      unfold lock_next, next_word in *; rewrite Next; eexists; eexists; eexists; split; [reflexivity|].
      split; [exact Zero|split; [|exact Logic.I]]; apply On; rewrite Zero; split; [discriminate|reflexivity].
    - destruct seen as [v|]; [|contradiction]; destruct Asks as (-> & _ & _ & _ & On); cbn [accesses].
      unfold lock_next, next_word in *; rewrite Next; eexists; eexists; eexists; split; [reflexivity|].
      split; [exact Zero|split; [exact On|exact Logic.I]].
    - now destruct (No is a x go).
    - destruct Asks as ([=] & _).
  Qed.

  Lemma unlucky_turn x c : none_has x -> (c < 2)%nat ->
    able L here trusting (c, false) x = true /\ none_has (turn L here trusting (c, false) x).
  Proof.
    intros (Zero & Each) Cpu; destruct (Each c Cpu) as (b & At & [->|(before & s & seen & -> & Stands)]).
    - unfold able, turn, asleep_now, request_of, next_step; cbn [fst snd]; rewrite At, andb_false_r; cbn [trusting
      nth_error
        List.length begins].
      rewrite Entry, With; split; [now rewrite orb_true_r|].
      split; [exact Zero|cbn [places]; intros c' Cpu'; rewrite nth_put, At].
      destruct (Nat.eqb_spec c' c) as [->|Other]; [|exact (Each c' Cpu')].
      eexists; split; [reflexivity|right]; eexists; eexists; eexists; split; [reflexivity|].
      apply (call_stands _ _ _ Acquire pt_family entry Ok); unfold passed, framed.
      rewrite <- (right_stack _ _ _ _ Right), <- (right_link _ _ _ _ Right).
      exact (called_with_sound L pt_family _ _ With).
    - destruct (unlucky_request before s seen Stands c (memory x) Zero) as (m' & s' & seen' & Is & Zero' & Stands' &
      Not).
      assert (Next : next_step L here trusting c false x = Some (None,
        mkBytes (put_at c (Running (Op_acquire pt_family 3) [] before s') (places x)) m' (touched x))).
      { unfold next_step; rewrite At; destruct (asks here (lib_code L) s); try contradiction; now rewrite Is. }
      assert (Awake : asleep_now L here c x = false).
      { unfold asleep_now, request_of; rewrite At; destruct (asks here (lib_code L) s); try contradiction;
          apply andb_false_r. }
      unfold able, turn; cbn [fst snd]; rewrite Awake, Next, orb_true_r; split; [reflexivity|].
      split; [exact Zero'|cbn [places]; intros c' Cpu'; rewrite nth_put, At].
      destruct (Nat.eqb_spec c' c) as [->|Other]; [|exact (Each c' Cpu')].
      eexists; split; [reflexivity|right; exists before, s', seen'; auto].
  Qed.

  Lemma unlucky_for_ever : let run := run_on L here trusting (then_both [] false) in
    (forall n, able L here trusting (then_both [] false n) (run n) = true) /\ forall n, none_has (run n).
  Proof.
    intros run.
    assert (Mod : forall n, (Nat.modulo n 2 < 2)%nat) by (intros n; apply Nat.mod_upper_bound; discriminate).
    assert (Kept : forall n, (0 <= n)%nat -> none_has (run n)).
    { apply (kept_from L here trusting (then_both [] false) 0 none_has).
      - split; [reflexivity|intros c Cpu; exists (Resting []); split; [|now left]].
        cbn; destruct c as [|[|c]]; [reflexivity|reflexivity|lia].
      - intros n _ Here; unfold then_both; rewrite nth_overflow by apply Nat.le_0_l.
        exact (proj2 (unlucky_turn _ _ Here (Mod n))). }
    split; [|intros n; exact (Kept n (Nat.le_0_l n))].
    intros n; unfold then_both; rewrite nth_overflow by apply Nat.le_0_l.
    exact (proj1 (unlucky_turn _ _ (Kept n (Nat.le_0_l n)) (Mod n))).
  Qed.
End Unlucky.

(** Both are in their acquires for ever: fair, with right bytes; what is not met is the premise. *)
Theorem unlucky_starve : ~ waits_end aarch64 false llsc.
Proof.
  intros Ends; set (run := run_on (object_library aarch64 "" llsc) here trusting (then_both [] false)).
  destruct (unlucky_for_ever aarch64 (object_library aarch64 "" llsc) (stride_of sample llsc) 768
    (object_right aarch64 "" sample llsc llsc_right) (object_closed aarch64 "" llsc)
    llsc_placed) as (Able & None_); [by_kernel..|].
  assert (At : exists before s, nth_error (places (run 1%nat)) 0 = Some (Running (Op_acquire pt_family 3) [] before s))
    by (apply acquiring_sound; by_kernel).
  destruct At as (before & s & At).
  destruct (Ends here llsc_placed run (who (then_both [] false)) 0%nat (able_infinite _ _ _ _ Able)
    (then_both_fair trusting run [] false eq_refl) ltac:(discriminate) 1%nat 0%nat pt_family 3 [] before s
    ltac:(lia) At) as (m & _ & Over).
  destruct (proj2 (None_ m) 0%nat ltac:(lia)) as (b & At_m & No_ticket); unfold byte_over in Over.
  fold run in At_m; rewrite At_m in Over; destruct No_ticket as [->|(before' & s' & seen & -> & _)]; cbn in Over; lia.
Qed.

(** ** Wrong code that waits for ever *)
Section Spinning.
  Context {I : Type} (L : library I) (spins : state -> Prop).
  Context (Spins : forall c m s, spins s -> exists m' s',
    accesses L here c true m (asks here (lib_code L) s) = Some (m', s') /\ spins s' /\
    match asks here (lib_code L) s with Own _ | Ask_load _ _ _ _ => True | _ => False end).

  (** CPU [c] is in its first acquire, and in the loop; so is CPU 1, and CPU 0 too or has finished. *)
  Definition spinning (c : cpu) (x : byte_machine two) : Prop := exists before s,
    nth_error (places x) c = Some (Running (Op_acquire pt_family 3) [] before s) /\ spins s.
  Definition caught (x : byte_machine two) : Prop :=
    (done_now trusting 0 x = true \/ spinning 0 x) /\ spinning 1 x.

  Lemma spinning_turn c x : spinning c x -> able L here trusting (c, true) x = true /\ tries_now L here c x = false /\
    spinning c (turn L here trusting (c, true) x) /\
    forall c', c' <> c -> nth_error (places (turn L here trusting (c, true) x)) c' = nth_error (places x) c'.
  Proof.
    intros (before & s & At & Here); destruct (Spins c (memory x) s Here) as (m' & s' & Is & There & Kind).
    assert (Next : next_step L here trusting c true x = Some (None,
      mkBytes (put_at c (Running (Op_acquire pt_family 3) [] before s') (places x)) m' (touched x))).
    { unfold next_step; rewrite At; destruct (asks here (lib_code L) s); try contradiction; now rewrite Is. }
    assert (Awake : asleep_now L here c x = false).
    { unfold asleep_now, request_of; rewrite At; destruct (asks here (lib_code L) s); try contradiction;
        apply andb_false_r. }
    unfold able, turn; cbn [fst snd]; rewrite Awake, Next, orb_true_r; split; [reflexivity|split; [|split]].
    - unfold tries_now, request_of; rewrite At; now destruct (asks here (lib_code L) s).
    - exists before, s'; split; [cbn [places]; rewrite nth_put, Nat.eqb_refl, At; reflexivity|exact There].
    - intros c' Other; cbn [places]; rewrite nth_put; now rewrite (proj2 (Nat.eqb_neq c' c) Other).
  Qed.
  Lemma caught_turn c x : caught x -> (c < 2)%nat -> able L here trusting (c, true) x = true /\
    tries_now L here c x = false /\ caught (turn L here trusting (c, true) x).
  Proof.
    intros (Zero & One) Cpu; assert (Done : forall x, done_now trusting 0 x = true -> caught x ->
      able L here trusting (0%nat, true) x = true /\ tries_now L here 0 x = false /\
      caught (turn L here trusting (0%nat, true) x)).
    { intros x0 Done Caught; rewrite (done_stays L here trusting (0%nat, true) x0 Done).
      unfold able, tries_now, request_of; cbn [fst snd]; rewrite Done, orb_true_r; split; [reflexivity|split; [|exact
        Caught]].
      unfold done_now in Done; now destruct (nth_error (places x0) 0) as [[| |]|]. }
    destruct c as [|[|c]]; [destruct Zero as [Zero|Zero]; [apply (Done x Zero); split; auto|]| |lia].
    - destruct (spinning_turn 0 x Zero) as (Able & Tries & Still & Others); split; [exact Able|split; [exact Tries|]].
      split; [now right|]; destruct One as (before & s & At & Here); exists before, s; now rewrite Others.
    - destruct (spinning_turn 1 x One) as (Able & Tries & Still & Others); split; [exact Able|split; [exact Tries|]].
      split; [|exact Still]; unfold spinning, done_now in *; now rewrite Others.
  Qed.

  Lemma caught_for_ever script : let each := then_both script true in let run := run_on L here trusting each in
    let len := List.length script in all_able L here trusting each len 0 first_bytes = true -> caught (run len) ->
    byte_infinite L here trusting run (who each) /\
    (forall last, fails_at_most L here run (who each) (attempts L here trusting each len) last) /\
    forall n, (len <= n)%nat -> caught (run n).
  Proof.
    intros each run len Able Caught.
    assert (Kept : forall n, (len <= n)%nat -> caught (run n) /\ attempts L here trusting each n = attempts L here
      trusting
      each len /\ able L here trusting (each n) (run n) = true).
    { assert (Turn : forall n, (len <= n)%nat -> caught (run n) -> able L here trusting (each n) (run n) = true /\
        tries_now L here (who each n) (run n) = false /\ caught (run (S n))).
      { intros n Later Here; change (run (S n)) with (turn L here trusting (each n) (run n)); unfold who.
        assert (Is : each n = (Nat.modulo n 2, true)) by now apply then_both_later.
        rewrite Is; apply caught_turn; [exact Here|apply Nat.mod_upper_bound; discriminate]. }
      induction 1 as [|n Later (Here & Same & _)].
      - exact (conj Caught (conj eq_refl (proj1 (Turn len (Nat.le_refl _) Caught)))).
      - destruct (Turn n Later Here) as (_ & Tries & Next); split; [exact Next|split].
        + cbn [attempts]; fold run; rewrite Tries; exact Same.
        + exact (proj1 (Turn (S n) (le_S _ _ Later) Next)). }
    split; [|split; [|intros n Later; now apply Kept]].
    - apply able_infinite; intros n; destruct (Nat.lt_ge_cases n len) as [Less|Later]; [|now apply Kept].
      apply (all_able_sound L here trusting each len 0 Able); lia.
    - apply few_attempts; intros n; destruct (Nat.lt_ge_cases n len) as [Less|Later]; [|now rewrite (proj1 (proj2
      (Kept n
        Later)))].
      apply attempts_more; lia.
  Qed.
End Spinning.

(** So there is an acquire that never returns, though the scheduler is fair and store-exclusives do not fail for ever.
  *)
Lemma caught_waits O (spins : state -> Prop) script : let L := object_library aarch64 "" O in placed L here ->
  (forall c m s, spins s -> exists m' s', accesses L here c true m (asks here (lib_code L) s) = Some (m', s') /\ spins
    s' /\
    match asks here (lib_code L) s with Own _ | Ask_load _ _ _ _ => True | _ => False end) ->
  all_able L here trusting (then_both script true) (List.length script) 0 first_bytes = true ->
  caught spins (run_on L here trusting (then_both script true) (List.length script)) -> ~ waits_end aarch64 true O.
Proof.
  intros L Placed Spins Able Caught Ends; destruct (caught_for_ever L spins Spins script Able Caught) as (Runs & Few &
    Kept).
  destruct Caught as (_ & before & s & At & _).
  destruct (Ends here Placed _ _ _ Runs (then_both_fair trusting _ script true eq_refl) (fun _ => Few) _ 1%nat
    pt_family 3 []
    before s ltac:(lia) At) as (m & Later & Over).
  destruct (Kept m Later) as (_ & before' & s' & At' & _); unfold byte_over in Over; rewrite At' in Over; cbn in Over;
    lia.
Qed.

(** It polls once, and compares again and again without another load. *)
Definition no_reload : object_file armv8_relocation := patched 0x32c [0x54ffffe1] llsc.
Example no_reload_refused : lock_function_ok aarch64 "" sample no_reload pt_family Acquire = false.
Proof. by_kernel. Qed.
Definition compares (s : state) : Prop := (eval here (regs s) (Bits 32 (Reg 1)) =? eval here (regs s) (Bits 32 (Reg
  2))) = false /\
  (pc s = 808 /\ part s = 0%nat \/ pc s = 808 /\ part s = 1%nat /\ equal s = false \/
   pc s = 812 /\ part s = 0%nat /\ equal s = false).
Lemma compares_on {I} (C : code I) s : C 808 = Some ([Compare (Bits 32 (Reg 1)) (Bits 32 (Reg 2))], 4) ->
  C 812 = Some ([Jump (If_equal false) 808], 4) -> compares s -> exists s', asks here C s = Own s' /\ compares s'.
Proof.
  intros At_808 At_812 (Differ & Where); destruct s as [pc_ part_ rs e]; cbn [pc part regs equal] in *.
  destruct Where as [(-> & ->)|[(-> & -> & ->)|(-> & -> & ->)]]; unfold asks; cbn [pc part];
    rewrite ?At_808, ?At_812; cbn [nth_error perform regs passes equal]; rewrite ?Differ; eexists; (split;
      [reflexivity|]);
    (split; [exact Differ|]); cbn; auto 6.
Qed.
Theorem no_reload_starves : ~ waits_end aarch64 true no_reload.
Proof.
  apply (caught_waits no_reload compares (part_way ++ moves 30 0 ++ moves 1 1)); [apply patched_placed, llsc_placed|
    |by_kernel|].
  - intros c m s Here; destruct (compares_on (lib_code (object_library aarch64 "" no_reload)) s) as (s' & -> & There);
      [by_kernel|by_kernel|exact Here|]; exists m, s'; auto.
  - split; [left; by_kernel|].
    set (x := run_on _ _ _ _ _).
    assert (Is : match nth_error (places x) 1 with
      | Some (Running (Op_acquire f i) [] _ s) => (f, i, pc s, part s,
          eval here (regs s) (Bits 32 (Reg 1)) =? eval here (regs s) (Bits 32 (Reg 2)))
      | _ => (pt_family, 0, 0, 0%nat, true) end = (pt_family, 3, 808, 0%nat, false)) by (by_kernel).
    unfold spinning; destruct (nth_error (places x) 1) as [[|[f i| | | |] [|] before s|]|]; try discriminate.
    injection Is as -> -> Pc Part Differ; exists before, s; split; [reflexivity|split; [exact Differ|left; auto]].
Qed.

(** It loads the tickets again before it tries to store, and never tries. *)
Definition loads_again : object_file armv8_relocation := patched 0x314 [0x17ffffff] llsc.
Example loads_again_refused : lock_function_ok aarch64 "" sample loads_again pt_family Acquire = false.
Proof. by_kernel. Qed.
Definition loads (O : object_file armv8_relocation) (s : state) : Prop :=
  is_in_array (object_library aarch64 "" O) here (regs s 0%nat) = true /\
  (pc s = 784 /\ (part s = 0%nat \/ part s = 1%nat) \/ pc s = 788 /\ part s = 0%nat).
Lemma loads_on O c m s : let L := object_library aarch64 "" O in
  lib_code L 784 = Some ([Load [LDAXR] true 1 (Reg 0)], 4) ->
  lib_code L 788 = Some ([Jump Always 784], 4) -> loads O s ->
  exists m' s', accesses L here c true m (asks here (lib_code L) s) = Some (m', s') /\ loads O s' /\
    match asks here (lib_code L) s with Own _ | Ask_load _ _ _ _ => True | _ => False end.
Proof.
  intros L At_784 At_788 (Inside & Where); destruct s as [pc_ part_ rs e]; unfold loads in *; cbn [pc part regs] in *.
  fold L in Inside |- *; generalize dependent L; intros L At_784 At_788 Inside.
  destruct Where as [(-> & [->| ->])|(-> & ->)]; unfold asks; cbn [pc part]; rewrite ?At_784, ?At_788;
    cbn [nth_error perform regs passes eval accesses]; rewrite ?Inside; eexists; eexists;
    (split; [reflexivity|split; [|exact Logic.I]]); cbn [regs gets goto pc part set_reg Nat.eqb]; split; auto.
Qed.
Theorem loads_again_starves : ~ waits_end aarch64 true loads_again.
Proof.
  apply (caught_waits loads_again (loads loads_again) (moves 12 0 ++ moves 12 1));
    [apply patched_placed, llsc_placed| |by_kernel|].
  - intros c m s; apply loads_on; by_kernel.
  - set (x := run_on _ _ _ _ _).
    assert (Is : forall c, (c < 2)%nat -> match nth_error (places x) c with
      | Some (Running (Op_acquire f i) [] _ s) => (f, i, pc s, part s,
          is_in_array (object_library aarch64 "" loads_again) here (regs s 0%nat))
      | _ => (pt_family, 0, 0, 0%nat, false) end = (pt_family, 3, 784, 0%nat, true))
      by (intros c Cpu; destruct c as [|[|c]]; [by_kernel..|lia]).
    assert (Here : forall c, (c < 2)%nat -> spinning (loads loads_again) c x).
    { intros c Cpu; specialize (Is c Cpu); unfold spinning.
      destruct (nth_error (places x) c) as [[|[f i| | | |] [|] before s|]|]; try discriminate.
      injection Is as -> -> Pc Part Inside; exists before, s; split; [reflexivity|split; [exact Inside|left; auto]]. }
    split; [right|]; apply Here; auto.
Qed.

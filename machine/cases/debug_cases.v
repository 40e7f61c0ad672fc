(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The machine of the debug text, computed

    Two CPUs, the small table.  They contend for one lock, and nobody stops
    ([contend_unstopped]).  One releases what the other holds, and stops, and what it tells is
    true ([stranger_stops]).  If both CPUs have one record, one of them is stopped for nothing
    ([one_record_refuted]): the machine stops where the atomic machine does not. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax semantics smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L3_atomic Require Import spec facts.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text checks_text record checked_wrong sample examples.
From hlock.stack Require Import linked.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import invariant no_breach.
From hlock.machine.debug Require Import model stopping.
From hlock.machine.cases Require Import examples.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

(** ** Computing it *)
Section Compute.
  Context (text : program) (B : build) (clients : cpu -> client two).
  Local Notation M := (sc_memory two 1).
  Local Notation none := (fun (_ : cpu) (_ : list (response two)) => @nil asserted).

  Ltac what p :=
    let t := eval cbv beta delta [this_cpu_does room_does count_does lock_does rank_does put_does move_does size_does
                                  wait_does] in p in
    match t with asks ?w => exact w | does ?w => exact w end.
  Local Notation known := (cpus_below (limit B)).
  Definition record_run (c : cpu) (g : ident) : option (list val -> recorded (D := unit) -> option (val * recorded)) :=
    if stops g then None
    else if Pos.eqb g ($"this_cpu") then Some (run_asks ltac:(what (this_cpu_does (D := unit) (this_cpu B c))))
    else if Pos.eqb g ($"record_room") then Some (run_asks ltac:(what (room_does (D := unit) (depth B))))
    else if Pos.eqb g ($"record_count") then Some (run_asks ltac:(what (count_does (D := unit) known)))
    else if Pos.eqb g ($"record_lock") then Some (run_asks ltac:(what (lock_does (D := unit) known (depth B))))
    else if Pos.eqb g ($"record_rank") then Some (run_asks ltac:(what (rank_does (D := unit) known (depth B))))
    else if Pos.eqb g ($"record_put") then Some (run_does ltac:(what (put_does (D := unit) known (depth B))))
    else if Pos.eqb g ($"record_move") then Some (run_does ltac:(what (move_does (D := unit) known (depth B))))
    else if Pos.eqb g ($"record_size") then Some (run_does ltac:(what (size_does (D := unit) known)))
    else if Pos.eqb g ($"record_wait") then Some (run_does ltac:(what (wait_does (D := unit))))
    else None.
  Lemma record_run_sound c g f vs R v u R' : record_run c g = Some f -> f vs (tt, R) = Some (v, (u, R')) ->
    exists p, record_layer B c g = Some p /\ p vs (tt, R) v (tt, R').
  Proof.
    unfold record_run, record_layer, checking_layer; destruct (stops g); [discriminate|].
    repeat (destruct (Pos.eqb g _); [intros [= <-] Does; destruct u; eexists; split; [reflexivity|];
                                     (apply run_asks_sound in Does || apply run_does_sound in Does); exact Does|]).
    discriminate.
  Qed.

  (** A step of CPU [c], of clients that assert nothing. *)
  Definition debug_by (c : cpu) (x : debug_machine M) : option (option (debug_visible two) * debug_machine M) :=
    let ts := debug_threads x in let R := its_records x in let g := debug_contents x in
    match nth_error ts c with
    | Some (Running t []) =>
        let plain :=
          let m := next_move text 1 (clients c) t in
          match performed 1 (fun _ => next two 1) c g m with
          | Some (a, t') =>
              Some (option_map Seen (seen_of_move m a),
                    mkDebug (M := M) (put_at c (goes_on none c t') ts) R
                      (match a with Some a => (c, a) :: g | None => g end))
          | None => None
          end in
        match t with
        | Calling o h (Enter f (External _ _ _ _) vs k) =>
            if stops f then Some (Some (Did_stop f vs), mkDebug (M := M) (put_at c At_stop ts) R g)
            else match record_run c f with
                 | Some does =>
                     match does vs (tt, R) with
                     | Some (v, (_, R')) =>
                         Some (None, mkDebug (M := M) (put_at c (Running (Calling o h (Give v k)) []) ts) R' g)
                     | None => None
                     end
                 | None => plain
                 end
        | _ => plain
        end
    | _ => None
    end.
  Local Notation debug_step := (debug_step text 1 B M clients none).
  Local Notation debug_execution := (debug_execution text 1 B M clients none).

  Lemma performed_moves c g t a t' :
    performed 1 (fun _ => next two 1) c g (next_move text 1 (clients c) t) = Some (a, t') ->
    moves text 1 M clients c t g (seen_of_move (next_move text 1 (clients c) t) a) t'
      (match a with Some a => (c, a) :: g | None => g end).
  Proof.
    destruct (next_move text 1 (clients c) t) as [t1|o t1|o t1|l k|l k|l k|l v1 t1|l k t1|l k v1 t1| | |] eqn:Next;
      cbn [performed]; intros Did; try discriminate; injection Did as <- <-; cbn [seen_of_move].
    1: now apply moves_local.
    1: now apply moves_call.
    1: now apply moves_return.
    all: eapply moves_memory; [rewrite Next; cbn; eauto|split; reflexivity].
  Qed.
  Lemma debug_by_sound c x v x' : debug_by c x = Some (v, x') -> debug_step c x v x'.
  Proof.
    destruct x as [ts R g]; unfold debug_by; cbn [debug_threads its_records debug_contents].
    destruct (nth_error ts c) as [[t []| |]|] eqn:At; try discriminate.
    set (plain := match performed _ _ _ _ _ with Some _ => _ | None => _ end).
    assert (Plain : plain = Some (v, x') -> debug_step c (mkDebug (M := M) ts R g) v x').
    { unfold plain; destruct (performed _ _ _ _ _) as [[a t']|] eqn:Did; [|discriminate]; intros [= <- <-].
      eapply debug_steps; [exact At|]; now apply debug_moves, performed_moves. }
    destruct t as [|o h [| |f [|ef tys tr cc] vs k|]| |]; try exact Plain.
    destruct (stops f) eqn:Stop.
    { intros [= <- <-]; eapply debug_steps; [exact At|]; apply debug_stops; cbn; now rewrite Stop. }
    destruct (record_run c f) as [does|] eqn:Run; [|exact Plain].
    destruct (does vs (tt, R)) as [[w [u R']]|] eqn:Does; [|discriminate]; intros [= <- <-].
    destruct (record_run_sound c f does vs R w u R' Run Does) as (p & Layer & Prim).
    eapply debug_steps; [exact At|]; apply debug_records; econstructor; eassumption.
  Qed.

  (** Of each CPU of the schedule, so many steps; then what was seen. *)
  Fixpoint debug_turns (schedule : list (cpu * nat)) (tr : debug_trace two) (x : debug_machine M)
      : debug_trace two * debug_machine M :=
    match schedule with
    | [] => (tr, x)
    | (c, n) :: schedule =>
        let (tr, x) := Nat.iter n (fun s : debug_trace two * debug_machine M =>
          match debug_by c (snd s) with Some (v, x') => (note c v (fst s), x') | None => s end) (tr, x) in
        debug_turns schedule tr x
    end.
  Lemma debug_turns_sound schedule : forall tr x, debug_execution tr x ->
    debug_execution (fst (debug_turns schedule tr x)) (snd (debug_turns schedule tr x)).
  Proof.
    induction schedule as [|[c n] schedule IH]; intros tr x Run; [exact Run|]; cbn [debug_turns].
    destruct (Nat.iter n _ _) as [tr1 x1] eqn:Is; apply IH.
    enough (All : forall n s, debug_execution (fst s) (snd s) -> forall s',
      Nat.iter n (fun s : debug_trace two * debug_machine M =>
      match debug_by c (snd s) with Some (v, x') => (note c v (fst s), x') | None => s end) s = s' ->
      debug_execution (fst s') (snd s')) by exact (All n (tr, x) Run _ Is).
    clear - text B clients; induction n as [|n IH]; cbn; intros s Run s' <-; [exact Run|].
    specialize (IH s Run _ eq_refl); destruct (debug_by c _) as [[v x']|] eqn:By; [|exact IH].
    exact (debug_execution_step _ _ _ _ _ _ _ _ _ _ _ IH (debug_by_sound c _ v x' By)).
  Qed.
  Definition debug_run (schedule : list (cpu * nat)) : debug_trace two :=
    fst (debug_turns schedule [] (debug_first M none)).
  Theorem debug_run_sound schedule : exists x, debug_execution (debug_run schedule) x.
  Proof. eexists; exact (debug_turns_sound schedule [] _ (debug_execution_start _ _ _ _ _ _)). Qed.
End Compute.

(** ** Clients *)
Definition core_in : op two := Op_acquire core_family 0.
Definition core_out : op two := Op_release core_family 0.
Definition in_and_out : client two := fun h => nth_error [core_in; core_out] (List.length h).
Definition only_in : client two := fun h => match h with [] => Some core_in | _ => None end.
Definition only_out : client two := fun h => match h with [] => Some core_out | _ => None end.
Definition apart : build := {| limit := 2; depth := 4; this_cpu := Z.of_nat |}.
Definition one_record : build := {| limit := 2; depth := 4; this_cpu := fun _ => 0 |}.

Definition nothing_asserted (c : cpu) (h : list (response two)) : list asserted := [].
Local Notation M := (sc_memory two 1).

(** What [debug_correct] says of text, build and clients, but that what is wrong comes to its stop,
    and what objects hold. *)
Definition stops_rightly (text : program) (B : build) (clients : cpu -> client two) : Prop :=
  forall tr x, debug_execution text 1 B M clients nothing_asserted tr x ->
  touched_outside sample B clients nothing_asserted tr \/
  exists y, stopping_execution sample B clients nothing_asserted tr y.

(** ** Right builds *)
Lemma apart_ok : build_ok 2 apart.
Proof. constructor; cbn; lia. Qed.
(** Clients that use the lock of core call what there is. *)
Lemma core_exists (clients : cpu -> client two) :
  (forall c h o, clients c h = Some o -> o = core_in \/ o = core_out) -> calls_exist sample clients nothing_asserted.
Proof.
  intros Core; split; [|contradiction]; intros c h o call Next Is.
  destruct (Core c h o Next) as [-> | ->]; injection Is as <-; (split; [now left|split; [lia|reflexivity]]).
Qed.

(** CPU 1 calls while CPU 0 is inside, and waits: nobody is stopped. *)
Example contend_unstopped : exists x, debug_execution (debug_stack "" sample) 1 apart M (fun _ => in_and_out)
  nothing_asserted
  [(1%nat, Seen (Returned core_out)); (1%nat, Seen (Called core_out)); (1%nat, Seen (Returned core_in));
   (0%nat, Seen (Returned core_out)); (0%nat, Seen (Called core_out)); (1%nat, Seen (Called core_in));
   (0%nat, Seen (Returned core_in)); (0%nat, Seen (Called core_in))] x.
Proof.
  destruct (debug_run_sound (debug_stack "" sample) apart (fun _ => in_and_out) [(0, 98); (1, 200); (0, 400);
    (1, 400)]%nat)
    as (x & Run); exists x; revert Run.
  match goal with |- debug_execution _ _ _ _ _ _ ?tr _ -> _ => let t := eval vm_compute in tr in
    replace tr with t by (vm_cast_no_check (eq_refl t)) end; intros Run; exact Run.
Qed.
Example contend_exists : calls_exist sample (fun _ => in_and_out) nothing_asserted.
Proof. apply core_exists; intros c [|a [|b h]] o; cbn; intros [= <-] || intros No; auto; now destruct h. Qed.

(** CPU 1 releases what CPU 0 holds: it is stopped, and told that it does not hold it. *)
Definition one_releases (c : cpu) : client two := match c with O => only_in | _ => only_out end.
Example stranger_stops : exists x, debug_execution (debug_stack "" sample) 1 apart M one_releases nothing_asserted
  [(1%nat, Did_stop ($"hlock_stops") (record.numbers [4; 1; 0; 0; 1])); (1%nat, Seen (Called core_out));
   (0%nat, Seen (Returned core_in)); (0%nat, Seen (Called core_in))] x.
Proof.
  destruct (debug_run_sound (debug_stack "" sample) apart one_releases [(0, 200); (1, 200)]%nat) as (x & Run).
  exists x; revert Run.
  match goal with |- debug_execution _ _ _ _ _ _ ?tr _ -> _ => let t := eval vm_compute in tr in
    replace tr with t by (vm_cast_no_check (eq_refl t)) end; intros Run; exact Run.
Qed.

(** ** Refuted *)

(** Somewhere CPU [c] stops, or returns. *)
Definition somewhere (c : cpu) (what : debug_visible two -> bool) (tr : debug_trace two) : bool :=
  existsb (fun e => Nat.eqb (fst e) c && what (snd e)) tr.
Definition is_stop (v : debug_visible two) : bool := match v with Did_stop _ _ => true | _ => false end.
Definition is_return (v : debug_visible two) : bool := match v with Seen (Returned _) => true | _ => false end.
Lemma somewhere_in c what tr : somewhere c what tr = true -> exists v, List.In (c, v) tr /\ what v = true.
Proof.
  unfold somewhere; rewrite existsb_exists; intros ([c' v] & Is & Both); apply andb_prop in Both as (Same & What).
  apply Nat.eqb_eq in Same; cbn in *; subst c'; eauto.
Qed.

(** On the machine that stops, who holds a lock is who holds it by its own history. *)
Lemma stopping_holdings B (clients : cpu -> client two) tr y :
  stopping_execution sample B clients nothing_asserted tr y -> holdings (fun _ _ => True) clients y.
Proof.
  induction 1 as [|tr y c v y' _ IH Step]; [exact (holdings_start _ clients (fun _ _ => I))|].
  destruct Step as [u y' Step _|call g ws _ _].
  - exact (holdings_step _ clients c y u y' (fun _ _ _ _ _ _ _ _ => I) IH Step).
  - apply (holdings_update _ clients y c Dead (happened y) IH); [now left|exact I].
Qed.
Lemma holds_nothing c (g : log two atomic_verb) : holds_exactly c g [] -> held_by c g = [].
Proof.
  intros None; unfold held_by; induction (map _ _) as [|l ls IH]; [reflexivity|]; cbn [filter].
  destruct (holds two c l g) eqn:Is; [apply holds_iff, None in Is as []|exact IH].
Qed.
(** Nobody touches an object. *)
Lemma no_touch B (clients : cpu -> client two) tr :
  (forall c h o, clients c h = Some o -> lock_call o <> None) -> ~ touched_outside sample B clients nothing_asserted tr.
Proof. intros Calls (tr1 & tr2 & y & _ & _ & c & h & o & _ & Next & No & _); exact (Calls c h o Next No). Qed.

Lemma somewhere_computed text B clients schedule c what : somewhere c what (debug_run text B clients schedule) = true ->
  exists tr x v, debug_execution text 1 B M clients nothing_asserted tr x /\ List.In (c, v) tr /\ what v = true.
Proof.
  intros Is; destruct (debug_run_sound text B clients schedule) as (x & Run).
  apply somewhere_in in Is as (v & Is & What); exact (ex_intro _ _ (ex_intro _ x (ex_intro _ v (conj Run (conj Is
    What))))).
Qed.

(** Who acquires one lock, once, is not stopped. *)
Lemma only_in_unstopped B tr y : 0 < depth B -> stopping_execution sample B (fun _ => only_in) nothing_asserted tr y ->
  forall c g told, ~ List.In (c, Did_stop g told) tr.
Proof.
  intros Room; induction 1 as [|tr y c v y' Above IH Step]; intros c' g told Is; [exact Is|].
  destruct Step as [u y' Step _|call g' ws Next _].
  - destruct u as [u|]; [destruct Is as [Is|Is]; [discriminate|]|]; exact (IH _ _ _ Is).
  - destruct Is as [Is|Is]; [|exact (IH _ _ _ Is)]; injection Is as -> _ _; unfold wrong_next in Next.
    pose proof (stopping_holdings _ _ _ _ Above) as Holds.
    destruct (nth_error (positions y) c') as [q|] eqn:At; [|discriminate]; specialize (Holds c' q At).
    destruct q as [h|o h|o h|]; try discriminate Next; cbn in Holds; destruct Holds as (_ & Op & _ & Exactly).
    destruct h as [|a h]; [|discriminate Op]; injection Op as <-; cbn [wrong_at lock_call core_in] in Next.
    rewrite (holds_nothing c' _ Exactly) in Next; cbn [wrong List.length] in Next.
    replace (depth B <=? Z.of_nat 0)%Z with false in Next by (symmetry; apply Z.leb_gt; cbn; lia); discriminate Next.
Qed.

(** Two CPUs with one record: one that holds nothing is stopped, as if it held what the other does. *)
Theorem one_record_refuted : ~ stops_rightly (debug_stack "" sample) one_record (fun _ => only_in).
Proof.
  intros Right.
  destruct (somewhere_computed (debug_stack "" sample) one_record (fun _ => only_in) [(0, 200); (1, 200)]%nat 1 is_stop)
    as (tr & x & v & Run & Is & Stops); [vm_cast_no_check (eq_refl true)|].
  destruct (Right _ x Run) as [Touched|(y & Above)].
  { revert Touched; apply no_touch; intros c [|a h] o; [intros [= <-]; discriminate|discriminate]. }
  destruct v as [v|g told]; [discriminate|].
  exact (only_in_unstopped one_record _ y eq_refl Above 1%nat g told Is).
Qed.

(** A CPU whose release is wrong does not release, and does not return. *)
Lemma stranger_never_returns tr y : stopping_execution sample apart one_releases nothing_asserted tr y ->
  (forall o h, nth_error (positions y) 1 <> Some (Effected o h)) /\
  forall o, ~ List.In (1%nat, Seen (Returned o)) tr.
Proof.
  induction 1 as [|tr y c v y' Above (Never & IH) Step]; [split; [discriminate|intros o []]|].
  pose proof (stopping_holdings _ _ _ _ Above) as Holds.
  assert (Put : forall q, (c = 1%nat -> forall o h, q <> Effected o h) -> forall o h,
    nth_error (put_at c q (positions y)) 1 <> Some (Effected o h)).
  { intros q Not o h; rewrite nth_put; destruct (Nat.eqb_spec 1 c) as [<-|]; [|apply Never].
    destruct (nth_error _ 1); [|discriminate]; intros [= ->]; now apply (Not eq_refl o h). }
  destruct Step as [u y' Step Right|call g ws _ _].
  - destruct Step as [ps g h o At Next Effect|ps g h o a At Effect Possible|ps g h o At|ps g h f i k l w At Next
      Possible
      |ps g h f i k w l At Next Possible|ps g q At Lives]; cbn [positions happened option_map note] in *;
      (split; [apply Put; intros ->; try discriminate|]); try (intros o' [Is|Is]; [discriminate|exact (IH o' Is)]).
    + intros o' h' [= <- <-]; destruct Right as [Right|]; [|discriminate].
      specialize (Holds 1%nat _ At); cbn in Holds; destruct Holds as (_ & Op & _ & Exactly).
      destruct h as [|b h]; [|discriminate Op]; injection Op as <-; unfold wrong_next in Right.
      cbn [positions happened] in Right; rewrite At in Right; cbn [wrong_at] in Right.
      rewrite (holds_nothing 1 _ Exactly) in Right; discriminate Right.
    + exact IH.
    + intros o' [Is|Is]; [|exact (IH o' Is)]; injection Is as -> _; exact (Never o h At).
  - split; [apply Put; discriminate|intros o [Is|Is]; [discriminate|exact (IH o Is)]].
Qed.

(** The release text, which has no checks: a release of what another CPU holds is missed, and returns. *)
Theorem unchecked_refuted : ~ stops_rightly (stack "" sample) apart one_releases.
Proof.
  intros Right.
  destruct (somewhere_computed (stack "" sample) apart one_releases [(0, 200); (1, 200)]%nat 1 is_return)
    as (tr & x & v & Run & Is & Returns); [vm_cast_no_check (eq_refl true)|].
  destruct (Right _ x Run) as [Touched|(y & Above)].
  { revert Touched; apply no_touch; intros [|c] [|a h] o; intros [= <-]; discriminate. }
  destruct v as [[| | | |]|]; try discriminate; exact (proj2 (stranger_never_returns _ y Above) _ Is).
Qed.

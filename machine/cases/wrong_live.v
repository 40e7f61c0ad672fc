(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Wrong locks against liveness: somebody waits for ever

    What starvation.v says, for two CPUs and objects that are numbers, with its text
    and its memory left open and whatever bound ([acquires_return]).  It is true of the
    right text ([right_acquires_return]), and false of a wait with any other comparison
    ([other_comparison_starves]), of a release without its store
    ([no_store_starves]) and of an [incr_now] by two ([incr_by_two_starves]).  In each
    case two clients that keep the contract and are orderly, [twice], contend in an
    execution that is computed here, and come to a state from which rounds of any
    number exist and in none of which the acquire of one of them returns
    ([waits_for_ever]): whoever has not finished polls, and nobody stores.
    Read first: wrong.v, the same of safety. *)
From Coq Require Import ZArith String List Bool Lia.
From hlock.clight Require Import options integers values syntax operators link.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L1_ticket Require Import wrong_code.
From hlock.layers.L4_locks Require Import spec contract text sample examples.
From hlock.generated Require L1_ticket L3_atomic.
From hlock.layers.table Require Import table.
From hlock.stack Require Import stack setting examples.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import invariant.
From hlock.machine.live Require Import live starvation.
From hlock.machine.run Require Import explore_cases.
From hlock.machine.cases Require Import examples live_examples halted_waiter.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

(** ** The statement, of any text on any memory *)

(** Every acquire that has been called returns, within rounds whose number depends on
    the lock, its level, and [A] and [B] alone. *)
Definition acquires_return (text : program) (width : Z) (M : memory_system two) : Prop :=
  forall (clients : cpu -> client two) above A B, never_breaches clients sample ->
  (forall c, orderly (is_told clients c) (clients c) above A B) ->
  forall f i, exists bound, forall cs x c history s x',
    segment text width M clients (first_state M) cs x -> (c < 2)%nat ->
    nth_error (threads x) c = Some (Calling (Op_acquire f i) history s) ->
    rounds text width M clients bound x x' -> over c history x'.

(** The right text. *)
Theorem right_acquires_return w : 1 <= w <= 32 -> acquires_return sample_text w (sc_memory two w).
Proof.
  intros Width clients above A B Never Orderly f i; eexists; intros cs x c history s x'.
  exact (starvation_freedom (G := of_clients w Width clients) above A B Orderly Never cs x c f i history s x').
Qed.

(** CPU [c], told [history], calls an acquire that never returns, whatever follows for
    however many rounds; and any number of rounds can follow. *)
Definition waits_for_ever (text : program) (width : Z) (M : memory_system two) clients c history : Prop :=
  exists cs x f i s, segment text width M clients (first_state M) cs x /\ (c < 2)%nat /\
    nth_error (threads x) c = Some (Calling (Op_acquire f i) history s) /\
    forall n, (exists x', rounds text width M clients n x x') /\
      forall x', rounds text width M clients n x x' -> ~ over c history x'.

(** So the statement is false. *)
Lemma waits_refutes text width M c history : waits_for_ever text width M twice c history ->
  ~ acquires_return text width M.
Proof.
  intros (cs & x & f & i & s & Run & Cpu & At & Never) Return.
  destruct (Return twice _ _ _ twice_never twice_orderly f i) as (bound & Over).
  destruct (Never bound) as ((x' & Rounds) & Not).
  exact (Not x' Rounds (Over cs x c history s x' Run Cpu At Rounds)).
Qed.

(** ** Memories that record something else than what was done *)
Section Altered.
  Context (text : program) (width : Z) (alter : action two words_verb -> action two words_verb).
  Local Notation log := (log two words_verb).

  (** Consistent words; of an action [a] the memory takes [alter a]. *)
  Definition altered : memory_system two :=
    mkMemory log [] (fun g c a g' => value_there two width g a /\ g' = (c, alter a) :: g).

  Local Notation M := altered.
  Local Notation machine := (machine M).
  Local Notation clients := twice.
  Local Notation calm := (calm_step text width M clients).
  Local Notation segment := (segment text width M clients).
  Local Notation rounds := (rounds text width M clients).
  Local Notation finished := (finished M clients).

  (** *** Executions, computed *)
  Definition one_goes (c : cpu) (x : machine) : option machine :=
    match nth_error (threads x) c with
    | None => None
    | Some t =>
        match performed width (fun _ => next two width) c (contents x) (next_move text width (clients c) t) with
        | None => None
        | Some (a, t') =>
            Some (mkMachine (M := M) (put_at c t' (threads x))
                   (match a with Some a => (c, alter a) :: contents x | None => contents x end))
        end
    end.
  Fixpoint all_go (schedule : list cpu) (x : machine) : option machine :=
    match schedule with
    | [] => Some x
    | c :: schedule => match one_goes c x with Some x' => all_go schedule x' | None => None end
    end.

  Lemma one_goes_calm c x x' : one_goes c x = Some x' -> exists v, calm c x v x'.
  Proof.
    destruct x as [ts g]; unfold one_goes; cbn [threads contents].
    destruct (nth_error ts c) as [t|] eqn:At; [|discriminate].
    destruct (performed width _ c g _) as [[a t']|] eqn:Did; [|discriminate]; intros [= <-]; revert Did.
    destruct (next_move text width (clients c) t) as [t1|o t1|o t1|l k|l k|l k|l v1 t1|l j k|l j v1 t1| | |] eqn:Next;
      cbn [performed]; intros Did; try discriminate; injection Did as <- <-.
    1: exists None; split; [now apply step_local with t|discriminate].
    1: exists (Some (Called o)); split; [now apply step_call with t|discriminate].
    1: exists (Some (Returned o)); split; [now apply step_return with t|discriminate].
    all: eexists; split; [eapply step_memory; [exact At|rewrite Next; cbn; eauto|split; [|reflexivity]; cbn; auto]|
                          discriminate].
  Qed.
  Lemma all_go_calm schedule : forall x x', all_go schedule x = Some x' -> segment x schedule x'.
  Proof.
    induction schedule as [|c schedule IH]; cbn; intros x x' Is; [injection Is as <-; constructor|].
    destruct (one_goes c x) as [x1|] eqn:Step; [|discriminate].
    apply one_goes_calm in Step as (v & Step); apply one_step with v x1; auto.
  Qed.

  (** *** A thread that goes round *)

  (** [n] steps of its own, or polls, if lock [l] serves [served l]. *)
  Fixpoint spins (served : Z -> Z) (c : cpu) (n : nat) (t : thread two) : option (thread two) :=
    match n with
    | O => Some t
    | Datatypes.S n =>
        match next_move text width (clients c) t with
        | Local t' => spins served c n t'
        | Poll l k => spins served c n (k (served l))
        | _ => None
        end
    end.
  (** It comes back to where it was. *)
  Definition goes_round (served : Z -> Z) (c : cpu) (t : thread two) : Prop :=
    exists n, spins served c (Datatypes.S n) t = Some t.

  Lemma spins_then served c n : forall t t', spins served c n t = Some t' ->
    spins served c (Datatypes.S n) t = spins served c 1 t'.
  Proof.
    induction n as [|n IH]; intros t t' Is; [now injection Is as <-|].
    cbn [spins] in Is; cbn [spins]; destruct (next_move text width (clients c) t); try discriminate;
      exact (IH _ _ Is).
  Qed.
  Lemma round_next served c t : goes_round served c t ->
    (exists t', next_move text width (clients c) t = Local t' /\ goes_round served c t') \/
    (exists l k, next_move text width (clients c) t = Poll l k /\ goes_round served c (k (served l))).
  Proof.
    intros (n & Is); pose proof Is as Once; cbn [spins] in Once.
    destruct (next_move text width (clients c) t) as [t1|o t1|o t1|l k|l k|l k|l v1 t1|l j k|l j v1 t1| | |] eqn:Next;
      try discriminate; [left; exists t1|right; exists l, k]; (split; [reflexivity|exists n]).
    all: rewrite (spins_then _ _ _ _ _ Once); cbn [spins]; now rewrite Next.
  Qed.
  (** It is in a call, and stays there. *)
  Lemma round_calls c t : match next_move text width (clients c) t with
    | Local t' => exists o history s s', t = Calling o history s /\ t' = Calling o history s'
    | Poll l k => forall v, exists o history s s', t = Calling o history s /\ k v = Calling o history s'
    | _ => True
    end.
  Proof.
    destruct t as [history|o history s|o history l u k|]; cbn; auto.
    - destruct (twice c history) as [[]|]; exact I.
    - unfold in_call; destruct s as [le s k|le out k|f [fn|ef targs tres cc] vs k|v k].
      1-3: destruct (smallstep.step _ _); eauto 7.
      + unfold primitive; destruct vs as [|[|n] [|]]; auto.
        * destruct (Pos.eqb _ _); eauto 7.
        * repeat destruct (Pos.eqb _ _); eauto 7.
      + destruct k; auto; destruct (smallstep.step _ _); eauto 7.
  Qed.

  (** *** Nobody stores any more *)

  (** It goes round, or has finished. *)
  Definition still (served : Z -> Z) (c : cpu) (t : thread two) : Prop :=
    goes_round served c t \/ t = Stopped \/ exists history, t = Idle history /\ clients c history = None.
  Record stuck (served : Z -> Z) (x : machine) : Prop := {
    stays_served : forall l, serving two width l (contents x) = served l;
    all_still : forall c t, nth_error (threads x) c = Some t -> still served c t;
    all_here : length (threads x) = 2%nat
  }.

  Context (Polls : forall l v, alter (Lock l (Polled v)) = Lock l (Polled v)) (Halts : alter Halted = Halted).

  (** A step then: of a thread that goes round, or a halt between two operations. *)
  Lemma still_step served c x v x' : stuck served x -> calm c x v x' ->
    exists t t', nth_error (threads x) c = Some t /\ threads x' = put_at c t' (threads x) /\ still served c t' /\
      (forall l, serving two width l (contents x') = served l) /\
      ((t' = Stopped /\ exists history, t = Idle history) \/
       exists o history s s', t = Calling o history s /\ t' = Calling o history s').
  Proof.
    intros [Served All _] (Step & Calm).
    assert (Goes : forall t, nth_error (threads x) c = Some t -> next_move text width (clients c) t <> Finished ->
              goes_round served c t).
    { intros t At Not; destruct (All c t At) as [|[->|(h & -> & Ends)]]; [assumption| |].
      - now destruct Not.
      - destruct Not; cbn; now rewrite Ends. }
    destruct Step as [ts g t t' At Next|ts g t t' o' At Next|ts g t t' o' At Next|ts g t a t' g' At Ans (Value & ->)
                     |ts g t g' At Lives (_ & ->)]; cbn [threads contents] in *; exists t.
    5: { destruct (Calm eq_refl) as (h & Is & _); rewrite At in Is; injection Is as ->; rewrite Halts.
         exists Stopped; split; [exact At|split; [reflexivity|]].
         split; [right; now left|split; [exact Served|left; eauto]]. }
    all: exists t'; split; [exact At|split; [reflexivity|]]; pose proof (round_calls c t) as Calls.
    all: destruct (round_next served c t (Goes t At ltac:(intros Is; rewrite Is in *; contradiction || discriminate)))
      as [(t1 & Is & Round)|(l & k & Is & Round)]; rewrite Is in *; try discriminate; try contradiction.
    - injection Next as ->; split; [now left|split; [exact Served|now right]].
    - destruct Ans as (w & -> & ->); cbn in Value; subst w; rewrite Polls, Served.
      split; [now left|split; [exact Served|right; apply Calls]].
  Qed.

  Definition calls c o history (x : machine) : Prop := exists s, nth_error (threads x) c = Some (Calling o history s).
  Lemma stuck_step served c x v x' : stuck served x -> calm c x v x' -> stuck served x' /\
    (forall c', finished c' x -> finished c' x') /\
    forall c' o history, calls c' o history x -> calls c' o history x'.
  Proof.
    intros Stuck Step; destruct (still_step served c x v x' Stuck Step) as (t & t' & At & Is & Still & Served & How).
    unfold orderly.finished, calls; split; [constructor; [exact Served| |]|split].
    - intros c' t2; rewrite Is, nth_put; destruct (Nat.eqb_spec c' c) as [->|].
      + rewrite At; now intros [= <-].
      + apply Stuck.
    - rewrite Is, length_put; apply Stuck.
    - intros c'; rewrite Is, nth_put; destruct (Nat.eqb_spec c' c) as [->|]; [rewrite At|auto].
      destruct How as [(-> & _)|(o & h & s & s' & -> & ->)]; [auto|contradiction].
    - intros c' o history; rewrite Is, nth_put; destruct (Nat.eqb_spec c' c) as [->|]; [rewrite At|auto].
      intros (s & [= ->]); destruct How as [(-> & h & [=])|(o1 & h & s1 & s' & [= -> -> ->] & ->)]; eauto.
  Qed.
  Lemma stuck_segment served x cs x' : segment x cs x' -> stuck served x -> stuck served x' /\
    (forall c', finished c' x -> finished c' x') /\
    forall c' o history, calls c' o history x -> calls c' o history x'.
  Proof.
    induction 1 as [x|x c v x1 cs x2 Step _ IH]; intros Stuck; [auto|].
    destruct (stuck_step served c x v x1 Stuck Step) as (Stuck1 & Fin & Calls), (IH Stuck1) as (Stuck2 & Fin' & Calls').
    auto.
  Qed.
  Lemma stuck_rounds served n : forall x x', stuck served x -> rounds n x x' ->
    forall c o history, calls c o history x -> calls c o history x'.
  Proof.
    induction n as [|n IH]; intros x x' Stuck; cbn; [now intros ->|].
    intros (x1 & (cs & Run & _) & Rest) c o history Calls.
    destruct (stuck_segment served x cs x1 Run Stuck) as (Stuck1 & _ & Keeps); eauto.
  Qed.

  (** Who has not finished can step. *)
  Lemma stuck_moves served x c : stuck served x -> (c < 2)%nat -> finished c x \/ exists v x', calm c x v x'.
  Proof.
    intros Stuck Cpu; destruct (nth_error (threads x) c) as [t|] eqn:At.
    2: { apply nth_error_None in At; rewrite (all_here served x Stuck) in At; lia. }
    unfold orderly.finished; rewrite At.
    destruct (all_still served x Stuck c t At) as [Round|[->|(h & -> & Ends)]]; [right|now left|left; exact Ends].
    destruct x as [ts g]; cbn [threads] in At; exists None.
    destruct (round_next served c t Round) as [(t' & Is & _)|(l & k & Is & _)]; eexists; (split; [|discriminate]).
    - exact (step_local text width M clients c ts g t t' At Is).
    - refine (step_memory text width M clients c ts g t (Lock l (Polled (serving two width l g))) _ _ At _
                (conj _ eq_refl)); [rewrite Is; cbn; eauto|reflexivity].
  Qed.
  Lemma stuck_round served x : stuck served x -> exists x', round text width M clients x x'.
  Proof.
    intros Stuck.
    assert (Turns : forall cs x, stuck served x -> Forall (fun c => (c < 2)%nat) cs ->
              exists stepped x', segment x stepped x' /\ forall c, List.In c cs -> List.In c stepped \/ finished c x').
    { clear x Stuck; intros cs; induction cs as [|c cs IH]; intros x Stuck Cpus.
      - exists [], x; split; [constructor|contradiction].
      - inversion Cpus as [|c' cs' Cpu Cpus' E]; subst.
        destruct (stuck_moves served x c Stuck Cpu) as [Fin|(v & x1 & Step)].
        + destruct (IH x Stuck Cpus') as (stepped & x' & Run & All); exists stepped, x'; split; [exact Run|].
          intros c' [<-|Is]; [right; now apply (stuck_segment served x stepped x' Run Stuck)|auto].
        + destruct (IH x1 (proj1 (stuck_step served c x v x1 Stuck Step)) Cpus') as (stepped & x' & Run & All).
          exists (c :: stepped), x'; split; [now apply one_step with v x1|].
          intros c' [<-|Is]; [left; now left|destruct (All c' Is); [left; now right|auto]]. }
    destruct (Turns [0; 1]%nat x Stuck) as (stepped & x' & Run & All); [repeat constructor|].
    exists x', stepped; split; [exact Run|]; intros c Cpu; apply All; cbn in Cpu |- *; lia.
  Qed.
  Lemma stuck_goes_on served n : forall x, stuck served x -> exists x', rounds n x x'.
  Proof.
    induction n as [|n IH]; intros x Stuck; [now exists x|].
    destruct (stuck_round served x Stuck) as (x1 & Round); pose proof Round as (cs & Run & _).
    destruct (IH x1 (proj1 (stuck_segment served x cs x1 Run Stuck))) as (x' & Rest); exists x', x1; auto.
  Qed.

  (** *** All that is left is to compute *)

  (** What has become of the thread of CPU [c] after [n + 1] such steps; or it has finished. *)
  Definition spun (n : nat) (x : machine) (c : cpu) : option (thread two) :=
    match nth_error (threads x) c with
    | Some (Idle history) => match clients c history with None => Some (Idle history) | Some _ => None end
    | Some t => spins (fun l => serving two width l (contents x)) c (Datatypes.S n) t
    | None => None
    end.
  Definition called (x : machine) (c : cpu) : option (family * Z * list (response two)) :=
    match nth_error (threads x) c with
    | Some (Calling (Op_acquire f i) history _) => Some (f, i, history)
    | _ => None
    end.
  (** After this schedule CPU [c] acquires, told [history], and both are as they were. *)
  Definition comes_to (schedule : list cpu) (n : nat) (c : cpu) f i history : Prop :=
    let x := all_go schedule (first_state M) in
    option_map (fun x => (called x c, spun n x 0, spun n x 1)) x =
    Some (Some (f, i, history),
          match x with Some x => nth_error (threads x) 0 | None => None end,
          match x with Some x => nth_error (threads x) 1 | None => None end).

  Lemma comes_waits schedule n c f i history : (c < 2)%nat -> comes_to schedule n c f i history ->
    waits_for_ever text width M twice c history.
  Proof.
    unfold comes_to; intros Cpu; destruct (all_go schedule (first_state M)) as [x|] eqn:Run; [|discriminate].
    intros [= Calls Here0 Here1]; apply all_go_calm in Run; unfold called in Calls.
    destruct (nth_error (threads x) c) as [[h|[] h s|o h l u k|]|] eqn:At; try discriminate.
    injection Calls as -> -> ->; exists schedule, x, f, i, s; split; [exact Run|split; [exact Cpu|split; [exact At|]]].
    set (served := fun l => serving two width l (contents x)).
    assert (Two : length (threads x) = 2%nat).
    { clear - Run; change 2%nat with (length (threads (first_state M))); revert Run.
      generalize (first_state M) as x0; intros x0 Run.
      induction Run as [|x0 c v x1 cs x2 (Step & _) _ IH]; [reflexivity|].
      rewrite IH; destruct Step; apply length_put. }
    assert (Stuck : stuck served x).
    { constructor; [reflexivity| |exact Two]; intros c' t At'.
      assert (Here : spun n x c' = Some t).
      { rewrite <- At'; destruct c' as [|[|c']]; [exact Here0|exact Here1|].
        enough (Datatypes.S (Datatypes.S c') < 2)%nat by lia; rewrite <- Two; apply nth_error_Some; congruence. }
      unfold spun in Here; rewrite At' in Here.
      destruct t as [h|o h s'|o h l u k|]; [right; right; exists h; split; [reflexivity|]|left; exists n; exact Here..].
      now destruct (clients c' h). }
    intros m; split; [exact (stuck_goes_on served m x Stuck)|]; intros x' Rounds (t & At' & Beyond).
    destruct (stuck_rounds served m x x' Stuck Rounds c (Op_acquire f i) history ltac:(eexists; exact At))
      as (s' & At2).
    rewrite At2 in At'; injection At' as <-; cbn in Beyond; lia.
  Qed.
End Altered.

(** ** Wrong texts *)

(** On consistent memory nothing is altered. *)
Example altered_not w : altered w (fun a => a) = sc_memory two w.
Proof. reflexivity. Qed.
Lemma text_waits text w schedule n c f i history : (c < 2)%nat ->
  comes_to text w (fun a => a) schedule n c f i history -> waits_for_ever text w (sc_memory two w) twice c history.
Proof. intros Cpu; exact (comes_waits text w (fun a => a) ltac:(reflexivity) eq_refl schedule n c f i history Cpu). Qed.

(** A text has a name, so that what it is linked to be is computed once, by Coq's
    checker too. *)
Local Ltac computed := lazymatch goal with |- comes_to ?text ?w ?alter ?schedule ?n ?c ?f ?i ?history =>
  let all := constr:(all_go text w alter schedule (first_state (altered w alter))) in
  vm_cast_no_check (eq_refl (option_map
    (fun x => (called w alter x c, spun text w alter n x 0, spun text w alter n x 1)) all)) end.

(** *** Another comparison *)

(** [<=] for [!=], and [>=]: whoever comes first waits while what is served is not above
    its own number, and nobody passes on.  [==]: the first CPU does not look while CPU 1,
    whom nothing stops, goes through twice, and the number has wrapped.  [>], which
    is to wait till [<=] and not till [==]: CPU 1 is inside beside CPU 0; CPU 0 takes a
    second ticket, which has wrapped, and when the last release has been, 1 is served.
    [<]: after the wrap two are inside, and of their two releases one is lost. *)
Definition waits_while_le : program := with_wait (wait_while Ole).
Definition waits_while_ge : program := with_wait (wait_while Oge).
Definition waits_while_eq : program := with_wait (wait_while Oeq).
Definition waits_while_gt : program := with_wait (wait_while Ogt).
Definition waits_while_lt : program := with_wait (wait_while Olt).
Local Notation comes text := (comes_to text 1 (fun a => a)).
Lemma le_comes : comes waits_while_le (repeat 0%nat 35 ++ repeat 1%nat 35) 15 0 core_family 0 [].
Proof. computed. Qed.
Lemma ge_comes : comes waits_while_ge (repeat 0%nat 35 ++ repeat 1%nat 82 ++ repeat 0%nat 32) 15 0 core_family 0 [].
Proof. computed. Qed.
Lemma eq_comes : comes waits_while_eq (repeat 0%nat 35 ++ repeat 1%nat 94) 15 0 core_family 0 [].
Proof. computed. Qed.
Lemma gt_comes : comes waits_while_gt (repeat 0%nat 31 ++ repeat 1%nat 31 ++ repeat 0%nat 51 ++ repeat 1%nat 63)
  15 0 core_family 0 [None; None].
Proof. computed. Qed.
Lemma lt_comes : comes waits_while_lt
  (repeat 0%nat 31 ++ repeat 1%nat 18 ++ repeat 0%nat 16 ++ repeat 1%nat 13 ++ repeat 0%nat 31 ++
   repeat 0%nat 8 ++ repeat 1%nat 16 ++ repeat 0%nat 8 ++ repeat 1%nat 35) 15 1 core_family 0 [None; None].
Proof. computed. Qed.

Theorem other_comparison_waits op : List.In op [Oeq; Olt; Ogt; Ole; Oge] ->
  exists c history, waits_for_ever (with_wait (wait_while op)) 1 (sc_memory two 1) twice c history.
Proof.
  intros [<-|[<-|[<-|[<-|[<-|[]]]]]]; eexists; eexists.
  - exact (text_waits waits_while_eq 1 _ _ _ _ _ _ Nat.lt_0_2 eq_comes).
  - exact (text_waits waits_while_lt 1 _ _ _ _ _ _ Nat.lt_1_2 lt_comes).
  - exact (text_waits waits_while_gt 1 _ _ _ _ _ _ Nat.lt_0_2 gt_comes).
  - exact (text_waits waits_while_le 1 _ _ _ _ _ _ Nat.lt_0_2 le_comes).
  - exact (text_waits waits_while_ge 1 _ _ _ _ _ _ Nat.lt_0_2 ge_comes).
Qed.
Theorem other_comparison_starves op : List.In op [Oeq; Olt; Ogt; Ole; Oge] ->
  ~ acquires_return (with_wait (wait_while op)) 1 (sc_memory two 1).
Proof. intros Is; destruct (other_comparison_waits op Is) as (c & history & Waits); eauto using waits_refutes. Qed.

(** *** A release without its store *)
Definition with_pass (pass : function) : program := {|
  functions :=
    link [map (fun d => if Pos.eqb (fst d) ($"pass_lock") then (fst d, Gfun (Internal pass)) else d)
              L1_ticket.global_definitions;
          L3_atomic.global_definitions; locks_text "" sample];
  prefix_of := ""
|}.
Definition no_pass : function :=
  let f := L1_ticket.f_pass_lock in
  mkfunction (fn_return f) (fn_callconv f) (fn_params f) (fn_vars f) (fn_temps f) Sskip.
(** With the right one it is the right text. *)
Example with_pass_right : with_pass L1_ticket.f_pass_lock = sample_text.
Proof. vm_compute; reflexivity. Qed.

Definition stores_nothing : program := with_pass no_pass.

(** CPU 1 waits behind CPU 0, who says that it releases. *)
Definition never_passed : list cpu := repeat 0%nat 31 ++ repeat 1%nat 35 ++ repeat 0%nat 57.
Theorem no_store_waits w : List.In w widths ->
  waits_for_ever stores_nothing w (sc_memory two w) twice 1 [].
Proof.
  intros Is; apply (text_waits _ _ never_passed 15 1 core_family 0 []); [lia|].
  revert Is; intros [<-|[<-|[<-|[]]]]; computed.
Qed.
Theorem no_store_starves w : List.In w widths -> ~ acquires_return stores_nothing w (sc_memory two w).
Proof. intros Is; eauto using waits_refutes, no_store_waits. Qed.

(** ** A wrong primitive: [incr_now] by two *)

(** The right text; what a release stores is one more than what it asked for. *)
Definition two_more (w : Z) (a : action two words_verb) : action two words_verb :=
  match a with Lock l (Stored v) => Lock l (Stored ((v + 1) mod modulus w)) | a => a end.
Definition by_two_memory (w : Z) : memory_system two := altered w (two_more w).

(** CPU 0 goes through twice, and the number of CPU 1, who waits, is left out. *)
Definition left_out : list cpu := repeat 0%nat 47 ++ repeat 1%nat 35 ++ repeat 0%nat 47 ++ repeat 1%nat 32.
Theorem incr_by_two_waits w : List.In w widths -> waits_for_ever sample_text w (by_two_memory w) twice 1 [].
Proof.
  intros Is.
  apply (comes_waits sample_text w (two_more w) ltac:(reflexivity) eq_refl left_out 15 1 core_family 0 []); [lia|].
  revert Is; intros [<-|[<-|[<-|[]]]]; computed.
Qed.
Theorem incr_by_two_starves w : List.In w widths -> ~ acquires_return sample_text w (by_two_memory w).
Proof. intros Is; eauto using waits_refutes, incr_by_two_waits. Qed.

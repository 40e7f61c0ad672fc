(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: a CPU in the middle of a call, in a release, that waits, that has halted

    When its thread is explained there, and what breaks one thing each.  The texts have one
    function, which is not what a table has; its C never returns, so that a client comes to
    its first call and no further.  Words have one bit.  What sharp_*.v files are for:
    sharp_table.v. *)
From Coq Require Import ZArith List Bool String.
From hlock.clight Require Import options integers values syntax semantics smallstep.
From hlock.layers.view Require Import spec image.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers Require L1_ticket.spec.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text.
From hlock.stack Require Import runs.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.bridge Require Import explained.
From hlock.machine.cases Require Import small sharp_one sharp_bridge.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.
Local Notation W := (words small 1).
Local Notation M := (sc_memory small 1).
Local Notation at_ g bs := (mkRData (F := W) 0%nat g bs).

(** ** Texts: a release that loads and stores, an acquire that takes two tickets; neither returns *)
Definition takes_one : ident * globdef fundef type := ($"incr_ticket", Gfun (External (EF_external "incr_ticket"
  (mksignature [AST.Tint] AST.Tint cc_default)) (Tcons tuint Tnil) tuint cc_default)).
Definition passes_one : ident * globdef fundef type := ($"incr_now", Gfun (External (EF_external "incr_now"
  (mksignature [AST.Tint] AST.Tvoid cc_default)) (Tcons tuint Tnil) tvoid cc_default)).
Definition call_of (f : string) (t : type) (l : Z) : statement :=
  Scall None (Evar ($f) (Tfunction (Tcons tuint Tnil) t cc_default)) [Econst_int (Int.repr l) tuint].
Definition endless (body : statement) : function := {| fn_return := tuint; fn_callconv := cc_default; fn_params := [];
  fn_vars := []; fn_temps := []; fn_body := body |}.
Definition releasing : function := endless (call_of "incr_now" tvoid 0).
Definition taking : function := endless (Ssequence (call_of "incr_ticket" tuint 0) (call_of "incr_ticket" tuint 4)).
Definition odd : program := {| functions := [($"acquire_lock_core", Gfun (Internal taking));
  ($"release_lock_core", Gfun (Internal releasing)); takes_one; passes_one]; prefix_of := "" |}.
Definition releaser : client small := goes_through [release core 0].
Local Notation explained_in text p g t := (explained text 1 (all_do p) tt 0 g t).

(** A client that calls one of them comes no further. *)
Lemma calls_normal {D} (ge : genv D) f t l e le (st : unit * D) le' st' out :
  exec_stmt ge e le st (call_of f t l) E0 le' st' out -> out = Out_normal.
Proof. intros Run; now inversion Run. Qed.
Lemma never_returns text (o : op small) (d d' : RData W) a : text = odd \/ text = none ->
  o = acquire core 0 \/ o = release core 0 -> ~ c_do text small 1 tt o d a d'.
Proof.
  intros [->| ->] [->| ->] (_ & fd & Found & Runs); try discriminate Found; injection Found as <-;
    inversion Runs as [st st' id f vs le le' out v Entry Body Result|]; subst;
    (enough (out = Out_normal) as -> by discriminate Result); [inversion Body; subst; eauto using calls_normal|].
  exact (calls_normal _ _ _ _ _ _ _ _ _ _ Body).
Qed.
Lemma comes_nowhere text p o (d d' : RData W) k history : text = odd \/ text = none -> p [] = Some o ->
  o = acquire core 0 \/ o = release core 0 -> c_run text small 1 tt p k [] d history d' -> history = [] /\ d' = d.
Proof.
  intros Text First Is Run; destruct k as [|k]; [exact Run|exfalso].
  cbn [c_run] in Run; rewrite First in Run; destruct Run as (a & d1 & Did & _).
  now apply never_returns in Did.
Qed.
Lemma starts_at text p g : comes_to text 1 (all_do p) tt 0 g [] (at_ [] (environment 0 g)).
Proof. split; [split; reflexivity|exact (proj2 (starts_there p g))]. Qed.

(** Of the others nothing more is asked when this CPU has done something. *)
Lemma own_in_order a g : others_in_order small 1 0 g -> others_in_order small 1 0 ((0%nat, a) :: g).
Proof.
  intros Others [|e' b] e g' Is Other; injection Is as <- Is; [now destruct Other|].
  exact (Others b e g' Is Other).
Qed.
Lemma polls_in_order l t (d d' : RData W) : L1_ticket.spec.polls_in_vain l t d d' -> me d = 0%nat ->
  List.concat (env d) = [] -> others_in_order small 1 0 (events d) ->
  List.concat (env d') = [] /\ others_in_order small 1 0 (events d').
Proof.
  induction 1 as [d|d v d1 d' Get _ _ IH]; intros Me Env Others; [now split|].
  unfold get_now_spec, on_existing in Get; destruct (lock_exists l); [|discriminate Get].
  injection Get as _ <-; destruct d as [c g [|[|e b] bs]]; cbn in *; subst c; try discriminate Env;
    apply IH; auto using own_in_order.
Qed.
Lemma calls_safe text p o b bs : text = odd \/ text = none -> p [] = Some o ->
  o = acquire core 0 \/ o = release core 0 -> others_in_order small 1 0 b ->
  Forall (fun e => fst e <> 0%nat) b -> List.concat bs = [] ->
  env_safe_throughout text small 1 tt p [] (at_ [] (b :: bs)).
Proof.
  intros Text First Is Others Foreign Empty d' At; split.
  { constructor; [exact Foreign|]; cbn; clear -Empty; induction bs as [|b bs IH]; constructor; cbn in Empty;
      apply app_eq_nil in Empty as (-> & Empty); auto. }
  destruct At as [(k & history & Run)|(l & t & k & history & d0 & d1 & f & i & Run & _ & _ & _ & Take & Vain)];
    eapply comes_nowhere in Run as (-> & ->); try eassumption.
  - unfold arrive, seen, arrivals; cbn [events env hd]; now rewrite app_nil_r.
  - unfold incr_ticket_spec, on_existing in Take; destruct (lock_exists l); [|discriminate Take].
    injection Take as _ <-; apply polls_in_order in Vain as (Env & Others');
      [|reflexivity|exact Empty|cbn; rewrite app_nil_r; now apply own_in_order].
    destruct d' as [c g [|[|e b'] bs']]; cbn in *; try discriminate Env; exact Others'.
Qed.
Lemma release_safe text b bs : text = odd \/ text = none -> others_in_order small 1 0 b ->
  Forall (Forall (fun e => fst e <> 0%nat)) (b :: bs) ->
  env_safe_throughout text small 1 tt releaser [] (at_ [] (b :: bs)).
Proof.
  intros Text Others Foreign d' [(k & history & Run)|(l & t & k & history & d0 & d1 & f & i & Run & _ & Next & _)];
    destruct (comes_nowhere text releaser _ _ _ _ _ Text eq_refl (or_intror eq_refl) Run) as (-> & ->);
    [|discriminate Next].
  split; [exact Foreign|]; unfold arrive, seen, arrivals; cbn [events env hd]; now rewrite app_nil_r.
Qed.
Local Ltac in_order := intros b e g' Is Other;
  repeat (destruct b as [|? b]; [injection Is as <- <-; first [reflexivity|now destruct Other]|injection Is as _ Is]);
  destruct b; discriminate Is.
Local Ltac each := repeat match goal with |- _ /\ _ => split end.
Local Ltac foreign := repeat constructor; discriminate.

(** ** In a release: CPU 1 was inside and left; since the load it has taken a ticket of lock 4 *)
Definition loaded : log small words_verb := did 1 4 (Took 0) :: did 0 0 (Loaded 1) :: goes ++ comes.
Definition in_releasing (k : cont) : thread small := Storing (release core 0) [] 0 1 k.
Definition after_load : cont := Kcall None (undef_temps []) (Kreturn releasing Kstop).
Local Ltac calls_on := eexists; eexists; split; [apply starts_at|split; [reflexivity|]];
  do 2 (eapply steps_code; [reflexivity|]); apply steps_done.
Example release_is_explained : explained_in odd releaser loaded (in_releasing after_load).
Proof.
  constructor; try discriminate.
  - apply release_safe; [now left|in_order|foreign].
  - intros o history l v k Is; injection Is as <- <- <- <- <-.
    exists (Enter ($"incr_now") (External (EF_external "incr_now" (mksignature [AST.Tint] AST.Tvoid cc_default))
      (Tcons tuint Tnil) tvoid cc_default) [word 0] after_load), (at_ [] [goes ++ comes; [did 1 4 (Took 0)]]).
    each; try reflexivity; first [left; calls_on|calls_on].
Qed.
(** CPU 0 has loaded another value than was there; it has not loaded; its client calls nothing; its C is stuck. *)
Example release_is_not_explained :
  ~ explained_in odd releaser [did 0 0 (Loaded 0); did 1 0 (Stored 1)]
    (Storing (release core 0) [] 0 0 after_load) /\
  ~ explained_in odd releaser [] (Storing (release core 0) [] 0 0 after_load) /\
  ~ explained_in odd ended loaded (in_releasing after_load) /\
  ~ explained_in none releaser [did 0 0 (Loaded 0)] (Storing (release core 0) [] 0 0 Kstop).
Proof.
  split; [|split; [|split]]; intros [_ _ _ Release _]; destruct (Release _ _ _ _ _ eq_refl) as
    (s & d & (s0 & d0 & _ & Calls & Way) & Loads & Value & Seen).
  - change (hd [] (tl (env d)) ++ (me d, Lock 0 (Loaded 0)) :: seen d =
      [did 0 0 (Loaded 0); did 1 0 (Stored 1)]) in Seen.
    destruct (hd [] (tl (env d))) as [|e [|e' b]]; [|discriminate Seen|destruct b; discriminate Seen].
    injection Seen as _ Seen; rewrite Seen in Value; discriminate Value.
  - change (hd [] (tl (env d)) ++ (me d, Lock 0 (Loaded 0)) :: seen d = []) in Seen.
    destruct (hd [] (tl (env d))); discriminate Seen.
  - discriminate Calls.
  - injection Calls as <-; inversion Way; subst; discriminate.
Qed.

(** ** In a call, and it waits: CPU 1 is inside *)
Definition waits : log small words_verb := did 0 0 (Took 1) :: comes.
Definition after_ticket : state := Give (word 1)
  (Kcall None (undef_temps []) (Kseq (call_of "incr_ticket" tuint 4) (Kreturn taking Kstop))).
Example wait_is_explained : explained_in odd acquirer waits (Calling (acquire core 0) [] after_ticket).
Proof.
  constructor; try discriminate.
  - eapply calls_safe; [now left|reflexivity|now left|in_order|foreign|reflexivity].
  - intros o history s Is; injection Is as <- <- <-.
    exists (at_ (did 0 0 (Took 1) :: comes) [[]]); each; try reflexivity.
    eexists; eexists; split; [apply starts_at|split; [reflexivity|]].
    do 3 (eapply steps_code; [reflexivity|]); eapply steps_external; [reflexivity| |apply steps_done].
    repeat first [eexists|split]; reflexivity.
  - intros f i history s n Is Phase; injection Is as <- <- <- <-; cbn in Phase; injection Phase as <-.
    first [exact I|exists (at_ (did 0 0 (Took 1) :: comes) [[]]); each; try reflexivity;
      exists O, [], (at_ [] [comes; []]), (at_ (did 0 0 (Took 1) :: comes) [[]]), core, 0;
      split; [split; reflexivity|]; repeat (split; [reflexivity|]); apply L1_ticket.spec.none_yet].
Qed.
Example call_is_explained : explained_in none acquirer comes (Calling (acquire core 0) [] stuck).
Proof.
  constructor; try discriminate.
  - eapply calls_safe; [now right|reflexivity|now left|in_order|foreign|reflexivity].
  - intros o history s Is; injection Is as <- <- <-; exists (at_ [] [comes]); each; first [exact calls_are|reflexivity].
Qed.
(** Its C has not taken the ticket; it has taken another one since it waits. *)
Example wait_is_not_explained :
  ~ explained_in none acquirer [did 0 0 (Took 0)] (Calling (acquire core 0) [] stuck) /\
  ~ explained_in odd acquirer [did 0 4 (Took 0); did 0 0 (Took 0)] (Calling (acquire core 0) []
      (Give (word 0) (Kcall None (undef_temps []) (Kreturn taking Kstop)))).
Proof.
  split; intros [_ _ Call _ Waits].
  - destruct (Call _ _ _ eq_refl) as (d & (s0 & d0 & (Run & _) & Calls & Way) & Seen).
    injection Calls as <-; destruct Run as (_ & ->); inversion Way; subst; discriminate.
  - destruct (Waits _ _ _ _ _ eq_refl eq_refl) as
      (d & (k & history & d0 & d1 & f & i & Run & _ & Next & _ & Take & Vain) & Seen).
    destruct (comes_nowhere odd acquirer _ _ _ _ _ (or_introl eq_refl) eq_refl (or_introl eq_refl) Run) as (-> & ->).
    injection Next as <- <-; injection Take as <-.
    inversion Vain as [|d2 v d3 d4 Get Not]; subst; [discriminate Seen|].
    injection Get as <- _; now destruct Not.
Qed.

(** The lock is that of the family and the index. *)
Example polls_by_index :
  polling none small 1 tt (goes_through [acquire pt 1]) [] (at_ [] []) 5 0 (at_ [did 0 5 (Took 0)] []).
Proof.
  exists O, [], (at_ [] []), (at_ [did 0 5 (Took 0)] []), pt, 1; split; [split; reflexivity|].
  repeat (split; [reflexivity|]); apply L1_ticket.spec.none_yet.
Qed.

(** ** It has halted: not where there was no execution, nor as another thread *)
Local Notation so_far p tr x t := (explained_so_far none 1 (all_do p) tt tr x 0 t).
Definition only_halts (x : machine M) : Prop := Forall (fun e => snd e = Halted) (contents x) /\
  Forall (fun t => t = Idle [] \/ t = Stopped) (threads x).
Lemma put_keeps {A} (P : A -> Prop) c a xs : P a -> Forall P xs -> Forall P (put_at c a xs).
Proof. intros Pa All; revert c; induction All as [|y ys Py All IH]; intros [|c]; cbn; auto. Qed.
Lemma halts_only c x v x' : machine_step none 1 M (all_do ended) c x v x' -> only_halts x -> only_halts x'.
Proof.
  intros Step (Log & All); destruct Step as [ts g t t' Is Does|ts g t t' o Is Does|ts g t t' o Is Does
    |ts g t a t' g' Is Ans Mem|ts g t g' Is Goes Mem]; cbn [threads contents] in *;
    try (apply nth_error_In in Is; rewrite Forall_forall in All; apply All in Is as [->| ->]; first
      [discriminate Does|destruct Ans]).
  destruct Mem as (_ & ->); split; cbn; [now constructor|apply put_keeps; auto].
Qed.
Lemma reached_halts tr x : execution none 1 M (all_do ended) tr x -> only_halts x.
Proof.
  induction 1 as [|tr x c v x' _ IH Step]; [|now apply halts_only in Step].
  split; [constructor|repeat constructor].
Qed.
Lemma then_halts x tr x' : continues none 1 (all_do ended) x tr x' -> only_halts x -> only_halts x'.
Proof. induction 1 as [|tr x1 c v x2 _ IH Step]; [auto|]; intros Only; eapply halts_only; [exact Step|auto]. Qed.
(** From a state to which nobody comes; to such a state. *)
Example halted_elsewhere : ~ so_far ended [(0%nat, Did_halt)]
  (mkMachine (M := M) [Stopped; Idle []] ((0%nat, Halted) :: comes)) Stopped.
Proof.
  intros (tr1 & x1 & t1 & x2 & tr2 & Halts); decompose [and] Halts.
  match goal with Run : execution _ _ _ _ _ x1, Step : machine_step _ _ _ _ _ x1 _ x2,
    On : continues _ _ _ x2 _ _ |- _ =>
    apply reached_halts in Run; apply halts_only in Step; [|exact Run];
    apply then_halts in On as (Log & _); [|exact Step]; apply Forall_inv_tail, Forall_inv in Log; discriminate Log
  end.
Qed.

(** CPU 0 reads what it does not hold, which no private copy lets it, and halts; another thread would be explained. *)
Definition read_there : event small words_verb := (0%nat, Read 0 7 here).
Definition read_then_halted : machine M := mkMachine (M := M) [Stopped; Idle []] [(0%nat, Halted); read_there].
Lemma reads_once_only tr x : execution none 1 M (all_do reads) tr x -> forall t, nth_error (threads x) 0 = Some t ->
  t = Idle [] /\ Forall (fun e => fst e <> 0%nat) tr \/ (exists a, t = Idle [a]) \/ t = Stopped.
Proof.
  induction 1 as [|tr x c v x' _ IH Step]; intros u At; [injection At as <-; now left; split|].
  destruct c as [|c].
  - destruct Step as [ts g t t' Is Does|ts g t t' o Is Does|ts g t t' o Is Does|ts g t a t' g' Is Ans Mem
      |ts g t g' Is Goes Mem]; cbn [threads] in *; destruct ts as [|t1 ts]; try discriminate Is;
      injection Is as ->; injection At as <-; [| | | |now right; right];
      destruct (IH t eq_refl) as [(-> & _)|[(a1 & ->)| ->]];
      first [discriminate Does|destruct Ans; fail|destruct Ans as (v & _ & ->); right; left; now eexists].
  - assert (Same : nth_error (threads x) 0 = Some u).
    { destruct Step; cbn [threads] in *; destruct ts; cbn in *; assumption. }
    destruct (IH u Same) as [(Is & All)|Other]; [left; split; [exact Is|]|now right].
    destruct v; [constructor; [discriminate|exact All]|exact All].
Qed.
Example halted_as_another : ~ so_far reads [(0%nat, Did_halt); (0%nat, Did_read 0 7 here)] read_then_halted Stopped.
Proof.
  intros (tr1 & x1 & t1 & x2 & tr2 & Halts); decompose [and] Halts; clear Halts.
  match goal with R : execution _ _ _ _ _ x1, A : nth_error (threads x1) _ = Some t1, E : explained _ _ _ _ _ _ t1,
    St : machine_step _ _ _ _ _ x1 _ x2, Tr : _ = tr2 ++ _ |- _ =>
    rename R into Run, A into At, St into Step, Tr into Trace; destruct E as [_ Rest _ _ _] end.
  destruct tr2 as [|e [|e' [|e2 tr2]]]; try discriminate Trace; injection Trace as <-.
  destruct (reads_once_only _ _ Run t1 At) as [(_ & All)|[(a & ->)| ->]].
  - apply Forall_inv in All; now apply All.
  - destruct (Rest [a] eq_refl) as (d & (_ & bs & High) & _).
    destruct (High []) as (h & Runs & _); cbn in Runs; unfold read_high in Runs.
    destruct (await (atomic small) _) as [d1|f|f]; discriminate Runs.
  - inversion Step; subst; cbn [threads] in *;
      match goal with H : nth_error _ _ = Some ?t |- _ => rewrite At in H; injection H as <- end;
      first [discriminate|contradiction|match goal with H : answered _ _ _ |- _ => destruct H end].
Qed.

(** What a CPU was, in an execution, when it is in a call; when another halted before it. *)
Example so_far_in_a_call : so_far acquirer [] (mkMachine (M := M) [] comes) (Calling (acquire core 0) [] stuck).
Proof. exact call_is_explained. Qed.
Definition other_halted : machine M := mkMachine (M := M) [Idle []; Stopped] [(1%nat, Halted)].
Definition then_this : machine M := mkMachine (M := M) [Stopped; Stopped] [(0%nat, Halted); (1%nat, Halted)].
Lemma second_halts : machine_step none 1 M (all_do ended) 1 (first_state M) (Some Did_halt) other_halted.
Proof.
  apply (step_halt none 1 M (all_do ended) 1 [Idle []; Idle []] [] (Idle [])); [reflexivity|discriminate|].
  split; [exact I|reflexivity].
Qed.
Lemma first_then : machine_step none 1 M (all_do ended) 0 other_halted (Some Did_halt) then_this.
Proof.
  apply (step_halt none 1 M (all_do ended) 0 [Idle []; Stopped] [(1%nat, Halted)] (Idle []));
    [reflexivity|discriminate|].
  split; [exact I|reflexivity].
Qed.
Example halted_second : so_far ended [(0%nat, Did_halt); (1%nat, Did_halt)] then_this Stopped.
Proof.
  exists [(1%nat, Did_halt)], other_halted, (Idle []), then_this, []; each; try reflexivity.
  - exact (execution_step none 1 M (all_do ended) [] _ _ _ _ (execution_start _ _ _ _) second_halts).
  - constructor; try discriminate; [apply ended_safe; [in_order|foreign]|].
    intros history [= <-]; eexists; split; [exact (starts_at none ended [(1%nat, Halted)])|reflexivity].
  - exact first_then.
  - apply continues_not.
Qed.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: one CPU on the linked C

    What floors offer to C; an operation, and a run of a client; where it polls; when the
    others are safe, and fair.  Words have one bit.  What sharp_*.v files are for:
    sharp_table.v. *)
From Coq Require Import ZArith List Bool String.
From hlock.clight Require Import options integers values syntax semantics.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers Require L1_ticket.spec L1_ticket.offers.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text.
From hlock.layers.L4_locks Require offers.
From hlock.stack Require Import linked runs.
From hlock.machine.cases Require Import small.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

Local Notation W := (words small 1).
Local Notation A := (atomic small).
Definition did {verb} (c : cpu) (l : Z) (k : verb) : event small verb := (c, Lock l k).
Definition word (z : Z) : val := Vint (Int.repr z).
(** CPU 1 gets in; it leaves. *)
Definition comes : log small words_verb := [did 1 0 (Polled 0); did 1 0 (Took 0)].
Definition goes : log small words_verb := [did 1 0 (Stored 1); did 1 0 (Loaded 0)].
Local Notation at_ g bs := (mkRData (F := W) 0%nat g bs).

(** ** What floor 0 offers to C *)
Definition offered (f : string) (vs : list val) (d : RData W) (v : val) (d' : RData W) : Prop :=
  match L1_ticket.offers.words_layer small 1 ($f) with Some p => p vs d v d' | None => False end.
Local Ltac given := repeat first [eexists|split]; reflexivity.
Example floor_0_offers :
  offered "incr_ticket" [word 0] (at_ [] [comes; goes]) (word 1) (at_ (did 0 0 (Took 1) :: comes) [goes]) /\
  offered "get_now" [word 4] (at_ [] [comes; goes]) (word 0) (at_ (did 0 4 (Polled 0) :: comes) [goes]) /\
  offered "incr_now" [word 0] (at_ comes [[]; []; []]) Vundef
    (at_ (did 0 0 (Stored 1) :: did 0 0 (Loaded 0) :: comes) [[]]) /\
  offered "cpu_relax" [] (at_ [] [comes]) Vundef (at_ [] [comes]).
Proof. split; [|split; [|split]]; given. Qed.
(** A stop that returns; what is no primitive; another effect, result or number of arguments. *)
Example floor_0_refuses :
  ~ offered "hlock_stop" [] (at_ [] []) Vundef (at_ [] []) /\ ~ offered "other" [] (at_ [] []) Vundef (at_ [] []) /\
  ~ offered "cpu_relax" [] (at_ [] [comes]) Vundef (at_ comes []) /\
  ~ offered "cpu_relax" [word 0] (at_ [] []) Vundef (at_ [] []) /\
  ~ offered "cpu_relax" [] (at_ [] []) (word 0) (at_ [] []).
Proof.
  split; [intros []|split; [intros []|]].
  split; [|split]; intros (Args & Value & Same); first [discriminate Args|discriminate Value|discriminate Same].
Qed.
Lemma no_lock d v d' : ~ offered "incr_ticket" [word 7] d v d' /\ ~ offered "get_now" [word 7] d v d' /\
  ~ offered "incr_now" [word 7] d v d'.
Proof.
  split; [|split]; [intros (n & r & Args & _ & Is)|intros (n & r & Args & _ & Is)|intros (n & Args & _ & Is)];
    injection Args as <-; discriminate Is.
Qed.
Lemma one_argument d v d' a b : ~ offered "incr_ticket" [a; b] d v d' /\ ~ offered "get_now" [] d v d' /\
  ~ offered "incr_now" [] d v d' /\ ~ offered "incr_now" [a] d (word 0) d'.
Proof.
  split; [|split; [|split]]; [intros (n & r & Args & _ & _)|intros (n & r & Args & _ & _)|intros (n & Args & _ & _)
    |intros (n & _ & Value & _)]; discriminate.
Qed.

(** ** What floor 3 offers to C, and what is asked of a function *)
Local Notation on g bs := (mkRData (F := A) 0%nat g bs).
Definition atomically (f : string) (vs : list val) (d : RData A) (v : val) (d' : RData A) : Prop :=
  match offers.atomic_layer small ($f) with Some p => p vs d v d' | None => False end.
Definition in_it : log small atomic_verb := [did 0 4 Entered].
Example floor_3_offers : atomically "wait_hlock" [word 4] (on [] []) Vundef (on in_it []) /\
  atomically "pass_hlock" [word 4] (on in_it []) Vundef (on (did 0 4 Left :: in_it) []).
Proof. split; given. Qed.
Example floor_3_refuses d v d' :
  ~ atomically "wait_hlock" [] d v d' /\ ~ atomically "pass_hlock" [word 4] d (word 0) d' /\
  ~ atomically "wait_hlock" [word 4] (on in_it []) v d' /\ ~ atomically "pass_hlock" [word 4] (on [] []) v d' /\
  ~ atomically "hlock_stop" [word 4] d v d' /\ ~ atomically "other" [] d v d'.
Proof.
  split; [intros (n & Args & _ & _); discriminate Args|split; [intros (n & _ & Value & _); discriminate Value|]].
  split; [|split; [|split; intros []]]; intros (n & Args & _ & Is); injection Args as <-; discriminate Is.
Qed.
Local Notation asked o f := (offers.low_prim (S := small) o f).
Example asked_of_functions : asked Acquire core [] (on [] []) Vundef (on [did 0 0 Entered] []) /\
  asked Acquire pt [word 0] (on [] []) Vundef (on in_it []) /\
  asked Release core [] (on [did 0 0 Entered] []) Vundef (on [did 0 0 Left; did 0 0 Entered] []) /\
  asked Release pt [word 2] (on [did 0 6 Entered] []) Vundef (on [did 0 6 Left; did 0 6 Entered] []).
Proof. split; [|split; [|split]]; given. Qed.
Example not_asked d v d' : ~ asked Acquire core [word 0] d v d' /\ ~ asked Acquire pt [] d v d' /\
  ~ asked Acquire pt [word 3] d v d' /\ ~ asked Acquire core [] d (word 0) d' /\
  ~ asked Release pt [word 0] (on [] []) v d'.
Proof.
  split; [intros (Args & _); discriminate Args|split; [intros (n & Args & _); discriminate Args|]].
  split; [intros (n & Args & _ & Is); injection Args as <-; discriminate Is|].
  split; [intros (_ & Value & _); discriminate Value|intros (n & Args & _ & Is); injection Args as <-; discriminate Is].
Qed.
Definition nothing : function := {| fn_return := tvoid; fn_callconv := cc_default; fn_params := []; fn_vars := [];
  fn_temps := []; fn_body := Sskip |}.
Definition one_function : module := [($"f", Gfun (Internal nothing))].
Example genv_of_floor_3 : ge_module (offers.locks_genv one_function small) = one_function.
Proof. reflexivity. Qed.
Example layer_of_floor_3 : ge_layer (offers.locks_genv one_function small) = offers.atomic_layer small.
Proof. reflexivity. Qed.

(** ** An operation: texts of one function, that does nothing, or is one primitive *)
Definition function_of (params : list (ident * type)) (body : statement) : function :=
  {| fn_return := tvoid; fn_callconv := cc_default; fn_params := params; fn_vars := []; fn_temps := [];
     fn_body := body |}.
Definition only_function (f : string) (fd : function) : program :=
  {| functions := [($f, Gfun (Internal fd)); ($"incr_now", Gfun (External (EF_external "incr_now"
       (mksignature [] AST.Tvoid cc_default)) (Tcons tuint Tnil) tvoid cc_default))];
     prefix_of := "my_" |}.
Definition releases : statement := Scall None (Evar ($"incr_now") (Tfunction (Tcons tuint Tnil) tvoid cc_default))
  [Econst_int (Int.repr 0) tuint].
Local Notation does text := (c_do text small 1 tt).
Definition skips f := only_function f (function_of [] Sskip).
Definition skips_one f := only_function f (function_of [($"i", tuint)] Sskip).
Local Ltac called := split; [reflexivity|eexists; split; [reflexivity|]];
  eapply eval_funcall_internal; [reflexivity|apply exec_Sskip|reflexivity].
(** An answer; a function that is not there. *)
Example operations_do_not d a v : ~ does (skips "my_acquire_lock_core") (acquire core 0) d (Some a) d /\
  ~ does (skips "my_release_lock_core") (release core 0) d (Some a) d /\
  ~ does (skips "my_release_lock_core") (acquire core 0) d v d /\
  ~ does (skips "my_acquire_lock_core") (release core 0) d v d.
Proof.
  split; [intros (Same & _); discriminate Same|split; [intros (Same & _); discriminate Same|]].
  split; intros (_ & fd & Found & _); discriminate Found.
Qed.
Example operations_do d : does (skips "my_acquire_lock_core") (acquire core 0) d None d /\
  does (skips "my_release_lock_core") (release core 0) d None d /\
  does (skips_one "my_acquire_lock_pt") (acquire pt 1) d None d /\
  does (skips_one "my_release_lock_pt") (release pt 1) d None d.
Proof. split; [|split; [|split]]; called. Qed.
(** It is floor 0's primitive that C calls. *)
Example primitives_do : does (only_function "my_release_lock_core" (function_of [] releases)) (release core 0)
  (at_ [] [comes]) None (at_ (did 0 0 (Stored 1) :: did 0 0 (Loaded 0) :: comes) []).
Proof.
  split; [reflexivity|eexists; split; [reflexivity|]]; eapply eval_funcall_internal; [reflexivity| |].
  - eapply exec_Scall; [reflexivity|reflexivity|reflexivity|].
    eapply eval_funcall_external; [reflexivity|eexists; split; [reflexivity|split; reflexivity]].
  - reflexivity.
Qed.
Definition here : Obj small 0 := value 0 107.
Example accesses_do_not text d' : ~ does text (read core 0 7) (at_ [] []) None d' /\
  ~ does text (read core 0 7) (at_ [] []) (Some (existT _ 0 here)) (at_ [] []) /\
  ~ does text (write core 0 7 5) (at_ [] []) (Some (existT _ 0 here)) d' /\
  ~ does text (write core 0 7 5) (at_ [] []) None (at_ [] []) /\
  ~ does text Op_halt (at_ [] []) (Some (existT _ 0 here)) d' /\ ~ does text Op_halt (at_ [] []) None (at_ [] []).
Proof.
  split; [intros (v & Not & _); discriminate Not|split; [intros (v & _ & Not); discriminate Not|]].
  repeat split; intros (Not & Not'); first [discriminate Not|discriminate Not'].
Qed.
Example accesses_do text : does text (read core 0 7) (at_ [] [comes; goes]) (Some (existT _ 0 here))
    (at_ ((0%nat, Read 0 7 here) :: comes) [goes]) /\
  does text (write core 0 7 5) (at_ [] [comes]) None (at_ ((0%nat, Wrote 0 7 (value 0 5)) :: comes) []) /\
  does text Op_halt (at_ [] [comes]) None (at_ ((0%nat, Halted) :: comes) []).
Proof. split; [exists here; split; reflexivity|split; split; reflexivity]. Qed.

(** ** A run: its accesses, no C *)
Definition none : program := {| functions := []; prefix_of := "" |}.
Local Notation runs p n h d h' d' := (c_run none small 1 tt p n h d h' d').
Definition writes_twice : client small := goes_through [write core 0 7 5; write core 0 7 6].
Definition halts : client small := goes_through [Op_halt; write core 0 7 6].
Definition wrote (z : Z) : event small words_verb := (0%nat, Wrote 0 7 (value 0 z)).
Example runs_are_not : ~ runs writes_twice 0 [] (at_ [] []) [] (at_ [wrote 5] []) /\
  ~ runs writes_twice 0 [] (at_ [] []) [None] (at_ [] []) /\
  ~ runs writes_twice 1 [] (at_ [] []) [None] (at_ [] []) /\
  ~ runs writes_twice 1 [] (at_ [] []) [] (at_ [wrote 5] []) /\
  ~ runs writes_twice 5 [None; None] (at_ [] []) [] (at_ [] []) /\
  ~ runs writes_twice 5 [None; None] (at_ [] []) [None; None] (at_ [wrote 5] []) /\
  ~ runs halts 2 [] (at_ [] []) [None; None] (at_ [wrote 6; (0%nat, Halted)] []) /\
  ~ runs halts 1 [] (at_ [] []) [None] (at_ [] []).
Proof.
  repeat match goal with |- _ /\ _ => split end; intros Runs; cbn in Runs; repeat match goal with
  | H : exists _, _ |- _ => destruct H
  | H : _ /\ _ |- _ => destruct H
  end; subst; discriminate.
Qed.
Example runs_are : runs writes_twice 0 [] (at_ [] []) [] (at_ [] []) /\
  runs writes_twice 1 [] (at_ [] []) [None] (at_ [wrote 5] []) /\
  runs writes_twice 2 [] (at_ [] [comes]) [None; None] (at_ (wrote 6 :: wrote 5 :: comes) []) /\
  runs writes_twice 5 [] (at_ [] []) [None; None] (at_ [wrote 6; wrote 5] []) /\
  runs writes_twice 1 [None] (at_ [] []) [None; None] (at_ [wrote 6] []) /\
  runs halts 5 [] (at_ [] []) [None] (at_ [(0%nat, Halted)] []).
Proof.
  repeat match goal with |- _ /\ _ => split | |- c_run _ _ _ _ _ _ _ _ _ _ => hnf end; repeat first
    [reflexivity|exists None; eexists; split; [split; reflexivity|cbn [ends]; hnf]|split].
Qed.

(** ** Polling: CPU 1 is inside, and stays for one more poll *)
Definition acquirer : client small := goes_through [acquire core 0].
Definition poised : RData W := at_ [] [comes; []; goes; []].
Definition took : RData W := at_ (did 0 0 (Took 1) :: comes) [[]; goes; []].
Definition polled : RData W := at_ (did 0 0 (Polled 0) :: did 0 0 (Took 1) :: comes) [goes; []].
Definition entered : RData W := at_ (did 0 0 (Polled 1) :: goes ++ events polled) [[]].
Local Notation polls p d l t d' := (polling none small 1 tt p [] d l t d').
Local Notation vain := (L1_ticket.spec.polls_in_vain 0 1).
Lemma vain_once : vain took polled.
Proof. eapply L1_ticket.spec.one_more; [reflexivity|discriminate|apply L1_ticket.spec.none_yet]. Qed.
Lemma takes : incr_ticket_spec small 1 0 poised = Done (1, took).
Proof. reflexivity. Qed.
Lemma nothing_else d' : vain took d' -> d' = took \/ d' = polled.
Proof.
  intros Vain; inversion Vain as [|d v d1 d2 Get Not Rest]; subst; [now left|right].
  injection Get as <- <-; inversion Rest as [|d v d1 d2 Get Not' Rest']; subst; [reflexivity|].
  injection Get as <- _; now destruct Not'.
Qed.
(** It first writes. *)
Definition writes_first : client small := goes_through [write core 0 7 5; acquire core 0].
(** The only places: not with another ticket or lock; not after it has read its ticket. *)
Lemma polls_where l t d' : polls acquirer poised l t d' -> l = 0 /\ t = 1 /\ (d' = took \/ d' = polled).
Proof.
  intros (k & history & d0 & d1 & f & i & Run & _ & Next & -> & Take & Vain).
  destruct k as [|k]; [destruct Run as (-> & ->); injection Next as <- <-|].
  - pose proof (eq_trans (eq_sym takes) Take) as Same; injection Same as <- <-.
    split; [reflexivity|split; [reflexivity|]].
    exact (nothing_else d' Vain).
  - destruct Run as (a & d2 & _ & Run); cbn [ends] in Run.
    enough (history = [a]) as -> by discriminate Next; destruct k; apply Run.
Qed.
Example polling_are_not : ~ polls acquirer poised 0 0 took /\ ~ polls acquirer poised 4 1 took /\
  ~ polls acquirer poised 0 1 entered /\ ~ polls acquirer poised 0 1 poised.
Proof.
  repeat split; intros Polls; apply polls_where in Polls as (Lock_ & Ticket & [At|At]); discriminate.
Qed.
(** Who has halted, or ended, polls nowhere. *)
Definition halts_first : client small := goes_through [Op_halt; acquire core 0].
Example polling_nowhere d l t d' : ~ polls halts_first (at_ [] []) l t d' /\ ~ polls (fun _ => None) d l t d'.
Proof.
  split; intros (k & history & d0 & d1 & f & i & Run & Runs & Next & _).
  - destruct k as [|k]; [destruct Run as (-> & ->); discriminate Next|].
    destruct Run as (a & d2 & Did & Run); cbn [ends] in Run; destruct Run as (_ & ->), Did as (_ & ->).
    discriminate Runs.
  - discriminate Next.
Qed.

Example polling_are : polls acquirer poised 0 1 took /\ polls acquirer poised 0 1 polled /\
  polls writes_first (at_ [] ([] :: env poised)) 0 1 (at_ (did 0 0 (Took 1) :: comes ++ [wrote 5]) (env took)).
Proof.
  split; [|split].
  - exists O, [], poised, took, core, 0; split; [split; reflexivity|].
    repeat (split; [reflexivity|]); apply L1_ticket.spec.none_yet.
  - exists O, [], poised, took, core, 0; split; [split; reflexivity|].
    repeat (split; [reflexivity|]); exact vain_once.
  - exists 1%nat, [None], (at_ [wrote 5] (env poised)); do 3 eexists.
    split; [exists None; eexists; split; [split; reflexivity|split; reflexivity]|].
    repeat (split; [reflexivity|]); apply L1_ticket.spec.none_yet.
Qed.

(** ** The others are safe, and fair *)
Definition reads_once : client small := goes_through [read core 0 7].
Local Notation safe p bs := (env_safe_throughout none small 1 tt p [] (at_ [] bs)).
Definition twice : log small words_verb := [did 1 0 (Took 0)].
Local Ltac in_order := split; [repeat constructor; discriminate|]; intros b e g' Is Other;
  repeat (destruct b as [|? b]; [injection Is as <- <-; first [reflexivity|now destruct Other]|injection Is as _ Is]);
  destruct b; discriminate Is.
(** What this CPU does itself is not asked: it reads what it does not hold. *)
Example safe_are : safe reads_once [comes; goes] /\ safe (fun _ => None) [comes; twice].
Proof.
  split; intros d' Is; try destruct Is as [Is|Is]; first
    [destruct Is as (l & t & k & history & d0 & d1 & f & i & Run & _ & Next & _)|destruct Is as (k & history & Run)];
    first [discriminate Next|assert (d' = at_ [] [comes; twice]) as -> by (destruct k; apply Run); in_order|idtac].
  all: first
    [exfalso; destruct k as [|k]; [destruct Run as (-> & _); discriminate Next|];
     destruct Run as (a & d2 & _ & Run); cbn [ends] in Run;
     enough (history = [a]) as -> by discriminate Next; destruct k; apply Run
    |destruct k as [|k]; [destruct Run as (_ & ->); in_order|];
     destruct Run as (a & d1 & (v & _ & Read) & Run); cbn [ends] in Run;
     assert (d' = d1) as -> by (destruct k; apply Run); injection Read as _ <-; in_order].
Qed.
(** In the name of this CPU at the start; out of order at the start, at its end, while it polls. *)
Example safe_are_not : ~ safe reads_once [[]; [did 0 0 (Took 0)]] /\ ~ safe reads_once [goes] /\
  ~ safe reads_once [comes; twice] /\ ~ safe acquirer [comes; twice].
Proof.
  repeat split; intros Safe.
  - destruct (Safe (at_ [] [[]; [did 0 0 (Took 0)]])) as (Foreign & _); [try left; exists O, []; split; reflexivity|].
    apply Forall_inv_tail, Forall_inv, Forall_inv in Foreign; now destruct Foreign.
  - destruct (Safe (at_ [] [goes])) as (_ & Others); [try left; exists O, []; split; reflexivity|].
    specialize (Others [did 1 0 (Stored 1)] (did 1 0 (Loaded 0)) [] eq_refl ltac:(discriminate)); discriminate Others.
  - destruct (Safe (at_ ((0%nat, Read 0 7 here) :: comes) [twice])) as (_ & Others).
    + try left; exists 1%nat, [Some (existT _ 0 here)], (Some (existT _ 0 here)); eexists.
      split; [exists here; split; reflexivity|split; reflexivity].
    + specialize (Others [] (did 1 0 (Took 0)) _ eq_refl ltac:(discriminate)); discriminate Others.
  - destruct (Safe (at_ (did 0 0 (Took 1) :: comes) [twice])) as (_ & Others).
    + try right; exists 0, 1, O, [], (at_ [] [comes; twice]), (at_ (did 0 0 (Took 1) :: comes) [twice]), core, 0.
      split; [split; reflexivity|]; repeat (split; [reflexivity|]); apply L1_ticket.spec.none_yet.
    + specialize (Others [] (did 1 0 (Took 0)) _ eq_refl ltac:(discriminate)); discriminate Others.
Qed.

Local Notation fair F p d := (env_fair none small 1 tt F p [] d).
(** The number moves before the second poll; nobody else is there; it does not wait. *)
Example others_fair : fair 2 acquirer poised /\ fair 0 acquirer (at_ [] []) /\ fair 0 (fun _ => None) poised.
Proof.
  split; [|split]; intros l t d' Polls.
  - apply polls_where in Polls as (-> & -> & [->| ->]); right.
    + eapply L1_ticket.spec.moves_later; [reflexivity|apply L1_ticket.spec.moves_at_once; discriminate].
    + apply L1_ticket.spec.moves_at_once; discriminate.
  - left; destruct Polls as (k & history & d0 & d1 & f & i & Run & _ & Next & -> & Take & Vain).
    destruct k as [|k]; [destruct Run as (-> & ->); injection Next as <- <-; injection Take as <- <-|].
    + inversion Vain as [|d v d2 d3 Get Not Rest]; subst; [reflexivity|]; injection Get as <- _; now destruct Not.
    + exfalso; destruct Run as (a & d2 & _ & Run); cbn [ends] in Run.
      enough (history = [a]) as -> by discriminate Next; destruct k; apply Run.
  - now apply polling_nowhere in Polls.
Qed.
(** It does not move before the first poll; nor for one whose turn comes no nearer. *)
Example others_unfair : ~ fair 1 acquirer poised /\ ~ fair 2 acquirer (at_ [] [comes]).
Proof.
  split; intros Fair.
  - destruct (Fair 0 1 took (proj1 polling_are)) as [Now|Moves]; [discriminate Now|].
    inversion Moves as [F d Moved|F d v d1 Get Later]; subst; [now apply Moved|inversion Later].
  - destruct (Fair 0 1 (at_ (did 0 0 (Took 1) :: comes) [])) as [Now|Moves]; [|discriminate Now|].
    + exists O, [], (at_ [] [comes]), (at_ (did 0 0 (Took 1) :: comes) []), core, 0; split; [split; reflexivity|].
      repeat (split; [reflexivity|]); apply L1_ticket.spec.none_yet.
    + inversion Moves as [F d Moved|F d v d1 Get Later]; subst; [now apply Moved|injection Get as _ <-].
      inversion Later as [F d Moved|F d v1 d1 Get Later']; subst; [now apply Moved|inversion Later'].
Qed.

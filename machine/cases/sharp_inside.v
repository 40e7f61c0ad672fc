(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: inside, touching, entering

    Who is inside of a lock, by the place in the C and by what is seen; whose steps touch
    an object; who took a ticket, who entered, and who stays.  What sharp_*.v files are
    for: sharp_table.v. *)
From Coq Require Import ZArith List Bool String.
From hlock.clight Require Import options integers values syntax semantics smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text.
From hlock.stack Require Import linked.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.refine Require Import quiet.
From hlock.machine.safety Require Import guaranteed.
From hlock.machine.cases Require Import small.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

Definition text : program := stack "" small_table.
Definition M : memory_system small := sc_memory small 1.

(** ** Steps that need nothing of memory *)
Definition external (f : string) (args : typelist) : fundef :=
  External (EF_external f (mksignature [] AST.Tvoid cc_default)) args tvoid cc_default.
Definition returned : state := Give Vundef Kstop.
Definition skips (n : nat) : state := Exec (undef_temps []) (Nat.iter n (fun s => Ssequence Sskip s) Sskip)
  (Kreturn {| fn_return := tvoid; fn_callconv := cc_default; fn_params := []; fn_vars := []; fn_temps := [];
    fn_body := Sskip |}
     Kstop).
Definition relaxes : state := Enter ($"cpu_relax") (external "cpu_relax" Tnil) [] Kstop.
Definition asks (f : string) : state := Enter ($f) (external f Tnil) [] Kstop.
Definition asks_for (f : string) (l : Z) : state := Enter ($f) (external f (Tcons tuint Tnil)) [Vint (Int.repr l)]
  Kstop.
Local Ltac quiet n := first [exists n|left; exists n];
  repeat first [apply quiet_done|eapply quiet_step; [reflexivity|]|apply quiet_relax
    |eapply quiet_step; apply quiet_done].
Example quiet_ends : only_to_return text returned /\ only_to_return text (skips 0) /\ only_to_return text (skips 2) /\
  only_to_return text relaxes.
Proof.
  split; [quiet 0%nat|split; [quiet 2%nat|split; [quiet 12%nat|quiet 1%nat]]].
Qed.
Lemma loud f l n : ~ quietly (functions text) n (asks_for f l) returned.
Proof. intros Quiet; inversion Quiet; discriminate. Qed.
Example not_quiet n : ~ quietly (functions text) n (asks "get_now") returned /\
  ~ quietly (functions text) n (asks_for "incr_now" 0) returned /\
  ~ quietly (functions text) n (Give Vundef (Kseq Sskip Kstop)) returned.
Proof. repeat split; intros Quiet; inversion Quiet; discriminate. Qed.
(** At most that many. *)
Example quietly_counts n : quietly (functions text) n returned returned /\
  ~ quietly (functions text) 1 (skips 2) returned.
Proof. split; [constructor|]; intros Quiet; inversion Quiet as [|? ? ? ? Step Rest|]; subst; injection Step as <-;
  inversion Rest. Qed.

(** ** Inside *)
Definition o := acquire core 0.
Definition clients : cpu -> client small :=
  go_through [[acquire core 0; acquire pt 1; release pt 1; release core 0]; [acquire pt 1; release pt 1]].
Definition state_of (t : thread small) : machine M := mkMachine (M := M) [t; Idle [None]] [].
Local Notation is_inside t l := (inside text clients (state_of t) 0%nat l).
Local Ltac holds := cbn; auto.

Example inside_at_rest : is_inside (Idle [None]) 0 /\ is_inside (Idle [None; None]) 0 /\ is_inside (Idle [None;
  None]) 5 /\
  inside text clients (state_of (Idle [])) 1%nat 5.
Proof. repeat split; holds. Qed.
(** In another operation it stays inside. *)
Example inside_in_a_call :
  is_inside (Calling (acquire pt 1) [None] (skips 0)) 0 /\ is_inside (Calling (acquire pt 1) [None] returned) 0 /\
  is_inside (Calling (release pt 1) [None; None] returned) 0.
Proof.
  split; [|split]; cbn; (split; [auto|]); try left; intros (Same & _); first [discriminate Same|destruct Same].
Qed.
(** A release is inside up to its store. *)
Example inside_releasing :
  is_inside (Calling (release pt 1) [None; None] (asks_for "incr_now" 5)) 5 /\
  is_inside (Storing (release pt 1) [None; None] 5 0 Kstop) 5 /\
  is_inside (Storing (release pt 1) [None; None] 5 0 Kstop) 0.
Proof.
  split; [|split; holds]; cbn; split; [auto|]; try left.
  intros (_ & n & Quiet); exact (loud _ _ n Quiet).
Qed.
Example not_inside :
  ~ is_inside (Idle []) 0 /\ ~ is_inside (Idle [None]) 5 /\ ~ is_inside (Idle [None; None; None]) 5 /\
  ~ is_inside (Calling (acquire core 0) [] returned) 0 /\ ~ is_inside (Calling (acquire pt 1) [None] returned) 5 /\
  ~ is_inside (Storing (release pt 1) [None; None] 5 0 Kstop) 4 /\
  ~ is_inside Stopped 0 /\ ~ inside text clients (state_of Stopped) 2%nat 0 /\
  ~ inside text clients (state_of (Idle [None])) 1%nat 0.
Proof. repeat split; cbn; intuition discriminate. Qed.
Example not_inside_after_the_store :
  ~ is_inside (Calling (release pt 1) [None; None] returned) 5 /\ ~ is_inside (Calling (release pt 1) [None;
    None] (skips 2)) 5.
Proof.
  split; intros (_ & Not); apply Not; (split; [reflexivity|]).
  - quiet 0%nat.
  - quiet 12%nat.
Qed.

(** ** Touching *)
Example touches_are : touches 4 (Some (Did_read 4 7 (value 4 1))) /\ touches 4 (Some (Did_write 4 7 (value 4 1))).
Proof. split; unfold touches; repeat eexists; first [left; reflexivity|right; reflexivity|reflexivity]. Qed.
Definition lock_of (v : option (visible small)) : Z :=
  match v with Some (Did_read l _ _) | Some (Did_write l _ _) => l | _ => -1 end.
Example touches_are_not : Forall (fun v => ~ touches 4 v)
  [None; Some Did_halt; Some (Called (release pt 0)); Some (Returned (acquire pt 0)); Some (Did_read 5 7 (value 5 1));
   Some (Did_write 0 7 (value 0 1))].
Proof.
  repeat apply Forall_cons; try apply Forall_nil; intros Touch; unfold touches in Touch;
    repeat match goal with H : exists _, _ |- _ => destruct H | H : _ \/ _ |- _ => destruct H end;
    match goal with H : _ = _ |- _ => apply (f_equal lock_of) in H; cbn in H end; discriminate.
Qed.

(** ** Seen inside *)
Definition calls (c : cpu) (o : op small) : cpu * visible small := (c, Called o).
Definition returns (c : cpu) (o : op small) : cpu * visible small := (c, Returned o).
Example seen_inside_are : map (seen_inside 0 4)
  [[returns 0 (acquire pt 0)]; [calls 1 (release pt 0); returns 0 (acquire pt 0)];
   [returns 0 (release pt 1); calls 0 (release pt 1); returns 0 (acquire pt 0)];
   [returns 1 (acquire pt 0); returns 0 (acquire core 0); returns 0 (acquire pt 0)];
   [(0%nat, Did_halt); (0%nat, Did_read 4 7 (value 4 1)); returns 0 (acquire pt 0)]] = [true; true; true; true; true].
Proof. reflexivity. Qed.
Example seen_inside_are_not : map (seen_inside 0 4)
  [[]; [calls 0 (acquire pt 0)]; [returns 1 (acquire pt 0)]; [returns 0 (acquire pt 1)];
   [calls 0 (release pt 0); returns 0 (acquire pt 0)]; [returns 0 (release pt 0); calls 0 (release pt 0);
     returns 0 (acquire pt 0)]] =
  [false; false; false; false; false; false].
Proof. reflexivity. Qed.

(** ** Tickets and entering, in memory's history: CPU 1 takes the first ticket of lock 0 *)
Definition did (c : cpu) (l : Z) (k : words_verb) : event small words_verb := (c, Lock l k).
Definition before : log small words_verb := [did 0 0 (Took 1); did 1 0 (Took 0)].
Definition entering : log small words_verb :=
  [did 1 4 (Polled 0); did 0 0 (Polled 1); did 1 0 (Stored 1); did 1 0 (Loaded 0); did 0 0 (Polled 0);
    did 1 0 (Polled 0);
   did 1 4 (Took 0)].
Example enters_are : map (fun eg => enters small 0 (fst eg) (snd eg))
  [(did 1 0 (Polled 0), before); (did 0 0 (Polled 1), before)] = [true; true].
Proof. reflexivity. Qed.
Example enters_are_not : map (fun eg => enters small 0 (fst eg) (snd eg))
  [(did 0 0 (Polled 0), before); (did 1 4 (Polled 0), before); (did 1 0 (Loaded 0), before); (did 1 0 (Took 0), before);
   (did 0 0 (Polled 0), []); (did 1 0 (Polled 0), did 1 0 (Polled 0) :: before);
   (did 1 0 (Polled 1), did 1 0 (Loaded 0) :: did 1 0 (Polled 0) :: before); ((1%nat, Halted), before)] =
  [false; false; false; false; false; false; false; false].
Proof. reflexivity. Qed.
Example in_ticket_order :
  (takers small 0 (entering ++ before), entered small 0 entering before, entered small 4 entering before,
   takers small 4 (entering ++ before), entered small 0 [] before) =
  ([1%nat; 0%nat], [1%nat; 0%nat], [1%nat], [1%nat], []).
Proof. reflexivity. Qed.
Example stays_are : stays small 0 0 entering /\ stays small 1 4 entering /\ stays small 1 0 [did 1 0 (Loaded 0);
  did 0 0 (Stored 0)].
Proof. repeat apply conj; unfold stays; intros; cbn; intuition discriminate. Qed.
Example stays_are_not : ~ stays small 1 0 entering /\ ~ stays small 1 0 [did 0 0 (Polled 0); did 1 0 (Stored 0)].
Proof. split; intros Stays; [apply (Stays 1)|apply (Stays 0)]; cbn; auto. Qed.
Example own_are : (own small 0 entering, own small 1 [did 0 0 (Took 0)]) = ([did 0 0 (Polled 1); did 0 0 (Polled 0)],
  []).
Proof. reflexivity. Qed.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: each CPU goes through its own thread

    The two clients of the lock that is handed over (sharp_relaxed.v), step by step; clients that do
    little, of which all that they can do is said; and places that are the same, and not.  What sharp_*.v
    files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax semantics smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text.
From hlock.stack Require Import linked.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.cases Require Import small.
From hlock.machine.relaxed Require Import model.
From hlock.machine.cases Require Import sharp_relaxed.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope list_scope.

Definition text : program := stack "" small_table.

Definition programs : list (list (op small)) :=
  [[acquire core 0; write core 0 7 5; release core 0]; [acquire core 0; read core 0 7]].
Definition clients : cpu -> client small := go_through programs.

(** A client that does nothing can halt, once; one that reads an object reads anything. *)
Example all_of_nothing acts vis t : alone text 1 (go_through [] 0%nat) acts vis t ->
  acts = [] /\ vis = [] /\ t = Idle [] \/ acts = [Halted] /\ vis = [Did_halt] /\ t = Stopped.
Proof.
  induction 1 as [|acts vis t t' _ IH Does|acts vis t t' o _ IH Does|acts vis t t' o _ IH Does
                 |acts vis t a t' _ IH Does|acts vis t _ IH Lives]; auto;
    destruct IH as [(-> & -> & ->)|(-> & -> & ->)]; try discriminate; try contradiction;
    try (destruct Does; discriminate); auto.
Qed.
Definition has_read (v : Obj small 0) : thread small := Idle (S := small) [Some (existT _ 0 v)].
Example all_of_a_read acts vis t : alone text 1 (go_through [[read core 0 7]] 0%nat) acts vis t ->
  acts = [] /\ vis = [] /\ t = Idle [] \/ acts = [Halted] /\ vis = [Did_halt] /\ t = Stopped \/
  exists v, acts = [Read 0 7 v] /\ vis = [Did_read 0 7 v] /\ t = has_read v \/
            acts = [Halted; Read 0 7 v] /\ vis = [Did_halt; Did_read 0 7 v] /\ t = Stopped.
Proof.
  induction 1 as [|acts vis t t' _ IH Does|acts vis t t' o _ IH Does|acts vis t t' o _ IH Does
                 |acts vis t a t' _ IH Does|acts vis t _ IH Lives]; auto;
    destruct IH as [(-> & -> & ->)|[(-> & -> & ->)|(v & [(-> & -> & ->)|(-> & -> & ->)])]]; try discriminate;
    try contradiction; try (destruct Does as (? & Does); discriminate Does); eauto 7.
  destruct Does as (v & -> & ->); right; right; exists v; left; auto.
Qed.
(** It calls first. *)
Example call_is_seen acts vis t : alone text 1 (go_through [[acquire core 0]] 0%nat) acts vis t ->
  t <> Idle [] -> vis <> [].
Proof.
  induction 1 as [|acts vis t t' Alone IH Does|acts vis t t' o _ IH Does|acts vis t t' o _ IH Does
                 |acts vis t a t' Alone IH Does|acts vis t _ IH Lives]; intros Moved; try discriminate; try congruence.
  all: try (apply IH; intros ->; first [discriminate Does|destruct Does; discriminate]).
  - destruct (seen_of a); [discriminate|]; apply IH; intros ->; destruct Does.
Qed.

(** ** The same place *)
Local Notation stands p := (same_place text 1 p).
Example told_what : map told [Idle [None]; Calling (acquire core 0) [None] (Give Vundef Kstop);
    Storing (acquire core 0) [None] 0 1 Kstop; Stopped] = [Some [None]; Some [None]; Some [None]; None].
Proof. reflexivity. Qed.
Definition reader : client small := go_through [[read core 0 7]] 0%nat.
Example own_steps_of_none t : own_steps text 1 reader (Idle []) t -> t = Idle [].
Proof. induction 1 as [|t1 t2 _ -> Does]; [reflexivity|discriminate Does]. Qed.
Definition finished (v : val) : thread small := Calling (acquire core 0) [None] (Give v Kstop).
Example same_as_itself : stands reader Stopped Stopped.
Proof. left; reflexivity. Qed.
(** At a return, whatever is given back. *)
Example same_return : stands reader (finished Vundef) (finished (Vint (Int.repr 1))).
Proof.
  try right; try (split; [reflexivity|]); exists (finished Vundef), (finished (Vint (Int.repr 1))).
  split; [constructor|]; split; [constructor|]; split; reflexivity.
Qed.

(** ** What two clients come to *)

(** What a client comes to whose reads are answered by these numbers. *)
Fixpoint goes (p : client small) (fuel : nat) (answers : list Z) acts vis (t : thread small) :=
  let stop := (acts, vis, t) in
  match fuel with
  | O => stop
  | S n =>
      match next_move text 1 p t, answers with
      | Local t, _ => goes p n answers acts vis t
      | Call o t, _ => goes p n answers acts (Called o :: vis) t
      | Return o t, _ => goes p n answers acts (Returned o :: vis) t
      | Take l k, z :: rest => goes p n rest (Lock l (Took z) :: acts) vis (k z)
      | Poll l k, z :: rest => goes p n rest (Lock l (Polled z) :: acts) vis (k z)
      | Load l k, z :: rest => goes p n rest (Lock l (Loaded z) :: acts) vis (k z)
      | Store l v t, _ => goes p n answers (Lock l (Stored v) :: acts) vis t
      | Get l k t, z :: rest =>
          goes p n rest (Read l k (value l z) :: acts) (Did_read l k (value l z) :: vis) (t (value l z))
      | Put l k v t, _ => goes p n answers (Wrote l k v :: acts) (Did_write l k v :: vis) t
      | _, _ => stop
      end
  end.
Lemma goes_alone p fuel : forall answers acts vis t, alone text 1 p acts vis t ->
  let '(acts, vis, t) := goes p fuel answers acts vis t in alone text 1 p acts vis t.
Proof.
  induction fuel as [|n IH]; intros answers acts vis t Alone; cbn [goes]; [exact Alone|].
  assert (Answered : forall a t', answered (next_move text 1 p t) a t' ->
    alone text 1 p (a :: acts) (match seen_of a with Some v => v :: vis | None => vis end) t')
    by (intros a t'; apply alone_memory; exact Alone).
  destruct (next_move text 1 p t) eqn:Does; destruct answers as [|z rest]; try exact Alone; apply IH.
  all: first [eapply alone_local; eassumption | eapply alone_call; eassumption | eapply alone_return; eassumption
             |match goal with |- alone _ _ _ (?a :: _) _ _ => apply (Answered a); cbn; eauto end].
Qed.
Local Ltac went p answers :=
  let A := fresh in
  pose proof (goes_alone p 200 answers [] [] (Idle []) (alone_start text 1 p)) as A;
  let r := eval vm_compute in (goes p 200 answers [] [] (Idle [])) in
  replace (goes p 200 answers [] [] (Idle [])) with r in A by (vm_cast_no_check (eq_refl r)); exact A.

(** At a poll of the same lock, however often it was polled in vain; not of another lock, nor of a thread
    that was told something else. *)
Definition comes_to (ops : list (op small)) (answers : list Z) : thread small :=
  snd (goes (go_through [ops] 0%nat) 200 answers [] [] (Idle [])).
Definition polled (t : thread small) : option Z :=
  match next_move text 1 reader t with Poll l _ => Some l | _ => None end.
Lemma polls t l : polled t = Some l -> exists k, next_move text 1 reader t = Poll l k.
Proof. unfold polled; destruct next_move; try discriminate; intros [= ->]; eauto. Qed.
Lemma stays t l t' : polled t = Some l -> own_steps text 1 reader t t' -> t' = t.
Proof.
  intros Is; induction 1 as [|t1 t2 _ -> Does]; [reflexivity|].
  apply polls in Is as (k & Is); rewrite Is in Does; discriminate Does.
Qed.
Example polls_of_three : map polled [comes_to [acquire core 0] [1]; comes_to [acquire core 0] [1; 0; 0];
    comes_to [acquire core 0] []; comes_to [acquire pt 0] [1]] = [Some 0; Some 0; None; Some 4].
Proof. vm_compute; reflexivity. Qed.
Example same_poll : stands reader (comes_to [acquire core 0] [1]) (comes_to [acquire core 0] [1; 0; 0]).
Proof.
  set (t := comes_to _ [1]); set (t' := comes_to _ [1; 0; 0]).
  assert (Is : polled t = Some 0) by (vm_compute; reflexivity); apply polls in Is as (k & Is).
  assert (Is' : polled t' = Some 0) by (vm_compute; reflexivity); apply polls in Is' as (k' & Is').
  right; try (split; [vm_compute; reflexivity|]); exists t, t'; split; [constructor|]; split; [constructor|].
  rewrite Is, Is'; reflexivity.
Qed.
Example other_told : ~ stands reader (comes_to [acquire core 0] [1]) (comes_to [read core 0 7; acquire core 0] [5; 1]).
Proof.
  intros [Same|(Told & _)].
  - apply (f_equal told) in Same; vm_compute in Same; discriminate Same.
  - vm_compute in Told; discriminate Told.
Qed.
Example other_poll : ~ stands reader (comes_to [acquire core 0] [1]) (comes_to [acquire pt 0] [1]).
Proof.
  set (t := comes_to _ [1]); set (t' := comes_to [acquire pt 0] [1]).
  assert (Is : polled t = Some 0) by (vm_compute; reflexivity).
  assert (Is' : polled t' = Some 4) by (vm_compute; reflexivity).
  intros [Same|(_ & t1 & t1' & Own & Own' & Same)]; [rewrite Same, Is' in Is; discriminate Is|].
  apply (stays t 0) in Own; [|exact Is]; apply (stays t' 4) in Own'; [|exact Is']; subst t1 t1'.
  apply polls in Is as (k & Is); apply polls in Is' as (k' & Is'); rewrite Is, Is' in Same; discriminate Same.
Qed.
Example not_same : ~ stands reader (Idle []) Stopped /\ ~ stands reader (finished Vundef) (Idle [None]) /\
  ~ stands reader (Idle []) (Calling (acquire core 0) [] (Give Vundef Kstop)) /\
  ~ stands reader (finished Vundef) (Calling (release core 0) [None] (Give Vundef Kstop)).
Proof.
  assert (Idles : forall h t, own_steps text 1 reader (Idle h) t -> h = [] \/ h = [None] -> t = Idle h).
  { induction 1 as [|t1 t2 _ IH Does]; [auto|]; intros Few; rewrite (IH Few) in Does;
    destruct Few as [->| ->]; discriminate Does. }
  assert (Ends : forall o h t, own_steps text 1 reader (Calling o h (Give Vundef Kstop)) t ->
    t = Calling o h (Give Vundef Kstop)) by (induction 1 as [|t1 t2 _ -> Does]; [reflexivity|discriminate Does]).
  repeat apply conj; intros [Same|(Told & t & t' & Own & Own' & Same)];
    try discriminate Same; try discriminate Told.
  all: repeat first [apply Idles in Own; [|auto]|apply Ends in Own|apply Idles in Own'; [|auto]|apply Ends in Own'].
  all: subst; cbn in Same; first [contradiction|destruct Same; discriminate].
Qed.

Definition seen_0 : list (visible small) :=
  [Returned (release core 0); Called (release core 0); Did_write 0 7 (value 0 5); Returned (acquire core 0);
   Called (acquire core 0)].
Definition seen_1 : list (visible small) :=
  [Did_halt; Did_read 0 7 (value 0 5); Returned (acquire core 0); Called (acquire core 0)].
Example hands_over : alone text 1 (clients 0%nat) (rev (run handover 0%nat)) seen_0 (Idle [None; None; None]).
Proof. went (clients 0%nat) [0; 0; 0]. Qed.
Example is_handed : alone text 1 (clients 1%nat) (rev (run handover 1%nat)) seen_1 Stopped.
Proof.
  apply (alone_halt (S := small)) with (Idle (S := small) [Some (existT _ 0 (value 0 5)); None]); [|discriminate].
  went (clients 1%nat) [1; 0; 1; 5].
Qed.

(** ** Executions, and what was seen of a CPU *)
Definition seen : cpu -> list (visible small) := fun c => nth c [seen_0; seen_1] [].
Definition last : cpu -> thread small :=
  fun c => nth c [Idle [None; None; None]; Stopped] (Idle []).
Example is_relaxed : relaxed_execution shipped_orders text 1 clients handover seen last.
Proof.
  constructor; [| |first [exact (is_consistent _)|exact (no_thin_air _ _ _ (is_consistent shipped_orders))]].
  - intros [|[|c]] Less; [exact hands_over|exact is_handed|cbn in Less; lia].
  - intros [|[|[|c]]] More; cbn in More |- *; try lia; reflexivity.
Qed.
Definition relaxed_of (runs : list (list (action small words_verb))) seen : Prop :=
  relaxed_execution shipped_orders text 1 (go_through []) (made runs [] []) seen (fun _ => Idle []).
(** An action that is no client's; one of a CPU that is not there; something seen that was not; no such value. *)
Definition nothing : cpu -> list (visible small) := fun _ => [].
Example not_relaxed : (~ relaxed_of [[]; [Lock 0 (Took 0)]] nothing) /\ (~ relaxed_of [[]; []; [Halted]] nothing) /\
  (~ relaxed_of [[]; []] (fun c => if Nat.eqb c 1 then [Did_halt] else [])) /\
  (~ relaxed_execution shipped_orders text 1 (go_through []) (made [[]; []] [] []) nothing
      (fun c => if Nat.eqb c 1 then Idle [None] else Idle [])).
Proof.
  repeat apply conj; intros R.
  - pose proof (each_alone _ _ _ _ _ _ _ R 1%nat ltac:(cbn; lia)) as A; apply all_of_nothing in A; cbn in A.
    intuition discriminate.
  - pose proof (no_others _ _ _ _ _ _ _ R 2%nat ltac:(cbn; lia)) as A; discriminate A.
  - pose proof (each_alone _ _ _ _ _ _ _ R 1%nat ltac:(cbn; lia)) as A; apply all_of_nothing in A; cbn in A.
    intuition discriminate.
  - pose proof (each_alone _ _ _ _ _ _ _ R 1%nat ltac:(cbn; lia)) as A; apply all_of_nothing in A; cbn in A.
    intuition discriminate.
Qed.
(** CPU 1 enters by the poll that reads CPU 0's release, and reads what CPU 0 has overwritten:
    with other orders it can. *)
Definition enters_stale : graph small := made
  [run handover 0%nat; [Lock 0 (Took 1); Lock 0 (Polled 1); Read 0 7 (value 0 107)]]
  [((1, 0), (0, 0)); ((1, 1), (0, 4))]%nat [((0, 0), (1, 0))]%nat.
Example stale_not_relaxed seen last : ~ relaxed_execution shipped_orders text 1 clients enters_stale seen last.
Proof.
  intros R; apply (coherence _ _ _ (consistent _ _ _ _ _ _ _ R) (0, 2)%nat (1, 2)%nat).
  - apply hb_trans with (0, 4)%nat; [apply hb_sb; found|]; apply hb_trans with (1, 1)%nat; [|apply hb_sb; found].
    apply hb_sync; found.
  - apply eco_fr; split; [discriminate|]; exists (Object 0 7); found.
Qed.
Example stale_goes_alone : exists seen, alone text 1 (clients 1%nat) (rev (run enters_stale 1%nat)) seen
  (Idle (S := small) [Some (existT _ 0 (value 0 107)); None]).
Proof.
  exists [Did_read 0 7 (value 0 107); Returned (acquire core 0); Called (acquire core 0)].
  went (clients 1%nat) [1; 1; 107].
Qed.
Example seen_of_each : map (fun c => seen_by c
    [(1%nat, Did_halt (S := small)); (0%nat, Did_read 0 7 (value 0 5)); (1%nat, Called (release core 0))])
    [0; 1; 2]%nat =
  [[Did_read 0 7 (value 0 5)]; [Did_halt; Called (release core 0)]; []].
Proof. reflexivity. Qed.

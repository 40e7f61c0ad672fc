(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Two that contend again and again, for ever

    The clients [turns] in turn, on words of one bit.  After some time they do what they
    did before, but for what they have been told and what the objects count: the states
    are [alike], and steps keep it ([alike_turn]).  So in this fair infinite execution
    the CPUs contend again and again: CPU 1 is in its acquire of core while CPU 0 is
    inside, and the other way round ([contend_for_ever]); and each acquire returns.
    Read first: forever_cases.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options values.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract text sample examples.
From hlock.stack Require Import stack setting stack_refine examples.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.safety Require Import corollaries.
From hlock.machine.live Require Import live infinite.
From hlock.machine.cases Require Import examples live_examples forever_cases.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

Section Alike.
  Context (w : Z).
  Local Notation M := (sc_memory two w).
  Local Notation machine := (machine M).
  Local Notation log := (log two words_verb).

  (** At the same place of the same turn. *)
  Definition alike_thread (t t' : thread two) : Prop :=
    match t, t' with
    | Idle h, Idle h' => into_turn h = into_turn h'
    | Calling o h s, Calling o' h' s' => o = o' /\ into_turn h = into_turn h' /\ s = s'
    | Storing o h l v k, Storing o' h' l' v' k' =>
        o = o' /\ into_turn h = into_turn h' /\ l = l' /\ v = v' /\ k = k'
    | Stopped, Stopped => True
    | _, _ => False
    end.
  (** And the words are the same. *)
  Record alike (x y : machine) : Prop := {
    alike_threads : Forall2 alike_thread (threads x) (threads y);
    alike_next : forall l, next two w l (contents x) = next two w l (contents y);
    alike_now : forall l, serving two w l (contents x) = serving two w l (contents y)
  }.

  Definition alike_move (m m' : thread_move two) : Prop :=
    match m, m' with
    | Local t, Local t' => alike_thread t t'
    | Call o t, Call o' t' | Return o t, Return o' t' => alike_thread t t'
    | Take l k, Take l' k' | Poll l k, Poll l' k' | Load l k, Load l' k' =>
        l = l' /\ forall v, alike_thread (k v) (k' v)
    | Store l v t, Store l' v' t' => l = l' /\ v = v' /\ alike_thread t t'
    | Get l n k, Get l' n' k' => forall v v', alike_thread (k v) (k' v')
    | Put l n v t, Put l' n' v' t' => alike_thread t t'
    | Halt, Halt | Finished, Finished | Stuck, Stuck => True
    | _, _ => False
    end.

  Lemma alike_moves c t t' : alike_thread t t' ->
    alike_move (next_move sample_text w (turns c) t) (next_move sample_text w (turns c) t').
  Proof.
    destruct t as [h|o h s|o h l v k|], t' as [h'|o' h' s'|o' h' l' v' k'|]; try contradiction; cbn [alike_thread];
      cbn [next_move]; [| | |intros _; exact I].
    - intros Same; unfold turns; rewrite Same; pose proof (into_turn_less h').
      assert (Next : forall a a', into_turn (a :: h) = into_turn (a' :: h')) by (intros; cbn; now rewrite Same).
      destruct (into_turn h') as [|[|[|[|[|[|]]]]]] eqn:Is; [..|exfalso; lia];
        cbn [one_turn nth_error begin alike_move alike_thread]; rewrite ?Same, ?Is; auto.
    - intros (<- & Same & <-).
      assert (Next : into_turn (None :: h) = into_turn (None :: h')) by (cbn; now rewrite Same).
      unfold in_call; destruct s as [le s k|le out k|f [fn|ef targs tres cc] vs k|v k].
      1-3: destruct (smallstep.step _ _); cbn; auto.
      + unfold primitive; destruct vs as [|[|z] [|]]; try exact I.
        * destruct (Pos.eqb _ _); cbn; auto.
        * repeat destruct (Pos.eqb _ _); cbn; auto 10.
      + destruct k; [exact Next|..]; (destruct (smallstep.step _ _); cbn; auto).
    - intros (<- & Same & <- & <- & <-); cbn; auto.
  Qed.

  Lemma alike_put c t t' : forall ts ts', Forall2 alike_thread ts ts' -> alike_thread t t' ->
    Forall2 alike_thread (put_at c t ts) (put_at c t' ts').
  Proof.
    induction c as [|c IH]; intros ts ts' All Same; destruct All; cbn [put_at]; try constructor; auto.
  Qed.
  Lemma alike_nth c : forall ts ts', Forall2 alike_thread ts ts' ->
    match nth_error ts c, nth_error ts' c with
    | Some t, Some t' => alike_thread t t'
    | None, None => True
    | _, _ => False
    end.
  Proof. induction c as [|c IH]; intros ts ts' All; destruct All; cbn; auto; apply IH; assumption. Qed.

  Theorem alike_turn c x y : alike x y -> alike (turn w turns c x) (turn w turns c y).
  Proof.
    intros Alike; pose proof Alike as [All Next Now].
    destruct x as [ts g], y as [ts' g']; cbn [threads contents] in *.
    pose proof (alike_nth c _ _ All) as Mine; unfold turn, step_of, step_by; cbn [threads contents].
    destruct (nth_error ts c) as [t|] eqn:At, (nth_error ts' c) as [t'|] eqn:At'; try contradiction; [|exact Alike].
    pose proof (alike_moves c t t' Mine) as Moves.
    destruct (next_move sample_text w (turns c) t) as [t1|o t1|o t1|l k|l k|l k|l v1 t1|l k|l v1 t1| | |],
      (next_move sample_text w (turns c) t') as [t2|o2 t2|o2 t2|l2 k2|l2 k2|l2 k2|l2 v2 t2|l2 k2|l2 v2 t2| | |];
      try contradiction; cbn [alike_move] in Moves; cbn [performed option_map snd];
      try exact Alike.
    all: try (constructor; cbn [threads contents]; [now apply alike_put|assumption..]).
    4: destruct Moves as (<- & <- & Moves).
    1-3: destruct Moves as (<- & Moves); rewrite ?Next, ?Now.
    all: constructor; cbn [threads contents]; [apply alike_put; auto| |]; intros l'; cbn;
       rewrite ?Next, ?Now; reflexivity.
  Qed.
End Alike.

(** ** One of them, on words of one bit *)
Local Notation M := (sc_memory two 1).
Definition in_turn : nat -> cpu := then_both [].
Definition lockstep : nat -> machine M := run_on 1 turns in_turn.

(** CPU [c] is inside core, whose number is 0, and CPU [c'] in its acquire of core. *)
Definition contend (c c' : cpu) (x : machine M) : Prop :=
  inside sample_text turns x c 0 /\
  exists f i history s, lock_id f i = 0 /\ nth_error (threads x) c' = Some (Calling (Op_acquire f i) history s).
(** That, and CPU [c] is between two operations. *)
Definition contend_now (c c' : cpu) (x : machine M) : bool :=
  rests_inside turns x c 0 &&
  match nth_error (threads x) c' with
  | Some (Calling (Op_acquire f i) _ _) => lock_id f i =? 0
  | _ => false
  end.

(** What [alike] looks at. *)
Definition key (t : thread two) : nat + option (op two * nat * (smallstep.state + Z * Z * smallstep.cont)) :=
  match t with
  | Idle h => inl (into_turn h)
  | Calling o h s => inr (Some (o, into_turn h, inl s))
  | Storing o h l v k => inr (Some (o, into_turn h, inr (l, v, k)))
  | Stopped => inr None
  end.
Lemma key_alike t t' : key t = key t' -> alike_thread t t'.
Proof. destruct t, t'; cbn; try discriminate; [congruence|intros [=]; auto..|auto]. Qed.
Lemma keys_alike ts : forall ts', map key ts = map key ts' -> Forall2 alike_thread ts ts'.
Proof.
  induction ts as [|t ts IH]; intros [|t' ts']; cbn; try discriminate; [constructor|intros [= Same Rest]].
  constructor; [now apply key_alike|auto].
Qed.

(** All that was done to words was done to those of core and of the page table. *)
Definition touches_only (g : log two words_verb) : bool :=
  forallb (fun e => match snd e with Lock l _ => (l =? 0) || (l =? pt3) | _ => true end) g.
Lemma untouched l g : touches_only g = true -> l <> 0 -> l <> pt3 -> next two 1 l g = 0 /\ serving two 1 l g = 0.
Proof.
  intros Only Not Not'; induction g as [|[c a] g IH]; [split; reflexivity|]; cbn [touches_only forallb snd] in Only.
  apply andb_prop in Only as (Here & Only); specialize (IH Only).
  destruct a as [l' k| | |]; try exact IH.
  assert (Diff : l' <> l) by (intros ->; apply orb_prop in Here as [Is|Is]; apply Z.eqb_eq in Is; contradiction).
  destruct k; cbn; rewrite ?(proj2 (Z.eqb_neq l' l) Diff); exact IH.
Qed.

(** What lockstep shows at time [n]. *)
Definition look (n : nat) :=
  let x := lockstep n in
  (map key (threads x), touches_only (contents x), (next two 1 0 (contents x), serving two 1 0 (contents x)),
   (next two 1 pt3 (contents x), serving two 1 pt3 (contents x))).
Lemma look_alike n m : look n = look m -> touches_only (contents (lockstep m)) = true ->
  alike 1 (lockstep n) (lockstep m).
Proof.
  unfold look; generalize (lockstep n), (lockstep m); intros x y [= Keys Only Next0 Now0 Next7 Now7] Only_y.
  rewrite Only_y in Only; constructor; [now apply keys_alike|..]; intros l.
  all: destruct (Z.eq_dec l 0) as [->|Not]; [assumption|destruct (Z.eq_dec l pt3) as [->|Not']; [assumption|]].
  all: destruct (untouched l _ Only Not Not') as (Next & Now), (untouched l _ Only_y Not Not') as (Next' & Now').
  all: congruence.
Qed.

(** From then on what was seen comes back after as many steps. *)
Lemma comes_back a q n : alike 1 (lockstep a) (lockstep (a + q * 2)) ->
  alike 1 (lockstep (a + n)) (lockstep (a + n + q * 2)).
Proof.
  intros First; induction n as [|n IH]; [now rewrite Nat.add_0_r|].
  rewrite Nat.add_succ_r.
  change (alike 1 (turn 1 turns (in_turn (a + n)) (lockstep (a + n)))
                  (turn 1 turns (in_turn (a + n + q * 2)) (lockstep (a + n + q * 2)))).
  assert (Turn : forall k, in_turn k = Nat.modulo k 2) by (intros [|k]; reflexivity).
  rewrite !Turn, Nat.mod_add by discriminate; now apply alike_turn.
Qed.

Lemma alike_contend c c' x y : alike 1 x y -> contend_now c c' x = true -> contend_now c c' y = true.
Proof.
  intros [All _ _]; unfold contend_now, rests_inside.
  pose proof (alike_nth c _ _ All) as Mine; pose proof (alike_nth c' _ _ All) as Yours.
  destruct (nth_error (threads x) c) as [[h| | |]|]; try discriminate.
  destruct (nth_error (threads y) c) as [[h'| | |]|]; try contradiction; cbn in Mine.
  rewrite !turns_held, Mine; intros Both; apply andb_prop in Both as (-> & Acquires).
  destruct (nth_error (threads x) c') as [[|[f i| | | |] h2 s2| |]|]; try discriminate.
  destruct (nth_error (threads y) c') as [[|o3 h3 s3| |]|]; try contradiction.
  destruct Yours as (<- & _); exact Acquires.
Qed.

(** Time 100, and 320 steps later. *)
Lemma first_back : alike 1 (lockstep 100) (lockstep (100 + 160 * 2)).
Proof.
  apply look_alike; [vm_cast_no_check (eq_refl (look 420))|vm_cast_no_check (eq_refl true)].
Qed.
Lemma contend_again c c' a q d : (0 < q)%nat -> alike 1 (lockstep a) (lockstep (a + q * 2)) ->
  contend_now c c' (lockstep (a + d)) = true -> forall n, exists m, (n <= m)%nat /\ contend c c' (lockstep m).
Proof.
  intros Some_steps First Here n; exists (a + (d + n * (q * 2)))%nat; split; [nia|].
  assert (Now : contend_now c c' (lockstep (a + (d + n * (q * 2)))) = true).
  { induction n as [|n IH]; [now rewrite Nat.add_0_r|].
    replace (a + (d + Datatypes.S n * (q * 2)))%nat with (a + (d + n * (q * 2)) + q * 2)%nat by lia.
    exact (alike_contend c c' _ _ (comes_back a q _ First) IH). }
  revert Now; generalize (lockstep (a + (d + n * (q * 2)))); intros x Now.
  unfold contend_now in Now; apply andb_prop in Now as (Rests & Acquires).
  split; [exact (rests_inside_sound 1 turns x c 0 Rests)|].
  destruct (nth_error (threads x) c') as [[|[f i| | | |] h s| |]|]; try discriminate.
  exists f, i, h, s; split; [now apply Z.eqb_eq|reflexivity].
Qed.

(** Each waits for the other again and again, in a fair infinite execution. *)
Theorem contend_for_ever :
  infinite_execution sample_text 1 M turns lockstep in_turn /\ fair M turns lockstep in_turn /\
  forall n, (exists m, (n <= m)%nat /\ contend 0 1 (lockstep m)) /\
            (exists m, (n <= m)%nat /\ contend 1 0 (lockstep m)).
Proof.
  destruct (turns_for_ever 1 [] (or_introl eq_refl) (Forall_nil _)) as (Runs & Fair).
  split; [exact Runs|split; [exact Fair|]]; intros n; split.
  - apply (contend_again 0 1 100 160 25 ltac:(now apply Nat.ltb_lt) first_back); vm_cast_no_check (eq_refl true).
  - apply (contend_again 1 0 100 160 185 ltac:(now apply Nat.ltb_lt) first_back); vm_cast_no_check (eq_refl true).
Qed.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 4: shared objects refine private copies

<<
        low d  ------ operation of the client, answer a ----->  low d'
          |                                                        |
        related                                                 related
          |                                                        |
        high h  ----- the same operation, the same answer a --> high h'
>>

    The relation: the high log is the low log with every access dropped and, at
    each release, the value that the object then has; my copy of an object is
    what shared memory contains while I hold its lock.  The foreign batch of
    the high side is the image of the low batch.  The reason that it works is
    one lemma of floor 3, [batch_keeps]: while I hold a lock no legal foreign
    event writes its object. *)
From Coq Require Import ZArith List Bool Eqdep_dec Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers.L3_atomic Require Import spec facts.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec invariant.
Import ListNotations.
Local Open Scope Z_scope.

Section Refine.
  Context (S : system).
  Local Notation F := (atomic S).
  Local Notation log := (log S atomic_verb).
  Local Notation event := (event S atomic_verb).

  (** ** The image of a log *)

  (** What the high log shows of event [e] after low log [g]. *)
  Definition shown (e : event) (g : log) : log :=
    match e with
    | (c, Lock l Left) => [(c, Lock l Left); (c, Wrote l (object l g))]
    | (c, Lock l Entered) => [(c, Lock l Entered)]
    | (c, Halted) => [(c, Halted)]
    | (_, Read _ _) | (_, Wrote _ _) => []
    end.
  Fixpoint published (g : log) : log :=
    match g with
    | [] => []
    | e :: g => shown e g ++ published g
    end.
  (** The image of batch [b] after log [g]. *)
  Fixpoint image (b g : log) : log :=
    match b with
    | [] => []
    | e :: b => shown e (b ++ g) ++ image b g
    end.

  Lemma published_app b g : published (b ++ g) = image b g ++ published g.
  Proof. induction b as [|e b IH]; cbn; [auto|now rewrite IH, app_assoc]. Qed.

  Lemma holder_published l g : holder S l (published g) = holder S l g.
  Proof.
    induction g as [|[c [l' []|l' v|l' v|]] g IH]; cbn; auto.
    all: now destruct (l' =? l).
  Qed.
  Lemma halted_published c g : halted c (published g) = halted c g.
  Proof. induction g as [|[c' [l' []|l' v|l' v|]] g IH]; cbn; now rewrite ?IH. Qed.
  Lemma holds_published c l g : holds S c l (published g) = holds S c l g.
  Proof. unfold holds; now rewrite holder_published. Qed.

  Lemma fault_published c a g :
    (forall l v, a <> Read l v) -> event_fault F (c, a) (published g) = event_fault F (c, a) g.
  Proof.
    intros Not_read; unfold event_fault; rewrite halted_published.
    destruct a as [l k|l v|l v|]; cbn; auto; [|now destruct (Not_read l v)|].
    - unfold atomic_fault; now rewrite holder_published, holds_published.
    - now rewrite holds_published.
  Qed.

  (** When nobody holds a lock, its object is the one last published. *)
  Lemma object_published l g :
    legal F g -> holder S l g = None -> object l (published g) = object l g.
  Proof.
    induction g as [|[c a] g IH]; [auto|].
    rewrite legal_cons, event_fault_none; intros (Legal & _ & _ & Fault) Free.
    destruct a as [l' k|l' v|l' v|]; cbn in *; auto.
    - destruct k; cbn; destruct (Z.eqb_spec l' l) as [->|Diff]; rewrite ?value_for_same; auto.
      + discriminate.
      + now rewrite value_for_other; auto.
    - destruct (Z.eqb_spec l' l) as [->|Diff].
      + unfold holds in Fault; rewrite Free in Fault; discriminate.
      + rewrite value_for_other by auto; auto.
  Qed.

  (** The image of a batch of other CPUs is a batch of other CPUs. *)
  Lemma batch_image c b g :
    batch_fault F c b g = None -> batch_fault F c (image b g) (published g) = None.
  Proof.
    induction b as [|[c' a] b IH]; [auto|].
    rewrite batch_fault_cons; cbn [fst]; intros (Fault & Other & Event); specialize (IH Fault).
    destruct a as [l []|l v|l v|]; cbn [image shown app]; auto.
    all: repeat (apply batch_fault_cons; split; [|split; [exact Other|]]); auto.
    all: cbn [app]; rewrite <- ?published_app.
    1, 4: rewrite fault_published; [exact Event|discriminate].
    all: apply event_fault_none in Event as (Cpu & Runs & Holds); apply event_fault_none.
    all: cbn in Holds; destruct (lock_exists l) eqn:Exists; [|discriminate].
    all: cbn; rewrite halted_published, ?Exists.
    all: split; [exact Cpu|split; [exact Runs|]].
    all: unfold holds in *; cbn [holder]; rewrite holder_published; exact Holds.
  Qed.

  (** ** The relation *)
  Record related (d : RData F) (h : HData S) : Prop := {
    same_cpu : me (base h) = me d;
    log_image : events (base h) = published (events d);
    copies_exact : forall l v,
      find_copy l (copies h) = Some v <->
      holder S l (events d) = Some (me d) /\ v = object l (events d)
  }.

  Lemma copies_none d h l :
    related d h -> find_copy l (copies h) = None <-> holder S l (events d) <> Some (me d).
  Proof.
    intros [_ _ Exact]; split; intros H.
    - intros Held; assert (X : find_copy l (copies h) = Some (object l (events d)))
        by (apply Exact; auto); congruence.
    - destruct (find_copy l (copies h)) eqn:E; auto.
      apply Exact in E; tauto.
  Qed.

  (** What a client can read is the same: its locks and their objects. *)
  Theorem related_same_view d h l :
    related d h ->
    (holds S (me d) l (events d) = true <-> exists v, find_copy l (copies h) = Some v) /\
    (forall v, find_copy l (copies h) = Some v -> v = object l (events d)).
  Proof.
    intros [_ _ Exact]; rewrite holds_iff; split.
    - split; [intros Held; eexists; apply Exact; eauto|intros (v & E); now apply Exact in E].
    - intros v E; now apply Exact in E.
  Qed.

  Theorem related_start c : related (start F c []) (mkHData (start F c []) []).
  Proof. now constructor; cbn; intuition. Qed.

  Definition with_env (bs : list log) (h : HData S) : HData S :=
    mkHData (mkRData (me (base h)) (events (base h)) bs) (copies h).

  (** ** One lemma for each way to change the state *)
  Lemma sim_await d h d' rest :
    related d h -> await F d = Done d' ->
    exists b', await F (base (with_env (image (arrivals d) (events d) :: rest) h)) = Done b' /\
               related d' (mkHData b' (copies h)) /\ env b' = rest.
  Proof.
    intros [Cpu Image Exact]; rewrite await_done; intros (Env & ->).
    eexists; split; [apply await_done; split; [|reflexivity]|].
    - cbn; rewrite Cpu, Image; now apply batch_image.
    - split; [constructor; cbn|reflexivity].
      + exact Cpu.
      + unfold seen; now rewrite Image, published_app.
      + intros l v; rewrite Exact, <- (holds_iff (me d) l (seen d)), (holds_seen_iff l d Env).
        split; intros (Held & ->); split; auto.
        all: now destruct (batch_keeps _ _ _ _ Env Held).
  Qed.

  Lemma emit_entered d h l d' :
    legal F (events d) -> related d h -> emit F (Lock l Entered) d = Done d' ->
    exists b', emit F (Lock l Entered) (base h) = Done b' /\
      related d' (mkHData b' (existT _ l (object l (events b')) :: copies h)) /\
      env b' = env (base h).
  Proof.
    intros Legal [Cpu Image Exact]; rewrite emit_done; intros (Fault & ->).
    eexists; split; [apply emit_done; split; [|reflexivity]|].
    { rewrite Cpu, Image, fault_published; [exact Fault|discriminate]. }
    apply event_fault_none in Fault as (_ & _ & Fault); cbn in Fault.
    destruct (lock_exists (S := S) l); [|discriminate].
    destruct (holder S l (events d)) eqn:Free; [discriminate|clear Fault].
    split; [|reflexivity]; constructor; cbn; [auto|now rewrite Cpu, Image|].
    intros l' v; destruct (Z.eqb_spec l l') as [<-|Diff].
    - rewrite value_for_same, Image, object_published by auto.
      split; [intros [= <-]; auto|intros (_ & ->); reflexivity].
    - rewrite value_for_other by auto; apply Exact.
  Qed.

  Lemma emit_left d h l d' :
    related d h -> emit F (Lock l Left) d = Done d' ->
    exists v b1 b2,
      find_copy l (copies h) = Some v /\
      emit F (Wrote l v) (base h) = Done b1 /\ emit F (Lock l Left) b1 = Done b2 /\
      related d' (mkHData b2 (drop_copy l (copies h))) /\ env b2 = env (base h).
  Proof.
    intros [Cpu Image Exact]; rewrite emit_done; intros (Fault & ->).
    pose proof Fault as Mine; apply event_fault_none in Mine as (_ & _ & Mine); cbn in Mine.
    destruct (lock_exists (S := S) l); [|discriminate].
    destruct (holds S (me d) l (events d)) eqn:Held; [clear Mine|discriminate].
    apply holds_iff in Held.
    exists (object l (events d)); do 2 eexists.
    split; [apply Exact; auto|].
    split; [apply emit_done; split; [|reflexivity]|].
    { rewrite Cpu, Image, fault_published; [|discriminate].
      apply event_fault_none in Fault as (? & ? & _); apply event_fault_none; cbn.
      now rewrite (proj2 (holds_iff _ _ _) Held). }
    split; [apply emit_done; split; [|reflexivity]|].
    { cbn [me events]; rewrite Cpu, Image.
      rewrite <- (fault_published (me d) (Lock l Left) (events d)) in Fault; [exact Fault|discriminate]. }
    split; [|reflexivity]; constructor; cbn; [auto|now rewrite Cpu, Image|].
    intros l' v; rewrite find_drop; destruct (Z.eqb_spec l' l) as [->|Diff].
    - rewrite Z.eqb_refl; intuition discriminate.
    - rewrite (proj2 (Z.eqb_neq l l')) by auto; apply Exact.
  Qed.

  Lemma emit_wrote d h l v d' :
    related d h -> emit F (Wrote l v) d = Done d' ->
    find_copy l (copies h) <> None /\
    related d' (mkHData (base h) (existT _ l v :: drop_copy l (copies h))).
  Proof.
    intros Rel; rewrite emit_done; intros (Fault & ->).
    apply event_fault_none in Fault as (_ & _ & Mine); cbn in Mine.
    destruct (holds S (me d) l (events d)) eqn:Held; [clear Mine|discriminate].
    apply holds_iff in Held; split; [rewrite copies_none by eassumption; tauto|].
    destruct Rel as [Cpu Image Exact]; constructor; cbn; auto.
    intros l' w; destruct (Z.eqb_spec l l') as [<-|Diff].
    - rewrite !value_for_same; intuition congruence.
    - rewrite !value_for_other, find_drop, (proj2 (Z.eqb_neq l' l)) by auto; apply Exact.
  Qed.

  Lemma emit_read d h l v d' :
    related d h -> emit F (Read l v) d = Done d' ->
    find_copy l (copies h) = Some v /\ related d' h.
  Proof.
    intros [Cpu Image Exact]; rewrite emit_done; intros (Fault & ->).
    apply event_fault_none in Fault as (_ & _ & Mine); cbn in Mine.
    destruct (holds S (me d) l (events d)) eqn:Held; [|discriminate].
    destruct (obj_eq_dec S l v _) as [->|]; [|discriminate].
    apply holds_iff in Held; split; [apply Exact; auto|now constructor].
  Qed.

  Lemma emit_halted d h d' :
    related d h -> emit F Halted d = Done d' ->
    exists b', emit F Halted (base h) = Done b' /\ related d' (mkHData b' (copies h)) /\
               env b' = env (base h).
  Proof.
    intros [Cpu Image Exact]; rewrite emit_done; intros (Fault & ->).
    eexists; split; [apply emit_done; split; [|reflexivity]|].
    { rewrite Cpu, Image, fault_published; [exact Fault|discriminate]. }
    split; [|reflexivity]; constructor; cbn; [auto|now rewrite Cpu, Image|apply Exact].
  Qed.

  (** A breach on the low side: I do not hold the lock, and have no copy. *)
  Lemma breach_copies d h l a f :
    related d h -> emit F a d = Breach f ->
    (match a with Lock l' Left | Wrote l' _ | Read l' _ => l' = l | _ => False end) ->
    (forall v, a = Read l v -> v = object l (events d)) ->
    f = match a with
        | Lock _ _ => if lock_exists (S := S) l then Not_holder else No_such_lock
        | _ => Not_holder
        end /\ (legal F (events d) -> find_copy l (copies h) = None).
  Proof.
    intros Rel; rewrite emit_breach; intros (Fault & Own) Same Value.
    unfold event_fault in Fault.
    destruct (Nat.ltb (me d) (cpus S)); cbn [negb] in Fault; [|injection Fault as <-; discriminate].
    destruct (halted (me d) (events d)); [injection Fault as <-; discriminate|].
    rewrite (copies_none d h l Rel), <- holds_iff.
    destruct a as [l' []|l' v|l' v|]; try tauto; subst l'; cbn in Fault.
    - destruct (lock_exists l) eqn:Exists.
      + destruct (holds S (me d) l (events d)); [discriminate|].
        split; [congruence|discriminate].
      + split; [congruence|]; intros Legal Held; apply holds_iff in Held.
        rewrite (held_exists l _ _ Legal Held) in Exists; discriminate.
    - destruct (holds S (me d) l (events d)); [|split; [congruence|discriminate]].
      rewrite (Value v) in Fault by auto.
      destruct (obj_eq_dec S l _ _) as [|Diff]; [discriminate|now destruct Diff].
    - destruct (holds S (me d) l (events d)); [discriminate|split; [congruence|discriminate]].
  Qed.

  (** ** One operation *)

  (** The high side does the same: same answer, same breach. *)
  Definition matches (rest : list log) (low : result (response S * RData F))
      (high : result (response S * HData S)) : Prop :=
    match low with
    | Done (a, d') => exists h', high = Done (a, h') /\ related d' h' /\ env (base h') = rest
    | Breach f => high = Breach f
    | Impossible _ => True
    end.

  Ltac after_await :=
    match goal with
    | Legal : legal F (events ?d), Rel : related ?d ?h |- matches ?rest _ _ =>
        let A := fresh "Await" in
        destruct (await F d) as [d1| |] eqn:A; cbn [bind];
        [ destruct (sim_await d h d1 rest Rel A) as (b1 & High & Rel1 & Env1);
          pose proof (await_legal _ _ _ Legal A) as Legal1;
          change (base (with_env (image (arrivals d) (events d) :: rest) h))
            with (mkRData (me (base h)) (events (base h))
                          (image (arrivals d) (events d) :: rest)) in High |- *;
          rewrite ?High; cbn [bind copies with_env]
        | unfold await in A; destruct (batch_fault _ _ _ _); discriminate
        | exact I ]
    end.

  Theorem locks_simulates o d h rest :
    legal F (events d) -> related d h ->
    matches rest (low_do o d)
            (high_do o (with_env (image (arrivals d) (events d) :: rest) h)).
  Proof.
    intros Legal Rel; destruct o as [f i|f i|f i|f i v|]; cbn [low_do high_do];
      unfold acquire_low, release_low, acquire, release, read, write, on_lock;
      try destruct (in_family f i); try exact eq_refl.
    all: unfold acquire_high, release_high, read_high, write_high, halt_high, wait_hlock_spec,
      pass_hlock_spec, obj_read_spec, obj_write_spec, halt_spec, operation.
    all: after_await.
    - destruct (emit F _ d1) as [d'|e|] eqn:E; cbn; [| |exact I].
      + destruct (emit_entered _ _ _ _ Legal1 Rel1 E) as (b' & High' & Rel' & Env').
        cbn in High', Env'; rewrite High'; cbn.
        eexists; split; [reflexivity|]; split; [exact Rel'|cbn; congruence].
      + apply emit_breach in E as (Fault & Own).
        replace (emit F (Lock (lock_id f i) Entered) b1) with (@Breach (RData F) e); [reflexivity|].
        symmetry; apply emit_breach; destruct Rel1 as [Cpu1 Image1 _]; cbn [base] in Cpu1, Image1.
        now rewrite Cpu1, Image1, fault_published.
    - destruct (emit F _ d1) as [d'|e|] eqn:E; cbn; [| |exact I].
      + destruct (emit_left _ _ _ _ Rel1 E) as (v & b2 & b3 & Copy & W & L & Rel' & Env').
        cbn in Copy, W, Env'; rewrite Copy, W; cbn; rewrite L; cbn.
        eexists; split; [reflexivity|]; split; [exact Rel'|cbn; congruence].
      + destruct (breach_copies _ _ (lock_id f i) _ _ Rel1 E) as [-> Copy]; [auto|discriminate|].
        specialize (Copy Legal1); cbn in Copy; now rewrite Copy.
    - destruct (emit F _ d1) as [d'|e|] eqn:E; cbn; [| |exact I].
      + destruct (emit_read _ _ _ _ _ Rel1 E) as (Copy & Rel'); cbn in Copy; rewrite Copy; cbn.
        eexists; split; [reflexivity|]; split; [exact Rel'|exact Env1].
      + destruct (breach_copies _ _ (lock_id f i) _ _ Rel1 E) as [-> Copy]; [auto| |].
        * intros v [= Same]; now apply inj_pair2_eq_dec in Same; [|apply Z.eq_dec].
        * specialize (Copy Legal1); cbn in Copy; now rewrite Copy.
    - destruct (emit F _ d1) as [d'|e|] eqn:E; cbn; [| |exact I].
      + destruct (emit_wrote _ _ _ _ _ Rel1 E) as (Copy & Rel'); cbn in Copy, Rel'.
        destruct (find_copy _ _); [|congruence]; cbn.
        eexists; split; [reflexivity|]; split; [exact Rel'|exact Env1].
      + destruct (breach_copies _ _ (lock_id f i) _ _ Rel1 E) as [-> Copy]; [auto|discriminate|].
        specialize (Copy Legal1); cbn in Copy; now rewrite Copy.
    - destruct (emit F _ d1) as [d'|e|] eqn:E; cbn; [| |exact I].
      + destruct (emit_halted _ _ _ Rel1 E) as (b' & High' & Rel' & Env').
        cbn in High', Env'; rewrite High'; cbn.
        eexists; split; [reflexivity|]; split; [exact Rel'|cbn; congruence].
      + apply emit_breach in E as (Fault & Own); unfold event_fault in Fault.
        destruct (Nat.ltb _ _); cbn [negb] in Fault; [|injection Fault as <-; discriminate].
        destruct (halted _ _); [injection Fault as <-|]; discriminate.
  Qed.

  Lemma low_legal o d a d' :
    legal F (events d) -> low_do o d = Done (a, d') -> legal F (events d').
  Proof.
    intros Legal; destruct o as [f i|f i|f i|f i v|]; cbn [low_do];
      unfold acquire_low, release_low, on_lock; try destruct (in_family f i); try discriminate.
    all: unfold silent, telling, wait_hlock_spec, pass_hlock_spec, obj_read_spec, obj_write_spec,
      halt_spec, operation; intros Op.
    all: repeat (apply bind_done in Op as (? & X & Op); revert X); injection Op as <- <-.
    all: intros; repeat match goal with
      | X : bind _ _ = Done _ |- _ => apply bind_done in X as (? & ? & X)
      | X : Done _ = Done _ |- _ => injection X as <-; cbn [snd]
      end.
    all: eauto using await_legal, emit_legal.
  Qed.

  (** ** Any client *)

  (** The main theorem of the floor (T3).  Whatever a client does, if it ends on
      shared memory with certain answers, then with private copies it ends with
      the same answers, in a related state: every read returned the same.  If
      it breaks the contract there, it breaks it here in the same way.  The
      environment of the high side, [bs], is read off the run; [rest] is what
      may follow. *)
  Theorem locks_refines (p : client S) n : forall history d,
    legal F (events d) ->
    exists bs, forall h rest, related d h ->
      match run low_do p n history d with
      | Done (responses, d') => exists h',
          run high_do p n history (with_env (bs ++ rest) h) = Done (responses, h') /\
          related d' h' /\ env (base h') = rest
      | Breach f => run high_do p n history (with_env (bs ++ rest) h) = Breach f
      | Impossible _ => True
      end.
  Proof.
    assert (Stop : forall history (d : RData F), exists bs, forall h rest, related d h ->
      exists h' : HData S, Done (history, with_env (bs ++ rest) h) = Done (history : list (response S), h') /\
        related d h' /\ env (base h') = rest).
    { intros history d; exists []; intros h rest []; eexists; split; [reflexivity|].
      split; [now constructor|reflexivity]. }
    induction n as [|n IH]; intros history d Legal; cbn [run]; [apply Stop|].
    destruct (p history) as [o|]; [|apply Stop].
    pose proof (locks_simulates o d) as Sim.
    destruct (low_do o d) as [[a d1]|f|f] eqn:Low; cbn [bind fst snd].
    - destruct (ends o).
      { exists [image (arrivals d) (events d)]; intros h rest Rel; cbn [app].
        destruct (Sim h rest Legal Rel) as (h2 & High & Rel2 & Env2).
        rewrite High; cbn [bind fst snd]; exists h2; auto. }
      destruct (IH (a :: history) d1 (low_legal _ _ _ _ Legal Low)) as (bs & Bs).
      exists (image (arrivals d) (events d) :: bs); intros h rest Rel; cbn [app].
      destruct (Sim h (bs ++ rest) Legal Rel) as (h2 & High & Rel2 & Env2).
      rewrite High; cbn [bind fst snd].
      specialize (Bs h2 rest Rel2).
      replace (with_env (bs ++ rest) h2) with h2 in Bs; [exact Bs|].
      destruct h2 as [[]]; cbn in *; unfold with_env; cbn; now rewrite <- Env2.
    - exists [image (arrivals d) (events d)]; intros h rest Rel; cbn [app].
      now rewrite (Sim h rest Legal Rel).
    - now exists [].
  Qed.
End Refine.

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
    each release, the values that the parts written in that section then have; my
    copy of an object is what shared memory contains while I hold its lock.  The foreign batch of
    the high side is the image of the low batch.  The reason that it works is
    one lemma of floor 3, [batch_keeps]: while I hold a lock no legal foreign
    event writes its object. *)
From Coq Require Import ZArith List Bool Eqdep_dec Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts operations.
From hlock.layers.L3_atomic Require Import spec facts.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec invariant.
From hlock.layers.L4_locks Require Export published.
Import ListNotations.
Local Open Scope Z_scope.

Section Refine.
  Context (S : system).
  Local Notation F := (atomic S).
  Local Notation log := (log S atomic_verb).
  Local Notation event := (event S atomic_verb).

  Local Arguments dirty {S} l g.
  Local Arguments shown {S} e g.
  Local Arguments published {S} g.
  Local Arguments related {S} d h.
  Local Arguments with_env {S} bs h.

  (** ** The image of a log *)

  (** The image of batch [b] after log [g]. *)
  Fixpoint image (b g : log) : log :=
    match b with
    | [] => []
    | e :: b => shown e (b ++ g) ++ image b g
    end.

  Lemma published_app (b g : log) : published (b ++ g) = image b g ++ published g.
  Proof. induction b as [|e b IH]; cbn; [auto|now rewrite IH, app_assoc]. Qed.

  Lemma holder_published l (g : log) : holder S l (published g) = holder S l g.
  Proof.
    induction g as [|[c [l' []|l' j v|l' j v|]] g IH]; cbn [published shown app holder]; auto.
    all: rewrite ?holder_writes, ?IH; now destruct (l' =? l).
  Qed.
  Lemma halted_published c (g : log) : halted c (published g) = halted c g.
  Proof.
    induction g as [|[c' [l' []|l' j v|l' j v|]] g IH]; cbn [published shown app halted];
      now rewrite ?halted_writes, ?IH.
  Qed.
  Lemma holds_published c l (g : log) : holds S c l (published g) = holds S c l g.
  Proof. unfold holds; now rewrite holder_published. Qed.

  Lemma fault_published c a (g : log) :
    (forall l k v, a <> Read l k v) -> event_fault F (c, a) (published g) = event_fault F (c, a) g.
  Proof.
    intros Not_read; unfold event_fault; rewrite halted_published.
    destruct a as [l k|l j v|l j v|]; cbn; auto; [|now destruct (Not_read l j v)|].
    - unfold atomic_fault; now rewrite holder_published, holds_published.
    - now rewrite holds_published.
  Qed.

  Lemma in_also k k' ks : List.In k (also k' ks) <-> k' = k \/ List.In k ks.
  Proof. unfold also; destruct (in_dec Z.eq_dec k' ks) as [In|]; cbn; [intuition congruence|tauto]. Qed.

  (** A part that the high log does not have yet was written by the holder, in its section. *)
  Lemma object_published l k (g : log) :
    legal F g -> object l k (published g) = object l k g \/ holder S l g <> None /\ List.In k (dirty l g).
  Proof.
    induction g as [|[c a] g IH]; [auto|].
    rewrite legal_cons, event_fault_none; intros (Legal & _ & _ & Fault); specialize (IH Legal).
    destruct a as [l' verb|l' k' v|l' k' v|]; cbn [published shown app]; auto.
    - cbn in Fault; destruct (lock_exists l'); [|discriminate].
      destruct verb; cbn [app holder dirty]; destruct (Z.eqb_spec l' l) as [->|Diff].
      + destruct IH as [Same|(Held & _)]; [auto|]; cbn in Fault; destruct (holder S l g); [discriminate|easy].
      + exact IH.
      + left; etransitivity; [apply (object_writes c l _ _ (published g))|]; cbn [object].
        destruct (in_dec Z.eq_dec k (dirty l g)); [reflexivity|tauto].
      + rewrite <- (object_writes_other c l l' (fun k => object l' k g) (dirty l' g) (published g) k Diff) in IH.
        exact IH.
    - cbn [holder dirty]; destruct (Z.eqb_spec l' l) as [->|Diff]; [|now rewrite object_wrote_other by auto].
      cbn in Fault; unfold holds in Fault; rewrite in_also.
      destruct (Z.eq_dec k' k) as [->|Diff]; [right; split; [|auto]; now destruct (holder S l g)|].
      rewrite object_wrote_other by auto; tauto.
  Qed.

  (** When nobody holds a lock, its object is the one last published. *)
  Lemma free_published l k g : legal F g -> holder S l g = None -> object l k (published g) = object l k g.
  Proof. intros Legal Free; destruct (object_published l k g Legal) as [Same|(Held & _)]; [exact Same|easy]. Qed.

  (** Other CPUs write no part of what I hold. *)
  Lemma event_keeps_dirty c c' a l (g : log) :
    c' <> c -> event_fault F (c', a) g = None -> holder S l g = Some c -> dirty l ((c', a) :: g) = dirty l g.
  Proof.
    intros Other Fault Mine; apply event_fault_none in Fault as (_ & _ & Fault).
    destruct a as [l' []|l' k v|l' k v|]; cbn [dirty]; auto.
    all: destruct (Z.eqb_spec l' l) as [->|]; [|reflexivity]; cbn in Fault.
    all: unfold holds in Fault; rewrite Mine in Fault.
    - destruct (lock_exists l), (Nat.eqb c c'); discriminate.
    - destruct (Nat.eqb_spec c c'); [now destruct Other|discriminate].
  Qed.
  Lemma batch_keeps_dirty c (b g : log) l :
    batch_fault F c b g = None -> holder S l g = Some c -> dirty l (b ++ g) = dirty l g.
  Proof.
    intros Batch Mine; induction b as [|[c' a] b IH]; [auto|].
    apply batch_fault_cons in Batch as (Batch & Other & Event).
    destruct (batch_keeps c b g l Batch Mine) as (Held & _).
    rewrite <- (IH Batch); exact (event_keeps_dirty c c' a l (b ++ g) Other Event Held).
  Qed.

  (** The image of a batch of other CPUs is a batch of other CPUs. *)
  Lemma batch_image c (b g : log) :
    batch_fault F c b g = None -> batch_fault F c (image b g) (published g) = None.
  Proof.
    induction b as [|[c' a] b IH]; [auto|].
    rewrite batch_fault_cons; cbn [fst]; intros (Fault & Other & Event); specialize (IH Fault).
    change (event_fault F (c', a) (b ++ g) = None) in Event.
    destruct a as [l []|l j v|l j v|]; cbn [image shown app]; auto.
    all: apply batch_fault_cons; split; [|split; [exact Other|]]; auto.
    1, 4: rewrite <- published_app, fault_published; [exact Event|discriminate].
    all: rewrite <- ?app_assoc, <- ?published_app.
    all: apply event_fault_none in Event as (Cpu & Runs & Holds); cbn in Holds.
    all: destruct (lock_exists l) eqn:Exists; [|discriminate].
    all: destruct (holds S c' l (b ++ g)) eqn:Held; [|discriminate].
    - apply batch_fault_app; split; [exact IH|]; rewrite <- published_app.
      apply batch_writes; [exact Other|exact Cpu|now rewrite halted_published|now rewrite holds_published].
    - apply event_fault_none; cbn [action_fault verb_fault atomic atomic_fault].
      now rewrite halted_writes, halted_published, Exists, holds_writes, holds_published, Held.
  Qed.

  (** ** The relation *)

  Lemma copies_none d h l :
    related d h -> find_copy l (copies h) = None <-> holder S l (events d) <> Some (me d).
  Proof.
    intros [_ _ Exact]; specialize (Exact l); destruct (find_copy l (copies h)); [|tauto].
    destruct Exact as (Held & _); split; [discriminate|tauto].
  Qed.

  (** What a client can read is the same: its locks and their objects. *)
  Theorem related_same_view d h l :
    related d h ->
    (holds S (me d) l (events d) = true <-> exists x, find_copy l (copies h) = Some x) /\
    (forall x k, find_copy l (copies h) = Some x -> part x k = object l k (events d)).
  Proof.
    intros [_ _ Exact]; rewrite holds_iff; specialize (Exact l).
    destruct (find_copy l (copies h)) as [x|]; split.
    - split; [eauto|tauto].
    - intros x' k [= <-]; apply Exact.
    - split; [tauto|intros (x & E); discriminate].
    - discriminate.
  Qed.

  Theorem related_start c : related (start F c []) (mkHData (start F c []) []).
  Proof. now constructor. Qed.

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
      + intros l; specialize (Exact l); pose proof (holds_seen_iff l d Env) as Same; rewrite holds_iff in Same.
        destruct (find_copy l (copies h)) as [x|]; [|tauto].
        destruct Exact as (Held & Parts & Written); destruct (batch_keeps _ _ _ _ Env Held) as (Held' & Keep).
        split; [exact Held'|split].
        * intros k; rewrite Parts; symmetry; apply Keep.
        * rewrite Written; symmetry; now apply (batch_keeps_dirty (me d)).
  Qed.

  Lemma emit_entered d h l d' :
    legal F (events d) -> related d h -> emit F (Lock l Entered) d = Done d' ->
    exists b', emit F (Lock l Entered) (base h) = Done b' /\
      related d' (mkHData b' (existT _ l (mkPrivate (fun k => object l k (events b')) []) :: copies h)) /\
      env b' = env (base h).
  Proof.
    intros Legal [Cpu Image Exact]; rewrite emit_done; intros (Fault & ->).
    eexists; split; [apply emit_done; split; [|reflexivity]|].
    { rewrite Cpu, Image, fault_published; [exact Fault|discriminate]. }
    apply event_fault_none in Fault as (_ & _ & Fault); cbn in Fault.
    destruct (lock_exists (S := S) l); [|discriminate].
    destruct (holder S l (events d)) eqn:Free; [discriminate|clear Fault].
    split; [|reflexivity]; constructor; cbn; [auto|now rewrite Cpu, Image|].
    intros l'; destruct (Z.eqb_spec l l') as [<-|Diff].
    - rewrite value_for_same; split; [reflexivity|split; [|reflexivity]].
      intros k; cbn [part]; rewrite Image; now apply free_published.
    - rewrite value_for_other by auto; apply Exact.
  Qed.

  Lemma emit_left d h l d' :
    related d h -> emit F (Lock l Left) d = Done d' ->
    exists x b1 b2,
      find_copy l (copies h) = Some x /\
      publish l (part x) (written x) (base h) = Done b1 /\ emit F (Lock l Left) b1 = Done b2 /\
      related d' (mkHData b2 (drop_copy l (copies h))) /\ env b2 = env (base h).
  Proof.
    intros [Cpu Image Exact]; rewrite emit_done; intros (Fault & ->).
    apply event_fault_none in Fault as (Here & Runs & Fault); cbn in Fault.
    destruct (lock_exists (S := S) l) eqn:Exists; [|discriminate].
    destruct (holds S (me d) l (events d)) eqn:Held; [clear Fault|discriminate].
    pose proof (Exact l) as Mine; destruct (find_copy l (copies h)) as [x|] eqn:Copy.
    2: { apply holds_iff in Held; easy. }
    destruct Mine as (_ & Parts & Written).
    assert (Same : writes (me d) l (part x) (written x) =
      (writes (me d) l (fun k => object l k (events d)) (dirty l (events d)) : log)).
    { rewrite Written; apply map_ext; intros k; now rewrite Parts. }
    exists x; do 2 eexists; split; [reflexivity|]; split; [|split; [apply emit_done; split; [|reflexivity]|]].
    - apply publish_done; rewrite Cpu, ?Image, ?halted_published, ?holds_published; auto.
    - cbn [me events]; rewrite Cpu, Image; apply event_fault_none; cbn [action_fault verb_fault atomic atomic_fault].
      now rewrite halted_writes, halted_published, Exists, holds_writes, holds_published, Held.
    - split; [|reflexivity]; constructor; cbn [base copies me events published shown app].
      + exact Cpu.
      + rewrite Cpu, Image; exact (f_equal (fun w => (me d, Lock l Left) :: w ++ published (events d)) Same).
      + intros l'; rewrite find_drop; specialize (Exact l'); cbn [holder object dirty].
        rewrite (Z.eqb_sym l l'); destruct (Z.eqb_spec l' l); [discriminate|exact Exact].
  Qed.

  Lemma emit_wrote d h l k v d' :
    related d h -> emit F (Wrote l k v) d = Done d' ->
    exists x, find_copy l (copies h) = Some x /\
      related d' (mkHData (base h) (existT _ l (set_part k v x) :: drop_copy l (copies h))).
  Proof.
    intros [Cpu Image Exact]; rewrite emit_done; intros (Fault & ->).
    apply event_fault_none in Fault as (_ & _ & Mine); cbn in Mine.
    destruct (holds S (me d) l (events d)) eqn:Held; [clear Mine|discriminate].
    apply holds_iff in Held; pose proof (Exact l) as Mine.
    destruct (find_copy l (copies h)) as [x|]; [|easy]; destruct Mine as (_ & Parts & Written).
    exists x; split; [reflexivity|]; constructor; cbn [base copies me events]; [exact Cpu|exact Image|].
    intros l'; rewrite find_copy_cons, find_drop; cbn [holder dirty]; destruct (Z.eqb_spec l l') as [<-|Diff].
    - rewrite value_for_same; split; [exact Held|split; [|cbn; now rewrite Written]].
      intros k'; cbn [set_part part]; rewrite Z.eqb_sym; destruct (Z.eqb_spec k k') as [<-|Diff].
      + symmetry; apply object_wrote.
      + rewrite Parts; symmetry; apply object_wrote_other; auto.
    - rewrite value_for_other, (proj2 (Z.eqb_neq l' l)) by auto; specialize (Exact l').
      destruct (find_copy l' (copies h)) as [y|]; [|exact Exact]; destruct Exact as (? & Same & ?).
      repeat split; auto; intros k'; rewrite Same; symmetry; apply object_wrote_other; auto.
  Qed.

  Lemma emit_read d h l k v d' :
    related d h -> emit F (Read l k v) d = Done d' ->
    exists x, find_copy l (copies h) = Some x /\ part x k = v /\ related d' h.
  Proof.
    intros [Cpu Image Exact]; rewrite emit_done; intros (Fault & ->).
    apply event_fault_none in Fault as (_ & _ & Mine); cbn in Mine.
    destruct (holds S (me d) l (events d)) eqn:Held; [|discriminate].
    destruct (obj_eq_dec S l v _) as [->|]; [|discriminate].
    apply holds_iff in Held; pose proof (Exact l) as Here.
    destruct (find_copy l (copies h)) as [x|]; [|easy].
    exists x; split; [reflexivity|split; [apply Here|now constructor]].
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
    (match a with Lock l' Left | Wrote l' _ _ | Read l' _ _ => l' = l | _ => False end) ->
    (forall k v, a = Read l k v -> v = object l k (events d)) ->
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
    destruct a as [l' []|l' j v|l' j v|]; try tauto; subst l'; cbn in Fault.
    - destruct (lock_exists l) eqn:Exists.
      + destruct (holds S (me d) l (events d)); [discriminate|].
        split; [congruence|discriminate].
      + split; [congruence|]; intros Legal Held; apply holds_iff in Held.
        rewrite (held_exists l _ _ Legal Held) in Exists; discriminate.
    - destruct (holds S (me d) l (events d)); [|split; [congruence|discriminate]].
      rewrite (Value j v) in Fault by auto.
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
    intros Legal Rel; destruct o as [f i|f i|f i k|f i k v|]; cbn [low_do high_do];
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
      + destruct (emit_left _ _ _ _ Rel1 E) as (x & b2 & b3 & Copy & W & L & Rel' & Env').
        cbn in Copy, W, Env'; rewrite Copy, W; cbn; rewrite L; cbn.
        eexists; split; [reflexivity|]; split; [exact Rel'|cbn; congruence].
      + destruct (breach_copies _ _ (lock_id f i) _ _ Rel1 E) as [-> Copy]; [auto|discriminate|].
        specialize (Copy Legal1); cbn in Copy; now rewrite Copy.
    - destruct (emit F _ d1) as [d'|e|] eqn:E; cbn; [| |exact I].
      + destruct (emit_read _ _ _ _ _ _ Rel1 E) as (x & Copy & Is & Rel'); cbn in Copy; rewrite Copy; cbn; rewrite Is.
        eexists; split; [reflexivity|]; split; [exact Rel'|exact Env1].
      + destruct (breach_copies _ _ (lock_id f i) _ _ Rel1 E) as [-> Copy]; [auto| |].
        * intros k' v [= <- Same]; now apply inj_pair2_eq_dec in Same; [|apply Z.eq_dec].
        * specialize (Copy Legal1); cbn in Copy; now rewrite Copy.
    - destruct (emit F _ d1) as [d'|e|] eqn:E; cbn; [| |exact I].
      + destruct (emit_wrote _ _ _ _ _ _ Rel1 E) as (x & Copy & Rel'); cbn in Copy, Rel'; rewrite Copy; cbn.
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
    intros Legal; destruct o as [f i|f i|f i k|f i k v|]; cbn [low_do];
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

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Clients made cautious

    A client that does what another does as long as that is right, by its own history; from then on it
    gives back what it holds, and ends ([cautious]).  It keeps the contract and the order, whatever the
    first does ([cautious_never_breach], [cautious_order]), and its sections end if those of the first do
    ([cautious_sections_end]).  In an execution of the debug text in which nobody stops, each client does what
    its cautious one does.  Read next: unstopped.v. *)
From Coq Require Import ZArith List Bool Lia String.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec text checks_text record.
From hlock.layers.L4_locks Require contract contract_facts.
From hlock.machine.model Require Import machine atomic.
From hlock.machine.refine Require Import no_breach.
From hlock.machine.live Require Import live bound endless infinite.
From hlock.machine.debug Require Import model.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

Lemma same_family_dec (f g : family) : {f = g} + {f <> g}.
Proof. decide equality; try apply string_dec; try apply Z.eq_dec; decide equality; apply string_dec. Qed.

Section Cautious.
  Context {S : system} (T : table) (Ok : table_ok T = true) (depth : Z) (p : client S).
  Context (Exist : forall h o call, p h = Some o -> lock_call o = Some call -> call_of_table T call).

  (** Whether operation [o] is right, for who holds [ls]. *)
  Definition right_with (o : op S) (ls : list Z) : bool :=
    match o with
    | Op_acquire f i => negb (wrong T depth (Lock_call Acquire f i) ls)
    | Op_release f i => negb (wrong T depth (Lock_call Release f i) ls)
    | Op_read f i _ | Op_write f i _ _ =>
        (if in_dec same_family_dec f T then true else false) && in_family f i && contract.has (lock_id f i) ls
    | Op_halt => match ls with [] => true | _ => false end
    end.
  (** Whether what [p] does next is right; to end is, with no lock held. *)
  Definition right_next (h : list (response S)) (ls : list Z) : bool :=
    match p h with Some o => right_with o ls | None => match ls with [] => true | _ => false end end.
  Definition give_back (ls : list Z) : option (op S) :=
    match ls with
    | [] => None
    | l :: _ => match find_family T l with Some f => Some (Op_release f (l - first f)) | None => None end
    end.
  Definition choice (right : bool) (ls : list Z) (h : list (response S)) : option (op S) :=
    if right && right_next h ls then match p h with Some Op_halt => None | o => o end else give_back ls.
  (** Whether all was right so far, and what the cautious client holds. *)
  Fixpoint course (h : list (response S)) : bool * list Z :=
    match h with
    | [] => (true, [])
    | _ :: h =>
        let (right, ls) := course h in
        (right && right_next h ls,
         match choice right ls h with Some o => contract.held_after o ls | None => ls end)
    end.
  Definition cautious : client S := fun h => choice (fst (course h)) (snd (course h)) h.

  Lemma held_cautious h : contract.held cautious h = snd (course h).
  Proof.
    induction h as [|a h IH]; [reflexivity|]; cbn [contract.held course]; rewrite IH; unfold cautious.
    now destruct (course h).
  Qed.
  Lemma course_next a h : fst (course (a :: h)) = fst (course h) && right_next h (snd (course h)).
  Proof. cbn [course]; now destruct (course h). Qed.
  Lemma course_held a h : snd (course (a :: h)) =
    match cautious h with Some o => contract.held_after o (snd (course h)) | None => snd (course h) end.
  Proof. unfold cautious; cbn [course]; now destruct (course h). Qed.

  (** As long as all was right, it is the same. *)
  Lemma right_same h : fst (course h) = true -> right_next h (snd (course h)) = true -> p h <> Some Op_halt ->
    cautious h = p h.
  Proof. intros Before Now Not; unfold cautious, choice; rewrite Before, Now; cbn [andb];
    now destruct (p h) as [[]|]. Qed.
  Lemma right_held h : fst (course h) = true -> snd (course h) = contract.held p h.
  Proof.
    induction h as [|a h IH]; [reflexivity|]; rewrite course_next, course_held; intros Both.
    apply andb_prop in Both as (Before & Now); rewrite (IH Before) in *; cbn [contract.held].
    unfold cautious, choice; rewrite Before, (IH Before), Now; cbn [andb]; now destruct (p h) as [[]|].
  Qed.
  Lemma right_chosen h : fst (course h) = true -> chosen cautious h -> chosen p h.
  Proof.
    induction h as [|a h IH]; [auto|]; rewrite course_next; intros Both (Told & o & Next & Goes).
    apply andb_prop in Both as (Before & Now); split; [exact (IH Before Told)|exists o; split; [|exact Goes]].
    unfold cautious, choice in Next; rewrite Before, Now in Next; cbn [andb] in Next.
    destruct (p h) as [[]|]; try discriminate; exact Next.
  Qed.

  (** ** What it holds is of the table *)
  Definition known (ls : list Z) : Prop := forall l, List.In l ls -> find_family T l <> None.
  Lemma right_allowed o ls h : p h = Some o -> right_with o ls = true -> contract.allowed o ls = true /\
    contract.of_table T o.
  Proof.
    intros Next Is; destruct o as [f i|f i|f i k|f i k v|]; cbn in Is |- *; auto;
      change record.has with contract.has in Is; change (existsb (Z.eqb (lock_id f i)) ls) with
        (contract.has (lock_id f i) ls).
    - destruct (Exist h _ _ Next eq_refl) as (Member & _); split; [|exact Member].
      destruct (in_family f i), (contract.has (lock_id f i) ls); try discriminate; reflexivity.
    - destruct (Exist h _ _ Next eq_refl) as (Member & _); split; [|exact Member].
      destruct (in_family f i), (contract.has (lock_id f i) ls); try discriminate; reflexivity.
    - destruct (in_dec same_family_dec f T); [auto|discriminate].
    - destruct (in_dec same_family_dec f T); [auto|discriminate].
  Qed.
  Lemma choice_allowed right ls h o : known ls -> choice right ls h = Some o ->
    contract.allowed o ls = true /\ contract.of_table T o /\ ends o = false.
  Proof.
    intros Known Is; unfold choice in Is; destruct (right && right_next h ls) eqn:Both.
    - apply andb_prop in Both as (_ & Now); unfold right_next in Now; destruct (p h) as [o'|] eqn:Next; [|discriminate].
      assert (Which : o' = o /\ ends o = false) by (destruct o'; try discriminate; injection Is as <-; auto).
      destruct Which as (-> & Goes); destruct (right_allowed o ls h Next Now) as (Allowed & Of); auto.
    - destruct ls as [|l ls]; [discriminate|]; cbn [give_back] in Is.
      destruct (find_family T l) as [f|] eqn:Found; [|discriminate]; injection Is as <-.
      apply find_family_some in Found as (Member & Range); split; [|auto]; cbn [contract.allowed]; rewrite Range.
      apply contract_facts.has_in; unfold lock_id; left; lia.
  Qed.
  Lemma known_next (o : op S) ls : known ls -> contract.allowed o ls = true -> contract.of_table T o ->
    known (contract.held_after o ls).
  Proof.
    intros Known Allowed Of l Is; destruct o as [f i|f i| | |]; cbn in Is; try exact (Known l Is).
    - destruct Is as [<-|Is]; [|exact (Known l Is)]; cbn in Allowed, Of; apply andb_prop in Allowed as (Range & _).
      rewrite (find_family_lock_id T f i Ok Of Range); discriminate.
    - apply filter_In in Is as (Is & _); exact (Known l Is).
  Qed.
  Lemma course_known h : known (snd (course h)).
  Proof.
    induction h as [|a h IH]; [intros l []|]; rewrite course_held; destruct (cautious h) as [o|] eqn:Next; [|exact IH].
    destruct (choice_allowed _ _ h o IH Next) as (Allowed & Of & _); exact (known_next o _ IH Allowed Of).
  Qed.

  (** ** It keeps the contract and the order, and its sections end *)
  Lemma cautious_keeps n : forall h, contract.keeps cautious n h (snd (course h)).
  Proof.
    induction n as [|n IH]; intros h; [exact I|]; cbn [contract.keeps]; destruct (cautious h) as [o|] eqn:Next;
      [|exact I].
    destruct (choice_allowed _ _ h o (course_known h) Next) as (Allowed & _ & Goes); split; [exact Allowed|].
    intros a; rewrite Goes; specialize (IH (a :: h)); now rewrite course_held, Next in IH.
  Qed.
  Lemma cautious_exists h o call : cautious h = Some o -> lock_call o = Some call -> call_of_table T call.
  Proof.
    intros Next Is; unfold cautious, choice in Next; destruct (fst (course h) && right_next h (snd (course h))).
    - destruct (p h) as [o'|] eqn:Same; [|discriminate]; apply (Exist h o call); [|exact Is].
      destruct o'; try discriminate; congruence.
    - destruct (snd (course h)) as [|l ls]; [discriminate|]; cbn [give_back] in Next.
      destruct (find_family T l) as [f|] eqn:Found; [|discriminate]; injection Next as <-; injection Is as <-.
      apply find_family_some in Found as (Member & Range); pose proof (table_ok_in T f Ok Member) as Line.
      apply in_family_iff in Range; unfold line_ok in Line; rewrite !andb_true_iff in Line.
      destruct Line as (((First & Count) & Below) & One); apply Z.leb_le in First, Count; apply Z.ltb_lt in Below.
      split; [exact Member|split; [lia|]]; intros No; rewrite No in One; apply Z.eqb_eq in One; lia.
  Qed.
  Lemma cautious_table h o : cautious h = Some o -> contract.of_table T o.
  Proof. intros Next; apply (choice_allowed _ _ h o (course_known h) Next). Qed.

  Lemma cautious_follows told : follows_order T told cautious.
  Proof.
    intros h f i l _ Next Held; rewrite held_cautious in Held; unfold cautious, choice in Next.
    destruct (fst (course h) && right_next h (snd (course h))) eqn:Both.
    - apply andb_prop in Both as (_ & Now); unfold right_next in Now; destruct (p h) as [[]|]; try discriminate.
      injection Next as -> ->; cbn in Now; apply negb_true_iff in Now; rewrite !orb_false_iff in Now.
      destruct Now as ((_ & May) & _); apply negb_false_iff in May; unfold may_follow in May.
      rewrite forallb_forall in May; exact (May l Held).
    - destruct (snd (course h)); [discriminate|]; cbn in Next; destruct (find_family T z); discriminate.
  Qed.
  Theorem cautious_order : keeps_order (chosen cautious) cautious (lock_levels T).
  Proof.
    constructor; [apply order_climbs, cautious_follows; exact Ok|]; intros h _ Holds; rewrite held_cautious in Holds.
    enough (exists o, cautious h = Some o) as (o & Next).
    { exists o; split; [exact Next|apply (choice_allowed _ _ h o (course_known h) Next)]. }
    pose proof (course_known h) as Known; unfold cautious, choice.
    destruct (fst (course h) && right_next h (snd (course h))) eqn:Both.
    - apply andb_prop in Both as (_ & Now); unfold right_next in Now; destruct (p h) as [[]|]; eauto;
        cbn in Now; destruct (snd (course h)); try discriminate; now destruct Holds.
    - destruct (snd (course h)) as [|l ls]; [now destruct Holds|]; cbn [give_back].
      destruct (find_family T l) eqn:Found; [eauto|]; now destruct (Known l (or_introl eq_refl)).
  Qed.

  Lemma fewer_left (l : Z) (ls : list Z) :
    (List.length (filter (fun l' => negb (Z.eqb l' l)) ls) <= List.length ls)%nat.
  Proof. induction ls as [|l' ls IH]; [apply le_n|]; cbn [filter]; destruct (negb _); cbn [List.length]; lia. Qed.
  Lemma gives_back k : forall h l, (List.length (snd (course h)) <= k)%nat ->
    fst (course h) && right_next h (snd (course h)) = false -> lets_go_of (chosen cautious) cautious l h.
  Proof.
    induction k as [|k IH]; intros h l Few Wrong; constructor; rewrite held_cautious; intros Held a _.
    { destruct (snd (course h)); [destruct Held|cbn in Few; lia]. }
    apply IH; [|now rewrite course_next, Wrong]; rewrite course_held; unfold cautious, choice; rewrite Wrong.
    pose proof (course_known h) as Known; destruct (snd (course h)) as [|l' ls]; [destruct Held|]; cbn [give_back].
    destruct (find_family T l') as [f|] eqn:Found; [|now destruct (Known l' (or_introl eq_refl))].
    cbn [contract.held_after filter]; unfold lock_id; replace (first f + (l' - first f)) with l' by lia.
    rewrite Z.eqb_refl; cbn [negb]; pose proof (fewer_left l' ls); cbn in Few; lia.
  Qed.
  Theorem cautious_sections_end : sections_end (chosen p) p -> sections_end (chosen cautious) cautious.
  Proof.
    intros Ends h l Told; destruct (fst (course h)) eqn:Before.
    2: { apply (gives_back _ h l (Nat.le_refl _)); now rewrite Before. }
    pose proof (Ends h l (right_chosen h Before Told)) as Lets; revert Told Before.
    induction Lets as [h _ IH]; intros Told Before; destruct (right_next h (snd (course h))) eqn:Now.
    2: { apply (gives_back _ h l (Nat.le_refl _)); now rewrite Before, Now. }
    assert (Next : forall a, fst (course (a :: h)) = true) by (intros a; now rewrite course_next, Before, Now).
    constructor; rewrite held_cautious, (right_held h Before); intros Held a Told'.
    exact (IH Held a (right_chosen _ (Next a) Told') Told' (Next a)).
  Qed.
End Cautious.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The stack theorem speaks of something

    Two CPUs and a small table.  CPU 1 is inside the lock of VM 3's page table
    when CPU 0 calls the linked C; CPU 0 polls in vain twice, reads what CPU 1
    wrote, writes and releases, and then CPU 1 gets in again.  The run is
    computed by the interpreter, for words of 1, 16 and 32 bits; every hypothesis
    of [stack_correct] holds of it.  With one bit, the tickets of this lock are
    0, 1, 0: the words wrap. *)
From Coq Require Import ZArith String List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers Require Import L0_machine.spec L0_machine.facts.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract text sample examples.
From hlock.stack Require Import stack setting stack_floors stack_refine executable visits kept.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

(** ** The setting: the small table of layers/L4_locks/sample.v, two CPUs *)
Definition sample_text : program := stack "" sample.

Lemma two_fit w : 1 <= w <= 32 -> Z.of_nat 2 <= modulus w.
Proof. intros Width; change (2 ^ 1 <= 2 ^ w); apply Z.pow_le_mono_r; lia. Qed.
Definition of_two (w : Z) (Width : 1 <= w <= 32) : setting := {|
  prefix := ""; the_table := sample; table_accepted := sample_accepted; processors := 2; guarded := numbers;
  width := w; width_range := Width; width_suffices := two_fit w Width
|}.

(** ** The client of CPU 0 *)
Definition number {l} : Obj two l -> Z :=
  match owner_name sample l as n return lock_obj numbers n -> Z with
  | Some _ => fun v => v
  | None => fun _ => 0
  end.
(** What the last read told it. *)
Fixpoint last_told (history : list (response two)) : Z :=
  match history with
  | [] => 0
  | Some (existT _ l v) :: _ => number v
  | None :: history => last_told history
  end.
(** Two locks, one inside the other; what it writes to part 1 is one more than what it
    read from part 0. *)
Definition steps (told : Z) : list (op two) :=
  [Op_acquire core_family 0; Op_acquire pt_family 3; Op_read pt_family 3 0;
   Op_write pt_family 3 1 (told + 1 : Obj two (lock_id pt_family 3)); Op_read pt_family 3 1;
   Op_write core_family 0 0 (told : Obj two (lock_id core_family 0));
   Op_release pt_family 3; Op_read core_family 0 0; Op_release core_family 0].
Definition both_locks : client two := fun history => nth_error (steps (last_told history)) (length history).

(** ** What happens, with words of [w] bits *)

(** Events on the lock of pt 3, of CPU 1 and of CPU 0, accesses to part [k]; CPU 0 on core. *)
Definition other (k : words_verb) : event two words_verb := (1%nat, Lock pt3 k).
Definition other_read (k z : Z) : event two words_verb := (1%nat, Read pt3 k (z : Obj two pt3)).
Definition other_wrote (k z : Z) : event two words_verb := (1%nat, Wrote pt3 k (z : Obj two pt3)).
Definition pt (k : words_verb) : event two words_verb := (0%nat, Lock pt3 k).
Definition pt_read (k z : Z) : event two words_verb := (0%nat, Read pt3 k (z : Obj two pt3)).
Definition pt_wrote (k z : Z) : event two words_verb := (0%nat, Wrote pt3 k (z : Obj two pt3)).
Definition core (k : words_verb) : event two words_verb := (0%nat, Lock 0 k).
Definition core_read (z : Z) : event two words_verb := (0%nat, Read 0 0 (z : Obj two 0)).
Definition core_wrote (z : Z) : event two words_verb := (0%nat, Wrote 0 0 (z : Obj two 0)).

Section Run.
  Context (w : Z).
  Definition ticket (n : Z) : Z := n mod modulus w.

  (** What CPU 1 does: one batch before each operation of floor 0, newest event first. *)
  Definition batches : list (log two words_verb) :=
    [ [other (Polled 0); other (Took 0)];   (* it is inside before CPU 0 does anything *)
      [];                                   (* CPU 0 takes a ticket of core and polls *)
      [other_wrote 0 5];                    (* CPU 0 takes ticket 1 of pt *)
      [other_wrote 1 4];                    (* CPU 0 polls in vain *)
      [other (Loaded 0)];                   (* again: CPU 1 is half way out *)
      [other (Stored (ticket 1))];          (* CPU 0 sees its turn *)
      [other (Polled (ticket 1)); other (Took (ticket 2))]; (* CPU 0 reads, CPU 1 is back *)
      [other (Polled (ticket 1))];          (* CPU 0 writes *)
      [];                                   (* and reads *)
      [other (Polled (ticket 1))];          (* CPU 0 writes to the object of core *)
      [other (Polled (ticket 1))];          (* CPU 0 begins to release pt *)
      [other (Polled (ticket 1))];          (* and ends *)
      [other_wrote 0 7; other_read 1 6; other (Polled (ticket 2))] ]. (* CPU 1 is inside again *)
  Definition before : RData (words two w) := start (words two w) 0%nat batches.

  (** All that happens, oldest event first. *)
  Definition story : log two words_verb :=
    [ other (Took 0); other (Polled 0);
      core (Took 0); core (Polled 0);
      other_wrote 0 5; pt (Took (ticket 1));
      other_wrote 1 4; pt (Polled 0);
      other (Loaded 0); pt (Polled 0);
      other (Stored (ticket 1)); pt (Polled (ticket 1));
      other (Took (ticket 2)); other (Polled (ticket 1)); pt_read 0 5;
      other (Polled (ticket 1)); pt_wrote 1 6; pt_read 1 6;
      other (Polled (ticket 1)); core_wrote 6;
      other (Polled (ticket 1)); pt (Loaded (ticket 1));
      other (Polled (ticket 1)); pt (Stored (ticket 2));
      other (Polled (ticket 2)); other_read 1 6; other_wrote 0 7; core_read 6;
      core (Loaded 0); core (Stored (ticket 1)) ].
  Definition after : RData (words two w) := mkRData (F := words two w) 0%nat (rev story) [].
End Run.

(** The answers, newest first: 5 is what CPU 1 wrote while CPU 0 waited. *)
Definition told : list (response two) :=
  [None; Some (existT (Obj two) 0 6); None; None; Some (existT (Obj two) pt3 6); None;
   Some (existT (Obj two) pt3 5); None; None].

Definition widths : list Z := [1; 16; 32].
Local Ltac each_width := intros [<-|[<-|[<-|[]]]].

(** The linked C, executed, does this. *)
Example contended_run w : List.In w widths -> forall (mem : Type) (m : mem),
  c_run sample_text two w m both_locks 9 [] (before w) told (after w).
Proof.
  each_width; intros mem m; apply (run_client_sound sample_text two _ m 20); reflexivity.
Qed.

(** ** What [stack_correct] asks for *)
Example both_locks_of_table history o : both_locks history = Some o -> of_table sample o.
Proof.
  intros Next; apply nth_error_In in Next; revert o Next; apply Forall_forall.
  unfold steps; repeat apply Forall_cons; try apply Forall_nil; cbn [of_table];
    unfold sample; cbn [List.In]; auto 10.
Qed.

Example contended_premises w : List.In w widths ->
  (1 <= w <= 32 /\ Z.of_nat 2 <= 2 ^ w) /\
  (forall history o, both_locks history = Some o -> of_table sample o) /\
  env_safe two w (before w) (after w) /\ invariant (before w) /\ settled two w (before w).
Proof.
  intros Is; split; [|split; [exact both_locks_of_table|split; [split|split]]].
  - revert Is; each_width; repeat split; discriminate.
  - repeat constructor; discriminate.
  - apply legal_others; revert Is; each_width; vm_cast_no_check (eq_refl (@None fault)).
  - apply invariant_init; repeat constructor.
  - intros l; left; reflexivity.
Qed.

(** CPU 0 really waits: when it polls, twice, CPU 1 is inside, or loaded [now] in
    order to leave, and the poll is not the ticket of CPU 0. *)
Example contended_waits w : List.In w widths ->
  ticket w 1 <> 0 /\
  (exists later sooner, events (after w) = later ++ pt (Polled 0) :: sooner /\
     words_phase two 0 pt3 sooner = Waiting (ticket w 1) /\ words_phase two 1 pt3 sooner = In) /\
  (exists later sooner, events (after w) = later ++ pt (Polled 0) :: sooner /\
     words_phase two 0 pt3 sooner = Waiting (ticket w 1) /\ words_phase two 1 pt3 sooner = Leaving 0).
Proof.
  intros Is; split; [revert Is; each_width; discriminate|split].
  - exists (rev (skipn 8 (story w))), (rev (firstn 7 (story w))); split; [reflexivity|].
    revert Is; each_width; split; reflexivity.
  - exists (rev (skipn 10 (story w))), (rev (firstn 9 (story w))); split; [reflexivity|].
    revert Is; each_width; split; reflexivity.
Qed.

(** The tickets of lock [l] that were taken, oldest first. *)
Definition tickets_taken (l : Z) (g : log two words_verb) : list Z :=
  flat_map (fun e => match snd e with Lock l' (Took t) => if l' =? l then [t] else [] | _ => [] end) (rev g).
Example one_bit_wraps :
  tickets_taken pt3 (events (after 1)) = [0; 1; 0] /\ tickets_taken pt3 (events (after 16)) = [0; 1; 2].
Proof. split; reflexivity. Qed.

(** ** What it concludes *)

(** This client keeps the contract, whatever it is told. *)
Example both_locks_keeps : keeps both_locks 9 [] [].
Proof. cbn; repeat (split; [reflexivity|intros]); exact I. Qed.

(** So the private copies tell it the same, to the end: 5, then 6 of its own. *)
Theorem contended_conclusion w : List.In w widths ->
  exists bs h',
    run high_do both_locks 9 [] (mkHData (start (atomic two) 0%nat bs) []) = Done (told, h') /\
    stands_for two w (after w) h'.
Proof.
  intros Is; pose proof (contended_premises w Is) as ((Width & Fits) & Table & Safe & _).
  destruct (stack_correct_kept (G := of_two w Width) unit tt both_locks 9 0%nat (batches w) told (after w))
    as (bs & Same); [repeat constructor|exact Table|exact both_locks_keeps|now apply contended_run|exact Safe|].
  destruct (Same []) as (h' & High & Stands & _); exists (bs ++ []), h'; auto.
Qed.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Right bytes that run, and wrong bytes

    The object code of samples.v is right, and two CPUs that contend for one lock run it.  Of wrong code the
    checker says no; and of two pieces of it the theorem of main/bytes.v is false. *)
From Coq Require Import ZArith List Bool String.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text sample examples.
From hlock.machine.model Require Import machine atomic.
From hlock.machine.safety Require Import exclusion.
From hlock.machine.cases Require Import examples.
From hlock.object Require Import micro file target checker machine objects armv8_decode targets steps samples.
Import ListNotations.
Local Open Scope Z_scope.

(** The object file with other instructions at an offset. *)
Definition bytes_of (w : Z) : list Z := map (fun k => bit_field w (8 * k) 8) [0; 1; 2; 3].
Definition with_bytes {R} (at_ : Z) (bs : list Z) (O : object_file R) : object_file R := {|
  text := firstn (Z.to_nat at_) (text O) ++ bs ++ skipn (Z.to_nat at_ + List.length bs) (text O);
  relocations := relocations O; symbols := symbols O; array_size := array_size O;
  array_align := array_align O; slots := slots O
|}.
Definition patched {R} (at_ : Z) (ws : list Z) : object_file R -> object_file R :=
  with_bytes at_ (flat_map bytes_of ws).

(** ** Right code, and CPUs that contend *)

Example llsc_right : object_ok aarch64 "" sample llsc = true.
Proof. by_kernel. Qed.
Example lse_right : object_ok aarch64 "" sample lse = true.
Proof. by_kernel. Qed.
(** With a stack frame. *)
Example lse_framed_right : object_ok aarch64 "" sample lse_framed = true.
Proof. by_kernel. Qed.
(** Where the array lies here. *)
Definition here : Z := 0x40010080.
Example llsc_placed : placed (object_library aarch64 "" llsc) here.
Proof. repeat split; vm_compute; discriminate. Qed.
Example lse_placed : placed (object_library aarch64 "" lse) here.
Proof. repeat split; vm_compute; discriminate. Qed.

Example lse_framed_placed : placed (object_library aarch64 "" lse_framed) here.
Proof. repeat split; vm_compute; discriminate. Qed.

(** [n] moves of CPU [c]; its store-exclusives are lucky, or not. *)
Definition moves (n : nat) (c : cpu) : list (cpu * bool) := repeat (c, true) n.
Definition unlucky (n : nat) (c : cpu) : list (cpu * bool) := repeat (c, false) n.

Definition kind_of (v : visible two) : string :=
  match v with
  | Called (Op_acquire _ _) => "acquire" | Called (Op_release _ _) => "release"
  | Called _ => "?" | Returned _ => "return" | Did_read _ _ _ => "read" | Did_write _ _ _ => "write"
  | Did_halt => "halt"
  end.
(** The trace in short, newest first; and part 0 of the object of VM 3's page table. *)
Definition in_short (tr : visible_trace two) (x : byte_machine two) : list (cpu * string) * Z :=
  (map (fun e => (fst e, kind_of (snd e))) tr, object pt3 0 (touched x) : Z).
Local Notation shown O clients script :=
  (match run_script (S := two) (object_library aarch64 "" O) here clients script [] first_bytes with
   | Some (tr, x) => Some (in_short tr x) | None => None end).

(** CPU 0 acquires, after a store-exclusive that failed, and reads part 0; CPU 1 takes its ticket,
    polls in vain and waits for events.  Then CPU 0 does the rest and releases; CPU 1 polls once
    more and does it all. *)
Definition part_way : list (cpu * bool) := unlucky 18 0 ++ moves 16 0 ++ moves 44 1.
Definition all_the_way : list (cpu * bool) := part_way ++ moves 23 0 ++ moves 33 1.

Definition contended_short : list (cpu * string) * Z :=
  ([(1, "return"); (1, "release"); (1, "write"); (1, "read"); (1, "write"); (1, "read"); (1, "return");
    (0, "return"); (0, "release"); (0, "write"); (0, "read"); (0, "write"); (1, "acquire"); (0, "read");
    (0, "return"); (0, "acquire")]%nat%string, 2).
Example contended_bytes : exists tr x, byte_execution (object_library aarch64 "" llsc) here both tr x /\
  in_short tr x = contended_short.
Proof.
  refine (computed_bytes (object_library aarch64 "" llsc) here both in_short all_the_way _ _).
  by_kernel.
Qed.

(** The same, by LSE, with frames. *)
Example contended_framed : exists tr x, byte_execution (object_library aarch64 "" lse_framed) here both tr x /\
  in_short tr x = contended_short.
Proof.
  refine (computed_bytes (object_library aarch64 "" lse_framed) here both in_short
    (moves 34 0 ++ moves 41 1 ++ moves 33 0 ++ moves 49 1) _ _).
  by_kernel.
Qed.

(** ** Wrong code *)
Definition nop : Z := 0xd503201f.
Local Notation refused at_ ws O f o := (lock_function_ok aarch64 "" sample (patched at_ ws O) f o = false).

(** Nothing is changed: it is right. *)
Example unchanged : text (patched 0x8 [0x885ffc41] llsc) = text llsc.
Proof. by_kernel. Qed.

(** Weakened orders: of the ticket LDXR for LDAXR, STXR for STLXR; LDADDA, LDADDL and LDADD for
    LDADDAL; of the poll LDXR for LDAXR; of the release STR for STLR. *)
Example ticket_no_acquire : refused 0x8 [0x885f7c41] llsc core_family Acquire.
Proof. by_kernel. Qed.
Example ticket_no_release : refused 0x10 [0x88047c43] llsc core_family Acquire.
Proof. by_kernel. Qed.
Example atomic_no_release : refused 0xc [0xb8a00040] lse core_family Acquire.
Proof. by_kernel. Qed.
Example atomic_no_acquire : refused 0xc [0xb8600040] lse core_family Acquire.
Proof. by_kernel. Qed.
Example atomic_relaxed : refused 0xc [0xb8200040] lse core_family Acquire.
Proof. by_kernel. Qed.
Example poll_no_acquire : refused 0x1c [0x885f7c00] llsc core_family Acquire.
Proof. by_kernel. Qed.
Example release_no_release : refused 0x94 [0xb9000001] llsc core_family Release.
Proof. by_kernel. Qed.

(** A release that stores nothing. *)
Example release_no_store : refused 0x94 [nop] llsc core_family Release.
Proof. by_kernel. Qed.

(** The load of a release is plain: the lists of machine/hardware have no LDAR and no LDAXR there. *)
Example release_by_LDR : refused 0x8c [0xb9400001] llsc core_family Release -> False.
Proof. vm_compute; discriminate. Qed.
Example release_by_LDAR : refused 0x8c [0x88dffc01] llsc core_family Release.
Proof. by_kernel. Qed.
Example release_by_LDAXR : refused 0x8c [0x885ffc01] llsc core_family Release.
Proof. by_kernel. Qed.

(** The poll at an offset of 8; an index that is scaled by 32; the wrong family. *)
Example wrong_offset : refused 0x18 [0x91002040] llsc core_family Acquire.
Proof. by_kernel. Qed.
Example wrong_stride : refused 0x30c [0x8b001420] llsc pt_family Acquire.
Proof. by_kernel. Qed.
Example wrong_family : refused 0x300 [0x11001400] llsc pt_family Acquire.
Proof. by_kernel. Qed.

(** A field that a relocation is to fill is not zero. *)
Example not_empty : refused 0x4 [0x91000402] llsc core_family Acquire.
Proof. by_kernel. Qed.

(** The comparison is missing; its sense is turned; the ticket grows by two. *)
Example no_compare : refused 0x20 [nop] llsc core_family Acquire.
Proof. by_kernel. Qed.
Example turned : refused 0x24 [0x54000040] llsc core_family Acquire.
Proof. by_kernel. Qed.
Example grows_by_two : refused 0xc [0x11000823] llsc core_family Acquire.
Proof. by_kernel. Qed.

(** A release that is done twice; a wait that polls by LDAR, and so may sleep for ever. *)
Example released_twice : refused 0x98 [0xb9400001; 0x11000421; 0x889ffc01; 0xd65f03c0] llsc core_family Release.
Proof. by_kernel. Qed.
Example sleeps : refused 0x34 [0x88dffc00] llsc core_family Acquire.
Proof. by_kernel. Qed.

(** Of a frame: saved above the caller's stack pointer, or further below it than is looked at; X29 and X30 are not
    saved, are not loaded, or by LDP the one in the place of the other; SP stays 16 below. *)
Example frame_above : refused 0x380 [0xa9017bfd] lse_framed pt_family Release.
Proof. by_kernel. Qed.
Example frame_too_large : refused 0x380 [0xa9b77bfd] lse_framed pt_family Release.
Proof. by_kernel. Qed.
Example frame_not_saved : refused 0x380 [0xd10043ff] lse_framed pt_family Release.
Proof. by_kernel. Qed.
Example frame_not_loaded : refused 0x3a8 [0x910043ff] lse_framed pt_family Release.
Proof. by_kernel. Qed.
Example frame_stays : refused 0x3a8 [0xa9407bfd] lse_framed pt_family Release.
Proof. by_kernel. Qed.
Definition frame_swapped : object_file armv8_relocation := patched 0x3a8 [0xa8c177fe] lse_framed.
Example frame_swapped_refused : lock_function_ok aarch64 "" sample frame_swapped pt_family Release = false.
Proof. by_kernel. Qed.
(** SP is above them for a while, so what was saved is lost; it goes further down for a while, and nothing is. *)
Definition frame_lost : object_file armv8_relocation :=
  patched 0x3a8 [0x910043ff; 0xd10043ff; 0xa8c17bfd; 0xd65f03c0] lse_framed.
Example frame_lost_refused : lock_function_ok aarch64 "" sample frame_lost pt_family Release = false.
Proof. by_kernel. Qed.
Example frame_deeper : refused 0x3a8 [0xd10043ff; 0x910043ff; 0xa8c17bfd; 0xd65f03c0] lse_framed pt_family Release ->
  False.
Proof. vm_compute; discriminate. Qed.

(** A release that calls a function of its own file; it is right, it saves X29 in the place of X30, or nothing, and so
    goes on behind the call for ever. *)
Definition framed_called : object_file armv8_relocation :=
  patched 0x3a8 [0x94000003; 0xa8c17bfd; 0xd65f03c0; 0xd65f03c0] lse_framed.
Example framed_called_right : object_ok aarch64 "" sample framed_called = true.
Proof. by_kernel. Qed.
Example contended_called : exists tr x, byte_execution (object_library aarch64 "" framed_called) here both tr x /\
  in_short tr x = contended_short.
Proof.
  refine (computed_bytes (object_library aarch64 "" framed_called) here both in_short
    (moves 34 0 ++ moves 41 1 ++ moves 36 0 ++ moves 52 1) _ _).
  by_kernel.
Qed.
Definition link_lost : object_file armv8_relocation := patched 0x380 [0xa9bf77fd] framed_called.
Example link_lost_refused : lock_function_ok aarch64 "" sample link_lost pt_family Release = false.
Proof. by_kernel. Qed.
Example link_not_saved : refused 0x380 [nop] (patched 0x3a8 [0x94000003; nop; 0xd65f03c0; 0xd65f03c0] lse_framed)
  pt_family Release.
Proof. by_kernel. Qed.

(** These are run, too.  The status of the store-exclusive is ignored. *)
Definition status_ignored : object_file armv8_relocation := patched 0x31c [nop] llsc.
Example status_ignored_refused : lock_function_ok aarch64 "" sample status_ignored pt_family Acquire = false.
Proof. by_kernel. Qed.
(** The wait polls at most twice: `if` for `while`. *)
Definition if_for_while : object_file armv8_relocation := patched 0x344 [nop] llsc.
Example if_for_while_refused : lock_function_ok aarch64 "" sample if_for_while pt_family Acquire = false.
Proof. by_kernel. Qed.
(** A release that uses X19, and does not restore it. *)
Definition clobbers : object_file armv8_relocation := patched 0x398 [0xb9400013; 0x11000673; 0x889ffc13] llsc.
Example clobbers_refused : lock_function_ok aarch64 "" sample clobbers pt_family Release = false.
Proof. by_kernel. Qed.

(** What main/bytes.v says of right code, for two clients that contend for the lock of VM 3's page table. *)
Section Says.
  Context {I : Type} (L : library I).

  Definition included_by : Prop :=
    forall base, placed L base -> forall tr x, byte_execution L base both tr x ->
    exists y, atomic_execution both tr y /\ forall l k, object l k (happened y) = object l k (touched x).
  (** [or]: what may be besides. *)
  Definition unstuck_by (or : Z -> byte_thread two -> Prop) : Prop :=
    forall base, placed L base -> forall tr x, byte_execution L base both tr x ->
    forall c b, nth_error (places x) c = Some b ->
    at_end both c b \/ (exists v x', byte_step L base both c x v x' /\ v <> Some Did_halt) \/ or base b.

  Definition both_inside (tr : visible_trace two) : bool := seen_inside 0 pt3 tr && seen_inside 1 pt3 tr.
  Lemma not_included_by script : placed L here ->
    match run_script (S := two) L here both script [] first_bytes with
    | Some (tr, x) => Some (both_inside tr) | None => None end = Some true -> ~ included_by.
  Proof.
    intros Placed Runs Included.
    destruct (computed_bytes _ here both (fun tr x => both_inside tr) script true Runs) as (tr & x & Run & Both).
    destruct (Included here Placed tr x Run) as (y & Above & _); apply andb_true_iff in Both as (Zero & One).
    discriminate (atomic_exclusion both tr y 0 1 pt3 Above Zero One).
  Qed.

  (** Where CPU 0 has no next step in its call, if it has none. *)
  Definition stuck_at (x : byte_machine two) : option state :=
    match nth_error (places x) 0 with
    | Some (Running _ _ _ s) => match next_step L here both 0 true x with None => Some s | Some _ => None end
    | _ => None
    end.
  (** What is computed of it is [at_], and that is not what may be besides. *)
  Lemma not_unstuck_by {A} (or : Z -> byte_thread two -> Prop) (of_state : state -> A) script at_ : placed L here ->
    match run_script (S := two) L here both script [] first_bytes with
    | Some (tr, x) => Some (option_map of_state (stuck_at x)) | None => None end = Some (Some at_) ->
    (forall o history before s, of_state s = at_ -> ~ or here (Running o history before s)) -> ~ unstuck_by or.
  Proof.
    intros Placed Runs Not_or Unstuck.
    destruct (computed_bytes _ here both (fun tr x => option_map of_state (stuck_at x)) script (Some at_) Runs)
      as (tr & x & Run & Is).
    unfold stuck_at in Is; destruct (nth_error (places x) 0) as [[| o history before s|]|] eqn:At; try discriminate.
    destruct (next_step _ here both 0 true x) eqn:None_; [discriminate|]; injection Is as Is.
    destruct (Unstuck here Placed tr x Run 0%nat _ At) as [[]|[(v & x' & Step & Not)|Or]].
    - exact (Not (next_step_none _ here both 0 x o history before s v x' At None_ Step)).
    - exact (Not_or o history before s Is Or).
  Qed.
End Says.
Section Of_objects.
  Context {I R : Type} (arch : target I R).
  Local Notation lib O := (object_library arch "" O).

  Definition included (O : object_file R) : Prop := included_by (lib O).
  Definition unstuck (O : object_file R) : Prop :=
    forall base, placed (lib O) base -> forall tr x, byte_execution (lib O) base both tr x ->
    forall c b, nth_error (places x) c = Some b ->
    at_end both c b \/ exists v x', byte_step (lib O) base both c x v x' /\ v <> Some Did_halt.
  Lemma not_included O script : placed (lib O) here ->
    match run_script (S := two) (lib O) here both script [] first_bytes with
    | Some (tr, x) => Some (both_inside tr) | None => None end = Some true -> ~ included O.
  Proof. apply not_included_by. Qed.
  Lemma not_unstuck O script at_ : placed (lib O) here ->
    match run_script (S := two) (lib O) here both script [] first_bytes with
    | Some (tr, x) => Some (option_map pc (stuck_at (lib O) x)) | None => None end = Some (Some at_) -> ~ unstuck O.
  Proof.
    intros Placed Runs Unstuck; apply (not_unstuck_by (lib O) (fun _ _ => False) pc script at_ Placed Runs);
      [now intros|].
    intros base Placed' tr x Run c b At; destruct (Unstuck base Placed' tr x Run c b At); auto.
  Qed.

  Lemma patched_placed at_ bs O base : placed (lib O) base -> placed (lib (with_bytes at_ bs O)) base.
  Proof. exact (fun Placed => Placed). Qed.
End Of_objects.

(** Both take ticket 0.  CPU 1 comes in while CPU 0 is inside. *)
Theorem status_ignored_refuted : ~ included aarch64 status_ignored.
Proof.
  apply (not_included aarch64 _ (unlucky 26 0 ++ moves 26 1));
    [apply patched_placed, llsc_placed|by_kernel].
Qed.
Theorem if_for_while_refuted : ~ included aarch64 if_for_while.
Proof.
  apply (not_included aarch64 _ (moves 28 0 ++ moves 35 1));
    [apply patched_placed, llsc_placed|by_kernel].
Qed.

(** CPU 0 is at the end of its release, and cannot return. *)
Theorem clobbers_refuted : ~ unstuck aarch64 clobbers.
Proof.
  apply (not_unstuck aarch64 _ (moves 49 0) 0x3a4); [apply patched_placed, llsc_placed|by_kernel].
Qed.
Theorem frame_swapped_refuted : ~ unstuck aarch64 frame_swapped.
Proof.
  apply (not_unstuck aarch64 _ (moves 66 0) 0x3ac); [apply patched_placed, lse_framed_placed|by_kernel].
Qed.
(** It comes to a load that is undefined. *)
Theorem frame_lost_refuted : ~ unstuck aarch64 frame_lost.
Proof.
  apply (not_unstuck aarch64 _ (moves 67 0) 0x3b0); [apply patched_placed, lse_framed_placed|by_kernel].
Qed.
(** The caller's X29 is where it would return to. *)
Theorem link_lost_refuted : ~ unstuck aarch64 link_lost.
Proof.
  apply (not_unstuck aarch64 _ (moves 69 0) 0x3b0);
    [do 2 apply patched_placed; exact lse_framed_placed|by_kernel].
Qed.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: the rest of the program

    As sharp_bytes.v and sharp_alone.v, of what main/debug_bytes.v says: what the micro-operations do that leave
    something open, which accesses to other memory have a step, on the machine and on relaxed memory, and which are cut
    short.  Of code and objects: sharp_open.v.  Rests on definitions alone. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.layers.view Require Import spec.
From hlock.layers.L4_locks Require Import spec text.
From hlock.machine.model Require Import machine.
From hlock.machine.hardware Require Import events armv8_model.
From hlock.machine.cases Require Import small.
From hlock.object Require Import micro machine alone.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope Z_scope.

Local Ltac each := lazymatch goal with |- _ /\ _ => split; [computed|each] | _ => computed end.

(** ** Micro-operations
    Register r holds 100 + r, and the frame ends at 4096; the numbers that are given: [z], then 201, 202 and so on. *)
Definition rs : registers := fun r => if Nat.eqb r 32 then 4096 else 100 + Z.of_nat r.
Definition numbers (z : Z) : nat -> Z := fun r => if Nat.eqb r 0 then z else 200 + Z.of_nat r.
Definition st (flag : bool) : state := mkState 8 2 rs flag.
Definition nowhere : code a64 := fun _ => None.
Definition does (m : micro a64) : request a64 := perform 4096 nowhere m (st true).
Definition given (z : Z) (r : request a64) : option (Z * nat * bool * list Z) :=
  match r with
  | Ask_any _ _ _ go => let s := go (numbers z) in Some (pc s, part s, equal s, map (regs s) [0; 1; 2; 3; 4]%nat)
  | _ => None
  end.
Definition owned (r : request a64) : option (Z * nat * bool * list Z) :=
  match r with Own s => Some (pc s, part s, equal s, map (regs s) [0; 1; 2; 3; 4]%nat) | _ => None end.
Definition asked (r : request a64) : option (Z * Z * bool) :=
  match r with Ask_any n a off _ => Some (n, a, off) | _ => None end.

Example sets_are : map (set_regs [1; 3]%nat (numbers 0) rs) [0; 1; 2; 3; 4]%nat = [100; 201; 102; 203; 104] /\
  map (set_regs [] (numbers 0) rs) [0; 1]%nat = [100; 101].
Proof. each. Qed.
(** The flag is told by number 0, which is also that of register 0. *)
Example any_is : map (fun z => given z (does (Any [1; 3]%nat))) [0; 5] =
    [Some (8, 3%nat, true, [100; 201; 102; 203; 104]); Some (8, 3%nat, false, [100; 201; 102; 203; 104])] /\
  given 5 (does (Any [0; 2]%nat)) = Some (8, 3%nat, false, [5; 101; 202; 103; 104]) /\
  given 0 (perform 4096 nowhere (Any []) (st false)) = Some (8, 3%nat, true, [100; 101; 102; 103; 104]) /\
  asked (does (Any [1]%nat)) = Some (0, 0, true).
Proof. each. Qed.
Example address_is : map (fun flag => given 5 (perform 4096 nowhere (Address 2) (st flag))) [true; false] =
    [Some (8, 3%nat, true, [100; 101; 202; 103; 104]); Some (8, 3%nat, false, [100; 101; 202; 103; 104])] /\
  asked (does (Address 2)) = Some (0, 0, true).
Proof. each. Qed.
(** What is read from anywhere, and what is written, is anything; the flag stays. *)
Example elsewhere_is : given 5 (does (Elsewhere 16 [2; 4]%nat (Reg 3))) =
    Some (8, 3%nat, true, [100; 101; 202; 103; 204]) /\
  given 5 (perform 4096 nowhere (Elsewhere 4 [] (Reg 3)) (st false)) =
    Some (8, 3%nat, false, [100; 101; 102; 103; 104]) /\
  map (fun k => asked (does (Elsewhere 16 [2; 4]%nat (Const k)))) [4088; 4096; 70] =
    [Some (16, 4088, true); Some (16, 4096, true); Some (16, 70, true)].
Proof. each. Qed.
(** Not what is written within 128 bytes below the end of the frame, nor the word that lies there. *)
Example writes_are : map (fun nk => asked (does (Elsewhere (fst nk) [] (Const (snd nk)))))
    [(8, 3960); (8, 3961); (4, 3964); (4, 3965); (8, 4095); (8, 4096); (8, 4103); (8, 4104)] =
  [Some (8, 3960, true); Some (8, 3961, false); Some (4, 3964, true); Some (4, 3965, false);
   Some (8, 4095, false); Some (8, 4096, false); Some (8, 4103, false); Some (8, 4104, true)].
Proof. computed. Qed.
Example off_frame_is : map (fun bn => off_frame (fst bn) (snd bn))
    [(136, 8); (135, 8); (129, 1); (128, 1); (0, 8); (2 ^ 64 - 8, 8); (2 ^ 64 - 7, 8); (2 ^ 64 - 1, 1)] =
  [true; false; true; false; false; true; false; false].
Proof. computed. Qed.
Example either_is : map (fun z => given z (does (Either 40))) [0; 1; -1] =
    [Some (8, 3%nat, true, [100; 101; 102; 103; 104]); Some (40, 0%nat, true, [100; 101; 102; 103; 104]);
     Some (40, 0%nat, true, [100; 101; 102; 103; 104])] /\
  asked (does (Either 40)) = Some (0, 0, true).
Proof. each. Qed.
Example stop_is : does Stop = Ends_here.
Proof. computed. Qed.
(** It goes on if the two values are equal. *)
Example agree_is : map (fun flag => owned (perform 4096 nowhere (Agree (Reg 3) (Const 103)) (st flag))) [true; false] =
    [Some (8, 3%nat, true, [100; 101; 102; 103; 104]); Some (8, 3%nat, false, [100; 101; 102; 103; 104])] /\
  owned (does (Agree (Plus (Reg 3) (Const 1)) (Reg 4))) = Some (8, 3%nat, true, [100; 101; 102; 103; 104]) /\
  map does [Agree (Reg 3) (Reg 4); Agree (Reg 3) (Const 104); Agree (Const 104) (Reg 3)] =
    [Undefined; Undefined; Undefined] /\ (called_from, signed_link) = (52, 53)%nat.
Proof. each. Qed.
Example open_ended_are : map open_ended
    [Any []; Address 1; Elsewhere 4 [1]%nat (Reg 1); Elsewhere 4 [] (Reg 1); Either 4; @Stop a64] =
  [true; true; true; true; true; true] /\
  existsb open_ended [Move 1 (Reg 1); Compare (Reg 1) (Reg 2); Load [LDR] false 1 (Reg 1); Store [STR] (Reg 1) (Reg 1);
    Store_x [STXR] 1 (Reg 1) (Reg 1); Fetch_add [] 1 (Reg 1) (Reg 1); Spill 31 (Reg 31) (Reg 1); Reload 31 1 (Reg 31);
    Lose_below 31; Jump Always 0; Jump (If_equal true) 0; Return (Reg 30); Agree (Reg 1) (Reg 2); Wait_event] = false.
Proof. each. Qed.
(** The lower and the upper half of a product; a register of the machine holds no more than 64 bits. *)
Definition big : registers := set_reg 1 (2 ^ 64 - 1) (set_reg 2 (2 ^ 64) rs).
Example products_are : map (eval 4096 big)
    [Times (Reg 3) (Reg 4); Times (Reg 1) (Reg 1); Times (Reg 1) (Const 3); Times_high (Reg 3) (Reg 4);
     Times_high (Reg 1) (Reg 1); Times_high (Reg 1) (Const 3); Times_high (Reg 2) (Reg 2)] =
  [103 * 104; 1; 2 ^ 64 - 3; 0; 2 ^ 64 - 2; 2; 0].
Proof. computed. Qed.

(** ** The machine, whose array has 16 bytes, from 4096 on *)
Definition bare : library a64 := mkLibrary nowhere (fun _ _ => None) [] 30 31 16.
Local Notation off := (off_array bare 4096).
Definition go_to (x : nat -> Z) : state := mkState (x 1%nat) 0 rs false.
Definition ask (n a : Z) (is_off : bool) : request a64 := Ask_any n a is_off go_to.

Example off_array_are : off 4 4092 /\ off 1 4095 /\ off 4 4112 /\ off 8 4200 /\ off 0 4096 /\ off 0 4100.
Proof. unfold off_array; cbn [lib_array bare]; repeat split; lia. Qed.
Example off_array_are_not : ~ off 4 4093 /\ ~ off 4 4111 /\ ~ off 1 4096 /\ ~ off 4 4104 /\ ~ off 32 4090.
Proof. unfold off_array; cbn [lib_array bare]; repeat split; lia. Qed.
Local Ltac meets := match goal with
  | H : off_array _ _ _ _ |- _ => revert H; unfold off_array; cbn [lib_array bare]; lia
  end.
(** It leaves memory as it was, and goes on with any number. *)
Example any_steps x : access bare 4096 0 zeroed (ask 4 4092 true) zeroed (go_to x) /\
  access bare 4096 0 zeroed (ask 0 4096 true) zeroed (go_to x).
Proof.
  split; apply (access_any bare 4096); unfold off_array; cbn [lib_array bare]; lia.
Qed.
Example any_steps_are_not m s : ~ access bare 4096 0 zeroed (ask 4 4093 true) m s /\
  ~ access bare 4096 0 zeroed (ask 4 4092 false) m s /\ ~ access bare 4096 0 zeroed Ends_here m s /\
  (access bare 4096 0 zeroed (ask 4 4092 true) m s -> m = zeroed /\ exists x, s = go_to x).
Proof.
  split; [|split; [|split]]; intros Access; inversion Access; subst;
    first [meets|split; [reflexivity|eexists; reflexivity]].
Qed.
Example cut_short_are : Forall (cut_short bare 4096) [ask 4 4092 false; ask 0 0 false; ask 4 4093 true; Ends_here].
Proof.
  repeat apply Forall_cons; try apply Forall_nil; cbn; try exact I; intros (Off & Out);
    try discriminate Off; revert Out; unfold off_array; cbn [lib_array bare]; lia.
Qed.
Example cut_short_are_not : Forall (fun r => ~ cut_short bare 4096 r)
  [ask 4 4092 true; ask 0 4096 true; Own (st true); Ask_load [LDR] false 4096 (fun _ => st true);
   Ask_store [STR] 4096 0 (st true); Rest (st true); Back 8 rs; Undefined].
Proof.
  repeat apply Forall_cons; try apply Forall_nil; cbn; try (intros Cut; exact Cut); intros Cut; apply Cut;
    (split; [reflexivity|unfold off_array; cbn [lib_array bare]; lia]).
Qed.

(** ** One CPU on relaxed memory: what is pending stays so, and no action is completed *)
Local Notation answered := (answered_by (S := small) bare 8 4096).
Definition tried : pending a64 := mkPending [LDAXR] (Some (0, 5)).
Example any_answers x : answered Acquire tried (ask 4 4092 true) None tried (go_to x) /\
  answered Release nothing_pending (ask 0 4096 true) None nothing_pending (go_to x).
Proof.
  split; apply (by_any bare 8 4096); unfold off_array; cbn [lib_array bare]; lia.
Qed.
Example any_answers_are_not a q s : ~ answered Acquire tried (ask 4 4093 true) a q s /\
  ~ answered Acquire tried (ask 4 4092 false) a q s /\ ~ answered Acquire tried Ends_here a q s /\
  (answered Acquire tried (ask 4 4092 true) a q s -> a = None /\ q = tried).
Proof.
  split; [|split; [|split]]; intros Answer; inversion Answer; subst;
    first [meets|now split].
Qed.

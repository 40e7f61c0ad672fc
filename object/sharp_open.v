(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: code that does more than lock

    As sharp_bytes.v, of what main/debug_bytes.v says: what of the code of a debug build is other memory and what stops,
    and which objects of it are right.  What such code asks for: sharp_rest.v.  Rests on definitions alone. *)
From Coq Require Import ZArith List Bool String.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text sample.
From hlock.machine.hardware Require Import armv8_model.
From hlock.machine.cases Require Import small.
From hlock.object Require Import micro file armv8_decode target checker machine open objects targets samples
  debug_samples.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope list_scope.
Local Open Scope Z_scope.

Local Ltac each := lazymatch goal with |- _ /\ _ => split; [computed|each] | _ => computed end.

(** ** Code *)
Definition listed (is : list (list (micro a64))) : code a64 := fun at_ =>
  if (0 <=? at_) && (at_ mod 4 =? 0) then
    match nth_error is (Z.to_nat (at_ / 4)) with Some ms => Some (ms, 4) | None => None end
  else None.
Definition places_of (n : nat) : list Z := map (fun k => 4 * Z.of_nat k) (seq 0 n).

Example closed_code_is : map (closed_code (listed [[Move 1 (Reg 2); Return (Reg 30)]; [Move 1 (Reg 2); Any []];
    [Address 1]; [Elsewhere 4 [] (Reg 1); Wait_event]; [Either 0]; [Stop]; []])) (places_of 8) =
  [Some ([Move 1 (Reg 2); Return (Reg 30)], 4); None; None; None; None; None; Some ([], 4); None].
Proof. computed. Qed.
Example never_returns_are : map never_returns ["hlock_wrong"; "hlock_wrong."; "hlock_wrong.constprop.0";
    "__stack_chk_fail"] = [true; true; true; true] /\
  map never_returns ["hlock_wrongs"; "my_hlock_wrong"; "my_hlock_wrong.part.0"; "hlock_wron"; ""; "acquire_lock_core";
    "__stack_chk_fail_local"] = [false; false; false; false; false; false; false].
Proof. each. Qed.
Definition of_names (names : list (string * Z)) : object_file armv8_relocation :=
  {| file.text := []; relocations := []; symbols := names; array_size := 8; array_align := 4; slots := [] |}.
Example stopping_is : map (stopping (of_names [("acquire_lock_core", 0); ("hlock_wrong", 4); ("hlock_wrongs", 8);
    ("hlock_wrong.part.0", 13)]) (listed [[Wait_event]; [Wait_event]; [Wait_event]])) [0; 4; 8; 12; 13] =
  [Some ([Wait_event], 4); Some ([Stop], 1); Some ([Wait_event], 4); None; Some ([Stop], 1)].
Proof. computed. Qed.

(** Four bytes, or the eight that have the form of an access to the frame. *)
Example plain_are : map plain_access
    [Load [LDR] false 2 (Reg 1); Load [LDAR] false 2 (Reg 1); Store [STR] (Reg 1) (Reg 2);
     Reload 31 2 (Reg 1); Spill 31 (Reg 1) (Reg 2)] =
  [Some (4, [2]%nat, Reg 1); Some (4, [2]%nat, Reg 1); Some (4, [], Reg 1); Some (8, [2]%nat, Reg 1);
   Some (8, [], Reg 1)] /\
  map plain_access [Load [LDXR] true 2 (Reg 1); Store_x [STXR] 3 (Reg 1) (Reg 2); Fetch_add [] 3 (Reg 1) (Reg 2);
    Elsewhere 2 [1]%nat (Reg 1); Move 1 (Reg 1); Any [1]%nat; Return (Reg 1)] =
  [None; None; None; None; None; None; None].
Proof. each. Qed.
Example as_elsewhere_is : map as_elsewhere [Load [LDR] false 2 (Reg 1); Spill 31 (Reg 1) (Reg 2);
    Load [LDXR] true 2 (Reg 1); Elsewhere 2 [1]%nat (Reg 1)] =
  [Elsewhere 4 [2]%nat (Reg 1); Elsewhere 8 [] (Reg 1); Load [LDXR] true 2 (Reg 1); Elsewhere 2 [1]%nat (Reg 1)].
Proof. computed. Qed.
(** By place and part; elsewhere it is as it was, and so are marked ones that are no plain access. *)
Definition load : micro a64 := Load [LDR] false 2 (Reg 1).
Definition other : micro a64 := Elsewhere 4 [2]%nat (Reg 1).
Example marked_is : map (open.marked [(0, 1%nat); (4, 0%nat); (12, 0%nat)]
    (listed [[load; load; load]; [load; load]; [load; load]; [Wait_event]])) (places_of 5) =
  [Some ([load; other; load], 4); Some ([other; load], 4); Some ([load; load], 4); Some ([Wait_event], 4); None].
Proof. computed. Qed.

(** ** What is other memory *)
Definition f : family := core_family.
(** Of register 31 it is known that it is 16 bytes below the end of the frame. *)
Definition knowing : list known := set_known 31 (Below 16) (at_regs (at_call aarch64 Acquire f 0)).
Example is_elsewhere_is : map (fun k => is_elsewhere aarch64 [1]%nat knowing k)
    [Foreign; Below (-8); Below 0; Below 8; Below 16; Below 24; Below 12; Anything; Full (constant 64); Kept 5] =
  [true; true; true; false; false; true; true; false; false; false] /\
  map (fun k => is_elsewhere aarch64 [] knowing k) [Foreign; Below (-8); Below 8; Below 24; Anything; Kept 5] =
  [true; false; false; false; false; false].
Proof. each. Qed.
(** The address of something else, and what is added to it or scaled by one; not what is made of two addresses. *)
Definition addresses : list known := set_known 1 Foreign (set_known 2 Foreign (set_known 3 (Full (next_address 8 f))
    (set_known 4 (Lowest (mkFormula 0 1 0 0 0)) (set_known 5 Anything knowing)))).
Example made_of_foreign : map (value_known f addresses)
    [Reg 1; Plus (Reg 1) (Const 8); Plus (Scale 64 (Reg 4)) (Reg 1); Plus (Reg 1) (Reg 5);
    Scale 1 (Reg 1); Plus (Reg 1) (Reg 2); Plus (Reg 1) (Reg 3); Plus (Reg 31) (Reg 1); Scale 2 (Reg 1);
    Down 3 (Reg 1)] =
  [Foreign; Foreign; Foreign; Foreign; Foreign; Anything; Anything; Anything; Anything; Anything].
Proof. computed. Qed.

(** ** A signed address *)
(** Register 30 is where the call came from, 52; 53 is what is made of it.  Registers 40, of the frame, and 0 are not
    known. *)
Definition agreed (ab : expr * expr) : option (list (Z * nat * told * phase * list known)) :=
  option_map (map (fun p =>
      (at_pc p, at_part p, at_flag p, at_phase p, map (known_at (at_regs p)) [1; 31; 52; 53]%nat)))
    (perform_known aarch64 (listed []) 8 f (Agree (fst ab) (snd ab)) (mkPoint 8 2 addresses Turn (Waiting_turn true))).
Definition goes_on : option (list (Z * nat * told * phase * list known)) :=
  Some [(8, 3%nat, Turn, Waiting_turn true, [Foreign; Below 16; Kept 30; Kept 53])].
Example agreed_are : map agreed [(Reg 30, Reg called_from); (Reg signed_link, Reg signed_link);
    (Plus (Reg 31) (Const 16), Reg frame_top); (Reg frame_top, Plus (Reg 31) (Const 16))] =
  [goes_on; goes_on; goes_on; goes_on].
Proof. computed. Qed.
Example agreed_are_not : map agreed [(Reg 30, Reg signed_link); (Reg signed_link, Reg called_from);
    (Reg 31, Reg frame_top); (Reg 0, Reg 0); (Reg 40, Reg 40); (Reg 1, Reg 1); (Reg 1, Reg 2); (Reg 3, Reg 3);
    (Reg 4, Reg 4)] = [None; None; None; None; None; None; None; None; None].
Proof. computed. Qed.

(** Own steps do not count as requests: what goes on by itself, returns or stops. *)
Example requests_are : map (fun part => is_request (I := a64) (Some ([Move 1 (Reg 2); Compare (Reg 1) (Reg 2);
    Jump Always 0; Spill 31 (Reg 31) (Reg 2); Reload 31 2 (Reg 31); Lose_below 31; Return (Reg 30);
    Agree (Reg 1) (Reg 2); Stop; Load [LDR] false 1 (Reg 2);
    Store [STR] (Reg 1) (Reg 2); Store_x [STXR] 3 (Reg 1) (Reg 2);
    Fetch_add [] 3 (Reg 1) (Reg 2); Wait_event; Any []; Address 1; Elsewhere 4 [] (Reg 1); Either 0], 4))
    (mkPoint 0 part [] Nothing Done)) (seq 0 19) =
  repeat false 9 ++ repeat true 9 ++ [false].
Proof. computed. Qed.

(** ** Where the search goes *)
(** Ways apart at 8; at 16 no access is plain, and nothing is known of where that of 40 goes, so there the search ends;
    20 and 44 are not reached.  At 48 a release, which loads its lock's word. *)
Definition ways : code a64 := listed
  [[Address 1; Load [LDR] false 2 (Reg 1)]; [Move 3 (Plus (Reg 1) (Const 8)); Store [STR] (Reg 3) (Reg 1)];
   [Either 40]; [Spill 31 (Reg 1) (Reg 2); Reload 31 5 (Plus (Reg 31) (Const 8)); Wait_event];
   [Load [LDAXR] true 4 (Reg 1)]; [Spill 31 (Plus (Reg 31) (Const 16)) (Reg 2); Reload 31 2 (Plus (Reg 31) (Const 16))];
   []; []; []; [];
   [Reload 31 6 (Reg 1); Load [LDR] false 5 (Reg 2)]; [Store [STR] (Reg 1) (Reg 2)];
   [Load [LDR] false 2 (Plus (array_byte 0) (Const 4)); Address 1; Load [LDR] false 2 (Reg 1)]].
Local Notation at_point place part ks := (mkPoint place part ks Nothing (Before_taking false)).
Example goes_elsewhere_is :
  map (fun ap => goes_elsewhere aarch64 f (ways (fst ap)) (at_point (fst ap) (snd ap) (set_known 1 Foreign knowing)))
    [(0, 0%nat); (0, 1%nat); (4, 1%nat); (8, 0%nat); (12, 0%nat); (12, 1%nat); (16, 0%nat); (20, 0%nat); (20, 1%nat);
     (40, 0%nat); (40, 1%nat); (0, 2%nat); (400, 0%nat)] =
  [false; true; false; false; true; false; false; false; true; true; false; false; false].
Proof. computed. Qed.
Definition entry (o : operation) (g : family) : option Z :=
  if rank g =? rank f then match o with Acquire => Some 0 | Release => Some 48 end
  else match o with Acquire => Some 44 | Release => None end.
Definition found : list place := own_data aarch64 ways [f] 8 entry.
Example own_data_is :
  map (fun p => is_among p found) [(0, 1%nat); (4, 1%nat); (12, 0%nat); (12, 1%nat); (40, 0%nat); (48, 2%nat)] =
    [true; true; true; true; true; true] /\
  List.length found = 6%nat /\ own_data aarch64 ways [f; pt_family] 8 entry = found.
Proof. each. Qed.

(** ** Objects
    What a compiler made, of the small table.  At 0 an acquire begins; at 52 it loads from its record, and at 212 it
    stores two words there.  At 1652 another one stores to it. *)
Definition at_places (C : code a64) : list (option (list (micro a64) * Z)) := map C [0; 52; 56; 212; 1652; 6132].
Definition begins : option (list (micro a64) * Z) :=
  Some ([Move 31 (Plus (Reg 31) (Const (-32))); Lose_below 31; Spill 31 (Reg 31) (Reg 29);
    Spill 31 (Plus (Reg 31) (Const 8)) (Reg 30)], 4).
Definition jumps : option (list (micro a64) * Z) := Some ([Jump (If_zero true (Bits 32 (Reg 11))) 116], 4).
Definition as_decoded : list (option (list (micro a64) * Z)) :=
  [begins; Some ([Load [LDR] false 11 (Plus (Reg 10) (Const 0))], 4); jumps;
   Some ([Spill 31 (Plus (Reg 8) (Const 32)) (Reg 30); Spill 31 (Plus (Plus (Reg 8) (Const 32)) (Const 8)) (Reg 9)], 4);
   Some ([Store [STR] (Plus (Reg 10) (Const 0)) (Reg 12)], 4);    Some ([Stop], 1)].
Example open_code_is : at_places (open_code aarch64 lse_debug) = as_decoded.
Proof. computed. Qed.
(** As code of a release build it ends where it calls hlock_this_cpu, at 16. *)
Example release_code_is : map (lib_code (object_library aarch64 "" lse_debug)) [0; 16; 6132] = [begins; None; None].
Proof. computed. Qed.
Definition L : library a64 := debug_library aarch64 "" sample lse_debug.
Example debug_library_is : at_places (lib_code L) =
    [begins; Some ([Elsewhere 4 [11]%nat (Plus (Reg 10) (Const 0))], 4); jumps;
     Some ([Elsewhere 8 [] (Plus (Reg 8) (Const 32)); Elsewhere 8 [] (Plus (Plus (Reg 8) (Const 32)) (Const 8))], 4);
     Some ([Elsewhere 4 [] (Plus (Reg 10) (Const 0))], 4); Some ([Stop], 1)] /\
  map (fun o => lib_entry L o core_family) [Acquire; Release] = [Some 0; Some 384] /\ lib_array L = 2432 /\
  (lib_kept L, lib_link L, lib_stack L) = ([18; 19; 20; 21; 22; 23; 24; 25; 26; 27; 28; 29; 31]%nat, 30%nat, 31%nat).
Proof. each. Qed.
(** None is found in functions that it does not have, or those of another table. *)
Example debug_code_of_others : at_places (debug_code aarch64 "my_" sample lse_debug) = as_decoded /\
  at_places (debug_code aarch64 "" [pt_family] lse_debug) = as_decoded.
Proof. each. Qed.
(** What the functions of a family access, last what they access first: an acquire, and a release. *)
Definition own (g : family) : list (Z * Z) := map (fun p => (fst p, Z.of_nat (snd p)))
  (own_data aarch64 (open_code aarch64 lse_debug) [g] 64 (entry_of "" lse_debug)).
Example own_data_of_lse : own core_family =
    [(84, 0); (76, 0); (212, 1); (212, 0); (208, 0); (176, 0); (52, 0);
     (624, 0); (620, 0); (616, 0); (612, 0); (628, 0); (540, 0); (460, 0); (436, 0)] /\
  own pt_family = [(1512, 0); (1500, 0); (1652, 0); (1648, 1); (1648, 0); (1644, 0); (1616, 0); (1476, 0);
     (2120, 0); (2116, 0); (2112, 0); (2108, 0); (2128, 0); (2032, 0); (1948, 0); (1920, 0)].
Proof. each. Qed.

(** An acquire that begins with 40 instructions that do nothing; a release as it was. *)
Definition delayed : object_file armv8_relocation :=
  {| file.text := flat_map (fun _ => [0x1f; 0x20; 0x03; 0xd5]) (seq 0 40) ++ firstn 128 (file.text lse);
     relocations := map (fun r => (fst r + 160, snd r)) (firstn 4 (relocations lse));
     symbols := [("acquire_lock_core", 0); ("release_lock_core", 224)]; array_size := 8; array_align := 4;
     slots := [] |}.
(** Of the debug build what the family "core" has; and the same with an acquire that does not compare, by a jump over
    the wait. *)
Definition core_debug (text : list Z) : object_file armv8_relocation :=
  {| file.text := text; relocations := filter (fun r => fst r <? 704) (relocations lse_debug);
     symbols := symbols lse_debug; array_size := 64; array_align := 64; slots := [] |}.
Definition compared : list Z := firstn 704 (file.text lse_debug).
Definition uncompared : list Z := firstn 144 compared ++ [7; 0; 0; 0x14] ++ skipn 148 compared.
Example debug_objects_right : debug_object_ok aarch64 "" [core_family] (core_debug compared) = true /\
  (debug_object_ok aarch64 "" [core_family] delayed, object_ok aarch64 "" [core_family] delayed) = (true, false).
Proof. each. Qed.
(** No function of that name; no comparison; a debug build as one of a release. *)
Example debug_objects_refused : debug_object_ok aarch64 "my_" [core_family] (core_debug compared) = false /\
  debug_object_ok aarch64 "" [core_family] (core_debug uncompared) = false /\
  object_ok aarch64 "" [core_family] (core_debug compared) = false.
Proof. each. Qed.

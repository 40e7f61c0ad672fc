(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 4: wrong programs, refuted

    For each, the statement that is proved of the right program is shown
    false of the wrong one, by a concrete run.  Wrong texts of C: another base,
    [-] for [+], pass for wait.  Wrong tables: overlapping, overflowing.  Wrong
    clients: release by a stranger, access before acquire. *)
From Coq Require Import ZArith List Bool String FMapPositive.
From hlock.clight Require Import options integers values syntax operators semantics determinism interp.
From hlock.layers.view Require Import spec facts.
From hlock.layers.L3_atomic Require Import spec facts.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec text text_facts code sample examples.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

(** ** Wrong C *)

(** The right acquire_lock_pt, with another callee or another index formula. *)
Definition right_text : function := function_text false Acquire pt_family.
Definition with_body (s : statement) : function :=
  let f := right_text in
  mkfunction (fn_return f) (fn_callconv f) (fn_params f) (fn_vars f) (fn_temps f) s.
Definition call (callee : ident) (number : expr) : statement :=
  Scall None (Evar callee (Tfunction (Tcons tuint Tnil) tvoid cc_default)) [number].
Definition vmid : expr := Etempvar ($"vmid") tuint.
Definition base (z : Z) : expr := Econst_int (Int.repr z) tuint.

Definition wrong_base := with_body (call ($"wait_hlock") (Ebinop Oadd (base 5) vmid tuint)).
Definition wrong_operator := with_body (call ($"wait_hlock") (Ebinop Osub (base 4) vmid tuint)).
Definition wrong_callee := with_body (call ($"pass_hlock") (Ebinop Oadd (base 4) vmid tuint)).
(** The right text, written again: what the refutations speak of is the difference. *)
Definition right_again := with_body (call ($"wait_hlock") (Ebinop Oadd (base 4) vmid tuint)).
Example right_again_is_right : right_again = right_text.
Proof. reflexivity. Qed.

Local Notation M := (locks_text "" sample).

(** A text that, called with 3 from [contended], ends elsewhere than in [inside]. *)
Definition argument : temp_env := set_temp ($"vmid") (Vint (Int.repr 3)) (PositiveMap.empty val).

Lemma refuted_by_run fd d' :
  run_stmt M atomic_executable 10 (fn_body fd) argument contended = Some (argument, d', Out_normal) ->
  d' <> inside -> ~ body_correct M two Acquire pt_family fd.
Proof.
  intros Run Differs Correct.
  apply (run_stmt_sound M tt) in Run.
  apply (proj1 (exec_layer_le M _ _ atomic_executable_sound)) in Run.
  assert (Index : index_in pt_family argument 3).
  { exists (Int.repr 3); split; [reflexivity|now rewrite Int.unsigned_repr]. }
  assert (Spec : low_spec Acquire pt_family 3 contended = Done inside)
    by vm_cast_no_check (eq_refl (@Done (RData (atomic two)) inside)).
  destruct (body_exact M two Acquire pt_family fd unit tt contended inside argument 3
              Correct Index Spec _ _ _ Run) as ([= Same] & _).
  now apply Differs.
Qed.

Definition entered_as (l : Z) : RData (atomic two) :=
  mkRData (F := atomic two) 0%nat ((0%nat, Lock l Entered) :: other_leaves ++ other_inside)
    [other_elsewhere; []; other_elsewhere].
Lemma entered_as_differs l : l <> pt3 -> entered_as l <> inside.
Proof. unfold entered_as, inside; congruence. Qed.

Theorem wrong_base_refuted : ~ body_correct M two Acquire pt_family wrong_base.
Proof.
  apply refuted_by_run with (entered_as 8); [|now apply entered_as_differs].
  vm_cast_no_check (eq_refl (Some (argument, entered_as 8, Out_normal))).
Qed.

Theorem wrong_operator_refuted : ~ body_correct M two Acquire pt_family wrong_operator.
Proof.
  apply refuted_by_run with (entered_as 1); [|now apply entered_as_differs].
  vm_cast_no_check (eq_refl (Some (argument, entered_as 1, Out_normal))).
Qed.

(** A pass of a lock that I do not hold is a breach: the text has no run at all. *)
Theorem wrong_callee_refuted : ~ body_correct M two Acquire pt_family wrong_callee.
Proof.
  intros Correct.
  destruct (Correct unit tt contended inside empty_env argument 3) as (le' & Run).
  - reflexivity.
  - exists (Int.repr 3); split; [reflexivity|now rewrite Int.unsigned_repr].
  - vm_cast_no_check (eq_refl (@Done (RData (atomic two)) inside)).
  - inversion Run; subst.
    assert (Found : find_function M ($"pass_hlock") = Some fd) by assumption.
    change (Some (External (EF_external "pass_hlock" (mksignature [AST.Tint] AST.Tvoid cc_default))
                    (Tcons tuint Tnil) tvoid cc_default) = Some fd) in Found; injection Found as <-.
    inversion Call; subst.
    rewrite (offers_pass two : ge_layer (locks_genv M two) _ = _) in Offered; injection Offered as <-.
    destruct Prim as (n & Vs & _ & Spec).
    assert (Value : n = Int.repr 7).
    { vm_compute in Args; injection Args as <-; injection Vs as <-; now apply Int.eq_intval. }
    subst n; rewrite Int.unsigned_repr in Spec by (split; reflexivity || discriminate).
    assert (Breaks : pass_hlock_spec two 7 contended = Breach Not_holder)
      by vm_cast_no_check (eq_refl (@Breach (RData (atomic two)) Not_holder)).
    rewrite Breaks in Spec; discriminate.
Qed.

(** ** Wrong tables *)
Definition one_lock (n : string) (f : Z) : family :=
  {| name := n; first := f; count := 1; rank := f; index := None; protects := "" |}.

(** Two families on one number. *)
Definition overlapping : table := [one_lock "a" 0; one_lock "b" 1; one_lock "c" 1].
Example overlapping_rejected : table_ok overlapping = false.
Proof. reflexivity. Qed.
Theorem overlapping_not_injective :
  ~ (forall f i g j, In f overlapping -> In g overlapping ->
       in_family f i = true -> in_family g j = true -> lock_id f i = lock_id g j -> f = g /\ i = j).
Proof.
  intros Injective.
  destruct (Injective (one_lock "b" 1) 0 (one_lock "c" 1) 0) as [Same _]; cbn; auto; discriminate.
Qed.
(** What it costs: a client that takes b, then c, waits for itself. *)
Definition overlapped : system := table_system overlapping 2 numbers.
Definition b_then_c : client overlapped := fun history =>
  match history with
  | [] => Some (Op_acquire (one_lock "b" 1) 0)
  | [_] => Some (Op_acquire (one_lock "c" 1) 0)
  | _ => None
  end.
Theorem overlapping_deadlocks bs :
  run low_do b_then_c 2 [] (start (atomic overlapped) 0%nat ([] :: [] :: bs)) = Breach Entered_twice.
Proof. reflexivity. Qed.

(** A number that no uint32_t holds: in C it names lock 0. *)
Definition overflowing : table := [one_lock "a" 0; one_lock "z" (2 ^ 32)].
Example overflowing_rejected : table_ok overflowing = false.
Proof. reflexivity. Qed.
Theorem overflowing_out_of_range :
  ~ (forall f i, In f overflowing -> in_family f i = true -> 0 <= lock_id f i < 2 ^ 32).
Proof.
  intros Range; destruct (Range (one_lock "z" (2 ^ 32)) 0) as [_ Fits]; cbn; auto; discriminate.
Qed.
Theorem overflowing_aliases :
  Int.unsigned (Int.repr (lock_id (one_lock "z" (2 ^ 32)) 0)) = lock_id (one_lock "a" 0) 0.
Proof. reflexivity. Qed.

(** Two families of one name: the text has two functions of it, and who links takes
    the first.  So the second family's function works on the first one's lock. *)
Definition twice : table := [one_lock "a" 0; one_lock "a" 1].
Example twice_rejected : table_ok twice = false.
Proof. reflexivity. Qed.
Theorem twice_not_correct : ~ table_correct "" twice (locks_text "" twice).
Proof.
  intros Correct; destruct (Correct 2%nat numbers (one_lock "a" 1) Acquire) as (fd & Found & Body & _); [cbn; auto|].
  assert (Some (Internal (function_text false Acquire (one_lock "a" 0))) = Some (Internal fd)) as [= <-]
    by (rewrite <- Found; vm_compute; reflexivity).
  set (d := start (atomic (table_system twice 2 numbers)) 0%nat []).
  set (entered l := mkRData (F := atomic (table_system twice 2 numbers)) 0%nat [(0%nat, Lock l Entered)] []).
  destruct (Body unit tt d (entered 1) empty_env (PositiveMap.empty val) 0) as (le & Run);
    [reflexivity|reflexivity|vm_cast_no_check (eq_refl (Done (entered 1)))|].
  inversion Run; subst.
  assert (vs = [Vint (Int.repr 0)]) as -> by (injection Args as <-; reflexivity).
  assert (Is : find_function (locks_text "" twice) ($"wait_hlock") = Some fd) by exact Callee.
  change (Some (External (EF_external "wait_hlock" (mksignature [AST.Tint] AST.Tvoid cc_default))
                  (Tcons tuint Tnil) tvoid cc_default) = Some fd) in Is; injection Is as <-.
  inversion Call; subst.
  rewrite (offers_wait _ : ge_layer (locks_genv _ _) _ = _) in Offered; injection Offered as <-.
  destruct Prim as (n & Vs & _ & Spec); injection Vs as <-.
  rewrite Int.unsigned_repr in Spec by (split; reflexivity || discriminate).
  assert (First : wait_hlock_spec (table_system twice 2 numbers) 0 d = Done (entered 0))
    by vm_cast_no_check (eq_refl (Done (entered 0))).
  rewrite First in Spec; injection Spec as Spec; discriminate.
Qed.

(** As many locks as no uint32_t counts: the check of the debug text, in which the
    count is 0, stops at every index. *)
Definition too_many : family :=
  {| name := "a"; first := 0; count := 2 ^ 32; rank := 0; index := Some "i"; protects := "" |}.
Example too_many_rejected : table_ok [too_many] = false.
Proof. reflexivity. Qed.
Theorem too_many_stops le : le ! ($"i") = Some (Vint (Int.repr 3)) ->
  match check_text Acquire too_many "i" with
  | Sifthenelse c _ _ => eval_cond le c = Some true
  | _ => False
  end.
Proof.
  intros Is; unfold eval_cond; cbn [check_text text.argument eval_expr]; rewrite Is; reflexivity.
Qed.

(** ** Wrong clients: both sides of T3 say the same breach *)
Definition quiet : RData (atomic two) := start (atomic two) 0%nat [].
Definition quiet_high : HData two := mkHData quiet [].

(** Release by a stranger: CPU 0 releases while CPU 1 holds the lock. *)
Definition stranger : client two := fun history =>
  match history with [] => Some (Op_release pt_family 3) | _ => None end.
Theorem stranger_refuted :
  (~ exists d', release_low pt_family 3 contended = Done d') /\
  run low_do stranger 1 [] contended = Breach Not_holder /\
  run high_do stranger 1 [] (mkHData contended []) = Breach Not_holder.
Proof.
  split; [|split; reflexivity].
  intros (d' & Defined).
  assert (Breaks : release_low pt_family 3 contended = Breach Not_holder)
    by vm_cast_no_check (eq_refl (@Breach (RData (atomic two)) Not_holder)).
  rewrite Breaks in Defined; discriminate.
Qed.

(** Access before acquire. *)
Definition early : client two := fun history =>
  match history with [] => Some (Op_read pt_family 3 0) | _ => None end.
Theorem early_access_refuted :
  run low_do early 1 [] quiet = Breach Not_holder /\
  run high_do early 1 [] quiet_high = Breach Not_holder.
Proof. split; reflexivity. Qed.

(** An index that the family does not have. *)
Definition far : client two := fun history =>
  match history with [] => Some (Op_acquire pt_family 17) | _ => None end.
Theorem far_index_refuted :
  run low_do far 1 [] quiet = Breach No_such_index /\
  run high_do far 1 [] quiet_high = Breach No_such_index.
Proof. split; reflexivity. Qed.

(** If foreign events could break the protocol, the two sides would differ: CPU 1
    writes the object that CPU 0 holds.  The low side calls it impossible. *)
Theorem foreign_write_impossible :
  obj_read_spec (atomic two) pt3 0
    (mkRData (F := atomic two) 0%nat (events inside) [[(1%nat, Wrote pt3 0 (9 : Obj two pt3))]])
  = Impossible Not_holder.
Proof. reflexivity. Qed.

(** Parts of an object are not one: CPU 0 writes 9 to part 0; a read of part 0 gives 9,
    a read of part 1 does not. *)
Definition wrote_part : log two atomic_verb :=
  [(0%nat, Wrote pt3 0 (9 : Obj two pt3)); (0%nat, Lock pt3 Entered)].
Theorem other_part_not_legal :
  legal (atomic two) ((0%nat, Read pt3 0 (9 : Obj two pt3)) :: wrote_part) /\
  ~ legal (atomic two) ((0%nat, Read pt3 1 (9 : Obj two pt3)) :: wrote_part).
Proof. split; [reflexivity|discriminate]. Qed.

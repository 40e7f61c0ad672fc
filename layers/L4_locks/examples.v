(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 4: the theorems speak of something

    A concrete system of two CPUs and a small table (sample.v).  CPU 1 is inside the
    lock of VM 3's page table when CPU 0 calls; it writes and leaves while CPU 0
    waits.  Every hypothesis of the main theorems holds here, the text of the
    table is run by the interpreter, and the run ends where the theorems say. *)
From Coq Require Import ZArith List Bool String.
From hlock.clight Require Import options integers values syntax operators semantics determinism functions interp.
From hlock.layers.view Require Import spec facts.
From hlock.layers.L3_atomic Require Import spec facts.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec invariant refine text code sample.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

(** ** Two CPUs, an integer for each part of an object *)
Definition numbers : objects :=
  {| otype := fun _ => Z; ofirst := fun _ _ => 0; oeq := fun _ => Z.eq_dec |}.
Definition two : system := table_system sample 2 numbers.

Definition pt3 : Z := 7.
Definition other_inside : log two atomic_verb := [(1%nat, Lock pt3 Entered)].
Definition other_leaves : log two atomic_verb := [(1%nat, Lock pt3 Left); (1%nat, Wrote pt3 0 (5 : Obj two pt3))].
(** While CPU 0 is inside, CPU 1 uses another lock, and calls for this one in vain. *)
Definition other_elsewhere : log two atomic_verb :=
  [(1%nat, Lock 21 Left); (1%nat, Wrote 21 0 (8 : Obj two 21)); (1%nat, Lock 21 Entered)].
Definition contended : RData (atomic two) :=
  mkRData (F := atomic two) 0%nat other_inside [other_leaves; other_elsewhere; []; other_elsewhere].

(** When CPU 0 calls, CPU 1 holds the lock: the wait is a real one. *)
Example contention : holder two pt3 (events contended) = Some 1%nat.
Proof. reflexivity. Qed.
Example contended_invariant : invariant contended.
Proof. constructor; [reflexivity|repeat constructor|reflexivity]. Qed.
Example contended_env_legal : env_legal contended.
Proof. reflexivity. Qed.

Definition inside : RData (atomic two) :=
  mkRData (F := atomic two) 0%nat ((0%nat, Lock pt3 Entered) :: other_leaves ++ other_inside)
    [other_elsewhere; []; other_elsewhere].
Example acquire_defined : acquire_low pt_family 3 contended = Done inside.
Proof. vm_cast_no_check (eq_refl (Done inside)). Qed.
Definition outside : RData (atomic two) :=
  mkRData (F := atomic two) 0%nat ((0%nat, Lock pt3 Left) :: other_elsewhere ++ events inside) [[]; other_elsewhere].
Example release_defined : release_low pt_family 3 inside = Done outside.
Proof. vm_cast_no_check (eq_refl (Done outside)). Qed.

(** ** The text, run by the interpreter *)
Definition run_prim1 (spec : Z -> RData (atomic two) -> result (RData (atomic two))) (vs : list val)
  (d : RData (atomic two))
    : option (val * RData (atomic two)) :=
  match vs with
  | [Vint n] => match spec (Int.unsigned n) d with Done d' => Some (Vundef, d') | _ => None end
  | _ => None
  end.
Definition atomic_executable : executable := fun id =>
  if Pos.eqb id ($"wait_hlock") then Some (run_prim1 (wait_hlock_spec two))
  else if Pos.eqb id ($"pass_hlock") then Some (run_prim1 (pass_hlock_spec two))
  else None.

Lemma atomic_executable_sound : layer_le (layer_of atomic_executable) (atomic_layer two).
Proof.
  intros id p; unfold layer_of, atomic_executable, atomic_layer, stopping_layer.
  destruct (Pos.eqb id _); [|destruct (Pos.eqb id _); [|discriminate]]; intros [= <-].
  all: eexists; split; [reflexivity|]; intros vs d v d'; unfold run_prim1, prim1, takes_uint.
  all: destruct vs as [|[|n] [|]]; try discriminate.
  all: match goal with |- match ?r with Done _ => _ | _ => _ end = _ -> _ => destruct r eqn:Spec end;
    try discriminate.
  all: intros [= <- <-]; eauto.
Qed.

(** Acquire in release and debug text; release.  The value 3 is what C passes. *)
Definition text_runs (M : module) : Prop :=
  run_function M atomic_executable 10 ($"acquire_lock_pt") [Vint (Int.repr 3)] contended
    = Some (Vundef, inside) /\
  run_function M atomic_executable 10 ($"release_lock_pt") [Vint (Int.repr 3)] inside
    = Some (Vundef, outside).
Example release_text_runs : text_runs (locks_text "" sample).
Proof.
  split; [vm_cast_no_check (eq_refl (Some (Vundef, inside)))
         |vm_cast_no_check (eq_refl (Some (Vundef, outside)))].
Qed.
Example debug_text_runs : text_runs (locks_debug_text "" sample).
Proof.
  split; [vm_cast_no_check (eq_refl (Some (Vundef, inside)))
         |vm_cast_no_check (eq_refl (Some (Vundef, outside)))].
Qed.

(** It is a run of the semantics, and the only one. *)
Example contended_acquire mem (m : mem) :
  call_function (locks_genv (locks_text "" sample) two) ($"acquire_lock_pt")
    [Vint (Int.repr 3)] (m, contended) (m, inside) Vundef /\
  forall st' v,
    call_function (locks_genv (locks_text "" sample) two) ($"acquire_lock_pt")
      [Vint (Int.repr 3)] (m, contended) st' v -> st' = (m, inside) /\ v = Vundef.
Proof.
  assert (Run : call_function (locks_genv (locks_text "" sample) two) ($"acquire_lock_pt")
                  [Vint (Int.repr 3)] (m, contended) (m, inside) Vundef).
  { destruct (locks_correct "" sample eq_refl 2%nat numbers pt_family Acquire) as (fd & _ & _ & Code); [cbn; auto|].
    apply (Code mem); split; [reflexivity|split; [reflexivity|]].
    exists (Int.repr 3); split; [reflexivity|split; [reflexivity|]].
    vm_cast_no_check (eq_refl (Done inside)). }
  split; [exact Run|]; intros st' v Run'.
  destruct (call_function_deterministic (locks_genv (locks_text "" sample) two)
              (atomic_layer_det two) _ _ _ _ _ _ _ Run' Run); auto.
Qed.

(** ** A client, on shared memory and on private copies *)

(** Acquire, read part 0, write what was read plus one to part 1, read part 1, release. *)
Definition pt3_client : client two := fun history =>
  match history with
  | [] => Some (Op_acquire pt_family 3)
  | [_] => Some (Op_read pt_family 3 0)
  | [Some (existT _ 7 v); _] => Some (Op_write pt_family 3 1 ((v : Z) + 1 : Obj two (lock_id pt_family 3)))
  | [_; _; _] => Some (Op_read pt_family 3 1)
  | [_; _; _; _] => Some (Op_release pt_family 3)
  | _ => None
  end.

(** It reads what CPU 1 wrote while CPU 0 waited, and then its own value. *)
Definition told : list (response two) :=
  [None; Some (existT (Obj two) pt3 6); None; Some (existT (Obj two) pt3 5); None].
Definition after_client : RData (atomic two) :=
  mkRData (F := atomic two) 0%nat
    ([(0%nat, Lock pt3 Left); (0%nat, Read pt3 1 (6 : Obj two pt3))] ++ other_elsewhere ++
     [(0%nat, Wrote pt3 1 (6 : Obj two pt3)); (0%nat, Read pt3 0 (5 : Obj two pt3))] ++
     other_elsewhere ++ events inside) [].
Example low_client : run low_do pt3_client 5 [] contended = Done (told, after_client).
Proof. vm_cast_no_check (eq_refl (Done (told, after_client))). Qed.

(** The high side starts where CPU 1's section has begun; its environment is the
    image of the low one.  [locks_refines] applies: *)
Example contended_related :
  related two contended (mkHData (mkRData (F := atomic two) 0%nat other_inside []) []).
Proof.
  constructor; [reflexivity|reflexivity|]; intros l.
  unfold contended, other_inside, pt3; cbn [find_copy copies events me holder].
  now destruct (Z.eqb 7 l).
Qed.
Example high_client :
  exists bs h', run high_do pt3_client 5 [] (mkHData (mkRData (F := atomic two) 0%nat other_inside (bs ++ [])) []) =
    Done (told, h').
Proof.
  destruct (locks_refines two pt3_client 5 [] contended) as (bs & Refines); [reflexivity|].
  specialize (Refines _ [] contended_related); rewrite low_client in Refines.
  destruct Refines as (h' & High & _); exists bs, h'; exact High.
Qed.

(** ** A CPU that panics inside its section *)

(** CPU 1 halts while it holds the lock: in every legal continuation it still does,
    and a wait for the lock is not defined. *)
Example panic_keeps_lock b :
  legal (atomic two) (b ++ (1%nat, Halted) :: other_inside) ->
  holder two pt3 (b ++ (1%nat, Halted) :: other_inside) = Some 1%nat.
Proof.
  intros Legal; now destruct (halted_keeps_lock 1%nat b ((1%nat, Halted) :: other_inside) pt3 Legal).
Qed.

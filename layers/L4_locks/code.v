(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 4: the exported C meets the low specification

    One theorem over the table ([table_correct]) says it of every function of
    every family; generated/L4_theorems.v has its corollaries, one function
    each.  The C stands on floor 3: of [wait_hlock] and [pass_hlock] nothing is
    known but their specifications ([atomic_layer]).  Release and debug text
    are both proved.  A new family is a new line in the table and no new line
    here.  Read next: refine.v. *)
From Coq Require Import ZArith List Bool String Lia FMapPositive.
From hlock.clight Require Import options integers values syntax operators semantics determinism vcgen functions.
From hlock.layers.view Require Import spec facts.
From hlock.layers.L3_atomic Require Import spec facts.
From hlock.layers.L4_locks Require Import table table_facts spec.
From hlock.generated Require lock_table L4_locks L4_locks_debug.
Import ListNotations lock_table.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.

(** ** What floor 3 offers to C *)
Section Atomic_layer.
  Context (S : system).

  (** C functions of no argument, and of one unsigned argument. *)
  Definition prim0 (spec : RData (atomic S) -> result (RData (atomic S))) : prim (RData (atomic S)) :=
    fun vs d v d' => vs = [] /\ v = Vundef /\ spec d = Done d'.
  Definition prim1 (spec : Z -> RData (atomic S) -> result (RData (atomic S))) : prim (RData (atomic S)) :=
    takes_uint (fun l d d' => spec l d = Done d').

  (** The debug stop may do anything, [stop]. *)
  Definition stopping_layer (stop : prim (RData (atomic S))) : layer (RData (atomic S)) := fun id =>
    if Pos.eqb id ($"wait_hlock") then Some (prim1 (wait_hlock_spec S))
    else if Pos.eqb id ($"pass_hlock") then Some (prim1 (pass_hlock_spec S))
    else if Pos.eqb id ($"hlock_stop") then Some stop
    else None.

  (** [hlock_stop] never returns: it has no run. *)
  Definition never : prim (RData (atomic S)) := fun _ _ _ _ => False.
  Definition atomic_layer : layer (RData (atomic S)) := stopping_layer never.

  Lemma offers_wait : atomic_layer ($"wait_hlock") = Some (prim1 (wait_hlock_spec S)).
  Proof. reflexivity. Qed.
  Lemma offers_pass : atomic_layer ($"pass_hlock") = Some (prim1 (pass_hlock_spec S)).
  Proof. reflexivity. Qed.

  Lemma offers_stop stop : stopping_layer stop ($"hlock_stop") = Some stop.
  Proof. reflexivity. Qed.

  Lemma atomic_layer_det : layer_det atomic_layer.
  Proof.
    intros id p; unfold atomic_layer, stopping_layer.
    destruct (Pos.eqb _ _); [|destruct (Pos.eqb _ _); [|destruct (Pos.eqb _ _)]];
      intros [= <-] vs d v1 d1 v2 d2; unfold prim1, takes_uint, never; try tauto.
    all: intros (n & -> & -> & D1) (n2 & [= <-] & -> & D2); split; congruence.
  Qed.
End Atomic_layer.

(** ** What is to be proved of a function *)
Inductive operation := Acquire | Release.

Definition function_name (o : operation) (f : family) : string :=
  (match o with Acquire => "acquire_lock_" | Release => "release_lock_" end) ++ name f.

Definition low_spec {S : system} (o : operation) (f : family) (i : Z) (d : RData (atomic S)) : result (RData (atomic S)) :=
  match o with Acquire => acquire_low f i d | Release => release_low f i d end.

(** The specification as C calls it: with an index, or without. *)
Definition low_prim {S : system} (o : operation) (f : family) : prim (RData (atomic S)) :=
  match index f with
  | None => prim0 S (low_spec o f 0)
  | Some _ => prim1 S (low_spec o f)
  end.

(** The temporaries hold index [i] of family [f]. *)
Definition index_in (f : family) (le : temp_env) (i : Z) : Prop :=
  match index f with
  | None => i = 0
  | Some p => exists n, le ! ($p) = Some (Vint n) /\ i = Int.unsigned n
  end.

Section Statements.
  Context (M : module) (S : system).

  Definition locks_genv : genv (RData (atomic S)) := mkgenv M (atomic_layer S).

  (** Whenever the low specification is defined, the body runs to the state
      that it gives (the seed's [<fn>_body_correct]). *)
  Definition body_correct (o : operation) (f : family) (fd : function) : Prop :=
    forall (mem : Type) (m : mem) (d d' : RData (atomic S)) env le i,
      env = empty_env -> index_in f le i -> low_spec o f i d = Done d' ->
      exists le', exec_stmt locks_genv env le (m, d) (fn_body fd) E0 le' (m, d') Out_normal.

  (** The function of that name in the module does what the specification says,
      argument passing included (the seed's [<fn>_code_correct]). *)
  Definition code_correct (o : operation) (f : family) : Prop :=
    forall mem : Type,
      spec_le (mem := mem) ($(function_name o f) ↦ low_prim o f) (〚 M 〛 (atomic_layer S)).

  (** Entry passes the index, and the function returns nothing. *)
  Definition passes_index (f : family) (fd : function) : Prop :=
    fn_return fd = tvoid /\
    match index f with
    | None => exists le, function_entry fd [] = Some le
    | Some p => forall n, exists le, function_entry fd [Vint n] = Some le /\ le ! ($p) = Some (Vint n)
    end.

  Lemma code_from_body o f fd :
    find_function M ($(function_name o f)) = Some (Internal fd) ->
    passes_index f fd -> body_correct o f fd -> code_correct o f.
  Proof.
    intros Found (Void & Entry) Body mem; unfold low_prim, body_correct, index_in in *; destruct (index f) as [p|].
    - apply (procedure_code M (atomic_layer S) _ ($p) fd _ Found (conj Void Entry)).
      intros mem' m d d' env le n; eauto.
    - intros g args m d res m' d' (-> & Same & (-> & -> & Spec)); cbn [fst snd] in *; subst m'.
      destruct Entry as (le & Enter); destruct (Body mem m d d' _ le 0 eq_refl eq_refl Spec) as (le' & Run).
      exists (Internal fd); split; [exact Found|]; econstructor; eauto; now rewrite Void.
  Qed.

  (** And no other outcome exists. *)
  Theorem body_exact o f fd (mem : Type) (m : mem) d d' le i :
    body_correct o f fd -> index_in f le i -> low_spec o f i d = Done d' ->
    forall le' st' out,
      exec_stmt locks_genv empty_env le (m, d) (fn_body fd) E0 le' st' out ->
      st' = (m, d') /\ out = Out_normal.
  Proof.
    intros Body Index Spec le' st' out Run.
    destruct (Body mem m d d' _ le i eq_refl Index Spec) as (le2 & Run2).
    now destruct (exec_stmt_deterministic locks_genv (atomic_layer_det S) _ _ _ _ _ _ _ _ _ _
                    Run Run2) as (_ & -> & ->).
  Qed.
End Statements.

(** ** The theorem over the table *)

(** Every function of every family is in the module and meets its specification. *)
Definition table_correct (T : table) (M : module) : Prop :=
  forall N O f o, In f T ->
  let S := table_system T N O in
  exists fd, find_function M ($(function_name o f)) = Some (Internal fd) /\
             body_correct M S o f fd /\ code_correct M S o f.

(** The low specification names the lock by number. *)
Lemma low_spec_done {S : system} o f i (d d' : RData (atomic S)) :
  low_spec o f i d = Done d' ->
  0 <= i < count f /\
  match o with Acquire => wait_hlock_spec S | Release => pass_hlock_spec S end (lock_id f i) d = Done d'.
Proof.
  unfold low_spec, acquire_low, release_low, on_lock; rewrite <- in_family_iff.
  destruct o, (in_family f i); auto; discriminate.
Qed.

(** *** The tactics of the one proof *)

(** The one call of a body: floor 3's function on the number of the lock. *)
Ltac call_floor_3 Spec :=
  eapply wp_prim;
  [ reflexivity
  | first [ exact (offers_wait _) | exact (offers_pass _) ]
  | eexists; split; [reflexivity|split; [reflexivity|]]; machine_arith; exact Spec
  | cbn; auto ].

Ltac body_of_table fd :=
  intros mem m d d' env le i -> Index Spec;
  apply low_spec_done in Spec as (Range & Spec);
  unfold index_in in Index; cbn [index] in Index;
  unfold lock_id in Spec; cbn [first count] in Range, Spec;
  first [ destruct Index as (n & Index & ->) | subst i ];
  lazymatch goal with
  | |- exists le', exec_stmt ?ge _ le _ _ _ _ _ _ =>
      destruct (wp_sound ge m (fn_body fd) (fun out _ d2 => out = Out_normal /\ d2 = d') le d)
        as (out & le' & d2 & Run & -> & ->);
      [ unfold fd, locks_genv; straight_line; call_floor_3 Spec
      | exists le'; exact Run ]
  end.

Ltac entry_of_table :=
  split; [reflexivity|cbn [index]];
  first [ intros n; eexists; split; [reflexivity|apply get_set_same]
        | eexists; reflexivity ].

(** The function named [id] in the text of module [M]. *)
Ltac find_in M id :=
  lazymatch eval hnf in M with
  | (?id', Gfun ?fd) :: ?rest =>
      let same := eval vm_compute in (Pos.eqb id' id) in
      lazymatch same with
      | true => lazymatch fd with Internal ?f => f end
      | false => find_in rest id
      end
  end.

Ltac function_of_table :=
  lazymatch goal with
  | |- exists fd, find_function ?M ($(function_name ?o ?f)) = _ /\ _ =>
      let n := eval vm_compute in (function_name o f) in
      for_function n (
        let fd := find_in M ($(function_name o f)) in
        exists fd; split; [vm_compute; reflexivity|];
        refine ((fun Body => conj Body (code_from_body _ _ _ _ fd _ _ Body)) _);
        [ vm_compute; reflexivity | entry_of_table | body_of_table fd ])
  end.

Ltac all_of_table :=
  intros N O f o Member S; unfold lock_table in Member; cbn [In] in Member;
  repeat destruct Member as [Member|Member]; [..|destruct Member];
  lazymatch type of Member with ?x = _ => let v := eval hnf in x in change x with v in Member end;
  subst f; destruct o; function_of_table.

(** The C that is shipped, and its debug text. *)
Theorem locks_correct : table_correct lock_table L4_locks.global_definitions.
Proof. all_of_table. Qed.

Theorem locks_debug_correct : table_correct lock_table L4_locks_debug.global_definitions.
Proof. all_of_table. Qed.

(** ** The debug text stops at a bad index *)

(** A sequence that begins with a call of [f], made when [c] is true, runs [f]. *)
Lemma stops_first {mem D : Type} (ge : genv D) e le (st : mem * D) c r f targs tres cc args s2 s3
    t le' st' out vs :
  eval_cond le c = Some true -> eval_args le args targs = Some vs ->
  exec_stmt ge e le st (Ssequence (Sifthenelse c (Scall r (Evar f (Tfunction targs tres cc)) args) s2) s3)
    t le' st' out ->
  exists fd st1 v, find_function (ge_module ge) f = Some fd /\ eval_funcall ge st f fd vs E0 st1 v.
Proof.
  intros Cond Values Run; inversion Run; subst.
  all: match goal with First : exec_stmt _ _ _ _ (Sifthenelse _ _ _) _ _ _ _ |- _ =>
         inversion First; subst end.
  all: rewrite Cond in Cond0; injection Cond0 as <-.
  all: match goal with Call : exec_stmt _ _ _ _ (Scall _ _ _) _ _ _ _ |- _ =>
         inversion Call; subst end.
  all: rewrite Values in Args; injection Args as <-; eauto.
Qed.

(** Checking twice is checking once, if the called function never returns: this
    is why the mutants that double a check are equivalent
    (test/mutate/equivalent.txt). *)
Lemma doubled_check {mem D : Type} (ge : genv D) e le (st : mem * D) c f ty args s le' st' out :
  (forall fd vs st' v, find_function (ge_module ge) f = Some fd ->
                       ~ eval_funcall ge st f fd vs E0 st' v) ->
  let check := Sifthenelse c (Scall None (Evar f ty) args) Sskip in
  exec_stmt ge e le st (Ssequence check (Ssequence check s)) E0 le' st' out <->
  exec_stmt ge e le st (Ssequence check s) E0 le' st' out.
Proof.
  intros Never check.
  assert (Check : forall le1 st1 out1, exec_stmt ge e le st check E0 le1 st1 out1 ->
                  le1 = le /\ st1 = st /\ out1 = Out_normal).
  { intros le1 st1 out1 Run; inversion Run; subst; destruct b.
    - inversion Branch; subst; destruct (Never _ _ _ _ Callee Call).
    - inversion Branch; auto. }
  split; intros Run; inversion Run; subst.
  - now apply Check in First as (-> & -> & _).
  - now apply Check in First as (_ & _ & ->).
  - pose proof (Check _ _ _ First) as (-> & -> & _).
    eapply exec_Ssequence; [exact First|exact Run].
  - now apply Check in First as (_ & _ & ->).
Qed.

(** What the stop is told: which operation, which family, the argument, the range. *)
Definition stop_args (o : operation) (f : family) (n : int) : list val :=
  [Vint (Int.repr (match o with Acquire => 0 | Release => 1 end)); Vint (Int.repr (first f));
   Vint n; Vint (Int.repr (count f))].

Ltac stop_of_table param :=
  lazymatch goal with
  | |- context [call_function ?ge ($(function_name ?o ?f))] =>
      let n := eval vm_compute in (function_name o f) in
      for_function n (
        let fd := find_in (ge_module ge) ($(function_name o f)) in
        intros mem m d st' v (text & Found & Run);
        change (Some (Internal fd) = Some text) in Found; injection Found as <-;
        inversion Run; subst;
        lazymatch goal with Entry : function_entry _ [Vint ?n] = Some ?le |- _ =>
          assert (PositiveMap.find ($param) le = Some (Vint n))
            by (cbn in Entry; injection Entry as <-; reflexivity) end;
        match goal with Body : exec_stmt _ _ _ _ (fn_body fd) _ _ _ _ |- _ =>
          eapply stops_first with (vs := stop_args o f _) in Body as (text & st1 & v1 & Found & Call) end;
        [ change (Some (External (EF_external "hlock_stop"
                    (mksignature [AST.Tint; AST.Tint; AST.Tint; AST.Tint] AST.Tvoid cc_default))
                    (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))) tvoid cc_default)
                  = Some text) in Found;
          injection Found as <-; inversion Call; subst;
          match goal with Offered : ge_layer _ _ = Some _ |- _ =>
            rewrite (offers_stop _ _ : ge_layer (mkgenv _ (stopping_layer _ _)) _ = _) in Offered;
            injection Offered as <- end;
          eauto
        | cbn [count] in *; repeat first [ progress wp_compute | wp_temp | wp_condition ]; reflexivity
        | repeat first [ progress wp_compute | wp_temp ]; reflexivity ])
  end.

(** Called with an index out of range, the debug text calls the stop, first and
    with exactly these arguments, whatever the stop does. *)
Theorem locks_debug_stops N O f o p n :
  In f lock_table -> index f = Some p -> count f <= Int.unsigned n ->
  let S := table_system lock_table N O in
  forall stop (mem : Type) (m : mem) d st' v,
    call_function (mkgenv L4_locks_debug.global_definitions (stopping_layer S stop))
      ($(function_name o f)) [Vint n] (m, d) st' v ->
    exists v' d', stop (stop_args o f n) d v' d'.
Proof.
  intros Member Index Range S stop; unfold lock_table in Member; cbn [In] in Member.
  repeat destruct Member as [Member|Member]; [..|destruct Member].
  all: lazymatch type of Member with ?x = _ => let v := eval hnf in x in change x with v in Member end.
  all: subst f; cbn [index] in Index; try discriminate Index.
  all: lazymatch type of Index with Some ?param = _ => destruct o; stop_of_table param end.
Qed.

(** As the stop never returns, neither does the call. *)
Corollary locks_debug_never_returns N O f o p n :
  In f lock_table -> index f = Some p -> count f <= Int.unsigned n ->
  let S := table_system lock_table N O in
  forall (mem : Type) (m : mem) d st' v,
    ~ call_function (locks_genv L4_locks_debug.global_definitions S)
        ($(function_name o f)) [Vint n] (m, d) st' v.
Proof.
  intros Member Index Range S mem m d st' v Run.
  now destruct (locks_debug_stops N O f o p n Member Index Range _ _ _ _ _ _ Run) as (? & ? & ?).
Qed.

(** ** When the low specifications are defined: exactly when the index is one of
    the family, the environment is legal, and (acquire) nobody holds the lock when
    I enter, (release) I hold it. *)
Section Defined.
  Context (T : table) (N : nat) (O : objects) (Ok : table_ok T = true).
  Let S := table_system T N O.

  Lemma table_lock_exists f i :
    In f T -> in_family f i = true -> lock_exists (S := S) (lock_id f i) = true.
  Proof.
    intros Member Range; unfold lock_exists; cbn [locks S table_system].
    pose proof (lock_id_bound T f i Ok Member Range).
    rewrite andb_true_iff, Z.leb_le, Z.ltb_lt; lia.
  Qed.

  Theorem acquire_low_defined_iff f i (d : RData (atomic S)) :
    In f T -> invariant d ->
    (exists d', acquire_low f i d = Done d') <->
    0 <= i < count f /\ env_legal d /\ holder S (lock_id f i) (seen d) = None.
  Proof.
    intros Member Inv; unfold acquire_low, on_lock; rewrite <- in_family_iff.
    destruct (in_family f i) eqn:Range.
    - rewrite wait_hlock_defined_iff, table_lock_exists by auto; tauto.
    - split; [intros (d' & Is); discriminate|intros (Is & _); discriminate].
  Qed.

  Theorem release_low_defined_iff f i (d : RData (atomic S)) :
    In f T -> invariant d ->
    (exists d', release_low f i d = Done d') <->
    0 <= i < count f /\ env_legal d /\ holder S (lock_id f i) (events d) = Some (me d).
  Proof using Ok. (* in the same form, though not needed *)
    intros Member Inv; unfold release_low, on_lock; rewrite <- in_family_iff.
    destruct (in_family f i).
    - rewrite pass_hlock_defined_iff by auto; tauto.
    - split; [intros (d' & Is); discriminate|intros (Is & _); discriminate].
  Qed.
End Defined.

(** ** Tactics of the corollaries (generated/L4_theorems.v) *)
Ltac in_table := unfold lock_table; cbn [In]; repeat (first [left; reflexivity | right]).

(** What the theorem over the table says of operation [o] of family [f], whose text is [fd]. *)
Ltac of_table o f fd :=
  intros S; subst S;
  lazymatch goal with
  | |- context [table_system lock_table ?N ?O] =>
      let text := fresh "text" in let Found := fresh "Found" in
      destruct (locks_correct N O f o ltac:(in_table)) as (text & Found & Body & Code);
      change (Some (Internal fd) = Some (Internal text)) in Found;
      injection Found as <-
  end.
Ltac body_of o f fd :=
  of_table o f fd;
  lazymatch goal with Body : body_correct _ _ _ _ _ |- _ =>
    intros; eapply Body; [assumption | cbn; eauto | eassumption] end.
Ltac code_of o f fd :=
  of_table o f fd; lazymatch goal with Code : code_correct _ _ _ _ |- _ => exact Code end.
Ltac defined_of theorem f :=
  intros S; subst S; intros;
  lazymatch goal with
  | Inv : invariant (F := atomic (table_system lock_table ?N ?O)) ?d |- _ =>
      let H := fresh in
      pose proof (theorem lock_table N O eq_refl f) as H; unfold lock_id in H; cbn [first count f] in H;
      first [ exact (H _ d ltac:(in_table) Inv)
            | specialize (H 0 d ltac:(in_table) Inv); cbn in H |- *; rewrite H; intuition lia ]
  end.

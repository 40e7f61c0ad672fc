(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What the checker says of a function, and why

    [function_ok] says yes or no.  [verdict_of] says yes to the same functions, and of another one which
    point of the code is refused, and what for.  "Wrong" is said where the checker knows that the
    code does something that the C does not do, or in a weaker order than the table asks for; "unknown" where it
    does not know what the code does.  That a yes is a yes is proved here; that the reasons are good ones
    is for tests.  tools/check_object prints them. *)
From Coq Require Import ZArith List Bool String.
From hlock.clight Require Import options.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import text.
From hlock.machine.hardware Require Import events.
From hlock.object Require Import micro file target checker objects.
Import ListNotations.
Local Open Scope Z_scope.

(** What is refused of the micro-operation at a point. *)
Inductive reason :=
| No_instruction                                 (* none that is decoded *)
| Other_memory (expected : formula) (found : known)
| Order_missing                                  (* it is no acquire, or no release *)
| Order_unasked                                  (* its events are in none of the target's lists for it, nor known to be
                                                    too weak *)
| Not_linked                                     (* a ticket is taken by a load or a store that is not of such a pair *)
| Loads_again                                    (* the tickets, and has not tried to store since it did so *)
| Other_value (found : known)                    (* what is stored is not the value read, plus one *)
| Out_of_place (found : known)                   (* the C makes no such access there; it may be to the frame *)
| Out_of_frame (bits : Z) (found : known)        (* an access of so many to memory that is not the call's own frame *)
| Not_elsewhere (found : known)                  (* an access to other memory that may be to the array or the frame *)
| Not_stored                                     (* a load of a word of the frame that has no meaning there *)
| Lost_stack (found : known)                     (* of the stack pointer it is not known where it is in the frame *)
| Returns_early
| Returns_elsewhere (found : known)
| Other_signed (expected found : known)          (* of an address to return to that is signed, or the stack pointer *)
| Changes (r : nat) (found : known)              (* a register that a call keeps *)
| May_sleep                                      (* a wait for an event that may not come *)
| Long_way                                       (* more steps of its own than [own_bound] *)
| Too_large.                                     (* more points than are looked at *)

(** Does the checker know it, or does it not know better?  Of other memory than the array, of so many bytes, a debug
    build may have some, beside the array. *)
Definition beside (array : Z) (f : family) (F : formula) : bool :=
  (c_base F =? 1) && negb ((0 <=? c_index F) && (0 <=? c_const F) &&
                           (c_index F * (count f - 1) + c_const F + 4 <=? array)).
Definition certain (bounded : bool) (array : Z) (f : family) (w : reason) : bool :=
  match w with
  | No_instruction | Order_unasked | Loads_again | Out_of_frame _ _ | Not_elsewhere _ | Not_stored | Lost_stack _
  | Other_signed _ _ | Long_way | Too_large => false
  | Other_memory _ found | Out_of_place found =>
      match found with Full F => bounded || negb (beside array f F) | _ => false end
  | Other_value found => match formula_of found with Some _ => true | None => false end
  | Returns_elsewhere (In_text _) => false
  | Returns_elsewhere found | Changes _ found => negb (same_known found Anything)
  | Order_missing | Not_linked | Returns_early | May_sleep => true
  end.

Inductive verdict := Proved | Wrong (p : point) (w : reason) | Unknown (p : point) (w : reason).
Section Verdict.
  Context {I R : Type} (arch : target I R) (C : code I) (stride array : Z) (bounded : bool).
  Context (o : operation) (f : family).
  Definition refused (p : point) (w : reason) : verdict :=
    if certain bounded array f w then Wrong p w else Unknown p w.
  Let next := next_address stride f.
  Let now_word := now_address stride f.
  Let following k := has_lowest (c_plus seen_itself (constant 1)) k.

  Definition first_changed (ks : list known) : option nat :=
    find (fun r => negb (is_kept arch r (known_at ks r))) (kept arch).
  Definition other_order (is : list I) : reason := if too_weak arch is then Order_missing else Order_unasked.

  (** Of a micro-operation that [perform_known] refuses at a point. *)
  Definition reason_of (m : micro I) (p : point) : reason :=
    let ks := at_regs p in
    let value := value_known f ks in
    let access (a : expr) (expected : formula) (otherwise : reason) :=
      if is_address expected (value a) then otherwise else Other_memory expected (value a) in
    match m with
    | Load is excl r a =>
        match at_phase p with
        | Before_taking linked =>
            access a next
            (if tries_load arch is then if linked && excl then Loads_again else Not_linked
             else match failed_tries (lists arch) with [] => Not_linked | _ => other_order is end)
        | Waiting_turn _ => access a now_word (other_order is)
        | Before_loading => access a now_word Order_unasked
        | _ => Out_of_place (value a)
        end
    | Store is a v =>
        match at_phase p with
        | Before_storing => access a now_word
            (if among arch is (stores_now (lists arch)) then Other_value (value v) else other_order is)
        | _ => Out_of_place (value a)
        end
    | Store_x is r a v =>
        match at_phase p with
        | Before_taking true => access a next (if tries_store arch is then Other_value (value v) else other_order is)
        | Before_taking false => access a next Not_linked
        | _ => Out_of_place (value a)
        end
    | Fetch_add is r a v =>
        match at_phase p with
        | Before_taking _ => access a next
            (if among arch is (tickets (lists arch)) then Other_value (value v) else other_order is)
        | _ => Out_of_place (value a)
        end
    | Return a =>
        if same_known (value a) (Kept (link arch)) then
          match at_phase p, first_changed ks with
          | Done, Some r => Changes r (known_at ks r)
          | Done, None => Too_large
          | _, _ => Returns_early
          end
        else Returns_elsewhere (value a)
    | Spill _ a _ => Out_of_frame 64 (value a)
    | Spill_half _ a _ => Out_of_frame 32 (value a)
    | Reload sp _ a =>
        match frame_word_at ks sp (value a) with Some _ => Not_stored | None => Out_of_frame 64 (value a) end
    | Reload_half sp _ a =>
        match frame_half_at ks sp (value a) with Some _ => Not_stored | None => Out_of_frame 32 (value a) end
    | Lose_below sp => Lost_stack (known_at ks sp)
    | Agree a b => Other_signed (value b) (value a)
    | Wait_event => May_sleep
    | Elsewhere _ _ a => Not_elsewhere (value a)
    | Move _ _ | Compare _ _ | Jump _ _ | Any _ | Address _ | Either _ | Stop => Too_large
    end.

  Definition refusal (p : point) : verdict :=
    refused p
      match C (at_pc p) with
      | Some (ms, _) => match nth_error ms (at_part p) with Some m => reason_of m p | None => No_instruction end
      | None => No_instruction
      end.

  Definition stops (p : point) : bool :=
    match next_points arch C stride f p with None => true | Some _ => false end.

  (** A function of another file may never return: that code is wrong is certain only without what comes after such a
      call, but for the first that is found, if nothing is done yet: that is hlock_this_cpu's. *)
  Definition calls_out (p : point) : bool :=
    match C (at_pc p) with
    | Some (ms, _) => existsb (fun m => match m with Any (_ :: _ :: _ :: _) => true | _ => false end) ms
    | None => false
    end.
  Definition ending (entry : Z) (ps : list point) : code I :=
    let calls := filter calls_out (rev ps) in
    let begun p := negb (same_phase (at_phase p) (at_phase (at_call arch o f entry))) in
    fun at_ =>
      if existsb (fun p => (at_pc p =? at_) && (begun p || negb (at_ =? at_pc (hd p calls)))) calls
      then Some ([Stop], 1) else C at_.

  Definition verdict_of (entry : Z) : verdict :=
    let call := at_call arch o f entry in
    if function_ok arch C stride o f bounded entry then Proved
    else
      let ps := points arch C stride o f entry in
      match find stops (points arch (ending entry ps) stride o f entry), find stops ps with
      | Some p, _ => refusal p
      | None, Some p => match refusal p with Wrong p w => Unknown p w | v => v end
      | None, None =>
          match find (fun p => bounded && negb (soon arch C stride f C own_bound p)) ps with
          | Some p => refused p Long_way
          | None => refused call Too_large
          end
      end.

  Lemma refused_is_not_proved p w : refused p w <> Proved.
  Proof. unfold refused; destruct (certain _ _ _ w); discriminate. Qed.

  Lemma proved_is_ok entry : verdict_of entry = Proved <-> function_ok arch C stride o f bounded entry = true.
  Proof.
    unfold verdict_of; destruct (function_ok arch C stride o f bounded entry); [now split|].
    split; [|discriminate]; intros Said; exfalso; revert Said.
    destruct (find stops (points _ _ _ _ _ _)) as [p|]; [apply refused_is_not_proved|].
    destruct (find stops _) as [p|].
    { intros Is; destruct (refusal p) eqn:Was; try discriminate; exact (refused_is_not_proved _ _ Was). }
    destruct (find _ _) as [p|]; apply refused_is_not_proved.
  Qed.
End Verdict.

(** ** Objects *)
Section Objects.
  Context {I R : Type} (arch : target I R) (prefix : string).

  (** What [object_ok] asks of an object beside its functions. *)
  Definition layout_ok (T : table) (O : object_file R) : bool :=
    (8 <=? stride_of T O) && (stride_of T O mod 4 =? 0) && apart arch O.

  (** Of a function of the table, in code of the object; None: there is no such function. *)
  Definition function_verdict (bounded : bool) (C : code I) (T : table) (O : object_file R) (f : family)
      (o : operation) : option verdict :=
    option_map (verdict_of arch C (stride_of T O) (array_size O) bounded o f) (entry_of prefix O o f).

  Lemma verdicts_are_code_ok bounded C T O :
    code_ok arch prefix bounded C T O = true <->
    layout_ok T O = true /\
    forall f, In f T -> forall o, function_verdict bounded C T O f o = Some Proved.
  Proof.
    assert (One : forall f o, function_of_code_ok arch prefix bounded C T O f o = true <->
        function_verdict bounded C T O f o = Some Proved).
    { intros f o; unfold function_of_code_ok, function_verdict.
      destruct (entry_of prefix O o f) as [entry|]; cbn [option_map]; [|now split].
      rewrite <- proved_is_ok; split; [now intros ->|now intros [= ->]]. }
    unfold code_ok, layout_ok; cbv zeta; rewrite (andb_true_iff _ (forallb _ T)), forallb_forall.
    split; intros (Layout & Each); (split; [exact Layout|]); intros f Member; [intros o|].
    - apply One; specialize (Each f Member); apply andb_true_iff in Each as (? & ?); now destruct o.
    - apply andb_true_iff; split; apply One; now apply Each.
  Qed.
  (** An object is right exactly if its layout is, and each function is proved; so is one of a debug build. *)
  Theorem verdicts_are_object_ok T O :
    object_ok arch prefix T O = true <->
    layout_ok T O = true /\
    forall f, In f T -> forall o, function_verdict true (code_in arch O) T O f o = Some Proved.
  Proof. apply verdicts_are_code_ok. Qed.
  Theorem verdicts_are_debug_object_ok T O :
    debug_object_ok arch prefix T O = true <->
    layout_ok T O = true /\
    forall f, In f T -> forall o, function_verdict false (debug_code arch prefix T O) T O f o = Some Proved.
  Proof. apply verdicts_are_code_ok. Qed.
End Objects.

(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The checker: code of the locks, run symbolically

    From what is known at a point of the code (known.v) comes what is known at the next ones, or a refusal
    ([next_points]).  [explore] collects points; nothing is proved of it: that they are all is checked ([closed]), and
    that is enough (checked_sound.v).  The target says which registers a call keeps, and what the accesses of the C may
    be made of. *)
From Coq Require Import ZArith List Bool Arith.
From hlock.clight Require Import options.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import text.
From hlock.machine.hardware Require Import events.
From hlock.object Require Import micro file by_place target.
From hlock.object Require Export known.
Import ListNotations.
Local Open Scope Z_scope.

(** ** Events of an access *)
Section Orders.
  Context {I R : Type} (arch : target I R).
  Definition among (is : list I) (ls : list (list I)) : bool :=
    existsb (fun js => if list_eq_dec (same_event arch) is js then true else false) ls.
  (** It is the load of a try at a ticket; the store that makes a ticket of each such load. *)
  Definition tries_load (is : list I) : bool :=
    match is with
    | [i] => existsb (fun j => if same_event arch i j then true else false) (failed_tries (lists arch))
    | _ => false
    end.
  Definition tries_store (is : list I) : bool :=
    forallb (fun i => among (i :: is) (tickets (lists arch))) (failed_tries (lists arch)).
End Orders.

Section Checker.
  Context {I R : Type} (arch : target I R) (C : code I).
  (** Function [o] of family [f], whose locks lie [stride] bytes apart. *)
  Context (stride : Z) (o : operation) (f : family).

  Definition index_scale : Z := match index f with Some _ => stride | None => 0 end.
  (** The addresses of the two words of the lock. *)
  Definition next_address : formula := mkFormula 1 index_scale 0 0 (stride * first f).
  Definition now_address : formula := c_plus next_address (constant 4).

  (** The formula is in range for each index, ticket and value: 0 to 2^n - 1. *)
  Definition in_bits (n : Z) (F : formula) : bool :=
    (c_base F =? 0) &&
    ((c_ticket F =? 0) && (c_seen F =? 0) && (0 <=? c_index F) && (0 <=? c_const F) &&
     (c_index F * (count f - 1) + c_const F <? 2 ^ n) ||
     (32 <=? n) && (same_formula F ticket_itself || same_formula F seen_itself)).

  Local Notation takes_by is := (among arch is (tickets (lists arch))).
  Local Notation polls_by is := (among arch is (polls (lists arch))).
  Local Notation loads_by is := (among arch is (loads_now (lists arch))).
  Local Notation stores_by is := (among arch is (stores_now (lists arch))).

  (** ** Values *)
  (** It is not made of the array's address, as far as is known, nor of another. *)
  Definition is_number (k : known) : bool :=
    match k with
    | Anything => true
    | Full F | Word F | Lowest F | Signed F => c_base F =? 0
    | _ => false
    end.
  Definition plus_known (a b : known) : known :=
    match a, b with
    | Full F, Full G => Full (c_plus F G)
    | Page_of k, Within_page k' => if k =? k' then Full (mkFormula 1 0 0 0 k) else Anything
    | Below k, Full F =>
        if same_formula F (constant (c_const F)) then Below ((k - c_const F) mod 2 ^ 64) else Anything
    | Kept r, Full F =>
        if Nat.eqb r text_at && same_formula F (constant (c_const F)) then In_text (c_const F) else Anything
    | Foreign, k | k, Foreign => if is_number k then Foreign else Anything
    | _, _ =>
        match formula_of a, formula_of b with
        | Some F, Some G => Lowest (c_plus F G)
        | _, _ => Anything
        end
    end.
  Definition scale_known (c : Z) (a : known) : known :=
    match a with
    | Full F => Full (c_scale c F)
    | Word F | Lowest F | Signed F => if c mod 2 ^ 32 =? 0 then Full (c_scale c F) else Lowest (c_scale c F)
    | Foreign => if c =? 1 then Foreign else Anything
    | _ => Anything
    end.
  (** Shifted down, a formula in range all of whose coefficients have zeros there. *)
  Definition c_divide (c : Z) (F : formula) : formula :=
    mkFormula (c_base F / c) (c_index F / c) (c_ticket F / c) (c_seen F / c) (c_const F / c).
  Definition down_known (n : Z) (a : known) : known :=
    match a with
    | Full F =>
        let G := c_divide (2 ^ n) F in
        if (0 <=? n) && (n <=? 64) && same_formula (c_scale (2 ^ n) G) F && in_bits 64 F then Full G else Anything
    | _ => Anything
    end.
  Definition bits_known (n : Z) (a : known) : known :=
    if n =? 32 then
      match formula_of a with
      | Some F => if in_bits 32 F then Full F else Word F
      | None => Anything
      end
    else
      match a with
      | Full F => if (0 <=? n) && (n <=? 64) && in_bits n F then Full F else Anything
      | _ => Anything
      end.
  Definition extended_known (a : known) : known :=
    match formula_of a with
    | Some F => if in_bits 31 F then Full F else Signed F
    | None => Anything
    end.
  Fixpoint value_known (ks : list known) (e : expr) : known :=
    match e with
    | Const k => Full (constant k)
    | Reg r => known_at ks r
    | Page k => Page_of k
    | Within k => Within_page k
    | Plus a b => plus_known (value_known ks a) (value_known ks b)
    | Scale c a => scale_known c (value_known ks a)
    | Times _ _ | Times_high _ _ => Anything
    | Down n a => down_known n (value_known ks a)
    | Bits n a => bits_known n (value_known ks a)
    | Extend a => extended_known (value_known ks a)
    end.
  (** It is this address; its lowest 32 bits are these. *)
  Definition is_address (F : formula) (k : known) : bool :=
    match k with Full G => same_formula F G | _ => false end.
  Definition has_lowest (F : formula) (k : known) : bool :=
    match formula_of k with Some G => same_formula F G | None => false end.

  (** The word of the frame at that address, or half a word. *)
  Definition frame_at {A} (found : Z -> Z -> option A) (ks : list known) (sp : nat) (a : known) : option A :=
    match known_at ks sp, a with
    | Below size, Below k => if same_known (known_at ks frame_top) (Below 0) then found size k else None
    | _, _ => None
    end.
  Definition frame_word_at : list known -> nat -> known -> option nat := frame_at frame_word.
  Definition frame_half_at : list known -> nat -> known -> option (nat * Z) := frame_at frame_half.
  (** What is known of a number to which [h] is done; what has that bit is known to be stored. *)
  Definition updated (h : Z -> Z) (k : known) : known :=
    match k with
    | Full F => if same_formula F (constant (c_const F)) then Full (constant (h (c_const F mod 2 ^ 64))) else Anything
    | _ => Anything
    end.
  Definition with_stored (h : Z -> Z) (ks : list known) : list known :=
    set_known frame_stored (updated h (known_at ks frame_stored)) ks.
  Definition is_stored (bit : Z) (ks : list known) : bool :=
    match known_at ks frame_stored with
    | Full F => same_formula F (constant (c_const F)) && Z.testbit (c_const F mod 2 ^ 64) bit
    | _ => false
    end.
  (** An access there has nothing to do with the array and the frame: its address is made of another one's, or it reads
      what lies above the frame. *)
  Definition is_elsewhere (rs : list nat) (ks : list known) (k : known) : bool :=
    match k, rs with
    | Foreign, _ => true
    | Below n, _ :: _ => match frame_word_at ks (stack_pointer arch) k with None => true | Some _ => false end
    | _, _ => false
    end.
  (** Register [r] is known to be what it was at the call. *)
  Definition is_kept (r : nat) (k : known) : bool :=
    same_known k (Kept r) || Nat.eqb r (stack_pointer arch) && same_known k (Below 0).

  (** Of these it is known that values are equal of which the same is known. *)
  Definition is_certain (k : known) : bool := match k with Kept _ | Below _ => true | _ => false end.

  (** ** One micro-operation *)
  Definition told_by (a b : known) : told :=
    match a, b with
    | Full F, Full G | Signed F, Signed G =>
        if same_formula F ticket_itself && same_formula G seen_itself ||
           same_formula F seen_itself && same_formula G ticket_itself then Turn else Nothing
    | _, _ => Nothing
    end.
  (** The points after a jump: taken, and not. *)
  Definition jumps (p : point) (t : test) (target : Z) : list point :=
    let there q := mkPoint target 0 (at_regs p) (at_flag p) q in
    let here q := mkPoint (at_pc p) (S (at_part p)) (at_regs p) (at_flag p) q in
    let q := at_phase p in
    match t with
    | Always => [there q]
    | If_equal b =>
        match at_flag p, q with
        | Turn, Polled_once armed =>
            if b then [there Done; here (Waiting_turn armed)] else [there (Waiting_turn armed); here Done]
        | _, _ => [there q; here q]
        end
    | If_zero b a =>
        match value_known (at_regs p) a with
        | Full F =>
            if same_formula F (constant (c_const F)) then
              if Bool.eqb (c_const F mod 2 ^ 64 =? 0) b then [there q] else [here q]
            else [there q; here q]
        | _ => [there q; here q]
        end
    end.

  (** The points after a return to that offset of the text. *)
  Definition comes_back_known (there : Z) (p : point) : option (list point) :=
    match C there with
    | Some _ => Some [mkPoint there 0 (at_regs p) (at_flag p) (at_phase p)]
    | None => None
    end.

  (** With the events that the target's lists ask for (doc/codegen.md): a ticket is taken with
      acquire and release, a poll is acquire, a store of a release is release; the load before it need not be.
      Who has loaded the tickets tries to store before it loads them again: else it could do so for ever. *)
  Definition perform_known (m : micro I) (p : point) : option (list point) :=
    let ks := at_regs p in
    let value := value_known ks in
    let after ks t q := mkPoint (at_pc p) (S (at_part p)) ks t q in
    match m with
    | Move r a => Some [after (set_known r (value a) ks) (at_flag p) (at_phase p)]
    | Compare a b => Some [after ks (told_by (value a) (value b)) (at_phase p)]
    | Jump t target => Some (jumps p t target)
    | Load is excl r a =>
        let reads := set_known r (Full seen_itself) (map forget_seen ks) in
        match at_phase p with
        | Before_taking false =>
            if is_address next_address (value a) && tries_load arch is && excl
            then Some [after reads Nothing (Before_taking true)] else None
        | Waiting_turn _ =>
            if is_address now_address (value a) && polls_by is
            then Some [after reads Nothing (Polled_once excl)] else None
        | Before_loading =>
            if is_address now_address (value a) && loads_by is && negb excl
            then Some [after reads Nothing Before_storing] else None
        | _ => None
        end
    | Store is a v =>
        match at_phase p with
        | Before_storing =>
            if is_address now_address (value a) && stores_by is &&
               has_lowest (c_plus seen_itself (constant 1)) (value v)
            then Some [after ks Nothing Done] else None
        | _ => None
        end
    | Store_x is r a v =>
        match at_phase p with
        | Before_taking true =>
            if is_address next_address (value a) && tries_store arch is &&
               has_lowest (c_plus seen_itself (constant 1)) (value v)
            then Some [after (set_known r (Full (constant 0)) (map take_seen ks)) Nothing (Waiting_turn false);
                       after (set_known r (Full (constant 1)) (map forget_seen ks)) Nothing (Before_taking false)]
            else None
        | _ => None
        end
    | Fetch_add is r a v =>
        match at_phase p with
        | Before_taking _ =>
            if is_address next_address (value a) && takes_by is && has_lowest (constant 1) (value v)
            then Some [after (set_known r (Full ticket_itself) (map forget_both ks)) Nothing (Waiting_turn false)]
            else None
        | _ => None
        end
    | Spill sp a v =>
        match frame_word_at ks sp (value a) with
        | Some w => Some [after (set_known w (value v) (with_stored (with_word w) ks)) (at_flag p) (at_phase p)]
        | None => None
        end
    | Reload sp r a =>
        match frame_word_at ks sp (value a) with
        | Some w =>
            if is_stored (stored_bit w) ks
            then Some [after (set_known r (known_at ks w) ks) (at_flag p) (at_phase p)] else None
        | None => None
        end
    | Spill_half sp a v =>
        match frame_half_at ks sp (value a) with
        | Some h =>
            Some [after (set_known (fst h) (value (Bits 32 v)) (with_stored (with_half h) ks)) (at_flag p) (at_phase p)]
        | None => None
        end
    | Reload_half sp r a =>
        match frame_half_at ks sp (value a) with
        | Some half =>
            if is_stored (snd half) ks
            then Some [after (set_known r (known_at ks (fst half)) ks) (at_flag p) (at_phase p)] else None
        | None => None
        end
    | Lose_below sp =>
        match known_at ks sp, same_known (known_at ks frame_top) (Below 0) with
        | Below size, true => Some [after (with_stored (above (size mod 2 ^ 64)) ks) (at_flag p) (at_phase p)]
        | _, _ => None
        end
    | Return a =>
        match same_known (known_at ks text_at) (Kept text_at), value a, at_phase p with
        | true, In_text k, _ => comes_back_known (k mod 2 ^ 64) p
        | true, v, Done =>
            if same_known v (Kept (link arch)) && forallb (fun r => is_kept r (known_at ks r)) (kept arch)
            then Some [] else None
        | _, _, _ => None
        end
    | Agree a b =>
        if is_certain (value a) && same_known (value a) (value b)
        then Some [after ks (at_flag p) (at_phase p)] else None
    | Wait_event =>
        match at_phase p with
        | Waiting_turn true => Some [after ks (at_flag p) (Waiting_turn false)]
        | _ => None
        end
    | Any rs => Some [after (forget_regs rs ks) Nothing (at_phase p)]
    | Address r => Some [after (set_known r Foreign ks) (at_flag p) (at_phase p)]
    | Elsewhere _ rs a =>
        if is_elsewhere rs ks (value a) then Some [after (forget_regs rs ks) (at_flag p) (at_phase p)] else None
    | Either target => Some [mkPoint target 0 ks (at_flag p) (at_phase p); after ks (at_flag p) (at_phase p)]
    | Stop => Some []
    end.

  (** The points to which a step leads, or a refusal: of the instruction that is at its place. *)
  Definition next_by (here : option (list (micro I) * Z)) (p : point) : option (list point) :=
    match here with
    | None => None
    | Some (ms, length) =>
        match nth_error ms (at_part p) with
        | None => Some [mkPoint (at_pc p + length) 0 (at_regs p) (at_flag p) (at_phase p)]
        | Some m => perform_known m p
        end
    end.
  Definition next_points (p : point) : option (list point) := next_by (C (at_pc p)) p.

  (** ** A function *)
  (** At the call: the index is in the lowest 32 bits of register 0, if there is one; of the words of the frame
      nothing is known. *)
  Definition at_call (entry : Z) : point :=
    mkPoint entry 0
      (set_known (stack_pointer arch) (Below 0) (set_known frame_top (Below 0)
         (set_known frame_stored (Full (constant 0)) (set_known text_at (Kept text_at)
            (set_known called_from (Kept (link arch)) (set_known signed_link (Kept signed_link)
               ((match index f with Some _ => Lowest (mkFormula 0 1 0 0 0) | None => Anything end) ::
                map Kept (seq 1 31) ++ repeat Anything (Z.to_nat frame_words + 6))))))))
      Nothing (match o with Acquire => Before_taking false | Release => Before_loading end).

  (** [m]: what was found, by its place. *)
  Fixpoint explore (fuel : nat) (todo found : list point) (m : place_map) : list point :=
    match fuel, todo with
    | O, _ | _, [] => found
    | S fuel, p :: todo =>
        let here := found_at C m (at_pc p) in
        if existsb (covers p) (snd here) then explore fuel todo found m
        else
          let p := widened p (snd here) in
          match next_by (fst here) p with
          | None => p :: found
          | Some ps => explore fuel (ps ++ todo) (p :: found) (with_found C at_pc p m)
          end
    end.

  (** Each step from a point in [ps] is known to lead to one of them. *)
  Definition closed (ps : list point) : bool :=
    let m := by_place C at_pc ps in
    forallb (fun p =>
      match next_by (fst (found_at C m (at_pc p))) p with
      | None => false
      | Some qs => forallb (fun q => existsb (covers q) (snd (found_at C m (at_pc q)))) qs
      end) ps.

  (** What asks memory for something; [here]: the instruction there. *)
  Definition is_request (here : option (list (micro I) * Z)) (p : point) : bool :=
    match here with
    | Some (ms, _) =>
        match nth_error ms (at_part p) with
        | None | Some (Move _ _) | Some (Compare _ _) | Some (Jump _ _) | Some (Spill _ _ _) | Some (Reload _ _ _)
        | Some (Spill_half _ _ _) | Some (Reload_half _ _ _) | Some (Lose_below _) | Some (Return _)
        | Some (Agree _ _) | Some Stop => false
        | Some _ => true
        end
    | None => false
    end.
  (** At most [n] steps lead from it to a request; [look]: the code. *)
  Fixpoint soon (look : code I) (n : nat) (p : point) : bool :=
    let here := look (at_pc p) in
    if is_request here p then true
    else match n with
         | O => false
         | S n => match next_by here p with Some qs => forallb (soon look n) qs | None => false end
         end.

  (** So many own steps between two requests are enough for what compilers make. *)
  Definition own_bound : nat := 32.
  Definition explore_fuel : nat := 1000.

  (** Right for each index, whatever the other registers hold; if [bounded], with few own steps between requests. *)
  Definition points (entry : Z) : list point := explore explore_fuel [at_call entry] [] (by_place C at_pc []).
  Definition function_ok (bounded : bool) (entry : Z) : bool :=
    let ps := points entry in
    let m := by_place C at_pc ps in
    existsb (covers (at_call entry)) ps && closed ps &&
    if bounded then forallb (soon (fun at_ => fst (found_at C m at_)) own_bound) ps else true.
End Checker.

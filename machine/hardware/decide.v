(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Executions that are written down, and expressions of cat decided in them

    Whether two events are related is computed ([decides]; that it misses none: [decide_sound] in cat.v).
    Definitions alone.  Read next: cat.v. *)
From Coq Require Import ZArith List Bool.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.relaxed Require Import model equal.
From hlock.machine.hardware Require Import events expression.
Import ListNotations.
Local Open Scope Z_scope.

Definition event_eqb (e f : event) : bool := id_eqb (fst e) (fst f) && Nat.eqb (snd e) (snd f).
Section Written.
  Context {S : system} {I : Type} {K : accesses I}.
  Local Notation act := (action S words_verb).
  (** What each CPU does; the events of each action; what reads read; the writes of each location, oldest first. *)
  Context (runs : list (list act)) (parts : id -> list I) (sources : list (event * event)) (chains : list (list event)).

  Fixpoint source_in (ss : list (event * event)) (f : event) : option event :=
    match ss with [] => None | (e, f') :: ss => if event_eqb f' f then Some e else source_in ss f end.
  Fixpoint in_order (es : list event) (e f : event) : bool :=
    match es with [] => false | d :: es => event_eqb d e && existsb (event_eqb f) es || in_order es e f end.
  Definition written : execution S I :=
    mkExecution (fun c => nth c runs []) (fun x k => nth_error (parts x) k) (source_in sources)
                (fun e f => existsb (fun es => in_order es e f) chains = true).
  Definition events_of : list event :=
    flat_map (fun c => flat_map (fun n => map (fun k => ((c, n), k)) (seq 0 (length (parts (c, n)))))
                                (seq 0 (length (nth c runs [])))) (seq 0 (length runs)).
  Definition act_at (e : event) : option act := nth_error (nth (fst (fst e)) runs []) (snd (fst e)).
  Definition part_at (e : event) : option I := nth_error (parts (fst e)) (snd e).
  Definition loc_read (e : event) : option location :=
    match act_at e, part_at e with Some a, Some i => if is_read i then loads a else None | _, _ => None end.
  Definition loc_written (e : event) : option location :=
    match act_at e, part_at e with Some a, Some i => if is_write i then stores a else None | _, _ => None end.
  Definition po_b (e f : event) : bool :=
    if Nat.eqb (fst (fst e)) (fst (fst f)) then
      Nat.ltb (snd (fst e)) (snd (fst f)) || Nat.eqb (snd (fst e)) (snd (fst f)) && Nat.ltb (snd e) (snd f)
    else false.
  Definition same_loc_b (e f : event) : bool :=
    location_is (loc_read e) (loc_read f) || location_is (loc_read e) (loc_written f) ||
    location_is (loc_written e) (loc_read f) || location_is (loc_written e) (loc_written f).
  Definition ext_b (e f : event) : bool := negb (Nat.eqb (fst (fst e)) (fst (fst f))).
  Definition rf_b (e f : event) : bool :=
    match source_in sources f with Some d => if event_eqb d e then some (loc_read f) else false | None => false end.
  Definition co_b (e f : event) : bool := existsb (fun es => in_order es e f) chains.
  Definition fr_b (e f : event) : bool :=
    if location_is (loc_read e) (loc_written f) then
      match source_in sources e with Some w => co_b w f | None => true end
    else false.
  Definition rmw_b (e f : event) : bool :=
    if id_eqb (fst e) (fst f) && Nat.eqb (snd f) (Datatypes.S (snd e)) then
      match part_at e, part_at f with
      | Some i, Some j => is_rmw i j && some (loc_read e) && some (loc_written f)
      | _, _ => false
      end
    else false.
  Definition data_b (e f : event) : bool :=
    if po_b e f then
      match act_at e, act_at f with Some (Lock l (Loaded _)), Some (Lock l' (Stored _)) => l =? l' | _, _ => false end
    else false.
  Definition ctrl_b (e f : event) : bool :=
    if po_b e f then match act_at e with Some (Lock _ (Polled _)) => true | _ => false end else false.
  Definition sort_b (p : I -> bool) (e : event) : bool := match part_at e with Some i => p i | None => false end.

  Definition set_of (c : cat I) : option (I -> bool) := match c with In p => Some p | _ => None end.
  (** Computed: of events that are there. *)
  Fixpoint decides (c : cat I) (e f : event) : bool :=
    match c with
    | Po => po_b e f | Loc => same_loc_b e f | Ext => ext_b e f
    | Rf => rf_b e f | Co => co_b e f | Fr => fr_b e f | Rmw => rmw_b e f
    | Data => data_b e f | Ctrl => ctrl_b e f
    | In p => if event_eqb e f then sort_b p e else false
    | Then a b =>
        match set_of a, set_of b with
        | Some p, _ => if sort_b p e then decides b e f else false
        | None, Some p => if sort_b p f then decides a e f else false
        | None, None => existsb (fun d => if decides a e d then decides b d f else false) events_of
        end
    | Or a b => if decides a e f then true else decides b e f
    | And a b => if decides a e f then decides b e f else false
    end.
End Written.

(** What each CPU does, each action with its instructions; what reads read; writes, oldest first. *)
Definition decided {S : system} {I : Type} {K : accesses I} (cpus : list (list (action S words_verb * list I)))
    (sources : list (event * event)) (chains : list (list event)) (c : cat I) (e f : event) : bool :=
  decides (map (map fst) cpus) (fun x => nth (snd x) (map snd (nth (fst x) cpus [])) []) sources chains c e f.
(** One CPU: is the first event of its action [n] related to that of its action [k]? *)
Definition on_one {S : system} {I : Type} {K : accesses I} (c : cat I) (l : list (action S words_verb * list I))
    (n k : nat) : bool := decided [l] [] [] c (0%nat, n, 0%nat) (0%nat, k, 0%nat).

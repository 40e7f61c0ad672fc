(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 4: the C text of a debug build with its record

    As text.v, of the text that libhlock_debug.a is compiled from: the functions of
    checks.h, which are the same for each table, the lock functions, around whose
    call of floor 3 these are called, and the assertions.  That the exported C of a
    table is this text is an equation (generated/L4_exported.v).
    Read next: record.v, checked.v. *)
From Coq Require Import ZArith List Bool String.
From hlock.clight Require Import options integers values syntax.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import text.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

(** ** Pieces *)
Definition temporary (t : ident) : expr := Etempvar t tuint.
Definition t1 : ident := 128%positive.
Definition t2 : ident := 129%positive.
Definition t3 : ident := 130%positive.
Definition t4 : ident := 131%positive.

(** [t = callee(arguments)], of a function that answers a number. *)
Definition ask_text (t : ident) (callee : string) (arguments : list expr) : statement :=
  Scall (Some t) (Evar ($callee) (Tfunction (uints arguments) tuint cc_default)) arguments.
(** [uint32_t x = callee(arguments)] *)
Definition asked_text (x : string) (t : ident) (callee : string) (arguments : list expr) : statement :=
  Ssequence (ask_text t callee arguments) (Sset ($x) (temporary t)).
Definition holds_text (op : binary_operation) (a b : expr) : expr := Ebinop op a b tint.
Definition when_text (c : expr) (s : statement) : statement := Sifthenelse c s Sskip.
Definition next_text (x : string) : statement := Sset ($x) (Ebinop Oadd (argument x) (constant 1) tuint).

Definition function_of (result : type) (parameters : list string) (temporaries : list ident) (body : statement)
    : function := {|
  fn_return := result;
  fn_callconv := cc_default;
  fn_params := map (fun p => ($p, tuint)) parameters;
  fn_vars := [];
  fn_temps := map (fun t => (t, tuint)) temporaries;
  fn_body := body
|}.

(** ** checks.h *)
Definition stops_text (fault operation first lk : expr) : statement :=
  call_text "hlock_stops" [fault; operation; first; lk; argument "cpu"].

Definition place_of_text : function :=
  function_of tuint ["cpu"; "lk"] [$"count"; $"place"; t2; t1]
  (Ssequence (asked_text "count" t1 "record_count" [argument "cpu"])
  (Ssequence (Sset ($"place") (constant 0))
  (Ssequence
    (Swhile (holds_text Olt (argument "place") (argument "count"))
      (Ssequence
        (Ssequence (ask_text t2 "record_lock" [argument "cpu"; argument "place"])
                   (when_text (holds_text Oeq (temporary t2) (argument "lk")) (Sreturn (Some (argument "place")))))
        (next_text "place")))
    (Sreturn (Some (argument "place")))))).

(** What [comes_after] stops at a lock that is held; the fault of two orders is 2. *)
Definition against_order (op : binary_operation) (bound : string) : statement :=
  when_text (holds_text op (argument "held") (argument bound))
            (stops_text (constant 2) (constant 0) (argument "first") (argument "lk")).
Definition comes_after_text : function :=
  function_of tvoid ["cpu"; "first"; "lk"; "rank"; "held"; "held_rank"] []
  (Ssequence
    (when_text (holds_text Oeq (argument "held") (argument "lk"))
               (stops_text (constant 1) (constant 0) (argument "first") (argument "lk")))
    (when_text (holds_text Oge (argument "held_rank") (argument "rank"))
               (Ssequence (against_order Olt "first") (against_order Ogt "lk")))).

Definition may_acquire_text : function :=
  function_of tvoid ["cpu"; "first"; "lk"; "rank"] [$"count"; $"place"; $"held"; $"held_rank"; t4; t3; t2; t1]
  (Ssequence (asked_text "count" t1 "record_count" [argument "cpu"])
  (Ssequence (Sset ($"place") (constant 0))
  (Ssequence
    (Swhile (holds_text Olt (argument "place") (argument "count"))
      (Ssequence (asked_text "held" t2 "record_lock" [argument "cpu"; argument "place"])
      (Ssequence (asked_text "held_rank" t3 "record_rank" [argument "cpu"; argument "place"])
      (Ssequence
        (call_text "comes_after" (map argument ["cpu"; "first"; "lk"; "rank"; "held"; "held_rank"]))
        (next_text "place")))))
  (Ssequence
    (Ssequence (ask_text t4 "record_room" [])
               (when_text (holds_text Oge (argument "count") (temporary t4))
                          (stops_text (constant 3) (constant 0) (argument "first") (argument "lk"))))
    (call_text "record_wait" (map argument ["cpu"; "first"; "lk"])))))).

Definition now_held_text : function :=
  function_of tvoid ["cpu"; "lk"; "rank"] [$"count"; t1]
  (Ssequence (asked_text "count" t1 "record_count" [argument "cpu"])
  (Ssequence (call_text "record_put" (map argument ["cpu"; "count"; "lk"; "rank"]))
             (call_text "record_size" [argument "cpu"; Ebinop Oadd (argument "count") (constant 1) tuint]))).

Definition must_hold_text : function :=
  function_of tvoid ["cpu"; "fault"; "operation"; "first"; "lk"] [$"place"; t2; t1]
  (Ssequence (asked_text "place" t1 "place_of" [argument "cpu"; argument "lk"])
  (Ssequence (ask_text t2 "record_count" [argument "cpu"])
             (when_text (holds_text Oeq (argument "place") (temporary t2))
                        (stops_text (argument "fault") (argument "operation") (argument "first") (argument "lk"))))).

Definition drop_held_text : function :=
  function_of tvoid ["cpu"; "lk"] [$"place"; $"last"; t2; t1]
  (Ssequence (asked_text "place" t1 "place_of" [argument "cpu"; argument "lk"])
  (Ssequence
    (Ssequence (ask_text t2 "record_count" [argument "cpu"])
               (Sset ($"last") (Ebinop Osub (temporary t2) (constant 1) tuint)))
  (Ssequence (call_text "record_move" (map argument ["cpu"; "last"; "place"]))
             (call_text "record_size" (map argument ["cpu"; "last"]))))).

Definition must_lack_text : function :=
  function_of tvoid ["cpu"; "first"; "lk"] [$"place"; t2; t1]
  (Ssequence (asked_text "place" t1 "place_of" [argument "cpu"; argument "lk"])
  (Ssequence (ask_text t2 "record_count" [argument "cpu"])
             (when_text (holds_text One (argument "place") (temporary t2))
                        (stops_text (constant 6) (constant 3) (argument "first") (argument "lk"))))).

Definition must_be_free_text : function :=
  function_of tvoid ["cpu"] [t1]
  (Ssequence (ask_text t1 "record_count" [argument "cpu"])
             (when_text (holds_text One (temporary t1) (constant 0))
                        (stops_text (constant 7) (constant 4) (constant 0) (constant 0)))).

(** ** The functions of a table *)
Inductive assertion := Held | Not_held.
Definition assertion_name (prefix : string) (a : assertion) (f : family) : string :=
  (prefix ++ match a with Held => "assert_held_" | Not_held => "assert_not_held_" end ++ name f)%string.
Definition none_held_name (prefix : string) : string := (prefix ++ "assert_none_held")%string.
Definition assertion_number (a : assertion) : Z := match a with Held => 2 | Not_held => 3 end.

(** HLOCK_CHECK, if there is an index; [n]: the number of the operation. *)
Definition in_range_text (n : Z) (f : family) (s : statement) : statement :=
  match index f with
  | None => s
  | Some p =>
      Ssequence
        (when_text (holds_text Oge (argument p) (constant (count f)))
                   (call_text "hlock_stop" [constant n; constant (first f); argument p; constant (count f)]))
        s
  end.

Definition this_cpu_text (n first : Z) : statement :=
  asked_text "hlock_cpu" t1 "this_cpu" [constant n; constant first].

(** HLOCK_ENTER, HLOCK_LEAVE; the assertions. *)
Definition enter_text (f : family) : statement :=
  Ssequence (this_cpu_text 0 (first f))
  (Ssequence (call_text "may_acquire" [argument "hlock_cpu"; constant (first f); number_text f; constant (rank f)])
  (Ssequence (call_text "wait_hlock" [number_text f])
             (call_text "now_held" [argument "hlock_cpu"; number_text f; constant (rank f)]))).
Definition leave_text (f : family) : statement :=
  Ssequence (this_cpu_text 1 (first f))
  (Ssequence (call_text "must_hold" [argument "hlock_cpu"; constant 4; constant 1; constant (first f); number_text f])
  (Ssequence (call_text "drop_held" [argument "hlock_cpu"; number_text f])
             (call_text "pass_hlock" [number_text f]))).
Definition asserts_text (a : assertion) (f : family) : statement :=
  Ssequence (this_cpu_text (assertion_number a) (first f))
  match a with
  | Held => call_text "must_hold" [argument "hlock_cpu"; constant 5; constant 2; constant (first f); number_text f]
  | Not_held => call_text "must_lack" [argument "hlock_cpu"; constant (first f); number_text f]
  end.

Definition parameters_of (f : family) : list string := match index f with Some p => [p] | None => [] end.
Definition checked_text (o : operation) (f : family) : function :=
  function_of tvoid (parameters_of f) [$"hlock_cpu"; t1]
    (in_range_text (operation_number o) f match o with Acquire => enter_text f | Release => leave_text f end).
Definition assertion_text (a : assertion) (f : family) : function :=
  function_of tvoid (parameters_of f) [$"hlock_cpu"; t1] (in_range_text (assertion_number a) f (asserts_text a f)).
Definition none_held_text : function :=
  function_of tvoid [] [$"hlock_cpu"; t1]
    (Ssequence (this_cpu_text 4 0) (call_text "must_be_free" [argument "hlock_cpu"])).

(** ** All of a table *)
(** A function of [n] numbers that is defined elsewhere, and answers one. *)
Definition external_answer (f : string) (n : nat) : ident * globdef fundef type :=
  ($f, Gfun (External (EF_external f (mksignature (repeat AST.Tint n) AST.Tint cc_default))
                      (uints (repeat tt n)) tuint cc_default)).

(** What the record offers, and the stop. *)
Definition record_calls : module :=
  [external_answer "record_count" 1; external_answer "record_lock" 2; external_text "hlock_stops" 5;
   external_answer "record_rank" 2; external_answer "record_room" 0; external_text "record_wait" 3;
   external_text "record_put" 4; external_text "record_size" 2; external_text "record_move" 3].

Definition checked_calls (T : table) : module :=
  let stops f := match index f with Some _ => true | None => false end in
  let stop := external_text "hlock_stop" 4 in
  let this := external_answer "this_cpu" 2 in
  let calls := [this; external_text "wait_hlock" 1; external_text "pass_hlock" 1] in
  match T with
  | [] => [this]
  | f :: T => if stops f then stop :: calls else if existsb stops T then calls ++ [stop] else calls
  end.

Definition checks : module :=
  map (fun d => ($(fst d), Gfun (Internal (snd d))))
    [("place_of", place_of_text); ("comes_after", comes_after_text); ("may_acquire", may_acquire_text);
     ("now_held", now_held_text); ("must_hold", must_hold_text); ("drop_held", drop_held_text);
     ("must_lack", must_lack_text); ("must_be_free", must_be_free_text)].

Definition checked_functions (prefix : string) (T : table) : module :=
  flat_map (fun f =>
    [ ($(function_name prefix Acquire f), Gfun (Internal (checked_text Acquire f)));
      ($(function_name prefix Release f), Gfun (Internal (checked_text Release f))) ]) T.
Definition assertions_of (prefix : string) (T : table) : module :=
  flat_map (fun f =>
    [ ($(assertion_name prefix Held f), Gfun (Internal (assertion_text Held f)));
      ($(assertion_name prefix Not_held f), Gfun (Internal (assertion_text Not_held f))) ]) T ++
  [($(none_held_name prefix), Gfun (Internal none_held_text))].

(** The debug text with its record. *)
Definition locks_checked_text (prefix : string) (T : table) : module :=
  record_calls ++ checked_calls T ++ checks ++ checked_functions prefix T ++ assertions_of prefix T.

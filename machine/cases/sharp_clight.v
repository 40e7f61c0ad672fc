(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: the meaning of C

    Operators at the edges of their ranges, with operands of both signs; expressions,
    arguments, entries and results; each small step, and where there is none.  What
    sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool String FMapPositive.
From hlock.clight Require Import options integers values syntax operators semantics smallstep.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

(** ** Operators: [None] is undefined *)
Definition word (z : Z) : val := Vint (Int.repr z).
Definition number (v : option val) : option Z := match v with Some (Vint n) => Some (Int.unsigned n) | _ => None end.
Definition on (t1 t2 : type) (op : binary_operation) (xy : Z * Z) : option Z :=
  number (sem_binary_operation op (word (fst xy)) t1 (word (snd xy)) t2).
Definition top : Z := 4294967295.      (* 2^32 - 1 *)
Definition max : Z := 2147483647.      (* the greatest int *)
Definition min : Z := 2147483648.      (* the least one, as unsigned *)
Definition minus (z : Z) : Z := 4294967296 - z.
Definition somes (zs : list Z) : list (option Z) := map Some zs.

Example integers_are : map Int.signed (map Int.repr [0; 1; max; min; top; 4294967296]) =
  [0; 1; max; - 2147483648; -1; 0].
Proof. vm_compute; reflexivity. Qed.
Example integers_equal : (Int.eq (Int.repr 3) (Int.repr 3), Int.eq (Int.repr 3) (Int.repr 4),
  Int.eq (Int.repr 4) (Int.repr 3), Int.eq Int.zero (Int.repr 0), Int.eq Int.one (Int.repr 1)) =
  (true, false, false, true, true).
Proof. vm_compute; reflexivity. Qed.

(** Unsigned arithmetic wraps. *)
Example unsigned_arithmetic :
  (map (on tuint tuint Oadd) [(3, 4); (top, 1)], map (on tuint tuint Osub) [(7, 3); (3, 4)],
   map (on tuint tuint Omul) [(3, 5); (65536, 65536)]) =
  (somes [7; 0], somes [4; top], somes [15; 0]).
Proof. vm_compute; reflexivity. Qed.
Example unsigned_division :
  (map (on tuint tuint Odiv) [(7, 2); (top, 2); (7, 0)], map (on tuint tuint Omod) [(7, 2); (top, 7); (7, 0)]) =
  ([Some 3; Some max; None], [Some 1; Some 3; None]).
Proof. vm_compute; reflexivity. Qed.
Example bits : map (fun op => on tuint tuint op (12, 10)) [Oand; Oor; Oxor] = somes [8; 14; 6].
Proof. vm_compute; reflexivity. Qed.

(** Signed overflow is undefined; division is towards zero. *)
Example signed_arithmetic :
  (map (on tint tint Oadd) [(max, 0); (min, 0); (minus 3, 4); (max, 1); (min, minus 1)],
   map (on tint tint Osub) [(3, 4); (min, 0); (min, 1); (max, minus 1)],
   map (on tint tint Omul) [(minus 3, 5); (65536, 65536)]) =
  ([Some max; Some min; Some 1; None; None], [Some top; Some min; None; None], [Some (minus 15); None]).
Proof. vm_compute; reflexivity. Qed.
Example signed_division :
  (map (on tint tint Odiv) [(minus 7, 2); (min, minus 1); (1, 0)],
   map (on tint tint Omod) [(minus 7, 2); (min, minus 1); (1, 0)]) =
  ([Some (minus 3); None; None], [Some top; None; None]).
Proof. vm_compute; reflexivity. Qed.

Definition truths (bs : list bool) : list (option Z) := map (fun b : bool => Some (if b then 1 else 0)) bs.
Example comparisons : map (fun op => map (on tuint tuint op) [(1, 2); (2, 2); (3, 2)]) [Oeq; One; Olt; Ogt; Ole; Oge] =
  map truths [[false; true; false]; [true; false; true]; [true; false; false]; [false; false; true];
              [true; true; false]; [false; true; true]].
Proof. vm_compute; reflexivity. Qed.
(** One unsigned operand is enough for an unsigned comparison. *)
Example signs_of_comparisons : map (fun ts => on (fst ts) (snd ts) Olt (minus 1, 1))
  [(tint, tint); (tuint, tuint); (tint, tuint); (tuint, tint)] = truths [true; false; false; false].
Proof. vm_compute; reflexivity. Qed.
(** Operands of other types, and values that are undefined, have no meaning. *)
Example not_in_the_subset :
  (map (fun ts => on (fst ts) (snd ts) Oadd (1, 1)) [(tbool, tuint); (tuint, tbool); (tvoid, tuint); (tbool, tbool)],
   sem_binary_operation Oadd Vundef tuint (word 1) tuint, sem_binary_operation Oadd (word 1) tuint Vundef tuint) =
  ([None; None; None; None], None, None).
Proof. vm_compute; reflexivity. Qed.

(** The type of a shift is that of its left operand. *)
Example shifts :
  (map (on tuint tint Oshl) [(1, 0); (1, 31); (1, 32); (1, minus 1); (3, 31)],
   map (on tuint tint Oshr) [(min, 0); (min, 31); (8, 3); (8, 32)],
   map (on tint tuint Oshl) [(1, 30); (1, 31); (minus 1, 1)], map (on tint tuint Oshr) [(8, 3); (minus 8, 3)],
   on tuint tbool Oshl (1, 1), on tbool tuint Oshl (1, 1)) =
  ([Some 1; Some min; None; None; Some min], [Some min; Some 1; Some 1; None],
   [Some 1073741824; None; None], [Some 1; None], None, None).
Proof. vm_compute; reflexivity. Qed.
Example shifts_alone : (map (fun op => sem_shift op 1 Unsigned 1) [Oadd; Oand; Oeq],
  map (fun op => sem_binary op Unsigned 1 1) [Oshl; Oshr], map shift_ok [-1; 0; 31; 32]) =
  ([None; None; None], [None; None], [false; true; true; false]).
Proof. vm_compute; reflexivity. Qed.

Example truth_of_values : (map (fun z => (bool_val (word z) tint, bool_val (word z) tuint)) [0; 1; 5],
  bool_val (word 1) tbool, bool_val Vundef tint) =
  ([(Some false, Some false); (Some true, Some true); (Some true, Some true)], None, None).
Proof. vm_compute; reflexivity. Qed.
Definition unary (op : unary_operation) (t : type) (z : Z) : option Z := number (sem_unary_operation op (word z) t).
Example unary_operators :
  (map (unary Onotbool tint) [0; 1; 5], map (unary Onotint tint) [5; minus 6], map (unary Onotint tuint) [5; top],
   map (unary Oneg tint) [5; minus 5; min], map (unary Oneg tuint) [5; 0], unary Oabsfloat tint 5,
   unary Oneg tbool 1, sem_unary_operation Oneg Vundef tint) =
  (somes [1; 0; 0], somes [minus 6; 5], somes [minus 6; 0], [Some (minus 5); Some 5; None], somes [minus 5; 0], None,
   None, None).
Proof. vm_compute; reflexivity. Qed.
(** To unsigned a value wraps, to signed it must fit, to [_Bool] it is 0 or 1. *)
Example casts : map (fun ts => map (fun z => number (sem_cast (word z) (fst ts) (snd ts))) [0; 5; max; min; top])
  [(tint, tuint); (tuint, tuint); (tint, tint); (tuint, tint); (tuint, tbool); (tbool, tuint); (tbool, tbool)] =
  [somes [0; 5; max; min; top]; somes [0; 5; max; min; top]; somes [0; 5; max; min; top];
   [Some 0; Some 5; Some max; None; None]; somes [0; 1; 1; 1; 1]; [None; None; None; None; None];
   [None; None; None; None; None]].
Proof. vm_compute; reflexivity. Qed.

(** ** Names, expressions, arguments *)
Example names_are : ($"", $"a" =? $"b", $"ab" =? $"ba", $"a" =? $"aa")%positive = (4096%positive, false, false, false).
Proof. vm_compute; reflexivity. Qed.
Example names_and_temporaries : Pos.ltb 4095 ($"x") = true.
Proof. vm_compute; reflexivity. Qed.

(** Temporaries: [x] is 5, [y] is -1 (as int), [u] is undefined. *)
Definition le : temp_env := set_temp ($"x") (word 5) (set_temp ($"y") (word top) (set_temp ($"u") Vundef
  (PositiveMap.empty val))).
Definition x : expr := Etempvar ($"x") tuint.
Definition y : expr := Etempvar ($"y") tint.
Definition u : expr := Etempvar ($"u") tuint.
Definition lit (z : Z) : expr := Econst_int (Int.repr z) tint.
Example temporaries : (map (fun s => number (le ! ($s))) ["x"; "y"; "u"; "z"], le ! ($"u"), le ! ($"z")) =
  ([Some 5; Some top; None; None], Some Vundef, None).
Proof. vm_compute; reflexivity. Qed.
Example expressions : map (fun a => number (eval_expr le a))
  [x; lit 7; Evar ($"x") tuint; Eunop Oneg x tuint; Ebinop Osub x (lit 7) tuint; Ebinop Osub (lit 7) x tuint;
   Ebinop Olt y x tint; Ebinop Olt y (lit 5) tint; Ecast y tuint; Ecast (Ecast y tuint) tint; Eunop Onotint y tint;
   Ebinop Oadd u x tuint] =
  [Some 5; Some 7; None; Some (minus 5); Some (minus 2); Some 2; Some 0; Some 1; Some top; None; Some 0; None].
Proof. vm_compute; reflexivity. Qed.
Example expressions_undefined : map (eval_expr le) [u; Evar ($"x") tuint; Etempvar ($"z") tuint] = [Some Vundef; None;
  None].
Proof. vm_compute; reflexivity. Qed.
Example arguments_are :
  (eval_args le [] Tnil, eval_args le [x; Ecast x tuint; lit 7] (Tcons tint (Tcons tuint (Tcons tuint Tnil))),
   eval_args le [x] Tnil, eval_args le [] (Tcons tuint Tnil), eval_args le [Ecast y tuint] (Tcons tint Tnil)) =
  (Some [], Some [word 5; word 5; word 7], None, None, None).
Proof. vm_compute; reflexivity. Qed.
Example conditions_are : map (eval_cond le) [x; lit 0; u; Econst_int Int.one tbool] = [Some true; Some false; None;
  None].
Proof. vm_compute; reflexivity. Qed.

(** ** Entering a function, and what it returns *)
Definition function_of (params temps : list string) (vars : list (ident * type)) : function := {|
  fn_return := tuint; fn_callconv := cc_default; fn_params := map (fun s => ($s, tuint)) params; fn_vars := vars;
  fn_temps := map (fun s => ($s, tuint)) temps; fn_body := Sskip |}.
Definition entered (f : function) (vs : list val) (names : list string) : option (list (option val)) :=
  option_map (fun le => map (fun s => le ! ($s)) names) (function_entry f vs).
Example entries :
  (entered (function_of ["a"; "b"] ["t"] []) [word 1; word 2] ["a"; "b"; "t"; "c"],
   entered (function_of ["a"] [] []) [Vundef] ["a"], entered (function_of [] [] []) [] ["a"]) =
  (Some [Some (word 1); Some (word 2); Some Vundef; None], Some [Some Vundef], Some [None]).
Proof. vm_compute; reflexivity. Qed.
(** Too many arguments, too few; the same name twice; a variable in memory. *)
Example no_entries : map (fun fv => entered (fst fv) (snd fv) [])
  [(function_of [] [] [], [word 1]); (function_of ["a"] [] [], []); (function_of ["a"; "a"] [] [], [word 1; word 2]);
   (function_of ["b"; "a"; "a"] [] [], [word 1; word 1; word 2]);
   (function_of ["a"] ["a"] [], [word 1]); (function_of [] ["a"; "a"] [], []); (function_of [] [] [($"a", tuint)],
     [])] =
  [None; None; None; None; None; None; None].
Proof. vm_compute; reflexivity. Qed.
Example results : map (fun ot => function_result (fst ot) (snd ot))
  [(Out_normal, tvoid); (Out_return None, tvoid); (Out_return (Some (word 5, tint)), tuint);
   (Out_return (Some (word top, tint)), tuint);
   (Out_normal, tuint); (Out_return None, tuint); (Out_return (Some (word 5, tint)), tvoid);
   (Out_return (Some (word top, tuint)), tint); (Out_break, tvoid); (Out_continue, tvoid)] =
  [Some Vundef; Some Vundef; Some (word 5); Some (word top); None; None; None; None; None; None].
Proof. vm_compute; reflexivity. Qed.
Example outcomes_of_loops :
  (map ends_loop [Out_break; Out_return None; Out_normal; Out_continue],
   map next_part [Out_normal; Out_continue; Out_break; Out_return None]) =
  ([Some Out_normal; Some (Out_return None); None; None], [true; true; false; false]).
Proof. reflexivity. Qed.

(** ** Functions and their types *)
Definition get : fundef := External (EF_external "get" (mksignature [] AST.Tint cc_default)) (Tcons tuint Tnil) tuint
  cc_default.
Definition two_args : function := function_of ["a"; "b"] [] [].
Definition M : module := [($"get", Gfun get); ($"two", Gfun (Internal two_args)); ($"get", Gfun (Internal two_args))].
Example functions_found : map (find_function M) [($"get"); ($"two"); ($"none")] =
  [Some get; Some (Internal two_args); None].
Proof. vm_compute; reflexivity. Qed.
Example types_of_functions : map type_of_fundef [get; Internal two_args] =
  [Tfunction (Tcons tuint Tnil) tuint cc_default; Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default].
Proof. vm_compute; reflexivity. Qed.
Example types_are : (tint, tuint, tbool, map typeof [x; lit 1; Ebinop Olt x x tint; Ecast x tint; Eunop Oneg x tint]) =
  (Tint I32 Signed noattr, Tint I32 Unsigned noattr, Tint IBool Unsigned noattr, [tuint; tint; tint; tint; tint]).
Proof. reflexivity. Qed.

(** ** Small steps *)
Definition k : cont := Kseq Sbreak Kstop.
Definition call (r : option ident) (f : string) (args : typelist) (res : type) (es : list expr) : statement :=
  Scall r (Evar ($f) (Tfunction args res cc_default)) es.
Definition steps_from (ss : list statement) : list (option state) := map (fun s => step M (Exec le s k)) ss.
Example statements_step : steps_from
  [Sskip; Sset ($"z") (lit 7); Ssequence Sbreak Sskip; Sifthenelse x Sskip Sbreak; Sifthenelse (lit 0) Sskip Sbreak;
   Sloop Sskip Sbreak; Sbreak; Scontinue; Sreturn None; Sreturn (Some x)] =
  [Some (Leave le Out_normal k); Some (Leave (set_temp ($"z") (word 7) le) Out_normal k);
   Some (Exec le Sbreak (Kseq Sskip k)); Some (Exec le Sskip k); Some (Exec le Sbreak k);
   Some (Exec le Sskip (Kbody Sskip Sbreak k)); Some (Leave le Out_break k); Some (Leave le Out_continue k);
   Some (Leave le (Out_return None) k); Some (Leave le (Out_return (Some (word 5, tuint))) k)].
Proof. vm_compute; reflexivity. Qed.
Example calls_step : steps_from
  [call (Some ($"r")) "get" (Tcons tuint Tnil) tuint [x]; call None "two" (Tcons tuint (Tcons tuint Tnil)) tuint [x;
    lit 7]] =
  [Some (Enter ($"get") get [word 5] (Kcall (Some ($"r")) le k));
   Some (Enter ($"two") (Internal two_args) [word 5; word 7] (Kcall None le k))].
Proof. vm_compute; reflexivity. Qed.
(** No such variable; another type than the function has; no function; wrong
    arguments; no name. *)
Example no_statement_steps : steps_from
  [Sset ($"z") (Evar ($"x") tuint); Sifthenelse u Sskip Sskip; Sreturn (Some (Evar ($"x") tuint));
   call None "get" (Tcons tuint Tnil) tvoid [x]; call None "get" (Tcons tint Tnil) tuint [x];
   call None "none" (Tcons tuint Tnil) tuint [x]; call None "get" (Tcons tuint Tnil) tuint [];
   Scall None x []] = [None; None; None; None; None; None; None; None].
Proof. vm_compute; reflexivity. Qed.

(** What an outcome does to what is still to do: in a sequence, in the body and the step
    of a loop, in a function and in a call. *)
Definition outcomes : list outcome := [Out_normal; Out_break; Out_continue; Out_return None].
Definition leaves (k : cont) : list (option state) := map (fun out => step M (Leave le out k)) outcomes.
Example leaving_a_sequence : leaves (Kseq Sskip k) =
  [Some (Exec le Sskip k); Some (Leave le Out_break k); Some (Leave le Out_continue k);
    Some (Leave le (Out_return None) k)].
Proof. reflexivity. Qed.
Example leaving_a_body : leaves (Kbody Sskip Sbreak k) =
  [Some (Exec le Sbreak (Kstep Sskip Sbreak k)); Some (Leave le Out_normal k);
   Some (Exec le Sbreak (Kstep Sskip Sbreak k)); Some (Leave le (Out_return None) k)].
Proof. reflexivity. Qed.
Example leaving_a_step : leaves (Kstep Sskip Sbreak k) =
  [Some (Exec le (Sloop Sskip Sbreak) k); Some (Leave le Out_normal k); None; Some (Leave le (Out_return None) k)].
Proof. reflexivity. Qed.
Example leaving_a_function :
  (step M (Leave le (Out_return (Some (word 5, tuint))) (Kreturn two_args k)), leaves (Kreturn two_args k),
   leaves Kstop, leaves (Kcall None le k)) =
  (Some (Give (word 5) k), [None; None; None; None], [None; None; None; None], [None; None; None; None]).
Proof. vm_compute; reflexivity. Qed.
Example entering_steps : (step M (Enter ($"two") (Internal two_args) [word 1; word 2] k),
  step M (Enter ($"two") (Internal two_args) [word 1] k), step M (Enter ($"get") get [word 1] k)) =
  (Some (Exec (set_temp ($"b") (word 2) (set_temp ($"a") (word 1) (PositiveMap.empty val))) Sskip (Kreturn two_args k)),
   None, None).
Proof. vm_compute; reflexivity. Qed.
Example giving_steps : map (fun k => step M (Give (word 3) k)) [Kcall (Some ($"r")) le k; Kcall None le k; Kstop; k] =
  [Some (Leave (set_temp ($"r") (word 3) le) Out_normal k); Some (Leave le Out_normal k); None; None].
Proof. vm_compute; reflexivity. Qed.

(** ** One is refined by the other, if each of its runs is one of the other *)
Example refined_or_not :
  let nothing : fn_sem unit unit := fun _ _ _ _ _ => False in let all : fn_sem unit unit := fun _ _ _ _ _ => True in
  spec_le nothing all /\ ~ spec_le all nothing.
Proof. split; [intros f args m d res m' d' []|intros All; exact (All 1%positive [] tt tt Vundef tt tt I)]. Qed.

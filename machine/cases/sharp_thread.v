(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: the linked C, and a thread that runs it

    The text of a small table, word for word; what a thread does next in each state, and
    how it goes on with an answer; and whole calls, driven by answers from here.  What
    sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool String.
From hlock.clight Require Import options integers values syntax semantics smallstep link.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text.
From hlock.generated Require L1_ticket L3_atomic.
From hlock.stack Require Import linked.
From hlock.machine.model Require Import thread.
From hlock.machine.cases Require Import small.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

Definition text : program := stack "" small_table.
Definition word (z : Z) : val := Vint (Int.repr z).

(** ** The text *)
Definition calls (params : list (ident * type)) (callee : string) (argument : expr) : function := {|
  fn_return := tvoid; fn_callconv := cc_default; fn_params := params; fn_vars := []; fn_temps := [];
  fn_body := Scall None (Evar ($callee) (Tfunction (Tcons tuint Tnil) tvoid cc_default)) [argument] |}.
Definition lit (z : Z) : expr := Econst_int (Int.repr z) tuint.
Definition index : expr := Etempvar ($"i") tuint.
Example text_is : map (fun s => find_function (functions text) ($s))
  ["acquire_lock_core"; "release_lock_core"; "acquire_lock_pt"; "release_lock_pt"; "acquire_lock_vm"; "hlock_stop";
   "wait_lock"; "pass_lock"; "wait_hlock"; "pass_hlock"] =
  [Some (Internal (calls [] "wait_hlock" (lit 0))); Some (Internal (calls [] "pass_hlock" (lit 0)));
   Some (Internal (calls [($"i", tuint)] "wait_hlock" (Ebinop Oadd (lit 4) index tuint)));
   Some (Internal (calls [($"i", tuint)] "pass_hlock" (Ebinop Oadd (lit 4) index tuint)));
   None; None; Some (Internal L1_ticket.f_wait_lock); Some (Internal L1_ticket.f_pass_lock);
   Some (Internal L3_atomic.f_wait_hlock); Some (Internal L3_atomic.f_pass_hlock)].
Proof. computed. Qed.
(** What is called and nowhere defined are the primitives. *)
Example text_calls : map (fun s => option_map type_of_fundef (find_function (functions text) ($s)))
  ["incr_ticket"; "get_now"; "incr_now"; "cpu_relax"] =
  [Some (Tfunction (Tcons tuint Tnil) tuint cc_default); Some (Tfunction (Tcons tuint Tnil) tuint cc_default);
   Some (Tfunction (Tcons tuint Tnil) tvoid cc_default); Some (Tfunction Tnil tvoid cc_default)].
Proof. computed. Qed.
(** With another prefix they have other names, and the rest has not. *)
Example text_prefixed : (prefix_of (stack "my_" small_table), map (fun s =>
    match find_function (functions (stack "my_" small_table)) ($s) with Some _ => true | None => false end)
  ["my_acquire_lock_pt"; "my_release_lock_core"; "acquire_lock_pt"; "wait_lock"; "my_wait_lock"]) =
  ("my_", [true; true; false; true; false]).
Proof. computed. Qed.
(** The debug text, with its prefix: the same functions, that check first. *)
Example debug_text_is : map (fun s => match find_function (locks_debug_text "my_" small_table) ($s) with
    | Some (Internal f) => match fn_body f with Scall _ _ _ => Some false | _ => Some true end
    | _ => None end)
  ["my_acquire_lock_pt"; "my_release_lock_pt"; "acquire_lock_pt"] = [Some true; Some true; None].
Proof. computed. Qed.
Example links_once : map fst (link [[($"f", Gfun (External (EF_external "f" (mksignature [] AST.Tvoid cc_default))
    Tnil tvoid cc_default))]; [($"g", Gfun (Internal (calls [] "f" (lit 0)))); ($"f",
      Gfun (Internal (calls [] "h" (lit 0))))]]) =
  [$"g"; $"f"; $"f"].
Proof. computed. Qed.
Example arguments_passed : (arguments core 0, map (arguments pt) [0; 2]) = ([], [[word 0]; [word 2]]).
Proof. computed. Qed.

(** ** What a thread does next *)
Definition o : op small := acquire pt 1.
Definition says (t : thread small) (ops : list (op small)) : thread_move small := next_move text 1 (goes_through ops) t.
Definition calling (o : op small) (history : list (response small)) (f : string) (vs : list val) : thread small :=
  match find_function (functions text) ($f) with
  | Some fd => Calling o history (Enter ($f) fd vs Kstop)
  | None => Stopped
  end.
Example begins :
  (says (Idle []) [acquire pt 1], says (Idle []) [acquire core 0], says (Idle [None]) [o; release pt 1],
   says (Idle [None]) [o; release core 0]) =
  (Call (acquire pt 1) (calling (acquire pt 1) [] "acquire_lock_pt" [word 1]),
   Call (acquire core 0) (calling (acquire core 0) [] "acquire_lock_core" []),
   Call (release pt 1) (calling (release pt 1) [None] "release_lock_pt" [word 1]),
   Call (release core 0) (calling (release core 0) [None] "release_lock_core" [])).
Proof. computed. Qed.
Example ends : (says (Idle []) [Op_halt], says (Idle [None]) [o], says Stopped [o]) = (Halt, Finished, Finished).
Proof. computed. Qed.
(** It reads and writes without a call; a read is answered. *)
Example touches_objects :
  (says (Idle [None]) [o; read pt 1 7], says (Idle [None]) [o; write pt 1 7 3]) =
  (Get 5 7 (fun v : Obj small 5 => Idle (S := small) [Some (existT _ 5 v); None]), Put 5 7 (value 5 3) (Idle [None;
    None])).
Proof. reflexivity. Qed.
(** A function that the text does not have: it is called, and nothing is defined then. *)
Example calls_nothing : match says (Idle []) [acquire stray 0] with
  | Call _ t => says t [acquire stray 0] = Stuck
  | _ => False
  end.
Proof. vm_compute; reflexivity. Qed.

Definition again (s : state) : thread small := Calling o [] s.
Definition storing (l v : Z) (k : cont) : thread small := Storing o [] l v k.
Definition asks (f : string) (vs : list val) : thread_move small := primitive ($f) vs again storing Kstop.
(** A move, how it goes on if the answer is 3. *)
Inductive shape := Asks (what : string) (l : Z) (t : thread small) | Alone (t : thread small) | Gone (o : op small) (t
  : thread small)
  | Nothing.
Definition shape_of (m : thread_move small) : shape :=
  match m with
  | Take l k => Asks "take" l (k 3)
  | Poll l k => Asks "poll" l (k 3)
  | Load l k => Asks "load" l (k 3)
  | Local t => Alone t
  | Return o t => Gone o t
  | _ => Nothing
  end.
Example primitives_ask :
  map (fun fv => shape_of (asks (fst fv) (snd fv)))
    [("incr_ticket", [word 4]); ("get_now", [word 4]); ("incr_now", [word 4]); ("cpu_relax", [])] =
  [Asks "take" 4 (again (Give (word 3) Kstop)); Asks "poll" 4 (again (Give (word 3) Kstop));
   Asks "load" 4 (storing 4 3 Kstop); Alone (again (Give Vundef Kstop))].
Proof. computed. Qed.
Example no_primitives :
  (map (fun f => asks f [word 4]) ["cpu_relax"; "wait_lock"; "hlock_stop"], map (fun f => asks f [])
    ["incr_ticket"; "get_now"; "incr_now"], map (asks "get_now") [[Vundef]; [word 4; word 4]]) =
  ([Stuck; Stuck; Stuck], [Stuck; Stuck; Stuck], [Stuck; Stuck]).
Proof. computed. Qed.
Definition external (f : string) : fundef :=
  External (EF_external f (mksignature [] AST.Tint cc_default)) (Tcons tuint Tnil) tuint cc_default.
Example in_a_call :
  map (fun s => shape_of (says (Calling o [None] s) []))
    [Give Vundef Kstop; Enter ($"get_now") (external "get_now") [word 4] Kstop;
      Leave (undef_temps []) Out_normal (Kseq Sbreak Kstop);
     Give (word 1) (Kseq Sskip Kstop); Leave (undef_temps []) Out_normal Kstop] =
  [Gone o (Idle [None; None]); Asks "poll" 4 (Calling o [None] (Give (word 3) Kstop));
   Alone (Calling o [None] (Exec (undef_temps []) Sbreak Kstop)); Nothing; Nothing].
Proof. computed. Qed.
(** What it stores are words of [w] bits. *)
Example stores : map (fun wv => next_move text (fst wv) (goes_through []) (storing 4 (snd wv) Kstop))
  [(1, 0); (1, 1); (2, 1); (2, 3)] =
  map (fun v => Store 4 v (Calling o [] (Give Vundef Kstop))) [1; 0; 2; 0].
Proof. computed. Qed.

(** ** Answers *)
Definition k (v : Z) : thread small := storing 0 v Kstop.
Definition told (v : Obj small 4) : thread small := Idle (S := small) [Some (existT _ 4 v)].
Example answers : (answered (Take 4 k) (Lock 4 (Took 3)) (k 3) /\ answered (Poll 4 k) (Lock 4 (Polled 3)) (k 3) /\
  answered (Load 4 k) (Lock 4 (Loaded 3)) (k 3) /\ answered (Store 4 3 (k 5)) (Lock 4 (Stored 3)) (k 5) /\
  answered (Get 4 7 told) (Read 4 7 (value 4 3)) (told (value 4 3)) /\
  answered (Put 4 7 (value 4 3) (k 5)) (Wrote 4 7 (value 4 3)) (k 5)).
Proof. found. Qed.
Definition shown (a : action small words_verb) : Z * Z * Z :=
  match a with Read l k v | Wrote l k v => (l, k, number v) | _ => (0, 0, 0) end.
Definition shown_thread (t : thread small) : list Z :=
  match t with Idle history => map (fun a => match a with Some (existT _ l v) => number v | None => -2 end) history |
    _ => [] end.
Local Ltac no_answer := cbn; intros Answer;
  repeat match goal with H : exists _, _ |- _ => destruct H | H : _ /\ _ |- _ => destruct H end;
  try contradiction; try discriminate;
  try (match goal with H : Read _ _ _ = Read _ _ _ |- _ => apply (f_equal shown) in H end);
  try (match goal with H : Wrote _ _ _ = Wrote _ _ _ |- _ => apply (f_equal shown) in H end);
  try (match goal with H : Idle _ = Idle _ |- _ => apply (f_equal shown_thread) in H end);
  cbn in *; congruence.
(** It goes on with the value that was given, of the lock that it asked. *)
Definition other_answers : list (thread_move small * action small words_verb * thread small) :=
  [(Take 4 k, Lock 4 (Took 3), k 2); (Take 4 k, Lock 5 (Took 3), k 3); (Take 4 k, Lock 4 (Polled 3), k 3);
   (Poll 4 k, Lock 4 (Polled 3), k 2); (Poll 4 k, Lock 5 (Polled 3), k 3); (Poll 4 k, Lock 4 (Loaded 3), k 3);
   (Load 4 k, Lock 4 (Loaded 3), k 2); (Load 4 k, Lock 5 (Loaded 3), k 3); (Load 4 k, Lock 4 (Took 3), k 3);
   (Store 4 3 (k 5), Lock 4 (Stored 2), k 5); (Store 4 3 (k 5), Lock 5 (Stored 3), k 5); (Store 4 3 (k 5),
     Lock 4 (Stored 3), k 4);
   (Get 4 7 told, Read 4 7 (value 4 3), told (value 4 2)); (Get 4 7 told, Read 4 6 (value 4 3), told (value 4 3));
   (Get 4 7 told, Wrote 4 7 (value 4 3), told (value 4 3)); (Put 4 7 (value 4 3) (k 5), Wrote 4 7 (value 4 2), k 5);
   (Put 4 7 (value 4 3) (k 5), Wrote 4 6 (value 4 3), k 5); (Put 4 7 (value 4 3) (k 5), Wrote 4 7 (value 4 3), k 4);
   (Put 4 7 (value 4 3) (k 5), Wrote 4 0 (value 4 3), k 5);
   (Take 4 k, Halted, k 3); (Poll 4 k, Halted, k 3); (Load 4 k, Halted, k 3); (Store 4 3 (k 5), Halted, k 5)].
Example other_answers_none : Forall (fun mat => ~ answered (fst (fst mat)) (snd (fst mat)) (snd mat)) other_answers.
Proof. unfold other_answers; repeat apply Forall_cons; try apply Forall_nil; unfold k, storing, told; no_answer. Qed.
Example nothing_asked a t : ~ answered (Local t) a t /\ ~ answered (Call o t) a t /\ ~ answered (Return o t) a t /\
  ~ answered Halt a t /\ ~ answered Finished a t /\ ~ answered (S := small) Stuck a t.
Proof. repeat split; no_answer. Qed.

(** ** Whole calls *)
Inductive happens := Takes (l : Z) | Polls (l : Z) | Loads (l : Z) | Stores (l v : Z) | Returns (o : op small) | Other.
(** What the thread asks until it returns, if it is answered so; and the answers left. *)
Fixpoint drive (fuel : nat) (ops : list (op small)) (answers : list Z) (t : thread small) : list happens * list Z :=
  match fuel with
  | O => ([Other], answers)
  | Datatypes.S fuel =>
      let ask did k := match answers with
        | v :: answers => let (after, rest) := drive fuel ops answers (k v) in (did :: after, rest)
        | [] => ([did; Other], [])
        end in
      match says t ops with
      | Local t | Call _ t => drive fuel ops answers t
      | Return o _ => ([Returns o], answers)
      | Take l k => ask (Takes l) k
      | Poll l k => ask (Polls l) k
      | Load l k => ask (Loads l) k
      | Store l v t => let (after, rest) := drive fuel ops answers t in (Stores l v :: after, rest)
      | _ => ([Other], answers)
      end
  end.
Definition call (o : op small) (answers : list Z) : list happens * list Z := drive 90 [o] answers (Idle []).
(** To acquire is to take a ticket and to poll until it is served. *)
Example acquires : (call (acquire core 0) [0; 0], call (acquire pt 2) [1; 0; 0; 1]) =
  (([Takes 0; Polls 0; Returns (acquire core 0)], []),
   ([Takes 6; Polls 6; Polls 6; Polls 6; Returns (acquire pt 2)], [])).
Proof. computed. Qed.
(** However far the number that is served is from its ticket. *)
Example waits : map (fun v => call (acquire core 0) [4; v; 4]) [0; 3; 5; 4294967295] =
  repeat ([Takes 0; Polls 0; Polls 0; Returns (acquire core 0)], []) 4.
Proof. computed. Qed.
(** To release is to load and to store one more. *)
Example releases_by_two : (call (release core 0) [0], call (release core 0) [1], call (release pt 1) [0]) =
  (([Loads 0; Stores 0 1; Returns (release core 0)], []), ([Loads 0; Stores 0 0; Returns (release core 0)], []),
   ([Loads 5; Stores 5 1; Returns (release pt 1)], [])).
Proof. computed. Qed.

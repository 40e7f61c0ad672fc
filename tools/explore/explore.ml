(* SPDX-License-Identifier: MIT OR Apache-2.0

   explore: walks all states of small machines, and prints what it finds.

   The cases, the steps and what is checked of a state are functions extracted
   from Coq (machine/run/explore.v, machine/run/explore_cases.v).  The walk is breadth
   first, so the first fault found is one of the fewest steps.  Standard output: a
   line for each case, and after a wrong one the steps that lead to its fault.
   Exit status: 0 if the right cases have no fault and each wrong one has, 1 if not,
   2 if a case cannot be explored. *)
open Explore_spec

exception Cannot of string

(* ---- Keys: equal states have equal keys.  Marshalling without sharing is structural. ---- *)

let intern table value =
  let text = Marshal.to_string value [ Marshal.No_sharing ] in
  match Hashtbl.find_opt table text with
  | Some key -> key
  | None ->
      let key = Hashtbl.length table in
      Hashtbl.add table text key;
      key

(* ---- The walk ---- *)

type label = Step of Explore_spec.label | Halts
type node = {
  state : case_state;
  key : int * int list; (* of memory, of the threads *)
  from : (node * int * label) option;
}

type fault = Violation of violation | Deadlock
type found = { states : int; steps : int; fault : (fault * node) option }

(* What CPU [cpu] can do in [state]: labels and states. *)
let moves case state cpu =
  let step =
    match case_step case cpu state with
    | Next (label, state) -> [ (Step label, state) ]
    | No_step -> []
    | Lost -> raise (Cannot (Printf.sprintf "%s: no step of CPU %d" case.title cpu))
  in
  match case_halt case cpu state with
  | Some state when case.with_halts -> step @ [ (Halts, state) ]
  | _ -> step

(* They depend on its thread and on memory alone, so they are found once for each of
   these: label, thread after it with its key, memory after it with its key. *)
let cached_moves case thread_key store_key =
  let cache = Hashtbl.create 10000 in
  fun node cpu ->
    let place = (cpu, List.nth (snd node.key) cpu, fst node.key) in
    match Hashtbl.find_opt cache place with
    | Some moves -> moves
    | None ->
        let keyed (label, (threads, store)) =
          let thread = List.nth threads cpu in
          (label, thread, thread_key thread, store, store_key store)
        in
        let moves = List.map keyed (moves case node.state cpu) in
        Hashtbl.add cache place moves;
        moves

let explore case =
  let visited = Hashtbl.create 100000 and todo = Queue.create () and steps = ref 0 in
  let thread_key = intern (Hashtbl.create 1000) and store_key = intern (Hashtbl.create 1000) in
  let moves = cached_moves case thread_key store_key in
  let visit node =
    if not (Hashtbl.mem visited node.key) then begin
      Hashtbl.add visited node.key ();
      Queue.add node todo
    end
  in
  let put cpu x xs = List.mapi (fun c y -> if c = cpu then x else y) xs in
  let next node cpu =
    let after (label, thread, thread_key, store, store_key) =
      { state = (put cpu thread (fst node.state), store);
        key = (store_key, put cpu thread_key (snd node.key));
        from = Some (node, cpu, label) }
    in
    List.map after (moves node cpu)
  in
  let cpus = List.init case.how_many Fun.id in
  let rec walk () =
    match Queue.take_opt todo with
    | None -> None
    | Some node -> (
        match case_violation case node.state with
        | Some violation -> Some (Violation violation, node)
        | None ->
            let nodes = List.concat_map (next node) cpus in
            steps := !steps + List.length nodes;
            List.iter visit nodes;
            if List.exists (fun n -> n.key <> node.key) nodes || case_finished case node.state then walk ()
            else Some (Deadlock, node))
  in
  let threads, store = case_start case in
  visit { state = (threads, store); key = (store_key store, List.map thread_key threads); from = None };
  let fault = walk () in
  { states = Hashtbl.length visited; steps = !steps; fault }

(* ---- Printing ---- *)

let family lock =
  match find_family_in_table lock with
  | Some family -> family
  | None -> raise (Cannot "a lock that no family has")

let lock_text lock =
  let family = family lock in
  match family.index with
  | None -> family.name
  | Some _ -> Printf.sprintf "%s[%d]" family.name (Z.to_nat lock - Z.to_nat family.first)

let call_text operation family index =
  let index = match family.index with None -> "" | Some _ -> string_of_int (Z.to_nat index) in
  Printf.sprintf "%s(%s)" (function_name "" operation family) index

let operation_text = function
  | Op_acquire (f, i) -> call_text Acquire f i
  | Op_release (f, i) -> call_text Release f i
  | Op_read _ | Op_write _ | Op_halt -> raise (Cannot "this operation is no call")

(* What is done, to which lock, with which value. *)
let row case label =
  let of_lock what lock value = (what, lock_text lock, string_of_int (Z.to_nat value)) in
  let part_text what part = Printf.sprintf "%s part %d of the object" what (Z.to_nat part) in
  let of_object what lock value = of_lock what lock (count_in case.how_many lock value) in
  match label with
  | Halts -> ("halts", "", "")
  | Step (Seen (Called operation)) -> ("calls " ^ operation_text operation, "", "")
  | Step (Seen (Returned operation)) -> ("returns from " ^ operation_text operation, "", "")
  | Step (Seen _) -> raise (Cannot "an access that memory does not see")
  | Step (Done_to_memory (Lock (lock, Took ticket))) -> of_lock "takes a ticket" lock ticket
  | Step (Done_to_memory (Lock (lock, Polled number))) -> of_lock "polls the number in service" lock number
  | Step (Done_to_memory (Lock (lock, Loaded number))) -> of_lock "loads the number in service" lock number
  | Step (Done_to_memory (Lock (lock, Stored number))) -> of_lock "stores the number in service" lock number
  | Step (Done_to_memory (Read (lock, part, value))) -> of_object (part_text "reads" part) lock value
  | Step (Done_to_memory (Wrote (lock, part, value))) -> of_object (part_text "writes" part) lock value
  | Step (Done_to_memory Halted) -> ("halts", "", "")
  | Step (Half_done (lock, number)) -> of_lock "loads the next ticket" lock number

let rec path node rest =
  match node.from with None -> rest | Some (before, cpu, label) -> path before ((cpu, label) :: rest)

let print_path case node =
  let line step cpu (what, lock, value) =
    let what = if lock = "" then what else Printf.sprintf "%-29s %-7s %s" what lock value in
    Printf.printf "      %4s  %3s  %s\n" step cpu what
  in
  line "step" "CPU" ("what", "lock", "value");
  List.iteri (fun i (cpu, label) -> line (string_of_int (i + 1)) (string_of_int cpu) (row case label)) (path node [])

let fault_text = function
  | Violation (Two_inside (lock, c, c')) -> Printf.sprintf "CPUs %d and %d are both inside %s" c c' (lock_text lock)
  | Violation (Changed (lock, c)) ->
      Printf.sprintf "the object of %s changes while CPU %d is inside" (lock_text lock) c
  | Violation (Undefined_C c) -> Printf.sprintf "the C of CPU %d is undefined" c
  | Deadlock -> "deadlock"

let print_case case =
  let began = Sys.time () in
  let found = explore case in
  let seconds = Sys.time () -. began in
  let verdict =
    match found.fault with
    | None -> "no fault"
    | Some (fault, node) -> Printf.sprintf "%s, after %d steps" (fault_text fault) (List.length (path node []))
  in
  Printf.printf "%4d  %5d  %4d  %7d  %7d  %7.1f  %s: %s\n%!" case.how_many
    (List.length (locks_of case))
    (Z.to_nat case.bits) found.states found.steps seconds case.title verdict;
  Option.iter (fun (_, node) -> print_path case node) found.fault;
  found.fault = None

let () =
  match
    print_endline "CPUs  locks  bits   states    steps  seconds  case: verdict";
    let right = List.map print_case right_cases in
    let wrong = List.map print_case wrong_cases in
    List.for_all Fun.id right && not (List.exists Fun.id wrong)
  with
  | true -> ()
  | false ->
      prerr_endline "explore: a right case has a fault, or a wrong one has none";
      exit 1
  | exception Cannot what ->
      prerr_endline ("explore: " ^ what);
      exit 2

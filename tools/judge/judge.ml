(* SPDX-License-Identifier: MIT OR Apache-2.0

   judge TRACE: is the recorded run one that the specification allows?

   Reads a trace (trace.ml), hands its events to three functions that are extracted
   from Coq, and counts: floor 3 judges who holds each lock and what is read of its
   object, floor 0 judges the ticket of each acquisition (both are proved to agree
   with the log functions of their floors), and the machine of N CPUs runs the shipped
   C again (what it accepts is proved to be an execution).  Standard output: a line for
   each family (name, acquisitions, contended, hand-overs, events judged),
   tab-separated, then the verdicts.  Exit status: 0 the run is allowed, 1 it is not
   (standard error has the first fault that each of the three finds), 2 the trace is
   malformed. *)
open Judge_spec
open Trace

let is_entry e = match e.verb with Entered_lock _ -> true | _ -> false

(* ---- Judging ---- *)

let on_floor_3 n e =
  let c = nat_of e.cpu and l = lock_of_int e.lock in
  match e.verb with
  | Called -> []
  | Entered_lock _ -> [ ev_entered n c l ]
  | Left_lock -> [ ev_left n c l ]
  | Read_object v -> [ ev_read n c l (z_of v) ]
  | Wrote_object v -> [ ev_wrote n c l (z_of v) ]

(* A release is of the number that the CPU entered with.  If it never entered, no
   number is right: floor 0 refuses the event for that. *)
let on_floor_0 n =
  let entered = Hashtbl.create 64 in
  fun e ->
    let c = nat_of e.cpu and l = lock_of_int e.lock in
    match e.verb with
    | Called | Read_object _ | Wrote_object _ -> []
    | Entered_lock t ->
        Hashtbl.replace entered (e.cpu, e.lock) t;
        ev_acquired n c l (z_of t)
    | Left_lock ->
        let t = Option.value (Hashtbl.find_opt entered (e.cpu, e.lock)) ~default:0L in
        ev_released n c l (z_of t)

type queue = { entries : int Queue.t; mutable tickets : int; mutable releases : int }

(* A CPU takes its ticket as soon as it has called and the entries of all before it in
   the file have their tickets; then it polls once if so many have not left.  A CPU that
   never enters takes none.  Calls [in_vain] for each poll that is to fail. *)
let on_machine n ~in_vain events =
  let queues = Hashtbl.create 64 and waiting = Hashtbl.create 16 in
  let queue_of lock =
    match Hashtbl.find_opt queues lock with
    | Some queue -> queue
    | None ->
        let queue = { entries = Queue.create (); tickets = 0; releases = 0 } in
        Hashtbl.replace queues lock queue;
        queue
  in
  let rec hints lock queue =
    match Queue.peek_opt queue.entries with
    | Some cpu when Hashtbl.find_opt waiting cpu = Some lock ->
        ignore (Queue.pop queue.entries);
        Hashtbl.remove waiting cpu;
        let polls = if queue.tickets = queue.releases then [] else (in_vain (); [ hint_waits n (nat_of cpu) ]) in
        queue.tickets <- queue.tickets + 1;
        (hint_takes n (nat_of cpu) :: polls) @ hints lock queue
    | _ -> []
  in
  List.iter (fun e -> if is_entry e then Queue.add e.cpu (queue_of e.lock).entries) events;
  fun e ->
    let c = nat_of e.cpu and l = lock_of_int e.lock in
    match e.verb with
    | Called ->
        Hashtbl.replace waiting e.cpu e.lock;
        line_called n c l :: hints e.lock (queue_of e.lock)
    | Entered_lock t -> [ line_entered n c l (z_of t) ]
    | Left_lock ->
        let queue = queue_of e.lock in
        queue.releases <- queue.releases + 1;
        [ line_left n c l ]
    | Read_object v -> [ line_read n c l (z_of v) ]
    | Wrote_object v -> [ line_wrote n c l (z_of v) ]

type breach = { at : event; what : string }

(* The first fault, with its place in the trace.  [translate] makes the events of a
   floor; [what] says what is wrong with one, after those before it. *)
let first_fault ~translate ~judge ~what events =
  let both = List.concat_map (fun e -> List.map (fun x -> (e, x)) (translate e)) events in
  match judge (List.map snd both) with
  | None -> None
  | Some (fault, n) ->
      let rec go before n = function
        | (at, x) :: _ when n = 0 -> Some { at; what = what fault x before }
        | (_, x) :: rest -> go (x :: before) (n - 1) rest
        | [] -> failwith "the fault is not in the trace"
      in
      go [] (int_of_nat n) both

let faults cpus ~in_vain events =
  let n = nat_of cpus in
  let compared what = function
    | Some (found, expected) ->
        Printf.sprintf "%s: found %s, expected %s" what (decimal_of_z found) (decimal_of_z expected)
    | None -> what
  in
  let number fault x before =
    match (fault, numbers_of n x before) with
    | Wrong_value, (Some _ as numbers) -> compared (number_text n x) numbers
    | _ -> fault_text fault
  in
  let executed reason _ _ =
    let what, numbers = reason_text n reason in
    "no execution: " ^ compared what numbers
  in
  List.stable_sort
    (fun a b -> compare a.at.line b.at.line)
    (List.filter_map Fun.id
       [ first_fault ~translate:(on_floor_3 n) ~judge:(judge_run n) ~what:(fun f _ _ -> fault_text f) events;
         first_fault ~translate:(on_floor_0 n) ~judge:(judge_words n) ~what:number events;
         first_fault ~translate:(on_machine n ~in_vain events) ~judge:(replay_run n) ~what:executed events ])

let verb_text = function
  | Called -> "called"
  | Entered_lock _ -> "entered"
  | Left_lock -> "left"
  | Read_object _ -> "read"
  | Wrote_object _ -> "wrote"

(* ---- Counting ---- *)

type counts = {
  mutable acquisitions : int;
  mutable contended : int;
  mutable hand_overs : int;
  mutable events : int;
}

(* Contended: another CPU left the lock after this one called. *)
let count events =
  let families = Hashtbl.create 16 and last_left = Hashtbl.create 64 and called = Hashtbl.create 16 in
  let of_family lock =
    let family = Option.value (name_of_family (lock_of_int lock)) ~default:"?" in
    match Hashtbl.find_opt families family with
    | Some c -> c
    | None ->
        let c = { acquisitions = 0; contended = 0; hand_overs = 0; events = 0 } in
        Hashtbl.replace families family c;
        c
  in
  List.iter
    (fun e ->
      let c = of_family e.lock in
      if e.verb <> Called then c.events <- c.events + 1;
      match e.verb with
      | Called -> Hashtbl.replace called e.cpu e.line
      | Left_lock -> Hashtbl.replace last_left e.lock (e.cpu, e.line)
      | Entered_lock _ -> (
          c.acquisitions <- c.acquisitions + 1;
          match Hashtbl.find_opt last_left e.lock with
          | Some (cpu, line) when cpu <> e.cpu ->
              c.hand_overs <- c.hand_overs + 1;
              if line > Hashtbl.find called e.cpu then c.contended <- c.contended + 1
          | _ -> ())
      | Read_object _ | Wrote_object _ -> ())
    events;
  families

let report events =
  let families = count events in
  List.iter
    (fun name ->
      match Hashtbl.find_opt families name with
      | Some c ->
          Printf.printf "%s\t%d\t%d\t%d\t%d\n" name c.acquisitions c.contended c.hand_overs c.events
      | None -> Printf.printf "%s\t0\t0\t0\t0\n" name)
    names_of_families

let print_breach path { at; what } =
  Printf.eprintf "%s:%d: cpu %d %s lock %d (%s): %s\n" path at.line at.cpu (verb_text at.verb) at.lock
    (Option.value (name_of_family (lock_of_int at.lock)) ~default:"?")
    what

let judge path =
  let input = open_in_bin path in
  let cpus, events = Fun.protect ~finally:(fun () -> close_in input) (fun () -> read_trace input) in
  check_calls events;
  let polls = ref 0 in
  match faults cpus ~in_vain:(fun () -> incr polls) events with
  | [] ->
      report events;
      Printf.printf "allowed: %d events, %d tickets\n"
        (List.length (List.filter (fun e -> e.verb <> Called) events))
        (List.length (List.filter is_entry events));
      Printf.printf "executed: %d events, by the exported C on %d CPUs, with %d polls in vain\n"
        (List.length events) cpus !polls;
      0
  | breaches ->
      List.iter (print_breach path) breaches;
      1

let () =
  match Sys.argv with
  | [| _; path |] -> (
      try exit (judge path) with
      | Malformed (line, what) ->
          Printf.eprintf "%s:%d: %s\n" path line what;
          exit 2
      | Sys_error what ->
          Printf.eprintf "judge: %s\n" what;
          exit 2)
  | _ ->
      prerr_endline "usage: judge TRACE";
      exit 2

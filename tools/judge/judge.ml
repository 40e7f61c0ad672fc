(* SPDX-License-Identifier: MIT OR Apache-2.0

   judge [--table FILE.tsv] TRACE: is the recorded run one that the specification allows?

   Reads a trace (trace.ml), hands its events to four functions that are extracted
   from Coq (machine/run/recorded.v), one event at a time, and counts: floor 3 judges who
   holds each lock and what is read of each part of its object, floor 0 judges the ticket of each
   acquisition (both are proved to agree with the log functions of their floors), the
   machine of N CPUs runs the shipped C again (what it accepts is proved to be an
   execution), and the order: what a CPU acquires comes after all that it holds, by rank,
   and in one family by index (proved to accept exactly that).  Time is linear in the
   trace; the stack does not grow with it; memory is at most 16 bytes for each event and 8
   for each acquisition, and what the judges keep of each lock,
   of each part that was written, and of each CPU.
   Standard output: a line for each family (name, acquisitions, contended, hand-overs,
   events judged), tab-separated, then the verdicts.  Exit status: 0 the run is allowed,
   1 it is not (standard error has the first fault that each of the four finds), 2 the
   trace is malformed, or cannot be read, 3 nothing in it is wrong, but no lock was
   acquired, so it is evidence of nothing.  Unless it is 0, nothing is on standard output. *)
open Judge_spec
open Families
open Trace

(* ---- Judging ---- *)

type breach = { at : int; text : string }

let verb_text = function
  | Called -> "called"
  | Entered_lock _ -> "entered"
  | Left_lock -> "left"
  | Read_object _ -> "read"
  | Wrote_object _ -> "wrote"

let part_text = function
  | Read_object (part, _) | Wrote_object (part, _) -> Printf.sprintf ", part %d" part
  | _ -> ""

let breach e what =
  let family = Option.value (name_of_family (lock_of_int e.lock)) ~default:"?" in
  let text =
    Printf.sprintf "cpu %d %s lock %d (%s)%s: %s" e.cpu (verb_text e.verb) e.lock family (part_text e.verb) what
  in
  { at = e.line; text }

(* One of the four: it goes on from state to state until an event is at fault. *)
type 'state progress = At of 'state | Found of breach

let found_by progress = match !progress with Found breach -> Some breach | At _ -> None

let feed step what progress e item =
  match !progress with
  | Found _ -> ()
  | At state -> (
      match step state item with
      | Inr state -> progress := At state
      | Inl fault -> progress := Found (breach e (what fault item state)))

let compared what = function
  | Some (found, expected) ->
      Printf.sprintf "%s: found %s, expected %s" what (decimal_of_z found) (decimal_of_z expected)
  | None -> what

let holders n judges =
  let progress = ref (At judges.holders_start) in
  let feed = feed judges.holders_step (fun fault _ _ -> fault_text fault) progress in
  let judge e c l =
    match e.verb with
    | Called -> ()
    | Entered_lock _ -> feed e (ev_entered n c l)
    | Left_lock -> feed e (ev_left n c l)
    | Read_object (part, v) -> feed e (ev_read n c l (part_of_int part) (z_of v))
    | Wrote_object (part, v) -> feed e (ev_wrote n c l (part_of_int part) (z_of v))
  in
  (judge, fun () -> found_by progress)

(* A release is of the number that the CPU entered with.  If it never entered, no
   number is right: floor 0 refuses the event for that. *)
let tickets n judges =
  let progress = ref (At judges.tickets_start) and entered = Hashtbl.create 64 in
  let what fault item state =
    match (fault, if fault = Wrong_value then numbers_in n state item else None) with
    | Wrong_value, (Some _ as numbers) -> compared (said_number n item) numbers
    | _ -> fault_text fault
  in
  let feed = feed judges.tickets_step what progress in
  let judge e c l =
    match e.verb with
    | Called | Read_object _ | Wrote_object _ -> ()
    | Entered_lock t ->
        Hashtbl.replace entered (e.cpu, e.lock) t;
        List.iter (feed e) (judges.ev_acquired c l (z_of t))
    | Left_lock ->
        let t = Option.value (Hashtbl.find_opt entered (e.cpu, e.lock)) ~default:0L in
        Hashtbl.remove entered (e.cpu, e.lock);
        List.iter (feed e) (judges.ev_released c l (z_of t))
  in
  (judge, fun () -> found_by progress)

(* The order: of calls of acquire, whether they return or not, and of releases. *)
let order () =
  let progress = ref (At order_start) in
  let shown l =
    let index = Option.fold (index_of_lock l) ~none:"" ~some:(fun i -> " " ^ decimal_of_z i) in
    Option.value (name_of_family l) ~default:"?" ^ index
  in
  let what (held, acquired) _ _ =
    Printf.sprintf "against the order: it holds %s and acquires %s" (shown held) (shown acquired)
  in
  let feed = feed order_of what progress in
  let judge e c l =
    match e.verb with
    | Called -> feed e (uses_acquire c l)
    | Left_lock -> feed e (uses_release c l)
    | Entered_lock _ | Read_object _ | Wrote_object _ -> ()
  in
  (judge, fun () -> found_by progress)

(* The CPUs that enter each lock, in their order, 4 bytes each. *)
type queue = { entries : string; mutable tickets : int; mutable releases : int }

let queues events =
  let entries = Hashtbl.create 64 in
  let add e =
    match (e.verb, Hashtbl.find_opt entries e.lock) with
    | Entered_lock _, Some buffer -> Buffer.add_int32_le buffer (Int32.of_int e.cpu)
    | Entered_lock _, None ->
        let buffer = Buffer.create 64 in
        Buffer.add_int32_le buffer (Int32.of_int e.cpu);
        Hashtbl.replace entries e.lock buffer
    | _ -> ()
  in
  iter_events add events;
  let queues = Hashtbl.create 64 in
  fun lock ->
    match Hashtbl.find_opt queues lock with
    | Some queue -> queue
    | None ->
        let entries = Option.fold (Hashtbl.find_opt entries lock) ~none:"" ~some:Buffer.contents in
        let queue = { entries; tickets = 0; releases = 0 } in
        Hashtbl.replace queues lock queue;
        queue

(* A CPU takes its ticket as soon as it has called and the entries of all before it in
   the file have their tickets; then it polls once if so many have not left.  A CPU that
   never enters takes none. *)
let machine n judges events =
  let progress = ref (At judges.machine_start) and polls = ref 0 and waiting = Hashtbl.create 16 in
  let executed reason _ _ =
    let what, numbers = reason_text n reason in
    "no execution: " ^ compared what numbers
  in
  let feed = feed judges.machine_step executed progress and queue_of = queues events in
  let rec hints e queue =
    let at = 4 * queue.tickets in
    if at < String.length queue.entries then
      let cpu = Int32.to_int (String.get_int32_le queue.entries at) in
      if Hashtbl.find_opt waiting cpu = Some e.lock then begin
        Hashtbl.remove waiting cpu;
        feed e (hint_takes n (n_of_int cpu));
        if queue.tickets <> queue.releases then begin
          incr polls;
          feed e (hint_waits n (n_of_int cpu))
        end;
        queue.tickets <- queue.tickets + 1;
        hints e queue
      end
  in
  let judge e c l =
    match e.verb with
    | Called ->
        Hashtbl.replace waiting e.cpu e.lock;
        feed e (line_called n c l);
        hints e (queue_of e.lock)
    | Entered_lock t -> feed e (line_entered n c l (z_of t))
    | Left_lock ->
        let queue = queue_of e.lock in
        queue.releases <- queue.releases + 1;
        feed e (line_left n c l)
    | Read_object (part, v) -> feed e (line_read n c l (part_of_int part) (z_of v))
    | Wrote_object (part, v) -> feed e (line_wrote n c l (part_of_int part) (z_of v))
  in
  let finish line =
    match !progress with
    | Found _ -> ()
    | At state ->
        let refused reason = progress := Found { at = line; text = "end: " ^ executed reason () () } in
        Option.iter refused (judges.machine_end state)
  in
  (judge, finish, polls, fun () -> found_by progress)

(* ---- Counting ---- *)

type counts = {
  mutable acquisitions : int;
  mutable contended : int;
  mutable hand_overs : int;
  mutable events : int;
}

let no_counts () = { acquisitions = 0; contended = 0; hand_overs = 0; events = 0 }

(* Contended: another CPU left the lock after this one called. *)
let counter () =
  let locks = Hashtbl.create 64 and last_left = Hashtbl.create 64 and called = Hashtbl.create 16 in
  let of_lock lock =
    match Hashtbl.find_opt locks lock with
    | Some c -> c
    | None ->
        let c = no_counts () in
        Hashtbl.replace locks lock c;
        c
  in
  let count e =
    let c = of_lock e.lock in
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
    | Read_object _ | Wrote_object _ -> ()
  in
  (* The counts of the locks for which [chosen] holds. *)
  let total chosen =
    let sum = no_counts () in
    let add lock c =
      if chosen lock then begin
        sum.acquisitions <- sum.acquisitions + c.acquisitions;
        sum.contended <- sum.contended + c.contended;
        sum.hand_overs <- sum.hand_overs + c.hand_overs;
        sum.events <- sum.events + c.events
      end
    in
    Hashtbl.iter add locks;
    sum
  in
  (count, total)

let report total =
  List.iter
    (fun name ->
      let c = total (fun lock -> name_of_family (lock_of_int lock) = Some name) in
      Printf.printf "%s\t%d\t%d\t%d\t%d\n" name c.acquisitions c.contended c.hand_overs c.events)
    names_of_families

(* ---- The whole ---- *)

let judge path =
  let input = open_in_bin path in
  let read () = read_trace input in
  let { cpus; events; count = lines } = Fun.protect ~finally:(fun () -> close_in input) read in
  let n = n_of_int cpus in
  let judges = judges_of n in
  let on_holders, in_holders = holders n judges and on_tickets, in_tickets = tickets n judges in
  let on_machine, finish, polls, in_machine = machine n judges events and on_order, in_order = order () in
  let count, total = counter () in
  iter_events
    (fun e ->
      let c = n_of_int e.cpu and l = lock_of_int e.lock in
      on_holders e c l;
      on_tickets e c l;
      on_machine e c l;
      on_order e c l;
      count e)
    events;
  finish (first_event + lines);
  let found = List.filter_map (fun found -> found ()) [ in_holders; in_tickets; in_machine; in_order ] in
  match List.stable_sort (fun a b -> compare a.at b.at) found with
  | [] ->
      let all = total (fun _ -> true) in
      if all.acquisitions = 0 then begin
        Printf.eprintf "%s: no lock is acquired in %d events: the run is evidence of nothing\n" (printable path)
          lines;
        3
      end
      else begin
        report total;
        Printf.printf "allowed: %d events, %d tickets\n" all.events all.acquisitions;
        Printf.printf "executed: %d events, by the exported C on %d CPUs, with %d polls in vain\n" lines cpus !polls;
        flush stdout;
        0
      end
  | breaches ->
      List.iter (fun { at; text } -> Printf.eprintf "%s:%d: %s\n" (printable path) at text) breaches;
      1

let () =
  try exit (judge trace_file) with
  | Malformed (line, what) ->
      Printf.eprintf "%s:%d: %s\n" (printable trace_file) line what;
      exit 2
  | Sys_error what ->
      Printf.eprintf "judge: %s\n" (printable what);
      exit 2

(* SPDX-License-Identifier: MIT OR Apache-2.0

   judge TRACE: is the recorded run one that the specification allows?

   Reads a trace, hands its events to two functions that are extracted from Coq
   and proved to agree with the log functions of their floors, and counts: floor 3
   judges who holds each lock and what is read of its object, floor 0 judges the
   ticket of each acquisition.  Standard output: a line for each family (name,
   acquisitions, contended, hand-overs, events judged), tab-separated, then the
   verdict.  Exit status: 0 the run is allowed, 1 it is not (standard error has
   the first fault that each floor finds), 2 the trace is malformed.

   The trace: "hlock-trace 2", "cpus N", "locks L", then one event a line in the
   order of the stamps ("CPU called|left LOCK", "CPU entered LOCK TICKET", "CPU
   read|wrote LOCK VALUE"), then "end COUNT".  TICKET is the number that the lock
   serves while the CPU is inside. *)
open Judge_spec

exception Malformed of int * string
let malformed line fmt = Printf.ksprintf (fun s -> raise (Malformed (line, s))) fmt

(* Coq's binary integers from unsigned 64-bit ones, and back for lock numbers. *)
let rec positive_of n =
  if n = 1L then XH
  else
    let half = positive_of (Int64.shift_right_logical n 1) in
    if Int64.logand n 1L = 1L then XI half else XO half
let z_of n = if n = 0L then Z0 else Zpos (positive_of n)
let rec nat_of n = if n = 0 then O else S (nat_of (n - 1))
let int_of_nat n =
  let rec go acc = function O -> acc | S n -> go (acc + 1) n in
  go 0 n
let rec int_of_positive = function
  | XH -> 1
  | XO p -> 2 * int_of_positive p
  | XI p -> (2 * int_of_positive p) + 1
let int_of_z = function Z0 -> 0 | Zpos p -> int_of_positive p | Zneg p -> - int_of_positive p
let lock_of_int lock = z_of (Int64.of_int lock)

let brief text = if String.length text <= 60 then text else String.sub text 0 60 ^ "..."
let decimal = String.for_all (fun c -> '0' <= c && c <= '9')
let unsigned line text =
  match if decimal text then Int64.of_string_opt ("0u" ^ text) else None with
  | Some n -> n
  | None -> malformed line "'%s' is not an unsigned 64-bit number" (brief text)
let small line what limit text =
  let n = unsigned line text in
  if Int64.unsigned_compare n (Int64.of_int limit) >= 0 then
    malformed line "%s %s is not below %d" what (brief text) limit;
  Int64.to_int n

type verb = Called | Entered_lock of int64 | Read_object of int64 | Wrote_object of int64 | Left_lock
type event = { line : int; cpu : int; lock : int; verb : verb }

(* ---- Reading ---- *)

let next_line input line =
  match input_line input with
  | text -> text
  | exception End_of_file -> malformed line "the trace ends before its 'end' line: truncated"

let header input line word =
  match String.split_on_char ' ' (next_line input line) with
  | [ w; n ] when w = word -> small line word 1_000_000 n
  | _ -> malformed line "expected '%s <number>'" word

let read_event line ~cpus ~locks words =
  let at cpu lock verb =
    { line; cpu = small line "cpu" cpus cpu; lock = small line "lock" locks lock; verb }
  in
  match words with
  | [ c; "called"; l ] -> at c l Called
  | [ c; "entered"; l; t ] ->
      at c l (Entered_lock (Int64.of_int (small line "ticket" (int_of_z numbers) t)))
  | [ c; "left"; l ] -> at c l Left_lock
  | [ c; "read"; l; v ] -> at c l (Read_object (unsigned line v))
  | [ c; "wrote"; l; v ] -> at c l (Wrote_object (unsigned line v))
  | _ -> malformed line "not an event: '%s'" (brief (String.concat " " words))

let read_trace input =
  if next_line input 1 <> "hlock-trace 2" then malformed 1 "expected 'hlock-trace 2'";
  let cpus = header input 2 "cpus" in
  let locks = header input 3 "locks" in
  if locks <> int_of_z lock_count then
    malformed 3 "%d locks, but the lock table has %d" locks (int_of_z lock_count);
  let rec events line acc =
    match String.split_on_char ' ' (next_line input line) with
    | [ "end"; n ] ->
        if small line "end" max_int n <> List.length acc then
          malformed line "'end %s' after %d events: lines are missing or added" n (List.length acc);
        (match input_line input with
        | _ -> malformed (line + 1) "text after 'end'"
        | exception End_of_file -> ());
        List.rev acc
    | words -> events (line + 1) (read_event line ~cpus ~locks words :: acc)
  in
  (cpus, events 4 [])

(* ---- Judging ---- *)

(* A call is not an event of floor 3, but each entry answers the call before it. *)
let check_calls events =
  let waiting = Hashtbl.create 16 in
  List.iter
    (fun e ->
      match (e.verb, Hashtbl.find_opt waiting e.cpu) with
      | Called, None -> Hashtbl.replace waiting e.cpu e.lock
      | Entered_lock _, Some lock when lock = e.lock -> Hashtbl.remove waiting e.cpu
      | Entered_lock _, _ -> malformed e.line "cpu %d entered lock %d without calling" e.cpu e.lock
      | _, Some lock -> malformed e.line "cpu %d acts while it waits for lock %d" e.cpu lock
      | (Read_object _ | Wrote_object _ | Left_lock), None -> ())
    events

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

let faults cpus events =
  let n = nat_of cpus in
  let number fault x before =
    match (fault, numbers_of n x before) with
    | Wrong_value, Some (found, expected) ->
        Printf.sprintf "%s: found %d, expected %d" (number_text n x) (int_of_z found) (int_of_z expected)
    | _ -> fault_text fault
  in
  List.stable_sort
    (fun a b -> compare a.at.line b.at.line)
    (List.filter_map Fun.id
       [ first_fault ~translate:(on_floor_3 n) ~judge:(judge_run n) ~what:(fun f _ _ -> fault_text f) events;
         first_fault ~translate:(on_floor_0 n) ~judge:(judge_words n) ~what:number events ])

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
    let family = Option.value (family_name (lock_of_int lock)) ~default:"?" in
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
    family_names

let print_breach path { at; what } =
  Printf.eprintf "%s:%d: cpu %d %s lock %d (%s): %s\n" path at.line at.cpu (verb_text at.verb) at.lock
    (Option.value (family_name (lock_of_int at.lock)) ~default:"?")
    what

let is_entry e = match e.verb with Entered_lock _ -> true | _ -> false

let judge path =
  let input = open_in_bin path in
  let cpus, events = Fun.protect ~finally:(fun () -> close_in input) (fun () -> read_trace input) in
  check_calls events;
  match faults cpus events with
  | [] ->
      report events;
      Printf.printf "allowed: %d events, %d tickets\n"
        (List.length (List.filter (fun e -> e.verb <> Called) events))
        (List.length (List.filter is_entry events));
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

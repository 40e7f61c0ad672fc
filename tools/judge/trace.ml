(* SPDX-License-Identifier: MIT OR Apache-2.0

   Reads the trace of a run: "hlock-trace 2", "cpus N", "locks L", then one event a
   line in the order of the stamps ("CPU called|left LOCK", "CPU entered LOCK TICKET",
   "CPU read|wrote LOCK VALUE"), then "end COUNT".  TICKET is the number that the lock
   serves while the CPU is inside.  What is no trace is refused with its line.
   Here, too: OCaml's numbers and Coq's.  Read next: judge.ml. *)
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
let decimal_of_z z =
  let rec go = function
    | XH -> 1L
    | XO p -> Int64.shift_left (go p) 1
    | XI p -> Int64.logor (Int64.shift_left (go p) 1) 1L
  in
  match z with
  | Z0 -> "0"
  | Zpos p -> Printf.sprintf "%Lu" (go p)
  | Zneg p -> Printf.sprintf "-%Lu" (go p)
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

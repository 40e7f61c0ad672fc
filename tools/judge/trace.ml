(* SPDX-License-Identifier: MIT OR Apache-2.0

   Reads the trace of a run: "hlock-trace 3", "cpus N" (at most 8192), "locks L", then
   one event a line in the order of the stamps ("CPU called|left LOCK", "CPU entered LOCK
   TICKET", "CPU read|wrote LOCK PART VALUE"), then "end COUNT".  TICKET is the number that
   the lock serves while the CPU is inside.  PART is a word of the object, below 16384: each
   is read and written by itself, and is 0 at first.  What is no trace is refused with its line;
   what is shown of that line is short, and of printable characters.  The file is read
   once, a line at a time, and its events are kept in at most 16 bytes each: nothing is
   judged before all of it is known to be a trace, and a pipe will do.
   Here, too: OCaml's numbers and Coq's.  Read next: judge.ml. *)
open Judge_spec
open Families

exception Malformed of int * string
let malformed line fmt = Printf.ksprintf (fun s -> raise (Malformed (line, s))) fmt

(* Coq's numbers and OCaml's: families.ml has the other way. *)
let n_of_int n = if n = 0 then N0 else Npos (positive_of (Int64.of_int n))
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
let part_of_int part = z_of (Int64.of_int part)

(* Nothing that a terminal would obey: what is not printable ASCII as \xHH. *)
let printable text =
  let shown c = if ' ' <= c && c <= '~' then String.make 1 c else Printf.sprintf "\\x%02x" (Char.code c) in
  String.concat "" (List.map shown (List.of_seq (String.to_seq text)))
let brief text = if String.length text <= 60 then printable text else printable (String.sub text 0 60) ^ "..."

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

type verb =
  | Called
  | Entered_lock of int64
  | Read_object of int * int64 (* part, value *)
  | Wrote_object of int * int64
  | Left_lock
type event = { line : int; cpu : int; lock : int; verb : verb }

(* ---- Events in memory: a word of verb, CPU, part and lock, and one of the value if there is one ---- *)

type store = { mutable full : Bytes.t list; (* newest first *) mutable last : Bytes.t; mutable used : int }

let chunk = 1 lsl 20

(* The most that a trace may have.  A CPU that waits costs 10 KB: the machine has the
   state of its C.  8192 is what Linux can be built for; no table has more locks. *)
let max_cpus = 8192
let max_locks = 1 lsl 32
let max_parts = 1 lsl 14
let new_store () = { full = []; last = Bytes.create chunk; used = 0 }

let put_word store word =
  Bytes.set_int64_le store.last store.used word;
  store.used <- store.used + 8

let put_event store { cpu; lock; verb; _ } =
  if store.used + 16 > chunk then begin
    store.full <- Bytes.sub store.last 0 store.used :: store.full;
    store.used <- 0
  end;
  let put ?(part = 0) tag =
    put_word store (Int64.of_int (tag lor (cpu lsl 3) lor (part lsl 16) lor (lock lsl 30)))
  in
  match verb with
  | Called -> put 0
  | Left_lock -> put 1
  | Entered_lock v -> put 2; put_word store v
  | Read_object (part, v) -> put 3 ~part; put_word store v
  | Wrote_object (part, v) -> put 4 ~part; put_word store v

let first_event = 4 (* its line *)

let iter_events f store =
  let line = ref first_event in
  let of_chunk bytes used =
    let at = ref 0 in
    let next () = at := !at + 8; Bytes.get_int64_le bytes (!at - 8) in
    while !at < used do
      let word = Int64.to_int (next ()) in
      let part = (word lsr 16) land (max_parts - 1) in
      let verb =
        match word land 7 with
        | 0 -> Called
        | 1 -> Left_lock
        | 2 -> Entered_lock (next ())
        | 3 -> Read_object (part, next ())
        | _ -> Wrote_object (part, next ())
      in
      f { line = !line; cpu = (word lsr 3) land (max_cpus - 1); lock = word lsr 30; verb };
      incr line
    done
  in
  List.iter (fun bytes -> of_chunk bytes (Bytes.length bytes)) (List.rev store.full);
  of_chunk store.last store.used

(* ---- Reading ---- *)

type trace = { cpus : int; events : store; count : int }

let next_line input line =
  match input_line input with
  | text -> text
  | exception End_of_file -> malformed line "the trace ends before its 'end' line: truncated"

(* What spaces separate; of more than six, the sixth has the rest. *)
let words text =
  let rec from start found acc =
    let rest () = String.sub text start (String.length text - start) in
    match if found = 5 then None else String.index_from_opt text start ' ' with
    | Some i -> from (i + 1) (found + 1) (String.sub text start (i - start) :: acc)
    | None -> List.rev (rest () :: acc)
  in
  from 0 0 []

let header input line word limit =
  match words (next_line input line) with
  | [ w; n ] when w = word ->
      let n = unsigned line n in
      if Int64.unsigned_compare n (Int64.of_int limit) > 0 then
        malformed line "%Lu %s, but a trace has at most %d" n word limit;
      Int64.to_int n
  | _ -> malformed line "expected '%s <number>'" word

let read_event line ~cpus ~locks text words =
  let at cpu lock verb =
    { line; cpu = small line "cpu" cpus cpu; lock = small line "lock" locks lock; verb }
  in
  match words with
  | [ c; "called"; l ] -> at c l Called
  | [ c; "entered"; l; t ] ->
      at c l (Entered_lock (Int64.of_int (small line "ticket" (int_of_z numbers) t)))
  | [ c; "left"; l ] -> at c l Left_lock
  | [ c; "read"; l; k; v ] -> at c l (Read_object (small line "part" max_parts k, unsigned line v))
  | [ c; "wrote"; l; k; v ] -> at c l (Wrote_object (small line "part" max_parts k, unsigned line v))
  | _ -> malformed line "not an event: '%s'" (brief text)

(* A call is not an event of floor 3, but each entry answers the call before it. *)
let check_call waiting e =
  match (e.verb, Hashtbl.find_opt waiting e.cpu) with
  | Called, None -> Hashtbl.replace waiting e.cpu e.lock
  | Entered_lock _, Some lock when lock = e.lock -> Hashtbl.remove waiting e.cpu
  | Entered_lock _, _ -> malformed e.line "cpu %d entered lock %d without calling" e.cpu e.lock
  | _, Some lock -> malformed e.line "cpu %d acts while it waits for lock %d" e.cpu lock
  | (Read_object _ | Wrote_object _ | Left_lock), None -> ()

let read_trace input =
  if next_line input 1 <> "hlock-trace 3" then malformed 1 "expected 'hlock-trace 3'";
  let cpus = header input 2 "cpus" max_cpus in
  let locks = header input 3 "locks" max_locks in
  if locks <> int_of_z lock_count then
    malformed 3 "%d locks, but the lock table has %d" locks (int_of_z lock_count);
  let events = new_store () and waiting = Hashtbl.create 16 in
  let rec read line =
    let count = line - first_event and text = next_line input line in
    match words text with
    | [ "end"; n ] ->
        if small line "end" max_int n <> count then
          malformed line "'end %s' after %d events: lines are missing or added" (brief n) count;
        (match input_line input with
        | _ -> malformed (line + 1) "text after 'end'"
        | exception End_of_file -> ());
        count
    | words ->
        let e = read_event line ~cpus ~locks text words in
        check_call waiting e;
        put_event events e;
        read (line + 1)
  in
  let count = read first_event in
  { cpus; events; count }

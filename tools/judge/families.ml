(* SPDX-License-Identifier: MIT OR Apache-2.0

   The lock table of the run: that of the library, or the one of --table FILE, lines of
   `hlock emit tsv`: name, first, count, rank, what it protects, its two functions, the line,
   and the index or "-", separated by tabs.  hlock writes that file and has checked the table;
   what is proved of the judges needs a table that Coq's own check accepts, so it is asked here.
   Here, too: OCaml's numbers and Coq's, and the functions of Coq, of this table.
   Read next: trace.ml. *)
open Judge_spec

(* Coq's binary numbers from unsigned 64-bit ones. *)
let rec positive_of n =
  if n = 1L then XH
  else
    let half = positive_of (Int64.shift_right_logical n 1) in
    if Int64.logand n 1L = 1L then XI half else XO half
let z_of n = if n = 0L then Z0 else Zpos (positive_of n)

let family line =
  match String.split_on_char '\t' line with
  | [ name; first; count; rank; protects; _; _; _; index ] ->
      let number text = z_of (Int64.of_string ("0u" ^ text)) in
      { name; first = number first; count = number count; rank = number rank; protects;
        index = (if index = "-" then None else Some index) }
  | _ -> failwith "columns"

let fail what =
  prerr_endline what;
  exit 2

let read path =
  let rec lines input found =
    match input_line input with
    | line -> lines input (family line :: found)
    | exception End_of_file -> List.rev found
  in
  match lines (open_in_bin path) [] with
  | table -> if accepted_table table then table else fail ("judge: " ^ path ^ ": Coq does not accept this table")
  | exception Failure _ -> fail ("judge: " ^ path ^ ": not the families of a lock table")
  | exception Sys_error what -> fail ("judge: " ^ what)

(* The last argument is the trace, which judge.ml reads. *)
let table, trace_file =
  match Array.to_list Sys.argv with
  | [ _; trace ] -> (shipped_table, trace)
  | [ _; "--table"; table; trace ] -> (read table, trace)
  | _ -> fail "usage: judge [--table FILE.tsv] TRACE"

(* Coq's functions, of this table. *)
let judges_of n = judges_of table n
let numbers_in n = numbers_in table n
let order_of state = order_of table state
let index_of_lock l = index_of_lock table l
let name_of_family l = name_of_family table l
let names_of_families = names_of_families table
let lock_count = lock_count table
let ev_entered n = ev_entered table n
let ev_left n = ev_left table n
let ev_read n = ev_read table n
let ev_wrote n = ev_wrote table n
let said_number n = said_number table n
let line_called n = line_called table n
let line_entered n = line_entered table n
let line_read n = line_read table n
let line_wrote n = line_wrote table n
let line_left n = line_left table n
let hint_takes n = hint_takes table n
let hint_waits n = hint_waits table n
let reason_text n = reason_text table n

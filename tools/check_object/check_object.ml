(* SPDX-License-Identifier: MIT OR Apache-2.0

   check-object [--target aarch64|riscv64|x86_64] [--table FILE.tsv] [--prefix PREFIX] [--debug] FILE: is the
   object code of each function of a lock table right?  The table is that of the library, or lines of `hlock emit
   tsv`.  --debug: code that does more than lock, as a debug build's: it may access other memory, call functions of
   other files, and stop; what it does to locks is checked.

   The verdicts are Coq's function; here are files and texts.  Status 0: all are proved; 1: one is
   wrong; 2: there is no verdict on one; 3: wrong usage, or the file is of another target than is said.
   Read next: tools/hlock/object.c, which lets Coq's kernel run the checker, too. *)
open Check_object_spec
open Objects

let fail what =
  prerr_endline ("check-object: " ^ what);
  exit 3

(* ---- The table *)
let family line =
  match String.split_on_char '\t' line with
  | [ name; first; count; rank; protects; _; _; _; index ] ->
      let number text = unsigned (Int64.of_string ("0u" ^ text)) in
      { name; first = number first; count = number count; rank = number rank; protects;
        index = (if index = "-" then None else Some index) }
  | _ -> failwith "columns"

let rec lines input found =
  match input_line input with
  | line -> lines input (line :: found)
  | exception End_of_file -> List.rev found

let table_of path =
  match List.map family (lines (open_in_bin path) []) with
  | table -> if accepted_table table then table else fail (path ^ ": Coq does not accept this table")
  | exception Failure _ -> fail (path ^ ": not the families of a lock table")
  | exception Sys_error what -> fail what

(* ---- What is asked *)
let targets = [ "aarch64"; "riscv64"; "x86_64" ]

let usage () =
  fail ("usage: check-object [--target " ^ String.concat "|" targets
        ^ "] [--table FILE.tsv] [--prefix PREFIX] [--debug] FILE")

type asked = { only : string option; table : table; prefix : string; debug : bool; name : string }

let rec asked_by so_far = function
  | "--target" :: target :: more when List.mem target targets -> asked_by { so_far with only = Some target } more
  | "--target" :: other :: _ -> fail ("--target " ^ other ^ ": known are " ^ String.concat ", " targets)
  | "--table" :: path :: more -> asked_by { so_far with table = table_of path } more
  | "--prefix" :: prefix :: more -> asked_by { so_far with prefix } more
  | "--debug" :: more -> asked_by { so_far with debug = true } more
  | [ name ] when name <> "" && name.[0] <> '-' -> { so_far with name }
  | _ -> usage ()

(* ---- Texts *)
let term factor what = if factor = Z0 then [] else if factor = Zpos XH then [ what ] else
  [ Printf.sprintf "%Ld * %s" (bits factor) what ]

let formula f =
  match
    term f.c_base "array" @ term f.c_index "index" @ term f.c_ticket "ticket" @ term f.c_seen "the value read"
    @ if f.c_const = Z0 then [] else [ Printf.sprintf "%Ld" (bits f.c_const) ]
  with
  | [] -> "0"
  | terms -> String.concat " + " terms

let known file = function
  | Anything -> "something unknown"
  | Kept r when of_nat r = of_nat signed_link -> "the signed address to return to"
  | Kept r -> "the caller's " ^ register file.target (of_nat r)
  | Below k ->
      let n = bits k in
      "the caller's stack pointer"
      ^ if n = 0L then "" else Printf.sprintf " %c %Ld" (if n > 0L then '-' else '+') (Int64.abs n)
  | In_text k -> Printf.sprintf "the address 0x%Lx in this code" (bits k)
  | Foreign -> "an address made of that of something else"
  | Full f -> formula f
  | Word f -> formula f ^ ", cut to 32 bits"
  | Signed f -> formula f ^ ", cut to 32 bits with their sign"
  | Lowest f -> "something with the lowest 32 bits of " ^ formula f
  | Page_of _ | Within_page _ -> "a part of an address"

let phase = function
  | Before_taking _ -> "before a ticket is taken"
  | Waiting_turn _ -> "while it waits for its turn"
  | Polled_once _ -> "when it has polled and not yet compared"
  | Before_loading -> "before it has loaded the number in service"
  | Before_storing -> "before it has stored the next number"
  | Done -> "when all is done"

(* [more]: at that place of the code it does more than lock. *)
let reason file more = function
  | No_instruction when more -> "does more than lock, see --debug"
  | No_instruction -> "there is no instruction that the decoder knows"
  | Other_memory (expected, found) -> Printf.sprintf "accesses %s, not %s" (known file found) (formula expected)
  | Order_missing -> "an access is in a weaker order than it has to be"
  | Not_linked -> "takes a ticket, but not by a load and a store that are linked"
  | Loads_again -> "loads the tickets again before it tries to store: not covered"
  | Other_value found -> Printf.sprintf "stores %s, not what was read + 1" (known file found)
  | Order_unasked -> "an access is in other orders than compilers give it: not covered"
  | Out_of_place found -> Printf.sprintf "makes an access that the C does not make, to %s" (known file found)
  | Out_of_frame (n, found) ->
      Printf.sprintf "accesses %Ld bits at %s, which is not known to be in its frame of 128 bytes" (bits n)
        (known file found)
  | Not_elsewhere found -> Printf.sprintf "accesses %s, which is not known to be other memory" (known file found)
  | Not_stored -> "loads a word of its frame that is not stored, or was below the stack pointer since"
  | Lost_stack found ->
      Printf.sprintf "puts %s in the stack pointer, which is not known to be in its frame" (known file found)
  | Returns_early -> "returns too early"
  | Returns_elsewhere found -> "returns to " ^ known file found
  | Other_signed (expected, found) ->
      Printf.sprintf "signs or authenticates %s, not %s: not covered" (known file found) (known file expected)
  | Changes (r, found) ->
      Printf.sprintf "returns with %s in %s" (known file found) (register file.target (of_nat r))
  | May_sleep -> "waits for an event that may not come"
  | Long_way -> "may make more steps of its own than are looked at"
  | Too_large -> "is larger than what is looked at"

let place file p = Printf.sprintf "at 0x%Lx: %s" (bits p.at_pc) (instruction file (bits p.at_pc))
let complaint file more p why =
  Printf.sprintf "%s, %s, %s" (reason file (more p.at_pc) why) (phase p.at_phase) (place file p)

(* ---- Verdicts *)
type status = Fine | Bad | Open

let say asked file more = function
  | None -> (Open, "no verdict: " ^ asked.name ^ " has no such function")
  | Some Proved -> (Fine, "proved")
  | Some (Wrong (p, why)) -> (Bad, "wrong: " ^ complaint file more p why)
  | Some (Unknown (p, why)) -> (Open, "no verdict: " ^ complaint file more p why)

let functions table = List.concat_map (fun f -> [ (Acquire, f); (Release, f) ]) table

(* Of each function of the table.  What [debug_code] marks is found once, here. *)
let statuses asked file target o =
  let code = if asked.debug then debug_code target asked.prefix asked.table o else code_in target o in
  let more at = not asked.debug && Option.is_some (open_code target o at) in
  let verdict = function_verdict target asked.prefix (not asked.debug) code asked.table o in
  List.map
    (fun (operation, f) ->
      let status, text = say asked file more (verdict f operation) in
      Printf.printf "%s: %s\n" (name_of_function asked.prefix operation f) text;
      status)
    (functions asked.table)

let check asked =
  let file = read ~prefix:asked.prefix asked.name in
  if Option.value asked.only ~default:file.target <> file.target then fail (asked.name ^ ": it is of " ^ file.target);
  let (Any (target, o)) = any_object file in
  let layout = layout_ok target asked.table o in
  if not layout then
    Printf.printf "%s: wrong: its array of %Ld bytes has no two words for each lock of the table\n"
      asked.name file.size;
  let statuses = statuses asked file target o in
  let count status = List.length (List.filter (( = ) status) statuses) in
  Printf.printf "%s: %d proved, %d wrong, %d without a verdict\n" asked.name (count Fine) (count Bad) (count Open);
  if count Bad > 0 || not layout then 1 else if count Open > 0 then 2 else 0

let () =
  let nothing = { only = None; table = shipped_table; prefix = ""; debug = false; name = "" } in
  let asked = asked_by nothing (List.tl (Array.to_list Sys.argv)) in
  match check asked with
  | status -> exit status
  | exception Failure why ->
      Printf.printf "%s: no verdict: %s\n" asked.name why;
      exit 2

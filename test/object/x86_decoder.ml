(* SPDX-License-Identifier: MIT OR Apache-2.0

   x86_decoder COUNT SEED: the decoder of object/x86_decode.v beside LLVM's.  So many instructions, of which most
   have an opcode that is known; with relocations, or as in an image.
   x86_decoder from FIRST COUNT [BYTE]: with that byte before them, if it is given, the three bytes FIRST, FIRST + 1 and
   so on, the first the highest, with any behind.
   Of each that is decoded, relocations are resolved as a linker does it, LLVM's text of the result is read here as a
   programmer reads it, and both are run on the same registers; they must do the same, and be as long.
   Prints how many were decoded as what and with what relocations, and each that differs; then the status is 1. *)
open Check_object_spec
open Objects
open X86

(* ---- What an instruction does, on given registers, numbered as in Coq; what is in memory is one word of each size.
   Accesses of 64 bits and of vectors have no events. *)
type access =
  | Loads of x86 list * int64
  | Stores of x86 list * int64 * int64
  | Adds of x86 list * int64 * int64
  | Reloads of int64
  | Spills of int64 * int64
  | Moves of int64 * int64 (* how many bytes, and where *)
type next = Falls | Goes of int64 | May_go of int64 | Returns
(* [free]: the flag and these registers may hold anything; here they are false and zero.  16: what RET finds. *)
type effect = { regs : int64 array; flag : bool; free : int list option; accesses : access list; next : next }

(* Where things are, and what is in registers and memory. *)
type world = { at : places; before : effect; word : int64; long : int64; came_from : int64 }

let size = 16384 (* of the array *)

let frees rs e =
  { e with regs = Array.mapi (fun r v -> if List.mem r rs then 0L else v) e.regs; flag = false; free = Some rs }

(* Coq's; [other]: the address that a relocation to something else gives. *)
let of_micros w other ms =
  let scratch = ref (Random.int64 Int64.max_int) and elsewhere = ref (Random.int64 Int64.max_int) in
  let step e m =
    let register r =
      match of_nat r with
      | 16 -> unsigned w.came_from
      | 17 -> unsigned !scratch
      | 18 -> unsigned !elsewhere
      | r -> unsigned e.regs.(r)
    in
    let value a = bits (eval (unsigned w.at.base) register a) in
    let set r v =
      match of_nat r with
      | 17 -> scratch := v; e
      | 18 -> elsewhere := v; e
      | r ->
          let regs = Array.copy e.regs in
          regs.(r) <- v;
          { e with regs }
    in
    let accesses a e = { e with accesses = e.accesses @ [ a ] } in
    match m with
    | Move (r, a) -> set r (value a)
    | Compare (a, b) -> { e with flag = value a = value b }
    | Load (is, false, r, a) -> accesses (Loads (is, value a)) (set r w.word)
    | Store (is, a, v) -> accesses (Stores (is, value a, low32 (value v))) e
    | Fetch_add (is, r, a, v) -> accesses (Adds (is, value a, low32 (value v))) (set r w.word)
    | Spill (sp, a, v) -> assert (of_nat sp = 4); accesses (Spills (value a, value v)) e
    | Reload (sp, r, a) -> assert (of_nat sp = 4); accesses (Reloads (value a)) (set r w.long)
    | Any rs -> frees (List.filter (fun r -> r <= 16) (List.map of_nat rs)) e
    | Address r -> set r (Option.get other)
    | Elsewhere (n, [], a) -> accesses (Moves (bits n, value a)) e
    | Either t -> { e with next = May_go (bits t) }
    | Jump (Always, t) -> { e with next = Goes (bits t) }
    | Jump (If_equal b, t) -> if e.flag = b then { e with next = Goes (bits t) } else e
    | Return a when value a = w.came_from -> { e with next = Returns }
    | _ -> failwith "a micro-operation that x86 does not have"
  in
  List.fold_left step w.before ms

(* ---- LLVM's text *)
exception Not_read

type operand = Immediate of int64 | Register of int * bool | Memory of int64

let names = [| "di"; "cx"; "dx"; "bx"; "sp"; "bp"; "si"; "ax" |]

(* The number of a register, and does it have 64 bits? *)
let register text =
  let found = ref None in
  Array.iteri (fun i name -> if text = "%r" ^ name then found := Some (i, true)
                             else if text = "%e" ^ name then found := Some (i, false)) names;
  match !found with
  | Some r -> r
  | None -> ( try Scanf.sscanf text "%%r%u%s%!" (fun n rest ->
      if n < 8 || n > 15 || (rest <> "" && rest <> "d") then raise Not_read else (n, rest = ""))
      with Scanf.Scan_failure _ | End_of_file | Failure _ -> raise Not_read)

(* An operand of one byte or two: of which register it is, and from which bit on. *)
let part text =
  let named = function
    | "a" -> 7 | "b" -> 3 | "c" -> 1 | "d" -> 2 | "sp" -> 4 | "bp" -> 5 | "si" -> 6 | "di" -> 0
    | n -> ( try Scanf.sscanf n "r%u%!" Fun.id with Scanf.Scan_failure _ | End_of_file | Failure _ -> raise Not_read)
  in
  let n = String.length text - 1 in
  match text.[n] with
  | 'h' -> (named (String.sub text 1 (n - 1)), 8)
  | 'l' | 'x' | 'b' | 'w' -> (named (String.sub text 1 (n - 1)), 0)
  | _ -> (named (String.sub text 1 n), 0)

let number_of text = if text = "" then 0L else try Int64.of_string text with Failure _ -> raise Not_read

(* Split at the commas that are outside of parentheses. *)
let operands text =
  let depth = ref 0 in
  String.map (fun c ->
    if c = '(' then incr depth else if c = ')' then decr depth;
    if c = ',' && !depth = 0 then '\n' else c) text
  |> String.split_on_char '\n' |> List.map String.trim |> List.filter (( <> ) "")

let address w end_ text =
  let at = String.index text '(' in
  let inner = String.sub text (at + 1) (String.length text - at - 2) in
  let wide r = if r = "" || r = "%riz" then 0L else if r = "%rip" then end_
    else match register r with r, true -> w.before.regs.(r) | _ -> raise Not_read in
  let sum = Int64.add (number_of (String.sub text 0 at)) in
  match List.map String.trim (String.split_on_char ',' inner) with
  | [ b ] -> sum (wide b)
  | [ b; i ] -> sum (Int64.add (wide b) (wide i))
  | [ b; i; s ] -> sum (Int64.add (wide b) (Int64.mul (number_of s) (wide i)))
  | _ -> raise Not_read

let rec operand w end_ text =
  match text.[0] with
  | '%' when String.starts_with ~prefix:"%cs:" text -> operand w end_ (String.sub text 4 (String.length text - 4))
  | '$' -> Immediate (number_of (String.sub text 1 (String.length text - 1)))
  | '%' when not (String.contains text ':') -> let r, wide = register text in Register (r, wide)
  | _ when String.contains text ':' -> raise Not_read
  | _ when String.contains text '(' -> Memory (address w end_ text)
  | _ -> Memory (number_of text)

(* The name without the letter for 32 or 64 bits; is it 64? *)
let split name =
  let n = String.length name - 1 in
  match name.[n] with 'l' -> (String.sub name 0 n, false) | 'q' -> (String.sub name 0 n, true) | _ -> raise Not_read

let computes w name ops =
  let name, wide = match name with "movslq" | "cltq" | "movabsq" | "leave" -> (name, true) | _ -> split name in
  let e = w.before in
  let cut v = if wide then v else low32 v in
  let get = function
    | Immediate v -> cut v
    | Register (r, wide') when wide = wide' -> cut e.regs.(r)
    | Memory a when wide && a = w.at.slot -> w.at.base
    | _ -> raise Not_read
  in
  let set d v =
    match d with
    | Register (r, wide') when wide = wide' ->
        let regs = Array.copy e.regs in
        regs.(r) <- cut v;
        { e with regs }
    | _ -> raise Not_read
  in
  let result d v = { (set d v) with flag = cut v = 0L } in
  let read a = [ Loads ([ MOV_load ], a) ] in
  let adds a v =
    let sum = low32 (Int64.add w.word v) in
    { e with accesses = [ Loads ([ INC_load ], a); Stores ([ INC_store ], a, sum) ]; flag = sum = 0L }
  in
  let pops d e = (* from where RSP of [e] points *)
    let a = e.regs.(4) in
    let regs = Array.mapi (fun r v -> if r = d then w.long else if r = 4 then Int64.add a 8L else v) e.regs in
    { e with regs; accesses = [ Reloads a ] }
  in
  match (name, ops) with
  | "push", [ (Register (_, true) as s) ] ->
      let a = Int64.sub e.regs.(4) 8L in
      { (set (Register (4, true)) a) with accesses = [ Spills (a, get s) ] }
  | "pop", [ Register (d, true) ] -> pops d e
  | "leave", [] -> pops 5 (set (Register (4, true)) e.regs.(5))
  | "push", [ Memory a ] when a <> w.at.slot ->
      let to_ = Int64.sub e.regs.(4) 8L in
      { (set (Register (4, true)) to_) with accesses = [ Reloads a; Spills (to_, w.long) ] }
  | "mov", [ Memory a; d ] when wide && a <> w.at.slot -> { (set d w.long) with accesses = [ Reloads a ] }
  | "mov", [ (Register _ as s); Memory a ] when wide -> { e with accesses = [ Spills (a, get s) ] }
  | "mov", [ Memory a; d ] when not wide -> { (set d w.word) with accesses = read a }
  | "mov", [ s; Memory a ] when not wide -> { e with accesses = [ Stores ([ MOV_store ], a, get s) ] }
  | ("mov" | "movabsq"), [ s; d ] -> set d (get s)
  | "movslq", [ Register (r, false); d ] -> set d (Int64.of_int32 (Int64.to_int32 e.regs.(r)))
  | "cltq", [] -> set (Register (7, true)) (Int64.of_int32 (Int64.to_int32 e.regs.(7)))
  | "lea", [ Memory a; d ] -> set d a
  | "add", [ s; Memory a ] when not wide -> adds a (get s)
  | "inc", [ Memory a ] when not wide -> adds a 1L
  | "add", [ s; d ] -> result d (Int64.add (get d) (get s))
  | "sub", [ s; d ] -> result d (Int64.sub (get d) (get s))
  | "and", [ Immediate v; d ] when v > 0L && Int64.logand v (Int64.add v 1L) = 0L -> result d (Int64.logand (get d) v)
  | "xor", [ s; d ] when s = d -> result d 0L
  | ("and" | "or" | "xor"), [ (Immediate _ | Register _); (Register (r, _) as d) ] -> set d 0L |> frees [ r ]
  | "inc", [ d ] -> result d (Int64.add (get d) 1L)
  | "dec", [ d ] -> result d (Int64.sub (get d) 1L)
  | "neg", [ d ] -> result d (Int64.neg (get d))
  | "sbb", [ _; (Register (r, _) as d) ] -> set d 0L |> frees [ r ]
  | "imul", [ s; d ] -> set d (Int64.mul (get d) (get s)) |> frees []
  | "imul", [ Immediate v; s; d ] -> set d (Int64.mul (get s) v) |> frees []
  | "shl", [ d ] -> result d (Int64.shift_left (get d) 1)
  | "shl", [ Immediate k; d ] -> result d (Int64.shift_left (get d) (Int64.to_int k))
  | "shr", [ d ] -> result d (Int64.shift_right_logical (get d) 1)
  | "shr", [ Immediate k; d ] -> result d (Int64.shift_right_logical (get d) (Int64.to_int k))
  | "cmp", ([ Memory a; o ] | [ o; Memory a ]) when not wide -> { e with accesses = read a; flag = get o = w.word }
  | "cmp", [ a; b ] -> { e with flag = get a = get b }
  | "test", [ a; b ] when a = b -> { e with flag = get a = 0L }
  | "test", [ Register _; Register _ ] -> frees [] e
  | "lock xadd", [ (Register (r, false) as s); Memory a ] when not wide ->
      { (set s w.word) with accesses = [ Adds ([ LOCK_XADD_load; LOCK_XADD_store ], a, get s) ];
        flag = low32 (Int64.add w.word e.regs.(r)) = 0L }
  | _ -> raise Not_read

(* What a call of System V does not keep. *)
let not_kept = [ 0; 1; 2; 6; 7; 8; 9; 10; 11 ]
let conditions = [ "jo"; "jno"; "jb"; "jae"; "jbe"; "ja"; "js"; "jns"; "jp"; "jnp"; "jl"; "jge"; "jle"; "jg" ]
let sets = "sete" :: "setne" :: List.map (fun j -> "set" ^ String.sub j 1 (String.length j - 1)) conditions
let vector_moves =
  List.concat_map (fun m -> [ m; "v" ^ m ]) [ "movups"; "movaps"; "movupd"; "movapd"; "movdqu"; "movdqa" ]

(* [there]: where the instruction ends, as an offset. *)
let jumps w there other name ops =
  let e = w.before in
  let goes taken k = if taken then { e with next = Goes (Int64.add there (number_of k)) } else e in
  match (name, ops) with
  | "jmp", [ k ] -> goes true k
  | "je", [ k ] -> goes e.flag k
  | "jne", [ k ] -> goes (not e.flag) k
  | _, [ k ] when List.mem name conditions -> { e with next = May_go (Int64.add there (number_of k)) }
  | "callq", [ k ] when other = Some (Int64.add (Int64.add w.at.text there) (number_of k)) -> frees not_kept e
  | "callq", [ k ] when other = None ->
      let e = frees [ 16 ] (goes true k) in
      { e with regs = Array.mapi (fun r v -> if r = 4 then Int64.sub v 8L else v) e.regs }
  | ("retq" | "rep retq"), [] -> { e with next = Returns }
  | ("nop" | "nopw" | "nopl" | "pause" | "endbr64" | "rep endbr64"), _ -> e
  | _ -> raise Not_read

let of_text w there other name text =
  let end_ = Int64.add w.at.text there in
  let is_ymm = String.starts_with ~prefix:"%ymm" in
  let is_vector text = is_ymm text || String.starts_with ~prefix:"%xmm" text in
  let e = w.before in
  try jumps w there other name (operands text)
  with Not_read -> (
    match operands text with
    | [ a ] when List.mem name sets -> frees [ fst (part a) ] e
    | [ a; b ] when String.starts_with ~prefix:"movz" name ->
        let r, from = part a and size = if name.[4] = 'b' then 8 else 16 in
        let value = Int64.shift_right_logical e.regs.(r) from in
        let regs = Array.copy e.regs in
        regs.(fst (register b)) <- Int64.logand value (Int64.of_int ((1 lsl size) - 1));
        { e with regs }
    | [ a'; b' ] when List.mem name vector_moves && is_vector a' <> is_vector b' -> (
        match operand w end_ (if is_vector a' then b' else a') with
        | Memory a -> { e with accesses = [ Moves ((if is_ymm a' || is_ymm b' then 32L else 16L), a) ] }
        | _ -> raise Not_read)
    | texts -> computes w name (List.map (operand w end_) texts)
    | exception (Invalid_argument _ | Not_found) -> raise Not_read)

(* ---- Relocations *)

let any_relocation () =
  let k = number (match Random.int 3 with 0 -> -4 | 1 -> -5 | _ -> Random.int 20000 - 10000) in
  match Random.int 11 with
  | 9 | 10 -> Other_32s
  | 0 -> Near_32 k
  | 1 -> Jump_32 k
  | 2 -> Got_32 (if Random.int 4 > 0 then number (-4) else k)
  | 3 -> Signed_32 k
  | 4 -> Unsigned_32 k
  | 5 -> Whole_64 k
  | 6 -> Other_thing1
  | _ -> Other_32

(* ---- Instructions *)
let opcodes () =
  List.map (fun b -> [ b ])
    [ 0x01; 0x03; 0x05; 0x09; 0x0b; 0x0d; 0x19; 0x1b; 0x1d; 0x21; 0x23; 0x25; 0x29; 0x2b; 0x2d; 0x31; 0x33; 0x35;
      0x39; 0x3b; 0x3d; 0x50; 0x54; 0x55;
      0x58; 0x5c; 0x5f; 0x63; 0x69; 0x6b; 0x70; 0x72; 0x74; 0x75; 0x77; 0x7f; 0x81; 0x83; 0x85; 0x89; 0x8b; 0x8d; 0x90;
      0x98; 0xb8; 0xbf; 0xc1;
      0xc3; 0xc7; 0xc9; 0xd1; 0xe8; 0xe9; 0xeb; 0xf7; 0xff ]
  @ List.map (fun b -> [ 0x0f; b ])
      [ 0x10; 0x11; 0x28; 0x29; 0x6f; 0x7f; 0x81; 0x83; 0x86; 0x88; 0x8a; 0x8c; 0x8d; 0x8e; 0xaf; 0xb6; 0xb7 ]
  @ [ [ 0x0f; 0x90 + Random.int 16; 0xc0 + Random.int (if Random.int 4 = 0 then 64 else 8) ];
      [ 0xc5; pick [ 0x78; 0xf8; 0x7c; 0xfc; 0x70 ] + Random.int 4; pick [ 0x10; 0x11; 0x28; 0x29; 0x6f; 0x7f ] ];
      [ 0xc4; (32 * Random.int 8) + pick [ 1; 1; 1; 2 ]; 0x78 + (128 * Random.int 2) + Random.int 8;
        pick [ 0x10; 0x11; 0x28; 0x29; 0x6f; 0x7f ] ];
      [ 0x0f; 0x1f ]; [ 0x0f; 0xc1 ]; [ 0x0f; 0x84 ]; [ 0x0f; 0x85 ]; [ 0x0f; 0x1e; 0xfa ] ]

let prefixes_of = function
  | [ 0x0f; 0xc1 ] -> if Random.int 9 = 0 then [] else [ 0xf0 ]
  | [ 0x0f; 0x1e; 0xfa ] -> [ 0xf3 ]
  | [ 0x0f; (0x6f | 0x7f | 0x10 | 0x11 | 0x28 | 0x29) ] -> pick [ []; [ 0x66 ]; [ 0xf3 ]; [ 0xf2 ] ]
  | [ 0x90 ] | [ 0xc3 ] -> pick [ []; [ 0xf3 ]; [ 0x66 ] ]
  | [ 0x0f; 0x1f ] -> pick [ []; [ 0x66 ]; [ 0x66; 0x66; 0x2e ] ]
  | _ -> if Random.int 20 = 0 then [ pick [ 0x66; 0xf0; 0xf2; 0xf3; 0x64; 0x67 ] ] else []

(* What follows the opcode: often small numbers, or one register twice. *)
let rest w i =
  match Random.int 8 with
  | 0 -> pick [ 0; 1; 3; 7; 0x7f; 0x80; 0xff ]
  | 1 -> 0xc0 + (9 * Random.int 8)
  | 2 | 3 -> (8 * Random.int 8) + pick [ 0x04; 0x05; 0x05; 0x05; 0x44; 0x84 ]
  | 4 when i > 0 -> Int64.to_int (Int64.logand (Int64.shift_right w.at.base (8 * Random.int 4)) 255L)
  | _ -> Random.int 256

let instruction w =
  let op = pick (opcodes ()) in
  let bytes =
    if Random.int 12 = 0 then []
    else
      let segment = if Random.int 10 = 0 then [ 0x2e ] else [] in
      let rex = if Random.bool () then [ pick [ 0x48; 0x40 + Random.int 16 ] ] else [] in
      segment @ prefixes_of op @ rex @ op in
  let all = Array.append (Array.of_list bytes) (Array.init 15 (rest w)) in
  let made = Bytes.init 15 (fun i -> Char.chr all.(i)) in
  (* an address of the array, as in an image at fixed addresses *)
  if Random.int 3 = 0 then
    Bytes.set_int32_le made (2 + Random.int 5) (Int64.to_int32 (Int64.add w.at.base (Int64.of_int (Random.int 8192))));
  made

let world () =
  let near = if Random.int 3 = 0 then 0xffffffff80000000L else 0L in
  let at () = Int64.add near (Int64.of_int (0x400000 + (4 * Random.int 0x1000000))) in
  let some = [| 0L; 1L; any64 (); low32 (any64 ()) |] in
  let value _ = if Random.bool () then some.(Random.int 4) else any64 () in
  let regs = Array.init 16 value in
  let before = { regs; flag = Random.bool (); free = None; accesses = []; next = Falls } in
  let word = low32 (pick [ 0L; 1L; -1L; some.(2); some.(3); any64 () ]) in
  let at = { text = at (); base = at (); slot = at (); other = at () } in
  { at; before; word; long = any64 (); came_from = any64 () }

(* ---- One of them, [lead] bytes behind the beginning of the text. *)
let decoded = Hashtbl.create 60 and completed = Hashtbl.create 10 and wrong = ref 0
let count table name = Hashtbl.replace table name (1 + Option.value ~default:0 (Hashtbl.find_opt table name))

let characters text = List.map Char.code (List.of_seq (Bytes.to_seq text))
let show text = String.concat " " (List.map (Printf.sprintf "%02x") (characters text))

let kind = function
  | Near_32 _ -> "Near_32"
  | Jump_32 _ -> "Jump_32"
  | Got_32 _ -> "Got_32"
  | Signed_32 _ -> "Signed_32"
  | Unsigned_32 _ -> "Unsigned_32"
  | Whole_64 _ -> "Whole_64"
  | Other_32 -> "Other_32"
  | Other_32s -> "Other_32s"
  | Other_thing1 -> "Other_thing"
  | Code_part _ -> "Code_part"
  | Image_text _ -> "Image_text"
  | Image_array _ -> "Image_array"

(* Of several sections of code, an instruction leaves its own by a relocation only. *)
let leaves_part relocations lead n next =
  let section x =
    List.filter (fun (at, r) -> match r with Code_part n -> at <= x && x < at + Int64.to_int (bits n) | _ -> false)
      relocations in
  let jump = List.exists (fun (_, r) -> match r with Jump_32 _ -> true | _ -> false) relocations in
  section (lead + n - 1) <> section lead
  || (match next with
     | Goes t | May_go t -> (not jump) && section (Int64.to_int t) <> section lead
     | Falls | Returns -> false)

let try_one w lead bytes relocations =
  let text = Bytes.cat (Bytes.init lead (fun _ -> Char.chr (Random.int 256))) bytes in
  let fits (at, r) = at + filled r <= Bytes.length text in
  let relocations = List.filter fits relocations in
  List.iter (fun (at, r) -> if Random.int 30 > 0 then Bytes.fill text at (filled r) '\000') relocations;
  let o =
    { text = List.map number (characters text); symbols = []; array_size = number size;
      array_align = number 4;
      slots = (match relocations with (_, Image_text _) :: _ -> [ signed (Int64.sub w.at.slot w.at.base) ] | _ -> []);
      relocations = List.map (fun (at, r) -> (number at, r)) relocations } in
  match x86_code o (number lead) with
  | None -> ()
  | Some (ms, length) when List.for_all (linked w.at text) relocations ->
      let n, name, ops = disassembled (Bytes.sub text lead 15) in
      let differs why =
        incr wrong;
        Printf.printf "%s: %s %s: %s\n" (show (Bytes.sub text lead 15)) name ops why
      in
      let inside (at, r) = filled r = 0 || (at >= lead && at < lead + n) in
      let other = (* the linker puts it so far before the field, or there *)
        List.find_opt (fun (at, r) -> (r = Other_32 || r = Other_32s) && inside (at, r)) relocations
        |> Option.map (fun (at, r) ->
               Int64.add w.at.other (if r = Other_32 then Int64.of_int (lead + n - at) else 0L)) in
      count decoded (X86.kind name ops ^ if other = None then "" else " other");
      if List.exists (fun (at, r) -> r = Other_thing1 && at < lead + n && at + 4 > lead) relocations then
        differs "it has a relocation that says nothing";
      List.iter (fun (_, r) -> count completed (kind r)) (List.filter inside relocations);
      if bits length <> Int64.of_int n then differs (Printf.sprintf "it has %Ld bytes in Coq" (bits length))
      else (
        match of_text w (Int64.of_int (lead + n)) other name ops with
        | effect ->
            let own = of_micros w other ms in
            if effect <> own then differs "they do not do the same";
            if leaves_part relocations lead n own.next then differs "it leaves its section"
        | exception Not_read -> differs "it is decoded, and not known here")
  | Some _ -> ()

(* Relocations of fields often end where the instruction does, or one byte before. *)
let relocations w lead bytes =
  let text = signed (Int64.sub w.at.text w.at.base) in
  let n, _, _ = disassembled bytes in
  let one () =
    let r = any_relocation () in
    (max 0 (lead + n - filled r - pick [ 0; 0; 0; 1; 4; Random.int 12 - 4 ]), r)
  in
  match Random.int 10 with
  | 0 | 1 -> []
  | 2 | 3 ->
      (* the number at its end is often the distance of the slot *)
      let distance = Int64.sub w.at.slot (Int64.add w.at.text (Int64.of_int (lead + n))) in
      if n >= 6 && Random.bool () then Bytes.set_int32_le bytes (n - 4) (Int64.to_int32 distance);
      [ (0, Image_text text) ]
  | 4 -> [ (0, Image_text text); (0, Image_array (signed w.at.base)) ]
  | 5 ->
      let first = 1 + Random.int 20 in
      [ (0, Code_part (number first)); (first + 1, Code_part (number (Random.int 10))) ]
  | 6 -> [ one (); one () ]
  | _ -> [ one () ]

let try_many count next =
  for i = 0 to (count / 64) - 1 do
    let w = world () in
    for j = 64 * i to (64 * i) + 63 do
      let lead, bytes, relocations = next w j in
      try_one w lead bytes relocations
    done
  done;
  let tell table =
    Hashtbl.fold (fun name n found -> (name, n) :: found) table []
    |> List.sort compare |> List.iter (fun (name, n) -> Printf.printf "%s %d\n" name n) in
  tell decoded;
  tell completed;
  Printf.printf "%d instructions, %d decoded, %d differ\n" (count / 64 * 64)
    (Hashtbl.fold (fun _ n sum -> n + sum) decoded 0) !wrong;
  exit (if !wrong = 0 then 0 else 1)

let () =
  match Array.to_list Sys.argv with
  | _ :: "from" :: first :: count :: leading ->
      try_many (int_of_string count) (fun w j ->
        let j = int_of_string first + j and bytes = instruction w in
        List.iteri (Bytes.set_uint8 bytes)
          (List.map int_of_string leading @ List.map (fun shift -> (j lsr shift) land 255) [ 16; 8; 0 ]);
        (0, bytes, [ (0, Image_text (signed (Int64.sub w.at.text w.at.base))) ]))
  | [ _; count; seed ] ->
      Random.init (int_of_string seed);
      try_many (int_of_string count) (fun w _ ->
        let lead = Random.int 9 and bytes = instruction w in
        (lead, bytes, relocations w lead bytes))
  | _ -> failwith "usage: x86_decoder COUNT SEED, or x86_decoder from FIRST COUNT [BYTE]"

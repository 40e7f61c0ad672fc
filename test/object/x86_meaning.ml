(* SPDX-License-Identifier: MIT OR Apache-2.0

   x86_meaning COUNT SEED [RESULTS]: sequences of instructions of the kinds that object/x86_decode.v knows, with
   registers, a stack frame and an array of words.  Without RESULTS they go to standard output, for x86_run.c.
   RESULTS is what that says of them: each must be what Coq says of these instructions (asks), and of memory with one
   CPU (accesses).  Half of them are as in an object, with relocations, half as in an image.
   Prints how many of what there were, and each sequence that differs; then the status is 1.

   That an access of 32 bits is to a word of the array, one of 64 bits to a word of the frame, and that RET finds its
   address, is so by construction: of some registers and words of the frame it is known here, without Coq, what they
   have. *)
open Check_object_spec
open Objects
open X86

(* As in x86_run.c. *)
let finish = 0x4000000 and sequence = 0x4001000 and slots = 0x4003000 and array = 0x4005f80 and frame = 0x4006e80
let words = 64 and longest = 0x2000 and returns = frame + 128
let places = { text = Int64.of_int sequence; base = Int64.of_int array; slot = Int64.of_int slots; other = 0L }
let base = number array

(* ---- Instructions: their bytes, and the relocation with its place in them.  Registers have the numbers of Coq; from
   16 on there are the words of the frame, the lowest first. *)
type piece = { bytes : string; field : (int * x86_relocation) option }
type known = Nothing | Byte of int (* the address of that byte of the array *) | Small of int
type registers = { known : known array; home : int (* always has an address *) }

let stack = 4 and rbp = 5 and all = List.init 16 Fun.id and total = 32
let hardware r = match r with 0 -> 7 | 7 -> 0 | r -> r
let byte n = String.make 1 (Char.chr (n land 255))
let little size n = String.concat "" (List.init size (fun i -> byte (n asr (8 * i))))
let fits_byte n = n >= -128 && n < 128
let plain bytes = { bytes; field = None }
let segment () = if Random.int 15 = 0 then "\x2e" else ""

type place =
  | In of int
  | Near of int (* that byte of the array, relative to the instruction's end *)
  | Beyond of { start : int option; index : (int * int) option; more : int; from_array : bool }
(* a register, another with the logarithm of its factor, a number; and the array's address *)

(* [reg]: the hardware's number, or more opcode; [imm] follows. *)
let encode ?(prefix = "") ?(wide = false) ?(imm = "") op reg place =
  let start, index =
    match place with
    | In r -> (hardware r, 0)
    | Near _ -> (0, 0)
    | Beyond { start; index; _ } ->
        (Option.fold start ~none:5 ~some:hardware, Option.fold index ~none:4 ~some:(fun (r, _) -> hardware r)) in
  let rex = 0x40 lor (Bool.to_int wide lsl 3) lor ((reg lsr 3) lsl 2) lor ((index lsr 3) lsl 1) lor (start lsr 3) in
  let head = segment () ^ prefix ^ (if rex <> 0x40 || Random.int 20 = 0 then byte rex else "") ^ op in
  let modrm mode rm = byte ((mode lsl 6) lor ((reg land 7) lsl 3) lor (rm land 7)) in
  match place with
  | In _ -> plain (head ^ modrm 3 start ^ imm)
  | Near k ->
      { bytes = head ^ modrm 0 5 ^ little 4 0 ^ imm;
        field = Some (String.length head + 1, Near_32 (number (k - 4 - String.length imm))) }
  | Beyond { start = register; index = indexed; more; from_array } ->
      let size =
        if from_array || register = None then 4
        else if more = 0 && start land 7 <> 5 && Random.bool () then 0
        else if fits_byte more && Random.int 4 > 0 then 1
        else 4 in
      let mode = if register = None then 0 else match size with 0 -> 0 | 1 -> 1 | _ -> 2 in
      let address =
        if register = None || indexed <> None || start land 7 = 4 || Random.int 10 = 0 then
          let scale = Option.fold indexed ~none:0 ~some:snd in
          modrm mode 4 ^ byte ((scale lsl 6) lor ((index land 7) lsl 3) lor (start land 7))
        else modrm mode start in
      let field = if from_array then Some (String.length (head ^ address), Signed_32 (number more)) else None in
      { bytes = head ^ address ^ little size (if from_array then 0 else more) ^ imm; field }

(* A register that may be written. *)
let target s = pick (List.filter (fun r -> r <> s.home && r <> stack) all)
let any () = Random.int 16

(* ---- Arithmetic: any that Coq knows.  What leaves anything in the flag is followed by what sets it. *)
let opcodes =
  List.init 16 (fun i -> "\x0f" ^ byte (0x90 + i))
  @ [ "\x0f\xaf"; "\x0f\xb6"; "\x0f\xb6"; "\x0f\xb7" ]
  @ List.map byte
       [ 0x01; 0x03; 0x05; 0x09; 0x0b; 0x0d; 0x19; 0x1b; 0x1d; 0x21; 0x23; 0x25; 0x29; 0x2b; 0x2d; 0x31; 0x33; 0x35;
         0x39; 0x3b; 0x3d; 0x63; 0x69; 0x6b; 0x81; 0x83; 0x85; 0x89; 0x8b; 0x8d; 0x98; 0xb8; 0xbf; 0xc1; 0xc7; 0xd1;
         0xf7; 0xff ]

let rec arithmetic s =
  let some_byte () = pick [ 0; 1; 3; 0x7f; 0xff; Random.int 64; Random.int 256 ] in
  let rex = if Random.bool () then byte (pick [ 0x48; 0x40 + Random.int 16 ]) else "" in
  let op = pick opcodes in
  let modrm =
    if op = "\x8d" then byte (Random.int 0xc0) (* LEA, of any address *)
    else byte (0xc0 + if Random.int 4 = 0 then 9 * Random.int 8 else Random.int 64) in
  let bytes = rex ^ op ^ modrm ^ String.concat "" (List.init 8 (fun _ -> byte (some_byte ()))) in
  let text = List.map (fun c -> number (Char.code c)) (List.of_seq (String.to_seq bytes)) in
  match x86_code { text; relocations = []; symbols = []; array_size = number (4 * words);
                   array_align = number 4; slots = [] } Z0 with
  | None -> arithmetic s
  | Some (ms, n) ->
      let is_open = function Check_object_spec.Any _ -> true | _ -> false in
      let free = List.concat_map (function Check_object_spec.Any rs -> List.map of_nat rs | _ -> []) ms in
      let written = free @ List.filter_map (function Move (r, _) -> Some (of_nat r) | _ -> None) ms in
      if List.exists (fun r -> r = s.home || r = stack) written then arithmetic s
      else begin
        List.iter (fun r -> if r < 16 then s.known.(r) <- Nothing) written;
        let piece = plain (String.sub bytes 0 (Int64.to_int (bits n))) in
        let again r = encode "\xc7" 0 (In r) ~imm:(little 4 (Random.bits ())) in
        if not (List.exists is_open ms) then [ piece ]
        else (piece :: List.map again (List.filter (fun r -> r < 16) free)) @ [ encode "\x39" (any ()) (In (any ())) ]
      end

(* ---- Addresses *)

let word_of k = (k - (frame - array)) / 8 (* of the frame, which that byte is in *)
let in_frame k = k >= frame - array && k < returns - array
let of_word i = frame - array + (8 * i)
let any_byte () = if Random.bool () then 4 * Random.int words else of_word (Random.int 17)

(* Of that byte, counted from the array. *)
let to_byte s k =
  let bytes = List.filter_map (fun r -> match s.known.(r) with Byte o -> Some (r, o) | _ -> None) all in
  let small = List.filter_map (fun r -> match s.known.(r) with Small v -> Some (r, v) | _ -> None) all in
  let (start, o), from_array =
    match small with
    | _ :: _ when Random.int 5 = 0 -> let r, v = pick small in ((Some r, v), true)
    | _ ->
        if Random.int 5 = 0 then ((None, 0), true)
        else
          (* mostly from near by *)
          let near = List.filter (fun (_, o) -> abs (o - k) < 1000) bytes in
          let r, o = pick (if Random.int 8 = 0 then bytes else near) in ((Some r, o), false) in
  let index, v =
    if small = [] || Random.bool () then (None, 0)
    else let r, v = pick small and shift = Random.int 4 in (Some (r, shift), v lsl shift) in
  if Random.int 5 = 0 then Near k else Beyond { start; index; more = k - o - v; from_array }

let moved r imm = encode ~wide:true ~imm "\xc7" 0 (In r)

let addresses s =
  let t = target s and k = any_byte () in
  let h = hardware t in
  let now known piece = s.known.(t) <- known; [ piece ] in
  let at_end piece r = { piece with field = Some (String.length piece.bytes - filled r, r) } in
  let immediate ~wide size = (* MOV, the opcode of which has the register *)
    let rex = 0x40 lor (Bool.to_int wide lsl 3) lor (h lsr 3) in
    fun n -> plain ((if rex > 0x40 then byte rex else "") ^ byte (0xb8 + (h land 7)) ^ little size n) in
  match (Random.int 11, s.known.(t)) with
  | 0, _ | 1, _ -> let place = to_byte s k in now (Byte k) (encode ~wide:true "\x8d" h place)
  | 2, _ ->
      let v = Random.int 300 - 20 in
      now (Small v) (if v >= 0 && Random.bool () then immediate ~wide:false 4 v else moved t (little 4 v))
  | 3, _ ->
      let r = pick (List.filter (fun r -> s.known.(r) <> Nothing) all) in
      let op, reg, place = pick [ ("\x8b", h, In r); ("\x89", hardware r, In t) ] in
      now s.known.(r) (encode ~wide:true op reg place)
  | 4, _ -> now (Byte k) (at_end (moved t (little 4 0)) (Signed_32 (number k)))
  | 5, _ -> now (Byte k) (at_end (immediate ~wide:false 4 0) (Unsigned_32 (number k)))
  | 6, _ -> now (Byte k) (at_end (immediate ~wide:true 8 0) (Whole_64 (number k)))
  | 7, Byte o | 8, Byte o ->
      let v = Random.int 400 - 200 and minus = Random.bool () in
      let imm, op = if fits_byte v && Random.bool () then (little 1 v, "\x83") else (little 4 v, "\x81") in
      now (Byte (if minus then o - v else o + v)) (encode ~wide:true ~imm op (if minus then 5 else 0) (In t))
  | 7, Small v ->
      let add = encode ~wide:true ~imm:(little 4 0) "\x81" 0 (In t) in
      now (Byte (k + v)) (at_end add (Signed_32 (number k)))
  | n, known when n > 7 ->
      let got op = at_end (encode ~wide:true op h (Near 0)) (Got_32 (number (-4))) in
      (match known with Small v when n = 8 -> now (Byte v) (got "\x03") | _ -> now (Byte 0) (got "\x8b"))
  | _ -> arithmetic s

(* ---- Memory *)
let memory s =
  let place = to_byte s (4 * Random.int words) and t = target s in
  let value = little 4 (pick [ 0; 1; -1; Random.bits () ]) and small = little 1 (pick [ 0; 1; -1; Random.int 256 ]) in
  let loads piece = s.known.(t) <- Nothing; piece in
  [ (match Random.int 11 with
    | 0 | 1 -> loads (encode "\x8b" (hardware t) place)
    | 2 -> encode "\x89" (any ()) place
    | 3 -> encode ~imm:value "\xc7" 0 place
    | 4 -> encode "\xff" 0 place
    | 5 -> encode ~imm:small "\x83" 0 place
    | 6 -> encode ~imm:value "\x81" 0 place
    | 7 -> encode (pick [ "\x39"; "\x3b" ]) (any ()) place
    | 8 -> encode ~imm:small "\x83" 7 place
    | 9 -> encode ~imm:value "\x81" 7 place
    | _ -> loads (encode ~prefix:"\xf0" "\x0f\xc1" (hardware t) place)) ]

(* ---- The frame *)
let top s = match s.known.(stack) with Byte k -> k | _ -> failwith "it is not known where RSP points"

(* PUSH or POP, the opcode of which has the register; it looks at one bit of REX. *)
let with_register op r =
  let high = hardware r lsr 3 in
  let rex = if high = 1 || Random.int 4 = 0 then byte (0x40 lor (2 * Random.int 8) lor high) else "" in
  plain (segment () ^ rex ^ byte (op + (hardware r land 7)))

let pushes s r =
  let k = top s - 8 in
  s.known.(16 + word_of k) <- s.known.(r);
  s.known.(stack) <- Byte k
let push s r = pushes s r; with_register 0x50 r
let push_word s i = (* of the frame *)
  let piece = encode ~wide:(Random.bool ()) "\xff" 6 (to_byte s (of_word i)) in
  pushes s (16 + i);
  piece

let takes_off s r =
  let k = top s in
  s.known.(r) <- s.known.(16 + word_of k);
  s.known.(stack) <- Byte (k + 8)
let pop s r = takes_off s r; with_register 0x58 r

let may_leave s =
  s.home <> rbp && match s.known.(rbp) with Byte k -> in_frame k && (k - of_word 0) mod 8 = 0 | _ -> false
let leave s =
  s.known.(stack) <- s.known.(rbp);
  takes_off s rbp;
  plain (segment () ^ "\xc9")

(* RSP gets there, in the frame or just above it. *)
let move_stack s k =
  let adds which v =
    let op, imm = if fits_byte v && Random.int 4 > 0 then ("\x83", little 1 v) else ("\x81", little 4 v) in
    encode ~wide:true ~imm op which (In stack) in
  let v = k - top s and same = List.filter (fun r -> r <> stack && s.known.(r) = Byte k) all in
  if may_leave s && s.known.(rbp) = Byte (k - 8) then leave s
  else begin
    let piece =
      match Random.int 4 with
      | 0 -> encode ~wide:true "\x8d" stack (to_byte s k)
      | 1 -> adds 5 (-v)
      | 2 when same <> [] ->
          let r = pick same in
          let op, reg, place = pick [ ("\x8b", stack, In r); ("\x89", hardware r, In stack) ] in
          encode ~wide:true op reg place
      | _ -> adds 0 v in
    s.known.(stack) <- Byte k;
    piece
  end

let restore s k = if top s = k then [] else [ move_stack s k ]

let uses_frame s =
  let t = target s and k = top s in
  let lowest = word_of k in
  let i = lowest + if lowest < 16 then Random.int (16 - lowest) else 0 in (* what is below RSP is not accessed *)
  match Random.int 10 with
  | (0 | 1 | 2) when in_frame k && Random.bool () -> [ pop s t ]
  | (0 | 1 | 2) when k > of_word 0 -> [ push s (pick (List.filter (( <> ) stack) all)) ]
  | 3 | 4 when may_leave s -> [ leave s ]
  | 3 when k > of_word 0 && s.home <> rbp ->
      let pushed = push s rbp in
      s.known.(rbp) <- s.known.(stack);
      [ pushed; encode ~wide:true "\x89" stack (In rbp) ]
  | 4 -> [ move_stack s (of_word (Random.int 17)) ]
  | 5 when lowest < 16 && k > of_word 0 -> [ push_word s i ]
  | _ when lowest = 16 -> [ move_stack s (of_word (Random.int 16)) ]
  | 6 | 7 ->
      let r = any () in
      let spills = encode ~wide:true "\x89" (hardware r) (to_byte s (of_word i)) in
      s.known.(16 + i) <- s.known.(r);
      [ spills ]
  | _ ->
      let reloads = encode ~wide:true "\x8b" (hardware t) (to_byte s (of_word i)) in
      s.known.(t) <- s.known.(16 + i);
      [ reloads ]

(* ---- Jumps, by so many bytes: from the end of a jump forwards, or over itself backwards. *)
let length pieces = List.fold_left (fun n p -> n + String.length p.bytes) 0 pieces
let forwards ~always n =
  let short, long = if always then ("\xeb", "\xe9") else pick [ ("\x74", "\x0f\x84"); ("\x75", "\x0f\x85") ] in
  if fits_byte n && Random.int 4 > 0 then plain (short ^ little 1 n) else plain (long ^ little 4 n)
(* On a condition that Coq does not follow: it comes to the same whether this is taken. *)
let either n =
  let condition = pick [ 0; 1; 2; 3; 6; 7; 8; 9; 10; 11; 12; 13; 14; 15 ] in
  plain (if Random.bool () then byte (0x70 + condition) ^ little 1 n
         else "\x0f" ^ byte (0x80 + condition) ^ little 4 n)
let backwards n =
  if fits_byte (-n - 2) && Random.int 4 > 0 then plain (pick [ "\x74"; "\x75" ] ^ little 1 (-n - 2))
  else plain (pick [ "\x0f\x84"; "\x0f\x85" ] ^ little 4 (-n - 6))

let hints =
  [ "\x90"; "\x66\x90"; "\xf3\x90"; "\xf3\x0f\x1e\xfa"; "\x0f\x1f\x00"; "\x0f\x1f\x40\x00"; "\x66\x0f\x1f\x44\x00\x00";
    "\x66\x2e\x0f\x1f\x84\x00\x00\x00\x00\x00" ]

(* What is known on both ways. *)
let join s before = Array.iteri (fun r k -> if k <> s.known.(r) then s.known.(r) <- Nothing) before

let rec some depth s =
  match Random.int 20 with
  | 0 | 1 | 2 -> addresses s
  | 3 -> let hint = plain (pick hints) in if Random.bool () then [ hint ] else [ either (length [ hint ]); hint ]
  | (4 | 5) when depth < 3 -> (* over a part *)
      let before, part = passed (depth + 1) s in
      join s before;
      forwards ~always:(Random.int 4 = 0) (length part) :: part
  | 6 when depth < 3 -> (* to behind a part, from there back to it, or on *)
      let before, part = passed (depth + 1) s in
      join s before;
      let back out = backwards (length (part @ [ out ])) in
      let rec fitting () =
        let out = forwards ~always:true (pick [ 2; 6 ]) in
        let back = back out in
        if length [ back ] = Char.code out.bytes.[1] then (out, back) else fitting () in
      let out, back = fitting () in
      (forwards ~always:true (length part + length [ out ]) :: part) @ [ out; back ]
  | n when n < 11 -> memory s
  | n when n < 15 -> uses_frame s
  | _ -> arithmetic s

(* Leaves RSP as it is; and what is known before it. *)
and passed depth s =
  let before = Array.copy s.known and k = top s in
  let part = block depth s in
  let restored = restore s k in
  (before, part @ restored)

and block depth s = List.concat (List.init (Random.int 7) (fun _ -> some depth s))

(* ---- A case: a sequence, and where it begins; [regs] has the words of the frame, too. *)
type case = { pieces : piece list; in_image : bool; flag : bool; regs : int64 array; cells : int array }

let any_word () = (Random.bits () lsl 16) lxor Random.bits () land 0xffffffff

let rec case () =
  let home = pick (List.filter (( <> ) stack) all) in
  let known = Array.init total (fun _ -> match Random.int 4 with
    | 0 -> Byte (any_byte ()) | 1 -> Small (Random.int 300) | _ -> Nothing) in
  known.(home) <- Byte (4 * Random.int words);
  known.(stack) <- Byte (returns - array);
  let some_values = [ 0L; 1L; any64 (); low32 (any64 ()) ] in
  let value r =
    match known.(r) with
    | Byte k -> Int64.of_int (array + k)
    | Small v -> Int64.of_int v
    | Nothing -> if Random.bool () then pick some_values else any64 () in
  let regs = Array.init total value in
  let s = { known; home } in
  let body = List.concat (List.init 4 (fun _ -> block 0 s)) in
  let restored = restore s (returns - array) in
  let pieces = body @ restored @ [ plain (pick [ "\xc3"; "\xf3\xc3" ]) ] in
  let cell _ = match Random.int 4 with 0 -> Random.int 2 | 1 -> 0xffffffff | _ -> any_word () in
  if length pieces > longest then case ()
  else { pieces; in_image = Random.bool (); flag = Random.bool (); regs; cells = Array.init words cell }

let text_of c = Bytes.of_string (String.concat "" (List.map (fun p -> p.bytes) c.pieces))
let relocations_of c =
  let add (at, found) p =
    (at + String.length p.bytes, match p.field with Some (i, r) -> (at + i, r) :: found | None -> found) in
  List.rev (snd (List.fold_left add (0, []) c.pieces))
let linked_text c =
  let text = text_of c in
  if List.for_all (linked places text) (relocations_of c) then text else failwith "an address does not fit"

(* ---- What Coq says *)
type outcome = { o_flag : bool; o_regs : int64 array; o_cells : int array }

let code_of_case c =
  let text, relocations =
    if c.in_image then
      (linked_text c, (0, Image_text (number (sequence - array))) :: (if c.flag then [ (0, Image_array base) ] else []))
    else (text_of c, relocations_of c) in
  let code = x86_code
    { text = List.map (fun c -> number (Char.code c)) (List.of_seq (Bytes.to_seq text));
      relocations = List.map (fun (at, r) -> (number at, r)) relocations; symbols = [];
      array_size = number (4 * words); array_align = number 4;
      slots = (if c.in_image then [ number (slots - array) ] else []) } in
  let seen = Hashtbl.create 100 in
  fun at -> match Hashtbl.find_opt seen at with
    | Some found -> found
    | None -> let found = code at in Hashtbl.replace seen at found; found

let library code =
  { lib_code = code; lib_entry = (fun _ _ -> None); lib_kept = []; lib_link = O; lib_stack = O;
    lib_array = number (4 * words) }

let rec nat n = if n = 0 then O else S (nat (n - 1))

(* The number in Coq of a register, or of a word of the frame, where the highest is the first; and back. *)
let in_coq r = if r < 16 then r else total + of_nat frame_top - r

(* RET takes the address off the stack, of which Coq does not speak. *)
let outcome c =
  let code = code_of_case c in
  let after regs r = Int64.add (bits (regs (nat (in_coq r)))) (if r = stack then 8L else 0L) in
  let rec go steps store state =
    match asks base code state with
    | Back (a, regs) when bits a = Int64.of_int finish ->
        Ok { o_flag = state.equal; o_regs = Array.init total (after regs);
             o_cells = Array.init words (fun i -> Int64.to_int (bits (store.words (number (array + (4 * i)))))) }
    | Ask_any (Z0, _, _, on) when steps > 0 -> go (steps - 1) store (on (fun _ -> number (steps land 1)))
    | r -> (
        match accesses (library code) base O false store r with
        | Some (store, state) when steps > 0 -> go (steps - 1) store state
        | _ -> Error (Int64.to_int (bits state.pc)))
  in
  let cell a = number c.cells.((Int64.to_int (bits a) - array) / 4) in
  let regs r =
    match of_nat r with
    | 16 -> number finish
    | r when r = of_nat frame_top -> number returns
    | r when r = of_nat frame_stored -> number 0xffff (* all words of the frame, always *)
    | r -> let r = in_coq r in if r < total then unsigned c.regs.(r) else Z0 in
  let store = { words = cell; monitor = (fun _ -> None); event = (fun _ -> false) } in
  go 50000 store { pc = Z0; part = O; regs; equal = c.flag }

(* ---- To and from x86_run.c *)
let write c =
  let put size n = print_string (little size n) in
  put 4 (length c.pieces);
  put 4 (Bool.to_int c.flag);
  Array.iter (fun r -> let b = Bytes.create 8 in Bytes.set_int64_le b 0 r; print_bytes b) c.regs;
  Array.iter (put 4) c.cells;
  print_bytes (linked_text c)

let result input =
  let text = really_input_string input (4 + (8 * total) + (4 * words)) in
  let cell i = Int32.to_int (String.get_int32_le text i) land 0xffffffff in
  { o_flag = cell 0 <> 0; o_regs = Array.init total (fun r -> String.get_int64_le text (4 + (8 * r)));
    o_cells = Array.init words (fun i -> cell (4 + (8 * total) + (4 * i))) }

(* ---- Comparison *)
let each_instruction c f =
  let text = linked_text c in
  let rec go at =
    if at < Bytes.length text then begin
      let n, name, ops = disassembled (Bytes.sub text at (min 15 (Bytes.length text - at))) in
      f at name ops;
      go (at + max 1 n)
    end in
  go 0

let tell_difference n c found expected =
  let differs name a b =
    List.concat (List.init (Array.length a) (fun i -> if a.(i) = b.(i) then [] else [ name i a.(i) b.(i) ])) in
  Printf.printf "sequence %d: %s\n" n
    (match expected with
    | Error at -> Printf.sprintf "it has no outcome, by what is at 0x%x" at
    | Ok o ->
        String.concat "; "
          ((if o.o_flag = found.o_flag then [] else [ "the flag" ])
          @ differs (fun i ->
              let what, n = if i < 16 then ("register", i) else ("word of the frame", i - 16) in
              Printf.sprintf "%s %d is 0x%Lx, not 0x%Lx" what n) found.o_regs o.o_regs
          @ differs (Printf.sprintf "word %d is 0x%x, not 0x%x") found.o_cells o.o_cells));
  each_instruction c (fun at name ops -> Printf.printf "  0x%x: %s %s\n" at name ops)

let compare_with path count =
  let input = open_in_bin path and kinds = Hashtbl.create 60 and instructions = ref 0 and wrong = ref 0 in
  let counted name = Hashtbl.replace kinds name (1 + Option.value ~default:0 (Hashtbl.find_opt kinds name)) in
  for n = 1 to count do
    let c = case () in
    each_instruction c (fun _ name ops -> incr instructions; counted (kind name ops));
    let found = result input and expected = outcome c in
    if expected <> Ok found then begin
      incr wrong;
      if !wrong <= 10 then tell_difference n c found expected
    end
  done;
  Hashtbl.fold (fun name n found -> (name, n) :: found) kinds []
  |> List.sort compare |> List.iter (fun (name, n) -> Printf.printf "%s %d\n" name n);
  Printf.printf "%d sequences, %d instructions, %d differ\n" count !instructions !wrong;
  if !wrong = 0 then 0 else 1

let () =
  let count = int_of_string Sys.argv.(1) in
  Random.init (int_of_string Sys.argv.(2));
  if Array.length Sys.argv = 4 then exit (compare_with Sys.argv.(3) count)
  else for _ = 1 to count do write (case ()) done

(* SPDX-License-Identifier: MIT OR Apache-2.0

   decoder COUNT SEED: the decoder of object/armv8_decode.v beside LLVM's.  So many words, of which
   those that are not any words have the fixed bits of an instruction.
   decoder from FIRST COUNT: the words FIRST, FIRST + 1 and so on, without relocations.
   Of each that is decoded, LLVM's text is read here as a programmer reads it, and both are run on the same
   registers; they must do the same.
   Prints how many words were decoded as what, and each that differs; then the status is 1. *)
open Check_object_spec
open Objects

(* ---- What an instruction does, on given registers.  31 is sp; xzr is 0. *)
type effect =
  | Set of int * int64
  | Equal of bool
  | Loads of a64 list * bool * int * int64
  | Stores of a64 list * int64 * int64
  | Stores_x of a64 list * int * int64 * int64
  | Adds of a64 list * int * int64 * int64
  | Spills of int64 * int64
  | Reloads of int * int64
  | Spills_half of int64 * int64
  | Reloads_half of int * int64
  | Goes of int64 option (* None: to the next one *)
  | Returns of int64
  | Sleeps
  (* The registers and the flag hold anything; or the register has the address of something else. *)
  | Frees of int list
  | Makes of int
  | Other_memory of int64 * int list * int64 (* so many bytes; the registers that it reads; where *)
  | May_go of int64
  | Needs of int64 * int64 (* has a meaning if they are equal *)

let low32 v = Int64.logand v 0xffffffffL

(* What a reload gets from there. *)
let long_at a = Int64.mul (Int64.add a 77L) 0x9e3779b97f4a7c15L

(* The address that an instruction makes and uses itself, and Coq's register for that. *)
let other = 0x123456789abcL and made = 51

(* Where the call came from, what that is when it is signed, what sp was; and Coq's registers for these. *)
let caller = 0x8877665544332211L and signature = 0x1032547698badcfeL and sp_was = 0x7fff12345670L
let at_call = [ (of_nat called_from, caller); (of_nat signed_link, signature); (of_nat frame_top, sp_was) ]

(* Coq's; [flag]: the last comparison found them equal.  The text begins at 0. *)
let one_micro regs flag base m =
  let register r =
    if r = text_at then Z0 else if of_nat r = made then unsigned other
    else unsigned (match List.assoc_opt (of_nat r) at_call with Some v -> v | None -> regs.(of_nat r))
  in
  let eval e = bits (eval (unsigned base) register e) in
  match m with
  | Move (r, a) -> Set (of_nat r, eval a)
  | Compare (a, b) -> Equal (eval a = eval b)
  | Load (is, excl, r, a) -> Loads (is, excl, of_nat r, eval a)
  | Store (is, a, v) -> Stores (is, eval a, low32 (eval v))
  | Store_x (is, r, a, v) -> Stores_x (is, of_nat r, eval a, low32 (eval v))
  | Fetch_add (is, r, a, v) -> Adds (is, of_nat r, eval a, low32 (eval v))
  | Spill (sp, a, v) -> assert (of_nat sp = 31); Spills (eval a, eval v)
  | Reload (sp, r, a) -> assert (of_nat sp = 31); Reloads (of_nat r, eval a)
  | Spill_half (sp, a, v) -> assert (of_nat sp = 31); Spills_half (eval a, low32 (eval v))
  | Reload_half (sp, r, a) -> assert (of_nat sp = 31); Reloads_half (of_nat r, eval a)
  | Jump (Always, target) -> Goes (Some (bits target))
  | Jump (If_equal b, target) -> Goes (if flag = b then Some (bits target) else None)
  | Jump (If_zero (b, a), target) -> Goes (if (eval a = 0L) = b then Some (bits target) else None)
  | Return a -> Returns (eval a)
  | Agree (a, b) -> Needs (eval a, eval b)
  | Wait_event -> Sleeps
  | Any rs -> Frees (List.map of_nat rs)
  | Address r -> Makes (of_nat r)
  | Elsewhere (n, rs, a) -> Other_memory (bits n, List.map of_nat rs, eval a)
  | Either target -> May_go (bits target)
  | Lose_below _ | Stop -> failwith "a micro-operation that the decoder does not give"

let of_micros regs flag base ms =
  let regs = Array.copy regs in
  List.map (fun m ->
      let effect = one_micro regs flag base m in
      (match effect with
      | Set (r, v) -> regs.(r) <- v
      | Reloads (r, a) -> regs.(r) <- long_at a
      | _ -> ());
      effect) ms

(* ---- LLVM's text *)
exception Not_read

(* Of brackets the one that closes is left, if a number is behind it. *)
let operands text =
  let rec cleared = function
    | [ "]" ] -> []
    | [ "]"; "!" ] -> [ "!" ]
    | o :: os -> o :: cleared os
    | [] -> []
  in
  String.concat " ] " (String.split_on_char ']' text)
  |> String.map (fun c -> if c = ',' || c = '[' || c = '#' then ' ' else c)
  |> String.split_on_char ' ' |> List.filter (( <> ) "") |> cleared

let register text =
  match text with
  | "sp" | "wsp" -> 31
  | _ -> ( try int_of_string (String.sub text 1 (String.length text - 1)) with Failure _ -> raise Not_read)

let wide text = text.[0] = 'x' || text = "sp"
let cut text v = if wide text then v else low32 v
let get regs text = if text = "xzr" || text = "wzr" then 0L else cut text regs.(register text)
let names_register text = text = "sp" || text.[0] = 'x' || text.[0] = 'w'
let names_number text = text.[0] = '-' || (text.[0] >= '0' && text.[0] <= '9')
let immediate text = try Int64.of_string text with Failure _ -> raise Not_read

(* A register or a number, shifted to the left or not; or 32 bits of a register, with zeros or their sign. *)
let rec operand regs = function
  | [ a ] -> if names_register a then get regs a else immediate a
  | [ w; "uxtw" ] when not (wide w) -> get regs w
  | [ w; "sxtw" ] when not (wide w) -> Int64.of_int32 (Int64.to_int32 (get regs w))
  | [ w; (("uxtw" | "sxtw") as extend); k ] -> Int64.shift_left (operand regs [ w; extend ]) (int_of_string k)
  | [ a; "lsl"; k ] ->
      let v = if names_register a then get regs a else immediate a in
      Int64.shift_left v (int_of_string k)
  | _ -> raise Not_read

(* [width] bits from bit [from], then to bit [to_]. *)
let moved v from width to_ =
  let v = Int64.shift_right_logical v from in
  Int64.shift_left (if width = 64 then v else Int64.logand v (Int64.sub (Int64.shift_left 1L width) 1L)) to_

let computes regs name ops =
  let set rd v = [ Set (register rd, cut rd v) ] in
  let int = int_of_string in
  match (name, ops) with
  | "add", rd :: rn :: more -> set rd (Int64.add (get regs rn) (operand regs more))
  | "sub", rd :: rn :: more -> set rd (Int64.sub (get regs rn) (operand regs more))
  | "mov", [ rd; a ] -> set rd (operand regs [ a ])
  | ("movz" | "mov"), rd :: more -> set rd (operand regs more)
  | "neg", rd :: more -> set rd (Int64.neg (operand regs more))
  | "cmp", a :: more -> [ Equal (get regs a = cut a (operand regs more)) ]
  | "cmn", a :: more -> [ Equal (cut a (Int64.add (get regs a) (operand regs more)) = 0L) ]
  | "subs", rd :: rn :: more ->
      let v = cut rd (Int64.sub (get regs rn) (operand regs more)) in
      Equal (v = 0L) :: set rd v
  | "negs", rd :: more ->
      let v = cut rd (Int64.neg (operand regs more)) in
      Equal (v = 0L) :: set rd v
  | ("mul" | "umull"), [ rd; rn; rm ] -> set rd (Int64.mul (get regs rn) (get regs rm))
  | ("madd" | "umaddl"), [ rd; rn; rm; ra ] ->
      set rd (Int64.add (get regs ra) (Int64.mul (get regs rn) (get regs rm)))
  | "movk", rd :: n :: more ->
      let to_ = match more with [] -> 0 | [ "lsl"; k ] -> int k | _ -> raise Not_read in
      set rd (Int64.logor (Int64.logand (get regs rd) (Int64.lognot (moved (-1L) 0 16 to_)))
                (moved (immediate n) 0 16 to_))
  | ("csel" | "csinc" | "csinv" | "csneg" | "cset" | "csetm" | "cinc" | "cinv" | "cneg"), rd :: _ ->
      [ Frees [ register rd ] ]
  | ("ccmp" | "ccmn"), _ -> [ Frees [] ]
  | "xpaclri", [] -> [ Frees [ 30 ] ]
  | ("xpaci" | "xpacd" | "and" | "orr" | "eor" | "ands" | "bic" | "bics" | "orn" | "eon" | "mvn"), rd :: _ ->
      [ Frees (if rd = "xzr" || rd = "wzr" then [] else [ register rd ]) ]
  | "tst", _ -> [ Frees [] ]
  | "paciasp", [] | "pacia", [ "x30"; "sp" ] ->
      [ Needs (regs.(30), caller); Needs (regs.(31), sp_was); Set (30, signature) ]
  | ("autiasp" | "retaa"), [] | "autia", [ "x30"; "sp" ] ->
      [ Needs (regs.(30), signature); Needs (regs.(31), sp_was);
        if name = "retaa" then Returns caller else Set (30, caller) ]
  | "lsl", [ rd; rn; k ] -> set rd (Int64.shift_left (get regs rn) (int k))
  | "lsr", [ rd; rn; k ] -> set rd (moved (get regs rn) (int k) 64 0)
  | "ubfx", [ rd; rn; from; width ] -> set rd (moved (get regs rn) (int from) (int width) 0)
  | "ubfiz", [ rd; rn; to_; width ] -> set rd (moved (get regs rn) 0 (int width) (int to_))
  | "uxtb", [ rd; rn ] -> set rd (moved (get regs rn) 0 8 0)
  | "uxth", [ rd; rn ] -> set rd (moved (get regs rn) 0 16 0)
  | _ -> raise Not_read

(* Of a pair, or of one; a load of a pair that gives its own base does that last. *)
let in_turn rn = function
  | ([ (Reloads (rt, _)); _ ] | [ (Loads (_, _, rt, _)); _ ]) as both when rt = register rn -> List.rev both
  | effects -> effects

(* Of 64 bits, or of two times 64. *)
let frame regs name rt ops =
  let slot a (rt, k) =
    let a = Int64.add a k in
    if name.[0] = 's' then Spills (a, get regs rt) else Reloads (register rt, a)
  in
  let registers, address =
    match (name, ops) with
    | ("stp" | "ldp"), rt2 :: address -> ([ (rt, 0L); (rt2, 8L) ], address)
    | _ -> ([ (rt, 0L) ], ops)
  in
  let at a = List.map (slot a) registers and from rn k = Int64.add regs.(register rn) (immediate k) in
  match address with
  | [ rn; k; "!" ] -> Set (register rn, from rn k) :: at (from rn k)
  | [ rn; "]"; k ] -> at regs.(register rn) @ [ Set (register rn, from rn k) ]
  | [ rn ] -> in_turn rn (at regs.(register rn))
  | rn :: more -> in_turn rn (at (Int64.add regs.(register rn) (operand regs more)))
  | [] -> raise Not_read

(* A register of SIMD and floating point: of how many bytes. *)
let vector text =
  match text.[0] with 'b' -> 1L | 'h' -> 2L | 's' when text <> "sp" -> 4L | 'd' -> 8L | 'q' -> 16L | _ -> raise Not_read

let accesses regs name ops =
  let at = function
    | [ rn ] -> regs.(register rn)
    | rn :: more -> Int64.add regs.(register rn) (operand regs more)
    | [] -> raise Not_read
  in
  let narrow rt = if wide rt then raise Not_read else register rt in
  let loads event excl rt address = [ Loads ([ event ], excl, narrow rt, at address) ] in
  let stores event rt address = 
    if wide rt then raise Not_read else [ Stores ([ event ], at address, get regs rt) ] in
  let second address = Int64.add (at address) 4L in
  let stores_x event rs rt rn = [ Stores_x ([ event ], register rs, at [ rn ], get regs rt) ] in
  let adds acq rel rs rt rn =
    [ Adds ([ LDADD_load (acq, rel); LDADD_store (acq, rel) ], narrow rt, at [ rn ], get regs rs) ]
  in
  match (name, ops) with
  | "ldr", [ rt; k ] when names_number k -> [ Makes made; Other_memory (vector rt, [], other) ]
  | ("str" | "stur" | "ldr" | "ldur"), rt :: address when String.contains "bhsdq" rt.[0] ->
      [ Other_memory (vector rt, [], at address) ]
  | ("str" | "stur" | "stp" | "ldr" | "ldur" | "ldp"), rt :: ops when wide rt -> frame regs name rt ops
  | ("str" | "stur"), rt :: ("sp" :: _ as address) when not (wide rt) -> [ Spills_half (at address, get regs rt) ]
  | ("ldr" | "ldur"), rt :: ("sp" :: _ as address) -> [ Reloads_half (narrow rt, at address) ]
  | "stp", rt :: rt2 :: address -> stores STR rt address @ [ Stores ([ STR ], second address, get regs rt2) ]
  | "ldp", rt :: rt2 :: (rn :: _ as address) ->
      in_turn rn (loads LDR false rt address @ [ Loads ([ LDR ], false, narrow rt2, second address) ])
  | "ldr", [ rt; rn; k; "!" ] -> Set (register rn, at [ rn; k ]) :: loads LDR false rt [ rn; k ]
  | ("ldr" | "ldur"), rt :: address -> loads LDR false rt address
  | "ldar", rt :: address -> loads LDAR false rt address
  | "ldxr", rt :: address -> loads LDXR true rt address
  | "ldaxr", rt :: address -> loads LDAXR true rt address
  | ("str" | "stur"), rt :: address -> stores STR rt address
  | "stlr", rt :: address -> stores STLR rt address
  | "stxr", [ rs; rt; rn ] -> stores_x STXR rs rt rn
  | "stlxr", [ rs; rt; rn ] -> stores_x STLXR rs rt rn
  | "ldadd", [ rs; rt; rn ] -> adds false false rs rt rn
  | "ldadda", [ rs; rt; rn ] -> adds true false rs rt rn
  | "ldaddl", [ rs; rt; rn ] -> adds false true rs rt rn
  | "ldaddal", [ rs; rt; rn ] -> adds true true rs rt rn
  | _ -> raise Not_read

let jumps regs flag place name ops =
  let target k = Some (Int64.add place (immediate k)) in
  match (name, ops) with
  | "b", [ k ] -> [ Goes (target k) ]
  | "bl", [ k ] -> [ Set (30, Int64.add place 4L); Goes (target k) ]
  | "b.eq", [ k ] -> [ Goes (if flag then target k else None) ]
  | "b.ne", [ k ] -> [ Goes (if flag then None else target k) ]
  | ("b.hs" | "b.lo" | "b.mi" | "b.pl" | "b.vs" | "b.vc" | "b.hi" | "b.ls" | "b.ge" | "b.lt" | "b.gt" | "b.le"), [ k ]
    -> [ May_go (Option.get (target k)) ]
  | "cbz", [ r; k ] -> [ Goes (if get regs r = 0L then target k else None) ]
  | "cbnz", [ r; k ] -> [ Goes (if get regs r = 0L then None else target k) ]
  | "ret", [] -> [ Returns regs.(30) ]
  | "ret", [ r ] -> [ Returns regs.(register r) ]
  | "wfe", [] -> [ Sleeps ]
  | ("nop" | "yield" | "csdb" | "bti"), _ -> []
  | _ -> raise Not_read

(* What a relocation has put into the instruction, if there is one. *)
let relocated regs base place relocation name ops =
  let page v = Int64.logand v (Int64.lognot 4095L) in
  match (relocation, name, ops) with
  | Page_21 k, "adrp", [ rd; "0" ] -> [ Set (register rd, page (Int64.add base (bits k))) ]
  | Add_12 k, "add", [ rd; rn; "0" ] ->
      [ Set (register rd, Int64.add regs.(register rn) (Int64.logand (Int64.add base (bits k)) 4095L)) ]
  | Access_12 k, ("ldr" | "str"), [ rt; rn ] when not (wide rt) ->
      let a = Int64.add regs.(register rn) (Int64.logand (Int64.add base (bits k)) 4095L) in
      [ (if name = "ldr" then Loads ([ LDR ], false, register rt, a)
         else Stores ([ STR ], a, low32 regs.(register rt))) ]
  | Other_wide, ("mov" | "movz" | "movk"), rd :: "0" :: _ -> [ Makes (register rd) ]
  | Other_page, "adrp", [ rd; "0" ] | Other_near, "adr", [ rd; "0" ] | Other_12, "add", [ rd; _; "0" ] ->
      [ Makes (register rd) ]
  | Other_got, "ldr", [ rt; _ ] when rt.[0] = 'x' -> [ Makes (register rt) ]
  | Other_12, ("ldr" | "str"), [ rt; _ ] when String.contains "bhsdq" rt.[0] ->
      [ Makes made; Other_memory (vector rt, [], other) ]
  | Other_12, ("ldr" | "str"), [ rt; _ ] ->
      [ Makes made;
        Other_memory ((if wide rt then 8L else 4L), (if name = "ldr" then [ register rt ] else []), other) ]
  | Other_call, "bl", [ "0" ] -> [ Frees (List.init 18 Fun.id @ [ 30 ]) ]
  (* the array's address; the second has it out of the slot that the literal is *)
  | Near_21 k, "adr", [ rd; "0" ] | Got_near k, "ldr", [ rd; "0" ] when wide rd ->
      [ Set (register rd, Int64.add base (bits k)) ]
  (* of an image: the address of the instruction, or of its page, and what LLVM reads in it *)
  | Jump_26 t, "b", [ "0" ] -> [ Goes (Some (bits t)) ]
  | Call_26 t, "bl", [ "0" ] -> [ Set (30, Int64.add place 4L); Goes (Some (bits t)) ]
  | Image_wide _, ("mov" | "movz"), _ -> computes regs name ops (* as one that stands alone *)
  | Image_page d, "adrp", [ rd; k ] | Image_near d, "adr", [ rd; k ] ->
      [ Set (register rd, Int64.add (Int64.add base (bits d)) (immediate k)) ]
  | _ -> raise Not_read

let of_text regs flag base place relocation line =
  match String.split_on_char '\t' line with
  | "" :: name :: more -> (
      let ops = operands (String.concat " " more) in
      match relocation with
      | Some r -> relocated regs base place r name ops
      | None -> (
          try computes regs name ops with Not_read | Invalid_argument _ -> (
            try accesses regs name ops with Not_read -> jumps regs flag place name ops)))
  | _ -> raise Not_read

(* ---- Words.  The fixed bits: those that are to be had, and which they are. *)
let forms =
  [| (0x3f800000, 0x11000000); (0x7fe00000, 0x0b000000); (0x7fe0fc1f, 0x6b00001f); (0x7fe0fc00, 0x6b000000);
     (0x7fe0ffe0, 0x2a0003e0);
     (0x7f800000, 0x52800000); (0x7f800000, 0x53000000); (0xffc0fc00, 0xd340fc00); (0xffe08000, 0x53000000);
     (0xfffffc00, 0x88dffc00); (0xffff7c00, 0x885f7c00);
     (0xfffffc00, 0x889ffc00); (0xffe07c00, 0x88007c00); (0xff800000, 0xb9000000); (0xffa00000, 0xb8000000);
     (0xff20fc00, 0xb8200000); (0x7e000000, 0x34000000); (0xff00001e, 0x54000000); (0x7c000000, 0x14000000);
     (0xfffffc1f, 0xd65f0000); (0xfffff01f, 0xd503201f); (0x9f000000, 0x90000000); (0xffc00000, 0x91000000);
     (0xff800000, 0xf9000000); (0xffa00000, 0xf8000000); (0xfe000000, 0xa8000000); (0xbf8003e0, 0x910003e0);
     (0xbf80001f, 0x9100001f);
     (0x7fe00000, 0x0b200000); (0x7fe00000, 0x4b000000); (0x7fe003e0, 0x4b0003e0); (0x7fe0fc1f, 0x2b00001f);
     (0x7f800000, 0x71000000); (0x7f80001f, 0x7100001f); (0x7f80001f, 0x3100001f); (0x7fe08000, 0x1b000000);
     (0x7fe0fc00, 0x1b007c00); (0xffe08000, 0x9ba00000); (0xffe0fc00, 0x9ba07c00); (0x7f800000, 0x72800000);
     (0x3fe00800, 0x1a800000); (0x3fe00410, 0x3a400000); (0xffffff1f, 0xd503201f); (0xff000010, 0x54000000);
     (0xbfa00c00, 0xb8200800); (0xff800000, 0x29000000); (0xbfc0001f, 0xb900001f); (0x3f000000, 0x3d000000);
     (0x3f200c00, 0x3c000000); (0x3f200c00, 0x3c200800); (0x3e000000, 0x2c000000); (0xffffffff, 0xd50320ff);
     (0xffffffff, 0xd503233f); (0xffffffff, 0xd50323bf); (0xffffffff, 0xd65f0bff);
     (0xffffffff, 0xdac103fe); (0xffffffff, 0xdac113fe); (0xfffffbe0, 0xdac143e0);
     (0x7ffffc1f, 0x7100041f); (0x7ffffc1f, 0x3100041f); (0x7ffffc00, 0x71000400);
     (0x1f000000, 0x0a000000); (0x1f80001f, 0x0a00001f); (0x1f800000, 0x12000000); (0x3f000000, 0x1c000000) |]

let any_word () = (Random.bits () lsl 16) lxor Random.bits () land 0xffffffff
let word () =
  match Random.int (Array.length forms + 4) with
  | i when i < Array.length forms ->
      let mask, fixed = forms.(i) in
      let w = (any_word () land lnot mask land 0xffffffff) lor fixed in
      if Random.int 8 = 0 then w lxor (1 lsl Random.int 32) else w (* close to it *)
  | _ -> any_word ()

(* The field of a relocation is zero in an object; flips are for the checker. *)
let with_relocation w =
  let k = number (Random.int 10000) in
  match Random.int 23 with
  | 21 -> ((if Random.int 8 = 0 then w else w land 0x3ff lor 0xf9400000), Some Other_got)
  | 22 -> (w land 0x2061001f lor 0xd2800000, Some Other_wide)
  | 20 -> (w land 0x9f00001f lor 0x10000000, Some Other_near)
  | 16 -> (w land 0x9f00001f lor 0x90000000, Some Other_page)
  | 17 ->
      let word = List.nth [ 0x91000000; 0xb9000000; 0xf9000000; 0xb9400000; 0x3d000000; 0x3d800000; 0x3dc00000 ] in
      (w land (if Random.bool () then 0xc04003ff else 0x3ff) lor word (Random.int 7), Some Other_12)
  | 18 -> (w, Some Other_12)
  | 19 ->
      if Random.int 8 = 0 then (w, Some Other_thing)
      else ((if Random.bool () then 0x94000000 else w), Some Other_call)
  | 8 -> (w land 0x61ffffff lor 0xd2800000 land 0xff9fffff, Some (Image_wide (number (-4 * Random.int 10000))))
  | 9 -> (* of one instruction of several, or of none *)
      let fixed = List.nth [ 0x90000000; 0xf9400000; 0xd2800000; 0xf2a00000; 0xf2c00000; 0xf2e00000; 0; w ] in
      let word = fixed (Random.int 8) lor (w land 31) in
      let kinds =
        [ Literal_page k; Literal_12 k; Literal_low k; Literal_high k; Wide_0 k; Wide_16 k; Wide_32 k; Wide_48 k ]
      in
      (word, Some (List.nth kinds (Random.int 8)))
  | 10 -> ((if Random.bool () then 0x94000000 else w), Some (Call_26 (number (4 * Random.int 10000))))
  | 7 -> ((if Random.bool () then 0x14000000 else w), Some (Jump_26 (number (4 * Random.int 10000))))
  | 5 -> (w land 0x60ffffff lor 0x90000000, Some (Image_page (number (4096 * (Random.int 10000 - 5000)))))
  | 6 -> (w land 0x60ffffff lor 0x10000000, Some (Image_near (number (4 * (Random.int 10000 - 5000)))))
  | 0 -> (w land 0x9f00001f lor 0x90000000, Some (Page_21 k))
  | 1 -> (w land 0x3ff lor 0x91000000, Some (Add_12 k))
  | 2 -> (w land 0x4003ff lor 0xb9000000, Some (Access_12 k))
  | 3 -> (w land 0x9f00001f lor 0x10000000, Some (Near_21 k))
  | 4 -> (w land 0xff00001f lor 0x58000000, Some (Got_near k))
  | _ -> (w, None)

let any64 () = Int64.logxor (Random.int64 Int64.max_int) (Int64.shift_left (Random.int64 Int64.max_int) 1)

(* Often equal, often zero, often in the lowest half only, often each other's negation. *)
let registers () =
  let v = any64 () in
  let some = [| 0L; 1L; -1L; 0xffffffffL; v; Int64.neg v; low32 (any64 ()) |] in
  Array.init 32 (fun _ -> if Random.bool () then some.(Random.int 7) else any64 ())

let decoded = Hashtbl.create 60
let wrong = ref 0

let try_one regs flag (w, relocation) =
  let place = Int64.of_int (4 * Random.int 100000) and base = Int64.of_int (4 * Random.int 1000000000) in
  match decode (unsigned place) (number w) relocation with
  | None -> ()
  | Some ms -> (
      let line = text_of_word w in
      let differs why =
        incr wrong;
        Printf.printf "0x%08x:%s: %s\n" w line why
      in
      let name = match String.split_on_char '\t' line with _ :: name :: _ -> name | _ -> "" in
      Hashtbl.replace decoded name (1 + Option.value ~default:0 (Hashtbl.find_opt decoded name));
      match of_text regs flag base place relocation line with
      | effects -> if effects <> of_micros regs flag base ms then differs "they do not do the same"
      | exception (Not_read | Invalid_argument _) -> differs "it is decoded, and not known here")

let try_many count next =
  for i = 0 to (count / 64) - 1 do
    let regs = registers () in
    for j = 64 * i to (64 * i) + 63 do try_one regs (i mod 2 = 0) (next j) done
  done;
  Hashtbl.fold (fun name n found -> (name, n) :: found) decoded []
  |> List.sort compare |> List.iter (fun (name, n) -> Printf.printf "%s %d\n" name n);
  Printf.printf "%d words, %d decoded, %d differ\n" (count / 64 * 64)
    (Hashtbl.fold (fun _ n sum -> n + sum) decoded 0) !wrong;
  exit (if !wrong = 0 then 0 else 1)

let () =
  match Array.to_list Sys.argv with
  | [ _; "from"; first; count ] -> try_many (int_of_string count) (fun j -> (int_of_string first + j, None))
  | [ _; count; seed ] ->
      Random.init (int_of_string seed);
      try_many (int_of_string count) (fun _ -> with_relocation (word ()))
  | _ -> failwith "usage: decoder COUNT SEED, or decoder from FIRST COUNT"

(* SPDX-License-Identifier: MIT OR Apache-2.0

   riscv_decoder COUNT SEED: the decoder of object/riscv_decode.v beside LLVM's.  So many texts of some instructions,
   with relocations and fences; each place of each, the middle of an instruction, too.
   riscv_decoder from FIRST COUNT: the words FIRST, FIRST + 1 and so on, one by one, without relocations.
   Of each place where Coq sees an instruction, or several as one, relocations are resolved as a linker does it, LLVM's
   text of the result is read here as a programmer reads it, and both are run on the same registers: they must leave
   the same registers, go to the same place, and make the same accesses and fences in the same order.
   Prints how many of what were decoded, and each that differs; then the status is 1. *)
open Check_object_spec
open Objects
open Riscv

(* ---- What a CPU does that the memory model knows, in its order *)
type event =
  | Reads of int64
  | Writes of int64 * int64
  | Adds of bool * bool * int64 * int64
  | Swaps of int64 * int64
  | Spills of int64 * int64 (* of 64 bits *)
  | Reloads of int64
  | Fence of string (* which of r and w before, and after *)

type next =
  | Falls
  | Goes of int64
  | May_go of int64
  | Calls_other of int list (* and goes on with anything in these registers *)
type effect = { events : event list; regs : int64 array; next : next }

(* What is in memory: in slots addresses, else any words. *)
let slot_of world a = List.find_opt (fun k -> Int64.of_int (world.slot k) = a) [ 0; 4; 8; 12 ]
let long_at a = Int64.mul (Int64.add a 77L) 0x9e3779b97f4a7c15L
let word_at a = low32 (long_at a)

(* ---- Coq's.  Where a register may hold anything, it holds what it does in [found]; so it does after one half of an
   address alone. *)
let of_micros ~half world regs found ms =
  let letters r w = (if r then "r" else "") ^ if w then "w" else "" in
  let fence = function FENCE (a, b, c, d) -> Fence (letters a b ^ "," ^ letters c d) | _ -> failwith "no fence" in
  let regs = Array.copy regs in
  let register r = if r = text_at then number world.text_at else unsigned regs.(of_coq_number r) in
  let eval e = bits (eval (number world.array) register e) in
  let there t = Int64.add (Int64.of_int world.text_at) (bits t) in
  let set r v = regs.(of_coq_number r) <- v in
  let rec go events = function
    | [] -> { events = List.rev events; regs; next = Falls }
    | m :: ms -> (
        let on more = go (List.rev_append more events) ms in
        match m with
        | Move (r, a) -> set r (eval a); on []
        | Load (is, false, r, a) ->
            let a = eval a in
            set r (word_at a);
            on (List.map (function LW -> Reads a | f -> fence f) is)
        | Store (is, a, v) ->
            let a = eval a and v = low32 (eval v) in
            on (List.map (function SW -> Writes (a, v) | AMOSWAP_store -> Swaps (a, v) | f -> fence f) is)
        | Fetch_add (is, r, a, v) ->
            let a = eval a and v = low32 (eval v) in
            set r (word_at a);
            let rec events = function
              | AMOADD_load (aq, rl) :: AMOADD_store (aq', rl') :: is when aq = aq' && rl = rl' ->
                  Adds (aq, rl, a, v) :: events is
              | f :: is -> fence f :: events is
              | [] -> []
            in
            on (events is)
        | Spill (sp, a, v) -> assert (of_nat sp = 2); on [ Spills (eval a, eval v) ]
        | Reload (sp, r, a) -> assert (of_nat sp = 2);
            let a = eval a in
            set r (long_at a);
            on [ Reloads a ]
        | Compare (a, b) -> (
            let same = eval a = eval b in
            match ms with
            | [ Jump (If_equal b, t) ] ->
                { events = List.rev events; regs; next = (if same = b then Goes (there t) else Falls) }
            | _ -> failwith "a comparison without its jump")
        | Address r -> set r (if half then found.(of_coq_number r) else Int64.of_int world.other); on []
        | Any [ r ] -> set r found.(of_coq_number r); on []
        | Any rs when ms = [] ->
            let rs = List.sort compare (List.map of_coq_number rs) in
            List.iter (fun r -> regs.(r) <- found.(r)) rs;
            { events = List.rev events; regs; next = Calls_other rs }
        | Either t when ms = [] -> { events = List.rev events; regs; next = May_go (there t) }
        | Jump (Always, t) when ms = [] -> { events = List.rev events; regs; next = Goes (there t) }
        | Return a when ms = [] -> { events = List.rev events; regs; next = Goes (eval a) }
        | _ -> failwith "a micro-operation that riscv64 does not have")
  in
  go [] ms

(* ---- LLVM's text *)
exception Not_read

let names =
  [| "zero"; "ra"; "sp"; "gp"; "tp"; "t0"; "t1"; "t2"; "s0"; "s1"; "a0"; "a1"; "a2"; "a3"; "a4"; "a5"; "a6"; "a7"; "s2";
     "s3"; "s4"; "s5"; "s6"; "s7"; "s8"; "s9"; "s10"; "s11"; "t3"; "t4"; "t5"; "t6" |]
let register name =
  let rec find i = if i = 32 then raise Not_read else if names.(i) = name then i else find (i + 1) in
  find 0
(* A call does not leave these as they are (the psABI). *)
let lost =
  List.map register
    [ "ra"; "t0"; "t1"; "t2"; "a0"; "a1"; "a2"; "a3"; "a4"; "a5"; "a6"; "a7"; "t3"; "t4"; "t5"; "t6" ]
let immediate k = try Int64.of_string k with Failure _ -> raise Not_read
let read line =
  let blank = String.map (fun c -> if c = ',' || c = '(' || c = ')' || c = '\t' then ' ' else c) line in
  match List.filter (( <> ) "") (String.split_on_char ' ' blank) with
  | name :: operands -> (name, operands)
  | [] -> raise Not_read

(* The upper half of a product, of halves of 32 bits. *)
let high_product a b =
  let open Int64 in
  let high v = shift_right_logical v 32 in
  let low = mul (low32 a) (low32 b) and one = mul (high a) (low32 b) and two = mul (low32 a) (high b) in
  let middle = add (add (high low) (low32 one)) (low32 two) in
  add (add (mul (high a) (high b)) (add (high one) (high two))) (high middle)

(* At the address [pc]; registers are changed. *)
let of_text world regs pc line =
  let get r = if r = "zero" then 0L else regs.(register r) in
  let set rd v = if rd <> "zero" then regs.(register rd) <- v in
  let gives rd v = set rd v; ([], Falls) in
  let shift k = match immediate k with k when k >= 0L && k < 64L -> Int64.to_int k | _ -> raise Not_read in
  let goes k = Goes (Int64.add pc (immediate k)) in
  let called next =
    set "ra" (Int64.add pc 4L);
    ([], if next = Goes (Int64.of_int world.other) then Calls_other lost else next)
  in
  let less signed a b = if (if signed then Int64.compare else Int64.unsigned_compare) a b < 0 then 1L else 0L in
  let open Int64 in
  let upper k = extended (shift_left (immediate k) 12) in
  let shifted_add name =
    let n = match name.[2] with '1' .. '3' as c -> Char.code c - 48 | _ -> raise Not_read in
    fun a b -> add (shift_left a n) b
  in
  match read line with
  | "nop", [] -> ([], Falls)
  | "li", [ rd; k ] -> gives rd (immediate k)
  | "lui", [ rd; k ] -> gives rd (upper k)
  | "auipc", [ rd; k ] -> gives rd (add pc (upper k))
  | "mv", [ rd; rs ] -> gives rd (get rs)
  | "neg", [ rd; rs ] -> gives rd (neg (get rs))
  | "negw", [ rd; rs ] -> gives rd (extended (neg (get rs)))
  | "sext.w", [ rd; rs ] -> gives rd (extended (get rs))
  | "zext.w", [ rd; rs ] -> gives rd (low32 (get rs))
  | "addi", [ rd; rs; k ] -> gives rd (add (get rs) (immediate k))
  | "addiw", [ rd; rs; k ] -> gives rd (extended (add (get rs) (immediate k)))
  | "add", [ rd; a; b ] -> gives rd (add (get a) (get b))
  | "addw", [ rd; a; b ] -> gives rd (extended (add (get a) (get b)))
  | "sub", [ rd; a; b ] -> gives rd (sub (get a) (get b))
  | "subw", [ rd; a; b ] -> gives rd (extended (sub (get a) (get b)))
  | "mul", [ rd; a; b ] -> gives rd (mul (get a) (get b))
  | "mulw", [ rd; a; b ] -> gives rd (extended (mul (get a) (get b)))
  | "mulhu", [ rd; a; b ] -> gives rd (high_product (get a) (get b))
  | (("slt" | "sltu") as n), [ rd; a; b ] -> gives rd (less (n = "slt") (get a) (get b))
  | (("slti" | "sltiu") as n), [ rd; a; k ] -> gives rd (less (n = "slti") (get a) (immediate k))
  | "and", [ rd; a; b ] -> gives rd (logand (get a) (get b))
  | "or", [ rd; a; b ] -> gives rd (logor (get a) (get b))
  | "xor", [ rd; a; b ] -> gives rd (logxor (get a) (get b))
  | "andi", [ rd; a; k ] -> gives rd (logand (get a) (immediate k))
  | "ori", [ rd; a; k ] -> gives rd (logor (get a) (immediate k))
  | "xori", [ rd; a; k ] -> gives rd (logxor (get a) (immediate k))
  | "not", [ rd; rs ] -> gives rd (lognot (get rs))
  | "zext.b", [ rd; rs ] -> gives rd (logand (get rs) 255L)
  | "seqz", [ rd; rs ] -> gives rd (less false (get rs) 1L)
  | "snez", [ rd; rs ] -> gives rd (less false 0L (get rs))
  | "sltz", [ rd; rs ] -> gives rd (less true (get rs) 0L)
  | "sgtz", [ rd; rs ] -> gives rd (less true 0L (get rs))
  | "slli", [ rd; rs; k ] -> gives rd (shift_left (get rs) (shift k))
  | "srli", [ rd; rs; k ] -> gives rd (shift_right_logical (get rs) (shift k))
  | "slliw", [ rd; rs; k ] -> gives rd (extended (shift_left (get rs) (shift k)))
  | "srliw", [ rd; rs; k ] -> gives rd (extended (shift_right_logical (low32 (get rs)) (shift k)))
  | "slli.uw", [ rd; rs; k ] -> gives rd (shift_left (low32 (get rs)) (shift k))
  | "add.uw", [ rd; a; b ] -> gives rd (add (low32 (get a)) (get b))
  | (("sh1add" | "sh2add" | "sh3add") as n), [ rd; a; b ] -> gives rd (shifted_add n (get a) (get b))
  | (("sh1add.uw" | "sh2add.uw" | "sh3add.uw") as n), [ rd; a; b ] -> gives rd (shifted_add n (low32 (get a)) (get b))
  | (("lw" | "lwu") as n), [ rd; k; rs ] ->
      let a = add (get rs) (immediate k) in
      set rd (if n = "lw" then extended (word_at a) else word_at a);
      ([ Reads a ], Falls)
  | "ld", [ rd; k; rs ] -> (
      let a = add (get rs) (immediate k) in
      match slot_of world a with
      | Some byte -> gives rd (of_int (world.array + byte))
      | None ->
          set rd (long_at a);
          ([ Reloads a ], Falls))
  | "sd", [ v; k; rs ] -> ([ Spills (add (get rs) (immediate k), get v) ], Falls)
  | "sw", [ v; k; rs ] -> ([ Writes (add (get rs) (immediate k), low32 (get v)) ], Falls)
  | ("amoadd.w" | "amoadd.w.aq" | "amoadd.w.rl" | "amoadd.w.aqrl" as n), [ rd; v; rs ] ->
      let a = get rs and v = low32 (get v) and ends suffix = List.mem n [ "amoadd.w." ^ suffix; "amoadd.w.aqrl" ] in
      set rd (extended (word_at a));
      ([ Adds (ends "aq", ends "rl", a, v) ], Falls)
  | "amoswap.w", [ "zero"; v; rs ] -> ([ Swaps (get rs, low32 (get v)) ], Falls)
  | "fence", [] -> ([ Fence "rw,rw" ], Falls)
  | "fence", [ "w"; "unknown" ] -> ([], Falls) (* PAUSE *)
  | "fence", [ before; after ] ->
      let letters s = String.concat "" (List.filter (fun c -> String.contains s c.[0]) [ "r"; "w" ]) in
      ([ Fence (letters before ^ "," ^ letters after) ], Falls)
  | "j", [ k ] -> ([], goes k)
  | "jal", [ k ] -> called (goes k)
  | "jalr", [ rs ] -> called (Goes (get rs))
  | "jalr", [ k; rs ] -> called (Goes (logand (add (get rs) (immediate k)) (-2L)))
  | (("beq" | "bne") as n), [ a; b; k ] -> ([], if (get a = get b) = (n = "beq") then goes k else Falls)
  | (("beqz" | "bnez") as n), [ a; k ] -> ([], if (get a = 0L) = (n = "beqz") then goes k else Falls)
  | (("blt" | "bge" | "bltu" | "bgeu") as n), [ a; b; k ] ->
      ignore (n, get a, get b); (* which of the two ways, Coq does not say *)
      ([], May_go (add pc (immediate k)))
  | ("bltz" | "bgez" | "blez" | "bgtz"), [ a; k ] -> ignore (get a); ([], May_go (add pc (immediate k)))
  | "jr", [ rs ] -> ([], Goes (get rs))
  | "jr", [ k; rs ] | "jalr", [ "zero"; k; rs ] -> ([], Goes (logand (add (get rs) (immediate k)) (-2L)))
  | "ret", [] -> ([], Goes regs.(1))
  | _ -> raise Not_read

(* The instructions from one place to another, of which the last one alone may jump; their names. *)
let rec of_texts world regs bytes at end_ =
  let byte i = if i < Array.length bytes then bytes.(i) else 0 in
  let half = byte at lor (byte (at + 1) lsl 8) in
  let word = if is_wide half then half lor (byte (at + 2) lsl 16) lor (byte (at + 3) lsl 24) else half in
  let line = text word in
  let events, next = of_text world regs (Int64.of_int (world.text_at + at)) line in
  let name = name_of word and behind = at + size_of word in
  if behind = end_ then ({ events; regs; next }, [ name ])
  else if behind > end_ || next <> Falls then raise Not_read
  else
    let rest, names = of_texts world regs bytes behind end_ in
    ({ rest with events = events @ rest.events }, if events = [] && name <> "auipc" then names else name :: names)

(* ---- Texts *)
let k () = number (4 * Random.int 4000)
let fences = [ 0x0100000f; 0x0140000f; 0x0310000f; 0x0230000f; 0x0330000f; 0x0ff0000f; 0x0f50000f ]
let fence () =
  match Random.int 16 with
  | 0 -> with_bits (0xf00fffff, 0xf)
  | 1 -> pick fences lxor (1 lsl pick [ 7; 11; 15; 19; 28; 31 ]) (* none: of fields that are zero in a fence *)
  | _ -> pick fences
let accesses =
  [ (0x707f, 0x2003); (0x707f, 0x6003); (0x707f, 0x2023); (0xf800707f, 0x202f); (0xfe00707f, 0x0600202f);
    (0xfe007fff, 0x0800202f); (0xf800707f, 0x0800202f); (0x707f, 0x202f); (0xe003, 0x4000); (0xe003, 0xc000);
    (0x707f, 0x3003); (0x707f, 0x3023); (0xe003, 0x6000); (0xe003, 0xe000); (0xe003, 0x6002); (0xe003, 0xe002) ]
let half_or_whole w = if is_wide w then w else w land 0xffff
let access () = half_or_whole (with_bits (pick accesses))
let jumps_32 = [ (0x607f, 0x63); (0x407f, 0x4063); (0xfff, 0x6f); (0xfff, 0xef); (0xfff07fff, 0x67) ]
let jumps_16 = [ (0xc003, 0xc001); (0xe003, 0xa001); (0xf07f, 0x8002) ]
let jump () = if Random.bool () then with_bits (pick jumps_32) else with_bits (pick jumps_16) land 0xffff
let any () = half_or_whole (any_word ())

(* Even, and not farther than all jumps can go. *)
let target p = number (p.length + (2 * (Random.int 120 - 60)))

let with_a_relocation p ~low =
  let t = target p in
  match Random.int (if low then 10 else 6) with
  | 0 -> emit p (with_bits (pick [ (0x607f, 0x63); (0x407f, 0x4063) ])) ~relocation:(Branch t)
  | 1 -> emit p (with_bits (0xfff, pick [ 0x6f; 0xef ])) ~relocation:(Jal t)
  | 2 -> emit p (with_bits (0xc003, 0xc001) land 0xffff) ~relocation:(Rvc_branch t)
  | 3 -> emit p (with_bits (0xe003, 0xa001) land 0xffff) ~relocation:(Rvc_jump t)
  | 4 when Random.int 4 = 0 -> call_other p
  | 4 when Random.int 4 > 0 -> (pick [ far_jump; far_call ]) p (p.length + (2 * (Random.int 10000 - 5000)))
  | 4 -> (* its second instruction has another one, too; or it is another one *)
      let first, second = pick [ (6, 0x30067); (1, 0x80e7) ] in
      if Random.int 3 = 0 then begin
        emit p (auipc first) ~as_linked:(any_word ()) ~relocation:Other_thing0;
        emit p second
      end
      else begin
        emit p (auipc first) ~relocation:(pick [ Call t; Other_call0 ]);
        emit p second ~relocation:(Branch t)
      end
  | 5 -> (* of any other instruction *)
      let relocation =
        pick ([ Branch t; Jal t; Rvc_branch t; Rvc_jump t; Call t; Pcrel_hi (k ()); Got_hi Z0; Pcrel_lo t; Other_hi;
                Other_call0; Other_thing0 ]
              @ if low then [ Abs_hi (k ()); Abs_lo (k ()); Abs_lo_s (k ()); Other_abs ] else [])
      in
      let w = if Random.bool () then any_arithmetic () else any () in
      let others n = (* so many bytes are others *)
        for _ = 1 to (n - size_of w) / 2 do
          emit p (with_bits (0xe003, 0x4001) land 0xffff) ~as_linked:(with_bits (0xe003, 0x2001) land 0xffff)
        done
      in
      (match relocation with
      | Call _ | Other_call0 -> emit p w ~relocation; others 8
      | Other_thing0 -> emit p w ~as_linked:(any_word ()) ~relocation; others 4
      | _ -> emit p w ~relocation)
  | 6 when Random.bool () -> emit p (with_bits (pick [ (0x7f, 0x37); (0x707f, 0x13) ])) ~relocation:Other_abs
  | 6 | 7 -> emit p (with_bits (0x7f, 0x37)) ~relocation:(Abs_hi (k ()))
  | 8 -> emit p (with_bits (0x707f, pick [ 0x13; 0x2003; 0x6003 ])) ~relocation:(Abs_lo (k ()))
  | _ -> emit p (with_bits (0x707f, 0x2023)) ~relocation:(Abs_lo_s (k ()))

(* As it should be, or not quite. *)
let address p =
  let rd = Random.int 32 in
  match Random.int 8 with
  | 0 -> pair p rd ~relocation:(Pcrel_hi (k ())) ~distance:(Random.int 4096) (any_arithmetic ())
  | 1 ->
      emit p (auipc rd) ~relocation:(Pcrel_hi (k ()));
      emit p (0x13 lor (rd lsl 7) lor (rd lsl 15)) ~relocation:(Pcrel_lo (number (p.length - pick [ 0; 2; 8 ])))
  | 2 ->
      let distance = p.world.other - p.world.text_at - p.length and both = (rd lsl 7) lor (rd lsl 15) in
      pair p rd ~relocation:Other_hi ~distance (pick [ 0x13; 0x13; 0x2003; 0x3003 ] lor both)
  | n -> address_of p rd (pick [ 0; 4; 8; 12 ]) (n mod 3)

(* Out of the slot of byte 0, or not quite. *)
let out_of_slot p own =
  let distance = p.world.slot 0 - p.world.text_at - p.length + pick [ 0; 0; 0; 8; -4096 ] and rd = Random.int 32 in
  emit p (u_type (auipc rd) (upper distance)) ~relocation:own;
  if Random.int 6 = 0 then emit p (any_arithmetic ());
  let rs = pick [ rd; rd; rd; Random.int 32 ] in
  emit p (i_type (0x3003 lor (pick [ rd; rd; rd; Random.int 32 ] lsl 7) lor (rs lsl 15)) distance)

let of_image p ~low =
  let own = Image_auipc (number (p.world.text_at + p.length - p.world.array)) in
  match Random.int (if low then 5 else 3) with
  | 0 | 1 -> emit p (with_bits (0x7f, 0x17)) ~relocation:own
  | 2 -> out_of_slot p own
  | 3 -> emit p (with_bits (0x7f, 0x37)) ~relocation:(Image_lui (number (-p.world.array)))
  | _ -> emit p (with_bits (0xe003, 0x6001) land 0xffff) ~relocation:(Image_lui (number (-p.world.array)))

let between p = for _ = 1 to Random.int 6 - 3 do emit p (any_arithmetic ()) done

let program () =
  let low = Random.bool () and image = Random.int 4 = 0 in
  let text_at = 2 * Random.int (1 lsl if low then 28 else 29) + if low then 0 else 1 lsl 38 in
  let array = if low then 4 * Random.int (1 lsl 28) else text_at land -4 + (4 * (Random.int (1 lsl 28) - (1 lsl 27))) in
  let slots = text_at land -8 + (8 * (Random.int (1 lsl 20) - (1 lsl 19))) in
  let other = text_at + (2 * (Random.int (1 lsl 28) - (1 lsl 27))) in
  let p = { world = { text_at; array; slot = (fun k -> slots + (2 * k)); other }; code = []; length = 0 } in
  for _ = 0 to Random.int 4 do
    match Random.int 12 with
    | 0 -> emit p (any ())
    | 1 -> emit p (fence ())
    | 2 | 3 | 4 | 5 ->
        if Random.bool () then emit p (fence ());
        between p;
        if Random.int 4 = 0 && not image then address p else emit p (access ());
        between p;
        if Random.bool () then emit p (fence ())
    | 6 when Random.int 6 = 0 -> far_by_number p (pick [ (6, 0x30067); (1, 0x80e7) ]) (Random.int 100000 - 50000)
    | 6 -> emit p (jump ())
    | 7 | 8 -> if image then of_image p ~low else address p
    | 9 -> if image then of_image p ~low else with_a_relocation p ~low
    | 10 -> emit p (with_bits (pick [ (0xfe00607f, 0x2033); (0x607f, 0x2013) ]))
    | _ -> emit p (any_arithmetic ())
  done;
  p

(* Often equal, often zero, often a word with its sign. *)
let registers () =
  let some = [ 0L; 1L; any64 (); low32 (any64 ()); extended (any64 ()) ] in
  Array.init 32 (fun r -> if r = 0 then 0L else if Random.bool () then pick some else any64 ())

let decoded = Hashtbl.create 200
let wrong = ref 0

(* The bytes of these places, which are [ms] for Coq. *)
let compare_with_llvm ?(suffix = "") world regs ~t1 bytes at end_ ms =
  let differs why =
    incr wrong;
    Printf.printf "0x%x to 0x%x of %s: %s\n" at end_
      (String.concat " " (List.map (Printf.sprintf "%02x") (Array.to_list bytes))) why
  in
  let own = Array.copy regs in
  if not t1 then own.(6) <- any64 ();
  match of_texts world own bytes at end_ with
  | effect, names ->
      let name = String.concat " " names ^ suffix in
      Hashtbl.replace decoded name (1 + Option.value ~default:0 (Hashtbl.find_opt decoded name));
      let coq = of_micros ~half:(suffix = " half") world regs effect.regs ms in
      if not t1 then coq.regs.(6) <- own.(6);
      if effect <> coq then differs "they do not do the same"
  | exception (Not_read | Failure _) -> differs "it is decoded, and not known here"

let try_text () =
  let p = program () and regs = registers () in
  let debug = Random.int 3 = 0 in
  let code = riscv_code (object_of p ~debug) and bytes = Array.of_list (bytes_of (fun i -> i.as_linked) p) in
  let is_by_t1 i = match i.relocation with Some (Call _) -> i.word land 0xfff <> 0x97 | _ -> false in
  let t1 = debug || not (List.exists is_by_t1 p.code) in
  let suffix at =
    match List.find_opt (fun i -> i.place = at) p.code with
    | Some { relocation = Some (Other_hi | Other_call0); _ } -> " other"
    | Some { relocation = Some Other_abs; _ } -> " half"
    | Some { relocation = None; word; _ } when word land 0x7f = 0x17 -> " by number"
    | _ -> ""
  in
  for half = 0 to (p.length / 2) - 1 do
    match code (number (2 * half)) with
    | None -> ()
    | Some (ms, length) ->
        let end_ = (2 * half) + Int64.to_int (bits length) in
        compare_with_llvm ~suffix:(suffix (2 * half)) p.world regs ~t1 bytes (2 * half) end_ ms
  done

let try_word regs w =
  let world = { text_at = 0; array = 0; slot = (fun _ -> min_int) (* none *); other = -1 } in
  match riscv_decode (number 4) Z0 (number w) None with
  | None -> ()
  | Some ms ->
      let size = size_of w in
      compare_with_llvm world regs ~t1:true (Array.init size (fun i -> field w (8 * i) 8)) 0 size ms

let () =
  (match Array.to_list Sys.argv with
  | [ _; "from"; first; count ] ->
      let regs = ref (registers ()) in
      for i = 0 to int_of_string count - 1 do
        let w = int_of_string first + i in
        if i mod 256 = 0 then regs := registers ();
        if is_wide w || w < 65536 then try_word !regs w
      done
  | [ _; count; seed ] ->
      Random.init (int_of_string seed);
      for _ = 1 to int_of_string count do try_text () done
  | _ -> failwith "usage: riscv_decoder COUNT SEED, or riscv_decoder from FIRST COUNT");
  Hashtbl.fold (fun name n found -> (name, n) :: found) decoded []
  |> List.sort compare |> List.iter (fun (name, n) -> Printf.printf "%s %d\n" name n);
  Printf.printf "%d decoded, %d differ\n" (Hashtbl.fold (fun _ n sum -> n + sum) decoded 0) !wrong;
  exit (if !wrong = 0 then 0 else 1)

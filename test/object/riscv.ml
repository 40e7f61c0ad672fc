(* SPDX-License-Identifier: MIT OR Apache-2.0

   What riscv_decoder.ml and riscv_meaning.ml have in common: numbers in the fields of instructions, their names, and a
   text of random instructions, as it is in an object and as it is linked. *)
open Check_object_spec
open Objects

let field w from size = (w lsr from) land ((1 lsl size) - 1)
let signed_field w from size =
  let v = field w from size in
  if v < 1 lsl (size - 1) then v else v - (1 lsl size)

(* ---- Words with a number in their field: from which bit of the number, how many, to which of the word *)
let put parts w k =
  List.fold_left (fun w (from, size, to_) ->
    let mask = ((1 lsl size) - 1) lsl to_ in
    w land lnot mask lor (field k from size lsl to_)) w parts

let i_type = put [ (0, 12, 20) ]
let s_type = put [ (5, 7, 25); (0, 5, 7) ]
let u_type = put [ (12, 20, 12) ]
let b_type = put [ (12, 1, 31); (5, 6, 25); (1, 4, 8); (11, 1, 7) ]
let j_type = put [ (20, 1, 31); (1, 10, 21); (11, 1, 20); (12, 8, 12) ]
let cb_type = put [ (8, 1, 12); (3, 2, 10); (6, 2, 5); (1, 2, 3); (5, 1, 2) ]
let cj_type = put [ (11, 1, 12); (4, 1, 11); (8, 2, 9); (10, 1, 8); (6, 1, 7); (7, 1, 6); (1, 3, 3); (5, 1, 2) ]
(* What is above the 12 bits with a sign that are added later. *)
let upper k = (k + 0x800) land lnot 0xfff
let is_wide w = w land 3 = 3
let size_of w = if is_wide w then 4 else 2

(* LLVM's text of the instruction that begins a word; nothing if it is none, or has not the size that its bits say. *)
let text w =
  let code = Bytes.create 4 in
  Bytes.set_int32_le code 0 (Int32.of_int w);
  match text_of "riscv64" (Bytes.sub_string code 0 (size_of w)) 0 with
  | line, length when length = size_of w -> line
  | _ -> ""

(* LLVM's name of it; those of accesses of 64 bits say, too, if they are words of 16 bits, and if by way of sp. *)
let name_of w =
  match String.split_on_char '\t' (text w) with
  | _ :: (("ld" | "sd") as name) :: _ when not (is_wide w) -> "c." ^ name ^ if w land 3 = 2 then "sp" else ""
  | _ :: name :: _ -> name
  | _ -> Printf.sprintf "0x%08x" w

(* ---- Where things come to lie *)
type world = {
  text_at : int;
  array : int;
  slot : int -> int; (* the one that has the address of this byte *)
  other : int; (* something else of the program *)
}

(* The word at an offset, of which a relocation says what it is for.  Both halves of an address of two instructions, or
   of a far jump, are of the place of the first. *)
let linked world at w = function
  | Some (Abs_hi k) -> u_type w (upper (world.array + Int64.to_int (bits k)))
  | Some (Abs_lo k) -> i_type w (world.array + Int64.to_int (bits k))
  | Some (Abs_lo_s k) -> s_type w (world.array + Int64.to_int (bits k))
  | Some (Pcrel_hi k) -> u_type w (upper (world.array + Int64.to_int (bits k) - world.text_at - at))
  | Some (Got_hi k) -> u_type w (upper (world.slot (Int64.to_int (bits k)) - world.text_at - at))
  | Some (Branch t) -> b_type w (Int64.to_int (bits t) - at)
  | Some (Jal t) -> j_type w (Int64.to_int (bits t) - at)
  | Some (Rvc_branch t) -> cb_type w (Int64.to_int (bits t) - at)
  | Some (Rvc_jump t) -> cj_type w (Int64.to_int (bits t) - at)
  | Some (Call t) -> u_type w (upper (Int64.to_int (bits t) - at))
  | Some Other_abs -> if w land 0x7f = 0x37 then u_type w (upper world.other) else i_type w world.other
  | Some (Other_hi | Other_call0) -> u_type w (upper (world.other - world.text_at - at))
  | Some (Pcrel_lo _ | Image_auipc _ | Image_lui _ | Other_thing0) | None -> w

type instruction = { place : int; word : int; as_linked : int; relocation : riscv_relocation option }
type program = { world : world; mutable code : instruction list (* newest first *); mutable length : int }

let emit ?as_linked ?relocation p word =
  let as_linked = match as_linked with Some w -> w | None -> linked p.world p.length word relocation in
  p.code <- { place = p.length; word; as_linked; relocation } :: p.code;
  p.length <- p.length + size_of word

(* ---- Sequences that are one instruction in Coq *)
let auipc rd = 0x17 lor (rd lsl 7)

(* AUIPC with its relocation, and what completes it, with that distance. *)
let pair p rd ~relocation ~distance second =
  let site = p.length in
  emit p (auipc rd) ~relocation;
  emit p second ~as_linked:(i_type second distance) ~relocation:(Pcrel_lo (number site))

(* By the relocation of the array's byte k: 0 its address, 1 the word there, 2 the address out of its slot. *)
let address_of p rd k way =
  let both = (rd lsl 7) lor (rd lsl 15) and here = p.world.text_at + p.length in
  let distance = (if way = 2 then p.world.slot k else p.world.array + k) - here in
  let relocation = if way = 2 then Got_hi (number k) else Pcrel_hi (number k) in
  pair p rd ~relocation ~distance ((match way with 0 -> 0x13 | 1 -> 0x2003 | _ -> 0x3003) lor both)

let far p first second relocation target =
  let distance = target - p.length in
  emit p (auipc first) ~relocation;
  emit p second ~as_linked:(i_type second distance)
let far_jump p t = far p 6 0x30067 (Call (number t)) t
let far_call p t = far p 1 0x80e7 (Call (number t)) t
let call_other p = far p 1 0x80e7 Other_call0 (p.world.other - p.world.text_at)
(* Without a relocation, so far. *)
let far_by_number p (first, second) distance =
  emit p (u_type (auipc first) (upper distance));
  emit p (i_type second distance)

(* ---- The object, and its bytes when it is linked *)
let bytes_of f p =
  List.concat_map (fun i -> List.init (size_of i.word) (fun n -> field (f i) (8 * n) 8)) (List.rev p.code)

let object_of ?(array_size = 0) ?(debug = false) p =
  let align = p.world.array land - p.world.array in
  let slot = p.world.slot 0 - p.world.array in
  { text = List.map number (bytes_of (fun i -> i.word) p);
    relocations =
      List.filter_map (fun i -> Option.map (fun r -> (number i.place, r)) i.relocation) (List.rev p.code);
    symbols = (if debug then [ ("hlock_wrong.part.0", Z0) ] else []); array_size = number array_size;
    array_align = number align; slots = [ number slot ] }

(* ---- Any numbers *)
let pick xs = List.nth xs (Random.int (List.length xs))
let any_word () = (Random.bits () lsl 16) lxor Random.bits () land 0xffffffff
let any64 () = Int64.logxor (Random.int64 Int64.max_int) (Int64.shift_left (Random.int64 Int64.max_int) 1)
let low32 v = Int64.logand v 0xffffffffL
let extended v = Int64.shift_right (Int64.shift_left v 32) 32
let with_bits (mask, fixed) = any_word () land lnot mask land 0xffffffff lor fixed

(* Arithmetic: fixed bits, and any others. *)
let arithmetic_32 =
  [ (0x7f, 0x37); (0x707f, 0x13); (0x707f, 0x1b); (0xfc00707f, 0x1013); (0xfc00707f, 0x5013); (0xfe00707f, 0x101b);
    (0xfe00707f, 0x501b); (0xbe007077, 0x33); (0xfe00707f, 0x33); (0xfc00707f, 0x0800101b); (0xfe00707f, 0x0800003b);
    (0xfe001077, 0x20000033); (0xfe007077, 0x02000033); (0xfe00707f, 0x02003033) ]
let arithmetic_16 =
  [ (0xe003, 0x0000); (0xe003, 0x0001); (0xe003, 0x2001); (0xe003, 0x4001); (0xe003, 0x6001); (0xef83, 0x6101);
    (0xec03, 0x8001); (0xec03, 0x8c01); (0xe003, 0x0002); (0xe003, 0x8002) ]
let any_arithmetic () =
  if Random.bool () then with_bits (pick arithmetic_32) else with_bits (pick arithmetic_16) land 0xffff

(* The registers of Coq, and hardware's. *)
let coq_number r = if r = 10 then 0 else r
let of_coq_number r = match of_nat r with 0 -> 10 | r -> r

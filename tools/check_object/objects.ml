(* SPDX-License-Identifier: MIT OR Apache-2.0

   Coq's numbers, and OCaml's; an object file as Coq has it; the text of an instruction.
   Read next: check_object.ml. *)
open Check_object_spec

external object_of_file : string -> string -> string * (int64 * string * int64) array * (string * int64) array * int64
  = "object_of_file"
external text_of_word : int -> string = "text_of_word"

(* ---- Numbers *)
let rec positive_of n =
  if n = 1L then XH
  else
    let half = positive_of (Int64.shift_right_logical n 1) in
    if Int64.logand n 1L = 1L then XI half else XO half

(* Of the 64 bits as a number that has no sign; and as one that has. *)
let unsigned n = if n = 0L then Z0 else Zpos (positive_of n)
let signed n = if Int64.compare n 0L < 0 then Zneg (positive_of (Int64.neg n)) else unsigned n
let number n = signed (Int64.of_int n)

let rec low_bits = function
  | XH -> 1L
  | XO p -> Int64.shift_left (low_bits p) 1
  | XI p -> Int64.logor (Int64.shift_left (low_bits p) 1) 1L

(* The lowest 64 bits. *)
let bits = function Z0 -> 0L | Zpos p -> low_bits p | Zneg p -> Int64.neg (low_bits p)

let rec of_nat = function O -> 0 | S n -> 1 + of_nat n

(* ---- The object *)
let relocation (at, kind, addend) =
  let k = signed addend in
  ( unsigned at,
    match kind with
    | "Page_21" -> Page_21 k
    | "Add_12" -> Add_12 k
    | "Access_12" -> Access_12 k
    | "Near_21" -> Near_21 k
    | "Got_page" -> Got_page k
    | "Got_12" -> Got_12 k
    | "Got_near" -> Got_near k
    | "Image_page" -> Image_page k
    | "Image_near" -> Image_near k
    | _ -> failwith ("the relocation " ^ kind) )

(* Its code, and what Coq gets of it; or Failure, with the reason. *)
let read ?(prefix = "") file =
  let code, relocations, functions, size = object_of_file file (prefix ^ "hlock_words") in
  ( code,
    { text = List.map (fun c -> number (Char.code c)) (List.of_seq (String.to_seq code));
      relocations = List.map relocation (Array.to_list relocations);
      symbols = List.map (fun (name, at) -> (name, unsigned at)) (Array.to_list functions);
      array_size = unsigned size } )

(* The instruction at a place: its text, the operands behind one blank. *)
let instruction code at =
  let i = Int64.to_int at in
  if Int64.compare at 0L < 0 || i mod 4 <> 0 || i + 4 > String.length code then "outside the code"
  else
    let w = Int32.to_int (String.get_int32_le code i) land 0xffffffff in
    match String.map (fun c -> if c = '\t' then ' ' else c) (String.trim (text_of_word w)) with
    | "" -> Printf.sprintf ".word 0x%08x" w
    | text -> text

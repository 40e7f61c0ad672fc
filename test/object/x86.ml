(* SPDX-License-Identifier: MIT OR Apache-2.0

   What x86_decoder.ml and x86_meaning.ml have in common: LLVM's text of an instruction, and what a linker does. *)
open Check_object_spec
open Objects

let pick xs = List.nth xs (Random.int (List.length xs))
let any64 () = Int64.logxor (Random.int64 Int64.max_int) (Int64.shift_left (Random.int64 Int64.max_int) 1)
let low32 v = Int64.logand v 0xffffffffL

(* The length, the name and the operands. *)
let disassembled bytes =
  let code = Bytes.to_string bytes in
  let words text = List.filter (( <> ) "") (String.split_on_char '\t' text) in
  let rec named = function
    | [] -> ("", "")
    | (("rep" | "lock") as prefix) :: more -> let name, ops = named more in (prefix ^ " " ^ name, ops)
    | name :: more -> (name, String.concat "" more) in
  let n, text =
    match text_of "x86_64" code 0 with
    | "\tlock", 1 ->
        let text, n = text_of "x86_64" code 1 in
        (n + 1, "\tlock" ^ text)
    | text, n -> (n, text) in
  let name, ops = named (words text) in
  (n, name, ops)

(* The name, with what a MOV of 64 bits does to memory, if it is not a slot; and of PUSH, that it reads some. *)
let kind name ops =
  let begins_with prefix at = String.starts_with ~prefix (String.sub ops at (String.length ops - at)) in
  match String.index_opt ops '(' with
  | Some _ when name = "pushq" -> "pushq memory"
  | Some at when name = "movq" && not (begins_with "(%rip" at) ->
      if String.ends_with ~suffix:")" ops then "movq spill" else "movq reload"
  | _ -> name

(* The addresses of the text, of the array, of a slot that has the array's, and of something else. *)
type places = { text : int64; base : int64; slot : int64; other : int64 }

(* As a linker does it, one that adds to what is there: false if it does not fit. *)
let linked p text (at, r) =
  let fill4 v ~fits =
    if fits then Bytes.set_int32_le text at (Int32.add (Bytes.get_int32_le text at) (Int64.to_int32 v));
    fits in
  let plus v k = Int64.add v (bits k) and here = Int64.add p.text (Int64.of_int at) in
  let with_sign v = fill4 v ~fits:(Int64.of_int32 (Int64.to_int32 v) = v) in
  match r with
  | Near_32 k -> with_sign (Int64.sub (plus p.base k) here)
  | Jump_32 k -> with_sign (Int64.sub (plus p.text k) here)
  | Got_32 k -> with_sign (Int64.sub (plus p.slot k) here)
  | Other_32 -> with_sign (Int64.sub p.other here)
  | Other_32s -> with_sign p.other
  | Signed_32 k -> with_sign (plus p.base k)
  | Unsigned_32 k -> let v = plus p.base k in fill4 v ~fits:(low32 v = v)
  | Whole_64 k -> Bytes.set_int64_le text at (Int64.add (Bytes.get_int64_le text at) (plus p.base k)); true
  | Other_thing1 | Code_part _ | Image_text _ | Image_array _ -> true

let filled = function Whole_64 _ -> 8 | Code_part _ | Image_text _ | Image_array _ -> 0 | _ -> 4

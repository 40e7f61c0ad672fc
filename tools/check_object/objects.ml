(* SPDX-License-Identifier: MIT OR Apache-2.0

   Coq's numbers, and OCaml's; object files as Coq has them, and the targets that they are of; the text of an
   instruction.  Read next: check_object.ml. *)
open Check_object_spec

(* ---- Of C *)

(* A file's target, code, relocations, functions, the size of its array and its alignment, and its slots. *)
type file = {
  target : string;
  code : string;
  found : (int64 * string * int64) array;
  functions : (string * int64) array;
  size : int64;
  align : int64;
  slots_found : int64 array;
}

external file_of : string -> string -> file = "file_of"

(* The text of the instruction that begins there in the code, and how many bytes it has; or "", and 0. *)
external text_of : string -> string -> int -> string * int = "text_of"

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

(* ---- Relocations, by the names that elf2coq has for them.  Of a name that several targets have, Coq's extraction
   numbers the second and the third. *)
let unknown kind = failwith ("the relocation " ^ kind)

let armv8_relocation kind k =
  match kind with
  | "Page_21" -> Page_21 k
  | "Add_12" -> Add_12 k
  | "Access_12" -> Access_12 k
  | "Near_21" -> Near_21 k
  | "Got_page" -> Got_page k
  | "Got_12" -> Got_12 k
  | "Got_near" -> Got_near k
  | "Jump_26" -> Jump_26 k
  | "Call_26" -> Call_26 k
  | "Image_page" -> Image_page k
  | "Literal_page" -> Literal_page k
  | "Literal_12" -> Literal_12 k
  | "Literal_low" -> Literal_low k
  | "Literal_high" -> Literal_high k
  | "Wide_0" -> Wide_0 k
  | "Wide_16" -> Wide_16 k
  | "Wide_32" -> Wide_32 k
  | "Wide_48" -> Wide_48 k
  | "Image_near" -> Image_near k
  | "Image_wide" -> Image_wide k
  | "Other_page" -> Other_page
  | "Other_12" -> Other_12
  | "Other_near" -> Other_near
  | "Other_got" -> Other_got
  | "Other_wide" -> Other_wide
  | "Other_call" -> Other_call
  | "Other_thing" -> Other_thing
  | _ -> unknown kind

let riscv_relocation kind k =
  match kind with
  | "Pcrel_hi" -> Pcrel_hi k
  | "Pcrel_lo" -> Pcrel_lo k
  | "Got_hi" -> Got_hi k
  | "Abs_hi" -> Abs_hi k
  | "Abs_lo" -> Abs_lo k
  | "Abs_lo_s" -> Abs_lo_s k
  | "Branch" -> Branch k
  | "Jal" -> Jal k
  | "Rvc_branch" -> Rvc_branch k
  | "Rvc_jump" -> Rvc_jump k
  | "Call" -> Call k
  | "Image_auipc" -> Image_auipc k
  | "Image_lui" -> Image_lui k
  | "Other_hi" -> Other_hi
  | "Other_abs" -> Other_abs
  | "Other_call" -> Other_call0
  | "Other_thing" -> Other_thing0
  | _ -> unknown kind

let x86_relocation kind k =
  match kind with
  | "Near_32" -> Near_32 k
  | "Jump_32" -> Jump_32 k
  | "Got_32" -> Got_32 k
  | "Signed_32" -> Signed_32 k
  | "Unsigned_32" -> Unsigned_32 k
  | "Whole_64" -> Whole_64 k
  | "Code_part" -> Code_part k
  | "Image_text" -> Image_text k
  | "Image_array" -> Image_array k
  | "Other_32" -> Other_32
  | "Other_32s" -> Other_32s
  | "Other_thing" -> Other_thing1
  | _ -> unknown kind

(* ---- The object, as Coq gets it *)
let object_ relocation file =
  { text = List.map (fun c -> number (Char.code c)) (List.of_seq (String.to_seq file.code));
    relocations = List.map (fun (at, kind, k) -> (unsigned at, relocation kind (signed k))) (Array.to_list file.found);
    symbols = List.map (fun (name, at) -> (name, unsigned at)) (Array.to_list file.functions);
    array_size = unsigned file.size;
    array_align = unsigned file.align;
    slots = List.map signed (Array.to_list file.slots_found) }

let armv8_object file = object_ armv8_relocation file
let riscv_object file = object_ riscv_relocation file
let x86_object file = object_ x86_relocation file

(* An object of some target, and what Coq knows of that. *)
type any = Any : ('i, 'r) target * 'r object_file -> any

let any_object file =
  match file.target with
  | "aarch64" -> Any (aarch64, armv8_object file)
  | "riscv64" -> Any (riscv64, riscv_object file)
  | "x86_64" -> Any (x86_64, x86_object file)
  | other -> failwith ("the target " ^ other)

(* The file; or Failure, with the reason. *)
let read ?(prefix = "") name = file_of name (prefix ^ "hlock_words")

(* ---- Texts *)

(* The instruction at a place: its text, the operands behind one blank. *)
let instruction file at =
  let i = Int64.to_int at in
  if Int64.compare at 0L < 0 || i >= String.length file.code then "outside the code"
  else
    match text_of file.target file.code i with
    | "", _ -> Printf.sprintf ".byte 0x%02x" (Char.code file.code.[i])
    | text, _ -> String.map (fun c -> if c = '\t' then ' ' else c) (String.trim text)

(* Of a word of aarch64, as LLVM writes it. *)
let text_of_word w =
  let code = Bytes.create 4 in
  Bytes.set_int32_le code 0 (Int32.of_int w);
  fst (text_of "aarch64" (Bytes.to_string code) 0)

(* A register, by its number in Coq. *)
let register target r =
  let named names = if r < Array.length names then names.(r) else Printf.sprintf "register %d" r in
  match target with
  | "aarch64" -> if r = 31 then "sp" else Printf.sprintf "x%d" r
  | "riscv64" ->
      named [| "a0"; "ra"; "sp"; "gp"; "tp"; "t0"; "t1"; "t2"; "s0"; "s1"; "register 10"; "a1"; "a2"; "a3"; "a4"; "a5";
               "a6"; "a7"; "s2"; "s3"; "s4"; "s5"; "s6"; "s7"; "s8"; "s9"; "s10"; "s11"; "t3"; "t4"; "t5"; "t6" |]
  | _ ->
      named [| "rdi"; "rcx"; "rdx"; "rbx"; "rsp"; "rbp"; "rsi"; "rax"; "r8"; "r9"; "r10"; "r11"; "r12"; "r13"; "r14";
               "r15"; "the address to return to"; "a scratch value" |]

(* SPDX-License-Identifier: MIT OR Apache-2.0

   meaning COUNT SEED [RESULTS]: sequences of instructions of the kinds that object/armv8_decode.v knows, with
   registers, an array of words, and a stack frame of words of 64 bits, at the end of which sp points.  Without RESULTS
   they go to standard output, for run.c.  RESULTS is what that says of them: each must be an outcome of what Coq says
   of these instructions (asks), and of what it says of memory with one CPU (accesses); a store-exclusive may fail, and
   what is left open may be anything: a jump goes either way, and registers get values before they are looked at.
   Prints how many of what there were, and each sequence that differs; then the status is 1.

   That an access is to a word of the array, or of the frame, is so by construction: of some registers it is known here,
   without Coq, how far from the array they point. *)
open Check_object_spec
open Objects
open Sequence

(* ---- Memory *)
let none () = 0
let near () = Random.int 512 - 256
let far () = 4 * Random.int 128

let load_exclusive s rn =
  let t = target s ~but:[ rn ] in
  emit s (pick [ 0x885f7c00; 0x885ffc00 ] lor (rn lsl 5) lor t);
  s.points.(t) <- None

let store_exclusive s rn =
  let status = target s ~but:[ rn ] in
  let t = target s ~but:[ status ] in
  emit s (pick [ 0x88007c00; 0x8800fc00 ] lor (status lsl 16) lor (rn lsl 5) lor t);
  s.points.(status) <- None

(* LDP, STP; a load may give its own base. *)
let pair_of_words s =
  let rn, k = place s (fun () -> 4 * (Random.int 128 - 64)) in
  if offset s rn + k + 4 < 4 * words then begin
    let load = Random.bool () in
    let base () = if rn <> s.home && Random.int 3 = 0 then rn else target s in
    let t = if load then base () else Random.int 32 in
    let t2 = if load then (if t = rn then target s ~but:[ t ] else base ()) else Random.int 32 in
    if not (load && t = t2) then begin
      let fixed = if load then 0x29400000 else 0x29000000 in
      emit s (fixed lor (field (k / 4) 0 7 lsl 15) lor (t2 lsl 10) lor (rn lsl 5) lor t);
      if load then List.iter (fun r -> s.points.(r) <- None) [ t; t2 ]
    end
  end

let memory s =
  let t = target s in
  let at ?(t = t) word displacements shift =
    let rn, k = place s displacements in
    emit s (word lor (shift k) lor (rn lsl 5) lor t)
  in
  let unscaled k = (k land 511) lsl 12 and scaled k = (k / 4) lsl 10 and no _ = 0 in
  let loads () = s.points.(t) <- None in
  let zero = if Random.int 4 = 0 then 31 else t in
  match Random.int 15 with
  | 12 -> pair_of_words s
  | 13 ->
      let rn, k = place s near in
      let offset = index s (target s ~but:[ rn ]) 2 k in
      emit s (0xb8600800 lor offset lor (rn lsl 5) lor t);
      loads ()
  | 14 ->
      let rn, k = place s near in
      let offset = index s (target s ~but:[ rn ]) 2 k in
      emit s (0xb8200800 lor offset lor (rn lsl 5) lor zero)
  | 0 -> at 0x88dffc00 none no; loads () (* LDAR *)
  | 1 -> load_exclusive s (fst (place s none))
  | 2 -> at 0x889ffc00 none no (* STLR *)
  | 3 -> store_exclusive s (fst (place s none))
  | 4 -> (* both, of one word *)
      let rn, _ = place s none in
      load_exclusive s rn;
      for _ = 1 to Random.int 3 do arithmetic s done;
      if s.points.(rn) <> None then store_exclusive s rn
  | 5 -> at 0xb9400000 far scaled; loads ()
  | 6 -> at 0xb9000000 far scaled ~t:zero
  | 7 -> at 0xb8400000 near unscaled; loads () (* LDUR *)
  | 8 -> at 0xb8000000 near unscaled (* STUR *)
  | 9 -> (* LDR, pre-indexed *)
      let rn, k = place s near in
      if rn <> t && rn <> s.home then begin
        emit s (0xb8400c00 lor unscaled k lor (rn lsl 5) lor t);
        s.points.(rn) <- Some (offset s rn + k);
        loads ()
      end
  | _ -> (* LDADD, LDADDA, LDADDL, LDADDAL *)
      let rs = Random.int 32 in
      at (pick [ 0xb8200000; 0xb8a00000; 0xb8600000; 0xb8e00000 ] lor (rs lsl 16)) none no;
      loads ()

(* ---- What is left open.  Other memory is the frame here, too: what a store leaves there is stored over. *)
let open_forms =
  List.map (fun fixed -> (0x801ff3e0, fixed)) [ 0x1a800000; 0x1a800400; 0x5a800000; 0x5a800400 ]
  @ [ (0xfffbe0, 0x8a000000); (0xfffbe0, 0xea000000); (0x3f7be0, 0x12000000); (0x3f7be0, 0x52000000) ]

let store_over s o n =
  for i = o / 8 to (o + n - 1) / 8 do
    emit s (0xf90003e0 lor ((i - (lowest s / 8)) lsl 10) lor Random.int 32)
  done

(* Of 1 to 16 bytes, from a place of the frame. *)
let other_memory s =
  let size = Random.int 5 and load = Random.bool () in
  let n = 1 lsl size in
  let o = lowest s + Random.int ((8 * frame_size) - lowest s - n + 1) and v = Random.int 32 in
  let rn = if Random.bool () then 31 else pick (known s) in
  let k = o - Option.get (frame_place s rn) in
  let fixed word = word lor ((size land 3) lsl 30) lor if size = 4 then 1 lsl 23 else 0 in
  let access ?relocation ?(rn = rn) ?(t = v) word operand =
    let word = word lor ((if load then 1 lsl 22 else 0) lor (rn lsl 5) lor t) in
    Hashtbl.add s.others s.length (n, frame + o);
    (match relocation with
    | None -> emit s (word lor operand)
    | Some relocation ->
        Hashtbl.add s.made s.length (frame + o);
        emit s word ~linked:(word lor operand) ~relocation);
    if not load then store_over s o n
  in
  match Random.int 5 with
  | 4 when size > 1 && s.length > 4 -> (* LDR, literal: of code *)
      let back = 4 + Random.int (s.length - 3) in
      let a = here s - (4 * back) in
      Hashtbl.add s.made s.length a;
      Hashtbl.add s.others s.length (n, a);
      emit s (0x1c000000 lor ((size - 2) lsl 30) lor field (-back) 0 19 lsl 5 lor v)
  | 0 when k >= 0 && k mod n = 0 -> access (fixed 0x3d000000) ((k / n) lsl 10)
  | 1 when rn <> 31 -> access (fixed 0x3c200800) (index s (target s ~but:[ rn ]) size k)
  | 2 when o mod n = 0 ->
      let d = target s and low = (frame + o) land 4095 in
      Hashtbl.add s.made s.length (page (frame + o));
      adrp s d (frame + o) ~relocation:Other_page;
      s.points.(d) <- None;
      let access = access ~relocation:Other_12 ~rn:d and operand = (low / n) lsl 10 in
      if (size = 2 || size = 3) && Random.bool () then begin
        let t = if load then target s else v in
        access ~t (if size = 2 then 0xb9000000 else 0xf9000000) operand;
        if load then movz s t (Random.int 65536)
      end
      else access (fixed 0x3d000000) operand
  | _ when abs k < 256 -> access (fixed 0x3c000000) ((k land 511) lsl 12)
  | _ -> ()

(* STR and LDR of half a word, by sp. *)
let half s =
  let at = lowest s + (4 * Random.int (((8 * frame_size) - lowest s) / 4)) in
  let k = at - lowest s in
  let fixed = if k < 256 && Random.bool () then 0xb8000000 lor (k lsl 12) else 0xb9000000 lor ((k / 4) lsl 10) in
  let access load t = emit s (fixed lor (if load then 1 lsl 22 else 0) lor (31 lsl 5) lor t) in
  access false (Random.int 32);
  for _ = 1 to Random.int 3 do arithmetic s done;
  for _ = 1 to Random.int 3 do
    let t = target s in
    access true t;
    s.points.(t) <- None
  done;
  store_over s at 4

let left_open s =
  match Random.int 6 with
  | 0 -> (* CSEL, AND and their like *)
      let d = target s in
      let mask, fixed = pick open_forms in
      emit s (any_word () land mask lor fixed lor d);
      s.points.(d) <- None;
      for _ = 1 to Random.int 3 do arithmetic ~untouched:d s done;
      movz s d (Random.int 65536);
      compare_any s
  | 1 -> (* CCMP, CCMN *)
      emit s (0x3a400000 lor (any_word () land 0xc01ffbef));
      for _ = 1 to Random.int 3 do arithmetic s done;
      compare_any s
  | 2 when s.home <> 30 && s.link <> 30 ->
      emit s (pick [ 0xd50320ff; 0xdac143fe ]);
      movz s 30 (Random.int 65536);
      compare_any s
  | _ -> if lowest s + 16 <= 8 * frame_size then if Random.int 3 = 0 then half s else other_memory s

(* ---- Jumps *)
(* What is known on both ways. *)
let join s before =
  Array.iteri (fun r o -> if o <> s.points.(r) then s.points.(r) <- None) before

(* At a place that was left free. *)
let patch s at word =
  s.code <- List.mapi (fun i ((_, _, r) as c) -> if s.length - 1 - i = at then (word, word, r) else c) s.code
let free s =
  emit s 0;
  s.length - 1

(* BL to a part that ends with RET, and from there to behind it. *)
let call s =
  emit s 0x94000002;
  let out = free s in
  for _ = 0 to Random.int 4 do arithmetic ~untouched:30 s done;
  emit s 0xd65f03c0;
  patch s out (always (s.length - out));
  s.points.(30) <- None

(* BL to such a part that is of another file, to Coq. *)
let call_out s =
  let lost = 30 :: List.init 18 Fun.id in
  emit s 0x94000000 ~linked:0x94000002 ~relocation:Other_call;
  let out = free s in
  for _ = 0 to Random.int 4 do movz s (Random.int 18) (Random.int 65536) done;
  emit s 0xd65f03c0;
  patch s out (always (s.length - out));
  List.iter (fun r -> movz s r (Random.int 65536)) lost;
  compare_any s

let rec some depth s =
  match Random.int 25 with
  | 22 when Random.bool () && s.home > 17 && s.home <> 30 && s.link > 17 && s.link <> 30 -> call_out s
  | 22 | 23 | 24 -> left_open s
  | 0 | 1 -> addresses s
  | 20 | 21 -> in_frame s
  | 2 -> emit s (pick hints)
  | (3 | 4) when depth < 3 -> (* over a part *)
      let before = Array.copy s.points and jump = free s in
      block (depth + 1) s;
      patch s jump ((if Random.int 4 = 0 then always else conditional) (s.length - jump));
      join s before
  | 5 when depth < 3 -> (* to behind a part, from there back to it, or on *)
      let before = Array.copy s.points and there = free s in
      block (depth + 1) s;
      let out = free s in
      join s before;
      emit s (conditional (there + 1 - s.length));
      patch s out (always (s.length - out));
      patch s there (always (s.length - 1 - there))
  | 6 when s.home <> 30 && s.link <> 30 -> call s
  | 6 | 7 when depth = 0 && s.link = 30 -> sign s; block 1 s; authenticate s ~returns:false
  | n when n < 12 -> memory s
  | _ -> arithmetic s

and block depth s = for _ = 0 to Random.int 6 do some depth s done

(* ---- A case: a sequence, and where it begins. *)
type case = {
  text : (int * int * armv8_relocation option) array;
  flag : bool;
  regs : int64 array;
  cells : int array;
  slots : int64 array; (* of the frame *)
  from : sequence;
}

let case () =
  let home = Random.int 31 in
  let link = if home <> 30 && Random.int 8 = 0 then 30 else (home + 1 + Random.int 30) mod 31 in
  let points =
    Array.init 32 (fun _ ->
      match Random.int 10 with
      | 0 | 1 -> Some (4 * Random.int words)
      | 2 -> Some (frame - array + any_place 0)
      | _ -> None)
  in
  points.(home) <- Some (4 * Random.int words);
  points.(link) <- None;
  points.(31) <- Some (top - array);
  let some_values = [ 0L; 1L; -1L; any64 (); Int64.logand (any64 ()) 0xffffffffL ] in
  let value r =
    if r = link then Int64.of_int finish
    else match points.(r) with
      | Some k -> Int64.of_int (byte k)
      | None -> if Random.bool () then pick some_values else any64 ()
  in
  let regs = Array.init 32 value in
  let s = { code = []; length = 0; points; home; link; made = Hashtbl.create 4; others = Hashtbl.create 4 } in
  for _ = 1 to 4 do block 0 s done;
  if link = 30 && Random.bool () then (sign s; authenticate s ~returns:true) else emit s (0xd65f0000 lor (link lsl 5));
  let cell _ = match Random.int 4 with 0 -> Random.int 2 | 1 -> 0xffffffff | _ -> any_word () in
  { text = Array.of_list (List.rev s.code); flag = Random.bool (); regs; cells = Array.init words cell;
    slots = Array.init frame_size (fun _ -> any64 ()); from = s }

(* ---- What Coq says *)
let rec nat n = if n = 0 then O else S (nat (n - 1))
let bytes_of w = List.init 4 (fun i -> number (field w (8 * i) 8))

type outcome = { o_flag : bool; o_regs : int64 array; o_cells : int array; o_slots : int64 array }

let base = number array
let of_coq n = Int64.to_int (bits n)

(* Coq's register that has what the stack pointer was, those that are words of the frame, and the one that says which
   are stored: here all, always. *)
let ghost = of_nat frame_top and stored = of_nat frame_stored
let slot_of i = ghost + frame_size - i

let code_of_case c =
  let text = Array.to_list c.text in
  let relocations = List.mapi (fun i (_, _, r) -> Option.map (fun r -> (number (4 * i), r)) r) text in
  armv8_code
    { text = List.concat_map (fun (w, _, _) -> bytes_of w) text; relocations = List.filter_map Fun.id relocations;
      symbols = []; array_size = number (4 * words); array_align = number 4; slots = [ number (slots - array) ] }

let library code =
  { lib_code = code; lib_entry = (fun _ _ -> None); lib_kept = []; lib_link = O; lib_stack = O;
    lib_array = number (4 * words) }

(* All of them: a store-exclusive that may succeed may fail.  With each, how many succeeded. *)
let outcomes c signature =
  let code = code_of_case c in
  let rec go steps stored store state =
    match asks base code state with
    | Back (a, regs) when bits a = Int64.of_int finish ->
        [ (stored, { o_flag = state.equal; o_regs = Array.init 32 (fun r -> bits (regs (nat r)));
            o_slots = Array.init frame_size (fun i -> bits (regs (nat (slot_of i))));
            o_cells = Array.init words (fun i -> Int64.to_int (bits (store.words (number (array + (4 * i)))))) }) ]
    | Back _ | Undefined -> []
    | Ask_any (n, a, _, on) when steps > 0 -> (
        let at = Int64.to_int (bits state.pc) / 4 and part = of_nat state.part in
        let goes x = go (steps - 1) stored store (on (fun _ -> x)) in
        match Option.map (fun (ms, _) -> List.nth ms part) (code state.pc) with
        | Some (Either _) -> goes Z0 @ goes (number 1)
        | Some (Address _) -> goes (number (Hashtbl.find c.from.made at))
        | Some (Elsewhere _) when (of_coq n, of_coq a) <> Hashtbl.find c.from.others at -> []
        | _ -> goes (number steps))
    | r ->
        let on lucky =
          match accesses (library code) base O lucky store r with
          | Some (store, after) when steps > 0 -> go (steps - 1) (stored + Bool.to_int lucky) store after
          | _ -> []
        in
        (match r with Ask_store_x (_, a, _, _, _) when marked store O a -> on true @ on false | _ -> on false)
  in
  let cell a = number c.cells.((Int64.to_int (bits a) - array) / 4) in
  let regs r =
    match of_nat r with
    | r when r < 32 -> unsigned c.regs.(r)
    | r -> if r = ghost then number top 
        else if r = stored then number 0xffff
        else if r = of_nat text_at then number sequence
        else if r = of_nat called_from then unsigned c.regs.(30)
        else if r = of_nat signed_link then unsigned signature
        else unsigned c.slots.(slot_of r)
  in
  let store = { words = cell; monitor = (fun _ -> None); event = (fun _ -> false) } in
  go 5000 0 store { pc = Z0; part = O; regs; equal = c.flag }

(* ---- To and from run.c *)
let word32 output n =
  let b = Bytes.create 4 in
  Bytes.set_int32_le b 0 (Int32.of_int n);
  output_bytes output b

let word64 output n =
  let b = Bytes.create 8 in
  Bytes.set_int64_le b 0 n;
  output_bytes output b

let write c =
  word32 stdout (Array.length c.text);
  word32 stdout (Bool.to_int c.flag);
  Array.iter (word64 stdout) c.regs;
  Array.iter (word32 stdout) c.cells;
  Array.iter (word64 stdout) c.slots;
  Array.iter (fun (_, linked, _) -> word32 stdout linked) c.text

let result input =
  let text = really_input_string input (4 + (8 * 32) + (4 * words) + (8 * frame_size) + 8) in
  let cell i = Int32.to_int (String.get_int32_le text i) land 0xffffffff in
  let longs at n = Array.init n (fun i -> String.get_int64_le text (at + (8 * i))) in
  ({ o_flag = cell 0 <> 0; o_regs = longs 4 32; o_cells = Array.init words (fun i -> cell (260 + (4 * i)));
     o_slots = longs (260 + (4 * words)) frame_size }, String.get_int64_le text (String.length text - 8))

(* ---- Comparison *)
(* Of accesses to the frame, and of what is done with sp, more than LLVM's name. *)
let is_vector operands = String.contains "bhsdq" operands.[0]
let name_of w relocation =
  match relocation with Some (Literal_low _ | Literal_high _) -> "literal" | Some Other_got -> "ldr_got" | _ ->
  match String.split_on_char '\t' (text_of_word w) with
  | _ :: name :: operands :: _
    when List.mem relocation [ Some Other_page; Some Other_12; Some Other_near; Some Other_wide; Some Other_call ] ->
      name ^ (if is_vector operands then "_vector" else "") ^ "_other"
  | _ :: name :: _ when w land 0xff8003e0 = 0xb90003e0 || w land 0xffa00fe0 = 0xb80003e0 -> name ^ "_half"
  | _ :: name :: operands :: _ when w land 0x3a200c00 = 0x38200800 ->
      name ^ (if is_vector operands then "_vector" else if operands.[0] = 'x' then "_64" else "") ^ "_index"
  | _ :: (("ldr" | "ldur" | "str" | "stur") as name) :: operands :: _ when is_vector operands ->
      name ^ (if String.contains operands '[' then "_vector" else "_vector_literal")
  | _ :: (("ldr" | "ldur" | "ldp" | "str" | "stur" | "stp") as name) :: operands :: _
    when operands.[0] = 'x' && relocation = None -> (
      match operands.[String.length operands - 1] with
      | ']' -> name ^ "_64"
      | '!' -> name ^ "_64_pre"
      | _ -> name ^ "_64_post")
  | _ :: (("add" | "sub" | "mov") as name) :: operands :: _ when String.contains operands 'p' -> name ^ "_sp"
  | _ :: name :: _ -> name
  | _ -> Printf.sprintf "0x%08x" w

let tell_difference n c found expected =
  Printf.printf "sequence %d: %s\n" n
    (match expected with
    | [] -> "it has no outcome"
    | (_, o) :: _ ->
        let differs name a b = List.filter_map Fun.id (List.init (Array.length a) (fun i ->
          if a.(i) = b.(i) then None else Some (name i (a.(i)) (b.(i))))) in
        String.concat "; "
          ((if o.o_flag = found.o_flag then [] else [ "the flag" ])
          @ differs (Printf.sprintf "x%d is 0x%Lx, not 0x%Lx") found.o_regs o.o_regs
          @ differs (Printf.sprintf "word %d is 0x%x, not 0x%x") found.o_cells o.o_cells
          @ differs (Printf.sprintf "word %d of the frame is 0x%Lx, not 0x%Lx") found.o_slots o.o_slots));
  Array.iteri (fun i (_, linked, _) ->
    Printf.printf "  0x%x:%s\n" (sequence + (4 * i)) (text_of_word linked)) c.text

let compare_with path count =
  let input = open_in_bin path and kinds = Hashtbl.create 60 in
  let instructions = ref 0 and stored = ref 0 and wrong = ref 0 in
  for n = 1 to count do
    let c = case () in
    instructions := !instructions + Array.length c.text;
    Array.iter (fun (_, linked, relocation) ->
      let name = name_of linked relocation in
      Hashtbl.replace kinds name (1 + Option.value ~default:0 (Hashtbl.find_opt kinds name))) c.text;
    let found, signature = result input in
    let expected = outcomes c signature in
    match List.find_opt (fun (_, o) -> o = found) expected with
    | Some (n, _) -> stored := !stored + n
    | None ->
        incr wrong;
        if !wrong <= 10 then tell_difference n c found expected
  done;
  Hashtbl.fold (fun name n found -> (name, n) :: found) kinds []
  |> List.sort compare |> List.iter (fun (name, n) -> Printf.printf "%s %d\n" name n);
  Printf.printf "%d sequences, %d instructions, %d exclusives stored, %d differ\n" count !instructions !stored !wrong;
  if !wrong = 0 then 0 else 1

let () =
  let count = int_of_string Sys.argv.(1) in
  Random.init (int_of_string Sys.argv.(2));
  if Array.length Sys.argv = 4 then exit (compare_with Sys.argv.(3) count)
  else for _ = 1 to count do write (case ()) done

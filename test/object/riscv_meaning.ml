(* SPDX-License-Identifier: MIT OR Apache-2.0

   riscv_meaning COUNT SEED [RESULTS]: sequences of instructions of the kinds that object/riscv_decode.v knows, with
   registers, an array of words, and a stack frame of words of 64 bits, at the end of which sp points.  Without RESULTS
   they go to standard output, for riscv_run.c.  RESULTS is what that says of them: it must be what Coq says of these
   instructions (asks), each access being to a word of the array, or of the frame.
   Prints how many of what there were, and each sequence that differs; then the status is 1.

   That an access is to one of these is so by construction: of some registers it is known here, without Coq, how far
   from the array they point. *)
open Check_object_spec
open Objects
open Riscv

(* As in riscv_run.c. *)
let finish = 0x4000000 and words = 64
let frame = 0x4005a00 and frame_size = 16
let top = frame + (8 * frame_size)
let world = { text_at = 0x4001000; array = 0x4005780; slot = (fun k -> 0x4003000 + (2 * k)); other = 0 }

(* ---- A sequence *)
type sequence = {
  p : program;
  points : int option array; (* how many bytes from the array a register points *)
  home : int; (* always points to a word of the array *)
  link : int; (* always has the address of finish *)
}

let place s = s.p.length
let is_kept s r = r = s.home || r = s.link
let points s r o = if r <> 0 then s.points.(r) <- o

(* A register that may be written, other than t1, which Coq does not look at. *)
let rec target ?(from = 1) ?(below = 32) s =
  let r = from + Random.int (below - from) in
  if r = 6 || is_kept s r then target ~from ~below s else r

(* ---- Arithmetic that Coq knows; what it writes to, Coq says, and t1 is lost *)
let alone word =
  let p = { world; code = []; length = 0 } in
  emit p word;
  far_jump p 0; (* then what reads t1 is not decoded *)
  riscv_code (object_of p) Z0

let rec arithmetic ?(untouched = 0) s =
  let w = any_arithmetic () in
  match alone w with
  | Some ([ Move (r, _) ], _) when not (is_kept s (of_coq_number r) || of_coq_number r = untouched) ->
      emit s.p w;
      points s (of_coq_number r) None
  | Some ([], _) -> emit s.p w
  | _ -> arithmetic ~untouched s

let between s = for _ = 1 to Random.int 6 - 3 do arithmetic s done

(* ---- Addresses *)
let known s = List.filter (fun r -> r <> 6 && s.points.(r) <> None) (List.init 32 Fun.id)
let offset s r = Option.get s.points.(r)

(* A register, one of these, and a displacement, with which it points to a word of the array. *)
let rec at_word ?(tries = 50) ?(from = 1) s displacement =
  match List.filter (fun r -> r >= from && (from = 1 || r < 16)) (known s) with
  | rs when rs <> [] && tries > 0 ->
      let r = pick rs and k = displacement () in
      let o = offset s r + k in
      if o >= 0 && o < 4 * words && o mod 4 = 0 then Some (r, k) else at_word ~tries:(tries - 1) ~from s displacement
  | _ -> if from = 1 then Some (s.home, 0) else None

let add_immediate rd rs k = i_type (0x13 lor (rd lsl 7) lor (rs lsl 15)) k
let lower k = k - upper k

let addresses s =
  let d = target s and e = target s and k = 4 * Random.int words in
  let byte = world.array + k and own = world.text_at + place s in
  let near = number ((k land -128) + (4 * Random.int 32)) in (* as the array is aligned, its upper half is the same *)
  match Random.int 11 with
  | 0 | 1 ->
      let r = pick (known s) and imm = 4 * (Random.int 160 - 80) in
      let o = offset s r in
      emit s.p (add_immediate d r imm);
      points s d (Some (o + imm))
  | 2 -> (* C.MV *)
      let r = pick (known s) in
      emit s.p (0x8002 lor (d lsl 7) lor (r lsl 2));
      points s d s.points.(r)
  | 3 -> address_of s.p d k 0; points s d (Some k)
  | 4 -> address_of s.p d k 1; points s d None
  | 5 -> address_of s.p d k 2; points s d (Some k)
  | 6 ->
      emit s.p (0x37 lor (d lsl 7)) ~relocation:(Abs_hi near);
      points s d None;
      emit s.p (0x13 lor (e lsl 7) lor (d lsl 15)) ~relocation:(Abs_lo (number k));
      points s e (Some k)
  | 7 ->
      emit s.p (0x37 lor (d lsl 7)) ~relocation:(Abs_hi near);
      points s d None;
      if Random.bool () then emit s.p (0x2023 lor (e lsl 20) lor (d lsl 15)) ~relocation:(Abs_lo_s (number k))
      else begin
        emit s.p (pick [ 0x2003; 0x6003 ] lor (e lsl 7) lor (d lsl 15)) ~relocation:(Abs_lo (number k));
        points s e None
      end
  | 8 -> (* as in an image *)
      emit s.p (u_type (auipc d) (upper (byte - own))) ~relocation:(Image_auipc (number (own - world.array)));
      emit s.p (add_immediate e d (lower (byte - own)));
      points s d None;
      points s e (Some k)
  | 9 -> (* out of the slot of byte 0 *)
      let distance = world.slot 0 - own in
      emit s.p (u_type (auipc d) (upper distance)) ~relocation:(Image_auipc (number (own - world.array)));
      emit s.p (i_type (0x3003 lor (d lsl 7) lor (d lsl 15)) distance);
      points s d (Some 0)
  | _ ->
      emit s.p (u_type (0x37 lor (d lsl 7)) (upper byte)) ~relocation:(Image_lui (number (-world.array)));
      emit s.p (add_immediate e d (lower byte));
      points s d None;
      points s e (Some k)

(* ---- Memory.  Fences are those that stand with the access. *)
let near () = 4 * (Random.int 128 - 64)
let near_up () = 4 * Random.int 32
let none () = 0
let maybe s fences =
  if Random.bool () then begin
    between s;
    emit s.p (pick fences)
  end
let small w rs k = put [ (3, 3, 10); (2, 1, 6); (6, 1, 5) ] (w lor ((rs - 8) lsl 7)) k

let loads s =
  let narrow = Random.int 3 = 0 in
  let t = if narrow then target ~from:8 ~below:16 s else target s in
  (match at_word ~from:(if narrow then 8 else 1) s (if narrow then near_up else near) with
  | Some (rs, k) when narrow -> emit s.p (small (0x4000 lor ((t - 8) lsl 2)) rs k)
  | Some (rs, k) -> emit s.p (i_type (pick [ 0x2003; 0x6003 ] lor (t lsl 7) lor (rs lsl 15)) k)
  | None -> emit s.p (0x2003 lor (t lsl 7) lor (s.home lsl 15)));
  points s t None;
  maybe s [ 0x0230000f; 0x0330000f; 0x0ff0000f ]

(* Any, but t1. *)
let rec source () = match Random.int 32 with 6 -> source () | r -> r
let with_fence_before s =
  if Random.bool () then begin
    emit s.p (pick [ 0x0310000f; 0x0f50000f ]);
    between s
  end

let stores s =
  with_fence_before s;
  let swap = Random.int 3 = 0 and narrow = Random.int 3 = 0 and v = source () in
  (match at_word ~from:(if narrow then 8 else 1) s (if swap then none else if narrow then near_up else near) with
  | Some (rs, _) when swap -> emit s.p (0x0800202f lor (v lsl 20) lor (rs lsl 15))
  | Some (rs, k) when narrow -> emit s.p (small (0xc000 lor (Random.int 8 lsl 2)) rs k)
  | Some (rs, k) -> emit s.p (s_type (0x2023 lor (v lsl 20) lor (rs lsl 15)) k)
  | None -> emit s.p (0x2023 lor (v lsl 20) lor (s.home lsl 15)));
  maybe s [ 0x0140000f ]

let adds s =
  with_fence_before s;
  let t = target s and rs = fst (Option.get (at_word s none)) in
  emit s.p (0x202f lor (Random.int 4 lsl 25) lor (source () lsl 20) lor (rs lsl 15) lor (t lsl 7));
  points s t None

(* ---- The frame.  Places in it are bytes from its lowest. *)
let frame_place s r = offset s r + world.array - frame
let points_to_frame s r o = points s r (Some (frame + o - world.array))
let any_slot () = 8 * Random.int frame_size
let is_place o = o >= 0 && o <= 8 * frame_size && o mod 8 = 0
(* What is below sp is not accessed; nothing is, if it is not known where that is. *)
let lowest s =
  if List.mem 2 (known s) && is_place (frame_place s 2) then frame_place s 2 else 8 * frame_size

let to_frame s =
  let d = if Random.bool () then target s else 2 in
  let o = pick [ 0; any_slot (); 8 * frame_size ] and r = pick (known s) in
  let k = o - frame_place s r in
  if abs k < 2048 then begin
    emit s.p (add_immediate d r k);
    points_to_frame s d o
  end

(* LD, SD, C.LD, C.SD, C.LDSP, C.SDSP, by register rs, which points to a place. *)
let frame_access s rs =
  let o = lowest s + (8 * Random.int (frame_size - (lowest s / 8))) and load = Random.bool () in
  let k = o - frame_place s rs in
  let narrow = k >= 0 && Random.int 4 > 0 in
  let of_eight = narrow && rs >= 8 && rs < 16 and of_sp = narrow && rs = 2 in
  let t =
    match (of_eight, load) with
    | true, true -> target ~from:8 ~below:16 s
    | false, true -> target s
    | true, false -> 8 + Random.int 8
    | false, false -> source ()
  in
  emit s.p
    (match (of_eight, of_sp, load) with
    | true, _, _ ->
        let registers = ((rs - 8) lsl 7) lor ((t - 8) lsl 2) in
        put [ (3, 3, 10); (6, 2, 5) ] ((if load then 0x6000 else 0xe000) lor registers) k
    | _, true, true -> put [ (5, 1, 12); (3, 2, 5); (6, 3, 2) ] (0x6002 lor (t lsl 7)) k
    | _, true, false -> put [ (3, 3, 10); (6, 3, 7) ] (0xe002 lor (t lsl 2)) k
    | _, _, true -> i_type (0x3003 lor (t lsl 7) lor (rs lsl 15)) k
    | _, _, false -> s_type (0x3023 lor (t lsl 20) lor (rs lsl 15)) k);
  if load then points s t None

let in_frame s =
  match List.filter (fun r -> is_place (frame_place s r)) (known s) with
  | found when found <> [] && lowest s < 8 * frame_size && Random.int 4 > 0 ->
      frame_access s (if List.mem 2 found && Random.bool () then 2 else pick found)
  | _ -> to_frame s

(* ---- Jumps.  A place of a jump is left free, for so many bytes. *)
let free s size =
  emit s.p (if size = 2 then 0x0001 else 0x13);
  if size = 8 then emit s.p 0x13;
  (List.hd s.p.code).place - if size = 8 then 4 else 0

(* What is known on both ways. *)
let join s before = Array.iteri (fun r o -> if o <> s.points.(r) then s.points.(r) <- None) before

(* The jump at such a place: with a relocation, its own number is any one. *)
let patch s at size ~always to_ =
  let q = { world; code = []; length = at } and distance = to_ - at in
  let jump put word relocation =
    if Random.bool () then emit q (put word distance)
    else emit q (put word (2 * Random.int 1000)) ~relocation:(relocation (number to_))
  in
  (match (size, always) with
  | 8, _ -> far_jump q to_
  | 4, true -> jump j_type 0x6f (fun t -> Jal t)
  | 2, true -> jump cj_type 0xa001 (fun t -> Rvc_jump t)
  | 4, false ->
      let compared = (source () lsl 15) lor (source () lsl 20) in
      jump b_type (0x63 lor (Random.int 2 lsl 12) lor compared) (fun t -> Branch t)
  | _ ->
      if abs distance < 250 then
        jump cb_type (0xc001 lor (Random.int 2 lsl 13) lor (Random.int 8 lsl 7)) (fun t -> Rvc_branch t)
      else emit q 0x0001);
  s.p.code <- List.filter (fun i -> i.place < at || i.place >= at + size) s.p.code @ q.code
  |> List.sort (fun a b -> compare b.place a.place)

(* JAL, or AUIPC and JALR, to a part that ends with a return, and from there to behind it. *)
let call s =
  let here = place s in
  if Random.bool () then far_call s.p (here + 12)
  else if Random.bool () then emit s.p (j_type 0xef 8)
  else emit s.p 0xef ~relocation:(Jal (number (here + 8)));
  let out = free s 4 in
  for _ = 0 to Random.int 4 do arithmetic ~untouched:1 s done;
  emit s.p (pick [ 0x8082; 0x8067 ]);
  patch s out 4 ~always:true (place s);
  points s 1 None

let rec some depth s =
  match Random.int 23 with
  | 22 when not (is_kept s 1) -> call s
  | 0 | 1 -> addresses s
  | 20 | 21 -> in_frame s
  | 2 -> emit s.p (pick [ 0x0100000f; 0x00000013; 0x0001 ])
  | (3 | 4) when depth < 3 -> (* over a part *)
      let always = Random.int 4 = 0 in
      let size = pick (if always then [ 2; 4; 8 ] else [ 2; 4 ]) in
      let before = Array.copy s.points and jump = free s size in
      block (depth + 1) s;
      patch s jump size ~always (place s);
      join s before
  | 5 when depth < 3 -> (* to behind a part, from there back to it, or on *)
      let before = Array.copy s.points and size = pick [ 2; 4; 8 ] in
      let there = free s size in
      block (depth + 1) s;
      let out = free s 4 in
      join s before;
      let back = free s 4 in
      patch s back 4 ~always:false (there + size);
      patch s out 4 ~always:true (place s);
      patch s there size ~always:true back
  | 6 | 7 | 8 -> loads s
  | 9 | 10 -> stores s
  | 11 -> adds s
  | _ -> arithmetic s

and block depth s = for _ = 0 to Random.int 6 do some depth s done

(* ---- A case: a sequence, and where it begins. *)
type case = { sequence : program; regs : int64 array; cells : int array; slots : int64 array (* of the frame *) }

let case () =
  let home = pick [ 1; 3; 5; 8; 9; 10; 15; 31 ] in
  let link = pick (List.filter (( <> ) home) [ 1; 1; 1; 5; 8; 10; 11; 17; 30 ]) in
  let points =
    Array.init 32 (fun _ ->
      match Random.int 10 with
      | 0 | 1 -> Some (4 * Random.int words)
      | 2 -> Some (frame - world.array + any_slot ())
      | _ -> None)
  in
  points.(2) <- Some (top - world.array);
  points.(home) <- Some (4 * Random.int words);
  List.iter (fun r -> points.(r) <- None) [ 0; 6; link ];
  let some_values = [ 0L; 1L; any64 (); low32 (any64 ()); extended (any64 ()) ] in
  let value r =
    if r = 0 then 0L
    else if r = link then Int64.of_int finish
    else match points.(r) with
      | Some k -> Int64.of_int (world.array + k)
      | None -> if Random.bool () then pick some_values else any64 ()
  in
  let regs = Array.init 32 value in
  let s = { p = { world; code = []; length = 0 }; points; home; link } in
  for _ = 1 to 4 do block 0 s done;
  emit s.p (if Random.bool () then 0x67 lor (link lsl 15) else 0x8002 lor (link lsl 7));
  let cell _ = match Random.int 4 with 0 -> Random.int 2 | 1 -> 0xffffffff | _ -> any_word () in
  { sequence = s.p; regs; cells = Array.init words cell; slots = Array.init frame_size (fun _ -> any64 ()) }

(* ---- What Coq says.  Of t1 it says nothing. *)
type outcome = { o_regs : int64 array; o_cells : int array; o_slots : int64 array }

exception No_outcome of string

(* Coq's register that has what sp was, those that are words of the frame, and the one that says which are stored: here
   all, always. *)
let ghost = of_nat frame_top and stored = of_nat frame_stored
let slot_of i = ghost + frame_size - i

let outcome c =
  let code = riscv_code (object_of ~array_size:(4 * words) c.sequence) and seen = Hashtbl.create 100 in
  let code at =
    match Hashtbl.find_opt seen at with
    | Some found -> found
    | None ->
        let found = code at in
        Hashtbl.add seen at found;
        found
  in
  let cells = Array.copy c.cells in
  let cell a =
    let k = Int64.to_int (bits a) - world.array in
    if k < 0 || k >= 4 * words || k mod 4 <> 0 then raise (No_outcome "an access that is to no word of the array");
    k / 4
  in
  let word v = Int64.to_int (bits v) land 0xffffffff in
  let nat = let rec of_int n = if n = 0 then O else S (of_int (n - 1)) in Array.init (ghost + frame_size + 1) of_int in
  let rec go steps state =
    if steps = 0 then raise (No_outcome "it does not end");
    match asks (number world.array) code state with
    | Own state -> go (steps - 1) state
    | Ask_load (_, false, a, on) -> go (steps - 1) (on (number cells.(cell a)))
    | Ask_store (_, a, v, state) ->
        cells.(cell a) <- word v;
        go (steps - 1) state
    | Ask_add (_, a, v, on) ->
        let i = cell a in
        let was = cells.(i) in
        cells.(i) <- (was + word v) land 0xffffffff;
        go (steps - 1) (on (number was))
    | Back (a, regs) when bits a = Int64.of_int finish ->
        let value r = if r = 0 || r = 6 then 0L else bits (regs nat.(coq_number r)) in
        { o_regs = Array.init 32 value; o_cells = cells;
          o_slots = Array.init frame_size (fun i -> bits (regs nat.(slot_of i))) }
    | Back _ -> raise (No_outcome "it returns to elsewhere")
    | _ -> raise (No_outcome (Printf.sprintf "at 0x%Lx something is not known" (bits state.pc)))
  in
  let regs r =
    match of_coq_number r with
    | r when r < 32 -> unsigned c.regs.(r)
    | r -> if r = ghost then number top 
        else if r = stored then number 0xffff
        else if r = of_nat text_at then number world.text_at
        else unsigned c.slots.(slot_of r)
  in
  go 10000 { pc = Z0; part = O; regs; equal = false }

(* ---- To and from riscv_run.c *)
let write c =
  let b = Buffer.create 1000 in
  Buffer.add_int32_le b (Int32.of_int c.sequence.length);
  for r = 1 to 31 do Buffer.add_int64_le b c.regs.(r) done;
  Array.iter (fun w -> Buffer.add_int32_le b (Int32.of_int w)) c.cells;
  Array.iter (Buffer.add_int64_le b) c.slots;
  List.iter (Buffer.add_uint8 b) (bytes_of (fun i -> i.as_linked) c.sequence);
  print_string (Buffer.contents b)

let result input =
  let text = really_input_string input ((8 * 31) + (4 * words) + (8 * frame_size)) in
  let register r = if r = 0 || r = 6 then 0L else String.get_int64_le text (8 * (r - 1)) in
  { o_regs = Array.init 32 register;
    o_cells = Array.init words (fun i -> Int32.to_int (String.get_int32_le text (248 + (4 * i))) land 0xffffffff);
    o_slots = Array.init frame_size (fun i -> String.get_int64_le text (248 + (4 * words) + (8 * i))) }

(* ---- Comparison *)
(* LD with a relocation is of a slot that has an address. *)
let kind_of i =
  match (name_of i.as_linked, i.relocation) with "ld", Some _ -> "ld_got" | name, _ -> name

let tell_difference n c found expected =
  let differs name a b =
    List.init (Array.length a) Fun.id
    |> List.filter_map (fun i -> if a.(i) = b.(i) then None else Some (name i a.(i) b.(i)))
  in
  Printf.printf "sequence %d: %s\n" n
    (match expected with
    | Error why -> "it has no outcome: " ^ why
    | Ok o ->
        String.concat "; "
          (differs (Printf.sprintf "x%d is 0x%Lx, not 0x%Lx") found.o_regs o.o_regs
          @ differs (Printf.sprintf "word %d is 0x%x, not 0x%x") found.o_cells o.o_cells
          @ differs (Printf.sprintf "word %d of the frame is 0x%Lx, not 0x%Lx") found.o_slots o.o_slots));
  List.iter (fun i -> Printf.printf "  0x%x:%s\n" i.place (text i.as_linked)) (List.rev c.sequence.code)

let compare_with path count =
  let input = open_in_bin path and kinds = Hashtbl.create 60 in
  let instructions = ref 0 and wrong = ref 0 in
  for n = 1 to count do
    let c = case () in
    instructions := !instructions + List.length c.sequence.code;
    List.iter (fun i ->
      let name = kind_of i in
      Hashtbl.replace kinds name (1 + Option.value ~default:0 (Hashtbl.find_opt kinds name))) c.sequence.code;
    let found = result input and expected = try Ok (outcome c) with No_outcome why -> Error why in
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

(* SPDX-License-Identifier: MIT OR Apache-2.0

   Sequences of instructions, for meaning.ml: where they lie, what is known of registers, arithmetic, addresses of the
   array, with relocations of all kinds, and accesses to the frame.  Read next: meaning.ml. *)
open Check_object_spec
open Objects

(* As in run.c. *)
let finish = 0x4000000 and sequence = 0x4001000 and slots = 0x4003000 and array = 0x4005f80 and words = 64
let frame = 0x4006800 and frame_size = 16
let top = frame + (8 * frame_size)

(* ---- A sequence: of each instruction the word as it is in an object and as it is linked, and the relocation. *)
type sequence = {
  mutable code : (int * int * armv8_relocation option) list; (* newest first *)
  mutable length : int;
  points : int option array; (* how many bytes from the array a register points; 31 is sp *)
  home : int; (* always points to a word of the array *)
  link : int; (* always has the address of finish *)
  made : (int, int) Hashtbl.t; (* which instructions make which address of something else *)
  others : (int, int * int) Hashtbl.t; (* which access how many bytes of other memory, and where *)
}

let emit s ?linked ?relocation word =
  s.code <- (word, Option.value ~default:word linked, relocation) :: s.code;
  s.length <- s.length + 1

let pick xs = List.nth xs (Random.int (List.length xs))
let any_word () = (Random.bits () lsl 16) lxor Random.bits () land 0xffffffff
let any64 () = Int64.logxor (Random.int64 Int64.max_int) (Int64.shift_left (Random.int64 Int64.max_int) 1)
let field w from size = (w lsr from) land ((1 lsl size) - 1)

(* A register that may be written, and is none of these. *)
let rec target ?(but = []) s =
  let r = Random.int 31 in
  if r = s.home || r = s.link || List.mem r but then target ~but s else r

(* ---- Arithmetic: fixed bits, and any others; those that Coq knows. *)
let forms =
  [ (0x3f800000, 0x11000000); (0x7fe00000, 0x0b000000); (0x7fe0fc1f, 0x6b00001f); (0x7fe0fc00, 0x6b000000);
    (0x7fe0ffe0, 0x2a0003e0);
    (0x7f800000, 0x52800000); (0x7f800000, 0x53000000); (0xffc0fc00, 0xd340fc00); (0xffe08000, 0x53000000);
    (0x7fe00000, 0x0b200000); (0x7fe00000, 0x4b000000); (0x7fe0fc1f, 0x2b00001f); (0x7f800000, 0x71000000);
    (0x7f80001f, 0x7100001f); (0x7f80001f, 0x3100001f); (0x7fe08000, 0x1b000000); (0x7fe0fc00, 0x1b007c00);
    (0xffe08000, 0x9ba00000); (0xffe0fc00, 0x9ba07c00); (0x7f800000, 0x72800000); (0x7fe003e0, 0x4b0003e0);
    (0x7ffffc1f, 0x7100041f); (0x7ffffc1f, 0x3100041f); (0x7ffffc00, 0x71000400) ]

(* ADD or SUB of a number. *)
let writes_sp w = w land 0x3f80001f = 0x1100001f

let is_open = function Check_object_spec.Any _ -> true | _ -> false

let rec arithmetic ?(untouched = 32) s =
  let mask, fixed = pick forms in
  let w = any_word () land lnot mask land 0xffffffff lor fixed in
  let rd = field w 0 5 in
  let decoded = decode Z0 (number w) None in
  if rd = s.home || rd = s.link || writes_sp w || decoded = None || List.exists is_open (Option.get decoded)
     || List.mem untouched [ rd; field w 5 5; field w 16 5; field w 10 5 ]
  then arithmetic ~untouched s
  else begin
    if rd < 31 then s.points.(rd) <- None;
    emit s w
  end

(* ---- Addresses *)
let byte k = array + k
let all = List.init 32 Fun.id
let known s = List.filter (fun r -> r <> 31 && s.points.(r) <> None) all
let offset s r = Option.get s.points.(r)

(* A register and a displacement, of these, with which it points to a word of the array. *)
let rec place ?(tries = 50) s displacements =
  let r = if tries = 0 then s.home else pick (known s) and k = if tries = 0 then 0 else displacements () in
  let o = offset s r + k in
  if o >= 0 && o < 4 * words && o mod 4 = 0 then (r, k) else place ~tries:(tries - 1) s displacements

let here s = sequence + (4 * s.length)
let page a = a land lnot 4095
let adr rd distance = ((distance land 3) lsl 29) lor ((distance asr 2) land 0x7ffff) lsl 5 lor rd

(* ADRP, at its place, to the page of an address. *)
let adrp s rd a ~relocation =
  let distance = (page a - page (here s)) asr 12 in
  emit s (0x90000000 lor rd) ~linked:(0x90000000 lor adr rd distance) ~relocation

(* A number of 16 bits. *)
let movz s rd n =
  emit s (0xd2800000 lor (n lsl 5) lor rd);
  s.points.(rd) <- None

(* CMP, of any registers. *)
let compare_any s = emit s (0x6b00001f lor (any_word () land 0x801f03e0))

let hints = [ 0xd503201f; 0xd503203f; 0xd503229f; 0xd503241f; 0xd503245f; 0xd503249f; 0xd50324df; 0xd503205f ]

(* The address of byte k of the array in the text, at a multiple of eight, and a jump over it; its place. *)
let literal s k =
  if s.length mod 2 = 0 then emit s (pick hints);
  emit s (0x14000003);
  let at = 4 * s.length in
  emit s 0 ~linked:(byte k) ~relocation:(Literal_low (number k));
  emit s 0 ~relocation:(Literal_high (number k));
  at

(* MOVZ and three MOVK: the 16 bits at each place of a number; [part]: what each is in the object. *)
let wide s d number part =
  let one i =
    let fixed = (if i = 0 then 0xd2800000 else 0xf2800000) lor (i lsl 21) lor d in
    let linked = fixed lor (field number (16 * i) 16 lsl 5) in
    match part i with
    | `Linked relocation -> emit s fixed ~linked ~relocation
    | `Number (Some relocation) -> emit s linked ~relocation
    | `Number None -> emit s linked
  in
  one 0;
  for i = 1 to 3 do
    (match Random.int 6 with
    | 0 | 1 -> arithmetic ~untouched:d s
    | 2 -> emit s (0xb9000000 lor (s.home lsl 5) lor pick (List.filter (( <> ) d) all)) (* STR *)
    | _ -> ());
    one i
  done

let addresses s =
  let d = target s and k = 4 * Random.int words in
  let coq = number k in
  let points o = s.points.(d) <- o in
  match Random.int 20 with
  | 18 ->
      let e = target s and slot = slots + (2 * k) in
      Hashtbl.add s.made s.length (page slot);
      adrp s d slot ~relocation:Other_page;
      points None;
      let load = 0xf9400000 lor (d lsl 5) lor e in
      Hashtbl.add s.made s.length (byte k);
      emit s load ~linked:(load lor ((slot land 4095 / 8) lsl 10)) ~relocation:Other_got;
      s.points.(e) <- Some k
  | 19 ->
      let made = byte k in
      wide s d made (fun i ->
        Hashtbl.add s.made s.length (if i = 0 then field made 0 16 else made);
        `Linked Other_wide);
      points (Some k)
  | 17 ->
      Hashtbl.add s.made s.length (byte k);
      emit s (0x10000000 lor d) ~linked:(0x10000000 lor adr d (byte k - here s)) ~relocation:Other_near;
      points (Some k)
  | 16 -> (* of something else *)
      let e = target s and low = byte k land 4095 in
      Hashtbl.add s.made s.length (page (byte k));
      adrp s d (byte k) ~relocation:Other_page;
      points None;
      let add = 0x91000000 lor (d lsl 5) lor e in
      Hashtbl.add s.made s.length (byte k);
      emit s add ~linked:(add lor (low lsl 10)) ~relocation:Other_12;
      s.points.(e) <- Some k
  | 11 ->
      let at = literal s k in
      adrp s d (sequence + at) ~relocation:(Literal_page (number at));
      for _ = 1 to Random.int 3 do arithmetic ~untouched:d s done;
      let load = 0xf9400000 lor (d lsl 5) lor d in
      emit s load ~linked:(load lor (((sequence + at) land 4095 / 8) lsl 10)) ~relocation:(Literal_12 (number at));
      points (Some k)
  | 12 ->
      let at = literal s k in
      for _ = 1 to Random.int 3 do arithmetic s done;
      emit s (0x58000000 lor ((((at / 4) - s.length) land 0x7ffff) lsl 5) lor d);
      points (Some k)
  | 13 -> (* in an image; there the slot is of byte 0 *)
      let distance = (slots - here s) / 4 in
      emit s (0x58000000 lor (distance lsl 5) lor d) ~relocation:(Image_near (number (here s - array)));
      points (Some 0)
  | 14 ->
      wide s d (byte k) (fun i -> `Linked (List.nth [ Wide_0 coq; Wide_16 coq; Wide_32 coq; Wide_48 coq ] i));
      points (Some k)
  | 15 ->
      wide s d (byte k) (fun i -> `Number (if i = 0 then Some (Image_wide (number (-array))) else None));
      points (Some k)
  | 8 -> (* as in an image *)
      emit s (0x10000000 lor adr d (byte k - here s)) ~relocation:(Image_near (number (here s - array)));
      points (Some k)
  | 9 ->
      let e = target s and from = page (here s) and low = byte k land 4095 in
      emit s (0x90000000 lor adr d ((page (byte k) - from) asr 12)) ~relocation:(Image_page (number (from - array)));
      points None;
      emit s (0x91000000 lor (low lsl 10) lor (d lsl 5) lor e);
      s.points.(e) <- Some k
  | 10 -> (* there, too, of byte 0 *)
      let from = page (here s) in
      emit s (0x90000000 lor adr d ((page slots - from) asr 12)) ~relocation:(Image_page (number (from - array)));
      for _ = 1 to Random.int 3 do arithmetic ~untouched:d s done;
      emit s (0xf9400000 lor ((slots land 4095 / 8) lsl 10) lor (d lsl 5) lor d);
      points (Some 0)
  | 0 | 1 -> (* ADD and SUB *)
      let r = pick (known s) and imm = 4 * Random.int 80 and minus = Random.int 2 in
      let o = offset s r in
      emit s ((0x91000000 + (minus lsl 30)) lor (imm lsl 10) lor (r lsl 5) lor d);
      points (Some (if minus = 1 then o - imm else o + imm))
  | 2 ->
      let r = pick (known s) in
      emit s (0xaa0003e0 lor (r lsl 16) lor d);
      points s.points.(r)
  | 3 ->
      emit s (0x10000000 lor d) ~linked:(0x10000000 lor adr d (byte k - here s)) ~relocation:(Near_21 coq);
      points (Some k)
  | 4 ->
      let distance = slots + (2 * k) - here s in
      emit s (0x58000000 lor d) ~linked:(0x58000000 lor ((distance / 4) lsl 5) lor d) ~relocation:(Got_near coq);
      points (Some k)
  | 5 ->
      let slot = slots + (2 * k) in
      adrp s d slot ~relocation:(Got_page coq);
      for _ = 1 to Random.int 3 do arithmetic ~untouched:d s done;
      let load = 0xf9400000 lor (d lsl 5) lor d in
      emit s load ~linked:(load lor ((slot land 4095 / 8) lsl 10)) ~relocation:(Got_12 coq);
      points (Some k)
  | 6 ->
      let e = target s and low = byte k land 4095 in
      adrp s d (byte k) ~relocation:(Page_21 coq);
      points None;
      let add = 0x91000000 lor (d lsl 5) lor e in
      emit s add ~linked:(add lor (low lsl 10)) ~relocation:(Add_12 coq);
      s.points.(e) <- Some k
  | _ ->
      let e = target s and low = byte k land 4095 in
      adrp s d (byte k) ~relocation:(Page_21 coq);
      points None;
      let store = Random.bool () in
      let access = (if store then 0xb9000000 else 0xb9400000) lor (d lsl 5) lor e in
      emit s access ~linked:(access lor ((low / 4) lsl 10)) ~relocation:(Access_12 coq);
      if not store then s.points.(e) <- None

(* ---- The address to return to, in register 30, signed, and authenticated: sp is as at the call then *)
let sp_as_at_call s =
  emit s (0x91000000 lor ((top - byte (offset s s.home)) lsl 10) lor (s.home lsl 5) lor 31);
  s.points.(31) <- Some (top - array)

let sign s =
  sp_as_at_call s;
  emit s (pick [ 0xd503233f; 0xdac103fe ])

(* It may have been in the frame; RETAA returns, too. *)
let authenticate s ~returns =
  sp_as_at_call s;
  if Random.bool () then begin
    emit s 0xf81f0ffe;
    movz s 30 (Random.int 65536);
    arithmetic s;
    emit s 0xf84107fe
  end;
  emit s (if returns then 0xd65f0bff else pick [ 0xd50323bf; 0xdac113fe ])

(* ---- Jumps, of so many words. *)
let conditional distance =
  let far = (distance land 0x7ffff) lsl 5 in
  if Random.bool () then (Random.int 2 lsl 31) lor (0x34000000 + (Random.int 2 lsl 24)) lor far lor Random.int 31
  else 0x54000000 lor far lor (if Random.bool () then Random.int 2 else Random.int 14)
let always distance = 0x14000000 lor (distance land 0x3ffffff)

(* What has offset [k] in register rm, for accesses of 2 to the power of [size] bytes: the bits of such an operand. *)
let index s rm size k =
  let shifted = k mod (1 lsl size) = 0 && Random.bool () in
  movz s rm (if shifted then abs k lsr size else abs k);
  let option =
    if k < 0 then (emit s (0xcb0003e0 lor (rm lsl 16) lor rm); 0x6000) (* NEG *)
    else if Random.bool () then (emit s (0xf2c00000 lor (Random.int 65536 lsl 5) lor rm); 0x4000) (* MOVK *)
    else 0x6000
  in
  (rm lsl 16) lor option lor if shifted then 0x1000 else 0

(* ---- The frame.  Places in it are bytes from its lowest. *)
let frame_place s r = Option.map (fun k -> byte k - frame) s.points.(r)
let points_to_frame s r o = s.points.(r) <- Some (frame + o - array)

(* Where a register may point, from there on, with so many bytes behind: sp to multiples of 16. *)
let any_place ?(from = 0) ?(room = 0) r =
  let unit = if r = 31 then 16 else 8 in
  from + (unit * Random.int ((((8 * frame_size) - room - from) / unit) + 1))
(* What is below sp is not accessed; nothing is, if it is not known where that is. *)
let lowest s = Option.value ~default:((8 * frame_size) + 1) (frame_place s 31)

(* ADD and SUB, of sp and to it, too. *)
let to_frame s =
  let d = if Random.bool () then 31 else target s in
  let r = if s.points.(31) <> None && Random.bool () then 31 else pick (known s) in
  let o = if d = 31 && Random.bool () then 0 else any_place d in
  let k = o - Option.get (frame_place s r) in
  if abs k < 4096 then begin
    emit s ((if k < 0 then 0xd1000000 else 0x91000000) lor (abs k lsl 10) lor (r lsl 5) lor d);
    points_to_frame s d o
  end

(* STR, LDR, STP, LDP, by register rn, which points to a place. *)
let frame_access s (rn, from) =
  let load = Random.bool () and pair = Random.bool () in
  let room = if pair then 16 else 8 and lowest = lowest s in
  let is_room = lowest + room <= 8 * frame_size in
  let modes =
    (if is_room then [ `There ] else [])
    @ (if rn = 31 || is_room then [ `Before ] else [])
    @ if from + room <= 8 * frame_size && from >= lowest then [ `After ] else []
  in
  if modes = [] then to_frame s else
  let mode = pick modes in
  let other but = if load then target s ~but else pick (List.filter (fun r -> not (List.mem r but)) all) in
  let base = if mode = `There then [] else [ rn ] in
  let own = load && pair && mode = `There && rn <> 31 && rn <> s.home && Random.int 4 = 0 in
  let t = if own then rn else other base in
  let t2 = other (if load then t :: base else base) in
  let o =
    match mode with
    | `There -> any_place ~from:lowest ~room 0
    | `Before -> any_place ~from:(if rn = 31 then 0 else lowest) ~room rn
    | `After -> any_place rn
  in
  let k = o - from in
  let fixed =
    match (pair, mode) with
    | true, `After -> 0xa8800000
    | true, `There -> 0xa9000000
    | true, `Before -> 0xa9800000
    | false, `After -> 0xf8000400
    | false, `There when rn <> 31 && Random.int 4 = 0 -> 0xf8200800
    | false, `There -> if k >= 0 && Random.int 4 > 0 then 0xf9000000 else 0xf8000000
    | false, `Before -> 0xf8000c00
  in
  let number =
    if pair then (field (k / 8) 0 7 lsl 15) lor (t2 lsl 10)
    else if fixed = 0xf8200800 then index s (target s ~but:[ rn ]) 3 k
    else if fixed = 0xf9000000 then (k / 8) lsl 10
    else field k 0 9 lsl 12
  in
  emit s (fixed lor (if load then 1 lsl 22 else 0) lor number lor (rn lsl 5) lor t);
  if load then List.iter (fun r -> s.points.(r) <- None) (if pair then [ t; t2 ] else [ t ]);
  if mode <> `There then points_to_frame s rn o

let in_frame s =
  let there r =
    match frame_place s r with
    | Some o when o >= 0 && o <= 8 * frame_size && o mod 8 = 0 -> Some (r, o)
    | _ -> None
  in
  match List.filter_map there all with
  | found when found <> [] && Random.int 4 > 0 ->
      frame_access s (if List.mem_assoc 31 found && Random.bool () then (31, List.assoc 31 found) else pick found)
  | _ -> to_frame s

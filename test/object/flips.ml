(* SPDX-License-Identifier: MIT OR Apache-2.0

   flips [debug] FILE OFFSET[+SKIP] SIZE STEP WORK: the checker on FILE with one bit changed, of each STEP-th bit of
   SIZE bytes of the file from OFFSET, where the code begins, less the first SKIP; as of a release build or of a debug
   build.  WORK is the file that is written.  Prints each change with which all functions are proved: where it is, and
   the instruction there, before and after, or that no function comes there.  Those to which one comes, and other
   changes of the object, stay as WORK.1, WORK.2 and so on. *)
open Check_object_spec
open Objects

let debug = Sys.argv.(1) = "debug"
let arguments = List.tl (Array.to_list Sys.argv)

(* The code of which the checker speaks. *)
let code_of target o = if debug then debug_code target "" shipped_table o else code_in target o

let each f = List.concat_map (fun family -> [ f family Acquire; f family Release ]) shipped_table

(* Offsets of the bytes of all instructions to which a function can come, by the points of which the checker is sure. *)
let reached (Any (target, o)) =
  let code = code_of target o and found = Hashtbl.create 500 in
  let instruction p =
    match code p.at_pc with
    | None -> ()
    | Some (_, length) ->
        for i = 0 to Int64.to_int (bits length) - 1 do
          Hashtbl.replace found (Int64.to_int (bits p.at_pc) + i) ()
        done
  in
  let function_ family operation =
    match entry_of "" o operation family with
    | None -> ()
    | Some at ->
        List.iter instruction (points target code (stride_of shipped_table o) operation family at)
  in
  ignore (each function_);
  found

(* The file, if all is proved of it. *)
let accepted name =
  match read name with
  | exception Failure _ -> None
  | file ->
      let (Any (target, o)) = any_object file in
      let verdict = function_verdict target "" (not debug) (code_of target o) shipped_table o in
      if layout_ok target shipped_table o && List.for_all (( = ) (Some Proved)) (each verdict) then Some file else None

(* Where the instruction begins that has that byte of the code; instructions are one behind the other from its
   function on. *)
let start file byte =
  let begins =
    Array.fold_left (fun latest (_, at) -> if Int64.to_int at <= byte then max latest (Int64.to_int at) else latest) 0
      file.functions
  in
  let rec from at =
    match text_of file.target file.code at with
    | _, length when length > 0 && at + length <= byte -> from (at + length)
    | _ -> Int64.of_int at
  in
  from begins

(* Of two objects of the same code, the relocation that one of them has and the other has not; of an unknown type it may
   be two. *)
let relocation_changed one other file =
  let only = if file == one then other else one in
  let has r = Array.exists (( = ) r) only.found in
  match List.filter (fun r -> not (has r)) (Array.to_list file.found) with
  | ([ (_, kind, k) ] | [ (_, kind, k); (_, "Other_thing", _) ])
    when one.functions = other.functions && one.size = other.size -> Printf.sprintf "%s %Ld" kind k
  | _ -> "another object of the same code"

let contents file =
  let input = open_in_bin file in
  let text = really_input_string input (in_channel_length input) in
  close_in input;
  text

let write file bytes =
  let output = open_out_bin file in
  output_bytes output bytes;
  close_out output

let () =
  match if debug then List.tl arguments else arguments with
  | [ file; offset; size; step; work ] ->
      let offset, skip = try Scanf.sscanf offset "%i+%i%!" (fun a b -> (a, b)) with _ -> (int_of_string offset, 0) in
      let size = int_of_string size and step = int_of_string step in
      let whole = contents file in
      let before = match accepted file with Some found -> found | None -> failwith "the file itself is refused" in
      let reached = reached (any_object before) in
      let tried = ref 0 and count = ref 0 and kept = ref 0 in
      for n = 0 to (8 * (size - skip) - 1) / step do
        let i = (8 * skip) + (n * step) in
        let changed = Bytes.of_string whole in
        let at = offset + (i / 8) in
        Bytes.set changed at (Char.chr (Char.code whole.[at] lxor (1 lsl (i mod 8))));
        write work changed;
        incr tried;
        match accepted work with
        | None -> ()
        | Some found ->
            let stays = found = before || (found.code <> before.code && not (Hashtbl.mem reached (i / 8))) in
            let what file =
              if found = before then "the same object"
              else if found.code = before.code then relocation_changed before found file
              else if stays then "not reached"
              else instruction file (start before (i / 8))
            in
            incr count;
            if not stays then begin
              incr kept;
              write (Printf.sprintf "%s.%d" work !kept) changed
            end;
            Printf.printf "bit %d of byte 0x%x: %s => %s\n" (i mod 8) at (what before) (what found)
      done;
      Printf.printf "%d flips, %d accepted, %d kept\n" !tried !count !kept
  | _ -> failwith "usage: flips [debug] FILE OFFSET[+SKIP] SIZE STEP WORK"

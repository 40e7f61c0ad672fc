(* SPDX-License-Identifier: MIT OR Apache-2.0

   flips FILE OFFSET SIZE STEP WORK: the checker on FILE with one bit changed, of each STEP-th bit of SIZE bytes
   of the file from OFFSET; WORK is the file that is written.  Prints each change with which all
   functions are proved: where it is, and the instruction there, before and after, or that no function
   comes there.  Those to which one comes, and other changes of the object, stay as WORK.1, WORK.2 and so on. *)
open Check_object_spec
open Objects

let verdicts o =
  let instructions = code_of o in
  List.concat_map (fun f -> [ function_verdict instructions "" shipped_table o f Acquire;
                              function_verdict instructions "" shipped_table o f Release ]) shipped_table

(* Offsets of the words of all instructions to which a function can come, by the points of which the checker is sure. *)
let reached o =
  let instructions = code_of o and found = Hashtbl.create 500 in
  let word p =
    match instructions p.at_pc with
    | None -> ()
    | Some (_, length) ->
        for i = 0 to (Int64.to_int (bits length) / 4) - 1 do
          Hashtbl.replace found (Int64.add (bits p.at_pc) (Int64.of_int (4 * i))) ()
        done
  in
  let function_ f operation =
    match entry_of "" o operation f with
    | None -> ()
    | Some at ->
        let stride = stride_of shipped_table o in
        List.iter word (points instructions kept_registers return_register stride operation f at)
  in
  List.iter (fun f -> function_ f Acquire; function_ f Release) shipped_table;
  found

(* The code and the object, if all is proved. *)
let accepted file =
  match read file with
  | exception Failure _ -> None
  | code, o ->
      if layout_ok shipped_table o && List.for_all (( = ) (Some Proved)) (verdicts o) then Some (code, o) else None

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
  match Array.to_list Sys.argv with
  | [ _; file; offset; size; step; work ] ->
      let offset = int_of_string offset and size = int_of_string size and step = int_of_string step in
      let whole = contents file in
      let before = match accepted file with Some found -> found | None -> failwith "the file itself is refused" in
      let reached = reached (snd before) in
      let tried = ref 0 and count = ref 0 and kept = ref 0 in
      for n = 0 to (8 * size - 1) / step do
        let i = n * step in
        let changed = Bytes.of_string whole in
        let at = offset + (i / 8) in
        Bytes.set changed at (Char.chr (Char.code whole.[at] lxor (1 lsl (i mod 8))));
        write work changed;
        incr tried;
        match accepted work with
        | None -> ()
        | Some found ->
            let here = Int64.of_int (i / 32 * 4) in
            let stays = found = before || (fst found <> fst before && not (Hashtbl.mem reached here)) in
            let what (code, _) =
              if found = before then "the same object"
              else if fst found = fst before then "another object of the same code"
              else if stays then "not reached"
              else instruction code here
            in
            incr count;
            if not stays then begin
              incr kept;
              write (Printf.sprintf "%s.%d" work !kept) changed
            end;
            Printf.printf "bit %d of byte 0x%x: %s => %s\n" (i mod 8) at (what before) (what found)
      done;
      Printf.printf "%d flips, %d accepted, %d kept\n" !tried !count !kept
  | _ -> failwith "usage: flips FILE OFFSET SIZE STEP WORK"

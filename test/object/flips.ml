(* SPDX-License-Identifier: MIT OR Apache-2.0

   flips FILE OFFSET SIZE STEP WORK: the checker on FILE with one bit changed, of each STEP-th bit of SIZE bytes
   of the file from OFFSET; WORK is the file that is written.  Prints each change with which all
   functions are proved: where it is, and the instruction there, before and after. *)
open Check_object_spec
open Objects

let verdicts o =
  let instructions = code_of o in
  List.concat_map (fun f -> [ function_verdict instructions "" shipped_table o f Acquire;
                              function_verdict instructions "" shipped_table o f Release ]) shipped_table

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
      let tried = ref 0 and count = ref 0 in
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
            let what (code, _) =
              if found = before then "the same object"
              else if fst found = fst before then "another object of the same code"
              else instruction code here
            in
            incr count;
            Printf.printf "bit %d of byte 0x%x: %s => %s\n" (i mod 8) at (what before) (what found)
      done;
      Printf.printf "%d flips, %d accepted\n" !tried !count
  | _ -> failwith "usage: flips FILE OFFSET SIZE STEP WORK"

/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What check_object.ml asks of C: an object file, and the text of an instruction.
 */
#include "tools/elf2coq/object.h"

#include <caml/alloc.h>
#include <caml/fail.h>
#include <caml/memory.h>
#include <caml/mlvalues.h>
#include <llvm-c/Disassembler.h>
#include <llvm-c/Target.h>
#include <string.h>

value object_of_file(value file, value array);
value text_of_word(value word);

static value relocations_of(const struct object *o)
{
	CAMLparam0();
	CAMLlocal2(all, one);

	all = caml_alloc_tuple(o->relocation_count);
	for (size_t i = 0; i < o->relocation_count; i++) {
		one = caml_alloc_tuple(3);
		Store_field(one, 0, caml_copy_int64((int64_t)o->relocations[i].at));
		Store_field(one, 1, caml_copy_string(o->relocations[i].kind));
		Store_field(one, 2, caml_copy_int64(o->relocations[i].addend));
		Store_field(all, i, one);
	}
	CAMLreturn(all);
}

static value functions_of(const struct object *o)
{
	CAMLparam0();
	CAMLlocal2(all, one);

	all = caml_alloc_tuple(o->function_count);
	for (size_t i = 0; i < o->function_count; i++) {
		one = caml_alloc_tuple(2);
		Store_field(one, 0, caml_copy_string(o->functions[i].name));
		Store_field(one, 1, caml_copy_int64((int64_t)o->functions[i].at));
		Store_field(all, i, one);
	}
	CAMLreturn(all);
}

/* Its code, relocations, functions, and the size of its array; or Failure with the reason. */
value object_of_file(value file, value array)
{
	CAMLparam2(file, array);
	CAMLlocal1(made);
	char reason[REASON_SIZE];
	struct object *o = read_object(String_val(file), String_val(array), reason);

	if (!o)
		caml_failwith(reason);
	made = caml_alloc_tuple(4);
	Store_field(made, 0, caml_alloc_initialized_string(o->size, (const char *)o->code));
	Store_field(made, 1, relocations_of(o));
	Store_field(made, 2, functions_of(o));
	Store_field(made, 3, caml_copy_int64((int64_t)o->array_size));
	free_object(o);
	CAMLreturn(made);
}

/* As LLVM writes it: a tab, the mnemonic, a tab, the operands; nothing if it is no instruction. */
value text_of_word(value word)
{
	static LLVMDisasmContextRef disassembler;
	const uint32_t w = (uint32_t)Long_val(word);
	uint8_t bytes[4] = { (uint8_t)w, (uint8_t)(w >> 8), (uint8_t)(w >> 16), (uint8_t)(w >> 24) };
	char line[200];

	if (!disassembler) {
		LLVMInitializeAArch64TargetInfo();
		LLVMInitializeAArch64TargetMC();
		LLVMInitializeAArch64Disassembler();
		disassembler = LLVMCreateDisasmCPUFeatures("aarch64-linux-gnu", "", "+v8.6a", NULL, 0, NULL, NULL);
	}
	if (!disassembler || LLVMDisasmInstruction(disassembler, bytes, sizeof bytes, 0, line, sizeof line) == 0)
		*line = '\0';
	return caml_copy_string(line);
}

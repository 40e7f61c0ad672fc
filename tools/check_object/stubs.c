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

value file_of(value file, value array);
value text_of(value target, value code, value from);

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

static value slots_of(const struct object *o)
{
	CAMLparam0();
	CAMLlocal1(all);

	all = caml_alloc_tuple(o->slot_count);
	for (size_t i = 0; i < o->slot_count; i++)
		Store_field(all, i, caml_copy_int64(o->slots[i]));
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

/* A record `file` of objects.ml; or Failure with the reason. */
value file_of(value file, value array)
{
	CAMLparam2(file, array);
	CAMLlocal1(made);
	char reason[REASON_SIZE];
	struct object *o = read_object(String_val(file), String_val(array), reason);

	if (!o)
		caml_failwith(reason);
	made = caml_alloc_tuple(7);
	Store_field(made, 0, caml_copy_string(o->target));
	Store_field(made, 1, caml_alloc_initialized_string(o->size, (const char *)o->code));
	Store_field(made, 2, relocations_of(o));
	Store_field(made, 3, functions_of(o));
	Store_field(made, 4, caml_copy_int64((int64_t)o->array_size));
	Store_field(made, 5, caml_copy_int64((int64_t)o->array_align));
	Store_field(made, 6, slots_of(o));
	free_object(o);
	CAMLreturn(made);
}

/* LLVM's for a target. */
static LLVMDisasmContextRef disassembler_of(const char *target)
{
	static struct {
		const char *target, *triple, *features;
		LLVMDisasmContextRef made;
	} known[] = {
		{ "aarch64", "aarch64-linux-gnu", "+v8.6a", NULL },
		{ "riscv64", "riscv64-linux-gnu", "+m,+a,+c,+zba", NULL },
		{ "x86_64", "x86_64-linux-gnu", "", NULL }
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (strcmp(target, known[i].target) != 0)
			continue;
		if (known[i].made)
			return known[i].made;
		LLVMInitializeAllTargetInfos();
		LLVMInitializeAllTargetMCs();
		LLVMInitializeAllDisassemblers();
		known[i].made = LLVMCreateDisasmCPUFeatures(known[i].triple, "", known[i].features, NULL, 0, NULL,
							    NULL);
		return known[i].made;
	}
	return NULL;
}

/* Of the instruction that begins at a place of the code: its text as LLVM writes it, a tab, the mnemonic, a tab, the
 * operands; and its length.  If there is none: nothing, and 0. */
value text_of(value target, value code, value from)
{
	CAMLparam2(target, code);
	CAMLlocal1(made);
	LLVMDisasmContextRef disassembler = disassembler_of(String_val(target));
	const size_t at = (size_t)Long_val(from), size = caml_string_length(code);
	uint8_t bytes[16];
	const size_t left = at < size ? size - at : 0, count = left < sizeof bytes ? left : sizeof bytes;
	size_t length = 0;
	char line[200] = "";

	memcpy(bytes, String_val(code) + (count ? at : 0), count);
	if (disassembler && count)
		length = LLVMDisasmInstruction(disassembler, bytes, count, 0, line, sizeof line);
	made = caml_alloc_tuple(2);
	Store_field(made, 0, caml_copy_string(length ? line : ""));
	Store_field(made, 1, Val_long((long)length));
	CAMLreturn(made);
}

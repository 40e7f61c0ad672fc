/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * orders: are the memory orders of the primitives in the object code?
 *
 *   orders OBJECT...
 *
 * Disassembles each function of an object file (LLVM's disassembler), keeps the
 * instructions that access or order memory, and compares them with the table
 * below: which instructions are allowed for which primitive on which machine.
 * A function that the table does not speak of, a call, and an access of another
 * size all differ from the table.  Exit status: 0 as in the table, 1 not, 2 the
 * file cannot be read.
 *
 * Knows the functions of primitives.c, and acquire_lock_* and release_lock_* of
 * the library: acquire is incr_ticket and then polls, release is incr_now.
 *
 * On x86 a weaker order is often the same instruction: there this shows that no
 * word is locked that need not be; the orders themselves are seen on aarch64.
 */
#include <elf.h>
#include <llvm-c/Core.h>
#include <llvm-c/Disassembler.h>
#include <llvm-c/Object.h>
#include <llvm-c/Target.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum primitive { INCR_TICKET, GET_NOW, INCR_NOW };

/* Operands: mem, imm, w and x (aarch64 registers of 32 and 64 bits), reg (x86).
 * Instructions are separated by "; ". */
static const struct allowed {
	unsigned machine;
	enum primitive primitive;
	const char *code;
} table[] = {
	{ EM_AARCH64, INCR_TICKET, "ldaxr w,mem; stlxr w,w,mem" },
	{ EM_AARCH64, INCR_TICKET, "ldaddal w,w,mem" },
	{ EM_AARCH64, GET_NOW, "ldar w,mem" },
	{ EM_AARCH64, GET_NOW, "ldaxr w,mem" },
	{ EM_AARCH64, INCR_NOW, "ldr w,mem; stlr w,mem" },
	{ EM_X86_64, INCR_TICKET, "lock xaddl reg,mem" },
	{ EM_X86_64, GET_NOW, "movl mem,reg" },
	{ EM_X86_64, INCR_NOW, "movl mem,reg; movl reg,mem" },
	{ EM_X86_64, INCR_NOW, "incl mem" },
	{ EM_X86_64, INCR_NOW, "addl imm,mem" },
};

static const struct allowed *const table_end = table + sizeof table / sizeof *table;

/* Instructions that order memory or leave the function, without an operand in memory. */
static const char *const bare[] = { "dmb", "dsb", "mfence", "lfence", "sfence",
				    "bl", "blr", "call", "callq" };

struct code {
	char text[2000]; /* the instructions kept so far */
	bool locked;	 /* the last byte sequence was a lock prefix */
};

static _Noreturn void fail(const char *file, const char *what)
{
	fprintf(stderr, "orders: %s: %s\n", file, what);
	exit(2);
}

static const char *operand_kind(const char *operand)
{
	if (strpbrk(operand, "[("))
		return "mem";
	if (*operand == '$' || *operand == '#')
		return "imm";
	if (*operand == '%')
		return "reg";
	return *operand == 'w' ? "w" : *operand == 'x' ? "x" : "other";
}

/* Cuts the next operand off; commas inside brackets belong to it. */
static char *next_operand(char **rest)
{
	char *start = *rest + strspn(*rest, " \t"), *p;
	int depth = 0;

	for (p = start; *p && (*p != ',' || depth > 0); p++)
		depth += (*p == '(' || *p == '[') - (*p == ')' || *p == ']');
	*rest = *p ? p + 1 : p;
	*p = '\0';
	return *start ? start : NULL;
}

static bool is_kept(const char *mnemonic, const char *operands)
{
	for (size_t i = 0; i < sizeof bare / sizeof *bare; i++)
		if (strcmp(mnemonic, bare[i]) == 0)
			return true;
	return strstr(operands, "mem") && strncmp(mnemonic, "lea", 3) != 0
	       && strncmp(mnemonic, "nop", 3) != 0;
}

/* One instruction as LLVM prints it: a tab, the mnemonic, a tab, the operands. */
static void add_instruction(struct code *code, char *line)
{
	char operands[100] = "", *mnemonic = line + strspn(line, " \t"), *operand;
	char *rest = mnemonic + strcspn(mnemonic, " \t");
	size_t used = strlen(code->text);

	if (*rest)
		*rest++ = '\0';
	if (strcmp(mnemonic, "lock") == 0 && !*(rest + strspn(rest, " \t"))) {
		code->locked = true;
		return;
	}
	while ((operand = next_operand(&rest))) {
		const char *kind = operand_kind(operand);

		snprintf(operands + strlen(operands), sizeof operands - strlen(operands), "%s%s",
			 *operands ? "," : "", kind);
	}
	if (is_kept(mnemonic, operands))
		snprintf(code->text + used, sizeof code->text - used, "%s%s%s%s%s", used ? "; " : "",
			 code->locked ? "lock " : "", mnemonic, *operands ? " " : "", operands);
	code->locked = false;
}

static void read_function(struct code *code, LLVMDisasmContextRef disassembler, const char *file,
			  uint8_t *bytes, uint64_t size)
{
	char line[200];

	memset(code, 0, sizeof *code);
	while (size > 0) {
		size_t length = LLVMDisasmInstruction(disassembler, bytes, size, 0, line, sizeof line);

		if (length == 0)
			fail(file, "an instruction that LLVM does not know");
		add_instruction(code, line);
		bytes += length;
		size -= length;
	}
}

/* Where the text goes on after one allowed form of the primitive; NULL: none fits. */
static const char *after(const char *text, unsigned machine, enum primitive primitive)
{
	if (!text)
		return NULL;
	for (const struct allowed *a = table; a < table_end; a++) {
		size_t length = strlen(a->code);

		if (a->machine != machine || a->primitive != primitive || strncmp(text, a->code, length) != 0)
			continue;
		if (text[length] == '\0')
			return text + length;
		if (strncmp(text + length, "; ", 2) == 0)
			return text + length + 2;
	}
	return NULL;
}

static bool is_allowed(const char *name, const char *text, unsigned machine)
{
	const char *rest = NULL;

	if (strcmp(name, "call_incr_ticket") == 0)
		rest = after(text, machine, INCR_TICKET);
	else if (strcmp(name, "call_get_now") == 0)
		rest = after(text, machine, GET_NOW);
	else if (strcmp(name, "call_incr_now") == 0 || strncmp(name, "release_lock_", 13) == 0)
		rest = after(text, machine, INCR_NOW);
	else if (strncmp(name, "acquire_lock_", 13) == 0) {
		rest = after(after(text, machine, INCR_TICKET), machine, GET_NOW);
		while (rest && *rest)
			rest = after(rest, machine, GET_NOW);
	}
	return rest && !*rest;
}

static LLVMDisasmContextRef disassembler_for(unsigned machine, const char *file)
{
	LLVMDisasmContextRef disassembler = NULL;

	if (machine == EM_AARCH64)
		disassembler = LLVMCreateDisasmCPUFeatures("aarch64-linux-gnu", "", "+v8.6a", NULL, 0,
							   NULL, NULL);
	else if (machine == EM_X86_64)
		disassembler = LLVMCreateDisasm("x86_64-linux-gnu", NULL, 0, NULL, NULL);
	if (!disassembler)
		fail(file, "a machine that this tool does not know");
	return disassembler;
}

/* The bytes of a function; NULL: the symbol is not one. */
static uint8_t *function_bytes(LLVMBinaryRef binary, LLVMSymbolIteratorRef symbol)
{
	LLVMSectionIteratorRef section = LLVMObjectFileCopySectionIterator(binary);
	uint8_t *bytes = NULL;

	LLVMMoveToContainingSection(section, symbol);
	if (!LLVMObjectFileIsSectionIteratorAtEnd(binary, section) && LLVMGetSymbolSize(symbol) > 0) {
		const char *name = LLVMGetSectionName(section);

		if (name && strncmp(name, ".text", 5) == 0)
			bytes = (uint8_t *)LLVMGetSectionContents(section) + LLVMGetSymbolAddress(symbol);
	}
	LLVMDisposeSectionIterator(section);
	return bytes;
}

/* Returns the number of functions, or -1 if one differs from the table. */
static int check_functions(LLVMBinaryRef binary, unsigned machine, const char *file)
{
	LLVMDisasmContextRef disassembler = disassembler_for(machine, file);
	LLVMSymbolIteratorRef symbol = LLVMObjectFileCopySymbolIterator(binary);
	int functions = 0;
	bool differs = false;
	struct code code;

	for (; !LLVMObjectFileIsSymbolIteratorAtEnd(binary, symbol); LLVMMoveToNextSymbol(symbol)) {
		uint8_t *bytes = function_bytes(binary, symbol);

		if (!bytes)
			continue;
		functions++;
		read_function(&code, disassembler, file, bytes, LLVMGetSymbolSize(symbol));
		if (is_allowed(LLVMGetSymbolName(symbol), code.text, machine))
			continue;
		fprintf(stderr, "orders: %s: %s: not in the table: %s\n", file, LLVMGetSymbolName(symbol),
			code.text);
		differs = true;
	}
	LLVMDisposeSymbolIterator(symbol);
	LLVMDisasmDispose(disassembler);
	return differs ? -1 : functions;
}

static int check_file(const char *file)
{
	LLVMMemoryBufferRef buffer;
	LLVMBinaryRef binary;
	Elf64_Ehdr header;
	char *message = NULL;
	int functions;

	if (LLVMCreateMemoryBufferWithContentsOfFile(file, &buffer, &message))
		fail(file, message);
	binary = LLVMCreateBinary(buffer, NULL, &message);
	if (!binary)
		fail(file, message);
	if (LLVMBinaryGetType(binary) != LLVMBinaryTypeELF64L)
		fail(file, "not a 64-bit little-endian ELF object");
	memcpy(&header, LLVMGetBufferStart(buffer), sizeof header);
	functions = check_functions(binary, header.e_machine, file);
	LLVMDisposeBinary(binary);
	LLVMDisposeMemoryBuffer(buffer);
	if (functions == 0)
		fail(file, "no function");
	return functions;
}

int main(int argc, char **argv)
{
	bool differs = false;

	LLVMInitializeX86TargetInfo();
	LLVMInitializeX86TargetMC();
	LLVMInitializeX86Disassembler();
	LLVMInitializeAArch64TargetInfo();
	LLVMInitializeAArch64TargetMC();
	LLVMInitializeAArch64Disassembler();
	if (argc < 2) {
		fprintf(stderr, "usage: orders OBJECT...\n");
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		int functions = check_file(argv[i]);

		if (functions < 0)
			differs = true;
		else
			printf("%s: %d functions, memory orders as in the table\n", argv[i], functions);
	}
	return differs ? 1 : 0;
}

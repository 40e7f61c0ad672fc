/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The functions of an ELF object file, disassembled by LLVM.
 *
 * Sections, symbols and relocations are read with elf.h: LLVM's C interface does not
 * give the addends of relocations.  Each section is laid at an address of its own, so
 * an address that the linker will put in is a number here too.
 * Read next: instruction.c.
 */
#include <elf.h>
#include <llvm-c/Disassembler.h>
#include <llvm-c/Target.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orders.h"

struct file {
	const char *name;
	uint8_t *bytes;
	uint64_t size;
	const Elf64_Ehdr *header;
	const Elf64_Shdr *sections;
	const Elf64_Sym *symbols;
	uint64_t symbol_count;
	const char *names;
	uint64_t names_size;
};

void *memory(size_t count, size_t size)
{
	void *p = calloc(count + 1, size);

	if (!p)
		fail("memory", "there is too little");
	return p;
}

static void load(struct file *f)
{
	FILE *in = fopen(f->name, "rb");
	long size;

	if (!in || fseek(in, 0, SEEK_END) != 0 || (size = ftell(in)) < 0)
		fail(f->name, "cannot be opened");
	rewind(in);
	f->size = (uint64_t)size;
	f->bytes = memory(f->size, 1);
	if (fread(f->bytes, 1, f->size, in) != f->size)
		fail(f->name, "cannot be read");
	fclose(in);
}

static const void *at(const struct file *f, uint64_t offset, uint64_t size, uint64_t alignment)
{
	if (offset > f->size || size > f->size - offset || offset % alignment != 0)
		fail(f->name, "cut off, or not an ELF object");
	return f->bytes + offset;
}

static const void *section_bytes(const struct file *f, const Elf64_Shdr *s, uint64_t alignment)
{
	return at(f, s->sh_offset, s->sh_size, alignment);
}

static const Elf64_Shdr *section(const struct file *f, uint64_t index)
{
	if (index >= f->header->e_shnum)
		fail(f->name, "a section that does not exist");
	return &f->sections[index];
}

/* What this tool does not read, though it may be right code. */
static const char *foreign_kind(const struct file *f)
{
	const unsigned char *ident = at(f, 0, EI_NIDENT, 1);

	if (memcmp(ident, ELFMAG, SELFMAG) != 0)
		fail(f->name, "not an ELF object");
	if (ident[EI_CLASS] == ELFCLASS32)
		return "a 32-bit object";
	if (ident[EI_DATA] == ELFDATA2MSB)
		return "a big-endian object";
	return NULL;
}

static void read_headers(struct file *f)
{
	f->header = at(f, 0, sizeof *f->header, 8);
	if (f->header->e_type != ET_REL || f->header->e_shentsize != sizeof(Elf64_Shdr))
		fail(f->name, "not an ELF object");
	f->sections = at(f, f->header->e_shoff, f->header->e_shnum * sizeof(Elf64_Shdr), 8);
	for (unsigned i = 0; i < f->header->e_shnum; i++)
		if (f->sections[i].sh_type == SHT_SYMTAB) {
			const Elf64_Shdr *names = section(f, f->sections[i].sh_link);

			f->symbols = section_bytes(f, &f->sections[i], 8);
			f->symbol_count = f->sections[i].sh_size / sizeof *f->symbols;
			f->names = section_bytes(f, names, 1);
			f->names_size = names->sh_size;
		}
	if (!f->symbols || !f->names || f->names_size == 0 || f->names[f->names_size - 1] != '\0')
		fail(f->name, "no symbols");
}

/* Each section, and each symbol of another file, has 2^32 bytes to itself. */
static uint64_t symbol_address(const struct file *f, uint64_t index, int64_t addend)
{
	if (index >= f->symbol_count)
		fail(f->name, "a symbol that does not exist");
	return ((f->symbols[index].st_shndx == SHN_UNDEF ? index + (1U << 16) : f->symbols[index].st_shndx) << 32)
	       + f->symbols[index].st_value + (uint64_t)addend;
}

/* For RISC-V the assembler leaves the targets of branches to the linker. */
static bool gives_branch_target(unsigned machine, uint64_t type)
{
	return machine == EM_RISCV
	       && (type == R_RISCV_BRANCH || type == R_RISCV_JAL || type == R_RISCV_RVC_BRANCH
		   || type == R_RISCV_RVC_JUMP);
}

static const char *symbol_name(const struct file *f, uint64_t index)
{
	uint64_t name = f->symbols[index].st_name;

	return name < f->names_size ? f->names + name : "";
}

/* It loads the address of a symbol from the global offset table. */
static bool is_of_got(unsigned machine, uint64_t type)
{
	return (machine == EM_X86_64 && (type == R_X86_64_GOTPCREL || type == R_X86_64_GOTPCRELX
					  || type == R_X86_64_REX_GOTPCRELX))
	       || (machine == EM_AARCH64 && (type == R_AARCH64_LD64_GOT_LO12_NC
					      || type == R_AARCH64_LD64_GOTPAGE_LO15))
	       || (machine == EM_RISCV && type == R_RISCV_GOT_HI20);
}

/* AUIPC and the jump behind it are one call. */
static void set_riscv_call(struct function *function, int k)
{
	struct instruction *auipc = &function->code[k], *jump = auipc + 1;

	if (k + 1 >= function->count || (jump->flow != CALL && jump->flow != LEAVE))
		return;
	jump->address = auipc->address;
	jump->symbol = auipc->symbol;
	jump->goes_elsewhere = true;
	if (jump->flow == LEAVE)
		jump->flow = JUMP;
}

static void relocate(const struct file *f, const Elf64_Rela *r, struct function *function, uint64_t section_index)
{
	unsigned machine = f->header->e_machine;
	uint64_t type = ELF64_R_TYPE(r->r_info);

	if (machine == EM_RISCV && (type == R_RISCV_RELAX || type == R_RISCV_ALIGN))
		return;
	for (int k = 0; k < function->count; k++) {
		struct instruction *i = &function->code[k];
		uint64_t address;

		if (r->r_offset - i->place >= i->length)
			continue;
		address = symbol_address(f, ELF64_R_SYM(r->r_info), r->r_addend);
		i->relocated = !gives_branch_target(machine, type);
		i->symbol = symbol_name(f, ELF64_R_SYM(r->r_info));
		i->got = is_of_got(machine, type);
		i->address = address;
		if (!i->relocated && address >> 32 == section_index)
			i->address = address & UINT32_MAX;
		if (i->relocated && i->flow != ONWARD) {
			i->goes_elsewhere = true;
			i->address += machine == EM_X86_64 ? 4 : 0; /* from the end of the instruction */
		}
		if (machine == EM_RISCV && (type == R_RISCV_CALL || type == R_RISCV_CALL_PLT))
			set_riscv_call(function, k);
	}
}

/* On RISC-V the load of an entry of the global offset table names the AUIPC before it,
 * which names the symbol. */
static void find_got_loads(const struct file *f, struct function *function)
{
	for (int k = 0; k < function->count && f->header->e_machine == EM_RISCV; k++)
		for (int a = 0; a < k; a++) {
			struct instruction *load = &function->code[k], *auipc = &function->code[a];

			if (load->relocated && load->address == (function->section << 32 | auipc->place))
				load->got = auipc->got;
		}
}

/* AUIPC and a jump at an offset from it, of which the assembler has left nothing to the linker. */
static void set_near_riscv_calls(struct function *function)
{
	for (int k = 0; k + 1 < function->count && function->machine == EM_RISCV; k++) {
		struct instruction *auipc = &function->code[k], *jump = auipc + 1;
		long long offset;
		char base[8];

		if (strcmp(auipc->mnemonic, "auipc") != 0 || auipc->relocated || jump->relocated
		    || (jump->flow != CALL && jump->flow != LEAVE)
		    || sscanf(jump->operand[0], "%lli(%7[^)])", &offset, base) != 2
		    || strcmp(base, auipc->operand[0]) != 0)
			continue;
		auipc->address = auipc->place + (strtoull(auipc->operand[1], NULL, 0) << 12) + (uint64_t)offset;
		set_riscv_call(function, k);
	}
}

static void set_targets(struct function *function)
{
	for (int k = 0; k < function->count; k++) {
		struct instruction *i = &function->code[k];

		i->target = OUTSIDE;
		for (int t = 0; t < function->count && !i->goes_elsewhere; t++)
			if (function->code[t].place == i->address)
				i->target = t;
		if (i->target == OUTSIDE && (i->flow == JUMP || i->flow == BRANCH))
			i->goes_elsewhere = true;
		if (i->goes_elsewhere && i->address >> 32 == 0)
			i->address |= function->section << 32;
	}
}

/* NULL: a machine that this tool does not know. */
static LLVMDisasmContextRef disassembler_for(const struct file *f)
{
	LLVMDisasmContextRef made = NULL;
	unsigned machine = f->header->e_machine;

	if (machine == EM_AARCH64)
		made = LLVMCreateDisasmCPUFeatures("aarch64-linux-gnu", "", "+v8.6a", NULL, 0, NULL, NULL);
	else if (machine == EM_X86_64)
		made = LLVMCreateDisasm("x86_64-linux-gnu", NULL, 0, NULL, NULL);
	else if (machine == EM_RISCV)
		made = LLVMCreateDisasmCPUFeatures("riscv64-linux-gnu", "", "+m,+a,+f,+d,+c", NULL, 0, NULL, NULL);
	return made;
}

/* An instruction that LLVM does not know: its length, as the machine's first bits tell. */
static size_t unknown_length(unsigned machine, const uint8_t *bytes, uint64_t size, char *line)
{
	size_t length = machine == EM_X86_64 ? 1 : machine == EM_RISCV && (*bytes & 3) != 3 ? 2 : 4;

	strcpy(line, "\t.byte");
	return length < size ? length : size;
}

static void disassemble(LLVMDisasmContextRef disassembler, struct function *function, uint8_t *bytes,
			uint64_t place, uint64_t size)
{
	char line[200];
	bool locked = false;

	function->code = memory(size, sizeof *function->code);
	while (size > 0) {
		size_t length = LLVMDisasmInstruction(disassembler, bytes, size, 0, line, sizeof line);
		struct instruction *i = &function->code[function->count];

		if (length == 0)
			length = unknown_length(function->machine, bytes, size, line);
		*i = (struct instruction){ .place = place, .length = (unsigned)length, .locked = locked };
		parse_instruction(i, function->machine, line);
		locked = !*i->mnemonic && i->locked;
		function->count += !locked;
		bytes += length;
		place += length;
		size -= length;
	}
}

static bool read_function(const struct file *f, LLVMDisasmContextRef disassembler, const Elf64_Sym *symbol,
			  struct function *function)
{
	const Elf64_Shdr *text;

	if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC || symbol->st_size == 0
	    || symbol->st_shndx == SHN_UNDEF)
		return false;
	text = section(f, symbol->st_shndx);
	if (symbol->st_name >= f->names_size || text->sh_type != SHT_PROGBITS || symbol->st_value > text->sh_size
	    || symbol->st_size > text->sh_size - symbol->st_value)
		fail(f->name, "a function outside its section");
	*function = (struct function){ .file = f->name,
				       .name = f->names + symbol->st_name,
				       .machine = f->header->e_machine,
				       .section = symbol->st_shndx,
				       .start = symbol->st_value,
				       .local = ELF64_ST_BIND(symbol->st_info) == STB_LOCAL };
	disassemble(disassembler, function, (uint8_t *)section_bytes(f, text, 1) + symbol->st_value,
		    symbol->st_value, symbol->st_size);
	for (unsigned i = 0; i < f->header->e_shnum; i++) {
		const Elf64_Shdr *s = &f->sections[i];

		if (s->sh_type != SHT_RELA || s->sh_info != symbol->st_shndx)
			continue;
		for (uint64_t k = 0; k < s->sh_size / sizeof(Elf64_Rela); k++)
			relocate(f, (const Elf64_Rela *)section_bytes(f, s, 8) + k, function, symbol->st_shndx);
	}
	find_got_loads(f, function);
	set_near_riscv_calls(function);
	set_targets(function);
	return true;
}

/* Names point into the file, which stays in memory. */
struct object read_object(const char *file)
{
	struct file f = { .name = file };
	struct object object = { .file = file };
	LLVMDisasmContextRef disassembler;

	load(&f);
	object.foreign = foreign_kind(&f);
	if (object.foreign)
		return object;
	read_headers(&f);
	disassembler = disassembler_for(&f);
	if (!disassembler) {
		object.foreign = "a machine that this tool does not know";
		return object;
	}
	object.functions = memory(f.symbol_count, sizeof *object.functions);
	for (uint64_t i = 0; i < f.symbol_count; i++)
		object.count += read_function(&f, disassembler, &f.symbols[i], &object.functions[object.count]);
	LLVMDisasmDispose(disassembler);
	if (object.count == 0)
		fail(file, "no function");
	return object;
}

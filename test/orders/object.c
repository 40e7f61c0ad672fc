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

_Noreturn void fail(const char *file, const char *what)
{
	fprintf(stderr, "orders: %s: %s\n", file, what);
	exit(2);
}

static void *memory(size_t count, size_t size)
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
		fail(f->name, "cut off, or not a 64-bit little-endian ELF object");
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

static void read_headers(struct file *f)
{
	f->header = at(f, 0, sizeof *f->header, 8);
	if (memcmp(f->header->e_ident, ELFMAG, SELFMAG) != 0 || f->header->e_ident[EI_CLASS] != ELFCLASS64
	    || f->header->e_ident[EI_DATA] != ELFDATA2LSB || f->header->e_type != ET_REL
	    || f->header->e_shentsize != sizeof(Elf64_Shdr))
		fail(f->name, "not a 64-bit little-endian ELF object");
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
		i->address = address;
		if (!i->relocated && address >> 32 == section_index)
			i->address = address & UINT32_MAX;
	}
}

static void set_targets(struct function *function)
{
	for (int k = 0; k < function->count; k++) {
		struct instruction *i = &function->code[k];

		i->target = OUTSIDE;
		for (int t = 0; t < function->count; t++)
			if (function->code[t].place == i->address)
				i->target = t;
	}
}

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
	if (!made)
		fail(f->name, "a machine that this tool does not know");
	return made;
}

static void disassemble(const struct file *f, LLVMDisasmContextRef disassembler, struct function *function,
			uint8_t *bytes, uint64_t place, uint64_t size)
{
	char line[200];
	bool locked = false;

	function->code = memory(size, sizeof *function->code);
	while (size > 0) {
		size_t length = LLVMDisasmInstruction(disassembler, bytes, size, 0, line, sizeof line);
		struct instruction *i = &function->code[function->count];

		if (length == 0)
			fail(f->name, "an instruction that LLVM does not know");
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
				       .machine = f->header->e_machine };
	disassemble(f, disassembler, function, (uint8_t *)section_bytes(f, text, 1) + symbol->st_value,
		    symbol->st_value, symbol->st_size);
	for (unsigned i = 0; i < f->header->e_shnum; i++) {
		const Elf64_Shdr *s = &f->sections[i];

		if (s->sh_type != SHT_RELA || s->sh_info != symbol->st_shndx)
			continue;
		for (uint64_t k = 0; k < s->sh_size / sizeof(Elf64_Rela); k++)
			relocate(f, (const Elf64_Rela *)section_bytes(f, s, 8) + k, function, symbol->st_shndx);
	}
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
	read_headers(&f);
	disassembler = disassembler_for(&f);
	object.functions = memory(f.symbol_count, sizeof *object.functions);
	for (uint64_t i = 0; i < f.symbol_count; i++)
		object.count += read_function(&f, disassembler, &f.symbols[i], &object.functions[object.count]);
	LLVMDisasmDispose(disassembler);
	if (object.count == 0)
		fail(file, "no function");
	return object;
}

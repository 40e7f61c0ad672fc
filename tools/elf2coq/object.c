/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Reads an aarch64 object file.  What is not known is refused, with its offset: in the file, or
 * in the code if it is something of the code.
 */
#include "object.h"

#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A section of code, and where it begins in what is taken. */
struct part {
	Elf_Scn *section;
	size_t index;
	GElf_Shdr header;
	uint64_t from;
	bool relocated;
};

struct reader {
	int file;
	Elf *whole, *member, *elf;           /* elf: the one or the other */
	Elf_Scn *symtab;
	struct part *parts;
	size_t part_count;
	size_t symbols, names;               /* names: the section of the symbols' names */
	Elf_Data *symbol_data;
	GElf_Sym array;
	struct object *object;
	const char *array_name;
	char *reason;
	jmp_buf refused;
};

__attribute__((noreturn, format(printf, 3, 4))) static void refuse(struct reader *r, uint64_t offset,
								   const char *why, ...)
{
	va_list args;
	int length = snprintf(r->reason, REASON_SIZE, "offset 0x%" PRIx64 ": ", offset);

	va_start(args, why);
	vsnprintf(r->reason + length, (size_t)(REASON_SIZE - length), why, args);
	va_end(args);
	longjmp(r->refused, 1);
}

static void *array_of(struct reader *r, size_t count, size_t size)
{
	void *array = calloc(count ? count : 1, size);

	if (!array)
		refuse(r, 0, "no memory for %zu elements", count);
	return array;
}

static GElf_Shdr header_of(struct reader *r, Elf_Scn *section)
{
	GElf_Shdr header;

	if (!section || !gelf_getshdr(section, &header))
		refuse(r, 0, "a section has no header: %s", elf_errmsg(-1));
	return header;
}

/* The symbol's name.  It is a name of C, so it needs no quoting in Coq. */
static const char *name_of(struct reader *r, const GElf_Sym *symbol)
{
	const char *name = elf_strptr(r->elf, r->names, symbol->st_name);

	if (!name || !*name || name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")])
		refuse(r, symbol->st_value, "the name of a symbol is not one of C");
	return name;
}

static GElf_Sym symbol_at(struct reader *r, size_t i)
{
	GElf_Sym symbol;

	if (i >= r->symbols || !gelf_getsym(r->symbol_data, (int)i, &symbol))
		refuse(r, 0, "there is no symbol %zu", i);
	return symbol;
}

/* The section of code with that index, or NULL. */
static struct part *part_of(struct reader *r, size_t index)
{
	for (size_t i = 0; i < r->part_count; i++)
		if (r->parts[i].index == index)
			return &r->parts[i];
	return NULL;
}

/* Behind the others; between two lies at least one word of zeros, which no CPU executes. */
static void add_part(struct reader *r, Elf_Scn *section, const GElf_Shdr *header)
{
	const struct part *last;
	struct part *parts;
	struct stat whole;

	if (header->sh_type != SHT_PROGBITS)
		refuse(r, header->sh_offset, "the section of code is of type %" PRIu32, header->sh_type);
	if (fstat(r->file, &whole) != 0 || header->sh_size > (uint64_t)whole.st_size)
		refuse(r, header->sh_offset, "the code is cut off");
	parts = realloc(r->parts, (r->part_count + 1) * sizeof *parts);
	if (!parts)
		refuse(r, header->sh_offset, "no memory for a section of code");
	last = r->part_count ? &parts[r->part_count - 1] : NULL;
	r->parts = parts;
	parts[r->part_count++] = (struct part){
		.section = section,
		.index = elf_ndxscn(section),
		.header = *header,
		.from = last ? ((last->from + last->header.sh_size + 3) & ~UINT64_C(3)) + 4 : 0
	};
}

/* The sections of code, and the symbols. */
static void find_sections(struct reader *r)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(r->elf, section))) {
		GElf_Shdr header = header_of(r, section);

		if (header.sh_type == SHT_SYMTAB) {
			if (r->symtab)
				refuse(r, header.sh_offset, "a second table of symbols");
			r->symtab = section;
		}
		if ((header.sh_flags & SHF_EXECINSTR) && header.sh_size != 0)
			add_part(r, section, &header);
	}
	if (!r->part_count || !r->symtab)
		refuse(r, 0, "no code, or no symbols");
	r->symbol_data = elf_getdata(r->symtab, NULL);
	if (!r->symbol_data)
		refuse(r, 0, "the symbols are cut off");
	r->symbols = r->symbol_data->d_size / sizeof(Elf64_Sym);
	r->names = header_of(r, r->symtab).sh_link;
}

static void find_array(struct reader *r)
{
	GElf_Shdr section;
	int found = 0;

	for (size_t i = 1; i < r->symbols; i++) {
		GElf_Sym symbol = symbol_at(r, i);
		const char *name = elf_strptr(r->elf, r->names, symbol.st_name);

		if (!name || strcmp(name, r->array_name) != 0)
			continue;
		if (found++)
			refuse(r, symbol.st_value, "a second %s", r->array_name);
		r->array = symbol;
	}
	if (!found || GELF_ST_TYPE(r->array.st_info) != STT_OBJECT || r->array.st_shndx == SHN_UNDEF ||
	    r->array.st_shndx >= SHN_LORESERVE || part_of(r, r->array.st_shndx))
		refuse(r, 0, "no array %s is defined", r->array_name);
	section = header_of(r, elf_getscn(r->elf, r->array.st_shndx));
	if (section.sh_type != SHT_NOBITS || r->array.st_value > section.sh_size ||
	    r->array.st_size > section.sh_size - r->array.st_value)
		refuse(r, r->array.st_value, "%s is not of zeros, or is not in its section", r->array_name);
	r->object->array_size = r->array.st_size;
}

/* How far a jump goes, in words; 0: the word is none.  B, B.cond, CBZ and CBNZ: the decoder knows no others. */
static int64_t words_to_go(uint32_t word)
{
	if ((word & 0xfc000000) == 0x14000000)
		return (int32_t)(word << 6) >> 6;
	if ((word & 0xff000010) == 0x54000000 || (word & 0x7e000000) == 0x34000000)
		return (int32_t)(word << 8) >> 13;
	return 0;
}

/* Where sections come to lie, a linker says: no jump goes from one to another without a relocation. */
static void refuse_far_jumps(struct reader *r, const struct part *part)
{
	const int64_t words = (int64_t)part->header.sh_size / 4;

	for (int64_t i = 0; i < words; i++) {
		const unsigned char *b = r->object->code + part->from + 4 * i;
		int64_t to = i + words_to_go(b[0] | b[1] << 8 | b[2] << 16 | (uint32_t)b[3] << 24);

		if (to < 0 || to >= words)
			refuse(r, (uint64_t)(4 * i), "a jump out of its section of code");
	}
}

/* A section has all its bytes in the file. */
static void take_code(struct reader *r)
{
	const struct part *last = &r->parts[r->part_count - 1];

	r->object->size = last->from + last->header.sh_size;
	r->object->code = array_of(r, r->object->size, 1);
	for (size_t i = 0; i < r->part_count; i++) {
		const struct part *part = &r->parts[i];
		Elf_Data *bytes = elf_rawdata(part->section, NULL);

		if (!bytes || !bytes->d_buf || bytes->d_size != part->header.sh_size)
			refuse(r, part->header.sh_offset, "the code is cut off");
		memcpy(r->object->code + part->from, bytes->d_buf, bytes->d_size);
		if (r->part_count > 1)
			refuse_far_jumps(r, part);
	}
}

static const char *kind_of(struct reader *r, uint64_t offset, uint32_t type)
{
	switch (type) {
	case R_AARCH64_ADR_PREL_PG_HI21:
		return "Page_21";
	case R_AARCH64_ADD_ABS_LO12_NC:
		return "Add_12";
	case R_AARCH64_LDST32_ABS_LO12_NC:
		return "Access_12";
	case R_AARCH64_ADR_PREL_LO21:
		return "Near_21";
	case R_AARCH64_ADR_GOT_PAGE:
		return "Got_page";
	case R_AARCH64_LD64_GOT_LO12_NC:
		return "Got_12";
	case R_AARCH64_GOT_LD_PREL19:
		return "Got_near";
	default:
		refuse(r, offset, "a relocation of type %" PRIu32 " is not known", type);
	}
}

/* Each is relative to the array, by its symbol or by that of its section. */
static struct relocation relative(struct reader *r, const struct part *part, const GElf_Rela *found)
{
	const char *kind = kind_of(r, found->r_offset, (uint32_t)GELF_R_TYPE(found->r_info));
	GElf_Sym symbol = symbol_at(r, GELF_R_SYM(found->r_info));

	if (found->r_offset % 4 != 0 || found->r_offset >= part->header.sh_size)
		refuse(r, found->r_offset, "a relocation of no instruction");
	if (symbol.st_shndx != r->array.st_shndx)
		refuse(r, found->r_offset, "a relocation to something other than %s", r->array_name);
	return (struct relocation){
		.at = part->from + found->r_offset,
		.kind = kind,
		.addend = (int64_t)(symbol.st_value + (uint64_t)found->r_addend - r->array.st_value)
	};
}

static void take_relocations_of(struct reader *r, struct part *part, Elf_Scn *section, const GElf_Shdr *header)
{
	struct object *o = r->object;
	Elf_Data *data = elf_getdata(section, NULL);
	struct relocation *grown;
	size_t count;

	if (!data || data->d_size != header->sh_size)
		refuse(r, header->sh_offset, "the relocations are cut off");
	if (part->relocated)
		refuse(r, header->sh_offset, "a second section of relocations");
	part->relocated = true;
	count = data->d_size / sizeof(Elf64_Rela);
	grown = realloc(o->relocations, (o->relocation_count + count + 1) * sizeof *grown);
	if (!grown)
		refuse(r, header->sh_offset, "no memory for %zu relocations", count);
	o->relocations = grown;
	for (size_t i = 0; i < count; i++) {
		GElf_Rela found;

		if (!gelf_getrela(data, (int)i, &found))
			refuse(r, header->sh_offset, "there is no relocation %zu", i);
		o->relocations[o->relocation_count++] = relative(r, part, &found);
	}
}

static void take_relocations(struct reader *r)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(r->elf, section))) {
		GElf_Shdr header = header_of(r, section);
		struct part *part = part_of(r, header.sh_info);

		if ((header.sh_type != SHT_RELA && header.sh_type != SHT_REL) || !part)
			continue;
		if (header.sh_type == SHT_REL)
			refuse(r, header.sh_offset, "relocations without addends");
		take_relocations_of(r, part, section, &header);
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct code_symbol *)a)->name, ((const struct code_symbol *)b)->name);
}

/* No two have one name. */
static void refuse_twins(struct reader *r)
{
	const struct object *o = r->object;
	struct code_symbol *sorted = array_of(r, o->function_count, sizeof *sorted);
	const struct code_symbol *twin = NULL;

	memcpy(sorted, o->functions, o->function_count * sizeof *sorted);
	qsort(sorted, o->function_count, sizeof *sorted, by_name);
	for (size_t i = 1; i < o->function_count && !twin; i++)
		if (by_name(&sorted[i - 1], &sorted[i]) == 0)
			for (twin = o->functions; twin->name != sorted[i].name;)
				twin++;
	free(sorted);
	if (twin)
		refuse(r, twin->at, "two functions %s", twin->name);
}

static void take_functions(struct reader *r)
{
	struct object *o = r->object;

	o->functions = array_of(r, r->symbols, sizeof *o->functions);
	for (size_t i = 1; i < r->symbols; i++) {
		GElf_Sym symbol = symbol_at(r, i);
		struct code_symbol *f = &o->functions[o->function_count];
		const struct part *part;

		if (GELF_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx == SHN_UNDEF)
			continue;
		part = part_of(r, symbol.st_shndx);
		if (!part || symbol.st_value >= part->header.sh_size)
			refuse(r, symbol.st_value, "the function %s is in no section of code", name_of(r, &symbol));
		*f = (struct code_symbol){ .name = strdup(name_of(r, &symbol)), .at = part->from + symbol.st_value };
		if (!f->name)
			refuse(r, 0, "no memory for a name");
		o->function_count++;
	}
	if (o->function_count)
		refuse_twins(r);
}

static void take_member(struct reader *r, Elf *elf)
{
	GElf_Ehdr header;

	r->elf = elf;
	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header))
		refuse(r, 0, "this is no ELF file");
	if (gelf_getclass(elf) != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
	    header.e_machine != EM_AARCH64 || header.e_type != ET_REL)
		refuse(r, 0, "this is no relocatable object of little-endian aarch64");
	find_sections(r);
	find_array(r);
	take_code(r);
	take_relocations(r);
	take_functions(r);
}

/* The one member of an archive that is an object. */
static void take_archive(struct reader *r)
{
	int members = 0;

	while ((r->member = elf_begin(r->file, ELF_C_READ, r->whole))) {
		Elf_Arhdr *header = elf_getarhdr(r->member);

		if (header && header->ar_name[0] != '/') {
			if (members++)
				refuse(r, 0, "an archive of more than one object");
			take_member(r, r->member);
		}
		elf_next(r->member);
		elf_end(r->member);
	}
	if (!members)
		refuse(r, 0, "an archive of no object");
}

static bool take_file(struct reader *r)
{
	if (setjmp(r->refused))
		return false;
	if (elf_version(EV_CURRENT) == EV_NONE || r->file < 0 || !(r->whole = elf_begin(r->file, ELF_C_READ, NULL)))
		refuse(r, 0, "it cannot be read");
	r->object = array_of(r, 1, sizeof *r->object);
	if (elf_kind(r->whole) == ELF_K_AR)
		take_archive(r);
	else
		take_member(r, r->whole);
	return true;
}

void free_object(struct object *o)
{
	if (!o)
		return;
	for (size_t i = 0; i < o->function_count; i++)
		free(o->functions[i].name);
	free(o->functions);
	free(o->relocations);
	free(o->code);
	free(o);
}

struct object *read_object(const char *file, const char *array, char reason[REASON_SIZE])
{
	struct reader reader = {
		.array_name = array,
		.reason = reason,
		.file = open(file, O_RDONLY | O_CLOEXEC)
	};

	if (!take_file(&reader)) {
		free_object(reader.object);
		reader.object = NULL;
	}
	free(reader.parts);
	elf_end(reader.member);
	elf_end(reader.whole);
	if (reader.file >= 0)
		close(reader.file);
	return reader.object;
}

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
#include <unistd.h>

struct reader {
	int file;
	Elf *whole, *member, *elf;           /* elf: the one or the other */
	Elf_Scn *text, *symtab;
	size_t text_index, symbols, names;   /* names: the section of the symbols' names */
	GElf_Shdr text_header;
	Elf_Data *bytes, *symbol_data;
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

/* The section of code, which has all its bytes in the file, and the symbols. */
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
		if (!(header.sh_flags & SHF_EXECINSTR) || header.sh_size == 0)
			continue;
		if (r->text)
			refuse(r, header.sh_offset, "a second section of code");
		if (header.sh_type != SHT_PROGBITS)
			refuse(r, header.sh_offset, "the section of code is of type %" PRIu32, header.sh_type);
		r->text = section;
		r->text_index = elf_ndxscn(section);
		r->text_header = header;
	}
	if (!r->text || !r->symtab)
		refuse(r, 0, "no code, or no symbols");
	r->bytes = elf_rawdata(r->text, NULL);
	if (!r->bytes || !r->bytes->d_buf || r->bytes->d_size != r->text_header.sh_size)
		refuse(r, r->text_header.sh_offset, "the code is cut off");
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
	    r->array.st_shndx >= SHN_LORESERVE || r->array.st_shndx == r->text_index)
		refuse(r, 0, "no array %s is defined", r->array_name);
	section = header_of(r, elf_getscn(r->elf, r->array.st_shndx));
	if (section.sh_type != SHT_NOBITS || r->array.st_value > section.sh_size ||
	    r->array.st_size > section.sh_size - r->array.st_value)
		refuse(r, r->array.st_value, "%s is not of zeros, or is not in its section", r->array_name);
	r->object->array_size = r->array.st_size;
}

static void take_code(struct reader *r)
{
	r->object->code = array_of(r, r->bytes->d_size, 1);
	memcpy(r->object->code, r->bytes->d_buf, r->bytes->d_size);
	r->object->size = r->bytes->d_size;
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
	default:
		refuse(r, offset, "a relocation of type %" PRIu32 " is not known", type);
	}
}

/* Each is relative to the array, by its symbol or by that of its section. */
static struct relocation relative(struct reader *r, const GElf_Rela *found)
{
	const char *kind = kind_of(r, found->r_offset, (uint32_t)GELF_R_TYPE(found->r_info));
	GElf_Sym symbol = symbol_at(r, GELF_R_SYM(found->r_info));

	if (found->r_offset % 4 != 0 || found->r_offset >= r->text_header.sh_size)
		refuse(r, found->r_offset, "a relocation of no instruction");
	if (symbol.st_shndx != r->array.st_shndx)
		refuse(r, found->r_offset, "a relocation to something other than %s", r->array_name);
	return (struct relocation){
		.at = found->r_offset,
		.kind = kind,
		.addend = (int64_t)(symbol.st_value + (uint64_t)found->r_addend - r->array.st_value)
	};
}

static void take_relocations_of(struct reader *r, Elf_Scn *section, const GElf_Shdr *header)
{
	struct object *o = r->object;
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count;

	if (!data || data->d_size != header->sh_size)
		refuse(r, header->sh_offset, "the relocations are cut off");
	if (o->relocations)
		refuse(r, header->sh_offset, "a second section of relocations");
	count = data->d_size / sizeof(Elf64_Rela);
	o->relocations = array_of(r, count, sizeof *o->relocations);
	for (size_t i = 0; i < count; i++) {
		GElf_Rela found;

		if (!gelf_getrela(data, (int)i, &found))
			refuse(r, header->sh_offset, "there is no relocation %zu", i);
		o->relocations[o->relocation_count++] = relative(r, &found);
	}
}

static void take_relocations(struct reader *r)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(r->elf, section))) {
		GElf_Shdr header = header_of(r, section);

		if ((header.sh_type != SHT_RELA && header.sh_type != SHT_REL) || header.sh_info != r->text_index)
			continue;
		if (header.sh_type == SHT_REL)
			refuse(r, header.sh_offset, "relocations without addends");
		take_relocations_of(r, section, &header);
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

		if (GELF_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx == SHN_UNDEF)
			continue;
		if (symbol.st_shndx != r->text_index)
			refuse(r, symbol.st_value, "the function %s is in another section", name_of(r, &symbol));
		*f = (struct code_symbol){ .name = strdup(name_of(r, &symbol)), .at = symbol.st_value };
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
	elf_end(reader.member);
	elf_end(reader.whole);
	if (reader.file >= 0)
		close(reader.file);
	return reader.object;
}

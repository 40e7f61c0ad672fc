/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Reads an aarch64 object file: what is proved of it, or a refusal.  Read next: image.c.
 */
#include "reader.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void find_array(struct reader *r, bool image)
{
	GElf_Shdr section;
	GElf_Addr from;
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
	from = image ? section.sh_addr : 0; /* of an image the symbol's value is an address */
	if (section.sh_type != SHT_NOBITS || r->array.st_value < from || r->array.st_value - from > section.sh_size ||
	    r->array.st_size > section.sh_size - (r->array.st_value - from))
		refuse(r, r->array.st_value, "%s is not of zeros, or is not in its section", r->array_name);
	r->object->array_size = r->array.st_size;
}

/* Where sections come to lie, a linker says: no jump goes from one to another without a relocation. */
static void refuse_far_jumps(struct reader *r, const struct part *part)
{
	const int64_t words = (int64_t)part->header.sh_size / 4;

	for (int64_t i = 0; i < words; i++) {
		const unsigned char *b = r->object->code + part->from + 4 * i;
		int64_t to = i + words_to_go(b);

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
	    header.e_machine != EM_AARCH64 ||
	    (header.e_type != ET_REL && header.e_type != ET_EXEC && header.e_type != ET_DYN))
		refuse(r, 0, "this is no object file or image of little-endian aarch64");
	find_sections(r);
	find_array(r, header.e_type != ET_REL);
	if (header.e_type != ET_REL) {
		take_image(r);
		return;
	}
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

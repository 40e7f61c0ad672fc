/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Reads an object file: what is proved of it, or a refusal.  Read next: relocations.c, image.c.
 */
#include "reader.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of an object's symbol: what its section and its place there say.  Of an image nothing is said. */
static uint64_t align_of(const GElf_Shdr *section, uint64_t place)
{
	const uint64_t both = section->sh_addralign | place;

	return section->sh_addralign ? both & -both : 1;
}

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
	r->object->array_align = image ? 1 : align_of(&section, r->array.st_value);
}

/* What never returns and is of another file gets a word of zeros here to begin at, behind all. */
static void take_stops(struct reader *r)
{
	for (size_t i = 1; i < r->symbols; i++) {
		GElf_Sym symbol = symbol_at(r, i);
		int stop = stop_elsewhere(r, &symbol);

		if (stop >= 0 && !r->stops[stop]) {
			r->stops[stop] = (r->object->size + 7) / 4 * 4;
			r->object->size = r->stops[stop] + 4;
		}
	}
}

/* A section has all its bytes in the file. */
static void take_code(struct reader *r)
{
	const struct part *last = &r->parts[r->part_count - 1];

	r->object->size = last->from + last->header.sh_size;
	take_stops(r);
	r->object->code = array_of(r, r->object->size, 1);
	r->marks = array_of(r, r->object->size, 1);
	for (size_t i = 0; i < r->part_count; i++) {
		const struct part *part = &r->parts[i];
		Elf_Data *bytes = elf_rawdata(part->section, NULL);

		if (!bytes || !bytes->d_buf || bytes->d_size != part->header.sh_size)
			refuse(r, part->header.sh_offset, "the code is cut off");
		memcpy(r->object->code + part->from, bytes->d_buf, bytes->d_size);
	}
}

static void add_function(struct reader *r, const char *name, uint64_t at)
{
	struct code_symbol *f = &r->object->functions[r->object->function_count];

	*f = (struct code_symbol){ .name = strdup(name), .at = at };
	if (!f->name)
		refuse(r, 0, "no memory for a name");
	r->object->function_count++;
}

static void take_functions(struct reader *r)
{
	struct object *o = r->object;

	o->functions = array_of(r, r->symbols, sizeof *o->functions);
	for (size_t i = 1; i < r->symbols; i++) {
		GElf_Sym symbol = symbol_at(r, i);
		const struct part *part;

		if (GELF_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx == SHN_UNDEF)
			continue;
		part = part_of(r, symbol.st_shndx);
		if (!part || symbol.st_value >= part->header.sh_size)
			refuse(r, symbol.st_value, "the function %s is in no section of code", name_of(r, &symbol));
		add_function(r, name_of(r, &symbol), part->from + symbol.st_value);
	}
	for (int i = 0; i < STOPS; i++)
		if (r->stops[i])
			add_function(r, stop_names[i], r->stops[i]);
	if (o->function_count)
		refuse_twins(r);
}

static const struct machine *machine_of(const GElf_Ehdr *header)
{
	static const struct machine *const all[] = { &machine_aarch64, &machine_riscv64, &machine_x86_64 };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (header->e_machine == all[i]->number && !(header->e_flags & all[i]->refused_flags))
			return all[i];
	return NULL;
}

static void take_member(struct reader *r, Elf *elf)
{
	GElf_Ehdr header;

	r->elf = elf;
	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header))
		refuse(r, 0, "this is no ELF file");
	r->machine = machine_of(&header);
	r->type = header.e_type;
	if (gelf_getclass(elf) != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB || !r->machine ||
	    (r->type != ET_REL && r->type != ET_EXEC && r->type != ET_DYN))
		refuse(r, 0, "this is no object file or image of aarch64, riscv64 or x86_64");
	r->object->target = r->machine->target;
	r->object->relocation = r->machine->relocation;
	find_sections(r);
	find_array(r, r->type != ET_REL);
	if (r->type != ET_REL) {
		take_image(r);
		return;
	}
	take_code(r);
	take_relocations(r);
	take_functions(r);
	check_jumps(r);
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
	free(o->slots);
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
	free(reader.marks);
	free(reader.places);
	elf_end(reader.member);
	elf_end(reader.whole);
	if (reader.file >= 0)
		close(reader.file);
	return reader.object;
}

/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The relocations of an object file; what each is, its machine says.  Read next: aarch64.c, riscv64.c, x86_64.c.
 */
#include "reader.h"

#include <inttypes.h>
#include <stdlib.h>

void unknown(struct reader *r, const GElf_Rela *found)
{
	refuse(r, found->r_offset, "a relocation of type %" PRIu64 " is not known", GELF_R_TYPE(found->r_info));
}

void check_field(struct reader *r, const struct part *part, const GElf_Rela *found, uint64_t size)
{
	if (size > part->header.sh_size - found->r_offset)
		refuse(r, found->r_offset, "a relocation of no instruction");
}

/* Relative to the array, by its symbol or by that of its section. */
struct relocation to_array(struct reader *r, const struct part *part, const GElf_Rela *found, const char *kind)
{
	GElf_Sym symbol = symbol_at(r, GELF_R_SYM(found->r_info));

	if (symbol.st_shndx != r->array.st_shndx)
		refuse(r, found->r_offset, "a relocation to something other than %s", r->array_name);
	return (struct relocation){
		.at = part->from + found->r_offset,
		.kind = kind,
		.addend = (int64_t)(symbol.st_value + (uint64_t)found->r_addend - r->array.st_value)
	};
}

/* To a place in the code.  A symbol that is global could be another file's when all is linked. */
struct relocation to_code(struct reader *r, const struct part *part, const GElf_Rela *found, const char *kind,
			  uint64_t less)
{
	GElf_Sym symbol = symbol_at(r, GELF_R_SYM(found->r_info));
	const struct part *there = part_of(r, symbol.st_shndx);
	const uint64_t to = symbol.st_value + (uint64_t)found->r_addend;

	if (!there)
		refuse(r, found->r_offset, "a relocation to something other than %s or code", r->array_name);
	if (GELF_ST_BIND(symbol.st_info) != STB_LOCAL)
		refuse(r, found->r_offset, "a relocation to code that is not local to the file");
	if (to + less >= there->header.sh_size)
		refuse(r, found->r_offset, "a relocation to code that is not there");
	return (struct relocation){
		.at = part->from + found->r_offset,
		.kind = kind,
		.addend = (int64_t)(there->from + to)
	};
}

struct relocation to_place(struct reader *r, const struct part *part, const GElf_Rela *found, const char *kind)
{
	struct relocation relocation = to_code(r, part, found, kind, 0);

	r->marks[relocation.at] |= LINKED;
	return relocation;
}

static void add_relocation(struct reader *r, const struct relocation *new)
{
	struct object *o = r->object;
	const size_t count = o->relocation_count;

	/* When it is full, it gets twice as many. */
	if ((count & (count - 1)) == 0) {
		struct relocation *grown = realloc(o->relocations, (count ? 2 * count : 1) * sizeof *grown);

		if (!grown)
			refuse(r, 0, "no memory for %zu relocations", count);
		o->relocations = grown;
	}
	o->relocations[o->relocation_count++] = *new;
}

void add_own(struct reader *r, uint64_t at, const char *kind, GElf_Addr value)
{
	add_relocation(r, &(struct relocation){ .at = at, .kind = kind, .addend = (int64_t)value });
}

static void take_relocations_of(struct reader *r, struct part *part, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Rela found;

	if (!data || data->d_size != header->sh_size)
		refuse(r, header->sh_offset, "the relocations are cut off");
	if (part->relocated)
		refuse(r, header->sh_offset, "a second section of relocations");
	part->relocated = true;
	for (int i = 0; gelf_getrela(data, i, &found); i++) {
		struct relocation relocation;

		if (found.r_offset % r->machine->align != 0 || found.r_offset >= part->header.sh_size)
			refuse(r, found.r_offset, "a relocation of no instruction");
		relocation = r->machine->relocation_of(r, part, &found);
		if (relocation.kind)
			add_relocation(r, &relocation);
	}
}

void take_relocations(struct reader *r)
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

/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The relocations of an object file; what each is, its machine says.  Read next: aarch64.c, riscv64.c, x86_64.c.
 */
#include "reader.h"

#include <inttypes.h>
#include <stdlib.h>

void check_field(struct reader *r, const struct part *part, const GElf_Rela *found, uint64_t size)
{
	if (size > part->header.sh_size - found->r_offset)
		refuse(r, found->r_offset, "a relocation of no instruction");
}

/* Of a place of which a decoder knows nothing else: if a jump is there, its field is the linker's. */
struct relocation to_other(struct reader *r, const struct part *part, const GElf_Rela *found, const char *other)
{
	const uint64_t at = part->from + found->r_offset;

	r->marks[at] |= LINKED;
	return (struct relocation){ .at = at, .kind = other, .bare = true };
}

/* By the symbol of its section, or by a label, it is where its addend says; by that of an object it is to that, and
 * this may be the array by another name. */
bool is_to_array(struct reader *r, const GElf_Rela *found, uint64_t least, uint64_t most)
{
	const GElf_Sym symbol = symbol_at(r, GELF_R_SYM(found->r_info));
	const uint64_t from = symbol.st_value - r->array.st_value, size = r->array.st_size;
	const bool is_label = GELF_ST_TYPE(symbol.st_info) == STT_NOTYPE && GELF_ST_BIND(symbol.st_info) == STB_LOCAL;

	if (symbol.st_shndx != r->array.st_shndx)
		return false;
	if (GELF_ST_TYPE(symbol.st_info) == STT_SECTION || is_label)
		return from + (uint64_t)found->r_addend + most < size + (most - least);
	return from == 0 || from < size || - from < symbol.st_size;
}

/* Relative to the array. */
struct relocation from_array(struct reader *r, const struct part *part, const GElf_Rela *found, const char *kind)
{
	GElf_Sym symbol = symbol_at(r, GELF_R_SYM(found->r_info));

	return (struct relocation){
		.at = part->from + found->r_offset,
		.kind = kind,
		.addend = (int64_t)(symbol.st_value + (uint64_t)found->r_addend - r->array.st_value)
	};
}

struct relocation to_array(struct reader *r, const struct part *part, const GElf_Rela *found, const char *kind,
			   const char *other)
{
	return is_to_array(r, found, 0, 0) ? from_array(r, part, found, kind) : to_other(r, part, found, other);
}

/* A slot is of a symbol; the addend is one to its own address. */
struct relocation to_slot(struct reader *r, const struct part *part, const GElf_Rela *found, const char *kind,
			  const char *other)
{
	GElf_Sym symbol = symbol_at(r, GELF_R_SYM(found->r_info));

	return symbol.st_shndx == r->array.st_shndx && symbol.st_value == r->array.st_value
		? from_array(r, part, found, kind) : to_other(r, part, found, other);
}

/* To a place in the code.  A symbol that is global could be another file's when all is linked. */
struct relocation to_code(struct reader *r, const struct part *part, const GElf_Rela *found, const char *kind,
			  uint64_t less, const char *other)
{
	GElf_Sym symbol = symbol_at(r, GELF_R_SYM(found->r_info));
	const struct part *there = part_of(r, symbol.st_shndx);
	const uint64_t to = symbol.st_value + (uint64_t)found->r_addend;
	const int stop = stop_elsewhere(r, &symbol);

	if (stop >= 0)
		return (struct relocation){
			.at = part->from + found->r_offset,
			.kind = kind,
			.addend = (int64_t)(r->stops[stop] + (uint64_t)found->r_addend)
		};
	if (!there || GELF_ST_BIND(symbol.st_info) != STB_LOCAL)
		return to_other(r, part, found, other);
	if (to + less >= there->header.sh_size)
		refuse(r, found->r_offset, "a relocation to code that is not there");
	return (struct relocation){
		.at = part->from + found->r_offset,
		.kind = kind,
		.addend = (int64_t)(there->from + to)
	};
}

struct relocation to_place(struct reader *r, const struct part *part, const GElf_Rela *found, const char *kind,
			   const char *other)
{
	struct relocation relocation = to_code(r, part, found, kind, 0, other);

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

struct relocation unknown(struct reader *r, const struct part *part, const GElf_Rela *found, uint64_t size)
{
	struct relocation other = to_other(r, part, found, "Other_thing");

	check_field(r, part, found, size);
	if (size > 4) {
		other.at += 4;
		add_relocation(r, &other);
		other.at -= 4;
	}
	return other;
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

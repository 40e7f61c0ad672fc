/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Of a linked image: the slots of its global offset table, and words of its code (literals), that hold the address of
 * the array of lock words when it is loaded.  That table is the section .got, the linker's own: no variable of a
 * program lies there, so nobody but who loads the image has a reason to write to it; code is loaded so that nobody can.
 * Of another word with that address, a pointer of C, nothing is said.
 * Whoever loads it relocates as its sections of relocations say; Coq finds the instructions that load such a slot.
 */
#include "reader.h"

#include <stdlib.h>
#include <string.h>

enum { SLOT = 8 };

/* Of a slot: if no relocation changes it, if one puts the array's address there, or else. */
enum { AS_IN_THE_FILE, ARRAY, OTHER };

static bool has_slots(struct reader *r, const GElf_Shdr *section)
{
	const bool code = (section->sh_flags & SHF_EXECINSTR) != 0;
	size_t names;
	const char *name = elf_getshdrstrndx(r->elf, &names) == 0 ? elf_strptr(r->elf, names, section->sh_name) : NULL;

	return (code || (name && strcmp(name, ".got") == 0)) && section->sh_type == SHT_PROGBITS &&
	       section->sh_addr % SLOT == 0 &&
	       is_loaded(r, section, section->sh_addr, section->sh_addr + section->sh_size,
			 code ? PF_X | PF_W : PF_R, code ? PF_X : PF_R);
}

/* The array's symbol, in the table that is for loading.  If another image has the name, too, that one's array may be
 * meant then: by all slots of that symbol the same. */
static bool is_array(struct reader *r, const GElf_Shdr *relocations, size_t symbol)
{
	Elf_Scn *section = elf_getscn(r->elf, relocations->sh_link);
	GElf_Shdr header = header_of(r, section);
	Elf_Data *data = header.sh_type == SHT_DYNSYM ? elf_getdata(section, NULL) : NULL;
	GElf_Sym found;
	const char *name;

	if (!data || !gelf_getsym(data, (int)symbol, &found))
		return false;
	name = elf_strptr(r->elf, header.sh_link, found.st_name);
	return name && strcmp(name, r->array_name) == 0 && found.st_shndx == r->array.st_shndx &&
	       found.st_value == r->array.st_value;
}

static bool gives_array(struct reader *r, const GElf_Shdr *header, const GElf_Rela *found)
{
	const uint64_t type = GELF_R_TYPE(found->r_info);

	if (header->sh_type != SHT_RELA)
		return false;
	if (type == r->machine->relative)
		return (uint64_t)found->r_addend == r->array.st_value;
	return (type == r->machine->absolute || type == r->machine->slot) && found->r_addend == 0 &&
	       is_array(r, header, GELF_R_SYM(found->r_info));
}

/* A relocation changes eight bytes. */
static void mark_slot(struct reader *r, const GElf_Shdr *header, const GElf_Rela *found, const void *context)
{
	const GElf_Shdr *got = context;
	const uint64_t from = found->r_offset - got->sh_addr, count = got->sh_size / SLOT;
	const uint64_t first = from / SLOT, last = (from + SLOT - 1) / SLOT;

	if (first < count)
		r->marks[first] = first == last && r->marks[first] == AS_IN_THE_FILE && gives_array(r, header, found)
					  ? ARRAY : OTHER;
	if (first != last && last < count)
		r->marks[last] = OTHER;
}

static uint64_t number(const unsigned char b[SLOT])
{
	return word_of(b) | (uint64_t)word_of(b + 4) << 32;
}

static void add_slot(struct reader *r, GElf_Addr at)
{
	struct object *o = r->object;
	int64_t *grown = realloc(o->slots, (o->slot_count + 1) * sizeof *grown);

	if (!grown)
		refuse(r, 0, "no memory for %zu slots", o->slot_count);
	o->slots = grown;
	o->slots[o->slot_count++] = (int64_t)(at - r->array.st_value);
}

static void take_slots_of(struct reader *r, Elf_Scn *section, const GElf_Shdr *got)
{
	Elf_Data *bytes = elf_rawdata(section, NULL);
	const size_t count = got->sh_size / SLOT;

	if (!bytes || !bytes->d_buf || bytes->d_size != got->sh_size)
		refuse(r, got->sh_offset, "the words of a section are cut off");
	free(r->marks);
	r->marks = array_of(r, count, 1);
	each_relocation(r, mark_slot, got);
	for (size_t i = 0; i < count; i++) {
		const unsigned char *slot = (const unsigned char *)bytes->d_buf + i * SLOT;

		/* at a fixed address what the file has there is what is there */
		if (r->marks[i] == ARRAY ||
		    (r->marks[i] == AS_IN_THE_FILE && r->type == ET_EXEC && number(slot) == r->array.st_value))
			add_slot(r, got->sh_addr + i * SLOT);
	}
}

void take_slots(struct reader *r)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(r->elf, section))) {
		GElf_Shdr header = header_of(r, section);

		if (has_slots(r, &header))
			take_slots_of(r, section, &header);
	}
}

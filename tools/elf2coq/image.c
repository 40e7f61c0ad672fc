/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Of a linked image: the bytes from the first lock function to the end of the last, with what lies between, and
 * with functions that these go on in.
 * Where an instruction makes an address out of its own, there is something that stands for a relocation: how far
 * its own lies from the array's.  Coq does the rest.  Read next: slots.c.
 */
#include "reader.h"

#include <inttypes.h>
#include <string.h>

enum { WIDEST = 1 << 16 };

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* A function of the table, by its name; its prefix is that of the array. */
static bool is_lock_function(const struct reader *r, const GElf_Sym *symbol)
{
	const size_t prefix = strlen(r->array_name) - strlen("hlock_words");
	const char *name = elf_strptr(r->elf, r->names, symbol->st_name);

	return GELF_ST_TYPE(symbol->st_info) == STT_FUNC && symbol->st_shndx != SHN_UNDEF && name &&
	       strncmp(name, r->array_name, prefix) == 0 &&
	       (begins(name + prefix, "acquire_lock_") || begins(name + prefix, "release_lock_"));
}

/* From the first function to the end of the last. */
struct range {
	GElf_Addr low, high;
	const struct part *part;
};

static bool is_in(const struct part *part, GElf_Addr at, uint64_t size)
{
	return at >= part->header.sh_addr && at - part->header.sh_addr <= part->header.sh_size &&
	       size <= part->header.sh_size - (at - part->header.sh_addr);
}

/* It has this function, too, if it is not too wide then. */
static void widen(struct range *range, const GElf_Sym *function)
{
	const GElf_Addr end = function->st_value + function->st_size;
	const GElf_Addr low = function->st_value < range->low ? function->st_value : range->low;
	const GElf_Addr high = end > range->high ? end : range->high;

	if (high - low > WIDEST)
		return;
	range->low = low;
	range->high = high;
}

/* The function in which that address lies. */
static void widen_to(struct reader *r, struct range *range, GElf_Addr at)
{
	for (size_t i = 1; i < r->symbols; i++) {
		GElf_Sym symbol = symbol_at(r, i);

		if (GELF_ST_TYPE(symbol.st_info) == STT_FUNC && part_of(r, symbol.st_shndx) == range->part &&
		    symbol.st_value % r->machine->align == 0 && symbol.st_value <= at &&
		    at - symbol.st_value < symbol.st_size && is_in(range->part, symbol.st_value, symbol.st_size))
			widen(range, &symbol);
	}
}

/* A lock function may go on in another one, by a jump, which may lie elsewhere. */
static void widen_by_jumps(struct reader *r, struct range *range, const unsigned char *section)
{
	const struct range before = *range;

	for (GElf_Addr at = before.low; at < before.high; at += r->machine->align) {
		unsigned char b[LONGEST];
		GElf_Addr to;

		look_at(b, section, range->part->header.sh_size, at - range->part->header.sh_addr);
		to = at + (GElf_Addr)r->machine->distance(b);
		if (to < range->low || to >= range->high)
			widen_to(r, range, to);
	}
}

static struct range find_range(struct reader *r)
{
	struct range range = { .low = UINT64_MAX };

	for (size_t i = 1; i < r->symbols; i++) {
		GElf_Sym symbol = symbol_at(r, i);
		const struct part *part = part_of(r, symbol.st_shndx);
		GElf_Addr end;

		if (!is_lock_function(r, &symbol))
			continue;
		if (!part || (range.part && range.part != part))
			refuse(r, symbol.st_value, "the lock functions are not in one section of code");
		if (!is_in(part, symbol.st_value, symbol.st_size) || symbol.st_size == 0 ||
		    symbol.st_value % r->machine->align != 0)
			refuse(r, symbol.st_value, "the function %s is not in its section", name_of(r, &symbol));
		end = symbol.st_value + symbol.st_size;
		range.part = part;
		range.low = symbol.st_value < range.low ? symbol.st_value : range.low;
		range.high = end > range.high ? end : range.high;
	}
	if (!range.part)
		refuse(r, 0, "there is no lock function");
	if (range.high - range.low > WIDEST)
		refuse(r, range.low, "the lock functions span %" PRIu64 " bytes", range.high - range.low);
	return range;
}

bool is_loaded(struct reader *r, const GElf_Shdr *section, GElf_Addr low, GElf_Addr high, uint32_t asked,
	       uint32_t flags)
{
	const uint64_t offset = section->sh_offset + (low - section->sh_addr);
	size_t count;

	if (elf_getphdrnum(r->elf, &count) != 0)
		refuse(r, 0, "the segments cannot be read");
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr segment;

		if (!gelf_getphdr(r->elf, (int)i, &segment))
			refuse(r, 0, "there is no segment %zu", i);
		if (segment.p_type == PT_LOAD && segment.p_vaddr <= low && segment.p_offset <= offset &&
		    high - segment.p_vaddr <= segment.p_filesz &&
		    offset - segment.p_offset == low - segment.p_vaddr && (segment.p_flags & asked) == flags)
			return true;
	}
	return false;
}

/* What the section says is what is loaded, and is not written to. */
static void check_segment(struct reader *r, const struct range *range)
{
	const GElf_Shdr *header = &range->part->header;

	if (!is_loaded(r, header, range->low, range->high, PF_X | PF_W, PF_X))
		refuse(r, header->sh_offset + (range->low - header->sh_addr), "no segment loads the lock functions");
}

void each_relocation(struct reader *r, look *look, const void *context)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(r->elf, section))) {
		GElf_Shdr header = header_of(r, section);
		Elf_Data *data;

		if (!(header.sh_flags & SHF_ALLOC) || (header.sh_type != SHT_RELA && header.sh_type != SHT_REL))
			continue;
		data = elf_getdata(section, NULL);
		if (!data || data->d_size != header.sh_size)
			refuse(r, header.sh_offset, "the relocations are cut off");
		if (header.sh_type == SHT_RELA) {
			GElf_Rela rela;

			for (int i = 0; gelf_getrela(data, i, &rela); i++)
				look(r, &header, &rela, context);
		} else {
			GElf_Rel rel;

			for (int i = 0; gelf_getrel(data, i, &rel); i++)
				look(r, &header, &(GElf_Rela){ .r_offset = rel.r_offset }, context);
		}
	}
}

/* What is relocated when the image is loaded is not this code. */
static void refuse_relocated(struct reader *r, const GElf_Shdr *header, const GElf_Rela *found, const void *context)
{
	const struct range *range = context;

	(void)header;
	if (found->r_offset < range->high && found->r_offset + 8 > range->low)
		refuse(r, found->r_offset, "a relocation of code when it is loaded");
}

static const unsigned char *section_bytes(struct reader *r, const struct part *part)
{
	Elf_Data *bytes = elf_rawdata(part->section, NULL);

	if (!bytes || !bytes->d_buf || bytes->d_size != part->header.sh_size)
		refuse(r, part->header.sh_offset, "the code is cut off");
	return bytes->d_buf;
}

static void take_bytes(struct reader *r, const struct range *range, const unsigned char *section)
{
	r->object->size = range->high - range->low;
	r->object->code = array_of(r, r->object->size, 1);
	memcpy(r->object->code, section + (range->low - range->part->header.sh_addr), r->object->size);
}

static void take_lock_functions(struct reader *r, const struct range *range)
{
	struct object *o = r->object;

	o->functions = array_of(r, r->symbols, sizeof *o->functions);
	for (size_t i = 1; i < r->symbols; i++) {
		GElf_Sym symbol = symbol_at(r, i);
		struct code_symbol *f = &o->functions[o->function_count];

		if (!is_lock_function(r, &symbol))
			continue;
		*f = (struct code_symbol){ .name = strdup(name_of(r, &symbol)), .at = symbol.st_value - range->low };
		if (!f->name)
			refuse(r, 0, "no memory for a name");
		o->function_count++;
	}
	refuse_twins(r);
}

void take_image(struct reader *r)
{
	struct range range = find_range(r);
	const unsigned char *section = section_bytes(r, range.part);

	widen_by_jumps(r, &range, section);
	check_segment(r, &range);
	each_relocation(r, refuse_relocated, &range);
	take_bytes(r, &range, section);
	r->machine->take_own_addresses(r, range.low);
	take_lock_functions(r, &range);
	take_slots(r);
}

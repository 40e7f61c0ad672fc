/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Sections, symbols and names of an ELF file, or a refusal.
 */
#include "reader.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void refuse(struct reader *r, uint64_t offset, const char *why, ...)
{
	va_list args;
	int length = snprintf(r->reason, REASON_SIZE, "offset 0x%" PRIx64 ": ", offset);

	va_start(args, why);
	vsnprintf(r->reason + length, (size_t)(REASON_SIZE - length), why, args);
	va_end(args);
	longjmp(r->refused, 1);
}

void *array_of(struct reader *r, size_t count, size_t size)
{
	void *array = calloc(count ? count : 1, size);

	if (!array)
		refuse(r, 0, "no memory for %zu elements", count);
	return array;
}

GElf_Shdr header_of(struct reader *r, Elf_Scn *section)
{
	GElf_Shdr header;

	if (!section || !gelf_getshdr(section, &header))
		refuse(r, 0, "a section has no header: %s", elf_errmsg(-1));
	return header;
}

/* The symbol's name.  It is a name of C, or that of a copy which a compiler made, with dots (f.part.0), so it needs no
 * quoting in Coq. */
const char *name_of(struct reader *r, const GElf_Sym *symbol)
{
	const char *name = elf_strptr(r->elf, r->names, symbol->st_name);

	if (!name || !*name || name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.")])
		refuse(r, symbol->st_value, "the name of a symbol is not one of C");
	return name;
}

GElf_Sym symbol_at(struct reader *r, size_t i)
{
	GElf_Sym symbol;

	if (i >= r->symbols || !gelf_getsym(r->symbol_data, (int)i, &symbol))
		refuse(r, 0, "there is no symbol %zu", i);
	return symbol;
}

/* The section of code with that index, or NULL. */
struct part *part_of(struct reader *r, size_t index)
{
	for (size_t i = 0; i < r->part_count; i++)
		if (r->parts[i].index == index)
			return &r->parts[i];
	return NULL;
}

void look_at(unsigned char b[LONGEST], const unsigned char *bytes, uint64_t size, uint64_t at)
{
	const uint64_t left = at < size ? size - at : 0;

	memset(b, 0, LONGEST);
	memcpy(b, bytes + (at < size ? at : 0), left < LONGEST ? left : LONGEST);
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
void find_sections(struct reader *r)
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

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct code_symbol *)a)->name, ((const struct code_symbol *)b)->name);
}

const char *const stop_names[STOPS] = { "hlock_wrong", "__stack_chk_fail" };

/* Which of these it is, if it is one that another file has; or -1. */
int stop_elsewhere(struct reader *r, const GElf_Sym *symbol)
{
	const char *name = elf_strptr(r->elf, r->names, symbol->st_name);

	for (int i = 0; symbol->st_shndx == SHN_UNDEF && name && i < STOPS; i++)
		if (strcmp(name, stop_names[i]) == 0)
			return i;
	return -1;
}

/* No two have one name. */
void refuse_twins(struct reader *r)
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

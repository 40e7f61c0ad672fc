/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What object.c and image.c read an ELF file with.  What is not known is refused, with its offset: in the
 * file, or in the code or the memory if it is something of these.
 */
#ifndef READER_H
#define READER_H

#include "object.h"

#include <gelf.h>
#include <setjmp.h>
#include <stdbool.h>

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

__attribute__((noreturn, format(printf, 3, 4)))
void refuse(struct reader *r, uint64_t offset, const char *why, ...);
void *array_of(struct reader *r, size_t count, size_t size);
GElf_Shdr header_of(struct reader *r, Elf_Scn *section);
const char *name_of(struct reader *r, const GElf_Sym *symbol);
GElf_Sym symbol_at(struct reader *r, size_t i);
struct part *part_of(struct reader *r, size_t index);
int64_t words_to_go(const unsigned char *b);
void find_sections(struct reader *r);
void refuse_twins(struct reader *r);

/* image.c: of a linked image, whose array is found. */
void take_image(struct reader *r);

#endif

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

struct reader;
struct part;

/* The bytes from some place on, zeros where there are no more: no instruction has more. */
enum { LONGEST = 16 };

/* What depends on the machine; aarch64.c, riscv64.c and x86_64.c have one each. */
struct machine {
	unsigned number;                 /* in the ELF header */
	const char *target, *relocation; /* as in object.h */
	unsigned refused_flags;          /* in the header, too: of what no decoder knows */
	unsigned align;                  /* instructions lie at its multiples */
	/* A relocation as Coq has it; its kind is NULL if nothing is to be said of it. */
	struct relocation (*relocation_of)(struct reader *r, const struct part *part, const GElf_Rela *found);
	/* How far behind an instruction the next one may begin; 0: no decoder knows this one.  NULL: the decoder
	 * itself looks that nothing leaves a section, if it has this: which sections there are. */
	size_t (*length)(const unsigned char b[LONGEST]);
	void (*take_parts)(struct reader *r);
	/* How far it jumps, in bytes, if it is a jump that the decoder knows; or 0. */
	int64_t (*distance)(const unsigned char b[LONGEST]);
	/* The same of two instructions that are one jump in an object; or NULL. */
	int64_t (*far_distance)(const unsigned char b[LONGEST]);
	/* Of an image whose code begins at that address: what stands for relocations. */
	void (*take_own_addresses)(struct reader *r, GElf_Addr low);
	/* When an image is loaded, these put a whole address in its place: that of the image with the addend, and, the
	 * last two, a symbol's. */
	uint64_t relative, absolute, slot;
};
extern const struct machine machine_aarch64, machine_riscv64, machine_x86_64;

/* Of a byte of code: an instruction that can be run begins there; if that jumps, a relocation says where, or that no
 * decoder knows it; a linker may delete it; it lies within what may be deleted; it is of nops that may be deleted; a
 * relocation is of that place; one changes it. */
enum { BEGINS = 1, LINKED = 2, DELETABLE = 4, INSIDE = 8, NOPS = 16, RELOCATED = 32, CHANGED = 64 };

/* A section of code, and where it begins in what is taken. */
struct part {
	Elf_Scn *section;
	size_t index;
	GElf_Shdr header;
	uint64_t from;
	bool relocated;
};

/* What never returns: hlock_wrong reports a wrong call, __stack_chk_fail a frame that was written to. */
#define STOPS 2
extern const char *const stop_names[STOPS];

struct reader {
	const struct machine *machine;
	int type;                            /* of the file: ET_REL or another */
	int file;
	Elf *whole, *member, *elf;           /* elf: the one or the other */
	Elf_Scn *symtab;
	struct part *parts;
	size_t part_count;
	size_t symbols, names;               /* names: the section of the symbols' names */
	Elf_Data *symbol_data;
	GElf_Sym array;
	struct object *object;
	unsigned char *marks;                /* of each byte of its code, or each slot */
	uint64_t stops[STOPS];               /* a place for each of these that another file has; or 0 */
	uint64_t *places;                    /* what check_jumps is yet to look at */
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
void find_sections(struct reader *r);
void refuse_twins(struct reader *r);
int stop_elsewhere(struct reader *r, const GElf_Sym *symbol);
void look_at(unsigned char b[LONGEST], const unsigned char *bytes, uint64_t size, uint64_t at);

/* relocations.c, for the machines.  The field of so many bytes is in its section. */
void check_field(struct reader *r, const struct part *part, const GElf_Rela *found, uint64_t size);
/* To a byte of the array; to a place in the code of this file alone, `less` than the code's; if it is to something
 * else, of the other kind, which has no addend. */
struct relocation to_array(struct reader *r, const struct part *part, const GElf_Rela *found, const char *kind,
			   const char *other);
struct relocation to_code(struct reader *r, const struct part *part, const GElf_Rela *found, const char *kind,
			  uint64_t less, const char *other);
/* The same of a jump, whose field is the linker's. */
struct relocation to_place(struct reader *r, const struct part *part, const GElf_Rela *found, const char *kind,
			   const char *other);
/* To the slot that holds the array's address. */
struct relocation to_slot(struct reader *r, const struct part *part, const GElf_Rela *found, const char *kind,
			  const char *other);
/* To something else, or of an unknown type, which changes 4 bytes, or 8: then it is two, of four each. */
struct relocation to_other(struct reader *r, const struct part *part, const GElf_Rela *found, const char *other);
struct relocation unknown(struct reader *r, const struct part *part, const GElf_Rela *found, uint64_t size);
/* It is to a byte of the array, or may be; that lies so much behind its place and addend, at least, at most. */
bool is_to_array(struct reader *r, const GElf_Rela *found, uint64_t least, uint64_t most);
struct relocation from_array(struct reader *r, const struct part *part, const GElf_Rela *found, const char *kind);
/* Something that is said of a place and is no relocation of the file. */
void add_own(struct reader *r, uint64_t at, const char *kind, GElf_Addr value);
void take_relocations(struct reader *r);

/* jumps.c: no jump goes elsewhere than it will when it is linked. */
void check_jumps(struct reader *r);

/* image.c: of a linked image, whose array is found. */
void take_image(struct reader *r);
/* What its file has of a section, from one address to another, is what is loaded there, with these of the flags that
 * are asked for. */
bool is_loaded(struct reader *r, const GElf_Shdr *section, GElf_Addr low, GElf_Addr high, uint32_t asked,
	       uint32_t flags);
/* Each relocation that is made when it is loaded, with the header of its section; of one without an addend its place
 * alone. */
typedef void look(struct reader *r, const GElf_Shdr *header, const GElf_Rela *found, const void *context);
void each_relocation(struct reader *r, look *look, const void *context);

/* slots.c: which slots of the global offset table hold the array's address then. */
void take_slots(struct reader *r);

static inline uint32_t word_of(const unsigned char *b)
{
	return b[0] | b[1] << 8 | b[2] << 16 | (uint32_t)b[3] << 24;
}

/* The lowest bits of a number, as one with a sign. */
static inline int64_t with_sign(uint64_t n, unsigned bits)
{
	return (int64_t)(n << (64 - bits)) >> (64 - bits);
}

#endif

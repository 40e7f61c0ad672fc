/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What object/armv8_decode.v knows of relocations, jumps and images.
 */
#include "reader.h"

#include <string.h>

enum { PAGE = 4096 };

/* The page of a byte of the array, or of a literal, which lies in the code. */
static struct relocation page(struct reader *r, const struct part *part, const GElf_Rela *found)
{
	GElf_Sym symbol = symbol_at(r, GELF_R_SYM(found->r_info));

	return symbol.st_shndx == r->array.st_shndx ? to_array(r, part, found, "Page_21", "Other_page")
						    : to_code(r, part, found, "Literal_page", 0, "Other_page");
}

/* How many bytes one changes that is to something else, or not known: of data of 64 bits, or if nobody knows. */
static uint64_t field(uint64_t type)
{
	return type == R_AARCH64_ABS64 || type == R_AARCH64_PREL64 || type == R_AARCH64_GOTREL64 ||
	       type < R_AARCH64_ABS64 || type >= R_AARCH64_COPY ? 8 : 4;
}

/* The array's address, in the code.  Coq has one for each half. */
static struct relocation literal(struct reader *r, const struct part *part, const GElf_Rela *found)
{
	struct relocation low;

	if (!is_to_array(r, found, 0, 0))
		return unknown(r, part, found, 8);
	low = from_array(r, part, found, "Literal_low");
	check_field(r, part, found, 8);
	add_own(r, low.at + 4, "Literal_high", (GElf_Addr)low.addend);
	return low;
}

/* Of libgcc's functions for atomics one accesses memory for the code that calls it: it is no function like others. */
static struct relocation call(struct reader *r, const struct part *part, const GElf_Rela *found)
{
	GElf_Sym symbol = symbol_at(r, GELF_R_SYM(found->r_info));
	const char *name = elf_strptr(r->elf, r->names, symbol.st_name);
	const bool is_atomic = name && strncmp(name, "__aarch64_", strlen("__aarch64_")) == 0;

	return to_place(r, part, found, "Call_26", is_atomic ? "Other_thing" : "Other_call");
}

static struct relocation relocation_of(struct reader *r, const struct part *part, const GElf_Rela *found)
{
	switch (GELF_R_TYPE(found->r_info)) {
	case R_AARCH64_ADR_PREL_PG_HI21:
		return page(r, part, found);
	case R_AARCH64_ADD_ABS_LO12_NC:
		return to_array(r, part, found, "Add_12", "Other_12");
	case R_AARCH64_LDST32_ABS_LO12_NC:
		return to_array(r, part, found, "Access_12", "Other_12");
	case R_AARCH64_ADR_PREL_LO21:
		return to_array(r, part, found, "Near_21", "Other_near");
	case R_AARCH64_ADR_GOT_PAGE:
		return to_slot(r, part, found, "Got_page", "Other_page");
	case R_AARCH64_LD64_GOT_LO12_NC:
		return to_slot(r, part, found, "Got_12", "Other_got");
	case R_AARCH64_GOT_LD_PREL19:
		return to_slot(r, part, found, "Got_near", "Other_thing");
	case R_AARCH64_JUMP26:
		return to_place(r, part, found, "Jump_26", "Other_thing");
	case R_AARCH64_CALL26:
		return call(r, part, found);
	case R_AARCH64_LDST64_ABS_LO12_NC:
		return to_code(r, part, found, "Literal_12", 0, "Other_12");
	case R_AARCH64_LDST8_ABS_LO12_NC:
	case R_AARCH64_LDST16_ABS_LO12_NC:
	case R_AARCH64_LDST128_ABS_LO12_NC:
		return to_other(r, part, found, is_to_array(r, found, 0, 0) ? "Other_thing" : "Other_12");
	case R_AARCH64_ABS64:
		return literal(r, part, found);
	case R_AARCH64_MOVW_UABS_G0_NC:
		return to_array(r, part, found, "Wide_0", "Other_wide");
	case R_AARCH64_MOVW_UABS_G1_NC:
		return to_array(r, part, found, "Wide_16", "Other_wide");
	case R_AARCH64_MOVW_UABS_G2_NC:
		return to_array(r, part, found, "Wide_32", "Other_wide");
	case R_AARCH64_MOVW_UABS_G3:
		return to_array(r, part, found, "Wide_48", "Other_wide");
	default:
		return unknown(r, part, found, field(GELF_R_TYPE(found->r_info)));
	}
}

static size_t length(const unsigned char b[LONGEST])
{
	(void)b;
	return 4;
}

/* B, BL, B.cond, CBZ and CBNZ; and LDR of a literal, which has to lie in its section, too. */
static int64_t distance(const unsigned char b[LONGEST])
{
	const uint32_t word = word_of(b);

	if ((word & 0x7c000000) == 0x14000000)
		return 4 * with_sign(word, 26);
	if ((word & 0xff000010) == 0x54000000 || (word & 0x7e000000) == 0x34000000 || word >> 24 == 0x58)
		return 4 * with_sign(word >> 5, 19);
	return 0;
}

/* ADR, LDR of a literal, and ADRP: how far the instruction, or its page, lies from the array; and of MOVZ, if the
 * array lies where it was linked, how far from it the address 0 lies. */
static void take_own_addresses(struct reader *r, GElf_Addr low)
{
	for (size_t at = 0; at + 4 <= r->object->size; at += 4) {
		const uint32_t word = word_of(r->object->code + at);
		const GElf_Addr own = low + at;

		if ((word & 0x9f000000) == 0x90000000)
			add_own(r, at, "Image_page", own / PAGE * PAGE - r->array.st_value);
		else if ((word & 0x9f000000) == 0x10000000 || word >> 24 == 0x58)
			add_own(r, at, "Image_near", own - r->array.st_value);
		else if (word >> 21 == 0xd2800000 >> 21 && r->type == ET_EXEC)
			add_own(r, at, "Image_wide", - r->array.st_value);
	}
}

const struct machine machine_aarch64 = {
	.number = EM_AARCH64, .target = "aarch64", .relocation = "armv8_relocation", .align = 4,
	.relocation_of = relocation_of, .length = length, .distance = distance,
	.take_own_addresses = take_own_addresses,
	.relative = R_AARCH64_RELATIVE, .absolute = R_AARCH64_ABS64, .slot = R_AARCH64_GLOB_DAT
};

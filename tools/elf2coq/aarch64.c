/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What object/armv8_decode.v knows of relocations, jumps and images.
 */
#include "reader.h"

enum { PAGE = 4096 };

static struct relocation relocation_of(struct reader *r, const struct part *part, const GElf_Rela *found)
{
	switch (GELF_R_TYPE(found->r_info)) {
	case R_AARCH64_ADR_PREL_PG_HI21:
		return to_array(r, part, found, "Page_21");
	case R_AARCH64_ADD_ABS_LO12_NC:
		return to_array(r, part, found, "Add_12");
	case R_AARCH64_LDST32_ABS_LO12_NC:
		return to_array(r, part, found, "Access_12");
	case R_AARCH64_ADR_PREL_LO21:
		return to_array(r, part, found, "Near_21");
	case R_AARCH64_ADR_GOT_PAGE:
		return to_array(r, part, found, "Got_page");
	case R_AARCH64_LD64_GOT_LO12_NC:
		return to_array(r, part, found, "Got_12");
	case R_AARCH64_GOT_LD_PREL19:
		return to_array(r, part, found, "Got_near");
	case R_AARCH64_JUMP26:
		return to_place(r, part, found, "Jump_26");
	case R_AARCH64_CALL26:
		return to_place(r, part, found, "Call_26");
	default:
		unknown(r, found);
	}
}

static size_t length(const unsigned char b[LONGEST])
{
	(void)b;
	return 4;
}

/* B, BL, B.cond, CBZ and CBNZ. */
static int64_t distance(const unsigned char b[LONGEST])
{
	const uint32_t word = word_of(b);

	if ((word & 0x7c000000) == 0x14000000)
		return 4 * with_sign(word, 26);
	if ((word & 0xff000010) == 0x54000000 || (word & 0x7e000000) == 0x34000000)
		return 4 * with_sign(word >> 5, 19);
	return 0;
}

/* ADR and ADRP: how far the instruction, or its page, lies from the array. */
static void take_own_addresses(struct reader *r, GElf_Addr low)
{
	for (size_t at = 0; at + 4 <= r->object->size; at += 4) {
		const unsigned char last = r->object->code[at + 3];
		const GElf_Addr own = low + at;

		if ((last & 0x1f) != 0x10)
			continue;
		if (last & 0x80)
			add_own(r, at, "Image_page", own / PAGE * PAGE - r->array.st_value);
		else
			add_own(r, at, "Image_near", own - r->array.st_value);
	}
}

const struct machine machine_aarch64 = {
	.number = EM_AARCH64, .target = "aarch64", .relocation = "armv8_relocation", .align = 4,
	.relocation_of = relocation_of, .length = length, .distance = distance,
	.take_own_addresses = take_own_addresses,
	.relative = R_AARCH64_RELATIVE, .absolute = R_AARCH64_ABS64, .slot = R_AARCH64_GLOB_DAT
};

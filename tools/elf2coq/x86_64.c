/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What object/x86_decode.v knows of relocations, jumps and images.
 */
#include "reader.h"

/* Behind the field of four bytes there may be a number of as many; from behind them an address is.  Of a jump the
 * addend is less by the four bytes of the field, from behind which it goes. */
static struct relocation near(struct reader *r, const struct part *part, const GElf_Rela *found)
{
	return is_to_array(r, found, 4, 8) ? from_array(r, part, found, "Near_32")
					   : to_code(r, part, found, "Jump_32", 4, "Other_32");
}

/* How many bytes it changes, at most: eight if nobody knows. */
static uint64_t field(uint64_t type)
{
	switch (type) {
	case R_X86_64_PC32:
	case R_X86_64_GOT32:
	case R_X86_64_PLT32:
	case R_X86_64_GOTPCREL:
	case R_X86_64_32:
	case R_X86_64_32S:
	case R_X86_64_TPOFF32:
	case R_X86_64_DTPOFF32:
	case R_X86_64_GOTPC32:
	case R_X86_64_GOTPCRELX:
	case R_X86_64_REX_GOTPCRELX:
		return 4;
	default:
		return 8;
	}
}

static struct relocation relocation_of(struct reader *r, const struct part *part, const GElf_Rela *found)
{
	check_field(r, part, found, field(GELF_R_TYPE(found->r_info)));
	switch (GELF_R_TYPE(found->r_info)) {
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
		return near(r, part, found);
	case R_X86_64_GOTPCREL:
	case R_X86_64_GOTPCRELX:
	case R_X86_64_REX_GOTPCRELX:
		return to_slot(r, part, found, "Got_32", "Other_thing");
	case R_X86_64_32S:
		return to_array(r, part, found, "Signed_32", "Other_32s");
	case R_X86_64_32:
		return to_array(r, part, found, "Unsigned_32", "Other_thing");
	case R_X86_64_64:
		return is_to_array(r, found, 0, 0) ? from_array(r, part, found, "Whole_64")
						   : unknown(r, part, found, 8);
	default:
		return unknown(r, part, found, field(GELF_R_TYPE(found->r_info)));
	}
}

/* JE, JNE and JMP.  In an image each byte may be the first of one: where instructions begin, only the
 * decoder knows. */
static int64_t distance(const unsigned char b[LONGEST])
{
	if (b[0] == 0x74 || b[0] == 0x75 || b[0] == 0xeb)
		return 2 + with_sign(b[1], 8);
	if (b[0] == 0xe9)
		return 5 + with_sign(word_of(b + 1), 32);
	if (b[0] == 0x0f && (b[1] == 0x84 || b[1] == 0x85))
		return 6 + with_sign(word_of(b + 2), 32);
	return 0;
}

/* Where sections begin and end, for the decoder: only it can say that nothing leaves one. */
static void take_parts(struct reader *r)
{
	for (size_t i = 0; r->part_count > 1 && i < r->part_count; i++)
		add_own(r, r->parts[i].from, "Code_part", r->parts[i].header.sh_size);
}

/* How far the code lies from the array; and where the array lies, if that is where it was linked. */
static void take_own_addresses(struct reader *r, GElf_Addr low)
{
	add_own(r, 0, "Image_text", low - r->array.st_value);
	if (r->type == ET_EXEC)
		add_own(r, 0, "Image_array", r->array.st_value);
}

const struct machine machine_x86_64 = {
	.number = EM_X86_64, .target = "x86_64", .relocation = "x86_relocation", .align = 1,
	.relocation_of = relocation_of, .distance = distance, .take_parts = take_parts,
	.take_own_addresses = take_own_addresses,
	.relative = R_X86_64_RELATIVE, .absolute = R_X86_64_64, .slot = R_X86_64_GLOB_DAT
};

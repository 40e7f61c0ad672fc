/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What object/riscv_decode.v knows of relocations, jumps and images.
 */
#include "reader.h"

static void mark(struct reader *r, const struct part *part, uint64_t at, uint64_t size, unsigned char what)
{
	for (uint64_t i = at; i < at + size && i < part->header.sh_size; i++)
		r->marks[part->from + i] |= what;
}

/* All of these bytes, or some of the last. */
static void may_go(struct reader *r, const struct part *part, uint64_t at, uint64_t size)
{
	mark(r, part, at, size, DELETABLE);
	if (size > 0)
		mark(r, part, at + 1, size - 1, INSIDE);
}

static size_t length(const unsigned char b[LONGEST])
{
	return (b[0] & 0x03) != 0x03 ? 2 : (b[0] & 0x1f) != 0x1f ? 4 : 0;
}

static bool is_nop(const unsigned char *b)
{
	return length(b) == 2 ? b[0] == 0x01 && b[1] == 0 : word_of(b) == 0x00000013;
}

/* So many bytes of nops, of which a linker leaves what it needs: a nop does nothing, so nothing is to be said of
 * them.  Of something else there, what a linker leaves is not what is proved. */
static void take_align(struct reader *r, const struct part *part, const GElf_Rela *found)
{
	const uint64_t from = found->r_offset, size = (uint64_t)found->r_addend;
	unsigned char b[LONGEST];

	if (size > part->header.sh_size - from)
		refuse(r, from, "an alignment of more bytes than there are");
	for (uint64_t at = from; at < from + size; at += length(b)) {
		look_at(b, r->object->code + part->from, from + size, at);
		if (!is_nop(b) || length(b) > from + size - at)
			refuse(r, at, "an alignment of something other than nops");
		if (r->marks[part->from + at] & NOPS)
			refuse(r, at, "two alignments of the same nops");
	}
	may_go(r, part, from, size);
	mark(r, part, from, size, NOPS);
}

/* Relaxation: the linker may make the instruction shorter, or delete it. */
static void take_relax(struct reader *r, const struct part *part, uint64_t at)
{
	unsigned char b[LONGEST];

	look_at(b, r->object->code + part->from, part->header.sh_size, at);
	may_go(r, part, at, length(b));
}

/* The lower half of an address; its symbol is where AUIPC has the upper half. */
static struct relocation lower(struct reader *r, const struct part *part, const GElf_Rela *found)
{
	if (found->r_addend != 0)
		refuse(r, found->r_offset, "an addend to the lower half of an address");
	return to_code(r, part, found, "Pcrel_lo", 0, "Other_thing");
}

/* The address of a slot; an addend would be one to that. */
static struct relocation slot(struct reader *r, const struct part *part, const GElf_Rela *found)
{
	if (found->r_addend != 0)
		refuse(r, found->r_offset, "an addend to the address of a slot");
	return to_slot(r, part, found, "Got_hi", "Other_thing");
}

/* How many bytes it changes, or says something of, at most: eight if nobody knows. */
static uint64_t field(uint64_t type)
{
	switch (type) {
	case R_RISCV_NONE:
	case R_RISCV_ALIGN:
	case R_RISCV_RELAX:
		return 0;
	case R_RISCV_RVC_BRANCH:
	case R_RISCV_RVC_JUMP:
		return 2;
	case R_RISCV_64:
	case R_RISCV_ADD64:
	case R_RISCV_SUB64:
	case R_RISCV_CALL:
	case R_RISCV_CALL_PLT:
		return 8;
	default:
		return type == R_RISCV_32 || (type >= R_RISCV_BRANCH && type <= R_RISCV_32_PCREL) ? 4 : 8;
	}
}

static struct relocation relocation_of(struct reader *r, const struct part *part, const GElf_Rela *found)
{
	const uint64_t size = field(GELF_R_TYPE(found->r_info));

	check_field(r, part, found, size);
	if (size > 0) {
		mark(r, part, found->r_offset, 1, RELOCATED);
		mark(r, part, found->r_offset, size, CHANGED);
	}
	switch (GELF_R_TYPE(found->r_info)) {
	case R_RISCV_PCREL_HI20:
		return to_array(r, part, found, "Pcrel_hi", "Other_hi");
	case R_RISCV_GOT_HI20:
		return slot(r, part, found);
	case R_RISCV_PCREL_LO12_I:
		return lower(r, part, found);
	case R_RISCV_HI20:
		return to_array(r, part, found, "Abs_hi", "Other_abs");
	case R_RISCV_LO12_I:
		return to_array(r, part, found, "Abs_lo", "Other_abs");
	case R_RISCV_LO12_S:
		return to_array(r, part, found, "Abs_lo_s", "Other_thing");
	case R_RISCV_BRANCH:
		return to_place(r, part, found, "Branch", "Other_thing");
	case R_RISCV_JAL:
		return to_place(r, part, found, "Jal", "Other_thing");
	case R_RISCV_RVC_BRANCH:
		return to_place(r, part, found, "Rvc_branch", "Other_thing");
	case R_RISCV_RVC_JUMP:
		return to_place(r, part, found, "Rvc_jump", "Other_thing");
	case R_RISCV_CALL:
	case R_RISCV_CALL_PLT:
		mark(r, part, found->r_offset + 1, size - 1, INSIDE);
		return to_place(r, part, found, "Call", "Other_call");
	case R_RISCV_ALIGN:
		take_align(r, part, found);
		break;
	case R_RISCV_RELAX:
		take_relax(r, part, found->r_offset);
		break;
	case R_RISCV_NONE:
		break;
	default:
		if (size > 4)
			mark(r, part, found->r_offset + 4, 1, RELOCATED);
		return unknown(r, part, found, size);
	}
	return (struct relocation){ .kind = NULL };
}

/* The bit of a field at a place, moved to another one. */
static uint64_t bits(uint32_t word, unsigned from, unsigned size, unsigned to)
{
	return (uint64_t)(word >> from & ((1U << size) - 1)) << to;
}

/* JAL, the branches, C.J, C.BEQZ and C.BNEZ. */
static int64_t distance(const unsigned char b[LONGEST])
{
	const uint32_t w = word_of(b);

	if ((w & 0x7f) == 0x6f)
		return with_sign(bits(w, 31, 1, 20) | bits(w, 12, 8, 12) | bits(w, 20, 1, 11) | bits(w, 21, 10, 1), 21);
	if ((w & 0x7f) == 0x63)
		return with_sign(bits(w, 31, 1, 12) | bits(w, 7, 1, 11) | bits(w, 25, 6, 5) | bits(w, 8, 4, 1), 13);
	if ((w & 0xe003) == 0xa001)
		return with_sign(bits(w, 12, 1, 11) | bits(w, 8, 1, 10) | bits(w, 9, 2, 8) | bits(w, 6, 1, 7) |
				 bits(w, 7, 1, 6) | bits(w, 2, 1, 5) | bits(w, 11, 1, 4) | bits(w, 3, 3, 1), 12);
	if ((w & 0xc003) == 0xc001)
		return with_sign(bits(w, 12, 1, 8) | bits(w, 5, 2, 6) | bits(w, 2, 1, 5) | bits(w, 10, 2, 3) |
				 bits(w, 3, 2, 1), 9);
	return 0;
}

/* AUIPC and JALR of ra, or by way of t1. */
static int64_t far_distance(const unsigned char b[LONGEST])
{
	const uint32_t w = word_of(b), next = word_of(b + 4);

	if (((w & 0xfff) != 0x97 || (next & 0xfffff) != 0x80e7) &&
	    ((w & 0xfff) != 0x317 || (next & 0xfffff) != 0x30067))
		return 0;
	return with_sign(w & 0xfffff000, 32) + with_sign(next >> 20, 12);
}

/* What LUI makes, or C.LUI, which others look like; or 0. */
static int64_t lui(const unsigned char b[LONGEST])
{
	const uint32_t w = word_of(b), rd = w >> 7 & 31;

	if ((w & 0x7f) == 0x37)
		return 4096 * with_sign(w >> 12, 20);
	if ((w & 0xe003) == 0x6001 && rd != 0 && rd != 2)
		return 4096 * with_sign(bits(w, 12, 1, 5) | bits(w, 2, 5, 0), 6);
	return 0;
}

/* With what is added to it, it is the address of a byte of the array, or may be. */
static bool is_by_array(const struct reader *r, uint64_t address)
{
	const uint64_t behind = address + 4096 + 2048 - r->array.st_value;

	return behind > 0 && behind < r->array.st_size + 4096 + 2 * 2048;
}

/* At each place where one may begin: how far AUIPC lies from the array; and of LUI, if the array lies where it was
 * linked, how far from it the address 0 lies. */
static void take_own_addresses(struct reader *r, GElf_Addr low)
{
	for (size_t at = 0; at + 2 <= r->object->size; at += 2) {
		unsigned char b[LONGEST];

		look_at(b, r->object->code, r->object->size, at);
		if ((b[0] & 0x7f) == 0x17)
			add_own(r, at, "Image_auipc", low + at - r->array.st_value);
		else if (r->type == ET_EXEC && lui(b) && is_by_array(r, (uint64_t)lui(b)))
			add_own(r, at, "Image_lui", - r->array.st_value);
	}
}

const struct machine machine_riscv64 = {
	.number = EM_RISCV, .target = "riscv64", .relocation = "riscv_relocation",
	.refused_flags = EF_RISCV_RVE, .align = 2,
	.relocation_of = relocation_of, .length = length, .distance = distance, .far_distance = far_distance,
	.take_own_addresses = take_own_addresses,
	.relative = R_RISCV_RELATIVE, .absolute = R_RISCV_64, .slot = R_RISCV_64
};

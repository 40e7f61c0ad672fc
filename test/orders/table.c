/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The table: what each instruction does to memory, and in which order.
 * It was written from the manuals of the machines, and not from what compilers make
 * of the C.  It has instructions of weaker order too, so that they are seen to be weaker.
 * What accesses or orders memory, or calls, and is not here is not covered: then there
 * is no verdict.
 *
 * On x86 a weaker order is often the same instruction: there this shows that no word
 * is locked that need not be; the orders themselves are seen on the other two.
 * Read next: sequence.c.
 */
#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "orders.h"

/* Operands: mem, imm, w and x (aarch64 registers of 32 and 64 bits), reg (others). */
static const struct row {
	unsigned machine;
	const char *code;
	enum kind kind;
	bool acquires, releases;
} rows[] = {
	{ EM_AARCH64, "ldr w,mem", LOAD, false, false },
	{ EM_AARCH64, "ldar w,mem", LOAD, true, false },
	{ EM_AARCH64, "ldapr w,mem", LOAD, true, false },
	{ EM_AARCH64, "str w,mem", STORE, false, false },
	{ EM_AARCH64, "stlr w,mem", STORE, false, true },
	{ EM_AARCH64, "ldxr w,mem", EXCLUSIVE_LOAD, false, false },
	{ EM_AARCH64, "ldaxr w,mem", EXCLUSIVE_LOAD, true, false },
	{ EM_AARCH64, "stxr w,w,mem", EXCLUSIVE_STORE, false, false },
	{ EM_AARCH64, "stlxr w,w,mem", EXCLUSIVE_STORE, false, true },
	{ EM_AARCH64, "ldadd w,w,mem", ATOMIC, false, false },
	{ EM_AARCH64, "ldadda w,w,mem", ATOMIC, true, false },
	{ EM_AARCH64, "ldaddl w,w,mem", ATOMIC, false, true },
	{ EM_AARCH64, "ldaddal w,w,mem", ATOMIC, true, true },
	{ EM_AARCH64, "stadd w,mem", ATOMIC, false, false },
	{ EM_AARCH64, "staddl w,mem", ATOMIC, false, true },
	{ EM_AARCH64, "wfe", HINT, false, false },
	{ EM_AARCH64, "yield", HINT, false, false },
	{ EM_AARCH64, "ldrb w,mem", OTHER_SIZE, false, false },
	{ EM_AARCH64, "ldarb w,mem", OTHER_SIZE, false, false },
	{ EM_AARCH64, "ldrh w,mem", OTHER_SIZE, false, false },
	{ EM_AARCH64, "ldarh w,mem", OTHER_SIZE, false, false },
	{ EM_AARCH64, "strb w,mem", OTHER_SIZE, false, false },
	{ EM_AARCH64, "stlrb w,mem", OTHER_SIZE, false, false },
	{ EM_AARCH64, "strh w,mem", OTHER_SIZE, false, false },
	{ EM_AARCH64, "stlrh w,mem", OTHER_SIZE, false, false },
	{ EM_X86_64, "movl mem,reg", LOAD, true, false },
	{ EM_X86_64, "addl mem,reg", LOAD, true, false },
	{ EM_X86_64, "cmpl mem,reg", LOAD, true, false },
	{ EM_X86_64, "cmpl reg,mem", LOAD, true, false },
	{ EM_X86_64, "movl reg,mem", STORE, false, true },
	{ EM_X86_64, "movl imm,mem", STORE, false, true },
	{ EM_X86_64, "incl mem", UPDATE, false, true },
	{ EM_X86_64, "addl imm,mem", UPDATE, false, true },
	{ EM_X86_64, "xaddl reg,mem", UPDATE, false, true },
	{ EM_X86_64, "lock xaddl reg,mem", ATOMIC, true, true },
	{ EM_X86_64, "lock incl mem", ATOMIC, true, true },
	{ EM_X86_64, "lock addl imm,mem", ATOMIC, true, true },
	{ EM_X86_64, "lock orl imm,mem", ATOMIC, true, true },
	{ EM_X86_64, "xchgl reg,mem", ATOMIC, true, true },
	{ EM_X86_64, "pause", HINT, false, false },
	{ EM_X86_64, "movzbl mem,reg", OTHER_SIZE, false, false },
	{ EM_X86_64, "movzwl mem,reg", OTHER_SIZE, false, false },
	{ EM_X86_64, "movb mem,reg", OTHER_SIZE, false, false },
	{ EM_X86_64, "movb reg,mem", OTHER_SIZE, false, false },
	{ EM_X86_64, "movw mem,reg", OTHER_SIZE, false, false },
	{ EM_X86_64, "movw reg,mem", OTHER_SIZE, false, false },
	{ EM_X86_64, "incb mem", OTHER_SIZE, false, false },
	{ EM_X86_64, "incw mem", OTHER_SIZE, false, false },
	{ EM_RISCV, "lw reg,mem", LOAD, false, false },
	{ EM_RISCV, "lwu reg,mem", LOAD, false, false },
	{ EM_RISCV, "sw reg,mem", STORE, false, false },
	{ EM_RISCV, "amoadd.w reg,reg,mem", ATOMIC, false, false },
	{ EM_RISCV, "amoadd.w.aq reg,reg,mem", ATOMIC, true, false },
	{ EM_RISCV, "amoadd.w.rl reg,reg,mem", ATOMIC, false, true },
	{ EM_RISCV, "amoadd.w.aqrl reg,reg,mem", ATOMIC, true, true },
	{ EM_RISCV, "amoswap.w reg,reg,mem", ATOMIC, false, false },
	{ EM_RISCV, "amoswap.w.rl reg,reg,mem", ATOMIC, false, true },
	{ EM_RISCV, "lb reg,mem", OTHER_SIZE, false, false },
	{ EM_RISCV, "lbu reg,mem", OTHER_SIZE, false, false },
	{ EM_RISCV, "lh reg,mem", OTHER_SIZE, false, false },
	{ EM_RISCV, "lhu reg,mem", OTHER_SIZE, false, false },
	{ EM_RISCV, "sb reg,mem", OTHER_SIZE, false, false },
	{ EM_RISCV, "sh reg,mem", OTHER_SIZE, false, false },
};

static const char *operand_kind(unsigned machine, const char *operand)
{
	if (strpbrk(operand, "[("))
		return "mem";
	if (*operand == '$' || *operand == '#')
		return "imm";
	if (*operand == '%' || machine == EM_RISCV)
		return "reg";
	return *operand == 'w' ? "w" : *operand == 'x' ? "x" : "other";
}

static bool leaves_function(const struct instruction *i)
{
	return i->flow == CALL || i->flow == LEAVE || (i->flow == BRANCH && i->target == OUTSIDE);
}

static void set_text(struct access *a, unsigned machine, const struct instruction *i)
{
	size_t used;

	snprintf(a->text, sizeof a->text, "%s%s", i->locked ? "lock " : "", i->mnemonic);
	for (unsigned k = 0; k < i->operands; k++) {
		used = strlen(a->text);
		snprintf(a->text + used, sizeof a->text - used, "%s%.47s", k ? "," : " ",
			 a->kind == FENCE || a->kind == HINT ? i->operand[k] : operand_kind(machine, i->operand[k]));
	}
	used = strlen(a->text);
	if (leaves_function(i) && i->symbol && *i->symbol)
		snprintf(a->text + used, sizeof a->text - used, " of %s", i->symbol);
}

/* The sets of a RISC-V fence; no operand: all. LLVM calls the empty set "unknown". */
static bool has(const struct instruction *i, unsigned k, const char *set)
{
	if (i->operands == 0)
		return true;
	if (k >= i->operands || strcmp(i->operand[k], "unknown") == 0)
		return false;
	for (; *set; set++)
		if (!strchr(i->operand[k], *set))
			return false;
	return true;
}

static bool is_riscv_fence(struct access *a, const struct instruction *i)
{
	if (strcmp(i->mnemonic, "fence.tso") == 0) {
		*a = (struct access){ .kind = FENCE, .acquires = true, .releases = true };
		return true;
	}
	if (strcmp(i->mnemonic, "fence") != 0)
		return false;
	a->kind = i->operands == 2 && strcmp(i->operand[1], "unknown") == 0 ? HINT : FENCE; /* pause */
	a->acquires = a->kind == FENCE && has(i, 0, "r") && has(i, 1, "rw");
	a->releases = a->kind == FENCE && has(i, 0, "rw") && has(i, 1, "w");
	return true;
}

/* A barrier of the non-shareable domain orders nothing that another CPU sees. */
static bool is_aarch64_fence(struct access *a, const struct instruction *i)
{
	static const char *const full[] = { "sy", "ish", "osh", NULL };
	static const char *const loads[] = { "ld", "ishld", "oshld", NULL };

	if (strcmp(i->mnemonic, "dmb") != 0 && strcmp(i->mnemonic, "dsb") != 0)
		return false;
	a->kind = FENCE;
	a->releases = is_one_of(i->operand[0], full);
	a->acquires = a->releases || is_one_of(i->operand[0], loads);
	return true;
}

static bool is_fence(struct access *a, unsigned machine, const struct instruction *i)
{
	if (machine == EM_RISCV)
		return is_riscv_fence(a, i);
	if (machine == EM_AARCH64)
		return is_aarch64_fence(a, i);
	if (strcmp(i->mnemonic, "mfence") != 0)
		return false;
	*a = (struct access){ .kind = FENCE, .acquires = true, .releases = true };
	return true;
}

/* They wait or order in a way that the rows above do not say. */
static bool may_order(const struct instruction *i)
{
	static const char *const unknown[] = { "wfi", "wfet", "wfit", "clrex", "wrs.nto", "wrs.sto", "tpause",
					       ".byte", NULL };

	return is_one_of(i->mnemonic, unknown);
}

struct access access_of(unsigned machine, const struct instruction *i)
{
	struct access a = { .kind = NOTHING };

	if (i->private || i->flow == STOP || (i->got && uses_memory(i)))
		return a;
	if (!is_fence(&a, machine, i) && (uses_memory(i) || leaves_function(i) || may_order(i)))
		a.kind = NOT_COVERED;
	set_text(&a, machine, i);
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
		if (rows[k].machine == machine && strcmp(rows[k].code, a.text) == 0) {
			a.kind = rows[k].kind;
			a.acquires = rows[k].acquires;
			a.releases = rows[k].releases;
		}
	return a;
}

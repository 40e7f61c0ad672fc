/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The table: which instructions are allowed for which primitive on which machine.
 * It was written from the manuals of the machines, and not from what compilers make
 * of the C.  In no row the release is a locked, exclusive or AMO instruction, but in
 * one of riscv64 that only --amo allows: gcc 12 makes that of c11.h.
 *
 * Of each function only the instructions are kept that access or order memory, leave
 * the function, or wait.  A call and an access of another size differ from the table.
 *
 * On x86 a weaker order is often the same instruction: there this shows that no word
 * is locked that need not be; the orders themselves are seen on the other two.
 * Read next: path.c.
 */
#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "orders.h"

/* Accesses of 32 bits to another word are not primitives, but stand beside them. */
enum part { END, INCR_TICKET, GET_NOW, INCR_NOW, CPU_RELAX, LOAD, STORE };

/* Operands: mem, imm, w and x (aarch64 registers of 32 and 64 bits), reg (others), and
 * the sets of a fence as they are.  Instructions are separated by "; ". */
static const struct allowed {
	unsigned machine;
	enum part part;
	const char *code;
	bool amo; /* only with --amo */
} table[] = {
	{ EM_AARCH64, INCR_TICKET, "ldaxr w,mem; stlxr w,w,mem", false },
	{ EM_AARCH64, INCR_TICKET, "ldaddal w,w,mem", false },
	{ EM_AARCH64, GET_NOW, "ldar w,mem", false },
	{ EM_AARCH64, GET_NOW, "ldaxr w,mem", false },
	{ EM_AARCH64, INCR_NOW, "ldr w,mem; stlr w,mem", false },
	{ EM_AARCH64, CPU_RELAX, "wfe", false },
	{ EM_X86_64, INCR_TICKET, "lock xaddl reg,mem", false },
	{ EM_X86_64, GET_NOW, "movl mem,reg", false },
	{ EM_X86_64, INCR_NOW, "movl mem,reg; movl reg,mem", false },
	{ EM_X86_64, INCR_NOW, "incl mem", false },
	{ EM_X86_64, INCR_NOW, "addl imm,mem", false },
	{ EM_X86_64, CPU_RELAX, "pause", false },
	{ EM_RISCV, INCR_TICKET, "amoadd.w.aqrl reg,reg,mem", false },
	{ EM_RISCV, GET_NOW, "lw reg,mem; fence r,rw", false },
	{ EM_RISCV, INCR_NOW, "lw reg,mem; fence rw,w; sw reg,mem", false },
	{ EM_RISCV, CPU_RELAX, "fence w,0", false },
	{ EM_RISCV, INCR_TICKET, "fence iorw,ow; amoadd.w.aq reg,reg,mem", true },
	{ EM_RISCV, GET_NOW, "lw reg,mem; fence", true },
	{ EM_RISCV, INCR_NOW, "lw reg,mem; fence iorw,ow; amoswap.w reg,reg,mem", true },
	{ EM_AARCH64, LOAD, "ldr w,mem", false },
	{ EM_AARCH64, STORE, "str w,mem", false },
	{ EM_X86_64, LOAD, "movl mem,reg", false },
	{ EM_X86_64, LOAD, "addl mem,reg", false },
	{ EM_X86_64, STORE, "movl reg,mem", false },
	{ EM_X86_64, STORE, "movl imm,mem", false },
	{ EM_RISCV, LOAD, "lw reg,mem", false },
	{ EM_RISCV, STORE, "sw reg,mem", false },
};

static const struct allowed *const table_end = table + sizeof table / sizeof *table;

/* What a function is made of.  Names that end in _ are beginnings. */
static const struct shape {
	const char *function;
	enum part parts[5];
	bool waits; /* after these parts */
} shapes[] = {
	{ "acquire_lock_", { INCR_TICKET, GET_NOW }, true },
	{ "release_lock_", { INCR_NOW }, false },
	{ "call_incr_ticket", { INCR_TICKET }, false },
	{ "call_get_now", { GET_NOW }, false },
	{ "call_incr_now", { INCR_NOW }, false },
	{ "around_incr_ticket", { STORE, INCR_TICKET, STORE }, false },
	{ "around_get_now", { LOAD, GET_NOW, LOAD, STORE }, false },
	{ "around_incr_now", { STORE, INCR_NOW, STORE }, false },
};

/* Instructions that order memory or wait, and have no operand in memory. */
static const char *const bare[] = { "dmb", "dsb", "isb", "clrex", "wfe", "wfi", "yield", "sev", "sevl",
				    "mfence", "lfence", "sfence", "pause", "fence", "fence.tso", "fence.i" };

static bool is_kept(const struct instruction *i)
{
	for (size_t k = 0; k < sizeof bare / sizeof *bare; k++)
		if (strcmp(i->mnemonic, bare[k]) == 0)
			return true;
	return uses_memory(i) || flow_of(i) == CALL;
}

static const char *operand_kind(unsigned machine, const struct instruction *i, const char *operand)
{
	if (starts_with(i->mnemonic, "fence"))
		return strcmp(operand, "unknown") == 0 ? "0" : operand; /* LLVM has no name for the empty set */
	if (strpbrk(operand, "[("))
		return "mem";
	if (*operand == '$' || *operand == '#')
		return "imm";
	if (*operand == '%' || machine == EM_RISCV)
		return "reg";
	return *operand == 'w' ? "w" : *operand == 'x' ? "x" : "other";
}

void add_kept(char *text, unsigned machine, const struct instruction *i)
{
	size_t used = strlen(text);

	if (!is_kept(i))
		return;
	snprintf(text + used, MAX_TEXT - used, "%s%s%s", used ? "; " : "", i->locked ? "lock " : "", i->mnemonic);
	for (unsigned k = 0; k < i->operands; k++) {
		used = strlen(text);
		snprintf(text + used, MAX_TEXT - used, "%s%s", k ? "," : " ",
			 operand_kind(machine, i, i->operand[k]));
	}
}

/* Where the text goes on after one allowed form of the part; NULL: none fits. */
static const char *after(const char *text, unsigned machine, enum part part)
{
	if (!text)
		return NULL;
	for (const struct allowed *a = table; a < table_end; a++) {
		size_t length = strlen(a->code);

		if (a->machine != machine || a->part != part || (a->amo && !options.amo)
		    || strncmp(text, a->code, length) != 0)
			continue;
		if (text[length] == '\0')
			return text + length;
		if (starts_with(text + length, "; "))
			return text + length + 2;
	}
	return NULL;
}

/* After a first poll, polls and hints; one hint at least, but in c11.h, which has none. */
static bool is_wait(const char *rest, unsigned machine)
{
	bool has_hint = options.c11;

	while (rest && *rest) {
		const char *hint = after(rest, machine, CPU_RELAX);

		has_hint = has_hint || hint;
		rest = hint ? hint : after(rest, machine, GET_NOW);
	}
	return rest && has_hint;
}

static bool is_shape(const struct shape *shape, const char *name)
{
	size_t length = strlen(shape->function);

	return shape->function[length - 1] == '_' ? starts_with(name, shape->function)
						   : strcmp(name, shape->function) == 0;
}

static bool has_shape(const struct function *f, const char *text, bool may_wait)
{
	const struct shape *shape = shapes, *end = shapes + sizeof shapes / sizeof *shapes;

	while (shape < end && !is_shape(shape, f->name))
		shape++;
	if (shape == end)
		return false;
	for (const enum part *part = shape->parts; *part != END; part++)
		text = after(text, f->machine, *part);
	return shape->waits && may_wait ? is_wait(text, f->machine) : text && !*text;
}

bool table_allows(const struct function *f)
{
	char text[MAX_TEXT] = "";

	for (int k = 0; k < f->count; k++)
		add_kept(text, f->machine, &f->code[k]);
	if (has_shape(f, text, true))
		return true;
	fprintf(stderr, "orders: %s: %s: not in the table: %s\n", f->file, f->name, text);
	return false;
}

bool is_shortest(const struct function *f, const char *text)
{
	return has_shape(f, text, false);
}

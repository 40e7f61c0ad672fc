/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What the registers of an aarch64 function hold before each of its instructions, on
 * every path: a number, what the last LDAXR loaded, or nothing that is known.
 * Each state is what all paths to that place agree on; it is computed by going round
 * until nothing changes.  After an instruction that is not known here nothing is known,
 * and that this is so is known (`lost`), so that nobody takes it for a fault.
 *
 * With it goes the exclusive monitor: whether the last access to memory was an
 * LDAXR, at which address, and whether what it loaded was found to differ; and an
 * instruction that makes this uncertain (`doubt`).
 * Read next: wait.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orders.h"

static const struct value unknown = { UNKNOWN, 0 };

static bool same(struct value a, struct value b)
{
	return a.kind == b.kind && (a.kind != NUMBER || a.number == b.number);
}

/* ------------------------------------------------------------- registers */

/* x3 and w3 are 3, xzr and wzr the last; -1: no register of these. */
static int register_of(const char *operand)
{
	char kind, rest;
	int number;

	if (strcmp(operand, "xzr") == 0 || strcmp(operand, "wzr") == 0)
		return REGISTERS - 1;
	if (sscanf(operand, "%c%d%c", &kind, &number, &rest) == 2 && (kind == 'x' || kind == 'w')
	    && number >= 0 && number < REGISTERS - 1)
		return number;
	return -1;
}

static struct value narrow(struct value v, const char *operand)
{
	if (v.kind == NUMBER && *operand == 'w')
		v.number &= UINT32_MAX;
	return v;
}

/* A register, or an immediate. */
static struct value value_of(const struct state *s, const char *operand)
{
	int r = register_of(operand);

	if (*operand == '#')
		return (struct value){ NUMBER, strtoull(operand + 1, NULL, 0) };
	return r < 0 ? unknown : narrow(s->registers[r], operand);
}

static void set_register(struct state *s, const char *operand, struct value v)
{
	int r = register_of(operand);

	if (r >= 0 && r < REGISTERS - 1)
		s->registers[r] = narrow(v, operand);
}

struct value address_of(const struct state *s, const struct instruction *i)
{
	char base[48];
	long long offset = 0;
	struct value v;

	for (unsigned k = 0; k < i->operands; k++) {
		const char *operand = i->operand[k];

		if (*operand != '[' || operand[strlen(operand) - 1] != ']')
			continue;
		if (sscanf(operand, "[%47[^],], #%lli]", base, &offset) == 2
		    || sscanf(operand, "[%47[^],]]", base) == 1) {
			v = value_of(s, base);
			v.number += (uint64_t)offset + (i->relocated ? i->address & 4095 : 0);
			return v.kind == NUMBER && !strstr(operand, "lsl") ? v : unknown;
		}
	}
	return unknown;
}

/* ---------------------------------------------------------- instructions */

/* The last operands: a register that may be extended and shifted, as in w1, uxtw #6. */
static struct value shifted(const struct state *s, const struct instruction *i, unsigned k)
{
	struct value v = value_of(s, i->operand[k]);
	const char *how = k + 1 < i->operands ? i->operand[k + 1] : "lsl #0";
	const char *count = strchr(how, '#');

	if (v.kind != NUMBER || (!starts_with(how, "lsl") && !starts_with(how, "uxtw")))
		return unknown;
	v.number <<= count ? strtoul(count + 1, NULL, 0) : 0;
	return v;
}

/* What an instruction of the known ones gives to its first operand. */
static bool compute(const struct state *s, const struct instruction *i, struct value *result)
{
	struct value a = i->operands > 1 ? value_of(s, i->operand[1]) : unknown;
	unsigned low, width;

	*result = unknown;
	if (strcmp(i->mnemonic, "adrp") == 0 && i->relocated)
		*result = (struct value){ NUMBER, i->address & ~UINT64_C(4095) };
	else if (strcmp(i->mnemonic, "adr") == 0 && i->relocated)
		*result = (struct value){ NUMBER, i->address };
	else if (strcmp(i->mnemonic, "mov") == 0)
		*result = a;
	else if (strcmp(i->mnemonic, "add") == 0) {
		struct value b = i->relocated ? (struct value){ NUMBER, i->address & 4095 } : shifted(s, i, 2);

		if (a.kind == NUMBER && b.kind == NUMBER)
			*result = (struct value){ NUMBER, a.number + b.number };
	} else if (strcmp(i->mnemonic, "lsl") == 0 && a.kind == NUMBER && *i->operand[2] == '#')
		*result = (struct value){ NUMBER, a.number << strtoul(i->operand[2] + 1, NULL, 0) };
	else if (strcmp(i->mnemonic, "ubfiz") == 0 && a.kind == NUMBER
		 && sscanf(i->operand[2], "#%u", &low) == 1 && sscanf(i->operand[3], "#%u", &width) == 1)
		*result = (struct value){ NUMBER, (a.number & ((UINT64_C(1) << width) - 1)) << low };
	else
		return false;
	return true;
}

/* What an LDAXR loaded before is no longer what it loaded last. */
static void forget_loaded(struct state *s)
{
	for (int r = 0; r < REGISTERS; r++)
		if (s->registers[r].kind == LOADED)
			s->registers[r] = unknown;
	if (s->compared[0].kind == LOADED || s->compared[1].kind == LOADED)
		s->has_compared = false;
}

static void forget_registers(struct state *s)
{
	memset(s->registers, 0, sizeof s->registers);
	s->registers[REGISTERS - 1].kind = NUMBER;
	s->has_compared = false;
}

/* For certain, whatever was in doubt before. */
static void disarm(struct state *s)
{
	s->armed = false;
	s->poll_failed = false;
	s->doubt = NULL;
}

static void lose(struct state *s, const struct instruction *i)
{
	forget_registers(s);
	disarm(s);
	s->lost = i;
	s->doubt = i;
}

/* Does it use what the last LDAXR loaded, from its k-th operand on? */
static bool uses_loaded(const struct state *s, const struct instruction *i, unsigned k)
{
	for (; k < i->operands; k++)
		if (value_of(s, i->operand[k]).kind == LOADED)
			return true;
	return false;
}

/* Where an access puts what it loads: a register, or nowhere, which is "xzr". */
static const char *loaded_register(const struct instruction *i)
{
	static const char *const first[] = { "ldr", "ldar", "stlxr", "stxr", "ldaxr", "ldxr", NULL };

	if (is_one_of(i->mnemonic, first))
		return i->operand[0];
	if (starts_with(i->mnemonic, "ldadd"))
		return i->operand[1];
	return starts_with(i->mnemonic, "st") ? "xzr" : NULL;
}

/* Base and index are written by forms with "!" or an offset behind the brackets. */
static bool writes_base(const struct instruction *i)
{
	const char *last = i->operand[i->operands - 1];

	return last[strlen(last) - 1] != ']';
}

/* The stack is read and written; what a register gets from there is not followed. */
static void access_stack(struct state *s, const struct instruction *i)
{
	const struct instruction *doubt = s->armed ? i : s->doubt;

	disarm(s);
	s->doubt = doubt;
	if (starts_with(i->mnemonic, "ld"))
		for (unsigned k = 0; k < i->operands && !strchr(i->operand[k], '['); k++)
			set_register(s, i->operand[k], unknown);
}

static void load_exclusive(struct state *s, const struct instruction *i, struct value address)
{
	forget_loaded(s);
	s->armed = true;
	s->doubt = NULL;
	s->armed_at = address;
	set_register(s, i->operand[0], (struct value){ LOADED, 0 });
}

/* At another word than the last LDAXR, as a profiler's counter is: what becomes of the monitor is not known. */
static const struct instruction *doubt_beside(const struct state *s, const struct instruction *i, struct value address)
{
	if (s->armed_at.kind != NUMBER || address.kind != NUMBER || address.number == s->armed_at.number)
		return NULL;
	return s->armed ? i : s->doubt;
}

static void access_memory(struct state *s, const struct instruction *i)
{
	struct value address = address_of(s, i);
	const char *loaded = loaded_register(i);
	const struct instruction *doubt;

	if (i->private) {
		access_stack(s, i);
		return;
	}
	if (!loaded || writes_base(i)) { /* a form that this file cannot read */
		lose(s, i);
		return;
	}
	doubt = doubt_beside(s, i, address);
	disarm(s);
	s->doubt = doubt;
	set_register(s, loaded, i->got ? (struct value){ NUMBER, i->address } : unknown);
	if (strcmp(i->mnemonic, "ldaxr") == 0)
		load_exclusive(s, i, address);
}

/* A call whose function calls.c has put behind it. */
static bool is_inlined_call(const struct instruction *i)
{
	return i->flow == ONWARD && (strcmp(i->mnemonic, "bl") == 0 || strcmp(i->mnemonic, "b") == 0);
}

static bool is_harmless(const struct instruction *i)
{
	static const char *const hints[] = { "nop", "hint", "bti", "csdb", "sb", "dsb", "dmb", "isb", "esb",
					     "psb", "tsb", "yield", "sev", "sevl", "xpaclri", NULL };

	return (i->flow != ONWARD && i->flow != CALL && i->flow != LEAVE) || is_inlined_call(i)
	       || is_one_of(i->mnemonic, hints)
	       || starts_with(i->mnemonic, "pac") || starts_with(i->mnemonic, "aut");
}

/* They write their first operand, with something that is not followed. */
static bool writes_first(const struct instruction *i)
{
	static const char *const known[] = { "and", "orr", "eor", "bic", "sub", "lsl", "lsr", "asr", "ror", "ubfiz",
					     "ubfx", "sbfx", "bfi", "bfxil", "movk", "movz", "movn", "mvn", "neg",
					     "uxtw", "sxtw", "uxtb", "csel", "cset", "csetm", "csinc", "csinv",
					     "mul", "madd", NULL };

	return is_one_of(i->mnemonic, known);
}

static void compare(struct state *s, const struct instruction *i)
{
	s->compared[0] = value_of(s, i->operand[0]);
	s->compared[1] = value_of(s, i->operand[1]);
	s->has_compared = true;
}

/* What becomes of the value that LDAXR loaded is followed into compares and moves only. */
static void doubt_other_uses(struct state *s, const struct instruction *i)
{
	bool writes = i->flow == ONWARD && !starts_with(i->mnemonic, "st");
	bool compared = s->has_compared && (s->compared[0].kind == LOADED || s->compared[1].kind == LOADED);

	if (strcmp(i->mnemonic, "mov") != 0 && strcmp(i->mnemonic, "cmp") != 0 && uses_loaded(s, i, writes))
		s->doubt = i;
	if (i->flow == BRANCH && starts_with(i->mnemonic, "b.") && when_equal(i) < 0 && compared)
		s->doubt = i;
}

static void step(struct state *s, const struct instruction *i)
{
	struct value v;

	doubt_other_uses(s, i);
	if (strcmp(i->mnemonic, "cmp") == 0 && i->operands == 2)
		compare(s, i);
	else if (uses_memory(i))
		access_memory(s, i);
	else if (compute(s, i, &v))
		set_register(s, i->operand[0], v);
	else if (writes_first(i))
		set_register(s, i->operand[0], unknown);
	else if (strcmp(i->mnemonic, "wfe") == 0) /* what woke the CPU may have cleared the monitor */
		disarm(s);
	else if (!is_harmless(i))
		lose(s, i);
}

/* ----------------------------------------------------------------- paths */

/* On the edge where the flags say "differ". */
static void note_failed_poll(struct state *s)
{
	if (s->armed && s->has_compared && (s->compared[0].kind == LOADED || s->compared[1].kind == LOADED))
		s->poll_failed = true;
}

/* How much a state says.  merge() only ever takes away, so the going round ends. */
static int knowledge(const struct state *s)
{
	int count = s->armed + s->poll_failed + s->has_compared + !s->lost + !s->doubt
		    + (s->armed_at.kind != UNKNOWN);

	for (int r = 0; r < REGISTERS; r++)
		count += s->registers[r].kind != UNKNOWN;
	return count;
}

/* Keeps what both say; true: that is less than was there. */
static bool merge(struct state *into, const struct state *from)
{
	int before = knowledge(into);

	if (!into->reached) {
		*into = *from;
		return true;
	}
	for (int r = 0; r < REGISTERS; r++)
		if (!same(into->registers[r], from->registers[r]))
			into->registers[r] = unknown;
	into->armed = into->armed && from->armed;
	if (!same(into->armed_at, from->armed_at))
		into->armed_at = unknown;
	if (!same(into->compared[0], from->compared[0]) || !same(into->compared[1], from->compared[1]))
		into->has_compared = false;
	into->has_compared = into->has_compared && from->has_compared;
	into->poll_failed = into->poll_failed && from->poll_failed && into->armed;
	into->lost = into->lost ? into->lost : from->lost;
	into->doubt = into->doubt ? into->doubt : from->doubt;
	return knowledge(into) < before;
}

static bool go_to(struct state *states, const struct function *f, int target, const struct state *after)
{
	return target >= 0 && target < f->count && merge(&states[target], after);
}

/* Passes what holds after an instruction to those that may come next. */
static bool spread(struct state *states, const struct function *f, int k)
{
	const struct instruction *i = &f->code[k];
	struct state onward = states[k], taken;
	bool changed = false;

	step(&onward, i);
	taken = onward;
	if (strcmp(i->mnemonic, "b.ne") == 0)
		note_failed_poll(&taken);
	if (strcmp(i->mnemonic, "b.eq") == 0)
		note_failed_poll(&onward);
	if (i->flow == BRANCH || i->flow == JUMP)
		changed = go_to(states, f, i->target, &taken);
	if (i->flow == BRANCH || i->flow == ONWARD || i->flow == CALL)
		changed = go_to(states, f, k + 1, &onward) || changed;
	return changed;
}

/* One state an instruction, for a call with that argument. */
struct state *states_before(const struct function *f, uint64_t argument)
{
	struct state *states = memory((size_t)f->count, sizeof *states);
	bool changed = true;

	states[0].reached = true;
	forget_registers(&states[0]);
	states[0].registers[0] = (struct value){ NUMBER, argument };
	while (changed) {
		changed = false;
		for (int k = 0; k < f->count; k++)
			if (states[k].reached)
				changed = spread(states, f, k) || changed;
	}
	return states;
}

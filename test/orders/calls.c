/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * One function with those of the same object that it calls, put in line: compilers keep
 * the functions of the floors apart where code shall be small, or is not optimised.
 * Calls of others stay, and say that nothing is known of what they do.
 *
 * Then: which instructions are ever reached, and which memory is private.
 * Read next: table.c.
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orders.h"

/* ---------------------------------------------------------------- inline */

static struct function *callee(const struct object *object, const struct instruction *i)
{
	if ((i->flow != CALL && i->flow != JUMP) || !i->goes_elsewhere)
		return NULL;
	for (size_t k = 0; k < object->count; k++)
		if ((object->functions[k].section << 32 | object->functions[k].start) == i->address)
			return &object->functions[k];
	return NULL;
}

bool ends_debug_build(const char *name)
{
	static const char *const names[] = { "hlock_stop", "hlock_function_name", "hlock_panic", NULL };
	char whole[MAX_TEXT];

	/* of a copy that the compiler made, what stands before its dot */
	snprintf(whole, sizeof whole, "%.*s", (int)strcspn(name, "."), name);
	return is_one_of(whole, names);
}

/* A thunk that returns, and functions that do not, by their names. */
static void know_by_name(struct instruction *i)
{
	static const char *const never_return[] = { "__stack_chk_fail", "hlock_wrong", NULL };
	bool leaves = (i->flow == CALL || i->flow == JUMP) && i->goes_elsewhere && i->symbol;

	if (leaves && i->flow == JUMP && strcmp(i->symbol, "__x86_return_thunk") == 0)
		i->flow = RETURN;
	else if (leaves && is_one_of(i->symbol, never_return))
		i->flow = STOP;
	else if (i->flow == JUMP && i->goes_elsewhere)
		i->flow = LEAVE;
}

static void append(struct function *to, const struct instruction *code, int count)
{
	struct instruction *grown = memory((size_t)(to->count + count), sizeof *grown);

	if (to->count)
		memcpy(grown, to->code, (size_t)to->count * sizeof *grown);
	memcpy(grown + to->count, code, (size_t)count * sizeof *grown);
	free(to->code);
	to->code = grown;
	to->count += count;
}

/* What is called goes behind the call, and returns to what comes after it. */
static void put_in_line(struct function *to, const struct function *called, enum flow flow)
{
	int start = to->count;

	to->code[start - 1].flow = ONWARD;
	to->code[start - 1].goes_elsewhere = false;
	append(to, called->code, called->count);
	for (int k = start; k < to->count; k++) {
		struct instruction *i = &to->code[k];

		if (i->target != OUTSIDE)
			i->target += start;
		if (i->flow == RETURN && flow == CALL) {
			i->flow = JUMP;
			i->target = to->count;
		}
	}
}

static struct function expand(const struct object *object, const struct function *f, int depth)
{
	struct function made = *f;
	int *moved = memory((size_t)f->count, sizeof *moved);

	made.code = NULL;
	made.count = 0;
	for (int k = 0; k < f->count; k++) {
		struct function *called = depth < MAX_INLINED && made.count < MAX_CODE ?
					  callee(object, &f->code[k]) : NULL;

		moved[k] = made.count;
		append(&made, &f->code[k], 1);
		if (called && ends_debug_build(called->name)) {
			made.code[made.count - 1].flow = STOP;
		} else if (called) {
			struct function inner = expand(object, called, depth + 1);

			called->inlined = true;
			put_in_line(&made, &inner, f->code[k].flow);
			free(inner.code);
		} else
			know_by_name(&made.code[made.count - 1]);
	}
	for (int k = 0; k < f->count; k++)
		if (f->code[k].target != OUTSIDE)
			made.code[moved[k]].target = moved[f->code[k].target];
	free(moved);
	return made;
}

/* --------------------------------------------------------------- reached */

static void reach(struct function *f, int k)
{
	while (k >= 0 && k < f->count && !f->code[k].reached) {
		struct instruction *i = &f->code[k];

		i->reached = true;
		if (i->flow == BRANCH)
			reach(f, i->target);
		if (i->flow == JUMP)
			k = i->target;
		else if (i->flow == ONWARD || i->flow == BRANCH || i->flow == CALL)
			k++;
		else
			return;
	}
}

/* --------------------------------------------------------------- private */

/* Is it memory at an offset from that register? */
static bool is_at(const char *operand, const char *base)
{
	const char *open = strpbrk(operand, "[(");
	size_t length = strlen(base);

	return open && strncmp(open + 1, base, length) == 0 && strchr(",])", open[1 + length]);
}

static const struct pointer {
	unsigned machine;
	const char *frame, *stack, *set; /* the instruction that sets the first to the second */
	bool last_is_written;		 /* else the first operand is */
} pointers[] = {
	{ EM_X86_64, "%rbp", "%rsp", "movq", true },
	{ EM_AARCH64, "x29", "sp", "mov", false },
	{ EM_RISCV, "s0", "sp", "addi", false },
};

static const struct pointer *pointer_of(unsigned machine)
{
	const struct pointer *p = pointers;

	while (p->machine != machine)
		p++;
	return p;
}

static bool is_on_stack(const struct pointer *p, const struct instruction *i)
{
	static const char *const bare[] = { "pushq", "popq", "leave", NULL };

	for (unsigned k = 0; k < i->operands; k++)
		if (is_at(i->operand[k], p->stack))
			return true;
	return is_one_of(i->mnemonic, bare);
}

/* The register that points to the frame, if it is only ever set to the stack pointer, or
 * got back from the stack; NULL: there is none. */
static const char *frame_pointer(const struct function *f)
{
	const struct pointer *p = pointer_of(f->machine);
	const char *found = NULL;

	for (int k = 0; k < f->count; k++) {
		const struct instruction *i = &f->code[k];
		unsigned written = p->last_is_written ? i->operands - 1 : 0, from = p->last_is_written ? 0 : 1;

		if (i->operands == 0 || strcmp(i->operand[written], p->frame) != 0 || is_on_stack(p, i))
			continue;
		if (strcmp(i->mnemonic, p->set) != 0 || i->operands < 2 || strcmp(i->operand[from], p->stack) != 0)
			return NULL;
		found = p->frame;
	}
	return found;
}

static bool is_private(const struct function *f, const struct instruction *i, const char *frame)
{
	for (unsigned k = 0; k < i->operands; k++)
		if ((frame && is_at(i->operand[k], frame)) || starts_with(i->operand[k], "%fs:")
		    || starts_with(i->operand[k], "%gs:"))
			return true;
	return is_on_stack(pointer_of(f->machine), i);
}

struct function inlined(const struct object *object, const struct function *f)
{
	struct function made = expand(object, f, 0);
	const char *frame = frame_pointer(&made);

	for (int k = 0; k < made.count; k++)
		made.code[k].private = is_private(&made, &made.code[k], frame);
	reach(&made, 0);
	return made;
}

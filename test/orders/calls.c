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

/* A thunk that returns, and functions that do not, by their names. */
static void know_by_name(struct instruction *i)
{
	static const char *const never_return[] = { "__stack_chk_fail", "hlock_stop", NULL };
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
		struct function *called = depth < MAX_INLINED ? callee(object, &f->code[k]) : NULL;

		moved[k] = made.count;
		append(&made, &f->code[k], 1);
		if (called) {
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

/* The register that points to the frame, if it is set to the stack pointer and else only
 * loaded from the stack; NULL: none. */
static const char *frame_pointer(const struct function *f)
{
	static const struct {
		unsigned machine;
		const char *name, *set, *from;
	} pointers[] = { { EM_X86_64, "%rbp", "movq", "%rsp" },
			 { EM_AARCH64, "x29", "mov", "sp" },
			 { EM_RISCV, "s0", "addi", "sp" } };
	const char *found = NULL;

	for (size_t p = 0; p < sizeof pointers / sizeof *pointers; p++)
		for (int k = 0; k < f->count && pointers[p].machine == f->machine; k++) {
			const struct instruction *i = &f->code[k];
			unsigned into = f->machine == EM_X86_64 ? i->operands - 1 : 0;
			unsigned other = f->machine == EM_X86_64 ? 0 : 1;

			if (i->operands < 1 || uses_memory(i) || strcmp(i->operand[into], pointers[p].name) != 0)
				continue;
			if (strcmp(i->mnemonic, pointers[p].set) != 0 || i->operands < 2
			    || strcmp(i->operand[other], pointers[p].from) != 0)
				return NULL;
			found = pointers[p].name;
		}
	return found;
}

/* Is it memory at an offset from that register? */
static bool is_at(const char *operand, const char *base)
{
	const char *open = strpbrk(operand, "[(");
	size_t length = strlen(base);

	return open && strncmp(open + 1, base, length) == 0 && strchr(",])", open[1 + length]);
}

static bool is_private(const struct function *f, const struct instruction *i, const char *frame)
{
	static const char *const bare[] = { "pushq", "popq", "leave", NULL };
	const char *stack = f->machine == EM_X86_64 ? "%rsp" : "sp";

	for (unsigned k = 0; k < i->operands; k++) {
		const char *operand = i->operand[k];

		if (is_at(operand, stack) || (frame && is_at(operand, frame)) || starts_with(operand, "%fs:")
		    || starts_with(operand, "%gs:"))
			return true;
		if (strpbrk(operand, "[("))
			return false;
	}
	return is_one_of(i->mnemonic, bare);
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

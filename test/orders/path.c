/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The path of a call that need not wait: where each test of equality succeeds (the
 * ticket is now, a store-exclusive was done).  On it the primitives are done, in their
 * order, and nothing else.  After the first poll the only branch is the test of equality.
 *
 * What the path costs is said beside the verdict, and is no part of it: the limits below
 * are those of the libraries that ship (--limits).  What forms the address of the lock (a
 * relocated instruction that does not access memory, and the other half of one), and the
 * return, are not counted.
 * Read next: values.c.
 */
#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "orders.h"

/* The most instructions, for a lock without an index. */
static const struct limit {
	unsigned machine;
	const char *function, *with; /* what the path has */
	int most;
} limits[] = {
	{ EM_X86_64, "acquire_lock_core", "lock xaddl", 6 },
	{ EM_X86_64, "release_lock_core", "", 3 },
	{ EM_AARCH64, "acquire_lock_core", "ldaddal", 6 },
	{ EM_AARCH64, "acquire_lock_core", "ldaxr", 8 },
	{ EM_AARCH64, "release_lock_core", "", 4 },
	{ EM_RISCV, "acquire_lock_core", "", 5 },
	{ EM_RISCV, "release_lock_core", "", 4 },
};

/* The path so far. */
struct path {
	struct sequence sequence;
	int length;
	bool private, polled;
};

static bool forms_address(const struct instruction *i)
{
	return i->relocated && (i->got || !uses_memory(i));
}

/* Does it stop there, with no lock touched? */
static bool stops(const struct function *f, int k)
{
	while (k >= 0 && k < f->count && f->code[k].flow == ONWARD
	       && access_of(f->machine, &f->code[k]).kind == NOTHING)
		k++;
	return k >= 0 && k < f->count && f->code[k].flow == STOP;
}

/* The index of the next instruction of the path, or OUTSIDE.  A check that fails stops. */
static int next_on_path(const struct function *f, int k)
{
	const struct instruction *i = &f->code[k];

	switch (i->flow) {
	case ONWARD: return k + 1;
	case BRANCH: return stops(f, k + 1) || (!stops(f, i->target) && when_equal(i) == 1) ? i->target : k + 1;
	case JUMP: return i->target;
	case RETURN:
	case CALL:
	case LEAVE:
	case STOP: break;
	}
	return OUTSIDE;
}

static void follow(const struct function *f, const struct instruction *i, struct path *p)
{
	struct access a = access_of(f->machine, i);

	p->polled = p->polled || a.kind == LOAD
		    || (a.kind == EXCLUSIVE_LOAD && find_kind(&p->sequence, EXCLUSIVE_STORE));
	p->length += !forms_address(i);
	p->private = p->private || i->private;
	add_access(&p->sequence, f->machine, i);
}

static enum verdict endless(const struct function *f, const struct path *p)
{
	return p->polled ? say(f, WRONG, "the path without a wait does not end", "")
			 : say(f, NO_VERDICT, "not covered: a loop before the first poll", "");
}

static enum verdict other_branch(const struct function *f, const struct path *p, const struct instruction *i)
{
	return p->polled ? say(f, WRONG, "a branch that is no test of equality: ", i->mnemonic)
			 : say(f, NO_VERDICT, "not covered: a branch that is no test of equality: ", i->mnemonic);
}

static enum verdict weigh(const struct function *f, const struct path *p)
{
	enum verdict verdict = RIGHT;
	const struct limit *l = limits, *end = limits + sizeof limits / sizeof *limits;
	char detail[100];

	if (p->private)
		verdict = say(f, BEYOND_LIMIT, "the path without a wait uses the stack", "");
	while (l < end && (l->machine != f->machine || strcmp(l->function, f->name) != 0
			   || !starts_with(p->sequence.text, l->with)))
		l++;
	if (l == end)
		return verdict;
	snprintf(detail, sizeof detail, "%d, at most %d", p->length, l->most);
	printf("%s: %s: instructions: %s\n", f->file, f->name, detail);
	if (p->length > l->most)
		verdict = say(f, BEYOND_LIMIT, "too many instructions: ", detail);
	return verdict;
}

enum verdict check_path(const struct function *f)
{
	struct path p = { .sequence = new_sequence(f) };
	int steps = 0;
	enum verdict verdict;

	for (int k = 0, next; f->code[k].flow != RETURN; k = next) {
		const struct instruction *i = &f->code[k];

		next = next_on_path(f, k);
		if (i->flow == BRANCH && when_equal(i) < 0 && !stops(f, k + 1) && !stops(f, i->target))
			return other_branch(f, &p, i);
		if (next < 0 || next >= f->count)
			return say(f, NO_VERDICT, "not covered: leaves the function: ", i->mnemonic);
		if (steps++ > f->count)
			return endless(f, &p);
		follow(f, i, &p);
	}
	verdict = check_sequence(f, &p.sequence, false, "without a wait it does not do just the primitives: ");
	return verdict == RIGHT ? weigh(f, &p) : verdict;
}

/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The path of a call that need not wait: where each test of equality succeeds (the
 * ticket is now, a store-exclusive was done).  On it there are the primitives and
 * nothing else that touches memory: no call, no spill; and for the locks of the table
 * below not more instructions than it says.
 *
 * What forms the address of the lock (a relocated instruction that does not access
 * memory, and the other half of one), and the return, are not counted.
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

static bool refuse(const struct function *f, const char *what, const char *detail)
{
	fprintf(stderr, "orders: %s: %s: %s%s\n", f->file, f->name, what, detail);
	return false;
}

static bool forms_address(const struct instruction *i)
{
	return i->relocated && !uses_memory(i);
}

/* The index of the next instruction of the path, or OUTSIDE. */
static int next_on_path(const struct function *f, int k)
{
	const struct instruction *i = &f->code[k];

	switch (flow_of(i)) {
	case ONWARD: return k + 1;
	case BRANCH: return when_equal(i) == 1 ? i->target : k + 1;
	case JUMP: return i->target;
	case RETURN:
	case CALL: break;
	}
	return OUTSIDE;
}

static bool is_short_enough(const struct function *f, const char *text, int length)
{
	const struct limit *l = limits, *end = limits + sizeof limits / sizeof *limits;
	char detail[100];

	while (l < end && (l->machine != f->machine || strcmp(l->function, f->name) != 0
			   || !starts_with(text, l->with)))
		l++;
	if (l == end)
		return true;
	snprintf(detail, sizeof detail, "%d, at most %d", length, l->most);
	printf("%s: %s: instructions: %s\n", f->file, f->name, detail);
	return length <= l->most || options.uncounted || refuse(f, "too many instructions: ", detail);
}

bool check_path(const struct function *f)
{
	char text[MAX_TEXT] = "";
	int length = 0, steps = 0;

	for (int k = 0; flow_of(&f->code[k]) != RETURN; k = next_on_path(f, k), length++) {
		const struct instruction *i = &f->code[k];
		int next = next_on_path(f, k);

		if (flow_of(i) == BRANCH && when_equal(i) < 0)
			return refuse(f, "a branch that is no test of equality: ", i->mnemonic);
		if (next < 0 || next >= f->count)
			return refuse(f, "the path without a wait leaves the function: ", i->mnemonic);
		if (steps++ > f->count)
			return refuse(f, "the path without a wait does not end", "");
		add_kept(text, f->machine, i);
		length -= forms_address(i);
	}
	if (!is_shortest(f, text))
		return refuse(f, "without a wait it does not do just the primitives: ", text);
	return is_short_enough(f, text, length);
}

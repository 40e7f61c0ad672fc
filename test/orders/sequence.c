/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The accesses of a function, beside those of the primitives that it is made of.
 *
 * Each primitive must be there with its order, or a stronger one: of the access itself,
 * of a fence beside it, or of both.  More fences do no harm.
 *   - An access that is missing, or too many, or in a weaker order, is wrong, if all
 *     instructions are known.
 *   - An instruction that is not covered may do anything: no verdict.  So may a fence
 *     that stands where no primitive has use for it, where an order is missing.
 * Read next: path.c.
 */
#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "orders.h"

/* Accesses of 32 bits to another word are not primitives, but stand beside them. */
enum part { END, INCR_TICKET, GET_NOW, INCR_NOW, OTHER_LOAD, OTHER_STORE };

/* What a function is made of.  Names that end in _ are beginnings. */
static const struct shape {
	const char *function;
	enum part parts[5];
	bool waits; /* after these parts come polls and hints */
} shapes[] = {
	{ "acquire_lock_", { INCR_TICKET }, true },
	{ "release_lock_", { INCR_NOW }, false },
	{ "call_incr_ticket", { INCR_TICKET }, false },
	{ "call_get_now", { GET_NOW }, false },
	{ "call_incr_now", { INCR_NOW }, false },
	{ "around_incr_ticket", { OTHER_STORE, INCR_TICKET, OTHER_STORE }, false },
	{ "around_get_now", { OTHER_LOAD, GET_NOW, OTHER_LOAD, OTHER_STORE }, false },
	{ "around_incr_now", { OTHER_STORE, INCR_NOW, OTHER_STORE }, false },
};

static const struct shape *shape_of(const char *name)
{
	for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
		const char *function = shapes[k].function;
		bool is_beginning = function[strlen(function) - 1] == '_';

		if (is_beginning ? starts_with(name, function) : strcmp(name, function) == 0)
			return &shapes[k];
	}
	return NULL;
}

bool is_known(const struct function *f)
{
	return shape_of(f->name) != NULL;
}

struct sequence new_sequence(const struct function *f)
{
	return (struct sequence){ .accesses = memory((size_t)f->count, sizeof(struct access)) };
}

void add_access(struct sequence *s, unsigned machine, const struct instruction *i)
{
	struct access a = access_of(machine, i);
	size_t used = strlen(s->text);

	if (a.kind == NOTHING)
		return;
	s->accesses[s->count++] = a;
	snprintf(s->text + used, sizeof s->text - used, "%s%s", used ? "; " : "", a.text);
}

/* -------------------------------------------------------------- matching */

/* Where the matching of a sequence stands. */
struct cursor {
	struct access *next, *end;
	bool atomic_release, has_hint; /* seen on the way: they cost */
};

/* A fence that helps, among those that come next; it is used. */
static bool fences(struct cursor *c, bool release)
{
	bool found = false;

	for (; c->next < c->end && c->next->kind == FENCE; c->next++)
		if (release ? c->next->releases : c->next->acquires)
			found = true;
	return found;
}

/* One access of that kind, after which comes what gives its orders; before it a fence
 * may have come that releases. */
static bool take(struct cursor *c, enum kind kind, bool acquire, bool release, bool released)
{
	struct access *a;

	released = (release && fences(c, true)) || released;
	while (c->next < c->end && c->next->kind == FENCE)
		c->next++;
	if (c->next == c->end || c->next->kind != kind)
		return false;
	a = c->next++;
	return (!release || a->releases || released) && (!acquire || a->acquires || fences(c, false));
}

static bool try(struct cursor *c, struct cursor attempt, bool fits)
{
	if (fits)
		*c = attempt;
	return fits;
}

static bool take_ticket(struct cursor *c)
{
	struct cursor one = *c, two = *c;

	return try(c, one, take(&one, ATOMIC, true, true, false))
	       || try(c, two, take(&two, EXCLUSIVE_LOAD, true, false, false)
				      && take(&two, EXCLUSIVE_STORE, false, true, false));
}

static bool poll(struct cursor *c)
{
	struct cursor one = *c, two = *c;

	return try(c, one, take(&one, LOAD, true, false, false))
	       || try(c, two, take(&two, EXCLUSIVE_LOAD, true, false, false));
}

/* The load may stand before or after the fence, or in the same instruction. */
static bool pass_on(struct cursor *c)
{
	struct cursor start = *c, one, two, three;
	bool early = fences(&start, true);

	one = two = three = start;
	if (try(c, one, take(&one, UPDATE, false, true, early))
	    || try(c, two, take(&two, LOAD, false, false, false) && take(&two, STORE, false, true, early)))
		return true;
	if (start.next < start.end && start.next->kind == LOAD)
		three.next++;
	one = three;
	if (try(c, one, take(&one, ATOMIC, false, true, early))
	    || try(c, three, take(&three, EXCLUSIVE_LOAD, false, false, false)
				     && take(&three, EXCLUSIVE_STORE, false, true, early)))
		c->atomic_release = true;
	return c->atomic_release;
}

static bool take_part(struct cursor *c, enum part part)
{
	switch (part) {
	case INCR_TICKET: return take_ticket(c);
	case GET_NOW: return poll(c);
	case INCR_NOW: return pass_on(c);
	case OTHER_LOAD: return take(c, LOAD, false, false, false);
	case OTHER_STORE: return take(c, STORE, false, false, false);
	case END: break;
	}
	return true;
}

/* At least one poll; hints and more polls if it may wait, in the order of the code. */
static bool take_wait(struct cursor *c, bool may_wait)
{
	int polls = 0;

	while (c->next < c->end)
		if (c->next->kind == HINT && may_wait) {
			c->has_hint = true;
			c->next++;
		} else if (poll(c))
			polls++;
		else
			break;
	return may_wait ? polls > 0 : polls == 1;
}

static bool fits(const struct shape *shape, struct sequence *s, bool may_wait, struct cursor *c)
{
	*c = (struct cursor){ s->accesses, s->accesses + s->count, false, false };
	for (const enum part *part = shape->parts; *part != END; part++)
		if (!take_part(c, *part))
			return false;
	if (shape->waits && !take_wait(c, may_wait))
		return false;
	while (c->next < c->end && c->next->kind == FENCE)
		c->next++;
	return c->next == c->end;
}

/* --------------------------------------------------------------- verdict */

const struct access *find_kind(const struct sequence *s, enum kind kind)
{
	for (int k = 0; k < s->count; k++)
		if (s->accesses[k].kind == kind)
			return &s->accesses[k];
	return NULL;
}

static bool may_acquire(const struct access *a)
{
	return a->kind == LOAD || a->kind == EXCLUSIVE_LOAD || a->kind == ATOMIC;
}

static bool may_release(const struct access *a)
{
	return a->kind == STORE || a->kind == EXCLUSIVE_LOAD || a->kind == ATOMIC;
}

/* A fence that orders, and not for the load before it or the store after it. */
static const struct access *other_fence(const struct sequence *s)
{
	const struct access *end = s->accesses + s->count;

	for (const struct access *a = s->accesses; a < end; a++) {
		bool of_load = a > s->accesses && may_acquire(a - 1) && a->acquires;
		bool of_store = a + 1 < end && may_release(a + 1) && a->releases;

		if (a->kind == FENCE && !of_load && !of_store && (a->acquires || a->releases))
			return a;
	}
	return NULL;
}

static void drop_other_sizes(struct sequence *s)
{
	int kept = 0;

	for (int k = 0; k < s->count; k++)
		if (s->accesses[k].kind != OTHER_SIZE)
			s->accesses[kept++] = s->accesses[k];
	s->count = kept;
}

static enum verdict weigh(const struct function *f, const struct shape *shape, const struct cursor *c, bool may_wait)
{
	enum verdict verdict = RIGHT;

	if (c->atomic_release && may_wait)
		verdict = say(f, BEYOND_LIMIT, "an atomic read-modify-write as release", "");
	if (shape->waits && may_wait && !c->has_hint)
		verdict = say(f, BEYOND_LIMIT, "a wait without a hint", "");
	return verdict;
}

enum verdict check_sequence(const struct function *f, struct sequence *s, bool may_wait, const char *what)
{
	const struct shape *shape = shape_of(f->name);
	const struct access *open = find_kind(s, NOT_COVERED), *small = find_kind(s, OTHER_SIZE);
	struct cursor c;

	if (open)
		return say(f, NO_VERDICT, "not covered: ", open->text);
	drop_other_sizes(s);
	if (!fits(shape, s, may_wait, &c)) {
		const struct access *fence = other_fence(s);

		return fence ? say(f, NO_VERDICT, "not covered: a fence elsewhere: ", fence->text)
			     : say(f, WRONG, what, s->text);
	}
	if (small)
		return say(f, NO_VERDICT, "not covered: an access of another size", "");
	return weigh(f, shape, &c, may_wait);
}

enum verdict check_all_accesses(const struct function *f)
{
	struct sequence s = new_sequence(f);

	for (int k = 0; k < f->count; k++)
		if (f->code[k].reached)
			add_access(&s, f->machine, &f->code[k]);
	return check_sequence(f, &s, true, "not in the table: ");
}

/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Hash tables from names to pointers.  See names.h.
 */
#include "names.h"

#include "term.h"

#include <string.h>

struct name {
	const char *text;
	void *what;
	struct name *next; /* in its slot */
};

/* Fowler, Noll and Vo's FNV-1a. */
static size_t slot_of(const struct names *names, const char *text)
{
	uint64_t hash = 14695981039346656037U;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 1099511628211U;
	return (size_t)(hash % names->slot_count);
}

static void put(struct names *names, struct name *name)
{
	struct name **slot = &names->slots[slot_of(names, name->text)];

	name->next = *slot;
	*slot = name;
}

/* The oldest of a slot goes first, so that the last one added is found. */
static void move_slot(struct names *names, struct name *name)
{
	struct name *oldest_first = NULL;

	while (name) {
		struct name *next = name->next;

		name->next = oldest_first;
		oldest_first = name;
		name = next;
	}
	while (oldest_first) {
		struct name *next = oldest_first->next;

		put(names, oldest_first);
		oldest_first = next;
	}
}

static void grow(struct names *names)
{
	const struct names old = *names;

	names->slot_count = old.slot_count ? 2 * old.slot_count : 64;
	names->slots = term_memory(names->slot_count * sizeof *names->slots);
	for (size_t i = 0; i < old.slot_count; i++)
		move_slot(names, old.slots[i]);
}

void *names_find(const struct names *names, const char *name)
{
	const struct name *found = names->slot_count ? names->slots[slot_of(names, name)] : NULL;

	while (found && strcmp(found->text, name) != 0)
		found = found->next;
	return found ? found->what : NULL;
}

void names_add(struct names *names, const char *name, void *what)
{
	struct name *added = term_memory(sizeof *added);

	if (names->count++ >= names->slot_count)
		grow(names);
	added->text = name;
	added->what = what;
	put(names, added);
}

/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * WFE: a CPU that executes it sleeps until its monitor is cleared.  So it is right only
 * after a poll that armed the monitor and did not find the ticket: on every path, the
 * last access to memory is an LDAXR of the word that the release stores, and what it
 * loaded was found to differ.  doc/wfe.md says why no wake-up is lost then.
 *
 * The address is compared with that of the STLR of release_lock_X in the same object,
 * for a few arguments.
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orders.h"

static const uint64_t arguments[] = { 0, 1, 16 };

static int refuse(const struct function *f, const char *what)
{
	fprintf(stderr, "orders: %s: %s: WFE %s\n", f->file, f->name, what);
	return -1;
}

static const struct function *release_of(const struct object *object, const struct function *f)
{
	static const char acquire[] = "acquire_lock_", release[] = "release_lock_";

	if (starts_with(f->name, acquire))
		for (size_t k = 0; k < object->count; k++)
			if (starts_with(object->functions[k].name, release)
			    && strcmp(object->functions[k].name + strlen(release), f->name + strlen(acquire)) == 0)
				return &object->functions[k];
	return NULL;
}

/* The address that the release stores to. */
static struct value released(const struct function *f, uint64_t argument)
{
	struct state *states = states_before(f, argument);
	struct value address = { UNKNOWN, 0 };

	for (int k = 0; k < f->count; k++)
		if (strcmp(f->code[k].mnemonic, "stlr") == 0)
			address = address_of(&states[k], &f->code[k]);
	free(states);
	return address;
}

static const char *what_is_wrong(const struct state *s, struct value released_at)
{
	if (!s->reached)
		return "that is never reached";
	if (!s->armed)
		return "after no LDAXR, or with an access to memory in between";
	if (!s->poll_failed)
		return "that a failed compare of what LDAXR loaded does not guard";
	if (s->armed_at.kind != NUMBER || released_at.kind != NUMBER || s->armed_at.number != released_at.number)
		return "after an LDAXR of another word than the release stores";
	return NULL;
}

static int check_with(const struct function *f, uint64_t argument, struct value released_at)
{
	struct state *states = states_before(f, argument);
	int count = 0;

	for (int k = 0; k < f->count && count >= 0; k++)
		if (strcmp(f->code[k].mnemonic, "wfe") == 0) {
			const char *wrong = what_is_wrong(&states[k], released_at);

			count = wrong ? refuse(f, wrong) : count + 1;
		}
	free(states);
	return count;
}

int check_waits(const struct object *object, const struct function *f)
{
	const struct function *release = release_of(object, f);
	int count = 0;

	for (int k = 0; k < f->count; k++)
		count += f->machine == EM_AARCH64 && strcmp(f->code[k].mnemonic, "wfe") == 0;
	if (count == 0)
		return 0;
	if (!release)
		return refuse(f, "in a function that has no release beside it");
	for (size_t n = 0; n < sizeof arguments / sizeof *arguments && count >= 0; n++)
		count = check_with(f, arguments[n], released(release, arguments[n]));
	return count;
}

/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * WFE: a CPU that executes it sleeps until its monitor is cleared.  So it is right only
 * after a poll that armed the monitor and did not find the ticket: on every path, the
 * last access to memory is an LDAXR of the word that the release stores, and what it
 * loaded was found to differ.  doc/wfe.md says why no wake-up is lost then.
 *
 * The address is compared with that of the STLR of release_lock_X in the same object,
 * for a few arguments.  Where something that is not known here comes before, there is no
 * verdict.
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orders.h"

static const uint64_t arguments[] = { 0, 1, 16 };

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
		if (states[k].reached && strcmp(f->code[k].mnemonic, "stlr") == 0)
			address = address_of(&states[k], &f->code[k]);
	free(states);
	return address;
}

static enum verdict check_address(const struct function *f, const struct state *s, struct value released_at)
{
	if (s->armed_at.kind != NUMBER || released_at.kind != NUMBER)
		return s->lost ? say(f, NO_VERDICT, "not covered: addresses not followed beyond ", s->lost->mnemonic)
			       : say(f, NO_VERDICT, "not covered: an address of which not all is followed", "");
	if (s->armed_at.number != released_at.number)
		return say(f, WRONG, "WFE after an LDAXR of another word than the release stores", "");
	return RIGHT;
}

static enum verdict check_wfe(const struct function *f, const struct state *s, struct value released_at)
{
	if (s->armed && s->poll_failed)
		return check_address(f, s, released_at);
	if (s->doubt)
		return say(f, NO_VERDICT, "not covered: before WFE: ", s->doubt->mnemonic);
	return say(f, WRONG, "WFE ",
		   s->armed ? "that a failed compare of what LDAXR loaded does not guard"
			    : "after no LDAXR, or with an access to memory in between");
}

static enum verdict check_with(const struct function *f, uint64_t argument, struct value released_at)
{
	struct state *states = states_before(f, argument);
	enum verdict verdict = RIGHT;

	for (int k = 0; k < f->count && verdict == RIGHT; k++)
		if (states[k].reached && strcmp(f->code[k].mnemonic, "wfe") == 0)
			verdict = check_wfe(f, &states[k], released_at);
	free(states);
	return verdict;
}

enum verdict check_waits(const struct object *object, const struct function *f, int *waits)
{
	const struct function *written = release_of(object, f);
	struct function release;
	enum verdict verdict = RIGHT;
	int count = 0;

	for (int k = 0; k < f->count; k++)
		count += f->machine == EM_AARCH64 && f->code[k].reached && strcmp(f->code[k].mnemonic, "wfe") == 0;
	*waits += count;
	if (count == 0)
		return RIGHT;
	if (!written)
		return starts_with(f->name, "acquire_lock_")
			       ? say(f, NO_VERDICT, "not covered: WFE, and the release in another object", "")
			       : say(f, WRONG, "WFE in a function that has no release beside it", "");
	release = inlined(object, written);
	for (size_t n = 0; n < sizeof arguments / sizeof *arguments && verdict == RIGHT; n++)
		verdict = check_with(f, arguments[n], released(&release, arguments[n]));
	free(release.code);
	return verdict;
}

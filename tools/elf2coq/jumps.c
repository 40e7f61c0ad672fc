/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Where the jumps of an object file go that have no relocation.  Where sections come to lie, a linker says, and it may
 * delete nops and more: none of them goes out of its section, or across what may be deleted.
 * They are those of all instructions that can be run, from the functions on.
 */
#include "reader.h"

#include <stdlib.h>

/* A jump by a relocation; another one may be at its place, too, of which the decoder knows nothing then. */
static bool is_linked(const struct reader *r, const struct relocation *relocation)
{
	return (r->marks[relocation->at] & LINKED) && !relocation->bare &&
	       (uint64_t)relocation->addend < r->object->size;
}

static void come_to(struct reader *r, const struct part *part, size_t *count, uint64_t at)
{
	if (at < part->from || at - part->from >= part->header.sh_size || (r->marks[at] & BEGINS))
		return;
	r->marks[at] |= BEGINS;
	r->places[(*count)++] = at;
}

static bool crosses_deletable(const struct reader *r, uint64_t at, uint64_t to)
{
	const uint64_t last = at < to ? to : at;

	for (uint64_t i = at < to ? at : to; i < last; i++)
		if (r->marks[i] & DELETABLE)
			return true;
	return false;
}

/* If there are no other sections, and it goes out of this one, it goes nowhere. */
static void check_jump(struct reader *r, const struct part *part, uint64_t at, uint64_t to)
{
	const bool leaves = to < part->from || to - part->from >= part->header.sh_size;

	if (r->marks[at] & LINKED)
		return;
	if (leaves && r->part_count > 1)
		refuse(r, at - part->from, "a jump out of its section of code");
	if (!leaves && crosses_deletable(r, at, to))
		refuse(r, at - part->from, "a jump across what a linker may delete");
}

/* What lies behind something that is deleted, the linker moves; so it does what lies within, to somewhere. */
static void check_places(struct reader *r)
{
	const struct object *o = r->object;

	for (uint64_t i = 0; i < o->size; i++) {
		const unsigned char marks = r->marks[i];

		if (((marks & INSIDE) && (marks & RELOCATED)) || ((marks & NOPS) && (marks & CHANGED)))
			refuse(r, i, "a relocation of what a linker may delete");
	}
	for (size_t i = 0; i < o->function_count; i++)
		if (r->marks[o->functions[i].at] & INSIDE)
			refuse(r, o->functions[i].at, "the function %s is in what a linker may delete",
			       o->functions[i].name);
	for (size_t i = 0; i < o->relocation_count; i++)
		if (is_linked(r, &o->relocations[i]) && (r->marks[o->relocations[i].addend] & INSIDE))
			refuse(r, o->relocations[i].at, "a jump to what a linker may delete");
}

static void check_part(struct reader *r, const struct part *part)
{
	const struct object *o = r->object;
	size_t count = 0;

	r->places = array_of(r, part->header.sh_size, sizeof *r->places);
	for (size_t i = 0; i < o->function_count; i++)
		come_to(r, part, &count, o->functions[i].at);
	for (size_t i = 0; i < o->relocation_count; i++)
		if (is_linked(r, &o->relocations[i]))
			come_to(r, part, &count, (uint64_t)o->relocations[i].addend);
	while (count) {
		const uint64_t at = r->places[--count];
		unsigned char b[LONGEST];
		int64_t distance;

		look_at(b, o->code, o->size, at);
		distance = r->machine->distance(b);
		if (!distance && r->machine->far_distance)
			distance = r->machine->far_distance(b);
		if (distance) {
			check_jump(r, part, at, at + (uint64_t)distance);
			come_to(r, part, &count, at + (uint64_t)distance);
		}
		if (r->machine->length(b))
			come_to(r, part, &count, at + r->machine->length(b));
	}
	free(r->places);
	r->places = NULL;
}

void check_jumps(struct reader *r)
{
	if (!r->machine->length) {
		r->machine->take_parts(r);
		return;
	}
	check_places(r);
	for (size_t i = 0; i < r->part_count; i++)
		check_part(r, &r->parts[i]);
}

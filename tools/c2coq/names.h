/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What belongs to a name, found in constant time: hash tables that grow.
 * They live as long as terms do.
 * Read next: names.c.
 */
#ifndef C2COQ_NAMES_H
#define C2COQ_NAMES_H

#include <stddef.h>

/* All zero is empty. */
struct names {
	struct name **slots;
	size_t slot_count, count;
};

/* What was added last under that name, or NULL. */
void *names_find(const struct names *names, const char *name);
void names_add(struct names *names, const char *name, void *what);

#endif

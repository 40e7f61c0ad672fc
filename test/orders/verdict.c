/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Verdicts, and how they are printed.
 * Read next: orders.c.
 */
#include <stdio.h>
#include <stdlib.h>

#include "orders.h"

enum verdict worst(enum verdict a, enum verdict b)
{
	return a > b ? a : b;
}

const char *name_of(enum verdict verdict)
{
	static const char *const names[] = { "right", "limit", "no verdict", "wrong" };

	return names[verdict];
}

enum verdict say(const struct function *f, enum verdict verdict, const char *what, const char *detail)
{
	printf("%s: %s: %s: %s%s\n", f->file, f->name, name_of(verdict), what, detail);
	return verdict;
}

_Noreturn void fail(const char *file, const char *what)
{
	fprintf(stderr, "orders: %s: %s\n", file, what);
	exit(NOT_READ);
}

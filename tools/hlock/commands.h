/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The commands of hlock, and what a command line says.
 * Read next: hlock.c.
 */
#ifndef HLOCK_COMMANDS_H
#define HLOCK_COMMANDS_H

#include "table.h"

/* How a command ends. */
enum { FINE, REFUSED, FAILED };

struct options {
	char *words[3]; /* what is no option */
	int word_count;
	const char *output, *work; /* work NULL: by the command */
	const char *folder; /* of the drop-in, if output is something else */
	const char *table, *cc, *flags, *target;
	struct style style;
	bool json, quiet;
	bool proof; /* Coq's kernel runs the checker, too */
	bool debug; /* the object file is of code that does more than lock */
};

int command_check(const struct options *options);
int command_generate(const struct options *options);
int command_export(const struct options *options);
int command_prove(const struct options *options);
int command_test(const struct options *options);
int command_judge(const struct options *options);
int command_check_object(const struct options *options);
int command_explore(const struct options *options);
int command_report(const struct options *options);
int command_new(const struct options *options);
int command_emit(const struct options *options);

/* Reads and checks the table; the style is the command line's.  What is wrong with it is
 * printed. */
int table_of(struct table *table, const struct options *options);

#endif

/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The front end: runs clang on one source.
 * Read next: front.c, then tree.h.
 */
#ifndef C2COQ_FRONT_H
#define C2COQ_FRONT_H

#include "tree.h"

/* Runs clang on SOURCE with the user's arguments and returns the syntax tree.
 * What clang rejects ends the program with REFUSED; what it only warns about
 * does not. */
const struct node *front_parse(const char *source, char *const clang_args[],
			       size_t clang_arg_count);
/* Ends clang if it still runs. */
void front_stop(void);

#endif

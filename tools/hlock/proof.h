/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A proof, or a test, of one drop-in, or a proof of one object file, in a folder of the user's.
 * Read next: prove.c, object.c.
 */
#ifndef HLOCK_PROOF_H
#define HLOCK_PROOF_H

#include "commands.h"
#include "run.h"

struct proof {
	struct table table;
	struct home home;
	const char *folder; /* of hlock.c, absolute */
	const char *source; /* hlock.c, or hlock.h if its functions are inline */
	const char *work;   /* absolute */
	const char *command; /* that made hlock.c */
};

/* Finds home, reads the command that made the drop-in of --output, and makes --work, or the
 * folder of that name.  False: it cannot, which was said. */
bool prepare_work(struct proof *proof, const struct options *options, const char *folder);

/* The last of these alone. */
bool open_work(struct proof *proof, const struct options *options, const char *folder);

/* c2coq's work: the floors' functions and those of the table, release and debug.  A status. */
int export_all(const struct proof *proof);

/* Runs coqc on WORK/NAME.v; what it says goes to WORK/NAME.said.  Its exit status. */
int coq(const struct proof *proof, const char *name);
int start_coq(const struct proof *proof, const char *name); /* wait_for_program gives it */

/* Says what Coq said of a file with which it ended so.  A status. */
int coq_refuses(const struct proof *proof, const char *name, int coq_status);

/* What it says of a theorem that rests on nothing. */
#define CLOSED "Closed under the global context"

/* Of check-object: Coq runs the checker on the object file, and proves the theorems of its code.  A status. */
int prove_object(const struct home *home, const struct table *table, const struct options *options);

/* Says of which functions the exported text is not that of the table. */
bool same_functions(const struct proof *proof);
void say_differences(const struct proof *proof);

/* Whether both files are as `hlock generate` writes them, what is trusted in them above all. */
bool same_text(const struct proof *proof);

#endif

/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The parts of the header that annotate.c writes.
 * Read next: annotate.c.
 */
#ifndef HLOCK_ANNOTATE_H
#define HLOCK_ANNOTATE_H

#include "table.h"

/* The macros, and what they name. */
void emit_annotations(FILE *out, const struct table *table);
/* A function's prototype, with its attributes. */
void emit_declaration(FILE *out, const struct table *table, const struct family *f, enum operation operation);
/* Those of inline functions, before their definitions. */
void emit_inline_declarations(FILE *out, const struct table *table);
/* acquire_lock_X_second and its like. */
void emit_seconds(FILE *out, const struct table *table);
/* assert_held_X and its like. */
void emit_assertions(FILE *out, const struct table *table);

#endif

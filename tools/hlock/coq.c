/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What Coq and the tools get from the lock table: the table as a Coq value, the
 * theorems about each named function, and a tab-separated list for scripts.
 * The proofs are about the table; a family's own theorems are corollaries, so
 * that a new line in the table needs no new proof text by hand.
 */
#include "table.h"

static void emit_family(FILE *out, const struct family *f)
{
	fprintf(out,
		"Definition family_%s : family :=\n"
		"  {| name := \"%s\"; first := %llu; count := %llu; rank := %llu; index := ",
		f->name, f->name, f->first, f->count, f->rank);
	if (f->index)
		fprintf(out, "Some \"%s\"", f->index);
	else
		fprintf(out, "None");
	fprintf(out, ";\n     protects := \"%s\" |}.\n", f->object);
}

void emit_made_by(FILE *out, const struct table *table, const char *verb, const char *file)
{
	if (table->style.made_by)
		fprintf(out, "(* %s. Never edited.", table->style.made_by);
	else
		fprintf(out, "(* hlock emit %s %s generated/%s. Never edited.", verb, table->path, file);
}

void emit_coq(FILE *out, const struct table *table)
{
	emit_made_by(out, table, "coq", "lock_table.v");
	fprintf(out, " *)\n"
		     "From Coq Require Import String List ZArith.\n"
		     "From hlock.layers.table Require Import table.\n"
		     "Import ListNotations.\n"
		     "Local Open Scope Z_scope.\n"
		     "Local Open Scope string_scope.\n\n");
	for (int i = 0; i < table->count; i++)
		emit_family(out, &table->families[i]);
	fprintf(out, "\nDefinition lock_table : table :=\n  [");
	for (int i = 0; i < table->count; i++)
		fprintf(out, "%sfamily_%s", i ? "; " : "", table->families[i].name);
	fprintf(out, "].\n");
}

/* name, first, count, rank, object, acquire, release, line of the table, index or - */
void emit_tsv(FILE *out, const struct table *table)
{
	for (int i = 0; i < table->count; i++) {
		const struct family *f = &table->families[i];

		fprintf(out, "%s\t%llu\t%llu\t%llu\t%s\tacquire_lock_%s\trelease_lock_%s\t%d\t%s\n", f->name,
			f->first, f->count, f->rank, f->object, f->name, f->name, f->line, f->index ? f->index : "-");
	}
}

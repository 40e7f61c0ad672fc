/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Which functions of a drop-in are not what its table says: first by their names, then, when
 * Coq has refused an equation, by asking it for each.  And what else of it was changed.
 * Read next: theorems.c, the equations.
 */
#include "proof.h"

#include <stdlib.h>
#include <string.h>

/* Lock functions, and assertions. */
static const char *const begins[] = { "acquire_lock_", "release_lock_", "assert_held_", "assert_not_held_", NULL };

static bool is_family(const struct table *table, const char *name)
{
	for (int i = 0; i < table->count; i++)
		if (strcmp(table->families[i].name, name) == 0)
			return true;
	return false;
}

static bool is_of_table(const struct table *table, const char *name)
{
	const size_t prefix = strlen(table->style.prefix);

	for (const char *const *check = check_functions; *check; check++)
		if (strcmp(name, *check) == 0)
			return true;
	if (strncmp(name, table->style.prefix, prefix) != 0)
		return false;
	name += prefix;
	for (const char *const *begin = begins; *begin; begin++)
		if (strncmp(name, *begin, strlen(*begin)) == 0 && is_family(table, name + strlen(*begin)))
			return true;
	return strcmp(name, "assert_none_held") == 0;
}

/* "NAME\tFILE\tLINE\n" of a list of c2coq's; NULL: it has not that function. */
static const char *line_of(const char *list, const char *name)
{
	const size_t length = strlen(name);

	for (const char *line = list; *line; line = strchr(line, '\n') + 1)
		if (strncmp(line, name, length) == 0 && line[length] == '\t')
			return line;
	return NULL;
}

/* FILE:LINE of it */
static const char *place_of(const struct proof *proof, const char *line)
{
	const char *file = strchr(line, '\t') + 1, *tab = strchr(file, '\t');

	if (strncmp(file, "./", 2) == 0)
		file += 2;
	return text("%s/%.*s:%.*s", proof->folder, (int)(tab - file), file, (int)strcspn(tab + 1, "\n"), tab + 1);
}

static bool is_there(const struct proof *proof, const char *list, const struct family *f, enum operation operation)
{
	const char *name = text("%s%s_lock_%s", proof->table.style.prefix, verb(operation), f->name);

	if (line_of(list, name))
		return true;
	fprintf(stderr, "%s:%d:%d: family %s: %s/%s does not define %s\n", proof->table.path, f->line, f->column.name,
		f->name, proof->folder, proof->source, name);
	return false;
}

static bool same_names(const struct proof *proof, const char *file)
{
	const char *list = text_of_file(text("%s/%s", proof->work, file));
	bool same = list != NULL;

	for (int i = 0; same && i < proof->table.count; i++)
		same = is_there(proof, list, &proof->table.families[i], ACQUIRE) &&
		       is_there(proof, list, &proof->table.families[i], RELEASE);
	for (const char *line = list; same && *line; line = strchr(line, '\n') + 1) {
		const char *name = text("%.*s", (int)strcspn(line, "\t"), line);

		if (!is_of_table(&proof->table, name)) {
			fprintf(stderr, "%s: %s is no function of the table\n", place_of(proof, line), name);
			same = false;
		}
	}
	return same;
}

bool same_functions(const struct proof *proof)
{
	return same_names(proof, "functions.tsv") && same_names(proof, "debug.tsv") &&
	       same_names(proof, "checked.tsv");
}

/* ------------------------------------------------------------------- asking Coq */

static void ask(FILE *out, const char *left, const char *right, const char *name, const char *kind)
{
	fprintf(out, "Goal %s = %s.\nProof. tryif reflexivity then idtac else idtac \"differs %s %s\". Abort.\n",
		left, right, name, kind);
}

static void ask_function(FILE *out, const struct table *table, const struct family *f, enum operation operation)
{
	const char *c = text("%s%s_lock_%s", table->style.prefix, verb(operation), f->name);
	const char *Op = operation == ACQUIRE ? "Acquire" : "Release";

	ask(out, text("f_%s", c), text("function_text false %s family_%s", Op, f->name), c, "release");
	ask(out, text("L4_locks_debug.f_%s", c), text("function_text true %s family_%s", Op, f->name), c, "debug");
	ask(out, text("L4_locks_checked.f_%s", c), text("checked_text %s family_%s", Op, f->name), c, "checked");
}

static void ask_assertions(FILE *out, const struct table *table, const struct family *f)
{
	const char *held = text("%sassert_held_%s", table->style.prefix, f->name);
	const char *not_held = text("%sassert_not_held_%s", table->style.prefix, f->name);

	ask(out, text("L4_locks_checked.f_%s", held), text("assertion_text Held family_%s", f->name), held, "checked");
	ask(out, text("L4_locks_checked.f_%s", not_held), text("assertion_text Not_held family_%s", f->name), not_held,
	    "checked");
}

static void emit_questions(FILE *out, const struct table *table)
{
	static const char *const floors[][2] = { { "L1_ticket", "wait_lock" }, { "L1_ticket", "pass_lock" },
						 { "L3_atomic", "wait_hlock" }, { "L3_atomic", "pass_hlock" } };

	emit_made_by(out, table, "", "");
	fprintf(out, " *)\nFrom Coq Require Import String.\n"
		     "From hlock.layers.L4_locks Require Import text checks_text.\n"
		     "From hlock.generated Require L1_ticket L3_atomic.\n"
		     "From %s Require Import lock_table L4_locks.\n"
		     "From %s Require L1_ticket L3_atomic L4_locks_debug L4_locks_checked.\n",
		table->style.room, table->style.room);
	for (size_t i = 0; i < sizeof floors / sizeof *floors; i++)
		ask(out, text("%s.%s.f_%s", table->style.room, floors[i][0], floors[i][1]),
		    text("hlock.generated.%s.f_%s", floors[i][0], floors[i][1]), floors[i][1], "floor");
	for (int i = 0; i < table->count; i++) {
		ask_function(out, table, &table->families[i], ACQUIRE);
		ask_function(out, table, &table->families[i], RELEASE);
		ask_assertions(out, table, &table->families[i]);
	}
	for (const char *const *check = check_functions; *check; check++)
		ask(out, text("L4_locks_checked.f_%s", *check), text("%s_text", *check), *check, "checked");
	ask(out, text("L4_locks_checked.f_%sassert_none_held", table->style.prefix), "none_held_text",
	    text("%sassert_none_held", table->style.prefix), "checked");
}

static void say_difference(const struct proof *proof, const char *line)
{
	const char *list = text_of_file(text("%s/functions.tsv", proof->work));
	const char *checked = text_of_file(text("%s/checked.tsv", proof->work));
	char name[100], kind[20];
	const char *where;

	if (sscanf(line, "differs %99s %19s", name, kind) != 2)
		return;
	where = list && line_of(list, name) ? line_of(list, name) : checked ? line_of(checked, name) : NULL;
	fprintf(stderr, "%s: %s is not what %s (%s text)\n",
		where ? place_of(proof, where) : text("%s/%s", proof->folder, proof->source), name,
		strcmp(kind, "floor") == 0 ? "the proofs of its floor speak of" : "the table says",
		strcmp(kind, "debug") == 0 ? "debug" : strcmp(kind, "checked") == 0 ? "checked debug" : "release");
}

void say_differences(const struct proof *proof)
{
	const struct made questions = { text("%s/differ.v", proof->work), emit_questions };
	const char *said;

	if (!write_files(&proof->table, 1, &questions))
		return;
	coq(proof, "differ");
	said = text_of_file(text("%s/differ.said", proof->work));
	for (const char *line = said; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		say_difference(proof, line);
	if (!said || !strstr(said, "differs "))
		fprintf(stderr, "%s", said ? said : "");
}

/* ------------------------------------------------------------------- the files */

static bool same_file(const struct proof *proof, const char *name, void (*emit)(FILE *, const struct table *))
{
	struct table table = proof->table;
	const char *path = text("%s/%s", proof->folder, name), *there = text_of_file(path);
	char *made = NULL;
	size_t size = 0, same = 0;
	int line = 1;
	FILE *out = open_memstream(&made, &size);

	if (!there || !out) {
		perror(path);
		return false;
	}
	table.style.made_by = proof->command;
	emit(out, &table);
	fclose(out);
	while (made[same] && made[same] == there[same])
		line += made[same++] == '\n';
	if (made[same] != there[same])
		fprintf(stderr, "%s:%d: this is not what `hlock generate` writes, and not all of it is proved: the C "
				"of floor 0 is trusted as it was written\n", path, line);
	same = made[same] == there[same];
	free(made);
	return same;
}

bool same_text(const struct proof *proof)
{
	const bool header = same_file(proof, "hlock.h", emit_header);

	return same_file(proof, "hlock.c", emit_source) && header;
}

/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * hlock test: threads that contend for all locks of a drop-in, built with the user's compiler
 * and flags; a judge of what they did, and the same run again on the machine of N CPUs.
 *
 * The workload is the one that tests the shipped library, source for source.  It is copied into
 * a folder of the user's (--work), and what it includes of hlock's tree stands beside it: the
 * table, and headers that lead to the drop-in.  One more file includes hlock.c, and tells the
 * workload where its lock words are, whatever they are called.
 * Read next: judge.c.
 */
#include "proof.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* So many numbers at most: the workload has an object and a mark a CPU for each. */
#define TESTED_MOST 65536

static const char *const sources[] = { "enter.c", "interrupt.c", "locks.c", "meet.c", "object.c", "phases.c",
				       "record.c", "section.c", "stress.c", "verdict.c", "watch.c", "stress.h" };

/* ------------------------------------------------ what the workload includes */

static void emit_capitals(FILE *out, const char *prefix)
{
	for (; *prefix; prefix++)
		fputc(toupper((unsigned char)*prefix), out);
}

/* <hlock/hlock.h>: the drop-in, by the names without prefix */
static void emit_drop_in(FILE *out, const struct table *table)
{
	const char *prefix = table->style.prefix;

	fprintf(out, "#include \"../../drop/hlock.h\"\n");
	if (!*prefix)
		return;
	fprintf(out, "#define HLOCK_LOCKS ");
	emit_capitals(out, prefix);
	fprintf(out, "HLOCK_LOCKS\n");
	for (int i = 0; i < table->count; i++)
		for (int o = ACQUIRE; o <= RELEASE; o++)
			fprintf(out, "#define %s_lock_%s %s%s_lock_%s\n", verb(o), table->families[i].name, prefix,
				verb(o), table->families[i].name);
}

static void emit_locks(FILE *out, const struct table *table)
{
	(void)table;
	fprintf(out, "#include <hlock/hlock.h>\n#include <stdint.h>\n");
}

static void emit_machine(FILE *out, const struct table *table)
{
	const char *prefix = table->style.inlined ? table->style.prefix : "";

	fprintf(out, "#include <stdatomic.h>\n#include <stdint.h>\n#ifndef ");
	emit_capitals(out, prefix);
	fprintf(out, "HLOCK_LINE\n#define ");
	emit_capitals(out, prefix);
	fprintf(out, "HLOCK_LINE %d\n#endif\nstruct hlock_words {\n	_Alignas(", table->style.distance);
	emit_capitals(out, prefix);
	fprintf(out, "HLOCK_LINE) _Atomic uint32_t next;\n	_Atomic uint32_t now;\n};\n"
		     "extern void *const words_to_look_at;\n"
		     "#define hlock_words ((struct hlock_words *)words_to_look_at)\n");
}

static void emit_words(FILE *out, const struct table *table)
{
	fprintf(out, "#include \"drop/hlock.c\"\nextern void *const words_to_look_at;\n"
		     "void *const words_to_look_at = %shlock_words;\n", table->style.prefix);
}

/* ------------------------------------------------------------------ the folder */

static bool copy(const char *from, const char *to)
{
	const char *file = text_of_file(from);
	FILE *out = file ? fopen(to, "w") : NULL;

	if (!out || fputs(file, out) < 0 || fclose(out) != 0) {
		perror(file ? to : from);
		return false;
	}
	return true;
}

static bool make_folders(const struct proof *proof)
{
	static const char *const folders[] = { "drop", "include", "include/hlock", "layers", "layers/L0_machine",
					       "layers/L4_locks", "test", "test/stress" };

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		if (mkdir(text("%s/%s", proof->work, folders[i]), 0777) != 0 && errno != EEXIST) {
			perror(folders[i]);
			return false;
		}
	return true;
}

static bool make_workload(const struct proof *proof)
{
	const char *work = proof->work;
	const struct made files[] = {
		{ text("%s/include/hlock/hlock.h", work), emit_drop_in },
		{ text("%s/layers/L4_locks/locks.h", work), emit_locks },
		{ text("%s/layers/L0_machine/machine.h", work), emit_machine },
		{ text("%s/words.c", work), emit_words },
		{ text("%s/table.tsv", work), emit_tsv },
	};
	bool made = make_folders(proof) && write_files(&proof->table, sizeof files / sizeof *files, files) &&
		    copy(proof->table.path, text("%s/layers/L4_locks/lock_table.def", work)) &&
		    copy(text("%s/hlock.h", proof->folder), text("%s/drop/hlock.h", work)) &&
		    copy(text("%s/hlock.c", proof->folder), text("%s/drop/hlock.c", work));

	for (size_t i = 0; made && i < sizeof sources / sizeof *sources; i++)
		made = copy(text("%s/%s", proof->home.workload, sources[i]),
			    text("%s/test/stress/%s", work, sources[i]));
	return made;
}

/* --------------------------------------------------------- build, run, judge */

/* Words between blanks. */
static void add_split(struct words *words, const char *line)
{
	while (*(line += strspn(line, " \t"))) {
		const size_t length = strcspn(line, " \t");

		add_word(words, text("%.*s", (int)length, line));
		line += length;
	}
}

static int build(const struct proof *proof, const struct options *options)
{
	struct words command = { 0 };

	add_split(&command, options->cc ? options->cc
			    : options->target ? text("%s-linux-gnu-gcc", options->target) : "cc");
	add_split(&command, "-std=c11 -D_GNU_SOURCE -O2 -pthread -Iinclude -DSTRESS_OBJECT_CODE=\"hlock.c\"");
	command.word[command.count - 1] = "-DSTRESS_OBJECT_CODE=\"hlock.c\"";
	add_split(&command, options->target ? "-static" : "");
	add_split(&command, options->flags);
	add_word(&command, "words.c");
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
		if (strcmp(sources[i], "stress.h") != 0)
			add_word(&command, text("test/stress/%s", sources[i]));
	add_split(&command, "-o workload");
	switch (run_program(&command, proof->work, NULL)) {
	case 0: return FINE;
	case CANNOT_RUN: return FAILED;
	default: return REFUSED;
	}
}

static int run(const struct proof *proof, const char *target)
{
	struct words command = { 0 };
	int status;

	if (target)
		add_word(&command, text("qemu-%s", target));
	add_split(&command, "./workload --trace trace --summary summary.tsv");
	status = run_program(&command, proof->work, text("%s/workload.said", proof->work));
	if (status == 0)
		return FINE;
	fprintf(stderr, "%s", text_of_file(text("%s/workload.said", proof->work)));
	fprintf(stderr, "hlock: the workload ends with status %d%s\n", status,
		status == 3 ? ": it hangs" : status == 4 ? ": an object is corrupt"
					   : status == 5 ? ": too little contention, so the run says too little" : "");
	return status == CANNOT_RUN ? FAILED : REFUSED;
}

static int judged(const struct proof *proof)
{
	struct words command = { 0 };
	int status;

	add_word(&command, text("%s/judge", proof->home.tools));
	add_split(&command, "--table table.tsv trace");
	status = run_program(&command, proof->work, text("%s/judge.said", proof->work));
	if (status == 0)
		return FINE;
	fprintf(stderr, "%s", text_of_file(text("%s/judge.said", proof->work)));
	fprintf(stderr, "hlock: the judge does not allow %s/trace\n", proof->work);
	return status == 1 || status == 3 ? REFUSED : FAILED;
}

static void print_text(const struct proof *proof)
{
	const char *said = text_of_file(text("%s/judge.said", proof->work));

	printf("%-16s %12s %10s %10s %10s\n", "family", "acquisitions", "contended", "hand-overs", "events");
	for (const char *line = said; *line; line = strchr(line, '\n') + 1) {
		char name[100];
		unsigned long long n[4];

		if (sscanf(line, "%99s\t%llu\t%llu\t%llu\t%llu", name, &n[0], &n[1], &n[2], &n[3]) == 5)
			printf("%-16s %12llu %10llu %10llu %10llu\n", name, n[0], n[1], n[2], n[3]);
		else
			printf("%.*s\n", (int)strcspn(line, "\n"), line);
	}
}

static void print_json(const struct proof *proof, int status)
{
	const char *said = status == FINE ? text_of_file(text("%s/judge.said", proof->work)) : "", *separator = "";

	printf("{\"allowed\": %s, \"families\": [", status == FINE ? "true" : "false");
	for (const char *line = said; *line; line = strchr(line, '\n') + 1) {
		char name[100];
		unsigned long long n[4];

		if (sscanf(line, "%99s\t%llu\t%llu\t%llu\t%llu", name, &n[0], &n[1], &n[2], &n[3]) != 5)
			continue;
		printf("%s{\"name\": \"%s\", \"acquisitions\": %llu, \"contended\": %llu, \"hand_overs\": %llu, "
		       "\"events\": %llu}", separator, name, n[0], n[1], n[2], n[3]);
		separator = ", ";
	}
	printf("]}\n");
}

int command_test(const struct options *options)
{
	struct proof proof = { .table = { .path = options->words[0] } };
	int status = table_of(&proof.table, options);

	print_faults(&proof.table, SOME_FAULTS);
	if (status != FINE)
		return status;
	if (numbers_of(&proof.table) > TESTED_MOST) {
		fprintf(stderr, "hlock: test is for tables of at most %d lock numbers, and those of %s go up to %llu\n",
			TESTED_MOST, proof.table.path, numbers_of(&proof.table) - 1);
		return REFUSED;
	}
	if (!prepare_work(&proof, options, "hlock.test") || !make_workload(&proof))
		return FAILED;
	status = build(&proof, options);
	if (status == FINE)
		status = run(&proof, options->target);
	if (status == FINE)
		status = judged(&proof);
	if (options->json)
		print_json(&proof, status);
	else if (status == FINE && !options->quiet)
		print_text(&proof);
	return fflush(stdout) == 0 ? status : FAILED;
}

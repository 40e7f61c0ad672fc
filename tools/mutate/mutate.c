/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * mutate: changes a C file in one place, in every way that a proof must notice.
 *
 * It works on tokens, so that it can change the text of macros, from which the
 * functions of floor 4 are made; a change that is not C is for the compiler to
 * find.  The numbers of the mutants follow the place in the text.
 * Read next: source.h, mutants.h; run.sh runs the proofs against each mutant.
 */
#define _XOPEN_SOURCE 700

#include "mutants.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
	"usage: mutate --list [--callees NAME,...] FILE\n"
	"       mutate --apply N -o OUT [--callees NAME,...] FILE\n"
	"  --list     one line for each mutant: number, line:column, what it changes\n"
	"  --apply N  write the file with change number N to OUT\n"
	"  --callees  the names that a call may go to; default: those that FILE calls\n";

struct options {
	bool list;
	const char *number, *output, *callees, *file;
};

static _Noreturn void wrong_usage(void)
{
	fputs(usage, stderr);
	exit(2);
}

static struct options parse_command_line(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "list", no_argument, NULL, 'l' },
		{ "apply", required_argument, NULL, 'a' },
		{ "callees", required_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	struct options options = { 0 };
	int letter;

	while ((letter = getopt_long(argc, argv, "o:", long_options, NULL)) != -1) {
		if (letter == 'l')
			options.list = true;
		else if (letter == 'a')
			options.number = optarg;
		else if (letter == 'c')
			options.callees = optarg;
		else if (letter == 'o')
			options.output = optarg;
		else
			wrong_usage();
	}
	options.file = argv[optind];
	if (argc - optind != 1 || options.list == (options.number != NULL) ||
	    (options.number != NULL) != (options.output != NULL))
		wrong_usage();
	return options;
}

/* The functions that the file calls, between commas. */
static char *names_called(const struct source *source)
{
	char *names;
	size_t length;
	FILE *out = open_memstream(&names, &length);

	if (!out)
		fail("out of memory");
	for (size_t i = 0; i < source->region_count; i++) {
		const struct region *region = &source->regions[i];

		for (size_t k = 0; k < region->count; k++) {
			const struct token *token = &region->tokens[k];

			if (is_call(source, region, k) && !is_macro_name(source, token))
				fprintf(out, "%.*s,", (int)(token->end - token->start),
					source->text + token->start);
		}
	}
	fclose(out);
	return names;
}

static int compare_places(const void *left, const void *right)
{
	const struct mutant *a = left, *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if (a->end != b->end)
		return a->end < b->end ? -1 : 1;
	return strcmp(a->text, b->text);
}

static void print_list(const struct mutants *mutants)
{
	size_t line, column;

	for (size_t i = 0; i < mutants->count; i++) {
		source_place(mutants->source, mutants->list[i].start, &line, &column);
		printf("%zu\t%zu:%zu\t%s\n", i + 1, line, column, mutants->list[i].what);
	}
	if (fflush(stdout) != 0 || ferror(stdout))
		fail("cannot write the list: %s", strerror(errno));
}

static void apply(const struct mutants *mutants, const struct options *options)
{
	const struct source *source = mutants->source;
	const struct mutant *mutant;
	char *end;
	unsigned long number = strtoul(options->number, &end, 10);
	FILE *out;

	if (*end || number == 0 || number > mutants->count)
		fail("no mutant %s: %s has %zu", options->number, source->path, mutants->count);
	mutant = &mutants->list[number - 1];
	out = fopen(options->output, "w");
	if (!out)
		fail("cannot write %s: %s", options->output, strerror(errno));
	fwrite(source->text, 1, mutant->start, out);
	fputs(mutant->text, out);
	fwrite(source->text + mutant->end, 1, source->length - mutant->end, out);
	if (ferror(out) | (fclose(out) != 0))
		fail("cannot write %s: %s", options->output, strerror(errno));
}

int main(int argc, char **argv)
{
	const struct options options = parse_command_line(argc, argv);
	struct mutants mutants = { 0 };
	struct source source;
	char *names;

	source_read(&source, options.file);
	names = names_called(&source);
	mutants.source = &source;
	mutants.callees = options.callees ? options.callees : names;
	for (size_t i = 0; i < source.region_count; i++) {
		add_token_mutants(&mutants, &source.regions[i]);
		add_statement_mutants(&mutants, &source.regions[i]);
	}
	if (mutants.count > 0)
		qsort(mutants.list, mutants.count, sizeof *mutants.list, compare_places);
	if (options.list)
		print_list(&mutants);
	else
		apply(&mutants, &options);
	free_mutants(&mutants);
	free(names);
	source_free(&source);
	return 0;
}

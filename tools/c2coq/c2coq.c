/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * c2coq: exports the C of one room to Coq, as Clight terms.
 *
 * It reads what the compiler reads, through clang's syntax tree, and writes all
 * of it or nothing.  The output starts with the command that made it, without
 * the names of the output files: the same command into another file, as `make
 * check` runs it, gives the same bytes.
 *
 * Who calls whom: a file calls those of lower lines; those of one line call each other,
 * as an expression may have calls and choices in it, and these expressions.
 *
 *   c2coq                 the command line
 *   output                files that appear whole
 *   front                 runs clang
 *   module                the functions of a room
 *   print                 a module as a Coq file
 *   stmt                  statements
 *   expr call shortcut    expressions
 *   loop                  loops that a compiler may drop
 *   callees               declarations of functions
 *   subset                what is in the subset
 *   names                 tables
 *   clight                Clight as terms
 *   tree                  clang's JSON as nodes
 *   keys                  its keys
 *   term                  terms, memory, layout
 *   message               how the program ends
 *
 * Read next: front.h, translate.h.
 */
#define _XOPEN_SOURCE 700

#include "front.h"
#include "module.h"
#include "output.h"
#include "translate.h"

#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
	"usage: c2coq --room DIR [OPTION...] [-o OUT.v] SOURCE.[ch] [-- CLANG-ARGS]\n"
	"  --room DIR        export the functions defined in files under DIR\n"
	"  --only A,B        these alone; the others are known by their types only\n"
	"  --except A,B      all but these, if they are defined at all\n"
	"  --unprefix TEXT   a function whose name begins so is without it in Coq\n"
	"  --locations FILE  write one line for each function: name, file, line\n"
	"  -o OUT.v          write the Coq file there, not to standard output\n"
	"exit status: 0 exported, 1 refused (file:line:column: what and why), 2 other\n";

struct options {
	const char *room, *locations, *output, *source;
	struct choice choice;
	char **clang_args;
	size_t clang_arg_count;
};

static void release(void)
{
	front_stop();
	terms_free();
}

/* -------------------------------------------------------------- options */

static _Noreturn void wrong_usage(const char *what)
{
	fprintf(stderr, "c2coq: %s\n%s", what, usage);
	exit(TOOL_FAILURE);
}

static _Noreturn void print_usage(void)
{
	fputs(usage, stdout);
	exit(EXPORTED);
}

static bool ends_in(const char *text, const char *suffix)
{
	const size_t length = strlen(text), wanted = strlen(suffix);

	return length > wanted && strcmp(text + length - wanted, suffix) == 0;
}

static void check_options(const struct options *options)
{
	if (!options->room)
		wrong_usage("--room is missing");
	if (!options->source)
		wrong_usage("the source is missing");
	if (options->source[0] == '-' ||
	    (!ends_in(options->source, ".c") && !ends_in(options->source, ".h")))
		wrong_usage("the source is a file SOURCE.c or SOURCE.h");
	if (options->output && !ends_in(options->output, ".v"))
		wrong_usage("the output is a file OUT.v");
	if (options->output && options->locations &&
	    strcmp(options->output, options->locations) == 0)
		wrong_usage("two outputs in one file");
}

/* A room has one name, however many slashes end it. */
static const char *without_slashes(const char *directory)
{
	size_t length = strlen(directory);

	while (length > 1 && directory[length - 1] == '/')
		length--;
	return term_text("%.*s", (int)length, directory);
}

static void read_options(struct options *options, int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "room", required_argument, NULL, 'r' },
		{ "locations", required_argument, NULL, 'l' },
		{ "only", required_argument, NULL, 'y' },
		{ "except", required_argument, NULL, 'x' },
		{ "unprefix", required_argument, NULL, 'u' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int letter;

	opterr = 0; /* getopt prints an option as it is */
	while ((letter = getopt_long(argc, argv, "o:h", long_options, NULL)) != -1) {
		if (letter == 'h')
			print_usage();
		else if (letter == 'r')
			options->room = without_slashes(optarg);
		else if (letter == 'l')
			options->locations = optarg;
		else if (letter == 'o')
			options->output = optarg;
		else if (letter == 'y')
			options->choice.only = optarg;
		else if (letter == 'x')
			options->choice.except = optarg;
		else if (letter == 'u')
			options->choice.unprefix = optarg;
		else
			wrong_usage("wrong option");
	}
	if (argc - optind > 1)
		wrong_usage("one source at a time");
	options->source = argv[optind];
	for (size_t i = 0; i < options->clang_arg_count; i++) {
		if (strcmp(options->clang_args[i], "-w") == 0)
			wrong_usage("-w would hide what is to be refused");
	}
	check_options(options);
}

/* What stands after `--` is clang's. */
static struct options parse_command_line(int argc, char **argv)
{
	struct options options = { 0 };
	int own = 0;

	while (own < argc && strcmp(argv[own], "--") != 0)
		own++;
	if (own < argc) {
		options.clang_args = argv + own + 1;
		options.clang_arg_count = (size_t)(argc - own - 1);
		argv[own] = NULL;
	}
	read_options(&options, own, argv);
	return options;
}

/* ----------------------------------------------------- the command line */

/* A word as a shell reads it back. */
static const char *quoted(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-./=+,:@%";

	if (word[0] != '\0' && strspn(word, plain) == strlen(word))
		return word;
	if (strchr(word, '\''))
		wrong_usage("an argument with a ' cannot be written into the Coq file");
	return term_text("'%s'", word);
}

static const char *with_option(const char *text, const char *option, const char *argument)
{
	return argument ? term_text("%s %s %s", text, option, quoted(argument)) : text;
}

static const char *command_text(const struct options *options)
{
	const struct choice *choice = &options->choice;
	const char *text = term_text("c2coq --room %s", quoted(options->room));

	text = with_option(text, "--only", choice->only);
	text = with_option(text, "--except", choice->except);
	text = with_option(text, "--unprefix", choice->unprefix);
	text = term_text("%s %s", text, quoted(options->source));
	for (size_t i = 0; i < options->clang_arg_count; i++)
		text = term_text("%s%s %s", text, i == 0 ? " --" : "",
				 quoted(options->clang_args[i]));
	if (!is_comment_text(text))
		wrong_usage("these arguments cannot be written into a comment of Coq");
	return text;
}

/* ------------------------------------------------------------------ all */

static void make_outputs(const struct options *options, const struct module *module,
			 struct output *outputs)
{
	FILE *file = output_open(&outputs[0], options->output);

	module_print(module, file, command_text(options));
	fclose(file);
	if (!options->locations)
		return;
	file = output_open(&outputs[1], options->locations);
	module_print_locations(module, file);
	fclose(file);
}

/* The walks over clang's tree go DEEPEST_NODE levels down.  A level needs less
 * than 8 KB, under the address sanitizer too.  What is not used costs nothing, and
 * the limit of the shell, `ulimit -s`, does not matter. */
#define STACK_SIZE ((size_t)DEEPEST_NODE << 14)

struct task {
	const struct options *options;
	sigset_t signals; /* that are blocked */
};

static void *export(void *argument)
{
	const struct task *task = argument;
	const struct options *options = task->options;
	struct output outputs[2] = { 0 };

	pthread_sigmask(SIG_SETMASK, &task->signals, NULL);
	output_remove_old(options->output);
	output_remove_old(options->locations);
	make_outputs(options, module_translate(front_parse(options->source, options->clang_args,
							   options->clang_arg_count),
					       options->room, &options->choice), outputs);
	output_write(outputs, options->locations ? 2 : 1);
	exit(EXPORTED);
}

/* Signals go to the thread that exports, which can hold them off. */
static void export_on_own_stack(const struct options *options)
{
	struct task task = { .options = options };
	sigset_t all;
	pthread_attr_t attributes;
	pthread_t thread;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &task.signals);
	pthread_attr_init(&attributes);
	error = pthread_attr_setstacksize(&attributes, STACK_SIZE);
	if (!error)
		error = pthread_create(&thread, &attributes, export, &task);
	if (error)
		tool_failure("cannot start a thread: %s", strerror(error));
	pthread_attr_destroy(&attributes);
	pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
	struct options options;

	atexit(release);
	options = parse_command_line(argc, argv);
	command_text(&options);
	set_source_name(options.source);
	output_catch_signals();
	export_on_own_stack(&options);
	return EXPORTED;
}

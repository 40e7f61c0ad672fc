/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * hlock: the tool that users install.  One lock table in, and out come the C of its locks
 * and what is known of it.
 *
 *   hlock COMMAND [OPTION...] ARGUMENT...
 *
 * Exit status, of all commands: 0 it is as it should be, 1 what was given is refused, for
 * reasons that are printed, 2 wrong usage, or a file cannot be read or written.
 *
 * Who calls whom: a file calls those of lower lines.
 *
 *   hlock                     the command line
 *   listing generate prove workload judge report new   the commands, export among them
 *   export differ object      parts of prove; of check-object
 *   coqc                      Coq
 *   emit                      how they come by a table, and one for hlock's build
 *   header source coq theorems guarantees   what is made of a table
 *   home run                  other programs, and where they are
 *   floors                    the C of floors 0 to 3
 *   write                     files that appear whole
 *   read check names refused  a table that is right
 *   faults                    what is wrong with it
 *
 * Read next: commands.h, table.h.
 */
#include "commands.h"
#include "version.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "layers/L0_machine/size.h"

static const struct command {
	const char *name, *letters; /* of the options that it knows */
	int words;                  /* so many arguments */
	const char *arguments, *help;
	int (*run)(const struct options *);
} commands[] = {
	{ "new", "q", 1, "DIR",
	  "Write a commented table, a client and a Makefile into a folder that is empty or not there.",
	  command_new },
	{ "check", "ljq", 1, "TABLE",
	  "Accept the table, and print its locks, numbers, order and memory; or print every reason why not, "
	  "each with its line.", command_check },
	{ "generate", "olpi", 1, "TABLE",
	  "Write hlock.h and hlock.c, all that is needed to compile the locks of the table.", command_generate },
	{ "export", "owq", 1, "TABLE",
	  "The first step of prove: export the hlock.c that `generate` wrote to Coq's terms, for proofs of your own.",
	  command_export },
	{ "prove", "owejq", 1, "TABLE",
	  "Export the hlock.c that `generate` wrote, prove that its functions are those of the table, and put the "
	  "table into the theorems of hlock.", command_prove },
	{ "test", "owcftjq", 1, "TABLE",
	  "Build the hlock.c that `generate` wrote into a program of threads that contend for all its locks, run it, "
	  "and judge and replay what it did.", command_test },
	{ "judge", "T", 1, "TRACE", "Judge and replay the trace of a run.  Status 3: it is evidence of nothing.",
	  command_judge },
	{ "check-object", "TptDPw", 1, "FILE",
	  "Say of the object code of each function of a table, for aarch64, riscv64 or x86_64, whether it is proved; "
	  "of the library's table, if none is given.  Status 1: one is wrong, 2: there is no verdict on one, or no "
	  "proof.",
	  command_check_object },
	{ "explore", "", 0, "",
	  "Walk all interleavings of small cases, and show a shortest way to the fault of wrong ones.",
	  command_explore },
	{ "report", "odlecftj", 1, "TABLE",
	  "Write what check, prove and test find of the table and its drop-in into one file (report.txt).",
	  command_report },
	{ "emit", "", 3, "WHAT TABLE FILE",
	  "For hlock's own build: write what is made of the table, one of coq, theorems, exported, tsv.",
	  command_emit },
};

static const struct argp_option known[] = {
	{ "output", 'o', "PLACE", 0, "the folder of hlock.h and hlock.c (.), made by generate; of report the file", 0 },
	{ "drop-in", 'd', "DIR", 0, "the folder of hlock.h and hlock.c (.)", 0 },
	{ "work", 'w', "DIR", 0, "where what is made goes (hlock.proof, hlock.test, hlock.object)", 0 },
	{ "cc", 'c', "COMMAND", 0, "the compiler, with flags if there are blanks in it (cc)", 0 },
	{ "flags", 'f', "FLAGS", 0, "more flags of the compiler", 0 },
	{ "target", 't', "MACHINE", 0,
	  "aarch64, riscv64 or another: a test is by MACHINE-linux-gnu-gcc and qemu-MACHINE; an object has to be of it",
	  0 },
	{ "table", 'T', "TABLE", 0,
	  "the table of the run or of the object; that of hlock's own library if it is not given", 0 },
	{ "debug", 'D', NULL, 0,
	  "code that does more than lock, as a debug build's: it may access other memory, call functions of other "
	  "files, and stop; what it does to locks is checked", 0 },
	{ "prove", 'P', NULL, 0,
	  "Coq's kernel runs the checker, too, and the theorems on N CPUs are proved of this code", 0 },
	{ "each", 'e', NULL, 0, "prove three theorems of each function, too", 0 },
	{ "prefix", 'p', "TEXT", 0, "before the names of functions and types, in capitals before those of macros", 0 },
	{ "inline", 'i', NULL, 0, "the functions are static inline, in hlock.h", 0 },
	{ "line", 'l', "N", 0, "distance between two locks, in bytes, a power of two from 8 (64)", 0 },
	{ "json", 'j', NULL, 0, "print JSON", 0 },
	{ "quiet", 'q', NULL, 0, "print only what is wrong", 0 },
};

static const struct argp_option end_of_options;

static const char status_help[] =
	"\vExit status: 0 it is as it should be, 1 it is refused, for reasons that are printed, "
	"2 wrong usage, or a file cannot be read or written.";

struct line {
	const struct command *command;
	struct options options;
};

static int distance(struct argp_state *state, const char *text)
{
	char *end;
	const unsigned long n = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || n < 8 || n > 4096 || (n & (n - 1)) != 0)
		argp_error(state, "--line is a power of two from 8 to 4096, not '%s'", text);
	return (int)n;
}

/* A name in C and C++ that is reserved in neither, however it goes on. */
static const char *prefix(struct argp_state *state, const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz", rest[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

	if (*text && (!strchr(letters, *text) || strspn(text, rest) != strlen(text) || strstr(text, "__") ||
		      strlen(text) > 30))
		argp_error(state, "--prefix is a small letter, then small letters, digits and single underscores, "
				  "30 at most, not '%s'", text);
	return text;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct line *line = state->input;
	struct options *options = &line->options;

	switch (key) {
	case 'o':
		options->output = argument;
		return 0;
	case 'd':
		options->folder = argument;
		return 0;
	case 'w':
		options->work = argument;
		return 0;
	case 'c':
		options->cc = argument;
		return 0;
	case 'f':
		options->flags = argument;
		return 0;
	case 't':
		options->target = argument;
		return 0;
	case 'T':
		options->table = argument;
		return 0;
	case 'D':
		options->debug = true;
		return 0;
	case 'P':
		options->proof = true;
		return 0;
	case 'e':
		options->style.each = true;
		return 0;
	case 'p':
		options->style.prefix = prefix(state, argument);
		return 0;
	case 'i':
		options->style.inlined = true;
		return 0;
	case 'l':
		options->style.distance = distance(state, argument);
		return 0;
	case 'j':
		options->json = true;
		return 0;
	case 'q':
		options->quiet = true;
		return 0;
	case ARGP_KEY_ARG:
		if (options->word_count == line->command->words)
			argp_error(state, "too many arguments");
		options->words[options->word_count++] = argument;
		return 0;
	case ARGP_KEY_END:
		if (options->word_count < line->command->words)
			argp_error(state, "an argument is missing");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int run(const struct command *command, int argc, char **argv)
{
	char *name = memory(NULL, 40), *help = memory(NULL, strlen(command->help) + sizeof status_help);
	struct argp_option options[sizeof known / sizeof *known + 1];
	struct line line = { .command = command,
			     .options = { .output = ".", .folder = ".", .flags = "",
					  .style = { .prefix = "", .distance = HLOCK_LINE,
						     .room = "hlock.generated" } } };
	size_t count = 0;

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strchr(command->letters, known[i].key))
			options[count++] = known[i];
	options[count] = end_of_options;
	strcat(strcpy(help, command->help), status_help);
	snprintf(name, 40, "hlock %s", command->name);
	argv[0] = name; /* argp's messages begin with it */
	argp_parse(&(struct argp){ options, parse, command->arguments, help, NULL, NULL, NULL }, argc, argv, 0, NULL,
		   &line);
	return command->run(&line.options);
}

static void print_commands(FILE *out)
{
	fprintf(out, "usage: hlock COMMAND [OPTION...] ARGUMENT...\n\n");
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		fprintf(out, "  hlock %s %s\n", commands[i].name, commands[i].arguments);
	fprintf(out, "\nhlock COMMAND --help says more.\n%s\n", status_help + 1);
}

int main(int argc, char **argv)
{
	char *version = memory(NULL, 40);

	snprintf(version, 40, "hlock %d.%d.%d", MAJOR, MINOR, PATCH);
	argp_program_version = version;
	argp_err_exit_status = FAILED;
	for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof *commands; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return run(&commands[i], argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "--version") == 0)
		return puts(version) < 0 ? FAILED : FINE;
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)) {
		print_commands(stdout);
		return FINE;
	}
	if (argc > 1)
		fprintf(stderr, "hlock: no command '%s'\n", argv[1]);
	print_commands(stderr);
	return FAILED;
}

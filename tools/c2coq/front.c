/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Runs clang.  See front.h.
 * Read next: translate.h.
 */
#define _XOPEN_SOURCE 700

#include "front.h"

#include "term.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLANG "clang-14"
#define READ_SIZE ((size_t)1 << 18)
/* clang's own recursion needs less than 8 KB a level. */
#define CLANG_STACK_SIZE ((rlim_t)1 << 30)

extern char **environ;

/* clang; 0: none.  Global, for it is ended when the program ends, wherever it does. */
static pid_t running;

/* ------------------------------------------------------- the command line */

#define ONE_PROCESS "-fintegrated-cc1"
#define TWO_PROCESSES "-fno-integrated-cc1"

/* A warning refuses nothing, for the text has a meaning; but these texts have
 * none that is known.  Either they are no C11 and clang goes on as if they were,
 * or clang leaves out what another compiler may know. */
static const char *const errors[] = {
	"-Werror=implicit-function-declaration",
	"-Werror=implicit-int",
	"-Werror=int-conversion",
	"-Werror=incompatible-library-redeclaration",
	"-Werror=unknown-attributes",
	"-Werror=ignored-attributes",
	"-Werror=unknown-pragmas",
	"-Werror=ignored-pragmas",
};

/* Our options come last: what the user passes cannot weaken them. */
static char **clang_command(const char *source, char *const args[], size_t count)
{
	static const char *const first[] = { CLANG, ONE_PROCESS, "-std=c11", "-Wall", "-Wextra" };
	static const char *const last[] = { "-fno-color-diagnostics", "-fno-crash-diagnostics",
					    "-fsyntax-only", "-Xclang", "-ast-dump=json" };
	/* The functions of a header are for those who include it. */
	static const char header_option[] = "-Wno-unused-function";
	const bool is_header = source[strlen(source) - 1] == 'h';
	const char **command =
		calloc(sizeof first / sizeof *first + count + sizeof errors / sizeof *errors +
			       sizeof last / sizeof *last + 3, sizeof *command);
	size_t end = 0;

	if (!command)
		tool_failure("out of memory");
#define APPEND(words, number) \
	memcpy(command + end, words, (number) * sizeof *command); \
	end += number
	APPEND(first, sizeof first / sizeof *first);
	if (is_header)
		command[end++] = header_option;
	if (count > 0) {
		APPEND(args, count);
	}
	APPEND(errors, sizeof errors / sizeof *errors);
	APPEND(last, sizeof last / sizeof *last);
#undef APPEND
	command[end] = source;
	return (char **)command;
}

/* ---------------------------------------------------------------- clang */

/* clang parses, and prints its tree, by recursion.  Returns the old limit.  What
 * may not be raised stays: then clang crashes on less, and is asked where. */
static struct rlimit raise_stack_limit(void)
{
	struct rlimit old, raised;

	if (getrlimit(RLIMIT_STACK, &old) != 0)
		tool_failure("cannot read the stack limit: %s", strerror(errno));
	raised = old;
	if (old.rlim_cur != RLIM_INFINITY && old.rlim_cur < CLANG_STACK_SIZE)
		raised.rlim_cur = CLANG_STACK_SIZE;
	if (raised.rlim_max != RLIM_INFINITY && raised.rlim_max < raised.rlim_cur)
		raised.rlim_cur = raised.rlim_max;
	setrlimit(RLIMIT_STACK, &raised);
	return old;
}

/* It ends, as programs do, when nobody reads its output. */
static void default_signals(posix_spawnattr_t *attributes)
{
	sigset_t set;

	posix_spawnattr_init(attributes);
	sigemptyset(&set);
	posix_spawnattr_setsigmask(attributes, &set);
	sigaddset(&set, SIGPIPE);
	posix_spawnattr_setsigdefault(attributes, &set);
	posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

static int spawn_clang(char **command, posix_spawn_file_actions_t *actions)
{
	const struct rlimit limit = raise_stack_limit();
	posix_spawnattr_t attributes;
	int error;

	default_signals(&attributes);
	error = posix_spawnp(&running, CLANG, actions, &attributes, command, environ);
	posix_spawnattr_destroy(&attributes);
	setrlimit(RLIMIT_STACK, &limit);
	return error;
}

/* Returns the end of a pipe at which what it writes to that descriptor comes. */
static int start_clang(char **command, int descriptor)
{
	posix_spawn_file_actions_t actions;
	int ends[2], error;

	if (pipe(ends) != 0)
		tool_failure("cannot make a pipe: %s", strerror(errno));
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	posix_spawn_file_actions_adddup2(&actions, ends[1], descriptor);
	posix_spawn_file_actions_addclose(&actions, ends[1]);
	if (descriptor != STDOUT_FILENO)
		posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	error = spawn_clang(command, &actions);
	posix_spawn_file_actions_destroy(&actions);
	if (error) {
		running = 0;
		tool_failure("cannot run " CLANG ": %s (Debian package: " CLANG ")",
			     strerror(error));
	}
	close(ends[1]);
	return ends[0];
}

static int wait_for_clang(void)
{
	int status;

	while (waitpid(running, &status, 0) < 0) {
		if (errno != EINTR)
			tool_failure("cannot wait for " CLANG ": %s", strerror(errno));
	}
	running = 0;
	return status;
}

void front_stop(void)
{
	if (running == 0)
		return;
	kill(running, SIGKILL);
	wait_for_clang();
}

/* Takes the number off the end of a text "text:number"; 0 if there is none. */
static long last_number(char *text)
{
	char *colon = strrchr(text, ':'), *end;
	long number;

	if (!colon)
		return 0;
	number = strtol(colon + 1, &end, 10);
	if (*end != '\0')
		return 0;
	*colon = '\0';
	return number;
}

/* Of a line "1.\tFILE:LINE:COLUMN: current parser token ...", or "parsing function
 * body ..." in place of that; no file in others. */
static struct place place_in(char *line)
{
	char *file = strchr(line, '\t'), *end = file ? strstr(file, ": ") : NULL;
	struct place place = { NULL, 0, 0 };

	if (!end)
		return place;
	*end = '\0';
	place.column = last_number(file + 1);
	place.line = last_number(file + 1);
	if (place.line > 0 && place.column > 0)
		place.file = term_text("%s", file + 1);
	return place;
}

/* The parser says on stderr where it crashes, but only if it is not in the process
 * of the driver: so it crashes once more. */
static struct place place_of_crash(char **command)
{
	struct place place = { NULL, 0, 0 };
	FILE *messages;
	char *line = NULL;
	size_t room = 0;

	command[1] = TWO_PROCESSES;
	messages = fdopen(start_clang(command, STDERR_FILENO), "r");
	if (!messages)
		tool_failure("cannot read from " CLANG ": %s", strerror(errno));
	while (!place.file && getline(&line, &room, messages) > 0)
		place = place_in(line);
	free(line);
	fclose(messages);
	front_stop();
	return place;
}

/* It crashed while it parsed, or while it printed the tree, after that place. */
static _Noreturn void refuse_crash(char **command, struct place last)
{
	struct node node = { .use = last };

	if (!node.use.file)
		node.use = place_of_crash(command);
	refuse(&node, "nested too deeply for the stack of " CLANG " (see ulimit -s)");
}

/* clang has printed its own file:line:column and reason. */
static void finish_clang(char **command, struct place last)
{
	const int status = wait_for_clang();

	if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGBUS))
		refuse_crash(command, last);
	if (!WIFEXITED(status))
		tool_failure(CLANG " was ended by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		refuse(NULL, "not exported: " CLANG " rejects it, see above");
}

static void read_all(struct reader *reader, int input)
{
	char *bytes = malloc(READ_SIZE + 1);
	ssize_t length;

	if (!bytes)
		tool_failure("out of memory");
	do {
		length = read(input, bytes, READ_SIZE);
		if (length > 0) {
			bytes[length] = '\0';
			tree_feed(reader, bytes, (size_t)length);
		}
	} while (length > 0 || (length < 0 && errno == EINTR));
	if (length < 0)
		tool_failure("cannot read from " CLANG ": %s", strerror(errno));
	free(bytes);
	close(input);
}

const struct node *front_parse(const char *source, char *const clang_args[],
			       size_t clang_arg_count)
{
	char **command = clang_command(source, clang_args, clang_arg_count);
	struct reader *reader = tree_start();
	const struct node *tree;
	struct place last;

	read_all(reader, start_clang(command, STDOUT_FILENO));
	last = tree_place(reader);
	tree = tree_end(reader);
	finish_clang(command, last);
	free(command);
	if (!tree)
		tool_failure("cannot read the JSON of " CLANG);
	return tree;
}

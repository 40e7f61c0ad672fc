/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Runs clang, reads its JSON, completes the locations.  See front.h.
 * Read next: translate.h.
 */
#define _XOPEN_SOURCE 700

#include "front.h"

#include <errno.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLANG "clang-14"

extern char **environ;

static const char *source_name;

/* ------------------------------------------------------------- refusing */

static const json_t *begin_of(const json_t *node)
{
	const json_t *loc = json_object_get(node, "loc");

	if (json_object_size(loc) > 0)
		return loc;
	return json_object_get(json_object_get(node, "range"), "begin");
}

static struct place bare_place(const json_t *location)
{
	struct place place = {
		.file = json_string_value(json_object_get(location, "file")),
		.line = (long)json_integer_value(json_object_get(location, "line")),
		.column = (long)json_integer_value(json_object_get(location, "col")),
	};
	return place;
}

struct place node_place(const json_t *node)
{
	const json_t *begin = begin_of(node);
	const json_t *expansion = json_object_get(begin, "expansionLoc");

	return bare_place(expansion ? expansion : begin);
}

/* Text that is pasted together by ## has no line that a user could look at. */
static int is_written_by_user(struct place place)
{
	return place.file && place.file[0] != '<';
}

void refuse(const json_t *node, const char *format, ...)
{
	struct place use = node_place(node);
	struct place text = bare_place(json_object_get(begin_of(node), "spellingLoc"));
	va_list arguments;

	if (use.file)
		fprintf(stderr, "%s:%ld:%ld: ", use.file, use.line, use.column);
	else
		fprintf(stderr, "%s:1:1: ", source_name);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	if (is_written_by_user(text) && (strcmp(text.file, use.file) != 0 || text.line != use.line))
		fprintf(stderr, " (in a macro, written at %s:%ld:%ld)", text.file, text.line,
			text.column);
	fputc('\n', stderr);
	exit(REFUSED);
}

void tool_failure(const char *format, ...)
{
	va_list arguments;

	fputs("c2coq: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(TOOL_FAILURE);
}

/* ---------------------------------------------------------------- nodes */

const char *node_string(const json_t *node, const char *key)
{
	const char *text = json_string_value(json_object_get(node, key));

	return text ? text : "";
}

const char *node_kind(const json_t *node)
{
	return node_string(node, "kind");
}

int node_is(const json_t *node, const char *kind)
{
	return strcmp(node_kind(node), kind) == 0;
}

size_t child_count(const json_t *node)
{
	return json_array_size(json_object_get(node, "inner"));
}

const json_t *child(const json_t *node, size_t index)
{
	return json_array_get(json_object_get(node, "inner"), index);
}

/* ------------------------------------------------------------ locations */

/* The last file and line that clang printed. */
struct last {
	json_t *file, *line;
};

static void complete_member(json_t *location, const char *key, json_t **last)
{
	json_t *written = json_object_get(location, key);

	if (written)
		*last = written;
	else if (*last)
		json_object_set(location, key, *last);
}

/* Walks in the order of the text, which jansson keeps.  A location is an object
 * with a column; "includedFrom" has a file too, but it is not a location. */
static void complete_locations(json_t *value, struct last *last)
{
	const char *key;
	json_t *member;
	size_t index;

	if (json_object_get(value, "col")) {
		complete_member(value, "file", &last->file);
		complete_member(value, "line", &last->line);
		return;
	}
	if (json_is_array(value)) {
		json_array_foreach(value, index, member)
			complete_locations(member, last);
		return;
	}
	json_object_foreach(value, key, member) {
		if (strcmp(key, "includedFrom") != 0)
			complete_locations(member, last);
	}
}

/* ---------------------------------------------------------------- clang */

/* Our options come last: what the user passes cannot weaken them. */
static char **clang_command(const char *source, char *const args[], size_t count)
{
	static const char *const first[] = { CLANG, "-std=c11" };
	static const char *const last[] = { "-Wall", "-Wextra", "-Werror", "-fno-color-diagnostics",
					    "-fsyntax-only", "-Xclang", "-ast-dump=json" };
	/* The functions of a header are for those who include it. */
	static const char header_option[] = "-Wno-unused-function";
	const int is_header = source[strlen(source) - 1] == 'h';
	const size_t first_count = sizeof first / sizeof *first;
	const size_t last_count = sizeof last / sizeof *last;
	const char **command = calloc(first_count + count + last_count + 3, sizeof *command);

	if (!command)
		tool_failure("out of memory");
	memcpy(command, first, sizeof first);
	if (count > 0)
		memcpy(command + first_count, args, count * sizeof *args);
	memcpy(command + first_count + count, last, sizeof last);
	command[first_count + count + last_count] = source;
	if (is_header)
		command[first_count + count + last_count + 1] = header_option;
	return (char **)command;
}

static pid_t start_clang(char **command, int *output)
{
	posix_spawn_file_actions_t actions;
	int ends[2], error;
	pid_t pid;

	if (pipe(ends) != 0)
		tool_failure("cannot make a pipe: %s", strerror(errno));
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addclose(&actions, ends[1]);
	error = posix_spawnp(&pid, CLANG, &actions, NULL, command, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error)
		tool_failure("cannot run " CLANG ": %s (Debian package: " CLANG ")",
			     strerror(error));
	close(ends[1]);
	*output = ends[0];
	return pid;
}

/* clang has printed its own file:line:column and reason. */
static void finish_clang(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			tool_failure("cannot wait for " CLANG ": %s", strerror(errno));
	}
	if (!WIFEXITED(status))
		tool_failure(CLANG " was ended by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status) != 0) {
		fprintf(stderr, "%s:1:1: not exported: " CLANG " rejects it, see above\n",
			source_name);
		exit(REFUSED);
	}
}

json_t *front_parse(const char *source, char *const clang_args[], size_t clang_arg_count)
{
	char **command = clang_command(source, clang_args, clang_arg_count);
	struct last last = { NULL, NULL };
	json_error_t error;
	json_t *tree;
	FILE *pipe_end;
	int output;
	pid_t pid;

	source_name = source;
	pid = start_clang(command, &output);
	free(command);
	pipe_end = fdopen(output, "r");
	if (!pipe_end)
		tool_failure("cannot read from " CLANG ": %s", strerror(errno));
	tree = json_loadf(pipe_end, 0, &error);
	while (fgetc(pipe_end) != EOF)
		; /* what is left after a JSON error, so that clang can finish */
	fclose(pipe_end);
	finish_clang(pid);
	if (!tree && json_error_code(&error) == json_error_stack_overflow)
		refuse(NULL, "nested too deeply to be read (jansson: %s)", error.text);
	if (!tree)
		tool_failure("cannot read the JSON of " CLANG ": line %d: %s", error.line,
			     error.text);
	complete_locations(tree, &last);
	return tree;
}

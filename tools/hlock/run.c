/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Runs other programs.  See run.h.
 */
#include "run.h"

#include "table.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void add_word(struct words *words, const char *word)
{
	words->word = memory(words->word, (words->count + 2) * sizeof *words->word);
	words->word[words->count++] = word;
	words->word[words->count] = NULL;
}

char *text(const char *format, ...)
{
	va_list arguments;
	char *made;
	int length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	made = memory(NULL, (size_t)length + 1);
	va_start(arguments, format);
	vsnprintf(made, (size_t)length + 1, format, arguments);
	va_end(arguments);
	return made;
}

char *text_of_file(const char *path)
{
	FILE *in = fopen(path, "r");
	char *made = memory(NULL, 1);
	size_t length = 0, got = 1;

	if (!in)
		return NULL;
	while (got > 0) {
		made = memory(made, length + 65537);
		got = fread(made + length, 1, 65536, in);
		length += got;
	}
	made[length] = '\0';
	fclose(in);
	return made;
}

char *absolute(const char *path)
{
	char *real = realpath(path, NULL);

	if (!real)
		perror(path);
	return real;
}

/* In the child. */
static _Noreturn void become(const struct words *command, const char *folder, const char *output)
{
	int file = output ? open(output, O_WRONLY | O_CREAT | O_TRUNC, 0666) : -1;

	if (output && (file < 0 || dup2(file, STDOUT_FILENO) < 0 || dup2(file, STDERR_FILENO) < 0)) {
		perror(output);
		_exit(CANNOT_RUN);
	}
	if (folder && chdir(folder) != 0) {
		perror(folder);
		_exit(CANNOT_RUN);
	}
	/* execvp changes no word; its prototype is older than const */
	execvp(command->word[0], (char *const *)command->word);
	fprintf(stderr, "hlock: cannot run %s: %s\n", command->word[0], strerror(errno));
	_exit(CANNOT_RUN);
}

int start_program(const struct words *command, const char *folder, const char *output)
{
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child == 0)
		become(command, folder, output);
	if (child < 0)
		perror("hlock");
	return (int)child;
}

int wait_for_program(int program)
{
	int status;

	if (program < 0)
		return CANNOT_RUN;
	while (waitpid((pid_t)program, &status, 0) < 0)
		if (errno != EINTR)
			return CANNOT_RUN;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool runs(int program)
{
	siginfo_t info = { 0 };

	return program > 0 && waitid(P_PID, (id_t)program, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
}

int wait_and_show(int program, const char *what)
{
	const bool terminal = isatty(STDERR_FILENO);
	const time_t start = time(NULL);

	fprintf(stderr, "%s%s", what, terminal ? "" : "\n");
	while (terminal && runs(program)) {
		nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
		fprintf(stderr, "\r%s: %lld s", what, (long long)(time(NULL) - start));
	}
	if (terminal)
		fprintf(stderr, "\n");
	return wait_for_program(program);
}

int run_program(const struct words *command, const char *folder, const char *output)
{
	return wait_for_program(start_program(command, folder, output));
}

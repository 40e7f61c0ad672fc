/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Output files that appear whole or not at all.  See output.h.
 */
#define _XOPEN_SOURCE 700

#include "output.h"

#include "message.h"
#include "term.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

FILE *output_open(struct output *output, const char *path)
{
	FILE *file = open_memstream(&output->text, &output->length);

	if (!file)
		tool_failure("out of memory");
	output->path = path;
	return file;
}

void output_remove_old(const char *path)
{
	if (path && unlink(path) != 0 && errno != ENOENT)
		tool_failure("cannot replace %s: %s", path, strerror(errno));
}

/* ----------------------------------------------------- temporary names */

#define MOST_OUTPUTS 2

/* Those that are there now.  Global, for the handler of signals. */
static const char *volatile temporaries[MOST_OUTPUTS];

/* Signals that end the program and that it can survive long enough. */
static const int deadly[] = { SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGALRM, SIGTERM, SIGUSR1,
			      SIGUSR2, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF };

static void remove_temporaries(void)
{
	for (size_t i = 0; i < MOST_OUTPUTS; i++) {
		if (temporaries[i])
			unlink(temporaries[i]);
		temporaries[i] = NULL;
	}
}

/* Only calls what a handler may call.  The signal then ends the program. */
static void on_signal(int number)
{
	remove_temporaries();
	signal(number, SIG_DFL);
	raise(number);
}

static sigset_t deadly_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
		sigaddset(&set, deadly[i]);
	return set;
}

/* One that is ignored, as under nohup, stays so. */
void output_catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal }, old;

	action.sa_mask = deadly_signals();
	for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++) {
		if (sigaction(deadly[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
			sigaction(deadly[i], &action, NULL);
	}
}

/* -------------------------------------------------------------- writing */

static const char *temporary_path(const struct output *output)
{
	return term_text("%s.tmp", output->path);
}

/* Whether all of the text is written. */
static bool write_to(const struct output *output, FILE *file)
{
	return fwrite(output->text, 1, output->length, file) == output->length &&
	       fflush(file) == 0;
}

static bool write_temporary(const struct output *output, size_t index)
{
	FILE *file;
	bool written;

	temporaries[index] = temporary_path(output);
	file = fopen(temporaries[index], "w");
	if (!file)
		return false;
	written = write_to(output, file);
	return fclose(file) == 0 && written;
}

static bool rename_one(const struct output *output, size_t index)
{
	if (!output->path)
		return true;
	if (rename(temporaries[index], output->path) != 0)
		return false;
	temporaries[index] = NULL;
	return true;
}

/* Between the first and the last no signal comes: all have their names, or none. */
static bool rename_all(const struct output *outputs, size_t count)
{
	const sigset_t set = deadly_signals();
	size_t renamed = 0;

	pthread_sigmask(SIG_BLOCK, &set, NULL);
	while (renamed < count && rename_one(&outputs[renamed], renamed))
		renamed++;
	for (size_t i = 0; renamed < count && i < renamed; i++) {
		if (outputs[i].path)
			unlink(outputs[i].path);
	}
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	return renamed == count;
}

/* Standard output comes last: what it gets cannot be taken back. */
static bool write_all(const struct output *outputs, size_t count)
{
	bool written = true;

	for (size_t i = 0; i < count && written; i++)
		written = !outputs[i].path || write_temporary(&outputs[i], i);
	written = written && rename_all(outputs, count);
	for (size_t i = 0; i < count && written; i++)
		written = outputs[i].path || write_to(&outputs[i], stdout);
	return written;
}

void output_write(struct output *outputs, size_t count)
{
	const bool written = write_all(outputs, count);
	const int error = errno;

	remove_temporaries();
	for (size_t i = 0; i < count; i++) {
		if (!written && outputs[i].path)
			unlink(outputs[i].path);
		free(outputs[i].text);
	}
	if (!written)
		tool_failure("cannot write the output: %s", strerror(error));
}

/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Reads a file of samples, and refuses what is none.
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "file.h"
#include "sample.h"

struct reader {
	const char *path;
	unsigned long line;
	char *rest; /* of the line */
	bool seen[METRICS][LOCKS][MAX_ROUNDS];
};

static _Noreturn void refuse(const struct reader *reader, const char *why, const char *what)
{
	fprintf(stderr, "%s:%lu: %s: %s\n", reader->path, reader->line, why, what);
	exit(2);
}

/* The next field; the line must have one. */
static const char *field(struct reader *reader)
{
	const char *text = strsep(&reader->rest, ",");

	if (!text)
		refuse(reader, "too few columns, they are", COLUMNS);
	return text;
}

/* Empty: NAN. */
static double number(struct reader *reader)
{
	const char *text = field(reader);
	double value;
	char *end;

	if (*text == '\0')
		return NAN;
	value = strtod(text, &end);
	if (*end || end == text || !isfinite(value) || value < 0)
		refuse(reader, "not a number from 0", text);
	return value;
}

static double duration(struct reader *reader)
{
	double value = number(reader);

	if (value == 0)
		refuse(reader, "not a duration", "0");
	return value;
}

static unsigned round_number(struct reader *reader)
{
	const char *text = field(reader);
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *end || *text < '0' || *text > '9' || value < 1 || value > MAX_ROUNDS)
		refuse(reader, "not a round from 1 to 99", text);
	return (unsigned)value;
}

static enum metric_id metric(struct reader *reader)
{
	const char *name = field(reader);
	enum metric_id metric = metric_named(name);

	if (metric == METRICS)
		refuse(reader, "no such metric", name);
	return metric;
}

static enum lock_id lock(struct reader *reader)
{
	const char *name = field(reader);
	enum lock_id lock = lock_named(name);

	if (lock == LOCKS)
		refuse(reader, "no such lock", name);
	return lock;
}

static struct calibration calibration(struct reader *reader)
{
	struct calibration calibration = { .line = duration(reader) };

	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		calibration.turn[cpu] = duration(reader);
	return calibration;
}

static void read_sample(struct reader *reader, struct recording *recording)
{
	struct sample sample;
	bool *seen;

	sample.round = round_number(reader);
	sample.metric = metric(reader);
	sample.lock = lock(reader);
	sample.value = number(reader);
	sample.limit = duration(reader);
	sample.before = calibration(reader);
	sample.after = calibration(reader);
	if (reader->rest)
		refuse(reader, "too many columns, they are", COLUMNS);
	if (isnan(sample.value))
		refuse(reader, "a sample without a value", metrics[sample.metric].name);
	seen = &reader->seen[sample.metric][sample.lock][sample.round - 1];
	if (*seen)
		refuse(reader, "measured twice in one round", metrics[sample.metric].name);
	*seen = true;
	add_to(recording, &sample);
}

static void add_note(struct recording *recording, const char *line)
{
	size_t before = recording->notes ? strlen(recording->notes) : 0, length = strlen(line);

	recording->notes = realloc(recording->notes, before + length + 2);
	if (!recording->notes)
		fail("memory");
	memcpy(recording->notes + before, line, length);
	strcpy(recording->notes + before + length, "\n");
}

static void read_line(struct reader *reader, struct recording *recording, char *line, bool *named)
{
	line[strcspn(line, "\n")] = '\0';
	reader->line++;
	reader->rest = line;
	if (*named)
		read_sample(reader, recording);
	else if (line[0] == '#')
		add_note(recording, line);
	else if (strcmp(line, COLUMNS) == 0)
		*named = true;
	else
		refuse(reader, "not the columns", COLUMNS);
}

void read_samples(struct recording *recording, const char *path)
{
	struct reader reader = { .path = path };
	bool named = false;
	char *line = NULL;
	size_t size = 0;
	FILE *in = fopen(path, "r");

	if (!in)
		fail(path);
	*recording = (struct recording){ 0 };
	while (errno = 0, getline(&line, &size, in) >= 0)
		read_line(&reader, recording, line, &named);
	if (ferror(in) || errno)
		fail(path);
	fclose(in);
	free(line);
	if (recording->count == 0) {
		reader.line++;
		refuse(&reader, "no sample", "the file ends here");
	}
}

/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Samples to a file.  What reads them: read.c.
 */
#include "sample.h"

#include <math.h>
#include <stdlib.h>

#include "columns.h"
#include "file.h"

void add_to(struct recording *recording, const struct sample *sample)
{
	if (recording->count == recording->capacity) {
		recording->capacity = 2 * recording->capacity + 64;
		recording->samples =
			realloc(recording->samples, recording->capacity * sizeof *recording->samples);
		if (!recording->samples)
			fail("memory");
	}
	recording->samples[recording->count++] = *sample;
}

static void write_number(FILE *out, double value)
{
	if (isnan(value))
		fprintf(out, ",");
	else
		fprintf(out, ",%.6g", value);
}

static void write_calibration(FILE *out, const struct calibration *calibration)
{
	write_number(out, calibration->line);
	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		write_number(out, calibration->turn[cpu]);
}

void write_samples(FILE *out, const void *what)
{
	const struct recording *recording = what;

	fprintf(out, "%s" COLUMNS "\n", recording->notes ? recording->notes : "");
	for (size_t i = 0; i < recording->count; i++) {
		const struct sample *sample = &recording->samples[i];

		fprintf(out, "%u,%s,%s", sample->round, metrics[sample->metric].name, locks[sample->lock].name);
		write_number(out, sample->value);
		write_number(out, sample->limit);
		write_calibration(out, &sample->before);
		write_calibration(out, &sample->after);
		fprintf(out, "\n");
	}
}

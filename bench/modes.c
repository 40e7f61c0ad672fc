/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The reference mode, and which samples are of it.
 */
#include "modes.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "file.h"
#include "stats.h"

/* false, too, if one is NAN */
static bool agree(double a, double b, double tolerance)
{
	return fmax(a, b) <= fmin(a, b) * (1 + tolerance) && !isnan(a) && !isnan(b);
}

/* The median of those that agree with the value that most agree with; of two such,
 * the smaller.  NAN: there are none.  Sorts the values. */
static double densest(double *values, size_t count, double tolerance)
{
	size_t low = 0, high = 0, first = 0, most = 0;

	if (count == 0)
		return NAN;
	median(values, count);
	for (size_t i = 0; i < count; i++) {
		while (!agree(values[low], values[i], tolerance))
			low++;
		while (high < count && agree(values[high], values[i], tolerance))
			high++;
		if (high - low > most) {
			first = low;
			most = high - low;
		}
	}
	return median(values + first, most);
}

/* A calibration has CPUS + 1 parts: the empty loop on each CPU, and then the line. */
static double part(const struct calibration *calibration, unsigned which)
{
	return which < CPUS ? calibration->turn[which] : calibration->line;
}

static double tolerance_of(unsigned which)
{
	return which < CPUS ? TURN_TOLERANCE : LINE_TOLERANCE;
}

static bool steady(const struct sample *sample, unsigned which)
{
	return agree(part(&sample->before, which), part(&sample->after, which), tolerance_of(which));
}

static bool is_of(const struct sample *sample, unsigned which, const struct calibration *reference)
{
	double wanted = part(reference, which), tolerance = tolerance_of(which);

	return agree(part(&sample->before, which), wanted, tolerance) &&
	       agree(part(&sample->after, which), wanted, tolerance);
}

/* Where most steady samples are, of those that are of the reference in the parts before this one. */
static double most_samples(const struct recording *recording, unsigned which, const struct calibration *reference,
			   double *values)
{
	size_t count = 0;

	for (size_t i = 0; i < recording->count; i++) {
		const struct sample *sample = &recording->samples[i];
		bool wanted = steady(sample, which);

		for (unsigned earlier = 0; earlier < which; earlier++)
			wanted = wanted && is_of(sample, earlier, reference);
		if (wanted)
			values[count++] = (part(&sample->before, which) + part(&sample->after, which)) / 2;
	}
	return densest(values, count, tolerance_of(which));
}

struct calibration reference_mode(const struct recording *recording)
{
	struct calibration reference = { 0 };
	double *values = malloc(recording->count * sizeof *values);

	if (!values)
		fail("memory");
	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		reference.turn[cpu] = most_samples(recording, cpu, &reference, values);
	reference.line = most_samples(recording, CPUS, &reference, values);
	free(values);
	return reference;
}

enum standing standing_of(const struct sample *sample, const struct calibration *reference)
{
	unsigned last = metrics[sample->metric].cpus == 1 ? 1 : CPUS + 1; /* one CPU: only its own loop matters */
	enum standing standing = COUNTS;

	for (unsigned which = 0; which < last; which++) {
		if (!steady(sample, which))
			return BETWEEN;
		if (!is_of(sample, which, reference))
			standing = OTHER_MODE;
	}
	return standing;
}

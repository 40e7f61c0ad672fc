/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Where the benchmark ran and how busy that was: processor, kernel, compiler, the
 * load when it began, and how much of the CPUs others took while it ran.
 */
#include "machine.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "../file.h"
#include "clock.h"

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* false: this system does not say */
static bool read_cpu_time(struct cpu_time *time)
{
	double tick = (double)sysconf(_SC_CLK_TCK), user, nice, kernel, idle, wait, irq, softirq, stolen;
	FILE *in = fopen("/proc/stat", "r");
	struct rusage usage;
	int found;

	if (!in)
		return false;
	found = fscanf(in, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &user, &nice, &kernel, &idle, &wait, &irq,
		       &softirq, &stolen);
	fclose(in);
	if (found != 8 || getrusage(RUSAGE_SELF, &usage))
		return false;
	time->busy = (user + nice + kernel + irq + softirq) / tick;
	time->stolen = stolen / tick;
	time->own = seconds(usage.ru_utime) + seconds(usage.ru_stime);
	time->clock = now_ns() / 1e9;
	return true;
}

void note_start(struct notes *notes)
{
	if (getloadavg(notes->load, 3) != 3)
		notes->load[0] = notes->load[1] = notes->load[2] = -1;
	notes->known = read_cpu_time(&notes->start);
}

void note_end(struct notes *notes)
{
	notes->known = read_cpu_time(&notes->end) && notes->known;
	notes->date = time(NULL);
}

static void print_load(FILE *out, const struct notes *notes)
{
	const struct cpu_time *start = &notes->start, *end = &notes->end;
	double all = (end->clock - start->clock) * (double)sysconf(_SC_NPROCESSORS_ONLN) / 100;

	fprintf(out, "# load: %.2f %.2f %.2f when it began (-1: unknown)", notes->load[0], notes->load[1],
		notes->load[2]);
	if (notes->known)
		fprintf(out, "; while it ran, others took %.1f %% of the CPUs and the host %.1f %%",
			(end->busy - start->busy - (end->own - start->own)) / all, (end->stolen - start->stolen) / all);
	fprintf(out, "\n");
}

/* The value of the first line of /proc/cpuinfo with this key; x86 has such lines. */
static bool cpu_says(const char *key, char *value, size_t size)
{
	FILE *in = fopen("/proc/cpuinfo", "r");
	bool found = false;

	while (in && !found && fgets(value, (int)size, in)) {
		char *colon = strchr(value, ':');

		if (strncmp(value, key, strlen(key)) == 0 && colon) {
			found = true;
			memmove(value, colon + 2, strlen(colon + 2) + 1);
			value[strcspn(value, "\n")] = 0;
		}
	}
	if (in)
		fclose(in);
	return found;
}

static void print_processor(FILE *out, const struct crew *crew)
{
	char text[4096];
	struct utsname name;

	fprintf(out, "# machine: %s", cpu_says("model name", text, sizeof text) ? text : "processor not named");
	if (cpu_says("flags", text, sizeof text) && strstr(text, " hypervisor"))
		fprintf(out, ", a virtual machine");
	fprintf(out, "; %ld CPUs, pinned to %d", sysconf(_SC_NPROCESSORS_ONLN), crew->cpu[0]);
	if (crew->cpus > 1)
		fprintf(out, " and %d", crew->cpu[1]);
	if (uname(&name) == 0)
		fprintf(out, "; %s %s %s", name.sysname, name.release, name.machine);
	fprintf(out, "\n");
}

char *text_of(const struct notes *notes, const struct crew *crew, unsigned rounds, double section_ns)
{
	char when[40], *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		fail("memory");
	strftime(when, sizeof when, "%Y-%m-%d %H:%M UTC", gmtime(&notes->date));
	fprintf(out, "# Benchmark of hlock, %s, medians of %u rounds\n", when, rounds);
	print_processor(out, crew);
	fprintf(out, "# compiler: %s (version %s)\n", BENCH_COMPILER, __VERSION__);
	print_load(out, notes);
	fprintf(out, "# the 100 ns section: %.1f ns when it began\n", section_ns);
	if (fclose(out) || !text)
		fail("memory");
	return text;
}

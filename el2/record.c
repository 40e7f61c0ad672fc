/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Stamps, the trace, the final owners.  A stamp is the old value of one counter that all
 * CPUs increment, so no two events have the same; the event goes to the place of its stamp,
 * which nobody else writes.  The counter is relaxed on purpose, as in test/stress/record.c:
 * the recorder must not order what a lock fails to order.
 */
#include "el2.h"

struct event {
	uint64_t value;
	uint16_t part, lock;
	uint8_t cpu, verb;
	uint8_t there; /* 0: a CPU hung between taking the stamp and writing the event */
};

extern struct event trace_start[ROOM]; /* link.ld: all memory after the image */

static struct {
	uint64_t next __attribute__((aligned(128)));
} stamp;

void record(enum verb verb, uint32_t lock, uint32_t part, uint64_t value)
{
	uint64_t mine = __atomic_fetch_add(&stamp.next, 1, __ATOMIC_RELAXED);

	if (mine >= ROOM)
		record_is_full();
	trace_start[mine] = (struct event){ .value = value, .part = (uint16_t)part, .cpu = (uint8_t)this_cpu()->id,
					    .lock = (uint16_t)lock, .verb = (uint8_t)verb, .there = 1 };
}

uint64_t events_recorded(void)
{
	uint64_t events = __atomic_load_n(&stamp.next, __ATOMIC_RELAXED);

	return events < ROOM ? events : ROOM;
}

/* ---- Text, many lines in one write */

static struct {
	int file;
	char *to, text[65536];
} out;

static void flush(void)
{
	if (out.to > out.text)
		write_file(out.file, out.text, (size_t)(out.to - out.text));
	out.to = out.text;
}

static void start(const char *path)
{
	out.file = open_file(path);
	out.to = out.text;
}

static void word(const char *text)
{
	while (*text)
		*out.to++ = *text++;
}

static void number(uint64_t n)
{
	*out.to++ = ' ';
	out.to = decimal(out.to, n);
}

static void line(void)
{
	*out.to++ = '\n';
	if (out.to > out.text + sizeof out.text - 128)
		flush();
}

static void end(void)
{
	flush();
	close_file(out.file);
}

static void write_event(const struct event *e)
{
	static const char *const verbs[] = { " called", " entered", " read", " wrote", " left" };

	out.to = decimal(out.to, e->cpu);
	word(verbs[e->verb]);
	number(e->lock);
	if (e->verb == READ || e->verb == WROTE)
		number(e->part);
	if (e->verb != CALLED && e->verb != LEFT)
		number(e->value);
	line();
}

void write_trace(const char *path)
{
	const uint64_t events = events_recorded();
	uint64_t written = 0;

	start(path);
	word("hlock-trace 3\ncpus");
	number(cpu_count);
	word("\nlocks");
	number(HLOCK_LOCKS);
	line();
	for (uint64_t i = 0; i < events; i++)
		if (trace_start[i].there) {
			write_event(&trace_start[i]);
			written++;
		}
	word("end");
	number(written);
	line();
	end();
}

/* Not recorded, and no lock is taken: nobody else runs any more. */
void write_owners(const char *path)
{
	extern uint64_t page_words[PAGES * PAGE_PARTS];

	start(path);
	word("base");
	number((uint64_t)pages);
	line();
	for (uint32_t page = 0; page < PAGES; page++) {
		word("page");
		number(page);
		for (uint32_t part = 0; part < PAGE_PARTS; part++)
			number(page_words[page * PAGE_PARTS + part]);
		line();
	}
	word("end");
	line();
	end();
}

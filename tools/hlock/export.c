/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * hlock prove, its first half: from hlock.c to Coq's terms, by c2coq.  And how a command comes
 * by its drop-in and a folder to work in.
 *
 * One file has all floors, so c2coq is told which functions it exports; floor 0's are trusted
 * and stay outside, as they do for the shipped library.  All others that the file defines are
 * exported: one too many is found.
 * Read next: prove.c.
 */
#include "proof.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "layers/L0_machine/size.h"

static const char *const below[] = { "incr_ticket", "get_now", "incr_now", "cpu_relax", "cpu_pause", "hlock_yield",
				     "wait_lock", "pass_lock", "wait_hlock", "pass_hlock", "hlock_stop", "hlock_stops",
				     "this_cpu", "record_of", "record_room", "record_count", "record_lock",
				     "record_rank", "record_put", "record_move", "record_size", "record_wait", NULL };

static bool read_style(struct proof *proof)
{
	static const char command[] = " *   hlock generate ", prefix[] = " --prefix=", distance[] = " --line=";
	const char *path = text("%s/hlock.c", proof->folder);
	char *file = text_of_file(path), *line = file ? strstr(file, command) : NULL, *at;

	if (!line) {
		fprintf(stderr, "%s: %s\n", path, file ? "its first comment does not say how it was made: "
			"`hlock generate` writes it" : "it cannot be read: `hlock generate` writes it");
		return false;
	}
	line += strlen(" *   ");
	line[strcspn(line, "\n")] = '\0';
	proof->command = text("%s", line);
	at = strstr(line, distance);
	proof->table.style.distance = at ? atoi(at + strlen(distance)) : HLOCK_LINE;
	proof->table.style.inlined = strstr(line, " --inline") != NULL;
	proof->source = proof->table.style.inlined ? "hlock.h" : "hlock.c";
	at = strstr(line, prefix);
	if (at) {
		at += strlen(prefix);
		at[strcspn(at, " ")] = '\0';
		proof->table.style.prefix = at;
	}
	return true;
}

/* One at a time in a folder: the lock ends with this program. */
static bool is_alone(const char *work)
{
	const int file = open(text("%s/lock", work), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	if (file >= 0 && flock(file, LOCK_EX | LOCK_NB) == 0)
		return true;
	fprintf(stderr, "hlock: %s: %s\n", work, file >= 0 && errno == EWOULDBLOCK ? "another hlock works there"
									      : strerror(errno));
	return false;
}

bool prepare_work(struct proof *proof, const struct options *options, const char *folder)
{
	proof->folder = absolute(options->output);
	return find_home(&proof->home) && proof->folder && read_style(proof) && open_work(proof, options, folder);
}

bool open_work(struct proof *proof, const struct options *options, const char *folder)
{
	const char *work = options->work ? options->work : folder;

	if (mkdir(work, 0777) != 0 && errno != EEXIST) {
		perror(work);
		return false;
	}
	proof->work = absolute(work);
	return proof->work && is_alone(proof->work);
}

/* Names between commas, as this table's C has them. */
static const char *names_in_c(const struct proof *proof, const char *const *names)
{
	const struct style *style = &proof->table.style;
	const char *list = "";

	for (; *names; names++)
		list = text("%s%s%s%s%s", list, *list ? "," : "", style->inlined ? style->prefix : "",
			    style->inlined ? INNER : "", *names);
	return list;
}

static const char *names_of_user(const struct proof *proof, const char *const *names)
{
	const char *list = "";

	for (; *names; names++)
		list = text("%s%s%s%s", list, *list ? "," : "", proof->table.style.prefix, *names);
	return list;
}

/* Those that the header makes of the others, for clang; a comma before each. */
static const char *seconds(const struct table *table)
{
	const char *prefix = table->style.prefix, *list = "";

	for (int i = 0; i < table->count; i++) {
		const char *name = table->families[i].name;

		if (table->families[i].index)
			list = text("%s,%sacquire_lock_%s_second,%srelease_lock_%s_second", list, prefix, name, prefix,
				    name);
	}
	return list;
}

/* In the release build the header has them. */
static const char *assertions(const struct table *table)
{
	const char *prefix = table->style.prefix, *list = text("%sassert_none_held", prefix);

	for (int i = 0; i < table->count; i++) {
		const char *name = table->families[i].name;

		list = text("%s,%sassert_held_%s,%sassert_not_held_%s", list, prefix, name, prefix, name);
	}
	return list;
}

/* The end of a debug build, which is no part of the C that is proved: its own, what has the names of
 * floors, and what users see. */
#define REPORT                                                                   \
	"hlock_family_of,hlock_against,hlock_fill,hlock_put,hlock_put_number,"   \
	"hlock_put_address,hlock_put_lock,hlock_put_held,hlock_table"
static const char *const report[] = { "hlock_wrong", "hlock_waits", NULL };
static const char *const seen[] = { "hlock_panic", "hlock_stuck", "hlock_report_print", NULL };

/* Release; debug, its index checks alone; debug. */
enum text { RELEASED, INDEXED, CHECKED };

static int export(const struct proof *proof, const char *file, const char *which, const char *names,
		  const char *locations, enum text of)
{
	struct words command = { 0 };
	int status;

	add_word(&command, text("%s/c2coq", proof->home.tools));
	add_word(&command, "--room");
	add_word(&command, ".");
	add_word(&command, which);
	add_word(&command, names);
	if (proof->table.style.inlined) {
		add_word(&command, "--unprefix");
		add_word(&command, text("%s%s", proof->table.style.prefix, INNER));
	}
	if (locations) {
		add_word(&command, "--locations");
		add_word(&command, text("%s/%s", proof->work, locations));
	}
	add_word(&command, "-o");
	add_word(&command, text("%s/%s", proof->work, file));
	/* Assertions are in hlock.c, whichever style. */
	add_word(&command, of == CHECKED ? "hlock.c" : proof->source);
	add_word(&command, "--");
	add_word(&command, "-std=c11");
	add_word(&command, "-ffreestanding");
	if (of != RELEASED)
		add_word(&command, "-DHLOCK_DEBUG");
	if (of == INDEXED)
		add_word(&command, "-DHLOCK_CHECK_INDEX_ONLY");
	status = run_program(&command, proof->folder, NULL);
	return status == 0 ? FINE : status == 1 ? REFUSED : FAILED;
}

int export_all(const struct proof *proof)
{
	static const char *const ticket[] = { "wait_lock", "pass_lock", NULL };
	static const char *const atomic[] = { "wait_hlock", "pass_hlock", NULL };
	const char *others = text("%s,%shlock_panic,%s%s", names_in_c(proof, below), proof->table.style.prefix,
				  assertions(&proof->table), seconds(&proof->table));
	const char *end = text(REPORT ",%s,%s,%s%s", names_in_c(proof, below), names_in_c(proof, report),
			       names_of_user(proof, seen), seconds(&proof->table));
	int status = export(proof, "L1_ticket.v", "--only", names_in_c(proof, ticket), NULL, RELEASED);

	if (status == FINE)
		status = export(proof, "L3_atomic.v", "--only", names_in_c(proof, atomic), NULL, RELEASED);
	if (status == FINE)
		status = export(proof, "L4_locks.v", "--except", others, "functions.tsv", RELEASED);
	if (status == FINE)
		status = export(proof, "L4_locks_debug.v", "--except", others, "debug.tsv", INDEXED);
	if (status == FINE)
		status = export(proof, "L4_locks_checked.v", "--except", end, "checked.tsv", CHECKED);
	return status;
}

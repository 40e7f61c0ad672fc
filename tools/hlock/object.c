/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * hlock check-object --prove: Coq reads the table and the bytes of the object file, its kernel runs the checker on
 * them, and the theorems on N CPUs that run them are proved, as a script writes them (tools/prove/object_theorems).
 * What has extracted the checker, or compiled it, is not trusted for that.
 *
 * All that it writes lies in a folder of the user's (--work): lock_table.v, object.v, and what Coq makes of
 * them and says.  What is there of an earlier proof is removed first, so that it says nothing of another file.
 * Read next: coqc.c.
 */
#include "proof.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool remove_old(const struct proof *proof)
{
	static const char *const names[] = { "object", "lock_table" };
	static const char *const kinds[] = { "v", "v.part", "said", "vo", "vok", "vos", "glob" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
			const char *path = text("%s/%s.%s", proof->work, names[i], kinds[k]);

			if (unlink(path) != 0 && errno != ENOENT) {
				perror(path);
				return false;
			}
		}
	return true;
}

/* lock_table.v, if the table is the user's. */
static int prove_table(const struct proof *proof)
{
	const struct made file = { text("%s/lock_table.v", proof->work), emit_coq };
	int end;

	if (!proof->table.path)
		return FINE;
	if (!write_files(&proof->table, 1, &file))
		return FAILED;
	end = wait_and_show(start_coq(proof, "lock_table"), "Coq reads the table");
	return end == 0 ? FINE : coq_refuses(proof, "lock_table", end);
}

/* object.v */
static int write_theorems(const struct proof *proof, const struct options *options)
{
	const char *path = text("%s/object.v", proof->work), *part = text("%s.part", path), *said;
	struct words command = { 0 };
	int end;

	add_word(&command, proof->home.object_theorems);
	if (options->debug)
		add_word(&command, "--debug");
	add_word(&command, text("%s/elf2coq", proof->home.tools));
	add_word(&command, options->words[0]);
	add_word(&command, proof->table.path ? proof->table.style.room : "hlock.generated");
	add_word(&command, options->style.prefix);
	end = run_program(&command, NULL, part);
	if (end == 0 && rename(part, path) == 0)
		return FINE;
	said = end == 0 ? text("hlock: %s: %s\n", path, strerror(errno)) : text_of_file(part);
	fputs(said ? said : "", stderr);
	unlink(part);
	return FAILED;
}

/* What it says of two theorems, and no more. */
static int prove_theorems(const struct proof *proof)
{
	const char *said;
	const int end = wait_and_show(start_coq(proof, "object"), "Coq runs the checker and proves the theorems");

	if (end != 0)
		return coq_refuses(proof, "object", end);
	said = text_of_file(text("%s/object.said", proof->work));
	if (said && strcmp(said, CLOSED "\n" CLOSED "\n") == 0)
		return FINE;
	fprintf(stderr, "hlock: the theorems are not closed; they rest on:\n%s", said ? said : "");
	return REFUSED;
}

/* The file's hash and target are in the first line of object.v. */
static int print_proved(const struct proof *proof, const char *object, bool debug)
{
	const char *written = text_of_file(text("%s/object.v", proof->work));
	const char *relaxed = written ? strstr(written, "object_code_on_") : NULL;
	char hash[17], target[17];

	if (!relaxed || sscanf(written, "(* sha256 %16[0-9a-f]%*48[0-9a-f], for %16[a-z0-9_]:", hash, target) != 2) {
		fprintf(stderr, "hlock: %s/object.v: it is not what was written\n", proof->work);
		return FAILED;
	}
	printf("%s: object code proved, %s, for %s and clients that never break the contract, any number of CPUs up to "
	       "2^32:\n", object, hash, target);
	printf("  %-26s  on consistent memory, N CPUs that run it are N CPUs over locks that are one step\n",
	       "object_code_correct");
	printf("  %-26.*s  on the target's own, it is to each CPU, with good clients, as if memory were consistent\n",
	       (int)strcspn(relaxed, " "), relaxed);
	if (debug)
		puts("of this code until it stops; asked of the rest of the program: hlock_wrong does not return, "
		     "functions of other\nfiles keep what a call has to keep, and no other memory that this code "
		     "accesses is of the locks or of its frame");
	printf("both of them: %s\nCoq's statement of each: %s/object.v\n", CLOSED, proof->work);
	return fflush(stdout) == 0 ? FINE : FAILED;
}

int prove_object(const struct home *home, const struct table *table, const struct options *options)
{
	struct proof proof = { .table = *table, .home = *home };
	const char *object = options->words[0];
	int status;

	proof.table.style.room = "proved";
	proof.table.style.made_by = "hlock check-object";
	if (!is_proved(&proof.home, options->debug ? "debug_bytes" : "bytes") ||
	    !open_work(&proof, options, "hlock.object") || !remove_old(&proof))
		return FAILED;
	status = prove_table(&proof);
	if (status == FINE)
		status = write_theorems(&proof, options);
	if (status == FINE)
		status = prove_theorems(&proof);
	if (status == FINE)
		return print_proved(&proof, object, options->debug);
	fprintf(stderr, "hlock: %s: its object code is not proved\n", object);
	return FAILED;
}

/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Other programs, text that grows, and where this program finds what belongs to it.
 * Read next: run.c, home.c.
 */
#ifndef HLOCK_RUN_H
#define HLOCK_RUN_H

#include <stdbool.h>
#include <stddef.h>

/* Words, with a NULL behind the last. */
struct words {
	const char **word;
	size_t count;
};

void add_word(struct words *words, const char *word);

/* A text as printf makes it; it lasts as long as the program. */
char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The file as a text; NULL: it cannot be read. */
char *text_of_file(const char *path);

/* Runs a program in a folder (NULL: here), its output and errors into a file there (NULL: where
 * ours go).  Its exit status; CANNOT_RUN: it could not be started, which was said. */
#define CANNOT_RUN 127
int run_program(const struct words *command, const char *folder, const char *output);

/* The same in two halves, so that several run at a time.  The second gives the exit status; the third, too, and
 * says on standard error what runs, to a terminal for how long. */
int start_program(const struct words *command, const char *folder, const char *output);
int wait_for_program(int program);
int wait_and_show(int program, const char *what);

/* The absolute path of a folder or file, which is there; else NULL, which was said. */
char *absolute(const char *path);

/* In a source tree beside its build, or installed: what this program needs beside itself. */
struct home {
	const char *root;    /* of the tree; installed: of lib/hlock */
	const char *workload; /* the folder of its sources */
	const char *tools;   /* the folder of c2coq, judge, explore, check-object, elf2coq */
	const char *object_theorems; /* the script that writes the theorems on object code */
	struct words coq;    /* coqc's options for the library */
	const char *library; /* the folder of its rooms */
	bool installed;
};

/* False: it is neither, which was said. */
bool find_home(struct home *home);

/* Whether a compiled file of the library is there, main/NAME.vo; if not, it was said. */
bool is_proved(const struct home *home, const char *name);

#endif

/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Files that are whole or not there, and the one way in which both programs fail.
 */
#ifndef BENCH_FILE_H
#define BENCH_FILE_H

#include <stdio.h>

/* Ends the program, status 2: "PROGRAM: WHAT: " and what errno says. */
_Noreturn void fail(const char *what);

/* Fails unless files can be made in this directory. */
void check_directory(const char *directory);

/* Lets `print` write the file; a file of that name is replaced when all is written. */
void write_whole(const char *directory, const char *name, void (*print)(FILE *out, const void *what), const void *what);

#endif

/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * hlock new: a folder to begin with, of a commented table, a Makefile and a client, that
 * build and run.  A folder in which there is anything is left as it is.
 */
#include "commands.h"
#include "run.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char table_text[] =
"/* The lock table: one line a family, and the only place where locks are listed.  `hlock check`\n"
" * says what it says; hlock(5) has its grammar.\n"
" *\n"
" *   HLOCK_ONE  (name, first, rank, \"what it protects\")                a single lock\n"
" *   HLOCK_ARRAY(name, index, first, count, rank, \"what it protects\")  count locks with an index\n"
" *\n"
" * first: the number of the family's first lock; take the next free one.  It is written out so\n"
" * that numbers stay what they are when lines move.\n"
" * rank: a CPU acquires locks in strictly increasing rank, and those of one family in strictly\n"
" * increasing index; never of two families of one rank.\n"
" */\n"
"\n"
"/*          name     index  first  count  rank  what it protects */\n"
"\n"
"/** A comment that begins with two stars is more about the family that comes next. */\n"
"HLOCK_ARRAY(irq,     line,  0,     64,    1,    \"routing of an interrupt line\")\n"
"HLOCK_ARRAY(vcpu,    id,    64,    32,    2,    \"registers of a virtual CPU\")\n"
"HLOCK_ONE  (mm,             96,           3,    \"free pages\")\n"
"HLOCK_ONE  (console,        97,           4,    \"the serial line\")\n";

static const char client_text[] =
"#include \"hlock.h\"\n"
"#include <stdio.h>\n"
"\n"
"int main(void)\n"
"{\n"
"	acquire_lock_vcpu(3);   /* rank 2 */\n"
"	acquire_lock_console(); /* rank 4: ranks go up */\n"
"	printf(\"%u lock numbers; vcpu 3 and the console are mine\\n\", HLOCK_LOCKS);\n"
"	release_lock_console();\n"
"	release_lock_vcpu(3);\n"
"	return 0;\n"
"}\n";

static const char makefile_text[] =
"# make: the client with the locks of locks.def; make run: runs it; make prove: proves the locks.\n"
"# For a kernel, compile hlock.c with the kernel's own flags, and with -ffreestanding.\n"
"HLOCK   = hlock\n"
"CFLAGS  = -std=c11 -O2 -Wall -Wextra -DHLOCK_HOSTED\n"
"OBJECTS = client.o hlock.o\n"
"\n"
"client: $(OBJECTS)\n"
"	$(CC) $(CFLAGS) $(LDFLAGS) $(OBJECTS) -o $@\n"
"\n"
"$(OBJECTS): hlock.h\n"
"hlock.c: hlock.h ;\n"
"hlock.h: locks.def\n"
"	$(HLOCK) generate locks.def\n"
"\n"
"run: client\n"
"	./client\n"
"\n"
"prove: hlock.h\n"
"	$(HLOCK) prove locks.def\n"
"\n"
"clean:\n"
"	rm -rf client $(OBJECTS) hlock.h hlock.c hlock.proof\n"
"\n"
".PHONY: run prove clean\n";

static void emit_table(FILE *out, const struct table *table)
{
	(void)table;
	fputs(table_text, out);
}

static void emit_client(FILE *out, const struct table *table)
{
	(void)table;
	fputs(client_text, out);
}

static void emit_makefile(FILE *out, const struct table *table)
{
	(void)table;
	fputs(makefile_text, out);
}

static bool is_empty(const char *path)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	bool empty = folder != NULL;

	while (folder && (entry = readdir(folder)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			empty = false;
	if (folder)
		closedir(folder);
	return empty;
}

int command_new(const struct options *options)
{
	const char *folder = options->words[0];
	const struct made files[] = { { text("%s/locks.def", folder), emit_table },
				      { text("%s/client.c", folder), emit_client },
				      { text("%s/Makefile", folder), emit_makefile } };
	const bool made = mkdir(folder, 0777) == 0;

	if (!made && errno != EEXIST) {
		perror(folder);
		return FAILED;
	}
	if (!is_empty(folder)) {
		fprintf(stderr, "hlock: %s: it is not an empty folder, and left as it is\n", folder);
		return REFUSED;
	}
	if (!write_files(&(struct table){ 0 }, sizeof files / sizeof *files, files)) {
		if (made)
			rmdir(folder);
		return FAILED;
	}
	if (!options->quiet)
		printf("%s: locks.def, client.c, Makefile; `make run` there runs the client\n", folder);
	return FINE;
}

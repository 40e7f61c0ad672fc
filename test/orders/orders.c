/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * orders: is the object code of the locks what it must be?
 *
 *   orders [--c11] [--amo] [--uncounted] OBJECT...
 *
 *   - Each function has the instructions of a fixed table (table.c), in the memory
 *     orders of the primitives; one that the table does not speak of is refused.
 *   - A call that need not wait does nothing else, and is short (path.c).
 *   - WFE comes only after a failed poll that armed the monitor (wait.c).
 *
 * --c11: the object was made of c11.h, which has no hint for the wait, and whose length
 * does not matter.  --amo: on riscv64 the instructions of gcc 12 are allowed too.
 * --uncounted: the length does not matter.
 *
 * Knows the functions of primitives.c, and acquire_lock_* and release_lock_* of the
 * library: acquire is incr_ticket and then polls, release is incr_now.
 * Exit status: 0 as it must be, 1 not, 2 the file cannot be read, or wrong usage.
 * Read next: orders.h.
 */
#include <getopt.h>
#include <llvm-c/Target.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orders.h"

struct options options;

static bool is_lock_function(const struct function *f)
{
	return starts_with(f->name, "acquire_lock_") || starts_with(f->name, "release_lock_");
}

static bool check_function(const struct object *object, const struct function *f, int *waits)
{
	int wfe = check_waits(object, f);

	*waits += wfe;
	return table_allows(f) && wfe >= 0 && (!is_lock_function(f) || check_path(f));
}

static bool check_object(const struct object *object)
{
	bool good = true;
	int waits = 0;

	for (size_t k = 0; k < object->count; k++)
		good = check_function(object, &object->functions[k], &waits) && good;
	if (good)
		printf("%s: %zu functions as in the table, %d WFE\n", object->file, object->count, waits);
	return good;
}

static void start_llvm(void)
{
	LLVMInitializeX86TargetInfo();
	LLVMInitializeX86TargetMC();
	LLVMInitializeX86Disassembler();
	LLVMInitializeAArch64TargetInfo();
	LLVMInitializeAArch64TargetMC();
	LLVMInitializeAArch64Disassembler();
	LLVMInitializeRISCVTargetInfo();
	LLVMInitializeRISCVTargetMC();
	LLVMInitializeRISCVDisassembler();
}

static void read_options(int argc, char **argv)
{
	static const struct option names[] = { { "c11", no_argument, NULL, 'c' },
					       { "amo", no_argument, NULL, 'a' },
					       { "uncounted", no_argument, NULL, 'u' },
					       { 0 } };
	int name;

	while ((name = getopt_long(argc, argv, "", names, NULL)) != -1) {
		options.c11 = options.c11 || name == 'c';
		options.amo = options.amo || name == 'a';
		options.uncounted = options.uncounted || name == 'c' || name == 'u';
		if (name == '?')
			optind = argc;
	}
	if (optind < argc)
		return;
	fprintf(stderr, "usage: orders [--c11] [--amo] [--uncounted] OBJECT...\n");
	exit(2);
}

int main(int argc, char **argv)
{
	bool good = true;

	start_llvm();
	read_options(argc, argv);
	for (int i = optind; i < argc; i++) {
		struct object object = read_object(argv[i]);

		good = check_object(&object) && good;
	}
	return good ? 0 : 1;
}

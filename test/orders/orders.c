/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * orders: is the object code of the locks what it must be?
 *
 *   orders [--limits] OBJECT...
 *
 *   - Each function does the primitives in their memory orders, or in stronger ones, and
 *     accesses no other shared memory (table.c, sequence.c).
 *   - A call that need not wait does just these (path.c).
 *   - WFE comes only after a failed poll that armed the monitor (wait.c).
 *
 * Three answers, for each function and for the file, of which the worst one counts:
 *   right       as it must be
 *   no verdict  it has what this tool does not cover, which is named
 *   wrong       it has only what the tool knows, and that is not as it must be
 * What a call costs (its length, the hint of the wait, a release without an atomic
 * instruction) is said beside that; with --limits, for the libraries that ship, a cost
 * beyond the limit fails too.
 *
 * Knows the functions of primitives.c, and acquire_lock_* and release_lock_* of the
 * library: acquire is incr_ticket and then polls, release is incr_now.
 * Exit status: 0 right, 1 wrong, 2 a file cannot be read, or wrong usage, 3 no verdict,
 * 4 right, but beyond a limit.
 * Read next: orders.h.
 */
#include <getopt.h>
#include <llvm-c/Target.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orders.h"

enum exit_status { FINE = 0, BAD = 1, OPEN = 3, COSTLY = 4 };

static bool is_lock_function(const struct function *f)
{
	return starts_with(f->name, "acquire_lock_") || starts_with(f->name, "release_lock_");
}

static enum verdict check_function(const struct object *object, const struct function *written, int *waits)
{
	struct function f = inlined(object, written);
	enum verdict verdict = worst(check_all_accesses(&f), check_waits(object, &f, waits));

	if (is_lock_function(&f))
		verdict = worst(verdict, check_path(&f));
	if (verdict <= BEYOND_LIMIT)
		printf("%s: %s: right\n", f.file, f.name);
	free(f.code);
	return verdict;
}

/* No function of a lock: one that was put in line; those that end a debug build; what compilers
 * add for indirect calls, of which the library has none (a hash before each function, thunks). */
static bool is_beside(const struct function *f)
{
	return (f->local && f->inlined) || ends_debug_build(f->name) || starts_with(f->name, "__cfi_")
	       || starts_with(f->name, "__llvm_");
}

static enum verdict check_object(const struct object *object)
{
	enum verdict verdict = RIGHT;
	int waits = 0, count = 0;

	if (object->foreign) {
		printf("%s: no verdict: not covered: %s\n", object->file, object->foreign);
		return NO_VERDICT;
	}
	for (size_t k = 0; k < object->count; k++)
		if (is_known(&object->functions[k])) {
			verdict = worst(verdict, check_function(object, &object->functions[k], &waits));
			count++;
		}
	for (size_t k = 0; k < object->count; k++)
		if (!is_known(&object->functions[k]) && !is_beside(&object->functions[k]))
			verdict = worst(verdict, say(&object->functions[k], NO_VERDICT, "not covered: a function ",
						     "that is none of the library's"));
	printf("%s: %s: %d functions, %d WFE\n", object->file, name_of(verdict == BEYOND_LIMIT ? RIGHT : verdict),
	       count, waits);
	return verdict;
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

/* Whether the limits count. */
static bool read_options(int argc, char **argv)
{
	static const struct option names[] = { { "limits", no_argument, NULL, 'l' }, { 0 } };
	bool with_limits = false;
	int name;

	while ((name = getopt_long(argc, argv, "", names, NULL)) != -1) {
		with_limits = true;
		if (name == '?')
			optind = argc;
	}
	if (optind < argc)
		return with_limits;
	fprintf(stderr, "usage: orders [--limits] OBJECT...\n");
	exit(NOT_READ);
}

int main(int argc, char **argv)
{
	static const enum exit_status status[] = { FINE, COSTLY, OPEN, BAD };
	const bool with_limits = read_options(argc, argv);
	enum verdict verdict = RIGHT;

	start_llvm();
	for (int i = optind; i < argc; i++) {
		struct object object = read_object(argv[i]);

		verdict = worst(verdict, check_object(&object));
	}
	return verdict == BEYOND_LIMIT && !with_limits ? FINE : status[verdict];
}

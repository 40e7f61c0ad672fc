/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * elf2coq NAME FILE [PREFIX]: an object file of aarch64, riscv64 or x86_64, an archive of one, or a linked image, as
 * a Coq definition NAME of object/file.v's object_file, on standard output.  Its symbols have that prefix.  What is
 * not known is refused, with its offset, and then nothing is printed: the status is 1; 2 is for wrong usage.
 * Read next: object.h.
 */
#include "object.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void print_bytes(const struct object *o)
{
	/* In lines: one list of many elements is too deep for Coq. */
	printf("  text := List.concat [");
	for (size_t i = 0; i < o->size; i++)
		printf("%s%d", i % 24 ? "; " : i ? "];\n    [" : "\n    [", o->code[i]);
	printf("]];\n");
}

static void print_relocations(const struct object *o)
{
	printf("  relocations := [");
	for (size_t i = 0; i < o->relocation_count; i++) {
		const struct relocation *r = &o->relocations[i];

		printf("%s(%" PRIu64 ", %s", i ? ";\n    " : "", r->at, r->kind);
		if (!r->bare)
			printf(" (%" PRId64 ")", r->addend);
		printf(")");
	}
	printf("];\n");
}

static void print_functions(const struct object *o)
{
	printf("  symbols := [");
	for (size_t i = 0; i < o->function_count; i++)
		printf("%s(\"%s\"%%string, %" PRIu64 ")", i ? ";\n    " : "", o->functions[i].name,
		       o->functions[i].at);
	printf("];\n");
}

static void print_slots(const struct object *o)
{
	printf("  slots := [");
	for (size_t i = 0; i < o->slot_count; i++)
		printf("%s%" PRId64, i ? "; " : "", o->slots[i]);
	printf("]\n");
}

int main(int argc, char **argv)
{
	char reason[REASON_SIZE], *array;
	struct object *o;

	if (argc != 3 && argc != 4) {
		fputs("usage: elf2coq NAME FILE [PREFIX]\n", stderr);
		return 2;
	}
	if (asprintf(&array, "%shlock_words", argc == 4 ? argv[3] : "") < 0) {
		perror("elf2coq");
		return 1;
	}
	o = read_object(argv[2], array, reason);
	free(array);
	if (!o) {
		fprintf(stderr, "%s: %s\n", argv[2], reason);
		return 1;
	}
	printf("Definition %s : object_file %s := {|\n", argv[1], o->relocation);
	print_bytes(o);
	print_relocations(o);
	print_functions(o);
	printf("  array_size := %" PRIu64 ";\n", o->array_size);
	printf("  array_align := %" PRIu64 ";\n", o->array_align);
	print_slots(o);
	printf("|}.\n");
	free_object(o);
	if (fflush(stdout) != 0) {
		fputs("elf2coq: cannot be written\n", stderr);
		return 1;
	}
	return 0;
}

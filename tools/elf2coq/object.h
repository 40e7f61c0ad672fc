/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What is proved of an object file, taken out of it: the bytes of its sections of code, one behind
 * the other with zeros between, the relocations of these, its functions, and the size of the
 * array of lock words; of a linked image, these of a part of its code, and the slots that hold the array's address.
 * Whoever reads one gets all of it, or a reason why not.
 * Read next: object.c.
 */
#ifndef OBJECT_H
#define OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct relocation {
	uint64_t at;      /* its place in the code */
	const char *kind; /* as in object/armv8_decode.v, riscv_decode.v or x86_decode.v */
	int64_t addend;   /* as is said there; mostly relative to the array */
	bool bare;        /* of its kind nothing else is said: there is no addend */
};

struct code_symbol {
	char *name;
	uint64_t at;
};

struct object {
	const char *target;       /* aarch64, riscv64 or x86_64 */
	const char *relocation;   /* Coq's type of its relocations */
	unsigned char *code;
	size_t size;
	struct relocation *relocations;
	size_t relocation_count;
	struct code_symbol *functions;
	size_t function_count;
	uint64_t array_size;
	uint64_t array_align;     /* its address is a multiple of that */
	int64_t *slots;           /* how far each lies from the array */
	size_t slot_count;
};

enum { REASON_SIZE = 400 };

/* An object file of one of these targets, an archive of one, or a linked image; the name of its array of lock words.
 * If it cannot be read, or if something in it is not known: NULL, and `reason` says what, with its offset. */
struct object *read_object(const char *file, const char *array, char reason[REASON_SIZE]);
void free_object(struct object *object);

#endif

/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * fuzz FILE COUNT SEED: reads COUNT changed copies of an object file as elf2coq and check-object do.  In each copy
 * one to eight bytes or words of 4 or 8 bytes are others, or its end is missing.  A copy is read, or refused
 * with a reason; anything else is for the sanitizers.  Prints how many were read, and how many refused.
 */
#include "tools/elf2coq/object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static uint64_t state;

/* xorshift64* */
static uint64_t some(uint64_t below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * UINT64_C(2685821657736338717) >> 16) % below;
}

/* Small, near a power of two, near the size of the file, or anything. */
static uint64_t value(size_t size)
{
	switch (some(4)) {
	case 0:
		return some(64);
	case 1:
		return (UINT64_C(1) << some(64)) - some(3);
	case 2:
		return size + 8 - some(16);
	default:
		return some(UINT64_MAX);
	}
}

/* Half of the changes are of the ELF header or of the second half, where the tables are. */
static size_t place(size_t size)
{
	switch (some(4)) {
	case 0:
		return some(64);
	case 1:
		return size / 2 + some(size - size / 2);
	default:
		return some(size);
	}
}

static void change(unsigned char *bytes, size_t size)
{
	const size_t widths[] = { 1, 2, 4, 8 };

	for (uint64_t n = 1 + some(8); n > 0; n--) {
		const size_t width = widths[some(4)];
		const size_t at = place(size) / width * width;
		const uint64_t v = value(size);

		if (at + width <= size)
			memcpy(bytes + at, &v, width);
	}
}

int main(int argc, char **argv)
{
	static unsigned char original[1 << 20], changed[sizeof original];
	char name[40], reason[REASON_SIZE];
	long taken = 0, refused = 0;
	size_t size;
	FILE *f = argc == 4 ? fopen(argv[1], "rb") : NULL;
	int copy = memfd_create("changed", 0);

	if (!f || copy < 0 || (size = fread(original, 1, sizeof original, f)) < 64)
		return 2;
	fclose(f);
	snprintf(name, sizeof name, "/proc/self/fd/%d", copy);
	state = strtoull(argv[3], NULL, 10) * 2 + 1;
	for (long n = strtol(argv[2], NULL, 10); n > 0; n--) {
		const size_t length = some(8) ? size : some(size);
		struct object *o;

		memcpy(changed, original, size);
		change(changed, size);
		if (ftruncate(copy, 0) != 0 || pwrite(copy, changed, length, 0) != (ssize_t)length)
			return 2;
		*reason = '\0';
		o = read_object(name, "hlock_words", reason);
		if (!o && strncmp(reason, "offset 0x", 9) != 0) {
			printf("refused without a reason: %s\n", reason);
			return 1;
		}
		o ? taken++ : refused++;
		free_object(o);
	}
	printf("%ld read, %ld refused\n", taken, refused);
	return 0;
}

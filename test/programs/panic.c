/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Calls a function of the debug library with the argument that it is given, and
 * prints what the library reports.  With -DDEFAULT_PANIC the library's own
 * hlock_panic is left in place.
 *   panic acquire_lock_pt|release_lock_pt|acquire_lock_vm|release_lock_vm NUMBER
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hlock/hlock.h>

#ifndef DEFAULT_PANIC
void hlock_panic(const char *function, uint32_t argument, uint32_t limit)
{
	printf("%s(%u): not below %u\n", function, (unsigned)argument, (unsigned)limit);
	exit(42);
}
#endif

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*call)(uint32_t);
	} calls[] = { { "acquire_lock_pt", acquire_lock_pt }, { "release_lock_pt", release_lock_pt },
		      { "acquire_lock_vm", acquire_lock_vm }, { "release_lock_vm", release_lock_vm } };

	for (size_t i = 0; argc == 3 && i < sizeof calls / sizeof *calls; i++)
		if (strcmp(argv[1], calls[i].name) == 0) {
			calls[i].call((uint32_t)strtoul(argv[2], NULL, 10));
			return 0;
		}
	return 2;
}

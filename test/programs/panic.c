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
void hlock_panic(const struct hlock_report *report)
{
	if (report->fault == HLOCK_WRONG_INDEX)
		printf("%s(%u): not below %u\n", report->function, (unsigned)report->index, (unsigned)report->limit);
	else
		printf("%s(%u): %s\n", report->function, (unsigned)report->index, report->message);
	exit(42);
}
#endif

uint32_t hlock_this_cpu(void)
{
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*call)(uint32_t);
	} calls[] = { { "acquire_lock_pt", acquire_lock_pt }, { "release_lock_pt", release_lock_pt },
		      { "acquire_lock_vm", acquire_lock_vm }, { "release_lock_vm", release_lock_vm } };

	for (size_t i = 0; argc == 3 && i < sizeof calls / sizeof *calls; i++)
		if (strcmp(argv[1], calls[i].name) == 0) {
			if (i % 2 == 1 && strcmp(argv[2], "16") == 0)
				calls[i - 1].call(16); /* what is given back is held */
			calls[i].call((uint32_t)strtoul(argv[2], NULL, 10));
			return 0;
		}
	return 2;
}

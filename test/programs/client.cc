// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A client in C++, with the panic function of its own: takes and gives back locks, and
// prints the number that the library reports when an index is out of range.
#include <hlock/hlock.h>

#include <cstdio>
#include <cstdlib>

#if HLOCK_VERSION < 100 || HLOCK_VERSION >= 1000000
#error "HLOCK_VERSION is 10000 * major + 100 * minor + patch"
#endif

void hlock_panic(const hlock_report *report)
{
	std::printf("%s(%lu): not below %lu\n", report->function, static_cast<unsigned long>(report->index),
		    static_cast<unsigned long>(report->limit));
	std::fflush(stdout);
	std::_Exit(42);
}

uint32_t hlock_this_cpu()
{
	return 0;
}

int main(int argc, char **)
{
	void (*acquire)(uint32_t) = acquire_lock_vm;

	acquire(16);
	acquire_lock_core();
	release_lock_core();
	release_lock_vm(16);
	std::printf("%s %u\n", HLOCK_VERSION_STRING, HLOCK_LOCKS);
	std::fflush(stdout);
	if (argc > 1)
		acquire_lock_pt(17);
	return 0;
}

/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Two threads add to one counter that lock pt 3 guards, for ThreadSanitizer to
 * judge.  With -DRACE the second one forgets the lock.  Nothing orders the two
 * between creation and join, so that is reported however they are scheduled.
 * Prints the sum; exit status 1: it is wrong, 66: the sanitizer reported.
 */
#include <hlock/hlock.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

enum { TIMES = 1000 };

struct share {
	unsigned *counter;
	bool forgets;
};

static void *add(void *argument)
{
	const struct share *share = argument;

	for (unsigned i = 0; i < TIMES; i++) {
		if (!share->forgets)
			acquire_lock_pt(3);
		++*share->counter;
		if (!share->forgets)
			release_lock_pt(3);
	}
	return NULL;
}

int main(void)
{
	unsigned counter = 0;
	struct share first = { &counter, false }, second = first;
	pthread_t thread;

#ifdef RACE
	second.forgets = true;
#endif
	if (pthread_create(&thread, NULL, add, &second))
		return 2;
	add(&first);
	pthread_join(thread, NULL);
	printf("%u\n", counter);
	return counter != 2 * TIMES;
}

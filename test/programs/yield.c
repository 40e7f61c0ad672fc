/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Waits for a lock that is held, and lets the kernel tell of each yield in place of
 * doing it: the third gives the lock back, and the wait ends.  A wait that does not
 * yield never ends.  There is one thread, which plays both holder and waiter, so nothing here
 * depends on how threads are scheduled.
 */
#include <hlock/hlock.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static volatile sig_atomic_t yields;

static void count_yield(int number)
{
	(void)number;
	yields++;
	if (yields == 3)
		release_lock_core();
}

int main(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sched_yield, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { .len = sizeof filter / sizeof *filter, .filter = filter };
	const struct sigaction action = { .sa_handler = count_yield };

	if (sigaction(SIGSYS, &action, NULL) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	    || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		abort();
	acquire_lock_core();
	acquire_lock_core();
	return yields == 3 ? 0 : 1;
}

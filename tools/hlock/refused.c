/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Words of other lock libraries, by what they have in common.  See refused.h.
 */
#include "refused.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static const struct {
	const char *part; /* of the word, in small letters */
	const char *why;
} refused[] = {
	{ "recurs", ": there are no recursive locks (hlock(5))" },
	{ "reentr", ": there are no recursive locks (hlock(5))" },
	{ "nest", ": there are no recursive locks (hlock(5))" },
	{ "rw", ": there are no reader-writer locks (hlock(5))" },
	{ "read", ": there are no reader-writer locks (hlock(5))" },
	{ "write", ": there are no reader-writer locks (hlock(5))" },
	{ "share", ": there are no reader-writer locks (hlock(5))" },
	{ "2d", SECOND_INDEX },
	{ "matrix", SECOND_INDEX },
	{ "grid", SECOND_INDEX },
	{ "array2", SECOND_INDEX },
	{ "try", ": there is no try_acquire (hlock(5))" },
	{ "seq", ": there are no sequence locks (hlock(5))" },
	{ "mutex", ": there are no locks that sleep (hlock(5))" },
	{ "sem", ": there are no locks that sleep (hlock(5))" },
	{ "irq", ": there are no locks that mask interrupts (hlock(5))" },
};

static bool has_part(const char *word, size_t length, const char *part)
{
	const size_t wanted = strlen(part);

	for (size_t i = 0; i + wanted <= length; i++) {
		size_t k = 0;

		while (k < wanted && tolower((unsigned char)word[i + k]) == part[k])
			k++;
		if (k == wanted)
			return true;
	}
	return false;
}

const char *why_refused(const char *word, size_t length)
{
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (has_part(word, length, refused[i].part))
			return refused[i].why;
	return "";
}

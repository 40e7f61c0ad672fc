/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What tables of other lock libraries have and this one has not, refused by its name, so
 * that nobody has to guess why.  The manual page hlock(5) has the same list.
 */
#ifndef HLOCK_REFUSED_H
#define HLOCK_REFUSED_H

#include <stddef.h>

/* Why a word that is none of a table is refused, as the end of a message; "": nothing is
 * known of it. */
const char *why_refused(const char *word, size_t length);

#define RANK_OF_DATA ": there are no ranks that depend on data (a rank is a number; hlock(5))"
#define SECOND_INDEX ": there are no two-dimensional indices (one index a family; hlock(5))"

#endif

/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Which names a family and its index can have.
 *
 * A family's name is only ever a part of a name: acquire_lock_<name> in C,
 * family_<name> in Coq.  An index name is a name of its own in C, that of a parameter
 * in the public header, which is for C++ too, and in the functions of locks.c; so it
 * is no keyword of either language, no macro without arguments that a header of C11 or a
 * compiler defines, and no name of the C that is proved.  In Coq neither can clash: names of the
 * exported C have a prefix there (_vmid), and the theorems call the index `i`.
 */
#include "table.h"

#include <ctype.h>
#include <string.h>

/* C11 5.2.4.1: a compiler tells identifiers apart by their first 63 characters. */
#define SIGNIFICANT 63

static const struct {
	const char *why;
	const char *const words[110];
} reserved[] = {
	{ "is a keyword of C",
	  { "alignas", "alignof", "asm", "auto", "bool", "break", "case", "char", "const", "constexpr",
	    "continue", "default", "do", "double", "else", "enum", "extern", "false", "float", "for", "goto",
	    "if", "inline", "int", "long", "nullptr", "register", "restrict", "return", "short", "signed",
	    "sizeof", "static", "static_assert", "struct", "switch", "thread_local", "true", "typedef",
	    "typeof", "typeof_unqual", "union", "unsigned", "void", "volatile", "while" } },
	{ "is a keyword of C++",
	  { "and", "and_eq", "atomic_cancel", "atomic_commit", "atomic_noexcept", "bitand", "bitor", "catch",
	    "char16_t", "char32_t", "char8_t", "class", "co_await", "co_return", "co_yield", "compl",
	    "concept", "const_cast", "consteval", "constinit", "contract_assert", "decltype", "delete",
	    "dynamic_cast", "explicit", "export", "friend", "mutable", "namespace", "new", "noexcept", "not",
	    "not_eq", "operator", "or", "or_eq", "private", "protected", "public", "reflexpr",
	    "reinterpret_cast", "requires", "static_cast", "synchronized", "template", "this", "throw",
	    "try", "typeid", "typename", "using", "virtual", "wchar_t", "xor", "xor_eq" } },
	{ "is a macro of a C11 header",
	  { "I", "complex", "errno", "imaginary", "math_errhandling", "noreturn", "stderr", "stdin",
	    "stdout" } },
	{ "is a macro of a compiler",
	  { "arm", "avr", "hpux", "i386", "linux", "m68k", "mc68000", "mips", "nios2", "pdp11", "powerpc",
	    "ppc", "sgi", "sparc", "sun", "unix", "vax" } },
	{ "is a name of the C that is proved",
	  { "comes_after", "cpu_pause", "cpu_relax", "cpu_relax_counted", "drop_held", "get_now", "incr_now",
	    "incr_ticket", "may_acquire", "must_be_free", "must_hold", "must_lack", "now_held", "pass_hlock",
	    "pass_lock", "place_of", "record_count", "record_lock", "record_move", "record_of", "record_put",
	    "record_rank", "record_room", "record_size", "record_wait", "this_cpu", "wait_hlock", "wait_lock" } },
};

/* How macros of C11's and POSIX's headers, and names of this library, begin. */
static const char *const prefixes[] = { "L_", "PRI", "P_", "SCN", "acquire_lock_", "atomic_", "hlock_", "release_lock_",
					"sa_", "si_", "sigcontext_", "sigev_" };

static bool in_capitals(const char *name)
{
	for (; *name; name++)
		if (islower((unsigned char)*name))
			return false;
	return true;
}

const char *bad_family_name(const char *name)
{
	const size_t length = strlen(name), end = strlen("_second");

	if (length >= end && strcmp(name + length - end, "_second") == 0)
		return "ends in _second, as acquire_lock_X_second, which the header makes of a family X";
	if (name[0] == '_' || strstr(name, "__"))
		return "makes a double underscore, which C++ reserves";
	if (strlen("acquire_lock_") + strlen(name) > SIGNIFICANT)
		return "is too long (50 characters: C tells 63 apart, 13 are acquire_lock_)";
	return NULL;
}

const char *bad_index_name(const char *name)
{
	const size_t length = strlen(name);

	for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
		for (const char *const *word = reserved[i].words; *word; word++)
			if (strcmp(name, *word) == 0)
				return reserved[i].why;
	if (name[0] == '_' || strstr(name, "__"))
		return "has an underscore where C and C++ reserve it (at the start, or two)";
	if (length > SIGNIFICANT)
		return "is too long (63 characters, which C tells apart)";
	if (length > 1 && in_capitals(name))
		return "has no small letter, as names of macros";
	if (length > 2 && strcmp(name + length - 2, "_t") == 0)
		return "ends in _t, as names of types";
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return "begins as macros of C or POSIX, or names of this library";
	return NULL;
}

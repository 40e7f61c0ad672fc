/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Semihosting: the command line, files, text, and the exit status.  No lock is taken: what
 * is printed when something is wrong must come out whoever holds what.
 */
#include "el2.h"

#include <stdarg.h>

enum { SYS_OPEN = 0x01, SYS_CLOSE = 0x02, SYS_WRITE = 0x05, SYS_TIME = 0x11, SYS_GET_CMDLINE = 0x15,
       SYS_EXIT_EXTENDED = 0x20 };

struct options options = { .lives = 8, .yield = 1, .patience = 100 };

/* gcc calls it. */
void *memset(void *to, int byte, size_t length);
void *memset(void *to, int byte, size_t length)
{
	for (size_t i = 0; i < length; i++)
		((uint8_t *)to)[i] = (uint8_t)byte;
	return to;
}

static uint64_t ask_host(uint64_t operation, const void *parameters)
{
	register uint64_t x0 __asm__("x0") = operation;
	register const void *x1 __asm__("x1") = parameters;

	__asm__ volatile("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
	return x0;
}

static size_t length_of(const char *text)
{
	size_t length = 0;

	while (text[length])
		length++;
	return length;
}

static int open_as(const char *path, uint64_t mode)
{
	const uint64_t parameters[] = { (uint64_t)path, mode, length_of(path) };

	return (int)ask_host(SYS_OPEN, parameters);
}

static int console = -1;

void write_file(int file, const void *bytes, size_t length)
{
	const uint64_t parameters[] = { (uint64_t)file, (uint64_t)bytes, length };

	if (ask_host(SYS_WRITE, parameters) != 0) {
		if (file != console)
			print("el2: a file cannot be written\n");
		end_run(USAGE);
	}
}

int open_file(const char *path)
{
	int file = open_as(path, 4);

	if (file < 0) {
		print("el2: %s cannot be opened\n", path);
		end_run(USAGE);
	}
	return file;
}

void close_file(int file)
{
	const uint64_t parameters[] = { (uint64_t)file };

	ask_host(SYS_CLOSE, parameters);
}

uint64_t time_of_host(void)
{
	return ask_host(SYS_TIME, NULL);
}

void end_run(enum exit_status status)
{
	const uint64_t parameters[] = { 0x20026, status };

	for (;;)
		ask_host(SYS_EXIT_EXTENDED, parameters);
}

char *decimal(char *to, uint64_t number)
{
	char digits[20];
	int count = 0;

	do {
		digits[count++] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	while (count > 0)
		*to++ = digits[--count];
	return to;
}

static char *hexadecimal(char *to, uint64_t number)
{
	int shift = 60;

	while (shift > 0 && number >> shift == 0)
		shift -= 4;
	*to++ = '0';
	*to++ = 'x';
	for (; shift >= 0; shift -= 4)
		*to++ = "0123456789abcdef"[number >> shift & 15];
	return to;
}

void print(const char *format, ...)
{
	char line[512], *to = line;
	va_list arguments;

	if (console < 0)
		console = open_as(":tt", 4);
	va_start(arguments, format);
	for (; *format && to < line + sizeof line - 32; format++) {
		if (*format != '%') {
			*to++ = *format;
			continue;
		}
		switch (*++format) {
		case 'u': to = decimal(to, va_arg(arguments, uint64_t)); break;
		case 'x': to = hexadecimal(to, va_arg(arguments, uint64_t)); break;
		default:
			for (const char *s = va_arg(arguments, const char *); *s && to < line + sizeof line - 32;)
				*to++ = *s++;
		}
	}
	va_end(arguments);
	write_file(console, line, (size_t)(to - line));
}

static _Noreturn void usage(const char *word)
{
	print("el2: '%s'? known: lives=N yield=0|1 seed=N for=SECONDS live=0|1 patience=TICKS trace=FILE owners=FILE\n",
	      word);
	end_run(USAGE);
}

/* What stands after the name, if the word starts with it. */
static const char *value_of(const char *word, const char *name)
{
	while (*name && *name == *word) {
		name++;
		word++;
	}
	return *name ? NULL : word;
}

static uint32_t number_in(const char *word, const char *digits)
{
	uint32_t number = 0;

	if (!*digits)
		usage(word);
	for (; *digits; digits++) {
		if (*digits < '0' || *digits > '9' || number > 100000)
			usage(word);
		number = 10 * number + (uint32_t)(*digits - '0');
	}
	return number;
}

static void copy(char *to, size_t room, const char *from)
{
	while (room-- > 1 && *from)
		*to++ = *from++;
	*to = '\0';
}

static void read_option(const char *word)
{
	static const struct {
		const char *name;
		uint32_t *number; /* or */
		char *text;
	} known[] = {
		{ "lives=", &options.lives, NULL },   { "yield=", &options.yield, NULL },
		{ "seed=", &options.seed, NULL },     { "for=", &options.seconds, NULL },
		{ "live=", &options.live, NULL },     { "patience=", &options.patience, NULL },
		{ "trace=", NULL, options.trace },    { "owners=", NULL, options.owners },
	};

	for (uint32_t i = 0; i < sizeof known / sizeof *known; i++) {
		const char *value = value_of(word, known[i].name);

		if (value && known[i].number)
			*known[i].number = number_in(word, value);
		else if (value)
			copy(known[i].text, sizeof options.trace, value);
		if (value)
			return;
	}
	usage(word);
}

/* The first word is the name of the program. */
void read_options(void)
{
	static char line[1024];
	const uint64_t parameters[] = { (uint64_t)line, sizeof line };
	char *word = line;

	if (ask_host(SYS_GET_CMDLINE, parameters) != 0)
		return;
	for (bool first = true; *word; first = false) {
		char *end = word;

		while (*end && *end != ' ')
			end++;
		if (*end)
			*end++ = '\0';
		if (!first && *word)
			read_option(word);
		word = end;
	}
}

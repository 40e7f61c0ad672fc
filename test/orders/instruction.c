/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What an instruction is.  LLVM's disassembler prints a tab, the mnemonic, a tab,
 * the operands; this file takes them apart and knows where control goes next.
 * What it does not know goes on to the next; table.c and values.c ask whether they know it.
 * Read next: calls.c.
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orders.h"

bool starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool is_one_of(const char *text, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(text, *list) == 0)
			return true;
	return false;
}

/* Cuts the next operand off; commas inside brackets belong to it. */
static char *next_operand(char **rest)
{
	char *start = *rest + strspn(*rest, " \t"), *p;
	int depth = 0;

	for (p = start; *p && (*p != ',' || depth > 0); p++)
		depth += (*p == '(' || *p == '[') - (*p == ')' || *p == ']');
	*rest = *p ? p + 1 : p;
	*p = '\0';
	return *start ? start : NULL;
}

/* CALL may be one of the system; STOP goes nowhere. */
static enum flow flow_of(const struct instruction *i)
{
	static const char *const returns[] = { "ret", "retq", "retaa", "retab", NULL };
	static const char *const jumps[] = { "b", "jmp", "j", NULL };
	static const char *const calls[] = { "bl", "blr", "blraa", "blrab", "call", "callq", "jal", "jalr", "svc",
					     "hvc", "smc", "syscall", "int", "ecall", NULL };
	static const char *const leaves[] = { "br", "braa", "brab", "jmpq", "jr", "tail", NULL };
	static const char *const stops[] = { "ud2", "ud1l", "udf", "brk", "int3", "hlt", "ebreak", "unimp", NULL };
	static const char *const branches[] = { "cbz", "cbnz", "tbz", "tbnz", NULL };

	if (is_one_of(i->mnemonic, returns))
		return RETURN;
	if (is_one_of(i->mnemonic, jumps))
		return JUMP;
	if (is_one_of(i->mnemonic, calls))
		return CALL;
	if (is_one_of(i->mnemonic, leaves))
		return LEAVE;
	if (is_one_of(i->mnemonic, stops))
		return STOP;
	if (is_one_of(i->mnemonic, branches) || starts_with(i->mnemonic, "b.") || *i->mnemonic == 'j')
		return BRANCH;
	/* RISC-V; other names in b are of A64, and have two letters or "fi" or "ic" or "ti" */
	return starts_with(i->mnemonic, "beq") || starts_with(i->mnemonic, "bne")
			       || starts_with(i->mnemonic, "bl") || starts_with(i->mnemonic, "bg")
		       ? BRANCH
		       : ONWARD;
}

int when_equal(const struct instruction *i)
{
	static const char *const equal[] = { "b.eq", "cbz", "je", "beq", "beqz", NULL };
	static const char *const differs[] = { "b.ne", "cbnz", "jne", "bne", "bnez", NULL };

	return is_one_of(i->mnemonic, equal) ? 1 : is_one_of(i->mnemonic, differs) ? 0 : -1;
}

bool uses_memory(const struct instruction *i)
{
	static const char *const stack[] = { "pushq", "popq", "leave", NULL };

	if (starts_with(i->mnemonic, "lea") || starts_with(i->mnemonic, "nop") || *i->mnemonic == 'j')
		return false;
	for (unsigned k = 0; k < i->operands; k++)
		if (strpbrk(i->operand[k], "[(") || starts_with(i->operand[k], "%fs:")
		    || starts_with(i->operand[k], "%gs:"))
			return true;
	return is_one_of(i->mnemonic, stack);
}

/* LLVM prints how far a branch or a call goes, from its start, on x86 from its end. */
static void set_target(struct instruction *i, unsigned machine)
{
	const char *last = i->operands ? i->operand[i->operands - 1] : "";
	const char *number = last + (*last == '#');

	i->flow = flow_of(i);
	if ((i->flow != BRANCH && i->flow != JUMP && i->flow != CALL) || !*number
	    || strspn(number, "-0123456789abcdefx") != strlen(number))
		return;
	i->goes_elsewhere = i->flow == CALL;
	i->address = i->place + (uint64_t)strtoll(number, NULL, 0)
		     + (machine == EM_X86_64 ? i->length : 0);
}

/* A prefix on the line of what it belongs to; a lock prefix on a line of its own is
 * put before the next one by object.c. */
static char *skip_prefixes(struct instruction *i, char *line)
{
	static const char *const prefixes[] = { "lock", "rep", "repne", NULL };
	char first[32];

	while (sscanf(line, " %31s", first) == 1 && is_one_of(first, prefixes)) {
		i->locked = i->locked || strcmp(first, "lock") == 0;
		line = strstr(line, first) + strlen(first);
	}
	return line + strspn(line, " \t");
}

void parse_instruction(struct instruction *i, unsigned machine, char *line)
{
	char *mnemonic = skip_prefixes(i, line), *operand;
	char *rest = mnemonic + strcspn(mnemonic, " \t");

	if (*rest)
		*rest++ = '\0';
	snprintf(i->mnemonic, sizeof i->mnemonic, "%s", mnemonic);
	while (i->operands < MAX_OPERANDS && (operand = next_operand(&rest)))
		snprintf(i->operand[i->operands++], sizeof *i->operand, "%s", operand);
	set_target(i, machine);
}

/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The parts of `orders`: what the object code of the locks must look like.
 *
 *   orders.c       options and verdict
 *   object.c       the functions of an ELF object, disassembled by LLVM
 *   instruction.c  what an instruction is: its operands, and where it goes
 *   table.c        which instructions are allowed for which primitive
 *   path.c         the path of a call that need not wait, and its length
 *   values.c       what the registers of an aarch64 function hold
 *   wait.c         WFE only after a failed poll
 * Read next: table.c.
 */
#ifndef ORDERS_H
#define ORDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAX_OPERANDS = 5, MAX_TEXT = 2000 };
enum flow { ONWARD, BRANCH, JUMP, RETURN, CALL };

/* A branch that is no index into the code of its function. */
enum { OUTSIDE = -1 };

struct instruction {
	uint64_t place; /* in its section */
	unsigned length;
	char mnemonic[32], operand[MAX_OPERANDS][48];
	unsigned operands;
	bool locked;	    /* has a lock prefix */
	bool relocated;	    /* the linker puts an address in */
	uint64_t address;   /* that address, where object.c lays it */
	int target;	    /* of a branch: index of an instruction, or OUTSIDE */
};

struct function {
	const char *file, *name;
	unsigned machine; /* EM_... of elf.h */
	struct instruction *code;
	int count;
};

struct object {
	const char *file;
	struct function *functions;
	size_t count;
};

extern struct options {
	bool c11;	/* made of c11.h: no hint in the wait */
	bool amo;	/* what gcc 12 makes of c11.h for riscv64 is allowed */
	bool uncounted; /* the number of instructions does not matter */
} options;

/* object.c */
struct object read_object(const char *file);
_Noreturn void fail(const char *file, const char *what);

/* instruction.c */
bool starts_with(const char *text, const char *prefix);
void parse_instruction(struct instruction *i, unsigned machine, char *line);
bool uses_memory(const struct instruction *i);
enum flow flow_of(const struct instruction *i);
int when_equal(const struct instruction *i); /* 1: branches if equal, 0: if not, -1: neither */

/* table.c: `text` has what an instruction or a function does to memory */
void add_kept(char *text, unsigned machine, const struct instruction *i);
bool table_allows(const struct function *f);
bool is_shortest(const struct function *f, const char *text);

/* path.c: false, and the reason on stderr, if it is not as it must be */
bool check_path(const struct function *f);

/* values.c */
enum { REGISTERS = 32 };
struct value {
	enum { UNKNOWN, NUMBER, LOADED } kind; /* LOADED: by the last LDAXR */
	uint64_t number;
};
struct state {
	bool reached;
	struct value registers[REGISTERS]; /* the last is zero */
	struct value compared[2];	   /* what the flags say of these two */
	bool has_compared;
	bool armed;	       /* the last access to memory is an LDAXR */
	struct value armed_at; /* its address */
	bool poll_failed;      /* what it loaded was found to differ */
};
struct state *states_before(const struct function *f, uint64_t argument);
struct value address_of(const struct state *s, const struct instruction *i);

/* wait.c: the number of WFE, or -1 and a reason on stderr */
int check_waits(const struct object *object, const struct function *f);

#endif

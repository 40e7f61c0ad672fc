/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The parts of `orders`: what the object code of the locks must look like.
 *
 *   orders.c       options, the verdict of a function and of a file
 *   verdict.c      verdicts, and how they are printed
 *   object.c       the functions of an ELF object, disassembled by LLVM
 *   instruction.c  what an instruction is: its operands, and where it goes
 *   calls.c        calls of functions of the same object, put in line
 *   table.c        what each instruction does to memory
 *   sequence.c     the accesses of a function beside those of the primitives
 *   path.c         the path of a call that need not wait, and its cost
 *   values.c       what the registers of an aarch64 function hold
 *   wait.c         WFE only after a failed poll
 * Read next: table.c.
 */
#ifndef ORDERS_H
#define ORDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAX_OPERANDS = 5, MAX_TEXT = 2000, MAX_INLINED = 8, MAX_CODE = 5000 };
enum flow { ONWARD, BRANCH, JUMP, RETURN, CALL, LEAVE /* jumps out of its function */, STOP };

/* From good to bad; the verdict of several is the worst of them.  BEYOND_LIMIT is right,
 * but costs more than it may. */
enum verdict { RIGHT, BEYOND_LIMIT, NO_VERDICT, WRONG };

/* A branch that is no index into the code of its function. */
enum { OUTSIDE = -1 };

struct instruction {
	uint64_t place; /* in its section */
	unsigned length;
	char mnemonic[32], operand[MAX_OPERANDS][48];
	unsigned operands;
	enum flow flow;
	bool locked;	    /* has a lock prefix */
	bool relocated;	    /* the linker puts an address in */
	bool got;	    /* of the entry of the global offset table that holds the address */
	bool goes_elsewhere; /* to `address`, which is no instruction of its function */
	uint64_t address;   /* where object.c lays it: the section in the high half, 0 is its own */
	const char *symbol; /* whose address it is; empty: none */
	int target;	    /* of a branch: index of an instruction, or OUTSIDE */
	bool reached;	    /* from the start of its function */
	bool private;	    /* its memory is the stack's, or the thread's own */
};

struct function {
	const char *file, *name;
	unsigned machine; /* EM_... of elf.h */
	uint64_t section, start;
	bool local; /* no other file can call it */
	struct instruction *code;
	int count;
	bool inlined; /* calls.c has put it into another one */
};

struct object {
	const char *file;
	const char *foreign; /* not NULL: a kind of object that this tool does not read */
	struct function *functions;
	size_t count;
};

/* verdict.c: `say` prints FILE: FUNCTION: VERDICT: WHAT DETAIL, and gives the verdict back */
enum { NOT_READ = 2 }; /* the status of `fail` */
const char *name_of(enum verdict verdict);
enum verdict say(const struct function *f, enum verdict verdict, const char *what, const char *detail);
enum verdict worst(enum verdict a, enum verdict b);
_Noreturn void fail(const char *file, const char *what);

/* object.c */
struct object read_object(const char *file);
void *memory(size_t count, size_t size);

/* instruction.c */
bool starts_with(const char *text, const char *prefix);
bool is_one_of(const char *text, const char *const *list);
void parse_instruction(struct instruction *i, unsigned machine, char *line);
bool uses_memory(const struct instruction *i);
int when_equal(const struct instruction *i); /* 1: branches if equal, 0: if not, -1: neither */

/* calls.c: a function of which `reached` and `private` are set */
struct function inlined(const struct object *object, const struct function *f);

/* Those of a debug build that an index out of range comes to, by their names: none returns
 * to the lock function that called it. */
bool ends_debug_build(const char *name);

/* table.c */
enum kind {
	NOTHING,    /* it accesses no shared memory and orders none */
	LOAD,
	STORE,
	UPDATE,	    /* a load and then a store, in one instruction that is not atomic */
	ATOMIC,	    /* an atomic read-modify-write */
	EXCLUSIVE_LOAD,
	EXCLUSIVE_STORE,
	FENCE,
	HINT,	    /* of a wait */
	OTHER_SIZE, /* an access that is too small for a lock's word */
	NOT_COVERED
};
struct access {
	enum kind kind;
	bool acquires, releases;
	char text[100]; /* the instruction, its operands by their kinds */
};
struct access access_of(unsigned machine, const struct instruction *i);

/* sequence.c */
struct sequence {
	struct access *accesses;
	int count;
	char text[MAX_TEXT];
};
struct sequence new_sequence(const struct function *f);
void add_access(struct sequence *s, unsigned machine, const struct instruction *i);
const struct access *find_kind(const struct sequence *s, enum kind kind);
bool is_known(const struct function *f);
/* does it do the primitives of its function, in their orders, and only these? `what` is said if not */
enum verdict check_sequence(const struct function *f, struct sequence *s, bool may_wait, const char *what);
enum verdict check_all_accesses(const struct function *f);

/* path.c */
enum verdict check_path(const struct function *f);

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
	const struct instruction *lost;	 /* not known here: what registers hold is not known either */
	const struct instruction *doubt; /* since that LDAXR: whether it is armed and failed is not known */
};
struct state *states_before(const struct function *f, uint64_t argument);
struct value address_of(const struct state *s, const struct instruction *i);

/* wait.c: `waits` grows by the number of WFE */
enum verdict check_waits(const struct object *object, const struct function *f, int *waits);

#endif

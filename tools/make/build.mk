# SPDX-License-Identifier: MIT OR Apache-2.0
# How the verbs of the Makefile are done.  A file that is made is there whole, or as
# it was before (whole).  Read next: variables.mk.

TABLE   = layers/L4_locks/lock_table.def
FLOORS  = $(wildcard layers/L0_machine/*.h) $(wildcard layers/L0_machine/arch/*.h) layers/L1_ticket/ticket.h \
          layers/L3_atomic/atomic.h layers/L4_locks/locks.h layers/L4_locks/checks.h \
          layers/L4_locks/report.h $(TABLE) include/hlock/hlock.h
LIBS    = build/libhlock.a build/libhlock_debug.a build/libhlock_hosted.a
PORTED  = $(foreach target,$(TARGETS),$(LIBS:build/%=build/$(target)/%) build/$(target)/stress)
STRESS  = $(patsubst test/stress/%.c,build/workload/%.o,$(filter-out %/stress.c,$(wildcard test/stress/*.c)))
WRONG   = $(basename $(patsubst test/%,build/%,$(wildcard test/wrong/*.[ch])))
MADE    = lock_table.v L4_exported.v L4_theorems.v L1_ticket.v L3_atomic.v L4_locks.v L4_locks_debug.v \
          L4_locks_checked.v functions.tsv
TESTED  = generated $(LIBS) $(PORTED) build/stress build/stress_hosted build/judge build/explore $(WRONG) \
          build/orders build/locks.tsv build/arch build/made/same build/check-object build/decoder build/meaning \
          build/riscv_decoder build/riscv_meaning build/x86_decoder build/x86_meaning build/flips \
          build/hlock build/mutate build/bench/bench build/bench/report build/bench/stats \
          $(CORE) $(if $(CORE),$(EL2_COST))
# The core at EL2, if the table has the families that it uses.
EL2     = build/el2/aarch64.elf build/el2/aarch64-lse.elf build/el2/aarch64-debug.elf build/el2/model
EL2_COST = build/el2/cost-hlock.elf build/el2/cost-tas.elf build/el2/cost-none.elf
CORE    = $(if $(wildcard el2/fits.awk),$(if $(shell awk -f el2/fits.awk $(TABLE)),$(EL2)))
PROVE   = JOBS=$(JOBS) tools/prove/prove
WHOLE   = tools/make/whole

# What is compiled needs these, whatever a user's flags are; they come after.
FLAGS   = -std=c11 -Wall -Wextra -Werror -Wmissing-prototypes -Iinclude
LIBC    = $(FLAGS) -ffreestanding $(CPPFLAGS) $(CFLAGS)
HOSTED  = $(FLAGS) -D_GNU_SOURCE $(CPPFLAGS) $(CFLAGS)
# A program that runs the library may compute with floating-point numbers.
PROGRAM = $(filter-out -mgeneral-regs-only,$(HOSTED)) -pthread
TOOL    = $(HOSTCC) $(FLAGS) -D_GNU_SOURCE -I. $(HOSTCFLAGS)
# $(call quoted,TEXT): a word of the shell; $(call string,TEXT): one that is a string in C
quoted  = '$(subst ','\'',$(strip $(1)))'
string  = $(call quoted,"$(subst ",\",$(subst \,\\,$(strip $(1))))")

.DELETE_ON_ERROR:
.PHONY: bytes prove-ticket prove-atomic prove-locks prove-exported screen tested generated deps FORCE

tested: $(TESTED)

# Only what the proof of a floor's C needs.
prove-ticket prove-atomic prove-locks prove-exported: generated
	@$(PROVE) $@

screen: generated build/stress build/locks.tsv build/arch $(CORE)
	@$(PROVE) build/prove/assumptions
	@$(MAKE) --no-print-directory build/judge build/made/same build/elf2coq $(BYTES)
	@$(MAKE) --no-print-directory bytes >build/bytes.said 2>&1 || : # the screen says so, and fails
	@tools/screen/screen

# Needs root, unless nothing is missing.
deps:
	@missing=; for package in $(DEBS); do \
	    dpkg-query -W -f '$${db:Status-Status}' $$package 2>&1 | grep -qx installed \
	        || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	    echo "missing Debian packages:$$missing"; \
	    if [ "$$(id -u)" != 0 ]; then \
	        echo "as root, run: apt-get update && apt-get install -y --no-install-recommends$$missing"; \
	        exit 1; \
	    fi; \
	    apt-get update && apt-get install -y --no-install-recommends $$missing; \
	fi

# ---- Objects.  With each goes a list of the files that it is made from.
DEFINES      =
DEPENDENCIES = -MMD -MF $(@:.o=.d) -MT $@

# They change when a compiler or its flags do.
build/flags: BUILT_WITH = $(CC) $(HOSTED) $(IN_LINES) $(LIBC) $(AR) $(LDFLAGS) \
    $(foreach t,$(TARGETS),$(LIBCC_$(t)) $(CROSS_$(t))gcc $(FLAGS_$(t)))
build/tool_flags: BUILT_WITH = $(TOOL)
build/flags build/tool_flags: FORCE
	@mkdir -p $(@D)
	@echo $(call quoted,$(BUILT_WITH)) | cmp -s - $@ || $(WHOLE) $@ echo $(call quoted,$(BUILT_WITH))

# $(call objects,WILDCARD): those of a tool's sources
objects = $(patsubst %.c,build/obj/%.o,$(wildcard $(1)))
build/obj/%.o: %.c build/tool_flags
	@mkdir -p $(@D)
	$(WHOLE) $@ $(TOOL) $(DEFINES) $(DEPENDENCIES) -c $< -o {}

-include $(wildcard build/obj/*/*.d build/obj/*/*/*.d build/bench/obj/*.d build/bench/obj/*/*.d \
    $(foreach folder,release debug hosted workload,$(addsuffix /$(folder)/*.d,build $(TARGETS:%=build/%))))
# A header that is gone.
%.h: ;

# ---- What is made from the C and from the lock table.
# It is committed.  It is made in build/, from the header as it will be (build/stage
# is the tree with that header), and goes to its place when all of it is made and the
# table's C compiles: a table that comes to nothing changes nothing.  It goes there only
# where it differs, so equal times in a fresh clone do no harm and an edited file is put
# right.
STAGED = build/stage/include/hlock/hlock.h
generated: $(addprefix generated/,$(MADE)) include/hlock/hlock.h

PUT_IN_PLACE = @cmp -s $< $@ || { mkdir -p $(@D) && $(WHOLE) $@ cat $< && echo "$@: made again"; }

# Moved whole, so there is nothing to delete if make is stopped.
.PRECIOUS: generated/% include/hlock/hlock.h

generated/%: build/made/% $(addprefix build/made/,$(MADE)) build/made/compiles FORCE
	$(PUT_IN_PLACE)

include/hlock/hlock.h: $(STAGED) build/made/compiles FORCE
	$(PUT_IN_PLACE)

SYNTAX = $(HOSTCC) $(FLAGS) -ffreestanding -fsyntax-only
build/made/compiles: $(STAGED) build/made/drop_in/hlock.c $(filter-out include/%,$(FLOORS)) \
    $(wildcard layers/L4_locks/*.c) build/tool_flags
	@mkdir -p $(@D)
	$(SYNTAX) build/made/drop_in/hlock.c
	$(SYNTAX) -DHLOCK_DEBUG build/made/drop_in/hlock.c
	cd build/stage && $(SYNTAX) layers/L4_locks/locks.c
	cd build/stage && $(SYNTAX) -DHLOCK_DEBUG layers/L4_locks/locks.c
	@touch $@

# hlock has the C of the floors in it.
EMBEDDED = $(filter %.h,$(filter layers/%,$(filter-out layers/L4_locks/locks.h,$(FLOORS))))
build/embedded/floors_text.c: tools/hlock/embed.awk $(EMBEDDED)
	@mkdir -p $(@D)
	$(WHOLE) $@ awk -f $^

build/hlock: $(call objects,tools/hlock/*.c) build/obj/build/embedded/floors_text.o
	$(WHOLE) $@ $(TOOL) $^ -o {}

# The drop-in of the shipped table is made as users make theirs.  Its header is the public
# one; the libraries are compiled from its C, as it is in build/drop_in, where it changes
# only if it differs.
build/made/drop_in/hlock.h build/made/drop_in/hlock.c &: build/hlock $(TABLE)
	@mkdir -p $(@D)
	build/hlock generate $(TABLE) -o $(@D)

$(STAGED): build/made/drop_in/hlock.h | build/stage/layers
	@mkdir -p $(@D)
	$(WHOLE) $@ cat $<

.PRECIOUS: build/drop_in/%
build/drop_in/%: build/made/drop_in/% build/made/compiles FORCE
	@cmp -s $< $@ || { mkdir -p $(@D) && $(WHOLE) $@ cat $<; }

# The C that is proved is that of the floors; the C that is compiled is, to Coq, the same.
# `make prove` asks for it last: a proof that fails names the function.
build/made/same: build/drop_in/hlock.c build/drop_in/hlock.h build/c2coq tools/make/same \
    $(addprefix build/made/,$(filter L%_ticket.v L%_atomic.v L%_locks.v L%_debug.v L%_checked.v,$(MADE)))
	build/hlock export --quiet $(TABLE) -o build/drop_in --work build/made/export
	tools/make/same build/made build/made/export $(notdir $(filter %.v,$^))
	@touch $@

VERB =
build/made/lock_table.v: VERB = coq
build/made/L4_theorems.v: VERB = theorems
build/made/L4_exported.v: VERB = exported
build/locks.tsv: VERB = tsv
$(addprefix build/made/,lock_table.v L4_theorems.v L4_exported.v) build/locks.tsv: build/hlock $(TABLE)
	@mkdir -p $(@D)
	build/hlock emit $(VERB) $(TABLE) $@

build/stage/layers:
	@mkdir -p $(@D)
	ln -s ../../layers $@

build/c2coq: $(call objects,tools/c2coq/*.c)
	$(WHOLE) $@ $(TOOL) $^ -lyajl -o {}

EXPORTED = build/c2coq $(STAGED) $(filter-out include/%,$(FLOORS)) layers/L4_locks/locks.c
EXPORT   = @mkdir -p $(@D); echo "export $(@F)"; cd build/stage && ../c2coq --room
AS_LIBC  = -- -std=c11 -ffreestanding -Iinclude

build/made/L1_ticket.v: $(EXPORTED)
	$(EXPORT) layers/L1_ticket -o ../../$@ layers/L1_ticket/ticket.h $(AS_LIBC)

build/made/L3_atomic.v: $(EXPORTED)
	$(EXPORT) layers/L3_atomic -o ../../$@ layers/L3_atomic/atomic.h $(AS_LIBC)

build/made/L4_locks.v build/made/functions.tsv &: $(EXPORTED)
	$(EXPORT) layers/L4_locks --locations ../../build/made/functions.tsv -o ../../build/made/L4_locks.v \
	    layers/L4_locks/locks.c $(AS_LIBC)

build/made/L4_locks_debug.v: $(EXPORTED)
	$(EXPORT) layers/L4_locks -o ../../$@ layers/L4_locks/locks.c $(AS_LIBC) -DHLOCK_DEBUG -DHLOCK_CHECK_INDEX_ONLY

build/made/L4_locks_checked.v: $(EXPORTED)
	$(EXPORT) layers/L4_locks -o ../../$@ layers/L4_locks/locks.c $(AS_LIBC) -DHLOCK_DEBUG

# ---- The libraries and the workload, for this machine in build/ and for each target
# in build/<target>/.  Beside a release object stands the list of the files that it is
# made from.  The workload: threads that contend for all locks of the library as it is
# shipped; those of the targets are static, so that qemu-user needs nothing else.
CROSS_x86_64      = x86_64-linux-gnu-
CROSS_aarch64     = aarch64-linux-gnu-
CROSS_aarch64-lse = aarch64-linux-gnu-
CROSS_riscv64     = riscv64-linux-gnu-
FLAGS_x86_64      =
FLAGS_aarch64     =
FLAGS_aarch64-lse = -march=armv8.1-a
FLAGS_riscv64     =
LIBCC_x86_64      =
LIBCC_aarch64     =
LIBCC_aarch64-lse =
# gcc 12 needs two instructions more for an acquire (doc/codegen.md).
LIBCC_riscv64     = clang-14 --target=riscv64-linux-gnu

OBJECT_CODE  =
STRESS_FLAGS = $(PROGRAM) $(LDFLAGS) -DSTRESS_OBJECT_CODE='"$(OBJECT_CODE)"'
LINK_STRESS  = $(WHOLE) $@ $(CC) $(STRESS_FLAGS) test/stress/stress.c

# $(1): folder; $(2): compiler of the library; $(3): compiler of the workload; $(4): archiver
define TARGET_RULES
$(1)/release/%.o: build/drop_in/%.c build/flags | build/drop_in/hlock.h
	@mkdir -p $$(@D)
	$(WHOLE) $$@ $(2) $$(LIBC) $$(DEPENDENCIES) -c $$< -o {}

$(1)/debug/%.o: build/drop_in/%.c build/flags | build/drop_in/hlock.h
	@mkdir -p $$(@D)
	$(WHOLE) $$@ $(2) $$(LIBC) $$(DEPENDENCIES) -DHLOCK_DEBUG -c $$< -o {}

# For threads of an operating system, which may be more than cores: a wait yields.
$(1)/hosted/%.o: build/drop_in/%.c build/flags | build/drop_in/hlock.h
	@mkdir -p $$(@D)
	$(WHOLE) $$@ $(3) $$(HOSTED) $$(DEPENDENCIES) -DHLOCK_HOSTED -c $$< -o {}

$(1)/libhlock.a: $(1)/release/hlock.o
$(1)/libhlock_hosted.a: $(1)/hosted/hlock.o
$(1)/libhlock_debug.a: $(1)/debug/hlock.o
$(LIBS:build/%=$(1)/%): | include/hlock/hlock.h
	@rm -f $$@.part
	$(WHOLE) $$@ $(4) rcsD {} $$^

$(1)/workload/%.o: test/stress/%.c build/flags | include/hlock/hlock.h
	@mkdir -p $$(@D)
	$(WHOLE) $$@ $(3) $$(PROGRAM) $$(DEPENDENCIES) -c $$< -o {}

$(1)/stress: OBJECT_CODE = $(1)/libhlock.a
$(1)/stress: test/stress/stress.c $(wildcard test/stress/*.h) $(STRESS:build/%=$(1)/%) $(1)/libhlock.a
	$(WHOLE) $$@ $(3) $$(STRESS_FLAGS) $$(filter %.c %.o %.a,$$^) -o {}
endef

$(eval $(call TARGET_RULES,build,$(CC),$(CC),$(AR)))
$(foreach t,$(TARGETS),$(eval $(call TARGET_RULES,build/$(t),$(or $(LIBCC_$(t)),$(CROSS_$(t))gcc $(FLAGS_$(t))),\
    $(CROSS_$(t))gcc $(FLAGS_$(t)) -static,$(CROSS_$(t))ar)))

# Which of the arch headers, all of which are in hlock.c, the library is compiled with.
build/arch: layers/L0_machine/machine.h build/flags | include/hlock/hlock.h
	$(WHOLE) $@ $(CC) $(LIBC) -MM layers/L4_locks/locks.c

# ---- The object code that is proved, release and debug: of each target whose instructions Coq knows, if its
# compiler is there, and of this machine, if it is one of these.
PROVED_BYTES = aarch64 aarch64-lse riscv64 x86_64
compiler_of  = $(firstword $(LIBCC_$(1)) $(CROSS_$(1))gcc)
FOUND_BYTES := $(foreach t,$(PROVED_BYTES),\
    $(if $(wildcard $(addsuffix /$(call compiler_of,$(t)),$(subst :, ,$(PATH)))),$(t)))
NATIVE_BYTES := $(if $(filter $(PROVED_BYTES),$(shell uname -m)),native)
BYTES        = $(foreach folder,$(FOUND_BYTES:%=build/%) $(NATIVE_BYTES:native=build),\
    $(folder)/libhlock.a $(folder)/libhlock_debug.a)

build/elf2coq: $(call objects,tools/elf2coq/*.c)
	$(WHOLE) $@ $(TOOL) $^ -lelf -o {}

# The checker as a program: Coq's function as OCaml, and C that reads the file.
build/check_object_spec/check_object_spec.ml: generated FORCE
	@$(PROVE) $@

build/obj/tools/check_object/%.o: DEFINES = $$(llvm-config-14 --cflags) -isystem $$(ocamlc -where)
CHECKER_C = build/obj/tools/check_object/stubs.o \
    $(filter-out %/elf2coq.o,$(call objects,tools/elf2coq/*.c))
build/check-object: tools/check_object/objects.ml tools/check_object/check_object.ml \
    build/check_object_spec/check_object_spec.ml $(CHECKER_C)
	$(LINK_CHECKER)

# Tests: its decoders beside LLVM's, and what they decode beside a CPU; the checker on objects with one bit changed.
CHECKER = build/check_object_spec/check_object_spec.ml $(CHECKER_C)
build/decoder build/flips: build/%: tools/check_object/objects.ml test/object/%.ml $(CHECKER)
	$(LINK_CHECKER)
build/meaning: tools/check_object/objects.ml test/object/sequence.ml test/object/meaning.ml $(CHECKER)
	$(LINK_CHECKER)
build/riscv_decoder build/riscv_meaning: build/%: tools/check_object/objects.ml test/object/riscv.ml \
    test/object/%.ml $(CHECKER)
	$(LINK_CHECKER)
build/x86_decoder build/x86_meaning: build/%: tools/check_object/objects.ml test/object/x86.ml \
    test/object/%.ml $(CHECKER)
	$(LINK_CHECKER)

# What is linked has its OCaml files in tools/ or test/, the main one last.
OWN_ML       = $(filter tools/%.ml test/%.ml,$^)
LINK_CHECKER = @cp $(OWN_ML) build/check_object_spec && cd build/check_object_spec && \
    ocamlopt -w -a check_object_spec.mli check_object_spec.ml && \
    ../../$(WHOLE) ../../$@ ocamlopt -w +a-4-9-40..42-44-45-70 -warn-error +a check_object_spec.cmx \
    $(notdir $(OWN_ML)) $(addprefix ../../,$(filter %.o,$^)) \
    -cclib -lelf -cclib "$$(llvm-config-14 --ldflags --libs)" -o {}

# JOBS at a time, the slow ones first; then this machine's, which are most often those of a target.
# Several at once; what is said of them comes in this order.
BYTES_AT_ONCE = $(FOUND_BYTES) $(FOUND_BYTES:%=%-debug)
bytes: build/elf2coq $(BYTES)
	@status=0; mkdir -p build/bytes; printf '%s\n' $(BYTES_AT_ONCE) | \
	    xargs -r -n 1 -P $(JOBS) sh -c 'tools/prove/bytes "$$0" >build/bytes/"$$0".line' || status=1;\
	for t in $(BYTES_AT_ONCE); do cat build/bytes/$$t.line; done;\
	$(foreach t,$(NATIVE_BYTES) $(NATIVE_BYTES:%=%-debug),tools/prove/bytes $(t) || status=1;)\
	$(foreach t,$(filter-out $(FOUND_BYTES),$(PROVED_BYTES)),\
	    echo '$(t): object code not proved: there is no $(call compiler_of,$(t))';) exit $$status

build/stress_hosted: OBJECT_CODE = build/libhlock_hosted.a
build/stress_hosted: test/stress/stress.c $(STRESS) build/libhlock_hosted.a
	$(LINK_STRESS) $(filter %.o %.a,$^) -o {}

# Wrong clients replace section.c; wrong locks replace a header of the lock.
build/wrong/%: test/wrong/%.c build/stress
	@mkdir -p $(@D)
	$(LINK_STRESS) $< $(filter-out %/section.o,$(STRESS)) build/libhlock.a -o {}

build/wrong/%: test/wrong/%.h build/stress
	@mkdir -p $(@D)
	$(LINK_STRESS) -include $< layers/L4_locks/locks.c $(STRESS) -o {}

build/wrong/%: OBJECT_CODE = $<

# ---- The judge and the explorer: Coq's functions as OCaml, and what runs them.
# tools/prove makes the first from proved files.
build/judge_spec/judge_spec.ml build/explore_spec/explore_spec.ml: generated FORCE
	@$(PROVE) $@

build/judge: tools/judge/families.ml tools/judge/trace.ml
.SECONDEXPANSION:
build/judge build/explore: build/%: tools/$$*/$$*.ml build/$$*_spec/$$*_spec.ml
	@cp $(filter tools/%,$^) build/$*_spec
	cd build/$*_spec && ocamlopt -w -a $*_spec.mli $*_spec.ml && \
	    ../../$(WHOLE) ../$* ocamlopt -w +a-4-9-40..42-44-45-70 -warn-error +a \
	    $*_spec.cmx $(notdir $(filter-out %/$*.ml,$(filter tools/%,$^)) $<) -o {}

# ---- The benchmark.  It has three libraries in one program, so the names of two get a prefix.
# Where its loops lie costs as much as what is measured, so all start lines of code.
IN_LINES  = -falign-functions=64 -falign-loops=64

build/bench/hosted.a build/bench/debug.a: build/bench/%.a: build/libhlock_%.a
	@mkdir -p $(@D)
	nm -g --defined-only -j $< | sed -n 's/^[a-z].*[^:]$$/& $*_&/p' >$(@D)/$*.names
	$(WHOLE) $@ objcopy --redefine-syms=$(@D)/$*.names $< {}

# Of the largest array of the table: its name, how many locks it has.
BENCH_FAMILY = $(shell awk -F'[^A-Za-z0-9_]+' '/^HLOCK_ARRAY/ && $$5 + 0 > most { most = $$5 + 0; name = $$2 } \
    END { print "-DBENCH_FAMILY=" name, "-DBENCH_FAMILY_LOCKS=" most + 0 }' $(TABLE))
build/bench/obj/measure/locks.o: $(TABLE)
build/bench/obj/measure/locks.o: DEFINES = $(BENCH_FAMILY)
build/bench/obj/measure/machine.o: DEFINES = -DBENCH_COMPILER=$(call string,$(CC) $(PROGRAM) $(IN_LINES))
build/bench/obj/%.o: bench/%.c build/flags | include/hlock/hlock.h
	@mkdir -p $(@D)
	$(WHOLE) $@ $(CC) $(PROGRAM) $(IN_LINES) $(DEFINES) $(DEPENDENCIES) -c $< -o {}

# $(call benchmark,FOLDER): the objects of a program, of the folder and of bench/
benchmark = $(patsubst bench/%.c,build/bench/obj/%.o,$(wildcard bench/*.c bench/$(1)/*.c))

build/bench/bench: $(call benchmark,measure) build/libhlock.a build/bench/hosted.a build/bench/debug.a
	$(WHOLE) $@ $(CC) $(PROGRAM) $(LDFLAGS) $^ -lm -o {}

build/bench/report: $(call benchmark,report)
	$(WHOLE) $@ $(CC) $(PROGRAM) $(LDFLAGS) $^ -lm -o {}

build/bench/stats: $(call objects,test/programs/stats.c bench/stats.c)
	@mkdir -p $(@D)
	$(WHOLE) $@ $(TOOL) $^ -lm -o {}

# ---- The other tools.
build/mutate: $(call objects,tools/mutate/*.c)
	$(WHOLE) $@ $(TOOL) $^ -o {}

# Memory orders in the object code; primitives.c is what it is tested on.
build/obj/test/orders/%.o: DEFINES = $$(llvm-config-14 --cflags)
build/orders: $(filter-out %/primitives.o,$(call objects,test/orders/*.c))
	$(WHOLE) $@ $(TOOL) $^ -o {} $$(llvm-config-14 --ldflags --libs --system-libs)

# ---- The hypervisor core of el2/, for QEMU's machine virt, on the libraries of the targets as
# they are: build/el2/aarch64.elf, aarch64-lse.elf, aarch64-debug.elf.  Wrong ones: test/el2/wrong.
EL2_FROM  = $(wildcard el2/*.[chS] el2/link.ld) $(TABLE) layers/L0_machine/machine.h include/hlock/hlock.h
EL2_CC    = aarch64-linux-gnu-gcc -std=gnu11 -O2 -Wall -Wextra -Werror -Wmissing-prototypes -Iinclude -ffreestanding \
            -mgeneral-regs-only -mno-outline-atomics -mstrict-align -fno-pic -fno-stack-protector \
            -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns
build/el2/aarch64.elf: build/aarch64/libhlock.a
build/el2/aarch64-lse.elf: build/aarch64-lse/libhlock.a
build/el2/aarch64-debug.elf: build/aarch64/libhlock_debug.a
$(filter %.elf,$(EL2)): el2/build $(EL2_FROM)
	$(WHOLE) $@ el2/build el2 $(filter %.a,$^) {} $(EL2_CC) $(if $(findstring debug,$@),-DHLOCK_DEBUG)

# For el2/cost: on the library, on a test-and-set lock, and on nothing.
build/el2/cost-hlock.elf: build/aarch64/libhlock.a
build/el2/cost-tas.elf build/el2/cost-none.elf: build/el2/cost-%.elf: test/el2/other_locks.c
$(EL2_COST): el2/build $(EL2_FROM)
	@mkdir -p $(@D)
	$(if $(filter %.a,$^),,$(EL2_CC) -DLOCK_$(@:build/el2/cost-%.elf=%) -c test/el2/other_locks.c -o $(@:.elf=.o))
	$(WHOLE) $@ el2/build el2 $(or $(filter %.a,$^),$(@:.elf=.o)) {} $(EL2_CC) -DEL2_COST=1

build/el2/model: test/el2/model.c el2/format.h $(TABLE) include/hlock/hlock.h build/tool_flags
	@mkdir -p $(@D)
	$(WHOLE) $@ $(TOOL) $< -o {}

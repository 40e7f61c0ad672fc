# SPDX-License-Identifier: MIT OR Apache-2.0
# hlock: the targets are verbs; `make` alone lists them.
# What Coq needs is in tools/prove, which `prove` runs.

CC      = gcc
AR      = ar
JOBS    = 2
CFLAGS  = -std=c11 -O2 -Wall -Wextra -Werror -Wmissing-prototypes -Iinclude
LIBC    = $(CFLAGS) -ffreestanding
HOSTED  = $(CFLAGS) -D_GNU_SOURCE

# What a fresh Debian 12 lacks.
DEBS = gcc g++ libc6-dev binutils git bats clang-14 gcc-aarch64-linux-gnu libc6-dev-arm64-cross \
       gcc-riscv64-linux-gnu libc6-dev-riscv64-cross qemu-user llvm-14-dev libyajl-dev coq ocaml-nox \
       libck-dev gnuplot-nox libclang-rt-14-dev gcc-arm-linux-gnueabihf libc6-dev-armhf-cross

TABLE   = layers/L4_locks/lock_table.def
FLOORS  = $(wildcard layers/L0_machine/*.h) $(wildcard layers/L0_machine/arch/*.h) layers/L1_ticket/ticket.h \
          layers/L3_atomic/atomic.h layers/L4_locks/locks.h $(TABLE) include/hlock/hlock.h
LIBS    = build/libhlock.a build/libhlock_debug.a build/libhlock_hosted.a
# What is built for each target too, in build/<target>/.
TARGETS = x86_64 aarch64 aarch64-lse riscv64
PORTED  = $(foreach target,$(TARGETS),$(LIBS:build/%=build/$(target)/%) build/$(target)/stress)
STRESS  = $(patsubst test/stress/%.c,build/workload/%.o,$(filter-out %/stress.c,$(wildcard test/stress/*.c)))
WRONG   = $(basename $(patsubst test/%,build/%,$(wildcard test/wrong/*.[ch])))
MADE    = lock_table.v L4_theorems.v L1_ticket.v L3_atomic.v L4_locks.v L4_locks_debug.v functions.tsv
TESTED  = generated $(LIBS) $(PORTED) build/stress build/stress_hosted build/judge build/explore $(WRONG) build/orders build/locks.tsv \
          build/mutate build/bench/bench build/bench/report build/bench/stats
PROVE   = JOBS=$(JOBS) tools/prove/prove

.DELETE_ON_ERROR:
.PHONY: help run prove prove-ticket prove-atomic prove-locks test long check explore mutate bench screen tested lib generated deps clean FORCE

help: ## list these verbs
	@grep -E '^[a-z]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed 's/:.*## /\t/' | expand -t 10

run: deps ## install what is missing, build, prove, run the workload on all locks, judge it
	@$(MAKE) --no-print-directory screen

prove: generated ## check all proofs; show each theorem, and whether it is closed
	@$(PROVE) build/prove/assumptions
	@tools/prove/closed

test: deps ## run all tests, the checks and the mutants
	@tools/check/all_tests

long: deps ## run the tests that are too long for make test, those of test/long
	@tools/check/all_tests long

tested: $(TESTED)

check: generated build/locks.tsv ## check what must hold of the sources and the proofs
	@$(PROVE) all
	@tools/check/check

explore: build/explore ## walk all interleavings of small cases; a shortest way to each fault of wrong ones
	@build/explore

mutate: generated build/mutate ## change the C of floors 1, 3, 4, one place at a time; each proof must fail
	@$(PROVE) prove-floors
	@tools/mutate/run.sh

bench: deps build/bench/bench build/bench/report ## measure what the locks cost, beside other locks; in build/bench
	@mkdir -p $(BENCH_OUT)
	@build/bench/bench --out $(BENCH_OUT) $(BENCH)
	@build/bench/report --out $(BENCH_OUT) $(BENCH_OUT)/samples.csv
	@$(PLOT)

lib: $(LIBS) ## build libhlock.a, libhlock_debug.a and libhlock_hosted.a

clean: ## remove all that was built
	rm -rf build
	find . -name .git -prune -o \( -name '*.vo*' -o -name '*.glob' -o -name '.*.aux' \) -exec rm -f {} +

# Only what the proof of a floor's C needs.
prove-ticket prove-atomic prove-locks: generated
	@$(PROVE) $@

screen: generated build/stress build/locks.tsv
	@$(PROVE) build/prove/assumptions
	@$(MAKE) --no-print-directory build/judge
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

# ---- What is made from the C and from the lock table.
# It is committed.  It is made in build/, from the header as it will be (build/stage
# is the tree with that header), and goes to its place when all of it is made and the
# table's C compiles: a table that comes to nothing changes nothing.  It goes there only
# where it differs, so equal times in a fresh clone do no harm and an edited file is put
# right.
STAGED = build/stage/include/hlock/hlock.h
generated: $(addprefix generated/,$(MADE)) include/hlock/hlock.h

PUT_IN_PLACE = @cmp -s $< $@ || { \
	trap 'rm -f $@.part' EXIT; trap 'exit 1' HUP INT TERM; \
	mkdir -p $(@D) && cp $< $@.part && mv $@.part $@ && echo "$@: made again"; }

# Moved whole, so there is nothing to delete if make is stopped.
.PRECIOUS: generated/% include/hlock/hlock.h

generated/%: build/made/% $(addprefix build/made/,$(MADE)) build/made/compiles FORCE
	$(PUT_IN_PLACE)

include/hlock/hlock.h: $(STAGED) build/made/compiles FORCE
	$(PUT_IN_PLACE)

build/made/compiles: $(STAGED) $(filter-out include/%,$(FLOORS)) $(wildcard layers/L4_locks/*.c)
	@mkdir -p $(@D)
	cd build/stage && $(CC) $(LIBC) -fsyntax-only layers/L4_locks/locks.c
	cd build/stage && $(CC) $(LIBC) -DHLOCK_DEBUG -fsyntax-only layers/L4_locks/locks.c layers/L4_locks/stop.c
	@touch $@

build/locktable: $(wildcard tools/locktable/*.[ch]) layers/L0_machine/size.h
	@mkdir -p $(@D)
	$(CC) $(HOSTED) -I. $(filter %.c,$^) -o $@

$(STAGED): VERB = header
build/made/lock_table.v: VERB = coq
build/made/L4_theorems.v: VERB = theorems
build/locks.tsv: VERB = tsv
$(STAGED) build/made/lock_table.v build/made/L4_theorems.v build/locks.tsv: build/locktable $(TABLE) | build/stage/layers
	@mkdir -p $(@D)
	build/locktable $(VERB) $(TABLE) $@

build/stage/layers:
	@mkdir -p $(@D)
	ln -s ../../layers $@

build/c2coq: $(wildcard tools/c2coq/*.[ch])
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(filter %.c,$^) -lyajl -o $@

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
	$(EXPORT) layers/L4_locks -o ../../$@ layers/L4_locks/locks.c $(AS_LIBC) -DHLOCK_DEBUG

# Changes when a compiler or its flags do.
BUILT_WITH = $(CC) $(HOSTED) $(IN_LINES) $(LIBC) $(ARCH) \
             $(foreach t,$(TARGETS),$(LIBCC_$(t)) $(CROSS_$(t))gcc $(FLAGS_$(t)))
build/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(BUILT_WITH)' | cmp -s - $@ || echo '$(BUILT_WITH)' >$@

# ---- The libraries and the workload, for this machine in build/ and for each target
# in build/<target>/.  Beside a release object stands the list of the files that it is
# made from.  The workload: threads that contend for all locks of the library as it is
# shipped; those of the targets are static, so that qemu-user needs nothing else.
CROSS_x86_64      = x86_64-linux-gnu-
CROSS_aarch64     = aarch64-linux-gnu-
CROSS_aarch64-lse = aarch64-linux-gnu-
CROSS_riscv64     = riscv64-linux-gnu-
FLAGS_aarch64-lse = -march=armv8.1-a
# gcc 12 needs two instructions more for an acquire (doc/codegen.md).
LIBCC_riscv64     = clang-14 --target=riscv64-linux-gnu

STRESS_FLAGS = $(HOSTED) $(ARCH) -pthread -DSTRESS_OBJECT_CODE='"$(OBJECT_CODE)"'
LINK_STRESS  = $(CC) $(STRESS_FLAGS) test/stress/stress.c

# $(1): folder; $(2): compiler of the library; $(3): compiler of the workload; $(4): archiver
define TARGET_RULES
$(1)/release/%.o: layers/L4_locks/%.c $$(FLOORS) build/flags
	@mkdir -p $$(@D)
	$(2) $$(LIBC) $$(ARCH) -MMD -c $$< -o $$@

$(1)/debug/%.o: layers/L4_locks/%.c $$(FLOORS) build/flags
	@mkdir -p $$(@D)
	$(2) $$(LIBC) $$(ARCH) -MMD -DHLOCK_DEBUG -c $$< -o $$@

# For threads of an operating system, which may be more than cores: a wait yields.
$(1)/hosted/%.o: layers/L4_locks/%.c $$(FLOORS) build/flags
	@mkdir -p $$(@D)
	$(3) $$(HOSTED) $$(ARCH) -MMD -DHLOCK_HOSTED -c $$< -o $$@

$(1)/libhlock.a: $(1)/release/locks.o
$(1)/libhlock_hosted.a: $(1)/hosted/locks.o
$(1)/libhlock_debug.a: $(1)/debug/locks.o $(1)/debug/stop.o
$(LIBS:build/%=$(1)/%):
	rm -f $$@
	$(4) rcsD $$@ $$^

$(1)/workload/%.o: test/stress/%.c test/stress/stress.h $$(FLOORS) build/flags
	@mkdir -p $$(@D)
	$(3) $$(HOSTED) $$(ARCH) -c $$< -o $$@

$(1)/stress: OBJECT_CODE = $(1)/libhlock.a
$(1)/stress: test/stress/stress.c $(STRESS:build/%=$(1)/%) $(1)/libhlock.a
	$(3) $$(STRESS_FLAGS) $$^ -o $$@
endef

$(eval $(call TARGET_RULES,build,$(CC),$(CC),$(AR)))
$(foreach t,$(TARGETS),$(eval $(call TARGET_RULES,build/$(t),$(or $(LIBCC_$(t)),$(CROSS_$(t))gcc $(FLAGS_$(t))),\
    $(CROSS_$(t))gcc $(FLAGS_$(t)) -static,$(CROSS_$(t))ar)))

build/stress_hosted: OBJECT_CODE = build/libhlock_hosted.a
build/stress_hosted: test/stress/stress.c $(STRESS) build/libhlock_hosted.a
	$(LINK_STRESS) $(filter %.o %.a,$^) -o $@

# Wrong clients replace section.c; wrong locks replace a header of the lock.
build/wrong/%: test/wrong/%.c build/stress
	@mkdir -p $(@D)
	$(LINK_STRESS) $< $(filter-out %/section.o,$(STRESS)) build/libhlock.a -o $@

build/wrong/%: test/wrong/%.h build/stress
	@mkdir -p $(@D)
	$(LINK_STRESS) -include $< layers/L4_locks/locks.c $(STRESS) -o $@

build/wrong/%: OBJECT_CODE = $<

# ---- The judge and the explorer: Coq's functions as OCaml, and what runs them.
# tools/prove makes the first from proved files.
build/judge_spec/judge_spec.ml build/explore_spec/explore_spec.ml: generated FORCE
	@$(PROVE) $@

build/judge: tools/judge/trace.ml
.SECONDEXPANSION:
build/judge build/explore: build/%: tools/$$*/$$*.ml build/$$*_spec/$$*_spec.ml
	@cp $(filter tools/%,$^) build/$*_spec
	cd build/$*_spec && ocamlopt -w -a $*_spec.mli $*_spec.ml && ocamlopt -w +a-4-9-40..42-44-45-70 -warn-error +a \
	    $*_spec.cmx $(notdir $(filter-out %/$*.ml,$(filter tools/%,$^)) $<) -o ../$*

# ---- The benchmark.  It has two libraries in one program, so the names of one get a prefix.
# Where its loops lie costs as much as what is measured, so all start lines of code.
BENCH_OUT = build/bench
IN_LINES  = -falign-functions=64 -falign-loops=64

build/bench/hosted.a: build/libhlock_hosted.a
	@mkdir -p $(@D)
	nm -g --defined-only -j $< | sed -n 's/^[a-z].*[^:]$$/& hosted_&/p' >$(@D)/hosted.names
	objcopy --redefine-syms=$(@D)/hosted.names $< $@

build/bench/bench: $(wildcard bench/*.[ch] bench/measure/*.[ch]) $(FLOORS) build/libhlock.a build/bench/hosted.a \
                   build/flags
	$(CC) $(HOSTED) $(ARCH) $(IN_LINES) -pthread -DBENCH_COMPILER='"$(strip $(CC) $(HOSTED) $(ARCH) $(IN_LINES))"' \
	    $(filter %.c %.a,$^) -lm -o $@

build/bench/report: $(wildcard bench/*.[ch] bench/report/*.[ch]) build/flags
	@mkdir -p $(@D)
	$(CC) $(HOSTED) $(filter %.c,$^) -lm -o $@

build/bench/stats: test/programs/stats.c bench/stats.c bench/stats.h
	@mkdir -p $(@D)
	$(CC) $(HOSTED) -I. $(filter %.c,$^) -lm -o $@

# gnuplot writes no licence, empty groups, and each piece of a group on a line of its own.
PLOT = gnuplot -e "csv='$(BENCH_OUT)/bench.csv'; svg='$(BENCH_OUT)/bench.svg.new'" bench/plot.gp && \
    sed -z -i -e 's/<g [^>]*>\n<\/g>\n//g' -e 's/\n\(\t\|<\/g>\)/\1/g' \
        -e 's/\n/\n<!-- SPDX-License-Identifier: MIT OR Apache-2.0 -->\n/' \
        $(BENCH_OUT)/bench.svg.new && \
    mv $(BENCH_OUT)/bench.svg.new $(BENCH_OUT)/bench.svg

# ---- The other tools.
build/mutate: $(wildcard tools/mutate/*.[ch])
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(filter %.c,$^) -o $@

# Memory orders in the object code; primitives.c is what it is tested on.
build/orders: $(filter-out %/primitives.c,$(wildcard test/orders/*.[ch]))
	@mkdir -p $(@D)
	$(CC) $(HOSTED) $$(llvm-config-14 --cflags) $(filter %.c,$^) -o $@ $$(llvm-config-14 --ldflags --libs --system-libs)

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
DEBS = gcc libc6-dev binutils git bats clang-14 gcc-aarch64-linux-gnu llvm-14-dev libjansson-dev coq ocaml-nox

TABLE   = layers/L4_locks/lock_table.def
FLOORS  = layers/L0_machine/machine.h $(wildcard layers/L0_machine/arch/*.h) layers/L1_ticket/ticket.h \
          layers/L3_atomic/atomic.h layers/L4_locks/locks.h $(TABLE) include/hlock/hlock.h
LIBS    = build/libhlock.a build/libhlock_debug.a
STRESS  = $(patsubst test/stress/%.c,build/workload/%.o,$(filter-out %/stress.c,$(wildcard test/stress/*.c)))
WRONG   = $(basename $(patsubst test/%,build/%,$(wildcard test/wrong/*.[ch])))
MADE    = lock_table.v L4_theorems.v L1_ticket.v L3_atomic.v L4_locks.v L4_locks_debug.v functions.tsv
TESTED  = generated $(LIBS) build/stress build/judge $(WRONG) build/orders build/locks.tsv build/mutate
PROVE   = JOBS=$(JOBS) tools/prove/prove

.DELETE_ON_ERROR:
.PHONY: help run prove prove-ticket prove-atomic prove-locks test check mutate screen tested lib generated deps clean FORCE

help: ## list these verbs
	@grep -E '^[a-z]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed 's/:.*## /\t/' | expand -t 10

run: deps ## install what is missing, build, prove, run the workload on all locks, judge it
	@$(MAKE) --no-print-directory screen

prove: generated ## check all proofs; show each theorem, and whether it is closed
	@$(PROVE) build/prove/assumptions
	@tools/prove/closed

test: deps ## run all tests, the checks and the mutants
	@tools/check/all_tests

tested: $(TESTED)

check: generated build/locks.tsv ## check what must hold of the sources and the proofs
	@$(PROVE) all
	@tools/check/check

mutate: generated build/mutate ## change the C of floors 1, 3, 4, one place at a time; each proof must fail
	@$(PROVE) prove-floors
	@tools/mutate/run.sh

lib: $(LIBS) ## build libhlock.a and libhlock_debug.a

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
# It is committed.  It is made in build/made and goes to its place where it
# differs, so equal times in a fresh clone do no harm and an edited file is put right.
generated: $(addprefix generated/,$(MADE)) include/hlock/hlock.h

PUT_IN_PLACE = @cmp -s $< $@ || { echo "$@: made again"; mkdir -p $(@D); cp $< $@.part && mv $@.part $@; }

generated/%: build/made/% FORCE
	$(PUT_IN_PLACE)

include/hlock/hlock.h: build/made/hlock.h FORCE
	$(PUT_IN_PLACE)

# locktable itself refuses a bad table.
build/locktable: $(wildcard tools/locktable/*.[ch]) $(TABLE)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -I. -DHLOCK_TABLE='"$(TABLE)"' $(filter %.c,$^) -o $@

build/made/hlock.h: VERB = header
build/made/lock_table.v: VERB = coq
build/made/L4_theorems.v: VERB = theorems
build/locks.tsv: VERB = tsv
build/made/hlock.h build/made/lock_table.v build/made/L4_theorems.v build/locks.tsv: build/locktable
	@mkdir -p $(@D)
	build/locktable $(VERB) $@

build/c2coq: $(wildcard tools/c2coq/*.[ch])
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(filter %.c,$^) -ljansson -o $@

EXPORTED = build/c2coq $(FLOORS) layers/L4_locks/locks.c
EXPORT   = @mkdir -p $(@D); echo "export $(@F)"; build/c2coq --room
AS_LIBC  = -- -std=c11 -ffreestanding -Iinclude

build/made/L1_ticket.v: $(EXPORTED)
	$(EXPORT) layers/L1_ticket -o $@ layers/L1_ticket/ticket.h $(AS_LIBC)

build/made/L3_atomic.v: $(EXPORTED)
	$(EXPORT) layers/L3_atomic -o $@ layers/L3_atomic/atomic.h $(AS_LIBC)

build/made/L4_locks.v build/made/functions.tsv &: $(EXPORTED)
	$(EXPORT) layers/L4_locks --locations build/made/functions.tsv -o build/made/L4_locks.v \
	    layers/L4_locks/locks.c $(AS_LIBC)

build/made/L4_locks_debug.v: $(EXPORTED)
	$(EXPORT) layers/L4_locks -o $@ layers/L4_locks/locks.c $(AS_LIBC) -DHLOCK_DEBUG

# Changes when the compiler or its flags do.
build/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(HOSTED) $(LIBC) $(ARCH)' | cmp -s - $@ || echo '$(CC) $(HOSTED) $(LIBC) $(ARCH)' >$@

# ---- The libraries.  Beside an object stands the list of the files that it is made from.
build/release/%.o: layers/L4_locks/%.c $(FLOORS) build/flags
	@mkdir -p $(@D)
	$(CC) $(LIBC) $(ARCH) -MMD -c $< -o $@

build/debug/%.o: layers/L4_locks/%.c $(FLOORS) build/flags
	@mkdir -p $(@D)
	$(CC) $(LIBC) $(ARCH) -MMD -DHLOCK_DEBUG -c $< -o $@

build/libhlock.a: build/release/locks.o
build/libhlock_debug.a: build/debug/locks.o build/debug/stop.o
$(LIBS):
	rm -f $@
	$(AR) rcsD $@ $^

# ---- The workload: threads that contend for all locks of the library as it is shipped.
build/workload/%.o: test/stress/%.c test/stress/stress.h $(FLOORS) build/flags
	@mkdir -p $(@D)
	$(CC) $(HOSTED) $(ARCH) -c $< -o $@

LINK_STRESS = $(CC) $(HOSTED) $(ARCH) -pthread -DSTRESS_OBJECT_CODE='"$(OBJECT_CODE)"' test/stress/stress.c

build/stress: test/stress/stress.c $(STRESS) build/libhlock.a
	$(LINK_STRESS) $(filter %.o %.a,$^) -o $@

build/stress: OBJECT_CODE = build/libhlock.a

# Wrong clients replace section.c; wrong locks replace a header of the lock.
build/wrong/%: test/wrong/%.c build/stress
	@mkdir -p $(@D)
	$(LINK_STRESS) $< $(filter-out %/section.o,$(STRESS)) build/libhlock.a -o $@

build/wrong/%: test/wrong/%.h build/stress
	@mkdir -p $(@D)
	$(LINK_STRESS) -include $< layers/L4_locks/locks.c $(STRESS) -o $@

build/wrong/%: OBJECT_CODE = $<

# ---- The judge: Coq's functions as OCaml, and what reads the trace for them.
# tools/prove makes judge_spec.ml from proved files.
build/judge_spec/judge_spec.ml: generated FORCE
	@$(PROVE) $@

build/judge: tools/judge/judge.ml build/judge_spec/judge_spec.ml
	@cp $< build/judge_spec
	cd build/judge_spec && ocamlopt -w -a judge_spec.mli judge_spec.ml \
	    && ocamlopt -w +a-4-9-40..42-44-45-70 -warn-error +a judge_spec.cmx judge.ml -o ../judge

# ---- The other tools.
build/mutate: $(wildcard tools/mutate/*.[ch])
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(filter %.c,$^) -o $@

# Memory orders in the object code.
build/orders: test/orders/orders.c
	@mkdir -p $(@D)
	$(CC) $(HOSTED) $$(llvm-config-14 --cflags) $^ -o $@ $$(llvm-config-14 --ldflags --libs --system-libs)

# SPDX-License-Identifier: MIT OR Apache-2.0
# How Coq makes its files.  Run by tools/prove/prove, which writes the dependencies.

SOURCES   := $(shell tools/prove/sources)
COQFLAGS  := $(shell grep '^-' _CoqProject)
THEOREMS   = generated/L4_theorems.v

.DELETE_ON_ERROR:
.PHONY: all prove-floors prove-ticket prove-atomic prove-locks

all: $(SOURCES:.v=.vo)

# What the proofs of the C of each floor need.
prove-floors: prove-ticket prove-atomic prove-locks
prove-ticket: layers/L1_ticket/code.vo
prove-atomic: layers/L3_atomic/code.vo
prove-locks: layers/L4_locks/code.vo $(THEOREMS:.v=.vo)

%.vo: %.v _CoqProject
	@tools/prove/one $<

# What Coq says that the main theorems of a room rest on, as soon as it is proved.
# What they are and where is in deps.mk, too.
build/prove/room/%: main/theorems.list main/floors.list $(addprefix tools/prove/,assumptions theorems floors)
	@tools/prove/assumptions $*

build/prove/assumptions: $(SOURCES:.v=.vo) build/prove/sources
	@tools/prove/assumptions

# The judge: extract.v writes judge_spec.ml.
build/judge_spec/judge_spec.ml: tools/judge/extract.v _CoqProject
	@echo "extract the judge"
	@coqc -q $(COQFLAGS) -o build/judge_spec/extract.vo $<

include build/prove/deps.mk
build/judge_spec/judge_spec.ml: $(filter %.vo,$(shell sed -n 's|^tools/judge/extract.vo.*: tools/judge/extract.v||p' build/prove/deps.mk))

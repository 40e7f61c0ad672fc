# SPDX-License-Identifier: MIT OR Apache-2.0
# How Coq makes its files.  Run by tools/prove/prove, which writes the dependencies.

SOURCES   := $(shell tools/prove/sources)
COQFLAGS  := $(shell grep '^-' _CoqProject)
THEOREMS   = generated/L4_theorems.v

.DELETE_ON_ERROR:
.PHONY: all prove-locks

all: $(SOURCES:.v=.vo)

prove-locks: layers/L4_locks/code.vo $(THEOREMS:.v=.vo)

%.vo: %.v _CoqProject
	@tools/prove/one $<

# What Coq says that each main theorem rests on.
build/prove/assumptions: main/theorems.list $(THEOREMS) $(SOURCES:.v=.vo) build/prove/sources tools/prove/assumptions
	@echo "ask Coq what the theorems rest on"
	@tools/prove/assumptions

# The judge: extract.v writes judge_spec.ml.
build/judge_spec/judge_spec.ml: tools/judge/extract.v _CoqProject
	@echo "extract the judge"
	@coqc -q $(COQFLAGS) -o build/judge_spec/extract.vo $<

include build/prove/deps.mk
build/judge_spec/judge_spec.ml: $(filter %.vo,$(shell sed -n 's|^tools/judge/extract.vo.*: tools/judge/extract.v||p' build/prove/deps.mk))

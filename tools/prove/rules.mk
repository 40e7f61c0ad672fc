# SPDX-License-Identifier: MIT OR Apache-2.0
# How Coq makes its files.  Run by tools/prove/prove, which writes the dependencies.

SOURCES   := $(shell tools/prove/sources)

.DELETE_ON_ERROR:
.PHONY: all prove-mutated prove-floors prove-ticket prove-atomic prove-locks prove-exported

all: $(SOURCES:.v=.vo)

# What the proofs of the C of each floor need.
prove-floors: prove-ticket prove-atomic prove-locks prove-exported
prove-ticket: layers/L1_ticket/code.vo
prove-atomic: layers/L3_atomic/code.vo
# Of the text of any table; and that the exported C of the shipped table is that text.
prove-locks: layers/L4_locks/code.vo layers/L4_locks/each.vo
prove-exported: generated/L4_exported.vo
# What mutants are judged by: these, and examples that rest on definitions alone.
prove-mutated: prove-floors layers/L4_locks/checked.vo \
    $(patsubst %.v,%.vo,$(filter machine/cases/sharp_% object/sharp_%,$(SOURCES)))

%.vo: %.v _CoqProject
	@tools/prove/one $<

# What Coq says that the main theorems of a room rest on, as soon as it is proved.
# What they are and where is in deps.mk, too.
build/prove/room/%: main/floors.list $(addprefix tools/prove/,assumptions theorems theorems.awk floors)
	@tools/prove/assumptions $*

build/prove/assumptions: $(SOURCES:.v=.vo) build/prove/sources build/prove/axioms/all
	@tools/prove/assumptions

# What the files of a folder take for granted, used or not; they are in deps.mk.
build/prove/axioms/in.%: tools/prove/axioms
	@tools/prove/axioms $(or $(filter %.vo,$?),$(filter %.vo,$^))
	@touch $@

build/prove/axioms/all: build/prove/sources
	@tools/prove/axioms

include build/prove/deps.mk

# Of each tool that runs Coq's functions: extract.v writes them as OCaml.
define EXTRACTED
build/$(1)_spec/$(1)_spec.ml: tools/$(1)/extract.v tools/prove/extract _CoqProject \
    $(filter %.vo,$(shell sed -n 's|^tools/$(1)/extract.vo.*: tools/$(1)/extract.v||p' build/prove/deps.mk))
	@echo "extract what tools/$(1) runs"
	@tools/prove/extract $(1)
endef
$(foreach tool,$(patsubst tools/%/extract.v,%,$(wildcard tools/*/extract.v)),$(eval $(call EXTRACTED,$(tool))))

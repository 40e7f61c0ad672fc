# SPDX-License-Identifier: MIT OR Apache-2.0
# hlock: the targets are verbs; `make` alone lists them.  How they do it is in
# tools/make/build.mk, what a user may set in tools/make/variables.mk, and what Coq
# needs in tools/prove, which `prove` runs.

# What a fresh Debian 12 lacks.
DEBS = gcc g++ libc6-dev binutils git bats clang-14 gcc-aarch64-linux-gnu libc6-dev-arm64-cross \
       gcc-riscv64-linux-gnu libc6-dev-riscv64-cross qemu-user llvm-14-dev libyajl-dev coq ocaml-nox \
       libck-dev gnuplot-nox libclang-rt-14-dev gcc-arm-linux-gnueabihf libc6-dev-armhf-cross locales stress-ng \
       parallel cmake pkg-config groff-base qemu-system-arm libelf-dev lld

# What is built for each target too, in build/<target>/.
TARGETS = x86_64 aarch64 aarch64-lse riscv64

include tools/make/variables.mk
include tools/make/build.mk

.DEFAULT_GOAL = help
.PHONY: help run prove test long check explore mutate bench el2 lib install uninstall clean

help: ## list these verbs
	@grep -E '^[a-z0-9]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed 's/:.*## /\t/' | expand -t 10

run: deps ## install what is missing, build, prove, run the workload and a core at EL2 on all locks, judge both
	@$(MAKE) --no-print-directory screen

prove: generated ## check all proofs; show each theorem, whether it is closed, and the object code that is proved
	@$(PROVE) build/prove/assumptions
	@tools/prove/closed
	@$(MAKE) --no-print-directory build/made/same
	@$(MAKE) --no-print-directory bytes

test: deps ## run all tests, the checks and the mutants
	@tools/check/all_tests

long: DEBS += clang-16
long: deps ## run the tests that are too long for make test, those of test/long
	@tools/check/all_tests long

tested: $(TESTED)

check: generated build/locks.tsv build/made/same ## check what must hold of the sources and the proofs
	@$(PROVE) all
	@tools/check/check

explore: build/explore ## walk all interleavings of small cases; a shortest way to each fault of wrong ones
	@build/explore

mutate: generated build/mutate ## change the C of floors 1, 3, 4, its text in Coq, and definitions, one place at a time
	@$(PROVE) prove-mutated
	@JOBS=$(JOBS) tools/mutate/run.sh

bench: deps build/bench/bench build/bench/report ## measure what the locks cost, beside other locks; in build/bench
	@mkdir -p '$(BENCH_OUT)'
	@build/bench/bench --out '$(BENCH_OUT)' $(BENCH)
	@build/bench/report --out '$(BENCH_OUT)' '$(BENCH_OUT)/samples.csv'
	@$(WHOLE) '$(BENCH_OUT)/bench.svg' bench/plot '$(BENCH_OUT)/bench.csv'

el2: $(EL2) build/judge ## run a hypervisor core on all locks at EL2, in QEMU, and judge it; CPUS=4 FOR=seconds
	@el2/run --cpus $(CPUS) $(if $(FOR),--for $(FOR))
	@echo 'el2/view >trace.json: this run, lock by lock, for ui.perfetto.dev'

lib: $(LIBS) ## build libhlock.a, libhlock_debug.a and libhlock_hosted.a

INSTALLED = $(addprefix build/,hlock c2coq judge explore check-object elf2coq)
install: lib $(INSTALLED) ## into PREFIX: hlock, its Coq library, the libraries
	@$(PROVE) all
	@tools/install/install '$(DESTDIR)' '$(PREFIX)'

uninstall: ## remove what install put there
	@tools/install/uninstall '$(DESTDIR)' '$(PREFIX)'

clean: ## remove all that was built
	rm -rf build
	find . -name .git -prune -o \( -name '*.vo*' -o -name '*.glob' -o -name '.*.aux' \) -exec rm -f {} +

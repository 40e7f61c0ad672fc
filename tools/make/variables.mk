# SPDX-License-Identifier: MIT OR Apache-2.0
# The variables that a user may set, on the command line or in the environment.
# Each works, or make ends here, before anything is built, and says why.
# From the environment nothing else is read.

# What the compilers need beside CFLAGS and CPPFLAGS is in build.mk.
ifeq ($(origin CC),default)
CC         = $(CROSS_COMPILE)gcc
endif
ifeq ($(origin AR),default)
AR         = $(CROSS_COMPILE)ar
endif
CFLAGS    ?= -O2
CPPFLAGS  ?=
LDFLAGS   ?=
CROSS_COMPILE ?=
# For the tools, which run here.
HOSTCC    ?= gcc
HOSTCFLAGS ?= -O2
# So many proofs or mutants at a time; that of make -j, if it has a number.
JOBS      ?= $(or $(patsubst -j%,%,$(filter -j%,$(MAKEFLAGS))),2)
# Arguments of the benchmark, and where its files go.
BENCH     ?=
BENCH_OUT ?= build/bench
# Of make el2: how many CPUs, and for how many seconds, if not for a number of VMs.
CPUS      ?= 4
FOR       ?=
# Where make install puts everything: below DESTDIR, for packages, then below PREFIX.
PREFIX    ?= /usr/local
DESTDIR   ?=

OF_LIBRARY = CC AR CFLAGS CPPFLAGS LDFLAGS CROSS_COMPILE
VARIABLES  = $(OF_LIBRARY) HOSTCC HOSTCFLAGS JOBS BENCH BENCH_OUT CPUS FOR PREFIX DESTDIR DEBS

export LC_ALL = C

# ---- What is refused.

# What means something elsewhere, and why it does not here.
WHY_TABLE   = the table here is layers/L4_locks/lock_table.def; for one of your own: build/hlock generate TABLE
WHY_ARCH    = the machine is that of CC or CROSS_COMPILE, and macros such as -DHLOCK_SPINS=256U go into CPPFLAGS
WHY_O       = everything is built in build/: copy the tree to build elsewhere
WHY_V       = make shows its commands as they are; make --trace says why it runs them
WHY_LC_ALL  = all scripts run in the locale C

WHY_both    = it is set, and CROSS_COMPILE too: give one of them
WHY_native  = it is for make lib; what make $(GOALS) builds runs here, or has a compiler of its own
WHY_target  = each folder build/<target>/ has a compiler of its own
WHY_shipped = what make $(GOALS) tests are the libraries as they ship: unset it
WHY_installed = it is for make install and make uninstall
WHY_absolute = it must be an absolute path
WHY_proved  = it changes nothing of what make $(GOALS) does
WHY_empty   = it is empty
WHY_JOBS    = it must be a number from 1 to 9999
WHY_unknown = make does not know it; it knows $(VARIABLES)
WHY_e       = it would put the environment above the Makefile; what may be set there needs no -e: $(VARIABLES)

GOALS  = $(or $(MAKECMDGOALS),help)
# $(call among,PATTERNS,THEN): THEN, if one of the goals is among these
among  = $(if $(filter $(1),$(GOALS)),$(2))
# $(call set,ORIGINS,NAMES): those of the names that are set there; an empty prefix is none
set    = $(foreach name,$(2),$(if $(filter $(1),$(firstword $(origin $(name)))),\
    $(if $(filter CROSS_COMPILE,$(name)),$(if $(strip $($(name))),$(name)),$(name))))
# $(call refuse,NAMES,REASON)
refuse = $(if $(strip $(1)),$(error $(strip $(1)): $(WHY_$(strip $(2)))))
ONLY_BUILT = clean help deps lib build/libhlock% build/release/% build/debug/% build/hosted/%

$(call refuse,$(if $(findstring e,$(filter-out -%,$(firstword $(MAKEFLAGS)))),make -e),e)
$(foreach name,$(filter-out $(VARIABLES),$(call set,command,$(.VARIABLES))),\
    $(call refuse,$(name),$(if $(WHY_$(name)),$(name),unknown)))
$(foreach name,CC AR HOSTCC,$(if $(strip $($(name))),,$(call refuse,$(name),empty)))
$(if $(shell printf '%s\n' '$(subst ','\'',$(JOBS))' | grep -xE '[1-9][0-9]{0,3}'),,$(call refuse,JOBS,JOBS))
ifneq ($(strip $(CROSS_COMPILE)),)
$(call refuse,$(call set,command environment,CC),both)
$(call refuse,$(if $(filter-out $(ONLY_BUILT),$(GOALS)),CROSS_COMPILE),native)
endif
$(call refuse,$(call among,$(TARGETS:%=build/%/%),$(call set,command,CC AR CROSS_COMPILE)),target)
$(call refuse,$(if $(filter-out install uninstall,$(GOALS)),$(call set,command,PREFIX DESTDIR)),installed)
$(call refuse,$(call among,install uninstall,\
    $(foreach name,PREFIX DESTDIR,$(if $(filter-out /%,$(firstword $($(name)))),$(name)))),absolute)
# What is tested is what ships.  What is proved has no flags.
$(call refuse,$(call among,test long tested,$(call set,command environment,$(OF_LIBRARY))),shipped)
$(call refuse,$(call among,check prove prove-% explore mutate generated,$(call set,command,$(OF_LIBRARY))),proved)
# Nothing is linked where only libraries are made.
$(call refuse,$(if $(filter-out $(ONLY_BUILT),$(GOALS)),,$(call set,command,LDFLAGS)),proved)
$(call refuse,$(if $(filter bench,$(GOALS)),,$(call set,command,BENCH BENCH_OUT)),proved)
$(call refuse,$(if $(filter el2,$(GOALS)),,$(call set,command,CPUS FOR)),proved)

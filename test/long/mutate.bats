#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# All mutants of the C, of its text, and of what the debug build adds; those of definitions are in statements.bats.
# In short, in `make test`: every third of the C of floors 1 and 3, every twelfth of floor 4's, and so on
# (tools/check/all_tests).
load ../helper

@test "each mutant of the C is refused by a compiler, dies in a proof, or changes nothing" {
    run -0 env STATEMENTS_EVERY=1000000 make mutate
    [[ "${lines[-1]}" =~ ^[0-9]+" passed, 0 failed"$ ]]
}

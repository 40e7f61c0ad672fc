#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The verbs of the Makefile that touch the machine.
load helper

@test "make alone lists the verbs" {
    run -0 make
    for verb in run prove test long check explore mutate bench lib clean; do
        [[ $'\n'"$output" == *$'\n'"$verb "* ]]
    done
}

@test "without root, a missing package gives one command to run, and a failure" {
    mkdir "$tmp/bin"
    printf '#!/bin/sh\necho 1000\n' >"$tmp/bin/id"
    chmod +x "$tmp/bin/id"
    PATH="$tmp/bin:$PATH" run -2 make deps DEBS="gcc no-such-package"
    [ "${lines[0]}" = "missing Debian packages: no-such-package" ]
    [[ "${lines[1]}" == "as root, run: apt-get update && apt-get install -y --no-install-recommends no-such-package" ]]
}

@test "nothing is done when nothing is missing" {
    run -0 make -s deps
    [ -z "$output" ]
}

# -------------------------------------------------------------- make long

@test "make long runs each file of test/long from the root of the project, and counts" {
    copy_tree
    make -s tested prove
    rm -f test/long/*
    mkdir -p test/long
    # bats takes a line that starts with its word for one of this file's tests.
    sed 's/^a test/@test/' >test/long/first.bats <<'END'
load ../helper
a test "here" { [ -e Makefile ] && [ -d "$tmp" ]; }
a test "not here" { [ -e helper.bash ]; }
END
    echo 'a test "more" { true; }' | sed 's/^a test/@test/' >test/long/second.bats
    run -2 make long
    [[ "$output" == *$'\nok 1 here\nnot ok 2 not here\n'*$'\nok 3 more\n'* ]]
    [ "$(grep -v '^make: ' <<<"$output" | tail -n 1)" = "4 passed, 1 failed" ]
    sed -i '/not here/d' test/long/first.bats
    run -0 make long
    [ "${lines[-1]}" = "4 passed, 0 failed" ]
}

@test "make long without a test fails, and says so" {
    copy_tree
    rm -rf test/long
    run -2 make long
    [[ "$output" == *"all_tests: there is no test in test/long/"* ]]
    mkdir test/long
    echo 'load ../helper' >test/long/empty.bats
    run -2 make long
    [[ "$output" == *"all_tests: there is no test in test/long/"* ]]
}

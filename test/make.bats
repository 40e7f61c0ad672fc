#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The verbs of the Makefile that touch the machine.
load helper

@test "make alone lists the verbs" {
    run -0 make
    for verb in run prove test check explore mutate bench lib clean; do
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

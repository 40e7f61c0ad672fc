#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# hlock new: a folder that builds and runs, and one that is left as it is.
load helper

@test "what new writes builds without a warning and runs; its table is accepted, its client keeps the order" {
    run -0 build/hlock new "$tmp/my project"
    [ "$output" = "$tmp/my project: locks.def, client.c, Makefile; \`make run\` there runs the client" ]
    [ "$(ls "$tmp/my project")" = $'Makefile\nclient.c\nlocks.def' ]
    run -0 build/hlock check "$tmp/my project/locks.def"
    [[ "$output" == *"irq < vcpu < mm < console"* ]]
    run -0 make -s -C "$tmp/my project" HLOCK="$PWD/build/hlock" CFLAGS="-std=c11 -O2 -Wall -Wextra -Werror" run
    [ "$output" = "98 lock numbers; vcpu 3 and the console are mine" ]
    # a table that changes is made again
    sleep 0.01
    echo 'HLOCK_ONE(gic, 98, 5, "the interrupt controller")' >>"$tmp/my project/locks.def"
    run -0 make -s -C "$tmp/my project" HLOCK="$PWD/build/hlock" run
    [ "$output" = "99 lock numbers; vcpu 3 and the console are mine" ]
    make -s -C "$tmp/my project" clean
    [ "$(ls "$tmp/my project")" = $'Makefile\nclient.c\nlocks.def' ]
}

@test "an empty folder is taken; one with anything in it, or a file, is left as it is" {
    mkdir "$tmp/empty" "$tmp/full"
    run -0 build/hlock new --quiet "$tmp/empty"
    [ -z "$output" ]
    touch "$tmp/full/.hidden"
    run -1 build/hlock new "$tmp/full"
    [ "$(ls -A "$tmp/full")" = .hidden ]
    run -1 build/hlock new "$tmp/empty"
    run -1 build/hlock new "$tmp/full/.hidden"
    run -2 build/hlock new "$tmp/no/such"
    run -2 bash -c 'ulimit -f 0; exec "$@"' - build/hlock new "$tmp/new"
    [ ! -e "$tmp/new" ]
}

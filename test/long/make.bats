#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# make that is ended at any moment.  Bounded form: one moment, in test/make.bats.
load ../helper

@test "make that is ended at 60 moments leaves no half file for what it builds next" {
    small_tree
    cp -a "$root/test" "$root/bench" .
    cp -a include generated "$tmp"
    goals="lib generated build/stress build/aarch64/libhlock.a build/riscv64/libhlock.a"
    whole="$(echo build/libhlock{,_debug,_hosted}.a build/{aarch64,riscv64}/libhlock.a)"
    start=${EPOCHREALTIME/./}
    make -s -j2 $goals
    spent=$((${EPOCHREALTIME/./} - start))
    # the workload has no fixed bytes: it must run
    runs() { build/stress --threads 1 --rounds 10 --chains 0 --contended 0 --trace "$tmp/trace"; }
    runs
    cp -a --parents $whole "$tmp"
    for moment in {1..60}; do
        for signal in KILL TERM INT; do
            rm -rf build
            # a table and a header that are not what is made, so that they are made too
            echo half >include/hlock/hlock.h
            echo half >generated/lock_table.v
            setsid env --default-signal make -s -j2 $goals 3>&- >"$tmp/log" 2>&1 &
            pid=$!
            delay=$((spent * moment / 60))
            sleep "$(printf '%d.%06d' $((delay / 1000000)) $((delay % 1000000)))"
            kill -s $signal -- -$pid 2>"$tmp/errors" || echo "# moment $moment: it had ended" >&3
            wait $pid || true
            while pgrep -g $pid >"$tmp/left"; do sleep 0.01; done
            [ $signal = KILL ] || [ -z "$(find . -name '*.part')" ]
            make -s -j2 $goals >"$tmp/log" 2>&1
            for file in $whole; do cmp "$file" "$tmp/$file"; done
            for file in include generated; do diff -r "$file" "$tmp/$file"; done
            runs
        done
    done
}

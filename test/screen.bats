#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The last screen of `make run`: what it shows, and how it fails: not with zero,
# and the reason first.  (Theorems that are open: check.bats.)
load helper

setup_file() {
    cd "$BATS_TEST_DIRNAME/.." || return 1
    JOBS=2 tools/prove/prove build/prove/assumptions
}

# fails REASON: with that as the first line
fails() {
    run -1 --separate-stderr tools/screen/screen
    [ -z "$output" ]
    [ "${stderr_lines[0]}" = "FAILED: $1" ]
}

# workload SCRIPT: stands in for build/stress, which it may run as real-stress
workload() {
    [ -e build/real-stress ] || mv build/stress build/real-stress
    printf '#!/bin/sh\n%s\n' "$1" >build/stress
    chmod +x build/stress
}

@test "each function with its place and theorems, each family with its verdict, the object code" {
    copy_tree
    run -0 --separate-stderr tools/screen/screen
    [ -z "$stderr" ]
    while IFS=$'\t' read -r function file line; do
        closed=" ${function}_body_correct closed, _code_correct closed"
        [[ "$output" == *$'\n'"$function "*" $file:$line "*"$closed"$'\n'* ]]
        sed -n "${line}p" "$file" | grep -qE "\\( *${function#*_lock_},"
    done <generated/functions.tsv
    while IFS=$'\t' read -r family _; do
        [[ "$output" =~ $'\n'"$family "\ *[0-9]+\ +[0-9]+\ +[0-9]+\ +[0-9]+\ +allowed$'\n' ]]
    done <build/locks.tsv
    [[ "$output" == *"build/libhlock.a, sha256 $(sha256sum build/libhlock.a | cut -c1-16)"$'\n'* ]]
    functions=$(wc -l <generated/functions.tsv)
    for target in native aarch64 aarch64-lse riscv64 x86_64; do
        file=build/$target/libhlock.a
        [ $target != native ] || file=build/libhlock.a
        hash=$(sha256sum <$file | cut -c1-16)
        [[ "$output"$'\n' == *$'\n'"bytes proved $target: all $functions functions of "*"$hash"$'\n'* ]]
    done
    all="all $functions functions of libhlock_debug.a for native, aarch64, aarch64-lse, riscv64, x86_64"
    [[ "$output"$'\n' == *$'\n'"bytes proved debug: $all"$'\n'* ]]
    [[ "$output" == *$'\n'"arch header  layers/L0_machine/arch/"*.h$'\n'* ]]
    met='contended ([0-9]+) times in meetings, [0-9]+ times when free'
    [[ "$output" =~ $'\n'"workload     2 threads, "[a-z\ ]+"; "[0-9]+" events; "$met$'\n' ]]
    [ "${BASH_REMATCH[1]}" -ge $((100 * $(wc -l <build/locks.tsv))) ]
    [[ "$output" == *$'\n'"compiler     "*[0-9].[0-9]* ]]
    allowed="allowed by the specifications of floors 3 and 0"
    [[ "$output" =~ $'\n'"judge        "[0-9]+" events, "[0-9]+" tickets: $allowed" ]]
    executed='executed     ([0-9]+) events, by the exported C on [0-9]+ CPUs, with [1-9][0-9]* polls in vain'
    [[ "$output" =~ $'\n'$executed": an execution of the machine" ]]
    [ "${BASH_REMATCH[1]}" = "$(sed -n 's/^end //p' build/run/trace)" ]
}

@test "each floor with its C and its theorems; what no floor exports has words" {
    copy_tree
    run -0 --separate-stderr tools/screen/screen
    while read -r room theorems words; do
        case $room in
        *:*)
            grep -qxF "$(printf '%-15s  %s; closed: %s' "${room#*:}" "$words" "${theorems#*.}")" <<<"$output"
            continue
            ;;
        L*) name="floor ${room:1:1} ${room:3}" ;;
        *) name=$room ;;
        esac
        line=$(grep -n "^$name " <<<"$output" | cut -d: -f1)
        [[ "$(sed -n "${line}p" <<<"$output")" == *"$words" ]]
        [ "$theorems" = - ] || [ "$(sed -n "$((line + 1))s/^ *//p" <<<"$output")" = \
            "closed: $(sed -E 's/[a-z_0-9]+\.//g; s/,/, /g' <<<"$theorems")" ]
    done < <(grep -v '^#' main/floors.list)
    [ "$(grep -c '^floor [0-9]' <<<"$output")" = "$(ls -d layers/L[0-9]_* | wc -l)" ]
    for room in L1_ticket/ticket.h L3_atomic/atomic.h; do
        functions=$(sed -nE 's/^static inline void ([a-z_]+)\(.*/\1/p' "layers/$room" | paste -sd , | sed 's/,/, /')
        [[ "$output" == *"  layers/$room: $functions"$'\n'* ]]
    done
    [[ "$output" == *"  layers/L4_locks/locks.c: $(wc -l <generated/functions.tsv) functions, above"$'\n'* ]]
}

@test "each memory model has a line, from what Coq said; one that is open or missing is told" {
    copy_tree
    run -0 --separate-stderr tools/screen/screen
    mapfile -t models < <(sed -nE 's/^Corollary (hlock_[a-z0-9]+) .*/\1/p' main/hardware.v)
    [ "${models[*]}" = "hlock_armv8 hlock_riscv hlock_x86 hlock_c11" ]
    for model in "${models[@]}"; do
        grep -q "^[^ ].*; closed: $model$" <<<"$output"
    done
    cp build/prove/assumptions "$tmp/assumptions"
    sed 's/\(main.hardware.hlock_riscv: \).*/\1OPEN: Axioms: planted/' "$tmp/assumptions" >build/prove/assumptions
    run -1 --separate-stderr tools/screen/screen
    [ "${stderr_lines[0]}" = "FAILED: theorem main.hardware.hlock_riscv is OPEN: Axioms: planted" ]
    [ "${stderr_lines[1]}" = "FAILED: RISC-V: OPEN: hlock_riscv" ]
    [[ "$stderr" == *$'\nRISC-V  '*"; OPEN: hlock_riscv"$'\n'* ]]
    sed '/main.hardware.hlock_c11/d' "$tmp/assumptions" >build/prove/assumptions
    fails 'C11: MISSING: hlock_c11'
}

@test "it fits one screen: 39 lines of 120 columns, and one for each function and each family" {
    copy_tree
    run -0 --separate-stderr --keep-empty-lines tools/screen/screen
    [ $((${#lines[@]} - $(wc -l <generated/functions.tsv) - $(wc -l <build/locks.tsv))) -le 39 ]
    [ "$(awk '{ print length }' <<<"$output" | sort -n | tail -n 1)" -le 120 ]
}

@test "a library whose bytes are others than those that were proved, or not proved, or not there" {
    copy_tree
    echo >>build/aarch64/libhlock.a
    fails 'the bytes of build/aarch64/libhlock.a are not proved: none of its functions'
    rm build/aarch64/libhlock.a build/bytes/aarch64_lse.proved
    fails 'the bytes of build/aarch64-lse/libhlock.a are not proved: none of its functions'
    rm build/aarch64-lse/libhlock.a
    run -0 --separate-stderr tools/screen/screen
    [[ "$output" == *$'\n'"bytes        aarch64-lse: not built, so not proved: none of its functions"$'\n'* ]]
    echo >>build/riscv64/libhlock_debug.a
    fails 'the bytes of build/riscv64/libhlock_debug.a are not proved: none of its functions'
    rm build/riscv64/libhlock_debug.a
    run -0 --separate-stderr tools/screen/screen
    [[ "$output" == *$'\n'"bytes proved debug: all "*" for native, aarch64, aarch64-lse, x86_64"$'\n'* ]]
}

@test "a floor without its theorem, with an open one, without its line, or without C and words" {
    copy_tree
    cp build/prove/assumptions "$tmp/assumptions"
    cp main/floors.list "$tmp/floors.list"
    sed -i '/L2_queue.refine.queue_simulation/d' build/prove/assumptions
    run -1 --separate-stderr tools/screen/screen
    [[ "${stderr_lines[0]}" =~ ^"FAILED: floor 2 queue: ".*"MISSING: queue_simulation"$ ]]
    sed 's/\(L2_queue.refine.queue_simulation: \).*/\1OPEN: Axioms: planted/' "$tmp/assumptions" \
        >build/prove/assumptions
    run -1 --separate-stderr tools/screen/screen
    [ "${stderr_lines[0]}" = "FAILED: theorem layers.L2_queue.refine.queue_simulation is OPEN: Axioms: planted" ]
    [[ "${stderr_lines[1]}" =~ ^"FAILED: floor 2 queue: ".*"OPEN: queue_simulation"$ ]]
    cp "$tmp/assumptions" build/prove/assumptions
    sed -i '/^L2_queue/d' main/floors.list
    fails 'main/floors.list: no line for layers/L2_queue/'
    sed -E 's/^(L2_queue +[^ ]+).*/\1/' "$tmp/floors.list" >main/floors.list
    fails 'floor 2 queue has no C in generated/ and no words in main/floors.list'
    sed '/^[^#]/d' "$tmp/floors.list" >main/floors.list
    run -1 --separate-stderr tools/screen/screen
    [[ "$stderr" == *"FAILED: no floor in main/floors.list"* ]]
}

@test "a hang: the watchdog's lines are the reason" {
    copy_tree
    workload 'exec build/wrong/twice --watchdog 1 "$@"'
    fails 'the workload hangs'
    [[ "${stderr_lines[1]}" == *"stress: hang: CPU "* ]]
    [[ "$stderr" == *": next "*", now 0"* ]]
    # it hangs because it acquires what it holds, and that the judge refuses
    [[ "$stderr" == *"against the order: it holds "* ]]
    [[ "$stderr" == *"NOT JUDGED"* ]]
}

@test "a corrupt object: what the workload saw, and what the judge says" {
    copy_tree
    mv build/wrong/no_wait build/stress
    fails 'an object is corrupt'
    [[ "${stderr_lines[1]}" == *"stress: corrupt: "* ]]
    [[ "$stderr" == *$'\n'"FAILED: the judge refuses the run"$'\n'*"enters while another CPU holds the lock"* ]]
}

@test "a run that only the judge refuses" {
    copy_tree
    workload 'build/real-stress "$@" && sed -i "0,/ read /s/ read \([0-9]*\) .*/ read \1 0 77/" build/run/trace'
    fails 'the judge refuses the run'
    [[ "${stderr_lines[1]}" == *"build/run/trace:"[0-9]*": cpu "*"reads a value that is not the last one written" ]]
}

@test "a run in which only a ticket is wrong" {
    copy_tree
    workload 'build/real-stress "$@" && sed -i "0,/ entered /s/ entered \([0-9]*\) .*/ entered \1 77/" build/run/trace'
    fails 'the judge refuses the run'
    [[ "${stderr_lines[1]}" == *"build/run/trace:"[0-9]*": cpu "*": ticket: found 77, expected 0" ]]
}

@test "too little contention, by the workload's count and by the judge's" {
    of_shipped_table
    copy_tree
    workload 'exec build/wrong/alone "$@"'
    fails 'too little contention'
    workload 'exec build/real-stress --contended 0 --threads 1 --rounds 10 --chains 0 "$@"'
    fails "family core was contended 0 times, not 100"
    [[ "$stderr" == *"HARDLY CONTENDED"* ]]
}

@test "a workload that writes no trace, or crashes" {
    of_shipped_table
    copy_tree
    workload 'exit 0'
    fails 'family core is not judged'
    printf '#!/bin/sh\nkill -SEGV $$\n' >build/stress
    fails 'the workload ends with status 139'
}

@test "a judge that crashes, or leaves out a family or a verdict" {
    of_shipped_table
    copy_tree
    mv build/judge build/real-judge
    printf '#!/bin/sh\nexit 3\n' >build/judge
    chmod +x build/judge
    fails 'the judge refuses the run'
    printf '#!/bin/sh\nbuild/real-judge "$@" | grep -v "^smmu"\n' >build/judge
    fails 'family smmu is not judged'
    printf '#!/bin/sh\nbuild/real-judge "$@" | grep -v "^executed"\n' >build/judge
    fails 'family core is not judged'
}

@test "a core at EL2 that is wrong, one that the judge or the model refuses, and one that is not judged" {
    of_shipped_table
    copy_tree
    run -0 --separate-stderr tools/screen/screen
    line='at EL2       4 CPUs in QEMU: ([0-9]+) events: allowed, an execution of the machine; [0-9]+ changes of pages'
    [[ "${lines[-1]}" =~ ^$line" are right"$ ]]
    [ "${BASH_REMATCH[1]}" = "$(sed -n 's/^end //p' build/run/el2/trace)" ]
    cp el2/page.c "$tmp/page.c"
    sed -i 's/words\[i\] = 0;/(void)words;/' el2/page.c
    make build/el2/aarch64.elf
    fails 'the core at EL2: el2/run ends with status 4'
    [[ "$stderr" == *"el2: corrupt: CPU "*" is taken, but it was not scrubbed"* ]]
    # a read after the release
    cp "$tmp/page.c" el2/page.c
    sed -i '/^bool stop_vm/,/^}/{/leave_vm/d;s/^\tstopped = /\tleave_vm(vmid);\n&/}' el2/vm.c
    make build/el2/aarch64.elf
    fails 'the core at EL2: el2/run ends with status 1'
    [[ "${stderr_lines[1]}" == *"build/run/el2/trace:"*" read lock "*" (vm)"* ]]
    cp "$root/el2/vm.c" el2/vm.c
    make build/el2/aarch64.elf
    printf '#!/bin/sh\necho "model: line 9: page 0, VM 1: wrong" >&2\nexit 1\n' >build/el2/model
    fails 'the core at EL2: el2/run ends with status 1'
    [ "${stderr_lines[1]}" = "        model: line 9: page 0, VM 1: wrong" ]
    printf '#!/bin/sh\nexit 0\n' >build/el2/model
    fails 'the core at EL2 is not judged'
    # a table without these families has no core
    sed -i 's/\<s2page\>/page/' layers/L4_locks/lock_table.def
    run --separate-stderr tools/screen/screen
    [[ "$output$stderr" == *"judge        "* && "$output$stderr" != *"EL2"* ]]
}

@test "a function without its theorem" {
    of_shipped_table
    copy_tree
    sed -i '/acquire_lock_vm_code_correct/d' build/prove/assumptions
    fails 'theorem acquire_lock_vm_code_correct is missing'
    [[ "$stderr" == *"acquire_lock_vm_body_correct closed, _code_correct MISSING"* ]]
}

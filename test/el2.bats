#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The hypervisor core at EL2, in QEMU, on the libraries as they ship: each run is judged,
# compared with the model and asked for contention (el2/run).  Wrong cores: el2/wrong.tsv.
OF_SHIPPED_TABLE=yes
load helper

# right CPUS MODEL OPTION...
right() {
    local cpus=$1 model=$2
    shift 2
    run -0 el2/run --cpus "$cpus" --cpu "$model" --out "$tmp/run" "$@"
    [[ "$output" == *"el2: $cpus CPUs, "* ]]
    [[ "$output" == *"judge: allowed: "*"judge: executed: "*"model: "*" are right"* ]]
}

@test "1, 2, 4 and 8 CPUs, LL/SC and LSE" {
    for model in cortex-a57 max; do
        for cpus in 1 2 4 8; do
            right $cpus $model lives=16
        done
    done
}

@test "64 CPUs" {
    right 64 max lives=2
}

@test "the debug library" {
    right 4 cortex-a57 --image build/el2/aarch64-debug.elf lives=16
}

@test "a plain run, without the yield hook, is judged too" {
    right 4 cortex-a57 yield=0 lives=4
}

@test "with -icount two runs are the same, byte for byte" {
    for i in 1 2; do
        right 4 cortex-a57 --icount lives=16
        mv "$tmp/run" "$tmp/run$i"
        echo "$output" >"$tmp/run$i/said"
    done
    diff -r "$tmp/run1" "$tmp/run2"
}

@test "the image has the very library: each of its functions, byte for byte" {
    for target in aarch64 aarch64-lse; do
        (cd "$tmp" && aarch64-linux-gnu-ar x "$root/build/$target/libhlock.a")
        for f in $(aarch64-linux-gnu-nm -j --defined-only "$tmp/locks.o" | grep '_lock_'); do
            for file in "$tmp/locks.o" build/el2/$target.elf; do
                aarch64-linux-gnu-objdump -d --no-addresses --no-show-raw-insn --disassemble="$f" "$file" |
                    sed -n "/<$f>:/,\$p" | sed -E 's/(adrp|add|ldr).*|b[.a-z]*\t.*|cb.*//' >"$tmp/$(basename "$file").s"
            done
            cmp "$tmp/locks.o.s" "$tmp/$target.elf.s"
        done
    done
}

@test "a run that shows too little contention is not evidence" {
    run -6 el2/run --cpus 2 --out "$tmp/run" lives=1
    [[ "$output" == *"el2: too little contention:"* ]]
}

@test "each wrong core is caught, by what the table says" {
    for name in $(grep -v '^#' test/el2/wrong.tsv | cut -f1); do
        test/el2/wrong "$name"
    done
}

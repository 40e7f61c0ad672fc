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
    [[ "$output" =~ [1-9][0-9]*" DMA transfers, "[1-9][0-9]*" that the SMMU refused" ]]
}

@test "1, 2, 4 and 8 CPUs, LL/SC and LSE" {
    for model in cortex-a57 max; do
        for cpus in 1 2 4 8; do
            right $cpus $model lives=8
        done
    done
}

@test "cortex-a72 and neoverse-n1" {
    right 4 cortex-a72 lives=8
    right 4 neoverse-n1 lives=8
}

@test "64 CPUs" {
    right 64 max lives=2
}

@test "the debug library" {
    right 4 cortex-a57 --image build/el2/aarch64-debug.elf lives=8
}

@test "the debug library stops at an access without its lock, and before a guest is entered with one" {
    compiler=$(make -s --eval='compiler: ; @echo $(EL2_CC) -Wno-error' compiler)
    # caught FILE CHANGE WORDS: a core that is changed so, by sed, is stopped by the library, which says that
    caught() {
        rm -rf "$tmp/core" "$tmp/layers"
        cp -r el2 "$tmp/core"
        cp -r layers "$tmp/layers"
        sed -E -i "$2" "$tmp/core/$1"
        run ! cmp -s "el2/$1" "$tmp/core/$1"
        el2/build "$tmp/core" build/aarch64/libhlock_debug.a "$tmp/image.elf" $compiler -DHLOCK_DEBUG
        run el2/run --cpus 4 --image "$tmp/image.elf" --out "$tmp/run" lives=8
        echo "$output"
        [ "$status" = 4 ]
        [[ "$output" == *"el2: corrupt: hlock: $3"* ]]
    }
    caught page.c '/^uint32_t take_page/,/^}/s/(enter|leave)_core\(\);//' \
        'assert_held_core: not held; rank 3; called at 0x'
    caught page.c '/^enum fault map_new_page/,/return WAS_MAPPED/{/leave_s2page/d}' \
        'acquire_lock_core: against the order of locks; rank 3; called at 0x'
    caught vm.c 's/^\t\tassert_none_held/\t\tenter_vm(vmid);\n&/' 'assert_none_held: '
}

@test "a plain run, without the yield hook, is judged too" {
    right 4 cortex-a57 yield=0 lives=4
}

@test "a run is the same, byte for byte, on a host with one core that others want, too" {
    right 4 cortex-a57 lives=8
    echo "$output" >"$tmp/run/said"
    mv "$tmp/run" "$tmp/first"
    keep_busy 4 0
    run -0 taskset -c 0 el2/run --out "$tmp/run" lives=8
    quiet
    echo "$output" >"$tmp/run/said"
    diff -r "$tmp/first" "$tmp/run"
    right 4 cortex-a57 lives=8 seed=1 # and another one is another
    run ! cmp -s "$tmp/first/trace" "$tmp/run/trace"
}

@test "a run for a second of the host ends, and is judged" {
    right 2 cortex-a57 --for 1
}

@test "a record that is full is an error" {
    run -2 el2/run --out "$tmp/run" lives=99999
    [[ "$output" == *"el2: the record is full: 8000000 events are not judged; ask for fewer lives, or for=SECONDS" ]]
    [ ! -e "$tmp/run/trace" ]
}

# But for where hlock_words lies, which the linker puts into the instructions.
@test "the image has the very library: each of its functions, instruction by instruction" {
    local of="$tmp/functions" target file
    for target in aarch64 aarch64-lse; do
        for file in build/$target/libhlock.a build/el2/$target.elf; do
            aarch64-linux-gnu-objdump -dr --no-addresses --no-show-raw-insn "$file" | awk '
                /^<.*>:$/ { inside = /^<(acquire|release)_lock_/ }
                /^Disassembly/ { inside = 0 }
                inside && !/R_AARCH64|nop|^$|^\.\.\.$/ { sub(/(hlock_words|#?0x[0-9a-f]+ <|[0-9a-f]+ <).*/, ""); print }
            ' | sed -E 's/(adrp\s+x[0-9]+,).*/\1/; s/(add\s+x[0-9]+, x[0-9]+, )#0x[0-9a-f]+$/\1/' \
                >"$of.$(basename "$file")"
        done
        [ "$(grep -c '^<' "$of.libhlock.a")" = 12 ]
        diff "$of.libhlock.a" "$of.$target.elf"
    done
}

# QEMU keeps an order that a machine need not keep, and sends each TLBI to all CPUs.
@test "stage 2: DSB, a TLBI for all CPUs, DSB, ISB, and no other TLBI but that of the boot" {
    local instructions whole='dsb ish;msr vttbr_el2, x[0-9]+;isb;tlbi vmalls12e1is;dsb ish;isb;'
    instructions=$(aarch64-linux-gnu-objdump -d --no-show-raw-insn build/el2/aarch64.elf |
        sed -nE 's/^ *[0-9a-f]+:\s+(dsb|isb|tlbi|msr\s+vttbr_el2)/\1/p' | tr '\t\n' ' ;')
    [[ "$instructions" =~ $whole ]]
    run sed -E "s/$whole//g" <<<"$instructions"
    [ "$(grep -o 'tlbi [a-z0-9]*' <<<"$output")" = "tlbi alle2" ]
}

@test "a run that shows too little contention is not evidence" {
    run -6 el2/run --cpus 2 --out "$tmp/run" lives=1
    [[ "$output" == *"el2: too little contention:"* ]]
}

@test "the model refuses other owners, a page that is not scrubbed, an entry too many" {
    right 2 cortex-a57 lives=8
    local trace=$tmp/run/trace owners=$tmp/run/owners line
    awk '$1 == "page" && $3 > 0 && !done { $3 = $3 % 16 + 1; done = 1 } { print }' "$owners" >"$tmp/owners"
    run -1 build/el2/model "$trace" "$tmp/owners"
    [[ "$output" == "model: line 0: page "*": the core says something else of it at the end" ]]
    # the first line that declares a page clean is left out
    awk '$2 == "wrote" && $3 == 1 && $4 % 4 == 3 && $5 == 0 && !done { done = 1; next } { print }' "$trace" \
        >"$tmp/trace"
    run -1 build/el2/model "$tmp/trace" "$owners"
    [[ "$output" == *": gets an owner, but was not scrubbed" ]]
    # the device of VM 1 is one of VM 2; a page that its device can reach is another; the owner of the first
    # device does not change back to nobody before its table is empty
    awk '$2 == "wrote" && $3 == 3 && $4 == 0 && $5 == 1 { $5 = 2 } { print }' "$trace" >"$tmp/trace"
    run -1 build/el2/model "$tmp/trace" "$owners"
    [[ "$output" == *", VM 2: is mapped in the device of a VM that does not own it" ]]
    awk '$2 == "wrote" && $3 == 2 && $4 < 3072 && $5 % 2048 > 1024 && !done { $5 += 4096; done = 1 } { print }' \
        "$trace" >"$tmp/trace"
    run -1 build/el2/model "$tmp/trace" "$owners"
    [[ "$output" == *": is mapped in the device of a VM that does not own it" ]]
    awk '$2 == "wrote" && $3 == 3 && $4 == 4 && $5 == 0 && !done { print $1, $2, $3, 0, 0; done = 1 } { print }' \
        "$trace" >"$tmp/trace"
    run -1 build/el2/model "$tmp/trace" "$owners"
    [[ "$output" == *": a device changes hands, but it can reach memory" ]]
    # an entry that VM 1 writes is one of VM 2
    awk '$2 == "wrote" && $3 == 5 && $5 % 2048 > 1024 && !done { $3 = 6; done = 1 } { print }' "$trace" >"$tmp/trace"
    run -1 build/el2/model "$tmp/trace" "$owners"
    [[ "$output" == *", VM 2: is mapped in a VM that neither owns nor shares it" ]]
}

@test "each third wrong core is caught, by what the table says" {
    for name in $(grep -v '^#' test/el2/wrong.tsv | awk 'NR % 3 == 1 { print $1 }'); do
        test/el2/wrong "$name" "$tmp"
    done
}

# The instructions are the same each time; what they are is for doc/el2.md.
@test "the cost of a fault, a hypercall and a switch is measured on hlock, a test-and-set lock and none" {
    run -0 el2/cost
    [[ "${lines[1]}" =~ ^1\ +none(\ +[0-9.]+\ +x1\.000){3}\ *$ ]]
    [[ "${lines[2]}" =~ ^1\ +test-and-set(\ +[0-9.]+\ +x1\.[0-9]+){3}\ *$ ]]
    [[ "${lines[3]}" =~ ^1\ +hlock(\ +[0-9.]+\ +x1\.[0-9]+){3}\ *$ ]]
    [[ "${lines[2]}${lines[3]}" != *x1.000* ]]
    [[ "${lines[4]}" == "4 "*test-and-set* && "${lines[5]}" == "4 "*hlock* ]]
    [[ "${lines[6]}" =~ of\ [1-9][0-9]*\ faults,\ [1-9][0-9]*\ hypercalls\ and\ [1-9][0-9]*\ switches ]]
    [[ "${lines[8]}" == "locks: $((38 * 64)) bytes of words, "[1-9]*" bytes of code in 12 functions" ]]
    cp build/el2/cost/samples "$tmp/samples"
    run -0 el2/cost
    cmp "$tmp/samples" build/el2/cost/samples
}

@test "the core, without the guest and what is for tests alone, has at most 2500 lines" {
    [ "$(find el2 -name '*.[chS]' ! -name guest.c ! -name contend.c ! -name record.c -exec cat {} + | wc -l)" -le 2500 ]
}

@test "on a terminal there is a screen of CPUs, VMs, faults, locks and contention; else there is none" {
    right 2 cortex-a57 lives=8
    [[ "$output" != *$'\e'* ]]
    run -0 script -qec "el2/run --cpus 8 --out $tmp/run lives=8" /dev/null </dev/null
    local screen=${output##*$'\e[H\e[J'}
    [[ "$screen" =~ ^8\ CPUs,\ [0-9]+\ events,\ [0-9]+\ VMs\ destroyed ]]
    [[ "$screen" =~ [1-9][0-9]*" faults, "[1-9][0-9]*" shares, " ]]
    [[ "$screen" == *"  slot 0: VM "*"  slot 1: VM "*"contended:  core "*"  s2page "*"  vm "*"  CPU 7: "* ]]
    [[ "$output" =~ "holds lock "[0-9]+" ("[a-z] ]]
    [[ "$output" == *"model: "*" are right"* ]]
}

@test "the trace opens in a viewer: each section of each lock is there, in one another, in the order of tickets" {
    right 8 max lives=4
    el2/view "$tmp/run/trace" >"$tmp/trace.json"
    [ "$(grep -c ' entered ' "$tmp/run/trace")" = "$(grep -c '"cat":"hold"' "$tmp/trace.json")" ]
    run -0 python3 - "$tmp/trace.json" <<'END'
import json, sys
events = json.load(open(sys.argv[1]))["traceEvents"]
rows, locks, arrows = {}, {}, {}
names = [e["args"]["name"] for e in events if e["ph"] == "M"]
assert names == ["hlock at EL2"] + ["CPU %d" % i for i in range(8)], names
for e in events:
    assert e["pid"] == 1 and (e["ph"] == "M" or e["tid"] in range(8)), e
    if e["ph"] == "X":
        assert e["dur"] > 0, e
        rows.setdefault(e["tid"], []).append((e["ts"], -e["dur"]))
        if e["cat"] == "hold":
            locks.setdefault(e["name"], []).append((e["ts"], e["ts"] + e["dur"], e["args"]["ticket"]))
    elif e["ph"] in "sf":
        arrows.setdefault(e["id"], []).append((e["ph"], e["ts"], e["tid"], e["name"]))
for row in rows.values(): # of two slices one is in the other, or before it
    ends = []
    for start, length in sorted(row):
        while ends and ends[-1] <= start:
            ends.pop()
        assert not ends or start - length <= ends[-1], (start, length)
        ends.append(start - length)
assert len(locks) > 6
for name, sections in locks.items():
    sections.sort()
    assert [ticket for _, _, ticket in sections] == list(range(len(sections))), name
    assert all(a[1] < b[0] for a, b in zip(sections, sections[1:])), name
for start, end in arrows.values():
    assert (start[0], end[0]) == ("s", "f") and start[1] < end[1] and start[2] != end[2] and start[3] == end[3]
print(len(rows), len(locks), len(arrows))
END
    [[ "$output" =~ ^8\ [0-9]+\ [1-9][0-9]{3,}$ ]]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The debug build: a faulty client stops at its first wrong call, a right one never.
# A client says in a comment where it stops: `stops: TEXT`, in the first line of the report.
load helper

OF_SHIPPED_TABLE=yes
DEBUG="$HOSTED -g -DHLOCK_DEBUG -pthread"

# built WHAT FLAGS... : the client with its runner, with libhlock_debug.a, or, hosted, with the library's C
built() {
    local client=$1
    shift
    if [ $# = 0 ]; then
        gcc $DEBUG "$client" test/clients/run.c build/libhlock_debug.a -o "$tmp/client"
    else
        ${CC:-gcc} $DEBUG "$@" "$client" test/clients/run.c build/drop_in/hlock.c -o "$tmp/client"
    fi
}

# stops FILE: what is written there
stops() {
    sed -nE 's|.*stops: ([^*]*[^* ]) *\*/.*|\1|p' "$1" | head -n 1
}

# line_of ADDRESS: FILE:LINE of the call that returns there
line_of() {
    addr2line -e "$tmp/client" "$(printf '0x%x' $(($1 - 1)))" | sed 's|.*/||'
}

@test "each faulty client stops at its first wrong call, and each other one does not" {
    for flags in "" -DHLOCK_HOSTED; do
        for client in test/clients/{faulty,listed,stops}/*.c; do
            built "$client" $flags
            wanted=$(stops "$client")
            if [ -n "$wanted" ]; then
                run -42 cpu_limit 10 "$tmp/client" 2 1
                [[ "${lines[0]}" == "hlock: "*"$wanted"* ]]
            else
                run -0 cpu_limit 10 "$tmp/client" 2 1
                [ -z "$output" ]
            fi
        done
    done
    [ "$(grep -l 'stops:' test/clients/{faulty,stops}/*.c | wc -l)" -ge 26 ]
    [ -z "$(grep -L 'stops:' test/clients/stops/*.c)" ]
}

@test "right clients stay silent: with 2, 8 and 64 threads, one after the other's end" {
    local n=0
    for flags in "" -DHLOCK_HOSTED "-DHLOCK_HOSTED -DHLOCK_DEPTH=4"; do
        for client in test/clients/{right,silent}/*.c; do
            # a record of other depth is that of every third
            [[ "$flags" != *DEPTH* ]] || [ $((n++ % 3)) = 0 ] || continue
            built "$client" $flags
            for threads in 2 8; do
                [ -n "$flags" ] || [ $threads = 2 ] || continue # it does not yield
                run -0 cpu_limit 60 "$tmp/client" $threads 50
                [ -z "$output" ]
            done
            [ -z "$flags" ] || run -0 cpu_limit 60 "$tmp/client" 64 3
            [ -z "$output" ]
        done
    done
}

@test "of 64 CPUs the last one makes the first wrong call" {
    cat >"$tmp/last.c" <<'END'
#include <hlock/hlock.h>
void client(unsigned cpu);
void client(unsigned cpu)
{
	uint32_t vm = cpu % 17;

	if (ONLY_LAST && cpu != 63)
		return;
	acquire_lock_vm(vm);
	if (cpu == 63)
		acquire_lock_smmu();
	release_lock_vm(vm);
}
END
    for flags in -DONLY_LAST=1 "-DHLOCK_HOSTED -DONLY_LAST=0"; do
        built "$tmp/last.c" $flags
        run -42 cpu_limit 60 "$tmp/client" 64 1
        [[ "${lines[0]}" == "hlock: acquire_lock_smmu: against the order of locks; rank 1; called at 0x"* ]]
        # hosted: a thread gets its number at its first call
        [[ "$flags" == *HOSTED* ]] || [[ "${lines[0]}" == *" on CPU 63" ]]
        [[ "${lines[1]}" == "  in the way: vm(12), rank 2, taken at 0x"* ]]
        [ "${#lines[@]}" = 2 ]
    done
}

@test "a CPU that is stopped keeps its locks, has taken no ticket, and the others go on" {
    cat >"$tmp/on.c" <<'END'
#include <hlock/hlock.h>
#include <pthread.h>
void client(unsigned cpu);
void wait_for(unsigned phase);
void reach(unsigned phase);
static void stopping(void *nothing)
{
	(void)nothing;
	reach(1);
}
void client(unsigned cpu)
{
	if (cpu == 1) {
		acquire_lock_core();
		pthread_cleanup_push(stopping, 0);
		WRONG;
		pthread_cleanup_pop(0);
	}
	wait_for(1);
	for (uint32_t vm = 0; vm < 17; vm++) {
		acquire_lock_smmu();
		acquire_lock_vm(vm);
		assert_not_held_core();
		acquire_lock_s2page();
		acquire_lock_spt();
		release_lock_smmu();
		release_lock_vm(vm);
		release_lock_spt();
		release_lock_s2page();
		assert_none_held();
	}
}
END
    for wrong in 'acquire_lock_smmu()' 'acquire_lock_core()' 'release_lock_s2page()' 'acquire_lock_vm(17)' \
        'release_lock_pt(17)' 'assert_none_held()'; do
        for flags in -DGOES_ON "-DGOES_ON -DHLOCK_HOSTED"; do
            built "$tmp/on.c" $flags "-DWRONG=$wrong"
            run -0 cpu_limit 60 "$tmp/client" 5 1
            [[ "${lines[0]}" == "hlock: ${wrong%%(*}"* ]]
            [ "$(grep -c ^hlock <<<"$output")" = 1 ]
        done
    done
}

@test "the report names the call and every lock that is held, with its site, by file and line" {
    for flags in -O2 "-O0 -DHLOCK_HOSTED"; do
        built test/clients/faulty/inverted.c -static -no-pie $flags
        run -42 cpu_limit 10 "$tmp/client" 1 1
        wrong="hlock: acquire_lock_core: against the order of locks; rank 3; called at "
        [[ "${lines[0]}" =~ ^"$wrong"(0x[0-9a-f]+)" on CPU 0"$ ]]
        [ "$(line_of "${BASH_REMATCH[1]}")" = inverted.c:14 ]
        [[ "${lines[1]}" =~ ^"  in the way: s2page, rank 4, taken at "(0x[0-9a-f]+)$ ]]
        [ "$(line_of "${BASH_REMATCH[1]}")" = inverted.c:13 ]
        [ "${#lines[@]}" = 2 ]
    done
}

@test "a CPU number out of range stops in each function" {
    cat >"$tmp/one.c" <<'END'
#include <hlock/hlock.h>
void client(unsigned cpu);
void client(unsigned cpu)
{
	(void)cpu;
	CALL;
}
END
    for call in 'acquire_lock_core()' 'release_lock_core()' 'acquire_lock_vm(16)' 'release_lock_vm(16)' \
        'assert_held_vm(1)' 'assert_not_held_core()' 'assert_none_held()'; do
        for from in 64 4294967295u; do
            built "$tmp/one.c" "-DCALL=$call" "-DCPUS_FROM=$from"
            run -42 cpu_limit 10 "$tmp/client" 1 1
            [[ "$output" == "hlock: ${call%%(*}"*": hlock_this_cpu is out of range; "* ]]
        done
        built "$tmp/one.c" "-DCALL=$call" -DCPUS_FROM=63
        run cpu_limit 10 "$tmp/client" 1 1
        [[ "$output" != *"out of range"* ]]
    done
    for call in 'assert_held_vm(17)' 'assert_not_held_pt(17)'; do
        built "$tmp/one.c" "-DCALL=$call"
        run -42 cpu_limit 10 "$tmp/client" 1 1
        [[ "$output" == "hlock: $call: index out of range: not below 17; "* ]]
    done
}

@test "exactly HLOCK_DEPTH locks may be held" {
    cat >"$tmp/deep.c" <<'END'
#include <hlock/hlock.h>
void client(unsigned cpu);
void client(unsigned cpu)
{
	(void)cpu;
	for (uint32_t vm = 0; vm < LOCKS; vm++)
		acquire_lock_vm(vm);
	for (uint32_t vm = 0; vm < LOCKS; vm++)
		release_lock_vm(vm);
	assert_none_held();
}
END
    for depth in 1 3 17; do
        built "$tmp/deep.c" -DHLOCK_DEPTH=$depth -DLOCKS=$depth
        run -0 cpu_limit 10 "$tmp/client" 1 3
        [ -z "$output" ]
        [ $depth = 17 ] || built "$tmp/deep.c" -DHLOCK_DEPTH=$depth -DLOCKS=$((depth + 1))
        [ $depth = 17 ] || run -42 cpu_limit 10 "$tmp/client" 1 1
        [ $depth = 17 ] || [[ "${lines[0]}" == "hlock: acquire_lock_vm($depth): too many locks held; "* ]]
    done
}

@test "a long wait is reported once, and goes on" {
    cat >"$tmp/wait.c" <<'END'
#include <hlock/hlock.h>
#include <time.h>
void client(unsigned cpu);
void wait_for(unsigned phase);
void reach(unsigned phase);
void client(unsigned cpu)
{
	if (cpu == 0) {
		acquire_lock_core();
		reach(1);
		nanosleep(&(struct timespec){ 0, 300000000 }, 0);
		release_lock_core();
	} else {
		wait_for(1);
		acquire_lock_smmu();
		acquire_lock_core();
		release_lock_core();
		release_lock_smmu();
	}
}
END
    for flags in "" -DHLOCK_HOSTED; do
        built "$tmp/wait.c" -DHLOCK_STUCK_POLLS=100 $flags
        run -0 cpu_limit 10 "$tmp/client" 2 1
        [[ "${lines[0]}" == "hlock: acquire_lock_core: long wait; rank 3; called at 0x"*" on CPU 1" ]]
        [[ "${lines[1]}" == "  holds: smmu, rank 1, taken at "* ]]
        [ "${#lines[@]}" = 2 ]
    done
}

@test "right clients stay silent under ThreadSanitizer, and it sees the locks" {
    local cc=gcc
    for client in test/clients/{right,silent}/*.c; do
        CC=$cc built "$client" -DHLOCK_HOSTED -fsanitize=thread
        program=("$tmp/client")
        [[ "$("${program[@]}" 1 1 2>&1)" != *"unexpected memory mapping"* ]] ||
            program=(setarch "$(uname -m)" -R "${program[@]}")
        run -0 cpu_limit 60 "${program[@]}" 4 10
        [ -z "$output" ]
        # one compiler after the other
        if [ $cc = gcc ]; then cc=clang-14; else cc=gcc; fi
    done
}

@test "the release library and what calls it have no trace of the checks" {
    for client in test/clients/right/guest.c test/clients/right/accessor.c; do
        gcc $HOSTED -c "$client" -o "$tmp/client.o"
        [ -z "$(nm -u "$tmp/client.o" | grep -E 'assert|this_cpu|panic')" ]
    done
    [ -z "$(nm build/libhlock.a | grep -E 'hlock_(records|this_cpu|panic|report)|assert_')" ]
}

# sizes TARGET: of each function of the table, and assert_none_held: NAME INSTRUCTIONS BYTES; of the
# records: bytes a CPU
sizes() {
    local cross=${1%-lse}-linux-gnu-
    "${cross}objdump" -d --no-show-raw-insn "build/$1/libhlock_debug.a" | awk '
        /^[0-9a-f]+ <[^.]/ { name = substr($2, 2, length($2) - 3) }
        name ~ /_lock_|^assert_/ && /^ +[0-9a-f]+:\t/ && $2 !~ /nop|^data16/ && !/xchg +%ax,%ax/ { n[name]++ }
        END { for (name in n) print name, n[name] }' | LC_ALL=C sort >"$tmp/instructions"
    "${cross}nm" -S "build/$1/libhlock_debug.a" | awk 'NF == 4 && $4 ~ /_lock_|^assert_/ { print $4, $2 }' |
        LC_ALL=C sort | LC_ALL=C join "$tmp/instructions" - | while read -r name instructions bytes; do
        echo "$name $instructions $((0x$bytes))"
    done
    records=$("${cross}nm" -S "build/$1/libhlock_debug.a" | awk '$4 == "hlock_records" { print $2 }')
    echo "records 0 $((0x$records / 64))"
}

@test "instructions and bytes of each function, and bytes a CPU, are within the limits" {
    # TARGET, and the most of acquire, release, assertion: instructions and bytes; bytes a CPU (doc/checks.md)
    while read -r target limits; do
        sizes "$target" >"$tmp/sizes"
        [ "$(wc -l <"$tmp/sizes")" = $((4 * 6 + 1 + 1)) ]
        run -0 awk -v limits="0 $limits" '
            BEGIN { split(limits, most) }
            { k = /^acquire/ ? 2 : /^release/ ? 4 : /^assert/ ? 6 : 8 }
            k < 8 ? $2 > most[k] || $3 > most[k + 1] : $3 > most[k]' "$tmp/sizes"
        [ -z "$output" ]
    done <<'LIMITS'
x86_64 114 408 83 321 56 195 192
aarch64 117 472 100 400 65 260 192
aarch64-lse 115 464 100 400 65 260 192
riscv64 116 336 112 312 72 198 192
LIMITS
}

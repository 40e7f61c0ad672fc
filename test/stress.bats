#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The workload on the right lock.  Under qemu-user on x86 the other targets' programs see
# x86's order of memory, which is stronger than theirs: that test shows what their
# instructions compute, not that their orders are needed or enough.
load helper

# amounts: of each family in $tmp/tsv, what the scheduler must not change
amounts() {
    cut -f1,2,5,6 "$tmp/tsv"
}

# as_much PROGRAM...: it ends well, and does as much as is told in $tmp/amounts
as_much() {
    run -0 --separate-stderr "$@" --trace "$tmp/trace" --summary "$tmp/tsv"
    [ -z "$stderr" ]
    amounts | diff "$tmp/amounts" -
}

executed() {
    run -0 build/judge "$tmp/trace"
    [[ "${lines[-2]}" == "allowed: "*" events, "*" tickets" ]]
    [[ "${lines[-1]}" == "executed: "*" events, by the exported C on 2 CPUs, "* ]]
}

@test "the workload ends well, on the library's object code, and tells of both phases" {
    run -0 --separate-stderr build/stress --trace "$tmp/trace" --summary "$tmp/tsv"
    [ -z "$stderr" ]
    met=$(awk -F'\t' '{ met += $6 } END { print met }' "$tmp/tsv")
    free=$(awk -F'\t' '{ free += $3 - $6 } END { print free }' "$tmp/tsv")
    events=$(sed -n 's/^end //p' "$tmp/trace")
    [[ "${lines[0]}" == "object code: build/libhlock.a; 2 threads, "*"; $events events; "* ]]
    [[ "${lines[0]}" == *"; contended $met times in meetings, $free times when free" ]]
    while IFS=$'\t' read -r family acquisitions contended hand_overs events met; do
        printf '%s %s %s %s %s %s\n' $family $acquisitions $met $((contended - met)) $hand_overs $events
    done <"$tmp/tsv" | diff - <(printf '%s\n' "${lines[@]:2}" | tr -s ' ')
}

@test "each family is contended in its meetings 100 times at least, as often as follows from the options" {
    for least in 100 1 20; do
        build/stress --contended $least --rounds 10 --chains 10 --summary "$tmp/tsv"
        [ "$(wc -l <"$tmp/tsv")" = "$(wc -l <build/locks.tsv)" ]
        while IFS=$'\t' read -r family acquisitions contended hand_overs events met; do
            count=$(awk -F'\t' -v family="$family" '$1 == family { print $3 }' build/locks.tsv)
            [ "$met" = $(((least + count - 1) / count * count)) ]
            [ "$contended" -ge "$met" ]
            [ "$hand_overs" -ge "$contended" ]
            [ "$acquisitions" -gt "$hand_overs" ]
            # called, entered, left, and each word of the object read and written
            [ "$events" = $(((3 + 2 * 4) * acquisitions)) ]
        done <"$tmp/tsv"
    done
}

@test "riscv64 with a fence after the store of a release: the same" {
    riscv64-linux-gnu-gcc $HOSTED -DHLOCK_RISCV_FENCE_AFTER_RELEASE -static -pthread \
        -DSTRESS_OBJECT_CODE='"with the fence"' layers/L4_locks/locks.c test/stress/*.c -o "$tmp/stress"
    run -0 --separate-stderr on riscv64 "$tmp/stress" --rounds 300 --chains 200 --contended 15 --trace "$tmp/trace"
    [ -z "$stderr" ]
    run -0 build/judge "$tmp/trace"
    [[ "${lines[-2]}" == "allowed: "*" events, "*" tickets" ]]
}

@test "one core, which 16 other processes keep busy, and two: as much is done" {
    build/stress --summary "$tmp/tsv"
    amounts >"$tmp/amounts"
    keep_busy 16 0
    as_much taskset -c 0 build/stress
    quiet
    executed
    keep_busy 16
    for _ in 1 2; do
        as_much build/stress
    done
    quiet
    executed
}

@test "on each target as much is done, and the judge allows the run" {
    options="--rounds 300 --chains 200 --contended 15"
    build/stress $options --summary "$tmp/tsv"
    amounts >"$tmp/amounts"
    for target in $TARGETS; do
        as_much on $target build/$target/stress $options
        [[ "${lines[0]}" == "object code: build/$target/libhlock.a; 2 threads, "* ]]
        executed
    done
}

@test "a core on which the workload seldom runs: that is no hang" {
    keep_busy 2 0
    run -0 --separate-stderr chrt --idle 0 taskset -c 0 build/stress --watchdog 1 --contended 1 --rounds 0 --chains 100
    [ -z "$stderr" ]
}

@test "who calls second in a meeting of odd number does so before the first writes, or when it has half done so" {
    build/stress --contended 8 --rounds 0 --chains 0 --trace "$tmp/trace"
    # of the first family with one lock
    awk -v lock="$(awk -F"\t" '$3 == 1 { print $2; exit }' build/locks.tsv)" '
        $3 == lock { if (n++ % 22 == 0) first = $1; print ($1 == first ? "A" : "B"), $2 }' "$tmp/trace" |
        paste -sd "$(printf ',%.0s' {1..21})\n" >"$tmp/meetings"
    [ "$(wc -l <"$tmp/meetings")" = 8 ]
    awk 'NR % 2 == 0' "$tmp/meetings" |
        sed -E 's/((A|B) (read|wrote),)\1\1\1/all of \1/g; s/(A wrote,)\1/half of \1/g' | sort -u >"$tmp/odd"
    printf 'A called,A entered,all of A read,%sA left,B entered,all of B read,all of B wrote,B left\n' \
        "B called,all of A wrote," "half of A wrote,B called,half of A wrote," | diff - "$tmp/odd"
    # both call at once in the others, so either may be the first to be inside
    awk 'NR % 2 == 1' "$tmp/meetings" >"$tmp/even"
    [ "$(grep -cvE '^A called,(A entered,(A read,)*(A wrote,){0,2})?B called,' "$tmp/even")" = 0 ]
}

@test "a table of nine families, of one lock, of two and of many" {
    of_shipped_table
    copy_tree
    cat >>layers/L4_locks/lock_table.def <<'END'
HLOCK_ONE  (one,  38, 7, "a")
HLOCK_ARRAY(two,  i,  39, 2, 7, "b")
HLOCK_ARRAY(many, i,  41, 300, 9, "c")
END
    make build/stress
    keep_busy 16 0
    run -0 --separate-stderr taskset -c 0 build/stress --rounds 20 --chains 20 --summary "$tmp/tsv"
    [ -z "$stderr" ]
    [ "$(awk -F'\t' '{ print $1 ":" $6 }' "$tmp/tsv" | paste -sd ' ')" = \
        "core:100 s2page:100 spt:100 smmu:100 pt:102 vm:102 one:100 two:100 many:300" ]
}

@test "the trace has its frame, every event, and every lock" {
    build/stress --rounds 50 --contended 0 --chains 20 --trace "$tmp/trace"
    mapfile -t trace <"$tmp/trace"
    [ "${trace[0]}" = "hlock-trace 3" ]
    [ "${trace[1]}" = "cpus 2" ]
    [ "${trace[2]}" = "locks $(locks_of_table)" ]
    [ "${trace[-1]}" = "end $((${#trace[@]} - 4))" ]
    line='^[01] ((called|left) [0-9]+|entered [0-9]+ [0-9]+|(read|wrote) [0-9]+ [0-3] [0-9]+)$'
    [ "$(sed '1,3d;$d' "$tmp/trace" | grep -vcE "$line")" = 0 ]
    locks=$(awk '{ sum += $3 } END { print sum }' build/locks.tsv)
    [ "$(grep -oE 'entered [0-9]+' "$tmp/trace" | sort -u | wc -l)" = "$locks" ]
}

@test "chains take up to four locks, and threads may outnumber cores" {
    build/stress --threads 5 --rounds 0 --contended 0 --chains 100 --trace "$tmp/trace"
    [ "$(sed -n 2p "$tmp/trace")" = "cpus 5" ]
    run -0 build/stress --threads 1 --rounds 10 --contended 0 --chains 10
}

@test "each two of five threads meet, in both roles" {
    of_shipped_table
    build/stress --threads 5 --contended 40 --rounds 0 --chains 0 --trace "$tmp/trace" --summary "$tmp/tsv"
    [ "$(cut -f6 "$tmp/tsv" | sort -u | paste -sd ' ')" = "40 51" ]
    # who enters lock 0 while another waits, and who that is
    [ "$(awk '$3 != 0 { next } $2 == "called" { waits[$1] = 1 } $2 == "entered" { delete waits[$1]; inside = $1 }
        $2 == "left" { for (cpu in waits) print inside, cpu }' "$tmp/trace" | sort -u | wc -l)" -ge 10 ]
}

@test "one thread contends with nobody, and that is refused" {
    for contended in "" "--contended 1"; do
        run -2 --separate-stderr build/stress --threads 1 $contended --trace "$tmp/trace"
        [ "$stderr" = "stress: one thread cannot contend for a lock: --threads 1 needs --contended 0" ]
    done
    [ ! -e "$tmp/trace" ]
}

@test "wrong usage and a trace that cannot be written end with status 2" {
    for wrong in --nonsense "--threads 0" "--threads 65" "--threads x" "--rounds -1" more; do
        run -2 build/stress $wrong
    done
    run -2 build/stress --rounds 1 --contended 0 --chains 1 --trace "$tmp/no/such/folder"
    [[ "$output" == *"no/such/folder"* ]]
    run -2 build/stress --rounds 1 --contended 0 --chains 1 --trace /dev/full
}

@test "a trace is there whole, or as it was: on a full disk, at a signal" {
    free="--contended 0 --rounds 1 --chains 1500"
    echo old >"$tmp/trace"
    run -2 --separate-stderr bash -c 'ulimit -f 4; exec "$@"' - build/stress $free --trace "$tmp/trace"
    [ "$stderr" = "stress: $tmp/trace: File too large" ]
    [ ! -e "$tmp/trace.part" ]
    [ "$(<"$tmp/trace")" = old ]
    for signal in TERM INT HUP; do
        # a pipe that is not read does not hold the trace
        mkfifo "$tmp/trace.part"
        env --default-signal build/stress $free --trace "$tmp/trace" 3>&- >"$tmp/said" &
        exec 7<"$tmp/trace.part" # waits until it is opened
        kill -$signal $!
        status=0
        wait $! || status=$?
        exec 7<&-
        [ $status = $((128 + $(kill -l $signal))) ]
        [ ! -e "$tmp/trace.part" ]
        [ "$(<"$tmp/trace")" = old ]
    done
    [ "$(build/stress $free --trace /dev/stdout | grep -c '^hlock-trace')" = 1 ]
    build/stress $free --trace "$tmp/trace"
    grep -q '^end ' "$tmp/trace"
}

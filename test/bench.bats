#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The benchmark, measuring so briefly that its numbers say little: its files, its
# arithmetic, and how it refuses.
load helper

setup_file() {
    cd "$BATS_TEST_DIRNAME/.." || return 1
    make -s bench BENCH='--rounds 3 --millis 2' BENCH_OUT="$BATS_FILE_TMPDIR/out" >"$BATS_FILE_TMPDIR/stdout"
}

out() {
    echo "$BATS_FILE_TMPDIR/out/$1"
}

locks="raw tkt hlock hlock_lib hlock_hosted pthread_spin pthread_mutex ck_fas ck_ticket ck_mcs ck_clh"

@test "it writes a table, a CSV and a plot, and prints the table" {
    [ "$(ls "$BATS_FILE_TMPDIR/out")" = $'bench.csv\nbench.svg\ntable.txt' ]
    cmp "$BATS_FILE_TMPDIR/stdout" "$(out table.txt)"
}

@test "the CSV has each metric of each lock, and only the limit lacks some" {
    [ "$(head -n 1 "$(out bench.csv)")" = "metric,unit,lock,median,min,max,against,ratio,round_1,round_2,round_3" ]
    for metric in uncontended empty section share wait_p50 wait_p99 wait_p99_p50 wait_longest neighbours \
        rate_4 longest_4 rate_8 longest_8 rate_16 longest_16; do
        [ "$(awk -F, -v m=$metric '$1 == m { printf "%s ", $3 }' "$(out bench.csv)")" = "$locks " ]
    done
    [ "$(wc -l <"$(out bench.csv)")" = $((1 + 15 * 11)) ]
    run -0 awk -F, 'NF != 11' "$(out bench.csv)"
    [ -z "$output" ]
    run -0 awk -F, '$4 == "" { print $3 }' "$(out bench.csv)"
    [ "$(sort -u <<<"$output")" = raw ]
    [ "${#lines[@]}" = 11 ]
}

@test "the CSV's medians, limits and ratios are those of its rounds" {
    run -0 awk -F, '
        function middle(a, b, c) { return a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b) }
        function differ(a, b) { return a - b > 1e-4 * b || b - a > 1e-4 * b }
        NR == 1 || $4 == "" { next }
        { for (r = 9; r <= 11; r++) value[$1, $3, r] = $r; row[$1, $3] = $0 }
        differ($4, middle($9, $10, $11)) || $5 > $4 || $4 > $6 { print "median", $0 }
        END {
            for (key in row) {
                split(row[key], f, ",")
                if (f[7] == "")
                    continue
                for (r = 9; r <= 11; r++)
                    ratio[r] = value[f[1], f[3], r] / value[f[1], f[7], r]
                if (differ(f[8], middle(ratio[9], ratio[10], ratio[11])))
                    print "ratio", row[key]
            }
        }' "$(out bench.csv)"
    [ -z "$output" ]
}

@test "the values are possible ones" {
    run -0 awk -F, '
        NR == 1 || $4 == "" { next }
        { for (r = 9; r <= 11; r++) {
            value[$1, $3, r] = $r
            if ($r <= 0) print "not positive:", $0
            if ($1 == "uncontended" && ($r < 0.2 || $r > 2000)) print "cost:", $0
            if ($1 == "share" && $r > 1) print "share:", $0
            if ($1 == "wait_p99_p50" && $r < 1) print "percentiles:", $0
            if ($1 ~ /^(empty|section)$/ && $r > 2000) print "rate:", $0
        } }
        $1 == "wait_longest" { for (r = 9; r <= 11; r++)
            if ($r * 1000 < value["wait_p99", $3, r]) print "longest:", $0 }' "$(out bench.csv)"
    [ -z "$output" ]
}

@test "the table says machine, compiler and load, and has each lock in each part" {
    for says in "^machine: .*; [0-9]+ CPUs, pinned to " "^compiler: gcc .*version [0-9]" "^load: [0-9]" \
        "^a cache line from one CPU to the other: [0-9.]+ ns; the 100 ns section: [0-9.]+ ns"; do
        [ "$(grep -cE "$says" "$(out table.txt)")" = 1 ]
    done
    for lock in $locks; do
        [ "$(grep -c "^$lock " "$(out table.txt)")" = 4 ]
    done
}

@test "ten goals, each met exactly if the number is on the right side" {
    run -0 awk '/^Goals/ { on = 1 } on && $NF ~ /^(yes|NO)$/ {
        bound = $(NF - 2); value = $(NF - 1); goals++
        met = $(NF - 3) == "<=" ? value <= bound : value >= bound
        if (value != bound && met != ($NF == "yes")) print }
        END { print goals }' "$(out table.txt)"
    [ "$output" = 10 ]
    [ "$(grep -c '^best FIFO lock of this run, .*; hlock is at [0-9.]* of it$' "$(out table.txt)")" = 2 ]
}

@test "the goals' numbers are those of the CSV" {
    goal() { grep "^$1 " "$(out table.txt)" | awk '{ print $(NF - 1) }'; }
    csv() { awk -F, -v m="$1" -v l="$2" -v c="$3" '$1 == m && $3 == l { printf "%.3f", $c }' "$(out bench.csv)"; }
    [ "$(goal 'uncontended, inline, x raw limit')" = "$(csv uncontended hlock 8)" ]
    [ "$(goal 'uncontended, library, x raw limit')" = "$(csv uncontended hlock_lib 8)" ]
    [ "$(goal 'two threads, 100 ns section, x tkt')" = "$(csv section hlock 8)" ]
    [ "$(goal 'two threads, p99 / p50 of the wait')" = "$(csv wait_p99_p50 hlock 4)" ]
}

@test "the plot is one whole drawing that names the locks, with its licence" {
    [ "$(sed -n 2p "$(out bench.svg)")" = "<!-- SPDX-License-Identifier: MIT OR Apache-2.0 -->" ]
    [ "$(grep . "$(out bench.svg)" | tail -n 1)" = "</svg>" ]
    for lock in $locks; do
        named=4
        [ $lock != raw ] || named=2 # it has no crowd
        [ "$(grep -o "<text> *$lock</text>" "$(out bench.svg)" | wc -l)" = $named ]
    done
}

@test "wrong arguments are refused, and no directory, before anything is measured" {
    for wrong in --nonsense "--rounds 0" "--rounds 100" "--rounds x" "--rounds -1" "--millis 0" "--millis 10001" \
        "--millis 5x" more; do
        run -2 timeout 5 build/bench/bench $wrong
        [[ "$output" == *"usage: bench [--rounds 1..99] [--millis 1..10000] [--out DIRECTORY]"* ]]
    done
    for nowhere in "$tmp/no/such" "$BATS_TEST_FILENAME"; do
        run -2 timeout 5 build/bench/bench --out "$nowhere"
        [[ "$output" == "bench: $nowhere: "* ]]
    done
}

@test "one CPU is refused" {
    run -2 timeout 5 taskset -c 0 build/bench/bench --out "$tmp"
    [ "$output" = "bench: it needs two CPUs" ]
}

@test "a file that cannot be written whole is not there" {
    mkdir "$tmp/out"
    run -2 bash -c "trap '' XFSZ; ulimit -f 2; build/bench/bench --rounds 1 --millis 1 --out '$tmp/out' 2>&1 | tail -n 1; exit \${PIPESTATUS[0]}"
    [ "$output" = "bench: $tmp/out/bench.csv: File too large" ]
    [ -z "$(ls "$tmp/out")" ]
}

@test "median and percentile of known numbers" {
    [ "$(build/bench/stats 50 7)" = "7 7" ]
    [ "$(build/bench/stats 50 3 1 2)" = "2 2" ]
    [ "$(build/bench/stats 50 4 1 3 2)" = "2.5 2" ]
    [ "$(build/bench/stats 99 $(seq 100 -1 1))" = "50.5 99" ]
    [ "$(build/bench/stats 99 $(seq 1 101))" = "51 100" ]
    [ "$(build/bench/stats 100 5 -1 3)" = "3 5" ]
    [ "$(build/bench/stats 0.1 5 -1 3)" = "3 -1" ]
}

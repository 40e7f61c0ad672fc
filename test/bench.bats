#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The benchmark.  No test here judges a time: what is measured is so short that its
# numbers say nothing, and only the form of the files is looked at, on one CPU or
# more, however busy; the arithmetic is tested on samples that are written here.
load helper

setup_file() {
    cd "$BATS_TEST_DIRNAME/.." || return 1
    make -s bench BENCH='--rounds 2 --millis 1' BENCH_OUT="$BATS_FILE_TMPDIR/out" >"$BATS_FILE_TMPDIR/stdout"
}

out() {
    echo "$BATS_FILE_TMPDIR/out/$1"
}

locks="raw raw_call tkt hlock hlock_lib hlock_hosted hlock_debug hlock_dbg_lib pthread_spin pthread_mutex
    pthread_check ck_fas ck_ticket ck_mcs ck_clh"
metrics="uncontended chain empty section share wait_p50 wait_p99 wait_p99_p50 wait_longest neighbours
    rate_4 longest_4 rate_8 longest_8 rate_16 longest_16"
columns=round,metric,lock,value,limit,line_before,turn0_before,turn1_before,line_after,turn0_after,turn1_after

# pairs: whether this test may use two CPUs
pairs() {
    [ "$(nproc)" -gt 1 ]
}

# kinds: "METRIC LOCK" for all that is measured of locks; raw and raw_call have no lock's metrics
kinds() {
    for metric in $metrics; do
        for lock in $locks; do
            case $metric.$lock in
            uncontended.* | chain.* | neighbours.* | empty.raw | section.raw) ;;
            *.raw*) continue ;;
            esac
            echo "$metric $lock"
        done
    done
}

# recorded [RULE]: a file of samples of five rounds, all in one mode; RULE is awk that changes some
recorded() {
    echo "# a recording"
    echo $columns
    kinds | awk -v OFS=, '
        function known(m, l) {
            if (m ~ /^(uncontended|chain)$/) {
                if (l == "hlock_debug") return 2.2
                return l == "raw" ? 2 : l == "raw_call" ? 2.4 : l == "hlock" ? 2.08 : l ~ /^hlock_/ ? 2.5 : 3
            }
            if (m ~ /^(empty|section)$/) return l == "raw" ? 20 : 18
            if (m == "share" || m == "neighbours") return 1
            return m == "wait_p99_p50" ? 1.1 : m ~ /^longest/ ? 5 : 200
        }
        { for (round = 1; round <= 5; round++) {
            metric = $1; lock = $2; value = known(metric, lock); limit = ""
            if (metric ~ /^(empty|section)$/ && lock !~ /^(pthread|ck_fas)/) limit = 20
            line_b = line_a = 50; turn0_b = turn0_a = turn1_b = turn1_a = 0.5
            '"${1-}"'
            print round, metric, lock, value, limit, line_b, turn0_b, turn1_b, line_a, turn0_a, turn1_a
        } }'
}

# report RULE: of these samples, to $tmp/out and to stdout
report() {
    mkdir -p "$tmp/out"
    recorded "${1-}" >"$tmp/samples.csv"
    build/bench/report --out "$tmp/out" "$tmp/samples.csv"
}

# goal NAME: the number, the samples that it rests on, and the verdict, of $output
goal() {
    grep -F "$1 " <<<"$output" | head -n 1 | sed -E 's/.* [<>]= +[0-9.]+ +//' | tr -s ' '
}

# csv METRIC LOCK COLUMN
csv() {
    awk -F, -v m="$1" -v l="$2" -v c="$3" '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        $1 == m && $3 == l { print $at[c] }' "$tmp/out/bench.csv"
}

inline="uncontended, inline, x raw limit"
library="uncontended, library, x two bare calls"
empty="two threads, empty section, x tkt"
few="no verdict: too few samples of the mode"
beyond="no verdict: measured beyond the limit"

# ---------------------------------------------------------------- a short run

@test "it writes samples, a table, a CSV and a plot, and prints the table" {
    [ "$(ls "$BATS_FILE_TMPDIR/out")" = $'bench.csv\nbench.svg\nsamples.csv\ntable.txt' ]
    cmp "$BATS_FILE_TMPDIR/stdout" "$(out table.txt)"
}

@test "there is a sample of each metric and lock in each round, with the machine before and after" {
    [ "$(grep -v '^#' "$(out samples.csv)" | head -n 1)" = $columns ]
    kinds | grep -E "$(pairs && echo . || echo "^(uncontended|chain) ")" | sed 'p' | sort >"$tmp/wanted"
    grep '^[0-9]' "$(out samples.csv)" | cut -d, -f2,3 | tr , ' ' | sort | diff "$tmp/wanted" -
    run -0 awk -F, -v cpus="$(nproc)" '
        !/^[0-9]/ { next }
        $4 !~ /^[0-9.e+-]+$/ { print "value:", $0 }
        ($5 != "") != ($2 ~ /^(empty|section)$/ && $3 !~ /^(pthread|ck_fas)/) { print "limit:", $0 }
        $7 <= 0 || $10 <= 0 || cpus > 1 && ($6 <= 0 || $8 <= 0 || $9 <= 0 || $11 <= 0) { print "machine:", $0 }
        cpus == 1 && $6 $8 $9 $11 != "" { print "one CPU:", $0 }
        $2 == "share" && $4 > 1 || $2 == "wait_p99_p50" && $4 < 1 { print "order:", $0 }' "$(out samples.csv)"
    [ -z "$output" ]
}

@test "the CSV has each metric of each lock" {
    [ "$(head -n 1 "$(out bench.csv)")" = \
        "metric,unit,lock,median,min,max,samples,against,ratio,ratio_samples,of_limit,of_limit_samples" ]
    for metric in $metrics; do
        [ "$(awk -F, -v m=$metric '$1 == m { printf "%s ", $3 }' "$(out bench.csv)")" = "$(echo $locks) " ]
    done
    [ "$(wc -l <"$(out bench.csv)")" = $((1 + 16 * 15)) ]
    run -0 awk -F, 'NF != 12' "$(out bench.csv)"
    [ -z "$output" ]
}

@test "the table says machine, compiler, load and mode, and has each lock in each part, and fourteen goals" {
    for says in "^machine: .*; [0-9]+ CPUs, pinned to " "^compiler: gcc .*version [0-9]" "^load: [0-9]" \
        "^the 100 ns section: [0-9.]+ ns" "^mode: .*; a turn of the empty loop [0-9.]+ ns$" \
        "^[0-9]+ of [0-9]+ samples are of this mode" "^[0-9]+ are of another mode, [0-9]+ of none"; do
        [ "$(grep -cE "$says" "$(out table.txt)")" = 1 ]
    done
    for lock in $locks; do
        [ "$(grep -c "^$lock " "$(out table.txt)")" = 6 ]
    done
    # Two rounds are too few for any verdict.
    [ "$(grep -cE "^[^ ].* [<>]= +[0-9.]+ +([0-9.]+|-) +[0-2]  $few$" "$(out table.txt)")" = 14 ]
    grep -A 4 "^The debug build: " "$(out table.txt)" | cut -c1-13 | tail -n 3 |
        diff - <(printf "%-13s\n" inline library "glibc mutex")
}

@test "the plot is one whole drawing with its licence" {
    [ "$(sed -n 2p "$(out bench.svg)")" = "<!-- SPDX-License-Identifier: MIT OR Apache-2.0 -->" ]
    [ "$(grep . "$(out bench.svg)" | tail -n 1)" = "</svg>" ]
    report >/dev/null
    gnuplot -e "csv='$tmp/out/bench.csv'; svg='$tmp/plot.svg'" bench/plot.gp
    for lock in $locks; do
        case $lock in
        raw) named=3 ;; # it has no crowd
        raw_call) named=2 ;;
        *) named=5 ;;
        esac
        [ "$(grep -o "<text> *$lock</text>" "$tmp/plot.svg" | wc -l)" = $named ]
    done
}

@test "on one CPU it measures what needs one; there is no verdict on the rest" {
    local cpu
    cpu=$(taskset -cp $$ | sed -E 's/.*: ([0-9]+).*/\1/')
    mkdir "$tmp/out"
    taskset -c "$cpu" build/bench/bench --rounds 3 --millis 1 --out "$tmp/out"
    counted=$(grep '^[0-9]' "$tmp/out/samples.csv" | cut -d, -f2 | sort | uniq -c | tr -s ' ')
    [ "$counted" = $' 45 chain\n 45 uncontended' ]
    # as if the machine had never changed: how busy it was is not to decide which samples count
    awk -F, -v OFS=, '/^[0-9]/ { $7 = $10 = 0.5 } { print }' "$tmp/out/samples.csv" >"$tmp/steady.csv"
    run -0 build/bench/report --out "$tmp/out" "$tmp/steady.csv"
    [[ "$output" == *$'\nmode: no hand-over was measured between two CPUs; a turn of the empty loop '* ]]
    [ "$(goal "$empty")" = "- 0 $few" ]
    [ "$(grep -c -- "- *0  $few\$" <<<"$output")" = 8 ]
    gnuplot -e "csv='$tmp/out/bench.csv'; svg='$tmp/plot.svg'" bench/plot.gp
    [ "$(grep -c 'not measured' "$tmp/plot.svg")" = 3 ]
}

@test "wrong arguments are refused, and no directory, before anything is measured" {
    for wrong in --nonsense "--rounds 0" "--rounds 100" "--rounds x" "--rounds -1" "--millis 0" "--millis 10001" \
        "--millis 5x" more; do
        run -2 cpu_limit 5 build/bench/bench $wrong
        [[ "$output" == *"usage: bench [--rounds 1..99] [--millis 1..10000] [--out DIRECTORY]"* ]]
    done
    for wrong in "" --nonsense "one two"; do
        run -2 cpu_limit 5 build/bench/report $wrong
        [[ "$output" == *"usage: report [--out DIRECTORY] SAMPLES"* ]]
    done
    for nowhere in "$tmp/no/such" "$BATS_TEST_FILENAME"; do
        run -2 cpu_limit 5 build/bench/bench --out "$nowhere"
        [[ "$output" == "bench: $nowhere: "* ]]
        run -2 cpu_limit 5 build/bench/report --out "$nowhere" "$(out samples.csv)"
        [[ "$output" == "report: $nowhere: "* ]]
    done
}

@test "a file that cannot be written whole is not there" {
    mkdir "$tmp/out"
    recorded >"$tmp/samples.csv"
    # limited KIB PROGRAM...
    limited() {
        bash -c "ulimit -f $1; shift; \"\$@\" 2>&1 | tail -n 1; exit \${PIPESTATUS[0]}" limited "$@"
    }
    run -2 limited 0 taskset -c "$(taskset -cp $$ | sed -E 's/.*: ([0-9]+).*/\1/')" \
        build/bench/bench --rounds 1 --millis 1 --out "$tmp/out"
    [ "$output" = "bench: $tmp/out/samples.csv: File too large" ]
    run -2 limited 2 build/bench/report --out "$tmp/out" "$tmp/samples.csv"
    [ "$output" = "report: $tmp/out/bench.csv: File too large" ]
    [ -z "$(ls "$tmp/out")" ]
}

@test "a file that a signal finds half written is there whole, and then the program ends" {
    mkdir "$tmp/out"
    recorded >"$tmp/samples.csv"
    for signal in TERM INT HUP; do
        # a pipe that nobody reads yet stops the program before it has written
        mkfifo "$tmp/out/bench.csv.new"
        env --default-signal build/bench/report --out "$tmp/out" "$tmp/samples.csv" 3>&- >"$tmp/said" &
        until grep -q '^State:.S' /proc/$!/status && [ "$(readlink /proc/$!/exe)" = "$PWD/build/bench/report" ]; do
            kill -0 $!
            sleep 0.01
        done
        held=0x$(sed -n 's/^SigBlk:\t//p' /proc/$!/status)
        [ $((held & 0x4003)) = $((0x4003)) ] || { kill -KILL $!; false; }
        kill -$signal $!
        status=0
        cat "$tmp/out/bench.csv.new" >"$tmp/bench.csv"
        wait $! || status=$?
        [ $status = $((128 + $(kill -l $signal))) ]
        [ "$(ls "$tmp/out")" = bench.csv ]
        grep -q '^rate_16,kops/s,hlock_hosted,200' "$tmp/bench.csv"
        rm "$tmp/out/bench.csv"
    done
}

# ---------------------------------------------------------------- the arithmetic

@test "in one mode all samples count; a goal is met up to its bound, and then missed" {
    run -0 report
    [ "${lines[0]}" = "a recording" ]
    [[ "${lines[1]}" == "mode: a cache line takes 50.0 ns from one CPU to the other (in all samples 50.0 to 50.0); "* ]]
    [[ "${lines[1]}" == *"; a turn of the empty loop 0.500 ns" ]]
    [[ "$output" == *"
1080 of 1080 samples are of this mode, "* ]]
    [[ "$output" == *"
0 are of another mode, 0 of none: the machine changed meanwhile
"* ]]
    [ "$(goal "$inline")" = "1.040 5 met" ]
    [ "$(goal "$library")" = "1.042 5 met" ]
    [ "$(goal "$empty")" = "1.000 5 met" ]
    [ "$(goal "hosted, 16 threads, kops/s")" = "200.0 5 met" ]
    [ "$(grep -c ' 5  met$' <<<"$output")" = 14 ]
    [[ "$output" == *$'\nno figure is above 1.05 of its limit\n'* ]]
    [[ "$output" == *"
best FIFO lock of this run, empty section: tkt, 18.00 Mops/s (5); hlock is at 1.00 (5) of it
"* ]]
    run -0 report 'if (metric == "uncontended" && lock == "hlock") value = 2.1'
    [ "$(goal "$inline")" = "1.050 5 met" ]
    run -0 report 'if (metric == "uncontended" && lock == "hlock") value = 2.101'
    [ "$(goal "$inline")" = "1.050 5 MISSED" ]
    run -0 report 'if (metric == "uncontended" && lock == "hlock_lib") value = 2.6'
    [ "$(goal "$library")" = "1.083 5 MISSED" ]
    run -0 report 'if (metric == "uncontended" && lock == "hlock_debug") value = 2.4'
    [ "$(goal "checks, inline, x hlock")" = "1.154 5 MISSED" ]
    [[ "$output" == *$'\ninline            1.15 (5)     1.06 (5)     1.00 (5)     1.00 (5)     1.00 (5)\n'* ]]
    run -0 report 'if (metric == "chain" && lock ~ /^(hlock_dbg_lib|pthread_check)$/) value *= 2'
    [ "$(goal "checks, library, chain of three, x lib")" = "2.000 5 MISSED" ]
    [[ "$output" == *$'\nlibrary           1.00 (5)     2.00 (5) '*$'\nglibc mutex       1.00 (5)     2.00 (5) '* ]]
    run -0 report 'if (metric == "section" && lock == "hlock_dbg_lib") value = 17'
    [ "$(goal "checks, library, 100 ns section, x lib")" = "0.944 5 MISSED" ]
    run -0 report 'if (metric == "rate_16" && lock == "hlock_hosted") value = 99.9'
    [ "$(goal "hosted, 16 threads, kops/s")" = "99.9 5 MISSED" ]
}

@test "a figure is the median of rounds, a ratio that of the rounds' ratios" {
    run -0 report 'if (metric == "uncontended") value *= round == 2 ? 3 : round
        if (metric == "empty" && lock == "hlock") value = 18 - round'
    [ "$(goal "$inline")" = "1.040 5 met" ]
    [ "$(csv uncontended hlock median)" = 6.24 ]
    [ "$(csv uncontended hlock min)" = 2.08 ]
    [ "$(csv uncontended hlock max)" = 10.4 ]
    [ "$(csv uncontended hlock ratio)" = 1.04 ]
    [ "$(csv empty hlock median)" = 15 ]
    [ "$(csv empty hlock of_limit)" = 0.75 ]
    [ "$(goal "$empty")" = "0.833 5 MISSED" ]
}

@test "samples of another mode do not count, and their numbers change nothing" {
    run -0 report 'if (round > 3) { line_b = line_a = 200; if (metric !~ /^(uncontended|chain)$/) value *= 9 }'
    [[ "$output" == *"takes 50.0 ns from one CPU to the other (in all samples 50.0 to 200.0)"* ]]
    [[ "$output" == *$'\n708 of 1080 samples are of this mode'*$'\n372 are of another mode, 0 of none'* ]]
    [ "$(goal "$inline")" = "1.040 5 met" ] # no hand-over in it
    [ "$(goal "$empty")" = "1.000 3 met" ]
    [ "$(goal "hosted, 16 threads, kops/s")" = "200.0 3 met" ]
    [ "$(csv rate_16 hlock_hosted median)" = 200 ]
    [ "$(csv rate_16 hlock_hosted samples)" = 3 ]
    [ "$(csv rate_16 hlock_hosted max)" = 200 ]
}

@test "the reference is the mode that most samples are of, not the fastest" {
    run -0 report 'if (round > 2) { line_b = line_a = 200; if (metric == "rate_16") value = 50 }'
    [[ "$output" == *"takes 200.0 ns from one CPU to the other"* ]]
    [ "$(goal "hosted, 16 threads, kops/s")" = "50.0 3 MISSED" ]
}

@test "a sample that the machine changed in does not count" {
    run -0 report 'if (round > 3) { line_a = 200; if (metric !~ /^(uncontended|chain)$/) value *= 9 }'
    [[ "$output" == *$'\n708 of 1080 samples are of this mode'*$'\n0 are of another mode, 372 of none'* ]]
    [ "$(goal "hosted, 16 threads, kops/s")" = "200.0 3 met" ]
    run -0 report 'if (round > 3) { line_b = 200; if (metric !~ /^(uncontended|chain)$/) value *= 9 }'
    [ "$(goal "hosted, 16 threads, kops/s")" = "200.0 3 met" ]
}

@test "a slow empty loop counts against what runs on that CPU" {
    run -0 report 'if (round > 3) { turn0_b = turn0_a = 0.9; value *= 1.8 }'
    [ "$(goal "$inline")" = "1.040 3 met" ]
    [ "$(goal "$empty")" = "1.000 3 met" ]
    [ "$(csv uncontended hlock max)" = 2.08 ]
    run -0 report 'if (round > 3) turn1_b = 0.9'
    [ "$(goal "$inline")" = "1.040 5 met" ]
    [ "$(goal "$empty")" = "1.000 3 met" ]
}

@test "the tolerances are 20 per cent of a hand-over and 10 of the empty loop" {
    run -0 report 'if (round > 3) { line_b = line_a = 59.5; turn0_b = turn1_a = 0.545 }'
    [ "$(goal "$inline")" = "1.040 5 met" ]
    [ "$(goal "$empty")" = "1.000 5 met" ]
    run -0 report 'if (round > 3) line_b = 60.5'
    [ "$(goal "$empty")" = "1.000 3 met" ]
    run -0 report 'if (round > 3) turn0_a = 0.455'
    [ "$(goal "$inline")" = "1.040 5 met" ]
    run -0 report 'if (round > 3) turn0_a = 0.454'
    [ "$(goal "$inline")" = "1.040 3 met" ]
}

@test "too few samples of one mode: no verdict, neither met nor missed" {
    run -0 report 'line_b = line_a = round < 3 ? 50 : round < 5 ? 200 : 1000'
    [ "$(goal "$inline")" = "1.040 5 met" ]
    [ "$(goal "$empty")" = "1.000 2 $few" ]
    [ "$(grep -c " 2  $few\$" <<<"$output")" = 8 ]
    [[ "$output" == *$'\nbest FIFO lock of this run, empty section: no verdict\n'* ]]
    # The rounds of a pair must both count.
    run -0 report 'if (metric == "empty" && (lock == "tkt" ? round > 3 : round < 3)) line_b = 200'
    [ "$(goal "$empty")" = "1.000 1 $few" ]
    run -0 report 'line_b = 50 * 2 ^ round; line_a = 3 * line_b'
    [ "$(goal "$empty")" = "- 0 $few" ]
    [ "$(csv empty hlock median)" = "" ]
}

@test "a share of the limit over 1.05 is a defect, is marked, and gives no verdict" {
    run -0 report 'if (metric == "empty" && lock == "hlock") value = 20.9'
    [ "$(goal "$empty")" = "1.161 5 met" ]
    [[ "$output" != *DEFECT* ]]
    run -0 report 'if (metric == "empty" && lock == "hlock") value = 21.2'
    [ "$(goal "$empty")" = "1.178 5 $beyond" ]
    [ "$(grep -c '^DEFECT' <<<"$output")" = 1 ]
    [[ "$output" == *$'\nDEFECT of the measurement: empty, hlock: 1.06 of its limit, which nothing can pass\n'* ]]
    [ "$(grep -c ' 1.06 (5)! ' <<<"$output")" = 1 ]
    [ "$(csv empty hlock of_limit)" = 1.06 ]
    [[ "$output" == *$'\nbest FIFO lock of this run, empty section: no verdict\n'* ]]
    # What it is compared with may be the defect; it is not the best, either.
    run -0 report 'if (metric == "empty" && lock == "tkt") value = 30'
    [ "$(goal "$empty")" = "0.600 5 $beyond" ]
    [[ "$output" == *$'\nbest FIFO lock of this run, empty section: ck_ticket, 18.00 Mops/s (5); '* ]]
    # The limit of one thread is raw, and of what is called two bare calls.
    run -0 report 'if (metric == "uncontended" && lock == "hlock") value = 1.8'
    [ "$(goal "$inline")" = "0.900 5 $beyond" ]
    [[ "$output" == *$'\nDEFECT of the measurement: uncontended, hlock: 1.11 of its limit, which'* ]]
    run -0 report 'if (metric == "uncontended" && lock == "hlock_lib") value = 2.2'
    [ "$(goal "$library")" = "0.917 5 $beyond" ]
    # Who need not hand over has no such limit.
    run -0 report 'if (metric == "empty" && lock == "pthread_spin") value = 99'
    [[ "$output" != *DEFECT* ]]
    [ "$(csv empty pthread_spin of_limit)" = "" ]
}

@test "what is no file of samples is refused, with its line, and nothing is written" {
    mkdir "$tmp/out"
    # refused LINE WHY SED
    refused() {
        recorded | sed -E "$3" >"$tmp/bad.csv"
        run -2 build/bench/report --out "$tmp/out" "$tmp/bad.csv"
        [ "${lines[0]}" = "$tmp/bad.csv:$1: $2" ]
        [ -z "$(ls "$tmp/out")" ]
    }
    refused 1 "not the columns: $columns" 1d\;s/turn/spin/
    refused 3 "not a round from 1 to 99: 0" '3s/^1,/0,/'
    refused 4 "not a round from 1 to 99: 100" '4s/^2,/100,/'
    refused 3 "not a round from 1 to 99: x1" '3s/^/x/'
    refused 3 "no such metric: uncontende" 3s/uncontended/uncontende/
    refused 3 "no such lock: rawer" 3s/raw/rawer/
    refused 3 "not a number from 0: 2x" 3s/,2,/,2x,/
    refused 3 "not a number from 0: -2" 3s/,2,/,-2,/
    refused 3 "not a number from 0: nan" 3s/,2,/,nan,/
    refused 3 "not a number from 0: inf" 3s/,50,/,inf,/
    refused 3 "not a duration: 0" 3s/,50,/,0,/
    refused 3 "a sample without a value: uncontended" 3s/,2,/,,/
    refused 3 "too few columns, they are: $columns" '3s/,[^,]*$//'
    refused 3 "too many columns, they are: $columns" '3s/$/,1/'
    refused 4 "measured twice in one round: uncontended" '4s/^2/1/'
    refused 3 "no sample: the file ends here" '3,$d'
    refused 1 "no sample: the file ends here" d
    run -2 build/bench/report --out "$tmp/out" "$tmp/none"
    [ "$output" = "report: $tmp/none: No such file or directory" ]
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

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# hlock report: what check, prove and test find, in one file, as text and as JSON.
load helper

setup() {
    cd "$root" || return 1
    tmp=$BATS_TEST_TMPDIR
    cp test/tables/other.def "$tmp"
    cd "$tmp" || return 1
    PATH=$root/build:$PATH
    hlock generate -o 'drop in' other.def
}

@test "a drop-in that is as it should be" {
    run -0 hlock report --drop-in='drop in' --cc=gcc other.def
    [ -z "$output" ]
    [[ "$(head -n 1 report.txt)" == "Report of $(hlock --version) on other.def, "20??-??-?? ]]
    [ "$(grep -c ' as it should be$' report.txt)" = 3 ]
    for what in '  vcpu < irq < gic' 'two CPUs are never inside one lock' 'all of them: Closed under' '^executed: '; do
        grep -q "$what" report.txt
    done
}

@test "memory is counted with the distance that is given" {
    for line in 64 256; do
        run -0 hlock report -d 'drop in' -o my.json --json --line=$line --cc=gcc other.def
        grep -q "\"line_bytes\": $line, \"memory_bytes\": $((101 * line))" my.json
    done
}

@test "one that is not: each part is there, and says what was refused; JSON" {
    sed -i 's/64U + id/64U - id/' 'drop in/hlock.c'
    run -1 hlock report --json -d 'drop in' -o my.json other.def
    python3 - my.json <<'END'
import json, sys
t = json.load(open(sys.argv[1]))
assert t["check"]["status"] == 0 and t["check"]["found"]["accepted"] is True
assert t["prove"]["status"] == 1 and t["prove"]["found"]["proved"] is False
assert t["test"]["status"] == 1 and t["test"]["found"]["allowed"] is False
END
    run -1 hlock report -d 'drop in' other.def
    [ "$(grep -c ' REFUSED$' report.txt)" = 2 ]
    grep -q 'acquire_lock_vcpu is not what the table says (release text)' report.txt
    rm -r 'drop in' my.json
    run -2 hlock report -d 'drop in' other.def
    [ "$(grep -c ' NOT KNOWN$' report.txt)" = 2 ]
    run -2 hlock report -d 'drop in' -o no/such other.def
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# hlock check: tables that are accepted, and what is said of them; tables that are refused,
# every reason with its line; the command line.
load helper

hlock() {
    build/hlock "$@"
}

# table LINES...: makes $tmp/my locks.def
table() {
    printf '%s\n' "$@" >"$tmp/my locks.def"
}

# refuses PLACE WHAT LINES...: one reason, at that line:column
refuses() {
    local place=$1 what=$2
    shift 2
    table "$@"
    run -1 hlock check "$tmp/my locks.def"
    [ "${#lines[@]}" = 1 ]
    [[ "${lines[0]}" == "$tmp/my locks.def:$place: "*"$what"* ]]
}

@test "an accepted table: its families, locks, numbers, order, memory" {
    run -0 --separate-stderr hlock check test/tables/other.def
    [ -z "$stderr" ]
    [ "${lines[0]}" = "test/tables/other.def: accepted: 5 families, 99 locks" ]
    [ "${lines[3]}" = "  vcpu             id         64-95            3      registers of the virtual CPUs" ]
    [ "${lines[4]}" = "  gic              -          100              5      the interrupt controller" ]
    [ "${lines[8]}" = "  vcpu < irq < gic < mm < console" ]
    [ "${lines[9]}" = "memory: 101 numbers of 64 bytes are 6464 bytes, of which 2 numbers have no lock" ]
    run -0 hlock check --line=128 test/tables/other.def
    [[ "${lines[9]}" == "memory: 101 numbers of 128 bytes are 12928 bytes"* ]]
    run -0 hlock check --quiet test/tables/other.def
    [ -z "$output" ]
}

@test "families of one rank stand in brackets" {
    table 'HLOCK_ONE(a, 0, 2, "a")' 'HLOCK_ONE(b, 1, 1, "b")' 'HLOCK_ONE(c, 2, 2, "c")' 'HLOCK_ONE(d, 3, 2, "d")' \
        'HLOCK_ONE(e, 4, 3, "e")'
    run -0 hlock check "$tmp/my locks.def"
    [[ "$output" == *"  b < [a | c | d] < e"* ]]
}

@test "the JSON says the same, of accepted and of refused tables" {
    hlock check --json test/tables/other.def >"$tmp/json"
    python3 - "$tmp/json" <<'END'
import json, sys
t = json.load(open(sys.argv[1]))
assert t["accepted"] is True and t["faults"] == [] and t["table"] == "test/tables/other.def"
assert [f["name"] for f in t["families"]] == ["irq", "vcpu", "gic", "mm", "console"]
assert t["families"][1] == {"name": "vcpu", "index": "id", "first": 64, "count": 32, "rank": 3,
                            "protects": "registers of the virtual CPUs", "text": None, "line": 4}
assert t["families"][2]["index"] is None
assert (t["locks"], t["numbers"], t["line_bytes"], t["memory_bytes"]) == (99, 101, 64, 6464)
assert t["order"] == [["vcpu"], ["irq"], ["gic"], ["mm"], ["console"]]
END
    table 'HLOCK_ONE(a, 0x, 1, "a")' 'HLOCK_ONE(b, 1, 1, "b\")'
    run -1 --separate-stderr hlock check --json "$tmp/my locks.def"
    [ -z "$stderr" ]
    python3 - "$output" <<'END'
import json, sys
t = json.loads(sys.argv[1])
assert t["accepted"] is False and "families" not in t
assert [(f["line"], f["column"]) for f in t["faults"]] == [(1, 14), (2, 21)]
END
}

@test "the text of a family: lines without marks; banners and plain comments are none" {
    table '/**' ' * Which physical pages are free.' ' *' ' *   "Buddies", not slabs.' ' */' \
        '/************ a banner */' '/* a comment */' 'HLOCK_ONE(mm, 0, 6, "free pages")' '' \
        '/** One line. */ HLOCK_ONE(console, 1, 7, "the serial line")' '/**/ /***/' 'HLOCK_ONE(a, 2, 1, "a")'
    run -0 hlock check "$tmp/my locks.def"
    [[ "$output" == *"free pages"$'\n'"      Which physical pages are free."$'\n'* ]]
    [[ "$output" == *"        \"Buddies\", not slabs."$'\n'*"the serial line"$'\n'"      One line."$'\n'* ]]
    hlock check --json "$tmp/my locks.def" | python3 -c '
import json, sys
texts = [f["text"] for f in json.load(sys.stdin)["families"]]
assert texts == ["Which physical pages are free.\n\n  \"Buddies\", not slabs.\n", "One line.\n", None], texts'
}

@test "a text without a family is refused" {
    refuses 2:1 'this text belongs to no family' 'HLOCK_ONE(a, 2, 1, "a")' '/** End. */'
    refuses 1:2 'this text belongs to no family' ' /** The one. */' '/** The other. */' 'HLOCK_ONE(a, 2, 1, "a")'
}

@test "what other tables have is refused by name" {
    while IFS='|' read -r place what line; do
        refuses "$place" "$what" 'HLOCK_ONE(first, 0, 1, "a")' "$line"
    done <<'END'
2:1|there are no recursive locks|HLOCK_RECURSIVE(a, 1, 1, "a")
2:1|there are no recursive locks|HLOCK_ONE_REENTRANT(a, 1, 1, "a")
2:23|there are no recursive locks|HLOCK_ONE(a, 1, 1, "a", recursive)
2:1|there are no reader-writer locks|HLOCK_RWLOCK(a, 1, 1, "a")
2:1|there are no reader-writer locks|HLOCK_READER_WRITER(a, 1, 1, "a")
2:23|there are no reader-writer locks|HLOCK_ONE(a, 1, 1, "a", HLOCK_SHARED)
2:17|there are no ranks that depend on data|HLOCK_ONE(a, 1, level, "a")
2:28|there are no ranks that depend on data|HLOCK_ARRAY(a, i, 1, 17, 5 + i, "a")
2:26|there are no ranks that depend on data|HLOCK_ARRAY(a, i, 1, 17, rank_of(i), "a")
2:19|there are no two-dimensional indices|HLOCK_ARRAY(a, i, k, 1, 4, 4, 1, "a")
2:28|there are no two-dimensional indices|HLOCK_ARRAY(a, i, 1, 4, 4, 1, "a")
2:1|there are no two-dimensional indices|HLOCK_ARRAY_2D(a, i, k, 1, 4, 4, 1, "a")
2:1|there are no two-dimensional indices|HLOCK_MATRIX(a, i, k, 1, 4, 4, 1, "a")
2:1|there is no try_acquire|HLOCK_TRY(a, 1, 1, "a")
2:1|there are no sequence locks|HLOCK_SEQLOCK(a, 1, 1, "a")
2:1|there are no locks that sleep|HLOCK_MUTEX(a, 1, 1, "a")
END
}

@test "every reason is printed, in the order of the lines; quiet or not" {
    yes '#' | head -n 1000 >"$tmp/my locks.def"
    echo 'HLOCK_ONE(a, 0, 4294967296, "")' >>"$tmp/my locks.def"
    run -1 --separate-stderr hlock check --quiet "$tmp/my locks.def"
    [ -z "$output" ]
    [ "${#stderr_lines[@]}" = 1001 ]
    for ((i = 0; i < 1001; i++)); do
        [[ "${stderr_lines[i]}" == "$tmp/my locks.def:$((i + 1)):"* ]]
    done
    table 'HLOCK_ONE(a, 1, 4294967296, "a")' 'HLOCK_ONE(__b, 1, 1, "b")' 'HLOCK_ARRAY(a, int, 16777216, 0, 1, "c")'
    run -1 hlock check "$tmp/my locks.def"
    printf '%s\n' "${lines[@]#"$tmp/my locks.def:"}" >"$tmp/reasons"
    diff "$tmp/reasons" - <<'END'
1:17: family a: the rank is not below 2^32
2:11: family __b: the name makes a double underscore, which C++ reserves
2:16: family __b: locks 1 to 1 overlap a, locks 1 to 1, of line 1
3:13: family a: the name is taken by line 1
3:16: family a: the index name int is a keyword of C
3:31: family a: it has no lock (count is 0)
END
}

@test "the memory allowed holds fewer locks if they stand farther apart" {
    table 'HLOCK_ONE(a, 16777215, 1, "a")'
    run -0 hlock check -q "$tmp/my locks.def"
    run -1 hlock check -q --line=128 "$tmp/my locks.def"
    [[ "$output" == *"go beyond 8388607: a lock takes 128 bytes"* ]]
    run -0 hlock check -q --line 32 "$tmp/my locks.def"
}

@test "wrong usage and files that cannot be read end with status 2, and say why" {
    run -2 hlock
    run -2 hlock sing
    [[ "$output" == "hlock: no command 'sing'"* ]]
    run -2 hlock check
    run -2 hlock check test/tables/other.def test/tables/last.def
    run -2 hlock check --sing test/tables/other.def
    for n in 0 7 65 63 8192 -64 64x '' 18446744073709551680; do
        run -2 hlock check --line="$n" test/tables/other.def
        [[ "$output" == *"--line is a power of two from 8 to 4096, not '$n'"* ]]
    done
    run -2 hlock check "$tmp/missing.def"
    [ "$output" = "$tmp/missing.def: No such file or directory" ]
    run -2 hlock check "$tmp"
    run -2 bash -c 'build/hlock check test/tables/other.def >/dev/full'
    run -0 hlock --help
    [[ "$output" == *"hlock check TABLE"* ]]
    run -0 hlock check --help
    [[ "$output" == *"Exit status: 0"* ]]
    run -0 hlock --version
    [ "$output" = "hlock $(sed -n 's/^#define HLOCK_VERSION_STRING "\(.*\)"/\1/p' include/hlock/hlock.h)" ]
}

@test "no sanitizer complains of any table of these tests" {
    gcc -std=c11 -O1 -g -D_GNU_SOURCE -I. -fsanitize=address,undefined -fno-sanitize-recover=all tools/hlock/*.c \
        build/embedded/floors_text.c -o "$tmp/hlock"
    for table in test/tables/*.def layers/L4_locks/lock_table.def; do
        ASAN_OPTIONS=detect_leaks=0 run -0 "$tmp/hlock" check --json "$table"
        size=$(stat -c %s "$table")
        for ((cut = 0; cut < size; cut += 7)); do
            head -c $cut "$table" >"$tmp/cut.def"
            ASAN_OPTIONS=detect_leaks=0 "$tmp/hlock" check -q "$tmp/cut.def" >"$tmp/said" 2>&1 || [ $? = 1 ]
        done
    done
}

@test "1,000 families are checked at once" {
    for ((i = 0; i < 1000; i++)); do
        echo "HLOCK_ARRAY(family_$i, i, $((i * 100)), 100, $i, \"x\")"
    done >"$tmp/my locks.def"
    cpu_limit 5 build/hlock check -q "$tmp/my locks.def"
}

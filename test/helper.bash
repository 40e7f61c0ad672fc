# SPDX-License-Identifier: MIT OR Apache-2.0
# What the bats files of test/ and test/long/ share.  Tests run from the root of the
# project, on what `make test` has built, and write only below $BATS_TEST_TMPDIR.

export LC_ALL=C
bats_require_minimum_version 1.5.0

LIBC="-std=c11 -ffreestanding -O2 -Wall -Wextra -Werror -Wmissing-prototypes -Iinclude"
TARGETS="x86_64 aarch64 aarch64-lse riscv64"
HOSTED="-std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -Iinclude"

unset MAKEFLAGS MAKELEVEL MFLAGS # of a make that runs the tests

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

setup() {
    cd "$root" || return 1
    tmp=$BATS_TEST_TMPDIR
    [ -z "${OF_SHIPPED_TABLE:-}" ] || of_shipped_table # all tests of the file
}

# of_shipped_table: what follows speaks of the shipped families by their names and numbers.
# A run on another table says so, by OTHER_TABLE, and leaves it out (long/other_table.bats).
of_shipped_table() {
    [ -z "${OTHER_TABLE:-}" ] || skip "of the shipped table"
}

# copy_tree: a copy of the project in $tmp/tree, built as far as the project is,
# and goes there; times are kept, so that make does again what a test changes
copy_tree() {
    mkdir "$tmp/tree"
    find . -mindepth 1 -maxdepth 1 ! -name .git -exec cp -a -t "$tmp/tree" {} +
    cd "$tmp/tree" || return 1
}

# small_tree: a copy of what `make lib` needs, with nothing built, in $tmp/small
small_tree() {
    mkdir "$tmp/small"
    cp -a layers include generated tools Makefile "$tmp/small"
    cd "$tmp/small" || return 1
}

# family_of ONE|ARRAY: the first family of that kind in the shipped table; if it has none,
# the test is skipped
family_of() {
    local name
    name=$(sed -nE "s/^HLOCK_$1 *\( *([A-Za-z0-9_]+).*/\1/p" layers/L4_locks/lock_table.def | head -n 1)
    [ -n "$name" ] || skip "the table has no HLOCK_$1"
    echo "$name"
}

# locks_of_table: how many lock numbers the shipped table spans; it is the next that is free
locks_of_table() {
    awk -F'\t' '$2 + $3 > free { free = $2 + $3 } END { print free }' build/locks.tsv
}

# header_of TABLE FILE: the header that the tool makes of it goes there
header_of() {
    "$root/build/hlock" generate "$1" -o "$tmp/header_of" && cp "$tmp/header_of/hlock.h" "$2"
}

# cross TARGET: the compiler of its programs; ".": of those of this machine
cross() {
    case $1 in
    .) echo gcc ;;
    aarch64-lse) echo aarch64-linux-gnu-gcc -march=armv8.1-a ;;
    *) echo "$1-linux-gnu-gcc" ;;
    esac
}

# cpu_limit SECONDS PROGRAM...: ended by a signal when it has used so much CPU time: a time
# on the clock would strike a program that does not get to run
cpu_limit() (
    ulimit -S -t "$1"
    shift
    exec "$@"
)

# keep_busy N [CPU]: starts N processes that do nothing else, on that CPU or on any
keep_busy() {
    local i
    for ((i = 0; i < $1; i++)); do
        ${2:+taskset -c "$2"} sh -c 'while :; do :; done' 3>&- &
        busy+=($!)
    done
}

# quiet: ends what this test has started so
quiet() {
    [ -z "${busy[*]}" ] || kill "${busy[@]}"
    busy=()
}

teardown() {
    quiet
}

# on TARGET PROGRAM...: here if this is such a machine, else under qemu-user
on() {
    local machine=${1%-lse}
    shift
    [ "$(uname -m)" = "$machine" ] || set -- "qemu-$machine" "$@"
    cpu_limit 120 "$@"
}

# admit FILE NAME: the proof of that theorem becomes Admitted
admit() {
    awk -v name="$2" '
        $0 ~ "^ *(Theorem|Lemma|Corollary) " name "([ :]|$)" { here = 1 }
        here && /Proof\./ { here = 0; gone = 1 }
        gone && /Qed\./ { gone = 0; print "Proof. Admitted."; next }
        !gone { print }' "$1" >"$tmp/admitted"
    run ! cmp -s "$tmp/admitted" "$1"
    cp "$tmp/admitted" "$1"
}

# objects DIRECTORY FLAG... SOURCE.c...: there, one for each source, not optimised
objects() {
    local to=$1 flags=()
    shift
    mkdir -p "$to"
    while [[ $1 != *.c ]]; do
        flags+=("$1")
        shift
    done
    for source; do
        local object=$to/$(basename "$source" .c).o
        [ ! -e "$object" ] || return 1
        gcc -std=c11 -D_GNU_SOURCE -O0 -fno-pie "${flags[@]}" -c "$source" -o "$object" || return 1
    done
}

# calls DIRECTORY: a line "A B" where A.o there needs something that B.o defines
calls() {
    nm -A -P "$1"/*.o | sed 's|^[^:]*/\([^/]*\)\.o: |\1 |' | awk '
        $3 ~ /^[TDBRC]$/ { file[$2] = $1 }
        $3 == "U" { needs[$1 " " $2] }
        END {
            for (need in needs) {
                split(need, of)
                if (of[2] in file) print of[1], file[of[2]]
            }
        }' | LC_ALL=C sort -u
}

# circles: of "A B" on standard input, meaning A before B: the names that are before each
# other, those of a circle on one line, all sorted
circles() {
    awk '
        { before[$1, $2]; name[$1]; name[$2] }
        END {
            for (k in name) for (a in name) if ((a, k) in before)
                for (b in name) if ((k, b) in before) before[a, b]
            for (a in name) if ((a, a) in before) {
                least = a
                for (b in name) if ((a, b) in before && (b, a) in before && b < least) least = b
                print least, a
            }
        }' | LC_ALL=C sort | awk '
        { printf "%s%s", NR == 1 ? "" : $1 == last ? " " : "\n", $2; last = $1 }
        END { if (NR) print "" }'
}

# globals DIRECTORY: "A NAME" for each variable of A.o there that can change
globals() {
    nm -A -P "$1"/*.o | sed -n 's|^[^:]*/\([^/]*\)\.o: \([^ ]*\) [bBdDCsSgG] .*|\1 \2|p' | LC_ALL=C sort
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# What large tables cost: made and exported, compared with the text of a table, the theorems of each
# function, and what Coq says that they rest on, in seconds of user time.  The cost grows no worse
# than n log n with families, and not with locks.  ../prove.bats has a table of 200 families.
load ../helper

# seconds STEP COMMAND...: appends the user time of a command to $tmp/seconds
seconds() {
    local TIMEFORMAT=%U step=$1
    shift
    { time "$@" >"$tmp/log" 2>&1; } 2>"$tmp/time" || { cat "$tmp/log"; return 1; }
    printf '%s\t%s\t%s\t%s\n' "$families" "$locks" "$step" "$(<"$tmp/time")" >>"$tmp/seconds"
}

# table FAMILIES LOCKS: its steps, in this copy; each family has so many locks
table() {
    families=$1 locks=$2
    awk -v n="$families" -v locks="$locks" 'BEGIN {
        for (i = 0; i < n; i++)
            printf "HLOCK_ARRAY(fam%d, i, %.0f, %d, %d, \"object %d\")\n", i, i * locks, locks, i, i
    }' >layers/L4_locks/lock_table.def
    touch layers/L4_locks/lock_table.def
    rm -f generated/*.vo build/prove/room/generated
    seconds make make -s generated
    for step in L4_exported L4_theorems; do
        JOBS=1 seconds $step tools/prove/prove generated/$step.vo
    done
    JOBS=1 seconds assumptions tools/prove/prove build/prove/room/generated
    grep -c '^generated\.L4_theorems\..*: Closed under the global context$' build/prove/room/generated >"$tmp/closed"
    [ "$(<"$tmp/closed")" = $((6 * families)) ]
}

# growth STEP FROM TO: how many times as much TO families cost
growth() {
    awk -F'\t' -v step="$1" -v from="$2" -v to="$3" '
        $3 == step && $1 == from { a = $4 }
        $3 == step && $1 == to { b = $4 }
        END { printf "%.1f\n", b / a }' "$tmp/seconds"
}

@test "the cost of a table: from 1 to 1000 families, and from 10 to 10^7 locks" {
    copy_tree
    make prove
    : >"$tmp/seconds"
    table 1 1
    table 250 4
    table 1000 4
    table 10 1
    table 10 1000000
    sed 's/^/# /' "$tmp/seconds" >&3
    for step in make L4_exported L4_theorems assumptions; do
        echo "# $step: $(growth $step 250 1000) times for 4 times the families" >&3
        # 4 log 1000 / log 250 is 5, and 16 would be quadratic
        awk -v growth="$(growth $step 250 1000)" 'BEGIN { exit !(growth < 8) }'
        awk -F'\t' -v step=$step '$3 == step && $1 == 10 { cost[$2] = $4 }
            END { exit !(cost[1000000] < 2 * cost[1] + 1) }' "$tmp/seconds"
    done
}

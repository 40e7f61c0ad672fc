# SPDX-License-Identifier: MIT OR Apache-2.0
# Two lines for each floor: its C, and its theorems with Coq's verdict.  One for what has
# a name of its own (ROOM:NAME in main/floors.list): its words and the verdict.
# Input: what tools/prove/floors said, the exports generated/*.v before it.
# Appends to the file `reasons` what is open, missing or not told.
BEGIN { FS = "\t" }
FILENAME ~ /\.v$/ {
    if (FNR == 1) {
        room = FILENAME
        gsub(/.*\/|\.v$/, "", room)
        source = $0
        sub(/ -- .*/, "", source)
        sub(/.* /, "", source)
        file[room] = source
    } else if (/^Definition f_/) {
        function_name = $0
        gsub(/^Definition f_| .*/, "", function_name)
        names[room] = names[room] (count[room]++ ? ", " : "") function_name
    }
    next
}
{
    c = count[$1] ? file[$1] ": " (count[$1] > 4 ? count[$1] " functions, above" : names[$1]) : ""
    if (c == "" && $3 == "")
        fail($2 " has no C in generated/ and no words in main/floors.list")
    if ($4 ~ /OPEN|MISSING/)
        fail($2 ": " $4)
    if ($1 ~ /:/) {
        printf "%-15s  %s; %s\n", $2, $3, $4
        next
    }
    printf "%-15s  %s%s%s\n", $2, c, (c != "" && $3 != "" ? "; " : ""), $3
    if ($4 != "")
        printf "%15s  %s\n", "", $4
    floors++
}
END {
    if (floors == 0)
        fail("no floor in main/floors.list")
}

function fail(text) {
    print "FAILED: " text >> reasons
}

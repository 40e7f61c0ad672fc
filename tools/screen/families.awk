# SPDX-License-Identifier: MIT OR Apache-2.0
# A line for each family: what the judge counted, and the verdict.
# Input: what the judge printed, then build/locks.tsv.
# Appends to the file `reasons` what is not judged, or was hardly contended.
BEGIN { least = 100 }
FILENAME == ARGV[1] {
    if (/^allowed: /)
        allowed = 1
    else if (/^executed: /)
        executed = 1
    else
        judged[$1] = sprintf("%12d %10d %10d %10d", $2, $3, $4, $5)
    contended[$1] = $3
    next
}
{
    if (!allowed || !executed || !($1 in judged)) {
        verdict = "NOT JUDGED"
        fail("family " $1 " is not judged")
    } else if (contended[$1] < least) {
        verdict = "HARDLY CONTENDED"
        fail("family " $1 " was contended " contended[$1] " times, not " least)
    } else
        verdict = "allowed"
    printf "%-10s %45s  %s\n", $1, judged[$1], verdict
    families++
}
END {
    if (families == 0)
        fail("no family in " FILENAME)
}

function fail(text) {
    print "FAILED: " text >> reasons
}

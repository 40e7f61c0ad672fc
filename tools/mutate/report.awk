# SPDX-License-Identifier: MIT OR Apache-2.0
# The end of run.sh: what became of the mutants, and which of them fail.
# Input: FILE, LINE:COLUMN, WHAT, OUTCOME; known: the list of equivalent mutants.
BEGIN {
    while ((status = (getline line < known)) > 0) {
        if (line ~ /^#|^$/)
            continue
        if (split(line, part, "\t") != 4 || part[4] == "") {
            complain("in " known ", not FILE, LINE:COLUMN, WHAT, REASON: " line)
            continue
        }
        reason[part[1] "\t" part[2] "\t" part[3]] = part[4]
    }
    if (status < 0)
        complain("cannot read " known)
}
{
    key = $1 "\t" $2 "\t" $3
    kind = $4
    sub(/^killed by [^ ]+ of .*/, "killed by an example", kind)
    sub(/(:| of ).*/, "", kind)
    count[kind]++
    if (kind ~ /^(killed|no mutant)/)
        passed++
    else if (kind == "survived" && key in reason) {
        passed++
        used[key]
        print "equivalent: " $1 ":" $2 " " $3 ": " reason[key]
    } else
        complain($1 ":" $2 " " $3 ": " $4)
}
END {
    for (key in reason) {
        if (!(key in used)) {
            place = key
            gsub(/\t/, " ", place)
            complain("listed as equivalent, but not a survivor: " place)
        }
    }
    for (i = 1; i <= failed; i++)
        print "FAILED " failure[i]
    print ""
    for (kind in count)
        printf "%6d %s\n", count[kind], kind
    printf "%d passed, %d failed\n", passed, failed
    exit failed > 0
}

function complain(text) {
    failure[++failed] = text
}

# SPDX-License-Identifier: MIT OR Apache-2.0
# A line for each function: where its C text is, its theorems, closed or not.
# Input: build/prove/assumptions, then generated/functions.tsv; axioms: the file
# build/prove/axioms/all.
# Appends to the file `reasons` what is open or missing, and each axiom.
FILENAME == ARGV[1] {
    name = $0
    sub(/: .*/, "", name)
    said[name] = substr($0, length(name) + 3)
    total++
    if (said[name] != "Closed under the global context") {
        open++
        fail("theorem " name " is " said[name])
    }
    next
}
{
    proved = verdict($1 "_body_correct") ", " verdict($1 "_code_correct")
    gsub(", " $1 "_", ", _", proved)
    printf "%-20s  %-33s  %s\n", $1, $2 ":" $3, proved
    functions++
}
END {
    if (functions == 0)
        fail("no function in " FILENAME)
    while ((status = (getline line < axioms)) > 0) {
        assumed++
        fail("the library takes for granted " line)
    }
    if (status < 0)
        fail("cannot read " axioms)
    printf "%d main theorems: %d closed under the global context, %d OPEN; the library has %s\n",
        total, total - open, open, assumed == 1 ? "1 axiom" : assumed + 0 " axioms"
}

function verdict(theorem,    name) {
    name = "generated.L4_theorems." theorem
    if (!(name in said)) {
        fail("theorem " theorem " is missing")
        return theorem " MISSING"
    }
    return theorem (said[name] == "Closed under the global context" ? " closed" : " OPEN")
}

function fail(text) {
    print "FAILED: " text >> reasons
}

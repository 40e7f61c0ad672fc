# SPDX-License-Identifier: MIT OR Apache-2.0
# Finds, in Coq files, what would take something for granted: commands that admit
# or declare without proof, switches that turn off a check of the kernel, and
# declarations of sections outside a section.  Prints FILE:LINE: WORD: why.  With
# sentences.awk, which skips comments and strings.

BEGIN {
    split("Admitted admit give_up Axiom Axioms Conjecture Conjectures Parameter Parameters", list, " ")
    for (i in list)
        forbidden[list[i]] = "it takes something for granted"
    forbidden["Extract"] = "it replaces what Coq extracts"
    split("Hypothesis Hypotheses Variable Variables Context", list, " ")
    for (i in list)
        sectional[list[i]]
    split("Local Global Polymorphic Monomorphic Cumulative NonCumulative Program Private Time Fail Succeed", list, " ")
    for (i in list)
        modifier[list[i]]
}

END { exit found > 0 }

function new_file(name) {
    opened = 0
}

function complain(line, what, why) {
    print file ":" line ": " what ": " why
    found++
}

function unfinished(line) {
    complain(line, "end of file", "a comment, a string or a sentence is not closed")
}

function sentence(text, start, from,    rest, word, first, second, third, line) {
    gsub(/\n/, " \n", text)
    rest = text
    line = start
    first = second = third = ""
    if (match(text, /type-in-type|bypass_check/))
        complain(start, substr(text, RSTART, RLENGTH), "it turns off a check of the kernel")
    sub(/^([ \t\n]*#\[[^]]*\])+/, " ", rest)
    while (match(rest, /[A-Za-z_][A-Za-z0-9_']*|\n/)) {
        word = substr(rest, RSTART, RLENGTH)
        rest = substr(rest, RSTART + RLENGTH)
        if (word == "\n") {
            line++
            continue
        }
        if (word in forbidden)
            complain(line, word, forbidden[word])
        if (first == "" && word in modifier)
            continue
        if (first == "")
            first = word
        else if (second == "")
            second = word
        else if (third == "")
            third = word
    }
    command(first, second, third, text, start)
}

# A sentence by its first words.
function command(first, second, third, text, start) {
    if (first == "Declare" && (second == "Module" || second == "Instance"))
        complain(start, first " " second, "it takes something for granted")
    if (first == "Admit" && second == "Obligations")
        complain(start, first " " second, "it takes something for granted")
    if ((first == "Unset" || first == "Set") && second ~ /^(Guard|Positivity|Universe)$/ && third == "Checking")
        complain(start, first " " second " " third, "it turns off a check of the kernel")
    if (first == "Load" || first == "Drop" || first == "Declare" && second == "ML" ||
        first == "Add" && text ~ /LoadPath/)
        complain(start, first " " second, "it reads what this check does not see")
    if (first in sectional && !in_section())
        complain(start, first, "it is outside a section, and so takes something for granted")
    if (first == "Section" || first == "Module" && text !~ /:=/) {
        kind[++opened] = first
    } else if (first == "End" && opened > 0)
        opened--
}

function in_section(    i) {
    for (i = 1; i <= opened; i++)
        if (kind[i] == "Section")
            return 1
    return 0
}

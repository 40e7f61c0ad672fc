# SPDX-License-Identifier: MIT OR Apache-2.0
# Finds, in Coq files, what would take something for granted: commands that admit
# or declare without proof, switches that turn off a check of the kernel, and
# declarations of sections outside a section.  Comments (nested) and strings are
# skipped.  Prints FILE:LINE: WORD: why.

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

FNR == 1 { finish(); file = FILENAME; depth = in_string = 0; sentence = ""; opened = 0 }
{ read_line($0 "\n") }
END { finish(); exit found > 0 }

function complain(line, what, why) {
    print file ":" line ": " what ": " why
    found++
}

# Goes through a line, outside comments and strings: collects sentences.
function read_line(text,    i, two, c) {
    for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        two = substr(text, i, 2)
        if (in_string) {
            if (c == "\"")
                in_string = 0
        } else if (c == "\"")
            in_string = 1
        else if (two == "(*") {
            depth++
            i++
        } else if (depth > 0 && two == "*)") {
            depth--
            i++
        } else if (depth == 0) {
            if (sentence == "" && c ~ /[ \t\n{}*+-]/)
                continue
            if (sentence == "")
                start = FNR
            sentence = sentence c
            if (c == "." && substr(text, i + 1, 1) ~ /[ \t\n]/) {
                judge(sentence)
                sentence = ""
            }
            continue
        }
        # What was skipped still ends a word.
        if (sentence != "" && c != "\n")
            sentence = sentence " "
    }
}

# What is left at the end of a file has no full stop, or was opened and not closed.
function finish() {
    if (file != "" && (depth > 0 || in_string || sentence ~ /[^ \t\n]/))
        complain(FNR_last, "end of file", "a comment, a string or a sentence is not closed")
}
{ FNR_last = FNR }

function judge(text,    rest, word, first, second, third, line, i) {
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
    command(first, second, third, text)
}

# A sentence by its first words.
function command(first, second, third, text) {
    if (first == "Declare" && (second == "Module" || second == "Instance"))
        complain(start, first " " second, "it takes something for granted")
    if (first == "Admit" && second == "Obligations")
        complain(start, first " " second, "it takes something for granted")
    if ((first == "Unset" || first == "Set") && (second == "Guard" || second == "Positivity" || second == "Universe") && third == "Checking")
        complain(start, first " " second " " third, "it turns off a check of the kernel")
    if (first == "Load" || first == "Drop" || first == "Declare" && second == "ML" || first == "Add" && text ~ /LoadPath/)
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

# SPDX-License-Identifier: MIT OR Apache-2.0
# With sentences.awk before it and vocabulary.awk after it, which finds what stands in a
# statement: of each definition that stands there directly, which mutants it has.  A mutant
# belongs to the sentence in which the text first becomes another.  One that says less in
# some cases and more in others (`other`) counts as both, but not as two.
#
# Reads the lists of mutants, then the exceptions (FILE, NAME, REASON, with tabs), then what
# vocabulary.awk reads.  Does nothing but with mode=mutants.

FILENAME ~ /\.tsv$/ && mode != "mutants" { next }
FILENAME ~ /\/statements[^\/]*\.tsv$/ && !/^(#|$)/ {
    split($0, part, "\t")
    mutant[part[1], ++mutants[part[1]]] = $0
}
FILENAME ~ /\/unchanged\.tsv$/ && !/^(#|$)/ {
    if (split($0, part, "\t") != 3 || part[3] == "")
        complain(FILENAME ":" FNR ": not FILE, NAME, REASON, with tabs between")
    else if ((part[1] " " part[2]) in exception)
        complain(FILENAME ":" FNR ": " part[2] " of " part[1] " is there already")
    else
        exception[part[1] " " part[2]] = FILENAME ":" FNR
}
FILENAME in mutants { whole = whole $0 "\n" }
FILENAME ~ /\.glob$/ && FNR == 1 && whole != "" {
    place_mutants(files[module])
    whole = ""
}

# Of each mutant of a file that was just read: the sentence that it changes.
function place_mutants(name,    i, part, old, new, at, same) {
    for (i = 1; i <= mutants[name]; i++) {
        split(mutant[name, i], part, "\t")
        old = lines_of(part[2])
        new = lines_of(part[3])
        at = index(whole, old)
        if (!at) {
            complain(name " does not have `" part[2] "`, which a mutant changes")
            continue
        }
        # Where the old text goes on, that is what changes.
        for (same = 0; same < length(old) - 1 && substr(old, same + 1, 1) == substr(new, same + 1, 1); same++)
            ;
        count_mutant(sentence_at(at - 1 + same), part[4])
    }
}

function count_mutant(number, kind) {
    has[number]++
    says_less[number] += kind != "stronger"
    says_more[number] += kind != "weaker"
}

function lines_of(text) {
    gsub(/\\n/, "\n", text)
    return text
}

# The definitions, inductive types and records that stand in a statement of main/.
function find_asked(    i, j, each, many, key) {
    for (i = 1; i <= statements; i++) {
        if (file_of(named[i]) !~ /^main\//)
            continue
        many = split(references[at_sentence[named[i]]], each, "\n")
        for (j = 2; j <= many; j++) {
            key = resolve(each[j])
            if (key != "" && !(key in seen_through) && file_of(key) !~ /^main\//)
                asked[file_of(key) " " name_of(key)] = at_sentence[key]
        }
    }
}

END {
    if (mode == "mutants")
        compare_mutants()
}

function compare_mutants(    each, number, part, lacks, definitions, excepted, lacking) {
    find_asked()
    for (each in asked) {
        number = asked[each]
        split(each, part, " ")
        lacks = !says_less[number] ? "none is weaker" : !says_more[number] ? "none is stronger" : \
            has[number] < 2 ? "there is but one" : ""
        definitions++
        if (each in exception)
            excepted++
        if (lacks != "" && !(each in exception)) {
            complain(part[1] ": of the mutants of " part[2] ", which a statement of main/ uses, " lacks)
            lacking++
        }
        if (lacks == "" && each in exception)
            complain(exception[each] ": " part[2] " of " part[1] " has mutants")
    }
    for (each in exception)
        if (!(each in asked))
            complain(exception[each] ": no statement of main/ uses " each)
    printf "%d definitions in the statements: %d with mutants, %d with a reason, %d with neither\n",
        definitions, definitions - excepted - lacking, excepted, lacking
}

# SPDX-License-Identifier: MIT OR Apache-2.0
# Reads each file of the library and then what coqc wrote beside it (.glob: what each
# name in it stands for, by byte), with sentences.awk, and finds what a statement says:
#   direct      the names that stand in it
#   vocabulary  those, and what stands in their definitions, and so on
# A definition, an inductive type or a record is one; its constructors and fields go
# with it; notations, section variables and `Let` are looked through and not counted.
# Those of an export that say only which identifier a name of C is are counted, and how
# many they are is said.  Of a lemma that a definition mentions only the statement is
# read, no proof.  What Coq puts in by itself (implicit arguments, instances, coercions)
# is in no .glob.
#
# mode=counts           how many definitions, in how many files, of each theorem of main/
# mode=of what=NAME      the vocabulary of one, by file
# mode=words what=FILE   the names that stand in the statements of FILE, by file, as its
#                        header lists them; mode=table: as README.md does
# mode=check            compares the headers of main/*.v and the table of README.md, which
#                       is read last, with what these modes find; no name of a definition, a
#                       constructor, a field, a lemma, a `Let` or a notation is a tactic's: in
#                       a proof it would be read as one

BEGIN {
    # As Coq 8.16 prints its grammar, and those that its library defines.
    split("abstract absurd admit apply assert assert_fails assert_succeeds assumption auto autoapply autorewrite " \
        "autounfold btauto case case_eq casetype cbn cbv change change_no_check clear clearbody compare compute " \
        "congruence constr_eq constructor contradict contradiction cut cutrewrite cycle decide decompose dependent " \
        "destauto destruct dintuition discriminate do dtauto eapply eassert eassumption easy eauto ecase " \
        "econstructor edestruct ediscriminate eelim eenough eexact eexists einduction einjection eintros eleft elim " \
        "elimtype enough epose eremember erewrite eright eset esimplify_eq esplit etransitivity evar exact " \
        "exactly_once exfalso f_equal fail field field_simplify field_simplify_eq first firstorder fold functional " \
        "generalize gfail gintuition give_up guard has_evar hnf idtac induction injection instantiate intro intros " \
        "intuition inversion inversion_clear inversion_sigma is_evar is_var lapply lazy left lia lra move " \
        "native_compute nia notypeclasses now nra nsatz omega once only pattern pose progress psatz rapply red " \
        "refine reflexivity remember rename repeat replace revert revgoals rewrite rewrite_strat right ring " \
        "ring_simplify rtauto set setoid_reflexivity setoid_replace setoid_rewrite setoid_symmetry " \
        "setoid_transitivity shelve shelve_unifiable simpl simple simplify_eq solve specialize split stepl stepr " \
        "subst substitute swap symmetry tauto time timeout transitivity transparent_abstract trivial try tryif " \
        "unfold unify unshelve vm_compute zify", words, " ")
    for (i in words)
        tactic[words[i]]
    # The column `first` of a lock table, which C, header and tools call so, too.
    not_confused["hlock.layers.table.table|first"]
}

FILENAME ~ /\.glob$/ { read_glob() }
FILENAME ~ /^main\/.*\.v$/ && heading { read_header() }
FILENAME == "README.md" { read_page() }

function new_file(name) {
    module = "hlock." substr(name, 1, length(name) - 2)
    gsub(/\//, ".", module)
    files[module] = name
    heading = 1
    opened = 0
    first_of[module] = sentences + 1
}

function complain(text) {
    print text
    found++
}

function unfinished(line) {
    complain(file ":" line ": a sentence is not closed")
}

# ---- Sentences of Coq: where they are, and what no .glob says.
function sentence(text, line, from_byte,    word, rest, i) {
    heading = 0
    begins[++sentences] = from_byte
    line_of[sentences] = line
    gsub(/[ \t\n]+/, " ", text)
    sub(/^((#\[[^]]*\]|Local|Global|Program|Polymorphic) )+/, "", text)
    word = text
    sub(/[^A-Za-z_].*/, "", word)
    if (file ~ /^generated\// && text ~ /^Definition _[^ ]+ : ident := /)
        name_of_c[sentences]
    if (word == "Let")
        transparent[sentences]
    else if (word ~ /^(Theorem|Corollary|Lemma|Example)$/)
        stated[sentences]
    else if (word == "Section" || word == "Module" && text !~ /:=/) {
        split(text, rest_of, /[ .]/)
        path[++opened] = rest_of[2]
    } else if (word == "End" && opened > 0)
        opened--
    else if (word ~ /^(Record|Class|Structure|Inductive)$/ && match(text, /:= [A-Za-z_0-9']+ \{/)) {
        constructor[module "|" substr(text, RSTART + 3, RLENGTH - 5)] = sentences
    } else if (word ~ /^(Context|Variable|Variables|Hypothesis|Hypotheses)$/) {
        rest = substr(text, length(word) + 1)
        if (rest !~ /^ *[({[]/)
            rest = "(" rest ")"
        # The names before each colon that is not inside of a type.
        while (match(rest, /[({[] *[^:(){}[\]]+[:})\]]/)) {
            i = substr(rest, RSTART + 1, RLENGTH - 2)
            rest = substr(rest, RSTART + RLENGTH)
            gsub(/[!`]/, "", i)
            variables(i)
        }
    }
}

function variables(names,    each, count, i) {
    count = split(names, each, " ")
    for (i = 1; i <= count; i++)
        variable[module "|<>|" path_of() "." each[i]] = sentences
}

function path_of(    i, text) {
    text = path[1]
    for (i = 2; i <= opened; i++)
        text = text "." path[i]
    return text
}

# ---- What the names stand for.
function read_glob(    kind, byte, part, key) {
    if ($1 ~ /^R[0-9]+:/) {
        if ($2 !~ /^hlock\./ || $NF ~ /^(lib|mod|sec|scheme|binder)$/ || $4 ~ /:[0-9]+$/ && $5 == "var")
            return
        # What is being defined has a number within its definition.
        sub(/:[0-9]+$/, "", $4)
        split(substr($1, 2), part, ":")
        key = $2 "|" $3 "|" $4
        # A local notation stands for what it was last said to be, in this file.
        note(sentence_at(part[1] + 0), key "|" $5 "|" ($5 == "abbrev" ? times[key] : ""))
    } else if ($2 ~ /^[0-9]+:[0-9]+$/ && $1 !~ /^(binder|sec|mod)$/) {
        split($2, part, ":")
        key = module "|" ($1 == "var" ? "<>|" $3 "." : $3 "|") $4
        if ($1 == "abbrev")
            key = key "|" ++times[key]
        at_sentence[key] = sentence_at(part[1] + 0)
        if (mode == "check" && $1 != "not" && $4 in tactic && !((module "|" $4) in not_confused))
            complain(files[module] ":" line_of[at_sentence[key]] ": " $4 " is called like a tactic")
        if ($3 != "<>")
            inside_module[module "|<>|" $4] = key
        if ($1 ~ /^(abbrev|not|var)$/ || at_sentence[key] in transparent)
            seen_through[key]
        if ($1 ~ /^(ind|rec|class)$/)
            last_type = key
        if ($1 ~ /^(constr|proj|meth)$/)
            owner[key] = last_type
        if (at_sentence[key] in stated)
            named[++statements] = key
        if ($1 ~ /^(ind|rec|class)$/ && !(at_sentence[key] in type_of))
            type_of[at_sentence[key]] = key
    }
}

function sentence_at(byte,    low, high, middle) {
    low = first_of[module]
    high = sentences
    while (low < high) {
        middle = int((low + high + 1) / 2)
        if (begins[middle] <= byte)
            low = middle
        else
            high = middle - 1
    }
    return low
}

function note(number, reference) {
    if ((number, reference) in noted)
        return
    noted[number, reference]
    references[number] = references[number] "\n" reference
}

# resolve(MODULE|PATH|NAME|KIND): sets the key and the sentence of what it stands for
function resolve(reference,    part, key) {
    split(reference, part, "|")
    key = part[1] "|" part[2] "|" part[3]
    if (part[4] == "abbrev")
        key = key "|" part[5]
    if (!(key in at_sentence) && key in inside_module)
        key = inside_module[key]
    if (key in owner || key in at_sentence)
        target = key in owner ? owner[key] : key
    else if (part[4] == "constr" && (part[1] "|" part[3]) in constructor)
        target = type_of[constructor[part[1] "|" part[3]]]
    else if (key in variable) {
        seen_through[key]
        at_sentence[key] = variable[key]
        target = key
    } else {
        complain(reference ": the .glob files do not say what this is")
        target = ""
    }
    return target
}

function file_of(key) {
    return files[substr(key, 1, index(key, "|") - 1)]
}

function name_of(key) {
    sub(/.*\|/, "", key)
    return key
}

# ---- The vocabulary of a statement: keys in order, in vocabulary[1..size].
function find_vocabulary(key,    queue, first, last, reached, each, count, i, next_key) {
    size = files_of_it = names_of_c = 0
    split("", in_files)
    queue[first = last = 1] = key
    reached[key]
    while (first <= last) {
        key = queue[first++]
        if (first > 2 && !(key in seen_through)) {
            vocabulary[++size] = key
            names_of_c += at_sentence[key] in name_of_c
            if (!(file_of(key) in in_files)) {
                in_files[file_of(key)]
                files_of_it++
            }
        }
        count = split(references[at_sentence[key]], each, "\n")
        for (i = 2; i <= count; i++) {
            next_key = resolve(each[i])
            if (next_key == "" || next_key in reached)
                continue
            reached[next_key]
            queue[++last] = next_key
        }
    }
}

# ---- The names that stand in the statements of a file, but for its own:
# direct[FILE OF IT " " NAME].
function find_direct(of,    i, j, each, count, key, part) {
    split("", direct)
    for (i = 1; i <= statements; i++) {
        if (file_of(named[i]) != of)
            continue
        count = split(references[at_sentence[named[i]]], each, "\n")
        for (j = 2; j <= count; j++) {
            split(each[j], part, "|")
            key = resolve(each[j])
            if (key != "" && part[4] != "not" && file_of(key) != of)
                direct[file_of(key) " " part[3]]
        }
    }
}

# ---- The lists that a reader sees.  A header: lines of FILE.v and names with commas;
# a line that ends with a comma goes on.  README.md: a table of links and `names`.
function read_header() {
    if (goes_on || $1 ~ /^[a-z][A-Za-z0-9_\/]*\.v$/ && /^      [a-z]/ && NF > 1)
        read_list($0)
}

function read_list(text) {
    if (!goes_on) {
        listed_file = $1
        sub(/^ *[^ ]+ +/, "", text)
    }
    sub(/ *\*\)$/, "", text) # the end of the comment
    goes_on = text ~ /,$/
    gsub(/,/, " ", text)
    list(FILENAME, listed_file, text)
}

function read_page(    cell, place) {
    if (!/^\| *\[[^]]*\.v\]\([^)]*\.v\) *\| *`/)
        return
    split($0, cell, "|")
    place = cell[2]
    gsub(/^.*\]\(|\).*$/, "", place)
    gsub(/[`,]/, " ", cell[3])
    list("README.md", place, cell[3])
}

function list(page, place, names,    each, count, i) {
    count = split(names, each, " ")
    for (i = 1; i <= count; i++)
        listed[page, place " " each[i]]
}

function write_list(of,    each, part, place, i, count, name, line) {
    find_direct(of)
    for (each in direct)
        print each | "LC_ALL=C sort >build/vocabulary"
    close("LC_ALL=C sort >build/vocabulary")
    while ((getline each <"build/vocabulary") > 0) {
        split(each, part, " ")
        if (part[1] != place)
            places[++count] = place = part[1]
        names[count] = names[count] " " part[2]
    }
    for (i = 1; i <= count; i++)
        if (mode == "table") {
            gsub(/ /, "`, `", names[i])
            printf "| [%s](%s) | %s` |\n", places[i], places[i], substr(names[i], 4)
        } else
            write_words(places[i], names[i])
}

# In columns, at most 100 of them.
function write_words(place, names,    each, count, i, line) {
    count = split(names, each, " ")
    line = sprintf("      %-30s", place)
    for (i = 1; i <= count; i++) {
        if (length(line) + length(each[i]) > 98) {
            print line
            line = sprintf("%36s", "")
        }
        line = line " " each[i] (i < count ? "," : "")
    }
    print line
}

function compare(page, of,    each, part) {
    find_direct(of)
    for (each in direct)
        if (!((page, each) in listed)) {
            split(each, part, " ")
            complain(page ": its list does not have " part[2] " of " part[1] ", which a statement of " of " uses")
        }
    for (each in listed) {
        split(each, part, SUBSEP)
        if (part[1] == page && !(part[2] in direct)) {
            split(part[2], part, " ")
            complain(page ": its list has " part[2] " of " part[1] ", but no statement of " of " uses that")
        }
    }
}

END {
    if (mode == "counts")
        for (i = 1; i <= statements; i++) {
            if (file_of(named[i]) !~ /^main\//)
                continue
            find_vocabulary(named[i])
            printf "%4d definitions in %2d files, %2d of them names of C  %s %s\n",
                size, files_of_it, names_of_c, file_of(named[i]), name_of(named[i])
        }
    if (mode == "of") {
        for (i = 1; i <= statements; i++)
            if (name_of(named[i]) == what && (file_of(named[i]) ~ /^main\// || key == ""))
                key = named[i]
        if (key == "")
            complain("there is no theorem " what)
        else {
            find_vocabulary(key)
            for (i = 1; i <= size; i++)
                by_file[file_of(vocabulary[i])] = by_file[file_of(vocabulary[i])] " " name_of(vocabulary[i])
            for (i in by_file)
                print i ":" by_file[i] | "LC_ALL=C sort"
            close("LC_ALL=C sort")
            print size " definitions in " files_of_it " files" (names_of_c ? ", " names_of_c " of them names of C" : "")
        }
    }
    if (mode == "words" || mode == "table")
        write_list(what)
    if (mode == "check") {
        for (i in files)
            if (files[i] ~ /^main\//)
                compare(files[i], files[i])
        compare("README.md", "main/theorem.v")
    }
    exit found > 0
}

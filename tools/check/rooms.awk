# SPDX-License-Identifier: MIT OR Apache-2.0
# Which file may import which.  Input: the page doc/design.md, then the output of
# coqdep, so names are resolved as Coq resolves them.  Prints FILE imports FILE: why not.
#
# The page has the rooms in one order, in the table under "Rooms": the first column of
# a row names folders and files (a file by itself counts before its folder, and * is any
# part of a name).  A file imports from its own row and the rows before it.  Besides:
#   of the floor below a floor imports spec.v and facts.v only, and of other floors nothing;
#   specifications and their theory (layers/*/spec.v, facts.v, table.v) know neither the
#   exported C nor the semantics, not even through other files.

FILENAME ~ /\.md$/ {
    if (/^## /)
        under = $2
    else if (under == "Rooms" && /^\| `/)
        read_row($0)
    next
}

$1 ~ /\.vo$/ {
    file = $1
    sub(/o$/, "", file)
    files[file]
    if (place_of(file) == 0)
        complain(file ": doc/design.md, Rooms: no row for it")
    started = 0
    for (i = 2; i <= NF; i++)
        if ($i ~ /\.vo$/ && started) {
            dep = $i
            sub(/o$/, "", dep)
            imports[file] = imports[file] " " dep
            why = forbidden(file, dep)
            if (why != "")
                complain(file " imports " dep ": " why)
        } else if ($i ~ /:$/)
            started = 1
}

END {
    if (rows == 0)
        complain("doc/design.md has no table of rooms")
    for (i = 1; i <= names; i++)
        if (!(pattern[i] in used))
            complain("doc/design.md, Rooms: no Coq file is " name[i])
    for (file in files)
        if (is_specification(file))
            knows_no_code(file)
    exit found > 0
}

function complain(text) {
    print text
    found++
}

function read_row(text,    cell) {
    split(text, cell, "|")
    rows++
    while (match(cell[2], /`[^`]+`/)) {
        add(substr(cell[2], RSTART + 1, RLENGTH - 2))
        cell[2] = substr(cell[2], RSTART + RLENGTH)
    }
}

# A regular expression for each name.
function add(text,    expression) {
    expression = text
    gsub(/\./, "\\.", expression)
    gsub(/\*/, "[^/]*", expression)
    name[++names] = text
    pattern[names] = "^" expression (text ~ /\/$/ ? "" : "$")
    row[names] = rows
}

# The row that a file is in, by the longest name.
function place_of(file,    i, best) {
    if (!(file in place)) {
        for (i = 1; i <= names; i++)
            if (file ~ pattern[i] && (!best || length(name[i]) > length(name[best])))
                best = i
        place[file] = best ? row[best] : 0
        used[pattern[best]]
    }
    return place[file]
}

function name_of(file) {
    sub(/.*\//, "", file)
    return file
}

function room_of(file) {
    sub(/\/[^\/]*$/, "", file)
    return file
}

function floor_of(room) {
    return match(room, /^layers\/L[0-9]+_/) ? substr(room, 9, RLENGTH - 9) + 0 : -1
}

function is_specification(file) {
    return file ~ /^layers\// && name_of(file) ~ /^(spec|facts|table)\.v$/
}

function forbidden(file, dep,    floor, other) {
    if (place_of(dep) > place_of(file))
        return "its row comes later in doc/design.md, Rooms"
    floor = floor_of(room_of(file))
    other = floor_of(room_of(dep))
    if (floor < 0 || other < 0 || other == floor)
        return ""
    if (other < floor - 1)
        return "a floor knows the floor directly below, no other"
    return name_of(dep) ~ /^(spec|facts)\.v$/ ? "" : "of the floor below it may know spec.v and facts.v"
}

# Goes through all that a specification imports, directly or not.
function knows_no_code(file,    todo, seen, n, i, list, count) {
    n = 1
    todo[1] = file
    while (n > 0) {
        count = split(imports[todo[n--]], list, " ")
        for (i = 1; i <= count; i++) {
            if (list[i] in seen)
                continue
            seen[list[i]]
            todo[++n] = list[i]
            if (list[i] ~ /^generated\//)
                complain(file " imports " list[i] ", directly or not: a specification knows no code")
            if (list[i] ~ /^clight\/(semantics|smallstep|agree|determinism|interp|vcgen)\.v$/)
                complain(file " imports " list[i] ", directly or not: a specification knows no semantics of C")
        }
    }
}

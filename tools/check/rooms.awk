# SPDX-License-Identifier: MIT OR Apache-2.0
# Which file may import which.  Input: the output of coqdep, so names are
# resolved as Coq resolves them.  Prints FILE imports FILE: why not.
#   clight/           itself
#   layers/view/      clight/options.v, itself
#   layers/LN_room/   clight/, itself, generated/, the view (all floors share it),
#                     spec.v and facts.v of floor N-1
#   generated/        the exported C: clight/clightdefs.v;  the table: table.v;
#                     theorems: what their floor may import
#   machine/, main/, tools/     anything
# Specifications and their theory (spec.v, facts.v, table.v) know neither the
# exported C nor the semantics, not even through other files.

$1 ~ /\.vo$/ {
    file = $1
    sub(/o$/, "", file)
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
    started = 0
    files[file]
}

END {
    for (file in files)
        if (is_specification(file))
            knows_no_code(file)
    exit found > 0
}

function complain(text) {
    print text
    found++
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

function forbidden(file, dep,    room, other, floor) {
    room = room_of(file)
    other = room_of(dep)
    if (room == "machine" || room == "main" || room ~ /^tools\//)
        return ""
    if (room == "clight")
        return other == "clight" ? "" : "clight/ knows nothing else of ours"
    if (room == "layers/view")
        return dep == "clight/options.v" || other == room ? "" : "the view knows no floor and no C"
    floor = floor_of(room)
    if (room == "generated") {
        if (name_of(file) == "lock_table.v")
            return name_of(dep) == "table.v" ? "" : "the lock table knows what a table is, nothing else"
        if (name_of(file) !~ /^L[0-9]+_theorems\.v$/)
            return dep == "clight/clightdefs.v" ? "" : "exported C knows the syntax of C, nothing else"
        floor = substr(name_of(file), 2) + 0
    }
    if (floor < 0)
        return "tools/check/rooms.awk does not know the room " room
    if (other == "clight" || other == "generated" || floor_of(other) == floor)
        return ""
    if (other == "layers/view")
        return ""
    if (floor_of(other) == floor - 1)
        return name_of(dep) ~ /^(spec|facts)\.v$/ ? "" : "of another room it may know spec.v and facts.v"
    return "it may know the view and the floor directly below, no other room"
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

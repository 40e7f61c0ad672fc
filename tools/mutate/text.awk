# SPDX-License-Identifier: MIT OR Apache-2.0
# Mutants of a file by a list, each line a piece of the file and what stands there
# instead, with a tab between.  Input: the file; list: the list; apply=N: writes the
# file with change number N; else lists number, line:column, what it changes.
BEGIN {
    FS = "\t"
    while ((status = (getline line < list)) > 0) {
        at++
        if (line ~ /^(#|$)/)
            continue
        if (split(line, part, "\t") != 2)
            refuse("not OLD, NEW, with a tab between")
        old[++count] = part[1]
        new[count] = part[2]
        from[count] = at
    }
    if (status < 0 || !count) {
        print "mutate: " list " has no mutant" > "/dev/stderr"
        failed = 1
        exit
    }
}
{ text = text $0 "\n" }
END {
    for (n = 1; n <= count && !failed; n++) {
        at = from[n]
        start = index(text, old[n])
        after = substr(text, start + length(old[n]))
        if (!start || index(after, old[n]))
            refuse("`" old[n] "` does not stand in the file once")
        else if (old[n] == new[n] || seen[old[n], new[n]]++)
            refuse("changes nothing, or is there already")
        before = substr(text, 1, start - 1)
        if (apply == n)
            printf "%s", before new[n] after
        else if (!apply)
            print n "\t" place(before) "\t`" old[n] "` " (new[n] == "" ? "deleted" : "becomes `" new[n] "`")
    }
    exit failed
}

function place(before,    lines, many) {
    many = split(before, lines, "\n")
    return many ":" length(lines[many]) + 1
}
function refuse(what) {
    print list ":" at ": " what > "/dev/stderr"
    failed = 1
}

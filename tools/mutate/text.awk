# SPDX-License-Identifier: MIT OR Apache-2.0
# Mutants of a file by a list, each line a piece of the file and what stands there
# instead, with a tab between.  Input: the file; list: the list; apply=N: writes the
# file with change number N; else lists number, line:column, what it changes.
# file=FILE: the list is of several files, and has five columns: FILE, the piece, what
# stands there instead (\n is the end of a line), weaker, stronger or other, NAME, which
# is listed, too; only the lines of FILE are taken.
BEGIN {
    FS = "\t"
    while ((status = (getline line < list)) > 0) {
        at++
        if (line ~ /^(#|$)/)
            continue
        many = split(line, part, "\t")
        if (file == "" && many != 2)
            refuse("not OLD, NEW, with a tab between")
        if (file != "" && (many != 5 || part[4] !~ /^(weaker|stronger|other)$/ || part[5] == ""))
            refuse("not FILE, OLD, NEW, weaker or stronger or other, NAME, with tabs between")
        if (file != "" && part[1] != file)
            continue
        old[++count] = file == "" ? part[1] : lines_of(part[2])
        new[count] = file == "" ? part[2] : lines_of(part[3])
        name[count] = part[5]
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
            print n "\t" place(before) "\t`" flat(old[n]) "` " \
                (new[n] == "" ? "deleted" : "becomes `" flat(new[n]) "`") (file == "" ? "" : "\t" name[n])
    }
    exit failed
}

function lines_of(text) {
    gsub(/\\n/, "\n", text)
    return text
}
# on one line
function flat(text) {
    gsub(/\n */, " ", text)
    return text
}
function place(before,    lines, many) {
    many = split(before, lines, "\n")
    return many ":" length(lines[many]) + 1
}
function refuse(what) {
    print list ":" at ": " what > "/dev/stderr"
    failed = 1
}

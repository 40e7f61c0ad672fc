# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The C of the floors as C text for hlock generate: an array of lines for each file.
# What speaks of the file itself goes: the licence line, what to read next, the guards.
# Ends with status 1 if a file is not as it is expected to be.
# Read next: floors.c.
function fail(what) {
    print FILENAME ": " what >"/dev/stderr"
    failed = 1
    exit 1
}
function keep(line) {
    if (line == "" && last == "")
        return
    last = line
    gsub(/[\\"]/, "\\\\&", line)
    lines[++count] = "\t\"" line "\","
}
function finish() {
    if (!guarded || closed != guarded)
        fail("its guard is not as expected")
    printf "static const char *const %s[] = {\n", name
    for (i = 1; i <= count; i++)
        print lines[i]
    print "\tNULL\n};\n"
    names = names "\t{ \"" path "\", " name " },\n"
}
BEGIN {
    print "/* Made by tools/hlock/embed.awk. Never edited. */"
    print "#include \"tools/hlock/floors.h\"\n"
    print "#include <stddef.h>\n"
}
FNR == 1 {
    if (path)
        finish()
    path = FILENAME
    sub(/.*\//, "", path)
    name = path
    gsub(/[^a-z0-9]/, "_", name)
    name = "text_" name
    count = guarded = closed = drop = skip = 0
    last = ""
    if ($0 != "/* SPDX-License-Identifier: MIT OR Apache-2.0")
        fail("its first line is not the licence")
    next
}
FNR == 2 { next }
FNR == 3 { sub(/^ \* /, "/* ") }
/^ \* Read next: / { skip = 1 }
skip && /\*\/$/ { skip = 0; keep(" */"); next }
skip { next }
# #ifndef, #error, #endif: not to be included by others
/^#ifndef HLOCK_MACHINE_H$/ && path != "machine.h" { drop = 3 }
drop { drop--; next }
/^#ifndef HLOCK_[A-Z0-9_]*_H$/ { guarded++; drop = 1; next }
/^#if/ { depth++ }
/^#endif/ {
    if (depth == 0) {
        closed++
        next
    }
    depth--
}
{ keep($0) }
END {
    if (failed)
        exit 1
    finish()
    printf "const struct floor_text floor_texts[] = {\n%s\t{ NULL, NULL }\n};\n", names
}

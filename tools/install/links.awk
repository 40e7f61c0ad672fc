# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Of a page, on standard input: each link leads to a file that is installed, or is its
# text alone.  list: what is installed, a file a line, below the prefix; the page goes
# into share/doc/hlock.
BEGIN {
    page = "share/doc/hlock/"
    while ((status = (getline file < list)) > 0)
        installed[file]
    if (status < 0) {
        print "links.awk: " list " cannot be read" >"/dev/stderr"
        exit failed = 1
    }
}
{ text = text $0 "\n" }
END {
    if (failed)
        exit 1
    while (match(text, /\[[^][]*\]\([^()]*\)/)) {
        link = substr(text, RSTART, RLENGTH)
        to = substr(link, index(link, "](") + 2)
        sub(/\)$/, "", to)
        sub(/^\[/, "", link)
        sub(/\]\([^()]*\)$/, "", link)
        printf "%s%s", substr(text, 1, RSTART - 1), led(link, to)
        text = substr(text, RSTART + RLENGTH)
    }
    printf "%s", text
}
# led TEXT, TO: the link as it stands there
function led(text, to) {
    if (to ~ /^[a-z]+:/ || (page to) in installed)
        return "[" text "](" to ")"
    if (("lib/hlock/coq/" to) in installed)
        return "[" text "](../../../lib/hlock/coq/" to ")"
    if (("lib/hlock/workload/" basename(to)) in installed && to ~ /^test\/stress\//)
        return "[" text "](../../../lib/hlock/workload/" basename(to) ")"
    if (to in installed)
        return "[" text "](../../../" to ")"
    return text
}
function basename(path) {
    sub(/.*\//, "", path)
    return path
}

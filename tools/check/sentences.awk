# SPDX-License-Identifier: MIT OR Apache-2.0
# Goes through Coq files and calls sentence(text, line, from) for each sentence
# outside comments (nested) and strings, which become blanks: where it starts, as a
# line and as a byte of the file, counted from 0.  Calls new_file(name) before each file,
# and unfinished(line) if one ends within a sentence.  With LC_ALL=C a byte is a character.
# Used by words.awk and vocabulary.awk.

FILENAME ~ /\.v$/ && FNR == 1 {
    finish()
    file = FILENAME
    at = depth = in_string = 0
    text_so_far = ""
    new_file(file)
}
FILENAME ~ /\.v$/ { read_line($0 "\n"); last_line = FNR }
END { finish() }

# Goes through a line: collects sentences.
function read_line(text,    i, two, c, length_of) {
    length_of = length(text)
    if (text !~ /"|\(\*|\*\)/) {
        if (!in_string && depth == 0)
            read_plain(text, at)
        else if (text_so_far != "")
            text_so_far = text_so_far " "
        at += length_of
        return
    }
    for (i = 1; i <= length_of; i++) {
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
            if (text_so_far == "" && c ~ /[ \t\n{}*+-]/)
                continue
            if (text_so_far == "") {
                start = FNR
                from = at + i - 1
            }
            text_so_far = text_so_far c
            if (c == "." && substr(text, i + 1, 1) ~ /[ \t\n]/) {
                sentence(text_so_far, start, from)
                text_so_far = ""
            }
            continue
        }
        # What was skipped still ends a word.
        if (text_so_far != "" && c != "\n")
            text_so_far = text_so_far " "
    }
    at += length_of
}

# The same, faster: nothing in it begins or ends a comment or a string.
function read_plain(text, byte,    stop) {
    while (text != "") {
        if (text_so_far == "") {
            if (match(text, /^[ \t\n{}*+-]+/)) {
                text = substr(text, RLENGTH + 1)
                byte += RLENGTH
                continue
            }
            start = FNR
            from = byte
        }
        if (!match(text, /\.[ \t\n]/)) {
            text_so_far = text_so_far text
            return
        }
        stop = RSTART
        sentence(text_so_far substr(text, 1, stop), start, from)
        text_so_far = ""
        text = substr(text, stop + 1)
        byte += stop
    }
}

# What is left at the end of a file has no full stop, or was opened and not closed.
function finish() {
    if (file != "" && (depth > 0 || in_string || text_so_far ~ /[^ \t\n]/))
        unfinished(last_line)
}

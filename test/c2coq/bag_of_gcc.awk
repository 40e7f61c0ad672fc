# SPDX-License-Identifier: MIT OR Apache-2.0
# The bag of each function in gcc's -fdump-tree-original: its calls, variables,
# constants, operators and ifs, one "function what" a line, in no order.  gcc
# moves the condition of a loop behind its body, and prints x >= n as x > n - 1 and
# x - n as x + (2^32 - n) for a constant n, and x >= f () as f () <= x;
# bag_of_export.awk makes the same of an exported file.
/^;; Function/ { name = $3; depth = 0; next }
/^;;/          { next }
/^{/           { text = ""; declared = 0; depth = 1; next }
/^}/           { bag(text); depth = 0; next }
# In a block locals come first, then an empty line, then the body, which repeats them.
depth && /^ *{$/ { before[++depth] = text; next }
depth && /^ *}$/ { depth--; next }
depth && /^$/    { text = before[depth]; next }
depth          { text = text " " $0 }

function bag(text,    token) {
    gsub(/goto <[^>]*>;|else|<D[^>]*>:;/, "", text)
    while (match(text, /[A-Za-z_][A-Za-z_0-9]*( \()?|[0-9]+|[-+*\/%&|^<>=!~]+/)) {
        token = substr(text, RSTART, RLENGTH)
        text = substr(text, RSTART + RLENGTH)
        if (token ~ /^(uint32_t|int|unsigned|=)$/)
            continue
        if (token !~ /^if/ && sub(/ \(/, "", token))
            token = "call " token
        sub(/ \($/, "", token)
        print name, token
    }
}

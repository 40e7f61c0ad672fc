# SPDX-License-Identifier: MIT OR Apache-2.0
# The bag of each function in a file that c2coq made: see bag_of_gcc.awk.
BEGIN {
    split("Oadd + Osub - Omul * Odiv / Omod % Oand & Oor | Oxor ^ Oshl << Oshr >> " \
          "Oeq == One != Olt < Ogt > Ole <= Oge >=", words)
    for (i = 1; words[i]; i += 2)
        operator[words[i]] = words[i + 1]
    turned["<"] = ">"
    turned[">"] = "<"
    turned["<="] = ">="
    turned[">="] = "<="
}
/^Definition f_/ { name = substr($2, 3); text = ""; next }
/fn_body/        { inside = 1; next }
/^\|}/           { bag(text); inside = 0 }
inside           { text = text " " $0 }

function bag(text,    what, token) {
    what = "Int\\.repr \\(?-?[0-9]+|(Ebinop |Evar _|Sset _|Etempvar _)[A-Za-z0-9_]+|Sifthenelse|Swhile|Sreturn \\(Some"
    gsub(/Ebinop +Oadd +\(Econst_int +\(Int\.repr +0\) +tuint\)/, "", text) # to gcc 0 + x is x
    while (match(text, what)) {
        token = substr(text, RSTART, RLENGTH)
        text = substr(text, RSTART + RLENGTH)
        if (sub(/^Ebinop /, "", token))
            print name, gcc_operator(operator[token], text)
        else if (sub(/^Int\.repr \(?/, "", token)) {
            print name, sprintf("%.0f", negated ? 4294967296 - token : token - less)
            less = negated = 0
        } else if (sub(/^Evar _/, "", token))
            print name, "call " token
        else if (token ~ / _t$/ && text ~ /^'/)
            continue # a temporary _t'k, which gcc does not need
        else if (sub(/^[A-Za-z0-9_]+ _/, "", token))
            print name, token
        else
            print name, token ~ /^Sreturn/ ? "return" : "if"
    }
}

# x >= n is x > n - 1, and x - n is x + (2^32 - n): the next constant is another; x >= f () is f () <= x
function gcc_operator(operation, operands) {
    if (operands ~ /^ \(Etempvar _[A-Za-z0-9_']+ tuint\) \(Econst_int/) {
        less = operation == ">=" && operands !~ /^ \(Etempvar _t'/
        negated = operation == "-"
    }
    if (operands ~ /^ \(Etempvar _[A-Za-z0-9_]+ tuint\) \(Etempvar _t'/ && operation in turned)
        return turned[operation]
    return less ? ">" : negated ? "+" : operation
}

# SPDX-License-Identifier: MIT OR Apache-2.0
# The main theorems of Coq files: see theorems.  With tools/check/sentences.awk.

function new_file(name,    part) {
    module = substr(name, 1, length(name) - 2)
    gsub(/\//, ".", module)
    split(module, part, ".")
    room = part[1] == "layers" ? part[2] : part[1]
    opened = modules = 0
}

# Coq says more of it.
function unfinished(line) { }

function sentence(text, line, from,    word) {
    if (text ~ /^End[ \n]/ && opened > 0)
        modules -= is_module[opened--]
    if (text !~ /Theorem|Corollary|Section|Module/)
        return
    gsub(/[ \t\n]+/, " ", text)
    sub(/^((#\[[^]]*\]|Local|Global|Program|Polymorphic|Monomorphic|Private|Time) ?)+/, "", text)
    split(text, word, /[ .:({]+/)
    if (word[1] == "Section" || word[1] == "Module" && text !~ /:=/)
        modules += is_module[++opened] = word[1] == "Module"
    if (word[1] == "Theorem" || word[1] == "Corollary") {
        if (modules > 0) {
            print file ":" line ": " word[2] " is inside of a module, so Coq is not asked of it" >"/dev/stderr"
            failed = 1
        }
        print room, file, module "." word[2]
    }
}

END { exit failed }

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The pages: each link leads to a file, and each theorem and name that they
# mention in the places below exists.
#   a column with `theorem` in its head, and a paragraph "**Theorem.**": theorems
#   a column with the head `here`: any name in a Coq file
#   in a picture, what has the class theorem: theorems
load helper

pages() {
    find . \( -name .git -o -path ./build \) -prune -o -name '*.md' -printf '%P\n' | sort
}

# dead_links PAGE...: PAGE: LINK of each that leads nowhere, into build/, or to a line
dead_links() {
    local page link
    for page; do
        grep -oE '\]\([^)]+\)' "$page" | sed 's/^](//; s/)$//' | grep -vE '^https?:' |
            while read -r link; do
                [[ $link != *'#'* && $link != *build/* && -e $(dirname "$page")/$link ]] || echo "$page: $link"
            done
    done
}

# names HEAD PAGE...: PAGE NAME for each `name` in a column whose head matches
# HEAD, and in a paragraph that starts with **Theorem.** if that matches too
names() {
    awk -v head="$1" '
        function each(text) {
            while (match(text, /`[^`]*`/)) {
                word = substr(text, RSTART + 1, RLENGTH - 2)
                if (word ~ /^[A-Za-z_][A-Za-z0-9_]*$/)
                    print FILENAME, word
                text = substr(text, RSTART + RLENGTH)
            }
        }
        !/^\|/ { columns = 0 }
        /^\|/ && !columns { columns = split($0, title, "|"); next }
        /^\|/ { split($0, cell, "|"); for (i = 2; i < columns; i++) if (title[i] ~ head) each(cell[i]) }
        /^$/ { paragraph = 0 }
        /^\*\*/ { paragraph = "Theorem" ~ head && /^\*\*Theorem\.\*\*/ }
        paragraph { each($0) }
    ' "${@:2}" | sort -u
}

coq_files() {
    find clight layers generated stack machine object main -name '*.v'
}

theorems() {
    coq_files | xargs sed -nE 's/^ *(Theorem|Lemma|Corollary|Example) ([A-Za-z0-9_]+).*/\2/p' | sort -u
}

# unknown LIST HEAD PAGE...: of the names in these columns those that LIST has not
unknown() {
    names "${@:2}" | awk 'NR == FNR { known[$1]; next } !($2 in known)' "$1" -
}

lists() {
    theorems >"$tmp/theorems"
    coq_files | xargs grep -ohE "[A-Za-z_][A-Za-z0-9_]*" | sort -u >"$tmp/words"
}

@test "each link leads to a file" {
    mapfile -t pages < <(pages)
    [ "${#pages[@]}" -ge 15 ]
    run dead_links "${pages[@]}"
    echo "$output"
    [ -z "$output" ]
}

@test "each theorem that a page names is one" {
    of_shipped_table
    mapfile -t pages < <(pages)
    lists
    [ "$(names '[Tt]heorem' "${pages[@]}" | wc -l)" -ge 60 ]
    run unknown "$tmp/theorems" '[Tt]heorem' "${pages[@]}"
    echo "$output"
    [ -z "$output" ]
}

# in_headers HEADER...: the theorems that a C header names: in a comment after "needed by:",
# "wrong:" or "proved by:", and in the paragraph of hlock.h on what the locks order
in_headers() {
    sed -E 's/^ \* What the locks order:/\/* wrong: &/' "$@" | awk '
        match($0, /(needed by|wrong|proved by): /) { inside = 1; $0 = substr($0, RSTART + RLENGTH) }
        inside {
            ends = index($0, "*/") || $0 == " *"
            while (match($0, /[A-Za-z0-9]+(_[A-Za-z0-9]+)+/)) {
                print substr($0, RSTART, RLENGTH)
                $0 = substr($0, RSTART + RLENGTH)
            }
            if (ends)
                inside = 0
        }'
}

@test "each theorem that a C header names is one, and each order of each arch header has its lemma" {
    of_shipped_table
    lists
    mapfile -t headers < <(find include layers -name '*.h')
    run -1 grep -vxFf "$tmp/theorems" <(in_headers "${headers[@]}")
    [ -z "$output" ]
    for theorem in relaxed_exclusion hlock_armv8 hlock_riscv hlock_x86 hlock_c11; do
        in_headers include/hlock/hlock.h | grep -x $theorem
    done
    for arch in aarch64 c11 riscv64 x86_64; do
        for lemma in took_sound one_takes poll_after_all holder_sound; do
            in_headers layers/L0_machine/arch/$arch.h | grep -x $lemma
        done
        # the wrong locks that it names are those of its own model
        in_headers layers/L0_machine/arch/$arch.h >"$tmp/named"
        case $arch in aarch64) model=armv8 ;; riscv64) model=riscv ;; x86_64) model=x86 ;; *) model=$arch ;; esac
        sed -nE 's/^(Theorem|Example) ([A-Za-z0-9_]+).*/\2/p' machine/cases/${model}_cases.v >"$tmp/refuted"
        [ "$(grep -cxFf "$tmp/refuted" "$tmp/named")" -ge 1 ]
        run -0 grep -vxFf "$tmp/refuted" "$tmp/named"
        run -1 grep -vxE 'took_sound|one_takes|poll_after_all|holder_sound|reads_newest' <<<"$output"
    done
    sed 's/poll_relaxed;/poll_perfect;/' layers/L0_machine/arch/c11.h >"$tmp/c11.h"
    run -0 grep -vxFf "$tmp/theorems" <(in_headers "$tmp/c11.h")
    [ "$output" = poll_perfect ]
}

# pictured SVG...: the names that a picture writes as theorems
pictured() {
    sed -nE 's/.*<text class="theorem"[^>]*>([^<]*)<.*/\1/p' "$@"
}

@test "each theorem that a picture names is one" {
    lists
    [ "$(pictured doc/memory.svg | sort -u | wc -l)" -ge 10 ]
    run -1 grep -vxFf "$tmp/theorems" <(pictured doc/*.svg)
    [ -z "$output" ]
    sed 's/>hlock_correct</>hlock_perfect</' doc/memory.svg >"$tmp/memory.svg"
    run -0 grep -vxFf "$tmp/theorems" <(pictured "$tmp/memory.svg")
    [ "$output" = hlock_perfect ]
}

@test "each name that stands for one of the seed is in a Coq file" {
    lists
    [ "$(names '^ here $' doc/seed.md | wc -l)" -ge 60 ]
    run unknown "$tmp/words" '^ here $' doc/seed.md
    echo "$output"
    [ -z "$output" ]
}

@test "each room has its page, and the README leads to it or to a page that does" {
    for room in clight layers/* generated stack machine object main tools test; do
        [ -s "$room/README.md" ]
        grep -qlF "$(basename "$room")/README.md" $(pages)
    done
}

@test "a dead link, a line anchor and a theorem that is gone are found" {
    lists
    cat >"$tmp/page.md" <<'END'
A [link](nowhere.v), one to a [line](page.md#L3), one [elsewhere](https://example.org/), a [good](page.md) one.

| floor | theorem |
|---|---|
| `not_in_this_column` | `locks_correct`, `locks_perfect`: `no name` |

**Theorem.** `wp_sound`,
`wp_perfect`.

`not_here`
END
    run dead_links "$tmp/page.md"
    [ "$output" = "$tmp/page.md: nowhere.v"$'\n'"$tmp/page.md: page.md#L3" ]
    run unknown "$tmp/theorems" '[Tt]heorem' "$tmp/page.md"
    [ "$output" = "$tmp/page.md locks_perfect"$'\n'"$tmp/page.md wp_perfect" ]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# hlock prove: a drop-in of another table than the shipped one is proved; one that was changed
# is not, and the function is named.
load helper

# drop_in OPTIONS...: of test/tables/other.def, in "$tmp/my locks", with the table
drop_in() {
    mkdir "$tmp/my locks"
    cp test/tables/other.def "$tmp/my locks/my.def"
    build/hlock generate "$tmp/my locks/my.def" -o "$tmp/my locks" "$@"
}

prove() {
    build/hlock prove "$tmp/my locks/my.def" -o "$tmp/my locks" --work "$tmp/a proof" "$@"
}

# changed SED FILE: the file changes
changed() {
    cp "$tmp/my locks/$2" "$tmp/before"
    sed -i "$1" "$tmp/my locks/$2"
    run ! cmp -s "$tmp/before" "$tmp/my locks/$2"
}

# line_of TEXT FILE: where it stands, from 1
line_of() {
    grep -nF "$1" "$tmp/my locks/$2" | cut -d: -f1
}

@test "a table of other families with a prefix: each theorem, closed; its statement is of this C" {
    drop_in --prefix=my_ --line=128
    touch "$tmp/start"
    run -0 --separate-stderr prove --each
    [ -z "$stderr" ]
    [[ "$output" == *"/hlock.c: 10 functions, and 4 of the floors below, are the text"* ]]
    [[ "$output" == *"  mutual_exclusion            two CPUs are never inside one lock"* ]]
    [[ "$output" == *"all of them: Closed under the global context"* ]]
    # nothing but the user's folder is written; build/ is written by tests that run beside this one
    [ -z "$(find . \( -name .git -o -path ./build \) -prune -o -type f -newer "$tmp/start" -print)" ]
    [ "$(grep -c '^     : ' "$tmp/a proof/statements.said")" = 42 ]
    grep -q 'execution exported_program width (sc_memory S width) clients tr x' "$tmp/a proof/statements.said"
    grep -q 'locks_text "my_" lock_table' "$tmp/a proof/statements.said"
    grep -q 'debug_execution exported_debug_program' "$tmp/a proof/statements.said"
    [ "$(grep -c 'Corollary .*_lock_vcpu_' "$tmp/a proof/L4_theorems.v")" = 6 ]
    # what was asked: all of them, and those of each function
    [ "$(grep -c '^Definition all' "$tmp/a proof/question.v")" = $((1 + 42 + 30)) ]
}

@test "an inline drop-in, and what is printed as JSON" {
    drop_in --prefix=my_ --inline
    prove --json >"$tmp/json"
    python3 - "$tmp/json" <<'END'
import json, sys
t = json.load(open(sys.argv[1]))
assert t["proved"] is True and t["functions"] == 10 and len(t["theorems"]) == 42
assert all(x["rests_on"] == "Closed under the global context" for x in t["theorems"])
END
    changed 's/97U/98U/g' hlock.h
    run -1 prove --quiet
    line=$(line_of 'my_release_lock_mm(void)' hlock.h | tail -n 1)
    [[ "$output" == *"/hlock.h:$line: my_release_lock_mm is not what the table says (release text)"* ]]
}

@test "functions that were changed are named, each at its line, in the release and the debug text" {
    drop_in
    changed 's/64U + id/64U - id/; s/HLOCK_CHECK(1U, 0U, line, 64U)/HLOCK_CHECK(1U, 0U, line, 65U)/' hlock.c
    changed 's/!= my_ticket/== my_ticket/' hlock.c
    run -1 prove
    printf '%s\n' "${lines[@]#*/hlock.c:}" | sort >"$tmp/said"
    {
        for name in acquire_lock_vcpu release_lock_vcpu; do
            for kind in release debug "checked debug"; do
                echo "$(line_of "void $name(" hlock.c): $name is not what the table says ($kind text)"
            done
        done
        for name in assert_held_vcpu assert_not_held_vcpu; do
            echo "$(line_of "void $name(" hlock.c): $name is not what the table says (checked debug text)"
        done
        for kind in debug "checked debug"; do
            echo "$(line_of "void release_lock_irq(" hlock.c): release_lock_irq is not what the table says ($kind text)"
        done
        printf '%s\n' "${lines[0]}" | sed 's/.*hlock.c/hlock.c/'
    } | sed 's/^hlock.c: //' | sort >"$tmp/expected"
    grep -q 'wait_lock is not what the proofs of its floor speak of (release text)' "$tmp/said"
    [ "$(grep -c . "$tmp/said")" = 11 ]
    grep -v wait_lock "$tmp/said" | diff - <(grep -v wait_lock "$tmp/expected")
}

@test "a function too many or too few, C that is outside of the subset, another table" {
    drop_in
    cp "$tmp/my locks/hlock.c" "$tmp/hlock.c"
    echo 'void acquire_lock_other(void) { wait_hlock(3U); }' >>"$tmp/my locks/hlock.c"
    run -1 prove
    [[ "$output" == *"/hlock.c:$(wc -l <"$tmp/my locks/hlock.c"): acquire_lock_other is no function of the table" ]]
    sed '/void acquire_lock_gic(/,/^}/d' "$tmp/hlock.c" >"$tmp/my locks/hlock.c"
    run -1 prove
    [[ "$output" == *"my.def:5:13: family gic: "*"hlock.c does not define acquire_lock_gic" ]]
    sed 's/HLOCK_ENTER(100U, 100U,/HLOCK_ENTER(100U, 100UL,/' "$tmp/hlock.c" >"$tmp/my locks/hlock.c"
    run -1 prove
    [[ "$output" == *"hlock.c:"*":"*": "* ]]
    cp "$tmp/hlock.c" "$tmp/my locks/hlock.c"
    sed -i 's/100,       5/96,        5/' "$tmp/my locks/my.def"
    run -1 prove
    [[ "$output" == *": acquire_lock_gic is not what the table says (release text)"* ]]
}

@test "what is trusted, not proved, is as generate wrote it" {
    drop_in
    changed 's/lock xaddl/xaddl/' hlock.c
    run -1 prove -q
    [[ "$output" == *"/hlock.c:$(line_of '"xaddl' hlock.c): this is not what \`hlock generate\` writes"* ]]
}

@test "two at once in one folder: the second is refused; a folder that cannot be written" {
    drop_in
    mkdir "$tmp/a proof"
    exec 8>"$tmp/a proof/lock"
    flock 8
    run -2 prove
    [[ "$output" == "hlock: "*"/a proof: another hlock works there" ]]
    exec 8>&-
    run -2 build/hlock prove "$tmp/my locks/my.def" -o "$tmp/my locks" --work "$tmp/my locks/my.def"
    [[ "$output" == *"Not a directory"* ]]
}

@test "without a drop-in, Coq or a proved library, the reason is told, with status 2" {
    drop_in
    run -2 build/hlock prove "$tmp/my locks/my.def" -o "$tmp" --work "$tmp/proof"
    [[ "$output" == "$tmp/hlock.c: it cannot be read: \`hlock generate\` writes it" ]]
    run -2 build/hlock prove "$tmp/my locks/my.def" -o "$tmp/no" --work "$tmp/proof"
    [ "$output" = "$tmp/no: No such file or directory" ]
    [ ! -e "$tmp/proof" ]
    run -2 build/hlock prove "$tmp/my locks/my.def" -o "$tmp/my locks" --work "$tmp/no/such"
    mkdir "$tmp/bin"
    ln -s "$(command -v clang-14)" "$tmp/bin"
    PATH=$tmp/bin run -2 "$PWD/build/hlock" prove "$tmp/my locks/my.def" -o "$tmp/my locks" --work "$tmp/proof"
    [[ "$output" == *"cannot run coqc"*"Debian package: coq"* ]]
    mkdir -p "$tmp/tree/build"
    cp _CoqProject "$tmp/tree"
    cp build/hlock "$tmp/tree/build"
    run -2 "$tmp/tree/build/hlock" prove "$tmp/my locks/my.def" -o "$tmp/my locks" --work "$tmp/proof"
    [[ "$output" == *"run \`make prove\` first" ]]
    cp build/hlock "$tmp/tree"
    run -2 "$tmp/tree/hlock" prove "$tmp/my locks/my.def" -o "$tmp/my locks" --work "$tmp/proof"
    [[ "$output" == *"is not installed beside it" ]]
}

# SPDX-License-Identifier: MIT OR Apache-2.0
# For debug_object.bats, elf2coq.bats, frames.bats, large.bats, object.bats and long/object.bats.

SANITIZED="gcc -std=c11 -O1 -g -Wall -Wextra -Werror -D_GNU_SOURCE -I. -fsanitize=address,undefined
    -fno-sanitize-recover=all"
READER=(tools/elf2coq/{aarch64,image,jumps,object,reader,relocations,riscv64,slots,x86_64}.c)

# build_elf2coq FOLDER: elf2coq and fuzz there, which the sanitizers watch
build_elf2coq() {
    # shellcheck disable=SC2086 # options
    $SANITIZED tools/elf2coq/elf2coq.c "${READER[@]}" -lelf -o "$1/elf2coq"
    # shellcheck disable=SC2086
    $SANITIZED test/object/fuzz.c "${READER[@]}" -lelf -o "$1/fuzz"
}

elf2coq() {
    "$BATS_FILE_TMPDIR/elf2coq" "$@"
}

# taken FILE: it is read, to $tmp/file.v
taken() {
    elf2coq file "$1" >"$tmp/file.v"
}

# refused WHAT FILE: with an offset and that reason, and nothing is printed
refused() {
    run -1 --separate-stderr elf2coq file "$2"
    [ -z "$output" ]
    [[ "$stderr" == "$2: offset 0x"*": $1"* ]]
}

# functions_of, relocations_of, slots_of, text_of FILE.v: name and place of each; place, kind and number of each;
# how far each lies from the array; bytes
functions_of() {
    sed -nE 's/.*\("([a-z0-9_]+)"%string, ([0-9]+)\).*/\1 \2/p' "$1"
}
relocations_of() {
    sed -nE 's/.*\(([0-9]+), ([A-Z][A-Za-z0-9_]+)( \((-?[0-9]+)\))?\).*/\1 \2 \4/p' "$1"
}
slots_of() {
    sed -nE 's/^  slots := \[(.*)\]$/\1/p' "$1"
}
text_of() {
    sed -n '/text := /,/]];/p' "$1" | grep -oE '[0-9]+'
}

# others_are KIND...: $tmp/locks.o is read, and has these relocations that have no number, in the order of their names
others_are() {
    taken "$tmp/locks.o"
    [ "$(relocations_of "$tmp/file.v" | awk 'NF == 2 { print $2 }' | sort | paste -sd' ')" = "$*" ]
}

# section OBJECT NAME: its place in the file and its size
section() {
    local found
    found=$(readelf -SW "$1" | sed -nE "s/.* ${2//./\\.} +[A-Z]+ +[0-9a-f]+ ([0-9a-f]+) ([0-9a-f]+) .*/0x\\1 0x\\2/p")
    # shellcheck disable=SC2086 # two numbers
    printf '%d %d\n' $found
}

# compile COMPILER [LAYERS]: $tmp/locks.o
compile() {
    local program=${1%% *}
    # its options come last, so that they count
    # shellcheck disable=SC2086
    $program $LIBC ${1#"$program"} -c "${2:-layers}/L4_locks/locks.c" -o "$tmp/locks.o"
}

# small_image MACHINE OBJECT FLAG...: $tmp/image, of that alone
small_image() {
    "$1-linux-gnu-ld" -e acquire_lock_core "$2" "${@:3}" -o "$tmp/image"
}

# with COMPILER TEXT [FLAG...]: $tmp/locks.o, with that text for the first return of a function
with() {
    compile "$1 -S"
    mv "$tmp/locks.o" "$tmp/locks.s"
    sed -E "/^acquire_lock_pt:/,/ret/s/\\tret/$2/" "$tmp/locks.s" >"$tmp/changed.s"
    ! cmp -s "$tmp/locks.s" "$tmp/changed.s"
    "$1" "${@:3}" -c "$tmp/changed.s" -o "$tmp/locks.o"
}

# image COMPILER FLAG...: $tmp/image, a program that calls each function
image() {
    # shellcheck disable=SC2086 # options
    $1 -std=c11 -O2 -Wall -Iinclude -I. "${@:2}" ${layers:-layers}/L4_locks/locks.c "$client" -o "$tmp/image"
}

# verdicts STATUS SUMMARY FILE: what check-object says of all functions of the shipped table
verdicts() {
    run -"$1" build/check-object "$3"
    [[ "${lines[-1]}" == "$3: $2" ]]
}

# said_of NAMES VERDICT REASON: by check-object, of the functions whose names start so, a regular expression; the others
# are proved
said_of() {
    local line
    for line in "${lines[@]::12}"; do
        if [[ "$line" =~ ^($1) ]]; then
            [[ "$line" == *": $2: "*"$3"*", at 0x"*": "* ]] || return 1
        else
            [[ "$line" == *": proved" ]] || return 1
        fi
    done
}

# changed_image WHERE BYTES: $tmp/changed, with these there, a place in the file
changed_image() {
    cp "$tmp/image" "$tmp/changed"
    # shellcheck disable=SC2059 # bytes
    printf "$2" | dd of="$tmp/changed" bs=1 seek="$1" conv=notrunc status=none
}

# slots_are IMAGE [SLOT]: it is taken, and has these
slots_are() {
    taken "$1"
    [ "$(slots_of "$tmp/file.v")" = "${2:-}" ]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The header's annotations: clang names each fault at its line, is silent about right clients,
# and makes the same object code without them.
# A client says at a line, in a comment, what clang reports there: `clang: TEXT`, before a `;` or
# the end of the comment.  It reports nothing at other lines.
load helper

OF_SHIPPED_TABLE=yes
compilers=$(for cc in clang-14 clang-16; do ! command -v $cc >/dev/null || echo $cc; done)

# warned COMPILER FILE FLAGS...: LINE:TEXT for each warning there
warned() {
    $1 -std=c11 -D_GNU_SOURCE -Wall -Wextra -Wthread-safety -Iinclude "${@:3}" -fsyntax-only "$2" 2>&1 |
        sed -nE "s|^$2:([0-9]+):[0-9]+: (warning\|error): (.*)|\1:\3|p"
}

# wanted FILE: LINE:TEXT for each comment
wanted() {
    grep -n 'clang:' "$1" | sed -E 's|^([0-9]+):.*clang: ?([^;]*[^ ;])? *(;.*)?\*/.*$|\1:\2|'
}

# as_wanted COMPILER FILE: clang's reports are those that are written there; of a lock and of a
# rank clang 14 sometimes says the other, or mutex
as_wanted() {
    local line text warnings
    warnings=$(warned "$1" "$2")
    diff <(cut -d: -f1 <<<"$warnings" | sed '/^$/d' | sort -un) <(wanted "$2" | cut -d: -f1 | sort -un) || return 1
    while IFS=: read -r line text; do
        grep "^$line:" <<<"$warnings" | sed -E 's/\<(mutex|rank)\>/lock/g' |
            grep -qF -- "$(sed -E 's/\<(mutex|rank)\>/lock/g' <<<"$text")" ||
            { echo "$2:$line: not reported: $text"; return 1; }
    done < <(wanted "$2")
}

@test "each faulty client is reported at its line, and at no other" {
    for cc in $compilers; do
        for client in test/clients/faulty/*.c; do
            as_wanted $cc "$client"
        done
    done
    [ "$(grep -l 'clang: .' test/clients/faulty/*.c | wc -l)" -ge 12 ]
}

@test "clang is silent about each right client" {
    for cc in $compilers; do
        for client in test/clients/right/*.c; do
            run -0 warned $cc "$client"
            [ -z "$output" ]
        done
    done
    [ "$(ls test/clients/right | wc -l)" -ge 12 ]
}

@test "false alarms, and faults that are missed, are those of the manual" {
    for cc in $compilers; do
        for client in test/clients/listed/*.c; do
            as_wanted $cc "$client"
            case $client in
            */alarm_*) [ -n "$(warned $cc "$client")" ] ;;
            */missed_*) [ -z "$(warned $cc "$client")" ] ;;
            esac
        done
    done
    for word in "under a condition" "copied" "numbers" "Three" "changes while" "says nothing" "through a pointer"; do
        grep -q "$word" doc/man/hlock.5
    done
}

@test "the locks' own text, and each drop-in, is silent" {
    for cc in $compilers; do
        [ -z "$(warned $cc layers/L4_locks/locks.c)" ]
        for style in "" --inline "--inline --prefix=net_"; do
            build/hlock generate layers/L4_locks/lock_table.def -o "$tmp/drop" $style
            run -0 $cc -std=c11 -Wthread-safety -Werror -fsyntax-only "$tmp/drop/hlock.c"
        done
    done
}

@test "inline functions and functions with a prefix are checked, too, and in C++" {
    build/hlock generate layers/L4_locks/lock_table.def -o "$tmp/a" --inline
    build/hlock generate layers/L4_locks/lock_table.def -o "$tmp/b" --prefix=net_
    build/hlock generate layers/L4_locks/lock_table.def -o "$tmp/c" --inline --prefix=net_
    cat >"$tmp/client.c" <<'END'
static void helper(uint32_t v) REQUIRES(vm, v);
static void helper(uint32_t v)
{
	(void)v;
}
void client(uint32_t v);
void client(uint32_t v)
{
	P(acquire_lock_pt)(v);
	P(acquire_lock_vm)(v);
	P(release_lock_vm)(v);
	P(release_lock_pt)(v);
	helper(v);
	P(acquire_lock_vm)(v);
	helper(v);
	P(release_lock_vm)(v);
}
END
    for style in "a " "b net_" "c net_"; do
        read -r folder prefix <<<"$style"
        prefix=${prefix:-}
        {
            echo '#include "hlock.h"'
            echo "#define P(name) ${prefix:+$prefix##}name"
            echo "#define REQUIRES ${prefix^^}HLOCK_REQUIRES"
            cat "$tmp/client.c"
        } >"$tmp/$folder/client.c"
        for cc in "clang-14 -std=c11" "clang++-14 -x c++ -std=c++11"; do
            run -0 $cc -Wthread-safety -fsyntax-only "$tmp/$folder/client.c"
            [ "$(grep -c 'warning:' <<<"$output")" = 3 ]
            [[ "$output" == *"client.c:13:"*"while rank '${prefix}hlock_rank_5_pt' is held"* ]]
            [[ "$output" == *"client.c:16:"*"requires holding"* ]]
        done
    done
}

# same SOURCE FLAG...: it compiles without a warning, to the same object code with and without
same() {
    local source=$1
    shift
    compile=("$cc" -std=c11 -D_GNU_SOURCE "$@" -Wall -Wextra -Werror -Iinclude)
    "${compile[@]}" -c "$source" -o "$tmp/with.o"
    "${compile[@]}" -DHLOCK_NO_ANNOTATIONS -c "$source" -o "$tmp/without.o"
    cmp "$tmp/with.o" "$tmp/without.o"
}

@test "object code is the same with and without, and gcc warns of nothing" {
    for cc in $compilers gcc; do
        for source in layers/L4_locks/locks.c build/drop_in/hlock.c; do
            for flags in "-O2" "-O0" "-O2 -DHLOCK_DEBUG" "-O0 -DHLOCK_DEBUG"; do
                # shellcheck disable=SC2086 # two words
                same "$source" $flags
            done
        done
        for source in test/clients/right/*.c test/clients/faulty/*.c; do
            same "$source" -O2
        done
    done
}

@test "c2coq takes these attributes, by name, and no others of clang's analysis" {
    for attribute in 'acquire_capability(ghost)' 'release_capability(ghost)' 'requires_capability(ghost)' \
        'assert_capability(ghost)' 'locks_excluded(ghost)' no_thread_safety_analysis; do
        printf '%s\n' 'struct __attribute__((capability("lock"))) g { char c; }; extern struct g ghost;' \
            "void f(void) __attribute__(($attribute));" 'void f(void) {}' >"$tmp/f.c"
        run -0 build/c2coq --room "$tmp" "$tmp/f.c"
    done
    for attribute in 'try_acquire_capability(1, ghost)' 'lock_returned(ghost)'; do
        printf '%s\n' 'struct __attribute__((capability("lock"))) g { char c; }; extern struct g ghost;' \
            "int f(void) __attribute__(($attribute));" 'int f(void) { return 0; }' >"$tmp/f.c"
        run ! build/c2coq --room "$tmp" "$tmp/f.c"
    done
}

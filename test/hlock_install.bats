#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# make install: what was installed works without the source tree, wherever it is moved, from
# Make, CMake, pkg-config, a list of objects as of a kernel, C++ and Coq; uninstall takes all away.
load helper

# Once for all tests: a copy of the tree is installed and removed, and the prefix is moved.
setup_file() {
    tmp=$BATS_FILE_TMPDIR
    cd "$root" || return 1
    (copy_tree && make -s install DESTDIR="$tmp/dest" PREFIX="/opt/a prefix" >"$tmp/installed") || return 1
    rm -rf "$tmp/tree"
    mv "$tmp/dest/opt/a prefix" "$tmp/moved"
}

setup() {
    tmp=$BATS_TEST_TMPDIR
    prefix=$BATS_FILE_TMPDIR/moved
    cd "$tmp" || return 1
    PATH=$prefix/bin:$PATH
    export HOME=/nonexistent
    cp "$root/test/tables/other.def" .
}

@test "what is installed is listed, and names no place but its own" {
    [[ "$(<"$BATS_FILE_TMPDIR/installed")" == *"/dest/opt/a prefix: $(wc -l <"$prefix/lib/hlock/files") files" ]]
    (cd "$prefix" && find . -type f -printf '%P\n' | sort) | diff - <(sort "$prefix/lib/hlock/files")
    run -1 grep -rlF -e "$BATS_FILE_TMPDIR" -e "/opt/a prefix" "$prefix" --exclude='*.vo' --exclude='*.a'
    [ -x "$prefix/bin/hlock" ]
    [ "$(find "$prefix" -type f -perm /022)" = "" ]
}

@test "each link of the pages leads to a file that is installed" {
    cd "$prefix/share/doc/hlock"
    for page in *.md; do
        tr '\n' ' ' <"$page" | grep -oE '\]\([^()]*\)' | sed 's/^](//; s/)$//' | sed "s|^|$page |" || true
    done | grep -v ' https\?://' >"$tmp/links"
    while read -r page link; do
        [ -f "$link" ] || { echo "$page: $link"; return 1; }
    done <"$tmp/links"
    for link in CONTRIBUTING.md ../../../lib/hlock/coq/main/guarantees.v ../../../include/hlock/hlock.h LICENSE-MIT; do
        grep -qxF "README.md $link" "$tmp/links"
    done
    # what is not installed is named, and is no link
    grep -qF 'variables.mk' README.md
    run ! grep -qF '(tools/make/variables.mk)' README.md
}

@test "each command works on a table of other families, and writes nothing into the prefix" {
    touch start
    run -0 hlock check other.def
    [[ "${lines[0]}" == "other.def: accepted: 5 families, 99 locks" ]]
    hlock generate --prefix=my_ -o drop other.def
    run -0 hlock prove -o drop other.def
    [[ "$output" == *"all of them: Closed under the global context"* ]]
    run -0 hlock test -o drop other.def
    [[ "$output" == *"executed: "*"by the exported C on 2 CPUs"* ]]
    run -0 hlock judge --table=other.def hlock.test/trace
    run -0 hlock explore
    riscv64-linux-gnu-gcc -O2 -ffreestanding -c drop/hlock.c -o drop/hlock.o
    run -0 hlock check-object --table=other.def --prefix=my_ --target=riscv64 --prove drop/hlock.o
    [[ "$output" == *"drop/hlock.o: object code proved, $(sha256sum <drop/hlock.o | cut -c1-16), for riscv64"* ]]
    [[ "$output" == *"both of them: Closed under the global context"* ]]
    riscv64-linux-gnu-gcc -O2 -ffreestanding -DHLOCK_DEBUG -c drop/hlock.c -o drop/debug.o
    run -0 hlock check-object --table=other.def --prefix=my_ --debug --prove drop/debug.o
    [[ "$output" == *"drop/debug.o: object code proved, $(sha256sum <drop/debug.o | cut -c1-16), for riscv64"* ]]
    sed -i 's/64U + id/64U - id/' drop/hlock.c
    run -1 hlock prove -o drop other.def
    [[ "$output" == *"drop/hlock.c:"*": my_acquire_lock_vcpu is not what the table says"* ]]
    [ -z "$(find "$prefix" -newer start)" ]
}

@test "two users at once prove with one installed copy" {
    for user in a b; do
        mkdir $user
        (cd $user && hlock generate --prefix=${user}_ ../other.def && hlock prove -q ../other.def) 3>&- &
        users+=($!)
    done
    for user in "${users[@]}"; do
        wait "$user"
    done
}

@test "from Make, as new has it" {
    hlock new project
    run -0 make -s -C project run
    [ "$output" = "98 lock numbers; vcpu 3 and the console are mine" ]
}

# client LANGUAGE: of the shipped library
client() {
    local family
    family=$(cd "$root" && family_of ONE)
    printf '%s\n' '#include <hlock/hlock.h>' '#include <stdio.h>' 'int main(void) {' \
        "acquire_lock_$family();" "release_lock_$family();" 'printf("%u\n", HLOCK_LOCKS);' 'return 0; }' >client.$1
}

@test "from pkg-config's file, in C and C++" {
    client c
    client cc
    grep -qx "Version: $(hlock --version | cut -d' ' -f2)" "$prefix/lib/pkgconfig/hlock.pc"
    flags=$(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --cflags --libs hlock)
    for compiler in "gcc -std=c11 client.c" "clang-14 -std=c11 client.c" "g++ client.cc" "clang++-14 client.cc"; do
        # shellcheck disable=SC2086
        $compiler -Wall -Wextra -Werror $flags -o client
        [ "$(./client)" = "$(cd "$root" && locks_of_table)" ]
    done
}

@test "from CMake: the library, and two tables in one program, in C and C++" {
    client c
    printf '%s\n' 'HLOCK_ONE(log, 0, 1, "the log")' >"my locks.def"
    cat >main.cc <<'END'
#include <cstdio>
#include "use.h"
int main()
{
	a_acquire_lock_irq(63);
	use();
	a_release_lock_irq(63);
	std::printf("%d\n", A_HLOCK_LOCKS + B_HLOCK_LOCKS);
}
END
    cat >use.h <<'END'
#include A_HEADER
#include B_HEADER
#ifdef __cplusplus
extern "C"
#endif
void use(void);
END
    printf '%s\n' '#include "use.h"' 'void use(void) { b_acquire_lock_log(); b_release_lock_log(); }' >use.c
    cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.18)
project(client C CXX)
find_package(hlock 0.1 REQUIRED)
add_executable(client client.c)
target_link_libraries(client hlock::hlock)
hlock_add_table(a_locks other.def PREFIX a_)
add_executable(two main.cc use.c)
hlock_add_table(two "my locks.def" PREFIX b_ INLINE LINE 128)
target_link_libraries(two a_locks)
target_compile_definitions(two PRIVATE
    A_HEADER="${CMAKE_CURRENT_BINARY_DIR}/hlock/a_locks/other/hlock.h"
    B_HEADER="${CMAKE_CURRENT_BINARY_DIR}/hlock/two/my\ locks/hlock.h")
END
    cmake -S . -B build -DCMAKE_PREFIX_PATH="$prefix" >log 2>&1 || { cat log; return 1; }
    cmake --build build >log 2>&1 || { cat log; return 1; }
    [ "$(build/client)" = "$(cd "$root" && locks_of_table)" ]
    [ "$(build/two)" = 102 ]
    sed -i 's/VERSION 0.1/VERSION 0.2/; s/hlock 0.1/hlock 0.2/' CMakeLists.txt
    run -1 cmake -S . -B other -DCMAKE_PREFIX_PATH="$prefix"
    # a table that changes is made again
    sed -i 's/hlock 0.2/hlock 0.1/' CMakeLists.txt
    echo 'HLOCK_ONE(more, 1, 2, "more")' >>"my locks.def"
    cmake -S . -B build -DCMAKE_PREFIX_PATH="$prefix" >log 2>&1
    cmake --build build >log 2>&1
    [ "$(build/two)" = 103 ]
}

@test "from a list of objects with a kernel's flags, for three machines, with gcc and clang" {
    hlock generate -o plain other.def
    hlock generate --inline --prefix=in_ -o inline other.def
    printf '%s\n' 'typedef unsigned int uint32_t;' >types.h
    printf '%s\n' '#include "plain/hlock.h"' '#include "inline/hlock.h"' 'void work(void);' \
        'void work(void) { acquire_lock_gic(); in_acquire_lock_mm(); in_release_lock_mm(); release_lock_gic(); }' \
        >work.c
    cat >Makefile <<'END'
obj-y = plain/hlock.o inline/hlock.o work.o
FLAGS = -std=gnu11 -O2 -Wall -Wextra -Wundef -Werror -Wmissing-prototypes -Wstrict-prototypes -nostdinc -ffreestanding \
        -fno-common -fno-strict-aliasing -include types.h -DHLOCK_NO_STDINT
built-in.o: $(obj-y)
	$(LD) -r $^ -o $@
%.o: %.c
	$(CC) $(FLAGS) $(KERNEL) -c $< -o $@
END
    while IFS='|' read -r cc ld kernel; do
        rm -f ./*.o ./*/*.o
        make -s CC="$cc" LD="$ld" KERNEL="$kernel"
        [ -z "$(nm -u built-in.o)" ]
    done <<'END'
gcc|ld|-mno-red-zone -mgeneral-regs-only -mcmodel=kernel -fno-pic
clang-14|ld|-mno-red-zone -mgeneral-regs-only -mcmodel=kernel -fno-pic
aarch64-linux-gnu-gcc|aarch64-linux-gnu-ld|-mgeneral-regs-only -fno-pic
clang-14 --target=aarch64-linux-gnu|aarch64-linux-gnu-ld|-mgeneral-regs-only -fno-pic
riscv64-linux-gnu-gcc|riscv64-linux-gnu-ld|-mcmodel=medany
clang-14 --target=riscv64-linux-gnu|riscv64-linux-gnu-ld|-mcmodel=medany
END
}

@test "from Coq" {
    printf '%s\n' 'From hlock.main Require Import theorem.' 'Check hlock_correct.' >mine.v
    run -0 coqc -q -Q "$prefix/lib/hlock/coq" hlock mine.v
    [[ "$output" == hlock_correct* ]]
}

@test "the manual and the completion have each command and each option; the manual is well formed" {
    source "$prefix/share/bash-completion/completions/hlock"
    for page in man1/hlock.1 man5/hlock.5; do
        [ -z "$(groff -man -ww -Tascii "$prefix/share/man/$page" 2>&1 >rendered)" ]
        grep -q "\"$(hlock --version)\"" "$prefix/share/man/$page"
    done
    COMP_WORDS=(hlock '') COMP_CWORD=1
    _hlock
    printf '%s\n' "${COMPREPLY[@]}" | grep -v '^--' | sort >completed
    hlock --help | sed -n 's/^  hlock \([a-z-]*\) .*/\1/p' | grep -vx emit | sort | diff completed -
    while read -r command; do
        hlock "$command" --help | grep -oE -- '--[a-z]+(-[a-z]+)?' | sort -u >options
        COMP_WORDS=(hlock "$command" --) COMP_CWORD=2
        _hlock
        printf '%s\n' "${COMPREPLY[@]}" | sort | diff - options
        written=$(sed 's/-/\\\\-/' <<<"$command")
        sed -n "/^\\\\fBhlock $written\\\\fR/,/^\\\\fBhlock\|^.fi/p" "$prefix/share/man/man1/hlock.1" |
            sed '2,${/^\\fBhlock/,$d}; s/\\f.//g; s/\\-/-/g' >synopsis
        for option in $(grep -vxE -- '--(help|usage|version)' options); do
            grep -q -- "$option" synopsis
        done
    done <completed
}

@test "the grammar of the manual is that of the reader" {
    sed -n '/^ \*   table   = /,/^ \* Read next/p' "$root/tools/hlock/read.c" | sed 's/^ \* *//; $d' |
        tr -s ' \n' ' ' >reader
    sed -n '/^table   = /,/^\.fi/p' "$prefix/share/man/man5/hlock.5" | sed '$d; s/^ *//' | tr -s ' \n' ' ' >manual
    for word in table family name number object comment blank; do
        grep -oE "$word = [^=]*" reader | head -n 1 | cut -c1-60 >of_reader
        grep -qF -- "$(<of_reader)" manual
    done
}

@test "uninstall takes away what install put there, and nothing else" {
    cp -a "$prefix" moved
    mkdir -p moved/bin moved/lib/hlock/coq
    touch moved/bin/other moved/lib/hlock/mine
    cd "$root"
    make -s uninstall DESTDIR="$tmp" PREFIX=/moved
    [ "$(cd "$tmp/moved" && find . -type f | sort)" = $'./bin/other\n./lib/hlock/mine' ]
    [ ! -e "$tmp/moved/libexec/hlock" ]
    run -2 make -s uninstall DESTDIR="$tmp" PREFIX=/moved
    [[ "$output" == *"hlock is not installed in $tmp/moved"* ]]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The verbs of the Makefile, the variables that a user may set, and that what is made
# is whole.  (What is proved again: prove.bats.)
load helper

@test "make alone lists the verbs" {
    run -0 make
    for verb in run prove test long check explore mutate bench el2 lib install uninstall clean; do
        [[ $'\n'"$output" == *$'\n'"$verb "* ]]
    done
}

@test "without root, a missing package gives one command to run, and a failure" {
    mkdir "$tmp/bin"
    printf '#!/bin/sh\necho 1000\n' >"$tmp/bin/id"
    chmod +x "$tmp/bin/id"
    PATH="$tmp/bin:$PATH" run -2 make deps DEBS="gcc no-such-package"
    [ "${lines[0]}" = "missing Debian packages: no-such-package" ]
    [[ "${lines[1]}" == "as root, run: apt-get update && apt-get install -y --no-install-recommends no-such-package" ]]
}

@test "nothing is done when nothing is missing" {
    run -0 make -s deps
    [ -z "$output" ]
}

# -------------------------------------------------------------- variables

# refused NAME WHY ARGUMENTS...: make says so, and has built nothing
refused() {
    run -2 make "${@:3}"
    [[ "$output" == *"*** $1: "*"$2"* ]]
    [ ! -e build ]
}

@test "variables that do not work are refused before anything is built" {
    small_tree
    echo 'HLOCK_ONE(other, 0, 1, "another table")' >my.def
    refused TABLE 'build/hlock generate TABLE' lib TABLE=my.def
    refused ARCH 'CC or CROSS_COMPILE' lib ARCH=arm64
    refused O 'build/' lib O=out
    refused V 'make --trace' V=1
    refused DESTDIR 'it is for make install and make uninstall' lib DESTDIR=/out
    refused PREFIX 'it is for make install and make uninstall' lib PREFIX=/usr
    refused DESTDIR 'it must be an absolute path' install DESTDIR=out
    refused PREFIX 'it must be an absolute path' install PREFIX=usr
    refused LC_ALL 'locale C' lib LC_ALL=de_DE.UTF-8
    for name in LIBC HOSTED TARGETS LIBS CFLAG WHOLE tested; do
        refused $name 'it knows CC AR CFLAGS' lib $name=x
    done
    refused 'make -e' 'needs no -e' -e lib
    for name in CC AR HOSTCC; do
        refused $name 'empty' lib $name=
    done
    for jobs in 0 x -1 '' '2 3' "'"; do
        refused JOBS '1 to 9999' prove JOBS="$jobs"
    done
    diff -r "$BATS_TEST_DIRNAME/../include" include
}

@test "verbs that a variable changes nothing of, or must not change, refuse it" {
    small_tree
    for verb in test long tested; do
        for name in CC AR CFLAGS CPPFLAGS LDFLAGS CROSS_COMPILE; do
            CROSS_COMPILE='' refused $name '' $verb $name=x
        done
        CFLAGS='' refused CFLAGS 'as they ship' $verb
        CC=gcc refused CC 'as they ship' $verb
    done
    for verb in check prove prove-locks explore mutate generated; do
        refused CFLAGS "make $verb" $verb CFLAGS=-O3
    done
    for verb in lib run prove build/bench/bench; do
        for name in BENCH BENCH_OUT CPUS FOR; do
            refused $name "make $verb" $verb $name=x
        done
    done
    refused LDFLAGS 'make lib' lib LDFLAGS=-s
    LDFLAGS=-s BENCH=x run -0 make -n lib # set for something else
    for verb in run bench screen prove check build/stress build/aarch64/libhlock.a; do
        refused CROSS_COMPILE 'make lib' $verb CROSS_COMPILE=aarch64-linux-gnu-
        CROSS_COMPILE=aarch64-linux-gnu- refused CROSS_COMPILE 'make lib' $verb
    done
    refused CC 'give one' lib CC=gcc CROSS_COMPILE=aarch64-linux-gnu-
    refused CC 'compiler of its own' build/aarch64/libhlock.a CC=gcc
}

@test "the environment of another project changes nothing" {
    small_tree
    make -s lib
    cp -r build "$tmp/build"
    rm -r build
    env ARCH=arm64 O=out V=1 KBUILD_OUTPUT=out TABLE=my.def PREFIX=/usr DESTDIR=out TARGETS=x LIBC=x HOSTED=x FLAGS=x \
        TOOL=x WHOLE=x DEFINES=-Dlayers OBJECT_CODE=x VERB=x FLAGS_x86_64=-m32 LIBCC_x86_64=x CROSS_COMPILE= \
        make -s lib build/x86_64/libhlock.a
    for library in build/libhlock*.a; do
        cmp "$library" "$tmp/$library"
    done
    cmp build/x86_64/libhlock.a "$tmp/build/libhlock.a"
}

@test "no variable is read that is not set" {
    small_tree
    cp -r "$BATS_TEST_DIRNAME/.."/{bench,test} .
    run -0 make -n --warn-undefined-variables lib build/stress build/bench/bench build/orders build/locks.tsv
    [[ "$output" == *libhlock.a* ]]
    [[ "$output" != *"undefined variable"* ]]
}

# words_of ARCHIVE: the size of the lock words
words_of() {
    nm -S "$1" | sed -nE 's/^[0-9a-f]+ ([0-9a-f]+) B hlock_words$/\1/p'
}

@test "CFLAGS, CPPFLAGS, LDFLAGS and CC work, from the command line and the environment" {
    local locks
    locks=$(locks_of_table)
    small_tree
    cp -r "$BATS_TEST_DIRNAME/../test" .
    make -s lib CFLAGS=
    [ "$(words_of build/libhlock.a)" = "$(printf %016x $((locks * 64)))" ]
    objdump -d build/libhlock.a | grep -q 'push *%rbp' # -O0 has frames
    make -s lib
    run ! grep -q 'push *%rbp' <(objdump -d build/libhlock.a)
    make -s lib CPPFLAGS=-DHLOCK_LINE=128
    [ "$(words_of build/libhlock.a)" = "$(printf %016x $((locks * 128)))" ]
    CPPFLAGS=-DHLOCK_LINE=32 make -s lib
    [ "$(words_of build/libhlock.a)" = "$(printf %016x $((locks * 32)))" ]
    CFLAGS='-O2 -g' make -s lib
    readelf -S build/debug/hlock.o | grep -q ' \.debug_info '
    run -0 env CFLAGS='-O2 -g' make lib
    [[ "$output" != *whole* ]]
    CC=clang-14 make -s lib
    readelf -p .comment build/release/hlock.o | grep -q clang
    make -s CC='gcc -m32' CFLAGS="-O2 -DTEXT='\"a\"'" build/release/hlock.o
    readelf -h build/release/hlock.o | grep -q 'Intel 80386'
    make -s build/stress LDFLAGS=-Wl,--build-id=0x123456789abcdef0
    readelf -n build/stress | grep -q 'Build ID: 123456789abcdef0$'
    run -2 make lib CFLAGS=--nonsense
    make -s lib
    cmp build/libhlock.a "$BATS_TEST_DIRNAME/../build/libhlock.a"
    run ! grep -rl -- '-O0\|nonsense\|m32' build/tool_flags
}

@test "the flags of a hypervisor, as the README has them: the libraries have what they ask for" {
    small_tree
    cp -r "$BATS_TEST_DIRNAME/../test" .
    [ "$(grep -c "^make lib .*CFLAGS='-O2 -mgeneral-regs-only" "$BATS_TEST_DIRNAME/../README.md")" = 2 ]
    grep "^make lib .*CFLAGS='-O2 -mgeneral-regs-only" "$BATS_TEST_DIRNAME/../README.md" >"$tmp/commands"
    function='^[0-9a-f]+ <(acquire|release)_lock_[a-z0-9]+>:$'
    run -0 eval "$(grep -v CROSS_COMPILE "$tmp/commands")"
    [ "$(grep -c -- ' -mgeneral-regs-only -mno-red-zone .*/hlock\.c ' <<<"$output")" = 3 ]
    for library in libhlock libhlock_debug libhlock_hosted; do
        objdump -d build/$library.a >"$tmp/code"
        [ "$(grep -cE "$function" "$tmp/code")" = "$(wc -l <generated/functions.tsv)" ]
        [ "$(grep -A 1 -E "$function" "$tmp/code" | grep -c endbr64)" = "$(wc -l <generated/functions.tsv)" ]
        run ! grep -qE '%[xyz]mm' "$tmp/code"
    done
    # the workload, whose times are floating-point numbers, runs on it
    eval "$(grep -v CROSS_COMPILE "$tmp/commands" | sed 's/lib/-s build\/stress/')"
    build/stress --threads 1 --rounds 10 --chains 0 --contended 0 --trace "$tmp/trace"
    rm -r build
    eval "$(grep CROSS_COMPILE "$tmp/commands") -s"
    for library in libhlock libhlock_debug libhlock_hosted; do
        aarch64-linux-gnu-objdump -d build/$library.a >"$tmp/code"
        protected=$(grep -A 1 -E "$function" "$tmp/code" | grep -cE '\s(bti\s+c|paciasp)$')
        [ "$protected" = "$(wc -l <generated/functions.tsv)" ]
    done
    aarch64-linux-gnu-gcc $LIBC -nostdlib -static test/programs/start.c build/libhlock.a -o "$tmp/start"
    on aarch64 "$tmp/start"
}

@test "CROSS_COMPILE makes the libraries of that machine, and with that archiver" {
    small_tree
    mkdir "$tmp/bin"
    for program in gcc ar; do
        printf '#!/bin/sh\nexport LC_ALL=C\necho ran >%s/ran.%s\nexec riscv64-linux-gnu-%s "$@"\n' \
            "$tmp" $program $program >"$tmp/bin/other-$program"
        chmod +x "$tmp/bin/other-$program"
    done
    make -s lib # of this machine, to be made again
    make -s lib CROSS_COMPILE="$tmp/bin/other-"
    [ -e "$tmp/ran.gcc" ]
    [ -e "$tmp/ran.ar" ]
    for library in libhlock libhlock_debug libhlock_hosted; do
        [ "$(readelf -h build/$library.a | grep -c 'RISC-V')" -ge 1 ]
        run ! grep -q X86-64 <(readelf -h build/$library.a)
    done
    riscv64-linux-gnu-gcc $LIBC -nostdlib -static "$BATS_TEST_DIRNAME/programs/start.c" build/libhlock.a -o "$tmp/start"
    on riscv64 "$tmp/start"
    CROSS_COMPILE=aarch64-linux-gnu- make -s lib
    readelf -h build/libhlock.a | grep -q AArch64
}

@test "HOSTCC builds the tools, CC does not" {
    small_tree
    make -s build/hlock CC=/no/such
    run -2 make build/hlock HOSTCC=/no/such
    make -s build/hlock HOSTCC=clang-14 HOSTCFLAGS=-O1
    readelf -p .comment build/obj/tools/hlock/coq.o | grep -q clang
}

@test "JOBS is that of the command line, the environment, or make -j; make -j works" {
    run -0 make -n prove JOBS=3
    [[ "$output" == *"JOBS=3 tools/prove/prove"* ]]
    JOBS=4 run -0 make -n prove
    [[ "$output" == *"JOBS=4 tools/prove/prove"* ]]
    run -0 make -n mutate -j5
    [[ "$output" == *"JOBS=5 tools/prove/prove"*"JOBS=5 tools/mutate/run.sh"* ]]
    small_tree
    make -s -j2 lib generated build/aarch64/libhlock.a
    cmp build/libhlock.a "$BATS_TEST_DIRNAME/../build/libhlock.a"
}

@test "a header that changes, or goes, makes again what was made from it, and nothing else" {
    small_tree
    make -s lib
    run -0 make lib
    [[ "$output" != *whole* ]]
    touch tools/hlock/table.h
    run -0 make lib
    [ "$(grep -c 'whole build/obj/.*\.o ' <<<"$output")" = \
        "$(grep -lF tools/hlock/table.h build/obj/tools/hlock/*.d build/obj/build/embedded/*.d | wc -l)" ]
    [[ "$output" != *release* ]] # the header came out the same
    echo '#define PLANTED 1' >tools/hlock/planted.h
    sed -i '1i #include "planted.h"' tools/hlock/write.c
    make -s lib
    echo >>tools/hlock/planted.h
    run -0 make lib
    [[ "$output" == *"whole build/obj/tools/hlock/write.o "* ]]
    [[ "$output" != *"whole build/obj/tools/hlock/read.o "* ]]
    [[ "$output" != *"whole build/release/hlock.o "* ]] # hlock.c came out the same
    rm tools/hlock/planted.h
    sed -i 1d tools/hlock/write.c
    make -s lib
}

@test "C that would be compiled and is not the C that is proved is refused" {
    small_tree
    make -s build/made/same
    sed -i 's/", pass_hlock)/", wait_hlock)/' tools/hlock/source.c
    run -2 make build/made/same
    [[ "$output" == *"same: build/made/L4_locks.v (<) is not build/made/export/L4_locks.v (>)"* ]]
    run -2 make -s build/made/same
}

# ------------------------------------------------------------------- whole

@test "whole: a file is there whole, or as it was" {
    whole=$PWD/tools/make/whole
    cd "$tmp"
    "$whole" out echo 'a  b' c
    [ "$(<out)" = 'a  b c' ]
    "$whole" out cp "$BATS_TEST_FILENAME" {}
    cmp out "$BATS_TEST_FILENAME"
    run -3 "$whole" out sh -c 'echo half; exit 3'
    run -3 "$whole" out sh -c 'echo half >"$0"; exit 3' {}
    cmp out "$BATS_TEST_FILENAME"
    run -127 "$whole" out no-such-program
    run -1 "$whole" no/such/folder echo
    run -2 "$whole" out
    ln -s out link
    mkdir folder
    for file in link folder /dev/null; do
        run -2 "$whole" $file echo half
        [ "$output" = "whole: $file is no plain file" ]
    done
    rm -r link folder
    cmp out "$BATS_TEST_FILENAME"
    [ "$(ls)" = out ]
}

@test "whole: a signal ends the command too, and leaves nothing" {
    whole=$PWD/tools/make/whole
    cd "$tmp"
    echo before >out
    for signal in HUP INT TERM; do
        # bats lets background jobs ignore some signals: env puts them back
        env --default-signal "$whole" out sh -c 'echo $$ >pid; echo half; exec sleep 60' &
        whole_pid=$!
        until [ -s pid ] && [ -s out.part ]; do sleep 0.01; done
        kill -s $signal $whole_pid
        status=0
        wait $whole_pid || status=$?
        [ $status = $((128 + $(kill -l $signal))) ]
        run ! kill -0 "$(<pid)"
        rm pid
        [ "$(<out)" = before ]
        [ "$(ls)" = out ]
    done
}

@test "a compiler that is ended in the middle leaves the old library, and make makes it again" {
    small_tree
    make -s lib
    cp build/libhlock.a "$tmp"
    # writes half of the file after -o, and stays until it is killed
    mkdir "$tmp/bin"
    cat >"$tmp/bin/gcc" <<END
#!/bin/sh
export LC_ALL=C
for last; do :; done
case "\$*" in
*' -o '*) echo half >"\$last"; echo >$tmp/here; exec sleep 60 ;;
*) exec $(command -v gcc) "\$@" ;;
esac
END
    chmod +x "$tmp/bin/gcc"
    for signal in INT TERM KILL; do
        rm -f "$tmp/here"
        touch build/drop_in/hlock.c
        PATH="$tmp/bin:$PATH" setsid env --default-signal make -s lib 3>&- &
        pid=$!
        until [ -e "$tmp/here" ]; do sleep 0.01; done
        kill -s $signal -- -$pid
        wait $pid || true
        while pgrep -g $pid >"$tmp/left"; do sleep 0.01; done
        cmp build/libhlock.a "$tmp/libhlock.a"
        [ $signal = KILL ] || [ -z "$(find . -name '*.part')" ]
        make -s lib
        cmp build/libhlock.a "$tmp/libhlock.a"
        [ -z "$(find . -name '*.part')" ]
    done
}

# -------------------------------------------------------------- make long

# packages [NAME]: for make all packages are there, without NAME; and it installs none
packages() {
    mkdir "$tmp/bin"
    cat >"$tmp/bin/dpkg-query" <<END
#!/bin/sh
export LC_ALL=C
for last; do :; done
[ "\$last" = "${1:-}" ] || echo installed
END
    printf '#!/bin/sh\nexit 1\n' >"$tmp/bin/apt-get"
    printf '#!/bin/sh\necho 1000\n' >"$tmp/bin/id"
    chmod +x "$tmp"/bin/*
    PATH=$tmp/bin:$PATH
}

@test "make long needs one package more than make test, and says so" {
    packages clang-16
    small_tree # without a test: should make find nothing missing
    run -2 make long
    [ "${lines[0]}" = "missing Debian packages: clang-16" ]
    run -0 make -s deps
    [ -z "$output" ]
}

@test "make long runs each file of test/long from the root of the project, and counts" {
    packages
    copy_tree
    make -s tested prove
    rm -f test/long/*
    mkdir -p test/long
    # bats takes a line that starts with its word for one of this file's tests.
    sed 's/^a test/@test/' >test/long/first.bats <<'END'
load ../helper
a test "here" { [ -e Makefile ] && [ -d "$tmp" ]; }
a test "not here" { [ -e helper.bash ]; }
END
    echo 'a test "more" { true; }' | sed 's/^a test/@test/' >test/long/second.bats
    run -2 make long
    output=$(sed -E 's/ in [0-9]+ms$//' <<<"$output")
    [[ "$output" == *$'\nok 1 here\nnot ok 2 not here\n'*$'\nok 3 more\n'* ]]
    [ "$(grep -v '^make: ' <<<"$output" | tail -n 1)" = "4 passed, 1 failed" ]
    sed -i '/not here/d' test/long/first.bats
    run -0 make long
    [ "${lines[-1]}" = "4 passed, 0 failed" ]
}

@test "make long without a test fails, and says so" {
    packages
    copy_tree
    rm -rf test/long
    run -2 make long
    [[ "$output" == *"all_tests: there is no test in test/long/"* ]]
    mkdir test/long
    echo 'load ../helper' >test/long/empty.bats
    run -2 make long
    [[ "$output" == *"all_tests: there is no test in test/long/"* ]]
}

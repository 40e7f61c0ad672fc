#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The libraries as users get them: compilers, freestanding link, debug stop, layout; for
# this machine (build/) and for each target (build/<target>/; its programs run here or
# under qemu-user).
load helper

@test "gcc and clang accept the C of every floor, release and debug, with each arch header" {
    for cc in gcc clang-14 aarch64-linux-gnu-gcc "aarch64-linux-gnu-gcc -march=armv8.1-a" riscv64-linux-gnu-gcc \
        "clang-14 --target=aarch64-linux-gnu" "clang-14 --target=riscv64-linux-gnu"; do
        for arch in "" -DHLOCK_ARCH_C11; do
            for debug in "" -DHLOCK_DEBUG; do
                $cc $LIBC $arch $debug -c layers/L4_locks/locks.c -o "$tmp/locks.o"
                $cc $LIBC $arch $debug -c build/drop_in/hlock.c -o "$tmp/hlock.o"
            done
        done
    done
}

@test "c11.h on aarch64 without outline atomics: nothing is undefined, with gcc and clang" {
    for cc in aarch64-linux-gnu-gcc "clang-14 --target=aarch64-linux-gnu"; do
        $cc -mno-outline-atomics -DHLOCK_ARCH_C11 $LIBC -c layers/L4_locks/locks.c -o "$tmp/locks.o"
        [ -z "$(nm -u "$tmp/locks.o")" ]
    done
}

@test "each target's library is made of its own arch header" {
    for target in $TARGETS; do
        [ "$($(cross $target) $LIBC -MM layers/L4_locks/locks.c | grep -oE 'arch/[a-z0-9_]+\.h')" = \
            "arch/${target%-lse}.h" ]
    done
    for define in C11 PROTOTYPES; do
        [ "$(gcc $LIBC -DHLOCK_ARCH_$define -MM layers/L4_locks/locks.c | grep -oE 'arch/[a-z0-9_]+\.h')" = \
            "arch/${define,,}.h" ]
    done
}

# compiler_of TARGET: that of its libraries
compiler_of() {
    if [ $1 = riscv64 ]; then
        echo clang-14 --target=riscv64-linux-gnu
    else
        cross $1
    fi
}

# The libraries are made of what `hlock generate` writes for the shipped table.
@test "each library is, byte for byte, what the compiler makes of the files of the floors" {
    cp -r layers "$tmp"
    # an object has the name of its file
    mv "$tmp/layers/L4_locks/locks.c" "$tmp/layers/L4_locks/hlock.c"
    for target in . $TARGETS; do
        $(compiler_of $target) $LIBC -c "$tmp/layers/L4_locks/hlock.c" -o "$tmp/hlock.o"
        cmp "$tmp/hlock.o" build/$target/release/hlock.o
        $(cross $target) $HOSTED -DHLOCK_HOSTED -c "$tmp/layers/L4_locks/hlock.c" -o "$tmp/hlock.o"
        cmp "$tmp/hlock.o" build/$target/hosted/hlock.o
    done
}

@test "nothing is undefined in a freestanding link of each library" {
    for target in . $TARGETS; do
        for library in libhlock.a libhlock_debug.a; do
            $(cross $target) -nostdlib -r -Wl,--whole-archive build/$target/$library -o "$tmp/all.o"
            # the debug library asks the user for the CPU
            [ -z "$(nm -u "$tmp/all.o" | grep -vw hlock_this_cpu)" ]
        done
    done
}

@test "BTI is kept through a link, if the library is compiled with branch protection" {
    for protection in "" -mbranch-protection=standard; do
        aarch64-linux-gnu-gcc $LIBC $protection -c layers/L4_locks/locks.c -o "$tmp/locks.o"
        aarch64-linux-gnu-gcc $LIBC -mbranch-protection=standard -c test/programs/start.c -o "$tmp/start.o"
        run -0 aarch64-linux-gnu-ld -z force-bti "$tmp/start.o" "$tmp/locks.o" -o "$tmp/start"
        if [ -z "$protection" ]; then
            [[ "$output" == *"warning: BTI turned on by -z force-bti"* ]]
        else
            [ -z "$output" ]
        fi
        on aarch64 "$tmp/start"
    done
}

@test "a program without a C library takes every lock from zeroed memory" {
    for target in $TARGETS; do
        for library in libhlock.a libhlock_debug.a; do
            $(cross $target) $LIBC -nostdlib -static test/programs/start.c build/$target/$library -o "$tmp/start"
            on $target "$tmp/start"
        done
    done
}

@test "the lock words are zero-initialised memory: a line of 64 bytes a lock" {
    for target in . $TARGETS; do
        [ "$(nm -S build/$target/release/hlock.o | grep 'B hlock_words$' | cut -d' ' -f2)" = \
            "$(printf %016x $(($(locks_of_table) * 64)))" ]
    done
}

@test "HLOCK_LINE=128 doubles the distance, and other values are refused" {
    gcc $LIBC -DHLOCK_LINE=128 -c layers/L4_locks/locks.c -o "$tmp/locks.o"
    bytes=$(printf %016x $(($(locks_of_table) * 128)))
    [ "$(nm -S "$tmp/locks.o" | grep 'B hlock_words$' | cut -d' ' -f2)" = "$bytes" ]
    gcc $LIBC -nostdlib -static test/programs/start.c "$tmp/locks.o" -o "$tmp/start"
    cpu_limit 10 "$tmp/start"
    for line in 4 96; do
        run gcc $LIBC -DHLOCK_LINE=$line -c layers/L4_locks/locks.c -o "$tmp/locks.o"
        [ "$status" -ne 0 ]
    done
}

@test "an arch header cannot be included directly" {
    for header in layers/L0_machine/arch/*.h; do
        printf '#include <stdint.h>\n#include "%s"\n' "$PWD/$header" >"$tmp/direct.c"
        run gcc $LIBC -c "$tmp/direct.c" -o "$tmp/direct.o"
        [ "$status" -ne 0 ]
        [[ "$output" == *"include layers/L0_machine/machine.h"* ]]
    done
}

# aligned OBJECT: its lock functions, all of the table, start lines of 64 bytes
aligned() {
    readelf -sW "$1" | awk -v all="$(wc -l <generated/functions.tsv)" '
        $4 == "FUNC" && $8 ~ /^(acquire|release)_lock_[a-z0-9]+$/ {
        found++
        if ($2 !~ /[048c]0$/) { print $8, "at", $2; bad = 1 } }
        END { if (found != all) { print found + 0, "functions"; bad = 1 }; exit bad }'
}

@test "every function starts a line of 64 bytes, in what a program links" {
    one=$(family_of ONE)
    for target in $TARGETS; do
        for library in libhlock.a libhlock_debug.a; do
            # Some bytes before it, so that no function is aligned by luck.
            printf 'void before(void);\nvoid before(void)\n{\n}\n' >"$tmp/before.c"
            $(cross $target) $LIBC -nostdlib -static "$tmp/before.c" test/programs/start.c build/$target/$library \
                -o "$tmp/start"
            aligned "$tmp/start"
        done
        $(cross $target) $HOSTED -Dacquire_lock_core="acquire_lock_$one" -Drelease_lock_core="release_lock_$one" \
            -pthread -static test/programs/yield.c build/$target/libhlock_hosted.a -o "$tmp/yield"
        aligned "$tmp/yield"
        # gcc's object for riscv64 is aligned by the linker: it is asked of the sections of all.
        aligned build/$target/release/hlock.o
        for object in release debug hosted; do
            readelf -SW build/$target/$object/hlock.o | grep -qE ' \.text .* 64$'
        done
    done
}

@test "it does so with flags of the user's, too, which make their own choice" {
    for cc in gcc clang-14; do
        for flags in -Os "-O2 -fno-align-functions" "-O2 -ffunction-sections" \
            "-O2 -mgeneral-regs-only -mno-red-zone"; do
            $cc -std=c11 -ffreestanding $flags -Iinclude -nostdlib -static test/programs/start.c \
                layers/L4_locks/locks.c -o "$tmp/start"
            aligned "$tmp/start"
        done
    done
}

@test "no release needs two lines of code" {
    for target in . $TARGETS; do
        run -0 readelf -sW build/$target/release/hlock.o
        [ "$(awk '$8 ~ /^release_lock_/ && $3 <= 64' <<<"$output" | wc -l)" = "$(wc -l <build/locks.tsv)" ]
    done
}

@test "the debug library stops with function, argument and limit" {
    of_shipped_table
    for target in $TARGETS; do
        $(cross $target) $HOSTED -static test/programs/panic.c build/$target/libhlock_debug.a -o "$tmp/panic"
        for function in acquire_lock_pt release_lock_pt acquire_lock_vm release_lock_vm; do
            for argument in 17 4294967295; do
                run -42 on $target "$tmp/panic" $function $argument
                [ "$output" = "$function($argument): not below 17" ]
            done
            run -0 on $target "$tmp/panic" $function 16
            [ -z "$output" ]
        done
    done
}

@test "without a panic function of the user's the debug library traps" {
    of_shipped_table
    for target in $TARGETS; do
        $(cross $target) $HOSTED -static -DDEFAULT_PANIC test/programs/panic.c build/$target/libhlock_debug.a \
            -o "$tmp/panic"
        case $target in
        aarch64*) signal=5 ;; # SIGTRAP
        *) signal=4 ;;        # SIGILL
        esac
        run -$((128 + signal)) on $target "$tmp/panic" acquire_lock_pt 17
        run -0 on $target "$tmp/panic" acquire_lock_pt 16
    done
}

@test "the release library has no check and no name of the debug part" {
    for target in . $TARGETS; do
        run -1 grep -c hlock_stop build/$target/libhlock.a
        run -1 grep -c hlock_panic build/$target/libhlock.a
    done
}

# ------------------------------------------------------------------ the header

@test "the header stands alone, in each C and C++, without a warning" {
    printf '#include <hlock/hlock.h>\n#include <hlock/hlock.h>\n' >"$tmp/alone.c"
    warnings="-Wall -Wextra -Wpedantic -Wundef -Wconversion -Wmissing-declarations -Wredundant-decls -Wshadow -Werror"
    for cc in "gcc -std=c99" "gcc -std=c11" "gcc -std=gnu2x" "gcc -std=gnu89" aarch64-linux-gnu-gcc \
        riscv64-linux-gnu-gcc "clang-14 -std=c99 -Weverything" "clang-14 -std=gnu2x -Weverything"; do
        $cc $warnings -Wstrict-prototypes -Iinclude -fsyntax-only "$tmp/alone.c"
    done
    for cxx in "g++ -std=c++98" "g++ -std=gnu++23" "clang++-14 -std=c++98 -Weverything -Wno-c++98-compat-pedantic" \
        "clang++-14 -std=gnu++2b -Weverything -Wno-c++98-compat -Wno-pre-c++20-compat"; do
        $cxx -x c++ $warnings -Wold-style-cast -Iinclude -fsyntax-only "$tmp/alone.c"
    done
}

@test "a client in C++ links with the library, runs, and has the panic function of its own" {
    of_shipped_table
    for cxx in g++ clang++-14; do
        for library in libhlock.a libhlock_hosted.a libhlock_debug.a; do
            $cxx -Wall -Wextra -Werror -Iinclude test/programs/client.cc build/$library -o "$tmp/client"
            run -0 cpu_limit 10 "$tmp/client"
            [ "$output" = "$(version) $(locks_of_table)" ]
        done
        # the debug library is the last
        run -42 cpu_limit 10 "$tmp/client" outside
        [ "${lines[1]}" = "acquire_lock_pt(17): not below 17" ]
    done
}

version() {
    sed -nE 's/^#define HLOCK_VERSION_STRING "(.*)"$/\1/p' include/hlock/hlock.h
}

@test "the version is one number, and that of the string" {
    [[ "$(version)" =~ ^([0-9]+)\.([0-9]+)\.([0-9]+)$ ]]
    grep -qx "#define HLOCK_VERSION $((BASH_REMATCH[1] * 10000 + BASH_REMATCH[2] * 100 + BASH_REMATCH[3]))" \
        include/hlock/hlock.h
    [ "${BASH_REMATCH[2]}" -lt 100 ]
    [ "${BASH_REMATCH[3]}" -lt 100 ]
}

@test "a build without <stdint.h> that has uint32_t compiles, links and runs" {
    of_shipped_table
    echo 'typedef unsigned int uint32_t;' >"$tmp/uint.h"
    for target in . $TARGETS; do
        for defined in "-include $tmp/uint.h" "-Duint32_t=__UINT32_TYPE__"; do
            $(cross $target) $LIBC -nostdinc -DHLOCK_NO_STDINT $defined -nostdlib -static test/programs/start.c \
                build/$target/libhlock.a -o "$tmp/start"
            on ${target/#./"$(uname -m)"} "$tmp/start"
        done
    done
    for cc in "gcc -x c" "clang-14 -x c" "g++ -x c++" "clang++-14 -x c++"; do
        { echo '#include <hlock/hlock.h>'; echo 'void f(void); void f(void) { acquire_lock_vm(3U); }'; } >"$tmp/f.c"
        $cc -nostdinc -Wall -Wextra -Wpedantic -Werror -DHLOCK_NO_STDINT -include "$tmp/uint.h" -Iinclude \
            -c "$tmp/f.c" -o "$tmp/f.o"
        [ "$(nm -u "$tmp/f.o" | grep -o 'acquire.*')" = acquire_lock_vm ]
        run ! $cc -nostdinc -include "$tmp/uint.h" -Iinclude -c "$tmp/f.c" -o "$tmp/f.o"
        [[ "$output" == *"stdint.h"* ]]
        run ! $cc -nostdinc -DHLOCK_NO_STDINT "-Duint32_t=__UINT64_TYPE__" -Iinclude -c "$tmp/f.c" -o "$tmp/f.o"
        [[ "$output" == *"hlock_uint32_t_has_4_bytes"* ]]
    done
}

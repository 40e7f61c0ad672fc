# SPDX-License-Identifier: MIT OR Apache-2.0
# hlock for CMake: the libraries of the shipped table, and locks of a table of one's own.
#
#   find_package(hlock REQUIRED)
#   target_link_libraries(mine hlock::hlock)     # or hlock::debug, hlock::hosted
#
#   hlock_add_table(mine my_locks.def [PREFIX text] [INLINE] [LINE bytes])
#
# The second makes hlock.h and hlock.c of the table whenever it changes, and compiles hlock.c as a
# source of the target, which may include hlock.h; if there is no such target, it is made, a static
# library, and who links it may include hlock.h.
get_filename_component(HLOCK_PREFIX "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
set(HLOCK_COMMAND "${HLOCK_PREFIX}/bin/hlock")

foreach(kind hlock debug hosted)
    if(NOT TARGET hlock::${kind})
        add_library(hlock::${kind} STATIC IMPORTED)
        if(kind STREQUAL hlock)
            set(file libhlock.a)
        else()
            set(file libhlock_${kind}.a)
        endif()
        set_target_properties(hlock::${kind} PROPERTIES
            IMPORTED_LOCATION "${HLOCK_PREFIX}/lib/${file}"
            INTERFACE_INCLUDE_DIRECTORIES "${HLOCK_PREFIX}/include")
    endif()
endforeach()

function(hlock_add_table target table)
    cmake_parse_arguments(PARSE_ARGV 2 OF "INLINE" "PREFIX;LINE" "")
    if(OF_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "hlock_add_table: unknown argument ${OF_UNPARSED_ARGUMENTS}")
    endif()
    set(options)
    if(OF_PREFIX)
        list(APPEND options "--prefix=${OF_PREFIX}")
    endif()
    if(OF_INLINE)
        list(APPEND options --inline)
    endif()
    if(OF_LINE)
        list(APPEND options "--line=${OF_LINE}")
    endif()
    get_filename_component(table "${table}" ABSOLUTE)
    get_filename_component(name "${table}" NAME_WE)
    set(folder "${CMAKE_CURRENT_BINARY_DIR}/hlock/${target}/${name}")
    file(MAKE_DIRECTORY "${folder}")
    add_custom_command(
        OUTPUT "${folder}/hlock.c" "${folder}/hlock.h"
        COMMAND "${HLOCK_COMMAND}" generate ${options} -o "${folder}" "${table}"
        DEPENDS "${table}" "${HLOCK_COMMAND}"
        COMMENT "Locks of ${table}"
        VERBATIM)
    if(NOT TARGET ${target})
        add_library(${target} STATIC)
    endif()
    target_sources(${target} PRIVATE "${folder}/hlock.c" "${folder}/hlock.h")
    target_include_directories(${target} PUBLIC "${folder}")
endfunction()

# SPDX-License-Identifier: MIT OR Apache-2.0
# Completion of hlock's commands, options and files, for bash.  A test compares it with --help.
_hlock() {
    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} options
    local commands="new check generate export prove test judge check-object explore report"
    COMPREPLY=()
    if [ "$COMP_CWORD" = 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$commands --help --version" -- "$word")
        return
    fi
    case $command in
    new) options="--quiet" ;;
    check) options="--line --json --quiet" ;;
    generate) options="--output --line --prefix --inline" ;;
    export) options="--output --work --quiet" ;;
    prove) options="--output --work --each --json --quiet" ;;
    test) options="--output --work --cc --flags --target --json --quiet" ;;
    report) options="--output --drop-in --line --each --cc --flags --target --json" ;;
    judge) options="--table" ;;
    check-object) options="--table --prefix --target --debug --prove --work" ;;
    *) options="" ;;
    esac
    if [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options --help --usage --version" -- "$word")
    else
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
    fi
}
complete -o filenames -F _hlock hlock

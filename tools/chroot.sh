#!/bin/bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# chroot.sh [DIRECTORY]: the fresh machine.  Makes a Debian 12 with nothing but
# make in a directory (build/chroot), clones the last commit into it, and runs
# `make run`, `make run` again and `make test` there, with the time of each.
# Needs root, debootstrap and the network; not part of `make test`, for it is slow.
export LC_ALL=C
set -euo pipefail
cd "$(dirname "$0")/.."
root=${1:-build/chroot}
mirror=${MIRROR:-http://deb.debian.org/debian}

inside() {
    local start=$EPOCHSECONDS
    echo "== $*"
    chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        sh -c "cd /root/hlock && $*"
    echo "== $*: $((EPOCHSECONDS - start)) s"
}

[ "$(id -u)" = 0 ] || { echo "chroot.sh: this needs root" >&2; exit 1; }
[ ! -e "$root" ] || { echo "chroot.sh: $root is there already" >&2; exit 1; }
mkdir -p "$(dirname "$root")"
root=$(realpath "$root")
trap 'rm -rf "$root.part"' EXIT
debootstrap --variant=minbase --include=make bookworm "$root.part" "$mirror"
mv "$root.part" "$root"
# How this machine reaches the network.
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
mount -t proc proc "$root/proc"
mount -t devpts devpts "$root/dev/pts"
trap 'umount "$root/dev/pts" "$root/proc"' EXIT
git clone -q . "$root/root/hlock"

inside make run
inside make run
inside make test

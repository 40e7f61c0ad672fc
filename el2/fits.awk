# SPDX-License-Identifier: MIT OR Apache-2.0
# Of a table of locks: prints "fits" if it has the families that the core uses, and the records
# have room for its numbers.  Another table has its library, and no core.
BEGIN { FS = "[^A-Za-z0-9_]+" }
/^HLOCK_/ {
    needed += $2 ~ /^(core|s2page|spt|smmu|pt|vm)$/
    for (i = 3; i <= 5; i++)
        large += $i ~ /^[0-9]+$/ && $i > 30000
}
END { if (needed == 6 && !large) print "fits" }

# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Draws bench.csv as six panels of bars.  gnuplot -e "csv='FILE'; svg='FILE'" bench/plot.gp
# A lock keeps its colour: hlock's own are dark.  Columns of the CSV: report.c.
set terminal svg size 960,960 noenhanced font 'sans-serif,11' background '#ffffff'
set output svg
set datafile separator ','
set style fill solid
set boxwidth 0.7
set xtics rotate by -35 scale 0
set ytics nomirror
set border 3
set grid ytics
set yrange [0:*]
unset key

# The rows of a metric that have a value: lock and median.  If none has, one bar of no height.
rows(metric, bottom) = "< awk -F, -v OFS=, '$1 == \"" . metric . "\" && $4 != \"\" { print $3, $4; rows++ } " . \
    "END { if (!rows) print \"not measured\", " . bottom . " }' '" . csv . "'"
shade(lock) = lock[1:5] eq 'hlock' ? 0x1f4e79 : lock[1:3] eq 'raw' ? 0xbbbbbb : 0x9dc3e6

set multiplot layout 3,2
set title 'One thread: ns of acquire and release'
plot rows('uncontended', 0) using 0:2:(shade(strcol(1))):xtic(1) with boxes linecolor rgb variable
set title 'One thread: ns of a chain of three locks'
plot rows('chain', 0) using 0:2:(shade(strcol(1))):xtic(1) with boxes linecolor rgb variable
set title 'Two threads, 100 ns section: Mops/s (raw: the limit)'
plot rows('section', 0) using 0:2:(shade(strcol(1))):xtic(1) with boxes linecolor rgb variable
set title 'With checks, x without: one thread'
checks = "< awk -F, -v OFS=, 'BEGIN { of[\"hlock_debug\"] = \"hlock\"; of[\"hlock_dbg_lib\"] = \"hlock_lib\"; " . \
    "of[\"pthread_check\"] = \"pthread_mutex\" } ($1 == \"uncontended\" || $1 == \"chain\") && $4 != \"\" " . \
    "{ at[$1, $3] = $4 } " . \
    "(($1, $3) in at) && ($3 in of) && (($1, of[$3]) in at) { print $3 \" \" $1, $4 / at[$1, of[$3]]; rows++ } " . \
    "END { if (!rows) print \"not measured\", 0 }' '" . csv . "'"
plot checks using 0:2:(shade(strcol(1))):xtic(1) with boxes linecolor rgb variable
set title '16 threads on 2 CPUs: longest wait, ms'
plot rows('longest_16', 0) using 0:2:(shade(strcol(1))):xtic(1) with boxes linecolor rgb variable
set title '16 threads on 2 CPUs: 1000 acquisitions/s, log scale'
set logscale y
set yrange [1:*]
plot rows('rate_16', 1) using 0:2:(shade(strcol(1))):xtic(1) with boxes linecolor rgb variable
unset multiplot

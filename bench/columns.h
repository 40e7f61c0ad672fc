/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The columns of a file of samples, for the one that writes and the one that reads.
 */
#ifndef BENCH_COLUMNS_H
#define BENCH_COLUMNS_H

#define COLUMNS                                                                                            \
	"round,metric,lock,value,limit,line_before,turn0_before,turn1_before,line_after,turn0_after,turn1_after"

#endif

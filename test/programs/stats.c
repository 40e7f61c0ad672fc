/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Calls the order statistics of the benchmark on numbers that a test knows.
 *   stats P VALUE...   prints the median, and the value at P per cent
 */
#include "bench/stats.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	double values[1000];
	size_t count = 0;

	if (argc < 3 || argc > 1002)
		return 2;
	for (int i = 2; i < argc; i++)
		values[count++] = atof(argv[i]);
	printf("%g", median(values, count));
	printf(" %g\n", percentile(values, count, atof(argv[1])));
	return 0;
}

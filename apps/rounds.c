/* rounds.c - how measurements are repeated, and what is taken of them */
#include "apps/rounds.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double mica_rounds_median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_size);
    return count % 2 ? values[count / 2]
                     : (values[count / 2 - 1] + values[count / 2]) / 2;
}

double mica_rounds_spent(void) { return (double)clock() / CLOCKS_PER_SEC; }

bool mica_rounds_asked(void)
{
    int c = getchar();
    bool any = c != EOF;
    while (c != EOF && c != '\n')
        c = getchar();
    return any;
}

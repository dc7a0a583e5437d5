/* fft.c - discrete Fourier transforms in two dimensions (kissfft)

   kissfft takes its factors from libm's cos and sin in double and rounds them to float: the
   last bit of a double, in which versions of libm differ, all but never reaches them. */
#include "core/fft.h"
#include "core/memory.h"
#include <kiss_fft.h>
#include <limits.h>

enum { TOGETHER = 8 }; /* columns copied at a time: a cache line of complex numbers */

/* kissfft's transforms are out of place: a line goes through `line` and comes out of `out`. */
struct transform {
    kiss_fft_cfg plan;
    kiss_fft_cpx *line, *out;
};

static int begin(struct transform *t, size_t n, int inverse)
{
    *t = (struct transform){0};
    if (n > INT_MAX)
        return -1;
    t->plan = kiss_fft_alloc((int)n, inverse, NULL, NULL);
    t->line = mica_allocate(n * TOGETHER, sizeof *t->line);
    t->out = mica_allocate(n * TOGETHER, sizeof *t->out);
    return t->plan && t->line && t->out ? 0 : -1;
}

static void end(struct transform *t)
{
    kiss_fft_free(t->plan);
    mica_free(t->line);
    mica_free(t->out);
}

static int transform_rows(kiss_fft_cpx *data, size_t rows, size_t columns, int inverse)
{
    struct transform t;
    int status = begin(&t, columns, inverse);
    for (size_t y = 0; y < rows && status == 0; y++) {
        kiss_fft_cpx *row = data + y * columns;
        memcpy(t.line, row, columns * sizeof *row);
        kiss_fft(t.plan, t.line, row);
    }
    end(&t);
    return status;
}

static void transform_some(struct transform *t, kiss_fft_cpx *data, size_t rows,
                           size_t columns, size_t count)
{
    for (size_t y = 0; y < rows; y++)
        for (size_t i = 0; i < count; i++)
            t->line[i * rows + y] = data[y * columns + i];
    for (size_t i = 0; i < count; i++)
        kiss_fft(t->plan, t->line + i * rows, t->out + i * rows);
    for (size_t y = 0; y < rows; y++)
        for (size_t i = 0; i < count; i++)
            data[y * columns + i] = t->out[i * rows + y];
}

static int transform_columns(kiss_fft_cpx *data, size_t rows, size_t columns,
                             int inverse)
{
    struct transform t;
    int status = begin(&t, rows, inverse);
    for (size_t x = 0; x < columns && status == 0; x += TOGETHER) {
        size_t count = columns - x < TOGETHER ? columns - x : TOGETHER;
        transform_some(&t, data + x, rows, columns, count);
    }
    end(&t);
    return status;
}

int mica_fft2(float *data, size_t rows, size_t columns, int inverse)
{
    kiss_fft_cpx *numbers = (kiss_fft_cpx *)data;
    if (rows == 0 || columns == 0)
        return 0;
    if (transform_rows(numbers, rows, columns, inverse))
        return -1;
    return transform_columns(numbers, rows, columns, inverse);
}

size_t mica_fft_size(size_t n)
{
    for (size_t size = n > 0 ? n : 1;; size++) {
        size_t rest = size;
        for (size_t factor = 2; factor <= 5; factor++)
            while (rest % factor == 0)
                rest /= factor;
        if (rest == 1)
            return size;
    }
}

/* orthogonal.c - kernels as matrices that keep lengths (Saxe et al., arXiv:1312.6120)

   As torch has it: a kernel is a matrix with a row for each index of its first dimension;
   normal numbers are drawn for it, and its rows (its columns where there are more rows) are
   made orthonormal in order, each turned as little as can be: Q of A = Q R with a positive
   diagonal of R. */
#include <math.h>

#include "core/initialize.h"
#include "core/memory.h"
#include "core/parallel.h"

struct orthogonal {
    double gain;
};

static const struct param params[] = {{"gain", PARAM_FLOAT,
                                       offsetof(struct orthogonal, gain), 1, 0, 1e3,
                                       "length of each row; sqrt 2 suits relu"},
                                      {0}};

enum { LANES = 8 }; /* partial sums, in one order on every machine */

static double dot(const double *a, const double *b, size_t n)
{
    double sums[LANES] = {0}, sum = 0;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            sums[k] += a[i + k] * b[i + k];
    for (; i < n; i++)
        sum += a[i] * b[i];
    for (size_t k = 0; k < LANES; k++)
        sum += sums[k];
    return sum;
}

struct vectors {
    double *data; /* one after another */
    size_t count, length, done;
};

/* Take from a vector what it has of the one that was done last. */
static void straighten(void *context, size_t i)
{
    const struct vectors *v = context;
    const double *axis = v->data + (v->done - 1) * v->length;
    double *vector = v->data + (v->done + i) * v->length;
    double share = dot(axis, vector, v->length);
    for (size_t k = 0; k < v->length; k++)
        vector[k] -= share * axis[k];
}

/* Gram and Schmidt's way, modified. */
static void orthonormalise(struct vectors *v)
{
    for (v->done = 1; v->done <= v->count; v->done++) {
        double *axis = v->data + (v->done - 1) * v->length;
        double norm = sqrt(dot(axis, axis, v->length));
        for (size_t k = 0; k < v->length; k++)
            axis[k] /= norm;
        mica_parallel_for(v->count - v->done, straighten, v);
    }
}

/* Where element i of the kernel lies among the vectors. */
static size_t place_of(const struct vectors *v, bool rows, size_t i)
{
    return rows ? i : i % v->count * v->length + i / v->count;
}

static void draw(const void *p, struct weight *w, struct random *random)
{
    const struct orthogonal *how = p;
    size_t height = w->dims[0], width = w->count / height;
    bool rows = height <= width;
    struct vectors v = {.count = rows ? height : width,
                        .length = rows ? width : height};
    v.data = mica_need(w->count, sizeof *v.data);
    for (size_t i = 0; i < w->count; i++)
        v.data[place_of(&v, rows, i)] = mica_random_normal(random);
    orthonormalise(&v);
    orthonormalise(&v); /* what rounding left of angles */
    for (size_t i = 0; i < w->count; i++)
        w->value[i] = (float)(how->gain * v.data[place_of(&v, rows, i)]);
    mica_free(v.data);
}

const struct initializer mica_initializer_orthogonal = {
    .name = "orthogonal",
    .summary = "rows at right angles to each other, of one length, biases 0",
    .params = params,
    .params_size = sizeof(struct orthogonal),
    .kernel = draw};

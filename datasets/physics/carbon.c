/* carbon.c - amorphous carbon that grows under the beam or comes from the air */
#include "core/fft.h"
#include "core/memory.h"
#include "core/numeric.h"
#include "datasets/physics/artefact.h"
#include "datasets/physics/smooth.h"

#include <math.h>

struct carbon {
    struct spread thickness, coverage, length, softness, layer;
};
static const struct param params[] = {
    {"thickness", PARAM_RANDOM, offsetof(struct carbon, thickness), 20, 0, 1000,
     "of the thickest patches", NULL, DIMENSION_LENGTH},
    {"coverage", PARAM_RANDOM, offsetof(struct carbon, coverage), 0.5, 0, 1,
     "part of the area with patches", NULL, DIMENSION_NONE},
    {"length", PARAM_RANDOM, offsetof(struct carbon, length), 50, 1, 1e5,
     "correlation length of the thickness", NULL, DIMENSION_LENGTH},
    {"softness", PARAM_RANDOM, offsetof(struct carbon, softness), 1, 0.01, 10,
     "width of the patches' edges, in standard deviations of their field", NULL,
     DIMENSION_NONE},
    {"layer", PARAM_RANDOM, offsetof(struct carbon, layer), 0, 0, 1000,
     "thickness of a uniform layer besides", NULL, DIMENSION_LENGTH},
    {0}};
enum { THICKNESS, COVERAGE, LENGTH, SOFTNESS, LAYER };

/* The value that a standard normal number exceeds with probability p (Abramowitz and
   Stegun, 26.2.23; error below 5e-4). */
static double quantile(double p)
{
    bool upper = p > 0.5;
    double t = sqrt(-2 * mica_log(fmax(upper ? 1 - p : p, 1e-12)));
    double top = 2.515517 + t * (0.802853 + t * 0.010328);
    double bottom = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
    double x = t - top / bottom;
    return upper ? -x : x;
}

/* thickness [nm] = maximum smoothstep((field - quantile) / softness) + layer */
static void fill_thickness(float *field, size_t count, const double *values)
{
    double threshold = quantile(values[COVERAGE]);
    for (size_t i = 0; i < count; i++) {
        double t = ((double)field[i] - threshold) / values[SOFTNESS];
        t = fmin(fmax(t, 0), 1);
        double step = t * t * (3 - 2 * t);
        if (values[COVERAGE] >= 1)
            step = 1;
        field[i] = (float)(0.1 * (values[THICKNESS] * step + values[LAYER]));
    }
}

/* The kernel around the origin of a periodic field, in the imaginary parts. */
static void put_kernel(float *z, size_t rows, size_t columns,
                       const struct kernel *kernel)
{
    size_t side = 2 * kernel->reach + 1;
    double limit = kernel->radius / kernel->step;
    for (size_t row = 0; row < side; row++)
        for (size_t column = 0; column < side; column++) {
            double y = (double)row - (double)kernel->reach;
            double x = (double)column - (double)kernel->reach;
            size_t to_row = (row + rows - kernel->reach) % rows;
            size_t to_column = (column + columns - kernel->reach) % columns;
            if (x * x + y * y < limit * limit)
                z[2 * (to_row * columns + to_column) + 1] =
                    kernel->values[row * side + column];
        }
}

/* The transform of a * b out of that of z = a + i b, a and b real:
   (Z(k)^2 - conj(Z(-k))^2) / 4i. */
static void multiply(float *z, size_t rows, size_t columns)
{
    for (size_t row = 0; row <= rows / 2; row++)
        for (size_t column = 0; column < columns; column++) {
            size_t mirrored = row ? rows - row : 0;
            float *p = z + 2 * (row * columns + column);
            float *q = z + 2 * (mirrored * columns + (column ? columns - column : 0));
            if (q < p)
                continue;
            float a = p[0], b = p[1], c = q[0], d = -q[1];
            float real = a * a - b * b - c * c + d * d, imaginary = 2 * (a * b - c * d);
            p[0] = q[0] = imaginary / 4;
            q[1] = real / 4;
            p[1] = -real / 4;
        }
}

/* A Poisson number of a small mean, by inversion; exp(-m) >= 1 - m spares most exps. */
static double draw_few(double mean, struct random *random)
{
    double chance = mica_random_uniform(random);
    if (mean > 5)
        return mica_random_poisson(random, mean);
    if (chance < 1 - mean)
        return 0;
    double term = mica_exp(-mean), sum = term, count = 0;
    while (chance >= sum && count < 100) {
        count++;
        term *= mean / count;
        sum += term;
    }
    return count;
}

/* Carbon atoms at random grid points, in the real parts of z; returns how many. 1.003 atoms
   per A^2 and nm are 2.0 g/cm^3. */
static double scatter_atoms(float *z, size_t columns, const struct grid *grid,
                            const float *thickness, struct random *random)
{
    double area = grid->step * grid->step, atoms = 0;
    for (size_t row = 0; row < grid->rows; row++)
        for (size_t column = 0; column < grid->columns; column++) {
            double nm = (double)thickness[row * grid->columns + column];
            double count = draw_few(1.003 * nm * area, random);
            z[2 * (row * columns + column)] = (float)count;
            atoms += count;
        }
    return atoms;
}

/* values += sigma (z + tail) for every channel */
static void add_signal(struct acquisition *acquisition, const float *z, size_t columns,
                       float scale, float tail)
{
    const struct grid *grid = &acquisition->grid;
    for (size_t c = 0; c < acquisition->channels; c++) {
        float sigma = (float)acquisition->carbon_sigma[c];
        for (size_t row = 0; row < grid->rows; row++) {
            float *out = grid->values + (c * grid->rows + row) * grid->columns;
            for (size_t column = 0; column < grid->columns; column++)
                out[column] += sigma * (tail + scale * z[2 * (row * columns + column)]);
        }
    }
}

/* Add the signal of atoms that lie at random: their counts convolved with one atom's. */
static int add_atoms(struct acquisition *acquisition, const float *thickness,
                     struct random *random)
{
    const struct grid *grid = &acquisition->grid;
    const struct kernel *kernel = &acquisition->kernel;
    size_t least = 2 * kernel->reach + 1;
    size_t rows = mica_fft_size(grid->rows > least ? grid->rows : least);
    size_t columns = mica_fft_size(grid->columns > least ? grid->columns : least);
    float *z = mica_allocate(rows * columns, 2 * sizeof *z);
    if (!z)
        return -1;
    double atoms = scatter_atoms(z, columns, grid, thickness, random);
    double area = (double)(grid->rows * grid->columns) * grid->step * grid->step;
    put_kernel(z, rows, columns, kernel);
    int result = mica_fft2(z, rows, columns, 0);
    if (result == 0) {
        multiply(z, rows, columns);
        result = mica_fft2(z, rows, columns, 1);
    }
    if (result == 0)
        add_signal(acquisition, z, columns, 1 / (float)(rows * columns),
                   (float)((1 - kernel->inside) * atoms / area));
    mica_free(z);
    return result;
}

/* The thickness under each pixel, between the four grid points around it. */
static void map_thickness(struct acquisition *acquisition, const float *thickness)
{
    const struct grid *grid = &acquisition->grid;
    const struct scan *scan = &acquisition->scan;
    for (size_t i = 0; i < scan->height * scan->width; i++) {
        double x = (double)(i % scan->width) * scan->pixel[1] + (double)scan->dx[i];
        double y = (double)(i / scan->width) * scan->pixel[0] + (double)scan->dy[i];
        x = (x - grid->left) / grid->step;
        y = (y - grid->top) / grid->step;
        float u = (float)(x - floor(x)), v = (float)(y - floor(y));
        const float *at = thickness + (size_t)y * grid->columns + (size_t)x;
        acquisition->carbon[i] +=
            (1 - v) * ((1 - u) * at[0] + u * at[1]) +
            v * ((1 - u) * at[grid->columns] + u * at[grid->columns + 1]);
    }
}

static int apply(struct acquisition *acquisition, const double *values,
                 struct random *random, struct error *err)
{
    const struct grid *grid = &acquisition->grid;
    size_t count = grid->rows * grid->columns;
    float *thickness = mica_allocate(count, sizeof *thickness);
    int result = -1;
    if (thickness && mica_smooth_random(thickness, grid->rows, grid->columns, 1,
                                        values[LENGTH] / grid->step, random) == 0) {
        fill_thickness(thickness, count, values);
        map_thickness(acquisition, thickness);
        result = add_atoms(acquisition, thickness, random);
    }
    mica_free(thickness);
    return result == 0 ? 0 : mica_fail(err, "no memory for carbon");
}

const struct artefact mica_artefact_carbon = {
    .name = "carbon",
    .summary = "amorphous carbon, 2.0 g/cm^3, in patches and as a layer",
    .equation = "atoms per area = Poisson(1.003 t[nm]); I += sigma_C (atoms * h)",
    .stage = ARTEFACT_SPECIMEN,
    .rank = 1,
    .params = params,
    .params_size = sizeof(struct carbon),
    .apply = apply};

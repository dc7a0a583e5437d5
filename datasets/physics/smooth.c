/* smooth.c - smooth random fields and blurring */
#include "datasets/physics/smooth.h"
#include "core/memory.h"
#include "core/numeric.h"
#include "datasets/physics/probe.h"

#include <math.h>

/* White noise on a lattice, smoothed by cubic B-splines: with a lattice of spacing s the
   correlation is a B-spline of degree 7, nearly a Gaussian with length^2 = 2/3 s^2. */
struct noise {
    double spacing;
    size_t rows, columns;
    float *values;
};

static int make_noise(struct noise *noise, size_t rows, size_t columns, double rms,
                      double length, struct random *random)
{
    static const double spread =
        151.0 / 315; /* mean sum of the squares of four weights */
    noise->spacing = fmax(length / sqrt(2.0 / 3), 1);
    noise->rows = (size_t)((double)rows / noise->spacing) + 5;
    noise->columns = (size_t)((double)columns / noise->spacing) + 5;
    noise->values = mica_allocate(noise->rows * noise->columns, sizeof(float));
    for (size_t i = 0; noise->values && i < noise->rows * noise->columns; i++)
        noise->values[i] = (float)(mica_random_normal(random) * rms / spread);
    return noise->values ? 0 : -1;
}

int mica_smooth_random(float *field, size_t rows, size_t columns, double rms,
                       double length, struct random *random)
{
    struct noise noise;
    if (make_noise(&noise, rows, columns, rms, length, random) != 0)
        return -1;
    double x0 = mica_random_uniform(random), y0 = mica_random_uniform(random);
    float *line = mica_allocate(noise.columns, sizeof *line);
    for (size_t row = 0; line && row < rows; row++) {
        double y = y0 + (double)row / noise.spacing;
        size_t from = (size_t)y;
        float weights[4];
        mica_spline_weights(y - (double)from, weights);
        for (size_t i = 0; i < noise.columns; i++) {
            const float *at = noise.values + from * noise.columns + i;
            line[i] = weights[0] * at[0] + weights[1] * at[noise.columns] +
                      weights[2] * at[2 * noise.columns] +
                      weights[3] * at[3 * noise.columns];
        }
        for (size_t column = 0; column < columns; column++) {
            double x = x0 + (double)column / noise.spacing;
            const float *at = line + (size_t)x;
            mica_spline_weights(x - (double)(size_t)x, weights);
            field[row * columns + column] += weights[0] * at[0] + weights[1] * at[1] +
                                             weights[2] * at[2] + weights[3] * at[3];
        }
    }
    mica_free(noise.values);
    int result = line ? 0 : -1;
    mica_free(line);
    return result;
}

/* i mirrored into 0 .. count-1 */
static size_t mirror(ptrdiff_t i, size_t count)
{
    ptrdiff_t period = 2 * (ptrdiff_t)count;
    i = (i % period + period) % period;
    return (size_t)(i < (ptrdiff_t)count ? i : period - 1 - i);
}

/* Blur `count` samples that are `stride` apart; `work` holds count + 2 reach. */
static void blur_line(float *line, size_t count, size_t stride, const float *weights,
                      size_t reach, float *work)
{
    for (size_t i = 0; i < count + 2 * reach; i++)
        work[i] = line[mirror((ptrdiff_t)i - (ptrdiff_t)reach, count) * stride];
    for (size_t i = 0; i < count; i++) {
        float sum = weights[0] * work[i + reach];
        for (size_t n = 1; n <= reach; n++)
            sum += weights[n] * (work[i + reach - n] + work[i + reach + n]);
        line[i * stride] = sum;
    }
}

int mica_smooth_blur(float *image, size_t rows, size_t columns, size_t channels,
                     double sd)
{
    if (sd <= 0)
        return 0;
    size_t longest = rows > columns ? rows : columns;
    size_t reach = (size_t)fmin(ceil(4 * sd), (double)longest);
    float *weights = mica_allocate(reach + 1, sizeof *weights);
    float *work = mica_allocate(longest + 2 * reach, sizeof *work);
    double sum = 0;
    for (size_t n = 0; weights && n <= reach; n++) {
        weights[n] = (float)mica_exp(-0.5 * (double)(n * n) / (sd * sd));
        sum += (n ? 2 : 1) * (double)weights[n];
    }
    for (size_t n = 0; weights && n <= reach; n++)
        weights[n] = (float)((double)weights[n] / sum);
    for (size_t c = 0; weights && work && c < channels; c++) {
        for (size_t row = 0; row < rows; row++)
            blur_line(image + row * columns * channels + c, columns, channels, weights,
                      reach, work);
        for (size_t column = 0; column < columns; column++)
            blur_line(image + column * channels + c, rows, columns * channels, weights,
                      reach, work);
    }
    int result = weights && work ? 0 : -1;
    mica_free(weights);
    mica_free(work);
    return result;
}

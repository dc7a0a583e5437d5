/* normalise.c - standardised or scaled to a range: by the image, a window or all samples */
#include "datasets/normalise.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "core/text.h"
#include "datasets/dataset.h"

struct described {
    int kind;
    const char *scope;
    struct numbers mean, sd;
};

static const char *const kinds[] = {"none", "standardise", "range", NULL};

const struct param mica_normalise_params[] = {
    {"kind", PARAM_CHOICE, offsetof(struct described, kind), NORMALISE_STANDARDISE, 0,
     2, "standardise: (x - mean) / sd; range: (x - least) / (most - least)", kinds},
    {"scope", PARAM_TEXT, offsetof(struct described, scope), 0, 0, 0,
     "\"image\", a window around each pixel: \"window 60 A\", or \"dataset\": each "
     "channel "
     "(column of a table) by its mean and sd in all that trains"},
    {"mean", PARAM_NUMBERS, offsetof(struct described, mean), 0, PARAM_ANY,
     "of each channel, with \"dataset\" and sd; without them they are measured"},
    {"sd", PARAM_NUMBERS, offsetof(struct described, sd), 0, 0, HUGE_VAL,
     "of each channel, with \"dataset\" and mean"},
    {0}};

static void round_to_float(double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        values[i] = (double)(float)values[i];
}

static int read_statistics(struct normalise *out, const struct described *d,
                           const struct reader *reader, const cJSON *item,
                           struct error *err)
{
    if (out->kind != NORMALISE_STANDARDISE)
        return mica_json_fail(reader->json,
                              cJSON_GetObjectItemCaseSensitive(item, "scope"), err,
                              "\"dataset\" goes with \"standardise\" only");
    if (d->mean.count != d->sd.count)
        return mica_json_fail(
            reader->json, item, err,
            "%zu numbers of 'mean' and %zu of 'sd'; give one of each for "
            "each channel",
            d->mean.count, d->sd.count);
    out->data = mica_arena_take(reader->arena, 1, sizeof *out->data);
    *out->data = (struct statistics){d->mean.count, d->mean.values, d->sd.values};
    round_to_float(out->data->mean, out->data->channels);
    round_to_float(out->data->sd, out->data->channels);
    return 0;
}

int mica_normalise_read(struct normalise *out, const cJSON *item,
                        const struct reader *reader, struct error *err)
{
    struct described d = {0};
    const cJSON *object = cJSON_IsObject(item) ? item : NULL;
    if (mica_param_read(mica_normalise_params, &d, object ? NULL : item, object, NULL,
                        reader, err))
        return -1;
    *out = (struct normalise){.kind = (enum normalise_kind)d.kind};
    const cJSON *place = cJSON_GetObjectItemCaseSensitive(item, "scope");
    if (d.scope && strcmp(d.scope, "dataset") == 0)
        return read_statistics(out, &d, reader, item, err);
    if (d.mean.count || d.sd.count)
        return mica_json_fail(reader->json, item, err,
                              "'mean' and 'sd' go with \"scope\": \"dataset\" only");
    if (!d.scope || strcmp(d.scope, "image") == 0)
        return 0;
    struct error why = {0};
    if (strncmp(d.scope, "window ", 7) != 0)
        return mica_json_fail(
            reader->json, place, err,
            "must be \"image\", \"dataset\" or a window like \"window 60 "
            "A\", not \"%s\"",
            d.scope);
    if (out->kind == NORMALISE_RANGE)
        return mica_json_fail(reader->json, place, err,
                              "a window goes with \"standardise\" only");
    if (mica_units_parse(d.scope + 7, DIMENSION_LENGTH, reader->pixel, &out->window,
                         &why))
        return mica_json_fail(reader->json, place, err, "%s", why.text);
    if (!(out->window > 0))
        return mica_json_fail(reader->json, place, err,
                              "a window must be larger than 0, not \"%s\"",
                              d.scope + 7);
    return 0;
}

cJSON *mica_normalise_json(const struct normalise *normalise)
{
    char scope[64] = "image", digits[40];
    const struct statistics *data = normalise->data;
    if (data)
        snprintf(scope, sizeof scope, "dataset");
    else if (normalise->window > 0)
        snprintf(scope, sizeof scope, "window %s A",
                 mica_text_digits(digits, normalise->window, 17));
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "kind", kinds[normalise->kind]);
    cJSON_AddStringToObject(json, "scope", scope);
    if (data && data->channels) {
        int count = (int)data->channels;
        cJSON_AddItemToObject(json, "mean", cJSON_CreateDoubleArray(data->mean, count));
        cJSON_AddItemToObject(json, "sd", cJSON_CreateDoubleArray(data->sd, count));
    }
    return json;
}

/* ---- of all samples ---- */

/* Welford's running mean, and sum of squares from it. */
static void take_sample(const struct sample *s, uint64_t *count, double *mean,
                        double *squares)
{
    for (size_t p = 0; p < s->height * s->width; p++) {
        ++*count;
        for (size_t c = 0; c < s->channels; c++) {
            double value = (double)s->image[p * s->channels + c], d = value - mean[c];
            mean[c] += d / (double)*count;
            squares[c] += d * (value - mean[c]);
        }
    }
}

int mica_normalise_measure(const struct normalise *normalise,
                           const struct dataset *data, struct arena *arena,
                           struct error *err)
{
    struct statistics *all = normalise->data;
    uint64_t count = 0;
    if (!all || all->channels)
        return 0;
    double *mean = mica_arena_take(arena, data->channels, sizeof *mean);
    double *squares = mica_arena_take(arena, data->channels, sizeof *squares);
    for (uint64_t i = 0; i < mica_dataset_probes(data); i++) {
        struct sample s = {0};
        int status = mica_dataset_get(data, mica_dataset_probe(data, i), &s, err);
        if (!status)
            take_sample(&s, &count, mean, squares);
        mica_sample_free(&s);
        if (status)
            return -1;
    }
    for (size_t c = 0; c < data->channels; c++)
        squares[c] = sqrt(squares[c] / (double)count);
    *all = (struct statistics){data->channels, mean, squares};
    round_to_float(mean, data->channels);
    round_to_float(squares, data->channels);
    return 0;
}

/* ---- of one ---- */

/* One channel of an image, and sums over boxes of it. */
struct channel {
    float *data;
    size_t height, width, step; /* step: floats from pixel to pixel */
};

static float *at(const struct channel *c, size_t y, size_t x)
{
    return c->data + (y * c->width + x) * c->step;
}

static void whole_moments(const struct channel *c, double *mean, double *sd)
{
    double sum = 0, squares = 0, n = (double)(c->height * c->width);
    for (size_t i = 0; i < c->height * c->width; i++)
        sum += (double)c->data[i * c->step];
    *mean = sum / n;
    for (size_t i = 0; i < c->height * c->width; i++) {
        double d = (double)c->data[i * c->step] - *mean;
        squares += d * d;
    }
    *sd = sqrt(squares / n);
}

/* A flat image stays at 0 rather than at noise divided by nothing. */
static double inverse(double sd, double scale)
{
    return sd > 1e-7 * scale ? 1 / sd : 0;
}

static void standardise_by(const struct channel *c, double mean, double sd)
{
    double factor = inverse(sd, fabs(mean));
    for (size_t i = 0; i < c->height * c->width; i++) {
        float *v = &c->data[i * c->step];
        *v = (float)(((double)*v - mean) * factor);
    }
}

static void standardise_whole(const struct channel *c)
{
    double mean, sd;
    whole_moments(c, &mean, &sd);
    standardise_by(c, mean, sd);
}

/* table[y][x] = sum over the rows above y and columns left of x. */
static void integrate(const struct channel *c, double shift, bool square, double *table)
{
    size_t row = c->width + 1;
    memset(table, 0, row * sizeof *table);
    for (size_t y = 0; y < c->height; y++) {
        double sum = 0;
        table[(y + 1) * row] = 0;
        for (size_t x = 0; x < c->width; x++) {
            double v = (double)*at(c, y, x) - shift;
            sum += square ? v * v : v;
            table[(y + 1) * row + x + 1] = table[y * row + x + 1] + sum;
        }
    }
}

struct span {
    size_t from, to;
};

/* `size` pixels around `i`, moved inside 0 .. n-1. */
static struct span around(size_t i, size_t size, size_t n)
{
    if (size >= n)
        return (struct span){0, n};
    size_t from = i > size / 2 ? i - size / 2 : 0;
    if (from + size > n)
        from = n - size;
    return (struct span){from, from + size};
}

static double box(const double *table, size_t row, struct span y, struct span x)
{
    return table[y.to * row + x.to] - table[y.from * row + x.to] -
           table[y.to * row + x.from] + table[y.from * row + x.from];
}

static int standardise_window(const struct channel *c, size_t rows, size_t columns,
                              struct error *err)
{
    size_t cells = (c->height + 1) * (c->width + 1), row = c->width + 1;
    double *sums = mica_allocate(cells, sizeof *sums);
    double *squares = mica_allocate(cells, sizeof *squares);
    if (!sums || !squares) {
        mica_free(sums);
        mica_free(squares);
        return mica_fail(err, "no memory to normalise %zu x %zu pixels", c->height,
                         c->width);
    }
    double mean, sd;
    whole_moments(c, &mean, &sd); /* shifted by the mean, the squares lose no digits */
    integrate(c, mean, false, sums);
    integrate(c, mean, true, squares);
    for (size_t y = 0; y < c->height; y++)
        for (size_t x = 0; x < c->width; x++) {
            struct span ys = around(y, rows, c->height);
            struct span xs = around(x, columns, c->width);
            double n = (double)((ys.to - ys.from) * (xs.to - xs.from));
            double m = box(sums, row, ys, xs) / n;
            double variance = box(squares, row, ys, xs) / n - m * m;
            double factor = inverse(sqrt(variance > 0 ? variance : 0), fabs(mean));
            *at(c, y, x) = (float)(((double)*at(c, y, x) - mean - m) * factor);
        }
    mica_free(sums);
    mica_free(squares);
    return 0;
}

static void scale_range(const struct channel *c)
{
    float least = c->data[0], most = c->data[0];
    for (size_t i = 0; i < c->height * c->width; i++) {
        least = fminf(least, c->data[i * c->step]);
        most = fmaxf(most, c->data[i * c->step]);
    }
    float factor = most > least ? 1 / (most - least) : 0;
    for (size_t i = 0; i < c->height * c->width; i++)
        c->data[i * c->step] = (c->data[i * c->step] - least) * factor;
}

static int check_finite(const float *image, size_t width, size_t channels, size_t count,
                        struct error *err)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(image[i]))
            return mica_fail(err,
                             "the pixel (%zu, %zu) is %s; the image must have numbers "
                             "everywhere: mask or fill it first",
                             i / channels % width, i / channels / width,
                             isnan(image[i]) ? "not a number" : "infinite");
    return 0;
}

static size_t window_pixels(double window, double pixel, size_t all)
{
    if (window <= 0 || pixel <= 0 || window / pixel >= (double)all)
        return all;
    return (size_t)fmax(1, floor(window / pixel + 0.5));
}

int mica_normalise(const struct normalise *normalise, float *image, size_t height,
                   size_t width, size_t channels, const double pixel[2],
                   struct error *err)
{
    const struct statistics *data = normalise->data;
    if (check_finite(image, width, channels, height * width * channels, err))
        return -1;
    if (data && data->channels != channels)
        return mica_fail(
            err,
            "has %zu channel%s (columns), mean and sd to standardise by are "
            "of %zu",
            channels, channels == 1 ? "" : "s", data->channels);
    for (size_t c = 0; c < channels; c++) {
        struct channel channel = {image + c, height, width, channels};
        size_t rows = window_pixels(normalise->window, pixel[0], height);
        size_t columns = window_pixels(normalise->window, pixel[1], width);
        if (data)
            standardise_by(&channel, data->mean[c], data->sd[c]);
        else if (normalise->kind == NORMALISE_RANGE)
            scale_range(&channel);
        else if (normalise->kind == NORMALISE_STANDARDISE && rows == height &&
                 columns == width)
            standardise_whole(&channel);
        else if (normalise->kind == NORMALISE_STANDARDISE &&
                 standardise_window(&channel, rows, columns, err))
            return -1;
    }
    return 0;
}

/* normalise.c - standardised or scaled to a range, by the image or by a window */
#include "datasets/normalise.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "core/text.h"

struct described {
    int kind;
    const char *scope;
};

static const char *const kinds[] = {"none", "standardise", "range", NULL};

const struct param mica_normalise_params[] = {
    {"kind", PARAM_CHOICE, offsetof(struct described, kind), NORMALISE_STANDARDISE, 0,
     2, "standardise: (x - mean) / sd; range: (x - least) / (most - least)", kinds},
    {"scope", PARAM_TEXT, offsetof(struct described, scope), 0, 0, 0,
     "\"image\", or a window around each pixel: \"window 60 A\""},
    {0}};

int mica_normalise_read(struct normalise *out, const cJSON *item,
                        const struct reader *reader, struct error *err)
{
    struct described d = {0};
    const cJSON *object = cJSON_IsObject(item) ? item : NULL;
    if (mica_param_read(mica_normalise_params, &d, object ? NULL : item, object, NULL,
                        reader, err))
        return -1;
    *out = (struct normalise){.kind = (enum normalise_kind)d.kind};
    if (!d.scope || strcmp(d.scope, "image") == 0)
        return 0;
    struct error why = {0};
    const cJSON *place = cJSON_GetObjectItemCaseSensitive(item, "scope");
    if (strncmp(d.scope, "window ", 7) != 0)
        return mica_json_fail(reader->json, place, err,
                              "must be \"image\" or a window like \"window 60 A\", not "
                              "\"%s\"",
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
    if (normalise->window > 0)
        snprintf(scope, sizeof scope, "window %s A",
                 mica_text_digits(digits, normalise->window, 17));
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "kind", kinds[normalise->kind]);
    cJSON_AddStringToObject(json, "scope", scope);
    return json;
}

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

static void standardise_whole(const struct channel *c)
{
    double mean, sd;
    whole_moments(c, &mean, &sd);
    double factor = inverse(sd, fabs(mean));
    for (size_t i = 0; i < c->height * c->width; i++) {
        float *v = &c->data[i * c->step];
        *v = (float)(((double)*v - mean) * factor);
    }
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
    if (check_finite(image, width, channels, height * width * channels, err))
        return -1;
    for (size_t c = 0; c < channels; c++) {
        struct channel channel = {image + c, height, width, channels};
        size_t rows = window_pixels(normalise->window, pixel[0], height);
        size_t columns = window_pixels(normalise->window, pixel[1], width);
        if (normalise->kind == NORMALISE_RANGE)
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

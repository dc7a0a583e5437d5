/* canvas.c - a picture to draw on: lines, circles and letters, without jagged edges */
#include "datasets/canvas.h"
#include "core/memory.h"
#include "datasets/font.h"
#include "datasets/image.h"
#include <math.h>
#include <string.h>

int mica_canvas_new(struct canvas *canvas, size_t height, size_t width,
                    struct colour background, struct error *err)
{
    *canvas = (struct canvas){height, width, NULL};
    if (height <= SIZE_MAX / 4 / (width + 1))
        canvas->pixels = mica_allocate(height * width, 3);
    if (!canvas->pixels) {
        *canvas = (struct canvas){0};
        return mica_fail(err, "there is not enough memory for a picture of %zu x %zu",
                         height, width);
    }
    mica_canvas_fill(canvas, 0, 0, (long)height, (long)width, background, 1);
    return 0;
}

void mica_canvas_free(struct canvas *canvas)
{
    mica_free(canvas->pixels);
    *canvas = (struct canvas){0};
}

static uint8_t mix(uint8_t under, uint8_t over, double share)
{
    return (uint8_t)(under + (over - under) * share + 0.5);
}

void mica_canvas_blend(struct canvas *canvas, long y, long x, struct colour colour,
                       double share)
{
    if (y < 0 || x < 0 || (size_t)y >= canvas->height || (size_t)x >= canvas->width)
        return;
    uint8_t *pixel = canvas->pixels + ((size_t)y * canvas->width + (size_t)x) * 3;
    pixel[0] = mix(pixel[0], colour.red, share);
    pixel[1] = mix(pixel[1], colour.green, share);
    pixel[2] = mix(pixel[2], colour.blue, share);
}

static long clamp(double value, size_t size)
{
    return (long)fmin(fmax(value, 0), (double)size);
}

void mica_canvas_fill(struct canvas *canvas, long y, long x, long height, long width,
                      struct colour colour, double share)
{
    long bottom = clamp((double)y + (double)height, canvas->height);
    long right = clamp((double)x + (double)width, canvas->width);
    for (long i = y > 0 ? y : 0; i < bottom; i++)
        for (long k = x > 0 ? x : 0; k < right; k++)
            mica_canvas_blend(canvas, i, k, colour, share);
}

/* --- shapes: a pixel is covered as far as its centre lies inside the edge ------------- */

struct box {
    long top, left, bottom, right; /* the last two are outside */
};

static struct box box_around(const struct canvas *canvas, const double *points,
                             size_t count, double margin)
{
    double least[2] = {points[0], points[1]}, most[2] = {points[0], points[1]};
    for (size_t i = 1; i < count; i++)
        for (int k = 0; k < 2; k++) {
            least[k] = fmin(least[k], points[2 * i + (size_t)k]);
            most[k] = fmax(most[k], points[2 * i + (size_t)k]);
        }
    return (struct box){clamp(floor(least[1] - margin), canvas->height),
                        clamp(floor(least[0] - margin), canvas->width),
                        clamp(ceil(most[1] + margin) + 1, canvas->height),
                        clamp(ceil(most[0] + margin) + 1, canvas->width)};
}

/* The distance from (x, y) to the piece of line from a to b. */
static double distance_to(const double a[2], const double b[2], double x, double y)
{
    double along[2] = {b[0] - a[0], b[1] - a[1]}, from[2] = {x - a[0], y - a[1]};
    double length = along[0] * along[0] + along[1] * along[1];
    double t = length > 0 ? (from[0] * along[0] + from[1] * along[1]) / length : 0;
    t = fmin(fmax(t, 0), 1);
    double dx = from[0] - t * along[0], dy = from[1] - t * along[1];
    return sqrt(dx * dx + dy * dy);
}

static void cover(struct canvas *canvas, struct box area, const double a[2],
                  const double b[2], double thickness, float *covered)
{
    const double both[4] = {a[0], a[1], b[0], b[1]};
    struct box near = box_around(canvas, both, 2, thickness / 2 + 1);
    for (long y = near.top; y < near.bottom; y++)
        for (long x = near.left; x < near.right; x++) {
            double inside =
                thickness / 2 + 0.5 - distance_to(a, b, (double)x, (double)y);
            float share = (float)fmin(fmax(inside, 0), fmin(thickness, 1));
            float *at =
                covered + (y - area.top) * (area.right - area.left) + x - area.left;
            *at = fmaxf(*at, share);
        }
}

void mica_canvas_line(struct canvas *canvas, const double *points, size_t count,
                      double thickness, struct colour colour)
{
    if (count == 0)
        return;
    struct box area = box_around(canvas, points, count, thickness / 2 + 1);
    long height = area.bottom - area.top, width = area.right - area.left;
    if (height <= 0 || width <= 0)
        return;
    float *covered = mica_need((size_t)height * (size_t)width, sizeof *covered);
    for (size_t i = 0; i + 1 < count || i == 0; i++)
        cover(canvas, area, points + 2 * i, points + 2 * (i + 1 < count ? i + 1 : i),
              thickness, covered);
    for (long y = 0; y < height; y++)
        for (long x = 0; x < width; x++)
            if (covered[y * width + x] > 0)
                mica_canvas_blend(canvas, area.top + y, area.left + x, colour,
                                  (double)covered[y * width + x]);
    mica_free(covered);
}

/* The pixels whose distance from (y, x) is between two radii. */
static void draw_ring(struct canvas *canvas, double y, double x, double inner,
                      double outer, struct colour colour)
{
    const double centre[2] = {x, y};
    struct box area = box_around(canvas, centre, 1, outer + 1);
    for (long i = area.top; i < area.bottom; i++)
        for (long k = area.left; k < area.right; k++) {
            double dy = (double)i - y, dx = (double)k - x, r = sqrt(dx * dx + dy * dy);
            double share = fmin(outer + 0.5 - r, r - inner + 0.5);
            if (share > 0)
                mica_canvas_blend(canvas, i, k, colour, fmin(share, 1));
        }
}

void mica_canvas_circle(struct canvas *canvas, double y, double x, double radius,
                        double thickness, struct colour colour)
{
    draw_ring(canvas, y, x, radius - thickness / 2, radius + thickness / 2, colour);
}

void mica_canvas_disc(struct canvas *canvas, double y, double x, double radius,
                      struct colour colour)
{
    draw_ring(canvas, y, x, -1, radius, colour);
}

/* --- text ----------------------------------------------------------------------------- */

struct ink {
    struct canvas *canvas;
    struct colour colour;
    double thickness;
};

static void draw_stroke(void *context, const double *points, size_t count)
{
    const struct ink *ink = context;
    mica_canvas_line(ink->canvas, points, count, ink->thickness, ink->colour);
}

/* A pen that stays visible in small letters. */
static double pen_of(double size) { return fmax(1.1, 0.135 * size); }

void mica_canvas_text(struct canvas *canvas, double y, double x, double size,
                      enum anchor anchor, const char *text, struct colour colour,
                      const struct colour *halo)
{
    struct ink ink = {canvas, colour, pen_of(size)};
    double left = x - 0.5 * (double)anchor * mica_font_width(text, size);
    if (halo) {
        struct ink rim = {canvas, *halo, ink.thickness + fmax(2, 0.25 * size)};
        mica_font_draw(text, size, left, y, false, draw_stroke, &rim);
    }
    mica_font_draw(text, size, left, y, false, draw_stroke, &ink);
}

void mica_canvas_text_upwards(struct canvas *canvas, double y, double x, double size,
                              enum anchor anchor, const char *text,
                              struct colour colour)
{
    struct ink ink = {canvas, colour, pen_of(size)};
    double bottom = y + 0.5 * (double)anchor * mica_font_width(text, size);
    mica_font_draw(text, size, x, bottom, true, draw_stroke, &ink);
}

/* --- whole pictures ------------------------------------------------------------------- */

void mica_canvas_paste(struct canvas *canvas, long y, long x,
                       const struct canvas *other)
{
    for (size_t i = 0; i < other->height; i++)
        for (size_t k = 0; k < other->width; k++) {
            const uint8_t *p = other->pixels + (i * other->width + k) * 3;
            mica_canvas_blend(canvas, y + (long)i, x + (long)k,
                              (struct colour){p[0], p[1], p[2]}, 1);
        }
}

int mica_canvas_write(const struct canvas *canvas, const char *path, double pixel,
                      struct error *err)
{
    struct image image;
    if (mica_image_new_for(path, &image, 1, canvas->height, canvas->width, 3, err))
        return -1;
    image.bits = 8;
    image.whole = true;
    image.pixel[0] = image.pixel[1] = pixel;
    size_t size = mica_image_size(&image);
    for (size_t i = 0; i < size; i++)
        image.data[i] = (float)canvas->pixels[i];
    int result = mica_image_write(path, &image, err);
    mica_image_free(&image);
    return result;
}

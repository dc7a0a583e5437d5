/* surface.c - what charts are drawn on: SVG text or a canvas */
#include "datasets/surface.h"
#include "core/memory.h"
#include <math.h>
#include <stdlib.h>

/* Height of a capital over the size of the font, of Helvetica and its like. */
static const double capital = 0.72;

/* Two decimals, with '.' in every locale. */
static void put(struct text *svg, const char *before, double number)
{
    long hundredths = (long)floor(fabs(number) * 100 + 0.5);
    mica_text_add(svg, "%s%s%ld", before, number < 0 && hundredths > 0 ? "-" : "",
                  hundredths / 100);
    if (hundredths % 100 != 0)
        mica_text_add(svg, hundredths % 10 != 0 ? ".%02ld" : ".%ld",
                      hundredths % 10 != 0 ? hundredths % 100 : hundredths % 100 / 10);
}

static void put_colour(struct text *svg, const char *before, struct colour c)
{
    mica_text_add(svg, "%s#%02x%02x%02x", before, c.red, c.green, c.blue);
}

struct surface mica_surface_svg(struct text *svg, double height, double width)
{
    put(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"", width);
    put(svg, "\" height=\"", height);
    put(svg, "\" viewBox=\"0 0 ", width);
    put(svg, " ", height);
    mica_text_add(svg, "\" font-family=\"Helvetica, Arial, sans-serif\">\n");
    return (struct surface){.svg = svg};
}

void mica_surface_end(const struct surface *surface)
{
    if (surface->svg)
        mica_text_add(surface->svg, "</svg>\n");
}

int mica_surface_canvas(struct surface *surface, struct canvas *canvas, double height,
                        double width, double scale, struct error *err)
{
    *surface = (struct surface){.canvas = canvas, .scale = scale};
    return mica_canvas_new(canvas, (size_t)(height * scale), (size_t)(width * scale),
                           (struct colour){255, 255, 255}, err);
}

/* From the corner of the first pixel, in units, to its centre, in pixels. */
static double place(const struct surface *surface, double x)
{
    return x * surface->scale - 0.5;
}

void mica_surface_line(const struct surface *surface, const double *points,
                       size_t count, double thickness, struct colour colour)
{
    if (surface->canvas) {
        double *placed = mica_need(2 * count + 1, sizeof *placed);
        for (size_t i = 0; i < 2 * count; i++)
            placed[i] = place(surface, points[i]);
        mica_canvas_line(surface->canvas, placed, count, thickness * surface->scale,
                         colour);
        mica_free(placed);
        return;
    }
    struct text *svg = surface->svg;
    mica_text_add(svg, "<polyline points=\"");
    for (size_t i = 0; i < count || (count == 1 && i == 1);
         i++) { /* a point is a dot */
        const double *p = points + 2 * (i < count ? i : 0);
        put(svg, i > 0 ? " " : "", p[0]);
        put(svg, ",", p[1]);
    }
    put_colour(svg, "\" fill=\"none\" stroke=\"", colour);
    put(svg, "\" stroke-width=\"", thickness);
    mica_text_add(svg, "\" stroke-linejoin=\"round\" stroke-linecap=\"round\"/>\n");
}

void mica_surface_fill(const struct surface *surface, double y, double x, double height,
                       double width, struct colour colour)
{
    if (surface->canvas) {
        double s = surface->scale;
        long top = (long)floor(y * s + 0.5), left = (long)floor(x * s + 0.5);
        mica_canvas_fill(surface->canvas, top, left,
                         (long)floor((y + height) * s + 0.5) - top,
                         (long)floor((x + width) * s + 0.5) - left, colour, 1);
        return;
    }
    put(surface->svg, "<rect x=\"", x);
    put(surface->svg, "\" y=\"", y);
    put(surface->svg, "\" width=\"", width);
    put(surface->svg, "\" height=\"", height);
    put_colour(surface->svg, "\" fill=\"", colour);
    mica_text_add(surface->svg, "\"/>\n");
}

/* What XML gives a meaning is escaped, what it forbids is left out. */
static void escape(struct text *svg, const char *text)
{
    for (; *text; text++) {
        const char *word = *text == '&'   ? "&amp;"
                           : *text == '<' ? "&lt;"
                           : *text == '>' ? "&gt;"
                           : *text == '"' ? "&quot;"
                                          : NULL;
        if (word)
            mica_text_add(svg, "%s", word);
        else if ((unsigned char)*text >= ' ')
            mica_text_append(svg, text, 1);
    }
}

void mica_surface_text(const struct surface *surface, double y, double x, double size,
                       enum anchor anchor, bool upwards, const char *text,
                       struct colour colour)
{
    static const char *const anchors[] = {"start", "middle", "end"};
    if (surface->canvas) {
        double s = surface->scale;
        if (upwards)
            mica_canvas_text_upwards(surface->canvas, place(surface, y),
                                     place(surface, x), size * s, anchor, text, colour);
        else
            mica_canvas_text(surface->canvas, place(surface, y), place(surface, x),
                             size * s, anchor, text, colour, NULL);
        return;
    }
    struct text *svg = surface->svg;
    put(svg, "<text x=\"", x);
    put(svg, "\" y=\"", y);
    put(svg, "\" font-size=\"", size / capital);
    mica_text_add(svg, "\" text-anchor=\"%s", anchors[anchor]);
    if (upwards) {
        put(svg, "\" transform=\"rotate(-90 ", x);
        put(svg, " ", y);
        mica_text_add(svg, ")");
    }
    put_colour(svg, "\" fill=\"", colour);
    mica_text_add(svg, "\">");
    escape(svg, text);
    mica_text_add(svg, "</text>\n");
}

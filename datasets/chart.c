/* chart.c - curves over axes: ranges, ticks, a legend above the plot */
#include "datasets/chart.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/numeric.h"
#include "datasets/font.h"
#include "datasets/surface.h"
#include "datasets/ticks.h"
#include <math.h>
#include <string.h>

static const struct colour ink = {40, 40, 45}, grey = {110, 110, 115},
                           faint = {225, 225, 228}, fainter = {240, 240, 242},
                           paper = {255, 255, 255};

enum { TITLE = 11, LABEL = 9, TICK = 8, EDGE = 14, SAMPLE = 22 };

struct axis {
    bool log, whole;
    double low, high; /* of the values, or of their logarithms */
    double from, to;  /* in units of the surface */
    struct ticks ticks;
};

struct plot {
    const struct chart *chart;
    const struct surface *surface;
    double height, width;
    double left, right, top, bottom;
    struct axis x, y;
};

/* --- axes ----------------------------------------------------------------------------- */

static double measure(const struct axis *axis, double value)
{
    if (!axis->log)
        return isfinite(value) ? value : (double)NAN;
    return value > 0 && isfinite(value) ? mica_log10(value) : (double)NAN;
}

static double place(const struct axis *axis, double value)
{
    double share = (measure(axis, value) - axis->low) / (axis->high - axis->low);
    return axis->from + share * (axis->to - axis->from);
}

static void include(struct axis *axis, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double m = measure(axis, values[i]);
        if (isnan(m))
            continue;
        axis->low = fmin(axis->low, m);
        axis->high = fmax(axis->high, m);
        axis->whole = axis->whole && floor(values[i]) == values[i];
    }
}

/* Some air around what there is; an axis of nothing runs from 0 to 1. */
static void widen(struct axis *axis, double share)
{
    if (!(axis->low <= axis->high)) {
        axis->low = 0;
        axis->high = 1;
    }
    double air = share * (axis->high - axis->low);
    if (axis->high - axis->low < 1e-9 * fmax(fabs(axis->low), fabs(axis->high)) ||
        !(axis->high > axis->low))
        air = axis->log ? 0.5 : fmax(0.1 * fabs(axis->high), axis->whole ? 1 : 1e-6);
    axis->low -= air;
    axis->high += air;
}

static void find_ticks(struct axis *axis, double spacing)
{
    size_t wanted = (size_t)fmax(3, fabs(axis->to - axis->from) / spacing);
    if (axis->log)
        mica_ticks_log(&axis->ticks, mica_pow(10, axis->low), mica_pow(10, axis->high),
                       wanted);
    else
        mica_ticks_linear(&axis->ticks, axis->low, axis->high, wanted, axis->whole);
}

static double widest_label(const struct axis *axis)
{
    double width = 0;
    char label[40];
    for (size_t i = 0; i < axis->ticks.count; i++)
        if (axis->ticks.labelled[i])
            width = fmax(
                width,
                mica_font_width(mica_tick_label(label, axis->ticks.values[i]), TICK));
    return width;
}

/* --- legend --------------------------------------------------------------------------- */

/* Draws the legend (unless surface is NULL); returns the height it takes. */
static double lay_legend(const struct plot *p, const struct surface *surface,
                         double top)
{
    double x = EDGE, y = 0;
    bool any = false;
    for (size_t i = 0; i < p->chart->count; i++) {
        const struct series *s = &p->chart->series[i];
        if (!s->name)
            continue;
        double width = SAMPLE + 6 + mica_font_width(s->name, LABEL);
        if (x > EDGE && x + width > p->width - EDGE) {
            x = EDGE;
            y += LABEL + 9;
        }
        if (surface) {
            double middle = top + y + LABEL / 2.0;
            double line[4] = {x, middle, x + SAMPLE, middle};
            if (s->dots)
                line[0] += SAMPLE / 2.0;
            mica_surface_line(surface, line, s->dots ? 1 : 2, s->dots ? 5 : 2.5,
                              mica_curve_colour(i));
            mica_surface_text(surface, top + y + LABEL, x + SAMPLE + 6, LABEL,
                              ANCHOR_LEFT, false, s->name, ink);
        }
        x += width + 20;
        any = true;
    }
    return any ? y + LABEL + 12 : 0;
}

static void lay_out(struct plot *p)
{
    const struct chart *chart = p->chart;
    p->x = (struct axis){chart->x_log, true, HUGE_VAL, -HUGE_VAL, 0, 0, {0}};
    p->y = (struct axis){chart->y_log, false, HUGE_VAL, -HUGE_VAL, 0, 0, {0}};
    for (size_t i = 0; i < chart->count; i++) {
        include(&p->x, chart->series[i].x, chart->series[i].count);
        include(&p->y, chart->series[i].y, chart->series[i].count);
    }
    widen(&p->x, 0.01);
    widen(&p->y, 0.05);
    p->top = EDGE + (chart->title ? TITLE + 14 : 0);
    p->top += lay_legend(p, NULL, 0);
    p->bottom = p->height - EDGE - TICK - 8 - (chart->x_label ? LABEL + 10 : 0);
    p->y.from = p->bottom;
    p->y.to = p->top;
    find_ticks(&p->y, 38);
    p->left = EDGE + (chart->y_label ? LABEL + 12 : 0) + widest_label(&p->y) + 8;
    p->right = p->width - EDGE - 8;
    p->x.from = p->left;
    p->x.to = p->right;
    find_ticks(&p->x, 62);
}

/* --- drawing -------------------------------------------------------------------------- */

static double crisp(double x) { return floor(x) + 0.5; }

static void draw_rule(const struct plot *p, double x0, double y0, double x1, double y1,
                      struct colour colour)
{
    const double line[4] = {x0, y0, x1, y1};
    mica_surface_line(p->surface, line, 2, 1, colour);
}

static void draw_axes(const struct plot *p)
{
    char label[40];
    for (int fine = 1; fine >= 0; fine--) { /* fine lines lie beneath */
        for (size_t i = 0; i < p->y.ticks.count; i++) {
            double y = crisp(place(&p->y, p->y.ticks.values[i]));
            if (p->y.ticks.labelled[i] == !fine)
                draw_rule(p, p->left, y, p->right, y, fine ? fainter : faint);
        }
        for (size_t i = 0; i < p->x.ticks.count; i++) {
            double x = crisp(place(&p->x, p->x.ticks.values[i]));
            if (p->x.ticks.labelled[i] == !fine)
                draw_rule(p, x, p->top, x, p->bottom, fine ? fainter : faint);
        }
    }
    for (size_t i = 0; i < p->y.ticks.count; i++)
        if (p->y.ticks.labelled[i])
            mica_surface_text(p->surface,
                              place(&p->y, p->y.ticks.values[i]) + TICK / 2.0,
                              p->left - 8, TICK, ANCHOR_RIGHT, false,
                              mica_tick_label(label, p->y.ticks.values[i]), grey);
    for (size_t i = 0; i < p->x.ticks.count; i++)
        if (p->x.ticks.labelled[i])
            mica_surface_text(p->surface, p->bottom + 8 + TICK,
                              place(&p->x, p->x.ticks.values[i]), TICK, ANCHOR_MIDDLE,
                              false, mica_tick_label(label, p->x.ticks.values[i]),
                              grey);
    draw_rule(p, crisp(p->left), crisp(p->bottom), p->right, crisp(p->bottom), grey);
    draw_rule(p, crisp(p->left), p->top, crisp(p->left), crisp(p->bottom), grey);
}

static void draw_words(const struct plot *p)
{
    const struct chart *chart = p->chart;
    if (chart->title)
        mica_surface_text(p->surface, EDGE + TITLE, EDGE, TITLE, ANCHOR_LEFT, false,
                          chart->title, ink);
    lay_legend(p, p->surface, EDGE + (chart->title ? TITLE + 14 : 0));
    if (chart->x_label)
        mica_surface_text(p->surface, p->height - EDGE, (p->left + p->right) / 2, LABEL,
                          ANCHOR_MIDDLE, false, chart->x_label, ink);
    if (chart->y_label)
        mica_surface_text(p->surface, (p->top + p->bottom) / 2, EDGE + LABEL, LABEL,
                          ANCHOR_MIDDLE, true, chart->y_label, ink);
}

/* The points of a run without gaps. Of many points that fall on one column of the picture
   only the first, least, most and last are kept, which look the same. */
struct run {
    double *points;
    size_t count;
    size_t column; /* points of the present column, the last of `count` */
};

static void add_point(struct run *run, double x, double y)
{
    double *at = run->points + 2 * run->count;
    if (run->column >= 4 && floor(2 * x) == floor(2 * at[-2])) {
        double *least = at - 6, *most = at - 4, *last = at - 2;
        if (last[1] < least[1])
            least[1] = last[1];
        if (last[1] > most[1])
            most[1] = last[1];
        last[0] = x;
        last[1] = y;
        return;
    }
    bool same = run->count > 0 && floor(2 * x) == floor(2 * at[-2]);
    run->column = same ? run->column + 1 : 1;
    at[0] = x;
    at[1] = y;
    run->count++;
}

static void end_run(struct run *run, const struct plot *p, size_t i)
{
    if (run->count > 0)
        mica_surface_line(p->surface, run->points, run->count, run->count > 1 ? 1.8 : 4,
                          mica_curve_colour(i));
    run->count = run->column = 0;
}

static void draw_series(const struct plot *p, size_t i)
{
    const struct series *s = &p->chart->series[i];
    struct run run = {.points = mica_need(2 * s->count + 2, sizeof(double))};
    for (size_t k = 0; k < s->count; k++) {
        const double point[2] = {place(&p->x, s->x[k]), place(&p->y, s->y[k])};
        if (isnan(point[0]) || isnan(point[1]))
            end_run(&run, p, i);
        else if (s->dots)
            mica_surface_line(p->surface, point, 1, 4, mica_curve_colour(i));
        else
            add_point(&run, point[0], point[1]);
    }
    end_run(&run, p, i);
    mica_free(run.points);
}

static void draw(const struct chart *chart, const struct surface *surface,
                 double height, double width)
{
    struct plot p = {
        .chart = chart, .surface = surface, .height = height, .width = width};
    lay_out(&p);
    mica_surface_fill(surface, 0, 0, height, width, paper);
    draw_axes(&p);
    for (size_t i = 0; i < chart->count; i++)
        draw_series(&p, i);
    draw_words(&p);
    mica_surface_end(surface);
}

static double height_of(const struct chart *c)
{
    return c->height > 0 ? c->height : 400;
}
static double width_of(const struct chart *c) { return c->width > 0 ? c->width : 640; }

void mica_chart_svg(const struct chart *chart, struct text *svg)
{
    struct surface surface = mica_surface_svg(svg, height_of(chart), width_of(chart));
    draw(chart, &surface, height_of(chart), width_of(chart));
}

int mica_chart_write(const struct chart *chart, const char *path, struct error *err)
{
    size_t length = strlen(path);
    if (length > 4 && strcmp(path + length - 4, ".svg") == 0) {
        struct text svg = {0};
        mica_chart_svg(chart, &svg);
        int result = mica_file_write(path, svg.data, svg.length, err);
        mica_text_free(&svg);
        return result;
    }
    struct surface surface;
    struct canvas canvas;
    if (mica_surface_canvas(&surface, &canvas, height_of(chart), width_of(chart), 2,
                            err))
        return -1;
    draw(chart, &surface, height_of(chart), width_of(chart));
    int result = mica_canvas_write(&canvas, path, 0, err);
    mica_canvas_free(&canvas);
    return result;
}

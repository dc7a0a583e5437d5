/* chart_matrix.c - tables of colours: confusion matrices and heat maps */
#include "core/file.h"
#include "datasets/chart.h"
#include "datasets/font.h"
#include "datasets/surface.h"
#include "datasets/ticks.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct colour ink = {40, 40, 45}, grey = {110, 110, 115},
                           paper = {255, 255, 255};

enum { TITLE = 11, LABEL = 9, NAME = 8, NUMBER = 8, EDGE = 14, CELL_HEIGHT = 40 };

struct layout {
    double left, top, cell_width, height, width;
    bool slanted; /* the columns' names are too long to lie above their cells */
};

static double longest(const char *const *names, size_t count, double size)
{
    double width = 0;
    for (size_t i = 0; i < count; i++)
        width = fmax(width, mica_font_width(names[i], size));
    return width;
}

static struct layout lay_out(const struct matrix *m)
{
    struct layout l = {.left = EDGE, .top = EDGE, .cell_width = 58};
    double names = longest(m->column_names, m->columns, NAME);
    l.slanted = names + 8 > 90;
    if (!l.slanted)
        l.cell_width = fmax(l.cell_width, names + 8);
    l.left +=
        (m->row_label ? LABEL + 12 : 0) + longest(m->row_names, m->rows, NAME) + 8;
    l.top += (m->title ? TITLE + 14 : 0) + (m->column_label ? LABEL + 10 : 0);
    l.top += (l.slanted ? names : NAME) + 8;
    l.height = l.top + (double)m->rows * CELL_HEIGHT + EDGE;
    l.width = l.left + (double)m->columns * l.cell_width + EDGE;
    if (m->title)
        l.width = fmax(l.width, mica_font_width(m->title, TITLE) + 2 * EDGE);
    return l;
}

static void draw_names(const struct matrix *m, const struct layout *l,
                       const struct surface *s)
{
    double bottom = l->top + (double)m->rows * CELL_HEIGHT;
    double right = l->left + (double)m->columns * l->cell_width;
    for (size_t i = 0; i < m->rows; i++)
        mica_surface_text(s, l->top + ((double)i + 0.5) * CELL_HEIGHT + NAME / 2.0,
                          l->left - 8, NAME, ANCHOR_RIGHT, false, m->row_names[i], ink);
    for (size_t i = 0; i < m->columns; i++) {
        double middle = l->left + ((double)i + 0.5) * l->cell_width;
        mica_surface_text(s, l->top - 8, middle + (l->slanted ? NAME / 2.0 : 0), NAME,
                          l->slanted ? ANCHOR_LEFT : ANCHOR_MIDDLE, l->slanted,
                          m->column_names[i], ink);
    }
    if (m->title)
        mica_surface_text(s, EDGE + TITLE, EDGE, TITLE, ANCHOR_LEFT, false, m->title,
                          ink);
    if (m->column_label)
        mica_surface_text(s, EDGE + (m->title ? TITLE + 14 : 0) + LABEL,
                          (l->left + right) / 2, LABEL, ANCHOR_MIDDLE, false,
                          m->column_label, grey);
    if (m->row_label)
        mica_surface_text(s, (l->top + bottom) / 2, EDGE + LABEL, LABEL, ANCHOR_MIDDLE,
                          true, m->row_label, grey);
}

/* What colours are relative to. */
struct range {
    double low, high;
};

static struct range range_of(const struct matrix *m, size_t row)
{
    struct range range = {HUGE_VAL, -HUGE_VAL};
    if (m->shares) {
        range = (struct range){0, 0};
        for (size_t k = 0; k < m->columns; k++)
            range.high += m->values[row * m->columns + k];
        return range;
    }
    for (size_t i = 0; i < m->rows * m->columns; i++) {
        range.low = fmin(range.low, m->values[i]);
        range.high = fmax(range.high, m->values[i]);
    }
    return range;
}

/* Dark letters on light cells and light ones on dark (ITU-R BT.601 luma). */
static struct colour letters_on(struct colour c)
{
    return 0.299 * c.red + 0.587 * c.green + 0.114 * c.blue > 140 ? ink : paper;
}

static void draw_cell(const struct matrix *m, const struct layout *l,
                      const struct surface *s, size_t row, size_t column)
{
    double value = m->values[row * m->columns + column];
    struct range range = range_of(m, row);
    double size = range.high - range.low,
           share = size > 0 ? (value - range.low) / size : 0;
    struct colour colour = mica_value_colour(m->shares ? COLOURS_LIGHT : m->map,
                                             isnan(value) ? value : share);
    double y = l->top + (double)row * CELL_HEIGHT;
    double x = l->left + (double)column * l->cell_width, middle = x + l->cell_width / 2;
    mica_surface_fill(s, y, x, CELL_HEIGHT - 1, l->cell_width - 1, colour);
    char text[64];
    if (isnan(value))
        return;
    double base = y + CELL_HEIGHT / 2.0 + (m->shares ? -2 : NUMBER / 2.0);
    if (m->shares)
        mica_text_count(text, (uint64_t)fmax(0, value));
    else
        mica_tick_label(text, value);
    mica_surface_text(s, base, middle, NUMBER, ANCHOR_MIDDLE, false, text,
                      letters_on(colour));
    if (!m->shares || !(size > 0))
        return;
    char digits[40];
    snprintf(text, sizeof text, "%s %%",
             mica_text_digits(digits, floor(share * 1000 + 0.5) / 10, 4));
    mica_surface_text(s, base + NUMBER + 5, middle, NUMBER - 1, ANCHOR_MIDDLE, false,
                      text, letters_on(colour));
}

static void draw(const struct matrix *m, const struct layout *l,
                 const struct surface *s)
{
    mica_surface_fill(s, 0, 0, l->height, l->width, paper);
    draw_names(m, l, s);
    for (size_t i = 0; i < m->rows; i++)
        for (size_t k = 0; k < m->columns; k++)
            draw_cell(m, l, s, i, k);
    mica_surface_end(s);
}

void mica_matrix_svg(const struct matrix *matrix, struct text *svg)
{
    struct layout l = lay_out(matrix);
    struct surface surface = mica_surface_svg(svg, l.height, l.width);
    draw(matrix, &l, &surface);
}

int mica_matrix_write(const struct matrix *matrix, const char *path, struct error *err)
{
    size_t length = strlen(path);
    if (length > 4 && strcmp(path + length - 4, ".svg") == 0) {
        struct text svg = {0};
        mica_matrix_svg(matrix, &svg);
        int result = mica_file_write(path, svg.data, svg.length, err);
        mica_text_free(&svg);
        return result;
    }
    struct layout l = lay_out(matrix);
    struct surface surface;
    struct canvas canvas;
    if (mica_surface_canvas(&surface, &canvas, l.height, l.width, 2, err))
        return -1;
    draw(matrix, &l, &surface);
    int result = mica_canvas_write(&canvas, path, 0, err);
    mica_canvas_free(&canvas);
    return result;
}

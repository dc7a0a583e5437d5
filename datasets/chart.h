/* chart.h - curves over axes and tables of colours, as SVG for browsers and PNG for others */
#ifndef MICA_DATASETS_CHART_H
#define MICA_DATASETS_CHART_H

#include "core/text.h"
#include "datasets/canvas.h"

/* A curve; it is broken where x or y is NaN or, on a logarithmic axis, not positive. */
struct series {
    const char *name; /* NULL: not in the legend */
    const double *x, *y;
    size_t count;
    bool dots; /* points instead of a line */
};

struct chart {
    const char *title, *x_label, *y_label; /* may be NULL */
    bool x_log, y_log;
    const struct series *series;
    size_t count;
    double height, width; /* 0: 400 x 640 */
};

/* Numbers in rows and columns as colours, each written in its cell. Of a confusion matrix
   (`shares`) the values are counts, and the colour and a second line are the share in the
   row. */
struct matrix {
    const char *title, *row_label, *column_label; /* may be NULL */
    const char *const *row_names, *const *column_names;
    size_t rows, columns;
    const double *values; /* row after row */
    bool shares;
    enum colour_map map; /* from the least to the most; shares are COLOURS_LIGHT */
};

/* Written by the path's ending: .svg, or .png with two pixels for a unit. */
int mica_chart_write(const struct chart *chart, const char *path, struct error *err);
int mica_matrix_write(const struct matrix *matrix, const char *path, struct error *err);
/* The SVG element alone, added to a page. */
void mica_chart_svg(const struct chart *chart, struct text *svg);
void mica_matrix_svg(const struct matrix *matrix, struct text *svg);

#endif

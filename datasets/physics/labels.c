/* labels.c - where the image shows a site, and the map of classes */
#include "datasets/physics/labels.h"

#include <math.h>

/* Displacements between pixels, the nearest ones' beyond the image. */
static double between(const float *shift, const struct scan *scan, double x, double y)
{
    double last_x = (double)(scan->width - 1), last_y = (double)(scan->height - 1);
    x = fmin(fmax(x, 0), last_x);
    y = fmin(fmax(y, 0), last_y);
    size_t left = (size_t)x, top = (size_t)y;
    size_t right = left + (left < scan->width - 1),
           bottom = top + (top < scan->height - 1);
    double u = x - (double)left, v = y - (double)top;
    const float *upper = shift + top * scan->width,
                *lower = shift + bottom * scan->width;
    return (1 - v) * ((1 - u) * (double)upper[left] + u * (double)upper[right]) +
           v * ((1 - u) * (double)lower[left] + u * (double)lower[right]);
}

/* The pixel whose displaced position is (x, y) [A]: x = column pixel + dx(row, column),
   solved by repetition. */
static void locate(const struct scan *scan, double x, double y, double *x_px,
                   double *y_px)
{
    enum { REPEATS = 8 };
    *x_px = x / scan->pixel[1];
    *y_px = y / scan->pixel[0];
    for (int i = 0; scan->dx && i < REPEATS; i++) {
        double dx = between(scan->dx, scan, *x_px, *y_px);
        double dy = between(scan->dy, scan, *x_px, *y_px);
        *x_px = (x - dx) / scan->pixel[1];
        *y_px = (y - dy) / scan->pixel[0];
    }
}

void mica_labels_locate(struct atoms *atoms, const struct scan *scan)
{
    for (size_t i = 0; i < atoms->count; i++) {
        struct atom *atom = &atoms->list[i];
        locate(scan, atom->x, atom->y, &atom->x_px, &atom->y_px);
    }
    for (size_t i = 0; i < atoms->column_count; i++) {
        struct column *column = &atoms->columns[i];
        locate(scan, column->x, column->y, &column->x_px, &column->y_px);
    }
}

/* The largest displacement [A]. */
static double largest(const float *shift, size_t count)
{
    float most = 0;
    for (size_t i = 0; shift && i < count; i++)
        most = fabsf(shift[i]) > most ? fabsf(shift[i]) : most;
    return (double)most;
}

/* The whole numbers within `reach` of `middle` and 0 .. count-1. */
static void limit(double middle, double reach, size_t count, size_t *from, size_t *to)
{
    double low = fmax(ceil(middle - reach), 0);
    double high = fmin(floor(middle + reach) + 1, (double)count);
    *from = (size_t)low;
    *to = high > low ? (size_t)high : *from;
}

static void mark(uint8_t *map, const struct column *column, const struct scan *scan,
                 uint8_t class, double radius, const double slack[2])
{
    size_t top, bottom, left, right;
    limit(column->y / scan->pixel[0], (radius + slack[0]) / scan->pixel[0],
          scan->height, &top, &bottom);
    limit(column->x / scan->pixel[1], (radius + slack[1]) / scan->pixel[1], scan->width,
          &left, &right);
    for (size_t row = top; row < bottom; row++)
        for (size_t col = left; col < right; col++) {
            size_t i = row * scan->width + col;
            double x = (double)col * scan->pixel[1] - column->x;
            double y = (double)row * scan->pixel[0] - column->y;
            x += scan->dx ? (double)scan->dx[i] : 0;
            y += scan->dy ? (double)scan->dy[i] : 0;
            if (x * x + y * y <= radius * radius && class > map[i])
                map[i] = class;
        }
}

void mica_labels_discs(uint8_t *map, const struct atoms *atoms, const struct scan *scan,
                       const uint8_t *classes, double radius)
{
    size_t count = scan->height * scan->width;
    double slack[2] = {largest(scan->dy, count), largest(scan->dx, count)};
    for (size_t i = 0; i < atoms->column_count; i++) {
        uint8_t class = classes[atoms->columns[i].label];
        if (class)
            mark(map, &atoms->columns[i], scan, class, radius, slack);
    }
}

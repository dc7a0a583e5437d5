/* incoherent.h - linear images: every atom adds the probe's intensity around it */
#ifndef MICA_DATASETS_PHYSICS_INCOHERENT_H
#define MICA_DATASETS_PHYSICS_INCOHERENT_H

#include "datasets/physics/probe.h"

/* Where the beam stands for every pixel: x = column pixel[1] + dx, y = row pixel[0] + dy
   [A]. Without distortion dx and dy are NULL. */
struct scan {
    size_t height, width;
    double pixel[2]; /* [A], (rows, columns) */
    float *dx, *dy;  /* [height][width] [A] */
};

/* A point that scatters: image(x) += weights[channel] h(x - point). */
struct scatterer {
    double x, y;           /* [A] */
    size_t kernel;         /* which of the kernels */
    const double *weights; /* [channels] cross-sections [A^2], occupancy included */
};

/* A patch of the specimen on a square grid, finer than the probe's band limit asks for: the
   image is band-limited, so that everything between is known too. The values are
   coefficients of cubic B-splines, planes[channel][row][column]. */
struct grid {
    double step, left,
        top; /* [A]: sample (row, column) lies at x = left + column step */
    size_t rows, columns, channels;
    float *values;
};
/* A grid of zeros under every point of a scan and `margin` [A] more. */
int mica_grid_new(struct grid *grid, const struct scan *scan, size_t channels,
                  double step, double margin, struct error *err);
void mica_grid_free(struct grid *grid);
/* Add the scatterers' images, to the radius of their kernels, and the constant that the
   tails beyond add up to: (1 - inside) times the mean of weights per area. */
int mica_grid_add(struct grid *grid, const struct kernel *kernels,
                  const struct scatterer *scatterers, size_t count, struct error *err);
/* image[row][column][channel] = the grid at the scan's points. */
void mica_grid_sample(const struct grid *grid, const struct scan *scan, float *image);

#endif

/* probe.h - the intensity of a focused probe, as a kernel for images */
#ifndef MICA_DATASETS_PHYSICS_PROBE_H
#define MICA_DATASETS_PHYSICS_PROBE_H

#include "core/error.h"
#include "datasets/physics/microscope.h"

/* The probe's intensity h [1/A^2] at x = (column - reach) step, y = (row - reach) step; its
   integral over the plane is 1. The intensity is band-limited to 2 alpha / lambda, and the
   step is 0.44 of the largest that samples it: between samples it is interpolated by cubic
   B-splines, whose prefilters are applied already (`spline` times). */
struct kernel {
    double step;   /* [A] */
    size_t reach;  /* samples to either side of the middle */
    float *values; /* [2 reach + 1][2 reach + 1] */
    double radius; /* [A]; the caller may cut the kernel here: */
    double inside; /* the part of the intensity within the radius */
};

/* What one kernel is for: an additional Gaussian blur by thermal motion, rms along one axis
   [A], and how many interpolations by B-splines will follow. */
struct kernel_wish {
    double blur;
    int spline;
};

enum { KERNEL_REACH_MOST = 1000 }; /* samples */

/* The distance of samples [A] for a probe. */
double mica_probe_step(const struct optics *optics);
/* Make `count` kernels that reach `radius` [A], at most KERNEL_REACH_MOST samples. -1 where
   there is no memory. */
int mica_probe_kernels(const struct optics *optics, double radius,
                       const struct kernel_wish *wishes, size_t count,
                       struct kernel *kernels, struct error *err);
void mica_kernel_free(struct kernel *kernel);

/* Weights of the four samples around a place, `t` in [0, 1) after the second. */
static inline void mica_spline_weights(double t, float weights[4])
{
    double s = 1 - t, t2 = t * t, t3 = t2 * t;
    weights[0] = (float)(s * s * s / 6);
    weights[1] = (float)((3 * t3 - 6 * t2 + 4) / 6);
    weights[2] = (float)((-3 * t3 + 3 * t2 + 3 * t + 1) / 6);
    weights[3] = (float)(t3 / 6);
}

#endif

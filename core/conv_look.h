/* conv_look.h - where the pixels of a convolution look: no copy, no padding */
#ifndef MICA_CORE_CONV_LOOK_H
#define MICA_CORE_CONV_LOOK_H

#include "core/tensor.h"
#include <stdbool.h>
#include <stddef.h>

/* Target i under tap t looks at source i step + offset + t (1 + gap), where 0 <= that <
   sources. */
struct axis {
    size_t targets, taps, step, sources;
    ptrdiff_t offset;
    size_t gap; /* sources between two taps */
};

/* The backward pass of `outputs` windows of `kernel` taps over `inputs`: inputs phase, phase
   + stride, .. are targets, and tap t of `axis` is tap last - t apart of the kernel. */
struct phase {
    struct axis axis;
    size_t last, apart;
};
struct phase mica_look_phase(size_t phase, size_t inputs, size_t outputs, size_t kernel,
                             size_t stride, size_t before, size_t gap);

/* Sources are row and pixel floats apart, images so many. */
struct look {
    const float *source, *zeros; /* zeros: what lies outside an image */
    size_t image, row, pixel;
    struct axis rows, columns;
};

struct look mica_look_at(const struct tensor *tensor, struct axis rows,
                         struct axis columns, const float *zeros);

/* The addresses that targets first .. first + count - 1, counted row by row through all
   images, look at under tap (u, v). */
void mica_look_up(const struct look *look, size_t first, size_t count, size_t u,
                  size_t v, const float **at);

/* Images of few channels are better copied, with their columns padded: then the channels of
   a whole row of the kernel lie side by side and count as one tap, kernel width x channels
   deep. `channels` are there; scratch is of mica_look_widened bytes. */
bool mica_look_is_thin(size_t channels, size_t kernel_w);
size_t mica_look_widened(const struct look *look, size_t channels, size_t images);
struct look mica_look_widen(const struct look *look, size_t channels, size_t images,
                            float *scratch);

/* Pixels a multiple of 4 kB apart meet in one place of the first cache. Where there is one tap
   they are better copied, a line further apart; scratch is of mica_look_gathered bytes. */
bool mica_look_is_crowded(const struct look *look, size_t channels);
size_t mica_look_gathered(const struct look *look, size_t channels, size_t images);
struct look mica_look_gather(const struct look *look, size_t channels, size_t images,
                             float *scratch);

#endif

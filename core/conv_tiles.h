/* conv_tiles.h - convolutions by Fourier transforms of tiles: inside core/conv

   Overlap-save: a tile of length x length pixels gives length - kernel + 1 outputs along each
   axis; one tile that holds a whole image with the padding of one side gives them all. At
   each frequency, pixels are tiles and the product is one of complex matrices. Tiles are as
   long as one of a few lengths, and no shorter than the kernel. */
#ifndef MICA_CORE_CONV_TILES_H
#define MICA_CORE_CONV_TILES_H

#include "core/conv.h"
#include "core/kernels/winograd.h"

enum {
    TILE_TAPS = 1024,     /* weights of a kernel, at most... */
    TILE_LANES = 16,      /* ...of as many outputs as a vector has lanes, at most */
    TILE_BLOCK = 2,       /* vectors of outputs that are multiplied at once */
    TILE_ROUND = 1 << 20, /* numbers of the frequencies of a round of tiles */
    TILE_PACKED =
        64 << 10 /* of the weights of a block: on the stack, in the second cache */
};

/* Along one axis: outputs of a tile, and tiles. */
struct tile_axis {
    size_t step, count;
};
/* How a convolution of stride 1 is cut into tiles; `of.length` is 0 where the direct way is
   the faster one. It follows from the shape of an image. */
struct tile_cut {
    struct tile_length of;
    struct tile_axis rows, columns;
    size_t planes; /* frequencies of a tile, or points */
    double cost;   /* beside the direct way */
};
struct tile_cut mica_tiles_cut(const struct conv *conv);
/* The same for the gradient by the weights, of shards of so many images. */
struct tile_cut mica_tiles_gradient_cut(const struct conv *conv, size_t images);

/* Tiles of a round of Fourier transforms, at most. */
size_t mica_tiles_round(const struct conv *conv, const struct tile_cut *cut);
/* Whether tiles go by Winograd's way: core/conv_winograd.h. */
static inline bool mica_tiles_are_short(const struct tile_cut *cut)
{
    return cut->of.length == WINOGRAD_LENGTH;
}

/* The convolution that the pass backward to the data is, with a turned kernel. */
struct conv mica_tiles_turn(const struct conv *conv);

/* As the functions of core/conv.h; backward to the data where the turned convolution is cut.
   Prepared weights are folded ones; `turned`: of the turned kernel of `conv`. */
size_t mica_tiles_prepared(const struct conv *conv);
void mica_tiles_prepare(const struct conv *conv, const float *weights, bool turned,
                        float *prepared);
size_t mica_tiles_forward_scratch(const struct conv *conv, size_t n);
void mica_tiles_forward(const struct conv *conv, const struct tensor *x,
                        struct conv_weights weights, const float *bias,
                        const struct finish *finish, struct tensor *y, bool add,
                        void *scratch);
size_t mica_tiles_backward_data_scratch(const struct conv *conv, size_t n);
void mica_tiles_backward_data(const struct conv *conv, const struct tensor *dy,
                              struct conv_weights weights, const float *bias,
                              const struct finish *finish, struct tensor *dx, bool add,
                              void *scratch);
size_t mica_tiles_backward_weights_scratch(const struct conv *conv, size_t n,
                                           size_t shards);
void mica_tiles_backward_weights(const struct conv *conv, const struct tensor *x,
                                 const struct tensor *dy, size_t shards,
                                 float *dweights, bool add, void *scratch);

/* Numbers that a kernel's folded weights are. */
size_t mica_tile_folded(const struct conv *conv);

/* A tile of a batch of the convolution's inputs; of the gradients of its own outputs alone, those of
   its neighbours count as 0; and its outputs as they are written. From channel 0 on: which and how
   many there are, and where they come from or go to, is added by whom it concerns. */
struct tile_outputs {
    struct tensor *y;
    const float *bias; /* whole vectors */
    const struct finish *finish;
    bool add;
};
struct tile_reading mica_tile_reading(const struct tile_cut *cut,
                                      const struct conv *conv, const struct tensor *x,
                                      size_t tile);
struct tile_reading mica_tile_reading_back(const struct tile_cut *cut,
                                           const struct conv *conv,
                                           const struct tensor *dy, size_t tile);
struct tile_writing mica_tile_writing(const struct tile_cut *cut,
                                      const struct conv *conv,
                                      const struct tile_outputs *outputs, size_t tile);
/* Where the outputs of a tile begin: image, row and column. */
struct tile_place {
    size_t image, row, column;
};
struct tile_place mica_tile_place(const struct tile_cut *cut, size_t tile);

#endif

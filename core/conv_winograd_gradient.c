/* conv_winograd_gradient.c - convolution with a kernel of 3x3 by its weights, by Winograd's way

   At each point, inputs x tiles times tiles x outputs. So many weights are summed at once that their sums
   at all points and some tiles stay in the second cache; tiles pass by in chunks, each summed from
   zero in registers. */
#include "core/conv_winograd.h"

#include "core/conv_sizes.h"
#include "core/memory.h"

enum {
    POINTS = WINOGRAD_POINTS,
    CHUNK = 24, /* tiles, at most */
    DEPTH = WINOGRAD_DEEP,
    OUTPUTS = WINOGRAD_WIDE,     /* in blocks of correlation_width, ... */
    BLOCKS = OUTPUTS / 8,        /* ...so many at most */
    GAP = 16,                    /* floats, or they would meet in the caches */
    TILE = POINTS * DEPTH + GAP, /* floats from tile to tile: points lie side by side */
};

/* What is under way: so many inputs and outputs. */
struct part {
    const struct winograd_gradient *of;
    size_t input, depth;    /* counted from of->first */
    size_t output, outputs; /* from of->output: whole blocks */
};

static size_t width(void) { return mica_kernels()->conv->correlation_width; }

/* Floats from point to point of a block of outputs. */
static size_t outputs_apart(void) { return CHUNK * width() + GAP; }

static void read_tile(const struct part *p, size_t tile, float *to)
{
    const struct winograd_gradient *of = p->of;
    const size_t lanes = mica_kernels()->lanes;
    struct tile_reading reading = mica_tile_reading(of->cut, of->conv, of->x, tile);
    reading.from += of->first + p->input;
    reading.apart = DEPTH;
    for (size_t c = 0; c < p->depth; c += lanes, reading.from += lanes) {
        reading.to = to + c;
        reading.channels = least(lanes, p->depth - c);
        mica_kernels()->winograd->read(&reading);
    }
}

/* Outputs that are not there count as 0. */
static void read_back(const struct part *p, size_t tile, float *to)
{
    const struct winograd_gradient *of = p->of;
    const size_t lanes = mica_kernels()->lanes, output = of->output + p->output;
    struct tile_reading reading =
        mica_tile_reading_back(of->cut, of->conv, of->dy, tile);
    reading.from += output;
    reading.apart = outputs_apart();
    for (size_t c = 0; c < p->outputs; c += lanes, reading.from += lanes) {
        const bool there = output + c < of->conv->out_c;
        reading.to = to + c / width() * POINTS * reading.apart + c % width();
        reading.channels = there ? least(lanes, of->conv->out_c - output - c) : 0;
        mica_kernels()->winograd->spread(&reading);
    }
}

/* Tiles first .. first + count - 1; points: [block][point][depth][width]. */
static void correlate_chunk(const struct part *p, size_t first, size_t count, bool add,
                            float *points)
{
    _Alignas(MICA_ALIGNMENT) float x[CHUNK * TILE];
    _Alignas(
        MICA_ALIGNMENT) float d[POINTS * BLOCKS * (CHUNK * OUTPUTS / BLOCKS + GAP)];
    const float *at[CHUNK];
    const size_t blocks = p->outputs / width();
    struct correlation c = {.x = at, .rows = p->depth, .pixels = count, .add = add};
    for (size_t t = 0; t < count; t++) {
        at[t] = x + t * TILE;
        read_tile(p, first + t, x + t * TILE);
        read_back(p, first + t, d + t * width());
    }
    for (size_t i = 0; i < POINTS * blocks; i++) {
        c.first = i % POINTS * DEPTH;
        c.d = d + i * outputs_apart();
        c.g = points + i * p->depth * width();
        mica_kernels()->conv->correlate(&c);
    }
}

static void unfilter(const struct part *p, const float *points, float *sums)
{
    const size_t lanes = mica_kernels()->lanes, depth = p->of->depth;
    const size_t point = p->depth * width(), block = 9 * depth * width();
    for (size_t o = 0; o < p->outputs; o += lanes)
        for (size_t k = 0; k < p->depth; k++)
            mica_kernels()->winograd->unfilter(
                points + o / width() * POINTS * point + k * width() + o % width(),
                point,
                sums + (p->output + o) / width() * block + (p->input + k) * width() +
                    o % width(),
                depth * width());
}

void mica_winograd_correlate(const struct winograd_gradient *of, size_t from,
                             size_t end, float *sums)
{
    _Alignas(MICA_ALIGNMENT) float points[POINTS * DEPTH * OUTPUTS];
    const size_t tiles = end - from, chunks = ratio_up(tiles, CHUNK);
    const size_t outputs = of->blocks * width();
    struct part part = {.of = of};
    for (; part.output < outputs; part.output += part.outputs) {
        part.outputs = least(OUTPUTS, outputs - part.output);
        for (part.input = 0; part.input < of->depth; part.input += part.depth) {
            part.depth = least(DEPTH, of->depth - part.input);
            for (size_t i = 0; i < chunks; i++) {
                const size_t first = from + i * tiles / chunks;
                correlate_chunk(&part, first, from + (i + 1) * tiles / chunks - first,
                                i > 0, points);
            }
            unfilter(&part, points, sums);
        }
    }
}

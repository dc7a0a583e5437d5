/* tiff_page.c - one page of a TIFF file: what it is like, and its strips or tiles */
#include "datasets/formats/tiff_page.h"
#include "core/memory.h"

#if MICA_HAVE_TIFF
#include <tiffio.h>

/* No codec of a microscope's files packs tighter: what a file of some size cannot hold is
   not tried, so that a damaged header does not ask for all memory. */
enum { PACKED_MOST = 4096 };

/* --- what a page is like -------------------------------------------------------------- */

bool mica_tiff_page_is_whole(const struct tiff_page *page)
{
    return page->kind == SAMPLEFORMAT_UINT || page->kind == SAMPLEFORMAT_INT ||
           page->kind == SAMPLEFORMAT_VOID;
}

bool mica_tiff_page_alike(const struct tiff_page *a, const struct tiff_page *b)
{
    return a->width == b->width && a->height == b->height && a->samples == b->samples &&
           a->channels == b->channels && a->bits == b->bits && a->kind == b->kind;
}

static struct sample_type type_of(const struct tiff_page *page)
{
    char kind = page->kind == SAMPLEFORMAT_INT      ? 'i'
                : page->kind == SAMPLEFORMAT_IEEEFP ? 'f'
                                                    : 'u';
    return (struct sample_type){kind, page->bits / 8u, mica_sample_big_here()};
}

/* Counts that do not fill their bytes: 1, 2, 4, 10, 12 bits, ... */
static bool is_packed(const struct tiff_page *page)
{
    return page->bits > 0 && page->bits < 16 && page->bits != 8 &&
           page->kind != SAMPLEFORMAT_INT && mica_tiff_page_is_whole(page);
}

static size_t channels_of(const struct tiff_page *page, TIFF *tiff)
{
    uint16_t extras = 0, *kinds = NULL;
    if (page->photometric == PHOTOMETRIC_RGB)
        return page->samples < 3 ? page->samples : 3;
    if (page->samples == 2 &&
        TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &extras, &kinds) && extras == 1 &&
        kinds[0] != EXTRASAMPLE_UNSPECIFIED)
        return 1;
    return page->samples;
}

static void take_block_size(TIFF *tiff, struct tiff_page *page)
{
    page->tiled = TIFFIsTiled(tiff);
    page->block_width = page->width;
    if (page->tiled) {
        TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &page->block_width);
        TIFFGetField(tiff, TIFFTAG_TILELENGTH, &page->block_height);
        return;
    }
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &page->block_height);
    if (page->block_height > page->height)
        page->block_height = page->height;
}

static void take_tags(TIFF *tiff, struct tiff_page *page)
{
    *page = (struct tiff_page){.photometric = PHOTOMETRIC_MINISBLACK};
    TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &page->width);
    TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &page->height);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &page->samples);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &page->bits);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &page->kind);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &page->planar);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &page->compression);
    TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &page->photometric);
    if (page->compression == COMPRESSION_JPEG &&
        page->photometric == PHOTOMETRIC_YCBCR &&
        TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB))
        page->photometric = PHOTOMETRIC_RGB;
    page->channels = channels_of(page, tiff);
    take_block_size(tiff, page);
}

static bool has_readable_colours(const struct tiff_page *page)
{
    static const uint16_t readable[] = {PHOTOMETRIC_MINISWHITE, PHOTOMETRIC_MINISBLACK,
                                        PHOTOMETRIC_RGB, PHOTOMETRIC_PALETTE,
                                        PHOTOMETRIC_MASK};
    for (size_t i = 0; i < sizeof readable / sizeof *readable; i++)
        if (readable[i] == page->photometric)
            return true;
    return false;
}

/* --- strips and tiles, here called blocks --------------------------------------------- */

struct grid {
    size_t across, down, planes; /* how many blocks */
    size_t samples;              /* of a pixel in a block */
    size_t row_bytes;            /* of a row of a block */
};

static struct grid grid_of(const struct tiff_page *p)
{
    bool separate = p->planar == PLANARCONFIG_SEPARATE && p->samples > 1;
    struct grid g = {.across = ((size_t)p->width + p->block_width - 1) / p->block_width,
                     .down =
                         ((size_t)p->height + p->block_height - 1) / p->block_height,
                     .planes = separate ? p->samples : 1,
                     .samples = separate ? 1 : p->samples};
    g.row_bytes = ((size_t)p->block_width * g.samples * p->bits + 7) / 8;
    return g;
}

int mica_tiff_page_look(struct tiff *tiff, const char *path, uint64_t file_size,
                        struct tiff_page *page, struct error *err)
{
    take_tags(tiff, page);
    if (!has_readable_colours(page))
        return mica_fail(
            err,
            "%s: its colours are coded in a way that is not read (%d); save "
            "it as grey or RGB",
            path, page->photometric);
    if (page->width == 0 || page->height == 0 || page->samples == 0 ||
        page->block_width == 0 || page->block_height == 0)
        return mica_fail(err,
                         "%s: is damaged: a page of %u x %u pixels with %u samples",
                         path, page->height, page->width, page->samples);
    if (!is_packed(page) &&
        (page->bits % 8 != 0 || !mica_sample_type_known(type_of(page))))
        return mica_fail(err,
                         "%s: its samples have %u bits of kind %u; whole numbers and "
                         "floats of up to 64 bits are read",
                         path, page->bits, page->kind);
    struct grid g = grid_of(page);
    double unpacked = (double)g.across * (double)g.down * (double)g.planes *
                      (double)g.row_bytes * (double)page->block_height;
    if (unpacked > PACKED_MOST * (double)file_size)
        return mica_fail(
            err,
            "%s: is damaged or truncated: its %u x %u pixels cannot be in a "
            "file of its size",
            path, page->height, page->width);
    return 0;
}

uint64_t mica_tiff_page_end(struct tiff *tiff, const struct tiff_page *page)
{
    struct grid g = grid_of(page);
    uint64_t count = (uint64_t)g.across * g.down * g.planes, end = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t offset = TIFFGetStrileOffset(tiff, (uint32_t)i);
        uint64_t bytes = TIFFGetStrileByteCount(tiff, (uint32_t)i);
        if (bytes > 0 && offset < UINT64_MAX - bytes && offset + bytes > end)
            end = offset + bytes;
    }
    return end;
}

/* Values from samples of less than 16 bits, the highest bit first. */
static void unpack(const unsigned char *bytes, unsigned bits, size_t count,
                   float *values)
{
    for (size_t i = 0; i < count; i++) {
        unsigned number = 0;
        for (size_t at = i * bits; at < (i + 1) * bits; at++)
            number = number << 1 | (bytes[at / 8] >> (7 - at % 8) & 1u);
        values[i] = (float)number;
    }
}

/* A row of a block, from column x on; `plane` is the sample where planes are separate. */
static void place_row(const struct tiff_target *to, size_t kept, const float *values,
                      const struct grid *g, size_t plane, size_t y, size_t x,
                      size_t width)
{
    struct image *image = to->image;
    size_t first = g->planes > 1 ? plane : 0;
    for (size_t i = 0; i < width; i++) {
        size_t pixel = (to->frame * image->height + y) * image->width + x + i;
        float *out = image->data + pixel * image->channels + to->channel;
        for (size_t s = 0; s < g->samples && first + s < kept; s++)
            out[first + s] = values[i * g->samples + s];
    }
}

struct buffers {
    unsigned char *bytes;
    float *values;
};

/* Room for `rows` rows of a block and the values of one. */
static bool make_buffers(struct buffers *buffers, const struct tiff_page *page,
                         size_t rows)
{
    struct grid g = grid_of(page);
    buffers->bytes = mica_allocate(rows, g.row_bytes);
    buffers->values = mica_allocate(page->block_width * g.samples, sizeof(float));
    return buffers->bytes && buffers->values;
}

static void free_buffers(struct buffers *buffers)
{
    mica_free(buffers->values);
    mica_free(buffers->bytes);
}

static int read_block(TIFF *tiff, const struct tiff_page *p, size_t number,
                      const struct tiff_target *to, struct buffers *buffers)
{
    struct grid g = grid_of(p);
    size_t x = number % g.across * p->block_width;
    size_t y = number / g.across % g.down * p->block_height;
    size_t width = p->width - x < p->block_width ? p->width - x : p->block_width;
    size_t height = p->height - y < p->block_height ? p->height - y : p->block_height;
    tmsize_t size = (tmsize_t)((p->tiled ? p->block_height : height) * g.row_bytes);
    uint32_t index = (uint32_t)number;
    tmsize_t got = p->tiled ? TIFFReadEncodedTile(tiff, index, buffers->bytes, size)
                            : TIFFReadEncodedStrip(tiff, index, buffers->bytes, size);
    if (got < size)
        return -1;
    size_t count = width * g.samples;
    for (size_t row = 0; row < height; row++) {
        const unsigned char *bytes = buffers->bytes + row * g.row_bytes;
        if (is_packed(p))
            unpack(bytes, p->bits, count, buffers->values);
        else
            mica_samples_decode(type_of(p), bytes, count, buffers->values);
        place_row(to, p->channels, buffers->values, &g, number / g.across / g.down,
                  y + row, x, width);
    }
    return 0;
}

int mica_tiff_page_read(struct tiff *tiff, const struct tiff_page *page,
                        const struct tiff_target *target)
{
    struct grid g = grid_of(page);
    struct buffers buffers;
    bool fine = make_buffers(&buffers, page, page->block_height);
    for (size_t i = 0; fine && i < g.across * g.down * g.planes; i++)
        fine = read_block(tiff, page, i, target, &buffers) == 0;
    free_buffers(&buffers);
    return fine ? 0 : -1;
}

/* --- pages behind the first ----------------------------------------------------------- */

bool mica_tiff_page_is_plain(const struct tiff_page *page)
{
    return page->compression == COMPRESSION_NONE && !page->tiled &&
           page->bits % 8 == 0 &&
           (page->samples == 1 || page->planar == PLANARCONFIG_CONTIG);
}

uint64_t mica_tiff_page_bytes(const struct tiff_page *page)
{
    return (uint64_t)page->height * grid_of(page).row_bytes;
}

int mica_tiff_page_read_plain(struct tiff *tiff, const struct tiff_page *page,
                              FILE *stream, size_t index,
                              const struct tiff_target *target)
{
    struct grid g = grid_of(page);
    struct sample_type type = type_of(page);
    type.big = TIFFIsBigEndian(tiff);
    size_t count = page->width * g.samples;
    uint64_t start = TIFFGetStrileOffset(tiff, 0) + index * mica_tiff_page_bytes(page);
    struct buffers buffers;
    bool fine =
        make_buffers(&buffers, page, 1) && fseeko(stream, (off_t)start, SEEK_SET) == 0;
    for (size_t y = 0; fine && y < page->height; y++) {
        fine = fread(buffers.bytes, 1, g.row_bytes, stream) == g.row_bytes;
        mica_samples_decode(type, buffers.bytes, count, buffers.values);
        place_row(target, page->channels, buffers.values, &g, 0, y, 0, page->width);
    }
    free_buffers(&buffers);
    return fine ? 0 : -1;
}
#else
typedef int nothing; /* a translation unit is not to be empty */
#endif

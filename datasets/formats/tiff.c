/* tiff.c - TIFF pictures and stacks: 1 to 64 bits, strips and tiles, grey, colours, indices */
#include "datasets/formats/tiff.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include "datasets/formats/tiff_page.h"
#include <string.h>

static bool recognise(const unsigned char *head, size_t size)
{
    return size >= 4 &&
           (memcmp(head, "II*\0", 4) == 0 || memcmp(head, "MM\0*", 4) == 0 ||
            memcmp(head, "II+\0", 4) == 0 || memcmp(head, "MM\0+", 4) == 0);
}

#if MICA_HAVE_TIFF
#include <tiffio.h>

enum { FEI_SFEG = 34680, FEI_HELIOS = 34682 };

struct job {
    const char *path;
    FILE *stream;
    uint64_t size;     /* of the file */
    char message[200]; /* the first of libtiff's */
    TIFF *tiff;
    struct tiff_page page; /* the one that is read; the first at first */
    size_t pages;
    uint64_t needed; /* bytes that the file must have */
};

/* --- libtiff's callbacks -------------------------------------------------------------- */

static tmsize_t on_read(thandle_t handle, void *bytes, tmsize_t count)
{
    struct job *job = handle;
    return (tmsize_t)fread(bytes, 1, (size_t)count, job->stream);
}

static tmsize_t on_write(thandle_t handle, void *bytes, tmsize_t count)
{
    (void)handle;
    (void)bytes;
    (void)count;
    return -1; /* files are only read */
}

static toff_t on_seek(thandle_t handle, toff_t offset, int whence)
{
    struct job *job = handle;
    if (offset > INT64_MAX || fseeko(job->stream, (off_t)offset, whence))
        return (toff_t)-1;
    return (toff_t)ftello(job->stream);
}

static int on_close(thandle_t handle)
{
    (void)handle; /* the stream is the caller's */
    return 0;
}

static toff_t on_size(thandle_t handle)
{
    const struct job *job = handle;
    return job->size;
}

static void keep_message(struct job *job, const char *format, va_list arguments)
{
    if (job->message[0] == '\0')
        vsnprintf(job->message, sizeof job->message, format, arguments);
}

#if TIFFLIB_VERSION >= 20221213 /* 4.5: a handler for each file */
static int on_error(TIFF *tiff, void *user, const char *module, const char *format,
                    va_list arguments)
{
    (void)tiff;
    (void)module;
    keep_message(user, format, arguments);
    return 1;
}

static int on_warning(TIFF *tiff, void *user, const char *module, const char *format,
                      va_list arguments)
{
    (void)tiff;
    (void)user;
    (void)module;
    (void)format;
    (void)arguments;
    return 1;
}

static TIFF *open_tiff(struct job *job)
{
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (!options)
        return NULL;
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, job);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, NULL);
    TIFF *tiff = TIFFClientOpenExt(job->path, "rm", job, on_read, on_write, on_seek,
                                   on_close, on_size, NULL, NULL, options);
    TIFFOpenOptionsFree(options);
    return tiff;
}
#else
static void on_error(thandle_t handle, const char *module, const char *format,
                     va_list arguments)
{
    (void)module;
    if (handle)
        keep_message(handle, format, arguments);
}

static TIFF *open_tiff(struct job *job)
{
    TIFFSetWarningHandler(NULL);
    TIFFSetErrorHandler(NULL);
    TIFFSetErrorHandlerExt(on_error);
    return TIFFClientOpen(job->path, "rm", job, on_read, on_write, on_seek, on_close,
                          on_size, NULL, NULL);
}
#endif

static int fail_damaged(const struct job *job, struct error *err)
{
    return mica_fail(err, "%s: is damaged or truncated: %s", job->path,
                     job->message[0] ? job->message : "libtiff does not say more");
}

/* --- the file ------------------------------------------------------------------------- */

/* Thumbnails and masks that belong to another page. */
static bool is_extra(TIFF *tiff)
{
    uint32_t kind = 0;
    return TIFFGetField(tiff, TIFFTAG_SUBFILETYPE, &kind) &&
           (kind & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) != 0;
}

static int look_at_next(struct job *job, struct error *err)
{
    struct tiff_page page;
    if (job->pages > 0 && is_extra(job->tiff))
        return 0;
    if (mica_tiff_page_look(job->tiff, job->path, job->size, &page, err))
        return -1;
    if (job->pages == 0)
        job->page = page;
    if (!mica_tiff_page_alike(&page, &job->page))
        return mica_fail(
            err,
            "%s: page %zu has %u x %u pixels of %u bits, unlike the first, "
            "%u x %u of %u; save them as files of their own",
            job->path, job->pages + 1, page.height, page.width, page.bits,
            job->page.height, job->page.width, job->page.bits);
    uint64_t end = mica_tiff_page_end(job->tiff, &page);
    job->needed = end > job->needed ? end : job->needed;
    job->pages++;
    return 0;
}

static int look_at_all(struct job *job, struct error *err)
{
    for (bool more = true; more;) {
        if (look_at_next(job, err))
            return -1;
        more = !TIFFLastDirectory(job->tiff);
        if (more && !TIFFReadDirectory(job->tiff))
            return fail_damaged(job, err);
    }
    if (job->needed > job->size)
        return mica_image_truncated(job->path, job->size, job->needed, err);
    return TIFFSetDirectory(job->tiff, 0) ? 0 : fail_damaged(job, err);
}

/* A copy that ends with '\0', from the arena. */
static const char *take_text(TIFF *tiff, uint32_t tag, struct arena *arena)
{
    const TIFFField *field = TIFFFindField(tiff, tag, TIFF_ANY);
    uint32_t count = 0;
    const char *data = NULL;
    if (!field || TIFFFieldReadCount(field) != TIFF_VARIABLE2 ||
        TIFFDataWidth(TIFFFieldDataType(field)) != 1 ||
        !TIFFGetField(tiff, tag, &count, &data) || !data || count == 0)
        return NULL;
    return memcpy(mica_arena_take(arena, (size_t)count + 1, 1), data, count);
}

static struct tiff_meaning understand(TIFF *tiff)
{
    struct arena *arena = mica_arena_new();
    struct tiff_tags tags = {.unit = 1};
    char *description = NULL;
    float resolution[2] = {0, 0};
    uint16_t unit = 1;
    if (TIFFGetField(tiff, TIFFTAG_IMAGEDESCRIPTION, &description))
        tags.description = description;
    tags.fei = take_text(tiff, FEI_HELIOS, arena);
    if (!tags.fei)
        tags.fei = take_text(tiff, FEI_SFEG, arena);
    TIFFGetField(tiff, TIFFTAG_YRESOLUTION, &resolution[0]);
    TIFFGetField(tiff, TIFFTAG_XRESOLUTION, &resolution[1]);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_RESOLUTIONUNIT, &unit);
    tags.resolution[0] = (double)resolution[0];
    tags.resolution[1] = (double)resolution[1];
    tags.unit = unit;
    struct tiff_meaning meaning = mica_tiff_understand(&tags);
    mica_arena_free(arena);
    return meaning;
}

/* Some programs write 8-bit colours where 16-bit ones belong. */
static void take_palette(const struct job *job, struct image *image)
{
    uint16_t *colours[3] = {NULL, NULL, NULL};
    const struct tiff_page *p = &job->page;
    if (p->photometric != PHOTOMETRIC_PALETTE || p->bits > 8 || p->samples != 1 ||
        !TIFFGetField(job->tiff, TIFFTAG_COLORMAP, &colours[0], &colours[1],
                      &colours[2]))
        return;
    image->colours = (size_t)1 << p->bits;
    unsigned most = 0;
    for (size_t i = 0; i < image->colours; i++)
        for (int c = 0; c < 3; c++)
            most = colours[c][i] > most ? colours[c][i] : most;
    for (size_t i = 0; i < image->colours; i++)
        for (int c = 0; c < 3; c++)
            image->palette[i][c] =
                (uint8_t)(most > 255 ? colours[c][i] >> 8 : colours[c][i]);
}

/* The next page that is one of the stack becomes the current one. */
static int step(struct job *job, struct error *err)
{
    do {
        if (!TIFFReadDirectory(job->tiff))
            return fail_damaged(job, err);
    } while (is_extra(job->tiff));
    return mica_tiff_page_look(job->tiff, job->path, job->size, &job->page, err);
}

static int read_page(struct job *job, size_t index, bool plain,
                     const struct tiff_target *target, struct error *err)
{
    if (!plain && index > 0 && step(job, err))
        return -1;
    int result = plain ? mica_tiff_page_read_plain(job->tiff, &job->page, job->stream,
                                                   index, target)
                       : mica_tiff_page_read(job->tiff, &job->page, target);
    return result ? fail_damaged(job, err) : 0;
}

/* ImageJ writes stacks beyond 4 GB with one directory: the pages follow each other. */
static int count_plain(struct job *job, size_t images, struct error *err)
{
    uint64_t start = TIFFGetStrileOffset(job->tiff, 0);
    uint64_t bytes = mica_tiff_page_bytes(&job->page);
    job->pages = images;
    if (bytes > (UINT64_MAX - start) / images || start + images * bytes > job->size)
        return mica_image_truncated(job->path, job->size, start + images * bytes, err);
    return 0;
}

static int read_stack(struct job *job, struct image *image, struct error *err)
{
    struct tiff_meaning meaning = understand(job->tiff);
    const struct tiff_page *p = &job->page;
    bool plain = job->pages == 1 && meaning.images > 1 && mica_tiff_page_is_plain(p);
    if (plain && count_plain(job, meaning.images, err))
        return -1;
    size_t turns = meaning.channels; /* pages that are channels of one frame */
    if (job->pages % turns != 0 || p->channels > 1)
        turns = 1;
    if (mica_image_new_for(job->path, image, job->pages / turns, p->height, p->width,
                           p->channels * turns, err))
        return -1;
    image->bits = p->bits <= 8 ? 8 : p->bits <= 16 ? 16 : p->bits;
    image->whole = mica_tiff_page_is_whole(p);
    memcpy(image->pixel, meaning.pixel, sizeof image->pixel);
    image->source = meaning.source;
    image->frame_time = meaning.frame_time;
    take_palette(job, image);
    for (size_t i = 0; i < job->pages; i++) {
        struct tiff_target target = {image, i / turns, i % turns};
        if (read_page(job, i, plain, &target, err)) {
            mica_image_free(image);
            return -1;
        }
    }
    return 0;
}

/* --- Kirkland's temsim and computem: a picture, the numbers, 512 parameters ----------- */

enum { TEMSIM_PAGES = 3, TEMSIM_PARAMETERS = 512, TEMSIM_DX = 14, TEMSIM_DY = 15 };

static bool look_at_temsim(struct job *job, struct tiff_page pages[TEMSIM_PAGES])
{
    struct error ignored = {0};
    for (uint16_t i = 0; i < TEMSIM_PAGES; i++)
        if ((i > 0 && TIFFLastDirectory(job->tiff)) ||
            !TIFFSetDirectory(job->tiff, i) ||
            mica_tiff_page_look(job->tiff, job->path, job->size, &pages[i], &ignored))
            return false;
    return TIFFLastDirectory(job->tiff) && pages[0].bits == 8 && pages[1].bits == 32 &&
           pages[1].kind == SAMPLEFORMAT_IEEEFP && pages[2].bits == 32 &&
           pages[2].kind == SAMPLEFORMAT_IEEEFP && pages[2].height == 1 &&
           pages[2].width == TEMSIM_PARAMETERS;
}

static int read_directory(struct job *job, uint16_t directory,
                          const struct tiff_page *page, struct image *image,
                          struct error *err)
{
    struct tiff_target target = {image, 0, 0};
    if (!TIFFSetDirectory(job->tiff, directory))
        return fail_damaged(job, err);
    job->needed = mica_tiff_page_end(job->tiff, page);
    if (job->needed > job->size)
        return mica_image_truncated(job->path, job->size, job->needed, err);
    if (mica_image_new_for(job->path, image, 1, page->height, page->width,
                           page->channels, err))
        return -1;
    if (mica_tiff_page_read(job->tiff, page, &target) == 0)
        return 0;
    mica_image_free(image);
    return fail_damaged(job, err);
}

/* The first page is for looking at (with a grey wedge), the second holds the numbers, the
   third among others the size of a pixel in A. */
static int read_temsim(struct job *job, const struct tiff_page pages[TEMSIM_PAGES],
                       struct image *image, struct error *err)
{
    struct image parameters;
    if (read_directory(job, 2, &pages[2], &parameters, err))
        return -1;
    double pixel[2] = {(double)parameters.data[TEMSIM_DY],
                       (double)parameters.data[TEMSIM_DX]};
    mica_image_free(&parameters);
    if (read_directory(job, 1, &pages[1], image, err))
        return -1;
    if (pixel[0] > 0 && pixel[1] > 0)
        memcpy(image->pixel, pixel, sizeof pixel);
    return 0;
}

/* --- opening -------------------------------------------------------------------------- */

static int read_open(struct job *job, struct image *image, struct error *err)
{
    struct tiff_page pages[TEMSIM_PAGES];
    if (look_at_temsim(job, pages))
        return read_temsim(job, pages, image, err);
    job->message[0] = '\0';
    if (!TIFFSetDirectory(job->tiff, 0))
        return fail_damaged(job, err);
    return look_at_all(job, err) ? -1 : read_stack(job, image, err);
}

/* A file without its end often lacks its directory: libtiff's words on that help nobody. */
static int check_start(const struct job *job, struct error *err)
{
    unsigned char head[16] = {0};
    size_t got = fread(head, 1, sizeof head, job->stream);
    if (!recognise(head, got))
        return mica_fail(err, "%s: does not begin as a TIFF file does", job->path);
    bool high = head[0] == 'M', big = head[2] == '+' || head[3] == '+';
    size_t from = big ? 8 : 4, bytes = big ? 8 : 4;
    uint64_t offset = 0;
    for (size_t i = 0; i < bytes; i++)
        offset = offset << 8 | head[from + (high ? i : bytes - 1 - i)];
    if (job->size < from + bytes || offset >= job->size) {
        char has[32], place[32];
        return mica_fail(
            err,
            "%s: ends after %s bytes, before its directory at byte %s; the "
            "file is truncated",
            job->path, mica_text_count(has, job->size), mica_text_count(place, offset));
    }
    return fseeko(job->stream, 0, SEEK_SET);
}

static int read_tiff(const char *path, struct image *image, struct error *err)
{
    struct job job = {.path = path};
    *image = (struct image){0};
    job.stream = mica_file_open(path, err);
    if (!job.stream)
        return -1;
    int result = -1;
    off_t end = fseeko(job.stream, 0, SEEK_END) ? -1 : ftello(job.stream);
    if (end < 0 || fseeko(job.stream, 0, SEEK_SET)) {
        mica_fail(err, "%s: is not a file whose size is known", path);
    } else {
        job.size = (uint64_t)end;
        if (check_start(&job, err) == 0) {
            job.tiff = open_tiff(&job);
            result = job.tiff ? read_open(&job, image, err) : fail_damaged(&job, err);
        }
    }
    if (job.tiff)
        TIFFClose(job.tiff);
    fclose(job.stream);
    return result;
}

#else

static int read_tiff(const char *path, struct image *image, struct error *err)
{
    *image = (struct image){0};
    return mica_fail(err,
                     "%s: this mica was built without libtiff and cannot read TIFF; "
                     "install libtiff-dev and run configure and make again",
                     path);
}
#endif

const struct format mica_format_tiff = {
    .name = "tiff",
    .summary =
        "stacks of 8, 16, 32 bits and floats, with ImageJ's, OME's or FEI's pixel size",
    .extensions = (const char *const[]){"tif", "tiff", NULL},
    .recognise = recognise,
    .read = read_tiff,
    .write = mica_tiff_write,
};

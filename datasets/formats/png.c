/* png.c - PNG pictures: grey and RGB of 8 and 16 bits, and indices with a palette */
#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include "core/units.h"
#include "datasets/image.h"
#include <png.h>
#include <stdlib.h>
#include <string.h>

/* The text chunk with the size of a pixel, "0.12 A" or "0.12 A x 0.13 A" (rows, columns):
   PNG's own pHYs counts pixels per metre in 31 bits, which end at 4.7 A. */
static const char pixel_key[] = "mica.pixel";

/* Deflate packs at most 1032 to 1: what a file of some size cannot hold is not tried. */
enum { DEFLATE_MOST = 1032 };

/* One reading or writing: what libpng's callbacks are given. */
struct job {
    const char *path;
    const unsigned char *data; /* the file */
    size_t size, at;
    bool ended;        /* more was asked for than there is */
    char message[128]; /* libpng's */
    png_structp png;
    png_infop info;
    png_bytep bytes; /* the picture */
    png_bytepp rows;
};

/* --- libpng's callbacks --------------------------------------------------------------- */

static void on_error(png_structp png, png_const_charp message)
{
    struct job *job = png_get_error_ptr(png);
    snprintf(job->message, sizeof job->message, "%s", message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message; /* about chunks that are not looked at */
}

static void on_read(png_structp png, png_bytep bytes, size_t count)
{
    struct job *job = png_get_io_ptr(png);
    if (count > job->size - job->at) {
        job->ended = true;
        png_error(png, "the file ends");
    }
    memcpy(bytes, job->data + job->at, count);
    job->at += count;
}

static void release(struct job *job)
{
    mica_free(job->bytes);
    mica_free(job->rows);
}

/* --- reading -------------------------------------------------------------------------- */

static int fail_read(const struct job *job, struct error *err)
{
    char count[32];
    if (job->ended)
        return mica_fail(err,
                         "%s: ends after %s bytes, in the middle of the picture; the "
                         "file is truncated",
                         job->path, mica_text_count(count, job->size));
    return mica_fail(err, "%s: is damaged: %s", job->path, job->message);
}

/* Room for the whole picture: interlaced ones are completed in several passes. */
static int make_rows(struct job *job, struct error *err)
{
    size_t height = png_get_image_height(job->png, job->info);
    size_t bytes = png_get_rowbytes(job->png, job->info);
    if ((double)height * (double)bytes > DEFLATE_MOST * (double)job->size) {
        job->ended = true;
        return fail_read(job, err);
    }
    job->bytes = mica_allocate(height, bytes);
    job->rows = mica_allocate(height, sizeof *job->rows);
    if (!job->bytes || !job->rows)
        return mica_fail(err, "%s: there is not enough memory to read it", job->path);
    for (size_t y = 0; y < height; y++)
        job->rows[y] = job->bytes + y * bytes;
    return 0;
}

/* Indices and counts as they are: no scaling, no palette, no transparency. */
static int read_start(struct job *job)
{
    if (setjmp(png_jmpbuf(job->png)))
        return -1;
    png_set_read_fn(job->png, job, on_read);
    png_set_user_limits(job->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_read_info(job->png, job->info);
    png_set_packing(job->png);
    png_set_strip_alpha(job->png);
    png_set_interlace_handling(job->png);
    png_read_update_info(job->png, job->info);
    return 0;
}

static int read_rest(struct job *job)
{
    if (setjmp(png_jmpbuf(job->png)))
        return -1;
    png_read_image(job->png, job->rows);
    png_read_end(job->png, job->info);
    return 0;
}

/* A palette has an entry for every index that occurs. */
static void take_palette(const struct job *job, struct image *image)
{
    png_colorp colours = NULL;
    int count = 0;
    if (png_get_color_type(job->png, job->info) != PNG_COLOR_TYPE_PALETTE ||
        !png_get_PLTE(job->png, job->info, &colours, &count))
        return;
    for (int i = 0; i < count && i < 256; i++) {
        image->palette[i][0] = colours[i].red;
        image->palette[i][1] = colours[i].green;
        image->palette[i][2] = colours[i].blue;
    }
    image->colours = (size_t)count;
    size_t size = mica_image_size(image);
    for (size_t i = 0; i < size; i++)
        if (image->data[i] >= (float)image->colours)
            image->colours = (size_t)image->data[i] + 1;
}

static double parse_length(const char *text)
{
    struct error ignored = {0};
    double length;
    if (mica_units_parse(text, DIMENSION_LENGTH, 0, &length, &ignored) || !(length > 0))
        return 0;
    return length;
}

static void take_pixel(const struct job *job, struct image *image)
{
    png_textp texts = NULL;
    int count = png_get_text(job->png, job->info, &texts, NULL);
    png_uint_32 x = 0, y = 0;
    int unit = PNG_RESOLUTION_UNKNOWN;
    if (png_get_pHYs(job->png, job->info, &x, &y, &unit) &&
        unit == PNG_RESOLUTION_METER && x > 0 && y > 0 &&
        1e10 / x < MICA_PIXEL_BELIEVED) {
        image->pixel[0] = 1e10 / y;
        image->pixel[1] = 1e10 / x;
        image->source = "the resolution (chunk pHYs)";
    }
    for (int i = 0; i < count; i++) {
        if (strcmp(texts[i].key, pixel_key) != 0 || texts[i].text_length > 60)
            continue;
        char rows[64];
        snprintf(rows, sizeof rows, "%s", texts[i].text);
        char *times = strstr(rows, " x ");
        if (times)
            *times = '\0';
        image->pixel[0] = parse_length(rows);
        image->pixel[1] = times ? parse_length(times + 3) : image->pixel[0];
        image->source = image->pixel[0] > 0 ? "mica's text chunk" : NULL;
    }
}

static int read_picture(struct job *job, struct image *image, struct error *err)
{
    if (read_start(job))
        return fail_read(job, err);
    if (make_rows(job, err))
        return -1;
    if (read_rest(job))
        return fail_read(job, err);
    size_t height = png_get_image_height(job->png, job->info);
    size_t width = png_get_image_width(job->png, job->info);
    if (mica_image_new_for(job->path, image, 1, height, width,
                           png_get_channels(job->png, job->info), err))
        return -1;
    size_t bytes = png_get_bit_depth(job->png, job->info) > 8 ? 2 : 1;
    image->bits = 8 * (int)bytes;
    image->whole = true;
    mica_samples_decode((struct sample_type){'u', bytes, true}, job->bytes,
                        mica_image_size(image), image->data);
    take_palette(job, image);
    take_pixel(job, image);
    return 0;
}

static bool recognise(const unsigned char *head, size_t size)
{
    return size >= 8 && png_sig_cmp(head, 0, 8) == 0;
}

static int read_png(const char *path, struct image *image, struct error *err)
{
    struct job job = {.path = path};
    *image = (struct image){0};
    char *data = mica_file_read(path, &job.size, err);
    if (!data)
        return -1;
    job.data = (const unsigned char *)data;
    if (png_sig_cmp(job.data, 0, job.size < 8 ? job.size : 8) != 0) {
        free(data);
        return mica_fail(err, "%s: does not begin as a PNG file does", path);
    }
    job.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &job, on_error, on_warning);
    job.info = job.png ? png_create_info_struct(job.png) : NULL;
    int result = job.info ? read_picture(&job, image, err)
                          : mica_fail(err, "%s: libpng cannot be started", path);
    png_destroy_read_struct(&job.png, &job.info, NULL);
    release(&job);
    free(data);
    return result;
}

/* --- writing -------------------------------------------------------------------------- */

static int colour_type(const struct image *image)
{
    if (image->colours > 0)
        return PNG_COLOR_TYPE_PALETTE;
    return image->channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY;
}

static void give_pixel(struct job *job, const double pixel[2])
{
    char rows[40], columns[40], value[96];
    if (!(pixel[0] > 0 && pixel[1] > 0))
        return;
    mica_text_digits(rows, pixel[0], 12);
    mica_text_digits(columns, pixel[1], 12);
    if (pixel[0] == pixel[1])
        snprintf(value, sizeof value, "%s A", rows);
    else
        snprintf(value, sizeof value, "%s A x %s A", rows, columns);
    char key[sizeof pixel_key]; /* libpng asks for text that could be changed */
    memcpy(key, pixel_key, sizeof key);
    png_text text = {
        .compression = PNG_TEXT_COMPRESSION_NONE, .key = key, .text = value};
    png_set_text(job->png, job->info, &text, 1);
}

static void give_palette(struct job *job, const struct image *image)
{
    png_color colours[256];
    for (size_t i = 0; i < image->colours; i++)
        colours[i] = (png_color){image->palette[i][0], image->palette[i][1],
                                 image->palette[i][2]};
    png_set_PLTE(job->png, job->info, colours, (int)image->colours);
}

/* Pictures in colour are charts and noisy images whose three channels are alike: without
   filters, which hide that from the compression, its fastest level leaves a quarter to two
   fifths less than the usual one with filters, in a fifth of the time. */
static void choose_compression(struct job *job, const struct image *image)
{
    if (image->channels != 3)
        return;
    png_set_filter(job->png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
    png_set_compression_level(job->png, 1);
}

static int write_picture(struct job *job, const struct image *image, int depth,
                         FILE *stream)
{
    if (setjmp(png_jmpbuf(job->png)))
        return -1;
    png_init_io(job->png, stream);
    png_set_user_limits(job->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_IHDR(job->png, job->info, (png_uint_32)image->width,
                 (png_uint_32)image->height, depth, colour_type(image),
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    choose_compression(job, image);
    if (image->colours > 0)
        give_palette(job, image);
    give_pixel(job, image->pixel);
    png_write_info(job->png, job->info);
    png_write_image(job->png, job->rows);
    png_write_end(job->png, NULL);
    return 0;
}

/* PNG holds counts: what it cannot hold is refused, not scaled. */
static int check(const char *path, const struct image *image, struct error *err)
{
    if (image->frames != 1)
        return mica_fail(err, "%s: PNG holds one picture, not %zu; write .tif or .npy",
                         path, image->frames);
    if (image->channels != 1 && (image->channels != 3 || image->colours > 0))
        return mica_fail(
            err,
            "%s: PNG holds 1 or 3 channels or 1 of indices, not %zu; write "
            ".npy",
            path, image->channels);
    if (image->width > PNG_UINT_31_MAX || image->height > PNG_UINT_31_MAX)
        return mica_fail(err, "%s: %zu x %zu pixels are too many for PNG", path,
                         image->height, image->width);
    if (mica_image_sample_type(image).kind != 'u')
        return mica_fail(
            err,
            "%s: PNG holds whole numbers from 0 to 65,535, which these are "
            "not; write .tif or .npy, or scale them",
            path);
    size_t size = mica_image_size(image);
    for (size_t i = 0; image->colours > 0 && i < size; i++)
        if (!(image->data[i] >= 0 && image->data[i] < (float)image->colours))
            return mica_fail(err, "%s: the index %g has no entry in the palette of %zu",
                             path, (double)image->data[i], image->colours);
    return 0;
}

static int prepare(struct job *job, const struct image *image, struct sample_type type)
{
    size_t bytes = image->width * image->channels * type.size;
    job->bytes = mica_allocate(image->height, bytes);
    job->rows = mica_allocate(image->height, sizeof *job->rows);
    if (!job->bytes || !job->rows)
        return -1;
    mica_samples_encode(type, image->data, mica_image_size(image), job->bytes);
    for (size_t y = 0; y < image->height; y++)
        job->rows[y] = job->bytes + y * bytes;
    job->png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, job, on_error, on_warning);
    job->info = job->png ? png_create_info_struct(job->png) : NULL;
    return job->info ? 0 : -1;
}

static int write_png(const char *path, const struct image *image, struct error *err)
{
    struct job job = {.path = path};
    struct file_out out;
    if (check(path, image, err) || mica_file_begin(&out, path, err))
        return -1;
    struct sample_type type = mica_image_sample_type(image);
    type.big = true;
    int result = -1;
    if (prepare(&job, image, type))
        mica_fail(err, "%s: there is not enough memory to write it", path);
    else if (write_picture(&job, image, 8 * (int)type.size, out.stream))
        mica_fail(err, "%s: cannot be written: %s", path, job.message);
    else
        result = 0;
    png_destroy_write_struct(&job.png, &job.info);
    release(&job);
    if (result == 0)
        return mica_file_commit(&out, err);
    mica_file_abandon(&out);
    return -1;
}

const struct format mica_format_png = {
    .name = "png",
    .summary =
        "grey and RGB of 8 and 16 bits, indices with a palette; alpha is dropped",
    .extensions = (const char *const[]){"png", NULL},
    .recognise = recognise,
    .read = read_png,
    .write = write_png,
};

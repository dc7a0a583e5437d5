/* tiff_write.c - TIFF stacks out, as ImageJ writes them; BigTIFF beyond 4 GB */
#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include "datasets/formats/tiff.h"
#include <math.h>
#include <string.h>

enum { SHORT = 3, LONG = 4, RATIONAL = 5, ASCII = 2, LONG8 = 16 }; /* types of tags */
enum { ENTRIES = 20, BLOCK = 1 << 14 };

/* A number of `size` bytes, the lowest first. */
static void put(struct text *out, uint64_t number, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char byte = (char)(unsigned char)(number >> 8 * i);
        mica_text_append(out, &byte, 1);
    }
}

struct entry {
    uint16_t tag, type;
    uint64_t count;
    struct text bytes; /* the value */
};

/* What all pages share, and where the writing stands. */
struct writer {
    const struct image *image;
    struct sample_type type;
    FILE *out;
    bool big;       /* BigTIFF: places have 8 bytes instead of 4 */
    size_t samples; /* of a pixel of a page: 3 for colours, else 1 */
    size_t pages;   /* frames times the channels that are pages of their own */
    uint64_t page_bytes, at;
    struct entry entries[ENTRIES];
    size_t count;
};

static const size_t sizes[] = {
    [ASCII] = 1, [SHORT] = 2, [LONG] = 4, [RATIONAL] = 8, [LONG8] = 8};

static struct text *add(struct writer *w, uint16_t tag, uint16_t type, uint64_t count)
{
    MICA_CHECK(w->count < ENTRIES);
    struct entry *entry = &w->entries[w->count++];
    *entry = (struct entry){.tag = tag, .type = type, .count = count};
    return &entry->bytes;
}

static void add_number(struct writer *w, uint16_t tag, uint16_t type, uint64_t number)
{
    put(add(w, tag, type, 1), number, sizes[type]);
}

static void add_numbers(struct writer *w, uint16_t tag, size_t count, uint64_t number)
{
    struct text *bytes = add(w, tag, SHORT, count);
    for (size_t i = 0; i < count; i++)
        put(bytes, number, 2);
}

/* Pixels per nm as scale / (pixel scale), exact for sizes of up to nine decimals. */
static void add_resolution(struct writer *w, uint16_t tag, double pixel)
{
    double scale = 1e9, nm = pixel / 10;
    while (nm * scale > 4e9)
        scale /= 10;
    struct text *bytes = add(w, tag, RATIONAL, 1);
    put(bytes, (uint64_t)scale, 4);
    put(bytes, (uint64_t)fmax(1, floor(nm * scale + 0.5)), 4);
}

static void add_palette(struct writer *w)
{
    struct text *bytes = add(w, 320, SHORT, 768);
    for (int colour = 0; colour < 3; colour++)
        for (size_t i = 0; i < 256; i++)
            put(bytes, 257u * w->image->palette[i][colour], 2);
}

static bool has_pixel(const struct image *image)
{
    return image->pixel[0] > 0 && image->pixel[1] > 0;
}

static void add_description(struct writer *w)
{
    const struct image *image = w->image;
    char digits[40];
    struct text text = {0};
    size_t channels = w->pages / image->frames;
    mica_text_add(&text, "ImageJ=1.53t\n");
    if (w->pages > 1)
        mica_text_add(&text, "images=%zu\n", w->pages);
    if (channels > 1)
        mica_text_add(&text, "channels=%zu\n", channels);
    if (image->frames > 1)
        mica_text_add(&text, "frames=%zu\n", image->frames);
    if (channels > 1)
        mica_text_add(&text, "hyperstack=true\nmode=grayscale\n");
    if (has_pixel(image))
        mica_text_add(&text, "unit=nm\n");
    if (image->frame_time > 0)
        mica_text_add(&text, "finterval=%s\n",
                      mica_text_digits(digits, image->frame_time * 1e-6, 12));
    if (w->pages > 1)
        mica_text_add(&text, "loop=false\n");
    mica_text_append(add(w, 270, ASCII, text.length + 1), text.data, text.length + 1);
    mica_text_free(&text);
}

/* The tags of a page, in rising order; the place of the pixels is filled in later. */
static struct text *add_tags(struct writer *w, bool first)
{
    const struct image *image = w->image;
    uint16_t place = w->big ? LONG8 : LONG;
    bool indexed = image->colours > 0;
    add_number(w, 256, LONG, image->width);
    add_number(w, 257, LONG, image->height);
    add_numbers(w, 258, w->samples, 8 * w->type.size);
    add_number(w, 259, SHORT, 1); /* not compressed */
    add_number(w, 262, SHORT, indexed ? 3 : w->samples == 3 ? 2 : 1);
    if (first)
        add_description(w);
    struct text *offset = add(w, 273, place, 1);
    add_number(w, 277, SHORT, w->samples);
    add_number(w, 278, LONG, image->height); /* one strip */
    add_number(w, 279, place, w->page_bytes);
    if (has_pixel(image)) {
        add_resolution(w, 282, image->pixel[1]);
        add_resolution(w, 283, image->pixel[0]);
        add_number(w, 296, SHORT, 1); /* of ImageJ's unit */
    }
    if (indexed)
        add_palette(w);
    add_numbers(w, 339, w->samples,
                w->type.kind == 'f'   ? 3
                : w->type.kind == 'i' ? 2
                                      : 1);
    return offset;
}

static uint64_t even(uint64_t bytes) { return (bytes + 7) / 8 * 8; }

/* The directory: entries, the place of the next directory, then the values that are longer
   than a place. Returns it; `offset` gets the byte at which the pixels begin. */
static struct text make_directory(struct writer *w, struct text *offset, bool last)
{
    size_t place = w->big ? 8 : 4;
    uint64_t head = (w->big ? 8 : 2) + w->count * (4 + 2 * place) + place;
    uint64_t values = even(w->at + head), pixels = values;
    for (size_t i = 0; i < w->count; i++)
        if (w->entries[i].bytes.length > place)
            pixels += even(w->entries[i].bytes.length);
    put(offset, pixels, place);

    struct text directory = {0}, far = {0};
    put(&directory, w->count, w->big ? 8 : 2);
    for (size_t i = 0; i < w->count; i++) {
        const struct entry *entry = &w->entries[i];
        put(&directory, entry->tag, 2);
        put(&directory, entry->type, 2);
        put(&directory, entry->count, place);
        bool is_far = entry->bytes.length > place;
        if (is_far)
            put(&directory, values + far.length, place);
        struct text *to = is_far ? &far : &directory;
        mica_text_append(to, entry->bytes.data, entry->bytes.length);
        size_t room = is_far ? (size_t)even(entry->bytes.length) : place;
        put(to, 0, room - entry->bytes.length);
    }
    put(&directory, last ? 0 : even(pixels + w->page_bytes), place);
    put(&directory, 0, (size_t)(values - w->at - head));
    if (far.length > 0)
        mica_text_append(&directory, far.data, far.length);
    mica_text_free(&far);
    return directory;
}

/* The values of one page: a channel of a frame, or a frame with its colours. */
static void write_pixels(struct writer *w, size_t page)
{
    const struct image *image = w->image;
    size_t pixels = image->height * image->width, channels = image->channels;
    size_t split = channels / w->samples;
    const float *from = image->data + page / split * pixels * channels + page % split;
    float *values = mica_need(BLOCK, w->samples * sizeof *values);
    unsigned char *bytes = mica_need(BLOCK, w->samples * w->type.size);
    for (size_t done = 0; done < pixels;) {
        size_t some = pixels - done < BLOCK ? pixels - done : BLOCK;
        for (size_t i = 0; i < some; i++)
            memcpy(values + i * w->samples, from + (done + i) * channels,
                   w->samples * sizeof *values);
        mica_samples_encode(w->type, values, some * w->samples, bytes);
        fwrite(bytes, w->type.size, some * w->samples, w->out);
        done += some;
    }
    mica_free(bytes);
    mica_free(values);
}

static void write_page(struct writer *w, size_t page)
{
    bool last = page + 1 == w->pages;
    w->count = 0;
    struct text *offset = add_tags(w, page == 0);
    struct text directory = make_directory(w, offset, last);
    fwrite(directory.data, 1, directory.length, w->out);
    write_pixels(w, page);
    uint64_t end = w->at + directory.length + w->page_bytes;
    for (w->at = end; !last && w->at < even(end); w->at++)
        fputc(0, w->out);
    mica_text_free(&directory);
    for (size_t i = 0; i < w->count; i++)
        mica_text_free(&w->entries[i].bytes);
}

static void write_head(struct writer *w)
{
    struct text head = {0};
    mica_text_append(&head, "II", 2);
    put(&head, w->big ? 43 : 42, 2);
    if (w->big)
        put(&head, 8, 4); /* bytes of a place; a zero */
    put(&head, w->big ? 16 : 8, w->big ? 8 : 4);
    w->at = head.length;
    fwrite(head.data, 1, head.length, w->out);
    mica_text_free(&head);
}

int mica_tiff_write(const char *path, const struct image *image, struct error *err)
{
    struct file_out out;
    if (image->width > UINT32_MAX || image->height > UINT32_MAX)
        return mica_fail(err, "%s: %zu x %zu pixels are too many for TIFF", path,
                         image->height, image->width);
    if (mica_file_begin(&out, path, err))
        return -1;
    struct writer *w = mica_need(1, sizeof *w);
    w->image = image;
    w->out = out.stream;
    w->type = mica_image_sample_type(image);
    w->samples = image->channels == 3 && w->type.kind == 'u' ? 3 : 1;
    w->pages = image->frames * image->channels / w->samples;
    w->page_bytes = image->height * image->width * w->samples * w->type.size;
    w->big = (double)w->pages * ((double)w->page_bytes + 4096) > 4.2e9;
    write_head(w);
    for (size_t page = 0; page < w->pages; page++)
        write_page(w, page); /* the commit looks for errors */
    mica_free(w);
    return mica_file_commit(&out, err);
}

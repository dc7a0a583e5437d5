/* idx.c - the arrays of MNIST and its like, plain or packed by gzip; read only

   Two zero bytes, one for the type, one for the number of axes, then the lengths of the axes
   (4 bytes each, the highest first) and the numbers (the highest byte first). */
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include "datasets/array.h"
#include "datasets/image.h"

enum {
    START = 4,
    BLOCK = 1 << 14,      /* numbers that are converted at a time */
    PACKED_MOST = 1 << 10 /* deflate makes no more bytes of one */
};

struct header {
    struct sample_type type;
    size_t axes, shape[MICA_ARRAY_AXES];
};

static bool find_type(unsigned char code, struct sample_type *type)
{
    static const struct {
        unsigned char code;
        struct sample_type type;
    } types[] = {{0x08, {'u', 1, true}}, {0x09, {'i', 1, true}},
                 {0x0b, {'i', 2, true}}, {0x0c, {'i', 4, true}},
                 {0x0d, {'f', 4, true}}, {0x0e, {'f', 8, true}}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].code == code) {
            *type = types[i].type;
            return true;
        }
    return false;
}

static bool begins_well(const unsigned char *head)
{
    struct sample_type type;
    return head[0] == 0 && head[1] == 0 && find_type(head[2], &type) && head[3] >= 1 &&
           head[3] <= MICA_ARRAY_AXES;
}

static bool is_packed(const unsigned char *head, size_t size)
{
    return size >= 2 && head[0] == 0x1f && head[1] == 0x8b;
}

/* Many things are packed by gzip: its first bytes are unpacked to see. */
static bool recognise(const unsigned char *head, size_t size)
{
    unsigned char first[START] = {0};
    if (!is_packed(head, size))
        return size >= START && begins_well(head);
    z_stream packed = {.next_in = (unsigned char *)(uintptr_t)head,
                       .avail_in = (unsigned)size,
                       .next_out = first,
                       .avail_out = sizeof first};
    if (inflateInit2(&packed, 16 + MAX_WBITS) != Z_OK)
        return false;
    inflate(&packed, Z_SYNC_FLUSH);
    bool whole = packed.avail_out == 0;
    inflateEnd(&packed);
    return whole && begins_well(first);
}

/* zlib reads plain files as they are. */
struct source {
    const char *path;
    gzFile stream;
    uint64_t size; /* of the file */
    bool packed;
};

static bool take(const struct source *s, void *bytes, size_t count)
{
    return gzread(s->stream, bytes, (unsigned)count) == (int)count;
}

static int fail_short(const struct source *s, uint64_t needed, struct error *err)
{
    char has[32], needs[32];
    if (!s->packed)
        return mica_image_truncated(s->path, s->size, needed, err);
    return mica_fail(err,
                     "%s: ends after %s bytes, before the %s that it holds unpacked; "
                     "the file is truncated or damaged",
                     s->path, mica_text_count(has, s->size),
                     mica_text_count(needs, needed));
}

static int read_header(const struct source *s, struct header *header, struct error *err)
{
    unsigned char head[START], length[4];
    if (!take(s, head, sizeof head))
        return fail_short(s, START, err);
    if (!begins_well(head))
        return mica_fail(err, "%s: does not begin as an IDX file does", s->path);
    find_type(head[2], &header->type);
    header->axes = head[3];
    uint64_t start = START + 4 * (uint64_t)header->axes, bytes = header->type.size;
    for (size_t i = 0; i < header->axes; i++) {
        if (!take(s, length, sizeof length))
            return fail_short(s, start, err);
        header->shape[i] = (size_t)length[0] << 24 | (size_t)length[1] << 16 |
                           (size_t)length[2] << 8 | (size_t)length[3];
        if (header->shape[i] > 0 && bytes > INT64_MAX / header->shape[i])
            return mica_fail(err, "%s: its header tells of an impossible size",
                             s->path);
        bytes *= header->shape[i];
    }
    uint64_t most = s->packed ? s->size * PACKED_MOST : s->size;
    return start + bytes > most ? fail_short(s, start + bytes, err) : 0;
}

static int read_numbers(const struct source *s, const struct header *header,
                        size_t count, float *data, struct error *err)
{
    size_t size = header->type.size;
    unsigned char *bytes = mica_need(BLOCK, size);
    size_t done = 0;
    while (done < count) {
        size_t some = count - done < BLOCK ? count - done : BLOCK;
        if (!take(s, bytes, some * size))
            break;
        mica_samples_decode(header->type, bytes, some, data + done);
        done += some;
    }
    /* the sum of what was packed stands behind it, and is compared when the end is read */
    int code = Z_OK;
    bool ends = !s->packed || gzread(s->stream, bytes, 1) == 0;
    gzerror(s->stream, &code);
    bool sound = done == count && ends && code == Z_OK;
    mica_free(bytes);
    return sound ? 0 : fail_short(s, START + 4 * header->axes + count * size, err);
}

static int read_open(const struct source *s, struct array *array, struct error *err)
{
    struct header header = {0};
    if (read_header(s, &header, err) ||
        mica_array_new_for(s->path, array, header.axes, header.shape, err))
        return -1;
    array->bits = 8 * (int)header.type.size;
    array->whole = header.type.kind != 'f';
    if (!read_numbers(s, &header, mica_array_size(array), array->data, err))
        return 0;
    mica_array_free(array);
    return -1;
}

static int read_array(const char *path, struct array *array, struct error *err)
{
    struct source s = {.path = path};
    unsigned char head[2];
    *array = (struct array){0};
    FILE *stream = mica_file_open(path, err);
    if (!stream)
        return -1;
    s.packed = is_packed(head, fread(head, 1, sizeof head, stream));
    off_t end = fseeko(stream, 0, SEEK_END) ? -1 : ftello(stream);
    int own = end < 0 ? -1 : dup(fileno(stream)), result = -1;
    s.size = (uint64_t)end;
    if (own >= 0 && lseek(own, 0, SEEK_SET) == 0 && (s.stream = gzdopen(own, "rb"))) {
        result = read_open(&s, array, err);
        gzclose(s.stream);
    } else {
        if (own >= 0)
            close(own);
        mica_fail(err, "%s: is not a file whose size is known", path);
    }
    fclose(stream);
    return result;
}

/* N,H,W images; H,W one; labels are no image. */
static int read_idx(const char *path, struct image *image, struct error *err)
{
    struct array array;
    *image = (struct image){0};
    if (read_array(path, &array, err))
        return -1;
    if (array.axes != 2 && array.axes != 3) {
        mica_fail(err, "%s: has %zu ax%ss; an image has 2, a stack 3", path, array.axes,
                  array.axes == 1 ? "i" : "e");
        mica_array_free(&array);
        return -1;
    }
    const size_t *shape = array.shape + array.axes - 2;
    *image = (struct image){.frames = array.axes == 3 ? array.shape[0] : 1,
                            .height = shape[0],
                            .width = shape[1],
                            .channels = 1,
                            .data = array.data, /* taken over */
                            .bits = array.bits,
                            .whole = array.whole};
    return 0;
}

const struct format mica_format_idx = {
    .name = "idx",
    .summary = "IDX arrays (MNIST), plain or packed by gzip; read only",
    .extensions = (const char *const[]){"idx", "gz", NULL},
    .recognise = recognise,
    .read = read_idx,
    .read_array = read_array,
};

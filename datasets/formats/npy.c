/* npy.c - NumPy's arrays: format versions 1 to 3 in, version 1 out */
#include "datasets/formats/npy.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include "datasets/array.h"
#include "datasets/image.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAGIC = 8,        /* "\x93NUMPY" and two bytes of version */
    HEADER = 1 << 16, /* bytes: far more than any header of a plain array */
    AXES = MICA_ARRAY_AXES,
    BLOCK = 1 << 14 /* numbers that are converted at a time */
};

struct header {
    struct sample_type type;
    bool fortran; /* the first axis runs fastest */
    size_t axes, shape[AXES];
    size_t start; /* byte at which the numbers begin */
};

/* --- the header: a Python dictionary of three keys ------------------------------------ */

struct reading {
    const char *path, *at;
    struct header *array;
    struct error *err;
};

static void skip_blanks(struct reading *r) { r->at += strspn(r->at, " \t\n\r"); }

static bool take(struct reading *r, const char *word)
{
    skip_blanks(r);
    if (strncmp(r->at, word, strlen(word)) != 0)
        return false;
    r->at += strlen(word);
    return true;
}

static int fail_header(struct reading *r)
{
    return mica_fail(r->err, "%s: its header is damaged at '%.20s'", r->path, r->at);
}

/* 'word' or "word" of fewer than 16 characters */
static int take_word(struct reading *r, char word[16])
{
    skip_blanks(r);
    char quote = *r->at;
    const char *end = quote == '\'' || quote == '"' ? strchr(r->at + 1, quote) : NULL;
    if (!end || end - r->at > 15)
        return fail_header(r);
    size_t length = (size_t)(end - r->at - 1);
    memcpy(word, r->at + 1, length);
    word[length] = '\0';
    r->at = end + 1;
    return 0;
}

/* '<f4': order, kind, bytes */
static int take_type(struct reading *r)
{
    static const char allowed[] = "bool, i1 .. i8, u1 .. u8, f2, f4 and f8 are read";
    skip_blanks(r);
    if (*r->at == '[')
        return mica_fail(r->err, "%s: is a table with named columns; %s", r->path,
                         allowed);
    char word[16];
    if (take_word(r, word))
        return -1;
    const char *kind = word + strspn(word, "<>|=");
    char *end;
    unsigned long size = *kind ? strtoul(kind + 1, &end, 10) : 0;
    struct sample_type type = {*kind, size, word[0] == '>'};
    if (kind - word > 1 || !mica_sample_type_known(type) || *end != '\0')
        return mica_fail(r->err, "%s: its numbers are of the type '%s'; %s", r->path,
                         word, allowed);
    r->array->type = type;
    return 0;
}

static int take_order(struct reading *r)
{
    r->array->fortran = take(r, "True");
    return r->array->fortran || take(r, "False") ? 0 : fail_header(r);
}

/* (3, 4) or (3,); Python 2 wrote 3L */
static int take_shape(struct reading *r)
{
    struct header *a = r->array;
    if (!take(r, "("))
        return fail_header(r);
    for (a->axes = 0; !take(r, ")"); a->axes++) {
        skip_blanks(r);
        char *end = NULL;
        uintmax_t length =
            *r->at >= '0' && *r->at <= '9' ? strtoumax(r->at, &end, 10) : 0;
        if (!end || length > SIZE_MAX / 16)
            return fail_header(r);
        r->at = end + (*end == 'L');
        if (a->axes == AXES)
            return mica_fail(r->err, "%s: has more than 4 axes", r->path);
        a->shape[a->axes] = (size_t)length;
        if (!take(r, ",") && (skip_blanks(r), *r->at != ')'))
            return fail_header(r);
    }
    return 0;
}

static int parse(struct reading *r)
{
    static const struct {
        const char *name;
        int (*take)(struct reading *r);
    } keys[] = {
        {"descr", take_type}, {"fortran_order", take_order}, {"shape", take_shape}};
    unsigned seen = 0;
    if (!take(r, "{"))
        return fail_header(r);
    while (!take(r, "}")) {
        char word[16];
        size_t i = 0;
        if (take_word(r, word))
            return -1;
        while (i < 3 && strcmp(word, keys[i].name) != 0)
            i++;
        if (i == 3 || (seen & 1u << i) || !take(r, ":"))
            return fail_header(r);
        if (keys[i].take(r))
            return -1;
        seen |= 1u << i;
        take(r, ",");
    }
    return seen == 7 ? 0 : fail_header(r);
}

static int read_header(FILE *stream, uint64_t size, const char *path,
                       struct header *array, struct error *err)
{
    unsigned char head[MAGIC + 4] = {0};
    if (fread(head, 1, sizeof head, stream) < MAGIC + 2)
        return mica_image_truncated(path, size, MAGIC + 2, err);
    if (memcmp(head, "\x93NUMPY", 6) != 0)
        return mica_fail(err, "%s: does not begin as a .npy file does", path);
    if (head[6] < 1 || head[6] > 3)
        return mica_fail(err,
                         "%s: is of version %d of the .npy format; 1 to 3 are read",
                         path, head[6]);
    size_t bytes = head[6] == 1 ? 2 : 4, length = 0; /* of the header's length */
    for (size_t i = bytes; i-- > 0;)
        length = length << 8 | head[MAGIC + i];
    if (length > HEADER)
        return mica_fail(err, "%s: its header of %zu bytes is too long", path, length);
    array->start = MAGIC + bytes + length;
    if (size < array->start)
        return mica_image_truncated(path, size, array->start, err);
    char *text = mica_need(length + 1, 1);
    bool have = fseeko(stream, (off_t)(MAGIC + bytes), SEEK_SET) == 0 &&
                fread(text, 1, length, stream) == length;
    struct reading reading = {path, text, array, err};
    int result = have ? parse(&reading) : mica_fail(err, "%s: cannot be read", path);
    mica_free(text);
    return result;
}

/* --- the numbers ---------------------------------------------------------------------- */

/* 2 axes are H,W; 3 are H,W,C where the last is at most 4, else N,H,W; 4 are N,H,W,C. */
static int interpret(const struct header *a, const char *path, size_t axes[4],
                     struct error *err)
{
    const size_t *s = a->shape;
    if (a->axes < 2)
        return mica_fail(err, "%s: has %zu axes; an image has 2 to 4", path, a->axes);
    size_t first = a->axes == 4 || (a->axes == 3 && s[2] > 4) ? 0 : 1;
    axes[0] = axes[3] = 1;
    for (size_t i = 0; i < a->axes; i++)
        axes[first + i] = s[i];
    return 0;
}

/* Where the numbers of the file go: the place moves as an odometer does. */
struct place {
    size_t axes, shape[AXES], index[AXES];
};

/* C order: of the number at place->index, the first axis running fastest in the file. */
static size_t next_place(struct place *p)
{
    size_t at = 0;
    for (size_t i = 0; i < p->axes; i++)
        at = at * p->shape[i] + p->index[i];
    for (size_t i = 0; i < p->axes && ++p->index[i] == p->shape[i]; i++)
        p->index[i] = 0;
    return at;
}

static int read_numbers(FILE *stream, const struct header *array, size_t count,
                        float *data)
{
    size_t size = array->type.size;
    unsigned char *bytes = mica_need(BLOCK, size);
    float *values = mica_need(BLOCK, sizeof *values);
    struct place place = {.axes = array->axes};
    memcpy(place.shape, array->shape, sizeof place.shape);
    size_t done = 0;
    while (done < count) {
        size_t some = count - done < BLOCK ? count - done : BLOCK;
        if (fread(bytes, size, some, stream) != some)
            break;
        if (array->fortran) {
            mica_samples_decode(array->type, bytes, some, values);
            for (size_t i = 0; i < some; i++)
                data[next_place(&place)] = values[i];
        } else {
            mica_samples_decode(array->type, bytes, some, data + done);
        }
        done += some;
    }
    mica_free(values);
    mica_free(bytes);
    return done == count ? 0 : -1;
}

static int begin(FILE *stream, const char *path, struct header *header, uint64_t *size,
                 struct error *err)
{
    off_t end = fseeko(stream, 0, SEEK_END) ? -1 : ftello(stream);
    if (end < 0 || fseeko(stream, 0, SEEK_SET))
        return mica_fail(err, "%s: is not a file whose size is known", path);
    *size = (uint64_t)end;
    return read_header(stream, *size, path, header, err);
}

static int check_size(const char *path, const struct header *header, uint64_t size,
                      struct error *err)
{
    uint64_t needed = header->type.size;
    for (size_t i = 0; i < header->axes; i++) {
        if (header->shape[i] > 0 && needed > INT64_MAX / 2 / header->shape[i])
            return mica_fail(err, "%s: its header tells of an impossible size", path);
        needed *= header->shape[i];
    }
    needed += header->start;
    return size < needed ? mica_image_truncated(path, size, needed, err) : 0;
}

static int finish(FILE *stream, const char *path, const struct header *header,
                  size_t count, float *data, struct error *err)
{
    if (fseeko(stream, (off_t)header->start, SEEK_SET) ||
        read_numbers(stream, header, count, data))
        return mica_fail(err, "%s: cannot be read to its end", path);
    return 0;
}

static int take_image(FILE *stream, const char *path, struct image *image,
                      struct error *err)
{
    struct header header = {0};
    uint64_t size;
    size_t axes[4];
    if (begin(stream, path, &header, &size, err) ||
        interpret(&header, path, axes, err) || check_size(path, &header, size, err) ||
        mica_image_new_for(path, image, axes[0], axes[1], axes[2], axes[3], err))
        return -1;
    image->bits = 8 * (int)header.type.size;
    image->whole = header.type.kind != 'f';
    if (!finish(stream, path, &header, mica_image_size(image), image->data, err))
        return 0;
    mica_image_free(image);
    return -1;
}

static int take_array(FILE *stream, const char *path, struct array *array,
                      struct error *err)
{
    struct header header = {0};
    uint64_t size;
    if (begin(stream, path, &header, &size, err) ||
        check_size(path, &header, size, err) ||
        mica_array_new_for(path, array, header.axes, header.shape, err))
        return -1;
    array->bits = 8 * (int)header.type.size;
    array->whole = header.type.kind != 'f';
    if (!finish(stream, path, &header, mica_array_size(array), array->data, err))
        return 0;
    mica_array_free(array);
    return -1;
}

static bool recognise(const unsigned char *head, size_t size)
{
    return size >= 6 && memcmp(head, "\x93NUMPY", 6) == 0;
}

static int read_npy(const char *path, struct image *image, struct error *err)
{
    *image = (struct image){0};
    FILE *stream = mica_file_open(path, err);
    if (!stream)
        return -1;
    int result = take_image(stream, path, image, err);
    fclose(stream);
    return result;
}

static int read_array(const char *path, struct array *array, struct error *err)
{
    *array = (struct array){0};
    FILE *stream = mica_file_open(path, err);
    if (!stream)
        return -1;
    int result = take_array(stream, path, array, err);
    fclose(stream);
    return result;
}

/* --- writing -------------------------------------------------------------------------- */

/* The fewest axes that are read back as they were. */
static void describe_shape(const struct image *image, struct text *text)
{
    const size_t axes[4] = {image->frames, image->height, image->width,
                            image->channels};
    bool stack = image->frames > 1 || image->channels > 4;
    bool last = image->channels > 1 || (stack && image->width <= 4);
    size_t first = stack ? 0 : 1;
    for (size_t i = first; i < (last ? 4 : 3); i++)
        mica_text_add(text, "%s%zu", i > first ? ", " : "", axes[i]);
}

static void write_header(const char *shape, struct sample_type type, FILE *out)
{
    struct text text = {0};
    mica_text_add(&text,
                  "{'descr': '%c%c%zu', 'fortran_order': False, 'shape': (%s), }",
                  type.size == 1 ? '|' : '<', type.kind, type.size, shape);
    while ((MAGIC + 2 + text.length + 1) % 64 != 0) /* as NumPy aligns it */
        mica_text_append(&text, " ", 1);
    mica_text_append(&text, "\n", 1);
    fwrite("\x93NUMPY\x01", 1, 8, out); /* the last byte of the version is the '\0' */
    fputc((int)(text.length & 255), out);
    fputc((int)(text.length >> 8), out);
    fwrite(text.data, 1, text.length, out);
    mica_text_free(&text);
}

static void write_numbers(FILE *out, struct sample_type type, const float *values,
                          size_t count)
{
    unsigned char *bytes = mica_need(BLOCK, type.size);
    for (size_t done = 0; done < count;) {
        size_t some = count - done < BLOCK ? count - done : BLOCK;
        mica_samples_encode(type, values + done, some, bytes);
        fwrite(bytes, type.size, some, out); /* the commit looks for errors */
        done += some;
    }
    mica_free(bytes);
}

static int write_npy(const char *path, const struct image *image, struct error *err)
{
    struct file_out out;
    struct text shape = {0};
    struct sample_type type = mica_image_sample_type(image);
    if (mica_file_begin(&out, path, err))
        return -1;
    describe_shape(image, &shape);
    write_header(shape.data, type, out.stream);
    write_numbers(out.stream, type, image->data, mica_image_size(image));
    mica_text_free(&shape);
    return mica_file_commit(&out, err);
}

static const struct sample_type fp32 = {'f', 4, false};

int mica_npy_begin(struct file_out *out, const char *path, size_t axes,
                   const size_t *shape, struct error *err)
{
    struct text text = {0};
    if (mica_file_begin(out, path, err))
        return -1;
    for (size_t i = 0; i < axes; i++)
        mica_text_add(&text, i == 0 ? "%zu," : " %zu,", shape[i]);
    write_header(text.data, fp32, out->stream);
    mica_text_free(&text);
    return 0;
}

void mica_npy_add(struct file_out *out, const float *values, size_t count)
{
    write_numbers(out->stream, fp32, values, count);
}

int mica_npy_write(const char *path, const float *values, size_t axes,
                   const size_t *shape, struct error *err)
{
    struct file_out out;
    size_t count = 1;
    for (size_t i = 0; i < axes; i++)
        count *= shape[i];
    if (mica_npy_begin(&out, path, axes, shape, err))
        return -1;
    mica_npy_add(&out, values, count);
    return mica_file_commit(&out, err);
}

const struct format mica_format_npy = {
    .name = "npy",
    .summary = "NumPy arrays; 2 axes H,W; 3 H,W,C (C <= 4) or N,H,W; 4 N,H,W,C",
    .extensions = (const char *const[]){"npy", NULL},
    .recognise = recognise,
    .read = read_npy,
    .write = write_npy,
    .read_array = read_array,
};

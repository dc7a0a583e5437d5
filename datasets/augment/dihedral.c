/* dihedral.c - one of the eight symmetries of a square; of four where it is none */
#include "core/memory.h"
#include "datasets/augment.h"
#include "datasets/image_transform.h"

#include <string.h>

struct turned {
    unsigned back;
    size_t height, width;
};

static void turn_pixels(struct sample *s, bool whole, const struct turned *t,
                        float *image, uint8_t *labels)
{
    for (size_t i = 0; i < s->height * s->width; i++) {
        double y = (double)(i / s->width), x = (double)(i % s->width);
        mica_dihedral_point(t->back, t->height, t->width, &y, &x);
        size_t from = (size_t)y * s->width + (size_t)x;
        memcpy(image + i * s->channels, s->image + from * s->channels,
               s->channels * sizeof *image);
        if (s->labels && !whole)
            labels[i] = s->labels[from];
    }
}

static int apply(struct sample *s, bool whole, const double *values,
                 struct random *random, struct error *err)
{
    (void)values;
    size_t pixels = s->height * s->width;
    bool square = s->height == s->width;
    unsigned element = (unsigned)mica_random_below(random, square ? 8 : 4);
    element = square ? element : 2 * element; /* no quarter turns */
    struct turned t = {mica_dihedral_inverse(element), s->height, s->width};
    float *image = mica_allocate(pixels, s->channels * sizeof *image);
    uint8_t *labels = mica_allocate(pixels, 1);
    if (!image || !labels) {
        mica_free(image);
        mica_free(labels);
        return mica_fail(err, "no memory to turn %s", s->name);
    }
    turn_pixels(s, whole, &t, image, labels);
    memcpy(s->image, image, pixels * s->channels * sizeof *image);
    if (s->labels && !whole)
        memcpy(s->labels, labels, pixels);
    for (size_t i = 0; i < s->object_count; i++)
        mica_dihedral_point(element, s->height, s->width, &s->objects[i].y,
                            &s->objects[i].x);
    if (element % 2 == 1) {
        double rows = s->pixel[0];
        s->pixel[0] = s->pixel[1];
        s->pixel[1] = rows;
    }
    mica_free(image);
    mica_free(labels);
    return 0;
}

const struct augment mica_augment_dihedral = {
    .name = "dihedral",
    .summary =
        "mirrored and turned by quarters, each of the eight alike; where an image "
        "is no square, mirrored only",
    .equation = "one of numpy.rot90 and numpy.fliplr; exact",
    .moves = true,
    .apply = apply};

/* loader.c - batches of samples */
#include "datasets/loader.h"

#include <math.h>
#include <string.h>

#include "core/parallel.h"
#include "datasets/augment.h"
#include "datasets/targets.h"

struct filling {
    const struct dataset *dataset;
    const struct normalise *normalise;
    const uint64_t *numbers;
    struct tensor *images, *labels;
    struct error *errors; /* one for each sample: the first in order is told */
};

static int check_size(const struct filling *f, const struct sample *s,
                      struct error *err)
{
    struct shape shape = f->images->shape;
    if (s->height == shape.h && s->width == shape.w && s->channels == shape.c)
        return 0;
    return mica_fail(
        err,
        "%s: %zu x %zu pixels with %zu channel%s where %zu x %zu with %zu are "
        "needed; give 'crop'",
        s->name, s->height, s->width, s->channels, s->channels == 1 ? "" : "s", shape.h,
        shape.w, shape.c);
}

/* One for each pixel of the labels' tensor: of the sample, or one of it as a whole. */
static void copy_labels(const struct filling *f, const struct sample *s, size_t i)
{
    if (f->labels->shape.c > 1 || f->dataset->sigma > 0) {
        mica_targets_fill(f->dataset, s, f->labels, i);
        return;
    }
    for (size_t p = 0; p < mica_shape_pixels(f->labels->shape); p++)
        *mica_tensor_at(f->labels, i, p) = s->labels && s->labels[p] != MICA_IGNORED
                                               ? (float)s->labels[p]
                                               : (float)NAN;
}

static void fill_one(void *context, size_t i)
{
    struct filling *f = context;
    struct error *err = &f->errors[i];
    struct sample s = {0};
    if (mica_dataset_get(f->dataset, f->numbers[i], &s, err) || check_size(f, &s, err))
        goto end;
    struct error why = {0};
    static const struct augmentation none = {0};
    const struct augmentation *augmentation = f->dataset->augmentation;
    if (mica_augmentation_apply(augmentation ? augmentation : &none, f->normalise,
                                f->dataset->whole, f->numbers[i], &s, &why)) {
        mica_fail(err, "%s: %s", s.name, why.text);
        goto end;
    }
    for (size_t p = 0; p < s.height * s.width; p++)
        memcpy(mica_tensor_at(f->images, i, p), s.image + p * s.channels,
               s.channels * sizeof(float));
    if (f->labels->data)
        copy_labels(f, &s, i);
end:
    mica_sample_free(&s);
}

int mica_loader_fill(const struct dataset *dataset, const struct normalise *normalise,
                     const uint64_t *numbers, size_t n, struct tensor *images,
                     struct tensor *labels, struct error *err)
{
    struct filling f = {dataset, normalise, numbers, images, labels, NULL};
    f.errors = mica_need(n, sizeof *f.errors);
    mica_parallel_for(n, fill_one, &f);
    int status = 0;
    for (size_t i = 0; i < n && !status; i++)
        if (f.errors[i].lines)
            status = mica_fail(err, "%s", f.errors[i].text);
    mica_free(f.errors);
    return status;
}

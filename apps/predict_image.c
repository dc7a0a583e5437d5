/* predict_image.c - one image or stack: predict each frame, write what is found, tell it */
#include "apps/predict_image.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "apps/grid.h"
#include "apps/predict_text.h"
#include "apps/prediction_files.h"

/* Atoms that are not resolved do not come back by making pixels smaller. */
static const double enlarged_most = 8;

/* ---- the image ---- */

/* Where all channels of a picture are equal it is grey: one of them is kept. */
static bool make_grey(struct image *image)
{
    size_t pixels = image->frames * image->height * image->width, n = image->channels;
    for (size_t i = 0; i < pixels; i++)
        for (size_t c = 1; c < n; c++)
            if (memcmp(&image->data[i * n], &image->data[i * n + c], sizeof(float)) !=
                0)
                return false;
    for (size_t i = 0; i < pixels; i++)
        image->data[i] = image->data[i * n];
    image->channels = 1;
    return true;
}

static int check_channels(const struct predicting *p, struct image *image,
                          const char *path, struct error *err)
{
    size_t wanted = p->predictor.inputs;
    if (image->colours > 0)
        return mica_fail(err,
                         "%s: holds indices of a palette, a map of classes perhaps; "
                         "give the image itself",
                         path);
    if (image->channels == wanted || (wanted == 1 && make_grey(image)))
        return 0;
    return mica_fail(err, "%s: has %zu channel%s, the model takes %zu", path,
                     image->channels, image->channels == 1 ? "" : "s", wanted);
}

static int calibrate(const struct predicting *p, struct image *image, const char *path,
                     struct error *err)
{
    double largest = p->model->pixel_range[1];
    if (p->pixel > 0)
        image->pixel[0] = image->pixel[1] = p->pixel;
    double pixel = fmax(image->pixel[0], image->pixel[1]);
    if (!(largest > 0) || pixel <= enlarged_most * largest)
        return 0;
    return mica_fail(err,
                     "%s: a pixel of %g A is %.3g times the largest that the model "
                     "knows (%g A): what it looks for is not resolved; is the pixel "
                     "size right? --pixel gives another",
                     path, pixel, pixel / largest, largest);
}

static int check_numbers(const struct image *image, const char *path, struct error *err)
{
    for (size_t i = 0; i < image->frames; i++) {
        struct frame frame = mica_frame_of(image, i);
        struct text name = {0};
        mica_text_add(&name, "%s", path);
        if (image->frames > 1)
            mica_text_add(&name, ": frame %zu", i);
        int status = mica_frame_check(&frame, name.data, err);
        mica_text_free(&name);
        if (status)
            return -1;
    }
    return 0;
}

int mica_predict_read(const struct predicting *p, const char *path, struct image *image,
                      struct error *err)
{
    if (mica_image_read(path, image, err))
        return -1;
    if (!check_channels(p, image, path, err) && !calibrate(p, image, path, err) &&
        !check_numbers(image, path, err))
        return 0;
    mica_image_free(image);
    return -1;
}

/* What is left out of the image: empty where nothing is. */
static int read_mask(const struct predicting *p, const char *path,
                     const struct image *image, struct image *mask, struct error *err)
{
    *mask = (struct image){0};
    if (!p->exclude)
        return 0;
    char *name = mica_path_like(p->exclude, path);
    int status = mica_image_read(name, mask, err);
    bool fits = !status && mask->height == image->height &&
                mask->width == image->width && mask->channels == 1 &&
                (mask->frames == 1 || mask->frames == image->frames);
    if (!status && !fits)
        status = mica_fail(
            err, "%s: is %zu x %zu x %zu of %zu channels, but %s is %zu x %zu x %zu",
            name, mask->frames, mask->height, mask->width, mask->channels, path,
            image->frames, image->height, image->width);
    mica_free(name);
    if (status)
        mica_image_free(mask);
    return status;
}

/* ---- its frames ---- */

struct work {
    struct predicting *p;
    const struct input *input;
    const struct image *image, *mask;
    struct prediction_files *files;
    struct image_text *text;
    struct findings *found; /* of each frame; told once all frames are done */
};

static int write_frame(const struct work *w, size_t i, const struct frame *frame,
                       const struct prediction *prediction, struct error *err)
{
    struct rules rules = w->p->rules;
    if (w->mask->data) {
        struct frame mask = mica_frame_of(w->mask, w->mask->frames > 1 ? i : 0);
        rules.exclusion.mask = mask.data;
    }
    w->p->calibrated = w->p->calibrated || mica_frame_calibrated(frame);
    if (mica_findings_make(&w->found[i], prediction, frame, w->p->model, &rules, err))
        return -1;
    mica_image_text_add(w->text, prediction, &w->found[i]);
    return mica_prediction_files_add(w->files, i, prediction, err);
}

static void finish(const struct work *w)
{
    struct predicting *p = w->p;
    for (size_t i = 0; i < w->image->frames; i++) {
        struct frame frame = mica_frame_of(w->image, i);
        mica_tables_add(&p->tables, w->input->name, i, &frame, &w->found[i], p->model);
    }
    mica_image_text_tell(w->text, p, w->input, w->image, &p->told);
}

static void step(struct predicting *p, size_t i, const struct image *image)
{
    char note[64];
    snprintf(note, sizeof note, "frame %zu of %zu", i + 1, image->frames);
    if (p->by_frame)
        mica_progress_step(&p->progress, i + 1, NULL);
    else if (image->frames > 1)
        mica_progress_step(&p->progress, p->progress.done, note);
}

static int predict_frames(const struct work *w, struct error *err)
{
    struct predicting *p = w->p;
    for (size_t i = 0; i < w->image->frames; i++) {
        struct frame frame = mica_frame_of(w->image, i);
        struct prediction prediction;
        if (*p->stop)
            return -1;
        if (mica_predictor_run(&p->predictor, &frame, w->input->path, &prediction, err))
            return -1;
        int status = write_frame(w, i, &frame, &prediction, err);
        mica_prediction_free(&prediction);
        if (status)
            return -1;
        step(p, i, w->image);
    }
    return 0;
}

/* Bytes that are taken beside the predictor's: the image, its mask, its map of classes. */
static size_t held(const struct image *image, const struct image *mask)
{
    size_t classes = image->frames * image->height * image->width;
    return sizeof(float) * (mica_image_size(image) + mica_image_size(mask) + classes);
}

static int predict_image(struct predicting *p, const struct input *input,
                         const struct image *image, const struct image *mask,
                         struct error *err)
{
    struct prediction_files files;
    struct image_text text = {0};
    struct work work = {p, input, image, mask, &files, &text, NULL};
    p->predictor.held = held(image, mask);
    if (p->by_frame)
        mica_progress_begin(&p->progress, "predict", "frames", image->frames,
                            p->progress.quiet);
    work.found = mica_need(image->frames, sizeof *work.found);
    size_t classes = p->predictor.outputs + p->predictor.first;
    int status =
        mica_prediction_files_begin(&files, p->model, classes, image, p->folder,
                                    input->stem, p->probabilities, err);
    if (!status)
        status = predict_frames(&work, err);
    status = mica_prediction_files_end(&files, status, err);
    if (!status)
        finish(&work);
    for (size_t i = 0; i < image->frames; i++)
        mica_findings_free(&work.found[i]);
    mica_free(work.found);
    return status;
}

int mica_predict_image(struct predicting *p, const struct input *input,
                       struct error *err)
{
    struct image image, mask;
    if (mica_predict_read(p, input->path, &image, err))
        return -1;
    int status = read_mask(p, input->path, &image, &mask, err);
    if (!status)
        status = predict_image(p, input, &image, &mask, err);
    mica_image_free(&mask);
    mica_image_free(&image);
    return status;
}

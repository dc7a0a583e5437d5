/* prediction_files.c - what mica predict leaves of one image or stack */
#include "apps/prediction_files.h"

#include <math.h>
#include <string.h>

#include "core/text.h"
#include "datasets/formats/npy.h"
#include "datasets/picture.h"

/* Smaller pictures are enlarged by a whole number, so that the scale bar can be read. */
enum { READABLE = 512 };
static const double covered = 0.3; /* share of a pixel that its class's colour takes */

static char *path_of(const struct prediction_files *f, const char *ending)
{
    struct text path = {0};
    mica_text_add(&path, "%s/%s%s", f->folder, f->stem, ending);
    return path.data;
}

static bool is_stack(const struct prediction_files *f) { return f->image->frames > 1; }

/* Written as they come, so that those of a stack need not be held. */
static int add_probabilities(struct prediction_files *f, size_t frame,
                             const struct prediction *p, struct error *err)
{
    if (!f->wants_probabilities)
        return 0;
    if (frame == 0) {
        const size_t shape[] = {f->image->frames, p->height, p->width, p->channels};
        char *path = path_of(f, "_probabilities.npy");
        int status = mica_npy_begin(&f->probabilities, path, 4, shape, err);
        mica_free(path);
        if (status)
            return -1;
    }
    mica_npy_add(&f->probabilities, p->probabilities,
                 p->height * p->width * p->channels);
    return 0;
}

/* ---- classes and pictures ---- */

static void add_classes(struct prediction_files *f, size_t frame,
                        const struct prediction *p)
{
    size_t pixels = p->height * p->width;
    for (size_t i = 0; i < pixels; i++)
        f->classes.data[frame * pixels + i] = (float)p->classes[i];
}

/* The picture is as the image where that is large, and its pixels are the image's. */
static double scale_of(const struct image *image)
{
    double shorter = fmin((double)image->height, (double)image->width);
    return fmax(1, ceil(READABLE / shorter));
}

static int write_overlay(const struct prediction_files *f, size_t frame,
                         struct error *err)
{
    struct canvas picture;
    struct display display = {.frame = frame, .scale = scale_of(f->image)};
    char name[64] = "_overlay.png";
    if (is_stack(f))
        snprintf(name, sizeof name, "_overlay/%04zu.png", frame);
    if (mica_picture(&picture, f->image, &display, err))
        return -1;
    double pixel = f->image->pixel[1] / display.scale;
    mica_picture_overlay(&picture, &f->classes, frame, covered);
    mica_picture_outline(&picture, &f->classes, frame, 1);
    mica_picture_scale_bar(&picture, pixel);
    char *path = path_of(f, name);
    int status = mica_canvas_write(&picture, path, pixel, err);
    mica_free(path);
    mica_canvas_free(&picture);
    return status;
}

/* ---- the whole ---- */

static int make_overlay_folder(struct prediction_files *f, struct error *err)
{
    if (!is_stack(f))
        return 0;
    char *path = path_of(f, "_overlay");
    int status = mica_folder_begin(&f->overlays, path, err);
    mica_free(path);
    return status;
}

static void give_palette(struct image *classes, const struct model *model, size_t count)
{
    classes->colours = count;
    for (size_t i = 0; i < count; i++) {
        struct colour colour = mica_class_colour(i);
        classes->palette[i][0] = colour.red;
        classes->palette[i][1] = colour.green;
        classes->palette[i][2] = colour.blue;
    }
    if (model->classes == count)
        mica_class_palette((const char *const *)model->names, count, classes->palette);
}

int mica_prediction_files_begin(struct prediction_files *files,
                                const struct model *model, size_t count,
                                const struct image *image, const char *folder,
                                const char *stem, bool probabilities, struct error *err)
{
    *files = (struct prediction_files){.image = image,
                                       .folder = folder,
                                       .stem = stem,
                                       .wants_probabilities = probabilities};
    struct image *classes = &files->classes;
    if (make_overlay_folder(files, err) ||
        mica_image_new(classes, image->frames, image->height, image->width, 1, err))
        return -1;
    classes->bits = 8;
    classes->whole = true;
    memcpy(classes->pixel, image->pixel, sizeof classes->pixel);
    classes->frame_time = image->frame_time;
    give_palette(classes, model, count);
    return 0;
}

int mica_prediction_files_add(struct prediction_files *files, size_t frame,
                              const struct prediction *prediction, struct error *err)
{
    add_classes(files, frame, prediction);
    if (add_probabilities(files, frame, prediction, err))
        return -1;
    return write_overlay(files, frame, err);
}

int mica_prediction_files_end(struct prediction_files *files, int status,
                              struct error *err)
{
    if (status == 0) {
        char *path = path_of(files, is_stack(files) ? "_classes.tif" : "_classes.png");
        status = mica_image_write(path, &files->classes, err);
        mica_free(path);
    }
    if (status == 0 && files->wants_probabilities)
        status = mica_file_commit(&files->probabilities, err);
    else
        mica_file_abandon(&files->probabilities);
    mica_folder_end(&files->overlays);
    mica_image_free(&files->classes);
    return status;
}

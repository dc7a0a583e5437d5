/* predict_whole.c - the class of each image, frame or row, where a network gives one answer */
#include "apps/predict_whole.h"

#include <stdio.h>

#include "apps/named.h"
#include "datasets/features.h"

int mica_predict_whole_begin(struct predicting *p, struct error *err)
{
    enum { FIXED = 4 };
    struct text path = {0};
    size_t count = p->predictor.outputs;
    struct arena *arena = mica_arena_new();
    const char **names = mica_arena_take(arena, FIXED + count + 1, sizeof *names);
    names[0] = "image";
    names[1] = "frame";
    names[2] = "label";
    names[3] = "score";
    for (size_t i = 0; i < count; i++) {
        char buffer[32];
        struct text name = {0};
        mica_text_add(&name, "p_%s",
                      mica_class_name(p->model, i + p->predictor.first, buffer));
        names[FIXED + i] = mica_arena_text(arena, name.data);
        mica_text_free(&name);
    }
    mica_text_add(&path, "%s/classes.csv", p->folder);
    int status = mica_table_begin(&p->classes, path.data, names, err);
    p->class_counts = mica_need(count + p->predictor.first, sizeof *p->class_counts);
    mica_text_free(&path);
    mica_arena_free(arena);
    return status;
}

/* ---- reading ---- */

/* Rows of vectors or spectra as the frames of a stack of one line. */
static int read_rows(const struct predicting *p, struct shape in, const char *path,
                     struct image *image, struct error *err)
{
    struct features f;
    const char *axes = in.w == 1 ? "NF" : in.c == 1 ? "NL" : "NLC";
    if (mica_features_read(&f, path, axes, p->columns, err))
        return -1;
    *image = (struct image){.frames = f.rows,
                            .height = 1,
                            .width = f.width,
                            .channels = f.channels,
                            .data = f.data};
    if (f.channels == in.c)
        return 0;
    mica_image_free(image);
    return mica_fail(err, "%s: %zu features or channels, the model takes %zu", path,
                     f.channels, in.c);
}

static int read_input(const struct predicting *p, const char *path, struct image *image,
                      struct error *err)
{
    struct shape in = mica_net_input(p->model->net, 1, 2, 2);
    return in.h == 1 ? read_rows(p, in, path, image, err)
                     : mica_predict_read(p, path, image, err);
}

/* ---- predicting ---- */

static void add_row(struct predicting *p, const struct input *input, size_t frame,
                    const struct prediction *r)
{
    char buffer[32];
    size_t best = r->classes[0];
    mica_table_put_text(&p->classes, input->name);
    mica_table_put_integer(&p->classes, (int64_t)frame);
    mica_table_put_text(&p->classes, mica_class_name(p->model, best, buffer));
    mica_table_put_number(&p->classes, (double)r->scores[0], 4);
    for (size_t i = 0; i < r->channels; i++)
        mica_table_put_number(&p->classes, (double)r->probabilities[i], 4);
    p->class_counts[best]++;
}

int mica_predict_whole(struct predicting *p, const struct input *input,
                       struct error *err)
{
    struct image image;
    int status = read_input(p, input->path, &image, err);
    if (status)
        return -1;
    if (p->by_frame)
        mica_progress_begin(&p->progress, "predict", "frames", image.frames,
                            p->progress.quiet);
    for (size_t i = 0; i < image.frames && !status && !*p->stop; i++) {
        struct frame frame = mica_frame_of(&image, i);
        struct prediction prediction;
        status =
            mica_predictor_run(&p->predictor, &frame, input->path, &prediction, err);
        if (status)
            break;
        add_row(p, input, i, &prediction);
        mica_prediction_free(&prediction);
        if (p->by_frame)
            mica_progress_step(&p->progress, i + 1, NULL);
    }
    mica_image_free(&image);
    return status;
}

int mica_predict_whole_end(struct predicting *p, int status, struct error *err)
{
    char buffer[32];
    size_t all = 0, classes = p->predictor.outputs + p->predictor.first;
    if (status)
        mica_table_abandon(&p->classes);
    else
        status = mica_table_commit(&p->classes, err);
    for (size_t i = 0; i < classes; i++)
        all += p->class_counts[i];
    if (!status)
        mica_text_add(&p->told, "%s/classes.csv: %zu line%s;", p->folder, all,
                      all == 1 ? "" : "s");
    for (size_t i = 0, told = 0; i < classes && !status; i++)
        if (p->class_counts[i])
            mica_text_add(&p->told, "%s %zu %s", told++ ? "," : "", p->class_counts[i],
                          mica_class_name(p->model, i, buffer));
    if (!status)
        mica_text_add(&p->told, "\n");
    mica_free(p->class_counts);
    return status;
}

/* model.h - a trained network: what a model file holds */
#ifndef MICA_APPS_MODEL_H
#define MICA_APPS_MODEL_H

#include "core/checkpoint.h"
#include "datasets/normalise.h"
#include "nets/nets.h"

/* The metadata of docs/reference/conventions.md, read. */
struct model {
    struct net *net;
    struct weights *weights;
    char *path;     /* of the file */
    size_t classes; /* background included; 0 where the file does not say */
    char **names;   /* of the classes */
    size_t channels;
    struct normalise normalise;
    struct arena *arena;   /* what that refers to; NULL: nothing of its own */
    bool normalised;       /* the file says how */
    double pixel_range[2]; /* A; 0 where unknown */
    double dose_range[2];  /* electrons per pixel; 0 where unknown */
    double
        label_radius; /* A: of the discs that objects were labelled with; 0: unknown */
    char *crystal;    /* that images show one layer of: "MoS2"; NULL: unknown */
    char *activation; /* "softmax", "sigmoid"; "" where unknown */
};

/* MODEL.safetensors with metadata, or NET.json:WEIGHTS.safetensors. The weights are loaded.
   NULL and lines in err. */
struct model *mica_model_read(const char *path, struct error *err);
void mica_model_free(struct model *model);
/* Put the metadata that `model` holds into a file being collected (mica.version, mica.net,
   mica.classes, ...). */
void mica_model_put(const struct model *model, struct safetensors_out *out);

/* The network recorded and planned for images of one size, forward only. */
struct runner {
    struct tape *tape;
    struct plan *plan;
    struct wiring wiring;
    int input, output; /* nodes; output: logits */
};
/* Recorded only: to ask for bytes and reach. -1 and a line where the network refuses. */
int mica_runner_record(struct runner *runner, const struct model *model, size_t samples,
                       size_t height, size_t width, struct error *err);
size_t mica_runner_bytes(const struct runner *runner); /* that the plan needs */
/* Plan what is recorded, for `output` (which the caller may have set to any node). -1 and a
   line where memory is short; then the runner is closed. */
int mica_runner_plan(struct runner *runner, struct error *err);
/* Both. */
int mica_runner_open(struct runner *runner, const struct model *model, size_t samples,
                     size_t height, size_t width, struct error *err);
void mica_runner_close(struct runner *runner);
/* The class of the first output: 0; or 1 where the network has one output less than there
   are classes (of 0 classes, which are unknown: one output), so that none is the
   background's. */
size_t mica_model_first(size_t outputs, size_t classes);
/* The class that a pixel's outputs say: the largest one's; where `first` is 1 it must be
   above `least`, else it is the background, 0. */
size_t mica_model_class(const float *values, size_t outputs, size_t first, float least);
/* Turn the logits of `samples` samples into probabilities, in place, by the model's
   activation; `logits` is any tensor [n, h, w, classes]. */
void mica_model_activate(const struct model *model, struct tensor *logits);

#endif

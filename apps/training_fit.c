/* training_fit.c - whether the network's input and output are those of the data */
#include "apps/training_fit.h"

#include <string.h>

#include "core/text.h"

static const cJSON *net_item(const struct training *t)
{
    return cJSON_GetObjectItemCaseSensitive(mica_json_root(t->recipe->json), "net");
}

static int fail_channels(const struct training *t, struct shape net, struct shape data,
                         struct error *err)
{
    const char *param = mica_net_input_param(t->model.net, 0);
    bool vectors = net.h * net.w == 1 && data.h * data.w == 1;
    struct text remedy = {0};
    if (net.h * net.w == 1 && !vectors)
        return mica_json_fail(t->recipe->json, net_item(t), err,
                              "the network takes vectors of %zu values, the data has "
                              "images of %zu x %zu pixels",
                              net.c, data.h, data.w);
    if (param)
        mica_text_add(&remedy, "; set \"params\": {\"%s\": %zu}", param, data.c);
    mica_json_fail(t->recipe->json, net_item(t), err,
                   "the network takes %zu %s%s, the data has %zu%s%s", net.c,
                   vectors ? "value" : "channel", net.c == 1 ? "" : "s", data.c,
                   vectors ? data.c == 1 ? " column" : " columns" : "",
                   param ? remedy.data : "");
    mica_text_free(&remedy);
    return -1;
}

static int fail_size(const struct training *t, struct shape net, struct shape data,
                     struct error *err)
{
    const char *rows = mica_net_input_param(t->model.net, 2);
    const char *columns = mica_net_input_param(t->model.net, 1);
    struct text remedy = {0};
    if (data.h == data.w && rows && columns && strcmp(rows, columns) == 0)
        mica_text_add(&remedy, ", or \"params\": {\"%s\": %zu}", rows, data.h);
    if (data.h > 1)
        mica_text_add(&remedy, ", or take a network of open size: %s",
                      t->data->whole ? "resnet18.json" : "resunet.json");
    mica_json_fail(t->recipe->json, net_item(t), err,
                   "the network takes %zu x %zu pixels, the data has %zu x %zu; 'crop' "
                   "or a simulation's \"size\" sets them%s",
                   net.h, net.w, data.h, data.w, remedy.data ? remedy.data : "");
    mica_text_free(&remedy);
    return -1;
}

static int check_input(const struct training *t, struct shape net, struct shape data,
                       struct error *err)
{
    if (net.c != data.c)
        return fail_channels(t, net, data, err);
    return net.h != data.h || net.w != data.w ? fail_size(t, net, data, err) : 0;
}

/* One answer a sample for one class a sample, else one a pixel. */
static int check_answers(const struct training *t, struct shape in, struct shape out,
                         struct error *err)
{
    bool whole = t->data->whole;
    if (whole ? out.h == 1 && out.w == 1 : out.h == in.h && out.w == in.w)
        return 0;
    return mica_json_fail(
        t->recipe->json, net_item(t), err,
        "the network gives %zu x %zu answers for %zu x %zu pixels, the "
        "data has one class for each %s",
        out.h, out.w, in.h, in.w, whole ? "image" : "pixel");
}

/* The first loss against the labels that does not ask each output by itself, or NULL. */
static const struct aim *about_classes(const struct training *t)
{
    const struct recipe *r = t->recipe;
    for (size_t i = 0; i < r->aim_count; i++) {
        const struct layer *loss = r->aims[i].loss.what;
        if (r->aims[i].truth == TRUTH_LABELS &&
            strcmp(loss->activation, "softmax") == 0)
            return &r->aims[i];
    }
    return NULL;
}

/* Gaussians say nothing of the background. */
static int check_gaussians(const struct training *t, size_t outputs, struct error *err)
{
    const struct aim *wrong = about_classes(t);
    size_t wanted = t->data->classes - 1;
    if (wrong)
        return mica_json_fail(t->recipe->json, wrong->item, err,
                              "%s is about classes, the data's truth is Gaussians "
                              "(\"sigma\"); take bce_with_logits or mse",
                              ((const struct layer *)wrong->loss.what)->name);
    if (outputs == wanted)
        return 0;
    return mica_json_fail(
        t->recipe->json, net_item(t), err,
        "the network gives %zu outputs, the data has Gaussians "
        "(\"sigma\") of %zu class%s: one output for each, none for the "
        "background",
        outputs, wanted, wanted == 1 ? "" : "es");
}

/* The classes by name, of images with how many there are of each: a slip of the pen among
   the labels is one more. */
static void list_classes(const struct training *t, struct text *out)
{
    enum { LISTED = 12 };
    const struct dataset *data = t->data;
    uint64_t seen[256] = {0};
    bool counted = data->whole && data->source->label_of;
    for (uint64_t i = 0; counted && i < data->count; i++)
        seen[data->source->label_of(data, i) & 255]++;
    for (size_t i = 0; i < data->classes && i < LISTED; i++) {
        mica_text_add(out, "%s%s", i ? ", " : ": ", data->names[i]);
        if (counted)
            mica_text_add(out, " (%llu)", (unsigned long long)seen[i]);
    }
    if (data->classes > LISTED)
        mica_text_add(out, " and %zu more", data->classes - LISTED);
}

static int fail_classes(const struct training *t, size_t outputs, bool fewer,
                        struct error *err)
{
    struct text names = {0};
    const struct dataset *data = t->data;
    list_classes(t, &names);
    mica_json_fail(t->recipe->json, net_item(t), err,
                   "the network gives %zu class%s, the data has %zu%s%s; set "
                   "\"params\": {\"classes\": %zu}%s",
                   outputs, outputs == 1 ? "" : "es", data->classes,
                   data->whole ? "" : " (background included)", names.data,
                   data->classes,
                   fewer ? ", or take a loss that asks each output by itself "
                           "(bce_with_logits, mse): then the background needs none"
                         : "");
    mica_text_free(&names);
    return -1;
}

/* One number for each channel has no spread to be divided by. */
static int check_normalise(const struct training *t, struct shape in, struct error *err)
{
    const struct json *json = t->recipe->json;
    const cJSON *root = mica_json_root(json);
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, "normalise");
    const struct normalise *normalise = &t->recipe->normalise;
    if (in.h * in.w > 1 || normalise->kind == NORMALISE_NONE || normalise->data)
        return 0;
    return mica_json_fail(json, item ? item : root, err,
                          "vectors have no pixels to take mean and sd of; set "
                          "\"normalise\": {\"scope\": \"dataset\"} (each column by its "
                          "mean and sd in all "
                          "that trains) or \"none\"");
}

/* A U-Net's halves fit only where the size can be halved often enough. */
static int check_size(const struct training *t, struct shape in, struct error *err)
{
    struct reach reach;
    if (mica_net_reach(t->model.net, &reach, err))
        return -1;
    size_t m = reach.multiple, shorter = in.h < in.w ? in.h : in.w;
    if (reach.global >= 0 || (in.h % m == 0 && in.w % m == 0))
        return 0;
    if (shorter < m)
        return mica_json_fail(
            t->recipe->json, net_item(t), err,
            "the network needs rows and columns that are multiples of "
            "%zu, the data has %zu x %zu pixels",
            m, in.h, in.w);
    return mica_json_fail(
        t->recipe->json, net_item(t), err,
        "the network needs rows and columns that are multiples of %zu, "
        "not %zu x %zu; try \"crop\": %zu, in a simulation \"size\"",
        m, in.h, in.w, shorter / m * m);
}

int mica_training_fit_input(const struct training *t, struct shape in,
                            struct shape data, struct error *err)
{
    if (check_input(t, in, data, err) || check_normalise(t, in, err))
        return -1;
    return in.h > 1 ? check_size(t, in, err) : 0;
}

int mica_training_fit_output(const struct training *t, struct shape out,
                             struct shape in, struct error *err)
{
    size_t outputs = out.c, classes = t->data->classes;
    bool fewer = outputs + 1 == classes;
    if (t->data->sigma > 0 && check_gaussians(t, outputs, err))
        return -1;
    if (outputs == classes || (fewer && !about_classes(t)))
        return check_answers(t, in, out, err);
    return fail_classes(t, outputs, fewer && !t->data->whole, err);
}

/* findings.c - what a prediction says of a picture: objects, counts, concentrations */
#include "apps/findings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CLASSES_MOST = 256 };

const char *mica_class_name(const struct model *model, size_t label, char *buffer)
{
    if (label < model->classes)
        return model->names[label];
    snprintf(buffer, 32, "class %zu", label);
    return buffer;
}

static bool is_vacuum(const struct model *model, size_t label)
{
    char buffer[32];
    return strcmp(mica_class_name(model, label, buffer), "vacuum") == 0;
}

/* Keep what is large enough, in the same order. */
static void sort_out(struct findings *f, const struct frame *frame,
                     const struct rules *rules)
{
    double pixel = frame->pixel[0] * frame->pixel[1];
    size_t kept = 0;
    for (size_t i = 0; i < f->objects.count; i++) {
        const struct region *r = &f->objects.list[i];
        bool large = r->area >= rules->least_pixels;
        if (mica_frame_calibrated(frame))
            large = large && (double)r->area * pixel >= rules->least_area;
        if (large)
            f->objects.list[kept++] = *r;
    }
    f->small = f->objects.count - kept;
    f->objects.count = kept;
}

/* Pixels of a class called vacuum are no specimen. */
static size_t leave_out_classes(const struct prediction *prediction,
                                const struct model *model, uint8_t *analysed)
{
    size_t count = 0;
    bool vacuum[CLASSES_MOST] = {false};
    for (size_t i = 0; i < model->classes && i < CLASSES_MOST; i++)
        vacuum[i] = is_vacuum(model, i);
    for (size_t i = 0; i < prediction->height * prediction->width; i++) {
        analysed[i] = analysed[i] && !vacuum[prediction->classes[i]];
        count += analysed[i];
    }
    return count;
}

static void count_objects(const struct findings *f, size_t width,
                          const uint8_t *analysed, uint64_t counts[CLASSES_MOST])
{
    for (size_t i = 0; i < f->objects.count; i++) {
        const struct region *r = &f->objects.list[i];
        size_t y = (size_t)floor(r->y + 0.5), x = (size_t)floor(r->x + 0.5);
        counts[r->label] += analysed[y * width + x];
    }
}

static void concentrate(struct findings *f, const struct model *model,
                        const struct crystal *crystal,
                        const uint64_t counts[CLASSES_MOST])
{
    for (size_t i = 1; i < f->classes; i++) {
        char buffer[32];
        const char *name = mica_class_name(model, i, buffer);
        double density = crystal ? mica_site_density(crystal, name, NULL) : 0;
        f->concentrations[i] = mica_concentration(counts[i], f->analysed, density);
    }
}

static int count(struct findings *f, const struct prediction *prediction,
                 const struct frame *frame, const struct model *model,
                 const struct rules *rules, uint8_t *analysed, struct error *err)
{
    uint64_t counts[CLASSES_MOST] = {0};
    size_t pixels = frame->height * frame->width;
    double pixel = frame->pixel[0] * frame->pixel[1];
    if (mica_area_find(&rules->exclusion, frame, analysed, err) == SIZE_MAX)
        return -1;
    size_t inside = leave_out_classes(prediction, model, analysed);
    f->analysed = (double)inside * pixel;
    f->excluded = (double)(pixels - inside) * pixel;
    count_objects(f, frame->width, analysed, counts);
    concentrate(f, model, rules->crystal, counts);
    return 0;
}

int mica_findings_make(struct findings *findings, const struct prediction *prediction,
                       const struct frame *frame, const struct model *model,
                       const struct rules *rules, struct error *err)
{
    size_t classes = prediction->channels + prediction->first;
    uint8_t *analysed = mica_allocate(frame->height, frame->width);
    *findings = (struct findings){.classes = classes};
    int status = -1;
    if (!analysed) {
        mica_fail(err, "no memory to analyse %zu x %zu pixels", frame->height,
                  frame->width);
    } else if (!mica_regions_find(&findings->objects, prediction->classes,
                                  prediction->scores, frame->height, frame->width, 8,
                                  NULL, err)) {
        findings->concentrations = mica_need(classes, sizeof *findings->concentrations);
        sort_out(findings, frame, rules);
        status = count(findings, prediction, frame, model, rules, analysed, err);
    }
    mica_free(analysed);
    if (status)
        mica_findings_free(findings);
    return status;
}

void mica_findings_free(struct findings *findings)
{
    mica_regions_free(&findings->objects);
    mica_free(findings->concentrations);
    *findings = (struct findings){0};
}

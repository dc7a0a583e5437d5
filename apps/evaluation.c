/* evaluation.c - counting what a model got right */
#include "apps/evaluation.h"

#include <math.h>
#include <string.h>

#include "apps/analysis/regions.h"

const double mica_carbon_edges[CARBON_BINS + 1] = {0, 0.1, 0.25, 0.5, 1, HUGE_VAL};

void mica_evaluation_open(struct evaluation *e, size_t classes, double radius,
                          double smallest)
{
    *e =
        (struct evaluation){.classes = classes, .radius = radius, .smallest = smallest};
    mica_confusion_open(&e->confusion, classes);
    e->cells = mica_need(PIXELS_MOST * CARBON_BINS * classes, sizeof *e->cells);
    e->overlaps = mica_need(classes, sizeof *e->overlaps);
}

void mica_evaluation_close(struct evaluation *e)
{
    mica_confusion_close(&e->confusion);
    mica_free(e->cells);
    mica_free(e->overlaps);
    *e = (struct evaluation){0};
}

static struct cell *cell_at(const struct evaluation *e, size_t pixel, size_t bin,
                            size_t label)
{
    return &e->cells[(pixel * CARBON_BINS + bin) * e->classes + label];
}

/* Sizes that differ by less than a thousandth are one; the last takes what is too many. */
static size_t pixel_bin(struct evaluation *e, double pixel)
{
    for (size_t i = 0; i < e->pixel_count; i++)
        if (fabs(e->pixels[i] - pixel) < 1e-3 * pixel)
            return i;
    if (e->pixel_count < PIXELS_MOST)
        e->pixels[e->pixel_count++] = pixel;
    return e->pixel_count - 1;
}

/* The mean contamination within the radius around an object, as a bin. */
static size_t carbon_bin(const struct evaluation *e, const struct sample *s,
                         const struct object *object)
{
    double ry = e->radius / s->pixel[0], rx = e->radius / s->pixel[1], sum = 0,
           count = 0;
    for (double y = ceil(object->y - ry); s->carbon && y <= object->y + ry; y++)
        for (double x = ceil(object->x - rx); x <= object->x + rx; x++) {
            double dy = (y - object->y) / ry, dx = (x - object->x) / rx;
            if (dx * dx + dy * dy > 1 || x < 0 || y < 0 || x >= (double)s->width ||
                y >= (double)s->height)
                continue;
            sum += (double)s->carbon[(size_t)y * s->width + (size_t)x];
            count++;
        }
    double carbon = count > 0 ? sum / count : 0;
    size_t bin = 0;
    while (carbon > mica_carbon_edges[bin + 1])
        bin++;
    return bin;
}

/* ---- objects ---- */

struct objects {
    struct object *list;
    size_t count;
};

static int objects_of(const uint8_t *classes, const struct sample *s, double smallest,
                      struct objects *objects, struct error *err)
{
    struct regions regions = {0};
    if (mica_regions_find(&regions, classes, NULL, s->height, s->width, 8, NULL, err))
        return -1;
    objects->list = mica_need(regions.count + 1, sizeof *objects->list);
    for (size_t i = 0; i < regions.count; i++) {
        const struct region *r = &regions.list[i];
        if ((double)r->area * s->pixel[0] * s->pixel[1] >= smallest)
            objects->list[objects->count++] = (struct object){r->label, r->x, r->y};
    }
    mica_regions_free(&regions);
    return 0;
}

static int truth_of(const struct evaluation *e, const struct sample *s,
                    struct objects *objects, struct error *err)
{
    if (!s->objects_known) {
        size_t pixels = s->height * s->width;
        uint8_t *classes = mica_need(pixels, 1);
        for (size_t i = 0; i < pixels; i++)
            classes[i] = s->labels[i] < e->classes ? s->labels[i] : 0;
        int status = objects_of(classes, s, 0, objects, err);
        mica_free(classes);
        return status;
    }
    objects->list = mica_need(s->object_count + 1, sizeof *objects->list);
    for (size_t i = 0; i < s->object_count; i++)
        if (mica_sample_inside(s, &s->objects[i]))
            objects->list[objects->count++] = s->objects[i];
    return 0;
}

static void add_fates(struct evaluation *e, const struct sample *s, size_t pixel,
                      const struct objects *objects, const enum match_fate *fates,
                      const double *distances)
{
    for (size_t i = 0; i < objects->count; i++) {
        const struct object *o = &objects->list[i];
        struct match_counts *counts =
            &cell_at(e, pixel, carbon_bin(e, s, o), (size_t)o->label)->model;
        if (distances && fates[i] == MATCH_RIGHT) {
            counts->right++;
            counts->squares += distances[i] * distances[i];
        } else if (fates[i] == MATCH_UNMATCHED) {
            *(distances ? &counts->missed : &counts->wrong) += 1;
        }
    }
}

static int match_objects(struct evaluation *e, const struct sample *s, size_t pixel,
                         const uint8_t *classes, struct error *err)
{
    struct objects truth = {0}, found = {0};
    if (truth_of(e, s, &truth, err) ||
        objects_of(classes, s, e->smallest, &found, err)) {
        mica_free(truth.list);
        return -1;
    }
    enum match_fate *fates = mica_need(truth.count + found.count + 1, sizeof *fates);
    double *distances = mica_need(truth.count + 1, sizeof *distances);
    int status = mica_match(truth.list, truth.count, found.list, found.count, s->height,
                            s->width, s->pixel, e->radius, fates, fates + truth.count,
                            distances, err);
    if (!status) {
        add_fates(e, s, pixel, &truth, fates, distances);
        add_fates(e, s, pixel, &found, fates + truth.count, NULL);
    }
    mica_free(fates);
    mica_free(distances);
    mica_free(truth.list);
    mica_free(found.list);
    return status;
}

/* ---- the counting limit ---- */

static bool near_border(const struct evaluation *e, const struct sample *s,
                        const struct object *o)
{
    double top = (o->y + 0.5) * s->pixel[0], left = (o->x + 0.5) * s->pixel[1];
    double bottom = (double)s->height * s->pixel[0] - top;
    double right = (double)s->width * s->pixel[1] - left;
    return fmin(fmin(top, bottom), fmin(left, right)) < e->radius;
}

static void add_judgement(struct evaluation *e, size_t pixel, size_t bin, int truth,
                          int judged, size_t which)
{
    struct cell *right = cell_at(e, pixel, bin, (size_t)truth);
    struct cell *wrong = cell_at(e, pixel, bin, (size_t)judged);
    struct match_counts *t = which ? &right->probable : &right->likely;
    struct match_counts *j = which ? &wrong->probable : &wrong->likely;
    if (truth == judged) {
        t->right++;
        return;
    }
    t->missed++;
    j->wrong++;
}

static void add_sites(struct evaluation *e, const struct sample *s, size_t pixel,
                      const struct sites *sites)
{
    e->limited = true;
    for (size_t i = 0; i < sites->count; i++) {
        const struct site *site = &sites->list[i];
        if (near_border(e, s, &site->object))
            continue;
        size_t bin = carbon_bin(e, s, &site->object);
        add_judgement(e, pixel, bin, site->object.label, site->likely, 0);
        add_judgement(e, pixel, bin, site->object.label, site->probable, 1);
    }
}

int mica_evaluation_add(struct evaluation *e, const struct sample *sample,
                        const struct prediction *prediction, const struct sites *sites,
                        struct error *err)
{
    e->images++;
    mica_confusion_add(&e->confusion, sample->labels, prediction->classes,
                       e->whole ? 1 : sample->height * sample->width);
    if (e->mistakes)
        return mica_mistakes_add(e->mistakes, sample, prediction, err);
    if (e->whole)
        return 0;
    if (e->radius <= 0 || sample->pixel[0] <= 0) {
        e->by_area++;
        return mica_overlap_add(e->overlaps, e->classes, sample->labels,
                                prediction->classes, sample->height, sample->width,
                                err);
    }
    size_t pixel = pixel_bin(e, sample->pixel[0]);
    if (sites)
        add_sites(e, sample, pixel, sites);
    return match_objects(e, sample, pixel, prediction->classes, err);
}

static void add_counts(struct match_counts *to, const struct match_counts *from)
{
    to->right += from->right;
    to->missed += from->missed;
    to->wrong += from->wrong;
    to->squares += from->squares;
}

struct cell mica_evaluation_sum(const struct evaluation *e, int pixel, size_t from,
                                size_t to, size_t label)
{
    struct cell sum = {0};
    for (size_t p = 0; p < e->pixel_count; p++)
        for (size_t b = from; b < to && (pixel < 0 || (size_t)pixel == p); b++)
            for (size_t c = 1; c < e->classes; c++) {
                const struct cell *cell = cell_at(e, p, b, c);
                if (label && label != c)
                    continue;
                add_counts(&sum.model, &cell->model);
                add_counts(&sum.likely, &cell->likely);
                add_counts(&sum.probable, &cell->probable);
            }
    return sum;
}

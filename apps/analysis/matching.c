/* matching.c - one-to-one pairs of objects, nearest first */
#include "apps/analysis/matching.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double ratio(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : 0;
}

double mica_match_precision(const struct match_counts *c)
{
    return ratio(c->right, c->right + c->wrong);
}

double mica_match_recall(const struct match_counts *c)
{
    return ratio(c->right, c->right + c->missed);
}

double mica_match_f1(const struct match_counts *c)
{
    return ratio(2 * c->right, 2 * c->right + c->wrong + c->missed);
}

double mica_match_rms(const struct match_counts *c)
{
    return c->right ? sqrt(c->squares / (double)c->right) : 0;
}

struct pair {
    double distance; /* A */
    size_t truth, predicted;
};

static int nearest_first(const void *a, const void *b)
{
    const struct pair *p = a, *q = b;
    if (p->distance != q->distance)
        return p->distance < q->distance ? -1 : 1;
    if (p->truth != q->truth)
        return p->truth < q->truth ? -1 : 1;
    return (p->predicted > q->predicted) - (p->predicted < q->predicted);
}

static double distance(const struct object *a, const struct object *b,
                       const double pixel[2])
{
    return hypot((a->y - b->y) * pixel[0], (a->x - b->x) * pixel[1]);
}

/* The image's edge is half a pixel beyond the centres of its outer pixels. */
static bool near_border(const struct object *o, size_t height, size_t width,
                        const double pixel[2], double radius)
{
    double top = (o->y + 0.5) * pixel[0], left = (o->x + 0.5) * pixel[1];
    double bottom = (double)height * pixel[0] - top;
    double right = (double)width * pixel[1] - left;
    return fmin(fmin(top, bottom), fmin(left, right)) < radius;
}

static size_t list_pairs(const struct object *truth, size_t truth_count,
                         const struct object *predicted, size_t predicted_count,
                         const double pixel[2], double radius, struct pair *pairs)
{
    size_t count = 0;
    for (size_t t = 0; t < truth_count; t++)
        for (size_t p = 0; p < predicted_count; p++) {
            double d = distance(&truth[t], &predicted[p], pixel);
            if (truth[t].label != predicted[p].label || d > radius)
                continue;
            if (pairs)
                pairs[count] = (struct pair){d, t, p};
            count++;
        }
    return count;
}

int mica_match(const struct object *truth, size_t truth_count,
               const struct object *predicted, size_t predicted_count, size_t height,
               size_t width, const double pixel[2], double radius,
               enum match_fate *fates_truth, enum match_fate *fates_predicted,
               double *distances, struct error *err)
{
    size_t count =
        list_pairs(truth, truth_count, predicted, predicted_count, pixel, radius, NULL);
    struct pair *pairs = mica_allocate(count + 1, sizeof *pairs);
    if (!pairs)
        return mica_fail(err, "no memory to match %zu with %zu objects", truth_count,
                         predicted_count);
    list_pairs(truth, truth_count, predicted, predicted_count, pixel, radius, pairs);
    qsort(pairs, count, sizeof *pairs, nearest_first);
    for (size_t t = 0; t < truth_count; t++)
        fates_truth[t] = near_border(&truth[t], height, width, pixel, radius)
                             ? MATCH_IGNORED
                             : MATCH_UNMATCHED;
    for (size_t p = 0; p < predicted_count; p++)
        fates_predicted[p] = near_border(&predicted[p], height, width, pixel, radius)
                                 ? MATCH_IGNORED
                                 : MATCH_UNMATCHED;
    bool *taken_truth = mica_need(truth_count + 1, sizeof *taken_truth);
    bool *taken = mica_need(predicted_count + 1, sizeof *taken);
    for (size_t i = 0; i < count; i++) {
        size_t t = pairs[i].truth, p = pairs[i].predicted;
        if (taken_truth[t] || taken[p])
            continue;
        taken_truth[t] = taken[p] = true;
        bool counts = fates_truth[t] != MATCH_IGNORED;
        fates_truth[t] = fates_predicted[p] = counts ? MATCH_RIGHT : MATCH_IGNORED;
        distances[t] = pairs[i].distance;
    }
    mica_free(taken_truth);
    mica_free(taken);
    mica_free(pairs);
    return 0;
}

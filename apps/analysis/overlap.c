/* overlap.c - pairs of regions whose intersection over union is above 1/2 */
#include "apps/analysis/overlap.h"

#include "apps/analysis/regions.h"
#include "core/memory.h"

/* The regions of one side, and of which each pixel is (0: of none). */
struct side {
    struct regions regions;
    uint32_t *marks;
};

/* What a predicted region shares with the true ones. */
struct share {
    uint32_t partner; /* the true region that most of its pixels may have; 0: none */
    size_t lead;      /* of it, in the vote */
    size_t area, together; /* pixels that count; of them with the partner */
};

static int find(struct side *side, const uint8_t *map, size_t classes, size_t height,
                size_t width, struct error *err)
{
    size_t pixels = height * width;
    uint8_t *known = mica_allocate(pixels, 1);
    side->marks = mica_allocate(pixels, sizeof *side->marks);
    if (!known || !side->marks) {
        mica_free(known);
        return mica_fail(err, "no memory for the objects of %zu x %zu pixels", height,
                         width);
    }
    for (size_t i = 0; i < pixels; i++)
        known[i] = map[i] < classes ? map[i] : 0;
    int status = mica_regions_find(&side->regions, known, NULL, height, width, 8,
                                   side->marks, err);
    mica_free(known);
    return status;
}

static void drop(struct side *side)
{
    mica_regions_free(&side->regions);
    mica_free(side->marks);
}

/* The true region of this pixel where it is of the predicted one's class, else 0. */
static uint32_t partner_at(const struct side *truth, const struct side *predicted,
                           size_t i)
{
    uint32_t t = truth->marks[i], p = predicted->marks[i];
    return t && truth->regions.list[t - 1].label == predicted->regions.list[p - 1].label
               ? t
               : 0;
}

/* A pair with an IoU above 1/2 shares more than half of the predicted region's pixels, so the
   partner is their majority: Boyer and Moore's vote finds it, and the count tells how many
   they are. */
static void share_pixels(struct share *shares, const struct side *truth,
                         const struct side *predicted, const uint8_t *labels,
                         size_t classes, size_t pixels)
{
    for (size_t i = 0; i < pixels; i++) {
        if (!predicted->marks[i] || labels[i] >= classes)
            continue;
        struct share *s = &shares[predicted->marks[i] - 1];
        uint32_t t = partner_at(truth, predicted, i);
        if (s->lead == 0)
            s->partner = t;
        s->lead = s->partner == t ? s->lead + 1 : s->lead - 1;
        s->area++;
    }
    for (size_t i = 0; i < pixels; i++) {
        if (!predicted->marks[i] || labels[i] >= classes)
            continue;
        struct share *s = &shares[predicted->marks[i] - 1];
        s->together += s->partner && s->partner == partner_at(truth, predicted, i);
    }
}

static void judge(struct overlap_counts *counts, const struct side *truth,
                  const struct side *predicted, const struct share *shares)
{
    for (size_t t = 0; t < truth->regions.count; t++)
        counts[truth->regions.list[t].label].match.missed++;
    for (size_t p = 0; p < predicted->regions.count; p++) {
        const struct region *region = &predicted->regions.list[p];
        const struct share *s = &shares[p];
        struct overlap_counts *c = &counts[region->label];
        size_t there = s->partner ? truth->regions.list[s->partner - 1].area : 0;
        size_t either = s->area + there - s->together;
        if (2 * s->together > either) {
            c->match.right++;
            c->match.missed--;
            c->iou += (double)s->together / (double)either;
        } else if (2 * s->area >= region->area) {
            c->match.wrong++;
        }
    }
}

int mica_overlap_add(struct overlap_counts *counts, size_t classes,
                     const uint8_t *truth, const uint8_t *predicted, size_t height,
                     size_t width, struct error *err)
{
    struct side there = {0}, found = {0};
    int status = find(&there, truth, classes, height, width, err);
    if (!status)
        status = find(&found, predicted, classes, height, width, err);
    if (!status) {
        struct share *shares = mica_need(found.regions.count + 1, sizeof *shares);
        share_pixels(shares, &there, &found, truth, classes, height * width);
        judge(counts, &there, &found, shares);
        mica_free(shares);
    }
    drop(&there);
    drop(&found);
    return status;
}

double mica_overlap_iou(const struct overlap_counts *c)
{
    return c->match.right ? c->iou / (double)c->match.right : 0;
}

double mica_overlap_quality(const struct overlap_counts *c)
{
    return mica_overlap_iou(c) * mica_match_f1(&c->match);
}

/* regions.c - connected regions by joining each pixel with those before it */
#include "apps/analysis/regions.h"

#include "core/memory.h"

/* Pixels as a forest: each knows an earlier pixel of its region, the first knows itself. */
struct forest {
    uint32_t *parents;
    const uint8_t *classes;
    size_t height, width;
};

static uint32_t first_of(const struct forest *f, uint32_t i)
{
    while (f->parents[i] != i) {
        f->parents[i] = f->parents[f->parents[i]];
        i = f->parents[i];
    }
    return i;
}

static void join(struct forest *f, size_t a, size_t b)
{
    if (f->classes[a] != f->classes[b])
        return;
    uint32_t one = first_of(f, (uint32_t)a), other = first_of(f, (uint32_t)b);
    if (one < other)
        f->parents[other] = one;
    else
        f->parents[one] = other;
}

static void join_all(struct forest *f, int neighbours)
{
    for (size_t y = 0; y < f->height; y++)
        for (size_t x = 0; x < f->width; x++) {
            size_t i = y * f->width + x;
            f->parents[i] = (uint32_t)i;
            if (f->classes[i] == 0)
                continue;
            if (x > 0)
                join(f, i, i - 1);
            if (y > 0)
                join(f, i, i - f->width);
            if (y > 0 && x > 0 && neighbours == 8)
                join(f, i, i - f->width - 1);
            if (y > 0 && x + 1 < f->width && neighbours == 8)
                join(f, i, i - f->width + 1);
        }
}

static size_t count_firsts(const struct forest *f)
{
    size_t count = 0;
    for (size_t i = 0; i < f->height * f->width; i++)
        count += f->classes[i] > 0 && f->parents[i] == i;
    return count;
}

/* Parents become numbers of regions: a parent stands before its children, so it is a number
   already when they are met. */
static void number_regions(struct forest *f)
{
    uint32_t count = 0;
    for (size_t i = 0; i < f->height * f->width; i++)
        if (f->classes[i] == 0)
            f->parents[i] = 0;
        else if (f->parents[i] == i)
            f->parents[i] = ++count;
        else
            f->parents[i] = f->parents[f->parents[i]];
}

static void add_pixel(struct region *r, uint8_t label, double score, size_t y, size_t x)
{
    if (r->area++ == 0) {
        r->label = label;
        r->top = y;
        r->left = x;
    }
    r->x += (double)x;
    r->y += (double)y;
    r->score += score;
    r->bottom = y + 1;
    r->left = x < r->left ? x : r->left;
    r->right = x + 1 > r->right ? x + 1 : r->right;
}

static void measure(const struct forest *f, const float *scores,
                    struct regions *regions)
{
    for (size_t i = 0; i < f->height * f->width; i++)
        if (f->parents[i] > 0)
            add_pixel(&regions->list[f->parents[i] - 1], f->classes[i],
                      scores ? (double)scores[i] : 0, i / f->width, i % f->width);
    for (size_t k = 0; k < regions->count; k++) {
        struct region *r = &regions->list[k];
        r->x /= (double)r->area;
        r->y /= (double)r->area;
        r->score /= (double)r->area;
    }
}

int mica_regions_find(struct regions *regions, const uint8_t *classes,
                      const float *scores, size_t height, size_t width, int neighbours,
                      uint32_t *marks, struct error *err)
{
    MICA_CHECK(neighbours == 4 || neighbours == 8);
    *regions = (struct regions){0};
    struct forest forest = {marks, classes, height, width};
    if (!marks && height * width < UINT32_MAX)
        forest.parents = mica_allocate(height * width, sizeof *forest.parents);
    if (forest.parents) {
        join_all(&forest, neighbours);
        regions->count = count_firsts(&forest);
        regions->list = mica_allocate(regions->count, sizeof *regions->list);
    }
    if (!regions->list) {
        if (!marks)
            mica_free(forest.parents);
        return mica_fail(err, "no memory to find the regions of %zu x %zu pixels",
                         height, width);
    }
    number_regions(&forest);
    measure(&forest, scores, regions);
    if (!marks)
        mica_free(forest.parents);
    return 0;
}

void mica_regions_free(struct regions *regions)
{
    mica_free(regions->list);
    *regions = (struct regions){0};
}

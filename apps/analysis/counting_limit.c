/* counting_limit.c - the likelihood of the counts at known sites */
#include "apps/analysis/counting_limit.h"

#include <math.h>
#include <string.h>

#include "core/numeric.h"

enum { HYPOTHESES = 3 };       /* none, one or both atoms missing */
static const double APART = 7; /* A: between columns that are rendered together */
static const double CARBON_DENSITY = 1.003; /* atoms per A^2 and nm: 2.0 g/cm^3 */

struct place {
    double x, y; /* A, as the image shows it */
    int element, atoms, places, label, group, number;
};

/* One sample: its image and what is rendered to judge it. */
struct trial {
    const struct simulation *simulation;
    struct simulated s;
    struct place *columns;
    size_t count;
    int groups;
    float *truth, *single,
        *pair; /* noise-free: all; one or two atoms in each of a group */
};

static void free_trial(struct trial *t)
{
    mica_simulated_free(&t->s);
    mica_free(t->columns);
    mica_free(t->truth);
    mica_free(t->single);
    mica_free(t->pair);
}

static int label_of(const struct trial *t, const struct atom *atom,
                    const char *const *names)
{
    const char *label = atom->label < 0 ? "" : t->s.atoms.labels[atom->label];
    for (int i = 1; i < HYPOTHESES; i++)
        if (strcmp(label, names[i]) == 0)
            return i;
    return 0;
}

/* Atoms where the image shows them, so that renderings need no distortion. */
static void straighten(struct atoms *atoms, const double pixel[2])
{
    for (size_t i = 0; i < atoms->count; i++) {
        atoms->list[i].x = atoms->list[i].x_px * pixel[1];
        atoms->list[i].y = atoms->list[i].y_px * pixel[0];
    }
}

static struct place *column_numbered(struct trial *t, int number)
{
    for (size_t i = t->count; i-- > 0;)
        if (t->columns[i].number == number)
            return &t->columns[i];
    t->columns[t->count] = (struct place){.number = number, .group = -1};
    return &t->columns[t->count++];
}

static void list_columns(struct trial *t, const char *const *names)
{
    for (size_t i = 0; i < t->s.atoms.count; i++) {
        const struct atom *atom = &t->s.atoms.list[i];
        if (atom->site != 1 && atom->site != 2)
            continue;
        struct place *column = column_numbered(t, atom->column);
        column->x += atom->x;
        column->y += atom->y;
        column->places++;
        column->atoms += atom->element != 0;
        column->element = atom->element ? atom->element : column->element;
        column->label = label_of(t, atom, names);
    }
    for (size_t i = 0; i < t->count; i++) {
        t->columns[i].x /= t->columns[i].places;
        t->columns[i].y /= t->columns[i].places;
    }
}

/* Columns of one group are so far apart that their images do not overlap at their discs. */
static void group_columns(struct trial *t)
{
    for (size_t i = 0; i < t->count; i++) {
        bool taken[256] = {false};
        for (size_t k = 0; k < i; k++)
            if (hypot(t->columns[i].x - t->columns[k].x,
                      t->columns[i].y - t->columns[k].y) < APART)
                taken[t->columns[k].group] = true;
        int group = 0;
        while (group < 255 && taken[group])
            group++;
        t->columns[i].group = group;
        t->groups = group + 1 > t->groups ? group + 1 : t->groups;
    }
}

static int common_element(const struct trial *t)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->columns[i].element)
            return t->columns[i].element;
    return 0;
}

/* The columns of one group with so many atoms each. */
static int render_group(const struct trial *t, int group, int atoms, float *image,
                        struct error *err)
{
    struct atoms list = {0};
    int status = 0, element = common_element(t), number = 0;
    for (size_t i = 0; i < t->count && !status; i++) {
        if (t->columns[i].group != group)
            continue;
        for (int k = 0; k < atoms && !status; k++) {
            struct atom atom = {.element = element,
                                .column = number,
                                .site = 1 + k,
                                .label = -1,
                                .x = t->columns[i].x,
                                .y = t->columns[i].y,
                                .occupancy = 1};
            status = mica_atoms_add(&list, &atom, err);
        }
        number++;
    }
    list.column_count = (size_t)number;
    if (!status)
        status = mica_simulation_render(t->simulation, &t->s.view, &list, image, err);
    mica_atoms_free(&list);
    return status;
}

static int start_trial(struct trial *t, uint64_t index, const char *const *names,
                       struct error *err)
{
    if (mica_simulation_sample(t->simulation, index, &t->s, err))
        return -1;
    size_t floats = t->s.view.height * t->s.view.width * t->s.channels;
    t->truth = mica_allocate(floats, sizeof(float));
    t->single = mica_allocate(floats, sizeof(float));
    t->pair = mica_allocate(floats, sizeof(float));
    t->columns = mica_allocate(t->s.atoms.count + 1, sizeof *t->columns);
    if (!t->truth || !t->single || !t->pair || !t->columns)
        return mica_fail(err, "no memory to judge the sites of a sample");
    straighten(&t->s.atoms, t->s.view.pixel);
    list_columns(t, names);
    group_columns(t);
    return mica_simulation_render(t->simulation, &t->s.view, &t->s.atoms, t->truth,
                                  err);
}

struct disc {
    long top, bottom, left, right;
};

static struct disc disc_of(const struct trial *t, const struct place *c, double radius)
{
    const double *pixel = t->s.view.pixel;
    struct disc d = {(long)ceil((c->y - radius) / pixel[0]),
                     (long)floor((c->y + radius) / pixel[0]),
                     (long)ceil((c->x - radius) / pixel[1]),
                     (long)floor((c->x + radius) / pixel[1])};
    long bottom = (long)t->s.view.height - 1, right = (long)t->s.view.width - 1;
    d.top = d.top < 0 ? 0 : d.top;
    d.left = d.left < 0 ? 0 : d.left;
    d.bottom = d.bottom > bottom ? bottom : d.bottom;
    d.right = d.right > right ? right : d.right;
    return d;
}

/* log L of 0, 1 and 2 missing atoms, but for what all have in common:
   sum over pixels of n ln lambda - lambda. */
static void likelihoods(const struct trial *t, const struct place *c, double radius,
                        double carbon, double logs[HYPOTHESES])
{
    struct disc d = disc_of(t, c, radius);
    const double *pixel = t->s.view.pixel;
    for (int h = 0; h < HYPOTHESES; h++)
        logs[h] = 0;
    for (long y = d.top; y <= d.bottom; y++)
        for (long x = d.left; x <= d.right; x++) {
            double dy = (double)y * pixel[0] - c->y, dx = (double)x * pixel[1] - c->x;
            if (dx * dx + dy * dy > radius * radius)
                continue;
            size_t p = (size_t)y * t->s.view.width + (size_t)x, i = p * t->s.channels;
            double counts = fmax(0, (double)t->s.image[i] * t->s.electrons);
            double atoms[HYPOTHESES] = {(double)t->pair[i], (double)t->single[i], 0};
            double base = (double)t->truth[i] - atoms[c->atoms > 2 ? 0 : 2 - c->atoms] +
                          (t->s.carbon ? carbon * (double)t->s.carbon[p] : 0);
            for (int h = 0; h < HYPOTHESES; h++) {
                double mean = fmax(1e-9, (base + atoms[h]) * t->s.electrons);
                logs[h] += counts * mica_log(mean) - mean;
            }
        }
}

static int largest(const double *values)
{
    int best = 0;
    for (int h = 1; h < HYPOTHESES; h++)
        best = values[h] > values[best] ? h : best;
    return best;
}

static bool inside(const struct trial *t, const struct place *c, struct object *object)
{
    *object =
        (struct object){c->label, c->x / t->s.view.pixel[1], c->y / t->s.view.pixel[0]};
    return object->x >= -0.5 && object->y >= -0.5 &&
           object->x < (double)t->s.view.width - 0.5 &&
           object->y < (double)t->s.view.height - 0.5;
}

static void shares(const struct trial *t, double logs[HYPOTHESES])
{
    double counts[HYPOTHESES] = {0.5, 0.5, 0.5}; /* none is impossible */
    for (size_t i = 0; i < t->count; i++)
        counts[t->columns[i].label]++;
    for (int h = 0; h < HYPOTHESES; h++)
        logs[h] = mica_log(counts[h] / ((double)t->count + 1.5));
}

static int judge_group(struct trial *t, int group, double radius, struct sites *sites,
                       struct error *err)
{
    double carbon =
        CARBON_DENSITY * mica_simulation_cross_section(t->simulation, &t->s.view, 6, 0);
    double share[HYPOTHESES];
    if (render_group(t, group, 1, t->single, err) ||
        render_group(t, group, 2, t->pair, err))
        return -1;
    shares(t, share);
    for (size_t i = 0; i < t->count; i++) {
        const struct place *c = &t->columns[i];
        struct site site;
        if (c->group != group || !inside(t, c, &site.object))
            continue;
        double logs[HYPOTHESES];
        likelihoods(t, c, radius, carbon, logs);
        site.likely = largest(logs);
        for (int h = 0; h < HYPOTHESES; h++)
            logs[h] += share[h];
        site.probable = largest(logs);
        sites->list[sites->count++] = site;
    }
    return 0;
}

int mica_counting_limit(struct sites *sites, const struct simulation *simulation,
                        uint64_t index, const char *const *names, double radius,
                        struct error *err)
{
    struct trial t = {.simulation = simulation};
    *sites = (struct sites){0};
    int status = start_trial(&t, index, names, err);
    if (!status) {
        sites->list = mica_need(t.count + 1, sizeof *sites->list);
        for (int group = 0; group < t.groups && !status; group++)
            status = judge_group(&t, group, radius, sites, err);
    }
    free_trial(&t);
    if (status)
        mica_sites_free(sites);
    return status;
}

void mica_sites_free(struct sites *sites)
{
    mica_free(sites->list);
    *sites = (struct sites){0};
}

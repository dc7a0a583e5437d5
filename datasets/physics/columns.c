/* columns.c - how strongly each atom of a projected column scatters onto each detector */
#include "datasets/physics/columns.h"
#include "core/memory.h"
#include "datasets/physics/scattering.h"

#include <math.h>
#include <string.h>

/* Cross-sections of whole columns at 80 kV, 23 mrad, out to 160 mrad, from multislice
   calculations of single columns, averaged over the illumination cone: the atoms of a
   column scatter coherently at low angles. From the side where the beam enters. */
enum { RANGES = 3, COLUMN_MOST = 5, SITES_LISTED = 16 };
#define ANY_GAP 0
static const double inner_angles[RANGES] = {0.040, 0.060, 0.080};
static const struct tabulated {
    size_t count;
    int elements[COLUMN_MOST];
    double gap; /* least distance of the first two atoms [A], to tell stackings apart */
    double sigma[RANGES];
} tabulated[] = {{1, {6}, ANY_GAP, {.00190, .00078, .00039}},
                 {1, {7}, ANY_GAP, {.00254, .00108, .00053}},
                 {1, {16}, ANY_GAP, {.00935, .00460, .00254}},
                 {1, {34}, ANY_GAP, {.03013, .01649, .00925}},
                 {1, {42}, ANY_GAP, {.04106, .02154, .01222}},
                 {1, {74}, ANY_GAP, {.07519, .04166, .02394}},
                 {2, {16, 16}, ANY_GAP, {.02784, .01067, .00489}},
                 {2, {34, 34}, ANY_GAP, {.08757, .03876, .01860}},
                 {2, {16, 34}, ANY_GAP, {.05545, .02478, .01263}},
                 {2, {34, 16}, ANY_GAP, {.05545, .02478, .01263}},
                 {3, {42, 16, 16}, 7, {.06174, .03324, .02056}},
                 {3, {42, 16, 16}, ANY_GAP, {.08803, .02786, .01728}},
                 {3, {16, 16, 42}, ANY_GAP, {.09054, .03591, .02484}},
                 {4, {42, 16, 16, 42}, ANY_GAP, {.14680, .06020, .04243}},
                 {5, {16, 16, 42, 16, 16}, ANY_GAP, {.13345, .04334, .03034}}};

void mica_cross_sections_start(struct cross_sections *sections,
                               const struct microscope *microscope)
{
    *sections = (struct cross_sections){.detectors = microscope->detectors};
    bool fits = fabs(microscope->voltage - 80) <= 1 &&
                fabs(microscope->convergence - 0.023) <= 1.5e-3;
    for (size_t d = 0; d < sections->detectors; d++) {
        const struct detector *detector = &microscope->detector[d];
        sections->table[d] = -1;
        for (int range = 0; fits && range < RANGES; range++)
            if (fabs(detector->inner - inner_angles[range]) <= 1e-3 &&
                fabs(detector->outer - 0.160) <= 10e-3)
                sections->table[d] = range;
    }
}

static const struct cross_section *find(const struct cross_sections *sections,
                                        int element)
{
    for (size_t i = 0; i < sections->count; i++)
        if (sections->list[i].element == element)
            return &sections->list[i];
    return NULL;
}

int mica_cross_sections_add(struct cross_sections *sections,
                            const struct microscope *microscope, int number,
                            struct error *err)
{
    if (find(sections, number))
        return 0;
    const struct element *element = mica_element(number);
    MICA_CHECK(element != NULL);
    if (sections->count == ELEMENTS_MOST)
        return mica_fail(err, "a specimen of more than %d elements", ELEMENTS_MOST);
    double alpha = microscope->convergence, outer = 0;
    for (size_t d = 0; d < sections->detectors; d++)
        outer = fmax(outer, microscope->detector[d].outer);
    struct amplitude *amplitude =
        mica_amplitude_new(element, microscope->voltage, outer + alpha);
    if (!amplitude)
        return mica_fail(err, "no memory for cross-sections");
    struct cross_section *one = &sections->list[sections->count];
    one->element = number;
    for (size_t d = 0; d < sections->detectors; d++) {
        const struct detector *detector = &microscope->detector[d];
        one->plain[d] = mica_amplitude_cross_section(amplitude, detector->inner,
                                                     detector->outer, 0);
        one->cone[d] = one->plain[d];
        if (sections->table[d] >= 0)
            one->cone[d] = mica_amplitude_cross_section(amplitude, detector->inner,
                                                        detector->outer, alpha);
    }
    mica_amplitude_free(amplitude);
    sections->count++;
    return 0;
}

/* The table's row for atoms in order of z; NULL where it has none. */
static const struct tabulated *look_up(const struct atom *const *atoms, size_t count)
{
    for (size_t i = 0; i < sizeof tabulated / sizeof *tabulated; i++) {
        const struct tabulated *row = &tabulated[i];
        bool same = row->count == count;
        for (size_t n = 0; same && n < count; n++)
            same = row->elements[n] == atoms[n]->element;
        if (same && (count < 2 || atoms[1]->z - atoms[0]->z >= row->gap))
            return row;
    }
    return NULL;
}

double mica_columns_single(const struct cross_sections *sections, int element,
                           double coherence, size_t detector)
{
    const struct cross_section *one = find(sections, element);
    int range = sections->table[detector];
    MICA_CHECK(one != NULL);
    if (coherence > 0 || range < 0)
        return one->plain[detector];
    for (size_t i = 0; i < sizeof tabulated / sizeof *tabulated; i++)
        if (tabulated[i].count == 1 && tabulated[i].elements[0] == element)
            return tabulated[i].sigma[range];
    return one->cone[detector];
}

/* The factor of a column: what it has over the sum of its atoms. */
static double column_factor(const struct cross_sections *sections,
                            const struct atom *const *atoms, size_t count,
                            double coherence, size_t detector)
{
    if (coherence > 0)
        return count == 2 ? coherence : 1;
    int range = sections->table[detector];
    const struct tabulated *row = range < 0 ? NULL : look_up(atoms, count);
    if (!row)
        return 1;
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += mica_columns_single(sections, atoms[i]->element, coherence, detector);
    return row->sigma[range] / sum;
}

/* Insert an atom in order of z; returns the new count. */
static size_t insert(const struct atom **list, size_t count, const struct atom *atom)
{
    size_t place = count;
    for (; place > 0 && list[place - 1]->z > atom->z; place--)
        list[place] = list[place - 1];
    list[place] = atom;
    return count + 1;
}

/* chains of atoms by column: first[column] and next[atom] are 1 + an index, 0: the end */
static void weigh_column(const struct cross_sections *sections,
                         const struct atoms *atoms, size_t first, const size_t *next,
                         double coherence, double *weights)
{
    const struct atom *list[SITES_LISTED];
    size_t count = 0;
    for (size_t i = first; i && count < SITES_LISTED; i = next[i - 1])
        if (atoms->list[i - 1].element)
            count = insert(list, count, &atoms->list[i - 1]);
    for (size_t d = 0; d < sections->detectors; d++) {
        double factor = column_factor(sections, list, count, coherence, d);
        for (size_t i = first; i; i = next[i - 1]) {
            const struct atom *atom = &atoms->list[i - 1];
            weights[(i - 1) * sections->detectors + d] =
                atom->element
                    ? factor * atom->occupancy *
                          mica_columns_single(sections, atom->element, coherence, d)
                    : 0;
        }
    }
}

int mica_columns_weigh(const struct cross_sections *sections, const struct atoms *atoms,
                       double coherence, double *weights, struct error *err)
{
    for (size_t i = 0; i < atoms->count; i++)
        if (atoms->list[i].element && !find(sections, atoms->list[i].element))
            return mica_fail(err, "the specification knows no element %d",
                             atoms->list[i].element);
    size_t *first = mica_allocate(atoms->column_count + 1, sizeof *first);
    size_t *next = mica_allocate(atoms->count + 1, sizeof *next);
    if (first && next)
        for (size_t i = 0; i < atoms->count; i++) {
            size_t column = (size_t)atoms->list[i].column;
            next[i] = first[column];
            first[column] = i + 1;
        }
    for (size_t i = 0; first && next && i < atoms->column_count; i++)
        weigh_column(sections, atoms, first[i], next, coherence, weights);
    int result = first && next ? 0 : mica_fail(err, "no memory for columns of atoms");
    mica_free(first);
    mica_free(next);
    return result;
}

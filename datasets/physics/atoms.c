/* atoms.c - a list of atoms, and what is known of each */
#include "datasets/physics/atoms.h"
#include "core/memory.h"
#include "datasets/physics/elements.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void mica_atoms_free(struct atoms *atoms)
{
    for (size_t i = 0; i < atoms->label_count; i++)
        free(atoms->labels[i]);
    free(atoms->labels);
    free(atoms->columns);
    free(atoms->list);
    *atoms = (struct atoms){.count = 0};
}

/* Room for one more of `size` bytes; NULL where there is none. */
static void *grow(void *list, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return list;
    size_t more = *capacity ? 2 * *capacity : 256;
    void *larger = realloc(list, more * size);
    if (larger)
        *capacity = more;
    return larger;
}

int mica_atoms_add(struct atoms *atoms, const struct atom *atom, struct error *err)
{
    struct atom *list = grow(atoms->list, atoms->count, &atoms->capacity, sizeof *list);
    if (!list)
        return mica_fail(err, "no memory for %zu atoms", 2 * atoms->capacity);
    atoms->list = list;
    atoms->list[atoms->count++] = *atom;
    return 0;
}

int mica_atoms_column(struct atoms *atoms, const struct column *column,
                      struct error *err)
{
    struct column *columns = grow(atoms->columns, atoms->column_count,
                                  &atoms->column_capacity, sizeof *columns);
    if (!columns)
        return mica_fail(err, "no memory for %zu columns", 2 * atoms->column_capacity);
    atoms->columns = columns;
    atoms->columns[atoms->column_count] = *column;
    return (int)atoms->column_count++;
}

int mica_atoms_label(struct atoms *atoms, const char *label, struct error *err)
{
    for (size_t i = 0; i < atoms->label_count; i++)
        if (strcmp(atoms->labels[i], label) == 0)
            return (int)i;
    char **labels = realloc(atoms->labels, (atoms->label_count + 1) * sizeof *labels);
    if (labels)
        atoms->labels = labels;
    char *copy = malloc(strlen(label) + 1);
    if (!labels || !copy) {
        free(copy);
        return mica_fail(err, "no memory for %zu labels", atoms->label_count + 1);
    }
    strcpy(copy, label);
    labels[atoms->label_count] = copy;
    return (int)atoms->label_count++;
}

/* Columns found so far, in square bins: a chain of columns each. */
struct bins {
    double left, top, side;
    size_t wide, high;
    int *first, *next;
};

static int make_bins(struct bins *bins, const struct atoms *atoms, double distance)
{
    double right = 0, bottom = 0;
    for (size_t i = 0; i < atoms->count; i++) {
        const struct atom *atom = &atoms->list[i];
        bins->left = i && bins->left < atom->x ? bins->left : atom->x;
        bins->top = i && bins->top < atom->y ? bins->top : atom->y;
        right = i && right > atom->x ? right : atom->x;
        bottom = i && bottom > atom->y ? bottom : atom->y;
    }
    bins->side =
        fmax(fmax(1, distance), fmax(right - bins->left, bottom - bins->top) / 4096);
    bins->wide = (size_t)((right - bins->left) / bins->side) + 1;
    bins->high = (size_t)((bottom - bins->top) / bins->side) + 1;
    bins->first = mica_allocate(bins->wide * bins->high, sizeof(int));
    bins->next = mica_allocate(atoms->count + 1, sizeof(int));
    return bins->first && bins->next ? 0 : -1;
}

/* The column near an atom, or -1; `home` is the atom's bin. Chains store 1 + index. */
static int find_column(const struct bins *bins, const struct atoms *atoms,
                       const struct atom *atom, double distance, size_t *home)
{
    size_t x = (size_t)((atom->x - bins->left) / bins->side);
    size_t y = (size_t)((atom->y - bins->top) / bins->side);
    *home = y * bins->wide + x;
    for (size_t row = y ? y - 1 : 0; row <= y + 1 && row < bins->high; row++)
        for (size_t bin = x ? x - 1 : 0; bin <= x + 1 && bin < bins->wide; bin++)
            for (int i = bins->first[row * bins->wide + bin]; i;
                 i = bins->next[i - 1]) {
                const struct column *column = &atoms->columns[i - 1];
                double dx = column->x - atom->x, dy = column->y - atom->y;
                if (dx * dx + dy * dy < distance * distance)
                    return i - 1;
            }
    return -1;
}

static int group(struct atoms *atoms, struct bins *bins, double distance,
                 struct error *err)
{
    for (size_t i = 0; i < atoms->count; i++) {
        struct atom *atom = &atoms->list[i];
        size_t home;
        atom->column = find_column(bins, atoms, atom, distance, &home);
        if (atom->column >= 0)
            continue;
        struct column column = {.x = atom->x, .y = atom->y, .label = atom->label};
        atom->column = mica_atoms_column(atoms, &column, err);
        if (atom->column < 0)
            return -1;
        bins->next[atom->column] = bins->first[home];
        bins->first[home] = atom->column + 1;
    }
    return 0;
}

int mica_atoms_group(struct atoms *atoms, double distance, struct error *err)
{
    struct bins bins = {.side = distance};
    atoms->column_count = 0;
    int result =
        make_bins(&bins, atoms, distance) == 0
            ? group(atoms, &bins, distance, err)
            : mica_fail(err, "no memory to find columns of %zu atoms", atoms->count);
    mica_free(bins.first);
    mica_free(bins.next);
    return result;
}

void mica_atoms_composition(const int *elements, size_t count, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count && used < size;) {
        const struct element *element = mica_element(elements[i]);
        size_t run = 1;
        while (i + run < count && elements[i + run] == elements[i])
            run++;
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? "+" : "",
                                 element ? element->symbol : "?");
        if (run > 1 && used < size)
            used += (size_t)snprintf(text + used, size - used, "%zu", run);
        i += run;
    }
}

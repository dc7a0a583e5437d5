/* xyz.c - lists of atoms as files */
#include "datasets/physics/xyz.h"
#include "core/file.h"
#include "core/text.h"
#include "datasets/physics/elements.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = 32, WORD = 64, NUMBER_MOST = 1000000 };

/* The text being read; lines end with '\0' as they are taken. */
struct source {
    const char *path;
    char *next;
    size_t line;
};

static char *next_line(struct source *source)
{
    char *line = source->next;
    if (!line || *line == '\0')
        return NULL;
    char *end = strchr(line, '\n');
    source->next = end ? end + 1 : NULL;
    if (end)
        *end = '\0';
    source->line++;
    return line;
}

/* The words of a line; returns how many. The line is cut up. */
static size_t split(char *line, char *words[FIELDS])
{
    size_t count = 0;
    while (count < FIELDS) {
        while (isspace((unsigned char)*line))
            *line++ = '\0';
        if (*line == '\0')
            break;
        words[count++] = line;
        while (*line && !isspace((unsigned char)*line))
            line++;
    }
    return count;
}

static int read_number(const struct source *source, const char *word, double *value,
                       struct error *err)
{
    char *end = NULL;
    *value = mica_text_number(word, &end);
    if (end != word && *end == '\0' && fabs(*value) <= NUMBER_MOST)
        return 0;
    return mica_fail(err, "%s:%zu: '%s' is not a number up to 1e6", source->path,
                     source->line, word);
}

/* A symbol or an atomic number. */
static int read_element(const struct source *source, const char *word, int *number,
                        struct error *err)
{
    const struct element *element = isdigit((unsigned char)word[0])
                                        ? mica_element(atoi(word))
                                        : mica_element_named(word);
    *number = element ? element->number : 0;
    if (element)
        return 0;
    return mica_fail(err, "%s:%zu: no scattering factors for an element '%s'",
                     source->path, source->line, word);
}

/* number x y z occupancy wobble */
static int read_kirkland_atom(const struct source *source, char *words[FIELDS],
                              size_t count, struct atoms *atoms, struct error *err)
{
    struct atom atom = {.column = -1, .site = -1, .occupancy = 1};
    if (count < 4)
        return mica_fail(err, "%s:%zu: an atom is 'number x y z occupancy wobble'",
                         source->path, source->line);
    if (read_element(source, words[0], &atom.element, err) != 0 ||
        read_number(source, words[1], &atom.x, err) != 0 ||
        read_number(source, words[2], &atom.y, err) != 0 ||
        read_number(source, words[3], &atom.z, err) != 0 ||
        (count > 4 && read_number(source, words[4], &atom.occupancy, err) != 0))
        return -1;
    char label[WORD];
    mica_atoms_composition(&atom.element, 1, label, sizeof label);
    atom.label = mica_atoms_label(atoms, label, err);
    return atom.label < 0 ? -1 : mica_atoms_add(atoms, &atom, err);
}

static int read_kirkland(struct source *source, struct atoms *atoms, struct error *err)
{
    char *words[FIELDS], *line = next_line(source);
    size_t count = line ? split(line, words) : 0;
    if (count < 3)
        return mica_fail(err, "%s:2: the second line gives the cell, 'a b c' in A",
                         source->path);
    for (size_t i = 0; i < 3; i++)
        if (read_number(source, words[i], &atoms->cell[i], err) != 0)
            return -1;
    while ((line = next_line(source))) {
        count = split(line, words);
        if (count > 0 && strcmp(words[0], "-1") == 0)
            return 0;
        if (count > 0 && read_kirkland_atom(source, words, count, atoms, err) != 0)
            return -1;
    }
    return mica_fail(err, "%s: ends without the line -1; the file is truncated",
                     source->path);
}

/* Where the properties of extended XYZ stand in a line; FIELDS: nowhere. */
enum property { SPECIES, POSITION, OCCUPANCY, SITE, LABEL, PROPERTIES };

static void read_properties(const char *comment, size_t places[PROPERTIES])
{
    static const char *const names[PROPERTIES] = {"species", "pos", "occupancy", "site",
                                                  "label"};
    const char *text = strstr(comment, "Properties=");
    for (size_t i = 0; i < PROPERTIES; i++)
        places[i] = i > POSITION ? (size_t)FIELDS : i;
    if (!text)
        return;
    size_t place = 0;
    char name[WORD], kind;
    unsigned width;
    int used;
    text += strlen("Properties=");
    while (sscanf(text, "%63[^: ]:%c:%u%n", name, &kind, &width, &used) == 3) {
        for (size_t i = 0; i < PROPERTIES; i++)
            if (strcmp(name, names[i]) == 0)
                places[i] = place;
        place += width < FIELDS ? width : (size_t)FIELDS;
        text += used;
        if (*text++ != ':')
            return;
    }
}

/* Lattice="a 0 0 0 b 0 0 0 c"; an oblique one leaves the cell unknown. */
static void read_lattice(const char *comment, double cell[3])
{
    const char *text = strstr(comment, "Lattice=\"");
    double lattice[9] = {0};
    if (!text)
        return;
    char *next = NULL;
    text += strlen("Lattice=\"");
    for (size_t i = 0; i < 9; i++, text = next)
        lattice[i] = mica_text_number(text, &next);
    bool oblique = false;
    for (size_t i = 0; i < 9; i++)
        oblique = oblique || (i % 4 != 0 && lattice[i] != 0);
    for (size_t i = 0; i < 3; i++)
        cell[i] = oblique ? 0 : lattice[4 * i];
}

static int read_extended_atom(const struct source *source, char *words[FIELDS],
                              size_t count, const size_t places[PROPERTIES],
                              struct atoms *atoms, struct error *err)
{
    struct atom atom = {.column = -1, .site = -1, .occupancy = 1};
    size_t at = places[POSITION];
    double value;
    if (count <= places[SPECIES] || count < at + 3)
        return mica_fail(err, "%s:%zu: an atom needs an element and three coordinates",
                         source->path, source->line);
    if (read_element(source, words[places[SPECIES]], &atom.element, err) != 0 ||
        read_number(source, words[at], &atom.x, err) != 0 ||
        read_number(source, words[at + 1], &atom.y, err) != 0 ||
        read_number(source, words[at + 2], &atom.z, err) != 0 ||
        (count > places[OCCUPANCY] &&
         read_number(source, words[places[OCCUPANCY]], &atom.occupancy, err) != 0))
        return -1;
    if (count > places[SITE]) {
        if (read_number(source, words[places[SITE]], &value, err) != 0)
            return -1;
        atom.site = (int)value;
    }
    char label[WORD];
    mica_atoms_composition(&atom.element, 1, label, sizeof label);
    bool named = count > places[LABEL];
    atom.label = mica_atoms_label(atoms, named ? words[places[LABEL]] : label, err);
    return atom.label < 0 ? -1 : mica_atoms_add(atoms, &atom, err);
}

static int read_extended(struct source *source, size_t total, struct atoms *atoms,
                         struct error *err)
{
    size_t places[PROPERTIES];
    char *words[FIELDS], *line = next_line(source);
    read_properties(line ? line : "", places);
    read_lattice(line ? line : "", atoms->cell);
    for (size_t i = 0; i < total; i++) {
        line = next_line(source);
        if (!line)
            return mica_fail(err,
                             "%s: ends after %zu of %zu atoms; the file is truncated",
                             source->path, i, total);
        if (read_extended_atom(source, words, split(line, words), places, atoms, err) !=
            0)
            return -1;
    }
    return 0;
}

int mica_xyz_read(const char *path, struct atoms *atoms, struct error *err)
{
    size_t size;
    *atoms = (struct atoms){.count = 0};
    char *text = mica_file_read(path, &size, err);
    if (!text)
        return -1;
    struct source source = {path, text, 0};
    char *first = next_line(&source), *end = NULL;
    long total = first ? strtol(first, &end, 10) : 0;
    while (end && isspace((unsigned char)*end))
        end++;
    bool extended = end && end != first && *end == '\0' && total > 0;
    int result = extended ? read_extended(&source, (size_t)total, atoms, err)
                          : read_kirkland(&source, atoms, err);
    free(text);
    if (result == 0)
        result = mica_atoms_group(atoms, 0.25, err);
    if (result != 0)
        mica_atoms_free(atoms);
    return result;
}

static void write_digits(FILE *stream, double value)
{
    char digits[40];
    fprintf(stream, " %s", mica_text_digits(digits, value, 10));
}

static void write_place(FILE *stream, const struct atom *atom)
{
    write_digits(stream, atom->x);
    write_digits(stream, atom->y);
    write_digits(stream, atom->z);
    write_digits(stream, atom->occupancy);
}

static const char *const axes = "x along columns, y along rows downward, beam along +z";

int mica_xyz_write(const char *path, const struct atoms *atoms, struct error *err)
{
    struct file_out out;
    if (mica_file_begin(&out, path, err) != 0)
        return -1;
    size_t count = 0;
    for (size_t i = 0; i < atoms->count; i++)
        count += atoms->list[i].element != 0;
    fprintf(out.stream, "%zu\n", count);
    if (atoms->cell[0] > 0) {
        fprintf(out.stream, "Lattice=\"");
        for (size_t i = 0; i < 9; i++)
            write_digits(out.stream, i % 4 == 0 ? atoms->cell[i / 4] : 0);
        fprintf(out.stream, "\" ");
    }
    fprintf(out.stream,
            "Properties=species:S:1:pos:R:3:occupancy:R:1:column:I:1:site:I:1:"
            "label:S:1 axes=\"%s\"\n",
            axes);
    for (size_t i = 0; i < atoms->count; i++) {
        const struct atom *atom = &atoms->list[i];
        if (atom->element == 0)
            continue;
        fprintf(out.stream, "%s", mica_element(atom->element)->symbol);
        write_place(out.stream, atom);
        fprintf(out.stream, " %d %d %s\n", atom->column, atom->site,
                atoms->labels[atom->label]);
    }
    return mica_file_commit(&out, err);
}

int mica_xyz_write_kirkland(const char *path, const struct atoms *atoms,
                            struct error *err)
{
    struct file_out out;
    if (mica_file_begin(&out, path, err) != 0)
        return -1;
    fprintf(out.stream, "%s\n", axes);
    for (size_t i = 0; i < 3; i++)
        write_digits(out.stream, atoms->cell[i]);
    fprintf(out.stream, "\n");
    for (size_t i = 0; i < atoms->count; i++) {
        const struct atom *atom = &atoms->list[i];
        if (atom->element == 0)
            continue;
        fprintf(out.stream, "%d", atom->element);
        write_place(out.stream, atom);
        write_digits(out.stream, mica_element_thermal(atom->element));
        fprintf(out.stream, "\n");
    }
    fprintf(out.stream, "-1\n");
    return mica_file_commit(&out, err);
}

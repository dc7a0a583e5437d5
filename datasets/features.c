/* features.c - rows of numbers: vectors and spectra, from arrays and tables */
#include "datasets/features.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "datasets/table.h"

bool mica_features_is_table(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot && (strcmp(dot, ".csv") == 0 || strcmp(dot, ".tsv") == 0 ||
                   strcmp(dot, ".txt") == 0);
}

/* ---- tables ---- */

static int fill(const struct table *table, const char *columns, struct features *f,
                struct error *err)
{
    float *out = f->data;
    for (size_t row = 0; row < f->rows; row++)
        for (size_t i = 0; i < table->columns; i++) {
            double number;
            if (!mica_text_matches(table->names[i], columns))
                continue;
            if (mica_table_number(table, row, i, &number, err))
                return -1;
            *out++ = (float)number;
        }
    return 0;
}

static int allocate(struct features *f, const char *path, struct error *err)
{
    f->data = mica_allocate(f->rows * f->channels, sizeof(float));
    if (f->data)
        return 0;
    return mica_fail(err, "%s: there is not enough memory for %zu rows of %zu features",
                     path, f->rows, f->channels);
}

static int read_table(struct features *f, const char *path, const char *columns,
                      struct error *err)
{
    struct table table;
    if (!columns)
        return mica_misuse(err,
                           "%s: a table needs 'columns': which of them are features, "
                           "like \"f*\" (on the command line --columns 'f*')",
                           path);
    if (mica_table_read(&table, path, err))
        return -1;
    for (size_t i = 0; i < table.columns; i++)
        f->channels += mica_text_matches(table.names[i], columns);
    f->rows = table.rows;
    f->width = 1;
    int status = 0;
    if (f->channels == 0 || f->rows == 0)
        status = mica_misuse(err, "%s: %s '%s'", path,
                             f->rows ? "no column fits" : "has no rows under", columns);
    if (!status)
        status = allocate(f, path, err);
    if (!status)
        status = fill(&table, columns, f, err);
    mica_table_free(&table);
    return status;
}

/* ---- arrays ---- */

/* [rows][c][l] becomes [rows][l][c]. */
static int put_channels_last(struct features *f, const char *path, struct error *err)
{
    size_t size = f->width * f->channels;
    float *row = mica_allocate(size, sizeof *row);
    if (!row)
        return mica_fail(err,
                         "%s: there is not enough memory to turn rows of %zu numbers",
                         path, size);
    for (size_t n = 0; n < f->rows; n++) {
        float *data = f->data + n * size;
        memcpy(row, data, size * sizeof *row);
        for (size_t c = 0; c < f->channels; c++)
            for (size_t x = 0; x < f->width; x++)
                data[x * f->channels + c] = row[c * f->width + x];
    }
    mica_free(row);
    return 0;
}

static int read_array(struct features *f, const char *path, const char *axes,
                      struct error *err)
{
    struct array a;
    if (mica_array_read(path, &a, err))
        return -1;
    const char *how = axes ? axes : a.axes == 3 ? "NLC" : "NF";
    f->data = a.data; /* taken over */
    f->rows = a.shape[0];
    if (strlen(how) != a.axes)
        return mica_misuse(err, "%s: has %zu ax%ss, not %s", path, a.axes,
                           a.axes == 1 ? "i" : "e", how);
    bool channels_first = strcmp(how, "NCL") == 0;
    f->width = strcmp(how, "NF") == 0 ? 1 : a.shape[channels_first ? 2 : 1];
    f->channels = strcmp(how, "NF") == 0   ? a.shape[1]
                  : strcmp(how, "NL") == 0 ? 1
                                           : a.shape[channels_first ? 1 : 2];
    return channels_first ? put_channels_last(f, path, err) : 0;
}

static int check_finite(const struct features *f, const char *path, struct error *err)
{
    size_t size = f->width * f->channels;
    for (size_t i = 0; i < f->rows * size; i++)
        if (!isfinite(f->data[i]))
            return mica_misuse(
                err, "%s: row %zu, number %zu is %s", path, i / size, i % size,
                isnan(f->data[i]) ? "not a number or empty" : "infinite");
    return 0;
}

int mica_features_read(struct features *features, const char *path, const char *axes,
                       const char *columns, struct error *err)
{
    *features = (struct features){0};
    int status = mica_features_is_table(path) ? read_table(features, path, columns, err)
                                              : read_array(features, path, axes, err);
    if (!status)
        status = check_finite(features, path, err);
    if (!status)
        return 0;
    mica_free(features->data);
    *features = (struct features){0};
    return -1;
}

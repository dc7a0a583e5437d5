/* tables.c - objects and concentrations as CSV */
#include "apps/tables.h"

#include <math.h>

#include "core/text.h"

#define PI 3.14159265358979323846

static int begin(struct table_out *table, const char *folder, const char *name,
                 const char *const *columns, struct error *err)
{
    struct text path = {0};
    mica_text_add(&path, "%s/%s", folder, name);
    int status = mica_table_begin(table, path.data, columns, err);
    mica_text_free(&path);
    return status;
}

int mica_tables_begin(struct tables *tables, const char *folder, struct error *err)
{
    static const char *const objects[] = {"image", "frame",   "id",       "x_px",
                                          "y_px",  "x_A",     "y_A",      "label",
                                          "score", "area_A2", "radius_A", NULL};
    static const char *const concentrations[] = {
        "image",    "frame",     "label",    "count",        "sites", "fraction",
        "ci95_low", "ci95_high", "area_nm2", "excluded_nm2", NULL};
    *tables = (struct tables){0};
    if (begin(&tables->objects, folder, "objects.csv", objects, err))
        return -1;
    if (!begin(&tables->concentrations, folder, "concentration.csv", concentrations,
               err))
        return 0;
    mica_table_abandon(&tables->objects);
    return -1;
}

static double known(bool is_known, double number)
{
    return is_known ? number : (double)NAN; /* an empty cell */
}

static void add_object(struct table_out *table, const struct region *r,
                       const struct frame *frame, const char *label)
{
    bool calibrated = mica_frame_calibrated(frame);
    double area = (double)r->area * frame->pixel[0] * frame->pixel[1];
    mica_table_put_number(table, r->x, 7);
    mica_table_put_number(table, r->y, 7);
    mica_table_put_number(table, known(calibrated, r->x * frame->pixel[1]), 7);
    mica_table_put_number(table, known(calibrated, r->y * frame->pixel[0]), 7);
    mica_table_put_text(table, label);
    mica_table_put_number(table, r->score, 4);
    mica_table_put_number(table, known(calibrated, area), 5);
    mica_table_put_number(table, known(calibrated, sqrt(area / PI)), 5);
}

static void add_concentration(struct table_out *table, const struct concentration *c,
                              const struct findings *f, bool calibrated)
{
    enum { NM2 = 100 }; /* A^2 */
    mica_table_put_integer(table, (int64_t)c->count);
    mica_table_put_number(table, known(c->sites > 0, (double)c->sites), 15);
    mica_table_put_number(table, known(c->known, c->fraction), 6);
    mica_table_put_number(table, known(c->known, c->ci95.low), 6);
    mica_table_put_number(table, known(c->known, c->ci95.high), 6);
    mica_table_put_number(table, known(calibrated, f->analysed / NM2), 6);
    mica_table_put_number(table, known(calibrated, f->excluded / NM2), 6);
}

void mica_tables_add(struct tables *tables, const char *image, size_t number,
                     const struct frame *frame, const struct findings *findings,
                     const struct model *model)
{
    char buffer[32];
    for (size_t i = 0; i < findings->objects.count; i++) {
        const struct region *r = &findings->objects.list[i];
        mica_table_put_text(&tables->objects, image);
        mica_table_put_integer(&tables->objects, (int64_t)number);
        mica_table_put_integer(&tables->objects, (int64_t)i + 1);
        add_object(&tables->objects, r, frame,
                   mica_class_name(model, r->label, buffer));
        tables->object_rows++;
    }
    for (size_t i = 1; i < findings->classes; i++) {
        mica_table_put_text(&tables->concentrations, image);
        mica_table_put_integer(&tables->concentrations, (int64_t)number);
        mica_table_put_text(&tables->concentrations, mica_class_name(model, i, buffer));
        add_concentration(&tables->concentrations, &findings->concentrations[i],
                          findings, mica_frame_calibrated(frame));
        tables->concentration_rows++;
    }
}

int mica_tables_end(struct tables *tables, int status, struct error *err)
{
    if (status == 0)
        status = mica_table_commit(&tables->objects, err);
    else
        mica_table_abandon(&tables->objects);
    if (status == 0)
        return mica_table_commit(&tables->concentrations, err);
    mica_table_abandon(&tables->concentrations);
    return -1;
}
